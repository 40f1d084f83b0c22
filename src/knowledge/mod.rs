//! What is known before any device is looked at: the registry of facts, the catalogue of causes with
//! its rules, the guided tree, findings, how to get better logs.
//!
//! `assets/` comes in (embedded in the binary, overridable by a user's folder of the same layout);
//! typed tables go out, with [`Knowledge::check`] to prove that they hang together. This room must
//! not know sessions, logs or the window.

mod cause;
mod check;
mod check_experiments;
mod check_tree;
pub mod codes;
mod commands;
mod experiment;
mod finding;
mod letter;
mod load;
mod predicate;
mod registry;
mod scoring;
mod tree;
mod usual;

pub use cause::{CauseDef, Commonness, ExcludeDef, RuleDef, RuleLevel, SeparationDef};
pub use commands::{CommandDef, CommandSet, PartDef};
pub use experiment::ExperimentDef;
pub use finding::{BetterLogDef, FindingDef};
pub use letter::LetterDef;
pub use load::AssetProblem;
pub use predicate::{Literal, Predicate, Test, Truth};
pub use registry::{FactDef, FactType, Registry};
pub use scoring::Scoring;
pub use tree::{NodeDef, OptionDef};
pub use usual::UsualDef;

use crate::evidence::Fact;

/// All tables.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Registry of facts.
    pub facts: Registry,
    /// Causes by number.
    pub causes: Vec<CauseDef>,
    /// What separates causes that look alike.
    pub separations: Vec<SeparationDef>,
    /// Questions, in the order of the file; the first is the root.
    pub tree: Vec<NodeDef>,
    /// Findings.
    pub findings: Vec<FindingDef>,
    /// Letters to the owner of the other side.
    pub letters: Vec<LetterDef>,
    /// How to get better logs.
    pub better_logs: Vec<BetterLogDef>,
    /// One-factor experiments.
    pub experiments: Vec<ExperimentDef>,
    /// What is usual where nothing names a cause, most special first.
    pub usual: Vec<UsualDef>,
    /// Commands to send to devices, by set.
    pub commands: Vec<CommandSet>,
    /// Numbers that weigh evidence.
    pub scoring: Scoring,
    /// What could not be read, one sentence each. The rest is in use.
    pub problems: Vec<AssetProblem>,
}

impl Knowledge {
    /// The cause of this id.
    #[must_use]
    pub fn cause(&self, id: &str) -> Option<&CauseDef> {
        self.causes.iter().find(|c| c.id == id)
    }

    /// The question of this spoken number.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&NodeDef> {
        self.tree.iter().find(|n| n.id == id)
    }

    /// Reads `NAME=VALUE` as a person types it; see [`Registry::parse_stated`].
    ///
    /// # Errors
    /// One sentence that says what is wrong and what would be right.
    pub fn parse_stated(&self, text: &str) -> Result<Fact, String> {
        self.facts.parse_stated(text)
    }
}
