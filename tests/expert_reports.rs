//! Short reports as people paste them get the answer that an expert would give
//! (`tests/expert/reports.toml`), each alone and in other terminals' clothes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use handlens::evidence::Micros;
use handlens::knowledge::Knowledge;
use handlens::session::{Case, CaseFiles};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    report: Vec<Report>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    id: String,
    source: String,
    log: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    third: Vec<String>,
}

fn reports() -> Vec<Report> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expert/reports.toml");
    let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file.report
}

/// The causes of these bytes, most likely first.
fn answer(knowledge: &Arc<Knowledge>, report: &Report, log: &[u8]) -> Vec<String> {
    let at = report.at.as_deref().unwrap_or("2024-08-01T12:00:00Z");
    let at: Micros = handlens::session::figures::parse_rfc3339(at).unwrap();
    let mut case = Case::new(Arc::clone(knowledge), Vec::new());
    case.set_at(Some(at));
    let mut files = CaseFiles::new(case);
    files.open_reader("input-0", &mut &*log).unwrap();
    let snapshot = files.snapshot(at);
    let causes = snapshot.diagnosis.causes.iter();
    causes.map(|c| c.id.clone()).collect()
}

fn right(report: &Report, got: &[String]) -> bool {
    if report.first.is_empty() {
        got.iter().take(3).any(|id| report.third.contains(id))
    } else {
        got.first().is_some_and(|id| report.first.contains(id))
    }
}

fn all_right(dress: impl Fn(&str) -> Vec<u8>) {
    let knowledge = Arc::new(Knowledge::embedded());
    let mut wrong = Vec::new();
    for report in reports() {
        let got = answer(&knowledge, &report, &dress(&report.log));
        if !right(&report, &got) {
            let wanted = if report.first.is_empty() {
                &report.third
            } else {
                &report.first
            };
            wrong.push(format!("{}: want {wanted:?}, got {got:?}", report.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_report_names_known_causes_and_its_source() {
    let knowledge = Knowledge::embedded();
    let mut ids = BTreeSet::new();
    for report in reports() {
        assert!(ids.insert(report.id.clone()), "{} twice", report.id);
        assert!(report.source.len() > 10, "{}: no source", report.id);
        assert!(
            report.first.is_empty() != report.third.is_empty(),
            "{}: either first or third",
            report.id
        );
        for id in report.first.iter().chain(&report.third) {
            assert!(knowledge.cause(id).is_some(), "{}: {id}", report.id);
        }
    }
}

#[test]
fn an_expert_would_agree() {
    all_right(|log| log.as_bytes().to_vec());
}

#[test]
fn carriage_returns_colours_and_foreign_lines_change_nothing() {
    all_right(|log| log.replace('\n', "\r\n").into_bytes());
    all_right(|log| log.replace('\n', "\r").into_bytes());
    all_right(|log| {
        let lines = log.lines().map(|l| format!("\x1b[0;33m{l}\x1b[0m\n"));
        lines.collect::<String>().into_bytes()
    });
    all_right(|log| {
        let lines = log
            .lines()
            .map(|l| format!("wifi: rssi -61 dBm\n{l}\nsensor: t=21.4 C\n"));
        lines.collect::<String>().into_bytes()
    });
}
