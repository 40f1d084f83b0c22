//! The read ladder: what the socket gave, one bar a read, on an axis of bytes.

use egui::{CornerRadius, Rect, Role as Named, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::timeline::{Attempt, ReadPiece};
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::{DeviceTab, Spot};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, row_from_right};
use crate::ui::widget::{Button, panel};
use crate::ui::words;

/// The axis ends here at most; more is said.
const MOST: u64 = 6_400;
/// Reads of this many bytes and fewer are too small for their number.
const SMALL: f32 = 26.0;

/// The panel.
pub fn reads_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let remark = "bytes as the device read them, one bar a read · offset in what was received";
    panel(ui, rect, "Read ladder", remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "reads head", |ui| {
            if ui
                .add(Button::new("Log").small().hint("Back to the log"))
                .clicked()
            {
                view.state.device_tab = DeviceTab::Log;
            }
        });
        reads_body(ui, rooms.body, view);
    });
}

/// The body alone.
pub fn reads_body(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let snap = view.snap.clone();
    let painter = ui.painter_at(rect);
    let shown = view
        .state
        .shown_attempt(&snap)
        .and_then(|i| snap.attempts.get(i));
    let Some(attempt) = shown.filter(|a| !a.reads.is_empty()) else {
        not_recorded(ui, rect);
        return;
    };
    let total = attempt
        .reads
        .iter()
        .map(|r| r.offset + u64::from(r.len))
        .max();
    let total = total.unwrap_or_default();
    let end = total.clamp(1_600, MOST).next_multiple_of(200);
    let left = rect.left() + 112.0_f32.min(rect.width() * 0.16);
    let right = rect.right() - 28.0;
    #[expect(clippy::cast_precision_loss, reason = "at most MOST")]
    let at = |byte: u64| left + (right - left) * byte.min(end) as f32 / end as f32;
    let top = rect.top() + 40.0;
    let bar = Rect::from_min_max(pos2(left, top), pos2(right, top + 36.0));
    axis(&painter, p, &at, end, rect, bar);
    let run = ("Reads", Face::Body.bold(), p.get(Role::Text));
    let middle = bar.center().y;
    text::mid(
        &painter,
        pos2(rect.left() + 12.0, middle),
        Hold::Left,
        run,
        96.0,
    );
    let first_odd = odd(attempt);
    let mut labelled = f32::MIN;
    for (i, read) in attempt.reads.iter().enumerate() {
        if read.offset >= end {
            break;
        }
        one(
            ui,
            &painter,
            bar,
            &at,
            read,
            first_odd == Some(i),
            attempt,
            &mut labelled,
            view,
        );
    }
    marks(
        &painter,
        p,
        &at,
        end,
        bar,
        snap.facts.int("device.rx_buffer_bytes"),
    );
    let y = bar.bottom() + 50.0;
    let note = note(attempt, total, end);
    if y + 14.0 < rect.bottom() {
        let run = (note.as_str(), Face::Small.id(), p.get(Role::Text2));
        text::mid(&painter, pos2(left, y), Hold::Left, run, right - left);
    }
}

/// The reads of two runs on one axis.
pub fn reads_pair(ui: &mut Ui, rect: Rect, (good, bad): (&Attempt, &Attempt), view: &mut View<'_>) {
    let p = Palette::current(ui);
    let painter = ui.painter_at(rect);
    let end_of = |a: &Attempt| a.reads.iter().map(|r| r.offset + u64::from(r.len)).max();
    let total = end_of(good).max(end_of(bad)).unwrap_or_default();
    let end = total.clamp(1_600, MOST).next_multiple_of(200);
    let left = rect.left() + 112.0_f32.min(rect.width() * 0.16);
    let right = rect.right() - 28.0;
    #[expect(clippy::cast_precision_loss, reason = "at most MOST")]
    let at = |byte: u64| left + (right - left) * byte.min(end) as f32 / end as f32;
    let upper = Rect::from_min_max(
        pos2(left, rect.top() + 34.0),
        pos2(right, rect.top() + 62.0),
    );
    let lower = upper.translate(vec2(0.0, 50.0));
    axis(&painter, p, &at, end, rect, upper.union(lower));
    for (bar, run, word) in [(upper, bad, "This run"), (lower, good, "Good run")] {
        let words = (word, Face::Body.bold(), p.get(Role::Text));
        let middle = pos2(rect.left() + 12.0, bar.center().y);
        text::mid(&painter, middle, Hold::Left, words, 96.0);
        if run.reads.is_empty() {
            let path = [
                bar.left_top(),
                bar.right_top(),
                bar.right_bottom(),
                bar.left_bottom(),
                bar.left_top(),
            ];
            let stroke = Stroke::new(1.0, p.get(Role::Line2));
            painter.extend(egui::Shape::dashed_line(&path, stroke, 4.0, 4.0));
            let words = "reads of this run were not recorded: run it once more with debug level 4";
            let words = (words, Face::Small.id(), p.get(Role::Text2));
            let at = bar.left_center() + vec2(16.0, 0.0);
            text::mid(&painter, at, Hold::Left, words, bar.width() - 32.0);
            continue;
        }
        // Only this run is judged; the other is its measure.
        let first_odd = odd(run).filter(|_| run.index == bad.index);
        let mut labelled = f32::MIN;
        for (i, read) in run.reads.iter().enumerate() {
            if read.offset >= end {
                break;
            }
            ui.push_id(word, |ui| {
                one(
                    ui,
                    &painter,
                    bar,
                    &at,
                    read,
                    first_odd == Some(i),
                    run,
                    &mut labelled,
                    view,
                );
            });
        }
    }
    let buffer = view.snap.facts.int("device.rx_buffer_bytes");
    marks(&painter, p, &at, end, upper.union(lower), buffer);
}

/// Which read sticks out: smaller than what was asked for while more came behind it.
fn odd(attempt: &Attempt) -> Option<usize> {
    attempt
        .reads
        .windows(2)
        .position(|w| w[0].len < w[0].wanted && w[1].offset == w[0].offset + u64::from(w[0].len))
        .map(|i| i + 1)
}

fn note(attempt: &Attempt, total: u64, end: u64) -> String {
    let sizes: Vec<String> = attempt
        .reads
        .iter()
        .take(12)
        .map(|r| words::grouped(r.len.into()))
        .collect();
    let mut note = format!("reads {}", sizes.join(" · "));
    if attempt.reads.len() > 12 {
        note.push_str(" …");
    }
    if total > end {
        note = format!(
            "{note}; shown: the first {} of {}",
            words::grouped(end),
            words::bytes(total)
        );
    }
    note
}

fn axis(
    painter: &egui::Painter,
    p: &Palette,
    at: &impl Fn(u64) -> f32,
    end: u64,
    rect: Rect,
    bar: Rect,
) {
    let step = match end {
        0..=2_000 => 200,
        2_001..=4_000 => 500,
        _ => 1_000,
    };
    let y = bar.bottom() + 32.0;
    let mut byte = 0;
    let mut last = f32::MIN;
    while byte <= end {
        let x = at(byte);
        painter.vline(
            x,
            bar.top()..=bar.bottom() + 22.0,
            Stroke::new(1.0, p.get(Role::Line)),
        );
        if x - last > 44.0 && y < rect.bottom() {
            let words = words::grouped(byte);
            let run = (words.as_str(), Face::MonoTiny.id(), p.get(Role::Text3));
            text::mid(painter, pos2(x, y), Hold::Centre, run, 60.0);
            last = x;
        }
        byte += step;
    }
}

#[expect(clippy::too_many_arguments, reason = "one bar of a picture")]
fn one(
    ui: &Ui,
    painter: &egui::Painter,
    bar: Rect,
    at: &impl Fn(u64) -> f32,
    read: &ReadPiece,
    odd: bool,
    attempt: &Attempt,
    labelled: &mut f32,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let (a, b) = (at(read.offset), at(read.offset + u64::from(read.len)));
    let rect = Rect::from_min_max(
        pos2(a + 0.5, bar.top()),
        pos2((b - 0.5).max(a + 2.0), bar.bottom()),
    );
    let header = read.len <= 5;
    let role = match (odd, header) {
        (true, _) => Role::Fail,
        (_, true) => Role::F5,
        _ => Role::F1,
    };
    let spot = Spot {
        input: attempt.input,
        line: read.line,
    };
    let response = ui.interact(
        rect.expand2(vec2(2.0, 0.0)),
        ui.scope_id().with(("read", read.offset, read.line)),
        Sense::click(),
    );
    let got = words::bytes(read.len.into());
    let from = words::grouped(read.offset);
    let wanted = words::grouped(read.wanted.into());
    let name = format!(
        "Read of {got} at offset {from}, {wanted} wanted, line {}",
        read.line
    );
    let on = view.state.selected == Some(spot);
    response.widget_info(|| WidgetInfo::selected(Named::ListItem, true, on, &name));
    painter.rect_filled(rect, CornerRadius::same(2), p.get(role));
    if on || response.has_focus() {
        let stroke = Stroke::new(2.0, p.get(Role::Accent));
        painter.rect_stroke(
            rect.expand(2.0),
            CornerRadius::same(3),
            stroke,
            egui::StrokeKind::Outside,
        );
    }
    let number = words::grouped(read.len.into());
    if rect.width() >= SMALL + 10.0 {
        let ink = if ui.visuals().dark_mode {
            Role::Bg0
        } else {
            Role::Bg1
        };
        let run = (number.as_str(), Face::Mono.id(), p.get(ink));
        text::mid(
            painter,
            rect.center(),
            Hold::Centre,
            run,
            rect.width() - 6.0,
        );
    } else {
        let ink = if odd { Role::Fail } else { Role::Text2 };
        // Left of a mark that may stand at its end; numbers never stand on each other.
        let below = pos2(rect.left() - 6.0, bar.bottom() + 11.0);
        if odd || below.x > *labelled + 16.0 {
            let run = (number.as_str(), Face::MonoTiny.id(), p.get(ink));
            text::mid(painter, below, Hold::Centre, run, 60.0);
            *labelled = below.x;
        }
    }
    if response.clicked() {
        view.ask(Act::ShowLine(spot));
    }
    response.on_hover_text(name.clone());
}

/// Usual sizes: a small buffer, a segment behind a tunnel, a segment of Ethernet.
fn marks(
    painter: &egui::Painter,
    p: &Palette,
    at: &impl Fn(u64) -> f32,
    end: u64,
    bar: Rect,
    buffer: Option<i64>,
) {
    let buffer = buffer.and_then(|b| u64::try_from(b).ok());
    let first = match buffer {
        Some(b) => (
            b,
            format!("{} receive buffer of the device", words::grouped(b)),
            Role::Warn,
        ),
        None => (1_024, "1,024 small buffer".into(), Role::Text2),
    };
    let y = bar.top() - 26.0;
    let marks = [
        (first.0, first.1, first.2, Hold::Right),
        (1_400, "1,400".into(), Role::Text2, Hold::Right),
        (1_460, "1,460 usual".into(), Role::Text2, Hold::Left),
    ];
    for (byte, words, role, hold) in marks {
        if byte > end {
            continue;
        }
        let x = at(byte);
        let color = p.get(role);
        painter.vline(
            x,
            bar.top() - 18.0..=bar.bottom() + 20.0,
            Stroke::new(2.0, color),
        );
        let dx = if hold == Hold::Left { 6.0 } else { -6.0 };
        let run = (words.as_str(), Face::Small.id(), color);
        text::mid(painter, pos2(x + dx, y + 4.0), hold, run, 220.0);
    }
}

fn not_recorded(ui: &Ui, rect: Rect) {
    let p = Palette::current(ui);
    let painter = ui.painter_at(rect);
    let height = 60.0_f32.min(rect.height() - 24.0).max(30.0);
    let frame = Rect::from_min_size(
        rect.min + vec2(12.0, 16.0),
        vec2(rect.width() - 24.0, height),
    );
    let path = [
        frame.left_top(),
        frame.right_top(),
        frame.right_bottom(),
        frame.left_bottom(),
        frame.left_top(),
    ];
    let stroke = Stroke::new(1.0, p.get(Role::Line2));
    painter.extend(egui::Shape::dashed_line(&path, stroke, 4.0, 4.0));
    icon::paint(
        &painter,
        Icon::Unknown,
        pos2(frame.left() + 24.0, frame.center().y),
        16.0,
        p.get(Role::Unknown),
        p.get(Role::Bg1),
    );
    let words = "The reads of this attempt were not recorded: run it once more with debug level 4 \
                 (Mbed TLS prints each read of the socket there).";
    let run = [(words, Face::Body.id(), p.get(Role::Text2))];
    let galley = text::paragraph(&painter, &run, frame.width() - 60.0, 18.0, 2);
    let y = frame.center().y - galley.size().y * 0.5;
    painter.galley(pos2(frame.left() + 44.0, y), galley, p.get(Role::Text2));
}
