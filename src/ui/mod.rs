//! The window.
//!
//! In: a [`source::SessionSource`] that hands out snapshots, and the person's keys, clicks and
//! drops. Out: shapes, names for screen readers, and [`command::Command`]s. One file a view;
//! nothing is parsed or decided here, and nothing here reads a file, a port or a dialog on the
//! thread of the window.
//!
//! All views are functions of a [`view::View`]: they read the snapshot and what the window
//! remembers, and push [`command::Act`]s that [`app::Window`] applies after the frame. Colours
//! stand only in [`theme`], icons and arrows only in [`icon`], keys only in [`keys`].

pub mod app;
pub mod beside;
pub mod certificates;
pub mod codes;
pub mod command;
pub mod device;
pub mod diagnose;
pub mod dialog;
pub mod first;
pub mod font;
pub mod frame;
pub mod icon;
pub mod key_table;
pub mod keys;
pub mod ladder;
pub mod live;
pub mod preferences;
pub mod report;
pub mod server;
pub mod settings;
pub mod source;
pub mod start;
pub mod state;
pub mod text;
pub mod theme;
pub mod trace;
pub mod view;
pub mod whole;
pub mod widget;
pub mod words;

pub use app::Window;
pub use command::Command;
pub use preferences::Preferences;
pub use source::SessionSource;
pub use state::WindowState;
