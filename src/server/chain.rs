//! The chain as sent: what each certificate says, how large it is and which records carry it.
//!
//! In: a [`Reply`], or bare certificates. Out: [`CertificateSeen`]. Judges nothing: that is the
//! certificate room's part.

use std::net::IpAddr;

use ring::digest;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::reply::Reply;
use crate::tls::ContentType;

/// What can be said of a certificate at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateSeen {
    /// Bytes of the DER.
    pub der_bytes: usize,
    /// First common name of the subject.
    pub subject_cn: Option<String>,
    /// Subject.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Begin of validity, seconds since 1970.
    pub not_before: i64,
    /// End of validity, seconds since 1970.
    pub not_after: i64,
    /// Names of the subject alternative names.
    pub san_dns: Vec<String>,
    /// Addresses of the subject alternative names.
    pub san_ip: Vec<String>,
    /// `RSA`, `EC` or another word.
    pub key_type: &'static str,
    /// Bits of the key; 0 where unknown.
    pub key_bits: usize,
    /// Is it a CA by its basic constraints?
    pub is_ca: bool,
    /// Are subject and issuer the same?
    pub self_signed: bool,
    /// SHA-256 of the DER in hexadecimal digits.
    pub sha256: String,
    /// First and last record that carry it (from 0), where the chain came in the clear.
    pub records: Option<(usize, usize)>,
    /// Can it be read at all?
    pub readable: bool,
}

/// Every certificate of a chain; `reply` tells the records.
#[must_use]
pub fn see_chain(chain: &[Vec<u8>], reply: Option<&Reply>) -> Vec<CertificateSeen> {
    // Header of the message and length of the list.
    let mut offset = reply.map_or(0, |r| r.certificate_offset) + 4 + 3;
    chain
        .iter()
        .map(|der| {
            offset += 3;
            let range = (offset, offset + der.len().saturating_sub(1));
            offset += der.len();
            let mut seen = see(der);
            seen.records =
                reply.and_then(|r| Some((record_of(r, range.0)?, record_of(r, range.1)?)));
            seen
        })
        .collect()
}

/// The record that carries this byte of the handshake stream.
fn record_of(reply: &Reply, byte: usize) -> Option<usize> {
    let mut end = 0;
    reply.records.iter().position(|record| {
        if record.kind == ContentType::HANDSHAKE {
            end += record.bytes;
        }
        byte < end
    })
}

fn see(der: &[u8]) -> CertificateSeen {
    let sha256 = digest::digest(&digest::SHA256, der);
    let mut seen = CertificateSeen {
        der_bytes: der.len(),
        key_type: "unknown",
        sha256: hexadecimal(sha256.as_ref()),
        ..CertificateSeen::default()
    };
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return seen;
    };
    seen.readable = true;
    seen.subject = certificate.subject().to_string();
    seen.issuer = certificate.issuer().to_string();
    seen.subject_cn = certificate
        .subject()
        .iter_common_name()
        .next()
        .and_then(|cn| cn.as_str().ok())
        .map(str::to_owned);
    seen.not_before = certificate.validity().not_before.timestamp();
    seen.not_after = certificate.validity().not_after.timestamp();
    seen.is_ca = certificate.is_ca();
    seen.self_signed = certificate.subject() == certificate.issuer();
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            seen.key_type = "RSA";
            seen.key_bits = key.key_size();
        }
        Ok(PublicKey::EC(point)) => {
            seen.key_type = "EC";
            // 521 bits take 66 bytes.
            seen.key_bits = if point.data().len() == 133 {
                521
            } else {
                point.key_size()
            };
        }
        _ => {}
    }
    if let Ok(Some(names)) = certificate.subject_alternative_name() {
        for name in &names.value.general_names {
            match name {
                GeneralName::DNSName(name) => seen.san_dns.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => {
                    let address = <[u8; 4]>::try_from(*bytes)
                        .map(IpAddr::from)
                        .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                    seen.san_ip.extend(address.map(|a| a.to_string()));
                }
                _ => {}
            }
        }
    }
    seen
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
