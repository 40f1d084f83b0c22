//! The live driver: inputs, threads, recompute, cancel, save and open.
//!
//! The window, the report and the command line read [`Snapshot`]s; they never wait for a thread.

mod snapshot;

pub use snapshot::{
    Gap, LogRow, PortStatus, Problem, Progress, Snapshot, Tone, Verdict, VerdictKind,
};
