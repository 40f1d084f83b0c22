//! What the device's configuration or profile lets expect.

use egui::{Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::agree::line;
use super::chain::nothing;
use crate::session::{Foreseen, ForeseenPart, ServerSeen};
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::inside;
use crate::ui::widget::panel;
use crate::ui::words;

/// Width from which sizes and traps stand beside the choice.
const TWO_COLUMNS: f32 = 860.0;

/// The prediction in a panel of its own, before a server was asked.
pub fn alone(ui: &mut Ui, rect: Rect, seen: &ServerSeen, foreseen: &Foreseen) {
    let of = words::visible(&foreseen.of);
    panel(ui, rect, "Prediction", &of, |ui, rooms| {
        rows(ui, rooms.body, seen);
    });
}

/// The prediction in `rect`.
pub fn rows(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    let rect = rect.shrink2(vec2(12.0, 6.0));
    let Some(foreseen) = &seen.foreseen else {
        inside(ui, rect, "prediction", |ui| {
            nothing(
                ui,
                "Open the device\u{2019}s configuration (Mbed TLS header, sdkconfig, prj.conf) or \
                 choose the device.",
            );
        });
        return;
    };
    let aside = foreseen.parts.iter().filter(|p| p.aside).count();
    if rect.width() < TWO_COLUMNS || aside == 0 || aside == foreseen.parts.len() {
        column(ui, rect, "prediction", foreseen.parts.iter());
        return;
    }
    let gap = 20.0;
    let middle = rect.left() + (rect.width() - gap) * 0.52;
    let left = rect.with_max_x(middle);
    let right = rect.with_min_x(middle + gap);
    let of = |aside: bool| foreseen.parts.iter().filter(move |p| p.aside == aside);
    column(ui, left, "prediction", of(false));
    column(ui, right, "prediction aside", of(true));
}

fn column<'a>(ui: &mut Ui, rect: Rect, id: &str, parts: impl Iterator<Item = &'a ForeseenPart>) {
    inside(ui, rect, id, |ui| {
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            for part in parts {
                head(ui, &words::visible(&part.title));
                for row in &part.rows {
                    line(ui, row.label, row.tone, &words::visible(&row.words));
                }
            }
        });
    });
}

fn head(ui: &mut Ui, title: &str) {
    let p = Palette::current(ui);
    let size = vec2(ui.available_width(), 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, title));
    let at = pos2(rect.left(), rect.bottom() - 9.0);
    let run = (title, Face::Body.bold(), p.get(Role::Text));
    text::mid(ui.painter(), at, Hold::Left, run, rect.width());
}
