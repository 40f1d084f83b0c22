//! The window in a harness without a screen and without eframe.

use egui::{UiBuilder, Vec2};
use egui_kittest::Harness;
use handlens::ui::Window;

/// `window` in all of a screen of this size.
pub fn harness(window: Window, size: Vec2) -> Harness<'static, Window> {
    let mut ready = false;
    let show = move |ui: &mut egui::Ui, window: &mut Window| {
        if !ready {
            window.set_up(&ui.ctx().clone());
            ready = true;
        }
        // The harness leaves a margin around what it shows; the window has none.
        let whole = ui.ctx().content_rect();
        ui.scope_builder(UiBuilder::new().max_rect(whole), |ui| {
            ui.set_clip_rect(whole);
            window.show(ui);
        });
    };
    Harness::builder()
        .with_size(size)
        .with_max_steps(12)
        .build_ui_state(show, window)
}
