//! Names and official texts of codes, in every prefix and spelling that is in use.

use std::sync::OnceLock;

use crate::knowledge::codes::{
    AlertRow, DeviceRow, DeviceTable, ErrorRow, FlagRow, NamedRow, SchemeRow, StateRow, Table,
    tables,
};
use crate::tls::{CipherSuite, NamedGroup};

use super::Kind;
use super::describe::{self, StateSpan};
use super::numbers::Candidates;

/// What a name stands for.
#[derive(Clone, Copy)]
enum Named {
    Error(&'static Table<ErrorRow>, &'static ErrorRow),
    Status(&'static ErrorRow),
    State(&'static StateRow),
    Flag(&'static FlagRow),
    Alert(&'static AlertRow),
    Scheme(&'static SchemeRow),
    Registered(Kind, &'static Table<NamedRow>, &'static NamedRow),
    Device(&'static DeviceTable, &'static DeviceRow),
}

/// A spelling, how plausible it is that it means this, and what it names.
struct Entry {
    key: String,
    score: i32,
    named: Named,
}

/// Prefixes that headers put before names, with the only kind that carries them.
const PREFIXES: [(&str, Kind); 13] = [
    ("MBEDTLS_ERR_", Kind::Error),
    ("PSA_ERROR_", Kind::PsaStatus),
    ("MBEDTLS_SSL_ALERT_MSG_", Kind::Alert),
    ("SSL_ALERT_MSG_", Kind::Alert),
    ("SSL_R_SSLV3_ALERT_", Kind::Alert),
    ("SSL_R_TLSV1_ALERT_", Kind::Alert),
    ("SSL_R_TLSV13_ALERT_", Kind::Alert),
    ("SSL_R_TLSV1_", Kind::Alert),
    ("MBEDTLS_SSL_", Kind::HandshakeState),
    ("MBEDTLS_X509_", Kind::VerifyFlag),
    ("X509_", Kind::VerifyFlag),
    ("ESP_ERR_", Kind::DeviceStatus),
    ("ERROR_TLS_", Kind::DeviceError),
];

/// Letters and digits in upper case; everything between them becomes one `_`.
fn normalised(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            key.extend(c.to_uppercase());
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    key
}

fn index() -> &'static [Entry] {
    static INDEX: OnceLock<Vec<Entry>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let t = tables();
        let mut index = Vec::new();
        let mut add = |text: &str, score: i32, named: Named| {
            index.push(Entry {
                key: normalised(text),
                score,
                named,
            });
        };
        for table in [&t.errors_high, &t.errors_low] {
            for row in &table.rows {
                let named = Named::Error(table, row);
                add(&row.name, 95, named);
                let (module, rest) = row.name.split_once('_').unwrap_or((&row.name, ""));
                // As mbedtls_strerror() writes it: "SSL - The connection indicated an EOF".
                add(&format!("{module} - {}", row.text), 95, named);
                add(&row.text, 35, named);
                if !rest.is_empty() {
                    add(rest, 40, named);
                }
            }
        }
        for row in &t.psa_status.rows {
            let short = row.name.trim_start_matches("PSA_");
            add(short, 60, Named::Status(row));
            add(&row.name, 95, Named::Status(row));
            add(&format!("PSA_ERROR_{short}"), 95, Named::Status(row));
        }
        for row in &t.states.rows {
            add(&row.name, 85, Named::State(row));
        }
        for row in &t.verify_flags.rows {
            add(&row.name, 95, Named::Flag(row));
            add(&row.text, 95, Named::Flag(row));
        }
        for row in &t.alerts.rows {
            add(&row.name, 90, Named::Alert(row));
        }
        for row in &t.schemes.rows {
            add(&row.tls13, 90, Named::Scheme(row));
        }
        for (kind, table, score) in [
            (Kind::HandshakeType, &t.handshake_types, 80),
            (Kind::ContentType, &t.content_types, 75),
            (Kind::Extension, &t.extensions, 70),
            (Kind::NamedGroup, &t.groups, 90),
        ] {
            for row in &table.rows {
                add(&row.name, score, Named::Registered(kind, table, row));
            }
        }
        for table in t.devices.iter().filter(|t| !t.decoded_only) {
            for row in &table.rows {
                let named = Named::Device(table, row);
                add(&row.name, 60, named);
                for prefix in std::iter::once(&table.prefix).chain(&table.spelled) {
                    add(&format!("{prefix}{}", row.name), 95, named);
                }
                add(row.text.trim_end_matches('.'), 35, named);
            }
        }
        for row in &t.versions.rows {
            let named = Named::Registered(Kind::Version, &t.versions, row);
            // "TLS 1.2", "TLSv1.2", "TLS1.2", "TLSv12", "TLS12"
            let (family, number) = row.name.split_once(' ').unwrap_or((&row.name, ""));
            let short = number.replace('.', "");
            for spelling in [
                row.name.clone(),
                format!("{family}v{number}"),
                format!("{family}{number}"),
                format!("{family}v{short}"),
                format!("{family}{short}"),
                format!("{family}v{}", number.trim_end_matches(".0")),
            ] {
                add(&spelling, 95, named);
            }
        }
        index.retain(|entry| !entry.key.is_empty());
        index.sort_by(|a, b| a.key.cmp(&b.key).then(b.score.cmp(&a.score)));
        index
    })
}

/// Adds every meaning of a name or official text.
pub(super) fn look_up(text: &str, candidates: &mut Candidates) {
    let key = normalised(text);
    if key.is_empty() {
        return;
    }
    add_matches(&key, None, candidates);
    super::stacks::name(text, candidates);
    for (prefix, kind) in PREFIXES {
        if let Some(rest) = key.strip_prefix(prefix) {
            add_matches(rest, Some(kind), candidates);
        }
    }
    let bare = text.trim();
    let suite_name = bare
        .strip_prefix("MBEDTLS_")
        .filter(|name| name.starts_with("TLS"))
        .unwrap_or(bare);
    if let Some(meaning) = CipherSuite::from_name(suite_name).and_then(describe::suite) {
        candidates.add(95, meaning, |_| true);
    }
    // NIST and X9.62 names, which the registry does not have.
    let groups = &tables().groups;
    if let Some(group) = NamedGroup::from_name(bare)
        && let Some(row) = groups
            .rows
            .iter()
            .find(|r| r.number.0 == i64::from(group.0))
        && !row.name.eq_ignore_ascii_case(bare)
    {
        candidates.add(90, describe::named(Kind::NamedGroup, groups, row), |_| true);
    }
    if candidates.found.is_empty() {
        add_run_together(&key, candidates);
    }
}

/// Headers of one SDK write a name with and without underscores (`ESEC_HANDSHAKE_TIMED_OUT`,
/// `ESECHANDSHAKETIMEDOUT`): taken for the same where nothing else has that name.
fn add_run_together(key: &str, candidates: &mut Candidates) {
    let letters = |text: &str| text.replace('_', "");
    let key = letters(key);
    let devices = |e: &&Entry| matches!(e.named, Named::Device(..));
    for entry in index().iter().filter(devices) {
        if letters(&entry.key) == key {
            add(entry, None, candidates);
        }
    }
}

fn add_matches(key: &str, only: Option<Kind>, candidates: &mut Candidates) {
    let index = index();
    let from = index.partition_point(|e| e.key.as_str() < key);
    for entry in index.iter().skip(from).take_while(|e| e.key == key) {
        add(entry, only, candidates);
    }
}

fn add(entry: &Entry, only: Option<Kind>, candidates: &mut Candidates) {
    let score = entry.score;
    let kind = match entry.named {
        Named::Error(..) => Kind::Error,
        Named::Status(_) => Kind::PsaStatus,
        Named::State(_) => Kind::HandshakeState,
        Named::Flag(_) => Kind::VerifyFlag,
        Named::Alert(_) => Kind::Alert,
        Named::Scheme(_) => Kind::SignatureScheme,
        Named::Registered(kind, ..) => kind,
        Named::Device(table, _) => describe::kind_of(table),
    };
    if only.is_some_and(|only| only != kind) {
        return;
    }
    match entry.named {
        Named::Error(table, row) => {
            candidates.add(score, describe::error(Kind::Error, table, row), |v| {
                row.versions.contains(v.0)
            });
        }
        Named::Status(row) => {
            let meaning = describe::error(Kind::PsaStatus, &tables().psa_status, row);
            candidates.add(score, meaning, |v| row.versions.contains(v.0));
        }
        Named::State(wanted) => {
            for span in StateSpan::all(|row, _| row.name == wanted.name) {
                candidates.add(score, span.meaning(), |v| span.holds(v));
            }
        }
        Named::Flag(row) => candidates.add(score, describe::flag(row), |_| true),
        Named::Alert(row) => candidates.add(score, describe::alert(row), |_| true),
        Named::Scheme(row) => {
            // The name is that of TLS 1.3, so this reading comes first.
            for meaning in describe::scheme(row).into_iter().rev() {
                candidates.add(score, meaning, |_| true);
            }
        }
        Named::Device(table, row) => candidates.add(score, describe::device(table, row), |_| true),
        Named::Registered(kind, table, row) => {
            candidates.add(score, describe::named(kind, table, row), |_| true);
        }
    }
}
