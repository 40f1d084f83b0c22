//! What a server offers: versions, suites and their order, groups, signature algorithms, and what
//! it answers to extensions.
//!
//! Plain values; `survey` finds them.

use serde::{Deserialize, Serialize};

use super::prober::Stop;
use super::reply::Reply;

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
    /// There may be more groups: the curve of the only certificate must be offered (RFC 8422 section
    /// 5.1), and the server prefers it to all that were not seen.
    #[serde(default)]
    pub more_groups: bool,
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
