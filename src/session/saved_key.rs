//! What a session file holds of a private key: its kind, size and format, where it lay, and the hash
//! of its public half. Never its numbers.

use serde::{Deserialize, Serialize};

use super::file_seen::KeptKey;
use crate::cert::PrivateKey;

/// Formats by the names that readers use.
const FORMATS: [&str; 4] = ["PKCS#1", "PKCS#8", "SEC1", "DSA"];

#[derive(Serialize, Deserialize)]
pub(super) struct KeyFile {
    format: String,
    encrypted: bool,
    kind: Option<String>,
    bits: Option<u32>,
    curve: Option<String>,
    spki_sha256: Option<String>,
    #[serde(default)]
    compressed_sha256: Option<String>,
    offset: usize,
    file_bytes: usize,
    der_bytes: usize,
}

impl KeyFile {
    pub fn of(kept: &KeptKey) -> Self {
        Self {
            format: kept.key.format.to_owned(),
            encrypted: kept.key.encrypted,
            kind: kept.key.kind.clone(),
            bits: kept.key.bits,
            curve: kept.key.curve.clone(),
            spki_sha256: kept.key.spki_sha256.clone(),
            compressed_sha256: kept.key.compressed_sha256.clone(),
            offset: kept.offset,
            file_bytes: kept.file_bytes,
            der_bytes: kept.der_bytes,
        }
    }

    /// `None` for a format that this version does not know.
    pub fn key(self) -> Option<KeptKey> {
        Some(KeptKey {
            key: PrivateKey {
                format: FORMATS.into_iter().find(|f| *f == self.format)?,
                encrypted: self.encrypted,
                kind: self.kind,
                bits: self.bits,
                curve: self.curve,
                spki_sha256: self.spki_sha256,
                compressed_sha256: self.compressed_sha256,
            },
            offset: self.offset,
            file_bytes: self.file_bytes,
            der_bytes: self.der_bytes,
        })
    }
}
