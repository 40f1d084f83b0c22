//! Reads a recording back, whole or torn.

use std::io;
use std::path::{Path, PathBuf};

use pcap_parser::pcapng::{
    parse_block_le, parse_enhancedpacketblock_le, parse_interfacedescriptionblock_le,
    parse_sectionheaderblock_le,
};
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, EnhancedPacketBlock, InterfaceDescriptionBlock, PcapNGOption};

use super::block;
use crate::evidence::{Chunk, ChunkDirection, Micros};

/// Our section header is shorter than this, in bytes.
const MAX_HEADER: usize = 256;

/// Why a file could not be read as a recording. The text is the sentence for the person.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}. Check the name and the permissions.")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The bytes are something else.
    #[error("This is not a recording of Handlens. Open it as a log or as a capture.")]
    NotARecording,
}

/// A missing piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedGap {
    /// It lies before this chunk (counted from 0; the number of chunks: at the end).
    pub before_chunk: usize,
    /// End of the gap on the monotonic clock of the recording, microseconds.
    pub at: Micros,
    /// End of the gap, microseconds since 1970 UTC.
    pub received_us: Micros,
    /// Length in milliseconds, where known.
    pub ms: Option<i64>,
    /// One sentence.
    pub sentence: String,
}

/// A note of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// It was written before this chunk (counted from 0).
    pub before_chunk: usize,
    /// Monotonic clock of the recording, microseconds.
    pub at: Micros,
    /// Microseconds since 1970 UTC.
    pub received_us: Micros,
    /// The words.
    pub text: String,
}

/// Bytes that were changed after they were recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// It concerns this chunk (counted from 0), or lies before it where blocks are unreadable.
    pub chunk: usize,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// One sentence.
    pub sentence: String,
}

/// The end of the file is not a whole block: the recording program or the computer stopped
/// while writing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Where the last whole block ends, in bytes: cutting the file there makes it whole.
    pub offset: u64,
    /// Bytes after that, which were left out.
    pub bytes: u64,
    /// One sentence.
    pub sentence: String,
}

/// What a recording holds, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The port that was recorded, such as `/dev/ttyUSB0`.
    pub port: String,
    /// Its line settings, such as `115200 8N1`.
    pub line: String,
    /// The chunks.
    pub chunks: Vec<Chunk>,
    /// Missing pieces.
    pub gaps: Vec<RecordedGap>,
    /// Notes.
    pub notes: Vec<Note>,
    /// Damaged places.
    pub damage: Vec<Damage>,
    /// The end, if it is torn.
    pub torn_tail: Option<TornTail>,
}

impl Recording {
    /// What the device wrote, without times: the log as any other program would have it.
    #[must_use]
    pub fn plain_bytes(&self) -> Vec<u8> {
        self.bytes_of(ChunkDirection::FromDevice)
    }

    /// All bytes of one direction.
    #[must_use]
    pub fn bytes_of(&self, direction: ChunkDirection) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in self.chunks.iter().filter(|c| c.direction == direction) {
            out.extend_from_slice(&chunk.bytes);
        }
        out
    }
}

/// Whether the bytes are the start of a recording of ours (not just any pcapng).
#[must_use]
pub fn is_recording(bytes: &[u8]) -> bool {
    let Some((header, rest)) = next_block(bytes) else {
        return false;
    };
    let ours = parse_sectionheaderblock_le(header).is_ok_and(|(_, section)| {
        matches!(section.shb_userappl(), Some(Ok(app)) if app.starts_with("Handlens"))
    });
    // A recording of which only the first block was written is still ours.
    ours && next_block(rest).is_none_or(|(b, _)| interface(b).is_some())
}

/// Reads a recording from its file.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub fn open_recording(path: &Path) -> Result<Recording, ReadError> {
    let bytes = std::fs::read(path).map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })?;
    read_recording(&bytes)
}

/// Reads a recording. Never stops at damage: whole blocks after it are found again. In a file that
/// another program has written anew, gaps may come back as notes and the monotonic clock as the
/// wall clock, because local options were dropped.
///
/// # Errors
/// The bytes are no recording. The first bytes of one (a file whose writer was stopped within the
/// first block, even an empty file) are a recording without chunks and with a torn tail.
pub fn read_recording(bytes: &[u8]) -> Result<Recording, ReadError> {
    if !is_recording(bytes) && !is_torn_start(bytes) {
        return Err(ReadError::NotARecording);
    }
    let mut reader = Reader::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        if let Some((block, after)) = next_block(rest) {
            reader.block(block, offset as u64);
            rest = after;
            continue;
        }
        let Some(skip) = resume(rest) else {
            reader.recording.torn_tail = Some(torn_tail(offset, rest.len()));
            break;
        };
        reader.damaged(
            offset as u64,
            format!("{skip} bytes of the recording at byte {offset} are unreadable; it goes on after them."),
        );
        rest = rest.get(skip..).unwrap_or_default();
    }
    Ok(reader.recording)
}

fn torn_tail(offset: usize, bytes: usize) -> TornTail {
    TornTail {
        offset: offset as u64,
        bytes: bytes as u64,
        sentence: format!(
            "The recording was cut off while it was written: its last {bytes} bytes are no whole packet and were left out. Everything before is whole."
        ),
    }
}

/// The first bytes of a section header that was never finished.
fn is_torn_start(bytes: &[u8]) -> bool {
    let kind = block::SECTION_HEADER.to_le_bytes();
    let start = bytes.get(..bytes.len().min(kind.len())).unwrap_or_default();
    kind.starts_with(start) && next_block(bytes).is_none() && bytes.len() < MAX_HEADER
}

/// Cuts the next whole block off. `None`: what stands here is none, or not whole.
fn next_block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = u32_at(bytes, 4)? as usize;
    if len < 12 || !len.is_multiple_of(4) || len > bytes.len() {
        return None;
    }
    (u32_at(bytes, len - 4)? as usize == len).then(|| bytes.split_at(len))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)?
        .first_chunk::<4>()
        .map(|b| u32::from_le_bytes(*b))
}

/// Where the next packet block starts after damage. Blocks are made of whole fours.
fn resume(bytes: &[u8]) -> Option<usize> {
    let kind = block::ENHANCED_PACKET.to_le_bytes();
    (4..bytes.len()).step_by(4).find(|at| {
        bytes.get(*at..).is_some_and(|rest| {
            rest.starts_with(&kind)
                && next_block(rest)
                    .is_some_and(|(block, _)| parse_enhancedpacketblock_le(block).is_ok())
        })
    })
}

fn interface(block: &[u8]) -> Option<InterfaceDescriptionBlock<'_>> {
    let (_, interface) = parse_interfacedescriptionblock_le(block).ok()?;
    (interface.linktype.0 == i32::from(block::USER0)).then_some(interface)
}

struct Reader {
    recording: Recording,
    /// Time units a second, from the interface: other programs may have rewritten the file.
    resolution: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            recording: Recording::default(),
            resolution: 1_000_000,
        }
    }
}

impl Reader {
    fn block(&mut self, bytes: &[u8], offset: u64) {
        match parse_block_le(bytes) {
            Ok((_, Block::EnhancedPacket(packet))) => self.packet(&packet, offset),
            Ok((_, Block::InterfaceDescription(_))) => {
                if let Some(interface) = interface(bytes) {
                    self.resolution = interface.ts_resolution().unwrap_or(1_000_000).max(1);
                    let text = |t: Option<Result<&str, _>>| t.and_then(Result::ok).map(str::to_owned);
                    self.recording.port = text(interface.if_name()).unwrap_or_default();
                    self.recording.line = text(interface.if_description()).unwrap_or_default();
                }
            }
            // Sections, statistics, what other programs added.
            Ok(_) => {}
            Err(_) => self.damaged(
                offset,
                format!(
                    "{} bytes of the recording at byte {offset} are unreadable; it goes on after them.",
                    bytes.len()
                ),
            ),
        }
    }

    fn packet(&mut self, packet: &EnhancedPacketBlock<'_>, offset: u64) {
        let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
        let received_us =
            i64::try_from(u128::from(units) * 1_000_000 / u128::from(self.resolution))
                .unwrap_or(i64::MAX);
        let at = eight(packet, block::MONOTONIC).unwrap_or(received_us);
        let bytes = packet.packet_data();
        if bytes.is_empty() {
            self.comment(packet, at, received_us);
            return;
        }
        let chunk = self.recording.chunks.len();
        if !hash_fits(packet, bytes) {
            self.damaged(
                offset,
                format!(
                    "Packet {} ({} bytes) was changed after it was recorded: its check sum does not fit.",
                    chunk + 1,
                    bytes.len()
                ),
            );
        }
        let flags = value(packet, block::EPB_FLAGS)
            .and_then(|v| v.first_chunk::<4>())
            .map_or(block::INBOUND, |v| u32::from_le_bytes(*v));
        self.recording.chunks.push(Chunk {
            at,
            received_us,
            live: true,
            direction: if flags & 3 == block::OUTBOUND {
                ChunkDirection::ToDevice
            } else {
                ChunkDirection::FromDevice
            },
            bytes: bytes.to_vec(),
        });
    }

    /// An empty packet: a gap or a note.
    fn comment(&mut self, packet: &EnhancedPacketBlock<'_>, at: Micros, received_us: Micros) {
        let text = value(packet, block::COMMENT)
            .map(|v| String::from_utf8_lossy(v).into_owned())
            .unwrap_or_default();
        let before_chunk = self.recording.chunks.len();
        match eight(packet, block::GAP_MS) {
            Some(ms) => self.recording.gaps.push(RecordedGap {
                before_chunk,
                at,
                received_us,
                ms: (ms >= 0).then_some(ms),
                sentence: text,
            }),
            None => self.recording.notes.push(Note {
                before_chunk,
                at,
                received_us,
                text,
            }),
        }
    }

    fn damaged(&mut self, offset: u64, sentence: String) {
        self.recording.damage.push(Damage {
            chunk: self.recording.chunks.len(),
            offset,
            sentence,
        });
    }
}

fn value<'a>(packet: &'a EnhancedPacketBlock<'_>, code: u16) -> Option<&'a [u8]> {
    let option: &PcapNGOption<'_> = packet.options.iter().find(|o| o.code.0 == code)?;
    option.as_bytes().ok()
}

fn eight(packet: &EnhancedPacketBlock<'_>, code: u16) -> Option<i64> {
    value(packet, code)?
        .first_chunk::<8>()
        .map(|b| i64::from_le_bytes(*b))
}

/// Another program may have dropped the hash: then nothing can be said.
fn hash_fits(packet: &EnhancedPacketBlock<'_>, bytes: &[u8]) -> bool {
    match value(packet, block::EPB_HASH) {
        Some([block::HASH_CRC32, a, b, c, d]) => {
            crc32fast::hash(bytes) == u32::from_le_bytes([*a, *b, *c, *d])
        }
        _ => true,
    }
}
