//! Captures written here around real handshakes: every file format and link type, TCP as bad links
//! make it, key logs, other protocols, DTLS.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/steps.rs"]
mod steps;

#[path = "capture/handshake.rs"]
mod handshake;
#[path = "capture/packets.rs"]
mod packets;

use std::sync::Arc;

use handlens::capture::{
    CaptureDecoder, CaptureOptions, CaptureSummary, ConnectionEnd, ConnectionFilter, DeviceSide,
    Protocol, Sealed,
};
use handlens::evidence::InputId;
use handlens::session::{WireAttempts, capture_attempts};
use handlens::timeline::{Attempt, EndedBy, Outcome};
use handlens::tls::StepName;
use handshake::{handshake, suites};
use packets::{ACK, Machine, Packet, RST, SYN, connection, pcap, pcapng};
use proptest::prelude::*;
use steps::steps;

fn read(bytes: &[u8], keys: Option<&str>) -> (WireAttempts, CaptureSummary) {
    capture_attempts(InputId(0), bytes, keys, CaptureOptions::default()).unwrap()
}

fn attempts(bytes: &[u8], keys: Option<&str>) -> Vec<Arc<Attempt>> {
    let (wire, _) = read(bytes, keys);
    wire.attempts().into_iter().map(|(_, a)| a).collect()
}

const TLS12: [&str; 11] = [
    ">tcp_connect",
    ">client_hello",
    "<server_hello",
    "<certificate",
    "<server_key_exchange",
    "<server_hello_done",
    ">client_key_exchange",
    ">change_cipher_spec",
    ">finished",
    "<change_cipher_spec",
    "<finished",
];

fn tls12() -> (handshake::Flight, String, Vec<u8>) {
    handshake(suites()[3], true)
}

#[test]
fn every_format_and_link_type_shows_the_same() {
    let (flight, _, der) = tls12();
    let packets = connection(&flight, 700, [100, 900]);
    for six in [false, true] {
        for link in [1, 1001, 0, 108, 9, 1009, 101, 113, 276] {
            let mut files = vec![
                pcapng(&packets, link, six, false, ""),
                pcapng(&packets, link, six, true, ""),
            ];
            for (big, nanos) in [(false, false), (false, true), (true, false), (true, true)] {
                files.push(pcap(&packets, link, six, big, nanos));
            }
            for file in &files {
                let (wire, summary) = read(file, None);
                assert!(
                    summary.problems.is_empty(),
                    "{link}: {:?}",
                    summary.problems
                );
                let all = wire.attempts();
                assert_eq!(all.len(), 1, "link type {link}, IPv6 {six}");
                let attempt = &all[0].1;
                assert_eq!(steps(attempt)[..11], TLS12, "link type {link}, IPv6 {six}");
                assert_eq!(attempt.outcome, Outcome::Completed);
                assert_eq!(attempt.started, Some(1_700_000_000_001_000));
                assert_eq!(wire.certificates()[0].1.der.as_ref(), der);
                let connection = &summary.connections[0];
                assert_eq!(connection.server_name.as_deref(), Some("device.example"));
                assert_eq!(connection.client_mss, Some(1460));
                assert_eq!(connection.end, ConnectionEnd::Closed);
                assert_eq!(connection.sealed, Sealed::NoSecret);
            }
        }
    }
}

#[test]
fn hello_details_are_observed() {
    let (flight, ..) = tls12();
    let all = attempts(
        &pcap(&connection(&flight, 1460, [1, 1]), 1, false, false, false),
        None,
    );
    let seen = &all[0].seen;
    assert_eq!(
        seen.server_name.as_ref().map(|s| s.0.as_str()),
        Some("device.example")
    );
    assert_eq!(seen.alpn.as_deref(), Some("x-test"));
    assert!(seen.offered_suites.contains(&0xC02B) && !seen.offered_groups.is_empty());
    assert!(!seen.offered_signatures.is_empty());
    assert!(seen.client_extensions.iter().any(|e| e == "server_name"));
    assert_eq!(all[0].cipher_suite.map(|s| s.0), Some(0xC02B));
    assert_eq!(all[0].version.map(|v| v.0), Some(0x0303));
    assert!(seen.group.is_some());
    assert_eq!(seen.offered_versions.1, Some(0x0303));
}

#[test]
fn segments_in_any_size_order_and_number_of_copies() {
    let (flight, ..) = tls12();
    let first = [u32::MAX - 300, u32::MAX - 5]; // the numbers wrap on the way
    for mss in [1, 7, 100, 1460] {
        let plain = connection(&flight, mss, first);
        let mut doubled: Vec<Packet> = plain.iter().flat_map(|p| [p.clone(), p.clone()]).collect();
        let whole = attempts(&pcap(&plain, 1, false, false, false), None);
        assert_eq!(steps(&whole[0])[..11], TLS12, "segments of {mss}");
        let twice = attempts(&pcap(&doubled, 1, false, false, false), None);
        let without_timeouts: Vec<String> = steps(&twice[0])
            .into_iter()
            .filter(|s| !s.ends_with("timeout"))
            .collect();
        assert_eq!(without_timeouts[..11], TLS12, "doubled, segments of {mss}");
        // Neighbours of one direction change places.
        doubled = plain.clone();
        for at in (3..doubled.len() - 4).step_by(2) {
            if doubled[at].by_client == doubled[at + 1].by_client {
                doubled.swap(at, at + 1);
            }
        }
        let mixed = attempts(&pcap(&doubled, 1, false, false, false), None);
        assert_eq!(steps(&mixed[0])[..11], TLS12, "mixed, segments of {mss}");
    }
}

#[test]
fn overlapping_segments_count_once() {
    let (flight, ..) = tls12();
    let mut packets = connection(&flight, 100, [5, 5]);
    // Each data segment of the server also carries the bytes of the one before it.
    for at in (4..packets.len()).rev() {
        let (before, here) = (packets[at - 1].clone(), packets[at].clone());
        if !here.by_client && !before.by_client && !here.payload.is_empty() {
            packets[at].seq = before.seq;
            packets[at].payload = [before.payload, here.payload].concat();
        }
    }
    let (wire, summary) = read(&pcap(&packets, 1, false, false, false), None);
    assert_eq!(steps(&wire.attempts()[0].1)[..11], TLS12);
    assert_eq!(summary.connections[0].missing_bytes, 0);
    assert!(summary.connections[0].retransmissions > 0);
}

#[test]
fn a_hole_is_told_and_what_follows_is_read() {
    let (flight, ..) = tls12();
    let mut packets = connection(&flight, 100, [5, 5]);
    // One segment in the middle of the server's certificate.
    let lost = packets
        .iter()
        .position(|p| !p.by_client && !p.payload.is_empty())
        .unwrap()
        + 2;
    let bytes = packets.remove(lost).payload.len() as u64;
    let (wire, summary) = read(&pcap(&packets, 1, false, false, false), None);
    let attempt = &wire.attempts()[0].1;
    assert_eq!(summary.connections[0].missing_bytes, bytes);
    let names = steps(attempt);
    assert!(!names.contains(&"<certificate".to_owned()), "{names:?}");
    for later in [">client_key_exchange", ">finished", "<finished"] {
        assert!(names.contains(&later.to_owned()), "{later} in {names:?}");
    }
    let told = attempt
        .steps
        .iter()
        .any(|s| s.remark.contains("not in the capture"));
    assert!(told, "{:?}", attempt.steps);
}

#[test]
fn a_key_log_opens_what_it_can() {
    for suite in suites() {
        let (flight, keys, der) = handshake(suite, true);
        let file = pcapng(&connection(&flight, 1000, [1, 1]), 1, false, false, "");
        let (wire, summary) = read(&file, Some(&keys));
        let attempt = &wire.attempts()[0].1;
        let name = format!("{:?}", suite.suite());
        assert_eq!(summary.connections[0].sealed, Sealed::Opened, "{name}");
        assert_eq!(attempt.outcome, Outcome::Completed, "{name}");
        assert!(attempt.seen.application_data, "{name}");
        let names = steps(attempt);
        let finished = names.iter().filter(|s| s.ends_with("finished")).count();
        assert_eq!(finished, 2, "{name}: {names:?}");
        assert_eq!(wire.certificates()[0].1.der.as_ref(), der, "{name}");
        let closes = attempt.alerts.iter().filter(|a| a.alert.0 == 0).count();
        assert_eq!(closes, 2, "{name}: {names:?}");

        // The same from inside the file.
        let inside = pcapng(&connection(&flight, 1000, [1, 1]), 1, false, false, &keys);
        assert_eq!(
            read(&inside, None).1.connections[0].sealed,
            Sealed::Opened,
            "{name}"
        );

        // Another handshake's secrets are no secrets of this one; damaged ones do not fit.
        let (_, other, _) = handshake(suite, true);
        let closed = read(&file, Some(&other));
        assert_eq!(closed.1.connections[0].sealed, Sealed::NoSecret, "{name}");
        assert_eq!(
            closed.0.attempts()[0].1.outcome,
            Outcome::Completed,
            "{name}"
        );
        let damaged: String = keys
            .lines()
            .map(|line| {
                let (rest, secret) = line.rsplit_once(' ').unwrap();
                format!("{rest} {}\n", secret.chars().rev().collect::<String>())
            })
            .collect();
        let failed = read(&file, Some(&damaged));
        assert_eq!(failed.1.connections[0].sealed, Sealed::Failed, "{name}");
    }
}

#[test]
fn a_refused_certificate_ends_by_the_devices_alert() {
    for (suite, keyed) in [
        (suites()[3], false),
        (suites()[0], true),
        (suites()[0], false),
    ] {
        let (flight, keys, _) = handshake(suite, false);
        let file = pcap(&connection(&flight, 1460, [1, 1]), 1, false, false, false);
        let attempt = attempts(&file, keyed.then_some(keys.as_str())).remove(0);
        assert_eq!(attempt.outcome, Outcome::Failed);
        assert_eq!(attempt.ended_by, EndedBy::DeviceAlert);
        let hidden = suite == suites()[0] && !keyed;
        assert_eq!(attempt.alerts.is_empty(), hidden, "{:?}", steps(&attempt));
        if !hidden {
            assert_eq!(attempt.alerts[0].alert.0, 48);
        }
        // The same wire, with the device as the server: it received the alert.
        let options = CaptureOptions {
            device: DeviceSide::Server,
            only: None,
        };
        let (wire, _) = capture_attempts(InputId(0), file.as_slice(), None, options).unwrap();
        let attempt = &wire.attempts()[0].1;
        assert_eq!(attempt.ended_by, EndedBy::PeerAlert);
        assert_eq!(
            steps(attempt)[..3],
            ["<tcp_connect", "<client_hello", ">server_hello"]
        );
    }
}

#[test]
fn an_encrypted_alert_that_closes_after_data_is_no_refusal() {
    let (flight, ..) = tls12();
    let packets = connection(&flight, 1460, [1, 1]);
    let of = |packets: &[Packet]| {
        let file = pcap(packets, 1, false, false, false);
        let attempt = attempts(&file, None).remove(0);
        let alerts = attempt.steps.iter().filter(|s| s.name == StepName::Alert);
        let alerts: Vec<_> = alerts
            .map(|s| (attempt.is_refusal(s), s.remark.contains("close_notify")))
            .collect();
        (attempt, alerts)
    };
    let (attempt, alerts) = of(&packets);
    assert_eq!(attempt.outcome, Outcome::Completed);
    assert!(attempt.alerts.is_empty(), "nothing is read of them");
    assert_eq!(alerts, [(false, true), (false, true)]);
    assert_eq!(attempt.seen.hidden_alert, None);
    // Nothing shows yet that they close the connection.
    let (_, alerts) = of(&packets[..packets.len() - 3]);
    assert_eq!(alerts, [(true, false), (true, false)]);
    // In clear, before any data.
    let (flight, ..) = handshake(suites()[3], false);
    let (attempt, alerts) = of(&connection(&flight, 1460, [1, 1]));
    assert_eq!(attempt.outcome, Outcome::Failed);
    assert_eq!(alerts, [(true, false)]);
}

#[test]
fn without_keys_tls13_shows_records_and_no_messages() {
    let (flight, ..) = handshake(suites()[0], true);
    let file = pcap(&connection(&flight, 1460, [1, 1]), 1, false, false, false);
    let attempt = attempts(&file, None).remove(0);
    let names = steps(&attempt);
    assert!(
        !names
            .iter()
            .any(|s| s.ends_with("finished") || s.ends_with("certificate"))
    );
    assert!(names.contains(&"<application_data".to_owned()));
    assert_eq!(attempt.outcome, Outcome::Completed);
    assert_eq!(attempt.version.map(|v| v.0), Some(0x0304));
}

fn packet(by_client: bool, flags: u8, at_ms: u32, payload: &[u8]) -> Packet {
    Packet {
        by_client,
        flags: Some(flags),
        seq: 1,
        ack: 2,
        window: 100,
        payload: payload.to_vec(),
        client_port: 50_000,
        at_ms,
        machine: Machine::default(),
    }
}

#[test]
fn refused_and_unanswered_connections() {
    let refused = [packet(true, SYN, 1, &[]), packet(false, RST | ACK, 2, &[])];
    let attempt = attempts(&pcap(&refused, 1, false, false, false), None).remove(0);
    assert_eq!(attempt.outcome, Outcome::NeverStarted);
    assert_eq!(steps(&attempt), ["<tcp_rst"]);
    assert_eq!(attempt.ended_by, EndedBy::NoConnection);
    let silent: Vec<Packet> = [1, 1001, 3001]
        .map(|at| packet(true, SYN, at, &[]))
        .to_vec();
    let attempt = attempts(&pcap(&silent, 1, false, false, false), None).remove(0);
    assert_eq!(attempt.outcome, Outcome::NeverStarted);
    assert_eq!(attempt.ended_by, EndedBy::NoConnection);
    assert_eq!(steps(&attempt), [">timeout", ">timeout", ">timeout"]);
}

#[test]
fn another_protocol_on_the_port_is_named() {
    let (flight, ..) = tls12();
    let hello = flight[0].1.clone();
    for (answer, name) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "http"),
        (b"220 mail.example ESMTP\r\n", "smtp"),
    ] {
        for first in [true, false] {
            let mut said = vec![(true, hello.clone()), (false, answer.to_vec())];
            if !first {
                said.reverse(); // a banner comes before the hello
            }
            let file = pcap(&connection(&said, 1460, [1, 1]), 1, false, false, false);
            let attempt = attempts(&file, None).remove(0);
            let (bytes, _) = attempt.seen.not_tls.clone().unwrap();
            assert!(bytes.starts_with(&answer[..12]), "{name}");
            assert_ne!(attempt.outcome, Outcome::Completed);
        }
    }
    // No TLS at all is no attempt, and is listed.
    let said = vec![
        (true, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        (false, b"HTTP/1.1 200".to_vec()),
    ];
    let (wire, summary) = read(
        &pcap(&connection(&said, 1460, [1, 1]), 1, false, false, false),
        None,
    );
    assert!(wire.attempts().is_empty());
    assert_eq!(summary.connections[0].protocol, Protocol::Plain("http"));
    // STARTTLS: plain words of both sides, then a handshake.
    let mut said = vec![
        (false, b"220 mail.example ESMTP\r\n".to_vec()),
        (true, b"STARTTLS\r\n".to_vec()),
        (false, b"220 ready\r\n".to_vec()),
    ];
    said.extend(flight);
    let attempt = attempts(
        &pcap(&connection(&said, 1460, [1, 1]), 1, false, false, false),
        None,
    )
    .remove(0);
    assert_eq!(attempt.outcome, Outcome::Completed);
    assert_eq!(attempt.seen.not_tls, None);
    assert_eq!(steps(&attempt)[..11], TLS12);
}

#[test]
fn connections_are_listed_filtered_and_picked() {
    let (flight, ..) = tls12();
    let mut packets = Vec::new();
    for at in 0..40_u16 {
        let mut one = connection(&flight, 500, [7, 9]);
        for p in &mut one {
            p.client_port += at;
            p.at_ms = p.at_ms * 40 + u32::from(at);
        }
        packets.extend(one);
    }
    packets.sort_by_key(|p| p.at_ms); // all at once
    let file = pcap(&packets, 1, false, false, false);
    let (wire, summary) = read(&file, None);
    let all = wire.attempts();
    assert_eq!((all.len(), summary.connections.len()), (40, 40));
    assert!(all.iter().all(|(_, a)| steps(a)[..11] == TLS12));
    let filter = ConnectionFilter {
        port: Some(50_007),
        server_name: Some("DEVICE".into()),
        only_tls: true,
        ..ConnectionFilter::default()
    };
    let picked: Vec<_> = summary.filter(&filter).map(|c| c.id).collect();
    assert_eq!(picked.len(), 1);
    let options = CaptureOptions {
        only: Some(picked.into_iter().collect()),
        ..CaptureOptions::default()
    };
    let (wire, summary) = capture_attempts(InputId(0), file.as_slice(), None, options).unwrap();
    assert_eq!((wire.attempts().len(), summary.connections.len()), (1, 40));
}

#[test]
fn a_silent_peer_and_a_closed_window() {
    let (flight, ..) = tls12();
    let mut packets = connection(&flight[..1], 1460, [1, 1]);
    packets.truncate(4);
    let mut full = packets[2].clone();
    full.window = 0;
    full.at_ms = 5;
    packets.push(full);
    let mut end = packets[3].clone();
    (end.flags, end.seq, end.at_ms) = (Some(packets::FIN | ACK), end.seq + 1000, 9_000);
    end.payload.clear();
    packets.push(end);
    let (wire, summary) = read(&pcap(&packets, 1, false, false, false), None);
    let attempt = &wire.attempts()[0].1;
    assert_eq!(attempt.ended_by, EndedBy::DeviceTimeout);
    assert_eq!(attempt.outcome, Outcome::Stalled);
    let waits = attempt.stopped_at.as_ref().unwrap().waiting_for.unwrap();
    assert_eq!(waits.step.as_str(), "server_hello");
    assert_eq!(summary.connections[0].zero_windows, 1);
}

fn dtls(content: u8, epoch: u8, number: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![content, 0xFE, 0xFD, 0, epoch, 0, 0, 0, 0, 0, number];
    out.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    out.extend(body);
    out
}

fn fragment(msg_type: u8, seq: u8, body: &[u8], from: usize, to: usize) -> Vec<u8> {
    let three = |n: usize| u32::try_from(n).unwrap().to_be_bytes()[1..].to_vec();
    let mut out = vec![msg_type];
    out.extend(three(body.len()));
    out.extend([0, seq]);
    out.extend(three(from));
    out.extend(three(to - from));
    out.extend(&body[from..to]);
    out
}

#[test]
fn dtls_with_a_cookie_fragments_and_retransmissions() {
    let hello = |cookie: &[u8]| {
        let mut body = vec![0xFE, 0xFD];
        body.extend([9; 32]);
        body.push(0);
        body.push(u8::try_from(cookie.len()).unwrap());
        body.extend(cookie);
        body.extend([0, 2, 0xC0, 0xA8, 1, 0]);
        body
    };
    let (first, second) = (hello(&[]), hello(&[5; 16]));
    let verify = [&[0xFE, 0xFD, 16][..], &[5; 16]].concat();
    let server = [&[0xFE, 0xFD][..], &[8; 32], &[0, 0xC0, 0xA8, 0]].concat();
    let whole = |kind: u8, seq: u8, body: &[u8]| fragment(kind, seq, body, 0, body.len());
    let datagrams: Vec<(bool, u32, Vec<u8>)> = vec![
        (true, 0, dtls(22, 0, 0, &whole(1, 0, &first))),
        (true, 1000, dtls(22, 0, 1, &whole(1, 0, &first))), // its timer ran out
        (false, 1010, dtls(22, 0, 0, &whole(3, 0, &verify))),
        // The second hello in two fragments, the later one first.
        (
            true,
            1020,
            dtls(22, 0, 2, &fragment(1, 1, &second, 20, second.len())),
        ),
        (true, 1021, dtls(22, 0, 3, &fragment(1, 1, &second, 0, 20))),
        (
            false,
            1030,
            [
                dtls(22, 0, 1, &whole(2, 1, &server)),
                dtls(22, 0, 2, &whole(14, 2, &[])),
            ]
            .concat(),
        ),
        (true, 1040, dtls(21, 0, 4, &[2, 40])),
    ];
    let packets: Vec<Packet> = datagrams
        .into_iter()
        .map(|(by_client, at_ms, payload)| Packet {
            flags: None,
            ..packet(by_client, 0, at_ms, &payload)
        })
        .collect();
    let (wire, summary) = read(&pcap(&packets, 1, false, false, false), None);
    let attempt = &wire.attempts()[0].1;
    let expected = [
        ">client_hello",
        ">timeout",
        "<hello_verify_request",
        ">client_hello",
        "<server_hello",
        "<server_hello_done",
        ">alert",
    ];
    assert_eq!(steps(attempt), expected);
    assert!(
        attempt.steps[1].remark.contains("1000 ms"),
        "{}",
        attempt.steps[1].remark
    );
    assert_eq!(attempt.version.map(|v| v.0), Some(0xFEFD));
    assert_eq!(attempt.cipher_suite.map(|s| s.0), Some(0xC0A8));
    assert_eq!(attempt.ended_by, EndedBy::DeviceAlert);
    let connection = &summary.connections[0];
    assert_eq!(
        (connection.protocol, connection.retransmissions),
        (Protocol::Dtls, 1)
    );
    assert!(connection.datagrams && connection.from_start);
}

#[test]
fn pieces_of_any_size_give_the_same() {
    let (flight, keys, _) = handshake(suites()[1], true);
    let packets = connection(&flight, 400, [1, 1]);
    for file in [
        pcap(&packets, 1, false, false, false),
        pcapng(&packets, 113, true, true, &keys),
    ] {
        let (whole, summary) = read(&file, None);
        for size in [1, 3, 17, 500] {
            let mut sink = WireAttempts::new(InputId(0));
            let mut decoder = CaptureDecoder::new(None, CaptureOptions::default());
            for piece in file.chunks(size) {
                decoder.push(piece, &mut sink);
            }
            assert_eq!(decoder.finish(&mut sink), summary, "pieces of {size}");
            assert_eq!(sink.attempts(), whole.attempts(), "pieces of {size}");
        }
    }
}

/// Frames cut by the capturing program (a snap length): headers whole, data told as missing.
#[test]
fn cut_frames_are_gaps() {
    let (flight, ..) = tls12();
    let packets = connection(&flight, 1460, [1, 1]);
    let mut file = pcap(&packets, 1, false, false, false);
    let snap = 14 + 20 + 20 + 200;
    let mut out = file.drain(..24).collect::<Vec<u8>>();
    let mut at = 0;
    while at < file.len() {
        let len = u32::from_le_bytes(file[at + 8..at + 12].try_into().unwrap()) as usize;
        let kept = len.min(snap);
        out.extend(&file[at..at + 8]);
        out.extend(u32::try_from(kept).unwrap().to_le_bytes());
        out.extend(&file[at + 12..at + 16 + kept]);
        at += 16 + len;
    }
    let (wire, summary) = read(&out, None);
    let attempt = &wire.attempts()[0].1;
    assert!(summary.connections[0].missing_bytes > 0);
    let names = steps(attempt);
    for seen in [
        "<server_hello",
        ">client_key_exchange",
        ">finished",
        "<finished",
    ] {
        assert!(names.contains(&seen.to_owned()), "{seen} in {names:?}");
    }
    assert!(!names.contains(&"<certificate".to_owned()), "{names:?}");
}

/// A capture that begins after the handshake is no failed handshake.
#[test]
fn a_capture_that_begins_in_the_middle() {
    for suite in [suites()[0], suites()[3]] {
        let (flight, ..) = handshake(suite, true);
        let packets = connection(&flight, 1460, [1, 1]);
        let data = flight.iter().rposition(|(c, _)| *c).unwrap();
        let first = packets
            .iter()
            .position(|p| {
                p.by_client && flight[data].1.starts_with(&p.payload) && !p.payload.is_empty()
            })
            .unwrap();
        let file = pcap(&packets[first..], 1, false, false, false);
        let attempt = attempts(&file, None).remove(0);
        assert!(attempt.began_before_log);
        assert_eq!(attempt.outcome, Outcome::Completed, "{:?}", steps(&attempt));
    }
}

/// The device named by its address, whichever end it is.
#[test]
fn the_device_is_found_by_its_address() {
    let (flight, ..) = tls12();
    let file = pcap(&connection(&flight, 1460, [1, 1]), 1, false, false, false);
    for (address, first) in [("192.0.2.1", ">tcp_connect"), ("192.0.2.2", "<tcp_connect")] {
        let options = CaptureOptions {
            device: DeviceSide::Address(address.parse().unwrap()),
            only: None,
        };
        let (wire, _) = capture_attempts(InputId(0), file.as_slice(), None, options).unwrap();
        assert_eq!(steps(&wire.attempts()[0].1)[0], first);
    }
}

#[test]
fn a_torn_capture_says_so_and_keeps_what_it_had() {
    let (flight, ..) = tls12();
    let file = pcap(&connection(&flight, 1460, [1, 1]), 1, false, false, false);
    let (wire, summary) = read(&file[..file.len() - 3], None);
    assert_eq!(wire.attempts()[0].1.outcome, Outcome::Completed);
    assert_eq!(summary.problems.len(), 1, "{:?}", summary.problems);
    let (_, summary) = read(b"this is no capture at all, but text", None);
    assert_eq!(summary.problems, ["This is no pcap or pcapng file."]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Cut anywhere, with any bytes changed: nothing panics, nothing is invented out of range.
    #[test]
    fn damaged_captures_never_panic(
        kind in 0..4_usize,
        cut in 0.0..1.0_f64,
        flips in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..24),
    ) {
        use std::sync::OnceLock;
        static FILES: OnceLock<Vec<(Vec<u8>, String)>> = OnceLock::new();
        let files = FILES.get_or_init(|| {
            [(0, false), (3, false), (0, true), (5, true)]
                .into_iter()
                .map(|(suite, ng)| {
                    let (flight, keys, _) = handshake(suites()[suite], true);
                    let packets = connection(&flight, 300, [u32::MAX - 50, 3]);
                    let file = if ng {
                        pcapng(&packets, 276, true, false, &keys)
                    } else {
                        pcap(&packets, 1, false, true, false)
                    };
                    (file, keys)
                })
                .collect()
        });
        let (file, keys) = &files[kind];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let place = |share: f64| (share * file.len() as f64) as usize;
        let mut bytes = file.clone();
        for (share, mask) in &flips {
            bytes[place(*share)] ^= mask;
        }
        if cut > 0.5 {
            bytes.truncate(place(cut));
        }
        let (wire, summary) = read(&bytes, Some(keys));
        for (id, attempt) in wire.attempts() {
            prop_assert!((id.0 as usize) < summary.connections.len());
            for step in &attempt.steps {
                prop_assert!(step.line >= 1 && step.line <= summary.frames);
            }
        }
    }
}
