//! The blocks of a recording, as bytes. Layout and numbers: see the module above.

use crate::evidence::{Chunk, ChunkDirection, Micros, StreamGap};

pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE: u32 = 1;
pub(super) const ENHANCED_PACKET: u32 = 6;
/// Link type USER0, for private use (tcpdump.org/linktypes.html).
pub(super) const USER0: u16 = 147;
pub(super) const APPLICATION: &str = concat!("Handlens ", env!("CARGO_PKG_VERSION"));

const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const END_OF_OPTIONS: u16 = 0;
pub(super) const COMMENT: u16 = 1;
const SHB_OS: u16 = 3;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_DESCRIPTION: u16 = 3;
const IF_TSRESOL: u16 = 9;
pub(super) const EPB_FLAGS: u16 = 2;
pub(super) const EPB_HASH: u16 = 3;
/// Local option (highest bit set): monotonic clock, microseconds, u64.
pub(super) const MONOTONIC: u16 = 0x8001;
/// Local option: this packet is a gap of so many milliseconds, i64, −1 where unknown.
pub(super) const GAP_MS: u16 = 0x8002;

pub(super) const INBOUND: u32 = 1;
pub(super) const OUTBOUND: u32 = 2;
pub(super) const HASH_CRC32: u8 = 2;

/// Largest payload of a packet. Wireshark refuses packets above 256 KiB.
pub(super) const MAX_PACKET: usize = 64 * 1024;
/// Longest text in an option; its length field has 16 bits.
const MAX_TEXT: usize = 60_000;

/// The start of a file: section and interface.
pub(super) fn header(port: &str, line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    block(&mut out, SECTION_HEADER, |b| {
        b.extend(BYTE_ORDER.to_le_bytes());
        b.extend(1_u16.to_le_bytes());
        b.extend(0_u16.to_le_bytes());
        // Length of the section: not known while it grows.
        b.extend((-1_i64).to_le_bytes());
        text(b, SHB_OS, std::env::consts::OS);
        text(b, SHB_USERAPPL, APPLICATION);
        option(b, END_OF_OPTIONS, &[]);
    });
    block(&mut out, INTERFACE, |b| {
        b.extend(USER0.to_le_bytes());
        b.extend(0_u16.to_le_bytes());
        b.extend(0_u32.to_le_bytes());
        text(b, IF_NAME, port);
        text(b, IF_DESCRIPTION, line);
        option(b, IF_TSRESOL, &[6]);
        option(b, END_OF_OPTIONS, &[]);
    });
    out
}

/// One chunk, as one packet or more.
pub(super) fn chunk(out: &mut Vec<u8>, chunk: &Chunk) {
    let flags = match chunk.direction {
        ChunkDirection::FromDevice => INBOUND,
        ChunkDirection::ToDevice => OUTBOUND,
    };
    for bytes in chunk.bytes.chunks(MAX_PACKET) {
        packet(out, chunk.received_us, bytes, |b| {
            option(b, EPB_FLAGS, &flags.to_le_bytes());
            let mut hash = [HASH_CRC32; 5];
            hash[1..].copy_from_slice(&crc32fast::hash(bytes).to_le_bytes());
            option(b, EPB_HASH, &hash);
            option(b, MONOTONIC, &chunk.at.to_le_bytes());
        });
    }
}

/// A gap.
pub(super) fn gap(out: &mut Vec<u8>, gap: &StreamGap) {
    packet(out, gap.received_us, &[], |b| {
        text(b, COMMENT, &gap.sentence);
        option(b, MONOTONIC, &gap.at.to_le_bytes());
        option(b, GAP_MS, &gap.ms.unwrap_or(-1).to_le_bytes());
    });
}

/// A note of the person.
pub(super) fn note(out: &mut Vec<u8>, at: Micros, received_us: Micros, words: &str) {
    packet(out, received_us, &[], |b| {
        text(b, COMMENT, words);
        option(b, MONOTONIC, &at.to_le_bytes());
    });
}

fn packet(
    out: &mut Vec<u8>,
    received_us: Micros,
    bytes: &[u8],
    options: impl FnOnce(&mut Vec<u8>),
) {
    let time = u64::try_from(received_us).unwrap_or(0);
    block(out, ENHANCED_PACKET, |b| {
        b.extend(0_u32.to_le_bytes());
        // High half first, each half little-endian.
        b.extend(&time.to_le_bytes()[4..]);
        b.extend(&time.to_le_bytes()[..4]);
        let len = length(bytes.len());
        b.extend(len.to_le_bytes());
        b.extend(len.to_le_bytes());
        b.extend(bytes);
        pad(b);
        options(b);
        option(b, END_OF_OPTIONS, &[]);
    });
}

fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    body(&mut content);
    let len = length(content.len() + 12).to_le_bytes();
    out.extend(kind.to_le_bytes());
    out.extend(len);
    out.extend(content);
    out.extend(len);
}

fn text(out: &mut Vec<u8>, code: u16, words: &str) {
    let mut end = words.len().min(MAX_TEXT);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    option(out, code, words.get(..end).unwrap_or_default().as_bytes());
}

fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    out.extend(value);
    pad(out);
}

/// To the next multiple of four. All blocks are made of whole fours, so the content's own length
/// decides.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

/// Our pieces are at most a few hundred kilobytes.
fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
