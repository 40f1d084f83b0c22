//! A number and everything that it can stand for, with how plausible each reading is.
//!
//! The rule, from most to least plausible: what the stack of the hint defines moves up, what does
//! not hold in its version moves down. A negative number is an error of Mbed TLS (or a PSA status).
//! A small decimal number is an alert, a handshake state, a record or message type, in this order.
//! Two hexadecimal digits are a verify flag, a record type, an alert or a group; four are a version,
//! a signature scheme, an error printed without its sign, a group, a suite. What people write is never refused: rare
//! readings come last.

use crate::knowledge::codes::{NamedRow, Table, tables};
use crate::tls::CipherSuite;

use super::describe;
use super::literal::{Base, Literal};
use super::mbedtls::{parts, rows_of};
use super::{Kind, Meaning, StackHint};

/// A meaning with its plausibility (0 to about 140).
pub(super) struct Candidate {
    /// Higher is more plausible.
    pub score: i32,
    /// What it would mean.
    pub meaning: Meaning,
}

/// What moves a meaning of the hinted stack up, and one of another version of it down.
const SAME_STACK: i32 = 40;
const OTHER_VERSION: i32 = -60;
/// What a result code of the hinted device gains.
const OWN_DEVICE: i32 = 75;
/// What a part of a compound error loses where another table has the whole number.
const PART_ONLY: i32 = 50;

/// Collects candidates for one part of a query.
pub(super) struct Candidates<'a> {
    hint: Option<&'a StackHint>,
    /// Only this kind was asked for.
    only: Option<Kind>,
    /// In the order found.
    pub found: Vec<Candidate>,
    /// What cannot be explained, as a sentence.
    pub unknown: Option<String>,
}

impl<'a> Candidates<'a> {
    /// Nothing yet.
    pub fn new(hint: Option<&'a StackHint>, only: Option<Kind>) -> Self {
        Self {
            hint,
            only,
            found: Vec::new(),
            unknown: None,
        }
    }

    /// Is this kind asked for?
    pub fn wants(&self, kind: Kind) -> bool {
        match self.only {
            None => true,
            // A person who says "error" means what a function returned, whoever defined it.
            Some(Kind::Error) => matches!(
                kind,
                Kind::Error
                    | Kind::PsaStatus
                    | Kind::ByteCount
                    | Kind::DeviceStatus
                    | Kind::DeviceError
            ),
            Some(only) => only == kind,
        }
    }

    /// Adds a meaning. `holds`: does it hold in this version of its stack?
    pub fn add(&mut self, score: i32, meaning: Meaning, holds: impl Fn((u8, u8)) -> bool) {
        if !self.wants(meaning.kind) {
            return;
        }
        let mut score = score;
        if let Some(hint) = self.hint
            && hint.names(meaning.stack)
        {
            score += match meaning.kind {
                // A device that is known prints its own numbers before those of TLS.
                Kind::DeviceStatus | Kind::DeviceError => OWN_DEVICE,
                _ => SAME_STACK,
            };
            if hint.version.is_some_and(|v| !holds(v)) {
                score += OTHER_VERSION;
            }
        }
        self.found.push(Candidate { score, meaning });
    }

    /// Every reading of one written number.
    pub fn number(&mut self, literal: Literal) {
        let value = literal.value;
        if literal.byte_count {
            self.add(100, describe::byte_count(value), |_| true);
            return;
        }
        let of_device = self.devices(literal);
        if value < 0 {
            let before = self.found.len();
            self.error(value, 100);
            let errors = before..self.found.len();
            let whole = self.unknown.is_none() && !errors.is_empty();
            let of_stack = super::stacks::number(value, literal.base == Base::Decimal, whole, self);
            if of_stack || of_device {
                self.unknown = None;
                // Someone else has the whole number: a part that Mbed TLS knows says little.
                for candidate in self.found.get_mut(errors).into_iter().flatten() {
                    candidate.score -= if whole { 0 } else { PART_ONLY };
                }
            }
            if value == -1 && literal.base == Base::Hex(8) {
                self.add(90, describe::check_not_run(), |_| true);
            }
            return;
        }
        self.registered(literal);
        self.states(literal);
        self.flags(literal);
        super::stacks::number(value, literal.base == Base::Decimal, true, self);
        if self.wants(Kind::Error) {
            self.without_sign(literal);
        }
    }

    /// Codes of devices and modules. Small numbers mean something in every one of them, so without
    /// a hint those of TLS itself come first.
    /// True where one has it.
    fn devices(&mut self, literal: Literal) -> bool {
        let value = literal.value;
        let mut any = false;
        for table in tables().devices.iter().filter(|t| !t.decoded_only) {
            if value < 0
                && table.negated
                && let Some(row) = table.row(-value)
            {
                let score = match (literal.base, -value) {
                    // The errors of sockets; Mbed TLS prints its own few there in hexadecimal.
                    (Base::Decimal, 100..=128) => 103,
                    (Base::Decimal, _) => 88,
                    (Base::Hex(_), _) => 15,
                };
                self.add(score, describe::returned_errno(table, row), |_| true);
                any = true;
            }
            let Some(row) = table.row(value) else {
                continue;
            };
            any = true;
            let score = match (table.hex, literal.base) {
                _ if table.numbering => 3,
                (true, Base::Hex(..=2)) => 58,
                (true, Base::Decimal) | (false, Base::Hex(_)) if value >= 0 => 12,
                (true, _) => 84,
                (false, _) if value < 0 => 60,
                (false, _) if value >= 128 => 70,
                (false, _) => 28,
            };
            self.add(score, describe::device(table, row), |_| true);
        }
        any
    }

    /// An error printed without its sign, as some applications do.
    fn without_sign(&mut self, literal: Literal) {
        let code = -literal.value;
        let score = match (parts(code), literal.base) {
            (None, _) => return,
            (Some((_, 0)), Base::Hex(_)) => 94,
            (Some((_, 0)), Base::Decimal) => 92,
            (Some((0, _)), _) => 20,
            (Some(_), _) => 35,
        };
        let mut errors = Self::new(self.hint, self.only);
        errors.error(code, score);
        // Any count has some bits in common with errors: only whole matches are plausible.
        if errors.unknown.is_none() || self.only == Some(Kind::Error) {
            self.found.append(&mut errors.found);
        }
        if self.found.is_empty() && literal.value >= 0x1000 {
            self.unknown = errors.unknown;
        }
    }

    /// A negative code: PSA status, or module error and low-level error.
    fn error(&mut self, code: i64, score: i32) {
        let tables = tables();
        let status = rows_of(&tables.psa_status, code);
        for row in status {
            let meaning = describe::error(Kind::PsaStatus, &tables.psa_status, row);
            self.add(score - 5, meaning, |v| row.versions.contains(v.0));
        }
        if !status.is_empty() {
            return;
        }
        let Some((high, low)) = parts(code) else {
            self.unknown = Some(format!(
                "{code} (-0x{:X}) is outside the 15 bits of Mbed TLS errors, and no other table has it.",
                code.unsigned_abs()
            ));
            return;
        };
        // The module error says more than the detail below it.
        for (part, table, score) in [
            (high, &tables.errors_high, score),
            (low, &tables.errors_low, score - 1),
        ] {
            if part == 0 {
                continue;
            }
            let rows = rows_of(table, part);
            for row in rows {
                let meaning = describe::error(Kind::Error, table, row);
                self.add(score, meaning, |v| row.versions.contains(v.0));
            }
            if rows.is_empty() {
                self.unknown = Some(unknown_error(code, high, low, part));
            }
        }
    }

    fn states(&mut self, literal: Literal) {
        // The states of TLS 1.3, above 18, are printed by name.
        let score = match literal.base {
            Base::Decimal if literal.value <= 18 => 80,
            Base::Decimal => 60,
            Base::Hex(_) => 30,
        };
        let Ok(wanted) = i16::try_from(literal.value) else {
            return;
        };
        for span in describe::StateSpan::all(|_, number| number == wanted) {
            self.add(score, span.meaning(), |v| span.holds(v));
        }
    }

    fn flags(&mut self, literal: Literal) {
        let asked = self.only == Some(Kind::VerifyFlag);
        let value = literal.value;
        // Without the word "flags" only a single bit is plausible.
        if !asked && value.count_ones() != 1 {
            return;
        }
        let score = match literal.base {
            Base::Hex(..=2) => 80,
            Base::Hex(_) => 40,
            Base::Decimal => 30,
        };
        let rows = &tables().verify_flags.rows;
        let mut rest = value;
        for row in rows.iter().filter(|row| row.bit.0 & value != 0) {
            self.add(score, describe::flag(row), |_| true);
            rest &= !row.bit.0;
        }
        if asked && rest != 0 {
            self.unknown = Some(format!("The bits 0x{rest:X} are not verify flags."));
        }
    }

    /// What the registries of TLS have under this number.
    fn registered(&mut self, literal: Literal) {
        let tables = tables();
        let value = literal.value;
        let (alert, content, message, extension, version, scheme, group, suite) = match literal.base
        {
            Base::Decimal => (90, 76, 75, 40, 15, 12, 45, 14),
            Base::Hex(..=2) => (70, 72, 60, 20, 5, 5, 66, 25),
            Base::Hex(_) => (25, 20, 22, 40, 96, 95, 88, 85),
        };
        if let Ok(at) = tables
            .alerts
            .rows
            .binary_search_by_key(&value, |r| r.number.0)
            && let Some(row) = tables.alerts.rows.get(at)
        {
            self.add(alert, describe::alert(row), |_| true);
        }
        for (score, kind, table) in [
            (content, Kind::ContentType, &tables.content_types),
            (message, Kind::HandshakeType, &tables.handshake_types),
            (extension, Kind::Extension, &tables.extensions),
            (version, Kind::Version, &tables.versions),
            (group, Kind::NamedGroup, &tables.groups),
        ] {
            if let Some(row) = named_row(table, value) {
                self.add(score, describe::named(kind, table, row), |_| true);
            }
        }
        let schemes = &tables.schemes.rows;
        if let Ok(at) = schemes.binary_search_by_key(&value, |r| r.number.0)
            && let Some(row) = schemes.get(at)
        {
            for meaning in describe::scheme(row) {
                self.add(scheme, meaning, |_| true);
            }
        }
        if let Some(meaning) = u16::try_from(value)
            .ok()
            .and_then(|n| describe::suite(CipherSuite(n)))
        {
            self.add(suite, meaning, |_| true);
        }
    }
}

fn named_row(table: &'static Table<NamedRow>, number: i64) -> Option<&'static NamedRow> {
    let at = table
        .rows
        .binary_search_by_key(&number, |r| r.number.0)
        .ok()?;
    table.rows.get(at)
}

/// Which part of an error no table has, and what is nearest to it.
fn unknown_error(code: i64, high: i64, low: i64, part: i64) -> String {
    let hex = |n: i64| format!("-0x{:04X}", n.unsigned_abs());
    let rows = &tables().errors_high.rows;
    if part == low && high != 0 {
        return match rows.iter().find(|r| r.number.0 == high) {
            Some(row) => format!(
                "{} is {} plus {}, a low-level error that no table has.",
                hex(code),
                row.name,
                hex(low)
            ),
            None => format!("Neither part of {} is in any table.", hex(code)),
        };
    }
    if high == 0 {
        return format!("{} is a low-level error that no table has.", hex(code));
    }
    let nearest = rows
        .iter()
        .filter(|r| r.number.0.unsigned_abs() >> 12 == high.unsigned_abs() >> 12)
        .min_by_key(|r| r.number.0.abs_diff(high));
    match nearest {
        Some(row) => format!(
            "{} is in no table; the nearest known number is {} ({}), so it would be of the module \
             {} or a neighbour.",
            hex(high),
            hex(row.number.0),
            row.name,
            row.name.split('_').next().unwrap_or_default()
        ),
        None => format!(
            "{} is in no table, and no module of Mbed TLS has numbers near it.",
            hex(high)
        ),
    }
}
