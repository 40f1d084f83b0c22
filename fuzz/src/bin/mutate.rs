//! Runs mutants of a kind without libFuzzer: `mutate KIND|all ROUNDS [FIRST]`.
//!
//! Prints panics with the number of their round, the slowest round and the peak of memory, and keeps
//! the inputs of both in `artifacts/`. Build it with the profile `checked`, which checks arithmetic:
//! `cargo run --profile checked --no-default-features --bin mutate -- all 1000000`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use handlens_fuzz::kinds::{KINDS, Kind};
use handlens_fuzz::mutate::mutant;

/// A round that takes longer is told while it runs.
const LONG: Duration = Duration::from_secs(10);

static ROUND: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, other: u64| words.get(at).map_or(Some(other), |w| w.parse().ok());
    let (Some(name), Some(rounds), Some(first)) = (words.first(), number(1, 1_000), number(2, 0))
    else {
        eprintln!("mutate KIND|all ROUNDS [FIRST]");
        return ExitCode::from(2);
    };
    let chosen: Vec<Kind> = KINDS
        .into_iter()
        .filter(|k| name == "all" || k.name == name)
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
        eprintln!("There is no kind {name}; there are {}.", names.join(", "));
        return ExitCode::from(2);
    }
    std::thread::spawn(watch);
    let mut failed = 0;
    for kind in &chosen {
        failed += through(kind, first, rounds);
    }
    ExitCode::from(u8::from(failed > 0))
}

/// Tells rounds that do not end.
fn watch() {
    let mut last = u64::MAX;
    loop {
        std::thread::sleep(LONG);
        let round = ROUND.load(Ordering::Relaxed);
        if round == last {
            eprintln!("round {round} takes longer than {LONG:?}");
        }
        last = round;
    }
}

fn through(kind: &Kind, first: u64, rounds: u64) -> usize {
    let seeds = (kind.seeds)();
    let started = Instant::now();
    let mut slowest = (Duration::ZERO, first);
    let mut failed = 0;
    let mut size = 0;
    for round in first..first + rounds {
        ROUND.store(round, Ordering::Relaxed);
        let bytes = mutant(round, &seeds);
        size += bytes.len();
        let at = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| (kind.run)(&bytes))).is_err() {
            failed += 1;
            let kept = keep(kind.name, round, &bytes);
            println!("{}: round {round} panics, {} bytes, {kept}", kind.name, bytes.len());
            if failed >= 20 {
                println!("{}: left after {failed} panics", kind.name);
                break;
            }
        }
        slowest = slowest.max((at.elapsed(), round));
    }
    let kept = keep(kind.name, slowest.1, &mutant(slowest.1, &seeds));
    println!(
        "{:<13}{rounds:>9} mutants, {:.0} MB, {:.0} s, {failed} panics, slowest {:.1} ms (round {}, {kept}), peak {} MB",
        kind.name,
        size as f64 / 1e6,
        started.elapsed().as_secs_f64(),
        slowest.0.as_secs_f64() * 1e3,
        slowest.1,
        peak_mb(),
    );
    failed
}

fn keep(kind: &str, round: u64, bytes: &[u8]) -> String {
    let folder = Path::new("artifacts").join(kind);
    let file = folder.join(format!("round-{round}"));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, bytes));
    match written {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("not kept ({error})"),
    }
}

/// Most memory that the process had so far, in MB; 0 where the system does not tell.
fn peak_mb() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1_024
}
