//! Tells what DER bytes are and how they are damaged.
//!
//! In: bytes and where they stood in the file. Out: objects and problems. Lengths are checked
//! against what is there before anything is read.

use std::cell::Cell;

use super::password::{Budget, Outcome, decrypt, rounds_sentence};
use super::private_key::read_private_key;
use super::{Encoding, Passwords, add, is_full, pkcs12};
use crate::cert::certificate::Certificate;
use crate::cert::crl::{self, Crl};
use crate::cert::file::{CertFile, Content, PrivateKey, Request};
use crate::cert::names::DistinguishedName;
use crate::cert::oids;
use crate::cert::problem::{Problem, Severity};
use crate::cert::public_key::{PublicKey, bit_length};
use crate::cert::tlv::{self, Tlv, TlvError, tag};

/// Deeper nesting than any certificate has.
const DEEPEST: usize = 64;
/// Levels beyond this are not counted.
const DEEPEST_COUNTED: usize = 4_096;
/// RFC 8446 section 4.4.2: a certificate is shorter than 2^24 bytes.
const LARGEST_OBJECT: usize = 16 * 1_024 * 1_024;

/// So many places are tried when a certificate is searched for in other data, and no larger one is
/// expected there: together they bound the time.
const MOST_STARTS: usize = 1_024;
const LARGEST_HIDDEN: usize = 64 * 1_024;
/// So many unreadable objects, and the rest is not looked at.
const MOST_FAILED: usize = 64;
/// Bytes that are read in all for one search, and searches for one input.
const MOST_TRIED: usize = 2 * 1_024 * 1_024;
const MOST_SEARCHES: usize = 16;

/// Is there something here that DER readers should be asked about?
pub(super) fn holds_element(bytes: &[u8]) -> bool {
    bytes.len() >= 16 && (bytes.first() == Some(&tag::SEQUENCE) || find_start(bytes).is_some())
}

/// Reads all objects of `bytes`. `file_offset` gives the place in the file of a byte; `span` is the
/// range of the file that an armoured object takes.
pub(super) fn read_into(
    file: &mut CertFile,
    bytes: &[u8],
    encoding: Encoding,
    file_offset: impl Fn(usize) -> usize,
    span: Option<(usize, usize)>,
    passwords: &Passwords,
) {
    let source = Source {
        encoding,
        file_offset: &file_offset,
        span,
        passwords,
        searches: Cell::new(MOST_SEARCHES),
    };
    let mut start = 0;
    let mut failed = 0;
    while start < bytes.len() {
        if is_full(file) {
            break;
        }
        let rest = bytes.get(start..).unwrap_or_default();
        if start > 0 && !starts_here(rest) {
            if rest.iter().all(u8::is_ascii_whitespace) && encoding == Encoding::Der {
                break;
            }
            let zeros = rest.iter().all(|b| *b == 0);
            file.problems.push(
                Problem::new(
                    "der.trailing_bytes",
                    Severity::Error,
                    format!(
                        "{} {} behind the end of the DER, at byte {start} of it. Strict readers refuse that.",
                        count(rest.len()),
                        if zeros { "of zero stand" } else { "stand" },
                    ),
                )
                .at(file_offset(start))
                .at_der(start),
            );
            break;
        }
        let len = read_one(file, rest, start, &source);
        start += len.max(1);
        let unreadable = file
            .objects
            .last()
            .is_some_and(|o| o.content == Content::Unreadable);
        failed += usize::from(unreadable);
        if failed >= MOST_FAILED && start < bytes.len() {
            file.problems.push(
                Problem::new(
                    "limit.unreadable",
                    Severity::Error,
                    format!(
                        "refused: limit of {MOST_FAILED} unreadable objects in a row of DER; {} more were not read.",
                        count(bytes.len() - start)
                    ),
                )
                .at(file_offset(start))
                .at_der(start),
            );
            break;
        }
    }
}

/// Where the bytes come from, and how often something readable is still looked for in them.
struct Source<'a> {
    encoding: Encoding,
    file_offset: &'a dyn Fn(usize) -> usize,
    span: Option<(usize, usize)>,
    passwords: &'a Passwords,
    searches: Cell<usize>,
}

impl Source<'_> {
    /// May one more search be done?
    fn may_search(&self) -> bool {
        let left = self.searches.get();
        self.searches.set(left.saturating_sub(1));
        left > 0
    }
}

fn count(n: usize) -> String {
    if n == 1 {
        "1 byte".into()
    } else {
        format!("{n} bytes")
    }
}

/// Reads the object at the start of `rest` and returns the bytes that it takes.
fn read_one(file: &mut CertFile, rest: &[u8], base: usize, source: &Source<'_>) -> usize {
    let Source {
        encoding,
        file_offset,
        span,
        passwords,
        ..
    } = *source;
    let place = |from: usize, to: usize| span.unwrap_or((file_offset(from), file_offset(to)));
    let outer = tlv::read(rest, 0, rest.len());
    let taken = outer.as_ref().map_or(rest.len(), Tlv::end);
    let der = rest.get(..taken).unwrap_or(rest);
    let depth = depth(der, DEEPEST_COUNTED);
    let mut closed = None;
    let content = if depth > DEEPEST || der.len() > LARGEST_OBJECT {
        Content::Unreadable
    } else {
        unlocked(classify(der), der, passwords, &mut closed)
    };
    let mut told: Vec<(&'static str, String, usize)> = Vec::new();
    told.extend(outer.err().map(|error| of_length(rest, &error)));
    let mut tell = |id, sentence| told.push((id, sentence, 0));
    if rest.iter().all(|b| *b == 0) {
        tell(
            "der.zeros",
            format!("{} of zero and no certificate.", count(rest.len())),
        );
    } else if depth > DEEPEST {
        tell(
            "der.nested",
            format!(
                "refused: limit of {DEEPEST} levels; elements are nested {}, and certificates need fewer than 20.",
                if depth > DEEPEST_COUNTED {
                    format!("more than {DEEPEST_COUNTED} deep")
                } else {
                    format!("{depth} deep")
                }
            ),
        );
    } else if der.len() > LARGEST_OBJECT {
        tell(
            "limit.object",
            format!(
                "refused: limit of {} MB for one object, the most that TLS carries; this one has {} bytes.",
                LARGEST_OBJECT >> 20,
                der.len()
            ),
        );
    }
    let mut skip = None;
    if content == Content::Unreadable {
        skip = source
            .may_search()
            .then(|| find_start(rest))
            .flatten()
            .filter(|s| *s > 0);
        if let Some(start) = skip {
            tell(
                "der.leading_bytes",
                format!(
                    "{} before the certificate, which begins at byte {} of the data.",
                    if start == 1 {
                        "1 byte stands".into()
                    } else {
                        format!("{start} bytes stand")
                    },
                    base + start
                ),
            );
        } else if told.is_empty() {
            told.push((
                "der.not_known",
                format!(
                    "{} that are no certificate, key, request or revocation list.",
                    count(der.len())
                ),
                0,
            ));
        }
    }
    file.problems
        .extend(told.into_iter().map(|(id, sentence, at)| {
            Problem::new(id, Severity::Error, sentence)
                .at(file_offset(base + at))
                .at_der(base + at)
        }));
    if let Some(start) = skip {
        return start;
    }
    file.problems
        .extend(closed.map(|problem| problem.at(file_offset(base))));
    let opened = (content == Content::Pkcs12).then(|| pkcs12::open(der, passwords));
    let bundle = content == Content::Pkcs7;
    add(
        file,
        content,
        place(base, base + taken),
        encoding,
        None,
        taken,
        &|i| file_offset(base + i),
    );
    for mut problem in opened.iter().flat_map(|o| o.problems.clone()) {
        problem.offset = u64::try_from(file_offset(base)).ok();
        file.problems.push(problem);
    }
    for (content, size) in opened.map(|o| o.found).unwrap_or_default() {
        add(
            file,
            content,
            place(base, base + taken),
            Encoding::Pkcs12,
            None,
            size,
            &|_| file_offset(base),
        );
    }
    let inside = if bundle { bundled(der) } else { Vec::new() };
    for tlv in inside {
        if let Some(certificate) = Certificate::read(tlv.bytes(der)) {
            add(
                file,
                Content::Certificate(Box::new(certificate)),
                place(base + tlv.start, base + tlv.end()),
                Encoding::Pkcs7,
                None,
                tlv.size(),
                &|i| file_offset(base + tlv.start + i),
            );
        }
    }
    taken
}

/// Id, sentence and offset for a first length that is wrong.
fn of_length(rest: &[u8], error: &TlvError) -> (&'static str, String, usize) {
    match error {
        TlvError::TooLong {
            declared,
            left,
            header,
            ..
        } => {
            let (id, what) = if *declared > 0x00FF_FFFF {
                ("der.length_impossible", "No certificate is that large.")
            } else if inner_end(rest, *header).is_some_and(|end| end == rest.len()) {
                (
                    "der.length_too_big",
                    "The parts inside end where the data ends, so the outer length is wrong.",
                )
            } else {
                ("der.truncated", "The data is cut.")
            };
            (
                id,
                format!(
                    "The first length declares {declared} bytes of content and {left} are there. {what}"
                ),
                0,
            )
        }
        TlvError::Indefinite { .. } => (
            "der.indefinite_length",
            "The outer element has an indefinite length (30 80), which is BER and not DER. TLS stacks refuse it.".into(),
            0,
        ),
        other => ("der.damaged", other.to_string(), other.offset()),
    }
}

/// Where the last part inside an element with a wrong length ends.
fn inner_end(der: &[u8], header: usize) -> Option<usize> {
    let mut at = header;
    let mut parts = 0;
    while at < der.len() {
        at = tlv::read(der, at, der.len()).ok()?.end();
        parts += 1;
    }
    (parts >= 3).then_some(at)
}

/// How deep constructed elements are nested along their first parts; not counted beyond `most`.
fn depth(der: &[u8], most: usize) -> usize {
    let mut deep = 0;
    let (mut at, mut end) = (0, der.len());
    while deep <= most {
        match tlv::read(der, at, end) {
            Ok(tlv) if tlv.tag & 0x20 != 0 => {
                at = tlv.content();
                end = tlv.end();
                deep += 1;
            }
            _ => break,
        }
    }
    deep
}

/// Offset of the first place where a certificate can be read.
fn find_start(bytes: &[u8]) -> Option<usize> {
    let mut tried = 0;
    // Lengths of two octets and more are rarer in a text than the digit 0, which is the tag.
    memchr::memchr3_iter(0x81, 0x82, 0x83, bytes)
        .filter_map(|at| at.checked_sub(1))
        .filter(|at| bytes.get(*at) == Some(&tag::SEQUENCE))
        .take(MOST_STARTS)
        .find(|at| {
            let rest = bytes.get(*at..).unwrap_or_default();
            tlv::read(rest, 0, rest.len()).is_ok_and(|outer| {
                let der = rest.get(..outer.end()).unwrap_or_default();
                tried += der.len();
                der.len() <= LARGEST_HIDDEN
                    && tried <= MOST_TRIED
                    && depth(der, DEEPEST) <= DEEPEST
                    && classify(der) != Content::Unreadable
            })
        })
}

/// Could another object begin with these bytes? A SEQUENCE that begins with a SEQUENCE, a number
/// or an identifier and ends where it says.
fn starts_here(bytes: &[u8]) -> bool {
    bytes.first() == Some(&tag::SEQUENCE)
        && tlv::read(bytes, 0, bytes.len()).is_ok_and(|outer| {
            matches!(
                bytes.get(outer.content()),
                Some(&(tag::SEQUENCE | tag::INTEGER | tag::OID))
            ) && outer.len > 16
        })
}

/// Looks for certificates in bytes that begin with something else.
pub(super) fn search(file: &mut CertFile, bytes: &[u8], passwords: &Passwords) {
    if let Some(start) = find_start(bytes) {
        if start > 0 {
            file.problems.push(
                Problem::new(
                    "der.leading_bytes",
                    Severity::Error,
                    format!(
                        "The certificate begins at byte {start} of the file, behind other data."
                    ),
                )
                .at(0),
            );
        }
        let rest = bytes.get(start..).unwrap_or_default();
        read_into(file, rest, Encoding::Der, |i| start + i, None, passwords);
        return;
    }
    if bytes.iter().all(|b| *b == 0) {
        file.problems.push(
            Problem::new(
                "der.zeros",
                Severity::Error,
                format!("{} of zero and no certificate.", count(bytes.len())),
            )
            .at(0),
        );
    } else if file.problems.iter().all(|p| p.severity != Severity::Error) {
        file.problems.push(Problem::new(
            "file.nothing_found",
            Severity::Error,
            "No certificate, key, request or revocation list was found.",
        ));
    }
}

/// An encrypted key (PKCS#8) that a given password opens is described from inside; else `closed`
/// gets what to say.
fn unlocked(
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

fn classify(der: &[u8]) -> Content {
    if let Some(key) = read_private_key(der) {
        return Content::PrivateKey(key);
    }
    let Ok(outer) = tlv::read(der, 0, der.len()) else {
        return certificate(der);
    };
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

/// The certificates of a PKCS#7 `SignedData` (RFC 2315 section 9.1): the first element with
/// context tag 0 behind the digests and the content.
fn bundled(der: &[u8]) -> Vec<Tlv> {
    let step = |of: &Tlv, wanted: u8| {
        tlv::children(der, of)
            .0
            .into_iter()
            .find(|e| e.tag == wanted)
    };
    tlv::read(der, 0, der.len())
        .ok()
        .and_then(|outer| step(&outer, 0xA0))
        .and_then(|wrapper| step(&wrapper, tag::SEQUENCE))
        .and_then(|signed| step(&signed, 0xA0))
        .map(|set| tlv::children(der, &set).0)
        .unwrap_or_default()
}
