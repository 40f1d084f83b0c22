//! `explain`: every meaning of a code, most likely first.

use std::fmt::Write as _;

use serde::Serialize;

use super::arguments::Explain;
use super::output::{Status, Streams};
use crate::codes::{WHAT_CAN_BE_ASKED, explain_arguments};

#[derive(Serialize)]
struct ExplainJson {
    schema: &'static str,
    query: String,
    meanings: Vec<MeaningJson>,
    unknown: Vec<UnknownJson>,
}

#[derive(Serialize)]
struct MeaningJson {
    stack: String,
    versions: String,
    name: String,
    text: String,
    source: String,
    kind: &'static str,
    code: String,
}

#[derive(Serialize)]
struct UnknownJson {
    asked: String,
    sentence: String,
}

pub(super) fn run(given: &Explain, json: bool, streams: &mut Streams<'_>) -> Status {
    // `--json` behind a code that begins with a hyphen arrives among the codes.
    let json = json || given.codes.iter().any(|c| c == "--json");
    let codes: Vec<&str> = given
        .codes
        .iter()
        .map(String::as_str)
        .filter(|c| *c != "--json")
        .collect();
    let answer = explain_arguments(&codes);
    let status = if answer.meanings.is_empty() {
        Status::Problem
    } else {
        Status::Fine
    };
    if json {
        streams.json(&ExplainJson {
            schema: "handlens.explain/1",
            query: answer.query,
            meanings: answer
                .meanings
                .iter()
                .map(|m| MeaningJson {
                    stack: m.stack.to_owned(),
                    versions: m.versions.clone(),
                    name: m.name.clone(),
                    text: m.text.clone(),
                    source: m.source.to_owned(),
                    kind: m.kind.title(),
                    code: m.code(),
                })
                .collect(),
            unknown: answer
                .unknown
                .into_iter()
                .map(|u| UnknownJson {
                    asked: u.asked,
                    sentence: u.sentence,
                })
                .collect(),
        });
        return status;
    }
    let mut out = String::new();
    for m in &answer.meanings {
        let versions = if m.versions.is_empty() {
            String::new()
        } else {
            format!(" {}", m.versions)
        };
        let _ = writeln!(
            out,
            "{}  {} ({}{versions}, {})",
            m.code(),
            m.name,
            m.stack,
            m.kind.title()
        );
        let _ = writeln!(out, "    {}", m.text);
        let _ = writeln!(out, "    Source: {}", m.source);
    }
    for unknown in &answer.unknown {
        let _ = writeln!(out, "{}", unknown.sentence);
    }
    if out.is_empty() {
        let _ = writeln!(out, "Nothing was asked. {WHAT_CAN_BE_ASKED}");
    }
    streams.result(&out);
    status
}
