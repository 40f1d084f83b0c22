//! What the Certificates place remembers.

use zeroize::Zeroizing;

use super::listed::Sort;
use super::pick::Pick;
use crate::cert::ExportWish;
use crate::device::{DeviceProfile, Figure, LimitKind};
use crate::evidence::InputId;

/// What the place shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkView {
    /// One chain in all its parts.
    #[default]
    Inspect,
    /// Everything that was read, a row each.
    Files,
    /// Old against renewed.
    Compare,
    /// The names at length.
    Names,
    /// The dates at length.
    Dates,
    /// Out again, in the form that a device takes.
    Export,
    /// Device profiles.
    Devices,
}

impl WorkView {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 7] = [
        Self::Inspect,
        Self::Files,
        Self::Names,
        Self::Dates,
        Self::Compare,
        Self::Export,
        Self::Devices,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inspect => "Inspect",
            Self::Files => "Files",
            Self::Compare => "Compare",
            Self::Names => "Names",
            Self::Dates => "Dates",
            Self::Export => "Export",
            Self::Devices => "Devices",
        }
    }
}

/// State of the comparison.
#[derive(Debug, Default)]
pub struct CompareState {
    /// The old side.
    pub old: Option<Pick>,
    /// The new side.
    pub new: Option<Pick>,
    /// Files that could be picked when the view was last shown.
    pub files: Option<usize>,
    /// Part of the chain whose fields are shown.
    pub part: usize,
    /// Tab of small and narrow windows.
    pub tab: usize,
}

/// State of the export.
#[derive(Debug, Default)]
pub struct ExportState {
    /// What is exported.
    pub of: Option<Pick>,
    /// How.
    pub wish: ExportWish,
    /// File whose text is shown.
    pub shown: usize,
    /// Folder as typed.
    pub folder: String,
    /// Tab of small and narrow windows.
    pub tab: usize,
}

/// A profile that is being changed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The profile as it was.
    pub profile: DeviceProfile,
    /// It replaces one of the person's own.
    pub own: bool,
    /// Id as typed.
    pub id: String,
    /// Name as typed.
    pub name: String,
    /// Figures as typed, one a limit.
    pub typed: Vec<String>,
    /// What another limit bounds.
    pub kind: Option<LimitKind>,
    /// Its figure as typed.
    pub figure: String,
    /// How the person knows it.
    pub says: String,
}

impl Draft {
    /// A draft of a profile; `own`: of the person's own, which it replaces.
    #[must_use]
    pub fn of(profile: &DeviceProfile, own: bool) -> Self {
        Self {
            id: if own {
                profile.id.clone()
            } else {
                format!("my-{}", profile.id)
            },
            name: if own {
                profile.name.clone()
            } else {
                format!("{}, changed", profile.name)
            },
            typed: profile.limits.iter().map(Figure::typed).collect(),
            profile: profile.clone(),
            own,
            kind: None,
            figure: String::new(),
            says: String::new(),
        }
    }
}

/// State of the devices.
#[derive(Debug, Default)]
pub struct DevicesState {
    /// Profile that is shown, by id.
    pub shown: Option<String>,
    /// Filter of the list as typed.
    pub filter: String,
    /// Profile that is being changed.
    pub draft: Option<Draft>,
    /// What is wrong with the draft.
    pub error: Option<String>,
    /// File to take in, as typed.
    pub file: String,
    /// Profile that is to be saved as a file.
    pub shared: Option<String>,
    /// Path for it, as typed.
    pub path: String,
    /// Tab of small and narrow windows.
    pub tab: usize,
}

/// State of the list of files.
#[derive(Debug, Default)]
pub struct FilesState {
    /// Filter as typed.
    pub filter: String,
    /// Order.
    pub sort: Sort,
}

/// What stands beside the byte map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The fields, which add up.
    #[default]
    Fields,
    /// The names, one by one.
    Names,
    /// The bytes of the selected brick.
    Hex,
}

/// State of the Certificates place.
#[derive(Debug, Default)]
pub struct CertificatesState {
    /// What is shown.
    pub view: WorkView,
    /// File whose chain is inspected; `None`: the one that the chain finds.
    pub focus: Option<InputId>,
    /// The comparison.
    pub compare: CompareState,
    /// The export.
    pub export: ExportState,
    /// The devices.
    pub devices: DevicesState,
    /// The list of files.
    pub files: FilesState,
    /// Password as typed, for the first file that waits for one.
    pub password: Zeroizing<String>,
    /// Tab of small and narrow windows.
    pub tab: usize,
    /// Row of the chain whose bytes are shown.
    pub row: usize,
    /// Selected brick of the byte map.
    pub brick: Option<usize>,
    /// Scroll the names to the selected one next.
    pub scroll_names: bool,
    /// What stands beside the map.
    pub side: Side,
    /// Tab of the names in small and narrow windows.
    pub names_tab: usize,
    /// Tab of the dates in small and narrow windows.
    pub dates_tab: usize,
    /// Time to judge at, as typed.
    pub at: String,
    /// Words that narrow the open list of devices.
    pub device_typed: String,
    /// There were more files than are looked at together, when it was last asked.
    pub many: bool,
    /// All devices instead of the limits of the chosen one.
    pub all_devices: bool,
    /// Host as typed.
    pub host: String,
    /// Host of the session that the field was last filled with.
    pub host_shown: Option<String>,
}
