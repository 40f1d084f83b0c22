//! Settings: theme, zoom, motion, folders.

use egui::{Id, Key, Rect, ScrollArea, Theme, Ui, vec2};

use super::command::{Act, Command, Dialog};
use super::font::Face;
use super::keys::{self, KeyDoes};
use super::text;
use super::theme::{Palette, Role};
use super::view::{View, inside};
use super::widget::{Button, panel, text_field};

/// Shows the settings in `rect`.
pub fn settings(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let rect = rect.with_max_x(rect.right().min(rect.left() + 760.0));
    let remark = "kept for the next start";
    panel(ui, rect, "Settings", remark, |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "settings", |ui| {
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    look(ui, view);
                    folders(ui, view);
                    heading(ui, "Keys");
                    let hint = keys::hint(KeyDoes::Keys);
                    if ui.add(Button::new("Show all keys").hint(&hint)).clicked() {
                        view.ask(Act::Keys(true));
                    }
                    ui.add_space(8.0);
                    let about = format!("Handlens {}", env!("CARGO_PKG_VERSION"));
                    remark_line(ui, &about);
                });
        });
    });
}

fn look(ui: &mut Ui, view: &mut View<'_>) {
    heading(ui, "Colours");
    ui.horizontal_wrapped(|ui| {
        let now = view.state.preferences.theme.clone();
        for (word, value, theme) in [
            ("Dark", "dark", Some(Theme::Dark)),
            ("Light", "light", Some(Theme::Light)),
            ("As the system", "system", None),
        ] {
            if ui.add(Button::new(word).selected(now == value)).clicked() {
                view.ask(Act::Theme(theme));
            }
        }
    });
    heading(ui, "Size");
    ui.horizontal_wrapped(|ui| {
        let zoom = ui.ctx().zoom_factor();
        let smaller = keys::hint(KeyDoes::ZoomOut);
        let larger = keys::hint(KeyDoes::ZoomIn);
        let reset = keys::hint(KeyDoes::ZoomReset);
        if ui.add(Button::new("Smaller").hint(&smaller)).clicked() {
            view.ask(Act::Zoom(zoom - 0.1));
        }
        let word = format!("{:.0} %", zoom * 100.0);
        ui.label(&word);
        if ui.add(Button::new("Larger").hint(&larger)).clicked() {
            view.ask(Act::Zoom(zoom + 0.1));
        }
        for (word, value) in [("100 %", 1.0), ("150 %", 1.5), ("200 %", 2.0)] {
            let on = (zoom - value).abs() < 0.01;
            let button = Button::new(word).selected(on).hint(&reset);
            if ui.add(button).clicked() {
                view.ask(Act::Zoom(value));
            }
        }
    });
    heading(ui, "Motion");
    let reduce = &mut view.state.preferences.reduce_motion;
    if ui.checkbox(reduce, "Reduce motion").changed() {
        let seconds = if *reduce { 0.0 } else { 0.1 };
        ui.ctx().all_styles_mut(|s| s.animation_time = seconds);
        view.state.preferences.save();
    }
}

fn folders(ui: &mut Ui, view: &mut View<'_>) {
    let now = view.source.folders();
    let rows = [
        (
            "Recordings",
            "Every byte of a port is written here before it is read.",
            Dialog::RecordingFolder,
        ),
        (
            "Own knowledge",
            "Causes, rules, codes and devices of your own, in files like the built-in ones.",
            Dialog::KnowledgeFolder,
        ),
    ];
    for (i, (title, about, dialog)) in rows.into_iter().enumerate() {
        heading(ui, title);
        remark_line(ui, about);
        if now[i].is_empty() {
            remark_line(ui, "Now: none");
        } else {
            let p = Palette::current(ui);
            let shown = format!("Now: {}", now[i]);
            text::label(ui, &[(&shown, Face::Mono.id(), p.get(Role::Text))], 17.0);
        }
        ui.horizontal_wrapped(|ui| {
            let id = Id::unique(("folder", i));
            let name = format!("Folder: {title}");
            let width = (ui.available_width() - 180.0).clamp(160.0, 420.0);
            let field = text_field(
                ui,
                id,
                &mut view.state.folders[i],
                &name,
                "Path of a folder",
                width,
            );
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let ready = !view.state.folders[i].trim().is_empty();
            let use_name = format!("Use this folder: {title}");
            let button = Button::new("Use").enabled(ready).name(&use_name);
            if (ui.add(button).clicked() || enter) && ready {
                let path = std::mem::take(&mut view.state.folders[i]).trim().into();
                view.session(match dialog {
                    Dialog::RecordingFolder => Command::RecordingFolder(path),
                    _ => Command::KnowledgeFolder(path),
                });
            }
            let browse_name = format!("Browse: {title}");
            if ui.add(Button::new("Browse").name(&browse_name)).clicked() {
                view.ask(Act::Dialog(dialog));
            }
        });
    }
}

fn heading(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    ui.add_space(8.0);
    text::label(ui, &[(words, Face::Row.bold(), p.get(Role::Text))], 19.0);
}

fn remark_line(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    text::label(ui, &[(words, Face::Small.id(), p.get(Role::Text2))], 16.0);
}
