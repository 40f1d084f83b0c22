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

/// The texts of BearSSL that [`bearssl_text`] finds, in any letter case.
pub(super) fn bearssl_texts() -> impl Iterator<Item = &'static str> {
    texts_of_bearssl().map(said)
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

/// The error of BearSSL whose text (`tools/errors.c`) stands in the line.
pub(super) fn bearssl_text(text: &str) -> Option<&'static StackRow> {
    static TEXTS: OnceLock<(Option<AhoCorasick>, Vec<&'static StackRow>)> = OnceLock::new();
    let (finder, rows) = TEXTS.get_or_init(|| {
        let rows: Vec<&'static StackRow> = texts_of_bearssl().collect();
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(rows.iter().map(|r| said(r)))
            .ok();
        (finder, rows)
    });
    let hit = finder.as_ref()?.find(text)?;
    rows.get(hit.pattern().as_usize()).copied()
}

fn texts_of_bearssl() -> impl Iterator<Item = &'static StackRow> {
    /// Shorter texts are words of everybody.
    const LEAST: usize = 24;
    tables()
        .iter()
        .filter(|(stack, _)| *stack == "bearssl")
        .flat_map(|(_, rows)| rows)
        .filter(|r| r.number.0 != 0 && r.number.0 < 256 && said(r).len() >= LEAST)
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
        let text = bearssl_text("Unknown critical extension in certificate.");
        assert_eq!(text.unwrap().name, "BR_ERR_X509_CRITICAL_EXTENSION");
        assert!(bearssl_text("all is well").is_none());
    }
}
