//! If the server adds one: the line of its configuration, and what would be agreed then.

use egui::{CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::agree::line;
use crate::session::Remedy;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::Icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, panel};

/// Height that the panel needs.
pub const HEIGHT: f32 = 206.0;

/// The panel.
pub fn remedy(ui: &mut Ui, rect: Rect, view: &mut View<'_>, remedy: &Remedy) {
    panel(
        ui,
        rect,
        "If the server adds one",
        "prediction",
        |ui, rooms| {
            inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "remedy", |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                let both = [("Apache", &remedy.apache), ("nginx", &remedy.nginx)];
                for (server, words) in both {
                    copyable(ui, view, server, words);
                }
                let name = remedy.suite.to_string();
                line(ui, "Then agreed", None, &name);
                let exchange = remedy.suite.key_exchange().unwrap_or_default();
                if exchange == "RSA" || exchange.starts_with("PSK") {
                    let words = "no forward secrecy: add it for this device only as long as it can do \
                             no better";
                    line(ui, "Costs", None, words);
                }
            });
        },
    );
}

/// A line in fixed width with a button that copies it.
pub fn copyable(ui: &mut Ui, view: &mut View<'_>, what: &str, words: &str) {
    let p = Palette::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
    let round = CornerRadius::same(5);
    ui.painter().rect_filled(rect, round, p.get(Role::Bg2));
    let stroke = Stroke::new(1.0, p.get(Role::Line));
    ui.painter()
        .rect_stroke(rect, round, stroke, StrokeKind::Inside);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    let name = format!("Copy the line for {what}");
    let clicked = row_from_right(ui, rect.shrink2(vec2(6.0, 0.0)), what, |ui| {
        let button = Button::quiet("Copy").small().icon(Icon::Copy);
        ui.add(button.name(&name).hint(words)).clicked()
    });
    let short = text::fit_middle(ui.painter(), words, &Face::Mono.id(), rect.width() - 96.0);
    let run = (short.as_str(), Face::Mono.id(), p.get(Role::Text));
    let at = pos2(rect.left() + 10.0, rect.center().y);
    text::mid(ui.painter(), at, Hold::Left, run, rect.width() - 92.0);
    if clicked {
        view.ask(Act::Copy {
            text: words.to_owned(),
            done: format!("Copied the line for {what}"),
        });
    }
    response.on_hover_text(words);
}
