//! How far the probe is: its questions with marks, Cancel, and the probes before it.

use egui::{ComboBox, CornerRadius, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::server::Stage;
use crate::session::{ProbeOutcome, ProbeRun, ServerSeen, Tone};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, PANEL_HEAD, mark_icon, panel};
use crate::ui::words;

const LINE: f32 = 26.0;

/// Height that the panel would like.
pub fn height(seen: &ServerSeen) -> f32 {
    let lines = match &seen.run {
        Some(run) if run.is_running() => run.stages.len().max(5) + 1,
        Some(run) => lines(run).len().max(2) + if seen.counts { 0 } else { 2 },
        None => 3,
    };
    #[expect(clippy::cast_precision_loss, reason = "a dozen lines")]
    let lines = lines as f32;
    PANEL_HEAD + 14.0 + lines * LINE
}

/// The same within this much room, cut in the middle of a line: so one sees that it goes on.
pub fn height_within(seen: &ServerSeen, room: f32) -> f32 {
    let around = PANEL_HEAD + 14.0;
    let whole = height(seen);
    if whole <= room {
        return whole;
    }
    around + (((room - around) / LINE).floor() - 0.5).max(1.5) * LINE
}

/// The panel.
pub fn asking(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let Some(run) = &seen.run else {
        not_asked(ui, rect, seen);
        return;
    };
    let running = run.is_running();
    let title = if running {
        "Asking the server"
    } else {
        "Asked"
    };
    let remark = if running {
        String::new()
    } else {
        words::count(run.connections as u64, "connection", "connections")
    };
    panel(ui, rect, title, &remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "asking head", |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            if running {
                let stopping = matches!(run.outcome, ProbeOutcome::Stopping);
                let words = if stopping { "Stopping" } else { "Cancel" };
                let button = Button::new(words)
                    .small()
                    .icon(Icon::Fail)
                    .enabled(!stopping);
                let hint = "Stops at once; what was found is kept (Esc)";
                if ui.add(button.hint(hint).name("Cancel the probe")).clicked() {
                    view.session(Command::CancelProbe(run.number));
                }
            } else {
                let button = Button::quiet("Remove").small().name("Remove this probe");
                if ui
                    .add(button.hint("Takes it out of the session with what it proved"))
                    .clicked()
                {
                    view.session(Command::RemoveProbe(run.number));
                    view.state.server.probe = None;
                }
                if view.snap.probes.len() > 1 {
                    which(ui, view, run);
                }
            }
        });
        inside(ui, rooms.body.shrink2(vec2(12.0, 6.0)), "stages", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if running {
                bar(ui, run);
            }
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.stick_to_bottom(running).show(ui, |ui| {
                for (tone, what, gave) in lines(run) {
                    line(ui, tone, &what, &gave);
                }
                if !seen.counts && !running {
                    let p = Palette::current(ui);
                    let words = "Another host or port than the device\u{2019}s: not used as \
                                 evidence of this case.";
                    ui.add_space(4.0);
                    text::label(ui, &[(words, Face::Small.id(), p.get(Role::Warn))], 16.0);
                }
            });
        });
    });
}

/// Which probe is looked at.
fn which(ui: &mut Ui, view: &mut View<'_>, run: &ProbeRun) {
    let name = |r: &ProbeRun| {
        format!(
            "Probe {}: {} port {}",
            r.number, r.target.host, r.target.port
        )
    };
    let full = name(run);
    let short = format!("Probe {}", run.number);
    ui.spacing_mut().interact_size.y = 26.0;
    let mut chosen = None;
    let combo = ComboBox::from_id_salt("which probe")
        .selected_text(short)
        .width(92.0)
        .show_ui(ui, |ui| {
            for other in view.snap.probes.iter().rev() {
                let words = words::visible(&name(other));
                if ui
                    .selectable_label(other.number == run.number, words)
                    .clicked()
                {
                    chosen = Some(other.number);
                }
            }
        });
    combo.response.accessible_name(full);
    if chosen.is_some() {
        view.state.server.probe = chosen;
    }
}

/// Known share: stages begun of those that there are.
fn bar(ui: &mut Ui, run: &ProbeRun) {
    let p = Palette::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 12.0), Sense::hover());
    let track = Rect::from_center_size(rect.center(), vec2(rect.width(), 6.0));
    ui.painter()
        .rect_filled(track, CornerRadius::same(2), p.get(Role::Bg3));
    let at = run
        .stage()
        .and_then(|s| Stage::ALL.iter().position(|o| *o == s))
        .unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "twelve stages")]
    let share = (at as f32 + 0.5) / Stage::ALL.len() as f32;
    let done = track.with_max_x(track.left() + track.width() * share);
    ui.painter()
        .rect_filled(done, CornerRadius::same(2), p.get(Role::Accent));
    let name = format!(
        "Question {} of {}, connection {}",
        at + 1,
        Stage::ALL.len(),
        run.connections
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
}

/// Marks, questions and what they gave.
fn lines(run: &ProbeRun) -> Vec<(Tone, String, String)> {
    let mut out: Vec<(Tone, String, String)> = run
        .stages
        .iter()
        .map(|s| {
            let what = s.stage.words().to_owned();
            match &s.found {
                Some((gave, true)) => (Tone::Ok, what, gave.clone()),
                Some((gave, false)) => (Tone::Fail, what, gave.clone()),
                None if run.is_running() => (
                    Tone::Waiting,
                    what,
                    format!("connection {}", run.connections),
                ),
                None if matches!(run.outcome, ProbeOutcome::Failed { .. }) => {
                    (Tone::Fail, what, "failed".into())
                }
                None => (Tone::Unknown, what, "not finished".into()),
            }
        })
        .collect();
    match &run.outcome {
        ProbeOutcome::Failed { sentence, .. } => {
            out.push((Tone::Fail, sentence.clone(), String::new()));
        }
        ProbeOutcome::Done(probe) => {
            if out.is_empty() {
                let place = format!("{} port {}", run.target.host, run.target.port);
                out.push((Tone::Ok, "Asked before".into(), place));
                let when = crate::ui::words::date(run.at);
                out.push((Tone::Ok, "On".into(), when));
            }
            if let Some(stop) = probe.stopped {
                out.push((
                    Tone::Warn,
                    stop.to_string(),
                    "what was found is kept".into(),
                ));
            }
        }
        ProbeOutcome::Running | ProbeOutcome::Stopping => {}
    }
    out
}

fn line(ui: &mut Ui, tone: Tone, what: &str, gave: &str) {
    let p = Palette::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let ink = p.get(tone_role(tone));
    let at = pos2(rect.left() + 7.0, rect.center().y);
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        12.0,
        ink,
        p.get(Role::Bg1),
    );
    let what = words::visible(what);
    let gave = words::visible(gave);
    let run = (what.as_str(), Face::Body.id(), p.get(Role::Text));
    let left = pos2(rect.left() + 28.0, rect.center().y);
    let used = text::mid(ui.painter(), left, Hold::Left, run, rect.width() - 40.0);
    let run = (gave.as_str(), Face::Small.id(), p.get(Role::Text2));
    let room = (rect.right() - used.right() - 10.0).max(20.0);
    let right = pos2(rect.right() - 2.0, rect.center().y);
    text::mid(ui.painter(), right, Hold::Right, run, room);
    let name = format!("{what}: {gave}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    response.on_hover_text(name);
}

/// Lists of the evidence, nothing asked.
fn not_asked(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    panel(
        ui,
        rect,
        "Asking the server",
        "not asked yet",
        |ui, rooms| {
            inside(
                ui,
                rooms.body.shrink2(vec2(12.0, 10.0)),
                "not asked",
                |ui| {
                    let p = Palette::current(ui);
                    let chip = seen.server.as_ref().map_or("", |s| s.chip.as_str());
                    let words = format!(
                        "What stands here is what the evidence lists ({chip}). Ask the server to measure \
                 versions, order, names and the chain as well."
                    );
                    text::label(ui, &[(&words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                },
            );
        },
    );
}
