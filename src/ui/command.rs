//! What the person asks for: plain values that views push and one place applies.
//!
//! In: clicks, keys, drops. Out: [`Command`]s for the session and [`Act`]s for the window itself.
//! Nothing here does anything.

use std::fmt;
use std::path::PathBuf;

use egui::Theme;
use zeroize::Zeroizing;

use super::certificates::Pick;
use super::state::{Place, Spot};
use crate::cert::ExportWish;
use crate::device::DeviceProfile;
use crate::evidence::{InputId, Lane};
pub use crate::report::{LeaveOut, ReportForm};
use crate::session::{DeviceSide, ProbeWish};
pub use crate::transport::LineEnd;
pub use crate::transport::serial::{FlowControl as Flow, Parity};

/// How a port shall be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortWish {
    /// Path or name, such as `/dev/ttyUSB0` or `COM4`.
    pub path: String,
    /// Bits per second, any number.
    pub baud: u32,
    /// 5 to 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// Flow control.
    pub flow: Flow,
}

/// What an open port shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortAction {
    /// Set DTR.
    Dtr(bool),
    /// Set RTS.
    Rts(bool),
    /// Pulse DTR, for boards whose reset hangs on it.
    ResetByDtr,
    /// Pulse the reset line.
    Reset,
    /// Send these bytes.
    Send(Vec<u8>),
}

/// Speed of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// As it was.
    Real,
    /// Ten times as fast.
    #[default]
    Ten,
    /// Without waiting.
    Max,
}

/// Reads a dropped file; called on a worker thread, never on the window's.
pub type Loader = Box<dyn FnOnce() -> Result<Vec<u8>, String> + Send>;

/// What the session is asked to do. All of it returns at once; results come with the next snapshot.
pub enum Command {
    /// Open a file of any kind.
    OpenPath(PathBuf),
    /// Open a log and read on while it grows.
    FollowPath(PathBuf),
    /// Open what was dropped on the window.
    OpenDropped {
        /// Its name.
        name: String,
        /// Its full path, where the system gives one.
        path: Option<PathBuf>,
        /// Reads it.
        load: Loader,
    },
    /// Take text as an input.
    Paste(String),
    /// Open a port.
    OpenPort(PortWish),
    /// Do something with an open port.
    Port(InputId, PortAction),
    /// Replay a built-in case by a simulated device.
    Demo {
        /// Its name.
        name: String,
        /// How fast.
        speed: Speed,
    },
    /// Close an input; what was read stays.
    CloseInput(InputId),
    /// Take an input out of the session.
    RemoveInput(InputId),
    /// Give up a long job; what was read stays.
    Cancel(InputId),
    /// State a fact.
    StateFact {
        /// Name in the registry.
        name: String,
        /// Value as typed.
        value: String,
    },
    /// Take a stated fact back.
    RemoveFact(String),
    /// Note an experiment, as `ID[+ID…]=RESULT[; NOTE]`.
    NoteTrial(String),
    /// Take the experiment at this place of the log back.
    RemoveTrial(usize),
    /// Hold the evidence against this device; `None`: against none.
    ChooseDevice(Option<String>),
    /// Answer a question of the tree.
    Answer {
        /// Its number, such as `Q14`.
        node: String,
        /// Label of the option.
        option: String,
    },
    /// Take an answer back.
    ClearAnswer(String),
    /// Try a password on what waits for one in an input.
    Unlock(InputId, Zeroizing<String>),
    /// Read an input again as this dialect; `None`: each line as what it looks like.
    ReadAs {
        /// Which input.
        input: InputId,
        /// Its name in the list of dialects.
        dialect: Option<String>,
    },
    /// Add so many milliseconds to the times of an input; `None`: what the steps say that both show.
    SetOffset(InputId, Option<i64>),
    /// Whose words an input holds; `None`: what its content says.
    SetLane(InputId, Option<Lane>),
    /// Which end of a capture is the device; `None`: what the case shows.
    SetSide(InputId, Option<DeviceSide>),
    /// Judge this attempt; `None`: the last that failed.
    JudgeAttempt(Option<usize>),
    /// Ask a server; connects to what the wish names.
    AskServer(Box<ProbeWish>),
    /// Stop a probe; what was found is kept.
    CancelProbe(u32),
    /// Take a probe out of the session.
    RemoveProbe(u32),
    /// Open the chain that a probe was sent among the certificates.
    OpenProbeChain(u32),
    /// Judge as of this time, microseconds since 1970 UTC; `None`: what the inputs say.
    JudgeAt(Option<i64>),
    /// Take the shown problems off the list.
    ClearProblems,
    /// Save the session.
    SaveSession(PathBuf),
    /// Write the report.
    ExportReport {
        /// Where to.
        path: PathBuf,
        /// Form.
        form: ReportForm,
        /// What is left out.
        leave_out: LeaveOut,
    },
    /// Write certificates into a folder.
    ExportCertificates {
        /// Which.
        of: Pick,
        /// How.
        wish: ExportWish,
        /// Where to.
        folder: PathBuf,
        /// Files of the same names may be replaced.
        replace: bool,
    },
    /// Keep a profile in the person's own folder.
    SaveProfile {
        /// The profile.
        profile: Box<DeviceProfile>,
        /// One of the same id is replaced.
        replace: bool,
    },
    /// Take in a profile that was saved as a file.
    TakeProfile(PathBuf),
    /// Save a profile as a file.
    ShareProfile {
        /// Its id.
        id: String,
        /// Where to.
        path: PathBuf,
    },
    /// Use this folder for recordings.
    RecordingFolder(PathBuf),
    /// Read the person's own knowledge from this folder.
    KnowledgeFolder(PathBuf),
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenPath(p) => f.debug_tuple("OpenPath").field(p).finish(),
            Self::FollowPath(p) => f.debug_tuple("FollowPath").field(p).finish(),
            Self::OpenDropped { name, .. } => f.debug_tuple("OpenDropped").field(name).finish(),
            Self::Paste(t) => f.debug_tuple("Paste").field(&t.len()).finish(),
            Self::OpenPort(w) => f.debug_tuple("OpenPort").field(w).finish(),
            Self::Port(i, a) => f.debug_tuple("Port").field(i).field(a).finish(),
            Self::Demo { name, speed } => f.debug_tuple("Demo").field(name).field(speed).finish(),
            Self::CloseInput(i) => f.debug_tuple("CloseInput").field(i).finish(),
            Self::RemoveInput(i) => f.debug_tuple("RemoveInput").field(i).finish(),
            Self::Cancel(i) => f.debug_tuple("Cancel").field(i).finish(),
            Self::StateFact { name, value } => {
                f.debug_tuple("StateFact").field(name).field(value).finish()
            }
            Self::ChooseDevice(d) => f.debug_tuple("ChooseDevice").field(d).finish(),
            Self::RemoveFact(n) => f.debug_tuple("RemoveFact").field(n).finish(),
            Self::NoteTrial(t) => f.debug_tuple("NoteTrial").field(t).finish(),
            Self::RemoveTrial(i) => f.debug_tuple("RemoveTrial").field(i).finish(),
            Self::Answer { node, option } => {
                f.debug_tuple("Answer").field(node).field(option).finish()
            }
            Self::ClearAnswer(n) => f.debug_tuple("ClearAnswer").field(n).finish(),
            // The password is never shown.
            Self::Unlock(i, _) => f.debug_tuple("Unlock").field(i).finish(),
            Self::ReadAs { input, dialect } => {
                f.debug_tuple("ReadAs").field(input).field(dialect).finish()
            }
            Self::SetOffset(i, ms) => f.debug_tuple("SetOffset").field(i).field(ms).finish(),
            Self::SetSide(i, side) => f.debug_tuple("SetSide").field(i).field(side).finish(),
            Self::SetLane(i, lane) => f.debug_tuple("SetLane").field(i).field(lane).finish(),
            Self::JudgeAttempt(i) => f.debug_tuple("JudgeAttempt").field(i).finish(),
            Self::AskServer(w) => f.debug_tuple("AskServer").field(w).finish(),
            Self::CancelProbe(n) => f.debug_tuple("CancelProbe").field(n).finish(),
            Self::RemoveProbe(n) => f.debug_tuple("RemoveProbe").field(n).finish(),
            Self::OpenProbeChain(n) => f.debug_tuple("OpenProbeChain").field(n).finish(),
            Self::JudgeAt(at) => f.debug_tuple("JudgeAt").field(at).finish(),
            Self::ClearProblems => f.write_str("ClearProblems"),
            Self::SaveSession(p) => f.debug_tuple("SaveSession").field(p).finish(),
            Self::ExportReport { path, form, .. } => f
                .debug_tuple("ExportReport")
                .field(path)
                .field(form)
                .finish(),
            Self::ExportCertificates { of, folder, .. } => f
                .debug_tuple("ExportCertificates")
                .field(of)
                .field(folder)
                .finish(),
            Self::SaveProfile { profile, .. } => {
                f.debug_tuple("SaveProfile").field(&profile.id).finish()
            }
            Self::TakeProfile(p) => f.debug_tuple("TakeProfile").field(p).finish(),
            Self::ShareProfile { id, path } => {
                f.debug_tuple("ShareProfile").field(id).field(path).finish()
            }
            Self::RecordingFolder(p) => f.debug_tuple("RecordingFolder").field(p).finish(),
            Self::KnowledgeFolder(p) => f.debug_tuple("KnowledgeFolder").field(p).finish(),
        }
    }
}

/// Which file dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Choose files to open.
    Open,
    /// Where to save the session.
    SaveSession,
    /// Where to save the report.
    SaveReport,
    /// Folder for recordings.
    RecordingFolder,
    /// Folder with the person's own knowledge.
    KnowledgeFolder,
    /// Folder to write certificates to.
    ExportFolder,
    /// Profile to take in.
    ProfileFile,
    /// Where to save a profile.
    SaveProfile,
}

/// What the window is asked to do.
#[derive(Debug)]
pub enum Act {
    /// Hand on to the session.
    Session(Command),
    /// Go to a place.
    Go(Place),
    /// Show a line in the log and on the ladder, remembering where we were.
    ShowLine(Spot),
    /// Select a line where we are.
    Select(Option<Spot>),
    /// Show this attempt on the ladder.
    ShowAttempt(usize),
    /// Where we were before the last proof was opened.
    Back,
    /// Go to the stop of the ladder.
    GoToStop,
    /// Show the panel for connecting.
    Connect(bool),
    /// Open a dialog in a thread of its own.
    Dialog(Dialog),
    /// Show the field for a path.
    PathField(bool),
    /// Copy text; the sentence says what.
    Copy {
        /// The text.
        text: String,
        /// Such as `Copied 12 lines`.
        done: String,
    },
    /// Look up a code.
    Codes(Option<String>),
    /// Switch the theme; `None` follows the system.
    Theme(Option<Theme>),
    /// Zoom to this factor.
    Zoom(f32),
    /// Show or hide the list of keys.
    Keys(bool),
    /// Go to the address row of the server.
    Address,
    /// Compare two runs, or end that.
    Compare(Option<super::state::CompareState>),
    /// Focus the search field of the log.
    Find(bool),
    /// Find the next line with what was searched last.
    FindNext,
    /// Close what is open on top, else clear the selection.
    Escape,
}

impl From<Command> for Act {
    fn from(command: Command) -> Self {
        Self::Session(command)
    }
}
