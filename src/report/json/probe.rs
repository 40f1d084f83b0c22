//! The JSON object `handlens.probe/1`.

use serde_json::{Map, Value, json};

use super::certificate::{CertificateJson, Place};
use crate::cert::{Certificate, lints};
use crate::server::{
    CertificateSeen, Checked, DeviceReply, DnsAnswer, DnsTrouble, Ending, LibraryEnding,
    LibraryReply, NameKind, NameTry, Probe, Stage, by_hand, name_text, scheme_name, see_chain,
};
use crate::tls::CipherSuite;

fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The word of an ending.
fn ending_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Answered => "answered",
        Ending::Alert(_) => "alert",
        Ending::Closed => "closed",
        Ending::Reset => "reset",
        Ending::Timeout => "timeout",
        Ending::NotTls(_) => "not_tls",
        Ending::TooMuch(_) => "too_much",
        Ending::Malformed(_) => "malformed",
        Ending::NoStartTls(_) => "no_starttls",
        Ending::Unconnected(_) => "unconnected",
        Ending::Cancelled => "cancelled",
    }
}

fn alert_json(ending: &Ending) -> Value {
    match ending {
        Ending::Alert(alert) => json!({"number": alert.0, "name": alert.name()}),
        _ => Value::Null,
    }
}

fn suite_json(version: Option<&str>, suite: CipherSuite) -> Value {
    let mut out = Map::new();
    if let Some(version) = version {
        out.insert("version".into(), version.into());
    }
    out.insert("id".into(), format!("0x{:04X}", suite.0).into());
    out.insert("name".into(), suite.name().into());
    Value::Object(out)
}

/// A certificate as `certs` gives it, with the records that carried it.
fn certificate_of(
    found: &Probe,
    at_unix_s: i64,
    index: usize,
    seen: &CertificateSeen,
    der: &[u8],
) -> Value {
    let server = format!("{}:{}", found.target.host, found.target.port);
    let place = Place {
        file: &server,
        index,
        encoding: Some("der"),
        at_unix_s,
        limit: None,
    };
    let read = Certificate::read(der).and_then(|certificate| {
        let lints = lints(&certificate);
        let json = CertificateJson {
            place,
            certificate: &certificate,
            lints: &lints,
        };
        serde_json::to_value(json).ok()
    });
    let mut out = read.unwrap_or_else(|| {
        json!({"file": server, "index": index, "encoding": "der",
            "der_bytes": der.len(), "sha256": seen.sha256})
    });
    if let Value::Object(out) = &mut out {
        out.insert("readable".into(), seen.readable.into());
        let records = seen
            .records
            .map(|(first, last)| json!({"first": first, "last": last}));
        out.insert("records".into(), records.into());
    }
    out
}

fn chain_json(found: &Probe, at_unix_s: i64) -> Value {
    let clear = found.offer.chain_reply.as_ref();
    let (chain, reply) = match (clear, &found.library) {
        (Some(reply), _) => (&reply.certificates, Some(reply)),
        (None, Some(library)) => (&library.certificates, None),
        (None, None) => return json!({"certificates": [], "message_bytes": null}),
    };
    let seen = see_chain(chain, reply);
    let certificates: Vec<Value> = seen
        .iter()
        .zip(chain)
        .enumerate()
        .map(|(i, (c, der))| certificate_of(found, at_unix_s, i, c, der))
        .collect();
    json!({
        "certificates": certificates,
        "message_bytes": reply.and_then(|r| r.certificate_message_bytes),
        "distinct_leaves": found.offer.chains.len(),
    })
}

fn client_certificate_json(found: &Probe) -> Value {
    let names = |list: &[Vec<u8>]| list.iter().map(|der| name_text(der)).collect::<Vec<_>>();
    let demand = found.library.as_ref().and_then(|l| l.demand.as_ref());
    let result = found
        .library
        .as_ref()
        .filter(|_| demand.is_some())
        .map(library_word);
    if let Some(request) = &found.offer.request {
        let schemes: Vec<String> = request
            .signature_algorithms
            .iter()
            .map(|s| scheme_name(*s))
            .collect();
        return json!({"requested": true, "types": request.types, "authorities": names(&request.authorities),
            "signature_algorithms": schemes, "message_bytes": request.message_bytes, "result": result});
    }
    if let Some(demand) = demand {
        let schemes: Vec<String> = demand.schemes.iter().map(|s| scheme_name(*s)).collect();
        return json!({"requested": true, "types": [], "authorities": names(&demand.authorities),
            "signature_algorithms": schemes, "message_bytes": null, "result": result});
    }
    json!({"requested": false, "types": [], "authorities": [], "signature_algorithms": [],
        "message_bytes": null, "result": null})
}

fn library_word(library: &LibraryReply) -> &'static str {
    match library.ending {
        Some(LibraryEnding::Completed) => "completed",
        Some(LibraryEnding::Alert(_)) => "alert",
        Some(LibraryEnding::AlertAfter(_)) => "alert_after_handshake",
        Some(LibraryEnding::Closed) => "closed",
        Some(LibraryEnding::Timeout) => "timeout",
        Some(LibraryEnding::Refused(_)) => "refused_by_us",
        Some(LibraryEnding::Broken(_)) | None => "broken",
    }
}

fn library_json(library: &LibraryReply) -> Value {
    let alert = match library.ending {
        Some(LibraryEnding::Alert(a) | LibraryEnding::AlertAfter(a)) => {
            json!({"number": a.0, "name": a.name()})
        }
        _ => Value::Null,
    };
    let details = match &library.ending {
        Some(LibraryEnding::Refused(text) | LibraryEnding::Broken(text)) => Some(text),
        _ => None,
    };
    json!({
        "result": library_word(library),
        "alert": alert,
        "details": details,
        "version": library.version.map(|v| v.to_string()),
        "cipher_suite": library.cipher_suite.map(|s| s.to_string()),
        "group": library.group.map(|g| g.to_string()),
        "signature_algorithm": library.scheme.map(scheme_name),
        "signature": library.signature_sound.map(|s| if s { "sound" } else { "wrong" }),
        "alpn": library.alpn,
        "ocsp_staple": library.ocsp_staple,
        "strict": {
            "accepts": (!library.certificates.is_empty()).then_some(library.strict.is_none()),
            "why": library.strict.as_ref().map(|s| s.sentence.as_str()),
            "roots": if library.roots_given { "given" } else { "last certificate sent" },
        },
        "elapsed_ms": milliseconds(library.elapsed),
    })
}

fn sni_json(found: &Probe) -> Value {
    let own = found.names.first();
    let of = |kind| found.names.iter().find(|t| t.kind == kind);
    let needed = match (own, of(NameKind::None)) {
        (Some(own), Some(none)) if own.kind == NameKind::Own => Some(own.agreed && !none.agreed),
        _ => None,
    };
    let word = |t: &NameTry| match t.kind {
        NameKind::Own => "own",
        NameKind::None => "none",
        NameKind::Address => "address",
        NameKind::Other => "other",
    };
    let differs: Vec<&str> = own
        .map(|own| {
            found
                .names
                .iter()
                .skip(1)
                .filter(|t| t.differs_from(own))
                .map(word)
                .collect()
        })
        .unwrap_or_default();
    let tries: Vec<Value> = found
        .names
        .iter()
        .map(|t| {
            json!({"kind": word(t), "name": t.name, "result": ending_word(&t.ending), "alert": alert_json(&t.ending),
                "cipher_suite": t.cipher_suite.map(|s| s.to_string()),
                "leaf_bytes": t.leaf.as_ref().map(Vec::len)})
        })
        .collect();
    json!({"sent": found.name, "needed": needed, "differs": differs, "tries": tries})
}

fn device_json(device: &DeviceReply, found: &Probe) -> Value {
    let reply = &device.reply;
    let offered: Vec<CipherSuite> = found.offer.suites.iter().map(|&(_, s)| s).collect();
    let common: Vec<Value> = device
        .device
        .cipher_suites()
        .into_iter()
        .filter(|s| offered.contains(s))
        .map(|s| suite_json(None, s))
        .collect();
    json!({
        "device": device.device.id,
        "name": device.device.name,
        "source": device.device.source,
        "result": if reply.agreed() { "negotiated" } else { ending_word(&reply.ending) },
        "version": reply.version().map(|v| v.to_string()),
        "cipher_suite": reply.cipher_suite().map(|s| s.to_string()),
        "group": reply.group().map(|g| g.to_string()),
        "signature_algorithm": reply.signature_scheme().map(scheme_name),
        "alert": alert_json(&reply.ending),
        "common_cipher_suites": common,
    })
}

fn checked_json(checked: &Checked) -> Value {
    let why = match checked {
        Checked::NotChecked(why) => Some(why),
        _ => None,
    };
    json!({"verdict": checked.as_str(), "why": why})
}

/// The whole object; the dates of its certificates are held against `at_unix_s`, seconds since 1970.
#[must_use]
pub fn probe_json(found: &Probe, at_unix_s: i64) -> Value {
    let offer = &found.offer;
    let mut lengths = Map::new();
    let mut limit = Value::Null;
    for tried in &found.fragments {
        let word = tried.verdict.map_or(Value::Null, |v| v.as_str().into());
        match tried.code {
            Some(code) => {
                lengths.insert(code.to_string(), word);
            }
            None => limit = word,
        }
    }
    let addresses: Vec<String> = found
        .addresses
        .iter()
        .map(|a| a.address.ip().to_string())
        .collect();
    let connects: Vec<Value> = found
        .addresses
        .iter()
        .map(|a| {
            json!({"address": a.address.ip().to_string(),
                "connect_ms": a.connect.as_ref().ok().map(|t| milliseconds(*t)),
                "error": a.connect.as_ref().err(), "mss_bytes": a.path.mss,
                "path_mtu_bytes": a.path.path_mtu})
        })
        .collect();
    let suites: Vec<Value> = offer
        .suites
        .iter()
        .map(|(v, s)| suite_json(v.name().or(Some("unknown")), *s))
        .collect();
    let versions: Vec<Value> = offer
        .versions
        .iter()
        .map(|(v, offered)| json!({"name": v.to_string(), "offered": offered}))
        .collect();
    let answers = offer.extensions;
    json!({
        "schema": "handlens.probe/1",
        "target": {"host": found.target.host, "port": found.target.port, "addresses": addresses,
            "asked": found.asked.map(|a| a.ip().to_string()), "connects": connects,
            "dns": found.dns.as_ref().map(dns_json)},
        "connections": found.connections,
        "elapsed_ms": milliseconds(found.elapsed),
        "reached_tls": found.reached_tls(),
        "not_tls": found.not_tls.map(crate::server::NotTls::as_str),
        "first_answer": found.first.as_ref().map(|r| json!({"result": ending_word(&r.ending),
            "alert": alert_json(&r.ending), "details": r.ending.sentence()})),
        "versions": versions,
        "cipher_suites": suites,
        "order": offer.order.as_str(),
        "groups": offer.groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "more_groups": offer.more_groups,
        "signature_algorithms": offer.schemes.iter().map(|s| scheme_name(*s)).collect::<Vec<_>>(),
        "dhe_bits": offer.dhe_bits,
        "extensions": {"renegotiation_info": answers.renegotiation_info,
            "extended_master_secret": answers.extended_master_secret,
            "encrypt_then_mac": answers.encrypt_then_mac, "session_ticket": answers.session_ticket,
            "session_id": answers.session_id, "ocsp_staple": answers.ocsp_staple,
            "compression": answers.compression},
        "resumption": {"psk": found.resumption.psk, "ticket": found.resumption.ticket,
            "session_id": found.resumption.session_id},
        "chain": chain_json(found, at_unix_s),
        "key_exchange": found.key_check.as_ref().map(|c| json!({"point": checked_json(&c.point),
            "signature": checked_json(&c.signature)})),
        "client_certificate": client_certificate_json(found),
        "max_fragment_length": lengths,
        "record_size_limit": limit,
        "sni": sni_json(found),
        "alpn": offer.alpn,
        "refusals": {"alert": found.refusals.alerts, "closed": found.refusals.closes,
            "reset": found.refusals.resets, "timeout": found.refusals.timeouts,
            "silent": found.refusals.is_silent()},
        "as_device": found.device.as_ref().map(|d| device_json(d, found)),
        "library": found.library.as_ref().map(library_json),
        "engines": engines(found),
        "by_hand": by_hand(found)
            .iter()
            .map(|h| json!({"question": stage_word(h.stage), "shows": h.shows, "command": h.command}))
            .collect::<Vec<_>>(),
        "stopped": found.stopped.map(|s| s.to_string()),
    })
}

fn dns_json(dns: &DnsAnswer) -> Value {
    let aliases: Vec<Value> = dns
        .aliases
        .iter()
        .map(|a| json!({"name": a.name, "target": a.target, "ttl_s": a.ttl_s}))
        .collect();
    let addresses: Vec<Value> = dns
        .addresses
        .iter()
        .map(|(address, ttl)| json!({"address": address.to_string(), "ttl_s": ttl}))
        .collect();
    json!({
        "server": dns.server.map(|s| s.to_string()),
        "elapsed_ms": milliseconds(dns.elapsed),
        "cnames": aliases,
        "addresses": addresses,
        "problem": dns.trouble.as_ref().map(DnsTrouble::sentence),
    })
}

fn engines(found: &Probe) -> Vec<&'static str> {
    let mut engines = vec!["raw"];
    if found.library.is_some() {
        engines.push("rustls");
    }
    engines
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Addresses => "addresses",
        Stage::FirstAnswer => "first_answer",
        Stage::PlainMqtt => "plain_mqtt",
        Stage::AsDevice => "as_device",
        Stage::Suites => "suites",
        Stage::Order => "order",
        Stage::Groups => "groups",
        Stage::Signatures => "signature_algorithms",
        Stage::Extensions => "extensions",
        Stage::Names => "names",
        Stage::Fragments => "fragments",
        Stage::Handshake => "handshake",
        Stage::Resumption => "resumption",
    }
}
