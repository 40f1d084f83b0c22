//! The status bar: recording, port, dialect, clock, look-up.

use std::fmt::Write as _;

use egui::{CornerRadius, Rect, Role as Named, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use crate::evidence::{InputKind, TimeBase};
use crate::session::Snapshot;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Place;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::View;
use crate::ui::words;

/// Shows the bar in `rect`.
pub fn status(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    painter.rect_filled(rect, CornerRadius::ZERO, p.get(Role::Bg1));
    let edge = Stroke::new(1.0, p.get(Role::Line));
    painter.hline(rect.x_range(), rect.top() + 0.5, edge);
    let y = rect.center().y + 0.5;
    let look = look_up(ui, rect, view);
    let mut x = rect.left() + 12.0;
    let recording = view
        .snap
        .ports
        .iter()
        .any(|s| s.recording.is_some() && s.connected);
    if recording {
        let red = p.get(Role::Fail);
        icon::paint(
            &painter,
            Icon::Rec,
            pos2(x + 6.0, y),
            12.0,
            red,
            p.get(Role::Bg1),
        );
        x += 18.0;
    }
    let parts = parts(view, recording);
    for part in &parts {
        let room = look - 20.0 - x;
        if room < 40.0 {
            break;
        }
        let run = (part.as_str(), Face::Small.id(), p.get(Role::Text2));
        let drawn = text::mid(&painter, pos2(x, y), Hold::Left, run, room);
        x = drawn.right() + 20.0;
    }
    let all = parts.join(". ");
    let bar = Rect::from_min_max(rect.min, pos2(look, rect.bottom()));
    ui.interact(bar, ui.scope_id().with("status"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Named::Status, true, format!("Status: {all}")));
}

fn parts(view: &View<'_>, recording: bool) -> Vec<String> {
    let snap = &view.snap;
    if view.state.place == Place::Server
        && let Some(run) = snap.probes.last()
    {
        let engines = match run.probe().map(|p| p.library.is_some()) {
            Some(true) => "engines: own ClientHello, rustls",
            _ => "engine: own ClientHello",
        };
        let mut out = vec![format!(
            "{}:{}",
            words::middle(&run.target.host, 40),
            run.target.port
        )];
        if !run.ask_as.is_empty() {
            out.push(words::middle(&words::visible(&run.ask_as), 44));
        }
        out.push(engines.into());
        out.push("polite: one connection at a time".into());
        return out;
    }
    if snap.inputs.is_empty() && snap.ports.is_empty() {
        return vec!["Works offline. Nothing is sent anywhere without a click.".into()];
    }
    if view.state.place == Place::Report {
        return vec!["Nothing leaves this computer until you save or copy.".into()];
    }
    let mut out = Vec::new();
    if recording {
        out.push("Recording".into());
    }
    for port in &snap.ports {
        let state = if port.connected {
            ""
        } else {
            ", not connected"
        };
        let name = words::joined(&[&port.name, &port.line]);
        out.push(format!("{name}{state}"));
    }
    if snap.ports.is_empty() {
        out.push(match snap.inputs.as_slice() {
            [one] => words::middle(&one.name, 40),
            many => words::count(many.len() as u64, "input", "inputs"),
        });
    }
    let shown = view.state.shown_attempt(snap).and_then(|i| snap.attempt(i));
    if let Some(attempt) = shown {
        let stack = attempt.stack.as_deref().unwrap_or_default();
        let version = attempt.stack_version.as_deref().unwrap_or_default();
        let both = format!("{stack} {version}");
        if !both.trim().is_empty() {
            out.push(both.trim().to_owned());
        }
    }
    let input = view.state.shown_input(snap);
    if let Some(input) = snap.inputs.iter().find(|i| Some(i.id) == input) {
        if shown.is_none() && !input.dialects.is_empty() {
            out.push(input.dialects.join(", "));
        }
        let live = snap.ports.iter().any(|p| p.input == input.id);
        match (input.kind, input.time_base) {
            // A certificate has dates, and no clock.
            (InputKind::Certificate | InputKind::Config, _) => {}
            (_, TimeBase::None) if live => out.push("clock: of this computer".into()),
            (_, base) => out.push(format!("clock: {}", base.label())),
        }
    }
    out
}

/// The way to the look-up, at the right; gives its left edge.
fn look_up(ui: &mut Ui, rect: Rect, view: &mut View<'_>) -> f32 {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    let y = rect.center().y + 0.5;
    let right = rect.right() - 14.0;
    let run = ("look up a code", Face::Small.id(), p.get(Role::Text2));
    let words = text::mid(&painter, pos2(right, y), Hold::Right, run, 200.0);
    let key = text::line(
        &painter,
        &[("Ctrl K", Face::MonoSmall.id(), p.get(Role::Text2))],
        100.0,
    );
    let box_ = Rect::from_min_max(
        pos2(words.left() - 12.0 - key.size().x, y - 8.0),
        pos2(words.left() - 4.0, y + 8.0),
    );
    painter.rect_stroke(
        box_,
        CornerRadius::same(3),
        Stroke::new(1.0, p.get(Role::Line2)),
        StrokeKind::Inside,
    );
    text::put(&painter, box_.left() + 4.0, y + 4.0, Hold::Left, key);
    let left = box_.left() - 20.0;
    let glass = pos2(left + 8.0, y);
    icon::paint(
        &painter,
        Icon::Look,
        glass,
        13.0,
        p.get(Role::Text2),
        p.get(Role::Bg1),
    );
    let hit = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
    let response = ui.interact(hit, ui.scope_id().with("look up"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Named::Button, true, "Look up a code"));
    crate::ui::widget::focus_ring(ui, &response, 3);
    if response.clicked() {
        view.ask(Act::Codes(None));
    }
    left
}

/// The state of the case as text, to be read out or pasted into a message.
#[must_use]
pub fn for_a_call(snap: &Snapshot) -> String {
    let v = &snap.verdict;
    let mut out = format!("{}. {}\n", v.word, v.sentence);
    if !v.second.is_empty() {
        let _ = writeln!(out, "{}", v.second);
    }
    for (i, cause) in snap.diagnosis.causes.iter().take(3).enumerate() {
        let _ = writeln!(
            out,
            "{}. {} ({}, {})",
            i + 1,
            cause.title,
            cause.number,
            cause.id
        );
        for line in cause.evidence.iter().take(4) {
            let sign = if line.level.is_for() { '+' } else { '−' };
            let _ = writeln!(out, "   {sign} {}", line.sentence);
        }
        if i == 0 && !cause.next_check.is_empty() {
            let _ = writeln!(out, "   Next check: {}", cause.next_check);
        }
    }
    let tree = &snap.diagnosis.tree;
    if let Some(node) = tree
        .open
        .as_ref()
        .and_then(|id| tree.nodes.iter().find(|n| n.id == *id))
    {
        let _ = writeln!(out, "Open question {}: {}", node.id, node.question);
    }
    out
}
