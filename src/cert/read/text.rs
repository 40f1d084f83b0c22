//! The bytes of a file as text whose offsets are known.
//!
//! In: bytes. Out: [`Text`]: one byte a character, and where each stood. Byte order marks, UTF-16,
//! NUL bytes and typographic dashes are told and read through.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::cert::problem::{Problem, Severity};

/// Typographic dashes that are straightened: ten for each end of a block, and many blocks.
const MOST_DASHES: usize = 100_000;

/// A text with its places in the file.
pub(super) struct Text<'a> {
    /// Characters; what is not ASCII is kept byte by byte (UTF-8) or is `?` (UTF-16).
    pub bytes: Cow<'a, [u8]>,
    base: usize,
    step: usize,
    /// Where each line begins; found when first asked for.
    lines: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    pub fn of(bytes: &'a [u8], problems: &mut Vec<Problem>) -> Self {
        let (bytes, base, step) = match bytes {
            [0xEF, 0xBB, 0xBF, rest @ ..] => {
                problems.push(
                    Problem::new(
                        "file.bom",
                        Severity::Warning,
                        "The file begins with a byte order mark (EF BB BF). Devices do not see the BEGIN line behind it.",
                    )
                    .at(0),
                );
                (Cow::Borrowed(rest), 3, 1)
            }
            [0xFF, 0xFE, rest @ ..] => (utf16(rest, u16::from_le_bytes, problems).into(), 2, 2),
            [0xFE, 0xFF, rest @ ..] => (utf16(rest, u16::from_be_bytes, problems).into(), 2, 2),
            _ => (Cow::Borrowed(bytes), 0, 1),
        };
        let mut text = Self {
            bytes,
            base,
            step,
            lines: OnceCell::new(),
        };
        text.straighten_dashes(problems);
        text.drop_nuls(problems);
        text
    }

    /// Offset in the file of the character at `i`.
    pub fn offset(&self, i: usize) -> usize {
        self.base + i * self.step
    }

    /// Line of the character at `i`, counted from 1.
    pub fn line(&self, i: usize) -> u32 {
        let starts = self.lines.get_or_init(|| {
            let mut starts = vec![0];
            for at in memchr::memchr2_iter(b'\r', b'\n', &self.bytes) {
                let half = self.bytes.get(at..at + 2) == Some(b"\r\n");
                if !half {
                    starts.push(at + 1);
                }
            }
            starts
        });
        u32::try_from(starts.partition_point(|start| *start <= i)).unwrap_or(u32::MAX)
    }

    fn straighten_dashes(&mut self, problems: &mut Vec<Problem>) {
        // U+2010 to U+2015, and the minus sign U+2212.
        let dashes: Vec<usize> = memchr::memchr_iter(0xE2, &self.bytes)
            .filter(|i| {
                matches!(
                    self.bytes.get(*i..i + 3),
                    Some([0xE2, 0x80, 0x90..=0x95] | [0xE2, 0x88, 0x92])
                )
            })
            .take(MOST_DASHES)
            .collect();
        let first = dashes.first().copied();
        for i in dashes {
            if let Some(place) = self.bytes.to_mut().get_mut(i..i + 3) {
                place.fill(b'-');
            }
        }
        let armoured = first.is_some_and(|i| {
            memchr::memmem::find(self.bytes.get(i..).unwrap_or_default(), b"-BEGIN ").is_some()
        });
        if let Some(i) = first.filter(|_| armoured) {
            problems.push(
                Problem::new(
                    "pem.smart_dashes",
                    Severity::Error,
                    "The BEGIN line is written with typographic dashes, as word processors make them. Only five ASCII hyphens count.",
                )
                .at(self.offset(i)),
            );
        }
    }

    fn drop_nuls(&mut self, problems: &mut Vec<Problem>) {
        let Some(first) = memchr::memchr(0, &self.bytes) else {
            return;
        };
        if first + 1 == self.bytes.len() {
            problems.push(
                Problem::new(
                    "file.final_nul",
                    Severity::Note,
                    "The file ends with a NUL byte. Mbed TLS wants it in a PEM buffer; modules that take a file do not.",
                )
                .at(self.offset(first)),
            );
        } else if memchr::memmem::find(&self.bytes, b"-BEGIN ").is_some() {
            problems.push(
                Problem::new(
                    "file.nul_bytes",
                    Severity::Error,
                    "NUL bytes stand inside the text. A C program stops reading at the first.",
                )
                .at(self.offset(first)),
            );
        }
        for b in self.bytes.to_mut() {
            if *b == 0 {
                *b = b' ';
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, problems: &mut Vec<Problem>) -> Vec<u8> {
    problems.push(
        Problem::new(
            "file.utf16",
            Severity::Error,
            "The file is UTF-16, as a Windows shell writes it. Devices read ASCII.",
        )
        .at(0),
    );
    bytes
        .chunks_exact(2)
        .map(|c| u8::try_from(unit([c[0], c[1]])).unwrap_or(b'?'))
        .collect()
}
