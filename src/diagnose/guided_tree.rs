//! The guided tree as a view on the facts: which questions evidence or the user has answered, which
//! branches that closes, where to go on.
//!
//! A branch is never closed by evidence while a strong rule speaks for a cause that lies only there;
//! an answer of the user closes all other branches, and a contradiction with evidence is marked.

use std::collections::{BTreeMap, BTreeSet};

use super::sentence;
use super::{TreeAnswer, TreeNode, TreeNodeState, TreeOption, TreeState};
use crate::evidence::{FactSet, Origin};
use crate::knowledge::{Knowledge, NodeDef, RuleLevel, Truth};

/// The tree's state and what it means for the causes.
pub(super) struct Walk {
    pub(super) state: TreeState,
    /// Causes that lie on closed branches only: sentence and proof.
    pub(super) closed_causes: BTreeMap<String, (String, Vec<Origin>)>,
    /// Causes that the path leads to: sentence and proof.
    pub(super) stated_leaves: BTreeMap<String, (String, Vec<Origin>)>,
}

type Reason = (String, Vec<Origin>);

struct Walker<'a> {
    knowledge: &'a Knowledge,
    facts: &'a FactSet,
    /// Causes that a strong or decisive rule speaks for.
    supported: BTreeSet<&'a str>,
    states: BTreeMap<&'a str, (TreeNodeState, bool)>,
    closed_edges: BTreeMap<(&'a str, usize), Reason>,
}

/// Walks from the root as far as evidence and answers lead.
pub(super) fn walk(
    knowledge: &Knowledge,
    facts: &FactSet,
    answers: &BTreeMap<String, String>,
) -> Walk {
    let supported = knowledge
        .causes
        .iter()
        .filter(|c| {
            c.rules.iter().any(|r| {
                matches!(r.level, RuleLevel::Strong | RuleLevel::Decisive)
                    && r.when.holds(facts) == Truth::True
            }) && !c
                .excludes
                .iter()
                .any(|e| e.when.holds(facts) == Truth::True)
        })
        .map(|c| c.id.as_str())
        .collect();
    let mut walker = Walker {
        knowledge,
        facts,
        supported,
        states: BTreeMap::new(),
        closed_edges: BTreeMap::new(),
    };
    let (path, open, leaves) = walker.follow(answers);
    walker.finish(path, open, leaves)
}

impl<'a> Walker<'a> {
    fn follow(
        &mut self,
        answers: &BTreeMap<String, String>,
    ) -> (Vec<String>, Option<String>, Vec<String>) {
        let mut path = Vec::new();
        let mut leaves = Vec::new();
        let mut at = self.knowledge.tree.first();
        while let Some(node) = at {
            // A cycle in a user's tree must not hang: no question is asked twice.
            if self.states.contains_key(node.id.as_str()) {
                break;
            }
            let by_user = answers
                .get(&node.id)
                .and_then(|label| node.options.iter().position(|o| &o.label == label));
            let by_evidence = self.evidence(node);
            let Some(chosen) = by_user.or(by_evidence) else {
                self.states
                    .insert(&node.id, (TreeNodeState::Current, false));
                self.close_false(node);
                return (path, Some(node.id.clone()), leaves);
            };
            let contradicted = by_user.is_some() && by_evidence.is_some_and(|e| Some(e) != by_user);
            let origins = self.proof(node, chosen);
            let by = if by_user.is_some() {
                TreeAnswer::User
            } else {
                TreeAnswer::Evidence(origins.clone())
            };
            let answer = node.options[chosen].label.clone();
            self.states.insert(
                &node.id,
                (
                    TreeNodeState::Done {
                        answer: answer.clone(),
                        by,
                    },
                    contradicted,
                ),
            );
            path.push(node.id.clone());
            let reason = (
                format!("{}: {} \u{2014} {answer}.", node.id, node.question),
                origins,
            );
            self.close_others(node, chosen, by_user.is_some(), &reason);
            let to = node.options[chosen].to.as_str();
            at = self.knowledge.question(to);
            if at.is_none() {
                leaves.push(to.to_owned());
            }
        }
        (path, None, leaves)
    }

    /// The one answer that evidence gives; none where it gives several or cannot say.
    fn evidence(&self, node: &NodeDef) -> Option<usize> {
        let mut yes = node.options.iter().enumerate().filter(|(_, o)| {
            o.when
                .as_ref()
                .is_some_and(|w| w.holds(self.facts) == Truth::True)
        });
        let first = yes.next()?;
        yes.next().is_none().then_some(first.0)
    }

    fn proof(&self, node: &NodeDef, option: usize) -> Vec<Origin> {
        node.options[option]
            .when
            .as_ref()
            .filter(|w| w.holds(self.facts) == Truth::True)
            .map(|w| sentence::origins(w, self.facts))
            .unwrap_or_default()
    }

    fn close_others(&mut self, node: &'a NodeDef, chosen: usize, by_user: bool, reason: &Reason) {
        let kept = self.causes_below(&node.options[chosen].to, 0);
        for (i, option) in node.options.iter().enumerate() {
            if i == chosen {
                continue;
            }
            let rivals = self.causes_below(&option.to, 0);
            let spoken_for = rivals
                .iter()
                .any(|c| self.supported.contains(c) && !kept.contains(c));
            if by_user || !spoken_for {
                self.closed_edges.insert((&node.id, i), reason.clone());
            }
        }
    }

    /// At the open question: answers that evidence denies are closed.
    fn close_false(&mut self, node: &'a NodeDef) {
        for (i, option) in node.options.iter().enumerate() {
            let denied = option
                .when
                .as_ref()
                .is_some_and(|w| w.holds(self.facts) == Truth::False);
            let spoken_for = self
                .causes_below(&option.to, 0)
                .iter()
                .any(|c| self.supported.contains(c));
            if denied && !spoken_for {
                let origins = option
                    .when
                    .as_ref()
                    .map(|w| {
                        w.tests()
                            .iter()
                            .filter_map(|(name, _)| self.facts.get(name))
                            .flat_map(|f| f.origins.iter().cloned())
                            .take(4)
                            .collect()
                    })
                    .unwrap_or_default();
                let reason = (
                    format!(
                        "{}: {} \u{2014} not {}.",
                        node.id, node.question, option.label
                    ),
                    origins,
                );
                self.closed_edges.insert((&node.id, i), reason);
            }
        }
    }

    fn causes_below(&self, to: &'a str, depth: usize) -> BTreeSet<&'a str> {
        if depth > self.knowledge.tree.len() {
            return BTreeSet::new();
        }
        match self.knowledge.question(to) {
            None => BTreeSet::from([to]),
            Some(node) => node
                .options
                .iter()
                .flat_map(|o| self.causes_below(&o.to, depth + 1))
                .collect(),
        }
    }

    fn finish(mut self, path: Vec<String>, open: Option<String>, leaves: Vec<String>) -> Walk {
        // Everything below a closed answer is closed with its reason.
        let mut closed_leaves: BTreeMap<&str, Reason> = BTreeMap::new();
        let mut open_leaves: BTreeSet<&str> = BTreeSet::new();
        if let Some(root) = self.knowledge.tree.first() {
            let mut stack: Vec<(&'a NodeDef, Option<Reason>)> = vec![(root, None)];
            let mut seen = BTreeSet::new();
            while let Some((node, closed)) = stack.pop() {
                if !seen.insert(node.id.as_str()) {
                    continue;
                }
                if let Some((sentence, _)) = &closed {
                    self.states.entry(&node.id).or_insert((
                        TreeNodeState::Closed {
                            reason: sentence.clone(),
                        },
                        false,
                    ));
                }
                for (i, option) in node.options.iter().enumerate() {
                    let reason = closed
                        .clone()
                        .or_else(|| self.closed_edges.get(&(node.id.as_str(), i)).cloned());
                    match (self.knowledge.question(&option.to), reason) {
                        (Some(next), reason) => stack.push((next, reason)),
                        (None, Some(reason)) => {
                            closed_leaves.entry(&option.to).or_insert(reason);
                        }
                        (None, None) => {
                            open_leaves.insert(&option.to);
                        }
                    }
                }
            }
        }
        let closed_causes = closed_leaves
            .into_iter()
            .filter(|(id, _)| !open_leaves.contains(id))
            .map(|(id, reason)| (id.to_owned(), reason))
            .collect();
        let stated_leaves = leaves
            .iter()
            .map(|id| {
                let origins = path
                    .last()
                    .and_then(|q| match &self.states.get(q.as_str())?.0 {
                        TreeNodeState::Done {
                            by: TreeAnswer::Evidence(origins),
                            ..
                        } => Some(origins.clone()),
                        _ => Some(vec![Origin::Stated]),
                    })
                    .unwrap_or_default();
                (
                    id.clone(),
                    (
                        format!("The questions {} lead here.", path.join(", ")),
                        origins,
                    ),
                )
            })
            .collect();
        Walk {
            state: TreeState {
                nodes: self.nodes(),
                path,
                open,
                leaves,
            },
            closed_causes,
            stated_leaves,
        }
    }

    fn nodes(&self) -> Vec<TreeNode> {
        let mut parents: BTreeMap<&str, &NodeDef> = BTreeMap::new();
        for node in &self.knowledge.tree {
            for option in &node.options {
                parents.entry(&option.to).or_insert(node);
            }
        }
        // The main questions form the first column; each one hangs on no other.
        let parent = |id: &str| {
            parents
                .get(id)
                .filter(|_| !self.is_main(id))
                .map(|n| n.id.as_str())
        };
        self.knowledge
            .tree
            .iter()
            .map(|node| {
                let (state, contradicted) = self
                    .states
                    .get(node.id.as_str())
                    .cloned()
                    .unwrap_or((TreeNodeState::Open, false));
                let mut depth: u8 = 0;
                let mut at = parent(&node.id);
                while let Some(up) = at {
                    depth = depth.saturating_add(1);
                    if depth == u8::MAX {
                        break;
                    }
                    at = parent(up);
                }
                TreeNode {
                    id: node.id.clone(),
                    short: node.short.clone(),
                    question: node.question.clone(),
                    how: node.how.clone(),
                    depth,
                    parent: parent(&node.id).map(str::to_owned),
                    options: node
                        .options
                        .iter()
                        .map(|o| TreeOption {
                            label: o.label.clone(),
                            to: o.to.clone(),
                            is_leaf: self.knowledge.question(&o.to).is_none(),
                        })
                        .collect(),
                    state,
                    contradicted,
                }
            })
            .collect()
    }

    fn is_main(&self, id: &str) -> bool {
        self.knowledge.question(id).is_some_and(|n| n.main)
    }
}
