//! One TCP connection: its packets → its beginning and end as observations, its bytes to the
//! conversation.
//!
//! In: packets in order of capture. Out: observations through [`Out`], figures in [`Connection`].

use super::keylog::KeyLog;
use super::output::{Connection, ConnectionEnd, Out};
use super::packet::{Packet, Tcp};
use super::stream::{Moment, Stream};
use super::talk::Talk;
use crate::evidence::{ConnectResult, Event, Micros, WireEvent};

/// A SYN that stays without answer this long before the capture ends counts as timed out.
const NO_ANSWER: Micros = 1_000_000;

/// A connection that is still followed.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // marks of its course, each on its own
pub(super) struct Tracked {
    /// The client's direction, then the server's.
    streams: [Stream; 2],
    talk: Talk,
    syn: Option<(u32, Moment)>,
    answered: bool,
    /// The client's SYN has options beside the segment size.
    offers_options: bool,
    connected: bool,
    fin: [bool; 2],
    reset: bool,
    /// The window of this side is closed.
    shut: [bool; 2],
    /// What this side sent again was not the same, and that was told.
    told_different: [bool; 2],
    last: Moment,
}

impl Tracked {
    pub(super) fn new() -> Self {
        Self {
            streams: [Stream::default(), Stream::default()],
            talk: Talk::new(),
            syn: None,
            answered: false,
            offers_options: false,
            connected: false,
            fin: [false; 2],
            reset: false,
            shut: [false; 2],
            told_different: [false; 2],
            last: Moment::default(),
        }
    }

    /// Is it over, with nothing left that may still fit in?
    pub(super) fn over(&self) -> bool {
        self.reset || self.fin == [true; 2]
    }

    /// Is this SYN the one of another connection between the same ends?
    pub(super) fn other_syn(&self, tcp: &Tcp) -> bool {
        tcp.syn
            && !tcp.ack
            && match self.syn {
                Some((seq, _)) => seq != tcp.seq,
                None => true,
            }
    }

    /// Takes a packet of this connection.
    pub(super) fn packet(
        &mut self,
        by_client: bool,
        packet: &Packet<'_>,
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
        connection: &mut Connection,
    ) {
        let Some(tcp) = &packet.tcp else { return };
        let me = usize::from(!by_client);
        if tcp.syn {
            self.syn(by_client, tcp, moment, out, connection);
        }
        self.window(by_client, tcp, moment, out, connection);
        let Self { streams, talk, .. } = self;
        let (mine, other) = streams.split_at_mut(1);
        let (mine, other) = if by_client {
            (&mut mine[0], &mut other[0])
        } else {
            (&mut other[0], &mut mine[0])
        };
        if tcp.ack {
            other.acknowledged(tcp.ack_number, &mut |piece, when| {
                talk.piece(!by_client, &piece, when, keys, out);
            });
        }
        if !packet.payload.is_empty() || packet.cut > 0 {
            // Data on a SYN (TCP Fast Open) begins one number later.
            let seq = if tcp.syn {
                tcp.seq.wrapping_add(1)
            } else {
                tcp.seq
            };
            mine.segment(
                seq,
                packet.payload,
                packet.cut,
                moment,
                &mut |piece, when| {
                    talk.piece(by_client, &piece, when, keys, out);
                },
            );
        }
        if self.streams[me].differs && !self.told_different[me] {
            self.told_different[me] = true;
            let remark = format!(
                "bytes were sent again and are not the same (frame {}): something on the way changes them",
                moment.frame
            );
            out.wire(moment, WireEvent::Remark, by_client, None, remark);
        }
        if tcp.fin && !self.fin[me] {
            self.fin[me] = true;
            self.drain(by_client, keys, out);
            out.wire(moment, WireEvent::Fin, by_client, None, "");
            if self.fin == [true; 2] {
                connection.end = ConnectionEnd::Closed;
            }
        }
        if tcp.rst && !self.reset {
            self.reset = true;
            connection.end = ConnectionEnd::Reset;
            let refused = !by_client && self.syn.is_some() && !self.answered;
            if refused {
                let result = ConnectResult::Refused;
                out.event(moment, Event::Connect { result });
            }
            out.wire(moment, WireEvent::Rst, by_client, None, "");
        }
        self.last = moment;
    }

    fn syn(
        &mut self,
        by_client: bool,
        tcp: &Tcp,
        moment: Moment,
        out: &mut Out<'_>,
        connection: &mut Connection,
    ) {
        if !by_client {
            connection.server_mss = tcp.mss.or(connection.server_mss);
            // A server answers with the options that it was offered.
            let bare = self.offers_options && !tcp.options && tcp.ack;
            connection.server_signs.bare_syn_window = bare.then_some(tcp.window);
            if tcp.ack && !self.answered {
                self.answered = true;
                self.streams[1].begin(tcp.seq);
                self.connected(moment, out, connection);
            }
            return;
        }
        connection.client_mss = tcp.mss.or(connection.client_mss);
        self.offers_options |= tcp.options;
        connection.client_signs.bare_syn_window =
            (!self.offers_options && tcp.mss.is_some()).then_some(tcp.window);
        match self.syn {
            None => {
                self.syn = Some((tcp.seq, moment));
                connection.from_start = true;
                self.streams[0].begin(tcp.seq);
                out.event(moment, Event::SessionStart);
            }
            Some((_, first)) if !self.answered => {
                let waited = span_ms(first, moment);
                let remark = format!("no answer to the SYN for {waited} ms, sent again");
                connection.retransmissions += 1;
                out.wire(moment, WireEvent::TimedOut, by_client, None, remark);
            }
            Some(_) => connection.retransmissions += 1,
        }
    }

    fn connected(&mut self, moment: Moment, out: &mut Out<'_>, connection: &Connection) {
        if self.connected {
            return;
        }
        self.connected = true;
        let result = ConnectResult::Connected;
        out.event(moment, Event::Connect { result });
        let mss = |mss: Option<u16>| mss.map_or("not told".to_owned(), |m| format!("{m} bytes"));
        if connection.client_mss.or(connection.server_mss).is_some() {
            let remark = format!(
                "largest segments: client {}, server {}",
                mss(connection.client_mss),
                mss(connection.server_mss)
            );
            out.wire(moment, WireEvent::Remark, true, None, remark);
        }
    }

    fn window(
        &mut self,
        by_client: bool,
        tcp: &Tcp,
        moment: Moment,
        out: &mut Out<'_>,
        connection: &mut Connection,
    ) {
        let me = usize::from(!by_client);
        let shut = tcp.window == 0 && tcp.ack && !tcp.rst && !tcp.syn;
        if shut && !self.shut[me] {
            connection.zero_windows += 1;
            let device = by_client == out.device_is_client;
            let (who, name) = if device {
                ("device", "tcp_zero_window_device")
            } else {
                ("peer", "tcp_zero_window_peer")
            };
            let value = None;
            out.event(moment, Event::Condition { name, value });
            let remark = format!(
                "the {who} takes no more bytes (window 0, frame {})",
                moment.frame
            );
            out.wire(moment, WireEvent::Remark, by_client, None, remark);
        }
        self.shut[me] = shut;
    }

    /// No more will come in this direction.
    fn drain(&mut self, by_client: bool, keys: &KeyLog, out: &mut Out<'_>) {
        let Self { streams, talk, .. } = self;
        streams[usize::from(!by_client)].finish(&mut |piece, when| {
            talk.piece(by_client, &piece, when, keys, out);
        });
    }

    /// The connection is over, or the capture is; `now` is the time that it has reached.
    pub(super) fn finish(
        &mut self,
        now: Option<Micros>,
        keys: &KeyLog,
        out: &mut Out<'_>,
        connection: &mut Connection,
    ) {
        self.drain(true, keys, out);
        self.drain(false, keys, out);
        self.talk.finish(self.last, out);
        if let (Some((_, first)), false, false) = (self.syn, self.answered, self.reset) {
            let end = Moment {
                at: now.or(self.last.at),
                ..self.last
            };
            let again = connection.packets > 1;
            let waited = span_ms(first, end);
            if again || waited * 1000 >= NO_ANSWER {
                let remark = format!("no answer to the SYN for {waited} ms");
                out.wire(end, WireEvent::TimedOut, true, None, remark);
                let result = ConnectResult::TimedOut;
                out.event(self.last, Event::Connect { result });
            }
        }
        self.sum_up(connection);
    }

    /// Writes what is known into the list's entry.
    pub(super) fn sum_up(&self, connection: &mut Connection) {
        connection.protocol = self.talk.protocol();
        connection.sealed = self.talk.sealed;
        self.talk.agreed.sum_up(connection);
        connection.missing_bytes = self.streams.iter().map(|s| s.missing).sum();
        connection.retransmissions += self.streams.iter().map(|s| s.repeated).sum::<u32>();
    }
}

fn span_ms(from: Moment, to: Moment) -> Micros {
    from.at
        .zip(to.at)
        .map_or(0, |(a, b)| b.saturating_sub(a) / 1000)
        .max(0)
}
