//! The Report place: the page as it would be written, its form, what is left out, where it goes.

mod page;
mod side;

use egui::{Rect, Ui, vec2};

use super::state::Room;
use super::view::{View, row};
use super::widget::tabs;
use page::page;
use side::side;

/// Shows the place in `rect`.
pub fn report(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let preview = view
        .source
        .report_preview(view.state.report.form, view.state.report.leave_out);
    if view.room <= Room::Narrow && rect.width() < 700.0 {
        let bar = rect.with_max_y(rect.top() + 36.0);
        let tab = view.state.report.tab.min(1);
        let clicked = row(ui, bar.shrink2(vec2(10.0, 0.0)), "report tabs", |ui| {
            tabs(ui, &["Page", "Form"], tab)
        });
        if let Some(i) = clicked {
            view.state.report.tab = i;
        }
        let body = rect.with_min_y(bar.bottom()).shrink2(vec2(6.0, 4.0));
        if tab == 0 {
            page(ui, body, &preview);
        } else {
            side(ui, body, &preview, view);
        }
        return;
    }
    let side_w = if view.room == Room::Narrow {
        300.0
    } else {
        356.0
    };
    let left = rect.with_max_x(rect.right() - side_w - 12.0);
    page(ui, left, &preview);
    side(ui, rect.with_min_x(left.right() + 12.0), &preview, view);
}
