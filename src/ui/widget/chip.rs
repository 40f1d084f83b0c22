//! Chips: a word in a box, the way to a proof, a code.

use egui::{
    CornerRadius, Response, Role as Named, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
};

use super::focus_ring;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};

/// A box with a word; not clickable.
pub fn chip(ui: &mut Ui, word: &str, ink: Role, fill: Role) -> Response {
    let p = Palette::current(ui);
    let run = (word, Face::Caption.id(), p.get(ink));
    let galley = text::line(ui.painter(), &[run], 260.0);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(galley.size().x + 14.0, 20.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, CornerRadius::same(4), p.get(fill));
    let y = rect.center().y + Face::Caption.size() * 0.36;
    text::put(ui.painter(), rect.left() + 7.0, y, Hold::Left, galley);
    response.widget_info(|| WidgetInfo::labeled(Named::Label, true, word));
    response
}

/// A code; a click opens all its meanings.
pub fn code_chip(ui: &mut Ui, code: &str) -> Response {
    framed(
        ui,
        code,
        Face::MonoTiny,
        Role::Text,
        Some(Role::Bg3),
        &format!("Meanings of {code}"),
    )
}

/// The way to a proof: where it is; a click goes there.
pub fn source_chip(ui: &mut Ui, place: &str, hint: &str) -> Response {
    let name = format!("Show {place}");
    let response = framed(ui, place, Face::Caption, Role::Text2, None, &name);
    if hint.is_empty() {
        response
    } else {
        response.on_hover_text(hint)
    }
}

fn framed(
    ui: &mut Ui,
    word: &str,
    face: Face,
    ink: Role,
    fill: Option<Role>,
    name: &str,
) -> Response {
    let p = Palette::current(ui);
    let galley = text::line(ui.painter(), &[(word, face.id(), p.get(ink))], 220.0);
    let height = if fill.is_some() { 20.0 } else { 18.0 };
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(galley.size().x + 14.0, height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Named::Button, true, name));
    let round = CornerRadius::same(4);
    let hot = response.hovered();
    if let Some(fill) = if hot { Some(Role::Bg3) } else { fill } {
        ui.painter().rect_filled(rect, round, p.get(fill));
    }
    if fill.is_none() {
        let stroke = Stroke::new(1.0, p.get(Role::Line2));
        ui.painter()
            .rect_stroke(rect, round, stroke, StrokeKind::Inside);
    }
    let at = pos2(rect.left() + 7.0, rect.center().y + face.size() * 0.36);
    text::put(ui.painter(), at.x, at.y, Hold::Left, galley);
    focus_ring(ui, &response, 4);
    response
}
