//! What every view gets: the session as it is, what the window remembers, and where to put wishes.

use std::sync::Arc;

use egui::{Rect, Ui, UiBuilder};

use super::command::{Act, Command};
use super::source::SessionSource;
use super::state::{Room, WindowState};
use crate::session::Snapshot;

/// Handed to every view.
pub struct View<'a> {
    /// For rows, ports, look-ups.
    pub source: &'a dyn SessionSource,
    /// The session at this frame.
    pub snap: Arc<Snapshot>,
    /// What the window remembers.
    pub state: &'a mut WindowState,
    /// Wishes of this frame, applied after it.
    pub acts: &'a mut Vec<Act>,
    /// Room of the window.
    pub room: Room,
}

impl View<'_> {
    /// Asks the window or the session for something.
    pub fn ask(&mut self, act: impl Into<Act>) {
        self.acts.push(act.into());
    }

    /// Asks the session for something.
    pub fn session(&mut self, command: Command) {
        self.acts.push(Act::Session(command));
    }
}

/// A child `Ui` that fills `rect`, top to bottom. It takes no room from `ui`: places are made of
/// rectangles.
pub fn inside<R>(ui: &mut Ui, rect: Rect, salt: &str, show: impl FnOnce(&mut Ui) -> R) -> R {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(salt));
    child.set_clip_rect(ui.clip_rect().intersect(rect.expand(4.0)));
    show(&mut child)
}

/// A child `Ui` in one line, left to right, centred.
pub fn row<R>(ui: &mut Ui, rect: Rect, salt: &str, show: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    show(&mut ui.new_child(UiBuilder::new().max_rect(rect).id_salt(salt).layout(layout)))
}

/// A child `Ui` in one line, right to left, centred.
pub fn row_from_right<R>(
    ui: &mut Ui,
    rect: Rect,
    salt: &str,
    show: impl FnOnce(&mut Ui) -> R,
) -> R {
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    show(&mut ui.new_child(UiBuilder::new().max_rect(rect).id_salt(salt).layout(layout)))
}

/// A child `Ui` that screen readers see as a group with a name.
pub fn group<R>(
    ui: &mut Ui,
    rect: Rect,
    salt: impl std::hash::Hash + std::fmt::Debug,
    role: egui::accesskit::Role,
    label: impl Into<String>,
    show: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new()
        .max_rect(rect)
        .id_salt(salt)
        .accessibility_role(role)
        .accessibility_label(label);
    show(&mut ui.new_child(builder))
}
