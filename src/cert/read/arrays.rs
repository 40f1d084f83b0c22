//! Bytes written as numbers: C, Rust and Python arrays, string escapes, hexadecimal dumps.
//!
//! In: a text. Out: blobs of bytes with the place of each. Which of them are DER is asked
//! elsewhere.

use std::sync::OnceLock;

use regex::bytes::Regex;

use super::Encoding;
use super::text::Text;

/// Fewer numbers than this are no certificate.
const FEWEST: usize = 32;

/// A run of bytes found in a text.
pub(super) struct Blob {
    pub bytes: Vec<u8>,
    /// Place in the file of each byte.
    pub offsets: Vec<usize>,
    /// Place in the file behind the last.
    pub end: usize,
    pub encoding: Encoding,
}

impl Blob {
    fn new(encoding: Encoding) -> Self {
        Self {
            bytes: Vec::new(),
            offsets: Vec::new(),
            end: 0,
            encoding,
        }
    }
}

/// All runs of bytes in the text, by the first way of writing that gives any.
pub(super) fn find(text: &Text) -> Vec<Blob> {
    for way in [escapes, prefixed, dump, plain, decimal] {
        let mut blobs = way(text);
        blobs.retain(|b| b.bytes.len() >= FEWEST);
        if !blobs.is_empty() {
            return blobs;
        }
    }
    Vec::new()
}

fn pattern(cell: &'static OnceLock<Option<Regex>>, text: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(text).ok()).as_ref()
}

/// Numbers that match `regex` (group 1, in `radix`); a gap that holds any of `breaks` ends a run.
fn numbers(text: &Text, regex: &Regex, radix: u32, breaks: &[u8]) -> Vec<Blob> {
    let mut blobs: Vec<Blob> = Vec::new();
    let mut last = 0;
    for captures in regex.captures_iter(&text.bytes) {
        let Some(digits) = captures.get(1) else {
            continue;
        };
        let Some(value) = std::str::from_utf8(digits.as_bytes())
            .ok()
            .and_then(|d| u8::from_str_radix(d, radix).ok())
        else {
            continue;
        };
        let gap = text.bytes.get(last..digits.start()).unwrap_or_default();
        if blobs.is_empty() || gap.iter().any(|b| breaks.contains(b)) || gap.len() > 200 {
            blobs.push(Blob::new(Encoding::SourceCode));
        }
        if let Some(blob) = blobs.last_mut() {
            blob.bytes.push(value);
            blob.offsets.push(text.offset(digits.start()));
            blob.end = text.offset(digits.end());
        }
        last = digits.end();
    }
    blobs
}

/// `"\x30\x82"`, also `b'\x30'`.
fn escapes(text: &Text) -> Vec<Blob> {
    static CELL: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&CELL, r"(?-u)\\x([0-9a-fA-F]{2})")
        .map(|r| numbers(text, r, 16, b";={}"))
        .unwrap_or_default()
}

/// `0x30, 0x82`.
fn prefixed(text: &Text) -> Vec<Blob> {
    static CELL: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&CELL, r"(?-u)\b0[xX]([0-9a-fA-F]{1,2})\b")
        .map(|r| numbers(text, r, 16, b";={}["))
        .unwrap_or_default()
}

/// `48, 130, 1`.
fn decimal(text: &Text) -> Vec<Blob> {
    static CELL: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&CELL, r"(?-u)\b([0-9]{1,3})\s*(?:,|\}|\])")
        .map(|r| numbers(text, r, 10, b";={}["))
        .unwrap_or_default()
}

/// Lines of a hexadecimal dump: pairs by spaces or colons, or groups of two bytes; what stands
/// before and behind them is dropped.
fn dump(text: &Text) -> Vec<Blob> {
    static PAIRS: OnceLock<Option<Regex>> = OnceLock::new();
    static GROUPS: OnceLock<Option<Regex>> = OnceLock::new();
    static LAST: OnceLock<Option<Regex>> = OnceLock::new();
    let (Some(pairs), Some(groups), Some(last)) = (
        pattern(
            &PAIRS,
            r"(?-u)(?:^|[\s:>|,])((?:[0-9a-fA-F]{2}(?:  ?|:|-))*[0-9a-fA-F]{2}(?:  ?|:|-)[0-9a-fA-F]{2})(?:[\s|]|:?$)",
        ),
        pattern(
            &GROUPS,
            r"(?-u)(?:^|[\s:])((?:[0-9a-fA-F]{4} )*(?:[0-9a-fA-F]{4} [0-9a-fA-F]{2,4}))(?:\s|$)",
        ),
        // The last row may hold one byte or one group; its offset tells that it is a row.
        pattern(
            &LAST,
            r"(?-u)(?:^|[\s:])[0-9a-fA-F]{4,8}:? +([0-9a-fA-F]{2}(?:[0-9a-fA-F]{2})?)(?:\s|$)",
        ),
    ) else {
        return Vec::new();
    };
    let mut blobs: Vec<Blob> = Vec::new();
    let mut open = false;
    let mut misses = 0;
    for (start, line) in lines(&text.bytes) {
        let found = pairs
            .captures(line)
            .or_else(|| groups.captures(line))
            .or_else(|| if open { last.captures(line) } else { None })
            .and_then(|c| c.get(1))
            // The first line of a run must be a row, not two words that look like one.
            .filter(|m| open || m.len() >= 23);
        let Some(row) = found else {
            misses += 1;
            open = open && misses < 2 && !line.trim_ascii().is_empty();
            continue;
        };
        misses = 0;
        if !open {
            blobs.push(Blob::new(Encoding::Hex));
            open = true;
        }
        // A row with an offset before it holds 16 or 32 bytes; text behind it may look like more.
        let numbered = row.start() > 4 && line.len() < 400;
        let Some(blob) = blobs.last_mut() else {
            continue;
        };
        take_digits(
            blob,
            text,
            start + row.start(),
            row.as_bytes(),
            if numbered { 32 } else { usize::MAX },
        );
    }
    blobs
}

/// Lines of nothing but hexadecimal digits.
fn plain(text: &Text) -> Vec<Blob> {
    let mut blobs: Vec<Blob> = Vec::new();
    let mut open = false;
    for (start, line) in lines(&text.bytes) {
        let trimmed = line.trim_ascii();
        let hex = !trimmed.is_empty()
            && trimmed.len().is_multiple_of(2)
            && trimmed.iter().all(u8::is_ascii_hexdigit);
        if !hex {
            open = false;
            continue;
        }
        if !open {
            blobs.push(Blob::new(Encoding::Hex));
            open = true;
        }
        let indent = line.len() - line.trim_ascii_start().len();
        if let Some(blob) = blobs.last_mut() {
            take_digits(blob, text, start + indent, trimmed, usize::MAX);
        }
    }
    blobs
}

fn take_digits(blob: &mut Blob, text: &Text, start: usize, row: &[u8], most: usize) {
    let mut high: Option<(u8, usize)> = None;
    let mut taken = 0;
    for (i, b) in row.iter().enumerate() {
        let Some(value) = char::from(*b)
            .to_digit(16)
            .and_then(|v| u8::try_from(v).ok())
        else {
            continue;
        };
        match high.take() {
            None => high = Some((value, i)),
            Some((first, at)) => {
                if taken == most {
                    break;
                }
                blob.bytes.push(first << 4 | value);
                blob.offsets.push(text.offset(start + at));
                blob.end = text.offset(start + i + 1);
                taken += 1;
            }
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    text.split(|b| *b == b'\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.strip_suffix(b"\r").unwrap_or(line))
    })
}
