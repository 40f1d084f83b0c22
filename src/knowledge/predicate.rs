//! Typed predicates over facts, evaluated in three values.
//!
//! A predicate is either one comparison of one fact, or `all` / `any` / `none` / `unless` of others. There is
//! no expression language: what can be asked is exactly what stands in [`Test`].

use serde::Deserialize;

use crate::evidence::{FactSet, FactState, FactValue};

/// The answer of a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    False,
    /// The facts do not say.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    /// True becomes false and the other way round; unknown stays.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// A value that a predicate names.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// A whole number in the unit of the fact.
    Int(i64),
    /// A word or text.
    Text(String),
}

impl Literal {
    fn equals(&self, value: &FactValue) -> bool {
        match (self, value) {
            (Self::Bool(a), FactValue::Bool(b)) => a == b,
            (Self::Int(a), FactValue::Int(b)) => a == b,
            (Self::Text(a), FactValue::Text(b)) => a == b,
            _ => false,
        }
    }

    /// As written in messages.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Bool(b) => b.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Text(t) => t.clone(),
        }
    }
}

/// One comparison of one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal to this value.
    Is(Literal),
    /// Equal to one of these.
    OneOf(Vec<Literal>),
    /// A number, not below this one.
    AtLeast(i64),
    /// A number, not above this one.
    AtMost(i64),
    /// A number greater than the number of another fact.
    MoreThanFact(String),
    /// A list that holds this word.
    Contains(String),
    /// A list that holds one of these words.
    ContainsAny(Vec<String>),
    /// A text in which one of these stands, whatever the case.
    TextWith(Vec<String>),
    /// A value is known.
    Known,
    /// Nothing is known of it.
    Unknown,
    /// Known not to be there.
    Absent,
}

/// A condition over facts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub enum Predicate {
    /// Every one holds.
    All(Vec<Predicate>),
    /// At least one holds.
    Any(Vec<Predicate>),
    /// Not one holds; unknown as long as one is unknown.
    None(Vec<Predicate>),
    /// Not one is known to hold: what is unknown counts as not holding.
    Unless(Vec<Predicate>),
    /// One comparison.
    Fact {
        /// Name of the fact in the registry.
        fact: String,
        /// What is asked of it.
        test: Test,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    all: Option<Vec<Predicate>>,
    any: Option<Vec<Predicate>>,
    none: Option<Vec<Predicate>>,
    unless: Option<Vec<Predicate>>,
    fact: Option<String>,
    is: Option<Literal>,
    one_of: Option<Vec<Literal>>,
    at_least: Option<i64>,
    at_most: Option<i64>,
    more_than_fact: Option<String>,
    contains: Option<String>,
    contains_any: Option<Vec<String>>,
    text_with: Option<Vec<String>>,
    known: Option<bool>,
    unknown: Option<bool>,
    absent: Option<bool>,
}

impl TryFrom<Raw> for Predicate {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let mut groups = Vec::new();
        groups.extend(raw.all.map(Self::All));
        groups.extend(raw.any.map(Self::Any));
        groups.extend(raw.none.map(Self::None));
        groups.extend(raw.unless.map(Self::Unless));
        let mut tests = Vec::new();
        tests.extend(raw.is.map(Test::Is));
        tests.extend(raw.one_of.map(Test::OneOf));
        tests.extend(raw.at_least.map(Test::AtLeast));
        tests.extend(raw.at_most.map(Test::AtMost));
        tests.extend(raw.more_than_fact.map(Test::MoreThanFact));
        tests.extend(raw.contains.map(Test::Contains));
        tests.extend(raw.contains_any.map(Test::ContainsAny));
        tests.extend(raw.text_with.map(Test::TextWith));
        for (flag, test, word) in [
            (raw.known, Test::Known, "known"),
            (raw.unknown, Test::Unknown, "unknown"),
            (raw.absent, Test::Absent, "absent"),
        ] {
            match flag {
                Some(true) => tests.push(test),
                Some(false) => {
                    return Err(format!(
                        "`{word} = false` is not a test; put it into `none`"
                    ));
                }
                None => {}
            }
        }
        match (raw.fact, groups.len(), tests.len()) {
            (None, 1, 0) => {
                let group = groups.remove(0);
                let (Self::All(parts) | Self::Any(parts) | Self::None(parts) | Self::Unless(parts)) = &group else {
                    return Err("a condition is empty".into());
                };
                if parts.is_empty() {
                    return Err("`all`, `any`, `none` and `unless` need at least one condition".into());
                }
                Ok(group)
            }
            (Some(fact), 0, 1) => Ok(Self::Fact {
                fact,
                test: tests.remove(0),
            }),
            (Some(fact), 0, 0) => Err(format!("the condition on `{fact}` asks nothing of it")),
            (Some(fact), 0, _) => Err(format!("the condition on `{fact}` asks more than one thing")),
            _ => Err("a condition is either one of `all`, `any`, `none`, `unless`, or a `fact` with one test".into()),
        }
    }
}

impl Predicate {
    /// Evaluates it in three values.
    #[must_use]
    pub fn holds(&self, facts: &FactSet) -> Truth {
        match self {
            Self::All(parts) => parts
                .iter()
                .map(|p| p.holds(facts))
                .min()
                .unwrap_or(Truth::True),
            Self::Any(parts) => parts
                .iter()
                .map(|p| p.holds(facts))
                .max()
                .unwrap_or(Truth::False),
            Self::None(parts) => parts
                .iter()
                .map(|p| p.holds(facts))
                .max()
                .unwrap_or(Truth::False)
                .negated(),
            Self::Unless(parts) => Truth::of(parts.iter().all(|p| p.holds(facts) != Truth::True)),
            Self::Fact { fact, test } => holds_for(fact, test, facts),
        }
    }

    /// Names of the facts whose comparison makes it true, in the order written. Comparisons under
    /// `none` prove nothing by themselves, but the fact that was looked at is named too.
    #[must_use]
    pub fn proofs<'a>(&'a self, facts: &FactSet) -> Vec<&'a str> {
        let mut names = Vec::new();
        self.collect_proofs(facts, &mut names);
        names
    }

    fn collect_proofs<'a>(&'a self, facts: &FactSet, names: &mut Vec<&'a str>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    if part.holds(facts) == Truth::True {
                        part.collect_proofs(facts, names);
                    }
                }
            }
            Self::None(_) | Self::Unless(_) => {}
            Self::Fact { fact, test } => {
                if !names.contains(&fact.as_str()) {
                    names.push(fact);
                }
                if let Test::MoreThanFact(other) = test
                    && !names.contains(&other.as_str())
                {
                    names.push(other);
                }
            }
        }
    }

    /// Every comparison in it, with the name of its fact.
    #[must_use]
    pub fn tests(&self) -> Vec<(&str, &Test)> {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::None(parts) | Self::Unless(parts) => {
                parts.iter().flat_map(Self::tests).collect()
            }
            Self::Fact { fact, test } => vec![(fact.as_str(), test)],
        }
    }
}

fn holds_for(fact: &str, test: &Test, facts: &FactSet) -> Truth {
    let Some(found) = facts.get(fact) else {
        return match test {
            Test::Unknown => Truth::True,
            Test::Known => Truth::False,
            _ => Truth::Unknown,
        };
    };
    let value = match &found.state {
        FactState::Absent => return Truth::of(matches!(test, Test::Absent)),
        FactState::Known(value) => value,
    };
    Truth::of(match test {
        Test::Is(literal) => literal.equals(value),
        Test::OneOf(literals) => literals.iter().any(|l| l.equals(value)),
        Test::AtLeast(n) => matches!(value, FactValue::Int(v) if v >= n),
        Test::AtMost(n) => matches!(value, FactValue::Int(v) if v <= n),
        Test::MoreThanFact(other) => match (value, facts.int(other)) {
            (FactValue::Int(v), Some(limit)) => *v > limit,
            _ => return Truth::Unknown,
        },
        Test::Contains(word) => matches!(value, FactValue::List(items) if items.contains(word)),
        Test::ContainsAny(words) => {
            matches!(value, FactValue::List(items) if words.iter().any(|w| items.contains(w)))
        }
        Test::TextWith(parts) => matches!(value, FactValue::Text(text) if holds_one(text, parts)),
        Test::Known => true,
        Test::Unknown | Test::Absent => false,
    })
}

/// Does one of the parts stand in the text, whatever the case?
fn holds_one(text: &str, parts: &[String]) -> bool {
    let text = text.to_ascii_lowercase();
    parts.iter().any(|p| text.contains(&p.to_ascii_lowercase()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::evidence::Origin;

    #[test]
    fn a_part_of_a_text_is_found_whatever_its_case() {
        let mut facts = FactSet::default();
        let host = FactValue::Text("ABC-ats.IoT.eu-west-1.amazonaws.com".into());
        facts.know("host", host, Origin::Stated);
        let holds = |text: &str| parse(text).unwrap().holds(&facts);
        assert_eq!(
            holds("when = { fact = 'host', text_with = ['.iot.', '.other.'] }"),
            Truth::True
        );
        assert_eq!(
            holds("when = { fact = 'host', text_with = ['azure'] }"),
            Truth::False
        );
        assert_eq!(
            holds("when = { fact = 'client.sni', text_with = ['iot'] }"),
            Truth::Unknown
        );
    }

    fn parse(text: &str) -> Result<Predicate, String> {
        #[derive(Deserialize)]
        struct Doc {
            when: Predicate,
        }
        toml::from_str::<Doc>(text)
            .map(|d| d.when)
            .map_err(|e| e.to_string())
    }

    #[test]
    fn three_values() {
        let mut facts = FactSet::default();
        facts.know("alert.received", FactValue::Int(40), Origin::Stated);
        facts.absent("client.sni", Origin::Stated);
        let holds = |text: &str| parse(text).unwrap().holds(&facts);
        assert_eq!(
            holds("when = { fact = 'alert.received', is = 40 }"),
            Truth::True
        );
        assert_eq!(
            holds("when = { fact = 'alert.received', one_of = [47, 51] }"),
            Truth::False
        );
        assert_eq!(
            holds("when = { fact = 'client.sni', absent = true }"),
            Truth::True
        );
        assert_eq!(
            holds("when = { fact = 'phase', is = 'setup' }"),
            Truth::Unknown
        );
        assert_eq!(
            holds("when = { none = [ { fact = 'phase', is = 'setup' } ] }"),
            Truth::Unknown
        );
        assert_eq!(
            holds("when = { unless = [ { fact = 'phase', is = 'setup' } ] }"),
            Truth::True
        );
        assert_eq!(
            holds("when = { unless = [ { fact = 'alert.received', is = 40 } ] }"),
            Truth::False
        );
        assert_eq!(
            holds("when = { fact = 'phase', unknown = true }"),
            Truth::True
        );
        assert_eq!(
            holds(
                "when = { any = [ { fact = 'phase', is = 'setup' }, { fact = 'alert.received', at_least = 40 } ] }"
            ),
            Truth::True
        );
        assert_eq!(
            holds(
                "when = { all = [ { fact = 'phase', is = 'setup' }, { fact = 'alert.received', at_most = 39 } ] }"
            ),
            Truth::False
        );
    }

    #[test]
    fn one_fact_against_another() {
        let mut facts = FactSet::default();
        facts.know("record.max_len_bytes", FactValue::Int(4703), Origin::Stated);
        let bigger = parse(
            "when = { fact = 'record.max_len_bytes', more_than_fact = 'device.content_len_bytes' }",
        )
        .unwrap();
        assert_eq!(bigger.holds(&facts), Truth::Unknown);
        facts.know(
            "device.content_len_bytes",
            FactValue::Int(4096),
            Origin::Stated,
        );
        assert_eq!(bigger.holds(&facts), Truth::True);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "when = { fact = 'a' }",
            "when = { fact = 'a', is = 1, at_least = 2 }",
            "when = { all = [], fact = 'a' }",
            "when = { all = [] }",
            "when = { fact = 'a', known = false }",
            "when = { fact = 'a', equals = 1 }",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
