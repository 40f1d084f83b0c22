//! Proof that the tables hang together; run by `check-assets` and in CI.

use std::collections::{BTreeMap, BTreeSet};

use super::load::AssetProblem;
use super::{CauseDef, FactType, Knowledge, Literal, Predicate, RuleLevel, Test};

impl Knowledge {
    /// Everything that is wrong with the tables; empty when they are sound. Problems met while
    /// reading come first.
    #[must_use]
    pub fn check(&self) -> Vec<AssetProblem> {
        let mut check = Check {
            knowledge: self,
            problems: self.problems.clone(),
        };
        check.registry();
        for cause in &self.causes {
            check.cause(cause);
        }
        check.numbers();
        check.tree();
        check.separations();
        check.shared_values();
        for letter in &self.letters {
            let file = "letters.toml";
            let texts = letter.opening.iter().chain(&letter.asks);
            for text in texts.chain([&letter.subject]) {
                check.sentence(file, &letter.cause, text);
            }
            check.filled(
                file,
                &letter.cause,
                &[("to", &letter.to), ("source", &letter.source)],
            );
            for id in letter.closed.iter().chain([&letter.cause]) {
                if self.cause(id).is_none() {
                    check.report(file, format!("{}: there is no cause {id}", letter.cause));
                }
            }
            if letter.asks.is_empty() {
                check.report(file, format!("{} asks for nothing", letter.cause));
            }
        }
        for finding in &self.findings {
            check.predicate("findings.toml", &finding.id, &finding.when);
            check.sentence("findings.toml", &finding.id, &finding.says);
            check.filled("findings.toml", &finding.id, &[("source", &finding.source)]);
        }
        for log in &self.better_logs {
            let at = format!("better log for {}", log.stack);
            if let Some(when) = &log.when {
                check.predicate("better-log.toml", &at, when);
            }
            check.filled(
                "better-log.toml",
                &at,
                &[("says", &log.says), ("source", &log.source)],
            );
        }
        check.experiments();
        for (n, usual) in self.usual.iter().enumerate() {
            let at = format!("entry {}", n + 1);
            check.predicate("usual.toml", &at, &usual.when);
            check.sentence("usual.toml", &at, &usual.says);
            check.filled("usual.toml", &at, &[("source", &usual.source)]);
            if usual.causes.is_empty() {
                check.report("usual.toml", format!("{at} names no cause"));
            }
            for id in &usual.causes {
                if self.cause(id).is_none() {
                    check.report("usual.toml", format!("{at}: {id} is no cause"));
                }
            }
        }
        for set in &self.commands {
            for fault in set.faults() {
                check.report("commands", fault);
            }
        }
        if self.scoring.source.is_empty() {
            check.report("scoring.toml", "the numbers have no source");
        }
        check.problems
    }
}

pub(super) struct Check<'a> {
    pub(super) knowledge: &'a Knowledge,
    problems: Vec<AssetProblem>,
}

impl Check<'_> {
    pub(super) fn report(&mut self, file: &str, what: impl std::fmt::Display) {
        self.problems.push(AssetProblem {
            file: file.into(),
            line: None,
            sentence: format!("{file}: {what}."),
            details: String::new(),
        });
    }

    pub(super) fn filled(&mut self, file: &str, at: &str, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            if value.trim().is_empty() {
                self.report(file, format!("{at} has no {name}"));
            }
        }
    }

    fn registry(&mut self) {
        let knowledge = self.knowledge;
        for def in knowledge.facts.iter() {
            let at = format!("fact {}", def.name);
            self.filled(
                "facts.toml",
                &at,
                &[("says", &def.says), ("from", &def.from)],
            );
            if !def.words.is_empty() && !matches!(def.kind, FactType::Text | FactType::List) {
                self.report(
                    "facts.toml",
                    format!("{at} has words, but its type is {}", def.kind.as_str()),
                );
            }
            if !def.unit.is_empty() && def.kind != FactType::Int {
                self.report(
                    "facts.toml",
                    format!("{at} has a unit, but its type is {}", def.kind.as_str()),
                );
            }
        }
    }

    fn cause(&mut self, cause: &CauseDef) {
        let file = "causes";
        let id = &cause.id;
        self.filled(
            file,
            id,
            &[
                ("title", &cause.title),
                ("explanation", &cause.explanation),
                ("next_check", &cause.next_check),
                ("fix", &cause.fix),
                ("source", &cause.source),
            ],
        );
        if cause.phases.is_empty() {
            self.report(file, format!("{id} names no phase"));
        }
        for (fact, words) in [
            ("phase", &cause.phases),
            ("phase", &cause.rare_phases),
            ("ended_by", &cause.endings),
        ] {
            for word in words {
                self.word(file, id, fact, word);
            }
        }
        if !cause.rules.iter().any(|r| r.level != RuleLevel::Against) {
            self.report(file, format!("{id} has no rule that speaks for it"));
        }
        for rule in &cause.rules {
            self.predicate(file, id, &rule.when);
            self.sentence(file, id, &rule.says);
            self.filled(file, id, &[("group of a rule", &rule.group)]);
        }
        for exclude in &cause.excludes {
            self.predicate(file, id, &exclude.when);
            self.sentence(file, id, &exclude.says);
        }
        for other in &cause.explains {
            if self.knowledge.cause(other).is_none() {
                self.report(file, format!("{id} explains {other}, which is no cause"));
            }
        }
        if !self
            .knowledge
            .tree
            .iter()
            .any(|n| n.options.iter().any(|o| &o.to == id))
        {
            self.report("tree.toml", format!("no answer leads to {id}"));
        }
    }

    fn numbers(&mut self) {
        let mut seen = BTreeMap::new();
        for cause in &self.knowledge.causes {
            if let Some(other) = seen.insert(cause.number, &cause.id) {
                self.problems.push(AssetProblem {
                    file: "causes".into(),
                    line: None,
                    sentence: format!(
                        "causes: {other} and {} share the number C{}.",
                        cause.id, cause.number
                    ),
                    details: String::new(),
                });
            }
        }
    }

    fn separations(&mut self) {
        let knowledge = self.knowledge;
        for separation in &knowledge.separations {
            let at = separation.between.join(" / ");
            if separation.between.len() < 2 {
                self.report(
                    "separations.toml",
                    format!("{at} names fewer than two causes"),
                );
            }
            for id in &separation.between {
                if knowledge.cause(id).is_none() {
                    self.report("separations.toml", format!("{id} is no cause"));
                }
            }
            if knowledge.facts.get(&separation.fact).is_none() {
                self.report(
                    "separations.toml",
                    format!("{at}: there is no fact {}", separation.fact),
                );
            }
            self.filled(
                "separations.toml",
                &at,
                &[("check", &separation.check), ("source", &separation.source)],
            );
        }
    }

    /// Every pair of causes that one and the same fact value speaks for decisively or strongly needs
    /// a fact that separates them.
    fn shared_values(&mut self) {
        let knowledge = self.knowledge;
        let mut holders: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for cause in &knowledge.causes {
            for rule in cause
                .rules
                .iter()
                .filter(|r| matches!(r.level, RuleLevel::Decisive | RuleLevel::Strong))
            {
                for value in lone_values(&rule.when) {
                    holders.entry(value).or_default().insert(&cause.id);
                }
            }
        }
        for (value, ids) in holders {
            let ids: Vec<&str> = ids.into_iter().collect();
            for (i, a) in ids.iter().enumerate() {
                for b in &ids[i + 1..] {
                    let told_apart = knowledge.separations.iter().any(|s| {
                        s.between.iter().any(|x| x == a) && s.between.iter().any(|x| x == b)
                    });
                    if !told_apart {
                        self.report(
                            "separations.toml",
                            format!("{a} and {b} share {value}, and nothing separates them"),
                        );
                    }
                }
            }
        }
    }

    pub(super) fn predicate(&mut self, file: &str, at: &str, predicate: &Predicate) {
        for (fact, test) in predicate.tests() {
            let Some(def) = self.knowledge.facts.get(fact) else {
                self.report(
                    file,
                    format!("{at} asks for the fact {fact}, which is not in the registry"),
                );
                continue;
            };
            let kind = def.kind;
            let wrong = match test {
                Test::Is(literal) => !fits(literal, kind),
                Test::OneOf(literals) => literals.iter().any(|l| !fits(l, kind)),
                Test::AtLeast(_) | Test::AtMost(_) => kind != FactType::Int,
                Test::MoreThanFact(other) => {
                    kind != FactType::Int
                        || self
                            .knowledge
                            .facts
                            .get(other)
                            .is_none_or(|d| d.kind != FactType::Int)
                }
                Test::Contains(_) | Test::ContainsAny(_) => kind != FactType::List,
                Test::TextWith(parts) => kind != FactType::Text || parts.is_empty(),
                Test::Known | Test::Unknown | Test::Absent => false,
            };
            if wrong {
                self.report(
                    file,
                    format!(
                        "{at} asks {fact} for what its type {} cannot answer",
                        kind.as_str()
                    ),
                );
            }
            let words: Vec<String> = match test {
                Test::Is(literal) => vec![literal.display()],
                Test::OneOf(literals) => literals.iter().map(Literal::display).collect(),
                Test::Contains(word) => vec![word.clone()],
                Test::ContainsAny(words) => words.clone(),
                _ => Vec::new(),
            };
            for word in words {
                self.word(file, at, fact, &word);
            }
        }
    }

    /// A word of a fact with a closed list.
    fn word(&mut self, file: &str, at: &str, fact: &str, word: &str) {
        let known = self
            .knowledge
            .facts
            .get(fact)
            .is_none_or(|d| d.words.is_empty() || d.words.iter().any(|w| w == word));
        if !known {
            self.report(
                file,
                format!("{at}: {fact} never says \u{201c}{word}\u{201d}"),
            );
        }
    }

    /// Facts in braces of a sentence exist.
    fn sentence(&mut self, file: &str, at: &str, sentence: &str) {
        if sentence.trim().is_empty() {
            self.report(file, format!("{at} has a rule without a sentence"));
        }
        for part in sentence.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or(part);
            if self.knowledge.facts.get(name).is_none() {
                self.report(
                    file,
                    format!("{at}: the sentence names {{{name}}}, which is no fact"),
                );
            }
        }
    }
}

fn fits(literal: &Literal, kind: FactType) -> bool {
    matches!(
        (literal, kind),
        (Literal::Bool(_), FactType::Bool)
            | (Literal::Int(_), FactType::Int)
            | (Literal::Text(_), FactType::Text)
    )
}

/// Values that decide by themselves: the predicate is one comparison, or an `any` of such.
fn lone_values(predicate: &Predicate) -> Vec<String> {
    match predicate {
        Predicate::Any(parts) => parts.iter().flat_map(lone_values).collect(),
        Predicate::Fact { fact, test } => match test {
            Test::Is(l) => vec![format!("{fact} = {}", l.display())],
            Test::OneOf(ls) => ls
                .iter()
                .map(|l| format!("{fact} = {}", l.display()))
                .collect(),
            Test::Contains(w) => vec![format!("{fact} with {w}")],
            Test::ContainsAny(ws) => ws.iter().map(|w| format!("{fact} with {w}")).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
