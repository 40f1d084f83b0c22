//! What the server offers beside suites: versions, groups, signature algorithms, extensions.

use egui::{Rect, ScrollArea, Ui, vec2};

use super::agree::line;
use super::chain::nothing;
use crate::server::{Probe, scheme_name};
use crate::session::{ServerSeen, Tone};
use crate::ui::view::inside;
use crate::ui::words;

/// The part in `rect`.
pub fn offer(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    inside(ui, rect.shrink2(vec2(12.0, 6.0)), "offer", |ui| {
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let Some(probe) = seen.probe() else {
                nothing(ui, "The server was not asked what it offers yet.");
                return;
            };
            for (label, well, text) in probe.reach_lines() {
                let tone = if well { Tone::Ok } else { Tone::Warn };
                line(ui, label, Some(tone), &words::visible(&text));
            }
            if !probe.offer.versions.is_empty() {
                rows(ui, probe);
            }
        });
    });
}

fn rows(ui: &mut Ui, probe: &Probe) {
    let offer = &probe.offer;
    let versions: Vec<String> = offer
        .versions
        .iter()
        .map(|(v, yes)| format!("{v} {}", yes_no(*yes)))
        .collect();
    line(ui, "Versions", None, &versions.join(", "));
    let groups: Vec<String> = offer.groups.iter().map(ToString::to_string).collect();
    if !groups.is_empty() {
        line(ui, "Groups", None, &groups.join(", "));
    }
    if offer.more_groups {
        let why = "others cannot be told: the certificate\u{2019}s own curve must be offered, and the \
                   server prefers it";
        line(ui, "", None, why);
    }
    if !offer.dhe_bits.is_empty() {
        let bits: Vec<String> = offer.dhe_bits.iter().map(|b| format!("{b} bits")).collect();
        line(ui, "DHE primes", None, &bits.join(", "));
    }
    let schemes: Vec<String> = offer.schemes.iter().map(|s| scheme_name(*s)).collect();
    if !schemes.is_empty() {
        line(ui, "Signatures", None, &schemes.join(", "));
    }
    let answers = offer.extensions;
    let known = [
        (
            "Renegotiation",
            answers.renegotiation_info,
            "secure renegotiation (RFC 5746)",
        ),
        (
            "EMS",
            answers.extended_master_secret,
            "extended master secret (RFC 7627)",
        ),
        (
            "EtM",
            answers.encrypt_then_mac,
            "encrypt-then-MAC (RFC 7366)",
        ),
        (
            "Tickets",
            answers.session_ticket,
            "session tickets (RFC 5077)",
        ),
        ("OCSP", probe.staples(), "a stapled OCSP answer"),
    ];
    for (label, answer, what) in known {
        let (tone, words) = match answer {
            Some(true) => (Tone::Ok, what.to_owned()),
            Some(false) => (Tone::Unknown, format!("no {what}")),
            None => continue,
        };
        line(ui, label, Some(tone), &words);
    }
    if let Some(resumed) = probe.resumption.words() {
        line(ui, "Resumption", None, &resumed);
    }
    if let Some(compressed) = answers.compression {
        let (tone, words) = if compressed {
            (Tone::Warn, "DEFLATE is accepted: open to CRIME")
        } else {
            (Tone::Ok, "none, as it should be")
        };
        line(ui, "Compression", Some(tone), words);
    }
    let alpn = offer.alpn.as_deref().map_or_else(
        || "none of h2, http/1.1, mqtt, x-amzn-mqtt-ca, coap, amqp".to_owned(),
        words::visible,
    );
    line(ui, "ALPN", None, &alpn);
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
