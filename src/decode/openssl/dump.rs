//! `-msg`: a header line per record or message, then its bytes in rows of 16 (`apps/lib/s_cb.c`,
//! `msg_cb`).

use std::ops::Range;

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
    /// Of DTLS: the message has 12 bytes of header (RFC 6347 section 4.2.2).
    pub(super) datagram: bool,
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
    let unnamed = unnamed(front);
    let what = if let Some((_, content)) = unnamed {
        match content {
            20 => What::ChangeCipherSpec,
            21 => What::Alert,
            22 => What::Handshake,
            _ => What::Other,
        }
    } else if front.ends_with("Handshake") {
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
        datagram: unnamed.is_some_and(|(version, _)| version >> 8 == 0xFE)
            || front.starts_with("DTLS"),
        msg_type: (what == What::Handshake)
            .then(|| message_type(tail))
            .flatten(),
        alert,
    })
}

/// `Not TLS data or unknown version (version=65277, content_type=22)`: what `-msg` of OpenSSL 1.1.1
/// and 3.0 prints of DTLS 1.2, which its table of versions leaves out; version and content type.
fn unnamed(front: &str) -> Option<(u16, u16)> {
    let rest = front.strip_prefix("Not TLS data or unknown version (version=")?;
    let (version, rest) = rest.split_once(", content_type=")?;
    let content = rest.strip_suffix(')')?;
    Some((version.parse().ok()?, content.parse().ok()?))
}

/// A message of DTLS as TLS has it: its header without number and fragment, and a `ClientHello`
/// without its cookie. OpenSSL writes the header of a second fragment over the bytes of the message
/// before it hands them out: such a message ends there.
pub(super) fn without_datagram(bytes: &[u8]) -> Option<Vec<u8>> {
    let (head, body) = bytes.split_at_checked(12)?;
    let [msg_type, a, b, c, number @ ..] = head else {
        return None;
    };
    let number = number.get(..2)?;
    let declared = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
    let mut body = body.get(..declared.min(body.len()))?;
    let again = [&[*msg_type, *a, *b, *c][..], number].concat();
    if let Some(at) = body.windows(again.len()).position(|w| w == again) {
        body = body.get(..at)?;
    }
    let mut body = body.to_vec();
    if *msg_type == 1 {
        // Version, random, session, then the cookie.
        let session = usize::from(*body.get(34)?);
        let at = 35 + session;
        let cookie = usize::from(*body.get(at)?);
        if at + 1 + cookie <= body.len() {
            body.drain(at..=at + cookie);
        }
    }
    let len = u32::try_from(body.len()).ok()?.to_be_bytes();
    let mut message = vec![*msg_type, len[1], len[2], len[3]];
    message.extend(body);
    Some(message)
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
    what: What,
    datagram: bool,
    msg_type: Option<u8>,
    direction: Direction,
    bytes: Vec<u8>,
    /// Bytes of damaged rows, which hold zeros.
    holes: Vec<Range<usize>>,
    /// Bytes that came before anything else stood between the rows: their place is sure.
    sure: Option<usize>,
    /// Where lines of others stood, or rows that are no longer known as such.
    lost: Vec<usize>,
    /// Pairs of the damaged row before.
    half: Option<usize>,
    /// Lines of others since the last row.
    interruptions: u8,
}

/// Bytes of a whole row.
const ROW: usize = 16;
/// Lines of other tasks in a row that a dump bears.
const MOST_INTERRUPTIONS: u8 = 4;
/// Fewer pairs are no sign of a row.
const FEWEST: usize = 3;
/// Damaged rows that a dump bears: with more of them, little can be said.
const MOST_HOLES: usize = 8;

impl Dump {
    /// Starts one; `None` where there is nothing to collect.
    pub(super) fn new(header: &Header, direction: Direction) -> Option<Self> {
        (header.len > 0 && header.len <= MAX_DUMP).then(|| Self {
            want: usize::try_from(header.len).unwrap_or(0),
            what: header.what,
            datagram: header.datagram,
            msg_type: header.msg_type,
            direction,
            bytes: Vec::new(),
            holes: Vec::new(),
            sure: None,
            lost: Vec::new(),
            half: None,
            interruptions: 0,
        })
    }

    /// Takes a row of hexadecimal pairs, also one that is damaged; `false` when the line is none.
    pub(super) fn row(&mut self, line: &[u8]) -> bool {
        let left = self.want.saturating_sub(self.bytes.len());
        let expected = ROW.min(left);
        let pairs = pairs_at_end(line);
        if expected == 0 || (pairs.len() < FEWEST && pairs.len() != self.want % ROW) {
            return false;
        }
        let whole = line.trim_ascii().len() + 1 == pairs.len() * 3;
        // A time in front that lost its form does not harm the row.
        if pairs.len() == expected {
            self.bytes.extend_from_slice(&pairs);
        } else if whole && left > ROW && pairs.len() == self.want % ROW && !self.lost.is_empty() {
            self.place_lost(&pairs);
        } else if pairs.len() < FEWEST {
            return false;
        } else {
            // Of a row broken in two both halves come.
            let other_half = self
                .half
                .take()
                .is_some_and(|half| half + pairs.len() <= ROW);
            if !other_half {
                self.half = Some(pairs.len());
                return self.hole(expected);
            }
            return true;
        }
        self.half = None;
        self.interruptions = 0;
        true
    }

    /// In place of a row that cannot be read.
    fn hole(&mut self, len: usize) -> bool {
        let begin = self.bytes.len();
        self.sure.get_or_insert(begin);
        self.interruptions = 0;
        self.bytes.resize(begin + len, 0);
        self.holes.push(begin..begin + len);
        self.holes.len() <= MOST_HOLES
    }

    /// A line of another task stands between the rows, or a row that is no longer one; `false` when
    /// there were too many.
    pub(super) fn interrupted(&mut self) -> bool {
        self.sure.get_or_insert(self.bytes.len());
        self.lost.push(self.bytes.len());
        self.interruptions += 1;
        self.interruptions <= MOST_INTERRUPTIONS
    }

    /// The end came early. Where as many lines between the rows said nothing as rows are missing,
    /// each was one; the last row may be short.
    fn place_lost(&mut self, last: &[u8]) {
        let missing = self.want.saturating_sub(self.bytes.len() + last.len());
        let fits = missing == self.lost.len() * ROW && self.lost.len() <= MOST_HOLES;
        if !fits {
            return;
        }
        for (n, at) in self.lost.iter().enumerate() {
            let at = at + n * ROW;
            self.bytes.splice(at..at, [0; ROW]);
            for hole in self.holes.iter_mut().filter(|hole| hole.start >= at) {
                *hole = hole.start + ROW..hole.end + ROW;
            }
            self.holes.push(at..at + ROW);
        }
        self.bytes.extend_from_slice(last);
    }

    /// Is everything there?
    pub(super) fn complete(&self) -> bool {
        self.bytes.len() == self.want
    }

    /// No row follows: what has no sure place is left away.
    pub(super) fn end(&mut self) {
        if !self.complete() {
            self.place_lost(&[]);
        }
        if !self.complete() {
            self.bytes.truncate(self.sure.unwrap_or(usize::MAX));
            let kept = self.bytes.len();
            self.holes.retain(|hole| hole.start < kept);
        }
    }

    /// The message of DTLS whose type only its bytes tell; an alert likewise.
    pub(super) fn is_unnamed(&self, what: What) -> bool {
        self.datagram && self.what == what && self.msg_type.is_none()
    }

    pub(super) fn is_datagram(&self) -> bool {
        self.datagram
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

    /// Where bytes are missing.
    pub(super) fn holes(&self) -> &[Range<usize>] {
        &self.holes
    }
}

/// The pairs that the line ends with; of a row that another pair broke off in, those that it begins
/// with.
fn pairs_at_end(line: &[u8]) -> Vec<u8> {
    let words = || line.trim_ascii().split(|b| *b == b' ');
    let value = |word: &[u8]| match hex(word).as_slice() {
        [byte] if word.len() == 2 => Some(*byte),
        _ => None,
    };
    let mut end: Vec<u8> = words().rev().map_while(value).collect();
    end.reverse();
    if end.len() >= FEWEST {
        return end;
    }
    let begin: Vec<u8> = words().map_while(value).collect();
    if begin.len() > end.len() { begin } else { end }
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
        let done = header("<<< TLS 1.2, Handshake [length 0012], ServerHelloDone").unwrap();
        let mut dump = Dump::new(&done, Direction::Received).unwrap();
        assert!(dump.row(b"    0e 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0f"));
        assert!(!dump.complete());
        assert!(!dump.row(b"depth=0 CN=x"));
        assert!(dump.interrupted());
        assert!(dump.row(b" 07 08"));
        assert!(dump.complete() && dump.holes().is_empty());
        assert_eq!(dump.bytes().len(), 18);
        assert_eq!(dump.bytes()[17], 8);
    }

    #[test]
    fn a_damaged_row_leaves_a_hole_and_a_lost_one_ends_what_is_sure() {
        let hello = header(">>> TLS 1.2, Handshake [length 0022], ClientHello").unwrap();
        let row = b"    01 00 00 1e 03 03 06 07 08 09 0a 0b 0c 0d 0e 0f";
        for damaged in [
            &b"    10 11 12 13 14 15 1 18 19 1a 1b 1c 1d 1e 1f"[..],
            b"    10 11 12 13 14 15 16 17 18",
        ] {
            let mut dump = Dump::new(&hello, Direction::Sent).unwrap();
            assert!(dump.row(row) && dump.row(damaged) && dump.row(b"    20 21"));
            assert!(dump.complete());
            assert_eq!(dump.holes(), std::slice::from_ref(&(16..32)));
        }
        let mut dump = Dump::new(&hello, Direction::Sent).unwrap();
        assert!(dump.row(row));
        assert!(
            dump.interrupted(),
            "a row that lost nearly all of its bytes"
        );
        assert!(dump.row(b"    20 21"));
        assert!(dump.complete());
        assert_eq!(dump.holes(), std::slice::from_ref(&(16..32)));
        // Another task spoke too: which of the two was the row cannot be said.
        let mut dump = Dump::new(&hello, Direction::Sent).unwrap();
        assert!(dump.row(row) && dump.interrupted() && dump.interrupted());
        dump.row(b"    20 21");
        dump.end();
        assert_eq!(dump.bytes().len(), 16);
        assert!(dump.holes().is_empty());
    }

    #[test]
    fn a_row_broken_in_two_is_one_and_a_damaged_time_in_front_harms_none() {
        let hello = header(">>> TLS 1.2, Handshake [length 0022], ClientHello").unwrap();
        let row = b"2026-121T00:06:40Z     01 00 00 1e 03 03 06 07 08 09 0a 0b 0c 0d 0e 0f";
        let mut dump = Dump::new(&hello, Direction::Sent).unwrap();
        assert!(dump.row(row));
        assert!(dump.row(b"    10 11 12 13 14 15 1") && dump.row(b"6 17 18 19 1a 1b 1c 1d 1e 1f"));
        assert!(dump.row(b"    20 21") && dump.complete());
        assert_eq!(dump.holes(), std::slice::from_ref(&(16..32)));
        assert_eq!(dump.bytes()[4], 3);
    }
}
