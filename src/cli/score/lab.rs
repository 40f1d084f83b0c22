//! Figures over recorded scenarios whose wire is known: cause, steps with direction, alerts, false
//! alarms. The device's log alone is judged, or what else the scenario holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::arguments::ScoreInputs;
use super::steps::{Step, counts, lcs, printed};
use super::{judge, ranked};
use crate::evidence::Micros;
use crate::knowledge::Knowledge;
use crate::session::figures::parse_rfc3339;
use crate::session::{DeviceSide, Snapshot, VerdictKind};
use crate::timeline::Certainty;

/// A recorded scenario with its truth.
pub(super) struct Labelled {
    name: String,
    stack: String,
    log: PathBuf,
    /// The scenario's folder, where it has one of its own.
    folder: Option<PathBuf>,
    at: Option<Micros>,
    cause: String,
    also: Vec<String>,
    steps: Vec<Step>,
    /// Those that a capture shows without keys.
    clear_steps: Vec<Step>,
    alerts: Vec<TrueAlert>,
    /// The truth lists what the device read, not what was on the wire.
    as_read: bool,
    /// Which end of the capture is the device.
    side: DeviceSide,
}

struct TrueAlert {
    number: u8,
    name: String,
    direction: String,
    fatal: bool,
    /// Not readable in a capture without keys.
    encrypted: bool,
}

#[derive(Deserialize)]
struct Scenario {
    #[serde(default)]
    stack: String,
    #[serde(default)]
    role: String,
    cause: String,
    #[serde(default)]
    also_acceptable: Vec<String>,
    #[serde(default)]
    started: String,
    #[serde(default)]
    timeline: Vec<Message>,
    #[serde(default)]
    timeline_decrypted: Vec<Message>,
    #[serde(default)]
    alerts: Vec<WireAlert>,
}

#[derive(Deserialize)]
struct Message {
    dir: String,
    msg: String,
}

#[derive(Deserialize)]
struct WireAlert {
    number: u8,
    name: String,
    level: String,
    #[serde(default)]
    sent_by: String,
    #[serde(default)]
    encrypted: bool,
}

#[derive(Deserialize)]
struct Truth {
    #[serde(default)]
    session: Vec<Session>,
}

#[derive(Deserialize)]
struct Session {
    file: String,
    recorded: toml::value::Datetime,
    cause: String,
    #[serde(default)]
    also_acceptable: Vec<String>,
    #[serde(default)]
    steps: Vec<Told>,
    #[serde(default)]
    alerts: Vec<ToldAlert>,
}

#[derive(Deserialize)]
struct Told {
    direction: String,
    name: String,
}

#[derive(Deserialize)]
struct ToldAlert {
    direction: String,
    level: String,
    number: u8,
    name: String,
}

/// The figures.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LabScore {
    n: usize,
    failing: usize,
    top1: usize,
    lenient1: usize,
    lenient3: usize,
    successes: usize,
    false_alarms: usize,
    steps_true: usize,
    steps_said: usize,
    steps_hit: usize,
    alerts_printed: usize,
    alerts_hit: usize,
    alerts_invented: usize,
    errors: usize,
    sure: usize,
    sure_right: usize,
    brier: f64,
}

/// Reads `scenario.toml` and where its log lies.
pub(super) fn read(folder: &Path) -> Result<Labelled, String> {
    let path = folder.join("scenario.toml");
    let told = |e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|e| told(&e))?;
    let scenario: Scenario = toml::from_str(&text).map_err(|e| told(&e))?;
    let own = if scenario.role == "server" {
        "S>C"
    } else {
        "C>S"
    };
    let steps = |wire: &[Message]| -> Vec<Step> {
        wire.iter()
            .filter_map(|m| {
                let direction = if m.dir == own { "sent" } else { "received" };
                Some((step_name(&m.msg)?, direction.to_owned()))
            })
            .filter(|(name, _)| counts(name))
            .collect()
    };
    let clear_steps = steps(&scenario.timeline);
    let all_steps = steps(&scenario.timeline_decrypted);
    Ok(Labelled {
        name: folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        stack: scenario.stack,
        log: folder.join("device.log"),
        folder: Some(folder.to_owned()),
        at: parse_rfc3339(&scenario.started),
        cause: scenario.cause,
        also: scenario.also_acceptable,
        steps: if all_steps.is_empty() {
            clear_steps.clone()
        } else {
            all_steps
        },
        clear_steps,
        alerts: scenario
            .alerts
            .into_iter()
            .map(|a| TrueAlert {
                number: a.number,
                name: a.name,
                direction: if a.sent_by == "peer" {
                    "received"
                } else {
                    "sent"
                }
                .into(),
                fatal: a.level == "fatal",
                encrypted: a.encrypted,
            })
            .collect(),
        as_read: false,
        side: if scenario.role == "server" {
            DeviceSide::Server
        } else {
            DeviceSide::Client
        },
    })
}

/// Reads `truth.toml` beside several logs.
pub(super) fn from_truth(path: &Path) -> Result<Vec<Labelled>, String> {
    let told = |e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", path.display());
    let text = std::fs::read_to_string(path).map_err(|e| told(&e))?;
    let truth: Truth = toml::from_str(&text).map_err(|e| told(&e))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Ok(truth
        .session
        .into_iter()
        .map(|s| Labelled {
            log: folder.join(&s.file),
            folder: None,
            clear_steps: Vec::new(),
            name: s.file,
            stack: String::new(),
            at: parse_rfc3339(&s.recorded.to_string()),
            cause: s.cause,
            also: s.also_acceptable,
            as_read: true,
            side: DeviceSide::Client,
            steps: s
                .steps
                .into_iter()
                .map(|t| (t.name, t.direction))
                .filter(|(name, _)| counts(name))
                .collect(),
            alerts: s
                .alerts
                .into_iter()
                .map(|a| TrueAlert {
                    number: a.number,
                    name: a.name,
                    direction: a.direction,
                    fatal: a.level == "fatal",
                    encrypted: false,
                })
                .collect(),
        })
        .collect())
}

/// `ServerKeyExchange` → `server_key_exchange`; an encrypted handshake message of TLS 1.2 is the
/// `Finished`.
fn step_name(message: &str) -> Option<String> {
    if message == "EncryptedHandshakeMessage" {
        return Some("finished".into());
    }
    crate::tls::StepName::ALL
        .iter()
        .find(|n| n.title() == message)
        .map(|n| n.as_str().to_owned())
}

impl Labelled {
    pub(super) fn for_noise(&self) -> super::noise::Labelled {
        let mut right = Vec::new();
        if self.cause != "none" {
            right.push(self.cause.clone());
            right.extend(self.also.iter().cloned());
        }
        super::noise::Labelled {
            name: self.name.clone(),
            files: vec![self.log.clone()],
            at: self.at,
            right,
        }
    }

    /// The files to judge; `None` where the scenario has none of that kind.
    fn files(&self, inputs: ScoreInputs) -> Option<Vec<PathBuf>> {
        let Some(folder) = &self.folder else {
            return (inputs == ScoreInputs::Log).then(|| vec![self.log.clone()]);
        };
        let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(Result::ok)
            .map(|e| e.path())
            .filter(|p| p.is_file())
            .collect();
        names.sort();
        let is = |p: &PathBuf, wanted: &[&str]| {
            p.file_name()
                .is_some_and(|n| wanted.iter().any(|w| n == *w))
        };
        names.retain(|p| match inputs {
            ScoreInputs::Log => is(p, &["device.log"]),
            ScoreInputs::Capture => is(p, &["capture.pcapng"]),
            ScoreInputs::Files => is(
                p,
                &[
                    "device.log",
                    "capture.pcapng",
                    "device-trust.pem",
                    "server-chain.pem",
                    "peer.log",
                ],
            ),
            // The configuration of a scenario is a note on both sides, and says what is the fault.
            ScoreInputs::All => !is(p, &["scenario.toml", "config.txt"]),
        });
        (!names.is_empty()).then_some(names)
    }

    pub(super) fn answers_to(&self, only: &str) -> bool {
        self.name.to_ascii_lowercase().contains(only)
            || self.stack.to_ascii_lowercase().contains(only)
    }
}

/// Scores all scenarios.
pub(super) fn score(
    knowledge: &Arc<Knowledge>,
    scenarios: &[Labelled],
    inputs: ScoreInputs,
    tell: &mut dyn FnMut(String),
) -> LabScore {
    let mut total = LabScore::default();
    for scenario in scenarios {
        let Some(files) = scenario.files(inputs) else {
            continue;
        };
        total.n += 1;
        // Who takes a capture knows which end is the device; a log says it itself.
        let side = (inputs == ScoreInputs::Capture).then(|| scenario.side.clone());
        match judge(knowledge, &files, &[], side, scenario.at) {
            Ok((snapshot, _)) => total.add(scenario, inputs, &snapshot, tell),
            Err(why) => {
                total.errors += 1;
                tell(format!("{}: ERROR {why}", scenario.name));
            }
        }
    }
    total
}

impl LabScore {
    fn add(
        &mut self,
        truth: &Labelled,
        inputs: ScoreInputs,
        snapshot: &Snapshot,
        tell: &mut dyn FnMut(String),
    ) {
        let scored = ranked(snapshot);
        let got: Vec<String> = scored.iter().map(|(id, _)| id.clone()).collect();
        let good = |id: &String| *id == truth.cause || truth.also.contains(id);
        if truth.cause == "none" {
            self.successes += 1;
            let alarm = !got.is_empty() || snapshot.verdict.kind != VerdictKind::Completed;
            self.false_alarms += usize::from(alarm);
        } else {
            self.failing += 1;
            self.top1 += usize::from(got.first() == Some(&truth.cause));
            self.lenient1 += usize::from(got.first().is_some_and(good));
            self.lenient3 += usize::from(got.iter().take(3).any(good));
            let p: f64 = scored
                .iter()
                .filter(|(id, _)| good(id))
                .map(|(_, s)| s)
                .sum();
            self.brier += (1.0 - p.min(1.0)).powi(2);
            if let Some((id, _)) = scored.first().filter(|(_, s)| *s >= 0.8) {
                self.sure += 1;
                self.sure_right += usize::from(good(id));
            }
        }
        let wanted = match inputs {
            ScoreInputs::Capture => &truth.clear_steps,
            _ => &truth.steps,
        };
        let best = best_attempt(truth, wanted, snapshot);
        let hit = lcs(wanted, &best);
        self.steps_true += wanted.len();
        self.steps_said += best.len();
        self.steps_hit += hit;

        let log = std::fs::read(&truth.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let said: BTreeSet<(u8, &str)> = snapshot
            .attempts
            .iter()
            .flat_map(|a| &a.alerts)
            .filter(|a| a.fatal)
            .map(|a| (a.alert.0, a.direction.as_str()))
            .collect();
        let real: BTreeSet<(u8, &str)> = truth
            .alerts
            .iter()
            .map(|a| (a.number, a.direction.as_str()))
            .collect();
        self.alerts_invented += said.difference(&real).count();
        for alert in truth.alerts.iter().filter(|a| a.fatal) {
            let shown = match inputs {
                ScoreInputs::Log => printed(&log, alert.number, &alert.name),
                _ => !alert.encrypted,
            };
            if shown {
                self.alerts_printed += 1;
                let found = said.contains(&(alert.number, alert.direction.as_str()));
                self.alerts_hit += usize::from(found);
            }
        }
        tell(format!(
            "{}: want {} got [{}] verdict {} steps {hit}/{} said {} alerts {said:?} true {real:?}",
            truth.name,
            truth.cause,
            got.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            snapshot.verdict.kind.as_str(),
            wanted.len(),
            best.len(),
        ));
    }

    #[allow(clippy::cast_precision_loss)] // counts of cases
    pub(super) fn line(&self) -> String {
        let share = |k: usize| format!("{}%", (k * 100 + self.failing / 2) / self.failing.max(1));
        format!(
            "n={} failing={} top1={} lenient1={} lenient3={} | successes={} false alarms={} | steps recall {}/{} precision {}/{} | printed alerts {}/{} invented {} | errors={} | sure>=0.8 {}/{} brier={:.2}",
            self.n,
            self.failing,
            share(self.top1),
            share(self.lenient1),
            share(self.lenient3),
            self.successes,
            self.false_alarms,
            self.steps_hit,
            self.steps_true,
            self.steps_hit,
            self.steps_said,
            self.alerts_hit,
            self.alerts_printed,
            self.alerts_invented,
            self.errors,
            self.sure_right,
            self.sure,
            self.brier / self.failing.max(1) as f64
        )
    }
}

/// The attempt that fits best; of two that fit alike, the shorter one.
fn best_attempt(truth: &Labelled, wanted: &[Step], snapshot: &Snapshot) -> Vec<Step> {
    let mut best: Option<(usize, Vec<Step>)> = None;
    for attempt in &snapshot.attempts {
        let steps: Vec<Step> = attempt
            .steps
            .iter()
            .filter(|s| !truth.as_read || s.certainty == Certainty::Seen)
            .map(|s| (s.name.as_str().to_owned(), s.direction.as_str().to_owned()))
            .filter(|(name, _)| counts(name))
            .collect();
        let hit = lcs(wanted, &steps);
        let better = best
            .as_ref()
            .is_none_or(|(b, old)| hit > *b || (hit == *b && steps.len() < old.len()));
        if better {
            best = Some((hit, steps));
        }
    }
    best.map(|(_, steps)| steps).unwrap_or_default()
}
