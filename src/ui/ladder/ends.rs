//! Rules, pauses, stops and the completed end of a ladder.

use egui::{CornerRadius, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::draw::Lanes;
use super::model::{Stop, StopMark};
use crate::evidence::Lane;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};

/// A dotted rule over the width with words on it.
pub fn rule(painter: &Painter, p: &Palette, lanes: &Lanes, y: f32, words: &str, back: Role) {
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
pub fn pause(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, words: &str, back: Role) {
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

/// Who ended it, on whose lifeline, and how.
pub fn stop_row(
    painter: &Painter,
    p: &Palette,
    lanes: &Lanes,
    rect: Rect,
    stop: &Stop,
    back: Role,
) {
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

/// A ringed tick on both lifelines.
pub fn completed(painter: &Painter, p: &Palette, lanes: &Lanes, rect: Rect, back: Role) {
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
