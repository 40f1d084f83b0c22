//! The connections of a capture: a list to filter and pick from.

use std::sync::Arc;

use egui::{Id, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::evidence::{Input, InputKind, TimeBase};
use crate::session::{CaptureSeen, FileContent, SideKnown, Tone, side_of};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{mark_icon, row_response, text_field, tick};
use crate::ui::words;

const ROW: f32 = 24.0;

/// The capture that an input is, once it is read.
#[must_use]
pub fn capture(input: &Input, view: &View<'_>) -> Option<Arc<CaptureSeen>> {
    if input.kind != InputKind::Capture {
        return None;
    }
    view.snap.files.iter().find_map(|f| match &f.content {
        FileContent::Capture(capture) if f.input == input.id => Some(Arc::clone(capture)),
        _ => None,
    })
}

/// Columns: number, time, ends, name, what, packets, outcome.
struct Columns {
    number: f32,
    time: f32,
    ends: f32,
    name: f32,
    what: f32,
    packets: f32,
    outcome: f32,
    right: f32,
}

impl Columns {
    fn new(rect: Rect) -> Self {
        let left = rect.left() + 12.0;
        let right = rect.right() - 12.0;
        let w = rect.width();
        if w < 640.0 {
            return Self {
                number: left,
                time: left + 34.0,
                ends: left + 34.0,
                name: left + 34.0 + (w - 60.0) * 0.4,
                what: right,
                packets: right,
                outcome: right - (w - 60.0) * 0.25,
                right,
            };
        }
        let rest = w - 24.0 - 40.0 - 104.0 - 90.0 - 170.0 - 190.0;
        let ends = left + 144.0;
        let name = ends + rest * 0.62;
        let what = name + rest * 0.38;
        Self {
            number: left,
            time: left + 40.0,
            ends,
            name,
            what,
            packets: what + 90.0,
            outcome: what + 260.0,
            right,
        }
    }
}

/// The list with its filter.
pub fn connections(
    ui: &mut Ui,
    rect: Rect,
    input: &Input,
    capture: &CaptureSeen,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let bar = rect.with_max_y(rect.top() + 38.0);
    let all = &capture.summary.connections;
    let shown = matching(capture, view);
    inside(
        ui,
        bar.shrink2(vec2(12.0, 3.0)),
        "connection filter",
        |ui| {
            ui.horizontal(|ui| {
                let width = (ui.available_width() * 0.34).clamp(120.0, 320.0);
                let id = Id::unique("connection filter");
                let typed = &mut view.state.connections.filter;
                let hint = "Address, port or name";
                text_field(ui, id, typed, "Filter the connections", hint, width);
                tick(ui, &mut view.state.connections.only_tls, "TLS only");
                let count = format!(
                    "{} of {}",
                    words::grouped(shown.len() as u64),
                    words::count(all.len() as u64, "connection", "connections")
                );
                ui.colored_label(p.get(Role::Text2), count);
                if let Some((tone, words)) = end_of_device(input, capture, view) {
                    let label = RichText::new(words).color(p.get(tone_role(tone)));
                    ui.add(egui::Label::new(label).truncate());
                }
            });
        },
    );
    let x = Columns::new(rect);
    let y = bar.bottom() + 10.0;
    let painter = ui.painter().clone();
    for (at, word) in [
        (x.number, "#"),
        (x.time, "Began"),
        (x.ends, "Device and peer"),
        (x.name, "Server name"),
        (x.what, "Carries"),
        (x.packets, "Packets, bytes"),
        (x.outcome, "How it went"),
    ] {
        let hidden = at >= x.right || (at - x.ends).abs() < 1.0 && word == "Began";
        if !hidden {
            let run = (word, Face::Caption.id(), p.get(Role::Text3));
            text::mid(&painter, pos2(at, y), Hold::Left, run, 160.0);
        }
    }
    let line = Stroke::new(1.0, p.get(Role::Line));
    painter.hline(rect.x_range(), y + 10.5, line);
    let body = rect.with_min_y(y + 11.0);
    inside(ui, body, "connections", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        ui.spacing_mut().item_spacing.y = 0.0;
        if shown.is_empty() {
            let words = if all.is_empty() {
                "No connection in this capture."
            } else {
                "No connection fits the filter."
            };
            ui.add_space(10.0);
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                ui.colored_label(p.get(Role::Text2), words);
            });
            return;
        }
        let mut area = ScrollArea::vertical()
            .id_salt("connection rows")
            .auto_shrink([false, false]);
        if let Some(row) = newly_picked(&shown, input, capture, view) {
            #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
            let y = row as f32 * ROW;
            area = area.vertical_scroll_offset((y - body.height() * 0.5 + ROW).max(0.0));
        }
        area.show_rows(ui, ROW, shown.len(), |ui, range| {
            for i in range {
                if let Some(at) = shown.get(i) {
                    one(ui, *at, input, capture, &x, view);
                }
            }
        });
    });
}

/// How it is known which end of the connection in the ladder is the device.
fn end_of_device(input: &Input, capture: &CaptureSeen, view: &View<'_>) -> Option<(Tone, String)> {
    let shown = view.state.shown_attempt(&view.snap)?;
    let mut of_input = view.snap.attempts.iter().filter(|a| a.input == input.id);
    let nth = of_input.position(|a| a.index == shown)?;
    let (_, wanted) = view.snap.sides.iter().find(|(id, _)| *id == input.id)?;
    let side = side_of(capture.connection_of(nth)?, wanted);
    let tone = match side.known {
        SideKnown::Told | SideKnown::Likely => Tone::Unknown,
        SideKnown::Assumed => Tone::Warn,
    };
    Some((tone, side.sentence))
}

/// The row of the attempt that the ladder shows, when it is another one than before.
fn newly_picked(
    rows: &[usize],
    input: &Input,
    capture: &CaptureSeen,
    view: &mut View<'_>,
) -> Option<usize> {
    let picked = view.state.shown_attempt(&view.snap);
    if view.state.connections.shown == picked {
        return None;
    }
    view.state.connections.shown = picked;
    let mut of_input = view.snap.attempts.iter().filter(|a| a.input == input.id);
    let nth = of_input.position(|a| Some(a.index) == picked)?;
    let id = capture.connections.get(nth)?;
    let at = capture
        .summary
        .connections
        .iter()
        .position(|c| c.id == *id)?;
    rows.iter().position(|row| *row == at)
}

/// Places of the connections that pass the filter.
fn matching(capture: &CaptureSeen, view: &View<'_>) -> Vec<usize> {
    let wanted = view.state.connections.filter.trim().to_ascii_lowercase();
    let only_tls = view.state.connections.only_tls;
    let connections = capture.summary.connections.iter().enumerate();
    connections
        .filter(|(_, c)| !only_tls || c.carries_tls())
        .filter(|(_, c)| {
            wanted.is_empty()
                || c.ends_text().contains(&wanted)
                || c.server_name
                    .as_deref()
                    .is_some_and(|n| n.to_ascii_lowercase().contains(&wanted))
        })
        .map(|(i, _)| i)
        .collect()
}

fn one(
    ui: &mut Ui,
    at: usize,
    input: &Input,
    capture: &CaptureSeen,
    x: &Columns,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let Some(c) = capture.summary.connections.get(at) else {
        return;
    };
    // The attempts of this capture stand in the session in the same order.
    let attempt = capture
        .connections
        .iter()
        .position(|id| *id == c.id)
        .and_then(|nth| {
            let of_input = view.snap.attempts.iter().filter(|a| a.input == input.id);
            of_input.clone().nth(nth).cloned()
        });
    let number = (c.id.0 + 1).to_string();
    let time = c
        .started
        .map(|t| words::time_short(t, TimeBase::Unix))
        .unwrap_or_default();
    let ends = c.ends_text();
    let name = c.server_name.clone().unwrap_or_default();
    let what = c.carries();
    let packets = format!(
        "{}, {}",
        words::grouped(c.packets.into()),
        words::bytes(c.bytes_from_client + c.bytes_from_server)
    );
    let outcome = attempt.as_deref().map(super::ended);
    let mut odd = Vec::new();
    if c.retransmissions > 0 {
        odd.push(format!(
            "{} sent again",
            words::grouped(c.retransmissions.into())
        ));
    }
    if c.missing_bytes > 0 {
        odd.push(format!("{} missing", words::bytes(c.missing_bytes)));
    }
    let how = match (&outcome, odd.is_empty()) {
        (Some((_, words)), true) => words.clone(),
        (Some((_, words)), false) => format!("{words} · {}", odd.join(", ")),
        (None, true) => "no handshake".to_owned(),
        (None, false) => format!("no handshake · {}", odd.join(", ")),
    };
    let on = attempt
        .as_ref()
        .is_some_and(|a| view.state.shown_attempt(&view.snap) == Some(a.index));
    let spoken = format!("Connection {number}, {time}, {ends}, {name}, {what}, {packets}, {how}");
    let id = ui.scope_id().with(("connection", at));
    let response = row_response(ui, rect, id, on, &spoken.replace(", ,", ","));
    let painter = ui.painter_at(rect);
    let y = rect.center().y;
    let put = |from: f32, to: f32, words: &str, face: Face, ink: Role| {
        if from < x.right {
            let run = (words, face.id(), p.get(ink));
            text::mid(
                &painter,
                pos2(from, y),
                Hold::Left,
                run,
                (to - from - 8.0).max(1.0),
            );
        }
    };
    put(x.number, x.time, &number, Face::MonoSmall, Role::Text2);
    if x.ends - x.time > 1.0 {
        put(x.time, x.ends, &time, Face::MonoSmall, Role::Text2);
    }
    put(x.ends, x.name, &ends, Face::MonoSmall, Role::Text);
    put(
        x.name,
        x.what.min(x.outcome),
        &name,
        Face::Table,
        Role::Text,
    );
    if x.what < x.right {
        put(x.what, x.packets, &what, Face::Table, Role::Text);
        put(x.packets, x.outcome, &packets, Face::MonoSmall, Role::Text2);
    }
    let mut from = x.outcome;
    if let Some((tone, _)) = &outcome {
        let ink = p.get(tone_role(*tone));
        let mark = pos2(from + 6.0, y);
        icon::paint(
            &painter,
            mark_icon(*tone),
            mark,
            12.0,
            ink,
            p.get(Role::Bg1),
        );
        from += 17.0;
    }
    let ink = if outcome.is_some() {
        Role::Text
    } else {
        Role::Text3
    };
    put(from, x.right + 8.0, &how, Face::Table, ink);
    let pickable = attempt.is_some();
    if response.clicked()
        && let Some(attempt) = attempt
    {
        // The row is where the pointer is: the list stays as it lies.
        view.state.connections.shown = Some(attempt.index);
        view.ask(Act::ShowAttempt(attempt.index));
    }
    if !pickable {
        response.on_hover_text("Nothing of TLS in it: there is no handshake to show.");
    }
}
