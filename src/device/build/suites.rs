//! Which options a suite needs, from its parts.
//!
//! In: a suite and the options that are on. Out: is it built, is it in the default list, which
//! versions it fits. Source: the conditions in `library/ssl_ciphersuites.c`
//! (`ciphersuite_definitions`) of Mbed TLS 2.18, 2.28 and 3.6.

use super::macros::Macros;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion};

/// Is this suite compiled in?
pub(super) fn is_built(suite: CipherSuite, macros: &Macros, is_3: bool) -> bool {
    let on = |name: &str| macros.is_on(name);
    let Some(cipher) = suite.cipher() else {
        return false;
    };
    let exchange = match suite.key_exchange() {
        None => on("SSL_PROTO_TLS1_3") && is_3,
        Some("ECJPAKE") => on("KEY_EXCHANGE_ECJPAKE_ENABLED"),
        // RFC 6655 registered two names in another order of words.
        Some("PSK_DHE") => on("KEY_EXCHANGE_DHE_PSK_ENABLED"),
        Some(name) => on(&format!("KEY_EXCHANGE_{name}_ENABLED")),
    };
    let mode = || {
        if cipher.contains("_GCM") {
            on("GCM_C")
        } else if cipher.contains("_CCM") {
            on("CCM_C")
        } else {
            on("CIPHER_MODE_CBC")
        }
    };
    let built = if cipher.starts_with("AES") {
        on("AES_C") && mode()
    } else if cipher.starts_with("CAMELLIA") {
        on("CAMELLIA_C") && mode()
    } else if cipher.starts_with("ARIA") {
        on("ARIA_C") && mode()
    } else if cipher.starts_with("CHACHA20") {
        on("CHACHAPOLY_C")
    } else if cipher.starts_with("3DES") {
        !is_3 && on("DES_C") && mode()
    } else if cipher.starts_with("DES_") {
        !is_3 && on("ENABLE_WEAK_CIPHERSUITES") && on("DES_C") && mode()
    } else if cipher.starts_with("RC4") {
        // Built with MBEDTLS_ARC4_C in 2.x, and switched off at run time by mbedtls_ssl_config_defaults
        // (arc4_disabled, ssl_tls.c).
        false
    } else if cipher.starts_with("NULL") {
        // Another name since 4.0.
        on("SSL_NULL_CIPHERSUITES")
            || on("CIPHER_NULL_CIPHER") && (is_3 || on("ENABLE_WEAK_CIPHERSUITES"))
    } else {
        false
    };
    exchange && built && hash_is_built(cipher, macros, is_3)
}

fn hash_is_built(cipher: &str, macros: &Macros, is_3: bool) -> bool {
    let on = |name: &str| macros.is_on(name);
    // Suites with CCM name no hash; their SHA-256 is not asked for by the library.
    if cipher.ends_with("SHA384") {
        if is_3 {
            on("SHA384_C")
        } else {
            on("SHA512_C") && !on("SHA512_NO_SHA384")
        }
    } else if cipher.ends_with("SHA256") {
        on("SHA256_C")
    } else if cipher.ends_with("SHA") {
        on("SHA1_C")
    } else if cipher.ends_with("MD5") {
        on("MD5_C")
    } else {
        true
    }
}

/// Is it in the list that is used when the application names none? An option of 2.x takes triple DES
/// out of it.
pub(super) fn is_listed(suite: CipherSuite, macros: &Macros) -> bool {
    let cipher = suite.cipher().unwrap_or_default();
    !(cipher.starts_with("3DES") && macros.is_on("REMOVE_3DES_CIPHERSUITES"))
}

/// Can it be used in this version? AEAD and the SHA-2 MACs came with TLS 1.2; Mbed TLS allows the CBC
/// suites of Camellia, and of PSK, with SHA-2 earlier.
pub(super) fn fits_version(suite: CipherSuite, version: ProtocolVersion) -> bool {
    if suite.is_tls13() || version >= ProtocolVersion::TLS13 {
        return suite.is_tls13() && version >= ProtocolVersion::TLS13;
    }
    let cipher = suite.cipher().unwrap_or_default();
    let sha2 = cipher.ends_with("SHA256") || cipher.ends_with("SHA384");
    let exchange = suite.key_exchange().unwrap_or_default();
    let early = (cipher.starts_with("CAMELLIA") || cipher.starts_with("NULL"))
        && (exchange.starts_with("ECDH") || exchange.contains("PSK"))
        || exchange.contains("PSK") && cipher.starts_with("AES");
    let aead = ["_GCM", "_CCM", "CHACHA20"]
        .iter()
        .any(|mode| cipher.contains(mode));
    version >= ProtocolVersion::TLS12 || !aead && (!sha2 || early)
}

/// The option that builds a curve.
pub(super) fn curve_option(group: NamedGroup) -> Option<&'static str> {
    Some(match group.0 {
        0x0012 => "ECP_DP_SECP192K1_ENABLED",
        0x0013 => "ECP_DP_SECP192R1_ENABLED",
        0x0014 => "ECP_DP_SECP224K1_ENABLED",
        0x0015 => "ECP_DP_SECP224R1_ENABLED",
        0x0016 => "ECP_DP_SECP256K1_ENABLED",
        0x0017 => "ECP_DP_SECP256R1_ENABLED",
        0x0018 => "ECP_DP_SECP384R1_ENABLED",
        0x0019 => "ECP_DP_SECP521R1_ENABLED",
        0x001A => "ECP_DP_BP256R1_ENABLED",
        0x001B => "ECP_DP_BP384R1_ENABLED",
        0x001C => "ECP_DP_BP512R1_ENABLED",
        0x001D => "ECP_DP_CURVE25519_ENABLED",
        0x001E => "ECP_DP_CURVE448_ENABLED",
        _ => return None,
    })
}
