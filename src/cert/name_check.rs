//! Is this certificate for that host? As each TLS stack decides.
//!
//! In: a leaf and a host (name or address). Out: one [`NameCheck`] a stack, with the rule and its
//! source. Stacks whose rule is not documented are `not checked`. The rules are models of what the
//! stacks do; rustls-webpki is asked itself.

use std::net::IpAddr;

use super::certificate::Certificate;
use super::names::address_text;
use super::path::{PATH_ENGINE, name_matches};

/// Outcome for one stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameVerdict {
    /// The stack accepts the certificate for this host.
    Match,
    /// It does not.
    Mismatch,
    /// Its rule is not known, or does not apply.
    NotChecked,
}

impl NameVerdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::NotChecked => "not checked",
        }
    }
}

/// What one stack decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCheck {
    /// Id, as a device profile names it.
    pub id: &'static str,
    /// Name as people say it.
    pub stack: &'static str,
    /// The decision.
    pub verdict: NameVerdict,
    /// One sentence: what was compared.
    pub why: String,
    /// Where the rule is documented.
    pub source: &'static str,
}

/// How a wildcard may stand for a name.
#[derive(Clone, Copy)]
enum Wildcard {
    /// `*.` and one whole label, whatever follows (Mbed TLS).
    FirstLabel,
    /// As [`Wildcard::FirstLabel`], part of the label allowed, two more labels behind it (OpenSSL).
    OpenSsl,
    /// Anywhere, never across a dot (wolfSSL).
    Anywhere,
}

/// Asks all stacks.
#[must_use]
pub fn name_checks(leaf: &Certificate, host: &str) -> Vec<NameCheck> {
    let host = host.trim_end_matches('.');
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>()
        .ok();
    let mut out = vec![
        openssl_host(leaf, host),
        openssl_address(leaf, address),
        mbedtls_old(leaf, host),
        mbedtls_new(leaf, host, address),
        wolfssl(leaf, host),
        bearssl(leaf, host),
        webpki(leaf, host),
        browsers(leaf, host, address),
        common_name_only(
            leaf,
            host,
            "ublox",
            "u-blox, validation level 2 and 3",
            "SARA-R4 AT commands manual UBX-17003787, +USECPRF op code 0",
        ),
        common_name_only(
            leaf,
            host,
            "sequans",
            "Sequans Monarch, bit 2 of the check",
            "Sequans staff quoting the AT manual, https://forum.sequans.com/t/stuck-in-loading-certificate/265",
        ),
    ];
    out.extend(UNKNOWN.iter().map(|(id, stack, why, source)| NameCheck {
        id,
        stack,
        verdict: NameVerdict::NotChecked,
        why: (*why).to_owned(),
        source,
    }));
    out
}

const UNKNOWN: [(&str, &str, &str, &str); 4] = [
    (
        "spwf04",
        "SPWF04Sx",
        "The rule is not documented. Names in CNAME records play no part: only the name that the application asked for can be compared.",
        "ST AN4963 does not state it; RFC 6125 section 1.7.2",
    ),
    (
        "spwf01",
        "SPWF01Sx",
        "It compares the name of AT+S.TLSDOMAIN; how is not documented.",
        "X-CUBE-WIFI1, wifi_module driver for SPWF01",
    ),
    (
        "xbee-cellular",
        "XBee Cellular",
        "Which level the modem sets in its component is not documented; at level 2 the common name must equal the host.",
        "Digi support forum thread 20463; UBX-17003787, +USECPRF",
    ),
    (
        "ti",
        "TI SimpleLink",
        "Names are compared only with SL_SO_SECURE_DOMAIN_NAME_VERIFICATION; the rule is not documented.",
        "TI host driver sl_socket.h",
    ),
];

fn quoted(names: &[&str]) -> String {
    match names {
        [] => "nothing".into(),
        [one] => format!("\u{201c}{one}\u{201d}"),
        [first, .., last] if names.len() <= 3 => {
            let middle = names
                .get(1..names.len() - 1)
                .unwrap_or_default()
                .iter()
                .fold(String::new(), |s, n| s + &format!(", \u{201c}{n}\u{201d}"));
            format!("\u{201c}{first}\u{201d}{middle} and \u{201c}{last}\u{201d}")
        }
        [first, ..] => format!("\u{201c}{first}\u{201d} and {} more names", names.len() - 1),
    }
}

/// Compares a host with texts and says which text decided.
fn compare(texts: &[&str], field: &str, host: &str, wildcard: Wildcard) -> (NameVerdict, String) {
    for text in texts {
        if text.eq_ignore_ascii_case(host) {
            return (
                NameVerdict::Match,
                format!("{field} \u{201c}{text}\u{201d} equals the host."),
            );
        }
        if text.contains('*') && wildcard_matches(text, host, wildcard) {
            return (
                NameVerdict::Match,
                format!("The wildcard {field} \u{201c}{text}\u{201d} stands for the host."),
            );
        }
    }
    (
        NameVerdict::Mismatch,
        format!("{field} {} is not \u{201c}{host}\u{201d}.", quoted(texts)),
    )
}

fn common_names(leaf: &Certificate) -> Vec<&str> {
    leaf.subject.common_names().collect()
}

fn decided(
    id: &'static str,
    stack: &'static str,
    (verdict, why): (NameVerdict, String),
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

fn openssl_host(leaf: &Certificate, host: &str) -> NameCheck {
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

fn openssl_address(leaf: &Certificate, address: Option<IpAddr>) -> NameCheck {
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

fn compare_address(leaf: &Certificate, address: IpAddr) -> (NameVerdict, String) {
    let wanted = match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    let listed: Vec<&[u8]> = leaf.extensions.addresses().collect();
    if listed.iter().any(|a| **a == *wanted) {
        (
            NameVerdict::Match,
            format!("iPAddress {address} equals the host."),
        )
    } else if listed.is_empty() {
        (
            NameVerdict::Mismatch,
            "There is no iPAddress entry in subjectAltName.".into(),
        )
    } else {
        let first = listed.first().map(|a| address_text(a)).unwrap_or_default();
        (
            NameVerdict::Mismatch,
            format!("iPAddress {first} is not {address}."),
        )
    }
}

fn mbedtls_old(leaf: &Certificate, host: &str) -> NameCheck {
    let result = if leaf.extensions.alt_names.is_some() {
        let names: Vec<&str> = leaf.extensions.dns_names().collect();
        let (verdict, why) = compare(&names, "dNSName", host, Wildcard::FirstLabel);
        (
            verdict,
            format!(
                "{why} With subjectAltName only dNSName counts; iPAddress and the common name do not."
            ),
        )
    } else {
        let (verdict, why) = compare(
            &common_names(leaf),
            "the common name",
            host,
            Wildcard::FirstLabel,
        );
        (
            verdict,
            format!("There is no subjectAltName, so {why} Addresses are compared as text."),
        )
    };
    decided(
        "mbedtls-old",
        "Mbed TLS up to 3.4",
        result,
        "Mbed TLS x509_crt.c, x509_crt_verify_name (2.x to 3.4)",
    )
}

fn mbedtls_new(leaf: &Certificate, host: &str, address: Option<IpAddr>) -> NameCheck {
    let result = if leaf.extensions.alt_names.is_some() {
        let names: Vec<&str> = leaf.extensions.dns_names().collect();
        let by_name = compare(&names, "dNSName", host, Wildcard::FirstLabel);
        match address.map(|a| compare_address(leaf, a)) {
            Some(by_address) if by_name.0 != NameVerdict::Match => by_address,
            _ => by_name,
        }
    } else {
        let (verdict, why) = compare(
            &common_names(leaf),
            "the common name",
            host,
            Wildcard::FirstLabel,
        );
        (
            verdict,
            format!("There is no subjectAltName, so {why} Addresses are compared as text."),
        )
    };
    decided(
        "mbedtls-new",
        "Mbed TLS from 3.5",
        result,
        "Mbed TLS ChangeLog 3.5.0; x509_crt.c, x509_crt_verify_name",
    )
}

fn wolfssl(leaf: &Certificate, host: &str) -> NameCheck {
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
fn bearssl(leaf: &Certificate, host: &str) -> NameCheck {
    let result = if leaf.extensions.alt_names.is_some() {
        let names: Vec<&str> = leaf.extensions.dns_names().collect();
        let (verdict, why) = compare(&names, "dNSName", host, Wildcard::FirstLabel);
        (
            verdict,
            format!(
                "{why} With subjectAltName only dNSName counts; iPAddress and the common name do not."
            ),
        )
    } else {
        let (verdict, why) = compare(
            &common_names(leaf),
            "the common name",
            host,
            Wildcard::FirstLabel,
        );
        (
            verdict,
            format!("There is no subjectAltName, so {why} Addresses are compared as text."),
        )
    };
    decided(
        "bearssl",
        "BearSSL",
        result,
        "BearSSL src/x509/x509_minimal.t0, match-server-name and process-SAN",
    )
}

/// RFC 9525 as browsers do it: subjectAltName alone, a name against dNSName, an address against
/// iPAddress.
fn browsers(leaf: &Certificate, host: &str, address: Option<IpAddr>) -> NameCheck {
    let (verdict, why) = if let Some(address) = address {
        compare_address(leaf, address)
    } else {
        // A wildcard for a whole top-level domain is refused.
        let narrow = |n: &&str| n.strip_prefix("*.").is_none_or(|rest| rest.contains('.'));
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
        "RFC 9525 section 6; Chromium net/cert/x509_certificate.cc, VerifyHostname (public suffixes are not looked up here)",
    )
}

fn webpki(leaf: &Certificate, host: &str) -> NameCheck {
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

fn common_name_only(
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

fn wildcard_matches(pattern: &str, host: &str, rule: Wildcard) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    match rule {
        Wildcard::FirstLabel => {
            let (Some(rest), Some(dot)) = (pattern.strip_prefix('*'), host.find('.')) else {
                return false;
            };
            rest.starts_with('.') && dot > 0 && host.get(dot..) == Some(rest)
        }
        Wildcard::OpenSsl => openssl_wildcard(&pattern, &host),
        Wildcard::Anywhere => glob(pattern.as_bytes(), host.as_bytes()),
    }
}

/// `valid_star` and `wildcard_match` of OpenSSL: one star in the first label, no star beside
/// `xn--`, at least two labels behind it.
fn openssl_wildcard(pattern: &str, host: &str) -> bool {
    let Some((label, rest)) = pattern.split_once('.') else {
        return false;
    };
    let Some((before, after)) = label.split_once('*') else {
        return false;
    };
    if after.contains('*')
        || rest.contains('*')
        || label.starts_with("xn--")
        || !rest.contains('.')
        || rest.split('.').any(str::is_empty)
    {
        return false;
    }
    let Some((host_label, host_rest)) = host.split_once('.') else {
        return false;
    };
    let whole = before.is_empty() && after.is_empty();
    host_rest == rest
        && host_label.len() > before.len() + after.len()
        && host_label.starts_with(before)
        && host_label.ends_with(after)
        && (whole || !host_label.starts_with("xn--"))
}

/// A star stands for characters of one label.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => {
            let stars = rest.iter().take_while(|b| **b == b'*').count();
            let rest = rest.get(stars..).unwrap_or_default();
            let next = rest.first().copied();
            // The star takes as little as possible: it stops at the next character of the pattern.
            let mut at = 0;
            while let Some(c) = text.get(at).copied() {
                if Some(c) == next {
                    break;
                }
                if c == b'.' {
                    return false;
                }
                at += 1;
            }
            glob(rest, text.get(at..).unwrap_or_default())
        }
        Some((p, rest)) => match text.split_first() {
            Some((t, text)) if t == p => glob(rest, text),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_differ_by_stack() {
        let table = [
            ("*.example.com", "a.example.com", true, true, true),
            ("*.example.com", "a.b.example.com", false, false, false),
            ("*.example.com", "example.com", false, false, false),
            ("*.com", "example.com", true, false, true),
            ("w*.example.com", "www.example.com", false, true, true),
            ("a.*.com", "a.b.com", false, false, true),
        ];
        for (pattern, host, first, openssl, anywhere) in table {
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::FirstLabel),
                first,
                "{pattern} {host}"
            );
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::OpenSsl),
                openssl,
                "{pattern} {host}"
            );
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::Anywhere),
                anywhere,
                "{pattern} {host}"
            );
        }
    }
}
