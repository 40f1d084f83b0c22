//! Device profiles: a list at the left, every figure of one with its source at the right; copy one,
//! change a figure, hand it on, take one in.

use std::time::{SystemTime, UNIX_EPOCH};

use egui::{ComboBox, Id, Key, Rect, ScrollArea, Ui, pos2, vec2};

use super::inspected::Inspected;
use super::state::Draft;
use super::{GUTTER, fit_rows, table};
use crate::device::{DeviceList, DeviceProfile, Figure, LimitKind};
use crate::session::Tone;
use crate::ui::command::{Act, Command, Dialog};
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, chip, mark_icon, panel, source_chip, tabs, text_field};
use crate::ui::words;

const TABS: [&str; 2] = ["Devices", "Profile"];
/// Height of the row below the list.
const FOOT: f32 = 48.0;

/// The view in `rect`.
pub fn devices(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let list = view.source.devices();
    if view.room <= Room::Narrow {
        let line = rect.with_max_y(rect.top() + 34.0);
        let tab = view.state.certificates.devices.tab.min(1);
        if let Some(i) = row(ui, line, "device tabs", |ui| tabs(ui, &TABS, tab)) {
            view.state.certificates.devices.tab = i;
        }
        let body = rect.with_min_y(line.bottom() + 4.0);
        if tab == 0 {
            listed(ui, body, view, made, &list);
        } else {
            shown(ui, body, view, &list);
        }
        return;
    }
    let left = rect.with_max_x(rect.left() + (rect.width() * 0.36).clamp(360.0, 460.0));
    let right = rect.with_min_x(left.right() + GUTTER);
    listed(ui, left, view, made, &list);
    shown(ui, right, view, &list);
}

/// The profile that is shown: picked, else in use, else the first.
fn looked_at<'l>(view: &View<'_>, list: &'l DeviceList) -> Option<&'l DeviceProfile> {
    let picked = view.state.certificates.devices.shown.as_deref();
    let used = view.snap.device.as_ref().map(|d| d.id.as_str());
    picked
        .and_then(|id| list.get(id))
        .or_else(|| used.and_then(|id| list.get(id)))
        .or(list.profiles.first())
}

fn listed(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected, list: &DeviceList) {
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
                text_field(ui, id, filter, "Filter of devices", "name, modem …", width);
            });
            let foot = rooms.body.with_min_y(rooms.body.bottom() - FOOT);
            let body = rooms.body.with_max_y(foot.top());
            inside(ui, body, "device list", |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let chosen = view.snap.device.as_ref().map(|d| d.id.clone());
                let scroll = ScrollArea::vertical().auto_shrink([false, false]);
                scroll.show(ui, |ui| {
                    let filter = view.state.certificates.devices.filter.to_lowercase();
                    let wanted: Vec<&str> = filter.split_whitespace().collect();
                    let holds = |p: &&DeviceProfile| {
                        let text = format!("{} {} {}", p.id, p.name, p.about).to_lowercase();
                        wanted.iter().all(|w| text.contains(w))
                    };
                    for profile in list.profiles.iter().filter(holds) {
                        one(ui, view, made, list, profile, chosen.as_deref());
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

fn shown(ui: &mut Ui, rect: Rect, view: &mut View<'_>, list: &DeviceList) {
    if view.state.certificates.devices.draft.is_some() {
        draft(ui, rect, view, list);
        return;
    }
    let Some(profile) = looked_at(view, list).cloned() else {
        panel(ui, rect, "Profile", "", |_, _| {});
        return;
    };
    let own = list.own.contains(&profile.id);
    let narrow = view.room <= Room::Narrow;
    let title = if narrow {
        "Profile"
    } else {
        profile.name.as_str()
    };
    panel(ui, rect, title, "", |ui, rooms| {
        row_from_right(ui, rooms.head, "profile head", |ui| {
            let used = view
                .snap
                .device
                .as_ref()
                .is_some_and(|d| d.id == profile.id);
            let use_it = Button::new(if used { "In use" } else { "Use" })
                .small()
                .selected(used)
                .name("Use this device")
                .hint("Its limits count for certificates, facts and causes");
            if ui.add(use_it).clicked() {
                let id = (!used).then(|| profile.id.clone());
                view.session(Command::ChooseDevice(id));
            }
            let word = if own { "Change" } else { "Copy and change" };
            if ui.add(Button::new(word).small()).clicked() {
                view.state.certificates.devices.draft = Some(Draft::of(&profile, own));
            }
            if own {
                let copy = Button::new("Copy").small().name("Copy and change");
                if ui.add(copy).clicked() {
                    view.state.certificates.devices.draft = Some(Draft::of(&profile, false));
                }
            }
            let save = Button::quiet("Save as file").small();
            if ui
                .add(save.hint("To share it: another Handlens takes it in"))
                .clicked()
            {
                view.state.certificates.devices.shared = Some(profile.id.clone());
                view.ask(Act::Dialog(Dialog::SaveProfile));
            }
        });
        let body = rooms.body.shrink2(vec2(0.0, 4.0));
        inside(ui, body, "profile", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                said(ui, view);
                share_path(ui, view, &profile);
                figures(ui, view, &profile);
            });
        });
    });
}

/// What came of the last wish about profiles.
fn said(ui: &mut Ui, view: &View<'_>) {
    let error = view.state.certificates.devices.error.clone();
    let said = error.map(Err).or_else(|| view.source.profile_outcome());
    let Some(said) = said else {
        return;
    };
    let p = Palette::current(ui);
    let (tone, words) = match &said {
        Ok(words) => (Tone::Ok, words),
        Err(words) => (Tone::Fail, words),
    };
    let w = ui.available_width();
    let run = [(words.as_str(), Face::Small.id(), p.get(Role::Text))];
    let galley = text::paragraph(ui.painter(), &run, w - 52.0, 16.0, 3);
    let size = vec2(w, galley.size().y + 10.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, words));
    let at = pos2(rect.left() + 20.0, rect.top() + 13.0);
    let ink = p.get(tone_role(tone));
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        12.0,
        ink,
        p.get(Role::Bg1),
    );
    let at = rect.min + vec2(34.0, 5.0);
    ui.painter().galley(at, galley, p.get(Role::Text));
}

/// The field for a path: dialogs are not everywhere.
fn share_path(ui: &mut Ui, view: &mut View<'_>, profile: &DeviceProfile) {
    if view.state.certificates.devices.shared.as_ref() != Some(&profile.id) {
        return;
    }
    ui.horizontal(|ui| {
        let state = &mut view.state.certificates.devices;
        ui.add_space(12.0);
        let width = (ui.available_width() - 150.0).max(100.0);
        let id = Id::unique("profile path");
        let name = "Path to save the profile to";
        let field = text_field(ui, id, &mut state.path, name, name, width);
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let path = state.path.trim().to_owned();
        let ready = !path.is_empty();
        let save = Button::new("Save").enabled(ready).name("Save the profile");
        if (ui.add(save).clicked() || enter) && ready {
            view.state.certificates.devices.shared = None;
            view.session(Command::ShareProfile {
                id: profile.id.clone(),
                path: path.into(),
            });
        }
    });
}

fn heading(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), 30.0), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, words));
    let at = pos2(rect.left() + 12.0, rect.top() + 18.0);
    let run = (words, Face::Small.bold(), p.get(Role::Text2));
    text::mid(ui.painter(), at, Hold::Left, run, rect.width() - 24.0);
}

fn figures(ui: &mut Ui, view: &mut View<'_>, profile: &DeviceProfile) {
    inside_line(ui, &profile.about, Role::Text2);
    if profile.limits.is_empty() {
        inside_line(
            ui,
            "No limit with a source is known. That is no promise that there is none: what you find \
             out can be added with Copy and change.",
            Role::Text2,
        );
    } else {
        heading(ui, "Limits");
    }
    for (i, limit) in profile.limits.iter().enumerate() {
        let figure = grouped(&Figure::typed(limit));
        let what = words::sentence_case(limit.what.text());
        statement(
            ui,
            view,
            ("limit", i),
            (&what, &figure),
            &limit.says,
            &limit.source,
        );
    }
    if !profile.abilities.is_empty() {
        heading(ui, "What it does");
    }
    for (i, ability) in profile.abilities.iter().enumerate() {
        let what = words::sentence_case(&ability.what.replace('_', " "));
        let place = ("ability", i);
        statement(ui, view, place, (&what, ""), &ability.says, &ability.source);
    }
    if let Some(offers) = &profile.offers {
        heading(ui, "Cipher suites that it offers");
        let says = format!(
            "{}{}",
            offers.names.join(", "),
            if offers.complete {
                " and no others"
            } else {
                ""
            }
        );
        statement(
            ui,
            view,
            ("offers", 0),
            (&offers.setting, ""),
            &says,
            &offers.source,
        );
    }
    if !profile.hints.is_empty() {
        heading(ui, "Heard, not verified; never judged by");
    }
    for (i, hint) in profile.hints.iter().enumerate() {
        statement(ui, view, ("hint", i), ("", ""), &hint.says, &hint.source);
    }
}

fn inside_line(ui: &mut Ui, words: &str, role: Role) {
    let p = Palette::current(ui);
    let w = ui.available_width();
    let run = [(words, Face::Body.id(), p.get(role))];
    let galley = text::paragraph(ui.painter(), &run, w - 24.0, 18.0, 6);
    let size = vec2(w, galley.size().y + 8.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    ui.painter()
        .galley(rect.min + vec2(12.0, 4.0), galley, p.get(role));
}

/// Commas in figures.
fn grouped(text: &str) -> String {
    let parts: Vec<String> = text
        .split(' ')
        .map(|w| {
            w.parse::<u64>()
                .map_or_else(|_| w.to_owned(), words::grouped)
        })
        .collect();
    parts.join(" ")
}

/// What, figure, sentence, source.
fn statement(
    ui: &mut Ui,
    view: &mut View<'_>,
    place: (&str, usize),
    (what, figure): (&str, &str),
    says: &str,
    source: &str,
) {
    let p = Palette::current(ui);
    let w = ui.available_width();
    let chip_w = (w * 0.26).clamp(96.0, 190.0);
    let room = w - chip_w - 36.0;
    let run = [(says, Face::Small.id(), p.get(Role::Text2))];
    let galley = text::paragraph(ui.painter(), &run, room, 16.0, 8);
    let head = if what.is_empty() && figure.is_empty() {
        5.0
    } else {
        24.0
    };
    let name = format!("{what} {figure}. {says} Source: {source}");
    let id = Id::unique(("statement", place.0, place.1));
    let height = (head + galley.size().y + 9.0).max(30.0);
    let (rect, response) = table::row(ui, height, id, false, name.trim());
    if head > 6.0 {
        let at = pos2(rect.left() + 12.0, rect.top() + 14.0);
        let run = (what, Face::Table.bold(), p.get(Role::Text));
        let used = text::mid(ui.painter(), at, Hold::Left, run, room * 0.7);
        let at = pos2(used.right() + 12.0, at.y);
        let run = (figure, Face::Mono.id(), p.get(Role::Text));
        text::mid(
            ui.painter(),
            at,
            Hold::Left,
            run,
            rect.right() - chip_w - 24.0 - at.x,
        );
    }
    let at = pos2(rect.left() + 12.0, rect.top() + head);
    ui.painter().galley(at, galley, p.get(Role::Text2));
    let chip_at = Rect::from_min_max(
        pos2(rect.right() - chip_w - 8.0, rect.top() + 4.0),
        pos2(rect.right() - 10.0, rect.top() + 24.0),
    );
    let salt = format!("source of {} {}", place.0, place.1);
    row_from_right(ui, chip_at, &salt, |ui| {
        if source.starts_with("stated by you") {
            chip(ui, source, Role::Accent, Role::Bg3);
            return;
        }
        let painter = ui.painter().clone();
        let font = Face::Caption.id();
        let short = text::fit_middle(&painter, &fit_rows::short(source), &font, chip_w - 18.0);
        if source_chip(ui, &short, source).clicked() {
            view.ask(Act::Copy {
                text: source.to_owned(),
                done: "Copied the source".into(),
            });
        }
    });
    response.on_hover_text(source);
}

/// A copy that is being changed.
fn draft(ui: &mut Ui, rect: Rect, view: &mut View<'_>, list: &DeviceList) {
    let Some(mut draft) = view.state.certificates.devices.draft.take() else {
        return;
    };
    let mut keep = true;
    let title = if draft.own {
        "Change a profile"
    } else {
        "Copy and change"
    };
    let remark = "a figure that you change names you as its source";
    panel(ui, rect, title, remark, |ui, rooms| {
        let foot = rooms.body.with_min_y(rooms.body.bottom() - FOOT);
        let body = rooms.body.with_max_y(foot.top());
        inside(ui, body, "draft", |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                ui.add_space(4.0);
                said(ui, view);
                named(ui, &mut draft);
                heading(ui, "Limits");
                typed_limits(ui, &mut draft);
                heading(ui, "Another limit");
                another(ui, &mut draft);
                ui.add_space(8.0);
            });
        });
        let p = Palette::current(ui);
        let line = egui::Stroke::new(1.0, p.get(Role::Line));
        ui.painter().hline(foot.x_range(), foot.top(), line);
        row_from_right(ui, foot.shrink2(vec2(10.0, 0.0)), "draft foot", |ui| {
            if ui.add(Button::primary("Save profile")).clicked() {
                match finished(&draft, list) {
                    Ok(profile) => {
                        let state = &mut view.state.certificates.devices;
                        state.error = None;
                        state.shown = Some(profile.id.clone());
                        keep = false;
                        view.session(Command::SaveProfile {
                            profile: Box::new(profile),
                            replace: draft.own,
                        });
                    }
                    Err(sentence) => view.state.certificates.devices.error = Some(sentence),
                }
            }
            if ui.add(Button::quiet("Discard")).clicked() {
                view.state.certificates.devices.error = None;
                keep = false;
            }
        });
    });
    if keep {
        view.state.certificates.devices.draft = Some(draft);
    }
}

fn named(ui: &mut Ui, draft: &mut Draft) {
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        let width = ((ui.available_width() - 40.0) * 0.5).max(90.0);
        let id = Id::unique("draft id");
        ui.add_enabled_ui(!draft.own, |ui| {
            text_field(ui, id, &mut draft.id, "Id of the profile", "id", width);
        });
        let id = Id::unique("draft name");
        text_field(
            ui,
            id,
            &mut draft.name,
            "Name of the profile",
            "name",
            width,
        );
    });
}

fn typed_limits(ui: &mut Ui, draft: &mut Draft) {
    let p = Palette::current(ui);
    let mut gone = None;
    for (i, limit) in draft.profile.limits.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            let w = ui.available_width();
            let label_w = (w * 0.42).min(300.0);
            let words = words::sentence_case(limit.what.text());
            let (rect, _) = ui.allocate_exact_size(vec2(label_w, 32.0), egui::Sense::hover());
            let at = pos2(rect.left(), rect.center().y - 7.0);
            let run = (words.as_str(), Face::Table.id(), p.get(Role::Text));
            text::mid(ui.painter(), at, Hold::Left, run, label_w - 8.0);
            let source = fit_rows::short(&limit.source);
            let at = pos2(rect.left(), rect.center().y + 9.0);
            let run = (source.as_str(), Face::Caption.id(), p.get(Role::Text3));
            text::mid(ui.painter(), at, Hold::Left, run, label_w - 8.0);
            let width = (w - label_w - 110.0).max(80.0);
            let id = Id::unique(("draft limit", i));
            let name = format!("Figure {}: {words}", i + 1);
            if let Some(value) = draft.typed.get_mut(i) {
                text_field(ui, id, value, &name, "figure", width)
                    .on_hover_text(limit.says.as_str());
            }
            let name = format!("Leave out: {words}");
            if ui
                .add(Button::quiet("Leave out").small().name(&name))
                .clicked()
            {
                gone = Some(i);
            }
        });
    }
    if let Some(i) = gone {
        draft.profile.limits.remove(i);
        draft.typed.remove(i);
    }
}

fn another(ui: &mut Ui, draft: &mut Draft) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(12.0);
        let shown = draft.kind.map_or("choose what it bounds", LimitKind::text);
        ComboBox::from_id_salt("another limit")
            .selected_text(shown)
            .width(230.0)
            .height(300.0)
            .show_ui(ui, |ui| {
                for kind in LimitKind::ALL {
                    let on = draft.kind == Some(kind);
                    if ui.selectable_label(on, kind.text()).clicked() {
                        draft.kind = Some(kind);
                    }
                }
            })
            .response
            .accessible_name(format!("Another limit: {shown}"));
        let id = Id::unique("another figure");
        text_field(
            ui,
            id,
            &mut draft.figure,
            "Figure of another limit",
            "figure",
            120.0,
        );
        let id = Id::unique("another says");
        let room = (ui.available_width() - 16.0).clamp(120.0, 260.0);
        let name = "How you know it";
        text_field(ui, id, &mut draft.says, name, "how you know it", room);
    });
}

/// The profile as changed, or the first thing that is wrong with it.
fn finished(draft: &Draft, list: &DeviceList) -> Result<DeviceProfile, String> {
    let day = today();
    let say = |e: crate::device::EditError| e.to_string();
    let id = draft.id.trim();
    if !draft.own && list.get(id).is_some() {
        return Err(format!(
            "The id \u{201c}{id}\u{201d} is taken. Another one keeps both profiles."
        ));
    }
    let mut profile = draft.profile.copied(id, &draft.name).map_err(say)?;
    for (i, typed) in draft.typed.iter().enumerate() {
        let what = profile.limits.get(i).map_or("", |l| l.what.text());
        let what = words::sentence_case(what);
        profile
            .state_figure(i, typed, &day)
            .map_err(|e| format!("{what}: {e}"))?;
    }
    match draft.kind {
        Some(kind) => profile
            .state_limit(kind, &draft.figure, &draft.says, &day)
            .map_err(say)?,
        None if draft.figure.trim().is_empty() => {}
        None => return Err("Choose what the other figure bounds, or leave it empty.".into()),
    }
    Ok(profile)
}

/// `2026-11-26`, by the clock of this computer.
fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let micros = now.and_then(|d| i64::try_from(d.as_micros()).ok());
    words::date(micros.unwrap_or(0))
}
