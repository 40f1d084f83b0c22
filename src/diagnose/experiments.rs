//! One factor at a time: what was tried, what it says, and which change would tell most next.
//!
//! In: trials as a person noted them, facts, the judgement so far. Out: the facts that trials prove,
//! one sentence for each trial, and the untried experiments in the order in which they pay. A trial
//! that changed several things at once proves none of them; it is told so instead.
//!
//! What an experiment would tell is measured on the judgement itself: the facts are completed with
//! each of its two outcomes, the causes are ranked anew, and the expected loss of entropy (bits) is
//! its gain (Shannon 1948; value of information as in decision analysis). How likely an outcome is
//! follows from the ranking of today: the two rankings, mixed by that likelihood, must give it back
//! (law of total probability). So a change that would only cure a cause that nothing speaks for gains
//! little. Gain per minute decides the order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Diagnosis, diagnose};
use crate::evidence::{Fact, FactSet, FactState, FactValue, Origin};
use crate::knowledge::{ExperimentDef, Knowledge, Truth};

/// Experiments that tell less than this (bits) are not proposed.
const LEAST_GAIN: f64 = 0.05;
/// Proposed at most.
const MOST_PLANNED: usize = 5;
/// Characters of a remark that are kept.
const LONGEST_NOTE: usize = 300;

/// How a changed run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialResult {
    /// The handshake completed.
    Works,
    /// It failed as before.
    Same,
    /// It failed in another way.
    Otherwise,
}

impl TrialResult {
    /// The word of the command line and of JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Same => "same",
            Self::Otherwise => "otherwise",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Works, Self::Same, Self::Otherwise]
            .into_iter()
            .find(|r| r.as_str().eq_ignore_ascii_case(word))
    }
}

/// One run with something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Ids of the experiments whose change was made, without repetition.
    pub changed: Vec<String>,
    /// How it ended.
    pub result: TrialResult,
    /// What the person wrote beside it; may be empty.
    pub note: String,
}

impl Trial {
    /// Reads `ID[+ID…]=RESULT[; NOTE]` as on the command line and in saved sessions.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what would be right.
    pub fn parse(text: &str, knowledge: &Knowledge) -> Result<Self, String> {
        let form = "Write it as link=works, link=same or link+server=otherwise.";
        let (what, note) = text.split_once(';').unwrap_or((text, ""));
        let (ids, result) = what
            .split_once('=')
            .ok_or_else(|| format!("\u{201c}{text}\u{201d} is no experiment. {form}"))?;
        let result = TrialResult::parse(result.trim())
            .ok_or_else(|| format!("\u{201c}{}\u{201d} is no result. {form}", result.trim()))?;
        let mut changed: Vec<String> = Vec::new();
        for id in ids.split('+').map(str::trim) {
            if !knowledge.experiments.iter().any(|e| e.id == id) {
                let known: Vec<&str> = knowledge.experiments.iter().map(|e| &*e.id).collect();
                return Err(format!(
                    "There is no experiment \u{201c}{id}\u{201d}. Known are {}.",
                    known.join(", ")
                ));
            }
            if !changed.iter().any(|c| c == id) {
                changed.push(id.to_owned());
            }
        }
        Ok(Self {
            changed,
            result,
            note: note.trim().chars().take(LONGEST_NOTE).collect(),
        })
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.changed.join("+"), self.result.as_str())?;
        if self.note.is_empty() {
            return Ok(());
        }
        write!(f, "; {}", self.note)
    }
}

/// A trial with what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The trial.
    pub trial: Trial,
    /// What was changed, in words.
    pub what: String,
    /// What it says, one or two sentences.
    pub sentence: String,
    /// It proves something by itself.
    pub decides: bool,
}

/// An experiment that would tell something.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id.
    pub id: String,
    /// A few words.
    pub short: String,
    /// What to change.
    pub change: String,
    /// What must stay.
    pub keep: String,
    /// Rough cost, minutes.
    pub minutes: u32,
    /// What its outcome would tell, bits.
    pub gain_bits: f64,
    /// Title of the cause that would lead when it works.
    pub if_works: Option<String>,
    /// Title of the cause that would lead when it fails as before.
    pub if_same: Option<String>,
    /// Where the method is known from.
    pub source: String,
}

/// The log of experiments and what to try next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experiments {
    /// All that can be tried: id and a few words.
    pub known: Vec<(String, String)>,
    /// What was tried, in order.
    pub tried: Vec<Tried>,
    /// What to try next, best first.
    pub planned: Vec<Planned>,
}

/// Facts that the trials prove. Trials of one change that contradict each other prove nothing.
#[must_use]
pub fn trial_facts(knowledge: &Knowledge, trials: &[Trial]) -> Vec<Fact> {
    let mut values: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for trial in trials {
        if let Some(def) = lone_change(knowledge, trial)
            && let Some(value) = outcome_value(def, trial.result)
        {
            values.entry(&def.fact).or_default().insert(value);
        }
    }
    values
        .into_iter()
        .filter(|(_, values)| values.len() == 1)
        .filter_map(|(name, values)| Some((name, values.into_iter().next()?)))
        .map(|(name, value)| yes_or_no(name, value))
        .collect()
}

/// Reads the trials and plans the next one. `facts` hold what trials prove already.
#[must_use]
pub fn experiments(
    knowledge: &Knowledge,
    facts: &FactSet,
    answers: &BTreeMap<String, String>,
    diagnosis: &Diagnosis,
    trials: &[Trial],
) -> Experiments {
    Experiments {
        known: knowledge
            .experiments
            .iter()
            .map(|e| (e.id.clone(), e.short.clone()))
            .collect(),
        tried: trials.iter().map(|t| read(knowledge, trials, t)).collect(),
        planned: plan(knowledge, facts, answers, diagnosis, trials),
    }
}

/// The one thing that a trial changed.
fn lone_change<'a>(knowledge: &'a Knowledge, trial: &Trial) -> Option<&'a ExperimentDef> {
    match trial.changed.as_slice() {
        [id] => knowledge.experiments.iter().find(|e| &e.id == id),
        _ => None,
    }
}

fn outcome_value(def: &ExperimentDef, result: TrialResult) -> Option<bool> {
    match result {
        TrialResult::Works => def.works,
        TrialResult::Same => def.same,
        TrialResult::Otherwise => None,
    }
}

fn yes_or_no(name: &str, value: bool) -> Fact {
    Fact {
        name: name.to_owned(),
        state: FactState::Known(FactValue::Bool(value)),
        origins: vec![Origin::Stated],
    }
}

fn read(knowledge: &Knowledge, trials: &[Trial], trial: &Trial) -> Tried {
    let what = trial
        .changed
        .iter()
        .map(|id| {
            let def = knowledge.experiments.iter().find(|e| &e.id == id);
            def.map_or(id.as_str(), |e| e.short.as_str())
        })
        .collect::<Vec<_>>()
        .join(" and ");
    let (sentence, decides) = match lone_change(knowledge, trial) {
        None => (several(trial), false),
        Some(def) => single(def, trials, trial),
    };
    Tried {
        trial: trial.clone(),
        what,
        sentence,
        decides,
    }
}

fn single(def: &ExperimentDef, trials: &[Trial], trial: &Trial) -> (String, bool) {
    let contradicted = trials.iter().any(|t| {
        t.changed == trial.changed
            && matches!(
                (t.result, trial.result),
                (TrialResult::Works, TrialResult::Same) | (TrialResult::Same, TrialResult::Works)
            )
    });
    if contradicted {
        return (
            "The same change worked once and failed once: the fault is not steady. Repeat both \
             runs several times before anything is concluded."
                .into(),
            false,
        );
    }
    match trial.result {
        TrialResult::Works => (def.says_works.clone(), def.works.is_some()),
        TrialResult::Same => (def.says_same.clone(), def.same.is_some()),
        TrialResult::Otherwise => (
            "It fails in another way: the change mattered, and a second fault stands behind the \
             first. Read the new failure as a case of its own."
                .into(),
            false,
        ),
    }
}

fn several(trial: &Trial) -> String {
    let count = trial.changed.len();
    match trial.result {
        TrialResult::Works => format!(
            "{count} things were changed at once, so this does not tell which of them mattered. \
             Change one of them back and try again."
        ),
        TrialResult::Same => format!(
            "{count} things were changed at once and it fails as before: most likely none of them \
             is the cause, but one may hide another. Change one at a time to be sure."
        ),
        TrialResult::Otherwise => format!(
            "{count} things were changed at once and it fails in another way: this does not tell \
             which of them mattered."
        ),
    }
}

fn plan(
    knowledge: &Knowledge,
    facts: &FactSet,
    answers: &BTreeMap<String, String>,
    diagnosis: &Diagnosis,
    trials: &[Trial],
) -> Vec<Planned> {
    if diagnosis.causes.len() < 2 {
        return Vec::new();
    }
    let now = entropy(diagnosis);
    let mut planned: Vec<Planned> = knowledge
        .experiments
        .iter()
        .filter(|e| facts.get(&e.fact).is_none())
        .filter(|e| {
            !trials
                .iter()
                .any(|t| t.changed.len() == 1 && t.changed.contains(&e.id))
        })
        .filter(|e| {
            e.when
                .as_ref()
                .is_none_or(|w| w.holds(facts) == Truth::True)
        })
        .filter_map(|e| {
            let judged = |value: Option<bool>| {
                value.map(|value| {
                    let mut supposed = facts.clone();
                    supposed.insert(yes_or_no(&e.fact, value));
                    diagnose(knowledge, &supposed, answers)
                })
            };
            let (works, same) = (judged(e.works), judged(e.same));
            let after = |d: &Option<Diagnosis>| d.as_ref().map_or(now, entropy);
            let likely = likelihood_of_works(diagnosis, works.as_ref(), same.as_ref());
            let gain_bits = now - (likely * after(&works) + (1.0 - likely) * after(&same));
            let leader =
                |d: Option<Diagnosis>| d.and_then(|d| d.causes.into_iter().next().map(|c| c.title));
            (gain_bits >= LEAST_GAIN).then(|| Planned {
                id: e.id.clone(),
                short: e.short.clone(),
                change: e.change.clone(),
                keep: e.keep.clone(),
                minutes: e.minutes,
                gain_bits,
                if_works: leader(works),
                if_same: leader(same),
                source: e.source.clone(),
            })
        })
        .collect();
    let pays = |p: &Planned| p.gain_bits / f64::from(p.minutes.max(1));
    planned.sort_by(|a, b| pays(b).total_cmp(&pays(a)).then(a.id.cmp(&b.id)));
    planned.truncate(MOST_PLANNED);
    planned
}

/// How likely the changed run works (0 to 1), as the ranking of today has it.
///
/// Where both outcomes were judged, the share that mixes them into today's ranking with the least
/// squared error. Where one says nothing, today's score of the cause that the other would put first
/// against the score that it would get then.
fn likelihood_of_works(
    now: &Diagnosis,
    works: Option<&Diagnosis>,
    same: Option<&Diagnosis>,
) -> f64 {
    let by_leader = |then: &Diagnosis| {
        let Some(leader) = then.causes.first() else {
            return 0.5;
        };
        (score_of(now, &leader.id) / leader.score.max(f64::EPSILON)).clamp(0.0, 1.0)
    };
    match (works, same) {
        (Some(works), Some(same)) => {
            let ids: BTreeSet<&str> = [now, works, same]
                .iter()
                .flat_map(|d| d.causes.iter().map(|c| c.id.as_str()))
                .collect();
            let (mut along, mut length) = (0.0, 0.0);
            for id in ids {
                let step = score_of(works, id) - score_of(same, id);
                along += (score_of(now, id) - score_of(same, id)) * step;
                length += step * step;
            }
            if length > 0.0 {
                (along / length).clamp(0.0, 1.0)
            } else {
                0.5
            }
        }
        (Some(works), None) => by_leader(works),
        (None, Some(same)) => 1.0 - by_leader(same),
        (None, None) => 0.5,
    }
}

fn score_of(diagnosis: &Diagnosis, id: &str) -> f64 {
    diagnosis
        .causes
        .iter()
        .find(|c| c.id == id)
        .map_or(0.0, |c| c.score)
}

/// Entropy of the ranking with its rest, bits.
fn entropy(diagnosis: &Diagnosis) -> f64 {
    diagnosis
        .causes
        .iter()
        .map(|c| c.score)
        .chain([diagnosis.other])
        .filter(|p| *p > 0.0)
        .map(|p| -p * p.log2())
        .sum()
}
