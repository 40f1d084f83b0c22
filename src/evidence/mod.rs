//! The types that every room hands on: bytes, lanes, times, origins, observations, facts.
//!
//! Nothing here reads, parses or decides; this room imports no other.

mod chunk;
mod fact;
mod figures;
mod input;
mod observation;
mod origin;
mod time;

pub use chunk::{Chunk, ChunkDirection, ChunkSink, Notice, StreamGap};
pub use fact::{Fact, FactSet, FactState, FactValue};
pub use figures::grouped;
pub use input::{Input, InputId, InputKind, Reading};
pub use observation::{
    CCS, ConnectResult, Event, Observation, PeerCertificate, Reader, ReplyKind, Role, WireEvent,
};
pub use origin::{Origin, Place};
pub use time::{Micros, TimeBase};

/// Which side of the handshake an input or a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// The device under test.
    Device,
    /// The other side: the server, a gateway, a capture of the wire.
    Peer,
}

impl Lane {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Peer => "peer",
        }
    }
}

/// Direction of a message as the device sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From the device.
    Sent,
    /// To the device.
    Received,
}

impl Direction {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }

    /// The other way round.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Sent => Self::Received,
            Self::Received => Self::Sent,
        }
    }
}
