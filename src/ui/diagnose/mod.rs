//! The Diagnose place: ranked causes beside the guided tree, the open question, what was answered
//! and what the person states.
//!
//! All of it is what the snapshot holds; answering and stating are commands.

mod answered;
mod beside;
mod causes;
mod experiments;
mod facts;
mod map;
mod proof;
mod question;

use egui::{Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::icon::Icon;
use super::keys::{self, KeyDoes};
use super::state::{Lower, Room};
use super::view::{View, inside, row, row_from_right};
use super::widget::{Button, Empty, Split, empty, panel, splitter, tabs};
use crate::diagnose::{TreeNode, TreeState};
use crate::session::Tone;

const GUTTER: f32 = 12.0;

/// Shows the place in `rect`.
pub fn diagnose(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let nothing = snap.inputs.is_empty()
        && snap.diagnosis.causes.is_empty()
        && view.source.stated_facts().is_empty()
        && snap.diagnosis.tree.nodes.is_empty();
    if nothing {
        panel(ui, rect, "Diagnose", "", |ui, rooms| {
            inside(ui, rooms.body.shrink2(vec2(20.0, 24.0)), "empty", |ui| {
                empty(
                    ui,
                    &Empty {
                        icon: Icon::Tree,
                        tone: Tone::Unknown,
                        title: "Nothing to judge yet",
                        sentence: "Open a log or connect a device: causes appear here by rank, \
                                   each with its proof, beside the questions that separate them.",
                    },
                );
                let hint = keys::hint(KeyDoes::Open);
                if ui.add(Button::primary("Open a file").hint(&hint)).clicked() {
                    view.ask(super::command::Act::Dialog(super::command::Dialog::Open));
                }
            });
        });
        return;
    }
    if view.room <= Room::Narrow {
        narrow(ui, rect, view);
        return;
    }
    let w = rect.width();
    let right_w = match view.state.split[1] {
        Some(width) => width.clamp(420.0, (w - 420.0).max(421.0)),
        None => (w * 0.515).clamp(420.0, 900.0),
    };
    let left = rect.with_max_x(rect.right() - right_w - GUTTER);
    let right = rect.with_min_x(left.right() + GUTTER);
    causes::causes(ui, left, view);
    right_column(ui, right, view);
    let gutter = Rect::from_min_max(left.right_top(), right.left_bottom());
    let moved = splitter(ui, gutter, Split::Columns, "Width of the tree");
    if moved != 0.0 {
        view.state.split[1] = Some(right_w - moved);
    }
}

fn right_column(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    if view.state.diagnose.whole_tree {
        tree_panel(ui, rect, view);
        return;
    }
    let question_h = question::height(ui, rect.width(), view);
    let left_over = rect.height() - question_h - 2.0 * GUTTER;
    let map_h = (left_over * 0.59).clamp(150.0, 272.0);
    let map = rect.with_max_y(rect.top() + map_h);
    let card = Rect::from_min_size(
        pos2(rect.left(), map.bottom() + GUTTER),
        vec2(rect.width(), question_h),
    );
    let below = rect.with_min_y(card.bottom() + GUTTER);
    tree_panel(ui, map, view);
    question::question(ui, card, view);
    if below.height() > 60.0 {
        lower_panel(ui, below, view);
    }
}

fn tree_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let path = view.snap.diagnosis.tree.path.join(", ");
    let remark = if path.is_empty() {
        String::new()
    } else {
        format!("path {path}")
    };
    panel(ui, rect, "Where you are", &remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "tree head", |ui| {
            let whole = view.state.diagnose.whole_tree;
            let words = if whole { "Map" } else { "Whole tree" };
            if ui.add(Button::new(words).small()).clicked() {
                view.state.diagnose.whole_tree = !whole;
            }
        });
        map::map(ui, rooms.body, view);
    });
}

/// Answered so far, or the facts form.
fn lower_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let lower = view.state.diagnose.lower;
    let (title, remark) = match lower {
        Lower::Answers => ("Answered so far", "open a chip to see the proof"),
        Lower::Facts => ("Facts you state", "what no log shows"),
        Lower::Experiments => ("Experiments", "one change at a time"),
    };
    panel(ui, rect, title, remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "lower head", |ui| {
            // From the right.
            for (words, tab) in [
                ("Experiments", Lower::Experiments),
                ("State a fact", Lower::Facts),
                ("Answers", Lower::Answers),
            ] {
                let button = Button::new(words).small().selected(lower == tab);
                if ui.add(button).clicked() {
                    view.state.diagnose.lower = tab;
                }
            }
        });
        match lower {
            Lower::Answers => answered::answered(ui, rooms.body, view),
            Lower::Facts => facts::facts(ui, rooms.body, view),
            Lower::Experiments => experiments::experiments(ui, rooms.body, view),
        }
    });
}

/// One panel at a time.
fn narrow(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let small = view.room == Room::Small;
    let bar = rect.with_max_y(rect.top() + 36.0);
    let names = ["Causes", "Question", "Answered", "Facts", "Trials"];
    let tab = view.state.diagnose.tab.min(4);
    let clicked = row(ui, bar.shrink2(vec2(10.0, 0.0)), "diagnose tabs", |ui| {
        tabs(ui, &names, tab)
    });
    if let Some(i) = clicked {
        view.state.diagnose.tab = i;
    }
    let mut body = rect.with_min_y(bar.bottom() + 4.0);
    if small {
        body = body.shrink2(vec2(6.0, 2.0));
    }
    match tab {
        0 => causes::causes(ui, body, view),
        1 => inside(ui, body, "question", |ui| {
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    let at = ui.cursor().min;
                    let height = question::height(ui, body.width() - 8.0, view);
                    let card = Rect::from_min_size(at, vec2(body.width() - 8.0, height));
                    question::question(ui, card, view);
                    let map_h = (body.height() - height - GUTTER).max(240.0);
                    let map = Rect::from_min_size(
                        pos2(at.x, card.bottom() + GUTTER),
                        vec2(card.width(), map_h),
                    );
                    tree_panel(ui, map, view);
                    ui.allocate_rect(card.union(map), Sense::hover());
                });
        }),
        2 => {
            super::widget::bare(
                ui,
                body,
                super::theme::Role::Bg1,
                super::theme::Role::Line,
                1.0,
            );
            answered::answered(ui, body.shrink(1.0), view);
        }
        _ => {
            super::widget::bare(
                ui,
                body,
                super::theme::Role::Bg1,
                super::theme::Role::Line,
                1.0,
            );
            if tab == 3 {
                facts::facts(ui, body.shrink(1.0), view);
            } else {
                experiments::experiments(ui, body.shrink(1.0), view);
            }
        }
    }
}

/// The question that the card shows: the one that was asked for, else the open one.
#[must_use]
pub fn shown_question<'a>(tree: &'a TreeState, view: &View<'_>) -> Option<&'a TreeNode> {
    let id = view
        .state
        .diagnose
        .question
        .as_ref()
        .or(tree.open.as_ref())?;
    tree.nodes.iter().find(|n| n.id == *id)
}
