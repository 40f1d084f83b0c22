//! Reads one input to its end in blocks: recognises it first, stops with one sentence at what is
//! not text, turns UTF-16 into UTF-8.
//!
//! In: any reader. Out: [`Piece`]s in order. Must not know threads or decoders; whoever takes the
//! pieces may stop the reading.

use std::io::{self, Read};
use std::ops::ControlFlow;

use zeroize::Zeroize;

use super::figures::size;
use super::packet_text::PacketText;
use super::recognise::{Content, PROBE_BYTES, recognise, text_share};
use crate::decode::starts_with_frames;

/// Largest read: large sequential reads are as fast as a memory map.
const BLOCK: usize = 1024 * 1024;

/// Larger files of certificates or settings are refused.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// A block with a smaller share of text ends a log: the rest of the file is something else.
const BLOCK_SHARE: f32 = 0.3;

/// One word of the reader.
pub enum Piece<'a> {
    /// What the input is; comes first.
    Is(Content),
    /// Bytes to decode.
    Bytes(&'a [u8]),
    /// A saved session, a recording, certificates or a configuration, whole.
    Whole(Vec<u8>),
    /// Bytes that were seen and not decoded.
    Skipped(u64),
    /// One sentence for the person.
    Remark(String),
}

/// Reads to the end, or until `take` breaks, or until the content is one that is not decoded here.
///
/// # Errors
/// What the reader gives; the pieces before it stand.
pub fn read_pieces(
    name: &str,
    reader: &mut dyn Read,
    total: Option<u64>,
    take: &mut dyn FnMut(Piece<'_>) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    // A pipe hands over little at a time: enough to recognise, or its end.
    let mut filled = fill(reader, &mut block, PROBE_BYTES)?;
    let head = block.get(..filled).unwrap_or_default();
    let content = recognise(head, total.unwrap_or(filled as u64));
    // Printed packets become the capture that they were.
    let mut packets = (content == Content::PacketText).then(PacketText::default);
    let content = if packets.is_some() {
        Content::Capture
    } else {
        content
    };
    if take(Piece::Is(content)).is_break() {
        return Ok(());
    }
    if let Some(remark) = content.remark(name)
        && take(Piece::Remark(remark)).is_break()
    {
        return Ok(());
    }
    let mut utf16 = match content {
        Content::Log | Content::Capture => None,
        Content::Utf16Log { little_endian } => Some(Utf16::new(little_endian)),
        Content::Session | Content::Recording => {
            block.truncate(filled);
            reader.read_to_end(&mut block)?;
            let _ = take(Piece::Whole(block));
            return Ok(());
        }
        Content::Certificate | Content::Config | Content::KeyLog => {
            block.truncate(filled);
            reader
                .take(LARGEST_FILE - filled as u64 + 1)
                .read_to_end(&mut block)?;
            if block.len() as u64 > LARGEST_FILE {
                let sentence = format!(
                    "{name} is larger than {}. No file of certificates or settings is; nothing of it was read.",
                    size(LARGEST_FILE)
                );
                let _ = take(Piece::Remark(sentence));
                let _ = take(Piece::Skipped(total.unwrap_or(block.len() as u64)));
                block.zeroize();
                return Ok(());
            }
            let _ = take(Piece::Whole(block));
            return Ok(());
        }
        _ => {
            let _ = take(Piece::Skipped(total.unwrap_or(filled as u64)));
            return Ok(());
        }
    };
    // Frames of a module are no text and yet a log.
    let framed = starts_with_frames(block.get(..filled.min(PROBE_BYTES)).unwrap_or_default());
    let mut done = 0_u64;
    loop {
        let bytes = block.get(..filled).unwrap_or_default();
        if let Some(packets) = &mut packets {
            let end = bytes.is_empty();
            let made = if end {
                packets.finish()
            } else {
                packets.push(bytes)
            };
            if take(Piece::Bytes(&made)).is_break() || end {
                return Ok(());
            }
            filled = fill(reader, &mut block, 1)?;
            continue;
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let is_text = content == Content::Log && !framed;
        if is_text && done > 0 && text_share(bytes) < BLOCK_SHARE {
            // The text may go on a little into this block.
            let text = leading_text(bytes);
            if text > 0 && take(Piece::Bytes(bytes.get(..text).unwrap_or_default())).is_break() {
                return Ok(());
            }
            done += text as u64;
            let sentence = format!(
                "{name} is text for its first {} and binary after that. The text is kept; the rest was not decoded.",
                size(done)
            );
            let _ = take(Piece::Remark(sentence));
            let rest = total.map_or((bytes.len() - text) as u64, |t| t.saturating_sub(done));
            let _ = take(Piece::Skipped(rest));
            return Ok(());
        }
        let flow = match &mut utf16 {
            None => take(Piece::Bytes(bytes)),
            Some(utf16) => take(Piece::Bytes(utf16.convert(bytes).as_bytes())),
        };
        if flow.is_break() {
            return Ok(());
        }
        done += bytes.len() as u64;
        filled = fill(reader, &mut block, 1)?;
    }
}

/// How many bytes of a block are text before it turns into something else, in steps of 64 bytes.
fn leading_text(bytes: &[u8]) -> usize {
    bytes
        .chunks(64)
        .take_while(|part| text_share(part) >= BLOCK_SHARE)
        .map(<[u8]>::len)
        .sum()
}

/// Reads until `least` bytes are there or the end.
fn fill(reader: &mut dyn Read, block: &mut [u8], least: usize) -> io::Result<usize> {
    let mut filled = 0;
    while filled < least {
        let Some(room) = block.get_mut(filled..).filter(|r| !r.is_empty()) else {
            break;
        };
        match reader.read(room) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// UTF-16 in any split → UTF-8. Halves of surrogate pairs that stand alone become U+FFFD.
struct Utf16 {
    little_endian: bool,
    byte: Option<u8>,
    unit: Option<u16>,
}

impl Utf16 {
    fn new(little_endian: bool) -> Self {
        Self {
            little_endian,
            byte: None,
            unit: None,
        }
    }

    fn convert(&mut self, bytes: &[u8]) -> String {
        let mut units: Vec<u16> = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.unit.take());
        let all: Vec<u8> = self
            .byte
            .take()
            .into_iter()
            .chain(bytes.iter().copied())
            .collect();
        for pair in all.chunks(2) {
            match *pair {
                [a, b] if self.little_endian => units.push(u16::from_le_bytes([a, b])),
                [a, b] => units.push(u16::from_be_bytes([a, b])),
                [a] => self.byte = Some(a),
                _ => {}
            }
        }
        if units.last().is_some_and(|u| (0xD800..0xDC00).contains(u)) {
            self.unit = units.pop();
        }
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .filter(|c| *c != '\u{FEFF}')
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Option<Content>, Vec<u8>, Vec<String>, u64) {
        let (mut is, mut text, mut remarks, mut skipped) = (None, Vec::new(), Vec::new(), 0);
        let total = Some(bytes.len() as u64);
        read_pieces("x.log", &mut &bytes[..], total, &mut |piece| {
            match piece {
                Piece::Is(content) => is = Some(content),
                Piece::Bytes(b) => text.extend_from_slice(b),
                Piece::Whole(b) => text = b,
                Piece::Skipped(n) => skipped += n,
                Piece::Remark(s) => remarks.push(s),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        (is, text, remarks, skipped)
    }

    #[test]
    fn a_log_comes_through_whole() {
        let log = b"client state: 1\n".repeat(200_000);
        let (is, text, remarks, skipped) = read(&log);
        assert_eq!(is, Some(Content::Log));
        assert!(text == log && remarks.is_empty() && skipped == 0);
    }

    #[test]
    fn text_before_a_flash_dump_is_kept() {
        let mut file = b"client state: 1\n".repeat(200_000);
        let text_len = file.len();
        file.extend(std::iter::repeat_n(0xA7_u8, 4 << 20));
        let (_, text, remarks, skipped) = read(&file);
        assert!(text.len() >= text_len && text.len() < text_len + BLOCK);
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].contains("binary after that"), "{remarks:?}");
        assert_eq!(text.len() as u64 + skipped, file.len() as u64);
    }

    #[test]
    fn binary_is_refused_with_one_sentence() {
        let (is, text, remarks, skipped) = read(&vec![3_u8; 2 << 20]);
        assert_eq!(is, Some(Content::Binary));
        assert!(text.is_empty() && remarks.len() == 1);
        assert_eq!(skipped, 2 << 20);
    }

    #[test]
    fn utf16_in_any_split_becomes_utf8() {
        let text = "state 12 \u{2192} \u{1F512}\r\nnext\r\n";
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(String::from_utf8(read(&bytes).1).unwrap(), text);
        for cut in 2..bytes.len() {
            let mut utf16 = Utf16::new(true);
            let joined = utf16.convert(&bytes[..cut]) + &utf16.convert(&bytes[cut..]);
            assert_eq!(joined, text, "cut at {cut}");
        }
    }
}
