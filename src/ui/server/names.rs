//! With and without SNI: what was sent, what the server did, which certificate came.

use egui::{Id, Rect, ScrollArea, Ui, pos2, vec2};

use crate::session::{ServerSeen, Tone};
use crate::ui::certificates::table;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::state::Spot;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row};
use crate::ui::widget::{mark, source_chip};
use crate::ui::words;

/// The part in `rect`.
pub fn names(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    inside(ui, rect, "sni", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let w = rect.width();
        let answer = (w * 0.24).max(110.0);
        let certificate = (w * 0.56).max(answer + 120.0);
        let chip = w - 96.0;
        table::head(
            ui,
            &[
                ("SNI sent", 10.0, Hold::Left),
                ("Server answers", answer, Hold::Left),
                ("Certificate", certificate, Hold::Left),
                ("Seen in", chip, Hold::Left),
            ],
        );
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            for (i, name) in seen.names.iter().enumerate() {
                let sent = words::visible(&name.sent);
                let gave = words::visible(&name.answer);
                let differs = if name.differs { ", differs" } else { "" };
                let spoken = format!("SNI {sent}: {gave}, {}{differs}", name.certificate);
                let (line, response) =
                    table::row(ui, table::ROW, Id::unique(("sni row", i)), false, &spoken);
                let font = Face::Mono.id();
                let short = text::fit_middle(ui.painter(), &sent, &font, answer - 18.0);
                let p = Palette::current(ui);
                let at = pos2(line.left() + 10.0, line.center().y);
                let run = (short.as_str(), font, p.get(Role::Text));
                text::mid(ui.painter(), at, Hold::Left, run, answer - 16.0);
                let ink = if name.differs { Role::Warn } else { Role::Text };
                let room = certificate - answer - 10.0;
                let font = Face::Table.id();
                let short = text::fit_middle(ui.painter(), &gave, &font, room);
                if name.differs {
                    let short = text::fit_middle(ui.painter(), &gave, &font, room - 18.0);
                    table::verdict(ui, line, answer, Tone::Warn, &short, room);
                } else {
                    table::cell(ui, line, answer, Hold::Left, &short, ink, room);
                }
                let room = chip - certificate - 10.0;
                let held = words::visible(&name.certificate);
                let short = text::fit_middle(ui.painter(), &held, &Face::Table.id(), room);
                table::cell(ui, line, certificate, Hold::Left, &short, ink, room);
                let place = Rect::from_min_max(
                    pos2(line.left() + chip, line.top()),
                    pos2(line.right() - 4.0, line.bottom()),
                );
                let clicked = row(ui, place, &format!("sni source {i}"), |ui| {
                    let font = Face::Caption.id();
                    let short = text::fit_middle(&ui.painter().clone(), &name.chip, &font, 72.0);
                    source_chip(ui, &short, &name.chip).clicked()
                });
                if let Some((input, line)) = name.spot.filter(|_| clicked) {
                    view.ask(Act::ShowLine(Spot { input, line }));
                }
                response.on_hover_text(spoken);
            }
            let room = ui.available_width() - 20.0;
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                ui.add_space(10.0);
                ui.vertical(|ui| {
                    ui.set_max_width(room);
                    ui.spacing_mut().item_spacing.y = 4.0;
                    remarks(ui, seen);
                });
            });
        });
    });
}

fn remarks(ui: &mut Ui, seen: &ServerSeen) {
    match seen.needs_name {
        Some(false) => {
            mark(ui, Tone::Ok, "SNI is not needed by this server.");
        }
        Some(true) => {
            mark(
                ui,
                Tone::Warn,
                "Without SNI this server answers differently.",
            );
        }
        None if seen.names.is_empty() => {
            mark(
                ui,
                Tone::Unknown,
                "Nothing was asked with and without SNI yet.",
            );
        }
        None => {}
    }
    let p = Palette::current(ui);
    for remark in &seen.name_remarks {
        let remark = words::visible(remark);
        text::label(ui, &[(&remark, Face::Small.id(), p.get(Role::Text2))], 16.0);
    }
    let addresses = seen.probe().map_or(&[][..], |p| &p.addresses);
    for tried in addresses {
        let words = match &tried.connect {
            Ok(time) => format!(
                "{} connects in {:.1} ms.",
                tried.address.ip(),
                time.as_secs_f64() * 1e3
            ),
            Err(error) => format!("{} does not connect: {error}.", tried.address.ip()),
        };
        let words = words::visible(&words);
        text::label(ui, &[(&words, Face::Small.id(), p.get(Role::Text2))], 16.0);
    }
    ui.allocate_space(vec2(1.0, 6.0));
}
