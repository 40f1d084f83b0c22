//! What no table knows, and queries that are no codes at all.

use proptest::prelude::*;

use crate::{ask, mbedtls};
use handlens::codes::explain;

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
        "70443",
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(query in "\\PC{0,80}") {
        let answer = ask(&query);
        prop_assert!(answer.query.len() <= query.len());
    }

    #[test]
    fn text_made_of_pieces_of_codes_is_answered(
        query in "(-|0x|[0-9a-f]{1,9}|alert|state|flags|\\[|\\]|:|,| |=|_|SSL|MBEDTLS_|TLS){0,12}",
    ) {
        let plain = ask(&query);
        let hinted = explain(&query, Some(mbedtls(3, 6)));
        // A hint changes the order, never what is shown.
        prop_assert_eq!(plain.meanings.len(), hinted.meanings.len());
        for meaning in &plain.meanings {
            prop_assert!(hinted.meanings.contains(meaning));
            prop_assert!(!meaning.source.is_empty() && !meaning.text.is_empty());
            prop_assert!(!meaning.stack.is_empty() && !meaning.name.is_empty());
        }
    }

    #[test]
    fn a_number_nobody_knows_is_said(number in 40_000_i64..=0x7FFF_FFFF) {
        let answer = ask(&format!("-{number}"));
        prop_assert_eq!(answer.meanings.len(), 0);
        prop_assert_eq!(answer.unknown.len(), 1);
    }
}
