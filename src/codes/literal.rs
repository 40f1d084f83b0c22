//! Numbers as people write them: `-0x7280`, `29312`, `FFFF8D80`, `c030`, `(-0xffffffd3)`.

/// How a number was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Decimal digits.
    Decimal,
    /// Hexadecimal, with so many digits.
    Hex(usize),
}

/// One reading of a written number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// The value, with two's complement undone.
    pub value: i64,
    /// How it was written.
    pub base: Base,
    /// A positive number that a trace printed as the two's complement of its negative, as
    /// `-0xffffffd3` for 45: bytes, not an error.
    pub byte_count: bool,
}

/// All readings of a word as a number, most plausible first; empty if it is none. A word without
/// `0x` can be decimal and hexadecimal at once (`7280`).
pub(super) fn readings(word: &str) -> Vec<Literal> {
    let word = word.trim_matches(|c: char| c.is_whitespace() || "()[]{}'\"`,;:.".contains(c));
    let (negative, digits) = match word.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        return hexadecimal(hex, negative).into_iter().collect();
    }
    let decimal = digits.parse::<u64>().ok().filter(|_| all_decimal(digits));
    let decimal = decimal.and_then(|magnitude| literal(magnitude, negative, Base::Decimal));
    // Without 0x only the widths that registers, suites and codes have are read as hexadecimal.
    let hex = (matches!(digits.len(), 4 | 8 | 16)
        || (digits.len() < 4 && decimal.is_none() && digits.starts_with(|c: char| c.is_numeric())))
    .then(|| hexadecimal(digits, negative))
    .flatten();
    // A signed number of eight decimal digits is just that.
    let hex = hex.filter(|_| !negative || digits.len() == 4 || !all_decimal(digits));
    let hex = hex.filter(|_| digits.bytes().any(|b| b.is_ascii_digit()) || digits.len() >= 8);
    let zero_first = digits.len() > 1 && digits.starts_with('0');
    let both = if zero_first {
        [hex, decimal]
    } else {
        [decimal, hex]
    };
    both.into_iter().flatten().collect()
}

fn all_decimal(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn hexadecimal(digits: &str, negative: bool) -> Option<Literal> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, 16).ok()?;
    literal(magnitude, negative, Base::Hex(digits.len()))
}

fn literal(magnitude: u64, negative: bool, base: Base) -> Option<Literal> {
    let word = u32::try_from(magnitude).ok();
    // The two's complement of what was written: 32 bits where it fits, else 64.
    let wrapped = match word {
        Some(word) if word >= 0x8000_0000 => Some(i64::from(word.cast_signed())),
        None if magnitude > 0x7FFF_FFFF_FFFF_FFFF => Some(magnitude.cast_signed()),
        _ => None,
    };
    let (value, byte_count) = match (wrapped, negative) {
        (Some(value), true) => (value.checked_neg()?, true),
        (Some(value), false) => (value, false),
        (None, _) => {
            let value = i64::try_from(magnitude).ok()?;
            (if negative { -value } else { value }, false)
        }
    };
    Some(Literal {
        value,
        base,
        byte_count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(word: &str) -> Vec<i64> {
        readings(word).iter().map(|l| l.value).collect()
    }

    #[test]
    fn every_spelling_of_one_error() {
        for word in [
            "-0x7280",
            "-29312",
            "FFFF8D80",
            "0xffff8d80",
            "4294937984",
            "(-0x7280)",
            "\u{2212}0x7280",
            "0xFFFFFFFFFFFF8D80",
        ] {
            assert_eq!(values(word).first(), Some(&-0x7280), "{word}");
        }
        assert_eq!(values("0x7280"), [0x7280]);
        assert_eq!(values("29312"), [29312]);
        assert_eq!(values("7280"), [7280, 0x7280]);
    }

    #[test]
    fn a_byte_count_printed_as_an_error() {
        for word in ["-0xffffffd3", "(-0xffffffd3)", "-0xFFFFFFFFFFFFFFD3"] {
            let found = readings(word);
            assert_eq!(found.len(), 1);
            assert!(
                found.iter().all(|l| l.byte_count && l.value == 45),
                "{word}"
            );
        }
        assert!(readings("-0x7280").iter().all(|l| !l.byte_count));
    }

    #[test]
    fn hexadecimal_without_prefix() {
        assert_eq!(values("c030"), [0xC030]);
        assert_eq!(values("0603"), [0x0603, 603]);
        assert_eq!(values("ffffffff"), [-1]);
    }

    #[test]
    fn words_are_not_numbers() {
        for word in [
            "",
            "-",
            "0x",
            "bad",
            "face",
            "deadline",
            "0x12g4",
            "-0x",
            "1.2",
            "99999999999999999999999",
        ] {
            assert_eq!(values(word), [0_i64; 0], "{word}");
        }
    }
}
