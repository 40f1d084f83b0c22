//! `diagnose` as another program uses it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use program::{golden, json, path, run, run_with};
use serde_json::Value;

const SATELLITE: &str = "assets/demo/pic32-satellite.log";
const LANDLINE: &str = "assets/demo/pic32-landline.log";
const UNKNOWN_CA: &str = "tests/fixtures/unknown-ca.log";
const AT: &str = "2026-11-21T12:00:00Z";

fn first_cause(v: &Value) -> &str {
    v["causes"][0]["id"].as_str().unwrap_or("none")
}

fn ids(v: &Value) -> Vec<&str> {
    v["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_stall_is_named_with_its_cause_and_its_proof() {
    let ran = run(&["diagnose", SATELLITE, "--json"]);
    assert_eq!(ran.status, 1);
    let v = json(&ran, "diagnose");
    assert_eq!(v["verdict"], "stalled");
    let stop = &v["attempts"][0]["stopped_at"];
    assert_eq!(stop["state"], "12 SERVER_CHANGE_CIPHER_SPEC");
    assert_eq!(stop["waiting_for"], "change_cipher_spec");
    assert_eq!(stop["from"], "peer");
    assert!(
        ids(&v)[..3].contains(&"net.rx_buffer_too_small"),
        "{:?}",
        ids(&v)
    );
    let lines: Vec<String> = std::fs::read_to_string(program::root().join(SATELLITE))
        .unwrap()
        .lines()
        .map(|l| l.trim().to_owned())
        .collect();
    let evidence = v["causes"][0]["evidence"].as_array().unwrap();
    assert!(!evidence.is_empty());
    for e in evidence.iter().filter(|e| e["line"].is_u64()) {
        let line = usize::try_from(e["line"].as_u64().unwrap()).unwrap();
        assert_eq!(
            e["text"].as_str().unwrap().trim(),
            lines[line - 1],
            "the quoted line is the line"
        );
    }
}

#[test]
fn scores_are_probabilities_and_other_is_last() {
    for file in [SATELLITE, UNKNOWN_CA] {
        let v = json(&run(&["diagnose", file, "--json"]), "diagnose");
        let scores: Vec<f64> = v["causes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["score"].as_f64().unwrap())
            .collect();
        let sum: f64 = scores.iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "{scores:?}");
        assert_eq!(ids(&v).last(), Some(&"other"));
        let named = &scores[..scores.len() - 1];
        assert!(named.iter().all(|s| *s >= 0.05), "{scores:?}");
        assert!(named.windows(2).all(|w| w[0] >= w[1]), "{scores:?}");
    }
}

#[test]
fn a_clean_success_has_no_causes_and_status_0() {
    let ran = run(&["diagnose", LANDLINE, "--at", AT, "--json"]);
    assert_eq!(ran.status, 0);
    let v = json(&ran, "diagnose");
    assert_eq!(
        (v["verdict"].as_str(), ids(&v).len()),
        (Some("completed"), 0)
    );
    assert_eq!(v["judged_at"], AT);
    assert_eq!(v["judged_at_from"], "option");
}

#[test]
fn stated_facts_decide_and_a_good_log_beside_it_too() {
    let fact = [
        "diagnose",
        SATELLITE,
        "--fact",
        "device.rx_buffer_bytes=1024",
        "--json",
    ];
    assert_eq!(
        first_cause(&json(&run(&fact), "diagnose")),
        "net.rx_buffer_too_small"
    );
    let beside = ["diagnose", LANDLINE, SATELLITE, "--json"];
    let v = json(&run(&beside), "diagnose");
    assert_eq!(first_cause(&v), "net.rx_buffer_too_small");
    assert_eq!(v["inputs"].as_array().unwrap().len(), 2);
    assert_eq!(v["judged_attempt"], 1);
    let inputs: Vec<&str> = v["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["input"].as_str().unwrap())
        .collect();
    assert_eq!(inputs, ["pic32-landline.log", "pic32-satellite.log"]);
}

#[test]
fn the_name_of_the_file_and_the_way_in_change_nothing() {
    let log = std::fs::read(program::root().join(SATELLITE)).unwrap();
    let by_name = json(
        &run(&["diagnose", SATELLITE, "--at", AT, "--json"]),
        "diagnose",
    );
    let by_stdin = json(
        &run_with(&["diagnose", "-", "--at", AT, "--json"], &log),
        "diagnose",
    );
    assert_eq!(by_stdin["inputs"][0]["name"], "standard input");
    for key in ["verdict", "causes", "tree", "sentence"] {
        let plain = |v: &Value| {
            v[key]
                .to_string()
                .replace("standard input", "X")
                .replace("pic32-satellite.log", "X")
        };
        assert_eq!(plain(&by_name), plain(&by_stdin), "{key}");
    }
}

#[test]
fn an_alert_is_reported_with_direction_and_line() {
    let v = json(&run(&["diagnose", UNKNOWN_CA, "--json"]), "diagnose");
    assert_eq!(
        v["attempts"][0]["alerts"],
        serde_json::json!([{"level": "fatal", "number": 48, "name": "unknown_ca", "direction": "sent", "line": 14}])
    );
    assert!(first_cause(&v).starts_with("cert."));
}

#[test]
fn a_folder_stands_for_the_files_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    std::fs::create_dir_all(case.join("below")).unwrap();
    std::fs::copy(UNKNOWN_CA, case.join("device.log")).unwrap();
    std::fs::write(case.join(".hidden"), "no input").unwrap();
    let v = json(
        &run(&["diagnose", case.to_str().unwrap(), "--json"]),
        "diagnose",
    );
    assert_eq!(v["inputs"].as_array().unwrap().len(), 1);
    assert_eq!(v["inputs"][0]["name"], "device.log");
    assert!(first_cause(&v).starts_with("cert."));

    let empty = case.join("below");
    let told = run(&["diagnose", empty.to_str().unwrap()]);
    assert!(
        told.err.contains("The folder below holds no files."),
        "{}",
        told.err
    );
}

#[test]
fn bad_usage_says_what_is_right() {
    let cases: &[(&[&str], &str)] = &[
        (&["diagnose"], "FILE"),
        (&["diagnose", "no-such-file.log"], "there is no such file"),
        (
            &["diagnose", UNKNOWN_CA, "--fact", "nonsense=1"],
            "nonsense",
        ),
        (
            &["diagnose", UNKNOWN_CA, "--fact", "works.before=perhaps"],
            "yes or no",
        ),
        (
            &["diagnose", UNKNOWN_CA, "--at", "yesterday"],
            "2019-06-04T07:54:18Z",
        ),
        (&["frobnicate"], "frobnicate"),
    ];
    for (args, says) in cases {
        let ran = run(args);
        assert_eq!(ran.status, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
        assert!(ran.out.is_empty(), "{args:?}: {}", ran.out);
    }
}

#[test]
fn one_readable_file_is_enough() {
    let ran = run(&["diagnose", "no-such-file.log", UNKNOWN_CA, "--json"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no-such-file.log"));
    json(&ran, "diagnose");
}

#[test]
fn garbage_endless_lines_and_blobs_end_quickly_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let blob = folder.path().join("flash.bin");
    std::fs::write(&blob, vec![0xA5; 100 << 20]).unwrap();
    let begin = std::time::Instant::now();
    let ran = run(&["diagnose", path(&blob), "--json"]);
    assert!(begin.elapsed().as_secs() < 60);
    assert_eq!(ran.status, 2);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    let v = json(&ran, "diagnose");
    assert_eq!(v["inputs"][0]["kind"], "binary");
    assert_eq!(v["inputs"][0]["bytes"], 100 << 20);

    let ran = run_with(&["diagnose", "-", "--json"], &vec![b'x'; 1 << 20]);
    assert_eq!(ran.status, 0);
    assert_eq!(json(&ran, "diagnose")["verdict"], "no_handshake");
    let ran = run_with(&["diagnose", "-", "--json"], b"");
    assert_eq!(ran.status, 0);
    assert_eq!(json(&ran, "diagnose")["verdict"], "no_handshake");
}

#[test]
fn a_damaged_certificate_is_said_and_the_log_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("any.txt");
    std::fs::write(
        &pem,
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let ran = run(&["diagnose", path(&pem), UNKNOWN_CA, "--json"]);
    let v = json(&ran, "diagnose");
    assert_eq!(v["inputs"][0]["kind"], "certificate");
    let said = v["problems"][0].as_str().unwrap();
    assert!(said.starts_with("any.txt: "), "{said}");
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(first_cause(&v).split('.').next(), Some("cert"));
}

#[test]
fn private_keys_are_not_quoted() {
    let log = "ssl_cli.c:3510: client state: 0\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPLANTEDPLANTEDPLANTEDPLANTED\n-----END EC PRIVATE KEY-----\n";
    let ran = run_with(&["diagnose", "-", "--json"], log.as_bytes());
    assert!(!ran.out.contains("PLANTED"));
}

#[test]
fn the_text_form_is_compact_and_says_the_same() {
    let ran = run(&["diagnose", SATELLITE]);
    assert_eq!(ran.status, 1);
    let first = ran.out.lines().next().unwrap();
    assert_eq!(
        first,
        "Stalled: The device sent Finished and has heard nothing from the server for 60 s."
    );
    assert!(ran.out.contains("net.rx_buffer_too_small"));
    assert!(
        ran.out
            .contains("waiting for ChangeCipherSpec from the server")
    );
    assert!(ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn the_object_of_a_completed_handshake_is_golden() {
    let ran = run(&[
        "diagnose",
        "tests/recordings/success-ecdsa.log",
        "--at",
        AT,
        "--json",
    ]);
    json(&ran, "diagnose");
    golden("diagnose-success.json", &ran.out);
}

/// A log may be far older than its file (a checkout, a copy, an attachment): that says nothing about
/// the device's clock. A stated time of the run does, and so does a clock ahead of its file.
#[test]
fn an_old_log_is_no_wrong_clock() {
    let finding = |arguments: &[&str]| {
        let mut all = vec!["diagnose", LANDLINE, "--json"];
        all.extend(arguments);
        let v = json(&run(&all), "diagnose");
        assert!(v["judged_at_from"] == "file" || v["judged_at_from"] == "option");
        v["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["id"] == "device.clock_wrong")
    };
    assert!(!finding(&[]), "the file is younger than the log");
    assert!(finding(&["--at", "2027-03-01T00:00:00Z"]));
    assert!(finding(&["--at", "2026-03-01T00:00:00Z"]));
    assert!(!finding(&["--at", "2026-11-21T12:00:00Z"]));
}
