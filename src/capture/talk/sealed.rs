//! Records that stay closed: what their place and their size say.

use super::super::output::Out;
use super::super::records::Record;
use super::super::stream::Moment;
use super::Talk;
use crate::evidence::{Event, WireEvent};

/// Length of an alert in a record of TLS 1.3: two bytes, the content type, the cipher's tag of 16
/// bytes (RFC 8446 sections 5.2 and 6). No handshake message is as short.
const SEALED_ALERT: u32 = 2 + 1 + 16;

impl Talk {
    /// A record that stays closed: what its place and its size say.
    pub(super) fn sealed_record(
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

    pub(super) fn renegotiation(&mut self, moment: Moment, out: &mut Out<'_>) {
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
}
