//! True statements about the certificates of a path, and whether they add up to a problem.
//!
//! In: the inspection so far and the question. Out: [`Statement`]s. Must not know how the path was
//! found.

use super::{Inspection, Question, Statement};
use crate::cert::certificate::Certificate;
use crate::cert::chain::ChainOrder;
use crate::cert::dates::{Validity, validity, validity_32_bit};
use crate::cert::name_check::{NameCheck, NameVerdict};
use crate::cert::path::PathCheck;
use crate::cert::problem::Severity;
use crate::cert::signature::SignatureCheck;

impl Inspection<'_> {
    pub(super) fn state(&mut self, question: &Question<'_>) {
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
