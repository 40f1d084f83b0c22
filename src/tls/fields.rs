//! Reads numbers and length-prefixed vectors of the presentation language (RFC 8446 section 3).
//!
//! In: the bytes of one message. Out: its fields, or [`Malformed`]. Never panics.

/// A message that is shorter than its own lengths say, or otherwise not what its type promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} is malformed at its field {field}")]
pub struct Malformed {
    /// Which message, as the RFCs name it.
    pub message: &'static str,
    /// Which field could not be read.
    pub field: &'static str,
}

/// The bytes of a message that are not read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    message: &'static str,
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'static str, bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            message,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes of `whole`, of which these are the rest, were read.
    pub(super) fn read_of(&self, whole: &[u8]) -> usize {
        whole.len().saturating_sub(self.rest.len())
    }

    pub(super) fn malformed(&self, field: &'static str) -> Malformed {
        Malformed {
            message: self.message,
            field,
        }
    }

    pub(super) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(self.malformed(field))?;
        self.rest = rest;
        Ok(head)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        Ok(self.take(1, field)?[0])
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        let bytes = self.take(2, field)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub(super) fn u24(&mut self, field: &'static str) -> Result<usize, Malformed> {
        let bytes = self.take(3, field)?;
        Ok(usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2]))
    }

    pub(super) fn vec8(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u8(field)?;
        self.take(usize::from(len), field)
    }

    pub(super) fn vec16(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u16(field)?;
        self.take(usize::from(len), field)
    }

    pub(super) fn vec24(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u24(field)?;
        self.take(len, field)
    }

    pub(super) fn random(&mut self) -> Result<[u8; 32], Malformed> {
        let mut random = [0; 32];
        random.copy_from_slice(self.take(32, "random")?);
        Ok(random)
    }
}

/// A list of two-byte numbers; an odd last byte is left out.
pub(super) fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}
