//! A host against the texts and addresses of a certificate: the decision, and what decided.

use std::net::IpAddr;

use super::NameVerdict;
use super::wildcard::{Wildcard, wildcard_matches};
use crate::cert::certificate::Certificate;
use crate::cert::names::address_text;

/// The decision and one sentence.
pub(super) type Decision = (NameVerdict, String);

pub(super) fn quoted(names: &[&str]) -> String {
    match names {
        [] => "nothing".into(),
        [one] => format!("\u{201c}{one}\u{201d}"),
        [first, .., last] if names.len() <= 3 => {
            let middle = names
                .get(1..names.len() - 1)
                .unwrap_or_default()
                .iter()
                .fold(String::new(), |s, n| s + &format!(", \u{201c}{n}\u{201d}"));
            format!("\u{201c}{first}\u{201d}{middle} and \u{201c}{last}\u{201d}")
        }
        [first, ..] => format!("\u{201c}{first}\u{201d} and {} more names", names.len() - 1),
    }
}

/// Compares a host with texts and says which text decided.
pub(super) fn compare(texts: &[&str], field: &str, host: &str, wildcard: Wildcard) -> Decision {
    for text in texts {
        if text.eq_ignore_ascii_case(host) {
            return (
                NameVerdict::Match,
                format!("{field} \u{201c}{text}\u{201d} equals the host."),
            );
        }
        if text.contains('*') && wildcard_matches(text, host, wildcard) {
            return (
                NameVerdict::Match,
                format!("The wildcard {field} \u{201c}{text}\u{201d} stands for the host."),
            );
        }
    }
    let are = if texts.len() == 1 { "is" } else { "are" };
    (
        NameVerdict::Mismatch,
        format!(
            "{field} {} {are} not \u{201c}{host}\u{201d}.",
            quoted(texts)
        ),
    )
}

pub(super) fn common_names(leaf: &Certificate) -> Vec<&str> {
    leaf.subject.common_names().collect()
}

pub(super) fn compare_address(leaf: &Certificate, address: IpAddr) -> Decision {
    let wanted = match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    let listed: Vec<&[u8]> = leaf.extensions.addresses().collect();
    if listed.iter().any(|a| **a == *wanted) {
        (
            NameVerdict::Match,
            format!("iPAddress {address} equals the host."),
        )
    } else if listed.is_empty() {
        (
            NameVerdict::Mismatch,
            "There is no iPAddress entry in subjectAltName.".into(),
        )
    } else {
        let first = listed.first().map(|a| address_text(a)).unwrap_or_default();
        (
            NameVerdict::Mismatch,
            format!("iPAddress {first} is not {address}."),
        )
    }
}

/// dNSName where there is a subjectAltName, else the common name: what most small stacks do. `only`
/// is said of a decision by dNSName.
pub(super) fn compare_names(leaf: &Certificate, host: &str, only: &str) -> Decision {
    if leaf.extensions.alt_names.is_some() {
        let names: Vec<&str> = leaf.extensions.dns_names().collect();
        let (verdict, why) = compare(&names, "dNSName", host, Wildcard::FirstLabel);
        return (verdict, format!("{why}{only}"));
    }
    let (verdict, why) = compare(
        &common_names(leaf),
        "the common name",
        host,
        Wildcard::FirstLabel,
    );
    (
        verdict,
        format!("There is no subjectAltName, so {why} Addresses are compared as text."),
    )
}
