//! The same questions for a terminal.

use egui::{Rect, ScrollArea, Ui, vec2};

use super::chain::nothing;
use super::remedy::copyable;
use crate::session::ServerSeen;
use crate::ui::font::Face;
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::words;

/// The part in `rect`.
pub fn by_hand(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    inside(ui, rect.shrink2(vec2(12.0, 8.0)), "by hand", |ui| {
        if seen.by_hand.is_empty() {
            nothing(
                ui,
                "The command lines of the questions stand here once they were asked.",
            );
            return;
        }
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            for (i, hand) in seen.by_hand.iter().enumerate() {
                let p = Palette::current(ui);
                let head = format!("{}: ", hand.stage.words());
                let runs = [
                    (head.as_str(), Face::Small.id(), p.get(Role::Text)),
                    (hand.shows, Face::Small.id(), p.get(Role::Text2)),
                ];
                text::label(ui, &runs, 16.0);
                let what = format!("{} ({})", hand.stage.words(), i + 1);
                copyable(ui, view, &what, &words::visible(&hand.command));
            }
        });
    });
}
