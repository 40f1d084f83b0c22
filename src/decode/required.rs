//! Texts one of which stands in everything that a pattern matches.
//!
//! In: a regular expression of bytes. Out: its required texts in lower case, so that a line without
//! any of them (in whatever letter case) can be left alone; nothing where the pattern has no such
//! texts. Wrong only towards too many lines, never towards too few.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Shorter texts stand in too many lines to spare any.
const LEAST: usize = 3;
/// Longer texts find hardly fewer lines.
const ENOUGH: usize = 6;
/// Most texts that are tried in one place of a pattern.
const MOST: usize = 64;
/// Most texts of a whole pattern.
const MOST_OF_ALL: usize = 256;

/// A wider range of a class is not tried.
const MOST_WIDE: u32 = 64;

type Texts = Vec<Vec<u8>>;

/// The required texts of a pattern that is compiled without Unicode.
pub(super) fn texts(pattern: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .ok()?;
    let texts = required(&hir)?;
    if length(&texts) < LEAST {
        return None;
    }
    texts
        .into_iter()
        .map(|text| String::from_utf8(text).ok())
        .collect()
}

/// The shortest of them counts.
fn length(texts: &Texts) -> usize {
    texts.iter().map(Vec::len).min().unwrap_or(0)
}

fn better(found: Option<Texts>, other: Option<Texts>) -> Option<Texts> {
    // Long enough, then few, then longer.
    let score = |texts: &Texts| {
        let length = length(texts);
        (length.min(ENOUGH), usize::MAX - texts.len(), length)
    };
    match (found, other) {
        (Some(a), Some(b)) if score(&b) > score(&a) => Some(b),
        (Some(a), _) => Some(a),
        (None, other) => other,
    }
}

/// Texts one of which stands in every match.
fn required(hir: &Hir) -> Option<Texts> {
    let inner = match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(parts) => {
            let mut all = Texts::new();
            for part in parts {
                all.extend(required(part)?);
            }
            all.sort();
            all.dedup();
            (all.len() <= MOST_OF_ALL).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut best = None;
            let mut run = vec![Vec::new()];
            for part in parts {
                if let Some(longer) = exact(part).and_then(|next| product(&run, &next)) {
                    let shorter = std::mem::replace(&mut run, longer);
                    best = better(best, Some(shorter));
                } else {
                    best = better(best, Some(std::mem::replace(&mut run, vec![Vec::new()])));
                    // What stood in the way may begin the next run.
                    match exact(part) {
                        Some(next) => run = next,
                        None => best = better(best, required(part)),
                    }
                }
            }
            better(best, Some(run))
        }
        _ => None,
    };
    better(inner, exact(hir)).filter(|texts| length(texts) > 0)
}

/// All texts that a part can match, in lower case, where they are few.
fn exact(hir: &Hir) -> Option<Texts> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => letters(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Repetition(repetition) => {
            let sub = exact(&repetition.sub)?;
            let most = repetition.max.filter(|max| *max <= 4)?;
            let mut all = Texts::new();
            let mut repeated = vec![Vec::new()];
            for times in 0..=most {
                if times >= repetition.min {
                    all.extend(repeated.iter().cloned());
                }
                if times < most {
                    repeated = product(&repeated, &sub)?;
                }
            }
            few(all)
        }
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Vec::new()], |run, part| product(&run, &exact(part)?)),
        HirKind::Alternation(parts) => {
            let mut all = Texts::new();
            for part in parts {
                all.extend(exact(part)?);
            }
            few(all)
        }
    }
}

/// The bytes of a small class.
fn letters(class: &Class) -> Option<Texts> {
    let mut all = Texts::new();
    let mut add = |from: u32, to: u32| {
        for byte in from..=to.min(from.saturating_add(MOST_WIDE)) {
            let byte = u8::try_from(byte).ok().filter(u8::is_ascii)?;
            all.push(vec![byte.to_ascii_lowercase()]);
        }
        Some(())
    };
    match class {
        Class::Bytes(class) => {
            for range in class.ranges() {
                add(range.start().into(), range.end().into())?;
            }
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                add(range.start().into(), range.end().into())?;
            }
        }
    }
    few(all)
}

/// Every text of one followed by every text of the other.
fn product(first: &Texts, second: &Texts) -> Option<Texts> {
    if first.len() * second.len() > MOST {
        return None;
    }
    let mut all = Texts::new();
    for a in first {
        for b in second {
            all.push([a.as_slice(), b].concat());
        }
    }
    few(all)
}

fn few(mut all: Texts) -> Option<Texts> {
    all.sort();
    all.dedup();
    (all.len() <= MOST).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Vec<String> {
        texts(pattern).unwrap_or_default()
    }

    #[test]
    fn the_longest_text_that_must_stand_there() {
        assert_eq!(
            of(r"IOT step \((\d+)\) Data: (\d+)/(-?\d+)"),
            ["iot step ("]
        );
        assert_eq!(of(r"(?i)\bhandshake state[ :=]+\d"), ["handshake state"]);
        assert_eq!(of(r"(?i)(?:TLS|SSL) up"), ["ssl up", "tls up"]);
        assert_eq!(of(r"(?:connect|refuse)\w*\b.*"), ["connect", "refuse"]);
        assert_eq!(
            of(r"\berror (?:code)? ?= ?\d+|\bfailed\b"),
            ["error ", "failed"]
        );
        assert_eq!(of(r"a{2,3}bc\d*xyz"), ["aaabc", "aabc"]);
    }

    #[test]
    fn none_where_anything_may_match() {
        for pattern in [r"\d+", r"(?:abcd)?\d", r"abc|.*", r"-\d\d", "", "("] {
            assert_eq!(texts(pattern), None, "{pattern}");
        }
    }
}
