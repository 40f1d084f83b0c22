//! What lies over the places for a moment: where to drop, the path field, a toast.

use egui::{
    Align2, Area, Color32, CornerRadius, Frame, Id, Key, Margin, Order, Rect, Role as Named, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::command::{Act, Command, Dialog};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::View;
use crate::ui::widget::{Button, text_field, tick};

/// While files hover over the window.
pub fn drop_overlay(ui: &Ui, screen: Rect) {
    let files = ui.ctx().input(|i| i.raw.hovered_files.len());
    if files == 0 {
        return;
    }
    let p = Palette::current(ui);
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("drop"));
    let painter = ui.ctx().layer_painter(layer);
    let veil = p.get(Role::Bg0).gamma_multiply(0.88);
    painter.rect_filled(screen, CornerRadius::ZERO, veil);
    let frame = screen.shrink(16.0);
    painter.rect_stroke(
        frame,
        CornerRadius::same(6),
        Stroke::new(2.0, p.get(Role::Accent)),
        StrokeKind::Inside,
    );
    let c = frame.center();
    let accent = p.get(Role::Accent);
    icon::paint(
        &painter,
        Icon::Drop,
        c - vec2(0.0, 30.0),
        44.0,
        accent,
        veil,
    );
    let words = if files == 1 {
        "Drop it: Handlens recognises it by its content.".to_owned()
    } else {
        format!("Drop these {files} files: Handlens recognises them by their content.")
    };
    let at = c + vec2(0.0, 26.0);
    text::base(
        &painter,
        at,
        Hold::Centre,
        &words,
        Face::Title.id(),
        p.get(Role::Text),
    );
}

/// The field for a path: dialogs are not everywhere.
pub fn path_panel(ui: &Ui, screen: Rect, view: &mut View<'_>) {
    let Some(mut path) = view.state.path.take() else {
        return;
    };
    let mut keep = true;
    let width = (screen.width() - 80.0).min(640.0);
    Area::new(Id::unique("path panel"))
        .order(Order::Middle)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 84.0))
        .show(ui.ctx(), |ui| {
            let p = Palette::current(ui);
            Frame::new()
                .fill(p.get(Role::Bg2))
                .stroke(Stroke::new(1.0, p.get(Role::Line2)))
                .corner_radius(6)
                .inner_margin(Margin::same(12))
                .show(ui, |ui| {
                    ui.set_width(width - 24.0);
                    let title = [("Open a file", Face::Row.bold(), p.get(Role::Text))];
                    text::label(ui, &title, 19.0);
                    ui.horizontal_wrapped(|ui| {
                        let id = Id::unique("path field");
                        let room = (ui.available_width() - 230.0).max(180.0);
                        let field =
                            text_field(ui, id, &mut path, "Path of a file", "Path of a file", room);
                        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                        let ready = !path.trim().is_empty();
                        let open = Button::primary("Open").enabled(ready);
                        if (ui.add(open).clicked() || enter) && ready {
                            let path = path.trim().trim_matches('"').into();
                            view.session(if view.state.follow_file {
                                Command::FollowPath(path)
                            } else {
                                Command::OpenPath(path)
                            });
                            keep = false;
                        }
                        let browse = Button::new("Browse").hint("The file dialog of the system");
                        if ui.add(browse).clicked() {
                            view.ask(Act::Dialog(Dialog::Open));
                        }
                        if ui.add(Button::quiet("Close")).clicked() {
                            keep = false;
                        }
                    });
                    let words = "Follow: read on while the file grows";
                    tick(ui, &mut view.state.follow_file, words);
                    let remark = "Log, recording, saved session, pasted text. Dropping it on the \
                                  window does the same.";
                    text::label(ui, &[(remark, Face::Small.id(), p.get(Role::Text2))], 16.0);
                });
        });
    if keep {
        view.state.path = Some(path);
    }
}

/// A word about a thing that was done.
pub fn toast(ui: &Ui, screen: Rect, view: &mut View<'_>) {
    let now = ui.ctx().input(|i| i.time);
    let Some(toast) = &view.state.toast else {
        return;
    };
    if now >= toast.until {
        view.state.toast = None;
        return;
    }
    let p = Palette::current(ui);
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("toast"));
    let painter = ui.ctx().layer_painter(layer);
    let run = [(toast.text.as_str(), Face::Body.id(), p.get(Role::Text))];
    let galley = text::paragraph(&painter, &run, 320.0 - 52.0, 18.0, 3);
    let size = vec2(320.0_f32.min(screen.width() - 24.0), galley.size().y + 24.0);
    let max = pos2(screen.right() - 12.0, screen.bottom() - 38.0);
    let rect = Rect::from_min_max(max - size, max);
    painter.rect_filled(rect, CornerRadius::same(6), p.get(Role::Bg3));
    let tick = pos2(rect.left() + 20.0, rect.center().y);
    icon::paint(
        &painter,
        Icon::Ok,
        tick,
        14.0,
        p.get(Role::Ok),
        p.get(Role::Bg3),
    );
    let at = pos2(rect.left() + 38.0, rect.center().y - galley.size().y * 0.5);
    painter.galley(at, galley, Color32::PLACEHOLDER);
    let response = ui.interact(rect, Id::unique("toast said"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Named::Status, true, &toast.text));
}
