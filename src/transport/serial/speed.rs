//! Whether received bytes look as if the line speed or the frame were wrong.
//!
//! Comes in: bytes and the settings. Goes out: a judgement with its figures. A wrong speed turns
//! text into bytes that are mostly no text and without any run of it; binary protocols that are
//! known to run over such lines (`XBee` API frames, PPP) are recognised by their check sums.

use super::settings::{LineSettings, Parity};
use crate::evidence::grouped;

/// Fewer bytes than this are never judged: a boot loader's first words come at another speed.
pub const JUDGED_FROM_BYTES: usize = 96;
/// Judged are at most the last so many bytes.
const WINDOW: usize = 512;
/// A run of text at least this long counts as readable: chance makes shorter ones.
const RUN: usize = 6;

/// What the last bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeedJudgement {
    /// Too few bytes to say anything.
    TooShort,
    /// Text, or a mixture with enough text in it.
    Text,
    /// Frames with right check sums: `XBee` API or PPP.
    Frames,
    /// Text with seven data bits and this parity, read with eight data bits.
    SevenBits(Parity),
    /// No text and no known frames: the speed is probably wrong.
    Suspect {
        /// Bytes that are not text.
        not_text: usize,
        /// Bytes judged.
        of: usize,
    },
}

/// Judges the last bytes that came from the device.
#[must_use]
pub fn judge(bytes: &[u8], line: &LineSettings) -> SpeedJudgement {
    let from = bytes.len().saturating_sub(WINDOW);
    let bytes = bytes.get(from..).unwrap_or(bytes);
    if bytes.len() < JUDGED_FROM_BYTES {
        return SpeedJudgement::TooShort;
    }
    // First, because escaped frames can look like text.
    if framed_bytes(bytes) * 2 >= bytes.len() {
        return SpeedJudgement::Frames;
    }
    let (text, in_runs) = text_bytes(bytes);
    let not_text = bytes.len() - text;
    // A quarter unreadable, and less than a third in readable runs: a log with a burst of
    // garbage in it has its runs, a line at the wrong speed has neither.
    if not_text * 4 < bytes.len() || in_runs * 3 >= bytes.len() {
        return SpeedJudgement::Text;
    }
    if let Some(parity) = seven_bits(bytes, line.data_bits) {
        return SpeedJudgement::SevenBits(parity);
    }
    SpeedJudgement::Suspect {
        not_text,
        of: bytes.len(),
    }
}

/// The sentence for the person; `None` where all is well.
#[must_use]
pub fn sentence(judgement: SpeedJudgement, line: &LineSettings) -> Option<String> {
    match judgement {
        SpeedJudgement::Suspect { not_text, of } => Some(format!(
            "{not_text} of the last {of} bytes are not text: {} baud is probably not the device's speed. Choose another; {} are common.",
            grouped(line.baud),
            common_speeds(line.baud),
        )),
        SpeedJudgement::SevenBits(parity) => Some(format!(
            "The device sends 7 data bits with {} parity, the port is set to {line}. Choose 7{}{}.",
            if parity == Parity::Even {
                "even"
            } else {
                "odd"
            },
            if parity == Parity::Even { 'E' } else { 'O' },
            line.stop_bits,
        )),
        SpeedJudgement::TooShort | SpeedJudgement::Text | SpeedJudgement::Frames => None,
    }
}

fn common_speeds(not: u32) -> String {
    let mut speeds: Vec<String> = [9_600_u32, 57_600, 115_200, 921_600]
        .into_iter()
        .filter(|s| *s != not)
        .map(grouped)
        .collect();
    let last = speeds.pop().unwrap_or_default();
    format!("{} and {last}", speeds.join(", "))
}

/// Bytes that are text, and those of them that stand in runs.
fn text_bytes(bytes: &[u8]) -> (usize, usize) {
    let (mut text, mut in_runs, mut run) = (0, 0, 0);
    let mut end_run = |run: &mut usize| {
        if *run >= RUN {
            in_runs += *run;
        }
        *run = 0;
    };
    for part in bytes.utf8_chunks() {
        for c in part.valid().chars() {
            let len = c.len_utf8();
            if is_text(c) {
                text += len;
                run += len;
            } else {
                end_run(&mut run);
            }
        }
        if !part.invalid().is_empty() {
            end_run(&mut run);
        }
    }
    end_run(&mut run);
    (text, in_runs)
}

/// Letters, line ends, tab, bell, backspace, and the escape that starts a colour.
fn is_text(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\t' | '\x07' | '\x08' | '\x1b') || !c.is_control()
}

/// Bytes that lie in frames with a right check sum.
fn framed_bytes(bytes: &[u8]) -> usize {
    // Both begin with 0x7E (~), which logs hardly have.
    if memchr::memchr_iter(0x7e, bytes).count() < 2 {
        return 0;
    }
    xbee_bytes(bytes).max(ppp_bytes(bytes))
}

/// `XBee` API frames: 0x7E, length (2 bytes), data, 0xFF minus the sum of the data
/// (Digi `XBee` user guides, "API frame structure"); also with escaped bytes (API mode 2).
fn xbee_bytes(bytes: &[u8]) -> usize {
    let mut framed = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|r| !r.is_empty()) {
        let used = [false, true]
            .into_iter()
            .filter_map(|escaped| xbee_frame(rest, escaped))
            .max();
        framed += used.unwrap_or(0);
        at += used.unwrap_or(1);
    }
    framed
}

fn xbee_frame(bytes: &[u8], escaped: bool) -> Option<usize> {
    let mut used = 0;
    let mut next = |first: bool| {
        let mut byte = *bytes.get(used)?;
        used += 1;
        if escaped && !first && byte == 0x7d {
            byte = *bytes.get(used)? ^ 0x20;
            used += 1;
        }
        Some(byte)
    };
    if next(true)? != 0x7e {
        return None;
    }
    let len = usize::from(next(false)?) << 8 | usize::from(next(false)?);
    if len == 0 || len + 4 > bytes.len() {
        return None;
    }
    let mut sum = 0_u8;
    for _ in 0..=len {
        sum = sum.wrapping_add(next(false)?);
    }
    (sum == 0xff).then_some(used)
}

/// PPP in HDLC-like framing: between two 0x7E, escaped, check sum 0xF0B8 (RFC 1662, C.2).
fn ppp_bytes(bytes: &[u8]) -> usize {
    bytes
        .split(|b| *b == 0x7e)
        .filter(|frame| frame.len() >= 4 && fcs16(frame) == 0xf0b8)
        .map(|frame| frame.len() + 1)
        .sum()
}

fn fcs16(frame: &[u8]) -> u16 {
    let mut fcs = 0xffff_u16;
    let mut escaped = false;
    for &byte in frame {
        if byte == 0x7d && !escaped {
            escaped = true;
            continue;
        }
        fcs ^= u16::from(if escaped { byte ^ 0x20 } else { byte });
        escaped = false;
        for _ in 0..8 {
            fcs = if fcs & 1 == 1 {
                fcs >> 1 ^ 0x8408
            } else {
                fcs >> 1
            };
        }
    }
    fcs
}

/// The top bit is the parity of the other seven, which are text.
fn seven_bits(bytes: &[u8], data_bits: u8) -> Option<Parity> {
    if data_bits != 8 {
        return None;
    }
    let text = bytes
        .iter()
        .filter(|b| is_text(char::from(**b & 0x7f)))
        .count();
    let even = bytes.iter().filter(|b| b.count_ones() % 2 == 0).count();
    if text * 100 < bytes.len() * 97 {
        None
    } else if even * 100 >= bytes.len() * 97 {
        Some(Parity::Even)
    } else if even * 100 <= bytes.len() * 3 {
        Some(Parity::Odd)
    } else {
        None
    }
}

/// Watches a stream and says when the judgement changes.
#[derive(Clone, Debug)]
pub struct SpeedWatch {
    line: LineSettings,
    last: Vec<u8>,
    unjudged: usize,
    suspected: bool,
}

impl SpeedWatch {
    /// Watches a line with these settings.
    #[must_use]
    pub fn new(line: LineSettings) -> Self {
        Self {
            line,
            last: Vec::new(),
            unjudged: 0,
            suspected: false,
        }
    }

    /// Takes bytes from the device. `Some(Some(sentence))`: from now on suspected;
    /// `Some(None)`: no longer; `None`: as before.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Option<String>> {
        self.last.extend_from_slice(bytes);
        if self.last.len() > 4 * WINDOW {
            self.last.drain(..self.last.len() - WINDOW);
        }
        self.unjudged += bytes.len();
        if self.unjudged < JUDGED_FROM_BYTES {
            return None;
        }
        self.unjudged = 0;
        let said = sentence(judge(&self.last, &self.line), &self.line);
        let changed = said.is_some() != self.suspected;
        self.suspected = said.is_some();
        if changed && !self.suspected {
            // The garbage shall not count against what follows.
            self.last.clear();
        }
        changed.then_some(said)
    }
}

#[cfg(test)]
#[path = "speed_tests.rs"]
mod tests;
