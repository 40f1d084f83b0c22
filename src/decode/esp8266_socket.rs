//! Records of BearSSL as the socket of the ESP8266 Arduino core sees them: with its debug output on,
//! the core prints the size of every write and read, and BearSSL writes each record at once.
//!
//! In: one line without its time. Out: the messages whose sizes tell what they are, and an alert
//! whose number is not printed. Must not know who fails nor why.
//!
//! Source of the lines: esp8266/Arduino `ClientContext.h` (`:wr REMAINING WRITTEN`,
//! `:rd SIZE, TOTAL, OFFSET`). Sizes: RFC 5246 sections 6.2.1, 7.1, 7.2, 7.4.6 and 7.4.7, RFC 8422
//! section 5.7. BearSSL puts Certificate and ClientKeyExchange into one record.

use super::dialect::Dialect;
use super::prefilter::Anchors;
use crate::evidence::{Direction, Event};

/// Bytes of a record's header.
const HEADER: u32 = 5;
/// A Certificate message without a certificate.
const NO_CERTIFICATE: u32 = 7;
/// ClientKeyExchange with a point on P-256, P-384, P-521 or X25519, or with a secret under RSA of
/// 2048, 3072 or 4096 bits.
const KEY_EXCHANGES: [u32; 7] = [70, 102, 138, 37, 262, 390, 518];

/// What was written last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Written {
    /// No handshake was begun.
    #[default]
    Nothing,
    Begun,
    Hello,
    Flight,
    ChangeCipherSpec,
    Finished,
}

/// Decoder of one input.
#[derive(Debug, Default)]
pub(super) struct Esp8266Socket {
    written: Written,
    /// Something came since the ClientHello.
    answered: bool,
    /// The last read took the header of a record.
    header_read: bool,
}

impl Dialect for Esp8266Socket {
    fn name(&self) -> &'static str {
        "bearssl"
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact([
            ":wr ",
            ":rd ",
            "_connectSSL: start connection",
        ])]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        if text.ends_with("_connectSSL: start connection") {
            *self = Self {
                written: Written::Begun,
                ..Self::default()
            };
            return false; // others read it too
        }
        if self.written == Written::Nothing {
            return false;
        }
        if let Some(numbers) = text.strip_prefix(":wr ") {
            if let Some([size, 0]) = whole(numbers, ' ') {
                self.wrote(size, emit);
            }
            return true;
        }
        if let Some(numbers) = text.strip_prefix(":rd ") {
            if let Some([size, _, _]) = whole(numbers, ',') {
                self.read(size, emit);
            }
            return true;
        }
        false
    }
}

/// Exactly so many whole numbers.
fn whole<const N: usize>(text: &str, between: char) -> Option<[u32; N]> {
    let numbers: Option<Vec<u32>> = text
        .split(between)
        .map(|part| part.trim().parse().ok())
        .collect();
    numbers?.try_into().ok()
}

fn sent(msg_type: u8, size: Option<u32>) -> Event {
    Event::Message {
        msg_type,
        direction: Direction::Sent,
        size,
        bytes: None,
    }
}

impl Esp8266Socket {
    fn wrote(&mut self, size: u32, emit: &mut dyn FnMut(Event)) {
        let content = size.saturating_sub(HEADER);
        self.written = match self.written {
            Written::Begun => {
                emit(sent(1, Some(content)));
                Written::Hello
            }
            Written::Hello if self.answered => {
                if content
                    .checked_sub(NO_CERTIFICATE)
                    .is_some_and(|rest| KEY_EXCHANGES.contains(&rest))
                {
                    emit(sent(11, Some(NO_CERTIFICATE)));
                    emit(sent(16, Some(content - NO_CERTIFICATE)));
                } else if KEY_EXCHANGES.contains(&content) {
                    emit(sent(16, Some(content)));
                }
                Written::Flight
            }
            Written::Flight if content == 1 => {
                emit(Event::Record {
                    direction: Direction::Sent,
                    content_type: 20,
                    version: 0x0303,
                    len: 1,
                });
                Written::ChangeCipherSpec
            }
            Written::ChangeCipherSpec => {
                emit(sent(20, None));
                Written::Finished
            }
            other => other,
        };
    }

    fn read(&mut self, size: u32, emit: &mut dyn FnMut(Event)) {
        self.answered |= self.written == Written::Hello;
        // Only an alert has a body of two bytes.
        if self.header_read && size == 2 {
            emit(Event::Condition {
                name: "alert_received_number_not_printed",
                value: None,
            });
        }
        self.header_read = size == HEADER;
    }
}
