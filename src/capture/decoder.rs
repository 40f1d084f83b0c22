//! The whole way: bytes of a capture file → connections and their observations.
//!
//! In: bytes in pieces of any size. Out: calls of a [`CaptureSink`], and the summary. Memory is bounded
//! by what is open at once; payloads are dropped as soon as they are read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

use super::connection::Tracked;
use super::datagram::{self, Association, Speaker};
use super::file::{CaptureFile, Frame, Item};
use super::icmp::{IcmpError, Says};
use super::keylog::KeyLog;
use super::links;
use super::output::{
    CaptureOptions, CaptureSink, CaptureSummary, Connection, ConnectionEnd, ConnectionId, EndSigns,
    Out, Protocol, Sealed, Shared,
};
use super::packet::{Nothing, Packet, Tcp, packet};
use super::stream::Moment;
use crate::evidence::{ConnectResult, Event, WireEvent};

/// Connections that are followed at once; beyond it the one that was quiet longest is let go.
const MOST_OPEN: usize = 16_384;
/// Connections in the list; later ones are counted in a problem.
const MOST_LISTED: usize = 1_000_000;

type Ends = (SocketAddr, SocketAddr, bool);

#[derive(Debug)]
struct Flow {
    /// Place in the list.
    at: usize,
    /// The lower end of [`Ends`] is the client.
    lower_is_client: bool,
    carries: Carries,
}

#[derive(Debug)]
enum Carries {
    Tcp(Box<Tracked>),
    Datagrams(Box<Association>),
    /// Over: what still comes belongs to nothing.
    Nothing,
}

/// Reads a capture from pieces of its bytes.
#[derive(Debug)]
pub struct CaptureDecoder {
    file: CaptureFile,
    keys: Arc<KeyLog>,
    options: CaptureOptions,
    flows: HashMap<Ends, Flow>,
    shared: Shared,
    summary: CaptureSummary,
    fragments: u32,
    unlisted: u32,
    unread_links: BTreeSet<u16>,
    /// Packets in tunnels, by the tunnel's name.
    tunnels: BTreeMap<&'static str, u32>,
}

impl CaptureDecoder {
    /// A reader with these options and this key log (the text of an NSS key log file).
    #[must_use]
    pub fn new(keylog: Option<&str>, options: CaptureOptions) -> Self {
        let keys = keylog.map(KeyLog::parse).unwrap_or_default();
        let mut summary = CaptureSummary::default();
        if keylog.is_some() && keys.is_empty() {
            summary
                .problems
                .push("The key log holds no secret. Encrypted messages stay closed.".into());
        }
        Self {
            file: CaptureFile::new(),
            keys: Arc::new(keys),
            options,
            flows: HashMap::new(),
            shared: Shared::new(),
            summary,
            fragments: 0,
            unlisted: 0,
            unread_links: BTreeSet::new(),
            tunnels: BTreeMap::new(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn CaptureSink) {
        let mut file = std::mem::replace(&mut self.file, CaptureFile::new());
        file.push(bytes, &mut |item| self.item(item, sink));
        self.file = file;
    }

    /// The file ended: what is open is closed, and the summary is whole.
    pub fn finish(mut self, sink: &mut dyn CaptureSink) -> CaptureSummary {
        let mut file = std::mem::replace(&mut self.file, CaptureFile::new());
        file.finish(&mut |item| self.item(item, sink));
        let mut flows: Vec<Flow> = self.flows.drain().map(|(_, flow)| flow).collect();
        flows.sort_unstable_by_key(|flow| flow.at);
        for mut flow in flows {
            self.close(&mut flow, sink);
        }
        self.summary.format = file.format();
        self.summary.frames = file.frames();
        if self.fragments > 0 {
            self.summary.problems.push(format!(
                "{} parts of fragmented IP packets were not put together.",
                self.fragments
            ));
        }
        if self.unlisted > 0 {
            self.summary.problems.push(format!(
                "{} packets of connections beyond the first {MOST_LISTED} were not read.",
                self.unlisted
            ));
        }
        for link in &self.unread_links {
            self.summary.problems.push(match links::link(*link) {
                Some((what, instead)) => {
                    format!("Frames of link type {link} ({what}) were not read. {instead}")
                }
                None => format!(
                    "Frames of link type {link} were not read. Ethernet, Linux cooked, raw IP, PPP and loopback are."
                ),
            });
        }
        for (tunnel, packets) in &self.tunnels {
            self.summary.problems.push(format!(
                "{packets} packets inside {tunnel} were not read. Capture in front of the tunnel or behind it."
            ));
        }
        self.summary
    }

    /// The summary so far; the entries of open connections are not whole yet.
    #[must_use]
    pub fn summary(&self) -> &CaptureSummary {
        &self.summary
    }

    fn item(&mut self, item: Item<'_>, sink: &mut dyn CaptureSink) {
        match item {
            Item::Frame(frame) => self.frame(&frame, sink),
            Item::Secrets(text) => {
                Arc::make_mut(&mut self.keys).add(&String::from_utf8_lossy(text));
            }
            Item::Problem(sentence) => self.summary.problems.push(sentence),
        }
    }

    fn frame(&mut self, frame: &Frame<'_>, sink: &mut dyn CaptureSink) {
        let summary = &mut self.summary;
        if summary.link_types.last() != Some(&frame.link)
            && !summary.link_types.contains(&frame.link)
        {
            summary.link_types.push(frame.link);
        }
        if frame.at.is_some() {
            summary.started = summary.started.or(frame.at);
            summary.ended = frame.at;
        }
        let moment = Moment {
            frame: frame.number,
            at: frame.at,
        };
        match packet(frame.link, frame.bytes) {
            Ok(packet) => match packet.tcp {
                Some(tcp) => self.tcp(&packet, &tcp, moment, sink),
                None => self.datagram(&packet, moment, sink),
            },
            Err(Nothing::Fragment) => self.fragments = self.fragments.saturating_add(1),
            Err(Nothing::Link(link)) => {
                self.unread_links.insert(link);
            }
            Err(Nothing::Tunnel(name)) => *self.tunnels.entry(name).or_default() += 1,
            Err(Nothing::Error(error)) => self.icmp(&error, moment, sink),
            Err(Nothing::Other) => {}
        }
    }

    fn tcp(&mut self, packet: &Packet<'_>, tcp: &Tcp, moment: Moment, sink: &mut dyn CaptureSink) {
        let ends = ends(packet, true);
        let from_lower = packet.from == ends.0;
        let begins = tcp.syn && !tcp.ack;
        let again = match self.flows.get(&ends) {
            None => false,
            Some(flow) => {
                let by_client = from_lower == flow.lower_is_client;
                match &flow.carries {
                    Carries::Tcp(tracked) => begins && (!by_client || tracked.other_syn(tcp)),
                    Carries::Datagrams(_) => false,
                    Carries::Nothing => begins,
                }
            }
        };
        if again && let Some(mut flow) = self.flows.remove(&ends) {
            self.close(&mut flow, sink);
        }
        if !self.flows.contains_key(&ends) {
            // Bare acknowledgements and ends of connections before the capture tell nothing.
            if !tcp.syn && packet.payload.is_empty() {
                return;
            }
            let by_client = packet.sent_by_client(tcp);
            let carries = Carries::Tcp(Box::new(Tracked::new()));
            if !self.begin(ends, from_lower == by_client, packet, moment, carries, sink) {
                return;
            }
        }
        let Self {
            flows,
            keys,
            options,
            shared,
            summary,
            ..
        } = self;
        let Some(flow) = flows.get_mut(&ends) else {
            return;
        };
        let by_client = from_lower == flow.lower_is_client;
        let (Some(connection), Carries::Tcp(tracked)) =
            (summary.connections.get_mut(flow.at), &mut flow.carries)
        else {
            return;
        };
        connection.count(by_client, packet, moment);
        let mut out = way_out(connection, options, shared, sink);
        tracked.packet(by_client, packet, moment, keys, &mut out, connection);
        if tracked.over() {
            tracked.finish(moment.at, keys, &mut out, connection);
            sink.closed(connection, moment.at);
            flow.carries = Carries::Nothing;
        }
    }

    /// An error about a packet of a connection that is followed.
    fn icmp(&mut self, error: &IcmpError, moment: Moment, sink: &mut dyn CaptureSink) {
        let ends = if error.from <= error.to {
            (error.from, error.to, error.tcp)
        } else {
            (error.to, error.from, error.tcp)
        };
        let Some(flow) = self.flows.get(&ends) else {
            return;
        };
        let by_client = (error.from == ends.0) == flow.lower_is_client;
        let Some(connection) = self.summary.connections.get(flow.at) else {
            return;
        };
        // Only of a first packet does it say that the peer is not there.
        let unanswered = by_client && connection.bytes_from_server == 0;
        let mut out = way_out(connection, &self.options, &mut self.shared, sink);
        let remark = format!(
            "{} reports: {} (frame {})",
            error.reporter,
            error.says.words(),
            moment.frame
        );
        out.wire(moment, WireEvent::Remark, by_client, None, remark);
        if unanswered && matches!(error.says, Says::Port | Says::Host | Says::Prohibited) {
            let result = match error.says {
                Says::Port => ConnectResult::Refused,
                _ => ConnectResult::Failed,
            };
            out.event(moment, Event::Connect { result });
        }
    }

    fn datagram(&mut self, packet: &Packet<'_>, moment: Moment, sink: &mut dyn CaptureSink) {
        let ends = ends(packet, false);
        let from_lower = packet.from == ends.0;
        if !self.flows.contains_key(&ends) {
            let by_client = match datagram::begins(packet.payload) {
                None if datagram::is_quic(packet.payload) => {
                    self.quic(ends, from_lower, packet, moment, sink);
                    return;
                }
                None => return,
                Some(Speaker::Client) => true,
                Some(Speaker::Server) => false,
                Some(Speaker::NotTold) => packet.from.port() > packet.to.port(),
            };
            let carries = Carries::Datagrams(Box::new(Association::new()));
            if !self.begin(ends, from_lower == by_client, packet, moment, carries, sink) {
                return;
            }
        }
        let Self {
            flows,
            options,
            shared,
            summary,
            ..
        } = self;
        let Some(flow) = flows.get_mut(&ends) else {
            return;
        };
        let by_client = from_lower == flow.lower_is_client;
        let Some(connection) = summary.connections.get_mut(flow.at) else {
            return;
        };
        connection.count(by_client, packet, moment);
        let Carries::Datagrams(association) = &mut flow.carries else {
            return;
        };
        let mut out = way_out(connection, options, shared, sink);
        association.datagram(by_client, packet.payload, moment, &mut out);
    }

    /// Lists a connection of QUIC, whose TLS travels inside packets of its own.
    fn quic(
        &mut self,
        ends: Ends,
        from_lower: bool,
        packet: &Packet<'_>,
        moment: Moment,
        sink: &mut dyn CaptureSink,
    ) {
        if !self.begin(ends, from_lower, packet, moment, Carries::Nothing, sink) {
            return;
        }
        if let Some(connection) = self.summary.connections.last_mut() {
            connection.protocol = Protocol::Plain("QUIC");
            connection.count(true, packet, moment);
            sink.closed(connection, moment.at);
        }
        let sentence = "QUIC is in the capture: its TLS is not TLS over TCP and is not read.";
        if !self.summary.problems.iter().any(|p| p == sentence) {
            self.summary.problems.push(sentence.to_owned());
        }
    }

    /// Puts a connection into the list and follows it.
    fn begin(
        &mut self,
        ends: Ends,
        lower_is_client: bool,
        packet: &Packet<'_>,
        moment: Moment,
        carries: Carries,
        sink: &mut dyn CaptureSink,
    ) -> bool {
        let at = self.summary.connections.len();
        if at >= MOST_LISTED {
            self.unlisted = self.unlisted.saturating_add(1);
            return false;
        }
        self.make_room(sink);
        let (client, server) = if lower_is_client {
            (ends.0, ends.1)
        } else {
            (ends.1, ends.0)
        };
        let id = ConnectionId(u32::try_from(at).unwrap_or(u32::MAX));
        let connection = Connection {
            id,
            client,
            server,
            datagrams: !ends.2,
            device_is_client: self.options.device.is_client(id, client, server),
            packets: 0,
            bytes_from_client: 0,
            bytes_from_server: 0,
            started: moment.at,
            ended: moment.at,
            first_frame: moment.frame,
            last_frame: moment.frame,
            protocol: if ends.2 {
                Protocol::Unknown
            } else {
                Protocol::Dtls
            },
            server_name: None,
            missing_bytes: 0,
            retransmissions: 0,
            zero_windows: 0,
            client_mss: None,
            server_mss: None,
            from_start: !ends.2 && datagram::begins(packet.payload) == Some(Speaker::Client),
            client_signs: EndSigns::default(),
            server_signs: EndSigns::default(),
            client_greases: false,
            client_certificate: false,
            server_certificate_logged: false,
            end: ConnectionEnd::Open,
            sealed: Sealed::None,
        };
        sink.opened(&connection);
        self.summary.connections.push(connection);
        self.flows.insert(
            ends,
            Flow {
                at,
                lower_is_client,
                carries,
            },
        );
        true
    }

    /// Lets go of what is over, and of the quietest where still too many are open.
    fn make_room(&mut self, sink: &mut dyn CaptureSink) {
        if self.flows.len() < MOST_OPEN {
            return;
        }
        self.flows
            .retain(|_, flow| !matches!(flow.carries, Carries::Nothing));
        if self.flows.len() < MOST_OPEN {
            return;
        }
        // An eighth at once, so that this is rare.
        let mut quiet: Vec<(u32, Ends)> = self
            .flows
            .iter()
            .filter_map(|(ends, flow)| {
                let connection = self.summary.connections.get(flow.at)?;
                Some((connection.last_frame, *ends))
            })
            .collect();
        quiet.sort_unstable();
        for (_, ends) in quiet.into_iter().take(MOST_OPEN / 8) {
            if let Some(mut flow) = self.flows.remove(&ends) {
                self.close(&mut flow, sink);
            }
        }
    }

    fn close(&mut self, flow: &mut Flow, sink: &mut dyn CaptureSink) {
        let now = self.summary.ended;
        let Some(connection) = self.summary.connections.get_mut(flow.at) else {
            return;
        };
        let mut out = way_out(connection, &self.options, &mut self.shared, sink);
        match &mut flow.carries {
            Carries::Tcp(tracked) => tracked.finish(now, &self.keys, &mut out, connection),
            Carries::Datagrams(association) => {
                connection.sealed = association.sealed;
                connection.retransmissions += association.retransmissions;
                association.agreed.sum_up(connection);
            }
            Carries::Nothing => return,
        }
        sink.closed(connection, now);
        flow.carries = Carries::Nothing;
    }
}

fn way_out<'a>(
    connection: &Connection,
    options: &CaptureOptions,
    shared: &'a mut Shared,
    sink: &'a mut dyn CaptureSink,
) -> Out<'a> {
    Out {
        sink,
        shared,
        connection: connection.id,
        device_is_client: connection.device_is_client,
        ends: (connection.client, connection.server),
        silent: options
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&connection.id)),
    }
}

fn ends(packet: &Packet<'_>, tcp: bool) -> Ends {
    if packet.from <= packet.to {
        (packet.from, packet.to, tcp)
    } else {
        (packet.to, packet.from, tcp)
    }
}
