//! An open port: its state, DTR, RTS, Reset, a line to send, Close.

use egui::{Id, Key, Rect, Ui, pos2, vec2};

use crate::evidence::{InputId, InputKind};
use crate::session::PortStatus;
use crate::ui::command::{Act, Command, LineEnd, PortAction};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, row};
use crate::ui::widget::{Button, bare, choice, text_field};

/// Height of one bar.
pub const BAR: f32 = 42.0;

/// The bar of `port` in `rect`.
pub fn port_bar(ui: &mut Ui, rect: Rect, port: &PortStatus, view: &mut View<'_>) {
    let p = Palette::current(ui);
    bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    let y = rect.center().y;
    let (mark, ink) = match (port.connected, port.recording.is_some()) {
        (true, true) => (Icon::Rec, Role::Fail),
        (true, false) => (Icon::Plug, Role::Ok),
        (false, _) => (Icon::Wait, Role::Warn),
    };
    let painter = ui.painter().clone();
    icon::paint(
        &painter,
        mark,
        pos2(rect.left() + 18.0, y),
        13.0,
        p.get(ink),
        p.get(Role::Bg1),
    );
    let narrow = view.room <= Room::Narrow;
    let parts: &[&str] = if narrow && !port.sentence.is_empty() {
        &[&port.sentence]
    } else {
        &[&port.name, &port.line, &port.sentence]
    };
    let words = crate::ui::words::joined(parts);
    let plays = is_simulated(port.input, view);
    let room = rect.width()
        * match (narrow, plays) {
            (_, true) => 0.5,
            (true, _) => 0.22,
            (false, _) => 0.3,
        };
    let run = (words.as_str(), Face::Body.id(), p.get(Role::Text));
    let end = text::mid(&painter, pos2(rect.left() + 32.0, y), Hold::Left, run, room);
    let said = ui.interact(
        end,
        ui.scope_id().with(("port said", port.input)),
        egui::Sense::hover(),
    );
    let spoken = format!("Port {}, {}. {}", port.name, port.line, port.sentence);
    said.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, &spoken));
    said.on_hover_text(&spoken);
    let inner = Rect::from_min_max(
        pos2(end.right() + 14.0, rect.top() + 1.0),
        rect.max - vec2(8.0, 1.0),
    );
    let salt = format!("port bar {}", port.input.0);
    row(ui, inner, &salt, |ui| controls(ui, port, view));
}

fn controls(ui: &mut Ui, port: &PortStatus, view: &mut View<'_>) {
    let name = port.name.as_str();
    let id = port.input;
    if is_simulated(id, view) {
        simulated(ui, port, view);
        return;
    }
    line_switch(ui, "DTR", port.dtr, name, |on| {
        view.session(Command::Port(id, PortAction::Dtr(on)));
    });
    line_switch(ui, "RTS", port.rts, name, |on| {
        view.session(Command::Port(id, PortAction::Rts(on)));
    });
    let spoken = format!("Reset the device on {name}");
    let reset = Button::new("Reset").small().name(&spoken);
    let hint = "A pulse on RTS with DTR off: the device starts again, what it held is lost";
    if ui.add(reset.hint(hint)).clicked() {
        view.session(Command::Port(id, PortAction::Reset));
    }
    let spoken = format!("Reset the device on {name} by DTR");
    let reset = Button::quiet("by DTR").small().name(&spoken);
    let hint = "For boards of the Arduino family, whose reset hangs on DTR";
    if ui.add(reset.hint(hint)).clicked() {
        view.session(Command::Port(id, PortAction::ResetByDtr));
    }
    let room = ui.available_width() - 270.0;
    if room > 60.0 {
        send(ui, id, name, room.min(420.0), view);
    }
    let spoken = format!("Close {name}");
    let close = Button::quiet("Close").small().name(&spoken);
    if ui
        .add(close.hint("Closes the port; what was read stays"))
        .clicked()
    {
        view.session(Command::CloseInput(id));
    }
    if ui.available_width() > 90.0 && view.snap.ports.len() < 2 {
        let second = Button::quiet("Second port").small();
        if ui
            .add(second.hint("Opens another port beside this one"))
            .clicked()
        {
            view.ask(Act::Connect(true));
        }
    }
}

fn is_simulated(id: InputId, view: &View<'_>) -> bool {
    let kind = view.snap.inputs.iter().find(|i| i.id == id).map(|i| i.kind);
    kind == Some(InputKind::Simulated)
}

/// A simulated device has no lines to switch and takes no orders.
fn simulated(ui: &mut Ui, port: &PortStatus, view: &mut View<'_>) {
    let spoken = format!("Play {} again", port.name);
    let again = Button::new("Play again")
        .small()
        .icon(Icon::Play)
        .name(&spoken);
    if ui
        .add(again.hint("Plays the recorded session from its start"))
        .clicked()
    {
        view.session(Command::Port(port.input, PortAction::Reset));
    }
    let spoken = format!("Close {}", port.name);
    let close = Button::quiet("Close").small().name(&spoken);
    if ui
        .add(close.hint("Ends the simulation; what was read stays"))
        .clicked()
    {
        view.session(Command::CloseInput(port.input));
    }
    if ui.available_width() > 120.0 && view.snap.ports.len() < 2 {
        let real = Button::quiet("Connect a device").small();
        if ui
            .add(real.hint("Opens a port beside the simulated one"))
            .clicked()
        {
            view.ask(Act::Connect(true));
        }
    }
}

fn line_switch(
    ui: &mut Ui,
    word: &str,
    state: Option<bool>,
    port: &str,
    mut set: impl FnMut(bool),
) {
    let (shown, next) = match state {
        Some(true) => (format!("{word} on"), false),
        Some(false) => (format!("{word} off"), true),
        None => (format!("{word} –"), true),
    };
    let spoken = format!(
        "{word} of {port}: {}",
        match state {
            Some(true) => "on",
            Some(false) => "off",
            None => "not touched",
        }
    );
    let button = Button::new(&shown)
        .small()
        .selected(state == Some(true))
        .name(&spoken);
    let hint = if state.is_none() {
        "Not touched by Handlens so far"
    } else {
        "Switches the line"
    };
    if ui.add(button.hint(hint)).clicked() {
        set(next);
    }
}

fn send(ui: &mut Ui, id: InputId, port: &str, width: f32, view: &mut View<'_>) {
    let form = &mut view.state.connect;
    let field_id = Id::unique(("send", id));
    let name = format!("Line to send to {port}");
    let field = text_field(ui, field_id, &mut form.line, &name, "line to send", width);
    let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let ends = [
        (LineEnd::CrLf, "CR LF"),
        (LineEnd::Cr, "CR"),
        (LineEnd::Lf, "LF"),
        (LineEnd::None, "nothing"),
    ];
    choice(ui, "Line end", 70.0, &mut form.line_end, &ends);
    let bytes = form.line.len() + form.line_end.bytes().len();
    let ready = bytes > 0;
    let spoken = format!("Send to {port}");
    let hint = format!("Sends {}", crate::ui::words::bytes(bytes as u64));
    let button = Button::new("Send")
        .small()
        .enabled(ready)
        .name(&spoken)
        .hint(&hint);
    if (ui.add(button).clicked() || enter) && ready {
        let mut bytes = std::mem::take(&mut form.line).into_bytes();
        bytes.extend_from_slice(form.line_end.bytes());
        view.session(Command::Port(id, PortAction::Send(bytes)));
        if enter {
            field.request_focus();
        }
    }
}
