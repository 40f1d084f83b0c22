//! The Device place: connect, ladder, where it stands, attempts, log, read ladder.

mod attempts;
mod clock;
mod compare;
mod connect;
mod connections;
mod dialogue;
mod fold;
mod library;
mod log;
mod log_head;
mod port_bar;
mod raw;
mod reads;
mod where_it_stands;

use egui::{Rect, Ui, pos2, vec2};

use super::command::Act;
use super::font::Face;
use super::icon::Icon;
use super::keys::{self, KeyDoes};
use super::ladder;
use super::state::{CompareState, DeviceTab, Room};
use super::text::{self, Hold};
use super::theme::{Palette, Role};
use super::view::{View, inside, row, row_from_right};
use super::widget::{Button, Empty, Panel, Split, chip, empty, panel, splitter, tabs};
use super::words;
use crate::session::Tone;
use crate::session::compare::good_run;
use crate::timeline::Attempt;

pub use attempts::ended;
pub use compare::{compared, next_difference, verdict_of};

const GUTTER: f32 = 12.0;

/// Shows the place in `rect`.
pub fn device(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    if view.state.connect.open {
        connect::connect_panel(ui, rect, view);
        return;
    }
    let snap = view.snap.clone();
    let mut rect = rect;
    let small = view.room == Room::Small;
    for port in snap.ports.iter().take(2) {
        if small && rect.height() < 260.0 {
            break;
        }
        let bar = rect.with_min_y(rect.bottom() - port_bar::BAR);
        port_bar::port_bar(ui, bar, port, view);
        rect.set_bottom(bar.top() - if small { 0.0 } else { GUTTER });
    }
    if view.state.compare.is_some() && compare::compare_place(ui, rect, view) {
        return;
    }
    match view.room {
        Room::Small => small_place(ui, rect, view),
        Room::Narrow => narrow_place(ui, rect, view),
        Room::Normal | Room::Wide => full_place(ui, rect, view),
    }
}

/// Two columns and the log below.
fn full_place(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let (w, h) = (rect.width(), rect.height());
    let side_w = match view.state.split[0] {
        Some(width) => width.clamp(360.0, 480.0_f32.max(w * 0.4)),
        None if view.room == Room::Wide => 480.0,
        None => 424.0_f32.min(w * 0.36).max(360.0),
    };
    // Below 720 points of window the log shrinks to three rows.
    let usual = if h < 600.0 {
        124.0
    } else {
        194.0_f32.max(h * 0.28)
    };
    let log_h = view
        .state
        .log_height
        .unwrap_or(usual)
        .clamp(100.0, (h - 240.0).max(101.0));
    let upper = rect.with_max_y(rect.bottom() - log_h - GUTTER);
    let left = upper.with_max_x(upper.right() - side_w - GUTTER);
    let side = upper.with_min_x(left.right() + GUTTER);
    let where_h = where_it_stands::wanted_height(ui).unwrap_or(upper.height() * 0.462);
    let where_h = where_h.min(upper.height() - 180.0).max(140.0);
    let above = side.with_max_y(side.top() + where_h);
    let below = side.with_min_y(above.bottom() + GUTTER);
    let log = rect.with_min_y(upper.bottom() + GUTTER);
    ladder_panel(ui, left, view);
    where_it_stands::where_panel(ui, above, view);
    attempts::attempts_panel(ui, below, view);
    match view.state.device_tab {
        DeviceTab::Reads => reads::reads_panel(ui, log, view),
        DeviceTab::Commands => dialogue::dialogue_panel(ui, log, view),
        _ => log::log_panel(ui, log, view),
    }
    let gutter = Rect::from_min_max(left.right_top(), side.left_bottom());
    let moved = splitter(ui, gutter, Split::Columns, "Width of the side column");
    if moved != 0.0 {
        view.state.split[0] = Some(side_w - moved);
    }
    let gutter = Rect::from_min_max(upper.left_bottom(), log.right_top());
    let moved = splitter(ui, gutter, Split::Rows, "Height of the log");
    if moved != 0.0 {
        view.state.log_height = Some(log_h - moved);
    }
}

/// One column: the picture, the others as tabs below it, the log as a drawer.
fn narrow_place(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let lower_h: f32 = if view.state.log.drawer { 196.0 } else { 160.0 };
    let lower_h = lower_h.min(rect.height() * 0.48);
    let upper = rect.with_max_y(rect.bottom() - lower_h - GUTTER);
    ladder_panel(ui, upper, view);
    let lower = rect.with_min_y(upper.bottom() + GUTTER);
    let mut tabs = vec![
        ("Where", DeviceTab::Where),
        ("Attempts", DeviceTab::Attempts),
        ("Log", DeviceTab::Log),
        ("Reads", DeviceTab::Reads),
    ];
    if dialogue::available(view) {
        tabs.push(("Commands", DeviceTab::Commands));
    }
    super::widget::bare(ui, lower, Role::Bg1, Role::Line, 1.0);
    let bar = lower.with_max_y(lower.top() + 36.0);
    let tab = tab_line(ui, bar, &tabs, view);
    let body = lower.with_min_y(bar.bottom()).shrink(1.0);
    inside(ui, body, "lower", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        match tab {
            DeviceTab::Attempts => attempts::attempts_body(ui, body, view),
            DeviceTab::Log => log::log_bare(ui, body, view),
            DeviceTab::Reads => reads::reads_body(ui, body, view),
            DeviceTab::Commands => dialogue::dialogue_body(ui, body, view),
            DeviceTab::Ladder | DeviceTab::Where => {
                where_it_stands::where_body(ui, body, view);
            }
        }
    });
}

/// One panel at a time.
fn small_place(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let bar = rect.with_max_y(rect.top() + 36.0);
    let mut tabs = vec![
        ("Ladder", DeviceTab::Ladder),
        ("Where", DeviceTab::Where),
        ("Log", DeviceTab::Log),
        ("Attempts", DeviceTab::Attempts),
        ("Reads", DeviceTab::Reads),
    ];
    if dialogue::available(view) {
        tabs.push(("Commands", DeviceTab::Commands));
    }
    let tab = tab_line(ui, bar, &tabs, view);
    let body = rect.with_min_y(bar.bottom() + 1.0);
    let p = Palette::current(ui);
    ui.painter().rect_filled(body, 0, p.get(Role::Bg1));
    inside(ui, body, "small", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        match tab {
            DeviceTab::Ladder => match view
                .state
                .shown_attempt(&snap)
                .and_then(|i| snap.attempts.get(i))
            {
                Some(attempt) => ladder::ladder(ui, body.shrink2(vec2(10.0, 0.0)), attempt, view),
                None => nothing_yet(ui, body.shrink2(vec2(16.0, 12.0)), view),
            },
            DeviceTab::Where => where_it_stands::where_body(ui, body, view),
            DeviceTab::Log => {
                let head = body.with_max_y(body.top() + 32.0).shrink2(vec2(8.0, 2.0));
                row_from_right(ui, head, "small log head", |ui| log_head::buttons(ui, view));
                log::log_bare(ui, body.with_min_y(head.bottom() + 2.0), view);
            }
            DeviceTab::Attempts => attempts::attempts_body(ui, body, view),
            DeviceTab::Reads => reads::reads_body(ui, body, view),
            DeviceTab::Commands => dialogue::dialogue_body(ui, body, view),
        }
    });
}

/// A line of tabs; gives the one that is shown: the first where the chosen one is not among them.
fn tab_line(ui: &mut Ui, bar: Rect, all: &[(&str, DeviceTab)], view: &mut View<'_>) -> DeviceTab {
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let chosen = all
        .iter()
        .position(|(_, t)| *t == view.state.device_tab)
        .unwrap_or(0);
    let p = Palette::current(ui);
    let line = egui::Stroke::new(1.0, p.get(Role::Line));
    ui.painter().hline(bar.x_range(), bar.bottom(), line);
    let inner = Rect::from_min_max(pos2(bar.left() + 10.0, bar.top() + 2.0), bar.max);
    let (clicked, end) = row(ui, inner, "tabs", |ui| {
        (tabs(ui, &names, chosen), ui.min_rect().right())
    });
    let shown = clicked.unwrap_or(chosen);
    let tab = all.get(shown).map_or(DeviceTab::Log, |(_, tab)| *tab);
    if clicked.is_some() {
        view.state.device_tab = tab;
    }
    let n = view.snap.attempts.len();
    let fits = end + 120.0 < bar.right();
    if let Some(shown) = view
        .state
        .shown_attempt(&view.snap)
        .filter(|_| n > 0 && fits)
    {
        let words = format!("attempt {} of {n}", shown + 1);
        let run = (words.as_str(), Face::Small.id(), p.get(Role::Text2));
        let at = pos2(bar.right() - 10.0, bar.center().y);
        text::mid(ui.painter(), at, Hold::Right, run, 120.0);
    }
    tab
}

/// The ladder with its head.
fn ladder_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let shown = view
        .state
        .shown_attempt(&snap)
        .and_then(|i| snap.attempts.get(i));
    let Some(attempt) = shown else {
        panel(ui, rect, "Handshake", "", |ui, rooms| {
            nothing_yet(ui, rooms.body.shrink2(vec2(20.0, 24.0)), view);
        });
        return;
    };
    let title = format!("Attempt {}", attempt.index + 1);
    let remark = snap
        .inputs
        .iter()
        .find(|i| i.id == attempt.input)
        .map(|i| words::middle(&i.name, 28))
        .unwrap_or_default();
    panel(ui, rect, &title, &remark, |ui, rooms| {
        ladder_head(ui, rooms, attempt, view);
        ladder::ladder(ui, rooms.body, attempt, view);
    });
}

fn ladder_head(ui: &mut Ui, rooms: Panel, attempt: &Attempt, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let used = row_from_right(ui, rooms.head, "ladder head", |ui| {
        let hint = keys::hint(KeyDoes::Fold);
        let fold = Button::new("Fold").small().icon(Icon::Fold);
        let fold = fold.selected(view.state.ladder_fold).name("Fold flights");
        if ui.add(fold.hint(&hint)).clicked() {
            view.state.ladder_fold = !view.state.ladder_fold;
        }
        if rooms.head.width() > 420.0 {
            let hint = keys::hint(KeyDoes::TimeScale);
            let words = if view.state.time_scale {
                "Time to scale"
            } else {
                "Time in order"
            };
            let time = Button::quiet(words)
                .small()
                .name("Time scale of the ladder");
            if ui.add(time.hint(&hint)).clicked() {
                view.state.time_scale = !view.state.time_scale;
            }
        }
        if let Some(good) = good_run(&snap.attempts, attempt) {
            let words = if rooms.head.width() > 460.0 {
                "Compare with good run"
            } else {
                "Compare"
            };
            let hint = keys::hint(KeyDoes::NextDifference);
            let button = Button::quiet(words).small().icon(Icon::Flip);
            if ui.add(button.hint(&hint)).clicked() {
                let runs = CompareState::of(good.index, attempt.index);
                view.ask(Act::Compare(Some(runs)));
            }
        }
        ui.min_rect().left()
    });
    let left = rooms.head.with_max_x(used - 8.0);
    row(ui, left, "ladder chips", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(left));
        if let Some(version) = attempt.version {
            chip(ui, &version.to_string(), Role::Text, Role::Bg3);
        }
        if let Some(suite) = attempt.cipher_suite {
            let name = suite.to_string();
            let short = name.rsplit_once("_WITH_").map_or(name.as_str(), |(_, s)| s);
            if ui.available_width() > 100.0 {
                chip(ui, short, Role::Text, Role::Bg3).on_hover_text(&name);
            }
        }
    });
}

/// Inputs are there, but no handshake.
fn nothing_yet(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    inside(ui, rect, "nothing yet", |ui| {
        let live = snap.ports.iter().any(|p| p.connected);
        let lines: u32 = snap.inputs.iter().map(|i| i.lines).sum();
        let (title, sentence) = match (live, lines) {
            (true, 0) => (
                "Nothing received yet",
                "The port is open. Press the device's button or start it again; every byte is \
                 recorded.",
            ),
            (true, _) => (
                "No handshake so far",
                "Lines arrive, but none of them tells of a handshake. Let the device connect once.",
            ),
            (false, _) if !snap.progress.is_empty() => (
                "Nothing found so far",
                "It is being read: a handshake is shown here as soon as one is found.",
            ),
            (false, 0) => (
                "Nothing was read",
                "What was opened holds no lines of a log. Open the device's log, a capture, or \
                 connect the device.",
            ),
            (false, _) => (
                "No handshake in what was read",
                "No line of the log tells of a TLS handshake. A log of a higher debug level, or of \
                 a longer time, would.",
            ),
        };
        empty(
            ui,
            &Empty {
                icon: Icon::Unknown,
                tone: Tone::Unknown,
                title,
                sentence,
            },
        );
        if let Some(better) = &snap.diagnosis.better_log {
            let p = Palette::current(ui);
            text::label(ui, &[(better, Face::Body.id(), p.get(Role::Text))], 18.0);
        }
        if !live {
            ui.horizontal_wrapped(|ui| {
                let hint = keys::hint(KeyDoes::Open);
                if ui
                    .add(Button::primary("Open another").hint(&hint))
                    .clicked()
                {
                    view.ask(Act::Dialog(super::command::Dialog::Open));
                }
                if ui.add(Button::new("Connect a device")).clicked() {
                    view.ask(Act::Connect(true));
                }
            });
        }
    });
}
