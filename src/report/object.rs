//! The report as JSON, `handlens.report/1`: the object of `diagnose` with facts, hashes and the
//! manifest, every text redacted.

use serde_json::{Map, Value, json};

use super::json::{diagnose_json, predict_json, probe_json};
use super::letter::letter_text;
use super::redact::{LeaveOut, Redactor};
use super::source::ReportSource;
use crate::evidence::FactState;
use crate::session::figures::rfc3339;
use crate::session::{ProbeOutcome, ProbeRun, ServerLook, ServerSeen};

/// Keys whose values are words of ours (ids, names of steps): never redacted, so that programs can
/// rely on them.
const OURS: [&str; 18] = [
    "schema",
    "id",
    "kind",
    "verdict",
    "outcome",
    "ended_by",
    "role",
    "direction",
    "level",
    "says",
    "by",
    "number",
    "judged_at",
    "judged_at_from",
    "waiting_for",
    "from",
    "sha256",
    "program",
];

/// Makes the object.
#[must_use]
pub fn report_object(source: &ReportSource<'_>, leave_out: LeaveOut) -> Value {
    let mut redactor = Redactor::new(leave_out);
    let diagnosis = serde_json::to_value(diagnose_json(source)).unwrap_or(Value::Null);
    let facts: Vec<Value> = source
        .snapshot
        .facts
        .iter()
        .map(|f| {
            json!({
                "name": f.name,
                "value": match &f.state {
                    FactState::Known(v) => Value::String(v.display()),
                    FactState::Absent => Value::Null,
                },
                "from": f.origins.first().map(|o| source.place(o)),
            })
        })
        .collect();
    let hashes: Vec<Value> = source
        .snapshot
        .inputs
        .iter()
        .map(|i| json!({"name": i.name, "sha256": (source.sha256)(i.id)}))
        .collect();
    let mut object = Map::new();
    object.insert("schema".into(), "handlens.report/1".into());
    object.insert(
        "program".into(),
        concat!("handlens ", env!("CARGO_PKG_VERSION")).into(),
    );
    object.insert(
        "judged_at".into(),
        rfc3339(source.snapshot.judged_at.0).into(),
    );
    object.insert("diagnosis".into(), cleaned(&mut redactor, diagnosis));
    object.insert("facts".into(), cleaned(&mut redactor, Value::Array(facts)));
    object.insert(
        "hashes".into(),
        cleaned(&mut redactor, Value::Array(hashes)),
    );
    let probes: Vec<Value> = source
        .snapshot
        .probes
        .iter()
        .filter(|run| !run.is_running())
        .map(|run| probe_of(source, run))
        .collect();
    object.insert("probes".into(), cleaned(&mut redactor, probes.into()));
    let seen = ServerSeen::of(source.snapshot, &ServerLook::default());
    let prediction = seen.prediction.as_ref();
    let prediction = prediction.map_or(Value::Null, |p| predict_json(p, None, &[]));
    object.insert("prediction".into(), cleaned(&mut redactor, prediction));
    let letter = letter_text(source, leave_out);
    let letter = if letter.is_empty() {
        Value::Null
    } else {
        Value::String(letter)
    };
    object.insert("letter".into(), letter);
    let blanked: Vec<Value> = redactor
        .manifest()
        .into_iter()
        .map(|b| json!({"what": b.what, "count": b.count}))
        .collect();
    object.insert("left_out".into(), Value::Array(blanked));
    Value::Object(object)
}

/// One probe: when and for whom it was made, whether it is evidence, and what it found.
fn probe_of(source: &ReportSource<'_>, run: &ProbeRun) -> Value {
    let snapshot = source.snapshot;
    let failed = match &run.outcome {
        ProbeOutcome::Failed { sentence, .. } => Some(sentence),
        _ => None,
    };
    json!({
        "number": run.number,
        "at": rfc3339(run.at),
        "host": run.target.host,
        "port": run.target.port,
        "asked_as": run.ask_as,
        "counts_for_this_case": run.counts_for(&snapshot.facts),
        "failed": failed,
        "found": run.probe().map(|p| probe_json(p, snapshot.judged_at.0.div_euclid(1_000_000))),
    })
}

fn cleaned(redactor: &mut Redactor, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redactor.clean(&text)),
        Value::Array(items) => items.into_iter().map(|v| cleaned(redactor, v)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let ours = OURS.contains(&key.as_str()) && value.is_string();
                let value = if ours {
                    value
                } else {
                    cleaned(redactor, value)
                };
                (key, value)
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}
