//! A certificate in the words of `openssl x509 -text`.
//!
//! In: whole lines. Out: settings: facts of the first certificate that an input describes. Source of
//! the wording: OpenSSL 1.0.2 to 3.x, `crypto/x509/t_x509.c`. Must not know whose certificate it is.

use std::net::IpAddr;
use std::sync::Arc;

use super::dialect::Dialect;
use super::openssl::{name, openssl_time, signature};
use super::prefilter::Anchors;
use crate::evidence::{Event, FactValue};

/// End of signed 32-bit time, seconds since 1970: 2038-01-19T03:14:07Z.
const END_OF_32_BIT_TIME: i64 = 2_147_483_647;

/// Decoder of one input's lines.
#[derive(Debug, Default)]
pub(super) struct X509Text {
    /// Certificates begun.
    begun: u32,
    inside: bool,
    /// The next line holds the names.
    names_follow: bool,
    issuer: String,
    cn_is_ip: bool,
}

impl Dialect for X509Text {
    fn name(&self) -> &'static str {
        "x509"
    }

    fn is_stack(&self) -> bool {
        false
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact(["Certificate:"])]
    }

    fn open(&self) -> bool {
        self.inside
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        if text == "Certificate:" {
            self.begun += 1;
            self.inside = true;
            self.names_follow = false;
            return true;
        }
        if !self.inside {
            return false;
        }
        let said = self.field(text, emit);
        // Rows of key and signature are hexadecimal pairs.
        said || is_hex_row(text) || text.ends_with(':') || text.starts_with("X509v3 ")
    }
}

impl X509Text {
    fn field(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if text.starts_with("Signature Value:") || text.starts_with("-----") {
            self.inside = false;
            return !text.starts_with('-');
        }
        // Only the first certificate of an input is told: it is the leaf or the only one.
        let first = self.begun == 1;
        let mut set = |fact: &str, value: FactValue| {
            if first {
                emit(Event::Setting {
                    fact: Arc::from(fact),
                    value,
                });
            }
        };
        if std::mem::take(&mut self.names_follow) {
            let names: Vec<String> = text
                .split(", ")
                .filter_map(|n| {
                    n.strip_prefix("DNS:")
                        .or_else(|| n.strip_prefix("IP Address:"))
                })
                .map(str::to_owned)
                .collect();
            if text.contains("IP Address:") && self.cn_is_ip {
                set("cert.leaf.cn_is_ip", FactValue::Bool(false));
            }
            set("cert.leaf.names", FactValue::List(names));
            return true;
        }
        let Some((key, value)) = text.split_once(':') else {
            return false;
        };
        let value = value.trim();
        match key.trim() {
            "Subject" => {
                let subject = name(value);
                if let Some(cn) = subject.split(", ").find_map(|p| p.strip_prefix("CN=")) {
                    set("cert.leaf.cn", FactValue::Text(cn.to_owned()));
                    self.cn_is_ip = cn.parse::<IpAddr>().is_ok();
                    set("cert.leaf.cn_is_ip", FactValue::Bool(self.cn_is_ip));
                }
                let own = subject == self.issuer;
                set("cert.leaf.self_signed", FactValue::Bool(own));
                set("cert.leaf.subject", FactValue::Text(subject));
            }
            "Issuer" => {
                self.issuer = name(value);
                set("cert.leaf.issuer", FactValue::Text(self.issuer.clone()));
            }
            "Not Before" | "Not After" => {
                let Some(at) = openssl_time(value) else {
                    return false;
                };
                let seconds = at / 1_000_000;
                if key.trim() == "Not Before" {
                    set("cert.not_before", FactValue::Int(seconds));
                } else {
                    set("cert.not_after", FactValue::Int(seconds));
                    let over = seconds > END_OF_32_BIT_TIME;
                    set("cert.date_over_2038", FactValue::Bool(over));
                }
            }
            "Signature Algorithm" => {
                set("cert.leaf.signed_using", FactValue::Text(signature(value)));
            }
            "Public Key Algorithm" => {
                let kind = if value == "id-ecPublicKey" {
                    "EC"
                } else {
                    "RSA"
                };
                if value.starts_with("rsa") || kind == "EC" {
                    set("cert.leaf.key_type", FactValue::Text(kind.to_owned()));
                }
            }
            "Public-Key" | "RSA Public-Key" => {
                let bits = value
                    .trim_start_matches('(')
                    .split(' ')
                    .next()
                    .and_then(|n| n.parse().ok());
                if let Some(bits) = bits {
                    set("cert.leaf.key_bits", FactValue::Int(bits));
                }
            }
            "CA" => {
                let ca = value.starts_with("TRUE");
                set("cert.leaf.is_ca", FactValue::Bool(ca));
            }
            "X509v3 Subject Alternative Name" => self.names_follow = true,
            "Version" | "Serial Number" | "Data" | "Validity" | "Exponent" | "Modulus"
            | "ASN1 OID" | "NIST CURVE" | "pub" => {}
            _ => return false,
        }
        true
    }
}

/// `00:a3:ad:f0:…`, also the last one without its colon.
fn is_hex_row(text: &str) -> bool {
    text.len() >= 2
        && text
            .split(':')
            .all(|p| p.is_empty() || p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_first_certificate() {
        let text = "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Signature Algorithm: sha256WithRSAEncryption\n        Issuer: C = IS, CN = 192.0.2.7\n        Validity\n            Not Before: Nov 19 08:15:00 2026 GMT\n            Not After : Nov  1 08:15:00 2074 GMT\n        Subject: C = IS, CN = 192.0.2.7\n            Public Key Algorithm: rsaEncryption\n                Public-Key: (2048 bit)\n                Modulus:\n                    00:a3:ad:\n                    4a:b9\n            X509v3 Basic Constraints: critical\n                CA:TRUE\n    Signature Value:\n        53:44\nCertificate:\n        Subject: CN = other.test\n";
        let mut reader = X509Text::default();
        let mut facts = std::collections::BTreeMap::new();
        for line in text.lines() {
            reader.take(line.as_bytes(), &mut |e| {
                if let Event::Setting { fact, value } = e {
                    facts.insert(fact.to_string(), value);
                }
            });
        }
        let text = |s: &str| Some(FactValue::Text(s.to_owned()));
        assert_eq!(facts.get("cert.leaf.cn").cloned(), text("192.0.2.7"));
        assert_eq!(
            facts.get("cert.leaf.cn_is_ip"),
            Some(&FactValue::Bool(true))
        );
        assert_eq!(
            facts.get("cert.date_over_2038"),
            Some(&FactValue::Bool(true))
        );
        assert_eq!(
            facts.get("cert.leaf.self_signed"),
            Some(&FactValue::Bool(true))
        );
        assert_eq!(facts.get("cert.leaf.key_bits"), Some(&FactValue::Int(2048)));
        assert_eq!(facts.get("cert.leaf.is_ca"), Some(&FactValue::Bool(true)));
    }

    #[test]
    fn lines_outside_a_certificate_are_refused() {
        let mut reader = X509Text::default();
        for line in ["Subject: hello", "Issuer: x", "00:11:22", "DNS:x"] {
            assert!(!reader.take(line.as_bytes(), &mut |_| {}), "{line}");
        }
    }
}
