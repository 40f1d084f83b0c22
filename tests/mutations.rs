//! Seeds of every kind of input, damaged at random with fixed numbers, through the ways of the
//! product: no panic, bounded time, and the promises that `fuzz/src/kinds.rs` checks.
//!
//! `HANDLENS_MUTATIONS=100000 cargo test --test mutations` runs longer. Millions are run by the
//! `mutate` program of `fuzz/`, with the same numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "capture/handshake.rs"]
mod handshake;
#[path = "../fuzz/src/kinds.rs"]
mod kinds;
#[path = "../fuzz/src/mutate.rs"]
mod mutate;
#[path = "capture/packets.rs"]
#[allow(dead_code)] // the tests of captures use the rest of it
mod packets;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest answer to one mutant, in a build without optimisation on a busy machine. Containers may
/// ask for as many rounds of key derivation as a release build does in a second.
fn most(kind: &str) -> Duration {
    Duration::from_secs(if kind == "containers" { 60 } else { 20 })
}

fn rounds_of(kind: &str) -> u64 {
    let given = std::env::var("HANDLENS_MUTATIONS").ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(match kind {
        "certificates" | "hellos" | "recordings" => 800,
        "armour" | "paths" => 200,
        _ => 50,
    })
}

#[test]
fn damaged_inputs_never_panic_and_are_answered_in_time() {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = kinds::KINDS
            .iter()
            .map(|kind| scope.spawn(move || through(kind)))
            .collect();
        runs.into_iter().flat_map(|r| r.join().unwrap()).collect()
    });
    assert_eq!(failed, Vec::<String>::new());
}

fn through(kind: &kinds::Kind) -> Vec<String> {
    let seeds = (kind.seeds)();
    let mut failed = Vec::new();
    for seed in seeds.iter().take(8) {
        (kind.run)(seed);
    }
    let mut slowest = (Duration::ZERO, 0);
    let started = Instant::now();
    for round in 0..rounds_of(kind.name) {
        let bytes = mutate::mutant(round, &seeds);
        let at = Instant::now();
        if std::panic::catch_unwind(|| (kind.run)(&bytes)).is_err() {
            failed.push(format!("{} panics in round {round}", kind.name));
        }
        slowest = slowest.max((at.elapsed(), round));
    }
    println!(
        "{}: {:?}, slowest {slowest:?}",
        kind.name,
        started.elapsed()
    );
    if slowest.0 > most(kind.name) {
        failed.push(format!("{} takes {slowest:?}", kind.name));
    }
    failed
}

/// Inputs that once failed or took longest, by kind: `tests/mutations/KIND-WHAT`.
#[test]
fn inputs_that_were_kept_are_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(kind) = name.split_once('-').and_then(|(kind, _)| kinds::find(kind)) else {
            continue;
        };
        let at = Instant::now();
        (kind.run)(&fs::read(&path).unwrap());
        assert!(at.elapsed() < most(kind.name), "{name}: {:?}", at.elapsed());
        count += 1;
    }
    assert!(count > 0);
}
