//! The live driver: inputs, threads, recompute, cancel, save and open.
//!
//! The window, the report and the command line read [`Snapshot`]s; they never wait for a thread.

mod case;
mod changes;
pub mod figures;
mod files;
mod log_store;
mod private_keys;
mod reader;
mod recognise;
mod snapshot;
mod verdict;
mod watch;
mod wire_attempts;

pub use case::{Case, NewInput};
pub use changes::changes;
pub use files::{CaseFiles, OpenError, line_text, micros};
pub use log_store::{LogStore, StoredLine};
pub use private_keys::blank_private_keys;
pub use recognise::{Content, recognise, text_share};
pub use snapshot::{
    Gap, LogRow, PortStatus, Problem, Progress, Snapshot, Tone, Verdict, VerdictKind,
};
pub use verdict::{VerdictContext, shown_code, span_ms, verdict};
pub use watch::{WatchError, WatchEvent, WatchOptions, watch_port};
pub use wire_attempts::{WireAttempts, capture_attempts};
