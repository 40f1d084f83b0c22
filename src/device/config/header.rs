//! Reads `#define` and `#undef` of a C header, with its conditions.
//!
//! In: the text. Out: [`Define`]s that hold at the end, and names that were undefined. What a
//! condition asks of the compiler or the board cannot be known here: such a block counts, its
//! `#else` does not.

use super::constant::number;
use super::{Define, line_number};

/// What a header leaves behind.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Defined, in order.
    pub defines: Vec<Define>,
    /// Undefined and not defined again.
    pub undefined: Vec<Define>,
}

/// One `#if` that is open.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// The branch that is being read counts.
    active: bool,
    /// One of its branches counted already.
    taken: bool,
}

/// Deeper nesting than this is no configuration; it is read as if it applied.
const DEEPEST: usize = 64;

pub(super) fn read_header(text: &str) -> Header {
    let mut header = Header::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut in_comment = false;
    let mut lines = text.lines().enumerate();
    while let Some((index, raw)) = lines.next() {
        let mut line = strip_comments(raw, &mut in_comment);
        while line.trim_end().ends_with('\\') {
            line.truncate(line.trim_end().len() - 1);
            match lines.next() {
                Some((_, next)) => line.push_str(&strip_comments(next, &mut in_comment)),
                None => break,
            }
        }
        let Some(directive) = line.trim_start().strip_prefix('#') else {
            continue;
        };
        let directive = directive.trim_start();
        let end = directive
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(directive.len());
        let (word, rest) = directive.split_at(end);
        let rest = rest.trim();
        if header.condition(word, rest, &mut blocks) || !blocks.iter().all(|b| b.active) {
            continue;
        }
        match word {
            "define" => header.define(rest, line_number(index)),
            "undef" => {
                header.defines.retain(|d| d.name != rest);
                header.undefined.push(Define {
                    name: rest.to_owned(),
                    value: String::new(),
                    line: line_number(index),
                });
            }
            _ => {}
        }
    }
    header
}

impl Header {
    fn define(&mut self, rest: &str, line: u32) {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let (name, value) = rest.split_at(end);
        if name.is_empty() || value.starts_with('(') {
            return;
        }
        self.defines.retain(|d| d.name != name);
        self.undefined.retain(|d| d.name != name);
        self.defines.push(Define {
            name: name.to_owned(),
            value: value.split_whitespace().collect::<Vec<_>>().join(" "),
            line,
        });
    }

    /// Follows `#if` and its kin; `true` if the word is one of them.
    fn condition(&self, word: &str, rest: &str, blocks: &mut Vec<Block>) -> bool {
        let holds = match word {
            "if" => Expression::new(rest, self).value().map(|n| n != 0),
            "ifdef" => self.is_defined(rest),
            "ifndef" => self.is_defined(rest).map(|yes| !yes),
            "elif" | "else" => {
                let value = (word == "elif").then(|| Expression::new(rest, self).value());
                if let Some(block) = blocks.last_mut() {
                    let open = value.flatten().is_none_or(|n| n != 0);
                    block.active = !block.taken && open;
                    block.taken |= block.active;
                }
                return true;
            }
            "endif" => {
                blocks.pop();
                return true;
            }
            _ => return false,
        };
        if blocks.len() < DEEPEST {
            let active = holds.unwrap_or(true);
            blocks.push(Block {
                active,
                taken: active,
            });
        }
        true
    }

    /// Is it defined? `None` for what only the compiler or the build knows.
    fn is_defined(&self, name: &str) -> Option<bool> {
        let name = name.trim();
        if self.defines.iter().any(|d| d.name == name) {
            return Some(true);
        }
        let known = ["MBEDTLS_", "PSA_WANT_", "CONFIG_"]
            .iter()
            .any(|p| name.starts_with(p))
            || self.undefined.iter().any(|d| d.name == name)
            || matches!(name, "__cplusplus" | "_MSC_VER" | "_WIN32" | "__APPLE__");
        known.then_some(false)
    }
}

/// A condition of the preprocessor. A value that cannot be known is `None`.
struct Expression<'a> {
    rest: &'a str,
    header: &'a Header,
    depth: usize,
}

impl<'a> Expression<'a> {
    fn new(rest: &'a str, header: &'a Header) -> Self {
        Self {
            rest,
            header,
            depth: 0,
        }
    }

    fn value(mut self) -> Option<i64> {
        self.either()
    }

    fn eat(&mut self, token: &str) -> bool {
        let trimmed = self.rest.trim_start();
        match trimmed.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Option<i64> {
        let mut left = self.both();
        while self.eat("||") {
            let right = self.both();
            left = match (left, right) {
                (Some(a), _) | (_, Some(a)) if a != 0 => Some(1),
                (Some(_), Some(_)) => Some(0),
                _ => None,
            };
        }
        left
    }

    fn both(&mut self) -> Option<i64> {
        let mut left = self.compared();
        while self.eat("&&") {
            let right = self.compared();
            left = match (left, right) {
                (Some(0), _) | (_, Some(0)) => Some(0),
                (Some(_), Some(_)) => Some(1),
                _ => None,
            };
        }
        left
    }

    fn compared(&mut self) -> Option<i64> {
        let left = self.single();
        for (token, test) in [
            (
                "==",
                (|a: i64, b: i64| i64::from(a == b)) as fn(i64, i64) -> i64,
            ),
            ("!=", |a, b| i64::from(a != b)),
            ("<=", |a, b| i64::from(a <= b)),
            (">=", |a, b| i64::from(a >= b)),
            ("<", |a, b| i64::from(a < b)),
            (">", |a, b| i64::from(a > b)),
        ] {
            if self.eat(token) {
                let right = self.single();
                return Some(test(left?, right?));
            }
        }
        left
    }

    fn single(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        if self.eat("!") {
            return self.single().map(|n| i64::from(n == 0));
        }
        if self.eat("(") {
            let value = self.either();
            self.eat(")");
            return value;
        }
        let word = self.word();
        if word == "defined" {
            let bracket = self.eat("(");
            let name = self.word();
            if bracket {
                self.eat(")");
            }
            return self.header.is_defined(name).map(i64::from);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(word);
        }
        match self.header.defines.iter().find(|d| d.name == word) {
            Some(define) => number(&define.value),
            None => self.header.is_defined(word).map(i64::from),
        }
    }

    fn word(&mut self) -> &'a str {
        let trimmed = self.rest.trim_start();
        let end = trimmed
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(trimmed.len());
        let (word, rest) = trimmed.split_at(end);
        // Something that is no word is stepped over, so that reading comes to its end.
        self.rest = if word.is_empty() {
            rest.get(rest.chars().next().map_or(0, char::len_utf8)..)
                .unwrap_or_default()
        } else {
            rest
        };
        word
    }
}

/// The line without comments; `in_comment` goes over lines.
pub(super) fn strip_comments(line: &str, in_comment: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    loop {
        if *in_comment {
            match rest.find("*/") {
                Some(end) => {
                    *in_comment = false;
                    rest = rest.get(end + 2..).unwrap_or_default();
                }
                None => return out,
            }
        } else {
            let block = rest.find("/*");
            let plain = rest.find("//");
            match (block, plain) {
                (Some(b), p) if p.is_none_or(|p| b < p) => {
                    out.push_str(rest.get(..b).unwrap_or_default());
                    *in_comment = true;
                    rest = rest.get(b + 2..).unwrap_or_default();
                }
                (_, Some(p)) => {
                    out.push_str(rest.get(..p).unwrap_or_default());
                    return out;
                }
                _ => {
                    out.push_str(rest);
                    return out;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        read_header(text)
            .defines
            .into_iter()
            .map(|d| d.name)
            .collect()
    }

    #[test]
    fn conditions_are_followed_where_the_file_decides_them() {
        let text = "#ifndef BOARD_CONFIG_H\n#define BOARD_CONFIG_H\n#if 0\n#define MBEDTLS_A\n#else\n#define MBEDTLS_B\n#endif\n\
            #if defined(MBEDTLS_B) && !defined(MBEDTLS_A)\n#define MBEDTLS_C\n#elif 1\n#define MBEDTLS_D\n#endif\n\
            #ifdef MBEDTLS_NOT_HERE\n#define MBEDTLS_E\n#endif\n#define SIZE 4\n#if (SIZE > 3) || nonsense(\n#define MBEDTLS_F\n#endif\n#endif\n";
        assert_eq!(
            names(text),
            [
                "BOARD_CONFIG_H",
                "MBEDTLS_B",
                "MBEDTLS_C",
                "SIZE",
                "MBEDTLS_F"
            ]
        );
    }

    #[test]
    fn what_only_the_board_knows_counts_without_its_else() {
        let text = "#if defined(STM32F407xx)\n#define MBEDTLS_A\n#else\n#define MBEDTLS_B\n#endif\n#ifdef __cplusplus\n#define X\n#endif\n";
        assert_eq!(names(text), ["MBEDTLS_A"]);
    }

    #[test]
    fn no_header_is_too_odd() {
        for text in [
            "#",
            "#if",
            "#elif\n#else\n#endif\n#endif",
            "#if (((((",
            "#define",
            "#undef",
            "#if !!!!!!",
            "#if \u{e9}\u{e9} == 1\n#define A",
        ] {
            read_header(text);
        }
        read_header(&"#if 1\n".repeat(1000));
        read_header(&format!("#if {}", "(".repeat(5000)));
    }
}
