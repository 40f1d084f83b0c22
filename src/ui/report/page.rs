//! The page of the report as it is printed: dark on white in both themes.

use egui::{Color32, CornerRadius, Rect, ScrollArea, Sense, Theme, Ui, pos2, vec2};

use crate::report::Block;
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::source::ReportPreview;
use crate::ui::text;
use crate::ui::theme::{Palette, Role, tone_role, tone_tint};
use crate::ui::view::inside;
use crate::ui::widget::{bare, mark_icon};
use crate::ui::words;

/// The page, on white as it is printed.
pub fn page(ui: &mut Ui, rect: Rect, preview: &ReportPreview) {
    bare(ui, rect, Role::Bg2, Role::Line, 1.0);
    let p = Palette::of(Theme::Light);
    inside(ui, rect.shrink(1.0), "page", |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let room = ui.max_rect();
                let width = (room.width() - 32.0).clamp(200.0, 720.0);
                let left = room.center().x - width * 0.5;
                let top = ui.cursor().top() + 16.0;
                let paper = ui.painter().add(egui::Shape::Noop);
                let mut y = top + 26.0;
                let pad = if width > 480.0 { 32.0 } else { 16.0 };
                for (i, block) in preview.blocks.iter().enumerate() {
                    let at = pos2(left + pad, y);
                    y = show_block(ui, at, width - 2.0 * pad, i, block, p);
                }
                if preview.blocks.is_empty() {
                    let line = "The report is being written …";
                    let run = [(line, Face::Body.id(), p.get(Role::Text))];
                    let galley = text::paragraph(ui.painter(), &run, width - 2.0 * pad, 18.0, 4);
                    ui.painter()
                        .galley(pos2(left + pad, y), galley, Color32::PLACEHOLDER);
                    y += 24.0;
                }
                let sheet = Rect::from_min_max(
                    pos2(left, top),
                    pos2(left + width, (y + 26.0).max(rect.bottom() - 16.0)),
                );
                let fill = egui::Shape::rect_filled(sheet, CornerRadius::same(3), p.get(Role::Bg1));
                ui.painter().set(paper, fill);
                ui.allocate_rect(
                    Rect::from_min_max(
                        pos2(room.left(), ui.cursor().top()),
                        sheet.max + vec2(0.0, 16.0),
                    ),
                    Sense::hover(),
                );
            });
    });
}

/// Paints one block; gives the y below it.
fn show_block(ui: &Ui, at: egui::Pos2, width: f32, i: usize, block: &Block, p: &Palette) -> f32 {
    let painter = ui.painter();
    let put =
        |at: egui::Pos2, words: &str, font: egui::FontId, ink: Role, width: f32, line: f32| {
            let run = [(words, font, p.get(ink))];
            let galley = text::paragraph(painter, &run, width, line, usize::MAX);
            let bottom = at.y + galley.size().y;
            painter.galley(at, galley, Color32::PLACEHOLDER);
            bottom
        };
    let small = Face::Small.id();
    let (spoken, bottom) = match block {
        Block::Title(t) => {
            let mut font = Face::Row.bold();
            font.size = 19.0;
            (t.clone(), put(at, t, font, Role::Text, width, 26.0) + 2.0)
        }
        Block::Remark(t) => (t.clone(), put(at, t, small, Role::Text3, width, 17.0) + 4.0),
        Block::Lead {
            tone,
            sentence,
            second,
            ..
        } => {
            let bottom = lead(ui, at, width, *tone, sentence, second, p);
            (format!("{sentence} {second}"), bottom)
        }
        Block::Heading(t) => {
            let y = at.y + 12.0;
            painter.hline(
                at.x..=at.x + width,
                y,
                egui::Stroke::new(1.0, p.get(Role::Line)),
            );
            let below = put(
                pos2(at.x, y + 9.0),
                t,
                Face::Body.bold(),
                Role::Text,
                width,
                18.0,
            );
            (t.clone(), below + 4.0)
        }
        Block::Text(t) => (t.clone(), put(at, t, small, Role::Text, width, 17.0) + 4.0),
        Block::Row { label, text } => {
            let label_w = (width * 0.18).clamp(70.0, 110.0);
            let left = put(at, label, small.clone(), Role::Text3, label_w - 8.0, 17.0);
            let x = at.x + label_w;
            let right = put(
                pos2(x, at.y),
                text,
                small,
                Role::Text,
                width - label_w,
                17.0,
            );
            (format!("{label}: {text}"), left.max(right) + 3.0)
        }
        Block::Item { number, text } => {
            put(at, number, small.clone(), Role::Text, 20.0, 17.0);
            let below = put(
                at + vec2(20.0, 0.0),
                text,
                small,
                Role::Text,
                width - 20.0,
                17.0,
            );
            (format!("{number} {text}"), below + 3.0)
        }
        Block::Table {
            head,
            rows,
            figures,
        } => table(painter, p, at, width, head, rows, figures),
        Block::Line(t) => {
            // Below the text that it proves, on a tint.
            let shown = words::visible(t);
            let left = (width * 0.18).clamp(70.0, 110.0);
            let run = [(shown.as_str(), Face::MonoSmall.id(), p.get(Role::Text2))];
            let galley = text::paragraph(painter, &run, width - left - 12.0, 16.0, usize::MAX);
            let size = vec2(width - left, galley.size().y + 6.0);
            let quote = Rect::from_min_size(at + vec2(left, 0.0), size);
            painter.rect_filled(quote, CornerRadius::same(3), p.get(Role::Bg2));
            painter.galley(quote.min + vec2(6.0, 3.0), galley, Color32::PLACEHOLDER);
            (shown.clone(), quote.bottom() + 5.0)
        }
        Block::Raw(t) => {
            let shown = words::visible(t);
            let mono = Face::MonoSmall.id();
            let bottom = put(at, &shown, mono, Role::Text2, width, 16.0);
            (shown, bottom)
        }
    };
    let rect = Rect::from_min_max(at, pos2(at.x + width, bottom));
    ui.interact(rect, ui.scope_id().with(("block", i)), Sense::hover())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    bottom
}

/// A table: columns are as wide as their longest cell; where that is too much, the widest give way and
/// their cells wrap. Figures stand right.
fn table(
    painter: &egui::Painter,
    p: &Palette,
    at: egui::Pos2,
    width: f32,
    head: &[String],
    rows: &[Vec<String>],
    figures: &[usize],
) -> (String, f32) {
    let font = Face::Small.id();
    let mut wide = vec![24.0_f32; head.len().max(1)];
    for cells in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (w, cell) in wide.iter_mut().zip(cells) {
            *w = w.max(text::width(painter, cell, font.clone()) + 12.0);
        }
    }
    share(&mut wide, width);
    let mut y = at.y + 2.0;
    for (i, cells) in std::iter::once(head)
        .chain(rows.iter().map(Vec::as_slice))
        .enumerate()
    {
        let ink = p.get(if i == 0 { Role::Text3 } else { Role::Text });
        let mut x = at.x;
        let mut bottom = y + 19.0;
        for (c, (cell, w)) in cells.iter().zip(&wide).enumerate() {
            let run = [(cell.as_str(), font.clone(), ink)];
            let galley = text::paragraph(painter, &run, w - 8.0, 16.0, 40);
            let left = if figures.contains(&c) {
                x + w - 8.0 - galley.size().x
            } else {
                x
            };
            bottom = bottom.max(y + galley.size().y + 4.0);
            painter.galley(pos2(left, y + 1.0), galley, Color32::PLACEHOLDER);
            x += w;
        }
        y = bottom;
        let rule = egui::Stroke::new(1.0, p.get(Role::Line));
        painter.hline(at.x..=at.x + width, y, rule);
    }
    let spoken = rows
        .iter()
        .map(|r| r.join(", "))
        .collect::<Vec<_>>()
        .join("; ");
    (format!("{}: {spoken}", head.join(", ")), y + 4.0)
}

/// Takes what is too much from the widest columns, down to the next widest at a time.
fn share(wide: &mut [f32], width: f32) {
    for _ in 0..wide.len() * 2 {
        let over = wide.iter().sum::<f32>() - width;
        let most = wide.iter().copied().fold(0.0, f32::max);
        if over <= 0.5 || most <= 60.0 {
            return;
        }
        let next = wide
            .iter()
            .copied()
            .filter(|w| *w < most - 0.5)
            .fold(60.0, f32::max);
        let widest = wide.iter().filter(|w| **w > most - 0.5).count();
        #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
        let each = (over / widest as f32).min(most - next);
        for w in wide.iter_mut().filter(|w| **w > most - 0.5) {
            *w -= each;
        }
    }
}

fn lead(ui: &Ui, at: egui::Pos2, width: f32, tone: Tone, one: &str, two: &str, p: &Palette) -> f32 {
    let painter = ui.painter();
    let mut font = Face::Body.id();
    font.size = 13.5;
    let upper = text::paragraph(
        painter,
        &[(one, font, p.get(Role::Text))],
        width - 52.0,
        19.0,
        6,
    );
    let run = [(two, Face::Small.id(), p.get(Role::Text2))];
    let lower = text::paragraph(painter, &run, width - 52.0, 17.0, 6);
    let height = 18.0 + upper.size().y + if two.is_empty() { 0.0 } else { lower.size().y };
    let card = Rect::from_min_size(at + vec2(0.0, 6.0), vec2(width, height));
    let tint = p.get(tone_tint(tone));
    painter.rect_filled(card, CornerRadius::same(5), tint);
    let mark = match tone {
        Tone::Fail => Icon::Stop,
        Tone::Ok => Icon::Pass,
        other => mark_icon(other),
    };
    let centre = card.min + vec2(21.0, 18.5);
    icon::paint(painter, mark, centre, 17.0, p.get(tone_role(tone)), tint);
    let x = card.left() + 39.0;
    let y = card.top() + 9.0;
    let below = y + upper.size().y;
    painter.galley(pos2(x, y), upper, Color32::PLACEHOLDER);
    if !two.is_empty() {
        painter.galley(pos2(x, below), lower, Color32::PLACEHOLDER);
    }
    card.bottom() + 2.0
}
