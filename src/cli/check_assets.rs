//! `check-assets`: the built-in tables, and a folder of the user's on top.

use std::path::Path;

use serde::Serialize;

use super::arguments::CheckAssets;
use super::output::{Status, Streams};
use crate::cert::{CertTables, LintList};
use crate::knowledge::Knowledge;
use crate::{codes, decode};

/// What is wrong with the tables for certificates: the built-in rules, and what the folder has of its own.
fn check_certificates(folder: Option<&Path>) -> Vec<(String, String)> {
    let built_in = (LintList::embedded().problems.iter())
        .map(|sentence| ("lints.toml".to_owned(), sentence.clone()));
    let own = folder.map_or_else(Vec::new, |f| CertTables::with_folder(f).problems);
    built_in.chain(own).collect()
}

#[derive(Serialize)]
struct CheckJson {
    schema: &'static str,
    folder: Option<String>,
    problems: Vec<ProblemJson>,
}

#[derive(Serialize)]
struct ProblemJson {
    file: String,
    line: Option<usize>,
    sentence: String,
}

pub(super) fn run(given: &CheckAssets, json: bool, streams: &mut Streams<'_>) -> Status {
    let folder = given.folder.as_deref();
    if let Some(folder) = folder.filter(|f| !f.is_dir()) {
        streams.say(&format!("{} is no folder.", folder.display()));
        return Status::Unusable;
    }
    let knowledge = match folder {
        Some(folder) => Knowledge::with_folder(folder),
        None => Knowledge::embedded(),
    };
    let mut problems: Vec<ProblemJson> = knowledge
        .check()
        .into_iter()
        .map(|p| ProblemJson {
            file: p.file,
            line: p.line,
            sentence: p.sentence,
        })
        .collect();
    let others = [
        ("codes", codes::check()),
        (
            "dialects",
            decode::check_patterns(&|name| knowledge.facts.get(name).is_some()),
        ),
    ];
    for (file, sentences) in others {
        problems.extend(sentences.into_iter().map(|sentence| ProblemJson {
            file: file.to_owned(),
            line: None,
            sentence,
        }));
    }
    let certificates = check_certificates(folder);
    problems.extend(
        certificates
            .into_iter()
            .map(|(file, sentence)| ProblemJson {
                file,
                line: None,
                sentence,
            }),
    );
    let status = if problems.is_empty() {
        Status::Fine
    } else {
        Status::Problem
    };
    if json {
        streams.json(&CheckJson {
            schema: "handlens.check_assets/1",
            folder: folder.map(|f| f.display().to_string()),
            problems,
        });
    } else if problems.is_empty() {
        streams.result("The tables hang together.");
    } else {
        let lines: Vec<String> = problems
            .iter()
            .map(|p| match p.line {
                Some(line) => format!("{}, line {line}: {}", p.file, p.sentence),
                None => format!("{}: {}", p.file, p.sentence),
            })
            .collect();
        streams.result(&lines.join("\n"));
    }
    status
}
