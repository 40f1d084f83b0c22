//! Who ended an attempt: the first of all signs of an end, with the order of logs mended.
//!
//! In: an attempt. Out: [`EndedBy`]. Must not know how far the handshake came.

use super::codes::{
    CLOSE_NOTIFY, CONN_EOF, CONN_RESET, CONNECT_FAILED, FATAL_ALERT, TIMEOUT, UNKNOWN_HOST,
    is_pending,
};
use super::said::{of_handshake, said};
use crate::evidence::{ConnectResult, Direction};
use crate::timeline::attempt::{Attempt, EndedBy};
use crate::tls::StepName;

/// The first thing that ended the attempt.
pub(super) fn end_of(a: &Attempt) -> EndedBy {
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
    // On the wire, and where packets are listed, the order is what happened; the rules below mend the
    // order of logs.
    let listed = |name| matches!(name, StepName::TcpFin | StepName::TcpRst);
    if a.seen.from_wire || a.steps.iter().any(|s| listed(s.name)) {
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
    if first == EndedBy::DeviceAlert {
        let closed = a.seen.closed.is_some_and(|l| l <= line + 8);
        return if closed { EndedBy::PeerClosed } else { first };
    }
    first
}

/// A second handshake on the wire (renegotiation) that was answered with an alert: it got no change
/// of cipher of its own.
pub(super) fn second_refused(a: &Attempt, end: EndedBy) -> bool {
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
