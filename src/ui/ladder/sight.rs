//! What of a ladder is in sight: rows above it, rows that came below it, the selected one.

use egui::{Id, Rect, Ui, UiBuilder, pos2, vec2};

use super::model::Ladder;
use crate::timeline::Attempt;
use crate::ui::icon::Icon;
use crate::ui::view::View;
use crate::ui::widget::{Button, newer};
use crate::ui::words;

/// Rows that came below while something above was looked at.
pub fn new_rows(
    ui: &mut Ui,
    body: Rect,
    seen: Rect,
    made: &Ladder,
    attempt: &Attempt,
    view: &mut View<'_>,
) {
    let key = Id::unique(("ladder rows seen", attempt.index));
    let count = made.rows.len();
    let known = ui.ctx().data(|d| d.get_temp::<usize>(key));
    let at_end = seen.bottom() + 2.0 >= made.height();
    let fresh = count.saturating_sub(known.unwrap_or(count));
    if known.is_none() || at_end {
        ui.ctx().data_mut(|d| d.insert_temp(key, count));
    } else if fresh > 0 && newer(ui, body, fresh as u64, "row") {
        view.state.go_to_stop = true;
    }
}

/// How many rows lie above what is in sight; a click goes to the first.
pub fn rows_above(ui: &mut Ui, rect: Rect, count: usize, view: &mut View<'_>) {
    if count == 0 {
        return;
    }
    let words = format!("{} above", words::count(count as u64, "row", "rows"));
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .id_salt("rows above")
            .layout(egui::Layout::top_down(egui::Align::Center)),
    );
    child.set_clip_rect(rect);
    let button = Button::quiet(&words).small().icon(Icon::Fold);
    if child.add(button.hint("Go to the first row")).clicked() {
        view.state.ladder_scroll = Some(0.0);
    }
}

/// A row that was selected elsewhere, in the log or by a key, comes into sight.
pub fn follow_selection(ui: &Ui, body: Rect, origin: f32, made: &Ladder, selected: Option<usize>) {
    let key = Id::unique("ladder selected");
    let before = ui
        .ctx()
        .data(|d| d.get_temp::<Option<usize>>(key))
        .flatten();
    if before == selected {
        return;
    }
    ui.ctx().data_mut(|d| d.insert_temp(key, selected));
    if let Some(row) = selected {
        let at = |y: f32| pos2(body.left(), origin + y);
        let rect = Rect::from_min_max(at(made.tops[row]), at(made.tops[row + 1]));
        ui.scroll_to_rect(rect.expand2(vec2(0.0, 4.0)), None);
    }
}
