//! Where an attempt stands and what it waits for.
//!
//! In: an attempt and its last sign of progress. Out: the message that is awaited, from whom and since
//! when. Must not know why it does not come.

use crate::evidence::{Direction, Lane, Role};
use crate::timeline::attempt::{Attempt, StoppedAt, WaitFor};
use crate::timeline::builder::Progress;
use crate::tls::{ProtocolVersion, StepName};

/// Is the device waiting for something that does not come?
pub(super) fn waits(a: &Attempt, progress: Progress) -> bool {
    let polled = a
        .polls
        .last()
        .is_some_and(|p| p.first_line >= progress.line.saturating_sub(p.lines_per_pass));
    polled || waited_ms(progress).is_some_and(|ms| ms >= 5_000) || sent_again_in_vain(a)
}

/// A flight of datagrams went out a third time and nothing came: a single loss would be mended by then.
fn sent_again_in_vain(a: &Attempt) -> bool {
    let ends = a.steps.iter().rev();
    a.seen.datagrams && ends.take_while(|s| s.name == StepName::Timeout).count() >= 2
}

fn waited_ms(progress: Progress) -> Option<i64> {
    let live = progress
        .received
        .zip(progress.now_received)
        .map(|(a, b)| b - a);
    let printed = progress.at.zip(progress.now).map(|(a, b)| b - a);
    live.filter(|us| *us > 0)
        .or(printed)
        .map(|us| us / 1000)
        // Nothing measured is not "no time": a log may stamp only some of its lines.
        .filter(|ms| *ms > 0)
}

pub(super) fn stopped_at(a: &Attempt, progress: Progress) -> Option<StoppedAt> {
    let last = a.states.last();
    let state = match last {
        Some((Some(n), "", ..)) => n.to_string(),
        Some((Some(n), name, ..)) => format!("{n} {name}"),
        Some((None, name, ..)) => (*name).to_owned(),
        None => String::new(),
    };
    let waiting_for = waiting_for(a);
    let line = last
        .map_or(progress.line, |(_, _, line, _)| *line)
        .max(progress.line);
    (last.is_some() || waiting_for.is_some()).then(|| StoppedAt {
        state,
        waiting_for,
        since_ms: waited_ms(progress),
        since_at: progress.at,
        line,
    })
}

/// The message that the state machine cannot go on without.
#[must_use]
pub fn waiting_for(a: &Attempt) -> Option<WaitFor> {
    if a.seen.from_wire {
        return wire_waiting_for(a);
    }
    let (number, name, ..) = a.states.last()?;
    let name = if name.is_empty() {
        crate_state(*number)
    } else {
        name
    };
    let (step, from) = match (a.role, name) {
        (Role::Client, "SERVER_HELLO") => (StepName::ServerHello, Lane::Peer),
        (Role::Client, "ENCRYPTED_EXTENSIONS") => (StepName::EncryptedExtensions, Lane::Peer),
        (Role::Client, "SERVER_CERTIFICATE") => (StepName::Certificate, Lane::Peer),
        (Role::Client, "SERVER_KEY_EXCHANGE") => (StepName::ServerKeyExchange, Lane::Peer),
        (Role::Client, "CERTIFICATE_REQUEST" | "SERVER_HELLO_DONE") => {
            (StepName::ServerHelloDone, Lane::Peer)
        }
        (Role::Client, "SERVER_CHANGE_CIPHER_SPEC") => (StepName::ChangeCipherSpec, Lane::Peer),
        (Role::Client, "SERVER_FINISHED") => (StepName::Finished, Lane::Peer),
        (Role::Client, "SERVER_NEW_SESSION_TICKET" | "NEW_SESSION_TICKET") => {
            (StepName::NewSessionTicket, Lane::Peer)
        }
        (Role::Server, "CLIENT_HELLO") => (StepName::ClientHello, Lane::Peer),
        (Role::Server, "CLIENT_CERTIFICATE") => (StepName::Certificate, Lane::Peer),
        (Role::Server, "CLIENT_KEY_EXCHANGE") => (StepName::ClientKeyExchange, Lane::Peer),
        (Role::Server, "CERTIFICATE_VERIFY" | "CLIENT_CERTIFICATE_VERIFY") => {
            (StepName::CertificateVerify, Lane::Peer)
        }
        (Role::Server, "CLIENT_CHANGE_CIPHER_SPEC") => (StepName::ChangeCipherSpec, Lane::Peer),
        (Role::Server, "CLIENT_FINISHED") => (StepName::Finished, Lane::Peer),
        _ => return None,
    };
    Some(WaitFor { step, from })
}

/// The same from the messages alone, as a capture shows them.
fn wire_waiting_for(a: &Attempt) -> Option<WaitFor> {
    use StepName as S;
    let last = a.last_seen()?;
    // Who sent it, seen as the roles of TLS.
    let by_client = (last.direction == Direction::Sent) == (a.role == Role::Client);
    let tls13 = a.version == Some(ProtocolVersion::TLS13);
    let (step, of_client) = match (last.name, by_client) {
        (S::ClientHello, true) => (S::ServerHello, false),
        (S::HelloVerifyRequest | S::HelloRetryRequest, false) => (S::ClientHello, true),
        (S::ServerHello, false) if tls13 => (S::EncryptedExtensions, false),
        (S::ServerHello, false) => (S::Certificate, false),
        (S::EncryptedExtensions | S::CertificateRequest, false) if tls13 => (S::Certificate, false),
        (S::Certificate, false) if tls13 => (S::CertificateVerify, false),
        (S::CertificateVerify, false) => (S::Finished, false),
        (
            S::Certificate | S::CertificateStatus | S::ServerKeyExchange | S::CertificateRequest,
            false,
        ) => (S::ServerHelloDone, false),
        (S::ServerHelloDone, false) => (S::ClientKeyExchange, true),
        (S::Certificate, true) if tls13 => (S::CertificateVerify, true),
        (S::Certificate, true) => (S::ClientKeyExchange, true),
        (S::ClientKeyExchange, true) => (S::ChangeCipherSpec, true),
        (S::CertificateVerify, true) if tls13 => (S::Finished, true),
        (S::CertificateVerify, true) => (S::ChangeCipherSpec, true),
        (S::Finished, true) => (S::ChangeCipherSpec, false),
        (S::NewSessionTicket, false) => (S::ChangeCipherSpec, false),
        (S::ChangeCipherSpec, by_client) => (S::Finished, by_client),
        (S::Finished, false) => (S::Finished, true),
        _ => return None,
    };
    let from = if of_client == (a.role == Role::Client) {
        Lane::Device
    } else {
        Lane::Peer
    };
    Some(WaitFor { step, from })
}

/// Names of the states whose number is the same in every version, for step lines of applications.
pub(super) fn crate_state(number: Option<u16>) -> &'static str {
    match number {
        Some(2) => "SERVER_HELLO",
        Some(3) => "SERVER_CERTIFICATE",
        Some(4) => "SERVER_KEY_EXCHANGE",
        Some(5) => "CERTIFICATE_REQUEST",
        Some(6) => "SERVER_HELLO_DONE",
        Some(7) => "CLIENT_CERTIFICATE",
        Some(8) => "CLIENT_KEY_EXCHANGE",
        Some(9) => "CERTIFICATE_VERIFY",
        Some(10) => "CLIENT_CHANGE_CIPHER_SPEC",
        Some(11) => "CLIENT_FINISHED",
        Some(12) => "SERVER_CHANGE_CIPHER_SPEC",
        Some(13) => "SERVER_FINISHED",
        Some(14) => "FLUSH_BUFFERS",
        Some(15) => "HANDSHAKE_WRAPUP",
        _ => "",
    }
}
