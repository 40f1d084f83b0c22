//! A TLS conversation: the record layers of both directions → observations.
//!
//! In: pieces of both streams in order of capture. Out: messages, alerts, changes of cipher, and
//! encrypted records as what they are; opened where a key log has the secrets.

use super::keylog::{KeyLog, Label};
use super::messages::{Agreed, Joiner};
use super::opener::{Closed, Opener};
use super::output::{Out, Protocol, Sealed};
use super::records::{Record, Records, Speaks, bytes_of};
use super::stream::{Moment, Piece};
use crate::evidence::{Event, WireEvent};
use crate::tls::CipherSuite;

/// Records of application data shown in each direction while the handshake may still go on.
const SHOWN_RECORDS: u32 = 24;
/// Length of an alert in a record of TLS 1.3: two bytes, the content type, the cipher's tag of 16
/// bytes (RFC 8446 sections 5.2 and 6). No handshake message is as short.
const SEALED_ALERT: u32 = 2 + 1 + 16;

#[derive(Debug)]
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
        }
    }

    pub(super) fn protocol(&self) -> Protocol {
        if self.started {
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
                self.gap(by_client, missing, moment, out);
                return;
            }
        };
        let was_plain = self.sides[me].records.plain.is_empty();
        if self.sides[me].records.may_start(input) {
            // STARTTLS: what both said before was meant to be plain.
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

    fn gap(&mut self, by_client: bool, missing: u32, moment: Moment, out: &mut Out<'_>) {
        let side = &mut self.sides[usize::from(!by_client)];
        let speaks = side.records.speaks;
        let lost = side.records.gap(missing);
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
            match opener.open(record.content_type, record.version, &body) {
                Some((kind, plain)) => {
                    self.sealed = Sealed::Opened;
                    let len = record.len;
                    self.open_record(by_client, kind, &plain, len, moment, keys, out);
                    return;
                }
                None => {
                    side.opener = None;
                    if self.sealed != Sealed::Opened {
                        self.sealed = Sealed::Failed;
                    }
                }
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
        let me = usize::from(!by_client);
        match content_type {
            21 => {
                for alert in body.chunks_exact(2) {
                    let event = Event::Alert {
                        level: Some(alert[0]),
                        number: alert[1],
                        direction: out.direction(by_client),
                    };
                    out.event(moment, event);
                }
            }
            22 => {
                self.sides[me].joiner.push(body);
                while let Some(message) = self.sides[me].joiner.next() {
                    if self.established && !self.agreed.tls13() && message.first() == Some(&1) {
                        self.renegotiation(moment, out);
                    }
                    let decides = self.agreed.message(by_client, &message, moment, out);
                    self.after_message(by_client, decides, &message, keys);
                }
            }
            23 => self.data(by_client, len, true, "", moment, out),
            _ => {}
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

    fn secret13(&mut self, me: usize, label: Label, suite: CipherSuite, keys: &KeyLog) {
        let secret = self
            .agreed
            .client_random
            .and_then(|random| keys.secret(&random, label));
        let made = secret.map(|secret| Opener::tls13(suite, secret));
        self.sides[me].opener = self.made(made, suite);
    }

    /// `ChangeCipherSpec` of TLS 1.2 or below: what follows in this direction is sealed.
    fn change_cipher(&mut self, me: usize, keys: &KeyLog) {
        if self.sides[me].sealed {
            return; // renegotiation: its keys are not derived
        }
        self.sides[me].sealed = true;
        let (Some(client), Some(server), Some(suite)) = (
            self.agreed.client_random,
            self.agreed.server_random,
            self.agreed.suite,
        ) else {
            return;
        };
        let both = keys
            .secret(&client, Label::ClientRandom)
            .map(|master| Opener::tls12(suite, master, &client, &server));
        let one = both.map(|both| {
            both.map(
                |[of_client, of_server]| {
                    if me == 0 { of_client } else { of_server }
                },
            )
        });
        self.sides[me].opener = self.made(one, suite);
    }

    fn made(&mut self, made: Option<Result<Opener, Closed>>, suite: CipherSuite) -> Option<Opener> {
        match made? {
            Ok(opener) => Some(opener),
            Err(Closed::Suite) => {
                self.sealed = Sealed::Suite(suite.0);
                None
            }
            Err(Closed::Secret) => {
                self.sealed = Sealed::Failed;
                None
            }
        }
    }

    /// A record that stays closed: what its place and its size say.
    fn sealed_record(
        &mut self,
        by_client: bool,
        record: Record,
        moment: Moment,
        out: &mut Out<'_>,
    ) {
        let me = usize::from(!by_client);
        let size = Some(record.len + 5);
        if self.agreed.tls13() {
            self.sealed_record13(by_client, record.len, moment, out);
            return;
        }
        match record.content_type {
            21 => out.wire(
                moment,
                WireEvent::HiddenAlert,
                by_client,
                size,
                "encrypted: level and number are hidden",
            ),
            // The first handshake message under new keys is the Finished (RFC 5246 section 7.4.9).
            22 if !self.sides[me].finished => {
                self.sides[me].finished = true;
                let event = Event::Message {
                    msg_type: 20,
                    direction: out.direction(by_client),
                    size: Some(record.len),
                    bytes: None,
                };
                out.event(moment, event);
                out.wire(moment, WireEvent::Remark, by_client, None, "encrypted");
                self.established |= self.sides.iter().all(|s| s.finished);
            }
            22 => {
                self.renegotiation(moment, out);
                let remark = "an encrypted handshake message follows: a renegotiation";
                out.wire(moment, WireEvent::Remark, by_client, None, remark);
            }
            _ => self.data(by_client, record.len, true, "encrypted", moment, out),
        }
    }

    fn renegotiation(&mut self, moment: Moment, out: &mut Out<'_>) {
        if !self.renegotiated {
            self.renegotiated = true;
            let (name, value) = ("renegotiation", None);
            out.event(moment, Event::Condition { name, value });
        }
    }

    fn sealed_record13(&mut self, by_client: bool, len: u32, moment: Moment, out: &mut Out<'_>) {
        let me = usize::from(!by_client);
        let like_alert = len == SEALED_ALERT && !self.established;
        if like_alert {
            let remark = "encrypted: a record of an alert's size, its number is hidden";
            let size = Some(len + 5);
            out.wire(moment, WireEvent::HiddenAlert, by_client, size, remark);
            return;
        }
        // The server goes on after the client's Finished only where it accepts it (RFC 8446 section
        // 4.4.4); what it sends then is a ticket or data.
        if !by_client && self.sides[0].flight > 0 && !self.established {
            self.established = true;
            out.event(moment, Event::Established);
        }
        self.sides[me].flight += 1;
        let remark = "encrypted: a handshake message or data";
        self.data(
            by_client,
            len,
            self.established && by_client,
            remark,
            moment,
            out,
        );
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

/// What protocol begins with these bytes.
fn spoken(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'H', b'T', b'T', b'P', ..] | [b'<', b'h' | b'H' | b'!', ..] => "http",
        [b'2', b'2', b'0', b' ' | b'-', ..]
        | [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..] => "smtp",
        [b'S', b'S', b'H', b'-', ..] => "ssh",
        [b'G', b'E', b'T', b' ', ..]
        | [b'P', b'O', b'S', b'T', ..]
        | [b'H', b'E', b'A', b'D', ..] => "http",
        [b'E' | b'H', b'H' | b'E', b'L', b'O', ..] => "smtp",
        // CONNECT, CONNACK and DISCONNECT of MQTT 3.1.1 and 5.
        [0x10, _, 0, 4 | 6, b'M', b'Q', ..] | [0x20, 2..=3, ..] | [0xE0, 0..=2, ..] => "mqtt",
        _ => "other",
    }
}
