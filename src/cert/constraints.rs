//! Name constraints (RFC 5280 section 4.2.1.10): what a CA allows below itself.
//!
//! In: a certificate. Out: [`NameConstraints`], and whether a name fits. Must not know paths: which
//! certificates a constraint reaches is decided there.

use super::certificate::Certificate;
use super::names::{AltName, DistinguishedName, address_text};
use super::tlv::{self, Tlv, tag};

/// The base of one subtree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Dns(String),
    Email(String),
    Uri(String),
    /// Address and mask, 4 or 16 bytes each by the rule.
    Ip(Vec<u8>),
    /// Attributes of a name, each as its encoded RDN.
    Directory(Vec<Vec<u8>>),
    /// A kind that is not compared here: the tag of its GeneralName.
    Other(u8),
}

/// Permitted and excluded subtrees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NameConstraints {
    pub permitted: Vec<Base>,
    pub excluded: Vec<Base>,
    /// A subtree has a minimum other than 0 or a maximum.
    pub distances: bool,
}

/// A name as constraints see it.
#[derive(Clone, Debug)]
pub(super) enum Presented<'a> {
    Dns(&'a str),
    Email(&'a str),
    Uri(&'a str),
    Ip(&'a [u8]),
    Directory(Vec<Vec<u8>>),
    Other(u8),
}

impl NameConstraints {
    pub fn of(c: &Certificate) -> Option<Self> {
        let range = &c
            .extensions
            .list
            .iter()
            .find(|e| e.name == "name_constraints")?
            .value;
        let der = c.der.as_slice();
        let outer = tlv::read(der, range.start, range.end).ok()?;
        let mut out = Self::default();
        for part in tlv::children(der, &outer).0 {
            let list = match part.tag {
                0xA0 => &mut out.permitted,
                0xA1 => &mut out.excluded,
                _ => continue,
            };
            for subtree in tlv::children(der, &part).0 {
                let (fields, _) = tlv::children(der, &subtree);
                let Some((base, rest)) = fields.split_first() else {
                    continue;
                };
                out.distances |= rest
                    .iter()
                    .any(|f| f.tag & 0x1F == 1 || f.value(der).iter().any(|b| *b != 0));
                list.push(Base::read(der, base));
            }
        }
        Some(out)
    }

    /// Number of subtrees.
    pub fn len(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }

    /// Is the name forbidden, and how? Only subtrees of its own kind speak about it.
    pub fn forbids(&self, name: &Presented<'_>) -> Option<&'static str> {
        let of_kind = |b: &&Base| b.same_kind(name);
        if self
            .excluded
            .iter()
            .filter(of_kind)
            .any(|b| b.holds(name, true))
        {
            return Some("excluded");
        }
        let mut permitted = self.permitted.iter().filter(of_kind).peekable();
        let any = permitted.peek().is_some();
        (any && !permitted.any(|b| b.holds(name, false))).then_some("not permitted")
    }
}

/// The RDNs of a name as encoded.
pub(super) fn rdns(der: &[u8], name: &Tlv) -> Vec<Vec<u8>> {
    tlv::children(der, name)
        .0
        .iter()
        .map(|rdn| rdn.bytes(der).to_vec())
        .collect()
}

/// The RDNs of a subject, for comparing with a directoryName.
pub(super) fn subject_rdns(name: &DistinguishedName) -> Vec<Vec<u8>> {
    tlv::read(&name.der, 0, name.der.len())
        .map(|outer| rdns(&name.der, &outer))
        .unwrap_or_default()
}

impl Base {
    fn read(der: &[u8], base: &Tlv) -> Self {
        let value = base.value(der);
        let text = || String::from_utf8_lossy(value).into_owned();
        match base.tag & 0x1F {
            1 => Self::Email(text()),
            2 => Self::Dns(text()),
            4 => Self::Directory(
                tlv::children(der, base)
                    .0
                    .first()
                    .filter(|n| n.tag == tag::SEQUENCE)
                    .map(|n| rdns(der, n))
                    .unwrap_or_default(),
            ),
            6 => Self::Uri(text()),
            7 => Self::Ip(value.to_vec()),
            other => Self::Other(other),
        }
    }

    /// What it holds and what it should be, when it is not.
    pub fn fault(&self) -> Option<(String, &'static str)> {
        let host = |t: &str| {
            t.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            })
        };
        match self {
            // An empty dNSName fits all names; a leading period is for URIs alone.
            Self::Dns(t) if !t.is_empty() && !host(t) => {
                Some((format!("\u{201c}{t}\u{201d}"), "host name"))
            }
            Self::Email(t) => {
                let domain = t.rsplit_once('@').map_or(t.as_str(), |(_, d)| d);
                let domain = domain.strip_prefix('.').unwrap_or(domain);
                let local_missing = t.starts_with('@');
                (local_missing || !t.is_empty() && !host(domain)).then(|| {
                    (
                        format!("\u{201c}{t}\u{201d}"),
                        "mail address, host or domain",
                    )
                })
            }
            Self::Uri(t) if !t.is_empty() && !host(t.strip_prefix('.').unwrap_or(t)) => {
                Some((format!("\u{201c}{t}\u{201d}"), "host or domain"))
            }
            Self::Ip(bytes) => {
                let (address, mask) = bytes.split_at(bytes.len() / 2);
                let wrong = !matches!(bytes.len(), 8 | 32) || !contiguous(mask);
                wrong.then(|| {
                    (
                        format!("{}/{}", address_text(address), address_text(mask)),
                        "address with a mask",
                    )
                })
            }
            _ => None,
        }
    }

    /// Is the presented name of the kind that this base speaks about?
    pub fn same_kind(&self, name: &Presented<'_>) -> bool {
        match (self, name) {
            (Self::Dns(_), Presented::Dns(_))
            | (Self::Email(_), Presented::Email(_))
            | (Self::Uri(_), Presented::Uri(_))
            | (Self::Ip(_), Presented::Ip(_))
            | (Self::Directory(_), Presented::Directory(_)) => true,
            (Self::Other(a), Presented::Other(b)) => a == b,
            _ => false,
        }
    }

    /// Does the name lie inside the subtree? `exclude` asks whether any host that a wildcard stands
    /// for does; else all must.
    pub fn holds(&self, name: &Presented<'_>, exclude: bool) -> bool {
        match (self, name) {
            (Self::Dns(base), Presented::Dns(name)) => match name.strip_prefix("*.") {
                // `*.a` stands for each host directly below `a`: of `x.a` some are inside.
                Some(parent) if exclude => {
                    below(parent, base)
                        || base
                            .split_once('.')
                            .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                }
                Some(parent) => below(parent, base),
                None => below(name, base),
            },
            (Self::Email(base), Presented::Email(name)) => email(base, name),
            (Self::Uri(base), Presented::Uri(name)) => uri(base, name),
            (Self::Ip(base), Presented::Ip(name)) => {
                let (address, mask) = base.split_at(base.len() / 2);
                address.len() == name.len()
                    && name
                        .iter()
                        .zip(address)
                        .zip(mask)
                        .all(|((n, a), m)| n & m == a & m)
            }
            (Self::Directory(base), Presented::Directory(name)) => {
                name.len() >= base.len() && base.iter().zip(name).all(|(a, b)| same_rdn(a, b))
            }
            // What cannot be compared is taken for inside when that is the careful answer.
            (Self::Other(_), Presented::Other(_)) => exclude,
            _ => false,
        }
    }
}

/// `name` is `base` or has labels before it.
fn below(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let Some(at) = name.len().checked_sub(base.len()) else {
        return false;
    };
    let tail = name.as_bytes().get(at..).unwrap_or_default();
    tail.eq_ignore_ascii_case(base.as_bytes())
        && (at == 0 || name.as_bytes().get(at - 1) == Some(&b'.'))
}

fn email(base: &str, name: &str) -> bool {
    let Some((local, host)) = name.rsplit_once('@') else {
        return false;
    };
    match base.rsplit_once('@') {
        Some((wanted, at)) => wanted == local && at.eq_ignore_ascii_case(host),
        None => match base.strip_prefix('.') {
            Some(domain) => below(host, domain) && !host.eq_ignore_ascii_case(domain),
            None => base.is_empty() || base.eq_ignore_ascii_case(host),
        },
    }
}

fn uri(base: &str, name: &str) -> bool {
    let host = name
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(rest))
        .map(|authority| authority.rsplit_once('@').map_or(authority, |(_, h)| h))
        .map(|host| host.split(':').next().unwrap_or(host));
    let Some(host) = host else { return false };
    match base.strip_prefix('.') {
        Some(domain) => below(host, domain) && !host.eq_ignore_ascii_case(domain),
        None => base.is_empty() || host.eq_ignore_ascii_case(base),
    }
}

/// Ones, then zeros.
fn contiguous(mask: &[u8]) -> bool {
    let mut zeros = false;
    mask.iter().all(|byte| {
        let good = if zeros {
            *byte == 0
        } else {
            byte.leading_ones() + byte.trailing_zeros().min(8 - byte.leading_ones()) == 8
        };
        zeros |= *byte != 0xFF;
        good
    })
}

/// Equal as encoded, or equal texts of string types that differ (RFC 5280 section 7.1, without
/// its rules for spaces).
fn same_rdn(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    let texts = |bytes: &[u8]| -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let set = tlv::read(bytes, 0, bytes.len()).ok()?;
        Some(
            tlv::children(bytes, &set)
                .0
                .iter()
                .filter_map(|attribute| {
                    let (parts, _) = tlv::children(bytes, attribute);
                    match parts.as_slice() {
                        [oid, value] if matches!(value.tag, 0x0C | 0x13 | 0x16) => Some((
                            oid.value(bytes).to_vec(),
                            value.value(bytes).to_ascii_lowercase(),
                        )),
                        _ => None,
                    }
                })
                .collect(),
        )
    };
    match (texts(a), texts(b)) {
        (Some(a), Some(b)) => !a.is_empty() && a == b,
        _ => false,
    }
}

/// All names of a certificate that constraints look at.
pub(super) fn presented(c: &Certificate) -> Vec<Presented<'_>> {
    let mut out: Vec<Presented<'_>> = c
        .extensions
        .alt_names
        .iter()
        .flatten()
        .filter_map(|name| {
            Some(match name {
                AltName::Dns(t) => Presented::Dns(t),
                AltName::Email(t) => Presented::Email(t),
                AltName::Uri(t) => Presented::Uri(t),
                AltName::Ip(bytes) => Presented::Ip(bytes),
                AltName::Other("otherName") => Presented::Other(0),
                AltName::Other("x400Address") => Presented::Other(3),
                AltName::Other("ediPartyName") => Presented::Other(5),
                AltName::Other("registeredID") => Presented::Other(8),
                AltName::Other(_) => return None,
            })
        })
        .collect();
    let subject = subject_rdns(&c.subject);
    if !subject.is_empty() {
        out.push(Presented::Directory(subject));
    }
    // directoryName entries are read from the DER, where their RDNs stand.
    if let Some(range) = c
        .extensions
        .list
        .iter()
        .find(|e| e.name == "subject_alt_name")
        .map(|e| e.value.clone())
        && let Ok(list) = tlv::read(&c.der, range.start, range.end)
    {
        for name in tlv::children(&c.der, &list).0 {
            if name.tag & 0x1F == 4
                && let Some(inner) = tlv::children(&c.der, &name).0.first()
            {
                out.push(Presented::Directory(rdns(&c.der, inner)));
            }
        }
    }
    // RFC 5280: a mail address in the subject counts where subjectAltName has none.
    if !out.iter().any(|n| matches!(n, Presented::Email(_))) {
        out.extend(
            c.subject
                .attributes
                .iter()
                .filter(|a| a.key == "emailAddress")
                .map(|a| Presented::Email(&a.value)),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_excluded_with_any_of_its_hosts() {
        let base = Base::Dns("bar.example.com".into());
        let star = Presented::Dns("*.example.com");
        assert!(base.holds(&star, true));
        assert!(!base.holds(&star, false));
        let wide = Base::Dns("example.com".into());
        assert!(wide.holds(&star, false));
        assert!(!wide.holds(&Presented::Dns("not-example.com"), false));
    }

    #[test]
    fn masks_are_ones_then_zeros() {
        assert!(contiguous(&[255, 255, 0, 0]));
        assert!(contiguous(&[255, 0xF0, 0, 0]));
        assert!(contiguous(&[0, 0, 0, 0]));
        assert!(!contiguous(&[255, 0, 255, 0]));
        assert!(!contiguous(&[0xF1, 0, 0, 0]));
        assert!(Base::Ip(vec![1, 2, 3]).fault().is_some());
    }

    #[test]
    fn mail_constraints_mean_one_box_one_host_or_one_domain() {
        assert!(email("a@b.c", "a@B.c"));
        assert!(!email("a@b.c", "x@b.c"));
        assert!(email("b.c", "x@b.c"));
        assert!(!email("b.c", "x@d.b.c"));
        assert!(email(".b.c", "x@d.b.c"));
        assert!(!email(".b.c", "x@b.c"));
        assert!(uri(".b.c", "https://u@d.b.c:8443/x"));
    }
}
