//! The verdict: one sentence that says who did what, the figure and since when, and a second one
//! with the leading cause and the next check.
//!
//! In: attempts, the judged one, the judgement. Out: a [`Verdict`]. Must not decide causes: it
//! only words what timeline and diagnosis found.

use super::figures::{count, duration};
use super::snapshot::{Tone, Verdict, VerdictKind};
use crate::codes::{shown_code, spoken_code};
use crate::diagnose::Diagnosis;
use crate::evidence::{ConnectResult, Direction, Input, InputKind, Lane, Role};
use crate::timeline::{
    Attempt, Certainty, EndedBy, Outcome, answered_locally, left_after_flight, phase,
};
use crate::tls::StepName;

/// A live wait that is longer than this is called a stall: two retransmissions of a lost segment
/// (RFC 6298 starts at 1 s and doubles) and a slow key operation fit in before.
const SILENCE_MS: i64 = 15_000;

/// What the wording needs to know besides the attempts.
pub struct VerdictContext<'a> {
    /// Inputs of the session, to say how much was read.
    pub inputs: &'a [Input],
    /// The judged attempt's input is still growing.
    pub live: bool,
    /// Milliseconds since a live device or its peer was heard last, while something is awaited.
    pub silent_ms: Option<i64>,
    /// The same attempt in the words of the device's peer.
    pub peer: Option<&'a Attempt>,
}

/// Words the judged attempt, or the lack of one.
#[must_use]
pub fn verdict(
    attempt: Option<&Attempt>,
    diagnosis: &Diagnosis,
    context: &VerdictContext<'_>,
) -> Verdict {
    let (kind, tone, word, sentence) = match attempt {
        None => without_attempt(diagnosis, context),
        Some(attempt) => of_attempt(attempt, diagnosis, context),
    };
    Verdict {
        kind,
        tone,
        word: word.into(),
        sentence,
        second: match attempt {
            Some(attempt) if refused(attempt, diagnosis) => {
                "Check user, password, client ID and the broker's rules for them.".into()
            }
            _ => second_line(kind, diagnosis, context),
        },
    }
}

type Worded = (VerdictKind, Tone, &'static str, String);

fn without_attempt(diagnosis: &Diagnosis, context: &VerdictContext<'_>) -> Worded {
    let readable: Vec<&Input> = context.inputs.iter().filter(|i| is_log(i.kind)).collect();
    if context.inputs.is_empty() && !diagnosis.causes.is_empty() {
        return (
            VerdictKind::NoHandshake,
            Tone::Unknown,
            "No handshake",
            "Nothing of the device was read yet; causes follow from what was asked and stated."
                .into(),
        );
    }
    if !diagnosis.causes.is_empty() {
        return (
            VerdictKind::Failed,
            Tone::Fail,
            "Failed",
            "The log names an error; it shows no step of a handshake.".into(),
        );
    }
    if context.inputs.is_empty() {
        return (
            VerdictKind::NoHandshake,
            Tone::Unknown,
            "Nothing yet",
            "Nothing seen yet. Connect or open something.".into(),
        );
    }
    let lines: u64 = readable.iter().map(|i| u64::from(i.lines)).sum();
    let sentence = if readable.is_empty() {
        "No log among these inputs: nothing shows a handshake.".into()
    } else if lines == 0 && context.live {
        "Nothing received yet. Press the device's button.".into()
    } else if lines == 0 {
        "Nothing could be read so far: no line is there to judge.".into()
    } else {
        format!("No sign of a TLS handshake in {}.", count(lines, "line"))
    };
    let tone = if context.live {
        Tone::Waiting
    } else {
        Tone::Unknown
    };
    (VerdictKind::NoHandshake, tone, "No handshake", sentence)
}

fn is_log(kind: InputKind) -> bool {
    matches!(
        kind,
        InputKind::Log | InputKind::Serial | InputKind::Simulated | InputKind::Recording
    )
}

/// The broker spoke MQTT with the device and did not let it in; nothing else is at fault.
fn refused(attempt: &Attempt, diagnosis: &Diagnosis) -> bool {
    let failed = matches!(attempt.outcome, Outcome::Failed | Outcome::NeverStarted);
    let told = &attempt.seen.conditions;
    failed
        && diagnosis.causes.is_empty()
        && told.iter().any(|(name, _, _)| *name == "login_refused")
}

fn of_attempt(attempt: &Attempt, diagnosis: &Diagnosis, context: &VerdictContext<'_>) -> Worded {
    match attempt.outcome {
        _ if refused(attempt, diagnosis) => (
            VerdictKind::Failed,
            Tone::Fail,
            "Refused",
            "The broker answered and refused the login. TLS, where it is used, is not at fault."
                .into(),
        ),
        Outcome::Completed => completed(attempt, diagnosis),
        Outcome::Failed => (
            VerdictKind::Failed,
            Tone::Fail,
            "Failed",
            failed(attempt, context),
        ),
        Outcome::Stalled => (
            VerdictKind::Stalled,
            Tone::Fail,
            "Stalled",
            stalled(attempt),
        ),
        Outcome::CutOff if context.live && context.silent_ms.is_some_and(|ms| ms >= SILENCE_MS) => {
            let mut waiting = attempt.clone();
            if let Some(stop) = &mut waiting.stopped_at {
                stop.since_ms = context.silent_ms;
            }
            (
                VerdictKind::Stalled,
                Tone::Fail,
                "Stalled",
                stalled(&waiting),
            )
        }
        Outcome::CutOff if context.live => (
            VerdictKind::Inconclusive,
            Tone::Waiting,
            "Running",
            waiting(attempt, "The handshake is running"),
        ),
        Outcome::CutOff if !diagnosis.causes.is_empty() && diagnosis.other < 0.5 => (
            VerdictKind::Failed,
            Tone::Fail,
            "Failed",
            unanswered(attempt, context).unwrap_or_else(|| waiting(attempt, "The log ends")),
        ),
        Outcome::CutOff => (
            VerdictKind::Inconclusive,
            Tone::Unknown,
            "Log ends",
            unanswered(attempt, context).unwrap_or_else(|| waiting(attempt, "The log ends")),
        ),
        Outcome::NeverStarted => (
            VerdictKind::Failed,
            Tone::Fail,
            "Not started",
            never_started(attempt),
        ),
    }
}

/// What a module answered to the request for a connection, and after what time.
fn answered(attempt: &Attempt) -> Option<String> {
    let (what, _, ms) = attempt.seen.requests.last()?.answer.as_ref()?;
    // A status number is known by itself; an error of a console by its text.
    let what = match what.split_once(' ') {
        Some((code, _)) if code.starts_with("0x") => code,
        _ => what,
    };
    Some(match ms {
        Some(ms) => format!("answered {what} after {}", duration(*ms)),
        None => format!("answered {what}"),
    })
}

/// The fatal alert that the other end received from a module which does not tell of it.
fn sent_alert(context: &VerdictContext<'_>) -> Option<String> {
    let alerts = &context.peer?.alerts;
    let sent = alerts
        .iter()
        .find(|a| a.fatal && a.direction == Direction::Sent)?;
    Some(sent.alert.to_string())
}

/// A module was asked, and the log holds no answer.
fn unanswered(attempt: &Attempt, context: &VerdictContext<'_>) -> Option<String> {
    let request = attempt.seen.requests.last()?;
    request.answer.is_none().then(|| {
        format!(
            "The module was asked ({}); its answer is not in the log{}.",
            request.what,
            by_peer(context)
        )
    })
}

/// What the log of the other end adds where a module shows nothing of the handshake.
fn by_peer(context: &VerdictContext<'_>) -> String {
    let Some(peer) = context.peer else {
        return String::new();
    };
    if left_after_flight(peer) {
        return "; it left the server with the certificate in hand".into();
    }
    String::new()
}

fn completed(attempt: &Attempt, diagnosis: &Diagnosis) -> Worded {
    let mut sentence = String::from("The handshake completed");
    if let Some(ms) = span_ms(attempt) {
        sentence.push_str(" in ");
        sentence.push_str(&duration(ms));
    }
    let mut what = Vec::new();
    if let Some(version) = attempt.version {
        what.push(version.to_string());
    }
    if let Some(suite) = attempt.cipher_suite {
        what.push(suite.to_string());
    }
    if !what.is_empty() {
        sentence.push_str(": ");
        sentence.push_str(&what.join(", "));
    }
    if diagnosis.causes.is_empty() {
        sentence.push('.');
        return (VerdictKind::Completed, Tone::Ok, "Completed", sentence);
    }
    sentence.push_str("; something is still wrong.");
    (
        VerdictKind::CompletedWithProblem,
        Tone::Warn,
        "Problem",
        sentence,
    )
}

fn failed(attempt: &Attempt, context: &VerdictContext<'_>) -> String {
    let peer = peer(attempt);
    let after = after(attempt);
    match attempt.ended_by {
        EndedBy::DeviceAlert => {
            format!(
                "The device ended the handshake{}{after}.",
                alert(attempt, Direction::Sent)
            )
        }
        EndedBy::PeerAlert => format!(
            "The {peer} ended the handshake{}{after}.",
            alert(attempt, Direction::Received)
        ),
        EndedBy::PeerClosed => {
            format!("The {peer} closed the connection without an alert{after}.")
        }
        EndedBy::PeerCloseNotify => {
            format!("The {peer} said close_notify in the middle of the handshake{after}.")
        }
        EndedBy::Reset => format!("The connection was reset{after}."),
        EndedBy::DeviceError => match last_code(attempt) {
            Some(code) => format!("The device stopped with {code}{after} and sent no alert."),
            None => match answered(attempt) {
                Some(answered) if let Some(sent) = sent_alert(context) => {
                    format!("The module sent {sent} and {answered}.")
                }
                Some(answered) => format!("The module {answered}{}.", by_peer(context)),
                None => format!("The device stopped with an error of its own{after}."),
            },
        },
        EndedBy::DeviceTimeout => match attempt.stopped_at.as_ref().and_then(|s| s.since_ms) {
            Some(ms) => format!(
                "Nothing from the {peer} for {}; the device gave up{after}.",
                duration(ms)
            ),
            None => format!("The device gave up waiting for the {peer}{after}."),
        },
        EndedBy::NoConnection => never_started(attempt),
        EndedBy::Nobody => match last_code(attempt) {
            Some(code) => format!("The handshake failed with {code}{after}."),
            None => format!("The handshake failed{after}; the log does not say who ended it."),
        },
    }
}

fn stalled(attempt: &Attempt) -> String {
    let peer = peer(attempt);
    let still = || match (attempt.ended_by, last_code(attempt)) {
        (EndedBy::DeviceTimeout, Some(code)) => {
            format!(
                "The device gave up waiting for the {peer}: {code}{}.",
                after(attempt)
            )
        }
        (EndedBy::DeviceTimeout, None) => {
            format!(
                "The device gave up waiting for the {peer}{}.",
                after(attempt)
            )
        }
        _ => format!("The handshake stands still{}.", after(attempt)),
    };
    let Some(stop) = &attempt.stopped_at else {
        return still();
    };
    let silence = stop.since_ms.filter(|ms| *ms > 0).map(duration);
    match stop.waiting_for {
        Some(wait) if wait.from == Lane::Peer => {
            let sent = last_step(attempt, Some(Direction::Sent));
            let waits = format!("waits for {} from the {peer}", wait.step.title());
            match (sent, silence) {
                (Some(sent), Some(silence)) => format!(
                    "The device sent {} and has heard nothing from the {peer} for {silence}.",
                    sent.title()
                ),
                (Some(sent), None) => format!("The device sent {} and {waits}.", sent.title()),
                (None, Some(silence)) => format!("The device {waits}: nothing for {silence}."),
                (None, None) => format!("The device {waits}."),
            }
        }
        Some(wait) => {
            let due = format!("has not sent {}", wait.step.title());
            let since = silence.map_or(String::new(), |s| format!(" for {s}"));
            match last_step(attempt, Some(Direction::Received)) {
                Some(got) => format!(
                    "The device has the {peer}'s {} and {due}{since}.",
                    got.title()
                ),
                None => format!("The device {due}{since}."),
            }
        }
        None => match silence {
            Some(silence) => format!("Nothing has happened for {silence}{}.", after(attempt)),
            None => still(),
        },
    }
}

fn waiting(attempt: &Attempt, lead: &str) -> String {
    let peer = peer(attempt);
    match attempt.stopped_at.as_ref().and_then(|s| s.waiting_for) {
        Some(wait) if wait.from == Lane::Peer => format!(
            "{lead} while the device waits for {} from the {peer}.",
            wait.step.title()
        ),
        Some(wait) => format!("{lead} before the device sent {}.", wait.step.title()),
        None => format!("{lead}{}.", after(attempt)),
    }
}

fn never_started(attempt: &Attempt) -> String {
    if answered_locally(attempt)
        && let Some(answered) = answered(attempt)
    {
        return format!("Nothing left the module: it {answered}, too soon for the network.");
    }
    let last = attempt.steps.iter().rev().find(|s| !s.name.is_handshake());
    match last.map(|s| s.name) {
        Some(StepName::Dns) => {
            "TLS never began: the device could not resolve the server's name.".into()
        }
        Some(StepName::TcpConnect)
            if matches!(attempt.seen.connect, Some((ConnectResult::Connected, _))) =>
        {
            "The device connected to the server, and the log shows nothing of TLS after that."
                .into()
        }
        Some(StepName::TcpConnect | StepName::TcpRst | StepName::Timeout) => {
            "TLS never began: the device could not connect to the server.".into()
        }
        _ if attempt.ended_by == EndedBy::NoConnection => {
            "TLS never began: the device had no connection to the server.".into()
        }
        _ => match last_code(attempt) {
            Some(code) => {
                format!("The log shows {code} and no step of a handshake.")
            }
            None if phase(attempt) == Some("setup") => {
                "TLS never began: no ClientHello was sent.".into()
            }
            None => "It failed, and nothing shows how far the handshake came.".into(),
        },
    }
}

/// The other side as a person calls it.
fn peer(attempt: &Attempt) -> &'static str {
    match attempt.role {
        Role::Client => "server",
        Role::Server => "client",
    }
}

/// `, after the server's Certificate`.
fn after(attempt: &Attempt) -> String {
    let Some(step) = attempt
        .steps
        .iter()
        .rev()
        .find(|s| s.certainty == Certainty::Seen && s.name.is_handshake())
    else {
        return String::new();
    };
    let who = match step.direction {
        Direction::Sent => "device",
        Direction::Received => peer(attempt),
    };
    format!(" after the {who}'s {}", step.name.title())
}

/// `: alert 48 (unknown_ca)`.
fn alert(attempt: &Attempt, direction: Direction) -> String {
    let seen = attempt.alerts.iter().rev();
    let fatal = seen
        .clone()
        .find(|a| a.fatal && a.direction == direction)
        .or_else(|| seen.clone().find(|a| a.direction == direction));
    fatal.map_or(" with an alert".into(), |a| format!(" with {}", a.alert))
}

/// The code that says most: the last that TLS itself returned, else the last that its stack names,
/// else the last one.
fn last_code(attempt: &Attempt) -> Option<String> {
    let stack = attempt.stack.as_deref().unwrap_or_default();
    let named: Vec<_> = (attempt.codes.iter())
        .filter_map(|(_, code, _)| spoken_code(stack, *code))
        .collect();
    match named.iter().rfind(|n| n.of_tls).or(named.last()) {
        Some(code) => Some(format!("{} ({})", code.shown, code.name)),
        None => attempt.codes.last().map(|(_, code, _)| shown_code(*code)),
    }
}

fn last_step(attempt: &Attempt, direction: Option<Direction>) -> Option<StepName> {
    attempt
        .steps
        .iter()
        .rev()
        .find(|s| s.name.is_handshake() && direction.is_none_or(|d| s.direction == d))
        .map(|s| s.name)
}

/// Milliseconds from the first to the last sign of the handshake: what a connection carried
/// afterwards, and its close, are no part of it.
#[must_use]
pub fn span_ms(attempt: &Attempt) -> Option<i64> {
    let steps = &attempt.steps;
    let finished = steps.iter().rposition(|s| s.name == StepName::Finished);
    let carried = finished.is_some_and(|at| {
        steps[at + 1..].iter().any(|s| {
            matches!(
                s.name,
                StepName::ApplicationData | StepName::Alert | StepName::TcpFin | StepName::TcpRst
            )
        })
    });
    let end = finished
        .filter(|_| carried && attempt.outcome == Outcome::Completed)
        .and_then(|at| steps[at].at)
        .or(attempt.ended);
    Some((end? - attempt.started?).max(0) / 1_000).filter(|ms| *ms > 0)
}

fn second_line(kind: VerdictKind, diagnosis: &Diagnosis, context: &VerdictContext<'_>) -> String {
    if let Some(first) = diagnosis.causes.first() {
        let next = diagnosis
            .next_check
            .as_deref()
            .unwrap_or(first.next_check.as_str());
        // Two causes within a tenth of each other: naming one alone would say more than is known.
        let close = diagnosis
            .causes
            .get(1)
            .filter(|c| first.score - c.score < 0.1);
        let mut line = match close {
            Some(second) => format!(
                "Leading causes: {} or {}",
                lower_first(&first.title),
                lower_first(&second.title)
            ),
            None => format!("Leading cause: {}", lower_first(&first.title)),
        };
        if !next.is_empty() {
            line.push_str(" \u{b7} next: ");
            line.push_str(&lower_first(first_sentence(next)));
        }
        return line;
    }
    match kind {
        VerdictKind::Completed => diagnosis
            .findings
            .first()
            .map_or(String::new(), |f| f.sentence.clone()),
        VerdictKind::NoHandshake if context.inputs.is_empty() => String::new(),
        _ => diagnosis
            .better_log
            .clone()
            .or_else(|| diagnosis.next_check.clone())
            .unwrap_or_default(),
    }
}

/// The first sentence; of a long one, its first part. The whole text stands with the cause.
fn first_sentence(text: &str) -> &str {
    const SHORT: usize = 90;
    let end = text.find(". ").unwrap_or(text.len());
    let sentence = text.get(..end).unwrap_or(text).trim_end_matches('.');
    if sentence.chars().count() <= SHORT {
        return sentence;
    }
    let part = [": ", " (", "; "]
        .iter()
        .filter_map(|mark| sentence.find(mark))
        .filter(|at| *at >= 10)
        .min();
    part.and_then(|at| sentence.get(..at)).unwrap_or(sentence)
}

/// Lower-cases the first letter unless the word is an abbreviation or a name in capitals.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(a), Some(b)) if a.is_uppercase() && (b.is_lowercase() || b == ' ') => {
            let word: String = text.chars().take_while(|c| !c.is_whitespace()).collect();
            if word.chars().skip(1).any(char::is_uppercase) {
                return text.to_owned(); // ClientHello, OpenSSL
            }
            a.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
