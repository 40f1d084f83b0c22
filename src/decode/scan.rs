//! What scanners of servers print: nmap's `ssl-enum-ciphers`, sslscan, testssl.sh.
//!
//! In: whole lines. Out: settings: what the server accepts, as facts of the session. Sources of the
//! wording: nmap `scripts/ssl-enum-ciphers.nse`, sslscan `sslscan.c`, testssl.sh `testssl.sh`. Must not
//! know what a list means for a device.

use std::sync::Arc;

use super::dialect::Dialect;
use super::prefilter::Anchors;
use crate::evidence::{Event, FactValue};
use crate::tls::CipherSuite;

/// Decoder of one input's lines.
#[derive(Debug, Default)]
pub(super) struct Scan {
    suites: Vec<String>,
    versions: Vec<String>,
    /// The lines of `ssl-enum-ciphers` have begun.
    nmap: bool,
}

/// At most so many suites are kept: there are some four hundred in all.
const MOST: usize = 512;

impl Dialect for Scan {
    fn name(&self) -> &'static str {
        "scan"
    }

    fn is_stack(&self) -> bool {
        false
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact([
            "ssl-enum-ciphers:",
            "TLS_",
            "TLSv",
            "SSLv",
            "Testing",
            "offered",
        ])]
    }

    /// The script of nmap was recognised: its lines are told by their frame alone.
    fn open(&self) -> bool {
        self.nmap
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        self.nmap_line(text, emit) || self.sslscan_line(text, emit) || self.testssl_line(text, emit)
    }
}

impl Scan {
    /// `|       TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (secp256r1) - A`, also pasted without its bar.
    fn nmap_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let inner = text.trim_start_matches(['|', '_', '-', ' ']).trim_end();
        if inner.starts_with("ssl-enum-ciphers:") {
            self.nmap = true;
            return true;
        }
        if let Some(version) = inner.strip_suffix(':').filter(|_| self.nmap)
            && let Some(version) = version_name(version)
        {
            self.version(version, emit);
            return true;
        }
        if let Some(order) = inner
            .strip_prefix("cipher preference: ")
            .filter(|_| self.nmap)
        {
            // Another word stands where the script could not tell.
            if matches!(order, "server" | "client") {
                set(
                    "server.suite_order",
                    FactValue::Text(order.to_owned()),
                    emit,
                );
            }
            return true;
        }
        let graded = inner.rsplit_once(" - ").is_some_and(|(_, grade)| {
            matches!(grade, "A" | "B" | "C" | "D" | "E" | "F" | "unknown")
        });
        if graded && inner.starts_with("TLS_") {
            let name = inner.split(' ').next().unwrap_or("");
            // nmap's own name for the suites of TLS 1.3.
            let name = name.replace("TLS_AKE_WITH_", "TLS_");
            self.suite(&name, emit);
            return true;
        }
        self.nmap && (text.starts_with('|') || inner.starts_with("least strength"))
    }

    /// `Accepted  TLSv1.2  256 bits  ECDHE-RSA-AES256-GCM-SHA384   Curve P-256 DHE 256`,
    /// `TLSv1.2   enabled`.
    fn sslscan_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let words: Vec<&str> = text.split_ascii_whitespace().take(6).collect();
        match words.as_slice() {
            ["Accepted" | "Preferred", version, bits, "bits", name, ..]
                if version.contains("TLSv") && bits.parse::<u32>().is_ok() =>
            {
                if let Some(version) = version_name(version) {
                    self.version(version, emit);
                }
                self.suite(name, emit);
                true
            }
            [version, "enabled"] if version.contains("TLSv") => {
                if let Some(version) = version_name(version) {
                    self.version(version, emit);
                }
                true
            }
            [version, "disabled"] => version.starts_with("TLSv") || version.starts_with("SSLv"),
            ["Testing", "SSL", "server", ..] => true,
            _ => false,
        }
    }

    /// ` xc030   ECDHE-RSA-AES256-GCM-SHA384   ECDH 256   AESGCM   256   TLS_ECDHE_RSA_…`,
    /// ` TLS 1.2    offered (OK)`.
    fn testssl_line(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let text = text.trim_start();
        if let Some(rest) = text.strip_prefix('x') {
            let id = rest.split_ascii_whitespace().next().unwrap_or("");
            let last = rest.split_ascii_whitespace().next_back().unwrap_or("");
            let hex = (2..=6).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
            if hex && last.starts_with("TLS_") {
                self.suite(last, emit);
                return true;
            }
            return false;
        }
        let words: Vec<&str> = text.split_ascii_whitespace().take(4).collect();
        match words.as_slice() {
            ["TLS", number, "offered", ..] => {
                if let Some(version) = version_name(&format!("TLSv{number}")) {
                    self.version(version, emit);
                }
                true
            }
            ["TLS", _, "not", "offered"] => true,
            _ => false,
        }
    }

    fn suite(&mut self, name: &str, emit: &mut dyn FnMut(Event)) {
        let iana = CipherSuite::from_name(name).map_or_else(|| name.to_owned(), |s| s.to_string());
        if self.suites.len() >= MOST || self.suites.contains(&iana) {
            return;
        }
        self.suites.push(iana);
        set("server.suites", FactValue::List(self.suites.clone()), emit);
        let rsa = self.suites.iter().any(|s| s.starts_with("TLS_RSA_WITH_"));
        set("server.rsa_key_exchange", FactValue::Bool(rsa), emit);
    }

    fn version(&mut self, name: &str, emit: &mut dyn FnMut(Event)) {
        if !self.versions.iter().any(|v| v == name) {
            self.versions.push(name.to_owned());
            // The names sort as the versions do.
            if let Some(lowest) = self.versions.iter().min() {
                set("server.min_version", FactValue::Text(lowest.clone()), emit);
            }
            set(
                "server.versions",
                FactValue::List(self.versions.clone()),
                emit,
            );
        }
    }
}

/// `TLSv1.2`, `TLSv1.0`, also within colours.
fn version_name(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "TLSv1.0" | "TLSv1" => "TLS 1.0",
        "TLSv1.1" => "TLS 1.1",
        "TLSv1.2" => "TLS 1.2",
        "TLSv1.3" => "TLS 1.3",
        _ => return None,
    })
}

fn set(fact: &str, value: FactValue, emit: &mut dyn FnMut(Event)) {
    emit(Event::Setting {
        fact: Arc::from(fact),
        value,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> (Vec<String>, Vec<String>, usize) {
        let mut scan = Scan::default();
        let mut claimed = 0;
        for line in lines.lines() {
            claimed += usize::from(scan.take(line.as_bytes(), &mut |_| {}));
        }
        (scan.suites, scan.versions, claimed)
    }

    #[test]
    fn three_scanners_say_the_same() {
        let nmap = "| ssl-enum-ciphers: \n|   TLSv1.2: \n|     ciphers: \n|       TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (secp256r1) - A\n|       TLS_RSA_WITH_AES_128_CBC_SHA (rsa 2048) - A\n|   TLSv1.3: \n|       TLS_AKE_WITH_AES_128_GCM_SHA256 (ecdh_x25519) - A\n|_  least strength: A\n";
        let sslscan = "TLSv1.1   disabled\nTLSv1.2   enabled\nTLSv1.3   enabled\nAccepted  TLSv1.2  256 bits  ECDHE-RSA-AES256-GCM-SHA384   Curve 25519 DHE 253\nAccepted  TLSv1.2  128 bits  AES128-SHA\nPreferred TLSv1.3  128 bits  TLS_AES_128_GCM_SHA256        Curve 25519 DHE 253\n";
        let testssl = " TLS 1.1    not offered\n TLS 1.2    offered (OK)\n TLS 1.3    offered (OK): final\n xc030   ECDHE-RSA-AES256-GCM-SHA384       ECDH 256   AESGCM      256      TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n x2f     AES128-SHA                        RSA        AES         128      TLS_RSA_WITH_AES_128_CBC_SHA\n x1301   TLS_AES_128_GCM_SHA256            ECDH 253   AESGCM      128      TLS_AES_128_GCM_SHA256\n";
        for text in [nmap, sslscan, testssl] {
            let (suites, versions, claimed) = read(text);
            assert_eq!(
                suites,
                [
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_AES_128_GCM_SHA256"
                ],
                "{text}"
            );
            assert_eq!(versions, ["TLS 1.2", "TLS 1.3"], "{text}");
            assert!(claimed >= text.lines().count() - 1, "{text}");
        }
    }

    #[test]
    fn pasted_without_its_frame() {
        let (suites, ..) = read("- TLS_DHE_RSA_WITH_AES_256_CBC_SHA (dh 2048) - A\n");
        assert_eq!(suites, ["TLS_DHE_RSA_WITH_AES_256_CBC_SHA"]);
    }

    #[test]
    fn logs_are_no_scan() {
        for line in [
            "| connecting",
            "TLS 1.2 handshake",
            "x509_crt.c:12: verify",
            "offers TLS_RSA_WITH_AES_128_CBC_SHA",
            "Accepted connection from 192.0.2.1",
        ] {
            assert_eq!(read(line).2, 0, "{line}");
        }
    }
}
