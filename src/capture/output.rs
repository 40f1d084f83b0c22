//! What a capture hands on: observations of each connection, its certificates, and the list of
//! connections.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::str::FromStr;
use std::sync::Arc;

use super::packet::Packet;
use super::stream::Moment;
use crate::evidence::{Direction, Event, Micros, Observation, WireEvent};

/// Number of a connection in its capture, from 0: its place in [`CaptureSummary::connections`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

/// Which end of a connection is the device under test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceSide {
    /// The one that connects: what devices do.
    #[default]
    Client,
    /// The one that is connected to.
    Server,
    /// The one with this address; of connections without it, the client.
    Address(IpAddr),
    /// Of these connections the one that is connected to, of the others the client.
    ServerOf(Arc<BTreeSet<ConnectionId>>),
}

impl DeviceSide {
    /// Is the client of this connection the device?
    #[must_use]
    pub fn is_client(&self, id: ConnectionId, client: SocketAddr, server: SocketAddr) -> bool {
        match self {
            Self::Client => true,
            Self::Server => false,
            Self::Address(ip) => server.ip() != *ip || client.ip() == *ip,
            Self::ServerOf(connections) => !connections.contains(&id),
        }
    }
}

/// `client`, `server`, or an address.
impl fmt::Display for DeviceSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client | Self::ServerOf(_) => f.write_str("client"),
            Self::Server => f.write_str("server"),
            Self::Address(ip) => ip.fmt(f),
        }
    }
}

impl FromStr for DeviceSide {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            other => other.parse().map(Self::Address).map_err(|_| {
                format!("\u{201c}{other}\u{201d} is neither client nor server nor an IP address.")
            }),
        }
    }
}

/// What the packets of one end say about the machine behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndSigns {
    /// Hardware address that sent its first packet, where the link has one. Behind a router it is the
    /// router's.
    pub mac: Option<[u8; 6]>,
    /// Time to live (hop limit) of its first packet, as captured.
    pub ttl: Option<u8>,
    /// Window of its SYN in bytes, where that SYN neither scales windows nor acknowledges selectively
    /// nor stamps times, although the other end would.
    pub bare_syn_window: Option<u16>,
}

/// How to read a capture.
#[derive(Clone, Debug, Default)]
pub struct CaptureOptions {
    /// Which end is the device.
    pub device: DeviceSide,
    /// Only these connections are observed; all are listed. `None` for all.
    pub only: Option<BTreeSet<ConnectionId>>,
}

/// What a connection carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// No byte was seen, or too few to tell.
    Unknown,
    /// TLS.
    Tls,
    /// DTLS over UDP.
    Dtls,
    /// Something else from its first byte on, such as `http`, `smtp`, `ssh`, `mqtt`, or `other`.
    Plain(&'static str),
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionEnd {
    /// It was open when the capture ended, or simply stopped.
    Open,
    /// Both sides closed it.
    Closed,
    /// One side reset it.
    Reset,
}

/// What became of encrypted records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// None were seen.
    None,
    /// No key log has a secret for this connection.
    NoSecret,
    /// They were opened with the key log.
    Opened,
    /// The key log has the secret, but the cipher of this suite (by number) is not one that is
    /// opened: only AES-GCM and ChaCha20-Poly1305 are.
    Suite(u16),
    /// The key log has a secret and records did not open with it.
    Failed,
    /// DTLS: its encrypted records are not opened.
    Datagrams,
}

/// One connection of a capture.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // each says one thing of the connection
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The end that connected.
    pub client: SocketAddr,
    /// The end that was connected to.
    pub server: SocketAddr,
    /// UDP instead of TCP.
    pub datagrams: bool,
    /// The device is the client.
    pub device_is_client: bool,
    /// Packets of both directions.
    pub packets: u32,
    /// Bytes above TCP or UDP that the client sent, repeated ones included.
    pub bytes_from_client: u64,
    /// Bytes above TCP or UDP that the server sent, repeated ones included.
    pub bytes_from_server: u64,
    /// Time of the first packet, microseconds since 1970 UTC.
    pub started: Option<Micros>,
    /// Time of the last packet, microseconds since 1970 UTC.
    pub ended: Option<Micros>,
    /// Number of the first packet.
    pub first_frame: u32,
    /// Number of the last packet.
    pub last_frame: u32,
    /// What it carries.
    pub protocol: Protocol,
    /// The name that the client asked for.
    pub server_name: Option<String>,
    /// Bytes that the capture does not have.
    pub missing_bytes: u64,
    /// Segments or datagrams that were sent again.
    pub retransmissions: u32,
    /// Times that a side closed its receive window.
    pub zero_windows: u32,
    /// Largest segment that the client accepts, in bytes.
    pub client_mss: Option<u16>,
    /// Largest segment that the server accepts, in bytes.
    pub server_mss: Option<u16>,
    /// Its beginning (the SYN, or the first hello of DTLS) is in the capture.
    pub from_start: bool,
    /// What the client's packets say about it.
    pub client_signs: EndSigns,
    /// What the server's packets say about it.
    pub server_signs: EndSigns,
    /// The client's hello has reserved values (GREASE, RFC 8701).
    pub client_greases: bool,
    /// The client showed a certificate in the clear.
    pub client_certificate: bool,
    /// The server's certificate carries stamps of public logs (RFC 6962), as public CAs put them in.
    pub server_certificate_logged: bool,
    /// How it ended.
    pub end: ConnectionEnd,
    /// What became of its encrypted records.
    pub sealed: Sealed,
}

impl Connection {
    /// Does it carry TLS or DTLS?
    #[must_use]
    pub fn carries_tls(&self) -> bool {
        matches!(self.protocol, Protocol::Tls | Protocol::Dtls)
    }

    /// What it carries, in a word.
    #[must_use]
    pub fn carries(&self) -> String {
        match self.protocol {
            Protocol::Unknown => "nothing seen".to_owned(),
            Protocol::Tls if self.sealed == Sealed::Opened => "TLS, opened".to_owned(),
            Protocol::Tls => "TLS".to_owned(),
            Protocol::Dtls => "DTLS".to_owned(),
            Protocol::Plain(what) => what.to_owned(),
        }
    }

    /// Its ends, the device's first.
    #[must_use]
    pub fn ends_text(&self) -> String {
        let (device, peer) = if self.device_is_client {
            (self.client, self.server)
        } else {
            (self.server, self.client)
        };
        format!("{device} to {peer}")
    }

    /// Counts a packet.
    pub(super) fn count(&mut self, by_client: bool, packet: &Packet<'_>, moment: Moment) {
        self.packets = self.packets.saturating_add(1);
        self.last_frame = moment.frame;
        self.started = self.started.or(moment.at);
        self.ended = moment.at.or(self.ended);
        let bytes = packet.payload.len() as u64 + u64::from(packet.cut);
        let signs = if by_client {
            self.bytes_from_client += bytes;
            &mut self.client_signs
        } else {
            self.bytes_from_server += bytes;
            &mut self.server_signs
        };
        if signs.ttl.is_none() {
            (signs.mac, signs.ttl) = (packet.mac, Some(packet.ttl));
        }
    }
}

/// Picks connections of the list; every condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFilter {
    /// One end has this address.
    pub address: Option<IpAddr>,
    /// One end has this port.
    pub port: Option<u16>,
    /// The server name contains this text, in any case.
    pub server_name: Option<String>,
    /// Only TLS and DTLS.
    pub only_tls: bool,
}

impl ConnectionFilter {
    /// Does this connection pass?
    #[must_use]
    pub fn matches(&self, c: &Connection) -> bool {
        let ends = [c.client, c.server];
        self.address
            .is_none_or(|a| ends.iter().any(|e| e.ip() == a))
            && self.port.is_none_or(|p| ends.iter().any(|e| e.port() == p))
            && self.server_name.as_deref().is_none_or(|wanted| {
                c.server_name.as_deref().is_some_and(|name| {
                    name.to_ascii_lowercase()
                        .contains(&wanted.to_ascii_lowercase())
                })
            })
            && (!self.only_tls || matches!(c.protocol, Protocol::Tls | Protocol::Dtls))
    }
}

/// What a capture holds, when it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaptureSummary {
    /// `pcap` or `pcapng`; empty where it is neither.
    pub format: &'static str,
    /// Link types that occur, by number of the tcpdump group's registry, in order of appearance.
    pub link_types: Vec<u16>,
    /// Frames in it.
    pub frames: u32,
    /// Time of the first frame that has one, microseconds since 1970 UTC.
    pub started: Option<Micros>,
    /// Time of the last frame that has one, microseconds since 1970 UTC.
    pub ended: Option<Micros>,
    /// All connections, in order of their first packet.
    pub connections: Vec<Connection>,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
}

impl CaptureSummary {
    /// The connections that pass.
    pub fn filter<'a>(
        &'a self,
        filter: &'a ConnectionFilter,
    ) -> impl Iterator<Item = &'a Connection> {
        self.connections.iter().filter(|c| filter.matches(c))
    }
}

/// A certificate that crossed the wire in the clear or was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedCertificate {
    /// Frame in which its message was whole.
    pub frame: u32,
    /// The client sent it.
    pub from_client: bool,
    /// Place in its message: 0 is the leaf as sent.
    pub index: u32,
    /// DER bytes.
    pub der: Arc<[u8]>,
}

/// Takes what a capture shows, as it is read.
pub trait CaptureSink {
    /// A connection began; which end is the device is known from here on.
    fn opened(&mut self, connection: &Connection) {
        let _ = connection;
    }
    /// Something was observed. [`Observation::line`] is the number of the frame,
    /// [`Observation::at`] microseconds since 1970 UTC.
    fn observed(&mut self, connection: ConnectionId, observation: &Observation);
    /// A certificate went by.
    fn certificate(&mut self, connection: ConnectionId, certificate: CarriedCertificate) {
        let _ = (connection, certificate);
    }
    /// No more will be observed of this connection; `now` is the time that the capture has reached.
    fn closed(&mut self, connection: &Connection, now: Option<Micros>) {
        let _ = (connection, now);
    }
    /// So many bytes of the capture are read. `Break` ends the reading.
    fn progress(&mut self, bytes: u64) -> ControlFlow<()> {
        let _ = bytes;
        ControlFlow::Continue(())
    }
}

/// Messages from this size on are kept once where they repeat: servers send one chain to everybody.
const SHARED_FROM: usize = 256;
/// Different messages kept for that.
const MOST_SHARED: usize = 1024;

/// Bytes that many connections have in common.
pub(super) type Shared = HashSet<Arc<[u8]>>;

/// The way out for one connection.
pub(super) struct Out<'a> {
    pub(super) sink: &'a mut dyn CaptureSink,
    pub(super) shared: &'a mut Shared,
    pub(super) connection: ConnectionId,
    pub(super) device_is_client: bool,
    /// The client's end, and the server's.
    pub(super) ends: (SocketAddr, SocketAddr),
    /// The connection was not picked: nothing goes out.
    pub(super) silent: bool,
}

impl Out<'_> {
    pub(super) fn event(&mut self, moment: Moment, event: Event) {
        if self.silent {
            return;
        }
        let observation = Observation {
            line: moment.frame,
            at: moment.at,
            received: None,
            event,
        };
        self.sink.observed(self.connection, &observation);
    }

    pub(super) fn direction(&self, by_client: bool) -> Direction {
        if by_client == self.device_is_client {
            Direction::Sent
        } else {
            Direction::Received
        }
    }

    /// An alert in the clear. Who sent it is certain by its address, whichever end is the device.
    pub(super) fn alert(&mut self, moment: Moment, by_client: bool, level: u8, number: u8) {
        let event = Event::Alert {
            level: Some(level),
            number,
            direction: self.direction(by_client),
        };
        self.event(moment, event);
        let remark = if by_client {
            format!("from {}, the client", self.ends.0)
        } else {
            format!("from {}, the server", self.ends.1)
        };
        self.wire(moment, WireEvent::Remark, by_client, None, remark);
    }

    pub(super) fn wire(
        &mut self,
        moment: Moment,
        what: WireEvent,
        by_client: bool,
        size: Option<u32>,
        remark: impl Into<String>,
    ) {
        let event = Event::Wire {
            what,
            direction: self.direction(by_client),
            size,
            remark: remark.into(),
        };
        self.event(moment, event);
    }

    pub(super) fn certificate(&mut self, certificate: CarriedCertificate) {
        if !self.silent {
            self.sink.certificate(self.connection, certificate);
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Arc<[u8]> {
        if bytes.len() < SHARED_FROM {
            return Arc::from(bytes);
        }
        if let Some(known) = self.shared.get(bytes) {
            return Arc::clone(known);
        }
        let new: Arc<[u8]> = Arc::from(bytes);
        if self.shared.len() < MOST_SHARED {
            self.shared.insert(Arc::clone(&new));
        }
        new
    }
}
