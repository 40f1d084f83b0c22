//! The band of a wait: what is awaited, what would follow, the poll loop beside it.

use egui::{CornerRadius, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::draw::{Lanes, Line, arrow, remark_text};
use super::model::Waiting;
use crate::evidence::Lane;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::words;

/// The band of a wait, with the poll loop beside it.
pub fn waiting(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, wait: &Waiting) {
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
    let who = wait.who;
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
    let a_pass = words::count(poll.lines_per_pass.into(), "line", "lines");
    let room = lanes.device - 12.0 - lanes.left - 34.0;
    let (first, second) = if room < 90.0 {
        (
            format!("{} × {}", poll.lines_per_pass, poll.passes),
            "every",
        )
    } else {
        (
            format!("{a_pass} × {},", words::grouped(poll.passes.into())),
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
