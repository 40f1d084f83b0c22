//! The address row: where, as whom, which name; options; the button that asks.

use egui::{ComboBox, Id, Key, Rect, Ui, pos2, vec2};

use super::form::{self, STARTTLS};
use super::state::Sni;
use crate::session::{AskAs, ServerSeen};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon::Icon;
use crate::ui::keys::{self, KeyDoes};
use crate::ui::state::Room;
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, choice, text_field};
use crate::ui::words;

const ROW: f32 = 44.0;

/// Height of all rows.
pub fn height(view: &View<'_>) -> f32 {
    let state = &view.state.server;
    let small = view.room <= Room::Narrow;
    let mut rows = if small && state.options { 2.0 } else { 1.0 };
    if state.options {
        rows += if small { 3.0 } else { 2.0 };
    }
    let wrong = if state.wrong.is_some() { 22.0 } else { 0.0 };
    let one = if view.room == Room::Small { 40.0 } else { ROW };
    rows * one + wrong
}

/// The row in `rect`.
pub fn address(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let small = view.room <= Room::Narrow;
    let one = if view.room == Room::Small { 40.0 } else { ROW };
    let rect = if view.room == Room::Small {
        rect.shrink2(vec2(6.0, 0.0))
    } else {
        rect
    };
    let mut top = rect.top();
    let mut next = || {
        let line = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + one));
        top += one;
        line
    };
    let line = next();
    let right = row_from_right(ui, line, "ask", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ask_button(ui, view);
        let options = Button::new(if small { "More" } else { "Options" })
            .selected(view.state.server.options)
            .name("Options of the question")
            .hint("Device, SNI, STARTTLS, files, waits");
        if ui.add(options).clicked() {
            view.state.server.options = !view.state.server.options;
        }
        ui.min_rect().left() - 8.0
    });
    row(ui, line.with_max_x(right), "address", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let host_w = if small {
            (ui.available_width() - 90.0).clamp(120.0, 380.0)
        } else {
            (ui.available_width() * 0.3).clamp(190.0, 330.0)
        };
        where_to(ui, view, host_w);
        if !small {
            whom(
                ui,
                view,
                seen,
                (ui.available_width() - 165.0).clamp(150.0, 320.0),
            );
            sni(ui, view);
        }
    });
    if view.state.server.options {
        if small {
            let line = next();
            row(ui, line, "whom", |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                whom(
                    ui,
                    view,
                    seen,
                    (ui.available_width() - 170.0).clamp(130.0, 320.0),
                );
                sni(ui, view);
            });
        }
        options(ui, &mut next, view, small);
    }
    if let Some(wrong) = view.state.server.wrong.clone() {
        let line = Rect::from_min_max(pos2(rect.left(), top), rect.right_bottom());
        inside(ui, line, "wrong", |ui| {
            let p = Palette::current(ui);
            let wrong = words::visible(&wrong);
            text::label(ui, &[(&wrong, Face::Body.id(), p.get(Role::Fail))], 18.0);
        });
    }
}

/// Host and port.
fn where_to(ui: &mut Ui, view: &mut View<'_>, width: f32) {
    let id = Id::unique("server host");
    let state = &mut view.state.server;
    let host = text_field(
        ui,
        id,
        &mut state.host,
        "Server host",
        "host or address",
        width,
    );
    if std::mem::take(&mut state.focus) {
        host.request_focus();
    }
    let port_id = Id::unique("server port");
    let port = text_field(ui, port_id, &mut state.port, "Server port", "port", 56.0);
    let enter = ui.input(|i| i.key_pressed(Key::Enter));
    if host.changed() || port.changed() {
        state.wrong = None;
    }
    let done = enter && (host.lost_focus() || port.lost_focus());
    host.on_hover_text(keys::hint(KeyDoes::Address));
    if done {
        ask(view);
    }
}

/// Whose hello.
fn whom(ui: &mut Ui, view: &mut View<'_>, seen: &ServerSeen, width: f32) {
    let p = Palette::current(ui);
    let label = egui::RichText::new("ask as").color(p.get(Role::Text2));
    ui.label(label);
    let choices = view.source.ask_choices();
    let state = &mut view.state.server;
    let device = seen.device.as_ref();
    let shown = match (&state.ask_as, device) {
        (AskAs::Nobody, _) => "no device".to_owned(),
        (AskAs::File(_), _) => "a file with a ClientHello".to_owned(),
        (_, Some(device)) => device.of.clone(),
        (_, None) => "no device".to_owned(),
    };
    let short = text::fit_middle(ui.painter(), &shown, &Face::Body.id(), width - 34.0);
    ui.spacing_mut().interact_size.y = 32.0;
    let combo = ComboBox::from_id_salt("ask as")
        .selected_text(short)
        .width(width)
        .height(360.0)
        .show_ui(ui, |ui| {
            for choice in choices.iter() {
                let on = state.ask_as == choice.ask;
                let item = ui
                    .selectable_label(on, choice.words.as_str())
                    .on_hover_text(choice.source.as_str());
                if item.clicked() {
                    state.ask_as = choice.ask.clone();
                }
            }
            let on = matches!(state.ask_as, AskAs::File(_));
            if ui.selectable_label(on, "from a file …").clicked() {
                state.ask_as = AskAs::File(state.file.clone().into());
                state.options = true;
            }
        });
    let source = device.map_or("", |d| d.source.as_str());
    combo
        .response
        .accessible_name(format!("Ask as: {shown}"))
        .on_hover_text(format!("Whose ClientHello is sent.\n{source}"));
}

/// Which name.
fn sni(ui: &mut Ui, view: &mut View<'_>) {
    let state = &mut view.state.server;
    let options = [
        (Sni::Host, "SNI: host"),
        (Sni::None, "SNI: none"),
        (Sni::Other, "SNI: other"),
    ];
    let mut value = state.sni;
    ui.spacing_mut().interact_size.y = 32.0;
    if choice(ui, "Name that is sent", 104.0, &mut value, &options) {
        state.sni = value;
        state.options |= value == Sni::Other;
    }
}

/// What is seldom needed.
fn options(ui: &mut Ui, next: &mut impl FnMut() -> Rect, view: &mut View<'_>, small: bool) {
    let line = next();
    row(ui, line, "options", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.spacing_mut().interact_size.y = 32.0;
        let state = &mut view.state.server;
        choice(ui, "Before TLS", 130.0, &mut state.starttls, &STARTTLS);
        let waits = [(2, "wait 2 s"), (5, "wait 5 s"), (10, "wait 10 s")];
        choice(ui, "Longest wait", 90.0, &mut state.seconds, &waits);
        let id = Id::unique("dns server");
        let (dns, name) = (
            &mut state.dns,
            "DNS server to ask instead of the system\u{2019}s",
        );
        text_field(ui, id, dns, name, "DNS server (system)", 170.0);
        let width = if small { 130.0 } else { 250.0 };
        if state.sni == Sni::Other {
            let id = Id::unique("other name");
            let name = &mut state.other_name;
            text_field(ui, id, name, "Other name in SNI", "name in SNI", width);
        }
        if matches!(state.ask_as, AskAs::File(_)) {
            let id = Id::unique("hello file");
            let file = &mut state.file;
            text_field(
                ui,
                id,
                file,
                "File with a ClientHello",
                "file with a ClientHello",
                width,
            );
        }
    });
    let files = |ui: &mut Ui, line: Rect, view: &mut View<'_>, which: &[usize], width: f32| {
        row(
            ui,
            line,
            if which[0] == 0 { "roots" } else { "identity" },
            |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let state = &mut view.state.server;
                for i in which {
                    let (value, name) = match i {
                        0 => (&mut state.roots, "Roots for the strict check (PEM file)"),
                        1 => (&mut state.chain, "Client certificate chain (PEM file)"),
                        _ => (&mut state.key, "Private key of the client (PEM file)"),
                    };
                    text_field(ui, Id::unique(("probe file", i)), value, name, name, width);
                }
            },
        );
    };
    if small {
        let line = next();
        files(ui, line, view, &[0], line.width() - 24.0);
        let line = next();
        files(ui, line, view, &[1, 2], (line.width() - 20.0) * 0.5);
    } else {
        let line = next();
        files(ui, line, view, &[0, 1, 2], (line.width() - 24.0) / 3.0);
    }
}

/// The button; stops what runs. The address stands in its tooltip too.
pub fn ask_button(ui: &mut Ui, view: &mut View<'_>) {
    let state = &view.state.server;
    let width = if view.room > Room::Small {
        140.0
    } else {
        122.0
    };
    if super::stop_running(&view.snap).is_some() {
        let button = Button::primary("Asking").enabled(false).min_width(width);
        ui.add(button.hint("One probe at a time; Cancel stops it (Esc)"));
        return;
    }
    let ready = !state.host.trim().is_empty();
    let again = view.snap.probes.iter().any(|p| {
        p.target.host == state.host.trim() && p.target.port.to_string() == state.port.trim()
    });
    let words = if again { "Ask again" } else { "Ask the server" };
    let hint = if ready {
        format!(
            "Connects to {} port {} and to nothing else (Enter)",
            words::visible(state.host.trim()),
            state.port.trim()
        )
    } else {
        "Type the host first".to_owned()
    };
    let mut button = Button::primary(words)
        .enabled(ready)
        .hint(&hint)
        .min_width(width);
    if view.room > Room::Small {
        button = button.icon_after(Icon::Next);
    }
    if ui.add(button).clicked() {
        ask(view);
    }
}

fn ask(view: &mut View<'_>) {
    if super::stop_running(&view.snap).is_some() {
        return;
    }
    match form::wish(&view.state.server) {
        Ok(wish) => {
            let state = &mut view.state.server;
            state.host.clone_from(&wish.target.host);
            state.port = wish.target.port.to_string();
            state.wrong = None;
            state.probe = None;
            state.tab = 0;
            view.session(Command::AskServer(Box::new(wish)));
        }
        Err(sentence) => view.state.server.wrong = Some(sentence),
    }
}
