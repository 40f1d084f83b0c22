//! Experiments in the object of the JSON contract.

use serde::Serialize;

use crate::diagnose::Experiments;

/// The log of experiments and what to try next.
#[derive(Clone, Debug, Serialize)]
pub struct ExperimentsJson {
    /// What was tried, in order.
    pub tried: Vec<TriedJson>,
    /// What would tell most for its time, best first.
    pub planned: Vec<PlannedJson>,
}

/// One experiment that was made.
#[derive(Clone, Debug, Serialize)]
pub struct TriedJson {
    /// Ids of what was changed.
    pub changed: Vec<String>,
    /// `works`, `same` or `otherwise`.
    pub result: &'static str,
    /// What the person wrote beside it.
    pub note: String,
    /// What it says.
    pub sentence: String,
    /// It proves something by itself.
    pub decides: bool,
}

/// One experiment that would tell something.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedJson {
    /// Id.
    pub id: String,
    /// What to change.
    pub change: String,
    /// What must stay.
    pub keep: String,
    /// Rough cost.
    pub minutes: u32,
    /// What its outcome would tell, to two decimals.
    pub gain_bits: f64,
    /// Title of the cause that would lead when it works.
    pub if_works: Option<String>,
    /// Title of the cause that would lead when it fails as before.
    pub if_same: Option<String>,
    /// Where the method is known from.
    pub source: String,
}

pub(super) fn experiments_json(experiments: &Experiments) -> ExperimentsJson {
    ExperimentsJson {
        tried: experiments
            .tried
            .iter()
            .map(|t| TriedJson {
                changed: t.trial.changed.clone(),
                result: t.trial.result.as_str(),
                note: t.trial.note.clone(),
                sentence: t.sentence.clone(),
                decides: t.decides,
            })
            .collect(),
        planned: experiments
            .planned
            .iter()
            .map(|p| PlannedJson {
                id: p.id.clone(),
                change: p.change.clone(),
                keep: p.keep.clone(),
                minutes: p.minutes,
                gain_bits: (p.gain_bits * 100.0).round() / 100.0,
                if_works: p.if_works.clone(),
                if_same: p.if_same.clone(),
                source: p.source.clone(),
            })
            .collect(),
    }
}
