//! The extensions of a certificate that decide whether a device takes it.
//!
//! In: the extensions field. Out: [`Extensions`]; an extension that cannot be read is named in a
//! [`Problem`] and the others stay. Must not judge their use.

use std::borrow::Cow;

use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;

use super::names::AltName;
use super::oids;
use super::problem::{Problem, Severity};
use super::tlv::{self, Tlv, tag};

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Dotted object identifier.
    pub oid: String,
    /// Name in `snake_case`, or the identifier.
    pub name: Cow<'static, str>,
    /// A reader that does not know it must refuse the certificate.
    pub critical: bool,
    /// Its size in bytes, header included.
    pub bytes: usize,
    /// Where its value (inside the OCTET STRING) stands in the DER of the certificate, in bytes.
    pub value: std::ops::Range<usize>,
    /// The value is not what its identifier promises.
    pub unreadable: bool,
}

/// What the extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// All of them, in order.
    pub list: Vec<Extension>,
    /// subjectAltName, in order; `None` where there is no such extension.
    pub alt_names: Option<Vec<AltName>>,
    /// cA of basicConstraints; `None` without that extension.
    pub ca: Option<bool>,
    /// pathLenConstraint of basicConstraints.
    pub path_len: Option<u32>,
    /// keyUsage, by the names of RFC 5280; `None` without that extension.
    pub key_usage: Option<Vec<&'static str>>,
    /// extKeyUsage; `None` without that extension.
    pub ext_key_usage: Option<Vec<String>>,
    /// subjectKeyIdentifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// keyIdentifier of authorityKeyIdentifier.
    pub authority_key_id: Option<Vec<u8>>,
    /// Where the issuer's certificate can be had (authorityInfoAccess, caIssuers).
    pub ca_issuers: Vec<String>,
}

/// Extensions that a TLS stack acts on (RFC 5280 section 4.2 names those that it must know).
const ACTED_ON: [&str; 9] = [
    "key_usage",
    "subject_alt_name",
    "basic_constraints",
    "ext_key_usage",
    "name_constraints",
    "certificate_policies",
    "policy_constraints",
    "policy_mappings",
    "inhibit_any_policy",
];

/// Certificates have about ten.
const MOST_EXTENSIONS: usize = 500;

impl Extensions {
    pub(super) fn read(der: &[u8], wrapper: &Tlv, problems: &mut Vec<Problem>) -> Self {
        let mut found = Self::default();
        let Some(list) = tlv::children(der, wrapper).0.first().copied() else {
            return found;
        };
        let (elements, error) = tlv::children(der, &list);
        if let Some(error) = error {
            problems.push(
                Problem::new("der.damaged", Severity::Error, error.to_string())
                    .at_der(error.offset()),
            );
        }
        if elements.len() > MOST_EXTENSIONS {
            problems.push(
                Problem::new(
                    "limit.extensions",
                    Severity::Error,
                    format!(
                        "refused: limit of {MOST_EXTENSIONS} extensions; there are {}.",
                        elements.len()
                    ),
                )
                .at_der(list.start),
            );
        }
        for element in elements.into_iter().take(MOST_EXTENSIONS) {
            found.take(der, &element, problems);
        }
        found
    }

    fn take(&mut self, der: &[u8], element: &Tlv, problems: &mut Vec<Problem>) {
        let (parts, _) = tlv::children(der, element);
        let Some(oid) = parts.first().filter(|p| p.tag == tag::OID) else {
            problems.push(
                Problem::new(
                    "cert.extension_unreadable",
                    Severity::Error,
                    "An extension has no identifier.",
                )
                .at_der(element.start),
            );
            return;
        };
        let critical = parts
            .get(1)
            .is_some_and(|p| p.tag == tag::BOOLEAN && p.value(der) != [0]);
        let name = oids::extension(oid.value(der));
        let oid = oids::dotted(oid.value(der));
        if self.list.iter().any(|e| e.oid == oid) {
            problems.push(
                Problem::new(
                    "cert.extension_twice",
                    Severity::Error,
                    format!(
                        "The extension {name} is there twice (RFC 5280 section 4.2 forbids it)."
                    ),
                )
                .at_der(element.start),
            );
        }
        self.list.push(Extension {
            oid,
            name: name.clone(),
            critical,
            bytes: element.size(),
            value: parts
                .iter()
                .find(|p| p.tag == tag::OCTET_STRING)
                .map_or(element.end()..element.end(), |p| p.content()..p.end()),
            unreadable: false,
        });
        // Names are read entry by entry: one bad entry must not hide the others.
        if name == "subject_alt_name" {
            let (names, whole) = read_alt_names(der, &parts);
            self.alt_names = Some(names);
            if !whole {
                self.tell_unreadable(&name, element, problems);
            }
            return;
        }
        let parsed = X509Extension::from_der(element.bytes(der));
        match parsed.as_ref().map(|(_, e)| e.parsed_extension()) {
            Ok(ParsedExtension::ParseError { .. }) | Err(_) => {
                self.tell_unreadable(&name, element, problems);
            }
            Ok(extension) => self.keep(extension),
        }
    }

    fn tell_unreadable(&mut self, name: &str, element: &Tlv, problems: &mut Vec<Problem>) {
        if let Some(last) = self.list.last_mut() {
            last.unreadable = true;
        }
        problems.push(
            Problem::new(
                "cert.extension_unreadable",
                Severity::Warning,
                format!("The extension {name} cannot be read."),
            )
            .at_der(element.start),
        );
    }

    fn keep(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::BasicConstraints(basic) => {
                self.ca = Some(basic.ca);
                self.path_len = basic.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => {
                let bits = [
                    (usage.digital_signature(), "digitalSignature"),
                    (usage.non_repudiation(), "nonRepudiation"),
                    (usage.key_encipherment(), "keyEncipherment"),
                    (usage.data_encipherment(), "dataEncipherment"),
                    (usage.key_agreement(), "keyAgreement"),
                    (usage.key_cert_sign(), "keyCertSign"),
                    (usage.crl_sign(), "cRLSign"),
                    (usage.encipher_only(), "encipherOnly"),
                    (usage.decipher_only(), "decipherOnly"),
                ];
                self.key_usage = Some(
                    bits.into_iter()
                        .filter_map(|(set, name)| set.then_some(name))
                        .collect(),
                );
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let known = [
                    (usage.any, "2.5.29.37.0"),
                    (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
                    (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
                    (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
                    (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
                    (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
                    (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
                ];
                let mut list: Vec<String> = known
                    .into_iter()
                    .filter(|(set, _)| *set)
                    .map(|(_, oid)| oids::usage(oid))
                    .collect();
                list.extend(usage.other.iter().map(|o| oids::usage(&o.to_id_string())));
                self.ext_key_usage = Some(list);
            }
            ParsedExtension::SubjectKeyIdentifier(id) => {
                self.subject_key_id = Some(id.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|k| k.0.to_vec());
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                self.ca_issuers = access
                    .accessdescs
                    .iter()
                    .filter(|d| d.access_method.to_id_string() == "1.3.6.1.5.5.7.48.2")
                    .filter_map(|d| match &d.access_location {
                        GeneralName::URI(uri) => Some((*uri).to_owned()),
                        _ => None,
                    })
                    .collect();
            }
            _ => {}
        }
    }

    /// dNSName entries.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.alt_names
            .iter()
            .flatten()
            .filter_map(|name| match name {
                AltName::Dns(text) => Some(text.as_str()),
                _ => None,
            })
    }

    /// iPAddress entries, 4 or 16 bytes each.
    pub fn addresses(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.alt_names
            .iter()
            .flatten()
            .filter_map(|name| match name {
                AltName::Ip(bytes) => Some(bytes.as_slice()),
                _ => None,
            })
    }

    /// Critical extensions that TLS stacks do not act on.
    #[must_use]
    pub fn critical_unknown(&self) -> Vec<&str> {
        self.list
            .iter()
            .filter(|e| e.critical && !ACTED_ON.contains(&e.name.as_ref()))
            .map(|e| e.name.as_ref())
            .collect()
    }
}

/// The names, and whether the extension was a list of names to its end.
fn read_alt_names(der: &[u8], parts: &[Tlv]) -> (Vec<AltName>, bool) {
    let Some(octets) = parts.iter().find(|p| p.tag == tag::OCTET_STRING) else {
        return (Vec::new(), false);
    };
    let Ok(list) = tlv::read(der, octets.content(), octets.end()) else {
        return (Vec::new(), false);
    };
    let (names, error) = tlv::children(der, &list);
    let whole = error.is_none()
        && list.tag == tag::SEQUENCE
        && list.end() == octets.end()
        && names.iter().all(|n| n.tag & 0xC0 == 0x80);
    (
        names.iter().map(|name| AltName::read(der, name)).collect(),
        whole,
    )
}
