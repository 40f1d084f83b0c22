//! Where a proof is, in two words, and the way to it.

use egui::Ui;

use crate::evidence::{Origin, Place};
use crate::session::Snapshot;
use crate::ui::command::Act;
use crate::ui::state::Spot;
use crate::ui::view::View;
use crate::ui::widget::source_chip;
use crate::ui::words;

/// Words for a place: `line 301`, `log 2, line 1`, `you`.
#[must_use]
pub fn place_words(origin: &Origin, snap: &Snapshot) -> String {
    let Origin::Read { input, place } = origin else {
        return match origin {
            Origin::Stated => "you".into(),
            Origin::Derived(rule) => words::middle(rule, 16),
            Origin::Read { .. } => String::new(),
        };
    };
    let which = match snap.inputs.iter().position(|i| i.id == *input) {
        Some(i) if snap.inputs.len() > 1 => format!("log {}, ", i + 1),
        _ => String::new(),
    };
    match place {
        Place::Line(n) => format!("{which}line {n}"),
        Place::Bytes { offset, len } => format!("{which}bytes {offset}–{}", offset + len),
        // Which field it is stands in the sentence beside it and in the hint.
        Place::Field(name) => {
            let file = snap.inputs.iter().find(|i| i.id == *input);
            file.map_or_else(|| words::middle(name, 16), |i| words::middle(&i.name, 16))
        }
        Place::Whole => {
            let name = snap.inputs.iter().find(|i| i.id == *input);
            name.map_or_else(|| "whole log".into(), |i| words::middle(&i.name, 20))
        }
    }
}

/// The line that a click goes to.
fn spot(origin: &Origin) -> Option<Spot> {
    match origin {
        Origin::Read {
            input,
            place: Place::Line(line),
        } => Some(Spot {
            input: *input,
            line: *line,
        }),
        _ => None,
    }
}

/// The chip of the first origin; a click shows its line, Alt+Left comes back.
pub fn chip(ui: &mut Ui, origins: &[Origin], view: &mut View<'_>) {
    let snap = view.snap.clone();
    let Some(first) = origins.first() else {
        return;
    };
    let mut shown = place_words(first, &snap);
    if origins.len() > 1 {
        shown = format!("{shown} +{}", origins.len() - 1);
    }
    let hint = match spot(first) {
        Some(at) => view
            .source
            .rows(at.input, at.line.saturating_sub(1)..at.line)
            .first()
            .map(|r| words::middle(&r.text, 120))
            .unwrap_or_default(),
        None => match first {
            Origin::Derived(rule) => rule.clone(),
            Origin::Read {
                place: Place::Field(name),
                ..
            } => name.clone(),
            _ => String::new(),
        },
    };
    let hint = if hint.is_empty() || spot(first).is_none() {
        hint
    } else {
        format!("{hint}\nBack with Alt Left")
    };
    if source_chip(ui, &shown, &hint).clicked()
        && let Some(at) = spot(first)
    {
        view.ask(Act::ShowLine(at));
    }
}
