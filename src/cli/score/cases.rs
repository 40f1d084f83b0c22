//! Figures over real cases: strict and lenient places, blind and with what the reporter states.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{judge, ranked};
use crate::evidence::Micros;
use crate::knowledge::Knowledge;
use crate::session::figures::parse_rfc3339;

/// A case with its label.
pub(super) struct Labelled {
    name: String,
    label: Label,
    files: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Label {
    cause: String,
    /// TLS was not at fault: any cause that is named is a false alarm.
    #[serde(default)]
    success: bool,
    #[serde(default)]
    also_accept: Vec<String>,
    #[serde(default)]
    determinable: String,
    #[serde(default)]
    given: Vec<String>,
    #[serde(default)]
    date: String,
    #[serde(default)]
    stack: String,
}

/// Figures of both groups.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct CasesScore {
    /// The files alone suffice.
    yes: Figures,
    /// They narrow it down.
    partly: Figures,
    /// Cases in which TLS was not at fault.
    successes: u32,
    /// Those among them for which a cause was named.
    false_alarms: u32,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Figures {
    n: u32,
    top1: u32,
    top3: u32,
    lenient1: u32,
    lenient3: u32,
    answered: u32,
    errors: u32,
    sure: u32,
    sure_right: u32,
    brier: f64,
}

pub(super) fn read(folder: &Path) -> Result<Labelled, String> {
    let path = folder.join("case.toml");
    let told = |e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|e| told(&e))?;
    let label = toml::from_str(&text).map_err(|e| told(&e))?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| told(&e))?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.is_file() && p.file_name().is_some_and(|n| n != "case.toml"))
        .collect();
    files.sort();
    Ok(Labelled {
        name: folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        label,
        files,
    })
}

impl Labelled {
    pub(super) fn for_noise(&self) -> super::noise::Labelled {
        let mut right = vec![self.label.cause.clone()];
        right.extend(self.label.also_accept.iter().cloned());
        super::noise::Labelled {
            name: self.name.clone(),
            files: self.files.clone(),
            at: moment(&self.label.date),
            right,
        }
    }

    pub(super) fn answers_to(&self, only: &str) -> bool {
        self.name.to_ascii_lowercase().contains(only)
            || self.label.stack.to_ascii_lowercase().contains(only)
    }
}

/// A date of a label (`2019`, `2019-05`, `2019-05-02`) as a moment: noon, the 15th, July.
fn moment(date: &str) -> Option<Micros> {
    let mut parts = date.splitn(3, '-');
    let year = parts.next().filter(|y| y.len() == 4)?;
    let two = |part: Option<&str>, default: &'static str| {
        part.and_then(|p| p.get(..2))
            .filter(|p| p.bytes().all(|b| b.is_ascii_digit()))
            .map_or(default.to_owned(), ToOwned::to_owned)
    };
    let month = two(parts.next(), "07");
    let day = two(parts.next(), "15");
    parse_rfc3339(&format!("{year}-{month}-{day}T12:00:00Z"))
}

/// Scores all cases; `given`: with the facts that the reporter states.
pub(super) fn score(
    knowledge: &Arc<Knowledge>,
    cases: &[Labelled],
    given: bool,
    tell: &mut dyn FnMut(String),
) -> CasesScore {
    let mut total = CasesScore::default();
    for case in cases {
        let facts: &[String] = if given { &case.label.given } else { &[] };
        let judged = judge(
            knowledge,
            &case.files,
            facts,
            None,
            moment(&case.label.date),
        );
        let figures = if case.label.success {
            total.successes += 1;
            None
        } else if case.label.determinable == "yes" {
            Some(&mut total.yes)
        } else {
            Some(&mut total.partly)
        };
        match judged {
            Ok((snapshot, _)) => {
                let got = ranked(&snapshot);
                if let Some(figures) = figures {
                    figures.add(&case.label, &got);
                } else {
                    let stated = |id: &str| case.label.also_accept.iter().any(|a| a == id);
                    let alarm = got.first().is_some_and(|(id, _)| !stated(id));
                    total.false_alarms += u32::from(alarm);
                }
                let shown: Vec<String> = got
                    .iter()
                    .take(3)
                    .map(|(id, s)| format!("{id} {s:.2}"))
                    .collect();
                tell(format!(
                    "{}: want {} got {}",
                    case.name,
                    case.label.cause,
                    shown.join(", ")
                ));
            }
            Err(why) => {
                if let Some(figures) = figures {
                    figures.n += 1;
                    figures.errors += 1;
                }
                tell(format!("{}: ERROR {why}", case.name));
            }
        }
    }
    total
}

impl Figures {
    fn add(&mut self, label: &Label, got: &[(String, f64)]) {
        let good = |id: &str| id == label.cause || label.also_accept.iter().any(|a| a == id);
        let first = got.first();
        self.n += 1;
        self.answered += u32::from(first.is_some());
        self.top1 += u32::from(first.is_some_and(|(id, _)| *id == label.cause));
        self.top3 += u32::from(got.iter().take(3).any(|(id, _)| *id == label.cause));
        self.lenient1 += u32::from(first.is_some_and(|(id, _)| good(id)));
        self.lenient3 += u32::from(got.iter().take(3).any(|(id, _)| good(id)));
        let p: f64 = got.iter().filter(|(id, _)| good(id)).map(|(_, s)| s).sum();
        self.brier += (1.0 - p.min(1.0)).powi(2);
        if let Some((id, _)) = first.filter(|(_, s)| *s >= 0.8) {
            self.sure += 1;
            self.sure_right += u32::from(good(id));
        }
    }

    fn line(&self, name: &str) -> String {
        let n = f64::from(self.n.max(1));
        let share = |k: u32| format!("{:.0}%", f64::from(k) / n * 100.0);
        format!(
            "{name}: n={} top1={} top3={} lenient1={} lenient3={} ({}/{}/{}/{}) answered={} errors={} sure>=0.8 {}/{} brier={:.2}",
            self.n,
            self.top1,
            self.top3,
            self.lenient1,
            self.lenient3,
            share(self.top1),
            share(self.top3),
            share(self.lenient1),
            share(self.lenient3),
            self.answered,
            self.errors,
            self.sure_right,
            self.sure,
            self.brier / n
        )
    }
}

impl CasesScore {
    pub(super) fn line(&self) -> String {
        let mut line = format!("{} | {}", self.yes.line("yes"), self.partly.line("partly"));
        if self.successes > 0 {
            let _ = write!(
                line,
                " | successes={} false alarms={}",
                self.successes, self.false_alarms
            );
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_any_length_become_moments() {
        for (date, full) in [
            ("2019", "2019-07-15T12:00:00Z"),
            ("2019-05", "2019-05-15T12:00:00Z"),
            ("2020-06-17", "2020-06-17T12:00:00Z"),
        ] {
            assert_eq!(moment(date), parse_rfc3339(full));
        }
        assert_eq!(moment(""), None);
    }

    #[test]
    fn figures_count_strict_and_lenient_places() {
        let label = Label {
            cause: "a".into(),
            success: false,
            also_accept: vec!["b".into()],
            determinable: "yes".into(),
            given: Vec::new(),
            date: String::new(),
            stack: String::new(),
        };
        let mut figures = Figures::default();
        figures.add(
            &label,
            &[("b".into(), 0.9), ("c".into(), 0.05), ("a".into(), 0.05)],
        );
        figures.add(&label, &[]);
        assert_eq!(
            (
                figures.top1,
                figures.top3,
                figures.lenient1,
                figures.lenient3
            ),
            (0, 1, 1, 1)
        );
        assert_eq!(
            (figures.answered, figures.sure, figures.sure_right),
            (1, 1, 1)
        );
        assert!((figures.brier - (0.05_f64.powi(2) + 1.0)).abs() < 1e-9);
    }
}
