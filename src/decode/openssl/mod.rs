//! What OpenSSL's programs and library print: `s_client` and `s_server` with `-state`, `-msg` and
//! `-trace`, the lines of the error queue, and the session report.
//!
//! In: whole lines without their times. Out: events as the device sees them: `s_client` speaks for
//! the device, `s_server` for its peer. Source of the wording: OpenSSL 1.0.2 to 3.x,
//! `apps/lib/s_cb.c`, `apps/s_client.c`, `ssl/ssl_stat.c`, `ssl/t1_trce.c`. Must not know what an
//! event means for the handshake.

mod command;
mod dump;
mod queue;
mod report;
mod state;
mod trace;

use crate::decode::certificate_bytes::{self, base64};
use crate::decode::conditions;
use crate::decode::dialect::Dialect;
use crate::decode::handshake_bytes;
use crate::decode::prefilter::Anchors;
use crate::evidence::{ConnectResult, Direction, Event, PeerCertificate, Reader};
use crate::tls::Alert;

pub(super) use queue::{QueueError, reason_by_text, verify_by_name, verify_error};
pub(super) use report::{name, openssl_time, signature, version_number};

/// Alert that a server also writes when the client has left, so that nobody receives it
/// (`SSL_R_UNEXPECTED_EOF_WHILE_READING` is raised with `SSL_AD_DECODE_ERROR`).
const DECODE_ERROR: u8 = 50;

/// What `gai_strerror` says of a host that is not found.
const UNKNOWN_HOST: [&str; 3] = [
    "Name or service not known",
    "nodename nor servname provided",
    "No address associated with hostname",
];

/// Decoder of one input's OpenSSL lines.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // what was seen so far, one by one
pub(super) struct OpenSsl {
    /// The lines are those of a server: the device is the other side.
    server: bool,
    /// A line that only OpenSSL's programs print was read.
    sure: bool,
    /// `-msg` or `-trace` tells every message, so that the states add nothing.
    messages: bool,
    tls13: bool,
    dump: Option<dump::Dump>,
    trace: trace::Trace,
    state: String,
    /// `s_client` is connected.
    connected: bool,
    /// Handshakes begun less connections told. Where the two streams of `s_client` go to one file,
    /// `CONNECTED` can stand behind the handshake that it belongs to.
    ahead: i32,
    /// The ClientHello of this handshake was counted.
    hello_counted: bool,
    /// This side refused the other: the report's line on the session says no more than what was
    /// agreed.
    refused: bool,
    /// The message told last from a state: its type, and whether this side sent it.
    last: (u8, bool),
    /// A handshake ended; what follows is the report, or data.
    over: bool,
    alerts: Vec<(u8, Direction)>,
    /// An alert whose reason is on a line that follows.
    unsure_alert: Option<(u8, u8, Direction)>,
    /// Base64 of a certificate between its markers.
    pem: Option<Vec<u8>>,
    chain: Option<PeerCertificate>,
    /// Certificates of the chain told from their bytes, which say more than the report.
    told: u32,
}

impl Dialect for OpenSsl {
    fn name(&self) -> &'static str {
        "openssl"
    }

    fn of_peer(&self) -> bool {
        self.server
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        let mut texts = vec!["openssl s_client ", ">>> ", "<<< ", "error:"];
        texts.extend(state::ANCHORS);
        texts.extend(trace::BEGINS.iter().map(|(text, _)| *text));
        texts.extend(report::anchors());
        vec![Anchors::exact(texts)]
    }

    /// Rows of a dump, of a certificate, of a trace or of the report's chain follow.
    fn open(&self) -> bool {
        self.dump.is_some() || self.pem.is_some() || self.trace.open() || self.chain.is_some()
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        if self.dump.is_some() && self.dump_row(line, emit) {
            return true;
        }
        if let Some(pem) = &mut self.pem
            && pem.len() < 128 * 1024
            && base64(line).is_some()
        {
            pem.extend_from_slice(line);
            return true;
        }
        let text = line.trim_ascii();
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        // libcoap puts the ends of the session in front of the callback's text (coap_openssl.c).
        let text = match text.find("TLS: SSL_") {
            Some(at) if text.contains(" <-> ") => text.get(at + 5..).unwrap_or(text),
            _ => text,
        };
        let dump = self.dump.take();
        let claimed = self.command_line(text, emit)
            || self.header(text, emit)
            || self.state_line(text, emit)
            || self.alert_line(text, emit)
            || self.error_line(text, emit)
            || self.trace_line(text, emit)
            || self.report_line(text, emit);
        if let Some(mut dump) = dump {
            if !claimed && dump.interrupted() {
                self.dump = Some(dump);
            } else {
                // The rest of it was lost: what stood before the loss is told.
                dump.end();
                self.dumped(&dump, emit);
            }
        }
        self.sure |= claimed;
        claimed
    }
}

impl OpenSsl {
    /// The direction as the device sees it of what this side sent.
    fn direction(&self, sent: bool) -> Direction {
        if sent == self.server {
            Direction::Received
        } else {
            Direction::Sent
        }
    }

    /// The command that the report answers: what it asks for is in its ClientHello.
    fn command_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some(words) = command::s_client(text) else {
            return false;
        };
        *self = Self {
            sure: true,
            ..Self::default()
        };
        emit(Event::SessionStart);
        command::options(&words, emit);
        true
    }

    /// The steps that the report proves when no state and no message was printed.
    fn proved(&mut self, steps: &[(u8, bool)], emit: &mut dyn FnMut(Event)) {
        if self.messages || self.last != (0, false) || self.server {
            return;
        }
        for (msg_type, sent) in steps {
            self.message(*msg_type, *sent, emit);
        }
    }

    /// `>>> TLS 1.2, Handshake [length 00a1], ClientHello` of `-msg`.
    fn header(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some(header) = dump::header(text) else {
            return false;
        };
        self.messages = true;
        let direction = self.direction(header.sent);
        match header.what {
            dump::What::Handshake => {
                if let Some(msg_type) = header.msg_type {
                    if msg_type == 1 && header.sent && !self.hello_counted {
                        self.hello_counted = true;
                        self.ahead += 1;
                        self.refused = false;
                    }
                    emit(Event::Message {
                        msg_type,
                        direction,
                        size: Some(header.len),
                        bytes: None,
                    });
                    self.tls13 |= msg_type == 8;
                }
                self.dump = dump::Dump::new(&header, direction);
            }
            dump::What::ChangeCipherSpec => emit(Event::Record {
                direction,
                content_type: 20,
                version: 0x0303,
                len: header.len,
            }),
            dump::What::Alert => {
                if let Some((level, number)) = header.alert {
                    self.alert(Some(level), number, direction, emit);
                } else if header.datagram {
                    self.dump = dump::Dump::new(&header, direction);
                }
            }
            dump::What::Other => {}
        }
        true
    }

    /// A row of a hex dump.
    fn dump_row(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Some(dump) = &mut self.dump else {
            return false;
        };
        if !dump.row(line) {
            return false;
        }
        if dump.complete()
            && let Some(dump) = self.dump.take()
        {
            self.dumped(&dump, emit);
        }
        true
    }

    fn dumped(&mut self, dump: &dump::Dump, emit: &mut dyn FnMut(Event)) {
        let direction = dump.direction();
        if !dump.complete() || !dump.holes().is_empty() {
            self.damaged(dump, emit);
            return;
        }
        if dump.is_unnamed(dump::What::Alert) {
            if let [level, number] = dump.bytes() {
                self.alert(Some(*level), *number, direction, emit);
            }
            return;
        }
        let message = if dump.is_datagram() {
            let Some(message) = dump::without_datagram(dump.bytes()) else {
                return;
            };
            message
        } else {
            dump.bytes().to_vec()
        };
        if dump.is_unnamed(dump::What::Handshake) {
            let size = u32::try_from(dump.bytes().len()).ok();
            emit(Event::Record {
                direction,
                content_type: 22,
                version: 0xFEFD,
                len: size.unwrap_or(0),
            });
            emit(Event::Message {
                msg_type: message.first().copied().unwrap_or(0),
                direction,
                size,
                bytes: None,
            });
        }
        let Some(msg_type) = dump.msg_type().or(message.first().copied()) else {
            return;
        };
        emit(Event::Message {
            msg_type,
            direction,
            size: None,
            bytes: Some(message.as_slice().into()),
        });
        // The certificates that the device itself sends describe no peer.
        if msg_type == 11 && direction == Direction::Sent {
            return;
        }
        let tls13 = self.tls13;
        let told = &mut self.told;
        handshake_bytes::read(&message, tls13, &mut |e| {
            *told += u32::from(matches!(e, Event::PeerCertificate(_)));
            emit(e);
        });
    }

    /// Of a dump with lost bytes: what its whole parts say. A chain of certificates would miss one,
    /// so that is left to the report.
    fn damaged(&self, dump: &dump::Dump, emit: &mut dyn FnMut(Event)) {
        if !dump.is_datagram() && dump.msg_type() != Some(11) {
            handshake_bytes::read_damaged(dump.bytes(), dump.holes(), self.tls13, emit);
        }
    }

    /// `SSL_connect:SSLv3/TLS write client hello` of `-state` and of info callbacks.
    fn state_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some(line) = state::line(text) else {
            return false;
        };
        match line.end {
            Some("accept") => self.server = true,
            Some("connect") => self.server = false,
            _ => {}
        }
        let repeated = self.state == line.state;
        match line.kind() {
            state::Kind::Before => {
                if !repeated || self.over {
                    self.begin(emit);
                } else if self.server && !self.messages {
                    // The second time: the header of the ClientHello has arrived.
                    self.message(1, false, emit);
                }
            }
            state::Kind::Message { msg_type, sent } => {
                let told =
                    self.server && msg_type == 1 && !sent && self.state.starts_with("before");
                if !repeated && !self.messages && !told {
                    self.message(msg_type, sent, emit);
                }
                self.tls13 |= msg_type == 8 || line.state.starts_with("TLSv1.3");
            }
            state::Kind::ChangeCipherSpec { sent } => {
                if !repeated && !self.messages {
                    emit(Event::Record {
                        direction: self.direction(sent),
                        content_type: 20,
                        version: 0x0303,
                        len: 1,
                    });
                }
            }
            state::Kind::Done => {
                emit(Event::Established);
                self.over = true;
            }
            state::Kind::Error | state::Kind::Other => return true,
        }
        line.state.clone_into(&mut self.state);
        true
    }

    fn begin(&mut self, emit: &mut dyn FnMut(Event)) {
        self.over = false;
        self.alerts.clear();
        self.told = 0;
        self.tls13 = false;
        self.refused = false;
        if !self.hello_counted {
            self.hello_counted = true;
            self.ahead += 1;
        }
        emit(Event::SessionStart);
    }

    fn message(&mut self, msg_type: u8, sent: bool, emit: &mut dyn FnMut(Event)) {
        self.last = (msg_type, sent);
        emit(Event::Message {
            msg_type,
            direction: self.direction(sent),
            size: None,
            bytes: None,
        });
    }

    /// `SSL3 alert read:fatal:handshake failure`.
    fn alert_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some((level, number, sent)) = state::alert(text) else {
            return false;
        };
        if let Some(number) = number {
            let direction = self.direction(sent);
            if self.server && sent && number == DECODE_ERROR {
                self.unsure_alert = Some((level, number, direction));
            } else {
                self.alert(Some(level), number, direction, emit);
            }
        }
        true
    }

    /// Tells an alert once: the message, the callback and the error queue all name it.
    fn alert(
        &mut self,
        level: Option<u8>,
        number: u8,
        direction: Direction,
        emit: &mut dyn FnMut(Event),
    ) {
        if !self.alerts.contains(&(number, direction)) {
            self.refused |= direction == Direction::Sent && level == Some(2);
            self.alerts.push((number, direction));
            emit(Event::Alert {
                level,
                number,
                direction,
            });
        }
    }

    /// A line of the error queue.
    fn error_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some(error) = QueueError::find(text) else {
            return false;
        };
        self.over = true;
        // The reason of the check, which programs put in parentheses behind the entry.
        if let Some((_, reason)) = text.rsplit_once('(').filter(|_| error.is_verify_failed()) {
            conditions::application().find(reason.as_bytes(), &mut |event| emit(event));
        }
        // getaddrinfo's words, which OpenSSL quotes behind its own (crypto/bio/bio_addr.c).
        if UNKNOWN_HOST.iter().any(|words| text.contains(words)) {
            emit(Event::Connect {
                result: ConnectResult::DnsFailed,
            });
            return true;
        }
        if !self.sure {
            // A line alone: the function tells which end it worked for.
            self.server = error.side().unwrap_or(self.server);
        }
        if self.connected {
            self.proved(&[(1, true)], emit);
        }
        self.refused |= error.is_verification() && !self.server;
        if let Some((level, number, direction)) = self.unsure_alert.take()
            && !error.is_end_of_file()
        {
            self.alert(Some(level), number, direction, emit);
        }
        if let Some(number) = error.alert().filter(|n| Alert(*n).name().is_some()) {
            let direction = self.direction(false);
            self.alert(None, number, direction, emit);
            return true;
        }
        if !self.messages {
            // The function that failed was at work on a message that had arrived.
            let arrived = error
                .message()
                .filter(|t| self.last != (*t, false) && !error.is_without_certificate());
            if let Some(msg_type) = arrived {
                if msg_type == 11 && self.sure && !self.connected {
                    // The report that proves the messages before stands behind this line.
                    self.proved(&[(1, true), (2, false)], emit);
                    if !self.server && self.ahead <= 0 {
                        self.ahead += 1;
                    }
                }
                self.message(msg_type, false, emit);
            }
        }
        if self.server && self.last.0 != 0 && error.is_wrong_version() {
            // Records went both ways before this one: it was damaged, or an alert of another
            // version, but not another protocol.
            emit(Event::PeerError {
                name: "SSL_R_WRONG_VERSION_NUMBER".to_owned(),
            });
            return true;
        }
        error.tell(self.server, emit);
        true
    }

    fn trace_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let server = self.server;
        let mut alert = None;
        let mut hello = false;
        let mut tell = |e: Event| {
            hello |= matches!(e, Event::Message { msg_type: 1, .. });
            emit(e);
        };
        let claimed = self.trace.take(text, server, &mut tell, &mut alert);
        if hello {
            // Another handshake of the same program.
            self.alerts.clear();
        }
        if let Some((level, number, direction)) = alert {
            self.alert(Some(level), number, direction, emit);
        }
        self.messages |= claimed;
        claimed
    }

    /// A line of the report that `s_client` prints after the handshake, or of verification.
    fn report_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        match report::line(text) {
            Some(report::Line::Connected) if self.ahead > 0 => {
                self.ahead -= 1;
                self.connected = true;
            }
            Some(report::Line::Connected) => {
                self.ahead -= 1;
                self.hello_counted = false;
                self.refused = false;
                emit(Event::Connect {
                    result: ConnectResult::Connected,
                });
                self.connected = true;
                self.last = (0, false);
                self.alerts.clear();
                self.told = 0;
                self.over = false;
            }
            Some(report::Line::Accept) => self.server = true,
            Some(report::Line::VerifyError(number)) => {
                queue::verify_error(number, self.server, emit);
            }
            // Before the session's line, which would else be all that a late begin tells.
            Some(report::Line::VerifyText(number)) if !self.server && !self.over => {
                queue::verify_error(number, false, emit);
            }
            Some(report::Line::VerifyText(_)) => return self.sure,
            Some(report::Line::VerifyCode(number)) => {
                if number != 0 && self.sure {
                    queue::verify_error(number, self.server, emit);
                }
            }
            Some(report::Line::Errno(0)) if !self.server => {
                if self.alerts.is_empty() {
                    emit(Event::PeerClosed);
                }
            }
            Some(report::Line::Errno(number)) => errno(number, self.server, emit),
            Some(report::Line::Bytes { read, written }) => {
                if read > 0 && !self.messages {
                    emit(Event::Read { got: read });
                } else if read == 0 && written > 0 && !self.messages && !self.over {
                    // No answer, and the program ended by itself: the server closed.
                    self.proved(&[(1, true)], emit);
                    emit(Event::PeerClosed);
                }
            }
            Some(report::Line::Session {
                version,
                suite: Some(suite),
            }) => {
                if let Some(version) = version {
                    emit(Event::ChosenVersion(version));
                }
                emit(Event::ChosenSuite(suite.0));
                if !self.refused {
                    emit(Event::Established);
                }
                self.over = true;
                self.hello_counted = false;
            }
            Some(report::Line::Session { suite: None, .. }) => {
                self.over = true;
                self.hello_counted = false;
            }
            Some(report::Line::Group(group)) => emit(Event::ChosenGroup(group.to_owned())),
            Some(report::Line::Subject(subject)) => {
                self.proved(&[(1, true), (2, false), (11, false)], emit);
                self.end_chain(emit);
                self.chain = Some(subject);
            }
            Some(report::Line::Issuer(issuer)) => match &mut self.chain {
                Some(cert) => cert.issuer = issuer,
                None => return false,
            },
            Some(report::Line::Key(kind, bits, signed)) => {
                if let Some(cert) = &mut self.chain {
                    (cert.key_type, cert.key_bits, cert.signed_using) = (kind, bits, signed);
                }
            }
            Some(report::Line::Validity(from, to)) => {
                if let Some(cert) = &mut self.chain {
                    (cert.not_before, cert.not_after) = (from, to);
                }
            }
            Some(report::Line::PemBegin) => {
                // In the report the leaf alone follows its own line in the chain; with -showcerts
                // every certificate does.
                self.pem = Some(Vec::new());
            }
            Some(report::Line::PemEnd) => self.end_pem(emit),
            Some(report::Line::EndOfPart) => self.end_chain(emit),
            Some(report::Line::ClosedByServer) if self.sure => {}
            Some(report::Line::Known) => {}
            Some(report::Line::KnownIfSure | report::Line::ClosedByServer) => return self.sure,
            None => return false,
        }
        true
    }

    /// The description of a certificate of the chain is complete.
    fn end_chain(&mut self, emit: &mut dyn FnMut(Event)) {
        if let Some(cert) = self.chain.take()
            && self.told == 0
        {
            emit(Event::PeerCertificate(Box::new(cert)));
        }
    }

    fn end_pem(&mut self, emit: &mut dyn FnMut(Event)) {
        let Some(der) = self.pem.take().and_then(|text| base64(&text)) else {
            return;
        };
        let index = self.chain.as_ref().map_or(1, |c| c.index);
        if self.told > 0 || !self.sure || self.server {
            return;
        }
        if let Some(cert) = certificate_bytes::describe(&der, index) {
            self.chain = None;
            emit(Event::PeerCertificate(Box::new(cert)));
        }
    }
}

/// An error of the socket that a program names by number (Linux: `errno.h`).
fn errno(number: u32, server: bool, emit: &mut dyn FnMut(Event)) {
    if server {
        emit(Event::DeviceClosed);
        return;
    }
    match number {
        104 | 54 | 10054 => emit(Event::PeerReset),
        111 | 61 | 10061 => emit(Event::Connect {
            result: ConnectResult::Refused,
        }),
        110 | 60 | 10060 => emit(Event::Connect {
            result: ConnectResult::TimedOut,
        }),
        _ => emit(Event::ErrorName {
            name: format!("errno {number}"),
            by: Reader::Library,
        }),
    }
}
