//! Tabs: 34 high, an underline of 3 below the chosen one.

use egui::{CornerRadius, Rect, Role as Named, Sense, Ui, Vec2, WidgetInfo, pos2};

use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};

use super::focus_ring;

/// A line of tabs; gives the index that was clicked.
pub fn tabs(ui: &mut Ui, names: &[&str], chosen: usize) -> Option<usize> {
    let p = Palette::current(ui);
    let mut clicked = None;
    ui.spacing_mut().item_spacing.x = 2.0;
    for (i, name) in names.iter().enumerate() {
        let on = i == chosen;
        let ink = if on { Role::Text } else { Role::Text2 };
        let run = (*name, Face::Body.id(), p.get(ink));
        let galley = text::line(ui.painter(), &[run], f32::INFINITY);
        let size = Vec2::new(galley.size().x + 24.0, 34.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::selected(Named::Tab, true, on, name));
        if response.hovered() && !on {
            ui.painter()
                .rect_filled(rect, CornerRadius::same(4), p.get(Role::Bg2));
        }
        let y = rect.center().y + Face::Body.size() * 0.36;
        text::put(ui.painter(), rect.left() + 12.0, y, Hold::Left, galley);
        if on {
            let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 3.0), rect.max);
            ui.painter()
                .rect_filled(line, CornerRadius::ZERO, p.get(Role::Accent));
        }
        focus_ring(ui, &response, 4);
        if response.clicked() {
            clicked = Some(i);
        }
    }
    clicked
}
