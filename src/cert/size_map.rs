//! Where the bytes of a certificate go.
//!
//! In: the DER of a certificate. Out: [`SizeNode`]: a tree down to each name of the
//! subjectAltName extension, in the order of the file, in which the children of every node add up
//! to it exactly; and the flat map of its fields. Must not know limits.

use std::borrow::Cow;

use super::oids;
use super::tlv::{self, Tlv, tag};

/// A part of a certificate and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeNode {
    /// Field (`issuer`, `public_key`, `extensions` …), or what it holds (`DNS:example.com`).
    pub name: Cow<'static, str>,
    /// Offset of its first byte in the DER.
    pub offset: usize,
    /// Its size in bytes, header included.
    pub bytes: usize,
    /// Its parts in the order of the file; they add up to `bytes`. Empty for a leaf.
    pub children: Vec<SizeNode>,
}

impl SizeNode {
    fn leaf(name: impl Into<Cow<'static, str>>, offset: usize, bytes: usize) -> Self {
        Self {
            name: name.into(),
            offset,
            bytes,
            children: Vec::new(),
        }
    }

    /// The first node of this name, itself included.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&SizeNode> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|c| c.find(name))
    }

    /// Do the children of every node add up to it?
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.children.is_empty()
            || self.children.iter().map(|c| c.bytes).sum::<usize>() == self.bytes
                && self.children.iter().all(SizeNode::adds_up)
    }
}

/// The flat map: field → bytes in the order of the file; the sum is the size of the certificate.
#[must_use]
pub fn flat(tree: &SizeNode) -> Vec<(Cow<'static, str>, usize)> {
    let mut out = Vec::new();
    for part in &tree.children {
        if part.name == "tbs_certificate" {
            for field in &part.children {
                let name = match field.name.as_ref() {
                    "header" => "tbs_header".into(),
                    "signature_algorithm" => "tbs_signature_algorithm".into(),
                    _ => field.name.clone(),
                };
                out.push((name, field.bytes));
            }
        } else {
            out.push((part.name.clone(), part.bytes));
        }
    }
    if out.is_empty() && tree.bytes > 0 {
        out.push((tree.name.clone(), tree.bytes));
    }
    out
}

/// Measures a certificate. What cannot be told apart is one leaf named `unreadable`; bytes behind
/// the certificate are `trailing`.
#[must_use]
pub fn measure(der: &[u8]) -> SizeNode {
    let mut root = SizeNode::leaf("certificate", 0, der.len());
    let Ok(outer) = tlv::read(der, 0, der.len()) else {
        root.children
            .push(SizeNode::leaf("unreadable", 0, der.len()));
        return root;
    };
    let names = ["tbs_certificate", "signature_algorithm", "signature"];
    root.children = parts(der, &outer, |i, _| {
        names.get(i).copied().unwrap_or("extra").into()
    });
    if let Some(tbs) = root
        .children
        .iter_mut()
        .find(|c| c.name == "tbs_certificate")
        && let Ok(element) = tlv::read(der, tbs.offset, der.len())
    {
        tbs.children = tbs_parts(der, &element);
    }
    if outer.end() < der.len() {
        root.children.push(SizeNode::leaf(
            "trailing",
            outer.end(),
            der.len() - outer.end(),
        ));
    }
    root
}

/// Header and elements of `outer`, named by position and element.
fn parts(
    der: &[u8],
    outer: &Tlv,
    name: impl Fn(usize, &Tlv) -> Cow<'static, str>,
) -> Vec<SizeNode> {
    let (elements, error) = tlv::children(der, outer);
    let mut out = vec![SizeNode::leaf("header", outer.start, outer.header)];
    let mut at = outer.content();
    for (i, element) in elements.iter().enumerate() {
        out.push(SizeNode::leaf(
            name(i, element),
            element.start,
            element.size(),
        ));
        at = element.end();
    }
    if error.is_some() && at < outer.end() {
        out.push(SizeNode::leaf("unreadable", at, outer.end() - at));
    }
    out
}

fn tbs_parts(der: &[u8], tbs: &Tlv) -> Vec<SizeNode> {
    // RFC 5280 section 4.1: the version is the only optional field before the unique identifiers.
    const FIELDS: [&str; 6] = [
        "serial",
        "signature_algorithm",
        "issuer",
        "validity",
        "subject",
        "public_key",
    ];
    let (elements, _) = tlv::children(der, tbs);
    let has_version = elements.first().is_some_and(|e| e.tag == 0xA0);
    let skip = usize::from(has_version);
    let mut out = parts(der, tbs, |i, element| {
        if has_version && i == 0 {
            return "version".into();
        }
        if let Some(name) = FIELDS.get(i - skip) {
            return (*name).into();
        }
        match element.tag & 0x1F {
            1 => "issuer_unique_id",
            2 => "subject_unique_id",
            3 => "extensions",
            _ => "extra",
        }
        .into()
    });
    for part in &mut out {
        let Ok(element) = tlv::read(der, part.offset, tbs.end()) else {
            continue;
        };
        part.children = match part.name.as_ref() {
            "issuer" | "subject" => parts(der, &element, |_, rdn| rdn_name(der, rdn)),
            "validity" => parts(der, &element, |i, _| {
                if i == 0 { "not_before" } else { "not_after" }.into()
            }),
            "public_key" => parts(der, &element, |i, _| {
                if i == 0 { "algorithm" } else { "key" }.into()
            }),
            "extensions" => extension_parts(der, &element),
            _ => Vec::new(),
        };
    }
    out
}

/// `CN=localhost`: the first attribute of a relative distinguished name.
fn rdn_name(der: &[u8], rdn: &Tlv) -> Cow<'static, str> {
    let first = |outer: &Tlv| tlv::children(der, outer).0.first().copied();
    let Some(attribute) = first(rdn) else {
        return "rdn".into();
    };
    let (elements, _) = tlv::children(der, &attribute);
    let key = elements
        .first()
        .map_or_else(Cow::default, |oid| oids::attribute(oid.value(der)));
    let value = elements
        .get(1)
        .map_or_else(Cow::default, |v| String::from_utf8_lossy(v.value(der)));
    format!("{key}={value}").into()
}

fn extension_parts(der: &[u8], wrapper: &Tlv) -> Vec<SizeNode> {
    let (inner, _) = tlv::children(der, wrapper);
    let Some(list) = inner
        .first()
        .copied()
        .filter(|list| list.end() == wrapper.end())
    else {
        return Vec::new();
    };
    // Two headers, of the explicit tag and of the list, are one part.
    let mut out = parts(der, &list, |_, extension| extension_name(der, extension));
    if let Some(header) = out.first_mut() {
        header.offset = wrapper.start;
        header.bytes += wrapper.header;
    }
    for part in &mut out {
        if part.name != "subject_alt_name" {
            continue;
        }
        if let Ok(element) = tlv::read(der, part.offset, list.end()) {
            part.children = alt_name_parts(der, &element);
        }
    }
    out
}

fn extension_name(der: &[u8], extension: &Tlv) -> Cow<'static, str> {
    let (elements, _) = tlv::children(der, extension);
    match elements.first() {
        Some(oid) if oid.tag == tag::OID => oids::extension(oid.value(der)),
        _ => "extension".into(),
    }
}

/// Header (with object identifier and wrapping) and each name of a subjectAltName extension.
fn alt_name_parts(der: &[u8], extension: &Tlv) -> Vec<SizeNode> {
    let (elements, _) = tlv::children(der, extension);
    let Some(octets) = elements.iter().find(|e| e.tag == tag::OCTET_STRING) else {
        return Vec::new();
    };
    let Ok(list) = tlv::read(der, octets.content(), octets.end()) else {
        return Vec::new();
    };
    if list.end() != extension.end() {
        return Vec::new();
    }
    let mut out = parts(der, &list, |_, name| general_name(der, name));
    if let Some(header) = out.first_mut() {
        header.offset = extension.start;
        header.bytes = list.content() - extension.start;
    }
    out
}

/// A `GeneralName` as `openssl x509 -text` writes it (RFC 5280 section 4.2.1.6).
fn general_name(der: &[u8], name: &Tlv) -> Cow<'static, str> {
    let value = name.value(der);
    let text = |kind: &str| -> Cow<'static, str> {
        [kind, &String::from_utf8_lossy(value)].concat().into()
    };
    match name.tag & 0x1F {
        1 => text("email:"),
        2 => text("DNS:"),
        6 => text("URI:"),
        7 => format!("IP:{}", super::names::address_text(value)).into(),
        0 => "other_name".into(),
        4 => "directory_name".into(),
        8 => "registered_id".into(),
        _ => "name".into(),
    }
}
