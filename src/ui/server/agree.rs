//! What both would agree on, how it ends, and what a complete handshake showed.

use egui::{Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::session::{ServerSeen, Tone};
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{mark_icon, panel};
use crate::ui::words;

/// Width of the labels.
const LABEL: f32 = 96.0;

/// The panel.
pub fn agree(ui: &mut Ui, rect: Rect, _view: &mut View<'_>, seen: &ServerSeen) {
    let measured = seen.probe().is_some_and(|p| p.device.is_some());
    let listed = seen.device.is_some() && seen.server.is_some();
    let remark = match (measured, listed) {
        (true, _) => "measured",
        (false, true) => "by the lists",
        (false, false) => "",
    };
    panel(ui, rect, "What they would agree on", remark, |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(12.0, 6.0)), "agree", |ui| {
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                if seen.agree.is_empty() {
                    let p = Palette::current(ui);
                    let words = if seen.probe().is_some_and(|p| !p.reached_tls()) {
                        "No handshake began: there is nothing to agree on."
                    } else if seen.device.is_none() {
                        "Choose whose ClientHello is sent (ask as): the answer to it stands here."
                    } else {
                        "Nothing is known yet."
                    };
                    text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                }
                for row in &seen.agree {
                    line(ui, row.label, row.tone, &words::visible(&row.words));
                }
            });
        });
    });
}

/// A label and wrapped words with a mark.
pub fn line(ui: &mut Ui, label: &str, tone: Option<Tone>, words: &str) {
    let p = Palette::current(ui);
    let width = ui.available_width();
    let left = LABEL + if tone.is_some() { 17.0 } else { 0.0 };
    let ink = p.get(match tone {
        Some(Tone::Ok | Tone::Fail | Tone::Warn) => tone_role(tone.unwrap_or(Tone::Unknown)),
        _ => Role::Text,
    });
    let run = [(words, Face::Body.id(), ink)];
    let galley = text::paragraph(ui.painter(), &run, (width - left).max(60.0), 18.0, 8);
    let size = vec2(width, (galley.size().y + 5.0).max(24.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let name = format!("{label}: {words}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    let middle = rect.top() + 11.0;
    let run = (label, Face::Body.id(), p.get(Role::Text2));
    text::mid(
        ui.painter(),
        pos2(rect.left(), middle),
        Hold::Left,
        run,
        LABEL - 6.0,
    );
    if let Some(tone) = tone {
        let at = pos2(rect.left() + LABEL + 5.0, middle);
        let color = p.get(tone_role(tone));
        icon::paint(
            ui.painter(),
            mark_icon(tone),
            at,
            11.0,
            color,
            p.get(Role::Bg1),
        );
    }
    let at = pos2(rect.left() + left, rect.top() + 2.0);
    ui.painter().galley(at, galley, ink);
}
