//! The result of `diagnose` for a terminal: compact, no colours, at most 100 columns where it can.

use std::fmt::Write as _;

use crate::evidence::{Direction, Input, Lane, Role};
use crate::report::{LEAST_SCORE, ReportSource};
use crate::session::FileContent;
use crate::session::figures::{count, duration, grouped, rfc3339};
use crate::timeline::{Attempt, Certainty, RequestSeen};

const WIDTH: usize = 100;

/// Writes the whole result.
pub(super) fn diagnosis(source: &ReportSource<'_>) -> String {
    let snapshot = source.snapshot;
    let mut out = String::new();
    let verdict = &snapshot.verdict;
    wrapped(&mut out, &format!("{}: ", verdict.word), &verdict.sentence);
    if !verdict.second.is_empty() {
        wrapped(&mut out, "  ", &verdict.second);
    }
    causes(&mut out, source);
    if let Some(attempt) = snapshot.judged.and_then(|i| snapshot.attempts.get(i)) {
        ladder(&mut out, attempt, snapshot.attempts.len());
        for request in &attempt.seen.requests {
            asked(&mut out, request);
        }
        if let Some(peer) = snapshot.peer.and_then(|i| snapshot.attempts.get(i)) {
            let name = source.input_name(peer.input);
            let _ = writeln!(out, "The same by {name}:");
            steps(&mut out, peer);
        }
    }
    for finding in &snapshot.diagnosis.findings {
        wrapped(&mut out, "Also: ", &finding.sentence);
    }
    let tree = &snapshot.diagnosis.tree;
    let open = tree.open.as_deref();
    if let Some(node) = open.and_then(|id| tree.nodes.iter().find(|n| n.id == id)) {
        wrapped(
            &mut out,
            &format!("Open question {}: ", node.id),
            &format!("{} {}", node.question, node.how),
        );
    }
    for tried in &snapshot.experiments.tried {
        wrapped(
            &mut out,
            &format!("Tried {}: ", tried.what),
            &tried.sentence,
        );
    }
    for planned in snapshot.experiments.planned.iter().take(2) {
        wrapped(
            &mut out,
            &format!("Try, {} min: ", planned.minutes),
            &planned.change,
        );
    }
    if let Some(text) = &snapshot.diagnosis.better_log {
        wrapped(&mut out, "A better log: ", text);
    }
    out.push('\n');
    for input in &snapshot.inputs {
        let dialects = dialects(input);
        let holds = snapshot
            .files
            .iter()
            .find(|f| f.input == input.id)
            .map_or_else(|| count(input.lines.into(), "line"), |f| holds(&f.content));
        let of_peer = match input.lane {
            Lane::Peer => ", the peer's",
            Lane::Device => "",
        };
        let _ = writeln!(
            out,
            "{}: {}, {holds}{dialects}{of_peer}",
            input.name,
            input.kind.as_str(),
        );
    }
    for clock in &snapshot.clocks {
        wrapped(&mut out, "", &clock.sentence);
    }
    if let Some(device) = &snapshot.device {
        let _ = writeln!(out, "Device: {} ({}).", device.name, device.id);
    }
    let (at, from) = snapshot.judged_at;
    let _ = writeln!(out, "Judged as of {} ({from}).", rfc3339(at));
    out
}

/// The dialects of an input, each with why it is read so.
fn dialects(input: &Input) -> String {
    if let Some(chosen) = &input.read_as {
        return format!(", read as {chosen} (as asked)");
    }
    let mut out = String::new();
    for reading in &input.readings {
        let _ = write!(
            out,
            ", {} ({}, first line {})",
            reading.dialect,
            count(reading.lines, "line"),
            reading.first_line
        );
    }
    out
}

/// What a file that is no log holds, in a few words.
fn holds(content: &FileContent) -> String {
    match content {
        FileContent::Certificates(file) => {
            let certificates = file.certificates().count();
            let other = file.objects.len() - certificates;
            let mut words = vec![count(certificates as u64, "certificate")];
            if other > 0 {
                words.push(count(other as u64, "other object"));
            }
            words.join(", ")
        }
        FileContent::Config(config) => count(config.defines.len() as u64, "setting"),
        FileContent::Capture(capture) => format!(
            "{}, {}",
            count(capture.summary.frames.into(), "frame"),
            count(capture.summary.connections.len() as u64, "connection")
        ),
        FileContent::KeyLog(_) => "secrets of connections".into(),
    }
}

fn causes(out: &mut String, source: &ReportSource<'_>) {
    let diagnosis = &source.snapshot.diagnosis;
    for (rank, cause) in diagnosis
        .causes
        .iter()
        .filter(|c| c.score >= LEAST_SCORE)
        .take(5)
        .enumerate()
    {
        let (pro, contra): (Vec<_>, Vec<_>) = cause.evidence.iter().partition(|e| e.level.is_for());
        let _ = writeln!(
            out,
            "\n{}. {} ({}, {}) \u{b7} {} for, {} against",
            rank + 1,
            cause.title,
            cause.number,
            cause.id,
            pro.len(),
            contra.len()
        );
        let shown = if rank == 0 { usize::MAX } else { 2 };
        for evidence in pro.iter().chain(&contra).take(shown) {
            let place = evidence
                .origins
                .first()
                .map(|o| source.place(o))
                .unwrap_or_default();
            let sign = if evidence.level.is_for() {
                "+"
            } else {
                "\u{2212}"
            };
            wrapped(
                out,
                &format!("   {sign} "),
                &format!("{} [{place}]", evidence.sentence),
            );
        }
        if rank == 0 {
            for (label, text) in [
                ("   What happens: ", &cause.explanation),
                ("   Next check: ", &cause.next_check),
                ("   Fix: ", &cause.fix),
            ] {
                if !text.is_empty() {
                    wrapped(out, label, text);
                }
            }
        }
    }
    if !diagnosis.causes.is_empty() && diagnosis.other >= 0.3 {
        out.push_str("\nMuch remains open: none of these is close to certain.\n");
    }
}

fn ladder(out: &mut String, attempt: &Attempt, of: usize) {
    let mut about = Vec::new();
    about.extend(attempt.stack.clone());
    about.extend(attempt.stack_version.clone());
    about.extend(attempt.version.map(|v| v.to_string()));
    about.extend(attempt.cipher_suite.map(|s| s.to_string()));
    let _ = writeln!(
        out,
        "\nAttempt {} of {of}{}{}",
        attempt.index + 1,
        if about.is_empty() { "" } else { " \u{b7} " },
        about.join(" \u{b7} ")
    );
    steps(out, attempt);
}

/// What a module was asked and what it answered.
fn asked(out: &mut String, request: &RequestSeen) {
    let answer = match &request.answer {
        Some((what, line, Some(ms))) => {
            format!("{what} (line {line}) after {}", duration(*ms))
        }
        Some((what, line, None)) => format!("{what} (line {line})"),
        None => "no answer in this log".to_owned(),
    };
    let lead = format!("  asked (line {}): ", request.line);
    wrapped(out, &lead, &format!("{}; {answer}", request.what));
}

fn steps(out: &mut String, attempt: &Attempt) {
    let peer = match attempt.role {
        Role::Client => "server",
        Role::Server => "client",
    };
    let zero = attempt.started;
    for step in &attempt.steps {
        let time = step
            .at
            .zip(zero)
            .map_or(String::new(), |(at, zero)| duration((at - zero) / 1_000));
        let arrow = match step.direction {
            Direction::Sent => format!("device \u{2192} {peer}"),
            Direction::Received => format!("device \u{2190} {peer}"),
        };
        let size = step
            .size_bytes
            .map_or(String::new(), |n| format!("{} bytes", grouped(n.into())));
        let place = match step.certainty {
            Certainty::Seen if attempt.seen.from_wire => format!("frame {}", step.line),
            Certainty::Seen => format!("line {}", step.line),
            Certainty::Inferred => "inferred".to_owned(),
        };
        let _ = writeln!(
            out,
            "{}",
            format!(
                "{time:>10}  {arrow:<15}  {:<20} {size:>12}  {place:<10}  {}",
                step.name.title(),
                step.remark
            )
            .trim_end()
        );
    }
    if let Some(stop) = &attempt.stopped_at {
        let waits = stop.waiting_for.map_or(String::new(), |w| {
            let from = match w.from {
                Lane::Device => "device",
                Lane::Peer => peer,
            };
            format!(", waiting for {} from the {from}", w.step.title())
        });
        let since = stop
            .since_ms
            .map_or(String::new(), |ms| format!(", for {}", duration(ms)));
        let state = match stop.state.as_str() {
            "" => String::new(),
            state => format!("state {state}"),
        };
        let place = if attempt.seen.from_wire {
            "frame"
        } else {
            "line"
        };
        let place = format!("{place} {}", stop.line);
        let where_ = format!("{state}{waits}{since}");
        let where_ = where_.trim_start_matches(", ");
        let _ = writeln!(out, "{:>10}  {where_}  ({place})", "stopped");
    }
}

/// Words in lines of at most [`WIDTH`] characters, continued under the first word.
fn wrapped(out: &mut String, lead: &str, text: &str) {
    let indent = " ".repeat(lead.chars().count().min(18));
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
