//! Do the code tables hang together? For `check-assets` and the tests.

use std::collections::HashSet;
use std::hash::Hash;

use crate::knowledge::codes::{CodeTables, ErrorRow, NamedRow, Table, tables};
use crate::tls::{Alert, ContentType, HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme};

/// Every fault of the tables in use, one sentence each; empty if they are sound.
#[must_use]
pub fn check() -> Vec<String> {
    check_tables(tables())
}

/// Every fault of these tables: files that could not be read, tables without rows or source,
/// numbers given twice for one version, names that contradict the TLS vocabulary, references to
/// rows that do not exist.
#[must_use]
pub fn check_tables(t: &CodeTables) -> Vec<String> {
    let mut faults: Vec<String> = t.problems.iter().map(ToString::to_string).collect();
    headers(t, &mut faults);
    errors(t, &mut faults);
    references(t, &mut faults);
    states(t, &mut faults);
    vocabulary(t, &mut faults);
    devices(t, &mut faults);
    faults
}

/// Tables of devices: sources, ids, and rows given twice.
fn devices(t: &CodeTables, faults: &mut Vec<String>) {
    unique("devices", t.devices.iter().map(|d| d.id.as_str()), faults);
    for table in &t.devices {
        if table.source.trim().is_empty() || table.stack.is_empty() || table.rows.is_empty() {
            faults.push(format!("table {}: no source, stack or rows", table.id));
        }
        unique(&table.id, table.rows.iter().map(|r| r.number.0), faults);
        for row in &table.rows {
            if row.name.is_empty() || row.text.is_empty() {
                let number = row.number.0;
                faults.push(format!("table {}: {number} has no name or text", table.id));
            }
        }
    }
}

fn headers(t: &CodeTables, faults: &mut Vec<String>) {
    let mut header = |file: &str, stack: &str, source: &str, rows: usize| {
        if rows == 0 {
            faults.push(format!("{file}: no rows"));
        }
        if stack.trim().is_empty() {
            faults.push(format!("{file}: no stack"));
        }
        if source.trim().is_empty() {
            faults.push(format!("{file}: no source"));
        }
    };
    macro_rules! headers {
        ($($table:ident)*) => {
            $(header(t.$table.file, &t.$table.stack, &t.$table.source, t.$table.rows.len());)*
        };
    }
    headers!(errors_high errors_low psa_status changed readings states anchors debug_levels
        verify_flags alerts content_types handshake_types extensions versions groups schemes
        exchanges);
}

/// Says which keys come twice.
fn unique<K: Eq + Hash + std::fmt::Debug>(
    file: &str,
    keys: impl Iterator<Item = K>,
    faults: &mut Vec<String>,
) {
    let mut seen = HashSet::new();
    for key in keys {
        let text = format!("{file}: {key:?} is given twice");
        if !seen.insert(key) {
            faults.push(text);
        }
    }
}

fn errors(t: &CodeTables, faults: &mut Vec<String>) {
    for table in [&t.errors_high, &t.errors_low, &t.psa_status] {
        let per_version = |row: &ErrorRow| {
            let number = row.number.0;
            let name = row.name.clone();
            row.versions.iter().map(move |v| (number, name.clone(), v))
        };
        let numbers = table.rows.iter().flat_map(per_version);
        unique(table.file, numbers.map(|(n, _, v)| (n, v)), faults);
        let names = table.rows.iter().flat_map(per_version);
        unique(table.file, names.map(|(_, name, v)| (name, v)), faults);
        for row in &table.rows {
            if row.text.is_empty() || row.name.is_empty() {
                faults.push(format!("{}: {} has no text", table.file, row.number.0));
            }
        }
    }
    for (table, fits) in [
        (&t.errors_high, (|m| m % 0x80 == 0) as fn(u64) -> bool),
        (&t.errors_low, |m| (1..0x80).contains(&m)),
        (&t.psa_status, |m| (129..=155).contains(&m)),
    ] {
        for row in &table.rows {
            if row.number.0 >= 0 || !fits(row.number.0.unsigned_abs()) {
                let (file, number, name) = (table.file, row.number.0, &row.name);
                faults.push(format!("{file}: {number} ({name}) is in the wrong range"));
            }
        }
    }
}

fn references(t: &CodeTables, faults: &mut Vec<String>) {
    let errors = || t.errors_high.rows.iter().chain(&t.errors_low.rows);
    let named = |number, name: &str, major| {
        errors().any(|r| r.number == number && r.name == name && r.versions.contains(major))
    };
    for row in &t.changed.rows {
        let (file, number) = (t.changed.file, row.number.0);
        if !named(row.number, &row.was, 2) {
            faults.push(format!("{file}: {number} is not {} in 2.x", row.was));
        }
        let removed = !errors().any(|r| r.number == row.number && r.versions.contains(3));
        if row.now.is_empty() != removed || !(removed || named(row.number, &row.now, 3)) {
            faults.push(format!("{file}: {number} is not \"{}\" in 3.x", row.now));
        }
    }
    for row in &t.readings.rows {
        for number in &row.numbers {
            if !errors().any(|r| r.number == *number) {
                let file = t.readings.file;
                faults.push(format!("{file}: {} is in no table", number.0));
            }
        }
    }
    let file = t.verify_flags.file;
    unique(file, t.verify_flags.rows.iter().map(|r| r.bit), faults);
    for row in &t.verify_flags.rows {
        if row.bit.0 <= 0 || row.bit.0.count_ones() != 1 {
            faults.push(format!("{file}: {} is not one bit", row.name));
        }
    }
    for row in &t.flag_alerts {
        for flag in &row.flags {
            if !t.verify_flags.rows.iter().any(|r| r.name == *flag) {
                faults.push(format!("{file}: no flag is called {flag}"));
            }
        }
        if Alert(row.number).name().is_none() {
            faults.push(format!("{file}: no alert has the number {}", row.number));
        }
    }
    let anchors = t.anchors.rows.iter().map(|r| (&r.file, r.line));
    unique(t.anchors.file, anchors, faults);
}

fn states(t: &CodeTables, faults: &mut Vec<String>) {
    let file = t.states.file;
    unique(file, t.states.rows.iter().map(|r| &r.name), faults);
    for (column, versions) in t.state_columns.iter().enumerate() {
        let numbers = t
            .states
            .rows
            .iter()
            .filter_map(|r| r.numbers.get(column).copied())
            .filter(|&n| n >= 0);
        unique(file, numbers.map(|n| (versions, n)), faults);
    }
    for row in &t.states.rows {
        if row.client.is_empty() && row.server.is_empty() {
            faults.push(format!("{file}: nobody is ever in {}", row.name));
        }
    }
    if !t.state_columns.windows(2).all(|w| w[0].1 < w[1].0) {
        faults.push(format!("{file}: the columns are not in order of version"));
    }
}

fn vocabulary(t: &CodeTables, faults: &mut Vec<String>) {
    let mut same = |file: &str, number: i64, name: &str, registered: Option<&str>| {
        if registered != Some(name) {
            faults.push(format!(
                "{file}: {number} is called \"{name}\", the registry says {registered:?}"
            ));
        }
    };
    let byte = |row: &NamedRow| u8::try_from(row.number.0).ok();
    let word = |row: &NamedRow| u16::try_from(row.number.0).ok();
    for row in &t.alerts.rows {
        let registered = u8::try_from(row.number.0)
            .ok()
            .and_then(|n| Alert(n).name());
        same(t.alerts.file, row.number.0, &row.name, registered);
    }
    for row in &t.content_types.rows {
        let registered = byte(row).and_then(|n| ContentType(n).name());
        same(t.content_types.file, row.number.0, &row.name, registered);
    }
    for row in &t.versions.rows {
        let registered = word(row).and_then(|n| ProtocolVersion(n).name());
        same(t.versions.file, row.number.0, &row.name, registered);
    }
    for row in &t.groups.rows {
        let registered = word(row).and_then(|n| NamedGroup(n).name());
        same(t.groups.file, row.number.0, &row.name, registered);
    }
    for row in &t.handshake_types.rows {
        // Types that never become a step have no name in the vocabulary.
        if let Some(step) = byte(row).and_then(|n| HandshakeType(n).step()) {
            let file = t.handshake_types.file;
            same(file, row.number.0, &row.name, Some(step.as_str()));
        }
    }
    for row in &t.schemes.rows {
        let scheme = SignatureScheme(u16::try_from(row.number.0).unwrap_or(0));
        let (file, number) = (t.schemes.file, row.number.0);
        let name = scheme.tls13_name().unwrap_or_default();
        same(file, number, &row.tls13, Some(name));
        let pair = scheme.tls12_reading().map(|p| p.to_string());
        same(file, number, &row.tls12, Some(&pair.unwrap_or_default()));
    }
    let tables: [&Table<NamedRow>; 5] = [
        &t.content_types,
        &t.handshake_types,
        &t.extensions,
        &t.versions,
        &t.groups,
    ];
    for table in tables {
        unique(table.file, table.rows.iter().map(|r| r.number), faults);
    }
    unique(
        t.alerts.file,
        t.alerts.rows.iter().map(|r| r.number),
        faults,
    );
    unique(
        t.schemes.file,
        t.schemes.rows.iter().map(|r| r.number),
        faults,
    );
    unique(
        t.debug_levels.file,
        t.debug_levels.rows.iter().map(|r| r.number),
        faults,
    );
    unique(
        t.exchanges.file,
        t.exchanges.rows.iter().map(|r| &r.name),
        faults,
    );
}
