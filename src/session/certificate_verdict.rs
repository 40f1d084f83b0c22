//! The verdict where there is no log: what the certificates alone say about the device.
//!
//! In: the certificates of the session with what they are held against. Out: tone, word and one
//! sentence. Must not decide anything: it words what the `cert` room found, worst first.

use super::figures::{count, grouped};
use super::file_seen::CertificatesSeen;
use super::snapshot::Tone;
use crate::cert::{Fit, FitVerdict, Inspection, NameVerdict, Severity, Takes};
use crate::device::LimitKind;

/// With more files than this they are no chain of one server: nothing is said of them together.
const MOST_FILES: usize = 16;

/// Tone, word, sentence.
pub(super) type CertificateVerdict = (Tone, &'static str, String);

/// The verdict; `None` where there is no certificate.
pub(super) fn certificate_verdict(seen: &CertificatesSeen) -> Option<CertificateVerdict> {
    let files = seen.files.len() + seen.trusted.len();
    let certificates = seen_certificates(seen) as u64;
    if files > MOST_FILES && certificates > 0 {
        return Some((
            Tone::Unknown,
            "Read",
            format!(
                "{} in {} read; each has its row and its verdict under Files.",
                count(certificates, "certificate"),
                count(files as u64, "file")
            ),
        ));
    }
    let found = seen.inspection();
    let leaf = found.leaf()?;
    let title = leaf.title();
    let device = seen.profile.as_ref().map(|p| p.name.as_str());
    if let Some(device) = device
        && let Some(verdict) = fit_words(&found.fit, device)
    {
        return Some(verdict);
    }
    let path = found.chain.as_ref().map_or(&[][..], |c| &c.found[..]);
    let error = found
        .statements
        .iter()
        .find(|s| s.severity == Severity::Error && s.certificate.is_none_or(|c| path.contains(&c)));
    if let Some(error) = error {
        return Some((Tone::Fail, "Not usable", error.sentence.clone()));
    }
    if let Some(host) = seen.host.as_deref()
        && let Some(verdict) = name_words(&found, seen, host)
    {
        return Some(verdict);
    }
    if let Some(missing) = found.missing.first() {
        return Some((
            Tone::Warn,
            "Not complete",
            format!(
                "The server does not send \u{201c}{}\u{201d}, which issued \u{201c}{title}\u{201d}.",
                missing.name
            ),
        ));
    }
    Some(match device {
        Some(device) => match Takes::of(&found.fit) {
            Takes::Yes => (
                Tone::Ok,
                "Fits",
                format!(
                    "\u{201c}{title}\u{201d} keeps {} of the {device}.",
                    match found.fit.len() {
                        1 => "the one known limit".into(),
                        n => format!("all {n} known limits"),
                    }
                ),
            ),
            _ => (
                Tone::Unknown,
                "Not known",
                format!("No known limit of the {device} decides about these certificates."),
            ),
        },
        None => (
            Tone::Unknown,
            "Read",
            format!(
                "{} read. Choose the device and state the host: both decide.",
                count(certificates, "certificate")
            ),
        ),
    })
}

fn seen_certificates(seen: &CertificatesSeen) -> usize {
    let files = seen.files.iter().chain(&seen.trusted);
    files.map(|f| f.certificates().count()).sum()
}

/// A limit that is broken, or passed by one reading.
fn fit_words(fits: &[Fit], device: &str) -> Option<CertificateVerdict> {
    let number = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let broken = fits.iter().filter(|f| f.verdict.is_problem()).count();
    // The leaf's own size is what a server's owner can act on: it goes first.
    let worst = fits
        .iter()
        .filter(|f| f.verdict.is_problem())
        .min_by_key(|f| f.kind != LimitKind::PeerCertificateBytes)
        .or_else(|| {
            fits.iter()
                .find(|f| f.verdict == FitVerdict::BetweenReadings)
        })?;
    let others = match broken {
        0 | 1 => String::new(),
        n => format!(" {} more are broken.", count(n as u64 - 1, "limit")),
    };
    let part = worst.of.split(' ').next().unwrap_or_default();
    let sentence = match (worst.kind, worst.value, worst.limits.last()) {
        (LimitKind::PeerCertificateBytes, Some(value), Some(limit)) => {
            let limit = match worst.limits.as_slice() {
                [first, .., last] => format!("{} or {}", number(*first), number(*last)),
                _ => number(*limit),
            };
            format!(
                "The server's {part} has {} bytes; the {device} takes at most {limit} for each certificate.{others}",
                number(value)
            )
        }
        (kind, Some(value), Some(limit)) => format!(
            "{}: {} against a limit of {} of the {device}.{others}",
            sentence_case(kind.text()),
            number(value),
            number(*limit)
        ),
        (kind, ..) => format!(
            "The {device} does not take the {}: {}.{others}",
            kind.text(),
            worst.text.as_deref().unwrap_or("unknown")
        ),
    };
    let large = matches!(
        worst.kind,
        LimitKind::PeerCertificateBytes | LimitKind::PeerChainBytes | LimitKind::RecordBytes
    );
    Some(match (worst.verdict, large) {
        (FitVerdict::BetweenReadings, _) => (Tone::Warn, "Doubtful", sentence),
        (FitVerdict::Over(_), true) => (Tone::Fail, "Too large", sentence),
        _ => (Tone::Fail, "Does not fit", sentence),
    })
}

/// The host, as the device's own stack decides; without a device as all decide.
fn name_words(
    found: &Inspection<'_>,
    seen: &CertificatesSeen,
    host: &str,
) -> Option<CertificateVerdict> {
    let stack = seen.profile.as_ref().map_or("", |p| p.stack.as_str());
    let own = found.names.iter().find(|n| n.id == stack);
    let of = |verdict| found.names.iter().filter(|n| n.verdict == verdict).count();
    let refused = match own {
        Some(own) => own.verdict == NameVerdict::Mismatch,
        None => of(NameVerdict::Match) == 0 && of(NameVerdict::Mismatch) > 0,
    };
    if !refused {
        return None;
    }
    let who = own.map_or("Every stack with a known rule", |n| n.stack);
    Some((
        Tone::Fail,
        "Wrong name",
        format!("{who} refuses the certificate for {host}: none of its names is that."),
    ))
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
