//! Finding the library's own trace in a line: `ssl_tls.c:2784: |2| => handshake`.
//!
//! The library hands file, line and text to a callback of the application, so what stands between
//! and before differs (Mbed TLS `debug.c`, `programs/ssl/ssl_client2.c`, ESP-IDF's port).

/// One line of the library's trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceLine<'a> {
    /// What stood before the file name on the same line.
    pub before: &'a [u8],
    /// File name without folders.
    pub file: &'a [u8],
    /// Line of the library's source.
    pub source_line: u32,
    /// Debug level, where the application prints it.
    pub level: Option<u8>,
    /// The text.
    pub text: &'a [u8],
}

/// Names that files of the library which print traces begin with.
const FILES: [&[u8]; 12] = [
    b"ssl_", b"x509", b"pk", b"rsa", b"ecp", b"ecd", b"dhm", b"net_", b"ctr_", b"entropy",
    b"bignum", b"psa_",
];

/// Finds the trace in a line that is already free of times.
#[must_use]
pub fn trace_line(line: &[u8]) -> Option<TraceLine<'_>> {
    let head = &line[..line.len().min(400)];
    for colon in memchr::memchr_iter(b':', head) {
        if colon < 4 || line[colon - 2] != b'.' || !matches!(line[colon - 1], b'c' | b'h') {
            continue;
        }
        let mut start = colon - 2;
        while start > 0 && (line[start - 1].is_ascii_alphanumeric() || line[start - 1] == b'_') {
            start -= 1;
        }
        let file = &line[start..colon];
        if !FILES.iter().any(|f| file.starts_with(f)) {
            continue;
        }
        let Some((source_line, rest)) = digits(&line[colon + 1..]) else {
            continue;
        };
        // Folders of a full build path belong to the file name, not to the application's text.
        let mut path = start;
        while path > 0
            && matches!(line[path - 1], b'/' | b'\\' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')
            && (path < start || matches!(line[path - 1], b'/' | b'\\'))
        {
            path -= 1;
        }
        let before = &line[..path];
        // OpenSSL has files of such names too: `…:SSL routines::no shared cipher:ssl/ssl_rsa.c:310:`.
        if memchr::memmem::find(before, b" routines:").is_some() {
            return None;
        }
        let rest = rest.strip_prefix(b":").unwrap_or(rest);
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let (level, rest) = match rest {
            [b'|', l @ b'0'..=b'9', b'|', tail @ ..] => {
                (Some(l - b'0'), tail.strip_prefix(b" ").unwrap_or(tail))
            }
            _ => (None, rest),
        };
        return Some(TraceLine {
            before,
            file,
            source_line,
            level,
            text: skip_pointer(rest),
        });
    }
    None
}

/// With `MBEDTLS_THREADING_C` the text begins with the context's address: `0x3ffb1234: `.
fn skip_pointer(text: &[u8]) -> &[u8] {
    if let Some(rest) = text.strip_prefix(b"0x") {
        let hex = rest
            .iter()
            .take(17)
            .take_while(|b| b.is_ascii_hexdigit())
            .count();
        if let Some(rest) = rest[hex..].strip_prefix(b": ") {
            return rest;
        }
    }
    text
}

pub(super) fn digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let n = text
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if n == 0 || n > 9 {
        return None;
    }
    let value = text[..n]
        .iter()
        .fold(0, |v, b| v * 10 + u32::from(b - b'0'));
    Some((value, &text[n..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_different_applications() {
        for (line, before, file, number, level, text) in [
            (
                "ssl_cli.c:3510: client state: 12",
                "",
                "ssl_cli.c",
                3510,
                None,
                "client state: 12",
            ),
            (
                "ssl_tls.c:0106: |3| set_timer to 0 ms",
                "",
                "ssl_tls.c",
                106,
                Some(3),
                "set_timer to 0 ms",
            ),
            (
                "ssl_tls.c:8383 => handshake",
                "",
                "ssl_tls.c",
                8383,
                None,
                "=> handshake",
            ),
            (
                "/home/u/mbedtls/library/ssl_msg.c:12: 0x3ffb0001: <= x",
                "",
                "ssl_msg.c",
                12,
                None,
                "<= x",
            ),
            (
                "  . Performing...ssl_tls.c:8383: |2| => handshake",
                "  . Performing...",
                "ssl_tls.c",
                8383,
                Some(2),
                "=> handshake",
            ),
        ] {
            let got = trace_line(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(std::str::from_utf8(got.file), Ok(file));
            assert_eq!(got.source_line, number);
            assert_eq!(got.level, level);
            assert_eq!(std::str::from_utf8(got.text), Ok(text));
            assert!(
                before.is_empty()
                    || std::str::from_utf8(got.before) == Ok(before)
                    || got.before.starts_with(b"  . "),
                "{line}"
            );
        }
        assert_eq!(trace_line(b"main.c:12: hello"), None);
        assert_eq!(trace_line(b"ssl_tls.c: no number"), None);
        assert_eq!(
            trace_line(
                b"error:05800074:x509 certificate routines::key values mismatch:crypto/x509/x509_cmp.c:405:"
            ),
            None
        );
    }
}
