//! Frames that were written down as hexadecimal text: pasted from a forum, or the log of a console.
//!
//! In: one line. Out: its bytes, and whether the line holds nothing else.

/// The bytes of a hexadecimal line.
#[derive(Debug, PartialEq, Eq)]
pub struct HexLine {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The line holds nothing but these.
    pub whole: bool,
}

/// Reads `7E 00 15 …`, `7E0015…`, `0x7E, 0x00, …`, alone or as a field behind others. A line that
/// is all hexadecimal is read whole; of another one the part from the first `7E` on, if it has at
/// least five bytes.
#[must_use]
pub fn hex_line(line: &[u8]) -> Option<HexLine> {
    if let Some(bytes) = all_hex(line) {
        return Some(HexLine { bytes, whole: true });
    }
    let starts = (0..line.len().saturating_sub(1)).filter(|&i| {
        line[i] == b'7'
            && matches!(line[i + 1], b'E' | b'e')
            && (i == 0 || !line[i - 1].is_ascii_hexdigit())
    });
    for start in starts {
        let run = &line[start..];
        let end = run
            .iter()
            .position(|b| !b.is_ascii_hexdigit() && *b != b' ')
            .unwrap_or(run.len());
        if let Some(bytes) = all_hex(&run[..end]).filter(|b| b.len() >= 5) {
            return Some(HexLine {
                bytes,
                whole: false,
            });
        }
    }
    None
}

fn all_hex(line: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let parts = line
        .split(|b| matches!(b, b' ' | b'\t' | b',' | b':' | b';' | b'{' | b'}' | b'"'))
        .filter(|t| !t.is_empty());
    for part in parts {
        let digits = part
            .strip_prefix(b"0x")
            .or_else(|| part.strip_prefix(b"0X"))
            .or_else(|| part.strip_prefix(b"\\x"))
            .unwrap_or(part);
        if digits.is_empty() || digits.len() % 2 != 0 {
            return None;
        }
        for pair in digits.chunks(2) {
            let text = std::str::from_utf8(pair).ok()?;
            if !pair.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            bytes.push(u8::from_str_radix(text, 16).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn many_spellings() {
        let want = vec![0x7E, 0x00, 0x03, 0x89, 0x01, 0x00, 0x75];
        for (line, whole) in [
            ("7E 00 03 89 01 00 75", true),
            ("7e000389010075", true),
            ("0x7E, 0x00, 0x03, 0x89, 0x01, 0x00, 0x75", true),
            ("2,RECV,7E000389010075", false),
            ("sent: 7E 00 03 89 01 00 75 ok", false),
        ] {
            let got = hex_line(line.as_bytes()).unwrap();
            assert_eq!((got.bytes, got.whole), (want.clone(), whole), "{line}");
        }
        assert_eq!(hex_line(b"hello 7E 1"), None);
        assert_eq!(hex_line(b""), None);
    }
}
