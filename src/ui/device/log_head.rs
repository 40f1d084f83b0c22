//! The head of the log: its buttons, which input, the search.

use egui::{Id, Key, Rect, Ui, vec2};

use crate::evidence::{Input, InputId, InputKind};
use crate::session::{DeviceSide, SideWanted, dialect_names};
use crate::ui::command::{Act, Command};
use crate::ui::icon::Icon;
use crate::ui::keys::{self, KeyDoes};
use crate::ui::source::Search;
use crate::ui::state::{DeviceTab, Room, Spot};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, Panel, small_choice, text_field};
use crate::ui::words;

/// The head of the panel: buttons, and which input where there are several.
pub fn head(ui: &mut Ui, rooms: Panel, input: Option<&Input>, view: &mut View<'_>) {
    let snap = view.snap.clone();
    row_from_right(ui, rooms.head, "log head", |ui| {
        let capture = input.is_some_and(|i| i.kind == InputKind::Capture);
        if !capture {
            buttons(ui, view);
        }
        if snap.inputs.len() > 1 {
            let names: Vec<(InputId, String)> = snap
                .inputs
                .iter()
                .map(|i| (i.id, words::middle(&i.name, 22)))
                .collect();
            let options: Vec<(InputId, &str)> =
                names.iter().map(|(i, n)| (*i, n.as_str())).collect();
            if let Some(mut chosen) = input.map(|i| i.id)
                && small_choice(ui, "Input", 150.0, &mut chosen, &options)
            {
                view.state.log.input = Some(chosen);
                view.state.log.follow = true;
            }
        }
        if let Some(input) = input.filter(|_| capture) {
            device_end(ui, input, view);
        }
        let log = input.filter(|_| !capture);
        if let Some(input) = log.filter(|_| snap.inputs.len() > 1 && view.room >= Room::Normal) {
            super::clock::clock(ui, input, view);
        }
        if let Some(input) = log.filter(|_| ui.available_width() > 190.0) {
            read_as(ui, input, view);
        }
    });
}

/// Which end of a capture is the device, and the way to say otherwise.
fn device_end(ui: &mut Ui, input: &Input, view: &mut View<'_>) {
    let sides = view.snap.sides.iter();
    let wanted = sides.clone().find(|(id, _)| *id == input.id).map(|s| &s.1);
    let by_hand = wanted.is_some_and(SideWanted::is_by_hand);
    let mut at = match wanted.map(|w| &w.side) {
        Some(DeviceSide::Client) if by_hand => 1,
        Some(DeviceSide::Server) if by_hand => 2,
        _ => 0,
    };
    let options = [
        (0, "Device: as it shows"),
        (1, "Device: the client"),
        (2, "Device: the server"),
    ];
    if small_choice(ui, "Device's end", 158.0, &mut at, &options) {
        let side = match at {
            1 => Some(DeviceSide::Client),
            2 => Some(DeviceSide::Server),
            _ => None,
        };
        view.session(Command::SetSide(input.id, side));
    }
}

/// What the input is read as, why, and the way to say otherwise.
fn read_as(ui: &mut Ui, input: &Input, view: &mut View<'_>) {
    let names = dialect_names();
    let first = input.readings.iter().find(|r| !r.is_general());
    let looks = first.map_or("what it looks like", |first| first.title.as_str());
    let mut options: Vec<(usize, &str)> = vec![(0, looks)];
    let listed = names.iter().enumerate();
    options.extend(listed.map(|(i, n)| (i + 1, n.title.as_str())));
    let position = |id: &String| names.iter().position(|n| n.id == *id).map(|i| i + 1);
    let mut at = input.read_as.as_ref().and_then(position).unwrap_or(0);
    if small_choice(ui, "Read as", 168.0, &mut at, &options) {
        let dialect = at.checked_sub(1).and_then(|i| names.get(i));
        view.session(Command::ReadAs {
            input: input.id,
            dialect: dialect.map(|n| n.id.clone()),
        });
    }
}

/// Find, raw, following, reads; right to left.
pub fn buttons(ui: &mut Ui, view: &mut View<'_>) {
    let log = &mut view.state.log;
    let raw = Button::new("Raw bytes").small().selected(log.raw);
    if ui.add(raw.hint("The bytes as received")).clicked() {
        log.raw = !log.raw;
    }
    let find_hint = keys::hint(KeyDoes::Find);
    let find = Button::new("Find").small().icon(Icon::Look);
    let open = log.find.is_some();
    if ui.add(find.selected(open).hint(&find_hint)).clicked() {
        view.ask(Act::Find(!open));
    }
    let log = &mut view.state.log;
    let fold_hint = "Repeated lines as one row";
    let (words, name) = if log.fold {
        ("Unfold", "Unfold repeated lines")
    } else {
        ("Fold", "Fold repeated lines")
    };
    let fold = Button::quiet(words).small().icon(Icon::Fold).name(name);
    if ui.add(fold.hint(fold_hint)).clicked() {
        log.fold = !log.fold;
    }
    let words = if log.follow { "following" } else { "follow" };
    let follow = Button::quiet(words).small().icon(Icon::Down);
    let hint = keys::hint(KeyDoes::Follow);
    if ui.add(follow.hint(&hint)).clicked() {
        log.follow = !log.follow;
    }
    if view.room >= Room::Normal && super::dialogue::available(view) {
        let button = Button::quiet("Commands").small();
        let hint = "Commands with their answers and times, and what they set";
        if ui.add(button.hint(hint)).clicked() {
            view.state.device_tab = DeviceTab::Commands;
        }
    }
    let reads = view.state.device_tab == DeviceTab::Reads;
    if view.room >= Room::Normal && !reads {
        let button = Button::quiet("Read ladder").small();
        let hint = "Reads of the socket on an axis of bytes";
        if ui.add(button.hint(hint)).clicked() {
            view.state.device_tab = DeviceTab::Reads;
        }
    }
}

/// The search field above the rows.
pub fn find_bar(ui: &mut Ui, rect: Rect, input: &Input, view: &mut View<'_>) {
    inside(ui, rect.shrink2(vec2(12.0, 4.0)), "find", |ui| {
        ui.horizontal(|ui| {
            let Some(mut typed) = view.state.log.find.take() else {
                return;
            };
            let id = Id::unique("find field");
            let width = (ui.available_width() - 260.0).clamp(120.0, 360.0);
            let field = text_field(ui, id, &mut typed, "Find in the log", "Text to find", width);
            if std::mem::take(&mut view.state.log.focus_find) {
                field.request_focus();
            }
            if field.changed() {
                view.state.log.not_found = false;
            }
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let hint = keys::hint(KeyDoes::FindNext);
            let next = Button::new("Next").icon_after(Icon::Down).hint(&hint);
            let ready = !typed.is_empty();
            if (ui.add(next.enabled(ready)).clicked() || enter) && ready {
                look_for(typed.clone(), input.id, view);
                if enter {
                    field.request_focus();
                }
            }
            if std::mem::take(&mut view.state.log.find_next) && ready {
                look_for(typed.clone(), input.id, view);
            }
            search_goes_on(view);
            let p = Palette::current(ui);
            if view.state.log.looking.is_some() {
                ui.colored_label(p.get(Role::Text2), "Looking …");
            }
            if view.state.log.not_found {
                ui.colored_label(p.get(Role::Warn), "Not in this log.");
            }
            if ui.add(Button::quiet("Close").name("Close find")).clicked() {
                return;
            }
            view.state.log.find = Some(typed);
        });
    });
}

/// Looks for `text` behind the selected line of `input`.
fn look_for(text: String, input: InputId, view: &mut View<'_>) {
    let selected = view.state.selected.filter(|s| s.input == input);
    let from = selected.map_or(1, |s| s.line + 1);
    view.state.log.looking = Some((input, text, from));
}

/// Asks for the result of a search that runs.
fn search_goes_on(view: &mut View<'_>) {
    let Some((input, text, from)) = view.state.log.looking.clone() else {
        return;
    };
    let found = view.source.find(input, &text, from);
    if found != Search::Looking {
        view.state.log.looking = None;
    }
    view.state.log.not_found = found == Search::Nothing;
    if let Search::Found(line) = found {
        view.ask(Act::Select(Some(Spot { input, line })));
    }
}
