//! Numbers with words in front that say whose they are, and the arguments of the command line.

use handlens::codes::{Kind, explain, explain_arguments};

use crate::{ask, first, mbedtls};

#[test]
fn words_in_front_say_whose_a_number_is() {
    for (query, stack, name) in [
        ("quectel 563", "Quectel", "SOCKET_IDENTITY_HAS_BEEN_USED"),
        ("bg96 566", "Quectel", "SOCKET_CONNECT_FAILED"),
        ("xbee 0x85", "XBee Cellular", "UNKNOWN_ERROR"),
        ("xbee CI 0x26", "XBee Cellular", "REFUSED"),
        ("xbee 0xCF 0x02", "XBee Cellular", "REFUSED"),
        ("spwf04 certificate error 23", "ST SPWF04Sx", "CA_NOT_FOUND"),
        ("WIND 58", "ST SPWF04Sx", "SOCKET_CLOSED"),
        ("CAOPEN 27", "SIMCom", "CONNECT_FAILED"),
        ("sim7600 15", "SIMCom", "HANDSHAKE_ERROR"),
        ("+CME ERROR: 50", "AT modems", "INCORRECT_PARAMETERS"),
        ("u-blox 111", "u-blox", "ECONNREFUSED"),
        ("nrf91 -111", "Nordic nRF91", "ECONNREFUSED"),
        ("zephyr -113", "Zephyr", "ECONNABORTED"),
        ("esp32 0x8006", "ESP-IDF", "CONNECTION_TIMEOUT"),
        ("wolfssl -188", "wolfSSL", "ASN_NO_SIGNER_E"),
        ("gnutls -12", "GnuTLS", "GNUTLS_E_FATAL_ALERT_RECEIVED"),
        ("bearssl 62", "BearSSL", "BR_ERR_X509_NOT_TRUSTED"),
        ("cc3220 -456", "TI SimpleLink", "ESECBADCAFILE"),
        ("openssl 1040", "OpenSSL", "alert 40 received"),
        ("micropython -9984", "Mbed TLS", "X509_CERT_VERIFY_FAILED"),
        ("mbedtls 0x7280", "Mbed TLS", "SSL_CONN_EOF"),
        ("USECPRF 10", "u-blox", "SNI"),
        (
            "SL_SO 42",
            "TI SimpleLink",
            "SECURE_DOMAIN_NAME_VERIFICATION",
        ),
    ] {
        let answer = ask(query);
        let found = answer.meanings.first().expect(query);
        assert_eq!((found.stack, found.name.as_str()), (stack, name), "{query}");
        assert_eq!(answer.unknown, [], "{query}");
        // What a session is about changes nothing in that.
        let hinted = explain(query, Some(mbedtls(3, 6)));
        assert_eq!(hinted.meanings[0].name, name, "{query}");
    }
    for query in [
        "verify error 20",
        "Verify return code: 20 (unable to get local issuer)",
    ] {
        assert_eq!(
            first(query),
            "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "{query}"
        );
    }
}

#[test]
fn errno_is_that_of_every_system_and_of_nothing_else() {
    let answer = ask("errno 113");
    let found: Vec<_> = answer
        .meanings
        .iter()
        .map(|m| (m.stack, &*m.name))
        .collect();
    for wanted in [
        ("Zephyr", "ECONNABORTED"),
        ("Nordic nRF91", "ECONNABORTED"),
        ("Linux, lwIP", "EHOSTUNREACH"),
        ("u-blox", "EHOSTUNREACH"),
    ] {
        assert!(found.contains(&wanted), "{found:?}");
    }
    assert!(
        found.iter().all(|(_, name)| name.starts_with('E')),
        "{found:?}"
    );
}

#[test]
fn an_errno_with_a_minus_is_not_forgotten() {
    let answer = ask("-113");
    assert_eq!(answer.meanings[0].name, "ECONNABORTED");
    assert_eq!(answer.meanings[0].code(), "-113");
    for (stack, name) in [
        ("Zephyr", "ECONNABORTED"),
        ("Linux, lwIP", "EHOSTUNREACH"),
        ("wolfSSL", "MP_TO_E"),
        ("GnuTLS", "GNUTLS_E_UNSUPPORTED_ENCRYPTION_ALGORITHM"),
    ] {
        let has = (answer.meanings.iter()).any(|m| m.stack == stack && m.name == name);
        assert!(has, "{stack} {name}");
    }
    assert_eq!(first("-104"), "ECONNRESET");
    // What Mbed TLS prints in hexadecimal stays its own.
    assert_eq!(first("-0x0068"), "ASN1_INVALID_DATA");
    assert_eq!(first("-688"), "ASN_NO_SIGNER_E");
}

#[test]
fn a_number_that_is_not_theirs_is_said_and_shown_all_the_same() {
    let answer = ask("u-blox 60");
    assert!(
        answer.unknown[0]
            .sentence
            .contains("No table of u-blox has 60")
    );
    assert!(answer.meanings.iter().any(|m| m.kind == Kind::Alert));
    let answer = ask("nobody 60");
    assert!(
        answer.unknown[0]
            .sentence
            .contains("No table goes by the name nobody")
    );
    let answer = ask("xyzzy");
    assert!(answer.unknown[0].sentence.contains("Ask for a number"));
    assert!(ask("0x").unknown[0].sentence.contains("digits are missing"));
}

#[test]
fn the_words_that_libraries_print_are_found() {
    assert_eq!(first("no shared cipher"), "SSL_R_NO_SHARED_CIPHER");
    assert_eq!(
        first("certificate verify failed"),
        "SSL_R_CERTIFICATE_VERIFY_FAILED"
    );
    assert_eq!(first("AH02645"), "AH02645");
    assert!(ask("AH02645").meanings[0].text.contains("no SNI"));
}

#[test]
fn arguments_may_be_given_as_they_are_spoken() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let answer = explain_arguments(arguments);
        answer.meanings.into_iter().map(|m| m.name).collect()
    };
    assert_eq!(names(&["alert", "46"]), ["certificate_unknown"]);
    assert_eq!(names(&["alert 46"]), ["certificate_unknown"]);
    assert_eq!(
        names(&["-0x7280", "alert", "46", "state", "12"]),
        [
            "SSL_CONN_EOF",
            "certificate_unknown",
            "SERVER_CHANGE_CIPHER_SPEC"
        ]
    );
    assert_eq!(
        names(&["quectel", "563"])[0],
        "SOCKET_IDENTITY_HAS_BEEN_USED"
    );
    assert_eq!(names(&["tlsv1", "alert", "unknown", "ca"]), ["unknown_ca"]);
    let several = names(&["-0x7280", "alert", "46", "quectel", "566"]);
    assert_eq!(several[..2], ["SSL_CONN_EOF", "certificate_unknown"]);
    assert!(several[2..].iter().all(|n| n == "SOCKET_CONNECT_FAILED"));
    let both = names(&["SSL_CONN_EOF", "certificate_unknown"]);
    assert_eq!(both, ["SSL_CONN_EOF", "certificate_unknown"]);
    assert_eq!(names(&[""]), [""; 0]);
}
