//! The types of a device profile.
//!
//! In: TOML of `assets/devices`. Out: [`DeviceProfile`]. Must not judge.

use serde::{Deserialize, Serialize};

use crate::tls::CipherSuite;

/// What a limit bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// DER bytes of each certificate that the server sends.
    PeerCertificateBytes,
    /// DER bytes of all certificates that the server sends together.
    PeerChainBytes,
    /// Payload bytes of an incoming record; a Certificate message must fit one record in stacks
    /// that do not join fragments.
    RecordBytes,
    /// Payload bytes of an outgoing record: the device's own Certificate message.
    OutRecordBytes,
    /// Bytes of the CA bundle kept in the device, as stored.
    StoredBundleBytes,
    /// Bytes of any file that is uploaded.
    StoredFileBytes,
    /// Bytes of each certificate or key kept in the device, as stored.
    StoredItemBytes,
    /// Bytes of each certificate or key kept in the device as PEM text.
    StoredTextBytes,
    /// Certificates in one file.
    CertificatesPerFile,
    /// Certificates between leaf and root.
    IntermediateCount,
    /// Certificates in the chain, leaf included.
    ChainDepth,
    /// Bits of an RSA key, largest and smallest.
    RsaBits,
    /// Curves of EC keys.
    EcCurves,
    /// Hashes of certificate signatures.
    SignatureHashes,
    /// Characters of the common name of the server's certificate.
    CommonNameChars,
    /// X.509 version of the client certificate.
    ClientCertificateVersion,
}

impl LimitKind {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PeerCertificateBytes => "peer_certificate_bytes",
            Self::PeerChainBytes => "peer_chain_bytes",
            Self::RecordBytes => "record_bytes",
            Self::OutRecordBytes => "out_record_bytes",
            Self::StoredBundleBytes => "stored_bundle_bytes",
            Self::StoredFileBytes => "stored_file_bytes",
            Self::StoredItemBytes => "stored_item_bytes",
            Self::StoredTextBytes => "stored_text_bytes",
            Self::CertificatesPerFile => "certificates_per_file",
            Self::IntermediateCount => "intermediate_count",
            Self::ChainDepth => "chain_depth",
            Self::RsaBits => "rsa_bits",
            Self::EcCurves => "ec_curves",
            Self::SignatureHashes => "signature_hashes",
            Self::CommonNameChars => "common_name_chars",
            Self::ClientCertificateVersion => "client_certificate_version",
        }
    }

    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::PeerCertificateBytes,
        Self::PeerChainBytes,
        Self::RecordBytes,
        Self::OutRecordBytes,
        Self::StoredBundleBytes,
        Self::StoredFileBytes,
        Self::StoredItemBytes,
        Self::StoredTextBytes,
        Self::CertificatesPerFile,
        Self::IntermediateCount,
        Self::ChainDepth,
        Self::RsaBits,
        Self::EcCurves,
        Self::SignatureHashes,
        Self::CommonNameChars,
        Self::ClientCertificateVersion,
    ];

    /// Its limits are lists of words, not figures.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::EcCurves | Self::SignatureHashes)
    }

    /// What it bounds, for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::PeerCertificateBytes => "each certificate from the server",
            Self::PeerChainBytes => "all certificates from the server",
            Self::RecordBytes => "Certificate message in one record",
            Self::OutRecordBytes => "own Certificate message in one record",
            Self::StoredBundleBytes => "stored CA bundle",
            Self::StoredFileBytes => "file uploaded",
            Self::StoredItemBytes => "stored certificate or key",
            Self::StoredTextBytes => "stored certificate or key as PEM text",
            Self::CertificatesPerFile => "certificates in one file",
            Self::IntermediateCount => "intermediate certificates",
            Self::ChainDepth => "length of the chain",
            Self::RsaBits => "RSA key",
            Self::EcCurves => "curve of an EC key",
            Self::SignatureHashes => "hash of the signature",
            Self::CommonNameChars => "length of the common name",
            Self::ClientCertificateVersion => "version of the client certificate",
        }
    }
}

/// One limit. Exactly one of `at_most`, `at_least`, `one_of` or a pair of the first two is given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What it bounds.
    pub what: LimitKind,
    /// The largest value, in the unit of `what`; several where the document can be read several
    /// ways ("2.5 KB": 2,500 and 2,560), smallest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_most: Vec<u64>,
    /// `at_most` is what is sure to be taken, not where it ends: what is larger is not judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floor: bool,
    /// The smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// The values that are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// The statement as the source makes it, with what happens beyond it.
    pub says: String,
    /// Document and page, thread, or "measured here on DATE". Never empty.
    pub source: String,
}

/// Something that the device does or does not do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ability {
    /// `sni`, `versions`, `name_check`, `date_check`, `trust_anchor`, `key_format` …
    pub what: String,
    /// One sentence.
    pub says: String,
    /// Where it is documented. Never empty.
    pub source: String,
}

/// Something heard but not verified: shown as a hint, never judged by.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// One sentence.
    pub says: String,
    /// Who says so. Never empty.
    pub source: String,
}

/// Cipher suites that a device is known to offer, where no ClientHello of it is at hand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SuitesOffered {
    /// IANA names.
    pub names: Vec<String>,
    /// IANA names of suites that the document says it does not offer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// The document claims that there are no others than `names`.
    #[serde(default)]
    pub complete: bool,
    /// Under which setting, such as `TL = 3 (TLS 1.2)`; empty where it does not matter.
    #[serde(default)]
    pub setting: String,
    /// Short name of the source, for a chip.
    pub by: String,
    /// Where it is documented. Never empty.
    pub source: String,
}

/// A device or a build of a TLS library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceProfile {
    /// Id for `--device`.
    pub id: String,
    /// Name as people say it.
    pub name: String,
    /// Stack whose name check applies, by its id in the name matrix; empty where unknown.
    #[serde(default)]
    pub stack: String,
    /// One sentence: what it is.
    pub about: String,
    /// Other ids that mean the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Limits.
    #[serde(default, rename = "limit", skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Abilities.
    #[serde(default, rename = "ability", skip_serializing_if = "Vec::is_empty")]
    pub abilities: Vec<Ability>,
    /// Unverified statements.
    #[serde(default, rename = "hint", skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Suites that it offers, where a document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<SuitesOffered>,
}

impl DeviceProfile {
    /// The limits of one kind.
    pub fn limits_of(&self, what: LimitKind) -> impl Iterator<Item = &Limit> {
        self.limits.iter().filter(move |l| l.what == what)
    }

    /// What is missing in it, one sentence each: figures without a source, limits that bound
    /// nothing.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let mut out = Vec::new();
        for limit in &self.limits {
            let name = limit.what.as_str();
            if limit.source.trim().is_empty() {
                out.push(format!("{}: the limit {name} has no source.", self.id));
            }
            if limit.at_most.is_empty() && limit.at_least.is_none() && limit.one_of.is_empty() {
                out.push(format!("{}: the limit {name} bounds nothing.", self.id));
            }
            if !limit.at_most.is_sorted() {
                out.push(format!(
                    "{}: the readings of {name} are not in order, smallest first.",
                    self.id
                ));
            }
        }
        if let Some(offers) = &self.offers {
            if offers.source.trim().is_empty() || offers.by.trim().is_empty() {
                out.push(format!("{}: the list of suites has no source.", self.id));
            }
            for name in offers.names.iter().chain(&offers.not) {
                if CipherSuite::from_name(name).is_none() {
                    out.push(format!("{}: there is no suite {name}.", self.id));
                }
            }
        }
        for (what, source) in self
            .abilities
            .iter()
            .map(|a| (&a.what, &a.source))
            .chain(self.hints.iter().map(|h| (&h.says, &h.source)))
        {
            if source.trim().is_empty() {
                out.push(format!(
                    "{}: \u{201c}{what}\u{201d} has no source.",
                    self.id
                ));
            }
        }
        out
    }

    /// The profile as TOML, for the user's folder: a copy to change.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}
