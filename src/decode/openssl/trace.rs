//! `-trace`: records and messages in words (`ssl/t1_trce.c`, `SSL_trace`).
//!
//! `Sent TLS Record` (1.x: `Sent Record`), then `Content Type = Handshake (22)`, then
//! `ClientHello, Length=196`, and its fields.

use super::dump::message_type;
use crate::evidence::{Direction, Event};

/// Reader of one input's `-trace` lines.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Direction of the record being shown, and the message in it.
    record: Option<Direction>,
    message: Option<u8>,
    list: List,
    /// Algorithm of the signature in a `ServerKeyExchange`.
    scheme: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    None,
    Groups,
    Signatures,
}

/// An alert: level, number, direction.
pub(super) type AlertFound = Option<(u8, u8, Direction)>;

/// Lines that begin a record, and whether it was sent.
pub(super) const BEGINS: [(&str, bool); 4] = [
    ("Sent TLS Record", true),
    ("Sent Record", true),
    ("Received TLS Record", false),
    ("Received Record", false),
];

impl Trace {
    /// A record is being shown.
    pub(super) fn open(&self) -> bool {
        self.record.is_some()
    }

    /// Takes a line; `true` when it is part of a trace.
    pub(super) fn take(
        &mut self,
        text: &str,
        server: bool,
        emit: &mut dyn FnMut(Event),
        alert: &mut AlertFound,
    ) -> bool {
        if let Some(sent) = begin(text) {
            self.record = Some(if sent == server {
                Direction::Received
            } else {
                Direction::Sent
            });
            self.message = None;
            self.list = List::None;
            return true;
        }
        let Some(direction) = self.record else {
            return false;
        };
        if text.is_empty() {
            return true;
        }
        if let Some((name, len)) = text.split_once(", Length=")
            && let Some(msg_type) = message_type(name)
        {
            let len: u32 = len.trim().parse().unwrap_or(0);
            self.message = Some(msg_type);
            emit(Event::Message {
                msg_type,
                direction,
                size: Some(len + 4),
                bytes: None,
            });
            return true;
        }
        if text.starts_with("change_cipher_spec") {
            emit(Event::Record {
                direction,
                content_type: 20,
                version: 0x0303,
                len: 1,
            });
            return true;
        }
        if let Some((level, number)) = alert_of(text) {
            *alert = Some((level, number, direction));
            return true;
        }
        self.field(text, emit)
    }

    fn field(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("extension_type=") {
            let kind = in_brackets(rest, '(', ')').and_then(|n| n.parse::<u16>().ok());
            self.list = match kind {
                Some(10) => List::Groups,
                Some(13) => List::Signatures,
                _ => List::None,
            };
            if let Some(kind) = kind
                && matches!(self.message, Some(1 | 2 | 8))
            {
                let name = crate::decode::handshake_bytes::extension_name(kind)
                    .map_or_else(|| kind.to_string(), str::to_owned);
                emit(Event::Extension {
                    name,
                    from_client: self.message == Some(1),
                });
            }
            return true;
        }
        // `{0xC0, 0x2F} TLS_ECDHE_…`, in ServerHello behind `cipher_suite `.
        let (chosen, rest) = text
            .strip_prefix("cipher_suite ")
            .map_or((false, text), |r| (true, r));
        if let Some(id) = rest.strip_prefix('{').and_then(|r| {
            let (a, b) = r.split_once('}')?.0.split_once(", ")?;
            let byte = |t: &str| u16::from_str_radix(t.trim().strip_prefix("0x")?, 16).ok();
            Some(byte(a)? << 8 | byte(b)?)
        }) {
            match self.message {
                Some(1) if !chosen => emit(Event::OfferedSuite(id)),
                Some(2) if chosen => emit(Event::ChosenSuite(id)),
                _ => {}
            }
            return true;
        }
        if let Some(rest) = text.strip_prefix("server_version=") {
            if let (Some(2), Some(v)) = (self.message, hex_value(rest)) {
                emit(Event::ChosenVersion(v));
            }
            return true;
        }
        if let Some(rest) = text.strip_prefix("client_version=") {
            if let (Some(1), Some(v)) = (self.message, hex_value(rest)) {
                emit(Event::OfferedVersion {
                    min: None,
                    max: Some(v),
                });
            }
            return true;
        }
        if self.message == Some(12) {
            if let Some(rest) = text.strip_prefix("Signature Algorithm: ") {
                self.scheme = in_brackets(rest, '(', ')')
                    .and_then(|n| u16::from_str_radix(n.strip_prefix("0x")?, 16).ok());
                return true;
            }
            if let Some(rest) = text.strip_prefix("Signature (len=") {
                let len = rest.split(')').next().and_then(|n| n.parse().ok());
                if let (Some(scheme), Some(len)) = (self.scheme.take(), len) {
                    emit(Event::KeyExchangeSignature { scheme, len });
                }
                return true;
            }
        }
        if self.message == Some(1)
            && self.list != List::None
            && let Some(id) = in_brackets(text, '(', ')').and_then(|n| match n.strip_prefix("0x") {
                Some(hex) => u16::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            })
        {
            emit(match self.list {
                List::Groups => Event::OfferedGroup(id),
                _ => Event::OfferedSignature(id),
            });
            return true;
        }
        is_field(text)
    }
}

fn begin(text: &str) -> Option<bool> {
    BEGINS
        .iter()
        .find(|(begin, _)| *begin == text)
        .map(|(_, sent)| *sent)
}

/// `Level=fatal(2), description=handshake failure(40)`.
fn alert_of(text: &str) -> Option<(u8, u8)> {
    let rest = text.strip_prefix("Level=")?;
    let (level, description) = rest.split_once(", description=")?;
    Some((
        in_brackets(level, '(', ')')?.parse().ok()?,
        in_brackets(description, '(', ')')?.parse().ok()?,
    ))
}

fn in_brackets(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.rsplit_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

fn hex_value(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0x")?;
    let end = digits
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(digits.len());
    u16::from_str_radix(digits.get(..end)?, 16).ok()
}

/// Lines that say nothing that is wanted here.
fn is_field(text: &str) -> bool {
    const STARTS: [&str; 14] = [
        "Header:",
        "Version = ",
        "Content Type = ",
        "Inner Content Type = ",
        "Length = ",
        "Random:",
        "gmt_unix_time=",
        "random_bytes ",
        "session_id ",
        "cipher_suites ",
        "compression_method",
        "No Compression",
        "extensions, length",
        "verify_data ",
    ];
    STARTS.iter().any(|s| text.starts_with(s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_a_message_and_an_alert() {
        let mut trace = Trace::default();
        let mut events = Vec::new();
        let mut alerts = Vec::new();
        for line in [
            "Sent TLS Record",
            "Header:",
            "Content Type = Handshake (22)",
            "ClientHello, Length=100",
            "client_version=0x303 (TLS 1.2)",
            "{0xC0, 0x2F} TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "extension_type=supported_groups(10), length=4",
            "secp256r1 (P-256) (23)",
            "Received TLS Record",
            "Content Type = Alert (21)",
            "Level=fatal(2), description=handshake failure(40)",
        ] {
            let mut alert = None;
            assert!(
                trace.take(line, false, &mut |e| events.push(e), &mut alert),
                "{line}"
            );
            alerts.extend(alert);
        }
        assert!(events.contains(&Event::OfferedSuite(0xC02F)));
        assert!(events.contains(&Event::OfferedGroup(23)));
        assert_eq!(alerts, [(2, 40, Direction::Received)]);
    }

    #[test]
    fn other_text_is_not_claimed() {
        let mut trace = Trace::default();
        assert!(!trace.take("ClientHello, Length=100", false, &mut |_| {}, &mut None));
    }
}
