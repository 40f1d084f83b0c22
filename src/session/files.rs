//! A case read from files to their end, with the lines that prove it: what the command line judges.
//!
//! In: paths and readers. Out: a [`Case`] and its lines. Everything is decoded in the calling thread.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::capture_seen::{CaptureReading, CaptureSeen};
use super::case::{Case, NewInput};
use super::file_seen::{FileContent, ReadFile, read_file};
use super::log_store::LogStore;
use super::private_keys::blank_private_keys;
use super::reading::{From, read_input};
use super::recognise::Content;
use super::saved::{SavedInput, SavedSession};
use super::snapshot::{Problem, Snapshot};
use crate::capture::DeviceSide;
use crate::decode::annotate_frame;
use crate::evidence::{Input, InputId, InputKind, Lane, Micros};
use crate::recording::read_recording;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system refused.
    #[error("{name} cannot be read: {reason}")]
    Read {
        /// Its name.
        name: String,
        /// In words.
        reason: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is a saved session or a recording that is damaged.
    #[error("{name} is damaged: {reason}")]
    Damaged {
        /// Its name.
        name: String,
        /// In words.
        reason: String,
    },
}

impl OpenError {
    /// An error of the system in words.
    #[must_use]
    pub fn read(name: &str, source: std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let reason = match source.kind() {
            E::NotFound => "there is no such file.",
            E::PermissionDenied => "no permission. Ask its owner, or copy it to a place of yours.",
            E::IsADirectory => "it is a folder. Give the files in it.",
            _ => "the system reports an error.",
        };
        Self::Read {
            name: name.to_owned(),
            reason,
            source,
        }
    }
}

/// A case with its lines.
pub struct CaseFiles {
    /// The case.
    pub case: Case,
    stores: BTreeMap<InputId, LogStore>,
    next: u32,
}

impl CaseFiles {
    /// Over an empty case.
    #[must_use]
    pub fn new(case: Case) -> Self {
        Self {
            case,
            stores: BTreeMap::new(),
            next: 0,
        }
    }

    /// Reads a file to its end as an input of this name.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn open_path(&mut self, path: &Path, name: &str) -> Result<InputId, OpenError> {
        let failed = |e| OpenError::read(name, e);
        let mut file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(failed(std::io::ErrorKind::IsADirectory.into()));
        }
        let total = about.is_file().then_some(about.len());
        let written = about.modified().ok().and_then(micros);
        // The lines of a large file are read where they lie.
        let large = total.is_some_and(|t| t > super::log_store::MEMORY_BYTES as u64);
        let under = large.then(|| File::open(path).ok()).flatten();
        let from = if under.is_some() {
            From::Ahead(&mut file)
        } else {
            From::Here(&mut file)
        };
        self.read(name, from, total, written, under)
    }

    /// Reads a stream to its end as an input of this name.
    ///
    /// # Errors
    /// When reading fails.
    pub fn open_reader(&mut self, name: &str, reader: &mut dyn Read) -> Result<InputId, OpenError> {
        self.read(name, From::Here(reader), None, None, None)
    }

    fn read(
        &mut self,
        name: &str,
        from: From<'_>,
        total: Option<u64>,
        file_time: Option<Micros>,
        under: Option<File>,
    ) -> Result<InputId, OpenError> {
        let id = InputId(self.next);
        self.next += 1;
        self.case.add_input(NewInput {
            id,
            name: name.to_owned(),
            kind: InputKind::Log,
            lane: Lane::Device,
            file_time,
        });
        let store = under.map_or_else(LogStore::default, LogStore::over_file);
        let done = read_input(&mut self.case, id, name, from, total, store);
        let mut store = done.store;
        if let Some(mut bytes) = done.whole {
            if let Some(file) = read_file(name, done.content, &mut bytes) {
                self.take_file(id, file, store);
                return Ok(id);
            }
            self.case.remove(id);
            return self.take_whole(name, done.content, &bytes);
        }
        let case = &mut self.case;
        if let Some(seen) = done.capture {
            case.set_content(id, FileContent::Capture(Arc::new(seen)));
        }
        case.finish(id);
        if let Some(e) = done.spill {
            case.add_problem(Problem {
                input: Some(id),
                sentence: format!(
                    "The temporary folder took no more of {name}. It is kept in memory instead."
                ),
                details: e.to_string(),
            });
        }
        store.finish();
        self.stores.insert(id, store);
        done.read.map_err(|e| OpenError::read(name, e))?;
        Ok(id)
    }

    fn take_file(&mut self, id: InputId, file: ReadFile, mut store: LogStore) {
        self.case.push(id, &file.kept, None);
        self.case.set_content(id, file.content);
        self.case.finish(id);
        // A full temporary folder keeps the bytes in memory: nothing to do here.
        let _ = store.push(&file.kept, None);
        store.finish();
        self.stores.insert(id, store);
    }

    fn take_whole(
        &mut self,
        name: &str,
        content: Content,
        bytes: &[u8],
    ) -> Result<InputId, OpenError> {
        let damaged = |reason: String| OpenError::Damaged {
            name: name.to_owned(),
            reason,
        };
        let inputs = if content == Content::Session {
            let saved = SavedSession::read(bytes).map_err(|e| damaged(e.to_string()))?;
            saved.restore_statements(&mut self.case);
            saved.inputs
        } else {
            let recording = read_recording(bytes).map_err(|e| damaged(e.to_string()))?;
            vec![SavedInput::from_recording(name, &recording)]
        };
        let first = InputId(self.next);
        for input in inputs {
            let id = InputId(self.next);
            self.next += 1;
            let mut store = LogStore::default();
            input.replay(id, &mut self.case, &mut store);
            self.stores.insert(id, store);
        }
        Ok(first)
    }

    /// Reads captures again where the key log or the device's end came after them.
    fn open_captures(&mut self) {
        let keys = self.case.key_log();
        for (id, side) in self.case.captures_to_read() {
            let name = self
                .case
                .inputs()
                .find(|i| i.id == id)
                .map_or_else(String::new, |i| i.name.clone());
            if let Some(store) = self.stores.get(&id) {
                let keys = keys.as_ref().map(|k| k.as_str());
                let seen = read_stored(&name, store, keys, side);
                self.case
                    .set_content(id, FileContent::Capture(Arc::new(seen)));
            }
        }
    }

    /// A line as text: control characters and private keys are blanked, long lines cut.
    #[must_use]
    pub fn line(&self, id: InputId, line: u32) -> Option<String> {
        let captured = |i: &Input| i.id == id && i.kind == InputKind::Capture;
        if self.case.inputs().any(captured) {
            return None;
        }
        self.stores.get(&id).and_then(|s| line_text(s, line))
    }

    /// SHA-256 of an input's bytes in hex; `None` for what was not kept.
    #[must_use]
    pub fn sha256(&self, id: InputId) -> Option<String> {
        self.stores
            .get(&id)
            .filter(|s| !s.is_empty())
            .map(LogStore::sha256)
    }

    /// Judges and shows.
    #[must_use]
    pub fn snapshot(&mut self, now: Micros) -> Snapshot {
        self.open_captures();
        self.case.judge(now);
        self.case.snapshot()
    }
}

/// Reads a stored capture with a key log and this end as the device.
fn read_stored(name: &str, store: &LogStore, keys: Option<&str>, side: DeviceSide) -> CaptureSeen {
    const PIECE: usize = 1 << 20;
    let mut reading = CaptureReading::new(keys, side);
    let mut at = 0;
    while at < store.len() {
        let piece = store.bytes(at, PIECE);
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        reading.push(&piece);
    }
    reading.finish(name)
}

/// Characters of a line that are quoted.
const QUOTED: usize = 2_000;

/// A line for people: a private key that it is part of is blanked (keys span up to some hundred
/// lines), escape sequences are taken out, control characters made visible.
#[must_use]
pub fn line_text(store: &LogStore, line: u32) -> Option<String> {
    let stored = store.line(line, QUOTED)?;
    if stored.frame {
        return Some(annotate_frame(&stored.bytes).text);
    }
    let mut bytes = stored.bytes;
    let base64 = bytes.len() >= 24
        && bytes
            .iter()
            .filter(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
            .count()
            * 10
            >= bytes.len() * 9;
    if base64 || memchr::memmem::find(&bytes, b"PRIVATE KEY").is_some() {
        let mut around = Vec::new();
        for before in store.lines(line.saturating_sub(250), line, QUOTED) {
            around.extend_from_slice(&before.bytes);
            around.push(b'\n');
        }
        blank_private_keys(&mut around);
        around.pop();
        let start = around.len().saturating_sub(bytes.len());
        bytes = around.split_off(start);
    }
    let mut text = printable(&bytes);
    if stored.more > 0 {
        text.push_str("\u{2026} ");
        text.push_str(&super::figures::grouped(
            i64::try_from(stored.more).unwrap_or(i64::MAX),
        ));
        text.push_str(" more");
    }
    Some(text)
}

/// Text without ANSI sequences, with control characters as pictures.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1B}' && chars.peek() == Some(&'[') {
            chars.next();
            // Parameters and intermediates, then one final byte (ECMA-48, 5.4).
            while chars.peek().is_some_and(|c| (' '..='?').contains(c)) {
                chars.next();
            }
            chars.next();
        } else if c == '\t' {
            out.push(' ');
        } else if c.is_control() {
            let shown = char::from_u32(0x2400 + u32::from(c)).filter(|_| u32::from(c) < 0x20);
            out.push(shown.unwrap_or('\u{FFFD}'));
        } else {
            out.push(c);
        }
    }
    out
}

/// Microseconds since 1970 UTC.
#[must_use]
pub fn micros(time: SystemTime) -> Option<Micros> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_line_is_readable_and_keeps_no_key() {
        let mut store = LogStore::default();
        store
            .push(
                b"\x1b[0;32mI (12) ok\x1b[0m\x07\n-----BEGIN EC PRIVATE KEY-----\n\
                  MHcCAQEEIPLANTEDplantedPLANTEDplantedPLANTED\n-----END EC PRIVATE KEY-----\nend\n",
                None,
            )
            .unwrap();
        assert_eq!(line_text(&store, 1).unwrap(), "I (12) ok\u{2407}");
        let key = line_text(&store, 3).unwrap();
        assert!(!key.contains("PLANTED") && key.contains("XXXX"), "{key}");
        assert_eq!(line_text(&store, 5).unwrap(), "end");
        assert_eq!(line_text(&store, 6), None);
    }
}
