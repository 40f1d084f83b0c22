//! Everything about the certificates at hand at once, for window and command line alike.
//!
//! In: files, trusted certificates, a device profile, a host, a time. Out: [`Inspection`]. The chain
//! that a server sends is taken to be the file that holds the leaf; other files are at hand.

mod statements;
mod stored;
mod strict;

use super::certificate::Certificate;
use super::chain::{Chain, ChainOrder, Strand, chain_and_strands};
use super::file::{CertFile, Content};
use super::fit::Fit;
use super::lint::Profile;
use super::name_check::{NameCheck, name_checks};
use super::pairs::{Pair, pairs};
use super::path::{PathCheck, StrictPath, check_path};
use super::problem::Severity;
use super::reduce::{Reduction, chain_reductions, reductions};
use crate::device::{DeviceProfile, LimitKind};

/// Leaves whose way up is looked for: a folder may hold the certificates of a whole fleet.
const MOST_STRANDS: usize = 5_000;

/// What is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// Files that hold what the device trusts (`--ca`).
    pub trusted: &'a [CertFile],
    /// Device whose limits count.
    pub profile: Option<&'a DeviceProfile>,
    /// Host or address that the device asks for.
    pub host: Option<&'a str>,
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
}

/// An issuer that the path needs and the server does not send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSent {
    /// Its name.
    pub name: String,
    /// Index into the certificates, where it is at hand.
    pub at_hand: Option<usize>,
    /// Where it could be had.
    pub from: Vec<String>,
}

/// A true statement worth showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Id, as in the catalogue of findings where it stands there.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub sentence: String,
    /// Index into the certificates it is about.
    pub certificate: Option<usize>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Inspection<'a> {
    /// All certificates: file, object, certificate. Numbers elsewhere are indices into this.
    pub certificates: Vec<(usize, usize, &'a Certificate)>,
    /// Certificates of the trusted files; they follow those above in the numbering.
    pub trusted: Vec<&'a Certificate>,
    /// Chain over everything at hand.
    pub chain: Option<Chain>,
    /// The way up from every leaf at hand, the one of `chain` included.
    pub strands: Vec<Strand>,
    /// What the server sends: the file that holds the leaf, in its order.
    pub sent: Vec<usize>,
    /// How the order of `sent` stands to the path.
    pub order: ChainOrder,
    /// Sent, and not needed by the path.
    pub extra: Vec<usize>,
    /// Needed by the path, and not sent (a root need not be).
    pub missing: Vec<NotSent>,
    /// Keys and requests with their certificates.
    pub pairs: Vec<Pair>,
    /// The host as each stack decides; empty without a host.
    pub names: Vec<NameCheck>,
    /// Limits of the device.
    pub fit: Vec<Fit>,
    /// What would bring the leaf under the device's limit; empty when it fits or none is known.
    pub reductions: Vec<Reduction>,
    /// The path by rustls-webpki.
    pub path: PathCheck,
    /// The path by the strict engine, for each of its profiles; empty where nothing is trusted.
    pub strict: Vec<(Profile, StrictPath)>,
    /// Statements.
    pub statements: Vec<Statement>,
}

impl<'a> Inspection<'a> {
    /// Inspects `files`.
    #[must_use]
    pub fn of(files: &'a [CertFile], question: &Question<'a>) -> Self {
        let certificates: Vec<(usize, usize, &Certificate)> = files
            .iter()
            .enumerate()
            .flat_map(|(f, file)| {
                file.objects
                    .iter()
                    .enumerate()
                    .filter_map(move |(o, object)| match &object.content {
                        Content::Certificate(c) => Some((f, o, &**c)),
                        _ => None,
                    })
            })
            .collect();
        let trusted: Vec<&Certificate> = question
            .trusted
            .iter()
            .flat_map(CertFile::certificates)
            .collect();
        let pool: Vec<&Certificate> = certificates
            .iter()
            .map(|(_, _, c)| *c)
            .chain(trusted.iter().copied())
            .collect();
        let (found, strands) = chain_and_strands(&pool, MOST_STRANDS);
        let mut out = Self {
            certificates,
            trusted,
            chain: None,
            strands,
            sent: Vec::new(),
            order: ChainOrder::Single,
            extra: Vec::new(),
            missing: Vec::new(),
            pairs: pairs(files),
            names: Vec::new(),
            fit: Vec::new(),
            reductions: Vec::new(),
            path: PathCheck::NotChecked("There is no certificate.".into()),
            strict: Vec::new(),
            statements: Vec::new(),
        };
        if let Some(found) = found {
            out.follow(&found, &pool);
            out.chain = Some(found);
        }
        out.judge(files, question, &pool);
        out
    }

    /// The leaf.
    #[must_use]
    pub fn leaf(&self) -> Option<&'a Certificate> {
        let first = *self.chain.as_ref()?.found.first()?;
        self.certificate(first)
    }

    /// The certificate of this number, trusted ones included.
    #[must_use]
    pub fn certificate(&self, index: usize) -> Option<&'a Certificate> {
        match self.certificates.get(index) {
            Some((_, _, certificate)) => Some(certificate),
            None => self.trusted.get(index - self.certificates.len()).copied(),
        }
    }

    /// DER sizes of what is sent, in bytes.
    #[must_use]
    pub fn sent_bytes(&self) -> Vec<usize> {
        self.sent
            .iter()
            .filter_map(|i| self.certificate(*i))
            .map(Certificate::der_bytes)
            .collect()
    }

    fn follow(&mut self, found: &Chain, pool: &[&Certificate]) {
        let Some(leaf) = found.found.first().copied() else {
            return;
        };
        let file = self.certificates.get(leaf).map(|(f, _, _)| *f);
        self.sent = (0..self.certificates.len())
            .filter(|i| self.certificates.get(*i).map(|(f, _, _)| *f) == file)
            .collect();
        self.extra = self
            .sent
            .iter()
            .copied()
            .filter(|i| !found.found.contains(i))
            .collect();
        self.order = if self.sent.len() < 2 {
            ChainOrder::Single
        } else if found.found.starts_with(&self.sent) {
            ChainOrder::Right
        } else if self.sent.iter().filter(|i| found.found.contains(i)).count() > 1
            || !found.duplicates.is_empty()
        {
            ChainOrder::Wrong
        } else {
            ChainOrder::Unrelated
        };
        for (place, index) in found.found.iter().enumerate().skip(1) {
            let Some(issuer) = pool.get(*index) else {
                continue;
            };
            if self.sent.contains(index) || issuer.self_issued() {
                continue;
            }
            let below = found.found.get(place - 1).and_then(|i| pool.get(*i));
            self.missing.push(NotSent {
                name: issuer.subject.text(),
                at_hand: Some(*index),
                from: below.map_or_else(Vec::new, |c| c.extensions.ca_issuers.clone()),
            });
        }
        // The issuer of an intermediate may be the root, which the device has. The issuer of the
        // leaf rarely is.
        if let Some(missing) = &found.missing
            && found.found.len() == 1
        {
            self.missing.push(NotSent {
                name: missing.name.clone(),
                at_hand: None,
                from: missing.from.clone(),
            });
        }
    }

    fn judge(&mut self, files: &[CertFile], question: &Question<'a>, pool: &[&Certificate]) {
        let Some(leaf) = self.leaf() else {
            return;
        };
        if let Some(host) = question.host {
            self.names = name_checks(leaf, host);
        }
        let others: Vec<&Certificate> = pool.iter().copied().filter(|c| *c != leaf).collect();
        self.path = check_path(
            leaf,
            &others,
            &self.trusted,
            question.at_unix_s,
            question.host,
        );
        self.check_strictly(files, question, leaf, &others);
        if let Some(profile) = question.profile {
            let sent: Vec<&Certificate> = self
                .sent
                .iter()
                .filter_map(|i| self.certificate(*i))
                .collect();
            self.fit = self.fit_of(files, question.trusted, profile);
            let limit = profile
                .limits_of(LimitKind::PeerCertificateBytes)
                .filter_map(|l| l.at_most.first())
                .min()
                .and_then(|n| usize::try_from(*n).ok());
            if let Some(limit) = limit.filter(|n| leaf.der_bytes() > *n) {
                self.reductions = reductions(leaf, limit);
            }
            let of_all = profile
                .limits_of(LimitKind::PeerChainBytes)
                .filter_map(|l| l.at_most.first())
                .min()
                .and_then(|n| usize::try_from(*n).ok());
            let all: usize = sent.iter().map(|c| c.der_bytes()).sum();
            if let Some(limit) = of_all.filter(|n| all > *n) {
                self.reductions.extend(chain_reductions(&sent, limit));
                // The leaf's share of the limit: what the others leave.
                if self.reductions.iter().all(|r| r.of_chain) {
                    let rest = all - leaf.der_bytes();
                    let share = limit.saturating_sub(rest);
                    self.reductions.extend(reductions(leaf, share));
                }
            }
        }
        self.state(question);
    }
}
