//! How an attempt ended, who ended it, which phase it reached and what it waits for.
//!
//! Pure functions over an attempt, as if the input ended here; called again when more comes.

use super::attempt::{Attempt, Certainty, EndedBy, Outcome, Step, StoppedAt, WaitFor};
use super::builder::Progress;
use crate::evidence::{ConnectResult, Direction, Lane, Role};
use crate::tls::{ProtocolVersion, StepName};

/// Codes that mean "call again", not an end: `WANT_READ`, `WANT_WRITE`, in progress, and the internal
/// ones that never leave the library (`ssl.h`, 2.16 to 3.6).
#[must_use]
pub fn is_pending(code: i64) -> bool {
    matches!(
        code,
        -0x6900 | -0x6880 | -0x6500 | -0x7000 | -0x6580 | -0x6480 | -0x4B00 | -0x6680
    ) || code >= 0
}

const CONN_EOF: i64 = -0x7280;
const CLOSE_NOTIFY: i64 = -0x7880;
const FATAL_ALERT: i64 = -0x7780;
const TIMEOUT: i64 = -0x6800;
const CONN_RESET: i64 = -0x0050;
const UNKNOWN_HOST: i64 = -0x0052;
const CONNECT_FAILED: i64 = -0x0044;
const VERIFY_FAILED: i64 = -0x2700;

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

/// Fills in version, outcome, who ended it, and where it stands.
pub(super) fn conclude(a: &mut Attempt, progress: Progress) {
    if a.version.is_none() {
        a.version = negotiated_version(a);
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
    (a.outcome, a.ended_by) = if completed && !late_refusal && !second_refused(a, end) {
        (Outcome::Completed, EndedBy::Nobody)
    } else {
        match end {
            EndedBy::DeviceTimeout => (Outcome::Stalled, end),
            EndedBy::NoConnection => (Outcome::NeverStarted, end),
            // A module was asked and its answer is not in the log: nothing is known of what it did.
            EndedBy::Nobody if a.seen.requests.last().is_some_and(|r| r.answer.is_none()) => {
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

/// A second handshake on the wire (renegotiation) that was answered with an alert: it got no change
/// of cipher of its own.
fn second_refused(a: &Attempt, end: EndedBy) -> bool {
    let second = a.seen.conditions.iter().any(|c| c.0 == "renegotiation");
    let changes = a
        .steps
        .iter()
        .filter(|s| s.name == StepName::ChangeCipherSpec)
        .count();
    a.seen.from_wire
        && second
        && changes <= 2
        && !a.seen.application_data
        && matches!(end, EndedBy::PeerAlert | EndedBy::DeviceAlert)
}

/// The first thing that ended the attempt.
fn end_of(a: &Attempt) -> EndedBy {
    let mut ends: Vec<(u32, EndedBy)> = Vec::new();
    for alert in a.alerts.iter().filter(|l| l.fatal) {
        let by = if alert.direction == Direction::Sent {
            EndedBy::DeviceAlert
        } else {
            EndedBy::PeerAlert
        };
        ends.push((alert.line, by));
    }
    if let Some(line) = a.seen.unnamed_alert {
        ends.push((line, EndedBy::DeviceAlert));
    }
    if let Some(close) = a
        .alerts
        .iter()
        .find(|l| l.alert.0 == 0 && l.direction == Direction::Received)
    {
        ends.push((close.line, EndedBy::PeerCloseNotify));
    }
    if let Some(line) = a.seen.hidden_alert {
        ends.push((line, EndedBy::PeerAlert));
    }
    if let Some((line, waited)) = a.seen.own_end {
        let by = if waited {
            EndedBy::DeviceTimeout
        } else {
            EndedBy::DeviceError
        };
        ends.push((line, by));
    }
    if let Some(line) = a.seen.closed {
        ends.push((line, EndedBy::PeerClosed));
    }
    if let Some((_, line)) = a.seen.peer_errors.first() {
        ends.push((*line, EndedBy::PeerClosed));
    }
    if let Some(line) = a.seen.device_left {
        ends.push((line, EndedBy::DeviceError));
    }
    if let Some(line) = a.seen.reset {
        ends.push((line, EndedBy::Reset));
    }
    if let Some((_, line)) = a.seen.gave_up {
        ends.push((line, EndedBy::DeviceTimeout));
    }
    if let Some((result, line)) = a.seen.connect
        && result != ConnectResult::Connected
        // A program that calls the failure of TLS one of connecting says nothing of TCP.
        && !(result == ConnectResult::Failed && a.codes.iter().any(|(_, c, _)| of_handshake(*c)))
    {
        ends.push((line, EndedBy::NoConnection));
    }
    for (function, code, line) in &a.codes {
        let by = match *code {
            c if is_pending(c) => continue,
            CONN_EOF => EndedBy::PeerClosed,
            CLOSE_NOTIFY => EndedBy::PeerCloseNotify,
            FATAL_ALERT => EndedBy::PeerAlert,
            TIMEOUT => EndedBy::DeviceTimeout,
            CONN_RESET => EndedBy::Reset,
            UNKNOWN_HOST | CONNECT_FAILED => EndedBy::NoConnection,
            _ if function.contains("net_connect") => EndedBy::NoConnection,
            _ => EndedBy::DeviceError,
        };
        ends.push((*line, by));
    }
    for (name, _, line) in &a.seen.conditions {
        if *name == "alert_received_number_not_printed" {
            ends.push((*line, EndedBy::PeerAlert));
        }
    }
    for (_, line) in &a.seen.error_names {
        ends.push((*line, EndedBy::DeviceError));
    }
    if ends.is_empty() {
        ends.extend(said(a).map(|(_, line)| (line, EndedBy::DeviceError)));
    }
    // A peer's alert explains the code that the library returns for it, whatever the order.
    ends.sort_by_key(|(line, by)| (*line, *by == EndedBy::DeviceError));
    let Some((line, first)) = ends.first().copied() else {
        return EndedBy::Nobody;
    };
    // The tail of a log: a session that was over is closed, and of its handshake nothing is there.
    let bare = a.states.is_empty() && a.steps.iter().all(|s| !s.name.is_handshake());
    if bare && first == EndedBy::PeerCloseNotify && a.codes.is_empty() {
        return EndedBy::Nobody;
    }
    // On the wire the order is what happened; the rules below mend the order of logs.
    if a.seen.from_wire {
        return first;
    }
    // The library prints its error first and sends the alert for it a few lines later, or the
    // application prints what the library had found.
    if first == EndedBy::DeviceError {
        let near = ends
            .iter()
            .find(|(l, by)| *l <= line + 40 && *by != EndedBy::DeviceError);
        return near.map_or(first, |(_, by)| *by);
    }
    // So does a server that sees the device leave.
    if first == EndedBy::PeerAlert && a.seen.device_left.is_some_and(|l| l <= line + 8) {
        return EndedBy::DeviceError;
    }
    // Some stacks answer the end of TCP with an alert and name the end right after it.
    if first == EndedBy::DeviceAlert && !a.seen.from_wire {
        let closed = a.seen.closed.is_some_and(|l| l <= line + 8);
        return if closed { EndedBy::PeerClosed } else { first };
    }
    first
}

/// The step that a condition stands for, said by an application alone: no message, no state and no
/// trace tells how far the handshake came.
fn said(a: &Attempt) -> Option<(&'static str, u32)> {
    let bare =
        !a.seen.traced && a.states.is_empty() && a.steps.iter().all(|s| !s.name.is_handshake());
    if !bare || a.seen.established.is_some() {
        return None;
    }
    // Where a line says why, the one that only says that it failed adds nothing.
    let mut told: Vec<_> = a.seen.conditions.iter().collect();
    told.sort_by_key(|(name, ..)| {
        matches!(
            *name,
            "tls_failed" | "mac_bad" | "client_left_unnamed" | "client_left_handshake"
        )
    });
    told.into_iter().find_map(|(name, _, line)| {
        let phase = match *name {
            "no_cipher_in_common"
            | "no_shared_group"
            | "no_shared_sigalg"
            | "version_refused"
            | "alpn_refused"
            | "illegal_sni"
            | "non_tls_data"
            | "unknown_record_type"
            | "no_cipher_usable"
            | "http_answer" => "server_hello",
            "name_mismatch"
            | "ip_mismatch"
            | "issuer_unknown"
            | "self_signed_in_chain"
            | "date_expired"
            | "date_future"
            | "revoked"
            | "usage_wrong"
            | "chain_too_long"
            | "digest_refused"
            | "certificate_refused"
            | "certificate_dates_refused"
            | "signature_bad" => "server_certificate",
            "client_certificate_missing" | "client_cert_refused" => "peer_finished",
            // It failed; how far it came is not said.
            "tls_failed"
            | "connection_ended"
            | "mac_bad"
            | "psk_unknown"
            | "extension_refused"
            | "client_left_unnamed"
            | "client_left_handshake"
            | "connection_lost_after_connect" => "",
            _ => return None,
        };
        Some((phase, *line))
    })
}

/// Codes of the library's SSL module (`ssl.h`) and of the check of the peer's certificate come from a
/// handshake only.
fn of_handshake(c: i64) -> bool {
    c == VERIFY_FAILED || (-0x7F80..=-0x5E00).contains(&c) && c != -0x7F00 && c % 0x80 == 0
}

fn tls_began(a: &Attempt) -> bool {
    said(a).is_some()
        || !a.states.is_empty()
        || a.steps.iter().any(|s| s.name.is_handshake())
        || !a.alerts.is_empty()
        || a.seen
            .reached
            .is_some_and(|(w, _)| !matches!(w, "setup" | "dns" | "tcp_connect"))
        || a.codes.iter().any(|(f, c, _)| {
            of_handshake(*c)
                || is_signature_check(f)
                || f.contains("ssl_") && !matches!(*c, UNKNOWN_HOST | CONNECT_FAILED)
        })
}

/// The function whose failure the trace of the library prints for a signature over the handshake
/// itself: in a client that is the one in the server's `ServerKeyExchange` (`ssl_cli.c`,
/// `ssl_tls12_client.c`). The check of certificates goes another way.
fn is_signature_check(function: &str) -> bool {
    function == "mbedtls_pk_verify" || function == "mbedtls_pk_verify_ext"
}

/// Did it stop while loading keys, certificates or random numbers?
fn loads(a: &Attempt) -> bool {
    let of_loading = |f: &str| {
        ["parse", "seed", "load", "_file", "own_cert"]
            .iter()
            .any(|w| f.contains(w))
    };
    let named = [
        "cert_parse_failed",
        "key_parse_failed",
        "ca_load_failed",
        "file_missing",
        "rng_seed_failed",
        "no_ca_chain",
    ];
    a.codes
        .iter()
        .any(|(f, c, _)| of_loading(f) || (-0x3FFF..=-0x1080).contains(c) && *c != VERIFY_FAILED)
        || a.seen.conditions.iter().any(|(n, ..)| named.contains(n))
}

/// Is the device waiting for something that does not come?
fn waits(a: &Attempt, progress: Progress) -> bool {
    let polled = a
        .polls
        .last()
        .is_some_and(|p| p.first_line >= progress.line.saturating_sub(p.lines_per_pass));
    polled || waited_ms(progress).is_some_and(|ms| ms >= 5_000)
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

fn stopped_at(a: &Attempt, progress: Progress) -> Option<StoppedAt> {
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
fn crate_state(number: Option<u16>) -> &'static str {
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
    if a.seen.from_wire && a.role == Role::Client && is_server_flight(last) {
        return blamed_by_alert(a);
    }
    // In the server's own words too the flight goes out whole before the device says anything.
    if a.lane == Lane::Peer
        && a.role == Role::Client
        && is_server_flight(last)
        && let Some(phase) = blamed_by_alert(a)
    {
        return Some(phase);
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
    // Some stacks judge the certificate only after the message that follows it.
    if last.direction == Direction::Received && refused_certificate(a) {
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
fn is_server_flight(step: &super::attempt::Step) -> bool {
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
    let sent = |x: &&super::attempt::AlertSeen| x.fatal && x.direction == Direction::Sent;
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

fn negotiated_version(a: &Attempt) -> Option<ProtocolVersion> {
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
fn infer_finished(a: &mut Attempt) {
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
        let step = Step {
            name: StepName::Finished,
            direction,
            at: None,
            line: 0,
            size_bytes: None,
            state: None,
            certainty: Certainty::Inferred,
            remark: "the handshake completed, so it was there".to_owned(),
            bytes: None,
        };
        a.steps.insert(at + i, step);
    }
}

/// The rest of a server flight that the device stopped reading.
///
/// A server sends its flight without waiting for the client (RFC 5246 section 7.3, RFC 8446 section
/// 2), so when a certificate in it is refused, what every such flight ends with was sent as well.
fn infer_unread_flight(a: &mut Attempt) {
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
    let at = a
        .steps
        .iter()
        .rposition(|s| s.name == last)
        .map_or(a.steps.len(), |i| i + 1);
    for (i, name) in rest.iter().enumerate() {
        let remark = "sent with the same flight; the device stopped before reading it".to_owned();
        let step = Step {
            name: *name,
            direction: Direction::Received,
            at: None,
            line: 0,
            size_bytes: None,
            state: None,
            certainty: Certainty::Inferred,
            remark,
            bytes: None,
        };
        a.steps.insert(at + i, step);
    }
}

/// What a server had sent when its log says no more than that the device left: a server sends its
/// first flight without waiting (RFC 5246 section 7.3, RFC 8446 section 2).
fn infer_served_flight(a: &mut Attempt) {
    let at = a
        .steps
        .iter()
        .rposition(|s| s.name == StepName::ClientHello)
        .map_or(a.steps.len(), |i| i + 1);
    for (i, name) in [StepName::ServerHello, StepName::Certificate]
        .into_iter()
        .enumerate()
    {
        let remark = "concluded: no error logged".to_owned();
        let step = Step {
            name,
            direction: Direction::Received,
            at: None,
            line: 0,
            size_bytes: None,
            state: None,
            certainty: Certainty::Inferred,
            remark,
            bytes: None,
        };
        a.steps.insert(at + i, step);
    }
}

/// A log that starts in the middle: what must have happened before the first state.
pub(super) fn infer_before_log(a: &mut Attempt, state: u16) {
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
            a.steps.push(Step {
                name,
                direction,
                at: None,
                line: 0,
                size_bytes: None,
                state: None,
                certainty: Certainty::Inferred,
                remark: String::new(),
                bytes: None,
            });
        }
    }
}
