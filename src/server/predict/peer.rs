//! The server of a prediction, from a probe, from a capture or log, or from the device's own build.

use std::collections::BTreeMap;

use super::seen::SeenHandshake;
use crate::cert::Certificate;
use crate::device::Build;
use crate::server::offer::Order;
use crate::server::{Probe, Verdict};
use crate::tls::{CipherSuite, ContentType, NamedGroup, ProtocolVersion, SignatureScheme};

/// The kind of key in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeafKey {
    /// RSA.
    Rsa,
    /// An elliptic curve; its group where it is named.
    Ec(Option<NamedGroup>),
    /// Something else.
    Other,
}

impl LeafKey {
    /// Of a certificate as DER.
    #[must_use]
    pub fn of(der: &[u8]) -> Option<Self> {
        let key = Certificate::read(der)?.key?;
        Some(if key.kind.starts_with("RSA") {
            Self::Rsa
        } else if key.kind == "EC" {
            Self::Ec(key.curve.as_deref().and_then(NamedGroup::from_name))
        } else {
            Self::Other
        })
    }

    /// Can it authenticate with this suite (≤ TLS 1.2)?
    #[must_use]
    pub fn serves(&self, suite: CipherSuite) -> bool {
        let exchange = suite.key_exchange().unwrap_or_default();
        match self {
            Self::Rsa => exchange == "RSA" || exchange.ends_with("_RSA"),
            Self::Ec(_) => exchange.ends_with("_ECDSA"),
            Self::Other => false,
        }
    }
}

/// What is known of a server.
#[derive(Clone, Debug, Default)]
pub struct ServerSide {
    /// Name for people.
    pub name: String,
    /// Where this is known from.
    pub source: String,
    /// Versions that it offers.
    pub versions: Vec<ProtocolVersion>,
    /// Suites by version, in its order where it has one.
    pub suites: Vec<(ProtocolVersion, CipherSuite)>,
    /// Whose order of suites decides.
    pub order: Order,
    /// Whose order of suites decides in TLS 1.3.
    pub order_13: Order,
    /// Groups, in its order where it has one.
    pub groups: Vec<NamedGroup>,
    /// Whose order of groups decides.
    pub group_order: Order,
    /// Signature algorithms, in its order where it has one.
    pub schemes: Vec<SignatureScheme>,
    /// Whose order of signature algorithms decides.
    pub scheme_order: Order,
    /// Keys of its certificates; empty where unknown.
    pub keys: Vec<LeafKey>,
    /// The chain that it sends, DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// Largest handshake record that came, in bytes.
    pub largest_record: Option<usize>,
    /// What it does with `max_fragment_length` codes 1 to 4.
    pub fragments: Vec<(u8, Verdict)>,
    /// It asks the client for a certificate.
    pub asks_certificate: bool,
    /// One handshake is all that is known of it.
    pub seen: Option<SeenHandshake>,
    /// What decides single properties: `versions`, `suites`, `order`, `groups`, `schemes`.
    pub sources: BTreeMap<&'static str, String>,
}

impl ServerSide {
    /// What decides a property.
    #[must_use]
    pub fn source_of(&self, property: &str) -> String {
        self.sources.get(property).unwrap_or(&self.source).clone()
    }

    /// As a probe found it.
    #[must_use]
    pub fn of_probe(found: &Probe) -> Self {
        let offer = &found.offer;
        let library = found.library.as_ref();
        let chain = offer
            .chain_reply
            .as_ref()
            .map(|r| r.certificates.clone())
            .or_else(|| library.map(|l| l.certificates.clone()))
            .unwrap_or_default();
        let leaves = offer.chains.iter().filter_map(|c| c.first());
        let mut keys: Vec<LeafKey> = leaves
            .chain(chain.first())
            .filter_map(|d| LeafKey::of(d))
            .collect();
        keys.dedup();
        let name = format!("{}:{}", found.target.host, found.target.port);
        Self {
            source: format!("probe of {name}"),
            name,
            versions: offer
                .versions
                .iter()
                .filter(|(_, yes)| *yes)
                .map(|(v, _)| *v)
                .collect(),
            suites: offer.suites.clone(),
            order: offer.order,
            order_13: offer.order,
            groups: offer.groups.clone(),
            group_order: offer.group_order,
            schemes: offer.schemes.clone(),
            scheme_order: offer.scheme_order,
            keys,
            chain,
            largest_record: offer
                .chain_reply
                .as_ref()
                .and_then(|r| r.largest_record(ContentType::HANDSHAKE)),
            fragments: found
                .fragments
                .iter()
                .filter_map(|f| Some((f.code?, f.verdict?)))
                .collect(),
            asks_certificate: offer.request.is_some()
                || library.is_some_and(|l| l.demand.is_some()),
            ..Self::default()
        }
    }

    /// As one handshake showed it.
    #[must_use]
    pub fn of_seen(name: &str, seen: SeenHandshake) -> Self {
        Self {
            name: name.to_owned(),
            source: name.to_owned(),
            keys: seen
                .chain
                .first()
                .and_then(|d| LeafKey::of(d))
                .into_iter()
                .collect(),
            chain: seen.chain.clone(),
            seen: Some(seen),
            ..Self::default()
        }
    }

    /// A build of Mbed TLS as the server, with its own certificates.
    ///
    /// Suites: `ssl_ciphersuite_match` and its callers; groups: `ssl_prepare_server_key_exchange` (its own
    /// order); hashes: `ssl_parse_signature_algorithms_ext` of 2.x and
    /// `mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg` of 3.x (the client's order); TLS 1.3:
    /// `ssl_tls13_select_ciphersuite`, `ssl_tls13_parse_key_shares_ext`, `ssl_tls13_pick_key_cert`.
    #[must_use]
    pub fn of_build(build: &Build, own_chain: &[Vec<u8>]) -> Self {
        let usable = |suite: &CipherSuite| {
            let psk = suite.key_exchange().is_some_and(|k| k.contains("PSK"));
            build.psk || !psk
        };
        let suites = build
            .versions
            .iter()
            .rev()
            .flat_map(|v| {
                let of = build.suites_of(*v);
                of.into_iter().filter(usable).map(move |s| (*v, s))
            })
            .collect();
        let file = if build.since_3() {
            "library/ssl_tls12_server.c"
        } else {
            "library/ssl_srv.c"
        };
        let name = &build.generation.name;
        let place = |property: &str| {
            let source = build.source(property);
            let known = source != build.generation.source;
            if known {
                format!("{source}; ")
            } else {
                String::new()
            }
        };
        let sources = BTreeMap::from([
            ("versions", build.source("versions").to_owned()),
            ("suites", build.source("suites").to_owned()),
            ("order", build.source("order").to_owned()),
            (
                "groups",
                format!("{}{name} {file}: its own order of curves", place("groups")),
            ),
            (
                "schemes",
                format!("{name} {file}: the first hash of the client that it has"),
            ),
        ]);
        Self {
            sources,
            name: build.name.clone(),
            source: build.generation.source.clone(),
            versions: build.versions.clone(),
            suites,
            order: if build.follows_client {
                Order::Client
            } else {
                Order::Server
            },
            order_13: Order::Client,
            groups: build.groups.clone(),
            group_order: Order::Server,
            schemes: build.schemes.clone(),
            scheme_order: Order::Client,
            keys: own_chain
                .first()
                .and_then(|d| LeafKey::of(d))
                .into_iter()
                .collect(),
            chain: own_chain.to_vec(),
            ..Self::default()
        }
    }
}
