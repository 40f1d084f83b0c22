//! What changed about a chain as a whole: what is sent, trust, limits of the device.

use super::{Against, Change, CompareSide, change};
use crate::cert::certificate::Certificate;
use crate::cert::chain::{Chain, ChainOrder, chain};
use crate::cert::fit::{Fit, FitVerdict, fit};
use crate::cert::path::{PATH_ENGINE, PathCheck, check_path};
use crate::cert::sizes::{RECORD_PAYLOAD, SEGMENT, certificate_message_bytes, record_bytes};

/// All changes.
pub(super) fn changes(
    old: &CompareSide<'_>,
    new: &CompareSide<'_>,
    against: &Against<'_>,
) -> Vec<Change> {
    let mut out = Vec::new();
    let store = old.is_store() && new.is_store();
    if let (Some(a), Some(b)) = (chain(&old.certificates), chain(&new.certificates)) {
        // What a device stores is neither sent nor verified.
        if !store {
            sent(old, new, &mut out);
            links(&a, &b, &mut out);
            trust(old, new, (&a, &b), against, &mut out);
        }
        limits(old, new, (&a, &b), (against, store), &mut out);
    }
    out
}

fn sent(old: &CompareSide<'_>, new: &CompareSide<'_>, out: &mut Vec<Change>) {
    let sizes = |side: &CompareSide<'_>| -> Vec<usize> {
        side.certificates.iter().map(|c| c.der_bytes()).collect()
    };
    let (a, b) = (sizes(old), sizes(new));
    match b.len().cmp(&a.len()) {
        std::cmp::Ordering::Greater => out.push(change(
            "certificates_sent",
            a.len().to_string(),
            b.len().to_string(),
        )),
        std::cmp::Ordering::Less => out.push(change(
            "fewer_sent",
            a.len().to_string(),
            b.len().to_string(),
        )),
        std::cmp::Ordering::Equal => {}
    }
    let (a, b) = (certificate_message_bytes(&a), certificate_message_bytes(&b));
    if a == b {
        return;
    }
    out.push(change("message", a.to_string(), b.to_string()));
    let records = |n: usize| n.div_ceil(RECORD_PAYLOAD);
    let segments = |n: usize| record_bytes(n, RECORD_PAYLOAD).div_ceil(SEGMENT);
    if records(b) > records(a) {
        out.push(change(
            "records",
            records(a).to_string(),
            records(b).to_string(),
        ));
    }
    if segments(b) > segments(a) {
        out.push(change(
            "segments",
            segments(a).to_string(),
            segments(b).to_string(),
        ));
    }
}

fn links(a: &Chain, b: &Chain, out: &mut Vec<Change>) {
    let wrong = |c: &Chain| c.order == ChainOrder::Wrong && c.extra.is_empty();
    if wrong(b) && !wrong(a) {
        out.push(change("order_wrong", "right", "wrong"));
    }
    let alone = |c: &Chain| c.found.len() == 1 && c.missing.is_some();
    let name = |c: &Chain| {
        c.missing
            .as_ref()
            .map_or_else(String::new, |m| m.name.clone())
    };
    if alone(b) && !alone(a) {
        out.push(change(
            "intermediate_missing",
            "sent",
            format!("{} is not sent", name(b)),
        ));
    } else if alone(a) && !alone(b) {
        out.push(change(
            "intermediate_added",
            format!("{} is not sent", name(a)),
            "sent",
        ));
    }
}

/// The name at the top of the path: of the root, or of the issuer that is not there.
fn top(side: &CompareSide<'_>, found: &Chain) -> String {
    found
        .found
        .last()
        .and_then(|i| side.certificates.get(*i))
        .map_or_else(String::new, |c| c.issuer.text())
}

fn trust(
    old: &CompareSide<'_>,
    new: &CompareSide<'_>,
    (a, b): (&Chain, &Chain),
    against: &Against<'_>,
    out: &mut Vec<Change>,
) {
    let (before, after) = (top(old, a), top(new, b));
    if !against.trusted.is_empty() {
        let asked = |side: &CompareSide<'_>, found: &Chain, at: i64| {
            let leaf = found.found.first().and_then(|i| side.certificates.get(*i));
            leaf.map(|leaf| check_path(leaf, &side.certificates, against.trusted, at, None))
        };
        // The old one is judged while it lived: it may be past its end by now, which is why it is
        // renewed.
        let lived = a
            .found
            .first()
            .and_then(|i| old.certificates.get(*i))
            .map_or(against.at_unix_s, |c| within(c, against.at_unix_s));
        let now = b
            .found
            .first()
            .and_then(|i| new.certificates.get(*i))
            .map_or(against.at_unix_s, |c| within(c, against.at_unix_s));
        let id = match (asked(old, a, lived), asked(new, b, now)) {
            (Some(PathCheck::Verified), Some(PathCheck::Refused(why))) => {
                Some(change("anchor_missing", "verified", why))
            }
            (Some(PathCheck::Verified), Some(PathCheck::Verified)) => {
                Some(change("anchor_works", "verified", "verified"))
            }
            (Some(PathCheck::Refused(why)), Some(PathCheck::Verified)) => {
                Some(change("anchor_found", why, "verified"))
            }
            _ => None,
        };
        if let Some(mut found) = id {
            found.source = PATH_ENGINE.into();
            let settled = found.id != "anchor_missing";
            out.push(found);
            if settled {
                return;
            }
        }
    }
    if before != after {
        out.push(change("anchor", before, after));
    }
}

/// The time nearest to `at` at which the certificate is valid.
fn within(certificate: &Certificate, at: i64) -> i64 {
    let from = certificate.not_before.map_or(at, |m| m.unix_s);
    let until = certificate.not_after.map_or(at, |m| m.unix_s);
    at.min(until).max(from)
}

fn limits(
    old: &CompareSide<'_>,
    new: &CompareSide<'_>,
    (a, b): (&Chain, &Chain),
    (against, store): (&Against<'_>, bool),
    out: &mut Vec<Change>,
) {
    let Some(profile) = against.profile else {
        return;
    };
    let of = |side: &CompareSide<'_>, found: &Chain| {
        let files = side.file.filter(|_| store);
        fit(
            &side.certificates,
            (!store).then_some(found),
            files.as_slice(),
            profile,
            false,
        )
    };
    let before = of(old, a);
    for after in of(new, b) {
        let same = |f: &&Fit| f.kind == after.kind && part(f) == part(&after);
        let first = before.iter().find(same);
        let was_broken = first.is_some_and(|f| f.verdict.is_problem());
        let was_fine = first.is_none_or(|f| f.verdict == FitVerdict::Fits);
        let from = first.map_or_else(String::new, value);
        let to = value(&after);
        let found = if after.verdict.is_problem() {
            if was_broken {
                change("limit_still_broken", from, to)
            } else {
                change("limit_broken", from, to)
            }
        } else if after.verdict == FitVerdict::BetweenReadings && was_fine {
            change("limit_doubtful", from, to)
        } else if was_broken && after.verdict == FitVerdict::Fits {
            change("limit_kept", from, to)
        } else {
            continue;
        };
        let bound = if after.one_of.is_empty() {
            let limits: Vec<String> = after.limits.iter().map(u64::to_string).collect();
            limits.join(" or ")
        } else {
            after.one_of.join(", ")
        };
        let mut found = found.of(format!("{}, {}: {bound}", after.kind.text(), part(&after)));
        found.why = format!("{} {}", found.why, after.says);
        found.source = after.source;
        out.push(found);
    }
}

/// The part of the chain that a limit was held against.
fn part(fit: &Fit) -> &str {
    fit.of.split(' ').next().unwrap_or_default()
}

fn value(fit: &Fit) -> String {
    match (fit.value, &fit.text) {
        (Some(n), _) => n.to_string(),
        (None, Some(text)) => text.clone(),
        (None, None) => "unknown".into(),
    }
}
