//! The recording on disk: every chunk is in the file before anyone decodes it.
//!
//! Comes in: chunks, gaps, notes. Goes out: one file, and all of that back from it, also after a
//! crash, a power loss or damage. It must not know what the bytes mean.
//!
//! # The file
//!
//! A recording is a pcapng file (draft-ietf-opsawg-pcapng), little-endian, so that other programs
//! open it too:
//!
//! * Section header with `shb_userappl` `Handlens …`; one interface of link type USER0 (147) whose
//!   `if_name` is the port and whose `if_description` are the line settings; microseconds.
//! * One enhanced packet a chunk, at the wall clock of the read: `epb_flags` says inbound (from the
//!   device) or outbound (to it), `epb_hash` holds the CRC-32 of the bytes (algorithm 2), the local
//!   option 0x8001 the monotonic clock in microseconds (u64). Chunks above 64 KiB become several
//!   packets with the same times, because other programs limit a packet to 256 KiB.
//! * A note is an empty packet with an `opt_comment`. A gap is the same with the local option
//!   0x8002: its length in milliseconds (i64, −1 where unknown). Empty packets rather than custom
//!   blocks: a custom block needs a registered enterprise number, and no other program shows it.
//!
//! # What survives what
//!
//! * `kill -9`, a panic: everything that was read. A chunk is written with plain writes, without a
//!   buffer in this program, before it is handed on.
//! * A power loss: all but about the last 100 ms (a thread asks the disk to sync that often).
//! * A torn or damaged file: [`read_recording`] finds the whole blocks, says what is missing and
//!   where.
//! * A full disk: the recorder says so once, keeps up to [`MAX_WAITING_BYTES`] in memory, and goes
//!   on writing at the same place when there is room.

mod block;
mod file;
mod read;
mod recorder;
mod sync;
mod timed;

pub use file::RecordError;
pub use read::{
    Damage, Note, ReadError, RecordedGap, Recording, TornTail, is_recording, open_recording,
    read_recording,
};
pub use recorder::{MAX_WAITING_BYTES, Recorder};
pub use timed::{TimedError, convert_timed, read_timed};

use crate::evidence::Chunk;

/// The usual ending of a recording's name.
pub const EXTENSION: &str = "pcapng";

/// A whole recording in memory: what a [`Recorder`] would have written.
#[must_use]
pub fn encode_recording(port: &str, line: &str, chunks: &[Chunk]) -> Vec<u8> {
    let mut out = block::header(port, line);
    for chunk in chunks {
        block::chunk(&mut out, chunk);
    }
    out
}
