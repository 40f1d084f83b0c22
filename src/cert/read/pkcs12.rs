//! PKCS#12 containers (RFC 7292), as `.p12` and `.pfx` files hold them.
//!
//! In: the DER of a container and passwords to try. Out: the certificates, keys and lists inside, and
//! what stayed closed and why. Of a key only kind, size and public half are kept.

use zeroize::Zeroizing;

use super::password::{Budget, Outcome, Passwords, decrypt, mac_fits, rounds_sentence};
use super::private_key::read_private_key;
use crate::cert::certificate::Certificate;
use crate::cert::file::{Content, PrivateKey};
use crate::cert::oids;
use crate::cert::problem::{Problem, Severity};
use crate::cert::tlv::{self, Tlv, tag};

/// Bags inside bags are followed so deep.
const DEEPEST: usize = 4;
/// More bags are not read.
const MOST_BAGS: usize = 10_000;

/// What a container gave.
#[derive(Default)]
pub(super) struct Opened {
    /// Content and size of its DER in bytes.
    pub found: Vec<(Content, usize)>,
    pub problems: Vec<Problem>,
}

impl Opened {
    fn tell(&mut self, id: &'static str, severity: Severity, sentence: impl Into<String>) {
        if !self.problems.iter().any(|p| p.id == id) {
            self.problems.push(Problem::new(id, severity, sentence));
        }
    }
}

/// Opens a container.
pub(super) fn open(der: &[u8], passwords: &Passwords) -> Opened {
    let mut out = Opened::default();
    let budget = Budget::new();
    let Some((content, mac)) = authenticated_safe(der) else {
        out.tell(
            "pkcs12.damaged",
            Severity::Error,
            "The PKCS#12 container is damaged, or is protected with a public key instead of a password.",
        );
        return out;
    };
    let mut right: Option<&[u8]> = None;
    let mut refuted = false;
    if let Some(mac) = mac {
        for password in passwords.iter() {
            match mac_fits(der, &mac, &content, password, &budget) {
                Outcome::Done(()) => {
                    right = Some(password);
                    break;
                }
                Outcome::Wrong => refuted = true,
                Outcome::Unknown(_) => break,
                Outcome::Rounds(rounds) => {
                    out.tell("pkcs12.rounds", Severity::Error, rounds_sentence(rounds));
                    return out;
                }
            }
        }
    }
    let mut reading = Reading {
        out,
        budget,
        passwords: match right {
            Some(password) => vec![password],
            None => passwords.iter().collect(),
        },
        bags: 0,
        closed: false,
    };
    reading.safes(&content);
    let opened = !reading.out.found.is_empty();
    let closed = reading.closed;
    let mut out = reading.out;
    if closed {
        out.tell(
            "pkcs12.closed",
            if passwords.any_given() {
                Severity::Error
            } else {
                Severity::Note
            },
            if passwords.any_given() {
                "A PKCS#12 container: neither the given password nor the empty one opens it."
            } else {
                "A PKCS#12 container with a password. Give the password to see what is inside."
            },
        );
    } else if opened && right.is_none() && refuted {
        out.tell(
            "pkcs12.mac",
            Severity::Warning,
            "The integrity check (MAC) of the container does not fit the password that opened it: a byte was changed, or the passwords differ.",
        );
    }
    if opened && right == Some(&[]) {
        out.tell(
            "pkcs12.empty_password",
            Severity::Note,
            "The container opens with the empty password.",
        );
    }
    out
}

/// The content that the MAC covers, and the MAC.
fn authenticated_safe(der: &[u8]) -> Option<(Vec<u8>, Option<Tlv>)> {
    let outer = tlv::read(der, 0, der.len()).ok()?;
    let (parts, _) = tlv::children(der, &outer);
    let info = parts.get(1)?;
    let content = data(der, info)?;
    let mac = parts.get(2).filter(|m| m.tag == tag::SEQUENCE).copied();
    Some((content, mac))
}

/// The octets of a `ContentInfo` of type data.
fn data(der: &[u8], info: &Tlv) -> Option<Vec<u8>> {
    let (fields, _) = tlv::children(der, info);
    let [oid, wrapper, ..] = fields.as_slice() else {
        return None;
    };
    if oids::dotted(oid.value(der)) != "1.2.840.113549.1.7.1" {
        return None;
    }
    let octets = tlv::children(der, wrapper).0.first().copied()?;
    Some(octets_of(der, &octets))
}

/// Octets in one piece or, as BER allows, in several.
fn octets_of(der: &[u8], element: &Tlv) -> Vec<u8> {
    if element.tag & 0x20 == 0 {
        return element.value(der).to_vec();
    }
    tlv::children(der, element)
        .0
        .iter()
        .filter(|p| p.tag == tag::OCTET_STRING)
        .flat_map(|p| p.value(der).iter().copied())
        .collect()
}

struct Reading<'p> {
    out: Opened,
    budget: Budget,
    passwords: Vec<&'p [u8]>,
    bags: usize,
    closed: bool,
}

impl Reading<'_> {
    fn safes(&mut self, content: &[u8]) {
        let Ok(list) = tlv::read(content, 0, content.len()) else {
            return;
        };
        for info in tlv::children(content, &list).0 {
            if let Some(plain) = data(content, &info) {
                self.bags_of(&plain, 0);
                continue;
            }
            let (fields, _) = tlv::children(content, &info);
            let encrypted = match fields.as_slice() {
                [oid, wrapper, ..]
                    if oids::dotted(oid.value(content)) == "1.2.840.113549.1.7.6" =>
                {
                    tlv::children(content, wrapper).0.first().copied()
                }
                _ => None,
            };
            let Some(encrypted) = encrypted else {
                self.out.tell(
                    "pkcs12.part",
                    Severity::Warning,
                    "A part of the container is protected with a public key; it is not read.",
                );
                continue;
            };
            // EncryptedData: version, EncryptedContentInfo (type, algorithm, octets).
            let inner = tlv::children(content, &encrypted).0.get(1).copied();
            let parts = inner
                .map(|i| tlv::children(content, &i).0)
                .unwrap_or_default();
            if let [_, algorithm, octets, ..] = parts.as_slice() {
                let octets = octets_of(content, octets);
                if let Some(plain) = self.decrypted(content, algorithm, &octets) {
                    self.bags_of(&plain, 0);
                }
            }
        }
    }

    fn decrypted(
        &mut self,
        der: &[u8],
        algorithm: &Tlv,
        octets: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        for password in &self.passwords {
            match decrypt(der, algorithm, octets, password, &self.budget) {
                Outcome::Done(plain) => return Some(plain),
                Outcome::Wrong => {}
                Outcome::Unknown(what) => {
                    self.out.tell(
                        "pkcs12.algorithm",
                        Severity::Warning,
                        format!("A part of the container is encrypted with {what}, which is not known here."),
                    );
                    return None;
                }
                Outcome::Rounds(rounds) => {
                    self.out
                        .tell("pkcs12.rounds", Severity::Error, rounds_sentence(rounds));
                    return None;
                }
            }
        }
        self.closed = true;
        None
    }

    fn bags_of(&mut self, der: &[u8], depth: usize) {
        let Ok(list) = tlv::read(der, 0, der.len()) else {
            return;
        };
        for bag in tlv::children(der, &list).0 {
            self.bags += 1;
            if self.bags > MOST_BAGS {
                self.out.tell(
                    "pkcs12.bags",
                    Severity::Error,
                    format!("refused: limit of {MOST_BAGS} objects in a container."),
                );
                return;
            }
            let (fields, _) = tlv::children(der, &bag);
            let [oid, wrapper, ..] = fields.as_slice() else {
                continue;
            };
            let Some(value) = tlv::children(der, wrapper).0.first().copied() else {
                continue;
            };
            match oids::dotted(oid.value(der)).as_str() {
                "1.2.840.113549.1.12.10.1.1" => self.key(value.bytes(der), false),
                "1.2.840.113549.1.12.10.1.2" => {
                    let (parts, _) = tlv::children(der, &value);
                    if let [algorithm, octets, ..] = parts.as_slice() {
                        match self.decrypted(der, algorithm, octets.value(der)) {
                            Some(plain) => self.key(&plain, true),
                            None => self.key(value.bytes(der), true),
                        }
                    }
                }
                "1.2.840.113549.1.12.10.1.3" => self.certificate(der, &value),
                "1.2.840.113549.1.12.10.1.6" if depth < DEEPEST => {
                    self.bags_of(value.bytes(der), depth + 1);
                }
                _ => {}
            }
        }
    }

    fn key(&mut self, der: &[u8], encrypted: bool) {
        if let Some(key) = read_private_key(der) {
            let key = PrivateKey { encrypted, ..key };
            self.out.found.push((Content::PrivateKey(key), der.len()));
        }
    }

    fn certificate(&mut self, der: &[u8], bag: &Tlv) {
        let (fields, _) = tlv::children(der, bag);
        let [kind, wrapper, ..] = fields.as_slice() else {
            return;
        };
        let octets = tlv::children(der, wrapper).0.first().copied();
        let Some(octets) =
            octets.filter(|_| oids::dotted(kind.value(der)) == "1.2.840.113549.1.9.22.1")
        else {
            return;
        };
        let octets = octets_of(der, &octets);
        if let Some(certificate) = Certificate::read(&octets) {
            let size = certificate.der_bytes();
            self.out
                .found
                .push((Content::Certificate(Box::new(certificate)), size));
        }
    }
}
