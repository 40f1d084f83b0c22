//! A probe as text.

use std::fmt::Write;

use super::json::{name_text, scheme_name};
use crate::server::{
    Checked, Ending, LibraryEnding, NameKind, NotTls, Order, Probe, Reply, see_chain,
};
use crate::tls::ProtocolVersion;

/// How a connection ended, as half a sentence.
pub(super) fn ending_text(ending: &Ending) -> String {
    match ending {
        Ending::Answered => "the server answered".to_owned(),
        Ending::Alert(alert) => format!("the server sent {alert}"),
        Ending::Closed => "the server closed the connection without an alert".to_owned(),
        Ending::Reset => "the server reset the connection".to_owned(),
        Ending::Timeout => "the server stayed silent until the time was over".to_owned(),
        Ending::NotTls(protocol) => protocol.sentence().to_owned(),
        Ending::TooMuch(what) => format!("the server sent {what}"),
        Ending::Malformed(what) => format!("the server\u{2019}s bytes break the protocol: {what}"),
        Ending::NoStartTls(text) => format!("the server refused to begin TLS: {text}"),
        Ending::Unconnected(error) => format!("no connection: {error}"),
        Ending::Cancelled => "the probe was stopped".to_owned(),
    }
}

/// Lines of a text, label in front.
struct Lines(String);

impl Lines {
    fn line(&mut self, label: &str, text: &str) {
        let _ = writeln!(self.0, "{label:<22} {text}");
    }
}

pub(super) fn probe_text(found: &Probe) -> String {
    let mut out = Lines(String::new());
    let _ = writeln!(out.0, "{}", headline(found));
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
    if found.asked.is_some() {
        out.line("The same by hand", &command(found));
    }
    out.0
}

fn headline(found: &Probe) -> String {
    let host = &found.target.host;
    let port = found.target.port;
    if found.asked.is_none() {
        return format!("{host} port {port} cannot be reached: no address accepts a connection.");
    }
    if let Some(protocol) = found.not_tls {
        let sentence = NotTls::sentence(protocol);
        return format!("{host} port {port} does not speak TLS. {sentence}");
    }
    if let Some(device) = &found.device {
        let name = &device.device.name;
        return match agreed(&device.reply) {
            Some(text) => format!("{name} and {host} agree on {text}."),
            None => format!(
                "{name} is refused by {host} port {port}: {}.",
                ending_text(&device.reply.ending)
            ),
        };
    }
    if !found.reached_tls() {
        let why = found
            .first
            .as_ref()
            .map_or_else(String::new, |r| ending_text(&r.ending));
        return format!("{host} port {port} agrees to no handshake: {why}.");
    }
    format!("{host} port {port} speaks TLS.")
}

fn agreed(reply: &Reply) -> Option<String> {
    let mut text = format!("{} with {}", reply.version()?, reply.cipher_suite()?);
    if let Some(group) = reply.group() {
        let _ = write!(text, ", group {group}");
    }
    if let Some(scheme) = reply.signature_scheme() {
        let _ = write!(text, ", signed with {scheme}");
    }
    Some(text)
}

fn addresses(found: &Probe, out: &mut Lines) {
    for tried in &found.addresses {
        let text = match &tried.connect {
            Ok(time) => {
                format!(
                    "{} connects in {:.1} ms",
                    tried.address.ip(),
                    time.as_secs_f64() * 1e3
                )
            }
            Err(error) => format!("{} does not connect: {error}", tried.address.ip()),
        };
        out.line("Address", &text);
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
        out.line("Groups", &groups.join(", "));
    }
    if !offer.schemes.is_empty() {
        let schemes: Vec<String> = offer.schemes.iter().map(|s| scheme_name(*s)).collect();
        out.line("Signature algorithms", &schemes.join(", "));
    }
    if let Some(check) = found.key_check {
        let text = |c: Checked| match c {
            Checked::NotChecked(why) => format!("not checked ({why})"),
            other => other.as_str().to_owned(),
        };
        out.line(
            "Key exchange",
            &format!(
                "point {}, signature {}",
                text(check.point),
                text(check.signature)
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
        ("OCSP staple", offer.extensions.ocsp_staple),
        ("compression", offer.extensions.compression),
    ];
    let list: Vec<String> = answers
        .iter()
        .filter_map(|(name, answer)| {
            answer.map(|yes| format!("{name} {}", if yes { "yes" } else { "no" }))
        })
        .collect();
    if !list.is_empty() {
        out.line("Extensions (\u{2264} TLS 1.2)", &list.join(", "));
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
            ending_text(&tried.ending)
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
    let text = match &library.ending {
        Some(LibraryEnding::Completed) => {
            let version = library.version.map_or_else(String::new, |v| v.to_string());
            let suite = library
                .cipher_suite
                .map_or_else(String::new, |s| s.to_string());
            format!("complete: {version} with {suite}")
        }
        Some(LibraryEnding::Alert(alert)) => format!("the server sent {alert}"),
        Some(LibraryEnding::AlertAfter(alert)) => {
            format!("complete for the client, then the server sent {alert}")
        }
        Some(LibraryEnding::Closed) => "the server closed without an alert".to_owned(),
        Some(LibraryEnding::Timeout) => "not complete in time".to_owned(),
        Some(LibraryEnding::Refused(text)) => format!("rustls refuses: {text}"),
        Some(LibraryEnding::Broken(text)) => format!("broken: {text}"),
        None => return,
    };
    out.line("Handshake (rustls)", &text);
    if library.certificates.is_empty() {
        return;
    }
    let roots = if library.roots_given {
        "the given roots"
    } else {
        "the last certificate sent taken as root"
    };
    match &library.strict {
        None => out.line("Strict verification", &format!("accepts ({roots})")),
        Some(refusal) => {
            out.line(
                "Strict verification",
                &format!("refuses ({roots}): {}", refusal.sentence),
            );
        }
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

/// The same question for OpenSSL.
fn command(found: &Probe) -> String {
    let host = &found.target.host;
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    let name = found.name.as_ref().map_or_else(
        || "-noservername".to_owned(),
        |n| format!("-servername {n}"),
    );
    let version = match found.offer.highest(ProtocolVersion::TLS13) {
        Some(ProtocolVersion::TLS13) => " -tls1_3",
        Some(ProtocolVersion::TLS12) => " -tls1_2",
        Some(ProtocolVersion::TLS11) => " -tls1_1",
        Some(ProtocolVersion::TLS10) => " -tls1",
        _ => "",
    };
    format!(
        "openssl s_client -connect {host}:{} {name}{version} -showcerts </dev/null",
        found.target.port
    )
}
