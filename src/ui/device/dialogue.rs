//! The dialogue with a module: commands with their answers and times, the settings that they made,
//! and the library of commands to send.

use egui::{Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::evidence::{FactState, InputId, TimeBase};
use crate::timeline::{Turn, TurnEnd};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::{DeviceTab, Room, Spot};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, panel, row_response};
use crate::ui::words;

const ROW: f32 = 24.0;
/// Room for the settings beside the dialogue.
const SETTINGS: f32 = 380.0;

/// Facts that are settings of a module, with a label.
const LABELS: [(&str, &str); 17] = [
    ("module.model", "Model"),
    ("module.firmware", "Firmware"),
    ("module.network", "Network"),
    ("module.tls_on", "Uses TLS"),
    ("module.tls_version", "Version"),
    ("module.cipher_suites", "Cipher suites"),
    ("module.verifies", "Checks the certificate"),
    ("module.checks_name", "Checks the name"),
    ("module.expected_name", "Name to expect"),
    ("module.checks_dates", "Checks the dates"),
    ("module.sends_sni", "Sends the server name"),
    ("module.name_in_request", "Name in the request"),
    ("module.ca", "Trust anchor"),
    ("module.client_cert", "Client certificate"),
    ("module.client_key", "Client key"),
    ("module.folder", "Folder of certificates"),
    ("module.stored_bytes", "Largest file written"),
];

/// Is there a dialogue, or a port to begin one on?
#[must_use]
pub fn available(view: &View<'_>) -> bool {
    !view.snap.dialogues.is_empty() || view.snap.ports.iter().any(|p| p.connected)
}

/// The turns to show: those of the shown input, else of the first that has any.
fn turns(view: &View<'_>) -> Option<(InputId, std::sync::Arc<[Turn]>)> {
    let shown = view.state.shown_input(&view.snap);
    let all = &view.snap.dialogues;
    all.iter()
        .find(|(id, _)| Some(*id) == shown)
        .or_else(|| all.first())
        .cloned()
}

/// The panel.
pub fn dialogue_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let count = turns(view).map_or(0, |(_, t)| t.len());
    let remark = words::count(count as u64, "command or message", "commands and messages");
    panel(ui, rect, "Commands", &remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "dialogue head", |ui| {
            if ui
                .add(Button::new("Log").small().hint("Back to the log"))
                .clicked()
            {
                view.state.device_tab = DeviceTab::Log;
            }
            library_button(ui, view);
        });
        dialogue_body(ui, rooms.body, view);
    });
}

fn library_button(ui: &mut Ui, view: &mut View<'_>) {
    let open = view.state.library.open;
    let library = Button::new("Command library").small().selected(open);
    let hint = "Commands for this device, with a preview. Nothing is sent without a click.";
    if ui.add(library.hint(hint)).clicked() {
        view.state.library.open = !open;
    }
}

/// The body alone, for small windows.
pub fn dialogue_body(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let narrow = view.room <= Room::Narrow;
    if narrow {
        let bar = rect.with_max_y(rect.top() + 32.0).shrink2(vec2(8.0, 2.0));
        row_from_right(ui, bar, "dialogue bar", |ui| library_button(ui, view));
        let below = rect.with_min_y(bar.bottom() + 2.0);
        if view.state.library.open {
            super::library::library(ui, below, view);
        } else {
            list(ui, below, view);
        }
        return;
    }
    if view.state.library.open {
        let library = rect.with_max_x(rect.left() + 740.0_f32.min(rect.width() * 0.62));
        super::library::library(ui, library, view);
        let line = Stroke::new(1.0, Palette::current(ui).get(Role::Line));
        ui.painter().vline(library.right(), rect.y_range(), line);
        list(ui, rect.with_min_x(library.right() + 1.0), view);
        return;
    }
    let side = rect.with_min_x(rect.right() - SETTINGS);
    list(ui, rect.with_max_x(side.left() - 1.0), view);
    let line = Stroke::new(1.0, Palette::current(ui).get(Role::Line));
    ui.painter().vline(side.left(), rect.y_range(), line);
    settings(ui, side, view);
}

fn list(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let Some((input, turns)) = turns(view).filter(|(_, t)| !t.is_empty()) else {
        let words = "No command seen so far. Send one from the library, or let the host talk to the \
                     module.";
        let run = [(words, Face::Body.id(), p.get(Role::Text2))];
        inside(ui, rect.shrink2(vec2(12.0, 12.0)), "no dialogue", |ui| {
            text::label(ui, &run, 18.0);
        });
        return;
    };
    let base = (view.snap.inputs.iter())
        .find(|i| i.id == input)
        .map_or(TimeBase::None, |i| i.time_base);
    inside(ui, rect, "dialogue", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        ui.spacing_mut().item_spacing.y = 0.0;
        let area = ScrollArea::vertical()
            .id_salt("dialogue rows")
            .auto_shrink([false, false])
            .stick_to_bottom(true);
        area.show_rows(ui, ROW, turns.len(), |ui, range| {
            for i in range {
                if let Some(turn) = turns.get(i) {
                    one(ui, i, turn, input, base, view);
                }
            }
        });
    });
}

fn one(ui: &mut Ui, i: usize, turn: &Turn, input: InputId, base: TimeBase, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let time = match (turn.received, turn.at) {
        (Some(at), _) => words::time_short(at, TimeBase::Unix),
        (None, Some(at)) if base != TimeBase::None => words::time_short(at, base),
        _ => format!("line {}", turn.line),
    };
    let command = turn.command.as_deref().unwrap_or_default();
    let said = answer(turn);
    let took = turn.took_ms().map(words::duration_ms).unwrap_or_default();
    let (mark, ink, word) = match (turn.end, turn.command.is_some()) {
        (_, false) => (Icon::Left, Role::Server, "came unasked"),
        (TurnEnd::Ok, _) => (Icon::Ok, Role::Ok, "accepted"),
        (TurnEnd::Failed, _) => (Icon::Fail, Role::Fail, "refused"),
        (TurnEnd::Open, _) => (Icon::Wait, Role::Unknown, "no answer"),
    };
    let mut all = turn.said.iter().chain(&turn.later);
    let meaning = all.rfind(|w| !w.means.is_empty()).map(|w| &*w.means);
    let means = meaning.unwrap_or_default();
    let spoken = [&time, command, word, &said, means, &took]
        .iter()
        .filter(|w| !w.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let spot = Spot {
        input,
        line: turn.line,
    };
    let on = view.state.selected == Some(spot);
    let id = ui.scope_id().with(("turn", i));
    let response = row_response(ui, rect, id, on, &spoken);
    let painter = ui.painter_at(rect);
    let y = rect.center().y;
    let at = pos2(rect.left() + 18.0, y);
    icon::paint(&painter, mark, at, 12.0, p.get(ink), p.get(Role::Bg1));
    let put = |x: f32, words: &str, face: Face, ink: Role, room: f32| {
        let run = (words, face.id(), p.get(ink));
        text::mid(&painter, pos2(x, y), Hold::Left, run, room.max(1.0));
    };
    let w = rect.width();
    let from_time = rect.left() + 32.0;
    let from_command = from_time + if w < 520.0 { 0.0 } else { 84.0 };
    let end = rect.right() - 76.0;
    let from_said =
        from_command + (end - from_command) * if command.is_empty() { 0.0 } else { 0.5 };
    if w >= 520.0 {
        put(from_time, &time, Face::MonoSmall, Role::Text2, 78.0);
    }
    let room = from_said - from_command - 10.0;
    put(from_command, command, Face::MonoSmall, Role::Text, room);
    let shown = match meaning {
        Some(meaning) => format!("{said}  ·  {meaning}"),
        None => said,
    };
    put(
        from_said,
        &shown,
        Face::MonoSmall,
        Role::Text2,
        end - from_said - 6.0,
    );
    let run = (took.as_str(), Face::MonoSmall.id(), p.get(Role::Text2));
    text::mid(
        &painter,
        pos2(rect.right() - 12.0, y),
        Hold::Right,
        run,
        62.0,
    );
    if response.clicked() {
        view.ask(Act::ShowLine(spot));
    }
    let mut whole = vec![command.to_owned()];
    whole.extend(
        turn.said
            .iter()
            .chain(&turn.later)
            .map(|w| w.text.to_string()),
    );
    response.on_hover_text(whole.join("\n").trim().to_owned());
}

/// What was answered, the part that tells most last.
fn answer(turn: &Turn) -> String {
    let parts: Vec<&str> = turn
        .said
        .iter()
        .chain(&turn.later)
        .map(|w| w.text.trim())
        .filter(|t| !t.is_empty())
        .collect();
    match parts.as_slice() {
        [] => String::new(),
        // A plain OK says less than what came with it.
        [one @ .., "OK"] if !one.is_empty() => one.join("  "),
        all => all.join("  "),
    }
}

fn settings(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let facts = view.snap.facts.clone();
    inside(ui, rect.shrink2(vec2(12.0, 8.0)), "module settings", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        let head = [(
            "Settings as the commands show them",
            Face::Small.id(),
            p.get(Role::Text2),
        )];
        text::label(ui, &head, 16.0);
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("module settings").show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let mut any = false;
            for (name, label) in LABELS {
                let Some(fact) = facts.get(name) else {
                    continue;
                };
                let value = match &fact.state {
                    FactState::Known(v) if v.display().is_empty() => "none".to_owned(),
                    FactState::Known(v) if name.ends_with("_bytes") => {
                        format!("{} bytes", v.display())
                    }
                    FactState::Known(v) => v.display(),
                    FactState::Absent => "none".to_owned(),
                };
                any = true;
                let spot = fact
                    .origins
                    .iter()
                    .find_map(|o| o.spot().map(|(input, line)| Spot { input, line }));
                setting(ui, label, &value, spot, view);
            }
            if !any {
                let words = "None seen: the log begins after the module was set up.";
                let run = [(words, Face::Body.id(), p.get(Role::Text2))];
                text::label(ui, &run, 18.0);
            }
        });
    });
}

fn setting(ui: &mut Ui, label: &str, value: &str, spot: Option<Spot>, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let id = ui.scope_id().with(("setting", label));
    let spoken = format!("{label}: {value}");
    let response = row_response(ui, rect, id, false, &spoken);
    let painter = ui.painter_at(rect);
    let y = rect.center().y;
    let run = (label, Face::Table.id(), p.get(Role::Text3));
    text::mid(&painter, pos2(rect.left(), y), Hold::Left, run, 158.0);
    let from = rect.left() + 166.0;
    let run = (value, Face::Table.id(), p.get(Role::Text));
    text::mid(
        &painter,
        pos2(from, y),
        Hold::Left,
        run,
        rect.right() - from - 62.0,
    );
    if let Some(spot) = spot {
        let place = format!("line {}", spot.line);
        let run = (place.as_str(), Face::Caption.id(), p.get(Role::Text2));
        text::mid(
            &painter,
            pos2(rect.right() - 2.0, y),
            Hold::Right,
            run,
            58.0,
        );
        if response.clicked() {
            view.ask(Act::ShowLine(spot));
        }
    }
    response.on_hover_text(spoken);
}
