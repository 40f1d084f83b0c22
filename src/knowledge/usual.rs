//! What usually is behind an ending that names no cause (`assets/usual.toml`).

use serde::Deserialize;

use super::Predicate;

/// An ending that several causes share, and those that are behind it most often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualDef {
    /// When it speaks; the first entry that holds is the one that counts.
    pub when: Predicate,
    /// Ids of the causes, the most frequent first.
    pub causes: Vec<String>,
    /// Sentence for people, with `{fact}`.
    pub says: String,
    /// Only where not even a weak sign speaks for any cause.
    #[serde(default)]
    pub last_resort: bool,
    /// Where this is known from.
    pub source: String,
}
