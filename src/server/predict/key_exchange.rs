//! The group of the key exchange, and what signs it.

use super::choice::{common_groups, common_schemes};
use super::device::Sources;
use super::{Agreement, LeafKey, Reason, ServerSide};
use crate::server::offer::Order;
use crate::tls::hello::{ClientHello, extension};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

fn ordered<T: Copy + PartialEq>(client: &[T], server: &[T], order: Order) -> Option<T> {
    match order {
        Order::Server => server.iter().copied().find(|x| client.contains(x)),
        _ => client.iter().copied().find(|x| server.contains(x)),
    }
}

pub(super) fn group(
    client: &ClientHello,
    server: &ServerSide,
    suite: CipherSuite,
    out: &mut Agreement,
    reasons: &mut Vec<Reason>,
    sources: Sources<'_>,
) {
    let is_13 = suite.is_tls13();
    let exchange = suite.key_exchange().unwrap_or_default();
    if !is_13 && !exchange.starts_with("ECDHE") {
        let sentence = if exchange.starts_with("DHE") {
            "Diffie-Hellman over a prime of the server's choice: no named group."
        } else {
            "This key exchange uses no group."
        };
        reasons.push(Reason::new("group", sentence, "RFC 5246 section 7.4.3"));
        return;
    }
    let common = common_groups(client, server, is_13);
    let shares = if is_13 { shares(client) } else { Vec::new() };
    if let Some(share) = shares.iter().find(|s| common.contains(s)) {
        out.group = Some(*share);
        reasons.push(Reason::new(
            "group",
            format!("{share}: the client sends a key for it already, and the server has it."),
            sources.of("groups"),
        ));
        return;
    }
    let Some(chosen) = ordered(&common, &server.groups, server.group_order) else {
        return;
    };
    out.group = Some(chosen);
    if common.len() > 1 && server.group_order == Order::Unknown {
        out.unsure = true;
    }
    let retry = if is_13 {
        " The server asks for a key of it first (HelloRetryRequest)."
    } else {
        ""
    };
    let (who, source) = match server.group_order {
        Order::Server => ("the server's order decides", server.source_of("groups")),
        Order::Client => ("the client's order decides", sources.of("groups")),
        Order::Unknown => (
            "whose order decides is not known",
            server.source_of("groups"),
        ),
    };
    let sentence = if common.len() == 1 {
        format!("{chosen} is the only group that both have.{retry}")
    } else {
        format!(
            "{chosen}: of {} groups that both have, {who}.{retry}",
            common.len()
        )
    };
    reasons.push(Reason::new("group", sentence, source));
}

/// Groups that `key_share` carries a key for.
fn shares(client: &ClientHello) -> Vec<NamedGroup> {
    let mut out = Vec::new();
    let Some(mut rest) = client
        .extension(extension::KEY_SHARE)
        .and_then(|body| body.get(2..))
    else {
        return out;
    };
    while let Some(&[a, b, c, d]) = rest.first_chunk::<4>() {
        out.push(NamedGroup(u16::from_be_bytes([a, b])));
        let length = usize::from(u16::from_be_bytes([c, d]));
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    out
}

pub(super) fn scheme(
    client: &ClientHello,
    server: &ServerSide,
    suite: CipherSuite,
    out: &mut Agreement,
    reasons: &mut Vec<Reason>,
    sources: Sources<'_>,
) {
    let version = out.version.unwrap_or(ProtocolVersion::TLS12);
    let exchange = suite.key_exchange().unwrap_or_default();
    let candidates = if suite.is_tls13() {
        let offered = client.signature_schemes();
        let all: Vec<SignatureScheme> = offered
            .into_iter()
            .filter(|s| server.schemes.is_empty() || server.schemes.contains(s))
            .filter(|s| server.keys.iter().any(|k| signs_13(k, *s)))
            .collect();
        if server.keys.is_empty() {
            reasons.push(Reason::new(
                "signature_algorithm",
                "What signs the handshake depends on the server's certificate, which is not known.",
                server.source.clone(),
            ));
            return;
        }
        all
    } else {
        let signed = exchange.starts_with("ECDHE_") || exchange.starts_with("DHE_");
        if !signed || exchange.contains("PSK") {
            reasons.push(Reason::new(
                "signature_algorithm",
                "Nothing is signed in this key exchange.",
                "RFC 5246 section 7.4.3",
            ));
            return;
        }
        if version < ProtocolVersion::TLS12 {
            reasons.push(Reason::new(
                "signature_algorithm",
                "Before TLS 1.2 the signature algorithm is fixed: MD5 and SHA-1 with RSA, SHA-1 with ECDSA.",
                "RFC 4346 section 7.4.3",
            ));
            return;
        }
        common_schemes(client, server, suite)
    };
    let Some(chosen) = ordered(&candidates, &server.schemes, server.scheme_order)
        .or_else(|| candidates.first().copied())
    else {
        if suite.is_tls13() {
            out.fails =
                Some("They have no signature algorithm in common for the server's key.".to_owned());
        }
        return;
    };
    out.scheme = Some(chosen);
    if candidates.len() > 1 && server.scheme_order == Order::Unknown {
        out.unsure = true;
    }
    let (who, source) = match server.scheme_order {
        Order::Server => ("the server's order decides", server.source_of("schemes")),
        Order::Client => (
            "the client's order decides",
            match server.sources.get("schemes") {
                Some(decides) => format!("{}; {decides}", sources.of("schemes")),
                None => sources.of("schemes"),
            },
        ),
        Order::Unknown => (
            "whose order decides is not known",
            server.source_of("schemes"),
        ),
    };
    let text = if suite.is_tls13() {
        chosen
            .tls13_name()
            .map_or_else(|| chosen.to_string(), str::to_owned)
    } else {
        chosen.to_string()
    };
    let sentence = if candidates.len() == 1 {
        format!("{text} is the only signature algorithm for this key that both have.")
    } else {
        format!(
            "{text}: of {} that both have for this key, {who}.",
            candidates.len()
        )
    };
    reasons.push(Reason::new("signature_algorithm", sentence, source));
}

/// Can a key of this kind make this signature in TLS 1.3 (RFC 8446 section 4.2.3)?
fn signs_13(key: &LeafKey, scheme: SignatureScheme) -> bool {
    match key {
        LeafKey::Rsa => matches!(scheme.0, 0x0804..=0x0806),
        LeafKey::Ec(Some(curve)) => {
            let wanted = match scheme.0 {
                0x0403 => NamedGroup::SECP256R1,
                0x0503 => NamedGroup::SECP384R1,
                0x0603 => NamedGroup::SECP521R1,
                _ => return false,
            };
            *curve == wanted
        }
        LeafKey::Ec(None) => matches!(scheme.0, 0x0403 | 0x0503 | 0x0603),
        LeafKey::Other => matches!(scheme.0, 0x0807..=0x080B),
    }
}
