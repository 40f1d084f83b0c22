//! The names at length: what every stack makes of the host and why, and how the names look.

use egui::{Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::inspected::{Inspected, NameRow};
use super::{GUTTER, names, table};
use crate::cert::NameVerdict;
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{mark_icon, panel, source_chip, tabs};
use crate::ui::words;

const TABS: [&str; 2] = ["Stacks", "Names"];

/// The view in `rect`.
pub fn name_matrix(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    if view.room <= Room::Narrow {
        let line = rect.with_max_y(rect.top() + 34.0);
        let tab = view.state.certificates.names_tab.min(1);
        if let Some(i) = row(ui, line, "name tabs", |ui| tabs(ui, &TABS, tab)) {
            view.state.certificates.names_tab = i;
        }
        let body = rect.with_min_y(line.bottom() + 4.0);
        if tab == 0 {
            stacks(ui, body, view, made);
        } else {
            looks(ui, body, made);
        }
        return;
    }
    let right = (rect.width() * 0.33).clamp(340.0, 460.0);
    let left = rect.with_max_x(rect.right() - right - GUTTER);
    stacks(ui, left, view, made);
    looks(ui, rect.with_min_x(left.right() + GUTTER), made);
}

fn stacks(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let of = |verdict| made.names.iter().filter(|n| n.verdict == verdict).count();
    let remark = if made.names.is_empty() || view.room == Room::Small {
        String::new()
    } else {
        format!(
            "{} match, {} mismatch, {} unknown",
            of(NameVerdict::Match),
            of(NameVerdict::Mismatch),
            of(NameVerdict::NotChecked)
        )
    };
    panel(
        ui,
        rect,
        "Name check, stack by stack",
        &remark,
        |ui, rooms| {
            names::asked_for(ui, rooms.head, view, made);
            inside(ui, rooms.body, "stack rows", |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                if made.names.is_empty() {
                    let p = Palette::current(ui);
                    let words = "Type the host or address that the device connects to: every stack \
                             compares it by its own rule.";
                    let room = ui.max_rect().shrink2(vec2(12.0, 8.0));
                    inside(ui, room, "no host", |ui| {
                        text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                    });
                    return;
                }
                let own = made.device.as_ref().map_or("", |d| d.stack.as_str());
                let scroll = ScrollArea::vertical().auto_shrink([false, false]);
                scroll.show(ui, |ui| {
                    for check in &made.names {
                        stack(ui, check, !own.is_empty() && check.id == own);
                    }
                });
            });
        },
    );
}

fn stack(ui: &mut Ui, check: &crate::cert::NameCheck, mine: bool) {
    let p = Palette::current(ui);
    let (tone, word) = names::verdict(check.verdict);
    let w = ui.available_width();
    let narrow = w < 560.0;
    let left = if narrow { 12.0 } else { 226.0 };
    let chip_w = if narrow {
        0.0
    } else {
        (w * 0.2).clamp(90.0, 160.0)
    };
    let reason = words::visible(&check.why);
    let run = [(reason.as_str(), Face::Small.id(), p.get(Role::Text2))];
    let room = w - left - chip_w - 24.0;
    let galley = text::paragraph(ui.painter(), &run, room, 16.0, 5);
    let head = if narrow { 24.0 } else { 22.0 };
    let height = (galley.size().y + head + 8.0).max(44.0);
    let device = if mine { ", the device's own" } else { "" };
    let name = format!("{}{device}, {word}: {reason}", check.stack);
    let id = Id::unique(("stack", check.id, check.stack));
    let (rect, response) = table::row(ui, height, id, mine, &name);
    let at = pos2(rect.left() + 12.0, rect.top() + 14.0);
    let font = if mine {
        Face::Table.bold()
    } else {
        Face::Table.id()
    };
    let run = (check.stack, font, p.get(Role::Text));
    text::mid(
        ui.painter(),
        at,
        Hold::Left,
        run,
        if narrow { w - 130.0 } else { 206.0 },
    );
    if mine && !narrow {
        let at = pos2(rect.left() + 12.0, rect.top() + 30.0);
        let run = ("the device's own", Face::Caption.id(), p.get(Role::Text3));
        text::mid(ui.painter(), at, Hold::Left, run, 200.0);
    }
    let x = if narrow {
        rect.right() - 110.0
    } else {
        rect.left() + left
    };
    let at = pos2(x + 6.0, rect.top() + 14.0);
    let ink = p.get(tone_role(tone));
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        12.0,
        ink,
        p.get(Role::Bg1),
    );
    let run = (word, Face::Table.id(), ink);
    let at = pos2(x + 18.0, rect.top() + 14.0);
    text::mid(ui.painter(), at, Hold::Left, run, 90.0);
    let at = pos2(rect.left() + left, rect.top() + head);
    ui.painter().galley(at, galley, p.get(Role::Text2));
    if !narrow {
        let chip = Rect::from_min_max(
            pos2(rect.right() - chip_w - 8.0, rect.top() + 4.0),
            pos2(rect.right() - 10.0, rect.top() + 24.0),
        );
        let salt = format!("stack source {} {}", check.id, check.stack);
        row_from_right(ui, chip, &salt, |ui| {
            let painter = ui.painter().clone();
            let font = Face::Caption.id();
            let short = super::fit_rows::short(check.source);
            let short = text::fit_middle(&painter, &short, &font, chip_w - 18.0);
            source_chip(ui, &short, check.source);
        });
    }
    response.on_hover_text(format!("{name}\nSource: {}", check.source));
}

fn looks(ui: &mut Ui, rect: Rect, made: &Inspected) {
    let odd = made.name_rows.iter().filter(|r| r.tone != Tone::Ok).count();
    // The host stands above them to be compared by eye; it is no name of the leaf.
    let own = made.name_rows.iter().filter(|r| r.kind != "host").count();
    let count = words::count(own as u64, "name", "names");
    let remark = match odd {
        0 => count,
        n => format!("{count}, {n} to look at"),
    };
    panel(ui, rect, "Names in the leaf", &remark, |ui, rooms| {
        inside(ui, rooms.body, "leaf names", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for (i, of) in made.name_rows.iter().enumerate() {
                    look(ui, i, of);
                }
            });
        });
    });
}

fn look(ui: &mut Ui, i: usize, of: &NameRow) {
    let p = Palette::current(ui);
    let w = ui.available_width();
    let said = of.said.join(" ");
    let run = [(said.as_str(), Face::Small.id(), p.get(tone_role(of.tone)))];
    let galley = text::paragraph(ui.painter(), &run, w - 28.0, 16.0, 4);
    let below = if said.is_empty() {
        0.0
    } else {
        galley.size().y
    };
    let unicode = of.unicode.as_deref().unwrap_or_default();
    let second = if unicode.is_empty() { 0.0 } else { 17.0 };
    let name = words::joined(&[&of.kind, &of.text, unicode, &said]);
    let id = Id::unique(("leaf name", i));
    let (rect, response) = table::row(ui, 28.0 + second + below, id, false, &name);
    let at = pos2(rect.left() + 12.0, rect.top() + 14.0);
    let run = (of.kind.as_str(), Face::Caption.id(), p.get(Role::Text3));
    text::mid(ui.painter(), at, Hold::Left, run, 40.0);
    let painter = ui.painter().clone();
    let short = text::fit_middle(&painter, &of.text, &Face::Mono.id(), w - 70.0);
    let run = (short.as_str(), Face::Mono.id(), p.get(Role::Text));
    let at = pos2(rect.left() + 52.0, rect.top() + 14.0);
    text::mid(&painter, at, Hold::Left, run, w - 62.0);
    if second > 0.0 {
        let run = (unicode, Face::Body.id(), p.get(Role::Text2));
        let at = pos2(rect.left() + 52.0, rect.top() + 32.0);
        text::mid(&painter, at, Hold::Left, run, w - 62.0);
    }
    let at = pos2(rect.left() + 14.0, rect.top() + 24.0 + second);
    painter.galley(at, galley, p.get(Role::Text2));
    response.on_hover_text(name);
}
