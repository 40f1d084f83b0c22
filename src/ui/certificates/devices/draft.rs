//! A copy of a profile that is being changed.
//!
//! In: the draft in the state of the view. Out: its fields; the profile that comes of it, or the first
//! thing that is wrong with it. Must not know where profiles are kept.

use std::time::{SystemTime, UNIX_EPOCH};

use egui::{ComboBox, Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::{FOOT, heading, said};
use crate::device::{DeviceList, DeviceProfile, LimitKind};
use crate::ui::certificates::fit_rows;
use crate::ui::certificates::state::Draft;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, panel, text_field};
use crate::ui::words;

/// A copy that is being changed.
pub(super) fn draft(ui: &mut Ui, rect: Rect, view: &mut View<'_>, list: &DeviceList) {
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
