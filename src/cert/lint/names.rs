//! Issuer and subject.

use super::{Check, Hit, when};
use crate::cert::names::{AltName, Attribute, DistinguishedName};
use crate::cert::tlv::{self, Tlv};
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.issuer_empty", |v| {
        when(v.issuer.is_some() && v.c.issuer.attributes.is_empty())
    }),
    ("cert.subject_empty_ca", |v| {
        when(v.ca() && v.c.subject.attributes.is_empty())
    }),
    ("cert.subject_empty_names_not_critical", |v| {
        when(subject_empty(v) && v.is_critical("subject_alt_name") == Some(false))
    }),
    ("cert.subject_empty", |v| when(!v.ca() && subject_empty(v))),
    ("cert.name_old_string", old_string),
    ("cert.name_not_printable_type", not_printable_type),
    ("cert.name_printable_alphabet", printable_alphabet),
    ("cert.name_control_characters", control_characters),
    ("cert.name_too_long", too_long),
    ("cert.name_spaces", spaces),
    ("cert.country", country),
    ("cert.rdn_several", rdn_several),
    ("cert.cn_several", |v| {
        let count = v.c.subject.common_names().count();
        when(count > 1).map(|h| h.with("count", count.to_string()))
    }),
    ("cert.cn_not_in_names", cn_not_in_names),
    ("cert.cn_empty", |v| {
        when(v.c.subject.common_names().any(str::is_empty))
    }),
];

fn subject_empty(v: &View<'_>) -> bool {
    v.subject.is_some() && v.c.subject.attributes.is_empty()
}

/// Attributes of both names, each with the name it stands in.
fn attributes<'a>(v: &View<'a>) -> impl Iterator<Item = (&'static str, &'a Attribute)> {
    let of = |field: &'static str, name: &'a DistinguishedName| {
        name.attributes.iter().map(move |a| (field, a))
    };
    of("subject", &v.c.subject).chain(of("issuer", &v.c.issuer))
}

/// `subject CN, issuer O`, each once.
fn listed(found: &[(&'static str, &Attribute)]) -> String {
    let mut out: Vec<String> = Vec::new();
    for (field, attribute) in found.iter().take(64) {
        let text = format!("{field} {}", attribute.key);
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out.join(", ")
}

fn hit_of(found: &[(&'static str, &Attribute)]) -> Option<Hit> {
    when(!found.is_empty()).map(|h| h.with("attributes", listed(found)))
}

fn old_string(v: &View<'_>) -> Option<Hit> {
    let found: Vec<_> = attributes(v)
        .filter(|(_, a)| matches!(a.string_type, "T61String" | "BMPString" | "UniversalString"))
        .collect();
    let mut types: Vec<&str> = found.iter().map(|(_, a)| a.string_type).collect();
    types.sort_unstable();
    types.dedup();
    hit_of(&found).map(|h| h.with("types", types.join(", ")))
}

fn not_printable_type(v: &View<'_>) -> Option<Hit> {
    let found: Vec<_> = attributes(v)
        .filter(|(_, a)| {
            matches!(a.key.as_ref(), "C" | "serialNumber" | "dnQualifier")
                && a.string_type != "PrintableString"
        })
        .collect();
    let kind = found.first().map_or("", |(_, a)| a.string_type);
    hit_of(&found).map(|h| h.with("types", kind))
}

fn shown(c: char) -> String {
    if c.is_control() || c.is_whitespace() {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("\u{201c}{c}\u{201d}")
    }
}

fn with_character(v: &View<'_>, only: Option<&str>, bad: impl Fn(char) -> bool) -> Option<Hit> {
    let found: Vec<_> = attributes(v)
        .filter(|(_, a)| only.is_none_or(|t| a.string_type == t))
        .filter(|(_, a)| a.value.chars().any(&bad))
        .collect();
    let character = found
        .iter()
        .find_map(|(_, a)| a.value.chars().find(|c| bad(*c)))?;
    hit_of(&found).map(|h| h.with("character", shown(character)))
}

fn printable_alphabet(v: &View<'_>) -> Option<Hit> {
    with_character(v, Some("PrintableString"), |c| {
        !(c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c))
    })
}

fn control_characters(v: &View<'_>) -> Option<Hit> {
    with_character(v, None, char::is_control)
}

/// Most characters of an attribute (RFC 5280 appendix A.1).
fn most(key: &str) -> Option<usize> {
    Some(match key {
        "CN" | "O" | "OU" | "title" | "serialNumber" => 64,
        "L" | "ST" => 128,
        "emailAddress" => 255,
        "SN" | "GN" => 32_768,
        "C" => 2,
        _ => return None,
    })
}

fn too_long(v: &View<'_>) -> Option<Hit> {
    attributes(v).find_map(|(field, a)| {
        let most = most(&a.key)?;
        let count = a.value.chars().count();
        when(count > most && a.key != "C").map(|h| {
            h.with("attribute", format!("{field} {}", a.key))
                .with("count", count.to_string())
                .with("most", most.to_string())
        })
    })
}

fn spaces(v: &View<'_>) -> Option<Hit> {
    let found: Vec<_> = attributes(v)
        .filter(|(_, a)| a.value.trim() != a.value)
        .collect();
    hit_of(&found)
}

fn country(v: &View<'_>) -> Option<Hit> {
    attributes(v)
        .filter(|(_, a)| a.key == "C")
        .find(|(_, a)| !(a.value.len() == 2 && a.value.bytes().all(|b| b.is_ascii_uppercase())))
        .map(|(_, a)| Hit::default().with("country", a.value.clone()))
}

fn rdn_several(v: &View<'_>) -> Option<Hit> {
    let several = |name: &Option<Tlv>| {
        name.is_some_and(|n| {
            tlv::children(v.der, &n)
                .0
                .iter()
                .any(|rdn| tlv::children(v.der, rdn).0.len() > 1)
        })
    };
    [("subject", v.subject), ("issuer", v.issuer)]
        .into_iter()
        .find(|(_, name)| several(name))
        .map(|(field, _)| Hit::default().with("field", field))
}

fn cn_not_in_names(v: &View<'_>) -> Option<Hit> {
    let names = v.c.extensions.alt_names.as_ref()?;
    if !v.server()
        || !names
            .iter()
            .any(|n| matches!(n, AltName::Dns(_) | AltName::Ip(_)))
    {
        return None;
    }
    let in_names = |cn: &str| {
        names.iter().any(|name| match name {
            AltName::Dns(dns) => dns == cn,
            // The text must be the one that the address is written with (RFC 5952).
            AltName::Ip(bytes) => crate::cert::names::address_text(bytes) == cn,
            _ => false,
        })
    };
    // Each is compared with all names: of many the first ones must do.
    let cn =
        v.c.subject
            .common_names()
            .take(16)
            .find(|cn| !in_names(cn))?;
    Some(Hit::default().with("cn", cn))
}
