//! A network capture as an input: attempts from the wire, connections, certificates that went by.
//!
//! In: the bytes of a capture in pieces, and the text of a key log. Out: [`CaptureSeen`]. Must not
//! know threads or files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::device_side::server_is_likely;
use super::wire_attempts::WireAttempts;
use crate::capture::{
    CaptureDecoder, CaptureOptions, CaptureSummary, CarriedCertificate, Connection, ConnectionId,
    DeviceSide,
};
use crate::cert::{self, CertFile};
use crate::evidence::InputId;
use crate::timeline::{Attempt, Outcome};

/// Certificates of one connection that are read.
const MOST_CERTIFICATES: usize = 32;

/// What a capture holds.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptureSeen {
    /// Attempts in the order of their connections.
    pub attempts: Vec<Arc<Attempt>>,
    /// The connection of each attempt.
    pub connections: Vec<ConnectionId>,
    /// Format, frames, all connections, and what could not be read.
    pub summary: CaptureSummary,
    /// Certificates that the server sent in the last handshake that failed, else in the last.
    pub certificates: Option<Arc<CertFile>>,
    /// A key log was at hand when it was read.
    pub with_keys: bool,
    /// Which end it was read with as the device.
    pub side: DeviceSide,
    /// Connections whose server is the device, by the signs in the capture.
    pub likely_servers: Arc<BTreeSet<ConnectionId>>,
}

impl CaptureSeen {
    /// Which end the capture itself speaks for.
    #[must_use]
    pub fn likely_side(&self) -> DeviceSide {
        if self.likely_servers.is_empty() {
            DeviceSide::Client
        } else {
            DeviceSide::ServerOf(Arc::clone(&self.likely_servers))
        }
    }

    /// The connection of the attempt that is the nth of this capture.
    #[must_use]
    pub fn connection_of(&self, nth: usize) -> Option<&Connection> {
        let id = self.connections.get(nth)?;
        self.summary.connections.iter().find(|c| c.id == *id)
    }
}

/// The text of a key log: secrets of connections. It is never shown, saved or logged.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyLogText(pub(super) Arc<Zeroizing<String>>);

impl std::fmt::Debug for KeyLogText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyLogText(\u{2026})")
    }
}

/// A capture that is being read.
pub(super) struct CaptureReading {
    decoder: CaptureDecoder,
    sink: WireAttempts,
    with_keys: bool,
    side: DeviceSide,
}

impl CaptureReading {
    pub fn new(keylog: Option<&str>, side: DeviceSide) -> Self {
        let options = CaptureOptions {
            device: side.clone(),
            only: None,
        };
        Self {
            decoder: CaptureDecoder::new(keylog, options),
            side,
            // The case puts its own number in.
            sink: WireAttempts::new(InputId(0)),
            with_keys: keylog.is_some(),
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes, &mut self.sink);
    }

    pub fn finish(mut self, name: &str) -> CaptureSeen {
        let summary = self.decoder.finish(&mut self.sink);
        let carried = self.sink.take_certificates();
        let (connections, attempts): (Vec<_>, Vec<_>) =
            self.sink.into_attempts().into_iter().unzip();
        let certificates = certificates(name, &connections, &attempts, &carried);
        let shaking = summary.connections.iter().filter(|c| c.carries_tls());
        let likely_servers = shaking
            .filter(|c| server_is_likely(c))
            .map(|c| c.id)
            .collect();
        CaptureSeen {
            attempts,
            connections,
            summary,
            certificates,
            with_keys: self.with_keys,
            side: self.side,
            likely_servers: Arc::new(likely_servers),
        }
    }
}

/// The server's certificates of the connection that the verdict will speak of.
fn certificates(
    name: &str,
    connections: &[ConnectionId],
    attempts: &[Arc<Attempt>],
    certificates: &[(ConnectionId, CarriedCertificate)],
) -> Option<Arc<CertFile>> {
    let carried: BTreeSet<ConnectionId> = certificates
        .iter()
        .filter(|(_, c)| !c.from_client)
        .map(|(id, _)| *id)
        .collect();
    let with = || {
        connections
            .iter()
            .zip(attempts)
            .rev()
            .filter(|(id, _)| carried.contains(id))
    };
    let (id, _) = with()
        .find(|(_, a)| a.outcome != Outcome::Completed)
        .or_else(|| with().next())?;
    let mut pem = String::new();
    let mut seen = BTreeSet::new();
    for (_, certificate) in certificates
        .iter()
        .filter(|(of, c)| of == id && !c.from_client && seen.insert(c.index))
        .take(MOST_CERTIFICATES)
    {
        let _ = writeln!(
            pem,
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
            BASE64.encode(&certificate.der)
        );
    }
    let mut file = cert::read(name, pem.as_bytes());
    // They were no file: what is odd about its form is ours.
    file.problems.clear();
    file.size_bytes = 0;
    Some(Arc::new(file))
}
