//! A certificate as this program understands it.
//!
//! In: DER. Out: [`Certificate`], every field on its own, so that one damaged field leaves the
//! others readable; and the [`Problem`]s of the encoding. Signatures are checked in `signature`,
//! names in `name_check`. Must not know files or devices.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::extensions::Extensions;
use super::names::DistinguishedName;
use super::oids;
use super::problem::{Problem, Severity};
use super::public_key::PublicKey;
use super::size_map::{self, SizeNode};
use super::tlv::{self, Tlv, TlvError, tag};

/// The last second that a signed 32-bit clock can hold: 2038-01-19T03:14:07Z.
pub const END_OF_32_BIT_TIME: i64 = 2_147_483_647;

/// A moment of validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970 UTC.
    pub unix_s: i64,
    /// Encoded as `GeneralizedTime` (RFC 5280 section 4.1.2.5: from 2050 on), not `UTCTime`.
    pub generalized: bool,
}

impl Moment {
    /// What a signed 32-bit clock makes of it, in seconds since 1970 UTC.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // the wrap is the point
    pub fn as_32_bit(self) -> i32 {
        self.unix_s as i32
    }
}

/// A serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial {
    /// Lower-case hexadecimal digits without leading zeros; a leading `-` for a negative number.
    pub hex: String,
    /// Content octets as encoded, in bytes (RFC 5280 allows 20).
    pub bytes: usize,
}

/// One certificate. Fields that could not be read are `None` or empty, with a [`Problem`].
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its DER, without bytes behind it.
    pub der: Vec<u8>,
    /// X.509 version, 1 to 3 by the rule; other numbers are kept (the encoded number + 1).
    pub version: Option<u32>,
    /// Serial number.
    pub serial: Option<Serial>,
    /// Signature algorithm as OpenSSL names it.
    pub signature_algorithm: Option<String>,
    /// The same as a dotted object identifier.
    pub signature_oid: Option<String>,
    /// Issuer.
    pub issuer: DistinguishedName,
    /// Subject.
    pub subject: DistinguishedName,
    /// Valid from.
    pub not_before: Option<Moment>,
    /// Valid until.
    pub not_after: Option<Moment>,
    /// Public key.
    pub key: Option<PublicKey>,
    /// Extensions.
    pub extensions: Extensions,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub sha256: String,
    /// What is wrong with the encoding.
    pub problems: Vec<Problem>,
    /// Where the bytes go, once somebody asked.
    size_tree: OnceLock<SizeNode>,
}

/// A certificate is its bytes: what is read from them follows.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Reads a certificate from the start of `der`. `None` when the bytes are no certificate at
    /// all: no SEQUENCE that begins with another SEQUENCE that holds a name.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut problems = Vec::new();
        let (outer, cut) = match tlv::read(der, 0, der.len()) {
            Ok(outer) => (outer, false),
            Err(TlvError::TooLong { header, left, .. }) => (
                Tlv {
                    tag: *der.first()?,
                    start: 0,
                    header,
                    len: left,
                },
                true,
            ),
            // BER: everything behind the two octets is content, the end mark included.
            Err(TlvError::Indefinite { .. }) => (
                Tlv {
                    tag: *der.first()?,
                    start: 0,
                    header: 2,
                    len: der.len().checked_sub(2)?,
                },
                true,
            ),
            Err(_) => return None,
        };
        if outer.tag != tag::SEQUENCE {
            return None;
        }
        let whole = der.get(..outer.end()).unwrap_or(der);
        let (parts, outer_error) = tlv::children(whole, &outer);
        let tbs = match (parts.first(), &outer_error) {
            (Some(tbs), _) => *tbs,
            // Cut inside the part that is signed: what is there can still be read.
            (
                None,
                Some(TlvError::TooLong {
                    at, header, left, ..
                }),
            ) => Tlv {
                tag: *whole.get(*at)?,
                start: *at,
                header: *header,
                len: *left,
            },
            _ => return None,
        };
        if tbs.tag != tag::SEQUENCE {
            return None;
        }
        let mut certificate = Self {
            der: whole.to_vec(),
            version: None,
            serial: None,
            signature_algorithm: None,
            signature_oid: None,
            issuer: DistinguishedName::default(),
            subject: DistinguishedName::default(),
            not_before: None,
            not_after: None,
            key: None,
            extensions: Extensions::default(),
            sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(whole)),
            problems: Vec::new(),
            size_tree: OnceLock::new(),
        };
        if !certificate.read_tbs(whole, &tbs, &mut problems) {
            return None;
        }
        if let Some(oid) = parts.get(1).and_then(|p| algorithm(whole, p)) {
            certificate.signature_algorithm = Some(oids::signature_algorithm(&oid));
            certificate.signature_oid = Some(oid);
        }
        if let Some(error) = outer_error.filter(|_| !cut) {
            problems.push(
                Problem::new("der.damaged", Severity::Error, error.to_string())
                    .at_der(error.offset()),
            );
        }
        if !cut && parts.len() != 3 {
            problems.push(Problem::new(
                "cert.structure",
                Severity::Error,
                format!(
                    "A certificate has three parts (signed part, algorithm, signature); this one has {}.",
                    parts.len()
                ),
            ));
        }
        certificate.judge(&mut problems);
        certificate.problems = problems;
        Some(certificate)
    }

    fn read_tbs(&mut self, der: &[u8], tbs: &Tlv, problems: &mut Vec<Problem>) -> bool {
        let (fields, error) = tlv::children(der, tbs);
        let mut fields = fields.into_iter().peekable();
        self.version = Some(1);
        if let Some(field) = fields.next_if(|f| f.tag == 0xA0) {
            self.version = tlv::children(der, &field)
                .0
                .first()
                .and_then(|v| v.value(der).first().copied())
                .map(|v| u32::from(v) + 1);
        }
        let Some(serial) = fields.next_if(|f| f.tag == tag::INTEGER) else {
            return false;
        };
        self.serial = Some(read_serial(serial.value(der)));
        let Some(inner) = fields.next_if(|f| f.tag == tag::SEQUENCE) else {
            return false;
        };
        self.signature_oid = algorithm(der, &inner);
        self.signature_algorithm = self.signature_oid.as_deref().map(oids::signature_algorithm);
        let Some(issuer) = fields.next_if(|f| f.tag == tag::SEQUENCE) else {
            return false;
        };
        self.issuer = DistinguishedName::read(der, &issuer);
        if let Some(validity) = fields.next() {
            let (moments, _) = tlv::children(der, &validity);
            self.not_before = moments
                .first()
                .and_then(|m| read_moment(der, m, "notBefore", problems));
            self.not_after = moments
                .get(1)
                .and_then(|m| read_moment(der, m, "notAfter", problems));
        }
        if let Some(subject) = fields.next() {
            self.subject = DistinguishedName::read(der, &subject);
        }
        if let Some(key) = fields.next() {
            self.key = PublicKey::read(key.bytes(der));
            if self.key.is_none() {
                problems.push(
                    Problem::new(
                        "cert.key_unreadable",
                        Severity::Error,
                        "The public key cannot be read.",
                    )
                    .at_der(key.start),
                );
            }
        }
        for field in fields {
            if field.tag == 0xA3 {
                self.extensions = Extensions::read(der, &field, problems);
            }
        }
        if let Some(error) = error {
            problems.push(
                Problem::new("der.damaged", Severity::Error, error.to_string())
                    .at_der(error.offset()),
            );
        }
        true
    }

    /// What the fields say about each other.
    fn judge(&self, problems: &mut Vec<Problem>) {
        if let Some(version) = self.version.filter(|v| !(1..=3).contains(v)) {
            problems.push(Problem::new(
                "cert.version",
                Severity::Error,
                format!("The version is {version}; X.509 knows 1, 2 and 3."),
            ));
        }
        if self.version.is_some_and(|v| v < 3) && !self.extensions.list.is_empty() {
            problems.push(Problem::new(
                "cert.v1_with_extensions",
                Severity::Error,
                "Extensions in a certificate of version 1 or 2, which has none (RFC 5280 section 4.1.2.9).",
            ));
        }
        if let Some(serial) = &self.serial {
            if serial.hex.starts_with('-') {
                problems.push(Problem::new(
                    "cert.serial_negative",
                    Severity::Warning,
                    "The serial number is negative; RFC 5280 section 4.1.2.2 asks for a positive one.",
                ));
            }
            if serial.bytes > 20 {
                problems.push(Problem::new(
                    "cert.serial_long",
                    Severity::Warning,
                    format!(
                        "The serial number has {} bytes; RFC 5280 section 4.1.2.2 allows 20.",
                        serial.bytes
                    ),
                ));
            }
        }
        if let (Some(from), Some(until)) = (self.not_before, self.not_after)
            && until.unix_s < from.unix_s
        {
            problems.push(Problem::new(
                "cert.dates_reversed",
                Severity::Error,
                "The certificate ends before it begins.",
            ));
        }
        if !self.extensions.critical_unknown().is_empty() {
            problems.push(Problem::new(
                "cert.critical_unknown",
                Severity::Warning,
                format!(
                    "Critical extension {}, which most stacks do not know; they refuse the certificate (RFC 5280 section 4.2).",
                    self.extensions.critical_unknown().join(", ")
                ),
            ));
        }
    }

    /// Size of the DER in bytes.
    #[must_use]
    pub fn der_bytes(&self) -> usize {
        self.der.len()
    }

    /// Where the bytes go. Kept for the next time: for one look at each of thousands
    /// [`measure`](super::measure) keeps nothing.
    pub fn size_tree(&self) -> &SizeNode {
        self.size_tree.get_or_init(|| size_map::measure(&self.der))
    }

    /// Subject and issuer are the same name.
    #[must_use]
    pub fn self_issued(&self) -> bool {
        !self.subject.der.is_empty() && self.subject.der == self.issuer.der
    }

    /// May it sign other certificates? `None` where it does not say (version 1, or no
    /// basicConstraints).
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.extensions.ca == Some(true)
    }

    /// The end lies beyond what a signed 32-bit clock can hold.
    #[must_use]
    pub fn ends_after_2038(&self) -> bool {
        self.not_after
            .is_some_and(|m| m.unix_s > END_OF_32_BIT_TIME)
    }

    /// A short name: common name, else the first alternative name, else the subject.
    #[must_use]
    pub fn title(&self) -> String {
        if let Some(cn) = self.subject.common_name().filter(|cn| !cn.is_empty()) {
            return cn.to_owned();
        }
        if let Some(name) = self.extensions.dns_names().next() {
            return name.to_owned();
        }
        let subject = self.subject.text();
        if subject.is_empty() {
            "no name".into()
        } else {
            subject
        }
    }
}

fn algorithm(der: &[u8], sequence: &Tlv) -> Option<String> {
    let (elements, _) = tlv::children(der, sequence);
    let oid = elements.first().filter(|e| e.tag == tag::OID)?;
    Some(oids::dotted(oid.value(der)))
}

pub(super) fn read_serial(content: &[u8]) -> Serial {
    let negative = content.first().is_some_and(|b| b & 0x80 != 0);
    let magnitude: Vec<u8> = if negative {
        // Two's complement of the content.
        let mut carry = true;
        let mut out: Vec<u8> = content
            .iter()
            .rev()
            .map(|b| {
                let (value, overflow) = (!b).overflowing_add(u8::from(carry));
                carry = overflow;
                value
            })
            .collect();
        out.reverse();
        out
    } else {
        content.to_vec()
    };
    let digits = data_encoding::HEXLOWER.encode(&magnitude);
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    Serial {
        hex: if negative {
            format!("-{digits}")
        } else {
            digits.to_owned()
        },
        bytes: content.len(),
    }
}

fn read_moment(
    der: &[u8],
    element: &Tlv,
    field: &str,
    problems: &mut Vec<Problem>,
) -> Option<Moment> {
    if let Ok((_, time)) = ASN1Time::from_der(element.bytes(der)) {
        return Some(Moment {
            unix_s: time.timestamp(),
            generalized: element.tag == tag::GENERALIZED_TIME,
        });
    }
    let kind = match element.tag {
        tag::UTC_TIME => "UTCTime",
        tag::GENERALIZED_TIME => "GeneralizedTime",
        _ => "time",
    };
    problems.push(
        Problem::new(
            "cert.date_unreadable",
            Severity::Error,
            format!(
                "{field} is \u{201c}{}\u{201d}, which is no {kind} of RFC 5280 section 4.1.2.5.",
                String::from_utf8_lossy(element.value(der))
            ),
        )
        .at_der(element.start),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_keep_their_sign() {
        assert_eq!(read_serial(&[0x00, 0x95, 0xBA]).hex, "95ba");
        assert_eq!(read_serial(&[0x00]).hex, "0");
        assert_eq!(read_serial(&[0xFF]).hex, "-1");
        assert_eq!(read_serial(&[0xFF, 0x00]).hex, "-100");
        assert_eq!(read_serial(&[0x80]).hex, "-80");
    }

    #[test]
    fn a_date_of_2074_wraps_into_the_past() {
        // 2074-03-15T19:25:53Z
        let moment = Moment {
            unix_s: 3_288_367_553,
            generalized: true,
        };
        assert_eq!(moment.as_32_bit(), -1_006_599_743);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(Certificate::read(b"").is_none());
        assert!(Certificate::read(&[0x30, 0x03, 0x02, 0x01, 0x00]).is_none());
        assert!(Certificate::read(&[0x30, 0x80, 0, 0]).is_none());
    }
}
