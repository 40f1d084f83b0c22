//! Public keys: kind, size, and the hash that pairs them.
//!
//! In: a `SubjectPublicKeyInfo`, or the public numbers of an RSA key. Out: [`PublicKey`]. Must not see
//! private keys.

use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::oids;
use super::tlv::{self, tag};

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// `RSA`, `EC`, `Ed25519`, `DSA` … or the dotted identifier.
    pub kind: String,
    /// Size in bits; 0 where unknown.
    pub bits: u32,
    /// Curve by its IANA name, for EC.
    pub curve: Option<String>,
    /// Public exponent, for RSA, as a decimal number; `None` when larger than 64 bits.
    pub exponent: Option<u64>,
    /// SHA-256 of the `SubjectPublicKeyInfo`, lower-case hexadecimal: equal for a pair.
    pub spki_sha256: String,
    /// The same with the point compressed (SEC 1 section 2.3.3), for EC keys on named curves.
    pub compressed_sha256: Option<String>,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    #[must_use]
    pub fn read(spki: &[u8]) -> Option<Self> {
        let (_, info) = SubjectPublicKeyInfo::from_der(spki).ok()?;
        let oid = info.algorithm.algorithm.to_id_string();
        let data: &[u8] = &info.subject_public_key.data;
        let mut key = Self {
            kind: kind(&oid),
            bits: 0,
            curve: None,
            exponent: None,
            spki_sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(spki)),
            compressed_sha256: None,
        };
        match key.kind.as_str() {
            "RSA" | "RSA-PSS" => {
                let (modulus, exponent) = rsa_numbers(data)?;
                key.bits = bit_length(modulus);
                key.exponent = number(exponent);
            }
            "EC" => {
                key.compressed_sha256 = info
                    .algorithm
                    .parameters
                    .as_ref()
                    .and_then(|p| p.as_oid().ok())
                    .and_then(|curve| compressed_sha256(curve.as_bytes(), data));
                let curve = info
                    .algorithm
                    .parameters
                    .as_ref()
                    .and_then(|p| p.as_oid().ok())
                    .map(|o| o.to_id_string());
                match curve.as_deref().map(|o| (o, oids::curve(o))) {
                    Some((_, Some((name, bits)))) => {
                        key.curve = Some(name.to_owned());
                        key.bits = bits;
                    }
                    Some((oid, None)) => key.curve = Some(oid.to_owned()),
                    None => {}
                }
            }
            "DSA" => key.bits = dsa_bits(spki),
            "Ed25519" | "X25519" => key.bits = 256,
            "Ed448" | "X448" => key.bits = 456,
            _ => key.bits = u32::try_from(data.len() * 8).unwrap_or(0),
        }
        Some(key)
    }

    /// `RSA 2,048` as words: kind, curve or bits.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.curve {
            Some(curve) => format!("{} {curve}", self.kind),
            None if self.bits > 0 => format!("{} {}", self.kind, self.bits),
            None => self.kind.clone(),
        }
    }
}

fn kind(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10045.2.1" => "EC",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        "2.16.840.1.101.3.4.4.1" => "ML-KEM-512",
        "2.16.840.1.101.3.4.4.2" => "ML-KEM-768",
        "2.16.840.1.101.3.4.4.3" => "ML-KEM-1024",
        other => other,
    }
    .to_owned()
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1), as content octets.
pub(super) fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let outer = tlv::read(der, 0, der.len()).ok()?;
    let (elements, _) = tlv::children(der, &outer);
    match elements.as_slice() {
        [n, e, ..] if n.tag == tag::INTEGER && e.tag == tag::INTEGER => {
            Some((n.value(der), e.value(der)))
        }
        _ => None,
    }
}

/// Bits of an unsigned number, leading zeros left out.
pub(super) fn bit_length(content: &[u8]) -> u32 {
    let start = content
        .iter()
        .position(|b| *b != 0)
        .unwrap_or(content.len());
    let rest = content.get(start..).unwrap_or_default();
    let Some(first) = rest.first() else {
        return 0;
    };
    u32::try_from(rest.len() * 8).map_or(u32::MAX, |bits| bits - first.leading_zeros())
}

fn number(content: &[u8]) -> Option<u64> {
    let start = content
        .iter()
        .position(|b| *b != 0)
        .unwrap_or(content.len());
    let rest = content.get(start..)?;
    (rest.len() <= 8).then(|| rest.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

fn dsa_bits(spki: &[u8]) -> u32 {
    let first = |at: usize, end: usize| tlv::read(spki, at, end).ok();
    (|| {
        let outer = first(0, spki.len())?;
        let algorithm = first(outer.content(), outer.end())?;
        let oid = first(algorithm.content(), algorithm.end())?;
        let parameters = first(oid.end(), algorithm.end())?;
        let p = first(parameters.content(), parameters.end())?;
        Some(bit_length(p.value(spki)))
    })()
    .unwrap_or(0)
}

/// The `SubjectPublicKeyInfo` of an RSA key from its public numbers (RFC 3279 section 2.3.1).
pub(super) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    const ALGORITHM: &[u8] = &[
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let numbers = [
        element(tag::INTEGER, modulus),
        element(tag::INTEGER, exponent),
    ]
    .concat();
    let mut bits = vec![0];
    bits.extend(element(tag::SEQUENCE, &numbers));
    let body = [ALGORITHM, &element(tag::BIT_STRING, &bits)].concat();
    element(tag::SEQUENCE, &body)
}

/// The `SubjectPublicKeyInfo` of an EC key from its curve and point (RFC 5480).
pub(super) fn ec_spki(curve: &[u8], point: &[u8]) -> Vec<u8> {
    const EC: &[u8] = &[0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    let algorithm = element(tag::SEQUENCE, &[EC, &element(tag::OID, curve)].concat());
    let bits = [&[0], point].concat();
    let body = [algorithm, element(tag::BIT_STRING, &bits)].concat();
    element(tag::SEQUENCE, &body)
}

/// SHA-256 of the `SubjectPublicKeyInfo` with a compressed point; `None` where there is no point.
pub(super) fn compressed_sha256(curve: &[u8], point: &[u8]) -> Option<String> {
    let compressed = match point {
        [2 | 3, ..] => point.to_vec(),
        [4, coordinates @ ..] if coordinates.len().is_multiple_of(2) => {
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            let sign = 2 | (y.last()? & 1);
            [&[sign], x].concat()
        }
        _ => return None,
    };
    let digest = Sha256::digest(ec_spki(curve, &compressed));
    Some(data_encoding::HEXLOWER.encode(&digest))
}

/// An element of DER: identifier, shortest length, content.
pub(super) fn element(identifier: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tlv::element_bytes(content.len()));
    out.push(identifier);
    let len = content.len();
    if len < 0x80 {
        #[allow(clippy::cast_possible_truncation)] // below 128
        out.push(len as u8);
    } else {
        let octets: Vec<u8> = len
            .to_be_bytes()
            .into_iter()
            .skip_while(|b| *b == 0)
            .collect();
        #[allow(clippy::cast_possible_truncation)] // at most 8
        out.push(0x80 | octets.len() as u8);
        out.extend(octets);
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_without_leading_zeros() {
        assert_eq!(bit_length(&[0, 0x80]), 8);
        assert_eq!(bit_length(&[0x01, 0x00]), 9);
        assert_eq!(bit_length(&[]), 0);
        assert_eq!(number(&[1, 0, 1]), Some(65_537));
    }

    #[test]
    fn an_rebuilt_key_reads_back() {
        let spki = rsa_spki(&[0x00, 0xC1, 0x23], &[1, 0, 1]);
        let key = PublicKey::read(&spki);
        assert_eq!(
            key.map(|k| (k.kind, k.bits, k.exponent)),
            Some(("RSA".into(), 16, Some(65_537)))
        );
    }
}
