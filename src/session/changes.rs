//! What changed from one attempt to the next, in one short sentence each.
//!
//! In: attempts in order. Out: as many sentences; the first is empty. Says only what both show.

use std::sync::Arc;

use super::figures::{duration, grouped};
use super::verdict::span_ms;
use crate::timeline::{Attempt, Outcome};

/// One sentence for each attempt: how it differs from the one before.
#[must_use]
pub fn changes(attempts: &[Arc<Attempt>]) -> Vec<String> {
    let mut out = Vec::with_capacity(attempts.len());
    for (i, attempt) in attempts.iter().enumerate() {
        out.push(match i.checked_sub(1).and_then(|p| attempts.get(p)) {
            None => String::new(),
            Some(before) => change(before, attempt),
        });
    }
    out
}

fn change(before: &Attempt, after: &Attempt) -> String {
    let mut parts = Vec::new();
    if before.input != after.input {
        parts.push("other input".to_owned());
    }
    // What was changed by hand comes before what came of it.
    parts.extend(settings(before, after));
    if let Some(text) = answers(before, after) {
        parts.push(text);
    }
    if before.outcome != after.outcome {
        parts.push(format!(
            "{} after {}",
            words(after.outcome),
            words(before.outcome)
        ));
    }
    let stops = |a: &Attempt| a.stopped_at.as_ref().map(|s| s.state.clone());
    if let (Some(was), Some(is)) = (stops(before), stops(after))
        && was != is
    {
        parts.push(format!("stops at {is} instead of {was}"));
    }
    if let (Some(was), Some(is)) = (before.version, after.version)
        && was != is
    {
        parts.push(format!("{is} instead of {was}"));
    }
    if let (Some(was), Some(is)) = (before.cipher_suite, after.cipher_suite)
        && was != is
    {
        parts.push(format!("{is} instead of {was}"));
    }
    let alerts = |a: &Attempt| a.alerts.iter().find(|x| x.fatal).map(|x| x.alert);
    if let (Some(was), Some(is)) = (alerts(before), alerts(after))
        && was != is
    {
        parts.push(format!("{is} instead of {was}"));
    }
    if let Some(text) = certificate_size(before, after) {
        parts.push(text);
    }
    if let Some(text) = reads(before, after) {
        parts.push(text);
    }
    if after.outcome == Outcome::Completed
        && before.outcome == Outcome::Completed
        && let (Some(was), Some(is)) = (span_ms(before), span_ms(after))
        && was.max(is) > 2 * was.min(is)
    {
        parts.push(format!("{} instead of {}", duration(is), duration(was)));
    }
    if parts.is_empty() {
        return "no difference seen".into();
    }
    parts.join(", ")
}

fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Failed => "failed",
        Outcome::Stalled => "stalled",
        Outcome::CutOff => "cut off",
        Outcome::NeverStarted => "not started",
    }
}

/// Settings of a module that were changed in between.
fn settings(before: &Attempt, after: &Attempt) -> Vec<String> {
    let named = [
        ("module.ca", "trust anchor"),
        ("module.client_cert", "client certificate"),
        ("module.tls_version", "version"),
        ("module.cipher_suites", "suites"),
        ("module.verifies", "check"),
        ("host", "host"),
    ];
    let value = |a: &Attempt, fact: &str| {
        let found = a.seen.settings.iter().find(|s| &*s.0 == fact);
        found.map(|s| s.1.display())
    };
    named
        .into_iter()
        .filter_map(|(fact, name)| {
            let (was, is) = (value(before, fact)?, value(after, fact)?);
            (was != is).then(|| {
                let is = if is.is_empty() { "none" } else { &is };
                format!("{name} {is}")
            })
        })
        .collect()
}

/// The module took much longer or shorter to answer, or says something else.
fn answers(before: &Attempt, after: &Attempt) -> Option<String> {
    let answer = |a: &Attempt| a.seen.requests.last().and_then(|r| r.answer.clone());
    let ((was, _, was_ms), (is, _, is_ms)) = (answer(before)?, answer(after)?);
    if was != is {
        return Some(format!("{is} instead of {was}"));
    }
    let (was, is) = (was_ms?, is_ms?);
    (was.max(is) > 3 * was.min(is).max(1)).then(|| {
        format!(
            "answered after {} instead of {}",
            duration(is),
            duration(was)
        )
    })
}

fn certificate_size(before: &Attempt, after: &Attempt) -> Option<String> {
    let size = |a: &Attempt| {
        a.steps
            .iter()
            .find(|s| {
                s.name == crate::tls::StepName::Certificate
                    && s.direction == crate::evidence::Direction::Received
            })
            .and_then(|s| s.size_bytes)
    };
    let (was, is) = (size(before)?, size(after)?);
    (was != is).then(|| {
        format!(
            "peer's Certificate {} instead of {} bytes",
            grouped(is.into()),
            grouped(was.into())
        )
    })
}

/// The first read that is cut differently: the mark of another link or buffer.
fn reads(before: &Attempt, after: &Attempt) -> Option<String> {
    let (was, is) = before
        .reads
        .iter()
        .zip(&after.reads)
        .find(|(a, b)| a.offset == b.offset && a.wanted == b.wanted && a.len != b.len)?;
    Some(format!(
        "at byte {} a read gave {} instead of {} bytes",
        grouped(i64::try_from(is.offset).unwrap_or(i64::MAX)),
        grouped(is.len.into()),
        grouped(was.len.into())
    ))
}
