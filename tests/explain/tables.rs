//! Every row of every table is there and explains itself; broken files are named.

use handlens::codes::{
    Kind, check, check_tables, explain, mbedtls_error_names, mbedtls_meaning_changed,
};
use handlens::knowledge::codes::{CodeTables, tables};

use handlens::codes::StackHint;

use crate::{ask, first, mbedtls, names};

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
    assert_eq!(counts, [184, 105, 22, 26, 15, 31, 24, 8, 6, 20, 6]);
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
        for spelling in [
            row.name.clone(),
            format!("MBEDTLS_ERR_{}", row.name),
            row.text.clone(),
        ] {
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
fn each_fault_of_a_table_is_found() {
    type Spoil = fn(&mut CodeTables);
    let faults: [(&str, Spoil); 14] = [
        ("no rows", |t| t.extensions.rows.clear()),
        ("no source", |t| t.alerts.source.clear()),
        ("no stack", |t| t.states.stack.clear()),
        ("is given twice", |t| {
            let row = t.errors_high.rows[0].clone();
            t.errors_high.rows.push(row);
        }),
        ("is in the wrong range", |t| {
            t.errors_low.rows[0].number.0 = -0x1080;
        }),
        ("has no text", |t| t.errors_high.rows[3].text.clear()),
        ("in 2.x", |t| t.changed.rows[0].was = "NOTHING".into()),
        ("in 3.x", |t| t.changed.rows[0].now.clear()),
        ("is in no table", |t| {
            t.readings.rows[0].numbers[0].0 = -5000;
        }),
        ("is not one bit", |t| t.verify_flags.rows[0].bit.0 = 3),
        ("no flag is called", |t| {
            t.flag_alerts[0].flags[0] = "BADCERT_X".into();
        }),
        ("the registry says", |t| {
            t.groups.rows[0].name = "p256".into();
        }),
        ("nobody is ever in", |t| {
            t.states.rows[0].client.clear();
            t.states.rows[0].server.clear();
        }),
        ("not in order of version", |t| t.state_columns.reverse()),
    ];
    for (sentence, spoil) in faults {
        let mut t = CodeTables::load(None);
        assert_eq!(check_tables(&t), Vec::<String>::new());
        spoil(&mut t);
        let found = check_tables(&t);
        assert!(
            found.iter().any(|f| f.contains(sentence)),
            "{sentence}: {found:?}"
        );
    }
}

#[test]
fn codes_of_other_stacks_are_explained() {
    for (query, stack, name) in [
        ("-188", "wolfSSL", "ASN_NO_SIGNER_E"),
        ("ASN_NO_SIGNER_E", "wolfSSL", "ASN_NO_SIGNER_E"),
        ("0A0000C1", "OpenSSL", "SSL_R_NO_SHARED_CIPHER"),
        ("1417A0C1", "OpenSSL", "SSL_R_NO_SHARED_CIPHER"),
        ("0x80090325", "Windows SChannel", "SEC_E_UNTRUSTED_ROOT"),
        (
            "BR_ERR_X509_NOT_TRUSTED",
            "BearSSL",
            "BR_ERR_X509_NOT_TRUSTED",
        ),
        (
            "GNUTLS_E_NO_COMMON_KEY_SHARE",
            "GnuTLS",
            "GNUTLS_E_NO_COMMON_KEY_SHARE",
        ),
    ] {
        let answer = handlens::codes::explain(query, None);
        let first = answer.meanings.first().unwrap_or_else(|| panic!("{query}"));
        assert_eq!((first.stack, first.name.as_str()), (stack, name), "{query}");
        assert!(!first.source.is_empty());
        assert!(answer.unknown.is_empty(), "{query}: {:?}", answer.unknown);
    }
}

/// The names as the headers of each stack spell them.
#[test]
fn names_of_devices_are_found_as_headers_spell_them() {
    for (query, stack, number) in [
        ("SL_ERROR_BSD_ESEC_ASN_NO_SIGNER_E", "TI SimpleLink", -688),
        ("SL_ERROR_BSD_ESEC_HANDSHAKE_FAILURE", "TI SimpleLink", -340),
        ("SL_ESEC_UNKNOWN_CA", "TI SimpleLink", -348),
        ("WICED_TLS_ERROR_OUT_OF_MEMORY", "WICED (BESL)", 5003),
        ("BESL_TLS_UNTRUSTED_CERTIFICATE", "WICED (BESL)", 5035),
        ("NX_SECURE_TLS_CERTIFICATE_NOT_FOUND", "NetX Secure", 0x119),
        ("NX_SECURE_X509_CERTIFICATE_NOT_FOUND", "NetX Secure", 0x18E),
        ("SOCK_ERR_CONN_ABORTED", "ATWINC1500", -12),
        ("SSL_ERROR_CONN_LOST", "axTLS", -256),
        ("MQTT_CONNECTION_LOST", "PubSubClient", -3),
        ("ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED", "ESP-IDF", 0x801A),
        ("SSL_R_TLSV1_ALERT_UNKNOWN_CA", "TLS", 48),
    ] {
        let answer = ask(query);
        let found: Vec<(&str, i64)> = answer
            .meanings
            .iter()
            .map(|m| (m.stack, m.number))
            .collect();
        assert_eq!(found, [(stack, number)], "{query}");
    }
}

/// Numbers whose meaning changed between OpenSSL 1.1.1 and 3.0 say both.
#[test]
fn verify_codes_that_changed_say_both_meanings() {
    for (query, name, other) in [
        ("verify 24", "X509_V_ERR_NO_ISSUER_PUBLIC_KEY", "invalid CA"),
        (
            "verify 76",
            "X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM",
            "1.1.1",
        ),
        (
            "verify 79",
            "X509_V_ERR_INVALID_CA",
            "EC_KEY_EXPLICIT_PARAMS",
        ),
    ] {
        let answer = ask(query);
        let first = answer.meanings.first().unwrap_or_else(|| panic!("{query}"));
        assert_eq!(first.name, name, "{query}");
        assert!(first.text.contains(other), "{query}: {}", first.text);
    }
}

#[test]
fn an_alert_in_the_error_queue_is_explained_as_an_alert() {
    let answer = handlens::codes::explain("0A000418", None);
    assert_eq!(answer.meanings[0].name, "unknown_ca");
}

#[test]
fn every_meaning_of_a_verify_code_is_shown() {
    let answer = handlens::codes::explain("62", None);
    let names: Vec<&str> = answer.meanings.iter().map(|m| m.name.as_str()).collect();
    for name in ["X509_V_ERR_HOSTNAME_MISMATCH", "BR_ERR_X509_NOT_TRUSTED"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn a_stack_named_in_front_of_a_code_comes_first() {
    for (query, stack, name) in [
        ("quectel 566", "Quectel", "SOCKET_CONNECT_FAILED"),
        ("u-blox 24", "u-blox", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        ("winc -12", "ATWINC1500", "CONN_ABORTED"),
        ("axtls -261", "axTLS", "INVALID_PROT_MSG"),
        ("curl 60", "curl", "PEER_FAILED_VERIFICATION"),
        ("mosquitto 8", "Mosquitto", "TLS"),
    ] {
        let answer = handlens::codes::explain(query, None);
        let first = &answer.meanings[0];
        assert_eq!((first.stack, first.name.as_str()), (stack, name), "{query}");
    }
    // A word that names no stack is no hint.
    assert_eq!(first("alert 46"), "certificate_unknown");
}

#[test]
fn an_errno_has_the_meaning_of_each_c_library() {
    let answer = handlens::codes::explain("errno 113", None);
    for (stack, name) in [
        ("Linux", "EHOSTUNREACH"),
        ("newlib", "ECONNABORTED"),
        ("Nordic", "ECONNABORTED"),
    ] {
        assert!(
            answer
                .meanings
                .iter()
                .any(|m| m.stack.starts_with(stack) && m.name == name),
            "{stack}: {:?}",
            answer.meanings
        );
    }
}

#[test]
fn the_detected_stack_leads_whatever_its_tables_are_called() {
    for (family, query, stack) in [
        ("nrf91", "111", "Nordic nRF91"),
        ("spwf04", "74", "ST SPWF04Sx"),
        ("simplelink", "-340", "TI SimpleLink"),
        ("arduino-esp32", "-9984", "Mbed TLS"),
        ("xbee", "0x85", "XBee Cellular"),
    ] {
        let hint = StackHint {
            family: family.into(),
            version: None,
        };
        let answer = handlens::codes::explain(query, Some(hint));
        assert_eq!(answer.meanings[0].stack, stack, "{family} {query}");
    }
}
