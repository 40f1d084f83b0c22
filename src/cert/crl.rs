//! Certificate revocation lists (RFC 5280 section 5).
//!
//! In: DER. Out: [`Crl`]; and for a certificate whether the list revokes it. Must not know paths or
//! fetch anything.

use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::certificate::{Certificate, Serial, read_serial};
use super::names::DistinguishedName;
use super::signature::{SignatureCheck, check_signed};
use super::tlv::{self, tag};

/// Larger lists are named and not read: an entry takes ten times its bytes in memory.
const LARGEST: usize = 8 * 1_024 * 1_024;

/// A revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    /// Issuer.
    pub issuer: DistinguishedName,
    /// Its DER.
    pub der: Vec<u8>,
    /// Made at, seconds since 1970 UTC.
    pub this_update_unix_s: Option<i64>,
    /// A newer one is promised until then, seconds since 1970 UTC.
    pub next_update_unix_s: Option<i64>,
    /// Serial numbers of revoked certificates, as hexadecimal digits, sorted.
    pub revoked: Vec<String>,
    /// The whole list could be read.
    pub readable: bool,
    /// cRLNumber: is it there, and is it critical?
    pub(super) number_critical: Option<bool>,
    /// Critical extensions that are not known here.
    pub(super) critical_unknown: bool,
}

/// What a list says about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Revocation {
    /// It is another issuer's.
    NotFor,
    Good,
    Revoked,
    /// The list cannot be used; why.
    Unusable(&'static str),
}

impl Crl {
    pub(super) fn read(der: &[u8], issuer: DistinguishedName) -> Self {
        let mut out = Self {
            issuer,
            der: der.to_vec(),
            this_update_unix_s: None,
            next_update_unix_s: None,
            revoked: Vec::new(),
            readable: false,
            number_critical: None,
            critical_unknown: false,
        };
        if der.len() > LARGEST {
            return out;
        }
        let Ok((_, list)) = CertificateRevocationList::from_der(der) else {
            return out;
        };
        out.readable = true;
        out.this_update_unix_s = Some(list.last_update().timestamp());
        out.next_update_unix_s = list.next_update().map(|t| t.timestamp());
        out.revoked = list
            .iter_revoked_certificates()
            .map(|entry| read_serial(entry.raw_serial()).hex)
            .collect();
        out.revoked.sort_unstable();
        for extension in list.extensions() {
            match extension.oid.to_id_string().as_str() {
                "2.5.29.20" => out.number_critical = Some(extension.critical),
                "2.5.29.35" => {}
                _ => out.critical_unknown |= extension.critical,
            }
        }
        out
    }

    /// Does this list, signed by `issuer`, revoke `certificate` at `at` (seconds since 1970 UTC)?
    pub(super) fn revokes(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: i64,
    ) -> Revocation {
        if self.issuer.der != certificate.issuer.der {
            return Revocation::NotFor;
        }
        if !self.readable {
            return Revocation::Unusable("it cannot be read");
        }
        let may_sign = issuer
            .extensions
            .key_usage
            .as_ref()
            .is_none_or(|usage| usage.contains(&"cRLSign"));
        if !may_sign {
            return Revocation::Unusable(
                "its issuer may not sign revocation lists (RFC 5280 section 6.3.3)",
            );
        }
        match self.number_critical {
            None => return Revocation::Unusable("it has no cRLNumber (RFC 5280 section 5.2.3)"),
            Some(true) => {
                return Revocation::Unusable("its cRLNumber is critical (RFC 5280 section 5.2.3)");
            }
            Some(false) => {}
        }
        if self.critical_unknown {
            return Revocation::Unusable("it has a critical extension that is not known");
        }
        if self.this_update_unix_s.is_some_and(|from| at < from) {
            return Revocation::Unusable("it is not yet valid");
        }
        if self.next_update_unix_s.is_some_and(|until| at > until) {
            return Revocation::Unusable("it is past its nextUpdate");
        }
        match check_signed(&self.der, issuer) {
            SignatureCheck::Good => {}
            SignatureCheck::Bad => {
                return Revocation::Unusable("its signature is not of the issuer's key");
            }
            SignatureCheck::NotChecked(_) => {
                return Revocation::Unusable("its signature cannot be checked here");
            }
        }
        let hex = certificate.serial.as_ref().map(|Serial { hex, .. }| hex);
        match hex {
            Some(hex) if self.revoked.binary_search(hex).is_ok() => Revocation::Revoked,
            _ => Revocation::Good,
        }
    }
}

/// Does the signed part of these fields look like a list: an algorithm, a name, a time?
pub(super) fn issuer_of(der: &[u8], fields: &[tlv::Tlv]) -> Option<DistinguishedName> {
    let rest = match fields {
        [version, rest @ ..] if version.tag == tag::INTEGER => rest,
        all => all,
    };
    let holds_oid = |of: &tlv::Tlv| {
        tlv::children(der, of)
            .0
            .first()
            .is_some_and(|e| e.tag == tag::OID)
    };
    match rest {
        [algorithm, issuer, time, ..]
            if algorithm.tag == tag::SEQUENCE
                && holds_oid(algorithm)
                && issuer.tag == tag::SEQUENCE
                && matches!(time.tag, tag::UTC_TIME | tag::GENERALIZED_TIME) =>
        {
            Some(DistinguishedName::read(der, issuer))
        }
        _ => None,
    }
}
