//! What changed about the names: entries of subjectAltName, and the host as each stack decides.

use std::collections::BTreeSet;

use super::{Against, Change, change};
use crate::cert::certificate::Certificate;
use crate::cert::name_check::{NameCheck, NameVerdict, name_checks};
use crate::cert::names::{AltName, address_text};

/// Entries as people read them.
fn entries(certificate: &Certificate) -> BTreeSet<String> {
    certificate
        .extensions
        .alt_names
        .iter()
        .flatten()
        .map(|name| match name {
            AltName::Dns(text) => text.to_ascii_lowercase(),
            AltName::Ip(bytes) => address_text(bytes),
            AltName::Email(text) | AltName::Uri(text) => text.clone(),
            AltName::Other(kind) => (*kind).to_owned(),
        })
        .collect()
}

/// `3 names: a.example, b.example, c.example`.
fn listed(names: &[&String]) -> String {
    let first: Vec<&str> = names.iter().take(3).map(|n| n.as_str()).collect();
    let more = names.len().saturating_sub(first.len());
    let list = first.join(", ");
    match (names.len(), more) {
        (0, _) => String::new(),
        (1, _) => list,
        (n, 0) => format!("{n} names: {list}"),
        (n, more) => format!("{n} names: {list} and {more} more"),
    }
}

pub(super) fn changes(old: &Certificate, new: &Certificate, out: &mut Vec<Change>) {
    let (before, after) = (&old.extensions.alt_names, &new.extensions.alt_names);
    let (a, b) = (entries(old), entries(new));
    let count = |names: &BTreeSet<String>| listed(&names.iter().collect::<Vec<_>>());
    match (before, after) {
        (Some(_), None) => out.push(change("names_gone", count(&a), "none")),
        (None, Some(_)) => out.push(change("names_new", "none", count(&b))),
        _ => {
            let gone: Vec<&String> = a.difference(&b).collect();
            let added: Vec<&String> = b.difference(&a).collect();
            if !gone.is_empty() {
                out.push(change("names_removed", listed(&gone), ""));
            }
            if !added.is_empty() {
                out.push(change("names_added", "", listed(&added)));
            }
        }
    }
}

/// The host, stack by stack, where the decision changed.
pub(super) fn host(
    old: &Certificate,
    new: &Certificate,
    against: &Against<'_>,
    out: &mut Vec<Change>,
) {
    let Some(host) = against.host else {
        return;
    };
    let stack = against.profile.map_or("", |p| p.stack.as_str());
    let before = name_checks(old, host);
    let lost = |a: &NameCheck, b: &NameCheck| {
        a.verdict == NameVerdict::Match && b.verdict == NameVerdict::Mismatch
    };
    let mut elsewhere: Vec<&str> = Vec::new();
    let mut gained: Vec<&str> = Vec::new();
    for after in name_checks(new, host) {
        let Some(first) = before.iter().find(|b| b.stack == after.stack) else {
            continue;
        };
        if lost(first, &after) {
            if stack.is_empty() || after.id == stack {
                let mut found = change("host_lost", &first.why, &after.why);
                found.why = found.why.replace("{stack}", after.stack);
                out.push(found.of(format!("the host {host}")));
            } else {
                elsewhere.push(after.stack);
            }
        } else if lost(&after, first) {
            gained.push(after.stack);
        }
    }
    for (id, stacks) in [
        (
            change("host_lost_elsewhere", "match", "mismatch"),
            elsewhere,
        ),
        (change("host_gained", "mismatch", "match"), gained),
    ] {
        if !stacks.is_empty() {
            let mut found = id.of(format!("the host {host}"));
            found.why = found.why.replace("{stack}", &stacks.join("; "));
            out.push(found);
        }
    }
}
