//! The overlap grid: suites against device, both and server.

use egui::{CornerRadius, Id, Rect, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::server::OverlapRow;
use crate::session::{ServerSeen, SuiteList};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Spot;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{panel, row_response, source_chip};

/// Height of a row.
pub const ROW: f32 = 29.0;
/// Height of the column heads.
pub const HEAD: f32 = 52.0;

/// Middles of the three columns, measured from the left edge.
struct Columns {
    device: f32,
    both: f32,
    server: f32,
    name: f32,
}

impl Columns {
    fn of(width: f32) -> Self {
        let narrow = width < 640.0;
        let apart = if narrow { 84.0 } else { 108.0 };
        let server = width - apart * 0.73;
        Self {
            device: server - 2.0 * apart,
            both: server - apart,
            server,
            name: if narrow { 56.0 } else { 75.0 },
        }
    }
}

/// The panel.
pub fn grid(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    panel(
        ui,
        rect,
        "Cipher suites",
        "device offers · server accepts",
        |ui, rooms| {
            row_from_right(ui, rooms.head, "grid sources", |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                source(ui, view, "server", seen.server.as_ref());
                source(ui, view, "device", seen.device.as_ref());
            });
            let columns = Columns::of(rooms.body.width());
            let head = rooms.body.with_max_y(rooms.body.top() + HEAD);
            let below = rooms.body.with_min_y(head.bottom());
            tint(ui, rooms.body, &columns, seen);
            heads(ui, head, &columns, seen);
            inside(ui, below, "grid rows", |ui| {
                ui.set_clip_rect(ui.clip_rect().intersect(below));
                ui.spacing_mut().item_spacing.y = 0.0;
                let scroll = ScrollArea::vertical()
                    .id_salt("suites")
                    .auto_shrink([false, false]);
                scroll.show_rows(ui, ROW, seen.overlap.rows.len(), |ui, range| {
                    for index in range {
                        row(ui, index, &columns, seen);
                    }
                });
            });
        },
    );
}

/// Who says so; a click goes there.
fn source(ui: &mut Ui, view: &mut View<'_>, whose: &str, list: Option<&SuiteList>) {
    let Some(list) = list else { return };
    if ui.available_width() < 90.0 {
        return;
    }
    let words = format!("{whose}: {}", list.chip);
    let font = Face::Caption.id();
    let room = (ui.available_width() - 16.0).min(190.0);
    let short = text::fit_middle(&ui.painter().clone(), &words, &font, room);
    let hint = format!("{}\n{}", list.of, list.source);
    if source_chip(ui, &short, &hint).clicked() {
        match list.spot {
            Some((input, line)) => view.ask(Act::ShowLine(Spot { input, line })),
            None => view.ask(Act::Copy {
                text: list.source.clone(),
                done: "Copied the source".into(),
            }),
        }
    }
}

/// The column of what both have: red where that is nothing.
fn tint(ui: &Ui, body: Rect, columns: &Columns, seen: &ServerSeen) {
    if seen.device.is_none() || seen.server.is_none() {
        return;
    }
    let role = if seen.nothing_in_common() {
        Role::FailBg
    } else if seen.nothing_documented_in_common() {
        Role::WarnBg
    } else {
        Role::OkBg
    };
    let x = body.left() + columns.both;
    let column = Rect::from_min_max(
        pos2(x - 40.0, body.top() + 8.0),
        pos2(x + 40.0, body.bottom() - 6.0),
    );
    let p = Palette::current(ui);
    ui.painter()
        .rect_filled(column, CornerRadius::same(6), p.get(role));
}

fn heads(ui: &mut Ui, rect: Rect, columns: &Columns, seen: &ServerSeen) {
    let p = Palette::current(ui);
    let count = |list: Option<&SuiteList>, verb: &str| {
        list.map_or_else(
            || "not known".to_owned(),
            |l| format!("{verb} {}", l.suites.len()),
        )
    };
    let sides = seen.device.is_some() && seen.server.is_some();
    let (both, both_ink) = match (sides, seen.overlap.common) {
        (false, _) => ("not known".to_owned(), Role::Text2),
        (true, 0) if seen.overlap.is_known() => ("none".to_owned(), Role::Fail),
        (true, 0) => ("none known".to_owned(), Role::Warn),
        (true, n) => (format!("{n} in common"), Role::Ok),
    };
    let device = count(seen.device.as_ref(), "offers");
    let server = count(seen.server.as_ref(), "accepts");
    let list = [
        (columns.device, "DEVICE", &device, Role::Device, Role::Text2),
        (columns.both, "BOTH", &both, both_ink, both_ink),
        (columns.server, "SERVER", &server, Role::Server, Role::Text2),
    ];
    for (x, word, below, ink, below_ink) in list {
        let at = pos2(rect.left() + x, rect.top() + 19.0);
        let run = (word, Face::Small.bold(), p.get(ink));
        text::mid(ui.painter(), at, Hold::Centre, run, 100.0);
        let at = pos2(rect.left() + x, rect.top() + 37.0);
        let run = (below.as_str(), Face::Small.id(), p.get(below_ink));
        text::mid(ui.painter(), at, Hold::Centre, run, 100.0);
        let name = format!("{word}, {below}");
        let area = Rect::from_center_size(at, vec2(88.0, 40.0));
        let response = ui.interact(area, ui.scope_id().with(word), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    }
    let ordered = match seen.order {
        crate::server::Order::Server => "in the server’s order, which decides",
        crate::server::Order::Client => "the client’s order decides",
        crate::server::Order::Unknown => "whose order counts is not known",
    };
    let at = pos2(rect.left() + 27.0, rect.top() + 37.0);
    let run = (ordered, Face::Caption.id(), p.get(Role::Text2));
    text::mid(ui.painter(), at, Hold::Left, run, columns.device - 80.0);
    let stroke = Stroke::new(1.0, p.get(Role::Line));
    ui.painter()
        .hline(rect.x_range().shrink(24.0), rect.bottom() - 0.5, stroke);
}

fn row(ui: &mut Ui, index: usize, columns: &Columns, seen: &ServerSeen) {
    let Some(row) = seen.overlap.rows.get(index).copied() else {
        return;
    };
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let chosen = seen.measured.or(seen.overlap.first) == Some(row.suite);
    let spoken = spoken(row, chosen, seen.measured.is_some());
    let id = Id::unique(("suite row", row.suite.0));
    // The tint of the middle column stays when a row is under the pointer.
    let response = row_response(ui, rect, id, false, &spoken);
    let code = format!("{:04X}", row.suite.0);
    let at = pos2(rect.left() + 27.0, rect.center().y);
    let narrow = columns.name < 60.0;
    let left = if narrow { rect.left() + 12.0 } else { at.x };
    let run = (code.as_str(), Face::MonoSmall.id(), p.get(Role::Text2));
    text::mid(ui.painter(), pos2(left, at.y), Hold::Left, run, 60.0);
    let name = row.suite.to_string();
    let room = columns.device - columns.name - 34.0;
    let short = text::fit_middle(ui.painter(), &name, &Face::Table.id(), room);
    let run = (short.as_str(), Face::Table.id(), p.get(Role::Text));
    let at = pos2(rect.left() + columns.name, rect.center().y);
    text::mid(ui.painter(), at, Hold::Left, run, room);
    let y = rect.center().y;
    cell(
        ui,
        pos2(rect.left() + columns.device, y),
        row.device,
        Role::Device,
        chosen && !row.both(),
    );
    cell(
        ui,
        pos2(rect.left() + columns.server, y),
        row.server,
        Role::Server,
        false,
    );
    let known = row.device.is_some() && row.server.is_some();
    let both = known.then(|| row.both());
    let ink = if seen.nothing_in_common() {
        Role::Fail
    } else {
        Role::Ok
    };
    cell(ui, pos2(rect.left() + columns.both, y), both, ink, chosen);
    let bottom = rect.bottom() - 0.5;
    let last_of_server = index + 1 == seen.overlap.of_server && index + 1 < seen.overlap.rows.len();
    if last_of_server {
        let ends = [
            pos2(rect.left() + 24.0, bottom),
            pos2(rect.right() - 24.0, bottom),
        ];
        let stroke = Stroke::new(1.0, p.get(Role::Line2));
        ui.painter()
            .extend(Shape::dashed_line(&ends, stroke, 3.0, 3.0));
    } else {
        let stroke = Stroke::new(1.0, p.get(Role::Line));
        ui.painter()
            .hline(rect.x_range().shrink(24.0), bottom, stroke);
    }
    let openssl = row.suite.openssl_name().unwrap_or("no name in OpenSSL");
    response.on_hover_text(format!("{name}\n{openssl}\n{spoken}"));
}

/// A filled cell with a tick, a dash, or nothing where it is not known.
fn cell(ui: &Ui, at: egui::Pos2, has: Option<bool>, lane: Role, chosen: bool) {
    let p = Palette::current(ui);
    let painter = ui.painter();
    let area = Rect::from_center_size(at, vec2(60.0, 18.0));
    match has {
        Some(true) => {
            painter.rect_filled(area, CornerRadius::same(2), p.get(lane));
            icon::paint(painter, Icon::Ok, at, 11.0, p.get(Role::Bg1), p.get(lane));
            if chosen {
                let stroke = Stroke::new(2.0, p.get(Role::Accent));
                let around = area.expand(3.0);
                painter.rect_stroke(around, CornerRadius::same(4), stroke, StrokeKind::Inside);
            }
        }
        Some(false) => {
            let ink = if lane == Role::Fail {
                Role::Fail
            } else {
                Role::Text3
            };
            let stroke = Stroke::new(1.5, p.get(ink));
            painter.hline(at.x - 4.0..=at.x + 4.0, at.y, stroke);
        }
        // Not known: a small open ring, never a dash.
        None => {
            let stroke = Stroke::new(1.2, p.get(Role::Text3));
            painter.circle_stroke(at, 3.5, stroke);
        }
    }
}

/// As a screen reader says it: `C030, server accepts, device does not offer`.
fn spoken(row: OverlapRow, chosen: bool, measured: bool) -> String {
    let mut words = format!("{:04X}", row.suite.0);
    words.push_str(match row.server {
        Some(true) => ", server accepts",
        Some(false) => ", server does not accept",
        None => ", server not known",
    });
    words.push_str(match row.device {
        Some(true) => ", device offers",
        Some(false) => ", device does not offer",
        None => ", device not known",
    });
    if chosen {
        words.push_str(if measured {
            ", chosen for this device"
        } else {
            ", first chosen would be this"
        });
    }
    words
}
