//! A number as C writes it: `4096`, `0x1000U`, `( 4 * 1024 )`, `(1 << 14)`.
//!
//! In: the text behind a name. Out: its value, or nothing where it is no constant of plain numbers.

/// Deeper brackets than this are no constant of a configuration.
const DEEPEST: usize = 16;

/// The value of the whole text.
pub(crate) fn number(text: &str) -> Option<i64> {
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    let value = reader.sum()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Shifts bind weaker than sums; brackets stand around them in practice.
    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        loop {
            if self.eat("+") {
                value = value.checked_add(self.product()?)?;
            } else if self.eat("-") {
                value = value.checked_sub(self.product()?)?;
            } else if self.eat("<<") {
                let by = self.sum()?;
                let by = u32::try_from(by).ok().filter(|by| *by < 32)?;
                value = value.checked_mul(1 << by)?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.factor()?;
        while self.eat("*") {
            value = value.checked_mul(self.factor()?)?;
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<i64> {
        if self.eat("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let value = self.sum()?;
            self.depth -= 1;
            return self.eat(")").then_some(value);
        }
        if self.eat("-") {
            return self.literal()?.checked_neg();
        }
        self.literal()
    }

    fn literal(&mut self) -> Option<i64> {
        let text = self.rest.trim_start();
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        let word = word.trim_end_matches(['u', 'U', 'l', 'L']);
        match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => word.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn constants_are_worked_out_and_nothing_else() {
        for (text, value) in [
            ("4096", 4096),
            (" ( 4 * 1024 ) ", 4096),
            ("0x1000U", 4096),
            ("((2))", 2),
            ("(1 << 14)", 16_384),
            ("2*(3+4)", 14),
            ("(16 * 1024) + 256", 16_640),
            ("16384 - 1", 16_383),
            ("-1", -1),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in [
            "",
            "(",
            "MAX_LEN",
            "4 *",
            "4 5",
            "sizeof(int)",
            "1 << 40",
            "9999999999999999999",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number(&"(".repeat(100_000)), None);
    }
}
