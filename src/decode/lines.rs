//! Bytes in any split → whole lines.
//!
//! A line ends at LF, CR LF or a lone CR followed by something else. What is kept of an endless
//! line (a device at the wrong speed never sends a newline) is bounded.

/// At most this many bytes of one line are decoded; the rest is counted only.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// Splits a byte stream into lines.
#[derive(Debug, Default)]
pub struct LineSplitter {
    tail: Vec<u8>,
    tail_total: u64,
    /// Lines that ended so far.
    lines: u32,
    /// Bytes taken so far.
    bytes: u64,
    ends: LineEnds,
}

/// Where lines end: at LF, at CR LF, and at a CR (or several) with something else behind it. A CR
/// in front of a line is no end: some consoles send LF CR.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineEnds {
    /// The line that has begun holds something.
    begun: bool,
    /// A line that holds something was followed by CR so far.
    carriage: bool,
}

impl LineEnds {
    /// Where the next line begins in `bytes`, if the one that has begun ends in them. Bytes before
    /// that place are done with; what is left goes into the next call.
    pub fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if self.carriage {
                let run = bytes.get(at..)?.iter().position(|b| *b != b'\r')?;
                at += run;
                *self = Self::default();
                let line_feed = bytes.get(at) == Some(&b'\n');
                return Some(at + usize::from(line_feed));
            }
            let rest = bytes.get(at..)?;
            let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.begun |= !rest.is_empty();
                return None;
            };
            if rest.get(found) == Some(&b'\n') {
                *self = Self::default();
                return Some(at + found + 1);
            }
            self.begun |= found > 0;
            self.carriage = self.begun;
            at += found + 1;
        }
    }
}

impl LineEnds {
    /// Hands on the end of every line that ends in `bytes`: where the next one begins. The same as
    /// [`LineEnds::next`] again and again, and faster where no CR stands in the way.
    pub fn each(&mut self, bytes: &[u8], mut ends: impl FnMut(usize)) {
        if self.carriage || memchr::memchr(b'\r', bytes).is_some() {
            let mut at = 0;
            while let Some(next) = self.next(bytes.get(at..).unwrap_or_default()) {
                at += next;
                ends(at);
            }
            return;
        }
        let mut last = 0;
        for at in memchr::memchr_iter(b'\n', bytes) {
            last = at + 1;
            ends(last);
        }
        if last > 0 {
            *self = Self::default();
        }
        self.begun |= last < bytes.len();
    }
}

/// One whole line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number, counted from 1.
    pub number: u32,
    /// The bytes, at most [`MAX_LINE_BYTES`] of them.
    pub bytes: &'a [u8],
    /// Bytes of the line that were not kept.
    pub cut: u64,
}

impl LineSplitter {
    /// Lines that ended so far.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.lines
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes bytes and hands every line that ends in them to `sink`.
    pub fn push(&mut self, bytes: &[u8], mut sink: impl FnMut(Line<'_>)) {
        self.bytes += bytes.len() as u64;
        let mut begin = 0;
        let mut ends = self.ends;
        ends.each(bytes, |next| {
            let line = bytes.get(begin..next).unwrap_or_default();
            begin = next;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            self.lines += 1;
            if self.tail_total == 0 {
                let kept = &line[..line.len().min(MAX_LINE_BYTES)];
                let cut = (line.len() - kept.len()) as u64;
                sink(Line {
                    number: self.lines,
                    bytes: trim_cr(kept),
                    cut,
                });
            } else {
                self.keep(line);
                let cut = self.tail_total - self.tail.len() as u64;
                sink(Line {
                    number: self.lines,
                    bytes: trim_cr(&self.tail),
                    cut,
                });
                self.tail.clear();
                self.tail_total = 0;
            }
        });
        self.ends = ends;
        let rest = bytes.get(begin..).unwrap_or_default();
        if !rest.is_empty() {
            self.keep(rest);
        }
    }

    /// Passes a frame of a module, which counts as a line of its own; gives the line's number. Text
    /// that stands before it without an end must be taken by [`LineSplitter::finish`] first.
    pub fn pass(&mut self, bytes: &[u8]) -> u32 {
        self.bytes += bytes.len() as u64;
        self.ends = LineEnds::default();
        self.lines = self.lines.saturating_add(1);
        self.lines
    }

    /// The last line, if it has no end; also one that a frame ends.
    pub fn finish(&mut self, mut sink: impl FnMut(Line<'_>)) {
        if self.tail_total > 0 {
            self.lines += 1;
            let cut = self.tail_total - self.tail.len() as u64;
            sink(Line {
                number: self.lines,
                bytes: trim_cr(&self.tail),
                cut,
            });
            self.tail.clear();
            self.tail_total = 0;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.tail_total += bytes.len() as u64;
        let room = MAX_LINE_BYTES.saturating_sub(self.tail.len());
        self.tail.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// Takes carriage returns off both ends: `CR LF` ends, and lone `CR`s that consoles put in front.
fn trim_cr(mut line: &[u8]) -> &[u8] {
    while let [head @ .., b'\r'] = line {
        line = head;
    }
    while let [b'\r', rest @ ..] = line {
        line = rest;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(parts: &[&[u8]]) -> Vec<(u32, Vec<u8>, u64)> {
        let mut splitter = LineSplitter::default();
        let mut out = Vec::new();
        for part in parts {
            splitter.push(part, |l| out.push((l.number, l.bytes.to_vec(), l.cut)));
        }
        splitter.finish(|l| out.push((l.number, l.bytes.to_vec(), l.cut)));
        out
    }

    #[test]
    fn any_split_gives_the_same_lines() {
        let log = b"one\r\ntwo\n\r\n\xffthree\x00\r\r\nlast";
        let whole = collect(&[log]);
        assert_eq!(whole.len(), 5);
        for cut in 0..=log.len() {
            assert_eq!(collect(&[&log[..cut], &log[cut..]]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line_and_one_in_front_of_a_line_does_not() {
        let log = b"one\rtwo\r\rthree\n\rfour\r\r\n\r\r\nfive\r";
        let whole = collect(&[log]);
        let texts: Vec<&[u8]> = whole.iter().map(|l| l.1.as_slice()).collect();
        let wanted: [&[u8]; 6] = [b"one", b"two", b"three", b"four", b"", b"five"];
        assert_eq!(texts, wanted);
        for cut in 0..=log.len() {
            assert_eq!(collect(&[&log[..cut], &log[cut..]]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_line_is_bounded_and_counted() {
        let big = vec![b'x'; 1_000_000];
        let lines = collect(&[&big[..300_000], &big[300_000..], b"\nnext\n"]);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].1.len(), MAX_LINE_BYTES);
        assert_eq!(lines[0].2, 1_000_000 - MAX_LINE_BYTES as u64);
        assert_eq!(lines[1].1, b"next");
    }
}
