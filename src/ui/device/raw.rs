//! Raw bytes: 16 a row, offset, hex and text; virtual rows.

use std::fmt::Write as _;

use egui::{Id, Rect, Sense, Ui, pos2, vec2};

use crate::evidence::Input;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, group};
use crate::ui::widget::LongList;

const PER_ROW: u64 = 16;
const ROW: f32 = 18.0;

/// Shows the bytes of `input` in `rect`.
pub fn raw_view(ui: &mut Ui, rect: Rect, input: &Input, view: &mut View<'_>) {
    let rows = usize::try_from(input.bytes.div_ceil(PER_ROW)).unwrap_or(usize::MAX);
    group(
        ui,
        rect.shrink2(vec2(12.0, 4.0)),
        "raw",
        egui::accesskit::Role::List,
        format!("Raw bytes of {}", input.name),
        |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(rect));
            let list = LongList {
                id: Id::unique(("raw place", input.id)),
                name: "Scroll the bytes",
                row: ROW,
                count: rows,
                jump: None,
                follow: false,
            };
            list.show(ui, rect.shrink2(vec2(12.0, 4.0)), |ui, range| {
                let from = range.start as u64 * PER_ROW;
                let to = (range.end as u64 * PER_ROW).min(input.bytes);
                let bytes = view.source.raw(input.id, from..to);
                for (i, chunk) in bytes.chunks(16).enumerate() {
                    one(ui, from + i as u64 * PER_ROW, chunk);
                }
                if bytes.is_empty() && from < to {
                    ui.label("These bytes are not kept: only their lines are.");
                }
            });
        },
    );
}

fn one(ui: &mut Ui, offset: u64, bytes: &[u8]) {
    let p = Palette::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let mut hex = String::with_capacity(50);
    let mut plain = String::with_capacity(16);
    for (i, b) in bytes.iter().enumerate() {
        if i == 8 {
            hex.push(' ');
        }
        let _ = write!(hex, "{b:02x} ");
        plain.push(if b.is_ascii_graphic() || *b == b' ' {
            char::from(*b)
        } else {
            '·'
        });
    }
    let at = format!("{offset:08x}");
    let y = rect.center().y;
    let mut x = rect.left();
    for (words, ink, step) in [
        (&at, Role::Text3, 84.0),
        (&hex, Role::Text, 372.0),
        (&plain, Role::Text2, 0.0),
    ] {
        let run = (words.as_str(), Face::Mono.id(), p.get(ink));
        text::mid(ui.painter(), pos2(x, y), Hold::Left, run, rect.right() - x);
        x += step;
    }
    let name = format!("Offset {offset}: {}", hex.trim_end());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListItem, true, &name));
}
