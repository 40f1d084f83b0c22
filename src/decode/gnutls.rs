//! The debug trace of GnuTLS (`gnutls-cli -d`, `gnutls_global_set_log_level`) and the reports of
//! `gnutls-cli` and `gnutls-serv`.
//!
//! In: whole lines without their times. Out: events as the device sees them: `gnutls-cli` speaks for
//! the device, `gnutls-serv` for its peer. Source of the wording: GnuTLS 3.x, `lib/handshake.c`,
//! `lib/buffers.c`, `lib/record.c`, `lib/hello_ext.c`, `src/cli.c`, `src/serv.c`. Must not know what
//! an event means for the handshake.

use super::dialect::Dialect;
use super::handshake_bytes::extension_name;
use super::prefilter::Anchors;
use super::stack_codes;
use crate::evidence::{ConnectResult, Direction, Event, PeerCertificate, Reader};
use crate::tls::CipherSuite;

/// Decoder of one input's GnuTLS lines.
#[derive(Debug, Default)]
pub(super) struct GnuTls {
    seen: bool,
    /// The lines are those of `gnutls-serv`: the device is the other side.
    server: bool,
    cert: u32,
    /// Lowest and highest version advertised.
    versions: Option<(u16, u16)>,
}

impl Dialect for GnuTls {
    fn name(&self) -> &'static str {
        "gnutls"
    }

    fn of_peer(&self) -> bool {
        self.server
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        let mut texts = vec![
            "|<",
            "*** Fatal error: ",
            "*** Received alert [",
            "- Status: ",
            "Could not connect to ",
            "Connecting to '",
            "Resolving '",
            "- Handshake was completed",
            "- subject `",
            "Error in handshake: ",
        ];
        texts.extend(STARTS);
        texts.extend(SERVER_STARTS);
        vec![Anchors::exact(texts)]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        self.server |= SERVER_STARTS.iter().any(|s| text.starts_with(s));
        let server = self.server;
        let mut tell = |e: Event| emit(if server { turned(e) } else { e });
        let claimed = match trace(text) {
            Some(text) => {
                self.trace(text, &mut tell);
                true
            }
            None if server => served(text, emit),
            None => self.report(text, &mut tell),
        };
        self.seen |= claimed;
        claimed
    }
}

/// How lines begin that only `gnutls-serv` writes (`src/serv.c`, `src/udp-serv.c`).
const SERVER_STARTS: [&str; 4] = [
    "Echo Server listening on ",
    "HTTP Server listening on ",
    "UDP Echo Server listening on ",
    "* Accepted connection from IPv",
];

/// What a server tells, as the device sees it.
fn turned(event: Event) -> Event {
    let turn = |d: Direction| match d {
        Direction::Sent => Direction::Received,
        Direction::Received => Direction::Sent,
    };
    match event {
        Event::Message {
            msg_type,
            direction,
            size,
            bytes,
        } => Event::Message {
            msg_type,
            direction: turn(direction),
            size,
            bytes,
        },
        Event::Record {
            direction,
            content_type,
            version,
            len,
        } => Event::Record {
            direction: turn(direction),
            content_type,
            version,
            len,
        },
        Event::Alert {
            level,
            number,
            direction,
        } => Event::Alert {
            level,
            number,
            direction: turn(direction),
        },
        Event::ErrorName { name, .. } => Event::PeerError { name },
        Event::PeerClosed | Event::PeerReset => Event::DeviceClosed,
        other => other,
    }
}

/// A line of `gnutls-serv` itself: `Error in handshake: TEXT` with the text of `gnutls_strerror`.
fn served(text: &str, emit: &mut dyn FnMut(Event)) -> bool {
    let Some(text) = text.strip_prefix("Error in handshake: ") else {
        let mut known = SERVER_STARTS.iter().chain(STARTS.iter());
        return known.any(|s| text.starts_with(s));
    };
    match text {
        // The client's reason is not printed.
        "A TLS fatal alert has been received."
        | "The TLS connection was non-properly terminated." => {
            emit(Event::DeviceClosed);
            return true;
        }
        "No certificate was found." | "Certificate is required." => {
            emit(Event::Condition {
                name: "client_certificate_missing",
                value: None,
            });
        }
        _ => {}
    }
    if let Some(row) = stack_codes::gnutls_text(text) {
        emit(Event::PeerError {
            name: row.name.clone(),
        });
    }
    true
}

/// `|<4>| HSK[0x55…]: CLIENT HELLO was queued [227 bytes]` without its level.
fn trace(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("|<")?;
    let (level, rest) = rest.split_once(">|")?;
    (level.len() <= 2 && level.bytes().all(|b| b.is_ascii_digit())).then(|| rest.trim_start())
}

/// What the lines of the report begin with that need no reading.
const STARTS: [&str; 15] = [
    "Processed ",
    "- Certificate",
    "- Got a certificate list",
    "- Peer has closed",
    "- Description: ",
    "- Session ID",
    "- Options: ",
    "- Successfully sent",
    "- Simple Client Mode",
    "- Server's trusted authorities",
    "*** PKI verification",
    "Public Key ",
    "sha1:",
    "sha256:",
    "pin-sha256:",
];

impl GnuTls {
    fn trace(&mut self, text: &str, emit: &mut dyn FnMut(Event)) {
        let (area, rest) = match text.split_once("]: ") {
            Some((area, rest)) if area.contains('[') => {
                (area.split('[').next().unwrap_or(""), rest)
            }
            _ => ("", text),
        };
        match area {
            "HSK" => self.handshake(rest, emit),
            "EXT" => extension(rest, emit),
            "REC" => Self::record(rest, emit),
            _ => self.plain(rest, emit),
        }
    }

    fn handshake(&mut self, text: &str, emit: &mut dyn FnMut(Event)) {
        if let Some((name, rest)) = text.split_once(" was queued [") {
            if let Some(msg_type) = message_type(name) {
                let size = rest.split(' ').next().and_then(|n| n.parse().ok());
                if msg_type == 1 {
                    self.cert = 0;
                    self.versions = None;
                }
                emit(Event::Message {
                    msg_type,
                    direction: Direction::Sent,
                    size,
                    bytes: None,
                });
            }
        } else if let Some((name, rest)) = text.split_once(") was received. Length ") {
            let Some(msg_type) = name
                .rsplit_once('(')
                .and_then(|(_, n)| n.parse::<u8>().ok())
            else {
                return;
            };
            let body: Option<u32> = rest.split('[').next().and_then(|n| n.parse().ok());
            emit(Event::Message {
                msg_type,
                direction: Direction::Received,
                size: body.map(|n| n.saturating_add(4)),
                bytes: None,
            });
        } else if let Some(name) = text.strip_prefix("Selected cipher suite: ") {
            if let Some(id) = suite(name) {
                emit(Event::ChosenSuite(id));
            }
        } else if let Some(v) = text.strip_prefix("Server's version: ") {
            if let Some(v) = version(v) {
                emit(Event::ChosenVersion(v));
            }
        } else if let Some(v) = text.strip_prefix("Adv. version: ") {
            if let Some(max) = version(v) {
                emit(Event::OfferedVersion {
                    min: None,
                    max: Some(max),
                });
            }
        } else if let Some(name) = text.strip_prefix("sent server name: '") {
            emit(Event::ServerName(name.trim_end_matches('\'').to_owned()));
        } else if let Some(name) = text.strip_prefix("Selected group ") {
            group(name, emit);
        } else if text.contains("Hello Retry Request") {
            emit(Event::Condition {
                name: "hello_retry_request",
                value: None,
            });
        }
    }

    fn record(text: &str, emit: &mut dyn FnMut(Event)) {
        if text.starts_with("Sent ChangeCipherSpec") {
            change_cipher_spec(Direction::Sent, emit);
        } else if text.starts_with("ChangeCipherSpec") {
            change_cipher_spec(Direction::Received, emit);
        } else if let Some((level, number)) = alert(text) {
            let direction = if text.starts_with("Sending") || text.starts_with("Send") {
                Direction::Sent
            } else {
                Direction::Received
            };
            emit(Event::Alert {
                level: Some(level),
                number,
                direction,
            });
        }
    }

    fn plain(&mut self, text: &str, emit: &mut dyn FnMut(Event)) {
        if let Some(rest) = text.strip_prefix("Keeping ciphersuite ") {
            if let Some(id) = dotted_hex(rest) {
                emit(Event::OfferedSuite(id));
            }
        } else if let Some(v) = text.strip_prefix("Advertizing version ") {
            if let Some(v) = version(v) {
                let (min, max) = self.versions.map_or((v, v), |(a, b)| (a.min(v), b.max(v)));
                self.versions = Some((min, max));
                emit(Event::OfferedVersion {
                    min: Some(min),
                    max: Some(max),
                });
            }
        } else if let Some(n) = text.strip_prefix("Received record packet of unknown type ") {
            if let Ok(byte) = n.trim().parse::<u8>() {
                emit(Event::NotTls(std::sync::Arc::from([byte].as_slice())));
            }
        } else if let Some(name) = text.strip_prefix("received curve ") {
            group(name, emit);
        }
    }

    /// Lines of `gnutls-cli` itself, which stand behind the trace when its output is buffered.
    fn report(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("*** Fatal error: ") {
            fatal(rest, emit);
            return true;
        }
        if let Some(rest) = text.strip_prefix("*** Received alert [") {
            if let Some(number) = rest.split(']').next().and_then(|n| n.parse().ok()) {
                emit(Event::Alert {
                    level: None,
                    number,
                    direction: Direction::Received,
                });
            }
            return true;
        }
        if let Some(status) = text.strip_prefix("- Status: ") {
            if !status.contains("is trusted") {
                Self::untrusted(status, emit);
            }
            return true;
        }
        if let Some(rest) = text.strip_prefix("Could not connect to ") {
            emit(Event::Connect {
                result: if rest.contains("refused") {
                    ConnectResult::Refused
                } else if rest.contains("timed out") {
                    ConnectResult::TimedOut
                } else {
                    ConnectResult::Failed
                },
            });
            return true;
        }
        if let Some(host) = text.strip_prefix("Connecting to '") {
            let host = host.split('\'').next().unwrap_or("");
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            emit(Event::Target(name.to_owned()));
            return true;
        }
        if text.starts_with("Resolving '") {
            return true;
        }
        match text {
            "- Handshake was completed" => {
                emit(Event::Established);
                true
            }
            _ if !self.seen => false,
            _ => self.known(text, emit),
        }
    }

    fn untrusted(status: &str, emit: &mut dyn FnMut(Event)) {
        for (part, name) in [
            ("issuer is unknown", "issuer_unknown"),
            ("issuer is not a CA", "usage_wrong"),
            ("expired certificate", "date_expired"),
            ("not yet activated", "date_future"),
            ("not yet valid certificate", "date_future"),
            ("revoked", "revoked"),
            ("name in the certificate does not match", "name_mismatch"),
            ("insecure algorithm", "digest_refused"),
            (
                "signature in the certificate is invalid",
                "certificate_signature_bad",
            ),
            ("signer's constraints", "usage_wrong"),
            ("revocation or OCSP data", "revocation_unchecked"),
            ("OCSP status is missing", "revocation_unchecked"),
            ("OCSP status response is invalid", "revocation_unchecked"),
            ("does not match the intended purpose", "usage_wrong"),
        ] {
            if status.contains(part) {
                emit(Event::Condition { name, value: None });
            }
        }
    }

    /// Lines of the report that need no reading, or only among others of GnuTLS.
    fn known(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("- subject `") {
            self.cert += 1;
            if let Some(cert) = certificate(rest, self.cert) {
                emit(Event::PeerCertificate(Box::new(cert)));
            }
            return true;
        }
        STARTS.iter().any(|s| text.starts_with(s))
    }
}

/// `*** Fatal error: TEXT`, the text of `gnutls_strerror`.
fn fatal(text: &str, emit: &mut dyn FnMut(Event)) {
    let text = text.trim();
    match text {
        "A TLS fatal alert has been received." => {
            let name = "alert_received_number_not_printed";
            emit(Event::Condition { name, value: None });
            return;
        }
        "The TLS connection was non-properly terminated." => {
            emit(Event::PeerClosed);
            return;
        }
        "Error in the pull function." => {
            emit(Event::PeerReset);
            return;
        }
        "The operation timed out" => {
            emit(Event::GaveUp { after_ms: None });
            return;
        }
        _ => {}
    }
    let Some(row) = stack_codes::gnutls_text(text) else {
        return;
    };
    emit(Event::ErrorName {
        name: row.name.clone(),
        by: Reader::Library,
    });
    if let Some(name) = row.condition.as_deref() {
        emit(Event::Condition { name, value: None });
    }
}

fn extension(text: &str, emit: &mut dyn FnMut(Event)) {
    if let Some(rest) = text.strip_prefix("Sending extension ") {
        extension_event(rest, true, emit);
    } else if let Some(rest) = text.strip_prefix("Parsing extension '") {
        extension_event(rest, false, emit);
    } else if let Some(rest) = text.strip_prefix("Sent group ") {
        let id = rest
            .split_once("(0x")
            .and_then(|(_, n)| u16::from_str_radix(n.trim_end_matches(')'), 16).ok());
        if let Some(id) = id {
            emit(Event::OfferedGroup(id));
        }
    } else if let Some(rest) = text.strip_prefix("sent signature algo (") {
        let id = rest.split_once(')').and_then(|(n, _)| {
            let (a, b) = n.split_once('.')?;
            Some(a.parse::<u16>().ok()? << 8 | b.parse::<u16>().ok()?)
        });
        if let Some(id) = id {
            emit(Event::OfferedSignature(id));
        }
    } else if let Some(v) = text.strip_prefix("Negotiated version: ")
        && let Some(v) = version(v)
    {
        emit(Event::ChosenVersion(v));
    }
}

/// `Supported Groups/10 (22 bytes)`.
fn extension_event(text: &str, from_client: bool, emit: &mut dyn FnMut(Event)) {
    let number = text
        .split_once('/')
        .and_then(|(_, n)| n.split([' ', '\'']).next()?.parse::<u16>().ok());
    if let Some(number) = number {
        let name = extension_name(number).map_or_else(|| number.to_string(), str::to_owned);
        emit(Event::Extension { name, from_client });
    }
}

fn change_cipher_spec(direction: Direction, emit: &mut dyn FnMut(Event)) {
    emit(Event::Record {
        direction,
        content_type: 20,
        version: 0x0303,
        len: 1,
    });
}

/// `Alert[2|40] - Handshake failed - was received`, `Sending Alert[2|42] - Certificate is bad`.
fn alert(text: &str) -> Option<(u8, u8)> {
    let (_, rest) = text.split_once("Alert[")?;
    let (level, number) = rest.split_once(']')?.0.split_once('|')?;
    Some((level.parse().ok()?, number.parse().ok()?))
}

fn message_type(name: &str) -> Option<u8> {
    Some(match name.trim() {
        "HELLO REQUEST" => 0,
        "CLIENT HELLO" => 1,
        "SERVER HELLO" => 2,
        "HELLO VERIFY REQUEST" => 3,
        "NEW SESSION TICKET" => 4,
        "END OF EARLY DATA" => 5,
        "HELLO RETRY REQUEST" => 6,
        "ENCRYPTED EXTENSIONS" => 8,
        "CERTIFICATE" => 11,
        "SERVER KEY EXCHANGE" => 12,
        "CERTIFICATE REQUEST" => 13,
        "SERVER HELLO DONE" => 14,
        "CERTIFICATE VERIFY" => 15,
        "CLIENT KEY EXCHANGE" => 16,
        "FINISHED" => 20,
        "CERTIFICATE STATUS" => 22,
        "KEY_UPDATE" => 24,
        _ => return None,
    })
}

/// `3.3` as on the wire.
fn version(text: &str) -> Option<u16> {
    let (major, minor) = text.trim().split_once('.')?;
    Some(major.parse::<u16>().ok()? << 8 | minor.parse::<u16>().ok()?)
}

/// `c0.2c (GNUTLS_…)`.
fn dotted_hex(text: &str) -> Option<u16> {
    let (a, rest) = text.split_once('.')?;
    let b = rest.split(' ').next()?;
    Some(u16::from_str_radix(a, 16).ok()? << 8 | u16::from_str_radix(b, 16).ok()?)
}

/// `GNUTLS_ECDHE_RSA_AES_256_GCM_SHA384`: IANA's name without `WITH`, and a few endings of its own.
fn suite(name: &str) -> Option<u16> {
    let wanted = reduced(name.trim().strip_prefix("GNUTLS_")?);
    CipherSuite::all()
        .find(|s| {
            s.name()
                .and_then(|n| n.strip_prefix("TLS_"))
                .is_some_and(|n| reduced(n) == wanted)
        })
        .map(|s| s.0)
}

fn reduced(name: &str) -> String {
    let name = name.replace("WITH_", "");
    let name = name.strip_suffix("_SHA1").map_or_else(
        || name.strip_suffix("_SHA").unwrap_or(&name).to_owned(),
        str::to_owned,
    );
    name.strip_suffix("POLY1305_SHA256")
        .map_or(name.clone(), |n| format!("{n}POLY1305"))
}

fn group(text: &str, emit: &mut dyn FnMut(Event)) {
    let name = text.split([' ', '(']).next().unwrap_or("");
    let name = match name {
        "SECP256R1" => "secp256r1",
        "SECP384R1" => "secp384r1",
        "SECP521R1" => "secp521r1",
        "X25519" => "x25519",
        "X448" => "x448",
        _ => return,
    };
    emit(Event::ChosenGroup(name.to_owned()));
}

/// Subject, issuer, serial and dates of a certificate as `gnutls-cli` prints them on one line.
fn certificate(text: &str, index: u32) -> Option<PeerCertificate> {
    let (subject, rest) = text.split_once("', issuer `")?;
    let (issuer, rest) = rest.split_once("', serial ")?;
    let serial = rest.split(',').next().unwrap_or("");
    let turned = |name: &str| {
        let mut parts: Vec<&str> = name.split(',').map(str::trim).collect();
        parts.reverse();
        parts.join(", ")
    };
    let quoted = |label: &str| {
        let (_, rest) = text.split_once(label)?;
        let rest = rest.strip_prefix('`')?;
        super::prefix::date_time(rest.split('\'').next()?.trim_end_matches(" UTC").as_bytes())
    };
    Some(PeerCertificate {
        index,
        subject: turned(subject),
        issuer: turned(issuer),
        serial: serial.to_owned(),
        not_before: quoted("activated "),
        not_after: quoted("expires "),
        ..PeerCertificate::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Event> {
        let mut dialect = GnuTls::default();
        let mut events = Vec::new();
        for line in lines {
            assert!(
                dialect.take(line.as_bytes(), &mut |e| events.push(e)),
                "{line}"
            );
        }
        events
    }

    #[test]
    fn suites_by_the_names_of_gnutls() {
        assert_eq!(suite("GNUTLS_ECDHE_RSA_AES_256_GCM_SHA384"), Some(0xC030));
        assert_eq!(suite("GNUTLS_AES_128_GCM_SHA256"), Some(0x1301));
        assert_eq!(suite("GNUTLS_RSA_AES_128_CBC_SHA1"), Some(0x002F));
        assert_eq!(suite("GNUTLS_ECDHE_ECDSA_CHACHA20_POLY1305"), Some(0xCCA9));
    }

    #[test]
    fn messages_alerts_and_the_report() {
        let got = read(&[
            "|<4>| HSK[0x5581]: CLIENT HELLO was queued [210 bytes]",
            "|<4>| HSK[0x5581]: SERVER HELLO (2) was received. Length 80[80], frag offset 0",
            "|<4>| REC[0x5581]: Alert[2|40] - Handshake failed - was received",
            "*** Fatal error: A TLS fatal alert has been received.",
            "Connecting to '192.0.2.4:443'...",
        ]);
        assert!(got.contains(&Event::Alert {
            level: Some(2),
            number: 40,
            direction: Direction::Received
        }));
        assert!(got.contains(&Event::Target("192.0.2.4".into())));
        assert!(got.contains(&Event::Message {
            msg_type: 2,
            direction: Direction::Received,
            size: Some(84),
            bytes: None
        }));
    }

    #[test]
    fn a_certificate_in_words() {
        let cert = certificate(
            "CN=a.example,O=Acme', issuer `CN=Acme CA,O=Acme', serial 0x01, RSA key 2048 bits, signed using RSA-SHA256, activated `2026-08-01 00:00:00 UTC', expires `2031-08-01 00:00:00 UTC'",
            1,
        )
        .unwrap();
        assert_eq!(cert.subject, "O=Acme, CN=a.example");
        assert!(cert.not_before < cert.not_after);
    }
}
