//! AT commands of the XBee that say how it was set: asked or made, as frame or as text.

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use regex::bytes::Regex;

use super::super::devices;
use crate::evidence::{Event, FactValue};

/// What is known of the profiles `$0` to `$2`, and which one counts.
#[derive(Debug, Default)]
pub(super) struct XbeeSettings {
    profiles: [Option<String>; 3],
    in_use: usize,
}

/// Texts one of which stands in every line that [`written`] reads.
pub(super) const ANCHORS: [&str; 9] = [
    "ATTL", "AT$0", "AT$1", "AT$2", "ATDL", "ATVR", "ATAI", "ATCI", "ATHV",
];

/// The same of [`status_in_words`], in any letter case.
pub(super) const STATUS_ANCHORS: [&str; 3] = ["delivery status", "transmit status", "tx status"];

/// A command with its value in a line such as `ATTL is 3 (TLS 1.2)`, `AT$0 ca.pem;;`, `ATVR`.
pub(super) fn written(line: &[u8]) -> Option<([u8; 2], &[u8])> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    let at = memchr::memmem::find(line, b"AT")?;
    if at > 24 {
        return None;
    }
    let form = FORM
        .get_or_init(|| {
            Regex::new(
                r"^[^A-Za-z0-9]*AT(TL|\$[0-2]|DL|VR|AI|CI|HV)(?:(?:\s+is|\s*[=:]|\s)\s*(.*))?$",
            )
            .ok()
        })
        .as_ref()?;
    let caps = form.captures(line)?;
    let command = caps.get(1)?.as_bytes().try_into().ok()?;
    let value = caps.get(2).map_or(&b""[..], |m| m.as_bytes());
    Some((command, value.trim_ascii()))
}

/// The status in a line such as `Delivery status: 0x85 (Unknown error)`.
pub(super) fn status_in_words(line: &[u8]) -> Option<u8> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    memchr::memmem::find(line, b"tatus")?;
    let form = FORM
        .get_or_init(|| {
            Regex::new(r"(?i)\b(?:delivery|transmit|tx) status\b[^0-9A-Za-z]{0,4}(?:is |of |code )?(?:0x)?([0-9a-f]{2})\b")
                .ok()
        })
        .as_ref()?;
    let caps = form.captures(line)?;
    let digits = std::str::from_utf8(caps.get(1)?.as_bytes()).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

fn tell(fact: &str, value: FactValue, emit: &mut dyn FnMut(Event)) {
    emit(Event::Setting {
        fact: Arc::from(fact),
        value,
    });
}

fn text(fact: &str, value: &str, emit: &mut dyn FnMut(Event)) {
    tell(fact, FactValue::Text(value.to_owned()), emit);
}

impl XbeeSettings {
    /// A value as people write it; `true` when it was one.
    pub(super) fn text(
        &mut self,
        command: [u8; 2],
        value: &[u8],
        emit: &mut dyn FnMut(Event),
    ) -> bool {
        let value = String::from_utf8_lossy(value);
        let first = value.split([' ', '(', ',']).next().unwrap_or("");
        match &command {
            b"DL" | b"$0" | b"$1" | b"$2" => self.take(command, first.as_bytes(), emit),
            _ => {
                let digits = first.trim_start_matches("0x");
                let Ok(number) = u32::from_str_radix(digits, 16) else {
                    return false;
                };
                self.take(command, &number.to_be_bytes(), emit);
            }
        }
        true
    }

    /// A value as a frame carries it: text for names, a big-endian number for the others.
    pub(super) fn take(&mut self, command: [u8; 2], value: &[u8], emit: &mut dyn FnMut(Event)) {
        if value.is_empty() {
            return;
        }
        let number = value
            .iter()
            .rev()
            .take(8)
            .rev()
            .fold(0_i64, |n, b| n << 8 | i64::from(*b));
        match &command {
            b"TL" => {
                let version = match number {
                    4 => "TLS 1.3".to_owned(),
                    3 => "TLS 1.2".to_owned(),
                    n => format!("a version before TLS 1.2 (TL = {n})"),
                };
                text("module.tls_version", &version, emit);
            }
            [b'$', n @ b'0'..=b'2'] => {
                let n = usize::from(n - b'0');
                if let Some(profile) = self.profiles.get_mut(n) {
                    *profile = Some(String::from_utf8_lossy(value).into_owned());
                }
                if n == self.in_use {
                    self.profile(emit);
                }
            }
            b"DL" => {
                let host = String::from_utf8_lossy(value);
                let host = host.trim_matches('\0');
                let kind = if host.parse::<Ipv4Addr>().is_ok() {
                    "ip"
                } else {
                    "dns"
                };
                text("host", host, emit);
                text("host.kind", kind, emit);
                tell(
                    "module.name_in_request",
                    FactValue::Bool(kind == "dns"),
                    emit,
                );
            }
            b"VR" => text("module.firmware", &format!("{number:X}"), emit),
            b"HV" => text("module.model", model(number), emit),
            b"AI" => {
                let words = devices::code_words("xbee-ai", number);
                text("module.network", &words, emit);
            }
            b"CI" if !devices::is_ok("xbee-ci", number) => {
                devices::code_events("xbee-ci", number, emit);
            }
            _ => {}
        }
    }

    /// A request names the profile that counts.
    pub(super) fn use_profile(&mut self, n: u8, emit: &mut dyn FnMut(Event)) {
        if usize::from(n) != self.in_use {
            self.in_use = usize::from(n);
            self.profile(emit);
        }
    }

    /// `ca;certificate;key`, each optional.
    fn profile(&self, emit: &mut dyn FnMut(Event)) {
        let Some(Some(profile)) = self.profiles.get(self.in_use) else {
            return;
        };
        let mut parts = profile.split(';').map(str::trim);
        let ca = parts.next().unwrap_or("");
        text("module.ca", ca, emit);
        tell("module.verifies", FactValue::Bool(!ca.is_empty()), emit);
        for (fact, name) in ["module.client_cert", "module.client_key"]
            .into_iter()
            .zip(parts)
        {
            text(fact, name, emit);
        }
        // A name alone is looked up in the module's own folder for certificates.
        match ca.rsplit_once('/') {
            Some((folder, _)) => text("module.folder", folder, emit),
            None if !ca.is_empty() => text("module.folder", "the default folder", emit),
            None => {}
        }
    }
}

/// Model by the upper byte of HV (xbee-python, `digi/xbee/models/hw.py`).
fn model(hv: i64) -> &'static str {
    match hv >> 8 & 0xFF {
        0x2A => "XBee Cellular",
        0x40 => "XBee Cellular LTE Cat 1 (Verizon)",
        0x44 => "XBee Cellular 3G",
        0x46 => "XBee Cellular LTE-M (Verizon)",
        0x47 => "XBee Cellular LTE-M (AT&T)",
        0x48 => "XBee Cellular NB-IoT (Europe)",
        0x49 => "XBee 3 Cellular LTE Cat 1 (AT&T)",
        0x4A => "XBee 3 Cellular LTE-M (Verizon)",
        0x4B => "XBee 3 Cellular LTE-M (AT&T)",
        0x4D => "XBee 3 Cellular LTE Cat 1 (Verizon)",
        0x4E => "XBee 3 Cellular LTE-M/NB-IoT (Telit)",
        0x54 => "XBee 3 Cellular Global LTE Cat 1",
        0x55 => "XBee 3 Cellular North America LTE Cat 1",
        0x56 => "XBee 3 Cellular LTE-M/NB-IoT (low power)",
        0x58 => "XBee 3 Cellular Global LTE Cat 4",
        0x59 => "XBee 3 Cellular North America LTE Cat 4",
        _ => "XBee of an unknown model",
    }
}
