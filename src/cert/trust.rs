//! The server's chain against what the device trusts, and the device's own certificate against its
//! key, as facts for the diagnosis.
//!
//! In: files sorted by whose they are. Out: a [`FactSet`] whose origins name the file. Where the
//! certificates do not decide, nothing is stated.

use super::certificate::Certificate;
use super::chain::{chain, could_issue};
use super::dates::{Validity, validity};
use super::file::{CertFile, Content};
use super::fit::signature_hash;
use super::pairs::{PairVerdict, pairs};
use super::signature::{SignatureCheck, check_signature};
use crate::evidence::{FactSet, FactValue, InputId, Origin, Place};

/// Beside one server, more trust anchors than this are a general bundle: an anchor of the same
/// organisation says nothing in it.
const FEW_ANCHORS: usize = 16;

/// Files of a case, by whose they are.
#[derive(Clone, Debug, Default)]
pub struct Sides<'a> {
    /// What the server sends, or is set up to send.
    pub server: Vec<(&'a CertFile, InputId)>,
    /// The device's own certificates and keys.
    pub own: Vec<(&'a CertFile, InputId)>,
    /// What the device trusts.
    pub trusted: Vec<(&'a CertFile, InputId)>,
}

impl<'a> Sides<'a> {
    /// Sorts files. A leaf that may act as a client only (extendedKeyUsage, RFC 5280 section
    /// 4.2.1.12) is the device's own; so is one beside its private key where another file holds a
    /// leaf. A file of nothing but CA certificates is what the device trusts, unless it only issued
    /// the device's own certificate: then it is what the server trusts.
    #[must_use]
    pub fn sort(files: &[(&'a CertFile, InputId)], trusted: &[(&'a CertFile, InputId)]) -> Self {
        let leaf = |f: &'a CertFile| f.certificates().find(|c| !c.is_ca());
        let owned: Vec<CertFile> = files.iter().map(|(f, _)| (*f).clone()).collect();
        let pairs = pairs(&owned);
        let has_key = |at: usize| {
            pairs.iter().any(|p| {
                p.kind == "private_key" && p.certificates.iter().any(|(file, _)| *file == at)
            })
        };
        let leaves = files.iter().filter(|(f, _)| leaf(f).is_some()).count();
        let mut sides = Self::default();
        for (at, (file, input)) in files.iter().enumerate() {
            let client_only = leaf(file).is_some_and(|c| {
                let usage = c.extensions.ext_key_usage.as_deref().unwrap_or_default();
                let may = |name: &str| usage.iter().any(|u| u == name);
                may("clientAuth") && !may("serverAuth") && !may("anyExtendedKeyUsage")
            });
            let keys_only = file.certificates().next().is_none();
            if client_only || keys_only || leaves > 1 && has_key(at) {
                sides.own.push((file, *input));
            } else {
                sides.server.push((file, *input));
            }
        }
        // Both leaves have their keys here: nothing tells whose they are.
        if sides.server.is_empty() {
            let (own, server): (Vec<_>, Vec<_>) = std::mem::take(&mut sides.own)
                .into_iter()
                .partition(|(f, _)| f.certificates().next().is_none());
            sides.own = own;
            sides.server = server;
        }
        let server: Vec<&Certificate> = sides.server_certificates();
        let own: Vec<&Certificate> = sides
            .own
            .iter()
            .flat_map(|(f, _)| f.certificates())
            .collect();
        for (file, input) in trusted {
            let issues = |of: &[&Certificate]| {
                of.iter()
                    .any(|c| file.certificates().any(|ca| could_issue(ca, c)))
            };
            if !issues(&own) || issues(&server) {
                sides.trusted.push((file, *input));
            }
        }
        sides
    }

    fn server_certificates(&self) -> Vec<&'a Certificate> {
        self.server
            .first()
            .map(|(f, _)| f.certificates().collect())
            .unwrap_or_default()
    }

    /// What the files say together; `at_unix_s` is the time of judgement, seconds since 1970 UTC,
    /// `offered` the signatures of the client's hello (`SHA-256 with ECDSA`), empty where unknown.
    #[must_use]
    pub fn facts(&self, at_unix_s: i64, offered: &[String]) -> FactSet {
        let mut out = FactSet::default();
        self.signatures(offered, &mut out);
        self.key(&mut out);
        self.trust(at_unix_s, &mut out);
        out
    }

    /// Did the client offer what the chain is signed with (RFC 5246 section 7.4.2)?
    fn signatures(&self, offered: &[String], out: &mut FactSet) {
        let Some((_, input)) = self.server.first().filter(|_| !offered.is_empty()) else {
            return;
        };
        let missing = self.server_certificates().into_iter().any(|c| {
            let algorithm = c.signature_algorithm.as_deref().unwrap_or_default();
            let kind = match algorithm.to_ascii_lowercase() {
                a if a.contains("ecdsa") => "ECDSA",
                a if a.contains("rsa") && !a.contains("pss") => "RSA",
                _ => return false,
            };
            let Some(hash) = signature_hash(algorithm) else {
                return false;
            };
            !c.self_issued() && !offered.contains(&format!("{hash} with {kind}"))
        });
        out.know(
            "cert.signature_offered",
            FactValue::Bool(!missing),
            field(*input, "signatureAlgorithm"),
        );
    }

    /// Does the device's key belong to its certificate?
    fn key(&self, out: &mut FactSet) {
        let files: Vec<CertFile> = self.own.iter().map(|(f, _)| (*f).clone()).collect();
        if !files.iter().any(|f| f.certificates().next().is_some()) {
            return;
        }
        for pair in pairs(&files).iter().filter(|p| p.kind == "private_key") {
            let fits = match pair.verdict {
                PairVerdict::Matches => true,
                PairVerdict::NoCertificate => false,
                PairVerdict::NotChecked => continue,
            };
            if let Some((_, input)) = self.own.get(pair.of.0) {
                out.know(
                    "client_cert.key_pair_ok",
                    FactValue::Bool(fits),
                    field(*input, "private key and certificate"),
                );
            }
        }
    }

    fn trust(&self, at_unix_s: i64, out: &mut FactSet) {
        let sent = self.server_certificates();
        let anchors: Vec<(&Certificate, InputId)> = self
            .trusted
            .iter()
            .flat_map(|(f, input)| f.certificates().map(|c| (c, *input)))
            .collect();
        let (Some((_, input)), Some(found)) = (anchors.first(), chain(&sent)) else {
            return;
        };
        let path: Vec<&Certificate> = found
            .found
            .iter()
            .filter_map(|i| sent.get(*i).copied())
            .collect();
        let Some(top) = path.last() else { return };
        let mut yes = |name: &str, value: bool, input: InputId, of: &str| {
            out.know(name, FactValue::Bool(value), field(input, of));
        };
        match anchor(&path, &anchors) {
            Reached::By(anchor, input) => {
                yes("device.ca_is_current", true, input, "issuers and subjects");
                yes("server.chain_complete", true, input, "issuers and subjects");
                let state = validity(anchor, at_unix_s);
                yes(
                    "trust.expired",
                    state == Validity::Expired,
                    input,
                    "notAfter",
                );
                yes(
                    "trust.not_yet_valid",
                    state == Validity::NotYet,
                    input,
                    "notBefore",
                );
                let may = anchor.is_ca() || path.first().is_some_and(|c| c.der == anchor.der);
                yes("trust.is_ca", may, input, "basicConstraints");
            }
            Reached::SameNameOtherKey(input) => {
                yes("device.ca_is_current", false, input, "public key");
                yes("trust.same_name_other_key", true, input, "public key");
            }
            Reached::Unsure => {}
            Reached::No if top.self_issued() => {
                yes(
                    "device.ca_is_current",
                    false,
                    *input,
                    "issuers and subjects",
                );
            }
            Reached::No => {
                // An issuer is missing between the chain and the anchors. One certificate alone
                // whose issuer bears the anchor's organisation: an intermediate was not sent.
                let related = anchors.len() <= FEW_ANCHORS
                    && anchors
                        .iter()
                        .any(|(c, _)| organisation(&c.subject) == organisation(&top.issuer));
                yes("trust.related", related, *input, "organisation names");
                if !related && anchors.len() <= FEW_ANCHORS {
                    yes(
                        "device.ca_is_current",
                        false,
                        *input,
                        "issuers and subjects",
                    );
                }
            }
        }
    }
}

enum Reached<'a> {
    /// This anchor signed the path, or is in it.
    By(&'a Certificate, InputId),
    /// An anchor bears the issuer's name, but did not sign.
    SameNameOtherKey(InputId),
    /// An anchor bears the issuer's name; the signature cannot be checked.
    Unsure,
    No,
}

fn anchor<'a>(path: &[&Certificate], anchors: &[(&'a Certificate, InputId)]) -> Reached<'a> {
    let mut other_key = None;
    let mut unsure = false;
    for certificate in path {
        for (anchor, input) in anchors {
            if anchor.der == certificate.der {
                return Reached::By(anchor, *input);
            }
            if anchor.subject.der != certificate.issuer.der || anchor.subject.der.is_empty() {
                continue;
            }
            match check_signature(certificate, anchor) {
                SignatureCheck::Good => return Reached::By(anchor, *input),
                SignatureCheck::Bad => other_key = Some(*input),
                SignatureCheck::NotChecked(_) if could_issue(anchor, certificate) => unsure = true,
                SignatureCheck::NotChecked(_) => other_key = Some(*input),
            }
        }
    }
    match other_key {
        _ if unsure => Reached::Unsure,
        Some(input) => Reached::SameNameOtherKey(input),
        None => Reached::No,
    }
}

/// Organisation of a name, else its common name, without case.
fn organisation(name: &super::names::DistinguishedName) -> Option<String> {
    let of = |key: &str| name.attributes.iter().find(|a| a.key == key);
    of("O").or_else(|| of("CN")).map(|a| a.value.to_lowercase())
}

fn field(input: InputId, field: &str) -> Origin {
    Origin::Read {
        input,
        place: Place::Field(field.to_owned()),
    }
}

/// One self-signed certificate that names a host: a server may show it itself, and the device may
/// hold it as its trust anchor at the same time.
#[must_use]
pub fn is_self_signed_server(file: &CertFile) -> bool {
    let mut all = file.certificates();
    let (Some(one), None) = (all.next(), all.next()) else {
        return false;
    };
    let names_host = one
        .subject
        .common_name()
        .is_some_and(|cn| cn.contains('.') && !cn.contains(' '));
    one.self_issued() && (one.extensions.alt_names.is_some() || names_host)
}

/// Nothing but CA certificates, at least one.
#[must_use]
pub fn is_trust(file: &CertFile) -> bool {
    let other = |c: &Content| !matches!(c, Content::Certificate(c) if c.is_ca());
    file.certificates().next().is_some() && !file.objects.iter().any(|o| other(&o.content))
}
