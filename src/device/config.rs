//! Reads an Mbed TLS configuration header or an ESP-IDF `sdkconfig`.
//!
//! In: the text. Out: [`ConfigReading`]: what is defined, the limits and abilities that follow as a
//! [`DeviceProfile`] with the line as source, and the traps. Conditional blocks are read as if all of
//! them applied; a later `#undef` counts.

use super::macros::{self, Trap};
use super::profile::{Ability, DeviceProfile, Limit, LimitKind};

/// One macro that is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Define {
    /// Its name; of an `sdkconfig` without `CONFIG_`.
    pub name: String,
    /// Its value, without comment; empty for a plain switch.
    pub value: String,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// What a configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigReading {
    /// An `sdkconfig` and not a header.
    pub sdkconfig: bool,
    /// The file configures a whole TLS library, so that what is missing is off.
    pub complete: bool,
    /// What is defined, in the order of the file.
    pub defines: Vec<Define>,
    /// Largest payload of an incoming record in bytes, and its line where it is set here.
    pub in_content_len: Option<(u64, Option<u32>)>,
    /// Largest payload of an outgoing record in bytes, and its line where it is set here.
    pub out_content_len: Option<(u64, Option<u32>)>,
    /// Settings that do something else than they seem to.
    pub traps: Vec<Trap>,
    /// Limits and abilities.
    pub profile: DeviceProfile,
}

impl ConfigReading {
    /// The macro of this name, if it is defined.
    #[must_use]
    pub fn define(&self, name: &str) -> Option<&Define> {
        self.defines.iter().find(|d| d.name == name)
    }

    fn number(&self, name: &str) -> Option<(u64, Option<u32>)> {
        let define = self.define(name)?;
        let value = define.value.trim_matches(['(', ')', ' ']);
        let value = value.trim_end_matches(['u', 'U', 'l', 'L']);
        let number = match value.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok()?,
            None => value.parse().ok()?,
        };
        Some((number, Some(define.line)))
    }
}

/// Reads a configuration shown as `name`.
#[must_use]
pub fn read_config(name: &str, text: &str) -> ConfigReading {
    let sdkconfig = text
        .lines()
        .filter(|l| l.starts_with("CONFIG_") || l.starts_with("# CONFIG_"))
        .count()
        > text
            .lines()
            .filter(|l| l.trim_start().starts_with("#define"))
            .count();
    let mut config = ConfigReading {
        sdkconfig,
        defines: if sdkconfig {
            read_sdkconfig(text)
        } else {
            read_header(text)
        },
        ..ConfigReading::default()
    };
    config.complete = !sdkconfig
        && (config.define("MBEDTLS_SSL_TLS_C").is_some()
            || config.define("MBEDTLS_X509_CRT_PARSE_C").is_some());
    let whole = config.number("MBEDTLS_SSL_MAX_CONTENT_LEN");
    // Stock value where a whole header sets none (config.h, mbedtls_config.h).
    let stock = config.complete.then_some((16_384, None));
    config.in_content_len = config
        .number("MBEDTLS_SSL_IN_CONTENT_LEN")
        .or(whole)
        .or(stock);
    config.out_content_len = config
        .number("MBEDTLS_SSL_OUT_CONTENT_LEN")
        .or(whole)
        .or(stock);
    config.profile = profile(name, &config);
    config.traps = macros::traps(&config);
    config
}

fn line_number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn read_header(text: &str) -> Vec<Define> {
    let mut defines: Vec<Define> = Vec::new();
    let mut in_comment = false;
    let mut lines = text.lines().enumerate();
    while let Some((index, raw)) = lines.next() {
        let mut line = strip_comments(raw, &mut in_comment);
        while line.trim_end().ends_with('\\') {
            line.truncate(line.trim_end().len() - 1);
            match lines.next() {
                Some((_, next)) => line.push_str(&strip_comments(next, &mut in_comment)),
                None => break,
            }
        }
        let Some(directive) = line.trim_start().strip_prefix('#') else {
            continue;
        };
        let directive = directive.trim_start();
        if let Some(rest) = directive.strip_prefix("define") {
            let rest = rest.trim_start();
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            let (name, value) = rest.split_at(end);
            if name.is_empty() || value.starts_with('(') {
                continue;
            }
            defines.retain(|d| d.name != name);
            defines.push(Define {
                name: name.to_owned(),
                value: value.split_whitespace().collect::<Vec<_>>().join(" "),
                line: line_number(index),
            });
        } else if let Some(rest) = directive.strip_prefix("undef") {
            let name = rest.trim();
            defines.retain(|d| d.name != name);
        }
    }
    defines
}

fn strip_comments(line: &str, in_comment: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    loop {
        if *in_comment {
            match rest.find("*/") {
                Some(end) => {
                    *in_comment = false;
                    rest = rest.get(end + 2..).unwrap_or_default();
                }
                None => return out,
            }
        } else {
            let block = rest.find("/*");
            let plain = rest.find("//");
            match (block, plain) {
                (Some(b), p) if p.is_none_or(|p| b < p) => {
                    out.push_str(rest.get(..b).unwrap_or_default());
                    *in_comment = true;
                    rest = rest.get(b + 2..).unwrap_or_default();
                }
                (_, Some(p)) => {
                    out.push_str(rest.get(..p).unwrap_or_default());
                    return out;
                }
                _ => {
                    out.push_str(rest);
                    return out;
                }
            }
        }
    }
}

fn read_sdkconfig(text: &str) -> Vec<Define> {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let (name, value) = line.trim().strip_prefix("CONFIG_")?.split_once('=')?;
            (value != "n").then(|| Define {
                name: name.to_owned(),
                value: if value == "y" {
                    String::new()
                } else {
                    value.trim_matches('"').to_owned()
                },
                line: line_number(index),
            })
        })
        .collect()
}

fn profile(name: &str, config: &ConfigReading) -> DeviceProfile {
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
            one_of: Vec::new(),
            says: says.replace("{n}", &n.to_string()),
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
    if config.define("MBEDTLS_RSA_C").is_some()
        && let Some((n, line)) = config.number("MBEDTLS_MPI_MAX_SIZE")
    {
        out.limits.push(Limit {
            what: LimitKind::RsaBits,
            at_most: vec![n.saturating_mul(8)],
            at_least: None,
            one_of: Vec::new(),
            says: format!(
                "Numbers of at most {n} bytes: RSA keys of at most {} bits.",
                n * 8
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
    .collect();
    if !hashes.is_empty() {
        out.limits.push(Limit {
            what: LimitKind::SignatureHashes,
            at_most: Vec::new(),
            at_least: None,
            one_of: hashes,
            says: "Hashes that are built in.".into(),
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HEADER: &str = "/* ours\n#define MBEDTLS_NOT_THIS\n*/\n\
        #define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE 0\n\
        //#define MBEDTLS_DES_C\n#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0 // saves memory\n\
        #define MBEDTLS_PLATFORM_MEMORY\n#define MBEDTLS_ECP_DP_SECP256R1_ENABLED\n\
        #define MBEDTLS_SSL_CIPHERSUITES \\\n   MBEDTLS_A, \\\n   MBEDTLS_B\n\
        #define MBEDTLS_SSL_MAX_CONTENT_LEN 1024\n#define MBEDTLS_AES_C\n#undef MBEDTLS_AES_C\n";

    #[test]
    fn zero_is_on_for_switches_and_a_value_for_numbers() {
        let config = read_config("config.h", HEADER);
        let zero: Vec<(&str, u32)> = config
            .traps
            .iter()
            .filter(|t| t.id == "config.zero_means_on")
            .map(|t| (t.name.as_str(), t.line))
            .collect();
        assert_eq!(zero, [("MBEDTLS_SSL_KEEP_PEER_CERTIFICATE", 5)]);
    }

    #[test]
    fn comments_continuations_and_undef_are_read() {
        let config = read_config("config.h", HEADER);
        for absent in ["MBEDTLS_NOT_THIS", "MBEDTLS_DES_C", "MBEDTLS_AES_C"] {
            assert_eq!(config.define(absent), None, "{absent}");
        }
        assert_eq!(
            config.define("MBEDTLS_SSL_CIPHERSUITES").unwrap().value,
            "MBEDTLS_A, MBEDTLS_B"
        );
        assert_eq!(config.in_content_len, Some((1024, Some(13))));
        let record = config.profile.limits_of(LimitKind::RecordBytes).next();
        assert_eq!(
            record.map(|l| (l.at_most.clone(), l.source.as_str())),
            Some((
                vec![1024],
                "MBEDTLS_SSL_MAX_CONTENT_LEN, line 13 of config.h"
            ))
        );
        assert!(
            config
                .traps
                .iter()
                .any(|t| t.id == "config.calloc_must_zero")
        );
    }

    #[test]
    fn an_sdkconfig_is_read_by_its_own_rules() {
        let config = read_config(
            "sdkconfig",
            "# CONFIG_MBEDTLS_DEBUG is not set\nCONFIG_MBEDTLS_SSL_IN_CONTENT_LEN=4096\nCONFIG_MBEDTLS_DYNAMIC_BUFFER=y\nCONFIG_X=n\n",
        );
        assert!(config.sdkconfig);
        assert_eq!(config.in_content_len, Some((4096, Some(2))));
        assert_eq!(config.define("X"), None);
        assert!(config.define("MBEDTLS_DYNAMIC_BUFFER").is_some());
    }
}
