//! The page of keys (F1), made of the same table that the keys come from.

use egui::{Align2, Area, Frame, Grid, Id, Margin, Order, Rect, ScrollArea, Stroke, Ui, Vec2};

use crate::ui::command::Act;
use crate::ui::font::Face;
use crate::ui::keys::KEYS;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::View;
use crate::ui::widget::Button;

/// Shows the page over the place.
pub fn keys_page(ui: &Ui, screen: Rect, view: &mut View<'_>) {
    if !view.state.keys {
        return;
    }
    let p = Palette::current(ui);
    Area::new(Id::unique("keys"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, Vec2::ZERO)
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(p.get(Role::Bg2))
                .stroke(Stroke::new(1.0, p.get(Role::Line2)))
                .corner_radius(6)
                .inner_margin(Margin::same(16))
                .show(ui, |ui| {
                    ui.set_width((screen.width() - 120.0).min(560.0));
                    ui.horizontal(|ui| {
                        let title = egui::RichText::new("Keys").font(Face::Title.bold());
                        ui.label(title.color(p.get(Role::Text)));
                        let close = Button::new("Close").small().hint("Esc");
                        if ui.add(close).clicked() {
                            view.ask(Act::Keys(false));
                        }
                    });
                    let height = (screen.height() - 180.0).max(160.0);
                    ScrollArea::vertical().max_height(height).show(ui, |ui| {
                        Grid::new("keys grid")
                            .num_columns(2)
                            .spacing([24.0, 6.0])
                            .show(ui, |ui| {
                                for row in KEYS {
                                    let keys = egui::RichText::new(row.keys).font(Face::Mono.id());
                                    ui.label(keys.color(p.get(Role::Text)));
                                    ui.label(
                                        egui::RichText::new(row.words).color(p.get(Role::Text2)),
                                    );
                                    ui.end_row();
                                }
                            });
                    });
                });
        });
}
