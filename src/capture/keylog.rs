//! An NSS key log: `LABEL CLIENT_RANDOM SECRET` in hexadecimal, one a line
//! (draft-ietf-tls-keylogfile).
//!
//! In: its text. Out: secrets by client random. Lines that are none are counted, not refused.

use std::collections::HashMap;

/// Which secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    /// Master secret of TLS 1.2 and below.
    ClientRandom,
    ClientHandshake,
    ServerHandshake,
    ClientTraffic,
    ServerTraffic,
}

/// The secrets of a key log. Kept in memory alone; nothing of it is ever shown or stored.
#[derive(Clone, Default)]
pub struct KeyLog {
    secrets: HashMap<([u8; 32], Label), Vec<u8>>,
    /// Lines that are neither secrets nor comments.
    unread: u32,
}

impl std::fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyLog({} secrets)", self.secrets.len())
    }
}

impl KeyLog {
    /// Reads the text of a key log.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut log = Self::default();
        log.add(text);
        log
    }

    /// Number of secrets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Has it none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Lines that are neither secrets, comments nor known labels.
    #[must_use]
    pub fn unread_lines(&self) -> u32 {
        self.unread
    }

    pub(super) fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_ascii_whitespace();
            let (label, random, secret) = (words.next(), words.next(), words.next());
            let label = match label {
                Some("CLIENT_RANDOM") => Label::ClientRandom,
                Some("CLIENT_HANDSHAKE_TRAFFIC_SECRET") => Label::ClientHandshake,
                Some("SERVER_HANDSHAKE_TRAFFIC_SECRET") => Label::ServerHandshake,
                Some("CLIENT_TRAFFIC_SECRET_0") => Label::ClientTraffic,
                Some("SERVER_TRAFFIC_SECRET_0") => Label::ServerTraffic,
                // Written by the same programs and needed for nothing here.
                Some(
                    "EXPORTER_SECRET" | "EARLY_EXPORTER_SECRET" | "CLIENT_EARLY_TRAFFIC_SECRET",
                ) => continue,
                _ => {
                    self.unread += 1;
                    continue;
                }
            };
            let random = random
                .and_then(hex)
                .and_then(|r| <[u8; 32]>::try_from(r).ok());
            let secret = secret
                .and_then(hex)
                .filter(|s| (16..=64).contains(&s.len()));
            match (random, secret) {
                (Some(random), Some(secret)) => {
                    self.secrets.insert((random, label), secret);
                }
                _ => self.unread += 1,
            }
        }
    }

    pub(super) fn secret(&self, random: &[u8; 32], label: Label) -> Option<&[u8]> {
        self.secrets.get(&(*random, label)).map(Vec::as_slice)
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high << 4 | low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_others_counted() {
        let random = "01".repeat(32);
        let text = format!(
            "# made by a test\nCLIENT_RANDOM {random} {}\nSOMETHING else\nCLIENT_RANDOM zz 00\nEXPORTER_SECRET {random} {random}\n",
            "ab".repeat(48)
        );
        let log = KeyLog::parse(&text);
        assert_eq!((log.len(), log.unread_lines()), (1, 2));
        let found = log.secret(&[1; 32], Label::ClientRandom).map(<[u8]>::len);
        assert_eq!(found, Some(48));
        assert_eq!(format!("{log:?}"), "KeyLog(1 secrets)");
    }
}
