//! Trust, pairs and traps of the files, one sentence a row.

use egui::{Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::inspected::Inspected;
use super::table;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::inside;
use crate::ui::widget::{mark_icon, panel};
use crate::ui::words;

/// The panel.
pub fn trust(ui: &mut Ui, rect: Rect, made: &Inspected) {
    let remark = words::count(made.trust.len() as u64, "statement", "statements");
    panel(ui, rect, "Trust and traps", &remark, |ui, rooms| {
        inside(ui, rooms.body, "trust rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                let p = Palette::current(ui);
                let w = ui.available_width();
                for (i, row) in made.trust.iter().enumerate() {
                    let ink = p.get(Role::Text);
                    let run = [(row.sentence.as_str(), Face::Table.id(), ink)];
                    let galley = text::paragraph(ui.painter(), &run, w - 44.0, 17.0, 3);
                    let name = format!("{} ({})", row.sentence, row.place);
                    let height = galley.size().y + 26.0;
                    let id = Id::unique(("trust", i));
                    let (rect, response) = table::row(ui, height, id, false, &name);
                    let mark = p.get(tone_role(row.tone));
                    let at = pos2(rect.left() + 18.0, rect.top() + 14.0);
                    let back = p.get(Role::Bg1);
                    icon::paint(ui.painter(), mark_icon(row.tone), at, 12.0, mark, back);
                    ui.painter()
                        .galley(rect.min + vec2(32.0, 5.0), galley, p.get(Role::Text));
                    let at = pos2(rect.left() + 32.0, rect.bottom() - 11.0);
                    let font = Face::Caption.id();
                    let place = text::fit_middle(ui.painter(), &row.place, &font, w - 44.0);
                    let run = (place.as_str(), font, p.get(Role::Text3));
                    text::mid(ui.painter(), at, Hold::Left, run, w - 40.0);
                    response.on_hover_text(if row.more.is_empty() {
                        name
                    } else {
                        format!("{name}\n{}", row.more)
                    });
                }
            });
        });
    });
}
