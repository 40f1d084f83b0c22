//! `score`: how often the diagnosis is right on a folder of labelled cases.
//!
//! Every file goes in under a neutral name, so that no name of a folder or file can hint at the
//! answer. The labels are read here and nowhere else.

mod cases;
mod lab;
mod leave_out;
mod noise;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::arguments::{Score, ScoreInputs};
use super::inputs::tables;
use super::output::{Status, Streams};
use crate::diagnose::Diagnosis;
use crate::evidence::Micros;
use crate::knowledge::Knowledge;
use crate::session::{Case, CaseFiles, DeviceSide, Snapshot};

pub(super) fn run(given: &Score, json: bool, streams: &mut Streams<'_>) -> Status {
    let knowledge = tables(given.assets.as_deref(), streams).knowledge;
    let labelled = match find(&given.folder, given.only.as_deref()) {
        Ok(labelled) => labelled,
        Err(sentence) => {
            streams.say(&sentence);
            return Status::Unusable;
        }
    };
    let beside = match given.beside.as_deref().map(|f| find(f, None)).transpose() {
        Ok(beside) => beside.map(|b| b.for_noise()).unwrap_or_default(),
        Err(sentence) => {
            streams.say(&sentence);
            return Status::Unusable;
        }
    };
    let verbose = given.verbose;
    let mut told: Vec<String> = Vec::new();
    let mut tell = |line: String| {
        if verbose {
            told.push(line);
        }
    };
    let score = ScoreJson {
        schema: "handlens.score/1",
        folder: given.folder.display().to_string(),
        only: given.only.clone(),
        cases: (!labelled.cases.is_empty()).then(|| CasesJson {
            blind: cases::score(&knowledge, &labelled.cases, false, &mut tell),
            given: cases::score(&knowledge, &labelled.cases, true, &mut |_| {}),
        }),
        lab: (!labelled.scenarios.is_empty())
            .then(|| lab::score(&knowledge, &labelled.scenarios, given.inputs, &mut tell)),
        inputs: given.inputs,
        noise: given
            .noise
            .map(|seed| noise::score(&knowledge, &labelled.for_noise(), seed, &mut tell)),
        leave_out: given
            .leave_out
            .then(|| leave_out::score(&knowledge, &labelled.for_noise(), &beside, &mut tell)),
    };
    if verbose {
        for line in &told {
            if json {
                streams.say(line);
            } else {
                streams.result(line);
            }
        }
    }
    if json {
        streams.json(&score);
    } else {
        let mut out = Vec::new();
        if let Some(cases) = &score.cases {
            out.push(format!("blind: {}", cases.blind.line()));
            out.push(format!("given: {}", cases.given.line()));
        }
        out.extend(score.lab.as_ref().map(lab::LabScore::line));
        let noise = score.noise.iter().flatten();
        out.extend(noise.map(noise::NoiseScore::line));
        out.extend(score.leave_out.as_ref().map(leave_out::LeaveOutScore::line));
        streams.result(&out.join("\n"));
    }
    Status::Fine
}

#[derive(Serialize)]
struct ScoreJson {
    schema: &'static str,
    folder: String,
    only: Option<String>,
    cases: Option<CasesJson>,
    lab: Option<lab::LabScore>,
    inputs: ScoreInputs,
    noise: Option<Vec<noise::NoiseScore>>,
    leave_out: Option<leave_out::LeaveOutScore>,
}

#[derive(Serialize)]
struct CasesJson {
    blind: cases::CasesScore,
    given: cases::CasesScore,
}

/// What a folder holds.
struct Labelled {
    cases: Vec<cases::Labelled>,
    scenarios: Vec<lab::Labelled>,
}

impl Labelled {
    fn for_noise(&self) -> Vec<noise::Labelled> {
        let cases = self.cases.iter().map(cases::Labelled::for_noise);
        let scenarios = self.scenarios.iter().map(lab::Labelled::for_noise);
        cases.chain(scenarios).collect()
    }
}

fn find(folder: &Path, only: Option<&str>) -> Result<Labelled, String> {
    let listed = std::fs::read_dir(folder)
        .map_err(|e| format!("{} cannot be read: {e}.", folder.display()))?;
    let mut folders: Vec<PathBuf> = listed.filter_map(Result::ok).map(|e| e.path()).collect();
    folders.sort();
    let mut out = Labelled {
        cases: Vec::new(),
        scenarios: Vec::new(),
    };
    let truth = folder.join("truth.toml");
    if truth.is_file() {
        out.scenarios.extend(lab::from_truth(&truth)?);
    }
    for path in folders {
        if path.join("case.toml").is_file() {
            out.cases.push(cases::read(&path)?);
        } else if path.join("scenario.toml").is_file() {
            out.scenarios.push(lab::read(&path)?);
        }
    }
    if let Some(only) = only {
        let only = only.to_ascii_lowercase();
        out.cases.retain(|c| c.answers_to(&only));
        out.scenarios.retain(|s| s.answers_to(&only));
    }
    if out.cases.is_empty() && out.scenarios.is_empty() {
        return Err(format!(
            "{} holds no labelled case (case.toml, scenario.toml or truth.toml).",
            folder.display()
        ));
    }
    Ok(out)
}

/// Judges files under neutral names. `facts` are `NAME=VALUE`; `side` is what a person who took a
/// capture knows of it.
fn judge(
    knowledge: &Arc<Knowledge>,
    files: &[PathBuf],
    facts: &[String],
    side: Option<DeviceSide>,
    at: Option<Micros>,
) -> Result<(Snapshot, CaseFiles), String> {
    let mut case = Case::new(Arc::clone(knowledge), Vec::new());
    case.set_at(at);
    case.set_device_side(side);
    for text in facts {
        if let Some(id) = text.strip_prefix("device.id=")
            && case.choose_device(Some(id)).is_ok()
        {
            continue;
        }
        let fact = case.knowledge().parse_stated(text)?;
        case.state(fact);
    }
    let mut read = CaseFiles::new(case);
    for (i, path) in files.iter().enumerate() {
        read.open_path(path, &format!("input-{i}"))
            .map_err(|e| e.to_string())?;
    }
    // The present takes no part: every label has its date.
    let snapshot = read.snapshot(at.unwrap_or_default());
    Ok((snapshot, read))
}

/// The same for bytes at hand.
fn judge_bytes(
    knowledge: &Arc<Knowledge>,
    files: &[Vec<u8>],
    at: Option<Micros>,
) -> Result<(Snapshot, CaseFiles), String> {
    let mut case = Case::new(Arc::clone(knowledge), Vec::new());
    case.set_at(at);
    let mut read = CaseFiles::new(case);
    for (i, bytes) in files.iter().enumerate() {
        read.open_reader(&format!("input-{i}"), &mut bytes.as_slice())
            .map_err(|e| e.to_string())?;
    }
    let snapshot = read.snapshot(at.unwrap_or_default());
    Ok((snapshot, read))
}

/// Ids of the causes with their scores, best first, as `diagnose --json` lists them.
fn ranked(snapshot: &Snapshot) -> Vec<(String, f64)> {
    ranked_causes(&snapshot.diagnosis)
}

fn ranked_causes(diagnosis: &Diagnosis) -> Vec<(String, f64)> {
    diagnosis
        .causes
        .iter()
        .filter(|c| c.score >= crate::report::LEAST_SCORE)
        .map(|c| (c.id.clone(), c.score))
        .collect()
}
