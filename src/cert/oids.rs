//! Names of the object identifiers that certificates use.
//!
//! In: an identifier, encoded or dotted. Out: the name that RFC 5280, RFC 4514 or OpenSSL gives it;
//! what is not known stays dotted. Must not know certificates.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::OnceLock;

use x509_parser::der_parser::Oid;

/// The dotted form of an encoded identifier; an unreadable one gives `?`.
pub(super) fn dotted(encoded: &[u8]) -> String {
    plain(encoded).unwrap_or_else(|| Oid::new(encoded.into()).to_id_string())
}

/// The dotted form of what certificates hold nearly always: the first octet tells the first two
/// numbers, and no number is longer than 56 bits.
fn plain(encoded: &[u8]) -> Option<String> {
    let (first, rest) = encoded.split_first()?;
    if first & 0x80 != 0 || rest.last().is_some_and(|b| b & 0x80 != 0) {
        return None;
    }
    let root = (first / 40).min(2);
    let mut out = String::with_capacity(encoded.len() * 3 + 2);
    let _ = write!(out, "{root}.{}", first - root * 40);
    let (mut number, mut octets) = (0_u64, 0);
    for b in rest {
        if octets == 0 && *b == 0x80 || octets == 8 {
            return None;
        }
        number = number << 7 | u64::from(b & 0x7F);
        octets += 1;
        if b & 0x80 == 0 {
            let _ = write!(out, ".{number}");
            (number, octets) = (0, 0);
        }
    }
    Some(out)
}

/// Names by identifier, found without writing the identifier out.
struct Table {
    rows: &'static [(&'static str, &'static str)],
    /// The identifiers as encoded, in order.
    encoded: OnceLock<Vec<(Vec<u8>, &'static str)>>,
}

impl Table {
    const fn of(rows: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            rows,
            encoded: OnceLock::new(),
        }
    }

    fn name(&self, encoded: &[u8]) -> Cow<'static, str> {
        let list = self.encoded.get_or_init(|| {
            let mut list: Vec<_> = self
                .rows
                .iter()
                .map(|(oid, name)| (encode(oid), *name))
                .collect();
            list.sort_unstable();
            list
        });
        match list.binary_search_by(|(oid, _)| oid.as_slice().cmp(encoded)) {
            Ok(at) => list.get(at).map_or("?", |(_, name)| name).into(),
            Err(_) => dotted(encoded).into(),
        }
    }
}

/// The content octets of a dotted identifier of the tables below (X.690 section 8.19).
fn encode(oid: &str) -> Vec<u8> {
    let mut numbers = oid.split('.').map(|n| n.parse::<u64>().unwrap_or(0));
    let root = numbers.next().unwrap_or(0) * 40 + numbers.next().unwrap_or(0);
    let mut out = Vec::new();
    for number in std::iter::once(root).chain(numbers) {
        let octets = (1..9).find(|n| number >> (7 * n) == 0).unwrap_or(9);
        for at in (0..octets).rev() {
            let more = if at > 0 { 0x80 } else { 0 };
            out.push(u8::try_from(number >> (7 * at) & 0x7F).unwrap_or(0) | more);
        }
    }
    out
}

/// Short name of a distinguished name attribute (RFC 4514 section 3; OpenSSL's for the rest).
pub(super) fn attribute(encoded: &[u8]) -> Cow<'static, str> {
    ATTRIBUTES.name(encoded)
}

static ATTRIBUTES: Table = Table::of(&[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "GN"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
]);

/// Name of an extension in `snake_case` (RFC 5280 section 4.2; RFC 6962, RFC 7633).
pub(super) fn extension(encoded: &[u8]) -> Cow<'static, str> {
    EXTENSIONS.name(encoded)
}

static EXTENSIONS: Table = Table::of(&[
    ("2.5.29.9", "subject_directory_attributes"),
    ("2.5.29.14", "subject_key_identifier"),
    ("2.5.29.15", "key_usage"),
    ("2.5.29.17", "subject_alt_name"),
    ("2.5.29.18", "issuer_alt_name"),
    ("2.5.29.19", "basic_constraints"),
    ("2.5.29.30", "name_constraints"),
    ("2.5.29.31", "crl_distribution_points"),
    ("2.5.29.32", "certificate_policies"),
    ("2.5.29.33", "policy_mappings"),
    ("2.5.29.35", "authority_key_identifier"),
    ("2.5.29.36", "policy_constraints"),
    ("2.5.29.37", "ext_key_usage"),
    ("2.5.29.46", "freshest_crl"),
    ("2.5.29.54", "inhibit_any_policy"),
    ("1.3.6.1.5.5.7.1.1", "authority_info_access"),
    ("1.3.6.1.5.5.7.1.11", "subject_info_access"),
    ("1.3.6.1.5.5.7.1.24", "tls_feature"),
    ("1.3.6.1.4.1.11129.2.4.2", "signed_certificate_timestamps"),
    ("1.3.6.1.4.1.11129.2.4.3", "precertificate_poison"),
    ("2.16.840.1.113730.1.1", "netscape_cert_type"),
    ("2.16.840.1.113730.1.13", "netscape_comment"),
]);

/// Name of a signature algorithm as OpenSSL prints it.
pub(super) fn signature_algorithm(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.2.840.10040.4.3" => "dsa-with-sha1",
        "2.16.840.1.101.3.4.3.2" => "dsa-with-sha256",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        other => other,
    }
    .to_owned()
}

/// Name of a curve as IANA's TLS registry writes it, with the bits of its field.
pub(super) fn curve(oid: &str) -> Option<(&'static str, u32)> {
    Some(match oid {
        "1.2.840.10045.3.1.1" => ("secp192r1", 192),
        "1.3.132.0.33" => ("secp224r1", 224),
        "1.2.840.10045.3.1.7" => ("secp256r1", 256),
        "1.3.132.0.34" => ("secp384r1", 384),
        "1.3.132.0.35" => ("secp521r1", 521),
        "1.3.132.0.10" => ("secp256k1", 256),
        "1.3.132.0.32" => ("secp224k1", 224),
        "1.3.132.0.31" => ("secp192k1", 192),
        "1.3.36.3.3.2.8.1.1.7" => ("brainpoolP256r1", 256),
        "1.3.36.3.3.2.8.1.1.11" => ("brainpoolP384r1", 384),
        "1.3.36.3.3.2.8.1.1.13" => ("brainpoolP512r1", 512),
        _ => return None,
    })
}

/// Name of an extended key usage (RFC 5280 section 4.2.1.12).
pub(super) fn usage(oid: &str) -> String {
    match oid {
        "2.5.29.37.0" => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_as_the_parser_writes_them() {
        for (oid, _) in ATTRIBUTES.rows.iter().chain(EXTENSIONS.rows) {
            let encoded = encode(oid);
            assert_eq!(dotted(&encoded), *oid);
            assert_eq!(Oid::new(encoded.into()).to_id_string(), *oid);
        }
        let odd: [&[u8]; 7] = [
            &[],
            &[0x80],
            &[0x2A, 0x80, 0x01],
            &[0x2A, 0x86],
            &[0x88, 0x37, 0x01],
            &[0x4F],
            &[
                0x2A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
            ],
        ];
        for encoded in odd {
            assert_eq!(dotted(encoded), Oid::new(encoded.into()).to_id_string());
        }
    }

    /// X.690 section 8.19.4: the first number is at most 2. (The parser's own text says 3.0.)
    #[test]
    fn the_first_two_numbers_share_an_octet() {
        assert_eq!(dotted(&[0x78]), "2.40");
        assert_eq!(dotted(&[0x27]), "0.39");
    }

    #[test]
    fn names_are_found_by_their_encoding() {
        assert_eq!(attribute(&[0x55, 0x04, 0x03]), "CN");
        assert_eq!(extension(&[0x55, 0x1D, 0x11]), "subject_alt_name");
        assert_eq!(extension(&[0x2A, 0x03]), "1.2.3");
    }
}
