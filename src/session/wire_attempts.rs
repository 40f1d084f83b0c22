//! A capture as attempts: one for each connection that tries TLS, with the certificates it carried.
//!
//! In: what `capture` hands on. Out: attempts in the order of their first packet, and the list of
//! connections. It is a [`CaptureSink`], so a capture can be read in pieces while others look.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use crate::capture::{
    CaptureError, CaptureOptions, CaptureSink, CaptureSummary, CarriedCertificate, Connection,
    ConnectionId, Protocol, read,
};
use crate::evidence::{InputId, Micros, Observation, Role};
use crate::timeline::{Attempt, TimelineBuilder};

/// Makes attempts of the connections of a capture.
#[derive(Debug)]
pub struct WireAttempts {
    input: InputId,
    open: BTreeMap<ConnectionId, TimelineBuilder>,
    done: BTreeMap<ConnectionId, Vec<Arc<Attempt>>>,
    certificates: Vec<(ConnectionId, CarriedCertificate)>,
}

impl WireAttempts {
    /// For the capture that is this input.
    #[must_use]
    pub fn new(input: InputId) -> Self {
        Self {
            input,
            open: BTreeMap::new(),
            done: BTreeMap::new(),
            certificates: Vec::new(),
        }
    }

    /// The attempts so far with the connection of each, numbered in order; those of open connections
    /// are judged as if the capture ended here.
    #[must_use]
    pub fn attempts(&self) -> Vec<(ConnectionId, Arc<Attempt>)> {
        let done = self.done.iter();
        let done = done.flat_map(|(id, list)| list.iter().map(|a| (*id, Arc::clone(a))));
        numbered(done.chain(self.still_open()).collect())
    }

    /// The same of a capture that has ended; nothing is copied.
    #[must_use]
    pub fn into_attempts(mut self) -> Vec<(ConnectionId, Arc<Attempt>)> {
        let done = std::mem::take(&mut self.done).into_iter();
        let done = done.flat_map(|(id, list)| list.into_iter().map(move |a| (id, a)));
        numbered(done.chain(self.still_open()).collect())
    }

    fn still_open(&self) -> impl Iterator<Item = (ConnectionId, Arc<Attempt>)> {
        let open = self.open.iter();
        open.flat_map(|(id, builder)| builder.attempts().into_iter().map(|a| (*id, a)))
    }

    /// Hands over the certificates that went by.
    #[must_use]
    pub fn take_certificates(&mut self) -> Vec<(ConnectionId, CarriedCertificate)> {
        std::mem::take(&mut self.certificates)
    }

    /// Certificates that went by in the clear or were opened.
    #[must_use]
    pub fn certificates(&self) -> &[(ConnectionId, CarriedCertificate)] {
        &self.certificates
    }
}

/// In the order of the connections.
fn numbered(mut all: Vec<(ConnectionId, Arc<Attempt>)>) -> Vec<(ConnectionId, Arc<Attempt>)> {
    all.sort_by_key(|(id, _)| *id);
    for (index, (_, attempt)) in all.iter_mut().enumerate() {
        if attempt.index != index {
            Arc::make_mut(attempt).index = index;
        }
    }
    all
}

impl CaptureSink for WireAttempts {
    fn opened(&mut self, connection: &Connection) {
        let role = if connection.device_is_client {
            Role::Client
        } else {
            Role::Server
        };
        let builder = TimelineBuilder::for_wire(self.input, role);
        self.open.insert(connection.id, builder);
    }

    fn observed(&mut self, connection: ConnectionId, observation: &Observation) {
        if let Some(builder) = self.open.get_mut(&connection) {
            builder.observe(observation);
        }
    }

    fn certificate(&mut self, connection: ConnectionId, certificate: CarriedCertificate) {
        self.certificates.push((connection, certificate));
    }

    fn closed(&mut self, connection: &Connection, now: Option<Micros>) {
        let Some(mut builder) = self.open.remove(&connection.id) else {
            return;
        };
        if let Some(now) = now {
            builder.until(now);
        }
        // Other protocols are in the list of connections; they are no handshakes.
        if matches!(connection.protocol, Protocol::Plain(_)) {
            return;
        }
        let mut attempts = builder.into_attempts();
        for attempt in &mut attempts {
            let attempt = Arc::make_mut(attempt);
            let (sent, received) = if connection.device_is_client {
                (connection.bytes_from_client, connection.bytes_from_server)
            } else {
                (connection.bytes_from_server, connection.bytes_from_client)
            };
            attempt.seen.bytes_sent = sent;
            attempt.seen.bytes_received = received;
            attempt.began_before_log |= !connection.from_start;
        }
        if !attempts.is_empty() {
            self.done.insert(connection.id, attempts);
        }
    }
}

/// Reads a capture to its end: its attempts with their connections, and its summary. `keylog` is the
/// text of an NSS key log file.
///
/// # Errors
/// When reading fails.
pub fn capture_attempts(
    input: InputId,
    bytes: impl Read,
    keylog: Option<&str>,
    options: CaptureOptions,
) -> Result<(WireAttempts, CaptureSummary), CaptureError> {
    let mut sink = WireAttempts::new(input);
    let summary = read(bytes, keylog, options, &mut sink)?;
    Ok((sink, summary))
}
