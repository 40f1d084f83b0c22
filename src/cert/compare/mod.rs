//! Two certificates or two chains side by side: what changed, in bytes and in meaning, and what it
//! does to a device.
//!
//! In: an old and a new [`CompareSide`], and what they are held against. Out: [`Comparison`]. What a change
//! means stands in `assets/certificate-changes.toml`; limits come from the device profile. Must not
//! say more than the two sides show: what depends on the device is to be checked, not broken.

mod certificate;
mod fields;
mod names;
mod texts;
mod whole;

use serde::Deserialize;

pub use fields::FieldBytes;
pub(in crate::cert) use texts::ChangeTexts;

use super::certificate::Certificate;
use super::chain::chain;
use super::file::CertFile;
use crate::device::DeviceProfile;

/// How much a change matters, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The new one will be refused where the old one was taken.
    Breaks,
    /// It depends on the device or its settings.
    Check,
    /// Something that was wrong is right now.
    Better,
    /// Every renewal does that.
    Usual,
}

impl Weight {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Check => "check",
            Self::Better => "better",
            Self::Usual => "usual",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its kind, an id of `assets/certificate-changes.toml`.
    pub id: &'static str,
    /// What changed, a few words.
    pub what: String,
    /// The old value; empty where there was none.
    pub old: String,
    /// The new value; empty where there is none.
    pub new: String,
    /// How much it matters.
    pub weight: Weight,
    /// What it means, one or two sentences.
    pub why: String,
    /// Where that is documented.
    pub source: String,
}

impl Change {
    fn of(mut self, what: impl Into<String>) -> Self {
        self.what = what.into();
        self
    }
}

/// A change of this kind from one value to another.
fn change(id: &'static str, old: impl Into<String>, new: impl Into<String>) -> Change {
    let (old, new) = (old.into(), new.into());
    let text = texts::text(id);
    Change {
        id,
        what: text.map_or_else(|| id.replace('_', " "), |t| t.what.clone()),
        weight: text.map_or(Weight::Check, |t| t.weight),
        why: text.map_or_else(String::new, |t| t.why_of(&old, &new)),
        source: text.map_or_else(String::new, |t| t.source.clone()),
        old,
        new,
    }
}

/// One side of the comparison: certificates in the order of their file.
#[derive(Clone, Debug, Default)]
pub struct CompareSide<'a> {
    /// The certificates.
    pub certificates: Vec<&'a Certificate>,
    /// Their file as a whole, where it is compared as such: limits of stored files count then.
    pub file: Option<&'a CertFile>,
}

impl<'a> CompareSide<'a> {
    /// A whole file.
    #[must_use]
    pub fn file(file: &'a CertFile) -> Self {
        Self {
            certificates: file.certificates().collect(),
            file: Some(file),
        }
    }

    /// All of them are CAs: a file that a device stores, not one that a server sends.
    fn is_store(&self) -> bool {
        !self.certificates.is_empty() && self.certificates.iter().all(|c| c.is_ca())
    }
}

/// What the two sides are held against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// Device whose limits count.
    pub profile: Option<&'a DeviceProfile>,
    /// Host or address that the device asks for.
    pub host: Option<&'a str>,
    /// What the device stores as trusted.
    pub trusted: &'a [&'a Certificate],
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
}

/// A certificate of the old side beside one of the new side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// `leaf`, `intermediate`, `root`, `extra`.
    pub part: &'static str,
    /// Index into the old side; `None` where only the new side has it.
    pub old: Option<usize>,
    /// Index into the new side; `None` where only the old side has it.
    pub new: Option<usize>,
    /// They are the same byte for byte.
    pub same_bytes: bool,
    /// What changed, worst first.
    pub changes: Vec<Change>,
    /// Bytes by field on both sides; they add up to the two sizes.
    pub fields: Vec<FieldBytes>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Certificates beside each other: leaf first.
    pub certificates: Vec<Compared>,
    /// What changed about the whole: what is sent, trust, limits, the host; worst first.
    pub whole: Vec<Change>,
}

impl Comparison {
    /// Compares two sides.
    #[must_use]
    pub fn of(old: &CompareSide<'_>, new: &CompareSide<'_>, against: &Against<'_>) -> Self {
        let mut certificates: Vec<Compared> = aligned(old, new)
            .into_iter()
            .map(|(part, a, b)| {
                let pick = |side: &CompareSide<'_>, i: Option<usize>| {
                    i.and_then(|i| side.certificates.get(i).map(|c| (*c).clone()))
                };
                let (first, second) = (pick(old, a), pick(new, b));
                let mut changes = match (&first, &second) {
                    (Some(x), Some(y)) if x.sha256 != y.sha256 => {
                        certificate::changes(x, y, part == "leaf", against)
                    }
                    _ => Vec::new(),
                };
                changes.sort_by_key(|c| c.weight);
                Compared {
                    part,
                    old: a,
                    new: b,
                    same_bytes: matches!((&first, &second), (Some(x), Some(y)) if x.sha256 == y.sha256),
                    changes,
                    fields: fields::fields(first.as_ref(), second.as_ref()),
                }
            })
            .collect();
        certificates.retain(|c| c.old.is_some() || c.new.is_some());
        let mut whole = whole::changes(old, new, against);
        whole.sort_by_key(|c| c.weight);
        Self {
            certificates,
            whole,
        }
    }

    /// Every change, worst first, with the part of the chain that it is about (`chain` for the
    /// whole).
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, &Change)> {
        let mut out: Vec<(&'static str, &Change)> = self
            .whole
            .iter()
            .map(|c| ("chain", c))
            .chain(
                self.certificates
                    .iter()
                    .flat_map(|c| c.changes.iter().map(move |x| (c.part, x))),
            )
            .collect();
        out.sort_by_key(|(_, c)| c.weight);
        out
    }

    /// Is every certificate the same, byte for byte and in the same place?
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.whole.iter().all(|c| c.weight == Weight::Usual)
            && self
                .certificates
                .iter()
                .all(|c| c.same_bytes && c.old == c.new)
    }

    /// The worst weight; `None` where nothing changed.
    #[must_use]
    pub fn worst(&self) -> Option<Weight> {
        self.all().first().map(|(_, c)| c.weight)
    }
}

/// Part of the chain, index on the old side, index on the new side.
type Place = (&'static str, Option<usize>, Option<usize>);

/// Puts leaf beside leaf; above it the same certificate, else the same subject, else the same place.
fn aligned(old: &CompareSide<'_>, new: &CompareSide<'_>) -> Vec<Place> {
    let (a, b) = (ordered(old), ordered(new));
    let mut free: Vec<usize> = (0..b.len()).collect();
    let mut mates: Vec<Option<usize>> = vec![None; a.len()];
    let mut settle = |mates: &mut Vec<Option<usize>>, fits: &dyn Fn(usize, usize) -> bool| {
        for (i, mate) in mates.iter_mut().enumerate() {
            if mate.is_none()
                && let Some(place) = free.iter().position(|j| fits(i, *j))
            {
                *mate = Some(free.remove(place));
            }
        }
    };
    let of = |i: usize, j: usize| {
        let (x, y) = (a.get(i)?, b.get(j)?);
        Some((
            *old.certificates.get(x.1)?,
            *new.certificates.get(y.1)?,
            x.0 == y.0,
        ))
    };
    settle(&mut mates, &|i, j| i == 0 && j == 0);
    settle(&mut mates, &|i, j| {
        of(i, j).is_some_and(|(x, y, _)| x.sha256 == y.sha256)
    });
    settle(&mut mates, &|i, j| {
        of(i, j).is_some_and(|(x, y, _)| x.subject.der == y.subject.der)
    });
    settle(&mut mates, &|i, j| {
        of(i, j).is_some_and(|(_, _, same)| same)
    });
    let mut out: Vec<Place> = Vec::new();
    for ((part, index), mate) in a.iter().zip(mates) {
        let mate = mate.and_then(|j| b.get(j)).map(|(_, i)| *i);
        out.push((part, Some(*index), mate));
    }
    for j in free {
        if let Some((part, index)) = b.get(j) {
            out.push((part, None, Some(*index)));
        }
    }
    let rank = |part: &str| match part {
        "leaf" => 0,
        "intermediate" => 1,
        "root" => 2,
        _ => 3,
    };
    out.sort_by_key(|(part, ..)| rank(part));
    out
}

/// Part and index of every certificate, in the order of the path, what is extra last.
fn ordered(side: &CompareSide<'_>) -> Vec<(&'static str, usize)> {
    let Some(found) = chain(&side.certificates) else {
        return Vec::new();
    };
    let path = found.found.iter().enumerate().map(|(place, index)| {
        let root = side
            .certificates
            .get(*index)
            .is_some_and(|c| c.self_issued());
        let part = match (place, root) {
            (0, _) => "leaf",
            (_, true) => "root",
            (_, false) => "intermediate",
        };
        (part, *index)
    });
    let extra = found.extra.iter().map(|i| ("extra", *i));
    path.chain(extra).collect()
}
