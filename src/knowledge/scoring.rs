//! The few numbers that weigh evidence (`assets/scoring.toml`).

use serde::Deserialize;

use super::{Commonness, RuleLevel};

/// All numbers of the engine; log-odds unless said otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// A decisive rule.
    pub decisive: f64,
    /// A strong rule.
    pub strong: f64,
    /// A weak rule.
    pub weak: f64,
    /// A rule against (negative).
    pub against: f64,
    /// A cause among the first to think of.
    pub very_common: f64,
    /// A cause met often.
    pub common: f64,
    /// A cause met now and then.
    pub uncommon: f64,
    /// A cause seldom met.
    pub rare: f64,
    /// The cause can act in this phase, but seldom does (negative).
    pub rare_phase: f64,
    /// A proved root explains this symptom (negative).
    pub explained: f64,
    /// Weight of "none of these".
    pub other: f64,
    /// Divides the sums before they become shares; above 1 = more modest.
    pub temperature: f64,
    /// Smallest share (0 to 1) that is listed.
    pub list_from: f64,
    /// Where the numbers come from.
    pub source: String,
}

impl Scoring {
    /// Value of one rule level.
    #[must_use]
    pub fn level(&self, level: RuleLevel) -> f64 {
        match level {
            RuleLevel::Decisive => self.decisive,
            RuleLevel::Strong => self.strong,
            RuleLevel::Weak => self.weak,
            RuleLevel::Against => self.against,
        }
    }

    /// Value of a commonness.
    #[must_use]
    pub fn prior(&self, commonness: Commonness) -> f64 {
        match commonness {
            Commonness::VeryCommon => self.very_common,
            Commonness::Common => self.common,
            Commonness::Uncommon => self.uncommon,
            Commonness::Rare => self.rare,
        }
    }
}

impl Default for Scoring {
    /// The numbers of `assets/scoring.toml` as shipped, for the case that the file is unreadable.
    fn default() -> Self {
        Self {
            decisive: 5.0,
            strong: 2.5,
            weak: 1.0,
            against: -2.0,
            very_common: 1.0,
            common: 0.5,
            uncommon: 0.0,
            rare: -1.0,
            rare_phase: -1.0,
            explained: -3.0,
            other: 1.0,
            temperature: 1.3,
            list_from: 0.05,
            source: String::new(),
        }
    }
}
