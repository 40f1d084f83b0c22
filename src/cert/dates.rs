//! The validity of a certificate against a time, and against clocks of devices.
//!
//! In: a certificate and the time of judgement. Out: [`Validity`] and what a 32-bit clock makes of
//! it. Must not ask for the present.

use super::certificate::{Certificate, Moment};

/// Where a time stands to the validity of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Within it.
    Valid,
    /// Before notBefore.
    NotYet,
    /// After notAfter.
    Expired,
    /// A date cannot be read.
    Unknown,
}

impl Validity {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYet => "not_yet_valid",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

/// The validity at `unix_s` (seconds since 1970 UTC); both ends belong to it (RFC 5280 section
/// 4.1.2.5).
#[must_use]
pub fn validity(certificate: &Certificate, unix_s: i64) -> Validity {
    match (certificate.not_before, certificate.not_after) {
        (Some(from), _) if unix_s < from.unix_s => Validity::NotYet,
        (_, Some(until)) if unix_s > until.unix_s => Validity::Expired,
        (Some(_), Some(_)) => Validity::Valid,
        _ => Validity::Unknown,
    }
}

/// The same as a device with a signed 32-bit clock sees it: both dates wrap.
#[must_use]
pub fn validity_32_bit(certificate: &Certificate, unix_s: i32) -> Validity {
    let wrapped = |m: Option<Moment>| m.map(Moment::as_32_bit);
    match (
        wrapped(certificate.not_before),
        wrapped(certificate.not_after),
    ) {
        (Some(from), _) if unix_s < from => Validity::NotYet,
        (_, Some(until)) if unix_s > until => Validity::Expired,
        (Some(_), Some(_)) => Validity::Valid,
        _ => Validity::Unknown,
    }
}
