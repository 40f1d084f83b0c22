//! Everything that was read, a row each, with a filter: twenty files or two thousand.

use egui::{Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::inspected::Inspected;
use super::listed::{ListRow, Sort, chosen};
use super::state::WorkView;
use super::table::{self, ROW};
use crate::session::Tone;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, choice, panel, small_text_field};
use crate::ui::words;

const SORTS: [(Sort, &str); 4] = [
    (Sort::Files, "file order"),
    (Sort::Verdict, "wrong first"),
    (Sort::Size, "largest first"),
    (Sort::End, "ends first"),
];

/// Where the columns begin, from the left of a row.
struct Columns {
    title: f32,
    file: f32,
    bytes: f32,
    key: f32,
    until: f32,
    /// Left end of the button at the right.
    end: f32,
}

impl Columns {
    fn of(w: f32) -> Self {
        let end = w - 84.0;
        let until = end - 84.0;
        // In small windows name, size and verdict decide; file and key are in the tooltip.
        if w < 700.0 {
            return Self {
                title: 112.0,
                file: f32::INFINITY,
                bytes: until - 12.0,
                key: f32::INFINITY,
                until,
                end,
            };
        }
        let key = until - 126.0;
        let bytes = key - 20.0;
        let file = 112.0 + (bytes - 70.0 - 112.0) * 0.6;
        Self {
            title: 112.0,
            file,
            bytes,
            key,
            until,
            end,
        }
    }
}

/// The view in `rect`.
pub fn files(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let state = &view.state.certificates.files;
    let shown = chosen(&made.listed, &state.filter, state.sort);
    let wrong = made.listed.iter().filter(|r| r.tone == Tone::Fail).count();
    let remark = words::joined(&[
        &words::count(made.listed.len() as u64, "object", "objects"),
        &words::count(made.certificates as u64, "certificate", "certificates"),
        &match wrong {
            0 => String::new(),
            n => format!("{} wrong", words::grouped(n as u64)),
        },
    ]);
    panel(ui, rect, "Files", &remark, |ui, rooms| {
        row_from_right(ui, rooms.head, "files head", |ui| {
            let state = &mut view.state.certificates.files;
            ui.spacing_mut().interact_size.y = 26.0;
            ui.spacing_mut().button_padding.y = 2.0;
            choice(ui, "Order", 116.0, &mut state.sort, &SORTS);
            let width = (ui.available_width() - 20.0).clamp(60.0, 260.0);
            small_text_field(
                ui,
                Id::unique("files filter"),
                &mut state.filter,
                "Filter",
                "name, file, issuer, RSA …",
                width,
            );
        });
        inside(ui, rooms.body, "file rows", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let columns = Columns::of(ui.available_width());
            let mut heads = vec![
                ("Verdict", 10.0, Hold::Left),
                ("What", columns.title, Hold::Left),
                ("Bytes", columns.bytes, Hold::Right),
                ("Until", columns.until, Hold::Left),
            ];
            if columns.file.is_finite() {
                heads.push(("File", columns.file, Hold::Left));
                heads.push(("Key", columns.key, Hold::Left));
            }
            table::head(ui, &heads);
            if shown.is_empty() {
                let p = Palette::current(ui);
                let words = "No row holds these words.";
                let room = ui.max_rect().shrink2(vec2(12.0, 34.0));
                inside(ui, room, "no row", |ui| {
                    text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
                });
                return;
            }
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show_rows(ui, ROW, shown.len(), |ui, range| {
                for i in shown.get(range).unwrap_or_default() {
                    if let Some(row) = made.listed.get(*i) {
                        one(ui, view, &columns, *i, row, made);
                    }
                }
            });
        });
    });
}

fn one(
    ui: &mut Ui,
    view: &mut View<'_>,
    columns: &Columns,
    i: usize,
    of: &ListRow,
    made: &Inspected,
) {
    let name = format!(
        "{}, {}, {}, {}{}{}",
        of.title,
        of.file,
        words::bytes(of.bytes),
        of.word,
        if of.key.is_empty() {
            String::new()
        } else {
            format!(", {}", of.key)
        },
        if of.until.is_empty() {
            String::new()
        } else {
            format!(", until {}", of.until)
        }
    );
    let on = made.focus == Some(of.input);
    let (rect, response) = table::row(ui, ROW, Id::unique(("file row", i)), on, &name);
    table::verdict(ui, rect, 10.0, of.tone, &of.word, 98.0);
    let right = if columns.file.is_finite() {
        columns.file
    } else {
        columns.bytes - 60.0
    };
    let room = right - columns.title - 10.0;
    let painter = ui.painter().clone();
    let font = Face::Table.id();
    let title = text::fit_middle(&painter, &of.title, &font, room);
    table::cell(
        ui,
        rect,
        columns.title,
        Hold::Left,
        &title,
        Role::Text,
        room,
    );
    if columns.file.is_finite() {
        let room = columns.bytes - 70.0 - columns.file;
        let file = text::fit_middle(&painter, &of.file, &font, room);
        table::cell(ui, rect, columns.file, Hold::Left, &file, Role::Text2, room);
        let room = columns.until - columns.key - 8.0;
        table::cell(
            ui,
            rect,
            columns.key,
            Hold::Left,
            &of.key,
            Role::Text2,
            room,
        );
    }
    let bytes = words::grouped(of.bytes);
    table::figure(ui, rect, columns.bytes, &bytes, Role::Text, 66.0);
    let run = (
        of.until.as_str(),
        Face::MonoSmall.id(),
        Palette::current(ui).get(Role::Text2),
    );
    let at = pos2(rect.left() + columns.until, rect.center().y);
    text::mid(&painter, at, Hold::Left, run, 82.0);
    let end = Rect::from_min_max(
        pos2(rect.left() + columns.end, rect.top()),
        pos2(rect.right() - 4.0, rect.bottom()),
    );
    let removed = row(ui, end, &format!("remove {i}"), |ui| {
        let name = format!("Remove {}", of.file);
        let remove = Button::quiet("Remove").small().name(&name);
        ui.add(remove.hint("Take this file out of the session; the file itself stays"))
            .clicked()
    });
    if removed {
        view.session(Command::RemoveInput(of.input));
    } else if response.clicked() && of.certificate.is_some() {
        let state = &mut view.state.certificates;
        state.focus = Some(of.input);
        state.view = WorkView::Inspect;
        state.row = 0;
        state.brick = None;
    }
    response.on_hover_text(name);
}
