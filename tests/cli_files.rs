//! Inputs that are no logs on the command line: all of one case at once, devices, the user's tables.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "capture/handshake.rs"]
mod handshake;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;
mod program;

use std::fs;

use program::{json, path, run};
use serde_json::Value;

const LEAF: &str = "tests/fixtures/files/leaf.pem";
const ROOT: &str = "tests/fixtures/files/root.pem";
const CONFIG: &str = "tests/fixtures/files/config.h";
const KEY: &str = "tests/fixtures/files/leaf-key.pem";
const DEVICE_LOG: &str = "tests/recordings/wrong-ca.log";

fn kinds(v: &Value) -> Vec<(&str, &str)> {
    v["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["kind"].as_str().unwrap(), i["lane"].as_str().unwrap()))
        .collect()
}

#[test]
fn everything_of_a_case_at_once_and_the_log_leads() {
    let folder = tempfile::tempdir().unwrap();
    let (flight, _, _) = handshake::handshake(handshake::suites()[3], false);
    let packets = packets::connection(&flight, 1_400, [1, 2]);
    let capture = folder.path().join("wire.pcapng");
    fs::write(&capture, packets::pcapng(&packets, 1, false, false, "")).unwrap();
    let peer = folder.path().join("broker.log");
    fs::write(
        &peer,
        "1795233510: New connection from 192.0.2.1:40000 on port 8883.\n\
1795233510: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca\n\
1795233510: Client <unknown> disconnected: Protocol error.\n",
    )
    .unwrap();
    let alone = json(&run(&["diagnose", DEVICE_LOG, "--json"]), "diagnose");
    let ran = run(&[
        "diagnose",
        DEVICE_LOG,
        path(&capture),
        LEAF,
        ROOT,
        path(&peer),
        "--json",
    ]);
    let v = json(&ran, "diagnose");
    assert_eq!(
        kinds(&v),
        [
            ("log", "device"),
            ("capture", "device"),
            ("certificate", "device"),
            ("certificate", "device"),
            ("log", "peer"),
        ],
        "{}",
        ran.err
    );
    let judged = usize::try_from(v["judged_attempt"].as_u64().unwrap()).unwrap();
    assert_eq!(v["attempts"][judged]["input"], "wrong-ca.log");
    assert_eq!(v["causes"][0]["id"], alone["causes"][0]["id"]);
    let lanes: Vec<_> = v["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["input"].as_str().unwrap(), a["lane"].as_str().unwrap()))
        .collect();
    assert!(lanes.contains(&("wire.pcapng", "device")), "{lanes:?}");
    assert!(lanes.contains(&("broker.log", "peer")), "{lanes:?}");
    // A proof in a capture is a frame: no line of text is quoted.
    for cause in v["causes"].as_array().unwrap() {
        for e in cause["evidence"].as_array().into_iter().flatten() {
            if e["input"] == "wire.pcapng" {
                assert!(e["text"].as_str().unwrap_or_default().is_empty(), "{e}");
            }
        }
    }
}

#[test]
fn files_are_listed_in_json_and_report_and_a_key_shows_nothing_of_itself() {
    let ran = run(&["diagnose", LEAF, KEY, CONFIG, "--json"]);
    let v = json(&ran, "diagnose");
    assert_eq!(v["inputs"][0]["objects"][0]["kind"], "certificate");
    assert_eq!(v["inputs"][0]["objects"][0]["der_bytes"], 446);
    assert_eq!(v["inputs"][1]["objects"][0]["kind"], "private_key");
    assert_eq!(v["inputs"][2]["defines"], 7);
    assert!(
        v["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["id"] == "config.zero_means_on"),
        "{}",
        v["findings"]
    );
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("r.md");
    run(&[
        "report",
        LEAF,
        KEY,
        CONFIG,
        "--device",
        "spwf04sx",
        "--with-log",
        "-o",
        path(&report),
    ]);
    let text = fs::read_to_string(&report).unwrap();
    assert!(text.contains("broker.example.net") && text.contains("446 bytes"));
    assert!(text.contains("Fit against"), "{text}");
    let body = fs::read_to_string(program::root().join(KEY)).unwrap();
    for line in body.lines().filter(|l| !l.starts_with("-----")) {
        assert!(!text.contains(line) && !ran.out.contains(line));
    }
}

#[test]
fn an_unknown_device_is_refused_with_the_known_ones() {
    let ran = run(&["diagnose", DEVICE_LOG, "--device", "spwf99", "--json"]);
    assert_eq!(ran.status, 2);
    assert!(ran.out.is_empty());
    assert!(
        ran.err.contains("spwf99") && ran.err.contains("spwf04sx"),
        "{}",
        ran.err
    );
    let known = run(&["diagnose", DEVICE_LOG, "--device", "SPWF04Sx", "--json"]);
    assert_eq!(json(&known, "diagnose")["device"], "spwf04sx");
}

#[test]
fn a_folder_of_tables_brings_step_rules_and_devices() {
    let folder = tempfile::tempdir().unwrap();
    for below in ["dialects", "devices"] {
        fs::create_dir(folder.path().join(below)).unwrap();
    }
    fs::write(
        folder.path().join("dialects/mine.toml"),
        "[[rule]]\nid = \"mine\"\npattern = 'HS<(?P<state>\\d+)> rc=(?P<result>-?\\d+)'\nsample = [\"HS<3> rc=-9984\"]\nexpect = [[3, -9984]]\nsource = \"our firmware\"\n",
    )
    .unwrap();
    fs::write(folder.path().join("dialects/torn.toml"), "rule = 1").unwrap();
    fs::write(
        folder.path().join("devices/ours.toml"),
        "id = \"ours\"\nname = \"Our board\"\nabout = \"A board of ours.\"\n[[limit]]\nwhat = \"record_bytes\"\nat_most = [2048]\nsays = \"Measured.\"\nsource = \"measured here on 2026-11-21\"\n",
    )
    .unwrap();
    let log = folder.path().join("x.log");
    fs::write(&log, "HS<0> rc=0\nHS<1> rc=0\nHS<2> rc=0\nHS<3> rc=0\n").unwrap();
    let plain = json(&run(&["diagnose", path(&log), "--json"]), "diagnose");
    let ran = run(&[
        "diagnose",
        path(&log),
        "--assets",
        path(folder.path()),
        "--device",
        "ours",
        "--json",
    ]);
    let v = json(&ran, "diagnose");
    assert!(v["attempts"].as_array().unwrap().len() > plain["attempts"].as_array().unwrap().len());
    assert_eq!(v["device"], "ours");
    assert!(ran.err.contains("torn.toml"), "{}", ran.err);
    assert!(!ran.err.contains("mine.toml"), "{}", ran.err);
}

#[test]
fn a_log_can_be_marked_as_the_peers() {
    let folder = tempfile::tempdir().unwrap();
    let peer = folder.path().join("p.log");
    fs::copy(program::root().join("tests/recordings/expired.log"), &peer).unwrap();
    let ran = run(&["diagnose", DEVICE_LOG, "--peer", path(&peer), "--json"]);
    let v = json(&ran, "diagnose");
    assert_eq!(kinds(&v), [("log", "device"), ("log", "peer")]);
    let judged = usize::try_from(v["judged_attempt"].as_u64().unwrap()).unwrap();
    assert_eq!(v["attempts"][judged]["input"], "wrong-ca.log");
    let turned = v["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["input"] == "p.log")
        .unwrap();
    assert_eq!(
        turned["role"], "server",
        "a client that is the peer faces a server"
    );
    // Alone it is judged.
    let alone = json(
        &run(&["diagnose", "--peer", path(&peer), "--json"]),
        "diagnose",
    );
    assert_eq!(alone["judged_attempt"], 0);
}
