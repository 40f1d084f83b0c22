//! The user's own tables are read anew while a case is open.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;

use handlens::session::{Folders, Session, Snapshot};

#[path = "support/waiting.rs"]
mod waiting;

use waiting::until;

const FINDING: &str = r#"
[[finding]]
id = "house.rule"
when = { fact = "stack.family", is = "mbedtls" }
says = "A rule of the house: WORD."
source = "our own bench"
"#;

fn says(snapshot: &Snapshot, words: &str) -> bool {
    let findings = &snapshot.diagnosis.findings;
    findings.iter().any(|f| f.sentence.contains(words))
}

#[test]
fn a_rule_written_while_the_case_is_open_counts_and_a_broken_one_is_told_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("findings.toml");
    let session = Session::with_folders(
        || {},
        Folders {
            knowledge: Some(folder.path().to_owned()),
            ..Folders::default()
        },
    );
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/pic32-landline.log");
    session.open_path(&log);
    until(&session, "the log is read", |s| !s.attempts.is_empty());
    assert!(!says(&session.snapshot(), "A rule of the house"));

    fs::write(&file, FINDING.replace("WORD", "first")).unwrap();
    until(&session, "the new rule counts", |s| {
        says(s, "A rule of the house: first")
    });

    fs::write(&file, "[[finding]]\nid = 7\n").unwrap();
    until(&session, "the broken file is told", |s| {
        s.problems
            .iter()
            .any(|p| p.sentence.contains("findings.toml"))
            && !says(s, "A rule of the house")
    });

    fs::write(&file, FINDING.replace("WORD", "second")).unwrap();
    until(&session, "mended", |s| {
        says(s, "A rule of the house: second") && s.problems.is_empty()
    });

    let other = tempfile::tempdir().unwrap();
    session.set_knowledge_folder(other.path());
    until(&session, "another folder", |s| {
        !says(s, "A rule of the house")
    });
}

#[test]
fn a_clock_and_a_weight_of_ones_own_count_while_certificates_are_open() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::with_folders(
        || {},
        Folders {
            knowledge: Some(folder.path().to_owned()),
            ..Folders::default()
        },
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certs/cn-is-ip.pem");
    session.open_path(&file);
    until(&session, "the file is read", |s| !s.certificates.is_empty());
    let clock = |s: &Snapshot| {
        let clocks = &s.certificates.tables.clocks;
        clocks.iter().any(|c| c.name == "bench clock")
    };
    assert!(!clock(&session.snapshot()));
    let text = "[[clock]]\nid = \"bench\"\nname = \"bench clock\"\nat = \"2020-01-01T00:00:00Z\"\nsays = \"Ours.\"\nsource = \"our bench\"\n";
    fs::write(folder.path().join("clocks.toml"), text).unwrap();
    until(&session, "the clock is there", clock);
    fs::write(folder.path().join("lints.toml"), "[[lint]]\nid = 7\n").unwrap();
    until(&session, "the broken file is told", |s| {
        let told = |p: &handlens::session::Problem| p.sentence.contains("lints.toml");
        s.problems.iter().any(told) && clock(s)
    });
}
