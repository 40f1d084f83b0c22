//! Packets as programs list them, without their bytes: the lines of tcpdump, the packet list of
//! Wireshark.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/steps.rs"]
mod steps;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use handlens::knowledge::Knowledge;
use handlens::session::{Case, CaseFiles, Snapshot};
use handlens::timeline::{Attempt, EndedBy, Outcome};
use steps::steps;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/packets");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn judge(text: &str) -> Snapshot {
    let mut files = CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()));
    files.open_reader("list.txt", &mut text.as_bytes()).unwrap();
    files.snapshot(1_790_000_000_000_000)
}

fn one(text: &str) -> (Snapshot, Arc<Attempt>) {
    let s = judge(text);
    assert_eq!(s.attempts.len(), 1, "{:?}", s.attempts);
    let attempt = Arc::clone(&s.attempts[0]);
    (s, attempt)
}

fn remarks(attempt: &Attempt) -> String {
    let all: Vec<&str> = attempt.steps.iter().map(|s| s.remark.as_str()).collect();
    all.join(" | ")
}

#[test]
fn tcpdump_without_bytes_shows_what_tcp_did() {
    for name in ["alert.tcpdump.txt", "alert.v.txt"] {
        let (s, attempt) = one(&fixture(name));
        assert_eq!(
            steps(&attempt),
            [">tcp_connect", "<tcp_fin", ">tcp_fin"],
            "{name}"
        );
        let said = remarks(&attempt);
        for part in [
            "largest segments: client 65495 bytes, server 65495 bytes",
            "first data of the client: 136 bytes",
            "first data of the server: 7 bytes, as long as an alert in the clear",
        ] {
            assert!(said.contains(part), "{name}: {part} in {said}");
        }
        assert_eq!(attempt.ended_by, EndedBy::PeerClosed, "{name}");
        assert_eq!(s.facts.text("host"), Some("127.0.0.1"), "{name}");
        assert_eq!(s.inputs[0].dialects, ["packets"], "{name}");
        assert!(attempt.steps[0].at.is_some(), "{name}");
    }
}

#[test]
fn refused_and_silent_connections_of_tcpdump() {
    for name in ["refused.tcpdump.txt", "refused.tshark.txt"] {
        let (s, attempt) = one(&fixture(name));
        assert_eq!(attempt.ended_by, EndedBy::NoConnection, "{name}");
        assert_eq!(attempt.outcome, Outcome::NeverStarted, "{name}");
        assert_eq!(s.diagnosis.causes[0].id, "net.tcp_refused", "{name}");
    }
    let (s, attempt) = one(&fixture("silent.tcpdump.txt"));
    assert_eq!(steps(&attempt), [">tcp_connect", ">tcp_fin"]);
    assert_eq!(
        attempt.ended_by,
        EndedBy::DeviceTimeout,
        "{}",
        s.verdict.sentence
    );
}

#[test]
fn closed_windows_and_segments_that_are_sent_again() {
    let text = "10:00:00.000000 IP 192.0.2.7.50000 > 192.0.2.1.8883: Flags [S], seq 100, win 5744, options [mss 1436], length 0\n\
        10:00:01.000000 IP 192.0.2.7.50000 > 192.0.2.1.8883: Flags [S], seq 100, win 5744, options [mss 1436], length 0\n\
        10:00:01.200000 IP 192.0.2.1.8883 > 192.0.2.7.50000: Flags [S.], seq 900, ack 101, win 64240, options [mss 1400], length 0\n\
        10:00:01.300000 IP 192.0.2.7.50000 > 192.0.2.1.8883: Flags [P.], seq 1:201, ack 1, win 5744, length 200\n\
        10:00:01.500000 IP 192.0.2.1.8883 > 192.0.2.7.50000: Flags [.], seq 1:1401, ack 201, win 501, length 1400\n\
        10:00:01.600000 IP 192.0.2.7.50000 > 192.0.2.1.8883: Flags [.], ack 1401, win 0, length 0\n\
        10:00:02.100000 IP 192.0.2.1.8883 > 192.0.2.7.50000: Flags [.], seq 1:1401, ack 201, win 501, length 1400\n\
        10:00:09.000000 IP 192.0.2.1.8883 > 192.0.2.7.50000: Flags [R.], seq 1401, ack 201, win 0, length 0\n";
    let (s, attempt) = one(text);
    assert_eq!(
        steps(&attempt),
        [">timeout", ">tcp_connect", "<timeout", "<tcp_rst"]
    );
    let said = remarks(&attempt);
    for part in [
        "client 1436 bytes, server 1400 bytes",
        "the device takes no more bytes (window 0)",
        "1400 bytes were sent again",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(attempt.ended_by, EndedBy::Reset);
    assert!(
        s.facts
            .list("conditions")
            .iter()
            .any(|c| c == "tcp_zero_window_device")
    );
    // A later connection is another attempt; a line of the first one does not disturb it.
    let more = "10:01:00.000000 IP 192.0.2.7.50001 > 192.0.2.1.8883: Flags [S], seq 7, win 5744, options [mss 1436], length 0\n\
        10:01:00.100000 IP 192.0.2.1.8883 > 192.0.2.7.50000: Flags [R], seq 1401, win 0, length 0\n\
        10:01:00.200000 IP 192.0.2.1.8883 > 192.0.2.7.50001: Flags [S.], seq 9, ack 8, win 64240, options [mss 1400], length 0\n";
    let s = judge(&format!("{text}{more}"));
    assert_eq!(s.attempts.len(), 2);
    assert_eq!(steps(&s.attempts[1]), [">tcp_connect"]);
}

#[test]
fn the_packet_list_of_wireshark_is_a_handshake() {
    let (s, attempt) = one(&fixture("refusedca.tshark.txt"));
    assert_eq!(
        steps(&attempt),
        [
            ">tcp_connect",
            ">client_hello",
            "<server_hello",
            "<certificate",
            "<server_key_exchange",
            "<server_hello_done",
            ">alert",
            ">tcp_fin",
            "<tcp_fin"
        ]
    );
    assert_eq!(attempt.ended_by, EndedBy::DeviceAlert);
    assert_eq!(attempt.version.map(|v| v.0), Some(0x0303));
    assert_eq!(s.diagnosis.causes[0].id, "cert.wrong_ca");
    let (s, attempt) = one(&fixture("alert.tshark.txt"));
    assert_eq!(attempt.ended_by, EndedBy::PeerAlert);
    assert_eq!(attempt.alerts[0].alert.0, 40);
    assert_eq!(s.diagnosis.causes[0].id, "tls.no_common_cipher_suite");
    let (_, attempt) = one(&fixture("good.tshark.txt"));
    assert_eq!(attempt.outcome, Outcome::Completed, "{:?}", steps(&attempt));
    let (_, attempt) = one(&fixture("tls13.tshark.txt"));
    assert_eq!(attempt.version.map(|v| v.0), Some(0x0304));
    assert_ne!(attempt.outcome, Outcome::Failed, "{:?}", steps(&attempt));
}

/// Rows as they are copied from the window, two hosts, older forms of the arrow, no TCP rows.
#[test]
fn rows_of_two_hosts_in_several_forms() {
    for arrow in ["\u{2192}", "->"] {
        let text = format!(
            "12 3.100000 10.0.0.5 {arrow} 10.0.0.1 TLSv1.2 571 Client Hello (SNI=broker.example)\n\
             13 3.150000 10.0.0.1 {arrow} 10.0.0.5 TLSv1.2 1454 Server Hello\n\
             14 3.151000 10.0.0.1 {arrow} 10.0.0.5 TLSv1.2 900 Certificate, Certificate Request, Server Hello Done\n\
             15 3.300000 10.0.0.5 {arrow} 10.0.0.1 TLSv1.2 900 Certificate, Client Key Exchange, Certificate Verify, Change Cipher Spec, Encrypted Handshake Message\n\
             16 3.350000 10.0.0.1 {arrow} 10.0.0.5 TLSv1.2 61 Alert (Level: Fatal, Description: Bad Certificate)\n\
             40 9.100000 10.0.0.5 {arrow} 10.0.0.1 TLSv1.2 571 Client Hello (SNI=broker.example)\n"
        );
        let s = judge(&text);
        assert_eq!(s.attempts.len(), 2, "{arrow}");
        let first = &s.attempts[0];
        assert_eq!(
            steps(first),
            [
                ">client_hello",
                "<server_hello",
                "<certificate",
                "<certificate_request",
                "<server_hello_done",
                ">certificate",
                ">client_key_exchange",
                ">certificate_verify",
                ">change_cipher_spec",
                ">finished",
                "<alert"
            ]
        );
        assert_eq!(first.ended_by, EndedBy::PeerAlert);
        let name = first.seen.server_name.as_ref().map(|n| n.0.as_str());
        assert_eq!(name, Some("broker.example"));
    }
}

/// Lines that only look alike stay with their dialects.
#[test]
fn arrows_of_other_logs_are_left_alone() {
    let s = judge("app: state 3 -> 4 TCP closed\nnet > retry: Flags\nx \u{2192} y TLS up\n");
    assert!(s.attempts.is_empty(), "{:?}", s.attempts);
    assert!(s.inputs[0].dialects.iter().all(|d| d != "packets"));
}
