//! The Server place: what is asked, how far it is, suites of device and server beside each other,
//! and what the server sends.
//!
//! In: [`ServerSeen`] of the session. Out: shapes and commands. Nothing connects but by a click or
//! Enter in the address row, and the address stands there before.

mod address;
mod agree;
mod asking;
mod by_hand;
mod chain;
mod client_certificate;
mod form;
mod fragments;
mod grid;
mod ladder;
mod names;
mod offer;
mod prediction;
mod remedy;
mod state;

pub use state::{Detail, ServerState, Sni};

use egui::{Rect, Ui, pos2, vec2};

use super::command::{Act, Command};
use super::icon::Icon;
use super::state::{Place, Room};
use super::view::{View, inside, row};
use super::widget::{Button, Empty, PANEL_HEAD, Split, bare, empty, panel, splitter, tabs};
use crate::session::{ProbeOutcome, ServerSeen, Tone};

const GUTTER: f32 = 12.0;
/// Room that the agreement has in any case, where the window is high enough.
const AGREE: f32 = 300.0;
/// Tabs of windows with one column: the picture, then what stands beside it.
const TABS: [&str; 4] = ["Suites", "Asking", "Agreement", "Details"];

/// Shows the place in `rect`.
pub fn server(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    form::fill(view);
    let seen = view.source.server(&view.state.server.look());
    let height = address::height(view);
    let bar = rect.with_max_y(rect.top() + height);
    address::address(ui, bar, view, &seen);
    let body = rect.with_min_y(
        bar.bottom()
            + if view.room == Room::Small {
                4.0
            } else {
                GUTTER
            },
    );
    if nothing(&seen) {
        before(ui, body, view, &seen);
    } else if view.room <= Room::Narrow {
        narrow(ui, body, view, &seen);
    } else {
        wide(ui, body, view, &seen);
    }
}

/// Nothing asked and no list of either side.
fn nothing(seen: &ServerSeen) -> bool {
    seen.run.is_none() && seen.server.is_none()
}

/// Before anyone is asked: the suites of the device where they are known, what its configuration lets
/// expect, else what this place does.
fn before(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let suites = seen.device.is_some() && !seen.overlap.rows.is_empty();
    if !suites || view.room <= Room::Narrow {
        match &seen.foreseen {
            Some(foreseen) => prediction::alone(ui, rect, seen, foreseen),
            None => first(ui, rect, view),
        }
        return;
    }
    let left = rect.with_max_x(rect.left() + (rect.width() - GUTTER) * 0.63);
    let right = rect.with_min_x(left.right() + GUTTER);
    grid::grid(ui, left, view, seen);
    match &seen.foreseen {
        Some(foreseen) => {
            let top = right.with_max_y(right.top() + (right.height() * 0.42).max(310.0));
            first(ui, top, view);
            let below = right.with_min_y(top.bottom() + GUTTER);
            prediction::alone(ui, below, seen, foreseen);
        }
        None => first(ui, right, view),
    }
}

/// What this place does, before anything is asked.
fn first(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "Server", "nothing asked yet", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(20.0, 16.0)), "server", |ui| {
            empty(
                ui,
                &Empty {
                    icon: Icon::Server,
                    tone: Tone::Unknown,
                    title: "Ask the server what the device would ask",
                    sentence: "Versions, cipher suites, groups, names, the chain and its records, \
                               beside what the device offers. It connects only to the address \
                               above, one connection at a time, and can be stopped at any moment.",
                },
            );
            let state = Button::new("State what you know of the server");
            if ui.add(state).clicked() {
                view.state.diagnose.lower = crate::ui::state::Lower::Facts;
                view.ask(Act::Go(Place::Diagnose));
            }
        });
    });
}

fn wide(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let w = rect.width();
    let side = match view.state.split[3] {
        Some(width) => width.clamp(360.0, (w - 420.0).max(361.0)),
        None => (w * 0.363).clamp(360.0, 480.0),
    };
    let left = rect.with_max_x(rect.right() - side - GUTTER);
    let right = rect.with_min_x(left.right() + GUTTER);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred suites")]
    let wanted = PANEL_HEAD + grid::HEAD + seen.overlap.rows.len() as f32 * grid::ROW + 14.0;
    let most = (rect.height() * 0.62).max(rect.height() - 240.0);
    let grid_h = wanted.clamp(rect.height() * 0.38, most);
    let top = left.with_max_y(left.top() + grid_h);
    let below = left.with_min_y(top.bottom() + GUTTER);
    picture(ui, top, view, seen);
    details(ui, below, view, seen);
    // What is over needs less room than what runs, where something else wants it.
    let running = seen.run.as_ref().is_some_and(|r| r.is_running());
    let share = if running || seen.remedy.is_none() {
        0.46
    } else {
        0.27
    };
    let others = AGREE
        + seen
            .remedy
            .as_ref()
            .map_or(0.0, |_| remedy::HEIGHT + GUTTER);
    let room = (rect.height() * share).max(rect.height() - others - GUTTER);
    let asking_h = asking::height_within(seen, room);
    let top = right.with_max_y(right.top() + asking_h);
    asking::asking(ui, top, view, seen);
    let mut rest = right.with_min_y(top.bottom() + GUTTER);
    if let Some(remedy) = &seen.remedy {
        let height = remedy::HEIGHT.min(rest.height() * 0.5);
        let foot = rest.with_min_y(rest.bottom() - height);
        remedy::remedy(ui, foot, view, remedy);
        rest = rest.with_max_y(foot.top() - GUTTER);
    }
    agree::agree(ui, rest, view, seen);
    let gutter = Rect::from_min_max(left.right_top(), right.left_bottom());
    let moved = splitter(ui, gutter, Split::Columns, "Width of the agreement");
    if moved != 0.0 {
        view.state.split[3] = Some(side - moved);
    }
}

/// One panel at a time.
fn narrow(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let bar = rect.with_max_y(rect.top() + 36.0);
    let tab = view.state.server.tab.min(TABS.len() - 1);
    let clicked = row(ui, bar.shrink2(vec2(4.0, 0.0)), "server tabs", |ui| {
        tabs(ui, &TABS, tab)
    });
    if let Some(i) = clicked {
        view.state.server.tab = i;
    }
    let mut body = rect.with_min_y(bar.bottom() + 2.0);
    if view.room == Room::Small {
        body = body.shrink2(vec2(6.0, 2.0));
    }
    match tab {
        0 => picture(ui, body, view, seen),
        1 => asking::asking(ui, body, view, seen),
        2 => match &seen.remedy {
            Some(remedy) if body.height() > remedy::HEIGHT + 140.0 => {
                let foot = body.with_min_y(body.bottom() - remedy::HEIGHT);
                remedy::remedy(ui, foot, view, remedy);
                agree::agree(ui, body.with_max_y(foot.top() - 8.0), view, seen);
            }
            _ => agree::agree(ui, body, view, seen),
        },
        _ => details(ui, body, view, seen),
    }
}

/// The grid, or why there is none.
fn picture(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    if seen.server.is_some() {
        grid::grid(ui, rect, view, seen);
        return;
    }
    let (title, tone, icon, sentence) = match seen.run.as_ref().map(|r| &r.outcome) {
        Some(ProbeOutcome::Running | ProbeOutcome::Stopping) | None => (
            "Asking",
            Tone::Waiting,
            Icon::Wait,
            "The suites appear once the server has been asked for them.".to_owned(),
        ),
        Some(ProbeOutcome::Failed { sentence, details }) => (
            "The server was not asked",
            Tone::Fail,
            Icon::Stop,
            if details.is_empty() {
                sentence.clone()
            } else {
                format!("{sentence} ({details})")
            },
        ),
        Some(ProbeOutcome::Done(_)) => {
            let verdict = seen.verdict.as_ref();
            (
                "No suites to compare",
                Tone::Fail,
                Icon::Stop,
                verdict.map_or_else(String::new, |v| v.sentence.clone()),
            )
        }
    };
    panel(ui, rect, "Cipher suites", "", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(20.0, 16.0)), "no grid", |ui| {
            let sentence = super::words::visible(&sentence);
            empty(
                ui,
                &Empty {
                    icon,
                    tone,
                    title,
                    sentence: &sentence,
                },
            );
        });
    });
}

/// Everything else that was found, one tab each.
fn details(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let names: Vec<&str> = Detail::ALL.iter().map(|d| d.name()).collect();
    let chosen = view.state.server.detail;
    bare(
        ui,
        rect,
        super::theme::Role::Bg1,
        super::theme::Role::Line,
        1.0,
    );
    let bar = rect.with_max_y(rect.top() + PANEL_HEAD);
    let at = Detail::ALL.iter().position(|d| *d == chosen).unwrap_or(0);
    let clicked = inside(ui, bar, "detail bar", |ui| {
        egui::ScrollArea::horizontal()
            .id_salt("detail tabs")
            .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden)
            .show(ui, |ui| ui.horizontal(|ui| tabs(ui, &names, at)).inner)
            .inner
    });
    if let Some(detail) = clicked.and_then(|i| Detail::ALL.get(i)) {
        view.state.server.detail = *detail;
    }
    let body = Rect::from_min_max(
        pos2(rect.left() + 1.0, bar.bottom() + 1.0),
        rect.max - vec2(1.0, 1.0),
    );
    match chosen {
        Detail::Names => names::names(ui, body, view, seen),
        Detail::Chain => chain::chain(ui, body, view, seen),
        Detail::Offer => offer::offer(ui, body, seen),
        Detail::Fragments => fragments::fragments(ui, body, seen),
        Detail::Client => client_certificate::client_certificate(ui, body, seen),
        Detail::Answer => ladder::ladder(ui, body, view, seen),
        Detail::Prediction => prediction::rows(ui, body, seen),
        Detail::ByHand => by_hand::by_hand(ui, body, view, seen),
    }
}

/// Stops the probe that runs, if one does.
#[must_use]
pub fn stop_running(snap: &crate::session::Snapshot) -> Option<Command> {
    let running = snap.probes.iter().rev().find(|p| p.is_running())?;
    Some(Command::CancelProbe(running.number))
}
