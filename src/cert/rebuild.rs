//! Variants of a certificate, really encoded: the same bytes with some left out or exchanged, and
//! every length on the way written anew.
//!
//! In: the DER of a certificate and a change. Out: DER that reads as a certificate again. The
//! signature keeps its size and is not valid any more: variants are measured, not used.

use super::oids;
use super::tlv::{self, Tlv, tag};

/// An uncompressed `SubjectPublicKeyInfo` on secp256r1 with the generator as its point (RFC 5480;
/// SEC 2 section 2.4.2): a valid key that nobody keeps secret, 91 bytes like any other.
const P256_KEY: [u8; 91] = {
    let mut key = [0u8; 91];
    let head: [u8; 27] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];
    let point: [u8; 64] = [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
        0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98,
        0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c,
        0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68,
        0x37, 0xbf, 0x51, 0xf5,
    ];
    let mut i = 0;
    while i < 27 {
        key[i] = head[i];
        i += 1;
    }
    while i < 91 {
        key[i] = point[i - 27];
        i += 1;
    }
    key
};

/// The outer elements of a certificate: itself, its signed part, and the elements of that.
fn tbs(der: &[u8]) -> Option<(Tlv, Tlv, Vec<Tlv>)> {
    let outer = tlv::read(der, 0, der.len()).ok()?;
    let (parts, error) = tlv::children(der, &outer);
    let tbs = *parts.first().filter(|_| error.is_none())?;
    let (fields, error) = tlv::children(der, &tbs);
    error.is_none().then_some((outer, tbs, fields))
}

/// Length octets of X.690 section 8.1.3, behind the tag.
fn header(tag: u8, len: usize) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = len
                .to_be_bytes()
                .into_iter()
                .skip_while(|b| *b == 0)
                .collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend(bytes);
        }
    }
    out
}

/// Exchanges the bytes from `start` to `end` for `with`, and writes the headers of the elements that
/// hold them anew, outermost first in `around`. An element that has nothing left is left out where
/// `prune` allows it.
fn exchange(
    der: &[u8],
    around: &[Tlv],
    (start, end): (usize, usize),
    with: Vec<u8>,
    prune: usize,
) -> Option<Vec<u8>> {
    let (mut bytes, mut start, mut end) = (with, start, end);
    for (depth, element) in around.iter().enumerate().rev() {
        let mut content = der.get(element.content()..start)?.to_vec();
        content.append(&mut bytes);
        content.extend_from_slice(der.get(end..element.end())?);
        bytes = if content.is_empty() && depth >= prune {
            Vec::new()
        } else {
            let mut out = header(element.tag, content.len());
            out.append(&mut content);
            out
        };
        (start, end) = (element.start, element.end());
    }
    Some(bytes)
}

/// The extensions with the elements around each: outer, signed part, `[3]`, list.
fn extensions(der: &[u8]) -> Option<([Tlv; 4], Vec<Tlv>)> {
    let (outer, tbs, fields) = tbs(der)?;
    let wrapper = *fields.iter().find(|f| f.tag == 0xA3)?;
    let list = *tlv::children(der, &wrapper).0.first()?;
    let (found, error) = tlv::children(der, &list);
    error
        .is_none()
        .then_some(([outer, tbs, wrapper, list], found))
}

fn is_named(der: &[u8], extension: &Tlv, name: &str) -> bool {
    let (parts, _) = tlv::children(der, extension);
    parts
        .first()
        .filter(|p| p.tag == tag::OID)
        .is_some_and(|p| oids::extension(p.value(der)) == name)
}

/// Without the first extension of this name; `None` where there is none.
pub(super) fn without_extension(der: &[u8], name: &str) -> Option<Vec<u8>> {
    let (around, found) = extensions(der)?;
    let extension = found.iter().find(|e| is_named(der, e, name))?;
    // The list and its tag go with the last extension.
    exchange(
        der,
        &around,
        (extension.start, extension.end()),
        Vec::new(),
        2,
    )
}

/// With only the first `keep` entries of subjectAltName.
pub(super) fn with_names(der: &[u8], keep: usize) -> Option<Vec<u8>> {
    let (around, found) = extensions(der)?;
    let extension = *found
        .iter()
        .find(|e| is_named(der, e, "subject_alt_name"))?;
    let (parts, _) = tlv::children(der, &extension);
    let octets = *parts.iter().find(|p| p.tag == tag::OCTET_STRING)?;
    let list = tlv::read(der, octets.content(), octets.end()).ok()?;
    let (names, error) = tlv::children(der, &list);
    if error.is_some() || keep >= names.len() {
        return None;
    }
    let from = names.get(keep)?.start;
    let [outer, tbs, wrapper, all] = around;
    exchange(
        der,
        &[outer, tbs, wrapper, all, extension, octets, list],
        (from, list.end()),
        Vec::new(),
        usize::MAX,
    )
}

/// With a key on secp256r1 in place of its own.
pub(super) fn with_p256_key(der: &[u8]) -> Option<Vec<u8>> {
    let (outer, tbs, fields) = tbs(der)?;
    // Version is the only optional field before the key (RFC 5280 section 4.1).
    let skip = usize::from(fields.first().is_some_and(|f| f.tag == 0xA0));
    let key = fields.get(skip + 5).filter(|f| f.tag == tag::SEQUENCE)?;
    let place = (key.start, key.end());
    exchange(der, &[outer, tbs], place, P256_KEY.to_vec(), usize::MAX)
}
