//! Lines that a terminal or a forum broke at its width, joined again.
//!
//! In: every line of a file or of pasted text as it comes. Out: whole lines, each under the number
//! of its first part. A line is held back while it may have been broken: it is as long as the
//! longest so far, and that is a width terminals have, or lines of that length went on in the next
//! line again and again; rows of a dump are of one length too, but stand each for itself. It is
//! joined with the next line where that begins with no time, frame or place in the source of its
//! own, in a log whose other lines begin with one. What comes live is never held: nothing stands between it and the program
//! that could break it. Must not know what a line says.

use super::lines::{Line, MAX_LINE_BYTES};
use super::{mbedtls, prefix};

/// No terminal is narrower.
const NARROWEST: usize = 40;
/// No terminal is wider; the lines of logs may be.
const WIDEST: usize = 320;
/// Widths of terminals and printers, believed at once.
const USUAL: [usize; 3] = [80, 120, 132];
/// Any other width is believed after so many lines of just that length that went on in the next.
const SEEN_BEFORE: u32 = 3;
/// A usual one too, where the line does not begin with a time or place: in such a log the next line
/// never does, and says nothing.
const SEEN_BARE: u32 = 2;
/// Of so many lines one may have no beginning of its own without being the rest of another.
const STRAY: u32 = 12;
/// So many lines are looked at for that.
const COUNTED: u32 = 4096;
/// Of broken lines hardly one ends at the very edge: so many must go on for each that does not.
const GO_ON: u32 = 3;

/// What is kept between the lines.
#[derive(Debug, Default)]
pub(super) struct Wrap {
    held: Vec<u8>,
    number: u32,
    /// Length of the first part of what is held.
    width: usize,
    /// The part taken last is as long as the first: more may follow.
    full: bool,
    longest: usize,
    /// Lines of that length that went on in the next, and those that did not.
    went_on: u32,
    ended: u32,
    /// Lines with a beginning of their own, and those without that follow no long one.
    begun: u32,
    stray: u32,
    /// The line before was as long as the longest.
    after_longest: bool,
}

impl Wrap {
    /// Takes the next line and hands on those that are whole.
    pub(super) fn take(&mut self, line: Line<'_>, live: bool, sink: &mut dyn FnMut(Line<'_>)) {
        let len = line.bytes.len();
        let waits = self.after_longest || !self.held.is_empty();
        // The first lines tell what kind of log it is; the others need not be looked at for that.
        let counts = self.begun.saturating_add(self.stray) < COUNTED;
        let continues = (waits || counts) && continues(line.bytes);
        let goes_on = continues && waits;
        if counts && !line.bytes.is_empty() && !goes_on {
            let count = if continues {
                &mut self.stray
            } else {
                &mut self.begun
            };
            *count = count.saturating_add(1);
        }
        if std::mem::take(&mut self.after_longest) {
            let count = if goes_on && len <= self.longest {
                &mut self.went_on
            } else {
                &mut self.ended
            };
            *count = count.saturating_add(1);
        }
        if len > self.longest {
            (self.longest, self.went_on, self.ended) = (len, 0, 0);
        }
        self.after_longest = len == self.longest && !is_row(line.bytes);
        if !self.held.is_empty() {
            let room = self.held.len() + len <= MAX_LINE_BYTES;
            if !live && self.full && room && len <= self.width && goes_on {
                self.held.extend_from_slice(line.bytes);
                self.full = len == self.width;
                if !self.full {
                    self.flush(sink);
                }
                return;
            }
            self.flush(sink);
        }
        let broken = self.after_longest
            && (NARROWEST..=WIDEST).contains(&len)
            && self.is_believed(line.bytes);
        if live || !broken || line.cut > 0 {
            sink(line);
            return;
        }
        self.held.extend_from_slice(line.bytes);
        (self.number, self.width, self.full) = (line.number, len, true);
    }

    /// Are lines of this one's length, the longest so far, broken ones?
    fn is_believed(&self, line: &[u8]) -> bool {
        let least = match (USUAL.contains(&line.len()), begins(line)) {
            (true, true) => 0,
            (true, false) => SEEN_BARE,
            (false, _) => SEEN_BEFORE,
        };
        let enough = self.went_on >= least;
        let begin = self.stray.saturating_mul(STRAY) <= self.begun;
        enough && begin && self.went_on >= self.ended.saturating_sub(1) * GO_ON
    }

    /// Hands on what is held: nothing follows it.
    pub(super) fn flush(&mut self, sink: &mut dyn FnMut(Line<'_>)) {
        if self.held.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.held);
        sink(Line {
            number: self.number,
            bytes: &bytes,
            cut: 0,
        });
        // Its room is used again.
        self.held = bytes;
        self.held.clear();
    }
}

/// The line begins with a time, or with a place in the source.
fn begins(line: &[u8]) -> bool {
    prefix::strip(line).stamp.is_some() || mbedtls::trace_line(line).is_some()
}

/// The line has no beginning of its own.
fn continues(line: &[u8]) -> bool {
    !line.is_empty() && !begins(line) && !line.starts_with(b"-----")
}

/// Rows of dumps and of base64 are of one length by nature: nothing but pairs, or one long word.
fn is_row(line: &[u8]) -> bool {
    let text = prefix::strip(line).rest.trim_ascii();
    let pairs = || {
        let mut words = text.split(|b| *b == b' ').filter(|w| !w.is_empty());
        words.all(|w| w.len() == 2 && w.iter().all(u8::is_ascii_hexdigit))
    };
    (!text.contains(&b' ') && text.len() == line.len()) || pairs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(lines: &[&str], live: bool) -> Vec<(u32, String)> {
        let mut wrap = Wrap::default();
        let mut out = Vec::new();
        let mut sink =
            |l: Line<'_>| out.push((l.number, String::from_utf8_lossy(l.bytes).into_owned()));
        for (number, line) in (1..).zip(lines) {
            let line = Line {
                number,
                bytes: line.as_bytes(),
                cut: 0,
            };
            wrap.take(line, live, &mut sink);
        }
        wrap.flush(&mut sink);
        out
    }

    /// A text cut after every `width` characters.
    fn broken(text: &str, width: usize) -> Vec<&str> {
        let mut parts = Vec::new();
        for line in text.lines() {
            let mut rest = line;
            while rest.len() > width {
                let (head, tail) = rest.split_at(width);
                parts.push(head);
                rest = tail;
            }
            parts.push(rest);
        }
        parts
    }

    #[test]
    fn lines_cut_at_eighty_are_whole_again_under_their_first_number() {
        let text = format!(
            "12:00:00.001 first {}\n12:00:00.002 second\n12:00:00.003 third {}",
            "abc ".repeat(50),
            "de ".repeat(30)
        );
        let got = joined(&broken(&text, 80), false);
        let texts: Vec<&str> = got.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!(texts, text.lines().collect::<Vec<_>>());
        assert_eq!(got.iter().map(|l| l.0).collect::<Vec<_>>(), [1, 4, 5]);
        // The console that this program itself reads breaks nothing.
        assert_eq!(joined(&broken(&text, 80), true).len(), 6);
    }

    #[test]
    fn an_unusual_width_is_believed_when_it_came_up_often() {
        let text: String = (0..8).fold(String::new(), |text, n| {
            text + &format!(
                "12:00:00.00{n} line with {}\n",
                "words of its own ".repeat(6)
            )
        });
        let got = joined(&broken(&text, 97), false);
        assert_eq!(got.len(), 11, "three were not believed yet");
        assert!(got.iter().skip(6).all(|(_, t)| text.contains(t.as_str())));
    }

    #[test]
    fn a_line_with_its_own_beginning_a_row_or_a_shorter_line_is_left_alone() {
        let eighty = format!("12:00:00.001 {}", "x y".repeat(30))[..80].to_owned();
        let longer = format!("12:00:00.000 {}", "x y".repeat(40));
        let row = "16 03 ".repeat(13) + "01";
        assert_eq!(row.len(), 80);
        for lines in [
            vec![eighty.as_str(), "12:00:00.002 next"],
            vec![eighty.as_str(), "ssl_cli.c:100: => write client hello"],
            vec![eighty.as_str(), "E (12) tls: failed"],
            vec![longer.as_str(), eighty.as_str(), "a line of another task"],
            vec!["wifi: rssi -61 dBm", &eighty, "sensor: t=21.4 C"],
            vec![row.as_str(), "closed"],
            // A log without times: one line of a usual length proves nothing.
            vec![
                &eighty[13..].repeat(2)[..72],
                "the next line",
                "and one more",
            ],
            // Rows of one length, each with its own beginning, then another task.
            vec![
                eighty.as_str(),
                &eighty,
                &eighty,
                &eighty,
                "a line of another task",
            ],
        ] {
            assert_eq!(joined(&lines, false).len(), lines.len(), "{lines:?}");
        }
    }
}
