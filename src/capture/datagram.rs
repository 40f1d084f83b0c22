//! A DTLS 1.2 association: datagrams → observations (RFC 6347).
//!
//! In: payloads of UDP in order of capture. Out: messages (fragments joined), alerts, and what was
//! sent again because a timer ran out. Encrypted records are named, never opened.

use std::collections::BTreeMap;

use super::messages::Agreed;
use super::output::{Out, Sealed};
use super::stream::Moment;
use crate::evidence::{Event, Micros, WireEvent};
use crate::tls::HandshakeType;

/// Longest message that is put together.
const LONGEST: usize = 1 << 18;
/// Messages under way at once in one direction; a flight has less than ten.
const MOST_PARTIAL: usize = 16;

#[derive(Debug, Default)]
struct Partial {
    msg_type: u8,
    /// Frame of the first fragment, and how many came.
    first: u32,
    parts: u32,
    bytes: Vec<u8>,
    /// Which bytes are there, as ranges that do not touch.
    have: Vec<(usize, usize)>,
}

#[derive(Debug, Default)]
struct Side {
    partial: BTreeMap<u16, Partial>,
    /// When each message was first whole: for what is sent again.
    sent: BTreeMap<u16, (u8, Moment, u32)>,
    changed: bool,
    finished: bool,
    data_shown: bool,
    /// When this side last sent a flight again.
    again: Option<Moment>,
    /// Sealed records of DTLS 1.3.
    flight: u32,
}

/// What is sent again within this time is one flight (RFC 6347 section 4.2.4).
const ONE_FLIGHT: Micros = 200_000;

/// One association.
#[derive(Debug)]
pub(super) struct Association {
    pub(super) agreed: Agreed,
    pub(super) sealed: Sealed,
    pub(super) retransmissions: u32,
    established: bool,
    sides: [Side; 2],
}

struct Record<'a> {
    content_type: u8,
    version: u16,
    epoch: u16,
    fragment: &'a [u8],
}

/// Content type of records with a connection id (RFC 9146 section 4).
const TLS12_CID: u8 = 25;

/// Does this datagram begin a connection of QUIC: a long header of version 1 or 2 with an Initial
/// packet (RFC 9000 section 17.2.2, RFC 9369 section 3)?
pub(super) fn is_quic(payload: &[u8]) -> bool {
    match payload {
        [first, 0, 0, 0, 1, ..] => first & 0xF0 == 0xC0,
        [first, 0x6B, 0x33, 0x43, 0xCF, ..] => first & 0xF0 == 0xD0,
        _ => false,
    }
}

/// Whose datagram a first one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Client,
    Server,
    /// The message in it does not tell.
    NotTold,
}

/// Does this datagram begin with a handshake record of DTLS, and whose is it?
pub(super) fn begins(payload: &[u8]) -> Option<Speaker> {
    let (record, _) = record(payload)?;
    if record.content_type != 22 || record.epoch != 0 || record.fragment.len() < 12 {
        return None;
    }
    Some(match record.fragment.first() {
        Some(1) => Speaker::Client,
        Some(2 | 3) => Speaker::Server,
        _ => Speaker::NotTold,
    })
}

fn record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (head, rest) = bytes.split_at_checked(13)?;
    let two = |at: usize| -> Option<u16> {
        Some(u16::from_be_bytes([*head.get(at)?, *head.get(at + 1)?]))
    };
    let version = two(1)?;
    let content_type = *head.first()?;
    // With a connection id the length stands elsewhere.
    if !(20..=26).contains(&content_type)
        || content_type == TLS12_CID
        || !matches!(version, 0xFEFF | 0xFEFD | 0x0100)
    {
        return None;
    }
    let (fragment, rest) = rest.split_at_checked(usize::from(two(11)?))?;
    let epoch = two(3)?;
    Some((
        Record {
            content_type,
            version,
            epoch,
            fragment,
        },
        rest,
    ))
}

impl Association {
    pub(super) fn new() -> Self {
        Self {
            agreed: Agreed::of_datagrams(),
            sealed: Sealed::None,
            retransmissions: 0,
            established: false,
            sides: [Side::default(), Side::default()],
        }
    }

    /// Takes one datagram.
    pub(super) fn datagram(
        &mut self,
        by_client: bool,
        payload: &[u8],
        moment: Moment,
        out: &mut Out<'_>,
    ) {
        let mut rest = payload;
        while let Some((record, after)) = record(rest) {
            rest = after;
            self.record(by_client, &record, moment, out);
        }
        // Headers whose length only both ends know: of DTLS 1.3 (RFC 9147 section 4) and with a
        // connection id (RFC 9146 section 4).
        match rest {
            [0x20..=0x3F, ..] if self.agreed.tls13() => {
                self.sealed13(by_client, rest.len(), moment, out);
            }
            [TLS12_CID, 0xFE, 0xFD, ..] if rest.len() > 13 => {
                self.sealed = Sealed::Datagrams;
                let side = &mut self.sides[usize::from(!by_client)];
                if !std::mem::replace(&mut side.data_shown, true) {
                    let what = WireEvent::ApplicationData { sure: false };
                    let remark = "encrypted, with a connection id (RFC 9146): its kind is hidden";
                    let size = u32::try_from(rest.len()).ok();
                    out.wire(moment, what, by_client, size, remark);
                }
            }
            _ => {}
        }
    }

    /// The rest of a datagram of DTLS 1.3 from its first encrypted record on.
    fn sealed13(&mut self, by_client: bool, len: usize, moment: Moment, out: &mut Out<'_>) {
        /// Encrypted datagrams of one side that are shown.
        const SHOWN: u32 = 12;
        self.sealed = Sealed::Datagrams;
        let of_client = self.sides[0].flight;
        let side = &mut self.sides[usize::from(!by_client)];
        side.flight = side.flight.saturating_add(1);
        // What the server sends behind the client's flight acknowledges its Finished (RFC 9147
        // section 5.8.1) or is data.
        if !by_client && of_client > 0 && !self.established {
            self.established = true;
            out.event(moment, Event::Established);
        }
        if side.flight <= SHOWN {
            let sure = self.established && by_client;
            let what = WireEvent::ApplicationData { sure };
            let remark =
                "encrypted (DTLS 1.3): handshake messages, an acknowledgement, an alert or data";
            out.wire(moment, what, by_client, u32::try_from(len).ok(), remark);
        }
    }

    /// A side sends something again: told once for each flight.
    fn sent_again(&mut self, by_client: bool, moment: Moment, words: String, out: &mut Out<'_>) {
        self.retransmissions += 1;
        let side = &mut self.sides[usize::from(!by_client)];
        let told = side.again.replace(moment);
        let near = told
            .and_then(|t| t.at)
            .zip(moment.at)
            .is_some_and(|(a, b)| b - a < ONE_FLIGHT);
        if near {
            out.wire(moment, WireEvent::Remark, by_client, None, words);
        } else {
            out.wire(moment, WireEvent::TimedOut, by_client, None, words);
        }
    }

    fn record(&mut self, by_client: bool, record: &Record<'_>, moment: Moment, out: &mut Out<'_>) {
        let side = &mut self.sides[usize::from(!by_client)];
        let size = u32::try_from(record.fragment.len() + 13).ok();
        let len = u32::try_from(record.fragment.len()).unwrap_or(0);
        if record.epoch > 0 {
            self.sealed = Sealed::Datagrams;
        }
        if record.content_type != 20 && !(side.data_shown && record.content_type == 23) {
            let event = Event::Record {
                direction: out.direction(by_client),
                content_type: record.content_type,
                version: record.version,
                len,
            };
            out.event(moment, event);
        }
        match (record.content_type, record.epoch) {
            (20, _) if !side.changed => {
                side.changed = true;
                out.wire(moment, WireEvent::ChangeCipherSpec, by_client, size, "");
                if !by_client {
                    self.agreed.server_changes_cipher(moment, out);
                }
            }
            (21, 0) => {
                if let [level, number] = record.fragment {
                    out.alert(moment, by_client, *level, *number);
                }
            }
            (21, _) => {
                let remark = "encrypted: level and number are hidden";
                out.wire(moment, WireEvent::HiddenAlert, by_client, size, remark);
            }
            (22, 0) => self.handshake(by_client, record.fragment, moment, out),
            (22, _) if !side.finished => {
                side.finished = true;
                let event = Event::Message {
                    msg_type: 20,
                    direction: out.direction(by_client),
                    size: Some(len),
                    bytes: None,
                };
                out.event(moment, event);
                out.wire(moment, WireEvent::Remark, by_client, None, "encrypted");
            }
            (22, _) => {
                let words = "the encrypted Finished was sent again".to_owned();
                self.sent_again(by_client, moment, words, out);
            }
            (23, _) if !side.data_shown => {
                side.data_shown = true;
                let what = WireEvent::ApplicationData { sure: true };
                out.wire(moment, what, by_client, size, "encrypted");
            }
            _ => {}
        }
    }

    /// Handshake fragments (RFC 6347 section 4.2.2); a record may hold several.
    fn handshake(&mut self, by_client: bool, mut rest: &[u8], moment: Moment, out: &mut Out<'_>) {
        while let Some((head, after)) = rest.split_at_checked(12) {
            let three = |at: usize| {
                head.get(at..at + 3).map_or(0, |b| {
                    usize::from(b[0]) << 16 | usize::from(b[1]) << 8 | usize::from(b[2])
                })
            };
            let (len, from, part) = (three(1), three(6), three(9));
            let number = u16::from_be_bytes([head[4], head[5]]);
            let Some((fragment, after)) = after.split_at_checked(part) else {
                return;
            };
            rest = after;
            if from + part > len || len > LONGEST {
                return;
            }
            self.fragment(
                by_client,
                head[0],
                number,
                (len, from),
                fragment,
                moment,
                out,
            );
        }
    }

    #[allow(clippy::too_many_arguments)] // the fields of a fragment and where it was
    fn fragment(
        &mut self,
        by_client: bool,
        msg_type: u8,
        number: u16,
        (len, from): (usize, usize),
        fragment: &[u8],
        moment: Moment,
        out: &mut Out<'_>,
    ) {
        let side = &mut self.sides[usize::from(!by_client)];
        if let Some((known, first, again)) = side.sent.get_mut(&number) {
            // Only the first fragment of a message that comes again is told.
            if *known == msg_type && from == 0 && first.frame != moment.frame {
                *again += 1;
                let waited = first.at.zip(moment.at).map_or(0, |(a, b)| (b - a) / 1000);
                let name = HandshakeType(msg_type)
                    .step()
                    .map_or("message", |s| s.title());
                let words = format!("{name} was sent again, {waited} ms after the first time");
                self.sent_again(by_client, moment, words, out);
            }
            return;
        }
        if !side.partial.contains_key(&number) && side.partial.len() >= MOST_PARTIAL {
            side.partial.pop_first();
        }
        let partial = side.partial.entry(number).or_default();
        if partial.bytes.len() != len || partial.msg_type != msg_type {
            *partial = Partial {
                msg_type,
                first: moment.frame,
                parts: 0,
                bytes: vec![0; len],
                have: Vec::new(),
            };
        }
        if let Some(place) = partial.bytes.get_mut(from..from + fragment.len()) {
            place.copy_from_slice(fragment);
        }
        partial.parts += 1;
        partial.note(from, from + fragment.len());
        if !partial.whole() {
            return;
        }
        // Out of order is given out as it comes whole: the order of the wire.
        let Some(partial) = side.partial.remove(&number) else {
            return;
        };
        side.sent.insert(number, (msg_type, moment, 0));
        if side.sent.len() > 4 * MOST_PARTIAL {
            side.sent.pop_first();
        }
        let declared = u32::try_from(len).unwrap_or(0).to_be_bytes();
        let mut message = vec![msg_type, declared[1], declared[2], declared[3]];
        message.extend_from_slice(&partial.bytes);
        self.agreed.message(by_client, &message, moment, out);
        if partial.parts > 1 {
            let remark = format!(
                "in {} fragments from frame {}",
                partial.parts, partial.first
            );
            out.wire(moment, WireEvent::Remark, by_client, None, remark);
        }
    }
}

impl Partial {
    fn note(&mut self, from: usize, to: usize) {
        self.have.push((from, to));
        self.have.sort_unstable();
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for (from, to) in self.have.drain(..) {
            match joined.last_mut() {
                Some(last) if last.1 >= from => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        self.have = joined;
    }

    fn whole(&self) -> bool {
        self.bytes.is_empty()
            || matches!(self.have.as_slice(), [(0, to)] if *to >= self.bytes.len())
    }
}
