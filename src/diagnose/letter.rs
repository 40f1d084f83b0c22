//! The letter for the leading cause, filled with the facts.
//!
//! In: knowledge, facts, the judgement so far. Out: a [`Letter`]. Who sends it, what was read and when
//! is the report's to add.

use super::sentence;
use super::{Eliminated, RankedCause};
use crate::evidence::FactSet;
use crate::knowledge::Knowledge;

/// A letter to whoever can mend the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Whom it is to.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Paragraphs.
    pub opening: Vec<String>,
    /// What is asked for.
    pub asks: Vec<String>,
    /// What it is not, and why: title of the cause, reason.
    pub closed: Vec<(String, String)>,
}

/// The letter for the first cause, if there is one for it.
pub(super) fn letter(
    knowledge: &Knowledge,
    facts: &FactSet,
    causes: &[RankedCause],
    eliminated: &[Eliminated],
) -> Option<Letter> {
    let cause = causes.first()?;
    let def = knowledge.letters.iter().find(|l| l.cause == cause.id)?;
    let filled = |texts: &[String]| -> Vec<String> {
        texts
            .iter()
            .map(|t| sentence::fill(t, &knowledge.facts, facts).trim().to_owned())
            .filter(|t| t.chars().any(char::is_alphanumeric))
            .collect()
    };
    let closed = def
        .closed
        .iter()
        .filter_map(|id| {
            let found = eliminated.iter().find(|e| e.id == *id)?;
            // Numbers of questions say nothing to a reader without the tree.
            let number = found.reason.sentence.strip_prefix('Q');
            if number.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) {
                return None;
            }
            Some((found.title.clone(), found.reason.sentence.clone()))
        })
        .collect();
    Some(Letter {
        to: def.to.clone(),
        subject: sentence::fill(&def.subject, &knowledge.facts, facts),
        opening: filled(&def.opening),
        asks: filled(&def.asks),
        closed,
    })
}
