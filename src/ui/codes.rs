//! Look-up of codes: any spelling, every meaning, number and name to copy.

use egui::{Id, Rect, ScrollArea, Sense, Ui, vec2};

use super::command::Act;
use super::font::Face;
use super::icon::Icon;
use super::source::Meaning;
use super::text;
use super::theme::{Palette, Role};
use super::view::{View, inside};
use super::widget::{Button, Empty, chip, empty, panel, text_field};
use super::words;
use crate::session::Tone;

/// Shows the look-up in `rect`.
pub fn codes(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let rect = rect.with_max_x(rect.right().min(rect.left() + 980.0));
    let remark = "alerts, error codes, states, verify flags, cipher suites; any spelling";
    panel(ui, rect, "Codes", remark, |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "codes", |ui| {
            let id = Id::unique("code query");
            let hint = "-0x7280, -29312, FFFFB380, alert 46, state 12, 0xC030";
            let width = ui.available_width().min(520.0);
            let field = text_field(
                ui,
                id,
                &mut view.state.query,
                "Code to look up",
                hint,
                width,
            );
            if std::mem::take(&mut view.state.focus_query) {
                field.request_focus();
            }
            let query = view.state.query.trim().to_owned();
            if query.is_empty() {
                ui.add_space(16.0);
                empty(
                    ui,
                    &Empty {
                        icon: Icon::Look,
                        tone: Tone::Unknown,
                        title: "Type a code as the log prints it",
                        sentence: "One number can mean different things in different stacks and \
                                   versions; all meanings are listed, most likely first, each with \
                                   its source.",
                    },
                );
                return;
            }
            let meanings = view.source.explain(&query);
            let p = Palette::current(ui);
            if meanings.is_empty() {
                let none = format!("No meaning of {} is known here.", words::visible(&query));
                text::label(ui, &[(&none, Face::Body.id(), p.get(Role::Text2))], 18.0);
                return;
            }
            let found = words::count(meanings.len() as u64, "meaning", "meanings");
            text::label(ui, &[(&found, Face::Small.id(), p.get(Role::Text2))], 16.0);
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    for (i, meaning) in meanings.iter().enumerate() {
                        one(ui, i, meaning, view);
                    }
                });
        });
    });
}

fn one(ui: &mut Ui, i: usize, meaning: &Meaning, view: &mut View<'_>) {
    let p = Palette::current(ui);
    if i > 0 {
        let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
        ui.painter().rect_filled(line, 0, p.get(Role::Line));
    }
    ui.push_id(("meaning", i), |ui| {
        ui.horizontal_wrapped(|ui| {
            chip(ui, &meaning.number, Role::Text, Role::Bg3);
            let name = egui::RichText::new(&meaning.name).font(Face::Row.bold());
            ui.label(name.color(p.get(Role::Text)));
            let stack = egui::RichText::new(&meaning.stack).color(p.get(Role::Text2));
            ui.label(stack);
            let spoken = format!("Copy {} {}", meaning.number, meaning.name);
            let copy = Button::new("Copy").small().icon(Icon::Copy).name(&spoken);
            if ui.add(copy).clicked() {
                let text = format!("{} {}", meaning.number, meaning.name);
                let done = format!("Copied {text}.");
                view.ask(Act::Copy { text, done });
            }
        });
        text::label(
            ui,
            &[(&meaning.text, Face::Body.id(), p.get(Role::Text))],
            18.0,
        );
        let source = format!("Source: {}", meaning.source);
        text::label(ui, &[(&source, Face::Small.id(), p.get(Role::Text3))], 16.0);
    });
}
