//! What was answered so far, by evidence or by the person, newest first.

use egui::{Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use super::proof;
use crate::diagnose::{TreeAnswer, TreeNode, TreeNodeState};
use crate::session::Tone;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row};
use crate::ui::widget::{Button, mark_icon};

/// The list in `rect`.
pub fn answered(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let tree = &snap.diagnosis.tree;
    let done: Vec<&TreeNode> = tree
        .nodes
        .iter()
        .filter(|n| matches!(n.state, TreeNodeState::Done { .. }))
        .rev()
        .collect();
    inside(ui, rect, "answered", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        let p = Palette::current(ui);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                if done.is_empty() {
                    ui.add_space(10.0);
                    ui.horizontal(|ui| {
                        ui.add_space(12.0);
                        ui.colored_label(p.get(Role::Text2), "Nothing is answered yet.");
                    });
                }
                for node in &done {
                    one(ui, node, view);
                }
            });
    });
}

fn one(ui: &mut Ui, node: &TreeNode, view: &mut View<'_>) {
    let TreeNodeState::Done { answer, by } = &node.state else {
        return;
    };
    let p = Palette::current(ui);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 51.0), Sense::hover());
    let painter = ui.painter().clone();
    let line = Stroke::new(1.0, p.get(Role::Line));
    painter.hline(rect.x_range(), rect.bottom() - 0.5, line);
    let y = rect.top() + 16.0;
    let run = (node.id.as_str(), Face::Body.bold(), p.get(Role::Text));
    text::mid(&painter, pos2(rect.left() + 12.0, y), Hold::Left, run, 40.0);
    let tone = if node.contradicted {
        Tone::Warn
    } else {
        Tone::Ok
    };
    let ink = p.get(tone_role(tone));
    let right = rect.right() - 14.0;
    let run = (answer.as_str(), Face::Body.id(), ink);
    let word = text::mid(&painter, pos2(right, y), Hold::Right, run, 196.0);
    let at = pos2(word.left() - 11.0, y);
    icon::paint(&painter, mark_icon(tone), at, 12.0, ink, p.get(Role::Bg1));
    let x = rect.left() + 58.0;
    let run = (node.question.as_str(), Face::Body.id(), p.get(Role::Text));
    text::mid(&painter, pos2(x, y), Hold::Left, run, at.x - 16.0 - x);
    let by_words = match by {
        TreeAnswer::Evidence(_) => "by evidence",
        TreeAnswer::User if node.contradicted => "by you; evidence says otherwise",
        TreeAnswer::User => "by you",
    };
    let spoken = format!("{} {}: {answer}, {by_words}", node.id, node.question);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListItem, true, &spoken));
    let below = Rect::from_min_max(pos2(x, y + 8.0), pos2(right, rect.bottom() - 2.0));
    row(ui, below, &format!("by {}", node.id), |ui| {
        let words = egui::RichText::new(by_words).font(Face::Small.id());
        ui.label(words.color(p.get(Role::Text2)));
        match by {
            TreeAnswer::Evidence(origins) => proof::chip(ui, origins, view),
            TreeAnswer::User => {
                let name = format!("Take back {}", node.id);
                let button = Button::quiet("Take back").small().name(&name);
                if ui.add(button).clicked() {
                    view.session(Command::ClearAnswer(node.id.clone()));
                }
            }
        }
        let name = format!("Show {}", node.id);
        if ui.add(Button::quiet("Show").small().name(&name)).clicked() {
            view.state.diagnose.question = Some(node.id.clone());
            view.state.diagnose.tab = 1;
        }
    });
}
