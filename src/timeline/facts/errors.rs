//! Alerts, error codes and conditions that the lines name.
//!
//! In: the attempt and the names of a library's codes. Out: the facts `alert.*`, `error*`,
//! `verify.flags` and `conditions`. Must not know which of them is the cause.

use super::{FactContext, Teller};
use crate::evidence::Direction;
use crate::timeline::attempt::{AlertSeen, EndedBy};
use crate::timeline::conclude;

/// Families of stacks that do not print codes of Mbed TLS.
const OTHER_LIBRARIES: [&str; 11] = [
    "wolfssl", "openssl", "gnutls", "rustls", "bearssl", "axtls", "schannel", "java", "dotnet",
    "erlang", "go",
];

impl Teller<'_> {
    pub(super) fn errors(&mut self, ctx: &FactContext<'_>) {
        let a = self.a;
        // What the peer still sends when the device has left is its answer to that.
        let left = a
            .seen
            .own_end
            .filter(|_| a.seen.from_wire && a.ended_by == EndedBy::DeviceError);
        let late = |l: &AlertSeen| {
            l.direction == Direction::Received && left.is_some_and(|(line, _)| l.line > line)
        };
        for alert in a.alerts.iter().filter(|l| l.fatal && !late(l)) {
            let (number, name) = if alert.direction == Direction::Received {
                ("alert.received", "alert.received_name")
            } else {
                ("alert.sent", "alert.sent_name")
            };
            self.int(number, i64::from(alert.alert.0), alert.line);
            self.text(name, alert.alert.name().unwrap_or("unassigned"), alert.line);
        }
        if let Some(warning) = a
            .alerts
            .iter()
            .rev()
            .find(|l| !l.fatal && l.alert.0 != 0 && l.direction == Direction::Received)
        {
            self.text(
                "alert.received_warning",
                warning.alert.name().unwrap_or("unassigned"),
                warning.line,
            );
        }
        if let Some(line) = a.seen.unnamed_alert {
            self.yes("alert.sent_unread", true, line);
        }
        if let Some(line) = a.seen.hidden_alert {
            self.yes("alert.received_unread", true, line);
        }
        let major = a
            .stack_version
            .as_deref()
            .and_then(|v| v.split('.').next())
            .and_then(|m| m.parse().ok());
        // A number of another library is no number of Mbed TLS.
        let other_library = a
            .stack
            .as_deref()
            .is_some_and(|s| OTHER_LIBRARIES.contains(&s));
        for (function, code, line) in &a.codes {
            if conclude::is_pending(*code) || other_library && !function.starts_with("mbedtls_") {
                continue;
            }
            for name in (ctx.error_names)(*code, major) {
                self.word("errors", name, *line);
            }
            if !function.is_empty() {
                self.word("error.functions", function, *line);
            }
        }
        for (name, line) in &a.seen.error_names {
            self.word("errors", name, *line);
        }
        let count = self.out.list("errors").len();
        if count > 0 {
            self.int(
                "error.count",
                i64::try_from(count).unwrap_or(0),
                a.last_line,
            );
        }
        if let Some((name, line)) = a.seen.peer_errors.first() {
            self.text("peer.log_says", name, *line);
        }
        for (flag, line) in &a.seen.verify_flags {
            self.word("verify.flags", flag, *line);
        }
    }

    pub(super) fn conditions(&mut self) {
        let a = self.a;
        for (name, value, line) in &a.seen.conditions {
            match *name {
                // Passed on as facts of their own.
                "no_server_name" => {
                    let origin = self.line(*line);
                    self.out.absent("client.sni", origin);
                }
                "session_offered" => self.yes("session.offered", true, *line),
                "closing"
                | "session_resumed"
                | "renegotiation"
                | "certificate_requested"
                | "certificate_not_requested" => {}
                "alloc_failed" => {
                    self.word("conditions", name, *line);
                    if let Some(bytes) = value {
                        self.int("heap.alloc_failed_bytes", *bytes, *line);
                    }
                }
                _ => self.word("conditions", name, *line),
            }
        }
        // A function that failed says what it was for.
        for (function, code, line) in &a.codes {
            if *code >= 0 {
                continue;
            }
            let name = match function.as_str() {
                f if f.contains("x509_crt_parse") || f.contains("crt_parse") => "cert_parse_failed",
                f if f.contains("pk_parse_key") || f.contains("parse_key") => "key_parse_failed",
                f if f.contains("drbg_seed") || f.contains("entropy_func") => "rng_seed_failed",
                _ => continue,
            };
            self.word("conditions", name, *line);
        }
        if let Some((_, line)) = a.seen.gave_up {
            self.word("conditions", "handshake_gave_up", line);
        }
    }
}
