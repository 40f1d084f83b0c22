//! State lines and alert lines of the info callback (`apps/lib/s_cb.c`, `apps_ssl_info_callback`;
//! state names: `ssl/ssl_stat.c`).
//!
//! The callback speaks when a state is about to be left: a line that names a message says that
//! the message was written, or read and accepted.

use super::dump::alert_number;

/// A state line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// `connect` or `accept`, where the line says which end speaks.
    pub(super) end: Option<&'a str>,
    /// The state as printed.
    pub(super) state: &'a str,
}

/// What a state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Before,
    Message { msg_type: u8, sent: bool },
    ChangeCipherSpec { sent: bool },
    Done,
    Error,
    Other,
}

/// What the lines of this file begin with.
pub(super) const ANCHORS: [&str; 4] = ["SSL_connect:", "SSL_accept:", "undefined:", "SSL3 alert "];

/// `SSL_connect:STATE`, `SSL_accept:STATE`, `undefined:STATE`.
pub(super) fn line(text: &str) -> Option<Line<'_>> {
    let (end, state) = if let Some(rest) = text.strip_prefix("SSL_connect:") {
        (Some("connect"), rest)
    } else if let Some(rest) = text.strip_prefix("SSL_accept:") {
        (Some("accept"), rest)
    } else {
        let rest = text.strip_prefix("undefined:")?;
        if !rest.contains("SSL") && !rest.contains("TLS") {
            return None;
        }
        (None, rest)
    };
    Some(Line { end, state })
}

impl Line<'_> {
    /// Reads the state.
    pub(super) fn kind(&self) -> Kind {
        let state = self.state;
        if state.starts_with("error") || state.starts_with("failed") {
            return Kind::Error;
        }
        if state.starts_with("before") {
            return Kind::Before;
        }
        if state.contains("negotiation finished successfully") {
            return Kind::Done;
        }
        // `SSLv3/TLS write client hello`, `TLSv1.3 read server certificate verify`, and up to 1.0.2
        // `SSLv3 read server hello A`.
        let words = state.split_once(' ').map_or("", |(_, rest)| rest);
        let words = words
            .strip_suffix(" A")
            .or_else(|| words.strip_suffix(" B"))
            .unwrap_or(words);
        let (sent, name) = match words.split_once(' ') {
            Some(("write", name)) => (true, name),
            Some(("read", name)) => (false, name),
            _ => return Kind::Other,
        };
        let msg_type = match name {
            "change cipher spec" => return Kind::ChangeCipherSpec { sent },
            "hello request" => 0,
            "client hello" => 1,
            "server hello" => 2,
            "hello verify request" => 3,
            "session ticket" | "server session ticket" | "new session ticket" => 4,
            "encrypted extensions" => 8,
            "certificate" | "server certificate" | "client certificate" => 11,
            "key exchange" | "server key exchange" => 12,
            "certificate request" | "server certificate request" => 13,
            "server done" => 14,
            "certificate verify" | "server certificate verify" | "client certificate verify" => 15,
            "client key exchange" => 16,
            "finished" => 20,
            "certificate status" | "server certificate status" => 22,
            "key update" | "client key update" | "server key update" => 24,
            _ => return Kind::Other,
        };
        Kind::Message { msg_type, sent }
    }
}

/// `SSL3 alert write:fatal:bad certificate`: level, number where the name is known, and whether
/// the speaker sent it.
pub(super) fn alert(text: &str) -> Option<(u8, Option<u8>, bool)> {
    let rest = text.strip_prefix("SSL3 alert ")?;
    let (sent, rest) = match rest.split_once(':')? {
        ("write", rest) => (true, rest),
        ("read", rest) => (false, rest),
        _ => return None,
    };
    let (level, name) = rest.split_once(':')?;
    let level = match level {
        "warning" => 1,
        "fatal" => 2,
        _ => return None,
    };
    Some((level, alert_number(name), sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        line(text).unwrap().kind()
    }

    #[test]
    fn states_of_old_and_new_versions() {
        assert_eq!(
            kind("SSL_connect:SSLv3/TLS write client hello"),
            Kind::Message {
                msg_type: 1,
                sent: true
            }
        );
        assert_eq!(
            kind("SSL_connect:SSLv3 read server certificate A"),
            Kind::Message {
                msg_type: 11,
                sent: false
            }
        );
        assert_eq!(
            kind("SSL_accept:TLSv1.3 write server certificate verify"),
            Kind::Message {
                msg_type: 15,
                sent: true
            }
        );
        assert_eq!(kind("SSL_accept:before SSL initialization"), Kind::Before);
        assert_eq!(kind("SSL_connect:error in error"), Kind::Error);
        assert_eq!(
            kind("SSL_connect:SSL negotiation finished successfully"),
            Kind::Done
        );
        assert_eq!(line("SSL connection to host"), None);
    }

    #[test]
    fn alerts_by_name() {
        assert_eq!(
            alert("SSL3 alert write:fatal:unknown CA"),
            Some((2, Some(48), true))
        );
        assert_eq!(
            alert("SSL3 alert read:warning:close notify"),
            Some((1, Some(0), false))
        );
    }
}
