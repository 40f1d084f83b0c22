//! Runs `handlens-cli` as another program would, and checks its output against the schemas.
#![allow(dead_code)] // each test file uses its part

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a run gave.
pub struct Ran {
    /// Exit status.
    pub status: i32,
    /// stdout as text.
    pub out: String,
    /// stderr as text.
    pub err: String,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program without a terminal, with this on stdin.
pub fn run_with(args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("stdin is a pipe");
    // It may end without reading.
    let _ = pipe.write_all(stdin);
    drop(pipe);
    ran(&child.wait_with_output().expect("the program ends"))
}

pub fn run(args: &[&str]) -> Ran {
    run_with(args, b"")
}

fn ran(output: &Output) -> Ran {
    Ran {
        status: output.status.code().expect("it was not killed"),
        out: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The one JSON object of a run, valid by the schema of this name.
pub fn json(ran: &Ran, schema: &str) -> Value {
    let value: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|e| panic!("no JSON ({e}): {}\n{}", ran.out, ran.err));
    valid(&value, schema);
    value
}

/// Is the value what the schema says?
pub fn valid(value: &Value, schema: &str) {
    let path = root().join(format!("assets/schema/{schema}.json"));
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|e| format!("{} at {}", e, e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

/// Compares with `tests/golden/NAME`; `HANDLENS_BLESS=1` writes it anew.
pub fn golden(name: &str, text: &str) {
    let path = root().join("tests/golden").join(name);
    if std::env::var_os("HANDLENS_BLESS").is_some() {
        std::fs::write(&path, text).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file is there");
    assert!(
        golden == text,
        "{name} differs; look at it, then run with HANDLENS_BLESS=1\n{text}"
    );
}

pub fn path(text: &Path) -> &str {
    text.to_str().expect("a plain path")
}
