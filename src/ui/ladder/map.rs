//! The map at the ladder's edge: 10 wide, the whole attempt in its height, with stops, alerts and
//! what is in sight.
//!
//! In: the rows with their heights, what is in sight. Out: the picture, and the height to scroll to
//! when it is clicked or dragged.

use egui::{CornerRadius, Rect, Role as Named, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use super::model::{Ladder, RowKind};
use crate::ui::theme::{Palette, Role};

/// Width of the map.
pub const MAP: f32 = 10.0;

/// The map in `rect`; `seen` is what is in sight, from the top of the first row. Gives the height that
/// shall come to the top.
pub fn edge_map(ui: &Ui, rect: Rect, made: &Ladder, seen: Rect) -> Option<f32> {
    let p = Palette::current(ui);
    let painter = ui.painter();
    let whole = made.height().max(1.0);
    let scale = rect.height() / whole;
    painter.rect_filled(rect, CornerRadius::same(2), p.get(Role::Bg2));
    for (row, top) in made.rows.iter().zip(&made.tops) {
        let (ink, least) = match &row.kind {
            RowKind::Message { alert: true, .. } | RowKind::Stop(_) => (Role::Fail, 3.0),
            RowKind::Waiting(_) => (Role::FailBg, 3.0),
            RowKind::Completed => (Role::Ok, 3.0),
            RowKind::CutOff | RowKind::Break(_) => (Role::Text3, 1.0),
            _ => continue,
        };
        let y = rect.top() + top * scale;
        let height = (row.height * scale).max(least);
        let mark = Rect::from_min_max(
            pos2(rect.left() + 1.0, y),
            pos2(rect.right() - 1.0, (y + height).min(rect.bottom())),
        );
        painter.rect_filled(mark, CornerRadius::ZERO, p.get(ink));
    }
    let top = rect.top() + (seen.top() * scale).max(0.0);
    let bottom = (rect.top() + seen.bottom() * scale).min(rect.bottom());
    let view = Rect::from_min_max(
        pos2(rect.left(), top),
        pos2(rect.right(), bottom.max(top + 6.0)),
    );
    let response = ui.interact(
        rect,
        ui.scope_id().with("edge map"),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::labeled(Named::ScrollBar, true, "Map of the handshake"));
    let hot = response.hovered() || response.dragged();
    let ink = p.get(if hot { Role::Accent } else { Role::Line2 });
    let stroke = Stroke::new(1.0, ink);
    painter.rect_stroke(view, CornerRadius::same(2), stroke, StrokeKind::Inside);
    let at = response
        .interact_pointer_pos()
        .filter(|_| response.clicked() || response.dragged())?;
    Some(((at.y - rect.top()) / scale - seen.height() * 0.5).max(0.0))
}
