//! Rows that are painted by hand but are real responses: click, focus, name.

use egui::{CornerRadius, Id, Rect, Response, Role as Named, Sense, Stroke, Ui, WidgetInfo};

use crate::ui::theme::{Palette, Role};

/// Makes `rect` a row: clickable, focusable, named, with hover, selection and focus shown.
#[must_use]
pub fn row_response(ui: &Ui, rect: Rect, id: Id, selected: bool, name: &str) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Named::ListItem, true, selected, name));
    if selected {
        let fill = Palette::current(ui).get(Role::Sel);
        ui.painter().rect_filled(rect, CornerRadius::ZERO, fill);
    } else {
        hover_fill(ui, &response, rect);
    }
    if response.has_focus() {
        let stroke = Stroke::new(2.0, Palette::current(ui).get(Role::Accent));
        ui.painter().rect_stroke(
            rect.shrink(1.0),
            CornerRadius::same(3),
            stroke,
            egui::StrokeKind::Inside,
        );
    }
    response
}

/// The tint of a row under the pointer.
pub fn hover_fill(ui: &Ui, response: &Response, rect: Rect) {
    if response.hovered() {
        let fill = Palette::current(ui).get(Role::Bg2);
        ui.painter().rect_filled(rect, CornerRadius::ZERO, fill);
    }
}
