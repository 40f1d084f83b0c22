//! The table of attempts: when, where, how it ended, what changed.

use egui::{Id, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::evidence::TimeBase;
use crate::session::{Snapshot, Tone};
use crate::timeline::{Attempt, EndedBy, Outcome};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{mark_icon, panel, row_response};
use crate::ui::words;

const ROW: f32 = 27.0;

/// What the session says of an attempt like the one before: no card is worth it.
const NO_CHANGE: &str = "no difference seen";

/// The panel.
pub fn attempts_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let n = view.snap.attempts.len() as u64;
    let mut remark = format!("{} in this session", words::grouped(n));
    if !view.snap.asked.is_empty() {
        let probes = words::count(view.snap.asked.len() as u64, "probe", "probes");
        remark = format!("{remark}, {probes}");
    }
    panel(ui, rect, "Attempts", &remark, |ui, rooms| {
        attempts_body(ui, rooms.body, view);
    });
}

/// Column positions: number, when, input, ended, changed. The input is named only where there are
/// several.
fn columns(rect: Rect, inputs: usize) -> [f32; 5] {
    let w = rect.width();
    let left = rect.left() + 8.0;
    if w < 380.0 || inputs < 2 {
        [left, left + 24.0, left + 92.0, left + 92.0, left + 210.0]
    } else {
        // Room to spare goes to the names of inputs.
        let spare = (w - 380.0).min(90.0);
        [
            left,
            left + 25.0,
            left + 98.0,
            left + 176.0 + spare,
            left + 286.0 + spare,
        ]
    }
}

/// The body alone, for small windows.
pub fn attempts_body(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let snap = view.snap.clone();
    let painter = ui.painter().clone();
    let count = snap.attempts.len() + snap.asked.len();
    let x = columns(rect, snap.inputs.len() + snap.asked.len());
    let y = rect.top() + 12.0;
    let narrow = (x[3] - x[2]) < 1.0;
    let heads = ["#", "When", "Input", "Ended", "Changed"];
    for (i, word) in heads.into_iter().enumerate() {
        if i == 2 && narrow {
            continue;
        }
        let run = (word, Face::Caption.id(), p.get(Role::Text3));
        text::mid(&painter, pos2(x[i], y), Hold::Left, run, 120.0);
    }
    let line = Stroke::new(1.0, p.get(Role::Line));
    painter.hline(rect.x_range(), rect.top() + 24.5, line);
    let shown = view.state.shown_attempt(&snap);
    let change = shown
        .and_then(|i| snap.changes.get(i))
        .filter(|c| !c.is_empty() && *c != NO_CHANGE);
    // The card must not hide rows that would be seen without it; a list that scrolls anyway has room.
    #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
    let all = count as f32 * ROW + 26.0;
    let room = rect.height();
    let foot = match change {
        Some(_) if room > 130.0 && (all + 60.0 <= room || all > room + 2.0 * ROW) => 60.0,
        _ => 0.0,
    };
    let body = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 25.0),
        pos2(rect.right(), rect.bottom() - foot),
    );
    if count == 0 {
        let run = (
            "No handshake seen yet.",
            Face::Body.id(),
            p.get(Role::Text2),
        );
        let at = pos2(rect.left() + 12.0, body.top() + 18.0);
        text::mid(&painter, at, Hold::Left, run, rect.width() - 24.0);
        return;
    }
    let mut used = 0.0;
    inside(ui, body, "attempts", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().auto_shrink([false, false]);
        // The shown one comes into sight, also where it is far down a list of which only what is
        // seen is laid out.
        let seen = Id::unique("attempt in sight");
        let before = ui.ctx().data(|d| d.get_temp::<usize>(seen));
        if let Some(index) = shown.filter(|i| before != Some(*i)) {
            ui.ctx().data_mut(|d| d.insert_temp(seen, index));
            #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
            let y = (index as f32 + 0.5) * ROW - body.height() * 0.5;
            area = area.vertical_scroll_offset(y.max(0.0));
        }
        let out = area.show_rows(ui, ROW, count, |ui, range| {
            for i in range {
                if let Some(a) = snap.attempt(i) {
                    one(ui, a, shown == Some(i), &snap, x, narrow, view);
                }
            }
        });
        used = out.content_size.y.min(body.height());
    });
    if let Some(change) = change.filter(|_| foot > 0.0) {
        let top = (body.top() + used + 8.0).min(rect.bottom() - foot + 4.0);
        let card = Rect::from_min_size(
            pos2(rect.left() + 12.0, top),
            vec2(rect.width() - 24.0, foot - 8.0),
        );
        painter.rect_filled(card, 5, p.get(Role::Bg2));
        let at = pos2(card.left() + 18.0, card.center().y);
        icon::paint(
            &painter,
            Icon::Right,
            at,
            15.0,
            p.get(Role::Accent),
            p.get(Role::Bg2),
        );
        let run = [(change.as_str(), Face::Body.id(), p.get(Role::Text))];
        let galley = text::paragraph(&painter, &run, card.width() - 48.0, 18.0, 2);
        let y = card.center().y - galley.size().y * 0.5;
        painter.galley(pos2(card.left() + 36.0, y), galley, p.get(Role::Text));
    }
}

fn one(
    ui: &mut Ui,
    a: &Attempt,
    on: bool,
    snap: &Snapshot,
    x: [f32; 5],
    narrow: bool,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let base = snap.time_base(a);
    // A port that was read live knows when the request went by, though nothing prints a time.
    let read = a.seen.requests.first().and_then(|r| r.at.1);
    let when = match (a.started, read) {
        (Some(t), _) => words::time_short(t, base),
        (None, Some(t)) => words::time_short(t, TimeBase::Unix),
        (None, None) => format!("line {}", a.first_line),
    };
    let (tone, ended) = ended(a);
    let changed = snap.changes.get(a.index).map_or("", String::as_str);
    let who = match a.input.probe_number() {
        Some(_) => snap.origin_name(a),
        None => format!("Attempt {}", a.index + 1),
    };
    let name = format!("{who}, {when}, {ended}, {changed}");
    let id = ui.scope_id().with(("attempt", a.index));
    let response = row_response(ui, rect, id, on, name.trim_end_matches(", "));
    let painter = ui.painter().clone();
    let line = Stroke::new(1.0, p.get(Role::Line));
    painter.hline(rect.x_range(), rect.bottom() - 0.5, line);
    let y = rect.center().y;
    let put = |x: f32, words: &str, face: Face, ink: Role, room: f32| {
        let run = (words, face.id(), p.get(ink));
        text::mid(&painter, pos2(x, y), Hold::Left, run, room);
    };
    put(
        x[0],
        &(a.index + 1).to_string(),
        Face::Table,
        Role::Text,
        24.0,
    );
    put(x[1], &when, Face::Mono, Role::Text, x[2] - x[1] - 6.0);
    if !narrow {
        let name = match a.input.probe_number() {
            Some(number) => format!("probe {number}"),
            None => snap.origin_name(a),
        };
        let room = x[3] - x[2] - 8.0;
        let all = snap.inputs.iter().map(|i| i.name.as_str());
        let name = if text::width(&painter, &name, Face::Table.id()) > room {
            words::own_part(&name, all)
        } else {
            name
        };
        let shown = text::fit_middle(&painter, &name, &Face::Table.id(), room);
        put(x[2], &shown, Face::Table, Role::Text, x[3] - x[2]);
    }
    let ink = p.get(tone_role(tone));
    icon::paint(
        &painter,
        mark_icon(tone),
        pos2(x[3] + 6.0, y),
        12.0,
        ink,
        p.get(Role::Bg1),
    );
    put(
        x[3] + 17.0,
        &ended,
        Face::Table,
        tone_role(tone),
        x[4] - x[3] - 23.0,
    );
    let (changed_shown, ink) = match changed {
        "" => ("–", Role::Text3),
        NO_CHANGE => (NO_CHANGE, Role::Text3),
        _ => (changed, Role::Text),
    };
    put(
        x[4],
        changed_shown,
        Face::Table,
        ink,
        rect.right() - 8.0 - x[4],
    );
    if response.clicked() {
        view.ask(Act::ShowAttempt(a.index));
    }
    let named = snap.origin_name(a);
    response.on_hover_text(words::joined(&[&named, &ended, changed]));
}

/// How an attempt ended, in a few words.
#[must_use]
pub fn ended(a: &Attempt) -> (Tone, String) {
    let state = a
        .stopped_at
        .as_ref()
        .and_then(|s| s.state.split_whitespace().next())
        .map(|s| format!("state {s}"));
    let since = a
        .stopped_at
        .as_ref()
        .and_then(|s| s.since_ms)
        .filter(|ms| *ms > 0)
        .map(words::duration_ms);
    let alert = a
        .alerts
        .iter()
        .rev()
        .find(|x| x.fatal)
        .map(|x| format!("alert {}", x.alert.0));
    let at = |word: &str| {
        [state.clone(), since.clone()]
            .into_iter()
            .flatten()
            .reduce(|a, b| format!("{a}, {b}"))
            .unwrap_or_else(|| word.to_owned())
    };
    // What a module says, and how soon, tells more than that it failed.
    let answer = a.seen.requests.last().and_then(|r| r.answer.as_ref());
    if let (Some((what, _, ms)), EndedBy::DeviceError, None) = (answer, a.ended_by, &alert) {
        let code = what.split(' ').next().unwrap_or_default();
        let words = match ms {
            Some(ms) => format!("{code}, {}", words::duration_ms(*ms)),
            None => code.to_owned(),
        };
        return (Tone::Fail, words);
    }
    match a.outcome {
        Outcome::Completed => (Tone::Ok, "completed".into()),
        Outcome::Failed => {
            let words = match (a.ended_by, alert) {
                (EndedBy::DeviceAlert | EndedBy::PeerAlert, Some(alert)) => alert,
                (EndedBy::PeerClosed | EndedBy::PeerCloseNotify, _) => "closed".into(),
                (EndedBy::Reset, _) => "reset".into(),
                (EndedBy::NoConnection, _) => "no connection".into(),
                _ => at("failed"),
            };
            (Tone::Fail, words)
        }
        Outcome::Stalled => (Tone::Fail, at("stalled")),
        Outcome::CutOff if a.input.probe_number().is_some() => (Tone::Ok, "agreed".into()),
        Outcome::CutOff => (Tone::Unknown, "log ends".into()),
        Outcome::NeverStarted => (Tone::Fail, "never began".into()),
    }
}
