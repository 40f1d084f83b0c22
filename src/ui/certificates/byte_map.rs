//! The byte map: where the bytes of a certificate go, in the order of the file, under the limit.
//!
//! One row is 100 bytes (more where the certificate is long); every field and every name is one
//! brick. The list beside it says the same as text.

use egui::{
    Align2, Color32, CornerRadius, Id, Key, Painter, Pos2, Rect, Response, Role as Named,
    ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::bricks::{Brick, FieldKind};
use super::byte_grid::{Grid, bytes_per_row, pieces};
use super::inspected::{ChainRow, Inspected, Looked};
use super::side;
use super::state::Side;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, focus_ring, panel};
use crate::ui::words;

const SIDE: f32 = 214.0;

/// The colour of a field.
#[must_use]
pub fn role(kind: FieldKind) -> Role {
    match kind {
        FieldKind::Issuer => Role::F5,
        FieldKind::Key => Role::F2,
        FieldKind::Names => Role::F1,
        FieldKind::Signature => Role::F3,
        FieldKind::Other => Role::F4,
    }
}

/// The panel.
pub fn byte_map(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let Some((row, looked)) = made.shown(view.state.certificates.row) else {
        panel(ui, rect, "Byte map", "no certificate with bytes", |_, _| {});
        return;
    };
    let title = format!("Byte map of the {}", part(row));
    let bytes = looked.certificate.der_bytes();
    let remark = format!("where the {} bytes go", words::grouped(bytes as u64));
    let remark = if rect.width() < 560.0 { "" } else { &remark };
    panel(ui, rect, &title, remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "map head", |ui| {
            for (side, word) in [
                (Side::Hex, "Hex"),
                (Side::Names, "Names"),
                (Side::Fields, "Fields"),
            ] {
                let on = view.state.certificates.side == side;
                let name = format!("{word} beside the map");
                let button = Button::new(word).small().selected(on).name(&name);
                if ui.add(button).clicked() {
                    view.state.certificates.side = side;
                }
            }
        });
        let body = rooms.body.shrink2(vec2(8.0, 8.0));
        let side = body.with_min_x(body.right() - SIDE);
        let map = body.with_max_x(side.left() - 8.0);
        let limits: &[u64] = if row.sent { &made.each } else { &[] };
        draw(ui, map, view, row, looked, limits);
        side::side(ui, side, view, row, looked, limits);
    });
}

/// The part as it stands in a sentence.
#[must_use]
pub fn part(row: &ChainRow) -> String {
    match row.part {
        "CA" => "CA certificate".into(),
        "Extra" => "extra certificate".into(),
        part => part.to_lowercase(),
    }
}

fn draw(
    ui: &mut Ui,
    rect: Rect,
    view: &mut View<'_>,
    row: &ChainRow,
    looked: &Looked,
    limits: &[u64],
) {
    let p = Palette::current(ui);
    let bytes = looked.certificate.der_bytes();
    let per_row = bytes_per_row(bytes);
    let caption = format!("one row = {per_row} bytes, in file order");
    let left = rect.left() + 52.0;
    let run = (caption.as_str(), Face::Caption.id(), p.get(Role::Text2));
    let at = pos2(left, rect.top() + 6.0);
    text::mid(ui.painter(), at, Hold::Left, run, rect.right() - left);
    let rows = bytes.div_ceil(per_row).max(1);
    let area = rect.with_min_y(rect.top() + 16.0);
    // The first figure of the axis stands half above its row.
    let above = 5.0;
    #[expect(clippy::cast_precision_loss, reason = "at most 60 rows")]
    let (rows_f, per_row_f) = (rows as f32, per_row as f32);
    let pitch = ((area.height() - above) / rows_f).clamp(5.0, 8.0);
    let width = (area.right() - left - 26.0).clamp(60.0, 560.0);
    inside(ui, area, "byte map", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(1.0)));
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            let min = pos2(left, ui.cursor().top() + above);
            let grid = Grid {
                min,
                per_row,
                per_byte: width / per_row_f,
                pitch,
            };
            let size = vec2(width, rows_f * pitch);
            ui.allocate_exact_size(vec2(ui.available_width(), size.y + above), Sense::hover());
            let map = Rect::from_min_size(min, size);
            let response = ui.interact(map, Id::unique("byte map"), Sense::click());
            let name = spoken(row, looked, limits);
            response.widget_info(|| WidgetInfo::labeled(Named::Image, true, &name));
            let painter = ui.painter().clone();
            axis(&painter, p, &grid, bytes, limits);
            let selected = view.state.certificates.brick;
            for (i, brick) in looked.bricks.iter().enumerate() {
                paint(&painter, p, &grid, brick, limits.last().copied());
                if selected == Some(i) {
                    frame(&painter, p, &grid, brick);
                }
            }
            limit_lines(&painter, p, &grid, bytes, limits);
            if let Some(brick) = selected.and_then(|i| looked.bricks.get(i)) {
                frame(&painter, p, &grid, brick);
            }
            brackets(&painter, p, &grid, looked);
            focus_ring(ui, &response, 2);
            select(ui, view, &grid, looked, &response);
            hover(&response, &grid, looked);
        });
    });
}

/// `Leaf, 3,813 bytes: names 3,016, key 294, …, 1,253 over 2,560`.
fn spoken(row: &ChainRow, looked: &Looked, limits: &[u64]) -> String {
    let fields: Vec<String> = looked
        .fields
        .iter()
        .map(|f| format!("{} {}", f.words, words::grouped(f.bytes as u64)))
        .collect();
    let bytes = looked.certificate.der_bytes() as u64;
    let mut name = format!(
        "{}, {}: {}",
        row.part,
        words::bytes(bytes),
        fields.join(", ")
    );
    if let Some(limit) = limits.last().filter(|l| bytes > **l) {
        let over = words::grouped(bytes - limit);
        name.push_str(&format!(", {over} over {}", words::grouped(*limit)));
    }
    name
}

fn axis(painter: &Painter, p: &Palette, grid: &Grid, bytes: usize, limits: &[u64]) {
    let step = grid.per_row * 5;
    let limit_rows: Vec<usize> = limits
        .iter()
        .filter_map(|l| usize::try_from(*l).ok())
        .map(|l| l / step * step)
        .collect();
    let mut at = 0;
    while at < bytes {
        let y = grid.place(at).y + grid.height() * 0.5;
        let near = limit_rows.contains(&at) && at > 0;
        let role = if near { Role::Warn } else { Role::Text2 };
        let words = words::grouped(at as u64);
        let run = (words.as_str(), Face::MonoSmall.id(), p.get(role));
        text::mid(painter, pos2(grid.min.x - 8.0, y), Hold::Right, run, 60.0);
        at += step;
    }
}

fn paint(painter: &Painter, p: &Palette, grid: &Grid, brick: &Brick, limit: Option<u64>) {
    let end = brick.offset + brick.bytes;
    let cut = limit
        .and_then(|l| usize::try_from(l).ok())
        .unwrap_or(usize::MAX)
        .clamp(brick.offset, end);
    let own = p.get(role(brick.kind));
    let back = p.get(Role::Bg1);
    // Past the limit names are red, the rest is its own colour at half strength.
    let past = if brick.kind == FieldKind::Names {
        back.lerp_to_gamma(p.get(Role::Fail), 0.55)
    } else {
        back.lerp_to_gamma(own, 0.5)
    };
    let fill = |from: usize, to: usize, ink: Color32, last: bool| {
        for (mut rect, ends) in pieces(grid, from, to) {
            if ends && last && rect.width() > 1.5 {
                rect.max.x -= 1.0;
            }
            painter.rect_filled(rect, CornerRadius::ZERO, ink);
        }
    };
    fill(brick.offset, cut, own, cut == end);
    fill(cut, end, past, true);
}

fn frame(painter: &Painter, p: &Palette, grid: &Grid, brick: &Brick) {
    let stroke = Stroke::new(2.0, p.get(Role::Text));
    for (rect, _) in pieces(grid, brick.offset, brick.offset + brick.bytes) {
        painter.rect_stroke(rect, CornerRadius::ZERO, stroke, StrokeKind::Middle);
    }
}

/// The step at the exact byte of each limit.
fn limit_lines(painter: &Painter, p: &Palette, grid: &Grid, bytes: usize, limits: &[u64]) {
    for (i, limit) in limits.iter().enumerate() {
        let Ok(limit) = usize::try_from(*limit) else {
            continue;
        };
        if limit >= bytes {
            continue;
        }
        let at = grid.place(limit);
        let role = if i + 1 == limits.len() {
            Role::Fail
        } else {
            Role::Warn
        };
        let role = if limits.len() == 1 { Role::Warn } else { role };
        let (top, bottom) = (at.y - 0.5, at.y + grid.pitch - 0.5);
        let points = vec![
            pos2(grid.right(), top),
            pos2(at.x, top),
            pos2(at.x, bottom),
            pos2(grid.min.x - 4.0, bottom),
        ];
        painter.add(egui::Shape::line(points, Stroke::new(2.0, p.get(role))));
    }
}

/// Numbers at the right edge, the same as in the field list.
fn brackets(painter: &Painter, p: &Palette, grid: &Grid, looked: &Looked) {
    let mut free = f32::NEG_INFINITY;
    for kind in FieldKind::ALL {
        if kind == FieldKind::Other {
            continue;
        }
        let mut of = looked.bricks.iter().filter(|b| b.kind == kind);
        let Some(first) = of.next() else { continue };
        let last = of.next_back().unwrap_or(first);
        let top = grid.place(first.offset).y;
        let end = grid.place(last.offset + last.bytes.max(1) - 1).y + grid.height();
        let x = grid.right() + 5.0;
        let stroke = Stroke::new(1.5, p.get(Role::Line2));
        let (a, b) = (top.max(free), end.max(top.max(free) + 2.0));
        let points = vec![pos2(x, a), pos2(x + 4.0, a), pos2(x + 4.0, b), pos2(x, b)];
        painter.add(egui::Shape::line(points, stroke));
        let y = ((a + b) * 0.5).max(free + 5.0);
        let run = (kind.number(), Face::MonoSmall.id(), p.get(Role::Text2));
        text::mid(painter, pos2(x + 8.0, y), Hold::Left, run, 12.0);
        free = b + 1.0;
    }
}

fn select(ui: &Ui, view: &mut View<'_>, grid: &Grid, looked: &Looked, response: &Response) {
    let state = &mut view.state.certificates;
    let (chosen, scroll) = (&mut state.brick, &mut state.scroll_names);
    if response.clicked() {
        *chosen = response
            .interact_pointer_pos()
            .and_then(|at| brick_at(looked, grid.byte(at)));
        *scroll = true;
    }
    if response.has_focus() {
        ui.memory_mut(|m| {
            let filter = egui::EventFilter {
                horizontal_arrows: true,
                ..egui::EventFilter::default()
            };
            m.set_focus_lock_filter(response.id, filter);
        });
        let last = looked.bricks.len().saturating_sub(1);
        let pressed = |key| ui.input(|i| i.key_pressed(key));
        if pressed(Key::ArrowRight) {
            *chosen = Some(chosen.map_or(0, |i| (i + 1).min(last)));
            *scroll = true;
        }
        if pressed(Key::ArrowLeft) {
            *chosen = Some(chosen.map_or(last, |i| i.saturating_sub(1)));
            *scroll = true;
        }
    }
}

/// The brick that holds this byte.
fn brick_at(looked: &Looked, byte: usize) -> Option<usize> {
    looked
        .bricks
        .iter()
        .position(|b| (b.offset..b.offset + b.bytes).contains(&byte))
}

fn hover(response: &Response, grid: &Grid, looked: &Looked) {
    let Some(at) = response.hover_pos() else {
        return;
    };
    let brick = brick_at(looked, grid.byte(at)).and_then(|i| looked.bricks.get(i));
    if let Some(brick) = brick {
        response.clone().on_hover_text_at_pointer(about(brick));
    }
}

/// Field, offset, length.
#[must_use]
pub fn about(brick: &Brick) -> String {
    format!(
        "{}, offset {}, {}",
        words::visible(&brick.label),
        words::grouped(brick.offset as u64),
        words::bytes(brick.bytes as u64)
    )
}

/// A square in the colour of a field.
pub fn swatch(painter: &Painter, p: &Palette, centre: Pos2, kind: FieldKind) {
    let rect = Align2::CENTER_CENTER.anchor_size(centre, vec2(11.0, 11.0));
    painter.rect_filled(rect, CornerRadius::same(2), p.get(role(kind)));
}
