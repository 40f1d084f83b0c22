//! A list of millions of rows of one height: only those in sight are shown.
//!
//! The place is kept as a row with its fraction, not as points: points of five million rows are more
//! than a 32-bit float tells apart, so that rows would jump.

use std::ops::Range;

use egui::{
    CornerRadius, Id, Key, Rect, Role as Named, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::ui::theme::{Palette, Role};

/// Width of the bar, and of what can be hit.
const BAR: f32 = 6.0;
const HIT: f32 = 12.0;
/// Least height of its handle.
const HANDLE: f32 = 24.0;

/// What a long list shows.
pub struct LongList<'a> {
    /// Names the place that is remembered.
    pub id: Id,
    /// For screen readers: what is scrolled.
    pub name: &'a str,
    /// Height of a row.
    pub row: f32,
    /// Number of rows.
    pub count: usize,
    /// A row that shall come to the middle now.
    pub jump: Option<usize>,
    /// Stay at the last row.
    pub follow: bool,
}

/// Where a long list is.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// The last row is in sight.
    pub at_end: bool,
    /// The person moved it in this frame.
    pub moved: bool,
}

impl LongList<'_> {
    /// Shows the rows in sight in `rect`; `show` gets a `Ui` whose top is the first of them.
    pub fn show(self, ui: &mut Ui, rect: Rect, show: impl FnOnce(&mut Ui, Range<usize>)) -> Sight {
        let row = f64::from(self.row);
        let sight = f64::from(rect.height()) / row;
        #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
        let most = (self.count as f64 - sight).max(0.0);
        let mut top = ui.ctx().data(|d| d.get_temp::<f64>(self.id)).unwrap_or(0.0);
        let mut moved = false;
        if ui.rect_contains_pointer(rect) {
            let by = ui.input_mut(|i| std::mem::take(&mut i.smooth_scroll_delta.y));
            let page = |key| ui.input(|i| i.key_pressed(key)) && !ui.ctx().text_edit_focused();
            let pages = f64::from(i8::from(page(Key::PageDown)) - i8::from(page(Key::PageUp)));
            let rows = pages * (sight - 1.0).max(1.0) - f64::from(by) / row;
            moved = rows != 0.0;
            top += rows;
        }
        if let Some(dragged) = self.bar(ui, rect, top.clamp(0.0, most), most, sight) {
            top = dragged;
            moved = true;
        }
        if self.follow && !moved {
            top = most;
        }
        if let Some(jump) = self.jump {
            #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
            let jump = jump as f64;
            top = jump - sight * 0.5 + 0.5;
        }
        let top = top.clamp(0.0, most);
        ui.ctx().data_mut(|d| d.insert_temp(self.id, top));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the rows there are"
        )]
        let (first, shift, rows) = (
            top.floor() as usize,
            (top.fract() * row) as f32,
            sight.ceil() as usize + 1,
        );
        let last = (first + rows).min(self.count);
        let place = rect.translate(vec2(0.0, -shift));
        let builder = UiBuilder::new().max_rect(place).id_salt("long list");
        let mut child = ui.new_child(builder);
        child.set_clip_rect(ui.clip_rect().intersect(rect));
        child.spacing_mut().item_spacing.y = 0.0;
        show(&mut child, first..last);
        Sight {
            at_end: top + 0.5 >= most,
            moved,
        }
    }

    /// The bar at the right edge; gives the row that it was dragged to.
    fn bar(&self, ui: &Ui, rect: Rect, top: f64, most: f64, sight: f64) -> Option<f64> {
        if most <= 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "shares between 0 and 1")]
        let (share, at) = ((sight / (most + sight)) as f32, (top / most) as f32);
        let handle = (rect.height() * share).max(HANDLE.min(rect.height()));
        let way = (rect.height() - handle).max(1.0);
        let track = rect.with_min_x(rect.right() - HIT);
        let response = ui.interact(track, self.id.with("bar"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Named::ScrollBar, true, self.name));
        let hot = response.hovered() || response.dragged();
        let p = Palette::current(ui);
        let left = rect.right() - BAR - 1.0;
        let y = rect.top() + way * at;
        let bar = Rect::from_min_size(pos2(left, y), vec2(BAR, handle));
        let ink = p.get(if hot { Role::Text3 } else { Role::Line2 });
        ui.painter().rect_filled(bar, CornerRadius::same(3), ink);
        let pointer = response
            .interact_pointer_pos()
            .filter(|_| response.dragged() || response.clicked())?;
        let wanted = ((pointer.y - rect.top() - handle * 0.5) / way).clamp(0.0, 1.0);
        Some(f64::from(wanted) * most)
    }
}
