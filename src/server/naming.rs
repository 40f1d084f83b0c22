//! By name, without a name, with the address as a name, with another name: what differs.
//!
//! In: a [`Prober`] and the offer. Out: one [`NameTry`] for each.

use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::prober::{Prober, Stop};
use super::question::Question;
use super::reply::{Ending, Reply};
use super::stage::Stage;
use crate::tls::{CipherSuite, ProtocolVersion};

/// A name that no server has (RFC 2606).
const OTHER: &str = "other-name.invalid";

/// What was sent in `server_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameKind {
    /// The name that the probe uses.
    Own,
    /// No extension at all.
    None,
    /// The address as text, which RFC 6066 section 3 forbids and some devices do.
    Address,
    /// A name that no server has.
    Other,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameTry {
    /// What was sent.
    pub kind: NameKind,
    /// The text in the extension.
    pub name: Option<String>,
    /// Suite, where the server agreed.
    pub cipher_suite: Option<CipherSuite>,
    /// Leaf certificate in DER, where it came in the clear.
    pub leaf: Option<Vec<u8>>,
    /// Did the server agree?
    pub agreed: bool,
    /// How it ended.
    pub ending: Ending,
}

impl NameTry {
    fn new(kind: NameKind, name: Option<&str>, reply: Reply) -> Self {
        Self {
            kind,
            name: name.map(str::to_owned),
            cipher_suite: reply.cipher_suite(),
            agreed: reply.agreed(),
            leaf: reply.certificates.into_iter().next(),
            ending: reply.ending,
        }
    }

    /// Does this try differ from the one with the own name: in agreement, suite or leaf?
    #[must_use]
    pub fn differs_from(&self, own: &Self) -> bool {
        self.agreed != own.agreed
            || self.cipher_suite != own.cipher_suite
            || (self.leaf != own.leaf && self.agreed)
    }
}

/// Tries all four. The first is always the own name (or none, where the probe sends none).
///
/// # Errors
/// What stops the prober.
pub fn compare_names(
    prober: &mut Prober<'_>,
    offer: &Offer,
    name: Option<&str>,
) -> Result<Vec<NameTry>, Stop> {
    prober.now(Stage::Names);
    let Some(version) = offer
        .highest(ProtocolVersion::TLS12)
        .or(offer.highest(ProtocolVersion::TLS13))
    else {
        return Ok(Vec::new());
    };
    let address = prober.address.ip().to_string();
    let kinds = [
        (NameKind::Own, name),
        (NameKind::None, None),
        (NameKind::Address, Some(address.as_str())),
        (NameKind::Other, Some(OTHER)),
    ];
    let mut tries = Vec::new();
    for (kind, sent) in kinds {
        if kind == NameKind::Own && name.is_none() {
            continue;
        }
        let reply = prober.ask(&Question::all(version, sent).hello())?;
        tries.push(NameTry::new(kind, sent, reply));
    }
    let differs = tries
        .first()
        .is_some_and(|own| tries.iter().any(|t| t.differs_from(own)));
    prober.found(if differs {
        "answers differ"
    } else {
        "all the same"
    });
    Ok(tries)
}
