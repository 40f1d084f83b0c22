//! The debug trace of Mbed TLS 2.x and 3.x, client and server.
//!
//! In: the texts of one input's trace lines, in order. Out: events. Knows the library's wording
//! (`library/ssl_*.c` of the tags named in `assets/dialects/mbedtls-lines.toml`), not what an event
//! means for the handshake.

mod certificate;
mod damaged;
mod dump;
mod functions;
mod line;
mod texts;
mod version;

use crate::evidence::{Direction, Event, PeerCertificate, Reader, Role, WireEvent};

pub use line::{TraceLine, trace_line};
pub use version::{VersionGuess, VersionTracker, state_name, state_number};

/// Decoder of one input's trace.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each remembers one kind of line
pub struct MbedTls {
    dump: Option<dump::Dump>,
    cert: Option<PeerCertificate>,
    /// The certificate being described is our own, so nothing is handed on.
    own_certificate: bool,
    /// Lines of others since the last line of the certificate being described.
    interruptions: u8,
    /// Number of the certificate described last in this chain.
    described: u32,
    /// The peer's chain is being described, so that a certificate without its title is the peer's.
    in_chain: bool,
    /// The ClientHello is being written, and no extension of it was named yet.
    in_hello: bool,
    /// A line was damaged where the first extension, the server's name, is named.
    name_lost: bool,
    /// The message told last was taken back.
    not_taken: bool,
    /// A read of datagrams timed out; what is sent again next is because of that.
    timed_out: bool,
    /// An alert is being sent whose number has not been printed yet.
    alert_pending: bool,
    /// Hash and signature algorithm printed for a `ServerKeyExchange`, as in TLS 1.2; 0 is none.
    signed: (u8, u8),
    /// The connection is being closed: the alert being sent is `close_notify`.
    closing: bool,
    role: Option<Role>,
    version: VersionTracker,
}

/// Lines of other tasks that a certificate's description bears in a row.
const MOST_INTERRUPTIONS: u8 = 2;

impl MbedTls {
    /// What the line numbers say of the version.
    #[must_use]
    pub fn version(&self) -> VersionGuess {
        self.version.guess()
    }

    /// Takes one trace line.
    pub fn take(&mut self, trace: &TraceLine<'_>, mut emit: impl FnMut(Event)) {
        let text = trace.text;
        match text {
            [] => {}
            [b'=' | b'<', b'=' | b'>', b' ', name @ ..] => {
                self.end_certificate(&mut emit);
                self.version.see(trace);
                self.function(text[0] == b'=', name, &mut emit);
            }
            // Dumps are most of a verbose log: leave at once unless one is being collected.
            _ if dump::is_row(text) => {
                if let Some(dump) = &mut self.dump
                    && let Some((title, bytes)) = dump.row(text)
                {
                    self.dump = None;
                    if let Some(event) = texts::dumped(title, bytes) {
                        emit(event);
                    }
                }
            }
            [b' ', ..] if is_number_row(text) => {}
            _ => self.words(trace, &mut emit),
        }
    }

    /// A line of the application. One or two of another task may stand within a certificate's
    /// description; more end it.
    pub fn interrupted(&mut self, text: &[u8], emit: impl FnMut(Event)) {
        self.name_lost |= self.in_hello && !text.is_empty() && damaged::may_name_server(text);
        if self.cert.is_some() {
            self.interruptions += 1;
            if self.interruptions > MOST_INTERRUPTIONS {
                self.finished(emit);
            }
        }
    }

    /// No more will come.
    pub fn finished(&mut self, mut emit: impl FnMut(Event)) {
        self.end_certificate(&mut emit);
    }

    fn function(&mut self, enters: bool, name: &[u8], emit: &mut impl FnMut(Event)) {
        match name {
            b"parse certificate" if enters => (self.in_chain, self.described) = (true, 0),
            _ if name.starts_with(b"write ") => self.in_chain = false,
            _ => {}
        }
        if let Some(message) = name.strip_prefix(b"write client hello") {
            self.hello_named(emit);
            self.in_hello = enters && message.is_empty();
        }
        match name {
            b"handshake" if enters => emit(Event::HandshakeCalled),
            b"handshake" => emit(Event::HandshakeReturned),
            b"send alert message" if enters => self.alert_pending = true,
            b"send alert message" => {
                if std::mem::take(&mut self.alert_pending) && !self.closing {
                    emit(Event::Condition {
                        name: "alert_sent_number_not_printed",
                        value: None,
                    });
                }
            }
            // DTLS: a message leaves with its flight, and the whole flight may leave again.
            b"ssl_flight_append" if enters => emit(Event::Condition {
                name: "write_record",
                value: None,
            }),
            b"mbedtls_ssl_resend" | b"resend" if enters => {
                let timed_out = std::mem::take(&mut self.timed_out);
                let (what, remark) = if timed_out {
                    (WireEvent::TimedOut, "the last flight was sent again")
                } else {
                    let why = "the peer sent its flight again, so the last flight was sent again";
                    (WireEvent::Remark, why)
                };
                emit(Event::Wire {
                    what,
                    direction: Direction::Sent,
                    size: None,
                    remark: remark.into(),
                });
            }
            b"write record" if enters => emit(Event::Condition {
                name: "write_record",
                value: None,
            }),
            b"read record" if !enters => emit(Event::Condition {
                name: "record_read",
                value: None,
            }),
            b"fetch input" | b"flush output" | b"read record" | b"write record"
            | b"encrypt buf" | b"decrypt buf" => {}
            b"handshake wrapup" | b"handshake wrapup: final free" if !enters => {
                emit(Event::Condition {
                    name: "handshake_wrapup",
                    value: None,
                });
            }
            b"read" if !enters => emit(Event::Condition {
                name: "application_read",
                value: None,
            }),
            b"skip write certificate" => {
                emit(Event::Condition {
                    name: "client_certificate_skipped",
                    value: None,
                });
                emit(Event::MessageEnded {
                    msg_type: 11,
                    direction: Direction::Sent,
                    skipped: true,
                });
            }
            b"renegotiate" if enters => emit(Event::Condition {
                name: "renegotiation",
                value: None,
            }),
            b"write close notify" if enters => {
                self.closing = true;
                emit(Event::Condition {
                    name: "closing",
                    value: None,
                });
            }
            b"write close notify" => {
                // The log began within: the alert before was this one.
                if !std::mem::take(&mut self.closing) {
                    emit(Event::Condition {
                        name: "alert_was_close_notify",
                        value: None,
                    });
                }
            }
            _ => {
                if let Some((msg_type, direction, skipped)) = functions::message(name, self.role) {
                    if msg_type == 1 {
                        self.role = Some(if direction == Direction::Sent {
                            Role::Client
                        } else {
                            Role::Server
                        });
                    }
                    emit(if enters {
                        Event::MessageBegun {
                            msg_type,
                            direction,
                        }
                    } else {
                        Event::MessageEnded {
                            msg_type,
                            direction,
                            skipped,
                        }
                    });
                }
            }
        }
    }

    fn words(&mut self, trace: &TraceLine<'_>, emit: &mut impl FnMut(Event)) {
        let text = trace.text;
        if text == b"timeout" {
            self.timed_out = true;
            return;
        }
        // DTLS: what was just told came out of order, in part or a second time and is not taken now;
        // two of these lines can speak of one message.
        if text.starts_with(b"handshake message: msglen") {
            self.not_taken = false;
        }
        if text.starts_with(b"received future handshake message of sequence")
            || text.starts_with(b"dropping out-of-sequence message")
            || text.starts_with(b"received message from last flight")
            || text.starts_with(b"Buffering HS message with sequence number")
        {
            if std::mem::replace(&mut self.not_taken, true) {
                return;
            }
            emit(Event::Condition {
                name: "message_not_taken",
                value: None,
            });
            return;
        }
        if self.signature(text, emit) {
            return;
        }
        if let Some(rest) = text.strip_prefix(b"dumping '") {
            self.dump = dump::Dump::begin(rest);
            return;
        }
        if let Some(rest) = text.strip_prefix(b"peer certificate #") {
            self.end_certificate(emit);
            let index = line::digits(rest).map_or(self.described + 1, |(n, _)| n);
            self.described = index;
            self.cert = Some(PeerCertificate {
                index,
                ..PeerCertificate::default()
            });
            self.own_certificate = false;
            return;
        }
        if text.starts_with(b"own certificate #")
            || text.starts_with(b"candidate certificate chain")
        {
            self.end_certificate(emit);
            self.cert = Some(PeerCertificate::default());
            self.own_certificate = true;
            return;
        }
        if self.certificate(text, emit) {
            return;
        }
        if let Some((role, number, name)) = texts::state(text) {
            self.role = Some(role);
            self.version.see(trace);
            let name =
                name.or_else(|| number.and_then(|n| state_name(n, self.version.major_minor())));
            let number =
                number.or_else(|| name.and_then(|n| state_number(n, self.version.major_minor())));
            emit(Event::State { number, name, role });
            return;
        }
        if text.starts_with(b"send alert level=") {
            self.alert_pending = false;
        }
        if text.starts_with(b"switching to new transform spec") {
            self.version.see(trace);
        }
        if self.in_hello && text.starts_with(b"client hello, add") {
            // Suites come first, then the extensions, the server's name before the others.
            if text.starts_with(b"client hello, add ciphersuite") {
                self.name_lost = false;
            } else if text.ends_with(b" extension") {
                self.hello_named(emit);
            }
        }
        // A log that begins late: the files of the server's side are its own.
        let server = self.role.is_none()
            && [&b"ssl_srv"[..], b"ssl_tls12_server", b"ssl_tls13_server"]
                .iter()
                .any(|file| trace.file.starts_with(file));
        let mut silent = true;
        let mut tell = |event| {
            if std::mem::take(&mut silent) && server {
                emit(Event::Role(Role::Server));
            }
            emit(event);
        };
        texts::event(text, &mut tell);
        if !silent {
            return;
        }
        if let Some(mended) = damaged::mended(text) {
            if mended.starts_with(b"peer certificate #") {
                self.words(
                    &TraceLine {
                        text: &mended,
                        ..*trace
                    },
                    emit,
                );
            } else {
                texts::event(&mended, emit);
            }
        } else {
            self.name_lost |= self.in_hello && damaged::may_name_server(text);
        }
    }

    /// The place of the server's name in the ClientHello's trace is past.
    fn hello_named(&mut self, emit: &mut impl FnMut(Event)) {
        if std::mem::take(&mut self.in_hello) && std::mem::take(&mut self.name_lost) {
            emit(name_unknown());
        }
        self.name_lost = false;
    }

    /// A line of a certificate's description. One of another kind ends it, and so does the first
    /// line of the next, whose title was lost; one that cannot be read does not.
    fn certificate(&mut self, text: &[u8], emit: &mut impl FnMut(Event)) -> bool {
        let begins = certificate::begins(text);
        if self
            .cert
            .as_ref()
            .is_some_and(|c| begins && certificate::has_begun(c, text))
            || (self.cert.is_none() && begins && self.in_chain)
        {
            let own = self.own_certificate && self.cert.is_some();
            self.end_certificate(emit);
            self.described += 1;
            self.own_certificate = own;
            self.cert = Some(PeerCertificate {
                index: self.described,
                ..PeerCertificate::default()
            });
        }
        let Some(cert) = &mut self.cert else {
            return false;
        };
        if certificate::line(cert, text) || text.starts_with(b"value of '") {
            self.interruptions = 0;
            return true;
        }
        let mut says = texts::state(text).is_some();
        texts::event(text, &mut |_| says = true);
        self.interruptions += 1;
        if says || self.interruptions > MOST_INTERRUPTIONS || damaged::mended(text).is_some() {
            self.end_certificate(emit);
            return false;
        }
        true
    }

    /// Algorithm and length of the signature in a `ServerKeyExchange`, as client and server print
    /// them in several lines (`ssl_cli.c`, `ssl_tls12_client.c`, `ssl_srv.c`, `ssl_tls12_server.c`).
    fn signature(&mut self, text: &[u8], emit: &mut impl FnMut(Event)) -> bool {
        let number = |start: &[u8]| {
            text.strip_prefix(start)
                .and_then(line::digits)
                .map(|(n, _)| n)
        };
        if let Some(n) = number(b"Server used SignatureAlgorithm ") {
            self.signed.1 = u8::try_from(n).unwrap_or(0);
        } else if let Some(n) = number(b"Server used HashAlgorithm ") {
            self.signed.0 = u8::try_from(n).unwrap_or(0);
        } else if let Some(n) = number(b"pick hash algorithm ") {
            // The library's own numbers, 4 to 8 are SHA-1 to SHA-512 in 2.x (`md.h`).
            self.signed.0 = u8::try_from(n)
                .ok()
                .and_then(|n| n.checked_sub(2))
                .unwrap_or(0);
        } else if let Some(n) =
            number(b"dumping 'signature' (").or_else(|| number(b"dumping 'my signature' ("))
        {
            let own = text.starts_with(b"dumping 'my ");
            // A server does not print its kind of key: RSA signatures are as long as the modulus.
            let kind = match self.signed.1 {
                0 if matches!(n, 128 | 256 | 384 | 512) => 1,
                0 => 3,
                kind => kind,
            };
            if let (1..=6, Ok(len)) = (self.signed.0, u16::try_from(n))
                && (!own || self.role != Some(Role::Client))
            {
                let scheme = u16::from(self.signed.0) << 8 | u16::from(kind);
                emit(Event::KeyExchangeSignature { scheme, len });
            }
            self.signed = (0, 0);
            // The dump that follows is read as any other.
            return false;
        } else {
            return false;
        }
        true
    }

    fn end_certificate(&mut self, emit: &mut impl FnMut(Event)) {
        self.interruptions = 0;
        if let Some(cert) = self.cert.take()
            && !self.own_certificate
        {
            emit(Event::PeerCertificate(Box::new(cert)));
        }
    }
}

/// The server's name may have been sent: the line that tells is damaged.
fn name_unknown() -> Event {
    Event::Extension {
        name: "server_name".to_owned(),
        from_client: true,
    }
}

/// Rows of big numbers: ` ed 88 77 …`.
fn is_number_row(text: &[u8]) -> bool {
    matches!(text, [b' ', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()
        && (rest.is_empty() || rest[0] == b' '))
}

/// A code as the library's own functions return it.
pub(super) fn code(function: &[u8], code: i64) -> Event {
    Event::Code {
        function: String::from_utf8_lossy(function).into_owned(),
        code,
        by: Reader::Library,
    }
}
