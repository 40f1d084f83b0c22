//! The rule of each stack.
//!
//! In: a leaf and a host. Out: the [`NameCheck`] of one stack.

use std::net::IpAddr;

use super::compare::{Decision, common_names, compare, compare_address, compare_names, quoted};
use super::wildcard::Wildcard;
use super::{NameCheck, NameVerdict};
use crate::cert::certificate::Certificate;
use crate::cert::path::{PATH_ENGINE, name_matches};
use crate::cert::public_suffix::registry;

fn decided(
    id: &'static str,
    stack: &'static str,
    (verdict, why): Decision,
    source: &'static str,
) -> NameCheck {
    NameCheck {
        id,
        stack,
        verdict,
        why,
        source,
    }
}

pub(super) fn openssl_host(leaf: &Certificate, host: &str) -> NameCheck {
    let names: Vec<&str> = leaf.extensions.dns_names().collect();
    let result = if names.is_empty() {
        let (verdict, why) = compare(
            &common_names(leaf),
            "the common name",
            host,
            Wildcard::OpenSsl,
        );
        (verdict, format!("There is no dNSName, so {why}"))
    } else {
        let (verdict, why) = compare(&names, "dNSName", host, Wildcard::OpenSsl);
        (verdict, format!("{why} The common name is not looked at."))
    };
    decided(
        "openssl-host",
        "OpenSSL, asked for a host name",
        result,
        "OpenSSL crypto/x509/v3_utl.c, X509_check_host",
    )
}

pub(super) fn openssl_address(leaf: &Certificate, address: Option<IpAddr>) -> NameCheck {
    let result = match address {
        None => (
            NameVerdict::NotChecked,
            "The host is a name and no address.".into(),
        ),
        Some(address) => {
            let (verdict, why) = compare_address(leaf, address);
            (verdict, format!("{why} The common name is not looked at."))
        }
    };
    decided(
        "openssl-ip",
        "OpenSSL, asked for an address",
        result,
        "OpenSSL crypto/x509/v3_utl.c, X509_check_ip",
    )
}

/// Said where iPAddress plays no part.
const ONLY_NAMES: &str =
    " With subjectAltName only dNSName counts; iPAddress and the common name do not.";

pub(super) fn mbedtls_old(leaf: &Certificate, host: &str) -> NameCheck {
    decided(
        "mbedtls-old",
        "Mbed TLS up to 3.4",
        compare_names(leaf, host, ONLY_NAMES),
        "Mbed TLS x509_crt.c, x509_crt_verify_name (2.x to 3.4)",
    )
}

pub(super) fn mbedtls_new(leaf: &Certificate, host: &str, address: Option<IpAddr>) -> NameCheck {
    let by_name = compare_names(leaf, host, "");
    let names = leaf.extensions.alt_names.as_ref();
    let address = address.filter(|_| names.is_some() && by_name.0 != NameVerdict::Match);
    decided(
        "mbedtls-new",
        "Mbed TLS from 3.5",
        address.map_or(by_name, |a| compare_address(leaf, a)),
        "Mbed TLS ChangeLog 3.5.0; x509_crt.c, x509_crt_verify_name",
    )
}

pub(super) fn wolfssl(leaf: &Certificate, host: &str) -> NameCheck {
    let names: Vec<&str> = leaf.extensions.dns_names().collect();
    let result = if leaf
        .extensions
        .alt_names
        .as_ref()
        .is_some_and(|n| !n.is_empty())
    {
        let (verdict, why) = compare(&names, "dNSName", host, Wildcard::Anywhere);
        (verdict, format!("{why} The common name is not looked at."))
    } else {
        let (verdict, why) = compare(
            &common_names(leaf),
            "the common name",
            host,
            Wildcard::Anywhere,
        );
        (
            verdict,
            format!("There is no alternative name, so {why} Addresses are compared as text."),
        )
    };
    decided(
        "wolfssl",
        "wolfSSL, default build",
        result,
        "wolfSSL src/internal.c, CheckHostName and MatchDomainName (without WOLFSSL_IP_ALT_NAME)",
    )
}

/// A dNSName or, without subjectAltName, a common name; a leading wildcard stands for one label. An
/// address is a text like any other.
pub(super) fn bearssl(leaf: &Certificate, host: &str) -> NameCheck {
    decided(
        "bearssl",
        "BearSSL",
        compare_names(leaf, host, ONLY_NAMES),
        "BearSSL src/x509/x509_minimal.t0, match-server-name and process-SAN",
    )
}

/// RFC 9525 as browsers do it: subjectAltName alone, a name against dNSName, an address against
/// iPAddress.
pub(super) fn browsers(leaf: &Certificate, host: &str, address: Option<IpAddr>) -> NameCheck {
    let (verdict, why) = if let Some(address) = address {
        compare_address(leaf, address)
    } else {
        // A wildcard for a whole registry, such as a top-level domain, is refused.
        let narrow = |n: &&str| {
            n.strip_prefix("*.")
                .is_none_or(|rest| rest.contains('.') && registry(rest).is_none())
        };
        let names: Vec<&str> = leaf.extensions.dns_names().filter(narrow).collect();
        if names.is_empty() {
            (
                NameVerdict::Mismatch,
                "There is no dNSName to compare.".to_owned(),
            )
        } else {
            compare(&names, "dNSName", host, Wildcard::FirstLabel)
        }
    };
    decided(
        "browser",
        "browsers",
        (verdict, format!("{why} The common name is not looked at.")),
        "RFC 9525 section 6; Chromium net/cert/x509_certificate.cc, VerifyHostname; publicsuffix.org",
    )
}

pub(super) fn webpki(leaf: &Certificate, host: &str) -> NameCheck {
    let result = match name_matches(leaf, host) {
        Ok(()) => (
            NameVerdict::Match,
            "subjectAltName holds the host.".to_owned(),
        ),
        Err(why) => (
            NameVerdict::Mismatch,
            format!("For the engine {why}. The common name is not looked at."),
        ),
    };
    decided("rustls", "rustls", result, PATH_ENGINE)
}

pub(super) fn common_name_only(
    leaf: &Certificate,
    host: &str,
    id: &'static str,
    stack: &'static str,
    source: &'static str,
) -> NameCheck {
    let names = common_names(leaf);
    let equal = names.iter().any(|n| n.eq_ignore_ascii_case(host));
    let wildcard = names.iter().any(|n| n.contains('*'));
    let verdict = match (equal, wildcard) {
        (true, _) => NameVerdict::Match,
        (false, true) => NameVerdict::NotChecked,
        (false, false) => NameVerdict::Mismatch,
    };
    let why = match verdict {
        NameVerdict::Match => "The common name equals the host.".to_owned(),
        NameVerdict::NotChecked => {
            "The common name holds a wildcard; whether it counts is not documented.".to_owned()
        }
        NameVerdict::Mismatch => format!(
            "The common name {} is not \u{201c}{host}\u{201d}; nothing documents that subjectAltName is looked at.",
            quoted(&names)
        ),
    };
    decided(id, stack, (verdict, why), source)
}
