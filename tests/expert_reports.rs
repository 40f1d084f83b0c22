//! Short reports as people paste them get the answer that an expert would give
//! (`tests/expert/reports.toml`), each alone and in other terminals' clothes; and so does every text of
//! the error tables of the stacks, alone in a line (`tests/expert/texts.toml`).
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

/// Whole tables of texts: `{}` in `line` is the place of each; `also` holds other lines in which each
/// stands (alone, behind another program's prefix, in a terminal's colours).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id: String,
    source: String,
    line: String,
    #[serde(default)]
    also: Vec<String>,
    expect: Vec<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    third: Vec<String>,
    /// No cause may be named: TLS is not at fault, or nothing is.
    #[serde(default)]
    none: bool,
    texts: String,
}

impl Expect {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.lines().filter(|t| !t.is_empty())
    }
}

#[derive(Deserialize)]
struct Tables {
    table: Vec<Table>,
}

/// What is wrong with the answer to one text, if anything.
fn wrong_answer(
    knowledge: &Arc<Knowledge>,
    table: &Table,
    line: &str,
    expect: &Expect,
    text: &str,
) -> Option<String> {
    let log = line.replace("{}", text);
    let log = log.replace("\\n", "\n").replace("\\e", "\u{1b}") + "\n";
    let report = Report {
        id: table.id.clone(),
        source: table.source.clone(),
        log,
        at: None,
        first: expect.first.clone(),
        third: expect.third.clone(),
    };
    let got = answer(knowledge, &report, report.log.as_bytes());
    let good = if expect.none {
        got.is_empty()
    } else {
        right(&report, &got)
    };
    let wanted = [&expect.first, &expect.third];
    (!good).then(|| {
        let shown = report.log.trim_end();
        format!("{}: {shown}: want {wanted:?}, got {got:?}", table.id)
    })
}

#[test]
fn every_text_of_the_tables_is_read() {
    every_text_is_read(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expert/texts.toml"),
        900,
    );
}

#[test]
fn every_text_of_the_devices_tables_is_read() {
    every_text_is_read(
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/expert/texts-devices.toml"
        ),
        400,
    );
}

fn every_text_is_read(path: &str, at_least: usize) {
    let tables: Tables = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let knowledge = Arc::new(Knowledge::embedded());
    let mut jobs = Vec::new();
    for table in &tables.table {
        assert!(table.source.len() > 10, "{}: no source", table.id);
        for expect in &table.expect {
            for id in expect.first.iter().chain(&expect.third) {
                assert!(knowledge.cause(id).is_some(), "{}: {id}", table.id);
            }
            let kinds = usize::from(!expect.first.is_empty())
                + usize::from(!expect.third.is_empty())
                + usize::from(expect.none);
            assert_eq!(kinds, 1, "{}: first, third or none", table.id);
            let texts = expect.texts.lines().filter(|t| !t.is_empty());
            for text in texts {
                let lines = std::iter::once(&table.line).chain(&table.also);
                jobs.extend(lines.map(|line| (table, line, expect, text)));
            }
        }
    }
    assert!(jobs.len() > at_least, "{}", jobs.len());
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let judging: Vec<_> = jobs
            .chunks(jobs.len().div_ceil(4))
            .map(|part| {
                let knowledge = &knowledge;
                scope.spawn(move || {
                    let wrong = part
                        .iter()
                        .filter_map(|(t, l, e, text)| wrong_answer(knowledge, t, l, e, text));
                    wrong.collect::<Vec<_>>()
                })
            })
            .collect();
        judging
            .into_iter()
            .flat_map(|j| j.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts in the clothes of a device's log: time, level and tag before them, colours around them, the
/// escapes as some terminals write them out. A sample of all: each is read alone above.
#[test]
fn texts_in_a_line_of_a_log_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expert/texts.toml");
    let tables: Tables = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let knowledge = Arc::new(Knowledge::embedded());
    let dresses = [
        "\x1b[0;31mE (12873) app: {}\x1b[0m",
        "<27>[0;31m[00:01:12.345,678] <err> app: {}<27>[0m",
        "2024-08-01T12:00:00.123Z ERROR app: {}",
        "Aug  1 12:00:00 gateway app[812]: {}",
    ];
    let mut wrong = Vec::new();
    let step = 29;
    let bare = tables.table.iter().filter(|t| t.line == "{}");
    let all = bare
        .flat_map(|t| t.expect.iter().map(move |e| (t, e)))
        .flat_map(|(t, e)| e.texts().map(move |text| (t, e, text)));
    for (n, (table, expect, text)) in all.enumerate().filter(|(n, _)| n % step == 0) {
        let line = dresses[n / step % dresses.len()];
        wrong.extend(wrong_answer(&knowledge, table, line, expect, text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
