//! The live driver: inputs, threads, recompute, cancel, save and open.
//!
//! The window, the report and the command line read [`Snapshot`]s; they never wait for a thread.

mod beside;
mod capture_seen;
mod case;
mod certificate_verdict;
mod changes;
pub mod compare;
mod demo;
mod device_side;
mod engine;
pub mod figures;
mod file_seen;
mod files;
mod folder;
mod foreseen;
mod handle;
mod ingest;
mod log_store;
mod packet_text;
pub mod predicting;
mod private_keys;
mod probe_attempt;
mod probe_run;
mod probe_wish;
mod probing;
mod reader;
mod reading;
mod recent;
mod recognise;
mod reload;
mod rows;
mod saved;
mod saved_key;
mod server_seen;
mod shared;
mod snapshot;
mod step_rules;
mod tables;
mod verdict;
mod watch;
mod wire_attempts;

pub use crate::capture::DeviceSide;
pub use crate::decode::{DialectName, dialect_names};
pub use capture_seen::{CaptureSeen, KeyLogText};
pub use case::{Case, NewInput};
pub use certificate_verdict::MOST_TOGETHER;
pub use changes::changes;
pub use demo::{DemoCase, demo_cases};
pub use device_side::{SideKnown, SideSeen, SideWanted, side_of};
pub use engine::PortOrder;
pub use file_seen::{CertificatesSeen, FileContent, FileSeen, KeptKey};
pub use files::{CaseFiles, OpenError, line_text, micros};
pub use folder::{MOST_FILES, files_in};
pub use foreseen::{Foreseen, ForeseenPart, ForeseenRow};
pub use handle::{Session, recording_path};
pub use ingest::Loader;
pub use log_store::{LogStore, StoredLine};
pub use private_keys::blank_private_keys;
pub use probe_attempt::probe_attempt;
pub use probe_run::{ProbeOutcome, ProbeRun, SavedProbe, StageSeen};
pub use probe_wish::{AskAs, AskChoice, ProbeWish, ask_choices, best as best_hello, wish_target};
pub use recent::RecentSession;
pub use recognise::{Content, recognise, text_share};
pub use rows::log_rows;
pub use saved::{SaveError, SavedInput, SavedSession};
pub use server_seen::{
    AgreeRow, NameRow, Remedy, ServerLook, ServerSeen, SuiteList, place_of_fact,
};
pub use shared::Folders;
pub use snapshot::{
    Gap, InputClock, LogRow, PortStatus, Problem, Progress, Snapshot, Tone, Verdict, VerdictKind,
};
pub use step_rules::user_step_rules;
pub use tables::Tables;
pub use verdict::{VerdictContext, span_ms, verdict};
pub use watch::{WatchError, WatchEvent, WatchOptions, watch_port};
pub use wire_attempts::{WireAttempts, capture_attempts};
