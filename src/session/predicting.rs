//! What a session's attempts show of the other end, for a prediction.
//!
//! In: an [`Attempt`] and the certificates beside it. Out: a [`SeenHandshake`] of the server, or the
//! `ClientHello` that a client sent.

use super::CertificatesSeen;
use crate::device::Build;
use crate::server::predict::{Agreement, SeenHandshake};
use crate::timeline::{Attempt, Outcome};
use crate::tls::hello::{ClientHello, HelloExtension};
use crate::tls::{
    CipherSuite, NamedGroup, ProtocolVersion, ServerKeyExchange, SignatureScheme, StepName,
};

/// The attempt that shows most of both hellos: the last with a choice of the server, else the last
/// with an offer of the client.
#[must_use]
pub fn telling_attempt<'a>(
    attempts: impl DoubleEndedIterator<Item = &'a Attempt> + Clone,
) -> Option<&'a Attempt> {
    attempts
        .clone()
        .rev()
        .find(|a| a.cipher_suite.is_some())
        .or_else(|| attempts.rev().find(|a| client_hello(a).is_some()))
}

/// The `ClientHello` of an attempt: its bytes where they were seen, else put together of what the log
/// lists.
#[must_use]
pub fn client_hello(attempt: &Attempt) -> Option<ClientHello> {
    let step = attempt
        .steps
        .iter()
        .find(|s| s.name == StepName::ClientHello && s.bytes.is_some());
    if let Some(bytes) = step.and_then(|s| s.bytes.as_deref())
        && let Ok(hello) = ClientHello::from_bytes(bytes)
    {
        return Some(hello);
    }
    let seen = &attempt.seen;
    if seen.offered_suites.is_empty() {
        return None;
    }
    let mut groups: Vec<NamedGroup> = seen
        .offered_groups
        .iter()
        .copied()
        .map(NamedGroup)
        .collect();
    let mut schemes: Vec<SignatureScheme> = seen
        .offered_signatures
        .iter()
        .copied()
        .map(SignatureScheme)
        .collect();
    if let Some(stock) = assumed_stock(attempt) {
        groups.clone_from(&stock.groups);
        if schemes.is_empty() {
            schemes.clone_from(&stock.schemes);
        }
    }
    let highest = seen.offered_versions.1.map(ProtocolVersion);
    let tls13 = seen
        .offered_suites
        .iter()
        .any(|s| CipherSuite(*s).is_tls13());
    let mut extensions = Vec::new();
    if let Some((name, _)) = &seen.server_name {
        extensions.push(HelloExtension::server_name(name));
    }
    if !groups.is_empty() {
        extensions.push(HelloExtension::supported_groups(&groups));
        extensions.push(HelloExtension::ec_point_formats());
    }
    if !schemes.is_empty() {
        extensions.push(HelloExtension::signature_algorithms(&schemes));
    }
    if tls13 || highest >= Some(ProtocolVersion::TLS13) {
        let mut versions = vec![ProtocolVersion::TLS13];
        let old = seen.offered_suites.iter().any(|s| {
            let suite = CipherSuite(*s);
            !suite.is_tls13() && !suite.is_signalling()
        });
        versions.extend(old.then_some(ProtocolVersion::TLS12));
        extensions.push(HelloExtension::supported_versions(&versions));
        // A log does not list them, and a server refuses TLS 1.3 without (RFC 8446 section 9.2): a key
        // of the first group, as clients send it.
        let share = groups.first().map(|&group| (group, Vec::new()));
        extensions.push(HelloExtension::key_share(share.as_slice()));
        extensions.push(HelloExtension::psk_key_exchange_modes());
    }
    Some(ClientHello {
        record_version: ProtocolVersion::TLS12,
        version: highest
            .unwrap_or(ProtocolVersion::TLS12)
            .min(ProtocolVersion::TLS12),
        random: [0; 32],
        session_id: Vec::new(),
        cipher_suites: seen
            .offered_suites
            .iter()
            .copied()
            .map(CipherSuite)
            .collect(),
        compression: vec![0],
        extensions,
    })
}

/// The stock build whose lists stand in where a log of Mbed TLS prints suites and no groups (2.x
/// prints none).
#[must_use]
pub fn assumed_stock(attempt: &Attempt) -> Option<Build> {
    let seen = &attempt.seen;
    let lists_missing = !seen.offered_suites.is_empty()
        && seen.offered_groups.is_empty()
        && !attempt
            .steps
            .iter()
            .any(|s| s.name == StepName::ClientHello && s.bytes.is_some());
    if !lists_missing || attempt.stack.as_deref() != Some("mbedtls") {
        return None;
    }
    let version = attempt.stack_version.as_deref().unwrap_or_default();
    let of = |id: &str| version.starts_with(id).then(|| Build::stock(id)).flatten();
    let exact = ["2.4", "2.16", "2.28", "3.6"].iter().find_map(|id| of(id));
    exact.or_else(|| {
        Build::stock(if version.starts_with('3') {
            "3.6"
        } else {
            "2.28"
        })
    })
}

/// The server as this attempt shows it.
#[must_use]
pub fn seen_handshake(attempt: &Attempt, certificates: &CertificatesSeen) -> SeenHandshake {
    let hello = client_hello(attempt);
    let fails = (attempt.cipher_suite.is_none() && attempt.outcome != Outcome::Completed)
        .then(|| refusal(attempt))
        .flatten();
    SeenHandshake {
        suites: hello
            .as_ref()
            .map(|h| h.cipher_suites.clone())
            .unwrap_or_default(),
        groups: hello.as_ref().map(ClientHello::groups).unwrap_or_default(),
        schemes: hello
            .as_ref()
            .map(ClientHello::signature_schemes)
            .unwrap_or_default(),
        highest: hello.as_ref().map(|h| {
            if h.offers_tls13() {
                ProtocolVersion::TLS13
            } else {
                h.version
            }
        }),
        chosen: Agreement {
            version: attempt.version,
            cipher_suite: attempt.cipher_suite,
            group: attempt
                .seen
                .group
                .as_deref()
                .and_then(NamedGroup::from_name),
            scheme: scheme(attempt),
            fails,
            unsure: false,
        },
        chain: chain(certificates),
    }
}

fn refusal(attempt: &Attempt) -> Option<String> {
    let alert = attempt.alerts.iter().find(|a| a.fatal)?;
    Some(format!("The server answered with {}.", alert.alert))
}

/// What signed the key exchange (TLS 1.2).
fn scheme(attempt: &Attempt) -> Option<SignatureScheme> {
    if let Some((scheme, _, _)) = attempt.seen.key_exchange_signature {
        return Some(SignatureScheme(scheme));
    }
    let step = attempt
        .steps
        .iter()
        .find(|s| s.name == StepName::ServerKeyExchange)?;
    let body = step.bytes.as_deref()?.get(4..)?;
    let (version, suite) = attempt.version.zip(attempt.cipher_suite)?;
    ServerKeyExchange::parse(body, version, suite).ok()??.scheme
}

/// The chain that the server sends: the first file with a certificate that is no CA, else the first.
pub(super) fn chain(certificates: &CertificatesSeen) -> Vec<Vec<u8>> {
    let with_leaf = certificates
        .files
        .iter()
        .find(|f| f.certificates().any(|c| !c.is_ca()));
    with_leaf
        .or(certificates.files.first())
        .map(|f| f.certificates().map(|c| c.der.clone()).collect())
        .unwrap_or_default()
}
