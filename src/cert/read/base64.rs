//! Base64 as people keep it: broken into lines, quoted, escaped, indented, prefixed by a logger.
//!
//! In: a range of a text. Out: the decoded bytes, where each digit stood, and what is odd about the
//! lines. Must not know what the bytes are.

use data_encoding::Encoding;
use std::sync::OnceLock;
use zeroize::Zeroize;

use super::text::Text;
use crate::cert::problem::{Problem, Severity};

/// Decoded bytes with the place of every digit.
#[derive(Default)]
pub(super) struct Decoded {
    pub bytes: Vec<u8>,
    pub places: Places,
    /// Range of the text.
    pub start: usize,
    pub end: usize,
    /// `Proc-Type: 4,ENCRYPTED` of the older armour.
    pub encrypted: bool,
    pub problems: Vec<Problem>,
}

/// Larger blocks hold no certificate, key or list that a device meets.
const LARGEST_BLOCK: usize = 32 * 1_024 * 1_024;
/// A line that is not digits alone is taken apart byte by byte, at some cost in memory.
const LARGEST_LINE: usize = 4 * 1_024 * 1_024;

/// Where each digit stood: runs of digits that follow each other in the text.
#[derive(Default)]
pub(super) struct Places {
    /// Number of the first digit of a run, and its place in the text.
    runs: Vec<(usize, usize)>,
    digits: usize,
}

impl Places {
    /// The next `count` digits stand one after the other from `place` on.
    fn push(&mut self, place: usize, count: usize) {
        let follows = self
            .runs
            .last()
            .is_some_and(|(first, at)| at + (self.digits - first) == place);
        if !follows {
            self.runs.push((self.digits, place));
        }
        self.digits += count;
    }

    fn pop(&mut self) {
        self.digits = self.digits.saturating_sub(1);
    }

    fn of_digit(&self, digit: usize) -> Option<usize> {
        if digit >= self.digits {
            return None;
        }
        let run = self.runs.partition_point(|(first, _)| *first <= digit);
        let (first, place) = self.runs.get(run.checked_sub(1)?)?;
        Some(place + (digit - first))
    }

    /// Place in the text of byte `i`, which begins in digit `i * 4 / 3`.
    pub fn of_byte(&self, i: usize) -> Option<usize> {
        self.of_digit(i * 4 / 3)
    }
}

/// What was odd about the lines, told once each.
#[derive(Default)]
struct Oddities {
    quoted: Option<usize>,
    escaped: Option<usize>,
    entity: Option<usize>,
    printable: Option<usize>,
    indented: Option<usize>,
    spaced: Option<usize>,
    mail: Option<usize>,
    prefixed: Option<usize>,
    bad: Option<(usize, u8)>,
    widest: usize,
}

fn is_digit(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')
}

/// Trailing bits are not looked at: a copied certificate may have lost its padding.
fn engine() -> Option<&'static Encoding> {
    static ENGINE: OnceLock<Option<Encoding>> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            let mut specification = data_encoding::BASE64_NOPAD.specification();
            specification.check_trailing_bits = false;
            specification.encoding().ok()
        })
        .as_ref()
}

/// Decodes the text from `start` to `end`.
pub(super) fn decode(text: &Text, start: usize, end: usize) -> Decoded {
    let mut out = Decoded {
        start,
        end,
        ..Decoded::default()
    };
    let mut odd = Oddities::default();
    let mut digits: Vec<u8> = Vec::new();
    let mut padding = None;
    if let Some(what) = too_large(text, start, end) {
        out.problems.push(place(
            Problem::new("limit.block", Severity::Error, what),
            text,
            start,
        ));
        return out;
    }
    let mut at = start;
    while at < end {
        let rest = text.bytes.get(at..end).unwrap_or_default();
        let stop = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let raw = rest.get(..stop).unwrap_or_default();
        if raw.iter().all(|b| is_digit(*b)) {
            if !raw.is_empty() {
                out.places.push(at, raw.len());
                digits.extend_from_slice(raw);
                odd.widest = odd.widest.max(raw.len());
            }
        } else if at + stop < end || odd.prefixed.is_none() {
            for line in virtual_lines(text, at, at + stop, &mut odd) {
                take_line(&line, &mut digits, &mut padding, &mut out, &mut odd);
            }
        }
        // Else: what a logger wrote before the END of the block is its prefix.
        at += stop + 1;
    }
    tell(&odd, text, &mut out.problems);
    if digits.len() % 4 == 1 {
        let at = out.places.of_digit(digits.len() - 1).unwrap_or(start);
        out.problems.push(place(
            Problem::new(
                "pem.bad_base64",
                Severity::Error,
                format!(
                    "The base64 has {} digits, which is no whole number of bytes: a digit is missing or too many.",
                    digits.len()
                ),
            ),
            text,
            at,
        ));
        digits.pop();
        out.places.pop();
    }
    if let Some(engine) = engine() {
        out.bytes = engine.decode(&digits).unwrap_or_default();
    }
    digits.zeroize();
    out
}

/// Why the block is not decoded, if so.
fn too_large(text: &Text, start: usize, end: usize) -> Option<String> {
    let block = text.bytes.get(start..end).unwrap_or_default();
    if block.len() > LARGEST_BLOCK {
        return Some(format!(
            "refused: limit of {} MB for one block; this one has {} bytes.",
            LARGEST_BLOCK >> 20,
            block.len()
        ));
    }
    block
        .split(|b| matches!(b, b'\r' | b'\n'))
        .find(|line| line.len() > LARGEST_LINE && !line.iter().all(|b| is_digit(*b)))
        .map(|line| {
            format!(
                "refused: limit of {} MB for a line that is not base64 alone; this one has {} bytes.",
                LARGEST_LINE >> 20,
                line.len()
            )
        })
}

/// A line as a person sees it: `\n` written out ends one as well.
type Line = Vec<(u8, usize)>;

fn virtual_lines(text: &Text, start: usize, end: usize, odd: &mut Oddities) -> Vec<Line> {
    let bytes = text.bytes.get(..end).unwrap_or(&text.bytes);
    let mut lines = Vec::new();
    let mut line: Line = Vec::new();
    let mut i = start;
    while let Some(b) = bytes.get(i).copied() {
        let rest = bytes.get(i..).unwrap_or_default();
        match b {
            b'\n' | b'\r' => lines.push(std::mem::take(&mut line)),
            b'\\' => {
                let slashes = rest.iter().take_while(|b| **b == b'\\').count();
                match rest.get(slashes) {
                    Some(b'n' | b'r') => {
                        odd.escaped.get_or_insert(i);
                        lines.push(std::mem::take(&mut line));
                        i += slashes;
                    }
                    Some(b't') => i += slashes,
                    // JSON may escape the solidus.
                    Some(b'/') => {}
                    _ => line.push((b' ', i)),
                }
            }
            b'"' | b'\'' => {
                odd.quoted.get_or_insert(i);
                line.push((b'"', i));
            }
            b'&' => match entity(rest) {
                Some((value, len)) => {
                    odd.entity.get_or_insert(i);
                    line.push((value, i));
                    i += len - 1;
                }
                None => line.push((b, i)),
            },
            b'=' if rest.starts_with(b"=3D") => {
                odd.printable.get_or_insert(i);
                line.push((b'=', i));
                i += 2;
            }
            // A soft line break of quoted-printable: digits follow on the next line.
            b'=' if odd.printable.is_some()
                && matches!(text.bytes.get(i + 1), Some(b'\r' | b'\n')) => {}
            _ => line.push((b, i)),
        }
        i += 1;
    }
    lines.push(line);
    lines
}

fn entity(rest: &[u8]) -> Option<(u8, usize)> {
    const ENTITIES: [(&[u8], u8); 8] = [
        (b"&#43;", b'+'),
        (b"&#47;", b'/'),
        (b"&#61;", b'='),
        (b"&#x2B;", b'+'),
        (b"&#x2b;", b'+'),
        (b"&#x2F;", b'/'),
        (b"&#x3D;", b'='),
        (b"&quot;", b'"'),
    ];
    ENTITIES
        .iter()
        .find(|(name, _)| rest.starts_with(name))
        .map(|(name, value)| (*value, name.len()))
}

fn take_line(
    line: &Line,
    digits: &mut Vec<u8>,
    padding: &mut Option<usize>,
    out: &mut Decoded,
    odd: &mut Oddities,
) {
    let quoted = line.iter().any(|(b, _)| *b == b'"');
    let white = |b: u8| matches!(b, b' ' | b'\t' | b'"' | b',' | b';' | b'(' | b')') || b == 0;
    let mut tokens: Vec<&[(u8, usize)]> = line
        .split(|(b, _)| white(*b))
        .filter(|t| !t.is_empty())
        .collect();
    // Joining strings with a plus sign is no base64.
    if quoted {
        tokens.retain(|t| !matches!(t, [(b'+', _)]));
    }
    let Some(first) = tokens.first().copied() else {
        return;
    };
    let starts = |token: &[(u8, usize)], name: &[u8]| {
        token
            .iter()
            .map(|(b, _)| *b)
            .take(name.len())
            .eq(name.iter().copied())
    };
    if starts(first, b"Proc-Type:") || starts(first, b"DEK-Info:") {
        out.encrypted = true;
        return;
    }
    if first.iter().all(|(b, _)| *b == b'>') {
        odd.mail.get_or_insert(first[0].1);
        tokens.remove(0);
    }
    let good = |token: &[(u8, usize)]| token.iter().all(|(b, _)| is_digit(*b) || *b == b'=');
    let chosen: Vec<&[(u8, usize)]> = if tokens.iter().all(|t| good(t)) {
        if tokens.len() > 1 {
            odd.spaced.get_or_insert(tokens[1][0].1);
        }
        tokens
    } else if tokens.len() > 1 && tokens.last().is_some_and(|t| good(t)) {
        odd.prefixed.get_or_insert(first[0].1);
        tokens.split_off(tokens.len() - 1)
    } else {
        tokens
    };
    if line.first().is_some_and(|(b, _)| matches!(b, b' ' | b'\t')) && !chosen.is_empty() {
        odd.indented.get_or_insert(line[0].1);
    }
    let mut width = 0;
    for (b, at) in chosen.into_iter().flatten() {
        if *b == b'=' {
            padding.get_or_insert(*at);
        } else if is_digit(*b) {
            digits.push(*b);
            out.places.push(*at, 1);
            width += 1;
        } else if odd.bad.is_none() {
            odd.bad = Some((*at, *b));
        }
    }
    odd.widest = odd.widest.max(width);
}

fn place(problem: Problem, text: &Text, at: usize) -> Problem {
    let mut problem = problem.at(text.offset(at));
    problem.line = Some(text.line(at));
    problem
}

fn tell(odd: &Oddities, text: &Text, problems: &mut Vec<Problem>) {
    use Severity::{Error, Note, Warning};
    if let Some((at, byte)) = odd.bad {
        let shown = if byte.is_ascii_graphic() {
            format!("\u{201c}{}\u{201d}", char::from(byte))
        } else {
            format!("byte {byte:02X}")
        };
        problems.push(place(
            Problem::new(
                "pem.bad_base64",
                Error,
                format!(
                    "{shown} stands inside the base64, where only letters, digits, + and / may be."
                ),
            ),
            text,
            at,
        ));
    }
    let told: [(Option<usize>, &'static str, Severity, &str); 8] = [
        (
            odd.quoted,
            "pem.in_source_code",
            Note,
            "The PEM stands in quoted strings of source code. It was read without quotes.",
        ),
        (
            odd.escaped,
            "pem.escaped_newlines",
            Warning,
            "Line ends are written out as \\n. A file for a device needs real ones.",
        ),
        (
            odd.entity,
            "pem.html_entities",
            Error,
            "The base64 holds HTML entities, from a web page. Copy the certificate as a file.",
        ),
        (
            odd.printable,
            "pem.quoted_printable",
            Error,
            "The text is quoted-printable, from a mail (=3D stands for =). Save the attachment instead.",
        ),
        (
            odd.mail,
            "pem.quoted_mail",
            Error,
            "The lines begin with >, from a quoted mail. Devices do not take that.",
        ),
        (
            odd.prefixed,
            "pem.log_prefixed",
            Error,
            "Each line carries a prefix, from a log. It was read without.",
        ),
        (
            odd.spaced,
            "pem.spaces_in_lines",
            Warning,
            "Spaces stand between the digits of a line. Some devices do not take that.",
        ),
        (
            odd.indented.filter(|_| odd.quoted.is_none()),
            "pem.indented",
            Warning,
            "The lines are indented. Some devices do not take that.",
        ),
    ];
    for (at, id, severity, sentence) in told {
        if let Some(at) = at {
            problems.push(place(Problem::new(id, severity, sentence), text, at));
        }
    }
    if odd.widest > 76 {
        problems.push(Problem::new(
            "pem.line_length",
            Warning,
            format!(
                "Lines of {} base64 digits; RFC 7468 section 2 asks for 64. Some devices do not take longer ones.",
                odd.widest
            ),
        ));
    }
}

/// Runs that are looked at, and digits of the shortest one: a small key.
const MOST_RUNS: usize = 1_000;
const SHORTEST_RUN: usize = 100;

/// Ranges of base64 inside another text (`x5c` of JSON, `X509Certificate` of XML) that begin as a DER
/// SEQUENCE with a length of one or two further octets does (30 81, 30 82).
pub(super) fn runs(text: &Text) -> Vec<(usize, usize)> {
    let bytes = text.bytes.as_ref();
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(bytes.get(from..).unwrap_or_default(), b"MI") {
        let start = from + at;
        let before = start.checked_sub(1).and_then(|i| bytes.get(i));
        let rest = bytes.get(start..).unwrap_or_default();
        let len = rest
            .iter()
            .take(LARGEST_BLOCK)
            .take_while(|b| is_digit(**b) || matches!(**b, b'=' | b'\r' | b'\n'))
            .count();
        let fresh = before.is_none_or(|b| !is_digit(*b));
        if fresh && len >= SHORTEST_RUN && matches!(rest.get(2), Some(b'G'..=b'L')) {
            out.push((start, start + len));
            if out.len() >= MOST_RUNS {
                break;
            }
        }
        from = start + len.max(2);
    }
    out
}

/// A text of base64 alone: a few lines of nothing but digits, or such lines before an END line.
pub(super) fn bare(text: &Text) -> Option<Decoded> {
    let end = memchr::memmem::find(&text.bytes, b"-END ").map_or(text.bytes.len(), |at| {
        let before = text.bytes.get(..at).unwrap_or_default();
        at - before.iter().rev().take_while(|b| **b == b'-').count()
    });
    let body = text.bytes.get(..end).filter(|b| b.len() <= LARGEST_BLOCK)?;
    let digits = body
        .iter()
        .filter(|b| is_digit(**b) || b.is_ascii_whitespace() || **b == b'=')
        .count();
    if body.len() < 64 || digits * 100 < body.len() * 97 {
        return None;
    }
    Some(decode(text, 0, end))
}
