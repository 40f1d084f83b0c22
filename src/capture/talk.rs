//! A TLS conversation: the record layers of both directions → observations.
//!
//! In: pieces of both streams in order of capture. Out: messages, alerts, changes of cipher, and
//! encrypted records as what they are; opened where a key log has the secrets.

mod keys;
mod sealed;

use super::keylog::{KeyLog, Label};
use super::messages::{Agreed, Joiner};
use super::opener::Opener;
use super::output::{Out, Protocol, Sealed};
use super::plain::{opening, refused, spoken};
use super::records::{Record, Records, Speaks, bytes_of};
use super::stream::{Moment, Piece};
use crate::evidence::{Event, WireEvent};
use crate::tls::CipherSuite;

/// Records of application data shown in each direction while the handshake may still go on.
const SHOWN_RECORDS: u32 = 24;

#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // marks of one direction, each on its own
struct Side {
    records: Records,
    joiner: Joiner,
    /// `ChangeCipherSpec` of TLS 1.2 or below went by.
    sealed: bool,
    finished: bool,
    opener: Option<Opener>,
    /// Sealed records of the handshake that cannot be an alert (TLS 1.3).
    flight: u32,
    data_records: u32,
    data_shown: bool,
    largest: u32,
    plain_told: bool,
    plain_since: Moment,
}

/// One conversation.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) agreed: Agreed,
    pub(super) sealed: Sealed,
    /// The client's side, then the server's.
    sides: [Side; 2],
    established: bool,
    renegotiated: bool,
    started: bool,
    /// TLS was asked for in the clear and refused.
    turned_away: bool,
}

impl Side {
    fn new() -> Self {
        Self {
            records: Records::new(),
            joiner: Joiner::default(),
            sealed: false,
            finished: false,
            opener: None,
            flight: 0,
            data_records: 0,
            data_shown: false,
            largest: 0,
            plain_told: false,
            plain_since: Moment::default(),
        }
    }
}

impl Talk {
    pub(super) fn new() -> Self {
        Self {
            agreed: Agreed::default(),
            sealed: Sealed::None,
            sides: [Side::new(), Side::new()],
            established: false,
            renegotiated: false,
            started: false,
            turned_away: false,
        }
    }

    pub(super) fn protocol(&self) -> Protocol {
        if self.started || self.turned_away {
            return Protocol::Tls;
        }
        let said: Vec<&[u8]> = self
            .sides
            .iter()
            .map(|s| s.records.plain.as_slice())
            .filter(|p| !p.is_empty())
            .collect();
        // The server's words tell more; a client's first line tells HTTP and MQTT.
        match (
            said.last().map(|p| spoken(p)),
            said.first().map(|p| spoken(p)),
        ) {
            (Some("other"), Some(name)) | (Some(name), _) => Protocol::Plain(name),
            (None, _) => Protocol::Unknown,
        }
    }

    /// Takes a piece of one direction.
    pub(super) fn piece(
        &mut self,
        by_client: bool,
        piece: &Piece<'_>,
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
    ) {
        let me = usize::from(!by_client);
        let mut input = match bytes_of(piece) {
            Ok(bytes) => bytes,
            Err(missing) => {
                self.gap(by_client, missing, moment, keys, out);
                return;
            }
        };
        let was_plain = self.sides[me].records.plain.is_empty();
        if self.sides[me].records.may_start(input) {
            // What both said before was meant to be plain.
            if let Some(words) = opening(&self.sides[0].records.plain) {
                out.wire(moment, WireEvent::Remark, true, None, words);
            }
            for side in &mut self.sides {
                side.records.plain.clear();
            }
        }
        loop {
            let side = &mut self.sides[me];
            let opens = side.opener.is_some();
            let Some(record) = side.records.next(&mut input, |kind| kind != 23 || opens) else {
                break;
            };
            self.started = true;
            self.tell_plain(!by_client, out);
            self.record(by_client, record, moment, keys, out);
        }
        let side = &mut self.sides[me];
        if was_plain && !side.records.plain.is_empty() {
            side.plain_since = moment;
        }
        if self.started && side.records.speaks == Speaks::Plain {
            self.tell_plain(by_client, out);
        }
    }

    /// One side speaks TLS and this one does not.
    fn tell_plain(&mut self, by_client: bool, out: &mut Out<'_>) {
        let side = &mut self.sides[usize::from(!by_client)];
        if side.plain_told || side.records.plain.is_empty() {
            return;
        }
        side.plain_told = true;
        let moment = side.plain_since;
        let what = spoken(&side.records.plain);
        let bytes = out.bytes(&side.records.plain);
        if by_client == out.device_is_client {
            let remark = format!("the device speaks no TLS here ({what})");
            out.wire(moment, WireEvent::Remark, by_client, None, remark);
        } else {
            out.event(moment, Event::NotTls(bytes));
        }
    }

    fn gap(
        &mut self,
        by_client: bool,
        missing: u32,
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
    ) {
        let side = &mut self.sides[usize::from(!by_client)];
        let speaks = side.records.speaks;
        let lost = side.records.gap(missing);
        if lost.is_some_and(|r| r.content_type == 22) && !side.sealed {
            // Messages that were whole before the tear count.
            let body = std::mem::take(side.records.body());
            self.handshake(by_client, &body, moment, keys, out);
        }
        let side = &mut self.sides[usize::from(!by_client)];
        if lost.is_some_and(|r| r.content_type == 22) || side.records.speaks == Speaks::Lost {
            side.joiner.lost();
        }
        if speaks == Speaks::Tls && !(side.finished && self.established) {
            let from = if by_client { "client" } else { "server" };
            let remark = format!("{missing} bytes of the {from} are not in the capture");
            out.wire(moment, WireEvent::Remark, by_client, None, remark);
        }
    }

    fn record(
        &mut self,
        by_client: bool,
        record: Record,
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
    ) {
        let me = usize::from(!by_client);
        let side = &mut self.sides[me];
        let size = Some(record.len + 5);
        let data = record.content_type == 23;
        // A long transfer would otherwise be all records.
        if !data || record.len > side.largest {
            side.largest = side.largest.max(record.len);
            let event = Event::Record {
                direction: out.direction(by_client),
                content_type: record.content_type,
                version: record.version,
                len: record.len,
            };
            if record.content_type != 20 {
                out.event(moment, event);
            }
        }
        if record.content_type == 20 {
            out.wire(moment, WireEvent::ChangeCipherSpec, by_client, size, "");
            if !by_client {
                self.agreed.server_changes_cipher(moment, out);
            }
            if !self.agreed.tls13() {
                self.change_cipher(me, keys);
            }
            return;
        }
        let greeted = self.agreed.client_random.is_some() || self.agreed.version.is_some();
        if data && !greeted && !self.established {
            // The capture begins in the middle: data goes by, so the handshake was before it.
            self.established = true;
            out.event(moment, Event::Established);
        }
        let tls13 = self.agreed.tls13();
        if !(side.sealed || data && tls13) {
            let body = std::mem::take(side.records.body());
            self.open_record(
                by_client,
                record.content_type,
                &body,
                record.len,
                moment,
                keys,
                out,
            );
            return;
        }
        if let Some(opener) = &mut side.opener {
            let body = std::mem::take(side.records.body());
            if let Some((kind, plain)) = opener.open(record.content_type, record.version, &body) {
                self.sealed = Sealed::Opened;
                self.open_record(by_client, kind, &plain, record.len, moment, keys, out);
                return;
            }
            side.opener = None;
            if self.sealed != Sealed::Opened {
                self.sealed = Sealed::Failed;
            }
        } else if self.sealed == Sealed::None {
            self.sealed = Sealed::NoSecret;
        }
        self.sealed_record(by_client, record, moment, out);
    }

    /// A record whose content is known: never sealed, or opened.
    #[allow(clippy::too_many_arguments)] // the record and where it was
    fn open_record(
        &mut self,
        by_client: bool,
        content_type: u8,
        body: &[u8],
        len: u32,
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
    ) {
        match content_type {
            21 => {
                for alert in body.chunks_exact(2) {
                    out.alert(moment, by_client, alert[0], alert[1]);
                }
            }
            22 => self.handshake(by_client, body, moment, keys, out),
            23 => self.data(by_client, len, true, "", moment, out),
            _ => {}
        }
    }

    /// Handshake bytes in the clear, or opened.
    fn handshake(
        &mut self,
        by_client: bool,
        fragment: &[u8],
        moment: Moment,
        keys: &KeyLog,
        out: &mut Out<'_>,
    ) {
        let me = usize::from(!by_client);
        self.sides[me].joiner.push(fragment);
        while let Some(message) = self.sides[me].joiner.next() {
            if self.established && !self.agreed.tls13() && message.first() == Some(&1) {
                self.renegotiation(moment, out);
            }
            let decides = self.agreed.message(by_client, &message, moment, out);
            self.after_message(by_client, decides, &message, keys);
        }
    }

    fn after_message(&mut self, by_client: bool, decides: bool, message: &[u8], keys: &KeyLog) {
        let me = usize::from(!by_client);
        let suite = self.agreed.suite.unwrap_or(CipherSuite(0));
        if decides && self.agreed.tls13() {
            self.secret13(0, Label::ClientHandshake, suite, keys);
            self.secret13(1, Label::ServerHandshake, suite, keys);
        }
        match message.first() {
            Some(20) => {
                self.sides[me].finished = true;
                if self.agreed.tls13() && self.sides[me].opener.is_some() {
                    let label = if by_client {
                        Label::ClientTraffic
                    } else {
                        Label::ServerTraffic
                    };
                    self.secret13(me, label, suite, keys);
                }
                self.established |= self.sides.iter().all(|s| s.finished);
            }
            Some(24) if self.agreed.tls13() => {
                let side = &mut self.sides[me];
                side.opener = side.opener.take().and_then(|o| o.next_generation(suite));
            }
            _ => {}
        }
    }

    fn data(
        &mut self,
        by_client: bool,
        len: u32,
        sure: bool,
        remark: &str,
        moment: Moment,
        out: &mut Out<'_>,
    ) {
        let established = self.established;
        let side = &mut self.sides[usize::from(!by_client)];
        side.data_records = side.data_records.saturating_add(1);
        let show = if established {
            !side.data_shown
        } else {
            side.data_records <= SHOWN_RECORDS
        };
        if show {
            side.data_shown |= established;
            let what = WireEvent::ApplicationData { sure };
            out.wire(moment, what, by_client, Some(len + 5), remark);
        }
    }

    /// No more will come: tells what is begun and not whole.
    pub(super) fn finish(&mut self, moment: Moment, out: &mut Out<'_>) {
        if self.established {
            return;
        }
        // A proxy that opens no way, and a server that refuses STARTTLS, end what TLS would begin.
        let [client, server] = &self.sides;
        if !self.started && refused(&client.records.plain, &server.records.plain) {
            let bytes = out.bytes(&server.records.plain);
            if let Some(words) = opening(&client.records.plain) {
                out.wire(moment, WireEvent::Remark, true, None, words);
            }
            out.event(moment, Event::NotTls(bytes));
            self.turned_away = true;
        }
        for (me, side) in self.sides.iter().enumerate() {
            let remark = if let Some((msg_type, have, all)) = side.joiner.unfinished() {
                let name = msg_type.step().map_or("message", |s| s.title());
                format!("a {name} of {all} bytes began, {have} of them came")
            } else if let Some((have, all)) = side.records.unfinished() {
                format!("a record of {all} bytes began, {have} of them came")
            } else {
                continue;
            };
            out.wire(moment, WireEvent::Remark, me == 0, None, remark);
        }
    }
}
