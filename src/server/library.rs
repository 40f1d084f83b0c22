//! The library engine: a real handshake with rustls (TLS 1.2 and 1.3) to its end. The verifier
//! records instead of failing, and says what a strict one would have said.
//!
//! In: address, name, roots, a certificate of the user's choice. Out: [`LibraryReply`]. Keys stay in
//! memory and are never written anywhere; no key log.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustls::crypto;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection};
use serde::{Deserialize, Serialize};

use super::exchange::{LOOK, Limits, is_wait};
use super::recorder::{Recorder, Shared, Shown, StrictRefusal};
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
    /// The demand for a certificate, if there was one.
    pub demand: Option<ClientDemand>,
    /// What a strict verifier says against the certificates; `None` = it agrees.
    pub strict: Option<StrictRefusal>,
    /// Was the strict check made against roots that the user gave (else the last certificate sent
    /// was taken for the root)?
    pub roots_given: bool,
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
#[derive(Debug)]
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

/// Handshakes with rustls. `cancel` stops it within a tenth of a second when set.
#[must_use]
pub fn ask_library(
    address: SocketAddr,
    question: &LibraryQuestion<'_>,
    limits: Limits,
    cancel: &AtomicBool,
) -> LibraryReply {
    let started = Instant::now();
    let seen = Shared::default();
    let mut reply = LibraryReply {
        roots_given: !question.roots.is_empty(),
        ..LibraryReply::default()
    };
    reply.ending = Some(
        match run(address, question, limits, cancel, &seen, &mut reply) {
            Ok(ending) => ending,
            Err(error) => LibraryEnding::Broken(error),
        },
    );
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    reply.certificates = seen.certificates;
    reply.strict = seen.strict;
    reply.scheme = seen.scheme;
    reply.signature_sound = seen.sound;
    reply.ocsp_staple = seen.staple;
    reply.demand = seen.demand;
    reply.elapsed = started.elapsed();
    reply
}

fn config(question: &LibraryQuestion<'_>, seen: &Shared) -> Result<ClientConfig, String> {
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
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(recorder))
        .with_client_cert_resolver(Arc::new(Shown {
            seen: Arc::clone(seen),
            key,
        }));
    config.enable_sni = question.name.is_some();
    Ok(config)
}

fn run(
    address: SocketAddr,
    question: &LibraryQuestion<'_>,
    limits: Limits,
    cancel: &AtomicBool,
    seen: &Shared,
    reply: &mut LibraryReply,
) -> Result<LibraryEnding, String> {
    let config = config(question, seen)?;
    let name = question
        .name
        .and_then(|n| ServerName::try_from(n.to_owned()).ok())
        .unwrap_or_else(|| ServerName::from(address.ip()));
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|e| e.to_string())?;
    let (mut stream, _) = connect(address, limits.connect).map_err(|e| e.to_string())?;
    stream
        .set_write_timeout(Some(limits.silence))
        .map_err(|e| e.to_string())?;
    let ending = pump(&mut connection, &mut stream, limits, cancel);
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
    if ending == LibraryEnding::Completed {
        connection.send_close_notify();
        let _ = connection.write_tls(&mut stream);
    }
    Ok(ending)
}

/// Moves bytes until the handshake is over, and a little beyond: the verdict on a client's
/// certificate comes behind the end in TLS 1.3.
fn pump(
    connection: &mut ClientConnection,
    stream: &mut TcpStream,
    limits: Limits,
    cancel: &AtomicBool,
) -> LibraryEnding {
    let until = Instant::now() + limits.total;
    let mut silent_until = Instant::now() + limits.silence;
    let mut received = 0;
    let mut done_since: Option<Instant> = None;
    loop {
        while connection.wants_write() {
            if let Err(error) = connection.write_tls(stream) {
                return broken(&error);
            }
        }
        if !connection.is_handshaking() && done_since.is_none() {
            done_since = Some(Instant::now());
        }
        if cancel.load(Ordering::Relaxed) {
            return LibraryEnding::Broken("the probe was stopped".to_owned());
        }
        let deadline = done_since.map_or(until.min(silent_until), |d| {
            until.min(d + Duration::from_millis(120))
        });
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return if done_since.is_some() {
                LibraryEnding::Completed
            } else {
                LibraryEnding::Timeout
            };
        }
        let wait = left.min(LOOK).max(Duration::from_millis(1));
        if let Err(error) = stream.set_read_timeout(Some(wait)) {
            return broken(&error);
        }
        let mut capped = Read::take(&mut *stream, 64 * 1024);
        match connection.read_tls(&mut capped) {
            Ok(0) if done_since.is_some() => return LibraryEnding::Completed,
            Ok(0) => return LibraryEnding::Closed,
            Ok(count) => {
                received += count;
                silent_until = Instant::now() + limits.silence;
            }
            Err(error) if is_wait(&error) => continue,
            Err(error) => return broken(&error),
        }
        if received > limits.bytes {
            return LibraryEnding::Refused(format!(
                "the server sent more than {} bytes",
                limits.bytes
            ));
        }
        match connection.process_new_packets() {
            Ok(_) => {
                // Application data is of no interest here.
                let mut sink = [0; 4096];
                while matches!(connection.reader().read(&mut sink), Ok(n) if n > 0) {}
            }
            Err(rustls::Error::AlertReceived(alert)) => {
                let alert = Alert(u8::from(alert));
                return if done_since.is_some() {
                    LibraryEnding::AlertAfter(alert)
                } else {
                    LibraryEnding::Alert(alert)
                };
            }
            Err(error) => {
                // The alert that the library wants to send tells the server why.
                let _ = connection.write_tls(stream);
                let _ = stream.flush();
                return LibraryEnding::Refused(error.to_string());
            }
        }
    }
}

fn broken(error: &io::Error) -> LibraryEnding {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => LibraryEnding::Closed,
        _ => LibraryEnding::Broken(error.to_string()),
    }
}
