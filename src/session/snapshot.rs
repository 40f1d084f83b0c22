//! What a session looks like at one moment: plain values, cheap to clone.

use super::device_side::SideWanted;
use std::sync::Arc;

use super::file_seen::{CertificatesSeen, FileSeen};
use super::probe_run::ProbeRun;
use crate::device::DeviceProfile;
use crate::diagnose::{Diagnosis, Experiments};
use crate::evidence::{FactSet, Input, InputId, Micros, TimeBase};
use crate::timeline::{Attempt, Turn};
use crate::tls::StepName;

/// Tone of a statement: a colour, a mark and a word, never the colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good.
    Ok,
    /// Suspicious.
    Warn,
    /// A fault.
    Fail,
    /// Not known.
    Unknown,
    /// Something is awaited, nothing is wrong yet.
    Waiting,
}

/// The verdict's word in the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// Completed and nothing found.
    Completed,
    /// Completed, but something is wrong.
    CompletedWithProblem,
    /// Failed.
    Failed,
    /// Stalled.
    Stalled,
    /// No sign of a handshake.
    NoHandshake,
    /// The log ends too early to tell.
    Inconclusive,
}

impl VerdictKind {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::CompletedWithProblem => "completed_with_problem",
            Self::Failed => "failed",
            Self::Stalled => "stalled",
            Self::NoHandshake => "no_handshake",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// One sentence that says where the handshake stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// For programs.
    pub kind: VerdictKind,
    /// For the colour.
    pub tone: Tone,
    /// One or two words, such as `Stalled`.
    pub word: String,
    /// Who, what, since when.
    pub sentence: String,
    /// Leading cause and next check.
    pub second: String,
}

/// A part of an input that is missing: unplugged, dropped, damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Which input.
    pub input: InputId,
    /// Line before which it lies.
    pub before_line: u32,
    /// How long, in milliseconds, where known.
    pub ms: Option<i64>,
    /// One sentence.
    pub sentence: String,
}

/// A problem to show until it is solved: what happened, what is safe, what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Which input, if one.
    pub input: Option<InputId>,
    /// One sentence for the person.
    pub sentence: String,
    /// The technical chain, for the "details" fold.
    pub details: String,
}

/// A long job.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Which input it reads.
    pub input: InputId,
    /// Such as `Reading device.log`.
    pub what: String,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all, where known.
    pub total: Option<u64>,
}

/// State of an open port.
#[derive(Clone, Debug, PartialEq)]
pub struct PortStatus {
    /// Its input.
    pub input: InputId,
    /// Such as `/dev/ttyUSB0` or `COM4`.
    pub name: String,
    /// Such as `115,200 8N1`.
    pub line: String,
    /// Open now.
    pub connected: bool,
    /// State of DTR, where we set it.
    pub dtr: Option<bool>,
    /// State of RTS, where we set it.
    pub rts: Option<bool>,
    /// File that is being recorded, if any.
    pub recording: Option<String>,
    /// One sentence: connected, waiting to reconnect, wrong speed suspected.
    pub sentence: String,
}

/// One row of the log as shown.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Line, counted from 1.
    pub line: u32,
    /// Time as printed or received, formatted.
    pub time: String,
    /// State of the library, as a short text.
    pub state: String,
    /// The line without time and decoration, control characters made visible, cut at 2,000 characters.
    pub text: String,
    /// What it means, empty where nothing is known.
    pub meaning: String,
    /// The bytes in hexadecimal, where the line is a frame of a module and `text` its words.
    pub raw: String,
    /// Other lines that are folded into this one (poll loop): count.
    pub folded: u32,
}

/// A session at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Grows with every change.
    pub revision: u64,
    /// All that is in it was judged; else the judgement follows in a moment.
    pub settled: bool,
    /// Inputs in order.
    pub inputs: Vec<Input>,
    /// Attempts in order.
    pub attempts: Vec<Arc<Attempt>>,
    /// What probes saw as the device: shown behind `attempts` and numbered on, never judged.
    pub asked: Vec<Arc<Attempt>>,
    /// The attempt that the verdict speaks of: the last that failed, else the last.
    pub judged: Option<usize>,
    /// The attempt that shows the judged one in the words of the device's peer, where that device
    /// itself shows no step of the handshake.
    pub peer: Option<usize>,
    /// What changed against the attempt before, one sentence an attempt.
    pub changes: Vec<String>,
    /// Facts of the judged attempt with what was stated.
    pub facts: Arc<FactSet>,
    /// Judgement.
    pub diagnosis: Arc<Diagnosis>,
    /// What was tried, one change at a time, and what to try next.
    pub experiments: Arc<Experiments>,
    /// Verdict line.
    pub verdict: Verdict,
    /// Time of judgement, microseconds since 1970 UTC, and where it comes from.
    pub judged_at: (Micros, &'static str),
    /// Open ports.
    pub ports: Vec<PortStatus>,
    /// Gaps.
    pub gaps: Vec<Gap>,
    /// Problems.
    pub problems: Vec<Problem>,
    /// Long jobs.
    pub progress: Vec<Progress>,
    /// Files that are no logs: certificates, keys, configurations.
    pub files: Vec<FileSeen>,
    /// The certificates of all files with host, time and device that they are held against. The
    /// same `Arc` as long as nothing about them changes.
    pub certificates: Arc<CertificatesSeen>,
    /// Device that was chosen.
    pub device: Option<Arc<DeviceProfile>>,
    /// The device that was chosen, else the one that the evidence or a person names.
    pub named_device: Option<Arc<DeviceProfile>>,
    /// Commands and answers of the inputs that have any.
    pub dialogues: Vec<(InputId, Arc<[Turn]>)>,
    /// Inputs whose times were moved onto the axis of the judged attempt.
    pub clocks: Vec<InputClock>,
    /// Which end of each capture is the device, and who says so.
    pub sides: Vec<(InputId, SideWanted)>,
    /// Probes of servers in the order in which they were begun; those that run are the last.
    pub probes: Vec<Arc<ProbeRun>>,
}

impl Snapshot {
    /// An attempt by its number, those of probes among them.
    #[must_use]
    pub fn attempt(&self, index: usize) -> Option<&Arc<Attempt>> {
        let asked = index.checked_sub(self.attempts.len());
        match asked {
            None => self.attempts.get(index),
            Some(place) => self.asked.get(place),
        }
    }

    /// What the times of an attempt mean.
    #[must_use]
    pub fn time_base(&self, attempt: &Attempt) -> TimeBase {
        let input = self.inputs.iter().find(|i| i.id == attempt.input);
        match (input, attempt.input.probe_number()) {
            (Some(input), _) => input.time_base,
            (None, Some(_)) => TimeBase::Unix,
            (None, None) => TimeBase::None,
        }
    }

    /// The probe that saw this attempt, where one did.
    #[must_use]
    pub fn probe_of(&self, attempt: &Attempt) -> Option<&ProbeRun> {
        let number = attempt.input.probe_number()?;
        let run = self.probes.iter().find(|p| p.number == number);
        run.map(AsRef::as_ref)
    }

    /// The name of where an attempt was seen.
    #[must_use]
    pub fn origin_name(&self, attempt: &Attempt) -> String {
        let input = self.inputs.iter().find(|i| i.id == attempt.input);
        match (input, self.probe_of(attempt)) {
            (Some(input), _) => input.name.clone(),
            (None, Some(run)) => format!("probe {} as {}", run.number, run.ask_as),
            (None, None) => String::new(),
        }
    }
}

/// How the times of one input were moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputClock {
    /// Which input.
    pub input: InputId,
    /// What was added to its times, milliseconds.
    pub offset_ms: i64,
    /// A person said so; else it follows from a step that both inputs show.
    pub by_hand: bool,
    /// First step that both inputs show with a time.
    pub matched: Option<StepName>,
    /// One sentence.
    pub sentence: String,
}
