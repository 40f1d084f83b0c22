//! Bytes in: ports, files, pasted text and simulated devices become chunks of bytes.
//!
//! Comes in: a port, a file, text, a recorded session. Goes out: [`SourceEvent`]s over the bounded
//! channel of a [`SourceHandle`], each followed by a call of the [`Wake`]. It must not know what
//! the bytes mean.
//!
//! * One thread owns each source; dropping the handle stops it and frees the port.
//! * Times are taken right after the read that brought the bytes.
//! * Bytes go to the [`ChunkSink`](crate::evidence::ChunkSink) (the recording) first, then into
//!   the channel. When the channel is full ([`CHANNEL_EVENTS`]) the thread stops reading until
//!   there is room: the operating system buffers a port, a file just waits. Nothing is dropped.

mod clock;
mod event;
mod follow;
mod handle;
mod outlet;
#[cfg(target_os = "linux")]
mod pseudo_terminal;
pub mod serial;
mod simulate;
mod stream;
mod words;

pub use clock::Stamp;
pub use event::{Opened, SourceEvent};
pub use follow::follow_file;
pub use handle::{CHANNEL_EVENTS, LineEnd, ResetPulse, SourceControls, SourceHandle};
pub use outlet::Wake;
pub use simulate::{Pace, Simulation, simulate, simulate_device};
pub use stream::{pasted, read_file, read_stdin, read_stream};
