//! Decode throughput as a ratio to a plain newline count, and to a search for six words (what a
//! search tool does for `A|B|C|D|E|F`), of the same bytes in the same run.
//!
//! `cargo bench [-- FILE]`. Without a file the project's own recordings are repeated to 64 MB.
// A size in MB needs no more digits than a float has.
#![allow(missing_docs, clippy::cast_precision_loss)]

use std::path::Path;
use std::time::{Duration, Instant};

use handlens::decode::LogDecoder;
use handlens::evidence::InputId;
use handlens::timeline::TimelineBuilder;

const RUNS: usize = 7;
const CHUNK: usize = 1 << 20;

fn main() {
    let file = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let log = match &file {
        Some(path) => std::fs::read(path).unwrap_or_else(|e| {
            eprintln!("{path} cannot be read: {e}");
            std::process::exit(2)
        }),
        None => own_recordings(64 << 20),
    };
    let name = file.as_deref().unwrap_or("own recordings, repeated");
    let megabytes = log.len() as f64 / 1e6;
    let (base, lines) = best(|| log.iter().filter(|&&b| b == b'\n').count());
    println!("{name}: {megabytes:.0} MB, {lines} lines");
    println!(
        "newline count  {:8.0} MB/s  ratio 1",
        megabytes / base.as_secs_f64()
    );

    let words = [
        "alert",
        "returned -",
        "client state",
        "timeout",
        "failed",
        "error",
    ];
    let finder = aho_corasick::AhoCorasick::new(words).unwrap_or_else(|e| {
        eprintln!("the words cannot be searched: {e}");
        std::process::exit(2)
    });
    let (search, hits) = best(|| finder.find_iter(&log).count());
    println!(
        "six words      {:8.0} MB/s  ratio {:.3}  {hits} hits",
        megabytes / search.as_secs_f64(),
        base.as_secs_f64() / search.as_secs_f64()
    );

    let (time, events) = best(|| {
        let mut events = 0usize;
        let mut decoder = LogDecoder::new(&[]);
        for part in log.chunks(CHUNK) {
            decoder.push(part, None, &mut |_| events += 1);
        }
        decoder.finish(&mut |_| events += 1);
        events
    });
    println!(
        "decode         {:8.0} MB/s  ratio {:.3}, to the search {:.3}  {events} observations",
        megabytes / time.as_secs_f64(),
        base.as_secs_f64() / time.as_secs_f64(),
        search.as_secs_f64() / time.as_secs_f64()
    );

    let (time, attempts) = best(|| {
        let mut decoder = LogDecoder::new(&[]);
        let mut timeline = TimelineBuilder::new(InputId(0));
        for part in log.chunks(CHUNK) {
            decoder.push(part, None, &mut |o| timeline.observe(&o));
        }
        decoder.finish(&mut |o| timeline.observe(&o));
        timeline.attempts().len()
    });
    println!(
        "with timeline  {:8.0} MB/s  ratio {:.3}, to the search {:.3}  {attempts} attempts",
        megabytes / time.as_secs_f64(),
        base.as_secs_f64() / time.as_secs_f64(),
        search.as_secs_f64() / time.as_secs_f64()
    );
}

/// Best of several runs, and what it counted.
fn best(mut work: impl FnMut() -> usize) -> (Duration, usize) {
    let mut best = Duration::MAX;
    let mut count = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        count = std::hint::black_box(work());
        best = best.min(start.elapsed());
    }
    (best, count)
}

fn own_recordings(bytes: usize) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut one = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "log"))
    {
        one.extend(std::fs::read(path).unwrap_or_default());
    }
    assert!(!one.is_empty(), "the recordings are part of the repository");
    let mut all = Vec::with_capacity(bytes + one.len());
    while all.len() < bytes {
        all.extend_from_slice(&one);
    }
    all
}
