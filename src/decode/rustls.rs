//! The log of rustls (`log` crate, targets `rustls::…`) with any logger in front.
//!
//! In: whole lines without their times. Out: events. Source of the wording: rustls 0.20 to 0.23,
//! `src/client/hs.rs`, `src/client/tls12.rs`, `src/client/tls13.rs`, `src/error.rs`. What the
//! library logs after the fact (a certificate is named only when it is judged) is told where it is
//! logged. Must not know what an event means for the handshake.

use super::certificate_bytes::{describe, hex};
use super::dialect::Dialect;
use super::handshake_bytes;
use super::prefilter::Anchors;
use crate::evidence::{Direction, Event, Reader};
use crate::tls::{Alert, CipherSuite};

/// Decoder of one input's rustls lines.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each says that one message was told
pub(super) struct Rustls {
    /// A message is being printed over many lines.
    printing: Option<Printing>,
    tls13: bool,
    hello_sent: bool,
    key_exchange: bool,
    certificate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printing {
    ClientHello,
    ServerHello,
    RetryRequest,
}

impl Dialect for Rustls {
    fn name(&self) -> &'static str {
        "rustls"
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact([TARGET, INVALID, ALERT])]
    }

    fn open(&self) -> bool {
        self.printing.is_some()
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        if let Some((module, text)) = target(line) {
            self.printing = None;
            self.logged(module, text, emit);
            return true;
        }
        if let Some(printing) = self.printing {
            let line = line.trim_ascii();
            if line.starts_with(b"[") && line.len() > 12 {
                self.printing = None;
            } else {
                Self::field(printing, line, emit);
                return true;
            }
        }
        Self::refused(line, emit)
    }
}

/// Begin of the library's log targets.
const TARGET: &str = "rustls::";
/// `Display` of two of its errors.
const INVALID: &str = "invalid peer certificate: ";
/// What its error says of a name that does not match (0.23).
const NOT_FOR: &str = "not valid for name \"";
const ALERT: &str = "received fatal alert: ";

/// The module and the text of a line of rustls: `[TRACE rustls::client::hs] text`,
/// `DEBUG rustls::client::hs: text`.
fn target(line: &[u8]) -> Option<(&str, &str)> {
    let at = memchr::memmem::find(line.get(..80.min(line.len()))?, TARGET.as_bytes())?;
    let text = std::str::from_utf8(line.get(at + 8..)?).ok()?;
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))?;
    let (module, rest) = text.split_at(end);
    let module = module.trim_end_matches(':');
    Some((module, rest.trim_start_matches([']', ':', ' '])))
}

impl Rustls {
    fn logged(&mut self, module: &str, text: &str, emit: &mut dyn FnMut(Event)) {
        if text.starts_with("Sending ClientHello") {
            if !self.hello_sent {
                *self = Self::default();
            }
            self.hello_sent = true;
            message(1, Direction::Sent, emit);
            self.printing = Some(Printing::ClientHello);
        } else if text.starts_with("We got ServerHello") {
            self.hello_sent = false;
            message(2, Direction::Received, emit);
            self.printing = Some(Printing::ServerHello);
        } else if text.starts_with("Got HRR") {
            message(2, Direction::Received, emit);
            emit(Event::Condition {
                name: "hello_retry_request",
                value: None,
            });
            self.printing = Some(Printing::RetryRequest);
        } else if let Some(name) = text.strip_prefix("Using ciphersuite ") {
            if let Some(suite) = suite(name) {
                emit(Event::ChosenSuite(suite));
                if suite >> 8 == 0x13 {
                    self.tls13 = true;
                }
            }
        } else if text.starts_with("TLS1.3 encrypted extensions") {
            self.tls13 = true;
            emit(Event::ChosenVersion(0x0304));
            message(8, Direction::Received, emit);
        } else if text.starts_with("Got CertificateRequest") {
            if !self.tls13 {
                self.server_key_exchange(emit);
            }
            message(13, Direction::Received, emit);
        } else if text.starts_with("ECDHE curve is ") {
            self.server_key_exchange(emit);
            if let Some((_, group)) = text.split_once("named_group: ") {
                let end = group
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .unwrap_or(group.len());
                emit(Event::ChosenGroup(group[..end].to_ascii_lowercase()));
            }
        } else if text.starts_with("Server cert is ") {
            self.judging(module, text, emit);
        } else if let Some(rest) = text.strip_prefix("Sending fatal alert ") {
            alert(rest, Some(2), Direction::Sent, emit);
        } else if text.starts_with("Client auth requested but no cert") {
            emit(Event::Condition {
                name: "no_certificate_to_send",
                value: None,
            });
        }
    }

    /// The server's Certificate and what it sent before its ServerKeyExchange, once.
    fn server_key_exchange(&mut self, emit: &mut dyn FnMut(Event)) {
        if !std::mem::replace(&mut self.certificate, true) {
            message(11, Direction::Received, emit);
        }
        if !std::mem::replace(&mut self.key_exchange, true) {
            message(12, Direction::Received, emit);
        }
    }

    /// `Server cert is …` is logged when the certificate is judged: in TLS 1.2 after
    /// ServerHelloDone, in TLS 1.3 after CertificateVerify.
    fn judging(&mut self, module: &str, text: &str, emit: &mut dyn FnMut(Event)) {
        if module.contains("tls12") {
            self.server_key_exchange(emit);
            message(14, Direction::Received, emit);
        } else {
            message(11, Direction::Received, emit);
            message(15, Direction::Received, emit);
        }
        for (index, part) in text.split("CertificateDer(0x").skip(1).enumerate() {
            let index = u32::try_from(index + 1).unwrap_or(u32::MAX);
            if let Some(cert) = describe(&hex(part.as_bytes()), index) {
                emit(Event::PeerCertificate(Box::new(cert)));
            }
        }
    }

    /// A line inside a message that is printed with all its fields.
    fn field(printing: Printing, line: &[u8], emit: &mut dyn FnMut(Event)) {
        let Ok(text) = std::str::from_utf8(line) else {
            return;
        };
        let text = text.trim_end_matches(',');
        match printing {
            Printing::ClientHello => {
                if let Some(bytes) = text.strip_prefix("encoded: ") {
                    handshake_bytes::read(&hex(bytes.as_bytes()), false, emit);
                } else if text.starts_with("TLS")
                    && let Some(id) = suite(text).filter(|id| *id != 0x00FF)
                {
                    emit(Event::OfferedSuite(id));
                }
            }
            Printing::ServerHello | Printing::RetryRequest => {
                if let Some(version) = text
                    .strip_prefix("selected_version: ")
                    .or_else(|| text.strip_prefix("legacy_version: "))
                {
                    let version = match version {
                        "TLSv1_3" => 0x0304,
                        "TLSv1_2" => 0x0303,
                        _ => return,
                    };
                    emit(Event::ChosenVersion(version));
                } else if let Some(name) = text.strip_prefix("cipher_suite: ")
                    && let Some(id) = suite(name)
                {
                    emit(Event::ChosenSuite(id));
                }
            }
        }
    }

    /// What an application prints of rustls's errors (`Display` of `rustls::Error`).
    fn refused(line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        if memchr::memmem::find(line, INVALID.as_bytes()).is_some() {
            if let Some(host) = asked_for(line) {
                emit(Event::Target(host.to_owned()));
            }
            emit(Event::ErrorName {
                name: "InvalidCertificate".to_owned(),
                by: Reader::Application,
            });
            return true;
        }
        let Some(at) = memchr::memmem::find(line, ALERT.as_bytes()) else {
            return false;
        };
        let Some(name) = std::str::from_utf8(&line[at + ALERT.len()..]).ok() else {
            return false;
        };
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        alert(&name[..end], Some(2), Direction::Received, emit)
    }
}

/// The name that the certificate was held against: `certificate not valid for name "a.test"`.
fn asked_for(line: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(line).ok()?.split_once(NOT_FOR)?;
    let (host, _) = rest.split_once('"')?;
    (!host.is_empty()).then_some(host)
}

fn message(msg_type: u8, direction: Direction, emit: &mut dyn FnMut(Event)) {
    emit(Event::Message {
        msg_type,
        direction,
        size: None,
        bytes: None,
    });
}

/// Tells the alert that this name of rustls stands for (`UnknownCA`, `HandshakeFailure`).
fn alert(name: &str, level: Option<u8>, direction: Direction, emit: &mut dyn FnMut(Event)) -> bool {
    let wanted = name.trim().to_ascii_lowercase();
    let number = (0..=u8::MAX).find(|n| {
        Alert(*n)
            .name()
            .is_some_and(|known| known.replace('_', "") == wanted)
    });
    let Some(number) = number else { return false };
    emit(Event::Alert {
        level,
        number,
        direction,
    });
    true
}

/// `TLS13_AES_256_GCM_SHA384`, otherwise IANA's names.
fn suite(name: &str) -> Option<u16> {
    let name = name.trim().trim_end_matches(',');
    let name = name
        .strip_prefix("TLS13_")
        .map_or_else(|| name.to_owned(), |n| format!("TLS_{n}"));
    CipherSuite::from_name(&name).map(|s| s.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Event> {
        let mut dialect = Rustls::default();
        let mut events = Vec::new();
        for line in lines {
            dialect.take(line.as_bytes(), &mut |e| events.push(e));
        }
        events
    }

    fn messages(events: &[Event]) -> Vec<u8> {
        events
            .iter()
            .filter_map(|e| match e {
                Event::Message { msg_type, .. } => Some(*msg_type),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_tls12_handshake_by_what_is_logged() {
        let got = read(&[
            "[TRACE rustls::client::hs] Sending ClientHello Message {",
            "cipher_suites: [",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,",
            "}",
            "[TRACE rustls::client::hs] We got ServerHello ServerHelloPayload {",
            "cipher_suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,",
            "[DEBUG rustls::client::tls12] ECDHE curve is EcParameters { curve_type: NamedCurve, named_group: X25519 }",
            "[TRACE rustls::client::tls12] Server cert is CertificateChain([])",
        ]);
        assert_eq!(messages(&got), [1, 2, 11, 12, 14]);
        assert!(got.contains(&Event::OfferedSuite(0xC02F)));
        assert!(got.contains(&Event::ChosenGroup("x25519".into())));
    }

    #[test]
    fn an_alert_by_its_name_in_rust() {
        let got = read(&["[ERROR app] read failed: received fatal alert: UnknownCA"]);
        assert_eq!(
            got,
            [Event::Alert {
                level: Some(2),
                number: 48,
                direction: Direction::Received
            }]
        );
    }
}
