//! The step that the device was in when it stopped.
//!
//! In: a concluded attempt. Out: a word of the fact `phase`. Must not know the cause.

use super::codes::{UNKNOWN_HOST, VERIFY_FAILED, is_signature_check};
use super::said::{loads, said};
use super::waiting::crate_state;
use super::{answered_locally, left_after_flight, name_refused};
use crate::evidence::{ConnectResult, Direction, Lane, Role};
use crate::timeline::attempt::{AlertSeen, Attempt, EndedBy, Outcome, Step};
use crate::tls::{ProtocolVersion, StepName};

/// The step that the device was in when it stopped: a word of the fact `phase`.
#[must_use]
pub fn phase(a: &Attempt) -> Option<&'static str> {
    if a.outcome == Outcome::Completed {
        return Some(if a.seen.application_data {
            "application"
        } else {
            "completed"
        });
    }
    if a.outcome == Outcome::NeverStarted {
        let failed = |code| a.codes.iter().any(|(_, c, _)| *c == code);
        return match a.seen.connect {
            _ if failed(UNKNOWN_HOST) => Some("dns"),
            Some((ConnectResult::DnsFailed, _)) => Some("dns"),
            Some((ConnectResult::Connected, _)) => Some("client_hello"),
            Some(_) => Some("tcp_connect"),
            None if a.ended_by == EndedBy::NoConnection => Some("tcp_connect"),
            None if answered_locally(a) => Some("setup"),
            None => match a.seen.reached {
                Some((word @ ("setup" | "dns" | "tcp_connect"), _)) => Some(word),
                _ => loads(a).then_some("setup"),
            },
        };
    }
    if let Some((phase, _)) = said(a).filter(|(phase, _)| !phase.is_empty()) {
        return Some(phase);
    }
    if name_refused(a, a.ended_by) {
        return Some("server_certificate");
    }
    let has = |name, direction| {
        a.steps
            .iter()
            .any(|s| s.name == name && s.direction == direction)
    };
    let (own, peer) = (Direction::Sent, Direction::Received);
    if a.seen.established.is_some()
        || (has(StepName::Finished, own) && has(StepName::Finished, peer))
    {
        return Some("completed");
    }
    let tls13 = a.version == Some(ProtocolVersion::TLS13);
    if let Some((number, name, ..)) = a.states.last() {
        let name = if name.is_empty() {
            crate_state(*number)
        } else {
            name
        };
        let found = match (a.role, name) {
            (Role::Client, "HELLO_REQUEST" | "CLIENT_HELLO") => "client_hello",
            (Role::Client, "SERVER_HELLO") => "server_hello",
            (Role::Client, "SERVER_CERTIFICATE") => "server_certificate",
            (Role::Client, "SERVER_KEY_EXCHANGE") => "server_key_exchange",
            (Role::Client, "CERTIFICATE_VERIFY") if tls13 => "server_key_exchange",
            (
                Role::Client,
                "CERTIFICATE_REQUEST" | "SERVER_HELLO_DONE" | "ENCRYPTED_EXTENSIONS",
            ) => "server_flight",
            (
                Role::Client,
                "CLIENT_CERTIFICATE"
                | "CLIENT_KEY_EXCHANGE"
                | "CERTIFICATE_VERIFY"
                | "CLIENT_CHANGE_CIPHER_SPEC"
                | "CLIENT_CERTIFICATE_VERIFY"
                | "CLIENT_CCS_AFTER_SERVER_FINISHED",
            ) => "client_flight",
            (Role::Client, "CLIENT_FINISHED") => "client_flight",
            (
                Role::Client,
                "SERVER_CHANGE_CIPHER_SPEC"
                | "SERVER_FINISHED"
                | "SERVER_NEW_SESSION_TICKET"
                | "NEW_SESSION_TICKET",
            ) => "peer_finished",
            (Role::Server, "HELLO_REQUEST" | "CLIENT_HELLO") => "client_hello",
            (
                Role::Server,
                "SERVER_HELLO"
                | "SERVER_CERTIFICATE"
                | "SERVER_KEY_EXCHANGE"
                | "CERTIFICATE_REQUEST"
                | "SERVER_HELLO_DONE"
                | "ENCRYPTED_EXTENSIONS",
            ) => "server_flight",
            (
                Role::Server,
                "CLIENT_CERTIFICATE"
                | "CLIENT_KEY_EXCHANGE"
                | "CERTIFICATE_VERIFY"
                | "CLIENT_CHANGE_CIPHER_SPEC"
                | "CLIENT_FINISHED"
                | "CLIENT_CERTIFICATE_VERIFY",
            ) => "client_flight",
            (
                Role::Server,
                "SERVER_CHANGE_CIPHER_SPEC" | "SERVER_FINISHED" | "SERVER_NEW_SESSION_TICKET",
            ) => "peer_finished",
            _ => "",
        };
        if !found.is_empty() {
            // An alert that answers the last flight comes while the state is still the one before.
            if found == "client_flight" && has(StepName::Finished, own) && a.role == Role::Client {
                return Some("peer_finished");
            }
            return Some(found);
        }
    }
    if let Some((word, _)) = a.seen.reached.filter(|(w, _)| *w != "tls") {
        return Some(word);
    }
    if left_after_flight(a) {
        return Some("server_certificate");
    }
    // No states printed: the last step tells, else the code where it can only come from one place.
    let Some(last) = a.last_seen() else {
        let failed = a.codes.iter().any(|(_, c, _)| *c == VERIFY_FAILED);
        if a.role == Role::Client && a.codes.iter().any(|(f, ..)| is_signature_check(f)) {
            return Some("server_key_exchange");
        }
        return (failed && a.role == Role::Client).then_some("server_certificate");
    };
    // In TLS 1.3 the server's Finished is the last of its flight.
    let unread = is_server_flight(last)
        || tls13
            && (last.name, last.direction) == (StepName::Finished, Direction::Received)
            && !has(StepName::Finished, own);
    // In the server's own words too the flight goes out whole before the device says anything.
    if unread && a.role == Role::Client && (a.seen.from_wire || a.lane == Lane::Peer) {
        return blamed_by_alert(a);
    }
    // TLS 1.3 without keys: an alert stands in the place of a flight whose messages are not seen.
    if a.seen.from_wire && tls13 && a.role == Role::Client && !has(StepName::Finished, own) {
        if a.seen.hidden_alert.is_some() && a.ended_by == EndedBy::PeerAlert {
            return Some("peer_finished");
        }
        if a.ended_by == EndedBy::DeviceAlert {
            return blamed_by_alert(a);
        }
    }
    // Some stacks judge the certificate only after the messages that follow it.
    let refused = || {
        let blamed = blamed_by_alert(a) == Some("server_certificate");
        refused_certificate(a) || a.role == Role::Client && is_server_flight(last) && blamed
    };
    if last.direction == Direction::Received && refused() {
        return Some("server_certificate");
    }
    Some(match (last.name, last.direction) {
        (StepName::ClientHello, _) => "server_hello",
        (StepName::ServerHello | StepName::HelloRetryRequest, _) => "server_certificate",
        (StepName::Certificate, Direction::Received) => "server_certificate",
        (StepName::ServerKeyExchange, _) => "server_key_exchange",
        (
            StepName::EncryptedExtensions
            | StepName::CertificateRequest
            | StepName::ServerHelloDone,
            _,
        ) => "server_flight",
        (StepName::Finished, Direction::Sent) => "peer_finished",
        _ => "client_flight",
    })
}

/// One of the messages between ServerHello and the client's answer.
fn is_server_flight(step: &Step) -> bool {
    step.direction == Direction::Received
        && matches!(
            step.name,
            StepName::EncryptedExtensions
                | StepName::Certificate
                | StepName::CertificateStatus
                | StepName::ServerKeyExchange
                | StepName::CertificateRequest
                | StepName::CertificateVerify
                | StepName::ServerHelloDone
        )
}

/// On the wire the server's flight comes as a whole, read or not: only the device's alert says what
/// it did not like (RFC 5246 section 7.2.2).
fn blamed_by_alert(a: &Attempt) -> Option<&'static str> {
    let sent = |x: &&AlertSeen| x.fatal && x.direction == Direction::Sent;
    match a.alerts.iter().find(sent)?.alert.0 {
        42..=46 | 48 => Some("server_certificate"),
        47 | 51 => Some("server_key_exchange"),
        _ => None,
    }
}

/// Does the device say that it refused the server's certificate?
fn refused_certificate(a: &Attempt) -> bool {
    const REFUSALS: [&str; 11] = [
        "name_mismatch",
        "ip_mismatch",
        "issuer_unknown",
        "self_signed_in_chain",
        "date_expired",
        "date_future",
        "revoked",
        "usage_wrong",
        "chain_too_long",
        "key_too_small",
        "digest_refused",
    ];
    let said = |c: &(&str, _, _)| REFUSALS.contains(&c.0);
    a.role == Role::Client
        && matches!(a.ended_by, EndedBy::DeviceAlert | EndedBy::DeviceError)
        && a.seen.conditions.iter().any(said)
}
