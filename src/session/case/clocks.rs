//! One axis of time for the inputs of a case: clocks moved by hand, or by a step that both ends saw.

use std::sync::Arc;

use super::Case;
use crate::evidence::{InputId, Micros};
use crate::session::figures::duration;
use crate::session::snapshot::InputClock;
use crate::timeline::{Attempt, Certainty};
use crate::tls::StepName;

impl Case {
    /// Adds so many milliseconds to the times of an input; `None`: what the steps say.
    pub fn set_offset(&mut self, id: InputId, ms: Option<i64>) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.offset_ms = ms;
        }
    }

    /// What was given by hand, in milliseconds.
    #[must_use]
    pub fn offset(&self, id: InputId) -> Option<i64> {
        self.inputs.get(self.position(id)?)?.offset_ms
    }

    /// Moves the attempts of each input by what was given by hand.
    pub(super) fn move_by_hand(&self, attempts: &mut [Arc<Attempt>]) {
        for attempt in attempts {
            if let Some(ms) = self.offset(attempt.input).filter(|ms| *ms != 0) {
                shift(attempt, ms);
            }
        }
    }

    /// Moves the attempts of inputs whose clock is not set by hand onto the axis of the judged
    /// attempt, where a step of the same handshake was seen in both; says what was done.
    pub(super) fn join_clocks(
        &self,
        attempts: &mut [Arc<Attempt>],
        judged: Option<usize>,
    ) -> Vec<InputClock> {
        let mut out = Vec::new();
        let Some(reference) = judged.and_then(|i| attempts.get(i)).cloned() else {
            return out;
        };
        let of = self.name_of(reference.input);
        for input in &self.inputs {
            let id = input.input.id;
            if id == reference.input {
                continue;
            }
            let estimate = self
                .same_handshake(&reference, attempts, id)
                .and_then(|other| estimate(&reference, &other));
            let by_hand = input.offset_ms;
            if by_hand.is_none() && estimate.is_none() {
                continue;
            }
            let offset_ms = by_hand.or(estimate.map(|(ms, _)| ms)).unwrap_or(0);
            let name = &input.input.name;
            let sentence = match (by_hand, estimate) {
                (Some(ms), _) => format!("{name}: times moved by {} by hand.", signed(ms)),
                (None, Some((ms, step))) => format!(
                    "{name}: times moved by {}, because {} is in {of} too.",
                    signed(ms),
                    step.title()
                ),
                (None, None) => String::new(),
            };
            if by_hand.is_none() && offset_ms != 0 {
                for attempt in attempts.iter_mut().filter(|a| a.input == id) {
                    shift(attempt, offset_ms);
                }
            }
            out.push(InputClock {
                input: id,
                offset_ms,
                by_hand: by_hand.is_some(),
                matched: estimate.map(|(_, step)| step),
                sentence,
            });
        }
        out
    }

    pub(super) fn name_of(&self, id: InputId) -> &str {
        self.position(id)
            .and_then(|at| self.inputs.get(at))
            .map_or("", |i| i.input.name.as_str())
    }
}

/// What to add to the times of `other` so that a step falls together with the same of `reference`,
/// in milliseconds, and the first step that both saw. The middle of all steps counts.
fn estimate(reference: &Attempt, other: &Attempt) -> Option<(i64, StepName)> {
    let mut apart: Vec<Micros> = Vec::new();
    let mut first = None;
    for step in reference
        .steps
        .iter()
        .filter(|s| s.certainty == Certainty::Seen)
    {
        let same = other
            .steps
            .iter()
            .find(|o| o.name == step.name && o.direction == step.direction);
        if let Some((a, b)) = step.at.zip(same.and_then(|s| s.at)) {
            apart.push(a - b);
            first.get_or_insert(step.name);
        }
    }
    apart.sort_unstable();
    let middle = apart.get(apart.len() / 2)?;
    Some((middle / 1_000, first?))
}

fn signed(ms: i64) -> String {
    let sign = if ms < 0 { "\u{2212}" } else { "+" };
    format!("{sign}{}", duration(ms.abs()))
}

fn shift(attempt: &mut Arc<Attempt>, ms: i64) {
    let by = ms.saturating_mul(1_000);
    let move_it = |at: &mut Option<Micros>| *at = at.map(|at| at.saturating_add(by));
    let a = Arc::make_mut(attempt);
    move_it(&mut a.started);
    move_it(&mut a.ended);
    for step in &mut a.steps {
        move_it(&mut step.at);
    }
    for state in &mut a.states {
        move_it(&mut state.3);
    }
    if let Some(stop) = &mut a.stopped_at {
        move_it(&mut stop.since_at);
    }
}
