//! Two ladders side by side: each step of one run at the height of the same step of the other.
//!
//! In: two attempts and what the comparison found. Out: rows on common heights, and the picture.

use egui::{
    CornerRadius, Painter, Rect, Role as Named, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::draw::{self, Lanes};
use super::make::Maker;
use super::model::{Ladder, LadderRow, LadderStyle, RowKind};
use crate::evidence::{Direction, Role as Side};
use crate::session::compare::Comparison;
use crate::timeline::Attempt;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::state::Spot;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, group, inside};

/// Heads of the lifelines and the room below them.
const HEAD: f32 = 38.0;
/// Steps before the first difference that stay unfolded.
const KEPT: usize = 4;

/// Rows of two runs on common heights.
pub struct LadderPair {
    /// The run to measure by.
    pub good: Ladder,
    /// The run that is looked at.
    pub bad: Ladder,
    /// Row of the first difference.
    pub first: Option<usize>,
}

impl LadderPair {
    /// The rows of `good` and `bad` as `found` pairs them; what is alike before the first difference is
    /// folded unless `unfold`.
    #[must_use]
    pub fn of(
        (good, bad): (&Attempt, &Attempt),
        found: &Comparison,
        (good_style, bad_style): (LadderStyle, LadderStyle),
        unfold: bool,
    ) -> Self {
        let mut here = Maker::new(good, good_style);
        let mut there = Maker::new(bad, bad_style);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        if good
            .steps
            .iter()
            .chain(&bad.steps)
            .all(|s| !s.name.is_handshake())
        {
            left = here.asked();
            right = there.asked();
            level(&mut left, &mut right);
        }
        let alike = found.first.unwrap_or(0);
        let folded = if unfold || alike <= KEPT + 2 {
            0
        } else {
            alike - KEPT
        };
        let mut first = None;
        for (i, pair) in found.pairs.iter().enumerate() {
            let g = pair
                .good
                .and_then(|g| good.steps.get(g))
                .map(|s| here.one(s));
            let b = pair
                .bad
                .and_then(|b| bad.steps.get(b))
                .map(|s| there.one(s));
            if i < folded {
                if i + 1 == folded {
                    let words = format!("{folded} steps, the same in both runs");
                    left.push(LadderRow::plain(RowKind::Rule(words.clone()), 28.0, &words));
                    right.push(LadderRow::plain(RowKind::Rule(words.clone()), 28.0, &words));
                }
                continue;
            }
            if found.first == Some(i) {
                first = Some(left.len());
            }
            let height = good_style.row;
            let (g, b) = match (g, b) {
                (Some(g), Some(b)) => (g, b),
                (Some(g), None) => {
                    let none = lacking(&g, height);
                    (g, none)
                }
                (None, Some(b)) => {
                    let none = lacking(&b, height);
                    (none, b)
                }
                (None, None) => continue,
            };
            left.push(g);
            right.push(b);
        }
        left.append(&mut here.end());
        right.append(&mut there.end());
        level(&mut left, &mut right);
        Self {
            good: Ladder::from_rows(left),
            bad: Ladder::from_rows(right),
            first,
        }
    }
}

/// What stands where one run lacks a step that the other has.
fn lacking(other: &LadderRow, height: f32) -> LadderRow {
    let RowKind::Message {
        name, direction, ..
    } = &other.kind
    else {
        return LadderRow::plain(RowKind::Blank, height, "");
    };
    let words = match direction {
        Direction::Received => format!("no {name} received"),
        Direction::Sent => format!("no {name} sent"),
    };
    LadderRow::plain(RowKind::Missing(words.clone()), height, &words)
}

/// Both sides get as many rows, each pair the same height.
fn level(left: &mut Vec<LadderRow>, right: &mut Vec<LadderRow>) {
    let blank = || LadderRow::plain(RowKind::Blank, 0.0, "");
    left.resize_with(left.len().max(right.len()), blank);
    right.resize_with(left.len(), blank);
    for (l, r) in left.iter_mut().zip(right) {
        let height = l.height.max(r.height);
        l.height = height;
        r.height = height;
    }
}

/// Draws the pair: `left` and `right` are the bodies of their panels.
pub fn pair(
    ui: &mut Ui,
    (left, right): (Rect, Rect),
    made: &LadderPair,
    (good, bad): (&Attempt, &Attempt),
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    for (side, run) in [(left, good), (right, bad)] {
        heads(ui, side, run.role, p);
    }
    let body = left.union(right).with_min_y(left.top() + HEAD);
    inside(ui, body, "pair", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        let area = ScrollArea::vertical()
            .id_salt("pair rows")
            .auto_shrink([false, false]);
        area.show(ui, |ui| {
            let height = made.good.height().max(body.height() - 8.0);
            let (whole, _) = ui.allocate_exact_size(vec2(body.width(), height), Sense::hover());
            for (side, ladder, run, name) in [
                (left, &made.good, good, "Good run"),
                (right, &made.bad, bad, "This run"),
            ] {
                let column = Rect::from_x_y_ranges(side.x_range(), whole.y_range());
                let label = format!(
                    "{name}, attempt {}, {} steps",
                    run.index + 1,
                    ladder.steps()
                );
                let list = egui::accesskit::Role::List;
                group(ui, column, ("pair", name), list, label, |ui| {
                    let clip = side.with_min_y(body.top()).with_max_y(body.bottom());
                    ui.set_clip_rect(ui.clip_rect().intersect(clip));
                    rows(ui, column, ladder, made.first, run, view);
                });
            }
        });
    });
}

fn heads(ui: &Ui, side: Rect, role: Side, p: &Palette) {
    let lanes = Lanes::new(side.left(), side.width());
    let peer = match role {
        Side::Client => "SERVER",
        Side::Server => "CLIENT",
    };
    let room = (side.right() - lanes.server - 2.0) * 2.0;
    let width = room.clamp(60.0, 104.0);
    for (x, word, ink) in [
        (lanes.device, "DEVICE", Role::Device),
        (lanes.server, peer, Role::Server),
    ] {
        let min = pos2(x - width * 0.5, side.top() + 8.0);
        let head = Rect::from_min_size(min, vec2(width, 22.0));
        let color = p.get(ink);
        let stroke = Stroke::new(1.5, color);
        let painter = ui.painter();
        painter.vline(
            x,
            head.bottom()..=side.top() + HEAD,
            Stroke::new(2.0, color),
        );
        let round = CornerRadius::same(5);
        painter.rect(head, round, p.get(Role::Bg2), stroke, StrokeKind::Inside);
        let at = pos2(x, head.center().y + 4.5);
        text::base(painter, at, Hold::Centre, word, Face::Table.bold(), color);
    }
}

fn rows(
    ui: &Ui,
    column: Rect,
    ladder: &Ladder,
    first: Option<usize>,
    run: &Attempt,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let lanes = Lanes::new(column.left(), column.width());
    let painter: Painter = ui.painter().clone();
    let seen = ui.clip_rect().translate(-column.min.to_vec2());
    let visible = ladder.visible(seen.top(), seen.bottom());
    let at = |i: usize| {
        Rect::from_min_max(
            pos2(column.left(), column.top() + ladder.tops[i]),
            pos2(column.right(), column.top() + ladder.tops[i + 1]),
        )
    };
    if let Some(first) = first {
        let back = at(first).shrink2(vec2(1.0, 0.0));
        painter.rect_filled(back, CornerRadius::ZERO, p.get(Role::Sel));
    }
    let end = column.top() + ladder.height();
    for (x, ink) in [(lanes.device, Role::Device), (lanes.server, Role::Server)] {
        painter.vline(x, column.top()..=end, Stroke::new(2.0, p.get(ink)));
    }
    for i in visible {
        let row = &ladder.rows[i];
        let rect = at(i);
        let back = if first == Some(i) {
            Role::Sel
        } else {
            Role::Bg1
        };
        let sense = if row.line > 0 {
            Sense::click()
        } else {
            Sense::focusable_noninteractive()
        };
        let response = ui.interact(rect, ui.scope_id().with(("pair row", i)), sense);
        if !row.spoken.is_empty() {
            response.widget_info(|| WidgetInfo::labeled(Named::ListItem, true, &row.spoken));
        }
        draw::row(&painter, p, &lanes, rect, row, back);
        if response.hovered() && row.line > 0 || response.has_focus() {
            let stroke = Stroke::new(1.0, p.get(Role::Line2));
            painter.rect_stroke(rect, CornerRadius::same(3), stroke, StrokeKind::Inside);
        }
        if response.clicked() && row.line > 0 {
            view.ask(Act::ShowLine(Spot {
                input: run.input,
                line: row.line,
            }));
        }
        if row.line > 0 {
            let tip = format!("{}\n{}\nline {}", row.spoken, row.remark, row.line);
            response.on_hover_text(tip);
        }
    }
}
