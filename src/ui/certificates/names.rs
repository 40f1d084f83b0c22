//! The name check: what each stack makes of the host that the device asks for.

use egui::{Id, Key, Rect, ScrollArea, Ui, vec2};

use super::inspected::Inspected;
use super::table::{self, ROW};
use crate::cert::NameVerdict;
use crate::session::Tone;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, panel, small_text_field};
use crate::ui::words;

/// The panel.
pub fn names(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    panel(ui, rect, "Name check", "", |ui, rooms| {
        asked_for(ui, rooms.head, view, made);
        let below = rooms.body;
        inside(ui, below, "name rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if made.names.is_empty() {
                let p = Palette::current(ui);
                let words = "Type the host or address that the device connects to.";
                let room = ui.max_rect().shrink2(vec2(12.0, 6.0));
                inside(ui, room, "no host", |ui| {
                    text::label(ui, &[(words, Face::Small.id(), p.get(Role::Text2))], 16.0);
                });
                return;
            }
            rows(ui, made);
        });
    });
}

/// The host: of the session, or typed.
pub(super) fn asked_for(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let state = &mut view.state.certificates;
    if state.host_shown != made.host {
        state.host_shown.clone_from(&made.host);
        state.host = made.host.clone().unwrap_or_default();
    }
    let wanted = row_from_right(ui, rect, "host", |ui| {
        let check = Button::new("Check").small().hint("Enter");
        let clicked = ui.add(check.name("Check this host")).clicked();
        let width = (ui.available_width() - 2.0).clamp(60.0, 300.0);
        let name = "Host or address that the device asks for";
        let id = Id::unique("certificate host");
        let typed = small_text_field(
            ui,
            id,
            &mut state.host,
            name,
            "host or address",
            width - 16.0,
        )
        .on_hover_text(name);
        let enter = typed.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        clicked || enter
    });
    if wanted {
        let host = state.host.trim().to_owned();
        view.session(if host.is_empty() {
            Command::RemoveFact("host".into())
        } else {
            Command::StateFact {
                name: "host".into(),
                value: host,
            }
        });
    }
}

/// Tone and word of a decision.
pub(super) fn verdict(of: NameVerdict) -> (Tone, &'static str) {
    match of {
        NameVerdict::Match => (Tone::Ok, "match"),
        NameVerdict::Mismatch => (Tone::Fail, "mismatch"),
        NameVerdict::NotChecked => (Tone::Unknown, "unknown"),
    }
}

fn rows(ui: &mut Ui, made: &Inspected) {
    let w = ui.available_width();
    let verdict = (w * 0.34).clamp(120.0, 190.0);
    let why = verdict + 100.0;
    table::head(
        ui,
        &[
            ("Stack", 10.0, Hold::Left),
            ("Name asked", verdict, Hold::Left),
            ("Rule", why, Hold::Left),
        ],
    );
    let own = made.device.as_ref().map_or("", |d| d.stack.as_str());
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        for check in &made.names {
            let (tone, word) = self::verdict(check.verdict);
            let reason = words::visible(&check.why);
            let name = format!("{}, {word}: {reason}", check.stack);
            let id = Id::unique(("name check", check.id, check.stack));
            let mine = !own.is_empty() && check.id == own;
            let (rect, response) = table::row(ui, ROW, id, mine, &name);
            let room = verdict - 16.0;
            let font = Face::Table.id();
            let stack = text::fit_middle(ui.painter(), check.stack, &font, room);
            table::cell(ui, rect, 10.0, Hold::Left, &stack, Role::Text, room);
            table::verdict(ui, rect, verdict, tone, word, 96.0);
            let room = w - why - 8.0;
            table::cell(ui, rect, why, Hold::Left, &reason, Role::Text2, room);
            let device = if mine {
                "The device's own stack.\n"
            } else {
                ""
            };
            response.on_hover_text(format!(
                "{device}{}: {reason}\nSource: {}",
                check.stack, check.source
            ));
        }
    });
}
