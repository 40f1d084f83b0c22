//! The engine: one thread that owns the case, takes bytes from all sources and publishes snapshots.
//!
//! In: [`Order`]s of the window and words of sources and readers, all over bounded channels; a source
//! that is faster than the decoders waits. Out: an `Arc<Snapshot>` and a call of `wake`. An idle
//! engine sleeps: nothing runs until something comes in.

mod sources;
mod whole;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::TryRecvError;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::case::{Case, NewInput};
use super::ingest::{Ingest, Word};
use super::log_store::LogStore;
use super::probe_wish::ProbeWish;
use super::probing::ProbeJob;
use super::shared::{Shared, locked};
use super::snapshot::{PortStatus, Problem, Progress};
use super::tables::Tables;
use crate::capture::DeviceSide;
use crate::cert::Passwords;
use crate::decode::{self, DialectName};
use crate::diagnose::Trial;
use crate::evidence::{Fact, InputId, InputKind, Lane, Micros};
use crate::transport::{LineEnd, ResetPulse, SourceHandle, Stamp};

/// At most ten judgements a second.
const JUDGE_EVERY: Duration = Duration::from_millis(100);
/// At most so many snapshots a second while large files are read.
const PUBLISH_BULK: Duration = Duration::from_millis(100);
/// A pause between snapshots of live inputs, well below one frame of latency budget.
const PUBLISH_LIVE: Duration = Duration::from_millis(8);
/// Words taken from one source before the others have their turn.
const TURN: usize = 64;

/// What the window asks for.
pub(super) enum Order {
    /// Read an input to its end.
    Ingest(InputId, Ingest),
    /// Take bytes from a source.
    Source {
        id: InputId,
        kind: InputKind,
        name: String,
        /// File that is being recorded.
        recording: Option<PathBuf>,
        source: SourceHandle,
    },
    Port(InputId, PortOrder),
    Cancel(InputId),
    Close(InputId),
    Remove(InputId),
    State(Fact),
    Unstate(String),
    Answer(String, String),
    Unanswer(String),
    Try(Trial),
    Untry(usize),
    Judge(Option<usize>),
    At(Option<Micros>),
    /// Exchange tables, devices and rules for step lines.
    Tables(Tables),
    Device(Option<String>),
    Lane(InputId, Option<Lane>),
    Offset(InputId, Option<i64>),
    /// Which end of a capture is the device.
    Side(InputId, Option<DeviceSide>),
    Probe(Box<ProbeWish>),
    CancelProbe(u32),
    RemoveProbe(u32),
    /// Open what waits for a password in an input.
    Unlock(InputId, Passwords),
    /// Read an input again as this dialect.
    ReadAs(InputId, Option<&'static DialectName>),
    Save(PathBuf),
    Problem(Problem),
    ClearProblems,
}

/// What an open port shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortOrder {
    /// Set DTR.
    Dtr(bool),
    /// Set RTS.
    Rts(bool),
    /// Reset the device.
    Reset(ResetPulse),
    /// Send a line.
    Send(String, LineEnd),
    /// Send bytes as they are.
    Bytes(Vec<u8>),
    /// Write a note into the recording.
    Note(String),
}

pub(super) struct Engine {
    shared: Arc<Shared>,
    case: Case,
    reading: BTreeMap<InputId, Reading>,
    /// What captures are being read again with: a key log, and which end is the device.
    read_with: BTreeMap<InputId, (bool, DeviceSide)>,
    live: BTreeMap<InputId, Live>,
    probing: Vec<ProbeJob>,
    judged: Option<Instant>,
    published: Option<Instant>,
    /// The judgement is older than the timeline.
    stale: bool,
    /// The snapshot is older than the case.
    changed: bool,
}

struct Reading {
    ingest: Ingest,
    name: String,
    done: u64,
    total: Option<u64>,
}

struct Live {
    source: SourceHandle,
    status: PortStatus,
}

impl Engine {
    pub(super) fn new(shared: Arc<Shared>, case: Case) -> Self {
        Self {
            shared,
            case,
            reading: BTreeMap::new(),
            read_with: BTreeMap::new(),
            live: BTreeMap::new(),
            probing: Vec::new(),
            judged: None,
            published: None,
            stale: true,
            changed: true,
        }
    }

    /// Runs until the session is dropped.
    pub(super) fn run(mut self) {
        // The first line of a port is then shown as soon as any other; without the thread it waits.
        let _ = std::thread::Builder::new()
            .name("prepare".into())
            .spawn(decode::prepare);
        while !self.shared.stop.load(Ordering::Relaxed) {
            let busy = self.turn();
            self.publish_if_due();
            if !busy {
                self.shared.signal.wait(self.pause());
            }
        }
        // Dropping readers and sources stops their threads.
    }

    /// One round over all that comes in; `true` when there may be more at once.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        while let Some(order) = self.shared.next_order() {
            self.order(order);
            busy = true;
        }
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            busy |= self.drain_source(id);
        }
        for id in self.reading.keys().copied().collect::<Vec<_>>() {
            busy |= self.drain_reader(id);
        }
        self.drain_probes();
        busy
    }

    /// How long to sleep if nothing comes.
    fn pause(&self) -> Option<Duration> {
        let mut pause = None;
        let mut at_most = |d: Duration| pause = Some(pause.map_or(d, |p: Duration| p.min(d)));
        if self.stale {
            at_most(rest(self.judged, JUDGE_EVERY));
        }
        if self.changed {
            at_most(rest(self.published, self.publish_every()));
        }
        if !self.live.is_empty() && self.case.waits() {
            at_most(Duration::from_secs(1));
        }
        pause
    }

    fn publish_every(&self) -> Duration {
        if self.reading.is_empty() {
            PUBLISH_LIVE
        } else {
            PUBLISH_BULK
        }
    }

    fn publish_if_due(&mut self) {
        if self.stale && rest(self.judged, JUDGE_EVERY).is_zero() {
            self.open_captures();
            self.case.judge(Stamp::now().received_us);
            self.judged = Some(Instant::now());
            self.stale = false;
            self.changed = true;
        }
        let second = Duration::from_secs(1);
        if !self.changed
            && !self.live.is_empty()
            && rest(self.published, second).is_zero()
            && self.case.waits()
        {
            self.changed = true;
        }
        if self.changed && rest(self.published, self.publish_every()).is_zero() {
            self.publish();
        }
    }

    fn publish(&mut self) {
        self.case.set_now(Stamp::now().received_us);
        let mut snapshot = self.case.snapshot();
        snapshot.settled = !self.stale;
        snapshot.ports = self
            .live
            .iter()
            .filter(|(id, _)| !self.is_kind(**id, InputKind::Log))
            .map(|(_, live)| live.status.clone())
            .collect();
        snapshot.progress = self
            .reading
            .iter()
            .map(|(id, r)| Progress {
                input: *id,
                what: format!("Reading {}", r.name),
                done: r.done,
                total: r.total,
            })
            .collect();
        snapshot
            .probes
            .extend(self.probing.iter().map(|j| Arc::new(j.run().clone())));
        self.changed = false;
        self.published = Some(Instant::now());
        *locked(&self.shared.snapshot) = Arc::new(snapshot);
        (self.shared.wake)();
    }

    fn touched(&mut self) {
        self.stale = true;
        self.changed = true;
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Ingest(id, ingest) => {
                self.add(id, ingest.name(), InputKind::Log, ingest.file_time());
                let name = ingest.name().to_owned();
                self.reading.insert(
                    id,
                    Reading {
                        total: ingest.total(),
                        ingest,
                        name,
                        done: 0,
                    },
                );
            }
            Order::Source {
                id,
                kind,
                name,
                recording,
                source,
            } => {
                self.add(id, &name, kind, None);
                let status = PortStatus {
                    input: id,
                    name,
                    line: String::new(),
                    connected: false,
                    dtr: None,
                    rts: None,
                    recording: recording.map(|p| p.display().to_string()),
                    sentence: "Opening.".into(),
                };
                self.live.insert(id, Live { source, status });
            }
            Order::Port(id, order) => self.port(id, &order),
            Order::Cancel(id) => {
                if let Some(reading) = self.reading.get(&id) {
                    reading.ingest.cancel();
                }
            }
            Order::Close(id) => {
                self.reading.remove(&id);
                self.live.remove(&id);
                self.finish(id);
            }
            Order::Remove(id) => self.remove(id),
            Order::State(fact) => self.case.state(fact),
            Order::Unstate(name) => self.case.unstate(&name),
            Order::Answer(node, label) => self.case.answer(&node, &label),
            Order::Unanswer(node) => self.case.unanswer(&node),
            Order::Try(trial) => self.case.try_out(trial),
            Order::Untry(at) => self.case.untry(at),
            Order::Judge(attempt) => self.case.set_judged(attempt),
            Order::At(at) => self.case.set_at(at),
            Order::Tables(tables) => self.case.set_tables(tables),
            Order::Device(id) => {
                if let Err(sentence) = self.case.choose_device(id.as_deref()) {
                    self.problem(None, sentence, String::new());
                }
            }
            Order::Lane(id, lane) => self.case.set_lane(id, lane),
            Order::Offset(id, ms) => self.case.set_offset(id, ms),
            Order::Side(id, side) => self.case.set_side(id, side),
            Order::Probe(wish) => {
                let hello = wish.ask_as.hello(&self.case.snapshot());
                let running = self.probing.iter().map(|j| j.run().number).max();
                let number = self.case.next_probe().max(running.map_or(0, |n| n + 1));
                let at = Stamp::now().received_us;
                let signal = &self.shared.signal;
                let job = ProbeJob::start(number, at, *wish, hello, signal);
                self.probing.push(job);
            }
            Order::CancelProbe(number) => {
                let job = self.probing.iter_mut().find(|j| j.run().number == number);
                if let Some(job) = job {
                    job.cancel();
                }
            }
            Order::RemoveProbe(number) => self.case.remove_probe(number),
            Order::Unlock(id, passwords) => self.unlock(id, passwords),
            Order::ReadAs(id, dialect) => self.read_as(id, dialect),
            Order::Save(path) => self.save(path),
            Order::Problem(problem) => self.case.add_problem(problem),
            Order::ClearProblems => self.case.clear_all_problems(),
        }
        self.touched();
        // Someone waits for the answer.
        self.judged = None;
    }

    fn remove(&mut self, id: InputId) {
        self.reading.remove(&id);
        self.live.remove(&id);
        self.case.remove(id);
        self.shared.remove_store(id);
    }

    fn add(&mut self, id: InputId, name: &str, kind: InputKind, file_time: Option<Micros>) {
        self.case.add_input(NewInput {
            id,
            name: name.to_owned(),
            kind,
            lane: Lane::Device,
            file_time,
        });
        self.shared.store(id);
    }

    fn port(&mut self, id: InputId, order: &PortOrder) {
        let Some(live) = self.live.get(&id) else {
            return;
        };
        let taken = match order {
            PortOrder::Dtr(on) => live.source.set_dtr(*on),
            PortOrder::Rts(on) => live.source.set_rts(*on),
            PortOrder::Reset(pulse) => live.source.reset(*pulse),
            PortOrder::Send(text, end) => live.source.send_line(text, *end),
            PortOrder::Bytes(bytes) => live.source.send_bytes(bytes.clone()),
            PortOrder::Note(text) => live.source.note(text),
        };
        if !taken {
            let sentence = format!("{} is closed. Connect it again.", live.status.name);
            self.problem(Some(id), sentence, String::new());
        }
    }

    fn problem(&mut self, input: Option<InputId>, sentence: String, details: String) {
        self.case.add_problem(Problem {
            input,
            sentence,
            details,
        });
        self.changed = true;
    }

    /// Takes what a reader read; `true` when there may be more.
    fn drain_reader(&mut self, id: InputId) -> bool {
        for _ in 0..4 {
            let word = match self.reading.get(&id) {
                Some(reading) => reading.ingest.words().try_recv(),
                None => return false,
            };
            match word {
                Ok(word) => self.word(id, word),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => {
                    self.reading.remove(&id);
                    self.finish(id);
                    self.touched();
                    return false;
                }
            }
        }
        true
    }

    /// The input ends here.
    fn finish(&mut self, id: InputId) {
        self.case.finish(id);
        if let Some(store) = self.shared.known_store(id) {
            locked(&store).finish();
        }
    }

    /// Takes what probes said; those that are over become evidence.
    fn drain_probes(&mut self) {
        for job in &mut self.probing {
            self.changed |= job.drain();
        }
        let (running, over): (Vec<_>, Vec<_>) = std::mem::take(&mut self.probing)
            .into_iter()
            .partition(|j| j.run().is_running());
        self.probing = running;
        for job in over {
            self.case.add_probe(job.run().clone());
            self.touched();
        }
    }

    fn word(&mut self, id: InputId, word: Word) {
        match word {
            Word::Kind(kind) => {
                self.case.set_kind(id, kind);
                if kind == InputKind::Capture {
                    locked(&self.shared.store(id)).hold_no_lines();
                }
            }
            Word::OverFile(file) => *locked(&self.shared.store(id)) = LogStore::over_file(file),
            Word::Bytes(bytes) => {
                if let Some(reading) = self.reading.get_mut(&id) {
                    reading.done += bytes.len() as u64;
                }
                let store = self.shared.store(id);
                let over_file = locked(&store).is_over_file();
                if over_file {
                    self.case.push(id, &bytes, None);
                    locked(&store).index(&bytes);
                } else {
                    self.bytes(id, &bytes, None);
                }
            }
            Word::Skipped(bytes) => self.case.add_bytes(id, bytes),
            Word::Problem(sentence, details) => self.problem(Some(id), sentence, details),
            Word::File(file) => {
                self.bytes(id, &file.kept, None);
                self.case.set_content(id, file.content);
                self.case.set_closed(id, file.closed);
            }
            Word::Beside(path) => self.open_beside(&path),
            Word::InFolder(path) => self.open_here(&path),
            Word::WasFolder => self.remove(id),
            Word::Inputs(saved) => self.restore(id, &saved),
        }
        self.touched();
    }
}

/// What is left of a pause that began then; nothing if it never began.
fn rest(since: Option<Instant>, pause: Duration) -> Duration {
    since.map_or(Duration::ZERO, |at| pause.saturating_sub(at.elapsed()))
}

/// A store that reader threads and the window share.
pub(super) type SharedStore = Arc<Mutex<LogStore>>;
