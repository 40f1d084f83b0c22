//! What the window remembers by itself: where we are, what is selected, what is typed.
//!
//! Nothing here is evidence; losing it loses no case.

use egui::{Context, Rect};

use super::certificates::CertificatesState;
use super::command::{LeaveOut, LineEnd, PortWish, ReportForm};
use super::preferences::Preferences;
use super::server::ServerState;
use crate::evidence::InputId;
use crate::session::Snapshot;

/// A place of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Connect, live log, ladder.
    Device,
    /// Certificates.
    Certificates,
    /// The server.
    Server,
    /// Causes beside the guided tree.
    Diagnose,
    /// The report.
    Report,
    /// Look-up of codes.
    Codes,
    /// Settings.
    Settings,
}

impl Place {
    /// The five places of the rail, in order of their keys.
    pub const FIVE: [Self; 5] = [
        Self::Device,
        Self::Certificates,
        Self::Server,
        Self::Diagnose,
        Self::Report,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "Device",
            Self::Certificates => "Certificates",
            Self::Server => "Server",
            Self::Diagnose => "Diagnose",
            Self::Report => "Report",
            Self::Codes => "Codes",
            Self::Settings => "Settings",
        }
    }
}

/// A line of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Input.
    pub input: InputId,
    /// Line, counted from 1.
    pub line: u32,
}

/// Room that the window has, STYLE's rules by points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Below 720 wide or 480 high: one panel at a time.
    Small,
    /// 720 to 1,099 wide, or below 600 high: one column.
    Narrow,
    /// As drawn.
    Normal,
    /// 1,600 and more: a wider side column.
    Wide,
}

impl Room {
    /// Room of a rectangle in points.
    #[must_use]
    pub fn of(screen: Rect) -> Self {
        let (w, h) = (screen.width(), screen.height());
        if w < 720.0 || h < 480.0 {
            Self::Small
        } else if w < 1_100.0 {
            Self::Narrow
        } else if w < 1_600.0 {
            Self::Normal
        } else {
            Self::Wide
        }
    }
}

/// What lies in the lower panel of the Device place, or beside the ladder where room is small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceTab {
    /// The ladder (small and narrow windows).
    #[default]
    Ladder,
    /// Where it stands.
    Where,
    /// The log.
    Log,
    /// The attempts.
    Attempts,
    /// The read ladder.
    Reads,
    /// Commands and answers of a module.
    Commands,
}

/// State of the library of commands.
#[derive(Debug, Default)]
pub struct LibraryState {
    /// It is shown.
    pub open: bool,
    /// Set that was chosen; empty takes that of the device's stack.
    pub set: String,
    /// Chosen command.
    pub command: String,
    /// Values of the commands' parts, by name.
    pub values: std::collections::BTreeMap<String, String>,
    /// The question before a change of the device is shown.
    pub asking: bool,
    /// Port to send to, where several are open.
    pub port: Option<InputId>,
}

/// State of the list of connections.
#[derive(Debug, Default)]
pub struct ConnectionsState {
    /// Filter as typed.
    pub filter: String,
    /// Only those that carry TLS.
    pub only_tls: bool,
    /// The attempt that was last scrolled to.
    pub shown: Option<usize>,
}

/// State of the log.
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
#[derive(Debug)]
pub struct LogState {
    /// Milliseconds to add to the times of an input, as typed.
    pub offset: String,
    /// Which input; `None` takes that of the shown attempt.
    pub input: Option<InputId>,
    /// Stay at the end while lines arrive.
    pub follow: bool,
    /// Show bytes instead of lines.
    pub raw: bool,
    /// Fold repeated lines.
    pub fold: bool,
    /// Search field, when open.
    pub find: Option<String>,
    /// Give the search field the focus.
    pub focus_find: bool,
    /// Nothing found for the text of the field.
    pub not_found: bool,
    /// Look for the text of the field behind the selected line.
    pub find_next: bool,
    /// Lines of the input when its newest was last in sight.
    pub seen: Option<(InputId, u32)>,
    /// A search that runs: the text and the line that it started from.
    pub looking: Option<(InputId, String, u32)>,
    /// Scroll to this line next.
    pub scroll_to: Option<u32>,
    /// Narrow windows: the log is drawn out.
    pub drawer: bool,
}

impl Default for LogState {
    fn default() -> Self {
        Self {
            offset: String::new(),
            input: None,
            follow: true,
            raw: false,
            fold: true,
            find: None,
            focus_find: false,
            not_found: false,
            find_next: false,
            seen: None,
            looking: None,
            scroll_to: None,
            drawer: false,
        }
    }
}

/// What is typed in the panel for connecting.
#[derive(Debug)]
pub struct ConnectForm {
    /// The panel is shown.
    pub open: bool,
    /// What is chosen so far.
    pub wish: PortWish,
    /// Baud rate as typed.
    pub baud: String,
    /// Line to send, by input.
    pub line: String,
    /// What ends it.
    pub line_end: LineEnd,
}

impl Default for ConnectForm {
    fn default() -> Self {
        Self {
            open: false,
            wish: PortWish {
                path: String::new(),
                baud: 115_200,
                data_bits: 8,
                parity: super::command::Parity::None,
                stop_bits: 1,
                flow: super::command::Flow::None,
            },
            baud: "115200".into(),
            line: String::new(),
            line_end: LineEnd::CrLf,
        }
    }
}

/// Two runs that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareState {
    /// Index of the attempt to measure by.
    pub good: usize,
    /// Index of the attempt that is looked at.
    pub bad: usize,
    /// What is the same before the first difference is shown as well.
    pub unfold: bool,
    /// Difference that was gone to.
    pub at: Option<usize>,
}

impl CompareState {
    /// These two.
    #[must_use]
    pub fn of(good: usize, bad: usize) -> Self {
        Self {
            good,
            bad,
            unfold: false,
            at: None,
        }
    }
}

/// State of the Diagnose place.
#[derive(Debug, Default)]
pub struct DiagnoseState {
    /// Question shown instead of the open one.
    pub question: Option<String>,
    /// Digits typed after Q.
    pub typing: Option<String>,
    /// The whole tree instead of the map.
    pub whole_tree: bool,
    /// Number of the cause whose card is open; the first unless set.
    pub open_cause: Option<String>,
    /// Chosen fact of the form.
    pub fact: String,
    /// Value of the form.
    pub value: String,
    /// Tab of small windows.
    pub tab: usize,
    /// What the lower right panel shows.
    pub lower: Lower,
    /// Ids of what was changed in the run that is being noted.
    pub changed: Vec<String>,
    /// Remark on that run.
    pub remark: String,
}

/// What the lower right panel of the Diagnose place shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lower {
    /// Questions that were answered.
    #[default]
    Answers,
    /// Facts that the person states.
    Facts,
    /// Experiments, one change at a time.
    Experiments,
}

/// State of the Report place.
#[derive(Debug, Default)]
pub struct ReportState {
    /// Form.
    pub form: ReportForm,
    /// What is left out.
    pub leave_out: LeaveOut,
    /// Path as typed.
    pub path: String,
    /// Tab of small windows.
    pub tab: usize,
}

/// A short word about a thing that was done.
#[derive(Debug)]
pub struct Toast {
    /// The word.
    pub text: String,
    /// Until when, in seconds of egui's clock.
    pub until: f64,
}

/// Everything that the window remembers.
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
#[derive(Debug)]
pub struct WindowState {
    /// Where we are.
    pub place: Place,
    /// Where we were before Codes or Settings.
    pub before: Place,
    /// Attempts and files of certificates when something was opened last: where new ones are, the
    /// window goes.
    pub opened: Option<(usize, usize)>,
    /// Ways back, newest last.
    pub trail: Vec<(Place, Option<Spot>)>,
    /// Selected line.
    pub selected: Option<Spot>,
    /// Attempt on the ladder; `None` follows the judged one.
    pub attempt: Option<usize>,
    /// Row height of the ladder: 18, 27 or 40.
    pub ladder_row: f32,
    /// Times to scale.
    pub time_scale: bool,
    /// Folded flights of the ladder.
    pub ladder_fold: bool,
    /// Scroll the ladder to its stop next.
    pub go_to_stop: bool,
    /// Scroll the ladder to this height next.
    pub ladder_scroll: Option<f32>,
    /// Tab of the Device place.
    pub device_tab: DeviceTab,
    /// Two runs are compared instead.
    pub compare: Option<CompareState>,
    /// The log.
    pub log: LogState,
    /// The library of commands.
    pub library: LibraryState,
    /// The connections of a capture.
    pub connections: ConnectionsState,
    /// Connecting.
    pub connect: ConnectForm,
    /// Diagnose.
    pub diagnose: DiagnoseState,
    /// Certificates.
    pub certificates: CertificatesState,
    /// Server.
    pub server: ServerState,
    /// Report.
    pub report: ReportState,
    /// Query of the look-up.
    pub query: String,
    /// Give the look-up field the focus.
    pub focus_query: bool,
    /// Path as typed in the Open panel, when it is shown.
    pub path: Option<String>,
    /// What is opened is read on while it grows.
    pub follow_file: bool,
    /// The list of keys is shown.
    pub keys: bool,
    /// Problems whose details are open, by sentence.
    pub details: Vec<String>,
    /// All problems are shown, not the first alone.
    pub all_problems: bool,
    /// Toast.
    pub toast: Option<Toast>,
    /// What is kept between starts.
    pub preferences: Preferences,
    /// Width of the wide column, where it was moved; by place.
    pub split: [Option<f32>; 4],
    /// Height of the log, where it was moved.
    pub log_height: Option<f32>,
    /// Folders as typed in the settings.
    pub folders: [String; 2],
}

impl WindowState {
    /// At the start.
    #[must_use]
    pub fn new(preferences: Preferences) -> Self {
        Self {
            place: Place::Device,
            before: Place::Device,
            opened: Some((0, 0)),
            trail: Vec::new(),
            selected: None,
            attempt: None,
            ladder_row: 27.0,
            time_scale: false,
            ladder_fold: false,
            go_to_stop: false,
            ladder_scroll: None,
            device_tab: DeviceTab::Ladder,
            compare: None,
            log: LogState::default(),
            library: LibraryState::default(),
            connections: ConnectionsState::default(),
            connect: ConnectForm::default(),
            diagnose: DiagnoseState::default(),
            certificates: CertificatesState::default(),
            server: ServerState::default(),
            report: ReportState::default(),
            query: String::new(),
            focus_query: false,
            path: None,
            follow_file: false,
            keys: false,
            details: Vec::new(),
            all_problems: false,
            toast: None,
            preferences,
            split: [None; 4],
            log_height: None,
            folders: [String::new(), String::new()],
        }
    }

    /// The attempt that the ladder shows.
    #[must_use]
    pub fn shown_attempt(&self, snap: &Snapshot) -> Option<usize> {
        self.attempt
            .filter(|&i| snap.attempt(i).is_some())
            .or(snap.judged)
            .or((snap.attempts.len() + snap.asked.len()).checked_sub(1))
    }

    /// The input that the log shows.
    #[must_use]
    pub fn shown_input(&self, snap: &Snapshot) -> Option<InputId> {
        let known = |id: &InputId| snap.inputs.iter().any(|i| i.id == *id);
        self.log
            .input
            .filter(known)
            .or_else(|| {
                self.shown_attempt(snap)
                    .and_then(|i| snap.attempt(i))
                    .map(|a| a.input)
                    .filter(known)
            })
            .or_else(|| snap.inputs.first().map(|i| i.id))
    }

    /// Shows a toast for six seconds.
    pub fn say(&mut self, ctx: &Context, text: String) {
        let until = ctx.input(|i| i.time) + 6.0;
        self.toast = Some(Toast { text, until });
        ctx.request_repaint_after_secs(6.1);
    }
}
