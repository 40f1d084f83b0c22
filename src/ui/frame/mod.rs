//! What is always there: the rail, the verdict line, the status bar, problems and jobs, and what
//! lies over the places for a moment.

mod keys_page;
mod notices;
mod overlay;
mod rail;
mod status;
mod verdict;

pub use keys_page::keys_page;
pub use notices::{notices, notices_height};
pub use overlay::{drop_overlay, path_panel, toast};
pub use rail::rail;
pub use status::{for_a_call, status};
pub use verdict::verdict;
