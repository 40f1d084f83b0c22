//! Opening inputs: files, bytes, ports, simulated devices.
//!
//! In: what to open. Out: the id of the new input; what it holds comes with the next snapshots. Must
//! not know how an input is read.

use std::path::Path;
use std::sync::Arc;

use super::Session;
use crate::evidence::{ChunkSink, InputId, InputKind};
use crate::recording::Recorder;
use crate::session::demo::{DemoCase, demo_cases};
use crate::session::engine::Order;
use crate::session::ingest::{From, Ingest, Loader};
use crate::session::shared::locked;
use crate::session::snapshot::Problem;
use crate::transport::serial::{PortSettings, open};
use crate::transport::{Pace, Simulation, Wake, follow_file, simulate, simulate_device};

// The id of a new input is a service to those who want it; the input comes with the snapshot.
#[allow(clippy::must_use_candidate)]
impl Session {
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

    /// Wakes the engine from a source's thread.
    fn signal(&self) -> Wake {
        let signal = Arc::clone(&self.shared.signal);
        Arc::new(move || signal.raise())
    }
}
