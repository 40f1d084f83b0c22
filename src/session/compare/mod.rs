//! Two handshakes side by side: their steps aligned, what differs, and what of it was to be expected.
//!
//! In: a run to measure by (usually one that completed) and the run that is looked at. Out: pairs of
//! steps in order, differences with their class, the first that is suspicious. What differs in every
//! handshake (randoms, keys, signatures, tickets, times) is expected; what a peer sends alike each time
//! (its chain, its choice) is not. Must not know why they differ.

mod align;
mod contents;
mod stated;
mod words;

use align::align;
use contents::{contents, size_class};
use words::sentence;

use std::sync::Arc;

use super::figures::{count, duration};
use crate::evidence::Direction;
use crate::timeline::{Attempt, Certainty, Outcome, Step};
use crate::tls::StepName;

/// Is a difference normal between two handshakes?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Worth looking at.
    Suspicious,
    /// Differs in every handshake.
    Expected,
}

impl Class {
    /// As a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspicious => "suspicious",
            Self::Expected => "expected",
        }
    }
}

/// One step in both runs: indices into their steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In the run to measure by.
    pub good: Option<usize>,
    /// In the run that is looked at.
    pub bad: Option<usize>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Is it normal?
    pub class: Class,
    /// What differs, such as `ChangeCipherSpec` or `cipher suite`.
    pub what: String,
    /// How it is in the run to measure by.
    pub good: String,
    /// How it is in the run that is looked at.
    pub bad: String,
    /// Why it is put in its class; empty where the figures say it.
    pub why: &'static str,
    /// Index of the pair of steps that it belongs to.
    pub pair: Option<usize>,
    /// Lines that show it, 0 where none does.
    pub lines: (u32, u32),
}

/// Two runs compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Steps in order.
    pub pairs: Vec<Pair>,
    /// Differences: suspicious ones first, each in the order of the handshake.
    pub differences: Vec<Difference>,
    /// The first pair that differs in a way that is not expected.
    pub first: Option<usize>,
    /// The first difference as a sentence; empty where there is none.
    pub sentence: String,
}

/// The run that `attempt` is best measured by: the last completed one of the same end and role.
#[must_use]
pub fn good_run<'a>(attempts: &'a [Arc<Attempt>], attempt: &Attempt) -> Option<&'a Attempt> {
    let good = |a: &&Arc<Attempt>| {
        a.outcome == Outcome::Completed
            && a.index != attempt.index
            && a.role == attempt.role
            && a.lane == attempt.lane
    };
    attempts.iter().rev().find(good).map(AsRef::as_ref)
}

/// Compares `bad` with `good`.
#[must_use]
pub fn compare(good: &Attempt, bad: &Attempt) -> Comparison {
    let pairs = align(&good.steps, &bad.steps);
    let mut out = Comparer {
        good,
        bad,
        out: Vec::new(),
    };
    out.ends(&pairs);
    out.offers();
    for (i, pair) in pairs.iter().enumerate() {
        if let (Some(g), Some(b)) = (pair.good, pair.bad) {
            out.step(i, &good.steps[g], &bad.steps[b]);
        }
    }
    out.missing(&pairs);
    out.reads();
    out.answers();
    out.outcome();
    let mut differences = out.out;
    // Stable: each class stays in the order of the handshake, what hangs on no step behind.
    let order = |d: &Difference| (d.class == Class::Expected, d.pair.unwrap_or(usize::MAX));
    differences.sort_by_key(order);
    let first = differences
        .iter()
        .find(|d| d.class == Class::Suspicious && d.pair.is_some())
        .or_else(|| differences.iter().find(|d| d.class == Class::Suspicious));
    let sentence = first.map_or_else(String::new, |d| sentence(d, &pairs, good, bad));
    let first = first.and_then(|d| d.pair);
    Comparison {
        pairs,
        differences,
        first,
        sentence,
    }
}

struct Comparer<'a> {
    good: &'a Attempt,
    bad: &'a Attempt,
    out: Vec<Difference>,
}

impl Comparer<'_> {
    fn differ(
        &mut self,
        class: Class,
        what: &str,
        (good, bad): (String, String),
        why: &'static str,
        place: (Option<usize>, u32, u32),
    ) {
        self.out.push(Difference {
            class,
            what: what.to_owned(),
            good,
            bad,
            why,
            pair: place.0,
            lines: (place.1, place.2),
        });
    }

    /// One step that both have.
    fn step(&mut self, pair: usize, good: &Step, bad: &Step) {
        let place = (Some(pair), good.line, bad.line);
        let title = good.name.title();
        if good.certainty == Certainty::Inferred || bad.certainty == Certainty::Inferred {
            return;
        }
        if let (Some(x), Some(y)) = (&good.bytes, &bad.bytes) {
            if x != y {
                let (class, good, bad, why) = contents(good.name, x, y);
                self.differ(class, title, (good, bad), why, place);
            }
            return;
        }
        let (Some(x), Some(y)) = (good.size_bytes, bad.size_bytes) else {
            return;
        };
        if x != y {
            let (class, why) = size_class(good.name, x.abs_diff(y));
            self.differ(class, title, (sized(x), sized(y)), why, place);
        }
    }

    /// Steps that one run has and the other has not. Where a run ended, what would have followed is
    /// named once, by its first.
    fn missing(&mut self, pairs: &[Pair]) {
        let (g, b) = (self.good, self.bad);
        let last_good = pairs.iter().rposition(|p| p.good.is_some());
        let last_bad = pairs.iter().rposition(|p| p.bad.is_some());
        let mut after_end = false;
        for (i, pair) in pairs.iter().enumerate() {
            match (pair.good, pair.bad) {
                (Some(at), None) => {
                    let step = &g.steps[at];
                    let ended = last_bad.is_none_or(|last| i > last);
                    if ended && after_end || step.certainty == Certainty::Inferred {
                        continue;
                    }
                    after_end |= ended;
                    let class = optional(step.name, ended);
                    let nothing = nothing(step.direction, ended, b);
                    let good = what_of(step, g, at);
                    self.differ(
                        class,
                        step.name.title(),
                        (good, nothing),
                        "",
                        (Some(i), step.line, 0),
                    );
                }
                (None, Some(at)) => {
                    let step = &b.steps[at];
                    let past = last_good.is_none_or(|last| i > last);
                    // An alert is told as such; what came after the good run ended says nothing.
                    if step.name == StepName::Alert || past || step.certainty == Certainty::Inferred
                    {
                        continue;
                    }
                    let class = optional(step.name, false);
                    let bad = what_of(step, b, at);
                    let none = nothing(step.direction, false, g);
                    self.differ(
                        class,
                        step.name.title(),
                        (none, bad),
                        "",
                        (Some(i), 0, step.line),
                    );
                }
                _ => {}
            }
        }
    }

    /// The first read that is cut differently: the mark of another link or buffer.
    fn reads(&mut self) {
        let (g, b) = (&self.good.reads, &self.bad.reads);
        let found = g
            .iter()
            .zip(b)
            .find(|(x, y)| x.offset == y.offset && x.wanted == y.wanted && x.len != y.len);
        if let Some((x, y)) = found {
            let what = format!("read at byte {} of what was received", x.offset);
            let lines = (None, x.line, y.line);
            let values = (sized(x.len), sized(y.len));
            self.differ(
                Class::Suspicious,
                &what,
                values,
                "other segments, another link or another buffer",
                lines,
            );
        }
    }
}

/// Messages that come or do not come by the server's mood.
fn optional(name: StepName, ended: bool) -> Class {
    match name {
        StepName::NewSessionTicket
        | StepName::CertificateStatus
        | StepName::KeyUpdate
        | StepName::Dns
        | StepName::TcpFin
        | StepName::ApplicationData
            if !ended =>
        {
            Class::Expected
        }
        _ => Class::Suspicious,
    }
}

fn nothing(direction: Direction, ended: bool, run: &Attempt) -> String {
    let what = match direction {
        Direction::Received => "nothing received",
        Direction::Sent => "not sent",
    };
    let since = run.stopped_at.as_ref().and_then(|s| s.since_ms);
    match since.filter(|ms| ended && *ms > 0 && run.outcome == Outcome::Stalled) {
        Some(ms) => format!("{what} in {}", duration(ms)),
        None => what.to_owned(),
    }
}

/// Size of a step and the time since the one before.
fn what_of(step: &Step, run: &Attempt, at: usize) -> String {
    let mut parts = Vec::new();
    if let Some(n) = step.size_bytes {
        parts.push(sized(n));
    }
    let before = run.steps[..at].iter().rev().find_map(|s| s.at);
    if let (Some(now), Some(before)) = (step.at, before) {
        parts.push(format!("after {}", duration((now - before) / 1_000)));
    }
    if parts.is_empty() {
        match step.direction {
            Direction::Received => "received".into(),
            Direction::Sent => "sent".into(),
        }
    } else {
        parts.join(" ")
    }
}

fn sized(n: u32) -> String {
    count(n.into(), "byte")
}

#[cfg(test)]
mod tests;
