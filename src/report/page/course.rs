//! The part of a report that tells what happened: attempts, ladder, reads.

use super::super::source::ReportSource;
use super::{Writer, judged};
use crate::evidence::{Direction, Role};
use crate::session::compare::{compare, good_run};
use crate::session::figures::{count, duration, grouped, time_of_day};
use crate::timeline::{Attempt, Certainty, Outcome};

impl Writer<'_> {
    pub(super) fn attempts(&mut self) {
        let source = self.source;
        let attempts = &source.snapshot.attempts;
        if attempts.len() < 2 {
            return;
        }
        self.heading("Attempts");
        let rows = attempts
            .iter()
            .enumerate()
            .take(100)
            .map(|(i, a)| {
                let judged = source.snapshot.judged == Some(i);
                vec![
                    format!("{}{}", a.index + 1, if judged { " (judged)" } else { "" }),
                    format!("{}, line {}", source.input_name(a.input), a.first_line),
                    ended(a),
                    a.version.map_or(String::new(), |v| v.to_string()),
                    source.snapshot.changes.get(i).cloned().unwrap_or_default(),
                ]
            })
            .collect();
        self.table(
            &["Attempt", "Where", "Ended", "Version", "What changed"],
            rows,
            &[],
        );
        if attempts.len() > 100 {
            self.text(&format!(
                "{} more attempts are in the session.",
                grouped(i64::try_from(attempts.len() - 100).unwrap_or(i64::MAX))
            ));
        }
    }

    pub(super) fn ladder(&mut self) {
        let source = self.source;
        let Some(attempt) = judged(source) else {
            return;
        };
        self.heading(&format!("Handshake, attempt {}", attempt.index + 1));
        for request in &attempt.seen.requests {
            let answer = match &request.answer {
                Some((what, line, Some(ms))) => {
                    format!("answered {what} after {} (line {line})", duration(*ms))
                }
                Some((what, line, None)) => format!("answered {what} (line {line})"),
                None => "no answer in this log".to_owned(),
            };
            let text = format!("{} (line {}): {answer}", request.what, request.line);
            self.row("The module was asked", &text);
        }
        // A module shows nothing of the handshake itself: the other end's log does.
        let told = source
            .snapshot
            .peer
            .and_then(|i| source.snapshot.attempts.get(i));
        if let Some(other) = told {
            let name = source.input_name(other.input);
            self.row("Steps", &format!("as {name} shows them"));
        }
        let attempt = told.map_or(attempt, AsRef::as_ref);
        let peer = match attempt.role {
            Role::Client => "server",
            Role::Server => "client",
        };
        let mut rows: Vec<Vec<String>> = attempt
            .steps
            .iter()
            .map(|s| {
                let sent = match s.direction {
                    Direction::Sent => format!("device \u{2192} {peer}"),
                    Direction::Received => format!("device \u{2190} {peer}"),
                };
                let mut what = s.name.title().to_owned();
                if s.certainty == Certainty::Inferred {
                    what.push_str(" (inferred, not in this log)");
                }
                vec![
                    s.at.map_or(String::new(), |at| shown_time(source, attempt, at)),
                    s.state.map_or(String::new(), |n| n.to_string()),
                    sent,
                    what,
                    s.size_bytes.map_or(String::new(), |n| grouped(n.into())),
                    if s.line > 0 {
                        s.line.to_string()
                    } else {
                        String::new()
                    },
                    s.remark.clone(),
                ]
            })
            .collect();
        if let Some(stop) = &attempt.stopped_at {
            // Only what nobody ended is still awaited.
            let open = matches!(attempt.outcome, Outcome::Stalled | Outcome::CutOff);
            let waits = stop.waiting_for.filter(|_| open).map_or_else(
                || format!("stopped at {}", stop.state),
                |w| {
                    let from = match w.from {
                        crate::evidence::Lane::Device => "device",
                        crate::evidence::Lane::Peer => peer,
                    };
                    format!("waiting for {} from the {from}", w.step.title())
                },
            );
            rows.push(vec![
                stop.since_at
                    .map_or(String::new(), |at| shown_time(source, attempt, at)),
                stop.state.split(' ').next().unwrap_or_default().to_owned(),
                String::new(),
                waits,
                String::new(),
                stop.line.to_string(),
                stop.since_ms
                    .map_or(String::new(), |ms| format!("nothing for {}", duration(ms))),
            ]);
        }
        self.table(
            &[
                "Time",
                "State",
                "Direction",
                "Step",
                "Bytes",
                "Line",
                "Remark",
            ],
            rows,
            &[1, 4, 5],
        );
        for poll in attempt.polls.iter().filter(|p| p.passes > 1) {
            let every = poll
                .period_ms
                .map_or(String::new(), |ms| format!(", every {}", duration(ms)));
            self.text(&format!(
                "Lines {} to {} repeat: {} × {}{every}.",
                poll.first_line,
                poll.last_line,
                count(poll.lines_per_pass.into(), "line"),
                grouped(poll.passes.into())
            ));
        }
    }

    /// What differs from a run that completed.
    pub(super) fn compared(&mut self) {
        let source = self.source;
        let Some(attempt) = judged(source) else {
            return;
        };
        let good = good_run(&source.snapshot.attempts, attempt);
        let Some(good) = good.filter(|_| attempt.outcome != Outcome::Completed) else {
            return;
        };
        let found = compare(good, attempt);
        if found.differences.is_empty() {
            return;
        }
        let name = source.input_name(good.input);
        self.heading(&format!(
            "Beside the good run, attempt {} of {name}",
            good.index + 1
        ));
        if !found.sentence.is_empty() {
            self.text(&format!("First difference: {}", found.sentence));
        }
        let rows = found
            .differences
            .iter()
            .take(40)
            .map(|d| {
                let class = d.class.as_str().to_owned();
                vec![class, d.what.clone(), d.good.clone(), d.bad.clone()]
            })
            .collect();
        self.table(&["Class", "What", "Good run", "This run"], rows, &[]);
    }

    pub(super) fn reads(&mut self) {
        let Some(attempt) = judged(self.source) else {
            return;
        };
        if attempt.reads.is_empty() {
            return;
        }
        self.heading("Reads of the socket");
        let rows = attempt
            .reads
            .iter()
            .take(60)
            .map(|r| {
                vec![
                    grouped(i64::try_from(r.offset).unwrap_or(i64::MAX)),
                    grouped(r.len.into()),
                    grouped(r.wanted.into()),
                    r.line.to_string(),
                ]
            })
            .collect();
        self.table(
            &["Offset", "Bytes read", "Bytes asked for", "Line"],
            rows,
            &[0, 1, 2, 3],
        );
    }
}

fn ended(attempt: &Attempt) -> String {
    let outcome = attempt.outcome.as_str().replace('_', " ");
    match &attempt.stopped_at {
        Some(stop) if attempt.outcome != Outcome::Completed => {
            format!("{outcome}, state {}", stop.state)
        }
        _ => outcome,
    }
}

fn shown_time(source: &ReportSource<'_>, attempt: &Attempt, at: i64) -> String {
    let base = source
        .snapshot
        .inputs
        .iter()
        .find(|i| i.id == attempt.input)
        .map(|i| i.time_base);
    match base {
        Some(crate::evidence::TimeBase::Uptime) => {
            format!(
                "{}.{:03}",
                at.div_euclid(1_000_000),
                at.rem_euclid(1_000_000) / 1_000
            )
        }
        _ => time_of_day(at),
    }
}
