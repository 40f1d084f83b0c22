//! Answers to names in SNI: of the device's own handshake, and of the probe.
//!
//! In: a snapshot and a probe. Out: [`NameRow`]s and remarks.

use super::{NameRow, place_of_fact};
use crate::evidence::FactState;
use crate::server::{NameKind, Probe, probe_facts, see_chain};
use crate::session::snapshot::Snapshot;

pub(super) fn names(snap: &Snapshot, probe: Option<&Probe>) -> Vec<NameRow> {
    let mut rows = Vec::new();
    if let Some(fact) = snap.facts.get("client.sni") {
        let (chip, spot) = place_of_fact(snap, &fact.origins);
        let sent = match &fact.state {
            FactState::Known(value) => value.display(),
            FactState::Absent => "none".to_owned(),
        };
        let answered = snap.facts.bool("server.replied");
        rows.push(NameRow {
            sent: format!("{sent} (the device)"),
            answer: match answered {
                Some(true) => "answered".to_owned(),
                Some(false) => "no answer".to_owned(),
                None => "not in the evidence".to_owned(),
            },
            certificate: String::new(),
            differs: false,
            chip,
            spot,
        });
    }
    let Some(probe) = probe else { return rows };
    let own = probe.names.first();
    for tried in &probe.names {
        let sent = match (&tried.name, tried.kind) {
            (None, _) | (_, NameKind::None) => "none".to_owned(),
            (Some(name), _) => name.clone(),
        };
        let answer = match (tried.agreed, tried.cipher_suite) {
            (true, Some(suite)) => suite.to_string(),
            (true, None) => "agrees".to_owned(),
            (false, _) => tried.ending.sentence(),
        };
        let certificate = match &tried.leaf {
            Some(der) => leaf_words(der),
            None if tried.agreed => "encrypted".to_owned(),
            None => String::new(),
        };
        rows.push(NameRow {
            sent,
            answer,
            certificate,
            differs: own.is_some_and(|own| tried.differs_from(own)),
            chip: "probe".to_owned(),
            spot: None,
        });
    }
    rows
}

fn leaf_words(der: &[u8]) -> String {
    let seen = see_chain(&[der.to_vec()], None);
    let Some(leaf) = seen.first() else {
        return String::new();
    };
    let name = leaf.subject_cn.as_ref().or(leaf.san_dns.first());
    match name {
        Some(name) => format!("{name}, {} bytes", leaf.der_bytes),
        None => format!("{} bytes", leaf.der_bytes),
    }
}

pub(super) fn measured_need(probe: &Probe) -> Option<bool> {
    probe_facts(probe, 0).bool("server.needs_sni")
}

pub(super) fn name_remarks(snap: &Snapshot, probe: Option<&Probe>) -> Vec<String> {
    let mut out = Vec::new();
    let tried = probe.is_some_and(|p| p.names.iter().any(|n| n.kind == NameKind::Address));
    if tried || snap.facts.bool("client.sni_is_ip") == Some(true) {
        out.push("An IP address is not allowed in SNI (RFC 6066 section 3).".to_owned());
    }
    // By an address nobody can know which name the server would like to hear.
    let by_address = probe
        .is_some_and(|p| !p.names.is_empty() && p.names.iter().all(|n| n.kind != NameKind::Own));
    if by_address {
        out.push(
            "Asked by its address: state the host\u{2019}s name (SNI: other) to see what the server \
             shows under it."
                .to_owned(),
        );
    }
    let ability = snap
        .named_device
        .iter()
        .flat_map(|d| &d.abilities)
        .find(|a| a.what == "sni");
    if let Some(ability) = ability {
        out.push(format!("{} Source: {}.", ability.says, ability.source));
    }
    out
}
