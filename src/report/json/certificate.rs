//! One certificate as JSON.
//!
//! Written straight from what was read: a folder of thousands has hundreds of thousands of sizes,
//! and a value for each would cost more than reading them.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::cert::{
    AltName, Certificate, Lint, Moment, SizeNode, address_text, flat, measure, names_that_fit,
    pem_bytes, validity, validity_32_bit,
};
use crate::session::figures::rfc3339;

/// Where a certificate was read, and what it is held against.
pub struct Place<'a> {
    /// File, or server.
    pub file: &'a str,
    /// Number of the certificate in it, from 0.
    pub index: usize,
    /// How it was written; `None` for bytes of the wire.
    pub encoding: Option<&'a str>,
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
    /// Limit of a device for one certificate, in bytes.
    pub limit: Option<usize>,
}

/// One certificate, the same wherever it was read.
pub struct CertificateJson<'a> {
    /// Where it was read.
    pub place: Place<'a>,
    /// The certificate.
    pub certificate: &'a Certificate,
    /// What is to be said against it.
    pub lints: &'a [Lint<'a>],
}

/// A moment as RFC 3339.
fn moment_json(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, |m| {
        json!(rfc3339(m.unix_s.saturating_mul(1_000_000)))
    })
}

impl Serialize for CertificateJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let c = self.certificate;
        let extensions = &c.extensions;
        let place = &self.place;
        let now = place.at_unix_s;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", place.file)?;
        map.serialize_entry("index", &place.index)?;
        map.serialize_entry("encoding", &place.encoding)?;
        map.serialize_entry("der_bytes", &c.der_bytes())?;
        map.serialize_entry("pem_bytes", &pem_bytes(c.der_bytes(), 1))?;
        map.serialize_entry("pem_crlf_bytes", &pem_bytes(c.der_bytes(), 2))?;
        map.serialize_entry("subject_cn", &c.subject.common_name())?;
        map.serialize_entry("subject", &c.subject.text())?;
        map.serialize_entry("issuer", &c.issuer.text())?;
        map.serialize_entry("serial", &c.serial.as_ref().map(|s| &s.hex))?;
        map.serialize_entry("version", &c.version)?;
        map.serialize_entry("not_before", &moment_json(c.not_before))?;
        map.serialize_entry("not_after", &moment_json(c.not_after))?;
        map.serialize_entry("not_after_generalized", &c.not_after.map(|m| m.generalized))?;
        map.serialize_entry("not_after_32_bit", &c.not_after.map(Moment::as_32_bit))?;
        map.serialize_entry("validity", validity(c, now).as_str())?;
        let short = i32::try_from(now).ok();
        map.serialize_entry(
            "validity_32_bit",
            &short.map(|at| validity_32_bit(c, at).as_str()),
        )?;
        map.serialize_entry("san_dns", &Sequence(extensions.dns_names()))?;
        map.serialize_entry(
            "san_ip",
            &Sequence(extensions.addresses().map(address_text)),
        )?;
        map.serialize_entry(
            "san_other",
            &Sequence(extensions.alt_names.iter().flatten().filter_map(other_name)),
        )?;
        map.serialize_entry("key", &c.key.as_ref().map(Key))?;
        map.serialize_entry("spki_sha256", &c.key.as_ref().map(|k| &k.spki_sha256))?;
        map.serialize_entry("signature_algorithm", &c.signature_algorithm)?;
        map.serialize_entry("is_ca", &c.is_ca())?;
        map.serialize_entry("path_len", &extensions.path_len)?;
        map.serialize_entry("key_usage", &extensions.key_usage)?;
        map.serialize_entry("ext_key_usage", &extensions.ext_key_usage)?;
        map.serialize_entry(
            "extensions",
            &Sequence(extensions.list.iter().map(Extension)),
        )?;
        map.serialize_entry("self_signed", &c.self_issued())?;
        map.serialize_entry("sha256", &c.sha256)?;
        let tree = measure(&c.der);
        map.serialize_entry("size_map", &SizeMap(&tree))?;
        map.serialize_entry("size_tree", &Tree(&tree))?;
        map.serialize_entry("lints", &Sequence(self.lints.iter().map(LintJson)))?;
        map.serialize_entry(
            "names_that_fit",
            &place.limit.and_then(|n| names_that_fit(c, n)),
        )?;
        map.end()
    }
}

/// What an iterator gives, written without being collected.
struct Sequence<I>(I);

impl<T: Serialize, I: Iterator<Item = T> + Clone> Serialize for Sequence<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// A name that is neither a host nor an address.
fn other_name(name: &AltName) -> Option<Cow<'_, str>> {
    match name {
        AltName::Email(text) => Some(format!("email:{text}").into()),
        AltName::Uri(text) => Some(format!("URI:{text}").into()),
        AltName::Other(kind) => Some(Cow::Borrowed(kind)),
        AltName::Dns(_) | AltName::Ip(_) => None,
    }
}

struct Key<'a>(&'a crate::cert::PublicKey);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("type", &self.0.kind)?;
        map.serialize_entry("bits", &self.0.bits)?;
        map.serialize_entry("curve", &self.0.curve)?;
        map.serialize_entry("exponent", &self.0.exponent)?;
        map.end()
    }
}

struct Extension<'a>(&'a crate::cert::Extension);

impl Serialize for Extension<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("oid", &self.0.oid)?;
        map.serialize_entry("critical", &self.0.critical)?;
        map.serialize_entry("bytes", &self.0.bytes)?;
        map.end()
    }
}

/// Fields and their bytes; fields of one name are added up.
struct SizeMap<'a>(&'a SizeNode);

impl Serialize for SizeMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sums: Vec<(Cow<'_, str>, usize)> = Vec::new();
        for (name, bytes) in flat(self.0) {
            match sums.iter_mut().find(|(n, _)| *n == name) {
                Some((_, sum)) => *sum += bytes,
                None => sums.push((name, bytes)),
            }
        }
        serializer.collect_map(sums)
    }
}

struct Tree<'a>(&'a SizeNode);

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("bytes", &self.0.bytes)?;
        map.serialize_entry("children", &Sequence(self.0.children.iter().map(Tree)))?;
        map.end()
    }
}

struct LintJson<'a>(&'a Lint<'a>);

impl Serialize for LintJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lint = self.0;
        let refused: Vec<&str> = lint.refuses.iter().map(|p| p.as_str()).collect();
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("id", lint.id)?;
        map.serialize_entry("severity", lint.severity.as_str())?;
        map.serialize_entry("sentence", &lint.sentence)?;
        map.serialize_entry("why", lint.why)?;
        map.serialize_entry("source", lint.source)?;
        map.serialize_entry("refused_by", &refused)?;
        map.serialize_entry("der_offset", &lint.der_offset)?;
        map.end()
    }
}
