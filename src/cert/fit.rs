//! Does the device take it? Every limit of a profile against every certificate, chain and file.
//!
//! In: files, their chain and a [`DeviceProfile`]. Out: [`Fit`]s with value, limit, verdict and
//! source. A limit with several readings gives a verdict for all of them at once. Must not invent a
//! limit: what the profile does not say is not judged.

use super::certificate::Certificate;
use super::chain::Chain;
use super::file::{CertFile, Content, Encoding, Object};
use super::sizes::certificate_message_bytes;
use crate::device::{DeviceProfile, Limit, LimitKind};

/// Outcome of one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitVerdict {
    /// Within the limit by every reading.
    Fits,
    /// Beyond it by every reading, by so much by the largest (bytes, bits or pieces).
    Over(u64),
    /// Below the smallest value that is taken, by so much.
    Under(u64),
    /// Above the smallest reading of the limit and not above the largest.
    BetweenReadings,
    /// Not one of those that are taken.
    NotTaken,
    /// The certificate does not tell.
    Unknown,
}

impl FitVerdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Over(_) => "over",
            Self::Under(_) => "under",
            Self::BetweenReadings => "between readings",
            Self::NotTaken => "not taken",
            Self::Unknown => "unknown",
        }
    }

    /// Is it certain that the device does not take it?
    #[must_use]
    pub fn is_problem(self) -> bool {
        matches!(self, Self::Over(_) | Self::Under(_) | Self::NotTaken)
    }
}

/// What a device makes of everything at once, by its worst limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Every known limit is kept.
    Yes,
    /// By one reading of a limit it does, by another it does not.
    ByOneReading,
    /// So many limits are broken.
    No(usize),
    /// A limit cannot be judged, or none is known that bears on it.
    Unknown,
}

impl Takes {
    /// By these verdicts.
    #[must_use]
    pub fn of(fits: &[Fit]) -> Self {
        let any = |v: FitVerdict| fits.iter().any(|f| f.verdict == v);
        match fits.iter().filter(|f| f.verdict.is_problem()).count() {
            0 if any(FitVerdict::BetweenReadings) => Self::ByOneReading,
            0 if fits.is_empty() || any(FitVerdict::Unknown) => Self::Unknown,
            0 => Self::Yes,
            n => Self::No(n),
        }
    }

    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::ByOneReading => "by one reading",
            Self::No(_) => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// One limit against one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The limit.
    pub kind: LimitKind,
    /// The thing: `leaf www.example.com`, `file ca.pem`, `chain`.
    pub of: String,
    /// Its value as a number, where it has one.
    pub value: Option<u64>,
    /// Its value as text (`secp521r1`, `SHA-1`), where it is none.
    pub text: Option<String>,
    /// The readings of the limit, smallest first; empty for lists.
    pub limits: Vec<u64>,
    /// What is taken, for lists.
    pub one_of: Vec<String>,
    /// The outcome.
    pub verdict: FitVerdict,
    /// The statement of the source.
    pub says: String,
    /// The source.
    pub source: String,
}

/// Part of a certificate in its chain.
fn role(index: usize, chain: &Chain, certificate: &Certificate) -> &'static str {
    match chain.found.iter().position(|i| *i == index) {
        Some(0) => "leaf",
        Some(_) if certificate.self_issued() => "root",
        Some(_) => "intermediate",
        None => "extra",
    }
}

/// Holds `certificates` (in the order sent, with their chain) and `files` against `profile`. Limits
/// of the device's own certificate count only where the chain is its `own`.
#[must_use]
pub fn fit(
    certificates: &[&Certificate],
    chain: Option<&Chain>,
    files: &[&CertFile],
    profile: &DeviceProfile,
    own: bool,
) -> Vec<Fit> {
    let mut out = Vec::new();
    for limit in &profile.limits {
        match limit.what {
            LimitKind::CertificatesPerFile
            | LimitKind::StoredFileBytes
            | LimitKind::StoredItemBytes
            | LimitKind::StoredTextBytes
            | LimitKind::StoredBundleBytes => stored(&mut out, limit, files),
            LimitKind::OutRecordBytes | LimitKind::ClientCertificateVersion if !own => {}
            _ => {
                if let Some(chain) = chain {
                    sent(&mut out, limit, certificates, chain);
                }
            }
        }
    }
    out
}

fn sent(out: &mut Vec<Fit>, limit: &Limit, certificates: &[&Certificate], chain: &Chain) {
    let sizes = || certificates.iter().map(|c| c.der_bytes());
    let message = || certificate_message_bytes(&sizes().collect::<Vec<_>>()) as u64;
    match limit.what {
        LimitKind::PeerChainBytes => {
            out.push(number(limit, "chain", sizes().sum::<usize>() as u64));
        }
        LimitKind::RecordBytes | LimitKind::OutRecordBytes => {
            out.push(number(limit, "Certificate message", message()));
        }
        LimitKind::IntermediateCount => {
            let roots = usize::from(chain.ends_in_root && chain.found.len() > 1);
            let between = chain.found.len().saturating_sub(1 + roots);
            out.push(number(limit, "chain", between as u64));
        }
        LimitKind::ChainDepth => out.push(number(limit, "chain", certificates.len() as u64)),
        LimitKind::CommonNameChars => {
            if let Some(leaf) = chain.found.first().and_then(|i| certificates.get(*i)) {
                let length = leaf
                    .subject
                    .common_name()
                    .map(|cn| cn.chars().count() as u64);
                match length {
                    Some(length) => out.push(number(limit, &named("leaf", leaf), length)),
                    None => out.push(blank(limit, &named("leaf", leaf), FitVerdict::Unknown)),
                }
            }
        }
        LimitKind::ClientCertificateVersion => {
            let leaf = chain.found.first().and_then(|i| certificates.get(*i));
            if let Some((leaf, version)) = leaf.and_then(|l| Some((l, l.version?))) {
                out.push(number(limit, &named("leaf", leaf), u64::from(version)));
            }
        }
        _ => {
            for (index, certificate) in certificates.iter().enumerate() {
                let of = named(role(index, chain, certificate), certificate);
                out.extend(each(limit, &of, certificate));
            }
        }
    }
}

fn named(role: &str, certificate: &Certificate) -> String {
    format!("{role} {}", certificate.title())
}

fn each(limit: &Limit, of: &str, certificate: &Certificate) -> Option<Fit> {
    match limit.what {
        LimitKind::PeerCertificateBytes => Some(number(limit, of, certificate.der_bytes() as u64)),
        LimitKind::RsaBits => {
            let key = certificate.key.as_ref()?;
            key.kind
                .starts_with("RSA")
                .then(|| number(limit, of, u64::from(key.bits)))
        }
        LimitKind::EcCurves => {
            let key = certificate.key.as_ref().filter(|k| k.kind == "EC")?;
            Some(match &key.curve {
                Some(curve) => word(limit, of, curve),
                None => blank(limit, of, FitVerdict::Unknown),
            })
        }
        LimitKind::SignatureHashes => {
            // A root's own signature is not checked by anyone.
            if certificate.self_issued() {
                return None;
            }
            let algorithm = certificate.signature_algorithm.as_deref()?;
            Some(match signature_hash(algorithm) {
                Some(hash) => word(limit, of, hash),
                None => blank(limit, of, FitVerdict::Unknown),
            })
        }
        _ => None,
    }
}

/// The hash of a signature algorithm by OpenSSL's name; `None` for PSS (its parameters tell) and
/// for those without one.
#[must_use]
pub fn signature_hash(algorithm: &str) -> Option<&'static str> {
    let lower = algorithm.to_ascii_lowercase();
    [
        ("md2", "MD2"),
        ("md5", "MD5"),
        ("sha1", "SHA-1"),
        ("sha224", "SHA-224"),
        ("sha256", "SHA-256"),
        ("sha384", "SHA-384"),
        ("sha512", "SHA-512"),
    ]
    .into_iter()
    .find_map(|(name, hash)| lower.contains(name).then_some(hash))
}

fn stored(out: &mut Vec<Fit>, limit: &Limit, files: &[&CertFile]) {
    for file in files {
        let certificates = file.certificates().count() as u64;
        let of = format!("file {}", file.name);
        match limit.what {
            LimitKind::CertificatesPerFile if certificates > 0 => {
                out.push(number(limit, &of, certificates));
            }
            LimitKind::StoredFileBytes => out.push(number(limit, &of, file.size_bytes as u64)),
            LimitKind::StoredBundleBytes => {
                let roots: Vec<&Certificate> =
                    file.certificates().filter(|c| c.self_issued()).collect();
                if certificates > 0 && roots.len() as u64 == certificates {
                    out.push(number(limit, &of, file.size_bytes as u64));
                }
            }
            LimitKind::StoredItemBytes | LimitKind::StoredTextBytes => {
                for object in &file.objects {
                    if matches!(
                        object.content,
                        Content::Certificate(_) | Content::PrivateKey(_)
                    ) {
                        let of = format!(
                            "{} in {}",
                            object.content.kind().replace('_', " "),
                            file.name
                        );
                        if let Some(bytes) = stored_bytes(limit.what, object) {
                            out.push(number(limit, &of, bytes as u64));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Bytes of an object where it is kept as DER, or as PEM text; `None` for a key whose PEM is not at
/// hand.
fn stored_bytes(what: LimitKind, object: &Object) -> Option<usize> {
    match (what, object.encoding, &object.content) {
        (LimitKind::StoredTextBytes, Encoding::Pem, _) => Some(object.file_bytes),
        (LimitKind::StoredTextBytes, _, Content::Certificate(_)) => {
            Some(super::sizes::pem_bytes(object.der_bytes, 1))
        }
        (LimitKind::StoredTextBytes, ..) => None,
        _ => Some(object.der_bytes),
    }
}

fn blank(limit: &Limit, of: &str, verdict: FitVerdict) -> Fit {
    Fit {
        kind: limit.what,
        of: of.to_owned(),
        value: None,
        text: None,
        limits: limit.at_most.clone(),
        one_of: limit.one_of.clone(),
        verdict,
        says: limit.says.clone(),
        source: limit.source.clone(),
    }
}

fn number(limit: &Limit, of: &str, value: u64) -> Fit {
    let smallest = limit.at_most.first().copied();
    let largest = limit.at_most.last().copied();
    let verdict = match (limit.at_least, smallest, largest) {
        (Some(least), ..) if value < least => FitVerdict::Under(least - value),
        (_, _, Some(largest)) if value > largest && limit.floor => FitVerdict::Unknown,
        (_, _, Some(largest)) if value > largest => FitVerdict::Over(value - largest),
        (_, Some(smallest), _) if value > smallest => FitVerdict::BetweenReadings,
        _ => FitVerdict::Fits,
    };
    Fit {
        value: Some(value),
        ..blank(limit, of, verdict)
    }
}

fn word(limit: &Limit, of: &str, value: &str) -> Fit {
    let verdict = if limit.one_of.iter().any(|w| w == value) {
        FitVerdict::Fits
    } else {
        FitVerdict::NotTaken
    };
    Fit {
        text: Some(value.to_owned()),
        ..blank(limit, of, verdict)
    }
}
