//! The figures of `score` on the recordings that come with the source (`tests/lab/runs`): they were
//! made after the rules, so a user's clone shows what to expect of sessions never seen.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

use serde_json::Value;

fn lab(inputs: &str) -> Value {
    let out = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .args(["score", "tests/lab/runs", "--inputs", inputs, "--json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let score: Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    score["lab"].clone()
}

fn count(score: &Value, key: &str) -> u64 {
    score[key].as_u64().unwrap_or_else(|| panic!("no {key}"))
}

/// What holds whatever is given: nothing is made up.
fn honest(score: &Value) {
    assert_eq!(count(score, "errors"), 0, "{score}");
    assert_eq!(count(score, "false_alarms"), 0, "{score}");
    assert_eq!(count(score, "alerts_invented"), 0, "{score}");
    let (said, hit) = (count(score, "steps_said"), count(score, "steps_hit"));
    assert!(hit * 100 >= said * 98, "steps are right: {score}");
}

#[test]
fn the_log_alone() {
    let score = lab("log");
    honest(&score);
    assert_eq!(count(&score, "n"), 36);
    assert!(
        count(&score, "lenient1") * 100 >= count(&score, "failing") * 90,
        "{score}"
    );
    assert_eq!(
        count(&score, "alerts_hit"),
        count(&score, "alerts_printed"),
        "{score}"
    );
}

#[test]
fn log_capture_and_certificates() {
    let score = lab("files");
    honest(&score);
    assert!(
        count(&score, "lenient1") * 100 >= count(&score, "failing") * 93,
        "{score}"
    );
    assert!(
        count(&score, "steps_hit") * 100 >= count(&score, "steps_true") * 98,
        "{score}"
    );
}

#[test]
fn the_capture_alone() {
    let score = lab("capture");
    honest(&score);
    assert!(
        count(&score, "steps_hit") * 100 >= count(&score, "steps_true") * 98,
        "{score}"
    );
}
