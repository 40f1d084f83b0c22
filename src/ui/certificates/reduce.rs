//! What would bring the leaf below the limit: each change with what it saves and what is left.

use egui::{Id, Rect, ScrollArea, Ui, vec2};

use super::inspected::Inspected;
use super::table::{self, ROW};
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::inside;
use crate::ui::widget::panel;
use crate::ui::words;

/// The panel.
pub fn reduce(ui: &mut Ui, rect: Rect, made: &Inspected) {
    let title = match made.each.first() {
        Some(limit) => format!("What would bring it under {}", words::grouped(*limit)),
        None => "What would make it smaller".into(),
    };
    let remark = if made.reductions.is_empty() {
        ""
    } else {
        "each variant is really built and measured"
    };
    panel(ui, rect, &title, remark, |ui, rooms| {
        inside(ui, rooms.body, "reductions", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if made.reductions.is_empty() {
                let p = Palette::current(ui);
                let room = ui.max_rect().shrink2(vec2(12.0, 8.0));
                inside(ui, room, "nothing to change", |ui| {
                    let run = [(nothing(made), Face::Body.id(), p.get(Role::Text2))];
                    text::label(ui, &run, 18.0);
                });
                return;
            }
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                let w = ui.available_width();
                for (i, change) in made.reductions.iter().enumerate() {
                    let (tone, word) = if change.fits {
                        (Tone::Ok, "fits")
                    } else {
                        (Tone::Fail, "too large")
                    };
                    let saves = format!("−{}", words::grouped(change.saves_bytes as u64));
                    let left = words::grouped(change.left_bytes as u64);
                    let name = format!("{word}: {}, {saves}, {left} bytes left", change.what);
                    let id = Id::unique(("reduction", i));
                    let (row, response) = table::row(ui, ROW, id, false, &name);
                    table::verdict(ui, row, 10.0, tone, word, 90.0);
                    let of = if change.of_chain { "Chain: " } else { "" };
                    let what = words::visible(&format!("{of}{}", change.what));
                    let room = (w - 104.0 - 160.0).max(60.0);
                    table::cell(ui, row, 104.0, Hold::Left, &what, Role::Text, room);
                    table::figure(ui, row, w - 84.0, &saves, Role::Text2, 70.0);
                    table::figure(ui, row, w - 14.0, &left, Role::Text, 64.0);
                    response.on_hover_text(name);
                }
            });
        });
    });
}

fn nothing(made: &Inspected) -> &'static str {
    if made.device.is_none() {
        "Choose a device in the Fit panel: its limit decides."
    } else if made.each.is_empty() {
        "No limit for a certificate from the server is known for this device."
    } else {
        "Nothing needs to change: the leaf is within the limit."
    }
}
