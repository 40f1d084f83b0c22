//! Side by side: which suites both have, and what the server could add so that they meet.

use super::{LeafKey, ServerSide};
use crate::tls::hello::ClientHello;
use crate::tls::{CipherSuite, is_grease};

/// A suite that one end has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The suite.
    pub suite: CipherSuite,
    /// The other end has it; `None` where that is not known.
    pub server: Option<bool>,
}

/// Something that the server could add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The suite.
    pub suite: CipherSuite,
    /// One sentence.
    pub sentence: String,
}

/// Most additions that are told.
const MOST: usize = 4;

/// The client's suites, in its order.
pub(super) fn overlap(client: &ClientHello, server: &ServerSide) -> Vec<Overlap> {
    client
        .cipher_suites
        .iter()
        .copied()
        .filter(|s| !s.is_signalling() && !is_grease(s.0))
        .map(|suite| Overlap {
            suite,
            server: (!server.suites.is_empty())
                .then(|| server.suites.iter().any(|(_, s)| *s == suite)),
        })
        .collect()
}

/// Suites of the client that the server could serve with the certificate it has; those with forward
/// secrecy first.
pub(super) fn additions(client: &ClientHello, server: &ServerSide) -> Vec<Addition> {
    let mut found: Vec<CipherSuite> = overlap(client, server)
        .into_iter()
        .filter(|o| o.server == Some(false) && !o.suite.is_tls13())
        .map(|o| o.suite)
        .filter(|s| server.keys.is_empty() || server.keys.iter().any(|k| k.serves(*s)))
        .filter(|s| {
            let exchange = s.key_exchange().unwrap_or_default();
            let cipher = s.cipher().unwrap_or_default();
            let weak = ["NULL", "RC4", "DES", "EXPORT"];
            !exchange.contains("PSK")
                && !exchange.contains("anon")
                && !weak.iter().any(|w| cipher.contains(w))
        })
        .collect();
    found.sort_by_key(|s| u8::from(!s.key_exchange().unwrap_or_default().contains("DHE")));
    found
        .into_iter()
        .take(MOST)
        .map(|suite| {
            let openssl = suite
                .openssl_name()
                .map_or_else(String::new, |name| format!(" (in OpenSSL's words {name})"));
            let key = match server.keys.first() {
                Some(LeafKey::Rsa) => " The server's RSA certificate serves it.",
                Some(LeafKey::Ec(_)) => " The server's EC certificate serves it.",
                _ => "",
            };
            Addition {
                suite,
                sentence: format!("With {suite}{openssl} on the server they would meet.{key}"),
            }
        })
        .collect()
}
