//! Which end of a capture is the device: by signs in the packets, by the log beside it, by hand; and
//! said to be an assumption where nothing tells.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "capture/handshake.rs"]
#[allow(dead_code)]
mod handshake;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;

use std::process::Command;
use std::sync::Arc;

use handlens::evidence::{Direction, InputId, Role};
use handlens::knowledge::Knowledge;
use handlens::session::{
    Case, CaseFiles, DeviceSide, FileContent, SideKnown, SideSeen, Snapshot, side_of,
};
use handshake::{handshake, suites};
use packets::{Machine, Packet, connection, pcap};

/// A desktop system: it offers all options and starts at 64 hops.
const DESK: Machine = Machine {
    mac: [2; 6],
    ttl: 64,
    options: true,
};

/// A refused certificate (alert from the client), with these machines at its ends.
fn refused(client: Machine, server: Machine) -> Vec<Packet> {
    let (flight, ..) = handshake(suites()[3], false);
    let mut packets = connection(&flight, 1460, [1, 1]);
    for packet in &mut packets {
        packet.machine = if packet.by_client { client } else { server };
    }
    packets
}

fn files() -> CaseFiles {
    CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()))
}

fn file(packets: &[Packet]) -> Vec<u8> {
    pcap(packets, 1, false, false, false)
}

/// The side of the first connection, as the snapshot says it.
fn side(s: &Snapshot) -> SideSeen {
    let capture = s.files.iter().find_map(|f| match &f.content {
        FileContent::Capture(capture) => Some((f.input, capture)),
        _ => None,
    });
    let (input, capture) = capture.unwrap();
    let (_, wanted) = s.sides.iter().find(|(id, _)| *id == input).unwrap();
    side_of(capture.connection_of(0).unwrap(), wanted)
}

fn findings(s: &Snapshot) -> Vec<&str> {
    s.diagnosis.findings.iter().map(|f| f.id.as_str()).collect()
}

fn read(packets: &[Packet]) -> (CaseFiles, Snapshot) {
    let mut files = files();
    files
        .open_reader("capture.pcap", &mut file(packets).as_slice())
        .unwrap();
    let snapshot = files.snapshot(0);
    (files, snapshot)
}

#[test]
fn where_nothing_tells_the_end_that_connects_is_an_assumption() {
    let (_, s) = read(&refused(DESK, DESK));
    let seen = side(&s);
    assert_eq!(
        (seen.known, seen.device_is_client),
        (SideKnown::Assumed, true)
    );
    assert!(seen.sentence.contains("does not show"), "{}", seen.sentence);
    assert!(findings(&s).contains(&"capture.side_assumed"));
    // Who sent the alert is certain all the same.
    let alert = s.attempts[0]
        .steps
        .iter()
        .find(|s| s.name.as_str() == "alert");
    let remark = &alert.unwrap().remark;
    assert!(
        remark.contains("from 192.0.2.1:50000, the client"),
        "{remark}"
    );
}

#[test]
fn signs_of_a_machine_turn_the_capture_round() {
    let small = Machine {
        options: false,
        ..DESK
    };
    let espressif = Machine {
        mac: [0x08, 0x3A, 0x8D, 1, 2, 3],
        ..DESK
    };
    // Words of the sentence, the machines, and whether the client is the device.
    for (words, client, server, is_client) in [
        ("small TCP stack", DESK, small, false),
        ("Espressif", DESK, espressif, false),
        ("small TCP stack", small, DESK, true),
        ("Espressif", espressif, DESK, true),
    ] {
        let (_, s) = read(&refused(client, server));
        let seen = side(&s);
        assert_eq!(seen.known, SideKnown::Likely, "{}", seen.sentence);
        assert_eq!(seen.device_is_client, is_client, "{}", seen.sentence);
        assert!(seen.sentence.contains(words), "{}", seen.sentence);
        let attempt = &s.attempts[0];
        let (role, way) = if is_client {
            (Role::Client, Direction::Sent)
        } else {
            (Role::Server, Direction::Received)
        };
        assert_eq!(attempt.role, role);
        assert_eq!(attempt.alerts[0].direction, way);
        assert_eq!(attempt.steps[1].direction, way, "ClientHello");
        let told = findings(&s).contains(&"capture.side_likely");
        assert_eq!(told, !is_client, "turned round is told");
    }
    // Signs that speak for both decide nothing, and both are named.
    let (_, s) = read(&refused(small, espressif));
    let seen = side(&s);
    assert_eq!(seen.known, SideKnown::Assumed);
    assert!(
        seen.sentence.contains("small TCP stack") && seen.sentence.contains("Espressif"),
        "{}",
        seen.sentence
    );
}

#[test]
fn a_person_overrules_what_is_seen_and_can_take_it_back() {
    let (mut files, s) = read(&refused(DESK, DESK));
    assert_eq!(s.attempts[0].role, Role::Client);
    for (text, role) in [
        ("server", Role::Server),
        ("192.0.2.2", Role::Server),
        ("192.0.2.1", Role::Client),
    ] {
        files.case.set_side(InputId(0), Some(text.parse().unwrap()));
        let s = files.snapshot(0);
        assert_eq!(s.attempts[0].role, role, "{text}");
        let seen = side(&s);
        assert_eq!(seen.known, SideKnown::Told, "{}", seen.sentence);
        assert!(!findings(&s).contains(&"capture.side_assumed"));
    }
    files.case.set_side(InputId(0), None);
    let s = files.snapshot(0);
    assert_eq!(side(&s).known, SideKnown::Assumed);
    assert!("fridge".parse::<DeviceSide>().is_err());
}

/// Lines as Mbed TLS 2.16 prints them where it is the server.
const SERVER_LOG: &str = "ssl_srv.c:4285: |2| server state: 0\n\
    ssl_srv.c:4285: |2| server state: 1\n\
    ssl_srv.c:1218: |2| => parse client hello\n\
    ssl_srv.c:2180: |2| <= parse client hello\n\
    ssl_srv.c:4285: |2| server state: 2\n\
    ssl_srv.c:2450: |2| => write server hello\n\
    ssl_srv.c:2600: |2| <= write server hello\n\
    ssl_tls.c:5120: |1| is a fatal alert message (msgid 48)\n\
    ssl_tls.c:8393: |2| <= handshake\n";

#[test]
fn the_devices_own_log_says_which_end_it_is() {
    for log_first in [true, false] {
        let mut files = files();
        let capture = file(&refused(DESK, DESK));
        let inputs: [(&str, &[u8]); 2] = [
            ("device.log", SERVER_LOG.as_bytes()),
            ("capture.pcap", &capture),
        ];
        let order = if log_first { [0, 1] } else { [1, 0] };
        for at in order {
            let (name, bytes) = inputs[at];
            files.open_reader(name, &mut &*bytes).unwrap();
        }
        let s = files.snapshot(0);
        assert!(s.attempts.iter().all(|a| a.role == Role::Server));
        let seen = side(&s);
        assert_eq!(seen.known, SideKnown::Told);
        assert!(seen.sentence.contains("device.log"), "{}", seen.sentence);
    }
}

#[test]
fn the_command_line_takes_a_side_or_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.pcap");
    std::fs::write(&path, file(&refused(DESK, DESK))).unwrap();
    let ask = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
            .args(["diagnose", "--json"])
            .args(arguments)
            .arg(&path)
            .output()
            .unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap())
    };
    for (arguments, role) in [
        (&[][..], "\"client\""),
        (&["--device-side", "server"], "\"server\""),
        (&["--device-ip", "192.0.2.2"], "\"server\""),
    ] {
        let (_, text) = ask(arguments);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let said = json["attempts"][0]["role"].to_string();
        assert_eq!(said, role, "{arguments:?}");
    }
    assert_eq!(ask(&["--device-side", "fridge"]).0, Some(2));
}
