//! Everything about the certificates at hand at once, for window and command line alike.
//!
//! In: files, trusted certificates, a device profile, a host, a time. Out: [`Inspection`]. The chain
//! that a server sends is taken to be the file that holds the leaf; other files are at hand.

use super::certificate::Certificate;
use super::chain::{Chain, ChainOrder, Strand, chain, strands};
use super::crl::Crl;
use super::dates::{Validity, validity, validity_32_bit};
use super::file::{CertFile, Content};
use super::fit::{Fit, fit};
use super::lint::Profile;
use super::name_check::{NameCheck, NameVerdict, name_checks};
use super::pairs::{Pair, pairs};
use super::path::{PathCheck, PathUse, StrictPath, StrictQuestion, check_path, check_strictly};
use super::problem::Severity;
use super::reduce::{Reduction, chain_reductions, reductions};
use super::signature::SignatureCheck;
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
        let found = chain(&pool);
        let mut out = Self {
            certificates,
            trusted,
            chain: None,
            strands: strands(&pool, MOST_STRANDS),
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

    /// With its private key at hand the chain is the device's own.
    fn is_own(&self) -> bool {
        let leaf = self
            .chain
            .as_ref()
            .and_then(|c| c.found.first())
            .and_then(|i| self.certificates.get(*i))
            .map(|(f, o, _)| (*f, *o));
        self.pairs
            .iter()
            .any(|p| p.kind == "private_key" && leaf.is_some_and(|l| p.certificates.contains(&l)))
    }

    /// May this file lie on the device? What holds a server's certificate does not: one that is no
    /// CA, has no private key here and may not only act as a client (RFC 5280 section 4.2.1.12).
    fn may_be_stored(&self, index: usize, file: &CertFile) -> bool {
        let paired = self
            .pairs
            .iter()
            .any(|p| p.kind == "private_key" && p.certificates.iter().any(|(f, _)| *f == index));
        let client_only = |c: &Certificate| {
            let uses = c.extensions.ext_key_usage.as_ref();
            uses.is_some_and(|u| {
                u.iter().any(|u| u == "clientAuth")
                    && !u
                        .iter()
                        .any(|u| u == "serverAuth" || u == "anyExtendedKeyUsage")
            })
        };
        paired || !file.certificates().any(|c| !c.is_ca() && !client_only(c))
    }

    /// Every limit of a device against what is sent and what may lie on the device: its own chain,
    /// keys and files of CAs.
    #[must_use]
    pub fn fit_of(
        &self,
        files: &[CertFile],
        trusted: &[CertFile],
        profile: &DeviceProfile,
    ) -> Vec<Fit> {
        let sent: Vec<&Certificate> = self
            .sent
            .iter()
            .filter_map(|i| self.certificate(*i))
            .collect();
        let own = self.is_own();
        let first = self.sent.first().and_then(|i| self.certificates.get(*i));
        let of_server = first.map(|(file, ..)| *file).filter(|_| !own);
        let lies_there = |i: usize, f: &CertFile| Some(i) != of_server && self.may_be_stored(i, f);
        let stored: Vec<&CertFile> = files
            .iter()
            .enumerate()
            .filter(|(i, f)| lies_there(*i, f))
            .map(|(_, f)| f)
            .chain(trusted)
            .collect();
        fit(&sent, chain(&sent).as_ref(), &stored, profile, own)
    }

    fn check_strictly(
        &mut self,
        files: &[CertFile],
        question: &Question<'_>,
        leaf: &Certificate,
        others: &[&Certificate],
    ) {
        if self.trusted.is_empty() {
            return;
        }
        let crls: Vec<&Crl> = files
            .iter()
            .chain(question.trusted)
            .flat_map(|f| &f.objects)
            .filter_map(|o| match &o.content {
                Content::Crl(crl) => Some(&**crl),
                _ => None,
            })
            .collect();
        self.strict = [Profile::Rfc5280, Profile::WebPki]
            .into_iter()
            .map(|profile| {
                let answer = check_strictly(&StrictQuestion {
                    leaf,
                    others,
                    trusted: &self.trusted,
                    crls: &crls,
                    at_unix_s: question.at_unix_s,
                    host: question.host,
                    usage: PathUse::Server,
                    profile,
                    most_between: None,
                });
                (profile, answer)
            })
            .collect();
    }

    fn state(&mut self, question: &Question<'_>) {
        let mut out = Vec::new();
        let path = self
            .chain
            .as_ref()
            .map_or_else(Vec::new, |c| c.found.clone());
        for (place, index) in path.iter().enumerate() {
            if let Some(certificate) = self.certificate(*index) {
                about(certificate, *index, place == 0, question, &mut out);
            }
        }
        let links = self.chain.as_ref().map_or(&[][..], |c| c.links.as_slice());
        for (place, check) in links.iter().enumerate() {
            if *check == SignatureCheck::Bad {
                out.push(Statement {
                    id: "cert.signature_bad",
                    severity: Severity::Error,
                    sentence: "The signature is not of the issuer's key: another CA of the same name, or a changed byte.".into(),
                    certificate: path.get(place).copied(),
                });
            }
        }
        match self.order {
            ChainOrder::Wrong if self.extra.is_empty() => out.push(Statement {
                id: "cert.chain_order",
                severity: Severity::Error,
                sentence: "The certificates are not in the order that TLS asks for: leaf first, each followed by its issuer.".into(),
                certificate: None,
            }),
            ChainOrder::Wrong | ChainOrder::Unrelated => out.push(Statement {
                id: "cert.chain_extra",
                severity: Severity::Warning,
                sentence: format!(
                    "{} of {} certificates in the file of the leaf are not part of its path.",
                    self.extra.len(),
                    self.sent.len()
                ),
                certificate: None,
            }),
            ChainOrder::Single | ChainOrder::Right => {}
        }
        for missing in &self.missing {
            out.push(Statement {
                id: "cert.chain_incomplete",
                severity: Severity::Warning,
                sentence: match missing.at_hand {
                    Some(_) => format!(
                        "\u{201c}{}\u{201d} is at hand and not sent with the leaf. Devices that trust only the root need it.",
                        missing.name
                    ),
                    None => format!(
                        "The leaf's issuer \u{201c}{}\u{201d} is not sent. The device must trust it directly.",
                        missing.name
                    ),
                },
                certificate: missing.at_hand,
            });
        }
        self.statements = out;
    }

    /// Is anything wrong enough to say so with the exit status?
    #[must_use]
    pub fn has_problem(&self, question: &Question<'_>) -> bool {
        let stack = question.profile.map_or("", |p| p.stack.as_str());
        let mismatch = |c: &NameCheck| c.verdict == NameVerdict::Mismatch;
        let names = match self.names.iter().find(|c| c.id == stack) {
            Some(own) => mismatch(own),
            None => {
                !self.names.is_empty()
                    && !self.names.iter().any(|c| c.verdict == NameVerdict::Match)
            }
        };
        // A late end of a root or intermediate is worth a word and no fault.
        let leaf = self
            .chain
            .as_ref()
            .and_then(|c| c.found.first().copied())
            .filter(|_| self.leaf().is_some_and(|l| acts_as_server(l, question)));
        let counts = |s: &Statement| match s.severity {
            Severity::Error => true,
            Severity::Warning => s.certificate.is_none() || s.certificate == leaf,
            Severity::Note => false,
        };
        names
            || self.statements.iter().any(counts)
            || self.fit.iter().any(|f| f.verdict.is_problem())
            || matches!(self.path, PathCheck::Refused(_))
    }
}

/// A root that is looked at by itself is no server's leaf; a self-signed server certificate is.
fn acts_as_server(certificate: &Certificate, question: &Question<'_>) -> bool {
    !certificate.is_ca()
        || question.host.is_some()
        || certificate.extensions.alt_names.is_some()
        || certificate
            .subject
            .common_name()
            .is_some_and(|cn| cn.contains('.') && !cn.contains(' '))
}

fn about(
    certificate: &Certificate,
    index: usize,
    leaf: bool,
    question: &Question<'_>,
    out: &mut Vec<Statement>,
) {
    let mut tell = |id, severity, sentence: String| {
        out.push(Statement {
            id,
            severity,
            sentence,
            certificate: Some(index),
        });
    };
    let title = certificate.title();
    match validity(certificate, question.at_unix_s) {
        Validity::Expired => tell(
            "cert.expired",
            Severity::Error,
            format!("\u{201c}{title}\u{201d} is past its end date."),
        ),
        Validity::NotYet => tell(
            "cert.not_yet_valid",
            Severity::Error,
            format!("\u{201c}{title}\u{201d} is not yet valid."),
        ),
        Validity::Valid | Validity::Unknown => {}
    }
    if let Some(until) = certificate
        .not_after
        .filter(|_| certificate.ends_after_2038())
    {
        let wrapped = i32::try_from(question.at_unix_s)
            .map(|now| validity_32_bit(certificate, now) == Validity::Expired);
        tell(
            "cert.date_over_2038",
            Severity::Warning,
            format!(
                "\u{201c}{title}\u{201d} ends after 2038-01-19; a signed 32-bit clock reads {}{}.",
                until.as_32_bit(),
                if wrapped == Ok(true) {
                    ", which is in the past"
                } else {
                    ""
                }
            ),
        );
    }
    if !leaf || !acts_as_server(certificate, question) {
        return;
    }
    let cn_is_address = certificate
        .subject
        .common_name()
        .is_some_and(|cn| cn.parse::<std::net::IpAddr>().is_ok());
    if cn_is_address && certificate.extensions.addresses().next().is_none() {
        tell(
            "cert.cn_is_ip",
            Severity::Warning,
            format!(
                "The common name is the address {title} and there is no iPAddress entry. Most stacks do not compare an address with the common name."
            ),
        );
    }
    if certificate.extensions.alt_names.is_none() {
        tell(
            "cert.no_alt_names",
            Severity::Warning,
            "The leaf has no subjectAltName; rustls and browsers accept no name of it.".into(),
        );
    }
    if certificate.is_ca() {
        tell(
            "cert.leaf_is_ca",
            Severity::Warning,
            "The leaf is a CA certificate. Strict stacks refuse it as a server's certificate."
                .into(),
        );
    }
    if certificate
        .extensions
        .ext_key_usage
        .as_ref()
        .is_some_and(|list| {
            !list
                .iter()
                .any(|u| u == "serverAuth" || u == "anyExtendedKeyUsage")
        })
    {
        tell(
            "cert.no_server_auth",
            Severity::Warning,
            "Its extended key usage does not allow a TLS server.".into(),
        );
    }
}
