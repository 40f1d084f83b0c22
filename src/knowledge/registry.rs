//! The registry of facts: name, type, unit, allowed words, who may state it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::evidence::{Fact, FactState, FactValue, Origin};

/// Type of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A word or text.
    Text,
    /// Several words.
    List,
}

impl FactType {
    /// The word of the registry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "text",
            Self::List => "list",
        }
    }
}

/// One entry of the registry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactDef {
    /// Name, such as `alert.received`.
    pub name: String,
    /// Type of its value.
    #[serde(rename = "type")]
    pub kind: FactType,
    /// Unit of a number, such as `bytes`, `ms`, `bits`, `Unix s`; empty for counts and words.
    #[serde(default)]
    pub unit: String,
    /// The only words that it may take; empty = any.
    #[serde(default)]
    pub words: Vec<String>,
    /// Sentence for people; `{value}` stands for the value.
    pub says: String,
    /// How it is derived, exactly.
    pub from: String,
    /// May a person state it?
    #[serde(default)]
    pub stated: bool,
}

/// All facts that rules and questions may name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    facts: BTreeMap<String, FactDef>,
}

impl Registry {
    /// Puts an entry in, replacing one of the same name.
    pub fn insert(&mut self, def: FactDef) {
        self.facts.insert(def.name.clone(), def);
    }

    /// The entry of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FactDef> {
        self.facts.get(name)
    }

    /// All entries by name.
    pub fn iter(&self) -> impl Iterator<Item = &FactDef> {
        self.facts.values()
    }

    /// Reads `NAME=VALUE` as a person types it.
    ///
    /// Yes and no may be written `yes`, `true`, `1`, `no`, `false`, `0`; numbers may carry
    /// thousands commas and, for dates in Unix seconds, be an RFC 3339 time; list items are
    /// separated by commas. `NAME=none` states that there is none.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what would be right.
    pub fn parse_stated(&self, text: &str) -> Result<Fact, String> {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!(
                "\u{201c}{text}\u{201d} is not a fact: write NAME=VALUE."
            ));
        };
        let (name, value) = (name.trim(), value.trim());
        let Some(def) = self.get(name) else {
            return Err(match self.nearest(name) {
                Some(near) => format!("There is no fact {name}. The nearest name is {near}."),
                None => format!("There is no fact {name}."),
            });
        };
        if !def.stated {
            return Err(format!(
                "{name} is read from evidence and cannot be stated: {}",
                def.from
            ));
        }
        let state = if matches!(value, "none" | "absent") && def.words.is_empty() {
            FactState::Absent
        } else {
            FactState::Known(def.parse(value)?)
        };
        Ok(Fact {
            name: name.into(),
            state,
            origins: vec![Origin::Stated],
        })
    }

    /// A stated name that shares its last part or its first part with `name`.
    fn nearest(&self, name: &str) -> Option<&str> {
        let last = name.rsplit('.').next().unwrap_or(name);
        self.facts
            .values()
            .filter(|d| d.stated)
            .map(|d| d.name.as_str())
            .find(|n| n.ends_with(last) || (n.len() > 3 && name.ends_with(n)))
    }
}

impl FactDef {
    fn parse(&self, value: &str) -> Result<FactValue, String> {
        let name = &self.name;
        match self.kind {
            FactType::Bool => match value.to_ascii_lowercase().as_str() {
                "yes" | "true" | "1" | "y" => Ok(FactValue::Bool(true)),
                "no" | "false" | "0" | "n" => Ok(FactValue::Bool(false)),
                _ => Err(format!("{name} is yes or no, not \u{201c}{value}\u{201d}.")),
            },
            FactType::Int => {
                let plain: String = value.chars().filter(|c| *c != ',' && *c != '_').collect();
                if let Ok(number) = plain.parse::<i64>() {
                    return Ok(FactValue::Int(number));
                }
                if self.unit == "Unix s" {
                    if let Ok(time) = time::OffsetDateTime::parse(
                        value,
                        &time::format_description::well_known::Rfc3339,
                    ) {
                        return Ok(FactValue::Int(time.unix_timestamp()));
                    }
                    return Err(format!(
                        "{name} is a time such as 2019-06-04T07:54:18Z, not \u{201c}{value}\u{201d}."
                    ));
                }
                let unit = if self.unit.is_empty() {
                    "a whole number"
                } else {
                    &self.unit
                };
                Err(format!(
                    "{name} is a number ({unit}), not \u{201c}{value}\u{201d}."
                ))
            }
            FactType::Text => {
                let word = if self.words.is_empty() {
                    value.to_owned()
                } else {
                    value.to_ascii_lowercase()
                };
                let word = self.synonym(word);
                if !self.words.is_empty() && !self.words.contains(&word) {
                    return Err(format!(
                        "{name} is one of {}, not \u{201c}{value}\u{201d}.",
                        self.words.join(", ")
                    ));
                }
                if word.is_empty() {
                    return Err(format!("{name} has no value after the equals sign."));
                }
                Ok(FactValue::Text(word))
            }
            FactType::List => {
                let mut items: Vec<String> = value
                    .split([',', ' '])
                    .map(str::trim)
                    .filter(|s| !s.is_empty())
                    .map(str::to_owned)
                    .collect();
                items.sort();
                items.dedup();
                if items.is_empty() {
                    return Err(format!("{name} has no value after the equals sign."));
                }
                Ok(FactValue::List(items))
            }
        }
    }

    /// What people write for a closed word, where it begins with that word: `ip_address` for `ip`.
    fn synonym(&self, word: String) -> String {
        match self.words.iter().find(|w| {
            word.strip_prefix(w.as_str())
                .is_some_and(|rest| rest.starts_with(['_', '-', ' ']))
        }) {
            Some(known) if !self.words.contains(&word) => known.clone(),
            _ => word,
        }
    }
}
