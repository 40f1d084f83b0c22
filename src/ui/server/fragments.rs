//! Are smaller fragments honoured? Asked size, verdict, largest record that came.

use egui::{Id, Rect, ScrollArea, Ui};

use super::chain::nothing;
use crate::server::Verdict;
use crate::session::{ServerSeen, Tone};
use crate::ui::certificates::table;
use crate::ui::text::Hold;
use crate::ui::theme::Role;
use crate::ui::view::inside;
use crate::ui::words;

/// The part in `rect`.
pub fn fragments(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    inside(ui, rect, "fragments", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let tries = seen.probe().map_or(&[][..], |p| &p.fragments);
        if tries.is_empty() {
            nothing(ui, "The server was not asked for smaller fragments yet.");
            return;
        }
        let w = rect.width();
        let (size, verdict, largest) = (w * 0.40, w * 0.46, w - 16.0);
        table::head(
            ui,
            &[
                ("Extension", 10.0, Hold::Left),
                ("Asked for", size, Hold::Right),
                ("Server", verdict, Hold::Left),
                ("Largest record", largest, Hold::Right),
            ],
        );
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            for (i, tried) in tries.iter().enumerate() {
                let what = match tried.code {
                    Some(_) => "max_fragment_length",
                    None => "record_size_limit",
                };
                let (tone, word) = match tried.verdict {
                    Some(Verdict::Honoured) => (Tone::Ok, "honoured"),
                    Some(Verdict::Ignored) => (Tone::Warn, "ignored"),
                    Some(Verdict::Refused) => (Tone::Fail, "refused"),
                    None => (Tone::Unknown, "flight too small to tell"),
                };
                let asked = words::grouped(tried.size as u64);
                let came = tried
                    .largest_record
                    .map_or_else(|| "none".to_owned(), |n| words::bytes(n as u64));
                let spoken = format!("{what} {asked}: {word}, largest record {came}");
                let id = Id::unique(("fragment", i));
                let (line, _) = table::row(ui, table::ROW, id, false, &spoken);
                table::cell(ui, line, 10.0, Hold::Left, what, Role::Text, size - 80.0);
                table::figure(ui, line, size, &asked, Role::Text, 60.0);
                table::verdict(ui, line, verdict, tone, word, largest - verdict - 110.0);
                table::figure(ui, line, largest, &came, Role::Text, 110.0);
            }
        });
    });
}
