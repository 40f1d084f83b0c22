//! "12 new": more came below what is in sight.

use egui::{Rect, Ui, UiBuilder, vec2};

use super::{Button, Kind};
use crate::ui::icon::Icon;
use crate::ui::words;

/// The button at the lower end of `rect`; true where it was clicked.
#[must_use]
pub fn newer(ui: &mut Ui, rect: Rect, count: u64, of: &str) -> bool {
    let shown = format!("{} new", words::grouped(count));
    let name = format!(
        "{} below, go to the newest",
        words::count(count, of, &format!("{of}s"))
    );
    let size = vec2(140.0, 26.0);
    let room = Rect::from_center_size(rect.center_bottom() - vec2(0.0, 20.0), size);
    let layout = egui::Layout::centered_and_justified(egui::Direction::TopDown);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(room)
            .layout(layout)
            .id_salt("newer"),
    );
    child
        .with_layout(egui::Layout::top_down(egui::Align::Center), |ui| {
            let button = Button::new(&shown).small().kind(Kind::Primary);
            ui.add(button.icon_after(Icon::Down).name(&name)).clicked()
        })
        .inner
}
