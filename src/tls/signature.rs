//! Signature schemes, with both readings of the same two bytes: in TLS 1.2 a hash and a signature
//! algorithm (RFC 5246 section 7.4.1.4.1), in TLS 1.3 one name (RFC 8446 section 4.2.3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A signature scheme by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SignatureScheme(pub u16);

/// What the two bytes say in TLS 1.2. An ECDSA code fixes only the hash, not the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashAndSignature {
    /// Such as `SHA-512`.
    pub hash: &'static str,
    /// Such as `ECDSA`.
    pub signature: &'static str,
}

impl fmt::Display for HashAndSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.hash, self.signature)?;
        if self.signature == "ECDSA" {
            f.write_str(", any curve")?;
        }
        Ok(())
    }
}

/// Number and name of RFC 8446 (RFC 8734 for Brainpool), in order of number.
const TLS13_NAMES: &[(u16, &str)] = &[
    (0x0201, "rsa_pkcs1_sha1"),
    (0x0203, "ecdsa_sha1"),
    (0x0401, "rsa_pkcs1_sha256"),
    (0x0403, "ecdsa_secp256r1_sha256"),
    (0x0501, "rsa_pkcs1_sha384"),
    (0x0503, "ecdsa_secp384r1_sha384"),
    (0x0601, "rsa_pkcs1_sha512"),
    (0x0603, "ecdsa_secp521r1_sha512"),
    (0x0804, "rsa_pss_rsae_sha256"),
    (0x0805, "rsa_pss_rsae_sha384"),
    (0x0806, "rsa_pss_rsae_sha512"),
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
    (0x0809, "rsa_pss_pss_sha256"),
    (0x080A, "rsa_pss_pss_sha384"),
    (0x080B, "rsa_pss_pss_sha512"),
    (0x081A, "ecdsa_brainpoolP256r1tls13_sha256"),
    (0x081B, "ecdsa_brainpoolP384r1tls13_sha384"),
    (0x081C, "ecdsa_brainpoolP512r1tls13_sha512"),
];

impl SignatureScheme {
    /// All schemes that TLS 1.3 names, in order of number.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        TLS13_NAMES.iter().map(|&(number, _)| Self(number))
    }

    /// The reading of TLS 1.3, such as `ecdsa_secp521r1_sha512`.
    #[must_use]
    pub fn tls13_name(self) -> Option<&'static str> {
        let at = TLS13_NAMES
            .binary_search_by_key(&self.0, |&(n, _)| n)
            .ok()?;
        TLS13_NAMES.get(at).map(|&(_, name)| name)
    }

    /// The reading of TLS 1.2, such as SHA-512 with ECDSA. `None` for codes that are not a pair,
    /// as those of RSA-PSS and Ed25519, which carry the TLS 1.3 name in TLS 1.2 too.
    #[must_use]
    pub fn tls12_reading(self) -> Option<HashAndSignature> {
        let [hash, signature] = self.0.to_be_bytes();
        Some(HashAndSignature {
            hash: match hash {
                1 => "MD5",
                2 => "SHA-1",
                3 => "SHA-224",
                4 => "SHA-256",
                5 => "SHA-384",
                6 => "SHA-512",
                _ => return None,
            },
            signature: match signature {
                1 => "RSA",
                2 => "DSA",
                3 => "ECDSA",
                _ => return None,
            },
        })
    }

    /// The scheme with this TLS 1.3 name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        TLS13_NAMES
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|&(number, _)| Self(number))
    }
}

/// Both readings where both exist.
impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tls12_reading(), self.tls13_name()) {
            (Some(pair), Some(name)) => write!(f, "{pair} (in TLS 1.3 {name})"),
            (Some(pair), None) => write!(f, "{pair}"),
            (None, Some(name)) => f.write_str(name),
            (None, None) => write!(f, "signature scheme 0x{:04X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_that_misled_both_sides_has_two_readings() {
        let scheme = SignatureScheme(0x0603);
        assert_eq!(scheme.tls13_name(), Some("ecdsa_secp521r1_sha512"));
        assert_eq!(
            scheme.to_string(),
            "SHA-512 with ECDSA, any curve (in TLS 1.3 ecdsa_secp521r1_sha512)"
        );
    }

    #[test]
    fn one_reading_or_none() {
        assert_eq!(SignatureScheme(0x0804).to_string(), "rsa_pss_rsae_sha256");
        assert_eq!(SignatureScheme(0x0301).to_string(), "SHA-224 with RSA");
        assert_eq!(
            SignatureScheme(0xEEEE).to_string(),
            "signature scheme 0xEEEE"
        );
        assert_eq!(SignatureScheme(0x0804).tls12_reading(), None);
    }

    #[test]
    fn names_and_numbers_agree() {
        assert_eq!(TLS13_NAMES.len(), 19);
        assert!(TLS13_NAMES.windows(2).all(|w| w[0].0 < w[1].0));
        for scheme in SignatureScheme::all() {
            let name = scheme.tls13_name().unwrap_or_default();
            assert_eq!(SignatureScheme::from_name(name), Some(scheme), "{name}");
        }
    }
}
