//! The clocks that a device may have, against the certificates of the chain.

use super::chain_rows::ChainRow;
use crate::cert::{self, Certificate, Clock, Validity};

/// A clock against the certificates of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// A few words.
    pub name: String,
    /// What it reads, seconds since 1970 UTC.
    pub unix_s: i64,
    /// What it means.
    pub says: String,
    /// Where that is documented.
    pub source: String,
    /// One verdict a certificate.
    pub verdicts: Vec<Validity>,
}

/// The time of judgement, also as signed 32 bits, and every clock of the table.
pub(super) fn clock_rows(rows: &[ChainRow], at: i64, clocks: &[Clock]) -> Vec<ClockRow> {
    let certificates: Vec<&Certificate> = rows
        .iter()
        .filter_map(|r| r.looked.as_ref().map(|l| &l.certificate))
        .collect();
    let each = |unix_s| {
        certificates
            .iter()
            .map(|c| cert::validity(c, unix_s))
            .collect()
    };
    let mut out = vec![ClockRow {
        name: "time of judgement".into(),
        unix_s: at,
        says: "A clock that is right at the time of judgement.".into(),
        source: "this session".into(),
        verdicts: each(at),
    }];
    if let Ok(now) = i32::try_from(at) {
        out.push(ClockRow {
            name: "the same, dates in signed 32 bit".into(),
            unix_s: at,
            says: "The device reads the dates of the certificate into signed 32 bits: what lies after 2038-01-19 becomes a date before 1970.".into(),
            source: "RFC 5280 section 4.1.2.5; arduino-esp32 issue 1361".into(),
            verdicts: certificates
                .iter()
                .map(|c| cert::validity_32_bit(c, now))
                .collect(),
        });
    }
    out.extend(clocks.iter().map(|c| ClockRow {
        name: c.name.clone(),
        unix_s: c.unix_s,
        says: c.says.clone(),
        source: c.source.clone(),
        verdicts: each(c.unix_s),
    }));
    out
}
