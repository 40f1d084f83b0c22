//! How far the attempt came: phase, outcome, who ended it, what is awaited, and how long that took.
//!
//! In: the concluded attempt. Out: the facts `phase`, `outcome`, `ended_by`, `waiting_*`, `connect.*`,
//! `host` and their like. Must not know why it ended.

use super::Teller;
use crate::evidence::{ConnectResult, Direction, Role};
use crate::timeline::attempt::Attempt;
use crate::timeline::{conclude, names};

impl Teller<'_> {
    /// Phase, outcome, who ended it, what is awaited.
    pub(super) fn course(&mut self) {
        let a = self.a;
        let stop = a.stopped_at.as_ref().map_or(a.last_line, |s| s.line);
        if let Some(phase) = conclude::phase(a) {
            self.text("phase", phase, stop);
        }
        self.text("outcome", a.outcome.as_str(), a.last_line);
        self.text("ended_by", a.ended_by.as_str(), a.last_line);
        self.text(
            "role",
            if a.role == Role::Client {
                "client"
            } else {
                "server"
            },
            a.first_line,
        );
        if let Some(stopped) = &a.stopped_at {
            if let Some(wait) = stopped.waiting_for {
                self.text("waiting_for", wait.step.as_str(), stopped.line);
            }
            if let Some(ms) = stopped.since_ms {
                self.int("waiting_ms", ms, stopped.line);
                self.int("silence_ms", ms, stopped.line);
            }
        }
        if let Some((ms, line)) = a.seen.gave_up
            && let Some(ms) = ms
        {
            self.int("timeout_ms", ms, line);
        }
        if let (Some(from), Some(to)) = (a.started, a.ended) {
            self.int("handshake_ms", (to - from) / 1000, a.last_line);
        }
        if let Some((ms, line)) = slowest_answer(a) {
            self.int("peer.slowest_answer_ms", ms, line);
        }
        if let Some((result, line)) = a.seen.connect {
            let word = match result {
                ConnectResult::Connected => "connected",
                ConnectResult::DnsFailed => "dns_failed",
                ConnectResult::Refused => "refused",
                ConnectResult::TimedOut => "timed_out",
                ConnectResult::Failed => "failed",
            };
            self.text("connect.result", word, line);
        }
        self.yes("seen.on_wire", a.seen.from_wire, a.first_line);
        self.yes("log.starts_late", a.began_before_log, a.first_line);
        self.yes(
            "log.has_trace",
            a.seen.traced && !a.states.is_empty(),
            a.first_line,
        );
        if let Some((target, line)) = &a.seen.target {
            let (host, port) = names::host_and_port(target);
            if let Some(port) = port {
                self.int("peer.port", i64::from(port), *line);
            }
            self.host_fact(host, *line);
        }
        if let Some((name, line)) = &a.seen.server_name {
            self.host_fact(name, *line);
        }
    }

    fn host_fact(&mut self, host: &str, line: u32) {
        self.text("host", host, line);
        self.text(
            "host.kind",
            if names::is_ip(host) { "ip" } else { "dns" },
            line,
        );
    }
}

/// Longest time between something sent and the next message received, in milliseconds.
fn slowest_answer(a: &Attempt) -> Option<(i64, u32)> {
    let mut slowest = None;
    for pair in a.steps.windows(2) {
        if pair[0].direction == Direction::Sent
            && pair[1].direction == Direction::Received
            && pair[1].name.is_handshake()
            && let (Some(sent), Some(came)) = (pair[0].at, pair[1].at)
        {
            let ms = (came - sent) / 1000;
            if slowest.is_none_or(|(most, _)| ms > most) {
                slowest = Some((ms, pair[1].line));
            }
        }
    }
    slowest
}
