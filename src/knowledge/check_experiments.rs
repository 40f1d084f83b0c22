//! Proof that every experiment gives a fact that a person may state and that some rule, question or
//! separation reads.

use std::collections::BTreeSet;

use super::check::Check;
use super::{FactType, Knowledge};

/// Longest experiment on a bench, minutes.
const LONGEST_MINUTES: u32 = 480;

impl Check<'_> {
    pub(super) fn experiments(&mut self) {
        let knowledge = self.knowledge;
        let file = "experiments.toml";
        let read = facts_read(knowledge);
        let mut ids = BTreeSet::new();
        for def in &knowledge.experiments {
            let id = def.id.as_str();
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            if id.is_empty() || !id.chars().all(plain) || !ids.insert(id) {
                self.report(
                    file,
                    format!("\u{201c}{id}\u{201d} is no id of its own in small letters"),
                );
            }
            self.filled(
                file,
                id,
                &[
                    ("short", &def.short),
                    ("change", &def.change),
                    ("keep", &def.keep),
                    ("says_works", &def.says_works),
                    ("says_same", &def.says_same),
                    ("source", &def.source),
                ],
            );
            if !(1..=LONGEST_MINUTES).contains(&def.minutes) {
                self.report(
                    file,
                    format!("{id} takes {} minutes, not 1 to 480", def.minutes),
                );
            }
            if def.works.is_none() && def.same.is_none() {
                self.report(file, format!("{id} tells nothing, however it ends"));
            }
            if def.works.is_some() && def.works == def.same {
                self.report(file, format!("{id} tells the same, however it ends"));
            }
            match knowledge.facts.get(&def.fact) {
                Some(fact) if fact.kind == FactType::Bool && fact.stated => {}
                _ => self.report(
                    file,
                    format!(
                        "{id} gives {}, which is no yes or no that a person may state",
                        def.fact
                    ),
                ),
            }
            if !read.contains(def.fact.as_str()) {
                self.report(
                    file,
                    format!("no rule reads {}, which {id} gives", def.fact),
                );
            }
            if let Some(when) = &def.when {
                self.predicate(file, id, when);
            }
        }
    }
}

/// Facts that rules, exclusions and answers of the tree read.
fn facts_read(knowledge: &Knowledge) -> BTreeSet<&str> {
    let causes = knowledge.causes.iter().flat_map(|c| {
        let rules = c.rules.iter().map(|r| &r.when);
        rules.chain(c.excludes.iter().map(|e| &e.when))
    });
    let tree = knowledge
        .tree
        .iter()
        .flat_map(|n| n.options.iter().filter_map(|o| o.when.as_ref()));
    causes
        .chain(tree)
        .flat_map(|when| when.tests().into_iter().map(|(fact, _)| fact))
        .collect()
}
