//! What the window needs of a session: everything it shows, and one way to ask for something.
//!
//! All calls return at once; none may read a file, a port or a dialog.

use std::ops::Range;
use std::sync::Arc;

use super::certificates::{Compared, ExportOutcome, Exported, Inspected, Pick};
use super::command::{Command, LeaveOut, ReportForm};
use crate::cert::ExportWish;
use crate::device::DeviceList;
use crate::evidence::InputId;
use crate::knowledge::CommandSet;
use crate::report::Block;
use crate::session::{AskChoice, LogRow, ServerLook, ServerSeen, Snapshot, Tone, ask_choices};

/// A serial port of this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortChoice {
    /// Path or name.
    pub path: String,
    /// What USB says: product, manufacturer, serial number; empty where unknown.
    pub description: String,
}

/// A built-in case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoCase {
    /// Name for `handlens demo NAME`.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is seen, a few words.
    pub about: String,
    /// Tone of the outcome.
    pub tone: Tone,
    /// The outcome in a word.
    pub word: String,
}

/// A session that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentSession {
    /// Where it is.
    pub path: std::path::PathBuf,
    /// Title.
    pub title: String,
    /// Remark, one line.
    pub about: String,
    /// Tone of the outcome.
    pub tone: Tone,
    /// The outcome in a word or two.
    pub word: String,
}

/// Type of a fact that can be stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Bool,
    /// A whole number with its unit.
    Int {
        /// Such as `bytes`; empty where it has none.
        unit: String,
    },
    /// Any text.
    Text,
    /// One of these words.
    Word(Vec<String>),
}

/// A fact of the registry that a person may state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChoice {
    /// Name in the registry.
    pub name: String,
    /// What it says, in a few words.
    pub label: String,
    /// Type.
    pub kind: FactKind,
}

/// A fact that was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedFact {
    /// Name in the registry.
    pub name: String,
    /// Value as shown.
    pub value: String,
}

/// One meaning of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The number as this stack writes it.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Stack, and versions where they differ.
    pub stack: String,
    /// What it means.
    pub text: String,
    /// Source.
    pub source: String,
}

/// The report as it would be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportPreview {
    /// Its pieces in order.
    pub blocks: Vec<Block>,
    /// What was left out, by the order of [`LeaveOut`]'s fields: such as `2 addresses`.
    pub left_out: [String; 5],
    /// A question to send to the other side, ready to copy; empty where there is none.
    pub question: String,
    /// A letter to the owner of the other side, as plain text ready to copy; empty where there is
    /// none. Its first line is the subject.
    pub letter: String,
}

/// How a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// It goes on; ask again with the same words.
    Looking,
    /// The line, counted from 1.
    Found(u32),
    /// No line holds it.
    Nothing,
}

/// Everything that the window asks of a session.
pub trait SessionSource {
    /// The session as it is now; cheap.
    fn snapshot(&self) -> Arc<Snapshot>;
    /// Lines of an input.
    fn line_count(&self, input: InputId) -> u32;
    /// Rows of these lines; `0..1` is the first line.
    fn rows(&self, input: InputId, lines: Range<u32>) -> Vec<LogRow>;
    /// Bytes of an input as received, at most as many as asked for.
    fn raw(&self, input: InputId, bytes: Range<u64>) -> Vec<u8>;
    /// The next line from `from` on (counted from 1) that contains `text`, wrapping round once.
    /// The search runs beside the window; the same words again ask for its result.
    fn find(&self, input: InputId, text: &str, from: u32) -> Search;
    /// When the newest line of an input was read, microseconds since 1970 UTC.
    fn newest_received(&self, input: InputId) -> Option<i64>;
    /// Ports of this computer, as last listed.
    fn ports(&self) -> Arc<[PortChoice]>;
    /// Built-in cases.
    fn demo_cases(&self) -> Arc<[DemoCase]>;
    /// Sessions saved before, newest first.
    fn recent(&self) -> Arc<[RecentSession]>;
    /// Facts that may be stated.
    fn fact_choices(&self) -> Arc<[FactChoice]>;
    /// Facts that were stated.
    fn stated_facts(&self) -> Vec<StatedFact>;
    /// Devices that can be chosen.
    fn devices(&self) -> Arc<DeviceList>;
    /// The certificates of the snapshot, inspected beside the window; `None` until that is done
    /// for the first time.
    fn inspected(&self) -> Option<Arc<Inspected>>;
    /// The same for the chain of one file; `None`: of the leaf that is found first.
    fn inspected_file(&self, _focus: Option<InputId>) -> Option<Arc<Inspected>> {
        self.inspected()
    }
    /// Two picks compared beside the window; `None` until that is done for the first time.
    fn compared(&self, _old: Pick, _new: Pick) -> Option<Arc<Compared>> {
        None
    }
    /// What is known of the server; cheap (made again only when the session or the look changes).
    fn server(&self, look: &ServerLook) -> Arc<ServerSeen> {
        Arc::new(ServerSeen::of(&self.snapshot(), look))
    }
    /// Whose `ClientHello` can be sent in this case.
    fn ask_choices(&self) -> Arc<[AskChoice]> {
        ask_choices(&self.snapshot()).into()
    }

    /// The files of an export, made beside the window; `None` until that is done for the first time.
    fn exported(&self, _of: Pick, _wish: &ExportWish) -> Option<Arc<Exported>> {
        None
    }
    /// How the last writing of an export went.
    fn export_outcome(&self) -> Option<ExportOutcome> {
        None
    }

    /// Commands that can be sent to devices, by set.
    fn command_sets(&self) -> Arc<[CommandSet]> {
        Arc::from([])
    }

    /// What came of the last wish about profiles of the person's own: a sentence, good or bad.
    fn profile_outcome(&self) -> Option<Result<String, String>> {
        None
    }
    /// All meanings of a code, most likely first.
    fn explain(&self, query: &str) -> Vec<Meaning>;
    /// The report as it would be written now; cheap (made by a thread, or remembered).
    fn report_preview(&self, form: ReportForm, leave_out: LeaveOut) -> Arc<ReportPreview>;
    /// A thing that was done since the last call, in one sentence; each is given once.
    fn done(&self) -> Option<String> {
        None
    }
    /// Folder of recordings and of the person's own knowledge, as text for the settings.
    fn folders(&self) -> [String; 2];
    /// Asks for something; returns at once.
    fn dispatch(&self, command: Command);
}
