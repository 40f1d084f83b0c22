//! Every built-in case, played at once through a real session with all that is opened beside it:
//! the cause that its reporter was looking for must come out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use handlens::cert::{Certificate, Content, read};
use handlens::evidence::{Direction, FactState, Lane};
use handlens::session::{DemoCase, Folders, Session, Snapshot, VerdictKind, demo_cases};
use handlens::transport::Pace;

#[path = "support/waiting.rs"]
mod waiting;

use waiting::settled;

fn case(name: &str) -> &'static DemoCase {
    demo_cases().iter().find(|c| c.name == name).unwrap()
}

/// Plays a case to its end; gives the session and the judgement of all of it.
fn played(name: &str) -> (Session, Arc<Snapshot>) {
    let case = case(name);
    let device_bytes: usize = case.chunks().iter().map(|c| c.bytes.len()).sum();
    let session = Session::with_folders(|| {}, Folders::default());
    let device = session.demo(name, Pace::Max).unwrap();
    let s = settled(&session, |s| {
        let read = |i: &handlens::evidence::Input| i.bytes == device_bytes as u64;
        s.inputs.len() == 1 + case.beside.len()
            && s.progress.is_empty()
            && s.inputs.iter().any(|i| i.id == device && read(i))
    });
    assert_eq!(s.inputs[0].id, device, "the device is the first input");
    for (input, (name, bytes)) in s.inputs[1..].iter().zip(case.beside) {
        assert_eq!(
            (input.name.as_str(), input.bytes),
            (*name, bytes.len() as u64)
        );
    }
    (session, s)
}

/// The first causes, most likely first.
fn causes(s: &Snapshot, count: usize) -> Vec<&str> {
    let causes = s.diagnosis.causes.iter().take(count);
    causes.map(|c| c.id.as_str()).collect()
}

fn finding(s: &Snapshot, id: &str) -> bool {
    s.diagnosis.findings.iter().any(|f| f.id == id)
}

/// Certificates of a file beside a case.
fn certificates(case_name: &str, file: &str) -> Vec<Certificate> {
    let (name, bytes) = case(case_name)
        .beside
        .iter()
        .find(|(n, _)| *n == file)
        .unwrap();
    let objects = read(name, bytes).objects;
    let found: Vec<Certificate> = objects
        .into_iter()
        .filter_map(|o| match o.content {
            Content::Certificate(c) => Some(*c),
            _ => None,
        })
        .collect();
    assert!(!found.is_empty(), "{name} holds no certificate");
    found
}

#[test]
fn the_satellite_link_stands_beside_the_landline() {
    let (_session, s) = played("pic32-satellite");
    assert_eq!(s.verdict.kind, VerdictKind::Stalled);
    assert_eq!(causes(&s, 1), ["net.rx_buffer_too_small"]);
    let outcomes: Vec<&str> = s.attempts.iter().map(|a| a.outcome.as_str()).collect();
    assert_eq!(outcomes, ["stalled", "completed"]);
}

#[test]
fn the_module_whose_server_has_a_larger_certificate_now() {
    let (_session, s) = played("spwf04-azure");
    assert_eq!(s.verdict.kind, VerdictKind::Failed);
    assert_eq!(causes(&s, 1), ["cert.too_large"]);
    assert_eq!(s.facts.text("device.id"), Some("spwf04sx"));
    assert_eq!(
        s.facts.text("host"),
        Some("fleet47.table.core.storage.test")
    );
    // The module's own console names no alert; it is in the server's log.
    let log = s.inputs.iter().find(|i| i.name == "server.log").unwrap();
    assert_eq!(log.lane, Lane::Peer);
    assert_eq!(s.facts.int("alert.sent"), Some(46));
}

#[test]
fn the_chain_of_that_server_is_as_described() {
    let chain = certificates("spwf04-azure", "server-chain.pem");
    let sizes: Vec<usize> = chain.iter().map(Certificate::der_bytes).collect();
    assert_eq!(sizes, [3_816, 1_462]);
    assert_eq!(chain[0].extensions.dns_names().count(), 66);
    let root = certificates("spwf04-azure", "module-root.pem");
    assert_eq!(root[0].subject, chain[1].issuer);
}

#[test]
fn the_board_as_server_and_its_two_clients() {
    let (_session, s) = played("stm32-two-alerts");
    assert_eq!(s.verdict.kind, VerdictKind::Failed);
    assert_eq!(causes(&s, 1), ["tls.handshake_signature_invalid"]);
    for other in ["client_auth.key_mismatch", "cert.name_mismatch"] {
        assert!(!causes(&s, 3).contains(&other), "{:?}", causes(&s, 3));
    }
    assert!(finding(&s, "alerts.same_fault"));
    let device = s.inputs[0].id;
    let alerts: Vec<(u8, Direction)> = s
        .attempts
        .iter()
        .filter(|a| a.input == device)
        .flat_map(|a| a.alerts.iter().map(|x| (x.alert.0, x.direction)))
        .collect();
    assert_eq!(
        alerts,
        [(47, Direction::Received), (51, Direction::Received)]
    );
}

#[test]
fn the_cellular_module_that_says_0x85_every_time() {
    let (session, s) = played("xbee-0x85");
    assert_eq!(s.verdict.kind, VerdictKind::Failed);
    let wanted = ["cert.ip_address_name", "cert.name_mismatch"];
    let first = causes(&s, 3);
    assert!(first.iter().any(|c| wanted.contains(c)), "{first:?}");
    // The expected name comes from the frame: nobody stated it.
    assert_eq!(s.facts.text("host"), Some("198.51.100.27"));
    let sni = s.facts.get("client.sni").map(|f| &f.state);
    assert_eq!(sni, Some(&FactState::Absent));
    let device = s.inputs[0].id;
    let tries: Vec<usize> = s
        .attempts
        .iter()
        .filter(|a| a.input == device)
        .map(|a| a.index)
        .collect();
    assert_eq!(tries.len(), 4);
    // The first two failed inside the module, the others after two round trips.
    for (number, at) in tries.into_iter().enumerate() {
        session.set_judged(Some(at));
        let s = settled(&session, |s| s.judged == Some(at));
        let elapsed = s.facts.int("request.elapsed_ms").unwrap();
        let local = number < 2;
        assert_eq!(elapsed < 100, local, "try {number}: {elapsed} ms");
        assert_eq!(elapsed > 1_000, !local, "try {number}: {elapsed} ms");
    }
}

#[test]
fn the_certificate_of_that_server_is_as_described() {
    let server = &certificates("xbee-0x85", "server.pem")[0];
    assert!(server.self_issued() && server.is_ca());
    assert!(server.ends_after_2038());
    assert!(server.extensions.alt_names.is_none());
    assert_eq!(server.subject.common_name(), Some("198.51.100.27"));
}
