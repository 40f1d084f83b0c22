//! Panels: a frame with a head of 34, a bold title, a remark, actions at the right.

use egui::accesskit::Role as Named;
use egui::{Context, CornerRadius, Id, Rect, Sense, Stroke, StrokeKind, Ui, pos2};

use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::group;
use crate::ui::widget::focus_ring;

/// Height of a panel's head.
pub const PANEL_HEAD: f32 = 34.0;

/// What a panel's content gets.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// Room in the head right of title and remark.
    pub head: Rect,
    /// The body without padding.
    pub body: Rect,
}

/// Ids of the panels of this frame, in order, for F6.
#[must_use]
pub fn panel_ids(ctx: &Context) -> Vec<Id> {
    ctx.data(|d| d.get_temp(Id::unique("panels")).unwrap_or_default())
}

/// A frame without head, as wide as `rect`.
pub fn bare(ui: &Ui, rect: Rect, fill: Role, frame: Role, width: f32) {
    let p = Palette::current(ui);
    let round = CornerRadius::same(6);
    ui.painter().rect_filled(rect, round, p.get(fill));
    let stroke = Stroke::new(width, p.get(frame));
    ui.painter()
        .rect_stroke(rect, round, stroke, StrokeKind::Inside);
}

/// A panel with head; `show` gets the rooms. Everything in it hangs below its title for screen
/// readers.
pub fn panel<R>(
    ui: &mut Ui,
    rect: Rect,
    title: &str,
    remark: &str,
    show: impl FnOnce(&mut Ui, Panel) -> R,
) -> R {
    bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    group(ui, rect, ("panel", title), Named::Region, title, |ui| {
        let p = Palette::current(ui);
        let clip = rect.shrink(1.0);
        ui.set_clip_rect(ui.clip_rect().intersect(clip.expand(3.0)));
        let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + PANEL_HEAD));
        let y = head.bottom();
        ui.painter().hline(
            rect.x_range().shrink(1.0),
            y,
            Stroke::new(1.0, p.get(Role::Line)),
        );
        let middle = head.center().y;
        let painter = ui.painter().clone();
        let at = pos2(rect.left() + 12.0, middle);
        let bold = (title, Face::Body.bold(), p.get(Role::Text));
        let used = text::mid(&painter, at, Hold::Left, bold, rect.width() - 24.0);
        let mut x = used.right() + 10.0;
        let handle = ui.interact(
            used.expand(3.0),
            ui.scope_id().with("title"),
            Sense::FOCUSABLE,
        );
        handle.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, title));
        focus_ring(ui, &handle, 4);
        ui.ctx().data_mut(|d| {
            d.get_temp_mut_or_default::<Vec<Id>>(Id::unique("panels"))
                .push(handle.id);
        });
        if !remark.is_empty() {
            let run = (remark, Face::Small.id(), p.get(Role::Text2));
            let room = (rect.right() - x) * 0.62;
            x = text::mid(&painter, pos2(x, middle), Hold::Left, run, room).right() + 10.0;
        }
        let rooms = Panel {
            head: Rect::from_min_max(
                pos2(x, head.top()),
                pos2(head.right() - 12.0, head.bottom()),
            ),
            body: Rect::from_min_max(
                pos2(rect.left() + 1.0, y + 1.0),
                rect.max - egui::vec2(1.0, 1.0),
            ),
        };
        show(ui, rooms)
    })
}
