//! How a case does without the rules that only it needs.
//!
//! For each labelled case, the rules of evidence that hold for it and for no other of the set (nor of
//! a set beside it) are taken out, whatever they were written from, and its facts are judged again. What stays right does
//! not hang on a rule that a single case could have suggested.

use serde::Serialize;

use super::noise::Labelled;
use super::{judge, ranked_causes};
use crate::diagnose::diagnose;
use crate::evidence::FactSet;
use crate::knowledge::{Knowledge, Truth};

/// Figures with all rules and without the lone ones.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LeaveOutScore {
    failing: usize,
    /// Cases with rules of their own.
    with_lone_rules: usize,
    lenient1: usize,
    lenient3: usize,
    lenient1_without: usize,
    lenient3_without: usize,
}

/// Scores the set.
pub(super) fn score(
    knowledge: &std::sync::Arc<Knowledge>,
    labelled: &[Labelled],
    beside: &[Labelled],
    tell: &mut dyn FnMut(String),
) -> LeaveOutScore {
    let facts: Vec<Option<std::sync::Arc<FactSet>>> = labelled
        .iter()
        .chain(beside)
        .map(|case| {
            judge(knowledge, &case.files, &[], None, case.at)
                .ok()
                .map(|(snapshot, _)| snapshot.facts)
        })
        .collect();
    // Of each rule, the only case that it holds for; `usize::MAX` where there are more.
    let mut lone: Vec<Vec<Option<usize>>> = Vec::new();
    for cause in &knowledge.causes {
        let mut of_cause = Vec::new();
        for rule in &cause.rules {
            let mut only = None;
            for (at, facts) in facts.iter().enumerate() {
                if facts
                    .as_ref()
                    .is_some_and(|f| rule.when.holds(f) == Truth::True)
                {
                    only = Some(if only.is_none() { at } else { usize::MAX });
                }
            }
            of_cause.push(only);
        }
        lone.push(of_cause);
    }
    let mut total = LeaveOutScore::default();
    for (at, (case, facts)) in labelled.iter().zip(&facts).enumerate() {
        let Some(facts) = facts.as_ref().filter(|_| !case.right.is_empty()) else {
            continue;
        };
        let mut less = Knowledge::clone(knowledge);
        let mut taken = 0;
        for (cause, only) in less.causes.iter_mut().zip(&lone) {
            let before = cause.rules.len();
            let mut n = 0;
            cause.rules.retain(|_| {
                n += 1;
                only.get(n - 1).copied().flatten() != Some(at)
            });
            taken += before - cause.rules.len();
        }
        let answers = std::collections::BTreeMap::new();
        let all = ranked_causes(&diagnose(knowledge, facts, &answers));
        let without = ranked_causes(&diagnose(&less, facts, &answers));
        let good = |(id, _): &(String, f64)| case.right.contains(id);
        let (first, first_without) = (
            all.first().is_some_and(good),
            without.first().is_some_and(good),
        );
        total.failing += 1;
        total.with_lone_rules += usize::from(taken > 0);
        total.lenient1 += usize::from(first);
        total.lenient3 += usize::from(all.iter().take(3).any(good));
        total.lenient1_without += usize::from(first_without);
        total.lenient3_without += usize::from(without.iter().take(3).any(good));
        if first && !first_without {
            tell(format!(
                "without its {taken} own rules {} is lost: want {} got {:?}",
                case.name,
                case.right.join(" or "),
                without.first().map(|(id, _)| id)
            ));
        }
    }
    total
}

impl LeaveOutScore {
    pub(super) fn line(&self) -> String {
        format!(
            "leave out: n={} with rules of their own={} | all rules lenient1={} lenient3={} | without their own lenient1={} lenient3={}",
            self.failing,
            self.with_lone_rules,
            self.lenient1,
            self.lenient3,
            self.lenient1_without,
            self.lenient3_without
        )
    }
}
