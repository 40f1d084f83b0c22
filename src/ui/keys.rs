//! What keys do.
//!
//! In: key events that no text field took. Out: [`Act`]s.

use std::fmt::Write as _;

use egui::{Context, Event, Key, Modifiers};

use super::command::{Act, Dialog};
pub use super::key_table::{KEYS, KeyDoes, KeyRow};
use super::state::{Place, Room, WindowState};
use super::view::View;
use crate::session::Snapshot;
use crate::ui::command::Command;
use crate::ui::widget::panel_ids;

/// Words and key of a command, for tooltips: `Open a file (Ctrl O)`.
#[must_use]
pub fn hint(does: KeyDoes) -> String {
    KEYS.iter()
        .find(|r| r.does == does)
        .map(|r| format!("{} ({})", r.words, r.keys))
        .unwrap_or_default()
}

/// The key alone.
#[must_use]
pub fn keys_of(does: KeyDoes) -> &'static str {
    KEYS.iter().find(|r| r.does == does).map_or("", |r| r.keys)
}

/// Reads the keys of this frame. Call it after the views, so that text fields come first.
pub fn read(ctx: &Context, view: &mut View<'_>) {
    let typing = ctx.text_edit_focused();
    let widget = !typing && ctx.memory(|m| m.focused().is_some());
    if typing {
        view.state.diagnose.typing = None;
    } else {
        digits_after_q(ctx, view);
        pasted(ctx, view);
        if ctx.input(|i| i.events.iter().any(|e| matches!(e, Event::Copy))) {
            copy_line(view);
        }
    }
    for row in KEYS {
        let Some((modifiers, key)) = row.key else {
            continue;
        };
        if row.bare && typing {
            continue;
        }
        // A focused button takes Enter and Space for itself.
        if widget && matches!(key, Key::Enter | Key::Space) {
            continue;
        }
        if row.bare && view.state.diagnose.typing.is_some() && row.does != KeyDoes::Question {
            continue;
        }
        if ctx.input_mut(|i| pressed(i, modifiers, key)) {
            act(ctx, row.does, view);
        }
    }
}

/// Exactly these modifiers: `Ctrl 1` is no `1`.
fn pressed(i: &mut egui::InputState, modifiers: Modifiers, key: Key) -> bool {
    if modifiers.is_none() && !i.modifiers.is_none() {
        return false;
    }
    i.consume_key(modifiers, key)
}

fn pasted(ctx: &Context, view: &mut View<'_>) {
    let text = ctx.input(|i| {
        i.events.iter().find_map(|e| match e {
            Event::Paste(text) => Some(text.clone()),
            _ => None,
        })
    });
    if let Some(text) = text.filter(|t| !t.trim().is_empty()) {
        view.session(Command::Paste(text));
    }
}

/// Lines around a copied one.
const AROUND: u32 = 3;

/// The selected line with its place, its neighbours, what it means and the verdict; without a
/// selection the state of the case.
fn copy_line(view: &mut View<'_>) {
    let snap = view.snap.clone();
    if snap.inputs.is_empty() {
        return;
    }
    let spot = view
        .state
        .selected
        .filter(|_| view.state.place == Place::Device);
    let input = spot.and_then(|s| snap.inputs.iter().find(|i| i.id == s.input));
    let (Some(spot), Some(input)) = (spot, input) else {
        view.ask(Act::Copy {
            text: super::frame::for_a_call(&snap),
            done: "Copied the state of the case.".into(),
        });
        return;
    };
    let first = spot.line.saturating_sub(1 + AROUND);
    let rows = view.source.rows(spot.input, first..spot.line + AROUND);
    let mut text = format!("{}, line {}", input.name, spot.line);
    let inside = |a: &&std::sync::Arc<crate::timeline::Attempt>| {
        a.input == spot.input && (a.first_line..=a.last_line).contains(&spot.line)
    };
    if let Some(attempt) = snap.attempts.iter().find(inside) {
        let _ = write!(text, ", attempt {}", attempt.index + 1);
    }
    text.push('\n');
    let mut meaning = String::new();
    for row in &rows {
        let mark = if row.line == spot.line { '>' } else { ' ' };
        let time = if row.time.is_empty() {
            String::new()
        } else {
            format!("{} ", row.time)
        };
        let _ = writeln!(text, "{mark} {:>6}  {time}{}", row.line, row.text);
        if row.line == spot.line {
            meaning.clone_from(&row.meaning);
        }
    }
    if !meaning.is_empty() {
        let _ = writeln!(text, "It means: {meaning}");
    }
    let _ = writeln!(text, "Verdict: {}", snap.verdict.sentence);
    view.ask(Act::Copy {
        text,
        done: format!("Copied line {} with what belongs to it.", spot.line),
    });
}

fn digits_after_q(ctx: &Context, view: &mut View<'_>) {
    let Some(mut typed) = view.state.diagnose.typing.take() else {
        return;
    };
    let mut done = false;
    ctx.input_mut(|i| {
        i.events.retain(|event| match event {
            Event::Key {
                key, pressed: true, ..
            } => {
                let name = key.name();
                let digit = name.len() == 1 && name.as_bytes()[0].is_ascii_digit();
                if digit {
                    typed.push_str(name);
                } else if *key == Key::Backspace {
                    typed.pop();
                } else if *key != Key::Q {
                    done = true;
                }
                !digit
            }
            _ => true,
        });
    });
    let node = format!("Q{typed}");
    let known = |s: &Snapshot| s.diagnosis.tree.nodes.iter().any(|n| n.id == node);
    if known(&view.snap) {
        view.state.diagnose.question = Some(node);
        view.state.place = Place::Diagnose;
    }
    if !done && typed.len() < 3 {
        view.state.diagnose.typing = Some(typed);
    }
}

fn act(ctx: &Context, does: KeyDoes, view: &mut View<'_>) {
    match does {
        KeyDoes::Go(place) => view.ask(Act::Go(place)),
        KeyDoes::Open => view.ask(Act::Dialog(Dialog::Open)),
        KeyDoes::Paste | KeyDoes::CopyLine => {}
        KeyDoes::Codes => view.ask(Act::Codes(None)),
        KeyDoes::Find => view.ask(Act::Find(true)),
        KeyDoes::FindNext => view.ask(Act::FindNext),
        KeyDoes::Follow => view.state.log.follow = true,
        KeyDoes::Save => view.ask(Act::Dialog(Dialog::SaveSession)),
        KeyDoes::Report => view.ask(Act::Go(Place::Report)),
        KeyDoes::Address => view.ask(Act::Address),
        KeyDoes::ZoomIn => view.ask(Act::Zoom(ctx.zoom_factor() + 0.1)),
        KeyDoes::ZoomOut => view.ask(Act::Zoom(ctx.zoom_factor() - 0.1)),
        KeyDoes::ZoomReset => view.ask(Act::Zoom(1.0)),
        KeyDoes::Keys => view.ask(Act::Keys(!view.state.keys)),
        KeyDoes::NextPanel => next_panel(ctx, 1),
        KeyDoes::PreviousPanel => next_panel(ctx, -1),
        KeyDoes::Move(by) => move_selection(view, Step::By(by)),
        KeyDoes::First => move_selection(view, Step::First),
        KeyDoes::Last => move_selection(view, Step::Last),
        KeyDoes::Back => view.ask(Act::Back),
        KeyDoes::OpenProof => {
            if let Some(spot) = view.state.selected {
                view.ask(Act::ShowLine(spot));
            }
        }
        KeyDoes::Stop => view.ask(Act::GoToStop),
        KeyDoes::NextDifference if view.state.place == Place::Device => {
            super::device::next_difference(view);
        }
        KeyDoes::NextDifference => {}
        KeyDoes::TimeScale => view.state.time_scale = !view.state.time_scale,
        KeyDoes::Fold => view.state.ladder_fold = !view.state.ladder_fold,
        KeyDoes::Answer(n) => answer(view, n),
        KeyDoes::Question => view.state.diagnose.typing = Some(String::new()),
        KeyDoes::Escape => view.ask(Act::Escape),
    }
}

/// The answer with this number of the question that is shown.
fn answer(view: &mut View<'_>, number: u8) {
    if view.state.place != Place::Diagnose {
        return;
    }
    let snap = view.snap.clone();
    let tree = &snap.diagnosis.tree;
    let shown = view.state.diagnose.question.as_ref().or(tree.open.as_ref());
    let Some(node) = shown.and_then(|id| tree.nodes.iter().find(|n| n.id == *id)) else {
        return;
    };
    if let Some(option) = node.options.get(usize::from(number) - 1) {
        view.session(Command::Answer {
            node: node.id.clone(),
            option: option.label.clone(),
        });
    }
}

fn next_panel(ctx: &Context, by: i32) {
    let ids = panel_ids(ctx);
    if ids.is_empty() {
        return;
    }
    let focused = ctx.memory(egui::Memory::focused);
    let here = focused.and_then(|f| ids.iter().position(|id| *id == f));
    let last = ids.len() - 1;
    let next = match (here, by > 0) {
        (None, true) => 0,
        (Some(0) | None, false) => last,
        (Some(i), true) => {
            if i == last {
                0
            } else {
                i + 1
            }
        }
        (Some(i), false) => i - 1,
    };
    ctx.memory_mut(|m| m.request_focus(ids[next]));
}

enum Step {
    By(i8),
    First,
    Last,
}

/// Moves the selection along the proofs of the shown attempt.
fn move_selection(view: &mut View<'_>, step: Step) {
    if view.state.place != Place::Device || view.room == Room::Small && view.state.keys {
        return;
    }
    let lines = selectable(view.state, &view.snap);
    let Some((input, lines)) = lines else { return };
    let Some(last) = lines.len().checked_sub(1) else {
        return;
    };
    let here = view
        .state
        .selected
        .filter(|s| s.input == input)
        .map(|s| lines.partition_point(|&l| l < s.line).min(last));
    let index = match (step, here) {
        (Step::First, _) | (Step::By(1..), None) => 0,
        (Step::Last, _) | (Step::By(_), None) => last,
        (Step::By(by), Some(i)) => {
            let step = usize::from(by.unsigned_abs());
            if by < 0 {
                i.saturating_sub(step)
            } else {
                (i + step).min(last)
            }
        }
    };
    let line = lines[index];
    view.ask(Act::Select(Some(super::state::Spot { input, line })));
}

/// Lines that are rows of the ladder, in order.
fn selectable(
    state: &WindowState,
    snap: &Snapshot,
) -> Option<(crate::evidence::InputId, Vec<u32>)> {
    let attempt = snap.attempts.get(state.shown_attempt(snap)?)?;
    let mut lines: Vec<u32> = attempt
        .steps
        .iter()
        .map(|s| s.line)
        .chain(attempt.states.iter().map(|s| s.2))
        .filter(|&l| l > 0)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    Some((attempt.input, lines))
}
