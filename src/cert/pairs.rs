//! Which private key, request or public key belongs to which certificate.
//!
//! In: files. Out: [`Pair`]s. Compares the hashes of the public halves (`SubjectPublicKeyInfo`).

use super::file::{CertFile, Content};
use super::public_key::PublicKey;

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
            let of_public =
                |k: &'_ PublicKey| (Some(k.spki_sha256.clone()), k.compressed_sha256.clone());
            let (spki, compressed) = match content {
                Content::PrivateKey(key) => {
                    (key.spki_sha256.clone(), key.compressed_sha256.clone())
                }
                Content::PublicKey(key) => of_public(key),
                Content::Request(request) => request.key.as_ref().map_or((None, None), of_public),
                _ => return None,
            };
            let same = |key: &PublicKey| {
                spki.as_ref() == Some(&key.spki_sha256)
                    || compressed.is_some() && compressed == key.compressed_sha256
            };
            let known = spki.is_some() || compressed.is_some();
            let certificates: Vec<ObjectPlace> = objects()
                .filter(|(_, other)| match other {
                    Content::Certificate(c) => c.key.as_ref().is_some_and(&same),
                    _ => false,
                })
                .map(|(place, _)| place)
                .collect();
            let verdict = match (known, certificates.is_empty()) {
                (false, _) => PairVerdict::NotChecked,
                (true, true) => PairVerdict::NoCertificate,
                (true, false) => PairVerdict::Matches,
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
