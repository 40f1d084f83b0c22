//! What a port speaks when it does not speak TLS, told from the first bytes that it sent.

use serde::{Deserialize, Serialize};
/// A protocol that is not TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotTls {
    /// HTTP without TLS.
    Http,
    /// SSH.
    Ssh,
    /// SMTP: greets with `220`, may offer STARTTLS. FTP greets with the same number.
    Smtp,
    /// POP3, may offer STLS.
    Pop3,
    /// IMAP, may offer STARTTLS.
    Imap,
    /// MQTT without TLS: it answered a CONNECT in the clear.
    Mqtt,
    /// Telnet option negotiation.
    Telnet,
    /// Something else.
    Other,
}

impl NotTls {
    /// The protocol that begins with these bytes, or `None` while they may still be TLS. A record
    /// of TLS begins with its content type, 20 to 26, and the major version 3.
    #[must_use]
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [] | [20..=26] | [20..=26, 3, ..] => return None,
            _ => {}
        }
        let starts: [(&[u8], Self); 7] = [
            (b"HTTP/", Self::Http),
            (b"SSH-", Self::Ssh),
            (b"220", Self::Smtp),
            (b"+OK", Self::Pop3),
            (b"* OK", Self::Imap),
            (b"\x20\x02", Self::Mqtt),
            (b"\xFF", Self::Telnet),
        ];
        for (start, protocol) in starts {
            if bytes.starts_with(start) {
                return Some(protocol);
            }
            if start.starts_with(bytes) {
                return None;
            }
        }
        let text = bytes.to_ascii_lowercase();
        if text.starts_with(b"<!doc") || text.starts_with(b"<html") {
            return Some(Self::Http);
        }
        Some(Self::Other)
    }

    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Smtp => "smtp",
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
            Self::Mqtt => "mqtt",
            Self::Telnet => "telnet",
            Self::Other => "other",
        }
    }

    /// One sentence for people: what it is and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Http => "The port speaks HTTP without TLS. Use the port for HTTPS, usually 443.",
            Self::Ssh => "The port speaks SSH. Use the port of the TLS service.",
            Self::Smtp => {
                "The port greets like a mail (SMTP) or FTP server. Use --starttls smtp, or the port that speaks TLS from the start, usually 465."
            }
            Self::Pop3 => {
                "The port speaks POP3. Use --starttls pop3, or the port that speaks TLS from the start, usually 995."
            }
            Self::Imap => {
                "The port speaks IMAP. Use --starttls imap, or the port that speaks TLS from the start, usually 993."
            }
            Self::Mqtt => {
                "The port speaks MQTT without TLS. Use the port for MQTT over TLS, usually 8883."
            }
            Self::Telnet => "The port speaks Telnet. Use the port of the TLS service.",
            Self::Other => "The port answers, but not with TLS. Check the port number.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        for (bytes, expected) in [
            (&b"HTTP/1.1 400 Bad Request"[..], Some(NotTls::Http)),
            (b"SSH-2.0-OpenSSH_9.2", Some(NotTls::Ssh)),
            (b"220 mail ESMTP", Some(NotTls::Smtp)),
            (b"\x20\x02\x00\x05", Some(NotTls::Mqtt)),
            (b"* OK IMAP4rev1", Some(NotTls::Imap)),
            (b"hello", Some(NotTls::Other)),
            (b"\x16\x03\x03", None),
            (b"\x15\x03\x01\x00\x02\x02\x28", None),
            (b"\x16\x05", Some(NotTls::Other)),
            (b"", None),
            (b"HT", None),
        ] {
            assert_eq!(NotTls::recognise(bytes), expected, "{bytes:?}");
        }
    }
}
