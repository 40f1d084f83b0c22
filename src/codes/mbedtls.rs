//! Names for decoders of Mbed TLS logs: errors, states, verify flags, releases by source line.
//! Called for every line that carries a code: look-ups are binary searches in tables built once.

use crate::knowledge::codes::{AnchorRow, CodeTables, ErrorRow, Table, tables};
use crate::tls::Alert;

/// Bits of the module and its error in the magnitude of a code (`include/mbedtls/error.h`).
const HIGH: i64 = 0x7F80;
/// Bits of the low-level error.
const LOW: i64 = 0x7F;

/// A code as the library returns it: values that were printed as unsigned 32-bit (or 64-bit)
/// numbers become negative again, all others stay as they are.
#[must_use]
pub fn signed_code(code: i64) -> i64 {
    match u32::try_from(code) {
        Ok(unsigned) if unsigned >= 0x8000_0000 => i64::from(unsigned.cast_signed()),
        _ => code,
    }
}

/// The rows of a sorted table that have this number.
pub(super) fn rows_of(table: &'static Table<ErrorRow>, number: i64) -> &'static [ErrorRow] {
    let rows = &table.rows;
    let from = rows.partition_point(|r| r.number.0 < number);
    let to = rows.partition_point(|r| r.number.0 <= number);
    rows.get(from..to).unwrap_or_default()
}

/// The two parts of an error, each negative or 0: module error and low-level error.
/// `None` for what is no Mbed TLS error: 0, positive numbers, more than 15 bits.
pub(super) fn parts(code: i64) -> Option<(i64, i64)> {
    let magnitude = code.checked_neg().filter(|m| (1..=0x7FFF).contains(m))?;
    Some((-(magnitude & HIGH), -(magnitude & LOW)))
}

/// The names of an Mbed TLS error code without `MBEDTLS_ERR_`, high-level part first, then the
/// low-level part: `-0x2562` gives `X509_INVALID_EXTENSIONS`, `ASN1_UNEXPECTED_TAG`. PSA status
/// codes give their name with `PSA_` for `PSA_ERROR_`.
///
/// `major` picks among names that changed between 2.x and 3.x; without it all are given, the older
/// first. Only negative codes (or their unsigned 32-bit form) are errors: positive ones, which are
/// byte counts, and unknown parts give nothing.
#[must_use]
pub fn mbedtls_error_names(code: i64, major: Option<u8>) -> Vec<&'static str> {
    let code = signed_code(code);
    let Some((high, low)) = parts(code) else {
        return Vec::new();
    };
    let tables = tables();
    let mut names = Vec::new();
    let mut add = |rows: &'static [ErrorRow]| {
        for row in rows {
            if major.is_none_or(|m| row.versions.contains(m)) {
                names.push(row.name.as_str());
            }
        }
    };
    let status = rows_of(&tables.psa_status, code);
    if !status.is_empty() {
        // No module has these bits, so the value is a PSA status whatever the version.
        return status.iter().map(|row| row.name.as_str()).collect();
    }
    let of_high = rows_of(&tables.errors_high, high);
    // An unknown high part: the number is none of this library's, its low bits mean nothing.
    if high != 0 && of_high.is_empty() {
        return names;
    }
    if high != 0 {
        add(of_high);
    }
    if low != 0 {
        add(rows_of(&tables.errors_low, low));
    }
    names
}

/// A number that means something else in Mbed TLS 3.x than in 2.x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeaningChange {
    /// Name in 2.x.
    pub was: &'static str,
    /// Name in 3.x; `None` = removed.
    pub now: Option<&'static str>,
    /// What else is to be said; may be empty.
    pub note: &'static str,
}

/// Whether the (high-level part of the) code changed its meaning between 2.x and 3.x.
#[must_use]
pub fn mbedtls_meaning_changed(code: i64) -> Option<MeaningChange> {
    let (high, _) = parts(signed_code(code))?;
    let rows = &tables().changed.rows;
    let at = rows.binary_search_by_key(&high, |r| r.number.0).ok()?;
    rows.get(at).map(|row| MeaningChange {
        was: &row.was,
        now: (!row.now.is_empty()).then_some(row.now.as_str()),
        note: &row.note,
    })
}

/// The column of the state table for a version: the last one that begins at or before it.
fn state_column(tables: &CodeTables, version: Option<(u8, u8)>) -> usize {
    let columns = &tables.state_columns;
    match version {
        // Only releases up to 3.1 print a client's state as a number.
        None => 0,
        Some(version) => columns
            .partition_point(|(first, _)| *first <= version)
            .saturating_sub(1),
    }
}

/// The name of a handshake state without `MBEDTLS_SSL_`, such as `SERVER_CHANGE_CIPHER_SPEC`.
///
/// Numbers above 15 depend on the version (`(major, minor)`); without one they are read as those of
/// 2.x and 3.0, because later clients print names.
#[must_use]
pub fn mbedtls_state_name(number: u16, version: Option<(u8, u8)>) -> Option<&'static str> {
    let tables = tables();
    let column = state_column(tables, version);
    let wanted = i16::try_from(number).ok()?;
    tables
        .states
        .rows
        .iter()
        .find(|row| row.numbers.get(column) == Some(&wanted))
        .map(|row| row.name.as_str())
}

/// The number of a handshake state in the newest releases that have it, with or without the prefix
/// `MBEDTLS_SSL_`. Releases that print names are 3.2 and later.
#[must_use]
pub fn mbedtls_state_number(name: &str) -> Option<u16> {
    let row = state_row(name)?;
    row.iter().rev().find_map(|&n| u16::try_from(n).ok())
}

/// The number of a handshake state in one version (`(major, minor)`).
#[must_use]
pub fn mbedtls_state_number_in(name: &str, version: (u8, u8)) -> Option<u16> {
    let row = state_row(name)?;
    let column = state_column(tables(), Some(version));
    row.get(column).and_then(|&n| u16::try_from(n).ok())
}

fn state_row(name: &str) -> Option<&'static [i16]> {
    let name = name.strip_prefix("MBEDTLS_SSL_").unwrap_or(name);
    let rows = &tables().states.rows;
    rows.iter()
        .find(|row| row.name == name)
        .map(|row| row.numbers.as_slice())
}

/// The names of the bits of a certificate check's result without `MBEDTLS_X509_`, lowest bit
/// first. Unknown bits have no name; `0xFFFFFFFF` (the check was not run) gives none.
#[must_use]
pub fn verify_flag_names(flags: u32) -> Vec<&'static str> {
    if flags == u32::MAX {
        return Vec::new();
    }
    let rows = &tables().verify_flags.rows;
    rows.iter()
        .filter(|row| row.bit.0 & i64::from(flags) != 0)
        .map(|row| row.name.as_str())
        .collect()
}

/// The alert that an Mbed TLS peer sends when its certificate check ends with these flags; the
/// first that applies wins, as in the library. `None` for no flag and for "not run".
#[must_use]
pub fn alert_for_verify_flags(flags: u32) -> Option<Alert> {
    let names = verify_flag_names(flags);
    if names.is_empty() {
        return None;
    }
    let tables = tables();
    let row = tables
        .flag_alerts
        .iter()
        .find(|row| row.flags.iter().any(|f| names.contains(&f.as_str())));
    Some(Alert(row.map_or(tables.other_flag_alert, |r| r.number)))
}

/// All source lines that fix a release, ascending by line.
#[must_use]
pub fn mbedtls_version_anchors() -> &'static [AnchorRow] {
    &tables().anchors.rows
}

/// The release whose source has its state line at this file and line; folders in front of the file
/// name do not count. A patched source can lie: this is a guess from a pair of names.
#[must_use]
pub fn mbedtls_version_of(file: &str, line: u32) -> Option<&'static str> {
    anchor_at(file, line).map(|row| row.version.as_str())
}

/// The anchor at exactly this file and line.
pub(super) fn anchor_at(file: &str, line: u32) -> Option<&'static AnchorRow> {
    let file = base_name(file);
    let rows = mbedtls_version_anchors();
    let from = rows.partition_point(|r| r.line < line);
    rows.iter()
        .skip(from)
        .take_while(|r| r.line == line)
        .find(|r| r.file == file)
}

/// For a state line that no release has at this place: the release that has it nearest in this
/// file, with the distance in lines (positive = further down here). A release in between or a
/// patched source, so a weaker guess than [`mbedtls_version_of`]; only for lines that print the
/// state.
#[must_use]
pub fn mbedtls_nearest_version(file: &str, line: u32) -> Option<(&'static str, i64)> {
    let file = base_name(file);
    mbedtls_version_anchors()
        .iter()
        .filter(|row| row.file == file)
        .min_by_key(|row| row.line.abs_diff(line))
        .map(|row| {
            let distance = i64::from(line) - i64::from(row.line);
            (row.version.as_str(), distance)
        })
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
