//! The log: time, state, the line as received, what it means; folded loops, gaps, find, raw bytes.
//!
//! Rows are virtual: only those on the screen are asked for and laid out.

use egui::{CornerRadius, Id, Rect, Sense, Ui, pos2, vec2};

use super::connections::{capture, connections};
use super::fold::{RowAt, Rows};
use super::log_head::{find_bar, head};
use crate::evidence::{Input, InputKind};
use crate::session::LogRow;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Spot;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, group};
use crate::ui::widget::{LongList, newer, panel, row_response};
use crate::ui::words;

/// Height of a row.
pub const ROW: f32 = 21.0;

/// Where the columns begin.
struct Columns {
    time: f32,
    state: f32,
    text: f32,
    meaning: f32,
    right: f32,
}

impl Columns {
    fn new(rect: Rect) -> Self {
        let w = rect.width();
        let left = rect.left() + 12.0;
        let right = rect.right() - 12.0;
        if w < 640.0 {
            let state = left + 58.0;
            return Self {
                time: left,
                state,
                text: state + 40.0,
                meaning: right,
                right,
            };
        }
        let state = left + 112.0;
        let text = state + 42.0;
        let meaning = if w < 900.0 {
            240.0
        } else {
            400.0_f32.max((right - text) * 0.45)
        };
        Self {
            time: left,
            state,
            text,
            meaning: right - meaning,
            right,
        }
    }
}

/// The panel with its head; `tabs` are shown by the caller where room is small.
pub fn log_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let id = view.state.shown_input(&snap);
    let input = snap.inputs.iter().find(|i| Some(i.id) == id);
    let live = snap.ports.iter().any(|p| Some(p.input) == id);
    let capture = input.is_some_and(|i| i.kind == InputKind::Capture);
    let title = match (live, capture) {
        (true, _) => "Live log",
        (false, true) => "Connections",
        (false, false) => "Log",
    };
    let lines = id.map_or(0, |i| view.source.line_count(i));
    let counted = words::count(lines.into(), "line", "lines");
    let remark = if capture {
        "pick one to see its handshake".to_owned()
    } else if rect.width() > 900.0 && snap.inputs.len() < 2 {
        format!("{counted} · click a line to find its place on the ladder")
    } else {
        counted
    };
    panel(ui, rect, title, &remark, |ui, rooms| {
        head(ui, rooms, input, view);
        body(ui, rooms.body, input, view);
    });
}

/// The log without a head, for small windows.
pub fn log_bare(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let id = view.state.shown_input(&snap);
    let input = snap.inputs.iter().find(|i| Some(i.id) == id);
    body(ui, rect, input, view);
}

fn body(ui: &mut Ui, rect: Rect, input: Option<&Input>, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let Some(input) = input else {
        let line = "Nothing received yet.";
        let run = (line, Face::Body.id(), p.get(Role::Text2));
        let at = pos2(rect.left() + 12.0, rect.top() + 24.0);
        text::mid(ui.painter(), at, Hold::Left, run, rect.width());
        return;
    };
    if let Some(capture) = capture(input, view) {
        connections(ui, rect, input, &capture, view);
        return;
    }
    let mut rect = rect;
    if view.state.log.find.is_some() {
        let bar = rect.with_max_y(rect.top() + 40.0);
        find_bar(ui, bar, input, view);
        rect.set_top(bar.bottom());
    }
    if view.state.log.raw {
        super::raw::raw_view(ui, rect, input, view);
        return;
    }
    let columns = Columns::new(rect);
    let head_h = 24.0;
    let y = rect.top() + 14.0;
    let painter = ui.painter().clone();
    for (x, word) in [
        (columns.time, "Time"),
        (columns.state, "State"),
        (columns.text, "As received"),
        (columns.meaning, "What it means"),
    ] {
        if x < columns.right {
            let run = (word, Face::Caption.id(), p.get(Role::Text3));
            text::mid(&painter, pos2(x, y), Hold::Left, run, 200.0);
        }
    }
    let body = rect.with_min_y(rect.top() + head_h);
    // Whole rows: at the end none is cut by the head.
    let whole = (body.height() / ROW).floor().max(1.0) * ROW;
    let body = body.with_max_y(body.top() + whole);
    rows(ui, body, input, &columns, view);
    new_lines(ui, body, input, view);
}

/// Lines that came while another place of the log was looked at.
fn new_lines(ui: &mut Ui, body: Rect, input: &Input, view: &mut View<'_>) {
    let lines = view.source.line_count(input.id);
    let seen = match view.state.log.seen {
        Some((id, seen)) if id == input.id && !view.state.log.follow => seen,
        _ => lines,
    };
    view.state.log.seen = Some((input.id, seen));
    let fresh = lines.saturating_sub(seen);
    if fresh > 0 && newer(ui, body, fresh.into(), "line") {
        view.state.log.follow = true;
    }
}

fn rows(ui: &mut Ui, body: Rect, input: &Input, columns: &Columns, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let lines = view.source.line_count(input.id);
    let attempts = snap.attempts.iter().map(std::convert::AsRef::as_ref);
    let table = Rows::new(input.id, lines, attempts, &snap.gaps, view.state.log.fold);
    group(
        ui,
        body,
        ("log rows", input.id),
        egui::accesskit::Role::List,
        format!("Log of {}", input.name),
        |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(body));
            let jump = view.state.log.scroll_to.take();
            let jump = jump.and_then(|l| table.row_of(l));
            let list = LongList {
                id: Id::unique(("log place", input.id)),
                name: "Scroll the log",
                row: ROW,
                count: usize::try_from(table.count()).unwrap_or(usize::MAX),
                jump: jump.and_then(|row| usize::try_from(row).ok()),
                follow: view.state.log.follow,
            };
            let sight = list.show(ui, body, |ui, range| {
                let first = u32::try_from(range.start).unwrap_or(u32::MAX);
                let last = u32::try_from(range.end).unwrap_or(u32::MAX);
                show_rows(ui, first, last, &table, input, columns, view);
            });
            // Scrolling away from the end stops following, scrolling to it starts again.
            if sight.moved {
                view.state.log.follow = sight.at_end;
            }
        },
    );
}

fn show_rows(
    ui: &mut Ui,
    first: u32,
    last: u32,
    table: &Rows,
    input: &Input,
    columns: &Columns,
    view: &mut View<'_>,
) {
    // Lines of the visible rows are asked for in runs.
    let mut row = first;
    let mut newest = 0;
    while row < last {
        match table.at(row) {
            None => break,
            Some(RowAt::Line(line)) => {
                let mut end = row + 1;
                while end < last && table.at(end) == Some(RowAt::Line(line + end - row)) {
                    end += 1;
                }
                let lines = view.source.rows(input.id, line - 1..line - 1 + (end - row));
                for found in &lines {
                    newest = newest.max(found.line);
                    line_row(ui, found, None, input, columns, view);
                }
                // A row that the source does not have yet keeps its room.
                for _ in lines.len()..(end - row) as usize {
                    ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
                }
                row = end;
            }
            Some(RowAt::Fold(i)) => {
                let poll = &table.polls[i];
                let from = poll.first_line - 1;
                let per = poll.lines_per_pass.max(1);
                let mut found = view.source.rows(input.id, from..from + 1);
                let end = view.source.rows(input.id, from + per - 1..from + per);
                newest = newest.max(poll.last_line);
                if let Some(mut one) = found.pop() {
                    if let Some(end) = end.first().filter(|e| per > 1 && e.line != one.line) {
                        one.text = format!("{}  …  {}", one.text, end.text);
                    }
                    let count = words::count(per.into(), "line", "lines");
                    let every = poll
                        .period_ms
                        .map(|ms| format!(", every {}", words::duration_ms(ms)))
                        .unwrap_or_default();
                    one.meaning = format!("{count} × {}{every} · nothing received", poll.passes);
                    line_row(ui, &one, Some(poll.passes), input, columns, view);
                }
                row += 1;
            }
            Some(RowAt::Gap(i)) => {
                gap_row(ui, &table.gaps[i].sentence, i, columns);
                row += 1;
            }
        }
    }
    if newest > 0 {
        let id = Id::unique(("newest shown", input.id));
        ui.ctx().data_mut(|d| d.insert_temp(id, newest));
    }
}

fn line_row(
    ui: &mut Ui,
    found: &LogRow,
    folded: Option<u32>,
    input: &Input,
    columns: &Columns,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let spot = Spot {
        input: input.id,
        line: found.line,
    };
    let on = view.state.selected == Some(spot);
    let mut name = format!("Line {}", found.line);
    for (what, part) in [
        ("", &found.time),
        ("state ", &found.state),
        ("", &found.text),
    ] {
        if !part.is_empty() {
            name.push_str(", ");
            name.push_str(what);
            name.push_str(part);
        }
    }
    if !found.meaning.is_empty() {
        name.push_str(": ");
        name.push_str(&found.meaning);
    }
    let id = ui.scope_id().with(("line", found.line));
    let response = row_response(ui, rect, id, on, &name);
    if response.clicked() {
        let folded_here = folded.is_some() && view.state.selected == Some(spot);
        if folded_here {
            view.state.log.fold = false;
        }
        view.state.selected = Some(spot);
        view.state.log.follow = false;
    }
    let painter = ui.painter().clone();
    let y = rect.center().y;
    if let Some(passes) = folded {
        let at = pos2(columns.time + 7.0, y);
        icon::paint(
            &painter,
            Icon::Fold,
            at,
            13.0,
            p.get(Role::Text2),
            p.get(Role::Bg1),
        );
        let times = format!("× {passes}");
        let run = (times.as_str(), Face::MonoSmall.id(), p.get(Role::Text2));
        text::mid(
            &painter,
            pos2(columns.time + 20.0, y),
            Hold::Left,
            run,
            84.0,
        );
    } else {
        let room = columns.state - columns.time - 8.0;
        let ink = p.get(Role::Text3);
        let shown = if room < 80.0 {
            found
                .time
                .rsplit_once(':')
                .map_or(found.time.as_str(), |(_, s)| s)
        } else {
            found.time.as_str()
        };
        let run = (shown, Face::MonoSmall.id(), ink);
        text::mid(&painter, pos2(columns.time, y), Hold::Left, run, room);
    }
    if !found.state.is_empty() {
        let chip = Rect::from_min_size(pos2(columns.state, y - 8.0), vec2(34.0, 16.0));
        painter.rect_filled(chip, CornerRadius::same(4), p.get(Role::Bg3));
        let run = (
            found.state.as_str(),
            Face::Caption.id(),
            p.get(Role::Device),
        );
        text::mid(&painter, chip.center(), Hold::Centre, run, 32.0);
    }
    let room = columns.meaning - columns.text - 8.0;
    let run = (found.text.as_str(), Face::Mono.id(), p.get(Role::Text));
    text::mid(&painter, pos2(columns.text, y), Hold::Left, run, room);
    if columns.meaning < columns.right {
        let run = (found.meaning.as_str(), Face::Small.id(), p.get(Role::Text2));
        let room = columns.right - columns.meaning;
        text::mid(&painter, pos2(columns.meaning, y), Hold::Left, run, room);
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(640.0);
        let run = [(found.text.as_str(), Face::Mono.id(), p.get(Role::Text))];
        text::label(ui, &run, 17.0);
        if !found.meaning.is_empty() {
            let run = [(found.meaning.as_str(), Face::Small.id(), p.get(Role::Text2))];
            text::label(ui, &run, 16.0);
        }
        if !found.raw.is_empty() {
            let run = [(found.raw.as_str(), Face::MonoSmall.id(), p.get(Role::Text3))];
            text::label(ui, &run, 16.0);
        }
    });
}

fn gap_row(ui: &mut Ui, sentence: &str, i: usize, columns: &Columns) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let fill = p.get(Role::WarnBg);
    ui.painter().rect_filled(rect, CornerRadius::ZERO, fill);
    let at = pos2(columns.time + 7.0, rect.center().y);
    icon::paint(ui.painter(), Icon::Warn, at, 12.0, p.get(Role::Warn), fill);
    let run = (sentence, Face::Small.id(), p.get(Role::Text));
    let at = pos2(columns.time + 20.0, rect.center().y);
    text::mid(ui.painter(), at, Hold::Left, run, rect.width() - 40.0);
    let name = format!("Gap: {sentence}");
    ui.interact(rect, ui.scope_id().with(("gap", i)), Sense::hover())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListItem, true, &name));
}
