//! Bytes of one direction → TLS records (RFC 8446 section 5.1), found by content and not by port.
//!
//! In: pieces of the stream. Out: records, or the first bytes of what is no TLS. After missing bytes
//! it goes on at the next place where record headers follow each other.

use super::stream::Piece;

/// Longest fragment: 2^14 bytes and what encryption may add (RFC 5246 section 6.2.3).
const LONGEST: usize = (1 << 14) + 2048;
/// First bytes kept of a stream that is no TLS.
const SHOWN: usize = 256;

/// Where a direction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// Too few bytes yet.
    Unknown,
    /// TLS records.
    Tls,
    /// Something else.
    Plain,
    /// TLS, but bytes are missing and the next record is not found yet.
    Lost,
}

/// Header of a record whose fragment is in [`Records::body`] (unless it was not wanted).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) content_type: u8,
    pub(super) version: u16,
    pub(super) len: u32,
    /// The fragment is whole.
    pub(super) whole: bool,
}

/// The record layer of one direction.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) speaks: Speaks,
    buffer: Vec<u8>,
    body: Vec<u8>,
    /// Bytes of a fragment that is not looked at.
    skip: usize,
    /// First bytes of what is no TLS.
    pub(super) plain: Vec<u8>,
}

impl Records {
    pub(super) fn new() -> Self {
        Self {
            speaks: Speaks::Unknown,
            buffer: Vec::new(),
            body: Vec::new(),
            skip: 0,
            plain: Vec::new(),
        }
    }

    /// The fragment of the record that [`Records::next`] gave last.
    pub(super) fn body(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    /// Bytes are missing from here on. Gives the record that is torn by it, where its header was read;
    /// what came of its fragment is in [`Records::body`].
    pub(super) fn gap(&mut self, missing: u32) -> Option<Record> {
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        if self.skip > 0 {
            if missing > self.skip {
                self.lose();
            } else {
                self.skip -= missing;
            }
            return None;
        }
        if self.speaks != Speaks::Tls {
            self.buffer.clear();
            return None;
        }
        let record = header(&self.buffer);
        self.body.clear();
        self.body
            .extend_from_slice(self.buffer.get(5..).unwrap_or_default());
        let left = record.map(|r| 5 + usize_of(r.len) - self.buffer.len());
        match left {
            Some(left) if missing <= left => {
                self.buffer.clear();
                self.skip = left - missing;
            }
            _ => self.lose(),
        }
        record.map(|r| Record { whole: false, ..r })
    }

    fn lose(&mut self) {
        self.buffer.clear();
        self.skip = 0;
        self.speaks = Speaks::Lost;
    }

    /// Takes bytes from the front of `input` until a record is whole; `wanted` says of a content
    /// type whether the fragment is to be kept.
    pub(super) fn next(
        &mut self,
        input: &mut &[u8],
        wanted: impl Fn(u8) -> bool,
    ) -> Option<Record> {
        loop {
            if self.skip > 0 {
                let passed = self.skip.min(input.len());
                self.skip -= passed;
                *input = input.get(passed..).unwrap_or_default();
            }
            if input.is_empty() {
                return None;
            }
            match self.speaks {
                Speaks::Plain => {
                    let room = SHOWN.saturating_sub(self.plain.len()).min(input.len());
                    self.plain
                        .extend_from_slice(input.get(..room).unwrap_or_default());
                    *input = &[];
                    return None;
                }
                Speaks::Lost => {
                    if let Some(at) = resync(input) {
                        *input = input.get(at..).unwrap_or_default();
                        self.speaks = Speaks::Tls;
                    } else {
                        *input = &[];
                        return None;
                    }
                }
                Speaks::Unknown | Speaks::Tls => {}
            }
            // Fill up the header, then the fragment.
            let missing = 5_usize.saturating_sub(self.buffer.len());
            self.fill(input, missing);
            if self.speaks == Speaks::Unknown && !may_be_header(&self.buffer) {
                self.speaks = Speaks::Plain;
                self.plain = std::mem::take(&mut self.buffer);
                continue;
            }
            let Some(record) = header(&self.buffer) else {
                if self.buffer.len() >= 5 {
                    // Not a header where one must be: the stream is damaged or not TLS.
                    self.lose();
                    continue;
                }
                return None;
            };
            self.speaks = Speaks::Tls;
            let len = usize_of(record.len);
            if !wanted(record.content_type) {
                self.buffer.clear();
                self.body.clear();
                self.skip = len;
                return Some(Record {
                    whole: false,
                    ..record
                });
            }
            let missing = (5 + len).saturating_sub(self.buffer.len());
            self.fill(input, missing);
            if self.buffer.len() < 5 + len {
                return None;
            }
            self.body.clear();
            self.body
                .extend_from_slice(self.buffer.get(5..).unwrap_or_default());
            self.buffer.clear();
            return Some(record);
        }
    }

    /// A segment begins: does a plain stream change to TLS here (STARTTLS)? Only a hello or a fatal
    /// alert counts, so that data that looks like a record does not.
    pub(super) fn may_start(&mut self, segment: &[u8]) -> bool {
        let starts = self.speaks == Speaks::Plain
            && matches!(
                segment,
                [22, 3, 0..=4, _, _, 1 | 2, 0, ..] | [21, 3, 0..=4, 0, 2, 2, _]
            );
        if starts {
            self.speaks = Speaks::Unknown;
        }
        starts
    }

    /// Bytes of a record that is not whole: how many are there, and how many it declares.
    pub(super) fn unfinished(&self) -> Option<(usize, usize)> {
        let record = header(&self.buffer)?;
        Some((self.buffer.len() - 5, usize_of(record.len)))
    }

    fn fill(&mut self, input: &mut &[u8], len: usize) {
        let (head, tail) = input.split_at(len.min(input.len()));
        self.buffer.extend_from_slice(head);
        *input = tail;
    }
}

/// Takes a piece apart for [`Records`]: bytes, or the gap's length.
pub(super) fn bytes_of<'a>(piece: &Piece<'a>) -> Result<&'a [u8], u32> {
    match piece {
        Piece::Bytes(bytes) => Ok(bytes),
        Piece::Gap(missing) => Err(*missing),
    }
}

fn usize_of(len: u32) -> usize {
    usize::try_from(len).unwrap_or(LONGEST)
}

fn may_be_header(bytes: &[u8]) -> bool {
    let kind = bytes.first().is_none_or(|b| (20..=24).contains(b));
    let major = bytes.get(1).is_none_or(|b| *b == 3);
    let minor = bytes.get(2).is_none_or(|b| *b <= 4);
    kind && major && minor && (bytes.len() < 5 || header(bytes).is_some())
}

/// The header at the front, if it is one.
fn header(bytes: &[u8]) -> Option<Record> {
    match bytes {
        [kind @ 20..=24, 3, minor @ 0..=4, high, low, ..] => {
            let len = u16::from_be_bytes([*high, *low]);
            (usize::from(len) <= LONGEST).then_some(Record {
                content_type: *kind,
                version: 0x0300 | u16::from(*minor),
                len: u32::from(len),
                whole: true,
            })
        }
        _ => None,
    }
}

/// The first place from which record headers follow each other to the end.
fn resync(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len().saturating_sub(4)).find(|start| {
        let mut at = *start;
        let mut hops = 0;
        while let Some(record) = bytes.get(at..).and_then(header) {
            at += 5 + usize_of(record.len);
            hops += 1;
            if at >= bytes.len() {
                // One header alone counts only where a segment begins or ends with the record.
                return hops > 1 || *start == 0 || at == bytes.len();
            }
        }
        false
    })
}
