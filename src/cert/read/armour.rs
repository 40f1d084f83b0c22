//! Finds PEM armour anywhere in a text (RFC 7468, and what people make of it).
//!
//! In: a text. Out: objects and problems in the file. A block without END ends where the base64
//! ends; hyphens may be three or more; labels are believed less than contents.

use zeroize::Zeroize;

use super::text::Text;
use super::{MOST_OBJECTS, Passwords, add, base64, commands, der, is_full, pem_key};
use crate::cert::file::{CertFile, Content, Encoding, PrivateKey};
use crate::cert::problem::{Problem, Severity};

struct Mark {
    start: usize,
    end: usize,
    label: String,
    begin: bool,
    hyphens: usize,
}

/// More marks are not looked at.
const MOST_MARKS: usize = 4 * MOST_OBJECTS;

fn marks(text: &[u8]) -> Vec<Mark> {
    let mut places: Vec<(usize, bool)> = memchr::memmem::find_iter(text, b"-BEGIN ")
        .take(MOST_MARKS)
        .map(|at| (at, true))
        .chain(
            memchr::memmem::find_iter(text, b"-END ")
                .take(MOST_MARKS)
                .map(|at| (at, false)),
        )
        .collect();
    places.sort_unstable();
    let mut found: Vec<Mark> = Vec::new();
    for (at, begin) in places {
        let floor = found.last().map_or(0, |m| m.end);
        if let Some(mark) = mark(text, at, begin, floor) {
            found.push(mark);
        }
    }
    found
}

/// Three hyphens or more, the word, a label of capitals, three hyphens or more. `at` is the last
/// hyphen before the word; nothing before `floor` belongs to it.
fn mark(text: &[u8], at: usize, begin: bool, floor: usize) -> Option<Mark> {
    let before = text.get(floor..=at)?;
    let hyphens = before.iter().rev().take_while(|b| **b == b'-').count();
    let start = at + if begin { 7 } else { 5 };
    let rest = text.get(start..)?;
    let label_byte = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b" ._/".contains(&b);
    let len = rest.iter().take(62).take_while(|b| label_byte(**b)).count();
    let label = rest.get(..len)?;
    let tail = rest.get(len..)?.iter().take_while(|b| **b == b'-').count();
    let label = label.strip_suffix(b" ").unwrap_or(label);
    if hyphens < 3 || tail < 3 || !label.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    // `-----END A----------BEGIN A-----`: two marks on one line leave five hyphens to the next one.
    let end = if len - label.len() + tail >= 8 {
        start + label.len() + 5
    } else {
        start + len + tail
    };
    Some(Mark {
        start: at + 1 - hyphens,
        end,
        label: String::from_utf8_lossy(label).into_owned(),
        begin,
        hyphens,
    })
}

/// Reads every armoured object of `text`.
pub(super) fn read_into(file: &mut CertFile, text: &Text, passwords: &Passwords) {
    let marks = marks(&text.bytes);
    let mut last_end = 0;
    for (i, begin) in marks.iter().enumerate().filter(|(_, m)| m.begin) {
        if is_full(file) {
            break;
        }
        let next = marks.get(i + 1);
        let end_mark = next.filter(|m| !m.begin);
        let limit = next.map_or(text.bytes.len(), |m| m.start);
        let stop = if end_mark.is_some() {
            limit
        } else {
            end_of_base64(&text.bytes, begin.end, limit)
        };
        let whole_end = end_mark.map_or(stop, |m| m.end);
        tell_armour(file, text, begin, end_mark);
        read_block(file, text, begin, stop, whole_end, passwords);
        commands::tell(file, text, begin.start, whole_end);
        last_end = whole_end;
    }
    if marks.iter().any(|m| m.begin) {
        tell_lines(file, text, &marks, last_end);
    }
}

fn read_block(
    file: &mut CertFile,
    text: &Text,
    begin: &Mark,
    stop: usize,
    whole_end: usize,
    passwords: &Passwords,
) {
    let place = (text.offset(begin.start), text.offset(whole_end));
    let mut body = base64::decode(text, begin.end, stop);
    file.problems.append(&mut body.problems);
    if body.encrypted {
        let head = text.bytes.get(begin.end..stop).unwrap_or_default();
        let opened = pem_key::open(head, &body.bytes, passwords);
        if opened.is_none() {
            file.problems.push(der::closed_key(passwords).at(place.0));
        }
        let key = opened.unwrap_or_else(|| PrivateKey {
            format: match begin.label.as_str() {
                "EC PRIVATE KEY" => "SEC1",
                "DSA PRIVATE KEY" => "DSA",
                _ => "PKCS#1",
            },
            encrypted: true,
            kind: begin
                .label
                .strip_suffix(" PRIVATE KEY")
                .map(ToOwned::to_owned),
            bits: None,
            curve: None,
            spki_sha256: None,
            compressed_sha256: None,
        });
        add(
            file,
            Content::PrivateKey(key),
            place,
            Encoding::Pem,
            Some(begin.label.clone()),
            body.bytes.len(),
            &|i| i,
        );
        body.bytes.zeroize();
        return;
    }
    let places = std::mem::take(&mut body.places);
    let before = file.objects.len();
    der::read_into(
        file,
        &body.bytes,
        Encoding::Pem,
        |i| text.offset(places.of_byte(i).unwrap_or(stop)),
        Some(place),
        passwords,
    );
    body.bytes.zeroize();
    for object in file.objects.iter_mut().skip(before) {
        object.label = Some(begin.label.clone());
    }
    let kind = file.objects.get(before).map(|o| o.content.kind());
    if kind.is_some_and(|kind| !fits(&begin.label, kind)) {
        let mut problem = Problem::new(
            "pem.label_wrong",
            Severity::Error,
            format!(
                "The label says \u{201c}{}\u{201d}; inside is a {}.",
                begin.label,
                kind.unwrap_or_default().replace('_', " ")
            ),
        )
        .at(place.0);
        problem.line = Some(text.line(begin.start));
        file.problems.push(problem);
    }
}

/// Does the label name this kind of content? Unknown labels fit everything.
fn fits(label: &str, kind: &str) -> bool {
    if kind == "unreadable" {
        return true;
    }
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => kind == "certificate",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => kind == "certificate_request",
        "X509 CRL" => kind == "crl",
        _ if label.ends_with("PRIVATE KEY") => kind == "private_key",
        _ if label.ends_with("PUBLIC KEY") => kind == "public_key",
        _ => true,
    }
}

/// Where the lines stop looking like base64.
fn end_of_base64(text: &[u8], start: usize, limit: usize) -> usize {
    let body = text.get(start..limit).unwrap_or_default();
    let mut end = start;
    for line in body.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
        let plain = line.trim_ascii();
        let base64ish = plain
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=\"'\\,; >".contains(b));
        let sentence = memchr::memchr_iter(b' ', plain).count() > 2;
        if !(plain.is_empty() || base64ish && !sentence) {
            break;
        }
        end += line.len();
    }
    end
}

fn tell_armour(file: &mut CertFile, text: &Text, begin: &Mark, end: Option<&Mark>) {
    let mut tell = |id, severity, sentence: String, at: usize| {
        let mut problem = Problem::new(id, severity, sentence).at(text.offset(at));
        problem.line = Some(text.line(at));
        file.problems.push(problem);
    };
    let smart = begin.hyphens > 8;
    if begin.hyphens != 5 && !smart {
        tell(
            "pem.hyphens",
            Severity::Error,
            format!(
                "The BEGIN line has {} hyphens; RFC 7468 asks for five. Devices do not find the block.",
                begin.hyphens
            ),
            begin.start,
        );
    }
    match end {
        None => tell(
            "pem.no_footer",
            Severity::Error,
            format!(
                "The line -----END {}----- is missing. What is there was read.",
                begin.label
            ),
            begin.start,
        ),
        Some(end) if end.label != begin.label => tell(
            "pem.label_mismatch",
            Severity::Error,
            format!(
                "BEGIN says \u{201c}{}\u{201d} and END says \u{201c}{}\u{201d}. Most readers find no block.",
                begin.label, end.label
            ),
            end.start,
        ),
        Some(_) => {}
    }
}

/// Line ends, and text around the blocks.
fn tell_lines(file: &mut CertFile, text: &Text, marks: &[Mark], last_end: usize) {
    let bytes = &text.bytes;
    let lf = memchr::memchr_iter(b'\n', bytes).count();
    let crlf = memchr::memmem::find_iter(bytes, b"\r\n").count();
    let cr = memchr::memchr_iter(b'\r', bytes).count();
    if cr > 0 && lf == 0 {
        file.problems.push(Problem::new(
            "file.cr_only",
            Severity::Error,
            "Lines end with CR alone, as old Macintosh programs wrote them. Most readers see one long line.",
        ));
    } else if crlf > 0 && crlf == lf {
        file.problems.push(Problem::new(
            "file.crlf",
            Severity::Note,
            format!("Lines end with CR LF: {crlf} bytes more than with LF."),
        ));
    } else if crlf > 0 {
        file.problems.push(Problem::new(
            "file.mixed_line_ends",
            Severity::Warning,
            "Some lines end with CR LF and some with LF.",
        ));
    }
    if marks
        .windows(2)
        .any(|m| !m[0].begin && m[1].begin && m[0].end == m[1].start)
    {
        file.problems.push(Problem::new(
            "pem.glued",
            Severity::Error,
            "END of one block and BEGIN of the next stand on one line. Join files with a line end between them.",
        ));
    }
    let tail = bytes.get(last_end..).unwrap_or_default();
    let closed = marks.last().is_some_and(|m| !m.begin);
    if tail.is_empty() && closed && lf + cr > 0 {
        file.problems.push(
            Problem::new(
                "file.no_final_newline",
                Severity::Warning,
                "The last line has no line end. Some modules wait for it, and joining files glues the lines.",
            )
            .at(text.offset(bytes.len())),
        );
    }
}
