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
            let (mut keys, mut codes) = (Vec::new(), Vec::new());
            let all = tables();
            for row in all.errors_high.rows.iter().chain(&all.errors_low.rows) {
                let module = match row.name.split('_').next().unwrap_or_default() {
                    "MPI" => "BIGNUM",
                    module => module,
                };
                // The first sentence says which error it is.
                let text = row.text.split(". ").next().unwrap_or_default();
                let text = text.trim_end_matches('.');
                if text.len() > 8 {
                    keys.push(format!("{module} - {text}"));
                    codes.push(row.number.0);
                }
            }
            let finder = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&keys)
                .ok()?;
            Some(Texts { finder, codes })
        })
        .as_ref()
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
