//! The rules as data, each tied to its check.
//!
//! In: `assets/lints.toml`. Out: [`LintList`]. A rule without a check or a check without a rule is a
//! problem that `check-assets` tells.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{CHECKS, Check, Lint, check_of};
use crate::cert::certificate::Certificate;
use crate::cert::problem::Severity;
use crate::cert::view::View;

const EMBEDDED: &str = include_str!("../../../assets/lints.toml");

/// A body of rules that the strict path engine can go by.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// RFC 5280 alone.
    #[default]
    Rfc5280,
    /// RFC 5280 as the baseline requirements of the CA/Browser Forum narrow it.
    WebPki,
}

impl Profile {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc5280 => "rfc5280",
            Self::WebPki => "webpki",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Rfc5280 => "RFC 5280",
            Self::WebPki => "CA/Browser Forum",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Note,
    Warning,
    Error,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    severity: Level,
    says: String,
    why: String,
    source: String,
    #[serde(default)]
    refuses: Vec<Profile>,
    #[serde(default)]
    spares_trusted: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    lint: Vec<Rule>,
}

/// All rules.
#[derive(Clone, Debug, Default)]
pub struct LintList {
    rules: Vec<(Rule, Check)>,
    /// What is wrong with the table itself, one sentence each.
    pub problems: Vec<String>,
}

impl LintList {
    /// The rules of the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static LIST: OnceLock<LintList> = OnceLock::new();
        LIST.get_or_init(|| Self::from_toml(EMBEDDED))
    }

    /// Rules from the text of a `lints.toml`.
    #[must_use]
    pub fn from_toml(text: &str) -> Self {
        let mut list = Self::default();
        let rules = match toml::from_str::<RulesFile>(text) {
            Ok(file) => file.lint,
            Err(error) => {
                list.problems
                    .push(format!("lints.toml cannot be read: {}", error.message()));
                return list;
            }
        };
        for rule in rules {
            if list.rules.iter().any(|(other, _)| other.id == rule.id) {
                list.problems
                    .push(format!("The rule {} is there twice.", rule.id));
                continue;
            }
            if let Some(check) = rule.checked(&mut list.problems) {
                list.rules.push((rule, check));
            }
        }
        for (id, _) in CHECKS.iter().flat_map(|group| group.iter()) {
            if !list.rules.iter().any(|(rule, _)| rule.id == *id) {
                list.problems.push(format!("The check {id} has no rule."));
            }
        }
        list
    }

    /// Takes rules from the text of a `lints.toml` in place of those of the same id, and says what is
    /// wrong with it. A rule without a check is no rule: own ones can only say or weigh it differently.
    pub(in crate::cert) fn take(&mut self, text: &str) -> Vec<String> {
        let own = match toml::from_str::<RulesFile>(text) {
            Ok(file) => file.lint,
            Err(error) => return vec![format!("lints.toml cannot be read: {}", error.message())],
        };
        let mut problems = Vec::new();
        for rule in own {
            if rule.checked(&mut problems).is_some()
                && let Some((known, _)) = self.rules.iter_mut().find(|(r, _)| r.id == rule.id)
            {
                *known = rule;
            }
        }
        problems
    }

    /// Number of rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// No rules at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Ids of all rules, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|(rule, _)| rule.id.as_str())
    }

    /// The rules that `certificate` breaks.
    #[must_use]
    pub fn of(&self, certificate: &Certificate) -> Vec<Lint<'_>> {
        let view = View::of(certificate);
        self.rules
            .iter()
            .filter_map(|(rule, check)| rule.broken(*check, &view))
            .collect()
    }

    /// The first rule broken for which `profile` refuses a path through `certificate`, which is
    /// `trusted` or not.
    #[must_use]
    pub fn refusal(
        &self,
        certificate: &Certificate,
        profile: Profile,
        trusted: bool,
    ) -> Option<Lint<'_>> {
        let view = View::of(certificate);
        self.rules
            .iter()
            .filter(|(rule, _)| {
                rule.refuses.contains(&profile) && !(trusted && rule.spares_trusted)
            })
            .find_map(|(rule, check)| rule.broken(*check, &view))
    }
}

impl Rule {
    /// Its check; tells what the rule lacks.
    fn checked(&self, problems: &mut Vec<String>) -> Option<Check> {
        let fields = [
            ("says", &self.says),
            ("why", &self.why),
            ("source", &self.source),
        ];
        let empty = fields.iter().filter(|(_, text)| text.trim().is_empty());
        problems.extend(empty.map(|(field, _)| format!("The rule {} has no {field}.", self.id)));
        let check = check_of(&self.id);
        if check.is_none() {
            problems.push(format!("The rule {} has no check.", self.id));
        }
        check
    }

    fn broken(&self, check: Check, view: &View<'_>) -> Option<Lint<'_>> {
        let hit = check(view)?;
        Some(Lint {
            id: &self.id,
            severity: match self.severity {
                Level::Note => Severity::Note,
                Level::Warning => Severity::Warning,
                Level::Error => Severity::Error,
            },
            sentence: filled(&self.says, &hit.words),
            why: &self.why,
            source: &self.source,
            refuses: &self.refuses,
            der_offset: hit.der_offset,
        })
    }
}

fn filled(says: &str, words: &[(&'static str, String)]) -> String {
    words.iter().fold(says.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_check_and_every_check_its_rule() {
        let list = LintList::embedded();
        assert_eq!(list.problems, Vec::<String>::new());
        assert!(list.len() > 100, "{}", list.len());
    }

    #[test]
    fn a_bad_table_is_told() {
        let list = LintList::from_toml(
            "[[lint]]\nid = \"cert.no_such\"\nseverity = \"note\"\nsays = \"x\"\nwhy = \"x\"\nsource = \"\"\n",
        );
        assert!(list.problems.iter().any(|p| p.contains("no check")));
        assert!(list.problems.iter().any(|p| p.contains("no source")));
        assert!(!LintList::from_toml("[[lint]]\nid = 1").problems.is_empty());
    }
}
