//! The object of the JSON contract for one session (`handlens.diagnose/1`).
//!
//! In: a snapshot. Out: values that serialise in the order of the contract. Texts are as received:
//! who writes them to a file for others passes them through the redactor first.

use serde::Serialize;

use super::source::ReportSource;
use crate::diagnose::{EvidenceLine, TreeAnswer, TreeNodeState};
use crate::evidence::{InputId, Lane, Origin};
use crate::session::figures::rfc3339;
use crate::timeline::{Attempt, Certainty, Step};

/// Causes below this probability count as `other`.
pub const LEAST_SCORE: f64 = 0.05;

/// The whole object.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnoseJson {
    /// `handlens.diagnose/1`.
    pub schema: &'static str,
    /// RFC 3339.
    pub judged_at: String,
    /// `option`, `log`, `recording`, `file` or `now`.
    pub judged_at_from: &'static str,
    /// Inputs in order.
    pub inputs: Vec<InputJson>,
    /// Word of the verdict.
    pub verdict: &'static str,
    /// The verdict as a sentence.
    pub sentence: String,
    /// The attempt that was judged.
    pub judged_attempt: Option<usize>,
    /// Attempts in order.
    pub attempts: Vec<AttemptJson>,
    /// Causes, most probable first; the last is `other`. Empty after a clean success.
    pub causes: Vec<CauseJson>,
    /// Causes that a fact rules out.
    pub ruled_out: Vec<RuledOutJson>,
    /// Findings.
    pub findings: Vec<FindingJson>,
    /// The guided tree.
    pub tree: TreeJson,
    /// What to check next.
    pub next_check: Option<String>,
    /// How to get a better log.
    pub better_log: Option<String>,
    /// What could not be read or used, one sentence each.
    pub problems: Vec<String>,
}

/// An input.
#[derive(Clone, Debug, Serialize)]
pub struct InputJson {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: &'static str,
    /// Dialects recognised.
    pub dialects: Vec<String>,
    /// Lines.
    pub lines: u32,
    /// Bytes.
    pub bytes: u64,
}

/// An attempt. Times are milliseconds since the first attempt of its input began.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptJson {
    /// Number.
    pub index: usize,
    /// Input.
    pub input: String,
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

/// A cause, or `other`.
#[derive(Clone, Debug, Serialize)]
pub struct CauseJson {
    /// Id.
    pub id: String,
    /// Probability.
    pub score: f64,
    /// The rest; absent for `other`.
    #[serde(flatten)]
    pub what: Option<CauseDetails>,
}

/// What is said of a cause.
#[derive(Clone, Debug, Serialize)]
pub struct CauseDetails {
    /// Short number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Evidence for and against.
    pub evidence: Vec<EvidenceJson>,
    /// What happens.
    pub explanation: String,
    /// How to confirm.
    pub next_check: String,
    /// How to mend.
    pub fix: String,
    /// Where the rule comes from.
    pub source: String,
}

/// A piece of evidence.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceJson {
    /// Input, where a line proves it.
    pub input: Option<String>,
    /// Line.
    pub line: Option<u32>,
    /// The line as received, or where the fact comes from.
    pub text: String,
    /// `for` or `against`.
    pub says: &'static str,
    /// Level.
    pub level: &'static str,
    /// In words.
    pub sentence: String,
}

/// A cause that is ruled out.
#[derive(Clone, Debug, Serialize)]
pub struct RuledOutJson {
    /// Id.
    pub id: String,
    /// Short number.
    pub number: String,
    /// Why.
    pub why: String,
    /// What proves it.
    pub evidence: Vec<PlaceJson>,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingJson {
    /// Id.
    pub id: String,
    /// Sentence.
    pub sentence: String,
    /// What proves it.
    pub evidence: Vec<PlaceJson>,
}

/// A line that proves something.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceJson {
    /// Input, where a line proves it.
    pub input: Option<String>,
    /// Line.
    pub line: Option<u32>,
    /// The line as received, or where the fact comes from.
    pub text: String,
}

/// The guided tree.
#[derive(Clone, Debug, Serialize)]
pub struct TreeJson {
    /// Answered questions.
    pub path: Vec<PathJson>,
    /// Closed questions.
    pub closed: Vec<ClosedJson>,
    /// Question to answer now.
    pub open: Option<OpenJson>,
    /// Causes that the path leads to.
    pub leaves: Vec<String>,
}

/// An answered question.
#[derive(Clone, Debug, Serialize)]
pub struct PathJson {
    /// Number.
    pub id: String,
    /// Answer.
    pub answer: String,
    /// `evidence` or `user`.
    pub by: &'static str,
    /// Line, where one proves it.
    pub line: Option<u32>,
}

/// A closed question.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedJson {
    /// Number.
    pub id: String,
    /// Why.
    pub by: String,
}

/// The open question.
#[derive(Clone, Debug, Serialize)]
pub struct OpenJson {
    /// Number.
    pub id: String,
    /// Question.
    pub text: String,
    /// How to find the answer.
    pub how: String,
    /// Labels of the answers.
    pub answers: Vec<String>,
}

/// Makes the object of a session.
#[must_use]
pub fn diagnose_json(source: &ReportSource<'_>) -> DiagnoseJson {
    let snapshot = source.snapshot;
    let (at, from) = snapshot.judged_at;
    DiagnoseJson {
        schema: "handlens.diagnose/1",
        judged_at: rfc3339(at),
        judged_at_from: from,
        inputs: snapshot
            .inputs
            .iter()
            .map(|i| InputJson {
                name: i.name.clone(),
                kind: i.kind.as_str(),
                dialects: i.dialects.clone(),
                lines: i.lines,
                bytes: i.bytes,
            })
            .collect(),
        verdict: snapshot.verdict.kind.as_str(),
        sentence: snapshot.verdict.sentence.clone(),
        judged_attempt: snapshot.judged,
        attempts: snapshot
            .attempts
            .iter()
            .map(|a| attempt_json(source, a))
            .collect(),
        causes: causes(source),
        ruled_out: snapshot
            .diagnosis
            .eliminated
            .iter()
            .map(|e| RuledOutJson {
                id: e.id.clone(),
                number: e.number.clone(),
                why: e.reason.sentence.clone(),
                evidence: places(source, &e.reason.origins),
            })
            .collect(),
        findings: snapshot
            .diagnosis
            .findings
            .iter()
            .map(|f| FindingJson {
                id: f.id.clone(),
                sentence: f.sentence.clone(),
                evidence: places(source, &f.origins),
            })
            .collect(),
        tree: tree(source),
        next_check: snapshot.diagnosis.next_check.clone(),
        better_log: snapshot.diagnosis.better_log.clone(),
        problems: snapshot
            .problems
            .iter()
            .map(|p| p.sentence.clone())
            .collect(),
    }
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

fn causes(source: &ReportSource<'_>) -> Vec<CauseJson> {
    let diagnosis = &source.snapshot.diagnosis;
    if diagnosis.causes.is_empty() {
        return Vec::new();
    }
    let mut rest = 1.0;
    let mut out = Vec::new();
    for cause in diagnosis.causes.iter().filter(|c| c.score >= LEAST_SCORE) {
        let score = rounded(cause.score);
        rest -= score;
        out.push(CauseJson {
            id: cause.id.clone(),
            score,
            what: Some(CauseDetails {
                number: cause.number.clone(),
                title: cause.title.clone(),
                evidence: cause
                    .evidence
                    .iter()
                    .map(|e| evidence_json(source, e))
                    .collect(),
                explanation: cause.explanation.clone(),
                next_check: cause.next_check.clone(),
                fix: cause.fix.clone(),
                source: cause.source.clone(),
            }),
        });
    }
    out.push(CauseJson {
        id: "other".into(),
        score: rounded(rest.max(0.0)),
        what: None,
    });
    out
}

fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

fn evidence_json(source: &ReportSource<'_>, evidence: &EvidenceLine) -> EvidenceJson {
    let place = evidence
        .origins
        .iter()
        .find_map(|o| source.proof(o))
        .map_or_else(
            || PlaceJson {
                input: None,
                line: None,
                text: evidence
                    .origins
                    .first()
                    .map(|o| source.place(o))
                    .unwrap_or_default(),
            },
            |(input, line, text)| PlaceJson {
                input: Some(source.input_name(input)),
                line: Some(line),
                text,
            },
        );
    EvidenceJson {
        input: place.input,
        line: place.line,
        text: place.text,
        says: if evidence.level.is_for() {
            "for"
        } else {
            "against"
        },
        level: evidence.level.as_str(),
        sentence: evidence.sentence.clone(),
    }
}

fn places(source: &ReportSource<'_>, origins: &[Origin]) -> Vec<PlaceJson> {
    origins
        .iter()
        .map(|origin| match source.proof(origin) {
            Some((input, line, text)) => PlaceJson {
                input: Some(source.input_name(input)),
                line: Some(line),
                text,
            },
            None => PlaceJson {
                input: None,
                line: None,
                text: source.place(origin),
            },
        })
        .collect()
}

fn tree(source: &ReportSource<'_>) -> TreeJson {
    let tree = &source.snapshot.diagnosis.tree;
    let node = |id: &str| tree.nodes.iter().find(|n| n.id == id);
    TreeJson {
        path: tree
            .path
            .iter()
            .filter_map(|id| match &node(id)?.state {
                TreeNodeState::Done { answer, by } => {
                    let (by, line) = match by {
                        TreeAnswer::Evidence(origins) => {
                            ("evidence", origins.iter().find_map(Origin::line_number))
                        }
                        TreeAnswer::User => ("user", None),
                    };
                    Some(PathJson {
                        id: id.clone(),
                        answer: answer.clone(),
                        by,
                        line,
                    })
                }
                _ => None,
            })
            .collect(),
        closed: tree
            .nodes
            .iter()
            .filter_map(|n| match &n.state {
                TreeNodeState::Closed { reason } => Some(ClosedJson {
                    id: n.id.clone(),
                    by: reason.clone(),
                }),
                _ => None,
            })
            .collect(),
        open: tree.open.as_deref().and_then(node).map(|n| OpenJson {
            id: n.id.clone(),
            text: n.question.clone(),
            how: n.how.clone(),
            answers: n.options.iter().map(|o| o.label.clone()).collect(),
        }),
        leaves: tree.leaves.clone(),
    }
}
