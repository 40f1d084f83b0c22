//! What would bring a certificate under a number of bytes.
//!
//! In: a certificate and a limit. Out: [`Reduction`]s, each with the bytes that remain: sizes are
//! those of the re-encoded certificate, with every length field that shrinks on the way. The
//! signature is taken as long as it is (an ECDSA signature varies by one or two bytes).

use super::certificate::Certificate;
use super::names::AltName;
use super::size_map::SizeNode;
use super::tlv::{element_bytes, header_bytes};

/// A change and its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Id: `fewer_names`, `no_extension`, `ecdsa_key`.
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
    let tree = &certificate.size_tree;
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
    let tree = &certificate.size_tree;
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

/// Changes that would make a certificate smaller, largest saving first.
#[must_use]
pub fn reductions(certificate: &Certificate, limit: usize) -> Vec<Reduction> {
    let now = certificate.der_bytes();
    let mut out = Vec::new();
    let mut push = |id, what: String, left: usize, names| {
        if left < now {
            out.push(Reduction {
                id,
                what,
                saves_bytes: now - left,
                left_bytes: left,
                fits: left <= limit,
                names,
            });
        }
    };
    if let Some(names) = &certificate.extensions.alt_names
        && names.len() > 1
    {
        let keep = names_that_fit(certificate, limit).unwrap_or(1);
        if let Some(left) = size_with_names(certificate, keep).filter(|_| keep < names.len()) {
            push(
                "fewer_names",
                format!("{keep} names instead of {}", names.len()),
                left,
                Some(keep),
            );
        }
    }
    for extension in &certificate.extensions.list {
        if matches!(
            extension.name.as_str(),
            "certificate_policies"
                | "signed_certificate_timestamps"
                | "crl_distribution_points"
                | "authority_info_access"
                | "netscape_comment"
        ) {
            push(
                "no_extension",
                format!("without the extension {}", extension.name),
                resized(certificate, extension.bytes, 0),
                None,
            );
        }
    }
    if let Some(key) = certificate.key.as_ref().filter(|k| k.kind == "RSA") {
        // A P-256 SubjectPublicKeyInfo has 91 bytes (RFC 5480).
        let old = certificate
            .size_tree
            .find("public_key")
            .map_or(0, |n| n.bytes);
        if old > 91 {
            let tree = &certificate.size_tree;
            let tbs = tree.find("tbs_certificate").map_or(0, |n| n.bytes);
            let header = tree
                .find("tbs_certificate")
                .and_then(|t| t.children.first())
                .map_or(0, |h| h.bytes);
            let new_tbs = element_bytes(tbs - header - old + 91);
            let left = element_bytes(now - header_bytes_of(tree) - tbs + new_tbs);
            push(
                "ecdsa_key",
                format!("a key on secp256r1 instead of RSA {}", key.bits),
                left,
                None,
            );
        }
    }
    out.sort_by_key(|r| std::cmp::Reverse(r.saves_bytes));
    out
}
