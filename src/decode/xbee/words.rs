//! A frame in a few words, for the log.
//!
//! In: frame data, type byte first, or a line that holds frames as hexadecimal text. Out: text.
//! Layouts: Digi user guide 90002258, API frames. Must not know what a frame means for a handshake.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::super::devices::code_words;
use super::frame::{Frames, Piece};
use super::hex;

/// Characters of a payload that are shown.
const SHOWN: usize = 60;

/// The frame: its name and fields, and what its code says.
#[must_use]
pub fn frame_words(data: &[u8]) -> (String, String) {
    match data {
        [0x08 | 0x09, id, a, b, value @ ..] => {
            let name = command(*a, *b);
            let text = if value.is_empty() {
                format!("AT command 0x08, ID {id:#04X}: {name}?")
            } else {
                format!(
                    "AT command 0x08, ID {id:#04X}: {name} = {}",
                    at_value(*a, *b, value)
                )
            };
            (text, String::new())
        }
        [0x88, id, a, b, status, value @ ..] => {
            let name = command(*a, *b);
            let value = if value.is_empty() {
                String::new()
            } else {
                format!(" = {}", at_value(*a, *b, value))
            };
            let said = match status {
                0 => "OK",
                1 => "ERROR",
                2 => "invalid command",
                3 => "invalid parameter",
                4 => "transmission failed",
                _ => "unknown status",
            };
            (
                format!("AT response 0x88, ID {id:#04X}: {name}{value}, {said}"),
                String::new(),
            )
        }
        [0x20, id, ip @ ..] if ip.len() >= 10 => {
            let protocol = match ip.get(8) {
                Some(0) => "UDP",
                Some(1) => "TCP",
                Some(4) => "TLS",
                _ => "unknown protocol",
            };
            (
                format!(
                    "TX request 0x20, ID {id:#04X}, to {}, {protocol}, {}",
                    to(ip),
                    payload(ip.get(10..))
                ),
                String::new(),
            )
        }
        [0x23, id, ip @ ..] if ip.len() >= 10 => {
            let profile = ip.get(8).copied().unwrap_or(0);
            (
                format!(
                    "TX request 0x23, ID {id:#04X}, to {}, TLS profile ${profile}, {}",
                    to(ip),
                    payload(ip.get(10..))
                ),
                String::new(),
            )
        }
        [0x89, id, status] => (
            format!(
                "TX status 0x89, ID {id:#04X}: {}",
                code_words("xbee-tx-status", i64::from(*status))
            ),
            meaning("xbee-tx-status", *status),
        ),
        [0x8A, status] => (
            format!(
                "Modem status 0x8A: {}",
                code_words("xbee-modem-status", i64::from(*status))
            ),
            meaning("xbee-modem-status", *status),
        ),
        [0xB0, ip @ ..] if ip.len() >= 10 => (
            format!("RX 0xB0 from {}, {}", to(ip), payload(ip.get(10..))),
            String::new(),
        ),
        [0x40, id, protocol] => {
            let protocol = match protocol {
                0 => "UDP",
                1 => "TCP",
                4 => "TLS",
                _ => "unknown protocol",
            };
            (
                format!("Socket create 0x40, ID {id:#04X}, {protocol}"),
                String::new(),
            )
        }
        [0x41, id, socket, option, value @ ..] => {
            let what = match (option, value) {
                (0, [profile]) => format!("TLS profile ${profile}"),
                (0, []) => "TLS profile?".to_owned(),
                _ => format!("option {option:#04X}"),
            };
            (
                format!("Socket option 0x41, ID {id:#04X}, socket {socket}: {what}"),
                String::new(),
            )
        }
        [0x42, id, socket, high, low, kind, address @ ..] => {
            let port = u16::from_be_bytes([*high, *low]);
            let host = match (kind, address) {
                (0, [a, b, c, d]) => Ipv4Addr::new(*a, *b, *c, *d).to_string(),
                _ => printable(address),
            };
            (
                format!("Socket connect 0x42, ID {id:#04X}, socket {socket}, to {host}:{port}"),
                String::new(),
            )
        }
        [
            kind @ (0xC0 | 0xC1 | 0xC2 | 0xC3 | 0xC6),
            id,
            socket,
            rest @ ..,
        ] => {
            // 0xC1 names the option before its status.
            let status = if *kind == 0xC1 {
                rest.get(1)
            } else {
                rest.first()
            };
            let status = status.copied().unwrap_or(0);
            let name = match kind {
                0xC0 => "Socket create response 0xC0",
                0xC1 => "Socket option response 0xC1",
                0xC2 => "Socket connect response 0xC2",
                0xC3 => "Socket close response 0xC3",
                _ => "Socket listen response 0xC6",
            };
            let code = code_words("xbee-socket-response", i64::from(status));
            (
                format!("{name}, ID {id:#04X}, socket {socket}: {code}"),
                meaning("xbee-socket-response", status),
            )
        }
        [0x43, id, socket] => (
            format!("Socket close 0x43, ID {id:#04X}, socket {socket}"),
            String::new(),
        ),
        [0x44, id, socket, _, data @ ..] => (
            format!(
                "Socket send 0x44, ID {id:#04X}, socket {socket}, {}",
                payload(Some(data))
            ),
            String::new(),
        ),
        [0xCD, _, socket, _, data @ ..] => (
            format!(
                "Socket receive 0xCD, socket {socket}, {}",
                payload(Some(data))
            ),
            String::new(),
        ),
        [0xCF, socket, state] => (
            format!(
                "Socket status 0xCF, socket {socket}: {}",
                code_words("xbee-socket-status", i64::from(*state))
            ),
            meaning("xbee-socket-status", *state),
        ),
        [kind, rest @ ..] => (
            format!("API frame {kind:#04X}, {} bytes of data", rest.len()),
            String::new(),
        ),
        [] => ("API frame without data".to_owned(), String::new()),
    }
}

/// The frames that a line of hexadecimal text holds, one after the other; empty where there are none.
#[must_use]
pub fn pasted_words(line: &[u8]) -> String {
    let Some(found) = hex::hex_line(line) else {
        return String::new();
    };
    let mut text = String::new();
    let mut frames = Frames::default();
    frames.push(&found.bytes, &mut |piece| {
        if let Piece::Frame { data, .. } = piece {
            let (words, meaning) = frame_words(data);
            let gap = if text.is_empty() { "" } else { " \u{b7} " };
            let _ = write!(text, "{gap}{words}");
            if !meaning.is_empty() {
                let _ = write!(text, ": {meaning}");
            }
        }
    });
    text
}

/// What the table says of a code; the first sentence.
fn meaning(table: &str, code: u8) -> String {
    let Some(table) = crate::knowledge::codes::tables().device(table) else {
        return String::new();
    };
    let text = table.row(i64::from(code)).map_or("", |row| &row.text);
    let end = text.find(". ").map_or(text.len(), |i| i + 1);
    text.get(..end).unwrap_or(text).to_owned()
}

fn command(a: u8, b: u8) -> String {
    printable(&[a, b])
}

/// Names are text, numbers are big-endian.
fn at_value(a: u8, b: u8, value: &[u8]) -> String {
    let text = matches!(
        [a, b],
        [b'$', _] | [b'D', b'L'] | [b'N', b'I'] | [b'A', b'N'] | [b'M', b'Y']
    );
    if text {
        return format!("\u{201c}{}\u{201d}", printable(value));
    }
    if value.len() > 8 {
        return format!("{} bytes", value.len());
    }
    let number = value.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    format!("{number:#X}")
}

/// Address and port of a request.
fn to(ip: &[u8]) -> String {
    match ip {
        [a, b, c, d, high, low, ..] => format!(
            "{}:{}",
            Ipv4Addr::new(*a, *b, *c, *d),
            u16::from_be_bytes([*high, *low])
        ),
        _ => "nowhere".to_owned(),
    }
}

fn payload(bytes: Option<&[u8]>) -> String {
    let bytes = bytes.unwrap_or_default();
    if bytes.is_empty() {
        return "no payload".to_owned();
    }
    let count = bytes.len();
    let unit = if count == 1 { "byte" } else { "bytes" };
    format!("{count} {unit} \u{201c}{}\u{201d}", printable(bytes))
}

/// Text with a dot for everything that is none.
fn printable(bytes: &[u8]) -> String {
    let mut text: String = bytes
        .iter()
        .take(SHOWN)
        .map(|b| {
            if b.is_ascii_graphic() || *b == b' ' {
                char::from(*b)
            } else {
                '\u{b7}'
            }
        })
        .collect();
    if bytes.len() > SHOWN {
        text.push('\u{2026}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_statuses_in_words() {
        let request = [
            0x23, 0x31, 198, 51, 100, 9, 0x01, 0xBB, 0, 0, 1, 0, b'p', b'i', b'n', b'g',
        ];
        let (text, _) = frame_words(&request);
        assert_eq!(
            text,
            "TX request 0x23, ID 0x31, to 198.51.100.9:443, TLS profile $1, 4 bytes \u{201c}ping\u{201d}"
        );
        let (text, meaning) = frame_words(&[0x89, 0x31, 0x86]);
        assert_eq!(
            text,
            "TX status 0x89, ID 0x31: 0x86 INVALID_TLS_CONFIGURATION"
        );
        assert!(meaning.contains("missing or invalid"), "{meaning}");
        let (text, _) = frame_words(&[0x88, 6, b'$', b'0', 0, b'c', b'a', b';', b';']);
        assert_eq!(
            text,
            "AT response 0x88, ID 0x06: $0 = \u{201c}ca;;\u{201d}, OK"
        );
        let (text, _) = frame_words(&[0x08, 2, b'V', b'R']);
        assert_eq!(text, "AT command 0x08, ID 0x02: VR?");
    }

    #[test]
    fn any_bytes_give_words() {
        for kind in 0..=255_u8 {
            for len in 0..16 {
                let data = vec![kind; len];
                assert!(!frame_words(&data).0.is_empty());
            }
        }
    }

    #[test]
    fn hexadecimal_text_in_words() {
        let words = pasted_words(b"02-11-2026 09:15:04.910,3,RECV,7E0003893185C0");
        assert!(
            words.starts_with("TX status 0x89, ID 0x31: 0x85 UNKNOWN_ERROR"),
            "{words}"
        );
        assert_eq!(pasted_words(b"hello"), "");
    }
}
