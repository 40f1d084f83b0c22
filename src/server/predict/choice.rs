//! The choice itself: of what a client offers, what does this server take?
//!
//! In: a `ClientHello` and a [`ServerSide`]. Out: [`Agreement`] with a reason for each part
//! (RFC 5246 section 7.4, RFC 8446 section 4.1).

use super::device::Sources;
use super::{Agreement, LeafKey, Reason, ServerSide, key_exchange};
use crate::server::offer::Order;
use crate::tls::hello::{ClientHello, extension};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, is_grease};

/// What the two would use, and why.
#[must_use]
pub fn choose(
    client: &ClientHello,
    server: &ServerSide,
    sources: Sources<'_>,
) -> (Agreement, Vec<Reason>) {
    let mut out = Agreement::default();
    let mut reasons = Vec::new();
    let offered = versions(client);
    let both = |v: &&ProtocolVersion| server.versions.contains(v);
    let Some(version) = offered.iter().filter(both).max().copied() else {
        out.fails = Some(format!(
            "They have no version in common: the client offers {}, the server {}.",
            list(&offered),
            list(&server.versions)
        ));
        return (out, reasons);
    };
    out.version = Some(version);
    reasons.push(Reason::new(
        "version",
        format!(
            "{version} is the highest that both have (client {}, server {}).",
            list(&offered),
            list(&server.versions)
        ),
        format!(
            "{}; {}",
            sources.of("versions"),
            server.source_of("versions")
        ),
    ));
    let chosen = suite(client, server, version, &mut out, &mut reasons, sources);
    let Some(chosen) = chosen else {
        return (out, reasons);
    };
    out.cipher_suite = Some(chosen);
    key_exchange::group(client, server, chosen, &mut out, &mut reasons, sources);
    key_exchange::scheme(client, server, chosen, &mut out, &mut reasons, sources);
    (out, reasons)
}

/// Versions that a `ClientHello` offers.
pub(super) fn versions(client: &ClientHello) -> Vec<ProtocolVersion> {
    if let Some(body) = client.extension(extension::SUPPORTED_VERSIONS) {
        let (pairs, _) = body.get(1..).unwrap_or_default().as_chunks::<2>();
        return pairs
            .iter()
            .map(|p| u16::from_be_bytes(*p))
            .filter(|v| !is_grease(*v))
            .map(ProtocolVersion)
            .collect();
    }
    [
        ProtocolVersion::TLS12,
        ProtocolVersion::TLS11,
        ProtocolVersion::TLS10,
    ]
    .into_iter()
    .filter(|v| *v <= client.version)
    .collect()
}

fn list<T: ToString>(items: &[T]) -> String {
    let words: Vec<String> = items.iter().map(ToString::to_string).collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

/// Suites that the client offers for this version.
fn offered_suites(client: &ClientHello, version: ProtocolVersion) -> Vec<CipherSuite> {
    let is_13 = version >= ProtocolVersion::TLS13;
    client
        .cipher_suites
        .iter()
        .copied()
        .filter(|s| !s.is_signalling() && !is_grease(s.0) && s.is_tls13() == is_13)
        .collect()
}

fn suite(
    client: &ClientHello,
    server: &ServerSide,
    version: ProtocolVersion,
    out: &mut Agreement,
    reasons: &mut Vec<Reason>,
    sources: Sources<'_>,
) -> Option<CipherSuite> {
    let offered = offered_suites(client, version);
    let has: Vec<CipherSuite> = server
        .suites
        .iter()
        .filter(|(v, _)| *v == version)
        .map(|(_, s)| *s)
        .collect();
    let common: Vec<CipherSuite> = offered
        .iter()
        .copied()
        .filter(|s| has.contains(s))
        .collect();
    if common.is_empty() {
        out.fails = Some(format!(
            "They have no cipher suite in common for {version}: the client offers {}, the server {}.",
            count(offered.len()),
            count(has.len())
        ));
        return None;
    }
    let mut obstacles: Vec<String> = Vec::new();
    let usable: Vec<CipherSuite> = common
        .iter()
        .copied()
        .filter(|s| match obstacle(*s, client, server, version) {
            Some(why) => {
                if !obstacles.contains(&why) {
                    obstacles.push(why);
                }
                false
            }
            None => true,
        })
        .collect();
    if usable.is_empty() {
        out.fails = Some(format!(
            "{} in common, and none can be used: {}.",
            count(common.len()),
            obstacles.join("; ")
        ));
        return None;
    }
    let order = if version >= ProtocolVersion::TLS13 {
        server.order_13
    } else {
        server.order
    };
    let by_server = || has.iter().copied().find(|s| usable.contains(s));
    let by_client = || usable.first().copied();
    let (chosen, who) = match order {
        Order::Client => (by_client(), "The client's order decides"),
        Order::Server => (by_server(), "The server's order decides"),
        Order::Unknown => {
            if by_client() != by_server() {
                out.unsure = true;
            }
            (by_server(), "Whose order decides is not known")
        }
    };
    let chosen = chosen?;
    let decides = server.source_of("order");
    let source = match order {
        Order::Client => format!("{}; {decides}", sources.of("suites")),
        _ => decides,
    };
    let first = if usable.len() == 1 {
        format!("{chosen} is the only suite that both can use.")
    } else {
        format!(
            "{who}: of {} that both can use, {chosen} is the first.",
            count(usable.len())
        )
    };
    reasons.push(Reason::new("cipher_suite", first, source));
    for why in obstacles {
        reasons.push(Reason::new(
            "cipher_suite",
            format!("Some suites in common cannot be used: {why}."),
            server.source.clone(),
        ));
    }
    Some(chosen)
}

fn count(n: usize) -> String {
    if n == 1 {
        "1 suite".to_owned()
    } else {
        format!("{n} suites")
    }
}

/// Why a suite that both have cannot be used.
fn obstacle(
    suite: CipherSuite,
    client: &ClientHello,
    server: &ServerSide,
    version: ProtocolVersion,
) -> Option<String> {
    if version >= ProtocolVersion::TLS13 {
        let none = !server.groups.is_empty() && common_groups(client, server, true).is_empty();
        return none.then(|| no_group(client, server));
    }
    let exchange = suite.key_exchange().unwrap_or_default();
    if exchange.starts_with("ECDHE")
        && !server.groups.is_empty()
        && common_groups(client, server, false).is_empty()
    {
        return Some(no_group(client, server));
    }
    let authenticated = !exchange.contains("PSK") || exchange == "RSA_PSK";
    if authenticated
        && !exchange.contains("anon")
        && !server.keys.is_empty()
        && !server.keys.iter().any(|k| k.serves(suite))
    {
        return Some("the server's certificate has another kind of key".to_owned());
    }
    // The client must know the curve of the server's key (RFC 8422 section 5.1).
    let curve = server.keys.iter().find_map(|k| match k {
        LeafKey::Ec(group) if exchange.ends_with("_ECDSA") => *group,
        _ => None,
    });
    if let Some(curve) = curve
        && !client.groups().is_empty()
        && !client.groups().contains(&curve)
    {
        return Some(format!(
            "the server's certificate has a key on {curve}, which the client does not offer"
        ));
    }
    let signed = exchange.starts_with("ECDHE") || exchange.starts_with("DHE");
    if signed
        && authenticated
        && version == ProtocolVersion::TLS12
        && !client.signature_schemes().is_empty()
        && !server.schemes.is_empty()
        && common_schemes(client, server, suite).is_empty()
    {
        return Some("they have no signature algorithm in common for it".to_owned());
    }
    None
}

fn no_group(client: &ClientHello, server: &ServerSide) -> String {
    format!(
        "they have no group in common (client {}, server {})",
        list(&client.groups()),
        list(&server.groups)
    )
}

/// Groups that both have, in the client's order.
pub(super) fn common_groups(
    client: &ClientHello,
    server: &ServerSide,
    is_13: bool,
) -> Vec<NamedGroup> {
    let offered = client.groups();
    // A client that names no groups takes any (RFC 8422 section 4).
    let offered = if offered.is_empty() && !is_13 {
        server.groups.clone()
    } else {
        offered
    };
    offered
        .into_iter()
        .filter(|g| is_13 || g.0 < 0x0100)
        // Brainpool curves have other numbers in TLS 1.3 (RFC 8734).
        .filter(|g| !is_13 || !(0x001A..=0x001C).contains(&g.0))
        .filter(|g| server.groups.contains(g))
        .collect()
}

/// Schemes that both have for this suite (TLS 1.2), in the client's order.
pub(super) fn common_schemes(
    client: &ClientHello,
    server: &ServerSide,
    suite: CipherSuite,
) -> Vec<SignatureScheme> {
    let exchange = suite.key_exchange().unwrap_or_default();
    let ecdsa = exchange.ends_with("ECDSA");
    client
        .signature_schemes()
        .into_iter()
        .filter(|s| server.schemes.contains(s))
        .filter(|s| match s.tls12_reading() {
            Some(pair) => pair.signature == if ecdsa { "ECDSA" } else { "RSA" },
            // RSA-PSS serves RSA keys in TLS 1.2 too, EdDSA the suites with ECDSA (RFC 8422).
            None => matches!(s.0, 0x0807 | 0x0808) == ecdsa,
        })
        .collect()
}
