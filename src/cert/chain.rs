//! The chain from a heap of certificates.
//!
//! In: certificates in the order of the file or of the wire, and those that are trusted. Out:
//! [`Chain`]: the leaf, the path from it, what is missing, what is not needed, whether the order is
//! the one that TLS asks for. Links are names (RFC 5280 section 6.1), key identifiers and
//! signatures, as far as they can be checked. Must not judge dates, names of hosts or devices.

use std::collections::{HashMap, HashSet};

use super::certificate::Certificate;
use super::signature::{SignatureCheck, check_signature};

/// Longer paths are not followed.
const LONGEST: usize = 32;
/// Certificates of one name whose signature is tried for a link.
const MOST_ISSUERS: usize = 64;
/// Certificates of one issuer that are looked at to tell whether it issued any.
const MOST_CHILDREN: usize = 1_000;

/// How the order of the certificates stands to RFC 5246 section 7.4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainOrder {
    /// One certificate, or none.
    Single,
    /// Each certificate is followed by its issuer.
    Right,
    /// A path is there, in another order or with others in between.
    Wrong,
    /// No two of them belong together.
    Unrelated,
}

impl ChainOrder {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unrelated => "unrelated",
        }
    }
}

/// The issuer that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name (RFC 4514).
    pub name: String,
    /// Where it could be had (authorityInfoAccess); nothing is fetched.
    pub from: Vec<String>,
    /// It issued this one: index into the certificates.
    pub issuer_of: usize,
}

/// What a heap of certificates makes. Numbers are indices into the certificates given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The path: leaf first, each followed by its issuer.
    pub found: Vec<usize>,
    /// The signature of each link of the path; one shorter than `found`.
    pub links: Vec<SignatureCheck>,
    /// The path ends in a self-signed certificate.
    pub ends_in_root: bool,
    /// The issuer that would continue it.
    pub missing: Option<Missing>,
    /// Certificates that the path does not need.
    pub extra: Vec<usize>,
    /// Certificates that are there twice: the later ones.
    pub duplicates: Vec<usize>,
    /// Other issuers that would fit a link: cross-signed alternatives.
    pub alternatives: Vec<usize>,
    /// The order.
    pub order: ChainOrder,
}

/// Could `issuer` have issued `child`, by names and key identifiers?
#[must_use]
pub fn could_issue(issuer: &Certificate, child: &Certificate) -> bool {
    if issuer.subject.der.is_empty() || issuer.subject.der != child.issuer.der {
        return false;
    }
    match (
        &issuer.extensions.subject_key_id,
        &child.extensions.authority_key_id,
    ) {
        (Some(own), Some(wanted)) => own == wanted,
        _ => true,
    }
}

/// The way up from one leaf. Numbers are indices into the certificates given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// Leaf first, each followed by its issuer.
    pub found: Vec<usize>,
    /// The signature of each link; one shorter than `found`.
    pub links: Vec<SignatureCheck>,
    /// It ends in a self-signed certificate.
    pub ends_in_root: bool,
    /// The issuer that would continue it.
    pub missing: Option<Missing>,
    /// Other issuers that would fit a link.
    pub alternatives: Vec<usize>,
}

/// Finds the chain. `None` where there is no certificate.
#[must_use]
pub fn chain(certificates: &[&Certificate]) -> Option<Chain> {
    let heap = Heap::of(certificates);
    let leaves = heap.leaves();
    heap.chain(&leaves)
}

/// The chain, and the way up from each certificate that issued no other one here, in the order
/// given; at most `most` of them. CAs count only where nothing else does.
#[must_use]
pub fn chain_and_strands(
    certificates: &[&Certificate],
    most: usize,
) -> (Option<Chain>, Vec<Strand>) {
    let heap = Heap::of(certificates);
    let mut leaves = heap.leaves();
    let chain = heap.chain(&leaves);
    if leaves.iter().any(|i| !certificates[*i].is_ca()) {
        leaves.retain(|i| !certificates[*i].is_ca());
    }
    leaves.truncate(most);
    let strands = leaves.into_iter().map(|leaf| heap.strand(leaf)).collect();
    (chain, strands)
}
/// Certificates without their doubles, by the names that link them.
struct Heap<'a> {
    certificates: &'a [&'a Certificate],
    unique: Vec<usize>,
    duplicates: Vec<usize>,
    by_subject: HashMap<&'a [u8], Vec<usize>>,
    by_issuer: HashMap<&'a [u8], Vec<usize>>,
}

impl<'a> Heap<'a> {
    fn of(certificates: &'a [&'a Certificate]) -> Self {
        let mut seen: HashSet<&str> = HashSet::new();
        let (unique, duplicates): (Vec<usize>, Vec<usize>) =
            (0..certificates.len()).partition(|i| seen.insert(certificates[*i].sha256.as_str()));
        let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::new();
        let mut by_issuer: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for i in &unique {
            let certificate = certificates[*i];
            by_subject
                .entry(&certificate.subject.der)
                .or_default()
                .push(*i);
            by_issuer
                .entry(&certificate.issuer.der)
                .or_default()
                .push(*i);
        }
        Self {
            certificates,
            unique,
            duplicates,
            by_subject,
            by_issuer,
        }
    }

    fn issues_another(&self, i: usize) -> bool {
        let issuer = self.certificates[i];
        self.by_issuer
            .get(issuer.subject.der.as_slice())
            .into_iter()
            .flatten()
            .take(MOST_CHILDREN)
            .any(|j| {
                let child = self.certificates[*j];
                *j != i
                    && !child.self_issued()
                    && could_issue(issuer, child)
                    // Two leaves may bear one name: what is no CA must have signed indeed.
                    && (issuer.is_ca() || check_signature(child, issuer) == SignatureCheck::Good)
            })
    }

    /// Certificates that issued no other one here; all, where each did.
    fn leaves(&self) -> Vec<usize> {
        let leaves: Vec<usize> = self
            .unique
            .iter()
            .copied()
            .filter(|i| !self.issues_another(*i))
            .collect();
        if leaves.is_empty() {
            self.unique.clone()
        } else {
            leaves
        }
    }

    /// The chain from one of the leaves: the first that is no CA, and rather one with an issuer
    /// than a self-signed one.
    fn chain(&self, leaves: &[usize]) -> Option<Chain> {
        let leaf = leaves.iter().copied().min_by_key(|i| {
            let certificate = self.certificates[*i];
            (certificate.is_ca(), certificate.self_issued(), *i)
        })?;
        let strand = self.strand(leaf);
        let count = self.certificates.len();
        let extra: Vec<usize> = (0..count).filter(|i| !strand.found.contains(i)).collect();
        let order = if count < 2 {
            ChainOrder::Single
        } else if strand.found.iter().copied().eq(0..count) {
            ChainOrder::Right
        } else if strand.found.len() > 1 || !self.duplicates.is_empty() {
            ChainOrder::Wrong
        } else {
            ChainOrder::Unrelated
        };
        Some(Chain {
            found: strand.found,
            links: strand.links,
            ends_in_root: strand.ends_in_root,
            missing: strand.missing,
            extra,
            duplicates: self.duplicates.clone(),
            alternatives: strand.alternatives,
            order,
        })
    }

    /// Issuers that fit `at` and are not in `found`, the best first.
    fn issuers(&self, at: &Certificate, found: &[usize]) -> Vec<(u8, usize, SignatureCheck)> {
        let mut fit: Vec<(u8, usize, SignatureCheck)> = self
            .by_subject
            .get(at.issuer.der.as_slice())
            .into_iter()
            .flatten()
            .filter(|i| !found.contains(i))
            .filter(|i| could_issue(self.certificates[**i], at))
            .take(MOST_ISSUERS)
            .map(|i| {
                let check = check_signature(at, self.certificates[*i]);
                let rank = match check {
                    SignatureCheck::Good => 0,
                    SignatureCheck::NotChecked(_) => 1,
                    SignatureCheck::Bad => 2,
                };
                (rank, *i, check)
            })
            .collect();
        fit.sort_by_key(|(rank, i, _)| (*rank, *i));
        fit
    }

    fn strand(&self, leaf: usize) -> Strand {
        let mut found = vec![leaf];
        let mut links = Vec::new();
        let mut alternatives = Vec::new();
        let mut at = self.certificates[leaf];
        while !at.self_issued() && found.len() < LONGEST {
            let mut next = self.issuers(at, &found).into_iter();
            let Some((_, issuer, check)) = next.next() else {
                break;
            };
            alternatives.extend(next.filter(|(rank, ..)| *rank < 2).map(|(_, i, _)| i));
            found.push(issuer);
            links.push(check);
            at = self.certificates[issuer];
        }
        let ends_in_root = at.self_issued();
        let missing = (!ends_in_root).then(|| Missing {
            name: at.issuer.text(),
            from: at.extensions.ca_issuers.clone(),
            issuer_of: found.last().copied().unwrap_or(leaf),
        });
        Strand {
            found,
            links,
            ends_in_root,
            missing,
            alternatives,
        }
    }
}
