//! Facts: named, typed values that rules and the guided tree read.
//!
//! A fact is known, known absent, or unknown (not in the set). The names and types live in
//! `assets/facts.toml`; this file only carries values.

use std::collections::BTreeMap;

use super::Origin;

/// The value of a known fact.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number; the registry gives the unit.
    Int(i64),
    /// A word or text.
    Text(String),
    /// Several words: sorted, or in an order that means something (the suites of a server).
    List(Vec<String>),
}

impl FactValue {
    /// As shown to people and in JSON.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Bool(true) => "yes".into(),
            Self::Bool(false) => "no".into(),
            Self::Int(n) => n.to_string(),
            Self::Text(t) => t.clone(),
            Self::List(items) => items.join(", "),
        }
    }
}

/// What is known of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum FactState {
    /// It has this value.
    Known(FactValue),
    /// It is known that there is none ("no SNI was sent").
    Absent,
}

/// A named value with what proves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Name in the registry, such as `alert.received`.
    pub name: String,
    /// Its state.
    pub state: FactState,
    /// What proves it, first sign first.
    pub origins: Vec<Origin>,
}

/// All facts of one case, by name. Later statements of the user win over evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactSet {
    facts: BTreeMap<String, Fact>,
}

impl FactSet {
    /// Puts a fact in, replacing one of the same name.
    pub fn insert(&mut self, fact: Fact) {
        self.facts.insert(fact.name.clone(), fact);
    }

    /// Shorthand for a known value with one origin.
    pub fn know(&mut self, name: &str, value: FactValue, origin: Origin) {
        self.insert(Fact {
            name: name.into(),
            state: FactState::Known(value),
            origins: vec![origin],
        });
    }

    /// Shorthand for a fact known to be absent.
    pub fn absent(&mut self, name: &str, origin: Origin) {
        self.insert(Fact {
            name: name.into(),
            state: FactState::Absent,
            origins: vec![origin],
        });
    }

    /// Adds a word to a list fact, with its origin.
    pub fn add_to_list(&mut self, name: &str, word: &str, origin: Origin) {
        let fact = self.facts.entry(name.into()).or_insert_with(|| Fact {
            name: name.into(),
            state: FactState::Known(FactValue::List(Vec::new())),
            origins: Vec::new(),
        });
        if let FactState::Known(FactValue::List(items)) = &mut fact.state
            && let Err(at) = items.binary_search_by(|i| i.as_str().cmp(word))
        {
            items.insert(at, word.into());
            fact.origins.push(origin);
        }
    }

    /// The fact, if anything is known of it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// The known value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&FactValue> {
        match &self.facts.get(name)?.state {
            FactState::Known(v) => Some(v),
            FactState::Absent => None,
        }
    }

    /// The known text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            FactValue::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The known number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            FactValue::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The known yes or no.
    #[must_use]
    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            FactValue::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The known list.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(FactValue::List(items)) => items,
            _ => &[],
        }
    }

    /// All facts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// Takes over all of `other`, which wins.
    pub fn extend(&mut self, other: &FactSet) {
        for fact in other.iter() {
            self.insert(fact.clone());
        }
    }
}
