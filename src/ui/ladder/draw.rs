//! Arrows, lifelines, bands and stops of the ladder.
//!
//! In: one row, where it lies, the two lifelines. Out: shapes.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::model::{LadderRow, RowKind, Stop, StopMark, Waiting};
use crate::evidence::{Direction, Lane};
use crate::timeline::Certainty;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::words;

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
        let server = (left + (width * s).round()).clamp(device + 200.0, device + 560.0);
        Self {
            left,
            right: left + width,
            device,
            server,
            remarks: left + width - server > 90.0,
        }
    }

    fn of(&self, lane: Lane) -> f32 {
        match lane {
            Lane::Device => self.device,
            Lane::Peer => self.server,
        }
    }

    fn middle(&self) -> f32 {
        (self.device + self.server) * 0.5
    }
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Seen,
    Dashed,
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
        let run = (shown, face.id(), ink);
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

fn remark_text(painter: &Painter, p: &Palette, lanes: &Lanes, y: f32, words: &str, ink: Role) {
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
fn arrow(painter: &Painter, from: f32, to: f32, y: f32, color: Color32, line: Line) {
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

/// A dotted rule over the width with words on it.
fn rule(painter: &Painter, p: &Palette, lanes: &Lanes, y: f32, words: &str, back: Role) {
    let path = [pos2(lanes.left + 12.0, y), pos2(lanes.right - 12.0, y)];
    let stroke = Stroke::new(1.0, p.get(Role::Line2));
    painter.extend(Shape::dashed_line(&path, stroke, 1.5, 3.0));
    let run = [(words, Face::Caption.id(), p.get(Role::Text2))];
    let galley = text::line(painter, &run, 300.0);
    let plate = Rect::from_center_size(pos2(lanes.middle(), y), vec2(galley.size().x + 16.0, 18.0));
    painter.rect_filled(plate, CornerRadius::ZERO, p.get(back));
    text::put(painter, lanes.middle(), y + 4.0, Hold::Centre, galley);
}

/// A pause: a zigzag on both lifelines, the time between them.
fn pause(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, words: &str, back: Role) {
    let y = rect.center().y;
    for (x, ink) in [(lanes.device, Role::Device), (lanes.server, Role::Server)] {
        let cut = Rect::from_center_size(pos2(x, y), vec2(10.0, 12.0));
        painter.rect_filled(cut, CornerRadius::ZERO, p.get(back));
        let zigzag = [(0.0, -6.0), (-5.0, -3.0), (5.0, 3.0), (0.0, 6.0)]
            .map(|(dx, dy)| pos2(x + dx, y + dy));
        let stroke = Stroke::new(1.5, p.get(ink));
        painter.add(Shape::line(zigzag.to_vec(), stroke));
    }
    let run = (words, Face::Caption.id(), p.get(Role::Text3));
    text::mid(painter, pos2(lanes.middle(), y), Hold::Centre, run, 120.0);
}

/// The band of a wait, with the poll loop beside it.
fn waiting(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, wait: &Waiting) {
    let band = Rect::from_min_max(
        pos2(lanes.device + 1.0, rect.top() + 4.0),
        pos2(lanes.server - 1.0, rect.bottom() - 4.0),
    );
    painter.rect_filled(band, CornerRadius::ZERO, p.get(Role::FailBg));
    let places = [rect.top() + 19.0, rect.bottom() - 19.0];
    for ((name, remark), y) in wait.ghosts.iter().zip(places) {
        ghost(painter, p, lanes, y, wait.from, name, remark);
    }
    let c = pos2(lanes.middle(), rect.top() + 61.0);
    let width = 256.0_f32.min(band.width() - 12.0);
    let plate = Rect::from_center_size(c, vec2(width, 48.0));
    painter.rect(
        plate,
        CornerRadius::same(5),
        p.get(Role::Bg1),
        Stroke::new(1.5, p.get(Role::Fail)),
        StrokeKind::Middle,
    );
    let fail = p.get(Role::Fail);
    let glass = pos2(plate.left() + 24.0, c.y);
    icon::paint(painter, Icon::Wait, glass, 20.0, fail, p.get(Role::Bg1));
    let x = plate.left() + 46.0;
    let room = plate.right() - 8.0 - x;
    let title = format!("Waiting for {}", wait.step);
    let run = [(title.as_str(), Face::Body.bold(), p.get(Role::Text))];
    text::put(
        painter,
        x,
        c.y - 4.0,
        Hold::Left,
        text::line(painter, &run, room),
    );
    let who = super::model::lane_word(wait.from);
    let second = if wait.long.is_empty() {
        format!("from the {who} · nothing received")
    } else {
        format!("from the {who} · nothing for {}", wait.long)
    };
    let run = [(second.as_str(), Face::Small.id(), fail)];
    text::put(
        painter,
        x,
        c.y + 13.0,
        Hold::Left,
        text::line(painter, &run, room),
    );
    if let Some(poll) = &wait.poll {
        let own = lanes.of(match wait.from {
            Lane::Peer => Lane::Device,
            Lane::Device => Lane::Peer,
        });
        poll_marks(painter, p, lanes, rect, poll, own);
    }
}

fn ghost(
    painter: &Painter,
    p: &Palette,
    lanes: &Lanes,
    y: f32,
    from: Lane,
    name: &str,
    remark: &str,
) {
    let (a, b) = match from {
        Lane::Peer => (lanes.server, lanes.device),
        Lane::Device => (lanes.device, lanes.server),
    };
    arrow(painter, a, b, y, p.get(Role::Line2), Line::Dotted);
    let run = [(name, Face::Small.id(), p.get(Role::Text3))];
    let galley = text::line(painter, &run, lanes.server - lanes.device - 60.0);
    let plate = Rect::from_center_size(pos2(lanes.middle(), y), vec2(galley.size().x + 14.0, 16.0));
    painter.rect_filled(plate, CornerRadius::ZERO, p.get(Role::FailBg));
    text::put(painter, lanes.middle(), y + 4.0, Hold::Centre, galley);
    remark_text(painter, p, lanes, y + 1.0, remark, Role::Text2);
}

/// One tick a pass on the outer side of the lifeline; more than 24 merge to a strip.
fn poll_marks(
    painter: &Painter,
    p: &Palette,
    lanes: &Lanes,
    rect: Rect,
    poll: &crate::timeline::PollLoop,
    x: f32,
) {
    let ink = p.get(if x < lanes.middle() {
        Role::Device
    } else {
        Role::Server
    });
    let outer = if x < lanes.middle() { -8.0 } else { 8.0 };
    let (top, bottom) = (rect.top() + 12.0, rect.bottom() - 13.0);
    if poll.passes > 24 {
        let strip = Rect::from_two_pos(pos2(x, top), pos2(x + outer, bottom));
        painter.rect_filled(strip, CornerRadius::ZERO, ink);
    } else {
        #[expect(clippy::cast_precision_loss, reason = "at most 24")]
        let step = ((bottom - top) / (poll.passes.max(2) - 1) as f32).min(9.0);
        let mut y = top;
        for _ in 0..poll.passes {
            let tick = [pos2(x + outer, y), pos2(x, y)];
            painter.line_segment(tick, Stroke::new(1.5, ink));
            y += step;
        }
    }
    let y = rect.top() + 47.0;
    let at = pos2(lanes.left + 19.0, y + 7.0);
    icon::paint(
        painter,
        Icon::Fold,
        at,
        13.0,
        p.get(Role::Text2),
        p.get(Role::Bg1),
    );
    let lines = words::count(poll.lines_per_pass.into(), "line", "lines");
    let room = lanes.device - 12.0 - lanes.left - 34.0;
    let (first, second) = if room < 90.0 {
        (
            format!("{} × {}", poll.lines_per_pass, poll.passes),
            "every",
        )
    } else {
        (
            format!("{lines} × {},", words::grouped(poll.passes.into())),
            "every",
        )
    };
    let x = lanes.left + 34.0;
    let run = (first.as_str(), Face::Small.id(), p.get(Role::Text));
    text::mid(painter, pos2(x, y), Hold::Left, run, room);
    if let Some(ms) = poll.period_ms {
        let every = format!("{second} {}", words::duration_ms(ms));
        let run = (every.as_str(), Face::Small.id(), p.get(Role::Text2));
        text::mid(painter, pos2(x, y + 16.0), Hold::Left, run, room);
    }
}

fn stop_row(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, stop: &Stop, back: Role) {
    let at = pos2(lanes.of(stop.lane), rect.top() + 15.0);
    let fail = p.get(Role::Fail);
    match stop.mark {
        StopMark::Octagon => icon::paint(painter, Icon::Stop, at, 22.0, fail, p.get(back)),
        StopMark::Cross => {
            painter.circle_filled(at, 10.0, p.get(back));
            icon::paint(painter, Icon::Fail, at, 15.0, fail, p.get(back));
        }
        StopMark::Ring => {
            painter.circle(at, 8.0, p.get(back), Stroke::new(2.0, fail));
        }
        StopMark::Bars => {
            for dy in [-3.0, 3.0] {
                let bar = Rect::from_center_size(at + vec2(0.0, dy), vec2(18.0, 2.0));
                painter.rect_filled(bar, CornerRadius::ZERO, fail);
            }
        }
    }
    let runs = [
        (stop.words.as_str(), Face::Body.bold(), fail),
        ("  ", Face::Body.id(), fail),
        (stop.how.as_str(), Face::Small.id(), p.get(Role::Text2)),
    ];
    match stop.lane {
        Lane::Device => {
            let room = lanes.right - 12.0 - at.x - 20.0;
            let galley = text::line(painter, &runs, room);
            plate_behind(painter, p, back, lanes.server, at.x + 20.0, &galley, at.y);
            text::put(painter, at.x + 20.0, at.y + 4.5, Hold::Left, galley);
        }
        Lane::Peer => {
            let room = lanes.server - lanes.device - 36.0;
            let galley = text::line(painter, &runs, room);
            text::put(painter, at.x - 20.0, at.y + 4.5, Hold::Right, galley);
        }
    }
}

/// Text that crosses the server's lifeline gets the background behind it.
fn plate_behind(
    painter: &Painter,
    p: &Palette,
    back: Role,
    lifeline: f32,
    x: f32,
    galley: &egui::Galley,
    y: f32,
) {
    if x + galley.size().x > lifeline - 6.0 {
        let plate = Rect::from_min_size(pos2(x - 4.0, y - 9.0), vec2(galley.size().x + 8.0, 18.0));
        painter.rect_filled(plate, CornerRadius::ZERO, p.get(back));
    }
}

fn completed(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, back: Role) {
    let y = rect.top() + 16.0;
    let ok = p.get(Role::Ok);
    for x in [lanes.device, lanes.server] {
        painter.circle_filled(pos2(x, y), 9.0, p.get(back));
        icon::paint(painter, Icon::Pass, pos2(x, y), 20.0, ok, p.get(back));
    }
    let at = Pos2::new(lanes.middle(), y + 4.5);
    text::base(
        painter,
        at,
        Hold::Centre,
        "Completed",
        Face::Body.bold(),
        ok,
    );
}
