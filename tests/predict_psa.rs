//! Configurations of Mbed TLS 4.x (two headers, `PSA_WANT_…`) and headers that a menu system generated:
//! what they choose, what is said of what is missing. Written anew after the documents of the libraries;
//! no build of 4.x stood beside them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use handlens::device::{Build, read_config};
use handlens::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// A client for TLS 1.2 and 1.3, as small ones are written for 4.x.
const TLS: &str = "#define MBEDTLS_CONFIG_VERSION 0x04000000\n\
    #define MBEDTLS_SSL_CLI_C\n#define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_PROTO_TLS1_2\n\
    #define MBEDTLS_SSL_PROTO_TLS1_3\n#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE\n\
    #define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED\n\
    #define MBEDTLS_SSL_SERVER_NAME_INDICATION\n#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED\n\
    #define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED\n#define MBEDTLS_KEY_EXCHANGE_RSA_ENABLED\n\
    #define MBEDTLS_X509_CRT_PARSE_C\n#define MBEDTLS_X509_USE_C\n#define MBEDTLS_SHA512_C\n\
    #define MBEDTLS_SSL_IN_CONTENT_LEN 4096\n";

const CRYPTO: &str = "#define TF_PSA_CRYPTO_CONFIG_VERSION 0x01000000\n\
    #define PSA_WANT_ALG_SHA_256 1\n#define PSA_WANT_ALG_SHA_384 1\n#define PSA_WANT_ALG_GCM 1\n\
    #define PSA_WANT_KEY_TYPE_AES 1\n#define PSA_WANT_ALG_CHACHA20_POLY1305 1\n#define PSA_WANT_ALG_ECDH 1\n\
    #define PSA_WANT_ALG_ECDSA 1\n#define PSA_WANT_ECC_SECP_R1_256 1\n#define PSA_WANT_ECC_MONTGOMERY_255 1\n\
    #define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY 1\n#define PSA_WANT_KEY_TYPE_RSA_PUBLIC_KEY 1\n\
    #define PSA_WANT_ALG_RSA_PKCS1V15_SIGN 1\n";

fn numbers(suites: &[CipherSuite]) -> Vec<u16> {
    suites.iter().map(|s| s.0).collect()
}

#[test]
fn the_two_headers_of_4_choose_together() {
    let tls = read_config("mbedtls_config.h", TLS);
    let crypto = read_config("crypto_config.h", CRYPTO);
    let build = Build::of(&[tls.clone(), crypto], None);
    assert_eq!(build.generation.name, "Mbed TLS 4.x");
    assert_eq!(
        build.generation_from,
        "MBEDTLS_CONFIG_VERSION, line 1 of mbedtls_config.h"
    );
    assert_eq!(
        build.versions,
        [ProtocolVersion::TLS12, ProtocolVersion::TLS13]
    );
    // No ChaCha20 without its kind of key, no CBC, no CCM, nothing with RSA key exchange.
    assert_eq!(
        numbers(&build.suites),
        [0x1302, 0x1301, 0xC02C, 0xC030, 0xC02B, 0xC02F]
    );
    assert_eq!(build.groups, [NamedGroup::X25519, NamedGroup::SECP256R1]);
    assert_eq!(
        build.source("groups"),
        "PSA_WANT_ECC_MONTGOMERY_255, line 10 of crypto_config.h to PSA_WANT_ECC_SECP_R1_256, line 9 of \
         crypto_config.h; order of Mbed TLS 4.x"
    );
    let schemes = [0x0403, 0x0501, 0x0401].map(SignatureScheme);
    assert_eq!(build.schemes, schemes);
    assert!(
        !build.has_hash(6),
        "MBEDTLS_SHA512_C decides nothing in 4.x"
    );
    let said = |name: &str| {
        let trap = tls.traps.iter().find(|t| t.name == name);
        trap.map(|t| t.sentence.clone()).unwrap_or_default()
    };
    assert_eq!(
        said("MBEDTLS_SHA512_C"),
        "MBEDTLS_SHA512_C decides nothing for TLS in Mbed TLS 4.x: PSA_WANT_ALG_SHA_512 in crypto_config.h \
         does."
    );
    assert_eq!(
        said("MBEDTLS_KEY_EXCHANGE_RSA_ENABLED"),
        "MBEDTLS_KEY_EXCHANGE_RSA_ENABLED was removed in Mbed TLS 4.0 and does nothing."
    );
    assert!(said("MBEDTLS_SSL_IN_CONTENT_LEN").contains("more than 4,096 bytes"));
}

#[test]
fn a_header_of_4_that_is_missing_is_taken_as_it_comes_and_that_is_said() {
    let tls = Build::of(&[read_config("mbedtls_config.h", TLS)], None);
    assert!(
        tls.generation_from.contains("no crypto_config.h was given"),
        "{}",
        tls.generation_from
    );
    assert!(numbers(&tls.suites).contains(&0xCCA8) && tls.has_hash(6));
    let crypto = Build::of(&[read_config("crypto_config.h", CRYPTO)], None);
    assert!(
        crypto
            .generation_from
            .contains("no mbedtls_config.h was given")
    );
    assert!(crypto.client && crypto.server && !crypto.has_hash(6));
    // A few lines on top of the stock header choose no cryptography of their own.
    let user = read_config(
        "user.h",
        "#define MBEDTLS_CONFIG_VERSION 0x04000000\n#undef PSA_WANT_ECC_SECP_R1_521\n",
    );
    let build = Build::of(&[user], None);
    assert!(!build.groups.contains(&NamedGroup::SECP521R1));
    assert!(build.groups.contains(&NamedGroup::SECP384R1));
}

#[test]
fn stock_4_has_lost_rsa_key_exchange_and_dhe() {
    let build = Build::stock("mbedtls-4.1").unwrap();
    assert_eq!(build.generation.id, "4.1");
    let suites = numbers(&build.suites);
    assert!(suites.contains(&0xC030) && suites.contains(&0x1303));
    for gone in [0x009D, 0x0035, 0x009F, 0xC02E, 0x00AD, 0x00AB] {
        assert!(!suites.contains(&gone), "{gone:04X}");
    }
    assert_eq!(build.groups.first(), Some(&NamedGroup::X25519));
    assert!(
        build.groups.iter().any(|g| g.0 == 0x0100),
        "FFDHE in TLS 1.3"
    );
}

#[test]
fn in_3_the_symbols_count_where_the_library_looks_at_them() {
    let header = |more: &str| {
        format!(
            "#define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_CLI_C\n#define MBEDTLS_SSL_PROTO_TLS1_2\n\
             #define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED\n#define MBEDTLS_X509_CRT_PARSE_C\n{more}"
        )
    };
    let crypto = read_config(
        "crypto_config.h",
        &CRYPTO.replace("#define TF_PSA_CRYPTO_CONFIG_VERSION 0x01000000\n", ""),
    );
    let with = read_config(
        "mbedtls_config.h",
        &header("#define MBEDTLS_PSA_CRYPTO_CONFIG\n"),
    );
    let build = Build::of(&[with, crypto.clone()], Some("3.6"));
    assert_eq!(numbers(&build.suites), [0xC02C, 0xC02B]);
    let without = read_config("mbedtls_config.h", &header(""));
    let build = Build::of(&[without, crypto], Some("3.6"));
    assert!(build.suites.is_empty(), "{:?}", build.suites);
}

#[test]
fn the_header_that_a_menu_generates_says_by_silence_what_is_off() {
    // As the Arduino core for ESP32 carries it: there is no other configuration in such a project.
    let header = "#pragma once\n#define CONFIG_IDF_TARGET \"esp32\"\n#define CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN 16384\n\
        #define CONFIG_MBEDTLS_SSL_OUT_CONTENT_LEN 4096\n#define CONFIG_MBEDTLS_TLS_CLIENT 1\n\
        #define CONFIG_MBEDTLS_TLS_ENABLED 1\n#define CONFIG_MBEDTLS_KEY_EXCHANGE_RSA 1\n\
        #define CONFIG_MBEDTLS_KEY_EXCHANGE_ECDHE_RSA 1\n#define CONFIG_MBEDTLS_SSL_PROTO_TLS1_2 1\n\
        #define CONFIG_MBEDTLS_AES_C 1\n#define CONFIG_MBEDTLS_GCM_C 1\n\
        #define CONFIG_MBEDTLS_ECP_DP_SECP256R1_ENABLED 1\n\
        #define CONFIG_MBEDTLS_SSL_RENEGOTIATION_OLD CONFIG_MBEDTLS_SSL_RENEGOTIATION\n";
    let read = read_config("sdkconfig.h", header);
    assert!(read.sdkconfig && read.generated, "{read:?}");
    assert_eq!(read.system, Some("esp-idf"));
    assert_eq!(read.out_content_len, Some((4096, Some(4))));
    let build = Build::of(&[read], None);
    assert!(build.client && !build.server);
    assert_eq!(build.versions, [ProtocolVersion::TLS12]);
    assert_eq!(build.groups, [NamedGroup::SECP256R1]);
    let suites = numbers(&build.suites);
    assert!(
        suites.contains(&0xC02F) && suites.contains(&0x009C),
        "{suites:04X?}"
    );
    for off in [0x009E, 0xC02B, 0xC0A0, 0x0041] {
        assert!(!suites.contains(&off), "{off:04X}");
    }
    // The file that people write says what is off: what it does not name stays as the library has it.
    let written = read_config(
        "sdkconfig",
        "CONFIG_MBEDTLS_TLS_CLIENT=y\nCONFIG_MBEDTLS_AES_C=y\n",
    );
    assert!(written.sdkconfig && !written.generated);
    let suites = numbers(&Build::of(&[written], None).suites);
    assert!(suites.contains(&0xC02B), "{suites:04X?}");
}

#[test]
fn a_header_as_cubemx_writes_it_is_a_whole_configuration_of_2_16() {
    // Sections for user code, options one a line, the check at the end.
    let header = "/* USER CODE BEGIN 1 */\n#define MBEDTLS_HAVE_ASM\n#define MBEDTLS_NO_PLATFORM_ENTROPY\n\
        #define MBEDTLS_ENTROPY_HARDWARE_ALT\n#define MBEDTLS_AES_C\n#define MBEDTLS_CIPHER_C\n#define MBEDTLS_MD_C\n\
        #define MBEDTLS_GCM_C\n#define MBEDTLS_SHA256_C\n#define MBEDTLS_BIGNUM_C\n#define MBEDTLS_ECP_C\n\
        #define MBEDTLS_ECDH_C\n#define MBEDTLS_RSA_C\n#define MBEDTLS_PKCS1_V15\n#define MBEDTLS_ASN1_PARSE_C\n\
        #define MBEDTLS_OID_C\n#define MBEDTLS_PK_C\n#define MBEDTLS_PK_PARSE_C\n#define MBEDTLS_X509_USE_C\n\
        #define MBEDTLS_X509_CRT_PARSE_C\n#define MBEDTLS_ECP_DP_SECP256R1_ENABLED\n\
        #define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED\n#define MBEDTLS_SSL_PROTO_TLS1_2\n\
        #define MBEDTLS_SSL_CLI_C\n#define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_REMOVE_3DES_CIPHERSUITES\n\
        #define MBEDTLS_SSL_MAX_CONTENT_LEN ( 4 * 1024 )\n/* USER CODE END 1 */\n#include \"mbedtls/check_config.h\"\n";
    let read = read_config("mbedtls_config.h", header);
    assert!(read.complete);
    assert_eq!(read.in_content_len.map(|(n, _)| n), Some(4096));
    let build = Build::of(&[read], None);
    assert_eq!(build.generation.id, "2.16");
    assert_eq!(numbers(&build.suites), [0xC02F]);
    assert_eq!(build.buffers.in_content, 4096);
}
