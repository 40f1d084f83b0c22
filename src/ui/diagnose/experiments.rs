//! Experiments: what would tell most for its time, a form for a run that was made, and the log.
//!
//! Order, gain and sentences come with the snapshot; noting a run and taking it back are commands.

use egui::{Id, Rect, RichText, ScrollArea, Ui, vec2};

use crate::diagnose::{Planned, TrialResult, Tried};
use crate::session::Tone;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{Button, mark, text_field};

/// Result, word of the button, word of the log.
const RESULTS: [(TrialResult, &str, &str); 3] = [
    (TrialResult::Works, "It works", "works"),
    (TrialResult::Same, "Fails as before", "fails as before"),
    (
        TrialResult::Otherwise,
        "Fails in another way",
        "fails in another way",
    ),
];

/// All of it in `rect`.
pub fn experiments(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let experiments = view.snap.experiments.clone();
    inside(ui, rect.shrink2(vec2(12.0, 8.0)), "experiments", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.set_max_width(ui.available_width() - 8.0);
                if experiments.planned.is_empty() {
                    let words = "No single change would tell the causes apart now. A run that \
                                 was made can be noted below.";
                    small(ui, words, Role::Text2);
                }
                for planned in &experiments.planned {
                    proposal(ui, planned, view);
                }
                form(ui, &experiments.known, view);
                for (at, tried) in experiments.tried.iter().enumerate() {
                    logged(ui, at, tried, view);
                }
            });
    });
}

fn proposal(ui: &mut Ui, planned: &Planned, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let time = format!("about {} min", planned.minutes);
    let head = crate::ui::words::sentence_case(&planned.short);
    let runs = [
        (head.as_str(), Face::Row.bold(), p.get(Role::Text)),
        ("   ", Face::Small.id(), p.get(Role::Text2)),
        (time.as_str(), Face::Small.id(), p.get(Role::Text2)),
    ];
    text::label(ui, &runs, 19.0).on_hover_text(&planned.source);
    small(
        ui,
        &format!("{} {}", planned.change, planned.keep),
        Role::Text,
    );
    let says = match (&planned.if_works, &planned.if_same) {
        (Some(works), Some(same)) if works == same => {
            format!("Either way first: {works}. The outcome changes how likely it is.")
        }
        (works, same) => {
            let one = |how: &str, title: &Option<String>| {
                title
                    .as_ref()
                    .map_or_else(String::new, |t| format!("{how}: {t}. "))
            };
            one("If it works, first", works) + &one("If it fails as before", same)
        }
    };
    if !says.is_empty() {
        small(ui, says.trim_end(), Role::Text2);
    }
    results(ui, &planned.short, |result| {
        view.session(Command::NoteTrial(format!(
            "{}={}",
            planned.id,
            result.as_str()
        )));
    });
    ui.add_space(4.0);
    ui.separator();
}

/// A run that was made already, with one change or several.
fn form(ui: &mut Ui, known: &[(String, String)], view: &mut View<'_>) {
    if known.is_empty() {
        return;
    }
    let p = Palette::current(ui);
    let head = (
        "Note a run: what was changed?",
        Face::Row.bold(),
        p.get(Role::Text),
    );
    text::label(ui, &[head], 19.0);
    ui.horizontal_wrapped(|ui| {
        for (id, short) in known {
            let changed = &mut view.state.diagnose.changed;
            let at = changed.iter().position(|c| c == id);
            let name = format!("Changed: {short}");
            let button = Button::new(short)
                .small()
                .selected(at.is_some())
                .name(&name);
            if ui.add(button).clicked() {
                match at {
                    Some(at) => drop(changed.remove(at)),
                    None => changed.push(id.clone()),
                }
            }
        }
    });
    if view.state.diagnose.changed.is_empty() {
        small(
            ui,
            "Choose what was changed, then how it ended.",
            Role::Text2,
        );
    } else {
        let remark = &mut view.state.diagnose.remark;
        text_field(
            ui,
            Id::unique("trial remark"),
            remark,
            "Remark on the run",
            "remark, such as from 1,024 to 1,460 bytes",
            300.0,
        );
        let mut note = None;
        results(ui, "this run", |result| note = Some(result));
        if let Some(result) = note {
            let what = view.state.diagnose.changed.join("+");
            let mut text = format!("{what}={}", result.as_str());
            let remark = view.state.diagnose.remark.trim();
            if !remark.is_empty() {
                text = format!("{text}; {remark}");
            }
            view.state.diagnose.changed.clear();
            view.state.diagnose.remark.clear();
            view.session(Command::NoteTrial(text));
        }
    }
    ui.add_space(4.0);
}

fn logged(ui: &mut Ui, at: usize, tried: &Tried, view: &mut View<'_>) {
    ui.separator();
    let p = Palette::current(ui);
    let (_, _, word) = RESULTS
        .into_iter()
        .find(|(result, _, _)| *result == tried.trial.result)
        .unwrap_or(RESULTS[0]);
    ui.horizontal_wrapped(|ui| {
        let head = format!("{}. With {}", at + 1, tried.what);
        ui.label(
            RichText::new(head)
                .font(Face::Body.bold())
                .color(p.get(Role::Text)),
        );
        let tone = match tried.trial.result {
            TrialResult::Works => Tone::Ok,
            TrialResult::Same => Tone::Fail,
            TrialResult::Otherwise => Tone::Warn,
        };
        mark(ui, tone, word);
        let name = format!("Remove run {}", at + 1);
        if ui
            .add(Button::quiet("Remove").small().name(&name))
            .clicked()
        {
            view.session(Command::RemoveTrial(at));
        }
    });
    let ink = if tried.decides {
        Role::Text
    } else {
        Role::Text2
    };
    small(ui, &tried.sentence, ink);
    if !tried.trial.note.is_empty() {
        let note = crate::ui::words::visible(&tried.trial.note);
        small(ui, &format!("Remark: {note}"), Role::Text2);
    }
}

fn results(ui: &mut Ui, of: &str, mut chosen: impl FnMut(TrialResult)) {
    ui.horizontal_wrapped(|ui| {
        for (result, words, _) in RESULTS {
            let name = format!("{of}: {words}");
            if ui.add(Button::new(words).small().name(&name)).clicked() {
                chosen(result);
            }
        }
    });
}

fn small(ui: &mut Ui, words: &str, ink: Role) {
    let color = Palette::current(ui).get(ink);
    text::label(ui, &[(words, Face::Small.id(), color)], 16.0);
}
