//! Proof that the guided tree has one root, no dead end and no cycle.

use std::collections::{BTreeMap, BTreeSet};

use super::check::Check;

impl Check<'_> {
    pub(super) fn tree(&mut self) {
        let knowledge = self.knowledge;
        let file = "tree.toml";
        if knowledge.tree.is_empty() {
            self.report(file, "there is no question");
            return;
        }
        let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
        for node in &knowledge.tree {
            let id = node.id.as_str();
            self.filled(
                file,
                id,
                &[
                    ("short", &node.short),
                    ("question", &node.question),
                    ("how", &node.how),
                    ("source", &node.source),
                ],
            );
            if node.options.len() < 2 {
                self.report(file, format!("{id} has fewer than two answers: a dead end"));
            }
            let mut labels = BTreeSet::new();
            for option in &node.options {
                if !labels.insert(option.label.as_str()) {
                    self.report(
                        file,
                        format!("{id} has the answer \u{201c}{}\u{201d} twice", option.label),
                    );
                }
                if let Some(when) = &option.when {
                    self.predicate(file, id, when);
                }
                if knowledge.question(&option.to).is_some() {
                    if let Some(other) = parents.insert(&option.to, id)
                        && other != id
                    {
                        self.report(file, format!("{} hangs on {other} and on {id}", option.to));
                    }
                } else if knowledge.cause(&option.to).is_none() {
                    self.report(
                        file,
                        format!("{id}, answer \u{201c}{}\u{201d} leads to {}, which is neither a question nor a cause", option.label, option.to),
                    );
                }
            }
        }
        let root = knowledge.tree[0].id.as_str();
        for node in &knowledge.tree {
            // Up to the root in at most as many steps as there are questions, else it is a cycle.
            let mut at = node.id.as_str();
            let mut steps = 0;
            while at != root && steps <= knowledge.tree.len() {
                match parents.get(at) {
                    Some(up) => at = up,
                    None => break,
                }
                steps += 1;
            }
            if at != root {
                self.report(file, format!("{} cannot be reached from {root}", node.id));
            }
        }
        if parents.contains_key(root) {
            self.report(file, format!("an answer leads back to {root}"));
        }
    }
}
