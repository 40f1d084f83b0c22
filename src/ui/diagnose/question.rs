//! The card of the open question: what is asked, how to find out, the answers.

use egui::{Color32, CornerRadius, Rect, Role as Named, Sense, Ui, WidgetInfo, pos2, vec2};

use super::shown_question;
use crate::diagnose::{TreeAnswer, TreeNode, TreeNodeState};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{Button, bare};

const LEFT: f32 = 74.0;

struct Words {
    title: String,
    how: String,
}

fn words(view: &View<'_>) -> Words {
    let snap = &view.snap;
    let tree = &snap.diagnosis.tree;
    if let Some(node) = shown_question(tree, view) {
        let mut how = node.how.clone();
        match &node.state {
            TreeNodeState::Done { answer, by } => {
                let by = match by {
                    TreeAnswer::Evidence(_) => "by evidence",
                    TreeAnswer::User => "by you",
                };
                how = format!("Answered: {answer}, {by}. {how}");
            }
            TreeNodeState::Closed { reason } => how = format!("Closed: {reason}. {how}"),
            TreeNodeState::Open | TreeNodeState::Current => {}
        }
        if node.contradicted {
            how = format!("Evidence says otherwise than your answer. {how}");
        }
        return Words {
            title: node.question.clone(),
            how,
        };
    }
    let named: Vec<&str> = tree
        .leaves
        .iter()
        .map(|id| {
            let cause = snap.diagnosis.causes.iter().find(|c| c.id == *id);
            cause.map_or(id.as_str(), |c| c.title.as_str())
        })
        .collect();
    if named.is_empty() {
        return Words {
            title: "No question is open".into(),
            how: "What was read answers all questions that apply, or none applies yet.".into(),
        };
    }
    Words {
        title: "The questions lead here".into(),
        how: named.join(", "),
    }
}

/// Height that the card needs at this width.
#[must_use]
pub fn height(ui: &Ui, width: f32, view: &View<'_>) -> f32 {
    let words = words(view);
    let (title, how) = galleys(ui, width, &words);
    let answers = match shown_question(&view.snap.diagnosis.tree, view) {
        Some(node) => answer_rows(ui, node, width) * 50.0 + 30.0,
        None => 0.0,
    };
    14.0 + title.size().y + 4.0 + how.size().y + 14.0 + answers + 6.0
}

fn galleys(
    ui: &Ui,
    width: f32,
    words: &Words,
) -> (std::sync::Arc<egui::Galley>, std::sync::Arc<egui::Galley>) {
    let p = Palette::current(ui);
    let room = width - LEFT - 16.0;
    let run = [(words.title.as_str(), Face::Question.id(), p.get(Role::Text))];
    let title = text::paragraph(ui.painter(), &run, room, 24.0, 4);
    let run = [(words.how.as_str(), Face::Body.id(), p.get(Role::Text2))];
    (title, text::paragraph(ui.painter(), &run, room, 18.0, 8))
}

/// How many rows the answers take.
fn answer_rows(ui: &Ui, node: &TreeNode, width: f32) -> f32 {
    let room = width - LEFT - 16.0;
    let (mut rows, mut x) = (1.0, 0.0);
    for option in &node.options {
        let w = text::width(ui.painter(), &option.label, Face::Body.bold()) + 24.0;
        if x > 0.0 && x + 10.0 + w > room {
            rows += 1.0;
            x = 0.0;
        }
        x += w + 10.0;
    }
    rows
}

/// The card in `rect`.
pub fn question(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    bare(ui, rect, Role::Bg1, Role::Accent, 2.0);
    let snap = view.snap.clone();
    let tree = &snap.diagnosis.tree;
    let node = shown_question(tree, view);
    let said = words(view);
    let (title, how) = galleys(ui, rect.width(), &said);
    let painter = ui.painter().clone();
    if let Some(node) = node {
        let run = [(node.id.as_str(), Face::Row.bold(), p.get(Role::OnAccent))];
        let galley = text::line(&painter, &run, 60.0);
        let chip = Rect::from_min_size(
            rect.min + vec2(18.0, 16.0),
            vec2(galley.size().x + 18.0, 24.0),
        );
        painter.rect_filled(chip, CornerRadius::same(4), p.get(Role::Accent));
        text::put(
            &painter,
            chip.center().x,
            chip.center().y + 5.0,
            Hold::Centre,
            galley,
        );
    }
    // Where the questions end, the cause has the chip.
    let leaf = tree.leaves.first().filter(|_| node.is_none());
    let cause = leaf.and_then(|id| snap.diagnosis.causes.iter().find(|c| c.id == *id));
    if let Some(cause) = cause {
        let run = [(cause.number.as_str(), Face::Row.bold(), p.get(Role::Text))];
        let galley = text::line(&painter, &run, 60.0);
        let chip = Rect::from_min_size(
            rect.min + vec2(14.0, 16.0),
            vec2(galley.size().x + 16.0, 24.0),
        );
        painter.rect_filled(chip, CornerRadius::same(4), p.get(Role::Bg3));
        let at = chip.center();
        text::put(&painter, at.x, at.y + 5.0, Hold::Centre, galley);
    }
    let x = rect.left() + LEFT;
    let mut y = rect.top() + 14.0;
    let words_rect = Rect::from_min_size(pos2(x, y), title.size() + vec2(0.0, how.size().y));
    painter.galley(pos2(x, y), title.clone(), Color32::PLACEHOLDER);
    y += title.size().y + 4.0;
    painter.galley(pos2(x, y), how.clone(), Color32::PLACEHOLDER);
    y += how.size().y + 14.0;
    let id = node.map_or("", |n| n.id.as_str());
    let spoken = format!("Question {id}: {} {}", said.title, said.how);
    ui.interact(words_rect, ui.scope_id().with("question"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Named::Label, true, spoken.trim()));
    let Some(node) = node else { return };
    let answers = Rect::from_min_max(pos2(x, y), pos2(rect.right() - 14.0, rect.bottom() - 6.0));
    inside(ui, answers, "answers", |ui| answers_row(ui, node, view));
}

fn answers_row(ui: &mut Ui, node: &TreeNode, view: &mut View<'_>) {
    let done = match &node.state {
        TreeNodeState::Done { answer, by } => Some((answer.as_str(), by)),
        _ => None,
    };
    ui.spacing_mut().item_spacing = vec2(10.0, 10.0);
    ui.horizontal_wrapped(|ui| {
        for (i, option) in node.options.iter().enumerate() {
            let key = format!("key {}", i + 1);
            let chosen = done.is_some_and(|(answer, _)| answer == option.label);
            let button = Button::new(&option.label).tall().selected(chosen);
            let button = if i < 4 { button.hint(&key) } else { button };
            if ui.add(button).clicked() {
                view.session(Command::Answer {
                    node: node.id.clone(),
                    option: option.label.clone(),
                });
            }
        }
    });
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        let p = Palette::current(ui);
        let n = node.options.len().min(4);
        let keys: Vec<String> = (1..=n).map(|k| k.to_string()).collect();
        let words = format!(
            "keys {} · every answer can be changed later",
            keys.join(", ")
        );
        let words = if view.room == Room::Small {
            format!("keys {}", keys.join(", "))
        } else {
            words
        };
        let remark = egui::RichText::new(words).font(Face::Small.id());
        ui.label(remark.color(p.get(Role::Text3)));
        if matches!(done, Some((_, TreeAnswer::User))) {
            let name = format!("Take back the answer to {}", node.id);
            if ui
                .add(Button::quiet("Take back").small().name(&name))
                .clicked()
            {
                view.session(Command::ClearAnswer(node.id.clone()));
            }
        }
        if view.state.diagnose.question.is_some()
            && ui.add(Button::quiet("Open question").small()).clicked()
        {
            view.state.diagnose.question = None;
        }
    });
}
