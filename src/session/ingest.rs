//! Reads one file, pasted text or dropped bytes to the end on a thread of its own.
//!
//! In: a path or bytes. Out: [`Word`]s over a bounded channel. Dropping the handle stops the thread
//! at the next block.

use std::fs::File;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use zeroize::Zeroizing;

use super::beside::key_log_beside;
use super::capture_seen::CaptureReading;
use super::file_seen::{Closed, FileContent, ReadFile, read_file};
use super::files::{OpenError, micros};
use super::folder::files_in;
use super::log_store::MEMORY_BYTES;
use super::reader::{Piece, read_pieces};
use super::recognise::Content;
use super::saved::{SavedInput, SavedSession};
use super::shared::Signal;
use crate::capture::DeviceSide;
use crate::cert::Passwords;
use crate::evidence::{InputKind, Micros};
use crate::recording::read_recording;

/// Blocks that wait for the decoders, one MiB each.
const WAITING: usize = 8;

/// What a reader says.
pub(super) enum Word {
    Kind(InputKind),
    /// The lines can be read in this file where they lie.
    OverFile(File),
    Bytes(Vec<u8>),
    Skipped(u64),
    Problem(String, String),
    Inputs(Box<SavedSession>),
    File(ReadFile),
    /// A key log that lies beside the capture that is being read.
    Beside(PathBuf),
    /// A file of the folder that was given.
    InFolder(PathBuf),
    /// What was given was a folder: its files are inputs, it is none.
    WasFolder,
}

/// Gives the bytes of a dropped file, or says in words why not.
pub type Loader = Box<dyn FnOnce() -> Result<Vec<u8>, String> + Send>;

/// Where the bytes are.
pub(super) enum From {
    Path(PathBuf),
    Bytes(Vec<u8>),
    Loader(Loader),
}

/// A running reader.
pub(super) struct Ingest {
    name: String,
    total: Option<u64>,
    file_time: Option<Micros>,
    words: Receiver<Word>,
    cancel: Arc<AtomicBool>,
}

impl Ingest {
    /// Starts reading; `signal` is raised after each word.
    pub fn start(name: &str, from: From, signal: &Arc<Signal>) -> Self {
        Self::run(name, from, None, signal)
    }

    /// Reads a capture again, now with the secrets of a key log or another end as the device. Its
    /// bytes do not come again.
    pub fn again(name: &str, bytes: Vec<u8>, again: Again, signal: &Arc<Signal>) -> Self {
        Self::run(name, From::Bytes(bytes), Some(again), signal)
    }

    /// Reads a file that waits for a password again, now with one.
    pub fn unlock(name: &str, closed: Closed, passwords: Passwords, signal: &Arc<Signal>) -> Self {
        let (send, words) = sync_channel(WAITING);
        let cancel = Arc::new(AtomicBool::new(false));
        let out = Outlet {
            send,
            signal: Arc::clone(signal),
            cancel: Arc::clone(&cancel),
        };
        let file = name.to_owned();
        // Deriving a key may take a second. A thread that does not start closes the channel.
        let _ = thread::Builder::new().name("reader".into()).spawn(move || {
            let _ = out.say(Word::File(closed.open(&file, &passwords)));
        });
        Self {
            name: name.to_owned(),
            total: None,
            file_time: None,
            words,
            cancel,
        }
    }

    fn run(name: &str, from: From, again: Option<Again>, signal: &Arc<Signal>) -> Self {
        let (send, words) = sync_channel(WAITING);
        let cancel = Arc::new(AtomicBool::new(false));
        let about = match &from {
            From::Path(path) => std::fs::metadata(path).ok(),
            _ => None,
        };
        let total = match &from {
            From::Bytes(bytes) => Some(bytes.len() as u64),
            _ => about
                .as_ref()
                .filter(|a| a.is_file())
                .map(std::fs::Metadata::len),
        };
        let file_time = about.and_then(|a| a.modified().ok()).and_then(micros);
        let mut reader = Reader {
            name: name.to_owned(),
            total,
            out: Outlet {
                send,
                signal: Arc::clone(signal),
                cancel: Arc::clone(&cancel),
            },
            again,
        };
        let spawned = thread::Builder::new()
            .name("reader".into())
            .spawn(move || reader.run(from));
        if spawned.is_err() {
            // The channel is closed by that, which ends the input.
            signal.raise();
        }
        Self {
            name: name.to_owned(),
            total,
            file_time,
            words,
            cancel,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn total(&self) -> Option<u64> {
        self.total
    }

    pub fn file_time(&self) -> Option<Micros> {
        self.file_time
    }

    pub fn words(&self) -> &Receiver<Word> {
        &self.words
    }

    /// Stops after the block that is being read; what was read stays.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

struct Reader {
    name: String,
    total: Option<u64>,
    out: Outlet,
    /// The bytes are known already; only what they hold is asked.
    again: Option<Again>,
}

/// What a capture is read again with.
pub(super) struct Again {
    /// Secrets that open its records.
    pub keys: Option<Zeroizing<String>>,
    /// Which end is the device.
    pub side: DeviceSide,
}

struct Outlet {
    send: SyncSender<Word>,
    signal: Arc<Signal>,
    cancel: Arc<AtomicBool>,
}

impl Drop for Outlet {
    /// The channel closes with this, and the engine has to look.
    fn drop(&mut self) {
        let (dead, _) = sync_channel(1);
        self.send = dead;
        self.signal.raise();
    }
}

impl Outlet {
    fn say(&self, word: Word) -> ControlFlow<()> {
        if self.cancel.load(Ordering::Relaxed) || self.send.send(word).is_err() {
            return ControlFlow::Break(());
        }
        self.signal.raise();
        ControlFlow::Continue(())
    }
}

impl Reader {
    fn run(&mut self, from: From) {
        if let From::Path(path) = &from
            && let Some(files) = files_in(path)
        {
            self.folder(files);
            return;
        }
        let lies_at = match &from {
            From::Path(path) => Some(path.clone()),
            _ => None,
        };
        let mut reader: Box<dyn Read> = match from {
            From::Path(path) => match File::open(&path) {
                Ok(file) => {
                    let large = self.total.is_some_and(|t| t > MEMORY_BYTES as u64);
                    if let Some(under) = large.then(|| File::open(&path).ok()).flatten() {
                        let _ = self.out.say(Word::OverFile(under));
                    }
                    Box::new(file)
                }
                Err(e) => {
                    self.failed(e);
                    return;
                }
            },
            From::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            From::Loader(load) => match load() {
                Ok(bytes) => {
                    self.total = Some(bytes.len() as u64);
                    Box::new(Cursor::new(bytes))
                }
                Err(why) => {
                    let sentence = format!("{} cannot be read: {why}", self.name);
                    let _ = self.out.say(Word::Problem(sentence, String::new()));
                    return;
                }
            },
        };
        let mut content = Content::Empty;
        let mut capture = None;
        let (name, total, out) = (&self.name, self.total, &self.out);
        let read = read_pieces(name, reader.as_mut(), total, &mut |piece| match piece {
            Piece::Is(is) => {
                content = is;
                let again = self.again.as_ref();
                let keys = again.and_then(|a| a.keys.as_ref()).map(|k| k.as_str());
                let side = again.map(|a| a.side.clone()).unwrap_or_default();
                capture = (is == Content::Capture).then(|| CaptureReading::new(keys, side));
                let beside = capture.as_ref().and(lies_at.as_deref());
                if let Some(keys) = beside.and_then(key_log_beside) {
                    out.say(Word::Beside(keys))?;
                }
                out.say(Word::Kind(is.kind()))
            }
            Piece::Bytes(bytes) => {
                if let Some(capture) = &mut capture {
                    capture.push(bytes);
                }
                if self.again.is_some() {
                    return ControlFlow::Continue(());
                }
                out.say(Word::Bytes(bytes.to_vec()))
            }
            Piece::Skipped(bytes) => out.say(Word::Skipped(bytes)),
            Piece::Remark(sentence) => out.say(Word::Problem(sentence, String::new())),
            Piece::Whole(bytes) => out.say(whole(name, content, bytes)),
        });
        if let Err(e) = read {
            self.failed(e);
        }
        if let Some(capture) = capture {
            let seen = capture.finish(name);
            let _ = out.say(Word::File(ReadFile {
                content: FileContent::Capture(Arc::new(seen)),
                kept: Vec::new(),
                closed: None,
            }));
        }
    }

    fn folder(&self, files: Result<Vec<PathBuf>, String>) {
        let words: Vec<Word> = match files {
            Ok(files) => (files.into_iter().map(Word::InFolder))
                .chain([Word::WasFolder])
                .collect(),
            Err(sentence) => vec![Word::Problem(sentence, String::new())],
        };
        for word in words {
            if self.out.say(word).is_break() {
                return;
            }
        }
    }

    fn failed(&self, error: std::io::Error) {
        let details = error.to_string();
        let sentence = OpenError::read(&self.name, error).to_string();
        let _ = self.out.say(Word::Problem(sentence, details));
    }
}

/// What a whole file holds, or what is wrong with it.
fn whole(name: &str, content: Content, mut bytes: Vec<u8>) -> Word {
    if let Some(file) = read_file(name, content, &mut bytes) {
        return Word::File(file);
    }
    let bytes = bytes.as_slice();
    let damaged =
        |reason: String| Word::Problem(format!("{name} is damaged: {reason}"), String::new());
    if content == Content::Session {
        return match SavedSession::read(bytes) {
            Ok(saved) => Word::Inputs(Box::new(saved)),
            Err(e) => damaged(e.to_string()),
        };
    }
    match read_recording(bytes) {
        Ok(recording) => Word::Inputs(Box::new(SavedSession {
            inputs: vec![SavedInput::from_recording(name, &recording)],
            ..SavedSession::default()
        })),
        Err(e) => damaged(e.to_string()),
    }
}
