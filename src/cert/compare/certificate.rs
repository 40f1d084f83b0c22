//! What changed from one certificate to another.

use super::names;
use super::{Against, Change, change};
use crate::cert::certificate::{Certificate, Moment};
use crate::cert::dates::{Validity, validity};
use crate::cert::public_key::PublicKey;

const DAY: i64 = 86_400;

/// `2026-11-26 14:05:00 UTC`.
fn time(moment: Option<Moment>) -> String {
    moment
        .and_then(|m| time::OffsetDateTime::from_unix_timestamp(m.unix_s).ok())
        .map_or_else(
            || "unreadable".into(),
            |t| {
                format!(
                    "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
                    t.year(),
                    u8::from(t.month()),
                    t.day(),
                    t.hour(),
                    t.minute(),
                    t.second()
                )
            },
        )
}

fn words(list: Option<&Vec<&'static str>>) -> String {
    list.map_or_else(|| "not stated".into(), |l| l.join(", "))
}

/// All changes; `leaf`: it stands for a host.
pub(super) fn changes(
    old: &Certificate,
    new: &Certificate,
    leaf: bool,
    against: &Against<'_>,
) -> Vec<Change> {
    let mut out = Vec::new();
    size(old, new, &mut out);
    if old.version != new.version {
        let v = |c: &Certificate| c.version.map_or_else(String::new, |v| v.to_string());
        out.push(change("version", v(old), v(new)));
    }
    if old.serial != new.serial {
        let text = |c: &Certificate| {
            c.serial
                .as_ref()
                .map_or_else(String::new, |s| s.hex.clone())
        };
        let bytes = |c: &Certificate| c.serial.as_ref().map_or(0, |s| s.bytes);
        if bytes(new) > 20 && bytes(old) <= 20 {
            out.push(change("serial_long", text(old), text(new)));
        } else {
            out.push(change("serial", text(old), text(new)));
        }
    }
    dates(old, new, against, &mut out);
    keys(old, new, &mut out);
    if old.signature_oid != new.signature_oid {
        let text = |c: &Certificate| c.signature_algorithm.clone().unwrap_or_default();
        out.push(change("signature_algorithm", text(old), text(new)));
    }
    subject(old, new, leaf, &mut out);
    names::changes(old, new, &mut out);
    if leaf {
        names::host(old, new, against, &mut out);
    }
    usage(old, new, &mut out);
    extensions(old, new, &mut out);
    out
}

fn size(old: &Certificate, new: &Certificate, out: &mut Vec<Change>) {
    let (a, b) = (old.der_bytes(), new.der_bytes());
    if a != b {
        out.push(change("size", a.to_string(), b.to_string()));
    }
}

fn dates(old: &Certificate, new: &Certificate, against: &Against<'_>, out: &mut Vec<Change>) {
    let (from, until) = (
        (time(old.not_before), time(new.not_before)),
        (time(old.not_after), time(new.not_after)),
    );
    let now = validity(new, against.at_unix_s);
    if now == Validity::NotYet {
        out.push(change("not_yet_valid", from.0, from.1));
    } else if old.not_before.map(|m| m.unix_s) != new.not_before.map(|m| m.unix_s) {
        out.push(change("not_before", from.0, from.1));
    }
    let (Some(a), Some(b)) = (old.not_after, new.not_after) else {
        return;
    };
    if now == Validity::Expired {
        out.push(change("expired", until.0.clone(), until.1.clone()));
    } else if new.ends_after_2038() && !old.ends_after_2038() {
        out.push(change("ends_after_2038", until.0.clone(), until.1.clone()));
    } else if b.unix_s < a.unix_s {
        out.push(change("ends_earlier", until.0.clone(), until.1.clone()));
    } else if b.unix_s > a.unix_s {
        out.push(change("not_after", until.0.clone(), until.1.clone()));
    }
    if b.generalized && !a.generalized {
        out.push(change("generalized_time", "UTCTime", "GeneralizedTime"));
    }
    if let (Some(x), Some(y)) = (old.not_before, new.not_before) {
        let (before, after) = (a.unix_s - x.unix_s, b.unix_s - y.unix_s);
        if before > 0 && after > 0 && after * 2 < before {
            let days = |s: i64| format!("{} days", (s + DAY / 2) / DAY);
            out.push(change("lifetime", days(before), days(after)));
        }
    }
}

fn keys(old: &Certificate, new: &Certificate, out: &mut Vec<Change>) {
    let (Some(a), Some(b)) = (&old.key, &new.key) else {
        return;
    };
    if a.spki_sha256 == b.spki_sha256 {
        out.push(change("key_kept", a.text(), b.text()));
        return;
    }
    let short = |k: &PublicKey| {
        let hash: String = k.spki_sha256.chars().take(16).collect();
        format!("{}, SHA-256 {hash}…", k.text())
    };
    out.push(change("key_new", short(a), short(b)));
    if a.kind != b.kind {
        out.push(change("key_kind", a.text(), b.text()));
    } else if a.curve != b.curve {
        out.push(change("key_curve", a.text(), b.text()));
    } else if b.bits > a.bits {
        out.push(change("key_larger", a.text(), b.text()));
    } else if b.bits < a.bits {
        out.push(change("key_smaller", a.text(), b.text()));
    }
}

fn subject(old: &Certificate, new: &Certificate, leaf: bool, out: &mut Vec<Change>) {
    if old.issuer.der != new.issuer.der {
        out.push(change("issuer", old.issuer.text(), new.issuer.text()));
    } else if let (Some(a), Some(b)) = (
        &old.extensions.authority_key_id,
        &new.extensions.authority_key_id,
    ) && a != b
    {
        let hex = |id: &[u8]| data_encoding::HEXLOWER.encode(id);
        out.push(change("issuer_key", hex(a), hex(b)));
    }
    if old.subject.der == new.subject.der {
        return;
    }
    let names = |c: &Certificate| {
        let names: Vec<&str> = c.subject.common_names().collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    if !leaf || (old.is_ca() && new.is_ca()) {
        out.push(change(
            "subject_of_ca",
            old.subject.text(),
            new.subject.text(),
        ));
    } else if names(old) == names(new) {
        out.push(change("subject", old.subject.text(), new.subject.text()));
    } else {
        out.push(change("common_name", names(old), names(new)));
    }
}

fn usage(old: &Certificate, new: &Certificate, out: &mut Vec<Change>) {
    let (a, b) = (&old.extensions, &new.extensions);
    if old.is_ca() != new.is_ca() {
        let word = |ca: bool| if ca { "CA" } else { "no CA" };
        out.push(change("ca", word(old.is_ca()), word(new.is_ca())));
    }
    if a.path_len != b.path_len {
        let text = |n: Option<u32>| n.map_or_else(|| "no bound".into(), |n| n.to_string());
        out.push(change("path_len", text(a.path_len), text(b.path_len)));
    }
    if a.key_usage != b.key_usage {
        out.push(change(
            "key_usage",
            words(a.key_usage.as_ref()),
            words(b.key_usage.as_ref()),
        ));
    }
    if a.ext_key_usage == b.ext_key_usage {
        return;
    }
    let text = |list: &Option<Vec<String>>| {
        list.as_ref()
            .map_or_else(|| "not stated".into(), |l| l.join(", "))
    };
    // Without the extension every use is allowed.
    let may = |list: &Option<Vec<String>>, use_: &str| {
        list.as_ref()
            .is_none_or(|l| l.iter().any(|u| u == use_ || u == "anyExtendedKeyUsage"))
    };
    let (before, after) = (text(&a.ext_key_usage), text(&b.ext_key_usage));
    let lost = |use_| may(&a.ext_key_usage, use_) && !may(&b.ext_key_usage, use_);
    if lost("serverAuth") {
        out.push(change("server_auth_lost", before, after));
    } else if lost("clientAuth") {
        out.push(change("client_auth_lost", before, after));
    } else {
        out.push(change("ext_key_usage", before, after));
    }
}

fn extensions(old: &Certificate, new: &Certificate, out: &mut Vec<Change>) {
    // These have words of their own above.
    const TOLD: [&str; 4] = [
        "subject_alt_name",
        "key_usage",
        "ext_key_usage",
        "basic_constraints",
    ];
    let (a, b) = (&old.extensions.list, &new.extensions.list);
    let unknown = new.extensions.critical_unknown();
    for extension in b {
        let name = extension.name.as_ref();
        let size = format!("{} bytes", extension.bytes);
        match a.iter().find(|e| e.oid == extension.oid) {
            None if extension.critical && unknown.contains(&name) => {
                out.push(change("critical_added", "", size).of(format!("{name}, critical")));
            }
            None if name == "tls_feature" => out.push(change("must_staple", "", size)),
            None if !TOLD.contains(&name) => {
                out.push(change("extension_added", "", size).of(format!("{name} added")));
            }
            Some(before) if before.critical != extension.critical => {
                let word = |critical| if critical { "critical" } else { "not critical" };
                out.push(
                    change(
                        "criticality",
                        word(before.critical),
                        word(extension.critical),
                    )
                    .of(name),
                );
            }
            _ => {}
        }
    }
    for extension in a {
        let name = extension.name.as_ref();
        if TOLD.contains(&name) || b.iter().any(|e| e.oid == extension.oid) {
            continue;
        }
        let size = format!("{} bytes", extension.bytes);
        if name == "subject_key_identifier" && new.is_ca() {
            out.push(change("key_id_gone", size, ""));
        } else {
            out.push(change("extension_removed", size, "").of(format!("{name} gone")));
        }
    }
}
