//! Blanks private keys in raw bytes, keeping every offset and line: used before anything is saved.
//!
//! In: bytes as received. Out: the same bytes with the body of each private key as `X`. Knows the
//! PEM armour only (RFC 7468 and the older forms of OpenSSL), on its own lines, in one line, and
//! in a C string with `\n` written out.

use memchr::memmem;

/// The longest key body to expect: RSA with 16,384 bits has about 13,000 characters.
const LONGEST: usize = 32 * 1024;

/// Overwrites the body of every private key with `X` (line ends, quotes and spaces stay) and
/// returns how many there were. A key without its END is blanked as long as lines look like one.
pub fn blank_private_keys(bytes: &mut [u8]) -> usize {
    let mut found = 0;
    let mut at = 0;
    while let Some(begin) = next_begin(bytes, at) {
        let rest = bytes.get_mut(begin..).unwrap_or_default();
        let near = rest.get(..LONGEST.min(rest.len())).unwrap_or_default();
        let end = memmem::find(near, b"-----END ").unwrap_or_else(|| unfinished(near));
        blank_body(rest.get_mut(..end).unwrap_or_default());
        found += 1;
        at = begin + end;
    }
    found
}

/// Offset behind the next `-----BEGIN … PRIVATE KEY-----` from `at` on.
fn next_begin(bytes: &[u8], mut at: usize) -> Option<usize> {
    const LABEL_END: &[u8] = b"PRIVATE KEY-----";
    loop {
        let begin = at + memmem::find(bytes.get(at..)?, b"-----BEGIN ")?;
        let label = bytes.get(begin + 11..)?;
        let label = label.get(..64.min(label.len()))?;
        if let Some(end) = memmem::find(label, LABEL_END)
            && memchr::memchr(b'\n', label.get(..end)?).is_none()
        {
            return Some(begin + 11 + end + LABEL_END.len());
        }
        at = begin + 11;
    }
}

/// Length of what still looks like the body of a key: lines of nothing but base64, quotes and
/// the header lines of the older armour.
fn unfinished(near: &[u8]) -> usize {
    let mut len = 0;
    for line in near.split_inclusive(|b| *b == b'\n') {
        let body = line.trim_ascii();
        let base64 = body
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=\"'\\,; ".contains(b));
        let header = body.starts_with(b"Proc-Type:") || body.starts_with(b"DEK-Info:");
        if len > 0 && !(base64 && body.len() >= 16 || header || body.is_empty()) {
            break;
        }
        len += line.len();
    }
    len
}

fn blank_body(body: &mut [u8]) {
    let mut escaped = false;
    for b in body {
        match *b {
            b'\n' | b'\r' | b'"' | b'\'' | b' ' | b'\t' | b',' => escaped = false,
            b'\\' => escaped = true,
            b'n' | b'r' if escaped => escaped = false,
            _ => {
                escaped = false;
                *b = b'X';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MHcCAQEEIBplanted0secret1bytes2of3a4key5oAoGCCqGSM49";

    fn blanked(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        assert_eq!(blank_private_keys(&mut bytes), 1, "{text}");
        assert_eq!(bytes.len(), text.len());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn every_armour_loses_its_body_and_keeps_its_lines() {
        for label in [
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
        ] {
            let text =
                format!("a\n-----BEGIN {label}-----\n{BODY}\n{BODY}\n-----END {label}-----\nb\n");
            let out = blanked(&text);
            assert!(!out.contains("planted"), "{out}");
            assert!(out.ends_with("-----\nb\n"));
            assert_eq!(out.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn one_line_c_string_and_unfinished_key() {
        let c = format!(
            "\"-----BEGIN EC PRIVATE KEY-----\\n\"\n\"{BODY}\\n\"\n\"-----END EC PRIVATE KEY-----\\n\";"
        );
        let out = blanked(&c);
        assert!(!out.contains("planted") && out.contains("X\\n\""), "{out}");
        let one = format!("-----BEGIN PRIVATE KEY-----{BODY}-----END PRIVATE KEY-----");
        assert!(!blanked(&one).contains("planted"));
        let cut = format!("-----BEGIN PRIVATE KEY-----\n{BODY}\n");
        assert!(!blanked(&cut).contains("planted"));
        let torn = format!("-----BEGIN PRIVATE KEY-----\n{BODY}\nI (5) wifi: up\n");
        assert!(blanked(&torn).ends_with("I (5) wifi: up\n"));
    }

    #[test]
    fn certificates_stay() {
        let mut pem = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_vec();
        let before = pem.clone();
        assert_eq!(blank_private_keys(&mut pem), 0);
        assert_eq!(pem, before);
    }
}
