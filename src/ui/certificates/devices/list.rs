//! The list of profiles, and the row that takes one in.
//!
//! In: the profiles and what the certificates at hand are to each. Out: the list painted, the profile
//! picked. Must not know the figures of a profile.

use egui::{Id, Key, Rect, ScrollArea, Ui, pos2, vec2};

use super::{FOOT, looked_at};
use crate::device::{DeviceList, DeviceProfile};
use crate::ui::certificates::device_choice::{is_meant, nothing_meant};
use crate::ui::certificates::inspected::Inspected;
use crate::ui::certificates::table;
use crate::ui::command::{Act, Command, Dialog};
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, panel, small_text_field, text_field};
use crate::ui::words;

pub(super) fn listed(
    ui: &mut Ui,
    rect: Rect,
    view: &mut View<'_>,
    made: &Inspected,
    list: &DeviceList,
) {
    let own = match list.own.len() {
        0 => String::new(),
        n => format!("{n} of your own"),
    };
    let count = words::count(list.profiles.len() as u64, "profile", "profiles");
    panel(
        ui,
        rect,
        "Devices",
        &words::joined(&[&count, &own]),
        |ui, rooms| {
            row_from_right(ui, rooms.head, "devices head", |ui| {
                let width = (ui.available_width() - 18.0).clamp(60.0, 170.0);
                let filter = &mut view.state.certificates.devices.filter;
                let id = Id::unique("devices filter");
                small_text_field(ui, id, filter, "Filter of devices", "name, modem …", width);
            });
            let foot = rooms.body.with_min_y(rooms.body.bottom() - FOOT);
            let body = rooms.body.with_max_y(foot.top());
            inside(ui, body, "device list", |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let chosen = view.snap.device.as_ref().map(|d| d.id.clone());
                let scroll = ScrollArea::vertical().auto_shrink([false, false]);
                scroll.show(ui, |ui| {
                    let filter = view.state.certificates.devices.filter.clone();
                    let mut none = true;
                    for profile in list.profiles.iter().filter(|p| is_meant(p, &filter)) {
                        one(ui, view, made, list, profile, chosen.as_deref());
                        none = false;
                    }
                    if none {
                        nothing_meant(ui, &filter);
                    }
                });
            });
            take_in(ui, foot, view);
        },
    );
}

fn one(
    ui: &mut Ui,
    view: &mut View<'_>,
    made: &Inspected,
    list: &DeviceList,
    profile: &DeviceProfile,
    chosen: Option<&str>,
) {
    let p = Palette::current(ui);
    let own = list.own.contains(&profile.id);
    let used = chosen == Some(profile.id.as_str());
    let verdict = made.devices.iter().find(|d| d.id == profile.id);
    // Without certificates there is nothing to say about them.
    let verdict = verdict.filter(|_| !made.rows.is_empty());
    let on = looked_at(view, list).is_some_and(|p| p.id == profile.id);
    let words_of = verdict.map_or(String::new(), |v| format!(", {}", v.verdict));
    let name = format!(
        "{}{}{}{words_of}",
        profile.name,
        if own { ", your own" } else { "" },
        if used { ", chosen" } else { "" }
    );
    let id = Id::unique(("profile", &profile.id));
    let (rect, response) = table::row(ui, 40.0, id, on, &name);
    let painter = ui.painter().clone();
    let right = if verdict.is_some() { 132.0 } else { 12.0 };
    let room = rect.width() - right - 14.0;
    let font = if used {
        Face::Table.bold()
    } else {
        Face::Table.id()
    };
    let title = text::fit_middle(&painter, &profile.name, &font, room);
    let run = (title.as_str(), font, p.get(Role::Text));
    let at = pos2(rect.left() + 12.0, rect.top() + 13.0);
    text::mid(&painter, at, Hold::Left, run, room);
    let mut remark = profile.id.clone();
    if own {
        remark.push_str(" · your own");
    }
    if used {
        remark.push_str(" · chosen");
    }
    let run = (remark.as_str(), Face::Caption.id(), p.get(Role::Text3));
    let at = pos2(rect.left() + 12.0, rect.top() + 29.0);
    text::mid(&painter, at, Hold::Left, run, room);
    if let Some(v) = verdict {
        let x = rect.width() - 128.0;
        table::verdict(ui, rect, x, v.tone, &v.verdict, 122.0);
    }
    if response.clicked() {
        let state = &mut view.state.certificates.devices;
        state.shown = Some(profile.id.clone());
        state.draft = None;
        state.tab = 1;
    }
    response.on_hover_text(format!("{name}\n{}", profile.about));
}

/// A profile that somebody sent.
fn take_in(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let line = egui::Stroke::new(1.0, p.get(Role::Line));
    ui.painter().hline(rect.x_range(), rect.top(), line);
    row(ui, rect.shrink2(vec2(8.0, 0.0)), "take in", |ui| {
        let state = &mut view.state.certificates.devices;
        let width = (ui.available_width() - 172.0).max(80.0);
        let name = "Profile file to take in";
        let id = Id::unique("profile file");
        let field = text_field(ui, id, &mut state.file, name, "profile file (.toml)", width);
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let path = state.file.trim().to_owned();
        if ui
            .add(Button::quiet("Browse").name("Browse for a profile"))
            .clicked()
        {
            view.ask(Act::Dialog(Dialog::ProfileFile));
        }
        let ready = !path.is_empty();
        let button = Button::new("Take in")
            .enabled(ready)
            .hint("Reads a profile that was saved as a file and keeps it in your own folder");
        if (ui.add(button).clicked() || enter) && ready {
            view.session(Command::TakeProfile(path.into()));
        }
    });
}
