//! Raw bytes as they went by, before anything is understood.
//!
//! They stand here because three rooms hand them on: `transport` reads them, `recording` keeps
//! them, `decode` reads meaning out of them.

use super::Micros;

/// Which way bytes went over the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChunkDirection {
    /// The device wrote them.
    FromDevice,
    /// We wrote them (send line, commands).
    ToDevice,
}

/// The bytes of one read or write, with the time taken right after that call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Monotonic clock, microseconds since an arbitrary moment of this process; in a recording,
    /// of the process that recorded. Differences are right even when the wall clock is set.
    pub at: Micros,
    /// Wall clock, microseconds since 1970-01-01T00:00:00Z.
    pub received_us: Micros,
    /// `true` where the times are those at which the device spoke (port, growing file,
    /// recording, simulated device), `false` where they only say when stored bytes were read.
    pub live: bool,
    /// Which way.
    pub direction: ChunkDirection,
    /// The bytes, never empty.
    pub bytes: Vec<u8>,
}

/// Something between two chunks is missing: unplugged, rotated, damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamGap {
    /// End of the gap on the monotonic clock, as in [`Chunk::at`].
    pub at: Micros,
    /// End of the gap on the wall clock, as in [`Chunk::received_us`].
    pub received_us: Micros,
    /// How long, in milliseconds, where known.
    pub ms: Option<i64>,
    /// One sentence for the person.
    pub sentence: String,
}

/// One sentence for the person, with the technical chain for the "details" fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened, what is safe, what to do.
    pub sentence: String,
    /// Error texts as the system gives them; may be empty.
    pub details: String,
}

/// Keeps a stream before anyone else sees it: implemented by the recorder, called by the thread
/// that owns the port.
///
/// A method returns a [`Notice`] only when the state changes (trouble begins, trouble is over);
/// it never fails the caller, because the live view goes on without a disk.
pub trait ChunkSink: Send {
    /// Keeps a chunk; returns after the operating system has the bytes.
    fn chunk(&mut self, chunk: &Chunk) -> Option<Notice>;
    /// Keeps a gap.
    fn gap(&mut self, gap: &StreamGap) -> Option<Notice>;
    /// Keeps a note of the person at the given times (as in [`Chunk`]).
    fn note(&mut self, at: Micros, received_us: Micros, text: &str) -> Option<Notice>;
    /// Called several times a second while the line is quiet: retries what could not be written.
    fn idle(&mut self) -> Option<Notice>;
}
