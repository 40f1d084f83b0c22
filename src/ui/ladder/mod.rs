//! The ladder: two lifelines, arrows with time and size, the stop marked.
//!
//! In: an attempt of the snapshot. Out: the picture, and a selection shared with the log.

mod band;
mod draw;
mod ends;
mod ghost;
mod make;
mod map;
mod model;
mod pair;
mod sight;
mod still;
mod stop;

use egui::{
    CornerRadius, Id, Rect, Role as Named, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, scroll_area::ScrollBarVisibility, vec2,
};

pub use draw::Lanes;
pub use model::{Ladder, LadderRow, LadderStyle, RowKind, Stop, StopMark, Waiting, lane_word};
pub use pair::{LadderPair, pair};
use sight::{follow_selection, new_rows, rows_above};
pub use still::still;

use super::command::Act;
use super::font::Face;
use super::state::{Room, Spot};
use super::text::{self, Hold};
use super::theme::{Palette, Role};
use super::trace;
use super::view::{View, group, inside};
use crate::evidence::TimeBase;
use crate::session::Snapshot;
use crate::timeline::{Attempt, Outcome};

/// How the ladder of an attempt is made now.
#[must_use]
pub fn style(view: &View<'_>, attempt: &Attempt) -> LadderStyle {
    let snap = &view.snap;
    let input = snap.inputs.iter().find(|i| i.id == attempt.input);
    let live = snap
        .ports
        .iter()
        .any(|p| p.connected && p.input == attempt.input);
    let newest = view.source.newest_received(attempt.input);
    LadderStyle {
        row: view.state.ladder_row,
        fold: view.state.ladder_fold,
        scale: view.state.time_scale,
        base: input.map_or(TimeBase::None, |i| i.time_base),
        live,
        quiet_ms: newest
            .filter(|_| live)
            .map(|t| ((trace::now_us() - t) / 1_000).max(0)),
    }
}

/// The good run that shines through: the last completed attempt that is not this one.
#[must_use]
pub fn good_run<'a>(snap: &'a Snapshot, attempt: &Attempt) -> Option<&'a Attempt> {
    snap.attempts
        .iter()
        .rev()
        .map(std::convert::AsRef::as_ref)
        .find(|a| a.outcome == Outcome::Completed && a.index != attempt.index)
}

/// The rows of an attempt, with the other end's words where the device shows no step itself.
#[must_use]
pub fn made(snap: &Snapshot, attempt: &Attempt, style: LadderStyle) -> Ladder {
    let peer = snap
        .peer
        .filter(|_| snap.judged == Some(attempt.index))
        .and_then(|i| snap.attempts.get(i));
    match peer {
        Some(peer) => {
            let input = snap.inputs.iter().find(|i| i.id == peer.input);
            let base = input.map_or(TimeBase::None, |i| i.time_base);
            Ladder::joined(attempt, peer, base, style)
        }
        None => Ladder::of(attempt, good_run(snap, attempt), style),
    }
}

/// Shows the ladder of `attempt` in `rect`.
pub fn ladder(ui: &mut Ui, rect: Rect, attempt: &Attempt, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let style = style(view, attempt);
    let made = made(&snap, attempt, style);
    let narrow = view.room == Room::Small;
    let head_h = if narrow { 38.0 } else { 54.0 };
    let lanes = Lanes::new(rect.left(), rect.width());
    // Where room is small it starts at the stop, and says what lies above.
    let long = made.height() + 6.0 > rect.height() - head_h;
    let (above, rect) = if narrow && long {
        let above = rect.with_max_y(rect.top() + 24.0);
        (Some(above), rect.with_min_y(rect.top() + 22.0))
    } else {
        (None, rect)
    };
    let body = rect.with_min_y(rect.top() + head_h);
    let number = attempt.index + 1;
    let name = format!("Handshake, attempt {number}, {} steps", made.steps());
    // Where it stopped is what is asked first; the map shows that there is more above.
    let ended_badly = attempt.outcome != Outcome::Completed;
    group(
        ui,
        rect,
        ("ladder", attempt.index),
        egui::accesskit::Role::List,
        name,
        |ui| {
            wheel_zoom(ui, rect, view);
            inside(ui, body, "rows", |ui| {
                ui.set_clip_rect(ui.clip_rect().intersect(body));
                let mut area = ScrollArea::vertical()
                    .id_salt("ladder rows")
                    .auto_shrink([false, false])
                    .stick_to_bottom(style.live);
                if std::mem::take(&mut view.state.go_to_stop)
                    || first_sight(ui, attempt, narrow) && (narrow || ended_badly)
                {
                    let at = made.stop().map_or(0.0, |i| made.tops[i + 1]);
                    let top = made.whole_row((at + 8.0 - body.height()).max(0.0));
                    area = area.vertical_scroll_offset(top);
                } else if let Some(top) = view.state.ladder_scroll.take() {
                    area = area.vertical_scroll_offset(top);
                }
                if long {
                    area = area.scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden);
                }
                let out = area.show_viewport(ui, |ui, seen| {
                    rows(ui, body, seen, &made, &lanes, attempt, view);
                    seen
                });
                if long {
                    let edge = Rect::from_min_max(
                        pos2(body.right() - map::MAP, body.top() + 2.0),
                        body.max - vec2(0.0, 4.0),
                    );
                    if let Some(top) = map::edge_map(ui, edge, &made, out.inner) {
                        view.state.ladder_scroll = Some(top);
                        ui.ctx().request_repaint();
                    }
                }
                if style.live {
                    new_rows(ui, body, out.inner, &made, attempt, view);
                }
                if let Some(above) = above {
                    let count = made.tops.partition_point(|t| *t < out.inner.top());
                    rows_above(ui, above, count, view);
                }
            });
            heads(ui, rect, &lanes, attempt, view, narrow);
        },
    );
}

/// The first frame that shows this attempt in this room.
fn first_sight(ui: &Ui, attempt: &Attempt, narrow: bool) -> bool {
    let id = Id::unique("ladder shown");
    let shown = ui.ctx().data(|d| d.get_temp::<(usize, bool)>(id));
    ui.ctx()
        .data_mut(|d| d.insert_temp(id, (attempt.index, narrow)));
    shown != Some((attempt.index, narrow))
}

fn rows(
    ui: &mut Ui,
    body: Rect,
    seen: Rect,
    made: &Ladder,
    lanes: &Lanes,
    attempt: &Attempt,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let origin = ui.max_rect().top();
    // The end of the scroll is the top of a row: none is cut by the heads there.
    let most = made.whole_row((made.height() + 6.0 - body.height()).max(0.0));
    let total = (most + body.height()).max(body.height() - 2.0);
    ui.allocate_rect(
        Rect::from_min_size(pos2(body.left(), origin), vec2(body.width(), total)),
        Sense::hover(),
    );
    let painter = ui.painter().clone();
    let selected = view
        .state
        .selected
        .filter(|s| s.input == attempt.input)
        .and_then(|s| made.row_of_line(s.line));
    follow_selection(ui, body, origin, made, selected);
    let visible = made.visible(seen.top(), seen.bottom());
    let mut responses = Vec::with_capacity(visible.len());
    let steps = made.steps();
    let mut step = made.rows[..visible.start]
        .iter()
        .filter(|r| is_step(r))
        .count();
    for index in visible.clone() {
        let row = &made.rows[index];
        let at = Rect::from_min_max(
            pos2(body.left(), origin + made.tops[index]),
            pos2(body.right(), origin + made.tops[index + 1]),
        );
        let on = selected == Some(index);
        let spoken = if is_step(row) {
            step += 1;
            format!("Step {step} of {steps}, {}", row.spoken)
        } else {
            row.spoken.clone()
        };
        let sense = if row.line > 0 {
            Sense::click()
        } else {
            Sense::focusable_noninteractive()
        };
        let response = ui.interact(at, ui.scope_id().with(("row", index)), sense);
        response.widget_info(|| WidgetInfo::selected(Named::ListItem, true, on, &spoken));
        let back = if on {
            Role::Sel
        } else if response.hovered() && row.line > 0 {
            Role::Bg2
        } else {
            Role::Bg1
        };
        if back != Role::Bg1 {
            painter.rect_filled(at, CornerRadius::ZERO, p.get(back));
        }
        if response.clicked() && row.line > 0 {
            view.ask(Act::Select(Some(Spot {
                input: row.other.unwrap_or(attempt.input),
                line: row.line,
            })));
        }
        if response.has_focus() {
            let ring = at.shrink2(vec2(3.0, 1.0));
            let stroke = Stroke::new(2.0, p.get(Role::Accent));
            painter.rect_stroke(ring, CornerRadius::same(4), stroke, StrokeKind::Inside);
        }
        responses.push((index, at, back, response));
    }
    // Lifelines above the fills and below the arrows.
    let end = match made.rows.last().map(|r| &r.kind) {
        Some(RowKind::Completed) => origin + made.height() - 18.0,
        _ => origin + made.height().max(seen.bottom().min(made.height() + 8.0)),
    };
    for (x, ink) in [(lanes.device, Role::Device), (lanes.server, Role::Server)] {
        painter.vline(x, origin - 60.0..=end, Stroke::new(2.0, p.get(ink)));
    }
    for (index, at, back, response) in responses {
        let row = &made.rows[index];
        draw::row(&painter, p, lanes, at, row, back);
        if !row.remark.is_empty() {
            let tip = format!("{}\n{}", row.spoken, row.remark);
            response.on_hover_text(tip);
        }
    }
}

fn is_step(row: &LadderRow) -> bool {
    matches!(row.kind, RowKind::Message { .. } | RowKind::Own { .. })
}

/// The heads stay on top while rows scroll.
fn heads(ui: &Ui, rect: Rect, lanes: &Lanes, attempt: &Attempt, view: &View<'_>, narrow: bool) {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    let (w, h, top) = if narrow {
        (104.0, 22.0, 8.0)
    } else {
        (148.0, 38.0, 8.0)
    };
    let strip = rect.with_max_y(rect.top() + top + h + 2.0);
    painter.rect_filled(
        strip.shrink2(vec2(1.0, 0.0)),
        CornerRadius::ZERO,
        p.get(Role::Bg1),
    );
    // How the version is known stands in "Where it stands"; here is room for the name alone.
    let version = attempt.stack_version.as_deref().unwrap_or_default();
    let version = version.split(" (").next().unwrap_or_default();
    let stack = format!("{} {version}", attempt.stack.as_deref().unwrap_or_default());
    let stack = stack.trim().to_owned();
    // The host is the address of whoever serves: of the device itself where it does.
    let (peer, host) = match attempt.role {
        crate::evidence::Role::Client => (
            "SERVER",
            view.snap.facts.text("host").unwrap_or_default().to_owned(),
        ),
        crate::evidence::Role::Server => ("CLIENT", String::new()),
    };
    for (x, word, below, ink) in [
        (lanes.device, "DEVICE", stack, Role::Device),
        (lanes.server, peer, host, Role::Server),
    ] {
        let head = Rect::from_min_size(pos2(x - w * 0.5, rect.top() + top), vec2(w, h));
        let color = p.get(ink);
        painter.vline(
            x,
            head.bottom()..=rect.top() + top + h + 8.0,
            Stroke::new(2.0, color),
        );
        painter.rect(
            head,
            CornerRadius::same(5),
            p.get(Role::Bg2),
            Stroke::new(1.5, color),
            StrokeKind::Inside,
        );
        let mut font = Face::Table.bold();
        font.size = 12.5;
        if narrow || below.is_empty() {
            let at = pos2(x, head.center().y + 4.5);
            text::base(&painter, at, Hold::Centre, word, font, color);
            continue;
        }
        text::base(
            &painter,
            pos2(x, head.top() + 16.0),
            Hold::Centre,
            word,
            font,
            color,
        );
        let shown = text::fit_middle(&painter, &below, &Face::Tiny.id(), w - 12.0);
        let at = pos2(x, head.top() + 29.5);
        text::base(
            &painter,
            at,
            Hold::Centre,
            &shown,
            Face::Tiny.id(),
            p.get(Role::Text2),
        );
    }
}

/// Ctrl and the wheel over the ladder change its row height.
fn wheel_zoom(ui: &Ui, rect: Rect, view: &mut View<'_>) {
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let zoom = ui.input(egui::InputState::zoom_delta);
    let sizes = [18.0, 27.0, 40.0];
    let now = sizes
        .iter()
        .position(|s| (*s - view.state.ladder_row).abs() < 0.5)
        .unwrap_or(1);
    if zoom > 1.05 {
        view.state.ladder_row = sizes[(now + 1).min(2)];
    } else if zoom < 0.95 {
        view.state.ladder_row = sizes[now.saturating_sub(1)];
    }
}
