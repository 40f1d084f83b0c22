//! Attempts and steps of the JSON contract.

use serde::Serialize;

use super::super::source::ReportSource;
use crate::evidence::{InputId, Lane};
use crate::timeline::{Attempt, Certainty, Step};

/// An attempt. Times are milliseconds since the first attempt of its input began.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptJson {
    /// Number.
    pub index: usize,
    /// Input.
    pub input: String,
    /// Whose words: `device`, or `peer` for the server's own log.
    pub lane: &'static str,
    /// Role of the device.
    pub role: &'static str,
    /// Family and version of the stack.
    pub stack: Option<String>,
    /// Outcome.
    pub outcome: &'static str,
    /// Who ended it.
    pub ended_by: &'static str,
    /// Where it stopped.
    pub stopped_at: Option<StoppedJson>,
    /// Begin.
    pub started_ms: Option<i64>,
    /// End.
    pub ended_ms: Option<i64>,
    /// Version.
    pub version: Option<String>,
    /// Suite by its IANA name, or `0x….`.
    pub cipher_suite: Option<String>,
    /// Alerts.
    pub alerts: Vec<AlertJson>,
    /// Steps.
    pub steps: Vec<StepJson>,
}

/// Where an attempt stopped.
#[derive(Clone, Debug, Serialize)]
pub struct StoppedJson {
    /// State.
    pub state: String,
    /// Step that is awaited.
    pub waiting_for: Option<&'static str>,
    /// From `device` or `peer`.
    pub from: Option<&'static str>,
    /// Since when.
    pub since_ms: Option<i64>,
    /// Line.
    pub line: u32,
}

/// An alert.
#[derive(Clone, Debug, Serialize)]
pub struct AlertJson {
    /// `fatal` or `warning`.
    pub level: &'static str,
    /// Description number.
    pub number: u8,
    /// Registered name, or `unassigned`.
    pub name: &'static str,
    /// `sent` or `received`.
    pub direction: &'static str,
    /// Line.
    pub line: u32,
}

/// A step.
#[derive(Clone, Debug, Serialize)]
pub struct StepJson {
    /// Name of the closed list.
    pub name: &'static str,
    /// `sent` or `received`.
    pub direction: &'static str,
    /// Time.
    pub at_ms: Option<i64>,
    /// Line; null for an inferred step.
    pub line: Option<u32>,
    /// Size.
    pub size_bytes: Option<u32>,
    /// It must have happened, but is not in this input.
    pub inferred: bool,
}

/// Makes the object of one attempt.
#[must_use]
pub fn attempt_json(source: &ReportSource<'_>, attempt: &Attempt) -> AttemptJson {
    let zero = axis_zero(source, attempt.input);
    let ms = |at: Option<i64>| Some((at? - zero?) / 1_000);
    let version = attempt.stack_version.as_deref();
    AttemptJson {
        index: attempt.index,
        input: source.input_name(attempt.input),
        lane: attempt.lane.as_str(),
        role: match attempt.role {
            crate::evidence::Role::Client => "client",
            crate::evidence::Role::Server => "server",
        },
        stack: attempt.stack.as_ref().map(|family| match version {
            Some(version) => format!("{family} {version}"),
            None => family.clone(),
        }),
        outcome: attempt.outcome.as_str(),
        ended_by: attempt.ended_by.as_str(),
        stopped_at: attempt.stopped_at.as_ref().map(|s| StoppedJson {
            state: s.state.clone(),
            waiting_for: s.waiting_for.map(|w| w.step.as_str()),
            from: s.waiting_for.map(|w| match w.from {
                Lane::Device => "device",
                Lane::Peer => "peer",
            }),
            since_ms: s.since_ms,
            line: s.line,
        }),
        started_ms: ms(attempt.started),
        ended_ms: ms(attempt.ended),
        version: attempt.version.map(|v| v.to_string()),
        cipher_suite: attempt.cipher_suite.map(|s| s.to_string()),
        alerts: attempt
            .alerts
            .iter()
            .map(|a| AlertJson {
                level: if a.fatal { "fatal" } else { "warning" },
                number: a.alert.0,
                name: a.alert.name().unwrap_or("unassigned"),
                direction: a.direction.as_str(),
                line: a.line,
            })
            .collect(),
        steps: attempt.steps.iter().map(|s| step_json(s, zero)).collect(),
    }
}

/// Makes the object of one step; `zero` is where the axis of its input begins.
#[must_use]
pub fn step_json(step: &Step, zero: Option<i64>) -> StepJson {
    StepJson {
        name: step.name.as_str(),
        direction: step.direction.as_str(),
        at_ms: step.at.zip(zero).map(|(at, zero)| (at - zero) / 1_000),
        line: Some(step.line).filter(|l| *l > 0),
        size_bytes: step.size_bytes,
        inferred: step.certainty == Certainty::Inferred,
    }
}

/// The moment from which the times of an input are counted: the begin of its first attempt.
#[must_use]
pub fn axis_zero(source: &ReportSource<'_>, input: InputId) -> Option<i64> {
    source
        .snapshot
        .attempts
        .iter()
        .filter(|a| a.input == input)
        .filter_map(|a| a.started)
        .min()
}
