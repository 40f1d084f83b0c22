//! The bytes of a TLS Certificate message, with or without its records, as dumps show them.
//!
//! In: bytes. Out: the certificates inside with their places (RFC 5246 section 7.4.2, RFC 8446
//! section 4.4.2). Only plain bytes: an encrypted one looks like nothing.

/// Bytes of the message and where each stood.
pub(super) struct Message {
    pub bytes: Vec<u8>,
    pub places: Vec<usize>,
    /// First and behind the last byte of each certificate in `bytes`.
    pub certificates: Vec<(usize, usize)>,
    /// Written as TLS 1.3 writes it.
    pub is_13: bool,
}

const HANDSHAKE: u8 = 22;
const CERTIFICATE: u8 = 11;
/// No Certificate message is larger (RFC 8446 section 4.4.2: 2^24 - 1).
const LARGEST: usize = 0x00FF_FFFF;

/// Finds a Certificate message at the start of `bytes`, behind other handshake messages.
pub(super) fn find(bytes: &[u8]) -> Option<Message> {
    let (stream, places) = if is_record(bytes) {
        unwrapped(bytes)
    } else {
        (bytes.to_vec(), (0..bytes.len()).collect())
    };
    let mut at = 0;
    while let Some([kind, a, b, c]) = stream.get(at..at + 4) {
        let len = u24([*a, *b, *c]);
        let (start, end) = (at + 4, at + 4 + len);
        // ServerHello, EncryptedExtensions and CertificateRequest may stand before it.
        if !matches!(kind, 2 | 8 | 11 | 13) || len > LARGEST {
            return None;
        }
        if *kind == CERTIFICATE {
            let body = stream.get(start..end.min(stream.len()))?;
            let (certificates, is_13) = entries(body, start)?;
            return Some(Message {
                bytes: stream,
                places,
                certificates,
                is_13,
            });
        }
        at = end;
    }
    None
}

fn u24(three: [u8; 3]) -> usize {
    usize::from(three[0]) << 16 | usize::from(three[1]) << 8 | usize::from(three[2])
}

fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [HANDSHAKE, 3, 0..=4, hi, lo, ..]
        if (4..=18_432).contains(&u16::from_be_bytes([*hi, *lo])))
}

/// The handshake bytes of the records that follow each other.
fn unwrapped(bytes: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (mut out, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| is_record(rest)) {
        let len = usize::from(rest[3]) << 8 | usize::from(rest[4]);
        let start = at + 5;
        let end = (start + len).min(bytes.len());
        out.extend_from_slice(bytes.get(start..end).unwrap_or_default());
        places.extend(start..end);
        at = start + len;
    }
    (out, places)
}

/// The entries of the list, in the form of TLS 1.2 or of 1.3.
fn entries(body: &[u8], base: usize) -> Option<(Vec<(usize, usize)>, bool)> {
    let list = |start: usize, after: bool| -> Option<Vec<(usize, usize)>> {
        let three: [u8; 3] = body.get(start..start + 3)?.try_into().ok()?;
        let end = start + 3 + u24(three);
        // A list that goes on behind the dump is read as far as it is there.
        let mut at = start + 3;
        let mut found = Vec::new();
        while at < end.min(body.len()) {
            let Some(three) = body
                .get(at..at + 3)
                .and_then(|t| <[u8; 3]>::try_from(t).ok())
            else {
                break;
            };
            let (from, to) = (at + 3, at + 3 + u24(three));
            if body.get(from) != Some(&0x30) {
                return None;
            }
            found.push((base + from, base + to.min(body.len())));
            at = to;
            if after {
                let Some([a, b]) = body.get(at..at + 2) else {
                    break;
                };
                at += 2 + usize::from(u16::from_be_bytes([*a, *b]));
            }
        }
        (!found.is_empty()).then_some(found)
    };
    if let Some(found) = list(0, false) {
        return Some((found, false));
    }
    let context = usize::from(*body.first()?);
    list(1 + context, true).map(|found| (found, true))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x05];
        let old = [&[11, 0, 0, 11, 0, 0, 8, 0, 0, 5][..], &der].concat();
        let found = find(&old).unwrap();
        assert_eq!(found.certificates, [(10, 15)]);
        assert!(!found.is_13);
        let new = [&[11, 0, 0, 14, 0, 0, 0, 10, 0, 0, 5][..], &der, &[0, 0]].concat();
        let found = find(&new).unwrap();
        assert_eq!(found.certificates, [(11, 16)]);
        assert!(found.is_13);
        let record = [&[22, 3, 3, 0, 15][..], &old].concat();
        let found = find(&record).unwrap();
        assert_eq!(found.places[found.certificates[0].0], 15);
        assert!(find(&der).is_none());
        assert!(find(b"").is_none());
        assert!(find(&[11, 0xFF, 0xFF, 0xFF]).is_none());
    }
}
