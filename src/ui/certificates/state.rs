//! What the Certificates place remembers.

use super::listed::Sort;
use super::pick::Pick;
use crate::cert::ExportWish;
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
    /// Out again, in the form that a device takes.
    Export,
}

impl WorkView {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Inspect, Self::Files, Self::Compare, Self::Export];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inspect => "Inspect",
            Self::Files => "Files",
            Self::Compare => "Compare",
            Self::Export => "Export",
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
    /// The list of files.
    pub files: FilesState,
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
    /// All devices instead of the limits of the chosen one.
    pub all_devices: bool,
    /// Host as typed.
    pub host: String,
    /// Host of the session that the field was last filled with.
    pub host_shown: Option<String>,
}
