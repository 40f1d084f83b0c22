//! XBee Cellular: frames between text, pasted frames, settings, statuses and their times.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{events, facts_of, same_at_every_split};
use handlens::evidence::{ConnectResult, Event};

/// TX request with TLS profile 0 to 198.51.100.9:8883, frame ID 0x31, payload `ping`.
const REQUEST: &[u8] = &[
    0x7E, 0x00, 0x10, 0x23, 0x31, 0xC6, 0x33, 0x64, 0x09, 0x22, 0xB3, 0x00, 0x00, 0x00, 0x00, 0x70,
    0x69, 0x6E, 0x67, 0xC2,
];

fn status(code: u8) -> Vec<u8> {
    let sum = 0x89_u8.wrapping_add(0x31).wrapping_add(code);
    vec![0x7E, 0, 3, 0x89, 0x31, code, 0xFF - sum]
}

#[test]
fn a_request_and_its_status_between_text() {
    let mut log = b"[  1.000] app: sending\r\n".to_vec();
    log.extend(REQUEST);
    log.extend(b"[  1.450] app: waiting\r\n");
    log.extend(status(0x85));
    log.extend(b"[  1.500] app: failed\r\n");
    same_at_every_split(&log);
    let facts = facts_of(&log);
    assert_eq!(facts.text("host"), Some("198.51.100.9"));
    assert_eq!(facts.text("host.kind"), Some("ip"));
    assert_eq!(facts.bool("module.name_in_request"), Some(false));
    assert_eq!(facts.text("request.answer"), Some("0x85 UNKNOWN_ERROR"));
    assert_eq!(facts.int("request.elapsed_ms"), Some(450));
    assert_eq!(facts.list("errors"), ["XBEE_TX_UNKNOWN_ERROR"]);
    assert_eq!(facts.text("outcome"), Some("failed"));
    assert_eq!(facts.text("stack.family"), Some("xbee"));
}

#[test]
fn a_success_is_no_failure() {
    let log = [REQUEST.to_vec(), status(0)].concat();
    let facts = facts_of(&log);
    assert_eq!(facts.text("outcome"), Some("completed"));
    assert!(facts.list("errors").is_empty());
}

#[test]
fn a_missing_file_stops_it_before_anything_is_sent() {
    let log = [REQUEST.to_vec(), status(0x86)].concat();
    let facts = facts_of(&log);
    assert_eq!(facts.text("phase"), Some("setup"));
    let log = [REQUEST.to_vec(), status(0x8B)].concat();
    assert_eq!(facts_of(&log).text("phase"), Some("server_certificate"));
}

#[test]
fn refused_and_unresolved_are_told_from_tls() {
    for (code, result) in [
        (0x80, ConnectResult::Refused),
        (0x82, ConnectResult::TimedOut),
        (0x84, ConnectResult::DnsFailed),
    ] {
        let log = [REQUEST.to_vec(), status(code)].concat();
        assert!(
            events(&log).contains(&Event::Connect { result }),
            "{code:x}"
        );
    }
}

#[test]
fn frames_pasted_as_text() {
    let one = b"7E 00 10 23 31 C6 33 64 09 22 B3 00 00 00 00 70 69 6E 67 C2\n";
    let two = b"7E 00 10 23 31 C6 33 64 09\n22 B3 00 00 00 00 70 69 6E 67 C2\n7e0003893185c0\n";
    let csv = b"02-11-2026 09:15:04.120,1,SENT,7E0010233 1\n02-11-2026 09:15:04.120,2,SENT,7E00102331C633640922B30000000070696E67C2\n02-11-2026 09:15:04.910,3,RECV,7E0003893185C0\n";
    for log in [&one[..], two, csv] {
        same_at_every_split(log);
        let facts = facts_of(log);
        assert_eq!(facts.text("host"), Some("198.51.100.9"));
    }
    let facts = facts_of(two);
    assert_eq!(facts.text("request.answer"), Some("0x85 UNKNOWN_ERROR"));
    let facts = facts_of(csv);
    assert_eq!(facts.int("request.elapsed_ms"), Some(790));
    // Nothing is known of how it ended: no answer in the log.
    assert_eq!(facts_of(one).text("outcome"), Some("cut_off"));
}

#[test]
fn settings_asked_and_made() {
    let log = b"ATTL is 3 (TLS 1.2)\nATVR\n11416\nAT$0 /flash/certs/root.pem;own.pem;own.key\n7E 00 10 23 31 C6 33 64 09 22 B3 00 00 00 00 70 69 6E 67 C2\n";
    let facts = facts_of(log);
    assert_eq!(facts.text("module.tls_version"), Some("TLS 1.2"));
    assert_eq!(facts.text("module.firmware"), Some("11416"));
    assert_eq!(facts.text("module.ca"), Some("/flash/certs/root.pem"));
    assert_eq!(facts.text("module.folder"), Some("/flash/certs"));
    assert_eq!(facts.text("module.client_key"), Some("own.key"));
    assert_eq!(facts.bool("module.verifies"), Some(true));
    let facts = facts_of(b"AT$0 = ;;\nDelivery status: 0x85 (Unknown error)\n");
    assert_eq!(facts.bool("module.verifies"), Some(false));
    assert_eq!(facts.list("errors"), ["XBEE_TX_UNKNOWN_ERROR"]);
}

#[test]
fn a_socket_that_connects_by_name() {
    // Create (TLS), answer with socket 1, connect to broker.example.org:8883, started, state.
    let frame = |data: &[u8]| {
        let sum = data.iter().fold(0_u8, |s, b| s.wrapping_add(*b));
        let length = u8::try_from(data.len()).unwrap();
        [&[0x7E, 0, length], data, &[0xFF - sum]].concat()
    };
    let connect = [&[0x42, 2, 1, 0x22, 0xB3, 1][..], b"broker.example.org"].concat();
    let begin = [
        frame(&[0x40, 1, 4]),
        frame(&[0xC0, 1, 1, 0]),
        frame(&connect),
        frame(&[0xC2, 2, 1, 0]),
    ]
    .concat();
    let up = [begin.clone(), frame(&[0xCF, 1, 0])].concat();
    assert_eq!(facts_of(&up).text("outcome"), Some("completed"));
    let down = [begin, frame(&[0xCF, 1, 9])].concat();
    let facts = facts_of(&down);
    assert_eq!(facts.text("host"), Some("broker.example.org"));
    assert_eq!(facts.bool("module.name_in_request"), Some(true));
    assert_eq!(facts.text("phase"), Some("dns"));
}
