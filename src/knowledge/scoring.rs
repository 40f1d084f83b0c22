//! The few numbers that weigh evidence (`assets/scoring.toml`).

use serde::Deserialize;

use super::{Commonness, RuleLevel};

/// All numbers of the engine; log-odds unless said otherwise. They stand in `assets/scoring.toml`
/// only: the default is all zero and ranks nothing apart.
#[derive(Clone, Debug, Default, Deserialize)]
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
    /// First of what is usual where nothing names a cause.
    pub usual: f64,
    /// Each further one of them weighs so much less (negative).
    pub usual_next: f64,
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
