//! The fit: limits of the chosen device against the values, or all devices at once.

use egui::{Id, Rect, ScrollArea, Ui, vec2};

use super::device_choice::device_choice;
use super::fit_rows::FitRow;
use super::inspected::Inspected;
use super::table::{self, ROW};
use crate::ui::command::{Act, Command};
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, panel, source_chip};

/// The panel.
pub fn fit(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    panel(ui, rect, "Fit", "", |ui, rooms| {
        row_from_right(ui, rooms.head, "fit head", |ui| {
            let all = view.state.certificates.all_devices;
            let button = Button::new("All devices").small().selected(all);
            if ui.add(button).clicked() {
                view.state.certificates.all_devices = !all;
            }
            device_choice(ui, view, made);
        });
        inside(ui, rooms.body, "fit rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if view.state.certificates.all_devices {
                devices(ui, view, made);
            } else if made.fit.is_empty() {
                let p = Palette::current(ui);
                let words = if made.device.is_some() {
                    "This profile states no limit that bears on these files."
                } else {
                    "Choose the device: its limits are held against these certificates, each \
                     with its source. All devices shows which ones could take this chain."
                };
                ui.add_space(10.0);
                let room = ui.max_rect().shrink2(vec2(12.0, 10.0));
                inside(ui, room, "no fit", |ui| {
                    text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                });
            } else {
                limits(ui, view, made);
            }
        });
    });
}

fn limits(ui: &mut Ui, view: &mut View<'_>, made: &Inspected) {
    let w = ui.available_width();
    let widest = |of: fn(&FitRow) -> &str| {
        let width = |row| text::width(ui.painter(), of(row), Face::Mono.id());
        made.fit.iter().map(width).fold(38.0, f32::max).min(90.0)
    };
    let (limit_w, value_w) = (widest(|f| &f.limit), widest(|f| &f.value));
    let source = w - 92.0;
    let verdict = source - 78.0;
    let value = verdict - 10.0;
    let limit = value - value_w - 14.0;
    let what = limit - limit_w - 22.0;
    table::head(
        ui,
        &[
            ("What", 10.0, Hold::Left),
            ("Limit", limit, Hold::Right),
            ("Value", value, Hold::Right),
            ("Verdict", verdict, Hold::Left),
            ("Source", source, Hold::Left),
        ],
    );
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        for (i, fit) in made.fit.iter().enumerate() {
            let name = format!(
                "{}, limit {}, value {}, {}",
                fit.what, fit.limit, fit.value, fit.verdict
            );
            let (rect, response) = table::row(ui, ROW, Id::unique(("fit", i)), false, &name);
            let font = Face::Table.id();
            let short = text::fit_middle(ui.painter(), &fit.what, &font, what);
            table::cell(ui, rect, 10.0, Hold::Left, &short, Role::Text, what);
            table::figure(ui, rect, limit, &fit.limit, Role::Text, limit_w + 2.0);
            table::figure(ui, rect, value, &fit.value, Role::Text, value_w + 2.0);
            table::verdict(ui, rect, verdict, fit.tone, &fit.verdict, 76.0);
            response.on_hover_text(fit.full.as_str());
            let room = Rect::from_min_max(
                egui::pos2(rect.left() + source, rect.top()),
                egui::pos2(rect.right() - 4.0, rect.bottom()),
            );
            let chip = row(ui, room, &format!("source {i}"), |ui| {
                let short = text::fit_middle(
                    &ui.painter().clone(),
                    &fit.short,
                    &Face::Caption.id(),
                    room.width() - 16.0,
                );
                source_chip(ui, &short, &fit.source)
            });
            if chip.clicked() {
                view.ask(Act::Copy {
                    text: fit.source.clone(),
                    done: "Copied the source".into(),
                });
            }
        }
    });
}

/// Which devices could take this chain.
fn devices(ui: &mut Ui, view: &mut View<'_>, made: &Inspected) {
    let w = ui.available_width();
    let verdict = (w * 0.56).floor();
    table::head(
        ui,
        &[
            ("Device", 10.0, Hold::Left),
            ("Verdict", verdict, Hold::Left),
        ],
    );
    let chosen = made.device.as_ref().map(|d| d.id.clone());
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        for device in &made.devices {
            let name = format!("{}, {}", device.name, device.verdict);
            let on = chosen.as_ref() == Some(&device.id);
            let id = Id::unique(("device row", &device.id));
            let (rect, response) = table::row(ui, ROW, id, on, &name);
            let room = verdict - 18.0;
            table::cell(ui, rect, 10.0, Hold::Left, &device.name, Role::Text, room);
            let room = w - verdict - 8.0;
            table::verdict(ui, rect, verdict, device.tone, &device.verdict, room);
            if response.clicked() {
                view.session(Command::ChooseDevice(Some(device.id.clone())));
                view.state.certificates.all_devices = false;
            }
            response.on_hover_text(format!("{}\n{}", device.name, device.why));
        }
    });
}
