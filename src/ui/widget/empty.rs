//! Empty and error states: a tile with an icon, what it is, one sentence, what to do.

use egui::{CornerRadius, Rect, Sense, Ui, Vec2, pos2};

use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text;
use crate::ui::theme::{Palette, Role, tone_role, tone_tint};

/// What an empty state says.
pub struct Empty<'a> {
    /// Icon of the tile.
    pub icon: Icon,
    /// Tone of the tile.
    pub tone: Tone,
    /// Headline.
    pub title: &'a str,
    /// One or two sentences.
    pub sentence: &'a str,
}

/// Shows it at the top of `ui`; the buttons follow below.
pub fn empty(ui: &mut Ui, what: &Empty<'_>) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(52.0), Sense::hover());
    let tile = Rect::from_min_size(rect.min, Vec2::splat(52.0));
    let tint = p.get(tone_tint(what.tone));
    ui.painter().rect_filled(tile, CornerRadius::same(8), tint);
    let ink = p.get(tone_role(what.tone));
    let centre = pos2(tile.center().x, tile.center().y);
    icon::paint(ui.painter(), what.icon, centre, 28.0, ink, tint);
    ui.add_space(4.0);
    text::label(
        ui,
        &[(what.title, Face::Title.id(), p.get(Role::Text))],
        22.0,
    );
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width().min(520.0));
        text::label(
            ui,
            &[(what.sentence, Face::Body.id(), p.get(Role::Text2))],
            18.0,
        );
    });
    ui.add_space(2.0);
}
