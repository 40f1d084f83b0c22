//! Reading of the assets: the embedded ones, then a user's folder of the same layout on top.
//!
//! An entry of the user's folder replaces the one of the same name, id or number; a file that
//! cannot be read is reported with its line, and everything else stays in use.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{
    BetterLogDef, CauseDef, CommandSet, ExperimentDef, FactDef, FindingDef, Knowledge, LetterDef,
    NodeDef, Scoring, SeparationDef, UsualDef,
};

/// The assets in the binary: path below `assets/`, text.
const EMBEDDED: &[(&str, &str)] = &[
    ("facts.toml", include_str!("../../assets/facts.toml")),
    ("scoring.toml", include_str!("../../assets/scoring.toml")),
    (
        "causes/cert.toml",
        include_str!("../../assets/causes/cert.toml"),
    ),
    (
        "causes/client_auth.toml",
        include_str!("../../assets/causes/client_auth.toml"),
    ),
    (
        "causes/device.toml",
        include_str!("../../assets/causes/device.toml"),
    ),
    (
        "causes/net.toml",
        include_str!("../../assets/causes/net.toml"),
    ),
    (
        "causes/server.toml",
        include_str!("../../assets/causes/server.toml"),
    ),
    (
        "causes/tls.toml",
        include_str!("../../assets/causes/tls.toml"),
    ),
    (
        "causes/separations.toml",
        include_str!("../../assets/causes/separations.toml"),
    ),
    ("tree.toml", include_str!("../../assets/tree.toml")),
    ("findings.toml", include_str!("../../assets/findings.toml")),
    ("letters.toml", include_str!("../../assets/letters.toml")),
    (
        "better-log.toml",
        include_str!("../../assets/better-log.toml"),
    ),
    (
        "experiments.toml",
        include_str!("../../assets/experiments.toml"),
    ),
    ("usual.toml", include_str!("../../assets/usual.toml")),
    (
        "commands/at-common.toml",
        include_str!("../../assets/commands/at-common.toml"),
    ),
    (
        "commands/quectel.toml",
        include_str!("../../assets/commands/quectel.toml"),
    ),
    (
        "commands/simcom-70x0.toml",
        include_str!("../../assets/commands/simcom-70x0.toml"),
    ),
    (
        "commands/simcom-a76xx.toml",
        include_str!("../../assets/commands/simcom-a76xx.toml"),
    ),
    (
        "commands/ublox.toml",
        include_str!("../../assets/commands/ublox.toml"),
    ),
    (
        "commands/nrf91.toml",
        include_str!("../../assets/commands/nrf91.toml"),
    ),
    (
        "commands/telit.toml",
        include_str!("../../assets/commands/telit.toml"),
    ),
    (
        "commands/sequans.toml",
        include_str!("../../assets/commands/sequans.toml"),
    ),
    (
        "commands/esp-at.toml",
        include_str!("../../assets/commands/esp-at.toml"),
    ),
    (
        "commands/xbee.toml",
        include_str!("../../assets/commands/xbee.toml"),
    ),
    (
        "commands/spwf04.toml",
        include_str!("../../assets/commands/spwf04.toml"),
    ),
    (
        "commands/spwf01.toml",
        include_str!("../../assets/commands/spwf01.toml"),
    ),
];

/// An asset file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetProblem {
    /// File below the folder of assets.
    pub file: String,
    /// Line, counted from 1, where known.
    pub line: Option<usize>,
    /// One sentence: what is wrong and what stays in use.
    pub sentence: String,
    /// The reader's own message.
    pub details: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactsFile {
    #[serde(default)]
    fact: Vec<FactDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CausesFile {
    #[serde(default)]
    cause: Vec<CauseDef>,
    #[serde(default)]
    separation: Vec<SeparationDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeFile {
    #[serde(default)]
    question: Vec<NodeDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingsFile {
    #[serde(default)]
    finding: Vec<FindingDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LettersFile {
    #[serde(default)]
    letter: Vec<LetterDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BetterLogFile {
    #[serde(default)]
    better_log: Vec<BetterLogDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExperimentsFile {
    #[serde(default)]
    experiment: Vec<ExperimentDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsualFile {
    #[serde(default)]
    usual: Vec<UsualDef>,
}

impl Knowledge {
    /// The assets as shipped.
    #[must_use]
    pub fn embedded() -> Self {
        let mut knowledge = Self::default();
        for (file, text) in EMBEDDED {
            knowledge.take(file, text);
        }
        knowledge.causes.sort_by_key(|c| c.number);
        knowledge
    }

    /// The assets as shipped with those of `folder` on top. A folder that does not exist changes
    /// nothing; what cannot be read is in [`Knowledge::problems`].
    #[must_use]
    pub fn with_folder(folder: &Path) -> Self {
        let mut knowledge = Self::embedded();
        let mut files: Vec<(String, PathBuf)> = [
            "facts.toml",
            "scoring.toml",
            "tree.toml",
            "findings.toml",
            "letters.toml",
            "better-log.toml",
            "experiments.toml",
            "usual.toml",
        ]
        .iter()
        .map(|name| ((*name).to_owned(), folder.join(name)))
        .filter(|(_, path)| path.exists())
        .collect();
        files.extend(tables_in(folder, "causes"));
        files.extend(tables_in(folder, "commands"));
        for (name, path) in files {
            match fs::read_to_string(&path) {
                Ok(text) => knowledge.take(&name, &text),
                Err(error) => knowledge.problems.push(AssetProblem {
                    sentence: format!(
                        "{} cannot be read. The built-in table stays in use.",
                        path.display()
                    ),
                    file: name,
                    line: None,
                    details: error.to_string(),
                }),
            }
        }
        knowledge.causes.sort_by_key(|c| c.number);
        knowledge
    }

    /// Takes over one file of the layout of `assets/`.
    fn take(&mut self, file: &str, text: &str) {
        match file {
            "facts.toml" => {
                for def in self
                    .parse::<FactsFile>(file, text)
                    .map(|f| f.fact)
                    .unwrap_or_default()
                {
                    self.facts.insert(def);
                }
            }
            "scoring.toml" => {
                if let Some(scoring) = self.parse::<Scoring>(file, text) {
                    self.scoring = scoring;
                }
            }
            "tree.toml" => {
                for def in self
                    .parse::<TreeFile>(file, text)
                    .map(|f| f.question)
                    .unwrap_or_default()
                {
                    replace(&mut self.tree, def, |a, b| a.id == b.id);
                }
            }
            "findings.toml" => {
                for def in self
                    .parse::<FindingsFile>(file, text)
                    .map(|f| f.finding)
                    .unwrap_or_default()
                {
                    replace(&mut self.findings, def, |a, b| a.id == b.id);
                }
            }
            "letters.toml" => {
                for def in self
                    .parse::<LettersFile>(file, text)
                    .map(|f| f.letter)
                    .unwrap_or_default()
                {
                    replace(&mut self.letters, def, |a, b| a.cause == b.cause);
                }
            }
            "better-log.toml" => {
                for def in self
                    .parse::<BetterLogFile>(file, text)
                    .map(|f| f.better_log)
                    .unwrap_or_default()
                {
                    replace(&mut self.better_logs, def, |a, b| {
                        a.stack == b.stack && a.when == b.when
                    });
                }
            }
            "experiments.toml" => {
                for def in self
                    .parse::<ExperimentsFile>(file, text)
                    .map(|f| f.experiment)
                    .unwrap_or_default()
                {
                    replace(&mut self.experiments, def, |a, b| a.id == b.id);
                }
            }
            // The order decides, so a user's table replaces the built-in one as a whole.
            "usual.toml" => {
                if let Some(found) = self.parse::<UsualFile>(file, text) {
                    self.usual = found.usual;
                }
            }
            _ if file.starts_with("commands/") => {
                if let Some(set) = self.parse::<CommandSet>(file, text) {
                    replace(&mut self.commands, set, |a, b| a.id == b.id);
                }
            }
            _ => {
                if let Some(found) = self.parse::<CausesFile>(file, text) {
                    for def in found.cause {
                        replace(&mut self.causes, def, |a, b| a.id == b.id);
                    }
                    for def in found.separation {
                        replace(&mut self.separations, def, |a, b| {
                            a.between == b.between && a.fact == b.fact
                        });
                    }
                }
            }
        }
    }

    fn parse<T: DeserializeOwned>(&mut self, file: &str, text: &str) -> Option<T> {
        match toml::from_str::<T>(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let line = error
                    .span()
                    .map(|span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
                let place = line.map_or_else(|| file.to_owned(), |n| format!("{file}, line {n}"));
                self.problems.push(AssetProblem {
                    file: file.to_owned(),
                    line,
                    sentence: format!(
                        "{place}: {}. This file is left out; all other tables are in use.",
                        error.message().trim_end_matches('.')
                    ),
                    details: error.to_string(),
                });
                None
            }
        }
    }
}

/// The tables of a folder of the user's, by name.
fn tables_in(folder: &Path, below: &str) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder.join(below)) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == "toml"))
        .map(|p| {
            let name = p
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (format!("{below}/{name}"), p)
        })
        .collect();
    found.sort();
    found
}

fn replace<T>(list: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter_mut().find(|old| same(old, &new)) {
        Some(old) => *old = new,
        None => list.push(new),
    }
}
