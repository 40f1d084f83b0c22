//! Every spelling that people use.

use handlens::codes::{Kind, explain, mbedtls_error_names, verify_flag_names};

use crate::{ask, first, mbedtls, names};

#[test]
fn the_spellings_of_a_silent_close() {
    for query in [
        "-0x7280",
        "0x7280",
        "-29312",
        "29312",
        "FFFF8D80",
        "0xFFFF8D80",
        "ffff8d80",
        "4294937984",
        "(-0x7280)",
        "7280",
        "-7280",
        "error -0x7280",
        "MBEDTLS_ERR_SSL_CONN_EOF",
        "SSL_CONN_EOF",
        "ssl_conn_eof",
        "SSL - The connection indicated an EOF",
        "The connection indicated an EOF.",
        "mbedtls_ssl_fetch_input() returned -29312 (-0x7280)",
    ] {
        assert_eq!(first(query), "SSL_CONN_EOF", "{query}");
    }
    assert_eq!(first("CONN_EOF"), "SSL_CONN_EOF");
    let answer = ask("-0x7280");
    assert_eq!(answer.meanings.len(), 1);
    let meaning = &answer.meanings[0];
    assert_eq!(meaning.stack, "Mbed TLS");
    assert_eq!(meaning.versions, "2.x+3.x");
    assert_eq!(meaning.code(), "-0x7280");
    assert!(
        meaning.text.contains("without an alert"),
        "{}",
        meaning.text
    );
}

#[test]
fn twos_complement_of_another_error() {
    assert_eq!(first("FFFFB380"), "ECP_INVALID_KEY");
    assert_eq!(first("0xffffb380"), "ECP_INVALID_KEY");
}

#[test]
fn compound_codes_are_split() {
    assert_eq!(names("-0x4310"), ["RSA_PRIVATE_FAILED", "MPI_ALLOC_FAILED"]);
    assert_eq!(
        names("-0x2562"),
        ["X509_INVALID_EXTENSIONS", "ASN1_UNEXPECTED_TAG"]
    );
    assert_eq!(names("-9570"), names("-0x2562"));
    assert_eq!(
        mbedtls_error_names(-0x2562, Some(2)),
        ["X509_INVALID_EXTENSIONS", "ASN1_UNEXPECTED_TAG"]
    );
}

#[test]
fn a_positive_return_is_a_number_of_bytes() {
    for query in ["(-0xffffffd3)", "-0xffffffd3"] {
        let answer = ask(query);
        assert_eq!(answer.meanings.len(), 1, "{query}");
        assert_eq!(answer.meanings[0].kind, Kind::ByteCount);
        assert_eq!(answer.meanings[0].number, 45);
        assert_eq!(answer.meanings[0].name, "45 bytes");
    }
    let line = ask("ssl->f_recv(_timeout)() returned 45 (-0xffffffd3)");
    assert!(line.meanings.iter().any(|m| m.kind == Kind::ByteCount));
}

#[test]
fn alerts() {
    for query in [
        "alert 46",
        "certificate_unknown",
        "Certificate Unknown",
        "alert certificate_unknown",
        "alert 0x2E",
        "fatal alert 46",
        "alert: fatal certificate unknown",
        "state of the alert 46",
        "is a fatal alert message (msg 46)",
        "got an alert message, type: [2:46]",
        "46",
    ] {
        let answer = ask(query);
        let meaning = answer.meanings.first().expect(query);
        assert_eq!((meaning.kind, meaning.number), (Kind::Alert, 46), "{query}");
        assert_eq!(meaning.name, "certificate_unknown");
    }
    assert_eq!(first("bad_certificate"), "bad_certificate");
    assert!(
        ask("bad_certificate").meanings[0]
            .text
            .contains("name does not match")
    );
    assert_eq!(ask("alert 46").meanings.len(), 1);
}

#[test]
fn states_by_version_and_role() {
    let answer = ask("state 12");
    assert_eq!(answer.meanings.len(), 1);
    let state = &answer.meanings[0];
    assert_eq!(state.name, "SERVER_CHANGE_CIPHER_SPEC");
    assert_eq!(state.versions, "2.4-4.1");
    assert!(
        state
            .text
            .contains("Client: Our flight is sent; waiting for")
    );
    assert!(state.text.contains("Server: Sending"));
    let sixteen: Vec<_> = ask("client state: 16")
        .meanings
        .into_iter()
        .map(|m| (m.name, m.versions))
        .collect();
    assert_eq!(
        sixteen,
        [
            ("HANDSHAKE_OVER".to_owned(), "2.4-3.2".to_owned()),
            ("NEW_SESSION_TICKET".to_owned(), "3.3-4.1".to_owned()),
        ]
    );
    // A number that a state left in 3.3 and took again in 3.4.
    let spans: Vec<_> = ask("CLIENT_CCS_AFTER_SERVER_FINISHED")
        .meanings
        .into_iter()
        .map(|m| (m.number, m.versions))
        .collect();
    let expected = [(21, "3.1"), (22, "3.2"), (21, "3.3"), (22, "3.4-4.1")];
    assert_eq!(spans, expected.map(|(n, v)| (n, v.to_owned())));
    let versions: Vec<_> = ask("state 22")
        .meanings
        .into_iter()
        .map(|m| m.versions)
        .collect();
    assert_eq!(versions, ["3.2", "3.4-4.1", "3.3"]);
    let hinted = explain("state 16", Some(mbedtls(3, 6)));
    assert_eq!(hinted.meanings[0].name, "NEW_SESSION_TICKET");
    assert_eq!(hinted.meanings.len(), 2);
    for query in [
        "SERVER_CHANGE_CIPHER_SPEC",
        "MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC",
    ] {
        assert_eq!(ask(query).meanings[0].number, 12, "{query}");
    }
    let over: Vec<_> = ask("HANDSHAKE_OVER")
        .meanings
        .iter()
        .map(|m| m.number)
        .collect();
    assert_eq!(over, [16, 25, 27]);
}

#[test]
fn verify_flags() {
    assert_eq!(names("flags 0x08"), ["BADCERT_NOT_TRUSTED"]);
    assert_eq!(
        names("Certificate verification flags 13"),
        [
            "BADCERT_EXPIRED",
            "BADCERT_CN_MISMATCH",
            "BADCERT_NOT_TRUSTED"
        ]
    );
    assert_eq!(names("flags 0xFFFFFFFF"), ["no result"]);
    assert_eq!(first("0x08"), "BADCERT_NOT_TRUSTED");
    assert_eq!(
        verify_flag_names(0x0201),
        ["BADCERT_EXPIRED", "BADCERT_FUTURE"]
    );
    assert_eq!(verify_flag_names(u32::MAX), [""; 0]);
    assert!(
        ask("flags 0x100008").unknown[0]
            .sentence
            .contains("0x100000")
    );
}

#[test]
fn suites() {
    for query in [
        "0xC030",
        "c030",
        "C030",
        "0xC0,0x30",
        "49200",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "ciphersuite c030",
        "chosen ciphersuite: c030",
    ] {
        let answer = ask(query);
        let meaning = answer.meanings.first().expect(query);
        assert_eq!(
            meaning.name, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "{query}"
        );
        assert_eq!(meaning.versions, "1.2");
        assert!(meaning.text.contains("needs an RSA certificate"));
    }
    assert_eq!(first("TLS1-3-AES-128-GCM-SHA256"), "TLS_AES_128_GCM_SHA256");
    assert_eq!(first("0x1301"), "TLS_AES_128_GCM_SHA256");
    assert_eq!(ask("0x1301").meanings[0].versions, "1.3");
}

#[test]
fn groups_and_signature_schemes() {
    for query in [
        "group 0x0018",
        "secp384r1",
        "P-384",
        "0x0018",
        "group 24",
        "ECDH curve: secp384r1",
    ] {
        assert_eq!(first(query), "secp384r1", "{query}");
    }
    for query in ["sigalg 0x0603", "0x0603", "0603", "sigalg 0603"] {
        let answer = ask(query);
        let readings: Vec<_> = answer
            .meanings
            .iter()
            .filter(|m| m.kind == Kind::SignatureScheme)
            .map(|m| (m.versions.as_str(), m.name.as_str()))
            .collect();
        assert_eq!(
            readings,
            [
                ("1.2", "SHA-512 with ECDSA, any curve"),
                ("1.3", "ecdsa_secp521r1_sha512"),
            ],
            "{query}"
        );
        assert_eq!(answer.meanings[0].kind, Kind::SignatureScheme, "{query}");
        assert!(
            answer.meanings[0]
                .text
                .contains("not evidence for a P-521 key")
        );
    }
    assert_eq!(first("ecdsa_secp521r1_sha512"), "ecdsa_secp521r1_sha512");
    assert_eq!(first("rsa_pss_rsae_sha256"), "rsa_pss_rsae_sha256");
}

#[test]
fn records_messages_and_versions() {
    assert_eq!(names("msgtype 22"), ["handshake"]);
    assert_eq!(names("msgtype = 21"), ["alert"]);
    assert_eq!(first("[3:3]"), "TLS 1.2");
    assert_eq!(first("version = [3:1]"), "TLS 1.0");
    for query in [
        "TLS 1.2",
        "TLSv1.2",
        "TLS1.2",
        "tls12",
        "0x0303",
        "version 0x0303",
    ] {
        assert_eq!(first(query), "TLS 1.2", "{query}");
    }
    assert_eq!(first("SSLv3"), "SSL 3.0");
    assert_eq!(names("handshake type 14"), ["server_hello_done"]);
    assert_eq!(names("extension 28"), ["record_size_limit"]);
    assert_eq!(names("extension 0xFF01"), ["renegotiation_info"]);
}

#[test]
fn several_codes_in_one_query() {
    assert_eq!(
        names("-0x7280, alert 46, state 12, 0xC030"),
        [
            "SSL_CONN_EOF",
            "certificate_unknown",
            "SERVER_CHANGE_CIPHER_SPEC",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        ]
    );
}

#[test]
fn a_pasted_line_gives_its_codes_and_nothing_else() {
    for (line, expected) in [
        (
            "E (1234) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x7F00",
            vec!["SSL_ALLOC_FAILED"],
        ),
        (
            "ssl_cli.c:3510: |2| client state: 12",
            vec!["SERVER_CHANGE_CIPHER_SPEC", "ssl_cli.c:3510"],
        ),
        (
            "input record: msgtype = 22, version = [3:3], msglen = 66",
            vec!["handshake", "TLS 1.2"],
        ),
    ] {
        let answer = ask(line);
        assert_eq!(names(line), expected, "{line}");
        assert_eq!(answer.unknown, [], "{line}");
    }
}

#[test]
fn psa_status_codes_share_the_range() {
    let answer = ask("-141");
    assert_eq!(answer.meanings[0].name, "PSA_INSUFFICIENT_MEMORY");
    assert_eq!(answer.meanings[0].kind, Kind::PsaStatus);
    assert_eq!(
        first("PSA_ERROR_INSUFFICIENT_MEMORY"),
        "PSA_INSUFFICIENT_MEMORY"
    );
    assert_eq!(first("psa -0x0087"), "PSA_INVALID_ARGUMENT");
    assert_eq!(
        mbedtls_error_names(-141, Some(3)),
        ["PSA_INSUFFICIENT_MEMORY"]
    );
}

#[test]
fn a_bare_number_shows_every_table_in_order_of_plausibility() {
    let kinds = |query: &str, hint| -> Vec<Kind> {
        explain(query, hint)
            .meanings
            .iter()
            .map(|m| m.kind)
            .collect()
    };
    let twenty = kinds("20", None);
    assert_eq!(twenty[0], Kind::Alert);
    for kind in [
        Kind::HandshakeState,
        Kind::HandshakeType,
        Kind::ContentType,
        Kind::NamedGroup,
        Kind::Extension,
        Kind::Error,
    ] {
        assert!(twenty.contains(&kind), "{kind:?} in {twenty:?}");
    }
    // The hinted stack's own reading comes first.
    assert_eq!(kinds("20", Some(mbedtls(3, 6)))[0], Kind::HandshakeState);
    // And stays below where its version has no such state.
    assert_eq!(kinds("20", Some(mbedtls(2, 16)))[0], Kind::Alert);
    assert_eq!(kinds("12", None)[0], Kind::HandshakeState);
    assert_eq!(kinds("0x16", None)[0], Kind::ContentType);
    assert_eq!(kinds("0x1301", Some(mbedtls(3, 6)))[0], Kind::CipherSuite);
}

#[test]
fn names_as_their_header_spells_them() {
    for (query, stack, name) in [
        (
            "NX_SECURE_TLS_ALERT_RECEIVED",
            "NetX Secure",
            "TLS_ALERT_RECEIVED",
        ),
        (
            "NX_SECURE_X509_CERTIFICATE_SIG_CHECK_FAILED",
            "NetX Secure",
            "X509_CERTIFICATE_SIG_CHECK_FAILED",
        ),
        (
            "SL_ERROR_BSD_ESEC_HANDSHAKE_TIMED_OUT",
            "TI SimpleLink",
            "ESECHANDSHAKETIMEDOUT",
        ),
        (
            "SL_ERROR_BSD_ESECSNOVERIFY",
            "TI SimpleLink",
            "ESECSNOVERIFY",
        ),
        (
            "SL_ERROR_BSD_ESEC_ASN_NO_SIGNER_E",
            "TI SimpleLink",
            "ASN_NO_SIGNER_E",
        ),
    ] {
        let answer = ask(query);
        let meaning = answer.meanings.first().unwrap_or_else(|| panic!("{query}"));
        assert_eq!((meaning.stack, first(query).as_str()), (stack, name));
        assert!(answer.meanings.iter().all(|m| m.stack == stack), "{query}");
    }
    assert!(ask("NX_SECURE_TLS_NO_SUCH_NAME").meanings.is_empty());
}

#[test]
fn a_hexadecimal_verify_result_is_the_flags_of_mbedtls() {
    for query in [
        "verify 0x208",
        "flags 0x208",
        "verify: 0x208",
        "verification=0x208",
    ] {
        assert_eq!(
            names(query),
            ["BADCERT_NOT_TRUSTED", "BADCERT_FUTURE"],
            "{query}"
        );
    }
    assert_ne!(first("verify 20"), "BADCERT_SKIP_VERIFY");
}
