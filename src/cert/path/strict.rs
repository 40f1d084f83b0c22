//! The strict path check: RFC 5280 section 6 to the letter, or as the CA/Browser Forum narrows it.
//!
//! In: a leaf, what lies around, what is trusted, a time, a host. Out: [`StrictPath`]: the verdict,
//! the path, and for a refusal the rule with its source. Every certificate of the path, the trusted
//! one included, is held against the lints that the profile refuses. Devices are laxer: this says
//! whether a chain is beyond reproach, not whether one device takes it.

use super::PathCheck;
use super::rules::{Refusal, judge};
use crate::cert::certificate::Certificate;
use crate::cert::chain::could_issue;
use crate::cert::crl::Crl;
use crate::cert::lint::Profile;
use crate::cert::signature::{SignatureCheck, check_signature};

/// The engine, as shown.
pub const STRICT_ENGINE: &str = "Handlens strict";

/// Longer paths are not followed.
const LONGEST: usize = 20;
/// Signature checks for one question: cross-signed CAs can form more paths than can be walked.
const MOST_SIGNATURES: usize = 256;

/// What the leaf is to be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathUse {
    /// A TLS server.
    #[default]
    Server,
    /// A TLS client.
    Client,
}

/// The question.
#[derive(Clone, Copy, Debug)]
pub struct StrictQuestion<'a> {
    /// The leaf.
    pub leaf: &'a Certificate,
    /// Certificates that a path may go through.
    pub others: &'a [&'a Certificate],
    /// Certificates that it must end at.
    pub trusted: &'a [&'a Certificate],
    /// Revocation lists at hand.
    pub crls: &'a [&'a Crl],
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
    /// Host or address that the leaf must be for.
    pub host: Option<&'a str>,
    /// Use.
    pub usage: PathUse,
    /// Rules.
    pub profile: Profile,
    /// At most so many certificates between leaf and trusted one, self-issued ones not counted.
    pub most_between: Option<usize>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictPath {
    /// The verdict.
    pub check: PathCheck,
    /// Id of the lint, or of the rule of this engine, that refuses.
    pub rule: Option<String>,
    /// Titles of the path that was accepted, or got furthest: leaf first.
    pub path: Vec<String>,
}

/// Asks whether the leaf can be trusted.
#[must_use]
pub fn check_strictly(question: &StrictQuestion<'_>) -> StrictPath {
    let alone = || vec![question.leaf.title()];
    if question.trusted.is_empty() {
        return StrictPath {
            check: PathCheck::NotChecked("No trusted certificate was given.".into()),
            rule: None,
            path: alone(),
        };
    }
    let mut search = Search {
        question,
        signatures: 0,
        exhausted: false,
        not_checked: None,
        best: None,
        bad_signature: false,
    };
    let mut path = vec![question.leaf];
    if search.follow(&mut path) {
        return StrictPath {
            check: search
                .not_checked
                .map_or(PathCheck::Verified, PathCheck::NotChecked),
            rule: None,
            path: path.iter().map(|c| c.title()).collect(),
        };
    }
    let (refusal, path) = if let Some(best) = search.best {
        best
    } else if search.exhausted {
        (
            Refusal::new(
                "path.limit",
                format!(
                    "refused: limit of {MOST_SIGNATURES} signature checks; the certificates form too many paths"
                ),
            ),
            alone(),
        )
    } else if search.bad_signature {
        (
            Refusal::new("path.signature", "the signature is not of the issuer's key"),
            alone(),
        )
    } else {
        (
            Refusal::new("path.issuer", "no trusted certificate issued it"),
            alone(),
        )
    };
    StrictPath {
        check: PathCheck::Refused(refusal.why),
        rule: Some(refusal.rule),
        path,
    }
}

struct Search<'q, 'a> {
    question: &'q StrictQuestion<'a>,
    signatures: usize,
    exhausted: bool,
    /// A link of the path could not be checked.
    not_checked: Option<String>,
    /// The first path that reached a trusted certificate and was refused.
    best: Option<(Refusal, Vec<String>)>,
    bad_signature: bool,
}

impl<'a> Search<'_, 'a> {
    /// Goes on from the last of `path`; true when a whole path is accepted, which is then `path`.
    fn follow(&mut self, path: &mut Vec<&'a Certificate>) -> bool {
        let Some(at) = path.last().copied() else {
            return false;
        };
        let question = self.question;
        if question.trusted.iter().any(|t| t.sha256 == at.sha256) {
            return self.accept(path);
        }
        if path.len() >= LONGEST {
            return false;
        }
        let mut tried: Vec<&str> = Vec::new();
        for issuer in question.trusted.iter().chain(question.others) {
            if tried.contains(&issuer.sha256.as_str())
                || !could_issue(issuer, at)
                || path.iter().any(|c| same_entity(c, issuer))
            {
                continue;
            }
            tried.push(&issuer.sha256);
            if self.signatures >= MOST_SIGNATURES {
                self.exhausted = true;
                return false;
            }
            self.signatures += 1;
            let before = self.not_checked.clone();
            match check_signature(at, issuer) {
                SignatureCheck::Bad => {
                    self.bad_signature = true;
                    continue;
                }
                SignatureCheck::NotChecked(why) => self.not_checked = Some(why),
                SignatureCheck::Good => {}
            }
            path.push(issuer);
            if self.follow(path) {
                return true;
            }
            path.pop();
            self.not_checked = before;
        }
        false
    }

    fn accept(&mut self, path: &[&'a Certificate]) -> bool {
        match judge(self.question, path) {
            Ok(()) => true,
            Err(refusal) => {
                if self.best.is_none() {
                    self.best = Some((refusal, path.iter().map(|c| c.title()).collect()));
                }
                false
            }
        }
    }
}

/// The same subject with the same key and names, whoever signed it: a path through both is a cycle.
fn same_entity(a: &Certificate, b: &Certificate) -> bool {
    a.sha256 == b.sha256
        || a.subject.der == b.subject.der
            && a.key.as_ref().map(|k| &k.spki_sha256) == b.key.as_ref().map(|k| &k.spki_sha256)
            && a.extensions.alt_names == b.extensions.alt_names
}
