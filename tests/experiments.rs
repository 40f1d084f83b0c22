//! One change at a time: what was tried turns into facts, sentences and the next proposal.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use handlens::diagnose::{Trial, TrialResult, trial_facts};
use handlens::evidence::{FactState, FactValue};
use handlens::knowledge::Knowledge;
use program::{json, run};
use serde_json::Value;

const SATELLITE: &str = "assets/demo/pic32-satellite.log";

fn diagnosed(tried: &[&str]) -> Value {
    let mut arguments = vec!["diagnose", SATELLITE, "--json"];
    for text in tried {
        arguments.extend(["--tried", text]);
    }
    json(&run(&arguments), "diagnose")
}

fn planned(v: &Value) -> Vec<&str> {
    let planned = v["experiments"]["planned"].as_array().unwrap();
    planned.iter().map(|p| p["id"].as_str().unwrap()).collect()
}

fn score(v: &Value, id: &str) -> f64 {
    let causes = v["causes"].as_array().unwrap();
    let found = causes.iter().find(|c| c["id"] == id);
    found.map_or(0.0, |c| c["score"].as_f64().unwrap())
}

#[test]
fn what_tells_most_for_its_time_is_proposed_first() {
    let v = diagnosed(&[]);
    let list = v["experiments"]["planned"].as_array().unwrap();
    assert!(
        !list.is_empty(),
        "three causes are open, so there is something to try"
    );
    let pays: Vec<f64> = list
        .iter()
        .map(|p| p["gain_bits"].as_f64().unwrap() / p["minutes"].as_f64().unwrap())
        .collect();
    for pair in pays.windows(2) {
        // `gain_bits` is rounded to two decimals.
        assert!(pair[0] >= pair[1] - 0.01, "{pays:?}");
    }
    assert!(
        planned(&v).contains(&"receive_buffer"),
        "the buffer is among the open causes: {:?}",
        planned(&v)
    );
}

#[test]
fn a_change_that_would_cure_what_nothing_speaks_for_is_not_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("device.log");
    // Written after esp-idf's esp_tls_mbedtls.c.
    std::fs::write(
        &log,
        "E (8123) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700\n\
         I (8133) esp-tls-mbedtls: verification info:   ! The certificate is not correctly signed \
         by the trusted CA\n",
    )
    .unwrap();
    let v = json(
        &run(&["diagnose", log.to_str().unwrap(), "--json"]),
        "diagnose",
    );
    assert_eq!(v["verdict"], "failed");
    for id in ["heap", "small_segments", "receive_buffer"] {
        assert!(!planned(&v).contains(&id), "{id}: {:?}", planned(&v));
    }
}

#[test]
fn a_single_change_that_cures_moves_the_ranking_and_is_not_proposed_again() {
    let before = diagnosed(&[]);
    let after = diagnosed(&["receive_buffer=works"]);
    assert!(
        score(&after, "net.rx_buffer_too_small") > score(&before, "net.rx_buffer_too_small") + 0.2
    );
    assert_eq!(after["causes"][0]["id"], "net.rx_buffer_too_small");
    assert!(!planned(&after).contains(&"receive_buffer"));
    let tried = &after["experiments"]["tried"][0];
    assert_eq!(tried["decides"], true);
    assert_eq!(tried["result"], "works");
    let failed = diagnosed(&["receive_buffer=same"]);
    assert!(
        score(&failed, "net.rx_buffer_too_small") < score(&before, "net.rx_buffer_too_small"),
        "the same outcome speaks against it"
    );
}

#[test]
fn two_changes_at_once_prove_neither() {
    let before = diagnosed(&[]);
    let after = diagnosed(&["receive_buffer+link=works; new firmware, at the office"]);
    assert_eq!(before["causes"], after["causes"], "nothing is concluded");
    let tried = &after["experiments"]["tried"][0];
    assert_eq!(tried["decides"], false);
    assert_eq!(tried["note"], "new firmware, at the office");
    let sentence = tried["sentence"].as_str().unwrap();
    assert!(sentence.contains("does not tell which"), "{sentence}");
    assert!(
        planned(&after).contains(&"receive_buffer"),
        "alone it still tells something"
    );
}

#[test]
fn one_change_with_two_outcomes_is_a_contradiction() {
    let knowledge = Knowledge::embedded();
    let trial = |text: &str| Trial::parse(text, &knowledge).unwrap();
    let steady = [trial("link=works"), trial("link=works")];
    let facts = trial_facts(&knowledge, &steady);
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].name, "works.other_link");
    assert_eq!(facts[0].state, FactState::Known(FactValue::Bool(true)));
    let unsteady = [trial("link=works"), trial("link=same")];
    assert!(trial_facts(&knowledge, &unsteady).is_empty());
    let v = diagnosed(&["link=works", "link=same"]);
    for tried in v["experiments"]["tried"].as_array().unwrap() {
        assert!(tried["sentence"].as_str().unwrap().contains("not steady"));
    }
}

#[test]
fn another_failure_proves_nothing_about_the_change() {
    let knowledge = Knowledge::embedded();
    let trial = Trial::parse("server = Otherwise", &knowledge).unwrap();
    assert_eq!(trial.result, TrialResult::Otherwise);
    assert!(trial_facts(&knowledge, &[trial]).is_empty());
}

#[test]
fn a_trial_reads_back_what_it_writes_and_says_what_is_wrong() {
    let knowledge = Knowledge::embedded();
    for text in [
        "link=works",
        "link+server=same; both at once",
        "heap=otherwise",
    ] {
        let trial = Trial::parse(text, &knowledge).unwrap();
        assert_eq!(trial.to_string(), text);
    }
    let ran = run(&["diagnose", SATELLITE, "--tried", "moon=works"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("There is no experiment"), "{}", ran.err);
    assert!(ran.err.contains("link"), "names what there is: {}", ran.err);
    let ran = run(&["diagnose", SATELLITE, "--tried", "link"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("link=works"), "{}", ran.err);
}

#[test]
fn a_success_proposes_nothing() {
    let v = json(
        &run(&["diagnose", "tests/recordings/success-ecdsa.log", "--json"]),
        "diagnose",
    );
    assert!(planned(&v).is_empty());
}
