//! A certificate as bricks in the order of the file, and as a few fields that add up.
//!
//! In: the size tree of a certificate. Out: [`Brick`]s without a gap from its first byte to its
//! last, and [`Field`]s over them. Must not know limits or colours.

use crate::cert::{AltName, Certificate, SizeNode};

/// The kind of field that a brick belongs to, as the byte map tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// Issuer and subject.
    Issuer,
    /// Public key.
    Key,
    /// subjectAltName.
    Names,
    /// Signature.
    Signature,
    /// Everything else.
    Other,
}

impl FieldKind {
    /// All, in the order of the list.
    pub const ALL: [Self; 5] = [
        Self::Issuer,
        Self::Key,
        Self::Names,
        Self::Signature,
        Self::Other,
    ];

    /// The number beside its bracket; the rest has none.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::Issuer => "1",
            Self::Key => "2",
            Self::Names => "3",
            Self::Signature => "4",
            Self::Other => "–",
        }
    }
}

/// A run of bytes with one meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brick {
    /// What it is: `version`, `issuer: CN=…`, `DNS:example.com`.
    pub label: String,
    /// Offset of its first byte in the DER.
    pub offset: usize,
    /// Its size in bytes.
    pub bytes: usize,
    /// The field it belongs to.
    pub kind: FieldKind,
    /// It is one whole name of subjectAltName.
    pub name: bool,
}

/// A field of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which.
    pub kind: FieldKind,
    /// Words, such as `66 names (SAN)`.
    pub words: String,
    /// Bytes of all its bricks.
    pub bytes: usize,
}

/// The bricks of a certificate; their sizes add up to the DER.
#[must_use]
pub fn bricks(tree: &SizeNode) -> Vec<Brick> {
    let mut out = Vec::new();
    walk(tree, "", FieldKind::Other, &mut out);
    out
}

fn walk(node: &SizeNode, above: &str, kind: FieldKind, out: &mut Vec<Brick>) {
    if node.children.is_empty() {
        if node.bytes > 0 {
            let plain = node.name.replace('_', " ");
            let label = if above == "subject_alt_name" && node.name != "header" {
                node.name.clone().into_owned()
            } else if above.is_empty() || above == "certificate" || above == "tbs_certificate" {
                plain
            } else if matches!(above, "issuer" | "subject") && node.name != "header" {
                format!("{above}: {}", node.name)
            } else {
                format!("{}: {plain}", above.replace('_', " "))
            };
            out.push(Brick {
                label,
                offset: node.offset,
                bytes: node.bytes,
                kind,
                name: above == "subject_alt_name" && node.name != "header",
            });
        }
        return;
    }
    for child in &node.children {
        let kind = match child.name.as_ref() {
            "issuer" | "subject" => FieldKind::Issuer,
            "public_key" => FieldKind::Key,
            "subject_alt_name" => FieldKind::Names,
            "signature" if node.name == "certificate" => FieldKind::Signature,
            _ => kind,
        };
        walk(child, &node.name, kind, out);
    }
}

/// The fields of a certificate; their bytes add up to the DER.
#[must_use]
pub fn fields(certificate: &Certificate, bricks: &[Brick]) -> Vec<Field> {
    FieldKind::ALL
        .iter()
        .map(|kind| Field {
            kind: *kind,
            words: words(*kind, certificate),
            bytes: bricks
                .iter()
                .filter(|b| b.kind == *kind)
                .map(|b| b.bytes)
                .sum(),
        })
        .filter(|f| f.bytes > 0)
        .collect()
}

fn words(kind: FieldKind, certificate: &Certificate) -> String {
    match kind {
        FieldKind::Issuer => "issuer, subject".into(),
        FieldKind::Key => certificate
            .key
            .as_ref()
            .map_or_else(|| "public key".into(), |k| format!("{} key", k.text())),
        FieldKind::Names => {
            let count = certificate
                .extensions
                .alt_names
                .as_ref()
                .map_or(0, Vec::<AltName>::len);
            if count == 1 {
                "1 name (SAN)".into()
            } else {
                format!("{count} names (SAN)")
            }
        }
        FieldKind::Signature => "signature".into(),
        FieldKind::Other => "all other fields".into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cert::read;

    #[test]
    fn bricks_lie_side_by_side_and_fields_add_up() {
        let pem = include_bytes!("../../../tests/certs/leaf-66-names.pem");
        let file = read("leaf.pem", pem);
        let certificate = file.certificates().next().unwrap();
        let bricks = bricks(certificate.size_tree());
        let mut at = 0;
        for brick in &bricks {
            assert_eq!(brick.offset, at, "{brick:?}");
            at += brick.bytes;
        }
        assert_eq!(at, certificate.der_bytes());
        assert_eq!(bricks.iter().filter(|b| b.name).count(), 66);
        let fields = fields(certificate, &bricks);
        let sum: usize = fields.iter().map(|f| f.bytes).sum();
        assert_eq!(sum, certificate.der_bytes());
        assert!(fields.iter().any(|f| f.words == "66 names (SAN)"));
    }
}
