//! API frames of XBee modules out of a byte stream, modes AP 1 and AP 2 (escaped).
//!
//! In: bytes in any split. Out: frames with a right checksum, and everything else as text. A start
//! byte whose frame turns out wrong is text, and reading goes on behind it.

/// Longest frame data: a payload of 1,500 bytes and what stands before it.
const MAX_DATA: usize = 1_600;

/// One part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes that belong to no frame.
    Text(&'a [u8]),
    /// A frame with a right checksum.
    Frame {
        /// Frame data: type byte to before the checksum, without escapes.
        data: &'a [u8],
        /// All bytes of it as they came.
        bytes: &'a [u8],
    },
}

/// Finds frames.
#[derive(Debug, Default)]
pub struct Frames {
    /// Bytes from a start byte on, undecided.
    held: Vec<u8>,
    plain: Reading,
    escaped: Reading,
}

/// One way to read the bytes behind the start byte.
#[derive(Debug, Default)]
struct Reading {
    /// Unescaped: length, data, checksum.
    bytes: Vec<u8>,
    /// An escape byte came; the next is changed.
    escape: bool,
    wrong: bool,
}

/// Types that exist on cellular models.
fn is_type(byte: u8) -> bool {
    matches!(
        byte,
        0x08 | 0x09 | 0x1F | 0x20 | 0x23 | 0x2D | 0x40
            ..=0x46 | 0x88
            ..=0x8A | 0x9F | 0xAD | 0xB0 | 0xC0
            ..=0xC3 | 0xC6 | 0xCC
            ..=0xCF
    )
}

impl Reading {
    /// Takes a byte; `true` when a frame with a right checksum is complete.
    fn take(&mut self, byte: u8, escaped: bool) -> bool {
        if self.wrong {
            return false;
        }
        let byte = match byte {
            // Behind the start byte it stands only in AP 1.
            0x7E | 0x11 | 0x13 if escaped => {
                self.wrong = true;
                return false;
            }
            0x7D if escaped && !self.escape => {
                self.escape = true;
                return false;
            }
            _ if self.escape => {
                self.escape = false;
                byte ^ 0x20
            }
            _ => byte,
        };
        self.bytes.push(byte);
        let length = match self.bytes.as_slice() {
            [high, ..] if usize::from(*high) > MAX_DATA >> 8 => 0,
            [high, low, ..] => usize::from(*high) << 8 | usize::from(*low),
            _ => return false,
        };
        let bad_type = self.bytes.get(2).is_some_and(|t| !is_type(*t));
        if !(2..=MAX_DATA).contains(&length) || bad_type {
            self.wrong = true;
            return false;
        }
        if self.bytes.len() < length + 3 {
            return false;
        }
        let sum = self.bytes[2..].iter().fold(0_u8, |s, b| s.wrapping_add(*b));
        self.wrong = sum != 0xFF;
        !self.wrong
    }

    fn data(&self) -> &[u8] {
        let end = self.bytes.len().saturating_sub(1);
        self.bytes.get(2..end).unwrap_or_default()
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Where a frame may begin: at a start byte with the length of one behind it, as far as that is
/// known. A tilde of a text goes with the text.
fn may_begin(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(0x7E, bytes).find(|at| {
        bytes
            .get(at + 1)
            .is_none_or(|high| *high == 0x7D || usize::from(*high) <= MAX_DATA >> 8)
    })
}

impl Frames {
    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Piece<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.held.is_empty() {
                let start = may_begin(rest).unwrap_or(rest.len());
                let (text, after) = rest.split_at(start);
                if !text.is_empty() {
                    sink(Piece::Text(text));
                }
                let Some((first, after)) = after.split_first() else {
                    return;
                };
                self.held.push(*first);
                rest = after;
                continue;
            }
            let Some((byte, after)) = rest.split_first() else {
                return;
            };
            rest = after;
            self.byte(*byte, sink);
        }
    }

    /// One byte behind a start byte.
    fn byte(&mut self, byte: u8, sink: &mut dyn FnMut(Piece<'_>)) {
        self.held.push(byte);
        let done = if self.plain.take(byte, false) {
            Some(&self.plain)
        } else if self.escaped.take(byte, true) {
            Some(&self.escaped)
        } else {
            None
        };
        if let Some(reading) = done {
            sink(Piece::Frame {
                data: reading.data(),
                bytes: &self.held,
            });
            self.clear();
        } else if self.plain.wrong && self.escaped.wrong {
            self.refuse(sink);
        }
    }

    /// The start byte was none: what was held is read again from behind it.
    fn refuse(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.clear();
        if let Some((first, rest)) = held.split_first() {
            sink(Piece::Text(std::slice::from_ref(first)));
            self.push(rest, sink);
        }
    }

    fn clear(&mut self) {
        self.held.clear();
        self.plain.clear();
        self.escaped.clear();
    }

    /// The stream ended: what is undecided was text.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        while !self.held.is_empty() {
            self.refuse(sink);
        }
    }
}

/// Do bytes begin with API frames: right checksums, and nothing else between the first ones? So a
/// port that was recorded as it is can be told from any other binary file.
#[must_use]
pub fn starts_with_frames(bytes: &[u8]) -> bool {
    /// Frames that are asked for: a checksum of eight bits fits by chance once in 256.
    const ENOUGH: usize = 3;
    let (mut frames, mut text) = (0, 0);
    let mut reader = Frames::default();
    reader.push(bytes, &mut |piece| match piece {
        Piece::Frame { .. } => frames += 1,
        Piece::Text(t) if frames < ENOUGH => {
            text += t.iter().filter(|b| !b.is_ascii_whitespace()).count();
        }
        Piece::Text(_) => {}
    });
    frames > 0 && text == 0 && (frames >= ENOUGH || reader.held.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A frame around this data, in mode AP 1 or AP 2.
    fn framed(data: &[u8], escaped: bool) -> Vec<u8> {
        let sum = data.iter().fold(0_u8, |s, b| s.wrapping_add(*b));
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let mut out = vec![0x7E];
        for byte in length.iter().chain(data).chain([&(0xFF - sum)]) {
            if escaped && matches!(byte, 0x7E | 0x7D | 0x11 | 0x13) {
                out.extend([0x7D, byte ^ 0x20]);
            } else {
                out.push(*byte);
            }
        }
        out
    }

    fn read(parts: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>) {
        let (mut frames, mut text) = (Vec::new(), Vec::new());
        let mut reader = Frames::default();
        let mut sink = |p: Piece<'_>| match p {
            Piece::Text(t) => text.extend_from_slice(t),
            Piece::Frame { data, .. } => frames.push(data.to_vec()),
        };
        for part in parts {
            reader.push(part, &mut sink);
        }
        reader.finish(&mut sink);
        (frames, text)
    }

    #[test]
    fn frames_between_text_at_every_split() {
        let connect = [
            0x23, 0x05, 198, 51, 100, 9, 0x11, 0x13, 0, 0, 0, 0, 0x7E, 0x7D, b'x',
        ];
        let status = [0x89, 0x05, 0x85];
        for escaped in [false, true] {
            let mut stream = b"boot ~ ok\r\n~\x00".to_vec();
            stream.extend(framed(&connect, escaped));
            stream.extend(b"tex");
            stream.extend(framed(&status, escaped));
            stream.extend(b"t\n~");
            let want = (
                vec![connect.to_vec(), status.to_vec()],
                b"boot ~ ok\r\n~\x00text\n~".to_vec(),
            );
            for cut in 0..=stream.len() {
                assert_eq!(read(&[&stream[..cut], &stream[cut..]]), want, "at {cut}");
            }
        }
    }

    #[test]
    fn a_wrong_checksum_loses_that_frame_alone() {
        let mut bad = framed(&[0x89, 1, 0x85], false);
        bad[4] ^= 1;
        let good = framed(&[0x89, 2, 0x00], false);
        let stream = [bad.clone(), good].concat();
        assert_eq!(read(&[&stream]), (vec![vec![0x89, 2, 0]], bad));
    }

    #[test]
    fn a_run_of_start_bytes_ends() {
        let stream = vec![0x7E; 100_000];
        assert_eq!(read(&[&stream]), (Vec::new(), stream));
    }
}
