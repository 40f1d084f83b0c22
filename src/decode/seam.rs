//! Known texts that the edge of a terminal cut in two.
//!
//! In: every line as it comes. Out: what a text proves that begins in one line and ends in the next,
//! where the first is as long as the longest so far, as all full lines of a terminal are, and the
//! second begins with no time or frame of its own. Each half has been read alone before; only what
//! stands across the seam is told. Must not know what an event means for a handshake.

use super::{conditions, devices, mbedtls, prefix};
use crate::evidence::Event;

/// No terminal is narrower.
const NARROWEST: usize = 40;
/// No terminal is wider; the lines of logs may be.
const WIDEST: usize = 320;
/// So much of the next line is looked at: no known text is longer.
const REACH: usize = 160;

/// What is kept between the lines.
#[derive(Debug, Default)]
pub(super) struct Seam {
    /// The line before, where it may have been cut.
    full: Vec<u8>,
    /// The longest line so far, in bytes.
    longest: usize,
}

impl Seam {
    /// Takes the next line without escape sequences.
    pub(super) fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) {
        if !self.full.is_empty() && !begins_anew(line) {
            let seam = self.full.len();
            self.full
                .extend_from_slice(line.get(..REACH).unwrap_or(line));
            across(&self.full, seam, emit);
        }
        self.full.clear();
        self.longest = self.longest.max(line.len());
        if line.len() == self.longest && (NARROWEST..=WIDEST).contains(&line.len()) {
            self.full.extend_from_slice(line);
        }
    }
}

/// The line has a time, a frame or a place in the source of its own.
fn begins_anew(line: &[u8]) -> bool {
    let stripped = prefix::strip(line);
    stripped.rest.len() < line.len() || mbedtls::trace_line(line).is_some()
}

fn across(joined: &[u8], seam: usize, emit: &mut dyn FnMut(Event)) {
    conditions::library().find_across(joined, seam, emit);
    conditions::application().find_across(joined, seam, emit);
    let (first, second) = joined.split_at(seam);
    let strip = |line| prefix::strip(line).rest;
    let alone = |line| devices::take(strip(line), None, &mut |_| {}).is_some();
    if !alone(first) && !alone(second) {
        devices::take(strip(joined), None, emit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(lines: &[&str]) -> Vec<&'static str> {
        let mut seam = Seam::default();
        let mut names = Vec::new();
        for line in lines {
            seam.take(line.as_bytes(), &mut |event| {
                if let Event::Condition { name, .. } = event {
                    names.push(name);
                }
            });
        }
        names
    }

    #[test]
    fn a_text_that_the_edge_cut_is_read() {
        let lines = [
            "handshake with broker.example.test failed: unable to get local iss",
            "uer certificate",
        ];
        assert_eq!(conditions(&lines), ["issuer_unknown"]);
    }

    #[test]
    fn a_pattern_is_read_across_the_seam() {
        let lines = [
            "connection to broker.example.test:8883: invalid peer certificate: Unkn",
            "ownIssuer",
        ];
        assert!(conditions(&lines).contains(&"issuer_unknown"));
    }

    #[test]
    fn lines_that_begin_anew_and_short_lines_are_not_joined() {
        for lines in [
            [
                "handshake with broker.example.test failed: unable to get local iss",
                "2024-08-01 12:00:00 uer certificate",
            ],
            ["unable to get local iss", "uer certificate"],
            [
                "handshake with broker.example.test: unable to get local issuer certificate",
                "next line",
            ],
        ] {
            assert_eq!(conditions(&lines), [""; 0], "{lines:?}");
        }
    }

    #[test]
    fn a_line_shorter_than_others_was_not_cut() {
        let lines = [
            "a line of the log that is much longer than the one that follows it here and so on",
            "handshake with broker.example.test failed: unable to get local iss",
            "uer certificate",
        ];
        assert_eq!(conditions(&lines), [""; 0]);
    }
}
