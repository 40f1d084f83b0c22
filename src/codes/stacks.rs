//! Codes of TLS stacks other than Mbed TLS: by number and by name.

use super::describe;
use super::numbers::Candidates;
use super::{Kind, Meaning};
use crate::knowledge::codes::{StackKind, StackRow, StackTable, stack_tables, tables};

/// OpenSSL's number for its TLS library (`ERR_LIB_SSL`).
const LIB_SSL: i64 = 20;
/// Reasons from here on are alerts received.
const ALERT_BASE: i64 = 1000;

fn meaning(table: &'static StackTable, row: &'static StackRow) -> Meaning {
    Meaning {
        kind: Kind::StackError,
        stack: &table.stack,
        versions: String::new(),
        name: row.name.clone(),
        text: row.text.clone(),
        source: &table.source,
        number: row.number.0,
    }
}

/// Adds what other stacks mean by a number; `true` where one knows it. `decimal`: so it is written.
/// `whole`: all of it is an error of Mbed TLS.
pub(super) fn number(value: i64, decimal: bool, whole: bool, candidates: &mut Candidates) -> bool {
    // Status codes of 32 bits with the highest one set were read as negative.
    let value = if value < -0x4000_0000 {
        value + 0x1_0000_0000
    } else {
        value
    };
    let mut any = false;
    for table in stack_tables() {
        let score = match (table.kind, value < 0, decimal) {
            // These libraries print their negative errors in decimal.
            (StackKind::StackError, true, true) if whole => 90,
            // Only a part of it is an error of Mbed TLS.
            (StackKind::StackError, true, true) => 101,
            (StackKind::StackError, true, false) => 10,
            (StackKind::StackError, false, _) if value > 0xFFFF => 95,
            (StackKind::X509Verify, false, true) => 50,
            (StackKind::StackError, false, true) => 25,
            (StackKind::OpensslReason, false, _) => 8,
            _ => 5,
        };
        if let Some(row) = table.row(value) {
            candidates.add(score, meaning(table, row), |_| true);
            any = true;
        }
    }
    any | queue(value, candidates)
        | openssl_alert(value, decimal, candidates)
        | bearssl_alert(value, candidates)
}

/// OpenSSL's reasons from 1000 on, alone: alerts received.
fn openssl_alert(value: i64, decimal: bool, candidates: &mut Candidates) -> bool {
    let number = value - ALERT_BASE;
    let rows = &tables().alerts.rows;
    let row = rows.iter().find(|r| number > 0 && r.number.0 == number);
    let table = stack_tables()
        .iter()
        .find(|t| t.kind == StackKind::OpensslReason);
    let (Some(row), Some(table)) = (row.filter(|_| decimal), table) else {
        return false;
    };
    let told = Meaning {
        kind: Kind::StackError,
        stack: &table.stack,
        versions: String::new(),
        name: format!("alert {number} received"),
        text: format!(
            "Reason 1000 and the alert: alert {number} ({}) received.",
            row.name
        ),
        source: &table.source,
        number: value,
    };
    candidates.add(12, told, |_| true);
    true
}

/// A whole code of OpenSSL's error queue: library << 23 and reason (3.x), or library << 24,
/// function and reason (up to 1.1).
fn queue(value: i64, candidates: &mut Candidates) -> bool {
    let reason = if value >> 23 == LIB_SSL {
        value & 0x7F_FFFF
    } else if value >> 24 == LIB_SSL {
        value & 0xFFF
    } else {
        return false;
    };
    if let Some(alert) = reason
        .checked_sub(ALERT_BASE)
        .filter(|n| (0..=255).contains(n))
    {
        let rows = &tables().alerts.rows;
        if let Some(row) = rows.iter().find(|r| r.number.0 == alert) {
            candidates.add(97, describe::alert(row), |_| true);
            return true;
        }
    }
    let found = stack_tables()
        .iter()
        .filter(|t| t.kind == StackKind::OpensslReason)
        .find_map(|t| Some((t, t.row(reason)?)));
    if let Some((table, row)) = found {
        candidates.add(97, meaning(table, row), |_| true);
        return true;
    }
    false
}

/// BearSSL counts alerts on from 256 (received) and 512 (sent).
fn bearssl_alert(value: i64, candidates: &mut Candidates) -> bool {
    let (number, way) = match value {
        257..=511 => (value - 256, "received"),
        513..=767 => (value - 512, "sent"),
        _ => return false,
    };
    let rows = &tables().alerts.rows;
    let Some(row) = rows.iter().find(|r| r.number.0 == number) else {
        return false;
    };
    let Some(table) = stack_tables().iter().find(|t| t.stack == "BearSSL") else {
        return false;
    };
    let told = Meaning {
        kind: Kind::StackError,
        stack: &table.stack,
        versions: String::new(),
        name: format!("fatal alert {number} {way}"),
        text: format!("Fatal alert {number} ({}) {way}.", row.name),
        source: &table.source,
        number: value,
    };
    candidates.add(30, told, |_| true);
    true
}

/// Adds what a name or an official text stands for.
pub(super) fn name(text: &str, candidates: &mut Candidates) {
    let wanted = text.trim().trim_end_matches('.');
    if wanted.len() < 6 {
        return;
    }
    for table in stack_tables() {
        for row in &table.rows {
            let same = row.name.eq_ignore_ascii_case(wanted)
                || printed(&row.name).eq_ignore_ascii_case(wanted)
                || row.text.trim_end_matches('.').eq_ignore_ascii_case(wanted);
            if same {
                candidates.add(90, meaning(table, row), |_| true);
            }
        }
    }
}

/// The words that a library prints for one of its names: `SSL_R_NO_SHARED_CIPHER` is "no shared
/// cipher".
fn printed(name: &str) -> String {
    let bare = ["SSL_R_", "X509_V_ERR_", "GNUTLS_E_", "BR_ERR_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    bare.unwrap_or(name).replace('_', " ")
}
