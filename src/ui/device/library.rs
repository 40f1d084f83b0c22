//! The library of commands: choose one, fill it in, see the exact bytes, send it by a click.
//!
//! What changes the device asks first. Nothing is ever sent without a click.

use egui::{Id, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::knowledge::{CommandDef, CommandSet};
use crate::ui::command::{Act, Command, PortAction};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{Button, bare, choice, row_response, text_field};
use crate::ui::words;

const ROW: f32 = 26.0;

/// Library in `rect`.
pub fn library(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let sets = view.source.command_sets();
    let Some(set) = chosen_set(&sets, view).cloned() else {
        return;
    };
    let list_w = 270.0_f32.min(rect.width() * 0.42);
    let left = rect.with_max_x(rect.left() + list_w);
    inside(ui, left.shrink2(vec2(8.0, 6.0)), "library list", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(left));
        let options: Vec<(usize, &str)> = sets
            .iter()
            .enumerate()
            .map(|(i, s)| (i, s.title.as_str()))
            .collect();
        let now = sets.iter().position(|s| s.id == set.id).unwrap_or(0);
        let mut at = now;
        if choice(ui, "Device", list_w - 40.0, &mut at, &options)
            && let Some(other) = sets.get(at)
        {
            view.state.library.set.clone_from(&other.id);
            view.state.library.command.clear();
            view.state.library.asking = false;
        }
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("library commands").show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for command in &set.commands {
                entry(ui, command, view);
            }
        });
    });
    let right = rect.with_min_x(left.right());
    let shown = set
        .commands
        .iter()
        .find(|c| c.id == view.state.library.command)
        .or(set.commands.first());
    if let Some(command) = shown {
        details(ui, right, &set, command, view);
    }
}

/// The set that was chosen, else that of the device's stack, else the first.
fn chosen_set<'a>(sets: &'a [CommandSet], view: &View<'_>) -> Option<&'a CommandSet> {
    let chosen = &view.state.library.set;
    let stack = view
        .state
        .shown_attempt(&view.snap)
        .and_then(|i| view.snap.attempts.get(i))
        .and_then(|a| a.stack.as_deref());
    let of_input = || {
        let mut dialects = view.snap.inputs.iter().flat_map(|i| &i.dialects);
        dialects.find_map(|d| sets.iter().find(|s| s.id == *d))
    };
    sets.iter()
        .find(|s| s.id == *chosen)
        .or_else(|| sets.iter().find(|s| Some(s.id.as_str()) == stack))
        .or_else(of_input)
        .or(sets.first())
}

fn entry(ui: &mut Ui, command: &CommandDef, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let on = view.state.library.command == command.id;
    let kind = if command.changes_device() {
        "changes the device"
    } else {
        "only asks"
    };
    let name = format!("{}, {kind}", command.title);
    let id = ui.scope_id().with(("library", &command.id));
    let response = row_response(ui, rect, id, on, &name);
    let painter = ui.painter_at(rect);
    let y = rect.center().y;
    let (mark, ink) = if command.changes_device() {
        (Icon::Set, Role::Warn)
    } else {
        (Icon::Look, Role::Text3)
    };
    let at = pos2(rect.left() + 12.0, y);
    icon::paint(&painter, mark, at, 12.0, p.get(ink), p.get(Role::Bg1));
    let run = (command.title.as_str(), Face::Table.id(), p.get(Role::Text));
    let room = rect.width() - 34.0;
    text::mid(&painter, pos2(rect.left() + 26.0, y), Hold::Left, run, room);
    if response.clicked() {
        view.state.library.command.clone_from(&command.id);
        view.state.library.asking = false;
    }
    response.on_hover_text(format!("{}\n{kind}", command.text));
}

fn details(ui: &mut Ui, rect: Rect, set: &CommandSet, command: &CommandDef, view: &mut View<'_>) {
    inside(ui, rect.shrink2(vec2(12.0, 8.0)), "library details", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("library details").show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            fields(ui, command, view);
            let bytes = set.bytes(command, &view.state.library.values);
            preview(ui, &bytes);
            send(ui, command, bytes, view);
            let p = Palette::current(ui);
            if !command.note.is_empty() {
                let run = [(command.note.as_str(), Face::Body.id(), p.get(Role::Text))];
                text::label(ui, &run, 18.0);
            }
            let source = if command.source.is_empty() {
                &set.source
            } else {
                &command.source
            };
            let words = format!("Source: {source}");
            let run = [(words.as_str(), Face::Caption.id(), p.get(Role::Text3))];
            text::label(ui, &run, 15.0);
        });
    });
}

fn fields(ui: &mut Ui, command: &CommandDef, view: &mut View<'_>) {
    if command.parts.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for part in &command.parts {
            let values = &mut view.state.library.values;
            let value = values
                .entry(part.name.clone())
                .or_insert_with(|| part.default.clone());
            let before = value.clone();
            if part.choices.is_empty() {
                let p = Palette::current(ui);
                ui.colored_label(p.get(Role::Text2), &part.label);
                let id = Id::unique(("library part", &command.id, &part.name));
                let width = if part.default.len() > 8 { 170.0 } else { 64.0 };
                text_field(ui, id, value, &part.label, "", width);
            } else {
                if !part.choices.iter().any(|(v, _)| v == value) {
                    value.clone_from(&part.default);
                }
                let options: Vec<(usize, &str)> = part
                    .choices
                    .iter()
                    .enumerate()
                    .map(|(i, (_, words))| (i, words.as_str()))
                    .collect();
                let now = part.choices.iter().position(|(v, _)| v == value);
                let mut at = now.unwrap_or(0);
                if choice(ui, &part.label, 150.0, &mut at, &options)
                    && let Some((v, _)) = part.choices.get(at)
                {
                    value.clone_from(v);
                }
            }
            if *value != before {
                view.state.library.asking = false;
            }
        }
    });
}

/// The exact bytes, line end shown.
fn preview(ui: &mut Ui, bytes: &[u8]) {
    let p = Palette::current(ui);
    let mut shown = String::new();
    for byte in bytes {
        match byte {
            b'\r' => shown.push_str("‹CR›"),
            b'\n' => shown.push_str("‹LF›"),
            b' '..=b'~' => shown.push(char::from(*byte)),
            other => shown.push_str(&format!("‹{other:02X}›")),
        }
    }
    let width = ui.available_width();
    let run = [(shown.as_str(), Face::Mono.id(), p.get(Role::Text))];
    let galley = text::paragraph(ui.painter(), &run, width - 20.0, 18.0, 4);
    let size = vec2(width, galley.size().y + 14.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    bare(ui, rect, Role::Bg2, Role::Line2, 1.0);
    ui.painter().galley(
        pos2(rect.left() + 10.0, rect.top() + 7.0),
        galley,
        p.get(Role::Text),
    );
    let name = format!("Preview: {shown}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
}

fn send(ui: &mut Ui, command: &CommandDef, bytes: Vec<u8>, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let open: Vec<_> = (view.snap.ports.iter())
        .filter(|port| port.connected)
        .map(|port| (port.input, port.name.clone()))
        .collect();
    let Some((first, _)) = open.first() else {
        let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        let copy = Button::new("Copy").small().icon(Icon::Copy);
        if ui.add(copy.name("Copy the command")).clicked() {
            let done = "Copied the command.".into();
            view.ask(Act::Copy { text, done });
        }
        let words = "No port is open: connect the device to send this from here.";
        let run = [(words, Face::Body.id(), p.get(Role::Text2))];
        text::label(ui, &run, 18.0);
        return;
    };
    let mut to = view.state.library.port.unwrap_or(*first);
    if !open.iter().any(|(id, _)| *id == to) {
        to = *first;
    }
    let name = open
        .iter()
        .find(|(id, _)| *id == to)
        .map_or("", |(_, name)| name.as_str());
    let count = words::bytes(bytes.len() as u64);
    if view.state.library.asking && command.changes_device() {
        let words = format!("{} Send {count} to {name}?", command.changes);
        let run = [(words.as_str(), Face::Body.bold(), p.get(Role::Warn))];
        text::label(ui, &run, 18.0);
    }
    ui.horizontal_wrapped(|ui| {
        if open.len() > 1 {
            let options: Vec<_> = open.iter().map(|(id, n)| (*id, n.as_str())).collect();
            if choice(ui, "Port", 130.0, &mut to, &options) {
                view.state.library.port = Some(to);
                view.state.library.asking = false;
            }
        }
        let asking = view.state.library.asking && command.changes_device();
        let words = match (asking, command.changes_device()) {
            (true, _) => "Send it",
            (false, true) => "Send …",
            (false, false) => "Send",
        };
        let spoken = format!("{words}: {} to {name}", command.title);
        let hint = format!("{count} to {name}");
        let button = Button::primary(words).name(&spoken).hint(&hint);
        if ui.add(button).clicked() {
            if command.changes_device() && !asking {
                view.state.library.asking = true;
            } else {
                view.state.library.asking = false;
                view.session(Command::Port(to, PortAction::Send(bytes)));
            }
        }
        if asking && ui.add(Button::new("Do not send")).clicked() {
            view.state.library.asking = false;
        }
        if !asking && command.changes_device() {
            let words = format!("Changes the device: {}", command.changes);
            ui.colored_label(
                p.get(Role::Text2),
                egui::RichText::new(words).font(Face::Small.id()),
            );
        }
    });
}
