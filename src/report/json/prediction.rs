//! The JSON object `handlens.predict/1`.

use serde_json::{Value, json};

use crate::server::predict::{Agreement, Device, Prediction, Reason};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

fn id(suite: CipherSuite) -> String {
    format!("0x{:04X}", suite.0)
}

/// The reading of the version in which it is used.
#[must_use]
pub fn scheme_text(scheme: SignatureScheme, version: Option<ProtocolVersion>) -> String {
    match scheme.tls13_name() {
        Some(name) if version >= Some(ProtocolVersion::TLS13) => name.to_owned(),
        _ => scheme.to_string(),
    }
}

/// The hash of a signature algorithm, such as `SHA-512`.
fn scheme_hash(scheme: SignatureScheme) -> Option<&'static str> {
    if let Some(pair) = scheme.tls12_reading() {
        return Some(pair.hash);
    }
    match scheme.0 {
        0x0804 | 0x0809 => Some("SHA-256"),
        0x0805 | 0x080A => Some("SHA-384"),
        0x0806 | 0x080B => Some("SHA-512"),
        _ => None,
    }
}

fn reasons(list: &[Reason]) -> Vec<Value> {
    list.iter()
        .map(|r| json!({"about": r.about, "sentence": r.sentence, "source": r.source}))
        .collect()
}

fn agreement(of: &Agreement) -> Value {
    json!({
        "version": of.version.map(|v| v.to_string()),
        "cipher_suite": of.cipher_suite.map(|s| s.to_string()),
        "cipher_suite_id": of.cipher_suite.map(id),
        "group": of.group.map(|g| g.to_string()),
        "signature_algorithm": of.scheme.map(|s| scheme_text(s, of.version)),
        "signature_algorithm_id": of.scheme.map(|s| format!("0x{:04X}", s.0)),
        "signature_hash": of.scheme.and_then(scheme_hash),
        "fails": of.fails,
        "certain": !of.unsure,
    })
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn device_json(device: &Device, prediction: &Prediction) -> Value {
    let build = device.build();
    let hello = device.hello();
    let suites: Vec<Value> = match (build, hello) {
        (_, Some(hello)) if !prediction.device_is_server => hello
            .cipher_suites
            .iter()
            .filter(|s| !s.is_signalling())
            .map(|s| suite(*s))
            .collect(),
        (Some(build), _) => build.suites.iter().map(|s| suite(*s)).collect(),
        (None, _) => Vec::new(),
    };
    let versions: Vec<String> = build
        .map(|b| b.versions.iter().map(ToString::to_string).collect())
        .unwrap_or_default();
    let groups: Vec<NamedGroup> = match (build, hello) {
        (Some(build), _) => build.groups.clone(),
        (None, Some(hello)) => hello.groups(),
        (None, None) => Vec::new(),
    };
    let schemes: Vec<SignatureScheme> = match (build, hello) {
        (Some(build), _) => build.schemes.clone(),
        (None, Some(hello)) => hello.signature_schemes(),
        (None, None) => Vec::new(),
    };
    json!({
        "name": device.name(),
        "role": if prediction.device_is_server { "server" } else { "client" },
        "library": build.map(|b| b.generation.name.clone()),
        "library_from": build.map(|b| b.generation_from.clone()),
        "versions": versions,
        "cipher_suites": suites,
        "groups": groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "signature_algorithms": schemes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "client_hello_bytes": hello.filter(|_| !prediction.device_is_server)
            .and_then(|h| h.message().ok()).map(|m| m.len()),
    })
}

fn suite(suite: CipherSuite) -> Value {
    json!({"id": id(suite), "name": suite.name()})
}

/// The whole object, without the device where it is said elsewhere. `clients`: what each of them would
/// get of a device that is the server.
#[must_use]
pub fn predict_json(p: &Prediction, device: Option<&Device>, clients: &[Prediction]) -> Value {
    let device = device.map(|d| device_json(d, p));
    let mut out = json!({"schema": "handlens.predict/1", "device": device, "peer": p.peer});
    merge(&mut out, agreement(&p.agreement));
    let certificates: Vec<Value> = p
        .certificates
        .iter()
        .map(|c| {
            json!({"title": c.title, "der_bytes": c.der_bytes, "verifies": c.verifies,
                "why": c.why.join(" ")})
        })
        .collect();
    let fits: Vec<Value> = p
        .fits
        .iter()
        .map(|f| {
            json!({"what": f.what, "bytes": f.bytes, "limit_bytes": f.limit_bytes,
                "verdict": f.verdict.as_str(), "applies": f.applies, "says": f.says})
        })
        .collect();
    let traps: Vec<Value> = p
        .traps
        .iter()
        .map(|t| {
            json!({"id": t.id, "macro": t.name, "line": (t.line > 0).then_some(t.line),
                "sentence": t.sentence, "source": t.source})
        })
        .collect();
    let overlap: Vec<Value> = p
        .overlap
        .iter()
        .map(|o| json!({"id": id(o.suite), "name": o.suite.name(), "other_end": o.server}))
        .collect();
    let additions: Vec<Value> = p
        .additions
        .iter()
        .map(|a| json!({"id": id(a.suite), "name": a.suite.name(), "sentence": a.sentence}))
        .collect();
    let asked = p.asked.as_ref().map(|a| {
        let mut value = agreement(&a.agreement);
        merge(&mut value, json!({"as_predicted": a.as_predicted}));
        value
    });
    merge(
        &mut out,
        json!({
            "order": p.order.as_str(),
            "reasons": reasons(&p.reasons),
            "asked": asked,
            "certificates": certificates,
            "fits": fits,
            "memory_bytes": p.memory.map(|m| m.total()),
            "memory": p.memory.map(|m| json!({"in_buffer_bytes": m.in_buffer,
                "out_buffer_bytes": m.out_buffer, "peer_chain_bytes": m.peer_chain})),
            "traps": traps,
            "overlap": overlap,
            "additions": additions,
            "clients": clients.iter().map(client).collect::<Vec<_>>(),
        }),
    );
    out
}

fn client(of: &Prediction) -> Value {
    let mut value = json!({"client": of.peer});
    merge(&mut value, agreement(&of.agreement));
    merge(
        &mut value,
        json!({"order": of.order.as_str(), "reasons": reasons(&of.reasons)}),
    );
    value
}
