//! Marks: a tone as icon and word, never as colour alone; bars of strength.

use egui::{
    CornerRadius, Painter, Pos2, Rect, Response, Role as Named, Sense, Ui, Vec2, WidgetInfo, pos2,
};

use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};

/// The icon of a tone in lists.
#[must_use]
pub fn mark_icon(tone: Tone) -> Icon {
    match tone {
        Tone::Ok => Icon::Ok,
        Tone::Warn => Icon::Warn,
        Tone::Fail => Icon::Fail,
        Tone::Unknown => Icon::Unknown,
        Tone::Waiting => Icon::Wait,
    }
}

/// Icon and word of a tone, 12 points.
pub fn mark(ui: &mut Ui, tone: Tone, word: &str) -> Response {
    let p = Palette::current(ui);
    let color = p.get(tone_role(tone));
    let galley = text::line(
        ui.painter(),
        &[(word, Face::Body.id(), color)],
        (ui.available_width() - 17.0).max(10.0),
    );
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(galley.size().x + 17.0, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Named::Label, true, word));
    let at = pos2(rect.left() + 6.0, rect.center().y);
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        12.0,
        color,
        p.get(Role::Bg1),
    );
    let y = rect.center().y + Face::Body.size() * 0.36;
    text::put(ui.painter(), rect.left() + 17.0, y, Hold::Left, galley);
    response
}

/// Five bars of 12 × 7, the first `filled` in `role`, the right end at `right`.
pub fn strength(painter: &Painter, p: &Palette, right: Pos2, filled: u8, role: Role) {
    for i in 0..5u8 {
        let x = right.x - 68.0 + f32::from(i) * 14.0;
        let rect = Rect::from_min_size(pos2(x, right.y - 3.5), Vec2::new(12.0, 7.0));
        let ink = if i < filled { role } else { Role::Bg3 };
        painter.rect_filled(rect, CornerRadius::same(1), p.get(ink));
    }
}
