//! The profile that follows from a configuration: limits and abilities with macro and line as source.

use super::ConfigReading;
use crate::device::profile::{Ability, DeviceProfile, Limit, LimitKind};

/// `MBEDTLS_MPI_MAX_SIZE` of the stock configuration (`bignum.h`), in bytes.
const STOCK_NUMBER_BYTES: u64 = 1_024;

/// RSA keys of certificates (`mbedtls_x509_crt_profile_default`, 2.4 to 3.6), in bits.
const SMALLEST_RSA_BITS: u64 = 2_048;

pub(super) fn profile(name: &str, config: &ConfigReading) -> DeviceProfile {
    let source = |macro_name: &str, line: Option<u32>| match line {
        Some(line) => format!("{macro_name}, line {line} of {name}"),
        None => format!("{macro_name}, stock value; {name} sets none"),
    };
    let mut out = DeviceProfile {
        id: "config".into(),
        name: format!("Configuration {name}"),
        stack: "mbedtls-old".into(),
        about: "Read from the device's own configuration.".into(),
        ..DeviceProfile::default()
    };
    // Options that only one generation has; 3.x names replaced the single record size.
    if config.sdkconfig
        || config.define("MBEDTLS_PSA_CRYPTO_CONFIG").is_some()
        || config.define("MBEDTLS_SSL_PROTO_TLS1_3").is_some()
    {
        out.stack = "mbedtls-new".into();
    }
    let bytes = |what, value: Option<(u64, Option<u32>)>, macro_name: &str, says: &str| {
        value.map(|(n, line)| Limit {
            what,
            at_most: vec![n],
            at_least: None,
            floor: false,
            one_of: Vec::new(),
            says: says.replace("{n}", &crate::evidence::grouped(n)),
            source: source(macro_name, line),
        })
    };
    let single = config.define("MBEDTLS_SSL_MAX_CONTENT_LEN").is_some();
    let names = if single {
        ["MBEDTLS_SSL_MAX_CONTENT_LEN"; 2]
    } else {
        ["MBEDTLS_SSL_IN_CONTENT_LEN", "MBEDTLS_SSL_OUT_CONTENT_LEN"]
    };
    out.limits.extend(bytes(
        LimitKind::RecordBytes,
        config.in_content_len,
        names[0],
        "An incoming record holds at most {n} bytes; before Mbed TLS 3.6.3 the Certificate message must fit one.",
    ));
    out.limits.extend(bytes(
        LimitKind::OutRecordBytes,
        config.out_content_len,
        names[1],
        "The own Certificate message must fit {n} bytes (2.x: -0x7500).",
    ));
    out.limits.extend(bytes(
        LimitKind::IntermediateCount,
        config.number("MBEDTLS_X509_MAX_INTERMEDIATE_CA"),
        "MBEDTLS_X509_MAX_INTERMEDIATE_CA",
        "At most {n} intermediate certificates.",
    ));
    if config.define("MBEDTLS_RSA_C").is_some() {
        let (n, line) = config
            .number("MBEDTLS_MPI_MAX_SIZE")
            .unwrap_or((STOCK_NUMBER_BYTES, None));
        out.limits.push(Limit {
            what: LimitKind::RsaBits,
            at_most: vec![n.saturating_mul(8)],
            at_least: Some(SMALLEST_RSA_BITS),
            floor: false,
            one_of: Vec::new(),
            says: format!(
                "Numbers of at most {n} bytes: RSA keys of at most {} bits; the default profile takes none below {SMALLEST_RSA_BITS}.",
                n.saturating_mul(8)
            ),
            source: source("MBEDTLS_MPI_MAX_SIZE", line),
        });
    }
    lists(config, &source, &mut out);
    out
}

fn lists(
    config: &ConfigReading,
    source: &dyn Fn(&str, Option<u32>) -> String,
    out: &mut DeviceProfile,
) {
    const CURVES: [(&str, &str); 10] = [
        ("SECP192R1", "secp192r1"),
        ("SECP224R1", "secp224r1"),
        ("SECP256R1", "secp256r1"),
        ("SECP384R1", "secp384r1"),
        ("SECP521R1", "secp521r1"),
        ("SECP256K1", "secp256k1"),
        ("BP256R1", "brainpoolP256r1"),
        ("BP384R1", "brainpoolP384r1"),
        ("BP512R1", "brainpoolP512r1"),
        ("CURVE25519", "x25519"),
    ];
    let curves: Vec<(&str, u32)> = CURVES
        .iter()
        .filter_map(|(short, name)| {
            let macro_name = format!("MBEDTLS_ECP_DP_{short}_ENABLED");
            config.define(&macro_name).map(|d| (*name, d.line))
        })
        .collect();
    if let Some((_, line)) = curves.first().filter(|_| config.complete) {
        out.limits.push(Limit {
            what: LimitKind::EcCurves,
            at_most: Vec::new(),
            at_least: None,
            floor: false,
            one_of: curves.iter().map(|(name, _)| (*name).to_owned()).collect(),
            says: "Curves that are built in, for keys and for the key exchange.".into(),
            source: source("MBEDTLS_ECP_DP_…_ENABLED", Some(*line)),
        });
    }
    if !config.complete {
        return;
    }
    let hashes: Vec<String> = [
        ("MBEDTLS_SHA1_C", &["SHA-1"][..]),
        ("MBEDTLS_SHA256_C", &["SHA-224", "SHA-256"]),
        ("MBEDTLS_SHA384_C", &["SHA-384"]),
        ("MBEDTLS_SHA512_C", &["SHA-384", "SHA-512"]),
    ]
    .into_iter()
    .filter(|(name, _)| config.define(name).is_some())
    .flat_map(|(_, hashes)| hashes.iter().map(|h| (*h).to_owned()))
    .filter(|hash| allowed(hash, config))
    .collect();
    if !hashes.is_empty() {
        out.limits.push(Limit {
            what: LimitKind::SignatureHashes,
            at_most: Vec::new(),
            at_least: None,
            floor: false,
            one_of: hashes,
            says: "Hashes that are built in and that the default profile accepts in certificates."
                .into(),
            source: source(
                "MBEDTLS_SHA…_C",
                config.define("MBEDTLS_SHA256_C").map(|d| d.line),
            ),
        });
    }
    for (macro_name, what, on, off) in [
        (
            "MBEDTLS_RSA_C",
            "key_types",
            "RSA keys are built in.",
            "RSA is not built in: RSA certificates cannot be checked.",
        ),
        (
            "MBEDTLS_SSL_SERVER_NAME_INDICATION",
            "sni",
            "It can send SNI.",
            "It cannot send SNI.",
        ),
        (
            "MBEDTLS_PEM_PARSE_C",
            "file_format",
            "It reads PEM and DER.",
            "It reads DER only; PEM gives -0x2180.",
        ),
        (
            "MBEDTLS_SSL_MAX_FRAGMENT_LENGTH",
            "max_fragment_length",
            "It can ask for smaller records.",
            "It cannot ask for smaller records.",
        ),
    ] {
        let define = config.define(macro_name);
        out.abilities.push(Ability {
            what: what.into(),
            says: if define.is_some() { on } else { off }.into(),
            source: match define {
                Some(d) => source(macro_name, Some(d.line)),
                None => format!("{macro_name} is not defined"),
            },
        });
    }
}

/// Hashes of `mbedtls_x509_crt_profile_default`: no SHA-1 unless 2.x is told to, no SHA-224 in 3.x.
fn allowed(hash: &str, config: &ConfigReading) -> bool {
    let sha1 = "MBEDTLS_TLS_DEFAULT_ALLOW_SHA1_IN_CERTIFICATES";
    match hash {
        "SHA-1" => config.define(sha1).is_some(),
        "SHA-224" => config.define("MBEDTLS_SSL_PROTO_TLS1_3").is_none(),
        _ => true,
    }
}
