//! The chain: one bar for each certificate on one axis of bytes, under the limits of the device.

use egui::{
    Align2, Color32, CornerRadius, Id, Painter, Rect, Role as Named, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::inspected::{ChainRow, Inspected};
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{chip, hover_fill, panel};
use crate::ui::words;

const ROW: f32 = 38.0;
const AXIS: f32 = 24.0;
const BAR: f32 = 18.0;

/// Height that the panel needs for its rows.
#[must_use]
pub fn height(made: &Inspected) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
    let rows = made.rows.len().clamp(1, 4) as f32;
    crate::ui::widget::PANEL_HEAD + AXIS + rows * ROW + 14.0
}

/// The panel.
pub fn chain(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    panel(ui, rect, "Chain", &made.remark, |ui, rooms| {
        chips(ui, rooms.head, made);
        let body = rooms.body.shrink2(vec2(0.0, 4.0));
        let axis = Axis::of(made, body);
        let top = body.top() + AXIS;
        let rows = body.with_min_y(top);
        inside(ui, rows, "chain rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    for (i, row) in made.rows.iter().enumerate() {
                        one(ui, view, &axis, i, row);
                    }
                });
        });
        #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
        let end = top + made.rows.len() as f32 * ROW + 4.0;
        axis.paint(ui, body.with_max_y(end.min(body.bottom())));
    });
}

fn chips(ui: &mut Ui, head: Rect, made: &Inspected) {
    let Some(message) = made.message_bytes else {
        return;
    };
    row_from_right(ui, head, "chain chips", |ui| {
        let segments = message.div_ceil(crate::cert::SEGMENT);
        let words_of = |n: usize| words::grouped(n as u64);
        // Both or the message alone: its size decides more often.
        if ui.available_width() > 350.0 {
            let words = if segments == 1 {
                "one segment of 1,460".to_owned()
            } else {
                format!("at least {segments} segments of 1,460")
            };
            chip(ui, &words, Role::Text2, Role::Bg3)
                .on_hover_text("TCP payload of a segment on Ethernet (RFC 9293, MTU 1,500)");
        }
        if ui.available_width() > 150.0 {
            let words = format!("Certificate message {} bytes", words_of(message));
            chip(ui, &words, Role::Text2, Role::Bg3).on_hover_text(
                "TLS 1.2, with the handshake header (RFC 5246 section 7.4.2). TLS 1.3 adds its \
                 context and two bytes for each certificate.",
            );
        }
    });
}

/// Bytes to points.
struct Axis {
    left: f32,
    per_byte: f32,
    each: Vec<u64>,
    stored: Vec<u64>,
}

impl Axis {
    fn of(made: &Inspected, body: Rect) -> Self {
        let label = if body.width() < 520.0 { 132.0 } else { 184.0 };
        let left = body.left() + label;
        let room = (body.right() - left - 68.0).max(40.0);
        let most = made
            .rows
            .iter()
            .filter_map(ChainRow::bytes)
            .chain(made.each.iter().copied())
            .chain(made.stored.iter().copied())
            .max()
            .unwrap_or(1_000)
            .max(400);
        #[expect(clippy::cast_precision_loss, reason = "sizes of certificates")]
        let per_byte = room / most as f32;
        Self {
            left,
            per_byte,
            each: made.each.clone(),
            stored: made.stored.clone(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes of certificates")]
    fn x(&self, bytes: u64) -> f32 {
        self.left + bytes as f32 * self.per_byte
    }

    /// Limit lines through all bars, with their figures above.
    fn paint(&self, ui: &Ui, body: Rect) {
        let p = Palette::current(ui);
        let painter = ui.painter();
        let y = body.top() + 10.0;
        let lines = body.y_range().shrink(1.0);
        let from = body.top() + AXIS - 4.0;
        let mut free_from = self.left;
        let mut free_to = body.right();
        if let (Some(first), Some(last)) = (self.each.first(), self.each.last()) {
            let warn = p.get(Role::Warn);
            let each = format!("{} per certificate", words::grouped(*last));
            let (x0, x1) = (self.x(*first), self.x(*last));
            let width = text::width(painter, &each, Face::Caption.id());
            let right_of = x1 + 6.0 + width < body.right() - 4.0;
            let (x, hold) = if right_of {
                (x1 + 5.0, Hold::Left)
            } else {
                (body.right() - 6.0, Hold::Right)
            };
            let put = |x, hold, words: &str, ink| {
                let run = (words, Face::Caption.id(), ink);
                text::mid(painter, pos2(x, y), hold, run, 300.0)
            };
            let shown = put(x, hold, &each, warn);
            free_to = shown.left();
            if first != last {
                let end = (x0 - 5.0).min(free_to - 10.0);
                let shown = put(end, Hold::Right, &words::grouped(*first), warn);
                free_to = shown.left();
            }
            for limit in [x0, x1] {
                painter.vline(limit, from..=lines.max, Stroke::new(2.0, warn));
            }
        }
        if let Some(stored) = self.stored.last() {
            let x = self.x(*stored);
            let words = format!("{} stored bundle", words::grouped(*stored));
            let width = text::width(painter, &words, Face::Caption.id());
            let ink = p.get(Role::Text2);
            if x - 5.0 - width > free_from {
                free_from = x;
            }
            if free_from >= x || x + width < free_to - 8.0 {
                let (at, hold) = if free_from >= x {
                    (x - 5.0, Hold::Right)
                } else {
                    (x, Hold::Left)
                };
                let run = (words.as_str(), Face::Caption.id(), ink);
                if at < free_to {
                    text::mid(painter, pos2(at, y), hold, run, 300.0);
                }
            }
            let ends = [pos2(x, from), pos2(x, lines.max)];
            let stroke = Stroke::new(1.5, ink);
            painter.extend(egui::Shape::dashed_line(&ends, stroke, 4.0, 3.0));
        }
    }
}

fn one(ui: &mut Ui, view: &mut View<'_>, axis: &Axis, i: usize, row: &ChainRow) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let response = ui.interact(rect, Id::unique(("chain row", i)), Sense::click());
    let name = spoken(row, &axis.each);
    let selected = view.state.certificates.row == i && row.looked.is_some();
    response.widget_info(|| WidgetInfo::selected(Named::ListItem, true, selected, &name));
    // Many certificates: what is out of sight is named, not drawn.
    if !ui.is_rect_visible(rect) && !response.has_focus() {
        return;
    }
    hover_fill(ui, &response, rect);
    if selected {
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 4.0), vec2(3.0, ROW - 8.0));
        ui.painter()
            .rect_filled(bar, CornerRadius::same(1), p.get(Role::Accent));
    }
    if response.clicked() && row.part == "More" {
        view.state.certificates.view = super::WorkView::Files;
    }
    if response.clicked() && row.looked.is_some() {
        view.state.certificates.row = i;
        view.state.certificates.brick = None;
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if response.has_focus() {
        let stroke = Stroke::new(2.0, p.get(Role::Accent));
        ui.painter().rect_stroke(
            rect.shrink(2.0),
            CornerRadius::same(3),
            stroke,
            StrokeKind::Inside,
        );
    }
    let painter = ui.painter().clone();
    let ink = p.get(tone_role(row.tone));
    let at = pos2(rect.left() + 24.0, rect.center().y);
    let mark = match row.tone {
        Tone::Ok => Icon::Pass,
        Tone::Fail => Icon::Stop,
        Tone::Warn => Icon::Warn,
        Tone::Unknown | Tone::Waiting => Icon::Unknown,
    };
    icon::paint(&painter, mark, at, 15.0, ink, p.get(Role::Bg1));
    if i > 0 && !matches!(row.part, "Extra" | "More") {
        let x = at.x.round();
        let top = rect.top() - 9.0;
        let stroke = Stroke::new(1.5, p.get(Role::Line2));
        painter.vline(x, top..=rect.top() + 8.0, stroke);
    }
    let room = axis.left - rect.left() - 52.0;
    // Of several that are extra only the name tells them apart.
    let (upper, lower) = match row.part {
        "Extra" => (row.title.as_str(), format!("extra, {}", row.place)),
        "Missing" => (row.part, row.title.clone()),
        "More" => (row.title.as_str(), row.place.to_owned()),
        part => (part, row.place.to_owned()),
    };
    let font = Face::Table.bold();
    let upper = text::fit_middle(&painter, upper, &font, room);
    let at = pos2(rect.left() + 42.0, rect.top() + 11.0);
    let run = (upper.as_str(), font, p.get(Role::Text));
    text::mid(&painter, at, Hold::Left, run, room);
    let at = pos2(rect.left() + 42.0, rect.top() + 26.0);
    let run = (lower.as_str(), Face::Caption.id(), p.get(Role::Text3));
    text::mid(&painter, at, Hold::Left, run, room);
    bar(&painter, p, axis, rect, row);
    let mut hint = format!("{}: {}", row.part, row.title);
    if !row.more.is_empty() {
        hint.push('\n');
        hint.push_str(&row.more);
    }
    response.on_hover_text(hint);
}

/// `Leaf, example.com, 3,813 bytes, from the server, 1,253 over 2,560`.
fn spoken(row: &ChainRow, each: &[u64]) -> String {
    if row.part == "More" {
        return format!("{}, {}", row.title, row.place);
    }
    let mut name = format!("{}, {}", row.part, row.title);
    match row.bytes() {
        Some(bytes) => name.push_str(&format!(", {}", words::bytes(bytes))),
        None => name.push_str(", size unknown"),
    }
    name.push_str(&format!(", {}", row.place));
    if let (true, Some(bytes)) = (row.sent, row.bytes()) {
        match (each.first(), each.last()) {
            (_, Some(last)) if bytes > *last => name.push_str(&format!(
                ", {} over {}",
                words::grouped(bytes - last),
                words::grouped(*last)
            )),
            (Some(first), Some(last)) if bytes > *first => name.push_str(&format!(
                ", between {} and {}",
                words::grouped(*first),
                words::grouped(*last)
            )),
            (Some(_), Some(_)) => name.push_str(", fits"),
            _ => {}
        }
    }
    name
}

fn bar(painter: &Painter, p: &Palette, axis: &Axis, rect: Rect, row: &ChainRow) {
    let y = rect.center().y;
    let span =
        |from: f32, to: f32| Rect::from_min_max(pos2(from, y - BAR * 0.5), pos2(to, y + BAR * 0.5));
    let figure = |x: f32, words: &str, ink: Color32| {
        let run = (words, Face::Mono.id(), ink);
        text::mid(painter, pos2(x, y), Hold::Left, run, 200.0)
    };
    let round = CornerRadius::same(2);
    if row.part == "More" {
        return;
    }
    let Some(bytes) = row.bytes() else {
        // How long it is nobody knows: a torn right edge.
        let box_ = span(axis.left, axis.left + 96.0);
        let stroke = Stroke::new(1.5, p.get(Role::Line2));
        let mut points = vec![box_.right_top(), box_.left_top(), box_.left_bottom()];
        points.push(box_.right_bottom());
        painter.extend(egui::Shape::dashed_line(&points, stroke, 4.0, 3.0));
        let torn: Vec<_> = (0..=6u8)
            .map(|i| {
                let x = box_.right() + if i % 2 == 0 { 0.0 } else { 4.0 };
                pos2(x, box_.top() + f32::from(i) * 3.0)
            })
            .collect();
        painter.add(egui::Shape::line(torn, stroke));
        figure(box_.right() + 10.0, "unknown", p.get(Role::Text3));
        return;
    };
    let end = axis.x(bytes);
    let label = words::grouped(bytes);
    if !row.sent {
        painter.rect_filled(span(axis.left, end), round, p.get(Role::Bg3));
        let stroke = Stroke::new(1.0, p.get(Role::Line2));
        painter.rect_stroke(span(axis.left, end), round, stroke, StrokeKind::Inside);
        after(painter, p, axis, end, y, &label);
        return;
    }
    let first = axis.each.first().copied().unwrap_or(u64::MAX);
    let last = axis.each.last().copied().unwrap_or(u64::MAX);
    painter.rect_filled(
        span(axis.left, axis.x(bytes.min(first))),
        round,
        p.get(Role::F1),
    );
    if bytes > first {
        let slice = span(axis.x(first), axis.x(bytes.min(last)));
        painter.rect_filled(slice, CornerRadius::ZERO, p.get(Role::Warn));
    }
    if bytes <= last {
        after(painter, p, axis, end, y, &label);
        return;
    }
    let over = span(axis.x(last), end);
    let fail = p.get(Role::Fail);
    painter.rect_filled(over, CornerRadius::ZERO, p.get(Role::FailBg));
    hatch(painter, over, fail);
    painter.rect_stroke(
        over,
        CornerRadius::ZERO,
        Stroke::new(1.0, fail),
        StrokeKind::Inside,
    );
    let width = text::width(painter, &label, Face::Mono.id());
    if over.width() > width + 24.0 {
        let plate = Align2::CENTER_CENTER
            .anchor_size(over.center() + vec2(8.0, 0.0), vec2(width + 8.0, 15.0));
        painter.rect_filled(plate, CornerRadius::same(2), p.get(Role::FailBg));
        let run = (label.as_str(), Face::Mono.id(), fail);
        text::mid(painter, plate.center(), Hold::Centre, run, 200.0);
    } else {
        figure(end + 6.0, &label, fail);
    }
}

/// The figure behind a bar, on a plate where a limit runs through it.
fn after(painter: &Painter, p: &Palette, axis: &Axis, end: f32, y: f32, label: &str) {
    let mut x = end + 8.0;
    let width = text::width(painter, label, Face::Mono.id());
    let mut limits: Vec<f32> = axis
        .each
        .iter()
        .chain(&axis.stored)
        .map(|l| axis.x(*l))
        .collect();
    limits.sort_by(f32::total_cmp);
    for limit in limits {
        if limit > x - 4.0 && limit < x + width + 4.0 {
            x = limit + 7.0;
        }
    }
    let run = (label, Face::Mono.id(), p.get(Role::Text));
    text::mid(painter, pos2(x, y), Hold::Left, run, 200.0);
}

/// Lines at 45°, 7 apart, 1 wide.
pub fn hatch(painter: &Painter, rect: Rect, ink: Color32) {
    let painter = painter.with_clip_rect(painter.clip_rect().intersect(rect));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let ends = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
        painter.line_segment(ends, Stroke::new(1.0, ink.gamma_multiply(0.8)));
        x += 7.0;
    }
}
