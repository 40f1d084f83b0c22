//! The library engine: a real handshake with rustls (TLS 1.2 and 1.3) to its end. The verifier
//! records instead of failing, and says what a strict one would have said.
//!
//! In: address, name, roots, a certificate of the user's choice. Out: [`LibraryReply`]. Keys stay in
//! memory and are never written anywhere; no key log.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use serde::{Deserialize, Serialize};

use super::exchange::Limits;
use super::library_run::{Run, STOPPED};
use super::recorder::{Recorder, Shared, Shown, StrictRefusal};
use super::starttls::{self, Refused, StartTls};
use super::target::connect;
use crate::tls::{Alert, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// How the handshake of the library ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LibraryEnding {
    /// Complete, and nothing against it came behind it.
    Completed,
    /// The server sent a fatal alert before the end.
    Alert(Alert),
    /// The handshake was complete for us, then the server refused: in TLS 1.3 it judges the client's
    /// certificate after the client is done.
    AlertAfter(Alert),
    /// The server closed without an alert.
    Closed,
    /// Nothing more came within the time.
    Timeout,
    /// The library refused what the server sent; its own words.
    Refused(String),
    /// No connection, or it broke.
    Broken(String),
}

/// What the server asks of the client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDemand {
    /// Names of the authorities, as DER.
    pub authorities: Vec<Vec<u8>>,
    /// Signature algorithms.
    pub schemes: Vec<SignatureScheme>,
}

/// What a handshake with rustls showed.
#[allow(clippy::struct_excessive_bools)] // each says one thing of its own
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LibraryReply {
    /// Version.
    pub version: Option<ProtocolVersion>,
    /// Suite.
    pub cipher_suite: Option<CipherSuite>,
    /// Group.
    pub group: Option<NamedGroup>,
    /// Algorithm of the server's signature.
    pub scheme: Option<SignatureScheme>,
    /// Is that signature right?
    pub signature_sound: Option<bool>,
    /// Protocol of ALPN.
    pub alpn: Option<String>,
    /// Certificates as sent, DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// A stapled OCSP answer came.
    pub ocsp_staple: bool,
    /// The server took up a session of before.
    #[serde(default)]
    pub resumed: bool,
    /// The demand for a certificate, if there was one.
    pub demand: Option<ClientDemand>,
    /// What a strict verifier says against the certificates; `None` = it agrees.
    pub strict: Option<StrictRefusal>,
    /// Was the strict check made against roots that the user gave (else the last certificate sent
    /// was taken for the root)?
    pub roots_given: bool,
    /// The alert that ended it came unencrypted, although encryption had begun.
    #[serde(default)]
    pub alert_in_clear: bool,
    /// How it ended; `None` before it began.
    pub ending: Option<LibraryEnding>,
    /// Whole time.
    pub elapsed: Duration,
}

/// The client's own certificate and key.
#[derive(Debug)]
pub struct Identity {
    /// Chain, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Private key.
    pub key: PrivateKeyDer<'static>,
}

/// What the handshake is made with.
#[derive(Clone, Copy, Debug)]
pub struct LibraryQuestion<'a> {
    /// Name in `server_name` and for the strict check; none is sent without.
    pub name: Option<&'a str>,
    /// Name or address that the strict check compares.
    pub expected: &'a str,
    /// Roots of the strict check.
    pub roots: &'a [CertificateDer<'static>],
    /// Certificate to show when the server asks.
    pub identity: Option<&'a Identity>,
}

/// What is offered beside that.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    /// This version alone.
    pub version: Option<ProtocolVersion>,
    /// These signature algorithms; without them those that rustls can check.
    pub schemes: Option<Vec<SignatureScheme>>,
    /// In TLS 1.2 no tickets, so that the server has to keep the session itself.
    pub without_tickets: bool,
}

/// A client that remembers the sessions of its own handshakes, and nothing else of anybody's.
#[derive(Debug)]
pub(super) struct LibraryClient {
    config: Arc<ClientConfig>,
    name: Option<String>,
    roots_given: bool,
    seen: Shared,
}

impl LibraryClient {
    /// A client of this question.
    ///
    /// # Errors
    /// What rustls says against the certificate or key.
    pub fn new(question: &LibraryQuestion<'_>, wishes: &Wishes) -> Result<Self, String> {
        let seen = Shared::default();
        Ok(Self {
            config: Arc::new(config(question, wishes, &seen)?),
            name: question.name.map(str::to_owned),
            roots_given: !question.roots.is_empty(),
            seen,
        })
    }

    /// Handshakes. `cancel` stops it within a tenth of a second when set.
    pub fn handshake(
        &self,
        address: SocketAddr,
        before: Option<StartTls>,
        limits: Limits,
        cancel: &AtomicBool,
    ) -> LibraryReply {
        let started = Instant::now();
        let mut reply = LibraryReply {
            roots_given: self.roots_given,
            ..LibraryReply::default()
        };
        let ended = self.run(address, before, limits, cancel, &mut reply);
        reply.ending = Some(ended.unwrap_or_else(LibraryEnding::Broken));
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        reply.certificates = seen.certificates;
        reply.strict = seen.strict;
        reply.scheme = seen.scheme;
        reply.signature_sound = seen.sound;
        reply.ocsp_staple = seen.staple;
        reply.demand = seen.demand;
        reply.elapsed = started.elapsed();
        reply
    }

    fn run(
        &self,
        address: SocketAddr,
        before: Option<StartTls>,
        limits: Limits,
        cancel: &AtomicBool,
        reply: &mut LibraryReply,
    ) -> Result<LibraryEnding, String> {
        let name = self
            .name
            .as_deref()
            .and_then(|n| ServerName::try_from(n.to_owned()).ok())
            .unwrap_or_else(|| ServerName::from(address.ip()));
        let mut connection =
            ClientConnection::new(Arc::clone(&self.config), name).map_err(|e| e.to_string())?;
        let (mut stream, _) =
            connect(address, limits.connect, cancel).map_err(|e| e.to_string())?;
        stream
            .set_write_timeout(Some(limits.silence))
            .map_err(|e| e.to_string())?;
        if let Some(protocol) = before {
            let until = Instant::now() + limits.silence;
            starttls::begin(&mut stream, protocol, until, cancel).map_err(|e| match e {
                Refused::Says(text) => text,
                Refused::Stopped => STOPPED.to_owned(),
                Refused::Io(error) => error.to_string(),
            })?;
        }
        // A server that asked for a certificate judges it after its last message to us.
        let patience = || {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = seen.demand.is_some();
            if asked { JUDGING } else { QUIET }
        };
        let run = Run {
            limits,
            cancel,
            patience: &patience,
        };
        let ended = run.to_the_end(&mut connection, &mut stream);
        reply.alert_in_clear = ended.alert_in_clear;
        let ending = ended.ending;
        reply.version = connection
            .protocol_version()
            .map(|v| ProtocolVersion(u16::from(v)));
        reply.cipher_suite = connection
            .negotiated_cipher_suite()
            .map(|s| CipherSuite(u16::from(s.suite())));
        reply.group = connection
            .negotiated_key_exchange_group()
            .map(|g| NamedGroup(u16::from(g.name())));
        reply.alpn = connection
            .alpn_protocol()
            .map(|p| String::from_utf8_lossy(p).into_owned());
        reply.resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        if ending == LibraryEnding::Completed {
            connection.send_close_notify();
            let _ = connection.write_tls(&mut stream);
        }
        Ok(ending)
    }
}

/// Behind a handshake of TLS 1.3 that is complete for us, what the server still says is waited for: this
/// long, and longer where it judges a certificate.
const QUIET: Duration = Duration::from_millis(120);
const JUDGING: Duration = Duration::from_millis(600);

/// Handshakes once with rustls. `cancel` stops it within a tenth of a second when set.
#[must_use]
pub fn ask_library(
    address: SocketAddr,
    question: &LibraryQuestion<'_>,
    limits: Limits,
    cancel: &AtomicBool,
) -> LibraryReply {
    match LibraryClient::new(question, &Wishes::default()) {
        Ok(client) => client.handshake(address, None, limits, cancel),
        Err(error) => LibraryReply {
            ending: Some(LibraryEnding::Broken(error)),
            ..LibraryReply::default()
        },
    }
}

fn config(
    question: &LibraryQuestion<'_>,
    wishes: &Wishes,
    seen: &Shared,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(crypto::ring::default_provider());
    let key = match question.identity {
        Some(identity) => {
            let key = provider
                .key_provider
                .load_private_key(identity.key.clone_key())
                .map_err(|e| e.to_string())?;
            Some(Arc::new(CertifiedKey::new(identity.chain.clone(), key)))
        }
        None => None,
    };
    let expected = ServerName::try_from(question.expected.to_owned()).ok();
    let recorder = Recorder {
        seen: Arc::clone(seen),
        roots: question.roots.to_vec(),
        expected,
        provider: Arc::clone(&provider),
        schemes: wishes.schemes.as_ref().map(|list| {
            let number = |s: &SignatureScheme| rustls::SignatureScheme::from(s.0);
            list.iter().map(number).collect()
        }),
    };
    let versions: &[&rustls::SupportedProtocolVersion] = match wishes.version {
        Some(ProtocolVersion::TLS12) => &[&rustls::version::TLS12],
        Some(ProtocolVersion::TLS13) => &[&rustls::version::TLS13],
        _ => rustls::ALL_VERSIONS,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(recorder))
        .with_client_cert_resolver(Arc::new(Shown {
            seen: Arc::clone(seen),
            key,
        }));
    config.enable_sni = question.name.is_some();
    config.resumption =
        Resumption::in_memory_sessions(8).tls12_resumption(if wishes.without_tickets {
            Tls12Resumption::SessionIdOnly
        } else {
            Tls12Resumption::SessionIdOrTickets
        });
    Ok(config)
}
