//! Bytes by field on both sides.
//!
//! In: two certificates. Out: [`FieldBytes`], one a field, extensions each by its name; the sizes add
//! up to those of the certificates.

use crate::cert::certificate::Certificate;
use crate::cert::size_map::SizeNode;

/// A field and its bytes on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldBytes {
    /// Its name, as in the size map; extensions by their own names.
    pub field: String,
    /// Bytes on the old side, 0 where it has none.
    pub old: usize,
    /// Bytes on the new side, 0 where it has none.
    pub new: usize,
    /// The bytes are the same.
    pub same: bool,
}

/// Fields in the order of the old certificate, then those that only the new one has.
pub(super) fn fields(old: Option<&Certificate>, new: Option<&Certificate>) -> Vec<FieldBytes> {
    let of = |c: Option<&Certificate>| c.map_or_else(Vec::new, parts);
    let (a, mut b) = (of(old), of(new));
    let mut out = Vec::new();
    for (field, bytes) in a {
        let other = b
            .iter()
            .position(|(name, _)| *name == field)
            .map(|i| b.remove(i).1);
        out.push(FieldBytes {
            same: other.as_deref() == Some(&bytes[..]),
            old: bytes.len(),
            new: other.map_or(0, |o| o.len()),
            field,
        });
    }
    out.extend(b.into_iter().map(|(field, bytes)| FieldBytes {
        field,
        old: 0,
        new: bytes.len(),
        same: false,
    }));
    out
}

/// Name and bytes of each field; they add up to the DER.
fn parts(certificate: &Certificate) -> Vec<(String, Vec<u8>)> {
    let der = &certificate.der;
    let mut out: Vec<(String, Vec<u8>)> = Vec::new();
    let mut put = |name: &str, node: &SizeNode| {
        let bytes = der
            .get(node.offset..node.offset.saturating_add(node.bytes))
            .unwrap_or_default();
        // Headers stand in several places; they are one field.
        match out.iter_mut().find(|(n, _)| n == name) {
            Some((_, all)) => all.extend_from_slice(bytes),
            None => out.push((name.to_owned(), bytes.to_vec())),
        }
    };
    let top = certificate.size_tree();
    if top.children.is_empty() {
        put("certificate", top);
    }
    for part in &top.children {
        if part.name != "tbs_certificate" {
            put(
                if part.name == "header" {
                    "headers"
                } else {
                    &part.name
                },
                part,
            );
            continue;
        }
        for field in &part.children {
            match field.name.as_ref() {
                "header" => put("headers", field),
                "signature_algorithm" => put("tbs_signature_algorithm", field),
                "extensions" if !field.children.is_empty() => {
                    for extension in &field.children {
                        let name = match extension.name.as_ref() {
                            "header" => "headers",
                            other => other,
                        };
                        put(name, extension);
                    }
                }
                other => put(other, field),
            }
        }
    }
    out
}
