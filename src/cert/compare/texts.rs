//! What each kind of change means: the table `assets/certificate-changes.toml`.
//!
//! In: embedded TOML. Out: weight, words and source by the id of a change. Must not compare.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{Change, Weight};

const TABLE: &str = include_str!("../../../assets/certificate-changes.toml");

/// An entry of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cert) struct Text {
    pub id: String,
    pub what: String,
    pub weight: Weight,
    pub why: String,
    pub source: String,
}

/// All entries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cert) struct ChangeTexts {
    #[serde(default, rename = "change")]
    changes: Vec<Text>,
}

impl ChangeTexts {
    /// The texts of the program.
    pub(in crate::cert) fn embedded() -> &'static Self {
        static TABLE_READ: OnceLock<ChangeTexts> = OnceLock::new();
        TABLE_READ.get_or_init(|| toml::from_str(TABLE).unwrap_or_default())
    }

    fn get(&self, id: &str) -> Option<&Text> {
        self.changes.iter().find(|t| t.id == id)
    }

    /// Takes entries from the text of a `certificate-changes.toml` in place of those of the same id, and
    /// says what is wrong with it.
    pub(in crate::cert) fn take(&mut self, text: &str) -> Vec<String> {
        let own: Self = match toml::from_str(text) {
            Ok(own) => own,
            Err(e) => {
                return vec![format!(
                    "certificate-changes.toml cannot be read: {}",
                    e.message()
                )];
            }
        };
        let mut problems = Vec::new();
        for entry in own.changes {
            match self.changes.iter_mut().find(|t| t.id == entry.id) {
                Some(known) => *known = entry,
                None => problems.push(format!("No change has the id {}.", entry.id)),
            }
        }
        problems
    }

    /// Weight, meaning and source of a change as these texts have them. What changed keeps its words:
    /// they name the very field.
    pub(in crate::cert) fn reword(&self, change: &mut Change) {
        if let Some(text) = self.get(change.id) {
            change.weight = text.weight;
            change.why = text.why_of(&change.old, &change.new);
            change.source.clone_from(&text.source);
        }
    }
}

impl Text {
    /// What it means, with the two values.
    pub(super) fn why_of(&self, old: &str, new: &str) -> String {
        self.why.replace("{old}", old).replace("{new}", new)
    }
}

/// The entry of this id; a test holds that every id has one.
pub(super) fn text(id: &str) -> Option<&'static Text> {
    ChangeTexts::embedded().get(id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Ids that the code names: the first argument of every call of `change`.
    fn named() -> BTreeSet<String> {
        let sources = [
            include_str!("certificate.rs"),
            include_str!("whole.rs"),
            include_str!("names.rs"),
        ];
        let mut out = BTreeSet::new();
        for source in sources {
            for rest in source.split("change(").skip(1) {
                if let Some(rest) = rest.trim_start().strip_prefix('"') {
                    let id = rest.split('"').next().unwrap_or_default();
                    out.insert(id.to_owned());
                }
            }
        }
        out
    }

    #[test]
    fn every_change_has_words_and_a_source_and_every_entry_is_used() {
        let table: ChangeTexts = toml::from_str(TABLE).unwrap_or_default();
        let known: BTreeSet<String> = table.changes.iter().map(|t| t.id.clone()).collect();
        assert_eq!(known.len(), table.changes.len(), "an id is there twice");
        assert_eq!(named(), known);
        for entry in &table.changes {
            assert!(entry.why.ends_with('.'), "{}", entry.id);
            assert!(!entry.source.trim().is_empty(), "{}", entry.id);
            assert!(!entry.what.is_empty(), "{}", entry.id);
        }
    }
}
