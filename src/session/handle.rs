//! What the window holds of a session: every call returns at once, results come with the next
//! snapshot.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use super::case::{Case, known_device, known_dialect};
use super::demo::{DemoCase, demo_cases};
use super::engine::{Engine, Order, PortOrder};
use super::files::line_text;
use super::ingest::{From, Ingest, Loader};
use super::probe_wish::ProbeWish;
use super::recent::{RecentSession, list};
use super::reload::{Stamp, watch_tables};
use super::rows::log_rows;
use super::shared::{Folders, Shared, locked};
use super::snapshot::{LogRow, Problem, Snapshot};
use super::tables::Tables;
use crate::codes::{Explained, StackHint, explain};
use crate::device::DeviceList;
use crate::diagnose::Trial;
use crate::evidence::{ChunkSink, Fact, InputId, InputKind, Lane, Micros, Origin};
use crate::knowledge::Knowledge;
use crate::recording::Recorder;
use crate::transport::serial::{PortInfo, PortSettings, list_ports, open};
use crate::transport::{Pace, Simulation, Wake, follow_file, simulate, simulate_device};

/// How often the ports of the computer are listed.
const LIST_PORTS_EVERY: Duration = Duration::from_millis(1_500);

/// One troubleshooting session with its threads. Dropping it stops them and frees all ports.
pub struct Session {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Lets the user's folder be looked at now.
    wake_tables: Option<Thread>,
}

// The id of a new input is a service to those who want it; the input comes with the snapshot.
#[allow(clippy::must_use_candidate)]
impl Session {
    /// A session with the usual folders of this user; `wake` is called after each new snapshot.
    #[must_use]
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::with_folders(wake, Folders::of_user())
    }

    /// A session with these folders.
    #[must_use]
    pub fn with_folders(wake: impl Fn() + Send + Sync + 'static, folders: Folders) -> Self {
        // Before the read: a change in between is read again.
        let stamp = Stamp::of(folders.knowledge.as_deref());
        let seen = (folders.knowledge.clone(), stamp);
        let tables = Tables::read(folders.knowledge.as_deref());
        let (knowledge, devices) = (Arc::clone(&tables.knowledge), Arc::clone(&tables.devices));
        let mut case = Case::new(Arc::clone(&knowledge), Vec::new());
        case.set_tables(tables);
        let recent = folders.state.as_deref().map(list).unwrap_or_default();
        let shared = Arc::new(Shared::new(
            case.snapshot(),
            (knowledge, devices),
            folders,
            Box::new(wake),
        ));
        *locked(&shared.recent) = recent.into();
        let mut threads = Vec::new();
        let engine = Engine::new(Arc::clone(&shared), case);
        let engine = thread::Builder::new()
            .name("engine".into())
            .spawn(move || engine.run());
        threads.extend(engine.ok());
        let poll = Arc::clone(&shared);
        let poll = thread::Builder::new()
            .name("ports".into())
            .spawn(move || watch_ports(&poll));
        threads.extend(poll.ok());
        let watched = Arc::clone(&shared);
        let tables = thread::Builder::new()
            .name("tables".into())
            .spawn(move || watch_tables(&watched, seen));
        let tables = tables.ok();
        let wake_tables = tables.as_ref().map(|t| t.thread().clone());
        threads.extend(tables);
        Self {
            shared,
            threads,
            wake_tables,
        }
    }

    /// The session as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&locked(&self.shared.snapshot))
    }

    /// Opens a file of any kind.
    pub fn open_path(&self, path: &Path) -> InputId {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        self.ingest(&name, From::Path(path.to_owned()))
    }

    /// Takes bytes that were dropped or received.
    pub fn open_bytes(&self, name: &str, bytes: Vec<u8>) -> InputId {
        self.ingest(name, From::Bytes(bytes))
    }

    /// Takes bytes that `load` gives; it is called on a thread of its own.
    pub fn open_loaded(&self, name: &str, load: Loader) -> InputId {
        self.ingest(name, From::Loader(load))
    }

    /// Takes text from the clipboard.
    pub fn paste(&self, text: String) -> InputId {
        self.ingest("pasted text", From::Bytes(text.into_bytes()))
    }

    fn ingest(&self, name: &str, from: From) -> InputId {
        let id = self.shared.next_id();
        let ingest = Ingest::start(name, from, &self.shared.signal);
        self.shared.send(Order::Ingest(id, ingest));
        id
    }

    /// Follows a file that grows.
    pub fn follow(&self, path: &Path) -> InputId {
        let id = self.shared.next_id();
        self.shared.send(Order::Source {
            id,
            kind: InputKind::Log,
            name: path.display().to_string(),
            recording: None,
            source: follow_file(path, &self.signal()),
        });
        id
    }

    /// Opens a port and records it from its first byte into the folder of recordings.
    pub fn open_port(&self, settings: PortSettings) -> InputId {
        let id = self.shared.next_id();
        let folder = locked(&self.shared.folders).recordings.clone();
        let mut sink: Option<Box<dyn ChunkSink>> = None;
        let mut recording = None;
        if let Some(folder) = folder {
            match Recorder::create_in(&folder, &settings.path, &settings.line.to_string()) {
                Ok(recorder) => {
                    recording = recorder.path().map(Path::to_owned);
                    sink = Some(Box::new(recorder));
                }
                Err(e) => self.shared.send(Order::Problem(Problem {
                    input: Some(id),
                    sentence: format!(
                        "{} is not recorded: {e}. Choose another folder for recordings.",
                        settings.path
                    ),
                    details: format!("{e:?}"),
                })),
            }
        }
        let name = settings.path.clone();
        self.shared.send(Order::Source {
            id,
            kind: InputKind::Serial,
            name,
            recording,
            source: open(settings, sink, &self.signal()),
        });
        id
    }

    /// Ports of this computer, as last listed in the background.
    #[must_use]
    pub fn ports(&self) -> Arc<[PortInfo]> {
        Arc::clone(&locked(&self.shared.ports))
    }

    /// Asks an open port for something.
    pub fn port(&self, input: InputId, order: PortOrder) {
        self.shared.send(Order::Port(input, order));
    }

    /// Plays a built-in case by a simulated device, opens what lies beside it and states what its
    /// reporter stated; `None` if there is none of this name. The id is the device's.
    pub fn demo(&self, name: &str, pace: Pace) -> Option<InputId> {
        let case: &DemoCase = demo_cases().iter().find(|c| c.name == name)?;
        let id = self.shared.next_id();
        let simulation = Simulation {
            name: format!("simulated {name}"),
            chunks: case.chunks(),
            pace,
        };
        // Over a pseudo-terminal the distances shrink with the pace; inside they stay the device's.
        let source = if pace == Pace::Times(1) {
            simulate_device(simulation, None, &self.signal())
        } else {
            simulate(simulation, None, &self.signal())
        };
        self.shared.send(Order::Source {
            id,
            kind: InputKind::Simulated,
            name: name.to_owned(),
            recording: None,
            source,
        });
        // The certificates of a case are judged as of the day it was recorded, whenever it is played.
        self.set_at(Some(case.recorded()));
        for (name, bytes) in case.beside {
            self.open_bytes(name, bytes.to_vec());
        }
        for text in case.stated {
            if let Err(sentence) = self.state_fact(text) {
                self.tell_problem(&sentence, text);
            }
        }
        Some(id)
    }

    /// Lines of an input so far.
    #[must_use]
    pub fn line_count(&self, input: InputId) -> u32 {
        if self.is_capture(input) {
            return 0;
        }
        self.shared
            .known_store(input)
            .map_or(0, |s| locked(&s).line_count())
    }

    /// Rows of these lines, `0..1` is the first line; only what is asked for is read.
    #[must_use]
    pub fn rows(&self, input: InputId, lines: Range<u32>) -> Vec<LogRow> {
        if self.is_capture(input) {
            return Vec::new();
        }
        let Some(store) = self.shared.known_store(input) else {
            return Vec::new();
        };
        let snapshot = self.snapshot();
        log_rows(&locked(&store), &snapshot, input, lines)
    }

    /// One line as text, private keys blanked; for reports and proofs.
    #[must_use]
    pub fn line(&self, input: InputId, line: u32) -> Option<String> {
        if self.is_capture(input) {
            return None;
        }
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        line_text(&store, line)
    }

    /// Bytes of an input as received, at most as many as there are.
    #[must_use]
    pub fn raw(&self, input: InputId, bytes: Range<u64>) -> Vec<u8> {
        let len = usize::try_from(bytes.end.saturating_sub(bytes.start)).unwrap_or(0);
        self.shared
            .known_store(input)
            .map(|s| locked(&s).bytes(bytes.start, len))
            .unwrap_or_default()
    }

    /// The next line from `from` on (counted from 1) that holds `text`, wrapping round once.
    #[must_use]
    pub fn find(&self, input: InputId, text: &str, from: u32) -> Option<u32> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        store.find(text, from.saturating_sub(1))
    }

    /// When the newest bytes of an input were read, microseconds since 1970 UTC.
    #[must_use]
    pub fn newest_received(&self, input: InputId) -> Option<Micros> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        store.times().last().map(|(_, at)| *at)
    }

    /// SHA-256 of an input's bytes in hex.
    #[must_use]
    pub fn sha256(&self, input: InputId) -> Option<String> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        (!store.is_empty()).then(|| store.sha256())
    }

    /// States a fact as `NAME=VALUE`.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what would be right.
    pub fn state_fact(&self, text: &str) -> Result<(), String> {
        let fact = self.knowledge().parse_stated(text)?;
        self.shared.send(Order::State(fact));
        Ok(())
    }

    /// Takes a stated fact back.
    pub fn unstate(&self, name: &str) {
        self.shared.send(Order::Unstate(name.to_owned()));
    }

    /// Facts that were stated, as of the last judgement.
    #[must_use]
    pub fn stated_facts(&self) -> Vec<Fact> {
        let snapshot = self.snapshot();
        snapshot
            .facts
            .iter()
            .filter(|f| f.origins.contains(&Origin::Stated))
            .cloned()
            .collect()
    }

    /// Answers a question of the tree.
    pub fn answer(&self, node: &str, label: &str) {
        self.shared
            .send(Order::Answer(node.to_owned(), label.to_owned()));
    }

    /// Takes an answer back.
    pub fn unanswer(&self, node: &str) {
        self.shared.send(Order::Unanswer(node.to_owned()));
    }

    /// Notes an experiment and how it ended.
    pub fn try_out(&self, trial: Trial) {
        self.shared.send(Order::Try(trial));
    }

    /// Takes the experiment at this place of the log back.
    pub fn untry(&self, at: usize) {
        self.shared.send(Order::Untry(at));
    }

    /// Judges this attempt; `None`: the last that failed.
    pub fn set_judged(&self, attempt: Option<usize>) {
        self.shared.send(Order::Judge(attempt));
    }

    /// Judges as of this moment; `None`: what the inputs say.
    pub fn set_at(&self, at: Option<Micros>) {
        self.shared.send(Order::At(at));
    }

    /// Gives up a long job; what was read stays.
    pub fn cancel(&self, input: InputId) {
        self.shared.send(Order::Cancel(input));
    }

    /// Closes a port or a reader; what was read stays.
    pub fn close(&self, input: InputId) {
        self.shared.send(Order::Close(input));
    }

    /// Takes an input out of the session.
    pub fn remove(&self, input: InputId) {
        self.shared.send(Order::Remove(input));
    }

    /// Asks a server; connects only to what the wish names. How it goes stands in the next snapshots.
    pub fn ask_server(&self, wish: ProbeWish) {
        self.shared.send(Order::Probe(Box::new(wish)));
    }

    /// Stops a probe; what it found is kept.
    pub fn cancel_probe(&self, number: u32) {
        self.shared.send(Order::CancelProbe(number));
    }

    /// Opens the chain that a probe was sent, as an input with certificates.
    pub fn open_probe_chain(&self, number: u32) -> Option<InputId> {
        let snapshot = self.snapshot();
        let run = snapshot.probes.iter().find(|p| p.number == number)?;
        let chain = run.probe()?.chain();
        if chain.is_empty() {
            return None;
        }
        let name = format!("chain of {} port {}", run.target.host, run.target.port);
        Some(self.open_bytes(&name, pem_of(chain).into_bytes()))
    }

    /// Takes a probe out of the session with what it proved.
    pub fn remove_probe(&self, number: u32) {
        self.shared.send(Order::RemoveProbe(number));
    }

    /// Clears the problems that are shown.
    pub fn clear_problems(&self) {
        self.shared.send(Order::ClearProblems);
    }

    /// Shows a problem of the caller's, such as a report that could not be written.
    pub fn tell_problem(&self, sentence: &str, details: &str) {
        self.shared.send(Order::Problem(Problem {
            input: None,
            sentence: sentence.to_owned(),
            details: details.to_owned(),
        }));
    }

    /// Saves the session into one file, in the background.
    pub fn save(&self, path: &Path) {
        self.shared.send(Order::Save(path.to_owned()));
    }

    /// Sessions saved before, newest first.
    #[must_use]
    pub fn recent(&self) -> Arc<[RecentSession]> {
        Arc::clone(&locked(&self.shared.recent))
    }

    /// All meanings of a code, those of the judged attempt's stack first.
    #[must_use]
    pub fn explain(&self, query: &str) -> Explained {
        let snapshot = self.snapshot();
        let attempt = snapshot.judged.and_then(|i| snapshot.attempts.get(i));
        let hint = attempt
            .and_then(|a| a.stack.as_ref())
            .map(|family| StackHint {
                family: family.clone(),
                version: attempt
                    .and_then(|a| a.stack_version.as_deref())
                    .and_then(major_minor),
            });
        explain(query, hint)
    }

    /// The tables in use.
    #[must_use]
    pub fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&locked(&self.shared.knowledge))
    }

    /// Where things are kept.
    #[must_use]
    pub fn folders(&self) -> Folders {
        locked(&self.shared.folders).clone()
    }

    /// Records into this folder from the next port on.
    pub fn set_recording_folder(&self, folder: &Path) {
        locked(&self.shared.folders).recordings = Some(folder.to_owned());
    }

    /// Reads the user's own tables from this folder, from now on whenever a file in it changes, and
    /// judges anew.
    pub fn set_knowledge_folder(&self, folder: &Path) {
        locked(&self.shared.folders).knowledge = Some(folder.to_owned());
        if let Some(thread) = &self.wake_tables {
            thread.unpark();
        }
    }

    /// The devices that can be chosen.
    #[must_use]
    pub fn devices(&self) -> Arc<DeviceList> {
        Arc::clone(&locked(&self.shared.devices))
    }

    /// Chooses the device whose limits count, by id or alias, or none.
    ///
    /// # Errors
    /// One sentence that names the known devices.
    pub fn set_device(&self, id: Option<&str>) -> Result<(), String> {
        if let Some(id) = id {
            known_device(&self.devices(), id)?;
        }
        self.shared.send(Order::Device(id.map(str::to_owned)));
        Ok(())
    }

    /// Says whose words an input holds; `None`: what its dialects say.
    pub fn set_lane(&self, input: InputId, lane: Option<Lane>) {
        self.shared.send(Order::Lane(input, lane));
    }

    /// Adds so many milliseconds to the times of an input; `None`: what the steps say that both
    /// sides show.
    pub fn set_offset(&self, input: InputId, ms: Option<i64>) {
        self.shared.send(Order::Offset(input, ms));
    }

    /// Reads an input again as this dialect; `None`: each line as what it looks like.
    ///
    /// # Errors
    /// One sentence that names the dialects.
    pub fn read_as(&self, input: InputId, dialect: Option<&str>) -> Result<(), String> {
        let dialect = dialect.map(known_dialect).transpose()?;
        self.shared.send(Order::ReadAs(input, dialect));
        Ok(())
    }

    /// A capture has frames and no lines.
    fn is_capture(&self, input: InputId) -> bool {
        let snapshot = self.snapshot();
        snapshot
            .inputs
            .iter()
            .any(|i| i.id == input && i.kind == InputKind::Capture)
    }

    /// Wakes the engine from a source's thread.
    fn signal(&self) -> Wake {
        let signal = Arc::clone(&self.shared.signal);
        Arc::new(move || signal.raise())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.signal.raise();
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Lists the ports in the background; listing may take long on some systems.
fn watch_ports(shared: &Shared) {
    while !shared.stop.load(Ordering::Relaxed) {
        let now: Arc<[PortInfo]> = list_ports().into();
        let mut ports = locked(&shared.ports);
        let changed = *ports != now;
        if changed {
            *ports = now;
        }
        drop(ports);
        if changed {
            (shared.wake)();
        }
        thread::park_timeout(LIST_PORTS_EVERY);
    }
}

/// Certificates as PEM.
fn pem_of(chain: &[Vec<u8>]) -> String {
    chain
        .iter()
        .map(|der| {
            let text = data_encoding::BASE64.encode(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        })
        .collect()
}

fn major_minor(version: &str) -> Option<(u8, u8)> {
    let mut parts = version.split(['.', ' ', ',']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The path of a recording that a port writes, for callers that show it.
#[must_use]
pub fn recording_path(snapshot: &Snapshot, input: InputId) -> Option<PathBuf> {
    let port = snapshot.ports.iter().find(|p| p.input == input)?;
    port.recording.as_ref().map(PathBuf::from)
}
