//! The catalogue of causes as it stands in `assets/causes/*.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Predicate;

/// Level of a rule as written in the assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// Names the cause.
    Decisive,
    /// Fits it and little else.
    Strong,
    /// Fits it.
    Weak,
    /// Speaks against it.
    Against,
}

/// How often a cause is met in the field, given that it can act at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commonness {
    /// Among the first things to think of.
    VeryCommon,
    /// Met often.
    Common,
    /// Met now and then.
    Uncommon,
    /// Seldom met.
    Rare,
}

/// One rule of evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDef {
    /// When it speaks.
    pub when: Predicate,
    /// How strongly.
    pub level: RuleLevel,
    /// The event it looks at: of each group only the strongest vote counts for one cause.
    pub group: String,
    /// Sentence for people; `{fact}` stands for the value of a fact, and a part in `[…]` is left out
    /// unless all its facts have a value.
    pub says: String,
    /// Where the rule comes from; the cause's source where empty.
    #[serde(default)]
    pub source: String,
}

/// A fact that makes the cause impossible.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludeDef {
    /// When.
    pub when: Predicate,
    /// Sentence for people, with `{fact}`.
    pub says: String,
    /// Where the rule comes from; the cause's source where empty.
    #[serde(default)]
    pub source: String,
}

/// One cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseDef {
    /// Id, such as `net.rx_buffer_too_small`.
    pub id: String,
    /// Its number; spoken as `C6`. Never reused.
    pub number: u16,
    /// Title in a few words.
    pub title: String,
    /// What happens when this is the cause.
    pub explanation: String,
    /// How to confirm it.
    pub next_check: String,
    /// The same for one stack family, where it has its own way.
    #[serde(default)]
    pub next_check_for: BTreeMap<String, String>,
    /// How to mend it.
    pub fix: String,
    /// Where this is known from.
    pub source: String,
    /// Phases in which it can act (words of the fact `phase`).
    pub phases: Vec<String>,
    /// Phases in which it can act but seldom does.
    #[serde(default)]
    pub rare_phases: Vec<String>,
    /// Ways in which it can end the handshake (words of `ended_by`); empty = any.
    #[serde(default)]
    pub endings: Vec<String>,
    /// How often it is met.
    pub commonness: Commonness,
    /// The same with one stack family.
    #[serde(default)]
    pub commonness_for: BTreeMap<String, Commonness>,
    /// Causes that are only its symptoms once this one is proved.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Evidence for and against.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleDef>,
    /// What rules it out.
    #[serde(default, rename = "exclude")]
    pub excludes: Vec<ExcludeDef>,
}

impl CauseDef {
    /// The spoken number, such as `C6`.
    #[must_use]
    pub fn spoken(&self) -> String {
        format!("C{}", self.number)
    }
}

/// Two causes that one decisive value fits alike, and the fact that tells them apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeparationDef {
    /// The causes, two or more.
    pub between: Vec<String>,
    /// Fact that separates them.
    pub fact: String,
    /// What to check, one or two sentences.
    pub check: String,
    /// Where this is known from.
    pub source: String,
}
