//! A server of which one handshake is known: what that lets one say of another `ClientHello`.
//!
//! In: what a client offered and what the server took. Out: the choice where it follows whoever
//! orders; else that it does not follow.

use super::choice::versions;
use super::device::Sources;
use super::{Agreement, Reason, ServerSide};
use crate::tls::hello::ClientHello;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, is_grease};

/// One handshake as a capture or log shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenHandshake {
    /// Suites that the client offered, in order.
    pub suites: Vec<CipherSuite>,
    /// Groups that the client offered, in order.
    pub groups: Vec<NamedGroup>,
    /// Signature algorithms that the client offered, in order.
    pub schemes: Vec<SignatureScheme>,
    /// Highest version that the client offered.
    pub highest: Option<ProtocolVersion>,
    /// What the server chose.
    pub chosen: Agreement,
    /// Certificates that the server sent, DER, leaf first.
    pub chain: Vec<Vec<u8>>,
}

fn plain(suites: &[CipherSuite]) -> Vec<CipherSuite> {
    suites
        .iter()
        .copied()
        .filter(|s| !s.is_signalling() && !is_grease(s.0))
        .collect()
}

pub(super) fn choose_seen(
    client: &ClientHello,
    seen: &SeenHandshake,
    server: &ServerSide,
    sources: Sources<'_>,
) -> (Agreement, Vec<Reason>) {
    let ours = plain(&client.cipher_suites);
    let theirs = plain(&seen.suites);
    let mut reasons = Vec::new();
    let mut say = |about, sentence: String| {
        reasons.push(Reason::new(about, sentence, server.source.clone()));
    };
    let same_groups = seen.groups.is_empty() || client.groups() == seen.groups;
    let same_schemes = seen.schemes.is_empty() || client.signature_schemes() == seen.schemes;
    let highest = versions(client).into_iter().max();
    let same_version = seen.highest.is_none() || highest == seen.highest;
    if ours == theirs && same_groups && same_schemes && same_version {
        say(
            "cipher_suite",
            "The device offers exactly what this client offered: the server chooses the same again."
                .to_owned(),
        );
        let mut agreement = seen.chosen.clone();
        agreement.unsure = false;
        return (agreement, reasons);
    }
    let unknown = Agreement {
        unsure: true,
        ..Agreement::default()
    };
    let Some(chosen) = seen.chosen.cipher_suite else {
        let inside = ours.iter().all(|s| theirs.contains(s)) && same_version;
        if inside && !theirs.is_empty() && seen.chosen.fails.is_some() {
            say(
                "cipher_suite",
                "The server refused a client that offered all of this and more.".to_owned(),
            );
            let agreement = Agreement {
                fails: seen.chosen.fails.clone(),
                ..Agreement::default()
            };
            return (agreement, reasons);
        }
        say(
            "cipher_suite",
            "No choice of the server is seen; probe it to know.".to_owned(),
        );
        return (unknown, reasons);
    };
    if !ours.contains(&chosen) {
        say(
            "cipher_suite",
            format!(
                "The server chose {chosen}, which the device does not offer; what else it has is not seen. Probe it to know."
            ),
        );
        return (unknown, reasons);
    }
    let before = |list: &[CipherSuite]| -> Vec<CipherSuite> {
        list.iter().copied().take_while(|s| *s != chosen).collect()
    };
    let refused = before(&theirs);
    // Under the client's order the server has none of what stood before its choice.
    let client_order = before(&ours).iter().all(|s| refused.contains(s));
    // Under its own order it would have taken anything better that was offered.
    let server_order = ours.iter().all(|s| theirs.contains(s));
    let mut agreement = Agreement {
        version: seen.chosen.version,
        cipher_suite: Some(chosen),
        unsure: !(client_order && server_order),
        ..Agreement::default()
    };
    say(
        "cipher_suite",
        if client_order && server_order {
            format!(
                "Of a longer list the server chose {chosen}; whoever's order decides, it is the first of the device's list too."
            )
        } else if server_order {
            format!(
                "{chosen}, if the server's own order decides; under the client's order a suite before it may be taken."
            )
        } else {
            format!(
                "The server has {chosen}; the device offers suites beside it that this client did not, so another may be taken. Probe it to know."
            )
        },
    );
    if let Some(group) = seen.chosen.group.filter(|g| client.groups().contains(g)) {
        agreement.group = Some(group);
        agreement.unsure |= !same_groups;
    }
    if let Some(scheme) = seen
        .chosen
        .scheme
        .filter(|s| client.signature_schemes().contains(s))
    {
        agreement.scheme = Some(scheme);
        agreement.unsure |= !same_schemes;
    }
    reasons.push(Reason::new(
        "version",
        "Versions and groups are those of the handshake that was seen.",
        sources.of("versions"),
    ));
    (agreement, reasons)
}
