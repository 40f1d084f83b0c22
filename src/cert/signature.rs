//! Was this signed with that key?
//!
//! In: what was signed, and the issuer. Out: [`SignatureCheck`]; what the engines cannot check is
//! said, not guessed. ring checks RSA, P-256, P-384 and Ed25519; the curves of `RustCrypto` check what
//! ring leaves out of ECDSA. Public data only.

use ring::signature as ring_alg;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::certificate::Certificate;
use super::oids;
use super::public_key::rsa_numbers;
use super::tlv::{self, Tlv, tag};
use super::view::View;

/// The engines that check, as shown.
pub const SIGNATURE_ENGINE: &str = "ring 0.17, RustCrypto p256, p384, p521 0.13";

/// Largest RSA modulus that is computed with, in bits: the time grows with its cube.
const LARGEST_RSA: u32 = 8_192;

/// Outcome of a signature check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// The signature is of this key.
    Good,
    /// It is not.
    Bad,
    /// The engine cannot tell; why.
    NotChecked(String),
}

impl SignatureCheck {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::NotChecked(_) => "not checked",
        }
    }
}

/// Checks the signature of `child` with the key of `issuer`.
#[must_use]
pub fn check_signature(child: &Certificate, issuer: &Certificate) -> SignatureCheck {
    check_signed(&child.der, issuer)
}

/// Checks a SIGNED structure (certificate, request, revocation list: the signed part, the
/// algorithm, the signature) with the key of `issuer`.
pub(super) fn check_signed(der: &[u8], issuer: &Certificate) -> SignatureCheck {
    let damaged = || SignatureCheck::NotChecked("The signed data is damaged.".into());
    let Ok(outer) = tlv::read(der, 0, der.len()) else {
        return damaged();
    };
    let (parts, _) = tlv::children(der, &outer);
    let [signed, algorithm, signature] = parts.as_slice() else {
        return damaged();
    };
    if signature.tag != tag::BIT_STRING {
        return damaged();
    }
    let Some(bits) = signature.value(der).get(1..) else {
        return damaged();
    };
    let view = View::of(issuer);
    let Some((_, point)) = view.key else {
        return SignatureCheck::NotChecked("The issuer's key cannot be read.".into());
    };
    let Some(key) = issuer.key.as_ref() else {
        return SignatureCheck::NotChecked("The issuer's key cannot be read.".into());
    };
    let Some(algorithm) = Algorithm::read(der, algorithm) else {
        return damaged();
    };
    let asked = Asked {
        message: signed.bytes(der),
        signature: bits,
        key: view.value(&point).get(1..).unwrap_or_default(),
        bits: key.bits,
    };
    let made = match (&algorithm.kind, key.kind.as_str(), key.curve.as_deref()) {
        (Kind::Rsa, "RSA", _) => asked.rsa(algorithm.hash),
        (Kind::RsaPss, "RSA" | "RSA-PSS", _) => asked.pss(algorithm.hash),
        (Kind::Ecdsa, "EC", Some(curve)) => asked.ecdsa(curve, algorithm.hash),
        (Kind::Ed25519, "Ed25519", _) => Some(asked.ring(&ring_alg::ED25519)),
        (Kind::Other, ..) => None,
        // The algorithm belongs to another kind of key: this key did not sign.
        _ => Some(false),
    };
    match made {
        Some(true) => SignatureCheck::Good,
        Some(false) => SignatureCheck::Bad,
        None => SignatureCheck::NotChecked(format!(
            "{} with a key {} is beyond the engines ({SIGNATURE_ENGINE}).",
            algorithm.name,
            key.text()
        )),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Other,
}

enum Kind {
    Rsa,
    RsaPss,
    Ecdsa,
    Ed25519,
    Other,
}

struct Algorithm {
    kind: Kind,
    hash: Hash,
    name: String,
}

impl Algorithm {
    fn read(der: &[u8], element: &Tlv) -> Option<Self> {
        let (parts, _) = tlv::children(der, element);
        let oid = parts.first().filter(|p| p.tag == tag::OID)?;
        let oid = oids::dotted(oid.value(der));
        let (kind, hash) = match oid.as_str() {
            "1.2.840.113549.1.1.5" => (Kind::Rsa, Hash::Sha1),
            "1.2.840.113549.1.1.11" => (Kind::Rsa, Hash::Sha256),
            "1.2.840.113549.1.1.12" => (Kind::Rsa, Hash::Sha384),
            "1.2.840.113549.1.1.13" => (Kind::Rsa, Hash::Sha512),
            "1.2.840.113549.1.1.10" => (
                Kind::RsaPss,
                parts.get(1).map_or(Hash::Other, |p| pss_hash(der, p)),
            ),
            "1.2.840.10045.4.1" => (Kind::Ecdsa, Hash::Sha1),
            "1.2.840.10045.4.3.1" => (Kind::Ecdsa, Hash::Sha224),
            "1.2.840.10045.4.3.2" => (Kind::Ecdsa, Hash::Sha256),
            "1.2.840.10045.4.3.3" => (Kind::Ecdsa, Hash::Sha384),
            "1.2.840.10045.4.3.4" => (Kind::Ecdsa, Hash::Sha512),
            "1.3.101.112" => (Kind::Ed25519, Hash::Other),
            _ => (Kind::Other, Hash::Other),
        };
        Some(Self {
            kind,
            hash,
            name: oids::signature_algorithm(&oid),
        })
    }
}

/// The hash of RSASSA-PSS parameters (RFC 4055 section 3.1) when both hashes are the same and the
/// salt is as long as the hash, the only form that TLS uses.
fn pss_hash(der: &[u8], parameters: &Tlv) -> Hash {
    let (fields, _) = tlv::children(der, parameters);
    let inside = |context: u8| {
        fields
            .iter()
            .find(|f| f.tag == context)
            .and_then(|f| tlv::children(der, f).0.first().copied())
    };
    let oid_of = |algorithm: &Tlv| {
        let (parts, _) = tlv::children(der, algorithm);
        parts
            .first()
            .filter(|p| p.tag == tag::OID)
            .map(|p| oids::dotted(p.value(der)))
    };
    let (Some(hash), Some(mask), Some(salt)) = (inside(0xA0), inside(0xA1), inside(0xA2)) else {
        return Hash::Other;
    };
    let hash = oid_of(&hash);
    let mask_hash = tlv::children(der, &mask).0.get(1).and_then(oid_of);
    let (kind, length) = match hash.as_deref() {
        Some("2.16.840.1.101.3.4.2.1") => (Hash::Sha256, 32),
        Some("2.16.840.1.101.3.4.2.2") => (Hash::Sha384, 48),
        Some("2.16.840.1.101.3.4.2.3") => (Hash::Sha512, 64),
        _ => return Hash::Other,
    };
    if hash == mask_hash && salt.value(der) == [length] {
        kind
    } else {
        Hash::Other
    }
}

/// One question to an engine. Answers are `None` where the engine cannot tell.
struct Asked<'a> {
    message: &'a [u8],
    signature: &'a [u8],
    /// Bits of the key: an `RSAPublicKey`, a point, or an Edwards key.
    key: &'a [u8],
    bits: u32,
}

impl Asked<'_> {
    fn ring(&self, algorithm: &'static dyn ring_alg::VerificationAlgorithm) -> bool {
        let key = ring_alg::UnparsedPublicKey::new(algorithm, self.key);
        key.verify(self.message, self.signature).is_ok()
    }

    /// ring refuses keys outside these limits with the same error as a wrong signature.
    fn rsa_fits(&self, least: u32) -> Option<()> {
        let (_, exponent) = rsa_numbers(self.key)?;
        let exponent_bits = super::public_key::bit_length(exponent);
        let odd = exponent.last().is_some_and(|b| b & 1 == 1);
        (self.bits >= least && self.bits <= LARGEST_RSA && (2..=33).contains(&exponent_bits) && odd)
            .then_some(())
    }

    fn rsa(&self, hash: Hash) -> Option<bool> {
        let small = self.bits < 2_048;
        self.rsa_fits(if small { 1_024 } else { 2_048 })?;
        let algorithm: &'static dyn ring_alg::VerificationAlgorithm = match (hash, small) {
            (Hash::Sha1, _) => &ring_alg::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Hash::Sha256, true) => &ring_alg::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (Hash::Sha256, false) => &ring_alg::RSA_PKCS1_2048_8192_SHA256,
            (Hash::Sha384, false) => &ring_alg::RSA_PKCS1_2048_8192_SHA384,
            (Hash::Sha512, true) => &ring_alg::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            (Hash::Sha512, false) => &ring_alg::RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        };
        Some(self.ring(algorithm))
    }

    fn pss(&self, hash: Hash) -> Option<bool> {
        self.rsa_fits(2_048)?;
        let algorithm: &'static dyn ring_alg::VerificationAlgorithm = match hash {
            Hash::Sha256 => &ring_alg::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &ring_alg::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &ring_alg::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        };
        Some(self.ring(algorithm))
    }

    fn ecdsa(&self, curve: &str, hash: Hash) -> Option<bool> {
        let uncompressed = self.key.first() == Some(&4);
        match (curve, hash) {
            ("secp256r1", Hash::Sha256) if uncompressed => {
                return Some(self.ring(&ring_alg::ECDSA_P256_SHA256_ASN1));
            }
            ("secp256r1", Hash::Sha384) if uncompressed => {
                return Some(self.ring(&ring_alg::ECDSA_P256_SHA384_ASN1));
            }
            ("secp384r1", Hash::Sha256) if uncompressed => {
                return Some(self.ring(&ring_alg::ECDSA_P384_SHA256_ASN1));
            }
            ("secp384r1", Hash::Sha384) if uncompressed => {
                return Some(self.ring(&ring_alg::ECDSA_P384_SHA384_ASN1));
            }
            _ => {}
        }
        let digest = digest(hash, self.message)?;
        macro_rules! with {
            ($curve:ident) => {{
                use $curve::ecdsa::signature::hazmat::PrehashVerifier;
                let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(self.key).ok();
                let signature = $curve::ecdsa::Signature::from_der(self.signature).ok();
                key.zip(signature)
                    .is_some_and(|(k, s)| k.verify_prehash(&digest, &s).is_ok())
            }};
        }
        Some(match curve {
            "secp256r1" => with!(p256),
            "secp384r1" => with!(p384),
            "secp521r1" => with!(p521),
            _ => return None,
        })
    }
}

/// The hash, with zeros before it up to half a P-521 field, which the engine asks for; they do not
/// change the number (FIPS 186-5 section 6.4.2).
fn digest(hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
    const LEAST: usize = 33;
    let raw = match hash {
        Hash::Sha1 => ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, message)
            .as_ref()
            .to_vec(),
        Hash::Sha224 => Sha224::digest(message).to_vec(),
        Hash::Sha256 => Sha256::digest(message).to_vec(),
        Hash::Sha384 => Sha384::digest(message).to_vec(),
        Hash::Sha512 => Sha512::digest(message).to_vec(),
        Hash::Other => return None,
    };
    Some(raw).map(|raw| {
        let mut out = vec![0; LEAST.saturating_sub(raw.len())];
        out.extend(raw);
        out
    })
}
