//! Connecting: ports of this computer, a typed path, line settings, Open.

use egui::{Id, Key, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::session::Tone;
use crate::ui::command::{Act, Command, Flow, Parity, Speed};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, Empty, choice, empty, panel, row_response, text_field};

/// Usual speeds, for the quick buttons; any other can be typed.
const SPEEDS: [u32; 6] = [9_600, 38_400, 57_600, 115_200, 460_800, 921_600];

/// The panel in `rect`.
pub fn connect_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let rect = rect.with_max_x(rect.right().min(rect.left() + 820.0));
    let remark = "every byte is recorded before it is read";
    panel(ui, rect, "Connect a device", remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "connect head", |ui| {
            let close = Button::new("Close")
                .small()
                .name("Close the connect panel")
                .hint("Esc");
            if ui.add(close).clicked() {
                view.ask(Act::Connect(false));
            }
        });
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "connect", |ui| {
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    ports(ui, view);
                    ui.add_space(6.0);
                    line(ui, view);
                    ui.add_space(6.0);
                    open(ui, view);
                    ui.add_space(12.0);
                    simulated(ui, view);
                });
        });
    });
}

fn caption(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    text::label(ui, &[(words, Face::Caption.id(), p.get(Role::Text3))], 15.0);
}

fn ports(ui: &mut Ui, view: &mut View<'_>) {
    let ports = view.source.ports();
    caption(ui, "Ports of this computer, listed again every second");
    if ports.is_empty() {
        empty(
            ui,
            &Empty {
                icon: Icon::Plug,
                tone: Tone::Unknown,
                title: "No serial port found",
                sentence: "Plug the adapter in: it appears here by itself. A path can also be \
                           typed below.",
            },
        );
    }
    ui.spacing_mut().item_spacing.y = 4.0;
    for port in ports.iter() {
        let on = view.state.connect.wish.path == port.path;
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
        let id = ui.scope_id().with(("port", &port.path));
        let name = format!("{} {}", port.path, port.description);
        let response = row_response(ui, rect, id, on, name.trim());
        let p = Palette::current(ui);
        let painter = ui.painter().clone();
        let line = Stroke::new(1.0, p.get(Role::Line));
        painter.hline(rect.x_range(), rect.bottom(), line);
        let y = rect.center().y;
        let ink = p.get(if on { Role::Accent } else { Role::Text2 });
        icon::paint(
            &painter,
            Icon::Plug,
            pos2(rect.left() + 18.0, y),
            16.0,
            ink,
            p.get(Role::Bg1),
        );
        let run = (port.path.as_str(), Face::Mono.id(), p.get(Role::Text));
        let end = text::mid(
            &painter,
            pos2(rect.left() + 40.0, y),
            Hold::Left,
            run,
            rect.width() * 0.45,
        );
        let run = (
            port.description.as_str(),
            Face::Small.id(),
            p.get(Role::Text2),
        );
        let x = (end.right() + 16.0).max(rect.left() + 220.0_f32.min(rect.width() * 0.4));
        text::mid(
            &painter,
            pos2(x, y),
            Hold::Left,
            run,
            rect.right() - 12.0 - x,
        );
        if response.clicked() {
            view.state.connect.wish.path.clone_from(&port.path);
        }
        if response.double_clicked() {
            let wish = view.state.connect.wish.clone();
            view.session(Command::OpenPort(wish));
        }
    }
    ui.spacing_mut().item_spacing.y = 8.0;
}

fn line(ui: &mut Ui, view: &mut View<'_>) {
    let form = &mut view.state.connect;
    ui.horizontal_wrapped(|ui| {
        ui.vertical(|ui| {
            caption(ui, "Port");
            let id = Id::unique("port path");
            let hint = if cfg!(windows) {
                "COM4"
            } else {
                "/dev/ttyUSB0"
            };
            text_field(ui, id, &mut form.wish.path, "Port", hint, 240.0);
        });
        ui.vertical(|ui| {
            caption(ui, "Baud rate, any number");
            let id = Id::unique("baud");
            text_field(ui, id, &mut form.baud, "Baud rate", "115200", 120.0);
        });
        ui.vertical(|ui| {
            caption(ui, "Data, parity, stop");
            ui.horizontal(|ui| {
                let bits = [(8, "8"), (7, "7"), (6, "6"), (5, "5")];
                choice(ui, "Data bits", 44.0, &mut form.wish.data_bits, &bits);
                let parity = [(Parity::None, "N"), (Parity::Even, "E"), (Parity::Odd, "O")];
                choice(ui, "Parity", 44.0, &mut form.wish.parity, &parity);
                choice(
                    ui,
                    "Stop bits",
                    44.0,
                    &mut form.wish.stop_bits,
                    &[(1, "1"), (2, "2")],
                );
            });
        });
        ui.vertical(|ui| {
            caption(ui, "Flow control");
            let flows = [
                (Flow::None, "none"),
                (Flow::Software, "XON/XOFF"),
                (Flow::Hardware, "RTS/CTS"),
            ];
            choice(ui, "Flow control", 100.0, &mut form.wish.flow, &flows);
        });
    });
    ui.horizontal_wrapped(|ui| {
        for speed in SPEEDS {
            let words = crate::ui::words::grouped(speed.into());
            let on = form.baud.replace(',', "").trim() == speed.to_string();
            let name = format!("{words} baud");
            let button = Button::new(&words).small().selected(on).name(&name);
            if ui.add(button).clicked() {
                form.baud = speed.to_string();
            }
        }
    });
}

fn open(ui: &mut Ui, view: &mut View<'_>) {
    let form = &mut view.state.connect;
    let typed = form.baud.replace([',', ' ', '_'], "");
    let baud = typed.parse::<u32>().ok().filter(|b| *b > 0);
    let why = if form.wish.path.trim().is_empty() {
        Some("Choose or type a port first.")
    } else if baud.is_none() {
        Some("The baud rate is a whole number above 0.")
    } else {
        None
    };
    let p = Palette::current(ui);
    ui.horizontal_wrapped(|ui| {
        let button = Button::primary("Open port")
            .icon(Icon::Plug)
            .enabled(why.is_none());
        let response = ui.add(
            button
                .hint(why.unwrap_or("Opens without touching DTR and RTS where the system allows")),
        );
        let enter = ui.input(|i| i.key_pressed(Key::Enter)) && ui.ctx().text_edit_focused();
        if (response.clicked() || enter)
            && why.is_none()
            && let Some(baud) = baud
        {
            form.wish.baud = baud;
            let mut wish = form.wish.clone();
            wish.path = form.wish.path.trim().into();
            view.acts.push(Command::OpenPort(wish).into());
        }
        let remark =
            why.unwrap_or("DTR and RTS stay as they are: a reset would lose the evidence.");
        ui.colored_label(p.get(Role::Text2), remark);
    });
}

fn simulated(ui: &mut Ui, view: &mut View<'_>) {
    let cases = view.source.demo_cases();
    if cases.is_empty() {
        return;
    }
    caption(
        ui,
        "Or a simulated device, as fast as it was or ten times as fast",
    );
    for case in cases.iter() {
        ui.horizontal_wrapped(|ui| {
            let p = Palette::current(ui);
            for (speed, word) in [
                (Speed::Real, "×1"),
                (Speed::Ten, "×10"),
                (Speed::Max, "max"),
            ] {
                let name = format!("Play {} {word}", case.title);
                let button = Button::new(word).small().icon(Icon::Play).name(&name);
                if ui.add(button).clicked() {
                    view.session(Command::Demo {
                        name: case.name.clone(),
                        speed,
                    });
                }
            }
            ui.label(&case.title);
            ui.colored_label(p.get(Role::Text2), &case.about);
        });
    }
}
