//! Is the `ServerKeyExchange` sound: does the point lie on its curve, and is the signature that of
//! the certificate's key? Said separately; what is not covered is "not checked", never "fine".
//!
//! In: a [`Reply`]. Out: [`KeyCheck`]. Source: RFC 8422 sections 5.4 and 5.11, RFC 5246 7.4.3.

use std::borrow::Cow;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::digest;
use ring::signature::{self as sig, UnparsedPublicKey, VerificationAlgorithm};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::reply::Reply;
use crate::tls::{NamedGroup, ServerKey, SignatureScheme};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checked {
    /// Right.
    Sound,
    /// Wrong.
    Wrong,
    /// Not checked, and why.
    NotChecked(Cow<'static, str>),
}

impl Checked {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Wrong => "wrong",
            Self::NotChecked(_) => "not checked",
        }
    }

    fn not(why: &'static str) -> Self {
        Self::NotChecked(Cow::Borrowed(why))
    }

    fn from(right: bool) -> Self {
        if right { Self::Sound } else { Self::Wrong }
    }
}

/// Both checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCheck {
    /// Does the point lie on the curve?
    pub point: Checked,
    /// Does the certificate's key verify the signature?
    pub signature: Checked,
}

/// Checks the key exchange of a reply; `None` where the server sent none that can be read.
#[must_use]
pub fn check_key_exchange(reply: &Reply) -> Option<KeyCheck> {
    let exchange = reply.key_exchange.as_ref()?;
    let point = match &exchange.key {
        ServerKey::Ecdhe { group, point } => on_curve(*group, point),
        ServerKey::Dhe { .. } => Checked::not("finite-field keys have no point"),
    };
    Some(KeyCheck {
        point,
        signature: signature(reply),
    })
}

fn on_curve(group: NamedGroup, point: &[u8]) -> Checked {
    match group {
        NamedGroup::SECP256R1 => Checked::from(p256::PublicKey::from_sec1_bytes(point).is_ok()),
        NamedGroup::SECP384R1 => Checked::from(p384::PublicKey::from_sec1_bytes(point).is_ok()),
        NamedGroup::SECP521R1 => Checked::from(p521::PublicKey::from_sec1_bytes(point).is_ok()),
        // Every string of 32 bytes is a public key of X25519 (RFC 7748 section 5).
        NamedGroup::X25519 => Checked::from(point.len() == 32),
        NamedGroup(0x001E) => Checked::from(point.len() == 56),
        _ => Checked::not("this curve is not built in"),
    }
}

fn signature(reply: &Reply) -> Checked {
    let (Some(exchange), Some(hello)) = (&reply.key_exchange, &reply.hello) else {
        return Checked::not("no signed key exchange came");
    };
    if exchange.signature.is_empty() {
        return Checked::not("the key exchange is not signed");
    }
    let Some(scheme) = exchange.scheme else {
        return Checked::not("signatures before TLS 1.2 (MD5 with SHA-1) are not built in");
    };
    let Some(leaf) = reply.certificates.first() else {
        return Checked::not("no certificate came");
    };
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else {
        return Checked::not("the certificate cannot be read");
    };
    let spki = certificate.public_key();
    let mut message = reply.client_random.to_vec();
    message.extend(hello.random);
    message.extend(&exchange.parameters);
    let key_bytes = &spki.subject_public_key.data;
    match spki.parsed() {
        Ok(PublicKey::RSA(_)) => rsa(scheme, key_bytes, &message, &exchange.signature),
        Ok(PublicKey::EC(point)) => ecdsa(scheme, point.data(), &message, &exchange.signature),
        _ if scheme.0 == 0x0807 => {
            with_ring(&sig::ED25519, key_bytes, &message, &exchange.signature)
        }
        _ => Checked::not("this kind of key is not built in"),
    }
}

fn with_ring(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Checked {
    Checked::from(
        UnparsedPublicKey::new(algorithm, key)
            .verify(message, signature)
            .is_ok(),
    )
}

fn rsa(scheme: SignatureScheme, key: &[u8], message: &[u8], signature: &[u8]) -> Checked {
    // The modulus is as long as the signature; ring takes 2,048 to 8,192 bits, and from 1,024 for
    // the hashes that old servers use.
    let bits = signature.len() * 8;
    let algorithm: &'static dyn VerificationAlgorithm = match scheme.0 {
        _ if !(1_024..=8_192).contains(&bits) => {
            return Checked::not("RSA keys below 1,024 or above 8,192 bits are not built in");
        }
        0x0201 => &sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        0x0401 => &sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        0x0601 => &sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ if bits < 2_048 => return Checked::not("this hash with so short an RSA key"),
        0x0501 => &sig::RSA_PKCS1_2048_8192_SHA384,
        0x0804 => &sig::RSA_PSS_2048_8192_SHA256,
        0x0805 => &sig::RSA_PSS_2048_8192_SHA384,
        0x0806 => &sig::RSA_PSS_2048_8192_SHA512,
        _ => return Checked::not("this signature algorithm is not built in"),
    };
    with_ring(algorithm, key, message, signature)
}

/// In TLS 1.2 the code fixes only the hash: the curve is that of the certificate's key.
fn ecdsa(scheme: SignatureScheme, point: &[u8], message: &[u8], signature: &[u8]) -> Checked {
    let [hash, 3] = scheme.0.to_be_bytes() else {
        return Checked::Wrong;
    };
    let algorithm = match hash {
        2 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        4 => &digest::SHA256,
        5 => &digest::SHA384,
        6 => &digest::SHA512,
        _ => return Checked::not("this hash is not built in"),
    };
    let digest = digest::digest(algorithm, message);
    let digest = digest.as_ref();
    // Hashes shorter than half the field are not taken by the crates.
    let short = |field: usize| digest.len() < field / 2;
    match point.len() {
        65 if !short(32) => verify_p256(point, digest, signature),
        97 if !short(48) => verify_p384(point, digest, signature),
        133 if !short(66) => verify_p521(point, digest, signature),
        65 | 97 | 133 => Checked::not("the hash is short for this curve"),
        _ => Checked::not("this curve is not built in"),
    }
}

fn verify_p256(point: &[u8], digest: &[u8], signature: &[u8]) -> Checked {
    use p256::ecdsa::{Signature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_sec1_bytes(point),
        Signature::from_der(signature),
    ) else {
        return Checked::Wrong;
    };
    Checked::from(key.verify_prehash(digest, &signature).is_ok())
}

fn verify_p384(point: &[u8], digest: &[u8], signature: &[u8]) -> Checked {
    use p384::ecdsa::{Signature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_sec1_bytes(point),
        Signature::from_der(signature),
    ) else {
        return Checked::Wrong;
    };
    Checked::from(key.verify_prehash(digest, &signature).is_ok())
}

fn verify_p521(point: &[u8], digest: &[u8], signature: &[u8]) -> Checked {
    use p521::ecdsa::{Signature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_sec1_bytes(point),
        Signature::from_der(signature),
    ) else {
        return Checked::Wrong;
    };
    Checked::from(key.verify_prehash(digest, &signature).is_ok())
}
