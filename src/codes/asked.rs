//! Whose number a person asks for: the words in front of it, as in `quectel 563`, `errno 113` or
//! `spwf04 certificate error 23`.
//!
//! In: a query. Out: the tables that its words name and the numbers behind them, or nothing where
//! the query is no such short question (a pasted line, a word of TLS itself such as `alert`). Must
//! not look numbers up.

use super::literal::readings;
use super::topic::topic;
use super::{Kind, Meaning, StackHint};
use crate::knowledge::codes::{DeviceTable, StackKind, StackTable, stack_tables, tables};

/// Longer queries are pasted lines.
const MAX_BYTES: usize = 120;
/// More words in front make a sentence, not a question.
const MAX_WORDS: usize = 5;
/// Words that tell nothing of whose a number is.
const FILLER: [&str; 26] = [
    "error", "errors", "err", "code", "codes", "number", "num", "status", "result", "ret", "rc",
    "return", "returned", "returns", "failed", "is", "of", "the", "on", "in", "what", "and",
    "command", "commands", "type", "types",
];

/// A short question for numbers of somebody.
pub(super) struct Asked<'a> {
    /// The words in front, as written.
    pub words: &'a str,
    /// The numbers, separated by commas.
    pub numbers: String,
    /// System errors are asked for, and nothing else.
    pub errno: bool,
    /// Stack and source of each table that the words name; no source stands for all of the stack.
    tables: Vec<(&'static str, &'static str)>,
}

impl Asked<'_> {
    /// Is this meaning from a table that the words name?
    pub fn means(&self, meaning: &Meaning) -> bool {
        let named = |&(stack, source): &(&str, &str)| {
            stack == meaning.stack && (source.is_empty() || source == meaning.source)
        };
        self.tables.iter().any(named)
    }

    /// Do the words name any table?
    pub fn names_someone(&self) -> bool {
        !self.tables.is_empty()
    }
}

/// The question that this text asks, if it is one.
pub(super) fn asked(text: &str) -> Option<Asked<'_>> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    let separates = |c: char| c.is_whitespace() || c == ':' || c == '=';
    let mut start = 0;
    for piece in text.split_inclusive(separates) {
        let word = piece.trim_end_matches(separates);
        if !readings(word).is_empty() && (start == 0 || !is_frame(word)) {
            break;
        }
        start += piece.len();
    }
    // Where all numbers name frames the last one is asked for.
    if text.get(start..).is_none_or(str::is_empty) {
        start = text.rfind(separates)? + 1;
    }
    let (words, behind) = text.split_at_checked(start)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || " -_+./:=%#&\t".contains(c);
    // A pair of a trace, such as [2:46].
    if behind.starts_with('[') {
        return None;
    }
    if words.trim().is_empty() || !words.chars().all(plain) {
        return None;
    }
    let numbers = behind.split(['(', ':']).next().unwrap_or_default().trim();
    let each: Vec<&str> = numbers
        .split([' ', ',', ';', '\t'])
        .filter(|n| !n.is_empty())
        .collect();
    if each.is_empty() || each.iter().any(|n| readings(n).is_empty()) {
        return None;
    }
    let given: Vec<String> = words
        .split(separates)
        .map(str::to_ascii_lowercase)
        .filter(|w| !w.is_empty())
        .collect();
    if given.len() > MAX_WORDS || names_a_kind(&given) {
        return None;
    }
    let wanted: Vec<&str> = given
        .iter()
        .map(String::as_str)
        .filter(|w| w.len() > 1 && !FILLER.contains(w))
        .collect();
    let (tables, most) = named_tables(&wanted);
    // Text behind the number belongs to the question only where its words are all understood.
    if behind.trim() != numbers && (most < wanted.len() || wanted.is_empty()) {
        return None;
    }
    Some(Asked {
        words: words.trim().trim_end_matches([':', '=']),
        numbers: each.join(", "),
        errno: wanted.contains(&"errno"),
        tables,
    })
}

/// Is this number the name of a frame, as in `xbee 0x89 0x85`?
fn is_frame(word: &str) -> bool {
    let word = letters(word);
    word.starts_with("0x") && {
        let mut titles = tables().devices.iter().map(|t| t.title.as_str());
        titles.any(|title| parts(title).any(|part| part == word))
    }
}

/// Do the words say what kind of number of TLS or of Mbed TLS it is? Then it is nobody's own.
fn names_a_kind(words: &[String]) -> bool {
    let kind = |word: &str| {
        topic(&word.replace('-', "_"))
            .is_some_and(|k| !matches!(k, Kind::DeviceError | Kind::Error))
    };
    let pairs = words.windows(2).map(|two| two.join("_"));
    words.iter().any(|w| kind(w)) || pairs.into_iter().any(|two| kind(&two))
}

/// The tables that the most words name, and how many words that is.
fn named_tables(words: &[&str]) -> (Vec<(&'static str, &'static str)>, usize) {
    let count = |bag: &[String]| words.iter().filter(|w| names(bag, w)).count();
    let mut found: Vec<(usize, &'static str, &'static str)> = Vec::new();
    let t = tables();
    for table in t.devices.iter().filter(|t| !t.decoded_only) {
        found.push((count(&of_device(table)), &table.stack, &table.source));
    }
    for table in stack_tables() {
        found.push((count(&of_stack(table)), &table.stack, &table.source));
    }
    let inside = |word: &&&str| {
        let hint = StackHint {
            family: (**word).to_owned(),
            version: None,
        };
        **word == "esp32" || hint.names(&t.errors_high.stack)
    };
    let mbedtls = words.iter().filter(inside).count();
    found.push((mbedtls, &t.errors_high.stack, ""));
    let most = found.iter().map(|f| f.0).max().unwrap_or(0);
    found.retain(|f| most > 0 && f.0 == most);
    (found.into_iter().map(|(_, a, b)| (a, b)).collect(), most)
}

/// Does the word, whole or in its parts, stand in the bag?
fn names(bag: &[String], word: &str) -> bool {
    let whole = letters(word);
    let parts = || parts(word).filter(|p| !FILLER.contains(&p.as_str()));
    bag.contains(&whole) || (parts().next().is_some() && parts().all(|p| bag.contains(&p)))
}

fn of_device(table: &DeviceTable) -> Vec<String> {
    bag(
        &table.stack,
        &[&table.id, &table.title, &table.prefix],
        &table.also,
    )
}

fn of_stack(table: &StackTable) -> Vec<String> {
    let kind = match table.kind {
        StackKind::OpensslReason => "reason",
        StackKind::StackError | StackKind::X509Verify => "",
    };
    bag(&table.stack, &[kind], &table.also)
}

fn bag(stack: &str, others: &[&str], also: &[String]) -> Vec<String> {
    let mut bag: Vec<String> = parts(stack).collect();
    bag.push(letters(stack));
    for text in others {
        bag.extend(parts(text));
    }
    bag.extend(also.iter().map(|w| letters(w)));
    bag.retain(|w| !FILLER.contains(&w.as_str()));
    bag
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| part.len() > 1)
        .map(str::to_ascii_lowercase)
}

fn letters(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}
