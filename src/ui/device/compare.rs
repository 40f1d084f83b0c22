//! Two runs side by side: their ladders on common heights, the reads of both, what differs.
//!
//! In: two attempts of the snapshot. Out: the picture. What differs and what of it counts is the
//! session's to say.

use std::sync::Arc;

use egui::{Context, Id, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use super::reads;
use crate::session::compare::{Class, Comparison, Difference, compare, good_run};
use crate::session::{Tone, Verdict, VerdictKind};
use crate::timeline::Attempt;
use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::ladder::{LadderPair, pair, style};
use crate::ui::state::{CompareState, Room, Spot};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, panel, row_response, small_choice};
use crate::ui::words;

const GUTTER: f32 = 12.0;
const ROW: f32 = 27.0;
const TABLE_HEAD: f32 = 24.0;

/// What a comparison was made of, and the comparison.
type Kept = ((u64, usize, usize), Arc<Comparison>);

/// The comparison that is shown, made anew only when the session or the choice changes.
#[must_use]
pub fn compared(ctx: &Context, view: &View<'_>) -> Option<Arc<Comparison>> {
    let state = view.state.compare.as_ref()?;
    let good = view.snap.attempts.get(state.good)?;
    let bad = view.snap.attempts.get(state.bad)?;
    let wanted = (view.snap.revision, state.good, state.bad);
    let key = Id::unique("compared runs");
    if let Some((of, found)) = ctx.data(|d| d.get_temp::<Kept>(key))
        && of == wanted
    {
        return Some(found);
    }
    let found = Arc::new(compare(good, bad));
    ctx.data_mut(|d| d.insert_temp(key, (wanted, Arc::clone(&found))));
    Some(found)
}

/// What the verdict line says while two runs are compared.
#[must_use]
pub fn verdict_of(found: &Comparison) -> Verdict {
    if found.sentence.is_empty() {
        return Verdict {
            kind: VerdictKind::Completed,
            tone: Tone::Ok,
            word: "Alike".into(),
            sentence: "Nothing differs between the two runs that would not differ anyway.".into(),
            second: String::new(),
        };
    }
    let second = match found.first {
        Some(0) | None => String::new(),
        Some(n) => format!(
            "{} before it: the same in both runs",
            words::count(n as u64, "step", "steps")
        ),
    };
    Verdict {
        kind: VerdictKind::Inconclusive,
        tone: Tone::Warn,
        word: "Differs".into(),
        sentence: found.sentence.clone(),
        second,
    }
}

/// The place while two runs are compared; false where they are no longer there.
pub fn compare_place(ui: &mut Ui, rect: Rect, view: &mut View<'_>) -> bool {
    let snap = view.snap.clone();
    let found = compared(ui.ctx(), view);
    let chosen = view
        .state
        .compare
        .as_ref()
        .map(|s| (s.good, s.bad, s.unfold));
    let (Some(found), Some((good_at, bad_at, unfold))) = (found, chosen) else {
        view.state.compare = None;
        return false;
    };
    let (Some(good), Some(bad)) = (snap.attempts.get(good_at), snap.attempts.get(bad_at)) else {
        view.state.compare = None;
        return false;
    };
    let small = view.room <= Room::Narrow;
    #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
    let rows = found.differences.len().clamp(1, 6) as f32;
    let table_h = (TABLE_HEAD + ROW * rows + 4.0).min(rect.height() * 0.34);
    let any_reads = !small && (!good.reads.is_empty() || !bad.reads.is_empty());
    let reads_h = if any_reads && rect.height() > 560.0 {
        196.0
    } else {
        0.0
    };
    let table = rect.with_min_y(rect.bottom() - table_h);
    let mut upper = rect.with_max_y(table.top() - GUTTER);
    if reads_h > 0.0 {
        let middle = upper.with_min_y(upper.bottom() - reads_h);
        upper.set_bottom(middle.top() - GUTTER);
        let remark = "bytes as the device read them, one bar a read · offset in what was received";
        panel(ui, middle, "Read ladder", remark, |ui, rooms| {
            reads::reads_pair(ui, rooms.body, (good, bad), view);
        });
    }
    let half = (upper.width() - GUTTER) * 0.5;
    let left = upper.with_max_x(upper.left() + half);
    let right = upper.with_min_x(upper.right() - half);
    let left_body = side(ui, left, "Good", good, true, view);
    let right_body = side(ui, right, "This run", bad, false, view);
    let styles = (style(view, good), style(view, bad));
    let made = LadderPair::of((good, bad), &found, styles, unfold);
    pair(ui, (left_body, right_body), &made, (good, bad), view);
    differences(ui, table, &found, (good, bad), view);
    true
}

/// The panel of one run with the choice of another; gives its body.
fn side(
    ui: &mut Ui,
    rect: Rect,
    title: &str,
    run: &Attempt,
    good: bool,
    view: &mut View<'_>,
) -> Rect {
    let snap = view.snap.clone();
    let name = |a: &Attempt| {
        let input = snap.inputs.iter().find(|i| i.id == a.input);
        let input = input.map_or("", |i| i.name.as_str());
        format!("attempt {} · {}", a.index + 1, words::middle(input, 22))
    };
    let names: Vec<(usize, String)> = snap.attempts.iter().map(|a| (a.index, name(a))).collect();
    let options: Vec<(usize, &str)> = names.iter().map(|(i, n)| (*i, n.as_str())).collect();
    let (_, ended) = super::attempts::ended(run);
    panel(ui, rect, title, &ended, |ui, rooms| {
        row_from_right(ui, rooms.head, "compare head", |ui| {
            let mut chosen = run.index;
            let label = if good { "Good run" } else { "Run to look at" };
            let width = (rooms.head.width() - 40.0).clamp(60.0, 230.0);
            if small_choice(ui, label, width, &mut chosen, &options)
                && let Some(state) = &mut view.state.compare
            {
                if good {
                    state.good = chosen;
                } else {
                    state.bad = chosen;
                }
            }
            if !good && rooms.head.width() > 360.0 {
                let unfold = view.state.compare.as_ref().is_some_and(|s| s.unfold);
                let words = if unfold { "Fold" } else { "Unfold" };
                let button = Button::quiet(words).small().icon(Icon::Fold);
                let button = button.name("Fold what is the same in both runs");
                if ui.add(button).clicked()
                    && let Some(state) = &mut view.state.compare
                {
                    state.unfold = !unfold;
                }
            }
        });
        rooms.body
    })
}

/// The table of differences, suspicious ones first.
fn differences(
    ui: &mut Ui,
    rect: Rect,
    found: &Comparison,
    runs: (&Attempt, &Attempt),
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    crate::ui::widget::bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    let w = rect.width();
    let left = rect.left() + 10.0;
    let x = [
        left,
        left + 118.0,
        left + 118.0 + w * 0.22,
        left + 118.0 + w * 0.55,
    ];
    let painter = ui.painter().clone();
    for (x, word) in x.into_iter().zip(["Class", "What", "Good run", "This run"]) {
        let run = (word, Face::Caption.id(), p.get(Role::Text3));
        text::mid(&painter, pos2(x, rect.top() + 12.0), Hold::Left, run, 120.0);
    }
    let body = rect
        .with_min_y(rect.top() + TABLE_HEAD)
        .shrink2(vec2(1.0, 1.0));
    if found.differences.is_empty() {
        let words = "Every step that both show is the same.";
        let run = (words, Face::Body.id(), p.get(Role::Text2));
        text::mid(
            &painter,
            pos2(left, body.top() + 14.0),
            Hold::Left,
            run,
            w - 24.0,
        );
        return;
    }
    inside(ui, body, "differences", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(body));
        ui.spacing_mut().item_spacing.y = 0.0;
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.show_rows(ui, ROW, found.differences.len(), |ui, range| {
            for i in range {
                if let Some(d) = found.differences.get(i) {
                    difference(ui, i, d, x, runs, view);
                }
            }
        });
    });
}

fn difference(
    ui: &mut Ui,
    i: usize,
    d: &Difference,
    x: [f32; 4],
    (good, bad): (&Attempt, &Attempt),
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = format!(
        "{}, {}: {} in the good run, {} in this run",
        d.class.as_str(),
        d.what,
        d.good,
        d.bad
    );
    let on = view.state.compare.as_ref().and_then(|s| s.at) == Some(i);
    let response = row_response(ui, rect, ui.scope_id().with(("difference", i)), on, &name);
    if on {
        let key = Id::unique("difference in sight");
        if ui.ctx().data(|data| data.get_temp::<usize>(key)) != Some(i) {
            ui.ctx().data_mut(|data| data.insert_temp(key, i));
            response.scroll_to_me(None);
        }
    }
    let painter = ui.painter().clone();
    painter.hline(
        rect.x_range(),
        rect.top(),
        Stroke::new(1.0, p.get(Role::Line)),
    );
    let y = rect.center().y;
    let (mark, ink) = match d.class {
        Class::Suspicious => (Icon::Warn, Role::Warn),
        Class::Expected => (Icon::Ok, Role::Ok),
    };
    icon::paint(
        &painter,
        mark,
        pos2(x[0] + 6.0, y),
        12.0,
        p.get(ink),
        p.get(Role::Bg1),
    );
    let put = |at: f32, words: &str, face: Face, ink: Role, room: f32| {
        let run = (words, face.id(), p.get(ink));
        text::mid(&painter, pos2(at, y), Hold::Left, run, room);
    };
    put(x[0] + 18.0, d.class.as_str(), Face::Table, ink, 96.0);
    put(x[1], &d.what, Face::Table, Role::Text, x[2] - x[1] - 10.0);
    put(x[2], &d.good, Face::Mono, Role::Text, x[3] - x[2] - 10.0);
    put(
        x[3],
        &d.bad,
        Face::Mono,
        Role::Text,
        rect.right() - x[3] - 10.0,
    );
    if response.clicked() {
        let spot = match d.lines {
            (_, line) if line > 0 => Some((bad.input, line)),
            (line, _) if line > 0 => Some((good.input, line)),
            _ => None,
        };
        if let Some((input, line)) = spot {
            view.ask(Act::ShowLine(Spot { input, line }));
        }
    }
    response.on_hover_text(words::joined(&[&name, d.why]));
}

/// Opens the comparison of the shown attempt, or goes to the next difference of it.
pub fn next_difference(view: &mut View<'_>) {
    let snap = view.snap.clone();
    if let Some(state) = &mut view.state.compare {
        let (good, bad) = (snap.attempts.get(state.good), snap.attempts.get(state.bad));
        if let (Some(good), Some(bad)) = (good, bad) {
            let count = compare(good, bad).differences.len().max(1);
            state.at = Some(state.at.map_or(0, |at| (at + 1) % count));
        }
        return;
    }
    let shown = view
        .state
        .shown_attempt(&snap)
        .and_then(|i| snap.attempts.get(i));
    if let Some(attempt) = shown
        && let Some(good) = good_run(&snap.attempts, attempt)
    {
        view.ask(Act::Compare(Some(CompareState::of(
            good.index,
            attempt.index,
        ))));
    }
}
