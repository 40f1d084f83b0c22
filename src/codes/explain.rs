//! A query of a person, part by part.

use super::asked::{Asked, asked};
use super::literal::readings;
use super::mbedtls::anchor_at;
use super::numbers::{Candidate, Candidates};
use super::topic::{Pair, is_filler, pairs, topic};
use super::{Explained, Kind, Meaning, StackHint, Unknown, names};
use crate::knowledge::codes::tables;

use super::describe;

/// Longer queries are cut: nobody writes them, but a log may be pasted by mistake.
const MAX_QUERY_BYTES: usize = 16 * 1024;
/// More parts than this are not looked at.
const MAX_PARTS: usize = 64;
/// For who asked for what is in no table.
pub const WHAT_CAN_BE_ASKED: &str = "Ask for a number as it was printed (-0x2700, FFFFB380, \
    0xC02B), with what it counts or whose it is in front (alert 46, quectel 563, errno 113), or \
    for a name (ASN_NO_SIGNER_E).";

/// Explains a code in any spelling, most plausible meaning first. Several codes are separated by
/// commas, semicolons or line ends; each gives its meanings in turn.
///
/// Numbers may be signed or not, decimal, hexadecimal with or without `0x`, or 32-bit two's
/// complement (`FFFF8D80`); compound codes are split. A word in front says what a number counts
/// (`alert 46`, `state 12`, `flags 0x08`, `group 0x0018`, `sigalg 0x0603`, `msgtype 22`). Names are
/// found with and without their prefixes, and the official texts too. Words may also say whose a
/// number is (`quectel 563`, `spwf04 certificate error 23`): what their tables have comes first. The order of meanings is the
/// rule at the top of `numbers.rs`: the hinted stack and version first, negative numbers as errors,
/// small ones as alerts and states.
#[must_use]
#[allow(clippy::needless_pass_by_value)] // callers build the hint for this one call
pub fn explain(query: &str, hint: Option<StackHint>) -> Explained {
    let mut cut = query.len().min(MAX_QUERY_BYTES);
    while !query.is_char_boundary(cut) {
        cut -= 1;
    }
    let text = query.get(..cut).unwrap_or_default();
    let mut answer = Explained {
        query: query.trim().to_owned(),
        meanings: Vec::new(),
        unknown: Vec::new(),
    };
    if let Some(flags) = verify_flags(text) {
        add_part(&mut answer, &format!("flags {flags}"), hint.as_ref());
        return answer;
    }
    let question = asked(text);
    let mut of_number = None;
    if let Some(question) = &question {
        let (own, others) = of_whom(question, hint.as_ref());
        if !own.is_empty() {
            answer.meanings = own;
            if !question.errno {
                answer.meanings.extend(others);
            }
            return answer;
        }
        of_number = Some(others);
    }
    if let Some(suite) = registry_bytes(text) {
        add_part(&mut answer, &format!("suite {suite}"), hint.as_ref());
        return answer;
    }
    // Some official texts hold a comma.
    let mut whole = Candidates::new(hint.as_ref(), None);
    names::look_up(text, &mut whole);
    if !whole.found.is_empty() {
        add_part(&mut answer, text.trim(), hint.as_ref());
        return answer;
    }
    for part in text
        .split([',', ';', '\n', '\r'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .take(MAX_PARTS)
    {
        // Of several codes each tells what is its stack's own, and no more.
        let own = asked(part).map(|question| of_whom(&question, hint.as_ref()).0);
        match own.filter(|own| !own.is_empty()) {
            Some(own) => answer.meanings.extend(own),
            None => add_part(&mut answer, part, hint.as_ref()),
        }
    }
    if answer.meanings.is_empty()
        && let (Some(question), Some(others)) = (question, of_number)
        && !others.is_empty()
    {
        answer.meanings = others;
        answer.unknown = vec![Unknown {
            asked: answer.query.clone(),
            sentence: not_theirs(&question),
        }];
    }
    answer
}

/// What the numbers of a question mean to the one who was named, and what they mean to others.
fn of_whom(question: &Asked<'_>, hint: Option<&StackHint>) -> (Vec<Meaning>, Vec<Meaning>) {
    let found = explain(&question.numbers, hint.cloned());
    (found.meanings.into_iter()).partition(|m| question.means(m))
}

/// That a number is in no table of the one who was named, or that nobody known was named.
fn not_theirs(question: &Asked<'_>) -> String {
    let (words, numbers) = (question.words, &question.numbers);
    if question.names_someone() {
        format!("No table of {words} has {numbers}; what is listed is what others mean by it.")
    } else {
        format!("No table goes by the name {words}; what is listed is all that {numbers} can mean.")
    }
}

/// Explains the arguments of a command line: `alert 46` may come as one or as two, and `-0x7280 46`
/// are two codes.
#[must_use]
pub fn explain_arguments(arguments: &[&str]) -> Explained {
    let is_number = |a: &str| !readings(a).is_empty();
    let by_itself = |a: &&str| {
        let mut found = Candidates::new(None, None);
        names::look_up(a, &mut found);
        is_number(a) || (!found.found.is_empty() && topic(&a.to_ascii_lowercase()).is_none())
    };
    let each = arguments.iter().all(by_itself);
    let mut query = String::new();
    let mut before = None;
    for argument in arguments {
        match before {
            None => {}
            Some(before) if each || is_number(before) => query.push_str(", "),
            Some(_) => query.push(' '),
        }
        query.push_str(argument);
        before = Some(*argument);
    }
    explain(&query, None)
}

/// `verify 0x208`: only the flags of Mbed TLS are written so; OpenSSL counts its results in decimal.
fn verify_flags(text: &str) -> Option<&str> {
    const WORDS: [&str; 3] = ["verify", "verification", "x509_verify"];
    let (word, number) = text.trim().split_once([' ', '=', ':'])?;
    let number = number.trim();
    let hexadecimal = number.starts_with("0x") || number.starts_with("0X");
    let asked = WORDS.iter().any(|w| w.eq_ignore_ascii_case(word.trim()));
    (asked && hexadecimal && !number.contains(char::is_whitespace)).then_some(number)
}

/// `0xC0,0x30`, as the IANA registry writes a suite.
fn registry_bytes(text: &str) -> Option<String> {
    let byte = |text: &str| {
        let digits = text.strip_prefix("0x").filter(|d| d.len() == 2)?;
        u8::from_str_radix(digits, 16).ok()
    };
    let (first, second) = text.trim().trim_matches(['{', '}']).split_once(',')?;
    Some(format!("0x{:02X}{:02X}", byte(first)?, byte(second)?))
}

fn add_part(answer: &mut Explained, part: &str, hint: Option<&StackHint>) {
    let (mut found, unknown) = candidates_of(part, hint);
    found.sort_by_key(|c| std::cmp::Reverse(c.score));
    let nothing = found.is_empty();
    for Candidate { meaning, .. } in found {
        if !answer.meanings.contains(&meaning) {
            answer.meanings.push(meaning);
        }
    }
    let sentence = match unknown {
        Some(sentence) => sentence,
        // A pasted line has words between its codes.
        None if nothing && (answer.meanings.is_empty() || !part.contains([' ', '='])) => {
            in_no_table(
                part,
                answer.unknown.is_empty() && answer.meanings.is_empty(),
            )
        }
        None => return,
    };
    answer.unknown.push(Unknown {
        asked: part.to_owned(),
        sentence,
    });
}

/// That nobody knows this; where nothing else is said, what can be asked for.
fn in_no_table(part: &str, alone: bool) -> String {
    if part.eq_ignore_ascii_case("0x") {
        return "0x begins a hexadecimal number; its digits are missing.".to_owned();
    }
    let none = format!("\"{}\" is in none of the tables.", shortened(part));
    if alone {
        format!("{none} {WHAT_CAN_BE_ASKED}")
    } else {
        none
    }
}

/// A part of a query short enough to be repeated in a sentence.
fn shortened(part: &str) -> String {
    const MAX_CHARS: usize = 60;
    if part.chars().count() <= MAX_CHARS {
        return part.to_owned();
    }
    part.chars().take(MAX_CHARS).chain(['…']).collect()
}

type Found = (Vec<Candidate>, Option<String>);

fn candidates_of(part: &str, hint: Option<&StackHint>) -> Found {
    let whole = one_value(part, None, hint);
    if !whole.0.is_empty() || (whole.1.is_some() && !readings(part).is_empty()) {
        return whole;
    }
    let mut found = Vec::new();
    let mut unknown = None;
    for pair in pairs(part) {
        found.push(Candidate {
            score: 100,
            meaning: match pair_meaning(pair) {
                Some(meaning) => meaning,
                None => continue,
            },
        });
    }
    let words: Vec<&str> = part
        .split(|c: char| c.is_whitespace() || "=()\"'".contains(c))
        .map(|w| w.trim_matches([':', '.', '!', '?']))
        .filter(|w| !w.is_empty() && !w.contains(['[', ']']))
        .collect();
    let mut at = 0;
    while at < words.len() {
        let (kind, used) = announced(&words, at);
        if let Some(kind) = kind {
            if let Some((end, some, why)) = after_topic(&words, at + used, kind, hint) {
                let nothing = || {
                    let number = words.get(end - 1).copied().unwrap_or_default();
                    format!("No {} has the number {number}.", kind.title())
                };
                unknown = unknown.or(why).or_else(|| some.is_empty().then(nothing));
                found.extend(some);
                at = end;
                continue;
            }
            at += used;
            continue;
        }
        let word = words.get(at).copied().unwrap_or_default();
        if looks_like_code(word) {
            let (some, why) = one_value(word, None, hint);
            if some.is_empty() {
                unknown = unknown.or(why);
            }
            found.extend(some);
        }
        at += 1;
    }
    (found, unknown)
}

/// The value behind a topic word: a number, or a name of up to four words. Gives the place after
/// it, its meanings, and what is unknown; `None` if no value stands there.
fn after_topic(
    words: &[&str],
    from: usize,
    kind: Kind,
    hint: Option<&StackHint>,
) -> Option<(usize, Vec<Candidate>, Option<String>)> {
    let start = (from..words.len()).find(|&i| {
        words
            .get(i)
            .is_some_and(|w| !is_filler(&w.to_ascii_lowercase()))
    })?;
    let word = words.get(start)?;
    if !readings(word).is_empty() {
        let (found, unknown) = one_value(word, Some(kind), hint);
        return Some((start + 1, found, unknown));
    }
    (1..=4).rev().find_map(|count| {
        let name = words.get(start..start + count)?.join("_");
        let (found, unknown) = one_value(&name, Some(kind), hint);
        (!found.is_empty()).then_some((start + count, found, unknown))
    })
}

/// The kind that the words at this place announce, and how many words do so.
fn announced(words: &[&str], at: usize) -> (Option<Kind>, usize) {
    let lower = |i: usize| {
        words
            .get(i)
            .map(|w| w.to_ascii_lowercase().replace('-', "_"))
    };
    let Some(first) = lower(at) else {
        return (None, 0);
    };
    if let Some(second) = lower(at + 1)
        && let Some(kind) = topic(&format!("{first}_{second}"))
    {
        return (Some(kind), 2);
    }
    (topic(&first), 1)
}

/// Within a sentence only what can hardly be an ordinary word or count is looked up.
fn looks_like_code(word: &str) -> bool {
    if !readings(word).is_empty() {
        let signed = word.starts_with(['-', '\u{2212}']);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        return signed || word.starts_with("0x") || word.starts_with("0X") || digits < word.len();
    }
    word.contains('_') || word.matches('-').count() >= 2
}

fn one_value(word: &str, only: Option<Kind>, hint: Option<&StackHint>) -> Found {
    let mut candidates = Candidates::new(hint, only);
    let numbers = readings(word);
    let mut explained = false;
    for (place, literal) in numbers.iter().enumerate() {
        let mut reading = Candidates::new(hint, only);
        reading.number(*literal);
        if only == Some(Kind::VerifyFlag) && literal.value == -1 {
            reading.add(100, describe::check_not_run(), |_| true);
        }
        // Without 0x a word may be decimal or hexadecimal: the reading that is explained whole
        // wins, then the one that is written more often.
        let partly = reading.unknown.is_some();
        let less = if partly { 50 } else { 0 } + if place > 0 { 10 } else { 0 };
        explained |= !partly && !reading.found.is_empty();
        candidates.unknown = candidates.unknown.or(reading.unknown);
        candidates
            .found
            .extend(reading.found.into_iter().map(|mut c| {
                c.score -= less;
                c
            }));
    }
    if explained {
        candidates.unknown = None;
    }
    if numbers.is_empty() {
        names::look_up(word, &mut candidates);
        if let Some((file, line)) = word.trim().rsplit_once(':')
            && let Some(row) = line.parse().ok().and_then(|line| anchor_at(file, line))
        {
            candidates.add(30, describe::source_line(row), |_| true);
        }
        if only.is_none() {
            for pair in pairs(word).into_iter().take(1) {
                let alone = word.trim().starts_with('[') && word.trim().ends_with(']');
                if let Some(meaning) = pair_meaning(pair).filter(|_| alone) {
                    candidates.add(100, meaning, |_| true);
                }
            }
        }
    }
    (candidates.found, candidates.unknown)
}

fn pair_meaning(pair: Pair) -> Option<Meaning> {
    let tables = tables();
    match pair {
        Pair::Alert(number) => tables
            .alerts
            .rows
            .iter()
            .find(|r| r.number.0 == i64::from(number))
            .map(describe::alert),
        Pair::Version(number) => tables
            .versions
            .rows
            .iter()
            .find(|r| r.number.0 == i64::from(number))
            .map(|row| describe::named(Kind::Version, &tables.versions, row)),
    }
}
