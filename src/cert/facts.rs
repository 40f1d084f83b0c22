//! What certificates at hand state for the diagnosis.
//!
//! In: files and what is known of the case ([`FactContext`]). Out: a [`FactSet`] whose origins name
//! the file and the field. Names and types stand in `assets/facts.toml`.

use std::net::IpAddr;

use super::certificate::Certificate;
use super::chain::{ChainOrder, chain};
use super::dates::{Validity, validity};
use super::file::CertFile;
use super::fit::signature_hash;
use super::name_check::{NameVerdict, name_checks};
use super::names::{AltName, address_text};
use super::sizes::certificate_message_bytes;
use crate::evidence::{FactSet, FactValue, InputId, Origin, Place};

/// What is known beside the files.
#[derive(Clone, Debug, Default)]
pub struct FactContext<'a> {
    /// Host that the device was to reach.
    pub host: Option<&'a str>,
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: Option<i64>,
    /// Number of each file in the session, in the order of the files; may be shorter.
    pub inputs: &'a [InputId],
}

struct Facts<'a> {
    out: FactSet,
    input: Option<InputId>,
    name: &'a str,
}

impl Facts<'_> {
    fn origin(&self, field: &str) -> Origin {
        match self.input {
            Some(input) => Origin::Read {
                input,
                place: Place::Field(field.to_owned()),
            },
            None => Origin::Derived(format!("{}: {field}", self.name)),
        }
    }

    fn know(&mut self, name: &str, value: FactValue, field: &str) {
        let origin = self.origin(field);
        self.out.know(name, value, origin);
    }

    fn yes(&mut self, name: &str, value: bool, field: &str) {
        self.know(name, FactValue::Bool(value), field);
    }

    fn text(&mut self, name: &str, value: &str, field: &str) {
        self.know(name, FactValue::Text(value.to_owned()), field);
    }

    fn int(&mut self, name: &str, value: i64, field: &str) {
        self.know(name, FactValue::Int(value), field);
    }

    fn size(&mut self, name: &str, value: usize, field: &str) {
        self.int(name, i64::try_from(value).unwrap_or(i64::MAX), field);
    }

    fn words(&mut self, name: &str, mut words: Vec<String>, field: &str) {
        words.sort();
        words.dedup();
        self.know(name, FactValue::List(words), field);
    }
}

/// The facts of the server's certificates: the first file with a certificate that is no CA, or else
/// the first with a certificate. Roots in other files are taken as what the device trusts.
#[must_use]
pub fn facts(files: &[CertFile], context: &FactContext<'_>) -> FactSet {
    let position = files
        .iter()
        .position(|f| f.certificates().any(|c| !c.is_ca()))
        .or_else(|| files.iter().position(|f| f.certificates().next().is_some()));
    let Some((position, file)) = position.and_then(|p| Some((p, files.get(p)?))) else {
        return FactSet::default();
    };
    let mut facts = Facts {
        out: FactSet::default(),
        input: context.inputs.get(position).copied(),
        name: &file.name,
    };
    let certificates: Vec<&Certificate> = file.certificates().collect();
    let Some(found) = chain(&certificates) else {
        return FactSet::default();
    };
    let Some(leaf) = found.found.first().and_then(|i| certificates.get(*i)) else {
        return FactSet::default();
    };
    facts.leaf(leaf, context);
    facts.size("cert.count", certificates.len(), "certificates");
    let path: Vec<&Certificate> = found
        .found
        .iter()
        .filter_map(|i| certificates.get(*i).copied())
        .collect();
    if let Some(intermediate) = path.get(1).filter(|c| !c.self_issued()) {
        facts.size(
            "server.intermediate_bytes",
            intermediate.der_bytes(),
            "certificate 2",
        );
    }
    let sizes: Vec<usize> = certificates.iter().map(|c| c.der_bytes()).collect();
    facts.size(
        "certificate_message_bytes",
        certificate_message_bytes(&sizes),
        "sizes of the certificates",
    );
    if certificates.len() > 1 {
        facts.yes(
            "cert.chain_links",
            found.order == ChainOrder::Right,
            "issuers and subjects",
        );
        facts.yes(
            "cert.chain_reorders",
            found.order == ChainOrder::Wrong && found.found.len() > 1,
            "issuers and subjects",
        );
        if let Some(top) = certificates.last() {
            facts.yes(
                "cert.chain_top_self_signed",
                top.self_issued(),
                "last certificate",
            );
        }
    }
    facts.yes(
        "cert.issuer_sent",
        !leaf.self_issued() && path.len() > 1,
        "issuers and subjects",
    );
    if let Some(issuer) = path.get(1) {
        facts.yes("cert.issuer_is_ca", issuer.is_ca(), "basicConstraints");
    }
    let all = || path.iter();
    facts.yes(
        "cert.date_over_2038",
        all().any(|c| c.ends_after_2038()),
        "notAfter",
    );
    if let Some(at) = context.at_unix_s {
        facts.yes(
            "cert.any_expired",
            all().any(|c| validity(c, at) == Validity::Expired),
            "notAfter",
        );
        facts.yes(
            "cert.any_not_yet_valid",
            all().any(|c| validity(c, at) == Validity::NotYet),
            "notBefore",
        );
    }
    if let Some(bits) = all().filter_map(|c| c.key.as_ref()).map(|k| k.bits).max() {
        facts.int("cert.max_key_bits", i64::from(bits), "public key");
    }
    let roots = path.iter().skip(1).filter(|c| c.self_issued()).count();
    facts.size("cert.intermediates", path.len() - 1 - roots, "certificates");
    if let Some(top) = path.last() {
        facts.text("cert.top_issuer", &top.issuer.text(), "issuer");
    }
    facts.out
}

impl Facts<'_> {
    fn leaf(&mut self, leaf: &Certificate, context: &FactContext<'_>) {
        self.size("server.leaf_bytes", leaf.der_bytes(), "size of the leaf");
        self.text("cert.leaf.subject", &leaf.subject.text(), "subject");
        self.text("cert.leaf.issuer", &leaf.issuer.text(), "issuer");
        if let Some(cn) = leaf.subject.common_name() {
            self.text("cert.leaf.cn", cn, "subject");
            let is_address = cn.parse::<IpAddr>().is_ok();
            self.yes(
                "cert.leaf.cn_is_ip",
                is_address && leaf.extensions.addresses().next().is_none(),
                "subject and subjectAltName",
            );
        }
        let names = leaf.extensions.alt_names.iter().flatten();
        let names: Vec<String> = names
            .filter_map(|n| match n {
                AltName::Dns(text) => Some(text.clone()),
                AltName::Ip(bytes) => Some(address_text(bytes)),
                _ => None,
            })
            .collect();
        self.words("cert.leaf.names", names, "subjectAltName");
        if let Some(key) = &leaf.key {
            let kind = if key.kind.starts_with("RSA") {
                "RSA"
            } else {
                &key.kind
            };
            self.text("cert.leaf.key_type", kind, "public key");
            self.int("cert.leaf.key_bits", i64::from(key.bits), "public key");
        }
        if let Some(algorithm) = &leaf.signature_algorithm {
            self.text("cert.leaf.signed_using", algorithm, "signatureAlgorithm");
            let hash = signature_hash(algorithm);
            self.yes(
                "cert.leaf.sha1",
                matches!(hash, Some("SHA-1" | "MD5" | "MD2")),
                "signatureAlgorithm",
            );
            self.yes(
                "cert.leaf.sha512",
                hash == Some("SHA-512"),
                "signatureAlgorithm",
            );
        }
        self.yes(
            "cert.leaf.self_signed",
            leaf.self_issued(),
            "issuer and subject",
        );
        self.yes("cert.leaf.is_ca", leaf.is_ca(), "basicConstraints");
        self.usage(leaf);
        if let Some(from) = leaf.not_before {
            self.int("cert.not_before", from.unix_s, "notBefore");
        }
        if let Some(until) = leaf.not_after {
            self.int("cert.not_after", until.unix_s, "notAfter");
        }
        if let Some(at) = context.at_unix_s {
            let state = validity(leaf, at);
            self.yes("cert.leaf.expired", state == Validity::Expired, "notAfter");
            self.yes(
                "cert.leaf.not_yet_valid",
                state == Validity::NotYet,
                "notBefore",
            );
        }
        if let Some(host) = context.host {
            // RFC 6125 as OpenSSL applies it; where the stacks differ nothing is stated.
            let id = if host.parse::<IpAddr>().is_ok() {
                "openssl-ip"
            } else {
                "openssl-host"
            };
            let verdict = name_checks(leaf, host)
                .into_iter()
                .find(|c| c.id == id)
                .map(|c| c.verdict);
            if let Some(verdict) = verdict.filter(|v| *v != NameVerdict::NotChecked) {
                self.yes(
                    "cert.leaf.matches_host",
                    verdict == NameVerdict::Match,
                    "subjectAltName and subject",
                );
            }
        }
    }

    fn usage(&mut self, leaf: &Certificate) {
        if let Some(list) = &leaf.extensions.ext_key_usage {
            self.words("cert.leaf.ext_key_usage", list.clone(), "extKeyUsage");
        } else {
            let origin = self.origin("extKeyUsage");
            self.out.absent("cert.leaf.ext_key_usage", origin);
        }
        let server = leaf.extensions.ext_key_usage.as_ref().is_none_or(|list| {
            list.iter()
                .any(|u| u == "serverAuth" || u == "anyExtendedKeyUsage")
        });
        self.yes("cert.leaf.server_auth", server, "extKeyUsage");
        if let Some(list) = &leaf.extensions.key_usage {
            let words = list.iter().map(|w| (*w).to_owned()).collect();
            self.words("cert.leaf.key_usage", words, "keyUsage");
        } else {
            let origin = self.origin("keyUsage");
            self.out.absent("cert.leaf.key_usage", origin);
        }
        let may = leaf.extensions.key_usage.as_ref().is_none_or(|list| {
            list.iter()
                .any(|u| matches!(*u, "digitalSignature" | "keyEncipherment" | "keyAgreement"))
        });
        self.yes("cert.leaf.may_sign", may, "keyUsage");
    }
}
