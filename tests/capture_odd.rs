//! Captures in odd shapes: several interfaces, tags, extension headers, tunnels and links that are only
//! named, proxies and dialogues before TLS, bytes that change on the way, and thousands of mutants.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "capture/handshake.rs"]
#[allow(dead_code)]
mod handshake;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use handlens::capture::{CaptureOptions, CaptureSummary, Protocol, Sealed};
use handlens::evidence::InputId;
use handlens::session::capture_attempts;
use handlens::timeline::{Attempt, EndedBy, Outcome};
use handshake::{Flight, handshake, suites};
use packets::{ACK, Machine, Packet, connection, frame, ip, pcap, pcapng};

fn read(bytes: &[u8]) -> (Vec<Arc<Attempt>>, CaptureSummary) {
    let options = CaptureOptions::default();
    let (wire, summary) = capture_attempts(InputId(0), bytes, None, options).unwrap();
    let attempts = wire.attempts().into_iter().map(|(_, a)| a).collect();
    (attempts, summary)
}

fn tls12() -> Flight {
    handshake(suites()[3], true).0
}

/// A pcap file of these frames.
fn frames(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, link] {
        out.extend(word.to_le_bytes());
    }
    for (at, frame) in (0_u32..).zip(frames) {
        let len = u32::try_from(frame.len()).unwrap();
        for word in [1_700_000_000, at * 1_000, len, len] {
            out.extend(word.to_le_bytes());
        }
        out.extend(frame);
    }
    out
}

fn ethernet(ether_type: &[u8], inner: &[u8]) -> Vec<u8> {
    [&[2; 12][..], ether_type, inner].concat()
}

/// One file, three interfaces: Ethernet in microseconds, raw IP in nanoseconds, Linux cooked with an
/// offset; a comment on packets, a name table and an unknown block between.
#[test]
fn several_interfaces_comments_and_foreign_blocks() {
    let packets = connection(&tls12(), 700, [5, 5]);
    let mut out = Vec::new();
    let mut block = |kind: u32, mut body: Vec<u8>| {
        body.resize(body.len().next_multiple_of(4), 0);
        let len = u32::try_from(12 + body.len()).unwrap().to_le_bytes();
        for part in [&kind.to_le_bytes()[..], &len, &body, &len] {
            out.extend(part);
        }
    };
    let mut section = 0x1A2B_3C4D_u32.to_le_bytes().to_vec();
    section.extend([1, 0, 0, 0]);
    section.extend([0xFF; 8]);
    block(0x0A0D_0D0A, section);
    // Link type, snap length, options: resolution (code 9), offset (code 14).
    let interface = |link: u16, options: &[u8]| {
        let mut body = link.to_le_bytes().to_vec();
        body.extend([0; 6]);
        body.extend(options);
        body
    };
    block(1, interface(1, &[]));
    block(1, interface(101, &[9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]));
    let offset = 1_700_000_000_i64.to_le_bytes();
    let options = [&[14, 0, 8, 0][..], &offset, &[0, 0, 0, 0]].concat();
    block(1, interface(113, &options));
    block(4, vec![0, 0, 0, 0]); // names
    for (at, packet) in packets.iter().enumerate() {
        let id = u32::try_from(at % 3).unwrap();
        let bytes = frame(packet, [1, 101, 113][at % 3], false).1;
        let ms = u64::from(packet.at_ms);
        let ticks = match id {
            0 => (1_700_000_000_000 + ms) * 1_000,
            1 => (1_700_000_000_000 + ms) * 1_000_000,
            _ => ms * 1_000,
        };
        let len = u32::try_from(bytes.len()).unwrap();
        let mut body = id.to_le_bytes().to_vec();
        body.extend(u32::try_from(ticks >> 32).unwrap().to_le_bytes());
        body.extend(u32::try_from(ticks & 0xFFFF_FFFF).unwrap().to_le_bytes());
        body.extend([len.to_le_bytes(), len.to_le_bytes()].concat());
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend([
            1, 0, 5, 0, b'h', b'e', b'l', b'l', b'o', 0, 0, 0, 0, 0, 0, 0,
        ]);
        block(6, body);
        block(0x0BAD, vec![1, 2, 3, 4]);
    }
    let (attempts, summary) = read(&out);
    assert!(summary.problems.is_empty(), "{:?}", summary.problems);
    assert_eq!(summary.link_types, [1, 101, 113]);
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].outcome, Outcome::Completed);
    let times: Vec<i64> = attempts[0].steps.iter().filter_map(|s| s.at).collect();
    assert!(
        times.is_sorted() && times[0] == 1_700_000_000_002_000,
        "{times:?}"
    );
}

#[test]
fn tags_and_extension_headers_are_passed() {
    let packets = connection(&tls12(), 700, [5, 5]);
    let double: Vec<Vec<u8>> = packets
        .iter()
        .map(|p| ethernet(&[0x88, 0xA8, 0, 100, 0x81, 0, 0, 7, 8, 0], &ip(p, false)))
        .collect();
    // Hop-by-hop options (RFC 8200 section 4.3) in front of TCP.
    let extended: Vec<Vec<u8>> = packets
        .iter()
        .map(|p| {
            let mut bytes = ip(p, true);
            let next = std::mem::replace(&mut bytes[6], 0);
            bytes.splice(40..40, [next, 0, 1, 4, 0, 0, 0, 0]);
            let len = u16::from_be_bytes([bytes[4], bytes[5]]) + 8;
            bytes[4..6].copy_from_slice(&len.to_be_bytes());
            ethernet(&[0x86, 0xDD], &bytes)
        })
        .collect();
    for (name, list) in [("QinQ", double), ("IPv6 extension", extended)] {
        let (attempts, summary) = read(&frames(1, &list));
        assert!(
            summary.problems.is_empty(),
            "{name}: {:?}",
            summary.problems
        );
        assert_eq!(attempts.len(), 1, "{name}");
        assert_eq!(attempts[0].outcome, Outcome::Completed, "{name}");
    }
}

#[test]
fn tunnels_and_links_that_are_not_read_are_named() {
    let packets = connection(&tls12(), 700, [5, 5]);
    let inner = |p: &Packet| ip(p, false);
    let outer = |protocol: u8, body: &[u8]| {
        let mut out = vec![0x45, 0];
        out.extend(u16::try_from(20 + body.len()).unwrap().to_be_bytes());
        out.extend([0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        out.extend(body);
        out
    };
    let udp = |port: u16, body: &[u8]| {
        let mut out = 40_000_u16.to_be_bytes().to_vec();
        out.extend(port.to_be_bytes());
        out.extend(u16::try_from(8 + body.len()).unwrap().to_be_bytes());
        out.extend([0, 0]);
        out.extend(body);
        outer(17, &out)
    };
    type Wrap<'a> = Box<dyn Fn(&Packet) -> Vec<u8> + 'a>;
    let wraps: Vec<(&str, Wrap<'_>)> = vec![
        (
            "MPLS",
            Box::new(|p| ethernet(&[0x88, 0x47], &[&[0, 1, 1, 64][..], &inner(p)].concat())),
        ),
        (
            "GRE",
            Box::new(|p| {
                ethernet(
                    &[8, 0],
                    &outer(47, &[&[0, 0, 8, 0][..], &inner(p)].concat()),
                )
            }),
        ),
        (
            "IP in IP",
            Box::new(|p| ethernet(&[8, 0], &outer(4, &inner(p)))),
        ),
        (
            "ESP",
            Box::new(|p| ethernet(&[8, 0], &outer(50, &inner(p)))),
        ),
        (
            "VXLAN",
            Box::new(|p| {
                let body = [&[8, 0, 0, 0, 0, 0, 9, 0][..], &ethernet(&[8, 0], &inner(p))].concat();
                ethernet(&[8, 0], &udp(4789, &body))
            }),
        ),
        (
            "GTP-U",
            Box::new(|p| {
                let body = [&[0x30, 0xFF, 0, 0, 0, 0, 0, 1][..], &inner(p)].concat();
                ethernet(&[8, 0], &udp(2152, &body))
            }),
        ),
    ];
    for (name, wrap) in wraps {
        let list: Vec<Vec<u8>> = packets.iter().map(|p| wrap(p)).collect();
        let (attempts, summary) = read(&frames(1, &list));
        assert!(attempts.is_empty(), "{name}");
        let said = summary.problems.join(" ");
        assert!(said.contains(name), "{name}: {said}");
        assert!(said.contains(&packets.len().to_string()), "{name}: {said}");
    }
    for (link, name) in [
        (127, "802.11"),
        (249, "USB"),
        (201, "Bluetooth"),
        (195, "802.15.4"),
    ] {
        let (_, summary) = read(&frames(link, &[vec![0; 60]]));
        let said = summary.problems.join(" ");
        assert!(said.contains(name) && said.contains("apture"), "{said}");
    }
}

#[test]
fn an_error_of_icmp_says_why_nothing_came() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dtls");
    let (attempts, _) = read(&fs::read(folder.join("port-unreachable.pcap")).unwrap());
    assert_eq!(attempts.len(), 1);
    let attempt = &attempts[0];
    assert_eq!(attempt.ended_by, EndedBy::NoConnection);
    let said = &attempt.steps[0].remark;
    assert!(said.contains("127.0.0.1 reports: nobody listens"), "{said}");
    // A router that cannot pass a large segment on (RFC 1191), in the middle of a handshake.
    let packets = connection(&tls12(), 1460, [5, 5]);
    let mut list: Vec<Vec<u8>> = packets.iter().map(|p| frame(p, 1, false).1).collect();
    let large = packets
        .iter()
        .position(|p| !p.by_client && p.payload.len() > 500)
        .unwrap();
    let about = &ip(&packets[large], false)[..28];
    let mut icmp = vec![
        0x45, 0, 0, 56, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 9, 9, 9, 192, 0, 2, 2,
    ];
    icmp.extend([3, 4, 0, 0, 0, 0, 0x05, 0x14]);
    icmp.extend(about);
    list.insert(large + 1, ethernet(&[8, 0], &icmp));
    let (attempts, _) = read(&frames(1, &list));
    let said: Vec<&str> = attempts[0]
        .steps
        .iter()
        .map(|s| s.remark.as_str())
        .collect();
    let said = said.join(" | ");
    assert!(
        said.contains("10.9.9.9 reports: the packet is too large"),
        "{said}"
    );
    assert!(said.contains("1300 bytes"), "{said}");
    assert_eq!(attempts[0].outcome, Outcome::Completed);
}

#[test]
fn bytes_that_come_again_and_differ_are_told() {
    let mut packets = connection(&tls12(), 400, [5, 5]);
    let at = packets
        .iter()
        .position(|p| !p.by_client && p.payload.len() == 400)
        .unwrap();
    let mut again = packets[at].clone();
    packets.insert(at + 1, again.clone());
    let (attempts, _) = read(&pcap(&packets, 1, false, false, false));
    let said = |a: &Attempt| {
        a.steps
            .iter()
            .any(|s| s.remark.contains("are not the same"))
    };
    assert!(!said(&attempts[0]), "the same bytes twice");
    again.payload[399] ^= 1;
    packets[at + 1] = again;
    let (attempts, _) = read(&pcap(&packets, 1, false, false, false));
    assert!(said(&attempts[0]), "{:?}", attempts[0].steps);
    assert_eq!(
        attempts[0].outcome,
        Outcome::Completed,
        "the first bytes count"
    );
}

#[test]
fn a_port_that_is_used_again_is_another_connection() {
    let mut packets = connection(&tls12(), 700, [5, 5]);
    let mut second = connection(&tls12(), 700, [90_000, 70_000]);
    // The first was cut off without an end.
    packets.truncate(packets.len() - 3);
    for p in &mut second {
        p.at_ms += 5_000;
    }
    packets.extend(second);
    let (attempts, summary) = read(&pcap(&packets, 1, false, false, false));
    assert_eq!((attempts.len(), summary.connections.len()), (2, 2));
    assert!(attempts.iter().all(|a| a.outcome == Outcome::Completed));
    assert_ne!(
        attempts[0].seen.client_random,
        attempts[1].seen.client_random
    );
}

/// Words in the clear before the handshake: through a proxy, STARTTLS of several protocols.
#[test]
fn tls_behind_words_in_the_clear() {
    let flight = tls12();
    let cases: [(&[(bool, &[u8])], &str); 5] = [
        (
            &[
                (
                    true,
                    b"CONNECT broker.example:8883 HTTP/1.1\r\nHost: broker.example:8883\r\n\r\n",
                ),
                (false, b"HTTP/1.1 200 Connection established\r\n\r\n"),
            ],
            "CONNECT broker.example:8883",
        ),
        (
            &[
                (false, b"220 mail.example ESMTP\r\n"),
                (true, b"EHLO device\r\n"),
                (false, b"250-mail.example\r\n250 STARTTLS\r\n"),
                (true, b"STARTTLS\r\n"),
                (false, b"220 go ahead\r\n"),
            ],
            "STARTTLS",
        ),
        (
            &[
                (false, b"* OK IMAP4rev1\r\n"),
                (true, b"a1 STARTTLS\r\n"),
                (false, b"a1 OK begin\r\n"),
            ],
            "STARTTLS",
        ),
        (
            &[
                (false, b"+OK POP3\r\n"),
                (true, b"STLS\r\n"),
                (false, b"+OK begin\r\n"),
            ],
            "STARTTLS",
        ),
        (
            &[(true, &[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]), (false, b"S")],
            "PostgreSQL",
        ),
    ];
    for (words, name) in cases {
        let mut said: Flight = words.iter().map(|(c, b)| (*c, b.to_vec())).collect();
        said.extend(flight.clone());
        let (attempts, summary) = read(&pcap(
            &connection(&said, 1460, [1, 1]),
            1,
            false,
            false,
            false,
        ));
        assert_eq!(attempts.len(), 1, "{name}");
        let attempt = &attempts[0];
        assert_eq!(attempt.outcome, Outcome::Completed, "{name}");
        assert_eq!(attempt.seen.not_tls, None, "{name}");
        assert_eq!(summary.connections[0].protocol, Protocol::Tls, "{name}");
        let remark = &attempt.steps[0].remark;
        assert!(remark.contains(name), "{name}: {remark}");
    }
}

#[test]
fn a_proxy_or_server_that_opens_no_way_is_an_attempt() {
    let cases: [&[(bool, &[u8])]; 3] = [
        &[
            (true, b"CONNECT broker.example:8883 HTTP/1.1\r\n\r\n"),
            (false, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
        ],
        &[
            (false, b"220 mail.example ESMTP\r\n"),
            (true, b"STARTTLS\r\n"),
            (false, b"454 TLS not available\r\n"),
        ],
        &[
            (false, b"* OK\r\n"),
            (true, b"a1 STARTTLS\r\n"),
            (false, b"a1 NO none here\r\n"),
        ],
    ];
    for words in cases {
        let said: Flight = words.iter().map(|(c, b)| (*c, b.to_vec())).collect();
        let (attempts, _) = read(&pcap(
            &connection(&said, 1460, [1, 1]),
            1,
            false,
            false,
            false,
        ));
        assert_eq!(attempts.len(), 1, "{words:?}");
        assert!(attempts[0].seen.not_tls.is_some(), "{words:?}");
        assert_ne!(attempts[0].outcome, Outcome::Completed);
    }
    // A plain page is none.
    let said = vec![
        (true, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        (false, b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec()),
    ];
    let (attempts, _) = read(&pcap(
        &connection(&said, 1460, [1, 1]),
        1,
        false,
        false,
        false,
    ));
    assert!(attempts.is_empty());
}

/// A key log inside the file opens the records, whatever the byte order.
#[test]
fn secrets_in_the_file_open_it() {
    let (flight, keys, _) = handshake(suites()[0], true);
    for big in [false, true] {
        let file = pcapng(&connection(&flight, 900, [1, 1]), 1, false, big, &keys);
        let (attempts, summary) = read(&file);
        assert_eq!(summary.connections[0].sealed, Sealed::Opened);
        assert!(
            attempts[0]
                .steps
                .iter()
                .any(|s| s.name.as_str() == "finished")
        );
    }
}

/// A generator with a seed of its own (xorshift64*), so that a failure can be seen again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % below.max(1)
    }
}

/// Mutants of every kind of file: nothing panics, and what comes out stays in proportion to what came
/// in. `HANDLENS_MUTANTS` asks for more of them.
#[test]
fn mutants_of_captures_never_panic_and_stay_small() {
    let wanted: usize = std::env::var("HANDLENS_MUTANTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(12_000);
    let (flight, keys, _) = handshake(suites()[3], true);
    let (flight13, keys13, _) = handshake(suites()[0], true);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dtls");
    let mut seeds = vec![
        pcap(
            &connection(&flight, 300, [u32::MAX - 50, 3]),
            1,
            false,
            false,
            false,
        ),
        pcap(&connection(&flight13, 900, [7, 3]), 113, true, true, true),
        pcapng(&connection(&flight, 500, [7, 3]), 276, false, true, &keys),
        pcapng(
            &connection(&flight13, 500, [7, 3]),
            1001,
            true,
            false,
            &keys13,
        ),
    ];
    let mut udp = packets_of_udp();
    seeds.append(&mut udp);
    for name in ["openssl-cookie-fragments.pcap", "mbedtls-flight-lost.pcap"] {
        seeds.push(fs::read(folder.join(name)).unwrap());
    }
    let mut dice = Dice(0x5EED_0001_0002_0003);
    let began = Instant::now();
    for round in 0..wanted {
        let mut bytes = seeds[dice.roll(seeds.len())].clone();
        for _ in 0..=dice.roll(8) {
            let at = dice.roll(bytes.len());
            match dice.roll(7) {
                0 => bytes[at] ^= 1 << dice.roll(8),
                1 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let end = (at + dice.roll(64)).min(bytes.len());
                    bytes.drain(at..end);
                }
                4 => {
                    let end = (at + dice.roll(200)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    let to = dice.roll(bytes.len());
                    bytes.splice(to..to, part);
                }
                5 => {
                    let edge = [0, 1, 0x7F, 0x80, 0xFF][dice.roll(5)];
                    let end = (at + 1 + dice.roll(4)).min(bytes.len());
                    bytes[at..end].fill(edge);
                }
                _ => {
                    let other = &seeds[dice.roll(seeds.len())];
                    let from = dice.roll(other.len());
                    bytes.extend_from_slice(&other[from..]);
                }
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
        let (attempts, summary) = read(&bytes);
        let steps: usize = attempts.iter().map(|a| a.steps.len()).sum();
        let kept: usize = attempts
            .iter()
            .flat_map(|a| &a.steps)
            .map(|s| s.bytes.as_ref().map_or(0, |b| b.len()) + s.remark.len())
            .sum();
        assert!(steps <= bytes.len(), "round {round}: {steps} steps");
        assert!(
            kept <= 16 * bytes.len() + 4_096,
            "round {round}: {kept} bytes kept"
        );
        assert!(summary.frames as usize <= bytes.len() / 12, "round {round}");
        assert!(
            summary.problems.len() <= 64,
            "round {round}: {:?}",
            summary.problems.len()
        );
    }
    println!("{wanted} mutants in {:?}", began.elapsed());
}

/// Datagrams of DTLS 1.3 shape and of QUIC.
fn packets_of_udp() -> Vec<Vec<u8>> {
    let datagram = |by_client, at_ms, payload: &[u8]| Packet {
        by_client,
        flags: None,
        seq: 0,
        ack: ACK.into(),
        window: 0,
        payload: payload.to_vec(),
        client_port: 50_000,
        at_ms,
        machine: Machine::default(),
    };
    let mut quic = vec![0xC3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0];
    quic.resize(300, 0x55);
    let list = [datagram(true, 0, &quic), datagram(false, 3, &quic)];
    vec![pcap(&list, 1, false, false, false)]
}
