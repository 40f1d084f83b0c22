//! What crossed the wire on the device's side of the relay, read from the records alone.

/// Which way a message went, as the device sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the device to its peer.
    Sent,
    /// From the peer to the device.
    Received,
}

impl Direction {
    /// The word used in `truth.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// One handshake message, change of cipher or alert.
pub struct Step {
    /// Which way it went.
    pub direction: Direction,
    /// The name of the RFC in snake_case.
    pub name: &'static str,
}

/// One alert that was not encrypted.
pub struct Alert {
    /// Which way it went.
    pub direction: Direction,
    /// 1 is a warning, 2 is fatal.
    pub level: u8,
    /// The number of the alert.
    pub number: u8,
}

/// Follows both directions of one connection as far as it is not encrypted; of TLS 1.2 that is all.
#[derive(Default)]
pub struct Tap {
    /// Messages in the order in which the device had them complete.
    pub steps: Vec<Step>,
    /// Alerts in the same order.
    pub alerts: Vec<Alert>,
    /// Alerts of the peer that the relay kept from the device.
    pub lost: Vec<Alert>,
    sent: Side,
    received: Side,
}

#[derive(Default)]
struct Side {
    records: Vec<u8>,
    messages: Vec<u8>,
    encrypted: bool,
    not_tls: bool,
}

impl Tap {
    /// Takes the next bytes of one direction.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8]) {
        let side = match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        };
        side.records.extend_from_slice(bytes);
        while let Some((kind, body)) = side.next_record() {
            match kind {
                20 => {
                    side.encrypted = true;
                    self.steps.push(Step {
                        direction,
                        name: "change_cipher_spec",
                    });
                }
                21 if !side.encrypted && body.len() == 2 => {
                    self.steps.push(Step {
                        direction,
                        name: "alert",
                    });
                    self.alerts.push(Alert {
                        direction,
                        level: body[0],
                        number: body[1],
                    });
                }
                // The only handshake message that TLS 1.2 encrypts on a first handshake.
                22 if side.encrypted => self.steps.push(Step {
                    direction,
                    name: "finished",
                }),
                22 => {
                    side.messages.extend_from_slice(&body);
                    while let Some(name) = side.next_message() {
                        self.steps.push(Step { direction, name });
                    }
                }
                // What it holds only the two ends know.
                23 => self.steps.push(Step {
                    direction,
                    name: "application_data",
                }),
                _ => {}
            }
        }
    }
}

impl Tap {
    /// Takes bytes of the peer that never reach the device.
    pub fn lose(&mut self, bytes: &[u8]) {
        if let [21, 3, _, 0, 2, level, number, ..] = *bytes {
            self.lost.push(Alert {
                direction: Direction::Received,
                level,
                number,
            });
        }
    }
}

impl Side {
    /// Takes a complete record off the front, unless the stream turned out not to be TLS.
    fn next_record(&mut self) -> Option<(u8, Vec<u8>)> {
        let [kind, major, _, high, low] = *self.records.first_chunk()?;
        self.not_tls |= !(20..=23).contains(&kind) || major != 3;
        let end = 5 + usize::from(u16::from_be_bytes([high, low]));
        if self.not_tls || self.records.len() < end {
            return None;
        }
        let body = self.records[5..end].to_vec();
        self.records.drain(..end);
        Some((kind, body))
    }

    /// Takes a complete handshake message off the front.
    fn next_message(&mut self) -> Option<&'static str> {
        let [kind, length @ ..] = *self.messages.first_chunk::<4>()?;
        let end = 4 + length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if self.messages.len() < end {
            return None;
        }
        self.messages.drain(..end);
        Some(message_name(kind))
    }
}

/// The name of a handshake message of TLS 1.2.
fn message_name(kind: u8) -> &'static str {
    match kind {
        0 => "hello_request",
        1 => "client_hello",
        2 => "server_hello",
        4 => "new_session_ticket",
        11 => "certificate",
        12 => "server_key_exchange",
        13 => "certificate_request",
        14 => "server_hello_done",
        15 => "certificate_verify",
        16 => "client_key_exchange",
        20 => "finished",
        22 => "certificate_status",
        _ => "unknown",
    }
}

/// The number of an alert by its name; none if it does not occur in the lab.
pub fn alert_number(name: &str) -> Option<u8> {
    (0..=u8::MAX).find(|number| alert_name(*number) == name)
}

/// The name of an alert that can occur in the lab.
pub fn alert_name(number: u8) -> &'static str {
    match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        80 => "internal_error",
        116 => "certificate_required",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Tap};

    #[test]
    fn a_message_split_over_reads_is_one_step() {
        let mut tap = Tap::default();
        for piece in [&[22, 3, 3, 0, 4][..], &[14, 0], &[0, 0]] {
            tap.feed(Direction::Received, piece);
        }
        assert_eq!(tap.steps.len(), 1);
        assert_eq!(tap.steps[0].name, "server_hello_done");
    }

    #[test]
    fn text_is_not_tls() {
        let mut tap = Tap::default();
        tap.feed(Direction::Received, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        assert!(tap.steps.is_empty() && tap.alerts.is_empty());
    }
}
