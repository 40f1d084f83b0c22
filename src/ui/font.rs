//! Fonts and the sizes of text.
//!
//! Noto Sans (regular and bold) for reading, egui's Hack for raw lines, times and figures; egui's
//! other fonts stand behind them for scripts that these lack.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId, TextStyle};

/// A style of text: size and family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Face {
    /// 11: rail, text beside small marks.
    Tiny,
    /// 11.5: column heads, axes, chips.
    Caption,
    /// 12: remarks, evidence lines.
    Small,
    /// 12.5: tables, ladder labels.
    Table,
    /// 13: default.
    Body,
    /// 14: titles of causes, rows of lists.
    Row,
    /// 16: verdict, headlines of cards.
    Title,
    /// 17: the open question.
    Question,
    /// 26: first start only.
    Display,
    /// 12, fixed width: raw lines, hosts, hex.
    Mono,
    /// 11.5, fixed width: times.
    MonoSmall,
    /// 11, fixed width: ids.
    MonoTiny,
}

impl Face {
    /// Size in points.
    #[must_use]
    pub fn size(self) -> f32 {
        match self {
            Self::Tiny | Self::MonoTiny => 11.0,
            Self::Caption | Self::MonoSmall => 11.5,
            Self::Small | Self::Mono => 12.0,
            Self::Table => 12.5,
            Self::Body => 13.0,
            Self::Row => 14.0,
            Self::Title => 16.0,
            Self::Question => 17.0,
            Self::Display => 26.0,
        }
    }

    /// The font.
    #[must_use]
    pub fn id(self) -> FontId {
        let family = match self {
            Self::Mono | Self::MonoSmall | Self::MonoTiny => FontFamily::Monospace,
            _ => FontFamily::Proportional,
        };
        FontId::new(self.size(), family)
    }

    /// The same size in bold.
    #[must_use]
    pub fn bold(self) -> FontId {
        FontId::new(self.size(), bold_family())
    }
}

/// The bold family.
#[must_use]
pub fn bold_family() -> FontFamily {
    FontFamily::Name("bold".into())
}

/// All fonts, ours in front.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let regular = Arc::new(FontData::from_static(notosans::REGULAR_TTF));
    let bold = Arc::new(FontData::from_static(notosans::BOLD_TTF));
    fonts.font_data.insert("noto-sans".into(), regular);
    fonts.font_data.insert("noto-sans-bold".into(), bold);
    let behind = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with_first = |first: &str| {
        let mut names = vec![first.to_owned()];
        names.extend(behind.iter().cloned());
        names
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with_first("noto-sans"));
    let mut bold_names = with_first("noto-sans-bold");
    bold_names.insert(1, "noto-sans".into());
    fonts.families.insert(bold_family(), bold_names);
    if let Some(mono) = fonts.families.get_mut(&FontFamily::Monospace) {
        mono.push("noto-sans".into());
    }
    fonts
}

/// egui's named styles in our sizes.
#[must_use]
pub fn text_styles() -> BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, Face::Small.id()),
        (TextStyle::Body, Face::Body.id()),
        (TextStyle::Button, Face::Body.id()),
        (TextStyle::Heading, Face::Title.id()),
        (TextStyle::Monospace, Face::Mono.id()),
    ]
    .into()
}
