//! Errors of TLS stacks by their names in a header: `BR_ERR_X509_NOT_TRUSTED`, `ASN_NO_SIGNER_E`,
//! `GNUTLS_E_FATAL_ALERT_RECEIVED`, `SEC_E_UNTRUSTED_ROOT`, and BearSSL's by the text of its tools.
//!
//! In: one line. Out: the row of the stack's table.

use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::knowledge::codes::StackRow;

/// Stack and row.
pub(super) type Named = (&'static str, &'static StackRow);

type Table = (&'static str, Vec<StackRow>);

fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        [
            (
                "bearssl",
                include_str!("../../assets/codes/stacks/bearssl.toml"),
            ),
            (
                "wolfssl",
                include_str!("../../assets/codes/stacks/wolfssl.toml"),
            ),
            (
                "gnutls",
                include_str!("../../assets/codes/stacks/gnutls.toml"),
            ),
            (
                "schannel",
                include_str!("../../assets/codes/stacks/schannel.toml"),
            ),
        ]
        .map(|(stack, text)| (stack, StackRow::read(text).unwrap_or_default()))
        .into()
    })
}

/// What the names of errors begin with: one of these stands in every line that holds a name.
pub(super) fn begins() -> Vec<&'static str> {
    /// Longer begins find no fewer lines.
    const ENOUGH: usize = 7;
    let names = tables().iter().flat_map(|(_, rows)| rows);
    let mut begins: Vec<&str> = names
        .filter(|row| row.name.contains('_'))
        .map(|row| row.name.get(..ENOUGH).unwrap_or(&row.name))
        .collect();
    begins.sort_unstable();
    begins.dedup();
    begins
}

/// The texts that [`by_text`] finds, in any letter case.
pub(super) fn all_texts() -> impl Iterator<Item = &'static str> {
    long_texts().chain(wolf_texts()).map(|(text, _)| text)
}

/// The first error named in the line. `wolf`: the line or the log names wolfSSL, whose names without
/// `_E` are words of everybody.
pub(super) fn find(text: &str, wolf: bool) -> Option<Named> {
    static NAMES: OnceLock<HashMap<&'static str, Named>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let all = tables().iter();
        all.flat_map(|(stack, rows)| rows.iter().map(|r| (r.name.as_str(), (*stack, r))))
            .collect()
    });
    // An underscore between capitals: most lines have none.
    if !text.contains('_') {
        return None;
    }
    text.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_')
        .filter(|word| word.len() > 6 && word.contains('_'))
        .filter_map(|word| names.get(word).copied())
        .find(|(stack, row)| {
            !row.name.ends_with("_OK") && (*stack != "wolfssl" || wolf || row.name.ends_with("_E"))
        })
}

/// The error of a stack whose text stands in the line: what BearSSL's `tools/errors.c`,
/// `gnutls_strerror` or wolfSSL's `wolfSSL_ERR_reason_error_string` prints.
///
/// `wolf`: the line or the log names wolfSSL, whose texts are words of everybody.
pub(super) fn by_text(text: &str, wolf: bool) -> Option<Named> {
    static LONG: OnceLock<Texts> = OnceLock::new();
    static WOLF: OnceLock<Texts> = OnceLock::new();
    let hit = LONG.get_or_init(|| Texts::of(long_texts())).find(text);
    if hit.is_some() || !wolf {
        return hit;
    }
    WOLF.get_or_init(|| Texts::of(wolf_texts())).find(text)
}

/// Texts of BearSSL and GnuTLS that nobody else says.
fn long_texts() -> impl Iterator<Item = (&'static str, Named)> {
    texts_of(&["bearssl", "gnutls"], 24)
}

fn wolf_texts() -> impl Iterator<Item = (&'static str, Named)> {
    texts_of(&["wolfssl"], 10)
}

/// `least`: shorter texts are words of everybody.
fn texts_of(stacks: &'static [&str], least: usize) -> impl Iterator<Item = (&'static str, Named)> {
    let tables = tables().iter().filter(|(stack, _)| stacks.contains(stack));
    // 256 and above are BearSSL's alerts.
    let rows = tables.flat_map(|(stack, rows)| rows.iter().map(|row| (*stack, row)));
    rows.filter(|(_, row)| row.number.0 != 0 && row.number.0 < 256)
        .flat_map(move |(stack, row)| {
            std::iter::once(said(row))
                .chain(row.said.iter().map(String::as_str))
                .filter(move |text| text.len() >= least)
                .map(move |text| (text, (stack, row)))
        })
}

/// A finder of the texts of some tables.
struct Texts {
    finder: Option<AhoCorasick>,
    rows: Vec<Named>,
}

impl Texts {
    fn of(all: impl Iterator<Item = (&'static str, Named)>) -> Self {
        let (texts, rows): (Vec<&str>, Vec<Named>) = all.unzip();
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(texts)
            .ok();
        Self { finder, rows }
    }

    fn find(&self, text: &str) -> Option<Named> {
        let hit = self.finder.as_ref()?.find(text)?;
        self.rows.get(hit.pattern().as_usize()).copied()
    }
}

/// The first sentence says which error it is.
fn said(row: &StackRow) -> &str {
    let text = row.text.split(" (").next().unwrap_or(&row.text);
    text.split(". ")
        .next()
        .unwrap_or(text)
        .trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts() {
        let name = |t, wolf| find(t, wolf).map(|(_, r)| r.name.as_str());
        assert_eq!(
            name("failed: BR_ERR_BAD_SNI", false),
            Some("BR_ERR_BAD_SNI")
        );
        assert_eq!(name("err ASN_NO_SIGNER_E", false), Some("ASN_NO_SIGNER_E"));
        assert_eq!(name("VERSION_ERROR", false), None);
        assert_eq!(name("wolfSSL: VERSION_ERROR", true), Some("VERSION_ERROR"));
        assert_eq!(name("SOME_OTHER_NAME", true), None);
        let text = |t, wolf| by_text(t, wolf).map(|(_, r)| r.name.as_str());
        assert_eq!(
            text("Unknown critical extension in certificate.", false),
            Some("BR_ERR_X509_CRITICAL_EXTENSION")
        );
        assert_eq!(
            text(
                "Could not handshake: No supported cipher suites have been found.",
                false
            ),
            Some("GNUTLS_E_NO_CIPHER_SUITES")
        );
        assert_eq!(text("error state on socket", true), Some("SOCKET_ERROR_E"));
        assert_eq!(text("error state on socket", false), None);
        assert_eq!(text("all is well", true), None);
    }
}
