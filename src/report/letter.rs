//! The letter to whoever can mend the other side: exact bytes, sizes and times of this session.
//!
//! In: a session with a letter of the diagnosis. Out: its lines, redacted. Nothing is judged here.

use std::fmt::Write as _;

use super::redact::{LeaveOut, Redactor};
use super::source::ReportSource;
use crate::cert::{CertFile, Certificate};
use crate::evidence::{Direction, TimeBase};
use crate::session::figures::{grouped, rfc3339};

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterPart {
    /// The subject.
    Subject(String),
    /// A paragraph.
    Paragraph(String),
    /// A heading.
    Heading(String),
    /// A point of a list.
    Point(String),
}

/// The parts of the letter; none where the diagnosis has no letter.
#[must_use]
pub fn letter_parts(source: &ReportSource<'_>) -> Vec<LetterPart> {
    let snapshot = source.snapshot;
    let Some(letter) = &snapshot.diagnosis.letter else {
        return Vec::new();
    };
    let mut parts = vec![LetterPart::Subject(letter.subject.clone())];
    let paragraphs = letter.opening.iter().cloned();
    parts.extend(paragraphs.map(LetterPart::Paragraph));
    let mut list = |heading: &str, points: Vec<String>| {
        if !points.is_empty() {
            parts.push(LetterPart::Heading(heading.to_owned()));
            parts.extend(points.into_iter().map(LetterPart::Point));
        }
    };
    list("What would help", letter.asks.clone());
    list("What was seen", seen(source));
    list("The certificates", certificates(source));
    let closed = letter.closed.iter();
    list(
        "What it is not",
        closed
            .map(|(title, why)| format!("{title}: {why}"))
            .collect(),
    );
    parts
}

/// The evidence for the leading cause with its place, and when it happened.
fn seen(source: &ReportSource<'_>) -> Vec<String> {
    let snapshot = source.snapshot;
    let mut points = Vec::new();
    let judged = snapshot.judged.and_then(|i| snapshot.attempts.get(i));
    let peer = snapshot.peer.and_then(|i| snapshot.attempts.get(i));
    for attempt in judged.into_iter().chain(peer) {
        let of_unix = snapshot
            .inputs
            .iter()
            .any(|i| i.id == attempt.input && i.time_base == TimeBase::Unix);
        let started = attempt.started.filter(|_| of_unix).or_else(|| {
            // A port that was read live knows when the request went by.
            attempt.seen.requests.last().and_then(|r| r.at.1)
        });
        let when = started.map_or(String::new(), |at| format!(" at {}", rfc3339(at)));
        let name = source.input_name(attempt.input);
        let mut text = format!("Attempt {} in {name}{when}", attempt.index + 1);
        for alert in attempt.alerts.iter().filter(|a| a.fatal) {
            let by = match alert.direction {
                Direction::Sent => "the device",
                Direction::Received => "the other end",
            };
            let _ = write!(text, ": {by} sent {} (line {})", alert.alert, alert.line);
        }
        points.push(format!("{text}."));
    }
    if let Some(cause) = snapshot.diagnosis.causes.first() {
        let for_it = cause.evidence.iter().filter(|e| e.level.is_for());
        // The way through the questions says nothing to a reader without the tree.
        let told = for_it.filter(|e| !e.sentence.starts_with("The questions "));
        for line in told.take(6) {
            let place = line
                .origins
                .first()
                .map(|o| format!(" ({})", source.place(o)))
                .unwrap_or_default();
            points.push(format!("{}{place}", line.sentence));
        }
    }
    points
}

/// Each certificate that the server sends: name, size, validity, fingerprint.
fn certificates(source: &ReportSource<'_>) -> Vec<String> {
    let files = &source.snapshot.certificates.files;
    let all: Vec<&Certificate> = files
        .iter()
        .flat_map(CertFile::certificates)
        .take(8)
        .collect();
    all.iter()
        .map(|c| {
            let name = c
                .subject
                .common_name()
                .map_or_else(|| c.subject.text(), str::to_owned);
            let names = c.extensions.alt_names.as_ref().map_or(String::new(), |n| {
                format!(", {} names", grouped(as_i64(n.len())))
            });
            let until = c.not_after.as_ref().map_or(String::new(), |t| {
                format!(
                    ", valid until {}",
                    rfc3339(t.unix_s.saturating_mul(1_000_000))
                )
            });
            format!(
                "{name}: {} bytes of DER{names}{until}, SHA-256 {}",
                grouped(as_i64(c.der_bytes())),
                c.sha256
            )
        })
        .collect()
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The letter as plain text, to be copied into a mail; empty where there is none.
#[must_use]
pub fn letter_text(source: &ReportSource<'_>, leave_out: LeaveOut) -> String {
    let mut redactor = Redactor::new(leave_out);
    let mut text = String::new();
    let mut number = 0;
    for part in letter_parts(source) {
        let _ = match part {
            LetterPart::Subject(t) => writeln!(text, "Subject: {}", redactor.clean(&t)),
            LetterPart::Paragraph(t) => writeln!(text, "\n{}", redactor.clean(&t)),
            LetterPart::Heading(t) => {
                number = 0;
                writeln!(text, "\n{t}")
            }
            LetterPart::Point(t) => {
                number += 1;
                writeln!(text, "{number}. {}", redactor.clean(&t))
            }
        };
    }
    text
}
