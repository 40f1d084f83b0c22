//! Reading of the vectors of the presentation language (RFC 8446 section 3.4). Nothing is read
//! beyond the end: `None` says that the bytes end early.

/// Bytes that are still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn vector(&mut self, width: usize) -> Option<&'a [u8]> {
        let length = self
            .take(width)?
            .iter()
            .fold(0, |n, &b| n << 8 | usize::from(b));
        self.take(length)
    }

    pub fn vector8(&mut self) -> Option<&'a [u8]> {
        self.vector(1)
    }

    pub fn vector16(&mut self) -> Option<&'a [u8]> {
        self.vector(2)
    }

    pub fn vector24(&mut self) -> Option<&'a [u8]> {
        self.vector(3)
    }

    /// All of it as 16-bit numbers; `None` for an odd count of bytes.
    pub fn numbers(self) -> Option<impl Iterator<Item = u16> + 'a> {
        let (pairs, odd) = self.0.as_chunks::<2>();
        odd.is_empty()
            .then(|| pairs.iter().map(|&pair| u16::from_be_bytes(pair)))
    }
}
