//! One-factor experiments as they stand in `assets/experiments.toml`.

use serde::Deserialize;

use super::Predicate;

/// One thing that a technician can change while all else stays.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentDef {
    /// Id, such as `link`: small letters and underscores.
    pub id: String,
    /// A few words.
    pub short: String,
    /// What to change, exact.
    pub change: String,
    /// What must stay as it is.
    pub keep: String,
    /// Rough cost on the bench, minutes, 1 to 480.
    pub minutes: u32,
    /// Fact (yes or no, one that a person may state) that the outcome gives.
    pub fact: String,
    /// Its value when the changed run works; missing: that tells nothing for sure.
    #[serde(default)]
    pub works: Option<bool>,
    /// Its value when the changed run fails as before; missing: that tells nothing for sure.
    #[serde(default)]
    pub same: Option<bool>,
    /// What it means that the changed run works.
    pub says_works: String,
    /// What it means that the changed run fails as before.
    pub says_same: String,
    /// When it makes sense; always where missing.
    #[serde(default)]
    pub when: Option<Predicate>,
    /// Where the method is known from.
    pub source: String,
}
