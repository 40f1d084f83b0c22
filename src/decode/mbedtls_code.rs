//! Codes of Mbed TLS as programs print them without the library's own form: names, hexadecimal
//! digits without `0x`, positive numbers.
//!
//! In: one line. Out: the code, negative. A number counts only where the code tables have it and a
//! word of TLS stands in the line.

use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use crate::knowledge::codes::tables;

/// Numbers of `net_sockets.h`: never the low half of a compound code (`library/ssl_msg.c` passes
/// them on alone).
const NET: std::ops::RangeInclusive<i64> = 0x42..=0x56;

/// What the names of codes begin with.
pub(super) const PREFIX: &str = "MBEDTLS_ERR_";

/// One of these words, in any letter case, stands in every line that [`beside_words`] reads.
pub(super) const WORDS: [&str; 8] = [
    "err", "code", "ret", "rc", "result", "fail", "status", "reason",
];

/// The code whose name stands in the line: `MBEDTLS_ERR_SSL_CONN_EOF`, parts joined with `+`.
pub(super) fn by_name(line: &[u8]) -> Option<i64> {
    let mut found: Option<i64> = None;
    for at in memchr::memmem::find_iter(line, PREFIX.as_bytes()) {
        let rest = line.get(at + PREFIX.len()..)?;
        let end = rest
            .iter()
            .position(|b| !b.is_ascii_uppercase() && !b.is_ascii_digit() && *b != b'_')
            .unwrap_or(rest.len());
        let Some(code) = std::str::from_utf8(&rest[..end]).ok().and_then(named) else {
            continue;
        };
        found = match found {
            None => Some(code),
            Some(first) if first % 0x80 == 0 && code > -0x80 => Some(first + code),
            same => same,
        };
    }
    found
}

fn named(name: &str) -> Option<i64> {
    static CODES: OnceLock<HashMap<&'static str, i64>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        let all = tables();
        // What 3.x calls it comes last and wins.
        let rows = all.errors_high.rows.iter().chain(&all.errors_low.rows);
        rows.map(|r| (r.name.as_str(), r.number.0)).collect()
    });
    codes.get(name).copied()
}

/// How well a magnitude reads as a code: 2 is a code of its own, 1 a compound one, 0 none.
fn fits(magnitude: i64) -> u8 {
    if !(0x1080..=0x7F80).contains(&magnitude) {
        return 0;
    }
    let all = tables();
    let (high, low) = (magnitude & !0x7F, magnitude & 0x7F);
    if !all.errors_high.rows.iter().any(|r| r.number.0 == -high) {
        return 0;
    }
    if low == 0 {
        return 2;
    }
    let known = !NET.contains(&low) && all.errors_low.rows.iter().any(|r| r.number.0 == -low);
    u8::from(known)
}

/// What four decimal digits behind a minus sign are: Zephyr prints codes with `%x` and without `0x`
/// (`sockets_tls.c`), others in decimal.
pub(super) fn decimal_or_hex(digits: &str) -> Option<i64> {
    let decimal: i64 = digits.parse().ok()?;
    if digits.len() != 4 {
        return Some(-decimal);
    }
    let hex = i64::from_str_radix(digits, 16).ok()?;
    // Where both are codes, the one of the TLS module is the handshake's.
    let better = fits(hex) > fits(decimal) || fits(hex) == 2 && hex >= 0x5E00 && decimal < 0x2080;
    Some(if better { -hex } else { -decimal })
}

/// A code in the library's own form, `-0x7280`, that stands alone or behind any words: negative numbers
/// of four hexadecimal digits are its own.
pub(super) fn own_form(line: &[u8]) -> Option<i64> {
    static CODE: OnceLock<Option<Regex>> = OnceLock::new();
    memchr::memmem::find(line, b"-0x").or_else(|| memchr::memmem::find(line, b"-0X"))?;
    let regex =
        CODE.get_or_init(|| Regex::new(r"(?:^|[^\w])-0[xX]([0-9a-fA-F]{4})(?:$|[^\w])").ok());
    let caps = regex.as_ref()?.captures(line)?;
    let digits = std::str::from_utf8(caps.get(1)?.as_bytes()).ok()?;
    let magnitude = i64::from_str_radix(digits, 16).ok()?;
    (fits(magnitude) > 0 || NET.contains(&magnitude)).then_some(-magnitude)
}

/// A code in hexadecimal beside a word of TLS: `mbedtls error 0x7780`, `tls_code=0x2700`,
/// `TLS handshake error: -7f00`.
pub(super) fn beside_words(line: &[u8]) -> Option<i64> {
    static TLS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    static CODE: OnceLock<Option<Regex>> = OnceLock::new();
    let words = TLS.get_or_init(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(["tls", "ssl", "handshake", "x509"])
            .ok()
    });
    if !words.as_ref()?.is_match(line) {
        return None;
    }
    let regex = CODE.get_or_init(|| {
        Regex::new(
            r"(?i)(?:error|err|code|ret|returned|returns|rc|result|failed|fail|failure|status|reason)\w{0,8}\W{0,4}(?:\w{1,12}\W{1,3}){0,2}?(?:-?0x(?P<hex>[0-9a-f]{4})|-(?P<bare>[0-9a-f]{4}))\b",
        )
        .ok()
    });
    let caps = regex.as_ref()?.captures(line)?;
    let digits = caps.name("hex").or_else(|| caps.name("bare"))?;
    let magnitude = i64::from_str_radix(std::str::from_utf8(digits.as_bytes()).ok()?, 16).ok()?;
    // The modules of keys and PEM below are not what a handshake ends with.
    let known = match fits(magnitude) {
        2 => true,
        1 => magnitude >= 0x2080,
        _ => false,
    };
    known.then_some(-magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_and_joined() {
        assert_eq!(
            by_name(b"failed with MBEDTLS_ERR_SSL_CONN_EOF"),
            Some(-0x7280)
        );
        assert_eq!(
            by_name(b"MBEDTLS_ERR_RSA_PUBLIC_FAILED+MBEDTLS_ERR_MPI_ALLOC_FAILED"),
            Some(-0x4290)
        );
        assert_eq!(by_name(b"MBEDTLS_ERR_NO_SUCH_THING"), None);
    }

    #[test]
    fn four_digits_are_what_the_tables_have() {
        // Zephyr's %x.
        assert_eq!(decimal_or_hex("2700"), Some(-0x2700));
        assert_eq!(decimal_or_hex("7280"), Some(-0x7280));
        assert_eq!(decimal_or_hex("4290"), Some(-0x4290));
        // Decimal, as Arduino and MicroPython print it.
        assert_eq!(decimal_or_hex("9984"), Some(-0x2700));
        assert_eq!(decimal_or_hex("8576"), Some(-0x2180));
        assert_eq!(decimal_or_hex("29312"), Some(-29312));
        assert_eq!(decimal_or_hex("80"), Some(-80));
    }

    #[test]
    fn the_form_of_the_library_alone() {
        assert_eq!(own_form(b"handshake -0x7280"), Some(-0x7280));
        assert_eq!(own_form(b"[-0x2700]"), Some(-0x2700));
        assert_eq!(own_form(b"net: -0x0050"), Some(-0x50));
        assert_eq!(own_form(b"offset -0x1234abcd"), None);
        assert_eq!(own_form(b"id a-0x2700"), None);
        assert_eq!(own_form(b"delta -0x0001"), None);
    }

    #[test]
    fn hexadecimal_beside_a_word_of_tls() {
        assert_eq!(beside_words(b"mbedtls error 0x7780"), Some(-0x7780));
        assert_eq!(beside_words(b"TLS handshake error: -7f00"), Some(-0x7F00));
        assert_eq!(beside_words(b"esp_tls_code=0x2700"), Some(-0x2700));
        assert_eq!(beside_words(b"ssl error 0x1234"), None);
        assert_eq!(beside_words(b"flash error 0x2700"), None);
    }
}
