//! Where each DER element begins and ends.
//!
//! In: bytes. Out: [`Tlv`]: tag, header and content as offsets, or what is wrong and where. Needed
//! to measure every byte of a certificate and to name damage by its offset; the meaning of the
//! contents is read elsewhere. Must not allocate by what a length says.

use thiserror::Error;

/// Tags of X.690 that this room names.
pub(super) mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const OID: u8 = 0x06;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
}

/// One element, as offsets into the buffer that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tlv {
    /// Identifier octet; tags above 30 keep their first octet.
    pub tag: u8,
    /// Offset of the identifier octet.
    pub start: usize,
    /// Bytes of identifier and length.
    pub header: usize,
    /// Bytes of content.
    pub len: usize,
}

impl Tlv {
    pub fn content(&self) -> usize {
        self.start + self.header
    }

    pub fn end(&self) -> usize {
        self.start + self.header + self.len
    }

    pub fn size(&self) -> usize {
        self.header + self.len
    }

    pub fn bytes<'a>(&self, der: &'a [u8]) -> &'a [u8] {
        der.get(self.start..self.end()).unwrap_or_default()
    }

    pub fn value<'a>(&self, der: &'a [u8]) -> &'a [u8] {
        der.get(self.content()..self.end()).unwrap_or_default()
    }
}

/// Why no element can be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum TlvError {
    #[error("The data ends inside the header of an element at byte {at} of the DER.")]
    HeaderCut { at: usize },
    #[error(
        "The element at byte {at} of the DER declares {declared} bytes of content; {left} are left."
    )]
    TooLong {
        at: usize,
        header: usize,
        declared: u64,
        left: usize,
    },
    #[error(
        "The element at byte {at} of the DER has an indefinite length, which DER does not allow."
    )]
    Indefinite { at: usize },
    #[error(
        "The element at byte {at} of the DER has a length of {octets} octets; no certificate is that large."
    )]
    LengthTooWide { at: usize, octets: usize },
    #[error(
        "refused: limit of {MOST_CHILDREN} elements in one; the next begins at byte {at} of the DER."
    )]
    TooMany { at: usize },
}

/// More elements directly inside one are not read.
const MOST_CHILDREN: usize = 100_000;

impl TlvError {
    pub fn offset(&self) -> usize {
        match self {
            Self::HeaderCut { at }
            | Self::TooLong { at, .. }
            | Self::Indefinite { at }
            | Self::LengthTooWide { at, .. }
            | Self::TooMany { at } => *at,
        }
    }
}

/// Reads the element that begins at `at` and must end at or before `end`.
pub(super) fn read(der: &[u8], at: usize, end: usize) -> Result<Tlv, TlvError> {
    let end = end.min(der.len());
    let cut = TlvError::HeaderCut { at };
    let byte = |i: usize| {
        if i < end {
            der.get(i).copied().ok_or(TlvError::HeaderCut { at })
        } else {
            Err(TlvError::HeaderCut { at })
        }
    };
    let tag = byte(at)?;
    let mut i = at + 1;
    if tag & 0x1F == 0x1F {
        while byte(i)? & 0x80 != 0 {
            i += 1;
            if i - at > 6 {
                return Err(cut);
            }
        }
        i += 1;
    }
    let first = byte(i)?;
    i += 1;
    let declared: u64 = match first {
        0x80 => return Err(TlvError::Indefinite { at }),
        0..=0x7F => u64::from(first),
        _ => {
            let octets = usize::from(first & 0x7F);
            if octets > 8 {
                return Err(TlvError::LengthTooWide { at, octets });
            }
            let mut n = 0_u64;
            for _ in 0..octets {
                n = n << 8 | u64::from(byte(i)?);
                i += 1;
            }
            n
        }
    };
    let left = end.saturating_sub(i);
    let header = i - at;
    match usize::try_from(declared) {
        Ok(len) if len <= left => Ok(Tlv {
            tag,
            start: at,
            header,
            len,
        }),
        _ => Err(TlvError::TooLong {
            at,
            header,
            declared,
            left,
        }),
    }
}

/// The elements directly inside `outer`, up to the first that cannot be read, which is the error.
pub(super) fn children(der: &[u8], outer: &Tlv) -> (Vec<Tlv>, Option<TlvError>) {
    let mut found = Vec::new();
    let mut at = outer.content();
    while at < outer.end() {
        if found.len() >= MOST_CHILDREN {
            return (found, Some(TlvError::TooMany { at }));
        }
        match read(der, at, outer.end()) {
            Ok(tlv) => {
                at = tlv.end();
                found.push(tlv);
            }
            Err(error) => return (found, Some(error)),
        }
    }
    (found, None)
}

/// Bytes of a DER length field and identifier for `len` bytes of content.
pub(super) fn header_bytes(len: usize) -> usize {
    match len {
        0..=0x7F => 2,
        0x80..=0xFF => 3,
        0x100..=0xFFFF => 4,
        0x1_0000..=0xFF_FFFF => 5,
        _ => 6,
    }
}

/// Bytes of a whole element with `len` bytes of content.
pub(super) fn element_bytes(len: usize) -> usize {
    header_bytes(len) + len
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_measured_and_damage_is_placed() {
        let der = [0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00];
        let outer = read(&der, 0, der.len()).unwrap();
        assert_eq!((outer.header, outer.len, outer.end()), (2, 5, 7));
        let (inner, error) = children(&der, &outer);
        assert_eq!(inner.len(), 2);
        assert_eq!(error, None);
        assert_eq!(
            read(&[0x30, 0x80, 0, 0], 0, 4),
            Err(TlvError::Indefinite { at: 0 })
        );
        assert_eq!(
            read(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], 0, 6),
            Err(TlvError::TooLong {
                at: 0,
                header: 6,
                declared: 0xFFFF_FFFF,
                left: 0
            })
        );
        assert_eq!(read(&[0x30], 0, 1), Err(TlvError::HeaderCut { at: 0 }));
    }

    #[test]
    fn a_header_grows_with_its_length() {
        assert_eq!(element_bytes(127), 129);
        assert_eq!(element_bytes(128), 131);
        assert_eq!(element_bytes(256), 260);
        assert_eq!(element_bytes(65_536), 65_541);
    }
}
