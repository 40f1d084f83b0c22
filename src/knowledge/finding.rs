//! Findings and better logs as they stand in `assets/findings.toml` and `assets/better-log.toml`.

use serde::Deserialize;

use super::Predicate;

/// A true statement worth showing that is not a cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingDef {
    /// Id, such as `alerts.same_fault`.
    pub id: String,
    /// When it is shown.
    pub when: Predicate,
    /// Sentence for people, with `{fact}`.
    pub says: String,
    /// Where it is known from.
    pub source: String,
}

/// How to get a better log from one stack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BetterLogDef {
    /// Family of the stack (`stack.family`), or `any`.
    pub stack: String,
    /// Name to show.
    pub title: String,
    /// What to do, exact.
    pub says: String,
    /// Where it is known from.
    pub source: String,
    /// When it is worth saying, on top of the family; always where missing.
    #[serde(default)]
    pub when: Option<Predicate>,
}
