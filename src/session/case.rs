//! One troubleshooting case without threads: inputs, decoders, timelines, what was stated, and the
//! snapshot of it all. The engine drives it live, the command line drives it directly.
//!
//! In: bytes with their input, facts, answers. Out: [`Snapshot`]. Must not know files, ports,
//! threads or clocks: the caller says what time it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::changes;
use super::snapshot::{Gap, Problem, Snapshot};
use super::verdict::{VerdictContext, verdict};
use crate::codes::mbedtls_error_names;
use crate::decode::{LogDecoder, StepRule, VersionGuess};
use crate::diagnose::{Diagnosis, diagnose};
use crate::evidence::{
    Fact, FactSet, Input, InputId, InputKind, Lane, Micros, Observation, Origin, TimeBase,
};
use crate::knowledge::Knowledge;
use crate::timeline::{Attempt, FactContext, Outcome, TimelineBuilder, facts};

/// Wall clocks before this day are those of a device that was never set: 2016-01-01.
const CLOCK_IS_SET: Micros = 1_451_606_400_000_000;

/// One case.
pub struct Case {
    knowledge: Arc<Knowledge>,
    rules: Vec<StepRule>,
    inputs: Vec<CaseInput>,
    stated: BTreeMap<String, Fact>,
    answers: BTreeMap<String, String>,
    chosen: Option<usize>,
    at: Option<Micros>,
    gaps: Vec<Gap>,
    problems: Vec<Problem>,
    judgement: Judgement,
    revision: u64,
    now: Micros,
}

/// The last judgement; kept so that the timeline can be shown more often than it is judged.
#[derive(Clone)]
struct Judgement {
    facts: Arc<FactSet>,
    diagnosis: Arc<Diagnosis>,
    judged_at: (Micros, &'static str),
}

struct CaseInput {
    input: Input,
    /// `None` for what is not decoded.
    decoder: Option<LogDecoder>,
    timeline: TimelineBuilder,
    /// Wall clock printed last, where the input prints dates.
    wall: Option<Micros>,
    received: Option<Micros>,
    file_time: Option<Micros>,
    /// More may come.
    open: bool,
}

/// What is known of an input when it is added.
pub struct NewInput {
    /// Its number.
    pub id: InputId,
    /// Name to show.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// Whose words it holds.
    pub lane: Lane,
    /// When the file was last written.
    pub file_time: Option<Micros>,
}

impl Case {
    /// An empty case.
    #[must_use]
    pub fn new(knowledge: Arc<Knowledge>, rules: Vec<StepRule>) -> Self {
        Self {
            knowledge,
            rules,
            inputs: Vec::new(),
            stated: BTreeMap::new(),
            answers: BTreeMap::new(),
            chosen: None,
            at: None,
            gaps: Vec::new(),
            problems: Vec::new(),
            judgement: Judgement {
                facts: Arc::new(FactSet::default()),
                diagnosis: Arc::new(Diagnosis::default()),
                judged_at: (0, "now"),
            },
            revision: 0,
            now: 0,
        }
    }

    /// The tables in use.
    #[must_use]
    pub fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    /// Exchanges the tables (the user's folder changed).
    pub fn set_knowledge(&mut self, knowledge: Arc<Knowledge>) {
        self.knowledge = knowledge;
    }

    /// Adds an input; kinds that are not decoded are listed only.
    pub fn add_input(&mut self, new: NewInput) {
        let decoded = matches!(
            new.kind,
            InputKind::Log | InputKind::Serial | InputKind::Simulated | InputKind::Recording
        );
        self.inputs.push(CaseInput {
            decoder: decoded.then(|| LogDecoder::new(&self.rules)),
            timeline: TimelineBuilder::new(new.id),
            wall: None,
            received: None,
            file_time: new.file_time,
            open: true,
            input: Input {
                id: new.id,
                name: new.name,
                kind: new.kind,
                lane: new.lane,
                bytes: 0,
                lines: 0,
                dialects: Vec::new(),
                time_base: TimeBase::None,
            },
        });
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
            let timeline = &mut input.timeline;
            decoder.push(bytes, received, &mut |o| {
                timeline.observe(&o);
                seen(&o);
            });
        }
        input.refresh();
    }

    /// The input ended: a last line without its end is taken too.
    pub fn finish(&mut self, id: InputId) {
        let Some(at) = self.position(id) else { return };
        let Some(input) = self.inputs.get_mut(at) else {
            return;
        };
        if let Some(decoder) = input.decoder.as_mut().filter(|_| input.open) {
            let timeline = &mut input.timeline;
            decoder.finish(&mut |o| timeline.observe(&o));
        }
        input.open = false;
        input.refresh();
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
            if !matches!(
                kind,
                InputKind::Log | InputKind::Serial | InputKind::Simulated | InputKind::Recording
            ) {
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

    /// Attempts of all inputs, numbered through.
    #[must_use]
    pub fn attempts(&self) -> Vec<Arc<Attempt>> {
        let mut all: Vec<Arc<Attempt>> = Vec::new();
        for input in &self.inputs {
            all.extend(input.timeline.attempts());
        }
        for (index, attempt) in all.iter_mut().enumerate() {
            if attempt.index != index {
                Arc::make_mut(attempt).index = index;
            }
        }
        self.put_on_lanes(&mut all);
        all
    }

    /// Tells the device's attempts from those in the words of its peer, and turns the latter round
    /// where they were read as a device's.
    fn put_on_lanes(&self, attempts: &mut [Arc<Attempt>]) {
        if self.inputs.len() < 2 && self.inputs.iter().all(|i| i.input.lane == Lane::Device) {
            return;
        }
        let lanes: Vec<(Lane, bool)> = attempts
            .iter()
            .map(|a| {
                let known = self.input_lane(a.input);
                let lane = match known {
                    Lane::Peer => Lane::Peer,
                    Lane::Device if self.is_other_end(a, attempts) => Lane::Peer,
                    Lane::Device => Lane::Device,
                };
                (lane, known != lane)
            })
            .collect();
        for (attempt, (lane, turn)) in attempts.iter_mut().zip(lanes) {
            if turn {
                *attempt = Arc::new(Attempt::clone(attempt).mirrored());
            } else if attempt.lane != lane {
                Arc::make_mut(attempt).lane = lane;
            }
        }
    }

    fn input_lane(&self, id: InputId) -> Lane {
        self.position(id)
            .and_then(|at| self.inputs.get(at))
            .map_or(Lane::Device, |i| i.input.lane)
    }

    /// Is this attempt, read as a device's, the other end of one in another input? Two ends cannot
    /// both be the device, and nothing in their lines tells which is: the input that was given
    /// first is the device's.
    fn is_other_end(&self, attempt: &Attempt, attempts: &[Arc<Attempt>]) -> bool {
        let place = self.position(attempt.input);
        attempts.iter().any(|a| {
            a.role != attempt.role
                && self.input_lane(a.input) == Lane::Device
                && self.position(a.input) < place
        })
    }

    /// Judges anew. `now` is the present, microseconds since 1970 UTC.
    pub fn judge(&mut self, now: Micros) {
        self.now = now;
        let attempts = self.attempts();
        let judged = self.judged(&attempts);
        let judged_at = self.time_of_judgement(&attempts, judged, now);
        let mut stated = FactSet::default();
        for fact in self.stated.values() {
            stated.insert(fact.clone());
        }
        let settings: Vec<_> = self
            .inputs
            .iter()
            .flat_map(|i| {
                let origin = |line| Origin::line(i.timeline.input(), line);
                let told = i.timeline.settings().iter();
                told.map(move |(fact, value, line)| (fact.clone(), value.clone(), origin(*line)))
            })
            .collect();
        let known = facts(
            &attempts,
            judged,
            &FactContext {
                judged_at: judged_at.0,
                judged_independently: judged_at.1 != "log",
                error_names: &mbedtls_error_names,
                stated: &stated,
                settings: &settings,
                peer: self.peer_of(judged, &attempts),
            },
        );
        self.judgement = Judgement {
            diagnosis: Arc::new(diagnose(&self.knowledge, &known, &self.answers)),
            facts: Arc::new(known),
            judged_at,
        };
    }

    /// The case as it is, with the last judgement. Ports, problems of sources and progress are the
    /// engine's to add.
    #[must_use]
    pub fn snapshot(&mut self) -> Snapshot {
        self.revision += 1;
        let attempts = self.attempts();
        let judged = self.judged(&attempts);
        let inputs: Vec<Input> = self.inputs().cloned().collect();
        let attempt = judged.and_then(|i| attempts.get(i)).map(AsRef::as_ref);
        let live = match attempt {
            Some(attempt) => self.is_open(attempt.input),
            None => self.inputs.iter().any(|i| i.open),
        };
        let code_name = |stack: &str, code: i64| code_name(stack, code);
        let verdict = verdict(
            attempt,
            &self.judgement.diagnosis,
            &VerdictContext {
                inputs: &inputs,
                live,
                silent_ms: self.silent_ms(attempt),
                code_name: &code_name,
            },
        );
        Snapshot {
            revision: self.revision,
            inputs,
            changes: changes(&attempts),
            judged,
            attempts,
            facts: Arc::clone(&self.judgement.facts),
            diagnosis: Arc::clone(&self.judgement.diagnosis),
            verdict,
            judged_at: self.judgement.judged_at,
            ports: Vec::new(),
            gaps: self.gaps.clone(),
            problems: self.problems.clone(),
            progress: Vec::new(),
        }
    }

    /// Says what time it is, for waits of live inputs.
    pub fn set_now(&mut self, now: Micros) {
        self.now = now;
    }

    /// How long the open input of an attempt has been silent while something is awaited.
    fn silent_ms(&self, attempt: Option<&Attempt>) -> Option<i64> {
        let attempt = attempt.filter(|a| a.outcome == Outcome::CutOff)?;
        attempt.stopped_at.as_ref()?.waiting_for?;
        let input = self.inputs.get(self.position(attempt.input)?)?;
        let live = input.open && input.input.kind == InputKind::Serial;
        let since = input.received.filter(|_| live)?;
        Some((self.now - since) / 1_000).filter(|ms| *ms >= 0)
    }

    /// Is a live input silent while something is awaited, so that time itself changes the verdict?
    #[must_use]
    pub fn waits(&self) -> bool {
        let attempts = self.attempts();
        let judged = self.judged(&attempts).and_then(|i| attempts.get(i));
        self.silent_ms(judged.map(AsRef::as_ref)).is_some()
    }

    fn position(&self, id: InputId) -> Option<usize> {
        self.inputs.iter().position(|i| i.input.id == id)
    }

    fn is_open(&self, id: InputId) -> bool {
        self.position(id)
            .and_then(|at| self.inputs.get(at))
            .is_some_and(|i| i.open)
    }

    /// The chosen attempt, else the last that did not complete, else the last. The device's own
    /// words go before those of its peer.
    fn judged(&self, attempts: &[Arc<Attempt>]) -> Option<usize> {
        if let Some(chosen) = self.chosen.filter(|i| *i < attempts.len()) {
            return Some(chosen);
        }
        let own = |a: &&Arc<Attempt>| a.lane == Lane::Device;
        let any = attempts.iter().any(|a| own(&a));
        let last = |fits: &dyn Fn(&Attempt) -> bool| {
            attempts.iter().rposition(|a| (!any || own(&a)) && fits(a))
        };
        let failed = |a: &Attempt| !matches!(a.outcome, Outcome::Completed | Outcome::CutOff);
        last(&|a| failed(a) && !is_bare(a))
            .or_else(|| last(&failed))
            .or_else(|| last(&|a| a.outcome == Outcome::CutOff))
            .or_else(|| last(&|_| true))
    }

    /// The attempt in the words of the device's peer that belongs to this one: the only one, else
    /// the nearest in time, else the last that failed.
    fn peer_of(&self, judged: Option<usize>, attempts: &[Arc<Attempt>]) -> Option<Arc<Attempt>> {
        let judged = attempts.get(judged?)?;
        let peers: Vec<&Arc<Attempt>> = attempts
            .iter()
            .filter(|a| a.input != judged.input && a.role == judged.role && a.lane == Lane::Peer)
            .collect();
        if let [one] = peers.as_slice() {
            return Some(Arc::clone(one));
        }
        let base = |a: &Attempt| {
            self.position(a.input)
                .and_then(|at| self.inputs.get(at))
                .map(|i| i.input.time_base)
        };
        let near = peers
            .iter()
            .filter(|a| base(a) == Some(TimeBase::Unix) && base(judged) == Some(TimeBase::Unix))
            .filter_map(|a| Some(((a.started? - judged.started?).abs(), *a)))
            .min_by_key(|(apart, _)| *apart)
            .map(|(_, a)| a);
        near.or_else(|| {
            peers
                .iter()
                .rev()
                .find(|a| a.outcome != Outcome::Completed)
                .copied()
        })
        .cloned()
    }

    /// `--at`, else the log's own wall clock, else the time of the recording or file, else now.
    fn time_of_judgement(
        &self,
        attempts: &[Arc<Attempt>],
        judged: Option<usize>,
        now: Micros,
    ) -> (Micros, &'static str) {
        if let Some(at) = self.at {
            return (at, "option");
        }
        let attempt = judged.and_then(|i| attempts.get(i));
        let input = attempt
            .and_then(|a| self.position(a.input))
            .and_then(|at| self.inputs.get(at))
            .or_else(|| self.inputs.iter().find(|i| i.decoder.is_some()));
        let Some(input) = input else {
            return (now, "now");
        };
        if input.input.time_base == TimeBase::Unix {
            let printed = attempt.and_then(|a| a.ended.or(a.started)).or(input.wall);
            if let Some(at) = printed.filter(|at| *at >= CLOCK_IS_SET) {
                return (at, "log");
            }
        }
        if let Some(at) = input.received {
            let from = match input.input.kind {
                InputKind::Recording => "recording",
                _ => "now",
            };
            return (at, from);
        }
        match input.file_time {
            Some(at) => (at, "file"),
            None => (now, "now"),
        }
    }
}

impl CaseInput {
    fn refresh(&mut self) {
        let Some(decoder) = &self.decoder else { return };
        self.input.lines = decoder.lines();
        self.input.time_base = decoder.time_base();
        self.input.dialects = decoder.dialects();
        if decoder.lane() == Lane::Peer {
            self.input.lane = Lane::Peer;
        }
        if self.input.time_base == TimeBase::Unix {
            self.wall = decoder.last_time();
        }
        let version = version_words(&decoder.version());
        self.timeline.set_stack(decoder.stack(), version.as_deref());
    }
}

/// Does the attempt say nothing but that it was begun? Another one tells more of a fault.
fn is_bare(a: &Attempt) -> bool {
    a.outcome == Outcome::NeverStarted
        && a.codes.is_empty()
        && a.seen.error_names.is_empty()
        && a.seen.conditions.is_empty()
        && a.seen.connect.is_none()
}

/// The version with how it is known: `2.16, patched (guess from line numbers)`.
fn version_words(guess: &VersionGuess) -> Option<String> {
    match (&guess.name, guess.family) {
        (Some(name), _) if guess.patched() => {
            Some(format!("{name}, patched (guess from line numbers)"))
        }
        (Some(name), _) => Some(format!("{name} (guess from line numbers)")),
        (None, Some(family)) => Some(format!("{family} (guess from file names)")),
        (None, None) => None,
    }
}

/// The name of a code of a stack, as the library writes it.
fn code_name(stack: &str, code: i64) -> Option<String> {
    // These print the codes of the Mbed TLS inside them.
    const WITH_MBEDTLS: [&str; 6] = [
        "mbedtls",
        "esp-idf",
        "arduino-esp32",
        "micropython",
        "circuitpython",
        "zephyr",
    ];
    if !WITH_MBEDTLS.iter().any(|s| stack.starts_with(s)) && !stack.is_empty() {
        return None;
    }
    let names = mbedtls_error_names(code, None);
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first, ..] => Some(format!("{first} or another name")),
    }
}
