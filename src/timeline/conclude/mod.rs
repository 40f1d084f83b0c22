//! How an attempt ended, who ended it, which phase it reached and what it waits for.
//!
//! In: an attempt and its last sign of progress. Out: the same attempt with version, outcome, end,
//! inferred steps and the place where it stopped. Pure functions, as if the input ended here; called
//! again when more comes. Must not know other attempts, nor causes.

mod codes;
mod end;
mod infer;
mod phase;
mod said;
mod waiting;

use super::attempt::{Attempt, Certainty, EndedBy, Outcome};
use super::builder::Progress;
use crate::evidence::{ConnectResult, Direction, Role};
use crate::tls::{ProtocolVersion, StepName};

pub use codes::is_pending;
use end::{end_of, second_refused};
pub(super) use infer::infer_before_log;
use infer::{infer_finished, infer_served_flight, infer_unread_flight, negotiated_version};
pub use phase::phase;
use said::tls_began;
pub use waiting::waiting_for;
use waiting::{stopped_at, waits};

/// Shortest time in which a cellular module can have connected and heard the server's first answer:
/// two round trips. LTE Cat M1 is given with 50 to 100 ms for one (Arduino documentation, "Cat M1
/// and NB-IoT"), NB-IoT and 3G with more.
const TWO_ROUND_TRIPS_MS: i64 = 100;

/// Did a cellular module answer a request before anything can have come back from the network? Then
/// its fault is its own: nothing of TLS was exchanged.
#[must_use]
pub fn answered_locally(a: &Attempt) -> bool {
    // Only these modules are known to be cellular by their codes alone.
    let cellular = a
        .seen
        .error_names
        .iter()
        .any(|(n, _)| n.starts_with("XBEE_"));
    let last = a.seen.requests.last().and_then(|r| r.answer.as_ref()?.2);
    cellular && a.seen.established.is_none() && last.is_some_and(|ms| ms < TWO_ROUND_TRIPS_MS)
}

/// Does a server's log show that the device left after the server's first flight? The log names no
/// error of the server between the `ClientHello` it handled and the end, so the server had answered
/// and waited for the device.
#[must_use]
pub fn left_after_flight(a: &Attempt) -> bool {
    a.role == Role::Client
        && a.seen.device_left.is_some()
        && a.seen.peer_errors.is_empty()
        && !a.alerts.iter().any(|l| l.fatal)
        && a.steps
            .iter()
            .any(|s| s.name == StepName::ClientHello && s.direction == Direction::Sent)
        && a.steps.iter().all(|s| {
            s.certainty == Certainty::Inferred
                || !s.name.is_handshake()
                || s.name == StepName::ClientHello
        })
}

/// Did the device refuse the name in the certificate? A program that checks it by itself does so when
/// its library is done with the handshake.
fn name_refused(a: &Attempt, end: EndedBy) -> bool {
    let done = a.seen.established.unwrap_or(0);
    !a.seen.application_data
        && end == EndedBy::DeviceError
        && a.seen
            .conditions
            .iter()
            .any(|(name, _, line)| matches!(*name, "name_mismatch" | "ip_mismatch") && *line > done)
}

/// The version of DTLS that a library calls by its number of TLS (RFC 6347 section 4.1, RFC 9147
/// section 4).
fn of_datagrams(version: ProtocolVersion) -> ProtocolVersion {
    match version {
        ProtocolVersion::TLS11 => ProtocolVersion(0xFEFF),
        ProtocolVersion::TLS12 => ProtocolVersion::DTLS12,
        ProtocolVersion::TLS13 => ProtocolVersion::DTLS13,
        other => other,
    }
}

/// Fills in version, outcome, who ended it, and where it stands.
pub(super) fn conclude(a: &mut Attempt, progress: Progress) {
    if a.version.is_none() {
        a.version = negotiated_version(a);
    }
    if a.seen.datagrams {
        a.version = a.version.map(of_datagrams);
    }
    let both_finished = [Direction::Sent, Direction::Received].iter().all(|d| {
        a.steps
            .iter()
            .any(|s| s.name == StepName::Finished && s.direction == *d)
    });
    let completed = a.seen.established.is_some() || both_finished;
    let end = end_of(a);
    let late_refusal = completed
        && a.version == Some(ProtocolVersion::TLS13)
        && !a.seen.application_data
        && matches!(end, EndedBy::PeerAlert);
    let refused = late_refusal || name_refused(a, end) || second_refused(a, end);
    (a.outcome, a.ended_by) = if completed && !refused {
        (Outcome::Completed, EndedBy::Nobody)
    } else {
        match end {
            EndedBy::DeviceTimeout => (Outcome::Stalled, end),
            EndedBy::NoConnection => (Outcome::NeverStarted, end),
            // A module was asked and its answer is not in the log: nothing is known of what it did.
            EndedBy::Nobody if a.seen.requests.last().is_some_and(|r| r.answer.is_none()) => {
                (Outcome::CutOff, end)
            }
            // TCP stands and nothing failed: the log just says no more.
            EndedBy::Nobody
                if !tls_began(a)
                    && matches!(a.seen.connect, Some((ConnectResult::Connected, _))) =>
            {
                (Outcome::CutOff, end)
            }
            EndedBy::Nobody if !tls_began(a) => (Outcome::NeverStarted, end),
            EndedBy::Nobody if waits(a, progress) => (Outcome::Stalled, end),
            EndedBy::Nobody => (Outcome::CutOff, end),
            EndedBy::DeviceError if answered_locally(a) || !tls_began(a) => {
                (Outcome::NeverStarted, end)
            }
            _ => (Outcome::Failed, end),
        }
    };
    match a.outcome {
        Outcome::Failed if left_after_flight(a) => infer_served_flight(a),
        Outcome::Failed => infer_unread_flight(a),
        Outcome::Completed => infer_finished(a),
        _ => {}
    }
    a.stopped_at = if a.outcome == Outcome::Completed {
        None
    } else {
        stopped_at(a, progress)
    };
}
