//! The text of `tcpdump -x` and `-X` as the capture that it was made of.
//!
//! In: text in pieces of any size. Out: the bytes of a pcap file (link type raw IP). Packets of which
//! no bytes are printed are left out. Must not know what is in the packets.

use crate::decode::strip_prefix;
use crate::evidence::Micros;

/// Raw IP (`LINKTYPE_RAW`).
const RAW_IP: u32 = 101;
/// Most bytes of one packet.
const MOST_BYTES: usize = 262_144;
/// Longest line that is looked at.
const LONGEST_LINE: usize = 1_024;

/// Is this the text of packets with their bytes? The header line of a packet and a dump line that
/// begins at offset 0 stand in it.
#[must_use]
pub(super) fn is_packet_text(text: &str) -> bool {
    let mut after_header = false;
    for line in text.lines().take(400) {
        if dump_line(line.as_bytes())
            .is_some_and(|(offset, bytes)| offset == 0 && !bytes.is_empty())
        {
            return after_header;
        }
        after_header |= is_header(line);
    }
    false
}

/// `10:11:12.000001 IP 192.0.2.7.49152 > 192.0.2.1.443: Flags [S], …`, with or without link layer.
fn is_header(line: &str) -> bool {
    let has_time = strip_prefix(line.as_bytes()).stamp.is_some()
        || line
            .split(' ')
            .next()
            .is_some_and(|t| t.contains('.') && t.parse::<f64>().is_ok());
    has_time && (line.contains(" IP ") || line.contains(" IP6 ") || line.contains("ethertype IPv"))
}

/// `\t0x0010:  c000 0207 01bb …  ........`: offset and bytes.
fn dump_line(line: &[u8]) -> Option<(usize, Vec<u8>)> {
    let line = line.trim_ascii();
    let rest = line.strip_prefix(b"0x")?;
    let colon = rest.iter().take(9).position(|b| *b == b':')?;
    let offset = std::str::from_utf8(rest.get(..colon)?).ok()?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    let mut bytes = Vec::with_capacity(16);
    let words = rest.get(colon + 1..)?;
    // The text column stands behind two blanks after the last group.
    let start = words.iter().position(|b| *b != b' ')?;
    let words = words.get(start..)?;
    let end = words
        .windows(2)
        .position(|w| w == b"  ")
        .unwrap_or(words.len());
    for word in words.get(..end)?.split(|b| *b == b' ') {
        let word = std::str::from_utf8(word).ok()?;
        if word.len() > 4 || word.len() % 2 != 0 || word.is_empty() {
            break;
        }
        for at in (0..word.len()).step_by(2) {
            bytes.push(u8::from_str_radix(word.get(at..at + 2)?, 16).ok()?);
        }
        if bytes.len() >= 16 {
            break;
        }
    }
    Some((offset, bytes))
}

/// Makes a pcap file of the text.
#[derive(Debug, Default)]
pub(super) struct PacketText {
    begun: bool,
    line: Vec<u8>,
    at: Micros,
    packet: Vec<u8>,
}

impl PacketText {
    /// Takes a piece; gives the bytes of the file that follow from it.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.begun {
            self.begun = true;
            for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 262_144, RAW_IP] {
                out.extend(word.to_le_bytes());
            }
        }
        for byte in piece {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take(&line, &mut out);
            } else if self.line.len() < LONGEST_LINE {
                self.line.push(*byte);
            }
        }
        out
    }

    /// The text ended.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let line = std::mem::take(&mut self.line);
        self.take(&line, &mut out);
        self.write(&mut out);
        out
    }

    fn take(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if let Some((offset, bytes)) = dump_line(line) {
            if offset == 0 {
                self.write(out);
            }
            // A line that is missing would move the bytes behind it.
            if offset == self.packet.len() && offset + bytes.len() <= MOST_BYTES {
                self.packet.extend(bytes);
            }
            return;
        }
        if !line.is_empty() && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            self.write(out);
            self.at = time(line).unwrap_or(self.at);
        }
    }

    /// Writes the packet that was put together.
    fn write(&mut self, out: &mut Vec<u8>) {
        let packet = std::mem::take(&mut self.packet);
        let ip = match packet.get(..15) {
            // `-XX` prints the Ethernet header too.
            Some([.., 0x08, 0x00, first]) if first >> 4 == 4 => packet.get(14..),
            Some([.., 0x86, 0xDD, first]) if first >> 4 == 6 => packet.get(14..),
            _ => packet
                .first()
                .filter(|b| matches!(**b >> 4, 4 | 6))
                .map(|_| packet.as_slice()),
        };
        let Some(ip) = ip.filter(|ip| ip.len() >= 20) else {
            return;
        };
        // Padding of short Ethernet frames is no part of the packet.
        let total = match ip {
            [first, _, high, low, ..] if first >> 4 == 4 => {
                usize::from(u16::from_be_bytes([*high, *low]))
            }
            [_, _, _, _, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])) + 40,
            _ => ip.len(),
        };
        let seconds = u32::try_from(self.at.div_euclid(1_000_000)).unwrap_or(0);
        let micros = u32::try_from(self.at.rem_euclid(1_000_000)).unwrap_or(0);
        let kept = ip.get(..total.min(ip.len())).unwrap_or(ip);
        let lengths = [kept.len(), total.max(kept.len())];
        out.extend(seconds.to_le_bytes());
        out.extend(micros.to_le_bytes());
        for length in lengths {
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
        out.extend(kept);
    }
}

/// The time of a header line: of day, with a date, or seconds since 1970 (`-tt`).
fn time(line: &[u8]) -> Option<Micros> {
    let first = line.split(|b| *b == b' ').next()?;
    let unix = std::str::from_utf8(first).ok().and_then(|t| {
        let (seconds, fraction) = t.split_once('.')?;
        let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
        Some(seconds.parse::<i64>().ok()? * 1_000_000 + micros.parse::<i64>().ok()?)
    });
    unix.or_else(|| strip_prefix(line).stamp.map(|s| s.at))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "10:11:12.100001 IP (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 47)\n\
        \x20   192.0.2.1.443 > 192.0.2.7.49152: Flags [P.], seq 1:8, ack 94, win 502, length 7\n\
        \t0x0000:  4500 002f 0001 4000 4006 b6b9 c000 0201  E../..@.@.......\n\
        \t0x0010:  c000 0207 01bb c000 0000 2328 0000 0446  ..........#(...F\n\
        \t0x0020:  5018 01f6 1234 0000 1503 0300 0202 28    P....4........(\n\
        10:11:12.200002 IP 192.0.2.1.443 > 192.0.2.7.49152: Flags [F.], length 0\n";

    #[test]
    fn packets_are_put_together_at_every_split() {
        assert!(is_packet_text(TEXT));
        let mut whole = PacketText::default();
        let mut bytes = whole.push(TEXT.as_bytes());
        bytes.extend(whole.finish());
        assert_eq!(bytes.len(), 24 + 16 + 47);
        assert_eq!(bytes.get(40..44), Some(&[0x45, 0, 0, 0x2F][..]));
        assert!(bytes.ends_with(&[0x15, 3, 3, 0, 2, 2, 0x28]));
        for cut in 0..TEXT.len() {
            let (head, tail) = TEXT.as_bytes().split_at(cut);
            let mut split = PacketText::default();
            let mut got = split.push(head);
            got.extend(split.push(tail));
            got.extend(split.finish());
            assert_eq!(got, bytes, "cut at {cut}");
        }
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "0x0000:  4500 002f\n",
            "I (12) app: IP 192.0.2.7\n",
            "ssl_tls.c:1: dumping 'x' (4 bytes)\nssl_tls.c:1: 0000:  16 03 03 00\n",
        ] {
            assert!(!is_packet_text(text), "{text}");
        }
    }
}
