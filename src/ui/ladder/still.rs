//! A ladder that is only looked at: rows that were made elsewhere, no selection, no log behind it.

use egui::{CornerRadius, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::draw::{self, Lanes};
use super::model::Ladder;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{group, inside};

const HEAD: f32 = 30.0;

/// Draws `made` in `rect`; `host` stands at the head of the server.
pub fn still(ui: &mut Ui, rect: Rect, made: &Ladder, host: &str) {
    let lanes = Lanes::new(rect.left(), rect.width());
    let body = rect.with_min_y(rect.top() + HEAD);
    let name = format!("Handshake as the device, {} steps", made.steps());
    let list = egui::accesskit::Role::List;
    group(ui, rect, "still ladder", list, name, |ui| {
        let p = Palette::current(ui);
        let heads = [
            (lanes.device, "DEVICE", Role::Device),
            (lanes.server, "SERVER", Role::Server),
        ];
        for (x, word, ink) in heads {
            let at = pos2(x, rect.top() + HEAD * 0.5);
            let run = (word, Face::Small.bold(), p.get(ink));
            text::mid(ui.painter(), at, Hold::Centre, run, 100.0);
        }
        let room = (lanes.right - lanes.server - 44.0).max(10.0);
        let short = text::fit_middle(ui.painter(), host, &Face::Small.id(), room);
        let at = pos2(lanes.server + 36.0, rect.top() + HEAD * 0.5);
        let run = (short.as_str(), Face::Small.id(), p.get(Role::Text2));
        text::mid(ui.painter(), at, Hold::Left, run, room);
        inside(ui, body, "still rows", |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(body));
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                let size = vec2(body.width(), made.height() + 8.0);
                let (area, _) = ui.allocate_exact_size(size, Sense::hover());
                for (x, ink) in [(lanes.device, Role::Device), (lanes.server, Role::Server)] {
                    let stroke = Stroke::new(2.0, p.get(ink));
                    ui.painter().vline(x, area.y_range(), stroke);
                }
                let painter = ui.painter().clone();
                for (i, row) in made.rows.iter().enumerate() {
                    let (Some(top), Some(bottom)) = (made.tops.get(i), made.tops.get(i + 1)) else {
                        continue;
                    };
                    let at = Rect::from_min_max(
                        pos2(body.left(), area.top() + top),
                        pos2(body.right(), area.top() + bottom),
                    );
                    let id = ui.scope_id().with(("still", i));
                    let response = ui.interact(at, id, Sense::focusable_noninteractive());
                    let spoken = row.spoken.clone();
                    response.widget_info(|| {
                        WidgetInfo::selected(egui::Role::ListItem, true, false, &spoken)
                    });
                    if response.has_focus() {
                        let fill = p.get(Role::Bg2);
                        painter.rect_filled(at, CornerRadius::ZERO, fill);
                    }
                    draw::row(&painter, p, &lanes, at, row, Role::Bg1);
                }
            });
        });
    });
}
