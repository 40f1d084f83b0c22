//! The path check of two named engines: rustls-webpki here, and the strict one of this program.
//!
//! In: a chain, trusted certificates, a time, and a host. Out: [`PathCheck`]. Devices use other
//! engines: this is one opinion, and it is stricter than most (it wants subjectAltName, refuses
//! version 1 and CA certificates as leaves).

mod rules;
mod strict;

pub use strict::{PathUse, STRICT_ENGINE, StrictPath, StrictQuestion, check_strictly};

use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::cert::certificate::Certificate;

/// The engine, as shown.
pub const PATH_ENGINE: &str = "rustls-webpki 0.103";

/// Outcome of a path check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathCheck {
    /// The engine accepts the chain.
    Verified,
    /// It refuses it; why, in its own words.
    Refused(String),
    /// It was not asked; why.
    NotChecked(String),
}

impl PathCheck {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refused(_) => "refused",
            Self::NotChecked(_) => "not checked",
        }
    }
}

/// Asks the engine whether `leaf` may act as a TLS server at `unix_s` (seconds since 1970 UTC).
#[must_use]
pub fn check_path(
    leaf: &Certificate,
    others: &[&Certificate],
    trusted: &[&Certificate],
    unix_s: i64,
    host: Option<&str>,
) -> PathCheck {
    if trusted.is_empty() {
        return PathCheck::NotChecked("No trusted certificate was given.".into());
    }
    let Ok(seconds) = u64::try_from(unix_s) else {
        return PathCheck::NotChecked("The time lies before 1970.".into());
    };
    let anchors_der: Vec<CertificateDer<'_>> = trusted
        .iter()
        .map(|c| CertificateDer::from_slice(&c.der))
        .collect();
    let anchors: Vec<_> = anchors_der
        .iter()
        .filter_map(|der| anchor_from_trusted_cert(der).ok())
        .collect();
    let between: Vec<CertificateDer<'_>> = others
        .iter()
        .map(|c| CertificateDer::from_slice(&c.der))
        .collect();
    let leaf_der = CertificateDer::from_slice(&leaf.der);
    let end = match EndEntityCert::try_from(&leaf_der) {
        Ok(end) => end,
        Err(error) => return PathCheck::Refused(words(&error)),
    };
    if let Err(error) = end.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &between,
        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        KeyUsage::server_auth(),
        None,
        None,
    ) {
        return PathCheck::Refused(words(&error));
    }
    match host.map(|h| name_matches(leaf, h)) {
        Some(Err(why)) => PathCheck::Refused(why),
        _ => PathCheck::Verified,
    }
}

/// Asks the engine whether `leaf` is for `host`.
///
/// # Errors
/// Why it is not, as a clause without its stop.
pub fn name_matches(leaf: &Certificate, host: &str) -> Result<(), String> {
    let name = ServerName::try_from(host).map_err(|e| e.to_string())?;
    let der = CertificateDer::from_slice(&leaf.der);
    let end = EndEntityCert::try_from(&der).map_err(|e| words(&e))?;
    end.verify_is_valid_for_subject_name(&name)
        .map_err(|e| words(&e))
}

/// What the engine says, as a sentence without its stop; rare cases keep the engine's own name.
fn words(error: &webpki::Error) -> String {
    use webpki::Error;
    match error {
        Error::CertNotValidForName(context) if context.presented.is_empty() => {
            "there is no subjectAltName".into()
        }
        Error::CertNotValidForName(context) => format!(
            "none of the {} entries of subjectAltName is the host",
            context.presented.len()
        ),
        Error::CaUsedAsEndEntity => "a CA certificate stands in the place of the leaf".into(),
        Error::UnknownIssuer => "no trusted certificate issued it".into(),
        Error::CertExpired { .. } => "a certificate has expired".into(),
        Error::CertNotValidYet { .. } => "a certificate is not yet valid".into(),
        Error::UnsupportedCertVersion => "the certificate is not of version 3".into(),
        other => format!("{other:?}"),
    }
}
