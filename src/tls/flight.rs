//! The other messages of a server's flight: certificates, key exchange, certificate request.
//!
//! In: bodies of messages, after their headers. Out: their fields.

use serde::{Deserialize, Serialize};

use super::extension::{CERTIFICATE_AUTHORITIES, SIGNATURE_ALGORITHMS, extensions};
use super::fields::{Fields, Malformed, numbers};
use super::group::NamedGroup;
use super::record::ProtocolVersion;
use super::signature::SignatureScheme;
use super::suite::CipherSuite;

/// The certificates of a `Certificate` message as DER, leaf first as sent. `tls13` where the message
/// has the form of RFC 8446 section 4.4.2, else that of RFC 5246 section 7.4.2.
///
/// # Errors
/// When a field is shorter than its length says.
pub fn certificate_list(body: &[u8], tls13: bool) -> Result<Vec<&[u8]>, Malformed> {
    let mut fields = Fields::of("Certificate", body);
    if tls13 {
        fields.vec8("certificate_request_context")?;
    }
    let mut list = Fields::of("Certificate", fields.vec24("certificate_list")?);
    let mut certificates = Vec::new();
    while !list.is_empty() {
        certificates.push(list.vec24("cert_data")?);
        if tls13 {
            list.vec16("extensions")?;
        }
    }
    Ok(certificates)
}

/// The key that a `ServerKeyExchange` carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerKey {
    /// A point on a named curve (RFC 8422 section 5.4).
    Ecdhe {
        /// The curve.
        group: NamedGroup,
        /// The point as sent.
        point: Vec<u8>,
    },
    /// A finite field of the server's own choice.
    Dhe {
        /// Bits of the prime.
        prime_bits: usize,
    },
}

/// A `ServerKeyExchange` of TLS 1.2 and older with a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeyExchange {
    /// The key.
    pub key: ServerKey,
    /// The bytes of the parameters that the signature covers, behind both randoms.
    pub parameters: Vec<u8>,
    /// Algorithm of the signature (TLS 1.2; before that it follows from the key).
    pub scheme: Option<SignatureScheme>,
    /// The signature; empty where the suite has none (anonymous, PSK).
    pub signature: Vec<u8>,
}

impl ServerKeyExchange {
    /// Reads the body of the message as `version` and the chosen suite write it (RFC 5246 section
    /// 7.4.3, RFC 8422 section 5.4, RFC 5489 section 2). `None` for key exchanges without a key in
    /// this message, such as plain PSK, and for explicit curves, which RFC 8422 took away.
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(
        body: &[u8],
        version: ProtocolVersion,
        suite: CipherSuite,
    ) -> Result<Option<Self>, Malformed> {
        let mut fields = Fields::of("ServerKeyExchange", body);
        let exchange = suite.key_exchange().unwrap_or("");
        let psk = exchange.contains("PSK");
        if psk {
            fields.vec16("psk_identity_hint")?;
        }
        let from = fields.read_of(body);
        let key = if exchange.starts_with("ECDHE") || exchange.starts_with("ECDH_anon") {
            if fields.u8("curve_type")? != NAMED_CURVE {
                return Ok(None);
            }
            let group = NamedGroup(fields.u16("namedcurve")?);
            let point = fields.vec8("public")?.to_vec();
            ServerKey::Ecdhe { group, point }
        } else if exchange.starts_with("DHE") || exchange.starts_with("DH_anon") {
            let prime_bits = bits(fields.vec16("dh_p")?);
            fields.vec16("dh_g")?;
            fields.vec16("dh_Ys")?;
            ServerKey::Dhe { prime_bits }
        } else {
            return Ok(None);
        };
        let parameters = body
            .get(from..fields.read_of(body))
            .unwrap_or_default()
            .to_vec();
        let mut out = Self {
            key,
            parameters,
            scheme: None,
            signature: Vec::new(),
        };
        if !fields.is_empty() && !psk && !exchange.contains("anon") {
            if names_scheme(version) {
                out.scheme = Some(SignatureScheme(fields.u16("signature_algorithm")?));
            }
            out.signature = fields.vec16("signature")?.to_vec();
        }
        Ok(Some(out))
    }
}

/// `ECCurveType.named_curve` (RFC 8422 section 5.4).
const NAMED_CURVE: u8 = 3;

/// Do messages of this version name the algorithms of signatures? DTLS 1.2 is 0xFEFD and counts down.
fn names_scheme(version: ProtocolVersion) -> bool {
    version == ProtocolVersion::TLS12 || version == ProtocolVersion::DTLS12
}

/// Significant bits of a big-endian number.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let first = number.get(zeros).map_or(0, |b| b.leading_zeros() as usize);
    ((number.len() - zeros) * 8).saturating_sub(first)
}

/// What a server wants of the client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// `certificate_types` of TLS 1.2 and older: 1 `rsa_sign`, 64 `ecdsa_sign` and others.
    pub types: Vec<u8>,
    /// Signature algorithms (TLS 1.2 and newer).
    pub signature_algorithms: Vec<SignatureScheme>,
    /// Names of the authorities, as DER; may be empty.
    pub authorities: Vec<Vec<u8>>,
    /// Bytes of the whole message with its header of four bytes.
    pub message_bytes: usize,
}

impl CertificateRequest {
    /// Reads the body of the message in the form of this version (RFC 8446 section 4.3.2, RFC 5246
    /// section 7.4.4, RFC 2246 section 7.4.4).
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(body: &[u8], version: ProtocolVersion) -> Result<Self, Malformed> {
        let mut fields = Fields::of("CertificateRequest", body);
        let mut out = Self {
            message_bytes: body.len() + 4,
            ..Self::default()
        };
        let schemes = |numbers: Vec<u16>| numbers.into_iter().map(SignatureScheme).collect();
        if version == ProtocolVersion::TLS13 || version == ProtocolVersion::DTLS13 {
            fields.vec8("certificate_request_context")?;
            for extension in extensions(&mut fields)? {
                match extension.number {
                    SIGNATURE_ALGORITHMS => out.signature_algorithms = schemes(extension.list16()),
                    CERTIFICATE_AUTHORITIES => {
                        let mut inner = Fields::of("CertificateRequest", &extension.data);
                        out.authorities = names(inner.vec16("authorities")?)?;
                    }
                    _ => {}
                }
            }
            return Ok(out);
        }
        out.types = fields.vec8("certificate_types")?.to_vec();
        if names_scheme(version) {
            let list = fields.vec16("supported_signature_algorithms")?;
            out.signature_algorithms = schemes(numbers(list));
        }
        out.authorities = names(fields.vec16("certificate_authorities")?)?;
        Ok(out)
    }
}

fn names(list: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut list = Fields::of("CertificateRequest", list);
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(list.vec16("DistinguishedName")?.to_vec());
    }
    Ok(names)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_both_forms() {
        let old = [0, 0, 9, 0, 0, 2, 0xAA, 0xBB, 0, 0, 1, 0xCC];
        assert_eq!(
            certificate_list(&old, false).unwrap(),
            [&[0xAA, 0xBB][..], &[0xCC]]
        );
        let new = [0, 0, 0, 6, 0, 0, 1, 0xCC, 0, 0];
        assert_eq!(certificate_list(&new, true).unwrap(), [&[0xCC][..]]);
        assert!(certificate_list(&old[..10], false).is_err());
    }

    #[test]
    fn key_exchange_names_group_and_signature() {
        let body = [3, 0, 24, 1, 9, 6, 3, 0, 1, 7];
        let read = |body: &[u8], version, suite| {
            ServerKeyExchange::parse(body, version, CipherSuite(suite)).unwrap()
        };
        let ecdhe = read(&body, ProtocolVersion::TLS12, 0xC02B).unwrap();
        let key = ServerKey::Ecdhe {
            group: NamedGroup(24),
            point: vec![9],
        };
        assert_eq!(ecdhe.key, key);
        assert_eq!(ecdhe.parameters, body[..5]);
        assert_eq!(ecdhe.scheme, Some(SignatureScheme(0x0603)));
        assert_eq!(ecdhe.signature, [7]);
        assert_eq!(read(&body, ProtocolVersion::DTLS12, 0xC02B), Some(ecdhe));
        let dh = [0, 2, 0x40, 0, 0, 1, 2, 0, 1, 3, 4, 1, 0, 0];
        let dhe = read(&dh, ProtocolVersion::TLS12, 0x009E).unwrap();
        assert_eq!(dhe.key, ServerKey::Dhe { prime_bits: 15 });
        assert_eq!(dhe.scheme, Some(SignatureScheme(0x0401)));
        // Before TLS 1.2 the signature follows at once; with a PSK a hint stands in front.
        let old = [3, 0, 24, 1, 9, 0, 1, 7];
        let ecdhe = read(&old, ProtocolVersion::TLS11, 0xC00A).unwrap();
        assert_eq!((ecdhe.scheme, ecdhe.signature), (None, vec![7]));
        let hinted = [0, 1, b'h', 3, 0, 29, 1, 9];
        let psk = read(&hinted, ProtocolVersion::TLS12, 0xC035).unwrap();
        assert_eq!(psk.parameters, hinted[3..]);
        assert_eq!(read(&[0, 0], ProtocolVersion::TLS12, 0x00A8), None);
    }

    #[test]
    fn a_request_lists_schemes_and_names() {
        let body = [1, 1, 0, 2, 4, 1, 0, 5, 0, 3, 0x30, 1, 0];
        let read = CertificateRequest::parse(&body, ProtocolVersion::TLS12).unwrap();
        assert_eq!(read.signature_algorithms, [SignatureScheme(0x0401)]);
        assert_eq!(read.authorities, [vec![0x30, 1, 0]]);
        assert_eq!((read.types, read.message_bytes), (vec![1], 17));
    }
}
