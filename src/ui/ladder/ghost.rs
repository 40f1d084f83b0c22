//! What would come while something is awaited, with the figures of the good run.

use crate::evidence::Direction;
use crate::timeline::{Attempt, Step};
use crate::tls::StepName;
use crate::ui::words;

/// What would come next: the awaited message, and the one behind it where a rule of the
/// protocol or the good run names it.
#[must_use]
pub fn ghosts(awaited: StepName, good: Option<&Attempt>) -> Vec<(String, String)> {
    let behind = match awaited {
        StepName::ChangeCipherSpec => Some(StepName::Finished),
        StepName::ServerHello => Some(StepName::Certificate),
        StepName::ClientKeyExchange => Some(StepName::ChangeCipherSpec),
        _ => None,
    };
    [Some(awaited), behind]
        .into_iter()
        .flatten()
        .map(|name| (name.title().to_owned(), good_remark(name, good)))
        .collect()
}

fn good_remark(name: StepName, good: Option<&Attempt>) -> String {
    let received = |s: &&Step| s.name == name && s.direction == Direction::Received;
    let Some(good) = good else {
        return String::new();
    };
    let Some(index) = good.steps.iter().rposition(|s| received(&s)) else {
        return String::new();
    };
    let step = &good.steps[index];
    let mut parts = Vec::new();
    if let Some(n) = step.size_bytes {
        parts.push(words::bytes(n.into()));
    }
    let before = good.steps[..index].iter().rev().find_map(|s| s.at);
    if let (Some(at), Some(before)) = (step.at, before) {
        parts.push(format!("+{}", words::duration_ms((at - before) / 1_000)));
    }
    if parts.is_empty() {
        "good run: received".into()
    } else {
        format!("good run: {}", parts.join(", "))
    }
}
