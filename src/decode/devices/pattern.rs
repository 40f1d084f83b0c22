//! A regular expression of a pattern file, compiled when the first line needs it.

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A regular expression that is compiled when a line needs it: most are never needed.
pub(super) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }

    /// As written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Does the line match?
    pub(super) fn is_match(&self, line: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(line))
    }

    /// The groups of a line that matches.
    pub(super) fn captures<'a>(&self, line: &'a [u8]) -> Option<Captures<'a>> {
        self.regex()?.captures(line)
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || compiled(&self.text).ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// Compiles the text of a pattern; lines are bytes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn compiled(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .unicode(false)
        .build()
        .map_err(|e| e.to_string())
}
