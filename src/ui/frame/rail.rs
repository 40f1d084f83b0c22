//! The rail: logo, five places, Codes and Settings at its foot.

use egui::{
    Color32, CornerRadius, Painter, Pos2, Rect, Role as Named, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::session::{Tone, VerdictKind};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::keys::{self, KeyDoes};
use crate::ui::state::{Place, Room};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, group};
use crate::ui::widget::focus_ring;

fn icon_of(place: Place) -> Icon {
    match place {
        Place::Device => Icon::Device,
        Place::Certificates => Icon::Cert,
        Place::Server => Icon::Server,
        Place::Diagnose => Icon::Tree,
        Place::Report => Icon::Report,
        Place::Codes => Icon::Look,
        Place::Settings => Icon::Set,
    }
}

/// Shows the rail in `rect`.
pub fn rail(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let small = view.room == Room::Small;
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, p.get(Role::Bg1));
    let edge = Stroke::new(1.0, p.get(Role::Line));
    ui.painter().vline(rect.right() - 0.5, rect.y_range(), edge);
    group(
        ui,
        rect,
        "rail",
        egui::accesskit::Role::Navigation,
        "Places",
        |ui| {
            let (left, mut y, w, h, gap) = if small {
                (rect.left() + 4.0, rect.top() + 4.0, 38.0, 42.0, 4.0)
            } else {
                logo(ui.painter(), p, rect.center_top() + vec2(-0.5, 30.0));
                (rect.left() + 6.0, rect.top() + 60.0, 64.0, 60.0, 4.0)
            };
            for place in Place::FIVE {
                let tile = Rect::from_min_size(pos2(left, y), vec2(w, h));
                entry(ui, tile, place, view, small);
                y += h + gap;
            }
            let foot: &[Place] = if small && rect.height() < 330.0 {
                &[Place::Codes]
            } else {
                &[Place::Settings, Place::Codes]
            };
            let foot_h = if small { 42.0 } else { 54.0 };
            let mut bottom = rect.bottom() - if small { 4.0 } else { 10.0 };
            for place in foot {
                let tile = Rect::from_min_size(pos2(left, bottom - foot_h), vec2(w, foot_h));
                if tile.top() >= y {
                    entry(ui, tile, *place, view, small);
                }
                bottom -= foot_h + if small { 0.0 } else { 4.0 };
            }
        },
    );
}

fn entry(ui: &mut Ui, tile: Rect, place: Place, view: &mut View<'_>, small: bool) {
    let p = Palette::current(ui);
    let on = view.state.place == place;
    let response = ui.interact(tile, ui.scope_id().with(place.name()), Sense::click());
    let badge = badge_of(place, view);
    let name = match badge {
        Some(Tone::Fail) => format!("{}, a fault was found", place.name()),
        Some(Tone::Ok) => format!("{}, good", place.name()),
        Some(_) => format!("{}, something to look at", place.name()),
        None => place.name().to_owned(),
    };
    response.widget_info(|| WidgetInfo::selected(Named::Tab, true, on, &name));
    let fill = if on {
        Role::Sel
    } else if response.hovered() {
        Role::Bg2
    } else {
        Role::Bg1
    };
    let painter = ui.painter();
    painter.rect_filled(tile, CornerRadius::same(6), p.get(fill));
    if on && !small {
        let bar = Rect::from_min_size(
            tile.left_top() + vec2(-6.0, 10.0),
            vec2(3.0, tile.height() - 20.0),
        );
        painter.rect_filled(bar, CornerRadius::same(2), p.get(Role::Accent));
    }
    let ink = p.get(if on { Role::Text } else { Role::Text2 });
    let foot = matches!(place, Place::Codes | Place::Settings);
    let size = match (small, foot) {
        (true, _) => 21.0,
        (false, true) => 20.0,
        (false, false) => 22.0,
    };
    let centre = if small {
        tile.center()
    } else {
        pos2(tile.center().x, tile.top() + if foot { 18.0 } else { 21.0 })
    };
    icon::paint(painter, icon_of(place), centre, size, ink, p.get(fill));
    if !small {
        let at = pos2(tile.center().x, centre.y + if foot { 25.0 } else { 26.5 });
        text::base(
            painter,
            at,
            Hold::Centre,
            place.name(),
            Face::Tiny.id(),
            ink,
        );
    }
    if let Some(tone) = badge {
        let at = pos2(
            tile.center().x + 14.5,
            tile.top() + if small { 9.0 } else { 15.0 },
        );
        let what = match tone {
            Tone::Fail => Icon::Stop,
            Tone::Ok => Icon::Ok,
            _ => Icon::Warn,
        };
        let color = p.get(tone_role(tone));
        painter.circle_filled(at, 7.0, p.get(fill));
        icon::paint(painter, what, at, 11.0, color, p.get(fill));
    }
    focus_ring(ui, &response, 6);
    let tip = match place {
        Place::Codes => keys::hint(KeyDoes::Codes),
        Place::Settings => place.name().to_owned(),
        _ => keys::hint(KeyDoes::Go(place)),
    };
    if response.clicked() {
        match place {
            Place::Codes => view.ask(Act::Codes(None)),
            _ => view.ask(Act::Go(place)),
        }
    }
    response.on_hover_text(tip);
}

/// Marks beside Device (how it ended), Server (what it said) and Diagnose (something is open).
fn badge_of(place: Place, view: &View<'_>) -> Option<Tone> {
    let snap = &view.snap;
    if place == Place::Server {
        let seen = view.source.server(&view.state.server.look());
        return seen
            .verdict
            .as_ref()
            .map(|v| v.tone)
            .filter(|t| matches!(t, Tone::Ok | Tone::Warn | Tone::Fail));
    }
    if snap.inputs.is_empty() {
        return None;
    }
    match place {
        Place::Device => match snap.verdict.kind {
            VerdictKind::Failed | VerdictKind::Stalled => Some(Tone::Fail),
            VerdictKind::Completed => Some(Tone::Ok),
            VerdictKind::CompletedWithProblem => Some(Tone::Warn),
            VerdictKind::NoHandshake | VerdictKind::Inconclusive => None,
        },
        Place::Diagnose if !snap.diagnosis.causes.is_empty() => Some(Tone::Warn),
        _ => None,
    }
}

/// The mark of the program: two lifelines, two arrows, the stop.
pub fn logo(painter: &Painter, p: &Palette, centre: Pos2) {
    let at = |x: f32, y: f32| centre + vec2(x - 17.0, y - 17.0);
    let line = |a: Pos2, b: Pos2, c: Color32| {
        painter.line_segment([a, b], Stroke::new(2.4, c));
    };
    let ink = p.get(Role::Text);
    line(at(9.0, 4.5), at(9.0, 29.5), p.get(Role::Device));
    line(at(25.0, 4.5), at(25.0, 29.5), p.get(Role::Server));
    line(at(9.0, 10.0), at(19.0, 10.0), ink);
    line(at(25.0, 18.0), at(15.0, 18.0), ink);
    line(at(9.0, 26.0), at(15.0, 26.0), p.get(Role::Fail));
    let head = |points: [Pos2; 3]| {
        painter.add(Shape::convex_polygon(points.to_vec(), ink, Stroke::NONE));
    };
    head([at(23.0, 10.0), at(18.5, 7.0), at(18.5, 13.0)]);
    head([at(11.0, 18.0), at(15.5, 15.0), at(15.5, 21.0)]);
    let stop = Rect::from_min_size(at(17.0, 23.5), vec2(5.0, 5.0));
    painter.rect_filled(stop, CornerRadius::same(1), p.get(Role::Fail));
}
