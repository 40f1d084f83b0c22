//! Extensions: presence, criticality, and how they fit each other and the key.

use super::{Check, Hit, when};
use crate::cert::tlv::tag;
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.extension_twice", twice),
    ("cert.extension_unreadable", unreadable),
    ("cert.extension_empty", empty),
    ("cert.critical_unknown", critical_unknown),
    ("cert.precertificate", |v| {
        when(v.extension("precertificate_poison").is_some())
    }),
    ("cert.basic_constraints_missing", |v| {
        when(
            v.c.version == Some(3)
                && v.c.self_issued()
                && v.c.extensions.ca.is_none()
                && usage(v, "keyCertSign") == Some(true),
        )
    }),
    ("cert.basic_constraints_not_critical", |v| {
        when(v.c.is_ca() && v.is_critical("basic_constraints") == Some(false))
    }),
    ("cert.key_cert_sign_not_ca", |v| {
        when(v.c.extensions.ca != Some(true) && usage(v, "keyCertSign") == Some(true))
    }),
    ("cert.ca_no_key_cert_sign", |v| {
        when(v.c.is_ca() && usage(v, "keyCertSign") == Some(false))
    }),
    ("cert.ca_no_key_usage", |v| {
        when(v.c.is_ca() && v.c.extensions.key_usage.is_none())
    }),
    ("cert.path_len_without_ca", path_len),
    ("cert.path_len_negative", path_len_negative),
    ("cert.key_usage_not_critical", |v| {
        when(v.is_critical("key_usage") == Some(false))
    }),
    ("cert.key_usage_empty", |v| {
        when(v.c.extensions.key_usage.as_ref()?.is_empty())
    }),
    ("cert.key_usage_encoding", usage_encoding),
    ("cert.key_usage_against_key", usage_against_key),
    ("cert.key_usage_no_signature", |v| {
        when(v.server() && usage(v, "digitalSignature") == Some(false))
    }),
    ("cert.key_usage_no_encipherment", |v| {
        let rsa = v.c.key.as_ref()?.kind == "RSA";
        when(rsa && v.server() && usage(v, "keyEncipherment") == Some(false))
    }),
    ("cert.no_ext_key_usage", |v| {
        when(!v.ca() && v.c.version == Some(3) && v.c.extensions.ext_key_usage.is_none())
    }),
    ("cert.ext_key_usage_any", |v| {
        let list = v.c.extensions.ext_key_usage.as_ref()?;
        when(!v.ca() && list.iter().any(|u| u == "anyExtendedKeyUsage"))
    }),
    ("cert.ext_key_usage_critical", |v| {
        when(!v.ca() && v.is_critical("ext_key_usage") == Some(true))
    }),
    ("cert.ext_key_usage_root", |v| {
        when(v.root() && v.extension("ext_key_usage").is_some())
    }),
    ("cert.subject_key_id_missing", |v| {
        when(v.c.is_ca() && v.extension("subject_key_identifier").is_none())
    }),
    ("cert.subject_key_id_missing_leaf", |v| {
        when(!v.ca() && v.c.version == Some(3) && v.extension("subject_key_identifier").is_none())
    }),
    ("cert.subject_key_id_critical", |v| {
        critical(v, "subject_key_identifier")
    }),
    ("cert.authority_key_id_missing", |v| {
        when(
            v.c.version == Some(3)
                && !v.c.self_issued()
                && v.extension("authority_key_identifier").is_none(),
        )
    }),
    ("cert.authority_key_id_no_key", |v| {
        when(
            v.extension("authority_key_identifier").is_some()
                && v.c.extensions.authority_key_id.is_none(),
        )
    }),
    ("cert.authority_key_id_issuer", |v| {
        let (_, parts) = v.inside("authority_key_identifier")?;
        when(
            parts
                .iter()
                .any(|p| matches!(p.tag & 0x1F, 1 | 2) && p.tag & 0x80 != 0),
        )
    }),
    ("cert.authority_key_id_critical", |v| {
        critical(v, "authority_key_identifier")
    }),
    ("cert.authority_key_id_root", |v| {
        let own = v.c.extensions.subject_key_id.as_ref()?;
        let wanted = v.c.extensions.authority_key_id.as_ref()?;
        when(v.root() && own != wanted)
    }),
    ("cert.policy_constraints_not_critical", |v| {
        when(v.is_critical("policy_constraints") == Some(false))
    }),
    ("cert.inhibit_any_policy_not_critical", |v| {
        when(v.is_critical("inhibit_any_policy") == Some(false))
    }),
    ("cert.policies_twice", policies_twice),
    ("cert.authority_info_critical", |v| {
        critical(v, "authority_info_access")
    }),
    ("cert.crl_points_critical", |v| {
        critical(v, "crl_distribution_points")
    }),
    ("cert.fresh_crl_critical", |v| critical(v, "freshest_crl")),
    ("cert.subject_info_critical", |v| {
        critical(v, "subject_info_access")
    }),
    ("cert.directory_attributes_critical", |v| {
        critical(v, "subject_directory_attributes")
    }),
    ("cert.policy_mappings_not_critical", |v| {
        when(v.is_critical("policy_mappings") == Some(false))
    }),
    ("cert.issuer_alt_names_critical", |v| {
        critical(v, "issuer_alt_name")
    }),
];

/// Does keyUsage name it? `None` without keyUsage.
fn usage(v: &View<'_>, name: &str) -> Option<bool> {
    v.c.extensions
        .key_usage
        .as_ref()
        .map(|list| list.contains(&name))
}

fn critical(v: &View<'_>, name: &str) -> Option<Hit> {
    let extension = v.extension(name)?;
    when(extension.critical).map(|h| h.at(extension.value.start))
}

fn twice(v: &View<'_>) -> Option<Hit> {
    let list = &v.c.extensions.list;
    let again = list
        .iter()
        .enumerate()
        .find(|(i, e)| list.iter().take(*i).any(|other| other.oid == e.oid))?
        .1;
    Some(
        Hit::default()
            .with("name", again.name.clone())
            .at(again.value.start),
    )
}

fn unreadable(v: &View<'_>) -> Option<Hit> {
    let bad = v.c.extensions.list.iter().find(|e| e.unreadable)?;
    Some(
        Hit::default()
            .with("name", bad.name.clone())
            .at(bad.value.start),
    )
}

/// Extensions that are lists of one or more.
const LISTS: [&str; 9] = [
    "ext_key_usage",
    "issuer_alt_name",
    "authority_info_access",
    "subject_info_access",
    "crl_distribution_points",
    "certificate_policies",
    "policy_mappings",
    "freshest_crl",
    "subject_directory_attributes",
];

fn empty(v: &View<'_>) -> Option<Hit> {
    LISTS.iter().find_map(|name| {
        let (outer, parts) = v.inside(name)?;
        when(outer.tag == tag::SEQUENCE && parts.is_empty())
            .map(|h| h.with("name", *name).at(outer.start))
    })
}

fn critical_unknown(v: &View<'_>) -> Option<Hit> {
    let names = v.c.extensions.critical_unknown();
    // The others have a rule of their own, which says more.
    let rest: Vec<&str> = names
        .into_iter()
        .filter(|n| {
            !matches!(
                *n,
                "precertificate_poison"
                    | "subject_key_identifier"
                    | "authority_key_identifier"
                    | "authority_info_access"
                    | "crl_distribution_points"
                    | "freshest_crl"
                    | "subject_info_access"
                    | "subject_directory_attributes"
                    | "issuer_alt_name"
            )
        })
        .collect();
    when(!rest.is_empty()).map(|h| h.with("names", rest.join(", ")))
}

fn path_len(v: &View<'_>) -> Option<Hit> {
    v.c.extensions.path_len?;
    let reason = if !v.c.is_ca() {
        "is no CA"
    } else if usage(v, "keyCertSign") == Some(false) {
        "may not sign certificates"
    } else {
        return None;
    };
    Some(Hit::default().with("reason", reason))
}

fn path_len_negative(v: &View<'_>) -> Option<Hit> {
    let (_, parts) = v.inside("basic_constraints")?;
    let number = parts.iter().find(|p| p.tag == tag::INTEGER)?;
    when(v.value(number).first().is_some_and(|b| b & 0x80 != 0)).map(|h| h.at(number.start))
}

/// A named bit list ends with its last 1 bit (X.690 section 11.2.2), and has at most 9 bits here.
fn usage_encoding(v: &View<'_>) -> Option<Hit> {
    let extension = v.extension("key_usage")?;
    let outer = crate::cert::tlv::read(v.der, extension.value.start, extension.value.end).ok()?;
    if outer.tag != tag::BIT_STRING {
        return None;
    }
    let [unused, bits @ ..] = v.value(&outer) else {
        return None;
    };
    let last = bits.last().copied().unwrap_or(0);
    let reason = if *unused > 7 {
        "more than 7 bits are called unused"
    } else if bits.len() > 2 {
        "it has more than 9 bits"
    } else if outer.end() != extension.value.end {
        "bytes stand behind it"
    } else if !bits.is_empty() && last.trailing_zeros() != u32::from(*unused) {
        "zeros stand at its end, or the count of unused bits is wrong"
    } else {
        return None;
    };
    Some(Hit::default().with("reason", reason).at(outer.start))
}

fn usage_against_key(v: &View<'_>) -> Option<Hit> {
    let key = v.c.key.as_ref()?;
    let wrong: &[&str] = match key.kind.as_str() {
        "EC" => &["keyEncipherment", "dataEncipherment"],
        "RSA" => &["keyAgreement", "encipherOnly", "decipherOnly"],
        "RSA-PSS" | "Ed25519" | "Ed448" => &["keyEncipherment", "dataEncipherment", "keyAgreement"],
        _ => return None,
    };
    let found: Vec<&str> = wrong
        .iter()
        .copied()
        .filter(|u| usage(v, u) == Some(true))
        .collect();
    when(!found.is_empty()).map(|h| h.with("usage", found.join(", ")).with("key", key.text()))
}

fn policies_twice(v: &View<'_>) -> Option<Hit> {
    let (_, parts) = v.inside("certificate_policies")?;
    let mut policies: Vec<&[u8]> = parts
        .iter()
        .filter_map(|p| crate::cert::tlv::children(v.der, p).0.first().copied())
        .filter(|p| p.tag == tag::OID)
        .map(|p| v.value(&p))
        .collect();
    policies.sort_unstable();
    let again = policies
        .windows(2)
        .find_map(|pair| (pair[0] == pair[1]).then_some(pair[0]))?;
    Some(Hit::default().with("policy", crate::cert::oids::dotted(again)))
}
