//! The debug trace of wolfSSL (`DEBUG_WOLFSSL` and `wolfSSL_Debugging_ON`), client and server.
//!
//! In: whole lines without their times. Out: events. Source of the wording: wolfSSL 4 to 5,
//! `src/internal.c`, `src/ssl.c`, `src/tls13.c`, `wolfcrypt/src/logging.c`. Must not know what an
//! event means for the handshake.

use super::dialect::Dialect;
use super::prefilter::Anchors;
use super::stack_codes;
use crate::evidence::{Direction, Event, Reader, Role};

/// `ASN_NO_SIGNER_E`.
/// `FATAL_ERROR`: a fatal alert was received.
const FATAL_ALERT: i32 = -313;
const NO_SIGNER: i32 = -188;

/// Texts of `WANT_READ` and `WANT_WRITE` (`src/internal.c`, `wolfSSL_ERR_reason_error_string`), which
/// a program with a blocking socket prints only when its time-out has passed.
const WANTS: [&str; 2] = [
    "non-blocking socket wants data to be read",
    "non-blocking socket write buffer full",
];

/// Decoder of one input's wolfSSL trace.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // what was seen so far, one by one
pub(super) struct WolfSsl {
    seen: bool,
    tls13: bool,
    /// The handshake is done: what alerts follow close the session.
    over: bool,
    /// An alert arrived; its number is on a line that follows.
    alert_arrives: bool,
    /// The number of an alert that arrived was told.
    alerted: bool,
    /// The ClientHello is being written.
    hello_extensions: bool,
    /// The signature of the leaf was verified.
    verified: bool,
}

impl Dialect for WolfSsl {
    fn name(&self) -> &'static str {
        "wolfssl"
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        let mut texts = vec![
            "processing ",
            "connect state: ",
            "accept state",
            " extension to write",
            " extension received",
        ];
        texts.extend(["CA Parse failed, ", "HelloRetryRequest format"]);
        texts.extend(WANTS);
        texts.extend(WORDS);
        texts.extend(KNOWN);
        vec![Anchors::any_case(NAMES), Anchors::exact(texts)]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let (tag, line) = untag(line);
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        let claimed = if let Some(rest) = text.strip_prefix("wolfSSL Entering ") {
            self.entering(rest, emit);
            true
        } else if let Some(rest) = text.strip_prefix("wolfSSL Leaving ") {
            self.leaving(rest, emit);
            true
        } else if let Some(rest) = text.strip_prefix("wolfSSL error occurred, error = ") {
            self.error(rest, emit);
            true
        } else {
            self.words(text, emit)
        };
        self.seen |= claimed;
        if claimed {
            return true;
        }
        // `SSL_ERROR_WANT_READ` as the reason of a failure: the socket waits no longer.
        if self.seen && WANTS.iter().any(|w| text.contains(w)) {
            emit(Event::GaveUp { after_ms: None });
            return true;
        }
        // The application's line with the code that the library gave it.
        if names_wolfssl(text)
            && let Some(code) = code_in(text)
            && (self.seen || stack_codes::wolfssl(code).is_some())
        {
            self.seen = true;
            self.failed(code, Reader::Application, emit);
            return true;
        }
        self.seen && tag
    }
}

impl WolfSsl {
    fn entering(&mut self, name: &str, emit: &mut dyn FnMut(Event)) {
        match name {
            "SSL_connect()" | "wolfSSL_connect()" | "SSL_accept()" | "wolfSSL_accept()" => {
                self.over = false;
                self.alert_arrives = false;
                self.tls13 = false;
                self.verified = false;
            }
            "SendClientHello" | "SendTls13ClientHello" => self.hello_extensions = true,
            "SendAlert" if !self.over => emit(Event::Condition {
                name: "alert_sent_number_not_printed",
                value: None,
            }),
            "SSL_shutdown()" | "wolfSSL_shutdown()" => self.over = true,
            "DoTls13HandShakeMsg()" | "DoTls13HandShakeMsg" => self.tls13 = true,
            _ => {}
        }
    }

    /// `SendClientHello, return 0`.
    fn leaving(&mut self, rest: &str, emit: &mut dyn FnMut(Event)) {
        let Some((name, value)) = rest.split_once(", return ") else {
            return;
        };
        let Ok(value) = value.trim().parse::<i64>() else {
            return;
        };
        let name = name.trim_end_matches("()");
        if matches!(
            name,
            "SSL_connect"
                | "wolfSSL_connect"
                | "SSL_accept"
                | "wolfSSL_accept"
                | "wolfSSL_connect_TLSv13"
                | "wolfSSL_accept_TLSv13"
        ) {
            if value == 1 && !self.over {
                self.over = true;
                emit(Event::Established);
            }
            return;
        }
        if value != 0 {
            return;
        }
        let msg_type = match name {
            "SendClientHello" | "SendTls13ClientHello" => {
                self.hello_extensions = false;
                1
            }
            "SendServerHello" | "SendTls13ServerHello" => 2,
            "SendTls13EncryptedExtensions" => 8,
            "SendCertificate" | "SendTls13Certificate" => 11,
            "SendServerKeyExchange" => 12,
            "SendCertificateRequest" | "SendTls13CertificateRequest" => 13,
            "SendServerHelloDone" => 14,
            "SendCertificateVerify" | "SendTls13CertificateVerify" => 15,
            "SendClientKeyExchange" => 16,
            "SendFinished" | "SendTls13Finished" => 20,
            _ => return,
        };
        message(msg_type, Direction::Sent, emit);
    }

    /// The number behind `error = `; newer versions print no sign and add `line:` and `file:`.
    fn error(&mut self, rest: &str, emit: &mut dyn FnMut(Event)) {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '-')
            .unwrap_or(rest.len());
        let Some(number) = rest.get(..end).and_then(|n| n.parse::<i32>().ok()) else {
            return;
        };
        if std::mem::take(&mut self.alert_arrives)
            && let Ok(number) = u8::try_from(number)
        {
            self.alerted = true;
            emit(Event::Alert {
                level: None,
                number,
                direction: Direction::Received,
            });
            return;
        }
        self.failed(-number.abs(), Reader::Library, emit);
    }

    fn failed(&mut self, code: i32, by: Reader, emit: &mut dyn FnMut(Event)) {
        // WANT_READ and WANT_WRITE are no failures.
        if matches!(code, -323 | -327 | -2 | -3) {
            return;
        }
        // Codes from -301 on are those of the TLS layer (wolfssl/error-ssl.h).
        if code <= -301 {
            emit(Event::Reached("tls"));
        }
        // It only repeats that an alert came.
        if code == FATAL_ALERT {
            if !std::mem::take(&mut self.alerted) {
                emit(Event::Condition {
                    name: "alert_received_number_not_printed",
                    value: None,
                });
            }
            return;
        }
        match code {
            -308 | -397 => {
                emit(Event::PeerClosed);
                return;
            }
            -343 => return,
            _ => {}
        }
        let Some(row) = stack_codes::wolfssl(code) else {
            return;
        };
        emit(Event::ErrorName {
            name: row.name.clone(),
            by,
        });
        // The leaf was good, so that no signer is missing for it but for another of the chain.
        if code == NO_SIGNER && self.verified {
            emit(Event::Condition {
                name: "chain_certificate_refused",
                value: None,
            });
        } else if let Some(name) = row.condition.as_deref() {
            emit(Event::Condition { name, value: None });
        }
    }

    fn words(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(name) = text.strip_prefix("processing ") {
            let msg_type = match name {
                "hello request" => 0,
                "client hello" => 1,
                "server hello" => 2,
                "hello verify request" => 3,
                "session ticket" | "new session ticket" => 4,
                "hello retry request" => {
                    message(2, Direction::Received, emit);
                    emit(Event::Condition {
                        name: "hello_retry_request",
                        value: None,
                    });
                    return true;
                }
                "encrypted extensions" => 8,
                "certificate" => 11,
                "server key exchange" => 12,
                "certificate request" => 13,
                "server hello done" => 14,
                "certificate verify" => 15,
                "client key exchange" => 16,
                "finished" => 20,
                "certificate status" => 22,
                _ => return false,
            };
            if msg_type == 8 {
                emit(Event::ChosenVersion(0x0304));
            }
            message(msg_type, Direction::Received, emit);
            return true;
        }
        if let Some(state) = text.strip_prefix("connect state: ") {
            return known_state(state, Role::Client);
        }
        if let Some(state) = text
            .strip_prefix("accept state: ")
            .or_else(|| text.strip_prefix("accept state "))
        {
            return known_state(state, Role::Server);
        }
        if let Some(name) = text.strip_suffix(" extension to write") {
            if self.hello_extensions {
                emit(Event::Extension {
                    name: extension_name(name),
                    from_client: true,
                });
            }
            return true;
        }
        if let Some(name) = text.strip_suffix(" extension received") {
            emit(Event::Extension {
                name: extension_name(name),
                from_client: false,
            });
            return true;
        }
        // `PemToDer` refused the trust store (`src/ssl_load.c`, `ProcessChainBuffer`).
        if text.starts_with("CA Parse failed, ") {
            emit(Event::Condition {
                name: "cert_parse_failed",
                value: None,
            });
            return true;
        }
        if text == "HelloRetryRequest format" {
            emit(Event::Condition {
                name: "hello_retry_request",
                value: None,
            });
            return true;
        }
        match text {
            "sent: change cipher spec" => change_cipher_spec(Direction::Sent, emit),
            "got CHANGE CIPHER SPEC" => change_cipher_spec(Direction::Received, emit),
            "got ALERT!" | "Got alert" => {
                self.alert_arrives = true;
                self.alerted = false;
            }
            "got app DATA" => {
                if self.over {
                    emit(Event::Condition {
                        name: "application_read",
                        value: None,
                    });
                }
            }
            "Verified Peer's cert" => self.verified = true,
            _ => return KNOWN.contains(&text),
        }
        true
    }
}

/// Whole lines that [`WolfSsl::words`] reads.
const WORDS: [&str; 6] = [
    "sent: change cipher spec",
    "got CHANGE CIPHER SPEC",
    "got ALERT!",
    "Got alert",
    "got app DATA",
    "Verified Peer's cert",
];

/// Whole lines that say nothing more.
const KNOWN: [&str; 11] = [
    "received record layer msg",
    "got HANDSHAKE",
    "growing input buffer",
    "growing output buffer",
    "Shrinking input buffer",
    "Shrinking output buffer",
    "Failed to verify Peer's cert",
    "No CA signer to verify with",
    "SSL version error",
    "Server attempting to accept with different version",
    "Loading peer's cert chain",
];

/// The library, and as it was called before.
const NAMES: [&str; 2] = ["wolfssl", "cyassl"];

fn message(msg_type: u8, direction: Direction, emit: &mut dyn FnMut(Event)) {
    emit(Event::Message {
        msg_type,
        direction,
        size: None,
        bytes: None,
    });
}

fn change_cipher_spec(direction: Direction, emit: &mut dyn FnMut(Event)) {
    emit(Event::Record {
        direction,
        content_type: 20,
        version: 0x0303,
        len: 1,
    });
}

/// States of `enum ConnectState` and `AcceptState`: capitals and underscores.
fn known_state(state: &str, _role: Role) -> bool {
    !state.is_empty()
        && state
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn extension_name(name: &str) -> String {
    match name {
        "SNI" => "server_name".to_owned(),
        "Max Fragment Length" => "max_fragment_length".to_owned(),
        "EMS" | "Extended Master Secret" => "extended_master_secret".to_owned(),
        "ALPN" => "alpn".to_owned(),
        other => other.trim().to_ascii_lowercase().replace([' ', '-'], "_"),
    }
}

/// The line without the tag that a logging callback puts in front: `[wolfssl] `.
fn untag(line: &[u8]) -> (bool, &[u8]) {
    for tag in [&b"[wolfssl]"[..], b"[wolfSSL]", b"wolfssl:", b"[app]"] {
        if let Some(rest) = line.strip_prefix(tag) {
            return (tag != b"[app]", rest.trim_ascii());
        }
    }
    (false, line.trim_ascii())
}

/// `wolfSSL_connect failed: error -188, …`.
/// Does the line speak of wolfSSL, or of `CyaSSL` as it was called?
fn names_wolfssl(text: &str) -> bool {
    NAMES.iter().any(|name| {
        text.as_bytes()
            .windows(name.len())
            .any(|w| w.eq_ignore_ascii_case(name.as_bytes()))
    })
}

fn code_in(text: &str) -> Option<i32> {
    let at = text
        .as_bytes()
        .windows(2)
        .position(|w| w[0] == b'-' && w[1].is_ascii_digit())?;
    let digits = text.get(at + 1..)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits.get(..end)?.parse::<i32>().ok().map(|n| -n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Event> {
        let mut dialect = WolfSsl::default();
        let mut events = Vec::new();
        for line in lines {
            dialect.take(line.as_bytes(), &mut |e| events.push(e));
        }
        events
    }

    #[test]
    fn messages_and_the_error() {
        let got = read(&[
            "wolfSSL Entering SSL_connect()",
            "wolfSSL Entering SendClientHello",
            "SNI extension to write",
            "wolfSSL Leaving SendClientHello, return 0",
            "processing server hello",
            "wolfSSL error occurred, error = -322",
        ]);
        assert!(got.contains(&Event::Extension {
            name: "server_name".into(),
            from_client: true
        }));
        assert!(got.contains(&Event::Condition {
            name: "name_mismatch",
            value: None
        }));
        assert_eq!(
            got.iter()
                .filter(|e| matches!(e, Event::Message { .. }))
                .count(),
            2
        );
    }

    #[test]
    fn an_alert_that_arrives_is_not_an_error_of_the_device() {
        let got = read(&["got ALERT!", "wolfSSL error occurred, error = 40 line:1"]);
        assert_eq!(
            got,
            [Event::Alert {
                level: None,
                number: 40,
                direction: Direction::Received
            }]
        );
    }

    #[test]
    fn other_lines_are_refused() {
        let mut dialect = WolfSsl::default();
        assert!(!dialect.take(b"processing order 66", &mut |_| {}));
        assert!(!dialect.take(b"connect state: idle", &mut |_| {}));
    }
}
