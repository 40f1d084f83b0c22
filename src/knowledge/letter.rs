//! Letters as they stand in `assets/letters.toml`.

use serde::Deserialize;

/// A letter to whoever can mend the other side, for one cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterDef {
    /// Cause that it is about.
    pub cause: String,
    /// Whom it is to, such as `the owner of the server`.
    pub to: String,
    /// Subject, with `{fact}`.
    pub subject: String,
    /// Paragraphs, with `{fact}`; one of which nothing is left is dropped.
    pub opening: Vec<String>,
    /// What is asked for, most helpful first.
    pub asks: Vec<String>,
    /// Causes whose refutation belongs into it.
    #[serde(default)]
    pub closed: Vec<String>,
    /// Where the statements are known from.
    pub source: String,
}
