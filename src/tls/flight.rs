//! The other messages of a server's flight: certificates, key exchange, certificate request.
//!
//! In: bodies of messages, after their headers. Out: their fields.

use super::extension::{SIGNATURE_ALGORITHMS, extensions};
use super::fields::{Fields, Malformed, numbers};
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

/// What a `ServerKeyExchange` says beside the key itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerKeyExchange {
    /// The named group of ECDHE, by number.
    pub group: Option<u16>,
    /// Size of the prime of DHE, in bits.
    pub dh_bits: Option<u32>,
    /// How it is signed, by number (TLS 1.2 only).
    pub signature: Option<u16>,
}

impl ServerKeyExchange {
    /// Reads the body of the message (RFC 5246 section 7.4.3, RFC 8422 section 5.4); `signed` where
    /// TLS 1.2 names the signature algorithm in it. A suite of another key exchange gives no fields.
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(body: &[u8], suite: CipherSuite, signed: bool) -> Result<Self, Malformed> {
        let mut fields = Fields::of("ServerKeyExchange", body);
        let mut out = Self::default();
        let exchange = suite.key_exchange().unwrap_or("");
        if exchange.contains("PSK") {
            fields.vec16("psk_identity_hint")?;
        }
        if exchange.starts_with("ECDHE") || exchange.starts_with("ECDH_anon") {
            if fields.u8("curve_type")? != 3 {
                return Ok(out);
            }
            out.group = Some(fields.u16("namedcurve")?);
            fields.vec8("public")?;
        } else if exchange.starts_with("DHE") || exchange.starts_with("DH_anon") {
            let prime = fields.vec16("dh_p")?;
            out.dh_bits = bits(prime);
            fields.vec16("dh_g")?;
            fields.vec16("dh_Ys")?;
        } else {
            return Ok(out);
        }
        if signed && !fields.is_empty() && !exchange.contains("anon") {
            out.signature = Some(fields.u16("signature_algorithm")?);
        }
        Ok(out)
    }
}

/// Significant bits of a big-endian number.
fn bits(number: &[u8]) -> Option<u32> {
    let first = number.iter().position(|b| *b != 0)?;
    let bytes = u32::try_from(number.len() - first).ok()?;
    Some(bytes * 8 - number.get(first)?.leading_zeros())
}

/// What a server wants of the client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Signature schemes that it accepts, by number.
    pub signature_schemes: Vec<u16>,
    /// Distinguished names of the authorities it accepts, as DER.
    pub authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads the body of the message in the form of this version (RFC 8446 section 4.3.2, RFC 5246
    /// section 7.4.4, RFC 2246 section 7.4.4).
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(body: &[u8], version: u16) -> Result<Self, Malformed> {
        let mut fields = Fields::of("CertificateRequest", body);
        let mut out = Self::default();
        if version == 0x0304 {
            fields.vec8("certificate_request_context")?;
            for extension in extensions(&mut fields)? {
                match extension.number {
                    SIGNATURE_ALGORITHMS => out.signature_schemes = extension.list16(),
                    47 => {
                        let mut inner = Fields::of("CertificateRequest", &extension.data);
                        out.authorities = names(inner.vec16("authorities")?)?;
                    }
                    _ => {}
                }
            }
            return Ok(out);
        }
        fields.vec8("certificate_types")?;
        // DTLS 1.2 is 0xFEFD and counts down.
        if version == 0x0303 || version == 0xFEFD {
            out.signature_schemes = numbers(fields.vec16("supported_signature_algorithms")?);
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
        let body = [3, 0, 24, 1, 9, 6, 3, 0, 0];
        let read = ServerKeyExchange::parse(&body, CipherSuite(0xC02B), true).unwrap();
        assert_eq!((read.group, read.signature), (Some(24), Some(0x0603)));
        let dh = [0, 2, 0x40, 0, 0, 1, 2, 0, 1, 3, 4, 1, 0, 0];
        let read = ServerKeyExchange::parse(&dh, CipherSuite(0x009E), true).unwrap();
        assert_eq!((read.dh_bits, read.signature), (Some(15), Some(0x0401)));
    }

    #[test]
    fn a_request_lists_schemes_and_names() {
        let body = [1, 1, 0, 2, 4, 1, 0, 5, 0, 3, 0x30, 1, 0];
        let read = CertificateRequest::parse(&body, 0x0303).unwrap();
        assert_eq!(read.signature_schemes, [0x0401]);
        assert_eq!(read.authorities, [vec![0x30, 1, 0]]);
    }
}
