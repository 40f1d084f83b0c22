//! Old against renewed: two picks above, what changed left, sizes and bytes by field right.

use egui::{ComboBox, CornerRadius, Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::compared::{ChangeRow, Compared, PairRow, tone, word};
use super::device_choice::device_choice;
use super::inspected::Inspected;
use super::pick::{Choice, Pick, suggest};
use super::state::CompareState;
use super::{GUTTER, stack, table};
use crate::cert::Weight;
use crate::session::Tone;
use crate::ui::command::{Act, Dialog};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row};
use crate::ui::widget::{Button, Empty, bare, empty, mark_icon, panel, source_chip, tabs};
use crate::ui::words;

/// Height of the row with the two picks.
const BAR: f32 = 44.0;
const TABS: [&str; 3] = ["Changes", "Sizes", "Fields"];

/// The view in `rect`.
pub fn compare(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    settle(&mut view.state.certificates.compare, &made.choices);
    let small = view.room == Room::Small;
    let height = if small { 34.0 } else { BAR };
    let bar = rect.with_max_y(rect.top() + height);
    picks(ui, bar, view, made);
    let body = rect.with_min_y(bar.bottom() + if small { 4.0 } else { GUTTER });
    let state = &view.state.certificates.compare;
    let (Some(old), Some(new)) = (state.old, state.new) else {
        nothing(ui, body, view);
        return;
    };
    if old == new {
        nothing(ui, body, view);
        return;
    }
    let Some(found) = view.source.compared(old, new) else {
        panel(ui, body, "What changed", "comparing …", |_, _| {});
        return;
    };
    if view.room <= Room::Narrow {
        let tab = view.state.certificates.compare.tab.min(TABS.len() - 1);
        let line = body.with_max_y(body.top() + 34.0);
        let clicked = row(ui, line, "compare tabs", |ui| tabs(ui, &TABS, tab));
        if let Some(i) = clicked {
            view.state.certificates.compare.tab = i;
        }
        let body = body.with_min_y(line.bottom() + 4.0);
        match tab {
            0 => changes(ui, body, view, &found),
            1 => sizes(ui, body, view, &found),
            _ => fields(ui, body, view, &found),
        }
        return;
    }
    let side = (body.width() * 0.36).clamp(380.0, 520.0);
    let left = body.with_max_x(body.right() - side - GUTTER);
    let right = body.with_min_x(left.right() + GUTTER);
    changes(ui, left, view, &found);
    #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
    let pairs = found.pairs.len().clamp(1, 4) as f32;
    let [a, b] = stack(right, [34.0 + 30.0 + pairs * PAIR + 8.0, 0.0]);
    sizes(ui, a, view, &found);
    fields(ui, b, view, &found);
}

/// Fills picks that are not made, or whose file is gone; a file that came while the view was open is
/// the renewed one.
fn settle(state: &mut CompareState, choices: &[Choice]) {
    let there = |pick: &Pick| choices.iter().any(|c| c.pick == *pick);
    state.old = state.old.filter(there);
    state.new = state.new.filter(there);
    let files: Vec<&Choice> = choices
        .iter()
        .filter(|c| c.pick.certificate.is_none())
        .collect();
    let grown = state.files.is_some_and(|n| files.len() > n);
    if grown && let Some(newest) = files.iter().max_by_key(|c| c.pick.input) {
        if state.old.is_none() || state.old == Some(newest.pick) {
            state.old = state.new.or(state.old);
        }
        state.new = Some(newest.pick);
    }
    state.files = Some(files.len());
    if state.old.is_none() && state.new.is_none() {
        (state.old, state.new) = suggest(choices);
    }
}

fn nothing(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "What changed", "", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(20.0, 16.0)), "no pair", |ui| {
            empty(
                ui,
                &Empty {
                    icon: Icon::Cert,
                    tone: Tone::Unknown,
                    title: "One side is missing",
                    sentence: "Drop the renewed certificate or chain here, or pick two different \
                               files above. What changed is shown in bytes and in meaning, held \
                               against the chosen device.",
                },
            );
            if ui.add(Button::primary("Open the renewed one")).clicked() {
                view.ask(Act::Dialog(Dialog::Open));
            }
        });
    });
}

fn picks(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let small = view.room == Room::Small;
    if !small {
        bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    }
    let (first, second) = if small {
        // The actions stand in the line of the chooser of views.
        let line = Rect::from_min_max(
            pos2(rect.left() + super::CHOOSER, rect.top() - 40.0),
            pos2(rect.right(), rect.top() - 4.0),
        );
        (rect, line)
    } else {
        let inner = rect.shrink2(vec2(12.0, 0.0));
        let middle = inner.left() + inner.width() * 0.66;
        (inner.with_max_x(middle), inner.with_min_x(middle + 12.0))
    };
    row(ui, first, "picks", |ui| {
        let each = ((ui.available_width() - 60.0) * 0.5 - 46.0).max(80.0);
        let state = &mut view.state.certificates.compare;
        pick(ui, "Old", each, &mut state.old, &made.choices);
        let p = Palette::current(ui);
        let (arrow, _) = ui.allocate_exact_size(vec2(20.0, 20.0), egui::Sense::hover());
        let ink = p.get(Role::Text2);
        let back = p.get(Role::Bg1);
        icon::paint(ui.painter(), Icon::Right, arrow.center(), 14.0, ink, back);
        pick(ui, "New", each, &mut state.new, &made.choices);
    });
    row(ui, second, "pick actions", |ui| {
        let swap = Button::new("Swap").small().name("Swap old and new");
        if ui.add(swap).clicked() {
            let state = &mut view.state.certificates.compare;
            std::mem::swap(&mut state.old, &mut state.new);
        }
        let open = Button::new("Open").small().name("Open the renewed one");
        if ui.add(open).clicked() {
            view.ask(Act::Dialog(Dialog::Open));
        }
        device_choice(ui, view, made);
    });
}

fn pick(ui: &mut Ui, name: &str, width: f32, value: &mut Option<Pick>, choices: &[Choice]) {
    let p = Palette::current(ui);
    ui.label(egui::RichText::new(name).color(p.get(Role::Text2)));
    let shown = value
        .and_then(|v| choices.iter().find(|c| c.pick == v))
        .map_or("choose", |c| c.label.as_str());
    let painter = ui.painter().clone();
    let short = text::fit_middle(&painter, shown, &Face::Body.id(), width - 34.0);
    ui.spacing_mut().interact_size.y = 26.0;
    ui.spacing_mut().button_padding.y = 2.0;
    ComboBox::from_id_salt(("compare pick", name))
        .selected_text(short)
        .width(width)
        .height(320.0)
        .show_ui(ui, |ui| {
            for choice in choices {
                let on = *value == Some(choice.pick);
                if ui.selectable_label(on, choice.label.as_str()).clicked() {
                    *value = Some(choice.pick);
                }
            }
        })
        .response
        .accessible_name(format!("{name}: {shown}"))
        .on_hover_text(shown);
}

fn remark(found: &Compared) -> String {
    let some = |weight, one: &str, many: &str| match found.count(weight) {
        0 => String::new(),
        n => words::count(n as u64, one, many),
    };
    let parts = [
        some(Weight::Breaks, "breaks what worked", "break what worked"),
        some(Weight::Check, "to check", "to check"),
        some(Weight::Better, "better", "better"),
        some(Weight::Usual, "usual", "usual"),
    ];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    words::joined(&parts)
}

fn changes(ui: &mut Ui, rect: Rect, view: &mut View<'_>, found: &Compared) {
    panel(ui, rect, "What changed", &remark(found), |ui, rooms| {
        inside(ui, rooms.body, "changes", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if found.changes.is_empty() {
                let p = Palette::current(ui);
                let words = if found.same {
                    "Both are the same, byte for byte."
                } else {
                    "Nothing to compare: one side holds no certificate."
                };
                let room = ui.max_rect().shrink2(vec2(12.0, 10.0));
                inside(ui, room, "no change", |ui| {
                    text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                });
                return;
            }
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for (i, change) in found.changes.iter().enumerate() {
                    one(ui, view, i, change);
                }
            });
        });
    });
}

/// Mark, word and what; old and new below; what it means; the source at the right.
fn one(ui: &mut Ui, view: &mut View<'_>, i: usize, change: &ChangeRow) {
    let p = Palette::current(ui);
    let w = ui.available_width();
    let left = 92.0;
    let chip_room = (w * 0.24).clamp(90.0, 150.0);
    let room = w - left - chip_room - 16.0;
    let ink = |role| p.get(role);
    let value = match (change.old.as_str(), change.new.as_str()) {
        (old, "") => vec![("gone: ", Role::Text3), (old, Role::Text)],
        ("", new) => vec![("new: ", Role::Text3), (new, Role::Text)],
        (old, new) if old == new => vec![(new, Role::Text)],
        (old, new) => vec![
            (old, Role::Text2),
            ("  to  ", Role::Text3),
            (new, Role::Text),
        ],
    };
    let runs: Vec<_> = value
        .iter()
        .map(|(words, role)| (*words, Face::Mono.id(), ink(*role)))
        .collect();
    let values = text::paragraph(ui.painter(), &runs, room, 16.0, 3);
    let run = [(change.why.as_str(), Face::Small.id(), ink(Role::Text2))];
    let quiet = change.weight == Weight::Usual;
    let why = text::paragraph(ui.painter(), &run, room, 16.0, if quiet { 1 } else { 4 });
    let height = 24.0 + values.size().y + why.size().y + 10.0;
    let name = format!(
        "{}, {}: {} to {}. {}",
        word(change.weight),
        change.what,
        if change.old.is_empty() {
            "nothing"
        } else {
            &change.old
        },
        if change.new.is_empty() {
            "nothing"
        } else {
            &change.new
        },
        change.why
    );
    let id = Id::unique(("change", i));
    let (rect, response) = table::row(ui, height, id, false, &name);
    let y = rect.top() + 14.0;
    let role = tone(change.weight).map_or(Role::Text3, tone_role);
    let mark = tone(change.weight).map_or(Icon::Next, mark_icon);
    let at = pos2(rect.left() + 18.0, y);
    icon::paint(ui.painter(), mark, at, 12.0, ink(role), ink(Role::Bg1));
    let run = (word(change.weight), Face::Small.id(), ink(role));
    let at = pos2(rect.left() + 32.0, y);
    text::mid(ui.painter(), at, Hold::Left, run, left - 36.0);
    let font = if quiet {
        Face::Table.id()
    } else {
        Face::Table.bold()
    };
    let run = (change.what.as_str(), font, ink(Role::Text));
    let at = pos2(rect.left() + left, y);
    text::mid(ui.painter(), at, Hold::Left, run, room);
    let min = pos2(rect.left() + left, rect.top() + 24.0);
    let below = min + vec2(0.0, values.size().y + 1.0);
    ui.painter().galley(min, values, ink(Role::Text));
    ui.painter().galley(below, why, ink(Role::Text2));
    let chip = Rect::from_min_max(
        pos2(rect.right() - chip_room - 6.0, rect.top() + 4.0),
        pos2(rect.right() - 8.0, rect.top() + 24.0),
    );
    let clicked = crate::ui::view::row_from_right(ui, chip, &format!("change source {i}"), |ui| {
        let painter = ui.painter().clone();
        let font = Face::Caption.id();
        let short = text::fit_middle(&painter, &change.short, &font, chip_room - 18.0);
        source_chip(ui, &short, &change.source).clicked()
    });
    if clicked {
        view.ask(Act::Copy {
            text: change.source.clone(),
            done: "Copied the source".into(),
        });
    }
    response.on_hover_text(name);
}

const PAIR: f32 = 46.0;

/// Bars of both sides on one axis, under the limit of the device.
fn sizes(ui: &mut Ui, rect: Rect, view: &mut View<'_>, found: &Compared) {
    let remark = match &found.device {
        Some(device) if !found.each.is_empty() => format!("under the limit of {device}"),
        _ => "bytes of DER".into(),
    };
    panel(ui, rect, "Sizes", &remark, |ui, rooms| {
        let body = rooms.body;
        let left = body.left() + 118.0;
        let most = found
            .pairs
            .iter()
            .flat_map(|p| [p.bytes.0, p.bytes.1])
            .flatten()
            .chain(found.each.iter().copied())
            .max()
            .unwrap_or(1)
            .max(400);
        #[expect(clippy::cast_precision_loss, reason = "sizes of certificates")]
        let per_byte = (body.right() - left - 76.0).max(40.0) / most as f32;
        #[expect(clippy::cast_precision_loss, reason = "sizes of certificates")]
        let x = |bytes: u64| left + bytes as f32 * per_byte;
        let rows = body.with_min_y(body.top() + 26.0);
        inside(ui, rows, "size pairs", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for (i, pair) in found.pairs.iter().enumerate() {
                    bars(ui, view, i, pair, &x, &found.each);
                }
            });
        });
        let p = Palette::current(ui);
        #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
        let end = (rows.top() + found.pairs.len() as f32 * PAIR).min(rows.bottom() - 2.0);
        for limit in &found.each {
            let warn = p.get(Role::Warn);
            let stroke = egui::Stroke::new(2.0, warn);
            ui.painter()
                .vline(x(*limit), (body.top() + 20.0)..=end, stroke);
        }
        if let Some(last) = found.each.last() {
            let readings: Vec<String> = found.each.iter().map(|n| words::grouped(*n)).collect();
            let label = format!("{} per certificate", readings.join(" or "));
            let width = text::width(ui.painter(), &label, Face::Caption.id());
            let at = x(*last).min(body.right() - 10.0 - width);
            let run = (label.as_str(), Face::Caption.id(), p.get(Role::Warn));
            let at = pos2(at, body.top() + 11.0);
            text::mid(ui.painter(), at, Hold::Left, run, 300.0);
        }
    });
}

fn bars(
    ui: &mut Ui,
    view: &mut View<'_>,
    i: usize,
    pair: &PairRow,
    x: &dyn Fn(u64) -> f32,
    each: &[u64],
) {
    let p = Palette::current(ui);
    let size = |n: Option<u64>| n.map_or_else(|| "none".into(), words::bytes);
    let same = if pair.same { ", the same bytes" } else { "" };
    let name = format!(
        "{}, {}, old {}, new {}{same}",
        pair.part,
        pair.title,
        size(pair.bytes.0),
        size(pair.bytes.1)
    );
    let on = view.state.certificates.compare.part == i;
    let id = Id::unique(("size pair", i));
    let (rect, response) = table::row(ui, PAIR, id, on, &name);
    if response.clicked() {
        view.state.certificates.compare.part = i;
    }
    let run = (pair.part.as_str(), Face::Table.bold(), p.get(Role::Text));
    let at = pos2(rect.left() + 12.0, rect.top() + 15.0);
    text::mid(ui.painter(), at, Hold::Left, run, 100.0);
    let delta = match pair.bytes {
        (Some(a), Some(b)) if a == b && pair.same => "same bytes".to_owned(),
        (Some(a), Some(b)) if a == b => "same size".to_owned(),
        (Some(a), Some(b)) if b > a => format!("+{}", words::grouped(b - a)),
        (Some(a), Some(b)) => format!("−{}", words::grouped(a - b)),
        (Some(_), None) => "gone".to_owned(),
        _ => "new".to_owned(),
    };
    let run = (delta.as_str(), Face::Caption.id(), p.get(Role::Text2));
    let at = pos2(rect.left() + 12.0, rect.top() + 31.0);
    text::mid(ui.painter(), at, Hold::Left, run, 100.0);
    for (k, bytes) in [pair.bytes.0, pair.bytes.1].into_iter().enumerate() {
        let y = rect.top() + if k == 0 { 14.0 } else { 31.0 };
        let Some(bytes) = bytes else {
            let run = ("none", Face::Caption.id(), p.get(Role::Text3));
            text::mid(ui.painter(), pos2(x(0) + 4.0, y), Hold::Left, run, 80.0);
            continue;
        };
        let bar = Rect::from_min_max(pos2(x(0), y - 6.0), pos2(x(bytes), y + 6.0));
        let round = CornerRadius::same(2);
        let over = each.last().is_some_and(|l| bytes > *l);
        if k == 0 {
            ui.painter().rect_filled(bar, round, p.get(Role::Bg3));
            let stroke = egui::Stroke::new(1.0, p.get(Role::Line2));
            ui.painter()
                .rect_stroke(bar, round, stroke, egui::StrokeKind::Inside);
        } else {
            ui.painter().rect_filled(bar, round, p.get(Role::F1));
        }
        if over && let Some(limit) = each.last() {
            let rest = bar.with_min_x(x(*limit));
            ui.painter()
                .rect_filled(rest, CornerRadius::ZERO, p.get(Role::FailBg));
            super::chain::hatch(ui.painter(), rest, p.get(Role::Fail));
        }
        let words = format!(
            "{} {}",
            if k == 0 { "old" } else { "new" },
            words::grouped(bytes)
        );
        let ink = p.get(if over { Role::Fail } else { Role::Text });
        let run = (words.as_str(), Face::MonoTiny.id(), ink);
        text::mid(
            ui.painter(),
            pos2(bar.right() + 6.0, y),
            Hold::Left,
            run,
            90.0,
        );
    }
    response.on_hover_text(name);
}

/// Bytes by field of the certificate that is looked at, what changed first.
fn fields(ui: &mut Ui, rect: Rect, view: &mut View<'_>, found: &Compared) {
    let part = view.state.certificates.compare.part;
    let Some(pair) = found.pairs.get(part).or_else(|| found.pairs.first()) else {
        panel(ui, rect, "Bytes by field", "", |_, _| {});
        return;
    };
    let changed = pair.fields.iter().filter(|f| !f.same).count();
    let remark = format!(
        "{}, {changed} of {} changed",
        pair.part.to_lowercase(),
        words::count(pair.fields.len() as u64, "field", "fields")
    );
    panel(ui, rect, "Bytes by field", &remark, |ui, rooms| {
        inside(ui, rooms.body, "field rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let w = ui.available_width();
            let columns = (w - 168.0, w - 92.0, w - 14.0);
            table::head(
                ui,
                &[
                    ("Field", 12.0, Hold::Left),
                    ("Old", columns.0, Hold::Right),
                    ("New", columns.1, Hold::Right),
                    ("Change", columns.2, Hold::Right),
                ],
            );
            let mut order: Vec<_> = pair.fields.iter().collect();
            order.sort_by_key(|f| (f.same, std::cmp::Reverse(f.old.abs_diff(f.new))));
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for field in order {
                    let name = field.field.replace('_', " ");
                    let of = |n: usize| words::grouped(n as u64);
                    let delta = match (field.same, field.new.cmp(&field.old)) {
                        (true, _) => "same".to_owned(),
                        (_, std::cmp::Ordering::Equal) => "other bytes".to_owned(),
                        (_, std::cmp::Ordering::Greater) => {
                            format!("+{}", of(field.new - field.old))
                        }
                        (_, std::cmp::Ordering::Less) => format!("−{}", of(field.old - field.new)),
                    };
                    let spoken = format!(
                        "{name}, old {} bytes, new {} bytes, {delta}",
                        of(field.old),
                        of(field.new)
                    );
                    let id = Id::unique(("field pair", &field.field));
                    let (rect, response) = table::row(ui, 24.0, id, false, &spoken);
                    let ink = if field.same { Role::Text3 } else { Role::Text };
                    let room = columns.0 - 80.0;
                    table::cell(ui, rect, 12.0, Hold::Left, &name, ink, room);
                    table::figure(ui, rect, columns.0, &of(field.old), Role::Text2, 70.0);
                    table::figure(ui, rect, columns.1, &of(field.new), ink, 70.0);
                    let run = (
                        delta.as_str(),
                        Face::Small.id(),
                        Palette::current(ui).get(ink),
                    );
                    let at = pos2(rect.left() + columns.2, rect.center().y);
                    text::mid(ui.painter(), at, Hold::Right, run, 74.0);
                    response.on_hover_text(spoken);
                }
            });
        });
    });
}
