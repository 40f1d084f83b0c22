//! Splitters between panels: 6 wide, 12 to hit.

use egui::{CornerRadius, CursorIcon, Id, Rect, Role as Named, Sense, Ui, WidgetInfo};

use crate::ui::theme::{Palette, Role};

/// Which way it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Left and right.
    Columns,
    /// Up and down.
    Rows,
}

/// A splitter in the gutter `rect`; gives how far it was moved in this frame.
#[must_use]
pub fn splitter(ui: &Ui, rect: Rect, way: Split, name: &str) -> f32 {
    let response = ui.interact(rect, Id::unique(("splitter", name)), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Named::Splitter, true, name));
    let icon = match way {
        Split::Columns => CursorIcon::ResizeHorizontal,
        Split::Rows => CursorIcon::ResizeVertical,
    };
    let hot = response.hovered() || response.dragged() || response.has_focus();
    let mut moved = match way {
        Split::Columns => response.drag_delta().x,
        Split::Rows => response.drag_delta().y,
    };
    if response.has_focus() {
        let (less, more) = match way {
            Split::Columns => (egui::Key::ArrowLeft, egui::Key::ArrowRight),
            Split::Rows => (egui::Key::ArrowUp, egui::Key::ArrowDown),
        };
        let pressed = |key| ui.input(|i| i.key_pressed(key));
        if pressed(less) {
            moved -= 16.0;
        }
        if pressed(more) {
            moved += 16.0;
        }
    }
    if hot {
        let bar = match way {
            Split::Columns => Rect::from_center_size(rect.center(), egui::vec2(2.0, rect.height())),
            Split::Rows => Rect::from_center_size(rect.center(), egui::vec2(rect.width(), 2.0)),
        };
        let ink = Palette::current(ui).get(Role::Accent);
        ui.painter().rect_filled(bar, CornerRadius::ZERO, ink);
    }
    response.on_hover_and_drag_cursor(icon);
    moved
}
