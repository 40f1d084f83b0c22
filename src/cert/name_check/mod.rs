//! Is this certificate for that host? As each TLS stack decides.
//!
//! In: a leaf and a host (name or address). Out: one [`NameCheck`] a stack, with the rule and its
//! source. Stacks whose rule is not documented are `not checked`. The rules are models of what the
//! stacks do; rustls-webpki is asked itself.

mod compare;
mod stacks;
mod wildcard;

use std::net::IpAddr;

use super::certificate::Certificate;
use stacks::{
    bearssl, browsers, common_name_only, mbedtls_new, mbedtls_old, openssl_address, openssl_host,
    webpki, wolfssl,
};

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
