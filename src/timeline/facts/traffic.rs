//! Messages, bytes and records that went each way.
//!
//! In: the steps of the attempt. Out: the facts `messages.*`, `peer.bytes_received`,
//! `peer.protocol`, sizes, resumption and renegotiation. Must not know what a message holds.

use super::Teller;
use crate::evidence::{Direction, Role};
use crate::timeline::names;
use crate::tls::StepName;

impl Teller<'_> {
    pub(super) fn traffic(&mut self) {
        let a = self.a;
        for step in a.steps.iter().filter(|s| s.name.is_handshake()) {
            let name = if step.direction == Direction::Sent {
                "messages.sent"
            } else {
                "messages.received"
            };
            let line = step.line.max(a.first_line);
            if step.line > 0 {
                self.word(name, step.name.as_str(), line);
            }
        }
        if a.seen.traced && !a.began_before_log {
            let bytes = i64::try_from(a.seen.bytes_received).unwrap_or(i64::MAX);
            let line = a.reads.first().map_or(a.last_line, |r| r.line);
            self.int("peer.bytes_received", bytes, line);
            if self
                .step_line(StepName::ClientHello, Direction::Sent)
                .is_some()
            {
                self.yes("server.replied", bytes > 0, line);
            }
        }
        if let Some((len, line)) = a.seen.largest_record {
            self.int("record.max_len_bytes", i64::from(len), line);
        }
        let largest = a
            .steps
            .iter()
            .filter(|s| s.direction == Direction::Received && s.name.is_handshake());
        if let Some(step) = largest.max_by_key(|s| s.size_bytes.unwrap_or(0))
            && let Some(size) = step.size_bytes
        {
            self.int("handshake_message.max_bytes", i64::from(size), step.line);
        }
        if let Some(step) = a
            .steps
            .iter()
            .find(|s| s.name == StepName::Certificate && s.direction == Direction::Received)
            && let Some(size) = step.size_bytes
        {
            self.int("certificate_message_bytes", i64::from(size), step.line);
        }
        if let Some((bytes, line)) = &a.seen.not_tls {
            self.text("peer.protocol", names::protocol(bytes), *line);
        } else if a
            .steps
            .iter()
            .any(|s| s.direction == Direction::Received && s.name.is_handshake())
            || a.alerts.iter().any(|l| l.direction == Direction::Received)
        {
            self.text("peer.protocol", "tls", a.first_line);
        }
        // A client sends its certificate only when it is asked (RFC 5246 section 7.4.6, RFC 8446 section
        // 4.4.2).
        let requested = self.step_line(
            StepName::CertificateRequest,
            if a.role == Role::Client {
                Direction::Received
            } else {
                Direction::Sent
            },
        );
        let done = self
            .step_line(StepName::ServerHelloDone, Direction::Received)
            .or_else(|| self.step_line(StepName::Finished, Direction::Received));
        let requested = requested.or_else(|| {
            (a.role == Role::Client)
                .then(|| self.step_line(StepName::Certificate, Direction::Sent))
                .flatten()
        });
        if let Some(line) = requested {
            self.yes("client_cert.requested", true, line);
        } else if let Some(line) = done.filter(|_| a.role == Role::Client && !a.began_before_log) {
            self.yes("client_cert.requested", false, line);
        }
        self.client_certificate(requested.is_some());
        if let Some(line) = a
            .seen
            .conditions
            .iter()
            .find(|c| c.0 == "session_resumed")
            .map(|c| c.2)
        {
            self.yes("session.resumed", true, line);
        }
        // A whole handshake with certificates follows only when the offer was not taken.
        let offered = a.seen.conditions.iter().any(|c| c.0 == "session_offered");
        if let Some(line) = self
            .step_line(StepName::Certificate, Direction::Received)
            .filter(|_| offered)
        {
            self.yes("session.resumed", false, line);
        }
        if let Some(line) = a
            .seen
            .conditions
            .iter()
            .find(|c| c.0 == "renegotiation")
            .map(|c| c.2)
        {
            self.yes("renegotiation", true, line);
        }
    }
}
