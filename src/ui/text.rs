//! Text on exact baselines, with elision at the end or in the middle.
//!
//! In: text, face, colour, room. Out: shapes on a painter and the rectangle they cover.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, FontId, Galley, Painter, Pos2, Rect, Ui, pos2};

/// Which part of the text stands at the given x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its left end.
    Left,
    /// Its middle.
    Centre,
    /// Its right end.
    Right,
}

/// One run of text inside a line: text, font, colour.
pub type Run<'a> = (&'a str, FontId, Color32);

/// The text as it can be shown: what steers terminals or directions and what no font can draw
/// becomes its name or number, so that there is never an empty box and never a hidden order.
fn showable<'a>(painter: &Painter, text: &'a str, font: &FontId) -> Cow<'a, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c == '\n' || c.is_ascii() && !c.is_ascii_control() {
            out.push(c);
            continue;
        }
        let plain = super::words::visible(c.encode_utf8(&mut [0; 4]));
        if plain.chars().count() > 1 {
            out.push_str(&plain);
        } else if painter.fonts_mut(|f| f.has_glyph(font, c)) {
            out.push(c);
        } else {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        }
    }
    Cow::Owned(out)
}

/// A line of several runs, cut at the end with `…` where it is wider than `width`.
#[must_use]
pub fn line(painter: &Painter, runs: &[Run<'_>], width: f32) -> Arc<Galley> {
    let mut job = LayoutJob {
        wrap: TextWrapping {
            max_width: width.max(1.0),
            max_rows: 1,
            break_anywhere: true,
            ..TextWrapping::default()
        },
        break_on_newline: false,
        ..LayoutJob::default()
    };
    for (text, font, color) in runs {
        let mut format = TextFormat::simple(font.clone(), *color);
        format.valign = Align::BOTTOM;
        job.append(&showable(painter, text, font), 0.0, format);
    }
    painter.layout_job(job)
}

/// A paragraph of several runs, wrapped at `width`; lines `line_height` apart.
#[must_use]
pub fn paragraph(
    painter: &Painter,
    runs: &[Run<'_>],
    width: f32,
    line_height: f32,
    max_rows: usize,
) -> Arc<Galley> {
    let mut job = LayoutJob {
        wrap: TextWrapping {
            max_width: width.max(1.0),
            max_rows,
            ..TextWrapping::default()
        },
        ..LayoutJob::default()
    };
    for (text, font, color) in runs {
        let mut format = TextFormat::simple(font.clone(), *color);
        format.line_height = Some(line_height);
        job.append(&showable(painter, text, font), 0.0, format);
    }
    painter.layout_job(job)
}

/// Distance from the top of a galley to the baseline of its first line.
#[must_use]
pub fn ascent(galley: &Galley) -> f32 {
    galley.rows.first().map_or(0.0, |row| {
        row.pos.y + row.row.glyphs.first().map_or(0.0, |g| g.pos.y)
    })
}

/// Puts a galley with its first baseline at `y`; gives its rectangle.
#[expect(
    clippy::must_use_candidate,
    reason = "it paints; where is a by-product"
)]
pub fn put(painter: &Painter, x: f32, y: f32, hold: Hold, galley: Arc<Galley>) -> Rect {
    let width = galley.size().x;
    let left = match hold {
        Hold::Left => x,
        Hold::Centre => x - width * 0.5,
        Hold::Right => x - width,
    };
    let min = pos2(left, y - ascent(&galley));
    let rect = Rect::from_min_size(min, galley.size());
    painter.galley(min, galley, Color32::PLACEHOLDER);
    rect
}

/// One run with its baseline at `y`.
#[expect(
    clippy::must_use_candidate,
    reason = "it paints; where is a by-product"
)]
pub fn base(
    painter: &Painter,
    at: Pos2,
    hold: Hold,
    text: &str,
    font: FontId,
    color: Color32,
) -> Rect {
    let galley = line(painter, &[(text, font, color)], f32::INFINITY);
    put(painter, at.x, at.y, hold, galley)
}

/// One run, its middle at `y` (by the height of an x, as icons are), at most `width` wide.
#[expect(
    clippy::must_use_candidate,
    reason = "it paints; where is a by-product"
)]
pub fn mid(
    painter: &Painter,
    at: Pos2,
    hold: Hold,
    (text, font, color): Run<'_>,
    width: f32,
) -> Rect {
    let x_height = font.size * 0.36;
    let galley = line(painter, &[(text, font, color)], width);
    put(painter, at.x, at.y + x_height, hold, galley)
}

/// Width of a text.
#[must_use]
pub fn width(painter: &Painter, text: &str, font: FontId) -> f32 {
    line(
        painter,
        &[(text, font, Color32::PLACEHOLDER)],
        f32::INFINITY,
    )
    .size()
    .x
}

/// Cut in the middle so that it fits `room` points.
#[must_use]
pub fn fit_middle(painter: &Painter, text: &str, font: &FontId, room: f32) -> String {
    let full = width(painter, text, font.clone());
    if full <= room {
        return text.to_owned();
    }
    let chars = text.chars().count();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a number of characters, far below 2^24; negative room gives 0"
    )]
    let mut keep = (chars as f32 * room / full) as usize;
    loop {
        let cut = super::words::middle(text, keep);
        if keep <= 3 || width(painter, &cut, font.clone()) <= room {
            return cut;
        }
        keep -= 1;
    }
}

/// A wrapped label inside a layout; lines `line_height` apart.
pub fn label(ui: &mut Ui, runs: &[Run<'_>], line_height: f32) -> egui::Response {
    let galley = paragraph(
        ui.painter(),
        runs,
        ui.available_width(),
        line_height,
        usize::MAX,
    );
    ui.add(egui::Label::new(galley))
}
