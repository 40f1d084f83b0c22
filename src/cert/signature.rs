//! Was this certificate signed with that key?
//!
//! In: two certificates. Out: [`SignatureCheck`]; what the engine (ring, through `x509-parser`)
//! cannot check is said, not guessed.

use x509_parser::error::X509Error;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::Certificate;

/// The engine that checks, as shown.
pub const SIGNATURE_ENGINE: &str = "ring 0.17 (x509-parser)";

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
    let algorithm = child.signature_algorithm.as_deref().unwrap_or("unknown");
    let not = |why: String| SignatureCheck::NotChecked(why);
    let Some(key) = &issuer.key else {
        return not("The issuer's key cannot be read.".into());
    };
    // ring refuses keys outside these sizes with the same error as a wrong signature.
    if key.kind.starts_with("RSA") {
        let least = if algorithm.starts_with("sha1") {
            1_024
        } else {
            2_048
        };
        if key.bits < least || key.bits > 8_192 {
            return not(format!(
                "RSA keys of {} bits are beyond the engine ({SIGNATURE_ENGINE}).",
                key.bits
            ));
        }
    }
    let Ok((_, signed)) = X509Certificate::from_der(&child.der) else {
        return not("The certificate is damaged.".into());
    };
    let Ok((_, parent)) = X509Certificate::from_der(&issuer.der) else {
        return not("The issuer's certificate is damaged.".into());
    };
    match signed.verify_signature(Some(parent.public_key())) {
        Ok(()) => SignatureCheck::Good,
        Err(X509Error::SignatureVerificationError) => SignatureCheck::Bad,
        Err(_) => not(format!(
            "{algorithm} with a key {} is beyond the engine ({SIGNATURE_ENGINE}).",
            key.text()
        )),
    }
}
