//! Causes that a fact rules out, with the sentence that says so.

use super::guided_tree::Walk;
use super::sentence;
use super::{Eliminated, EvidenceLevel, EvidenceLine};
use crate::evidence::{FactSet, Origin};
use crate::knowledge::{CauseDef, Knowledge, RuleLevel, Truth};

/// Every cause that cannot be, by number.
pub(super) fn eliminate(knowledge: &Knowledge, facts: &FactSet, walk: &Walk) -> Vec<Eliminated> {
    knowledge
        .causes
        .iter()
        .filter_map(|cause| {
            let (sentence, origins) = by_rule(knowledge, facts, cause)
                .or_else(|| {
                    // Phase and ending are often only concluded; what names the cause, or the
                    // answers that lead to it, outweigh them.
                    if named(facts, cause) || walk.stated_leaves.contains_key(&cause.id) {
                        return None;
                    }
                    by_phase(knowledge, facts, cause).or_else(|| by_ending(facts, cause))
                })
                .or_else(|| walk.closed_causes.get(&cause.id).cloned())?;
            Some(Eliminated {
                id: cause.id.clone(),
                number: cause.spoken(),
                title: cause.title.clone(),
                reason: EvidenceLine {
                    level: EvidenceLevel::Excludes,
                    sentence,
                    origins,
                },
            })
        })
        .collect()
}

/// Does a decisive rule hold?
fn named(facts: &FactSet, cause: &CauseDef) -> bool {
    cause
        .rules
        .iter()
        .any(|r| r.level == RuleLevel::Decisive && r.when.holds(facts) == Truth::True)
}

fn by_rule(
    knowledge: &Knowledge,
    facts: &FactSet,
    cause: &CauseDef,
) -> Option<(String, Vec<Origin>)> {
    let exclude = cause
        .excludes
        .iter()
        .find(|e| e.when.holds(facts) == Truth::True)?;
    Some((
        sentence::fill(&exclude.says, &knowledge.facts, facts),
        sentence::origins(&exclude.when, facts),
    ))
}

fn by_phase(
    knowledge: &Knowledge,
    facts: &FactSet,
    cause: &CauseDef,
) -> Option<(String, Vec<Origin>)> {
    let fact = facts.get("phase")?;
    let phase = facts.text("phase")?;
    if cause
        .phases
        .iter()
        .chain(&cause.rare_phases)
        .any(|p| p == phase)
    {
        return None;
    }
    let words = &knowledge.facts.get("phase")?.words;
    let place = |p: &str| words.iter().position(|w| w == p);
    let here = place(phase)?;
    let before = cause
        .phases
        .iter()
        .chain(&cause.rare_phases)
        .all(|p| place(p).is_some_and(|n| n < here));
    let step = spoken_phase(phase);
    let sentence = if before {
        format!("The handshake got as far as {step}. This cause ends it earlier.")
    } else {
        format!("The handshake stopped in {step}. This cause acts in other steps.")
    };
    Some((sentence, fact.origins.clone()))
}

fn by_ending(facts: &FactSet, cause: &CauseDef) -> Option<(String, Vec<Origin>)> {
    let fact = facts.get("ended_by")?;
    let ending = facts.text("ended_by")?;
    if cause.endings.is_empty() || cause.endings.iter().any(|e| e == ending) {
        return None;
    }
    let how = match ending {
        "none" => "Nobody ended the handshake",
        "device_alert" => "The device ended it with an alert",
        "peer_alert" => "The peer ended it with an alert",
        "peer_close" => "The peer closed TCP",
        "peer_close_notify" => "The peer said close_notify",
        "reset" => "TCP was reset",
        "device_error" => "The device stopped with an error of its own",
        "device_timeout" => "The device gave up waiting",
        _ => "TCP was never up",
    };
    Some((
        format!("{how}. This cause ends it in another way."),
        fact.origins.clone(),
    ))
}

/// The step as a person says it.
pub(super) fn spoken_phase(phase: &str) -> &'static str {
    match phase {
        "setup" => "the preparation, before any packet",
        "dns" => "the name look-up",
        "tcp_connect" => "the TCP connection",
        "client_hello" => "ClientHello",
        "server_hello" => "ServerHello",
        "server_certificate" => "the server's certificate",
        "server_key_exchange" => "ServerKeyExchange or CertificateVerify of the server",
        "server_flight" => "the rest of the server's flight",
        "client_flight" => "the client's second flight",
        "peer_finished" => "the peer's ChangeCipherSpec and Finished",
        "completed" => "the end of the handshake",
        _ => "application data, after the handshake",
    }
}
