//! Sources that tell one handshake differently: real bytes on the wire, logs as the stacks print
//! them, and what the person is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "capture/handshake.rs"]
#[allow(dead_code)]
mod handshake;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;

use std::fmt::Write as _;
use std::sync::Arc;

use handlens::knowledge::Knowledge;
use handlens::session::{Case, CaseFiles, Snapshot};
use handshake::{Flight, handshake, suites};
use packets::{connection, pcap};

/// 2023-11-14, the time of the captures that are written here.
const CAPTURED: &str = "2023-11-14 22:13:20.000";

fn judge(inputs: &[(&str, &[u8])]) -> Snapshot {
    let mut files = CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()));
    for (name, bytes) in inputs {
        files.open_reader(name, &mut &**bytes).unwrap();
    }
    files.snapshot(1_700_000_000_000_000)
}

fn finding<'a>(s: &'a Snapshot, id: &str) -> Option<&'a str> {
    let found = s.diagnosis.findings.iter().find(|f| f.id == id);
    found.map(|f| f.sentence.as_str())
}

/// Ids of all findings about contradictions.
fn contradictions(s: &Snapshot) -> Vec<&str> {
    let ids = s.diagnosis.findings.iter().map(|f| f.id.as_str());
    ids.filter(|id| id.starts_with("sources.")).collect()
}

/// Client and server speak; the client refuses the certificate with alert 48.
fn refused() -> (Flight, Vec<u8>) {
    let (flight, _, der) = handshake(suites()[3], false);
    (flight, der)
}

fn capture(flight: &Flight) -> Vec<u8> {
    pcap(&connection(flight, 1460, [1, 1]), 1, false, false, false)
}

/// The random of the ClientHello: behind the headers of record and message and the version.
fn client_random(flight: &Flight) -> [u8; 32] {
    flight[0].1[11..43].try_into().unwrap()
}

fn server_random(flight: &Flight) -> [u8; 32] {
    flight[1].1[11..43].try_into().unwrap()
}

/// A dump as `mbedtls_debug_print_buf` writes it.
fn dump(out: &mut String, place: &str, title: &str, bytes: &[u8]) {
    writeln!(
        out,
        "{place}: |3| dumping '{title}' ({} bytes)",
        bytes.len()
    )
    .unwrap();
    for (row, part) in bytes.chunks(16).enumerate() {
        write!(out, "{place}: |3| {:04x}: ", row * 16).unwrap();
        for byte in part {
            write!(out, " {byte:02x}").unwrap();
        }
        out.push('\n');
    }
}

/// What Mbed TLS 2.16 as a client prints at level 3 of this handshake, up to what comes behind
/// ServerHello; every line with this time in front.
fn client_log(flight: &Flight, name: Option<&str>, rest: &str, time: &str) -> String {
    let mut out = String::from(
        "ssl_tls.c:8383: |2| => handshake\nssl_cli.c:3787: |2| client state: 0\n\
         ssl_cli.c:3787: |2| client state: 1\nssl_cli.c:0805: |2| => write client hello\n\
         ssl_cli.c:0860: |3| client hello, max version: [3:3]\n",
    );
    let random = client_random(flight);
    dump(
        &mut out,
        "ssl_cli.c:0870",
        "client hello, random bytes",
        &random,
    );
    if let Some(name) = name {
        writeln!(
            out,
            "ssl_cli.c:0075: |3| client hello, adding server name extension: {name}"
        )
        .unwrap();
    }
    out.push_str(
        "ssl_tls.c:2890: |2| => write handshake message\nssl_tls.c:3029: |2| <= write handshake message\n\
         ssl_cli.c:1151: |2| <= write client hello\nssl_cli.c:3787: |2| client state: 2\n\
         ssl_cli.c:1517: |2| => parse server hello\n",
    );
    let random = server_random(flight);
    dump(
        &mut out,
        "ssl_cli.c:1800",
        "server hello, random bytes",
        &random,
    );
    out.push_str(rest);
    out.lines().fold(String::new(), |mut text, line| {
        let space = if time.is_empty() { "" } else { " " };
        writeln!(text, "{time}{space}{line}").unwrap();
        text
    })
}

const GOT_40: &str = "ssl_tls.c:5112: |2| got an alert message, type: [2:40]\n\
    ssl_tls.c:5120: |1| is a fatal alert message (msgid 40)\n\
    ssl_tls.c:4438: |1| mbedtls_ssl_handle_message_type() returned -30592 (-0x7780)\n\
    ssl_tls.c:8393: |2| <= handshake\n";
const GOT_48: &str = "ssl_tls.c:5112: |2| got an alert message, type: [2:48]\n\
    ssl_tls.c:5120: |1| is a fatal alert message (msgid 48)\n\
    ssl_tls.c:4438: |1| mbedtls_ssl_handle_message_type() returned -30592 (-0x7780)\n\
    ssl_tls.c:8393: |2| <= handshake\n";
const SENT_48: &str = "ssl_tls.c:5165: |2| => send alert message\n\
    ssl_tls.c:5166: |3| send alert level=2 message=48\n\
    ssl_tls.c:5181: |2| <= send alert message\n\
    ssl_tls.c:8393: |2| <= handshake\n";

/// The client's alert of the handshake replaced by one of the server with this number.
fn with_server_alert(flight: &Flight, number: u8) -> Flight {
    let mut flight = flight[..2].to_vec();
    let hello = &flight[1].1;
    let len = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
    flight[1].1.truncate(5 + len); // what came in the first record
    flight[1].1.extend([21, 3, 3, 0, 2, 2, number]);
    flight
}

#[test]
fn an_agreeing_log_and_capture_contradict_nothing() {
    let (flight, _) = refused();
    let log = client_log(&flight, None, SENT_48, "");
    let s = judge(&[
        ("device.log", log.as_bytes()),
        ("c.pcap", &capture(&flight)),
    ]);
    assert_eq!(contradictions(&s), [""; 0], "{:?}", s.diagnosis.findings);
    assert_eq!(
        s.facts.text("capture.side"),
        None,
        "the log says which end it is"
    );
}

#[test]
fn two_alerts_for_one_handshake() {
    let (flight, _) = refused();
    let wire = with_server_alert(&flight, 48);
    let log = client_log(&flight, None, GOT_40, "");
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &capture(&wire))]);
    let said = finding(&s, "sources.alert").expect("a finding");
    for part in [
        "alert 40 received in device.log",
        "alert 48 received in c.pcap",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn received_in_the_log_and_sent_on_the_wire() {
    let (flight, _) = refused();
    let log = client_log(&flight, None, GOT_48, "");
    let s = judge(&[
        ("device.log", log.as_bytes()),
        ("c.pcap", &capture(&flight)),
    ]);
    let said = finding(&s, "sources.alert").expect("a finding");
    for part in ["alert 48 received in device.log", "alert 48 sent in c.pcap"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_capture_of_another_client_is_not_held_against_the_log() {
    let (flight, _) = refused();
    let (other, _) = refused();
    assert_ne!(client_random(&flight), client_random(&other));
    let log = client_log(&flight, None, GOT_40, "");
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &capture(&other))]);
    assert_eq!(contradictions(&s), ["sources.handshake"]);
    let said = finding(&s, "sources.handshake").unwrap();
    assert!(
        said.contains("c.pcap") && said.contains("device.log"),
        "{said}"
    );
    assert_eq!(
        s.facts.text("cert.subject"),
        None,
        "nothing is taken from it"
    );
    assert!(s.clocks.is_empty(), "{:?}", s.clocks);
    // With both in one capture the right one is found, whichever comes first.
    for order in [[&flight, &other], [&other, &flight]] {
        let mut packets = Vec::new();
        for (port, flight) in (0..).zip(order) {
            let mut one = connection(flight, 1460, [1, 1]);
            for p in &mut one {
                p.client_port += port;
                p.at_ms += 1_000 * u32::from(port);
            }
            packets.extend(one);
        }
        let file = pcap(&packets, 1, false, false, false);
        let log = client_log(&flight, None, GOT_40, "");
        let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &file)]);
        let judged = &s.attempts[s.judged.unwrap()];
        assert_eq!(judged.seen.client_random, Some(client_random(&flight)));
        assert_eq!(finding(&s, "sources.handshake"), None);
    }
}

#[test]
fn names_differ_between_log_and_wire() {
    let (flight, _) = refused();
    let wire = capture(&flight);
    let log = client_log(&flight, Some("old.example"), SENT_48, "");
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &wire)]);
    let said = finding(&s, "sources.server_name").expect("a finding");
    for part in ["old.example in device.log", "device.example in c.pcap"] {
        assert!(said.contains(part), "{said}");
    }
    let log = client_log(&flight, Some("Device.Example"), SENT_48, "");
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &wire)]);
    assert_eq!(
        finding(&s, "sources.server_name"),
        None,
        "case does not count"
    );
}

#[test]
fn a_log_with_a_wrong_date_beside_a_capture() {
    let (flight, _) = refused();
    let wire = capture(&flight);
    let log = client_log(&flight, None, SENT_48, "2000-01-01 00:00:10.000");
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &wire)]);
    let said = finding(&s, "sources.clock").expect("a finding");
    assert!(
        said.contains("device.log is 8,7") || said.contains("days behind"),
        "{said}"
    );
    let clock = &s.clocks[0];
    assert!(!clock.by_hand && clock.offset_ms.abs() > 86_400_000 * 365);
    let log = client_log(&flight, None, SENT_48, CAPTURED);
    let s = judge(&[("device.log", log.as_bytes()), ("c.pcap", &wire)]);
    assert_eq!(finding(&s, "sources.clock"), None);
}

/// As nginx writes its error log: two minutes and some days apart from the device.
#[test]
fn a_servers_log_at_another_clock() {
    let (flight, _) = refused();
    let log = client_log(&flight, None, SENT_48, "2023-11-14 22:13:20.000");
    for (date, apart) in [
        ("2023/11/14 22:15:20", false),
        ("2023/11/20 22:13:20", true),
    ] {
        let peer = format!(
            "{date} [info] 311#311: *7 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 192.0.2.1, server: 0.0.0.0:443\n"
        );
        let s = judge(&[
            ("device.log", log.as_bytes()),
            ("error.log", peer.as_bytes()),
        ]);
        let said = finding(&s, "sources.clock");
        assert_eq!(said.is_some(), apart, "{date}: {said:?}");
        assert_eq!(
            finding(&s, "sources.alert"),
            None,
            "one alert, seen from both ends"
        );
    }
}

#[test]
fn the_certificate_in_the_file_is_not_the_one_on_the_wire() {
    let (flight, on_wire) = refused();
    let (_, renewed) = refused();
    assert_ne!(on_wire, renewed);
    let wire = capture(&flight);
    let log = client_log(&flight, None, SENT_48, "");
    let s = judge(&[
        ("device.log", log.as_bytes()),
        ("c.pcap", &wire),
        ("server.der", &renewed),
    ]);
    let said = finding(&s, "sources.certificate").expect("a finding");
    assert!(
        said.contains("server.der") && said.contains("c.pcap"),
        "{said}"
    );
    let s = judge(&[
        ("device.log", log.as_bytes()),
        ("c.pcap", &wire),
        ("server.der", &on_wire),
    ]);
    assert_eq!(finding(&s, "sources.certificate"), None);
}
