//! All colours of the window, by role, for dark and light; the only place with colour literals.
//!
//! In: the theme of egui. Out: [`Palette`], looked up by [`Role`], and egui's own styles made of
//! them. Must not know what is shown.

use std::time::Duration;

use egui::{Color32, Context, CornerRadius, Margin, Stroke, Style, Theme, Ui, Vec2, Visuals};

use super::font;
use crate::session::Tone;

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Window.
    Bg0,
    /// Panels and rail.
    Bg1,
    /// Raised: buttons, heads, boxes.
    Bg2,
    /// Chips, tracks, hover.
    Bg3,
    /// Separators; carries no meaning.
    Line,
    /// Frames of controls, ghosts.
    Line2,
    /// Main text.
    Text,
    /// Secondary text.
    Text2,
    /// Captions, inferred things.
    Text3,
    /// Action, focus, path.
    Accent,
    /// Text on the accent fill.
    OnAccent,
    /// Good.
    Ok,
    /// Suspicious.
    Warn,
    /// Fault, stop.
    Fail,
    /// Not known.
    Unknown,
    /// The device's lane.
    Device,
    /// The server's lane.
    Server,
    /// Tint behind good.
    OkBg,
    /// Tint behind suspicious.
    WarnBg,
    /// Tint behind a fault; the waiting band.
    FailBg,
    /// Tint behind the unknown.
    UnknownBg,
    /// Selected row.
    Sel,
    /// Field of a certificate: names; a read.
    F1,
    /// Field: key.
    F2,
    /// Field: signature.
    F3,
    /// Field: other.
    F4,
    /// Field: issuer and subject.
    F5,
}

/// The colours of one theme.
pub struct Palette([Color32; ROLES]);

/// How many roles there are.
const ROLES: usize = Role::F5 as usize + 1;

/// Dark theme; contrast of text roles is at least 4.5 on every background.
static DARK: Palette = Palette([
    Color32::from_rgb(0x10, 0x14, 0x18), // bg0
    Color32::from_rgb(0x17, 0x1C, 0x22), // bg1
    Color32::from_rgb(0x20, 0x27, 0x2F), // bg2
    Color32::from_rgb(0x2B, 0x34, 0x3E), // bg3
    Color32::from_rgb(0x32, 0x3C, 0x47), // line
    Color32::from_rgb(0x6B, 0x7A, 0x8A), // line2
    Color32::from_rgb(0xEA, 0xEF, 0xF4), // text
    Color32::from_rgb(0xB4, 0xBF, 0xCA), // text2
    Color32::from_rgb(0x93, 0xA0, 0xAD), // text3
    Color32::from_rgb(0x5B, 0xA8, 0xFF), // accent
    Color32::from_rgb(0x06, 0x12, 0x1F), // on_accent
    Color32::from_rgb(0x62, 0xD1, 0x96), // ok
    Color32::from_rgb(0xF2, 0xB8, 0x4B), // warn
    Color32::from_rgb(0xFF, 0x7B, 0x72), // fail
    Color32::from_rgb(0xA3, 0xAF, 0xBB), // unknown
    Color32::from_rgb(0x4C, 0xC9, 0xE0), // device
    Color32::from_rgb(0xC3, 0xA5, 0xFF), // server
    Color32::from_rgb(0x16, 0x30, 0x1F), // ok_bg
    Color32::from_rgb(0x35, 0x2A, 0x10), // warn_bg
    Color32::from_rgb(0x3A, 0x1C, 0x1C), // fail_bg
    Color32::from_rgb(0x23, 0x2B, 0x33), // unknown_bg
    Color32::from_rgb(0x1D, 0x33, 0x50), // sel
    Color32::from_rgb(0x4E, 0x9B, 0xE6), // f1
    Color32::from_rgb(0x58, 0xB6, 0xA6), // f2
    Color32::from_rgb(0xC2, 0xA2, 0x5A), // f3
    Color32::from_rgb(0x8F, 0xA3, 0xB8), // f4
    Color32::from_rgb(0xB5, 0x84, 0xD6), // f5
]);

/// Light theme; contrast of text roles is at least 4.5 on every background.
static LIGHT: Palette = Palette([
    Color32::from_rgb(0xED, 0xF0, 0xF3), // bg0
    Color32::from_rgb(0xFF, 0xFF, 0xFF), // bg1
    Color32::from_rgb(0xF3, 0xF5, 0xF8), // bg2
    Color32::from_rgb(0xDF, 0xE5, 0xEB), // bg3
    Color32::from_rgb(0xC6, 0xCF, 0xD8), // line
    Color32::from_rgb(0x7A, 0x88, 0x96), // line2
    Color32::from_rgb(0x12, 0x17, 0x1C), // text
    Color32::from_rgb(0x3D, 0x48, 0x53), // text2
    Color32::from_rgb(0x56, 0x62, 0x6E), // text3
    Color32::from_rgb(0x0A, 0x5F, 0xBF), // accent
    Color32::from_rgb(0xFF, 0xFF, 0xFF), // on_accent
    Color32::from_rgb(0x16, 0x70, 0x3C), // ok
    Color32::from_rgb(0x85, 0x56, 0x00), // warn
    Color32::from_rgb(0xB8, 0x24, 0x1B), // fail
    Color32::from_rgb(0x56, 0x62, 0x6E), // unknown
    Color32::from_rgb(0x00, 0x6C, 0x85), // device
    Color32::from_rgb(0x6A, 0x3B, 0xC0), // server
    Color32::from_rgb(0xDD, 0xF2, 0xE5), // ok_bg
    Color32::from_rgb(0xFB, 0xEB, 0xC8), // warn_bg
    Color32::from_rgb(0xFB, 0xE0, 0xDD), // fail_bg
    Color32::from_rgb(0xE4, 0xE9, 0xEE), // unknown_bg
    Color32::from_rgb(0xD6, 0xE7, 0xFB), // sel
    Color32::from_rgb(0x22, 0x6C, 0xC0), // f1
    Color32::from_rgb(0x24, 0x89, 0x7A), // f2
    Color32::from_rgb(0x97, 0x74, 0x1F), // f3
    Color32::from_rgb(0x6C, 0x7F, 0x92), // f4
    Color32::from_rgb(0x8E, 0x55, 0xB5), // f5
]);

impl Palette {
    /// The palette of a theme.
    #[must_use]
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The palette that `ui` is shown with.
    #[must_use]
    pub fn current(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode {
            &DARK
        } else {
            &LIGHT
        }
    }

    /// The colour of a role.
    #[must_use]
    pub fn get(&self, role: Role) -> Color32 {
        self.0[role as usize]
    }
}

/// The colour of `role` in the theme of `ui`.
#[must_use]
pub fn ink(ui: &Ui, role: Role) -> Color32 {
    Palette::current(ui).get(role)
}

/// The colour in which a tone's mark and word are written.
#[must_use]
pub fn tone_role(tone: Tone) -> Role {
    match tone {
        Tone::Ok => Role::Ok,
        Tone::Warn => Role::Warn,
        Tone::Fail => Role::Fail,
        Tone::Unknown | Tone::Waiting => Role::Unknown,
    }
}

/// The tint behind it.
#[must_use]
pub fn tone_tint(tone: Tone) -> Role {
    match tone {
        Tone::Ok => Role::OkBg,
        Tone::Warn => Role::WarnBg,
        Tone::Fail => Role::FailBg,
        Tone::Unknown | Tone::Waiting => Role::UnknownBg,
    }
}

/// Gives egui our fonts and both styles. Called once at the start.
pub fn install(ctx: &Context) {
    ctx.set_fonts(font::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style(theme));
    }
    ctx.options_mut(|o| {
        o.zoom_with_keyboard = false;
        // A press is a click however late its release is seen: on a busy machine one slow frame lies
        // between the two, and with gloves a press is long.
        o.input_options.max_click_duration = f64::INFINITY;
    });
}

/// egui's own widgets (text fields, lists, scroll bars) in our colours.
fn style(theme: Theme) -> Style {
    let p = Palette::of(theme);
    let mut v = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    v.override_text_color = None;
    v.panel_fill = p.get(Role::Bg0);
    v.window_fill = p.get(Role::Bg2);
    v.window_stroke = Stroke::new(1.0, p.get(Role::Line2));
    v.window_shadow = egui::Shadow::NONE;
    v.popup_shadow = egui::Shadow::NONE;
    v.window_corner_radius = CornerRadius::same(6);
    v.menu_corner_radius = CornerRadius::same(5);
    v.faint_bg_color = p.get(Role::Bg2);
    v.extreme_bg_color = p.get(Role::Bg0);
    v.text_edit_bg_color = Some(p.get(Role::Bg0));
    v.code_bg_color = p.get(Role::Bg3);
    v.hyperlink_color = p.get(Role::Accent);
    v.warn_fg_color = p.get(Role::Warn);
    v.error_fg_color = p.get(Role::Fail);
    v.weak_text_color = Some(p.get(Role::Text3));
    v.selection.bg_fill = p.get(Role::Sel);
    v.selection.stroke = Stroke::new(1.0, p.get(Role::Accent));
    v.text_cursor.stroke = Stroke::new(2.0, p.get(Role::Accent));
    v.text_cursor.blink = false;
    let frames = [
        (&mut v.widgets.noninteractive, Role::Bg1, Role::Line),
        (&mut v.widgets.inactive, Role::Bg2, Role::Line2),
        (&mut v.widgets.hovered, Role::Bg3, Role::Line2),
        (&mut v.widgets.active, Role::Bg3, Role::Accent),
        (&mut v.widgets.open, Role::Bg3, Role::Accent),
    ];
    for (w, fill, frame) in frames {
        w.bg_fill = p.get(fill);
        w.weak_bg_fill = p.get(fill);
        w.bg_stroke = Stroke::new(1.0, p.get(frame));
        w.fg_stroke = Stroke::new(1.5, p.get(Role::Text));
        w.corner_radius = CornerRadius::same(5);
        w.expansion = 0.0;
    }
    let mut s = Style {
        visuals: v,
        text_styles: font::text_styles(),
        animation_time: Duration::from_millis(100).as_secs_f32(),
        ..Style::default()
    };
    s.spacing.item_spacing = Vec2::new(8.0, 8.0);
    s.spacing.button_padding = Vec2::new(12.0, 4.0);
    s.spacing.interact_size = Vec2::new(32.0, 32.0);
    s.spacing.menu_margin = Margin::same(8);
    s.spacing.tooltip_width = 420.0;
    s.spacing.scroll.bar_width = 6.0;
    s.spacing.scroll.floating_width = 6.0;
    s.interaction.selectable_labels = false;
    s.interaction.tooltip_delay = 0.4;
    s
}
