//! Writes a recording, and copes with a disk that is full or broken.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::block;
use super::file::{RecordError, create_new, file_stem};
use super::sync::Syncer;
use crate::evidence::{Chunk, ChunkSink, Micros, Notice, StreamGap};

/// So much is kept in memory while the disk takes nothing, in bytes of the file: more than an hour
/// at 115,200 baud. What comes after that is not recorded; the recording says so at that place.
pub const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// A disk that took nothing is tried again after this time.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// An open recording.
///
/// Each method writes before it returns. None of them fails: trouble comes back as a [`Notice`]
/// once when it begins and once when it is over.
pub struct Recorder {
    name: String,
    path: Option<PathBuf>,
    out: Box<dyn Write + Send>,
    syncer: Option<Syncer>,
    /// Blocks that the disk has not taken; of the first, `written` bytes are in the file.
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    limit: usize,
    written: usize,
    /// The last attempt, if the disk refused it.
    failed_at: Option<Instant>,
    /// The person was told that the disk refuses.
    told: bool,
    /// Bytes of blocks that were given up, and when the first of them came.
    lost: Option<Lost>,
}

#[derive(Clone, Copy)]
struct Lost {
    at: Micros,
    received_us: Micros,
    bytes: u64,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("name", &self.name)
            .field("waiting_bytes", &self.waiting_bytes)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Starts a recording of `port` with the line settings `line` (both only to be shown). The
    /// header is in the file when this returns.
    ///
    /// # Errors
    /// The file exists, or cannot be made.
    pub fn create(path: &Path, port: &str, line: &str) -> Result<Self, RecordError> {
        let file = create_new(path)?;
        let syncer = Syncer::start(&file);
        // The name of a new file is safe only after its folder was synced. Not all systems can.
        if let Some(folder) = path.parent().and_then(|f| File::open(f).ok()) {
            let _ = folder.sync_all();
        }
        let mut recorder = Self::new(path.display().to_string(), Box::new(file), port, line);
        recorder.path = Some(path.to_owned());
        recorder.syncer = syncer;
        recorder.drain();
        Ok(recorder)
    }

    /// Starts a recording in a folder (made where missing), named after the time and the port,
    /// such as `2026-03-02 14.05.33 ttyUSB0.pcapng`; a second one of that name gets ` (2)`.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub fn create_in(folder: &Path, port: &str, line: &str) -> Result<Self, RecordError> {
        fs::create_dir_all(folder).map_err(|source| RecordError::Create {
            path: folder.to_owned(),
            source,
        })?;
        let stem = file_stem(port);
        let mut number = 1;
        loop {
            let name = if number == 1 {
                format!("{stem}.{}", super::EXTENSION)
            } else {
                format!("{stem} ({number}).{}", super::EXTENSION)
            };
            match Self::create(&folder.join(name), port, line) {
                Err(RecordError::Exists(_)) if number < 1000 => number += 1,
                other => return other,
            }
        }
    }

    /// Records into anything that takes bytes. Nothing is synced.
    #[must_use]
    pub fn on_writer(name: &str, out: Box<dyn Write + Send>, port: &str, line: &str) -> Self {
        let mut recorder = Self::new(name.into(), out, port, line);
        recorder.drain();
        recorder
    }

    fn new(name: String, out: Box<dyn Write + Send>, port: &str, line: &str) -> Self {
        let header = block::header(port, line);
        Self {
            name,
            path: None,
            out,
            syncer: None,
            waiting_bytes: header.len(),
            waiting: VecDeque::from([header]),
            limit: MAX_WAITING_BYTES,
            written: 0,
            failed_at: None,
            told: false,
            lost: None,
        }
    }

    /// Keeps less in memory than [`MAX_WAITING_BYTES`] while the disk takes nothing.
    #[must_use]
    pub fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Bytes that the disk has not taken yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes - self.written
    }

    /// Writes a chunk; it is in the file when this returns, unless the disk takes nothing.
    pub fn write(&mut self, chunk: &Chunk) -> Option<Notice> {
        let mut bytes = Vec::with_capacity(chunk.bytes.len() + 80);
        block::chunk(&mut bytes, chunk);
        self.put(bytes, chunk.at, chunk.received_us)
    }

    /// Writes a gap.
    pub fn write_gap(&mut self, gap: &StreamGap) -> Option<Notice> {
        let mut bytes = Vec::new();
        block::gap(&mut bytes, gap);
        self.put(bytes, gap.at, gap.received_us)
    }

    /// Writes a note of the person.
    pub fn write_note(&mut self, at: Micros, received_us: Micros, text: &str) -> Option<Notice> {
        let mut bytes = Vec::new();
        block::note(&mut bytes, at, received_us, text);
        self.put(bytes, at, received_us)
    }

    /// Tries again what the disk did not take; to be called several times a second.
    pub fn retry(&mut self) -> Option<Notice> {
        if let Some(error) = self.syncer.as_ref().and_then(Syncer::trouble) {
            return Some(Notice {
                sentence: format!(
                    "The disk did not confirm the recording {}. It may lose the end in a power failure; record to another disk.",
                    self.name
                ),
                details: error,
            });
        }
        match self.failed_at {
            Some(at) if at.elapsed() >= RETRY_AFTER => self.attempt(),
            _ => None,
        }
    }

    fn put(&mut self, bytes: Vec<u8>, at: Micros, received_us: Micros) -> Option<Notice> {
        // After the first loss nothing is kept until the disk is back: the hole has one place.
        let full = self.waiting_bytes + bytes.len() > self.limit && !self.waiting.is_empty();
        if full || self.lost.is_some() {
            let first = self.lost.is_none();
            let lost = self.lost.get_or_insert(Lost {
                at,
                received_us,
                bytes: 0,
            });
            lost.bytes += bytes.len() as u64;
            return self.retry().or_else(|| {
                first.then(|| Notice {
                    sentence: format!(
                        "The recording {} has a hole from now on: {} wait for the disk and no more are kept. Free some space.",
                        self.name,
                        megabytes(self.waiting_bytes)
                    ),
                    details: String::new(),
                })
            });
        }
        self.waiting_bytes += bytes.len();
        self.waiting.push_back(bytes);
        match self.failed_at {
            Some(at) if at.elapsed() < RETRY_AFTER => None,
            _ => self.attempt(),
        }
    }

    /// Writes what waits, and says so if the state changes.
    fn attempt(&mut self) -> Option<Notice> {
        let waited = self.waiting_bytes();
        let was_told = self.told;
        let refused = self.drain();
        self.told = refused.is_some();
        match refused {
            None if was_told => Some(self.recovered(waited)),
            None => None,
            Some(_) if was_told => None,
            Some(error) => Some(Notice {
                sentence: format!(
                    "The recording {} cannot be written: {}. Nothing is lost yet, up to {} wait in memory. {}",
                    self.name,
                    reason(&error),
                    megabytes(self.limit),
                    if error.kind() == ErrorKind::StorageFull {
                        "Free some space; it goes on by itself."
                    } else {
                        "Check the disk; it goes on by itself."
                    }
                ),
                details: error.to_string(),
            }),
        }
    }

    /// Writes until nothing waits or the disk refuses.
    fn drain(&mut self) -> Option<io::Error> {
        while let Some(first) = self.waiting.front() {
            let rest = first.get(self.written..).unwrap_or_default();
            match self.out.write(rest) {
                Ok(0) => {
                    self.failed_at = Some(Instant::now());
                    return Some(ErrorKind::WriteZero.into());
                }
                Ok(n) => {
                    self.written += n;
                    if self.written >= first.len() {
                        self.waiting_bytes -= first.len();
                        self.written = 0;
                        self.waiting.pop_front();
                    }
                    if let Some(syncer) = &self.syncer {
                        syncer.written();
                    }
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    self.failed_at = Some(Instant::now());
                    return Some(e);
                }
            }
        }
        self.failed_at = None;
        None
    }

    fn recovered(&mut self, waited: usize) -> Notice {
        let Some(lost) = self.mark_hole() else {
            return Notice {
                sentence: format!(
                    "The recording {} is complete again: {waited} bytes that waited in memory are written.",
                    self.name
                ),
                details: String::new(),
            };
        };
        Notice {
            sentence: format!(
                "The recording {} goes on after a hole of about {lost} bytes. What waited before it is written.",
                self.name
            ),
            details: String::new(),
        }
    }

    /// Writes into the recording that something is missing here; how many bytes.
    fn mark_hole(&mut self) -> Option<u64> {
        let lost = self.lost.take()?;
        let mut bytes = Vec::new();
        block::gap(
            &mut bytes,
            &StreamGap {
                at: lost.at,
                received_us: lost.received_us,
                ms: None,
                sentence: format!(
                    "The disk took nothing: about {} bytes from here on were not recorded.",
                    lost.bytes
                ),
            },
        );
        self.waiting_bytes += bytes.len();
        self.waiting.push_back(bytes);
        // If the disk refuses again, the next chunk says so.
        self.drain();
        Some(lost.bytes)
    }
}

impl ChunkSink for Recorder {
    fn chunk(&mut self, chunk: &Chunk) -> Option<Notice> {
        self.write(chunk)
    }

    fn gap(&mut self, gap: &StreamGap) -> Option<Notice> {
        self.write_gap(gap)
    }

    fn note(&mut self, at: Micros, received_us: Micros, text: &str) -> Option<Notice> {
        self.write_note(at, received_us, text)
    }

    fn idle(&mut self) -> Option<Notice> {
        self.retry()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.drain().is_none() {
            self.mark_hole();
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full".into(),
        ErrorKind::QuotaExceeded => "your share of the disk is used up".into(),
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only".into(),
        _ => error.to_string(),
    }
}

fn megabytes(bytes: usize) -> String {
    if bytes < 1024 * 1024 {
        format!("{} KB", bytes / 1024)
    } else {
        format!("{} MB", bytes / (1024 * 1024))
    }
}
