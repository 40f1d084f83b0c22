//! The bytes of a handshake message, as a log dumps them → what it says.
//!
//! In: one whole message with its 4-byte header (RFC 8446 section 4, RFC 5246 section 7.4). Out:
//! events: versions, suites, groups, names, certificates. A message that ends early says what came
//! before its end. Must not know who printed it.

use std::ops::Range;

use super::certificate_bytes;
use crate::evidence::Event;
use crate::tls::{NamedGroup, SignatureScheme, is_grease};

/// Random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3), its first bytes.
const RETRY: [u8; 8] = [0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11];

/// Reads a message. `tls13` tells the form of Certificate; the other messages tell it themselves.
pub(super) fn read(message: &[u8], tls13: bool, emit: &mut dyn FnMut(Event)) {
    read_damaged(message, &[], tls13, emit);
}

/// Reads a message of which the bytes in `holes` are lost: what does not depend on them is told.
pub(super) fn read_damaged(
    message: &[u8],
    holes: &[Range<usize>],
    tls13: bool,
    emit: &mut dyn FnMut(Event),
) {
    let message = Bytes {
        left: message,
        at: 0,
        holes,
    };
    let _ = whole_message(message, tls13, emit);
}

fn whole_message(mut message: Bytes<'_>, tls13: bool, emit: &mut dyn FnMut(Event)) -> Option<()> {
    let kind = message.u8()?;
    let _length = message.take(3)?;
    let mut body = message;
    // A message that ends early has said what stands before its end.
    match kind {
        1 => client_hello(&mut body, emit),
        2 => server_hello(&mut body, emit),
        11 => certificate(&mut body, tls13, emit),
        12 => server_key_exchange(&mut body, emit),
        _ => None,
    }
}

/// A reader of the protocol's vectors.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    left: &'a [u8],
    /// Where they begin in the message.
    at: usize,
    /// Parts of the message that are lost.
    holes: &'a [Range<usize>],
}

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<Self> {
        let (head, tail) = self.left.split_at_checked(n)?;
        let taken = Self {
            left: head,
            ..*self
        };
        self.left = tail;
        self.at += n;
        Some(taken)
    }

    /// The bytes, where none of them is lost.
    fn known(self) -> Option<&'a [u8]> {
        let end = self.at + self.left.len();
        let lost = |hole: &Range<usize>| hole.start < end && self.at < hole.end;
        (!self.holes.iter().any(lost)).then_some(self.left)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.known().map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes = self.take(2)?.known()?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u24(&mut self) -> Option<usize> {
        let b = self.take(3)?.known()?;
        Some(usize::from(b[0]) << 16 | usize::from(b[1]) << 8 | usize::from(b[2]))
    }

    fn vec8(&mut self) -> Option<Self> {
        let n = usize::from(self.u8()?);
        self.take(n)
    }

    fn vec16(&mut self) -> Option<Self> {
        let n = usize::from(self.u16()?);
        self.take(n)
    }

    /// The same of a message that may be cut: what is there of it.
    fn vec16_or_rest(&mut self) -> Option<Self> {
        let n = usize::from(self.u16()?);
        self.take(n.min(self.left.len()))
    }

    /// A name in it.
    fn text(self) -> Option<String> {
        Some(String::from_utf8_lossy(self.known()?).into_owned())
    }

    /// The numbers that are not lost.
    fn all_u16(mut self) -> impl Iterator<Item = u16> {
        std::iter::from_fn(move || {
            while self.left.len() >= 2 {
                if let Some(value) = self.u16().filter(|v| !is_grease(*v)) {
                    return Some(value);
                }
            }
            None
        })
    }
}

fn client_hello(b: &mut Bytes<'_>, emit: &mut dyn FnMut(Event)) -> Option<()> {
    let legacy = b.u16()?;
    if let Some(Ok(random)) = b.take(32)?.known().map(TryInto::try_into) {
        let from_client = true;
        emit(Event::Random {
            from_client,
            random,
        });
    }
    b.vec8()?;
    for suite in b.vec16()?.all_u16() {
        emit(Event::OfferedSuite(suite));
    }
    b.vec8()?;
    let mut versions = (None, Some(legacy));
    if let Some(mut extensions) = b.vec16_or_rest() {
        while let (Some(kind), Some(mut data)) = (extensions.u16(), extensions.vec16()) {
            if is_grease(kind) {
                continue;
            }
            extension(kind, true, emit);
            // A ticket, or a PSK for resumption (RFC 5077, RFC 8446 section 4.2.11).
            if kind == 35 && !data.left.is_empty() || kind == 41 {
                emit(Event::Condition {
                    name: "session_offered",
                    value: None,
                });
            }
            // What an extension cannot be read for is still offered.
            let _ = client_extension(kind, &mut data, &mut versions, emit);
        }
    }
    emit(Event::OfferedVersion {
        min: versions.0,
        max: versions.1,
    });
    Some(())
}

fn client_extension(
    kind: u16,
    data: &mut Bytes<'_>,
    versions: &mut (Option<u16>, Option<u16>),
    emit: &mut dyn FnMut(Event),
) -> Option<()> {
    match kind {
        0 => {
            let mut names = data.vec16()?;
            if names.u8()? == 0 {
                emit(Event::ServerName(names.vec16()?.text()?));
            }
        }
        10 => {
            for group in data.vec16()?.all_u16() {
                emit(Event::OfferedGroup(group));
            }
        }
        13 => {
            for scheme in data.vec16()?.all_u16() {
                emit(Event::OfferedSignature(scheme));
            }
        }
        16 => {
            let mut list = data.vec16()?;
            let mut names = Vec::new();
            while let Some(name) = list.vec8() {
                names.push(name.text()?);
            }
            emit(Event::Alpn(names.join(", ")));
        }
        43 => {
            let list = data.vec8()?;
            list.known()?;
            let known: Vec<u16> = list.all_u16().collect();
            *versions = (known.iter().min().copied(), known.iter().max().copied());
        }
        _ => {}
    }
    Some(())
}

fn server_hello(b: &mut Bytes<'_>, emit: &mut dyn FnMut(Event)) -> Option<()> {
    let legacy = b.u16()?;
    let random = b.take(32)?.known()?;
    let retry = random.starts_with(&RETRY);
    if let Some(random) = random.try_into().ok().filter(|_| !retry) {
        let from_client = false;
        emit(Event::Random {
            from_client,
            random,
        });
    }
    b.vec8()?;
    let suite = b.u16()?;
    b.u8()?;
    let mut version = legacy;
    let mut group = None;
    if let Some(mut extensions) = b.vec16() {
        while let (Some(kind), Some(mut data)) = (extensions.u16(), extensions.vec16()) {
            extension(kind, false, emit);
            match kind {
                43 => version = data.u16().unwrap_or(version),
                51 => group = data.u16(),
                _ => {}
            }
        }
    }
    emit(Event::ChosenVersion(version));
    if retry {
        emit(Event::Condition {
            name: "hello_retry_request",
            value: None,
        });
    } else {
        emit(Event::ChosenSuite(suite));
    }
    if let Some(group) = group {
        emit(Event::ChosenGroup(NamedGroup(group).to_string()));
    }
    Some(())
}

fn server_key_exchange(b: &mut Bytes<'_>, emit: &mut dyn FnMut(Event)) -> Option<()> {
    // Only the named curve form (RFC 8422 section 5.4); other forms have no mark of their own.
    if b.u8()? != 3 {
        return None;
    }
    let group = b.u16()?;
    let point = b.vec8()?;
    if point.left.len() < 32 {
        return None;
    }
    emit(Event::ChosenGroup(NamedGroup(group).to_string()));
    let scheme = b.u16()?;
    let signature = b.vec16()?;
    emit(Event::KeyExchangeSignature {
        scheme: SignatureScheme(scheme).0,
        len: u16::try_from(signature.left.len()).ok()?,
    });
    Some(())
}

fn certificate(b: &mut Bytes<'_>, tls13: bool, emit: &mut dyn FnMut(Event)) -> Option<()> {
    if tls13 {
        b.vec8()?;
    }
    let total = b.u24()?;
    let mut list = b.take(total.min(b.left.len()))?;
    let mut index = 0;
    while let Some(len) = list.u24() {
        let der = list.take(len)?.known()?;
        index += 1;
        if let Some(cert) = certificate_bytes::describe(der, index) {
            emit(Event::PeerCertificate(Box::new(cert)));
        }
        if tls13 {
            list.vec16()?;
        }
    }
    Some(())
}

fn extension(kind: u16, from_client: bool, emit: &mut dyn FnMut(Event)) {
    let name = extension_name(kind).map_or_else(|| kind.to_string(), str::to_owned);
    emit(Event::Extension { name, from_client });
}

/// Name of an extension (IANA TLS `ExtensionType` values).
pub(super) fn extension_name(kind: u16) -> Option<&'static str> {
    Some(match kind {
        0 => "server_name",
        1 => "max_fragment_length",
        5 => "status_request",
        10 => "supported_groups",
        11 => "ec_point_formats",
        13 => "signature_algorithms",
        14 => "use_srtp",
        15 => "heartbeat",
        16 => "application_layer_protocol_negotiation",
        18 => "signed_certificate_timestamp",
        19 => "client_certificate_type",
        20 => "server_certificate_type",
        21 => "padding",
        22 => "encrypt_then_mac",
        23 => "extended_master_secret",
        27 => "compress_certificate",
        28 => "record_size_limit",
        35 => "session_ticket",
        41 => "pre_shared_key",
        42 => "early_data",
        43 => "supported_versions",
        44 => "cookie",
        45 => "psk_key_exchange_modes",
        47 => "certificate_authorities",
        49 => "post_handshake_auth",
        50 => "signature_algorithms_cert",
        51 => "key_share",
        0xFF01 => "renegotiation_info",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_depend_on_lost_bytes_is_told() {
        // Version, random, no session, two suites, one method, then server name, ticket, groups.
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0xC0, 0x2F, 0xC0, 0x30, 1, 0]);
        let mut extensions = vec![0, 0, 0, 8, 0, 6, 0, 0, 3, b'a', b'.', b'b'];
        extensions.extend([0, 35, 0, 16]);
        let ticket = extensions.len();
        extensions.extend([9; 16]);
        extensions.extend([0, 10, 0, 4, 0, 2, 0, 23]);
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        let extensions_at = 4 + body.len();
        body.extend(&extensions);
        let mut hello = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        hello.extend(&body);
        let told = |hole: Range<usize>| {
            let mut out = Vec::new();
            read_damaged(&hello, &[hole], false, &mut |e| out.push(e));
            out
        };
        let offered = Event::Condition {
            name: "session_offered",
            value: None,
        };
        let (name, group) = (Event::ServerName("a.b".into()), Event::OfferedGroup(23));
        // Within the random and within the ticket nothing else is lost.
        let at = extensions_at + ticket + 2;
        for hole in [8..20, at..at + 10] {
            let told = told(hole.clone());
            for wanted in [&offered, &name, &group, &Event::OfferedSuite(0xC030)] {
                assert!(told.contains(wanted), "{hole:?} {wanted:?}");
            }
        }
        // A lost name is no name, a lost length ends what can be placed.
        let told_without_name = told(extensions_at + 9..extensions_at + 11);
        assert!(
            !told_without_name
                .iter()
                .any(|e| matches!(e, Event::ServerName(_)))
        );
        assert!(told_without_name.contains(&group));
        let told_without_length = told(extensions_at + 12..extensions_at + 16);
        assert!(told_without_length.contains(&name));
        assert!(!told_without_length.contains(&offered));
        assert!(!told_without_length.contains(&group));
    }

    fn events(message: &[u8]) -> Vec<Event> {
        let mut out = Vec::new();
        read(message, false, &mut |e| out.push(e));
        out
    }

    fn hello() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0xC0, 0x2F, 0x13, 0x01, 1, 0]);
        let extensions = [
            0, 0, 0, 9, 0, 7, 0, 0, 4, b'a', b'.', b'b', b'c', // server_name
            0, 10, 0, 4, 0, 2, 0, 23, // supported_groups
            0, 43, 0, 5, 4, 3, 4, 3, 3, // supported_versions
        ];
        body.extend([0, u8::try_from(extensions.len()).unwrap()]);
        body.extend(extensions);
        let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    #[test]
    fn a_client_hello_says_what_it_offers() {
        let got = events(&hello());
        assert!(got.contains(&Event::OfferedSuite(0xC02F)));
        assert!(got.contains(&Event::OfferedGroup(23)));
        assert!(got.contains(&Event::ServerName("a.bc".into())));
        assert!(got.contains(&Event::OfferedVersion {
            min: Some(0x0303),
            max: Some(0x0304)
        }));
    }

    #[test]
    fn cut_anywhere_it_does_not_panic_and_says_no_more() {
        let whole = hello();
        for n in 0..whole.len() {
            assert!(events(&whole[..n]).len() <= events(&whole).len());
        }
    }

    #[test]
    fn a_server_key_exchange_names_group_and_signature() {
        let mut message = vec![12, 0, 0, 0, 3, 0, 23, 65];
        message.extend([4; 65]);
        message.extend([6, 3, 0, 71]);
        message.extend([0x30; 71]);
        let got = events(&message);
        assert!(got.contains(&Event::ChosenGroup("secp256r1".into())));
        assert!(got.contains(&Event::KeyExchangeSignature {
            scheme: 0x0603,
            len: 71
        }));
    }
}
