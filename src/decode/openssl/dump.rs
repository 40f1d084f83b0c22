//! `-msg`: a header line per record or message, then its bytes in rows of 16 (`apps/lib/s_cb.c`,
//! `msg_cb`).

use crate::decode::certificate_bytes::hex;
use crate::evidence::Direction;
use crate::tls::Alert;

/// What a header line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Handshake,
    ChangeCipherSpec,
    Alert,
    /// Record headers, inner content types, heartbeats.
    Other,
}

/// A header line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) sent: bool,
    pub(super) what: What,
    /// Bytes that follow.
    pub(super) len: u32,
    /// Handshake type, where the message is named.
    pub(super) msg_type: Option<u8>,
    /// Level and description, where it is an alert.
    pub(super) alert: Option<(u8, u8)>,
}

/// Largest message that is collected, in bytes.
const MAX_DUMP: u32 = 128 * 1024;

/// `<<< TLS 1.2, Handshake [length 0041], ServerHello`; older: `<<< TLS 1.2 Handshake [length …`.
pub(super) fn header(text: &str) -> Option<Header> {
    let (sent, rest) = match text.as_bytes() {
        [b'>', b'>', b'>', b' ', ..] => (true, &text[4..]),
        [b'<', b'<', b'<', b' ', ..] => (false, &text[4..]),
        _ => return None,
    };
    let (front, back) = rest.split_once("[length ")?;
    let (len, tail) = back.split_once(']')?;
    let len = u32::from_str_radix(len, 16).ok()?;
    let tail = tail.trim_start_matches([',', ' ']);
    let front = front.trim_end_matches([',', ' ']);
    let what = if front.ends_with("Handshake") {
        What::Handshake
    } else if front.ends_with("ChangeCipherSpec") {
        What::ChangeCipherSpec
    } else if front.ends_with("Alert") {
        What::Alert
    } else {
        What::Other
    };
    let alert = (what == What::Alert)
        .then(|| {
            let (level, name) = tail.split_once(' ')?;
            let level = match level {
                "warning" => 1,
                "fatal" => 2,
                _ => return None,
            };
            Some((level, alert_number(name)?))
        })
        .flatten();
    Some(Header {
        sent,
        what,
        len,
        msg_type: (what == What::Handshake)
            .then(|| message_type(tail))
            .flatten(),
        alert,
    })
}

/// Number of an alert as OpenSSL writes it: `handshake_failure`, `handshake failure`, `unknown CA`.
pub(super) fn alert_number(name: &str) -> Option<u8> {
    let name = name.trim().to_ascii_lowercase().replace(' ', "_");
    if name == "no_certificate" {
        return Some(41);
    }
    Alert::from_name(&name).map(|a| a.0)
}

/// Handshake type by the name that OpenSSL prints.
pub(super) fn message_type(name: &str) -> Option<u8> {
    Some(match name.trim() {
        "HelloRequest" => 0,
        "ClientHello" => 1,
        "ServerHello" => 2,
        "HelloVerifyRequest" => 3,
        "NewSessionTicket" => 4,
        "EndOfEarlyData" => 5,
        "EncryptedExtensions" => 8,
        "Certificate" => 11,
        "ServerKeyExchange" => 12,
        "CertificateRequest" => 13,
        "ServerHelloDone" => 14,
        "CertificateVerify" => 15,
        "ClientKeyExchange" => 16,
        "Finished" => 20,
        "CertificateStatus" => 22,
        "KeyUpdate" => 24,
        _ => return None,
    })
}

/// A dump that is being collected.
#[derive(Debug)]
pub(super) struct Dump {
    want: usize,
    msg_type: Option<u8>,
    direction: Direction,
    bytes: Vec<u8>,
}

impl Dump {
    /// Starts one; `None` where there is nothing to collect.
    pub(super) fn new(len: u32, msg_type: Option<u8>, direction: Direction) -> Option<Self> {
        (len > 0 && len <= MAX_DUMP).then(|| Self {
            want: usize::try_from(len).unwrap_or(0),
            msg_type,
            direction,
            bytes: Vec::new(),
        })
    }

    /// Takes a row of hexadecimal pairs; `false` when the line is none.
    pub(super) fn row(&mut self, line: &[u8]) -> bool {
        let line = line.trim_ascii();
        let pairs = line.split(|b| *b == b' ');
        let before = self.bytes.len();
        for pair in pairs {
            let byte = hex(pair);
            let (2, [byte]) = (pair.len(), byte.as_slice()) else {
                self.bytes.truncate(before);
                return false;
            };
            self.bytes.push(*byte);
        }
        self.bytes.len() > before && self.bytes.len() <= self.want
    }

    /// Is everything there?
    pub(super) fn complete(&self) -> bool {
        self.bytes.len() == self.want
    }

    pub(super) fn msg_type(&self) -> Option<u8> {
        self.msg_type
    }

    pub(super) fn direction(&self) -> Direction {
        self.direction
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_old_and_new_versions() {
        let new = header("<<< TLS 1.2, Handshake [length 0041], ServerHello").unwrap();
        assert_eq!((new.sent, new.len, new.msg_type), (false, 0x41, Some(2)));
        let old = header(">>> TLS 1.0 Handshake [length 00c8], ClientHello").unwrap();
        assert_eq!((old.sent, old.len, old.msg_type), (true, 0xC8, Some(1)));
        let alert = header(">>> TLS 1.2, Alert [length 0002], fatal unknown_ca").unwrap();
        assert_eq!(alert.alert, Some((2, 48)));
        assert_eq!(header("<<<<<<< HEAD"), None);
    }

    #[test]
    fn rows_fill_the_dump() {
        let mut dump = Dump::new(3, Some(14), Direction::Received).unwrap();
        assert!(dump.row(b"    0e 00"));
        assert!(!dump.complete());
        assert!(!dump.row(b"depth=0 CN=x"));
        assert!(dump.row(b" 07"));
        assert!(dump.complete());
        assert_eq!(dump.bytes(), [0x0E, 0, 7]);
    }
}
