//! The raw bytes of one input and where its lines begin; rows are cut out only when asked for.
//!
//! In: bytes in order, or an open file. Out: lines by number. Must not decode. Memory stays
//! bounded: what exceeds [`MEMORY_BYTES`] goes to a temporary file, a large file is read where it
//! lies. Lines end as in `decode` ([`LineEnds`]), lose the CRs at both ends, and are counted from 1; a
//! frame of a module is a line of its own.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use aho_corasick::AhoCorasick;
use sha2::{Digest, Sha256};

use crate::decode::{LineEnds, ModuleFrames, ModulePiece};
use crate::evidence::Micros;

/// Bytes of one input that are kept in memory at most.
pub const MEMORY_BYTES: usize = 64 * 1024 * 1024;
/// One mark a so many lines …
const MARK_LINES: u32 = 64;
/// … or so many bytes, whichever comes first.
const MARK_BYTES: u64 = 64 * 1024;

/// A line as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLine {
    /// Number, from 1.
    pub line: u32,
    /// Its bytes without the line end, cut at the length asked for.
    pub bytes: Vec<u8>,
    /// Bytes that were cut off.
    pub more: u64,
    /// Offset of its first byte.
    pub offset: u64,
    /// It is a frame of a module, not text.
    pub frame: bool,
}

/// The start of a line, kept for every few lines only.
#[derive(Clone, Copy)]
struct Mark {
    line: u32,
    offset: u64,
}

/// Bytes and line starts of one input.
pub struct LogStore {
    /// Bytes before `memory_at`: the opened file, or what was spilled.
    disk: Option<Disk>,
    memory: VecDeque<Vec<u8>>,
    memory_at: u64,
    memory_len: usize,
    len: u64,
    marks: Vec<Mark>,
    /// Complete lines.
    lines: u32,
    line_start: u64,
    /// Finds frames of modules between the lines.
    reader: ModuleFrames,
    /// Bytes that are known to be text or a frame.
    decided: u64,
    /// Offset and length of each frame.
    frames: Vec<(u64, u32)>,
    ends: LineEnds,
    no_lines: bool,
    /// Time of the read for the bytes from this offset on.
    times: Vec<(u64, Micros)>,
}

struct Disk {
    file: File,
    delete: Option<PathBuf>,
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(path) = self.delete.take() {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Default for LogStore {
    fn default() -> Self {
        Self {
            disk: None,
            memory: VecDeque::new(),
            memory_at: 0,
            memory_len: 0,
            len: 0,
            marks: vec![Mark { line: 1, offset: 0 }],
            lines: 0,
            line_start: 0,
            reader: ModuleFrames::default(),
            decided: 0,
            frames: Vec::new(),
            ends: LineEnds::default(),
            no_lines: false,
            times: Vec::new(),
        }
    }
}

impl LogStore {
    /// A store over a file that is being read from its start: [`LogStore::index`] counts its
    /// lines, nothing is copied.
    #[must_use]
    pub fn over_file(file: File) -> Self {
        Self {
            disk: Some(Disk { file, delete: None }),
            ..Self::default()
        }
    }

    /// Whether it lies over a file of the user.
    #[must_use]
    pub fn is_over_file(&self) -> bool {
        self.disk.as_ref().is_some_and(|d| d.delete.is_none())
    }

    /// Takes bytes in, with the time of the read where there is one.
    ///
    /// # Errors
    /// When the temporary file cannot be written; the bytes are then kept in memory.
    pub fn push(&mut self, bytes: &[u8], received: Option<Micros>) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(at) = received {
            self.times.push((self.len, at));
        }
        self.count_lines(bytes);
        match self.memory.back_mut() {
            Some(last) if last.len() + bytes.len() <= 64 * 1024 => last.extend_from_slice(bytes),
            _ => self.memory.push_back(bytes.to_vec()),
        }
        self.memory_len += bytes.len();
        if self.memory_len > MEMORY_BYTES {
            return self.spill();
        }
        Ok(())
    }

    /// Counts the lines of bytes that the file under the store holds at this place already.
    pub fn index(&mut self, bytes: &[u8]) {
        self.count_lines(bytes);
        self.memory_at = self.len;
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// No bytes yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Lines so far; an unfinished last line counts.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.lines + u32::from(self.len > self.line_start)
    }

    /// Lines that have ended.
    #[must_use]
    pub fn whole_lines(&self) -> u32 {
        self.lines
    }

    /// Times of the reads: (offset of the first byte, microseconds since 1970 UTC).
    #[must_use]
    pub fn times(&self) -> &[(u64, Micros)] {
        &self.times
    }

    /// Time at which the byte at this offset was read, where it was read live.
    #[must_use]
    pub fn received_at(&self, offset: u64) -> Option<Micros> {
        let next = self.times.partition_point(|(from, _)| *from <= offset);
        self.times.get(next.checked_sub(1)?).map(|(_, at)| *at)
    }

    /// The lines `from ..= to`, each cut at `cut` bytes. Lines that do not exist are left out.
    #[must_use]
    pub fn lines(&self, from: u32, to: u32, cut: usize) -> Vec<StoredLine> {
        let (from, to) = (from.max(1), to.min(self.line_count()));
        let mut out = Vec::new();
        if from > to {
            return out;
        }
        let mark = self.mark_before(from);
        let (mut line, mut offset) = (mark.line, mark.offset);
        while line <= to {
            let Some((stored, next)) = self.cut_line(line, offset, cut) else {
                break;
            };
            offset = next;
            if line >= from {
                out.push(stored);
            }
            line += 1;
        }
        out
    }

    /// One line, cut at `cut` bytes.
    #[must_use]
    pub fn line(&self, line: u32, cut: usize) -> Option<StoredLine> {
        self.lines(line, line, cut).pop()
    }

    /// Bytes at an offset, fewer than asked for at the end.
    #[must_use]
    pub fn bytes(&self, offset: u64, len: usize) -> Vec<u8> {
        let end = self.len.min(offset.saturating_add(len as u64));
        let mut out = Vec::new();
        let mut at = offset;
        if at < self.memory_at.min(end) {
            let want = usize::try_from(self.memory_at.min(end) - at).unwrap_or(0);
            out.resize(want, 0);
            let got = self.read_disk(at, &mut out);
            out.truncate(got);
            if got < want {
                return out;
            }
            at += want as u64;
        }
        let mut chunk_at = self.memory_at;
        for chunk in &self.memory {
            let chunk_end = chunk_at + chunk.len() as u64;
            if at < end && at < chunk_end && at >= chunk_at {
                let from = usize::try_from(at - chunk_at).unwrap_or(usize::MAX);
                let to = usize::try_from(end.min(chunk_end) - chunk_at).unwrap_or(0);
                out.extend_from_slice(chunk.get(from..to).unwrap_or_default());
                at = end.min(chunk_end);
            }
            chunk_at = chunk_end;
        }
        out
    }

    /// SHA-256 of all bytes so far, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        let mut at = 0;
        while at < self.len {
            let piece = self.bytes(at, 1024 * 1024);
            if piece.is_empty() {
                break;
            }
            hasher.update(&piece);
            at += piece.len() as u64;
        }
        hasher.finalize().iter().fold(String::new(), |mut out, b| {
            let _ = write!(out, "{b:02x}");
            out
        })
    }

    /// First line after `after` that holds `needle` (ASCII case does not matter), looking at
    /// whole lines up to 64 KiB; wraps around once.
    #[must_use]
    pub fn find(&self, needle: &str, after: u32) -> Option<u32> {
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build([needle])
            .ok()?;
        if needle.is_empty() {
            return None;
        }
        let last = self.line_count();
        // Whole blocks are looked through first; lines are cut out only of one that holds it.
        let in_range = |from: u32, to: u32| {
            let mut at = from;
            while at <= to {
                let (end, bytes) = self.block_of(at);
                let end = to.min(end);
                if bytes.is_none_or(|bytes| finder.is_match(&bytes)) {
                    let hit = self.find_in(&finder, at, end);
                    if hit.is_some() {
                        return hit;
                    }
                }
                at = end.checked_add(1)?;
            }
            None
        };
        in_range(after.saturating_add(1), last).or_else(|| in_range(1, after.min(last)))
    }

    /// What comes is no text: it has no lines.
    pub fn hold_no_lines(&mut self) {
        self.no_lines = true;
    }

    fn find_in(&self, finder: &AhoCorasick, from: u32, to: u32) -> Option<u32> {
        let mut at = from;
        while at <= to {
            let end = to.min(at.saturating_add(511));
            let lines = self.lines(at, end, 64 * 1024);
            let hit = lines.iter().find(|l| finder.is_match(&l.bytes));
            if let Some(line) = hit {
                return Some(line.line);
            }
            at = end.checked_add(1)?;
        }
        None
    }

    /// The block of whole lines that holds this line: its last line, and its bytes unless a line in
    /// it is too long to hold.
    fn block_of(&self, line: u32) -> (u32, Option<Vec<u8>>) {
        const BLOCK: u64 = 1024 * 1024;
        let start = self.mark_before(line);
        let next = self
            .marks
            .partition_point(|m| m.offset < start.offset.saturating_add(BLOCK));
        let (last, end) = match self.marks.get(next) {
            Some(mark) => (mark.line.saturating_sub(1).max(line), mark.offset),
            None => (u32::MAX, self.len),
        };
        let len = end.saturating_sub(start.offset);
        let bytes = (len <= 4 * BLOCK)
            .then(|| usize::try_from(len).ok())
            .flatten()
            .map(|len| self.bytes(start.offset, len));
        (last, bytes)
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if self.no_lines {
            return;
        }
        let mut reader = std::mem::take(&mut self.reader);
        reader.push(bytes, &mut |piece| self.piece(&piece));
        self.reader = reader;
    }

    /// The input ended: what looked like the begin of a frame was text.
    pub fn finish(&mut self) {
        let mut reader = std::mem::take(&mut self.reader);
        reader.finish(&mut |piece| self.piece(&piece));
    }

    fn piece(&mut self, piece: &ModulePiece<'_>) {
        match piece {
            ModulePiece::Text(text) => {
                let mut ends = self.ends;
                ends.each(text, |at| self.end_line(self.decided + at as u64));
                self.ends = ends;
                self.decided += text.len() as u64;
            }
            ModulePiece::Frame { bytes, .. } => {
                if self.line_start < self.decided {
                    self.end_line(self.decided);
                }
                self.ends = LineEnds::default();
                let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                self.frames.push((self.decided, len));
                self.decided += bytes.len() as u64;
                self.end_line(self.decided);
            }
        }
    }

    /// The first frame that begins at or behind this offset.
    fn frame_from(&self, offset: u64) -> Option<(u64, u32)> {
        let at = self.frames.partition_point(|(from, _)| *from < offset);
        self.frames.get(at).copied()
    }

    fn end_line(&mut self, next: u64) {
        self.lines = self.lines.saturating_add(1);
        self.line_start = next;
        let line = self.lines.saturating_add(1);
        if let Some(mark) = self.marks.last()
            && (line - mark.line >= MARK_LINES || next - mark.offset >= MARK_BYTES)
        {
            self.marks.push(Mark { line, offset: next });
        }
    }

    fn mark_before(&self, line: u32) -> Mark {
        let next = self.marks.partition_point(|m| m.line <= line);
        self.marks
            .get(next.saturating_sub(1))
            .copied()
            .unwrap_or(Mark { line: 1, offset: 0 })
    }

    /// The line that begins at `offset`, and the offset of the next one.
    fn cut_line(&self, line: u32, offset: u64, cut: usize) -> Option<(StoredLine, u64)> {
        if offset >= self.len {
            return None;
        }
        let next_frame = self.frame_from(offset);
        if let Some((_, len)) = next_frame.filter(|(from, _)| *from == offset) {
            let whole = usize::try_from(len).unwrap_or(usize::MAX);
            let stored = StoredLine {
                line,
                bytes: self.bytes(offset, whole.min(cut)),
                more: u64::from(len).saturating_sub(cut as u64),
                offset,
                frame: true,
            };
            return Some((stored, offset + u64::from(len)));
        }
        let limit = next_frame.map_or(self.len, |(from, _)| from);
        let mut kept = Vec::new();
        let mut at = offset;
        let mut step = 512;
        let mut ends = LineEnds::default();
        let (end, next) = loop {
            // A mark right behind a very long line saves reading all of it.
            if at - offset > MARK_BYTES {
                let mark = self.mark_before(line + 1);
                if mark.line == line + 1 {
                    break (mark.offset - 1, mark.offset);
                }
            }
            let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
            let piece = self.bytes(at, step.min(room));
            let next = ends.next(&piece);
            let upto = piece.get(..next.unwrap_or(piece.len())).unwrap_or(&piece);
            let part = upto.strip_suffix(b"\n").unwrap_or(upto);
            let room = (cut + 2).saturating_sub(kept.len()).min(part.len());
            kept.extend_from_slice(part.get(..room).unwrap_or_default());
            let line_end = at + part.len() as u64;
            if next.is_some() {
                break (line_end, at + upto.len() as u64);
            }
            if piece.is_empty() || line_end >= limit {
                break (limit, limit);
            }
            at = line_end;
            step = (step * 4).min(1024 * 1024);
        };
        let whole = end - offset;
        let mut bytes = kept.as_slice();
        if whole == bytes.len() as u64 {
            while let [head @ .., b'\r'] = bytes {
                bytes = head;
            }
        }
        while let [b'\r', rest @ ..] = bytes {
            bytes = rest;
        }
        let dropped = kept.len() - bytes.len();
        let bytes = bytes.get(..cut).unwrap_or(bytes).to_vec();
        let more = whole - (bytes.len() + dropped) as u64;
        let stored = StoredLine {
            line,
            bytes,
            more,
            offset,
            frame: false,
        };
        Some((stored, next))
    }

    fn read_disk(&self, offset: u64, out: &mut [u8]) -> usize {
        let Some(disk) = &self.disk else { return 0 };
        let mut file = &disk.file;
        if file.seek(SeekFrom::Start(offset)).is_err() {
            return 0;
        }
        let mut got = 0;
        while let Some(rest) = out.get_mut(got..).filter(|r| !r.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(n) => got += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        got
    }

    /// Moves the older half of the memory to the temporary file.
    fn spill(&mut self) -> io::Result<()> {
        if self.is_over_file() {
            return Ok(()); // lies over a file of the user, which is never written to
        }
        if self.disk.is_none() {
            let path = spill_path();
            let file = File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            self.disk = Some(Disk {
                file,
                delete: Some(path),
            });
        }
        let Some(disk) = &self.disk else {
            return Ok(());
        };
        let mut file = &disk.file;
        file.seek(SeekFrom::Start(self.memory_at))?;
        while self.memory_len > MEMORY_BYTES / 2 {
            let Some(chunk) = self.memory.front() else {
                break;
            };
            file.write_all(chunk)?;
            self.memory_at += chunk.len() as u64;
            self.memory_len -= chunk.len();
            self.memory.pop_front();
        }
        Ok(())
    }
}

fn spill_path() -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_nanos());
    std::env::temp_dir().join(format!(
        "handlens-{}-{now}-{number}.log",
        std::process::id()
    ))
}

#[cfg(test)]
#[path = "log_store_tests.rs"]
mod tests;
