//! The dates at length: the bars, a time that the person sets, and clocks that a device may have.

use egui::{Id, Key, Rect, ScrollArea, Ui, pos2, vec2};

use super::inspected::Inspected;
use super::{GUTTER, dates, stack, table};
use crate::cert::Validity;
use crate::session::Tone;
use crate::session::figures::parse_rfc3339;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row};
use crate::ui::widget::panel;
use crate::ui::widget::{Button, bare, tabs, text_field};
use crate::ui::words;

const BAR: f32 = 44.0;
const TABS: [&str; 2] = ["Clocks", "Axis"];

/// The view in `rect`.
pub fn clock_table(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let bar = rect.with_max_y(rect.top() + BAR);
    when(ui, bar, view, made);
    let body = rect.with_min_y(
        bar.bottom()
            + if view.room == Room::Small {
                4.0
            } else {
                GUTTER
            },
    );
    if view.room <= Room::Narrow {
        let line = body.with_max_y(body.top() + 34.0);
        let tab = view.state.certificates.dates_tab.min(1);
        if let Some(i) = row(ui, line, "date tabs", |ui| tabs(ui, &TABS, tab)) {
            view.state.certificates.dates_tab = i;
        }
        let body = body.with_min_y(line.bottom() + 4.0);
        if tab == 0 {
            clocks(ui, body, made);
        } else {
            dates::dates(ui, body, view, made);
        }
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
    let rows = made.rows.len().clamp(2, 8) as f32;
    let [a, b] = stack(body, [34.0 + 52.0 + rows * dates::ROW, 0.0]);
    dates::dates(ui, a, view, made);
    clocks(ui, b, made);
}

/// The time of judgement: where it comes from, and a field to set it.
fn when(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    let (at, from) = view.snap.judged_at;
    let at = at.div_euclid(1_000_000);
    let shown = moment(at);
    let said = match from {
        "now" => format!("Judged at {shown}, now"),
        "option" => format!("Judged at {shown}, as you set it"),
        from => format!("Judged at {shown}, time of the {from}"),
    };
    let _ = made;
    row(ui, rect.shrink2(vec2(12.0, 0.0)), "judged at", |ui| {
        let p = Palette::current(ui);
        let small = view.room == Room::Small;
        if !small {
            let width = (ui.available_width() * 0.45).min(430.0);
            let (space, response) = ui.allocate_exact_size(vec2(width, 24.0), egui::Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &said));
            let run = (said.as_str(), Face::Body.id(), p.get(Role::Text));
            text::mid(ui.painter(), space.left_center(), Hold::Left, run, width);
        }
        let state = &mut view.state.certificates;
        let id = Id::unique("judge at");
        let name = "Time to judge at";
        let field = text_field(
            ui,
            id,
            &mut state.at,
            name,
            "2038-01-19 or 2038-01-19T03:14:07Z",
            250.0,
        );
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let typed = parse_rfc3339(&state.at);
        let empty = state.at.trim().is_empty();
        let hint = if typed.is_some() {
            "Dates, causes and paths are judged as of this time"
        } else {
            "Write it as 2019-06-04 or 2019-06-04T07:54:18Z (UTC)"
        };
        let set = Button::new("Set")
            .enabled(typed.is_some())
            .hint(hint)
            .name("Judge at this time");
        let clicked = ui.add(set).clicked() || (enter && !empty);
        if clicked && let Some(at) = typed {
            view.session(Command::JudgeAt(Some(at)));
        }
        if from == "option"
            && ui
                .add(Button::quiet("Back to now").name("Judge by the inputs again"))
                .clicked()
        {
            view.session(Command::JudgeAt(None));
        }
    });
}

fn moment(unix_s: i64) -> String {
    let micros = unix_s.saturating_mul(1_000_000);
    let time = words::time_short(micros, crate::evidence::TimeBase::DayTime);
    format!("{} {time} UTC", words::date(micros))
}

/// Clocks against certificates.
fn clocks(ui: &mut Ui, rect: Rect, made: &Inspected) {
    let remark = "what a device with this clock makes of each certificate";
    panel(ui, rect, "Clocks of devices", remark, |ui, rooms| {
        inside(ui, rooms.body, "clock rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let w = ui.available_width();
            let parts: Vec<&str> = made.clock_parts.iter().map(String::as_str).collect();
            let narrow = w < 620.0;
            let first = if narrow { 178.0 } else { 400.0 };
            #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
            let step = ((w - first - 8.0) / parts.len().max(1) as f32).clamp(70.0, 170.0);
            let mut heads = vec![("Clock", 12.0, Hold::Left)];
            if !narrow {
                heads.push(("It reads", 236.0, Hold::Left));
            }
            #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
            for (i, part) in parts.iter().enumerate() {
                heads.push((part, first + i as f32 * step, Hold::Left));
            }
            table::head(ui, &heads);
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for (k, clock) in made.clocks.iter().enumerate() {
                    let verdicts: Vec<String> = parts
                        .iter()
                        .zip(&clock.verdicts)
                        .map(|(part, v)| format!("{part} {}", word(*v).1))
                        .collect();
                    let reads = moment(clock.unix_s);
                    let name = format!("{}, {reads}: {}", clock.name, verdicts.join(", "));
                    let id = Id::unique(("clock", k));
                    let (rect, response) = table::row(ui, table::ROW, id, false, &name);
                    let room = if narrow { first - 20.0 } else { 216.0 };
                    table::cell(ui, rect, 12.0, Hold::Left, &clock.name, Role::Text, room);
                    if !narrow {
                        let p = Palette::current(ui);
                        let run = (reads.as_str(), Face::MonoTiny.id(), p.get(Role::Text2));
                        let at = pos2(rect.left() + 236.0, rect.center().y);
                        text::mid(ui.painter(), at, Hold::Left, run, 160.0);
                    }
                    #[expect(clippy::cast_precision_loss, reason = "a handful of certificates")]
                    for (i, verdict) in clock.verdicts.iter().enumerate() {
                        let (tone, words) = word(*verdict);
                        let x = first + i as f32 * step;
                        table::verdict(ui, rect, x, tone, words, step - 4.0);
                    }
                    response
                        .on_hover_text(format!("{name}\n{}\nSource: {}", clock.says, clock.source));
                }
            });
        });
    });
}

fn word(validity: Validity) -> (Tone, &'static str) {
    match validity {
        Validity::Valid => (Tone::Ok, "valid"),
        Validity::NotYet => (Tone::Fail, "not yet"),
        Validity::Expired => (Tone::Fail, "expired"),
        Validity::Unknown => (Tone::Unknown, "unknown"),
    }
}
