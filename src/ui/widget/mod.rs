//! The parts that all views are made of: buttons, panels, chips, marks, tabs, empty states.
//!
//! Each is a real response with a name for screen readers. None knows what it is used for.

mod button;
mod chip;
mod empty;
mod field;
mod long_list;
mod mark;
mod newer;
mod panel;
mod row;
mod split;
mod tabs;

pub use button::{Button, Kind, focus_ring};
pub use chip::{chip, code_chip, source_chip};
pub use empty::{Empty, empty};
pub use field::{choice, password_field, small_choice, small_text_field, text_field, tick};
pub use long_list::{LongList, Sight};
pub use mark::{mark, mark_icon, strength};
pub use newer::newer;
pub use panel::{PANEL_HEAD, Panel, bare, panel, panel_ids};
pub use row::{hover_fill, row_response};
pub use split::{Split, splitter};
pub use tabs::tabs;
