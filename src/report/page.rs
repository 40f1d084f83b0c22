//! The page of a report as a list of blocks, already redacted: HTML, Markdown and the preview of the
//! window are three writings of the same blocks.

mod course;
mod inputs;
mod judgement;
mod servers;

use super::letter::{LetterPart, letter_parts, letter_text};
use super::redact::{Blanked, LeaveOut, Redactor};
use super::source::ReportSource;
use crate::evidence::{Micros, Role};
use crate::session::figures::{count, grouped, rfc3339};
use crate::session::{Tone, VerdictKind};
use crate::timeline::{Attempt, Outcome};

/// One piece of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Title of the page.
    Title(String),
    /// Remark below the title.
    Remark(String),
    /// The verdict.
    Lead {
        /// Tone.
        tone: Tone,
        /// One or two words.
        word: String,
        /// Sentence.
        sentence: String,
        /// Line below.
        second: String,
    },
    /// Heading of a section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A label and what belongs to it.
    Row {
        /// Label.
        label: String,
        /// Text.
        text: String,
    },
    /// A numbered item.
    Item {
        /// Number.
        number: String,
        /// Text.
        text: String,
    },
    /// A line of an input that proves what stands above it, in fixed width.
    Line(String),
    /// A line of the raw log.
    Raw(String),
    /// A table.
    Table {
        /// Column heads.
        head: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
        /// Columns with figures, aligned right.
        figures: Vec<usize>,
    },
}

/// The whole page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its pieces in order.
    pub blocks: Vec<Block>,
    /// What was blanked.
    pub blanked: Vec<Blanked>,
    /// What was left out, in the order of the switches of [`LeaveOut`]: `2 found`, `none found`, `shown`.
    pub left_out: [String; 5],
    /// A question to send to the owner of the other side; empty where there is none.
    pub question: String,
    /// A letter to the owner of the other side, as plain text; empty where there is none.
    pub letter: String,
}

/// Makes the page of a session.
#[must_use]
pub fn page(source: &ReportSource<'_>, leave_out: LeaveOut) -> Page {
    let mut writer = Writer {
        source,
        redactor: Redactor::new(leave_out),
        blocks: Vec::new(),
    };
    writer.lead();
    writer.causes();
    writer.next();
    writer.experiments();
    writer.attempts();
    writer.ladder();
    writer.compared();
    writer.reads();
    writer.findings();
    writer.servers();
    writer.prediction();
    writer.ruled_out();
    writer.tree();
    writer.inputs();
    writer.files();
    writer.facts();
    if !leave_out.raw_log {
        writer.raw_log();
    }
    writer.letter();
    let question = writer.question();
    let letter = letter_text(source, leave_out);
    writer.left_out();
    let left_out = left_out(&writer.redactor);
    Page {
        blocks: writer.blocks,
        blanked: writer.redactor.manifest(),
        left_out,
        question,
        letter,
    }
}

struct Writer<'a> {
    source: &'a ReportSource<'a>,
    redactor: Redactor,
    blocks: Vec<Block>,
}

impl Writer<'_> {
    fn clean(&mut self, text: &str) -> String {
        self.redactor.clean(text)
    }

    fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.into()));
    }

    fn text(&mut self, text: &str) {
        let text = self.clean(text);
        self.blocks.push(Block::Text(text));
    }

    fn row(&mut self, label: &str, text: &str) {
        let (label, text) = (self.clean(label), self.clean(text));
        self.blocks.push(Block::Row { label, text });
    }

    fn line(&mut self, text: &str) {
        let text = self.clean(text);
        self.blocks.push(Block::Line(text));
    }

    fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>, figures: &[usize]) {
        let rows = rows
            .into_iter()
            .map(|row| row.into_iter().map(|cell| self.clean(&cell)).collect())
            .collect();
        self.blocks.push(Block::Table {
            head: head.iter().map(|h| (*h).to_owned()).collect(),
            rows,
            figures: figures.to_vec(),
        });
    }

    fn lead(&mut self) {
        let snapshot = self.source.snapshot;
        let facts = &snapshot.facts;
        let who = snapshot
            .device
            .as_ref()
            .map(|d| d.name.clone())
            .or_else(|| facts.text("device.id").map(ToOwned::to_owned))
            .unwrap_or_else(|| "The device".to_owned());
        let title = match snapshot.verdict.kind {
            VerdictKind::Completed => format!("{who}: the TLS handshake completes"),
            VerdictKind::NoHandshake => format!("{who}: no TLS handshake seen"),
            VerdictKind::CompletedWithProblem => {
                format!("{who}: the TLS handshake completes, with a problem")
            }
            _ if judged(self.source).is_some_and(|a| a.role == Role::Server) => {
                format!("{who} as the server cannot complete the TLS handshake with a client")
            }
            _ => match facts.text("host") {
                Some(host) => format!("{who} cannot complete the TLS handshake with {host}"),
                None => format!("{who} cannot complete the TLS handshake"),
            },
        };
        let title = self.clean(&title);
        self.blocks.push(Block::Title(title));
        let (at, from) = snapshot.judged_at;
        let inputs = count(snapshot.inputs.len() as u64, "input");
        self.blocks.push(Block::Remark(format!(
            "TLS handshake report \u{b7} Handlens {} \u{b7} {inputs} \u{b7} dates judged at {} UTC ({})",
            env!("CARGO_PKG_VERSION"),
            moment(at).trim_end_matches(" UTC"),
            judged_from(from)
        )));
        let verdict = &snapshot.verdict;
        let (sentence, second) = (self.clean(&verdict.sentence), self.clean(&verdict.second));
        self.blocks.push(Block::Lead {
            tone: verdict.tone,
            word: verdict.word.clone(),
            sentence,
            second,
        });
    }

    fn left_out(&mut self) {
        self.heading("What was left out");
        let manifest = self.redactor.manifest();
        if manifest.is_empty() {
            self.blocks
                .push(Block::Text("Nothing had to be blanked.".into()));
        }
        for blanked in manifest {
            self.blocks.push(Block::Row {
                label: blanked.what,
                text: format!("{} blanked", grouped_len(blanked.count)),
            });
        }
        if self.redactor.leave_out().raw_log {
            self.blocks.push(Block::Text(
                "The raw log is not part of this report.".into(),
            ));
        }
    }

    /// The letter as a section of its own, at the end: it is for another reader.
    fn letter(&mut self) {
        let parts = letter_parts(self.source);
        if parts.is_empty() {
            return;
        }
        let to = self.source.snapshot.diagnosis.letter.as_ref();
        let to = to.map_or_else(String::new, |l| l.to.clone());
        self.heading(&format!("Letter to {to}"));
        let mut number = 0;
        for part in parts {
            match part {
                LetterPart::Subject(text) => self.row("Subject", &text),
                LetterPart::Paragraph(text) => self.text(&text),
                LetterPart::Heading(text) => {
                    number = 0;
                    self.text(&format!("{text}:"));
                }
                LetterPart::Point(text) => {
                    number += 1;
                    let text = self.clean(&text);
                    self.blocks.push(Block::Item {
                        number: number.to_string(),
                        text,
                    });
                }
            }
        }
    }

    fn question(&mut self) -> String {
        let source = self.source;
        let Some(attempt) = judged(source) else {
            return String::new();
        };
        let peer = match attempt.role {
            Role::Client => "server",
            Role::Server => "client",
        };
        let about_peer = matches!(
            attempt.ended_by,
            crate::timeline::EndedBy::PeerAlert
                | crate::timeline::EndedBy::PeerClosed
                | crate::timeline::EndedBy::PeerCloseNotify
                | crate::timeline::EndedBy::Reset
        ) || attempt
            .stopped_at
            .as_ref()
            .and_then(|s| s.waiting_for)
            .is_some_and(|w| w.from == crate::evidence::Lane::Peer);
        if !about_peer || attempt.outcome == Outcome::Completed {
            return String::new();
        }
        let mut parts = vec![source.snapshot.verdict.sentence.clone()];
        let mut with = Vec::new();
        if let Some(version) = attempt.version {
            with.push(version.to_string());
        }
        if let Some(suite) = attempt.cipher_suite {
            with.push(suite.to_string());
        }
        if let Some(host) = source.snapshot.facts.text("host") {
            with.push(format!("host {host}"));
        }
        if !with.is_empty() {
            parts.push(format!("Seen from the device: {}.", with.join(", ")));
        }
        parts.push(format!(
            "What does the {peer} log for this connection, and what did it last receive and send?"
        ));
        self.clean(&parts.join(" "))
    }
}

/// A moment as people write it: `2026-11-21 04:00:12 UTC`.
fn moment(at: Micros) -> String {
    let text = rfc3339(at);
    match text.strip_suffix('Z') {
        Some(utc) => format!("{} UTC", utc.replace('T', " ")),
        None => text,
    }
}

fn grouped_len(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn judged<'a>(source: &'a ReportSource<'_>) -> Option<&'a Attempt> {
    let index = source.snapshot.judged?;
    source.snapshot.attempts.get(index).map(AsRef::as_ref)
}

fn judged_from(from: &str) -> &'static str {
    match from {
        "option" => "as given",
        "log" => "the log's clock",
        "recording" => "time of the recording",
        "file" => "date of the file",
        _ => "this computer's clock",
    }
}

const IDENTITIES: [&str; 5] = ["IMEI", "ICCID", "IMSI", "serial number", "MAC address"];
const SECRETS: [&str; 5] = [
    "password",
    "Wi-Fi password",
    "token",
    "AWS key",
    "pre-shared key",
];

fn left_out(redactor: &Redactor) -> [String; 5] {
    let switches = redactor.leave_out();
    let told = |on: bool, n: usize| match (on, n) {
        (false, _) => "shown".to_owned(),
        (true, 0) => "none found".to_owned(),
        (true, n) => format!("{} found", grouped_len(n)),
    };
    [
        told(
            switches.secrets,
            redactor.count(|what| SECRETS.contains(&what)),
        ),
        told(switches.addresses, redactor.count(|what| what == "address")),
        told(switches.hosts, redactor.count(|what| what == "host")),
        told(
            switches.identities,
            redactor.count(|what| IDENTITIES.contains(&what)),
        ),
        if switches.raw_log {
            "not part of the report".into()
        } else {
            "part of the report".into()
        },
    ]
}
