//! `explain`, `report`, `score` and `check-assets` as another program uses them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use std::path::Path;

use program::{golden, json, path, run, valid};
use serde_json::Value;

#[test]
fn any_spelling_of_a_code_is_explained() {
    for query in ["-0x7280", "-29312", "FFFF8D80"] {
        let ran = run(&["explain", query, "--json"]);
        assert_eq!(ran.status, 0, "{query}: {}", ran.err);
        let v = json(&ran, "explain");
        assert_eq!(v["query"], query);
        assert_eq!(v["meanings"][0]["name"], "SSL_CONN_EOF", "{query}");
        assert!(!v["meanings"][0]["source"].as_str().unwrap().is_empty());
    }
    let v = json(&run(&["--json", "explain", "alert 46"]), "explain");
    assert_eq!(v["meanings"][0]["name"], "certificate_unknown");
    let ran = run(&["explain", "-0x7280"]);
    assert!(ran.out.contains("CONN_EOF") && ran.out.contains("Source:"));
}

#[test]
fn an_unknown_code_is_said_to_be_unknown() {
    let ran = run(&["explain", "flubber", "--json"]);
    assert_eq!(ran.status, 1);
    let v = json(&ran, "explain");
    assert_eq!(v["meanings"].as_array().unwrap().len(), 0);
    assert_eq!(v["unknown"][0]["asked"], "flubber");
}

#[test]
fn the_explanation_of_an_alert_is_golden() {
    let ran = run(&["explain", "alert 48", "--json"]);
    json(&ran, "explain");
    golden("explain-alert-48.json", &ran.out);
}

#[test]
fn the_tables_hang_together() {
    let ran = run(&["check-assets", "--json"]);
    let v = json(&ran, "check_assets");
    assert_eq!(v["problems"].as_array().unwrap().len(), 0, "{v:#}");
    assert_eq!(ran.status, 0);
    golden("check-assets.json", &ran.out);
}

#[test]
fn a_broken_table_of_the_user_is_told_with_its_place_and_the_rest_works() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("causes")).unwrap();
    std::fs::write(folder.path().join("causes/mine.toml"), "[[cause]]\nid = \n").unwrap();
    let ran = run(&["check-assets", path(folder.path()), "--json"]);
    assert_eq!(ran.status, 1);
    let v = json(&ran, "check_assets");
    assert_eq!(v["problems"][0]["file"], "causes/mine.toml");
    assert_eq!(v["problems"][0]["line"], 2);
    let ran = run(&[
        "diagnose",
        "tests/fixtures/unknown-ca.log",
        "--assets",
        path(folder.path()),
        "--json",
    ]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("causes/mine.toml"));
    assert!(
        !json(&ran, "diagnose")["causes"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(run(&["check-assets", "no-such-folder"]).status, 2);
}

#[test]
fn own_recordings_score_and_names_take_no_part() {
    let v = json(&run(&["score", "tests/recordings", "--json"]), "score");
    let lab = &v["lab"];
    assert!(lab["n"].as_u64().unwrap() >= 20);
    assert_eq!(lab["errors"], 0);
    assert_eq!(lab["false_alarms"], 0);
    assert_eq!(lab["alerts_invented"], 0);
    assert_eq!(lab["alerts_hit"], lab["alerts_printed"]);
    // The same logs under other names in another folder.
    let folder = tempfile::tempdir().unwrap();
    let source = program::root().join("tests/recordings");
    let mut truth = std::fs::read_to_string(source.join("truth.toml")).unwrap();
    let mut logs: Vec<_> = std::fs::read_dir(&source)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "log"))
        .collect();
    logs.sort();
    for (i, log) in logs.iter().enumerate() {
        let name = log.file_name().unwrap().to_str().unwrap();
        std::fs::copy(log, folder.path().join(format!("x{i}.log"))).unwrap();
        truth = truth.replace(&format!("\"{name}\""), &format!("\"x{i}.log\""));
    }
    std::fs::write(folder.path().join("truth.toml"), truth).unwrap();
    let other = json(&run(&["score", path(folder.path()), "--json"]), "score");
    assert_eq!(&other["lab"], lab);
    assert_eq!(run(&["score", "src"]).status, 2);
}

#[test]
fn a_case_with_stated_facts_is_scored_twice() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("001-any");
    std::fs::create_dir(&case).unwrap();
    std::fs::copy(
        program::root().join("assets/demo/pic32-satellite.log"),
        case.join("log.txt"),
    )
    .unwrap();
    std::fs::write(
        case.join("case.toml"),
        "cause = \"net.rx_buffer_too_small\"\ndeterminable = \"yes\"\ndate = \"2026-11\"\ngiven = [\"device.rx_buffer_bytes=1024\"]\n",
    )
    .unwrap();
    let v = json(&run(&["score", path(folder.path()), "--json"]), "score");
    assert_eq!(v["cases"]["given"]["yes"]["top1"], 1);
    assert_eq!(v["cases"]["blind"]["yes"]["top3"], 1);
    assert_eq!(v["cases"]["blind"]["partly"]["n"], 0);
    let ran = run(&["score", path(folder.path()), "-v", "--only", "any"]);
    assert!(ran.out.contains("want net.rx_buffer_too_small"));
    assert_eq!(
        run(&["score", path(folder.path()), "--only", "zzz"]).status,
        2
    );
}

fn report(name: &str, args: &[&str], folder: &Path) -> String {
    let file = folder.join(name);
    let mut all = vec!["report", "tests/fixtures/unknown-ca.log", "-o", path(&file)];
    all.extend(args);
    let ran = run(&all);
    assert_eq!(ran.status, 1, "{}", ran.err);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_report_has_three_forms() {
    let folder = tempfile::tempdir().unwrap();
    let html = report("r.html", &[], folder.path());
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("unknown_ca"));
    let md = report("r.md", &[], folder.path());
    assert!(md.starts_with("# ") && md.contains("## Likely causes"));
    let value: Value = serde_json::from_str(&report("r.json", &[], folder.path())).unwrap();
    valid(&value, "report");
    assert_eq!(value["diagnosis"]["verdict"], "failed");
    let file = folder.path().join("again.html");
    let ran = run(&[
        "report",
        "tests/fixtures/unknown-ca.log",
        "-o",
        path(&file),
        "--json",
    ]);
    let v = json(&ran, "report_written");
    assert_eq!(v["bytes"], std::fs::metadata(&file).unwrap().len());
    let ran = run(&["report", "tests/fixtures/unknown-ca.log", "-o", "r.docx"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains(".html, .md or .json"));
}

#[test]
fn help_and_version_go_to_stdout() {
    for arg in ["--help", "--version"] {
        let ran = run(&[arg]);
        assert_eq!(ran.status, 0);
        assert!(ran.out.contains("handlens") && ran.err.is_empty());
    }
}
