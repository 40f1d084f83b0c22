//! Rows of the fit table: one for each limit and reading, one for each device.
//!
//! In: the verdicts of the `cert` room. Out: [`FitRow`], [`DeviceRow`]: words for the columns.

use crate::cert::{Fit, FitVerdict, Takes};
use crate::device::{DeviceProfile, LimitKind};
use crate::session::Tone;
use crate::ui::words;

/// One limit in one reading against one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitRow {
    /// The thing, a few words.
    pub what: String,
    /// Limit and thing in full, with the statement of the source.
    pub full: String,
    /// The limit.
    pub limit: String,
    /// The value.
    pub value: String,
    /// Tone of the verdict.
    pub tone: Tone,
    /// The verdict: `fits`, `+1,313`.
    pub verdict: String,
    /// Short name of the source.
    pub short: String,
    /// The source.
    pub source: String,
}

/// A device against the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Tone of the worst limit.
    pub tone: Tone,
    /// The verdict in a few words.
    pub verdict: String,
    /// What it rests on.
    pub why: String,
}

/// Rows of these verdicts. A limit that is kept by every reading takes one row, any other one for
/// each reading.
#[must_use]
pub fn fit_rows(fits: &[Fit]) -> Vec<FitRow> {
    fits.iter()
        .flat_map(|fit| {
            let all = if fit.verdict == FitVerdict::Fits {
                1
            } else {
                fit.limits.len().max(1)
            };
            (0..all).map(move |reading| row(fit, reading))
        })
        .collect()
}

fn row(fit: &Fit, reading: usize) -> FitRow {
    let limit = fit.limits.get(reading).copied();
    let (tone, verdict) = match (fit.verdict, fit.value, limit) {
        (FitVerdict::Over(_) | FitVerdict::BetweenReadings, Some(value), Some(limit)) => {
            if value > limit {
                (Tone::Fail, format!("+{}", words::grouped(value - limit)))
            } else {
                (Tone::Ok, "fits".to_owned())
            }
        }
        (verdict, ..) => verdict_words(verdict),
    };
    FitRow {
        what: if reading > 0 {
            format!("{}, other reading", thing(fit))
        } else {
            thing(fit)
        },
        full: words::visible(&format!(
            "{}: {}. {}",
            words::sentence_case(fit.kind.text()),
            fit.of,
            fit.says
        )),
        limit: match limit {
            Some(n) => words::grouped(n),
            None => fit.one_of.join(", "),
        },
        value: match (fit.value, &fit.text) {
            (Some(n), _) => words::grouped(n),
            (None, Some(text)) => words::visible(text),
            (None, None) => "unknown".into(),
        },
        tone,
        verdict,
        short: short(&fit.source),
        source: fit.source.clone(),
    }
}

fn verdict_words(verdict: FitVerdict) -> (Tone, String) {
    match verdict {
        FitVerdict::Fits => (Tone::Ok, "fits".into()),
        FitVerdict::Over(by) => (Tone::Fail, format!("+{}", words::grouped(by))),
        FitVerdict::Under(by) => (Tone::Fail, format!("−{}", words::grouped(by))),
        FitVerdict::BetweenReadings => (Tone::Warn, "one reading".into()),
        FitVerdict::NotTaken => (Tone::Fail, "not taken".into()),
        FitVerdict::Unknown => (Tone::Unknown, "unknown".into()),
    }
}

/// The thing in a few words: `leaf`, `file ca.pem`, `RSA key of the leaf`.
fn thing(fit: &Fit) -> String {
    let part = fit.of.split(' ').next().unwrap_or_default();
    let rest = fit.of.strip_prefix("file ");
    match (fit.kind, rest) {
        (LimitKind::PeerCertificateBytes, _) => part.to_owned(),
        (kind, Some(file)) => words::visible(&format!("{}, {file}", kind.text())),
        (LimitKind::RsaBits | LimitKind::EcCurves | LimitKind::SignatureHashes, None) => {
            format!("{}, {part}", fit.kind.text())
        }
        (kind, None) => kind.text().to_owned(),
    }
}

/// `ST staff` of `ST staff, https://…`: who says it, without where.
pub(super) fn short(source: &str) -> String {
    let end = [",", " page ", ";", " section ", ": "]
        .iter()
        .filter_map(|mark| source.find(mark))
        .min()
        .unwrap_or(source.len());
    let name = source.get(..end).unwrap_or(source).trim();
    let place = |url: &str| {
        let host = url.split("//").nth(1).unwrap_or(url);
        host.split('/').next().unwrap_or(host).to_owned()
    };
    if source.starts_with("http") {
        place(source)
    } else {
        name.to_owned()
    }
}

/// What a device makes of the chain.
#[must_use]
pub fn device_row(profile: &DeviceProfile, fits: &[Fit]) -> DeviceRow {
    let rank = |f: &&Fit| match f.verdict {
        FitVerdict::Fits => 0,
        FitVerdict::Unknown => 1,
        FitVerdict::BetweenReadings => 2,
        _ => 3,
    };
    let worst = fits.iter().max_by_key(rank);
    let (tone, verdict) = match Takes::of(fits) {
        Takes::Yes => (
            Tone::Ok,
            format!(
                "{} kept",
                words::count(fits.len() as u64, "limit", "limits")
            ),
        ),
        Takes::ByOneReading => (Tone::Warn, "by one reading".into()),
        Takes::No(n) => (
            Tone::Fail,
            format!("{} broken", words::count(n as u64, "limit", "limits")),
        ),
        Takes::Unknown if fits.is_empty() => (Tone::Unknown, "no limit known".into()),
        Takes::Unknown => (Tone::Unknown, "cannot be told".into()),
    };
    DeviceRow {
        id: profile.id.clone(),
        name: profile.name.clone(),
        tone,
        verdict,
        why: match worst {
            None => "The profile states no limit that bears on these files.".into(),
            Some(fit) => format!(
                "{}, {}: {}",
                fit.kind.text(),
                words::visible(&fit.of),
                row(fit, fit.limits.len().saturating_sub(1)).verdict
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn sources_have_short_names() {
        assert_eq!(short("ST staff, https://community.st.com/s/1"), "ST staff");
        assert_eq!(short("ST AN4963 page 22, quoted at https://x"), "ST AN4963");
        assert_eq!(
            short("https://docs.espressif.com/a/b"),
            "docs.espressif.com"
        );
    }
}
