//! `watch`: a device on a serial port, one JSON object or one line of text for each thing that
//! happens.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::arguments::Watch;
use super::inputs::{empty_case, now, state};
use super::output::{Status, Streams};
use crate::evidence::Micros;
use crate::report::step_json;
use crate::session::{Snapshot, WatchError, WatchEvent, WatchOptions, watch_port};
use crate::timeline::Outcome;

const SCHEMA: &str = "handlens.watch/1";

/// One object of the stream.
#[derive(Serialize)]
struct EventJson {
    schema: &'static str,
    event: &'static str,
    /// Unix time of the read, in microseconds.
    received_us: Micros,
    /// Unix time at which this line is written, in microseconds.
    shown_us: Micros,
    #[serde(flatten)]
    what: Value,
}

pub(super) fn run(given: &Watch, json: bool, streams: &mut Streams<'_>) -> Status {
    let mut case = empty_case(given.known.assets.as_deref(), streams);
    if let Err(refused) = state(&mut case, &given.known) {
        streams.say(&refused.0);
        return Status::Unusable;
    }
    let options = WatchOptions {
        port: given.port.clone(),
        baud: given.baud,
        record: given.record.clone(),
        limit: given.seconds.map(Duration::from_secs),
    };
    let watched = watch_port(case, &options, &mut |event| tell(streams, json, &event));
    let mut case = match watched {
        Ok((case, _)) => case,
        Err(e) => {
            streams.say(&e.to_string());
            if let WatchError::Port { details, .. } = &e
                && !details.is_empty()
            {
                streams.say(&format!("  ({details})"));
            }
            return Status::Unusable;
        }
    };
    let snapshot = case.snapshot();
    if json {
        streams.json_line(&EventJson {
            schema: SCHEMA,
            event: "closed",
            received_us: now(),
            shown_us: now(),
            what: json!({
                "verdict": snapshot.verdict.kind.as_str(),
                "sentence": snapshot.verdict.sentence,
            }),
        });
    } else {
        streams.result(&format!(
            "{}: {}",
            snapshot.verdict.word, snapshot.verdict.sentence
        ));
    }
    super::diagnose::status(&snapshot)
}

fn tell(streams: &mut Streams<'_>, json: bool, event: &WatchEvent<'_>) -> bool {
    if let WatchEvent::Message(text) | WatchEvent::Opened(text) = event {
        streams.say(text);
        return true;
    }
    if !json {
        return tell_text(streams, event);
    }
    let (name, received_us, what) = match event {
        WatchEvent::Line {
            line,
            received,
            text,
        } => ("line", *received, json!({"line": line, "text": text})),
        WatchEvent::Frame {
            line,
            received,
            data,
            says,
        } => (
            "frame",
            *received,
            json!({
                "line": line,
                "frame_type": data.first().map(|t| format!("0x{t:02X}")),
                "hex": data_encoding::HEXUPPER.encode(data),
                "text": says,
            }),
        ),
        WatchEvent::Step {
            attempt,
            step,
            received,
        } => (
            "step",
            *received,
            json!({"attempt": attempt.index, "step": step_json(step, attempt.started)}),
        ),
        WatchEvent::Attempt { attempt, received } => (
            "attempt",
            *received,
            json!({
                "attempt": attempt.index,
                "outcome": attempt.outcome.as_str(),
                "ended_by": attempt.ended_by.as_str(),
                "stopped_at": attempt.stopped_at.as_ref().map(|s| s.state.as_str()),
            }),
        ),
        WatchEvent::Gap {
            sentence,
            ms,
            received,
        } => (
            "gap",
            *received,
            json!({"sentence": sentence, "gap_ms": ms}),
        ),
        WatchEvent::Cause { snapshot, received } => ("cause", *received, cause(snapshot)),
        WatchEvent::Message(_) | WatchEvent::Opened(_) => return true,
    };
    streams.json_line(&EventJson {
        schema: SCHEMA,
        event: name,
        received_us,
        shown_us: now(),
        what,
    })
}

fn tell_text(streams: &mut Streams<'_>, event: &WatchEvent<'_>) -> bool {
    match event {
        WatchEvent::Line { text, .. } => streams.result(text),
        WatchEvent::Frame { data, says, .. } => {
            let kind = data.first().copied().unwrap_or_default();
            streams.result(&format!("  [frame 0x{kind:02X}] {says}"));
        }
        WatchEvent::Step { attempt, step, .. } => streams.result(&format!(
            "  [attempt {}] {} {}",
            attempt.index + 1,
            step.direction.as_str(),
            step.name.title()
        )),
        WatchEvent::Attempt { attempt, .. } if attempt.outcome != Outcome::CutOff => {
            streams.result(&format!(
                "  [attempt {}] {}",
                attempt.index + 1,
                attempt.outcome.as_str().replace('_', " ")
            ));
        }
        WatchEvent::Gap { sentence, .. } => streams.result(&format!("  [gap] {sentence}")),
        WatchEvent::Cause { snapshot, .. } => {
            streams.result(&format!("  [verdict] {}", snapshot.verdict.sentence));
            if !snapshot.verdict.second.is_empty() {
                streams.result(&format!("            {}", snapshot.verdict.second));
            }
        }
        WatchEvent::Attempt { .. } | WatchEvent::Message(_) | WatchEvent::Opened(_) => {}
    }
    true
}

fn cause(snapshot: &Snapshot) -> Value {
    let leading = snapshot.diagnosis.causes.first();
    json!({
        "id": leading.map(|c| c.id.as_str()),
        "score": leading.map(|c| (c.score * 10_000.0).round() / 10_000.0),
        "verdict": snapshot.verdict.kind.as_str(),
        "sentence": snapshot.verdict.sentence,
        "second": snapshot.verdict.second,
    })
}
