//! One troubleshooting case without threads: inputs, decoders, timelines, what was stated, and the
//! snapshot of it all. The engine drives it live, the command line drives it directly.
//!
//! In: bytes with their input, facts, answers. Out: [`Snapshot`]. Must not know files, ports,
//! threads or clocks: the caller says what time it is.

mod clocks;
mod differ;
mod files;
mod input;
mod judging;
mod lanes;
mod overlap;
mod probes;
mod side;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use files::known_device;
pub use input::NewInput;
use input::{CaseInput, is_decoded};
use judging::Judgement;

use super::probe_run::ProbeRun;
use super::snapshot::{Gap, Problem};
use super::tables::Tables;
use crate::capture::DeviceSide;
use crate::cert::CertTables;
use crate::decode::{DialectName, LogDecoder, StepRule, dialect_name};
use crate::device::{DeviceList, DeviceProfile};
use crate::diagnose::Trial;
use crate::evidence::{Fact, FactState, FactValue, Input, InputId, InputKind, Micros, Observation};
use crate::knowledge::Knowledge;

/// One case.
pub struct Case {
    knowledge: Arc<Knowledge>,
    rules: Vec<StepRule>,
    /// Which end of captures is the device, where a person said so for all.
    device_side: Option<DeviceSide>,
    /// What inputs that are added are read as.
    read_as: Option<&'static DialectName>,
    inputs: Vec<CaseInput>,
    stated: BTreeMap<String, Fact>,
    answers: BTreeMap<String, String>,
    trials: Vec<Trial>,
    chosen: Option<usize>,
    at: Option<Micros>,
    gaps: Vec<Gap>,
    problems: Vec<Problem>,
    /// Tables for certificates in use.
    cert_tables: CertTables,
    /// Those of `problems` that the tables in use have.
    of_tables: Vec<Problem>,
    devices: Arc<DeviceList>,
    device: Option<Arc<DeviceProfile>>,
    probes: Vec<Arc<ProbeRun>>,
    judgement: Judgement,
    revision: u64,
    now: Micros,
}

impl Case {
    /// An empty case.
    #[must_use]
    pub fn new(knowledge: Arc<Knowledge>, rules: Vec<StepRule>) -> Self {
        Self {
            knowledge,
            rules,
            device_side: None,
            read_as: None,
            inputs: Vec::new(),
            stated: BTreeMap::new(),
            answers: BTreeMap::new(),
            trials: Vec::new(),
            chosen: None,
            at: None,
            gaps: Vec::new(),
            problems: Vec::new(),
            cert_tables: CertTables::default(),
            of_tables: Vec::new(),
            devices: files::embedded_devices(),
            device: None,
            probes: Vec::new(),
            judgement: Judgement::default(),
            revision: 0,
            now: 0,
        }
    }

    /// The tables in use.
    #[must_use]
    pub fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    /// Exchanges the tables (the user's folder changed). Rules for step lines count for inputs that
    /// are added later. What was wrong with the former tables is not told any more.
    pub fn set_tables(&mut self, tables: Tables) {
        self.knowledge = tables.knowledge;
        self.cert_tables = tables.certificates;
        self.set_devices(tables.devices);
        self.rules = tables.rules;
        let former = std::mem::replace(&mut self.of_tables, tables.problems);
        self.problems.retain(|p| !former.contains(p));
        for problem in self.of_tables.clone() {
            self.add_problem(problem);
        }
    }

    /// Adds an input; kinds that are not decoded are listed only.
    pub fn add_input(&mut self, new: NewInput) {
        self.inputs
            .push(CaseInput::new(new, &self.rules, self.read_as));
    }

    /// Takes bytes of an input; `received` is the time of the read for live ones.
    pub fn push(&mut self, id: InputId, bytes: &[u8], received: Option<Micros>) {
        self.push_seen(id, bytes, received, &mut |_| {});
    }

    /// As [`Case::push`], and shows every observation to `seen`.
    pub fn push_seen(
        &mut self,
        id: InputId,
        bytes: &[u8],
        received: Option<Micros>,
        seen: &mut dyn FnMut(&Observation),
    ) {
        let Some(at) = self.position(id) else { return };
        let Some(input) = self.inputs.get_mut(at) else {
            return;
        };
        input.input.bytes += bytes.len() as u64;
        input.received = received.or(input.received);
        if let Some(decoder) = &mut input.decoder {
            let (timeline, dialogue) = (&mut input.timeline, &mut input.dialogue);
            decoder.push(bytes, received, &mut |o| {
                timeline.observe(&o);
                dialogue.observe(&o);
                seen(&o);
            });
        }
        input.refresh();
    }

    /// Bytes that were sent to the device of an input, at this time: its next lines may answer them.
    pub fn sent(&mut self, id: InputId, bytes: &[u8], received: Option<Micros>) {
        let Some(at) = self.position(id) else { return };
        let Some(input) = self.inputs.get_mut(at) else {
            return;
        };
        if let Some(decoder) = &mut input.decoder {
            let (timeline, dialogue) = (&mut input.timeline, &mut input.dialogue);
            decoder.sent(bytes, received, &mut |o| {
                timeline.observe(&o);
                dialogue.observe(&o);
            });
        }
    }

    /// Inputs that are added from now on are read as this dialect; `None`: each line as what it
    /// looks like.
    ///
    /// # Errors
    /// One sentence that names the dialects.
    pub fn read_all_as(&mut self, dialect: Option<&str>) -> Result<(), String> {
        self.read_as = dialect.map(known_dialect).transpose()?;
        Ok(())
    }

    /// Forgets what was read in an input, to read its bytes again as this dialect. `false`: it is no
    /// input of lines, or is read so already.
    pub fn read_again_as(&mut self, id: InputId, dialect: Option<&'static DialectName>) -> bool {
        let at = self.position(id);
        let Some(input) = at.and_then(|at| self.inputs.get_mut(at)) else {
            return false;
        };
        let now = input.decoder.as_ref().map(LogDecoder::only);
        if now.is_none_or(|now| now == dialect) {
            return false;
        }
        input.begin_again(&self.rules, dialect);
        self.chosen = None;
        true
    }

    /// May more come in this input?
    #[must_use]
    pub fn is_growing(&self, id: InputId) -> bool {
        self.is_open(id)
    }

    /// The input ended: a last line without its end is taken too.
    pub fn finish(&mut self, id: InputId) {
        let Some(at) = self.position(id) else { return };
        let Some(input) = self.inputs.get_mut(at) else {
            return;
        };
        if let Some(decoder) = input.decoder.as_mut().filter(|_| input.open) {
            let (timeline, dialogue) = (&mut input.timeline, &mut input.dialogue);
            decoder.finish(&mut |o| {
                timeline.observe(&o);
                dialogue.observe(&o);
            });
        }
        input.open = false;
        input.refresh();
    }

    /// After [`Case::read_again_as`] of an input that had ended: it has ended again.
    pub fn finish_again(&mut self, id: InputId) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.open = true;
        }
        self.finish(id);
    }

    /// Takes an input away with everything that was read in it.
    pub fn remove(&mut self, id: InputId) {
        self.inputs.retain(|i| i.input.id != id);
        self.gaps.retain(|g| g.input != id);
        self.problems.retain(|p| p.input != Some(id));
        self.chosen = None;
    }

    /// Says that the input turned out to be something that is not decoded.
    pub fn set_kind(&mut self, id: InputId, kind: InputKind) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.input.kind = kind;
            if !is_decoded(kind) {
                input.decoder = None;
            }
        }
    }

    /// Counts bytes of an input that were seen and not decoded.
    pub fn add_bytes(&mut self, id: InputId, bytes: u64) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.input.bytes += bytes;
        }
    }

    /// Notes that something is missing.
    pub fn add_gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// Notes a problem, once.
    pub fn add_problem(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Takes back the problems of an input.
    pub fn clear_problems(&mut self, id: InputId) {
        self.problems.retain(|p| p.input != Some(id));
    }

    /// Takes all problems back: they were read.
    pub fn clear_all_problems(&mut self) {
        self.problems.clear();
    }

    /// When the file of an input was last written.
    #[must_use]
    pub fn file_time(&self, id: InputId) -> Option<Micros> {
        self.inputs.get(self.position(id)?)?.file_time
    }

    /// States a fact; a later statement of the same name wins.
    pub fn state(&mut self, fact: Fact) {
        // The device that a person names is the one whose limits count.
        if &*fact.name == "device.id"
            && let FactState::Known(FactValue::Text(id)) = &fact.state
        {
            let _ = self.choose_device(Some(id));
        }
        self.stated.insert(fact.name.clone(), fact);
    }

    /// Takes a stated fact back.
    pub fn unstate(&mut self, name: &str) {
        self.stated.remove(name);
    }

    /// Facts that were stated.
    pub fn stated(&self) -> impl Iterator<Item = &Fact> {
        self.stated.values()
    }

    /// Answers a question of the tree.
    pub fn answer(&mut self, node: &str, label: &str) {
        self.answers.insert(node.to_owned(), label.to_owned());
    }

    /// Takes an answer back.
    pub fn unanswer(&mut self, node: &str) {
        self.answers.remove(node);
    }

    /// Answers given by hand: question → label.
    #[must_use]
    pub fn answers(&self) -> &BTreeMap<String, String> {
        &self.answers
    }

    /// Notes an experiment.
    pub fn try_out(&mut self, trial: Trial) {
        self.trials.push(trial);
    }

    /// Takes the experiment at this place of the log back.
    pub fn untry(&mut self, at: usize) {
        if at < self.trials.len() {
            self.trials.remove(at);
        }
    }

    /// Experiments in the order in which they were noted.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Judges this attempt, or again the last that failed.
    pub fn set_judged(&mut self, attempt: Option<usize>) {
        self.chosen = attempt;
    }

    /// The attempt that was chosen by hand.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// Judges at this moment instead of the one that the inputs give.
    pub fn set_at(&mut self, at: Option<Micros>) {
        self.at = at;
    }

    /// The moment that was given, if one was.
    #[must_use]
    pub fn at(&self) -> Option<Micros> {
        self.at
    }

    /// Inputs in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().map(|i| &i.input)
    }

    fn position(&self, id: InputId) -> Option<usize> {
        self.inputs.iter().position(|i| i.input.id == id)
    }

    fn is_open(&self, id: InputId) -> bool {
        self.position(id)
            .and_then(|at| self.inputs.get(at))
            .is_some_and(|i| i.open)
    }
}

/// The dialect of this name.
///
/// # Errors
/// One sentence that names the dialects.
pub(super) fn known_dialect(name: &str) -> Result<&'static DialectName, String> {
    dialect_name(name).ok_or_else(|| {
        let names: Vec<&str> = crate::decode::dialect_names()
            .iter()
            .map(|n| n.id.as_str())
            .collect();
        format!(
            "There is no dialect \u{201c}{name}\u{201d}. Known: {}.",
            names.join(", ")
        )
    })
}
