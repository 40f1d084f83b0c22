//! Where it stands: last step, what is awaited, since when, who ended it, which library.

use std::fmt::Write as _;

use egui::{Id, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::evidence::{Direction, Lane, TimeBase};
use crate::session::Snapshot;
use crate::timeline::{Attempt, Certainty, EndedBy, Outcome, Step, answered_locally};
use crate::tls::StepName;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::Icon;
use crate::ui::ladder::lane_word;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, PANEL_HEAD, panel};
use crate::ui::words;

/// A line of the panel: label, then words with their colour.
type Fact = (&'static str, Vec<(String, Role)>);

/// The panel.
pub fn where_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "Where it stands", "", |ui, rooms| {
        row_from_right(ui, rooms.head, "where head", |ui| copy_button(ui, view));
        where_body(ui, rooms.body, view);
    });
}

fn copy_button(ui: &mut Ui, view: &mut View<'_>) {
    let copy = Button::new("Copy").small().icon(Icon::Copy);
    let copy = copy.name("Copy where it stands");
    if ui.add(copy).clicked() {
        let mut text = String::new();
        for (label, parts) in facts(view) {
            let words: Vec<String> = parts.into_iter().map(|(w, _)| w).collect();
            let _ = writeln!(text, "{label}: {}", words.join(" "));
        }
        view.ask(Act::Copy {
            text,
            done: "Copied where it stands.".into(),
        });
    }
}

/// The body alone, for small windows.
pub fn where_body(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let facts = facts(view);
    let out = inside(ui, rect.shrink2(vec2(12.0, 8.0)), "where", |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                let p = Palette::current(ui);
                for (label, parts) in &facts {
                    let width = ui.available_width();
                    let spaced: Vec<String> = parts.iter().map(|(w, _)| format!("{w} ")).collect();
                    let runs: Vec<text::Run<'_>> = spaced
                        .iter()
                        .zip(parts)
                        .map(|(w, (_, ink))| (w.as_str(), Face::Body.id(), p.get(*ink)))
                        .collect();
                    let galley = text::paragraph(ui.painter(), &runs, width - 112.0, 18.0, 3);
                    let cut = galley.elided;
                    let size = vec2(width, galley.size().y.max(18.0));
                    let (row, response) = ui.allocate_exact_size(size, Sense::hover());
                    let run = (*label, Face::Body.id(), p.get(Role::Text3));
                    let painter = ui.painter();
                    text::mid(
                        painter,
                        pos2(row.left(), row.top() + 9.0),
                        Hold::Left,
                        run,
                        108.0,
                    );
                    painter.galley(
                        pos2(row.left() + 112.0, row.top()),
                        galley,
                        p.get(Role::Text),
                    );
                    let spoken = format!("{label}: {}", spaced.concat().trim_end());
                    response.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken)
                    });
                    if cut {
                        response.on_hover_text(spoken);
                    }
                }
                ui.min_rect().height()
            })
    });
    // It grows with what it says and does not shrink again while the same attempt is shown.
    let wanted = out.inner + PANEL_HEAD + 2.0 * 8.0 + 10.0;
    let attempt = view.state.shown_attempt(&view.snap);
    let key = Id::unique("where it stands, height");
    let known = ui.ctx().data(|d| d.get_temp::<(Option<usize>, f32)>(key));
    let most = match known {
        Some((of, height)) if of == attempt => height.max(wanted),
        _ => wanted,
    };
    if known != Some((attempt, most)) {
        ui.ctx().data_mut(|d| d.insert_temp(key, (attempt, most)));
        ui.ctx().request_repaint();
    }
}

/// Height of the panel that would show all of it, as the last frame found.
#[must_use]
pub fn wanted_height(ui: &Ui) -> Option<f32> {
    let key = Id::unique("where it stands, height");
    let known = ui.ctx().data(|d| d.get_temp::<(Option<usize>, f32)>(key));
    known.map(|(_, height)| height)
}

fn facts(view: &View<'_>) -> Vec<Fact> {
    let snap = &view.snap;
    let shown = view
        .state
        .shown_attempt(snap)
        .and_then(|i| snap.attempts.get(i));
    match shown {
        Some(attempt) => of_attempt(attempt, snap),
        None => vec![(
            "So far",
            vec![(
                "No sign of a handshake in what was read.".into(),
                Role::Text,
            )],
        )],
    }
}

fn of_attempt(a: &Attempt, snap: &Snapshot) -> Vec<Fact> {
    let base = snap
        .inputs
        .iter()
        .find(|i| i.id == a.input)
        .map_or(TimeBase::None, |i| i.time_base);
    let mut out: Vec<Fact> = module(a);
    if let Some(step) = a.last_seen() {
        out.push(("Last step done", step_words(step, a)));
    }
    if let Some(at) = &a.stopped_at {
        match at.waiting_for.filter(|_| a.outcome != Outcome::Completed) {
            // Who ended the handshake waits for nothing any more.
            Some(wait)
                if !matches!(
                    a.ended_by,
                    EndedBy::DeviceAlert | EndedBy::DeviceError | EndedBy::PeerAlert
                ) =>
            {
                let number = at.state.split_whitespace().next().unwrap_or_default();
                let state = if number.is_empty() {
                    String::new()
                } else {
                    format!(" (state {number})")
                };
                out.push((
                    "Waiting for",
                    vec![
                        (lane_word(wait.from, a.role).into(), lane_role(wait.from)),
                        (format!("{}{state}", wait.step), Role::Text),
                    ],
                ));
            }
            _ if at.state.is_empty() => {}
            _ => out.push((
                "Stands at",
                vec![(format!("state {}", at.state), Role::Text)],
            )),
        }
        let mut since = Vec::new();
        if let Some(t) = at.since_at {
            since.push((words::time(t, base), Role::Text));
        }
        if let Some(ms) = at.since_ms {
            since.push((words::duration_ms(ms), Role::Fail));
        }
        if since.is_empty() && at.line > 0 {
            since.push((
                format!("line {}, this log has no times", at.line),
                Role::Text,
            ));
        }
        if !since.is_empty() {
            out.push(("Waiting since", since));
        }
    }
    let last_from = match a.role {
        crate::evidence::Role::Client => "Last from server",
        crate::evidence::Role::Server => "Last from client",
    };
    let from_server = |s: &&Step| s.direction == Direction::Received && s.name.is_handshake();
    let by_peer = (a.steps.iter().all(|s| !s.name.is_handshake()))
        .then(|| snap.peer.filter(|_| snap.judged == Some(a.index)))
        .flatten()
        .and_then(|i| snap.attempts.get(i));
    let told = by_peer.and_then(|p| Some((p, p.steps.iter().rev().find(from_server)?)));
    match a.steps.iter().rev().find(from_server) {
        None if told.is_some() => {
            if let Some((peer, step)) = told {
                let mut parts = step_words(step, peer);
                parts.remove(0);
                let name = snap.inputs.iter().find(|i| i.id == peer.input);
                let name = name.map_or("the server's log", |i| i.name.as_str());
                let words = match step.certainty {
                    Certainty::Seen => format!("by {name}"),
                    Certainty::Inferred => format!("concluded from {name}"),
                };
                parts.push((words, Role::Text3));
                out.push((last_from, parts));
            }
        }
        Some(step) => {
            let mut parts = step_words(step, a);
            parts.remove(0);
            if step.certainty == Certainty::Inferred {
                parts.push(("not in this log".into(), Role::Text3));
            }
            out.push((last_from, parts));
        }
        None if answered_locally(a) => {
            let words = "nothing: no round trip fits in that time";
            out.push((last_from, vec![(words.into(), Role::Text)]));
        }
        None => out.push((last_from, vec![("nothing seen".into(), Role::Text)])),
    }
    let sent = by_peer.and_then(|p| {
        let alerts = p.alerts.iter();
        let mut sent = alerts.filter(|x| x.fatal && x.direction == Direction::Sent);
        let name = snap.inputs.iter().find(|i| i.id == p.input);
        Some((sent.next()?.alert, name.map_or("", |i| i.name.as_str())))
    });
    match sent {
        Some((alert, name)) => out.push((
            "Ended by",
            vec![
                (format!("module, {alert}"), Role::Text),
                (format!("by {name}"), Role::Text3),
            ],
        )),
        None => out.push(("Ended by", vec![(ended_words(a), Role::Text)])),
    }
    let left = by_peer.and_then(|p| {
        let hello = p.steps.iter().find(|s| s.name == StepName::ClientHello)?;
        Some((p.seen.device_left_at? - hello.at? + 500) / 1_000)
    });
    if let Some(ms) = left.filter(|ms| *ms >= 0) {
        let words = format!("{} after its ClientHello", words::duration_ms(ms));
        out.push(("Left the server", vec![(words, Role::Text)]));
    }
    let library = [a.stack.as_deref(), a.stack_version.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    // The ladder's head names a module; nothing more is known of the library inside it.
    if !library.is_empty() && a.seen.requests.is_empty() {
        out.push(("Library", vec![(library, Role::Text)]));
    }
    if let Some(words) = read_as(a, snap) {
        out.push(("Read as", vec![(words, Role::Text)]));
    }
    let chosen: Vec<String> = [
        a.version.map(|v| v.to_string()),
        a.cipher_suite.map(|c| c.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !chosen.is_empty() {
        out.push(("Chosen", vec![(chosen.join(", "), Role::Text)]));
    }
    out
}

/// What the log was read as, and why.
fn read_as(a: &Attempt, snap: &Snapshot) -> Option<String> {
    let input = snap.inputs.iter().find(|i| i.id == a.input)?;
    if let Some(chosen) = &input.read_as {
        return Some(format!("{chosen}, because you said so"));
    }
    let first = input.readings.iter().find(|r| !r.is_general())?;
    Some(format!(
        "{}, because {} {} its form, first line {}",
        first.title,
        words::count(first.lines, "line", "lines"),
        if first.lines == 1 { "has" } else { "have" },
        first.first_line
    ))
}

/// What a module was asked and what it answered.
fn module(a: &Attempt) -> Vec<Fact> {
    let Some(request) = a.seen.requests.last() else {
        return Vec::new();
    };
    let mut out: Vec<Fact> = vec![("Asked", vec![(request.what.to_string(), Role::Text)])];
    let answer = match &request.answer {
        Some((what, _, Some(ms))) => vec![
            (format!("{what},"), Role::Text),
            (words::duration_ms(*ms), Role::Fail),
            ("later".into(), Role::Text),
        ],
        Some((what, _, None)) => vec![(what.to_string(), Role::Text)],
        None => vec![("none in this log".into(), Role::Text)],
    };
    out.push(("Answer", answer));
    out
}

fn step_words(step: &Step, a: &Attempt) -> Vec<(String, Role)> {
    let (who, role) = match step.direction {
        Direction::Sent => ("device", Role::Device),
        Direction::Received => (lane_word(Lane::Peer, a.role), Role::Server),
    };
    let mut words = step.name.title().to_owned();
    if let Some(n) = step.size_bytes {
        let _ = write!(words, ", {}", crate::ui::words::bytes(n.into()));
    }
    if let Some(state) = step.state {
        let _ = write!(words, " (state {state})");
    }
    vec![(who.into(), role), (words, Role::Text)]
}

fn lane_role(lane: Lane) -> Role {
    match lane {
        Lane::Device => Role::Device,
        Lane::Peer => Role::Server,
    }
}

fn ended_words(a: &Attempt) -> String {
    let peer = lane_word(Lane::Peer, a.role);
    let alert = a
        .alerts
        .iter()
        .rev()
        .find(|x| x.fatal)
        .map_or_else(|| "a fatal alert".to_owned(), |x| x.alert.to_string());
    match a.ended_by {
        EndedBy::Nobody if a.outcome == Outcome::Completed => "nobody: it completed.".into(),
        EndedBy::Nobody if a.outcome == Outcome::CutOff => "unknown: the log ends here.".into(),
        EndedBy::Nobody => "nobody so far. No alert seen. No close seen.".into(),
        EndedBy::DeviceAlert => format!("device, {alert}."),
        EndedBy::PeerAlert => format!("{peer}, {alert}."),
        EndedBy::PeerClosed => format!("{peer}, TCP closed. No alert seen."),
        EndedBy::PeerCloseNotify => format!("{peer}, close_notify in the middle."),
        EndedBy::Reset => "TCP reset. No alert seen.".into(),
        EndedBy::DeviceError if a.seen.requests.iter().any(|r| r.answer.is_some()) => {
            "module, with its answer. No alert seen.".into()
        }
        EndedBy::DeviceError => "device, an error of its own. No alert seen.".into(),
        EndedBy::DeviceTimeout => "device, time-out. No alert seen. No close seen.".into(),
        EndedBy::NoConnection => "TCP was never up.".into(),
    }
}
