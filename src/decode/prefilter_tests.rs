//! The prefilter leaves nothing out: all that is there to read, and lines made from it, are decoded
//! with it and without it.

use std::path::{Path, PathBuf};

use super::{DialectName, LogDecoder, dialect_names};
use crate::evidence::{Lane, Observation, Reading, TimeBase};

/// All that a decoder says of an input.
type Said = (
    Vec<Observation>,
    Vec<Reading>,
    Lane,
    Option<&'static str>,
    TimeBase,
);

fn said(mut decoder: LogDecoder, log: &[u8]) -> Said {
    let mut all = Vec::new();
    decoder.push(log, None, &mut |o| all.push(o));
    decoder.finish(&mut |o| all.push(o));
    (
        all,
        decoder.readings(),
        decoder.lane(),
        decoder.stack(),
        decoder.time_base(),
    )
}

/// Decodes both ways and shows the first line that differs.
fn compare(name: &str, log: &[u8], only: Option<&'static DialectName>) {
    let with = said(LogDecoder::reading_as(&[], only), log);
    let without = said(LogDecoder::asking_all(only), log);
    if with == without {
        return;
    }
    let differ = with.0.iter().zip(&without.0).find(|(a, b)| a != b);
    let shorter = with.0.len().min(without.0.len());
    let line = differ.map_or_else(
        || {
            let more = without.0.get(shorter).or_else(|| with.0.get(shorter));
            more.map_or(0, |o| o.line)
        },
        |(a, b)| a.line.min(b.line),
    );
    let text = log
        .split(|b| *b == b'\n')
        .nth(line.saturating_sub(1) as usize)
        .map(|l| String::from_utf8_lossy(l).into_owned());
    panic!(
        "{name}: line {line} {text:?}\nwith: {:?}\nwithout: {:?}\nreadings: {:?}\nwithout: {:?}",
        differ.map(|d| d.0),
        differ.map(|d| d.1),
        with.1,
        without.1
    );
}

/// Files below a folder that may hold text, in order.
fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    let mut here: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    here.sort();
    for path in here {
        if path.is_dir() {
            files(&path, all);
        } else if path.metadata().is_ok_and(|m| m.len() < 2 << 20) {
            all.push(path);
        }
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The samples of the pattern files and the texts of the tables, a line each.
fn strings_of_assets() -> Vec<u8> {
    fn strings(value: &toml::Value, all: &mut Vec<u8>) {
        match value {
            toml::Value::String(text) => {
                all.extend_from_slice(text.as_bytes());
                all.push(b'\n');
            }
            toml::Value::Array(values) => values.iter().for_each(|v| strings(v, all)),
            toml::Value::Table(table) => table.values().for_each(|v| strings(v, all)),
            _ => {}
        }
    }
    let mut paths = Vec::new();
    files(&repository().join("assets"), &mut paths);
    let mut all = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        if let Ok(value) = toml::from_str::<toml::Value>(&text) {
            strings(&value, &mut all);
        }
    }
    assert!(all.len() > 100_000);
    all
}

/// Recordings, fixtures and reports of the tests.
fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    files(&repository().join("tests"), &mut paths);
    // Programs and lists of packages are no logs either; their lines are many.
    let no_log = ["rs", "lock", "json"].map(std::ffi::OsStr::new);
    paths.retain(|p| !p.extension().is_some_and(|e| no_log.contains(&e)));
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).ok()?;
        // Captures and certificates are no logs.
        let other = bytes.iter().filter(|b| **b == 0 || !b.is_ascii());
        (other.count() * 4 < bytes.len()).then_some((path, bytes))
    };
    let all: Vec<_> = paths.into_iter().filter_map(read).collect();
    assert!(all.len() > 40, "{}", all.len());
    all
}

#[test]
fn nothing_is_left_out_of_what_the_tests_hold() {
    for (path, bytes) in corpus() {
        compare(&path.display().to_string(), &bytes, None);
    }
    compare("assets", &strings_of_assets(), None);
}

#[test]
fn nothing_is_left_out_where_a_dialect_is_chosen() {
    let strings = strings_of_assets();
    let part: Vec<u8> = strings
        .split_inclusive(|b| *b == b'\n')
        .step_by(23)
        .flatten()
        .copied()
        .collect();
    for only in dialect_names() {
        compare(&only.id, &part, Some(only));
    }
}

#[test]
fn nothing_is_left_out_of_laboratory_runs_and_cases() {
    for folder in ["../shared/lab", "../shared/cases"] {
        let folder = repository().join(folder);
        if !folder.is_dir() {
            println!("SKIPPED: {} is not there", folder.display());
            continue;
        }
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        let logs = paths
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "log" || e == "txt"));
        for path in logs {
            let bytes = std::fs::read(path).unwrap_or_default();
            compare(&path.display().to_string(), &bytes, None);
        }
    }
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or(0)
    }
}

/// A line cut, joined with another, in other letters or with other numbers.
fn changed(line: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut line = line.to_vec();
    let cut = random.below(line.len());
    match random.below(9) {
        0 => line.truncate(cut),
        1 => drop(line.drain(..cut)),
        2 => {
            line.truncate(cut);
            line.extend_from_slice(&other[random.below(other.len())..]);
        }
        3 => line.make_ascii_uppercase(),
        4 => line.make_ascii_lowercase(),
        5 => {
            for byte in line.iter_mut().filter(|b| b.is_ascii_digit()) {
                *byte = b'0' + u8::try_from(random.below(10)).unwrap_or(0);
            }
        }
        6 => line = [b"12:00:01.500 ", line.as_slice()].concat(),
        7 => line = [b"I (1234) app: ", line.as_slice()].concat(),
        _ => line = [line.as_slice(), b" ", other].concat(),
    }
    line
}

#[test]
fn nothing_is_left_out_of_changed_lines() {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut take = |bytes: &[u8]| {
        let some = bytes.split(|b| *b == b'\n');
        lines.extend(some.filter(|l| !l.is_empty()).map(<[u8]>::to_vec));
    };
    for (_, bytes) in corpus() {
        take(&bytes);
    }
    take(&strings_of_assets());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..120 {
        let mut log = Vec::new();
        for _ in 0..100 {
            let line = &lines[random.below(lines.len())];
            let other = &lines[random.below(lines.len())];
            let line = match random.below(3) {
                0 => line.clone(),
                _ => changed(line, other, &mut random),
            };
            log.extend_from_slice(&line);
            log.push(b'\n');
        }
        compare(&format!("round {round}"), &log, None);
    }
}
