//! Errors of Mbed TLS given by their text alone, as `mbedtls_strerror` writes it:
//! `SSL - The connection indicated an EOF`.
//!
//! In: one line. Out: the code. The texts are those of the code tables.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::knowledge::codes::tables;

/// Texts with the code that each stands for.
struct Texts {
    finder: AhoCorasick,
    codes: Vec<i64>,
}

fn texts() -> Option<&'static Texts> {
    static TEXTS: OnceLock<Option<Texts>> = OnceLock::new();
    TEXTS
        .get_or_init(|| {
            let (keys, codes): (Vec<String>, Vec<i64>) = keys().unzip();
            let finder = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&keys)
                .ok()?;
            Some(Texts { finder, codes })
        })
        .as_ref()
}

/// Each text with its code.
fn keys() -> impl Iterator<Item = (String, i64)> {
    let all = tables();
    let rows = all.errors_high.rows.iter().chain(&all.errors_low.rows);
    rows.filter_map(|row| {
        // The first sentence says which error it is.
        let text = row.text.split(". ").next().unwrap_or_default();
        let text = text.trim_end_matches('.');
        (text.len() > 8).then(|| (format!("{} - {text}", module(&row.name)), row.number.0))
    })
}

/// Texts one of which stands in every line that [`code`] reads.
pub(super) fn anchors() -> impl Iterator<Item = String> {
    let all = tables();
    let rows = all.errors_high.rows.iter().chain(&all.errors_low.rows);
    rows.map(|row| format!("{} - ", module(&row.name)))
}

/// The module of a code as its text names it.
fn module(name: &'static str) -> &'static str {
    match name.split('_').next().unwrap_or_default() {
        "MPI" => "BIGNUM",
        module => module,
    }
}

/// The code whose text stands in the line; the parts of a compound one are joined.
pub(super) fn code(line: &[u8]) -> Option<i64> {
    memchr::memmem::find(line, b" - ")?;
    let texts = texts()?;
    let mut found: Option<i64> = None;
    for hit in texts.finder.find_iter(line) {
        let code = texts.codes.get(hit.pattern().as_usize())?;
        found = match found {
            None => Some(*code),
            // A module's error and the low-level one below it: `X509 - … : OID - …`.
            Some(first) if first % 0x80 == 0 && *code > -0x80 => Some(first + code),
            same => same,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_codes() {
        let read = |line: &str| code(line.as_bytes());
        assert_eq!(
            read("tls: SSL - The connection indicated an EOF"),
            Some(-0x7280)
        );
        assert_eq!(
            read("X509 - Signature algorithm (oid) is unsupported : OID - OID is not found"),
            Some(-0x262E)
        );
        assert_eq!(read("disk - full"), None);
    }
}
