//! Hex dumps of the trace rebuilt into bytes: `dumping 'TEXT' (N bytes)`, then `0000:  16 03 …`.

use std::sync::Arc;

/// Dumps whose bytes mean something to the handshake; the others are counted only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Title {
    /// A record as it came from the network.
    InputRecord,
    /// The header of a record.
    InputHeader,
    /// A handshake message as text names it.
    ServerKeyExchange,
    /// Extensions of our own hello.
    ClientHelloExtensions,
    /// The random of the client's hello.
    ClientRandom,
    /// The random of the server's hello.
    ServerRandom,
}

/// A dump that is being collected.
#[derive(Debug)]
pub struct Dump {
    title: Title,
    want: usize,
    bytes: Vec<u8>,
}

/// The library dumps at most this many bytes of one buffer (`debug.c`).
const MAX_DUMP: usize = 4096;

impl Dump {
    /// Starts one where the title is known: text after `dumping '`.
    pub fn begin(text: &[u8]) -> Option<Self> {
        let quote = memchr::memchr(b'\'', text)?;
        let title = match &text[..quote] {
            b"input record from network" => Title::InputRecord,
            b"input record header" => Title::InputHeader,
            b"server key exchange" => Title::ServerKeyExchange,
            b"client hello extensions" => Title::ClientHelloExtensions,
            b"client hello, random bytes" => Title::ClientRandom,
            b"server hello, random bytes" => Title::ServerRandom,
            _ => return None,
        };
        let open = memchr::memchr(b'(', &text[quote..])? + quote;
        let (want, _) = super::line::digits(&text[open + 1..])?;
        let want = usize::try_from(want).ok()?.min(MAX_DUMP);
        (want > 0).then(|| Self {
            title,
            want,
            bytes: Vec::with_capacity(want),
        })
    }

    /// Takes one row; answers the whole when it was the last.
    pub fn row(&mut self, text: &[u8]) -> Option<(Title, Arc<[u8]>)> {
        let [a, b, c, d, _, _, _, pairs @ ..] = text else {
            return None;
        };
        let offset = (usize::from(byte(*a, *b)?) << 8) | usize::from(byte(*c, *d)?);
        if offset != self.bytes.len() {
            // A row was lost on the line: what follows cannot be placed, so the dump is given up.
            self.want = usize::MAX;
            return None;
        }
        let mut pairs = pairs;
        let mut row = [0; 16];
        let most = row.len().min(self.want - self.bytes.len());
        let mut got = 0;
        for cell in row.iter_mut().take(most) {
            let [a, b, rest @ ..] = pairs else { break };
            let Some(value) = byte(*a, *b) else { break };
            *cell = value;
            got += 1;
            pairs = rest.strip_prefix(b" ").unwrap_or(rest);
        }
        self.bytes.extend(row.iter().take(got));
        (self.bytes.len() == self.want).then(|| (self.title, Arc::from(self.bytes.as_slice())))
    }
}

/// The value of two hexadecimal digits.
fn byte(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (NIBBLES[usize::from(high)], NIBBLES[usize::from(low)]);
    ((high | low) < 16).then_some(high << 4 | low)
}

/// The value of each hexadecimal digit, of any other byte 255. Dumps are most of a verbose log.
const NIBBLES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0_u8;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        values[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Is this text a row of a dump?
#[must_use]
pub fn is_row(text: &[u8]) -> bool {
    matches!(text, [a, b, c, d, b':', b' ', ..]
        if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() && c.is_ascii_hexdigit() && d.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_bytes_and_a_lost_row_gives_nothing() {
        let mut dump = Dump::begin(b"input record header' (18 bytes)").unwrap();
        assert_eq!(
            dump.row(b"0000:  16 03 03 00 0d 01 02 03 04 05 06 07 08 09 0a 0b  ................"),
            None
        );
        let (title, bytes) = dump
            .row(b"0010:  0c 0d                                            ..")
            .unwrap();
        assert_eq!(title, Title::InputHeader);
        assert_eq!(bytes.len(), 18);
        assert_eq!(bytes[17], 0x0d);

        let mut dump = Dump::begin(b"input record header' (40 bytes)").unwrap();
        assert_eq!(dump.row(b"0010:  00"), None);
        assert_eq!(dump.row(b"0000:  00"), None);
        assert!(Dump::begin(b"master secret' (48 bytes)").is_none());
    }
}
