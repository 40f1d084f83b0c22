//! Handshake messages of a connection: their bytes as they are, and what they say as observations.
//!
//! In: whole messages in order. Out: observations, certificates; and what both sides agreed on, which
//! the record layer needs to know what comes next. The same for TLS and DTLS.

use super::output::{CarriedCertificate, Connection, Out};
use super::stream::Moment;
use crate::evidence::{Event, Micros};
use crate::tls::{
    CipherSuite, ClientHello, HandshakeType, ProtocolVersion, ServerHello, ServerKey,
    ServerKeyExchange, certificate_list, encrypted_extensions, is_grease,
};

/// What is known of the handshake so far.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // marks of both sides, each on its own
pub(super) struct Agreed {
    datagrams: bool,
    pub(super) client_random: Option<[u8; 32]>,
    pub(super) server_random: Option<[u8; 32]>,
    pub(super) version: Option<u16>,
    pub(super) suite: Option<CipherSuite>,
    pub(super) server_name: Option<String>,
    client_session: Vec<u8>,
    server_session: Vec<u8>,
    server_certificate: bool,
    resumed_told: bool,
    client_greases: bool,
    client_certificate: bool,
    server_certificate_logged: bool,
}

/// The extension of a certificate with the stamps of public logs: its OID 1.3.6.1.4.1.11129.2.4.2 in
/// DER (RFC 6962 section 3.3).
const LOG_STAMPS: [u8; 12] = [6, 10, 0x2B, 6, 1, 4, 1, 0xD6, 0x79, 2, 4, 2];

impl Agreed {
    /// Of DTLS, whose `ClientHello` has another form and whose versions count down.
    pub(super) fn of_datagrams() -> Self {
        Self {
            datagrams: true,
            ..Self::default()
        }
    }

    /// Writes what is known into the list's entry.
    pub(super) fn sum_up(&self, connection: &mut Connection) {
        connection.server_name.clone_from(&self.server_name);
        connection.client_greases = self.client_greases;
        connection.client_certificate = self.client_certificate;
        connection.server_certificate_logged = self.server_certificate_logged;
    }

    pub(super) fn tls13(&self) -> bool {
        matches!(self.version, Some(0x0304 | 0xFEFC))
    }

    /// Takes one message (with the 4-byte header of TLS) that was whole at this moment. Gives `true`
    /// for a `ServerHello` that decides (no retry).
    pub(super) fn message(
        &mut self,
        by_client: bool,
        message: &[u8],
        moment: Moment,
        out: &mut Out<'_>,
    ) -> bool {
        let Some((head, body)) = message.split_at_checked(4) else {
            return false;
        };
        let msg_type = head.first().copied().unwrap_or(0);
        let hello = if msg_type == 2 {
            ServerHello::parse(body).ok()
        } else {
            None
        };
        let retry = hello.as_ref().is_some_and(ServerHello::is_retry);
        let bytes = out.bytes(message);
        let event = Event::Message {
            // A retry travels as a ServerHello; 6 was its number in the drafts and names it here.
            msg_type: if retry { 6 } else { msg_type },
            direction: out.direction(by_client),
            size: u32::try_from(message.len()).ok(),
            bytes: Some(bytes),
        };
        out.event(moment, event);
        match msg_type {
            1 => {
                if let Ok(hello) = ClientHello::parse(body, self.datagrams) {
                    self.client_hello(&hello, moment, out);
                }
            }
            2 => {
                if let Some(hello) = hello {
                    self.server_hello(&hello, retry, moment, out);
                    return !retry;
                }
            }
            8 => {
                for extension in encrypted_extensions(body).unwrap_or_default() {
                    let name = extension.label();
                    let from_client = false;
                    out.event(moment, Event::Extension { name, from_client });
                }
            }
            11 => {
                self.server_certificate |= !by_client;
                let list = certificate_list(body, self.tls13()).unwrap_or_default();
                if by_client {
                    self.client_certificate |= !list.is_empty();
                } else if let Some(leaf) = list.first() {
                    self.server_certificate_logged |=
                        leaf.windows(LOG_STAMPS.len()).any(|w| w == LOG_STAMPS);
                }
                for (index, der) in list.into_iter().enumerate() {
                    let certificate = CarriedCertificate {
                        frame: moment.frame,
                        from_client: by_client,
                        index: u32::try_from(index).unwrap_or(u32::MAX),
                        der: out.bytes(der),
                    };
                    out.certificate(certificate);
                }
            }
            12 => {
                let version = ProtocolVersion(self.version.unwrap_or(0));
                let suite = self.suite.unwrap_or(CipherSuite(0));
                if let Ok(Some(exchange)) = ServerKeyExchange::parse(body, version, suite) {
                    let name = match exchange.key {
                        ServerKey::Ecdhe { group, .. } => group.to_string(),
                        ServerKey::Dhe { prime_bits } => format!("DHE {prime_bits} bits"),
                    };
                    out.event(moment, Event::ChosenGroup(name));
                }
            }
            _ => {}
        }
        false
    }

    fn client_hello(&mut self, hello: &ClientHello, moment: Moment, out: &mut Out<'_>) {
        if self.server_random.is_none() {
            self.client_random = Some(hello.random);
            self.client_session.clone_from(&hello.session_id);
        }
        let random = hello.random;
        out.event(
            moment,
            Event::Random {
                from_client: true,
                random,
            },
        );
        self.client_greases |= hello.cipher_suites.iter().any(|s| is_grease(*s));
        if let Some(clock) = clock_in(&hello.random, moment.at).filter(|_| out.device_is_client) {
            out.event(moment, Event::DeviceClock(clock));
        }
        if offers_session(hello) {
            let name = "session_offered";
            out.event(moment, Event::Condition { name, value: None });
        }
        for suite in &hello.cipher_suites {
            out.event(moment, Event::OfferedSuite(*suite));
        }
        for group in hello.groups() {
            out.event(moment, Event::OfferedGroup(group));
        }
        for scheme in hello.signature_schemes() {
            out.event(moment, Event::OfferedSignature(scheme));
        }
        let versions: Vec<u16> = hello
            .versions()
            .into_iter()
            .filter(|v| !is_grease(*v))
            .collect();
        let listed = hello
            .extension(crate::tls::extension::SUPPORTED_VERSIONS)
            .is_some();
        // Versions of DTLS count down.
        let newest = if self.datagrams {
            versions.iter().min()
        } else {
            versions.iter().max()
        };
        let oldest = if self.datagrams {
            versions.iter().max()
        } else {
            versions.iter().min()
        };
        let event = Event::OfferedVersion {
            min: oldest.copied().filter(|_| listed),
            max: newest.copied(),
        };
        out.event(moment, event);
        if let Some(name) = hello.server_name() {
            out.event(moment, Event::ServerName(name.clone()));
            self.server_name = Some(name);
        }
        let alpn = hello.alpn();
        if !alpn.is_empty() {
            out.event(moment, Event::Alpn(alpn.join(", ")));
        }
        for extension in hello.extensions.iter().filter(|e| !is_grease(e.number)) {
            let name = extension.label();
            let from_client = true;
            out.event(moment, Event::Extension { name, from_client });
        }
    }

    fn server_hello(
        &mut self,
        hello: &ServerHello,
        retry: bool,
        moment: Moment,
        out: &mut Out<'_>,
    ) {
        self.version = Some(hello.version().0);
        self.suite = Some(hello.cipher_suite);
        out.event(moment, Event::ChosenVersion(hello.version().0));
        out.event(moment, Event::ChosenSuite(hello.cipher_suite.0));
        if let Some(group) = hello.group() {
            out.event(moment, Event::ChosenGroup(group.to_string()));
        }
        if retry {
            return;
        }
        let random = hello.random;
        out.event(
            moment,
            Event::Random {
                from_client: false,
                random,
            },
        );
        if self.server_random.is_none() {
            self.server_random = Some(hello.random);
            self.server_session.clone_from(&hello.session_id);
        }
        for extension in &hello.extensions {
            let name = extension.label();
            let from_client = false;
            out.event(moment, Event::Extension { name, from_client });
        }
        let psk = hello
            .extensions
            .iter()
            .any(|e| e.number == crate::tls::extension::PRE_SHARED_KEY);
        if psk && self.tls13() {
            self.resumed(moment, out);
        }
    }

    /// `ChangeCipherSpec` of the server: without a certificate before it and with the client's
    /// session, the handshake is an abbreviated one (RFC 5246 section 7.3).
    pub(super) fn server_changes_cipher(&mut self, moment: Moment, out: &mut Out<'_>) {
        let same = !self.client_session.is_empty() && self.client_session == self.server_session;
        if !self.tls13() && same && !self.server_certificate {
            self.resumed(moment, out);
        }
    }

    fn resumed(&mut self, moment: Moment, out: &mut Out<'_>) {
        if !self.resumed_told {
            self.resumed_told = true;
            let name = "session_resumed";
            out.event(moment, Event::Condition { name, value: None });
        }
    }
}

/// The client's clock, where its random begins with it (`gmt_unix_time`, RFC 5246 section 7.4.1.2;
/// Mbed TLS up to TLS 1.2 and old OpenSSL write it, others do not). Told only where chance is ruled
/// out: within a day of the capture, or within a month of the start of 1970 or of 2000, where clocks
/// begin that were never set. Zero itself is what BearSSL writes, which knows no time there
/// (`src/ssl/ssl_hs_client.t0`).
fn clock_in(random: &[u8; 32], now: Option<Micros>) -> Option<Micros> {
    const DAY: i64 = 86_400;
    const YEAR_2000: i64 = 946_684_800;
    let [a, b, c, d, ..] = *random;
    let clock = i64::from(u32::from_be_bytes([a, b, c, d]));
    let near = now.is_some_and(|now| (clock - now / 1_000_000).abs() < DAY);
    let unset = (1..30 * DAY).contains(&clock) || (0..30 * DAY).contains(&(clock - YEAR_2000));
    (near || unset).then_some(clock * 1_000_000)
}

/// Does the client bring a session: a ticket, or an id where TLS 1.3 does not fill that field for
/// middleboxes (RFC 5077 section 3.2, RFC 8446 section 4.1.2)?
fn offers_session(hello: &ClientHello) -> bool {
    use crate::tls::extension::{PRE_SHARED_KEY, SESSION_TICKET, SUPPORTED_VERSIONS};
    let ticket = hello.extension(SESSION_TICKET);
    ticket.is_some_and(|e| !e.data.is_empty())
        || hello.extension(PRE_SHARED_KEY).is_some()
        || !hello.session_id.is_empty() && hello.extension(SUPPORTED_VERSIONS).is_none()
}

/// Joins record fragments into handshake messages.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    buffer: Vec<u8>,
    /// Bytes are missing: the next record may begin in the middle of a message.
    unsure: bool,
}

/// Longest message that is put together; the longest chains of certificates stay far below.
const LONGEST_MESSAGE: usize = 1 << 20;

impl Joiner {
    pub(super) fn lost(&mut self) {
        self.buffer.clear();
        self.unsure = true;
    }

    pub(super) fn push(&mut self, fragment: &[u8]) {
        if self.unsure {
            // Go on only where a known message begins that ends with this record or after others.
            let starts = head(fragment).is_some_and(|(known, len)| known && len <= fragment.len());
            if !starts {
                return;
            }
            self.unsure = false;
        }
        self.buffer.extend_from_slice(fragment);
    }

    /// The next message that is whole.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        let (_, len) = head(&self.buffer)?;
        if len > LONGEST_MESSAGE {
            self.lost();
            return None;
        }
        if self.buffer.len() < len {
            return None;
        }
        let rest = self.buffer.split_off(len);
        Some(std::mem::replace(&mut self.buffer, rest))
    }

    /// A message that has begun: its type, the bytes that are there, and all it declares.
    pub(super) fn unfinished(&self) -> Option<(HandshakeType, usize, usize)> {
        let (_, len) = head(&self.buffer)?;
        let msg_type = HandshakeType(self.buffer.first().copied()?);
        Some((msg_type, self.buffer.len(), len))
    }
}

/// Is the type known, and how long is the message with its header?
fn head(bytes: &[u8]) -> Option<(bool, usize)> {
    match bytes {
        [msg_type, a, b, c, ..] => {
            let len = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            Some((HandshakeType(*msg_type).step().is_some(), len + 4))
        }
        _ => None,
    }
}
