//! Rules that one certificate is held against: which are broken, with figures and source.
//!
//! In: a certificate. Out: [`Lint`]s in the order of `assets/lints.toml`, where the rules stand; the
//! checks of this folder only say whether a rule is broken and by which figures. Must not know
//! chains, hosts, clocks or devices.

mod alt_names;
mod basics;
mod constraints;
mod extensions;
mod keys;
mod list;
mod names;

pub use list::{LintList, Profile};

use super::certificate::Certificate;
use super::problem::Severity;
use super::view::View;

/// A rule that a certificate breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint<'a> {
    /// Id of the rule, stable.
    pub id: &'a str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, with the figures.
    pub sentence: String,
    /// What it means for a device.
    pub why: &'a str,
    /// Where the rule stands.
    pub source: &'a str,
    /// Profiles of the strict path engine that refuse the certificate for it.
    pub refuses: &'a [Profile],
    /// Where in the DER, in bytes, if at one place.
    pub der_offset: Option<usize>,
}

/// The rules of the program that `certificate` breaks.
#[must_use]
pub fn lints(certificate: &Certificate) -> Vec<Lint<'static>> {
    LintList::embedded().of(certificate)
}

/// What a check found: the words for the braces of the sentence, and the place.
#[derive(Debug, Default)]
struct Hit {
    words: Vec<(&'static str, String)>,
    der_offset: Option<usize>,
}

impl Hit {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.words.push((name, value.into()));
        self
    }

    fn at(mut self, offset: usize) -> Self {
        self.der_offset = Some(offset);
        self
    }
}

/// A hit when `broken`.
fn when(broken: bool) -> Option<Hit> {
    broken.then(Hit::default)
}

type Check = fn(&View<'_>) -> Option<Hit>;

/// Every check by the id of its rule.
const CHECKS: &[&[(&str, Check)]] = &[
    basics::CHECKS,
    names::CHECKS,
    alt_names::CHECKS,
    keys::CHECKS,
    extensions::CHECKS,
    constraints::CHECKS,
];

fn check_of(id: &str) -> Option<Check> {
    CHECKS
        .iter()
        .flat_map(|group| group.iter())
        .find(|(name, _)| *name == id)
        .map(|(_, check)| *check)
}
