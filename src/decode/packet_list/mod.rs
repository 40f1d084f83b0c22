//! Packets as programs list them, one line each: tcpdump without its bytes, the packet list of
//! Wireshark and tshark.
//!
//! In: one line without its time. Out: the steps of TCP (SYN, answer, end, reset, closed windows, what
//! was sent again), and the messages of TLS that the packet list names. Only one connection at a time
//! is followed: the one whose SYN or ClientHello came last. The device is taken for the end that
//! connects. Must not know what the bytes were: they are not there.

mod tcpdump;
mod tls_names;
mod wireshark;

use std::borrow::Cow;

use super::dialect::Dialect;
use super::prefilter::Anchors;
use crate::evidence::{ConnectResult, Direction, Event, WireEvent};

/// Ports that carry TLS from their first byte (IANA Service Name and Transport Protocol Port Number
/// Registry).
const TLS_PORTS: [u16; 11] = [443, 465, 636, 853, 990, 993, 995, 5061, 5671, 8443, 8883];

/// A packet of TCP as a line tells it.
#[derive(Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are the flags of the header
pub(super) struct Segment<'a> {
    /// Ends with their ports, as printed.
    pub(super) from: Cow<'a, str>,
    pub(super) to: Cow<'a, str>,
    /// Port of the other end, where a name or number tells it.
    pub(super) to_port: Option<u16>,
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// First and next sequence number, as printed.
    pub(super) seq: Option<(u32, u32)>,
    pub(super) window: Option<u32>,
    pub(super) mss: Option<u32>,
    pub(super) len: u32,
    /// The program says itself that it was sent before.
    pub(super) again: bool,
    /// The program says itself that the window is closed.
    pub(super) shut: bool,
}

/// One side of the connection.
#[derive(Debug, Default)]
struct Side {
    mss: Option<u32>,
    /// Highest sequence number so far.
    next: Option<u32>,
    data: bool,
    shut: bool,
    finished: bool,
    /// Records of encrypted data.
    sealed: bool,
    shown: bool,
}

/// The connection that is followed.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // marks of its course, each on its own
struct Talk {
    client: String,
    server: String,
    syn: Option<u32>,
    answered: bool,
    over: bool,
    tls: bool,
    hello: bool,
    /// The handshake is complete.
    up: bool,
    /// The server asked for another ClientHello.
    retry: bool,
    /// The last row of TLS was the client's.
    client_spoke: bool,
    sides: [Side; 2],
}

/// Decoder of one input.
#[derive(Debug, Default)]
pub(super) struct PacketList {
    talk: Option<Talk>,
}

impl Dialect for PacketList {
    fn name(&self) -> &'static str {
        "packets"
    }

    fn is_stack(&self) -> bool {
        false
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact([": Flags [", "\u{2192}", " -> "])]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        if let Some(segment) = tcpdump::segment(text) {
            self.segment(&segment, emit);
            return true;
        }
        let Some(row) = wireshark::row(text) else {
            return false;
        };
        match row.what {
            wireshark::What::Tcp => {
                if let Some(segment) = wireshark::segment(&row) {
                    self.segment(&segment, emit);
                }
            }
            wireshark::What::Tls(version) => self.messages(&row, version, emit),
        }
        true
    }
}

impl PacketList {
    fn segment(&mut self, s: &Segment<'_>, emit: &mut dyn FnMut(Event)) {
        if s.syn && !s.ack {
            self.syn(s, emit);
            return;
        }
        let Some(talk) = &mut self.talk else {
            return;
        };
        let by_client = *s.from == talk.client && *s.to == talk.server;
        if by_client || *s.from == talk.server && *s.to == talk.client {
            talk.segment(s, by_client, emit);
        }
    }

    fn syn(&mut self, s: &Segment<'_>, emit: &mut dyn FnMut(Event)) {
        let seq = s.seq.map(|(from, _)| from);
        if let Some(talk) = &mut self.talk
            && talk.client == *s.from
            && talk.server == *s.to
            && !talk.answered
            && (s.again || talk.syn == seq)
        {
            wire(
                emit,
                WireEvent::TimedOut,
                true,
                "no answer to the SYN, sent again",
            );
            return;
        }
        let mut talk = Talk {
            client: s.from.clone().into_owned(),
            server: s.to.clone().into_owned(),
            syn: seq,
            tls: s.to_port.is_some_and(|p| TLS_PORTS.contains(&p)),
            ..Talk::default()
        };
        talk.sides[0].mss = s.mss;
        self.talk = Some(talk);
        emit(Event::SessionStart);
        emit(Event::Target(tcpdump::host_and_port(&s.to)));
    }

    /// Messages that a row of the packet list names.
    fn messages(
        &mut self,
        row: &wireshark::Row<'_>,
        version: Option<u16>,
        emit: &mut dyn FnMut(Event),
    ) {
        let items = tls_names::items(row.info);
        let hello = items.iter().any(|i| i.message == Some(1));
        let known = self.talk.as_ref().is_some_and(|t| {
            (tcpdump::host(&t.client) == row.from && tcpdump::host(&t.server) == row.to)
                || (tcpdump::host(&t.client) == row.to && tcpdump::host(&t.server) == row.from)
        });
        if hello
            && !self
                .talk
                .as_ref()
                .is_some_and(|t| known && !t.over && !t.hello)
        {
            let retried = self.talk.as_ref().is_some_and(|t| known && t.retry);
            if !retried {
                self.talk = Some(Talk {
                    client: row.from.to_owned(),
                    server: row.to.to_owned(),
                    answered: true,
                    ..Talk::default()
                });
                emit(Event::SessionStart);
            }
        } else if !known {
            return;
        }
        let Some(talk) = &mut self.talk else {
            return;
        };
        // On one machine the addresses tell nothing: the messages do, or who spoke last.
        let by_client = if row.from == row.to {
            let told = items.iter().find_map(|i| i.by_client);
            told.unwrap_or(!talk.client_spoke)
        } else {
            tcpdump::host(&talk.client) == row.from
        };
        talk.client_spoke = by_client;
        for item in &items {
            talk.item(item, by_client, version, row.len, emit);
        }
    }
}

impl Talk {
    fn segment(&mut self, s: &Segment<'_>, by_client: bool, emit: &mut dyn FnMut(Event)) {
        let me = usize::from(!by_client);
        if s.syn {
            self.sides[1].mss = s.mss;
            if !std::mem::replace(&mut self.answered, true) {
                let result = ConnectResult::Connected;
                emit(Event::Connect { result });
                let mss =
                    |m: Option<u32>| m.map_or("not told".to_owned(), |m| format!("{m} bytes"));
                let [client, server] = [mss(self.sides[0].mss), mss(self.sides[1].mss)];
                let words = format!("largest segments: client {client}, server {server}");
                wire(emit, WireEvent::Remark, true, &words);
            }
            self.sides[me].next = s.seq.map(|(from, _)| from.wrapping_add(1));
            return;
        }
        self.window(s, by_client, emit);
        if s.len > 0 {
            self.data(s, by_client, emit);
        }
        if s.rst {
            if !by_client && !self.answered {
                let result = ConnectResult::Refused;
                emit(Event::Connect { result });
            }
            wire(emit, WireEvent::Rst, by_client, "");
            self.over = true;
        } else if s.fin {
            wire(emit, WireEvent::Fin, by_client, "");
            self.over = true;
        }
    }

    fn window(&mut self, s: &Segment<'_>, by_client: bool, emit: &mut dyn FnMut(Event)) {
        let shut = s.shut || s.window == Some(0) && s.ack && !s.rst;
        let side = &mut self.sides[usize::from(!by_client)];
        if shut && !side.shut {
            let (who, name) = if by_client {
                ("device", "tcp_zero_window_device")
            } else {
                ("peer", "tcp_zero_window_peer")
            };
            emit(Event::Condition { name, value: None });
            let words = format!("the {who} takes no more bytes (window 0)");
            wire(emit, WireEvent::Remark, by_client, &words);
        }
        side.shut = shut;
    }

    fn data(&mut self, s: &Segment<'_>, by_client: bool, emit: &mut dyn FnMut(Event)) {
        let side = &mut self.sides[usize::from(!by_client)];
        let old = |(_, end): (u32, u32), next: u32| end.wrapping_sub(next).cast_signed() <= 0;
        let again = s.again
            || s.seq
                .zip(side.next)
                .is_some_and(|(seq, next)| side.data && old(seq, next));
        if again {
            let words = format!("{} bytes were sent again", s.len);
            wire(emit, WireEvent::TimedOut, by_client, &words);
            return;
        }
        side.next = s.seq.map(|(_, end)| end).or(side.next);
        if std::mem::replace(&mut side.data, true) {
            return;
        }
        if by_client && self.tls {
            emit(Event::Reached("tls"));
        }
        // Level and description behind a record header of five bytes (RFC 8446 section 5.1).
        let like = match (by_client, s.len) {
            (false, 7) => ", as long as an alert in the clear",
            _ => "",
        };
        let who = if by_client { "client" } else { "server" };
        let words = format!("first data of the {who}: {} bytes{like}", s.len);
        wire(emit, WireEvent::Remark, by_client, &words);
    }

    fn item(
        &mut self,
        item: &tls_names::Item<'_>,
        by_client: bool,
        version: Option<u16>,
        len: Option<u32>,
        emit: &mut dyn FnMut(Event),
    ) {
        let direction = way(by_client);
        // A server of TLS 1.3 goes on behind the client's flight only where it accepts it.
        let tls13 = version == Some(0x0304);
        let client_answered = tls13 && self.sides[0].sealed;
        if item.kind == tls_names::Kind::Data && !by_client && client_answered && !self.up {
            self.up = true;
            emit(Event::Established);
        }
        let side = &mut self.sides[usize::from(!by_client)];
        side.sealed |= item.kind == tls_names::Kind::Data;
        if let Some(name) = item.server_name {
            emit(Event::ServerName(name.to_owned()));
        }
        if let Some((level, number)) = item.alert {
            self.over |= level == 2;
            emit(Event::Alert {
                level: Some(level),
                number,
                direction,
            });
            return;
        }
        if let Some(msg_type) = item.message {
            // What is encrypted behind a change of cipher is the Finished (RFC 5246 section 7.4.9).
            if msg_type == 20 && std::mem::replace(&mut side.finished, true) {
                return;
            }
            self.hello |= msg_type == 1;
            self.retry = matches!(msg_type, 3 | 6);
            if let (2, Some(version)) = (msg_type, version) {
                emit(Event::ChosenVersion(version));
            }
            emit(Event::Message {
                msg_type,
                direction,
                size: None,
                bytes: None,
            });
            return;
        }
        let (what, remark) = match item.kind {
            tls_names::Kind::ChangeCipherSpec => (WireEvent::ChangeCipherSpec, ""),
            tls_names::Kind::HiddenAlert => (
                WireEvent::HiddenAlert,
                "encrypted: level and number are hidden",
            ),
            tls_names::Kind::Data if side.shown => return,
            tls_names::Kind::Data => {
                side.shown = true;
                let sure = !tls13 || self.up && by_client;
                (WireEvent::ApplicationData { sure }, "")
            }
            tls_names::Kind::Other => return,
        };
        emit(Event::Wire {
            what,
            direction,
            size: len.filter(|_| what == WireEvent::HiddenAlert),
            remark: remark.to_owned(),
        });
    }
}

fn way(by_client: bool) -> Direction {
    if by_client {
        Direction::Sent
    } else {
        Direction::Received
    }
}

fn wire(emit: &mut dyn FnMut(Event), what: WireEvent, by_client: bool, remark: &str) {
    emit(Event::Wire {
        what,
        direction: way(by_client),
        size: None,
        remark: remark.to_owned(),
    });
}
