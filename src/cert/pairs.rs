//! Which private key, request or public key belongs to which certificate.
//!
//! In: files. Out: [`Pair`]s. Compares the hashes of the public halves (`SubjectPublicKeyInfo`).

use std::collections::HashMap;

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
    // A key is found by its hash, as written or with its point compressed.
    let mut by_hash: HashMap<&str, Vec<ObjectPlace>> = HashMap::new();
    for (place, content) in objects() {
        if let Content::Certificate(c) = content
            && let Some(key) = &c.key
        {
            let hashes = std::iter::once(&key.spki_sha256).chain(&key.compressed_sha256);
            for hash in hashes {
                by_hash.entry(hash).or_default().push(place);
            }
        }
    }
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
            let known = spki.is_some() || compressed.is_some();
            let mut certificates: Vec<ObjectPlace> = [&spki, &compressed]
                .into_iter()
                .flatten()
                .filter_map(|hash| by_hash.get(hash.as_str()))
                .flatten()
                .copied()
                .collect();
            certificates.sort_unstable();
            certificates.dedup();
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
