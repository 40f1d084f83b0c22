//! Serial noise costs the damaged line, not the attempt: the recordings that come with the source
//! (`tests/lab/runs`), damaged in every way that `score --noise` knows, with fixed seeds.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

use serde_json::Value;

/// What must survive of each kind of noise.
enum Survives {
    /// Nothing was lost with the bytes, so every right answer stays.
    All,
    /// Lines were lost: in so many of a hundred cases the answer may hang on one of them.
    AllBut(u64),
}

/// Each kind of damage and what it may cost. A recording of the last twelve lines alone can say no
/// more than those lines.
const KINDS: [(&str, Survives); 14] = [
    ("none", Survives::All),
    ("foreign_lines", Survives::All),
    ("other_prefix", Survives::All),
    ("crlf", Survives::All),
    ("cr", Survives::All),
    ("colours", Survives::All),
    ("wrapped", Survives::All),
    ("garbage", Survives::AllBut(4)),
    ("dropped_bytes", Survives::AllBut(7)),
    ("cut_lines", Survives::AllBut(10)),
    ("torn_lines", Survives::AllBut(10)),
    ("low_level", Survives::AllBut(7)),
    ("no_beginning", Survives::AllBut(18)),
    ("tail_only", Survives::AllBut(21)),
];

fn noise(seed: u64) -> Vec<Value> {
    let out = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .args(["score", "tests/lab/runs", "--json", "--noise"])
        .arg(seed.to_string())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let score: Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    score["noise"].as_array().expect("a list of kinds").clone()
}

fn count(score: &Value, key: &str) -> u64 {
    score[key].as_u64().unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn noise_costs_the_damaged_line_and_invents_nothing() {
    let runs: Vec<Vec<Value>> = [6, 12].into_iter().map(noise).collect();
    let before = count(&runs[0][0], "lenient1");
    assert!(before >= 26, "{:?}", runs[0][0]);
    for (kind, survives) in KINDS {
        let all: Vec<&Value> = runs
            .iter()
            .flatten()
            .filter(|score| score["kind"] == kind)
            .collect();
        assert_eq!(all.len(), runs.len(), "{kind} was tried with every seed");
        for score in &all {
            assert_eq!(count(score, "errors"), 0, "{score}");
            assert_eq!(count(score, "false_alarms"), 0, "{score}");
        }
        let right: u64 = all.iter().map(|score| count(score, "lenient1")).sum();
        let wanted = before * runs.len() as u64;
        let may_cost = match survives {
            Survives::All => 0,
            Survives::AllBut(share) => wanted * share / 100,
        };
        assert!(
            right + may_cost >= wanted,
            "{kind}: {right} of {wanted} stay right, {may_cost} may be lost: {all:?}"
        );
    }
}
