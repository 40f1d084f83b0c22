//! How much noise costs: every log is damaged in each way that serial lines, terminals and people
//! damage logs, and judged again.
//!
//! In: labelled logs and a seed. Out: for each kind of noise how many answers stay right. The same
//! seed gives the same damage.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::{judge_bytes, ranked};
use crate::evidence::Micros;
use crate::knowledge::Knowledge;

/// A labelled set of text files, seen without its steps.
pub(super) struct Labelled {
    pub name: String,
    pub files: Vec<PathBuf>,
    pub at: Option<Micros>,
    /// Ids of which each is right; empty for a success.
    pub right: Vec<String>,
}

/// What is lost to one kind of noise.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct NoiseScore {
    kind: &'static str,
    failing: usize,
    lenient1: usize,
    lenient3: usize,
    false_alarms: usize,
    errors: usize,
}

/// A way to damage a log.
type Damage = fn(&[&[u8]], &mut Random) -> Vec<u8>;

/// Kinds of noise with their names; the first does nothing.
const KINDS: [(&str, Damage); 14] = [
    ("none", |lines, _| joined(lines, b"\n")),
    ("dropped_bytes", dropped_bytes),
    ("cut_lines", cut_lines),
    ("garbage", garbage),
    ("foreign_lines", foreign_lines),
    ("torn_lines", torn_lines),
    ("no_beginning", |lines, _| {
        joined(lines.get(lines.len() * 2 / 5..).unwrap_or_default(), b"\n")
    }),
    ("tail_only", |lines, _| {
        joined(
            lines
                .get(lines.len().saturating_sub(12)..)
                .unwrap_or_default(),
            b"\n",
        )
    }),
    ("low_level", low_level),
    ("other_prefix", other_prefix),
    ("crlf", |lines, _| joined(lines, b"\r\n")),
    ("cr", |lines, _| joined(lines, b"\r")),
    ("colours", colours),
    ("wrapped", wrapped),
];

/// Scores all kinds.
pub(super) fn score(
    knowledge: &Arc<Knowledge>,
    labelled: &[Labelled],
    seed: u64,
    tell: &mut dyn FnMut(String),
) -> Vec<NoiseScore> {
    let mut out = Vec::new();
    let mut right_before: Vec<bool> = Vec::new();
    for (kind, damage) in KINDS {
        let mut total = NoiseScore {
            kind,
            ..NoiseScore::default()
        };
        for (at, case) in labelled.iter().enumerate() {
            let mut random = Random::new(seed, at as u64);
            let mut files = Vec::new();
            for path in &case.files {
                let Ok(bytes) = std::fs::read(path) else {
                    continue;
                };
                let log = path.extension().is_some_and(|x| {
                    x.eq_ignore_ascii_case("log") || x.eq_ignore_ascii_case("txt")
                });
                files.push(if log {
                    damage(&lines(&bytes), &mut random)
                } else {
                    bytes
                });
            }
            let Ok((snapshot, _)) = judge_bytes(knowledge, &files, case.at) else {
                total.errors += 1;
                continue;
            };
            let got = ranked(&snapshot);
            if case.right.is_empty() {
                total.false_alarms += usize::from(!got.is_empty());
                continue;
            }
            let good = |(id, _): &(String, f64)| case.right.contains(id);
            total.failing += 1;
            let first = got.first().is_some_and(good);
            total.lenient1 += usize::from(first);
            total.lenient3 += usize::from(got.iter().take(3).any(good));
            if kind == "none" {
                right_before.resize(at + 1, false);
                if let Some(slot) = right_before.get_mut(at) {
                    *slot = first;
                }
            } else if !first && right_before.get(at) == Some(&true) {
                let ids: Vec<&str> = got.iter().take(3).map(|(id, _)| id.as_str()).collect();
                tell(format!(
                    "{kind}: {} lost: want {} got [{}]",
                    case.name,
                    case.right.join(" or "),
                    ids.join(", ")
                ));
            }
        }
        out.push(total);
    }
    out
}

impl NoiseScore {
    pub(super) fn line(&self) -> String {
        format!(
            "noise {:<14} lenient1 {}/{} lenient3 {}/{} false alarms {} errors {}",
            self.kind,
            self.lenient1,
            self.failing,
            self.lenient3,
            self.failing,
            self.false_alarms,
            self.errors
        )
    }
}

/// A small generator (xorshift64*): the same everywhere, good enough to place damage.
struct Random(u64);

impl Random {
    fn new(seed: u64, salt: u64) -> Self {
        Self((seed ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// A number below `n` (0 where `n` is 0).
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or(0)
    }

    fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes
        .split(|b| *b == b'\n')
        .map(|l| l.strip_suffix(b"\r").unwrap_or(l))
        .collect();
    if lines.last().is_some_and(|l| l.is_empty()) {
        lines.pop();
    }
    lines
}

fn joined(lines: &[&[u8]], end: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(line);
        out.extend_from_slice(end);
    }
    out
}

/// Each line through `change`, ended by a newline.
fn each(lines: &[&[u8]], mut change: impl FnMut(&[u8], &mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        change(line, &mut out);
        out.push(b'\n');
    }
    out
}

/// One to five bytes of one line in twenty are lost: an overrun of the UART.
fn dropped_bytes(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        if line.len() > 12 && random.percent(5) {
            let at = random.below(line.len() - 6);
            let lost = 1 + random.below(5);
            out.extend_from_slice(line.get(..at).unwrap_or_default());
            out.extend_from_slice(line.get(at + lost..).unwrap_or_default());
        } else {
            out.extend_from_slice(line);
        }
    })
}

/// One line in twenty loses its end, or breaks in two.
fn cut_lines(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        if line.len() > 20 && random.percent(5) {
            let (head, rest) = line.split_at(5 + random.below(line.len() - 10));
            out.extend_from_slice(head);
            if random.percent(50) {
                out.push(b'\n');
                out.extend_from_slice(rest);
            }
        } else {
            out.extend_from_slice(line);
        }
    })
}

/// One line in twenty gets bytes of a wrong baud rate into it.
fn garbage(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    const BYTES: [u8; 9] = [0x00, 0xFF, 0xFE, 0x80, 0x7F, 0x1A, 0xC3, b'?', b'~'];
    each(lines, |line, out| {
        if random.percent(5) {
            let (head, rest) = line.split_at(random.below(line.len() + 1));
            out.extend_from_slice(head);
            for _ in 0..=random.below(11) {
                out.push(BYTES[random.below(BYTES.len())]);
            }
            out.extend_from_slice(rest);
        } else {
            out.extend_from_slice(line);
        }
    })
}

/// What other tasks of a device print.
const TASKS: [&str; 6] = [
    "[app] free heap 41232",
    "WiFi: rssi -67 dBm",
    "sensor: t=21.4 C err=0",
    "modem: +CSQ: 17,99",
    "wdt fed (3210)",
    "fs: closed /log/17.txt (status 0)",
];

/// Lines of other tasks between the lines.
fn foreign_lines(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        if random.percent(15) {
            out.extend_from_slice(TASKS[random.below(TASKS.len())].as_bytes());
            out.push(b'\n');
        }
        out.extend_from_slice(line);
    })
}

/// Another task prints in the middle of one line in thirty.
fn torn_lines(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        if line.len() > 20 && random.percent(3) {
            let (head, rest) = line.split_at(5 + random.below(line.len() - 10));
            out.extend_from_slice(head);
            out.extend_from_slice(TASKS[random.below(TASKS.len())].as_bytes());
            out.push(b'\n');
            out.extend_from_slice(rest);
        } else {
            out.extend_from_slice(line);
        }
    })
}

/// The debug threshold of Mbed TLS at 1: lines of levels 2 to 4 are not there. Lines without a level
/// stay; so do those that report an error (level 1 in every version).
fn low_level(lines: &[&[u8]], _: &mut Random) -> Vec<u8> {
    let deep = |line: &[u8]| {
        let has = |part: &[u8]| memchr::memmem::find(line, part).is_some();
        let error = has(b"returned -") || has(b"bad ") || has(b"returned 4294");
        let level = [&b"|2| "[..], b"|3| ", b"|4| "].iter().any(|l| has(l));
        let trace = has(b"=> ") || has(b"<= ") || has(b"dumping '") || has(b"value of '");
        (level || trace) && !error
    };
    let kept: Vec<&[u8]> = lines.iter().copied().filter(|l| !deep(l)).collect();
    joined(&kept, b"\n")
}

/// The prefix of a terminal program in front of every line.
fn other_prefix(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let kind = random.below(3);
    let mut ms = 40_000_u64;
    each(lines, |line, out| {
        ms += 1 + random.next() % 40;
        let (h, m, s, l) = (
            ms / 3_600_000 % 24,
            ms / 60_000 % 60,
            ms / 1_000 % 60,
            ms % 1_000,
        );
        let text = match kind {
            0 => format!("{h:02}:{m:02}:{s:02}.{l:03} -> "),
            1 => format!("[{h:02}:{m:02}:{s:02}.{l:03}] "),
            _ => format!("[2024-06-11 {h:02}:{m:02}:{s:02}.{l:03}] "),
        };
        out.extend_from_slice(text.as_bytes());
        out.extend_from_slice(line);
    })
}

/// The colours of a log library.
fn colours(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        let colour = [b'1', b'2', b'3', b'6'][random.below(4)];
        out.extend_from_slice(b"\x1b[0;3");
        out.push(colour);
        out.push(b'm');
        out.extend_from_slice(line);
        out.extend_from_slice(b"\x1b[0m");
    })
}

/// A terminal or forum that breaks lines after 80 characters.
fn wrapped(lines: &[&[u8]], _: &mut Random) -> Vec<u8> {
    each(lines, |line, out| {
        for (i, part) in line.chunks(80).enumerate() {
            if i > 0 {
                out.push(b'\n');
            }
            out.extend_from_slice(part);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_damage_and_another_seed_another() {
        let text =
            "a line that is long enough to be damaged somewhere in the middle of it\n".repeat(60);
        let lines = lines(text.as_bytes());
        for (kind, damage) in KINDS {
            let once = damage(&lines, &mut Random::new(7, 1));
            assert_eq!(once, damage(&lines, &mut Random::new(7, 1)), "{kind}");
            if kind == "dropped_bytes" {
                assert_ne!(once, damage(&lines, &mut Random::new(8, 1)));
                assert!(once.len() < text.len());
            }
        }
    }

    #[test]
    fn the_low_level_keeps_errors_and_lines_of_the_application() {
        let text =
            b"ssl_cli.c:10: |2| => parse server hello\nx.c:3: |1| f() returned -1 (-0x1)\napp ok";
        let kept = low_level(&lines(text), &mut Random::new(1, 1));
        assert_eq!(kept, b"x.c:3: |1| f() returned -1 (-0x1)\napp ok\n");
    }
}
