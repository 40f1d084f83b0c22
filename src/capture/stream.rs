//! One direction of a TCP connection: segments in any order → bytes in order, with gaps told.
//!
//! In: segments with their sequence numbers, and what the other side acknowledged. Out: pieces.

use crate::evidence::Micros;

/// Bytes kept while an earlier segment is missing; more and the missing ones are given up.
const MOST_HELD: usize = 1 << 20;

/// When and where a piece was captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) frame: u32,
    pub(super) at: Option<Micros>,
}

/// What comes out, in order.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Bytes(&'a [u8]),
    /// So many bytes are not in the capture.
    Gap(u32),
}

#[derive(Debug)]
struct Held {
    seq: u32,
    bytes: Vec<u8>,
    cut: u32,
    moment: Moment,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Sequence number of the next byte; `None` before the first segment.
    next: Option<u32>,
    /// Highest number that the other side acknowledged.
    acked: Option<u32>,
    held: Vec<Held>,
    held_bytes: usize,
    /// Segments that came again.
    pub(super) repeated: u32,
    /// Bytes that are missing.
    pub(super) missing: u64,
    /// The last bytes that went out, to hold those that come again against.
    recent: Vec<u8>,
    /// A segment came again with other bytes.
    pub(super) differs: bool,
}

/// Bytes kept for that.
const RECENT: usize = 1_024;

impl Stream {
    /// The stream begins behind this number (that of the SYN).
    pub(super) fn begin(&mut self, syn: u32) {
        self.next = Some(syn.wrapping_add(1));
    }

    /// Takes a segment; `cut` bytes of it are not in the capture.
    pub(super) fn segment(
        &mut self,
        seq: u32,
        bytes: &[u8],
        cut: u32,
        moment: Moment,
        out: &mut dyn FnMut(Piece<'_>, Moment),
    ) {
        let next = *self.next.get_or_insert(seq);
        let len = u32::try_from(bytes.len())
            .unwrap_or(u32::MAX)
            .saturating_add(cut);
        if len == 0 {
            return;
        }
        let ahead = distance(next, seq);
        if ahead > 0 {
            // Ahead by more than any window: not of this connection.
            if ahead > 1 << 30 {
                return;
            }
            if self
                .held
                .iter()
                .any(|h| h.seq == seq && h.bytes.len() >= bytes.len())
            {
                self.repeated += 1;
                return;
            }
            self.held_bytes += bytes.len();
            let at = self.held.partition_point(|h| distance(next, h.seq) < ahead);
            self.held.insert(
                at,
                Held {
                    seq,
                    bytes: bytes.to_vec(),
                    cut,
                    moment,
                },
            );
            self.settle(out);
            return;
        }
        let old = ahead.unsigned_abs();
        self.compare(old, bytes);
        if old >= len {
            // A keep-alive repeats one byte (RFC 9293 section 3.8.4); it is no loss.
            self.repeated += u32::from(len > 1);
            return;
        }
        self.repeated += u32::from(old > 0);
        self.deliver(old, bytes, cut, moment, out);
        self.settle(out);
    }

    /// Holds the bytes of a segment that lie before the next one against what went out.
    fn compare(&mut self, old: u32, bytes: &[u8]) {
        let old = usize::try_from(old).unwrap_or(usize::MAX);
        // Of what came again only the end may still be there.
        let (start, from) = match self.recent.len().checked_sub(old) {
            Some(start) => (start, 0),
            None => (0, old - self.recent.len()),
        };
        let known = self.recent.get(start..).unwrap_or_default();
        let again = bytes.get(from..).unwrap_or_default();
        self.differs |= known.iter().zip(again).any(|(a, b)| a != b);
    }

    fn remember(&mut self, bytes: &[u8]) {
        let keep = bytes
            .get(bytes.len().saturating_sub(RECENT)..)
            .unwrap_or_default();
        let over = (self.recent.len() + keep.len()).saturating_sub(RECENT);
        self.recent.drain(..over.min(self.recent.len()));
        self.recent.extend_from_slice(keep);
    }

    /// The other side has all bytes before this number.
    pub(super) fn acknowledged(&mut self, number: u32, out: &mut dyn FnMut(Piece<'_>, Moment)) {
        if self.acked.is_none_or(|a| distance(a, number) > 0) {
            self.acked = Some(number);
        }
        if !self.held.is_empty() {
            self.settle(out);
        }
    }

    /// No more will come: what is held goes out behind the gaps before it.
    pub(super) fn finish(&mut self, out: &mut dyn FnMut(Piece<'_>, Moment)) {
        while self.release(out) {}
    }

    /// Gives out what is held as far as it connects, or as far as waiting is useless.
    fn settle(&mut self, out: &mut dyn FnMut(Piece<'_>, Moment)) {
        while let (Some(first), Some(next)) = (self.held.first(), self.next) {
            let hole = distance(next, first.seq) > 0;
            // The receiver has what is missing here: the capture lost it.
            let lost = self.acked.is_some_and(|a| distance(first.seq, a) >= 0);
            if hole && !lost && self.held_bytes <= MOST_HELD {
                return;
            }
            self.release(out);
        }
    }

    fn release(&mut self, out: &mut dyn FnMut(Piece<'_>, Moment)) -> bool {
        if self.held.is_empty() {
            return false;
        }
        let held = self.held.remove(0);
        self.held_bytes -= held.bytes.len();
        let next = self.next.unwrap_or(held.seq);
        let ahead = distance(next, held.seq);
        if ahead > 0 {
            let gap = ahead.unsigned_abs();
            self.missing += u64::from(gap);
            self.recent.clear();
            self.next = Some(held.seq);
            out(Piece::Gap(gap), held.moment);
            self.deliver(0, &held.bytes, held.cut, held.moment, out);
        } else {
            let len = u32::try_from(held.bytes.len())
                .unwrap_or(u32::MAX)
                .saturating_add(held.cut);
            let old = ahead.unsigned_abs();
            if old < len {
                self.deliver(old, &held.bytes, held.cut, held.moment, out);
            }
        }
        true
    }

    fn deliver(
        &mut self,
        old: u32,
        bytes: &[u8],
        cut: u32,
        moment: Moment,
        out: &mut dyn FnMut(Piece<'_>, Moment),
    ) {
        let Some(next) = self.next else { return };
        let old_bytes = usize::try_from(old).unwrap_or(usize::MAX).min(bytes.len());
        let fresh = bytes.get(old_bytes..).unwrap_or_default();
        let fresh_cut = cut - (old - u32::try_from(old_bytes).unwrap_or(old)).min(cut);
        let len = u32::try_from(fresh.len()).unwrap_or(0);
        self.next = Some(next.wrapping_add(len).wrapping_add(fresh_cut));
        if !fresh.is_empty() {
            self.remember(fresh);
            out(Piece::Bytes(fresh), moment);
        }
        if fresh_cut > 0 {
            self.recent.clear();
            self.missing += u64::from(fresh_cut);
            out(Piece::Gap(fresh_cut), moment);
        }
    }
}

/// How far `to` lies ahead of `from` on the circle of sequence numbers.
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(segments: &[(u32, &[u8])], acks: &[u32]) -> (Vec<u8>, u32, u32) {
        let mut stream = Stream::default();
        stream.begin(u32::MAX - 2); // the numbers wrap after one byte
        let (mut bytes, mut gaps) = (Vec::new(), 0);
        let mut out = |piece: Piece<'_>, _| match piece {
            Piece::Bytes(b) => bytes.extend_from_slice(b),
            Piece::Gap(n) => gaps += n,
        };
        for (at, data) in segments {
            let seq = (u32::MAX - 1).wrapping_add(*at);
            stream.segment(seq, data, 0, Moment::default(), &mut out);
        }
        for ack in acks {
            stream.acknowledged((u32::MAX - 1).wrapping_add(*ack), &mut out);
        }
        stream.finish(&mut out);
        (bytes, gaps, stream.repeated)
    }

    #[test]
    fn order_overlap_and_repeats_over_the_wrap() {
        let (bytes, gaps, repeated) = run(
            &[
                (0, b"ab"),
                (4, b"ef"),
                (2, b"cd"),
                (0, b"ab"),
                (5, b"fgh"),
                (9, b"j"),
                (8, b"i"),
            ],
            &[],
        );
        assert_eq!(bytes, b"abcdefghij");
        assert_eq!((gaps, repeated), (0, 2));
    }

    #[test]
    fn a_hole_is_told_and_not_closed() {
        let (bytes, gaps, _) = run(&[(0, b"ab"), (5, b"fg")], &[7]);
        assert_eq!((bytes.as_slice(), gaps), (&b"abfg"[..], 3));
    }
}
