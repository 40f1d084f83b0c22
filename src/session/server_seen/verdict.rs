//! The verdict of the Server place: one sentence about device and server.
//!
//! In: [`ServerSeen`]. Out: a [`Verdict`], or nothing where nothing is known of the server.

use super::{ServerSeen, name_words};
use crate::server::{Ending, Probe, Stop};
use crate::session::figures;
use crate::session::probe_run::{ProbeOutcome, ProbeRun};
use crate::session::snapshot::{Tone, Verdict, VerdictKind};

/// The verdict.
pub(super) fn verdict(seen: &ServerSeen) -> Option<Verdict> {
    if let Some(run) = &seen.run {
        return Some(of_run(seen, run));
    }
    if seen.nothing_in_common() {
        return Some(no_overlap(seen));
    }
    if seen.nothing_documented_in_common() {
        return Some(none_documented(seen));
    }
    if seen.device.is_some() && seen.server.is_some() {
        let n = seen.overlap.common;
        let suites = if n == 1 { "suite" } else { "suites" };
        return Some(make(
            Tone::Ok,
            "In common",
            format!("Device and server have {n} cipher {suites} in common."),
            "By the lists of the evidence; nothing was asked.".to_owned(),
        ));
    }
    None
}

fn make(tone: Tone, word: &str, sentence: String, second: String) -> Verdict {
    let kind = match tone {
        Tone::Ok => VerdictKind::Completed,
        Tone::Warn => VerdictKind::CompletedWithProblem,
        Tone::Fail => VerdictKind::Failed,
        Tone::Unknown | Tone::Waiting => VerdictKind::Inconclusive,
    };
    Verdict {
        kind,
        tone,
        word: word.to_owned(),
        sentence,
        second,
    }
}

fn of_run(seen: &ServerSeen, run: &ProbeRun) -> Verdict {
    let target = &run.target;
    let place = format!("{} port {}", target.host, target.port);
    match &run.outcome {
        ProbeOutcome::Running | ProbeOutcome::Stopping => {
            let doing = run.stage().map_or("", crate::server::Stage::words);
            let word = if matches!(run.outcome, ProbeOutcome::Running) {
                "Asking"
            } else {
                "Stopping"
            };
            make(
                Tone::Waiting,
                word,
                format!("Asking {place}."),
                format!("{doing}, connection {}", run.connections),
            )
        }
        ProbeOutcome::Failed { sentence, .. } => make(
            Tone::Fail,
            "Not asked",
            sentence.clone(),
            format!("Nothing was sent to {place}."),
        ),
        ProbeOutcome::Done(probe) => of_probe(seen, run, probe),
    }
}

fn of_probe(seen: &ServerSeen, run: &ProbeRun, probe: &Probe) -> Verdict {
    let mut asked = format!(
        "{}, {}, {}",
        figures::count(probe.connections as u64, "connection"),
        figures::duration(i64::try_from(probe.elapsed.as_millis()).unwrap_or(i64::MAX)),
        name_words(&run.name, &run.target.host)
    );
    if let Some(stop) = probe.stopped {
        asked = format!("{stop} What was found is kept. {asked}");
    }
    if probe.stopped == Some(Stop::Cancelled) && !probe.reached_tls() {
        return make(Tone::Unknown, "Stopped", probe.headline(), asked);
    }
    if probe.asked.is_none() {
        let why = probe
            .addresses
            .iter()
            .find_map(|a| Some(format!("{}: {}", a.address, a.connect.as_ref().err()?)));
        let second = why.unwrap_or(asked);
        return make(Tone::Fail, "No answer", probe.headline(), second);
    }
    if probe.not_tls.is_some() {
        return make(Tone::Fail, "Not TLS", probe.headline(), asked);
    }
    if seen.nothing_in_common() {
        return no_overlap(seen);
    }
    if let Some(device) = &probe.device {
        return if device.reply.agreed() {
            let (tone, second) = strict(probe, asked);
            let reply = &device.reply;
            let sentence = match (reply.version(), reply.cipher_suite()) {
                (Some(version), Some(suite)) => format!(
                    "{} and {} agree on {version} with {suite}.",
                    device.device.name, probe.target.host
                ),
                _ => probe.headline(),
            };
            make(tone, "They agree", sentence, second)
        } else {
            let word = no_agreement(Some(&device.reply.ending));
            make(Tone::Fail, word, probe.headline(), asked)
        };
    }
    if !probe.reached_tls() {
        let word = no_agreement(probe.first.as_ref().map(|r| &r.ending));
        return make(Tone::Fail, word, probe.headline(), asked);
    }
    let (tone, second) = strict(probe, asked);
    make(tone, "Speaks TLS", probe.headline(), second)
}

/// The word for a server that agreed to nothing: what it did instead.
fn no_agreement(ending: Option<&Ending>) -> &'static str {
    match ending {
        Some(Ending::Timeout) => "Silent",
        Some(Ending::Closed) => "Closed",
        Some(Ending::Reset) => "Reset",
        _ => "Refused",
    }
}

/// What the strict check adds, where it has something against the server.
fn strict(probe: &Probe, asked: String) -> (Tone, String) {
    let against = probe
        .library
        .as_ref()
        .and_then(|l| l.strict.as_ref().map(|s| (l.roots_given, s)));
    match against {
        Some((roots, refusal)) if roots || refusal.whatever_the_roots => (
            Tone::Warn,
            format!(
                "A strict check refuses the certificate: {}",
                refusal.sentence
            ),
        ),
        _ => (Tone::Ok, asked),
    }
}

fn none_documented(seen: &ServerSeen) -> Verdict {
    let of = seen.device.as_ref().map_or("the device", |d| d.of.as_str());
    make(
        Tone::Warn,
        "Perhaps none",
        format!("The server accepts none of the suites that are documented for {of}."),
        "The document may not name them all: a ClientHello of the device would tell.".to_owned(),
    )
}

fn no_overlap(seen: &ServerSeen) -> Verdict {
    let count = |n: usize| {
        if n == 1 {
            "1 suite".into()
        } else {
            format!("{n} suites")
        }
    };
    let server = seen.server.as_ref().map_or(0, |s| s.suites.len());
    let device = seen.device.as_ref();
    let mut second = format!(
        "{} on the server, {} on {}.",
        count(server),
        device.map_or(0, |d| d.suites.len()),
        device.map_or("the device", |d| d.of.as_str())
    );
    if seen.needs_name == Some(false) {
        second.push_str(" SNI is not the cause.");
    }
    make(
        Tone::Fail,
        "No overlap",
        "The device and the server have no cipher suite in common.".to_owned(),
        second,
    )
}
