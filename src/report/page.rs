//! The page of a report as a list of blocks, already redacted: HTML, Markdown and the preview of the
//! window are three writings of the same blocks.

use super::redact::{Blanked, LeaveOut, Redactor};
use super::source::ReportSource;
use crate::diagnose::{RankedCause, TreeAnswer, TreeNodeState};
use crate::evidence::{Direction, Role};
use crate::session::figures::{count, duration, grouped, rfc3339, size, time_of_day};
use crate::session::{Tone, VerdictKind};
use crate::timeline::{Attempt, Certainty, Outcome};

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
    /// A line of an input, in fixed width.
    Line(String),
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
    writer.attempts();
    writer.ladder();
    writer.reads();
    writer.ruled_out();
    writer.tree();
    writer.findings();
    writer.facts();
    writer.inputs();
    if !leave_out.raw_log {
        writer.raw_log();
    }
    let question = writer.question();
    writer.left_out();
    let left_out = left_out(&writer.redactor);
    Page {
        blocks: writer.blocks,
        blanked: writer.redactor.manifest(),
        left_out,
        question,
    }
}

struct Writer<'a> {
    source: &'a ReportSource<'a>,
    redactor: Redactor,
    blocks: Vec<Block>,
}

/// Lines of the raw log that a report carries at most.
const RAW_LINES: u32 = 5_000;

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
        let who = facts
            .text("device.id")
            .map_or_else(|| "The device".to_owned(), ToOwned::to_owned);
        let title = match snapshot.verdict.kind {
            VerdictKind::Completed => format!("{who}: the TLS handshake completes"),
            VerdictKind::NoHandshake => format!("{who}: no TLS handshake seen"),
            VerdictKind::CompletedWithProblem => {
                format!("{who}: the TLS handshake completes, with a problem")
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
            "TLS handshake report \u{b7} Handlens {} \u{b7} {inputs} \u{b7} judged at {} ({})",
            env!("CARGO_PKG_VERSION"),
            rfc3339(at),
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

    fn causes(&mut self) {
        let source = self.source;
        let causes: Vec<&RankedCause> = source
            .snapshot
            .diagnosis
            .causes
            .iter()
            .filter(|c| c.score >= super::json::LEAST_SCORE)
            .take(5)
            .collect();
        if causes.is_empty() {
            return;
        }
        self.heading("Likely causes");
        for (rank, cause) in causes.iter().enumerate() {
            let (pro, contra): (Vec<_>, Vec<_>) =
                cause.evidence.iter().partition(|e| e.level.is_for());
            let title = self.clean(&cause.title);
            self.blocks.push(Block::Item {
                number: (rank + 1).to_string(),
                text: format!(
                    "{title} ({}, {}): {} for, {} against.",
                    cause.number,
                    cause.id,
                    pro.len(),
                    contra.len()
                ),
            });
            if rank == 0 && !cause.explanation.is_empty() {
                self.text(&cause.explanation);
            }
            for evidence in pro.iter().chain(&contra) {
                let proof = evidence.origins.iter().find_map(|o| source.proof(o));
                let place = evidence
                    .origins
                    .first()
                    .map(|o| source.place(o))
                    .unwrap_or_default();
                let label = if evidence.level.is_for() {
                    format!("for, {}", evidence.level.as_str())
                } else {
                    "against".to_owned()
                };
                self.row(&label, &format!("{} ({place})", evidence.sentence));
                if let Some((_, _, text)) = proof.filter(|(_, _, text)| !text.is_empty()) {
                    self.line(&text);
                }
            }
        }
        let other = source.snapshot.diagnosis.other;
        if other >= 0.3 {
            self.text("Much remains open: none of these is close to certain.");
        }
    }

    fn next(&mut self) {
        let source = self.source;
        let diagnosis = &source.snapshot.diagnosis;
        let mut items: Vec<String> = Vec::new();
        items.extend(diagnosis.next_check.clone());
        for cause in diagnosis.causes.iter().take(2) {
            for text in [&cause.next_check, &cause.fix] {
                if !text.is_empty() && !items.contains(text) {
                    items.push(text.clone());
                }
            }
        }
        items.extend(diagnosis.better_log.clone());
        if items.is_empty() {
            return;
        }
        self.heading("What to do next");
        for (i, item) in items.iter().enumerate() {
            let text = self.clean(item);
            self.blocks.push(Block::Item {
                number: (i + 1).to_string(),
                text,
            });
        }
    }

    fn attempts(&mut self) {
        let source = self.source;
        let attempts = &source.snapshot.attempts;
        if attempts.len() < 2 {
            return;
        }
        self.heading("Attempts");
        let rows = attempts
            .iter()
            .enumerate()
            .take(100)
            .map(|(i, a)| {
                let judged = source.snapshot.judged == Some(i);
                vec![
                    format!("{}{}", a.index + 1, if judged { " (judged)" } else { "" }),
                    format!("{}, line {}", source.input_name(a.input), a.first_line),
                    ended(a),
                    a.version.map_or(String::new(), |v| v.to_string()),
                    source.snapshot.changes.get(i).cloned().unwrap_or_default(),
                ]
            })
            .collect();
        self.table(
            &["Attempt", "Where", "Ended", "Version", "What changed"],
            rows,
            &[],
        );
        if attempts.len() > 100 {
            self.text(&format!(
                "{} more attempts are in the session.",
                grouped(i64::try_from(attempts.len() - 100).unwrap_or(i64::MAX))
            ));
        }
    }

    fn ladder(&mut self) {
        let source = self.source;
        let Some(attempt) = judged(source) else {
            return;
        };
        self.heading(&format!("Handshake, attempt {}", attempt.index + 1));
        let peer = match attempt.role {
            Role::Client => "server",
            Role::Server => "client",
        };
        let mut rows: Vec<Vec<String>> = attempt
            .steps
            .iter()
            .map(|s| {
                let sent = match s.direction {
                    Direction::Sent => format!("device \u{2192} {peer}"),
                    Direction::Received => format!("device \u{2190} {peer}"),
                };
                let mut what = s.name.title().to_owned();
                if s.certainty == Certainty::Inferred {
                    what.push_str(" (inferred, not in this log)");
                }
                vec![
                    s.at.map_or(String::new(), |at| shown_time(source, attempt, at)),
                    s.state.map_or(String::new(), |n| n.to_string()),
                    sent,
                    what,
                    s.size_bytes.map_or(String::new(), |n| grouped(n.into())),
                    if s.line > 0 {
                        s.line.to_string()
                    } else {
                        String::new()
                    },
                    s.remark.clone(),
                ]
            })
            .collect();
        if let Some(stop) = &attempt.stopped_at {
            let waits = stop.waiting_for.map_or_else(
                || format!("stopped at {}", stop.state),
                |w| {
                    let from = match w.from {
                        crate::evidence::Lane::Device => "device",
                        crate::evidence::Lane::Peer => peer,
                    };
                    format!("waiting for {} from the {from}", w.step.title())
                },
            );
            rows.push(vec![
                stop.since_at
                    .map_or(String::new(), |at| shown_time(source, attempt, at)),
                stop.state.split(' ').next().unwrap_or_default().to_owned(),
                String::new(),
                waits,
                String::new(),
                stop.line.to_string(),
                stop.since_ms
                    .map_or(String::new(), |ms| format!("nothing for {}", duration(ms))),
            ]);
        }
        self.table(
            &[
                "Time",
                "State",
                "Direction",
                "Step",
                "Bytes",
                "Line",
                "Remark",
            ],
            rows,
            &[1, 4, 5],
        );
        for poll in attempt.polls.iter().filter(|p| p.passes > 1) {
            let every = poll
                .period_ms
                .map_or(String::new(), |ms| format!(", every {}", duration(ms)));
            self.text(&format!(
                "Lines {} to {} repeat: {} × {}{every}.",
                poll.first_line,
                poll.last_line,
                count(poll.lines_per_pass.into(), "line"),
                grouped(poll.passes.into())
            ));
        }
    }

    fn reads(&mut self) {
        let Some(attempt) = judged(self.source) else {
            return;
        };
        if attempt.reads.is_empty() {
            return;
        }
        self.heading("Reads of the socket");
        let rows = attempt
            .reads
            .iter()
            .take(60)
            .map(|r| {
                vec![
                    grouped(i64::try_from(r.offset).unwrap_or(i64::MAX)),
                    grouped(r.len.into()),
                    grouped(r.wanted.into()),
                    r.line.to_string(),
                ]
            })
            .collect();
        self.table(
            &["Offset", "Bytes read", "Bytes asked for", "Line"],
            rows,
            &[0, 1, 2, 3],
        );
    }

    fn ruled_out(&mut self) {
        let source = self.source;
        let eliminated = &source.snapshot.diagnosis.eliminated;
        if eliminated.is_empty() {
            return;
        }
        self.heading("Ruled out");
        // Many causes fall for one reason: the reason is said once.
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for e in eliminated {
            let place = e
                .reason
                .origins
                .first()
                .map(|o| format!(" ({})", source.place(o)))
                .unwrap_or_default();
            let reason = format!("{}{place}", e.reason.sentence);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, titles)) => titles.push(&e.title),
                None => reasons.push((reason, vec![&e.title])),
            }
        }
        for (reason, titles) in reasons {
            self.row(&titles.join(" \u{b7} "), &reason);
        }
    }

    fn tree(&mut self) {
        let source = self.source;
        let tree = &source.snapshot.diagnosis.tree;
        if tree.path.is_empty() && tree.open.is_none() {
            return;
        }
        self.heading("Way through the questions");
        for id in &tree.path {
            let Some(node) = tree.nodes.iter().find(|n| &n.id == id) else {
                continue;
            };
            if let TreeNodeState::Done { answer, by } = &node.state {
                let by = match by {
                    TreeAnswer::User => "answered by hand".to_owned(),
                    TreeAnswer::Evidence(origins) => origins
                        .first()
                        .map_or_else(|| "evidence".into(), |o| source.place(o)),
                };
                self.row(id, &format!("{} {answer} ({by})", node.question));
            }
        }
        let open = tree.open.as_ref();
        if let Some(node) = open.and_then(|id| tree.nodes.iter().find(|n| &n.id == id)) {
            self.row(&node.id, &format!("open: {} {}", node.question, node.how));
        }
    }

    fn findings(&mut self) {
        let source = self.source;
        if source.snapshot.diagnosis.findings.is_empty() {
            return;
        }
        self.heading("Also found");
        for finding in &source.snapshot.diagnosis.findings {
            self.text(&finding.sentence);
        }
    }

    fn facts(&mut self) {
        let source = self.source;
        let rows: Vec<Vec<String>> = source
            .snapshot
            .facts
            .iter()
            .map(|f| {
                let value = match &f.state {
                    crate::evidence::FactState::Known(v) => v.display(),
                    crate::evidence::FactState::Absent => "none".into(),
                };
                let place = f
                    .origins
                    .first()
                    .map(|o| source.place(o))
                    .unwrap_or_default();
                vec![f.name.clone(), value, place]
            })
            .collect();
        if !rows.is_empty() {
            self.heading("Facts");
            self.table(&["Fact", "Value", "From"], rows, &[]);
        }
    }

    fn inputs(&mut self) {
        let source = self.source;
        self.heading("Inputs");
        let rows = source
            .snapshot
            .inputs
            .iter()
            .map(|i| {
                vec![
                    i.name.clone(),
                    i.kind.as_str().to_owned(),
                    i.dialects.join(", "),
                    grouped(i.lines.into()),
                    size(i.bytes),
                    (source.sha256)(i.id).unwrap_or_default(),
                ]
            })
            .collect();
        self.table(
            &["Name", "Kind", "Dialect", "Lines", "Size", "SHA-256"],
            rows,
            &[3, 4],
        );
        for gap in &source.snapshot.gaps {
            self.text(&gap.sentence);
        }
        for problem in &source.snapshot.problems {
            self.text(&problem.sentence);
        }
    }

    fn raw_log(&mut self) {
        let source = self.source;
        for input in &source.snapshot.inputs {
            if input.lines == 0 {
                continue;
            }
            self.heading(&format!("Log of {}", input.name));
            let shown = input.lines.min(RAW_LINES);
            let text: Vec<String> = (1..=shown)
                .map(|n| (source.line)(input.id, n).unwrap_or_default())
                .collect();
            // As a whole, so that a key over many lines is recognised.
            let text = self.clean(&text.join("\n"));
            self.blocks
                .extend(text.split('\n').map(|l| Block::Line(l.to_owned())));
            if input.lines > shown {
                self.text(&format!(
                    "{} more are in the session.",
                    count((input.lines - shown).into(), "line")
                ));
            }
        }
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

fn grouped_len(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn judged<'a>(source: &'a ReportSource<'_>) -> Option<&'a Attempt> {
    let index = source.snapshot.judged?;
    source.snapshot.attempts.get(index).map(AsRef::as_ref)
}

fn ended(attempt: &Attempt) -> String {
    let outcome = attempt.outcome.as_str().replace('_', " ");
    match &attempt.stopped_at {
        Some(stop) if attempt.outcome != Outcome::Completed => {
            format!("{outcome}, state {}", stop.state)
        }
        _ => outcome,
    }
}

fn judged_from(from: &str) -> &'static str {
    match from {
        "option" => "given",
        "log" => "the log's clock",
        "recording" => "time of the recording",
        "file" => "date of the file",
        _ => "now",
    }
}

fn shown_time(source: &ReportSource<'_>, attempt: &Attempt, at: i64) -> String {
    let base = source
        .snapshot
        .inputs
        .iter()
        .find(|i| i.id == attempt.input)
        .map(|i| i.time_base);
    match base {
        Some(crate::evidence::TimeBase::Uptime) => {
            format!(
                "{}.{:03}",
                at.div_euclid(1_000_000),
                at.rem_euclid(1_000_000) / 1_000
            )
        }
        _ => time_of_day(at),
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
