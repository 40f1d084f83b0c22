//! What the comparison draws, owned and ready; made beside the window.
//!
//! In: the certificates of the session and two picks. Out: [`Compared`]. What changed comes from the
//! `cert` room; here it only gets its words.

use super::pick::{Pick, side};
use crate::cert::{Against, CertFile, Certificate, Comparison, FieldBytes, Weight};
use crate::device::LimitKind;
use crate::session::{CertificatesSeen, Tone};
use crate::ui::words;

/// One change as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// `leaf: valid until`.
    pub what: String,
    /// `2027-01-01 → 2028-01-01` in two parts; either may be empty.
    pub old: String,
    /// The new value.
    pub new: String,
    /// What it means.
    pub why: String,
    /// How much it matters.
    pub weight: Weight,
    /// The source in full.
    pub source: String,
    /// Its short name.
    pub short: String,
}

/// A certificate beside its mate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRow {
    /// `Leaf`.
    pub part: String,
    /// Whose it is.
    pub title: String,
    /// Bytes of DER on both sides.
    pub bytes: (Option<u64>, Option<u64>),
    /// The same byte for byte.
    pub same: bool,
    /// Bytes by field.
    pub fields: Vec<FieldBytes>,
}

/// The comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// What was picked.
    pub of: Option<(Pick, Pick)>,
    /// Names of both sides.
    pub names: (String, String),
    /// Changes, worst first.
    pub changes: Vec<ChangeRow>,
    /// Certificates beside each other.
    pub pairs: Vec<PairRow>,
    /// Readings of the limit of the device for each certificate that a server sends.
    pub each: Vec<u64>,
    /// The device, if one was chosen.
    pub device: Option<String>,
    /// Nothing changed.
    pub same: bool,
}

/// Tone of a weight; what is usual has none.
#[must_use]
pub fn tone(weight: Weight) -> Option<Tone> {
    match weight {
        Weight::Breaks => Some(Tone::Fail),
        Weight::Check => Some(Tone::Warn),
        Weight::Better => Some(Tone::Ok),
        Weight::Usual => None,
    }
}

/// The word of a weight.
#[must_use]
pub fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Breaks => "breaks",
        Weight::Check => "check",
        Weight::Better => "better",
        Weight::Usual => "usual",
    }
}

impl Compared {
    /// Compares what was picked; empty where a pick is not there any more.
    #[must_use]
    pub fn of(seen: &CertificatesSeen, old: Pick, new: Pick) -> Self {
        let (Some(a), Some(b)) = (side(seen, old), side(seen, new)) else {
            return Self::default();
        };
        let trusted: Vec<&Certificate> = seen
            .trusted
            .iter()
            .flat_map(CertFile::certificates)
            .collect();
        let mut found = Comparison::of(
            &a.1,
            &b.1,
            &Against {
                profile: seen.profile.as_deref(),
                host: seen.host.as_deref(),
                trusted: &trusted,
                at_unix_s: seen.at_unix_s,
            },
        );
        seen.tables.reword(&mut found);
        let size = |of: &[&Certificate], i: Option<usize>| {
            i.and_then(|i| of.get(i)).map(|c| c.der_bytes() as u64)
        };
        let pairs = found
            .certificates
            .iter()
            .map(|c| {
                let shown = c
                    .new
                    .and_then(|i| b.1.certificates.get(i))
                    .or_else(|| c.old.and_then(|i| a.1.certificates.get(i)));
                PairRow {
                    part: words::sentence_case(c.part),
                    title: shown.map_or_else(String::new, |c| words::visible(&c.title())),
                    bytes: (
                        size(&a.1.certificates, c.old),
                        size(&b.1.certificates, c.new),
                    ),
                    same: c.same_bytes,
                    fields: c.fields.clone(),
                }
            })
            .collect();
        let mut each: Vec<u64> = seen
            .profile
            .iter()
            .flat_map(|p| p.limits_of(LimitKind::PeerCertificateBytes))
            .flat_map(|l| l.at_most.iter().copied())
            .collect();
        each.sort_unstable();
        each.dedup();
        Self {
            of: Some((old, new)),
            names: (a.0, b.0),
            changes: found
                .all()
                .into_iter()
                .map(|(of, c)| ChangeRow {
                    what: if of == "chain" {
                        words::sentence_case(&grouped_in(&c.what))
                    } else {
                        words::visible(&format!("{}: {}", words::sentence_case(of), c.what))
                    },
                    old: value(&c.old),
                    new: value(&c.new),
                    why: words::visible(&c.why),
                    weight: c.weight,
                    short: super::fit_rows::short(&c.source),
                    source: c.source.clone(),
                })
                .collect(),
            pairs,
            each,
            device: seen.profile.as_ref().map(|p| p.name.clone()),
            same: found.is_same(),
        }
    }

    /// How many changes have this weight.
    #[must_use]
    pub fn count(&self, weight: Weight) -> usize {
        self.changes.iter().filter(|c| c.weight == weight).count()
    }
}

/// A figure gets its commas; anything else stays.
fn value(text: &str) -> String {
    match text.parse::<u64>() {
        Ok(n) => words::grouped(n),
        Err(_) => words::visible(text),
    }
}

/// Commas in every word that is a figure.
fn grouped_in(text: &str) -> String {
    let parts: Vec<String> = text.split(' ').map(value).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_get_commas_and_words_stay() {
        assert_eq!(value("3410"), "3,410");
        assert_eq!(value("EC secp256r1"), "EC secp256r1");
        assert_eq!(grouped_in("limit: 2500 or 2560"), "limit: 2,500 or 2,560");
    }
}
