//! Can the device check each certificate? Kind and size of key, curve, hash, number of certificates.
//!
//! In: a device and a chain as DER. Out: [`CertificateOutlook`]. Whether the chain leads to what the
//! device trusts, and dates and names, are the certificate room's part.

use super::Device;
use crate::cert::{Certificate, FitVerdict, chain, fit};
use crate::device::{LimitKind, VerifyMode};

/// What the device makes of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateOutlook {
    /// Who it is for.
    pub title: String,
    /// Bytes of its DER.
    pub der_bytes: usize,
    /// The device can read it and check its signature; `None` where that is not known or not done.
    pub verifies: Option<bool>,
    /// Why, one sentence each.
    pub why: Vec<String>,
}

pub(super) fn outlook(device: &Device, ders: &[Vec<u8>]) -> Vec<CertificateOutlook> {
    let read: Vec<Option<Certificate>> = ders.iter().map(|d| Certificate::read(d)).collect();
    let all: Vec<&Certificate> = read.iter().flatten().collect();
    let mut out: Vec<CertificateOutlook> = read
        .iter()
        .zip(ders)
        .enumerate()
        .map(|(index, (certificate, der))| match certificate {
            Some(certificate) => one(device, index, certificate),
            None => CertificateOutlook {
                title: format!("certificate {}", index + 1),
                der_bytes: der.len(),
                verifies: Some(false),
                why: vec!["It cannot be read as a certificate.".to_owned()],
            },
        })
        .collect();
    if let Some(leaf) = out.first_mut()
        && let Some(sentence) = too_many(device, &all)
    {
        leaf.verifies = Some(false);
        leaf.why.push(sentence);
    }
    out
}

fn one(device: &Device, index: usize, certificate: &Certificate) -> CertificateOutlook {
    let mut why = Vec::new();
    let mut known = device.build().is_some();
    let alone = [certificate];
    for row in fit(&alone, chain(&alone).as_ref(), &[], device.profile(), false) {
        let about_key = matches!(
            row.kind,
            LimitKind::RsaBits
                | LimitKind::EcCurves
                | LimitKind::SignatureHashes
                | LimitKind::PeerCertificateBytes
        );
        let about_name = row.kind == LimitKind::CommonNameChars && index == 0;
        if !about_key && !about_name {
            continue;
        }
        known |= row.verdict != FitVerdict::Unknown;
        if row.verdict.is_problem() {
            let value = row
                .text
                .clone()
                .or_else(|| row.value.map(|n| n.to_string()))
                .unwrap_or_default();
            why.push(format!(
                "{}: {value}. {} ({})",
                capital(row.kind.text()),
                row.says,
                row.source
            ));
        }
    }
    why.extend(missing_parts(device, certificate));
    let verifies = if why.is_empty() {
        known.then_some(true)
    } else {
        Some(false)
    };
    let off = device.build().and_then(|b| b.verify) == Some(VerifyMode::None);
    if off {
        why.push("The application switches verification off (MBEDTLS_SSL_VERIFY_NONE).".to_owned());
    } else if let Some(build) = device.build()
        && !build.macros.is_on("HAVE_TIME_DATE")
        && index == 0
    {
        why.push(
            "Dates are not checked by this build (MBEDTLS_HAVE_TIME_DATE is not defined)."
                .to_owned(),
        );
    }
    if verifies == Some(true) && why.is_empty() {
        why.push(format!("{} can be checked.", description(certificate)));
    }
    if !known && why.is_empty() {
        why.push("No limit of this device is known that it would break.".to_owned());
    }
    CertificateOutlook {
        title: certificate.title(),
        der_bytes: certificate.der_bytes(),
        verifies: if off && verifies == Some(true) {
            None
        } else {
            verifies
        },
        why,
    }
}

fn description(certificate: &Certificate) -> String {
    let key = certificate.key.as_ref().map_or_else(
        || "its key".to_owned(),
        |k| match &k.curve {
            Some(curve) => format!("{} on {curve}", k.kind),
            None => format!("{} with {} bits", k.kind, k.bits),
        },
    );
    match &certificate.signature_algorithm {
        Some(algorithm) => format!("{key}, signed with {algorithm},"),
        None => key,
    }
}

/// What the build lacks for the key or the signature.
fn missing_parts(device: &Device, certificate: &Certificate) -> Vec<String> {
    let mut out = Vec::new();
    let Some(build) = device.build() else {
        return out;
    };
    let mut need = |option: &str, what: &str| {
        if !build.macros.is_on(option) {
            out.push(format!("{what} (MBEDTLS_{option} is not defined)."));
        }
    };
    match certificate.key.as_ref().map(|k| k.kind.as_str()) {
        Some(kind) if kind.starts_with("RSA") => {
            need("RSA_C", "RSA keys cannot be read by this build");
        }
        Some("EC") => need("ECP_C", "Keys on curves cannot be read by this build"),
        Some(kind) => out.push(format!("Mbed TLS knows no {kind} keys in certificates.")),
        None => {}
    }
    let mut need = |option: &str, what: &str| {
        if !build.macros.is_on(option) {
            out.push(format!("{what} (MBEDTLS_{option} is not defined)."));
        }
    };
    if !certificate.self_issued()
        && let Some(algorithm) = &certificate.signature_algorithm
    {
        let lower = algorithm.to_ascii_lowercase();
        if lower.contains("pss") {
            need(
                "X509_RSASSA_PSS_SUPPORT",
                "Signatures with RSA-PSS cannot be checked by this build",
            );
        } else if lower.contains("ecdsa") {
            need(
                "ECDSA_C",
                "ECDSA signatures cannot be checked by this build",
            );
        } else if lower.contains("rsa") {
            need("RSA_C", "RSA signatures cannot be checked by this build");
        }
    }
    out
}

fn too_many(device: &Device, all: &[&Certificate]) -> Option<String> {
    let found = chain(all);
    fit(all, found.as_ref(), &[], device.profile(), false)
        .into_iter()
        .filter(|row| {
            matches!(
                row.kind,
                LimitKind::IntermediateCount | LimitKind::ChainDepth
            ) && row.verdict.is_problem()
        })
        .map(|row| {
            format!(
                "{}: {}. {} ({})",
                capital(row.kind.text()),
                row.value.unwrap_or_default(),
                row.says,
                row.source
            )
        })
        .next()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
