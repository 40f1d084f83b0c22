//! What a source says, in order.

use crate::evidence::{Chunk, Notice, StreamGap};

/// One word from a source. `Opened` comes first; after `Ended` nothing comes by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceEvent {
    /// The source is open (again).
    Opened(Opened),
    /// Bytes. They are in the recording already, if there is one.
    Chunk(Chunk),
    /// Something is missing before the next chunk.
    Gap(StreamGap),
    /// The port or the followed file is gone; the source waits for it to come back.
    Closed(Notice),
    /// State of the control lines, as far as we set them.
    Lines {
        /// DTR; `None` where we never set it.
        dtr: Option<bool>,
        /// RTS; `None` where we never set it.
        rts: Option<bool>,
    },
    /// `Some`: the bytes look as if the line speed or the data bits were wrong, one sentence;
    /// `None`: that is over.
    Speed(Option<String>),
    /// Something went wrong; the source goes on unless `Ended` follows.
    Problem(Notice),
    /// How far a stored input has been read, in bytes.
    Progress {
        /// Bytes read.
        done: u64,
        /// Size, where known. A file that grows meanwhile can end above it.
        total: Option<u64>,
    },
    /// The end: nothing more comes. (A simulated device can be started again with
    /// [`super::SourceControls::reset`].)
    Ended,
}

/// How a source was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Name to show: `/dev/ttyUSB0`, `COM4`, `device.log`, `pasted text`.
    pub name: String,
    /// Line settings such as `115200 8N1`; empty where there is no line.
    pub line: String,
    /// One sentence for the status line.
    pub sentence: String,
    /// What opening may have done to the device, where the system does not allow to leave DTR
    /// and RTS alone.
    pub caution: Option<String>,
}
