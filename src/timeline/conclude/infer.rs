//! What must have happened although no line shows it.
//!
//! In: an attempt. Out: its version, and steps marked as inferred. Must not know facts nor causes;
//! only what the protocol leaves no choice about is added.

use crate::evidence::{Direction, Role};
use crate::timeline::attempt::{Attempt, Certainty, EndedBy, Step};
use crate::tls::{ProtocolVersion, StepName};

pub(super) fn negotiated_version(a: &Attempt) -> Option<ProtocolVersion> {
    let seen = |name| {
        a.steps
            .iter()
            .any(|s| s.name == name && s.certainty == Certainty::Seen)
    };
    if seen(StepName::EncryptedExtensions) {
        return Some(ProtocolVersion::TLS13);
    }
    // A suite chosen by number tells: 0x13xx are TLS 1.3's own.
    let suite = a.cipher_suite?;
    if suite.0 >> 8 == 0x13 {
        return Some(ProtocolVersion::TLS13);
    }
    a.seen
        .offered_versions
        .1
        .map(ProtocolVersion)
        .filter(|v| *v <= ProtocolVersion::TLS12)
        .or((suite.0 != 0).then_some(ProtocolVersion::TLS12))
}

/// Both Finished of a handshake that the device says is complete, where its log names none: no
/// handshake ends without them (RFC 5246 section 7.3, RFC 8446 section 2).
pub(super) fn infer_finished(a: &mut Attempt) {
    let named = |name| a.steps.iter().any(|s| s.name == name);
    if a.role != Role::Client || !named(StepName::ServerHello) || named(StepName::Finished) {
        return;
    }
    let tls13 = a.version == Some(ProtocolVersion::TLS13);
    let order = if tls13 {
        [Direction::Received, Direction::Sent]
    } else {
        [Direction::Sent, Direction::Received]
    };
    let at = a
        .steps
        .iter()
        .rposition(|s| s.name.is_handshake())
        .map_or(a.steps.len(), |i| i + 1);
    for (i, direction) in order.into_iter().enumerate() {
        let step = inferred(
            StepName::Finished,
            direction,
            "the handshake completed, so it was there",
        );
        a.steps.insert(at + i, step);
    }
}

/// The rest of a server flight that the device stopped reading.
///
/// A server sends its flight without waiting for the client (RFC 5246 section 7.3, RFC 8446 section
/// 2), so when a certificate in it is refused, what every such flight ends with was sent as well.
pub(super) fn infer_unread_flight(a: &mut Attempt) {
    if a.role != Role::Client || !matches!(a.ended_by, EndedBy::DeviceAlert | EndedBy::DeviceError)
    {
        return;
    }
    let Some(last) = a
        .last_seen()
        .filter(|s| s.direction == Direction::Received)
        .map(|s| s.name)
    else {
        return;
    };
    let tls13 = a.version == Some(ProtocolVersion::TLS13);
    let suite = a
        .cipher_suite
        .and_then(crate::tls::CipherSuite::name)
        .unwrap_or("");
    let ephemeral = suite.starts_with("TLS_ECDHE_RSA")
        || suite.starts_with("TLS_ECDHE_ECDSA")
        || suite.starts_with("TLS_DHE_RSA");
    let rest: &[StepName] = match last {
        StepName::Certificate if tls13 => &[StepName::CertificateVerify, StepName::Finished],
        StepName::CertificateVerify if tls13 => &[StepName::Finished],
        StepName::Certificate if ephemeral => {
            &[StepName::ServerKeyExchange, StepName::ServerHelloDone]
        }
        StepName::Certificate if suite.starts_with("TLS_RSA_WITH") => &[StepName::ServerHelloDone],
        StepName::ServerKeyExchange => &[StepName::ServerHelloDone],
        _ => return,
    };
    let remark = "sent with the same flight; the device stopped before reading it";
    insert_received(a, last, rest, remark);
}

/// What a server had sent when its log says no more than that the device left: a server sends its
/// first flight without waiting (RFC 5246 section 7.3, RFC 8446 section 2).
pub(super) fn infer_served_flight(a: &mut Attempt) {
    let sent = [StepName::ServerHello, StepName::Certificate];
    insert_received(
        a,
        StepName::ClientHello,
        &sent,
        "concluded: no error logged",
    );
}

/// Puts what the peer must have sent behind the last step of this name; at the end without one.
fn insert_received(a: &mut Attempt, after: StepName, names: &[StepName], remark: &str) {
    let last = a.steps.iter().rposition(|s| s.name == after);
    let at = last.map_or(a.steps.len(), |i| i + 1);
    let steps = names
        .iter()
        .map(|name| inferred(*name, Direction::Received, remark));
    a.steps.splice(at..at, steps);
}

/// A step that no line shows.
fn inferred(name: StepName, direction: Direction, remark: &str) -> Step {
    Step {
        name,
        direction,
        at: None,
        line: 0,
        size_bytes: None,
        state: None,
        certainty: Certainty::Inferred,
        remark: remark.to_owned(),
        bytes: None,
    }
}

/// A log that starts in the middle: what must have happened before the first state.
pub(in crate::timeline) fn infer_before_log(a: &mut Attempt, state: u16) {
    // Client, TLS 1.2 (numbers 1 to 13 are the same in every version). Only what every full
    // handshake has is inferred.
    let certain: [(u16, StepName, Direction); 6] = [
        (2, StepName::ClientHello, Direction::Sent),
        (3, StepName::ServerHello, Direction::Received),
        (7, StepName::ServerHelloDone, Direction::Received),
        (9, StepName::ClientKeyExchange, Direction::Sent),
        (11, StepName::ChangeCipherSpec, Direction::Sent),
        (12, StepName::Finished, Direction::Sent),
    ];
    if a.role != Role::Client || state > 13 {
        return;
    }
    for (from, name, direction) in certain {
        if state >= from {
            a.steps.push(inferred(name, direction, ""));
        }
    }
}
