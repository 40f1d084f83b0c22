//! By name, without a name, with the address as a name, with another name: what differs.
//!
//! In: a [`Prober`], the answer with the own name. Out: one [`NameTry`] for each. Where TLS 1.3 hides
//! the certificates, rustls looks at them.

use serde::{Deserialize, Serialize};

use super::library::{LibraryClient, LibraryEnding, LibraryQuestion, LibraryReply, Wishes};
use super::prober::{Prober, Stop};
use super::reply::{Ending, Reply};
use super::stage::Stage;
use super::survey::Answer;
use crate::tls::CipherSuite;

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
    /// Suite, where the server agreed and it can be compared.
    pub cipher_suite: Option<CipherSuite>,
    /// Leaf certificate in DER, where it was seen.
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

    /// As rustls saw it.
    fn by_library(kind: NameKind, name: Option<&str>, reply: LibraryReply) -> Self {
        let ending = match reply.ending {
            Some(LibraryEnding::Completed | LibraryEnding::AlertAfter(_)) => Ending::Answered,
            Some(LibraryEnding::Alert(alert)) => Ending::Alert(alert),
            Some(LibraryEnding::Closed) => Ending::Closed,
            Some(LibraryEnding::Timeout) => Ending::Timeout,
            Some(LibraryEnding::Refused(text)) => Ending::Malformed(text.into()),
            Some(LibraryEnding::Broken(text)) => Ending::Unconnected(text),
            None => Ending::Cancelled,
        };
        Self {
            kind,
            name: name.map(str::to_owned),
            cipher_suite: reply.cipher_suite,
            agreed: !reply.certificates.is_empty(),
            leaf: reply.certificates.into_iter().next(),
            ending,
        }
    }

    /// Does this try differ from the one with the own name: in agreement, suite or leaf? What one of
    /// them does not show is not compared.
    #[must_use]
    pub fn differs_from(&self, own: &Self) -> bool {
        fn other<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            matches!((a, b), (Some(a), Some(b)) if a != b)
        }
        self.agreed != own.agreed
            || other(self.cipher_suite.as_ref(), own.cipher_suite.as_ref())
            || other(self.leaf.as_ref(), own.leaf.as_ref())
    }
}

/// Tries all four. The first is always the own name (or none, where the probe sends none): its answer
/// is there already. `whole` is the complete handshake with it, where there was one.
pub(super) fn compare_names(
    prober: &mut Prober<'_>,
    own: &Answer,
    whole: Option<(&LibraryQuestion<'_>, &LibraryReply)>,
) -> Result<Vec<NameTry>, Stop> {
    prober.now(Stage::Names);
    let name = own.question.name.as_deref();
    let address = prober.address.ip().to_string();
    let kinds = [
        (NameKind::None, None),
        (NameKind::Address, Some(address.as_str())),
        (NameKind::Other, Some(OTHER)),
    ];
    let hidden = own.reply.certificates.is_empty();
    let looked = whole.filter(|(_, w)| hidden && !w.certificates.is_empty());
    let kind = if name.is_some() {
        NameKind::Own
    } else {
        NameKind::None
    };
    let first = match looked {
        Some((_, reply)) => NameTry::by_library(kind, name, reply.clone()),
        None => NameTry::new(kind, name, own.reply.clone()),
    };
    let mut tries = vec![first];
    for (kind, sent) in kinds {
        if kind == NameKind::None && name.is_none() {
            continue;
        }
        // rustls sends no address as a name.
        let client = looked
            .filter(|_| kind != NameKind::Address)
            .and_then(|(question, _)| {
                let question = LibraryQuestion {
                    name: sent,
                    ..*question
                };
                LibraryClient::new(&question, &Wishes::default()).ok()
            });
        if let Some(client) = client {
            let reply = prober.handshake(&client)?;
            tries.push(NameTry::by_library(kind, sent, reply));
            continue;
        }
        let mut question = own.question.clone();
        question.name = sent.map(str::to_owned);
        let mut tried = NameTry::new(kind, sent, prober.ask(&question.hello())?);
        if looked.is_some() {
            tried.cipher_suite = None;
        }
        tries.push(tried);
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
