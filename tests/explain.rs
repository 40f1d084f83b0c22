//! Any code as people write it: the tables are whole, and every spelling finds its meaning.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use handlens::codes::{
    Explained, Kind, StackHint, alert_for_verify_flags, check, check_tables, explain,
    mbedtls_error_names, mbedtls_meaning_changed, mbedtls_state_name, mbedtls_state_number,
    mbedtls_state_number_in, mbedtls_version_anchors, mbedtls_version_of, verify_flag_names,
};
use handlens::knowledge::codes::{CodeTables, tables};
use handlens::tls::Alert;

fn ask(query: &str) -> Explained {
    explain(query, None)
}

fn mbedtls(major: u8, minor: u8) -> StackHint {
    StackHint {
        family: "mbedtls".to_owned(),
        version: Some((major, minor)),
    }
}

fn first(query: &str) -> String {
    let answer = ask(query);
    let meaning = answer.meanings.first();
    meaning
        .unwrap_or_else(|| panic!("{query}: no meaning"))
        .name
        .clone()
}

fn names(query: &str) -> Vec<String> {
    ask(query).meanings.into_iter().map(|m| m.name).collect()
}

#[test]
fn the_tables_are_sound() {
    assert_eq!(check(), Vec::<String>::new());
}

#[test]
fn every_row_is_there() {
    let t = tables();
    let counts = [
        t.errors_high.rows.len(),
        t.errors_low.rows.len(),
        t.psa_status.rows.len(),
        t.changed.rows.len(),
        t.readings.rows.len(),
        t.states.rows.len(),
        t.anchors.rows.len(),
        t.state_lines.len(),
        t.debug_levels.rows.len(),
        t.verify_flags.rows.len(),
        t.flag_alerts.len(),
    ];
    assert_eq!(counts, [184, 105, 22, 26, 15, 31, 21, 8, 6, 20, 6]);
    let registries = [
        t.alerts.rows.len(),
        t.content_types.rows.len(),
        t.handshake_types.rows.len(),
        t.extensions.rows.len(),
        t.versions.rows.len(),
        t.groups.rows.len(),
        t.schemes.rows.len(),
        t.exchanges.rows.len(),
    ];
    assert_eq!(registries, [35, 6, 20, 40, 8, 40, 21, 17]);
}

#[test]
fn every_error_explains_itself_in_three_spellings() {
    let t = tables();
    let rows = t.errors_high.rows.iter().chain(&t.errors_low.rows);
    for row in rows.chain(&t.psa_status.rows) {
        let number = row.number.0;
        let spellings = [
            format!("-0x{:04X}", number.unsigned_abs()),
            number.to_string(),
            format!("{:08X}", i32::try_from(number).unwrap()),
        ];
        for spelling in spellings {
            let answer = ask(&spelling);
            let found = answer.meanings.iter().find(|m| m.name == row.name);
            let meaning = found.unwrap_or_else(|| panic!("{spelling}: {answer:?}"));
            assert_eq!(meaning.number, number);
            assert_eq!(meaning.versions, row.versions.to_string());
            assert!(meaning.text.starts_with(&row.text), "{spelling}");
            assert!(!meaning.source.is_empty());
            assert!(answer.unknown.is_empty(), "{spelling}: {answer:?}");
        }
    }
}

#[test]
fn every_name_explains_itself() {
    let t = tables();
    for row in t.errors_high.rows.iter().chain(&t.errors_low.rows) {
        for spelling in [row.name.clone(), format!("MBEDTLS_ERR_{}", row.name)] {
            let answer = ask(&spelling);
            assert!(
                answer.meanings.iter().any(|m| m.number == row.number.0),
                "{spelling}"
            );
        }
    }
    for row in &t.alerts.rows {
        assert!(
            ask(&row.name)
                .meanings
                .iter()
                .any(|m| m.kind == Kind::Alert && m.number == row.number.0),
            "{}",
            row.name
        );
    }
    for row in &t.verify_flags.rows {
        for spelling in [
            row.name.clone(),
            format!("MBEDTLS_X509_{}", row.name),
            row.text.clone(),
        ] {
            assert_eq!(first(&spelling), row.name, "{spelling}");
        }
    }
}

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
fn the_alert_of_a_flag_is_that_of_the_first_that_applies() {
    for (flags, alert) in [
        (0x0100, 49),
        (0x04, 42),
        (0x0800, 43),
        (0x1000, 43),
        (0x2000, 43),
        (0x8000, 43),
        (0x1_0000, 43),
        (0x01, 45),
        (0x02, 44),
        (0x08, 48),
        (0x0200, 46),
        (0x4000, 46),
        (0x04 | 0x08, 42),
        (0x01 | 0x08, 45),
    ] {
        assert_eq!(
            alert_for_verify_flags(flags),
            Some(Alert(alert)),
            "0x{flags:X}"
        );
    }
    assert_eq!(alert_for_verify_flags(0), None);
    assert_eq!(alert_for_verify_flags(u32::MAX), None);
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
            vec!["SERVER_CHANGE_CIPHER_SPEC"],
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
fn numbers_that_changed_between_2_and_3() {
    let changed = [
        (
            0x6600,
            "SSL_INVALID_VERIFY_HASH",
            Some("SSL_ILLEGAL_PARAMETER"),
        ),
        (0x6980, "SSL_NO_USABLE_CIPHERSUITE", None),
        (
            0x6E00,
            "SSL_BAD_HS_NEW_SESSION_TICKET",
            Some("SSL_HANDSHAKE_FAILURE"),
        ),
        (
            0x6E80,
            "SSL_BAD_HS_PROTOCOL_VERSION",
            Some("SSL_BAD_PROTOCOL_VERSION"),
        ),
        (0x7300, "SSL_UNKNOWN_CIPHER", Some("SSL_DECODE_ERROR")),
        (0x7380, "SSL_NO_CIPHER_CHOSEN", None),
        (
            0x7500,
            "SSL_CERTIFICATE_TOO_LARGE",
            Some("SSL_UNSUPPORTED_EXTENSION"),
        ),
        (
            0x7580,
            "SSL_CERTIFICATE_REQUIRED",
            Some("SSL_NO_APPLICATION_PROTOCOL"),
        ),
        (
            0x7800,
            "SSL_PEER_VERIFY_FAILED",
            Some("SSL_UNRECOGNIZED_NAME"),
        ),
        (0x7900, "SSL_BAD_HS_CLIENT_HELLO", None),
        (0x7980, "SSL_BAD_HS_SERVER_HELLO", None),
        (
            0x7A00,
            "SSL_BAD_HS_CERTIFICATE",
            Some("SSL_BAD_CERTIFICATE"),
        ),
        (0x7A80, "SSL_BAD_HS_CERTIFICATE_REQUEST", None),
        (
            0x7B00,
            "SSL_BAD_HS_SERVER_KEY_EXCHANGE",
            Some("SSL_RECEIVED_NEW_SESSION_TICKET"),
        ),
        (
            0x7B80,
            "SSL_BAD_HS_SERVER_HELLO_DONE",
            Some("SSL_CANNOT_READ_EARLY_DATA"),
        ),
        (
            0x7C00,
            "SSL_BAD_HS_CLIENT_KEY_EXCHANGE",
            Some("SSL_RECEIVED_EARLY_DATA"),
        ),
        (
            0x7C80,
            "SSL_BAD_HS_CLIENT_KEY_EXCHANGE_RP",
            Some("SSL_CANNOT_WRITE_EARLY_DATA"),
        ),
        (0x7D00, "SSL_BAD_HS_CLIENT_KEY_EXCHANGE_CS", None),
        (0x7D80, "SSL_BAD_HS_CERTIFICATE_VERIFY", None),
        (0x7E00, "SSL_BAD_HS_CHANGE_CIPHER_SPEC", None),
        (
            0x7E80,
            "SSL_BAD_HS_FINISHED",
            Some("SSL_CACHE_ENTRY_NOT_FOUND"),
        ),
        (0x5E00, "SSL_CACHE_ENTRY_NOT_FOUND", None),
        (0x4B80, "ECP_HW_ACCEL_FAILED", None),
        (0x4500, "RSA_UNSUPPORTED_OPERATION", None),
        (0x4580, "RSA_HW_ACCEL_FAILED", None),
        (0x3880, "PK_HW_ACCEL_FAILED", Some("PK_BUFFER_TOO_SMALL")),
    ];
    assert_eq!(changed.len(), tables().changed.rows.len());
    for (magnitude, was, now) in changed {
        let code: i64 = -magnitude;
        let query = format!("-0x{magnitude:04X}");
        let change = mbedtls_meaning_changed(code).expect(&query);
        assert_eq!((change.was, change.now), (was, now), "{query}");
        assert_eq!(mbedtls_error_names(code, Some(2)), [was], "{query}");
        let new: Vec<&str> = now.into_iter().collect();
        assert_eq!(mbedtls_error_names(code, Some(3)), new, "{query}");
        assert_eq!(mbedtls_error_names(code, Some(4)), new, "{query}");
        let both: Vec<&str> = [was].into_iter().chain(now).collect();
        assert_eq!(mbedtls_error_names(code, None), both, "{query}");
        // A person sees both, the one of the hinted version first.
        assert_eq!(names(&query), both, "{query}");
        let hinted = explain(&query, Some(mbedtls(3, 6)));
        assert_eq!(hinted.meanings[0].name, now.unwrap_or(was), "{query}");
        let hinted = explain(&query, Some(mbedtls(2, 16)));
        assert_eq!(hinted.meanings[0].name, was, "{query}");
    }
    let text = &ask("-0x7500").meanings[0].text;
    assert!(
        text.contains("In 3.x this number is SSL_UNSUPPORTED_EXTENSION"),
        "{text}"
    );
}

#[test]
fn psa_status_codes_share_the_range() {
    let answer = ask("-141");
    assert_eq!(answer.meanings[0].name, "INSUFFICIENT_MEMORY");
    assert_eq!(answer.meanings[0].kind, Kind::PsaStatus);
    assert_eq!(
        first("PSA_ERROR_INSUFFICIENT_MEMORY"),
        "INSUFFICIENT_MEMORY"
    );
    assert_eq!(first("psa -0x0087"), "INVALID_ARGUMENT");
    assert_eq!(mbedtls_error_names(-141, Some(3)), ["INSUFFICIENT_MEMORY"]);
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
fn what_no_table_knows_is_said() {
    let answer = ask("-0x5900");
    assert_eq!(answer.meanings, []);
    assert_eq!(answer.unknown.len(), 1);
    let sentence = &answer.unknown[0].sentence;
    assert!(sentence.contains("-0x5880"), "{sentence}");
    assert!(sentence.contains("module PKCS7"), "{sentence}");

    let half = ask("-0x7281");
    assert_eq!(half.meanings[0].name, "SSL_CONN_EOF");
    assert_eq!(half.meanings[1].name, "ERROR_GENERIC_ERROR");
    let half = ask("-0x72C1");
    assert_eq!(half.meanings.len(), 1);
    assert!(
        half.unknown[0]
            .sentence
            .contains("SSL_CONN_EOF plus -0x0041")
    );

    for query in [
        "alert 200",
        "state 99",
        "group 0x7777",
        "0xDEAD",
        "-0x12345",
        "no such thing",
        "-70000",
        "99999999999999999999",
        "443",
        "16717",
    ] {
        let answer = ask(query);
        assert_eq!(answer.meanings, [], "{query}");
        assert_eq!(answer.unknown.len(), 1, "{query}");
        assert_eq!(answer.unknown[0].asked, query);
    }
    assert_eq!(
        ask("alert 200").unknown[0].sentence,
        "No alert has the number 200."
    );
    assert_eq!(ask("").meanings, []);
    assert_eq!(ask(" , ,").unknown, []);
}

#[test]
fn error_names_for_decoders() {
    assert_eq!(mbedtls_error_names(-0x7280, None), ["SSL_CONN_EOF"]);
    assert_eq!(mbedtls_error_names(0xFFFF_8D80, Some(2)), ["SSL_CONN_EOF"]);
    assert_eq!(mbedtls_error_names(-0x50, Some(2)), ["NET_CONN_RESET"]);
    for nothing in [0, 45, 0x7280, -0x8000, -0x5900, i64::MIN, i64::MAX] {
        assert_eq!(mbedtls_error_names(nothing, None), [""; 0], "{nothing}");
    }
}

#[test]
fn state_names_and_numbers_for_decoders() {
    assert_eq!(
        mbedtls_state_name(12, None),
        Some("SERVER_CHANGE_CIPHER_SPEC")
    );
    assert_eq!(mbedtls_state_name(16, None), Some("HANDSHAKE_OVER"));
    assert_eq!(
        mbedtls_state_name(16, Some((2, 16))),
        Some("HANDSHAKE_OVER")
    );
    assert_eq!(
        mbedtls_state_name(17, Some((2, 28))),
        Some("SERVER_NEW_SESSION_TICKET")
    );
    assert_eq!(
        mbedtls_state_name(19, Some((3, 1))),
        Some("ENCRYPTED_EXTENSIONS")
    );
    assert_eq!(
        mbedtls_state_name(19, Some((3, 2))),
        Some("HELLO_RETRY_REQUEST")
    );
    assert_eq!(mbedtls_state_name(25, Some((3, 3))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(27, Some((3, 6))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(27, Some((5, 0))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(0, Some((1, 3))), Some("HELLO_REQUEST"));
    assert_eq!(mbedtls_state_name(99, None), None);
    assert_eq!(mbedtls_state_name(u16::MAX, None), None);
    assert_eq!(mbedtls_state_number("SERVER_CHANGE_CIPHER_SPEC"), Some(12));
    assert_eq!(mbedtls_state_number("MBEDTLS_SSL_HANDSHAKE_OVER"), Some(27));
    assert_eq!(mbedtls_state_number("SERVER_NEW_SESSION_TICKET"), Some(17));
    assert_eq!(mbedtls_state_number("NO_SUCH_STATE"), None);
    assert_eq!(mbedtls_state_number_in("HANDSHAKE_OVER", (2, 16)), Some(16));
    assert_eq!(mbedtls_state_number_in("END_OF_EARLY_DATA", (3, 3)), None);
}

#[test]
fn releases_by_source_line() {
    for (file, line, version) in [
        ("ssl_cli.c", 3279, "2.4.0"),
        ("ssl_cli.c", 3321, "2.7.0"),
        ("ssl_cli.c", 3510, "2.16.1"),
        ("ssl_cli.c", 4406, "2.28.0"),
        ("ssl_cli.c", 4261, "2.28.10"),
        ("ssl_cli.c", 4215, "3.0.0"),
        ("ssl_cli.c", 4192, "3.1.0"),
        ("ssl_tls.c", 3005, "3.2.1"),
        ("ssl_tls.c", 3709, "3.3.0"),
        ("ssl_tls.c", 3859, "3.4.0"),
        ("ssl_tls.c", 3850, "3.5.0"),
        ("ssl_tls.c", 4525, "3.6.0"),
        ("ssl_tls.c", 4586, "3.6.5"),
        ("ssl_tls.c", 4137, "4.0.0"),
        ("ssl_tls.c", 4195, "4.1.0"),
        ("ssl_srv.c", 3806, "2.4.0"),
        ("ssl_srv.c", 3976, "2.7.0"),
        ("ssl_srv.c", 4259, "2.16.1"),
        ("ssl_srv.c", 4664, "2.28.0"),
        ("ssl_srv.c", 4499, "2.28.10"),
        ("ssl_tls12_server.c", 4304, "3.6.5"),
    ] {
        assert_eq!(
            mbedtls_version_of(file, line),
            Some(version),
            "{file}:{line}"
        );
    }
    assert_eq!(mbedtls_version_anchors().len(), 21);
    assert_eq!(
        mbedtls_version_of("../middleware\\mbedtls/library/ssl_cli.c", 3510),
        Some("2.16.1")
    );
    assert_eq!(mbedtls_version_of("ssl_srv.c", 3510), None);
    assert_eq!(mbedtls_version_of("ssl_cli.c", 3511), None);
}

#[test]
fn a_broken_file_is_named_and_the_others_work() {
    let folder = tempfile::tempdir().unwrap();
    let codes = folder.path().join("codes/mbedtls");
    std::fs::create_dir_all(&codes).unwrap();
    std::fs::write(
        codes.join("errors_high.toml"),
        "stack = \"Mbed TLS\"\n[[code]\n",
    )
    .unwrap();
    std::fs::write(codes.join("errors_low.toml"), [0xFF, 0xFE, 0x00]).unwrap();
    std::fs::write(
        codes.join("psa_status.toml"),
        "stack = \"Mine\"\nkind = \"psa_status\"\nsource = \"\"\n[[code]]\nnumber = \"-0x0084\"\n\
         name = \"MY_OWN\"\nversions = \"3.x\"\ntext = \"My own text.\"\n[[code]]\nnumber = -132\n\
         name = \"AGAIN\"\nversions = \"3.x\"\ntext = \"Again.\"\n",
    )
    .unwrap();
    std::fs::write(
        codes.join("verify_flags.toml"),
        "stack = \"x\"\nkind = \"error\"\nsource = \"x\"\nother_alert = 46\nflag = []\nalert = []\n",
    )
    .unwrap();
    let t = CodeTables::load(Some(folder.path()));
    let told: Vec<String> = t.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter()
            .any(|p| p.contains("errors_high.toml") && p.contains("line 2"))
    );
    assert!(told.iter().any(|p| p.contains("errors_low.toml")));
    assert!(
        told.iter()
            .any(|p| p.contains("verify_flags.toml") && p.contains("kind \"error\""))
    );
    // The broken files are replaced by the program's own, the sound one counts.
    assert_eq!(t.errors_high.rows.len(), 184);
    assert_eq!(t.errors_low.rows.len(), 105);
    assert_eq!(t.psa_status.rows.len(), 2);
    let faults = check_tables(&t);
    for part in [
        "psa_status.toml: no source",
        "is given twice",
        "errors_low.toml",
    ] {
        assert!(
            faults.iter().any(|f| f.contains(part)),
            "{part}: {faults:?}"
        );
    }
}

#[test]
fn hostile_queries_are_answered() {
    for query in [
        "\0",
        "é",
        "—",
        "[3:",
        "[::]",
        "alert",
        "flags",
        "-",
        "0x",
        "(((",
        "\u{202E}46",
    ] {
        let _ = ask(query);
    }
    let long = "é".repeat(100_000);
    let answer = ask(&long);
    assert!(answer.unknown[0].sentence.len() < 400);
    let many = "-0x7280,".repeat(10_000);
    assert_eq!(ask(&many).meanings.len(), 1);
}
