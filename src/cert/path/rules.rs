//! What a whole path must fulfil (RFC 5280 section 6.1), certificate by certificate.
//!
//! In: a path whose signatures are checked, leaf first. Out: the first rule that it breaks.

use super::strict::{PathUse, StrictQuestion};
use crate::cert::certificate::Certificate;
use crate::cert::constraints::{NameConstraints, presented};
use crate::cert::crl::Revocation;
use crate::cert::lint::{LintList, Profile};
use crate::cert::names::{AltName, address_text};

/// Comparisons of a name with a constraint for one path.
const MOST_COMPARISONS: usize = 250_000;

/// Why a path is refused.
pub(super) struct Refusal {
    pub rule: String,
    pub why: String,
}

impl Refusal {
    pub fn new(rule: &str, why: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            why: why.into(),
        }
    }
}

type Judged = Result<(), Refusal>;

fn refuse(rule: &str, why: impl Into<String>) -> Judged {
    Err(Refusal::new(rule, why))
}

pub(super) fn judge(question: &StrictQuestion<'_>, path: &[&Certificate]) -> Judged {
    for certificate in path.iter().rev() {
        dates(certificate, question.at_unix_s)?;
    }
    for (place, certificate) in path.iter().enumerate() {
        lints(
            certificate,
            question.profile,
            place > 0 && place + 1 == path.len(),
        )?;
    }
    leaf(question)?;
    issuers(question, path)?;
    depth(question, path)?;
    name_constraints(path)?;
    for pair in path.windows(2) {
        revocation(question, pair[0], pair[1])?;
    }
    match question.host {
        Some(host) => host_fits(question.leaf, host),
        None => Ok(()),
    }
}

fn dates(certificate: &Certificate, at: i64) -> Judged {
    let title = certificate.title();
    match (certificate.not_before, certificate.not_after) {
        (Some(from), _) if at < from.unix_s => refuse(
            "path.not_yet_valid",
            format!("\u{201c}{title}\u{201d} is not yet valid (RFC 5280 section 6.1.3)"),
        ),
        (_, Some(until)) if at > until.unix_s => refuse(
            "path.expired",
            format!("\u{201c}{title}\u{201d} has expired (RFC 5280 section 6.1.3)"),
        ),
        (Some(_), Some(_)) => Ok(()),
        _ => refuse(
            "path.date",
            format!("a date of \u{201c}{title}\u{201d} cannot be read"),
        ),
    }
}

fn lints(certificate: &Certificate, profile: Profile, trusted: bool) -> Judged {
    match LintList::embedded().refusal(certificate, profile, trusted) {
        Some(lint) => refuse(
            lint.id,
            format!(
                "\u{201c}{}\u{201d}: {} ({})",
                certificate.title(),
                lint.sentence.trim_end_matches('.'),
                lint.source
            ),
        ),
        None => Ok(()),
    }
}

fn allows(certificate: &Certificate, usage: PathUse) -> bool {
    let wanted = match usage {
        PathUse::Server => "serverAuth",
        PathUse::Client => "clientAuth",
    };
    certificate
        .extensions
        .ext_key_usage
        .as_ref()
        .is_none_or(|list| {
            list.iter()
                .any(|u| u == wanted || u == "anyExtendedKeyUsage")
        })
}

fn leaf(question: &StrictQuestion<'_>) -> Judged {
    let leaf = question.leaf;
    if !allows(leaf, question.usage) {
        return refuse(
            "path.leaf_usage",
            "its extKeyUsage does not allow this use (RFC 5280 section 4.2.1.12)",
        );
    }
    if question.profile == Profile::WebPki && leaf.is_ca() {
        return refuse(
            "path.leaf_is_ca",
            "a CA certificate stands in the place of the leaf (BR section 7.1.2.7.8)",
        );
    }
    Ok(())
}

/// CA bit, use and path length of everything above the leaf (RFC 5280 section 6.1.4 k to n).
fn issuers(question: &StrictQuestion<'_>, path: &[&Certificate]) -> Judged {
    let mut below = 0;
    for issuer in path.iter().skip(1) {
        let title = issuer.title();
        if issuer.version == Some(3) && issuer.extensions.ca != Some(true) {
            return refuse(
                "path.issuer_no_ca",
                format!(
                    "\u{201c}{title}\u{201d} is no CA by its basicConstraints (RFC 5280 section 6.1.4 k)"
                ),
            );
        }
        if !allows(issuer, question.usage) {
            return refuse(
                "path.issuer_usage",
                format!("extKeyUsage of \u{201c}{title}\u{201d} does not allow this use below it"),
            );
        }
        let most = issuer
            .extensions
            .path_len
            .and_then(|n| usize::try_from(n).ok());
        if let Some(most) = most.filter(|most| below > *most) {
            return refuse(
                "path.length",
                format!(
                    "\u{201c}{title}\u{201d} allows {most} CAs below itself; there are {below} (RFC 5280 section 6.1.4 m)"
                ),
            );
        }
        if !issuer.self_issued() {
            below += 1;
        }
    }
    Ok(())
}

/// Certificates between leaf and trusted one, neither counted.
fn depth(question: &StrictQuestion<'_>, path: &[&Certificate]) -> Judged {
    let inner = path
        .get(1..path.len().saturating_sub(1))
        .unwrap_or_default();
    let between = inner.iter().filter(|c| !c.self_issued()).count();
    match question.most_between {
        Some(most) if between > most => refuse(
            "path.depth",
            format!("{between} certificates lie between; {most} are allowed"),
        ),
        _ => Ok(()),
    }
}

/// RFC 5280 section 6.1.3 b and c: self-issued certificates between are let through.
fn name_constraints(path: &[&Certificate]) -> Judged {
    let mut comparisons = 0_usize;
    for (place, issuer) in path.iter().enumerate().skip(1) {
        let Some(constraints) = NameConstraints::of(issuer) else {
            continue;
        };
        for (depth, certificate) in path.iter().enumerate().take(place) {
            if depth > 0 && certificate.self_issued() {
                continue;
            }
            let names = presented(certificate);
            comparisons = comparisons.saturating_add(names.len().saturating_mul(constraints.len()));
            if comparisons > MOST_COMPARISONS {
                return refuse(
                    "path.limit",
                    format!(
                        "refused: limit of {MOST_COMPARISONS} comparisons of names with constraints"
                    ),
                );
            }
            if let Some(how) = names.iter().find_map(|name| constraints.forbids(name)) {
                return refuse(
                    "path.name_constraints",
                    format!(
                        "a name of \u{201c}{}\u{201d} is {how} by \u{201c}{}\u{201d} (RFC 5280 section 6.1.3)",
                        certificate.title(),
                        issuer.title()
                    ),
                );
            }
        }
    }
    Ok(())
}

fn revocation(
    question: &StrictQuestion<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
) -> Judged {
    for crl in question.crls {
        match crl.revokes(certificate, issuer, question.at_unix_s) {
            Revocation::NotFor | Revocation::Good => {}
            Revocation::Revoked => {
                return refuse(
                    "path.revoked",
                    format!(
                        "\u{201c}{}\u{201d} is revoked by the list of its issuer",
                        certificate.title()
                    ),
                );
            }
            Revocation::Unusable(why) => {
                return refuse(
                    "path.revocation_list",
                    format!(
                        "the revocation list for \u{201c}{}\u{201d} cannot be used: {why}",
                        certificate.title()
                    ),
                );
            }
        }
    }
    Ok(())
}

/// RFC 9525: subjectAltName alone; the wildcard is the whole first label and stands for one.
fn host_fits(leaf: &Certificate, host: &str) -> Judged {
    let Some(names) = &leaf.extensions.alt_names else {
        return refuse("path.host", "there is no subjectAltName");
    };
    let address = host.parse::<std::net::IpAddr>().ok();
    let host = host.strip_suffix('.').unwrap_or(host);
    let fits = |name: &AltName| match (name, address) {
        (AltName::Ip(bytes), Some(address)) => address_text(bytes) == address.to_string(),
        (AltName::Email(mail), None) => mail.eq_ignore_ascii_case(host),
        (AltName::Dns(dns), None) => match dns.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(first, rest)| {
                !first.is_empty() && rest.eq_ignore_ascii_case(parent) && parent.contains('.')
            }),
            None => dns.eq_ignore_ascii_case(host),
        },
        _ => false,
    };
    if names.iter().any(fits) {
        return Ok(());
    }
    refuse(
        "path.host",
        format!(
            "none of the {} entries of subjectAltName is the host (RFC 9525 section 6)",
            names.len()
        ),
    )
}
