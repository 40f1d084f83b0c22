//! Which private key, request or public key belongs to which certificate.
//!
//! In: files. Out: [`Pair`]s. Compares the hashes of the public halves (SubjectPublicKeyInfo).

use super::file::{CertFile, Content};

/// Outcome for one key or request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairVerdict {
    /// A certificate with the same key is here.
    Matches,
    /// None of the certificates here has this key.
    NoCertificate,
    /// The public half is not readable (encrypted, or not in the file).
    NotChecked,
}

impl PairVerdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matches => "matches",
            Self::NoCertificate => "no certificate",
            Self::NotChecked => "not checked",
        }
    }
}

/// A place: index of the file, index of the object in it.
pub type ObjectPlace = (usize, usize);

/// A key or request and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key or request.
    pub of: ObjectPlace,
    /// Its kind: `private_key`, `public_key`, `certificate_request`.
    pub kind: &'static str,
    /// Certificates with the same key.
    pub certificates: Vec<ObjectPlace>,
    /// The outcome.
    pub verdict: PairVerdict,
}

/// Pairs everything in `files`.
#[must_use]
pub fn pairs(files: &[CertFile]) -> Vec<Pair> {
    let objects = || {
        files.iter().enumerate().flat_map(|(f, file)| {
            file.objects
                .iter()
                .enumerate()
                .map(move |(o, object)| ((f, o), &object.content))
        })
    };
    objects()
        .filter_map(|(place, content)| {
            let spki = match content {
                Content::PrivateKey(key) => key.spki_sha256.as_deref(),
                Content::PublicKey(key) => Some(key.spki_sha256.as_str()),
                Content::Request(request) => request.key.as_ref().map(|k| k.spki_sha256.as_str()),
                _ => return None,
            };
            let certificates: Vec<ObjectPlace> = objects()
                .filter(|(_, other)| match other {
                    Content::Certificate(c) => {
                        spki.is_some() && c.key.as_ref().map(|k| k.spki_sha256.as_str()) == spki
                    }
                    _ => false,
                })
                .map(|(place, _)| place)
                .collect();
            let verdict = match (spki, certificates.is_empty()) {
                (None, _) => PairVerdict::NotChecked,
                (Some(_), true) => PairVerdict::NoCertificate,
                (Some(_), false) => PairVerdict::Matches,
            };
            Some(Pair {
                of: place,
                kind: content.kind(),
                certificates,
                verdict,
            })
        })
        .collect()
}
