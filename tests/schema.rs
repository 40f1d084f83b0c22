//! Every schema is one, and says no to what it should refuse.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use serde_json::{Value, json};

fn schema(name: &str) -> Value {
    let path = program::root().join(format!("assets/schema/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn accepts(name: &str, value: &Value) -> bool {
    jsonschema::validator_for(&schema(name))
        .unwrap()
        .is_valid(value)
}

#[test]
fn every_schema_is_valid_and_names_its_command() {
    let mut seen = 0;
    for entry in std::fs::read_dir(program::root().join("assets/schema")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value = schema(&name);
        assert!(jsonschema::meta::is_valid(&value), "{name}");
        assert!(
            value.to_string().contains(&format!("handlens.{name}/1")),
            "{name} does not name its schema"
        );
        assert!(!accepts(&name, &json!({})), "{name} accepts anything");
        seen += 1;
    }
    assert!(seen >= 8, "schemas are missing");
}

#[test]
fn step_names_of_the_schema_are_those_of_the_program() {
    let value = schema("diagnose");
    let names = value["$defs"]["step"]["properties"]["name"]["enum"].clone();
    let ours: Vec<&str> = handlens::tls::StepName::ALL
        .iter()
        .map(|n| n.as_str())
        .collect();
    assert_eq!(names, json!(ours));
}

#[test]
fn an_unknown_field_or_word_is_refused() {
    let good = json!({"schema": "handlens.explain/1", "query": "x", "meanings": [], "unknown": []});
    assert!(accepts("explain", &good));
    let mut more = good.clone();
    more["surprise"] = json!(1);
    assert!(!accepts("explain", &more));
    let mut other = good;
    other["schema"] = json!("handlens.explain/2");
    assert!(!accepts("explain", &other));
    let line = json!({"schema": "handlens.watch/1", "event": "line", "received_us": 1, "shown_us": 2, "line": 1, "text": ""});
    assert!(accepts("watch", &line));
    let mut wrong = line;
    wrong["event"] = json!("something");
    assert!(!accepts("watch", &wrong));
}

#[test]
fn golden_files_fit_their_schemas() {
    for (file, name) in [
        ("diagnose-success.json", "diagnose"),
        ("explain-alert-48.json", "explain"),
        ("check-assets.json", "check_assets"),
        ("predict-stm32.json", "predict"),
    ] {
        let path = program::root().join("tests/golden").join(file);
        let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(accepts(name, &value), "{file}");
    }
}
