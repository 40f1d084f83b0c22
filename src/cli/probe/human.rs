//! A probe as text.

use std::fmt::Write;

use crate::server::{NameKind, Order, Probe, by_hand, name_text, scheme_name, see_chain};

/// Lines of a text, label in front.
struct Lines(String);

impl Lines {
    fn line(&mut self, label: &str, text: &str) {
        let _ = writeln!(self.0, "{label:<22} {text}");
    }
}

pub(super) fn probe_text(found: &Probe) -> String {
    let mut out = Lines(String::new());
    let _ = writeln!(out.0, "{}", found.headline());
    addresses(found, &mut out);
    if found.reached_tls() {
        offer(found, &mut out);
        chain(found, &mut out);
    }
    names(found, &mut out);
    fragments(found, &mut out);
    client_certificate(found, &mut out);
    library(found, &mut out);
    device(found, &mut out);
    if found.refusals.is_silent() {
        out.line(
            "Refusals",
            "the server never sends an alert: it closes, resets or stays silent, and the device learns no reason",
        );
    }
    if let Some(stop) = found.stopped {
        out.line("Not complete", &stop.to_string());
    }
    out.line(
        "Asked",
        &format!(
            "{} connections, {} ms",
            found.connections,
            found.elapsed.as_millis()
        ),
    );
    for (index, hand) in by_hand(found).iter().enumerate() {
        let label = if index == 0 { "The same by hand" } else { "" };
        out.line(label, &hand.command);
    }
    out.0
}

fn addresses(found: &Probe, out: &mut Lines) {
    let mut last = "";
    for (label, _, words) in found.reach_lines() {
        out.line(if label == last { "" } else { label }, &words);
        last = label;
    }
}

fn offer(found: &Probe, out: &mut Lines) {
    let offer = &found.offer;
    let versions: Vec<String> = offer
        .versions
        .iter()
        .map(|(v, yes)| format!("{v} {}", if *yes { "yes" } else { "no" }))
        .collect();
    out.line("Versions", &versions.join(", "));
    for &(version, _) in offer.versions.iter().filter(|(_, yes)| *yes) {
        for (index, suite) in offer.suites_of(version).enumerate() {
            let label = if index == 0 {
                format!("Suites {version}")
            } else {
                String::new()
            };
            out.line(&label, &format!("0x{:04X} {suite}", suite.0));
        }
    }
    out.line(
        "Order",
        match offer.order {
            Order::Server => "the server\u{2019}s order decides",
            Order::Client => "the client\u{2019}s order decides",
            Order::Unknown => "not known",
        },
    );
    if !offer.groups.is_empty() {
        let groups: Vec<String> = offer.groups.iter().map(ToString::to_string).collect();
        let more = if offer.more_groups {
            "; others cannot be told: the certificate\u{2019}s own curve must be offered, and the server prefers it"
        } else {
            ""
        };
        out.line("Groups", &format!("{}{more}", groups.join(", ")));
    }
    if !offer.schemes.is_empty() {
        let schemes: Vec<String> = offer.schemes.iter().map(|s| scheme_name(*s)).collect();
        out.line("Signature algorithms", &schemes.join(", "));
    }
    if let Some(check) = &found.key_check {
        out.line(
            "Key exchange",
            &format!(
                "point {}, signature {}",
                check.point.sentence(),
                check.signature.sentence()
            ),
        );
    }
    let answers = [
        ("renegotiation info", offer.extensions.renegotiation_info),
        (
            "extended master secret",
            offer.extensions.extended_master_secret,
        ),
        ("encrypt-then-MAC", offer.extensions.encrypt_then_mac),
        ("session tickets", offer.extensions.session_ticket),
        ("OCSP staple", found.staples()),
        ("compression", offer.extensions.compression),
    ];
    let list: Vec<String> = answers
        .iter()
        .filter_map(|(name, answer)| {
            answer.map(|yes| format!("{name} {}", if yes { "yes" } else { "no" }))
        })
        .collect();
    if !list.is_empty() {
        out.line("Extensions", &list.join(", "));
    }
}

fn chain(found: &Probe, out: &mut Lines) {
    let clear = found.offer.chain_reply.as_ref();
    let library = found.library.as_ref();
    let Some(chain) = clear
        .map(|r| &r.certificates)
        .or(library.map(|l| &l.certificates))
    else {
        return;
    };
    for (index, seen) in see_chain(chain, clear).iter().enumerate() {
        let mut text = format!(
            "{} bytes, {} {}-bit, {}",
            seen.der_bytes, seen.key_type, seen.key_bits, seen.subject
        );
        if let Some((first, last)) = seen.records {
            let _ = write!(text, ", record {first}");
            if last != first {
                let _ = write!(text, "\u{2013}{last}");
            }
        }
        out.line(if index == 0 { "Chain" } else { "" }, &text);
    }
    if let Some(bytes) = clear.and_then(|r| r.certificate_message_bytes) {
        out.line("", &format!("Certificate message: {bytes} bytes"));
    }
}

fn names(found: &Probe, out: &mut Lines) {
    let Some(own) = found.names.first() else {
        return;
    };
    for tried in &found.names {
        let what = match (tried.kind, &tried.name) {
            (NameKind::None, _) | (_, None) => "without SNI".to_owned(),
            (_, Some(name)) => format!("SNI {name}"),
        };
        let result = if tried.agreed {
            let suite = tried
                .cipher_suite
                .map_or_else(String::new, |s| s.to_string());
            let leaf = tried
                .leaf
                .as_ref()
                .map_or_else(String::new, |l| format!(", leaf of {} bytes", l.len()));
            format!("{suite}{leaf}")
        } else {
            tried.ending.sentence()
        };
        let mark = if tried.differs_from(own) {
            " (differs)"
        } else {
            ""
        };
        out.line("Names", &format!("{what}: {result}{mark}"));
    }
}

fn fragments(found: &Probe, out: &mut Lines) {
    for tried in &found.fragments {
        let what = if tried.code.is_some() {
            "max_fragment_length"
        } else {
            "record_size_limit"
        };
        let verdict = tried.verdict.map_or("cannot be told", |v| v.as_str());
        let largest = tried
            .largest_record
            .map_or_else(String::new, |l| format!(", largest record {l} bytes"));
        out.line(
            "Fragments",
            &format!("{what} {}: {verdict}{largest}", tried.size),
        );
    }
}

fn client_certificate(found: &Probe, out: &mut Lines) {
    let demand = found.library.as_ref().and_then(|l| l.demand.as_ref());
    let (authorities, bytes) = match (&found.offer.request, demand) {
        (Some(request), _) => (&request.authorities, Some(request.message_bytes)),
        (None, Some(demand)) => (&demand.authorities, None),
        (None, None) => {
            if found.reached_tls() {
                out.line("Client certificate", "not asked for");
            }
            return;
        }
    };
    let size = bytes.map_or_else(String::new, |b| format!(", message of {b} bytes"));
    out.line(
        "Client certificate",
        &format!("asked for, {} authorities{size}", authorities.len()),
    );
    for name in authorities.iter().take(8) {
        out.line("", &name_text(name));
    }
}

fn library(found: &Probe, out: &mut Lines) {
    let Some(library) = &found.library else {
        return;
    };
    if let Some(text) = library.sentence() {
        out.line("Handshake (rustls)", &text);
    }
    if let Some(text) = found.resumption.words() {
        out.line("Resumption", &text);
    }
    if let Some(text) = library.strict_sentence() {
        out.line("Strict verification", &text);
    }
}

fn device(found: &Probe, out: &mut Lines) {
    let Some(device) = &found.device else { return };
    let offered: Vec<_> = found.offer.suites.iter().map(|&(_, s)| s).collect();
    let common: Vec<String> = device
        .device
        .cipher_suites()
        .into_iter()
        .filter(|s| offered.contains(s))
        .map(|s| s.to_string())
        .collect();
    let text = if common.is_empty() {
        "none".to_owned()
    } else {
        common.join(", ")
    };
    out.line("Suites in common", &text);
    out.line("Device known from", &device.device.source);
}
