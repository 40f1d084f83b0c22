//! The bytes of a certificate (DER) → the description that stacks print in words.
//!
//! In: DER as a log gives it (a hex dump, a debug print, PEM in text). Out: [`PeerCertificate`] with
//! the wording of `mbedtls_x509_crt_info`, so that the facts do not depend on who printed it. Must
//! not know chains, names asked for, or times of judgement.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use crate::evidence::{Micros, PeerCertificate};

/// Largest certificate that is looked at, in bytes; more is no certificate of a TLS server.
const MAX_DER: usize = 64 * 1024;

/// Reads one certificate. `index` is 1 for the leaf as sent. `None` where the bytes are none.
pub(super) fn describe(der: &[u8], index: u32) -> Option<PeerCertificate> {
    if der.len() > MAX_DER {
        return None;
    }
    let (_, cert) = X509Certificate::from_der(der).ok()?;
    let mut out = PeerCertificate {
        index,
        subject: cert.subject().to_string(),
        issuer: cert.issuer().to_string(),
        serial: cert.raw_serial_as_string(),
        not_before: micros(cert.validity().not_before.timestamp()),
        not_after: micros(cert.validity().not_after.timestamp()),
        signed_using: signature_name(&cert.signature_algorithm.algorithm.to_id_string()).to_owned(),
        ..PeerCertificate::default()
    };
    match cert.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            "RSA".clone_into(&mut out.key_type);
            out.key_bits = u32::try_from(key.key_size()).ok();
        }
        Ok(PublicKey::EC(point)) => {
            "EC".clone_into(&mut out.key_type);
            out.key_bits = u32::try_from(point.key_size()).ok();
        }
        _ => {}
    }
    for extension in cert.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(san) => {
                out.alt_names = san.general_names.iter().filter_map(alt_name).collect();
            }
            ParsedExtension::BasicConstraints(basic) => out.is_ca = Some(basic.ca),
            ParsedExtension::KeyUsage(usage) => {
                for (set, name) in [
                    (usage.digital_signature(), "Digital Signature"),
                    (usage.non_repudiation(), "Non Repudiation"),
                    (usage.key_encipherment(), "Key Encipherment"),
                    (usage.data_encipherment(), "Data Encipherment"),
                    (usage.key_agreement(), "Key Agreement"),
                    (usage.key_cert_sign(), "Key Cert Sign"),
                    (usage.crl_sign(), "CRL Sign"),
                ] {
                    if set {
                        out.key_usage.push(name.to_owned());
                    }
                }
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                for (set, name) in [
                    (usage.any, "Any Extended Key Usage"),
                    (usage.server_auth, "TLS Web Server Authentication"),
                    (usage.client_auth, "TLS Web Client Authentication"),
                    (usage.code_signing, "Code Signing"),
                    (usage.email_protection, "E-mail Protection"),
                    (usage.ocsp_signing, "OCSP Signing"),
                ] {
                    if set {
                        out.ext_key_usage.push(name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Some(out)
}

fn micros(seconds: i64) -> Option<Micros> {
    seconds.checked_mul(1_000_000)
}

fn alt_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|b| std::net::Ipv4Addr::from(b).to_string()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|b| std::net::Ipv6Addr::from(b).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Name of a signature algorithm by OID (RFC 8017, RFC 5758, RFC 8410).
fn signature_name(oid: &str) -> &'static str {
    match oid {
        "1.2.840.113549.1.1.4" => "RSA with MD5",
        "1.2.840.113549.1.1.5" => "RSA with SHA1",
        "1.2.840.113549.1.1.11" => "RSA with SHA-256",
        "1.2.840.113549.1.1.12" => "RSA with SHA-384",
        "1.2.840.113549.1.1.13" => "RSA with SHA-512",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.10045.4.1" => "ECDSA with SHA1",
        "1.2.840.10045.4.3.2" => "ECDSA with SHA256",
        "1.2.840.10045.4.3.3" => "ECDSA with SHA384",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => "",
    }
}

/// Bytes of a text of base64 (RFC 4648 section 4), line ends and blanks skipped; `None` where
/// another character stands in it.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &c in text {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\r' | b'\n' | b' ' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).ok()?);
        }
    }
    Some(out)
}

/// Bytes of a text of hexadecimal pairs without separators; reading stops at the first other
/// character.
pub(super) fn hex(text: &[u8]) -> Vec<u8> {
    let digit = |c: u8| (c as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.chunks_exact(2)
        .map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex() {
        assert_eq!(base64(b"TWFu\nTWE=").as_deref(), Some(&b"ManMa"[..]));
        assert_eq!(base64(b"T*"), None);
        assert_eq!(hex(b"30820a)rest"), [0x30, 0x82, 0x0A]);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert_eq!(describe(b"", 1), None);
        assert_eq!(describe(&[0x30, 0x03, 1, 2, 3], 1), None);
    }
}
