//! What stands beside the causes: the rest of the probability, findings, what was ruled out, how to
//! get a better log.

use egui::{Rect, Role as Named, Sense, Ui, WidgetInfo, pos2, vec2};

use super::causes::{INDENT, evidence_row, line_height, percent, sentence};
use super::proof;
use crate::diagnose::Diagnosis;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, row_from_right};
use crate::ui::widget::bare;
use crate::ui::words;

/// What is left for causes that are not named.
pub fn other(ui: &mut Ui, share: f64) {
    let p = Palette::current(ui);
    let words = format!("Something else: {} %.", percent(share));
    let run = [(words.as_str(), Face::Small.id(), p.get(Role::Text2))];
    text::label(ui, &run, 16.0);
}

/// A finding with its proof.
pub fn note(ui: &mut Ui, words: &str, origins: &[crate::evidence::Origin], view: &mut View<'_>) {
    let p = Palette::current(ui);
    let width = ui.available_width();
    let run = [(words, Face::Body.id(), p.get(Role::Text))];
    let galley = text::paragraph(ui.painter(), &run, width - 36.0 - 130.0, 18.0, 5);
    let (rect, response) = ui.allocate_exact_size(
        vec2(width, galley.size().y.max(18.0) + 18.0),
        Sense::hover(),
    );
    bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    let painter = ui.painter().clone();
    let at = pos2(rect.left() + 18.0, rect.top() + 18.0);
    icon::paint(
        &painter,
        Icon::Look,
        at,
        13.0,
        p.get(Role::Text2),
        p.get(Role::Bg1),
    );
    painter.galley(
        pos2(rect.left() + 34.0, rect.top() + 9.0),
        galley,
        p.get(Role::Text),
    );
    response.widget_info(|| WidgetInfo::labeled(Named::Label, true, words));
    let chip = Rect::from_min_max(
        pos2(rect.right() - 130.0, rect.top() + 6.0),
        pos2(rect.right() - 12.0, rect.top() + 30.0),
    );
    row_from_right(ui, chip, &format!("note {words}"), |ui| {
        proof::chip(ui, origins, view);
    });
}

/// Causes that a fact rules out, with the fact.
pub fn ruled_out(ui: &mut Ui, diagnosis: &Diagnosis, view: &mut View<'_>) {
    if diagnosis.eliminated.is_empty() {
        return;
    }
    let p = Palette::current(ui);
    let n = diagnosis.eliminated.len() as u64;
    let title = format!("Ruled out: {}", words::count(n, "cause", "causes"));
    text::label(ui, &[(&title, Face::Body.bold(), p.get(Role::Text2))], 18.0);
    for (i, gone) in diagnosis.eliminated.iter().enumerate() {
        let width = ui.available_width();
        let galley = sentence(ui, &gone.reason.sentence, width);
        let height = 28.0 + line_height(&galley) + 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        bare(ui, rect, Role::Bg1, Role::Line, 1.0);
        let painter = ui.painter().clone();
        let y = rect.top() + 17.0;
        let at = pos2(rect.left() + 25.0, y);
        icon::paint(
            &painter,
            Icon::Fail,
            at,
            12.0,
            p.get(Role::Text3),
            p.get(Role::Bg1),
        );
        let run = (gone.title.as_str(), Face::Body.id(), p.get(Role::Text2));
        let room = width - INDENT - 120.0;
        text::mid(
            &painter,
            pos2(rect.left() + INDENT, y),
            Hold::Left,
            run,
            room,
        );
        let word = format!("{} refuted", gone.number);
        let run = (word.as_str(), Face::Caption.id(), p.get(Role::Text3));
        text::mid(
            &painter,
            pos2(rect.right() - 12.0, y),
            Hold::Right,
            run,
            110.0,
        );
        let spoken = format!("Refuted: {}, {}", gone.title, gone.id);
        let head = rect.with_max_y(rect.top() + 28.0);
        ui.interact(head, ui.scope_id().with(("refuted", i)), Sense::hover())
            .widget_info(|| WidgetInfo::labeled(Named::Label, true, &spoken));
        let row = Rect::from_min_size(pos2(rect.left(), rect.top() + 27.0), vec2(width, 24.0));
        evidence_row(ui, row, &gone.reason, galley, &format!("refuted {i}"), view);
    }
}

/// How to get a log that tells more.
pub fn better_log(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    let title = "How to get a log that tells more";
    text::label(ui, &[(title, Face::Body.bold(), p.get(Role::Text2))], 18.0);
    text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text))], 18.0);
}
