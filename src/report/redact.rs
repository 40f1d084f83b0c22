//! Redaction: what must not leave this computer is blanked, and what was blanked is counted.
//!
//! In: text of a report, a line or a whole log. Out: the same text with the secrets replaced by a
//! word in brackets, and a manifest. Private keys and session secrets go always; the other classes
//! are switches of [`LeaveOut`]. Must not know sessions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use regex::{Captures, Regex};

use super::secret_patterns::{ALWAYS, Class, HOST, IDENTITIES, IPV4, IPV6, LUHN15, SECRETS};
use crate::session::blank_private_keys;

/// What a report leaves out. Private keys and session secrets never enter it, whatever is set here.
#[allow(clippy::struct_excessive_bools)] // five independent switches of a form
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaveOut {
    /// Passwords, tokens, pre-shared keys.
    pub secrets: bool,
    /// IP addresses; each becomes `address N`.
    pub addresses: bool,
    /// Host names; each becomes `host N`.
    pub hosts: bool,
    /// IMEI, ICCID, IMSI, device serial numbers, MAC addresses.
    pub identities: bool,
    /// The raw log.
    pub raw_log: bool,
}

impl Default for LeaveOut {
    fn default() -> Self {
        Self {
            secrets: true,
            addresses: true,
            hosts: false,
            identities: true,
            raw_log: true,
        }
    }
}

/// One kind of thing that was blanked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blanked {
    /// Such as `private key`, `password`, `IMEI`.
    pub what: String,
    /// How many different ones.
    pub count: usize,
}

/// Blanks texts and remembers what it blanked, so that the same address always gets the same number.
#[derive(Clone, Debug)]
pub struct Redactor {
    leave_out: LeaveOut,
    /// Class → secret → number. The secrets stay in here and are never shown.
    seen: BTreeMap<&'static str, BTreeMap<String, usize>>,
    keys: usize,
}

impl Redactor {
    /// A redactor with these switches.
    #[must_use]
    pub fn new(leave_out: LeaveOut) -> Self {
        Self {
            leave_out,
            seen: BTreeMap::new(),
            keys: 0,
        }
    }

    /// The switches.
    #[must_use]
    pub fn leave_out(&self) -> LeaveOut {
        self.leave_out
    }

    /// The text without secrets; lines stay lines.
    pub fn clean(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let keys = blank_private_keys(&mut bytes);
        self.keys += keys;
        let mut text = if keys > 0 {
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            text.to_owned()
        };
        text = self.secret_dumps(&text);
        for class in ALWAYS.iter() {
            text = self.class(&text, class);
        }
        if self.leave_out.secrets {
            for class in SECRETS.iter() {
                text = self.class(&text, class);
            }
        }
        if self.leave_out.identities {
            text = self.luhn(&text);
            for class in IDENTITIES.iter() {
                text = self.class(&text, class);
            }
        }
        if self.leave_out.addresses {
            text = self.numbered(&text, &IPV4, "address", |s| s.parse::<Ipv4Addr>().is_ok());
            text = self.numbered(&text, &IPV6, "address", |s| {
                s.len() > 2 && s.parse::<Ipv6Addr>().is_ok()
            });
        }
        if self.leave_out.hosts {
            text = self.numbered(&text, &HOST, "host", is_host);
        }
        text
    }

    /// What was blanked so far.
    #[must_use]
    pub fn manifest(&self) -> Vec<Blanked> {
        let mut out = Vec::new();
        if self.keys > 0 {
            out.push(Blanked {
                what: "private key".into(),
                count: self.keys,
            });
        }
        for (what, seen) in &self.seen {
            out.push(Blanked {
                what: (*what).into(),
                count: seen.len(),
            });
        }
        out
    }

    /// How many different things of the classes that `wanted` accepts were blanked.
    #[must_use]
    pub fn count(&self, wanted: impl Fn(&str) -> bool) -> usize {
        self.seen
            .iter()
            .filter(|(what, _)| wanted(what))
            .map(|(_, seen)| seen.len())
            .sum()
    }

    fn number(&mut self, what: &'static str, secret: &str) -> usize {
        let seen = self.seen.entry(what).or_default();
        let next = seen.len() + 1;
        *seen.entry(secret.to_owned()).or_insert(next)
    }

    fn class(&mut self, text: &str, class: &Class) -> String {
        let out = class.pattern.replace_all(text, |c: &Captures<'_>| {
            let whole = c.get(0).map_or("", |m| m.as_str());
            let Some(secret) = c.name("secret") else {
                return whole.to_owned();
            };
            if secret.as_str().starts_with('[') || secret.as_str().chars().all(|c| c == 'X') {
                return whole.to_owned(); // blanked before
            }
            self.number(class.what, secret.as_str());
            let at = c.get(0).map_or(0, |m| m.start());
            let (from, to) = (secret.start() - at, secret.end() - at);
            format!(
                "{}[{}]{}",
                whole.get(..from).unwrap_or_default(),
                class.what,
                whole.get(to..).unwrap_or_default()
            )
        });
        out.into_owned()
    }

    fn numbered(
        &mut self,
        text: &str,
        pattern: &Regex,
        what: &'static str,
        accepts: impl Fn(&str) -> bool,
    ) -> String {
        let out = pattern.replace_all(text, |c: &Captures<'_>| {
            let whole = c.get(0).map_or("", |m| m.as_str());
            if !accepts(whole) {
                return whole.to_owned();
            }
            let number = self.number(what, &whole.to_ascii_lowercase());
            format!("[{what} {number}]")
        });
        out.into_owned()
    }

    /// Fifteen digits with a correct check digit: an IMEI (3GPP TS 23.003, annex B).
    fn luhn(&mut self, text: &str) -> String {
        let out = LUHN15.replace_all(text, |c: &Captures<'_>| {
            let whole = c.get(0).map_or("", |m| m.as_str());
            if !luhn_holds(whole) {
                return whole.to_owned();
            }
            self.number("IMEI", whole);
            "[IMEI]".to_owned()
        });
        out.into_owned()
    }

    /// Hex dumps under a heading that names a secret: `dumping 'master secret' (48 bytes)` and
    /// the rows below it, and big numbers such as `value of 'DHM: K '`.
    fn secret_dumps(&mut self, text: &str) -> String {
        if !super::secret_patterns::DUMP_HEAD.is_match(text) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut inside = false;
        for line in text.split_inclusive('\n') {
            if super::secret_patterns::DUMP_HEAD.is_match(line) {
                inside = true;
                out.push_str(line);
                continue;
            }
            let row = inside
                .then(|| super::secret_patterns::DUMP_ROW.captures(line))
                .flatten();
            if let Some(hex) = row.and_then(|c| c.name("secret")) {
                self.number("session secret", hex.as_str());
                out.push_str(line.get(..hex.start()).unwrap_or_default());
                out.push_str("[session secret]");
                if line.ends_with('\n') {
                    out.push('\n');
                }
            } else {
                inside = false;
                out.push_str(line);
            }
        }
        out
    }
}

fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(i, d)| match (i % 2, d * 2) {
            (0, _) => d,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10) && sum > 0
}

/// Endings that are files, source lines or our own ids rather than domains.
fn is_host(name: &str) -> bool {
    const FILES: [&str; 24] = [
        "log", "txt", "pem", "crt", "cer", "der", "key", "csr", "conf", "cfg", "json", "toml",
        "html", "md", "py", "rs", "cpp", "hpp", "cc", "hh", "js", "go", "pcap", "pcapng",
    ];
    let last = name.rsplit('.').next().unwrap_or_default();
    let lower: Cow<'_, str> = last.to_ascii_lowercase().into();
    !FILES.contains(&lower.as_ref()) && last.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
