//! What can be picked for a comparison or an export: files, and single certificates of files that
//! hold several.
//!
//! In: the certificates of the session. Out: [`Choice`]s, and the side that a [`Pick`] stands for.

use crate::cert::{CertFile, Certificate, CompareSide};
use crate::evidence::InputId;
use crate::session::CertificatesSeen;
use crate::ui::words;

/// A file, or one certificate of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// The input.
    pub input: InputId,
    /// Number among its certificates; `None`: all of the file.
    pub certificate: Option<usize>,
}

/// Something to pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for.
    pub pick: Pick,
    /// Words: `chain.pem, 2 certificates`, `chain.pem: Issuing CA`.
    pub label: String,
    /// First certificate that is no CA: names of its host.
    pub names: Vec<String>,
    /// When the first certificate begins, seconds since 1970 UTC.
    pub from: Option<i64>,
    /// It holds a certificate that is no CA.
    pub leaf: bool,
}

/// The files of the session that hold certificates, with their inputs.
pub fn files(seen: &CertificatesSeen) -> impl Iterator<Item = (InputId, &CertFile)> {
    let own = seen.inputs.iter().copied().zip(&seen.files);
    let trusted = seen.trusted_inputs.iter().copied().zip(&seen.trusted);
    own.chain(trusted)
        .filter(|(_, f)| f.certificates().next().is_some())
}

/// Everything that can be picked, in the order of the files.
#[must_use]
pub fn choices(seen: &CertificatesSeen) -> Vec<Choice> {
    let mut out = Vec::new();
    for (input, file) in files(seen) {
        let count = file.certificates().count();
        let name = words::visible(&file.name);
        let all: Vec<&Certificate> = file.certificates().collect();
        let leaf = all.iter().find(|c| !c.is_ca());
        let first = leaf.or(all.first()).copied();
        let choice = |certificate, label, of: Option<&Certificate>| Choice {
            pick: Pick { input, certificate },
            label,
            names: of.map(host_names).unwrap_or_default(),
            from: of.and_then(|c| c.not_before).map(|m| m.unix_s),
            leaf: of.is_some_and(|c| !c.is_ca()),
        };
        let label = if count == 1 {
            name.clone()
        } else {
            format!("{name}, {count} certificates")
        };
        out.push(choice(None, label, first));
        if count > 1 {
            for (i, c) in all.iter().enumerate() {
                let label = format!("{name}: {}", words::visible(&c.title()));
                out.push(choice(Some(i), label, Some(c)));
            }
        }
    }
    out
}

fn host_names(c: &Certificate) -> Vec<String> {
    let names = c.extensions.dns_names().map(str::to_ascii_lowercase);
    let common = c.subject.common_names().map(str::to_ascii_lowercase);
    names.chain(common).collect()
}

/// The pair that looks like old and renewed: two files with a leaf that share a name, the one that
/// begins earlier first; else the first two files.
#[must_use]
pub fn suggest(choices: &[Choice]) -> (Option<Pick>, Option<Pick>) {
    let whole: Vec<&Choice> = choices
        .iter()
        .filter(|c| c.pick.certificate.is_none())
        .collect();
    for (i, a) in whole.iter().enumerate() {
        let mate = whole
            .iter()
            .skip(i + 1)
            .find(|b| a.leaf == b.leaf && a.names.iter().any(|n| b.names.contains(n)));
        if let Some(b) = mate {
            return if b.from < a.from {
                (Some(b.pick), Some(a.pick))
            } else {
                (Some(a.pick), Some(b.pick))
            };
        }
    }
    let mut leaves = whole.iter().filter(|c| c.leaf);
    let first = leaves.next().or(whole.first());
    (first.map(|c| c.pick), leaves.next().map(|c| c.pick))
}

/// The side that a pick stands for.
#[must_use]
pub fn side(seen: &CertificatesSeen, pick: Pick) -> Option<(String, CompareSide<'_>)> {
    let (_, file) = files(seen).find(|(input, _)| *input == pick.input)?;
    let name = words::visible(&file.name);
    match pick.certificate {
        None => Some((name, CompareSide::file(file))),
        Some(i) => {
            let certificate = file.certificates().nth(i)?;
            let label = format!("{name}: {}", words::visible(&certificate.title()));
            let side = CompareSide {
                certificates: vec![certificate],
                file: None,
            };
            Some((label, side))
        }
    }
}
