//! The guided tree as it stands in `assets/tree.toml`.

use serde::Deserialize;

use super::Predicate;

/// One possible answer of a question.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionDef {
    /// What the answer says, such as `yes`.
    pub label: String,
    /// When evidence gives this answer.
    #[serde(default)]
    pub when: Option<Predicate>,
    /// Question (`Q14`) or cause (`tls.sni_missing`) that it leads to.
    pub to: String,
}

/// One question.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeDef {
    /// Spoken number, such as `Q14`.
    pub id: String,
    /// Few words for the map.
    pub short: String,
    /// The question.
    pub question: String,
    /// How a technician finds the answer.
    pub how: String,
    /// Where this is known from.
    pub source: String,
    /// One of the main questions, which stand in the first column of the map.
    #[serde(default)]
    pub main: bool,
    /// Answers.
    #[serde(rename = "option")]
    pub options: Vec<OptionDef>,
}
