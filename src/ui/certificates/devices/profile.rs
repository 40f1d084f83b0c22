//! One profile: every figure of it with its source.
//!
//! In: the profile that is shown. Out: its statements painted; wishes to use, copy or hand it on. Must
//! not know how it is changed.

use egui::{Id, Key, Rect, ScrollArea, Ui, pos2, vec2};

use super::draft::draft;
use super::{heading, looked_at, said};
use crate::device::{DeviceList, DeviceProfile, Figure};
use crate::ui::certificates::state::Draft;
use crate::ui::certificates::{fit_rows, table};
use crate::ui::command::{Act, Command, Dialog};
use crate::ui::font::Face;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, chip, panel, source_chip, text_field};
use crate::ui::words;

pub(super) fn shown(ui: &mut Ui, rect: Rect, view: &mut View<'_>, list: &DeviceList) {
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
