//! What scanners list of a server: nmap's script `ssl-enum-ciphers`, and `sslscan`.
//!
//! In: lines. Out: settings with the suites, the lowest version and whose order counts. Source of the
//! wording: `scripts/ssl-enum-ciphers.nse` of nmap 7.9x, `sslscan.c` of sslscan 2. Must not know what
//! the device offers.

use std::sync::Arc;

use super::dialect::Dialect;
use crate::evidence::{Event, FactValue, Lane};
use crate::tls::{CipherSuite, ProtocolVersion};

/// More than any server accepts; a longer text is no list of suites.
const MOST: usize = 512;

/// Decoder of one input.
#[derive(Debug, Default)]
pub(super) struct SuiteLists {
    tool: Option<Tool>,
    /// nmap: inside the script's part.
    inside: bool,
    version: Option<ProtocolVersion>,
    suites: Vec<CipherSuite>,
    lowest: Option<ProtocolVersion>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Nmap,
    Sslscan,
}

impl Dialect for SuiteLists {
    fn name(&self) -> &'static str {
        match self.tool {
            Some(Tool::Sslscan) => "sslscan",
            Some(Tool::Nmap) | None => "nmap",
        }
    }

    fn is_stack(&self) -> bool {
        false
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn lane(&self) -> Lane {
        // It tells of the server and says nothing of a handshake.
        Lane::Device
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        match line.first() {
            Some(b'|') => {}
            Some(b'P' | b'A')
                if line.starts_with(b"Preferred") || line.starts_with(b"Accepted") => {}
            _ => return false,
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        match text.strip_prefix('|') {
            Some(rest) => self.nmap(rest, emit),
            None => self.sslscan(text, emit),
        }
    }
}

impl SuiteLists {
    /// A line behind its bar. The last line of the part has an underscore.
    fn nmap(&mut self, rest: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let last = rest.starts_with('_');
        let text = rest.trim_start_matches('_').trim();
        if text == "ssl-enum-ciphers:" {
            *self = Self {
                tool: Some(Tool::Nmap),
                inside: true,
                ..Self::default()
            };
            return true;
        }
        if !self.inside {
            return false;
        }
        if let Some(version) = text.strip_suffix(':').and_then(version_of) {
            self.version = Some(version);
        } else if let Some(order) = text.strip_prefix("cipher preference: ") {
            // Another word stands where the script could not tell.
            if matches!(order, "server" | "client") {
                emit(setting(
                    "server.suite_order",
                    FactValue::Text(order.to_owned()),
                ));
            }
        } else if let Some(suite) = text
            .split_once(' ')
            .and_then(|(name, _)| CipherSuite::from_name(name))
        {
            self.accepted(suite, emit);
        }
        self.inside = !last;
        true
    }

    /// `Accepted  TLSv1.2  128 bits  AES128-SHA`.
    fn sslscan(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let mut words = text.split_whitespace().skip(1);
        let Some(version) = words.next().and_then(version_of) else {
            return false;
        };
        let bits = words.next().and_then(|n| n.parse::<u16>().ok());
        if bits.is_none() || words.next() != Some("bits") {
            return false;
        }
        let Some(suite) = words.next().and_then(CipherSuite::from_name) else {
            return false;
        };
        if self.tool != Some(Tool::Sslscan) {
            *self = Self {
                tool: Some(Tool::Sslscan),
                ..Self::default()
            };
        }
        self.version = Some(version);
        self.accepted(suite, emit);
        true
    }

    fn accepted(&mut self, suite: CipherSuite, emit: &mut dyn FnMut(Event)) {
        if let Some(version) = self.version
            && self.lowest.is_none_or(|low| version < low)
        {
            self.lowest = Some(version);
            emit(setting(
                "server.min_version",
                FactValue::Text(version.to_string()),
            ));
        }
        if self.suites.len() >= MOST || self.suites.contains(&suite) {
            return;
        }
        self.suites.push(suite);
        let names = self.suites.iter().map(ToString::to_string).collect();
        emit(setting("server.suites", FactValue::List(names)));
    }
}

fn setting(fact: &str, value: FactValue) -> Event {
    Event::Setting {
        fact: Arc::from(fact),
        value,
    }
}

fn version_of(word: &str) -> Option<ProtocolVersion> {
    Some(match word {
        "TLSv1.0" => ProtocolVersion::TLS10,
        "TLSv1.1" => ProtocolVersion::TLS11,
        "TLSv1.2" => ProtocolVersion::TLS12,
        "TLSv1.3" => ProtocolVersion::TLS13,
        _ => return None,
    })
}
