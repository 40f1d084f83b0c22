//! One row of the ladder: arrow with label, own work; the lifelines' columns.
//!
//! In: one row, where it lies, the two lifelines. Out: shapes.

use egui::{Color32, CornerRadius, Painter, Rect, Shape, Stroke, pos2, vec2};

use super::band::waiting;
use super::ends::{completed, pause, rule, stop_row};
use super::model::{LadderRow, RowKind};
use crate::evidence::{Direction, Lane};
use crate::timeline::Certainty;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};

/// The two lifelines and the room around them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes {
    /// Left edge of the panel.
    pub left: f32,
    /// Right edge.
    pub right: f32,
    /// The device's lifeline.
    pub device: f32,
    /// The server's.
    pub server: f32,
    /// Room for remarks.
    pub remarks: bool,
}

impl Lanes {
    /// Columns for a panel from `left`, `width` wide.
    #[must_use]
    pub fn new(left: f32, width: f32) -> Self {
        let (d, s) = if width < 600.0 {
            (0.23, 0.78)
        } else {
            (0.28, 0.75)
        };
        let device = left
            + (width * d)
                .max(if width < 420.0 { 60.0 } else { 120.0 })
                .round();
        let least = if width < 300.0 { 180.0 } else { 200.0 };
        let server = (left + (width * s).round()).clamp(device + least, device + 560.0);
        Self {
            left,
            right: left + width,
            device,
            server,
            remarks: left + width - server > 90.0,
        }
    }

    /// The lifeline of a side.
    #[must_use]
    pub fn of(&self, lane: Lane) -> f32 {
        match lane {
            Lane::Device => self.device,
            Lane::Peer => self.server,
        }
    }

    /// Halfway between them.
    #[must_use]
    pub fn middle(&self) -> f32 {
        (self.device + self.server) * 0.5
    }
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Seen in bytes.
    Seen,
    /// Must have happened.
    Dashed,
    /// Expected, or from the good run.
    Dotted,
}

/// Draws one row; `back` is its background.
pub fn row(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, row: &LadderRow, back: Role) {
    let y = rect.bottom() - 8.0;
    let faint = matches!(
        &row.kind,
        RowKind::Message {
            certainty: Certainty::Inferred,
            ..
        }
    );
    if !row.time.is_empty() {
        let ink = p.get(if faint { Role::Text3 } else { Role::Text2 });
        let room = lanes.device - 46.0 - lanes.left;
        let (shown, face) = fitting_time(painter, &row.time, room);
        // A stump of a time tells nothing.
        let whole = text::width(painter, shown, face.id()) <= room + 8.0;
        let run = (if whole { shown } else { "" }, face.id(), ink);
        let middle = match row.kind {
            RowKind::Stop(_) => rect.top() + 15.0,
            _ => y - 1.0,
        };
        text::mid(
            painter,
            pos2(lanes.left + 12.0, middle),
            Hold::Left,
            run,
            room,
        );
    }
    if !row.state.is_empty() {
        let at = pos2(lanes.device - 14.0, y + 3.0);
        text::base(
            painter,
            at,
            Hold::Right,
            &row.state,
            Face::Caption.id(),
            p.get(Role::Text3),
        );
    }
    let remark_ink = if faint { Role::Text3 } else { Role::Text2 };
    match &row.kind {
        RowKind::Message {
            direction,
            name,
            size,
            certainty,
            alert,
        } => {
            let look = Message {
                direction: *direction,
                seen: *certainty == Certainty::Seen,
                alert: *alert,
            };
            let left_over = message(painter, p, lanes, y, &look, name, size, back);
            let remark = [left_over.as_str(), row.remark.as_str()]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect::<Vec<_>>()
                .join(" · ");
            remark_text(painter, p, lanes, y, &remark, remark_ink);
        }
        RowKind::Own { lane, text } => {
            let x = lanes.of(*lane);
            let square = Rect::from_center_size(pos2(x, y - 1.0), vec2(8.0, 8.0));
            let ink = match lane {
                Lane::Device => Role::Device,
                Lane::Peer => Role::Server,
            };
            painter.rect_filled(square, CornerRadius::same(2), p.get(ink));
            let run = (text.as_str(), Face::Small.id(), p.get(Role::Text2));
            let room = lanes.server - lanes.device - 28.0;
            match lane {
                Lane::Device => text::mid(painter, pos2(x + 14.0, y - 1.0), Hold::Left, run, room),
                Lane::Peer => text::mid(painter, pos2(x - 14.0, y - 1.0), Hold::Right, run, room),
            };
            remark_text(painter, p, lanes, y, &row.remark, remark_ink);
        }
        RowKind::Rule(words) => rule(painter, p, lanes, rect.center().y, words, back),
        RowKind::Break(words) => pause(painter, p, lanes, rect, words, back),
        RowKind::Waiting(wait) => waiting(painter, p, lanes, rect, wait),
        RowKind::Stop(stop) => stop_row(painter, p, lanes, rect, stop, back),
        RowKind::Completed => completed(painter, p, lanes, rect, back),
        RowKind::Blank => {}
        RowKind::Missing(words) => missing(painter, p, lanes, y, words, back),
        RowKind::CutOff => rule(
            painter,
            p,
            lanes,
            rect.center().y,
            "the log ends here",
            back,
        ),
    }
}

/// A dotted line in fail with a cross: the other run has a step here.
fn missing(painter: &Painter, p: &Palette, lanes: &Lanes, y: f32, words: &str, back: Role) {
    let fail = p.get(Role::Fail);
    let path = [pos2(lanes.device + 5.0, y), pos2(lanes.server - 5.0, y)];
    let stroke = Stroke::new(1.5, fail);
    painter.extend(Shape::dashed_line(&path, stroke, 2.0, 4.0));
    let room = lanes.server - lanes.device - 60.0;
    let galley = text::line(painter, &[(words, Face::Table.id(), fail)], room);
    let size = vec2(galley.size().x + 34.0, 18.0);
    let plate = Rect::from_center_size(pos2(lanes.middle(), y), size);
    painter.rect_filled(plate, CornerRadius::ZERO, p.get(back));
    let cross = pos2(plate.left() + 11.0, y);
    icon::paint(painter, Icon::Fail, cross, 10.0, fail, p.get(back));
    text::put(painter, plate.left() + 24.0, y + 4.0, Hold::Left, galley);
}

/// A time that fits: without its hours, then in the narrower font.
fn fitting_time<'a>(painter: &Painter, time: &'a str, room: f32) -> (&'a str, Face) {
    let fits = |t: &str| text::width(painter, t, Face::MonoSmall.id()) <= room;
    if fits(time) {
        return (time, Face::MonoSmall);
    }
    match time.split_once(':') {
        Some((_, short)) if fits(short) => (short, Face::MonoSmall),
        Some((_, short)) => (short, Face::Caption),
        None => (time, Face::Caption),
    }
}

/// The remark right of the server's lifeline.
pub fn remark_text(painter: &Painter, p: &Palette, lanes: &Lanes, y: f32, words: &str, ink: Role) {
    if words.is_empty() || !lanes.remarks {
        return;
    }
    let run = (words, Face::Caption.id(), p.get(ink));
    let room = lanes.right - 12.0 - lanes.server - 16.0;
    text::mid(
        painter,
        pos2(lanes.server + 16.0, y - 1.0),
        Hold::Left,
        run,
        room,
    );
}

struct Message {
    direction: Direction,
    seen: bool,
    alert: bool,
}

/// Arrow and label; gives what did not fit and belongs into the remark.
#[expect(clippy::too_many_arguments, reason = "one row of a picture")]
fn message(
    painter: &Painter,
    p: &Palette,
    lanes: &Lanes,
    y: f32,
    look: &Message,
    name: &str,
    size: &str,
    back: Role,
) -> String {
    let (from, to) = match look.direction {
        Direction::Sent => (lanes.device, lanes.server),
        Direction::Received => (lanes.server, lanes.device),
    };
    let ink = match (look.alert, look.seen, look.direction) {
        (true, ..) => Role::Fail,
        (_, false, _) => Role::Line2,
        (_, true, Direction::Sent) => Role::Device,
        (_, true, Direction::Received) => Role::Server,
    };
    let line = if look.seen { Line::Seen } else { Line::Dashed };
    let shorter = if look.alert { 10.0 } else { 0.0 };
    let dir = (to - from).signum();
    arrow(painter, from, to - shorter * dir, y, p.get(ink), line);
    if look.alert {
        let fill = p.get(back);
        icon::paint(
            painter,
            Icon::Stop,
            pos2(to, y),
            18.0,
            p.get(Role::Fail),
            fill,
        );
    }
    let room = lanes.server - lanes.device - 40.0;
    let name_font = Face::Table.id();
    let size_font = Face::MonoSmall.id();
    let full = text::width(painter, name, name_font.clone());
    let with_size = |s: &str| {
        if s.is_empty() {
            full
        } else {
            full + 10.0 + text::width(painter, s, size_font.clone())
        }
    };
    let bare = size.trim_end_matches(" bytes").trim_end_matches(" byte");
    let (shown, over) = if with_size(size) <= room {
        (size, "")
    } else if with_size(bare) <= room {
        (bare, "")
    } else {
        ("", size)
    };
    let name = text::fit_middle(painter, name, &name_font, room);
    let ink = match (look.alert, look.seen) {
        (true, _) => Role::Fail,
        (_, true) => Role::Text,
        (_, false) => Role::Text3,
    };
    // Two fonts, one baseline.
    let name = text::line(painter, &[(&name, name_font, p.get(ink))], f32::INFINITY);
    let size = text::line(
        painter,
        &[(shown, size_font, p.get(Role::Text2))],
        f32::INFINITY,
    );
    let both = name.size().x
        + if shown.is_empty() {
            0.0
        } else {
            10.0 + size.size().x
        };
    let plate = Rect::from_center_size(pos2(lanes.middle(), y - 9.0), vec2(both + 12.0, 12.0));
    painter.rect_filled(plate, CornerRadius::ZERO, p.get(back));
    let x = lanes.middle() - both * 0.5;
    text::put(painter, x, y - 5.0, Hold::Left, name);
    text::put(painter, x + both, y - 5.0, Hold::Right, size);
    over.to_owned()
}

/// From 5 inside one lifeline to 3 before the other.
pub fn arrow(painter: &Painter, from: f32, to: f32, y: f32, color: Color32, line: Line) {
    let dir = (to - from).signum();
    let tip = to - 3.0 * dir;
    let start = from + 5.0 * dir;
    let path = |end: f32| [pos2(start, y), pos2(end, y)];
    match line {
        Line::Seen => {
            painter.line_segment(path(tip - 8.0 * dir), Stroke::new(2.0, color));
            let head = vec![
                pos2(tip, y),
                pos2(tip - 9.0 * dir, y - 4.5),
                pos2(tip - 9.0 * dir, y + 4.5),
            ];
            painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
        }
        Line::Dashed => {
            let stroke = Stroke::new(1.5, color);
            painter.extend(Shape::dashed_line(&path(tip), stroke, 7.0, 4.0));
            open_head(painter, tip, dir, y, color);
        }
        Line::Dotted => {
            let stroke = Stroke::new(1.5, color);
            painter.extend(Shape::dashed_line(&path(tip), stroke, 2.0, 4.0));
            open_head(painter, tip, dir, y, color);
        }
    }
}

fn open_head(painter: &Painter, tip: f32, dir: f32, y: f32, color: Color32) {
    let x = tip - 7.0 * dir;
    let head = vec![pos2(x, y - 4.5), pos2(tip, y), pos2(x, y + 4.5)];
    painter.add(Shape::line(head, Stroke::new(1.5, color)));
}
