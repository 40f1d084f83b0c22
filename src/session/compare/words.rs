//! The first difference as a person would say it: after which step, what the good run does there, and
//! what this one.

use super::{Difference, Pair};
use crate::evidence::Direction;
use crate::timeline::Attempt;
use crate::tls::StepName;

/// The first difference, as a person would say it.
pub(super) fn sentence(d: &Difference, pairs: &[Pair], good: &Attempt, bad: &Attempt) -> String {
    let Some(at) = d.pair else {
        return format!(
            "{}: {} in this run, {} in the good one.",
            upper(&d.what),
            d.bad,
            d.good
        );
    };
    let pair = pairs.get(at).copied().unwrap_or(Pair {
        good: None,
        bad: None,
    });
    // The last step that both have.
    let before = pairs
        .iter()
        .take(at)
        .rev()
        .find_map(|p| match (p.good, p.bad) {
            (Some(_), Some(b)) => Some(bad.steps[b].name.title()),
            _ => None,
        });
    let after = before.map_or_else(String::new, |b| format!("after {b} "));
    let does = |direction: Direction| match direction {
        Direction::Received => "receives",
        Direction::Sent => "sends",
    };
    let text = match (pair.good, pair.bad) {
        (Some(g), None) => {
            let step = &good.steps[g];
            // What this run has there instead.
            let next = pairs.iter().skip(at).find_map(|p| p.bad);
            let instead = match next.map(|b| &bad.steps[b]) {
                Some(other) => format!("{} {}", does(other.direction), other.name.title()),
                None if step.direction == Direction::Sent => "it is not sent".into(),
                None => d.bad.replace("received", "is received"),
            };
            let instead = if next.is_some() {
                format!("this one {instead}")
            } else {
                format!("in this one {instead}")
            };
            format!(
                "{after}the good run {} {}, {instead}.",
                does(step.direction),
                d.what
            )
        }
        (None, Some(b)) => {
            let step = &bad.steps[b];
            let what = if step.name == StepName::Alert {
                d.bad.as_str()
            } else {
                d.what.as_str()
            };
            format!(
                "{after}this run {} {what}, the good run does not.",
                does(step.direction)
            )
        }
        (Some(_), Some(_)) => {
            // "74 at byte 9 of 90", "2e at byte 9 of 90": the place is said once.
            let place = d.good.find(" at byte ").and_then(|i| d.good.get(i..));
            let bad = place.and_then(|p| d.bad.strip_suffix(p)).unwrap_or(&d.bad);
            format!(
                "{after}the {} differs: {} in the good run, {bad} in this one.",
                d.what, d.good
            )
        }
        (None, None) => format!(
            "{}: {} in this run, {} in the good one.",
            d.what, d.bad, d.good
        ),
    };
    upper(&text)
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
