//! What each kind of change means: the table `assets/certificate-changes.toml`.
//!
//! In: embedded TOML. Out: weight, words and source by the id of a change. Must not compare.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Weight;

const TABLE: &str = include_str!("../../../assets/certificate-changes.toml");

/// An entry of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub id: String,
    pub what: String,
    pub weight: Weight,
    pub why: String,
    pub source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, rename = "change")]
    changes: Vec<Text>,
}

/// The entry of this id; a test holds that every id has one.
pub(super) fn text(id: &str) -> Option<&'static Text> {
    static TABLE_READ: OnceLock<Table> = OnceLock::new();
    TABLE_READ
        .get_or_init(|| toml::from_str(TABLE).unwrap_or_default())
        .changes
        .iter()
        .find(|t| t.id == id)
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
        let table: Table = toml::from_str(TABLE).unwrap_or_default();
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
