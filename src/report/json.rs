//! The object of the JSON contract for one session (`handlens.diagnose/1`).
//!
//! In: a snapshot. Out: values that serialise in the order of the contract. Texts are as received:
//! who writes them to a file for others passes them through the redactor first.

mod attempt;
mod certificate;
mod experiments;
mod input;
mod prediction;
mod probe;

use serde::Serialize;

pub use attempt::{
    AlertJson, AttemptJson, StepJson, StoppedJson, attempt_json, axis_zero, step_json,
};
pub use certificate::{CertificateJson, Place};
pub use experiments::ExperimentsJson;
use experiments::experiments_json;
pub use input::InputJson;
use input::input_json;
pub use prediction::{predict_json, scheme_text};
pub use probe::probe_json;

use super::source::ReportSource;
use crate::diagnose::{EvidenceLine, TreeAnswer, TreeNodeState};
use crate::evidence::Origin;
use crate::session::figures::rfc3339;

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
    /// Id of the device that was chosen.
    pub device: Option<String>,
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
    /// What was tried, one change at a time, and what to try next.
    pub experiments: ExperimentsJson,
    /// How to get a better log.
    pub better_log: Option<String>,
    /// What could not be read or used, one sentence each.
    pub problems: Vec<String>,
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
        device: snapshot.device.as_ref().map(|d| d.id.clone()),
        inputs: snapshot
            .inputs
            .iter()
            .map(|i| input_json(source, i))
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
        experiments: experiments_json(&snapshot.experiments),
        better_log: snapshot.diagnosis.better_log.clone(),
        problems: snapshot
            .problems
            .iter()
            .map(|p| p.sentence.clone())
            .collect(),
    }
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
