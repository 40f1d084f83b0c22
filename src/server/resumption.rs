//! Does the server take up a session again: with a pre-shared key in TLS 1.3 (RFC 8446 section 2.2), a
//! ticket (RFC 5077) or its own memory (RFC 5246 section 7.4.1.2) in TLS 1.2? Measured with real
//! handshakes: a second one on what the first one left.
//!
//! In: a [`Prober`], the client that made the complete handshake, the offer. Out: [`Resumption`].

use serde::{Deserialize, Serialize};

use super::library::{LibraryClient, LibraryEnding, LibraryQuestion, LibraryReply, Wishes};
use super::offer::Offer;
use super::prober::{Prober, Stop};
use super::stage::Stage;
use crate::tls::ProtocolVersion;

/// Which kinds of resumption worked; `None`: not asked, or no complete handshake to resume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// Pre-shared key of a ticket (TLS 1.3).
    pub psk: Option<bool>,
    /// Ticket that the client keeps (TLS 1.2).
    pub ticket: Option<bool>,
    /// Session id that the server keeps (TLS 1.2).
    pub session_id: Option<bool>,
}

impl Resumption {
    /// The kinds with their words, in the order of their age from new to old.
    #[must_use]
    pub fn kinds(self) -> [(&'static str, Option<bool>); 3] {
        [
            ("PSK (TLS 1.3)", self.psk),
            ("ticket (TLS 1.2)", self.ticket),
            ("session id (TLS 1.2)", self.session_id),
        ]
    }

    /// Such as `PSK (TLS 1.3) yes, ticket (TLS 1.2) no`; `None` where nothing was measured.
    #[must_use]
    pub fn words(self) -> Option<String> {
        let parts: Vec<String> = self
            .kinds()
            .iter()
            .filter_map(|(kind, works)| {
                Some(format!("{kind} {}", if (*works)? { "yes" } else { "no" }))
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// Measures. `whole` is the complete handshake that `client` made.
pub(super) fn measure_resumption(
    prober: &mut Prober<'_>,
    question: &LibraryQuestion<'_>,
    offer: &Offer,
    client: &LibraryClient,
    whole: &LibraryReply,
) -> Result<Resumption, Stop> {
    let mut found = Resumption::default();
    if whole.ending != Some(LibraryEnding::Completed) {
        return Ok(found);
    }
    prober.now(Stage::Resumption);
    let mut old = None;
    if whole.version == Some(ProtocolVersion::TLS13) {
        found.psk = Some(prober.handshake(client)?.resumed);
        if offer.has(ProtocolVersion::TLS12) {
            old = Some(false);
        }
    } else {
        old = Some(true);
    }
    if let Some(begun) = old {
        let tickets = offer.extensions.session_ticket == Some(true);
        let again = begun.then_some(client);
        if tickets {
            found.ticket = twice(prober, question, again, false)?;
        } else {
            found.ticket = Some(false);
        }
        // The complete handshake of a server without tickets was one that it has to remember itself.
        found.session_id = twice(prober, question, again.filter(|_| !tickets), true)?;
    }
    prober.found(&found.words().unwrap_or_else(|| "not measured".to_owned()));
    Ok(found)
}

/// A handshake of TLS 1.2 and one that would resume it; the first is saved where `begun` made it.
fn twice(
    prober: &mut Prober<'_>,
    question: &LibraryQuestion<'_>,
    begun: Option<&LibraryClient>,
    without_tickets: bool,
) -> Result<Option<bool>, Stop> {
    if let Some(client) = begun {
        return Ok(Some(prober.handshake(client)?.resumed));
    }
    let wishes = Wishes {
        version: Some(ProtocolVersion::TLS12),
        without_tickets,
        ..Wishes::default()
    };
    let Ok(client) = LibraryClient::new(question, &wishes) else {
        return Ok(None);
    };
    if prober.handshake(&client)?.ending != Some(LibraryEnding::Completed) {
        return Ok(None);
    }
    Ok(Some(prober.handshake(&client)?.resumed))
}
