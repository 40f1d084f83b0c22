//! Rows of tables inside a panel: 27 high, a line below each, real responses.

use egui::{Id, Rect, Response, Sense, Stroke, Ui, pos2, vec2};

use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::widget::{mark_icon, row_response};

/// Height of a row.
pub const ROW: f32 = 27.0;
/// Height of a head.
pub const HEAD: f32 = 24.0;

/// Column heads: words, x from the left, which end stands there.
pub fn head(ui: &mut Ui, columns: &[(&str, f32, Hold)]) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    let p = Palette::current(ui);
    for (words, x, hold) in columns {
        let at = pos2(rect.left() + x, rect.center().y);
        let run = (*words, Face::Caption.id(), p.get(Role::Text2));
        text::mid(ui.painter(), at, *hold, run, 160.0);
    }
    line(ui, rect);
}

/// Room for a row that is a real response with a name.
pub fn row(ui: &mut Ui, height: f32, id: Id, selected: bool, name: &str) -> (Rect, Response) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let response = row_response(ui, rect, id, selected, name);
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    line(ui, rect);
    (rect, response)
}

fn line(ui: &Ui, rect: Rect) {
    let stroke = Stroke::new(1.0, Palette::current(ui).get(Role::Line));
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, stroke);
}

/// Text in a row: x from its left, at most `width` wide.
pub fn cell(ui: &Ui, row: Rect, x: f32, hold: Hold, words: &str, role: Role, width: f32) {
    let run = (words, Face::Table.id(), Palette::current(ui).get(role));
    let at = pos2(row.left() + x, row.center().y);
    text::mid(ui.painter(), at, hold, run, width);
}

/// A figure in a row, its right end at x.
pub fn figure(ui: &Ui, row: Rect, x: f32, words: &str, role: Role, width: f32) {
    let run = (words, Face::Mono.id(), Palette::current(ui).get(role));
    let at = pos2(row.left() + x, row.center().y);
    text::mid(ui.painter(), at, Hold::Right, run, width);
}

/// Mark and word of a tone in a row.
pub fn verdict(ui: &Ui, row: Rect, x: f32, tone: Tone, words: &str, width: f32) {
    let p = Palette::current(ui);
    let ink = p.get(tone_role(tone));
    let at = pos2(row.left() + x + 6.0, row.center().y);
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        11.0,
        ink,
        p.get(Role::Bg1),
    );
    let run = (words, Face::Table.id(), ink);
    let at = pos2(row.left() + x + 18.0, row.center().y);
    text::mid(ui.painter(), at, Hold::Left, run, width - 18.0);
}
