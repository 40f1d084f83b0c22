//! Dates: the validity of the chain on one axis, with the time of judgement, 1970 and 2038.

use egui::{CornerRadius, Id, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::inspected::{ChainRow, Inspected};
use super::table;
use crate::cert::{END_OF_32_BIT_TIME, Validity, validity};
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside};
use crate::ui::widget::panel;
use crate::ui::words;

const YEAR: i64 = 31_557_600;
/// Height of a row.
pub const ROW: f32 = 23.0;

/// Seconds to points.
struct Axis {
    from: i64,
    to: i64,
    left: f32,
    right: f32,
}

impl Axis {
    fn x(&self, at: i64) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "points of a screen")]
        let part = (at - self.from) as f32 / (self.to - self.from).max(1) as f32;
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

/// The panel.
pub fn dates(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let at = words::date(made.at_unix_s.saturating_mul(1_000_000));
    let remark = match view.snap.judged_at.1 {
        "now" => format!("judged at {at}, now"),
        "option" => format!("judged at {at}, as you set it"),
        from => format!("judged at {at}, time of the {from}"),
    };
    panel(ui, rect, "Dates", &remark, |ui, rooms| {
        let body = rooms.body.shrink2(vec2(0.0, 4.0));
        let axis = axis(made, body);
        let foot = body.with_min_y(body.bottom() - 18.0);
        let head = body.with_max_y(body.top() + 18.0);
        scale(ui, &axis, head, body.bottom() - 18.0);
        let rows = Rect::from_min_max(head.left_bottom(), foot.right_top());
        inside(ui, rows, "date rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_clip_rect(ui.clip_rect().intersect(rows));
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for (i, row) in made.rows.iter().enumerate() {
                    one(ui, &axis, i, row, made.at_unix_s);
                }
            });
        });
        if view.snap.judged_at.1 != "now" {
            present(ui, &axis, head, rows);
        }
        marks(ui, &axis, made, rows, foot);
    });
}

fn axis(made: &Inspected, body: Rect) -> Axis {
    let moments = made
        .rows
        .iter()
        .filter_map(|r| r.looked.as_ref())
        .flat_map(|l| [l.certificate.not_before, l.certificate.not_after])
        .flatten()
        .map(|m| m.unix_s)
        // A date of the year 9999 must not press all others into a line.
        .filter(|s| (0..200 * YEAR).contains(s));
    let all: Vec<i64> = moments
        .chain([made.at_unix_s, END_OF_32_BIT_TIME])
        .collect();
    let from = all.iter().min().copied().unwrap_or(0);
    let to = all.iter().max().copied().unwrap_or(0);
    let margin = ((to - from) / 16).max(YEAR / 2);
    Axis {
        from: from - margin,
        to: to + margin,
        left: body.left() + 118.0,
        right: body.right() - 16.0,
    }
}

/// Years above, a thin line at each.
fn scale(ui: &Ui, axis: &Axis, head: Rect, bottom: f32) {
    let p = Palette::current(ui);
    let years = (axis.to - axis.from) / YEAR;
    let step = match years {
        0..=4 => 1,
        5..=12 => 2,
        13..=28 => 5,
        29..=60 => 10,
        _ => 50,
    };
    let mut year = (1970 + axis.from / YEAR) / step * step + step;
    loop {
        let at = (year - 1970) * YEAR;
        if at > axis.to {
            break;
        }
        let x = axis.x(at);
        let stroke = Stroke::new(1.0, p.get(Role::Line));
        ui.painter().vline(x, head.bottom()..=bottom, stroke);
        let words = year.to_string();
        let run = (words.as_str(), Face::Caption.id(), p.get(Role::Text2));
        text::mid(
            ui.painter(),
            pos2(x, head.center().y),
            Hold::Centre,
            run,
            60.0,
        );
        year += step;
    }
    // A clock that was never set stands far to the left of the axis.
    if axis.from > 0 {
        let ink = p.get(Role::Text3);
        let at = pos2(axis.left - 10.0, head.center().y);
        let run = ("1970", Face::Caption.id(), ink);
        let shown = text::mid(ui.painter(), at, Hold::Right, run, 60.0);
        let at = pos2(shown.left() - 10.0, at.y);
        icon::paint(ui.painter(), Icon::Left, at, 11.0, ink, p.get(Role::Bg1));
    }
}

fn one(ui: &mut Ui, axis: &Axis, i: usize, row: &ChainRow, at: i64) {
    let p = Palette::current(ui);
    let Some(looked) = &row.looked else {
        return;
    };
    let c = &looked.certificate;
    let day = |m: Option<crate::cert::Moment>| {
        m.map_or_else(
            || "unreadable".into(),
            |m| words::date(m.unix_s.saturating_mul(1_000_000)),
        )
    };
    let (tone, word) = match validity(c, at) {
        Validity::Valid => (Tone::Ok, "valid"),
        Validity::NotYet => (Tone::Fail, "not yet valid"),
        Validity::Expired => (Tone::Fail, "expired"),
        Validity::Unknown => (Tone::Unknown, "unknown"),
    };
    let mut name = format!(
        "{}, {} to {}, {word}",
        row.part,
        day(c.not_before),
        day(c.not_after)
    );
    if c.ends_after_2038() {
        name.push_str(", ends after 2038-01-19");
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let id = Id::unique(("dates", i));
    let response = crate::ui::widget::row_response(ui, rect, id, false, &name);
    table::verdict(ui, rect, 8.0, tone, row.part, 104.0);
    let clip = ui.clip_rect();
    let painter = ui.painter().with_clip_rect(clip);
    if let (Some(from), Some(to)) = (c.not_before, c.not_after) {
        let (x0, x1) = (axis.x(from.unix_s), axis.x(to.unix_s));
        let y = rect.center().y;
        let bar = Rect::from_min_max(pos2(x0, y - 6.0), pos2(x1.max(x0 + 3.0), y + 6.0));
        let round = CornerRadius::same(2);
        if tone == Tone::Ok {
            painter.rect_filled(bar, round, p.get(Role::F2));
        } else {
            painter.rect_filled(bar, round, p.get(Role::FailBg));
            super::chain::hatch(&painter, bar, p.get(tone_role(tone)));
            let stroke = Stroke::new(1.0, p.get(tone_role(tone)));
            painter.rect_stroke(bar, round, stroke, StrokeKind::Inside);
        }
    }
    response.on_hover_text(format!(
        "{}: {}\n{name}{}{}",
        row.part,
        row.title,
        wrapped(c),
        encoded(c)
    ));
}

/// What a signed 32-bit clock makes of the end.
fn wrapped(c: &crate::cert::Certificate) -> String {
    match c.not_after.filter(|_| c.ends_after_2038()) {
        Some(end) => format!(
            "\nA signed 32-bit clock reads its end as {}.",
            words::date(i64::from(end.as_32_bit()) * 1_000_000)
        ),
        None => String::new(),
    }
}

fn encoded(c: &crate::cert::Certificate) -> &'static str {
    if c.not_after.is_some_and(|m| m.generalized) {
        "\nIts end is a GeneralizedTime."
    } else {
        ""
    }
}

/// The present, where the judgement is about another time.
fn present(ui: &Ui, axis: &Axis, head: Rect, rows: Rect) {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_secs()).ok());
    let Some(now) = now.filter(|n| (axis.from..=axis.to).contains(n)) else {
        return;
    };
    let p = Palette::current(ui);
    let x = axis.x(now);
    let ends = [pos2(x, head.bottom() - 2.0), pos2(x, rows.bottom())];
    let stroke = Stroke::new(1.5, p.get(Role::Text2));
    let dots = egui::Shape::dotted_line(&ends, stroke.color, 4.0, 1.0);
    ui.painter().extend(dots);
    // Among the years, where no bar is.
    let at = pos2(x, head.center().y);
    let run = ("now", Face::Caption.id(), p.get(Role::Text2));
    let plate = Rect::from_center_size(at, vec2(30.0, 14.0));
    ui.painter()
        .rect_filled(plate, egui::CornerRadius::ZERO, p.get(Role::Bg1));
    text::mid(ui.painter(), at, Hold::Centre, run, 40.0);
}

/// Lines of the time of judgement and of 2038, with words below.
fn marks(ui: &Ui, axis: &Axis, made: &Inspected, rows: Rect, foot: Rect) {
    let p = Palette::current(ui);
    let painter = ui.painter();
    let at = axis.x(made.at_unix_s);
    let end = axis.x(END_OF_32_BIT_TIME);
    let range = rows.y_range();
    painter.vline(at, range, Stroke::new(1.5, p.get(Role::Fail)));
    let ends = [pos2(end, range.min), pos2(end, range.max)];
    let stroke = Stroke::new(1.5, p.get(Role::Warn));
    painter.extend(egui::Shape::dashed_line(&ends, stroke, 3.0, 3.0));
    let y = foot.center().y;
    let late = "2038, 32-bit";
    let width = text::width(painter, late, Face::Caption.id());
    let x = end.min(foot.right() - 12.0 - width * 0.5);
    let run = (late, Face::Caption.id(), p.get(Role::Warn));
    let shown = text::mid(painter, pos2(x, y), Hold::Centre, run, 120.0);
    let day = words::date(made.at_unix_s.saturating_mul(1_000_000));
    let words = format!("{day} judged");
    let run = (words.as_str(), Face::Caption.id(), p.get(Role::Fail));
    let width = text::width(painter, &words, Face::Caption.id());
    let most = shown.left() - 10.0 - width * 0.5;
    let x = if at > shown.right() + 10.0 + width * 0.5 {
        at.min(foot.right() - 12.0 - width * 0.5)
    } else {
        at.min(most)
    };
    text::mid(painter, pos2(x, y), Hold::Centre, run, 200.0);
}
