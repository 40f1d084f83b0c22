//! The verdict where there is no log: what the certificates alone say about the device.
//!
//! In: the certificates of the session with what they are held against. Out: tone, word and one
//! sentence. Must not decide anything: it words what the `cert` room found, worst first.

use super::figures::{count, grouped};
use super::file_seen::CertificatesSeen;
use super::snapshot::{Tone, Verdict};
use crate::cert::{Fit, FitVerdict, Inspection, NameVerdict, Severity, Takes};
use crate::device::LimitKind;

/// With more files than this they are no chain of one server: each is listed, and nothing is said of
/// them together.
pub const MOST_TOGETHER: usize = 8;

/// What the certificates alone say.
#[derive(Clone, Debug)]
pub(super) struct CertificateVerdict {
    pub tone: Tone,
    pub word: &'static str,
    pub sentence: String,
    /// The next step, where there is one.
    pub next: Option<Next>,
}

/// What a person does next.
#[derive(Clone, Debug)]
pub(super) struct Next {
    pub sentence: String,
    /// It comes before what the diagnosis says: that rests on the same files, without a device.
    pub first: bool,
}

impl CertificateVerdict {
    fn new(tone: Tone, word: &'static str, sentence: String) -> Self {
        Self {
            tone,
            word,
            sentence,
            next: None,
        }
    }

    /// Puts it in place of the verdict on a handshake that nobody saw. `cause`: the second line names
    /// a cause.
    pub fn say(&self, verdict: &mut Verdict, cause: bool) {
        verdict.tone = self.tone;
        self.word.clone_into(&mut verdict.word);
        verdict.sentence.clone_from(&self.sentence);
        match &self.next {
            Some(next) if next.first || !cause => verdict.second.clone_from(&next.sentence),
            // What makes a better log helps nobody who has a certificate in hand.
            None if !cause => verdict.second.clear(),
            _ => {}
        }
    }

    /// What to do, unless the diagnosis names a cause.
    fn then(mut self, sentence: &str) -> Self {
        self.next = Some(Next {
            sentence: sentence.into(),
            first: false,
        });
        self
    }

    /// What to do, whatever the diagnosis names.
    fn then_first(self, sentence: &str) -> Self {
        let mut verdict = self.then(sentence);
        if let Some(next) = &mut verdict.next {
            next.first = true;
        }
        verdict
    }
}

/// The verdict; `None` where there is no certificate.
pub(super) fn certificate_verdict(seen: &CertificatesSeen) -> Option<CertificateVerdict> {
    let files = seen.files.len() + seen.trusted.len();
    let certificates = seen_certificates(seen) as u64;
    if files > MOST_TOGETHER && certificates > 0 {
        let sentence = format!(
            "{} in {} read; each has its row and its verdict under Files.",
            count(certificates, "certificate"),
            count(files as u64, "file")
        );
        let next = if seen.profile.is_some() {
            "Click a row to see the chain of its file."
        } else {
            "Click a row to see the chain of its file. Choose the device there: its limits count for all."
        };
        return Some(CertificateVerdict::new(Tone::Unknown, "Read", sentence).then_first(next));
    }
    let found = seen.inspection();
    let leaf = found.leaf()?;
    let title = leaf.title();
    let device = seen.profile.as_ref().map(|p| p.name.as_str());
    if let Some(device) = device
        && let Some(verdict) = fit_words(&found.fit, device)
    {
        return Some(verdict.then("What would make it smaller is measured below the byte map."));
    }
    let path = found.chain.as_ref().map_or(&[][..], |c| &c.found[..]);
    let error = found
        .statements
        .iter()
        .find(|s| s.severity == Severity::Error && s.certificate.is_none_or(|c| path.contains(&c)));
    if let Some(error) = error {
        let sentence = error.sentence.clone();
        return Some(
            CertificateVerdict::new(Tone::Fail, "Not usable", sentence)
                .then("Trust and traps lists every finding with its rule."),
        );
    }
    if let Some(host) = seen.host.as_deref()
        && let Some(verdict) = name_words(&found, seen, host)
    {
        return Some(verdict);
    }
    if let Some(missing) = found.missing.first() {
        let sentence = format!(
            "The server does not send \u{201c}{}\u{201d}, which issued \u{201c}{title}\u{201d}.",
            missing.name
        );
        return Some(
            CertificateVerdict::new(Tone::Warn, "Not complete", sentence).then(
                "Add it where you have it; a device that does not store it has no path to a root.",
            ),
        );
    }
    Some(match device {
        Some(device) => fits(&found.fit, &title, device, seen.host.is_some()),
        None => without_device(certificates, seen.host.is_some()),
    })
}

/// Nothing is wrong with them for the device that was chosen.
fn fits(fit: &[Fit], title: &str, device: &str, host: bool) -> CertificateVerdict {
    let verdict = match Takes::of(fit) {
        Takes::Yes => {
            let limits = match fit.len() {
                1 => "the one known limit".into(),
                n => format!("all {n} known limits"),
            };
            let sentence = format!("\u{201c}{title}\u{201d} keeps {limits} of the {device}.");
            CertificateVerdict::new(Tone::Ok, "Fits", sentence)
        }
        _ => CertificateVerdict::new(
            Tone::Unknown,
            "Not known",
            format!("No known limit of the {device} decides about these certificates."),
        ),
    };
    verdict.then(if host {
        "If the handshake fails all the same, add its log: these files do not explain it."
    } else {
        "Type the host in the name check: the name decides as well."
    })
}

fn without_device(certificates: u64, host: bool) -> CertificateVerdict {
    let read = count(certificates, "certificate");
    let (sentence, next) = if host {
        (
            format!("{read} read. Choose the device: its limits decide."),
            "The Fit panel has the list of devices; a log of the failed handshake often names it.",
        )
    } else {
        (
            format!("{read} read. Choose the device and state the host: both decide."),
            "The Fit panel has the list of devices, the name check takes the host; a log of the \
             failed handshake often names both.",
        )
    };
    CertificateVerdict::new(Tone::Unknown, "Read", sentence).then_first(next)
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
    let (tone, word) = match (worst.verdict, large) {
        (FitVerdict::BetweenReadings, _) => (Tone::Warn, "Doubtful"),
        (FitVerdict::Over(_), true) => (Tone::Fail, "Too large"),
        _ => (Tone::Fail, "Does not fit"),
    };
    Some(CertificateVerdict::new(tone, word, sentence))
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
    let (matches, refuses) = (of(NameVerdict::Match), of(NameVerdict::Mismatch));
    if own.is_none() && matches > 0 && refuses > 0 {
        let sentence = format!(
            "Of the stacks with a known rule {matches} take the certificate for {host} and {refuses} refuse it."
        );
        return Some(
            CertificateVerdict::new(Tone::Warn, "Stack decides", sentence).then_first(
                "Choose the device: its stack decides. Names has the rule of each, with its source.",
            ),
        );
    }
    let refused = match own {
        Some(own) => own.verdict == NameVerdict::Mismatch,
        None => refuses > 0,
    };
    if !refused {
        return None;
    }
    let who = own.map_or("Every stack with a known rule", |n| n.stack);
    let sentence = format!("{who} refuses the certificate for {host}: none of its names is that.");
    Some(
        CertificateVerdict::new(Tone::Fail, "Wrong name", sentence)
            .then("Names shows what each stack compares, and with which rule."),
    )
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
