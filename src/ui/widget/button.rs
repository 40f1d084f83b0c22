//! Buttons: primary, normal, quiet; three heights; icon before or after the words.

use egui::{
    Color32, CornerRadius, Response, Role as Named, Sense, Stroke, StrokeKind, Ui, Vec2, Widget,
    WidgetInfo, pos2,
};

use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text;
use crate::ui::theme::{Palette, Role};

/// How loud a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One a place.
    Primary,
    /// Framed.
    Normal,
    /// Words only.
    Quiet,
}

/// A button.
#[must_use]
pub struct Button<'a> {
    text: &'a str,
    name: Option<&'a str>,
    hint: Option<&'a str>,
    before: Option<Icon>,
    after: Option<Icon>,
    kind: Kind,
    height: f32,
    selected: bool,
    enabled: bool,
    max_width: f32,
    min_width: f32,
}

impl<'a> Button<'a> {
    /// A normal button, 32 high.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            name: None,
            hint: None,
            before: None,
            after: None,
            kind: Kind::Normal,
            height: 32.0,
            selected: false,
            enabled: true,
            max_width: f32::INFINITY,
            min_width: 0.0,
        }
    }

    /// A primary button.
    pub fn primary(text: &'a str) -> Self {
        Self::new(text).kind(Kind::Primary)
    }

    /// Words only.
    pub fn quiet(text: &'a str) -> Self {
        Self::new(text).kind(Kind::Quiet)
    }

    /// 26 high, for heads of panels.
    pub fn small(mut self) -> Self {
        self.height = 26.0;
        self
    }

    /// 40 high, for gloves.
    pub fn tall(mut self) -> Self {
        self.height = 40.0;
        self
    }

    /// How loud.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.before = Some(icon);
        self
    }

    /// Icon after the words.
    pub fn icon_after(mut self, icon: Icon) -> Self {
        self.after = Some(icon);
        self
    }

    /// Name for screen readers where the words are missing or too short.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// Tooltip: the key, or why it is disabled.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Chosen among several.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Can it be used?
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// The words are cut beyond this width.
    pub fn max_width(mut self, width: f32) -> Self {
        self.max_width = width;
        self
    }

    /// At least this wide, its words in the middle: so it keeps its place when they change.
    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }
}

/// Accent ring around what has the focus: 2 wide, gap 2.
pub fn focus_ring(ui: &Ui, response: &Response, round: u8) {
    if response.has_focus() {
        ui.painter().rect_stroke(
            response.rect.expand(2.0),
            CornerRadius::same(round + 2),
            Stroke::new(2.0, Palette::current(ui).get(Role::Accent)),
            StrokeKind::Outside,
        );
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = Palette::current(ui);
        let small = self.height < 30.0;
        let face = if small { Face::Small } else { Face::Body };
        let font = match self.kind {
            Kind::Primary => face.bold(),
            Kind::Normal | Kind::Quiet => face.id(),
        };
        let pad = match (self.kind, small) {
            (Kind::Quiet, _) => 6.0,
            (_, true) => 9.0,
            (_, false) => 12.0,
        };
        let icon_size = if small { 13.0 } else { 16.0 };
        let gap = if self.text.is_empty() { 0.0 } else { 7.0 };
        let icons = [self.before, self.after].iter().flatten().count();
        #[expect(clippy::cast_precision_loss, reason = "0 to 2")]
        let icon_room = icons as f32 * (icon_size + gap);
        let galley = text::line(
            ui.painter(),
            &[(self.text, font, Color32::PLACEHOLDER)],
            (self.max_width - icon_room - 2.0 * pad).max(8.0),
        );
        let wanted = galley.size().x + icon_room + 2.0 * pad;
        let size = Vec2::new(wanted.max(self.min_width), self.height);
        let sense = if self.enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        let name = self.name.unwrap_or(self.text);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Named::Button, self.enabled, name);
            if self.selected {
                info.selected = Some(true);
            }
            info
        });
        if ui.is_rect_visible(rect) {
            let hot = self.enabled && (response.hovered() || response.is_pointer_button_down_on());
            let (fill, frame, ink) = match self.kind {
                Kind::Primary if self.enabled => (Role::Accent, Role::Accent, Role::OnAccent),
                _ if self.selected => (Role::Sel, Role::Accent, Role::Text),
                Kind::Quiet => (
                    if hot { Role::Bg3 } else { Role::Bg1 },
                    Role::Bg1,
                    Role::Accent,
                ),
                _ if hot => (Role::Bg3, Role::Line2, Role::Text),
                _ => (Role::Bg2, Role::Line2, Role::Text),
            };
            let ink = if self.enabled { ink } else { Role::Text3 };
            let painter = ui.painter();
            if self.kind != Kind::Quiet || hot {
                let round = CornerRadius::same(5);
                painter.rect_filled(rect, round, p.get(fill));
                if self.kind != Kind::Quiet {
                    let stroke = Stroke::new(1.0, p.get(frame));
                    painter.rect_stroke(rect, round, stroke, StrokeKind::Inside);
                }
            }
            let y = rect.center().y;
            let mut x = rect.left() + pad + (size.x - wanted) * 0.5;
            if let Some(before) = self.before {
                let at = pos2(x + icon_size * 0.5, y);
                icon::paint(painter, before, at, icon_size, p.get(ink), p.get(fill));
                x += icon_size + gap;
            }
            let right = x + galley.size().x + gap;
            let base = y + face.size() * 0.36;
            let min = pos2(x, base - text::ascent(&galley));
            painter.galley_with_override_text_color(min, galley, p.get(ink));
            if let Some(after) = self.after {
                let at = pos2(right + icon_size * 0.5, y);
                icon::paint(painter, after, at, icon_size - 2.0, p.get(ink), p.get(fill));
            }
            focus_ring(ui, &response, 5);
        }
        match self.hint {
            Some(hint) => response.on_hover_text(hint),
            None => response,
        }
    }
}
