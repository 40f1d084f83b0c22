//! An alert in the clear where records are encrypted already.
//!
//! In: the bytes of a connection as they arrive. Out: the alert, if the last whole record is one that
//! nobody encrypted. Some servers send one where they cannot go on, although both sides have keys by
//! then (seen of Mbed TLS 3.6 in TLS 1.3); to a library it looks like a record with a wrong MAC. Two
//! bytes are enough to tell: an encrypted alert has a MAC or tag and is longer (RFC 8446 section 5.2,
//! RFC 5246 section 6.2.3).

use std::io::{self, Read};

use crate::tls::{Alert, ContentType};

/// Follows the records of a stream without keeping them.
#[derive(Debug, Default)]
pub(super) struct ClearAlert {
    /// Header of the record that is being read.
    head: Vec<u8>,
    /// The first bytes of its body.
    body: Vec<u8>,
    /// Bytes of its body that are still to come.
    left: usize,
    /// The last whole record, where it was an alert of two bytes.
    last: Option<Alert>,
}

impl ClearAlert {
    /// The alert, if the last whole record was one.
    pub fn last(&self) -> Option<Alert> {
        self.last
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let missing = 5_usize.saturating_sub(self.head.len());
                let (now, rest) = bytes.split_at(missing.min(bytes.len()));
                self.head.extend_from_slice(now);
                bytes = rest;
                let Some(&[_, _, _, high, low]) = self.head.first_chunk::<5>() else {
                    return;
                };
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.body.clear();
            }
            let (now, rest) = bytes.split_at(self.left.min(bytes.len()));
            let room = 3_usize.saturating_sub(self.body.len());
            self.body.extend_from_slice(&now[..room.min(now.len())]);
            self.left -= now.len();
            bytes = rest;
            if self.left == 0 {
                let alert = self.head.first() == Some(&ContentType::ALERT.0);
                self.last = match *self.body.as_slice() {
                    [1 | 2, number] if alert => Some(Alert(number)),
                    _ => None,
                };
                self.head.clear();
            }
        }
    }
}

/// A reader that shows what it reads to a [`ClearAlert`].
pub(super) struct Watched<'a, R> {
    /// Where the bytes come from.
    pub from: R,
    /// Who looks at them.
    pub by: &'a mut ClearAlert,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.by.take(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bytes: &[u8], step: usize) -> Option<Alert> {
        let mut watch = ClearAlert::default();
        for part in bytes.chunks(step) {
            watch.take(part);
        }
        watch.last()
    }

    #[test]
    fn two_bytes_are_an_alert_in_the_clear_and_more_are_not() {
        let certificate_required = [21, 3, 3, 0, 2, 2, 116];
        let encrypted = [23, 3, 3, 0, 3, 2, 116, 0];
        let longer = [21, 3, 3, 0, 4, 2, 116, 0, 0];
        let nothing = [22, 3, 3, 0, 0];
        for step in [1, 2, 3, 5, 100] {
            let all = [&nothing[..], &encrypted, &certificate_required].concat();
            assert_eq!(after(&all, step), Some(Alert(116)), "{step}");
            let all = [&certificate_required[..], &encrypted].concat();
            assert_eq!(after(&all, step), None, "{step}: the last record counts");
            assert_eq!(after(&longer, step), None, "{step}");
            assert_eq!(after(&certificate_required[..6], step), None, "{step}");
        }
    }
}
