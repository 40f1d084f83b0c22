//! What a server offers: versions, suites and their order, groups, signature algorithms, and what
//! it answers to extensions. Found with one connection for each thing that the server accepts and
//! one more for the end of each list, not one for each thing that could be asked.
//!
//! In: a [`Prober`] and the name to ask for. Out: [`Offer`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::prober::{Prober, Stop};
use super::question::{Question, groups_of, schemes};
use super::reply::{Ending, Reply};
use super::stage::Stage;
use crate::tls::hello::{HelloExtension, extension};
use crate::tls::{CertificateRequest, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// Whose order decides which suite is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The server's.
    Server,
    /// The client's.
    Client,
    /// Fewer than two suites, or not asked.
    #[default]
    Unknown,
}

impl Order {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Unknown => "unknown",
        }
    }
}

/// Answers to extensions (of TLS 1.2 and older, where they can be read; `None` = not asked).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extensions {
    /// Secure renegotiation (RFC 5746).
    pub renegotiation_info: Option<bool>,
    /// Extended master secret (RFC 7627).
    pub extended_master_secret: Option<bool>,
    /// Encrypt-then-MAC (RFC 7366), asked with CBC suites.
    pub encrypt_then_mac: Option<bool>,
    /// Session tickets (RFC 5077).
    pub session_ticket: Option<bool>,
    /// Session ids that could be resumed.
    pub session_id: Option<bool>,
    /// A stapled OCSP answer.
    pub ocsp_staple: Option<bool>,
    /// DEFLATE compression.
    pub compression: Option<bool>,
}

/// What one server offers.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Versions that were asked, and whether they are offered. Highest first.
    pub versions: Vec<(ProtocolVersion, bool)>,
    /// Suites by version, in the order in which the server picked them.
    pub suites: Vec<(ProtocolVersion, CipherSuite)>,
    /// Whose order counts.
    pub order: Order,
    /// Groups.
    pub groups: Vec<NamedGroup>,
    /// Whose order of groups counts.
    pub group_order: Order,
    /// Algorithms that sign the key exchange or the handshake.
    pub schemes: Vec<SignatureScheme>,
    /// Whose order of signature algorithms counts (TLS 1.2; in 1.3 the choice is encrypted).
    pub scheme_order: Order,
    /// Answers to extensions.
    pub extensions: Extensions,
    /// Protocol that ALPN chose, of those that were asked.
    pub alpn: Option<String>,
    /// Chains that came in the clear, different leaves once.
    pub chains: Vec<Vec<Vec<u8>>>,
    /// The reply that showed the first chain.
    pub chain_reply: Option<Reply>,
    /// What the client's certificate must be (≤ TLS 1.2).
    pub request: Option<CertificateRequest>,
    /// Primes of finite-field key exchange, in bits.
    pub dhe_bits: Vec<usize>,
    /// Why it is not complete.
    pub stopped: Option<Stop>,
}

/// Protocols that ALPN is asked for.
const PROTOCOLS: [&str; 6] = ["h2", "http/1.1", "mqtt", "x-amzn-mqtt-ca", "coap", "amqp"];

impl Offer {
    /// Suites of one version.
    pub fn suites_of(&self, version: ProtocolVersion) -> impl Iterator<Item = CipherSuite> + '_ {
        self.suites
            .iter()
            .filter(move |(v, _)| *v == version)
            .map(|&(_, s)| s)
    }

    /// Is this version offered?
    #[must_use]
    pub fn has(&self, version: ProtocolVersion) -> bool {
        self.versions.contains(&(version, true))
    }

    /// The highest version at or below `limit` that is offered.
    #[must_use]
    pub fn highest(&self, limit: ProtocolVersion) -> Option<ProtocolVersion> {
        self.versions
            .iter()
            .filter(|(v, yes)| *yes && *v <= limit)
            .map(|&(v, _)| v)
            .max()
    }
}

/// Asks everything. What was found before a stop is kept.
pub fn survey(prober: &mut Prober<'_>, name: Option<&str>) -> Offer {
    let mut offer = Offer::default();
    if let Err(stop) = ask_all(prober, name, &mut offer) {
        offer.stopped = Some(stop);
    }
    offer
}

fn ask_all(prober: &mut Prober<'_>, name: Option<&str>, offer: &mut Offer) -> Result<(), Stop> {
    let versions = [
        ProtocolVersion::TLS13,
        ProtocolVersion::TLS12,
        ProtocolVersion::TLS11,
        ProtocolVersion::TLS10,
    ];
    prober.now(Stage::Suites);
    for version in versions {
        suites(prober, version, name, offer)?;
    }
    if offer.suites.is_empty() {
        prober.failed("none");
        return Ok(());
    }
    prober.found(&suites_in_words(offer));
    prober.now(Stage::Order);
    order(prober, name, offer)?;
    prober.found(match offer.order {
        Order::Server => "the server\u{2019}s",
        Order::Client => "the client\u{2019}s",
        Order::Unknown => "not known",
    });
    prober.now(Stage::Groups);
    groups(prober, name, offer)?;
    prober.found(&offer.groups.len().to_string());
    prober.now(Stage::Signatures);
    schemes_of_12(prober, name, offer)?;
    if offer.has(ProtocolVersion::TLS13) {
        schemes_of_13(prober, name, offer)?;
    }
    prober.found(&offer.schemes.len().to_string());
    prober.now(Stage::Extensions);
    extensions(prober, name, offer)?;
    prober.found(offer.alpn.as_deref().unwrap_or("no ALPN"));
    Ok(())
}

/// Such as `TLS 1.3 TLS 1.2, 11 suites`.
fn suites_in_words(offer: &Offer) -> String {
    let versions: Vec<String> = offer
        .versions
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|(v, _)| v.to_string())
        .collect();
    let suites: BTreeSet<CipherSuite> = offer.suites.iter().map(|(_, s)| *s).collect();
    format!("{}, {} suites", versions.join(" "), suites.len())
}

/// Extensions that tell something by the way.
fn telling() -> Vec<HelloExtension> {
    vec![
        HelloExtension::extended_master_secret(),
        HelloExtension::encrypt_then_mac(),
        HelloExtension::session_ticket(Vec::new()),
        HelloExtension::status_request(),
    ]
}

fn suites(
    prober: &mut Prober<'_>,
    version: ProtocolVersion,
    name: Option<&str>,
    offer: &mut Offer,
) -> Result<(), Stop> {
    let mut question = Question::all(version, name);
    question.more = telling();
    let mut accepted = false;
    while !question.suites.is_empty() {
        let reply = prober.ask(&question.hello())?;
        let Some(suite) = reply
            .cipher_suite()
            .filter(|_| reply.version() == Some(version))
        else {
            break;
        };
        accepted = true;
        learn(offer, &reply);
        let before = question.suites.len();
        question.suites.retain(|s| *s != suite);
        offer.suites.push((version, suite));
        if question.suites.len() == before {
            break;
        }
        if offer.chain_reply.is_none() && !reply.certificates.is_empty() {
            offer.chain_reply = Some(reply);
        }
    }
    offer.versions.push((version, accepted));
    Ok(())
}

/// Keeps what a reply shows beside what it was asked for.
fn learn(offer: &mut Offer, reply: &Reply) {
    let Some(hello) = &reply.hello else { return };
    if hello.version() >= ProtocolVersion::TLS13 {
        return;
    }
    let seen = |kind| hello.extension(kind).is_some();
    let or = |old: &mut Option<bool>, new: bool| *old = Some(old.unwrap_or(false) || new);
    let answers = &mut offer.extensions;
    or(
        &mut answers.renegotiation_info,
        seen(extension::RENEGOTIATION_INFO),
    );
    or(
        &mut answers.extended_master_secret,
        seen(extension::EXTENDED_MASTER_SECRET),
    );
    if hello
        .cipher_suite
        .cipher()
        .is_some_and(|c| c.contains("_CBC_"))
    {
        or(
            &mut answers.encrypt_then_mac,
            seen(extension::ENCRYPT_THEN_MAC),
        );
    }
    or(&mut answers.session_ticket, seen(extension::SESSION_TICKET));
    or(&mut answers.session_id, !hello.session_id.is_empty());
    or(
        &mut answers.ocsp_staple,
        reply.certificate_status_bytes.is_some(),
    );
    if let Some(leaf) = reply.certificates.first()
        && !offer.chains.iter().any(|c| c.first() == Some(leaf))
    {
        offer.chains.push(reply.certificates.clone());
    }
    if let Some(request) = &reply.request
        && offer.request.is_none()
    {
        offer.request = Some(request.clone());
    }
    if let Some(crate::tls::ServerKey::Dhe { prime_bits }) =
        reply.key_exchange.as_ref().map(|k| &k.key)
        && !offer.dhe_bits.contains(prime_bits)
    {
        offer.dhe_bits.push(*prime_bits);
    }
}

fn order(prober: &mut Prober<'_>, name: Option<&str>, offer: &mut Offer) -> Result<(), Stop> {
    for &(version, _) in &offer.versions {
        let picked: Vec<CipherSuite> = offer.suites_of(version).collect();
        let (Some(&first), Some(&last)) = (picked.first(), picked.last()) else {
            continue;
        };
        if first == last {
            continue;
        }
        let mut question = Question::all(version, name);
        question.suites = picked.iter().rev().copied().collect();
        let chosen = prober.ask(&question.hello())?.cipher_suite();
        offer.order = who(chosen, first, last);
        if offer.order != Order::Unknown {
            return Ok(());
        }
    }
    Ok(())
}

fn groups(prober: &mut Prober<'_>, name: Option<&str>, offer: &mut Offer) -> Result<(), Stop> {
    for version in [
        Some(ProtocolVersion::TLS13),
        offer.highest(ProtocolVersion::TLS12),
    ] {
        let Some(version) = version.filter(|v| offer.has(*v)) else {
            continue;
        };
        let mut question = Question::all(version, name);
        let mut picked = Vec::new();
        question.groups = groups_of(version);
        question.suites = offer
            .suites_of(version)
            .filter(|s| s.key_exchange().is_none_or(|k| k.starts_with("ECDHE")))
            .collect();
        while !question.suites.is_empty() && !question.groups.is_empty() {
            let reply = prober.ask(&question.hello())?;
            let Some(group) = reply.group() else { break };
            if !question.groups.contains(&group) {
                break;
            }
            question.groups.retain(|g| *g != group);
            picked.push(group);
            if !offer.groups.contains(&group) {
                offer.groups.push(group);
            }
        }
        if offer.group_order == Order::Unknown
            && let (Some(&first), Some(&last)) = (picked.first(), picked.last())
            && first != last
            && version <= ProtocolVersion::TLS12
        {
            question.groups = picked.iter().rev().copied().collect();
            let chosen = prober.ask(&question.hello())?.group();
            offer.group_order = who(chosen, first, last);
        }
    }
    Ok(())
}

fn schemes_of_12(
    prober: &mut Prober<'_>,
    name: Option<&str>,
    offer: &mut Offer,
) -> Result<(), Stop> {
    let mut question = Question::all(ProtocolVersion::TLS12, name);
    question.suites = offer
        .suites_of(ProtocolVersion::TLS12)
        .filter(|s| {
            s.key_exchange()
                .is_some_and(|k| matches!(k, "ECDHE_ECDSA" | "ECDHE_RSA" | "DHE_RSA" | "DHE_DSS"))
        })
        .collect();
    while !question.suites.is_empty() && !question.schemes.is_empty() {
        let reply = prober.ask(&question.hello())?;
        let Some(scheme) = reply.signature_scheme().filter(|_| reply.agreed()) else {
            break;
        };
        if !question.schemes.contains(&scheme) {
            break;
        }
        question.schemes.retain(|s| *s != scheme);
        offer.schemes.push(scheme);
    }
    if let (Some(&first), Some(&last)) = (offer.schemes.first(), offer.schemes.last())
        && first != last
    {
        question.schemes = offer.schemes.iter().rev().copied().collect();
        let chosen = prober.ask(&question.hello())?.signature_scheme();
        offer.scheme_order = who(chosen, first, last);
    }
    Ok(())
}

/// Whose order counts, when a list is asked again in the reverse of the order in which it was picked.
fn who<T: PartialEq + Copy>(chosen: Option<T>, first: T, last: T) -> Order {
    match chosen {
        Some(c) if c == last => Order::Client,
        Some(c) if c == first => Order::Server,
        _ => Order::Unknown,
    }
}

/// In TLS 1.3 the choice is encrypted; whether one of a set is taken shows in the answer. The set
/// is halved until each part is taken or refused.
fn schemes_of_13(
    prober: &mut Prober<'_>,
    name: Option<&str>,
    offer: &mut Offer,
) -> Result<(), Stop> {
    // PKCS#1 v1.5 and SHA-1 must not sign a handshake of TLS 1.3 (RFC 8446 section 4.2.3).
    let candidates: Vec<SignatureScheme> = schemes()
        .into_iter()
        .filter(|s| {
            s.tls13_name()
                .is_some_and(|n| !n.starts_with("rsa_pkcs1") && !n.contains("sha1"))
        })
        .collect();
    let mut sets = vec![candidates];
    while let Some(set) = sets.pop() {
        let mut question = Question::all(ProtocolVersion::TLS13, name);
        question.schemes.clone_from(&set);
        if !prober.ask(&question.hello())?.agreed() {
            continue;
        }
        match set.as_slice() {
            [] => {}
            [one] => {
                if !offer.schemes.contains(one) {
                    offer.schemes.push(*one);
                }
            }
            several => {
                let (left, right) = several.split_at(several.len() / 2);
                sets.push(right.to_vec());
                sets.push(left.to_vec());
            }
        }
    }
    Ok(())
}

fn extensions(prober: &mut Prober<'_>, name: Option<&str>, offer: &mut Offer) -> Result<(), Stop> {
    let Some(version) = offer.highest(ProtocolVersion::TLS12) else {
        return Ok(());
    };
    let mut question = Question::all(version, name);
    question.suites = offer.suites_of(version).collect();
    question.more = vec![HelloExtension::alpn(&PROTOCOLS)];
    let mut hello = question.hello();
    hello.compression = vec![1, 0];
    let reply = prober.ask(&hello)?;
    if let Some(hello) = reply.hello.as_ref().filter(|_| reply.agreed()) {
        offer.alpn = hello.alpn();
        offer.extensions.compression = Some(hello.compression == 1);
    } else if matches!(reply.ending, Ending::Alert(_)) {
        // A server may refuse every protocol it does not know (alert 120): asked once more without.
        question.more.clear();
        let mut hello = question.hello();
        hello.compression = vec![1, 0];
        let reply = prober.ask(&hello)?;
        if let Some(hello) = reply.hello.as_ref().filter(|_| reply.agreed()) {
            offer.extensions.compression = Some(hello.compression == 1);
        }
    }
    Ok(())
}
