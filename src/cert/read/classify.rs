//! What one element of DER is: certificate, key, request, list, container.
//!
//! In: the bytes of one element, and passwords for a key. Out: [`Content`].

use super::Passwords;
use super::password::{Budget, Outcome, decrypt, rounds_sentence};
use super::private_key::read_private_key;
use crate::cert::certificate::Certificate;
use crate::cert::crl::{self, Crl};
use crate::cert::file::{Content, PrivateKey, Request};
use crate::cert::names::DistinguishedName;
use crate::cert::oids;
use crate::cert::problem::{Problem, Severity};
use crate::cert::public_key::{PublicKey, bit_length};
use crate::cert::tlv::{self, Tlv, tag};

/// An encrypted key (PKCS#8) that a given password opens is described from inside; else `closed`
/// gets what to say.
pub(super) fn unlocked(
    content: Content,
    der: &[u8],
    passwords: &Passwords,
    closed: &mut Option<Problem>,
) -> Content {
    let Content::PrivateKey(key) = &content else {
        return content;
    };
    if !key.encrypted {
        return content;
    }
    let mut why_not = None;
    if passwords.any_given() {
        let budget = Budget::new();
        let outer = tlv::read(der, 0, der.len()).ok();
        let parts = outer.map(|outer| tlv::children(der, &outer).0);
        if let Some([algorithm, octets, ..]) = parts.as_deref() {
            for password in passwords.iter() {
                match decrypt(der, algorithm, octets.value(der), password, &budget) {
                    Outcome::Done(plain) => {
                        if let Some(inside) = read_private_key(&plain) {
                            return Content::PrivateKey(PrivateKey {
                                encrypted: true,
                                ..inside
                            });
                        }
                    }
                    Outcome::Wrong => {}
                    Outcome::Unknown(what) => {
                        why_not = Some(format!(
                            "The private key is encrypted with {what}, which is not known here."
                        ));
                    }
                    Outcome::Rounds(rounds) => why_not = Some(rounds_sentence(rounds)),
                }
            }
        }
    }
    *closed = Some(match why_not {
        Some(why) => Problem::new("key.not_opened", Severity::Warning, why),
        None => closed_key(passwords),
    });
    content
}

/// What to say of an encrypted key that no password opens.
pub(super) fn closed_key(passwords: &Passwords) -> Problem {
    if passwords.any_given() {
        Problem::new(
            "key.closed",
            Severity::Error,
            "The password does not open the private key.",
        )
    } else {
        Problem::new(
            "key.closed",
            Severity::Note,
            "The private key has a password. Give it to see kind, size and certificate of the key.",
        )
    }
}

/// Tells what the element is by its structure.
pub(super) fn classify(der: &[u8]) -> Content {
    if let Some(key) = read_private_key(der) {
        return Content::PrivateKey(key);
    }
    let Ok(outer) = tlv::read(der, 0, der.len()) else {
        return certificate(der);
    };
    if is_curve(der, &outer) {
        return Content::Parameters;
    }
    let (parts, _) = tlv::children(der, &outer);
    let first = |of: &Tlv| tlv::children(der, of).0.first().copied();
    match parts.as_slice() {
        [oid, ..] if oid.tag == tag::OID => {
            return match oids::dotted(oid.value(der)).as_str() {
                "1.2.840.113549.1.7.2" => Content::Pkcs7,
                _ => Content::Unreadable,
            };
        }
        [version, content, ..]
            if version.value(der) == [3]
                && version.tag == tag::INTEGER
                && content.tag == tag::SEQUENCE
                && first(content).is_some_and(|e| e.tag == tag::OID) =>
        {
            return Content::Pkcs12;
        }
        [n, e, ..] if parts.iter().all(|p| p.tag == tag::INTEGER) && parts.len() <= 3 => {
            // An RSA public exponent is short; a generator of DH parameters as well, but their
            // third number is not there or is the length of the private value.
            let (bits, exponent) = (bit_length(n.value(der)), bit_length(e.value(der)));
            if parts.len() == 2 && bits >= 512 && exponent >= 17 {
                let spki = crate::cert::public_key::rsa_spki(n.value(der), e.value(der));
                return PublicKey::read(&spki).map_or(Content::Unreadable, Content::PublicKey);
            }
            return if bits >= 256 {
                Content::Parameters
            } else {
                Content::Unreadable
            };
        }
        [_, bits] if bits.tag == tag::BIT_STRING => {
            return PublicKey::read(der).map_or(Content::Unreadable, Content::PublicKey);
        }
        _ => {}
    }
    if let Some(tbs) = parts.first().filter(|t| t.tag == tag::SEQUENCE) {
        let (fields, _) = tlv::children(der, tbs);
        if let Some(found) = request_or_crl(der, &fields) {
            return found;
        }
    }
    certificate(der)
}

/// A named curve alone (RFC 5480 section 2.1.1), as `openssl ecparam -genkey` writes it above a key:
/// of ANSI X9.62, of SECG, or of Brainpool (RFC 5639).
fn is_curve(der: &[u8], outer: &Tlv) -> bool {
    const ARCS: [&str; 3] = ["1.2.840.10045.3.", "1.3.132.0.", "1.3.36.3.3.2.8.1."];
    outer.tag == tag::OID && outer.end() == der.len() && {
        let oid = oids::dotted(outer.value(der));
        ARCS.iter().any(|arc| oid.starts_with(arc))
    }
}

fn certificate(der: &[u8]) -> Content {
    Certificate::read(der).map_or(Content::Unreadable, |c| Content::Certificate(Box::new(c)))
}

fn request_or_crl(der: &[u8], fields: &[Tlv]) -> Option<Content> {
    let holds = |of: &Tlv, inner: u8| {
        tlv::children(der, of)
            .0
            .first()
            .is_some_and(|e| e.tag == inner)
    };
    let sequence = |of: &Tlv| of.tag == tag::SEQUENCE;
    if let [version, subject, key, ..] = fields
        && version.tag == tag::INTEGER
        && sequence(subject)
        && sequence(key)
        && !holds(subject, tag::OID)
        && holds(key, tag::SEQUENCE)
    {
        return Some(Content::Request(Box::new(Request {
            subject: DistinguishedName::read(der, subject),
            key: PublicKey::read(key.bytes(der)),
        })));
    }
    crl::issuer_of(der, fields).map(|issuer| Content::Crl(Box::new(Crl::read(der, issuer))))
}
