//! DTLS as real stacks speak and log it: cookies, fragments, lost flights, silence, and what of newer
//! forms is named without being read.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/steps.rs"]
mod steps;

#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use handlens::capture::{CaptureOptions, CaptureSummary, Protocol};
use handlens::evidence::InputId;
use handlens::knowledge::Knowledge;
use handlens::session::{Case, CaseFiles, Snapshot, VerdictKind, capture_attempts};
use handlens::timeline::{Attempt, EndedBy, Outcome};
use packets::{Machine, Packet, pcap};
use steps::steps;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dtls");
    fs::read(folder.join(name)).unwrap()
}

fn judge(names: &[&str]) -> Snapshot {
    let mut files = CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()));
    for name in names {
        files
            .open_reader(name, &mut fixture(name).as_slice())
            .unwrap();
    }
    files.snapshot(1_790_000_000_000_000)
}

/// The only attempt of these inputs.
fn one(names: &[&str]) -> (Snapshot, Arc<Attempt>) {
    let s = judge(names);
    assert_eq!(s.attempts.len(), 1, "{names:?}: {:?}", s.attempts);
    let attempt = Arc::clone(&s.attempts[0]);
    (s, attempt)
}

#[test]
fn a_cookie_and_fragments_in_a_capture() {
    let (s, attempt) = one(&["openssl-cookie-fragments.pcap"]);
    assert_eq!(
        steps(&attempt),
        [
            "<hello_verify_request", // answers the first fragment
            ">client_hello",
            ">client_hello",
            "<server_hello",
            "<certificate",
            "<server_key_exchange",
            "<server_hello_done",
            ">client_key_exchange",
            ">change_cipher_spec",
            ">finished",
            "<new_session_ticket",
            "<change_cipher_spec",
            "<finished",
            ">alert",
            "<alert",
        ]
    );
    assert_eq!(s.verdict.kind, VerdictKind::Completed);
    assert!(
        s.verdict.sentence.contains("DTLS 1.2"),
        "{}",
        s.verdict.sentence
    );
    let certificate = &attempt.steps[4];
    assert_eq!((certificate.line, certificate.size_bytes), (8, Some(492)));
    assert!(
        certificate.remark.contains("in 3 fragments from frame 6"),
        "{}",
        certificate.remark
    );
    assert_eq!(attempt.version.map(|v| v.0), Some(0xFEFD));
}

#[test]
fn refusals_in_captures_name_who_refused() {
    let (_, attempt) = one(&["gnutls-refused.pcap"]);
    assert_eq!(attempt.ended_by, EndedBy::DeviceAlert);
    assert_eq!(attempt.alerts[0].alert.0, 48);
    let (s, attempt) = one(&["openssl-no-common-suite.pcap"]);
    assert_eq!(attempt.ended_by, EndedBy::PeerAlert);
    assert_eq!(s.diagnosis.causes[0].id, "tls.no_common_cipher_suite");
}

#[test]
fn a_flight_that_is_sent_again_in_vain_is_a_stall() {
    let (s, attempt) = one(&["gnutls-psk-wrong-key.pcap"]);
    assert_eq!(attempt.outcome, Outcome::Stalled, "{}", s.verdict.sentence);
    // ClientKeyExchange, ChangeCipherSpec and Finished go out again as one flight.
    let timeouts = steps(&attempt).iter().filter(|s| *s == ">timeout").count();
    assert_eq!(timeouts, 2, "{:?}", steps(&attempt));
    assert_eq!(s.diagnosis.causes[0].id, "psk.mismatch");
    let (s, attempt) = one(&["silent.pcap"]);
    assert_eq!(attempt.outcome, Outcome::Stalled);
    assert_eq!(
        steps(&attempt),
        [">client_hello", ">timeout", ">timeout", ">timeout"]
    );
    assert!(
        s.verdict.sentence.contains("7.1 s"),
        "{}",
        s.verdict.sentence
    );
    assert_eq!(s.facts.text("version"), None);
}

#[test]
fn a_lost_flight_is_one_attempt_in_log_and_capture() {
    let (_, log) = one(&["mbedtls-flight-lost.log"]);
    assert_eq!(log.outcome, Outcome::Completed);
    assert_eq!(log.version.map(|v| v.0), Some(0xFEFD));
    let names = steps(&log);
    assert_eq!(
        names[..4],
        [
            ">client_hello",
            "<hello_verify_request",
            ">client_hello",
            "<server_hello"
        ]
    );
    assert_eq!(
        names.iter().filter(|s| *s == ">timeout").count(),
        1,
        "{names:?}"
    );
    assert!(
        log.steps[0].remark.contains("taken by UDP"),
        "{}",
        log.steps[0].remark
    );

    let s = judge(&["mbedtls-flight-lost.log", "mbedtls-flight-lost.pcap"]);
    assert_eq!(s.attempts.len(), 2);
    let [a, b] = [&s.attempts[0], &s.attempts[1]];
    assert!(a.seen.client_random.is_some());
    assert_eq!(a.seen.client_random, b.seen.client_random);
    assert_eq!(
        (a.outcome, b.outcome),
        (Outcome::Completed, Outcome::Completed)
    );
    let contradictions: Vec<&str> = (s.diagnosis.findings.iter())
        .map(|f| f.id.as_str())
        .filter(|id| id.starts_with("sources."))
        .collect();
    assert_eq!(contradictions, [""; 0], "{:?}", s.diagnosis.findings);
    // The same messages in both, each once.
    let handshake = |a: &Attempt| {
        let all = steps(a);
        let names = all.into_iter().filter(|s| !s.ends_with("timeout"));
        let mut names: Vec<String> = names
            .filter(|s| !s.ends_with("alert") && !s.ends_with("application_data"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(handshake(a), handshake(b));
}

#[test]
fn silence_in_a_log_counts_from_the_first_hello() {
    let (s, attempt) = one(&["mbedtls-silent.log"]);
    assert_eq!(attempt.outcome, Outcome::Stalled);
    assert_eq!(
        steps(&attempt),
        [">client_hello", ">timeout", ">timeout"],
        "sent three times in all"
    );
    let since = attempt.stopped_at.as_ref().unwrap().since_ms.unwrap();
    assert!((6_900..7_200).contains(&since), "{since} ms");
    assert!(s.verdict.sentence.contains("7 s"), "{}", s.verdict.sentence);
}

#[test]
fn the_messages_that_openssl_dumps_of_dtls() {
    let (s, attempt) = one(&["openssl-cookie-fragments.log"]);
    assert_eq!(s.verdict.kind, VerdictKind::Completed);
    let names = steps(&attempt);
    let handshake: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|s| !s.ends_with("tcp_connect") && !s.ends_with("alert"))
        .collect();
    assert_eq!(
        handshake,
        [
            ">client_hello",
            "<hello_verify_request",
            ">client_hello",
            "<server_hello",
            "<certificate",
            "<server_key_exchange",
            "<server_hello_done",
            ">client_key_exchange",
            ">change_cipher_spec",
            ">finished",
            "<new_session_ticket",
            "<change_cipher_spec",
            "<finished",
        ]
    );
    assert_eq!(attempt.version.map(|v| v.0), Some(0xFEFD));
    assert_eq!(
        attempt.seen.server_name.as_ref().map(|n| n.0.as_str()),
        Some("coap.example.test")
    );
    assert!(attempt.seen.offered_suites.contains(&0xC02C));
    assert_eq!(attempt.certificates.len(), 1);
    // The log and the capture of it show one handshake.
    let both = judge(&[
        "openssl-cookie-fragments.log",
        "openssl-cookie-fragments.pcap",
    ]);
    let random = |i: usize| both.attempts[i].seen.client_random;
    assert!(random(0).is_some() && random(0) == random(1));
    let (_, refused) = one(&["gnutls-refused.log"]);
    assert_eq!(
        refused.ended_by,
        EndedBy::DeviceAlert,
        "{:?}",
        steps(&refused)
    );
    assert_eq!(refused.alerts[0].alert.0, 48);
}

fn datagram(by_client: bool, at_ms: u32, payload: &[u8]) -> Packet {
    Packet {
        by_client,
        flags: None,
        seq: 0,
        ack: 0,
        window: 0,
        payload: payload.to_vec(),
        client_port: 50_000,
        at_ms,
        machine: Machine::default(),
    }
}

fn read(packets: &[Packet]) -> (Vec<Arc<Attempt>>, CaptureSummary) {
    let file = pcap(packets, 1, false, false, false);
    let options = CaptureOptions::default();
    let (wire, summary) = capture_attempts(InputId(0), file.as_slice(), None, options).unwrap();
    let attempts = wire.attempts().into_iter().map(|(_, a)| a).collect();
    (attempts, summary)
}

/// One record of epoch 0 with one whole handshake message.
fn handshake(msg_type: u8, number: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut out = vec![22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, number];
    out.extend(u16::try_from(body.len() + 12).unwrap().to_be_bytes());
    out.extend([msg_type, len[1], len[2], len[3], 0, number, 0, 0, 0]);
    out.extend(&len[1..]);
    out.extend(body);
    out
}

/// A hello with these extensions.
fn hello(server: bool, extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = vec![0xFE, 0xFD];
    body.extend([if server { 8 } else { 9 }; 32]);
    body.push(0);
    if server {
        body.extend([0x13, 0x01, 0]);
    } else {
        body.push(0); // no cookie
        body.extend([0, 2, 0x13, 0x01, 1, 0]);
    }
    let list: Vec<u8> = extensions
        .iter()
        .flat_map(|(number, data)| {
            let len = u16::try_from(data.len()).unwrap().to_be_bytes();
            [&number.to_be_bytes()[..], &len, data].concat()
        })
        .collect();
    body.extend(u16::try_from(list.len()).unwrap().to_be_bytes());
    body.extend(list);
    body
}

#[test]
fn dtls_13_is_named_and_its_records_are_not_misread() {
    let client = hello(false, &[(43, &[2, 0xFE, 0xFC])]);
    let server = hello(true, &[(43, &[0xFE, 0xFC])]);
    let sealed = [&[0x2E, 0, 1, 0, 40][..], &[0x55; 40]].concat();
    let mut packets = vec![
        datagram(true, 0, &handshake(1, 0, &client)),
        datagram(
            false,
            5,
            &[handshake(2, 0, &server), sealed.clone()].concat(),
        ),
        datagram(false, 6, &sealed),
    ];
    let (attempts, summary) = read(&packets);
    assert_eq!(
        attempts[0].version.map(|v| v.to_string()).as_deref(),
        Some("DTLS 1.3")
    );
    assert_eq!(attempts[0].outcome, Outcome::CutOff);
    assert_eq!(
        steps(&attempts[0]),
        [
            ">client_hello",
            "<server_hello",
            "<application_data",
            "<application_data"
        ]
    );
    assert!(attempts[0].steps[2].remark.contains("DTLS 1.3"));
    assert_eq!(summary.connections[0].protocol, Protocol::Dtls);
    // The client's flight and what the server sends behind it: the handshake is complete.
    packets.push(datagram(true, 9, &sealed));
    packets.push(datagram(false, 12, &sealed));
    assert_eq!(read(&packets).0[0].outcome, Outcome::Completed);
}

#[test]
fn records_with_a_connection_id_are_named() {
    let client = hello(false, &[(54, &[1, 7])]);
    let mut record = vec![25, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0, 20];
    record.extend([0x55; 20]);
    let packets = [
        datagram(true, 0, &handshake(1, 0, &client)),
        datagram(true, 5, &record),
    ];
    let (attempts, _) = read(&packets);
    assert_eq!(steps(&attempts[0]), [">client_hello", ">application_data"]);
    assert!(
        attempts[0]
            .seen
            .client_extensions
            .iter()
            .any(|e| e == "connection_id")
    );
    assert!(attempts[0].steps[1].remark.contains("RFC 9146"));
}

#[test]
fn quic_is_listed_and_not_taken_for_a_handshake() {
    let mut initial = vec![0xC3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0];
    initial.resize(1200, 0x55);
    let (attempts, summary) = read(&[datagram(true, 0, &initial), datagram(false, 3, &initial)]);
    assert!(attempts.is_empty());
    assert_eq!(summary.connections.len(), 1);
    assert_eq!(summary.connections[0].protocol, Protocol::Plain("QUIC"));
    assert_eq!(summary.connections[0].packets, 2);
    assert!(
        summary.problems[0].contains("QUIC"),
        "{:?}",
        summary.problems
    );
}
