//! What would bring a certificate under a number of bytes.
//!
//! In: a certificate and a limit, or all that a server sends. Out: [`Reduction`]s, each with the bytes
//! that remain: every variant is really encoded, read again and measured. The signature is taken as
//! long as it is (an ECDSA signature varies by one or two bytes).

use super::certificate::Certificate;
use super::chain::chain;
use super::names::AltName;
use super::rebuild;
use super::size_map::SizeNode;
use super::tlv::{element_bytes, header_bytes};

/// A change and its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Id: `fewer_names`, `no_extension`, `ecdsa_key`, `together`; for the chain `no_root`,
    /// `no_extra`.
    pub id: &'static str,
    /// What to change.
    pub what: String,
    /// Bytes saved.
    pub saves_bytes: usize,
    /// Bytes of the certificate afterwards.
    pub left_bytes: usize,
    /// It is within the limit then.
    pub fits: bool,
    /// Names that remain, for fewer names.
    pub names: Option<usize>,
    /// It is about all certificates that are sent, not about the leaf.
    pub of_chain: bool,
}

/// The first names of subjectAltName, as many as fit into `limit` bytes of DER; `None` without that
/// extension, or when not one name fits.
#[must_use]
pub fn names_that_fit(certificate: &Certificate, limit: usize) -> Option<usize> {
    let names = certificate.extensions.alt_names.as_ref()?;
    let fits = |keep: usize| size_with_names(certificate, keep).is_some_and(|n| n <= limit);
    // More names are never smaller, so the border is found by halving.
    let (mut low, mut high) = (0, names.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    (low > 0).then_some(low)
}

/// Bytes of the certificate with only the first `keep` names; exact.
#[must_use]
pub fn size_with_names(certificate: &Certificate, keep: usize) -> Option<usize> {
    let names = certificate.extensions.alt_names.as_ref()?;
    let tree = certificate.size_tree();
    let extension = tree.find("subject_alt_name")?;
    if keep >= names.len() {
        return Some(certificate.der_bytes());
    }
    // Sizes of the entries stand in the map, also those of kinds that are not decoded.
    let entries: Vec<usize> = extension.children.iter().skip(1).map(|c| c.bytes).collect();
    let list: usize = if entries.is_empty() {
        names
            .iter()
            .take(keep)
            .map(AltName::bytes)
            .sum::<Option<usize>>()?
    } else {
        entries.iter().take(keep).sum()
    };
    let critical = certificate
        .extensions
        .list
        .iter()
        .any(|e| e.name == "subject_alt_name" && e.critical);
    // OID 2.5.29.17 takes 5 bytes, a BOOLEAN 3.
    let new = element_bytes(5 + if critical { 3 } else { 0 } + element_bytes(element_bytes(list)));
    Some(resized(certificate, extension.bytes, new))
}

/// Bytes of the certificate when one extension shrinks from `old` to `new` bytes (0 = left out).
fn resized(certificate: &Certificate, old: usize, new: usize) -> usize {
    let tree = certificate.size_tree();
    let bytes = |name: &str| tree.find(name).map_or(0, |n| n.bytes);
    let extensions = bytes("extensions");
    // Contents without the header of the list and of its explicit tag.
    let inside = tree
        .find("extensions")
        .and_then(|e| e.children.first())
        .map_or(0, |header| extensions - header.bytes);
    let list = inside - old + new;
    let new_extensions = if list == 0 {
        0
    } else {
        element_bytes(element_bytes(list))
    };
    let tbs = bytes("tbs_certificate");
    let tbs_content = tbs
        - tree
            .find("tbs_certificate")
            .and_then(|t| t.children.first())
            .map_or(0, |h| h.bytes);
    let new_tbs = element_bytes(tbs_content - extensions + new_extensions);
    let outer = certificate.der_bytes();
    let content = outer - header_bytes_of(tree);
    element_bytes(content - tbs + new_tbs)
}

fn header_bytes_of(tree: &SizeNode) -> usize {
    tree.children
        .first()
        .map_or_else(|| header_bytes(tree.bytes), |h| h.bytes)
}

/// Extensions that a server certificate can do without, with what is lost.
const SPARE: [(&str, &str); 5] = [
    ("certificate_policies", "certificate policies"),
    (
        "signed_certificate_timestamps",
        "certificate timestamps, which browsers ask for",
    ),
    ("crl_distribution_points", "CRL distribution points"),
    ("authority_info_access", "authority information access"),
    ("netscape_comment", "the Netscape comment"),
];

/// A variant that was built and read again.
fn measured(der: &[u8]) -> Option<usize> {
    let read = Certificate::read(der)?;
    (read.der_bytes() == der.len()).then_some(der.len())
}

/// Changes that would make a certificate smaller, largest saving first. Each variant is built, read
/// again and measured.
#[must_use]
pub fn reductions(certificate: &Certificate, limit: usize) -> Vec<Reduction> {
    let now = certificate.der_bytes();
    let mut out = Vec::new();
    let mut push = |id, what: String, built: Option<Vec<u8>>, names| {
        let left = built.as_deref().and_then(measured).filter(|n| *n < now);
        if let Some(left) = left {
            out.push(Reduction {
                id,
                what,
                saves_bytes: now - left,
                left_bytes: left,
                fits: left <= limit,
                names,
                of_chain: false,
            });
        }
    };
    let der = &certificate.der;
    // Without what nobody on the device reads, a key as small as any.
    let mut lean = der.clone();
    let mut steps: Vec<String> = Vec::new();
    for (name, words) in SPARE {
        if let Some(built) = rebuild::without_extension(der, name) {
            push(
                "no_extension",
                format!("without {words}"),
                Some(built),
                None,
            );
        }
        if let Some(built) = rebuild::without_extension(&lean, name) {
            lean = built;
            steps.push(format!("without {words}"));
        }
    }
    if let Some(key) = certificate.key.as_ref().filter(|k| k.kind == "RSA") {
        push(
            "ecdsa_key",
            format!("a key on secp256r1 instead of RSA {}", key.bits),
            rebuild::with_p256_key(der),
            None,
        );
        if let Some(built) = rebuild::with_p256_key(&lean) {
            lean = built;
            steps.push("a key on secp256r1".into());
        }
    }
    let others = match steps.as_slice() {
        [one] => one.clone(),
        _ => "all of the other changes together".into(),
    };
    let names = certificate
        .extensions
        .alt_names
        .as_ref()
        .map_or(0, Vec::len);
    if names > 1 {
        let keep = names_that_fit(certificate, limit).unwrap_or(1);
        push(
            "fewer_names",
            format!("{keep} names instead of {names}"),
            rebuild::with_names(der, keep),
            Some(keep),
        );
    }
    if steps.len() > 1 {
        push(
            "together",
            format!("{others}, with all names"),
            Some(lean.clone()),
            None,
        );
    }
    // When the other changes are made, more names fit.
    if !steps.is_empty()
        && names > 1
        && let Some(small) = Certificate::read(&lean).filter(|c| c.der_bytes() > limit)
        && let Some(keep) = names_that_fit(&small, limit)
    {
        push(
            "together",
            format!("{others}, with {keep} names"),
            rebuild::with_names(&lean, keep),
            Some(keep),
        );
    }
    out.sort_by_key(|r| std::cmp::Reverse(r.saves_bytes));
    out
}

/// What would shorten what a server sends: certificates that need not be sent. `limit` is for all of
/// them together.
#[must_use]
pub fn chain_reductions(sent: &[&Certificate], limit: usize) -> Vec<Reduction> {
    let Some(found) = chain(sent) else {
        return Vec::new();
    };
    let now: usize = sent.iter().map(|c| c.der_bytes()).sum();
    let size = |i: &usize| sent.get(*i).map_or(0, |c| c.der_bytes());
    let mut out = Vec::new();
    let mut push = |id, what: String, saves: usize| {
        if saves > 0 {
            out.push(Reduction {
                id,
                what,
                saves_bytes: saves,
                left_bytes: now - saves,
                fits: now - saves <= limit,
                names: None,
                of_chain: true,
            });
        }
    };
    let extra: usize = found.extra.iter().map(size).sum();
    if extra > 0 {
        let what = match found.extra.len() {
            1 => "without the certificate that is not part of the path".to_owned(),
            n => format!("without the {n} certificates that are not part of the path"),
        };
        push("no_extra", what, extra);
    }
    let root = found
        .found
        .last()
        .filter(|_| found.ends_in_root && found.found.len() > 1);
    if let Some(root) = root {
        push(
            "no_root",
            "without the root: the device has its own".into(),
            size(root),
        );
    }
    out
}
