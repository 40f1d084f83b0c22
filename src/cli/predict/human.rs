//! A prediction as text.

use std::fmt::Write;

use super::Answer;
use crate::report::scheme_text;
use crate::server::predict::{Agreement, Prediction, SizeVerdict};
use crate::session::figures::size as bytes;

/// Lines of a text, label in front.
struct Lines(String);

impl Lines {
    fn line(&mut self, label: &str, text: &str) {
        let _ = writeln!(self.0, "{label:<22} {text}");
    }

    fn head(&mut self, text: &str) {
        let _ = writeln!(self.0, "\n{text}");
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "\u{2013}".to_owned())
}

fn chosen(out: &mut Lines, of: &Agreement) {
    out.line("Version", &or_dash(of.version.map(|v| v.to_string())));
    out.line(
        "Cipher suite",
        &or_dash(of.cipher_suite.map(|s| format!("{s} (0x{:04X})", s.0))),
    );
    out.line("Group", &or_dash(of.group.map(|g| g.to_string())));
    out.line(
        "Signature",
        &or_dash(of.scheme.map(|s| scheme_text(s, of.version))),
    );
    if let Some(why) = &of.fails {
        out.line("They do not meet", why);
    }
    if of.unsure {
        out.line(
            "Not certain",
            "what is known of the other end leaves another choice open",
        );
    }
}

fn headline(p: &Prediction) -> String {
    match &p.peer {
        Some(peer) if p.device_is_server => format!("{} as the server of {peer}", p.device),
        Some(peer) => format!("{} as a client of {peer}", p.device),
        None if p.device_is_server => format!("{} as a server", p.device),
        None => format!("{} as a client", p.device),
    }
}

pub(super) fn predict_text(answer: &Answer) -> String {
    let p = &answer.prediction;
    let mut out = Lines(format!("{}\n", headline(p)));
    if p.peer.is_some() {
        chosen(&mut out, &p.agreement);
    } else {
        offered(&mut out, answer);
    }
    if let Some(asked) = &p.asked {
        out.line(
            "Asked",
            if asked.as_predicted {
                "the server was asked with this ClientHello and chose as predicted"
            } else {
                "the server was asked with this ClientHello; what it chose is shown"
            },
        );
    }
    for client in &answer.clients {
        out.head(&format!(
            "For {}",
            client.peer.as_deref().unwrap_or("a client")
        ));
        chosen(&mut out, &client.agreement);
    }
    // Of the other clients only what differs from the first: the signature.
    let others = answer
        .clients
        .iter()
        .enumerate()
        .flat_map(|(index, client)| {
            client
                .reasons
                .iter()
                .filter(move |r| index == 0 || r.about == "signature_algorithm")
        });
    let shared: Vec<_> = p.reasons.iter().chain(others).collect();
    if !shared.is_empty() {
        out.head("Why");
        let mut told: Vec<&str> = Vec::new();
        for reason in shared {
            if !told.contains(&reason.sentence.as_str()) {
                told.push(&reason.sentence);
                let _ = writeln!(out.0, "  {} [{}]", reason.sentence, reason.source);
            }
        }
    }
    if !p.additions.is_empty() {
        out.head("If the server adds one");
        for addition in &p.additions {
            let _ = writeln!(out.0, "  {}", addition.sentence);
        }
    }
    details(&mut out, p);
    out.0
}

fn offered(out: &mut Lines, answer: &Answer) {
    let Some(build) = answer.device.build() else {
        return;
    };
    let join = |words: Vec<String>| {
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    };
    let versions = build.versions.iter().map(ToString::to_string).collect();
    out.line("Versions", &join(versions));
    let suites: Vec<String> = build
        .suites
        .iter()
        .take(8)
        .map(ToString::to_string)
        .collect();
    let more = build.suites.len().saturating_sub(suites.len());
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    out.line("Cipher suites", &format!("{}{rest}", join(suites)));
    out.line(
        "Groups",
        &join(build.groups.iter().map(ToString::to_string).collect()),
    );
    out.line(
        "Signatures",
        &join(build.schemes.iter().map(ToString::to_string).collect()),
    );
}

fn details(out: &mut Lines, p: &Prediction) {
    if !p.certificates.is_empty() {
        out.head("Certificates of the server");
        for c in &p.certificates {
            let word = match c.verifies {
                Some(true) => "can be checked",
                Some(false) => "cannot be checked",
                None => "not checked",
            };
            let _ = writeln!(
                out.0,
                "  {} ({}): {word}. {}",
                c.title,
                bytes(c.der_bytes as u64),
                c.why.join(" ")
            );
        }
    }
    if !p.fits.is_empty() {
        out.head("Sizes");
        for fit in &p.fits {
            let word = match fit.verdict {
                _ if !fit.applies => "if asked",
                SizeVerdict::Fits => "fits",
                SizeVerdict::TooLarge => "too large",
                SizeVerdict::Risk => "risk",
                SizeVerdict::BetweenReadings => "unclear",
            };
            let _ = writeln!(
                out.0,
                "  {word:<10}{}: {}, limit {}. {}",
                fit.what,
                bytes(fit.bytes),
                bytes(fit.limit_bytes),
                fit.says
            );
        }
    }
    if let Some(memory) = p.memory {
        out.head("Memory of one connection");
        let _ = writeln!(
            out.0,
            "  {}: incoming records {}, outgoing records {}, the peer's certificates {}. Not counted: parsed structures, the handshake's own state, tables of the curves.",
            bytes(memory.total()),
            bytes(memory.in_buffer),
            bytes(memory.out_buffer),
            bytes(memory.peer_chain)
        );
    }
    if !p.traps.is_empty() {
        out.head("Traps of the configuration");
        for trap in &p.traps {
            let place = if trap.line > 0 {
                format!(" (line {})", trap.line)
            } else {
                " (missing)".to_owned()
            };
            let _ = writeln!(out.0, "  {}{place}: {}", trap.name, trap.sentence);
        }
    }
}
