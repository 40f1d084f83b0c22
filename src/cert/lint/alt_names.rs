//! Entries of subjectAltName.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Check, Hit, when};
use crate::cert::names::{AltName, address_text};
use crate::cert::public_suffix::registry;
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.no_alt_names", |v| {
        when(v.server() && v.c.extensions.alt_names.is_none())
    }),
    ("cert.alt_names_empty", |v| {
        when(v.c.extensions.alt_names.as_ref().is_some_and(Vec::is_empty))
    }),
    ("cert.alt_names_critical", |v| {
        when(v.is_critical("subject_alt_name") == Some(true) && !v.c.subject.attributes.is_empty())
    }),
    ("cert.alt_name_empty", empty),
    ("cert.alt_name_not_ascii", not_ascii),
    ("cert.alt_name_ip_in_dns", |v| {
        dns(v, |n| n.parse::<IpAddr>().is_ok())
    }),
    ("cert.alt_name_ip_length", ip_length),
    ("cert.alt_name_email", email),
    ("cert.alt_name_underscore", |v| dns(v, |n| n.contains('_'))),
    ("cert.alt_name_character", character),
    ("cert.alt_name_hyphen", |v| {
        dns(v, |n| {
            n.split('.')
                .any(|label| label.starts_with('-') || label.ends_with('-'))
        })
    }),
    ("cert.alt_name_label_empty", |v| {
        dns(v, |n| !n.is_empty() && n.split('.').any(str::is_empty))
    }),
    ("cert.alt_name_label_long", |v| {
        let longest = |n: &str| n.split('.').map(str::len).max().unwrap_or(0);
        let name = v.c.extensions.dns_names().find(|n| longest(n) > 63)?;
        Some(named(name).with("count", longest(name).to_string()))
    }),
    ("cert.alt_name_long", |v| {
        let name = v.c.extensions.dns_names().find(|n| n.len() > 253)?;
        Some(named(name).with("count", name.len().to_string()))
    }),
    ("cert.alt_name_wildcard", |v| dns(v, misplaced_wildcard)),
    ("cert.alt_name_wildcard_wide", |v| {
        dns(v, |n| {
            n == "*" || n.strip_prefix("*.").is_some_and(|rest| !rest.contains('.'))
        })
    }),
    ("cert.alt_name_wildcard_suffix", |v| {
        let (name, suffix) =
            v.c.extensions
                .dns_names()
                .find_map(|n| Some((n, registry(n.strip_prefix("*.")?)?)))?;
        Some(named(name).with("suffix", suffix))
    }),
    ("cert.alt_name_single_label", |v| {
        dns(v, |n| {
            !n.is_empty() && n != "*" && !n.contains('.') && n.parse::<IpAddr>().is_err()
        })
    }),
    ("cert.alt_name_private_address", private),
    ("cert.alt_name_twice", twice),
];

fn named(name: &str) -> Hit {
    let mut text: String = name.chars().take(80).collect();
    if text.len() < name.len() {
        text.push('\u{2026}');
    }
    Hit::default().with("name", text)
}

/// The first dNSName for which `bad` holds.
fn dns(v: &View<'_>, bad: impl Fn(&str) -> bool) -> Option<Hit> {
    v.c.extensions.dns_names().find(|n| bad(n)).map(named)
}

fn empty(v: &View<'_>) -> Option<Hit> {
    let kind =
        v.c.extensions
            .alt_names
            .iter()
            .flatten()
            .find_map(|name| match name {
                AltName::Dns(t) if t.is_empty() => Some("dNSName"),
                AltName::Email(t) if t.is_empty() => Some("rfc822Name"),
                AltName::Uri(t) if t.is_empty() => Some("uniformResourceIdentifier"),
                _ => None,
            })?;
    Some(Hit::default().with("kind", kind))
}

fn not_ascii(v: &View<'_>) -> Option<Hit> {
    v.c.extensions
        .alt_names
        .iter()
        .flatten()
        .find_map(|name| match name {
            AltName::Dns(t) | AltName::Email(t) | AltName::Uri(t) if !t.is_ascii() => {
                Some(named(t.as_str()))
            }
            _ => None,
        })
}

/// A local part and a domain around one at sign, unless the local part is quoted.
fn email(v: &View<'_>) -> Option<Hit> {
    let bad = |t: &str| match t.rsplit_once('@') {
        Some((local, domain)) => {
            let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
            local.is_empty()
                || domain.is_empty()
                || !quoted && local.contains(['@', ' ', '<', '>'])
                || domain.contains([' ', '<', '>'])
        }
        None => !t.is_empty(),
    };
    v.c.extensions
        .alt_names
        .iter()
        .flatten()
        .find_map(|name| match name {
            AltName::Email(t) if bad(t) => Some(named(t.as_str())),
            _ => None,
        })
}

fn ip_length(v: &View<'_>) -> Option<Hit> {
    let bytes =
        v.c.extensions
            .addresses()
            .map(<[u8]>::len)
            .find(|n| *n != 4 && *n != 16)?;
    Some(Hit::default().with("bytes", bytes.to_string()))
}

/// Neither letter, digit, hyphen and dot nor what other checks name.
fn character(v: &View<'_>) -> Option<Hit> {
    let bad = |c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || "-._*".contains(c));
    let name =
        v.c.extensions
            .dns_names()
            .find(|n| n.contains(bad) && n.parse::<IpAddr>().is_err())?;
    let c = name.chars().find(|c| bad(*c))?;
    let shown = if c.is_ascii_graphic() {
        format!("\u{201c}{c}\u{201d}")
    } else {
        format!("the byte {:02X}", u32::from(c))
    };
    Some(named(name).with("character", shown))
}

fn misplaced_wildcard(name: &str) -> bool {
    name.strip_prefix("*.").unwrap_or(name).contains('*') && name != "*"
}

fn private(v: &View<'_>) -> Option<Hit> {
    let reserved = |bytes: &[u8]| {
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            let a = Ipv4Addr::from(four);
            a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || a.is_documentation()
                || a.is_unspecified()
                || a.is_multicast()
                || a.is_broadcast()
        } else if let Ok(sixteen) = <[u8; 16]>::try_from(bytes) {
            let a = Ipv6Addr::from(sixteen);
            a.is_loopback()
                || a.is_unspecified()
                || a.is_multicast()
                || a.is_unique_local()
                || a.is_unicast_link_local()
                || a.segments().starts_with(&[0x2001, 0xDB8])
        } else {
            false
        }
    };
    let bytes = v.c.extensions.addresses().find(|b| reserved(b))?;
    Some(named(&address_text(bytes)))
}

fn twice(v: &View<'_>) -> Option<Hit> {
    let mut names: Vec<String> =
        v.c.extensions
            .dns_names()
            .map(str::to_ascii_lowercase)
            .collect();
    names.sort_unstable();
    names
        .windows(2)
        .find_map(|pair| (pair[0] == pair[1]).then(|| named(&pair[0])))
}
