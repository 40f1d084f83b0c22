//! The same attempt in the words of the device's peer.
//!
//! In: the attempt that a server's log shows, and the facts of the device's own words, which win. Out:
//! what the peer adds. Must not know how the two attempts were found to be one.

use crate::evidence::{Direction, FactSet, FactValue, Origin};
use crate::timeline::attempt::Attempt;
use crate::timeline::conclude;
use crate::tls::StepName;

/// Conditions that mean the same whoever says them, or that only a server can say.
const PEER_SAYS: [&str; 17] = [
    "no_cipher_in_common",
    "no_cipher_usable",
    "no_shared_group",
    "no_shared_sigalg",
    "version_refused",
    "alpn_refused",
    "psk_unknown",
    "client_certificate_missing",
    "got_no_client_certificate",
    "client_cert_refused",
    "signature_bad",
    "mac_bad",
    "finished_mismatch",
    "renegotiation_refused",
    "illegal_sni",
    "non_tls_data",
    "key_too_small",
];

/// What the peer's own log adds to the device's: why the server gave up, what it says of the
/// device's certificate, and the alert that it sent where the device saw none. Where both speak,
/// the device's words stand.
pub(super) fn peer_facts(peer: &Attempt, out: &mut FactSet) {
    let line = |line| Origin::line(peer.input, line);
    if let Some((name, at)) = peer.seen.peer_errors.first() {
        out.know("peer.log_says", FactValue::Text(name.clone()), line(*at));
    }
    for (name, _, at) in &peer.seen.conditions {
        match *name {
            "no_server_name" => out.absent("client.sni", line(*at)),
            name if !PEER_SAYS.contains(&name) => {}
            // The device's own log shows a ClientHello: what the server could not read came later.
            "non_tls_data"
                if out
                    .list("messages.sent")
                    .iter()
                    .any(|m| m == "client_hello") => {}
            _ => out.add_to_list("conditions", name, line(*at)),
        }
    }
    // A server that sees the device leave may still write an alert: only where the device saw the
    // connection end, and no alert, is it the one that got lost.
    let lost = matches!(out.text("ended_by"), Some("peer_close" | "reset"))
        && peer.seen.device_left.is_none();
    let sent = out.get("alert.sent").is_none() && out.text("ended_by") == Some("device_error");
    for (direction, number, name, wanted) in [
        (
            Direction::Received,
            "alert.received",
            "alert.received_name",
            lost,
        ),
        (Direction::Sent, "alert.sent", "alert.sent_name", sent),
    ] {
        let told = out.get(number).is_some();
        let alert = peer
            .alerts
            .iter()
            .find(|a| a.fatal && a.direction == direction);
        if let Some(alert) = alert.filter(|_| wanted && !told) {
            let value = i64::from(alert.alert.0);
            out.know(number, FactValue::Int(value), line(alert.line));
            let text = alert.alert.name().unwrap_or("unassigned").to_owned();
            out.know(name, FactValue::Text(text), line(alert.line));
        }
    }
}

/// Does the device tell nothing of the handshake itself, as modules do?
pub(super) fn is_opaque(a: &Attempt) -> bool {
    a.states.is_empty()
        && a.steps.iter().all(|s| !s.name.is_handshake())
        && !conclude::answered_locally(a)
}

/// How far the handshake came, in the words of the peer's log, where the device shows nothing of it.
pub(super) fn peer_course(peer: &Attempt, out: &mut FactSet) {
    let line = |line: u32| Origin::line(peer.input, line.max(peer.first_line));
    for step in peer.steps.iter().filter(|s| s.name.is_handshake()) {
        let list = if step.direction == Direction::Sent {
            "messages.sent"
        } else {
            "messages.received"
        };
        if step.line > 0 {
            out.add_to_list(list, step.name.as_str(), line(step.line));
        }
    }
    let stop = peer.seen.device_left.unwrap_or(peer.last_line);
    if out.get("phase").is_none()
        && let Some(phase) = conclude::phase(peer)
    {
        out.know("phase", FactValue::Text(phase.to_owned()), line(stop));
    }
    if out
        .get("ended_by")
        .is_none_or(|_| out.text("ended_by") == Some("none"))
    {
        let word = peer.ended_by.as_str().to_owned();
        out.know("ended_by", FactValue::Text(word), line(stop));
    }
    if !conclude::left_after_flight(peer) {
        return;
    }
    out.know("server.replied", FactValue::Bool(true), line(stop));
    out.know(
        "peer.saw_packets",
        FactValue::Bool(true),
        line(peer.first_line),
    );
    let hello = peer.steps.iter().find(|s| s.name == StepName::ClientHello);
    let times = hello.and_then(|h| h.at).zip(peer.seen.device_left_at);
    if let Some((from, to)) = times.filter(|(from, to)| to >= from) {
        let ms = (to - from + 500) / 1000;
        out.know("peer.left_after_ms", FactValue::Int(ms), line(stop));
    }
    let unnamed = peer
        .seen
        .conditions
        .iter()
        .find(|c| c.0 == "no_server_name");
    if let Some((_, _, at)) = unnamed {
        out.know(
            "server.went_on_without_sni",
            FactValue::Bool(true),
            line(*at),
        );
    }
}
