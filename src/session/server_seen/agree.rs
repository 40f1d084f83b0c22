//! What both would agree on: measured, predicted by rules, or by the lists; and the line that helps.
//!
//! In: [`ServerSeen`] so far, the device's hello, a probe. Out: rows, a [`Prediction`], a [`Remedy`].

use super::{AgreeRow, Remedy, ServerSeen};
use crate::server::predict::{Device, Prediction, ServerSide, predict_client};
use crate::server::{Checked, DeviceHello, LibraryEnding, Overlap, Probe, Reply, scheme_name};
use crate::session::probe_wish::configurations;
use crate::session::snapshot::{Snapshot, Tone};
use crate::tls::{CipherSuite, ProtocolVersion};

pub(super) fn remedy(overlap: &Overlap) -> Option<Remedy> {
    let both = overlap.rows.iter().any(|r| r.device == Some(true))
        && overlap.rows.iter().any(|r| r.server == Some(true));
    if !both || overlap.common > 0 {
        return None;
    }
    let suite = overlap
        .rows
        .iter()
        .filter(|r| r.device == Some(true))
        .map(|r| r.suite)
        .find(|s| s.openssl_name().is_some() && !s.is_tls13())?;
    let mut names: Vec<&str> = overlap
        .rows
        .iter()
        .filter(|r| r.server == Some(true) && !r.suite.is_tls13())
        .filter_map(|r| r.suite.openssl_name())
        .collect();
    names.push(suite.openssl_name()?);
    let list = names.join(":");
    Some(Remedy {
        suite,
        apache: format!("SSLCipherSuite {list}"),
        nginx: format!("ssl_ciphers {list};"),
    })
}

/// The device by these rules: its build where a configuration tells it, else its hello with what
/// its profile limits.
pub(super) fn prediction(
    snap: &Snapshot,
    seen: &ServerSeen,
    hello: DeviceHello,
    probe: Option<&Probe>,
) -> Option<Prediction> {
    let server = match probe.filter(|p| !p.offer.suites.is_empty()) {
        Some(probe) => ServerSide::of_probe(probe),
        None => listed_side(snap, seen)?,
    };
    let asked = probe
        .and_then(|p| p.device.as_ref())
        .filter(|d| d.device == hello)
        .map(|d| d.reply.clone());
    let profile = snap.named_device.as_deref();
    let device = if hello.id == "config" {
        Device::of_config(&configurations(snap), None).with_hello(hello)
    } else {
        match profile.filter(|p| p.id == hello.id) {
            Some(profile) => Device::of_profile(profile).with_hello(hello),
            None => Device::of_hello(hello, profile),
        }
    };
    Some(predict_client(&device, &server, asked.as_ref()))
}

/// The server as the evidence lists it.
fn listed_side(snap: &Snapshot, seen: &ServerSeen) -> Option<ServerSide> {
    let list = seen.server.as_ref()?;
    let versions: Vec<ProtocolVersion> = snap
        .facts
        .list("server.versions")
        .iter()
        .filter_map(|name| {
            let known = [
                ProtocolVersion::TLS10,
                ProtocolVersion::TLS11,
                ProtocolVersion::TLS12,
                ProtocolVersion::TLS13,
            ];
            known.into_iter().find(|v| v.to_string() == *name)
        })
        .collect();
    let of = |suite: &CipherSuite| {
        if suite.is_tls13() {
            ProtocolVersion::TLS13
        } else {
            ProtocolVersion::TLS12
        }
    };
    let mut side = ServerSide {
        name: list.of.clone(),
        source: list.chip.clone(),
        suites: list.suites.iter().map(|s| (of(s), *s)).collect(),
        order: seen.order,
        ..ServerSide::default()
    };
    side.versions = if versions.is_empty() {
        let mut by_suites: Vec<ProtocolVersion> = side.suites.iter().map(|(v, _)| *v).collect();
        by_suites.sort();
        by_suites.dedup();
        by_suites
    } else {
        versions
    };
    Some(side)
}

pub(super) fn agree(seen: &ServerSeen, probe: Option<&Probe>) -> Vec<AgreeRow> {
    let mut rows = Vec::new();
    let mut row = |label, tone, words: String| rows.push(AgreeRow { label, tone, words });
    let reply = seen
        .reply
        .then(|| probe.and_then(|p| p.device.as_ref()))
        .flatten();
    let reply = reply.map(|d| &d.reply);
    let expected = seen.prediction.as_ref().filter(|_| reply.is_none());
    let expected = expected.map(|p| &p.agreement);
    let version = reply
        .and_then(Reply::version)
        .or_else(|| expected.and_then(|e| e.version))
        .or(seen.common_version);
    match version {
        Some(version) => row("Version", Some(Tone::Ok), version.to_string()),
        None if seen.device.is_some() && !seen.versions.is_empty() => {
            row("Version", Some(Tone::Fail), "none".into());
        }
        None => {}
    }
    if let Some(suite) = seen.measured {
        row("Cipher suite", Some(Tone::Ok), suite.to_string());
    } else if seen.nothing_in_common() {
        row("Cipher suite", Some(Tone::Fail), "none".into());
    } else if let Some(suite) = expected.and_then(|e| e.cipher_suite) {
        row(
            "Cipher suite",
            Some(Tone::Ok),
            format!("{suite}, predicted"),
        );
    } else if let Some(first) = seen.overlap.first {
        row(
            "Cipher suite",
            Some(Tone::Ok),
            format!("{first}, by the lists"),
        );
    } else if seen.overlap.common > 0 {
        let n = seen.overlap.common;
        row(
            "Cipher suite",
            None,
            format!("one of {n}; whose order counts is not known"),
        );
    }
    if let Some(group) = reply.and_then(Reply::group) {
        row("Group", Some(Tone::Ok), group.to_string());
    } else if let Some(group) = expected.and_then(|e| e.group) {
        row("Group", Some(Tone::Ok), format!("{group}, predicted"));
    }
    if let Some(scheme) = reply.and_then(Reply::signature_scheme) {
        row("Signature", Some(Tone::Ok), scheme_name(scheme));
    } else if let Some(scheme) = expected.and_then(|e| e.scheme) {
        let name = scheme_name(scheme);
        row("Signature", Some(Tone::Ok), format!("{name}, predicted"));
    }
    if let Some(reply) = reply.filter(|r| !r.agreed()) {
        row("Then", Some(Tone::Fail), reply.ending.sentence());
        row("Certificate", None, "never reached".into());
    } else if let Some(fails) = expected.and_then(|e| e.fails.as_ref()) {
        row("Then", None, format!("{fails} (predicted)"));
        row("Certificate", None, "never reached".into());
    } else if seen.nothing_in_common() {
        row(
            "Then",
            None,
            "the server ends it after ClientHello, with handshake_failure (40) or without an alert"
                .into(),
        );
        row("Certificate", None, "never reached".into());
    }
    if let Some(check) = probe.and_then(|p| p.key_check.as_ref()) {
        let tone = |c: &Checked| match c {
            Checked::Sound => Some(Tone::Ok),
            Checked::Wrong => Some(Tone::Fail),
            Checked::NotChecked(_) => Some(Tone::Unknown),
        };
        row(
            "Server\u{2019}s point",
            tone(&check.point),
            check.point.sentence(),
        );
        let signature = check.signature.sentence();
        row("Its signature", tone(&check.signature), signature);
    }
    if let Some(library) = probe.and_then(|p| p.library.as_ref()) {
        let complete = library.ending == Some(LibraryEnding::Completed);
        if let Some(words) = library.sentence() {
            let tone = if complete { Tone::Ok } else { Tone::Warn };
            row("rustls", Some(tone), words);
        }
        if let Some(words) = library.strict_sentence() {
            let tone = if library.strict.is_none() {
                Tone::Ok
            } else {
                Tone::Warn
            };
            row("Strict check", Some(tone), words);
        }
    }
    if let Some(probe) = probe.filter(|p| p.refusals.is_silent()) {
        let r = probe.refusals;
        let kinds: Vec<String> = [
            (r.closes, "closed"),
            (r.resets, "reset"),
            (r.timeouts, "silent"),
        ]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, how)| format!("{n} {how}"))
        .collect();
        row(
            "Refusals",
            Some(Tone::Warn),
            format!(
                "never an alert ({}): the device learns no reason",
                kinds.join(", ")
            ),
        );
    }
    rows
}
