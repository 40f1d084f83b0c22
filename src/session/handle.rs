//! What the window holds of a session: every call returns at once, results come with the next
//! snapshot.
//!
//! In: calls from the threads of the window or of the command line. Out: orders to the engine, and
//! what is known now. Must not know how anything is read or judged.

mod ask;
mod look;
mod open;
mod say;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use super::case::Case;
use super::engine::{Engine, Order, PortOrder};
use super::recent::{RecentSession, list};
use super::reload::{Stamp, watch_tables};
use super::shared::{Folders, Shared, locked};
use super::snapshot::{Problem, Snapshot};
use super::tables::Tables;
use crate::codes::{Explained, StackHint, explain};
use crate::device::DeviceList;
use crate::evidence::InputId;
use crate::knowledge::Knowledge;
use crate::transport::serial::{PortInfo, list_ports};

/// How often the ports of the computer are listed.
const LIST_PORTS_EVERY: Duration = Duration::from_millis(1_500);

/// One troubleshooting session with its threads. Dropping it stops them and frees all ports.
pub struct Session {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Lets the user's folder be looked at now.
    wake_tables: Option<Thread>,
}

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

    /// Ports of this computer, as last listed in the background.
    #[must_use]
    pub fn ports(&self) -> Arc<[PortInfo]> {
        Arc::clone(&locked(&self.shared.ports))
    }

    /// Asks an open port for something.
    pub fn port(&self, input: InputId, order: PortOrder) {
        self.shared.send(Order::Port(input, order));
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

    /// What was done in the background since the last call, in one sentence; each is given once.
    #[must_use]
    pub fn done(&self) -> Option<String> {
        locked(&self.shared.done).take()
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
