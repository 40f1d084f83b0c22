//! The Report place: the page as it would be written, its form, what is left out, where it goes.

use egui::{Color32, CornerRadius, Id, Key, Rect, ScrollArea, Sense, Theme, Ui, pos2, vec2};

use super::command::{Act, Command, Dialog, ReportForm};
use super::font::Face;
use super::icon::{self, Icon};
use super::source::{ReportBlock, ReportPreview};
use super::state::Room;
use super::text::{self, Hold};
use super::theme::{Palette, Role, tone_role, tone_tint};
use super::view::{View, inside, row, row_from_right};
use super::widget::{Button, bare, panel, tabs, text_field};
use super::words;
use crate::session::Tone;

/// Shows the place in `rect`.
pub fn report(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let preview = view
        .source
        .report_preview(view.state.report.form, view.state.report.leave_out);
    if view.room <= Room::Narrow && rect.width() < 700.0 {
        let bar = rect.with_max_y(rect.top() + 36.0);
        let tab = usize::from(view.state.diagnose.facts_tab);
        let clicked = row(ui, bar.shrink2(vec2(10.0, 0.0)), "report tabs", |ui| {
            tabs(ui, &["Page", "Form"], tab)
        });
        if let Some(i) = clicked {
            view.state.diagnose.facts_tab = i == 1;
        }
        let body = rect.with_min_y(bar.bottom()).shrink2(vec2(6.0, 4.0));
        if tab == 0 {
            page(ui, body, &preview);
        } else {
            side(ui, body, &preview, view);
        }
        return;
    }
    let side_w = if view.room == Room::Narrow {
        300.0
    } else {
        356.0
    };
    let left = rect.with_max_x(rect.right() - side_w - 12.0);
    page(ui, left, &preview);
    side(ui, rect.with_min_x(left.right() + 12.0), &preview, view);
}

/// The page, on white as it is printed.
fn page(ui: &mut Ui, rect: Rect, preview: &ReportPreview) {
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
                    let line = "Nothing to report yet: open or connect something first.";
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
fn show_block(
    ui: &Ui,
    at: egui::Pos2,
    width: f32,
    i: usize,
    block: &ReportBlock,
    p: &Palette,
) -> f32 {
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
        ReportBlock::Title(t) => {
            let mut font = Face::Row.bold();
            font.size = 19.0;
            (t.clone(), put(at, t, font, Role::Text, width, 26.0) + 2.0)
        }
        ReportBlock::Remark(t) => (t.clone(), put(at, t, small, Role::Text3, width, 17.0) + 4.0),
        ReportBlock::Lead {
            tone,
            sentence,
            second,
        } => {
            let bottom = lead(ui, at, width, *tone, sentence, second, p);
            (format!("{sentence} {second}"), bottom)
        }
        ReportBlock::Heading(t) => {
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
        ReportBlock::Text(t) => (t.clone(), put(at, t, small, Role::Text, width, 17.0) + 4.0),
        ReportBlock::Row { label, text } => {
            let label_w = (width * 0.18).clamp(70.0, 110.0);
            let a = put(at, label, small.clone(), Role::Text3, label_w - 8.0, 17.0);
            let x = at.x + label_w;
            let b = put(
                pos2(x, at.y),
                text,
                small,
                Role::Text,
                width - label_w,
                17.0,
            );
            (format!("{label}: {text}"), a.max(b) + 3.0)
        }
        ReportBlock::Item { number, text } => {
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
        ReportBlock::Table {
            head,
            rows,
            figures,
        } => table(painter, p, at, width, head, rows, figures),
        ReportBlock::Line(t) => {
            let shown = words::visible(t);
            let mono = Face::MonoSmall.id();
            (
                shown.clone(),
                put(at, &shown, mono, Role::Text2, width, 16.0),
            )
        }
    };
    let rect = Rect::from_min_max(at, pos2(at.x + width, bottom));
    ui.interact(rect, ui.scope_id().with(("block", i)), Sense::hover())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    bottom
}

/// A table: columns share the width by their longest cell; figures stand right.
fn table(
    painter: &egui::Painter,
    p: &Palette,
    at: egui::Pos2,
    width: f32,
    head: &[String],
    rows: &[Vec<String>],
    figures: &[usize],
) -> (String, f32) {
    let columns = head.len().max(1);
    let font = Face::Small.id();
    let mut wide = vec![24.0_f32; columns];
    for cells in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (w, cell) in wide.iter_mut().zip(cells) {
            *w = w.max(text::width(painter, cell, font.clone()) + 12.0);
        }
    }
    // What is too much is taken from the widest column, so that times and figures stay whole.
    let over = wide.iter().sum::<f32>() - width;
    if over > 0.0 {
        if let Some(widest) = wide.iter_mut().max_by(|a, b| a.total_cmp(b)) {
            *widest = (*widest - over).max(60.0);
        }
    }
    let mut y = at.y + 2.0;
    for (i, cells) in std::iter::once(head)
        .chain(rows.iter().map(Vec::as_slice))
        .enumerate()
    {
        let ink = p.get(if i == 0 { Role::Text3 } else { Role::Text });
        let mut x = at.x;
        for (c, (cell, w)) in cells.iter().zip(&wide).enumerate() {
            let run = (cell.as_str(), font.clone(), ink);
            if figures.contains(&c) {
                text::mid(
                    painter,
                    pos2(x + w - 8.0, y + 9.0),
                    Hold::Right,
                    run,
                    w - 10.0,
                );
            } else {
                text::mid(painter, pos2(x, y + 9.0), Hold::Left, run, w - 8.0);
            }
            x += w;
        }
        y += 19.0;
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

fn lead(ui: &Ui, at: egui::Pos2, width: f32, tone: Tone, one: &str, two: &str, p: &Palette) -> f32 {
    let painter = ui.painter();
    let mut font = Face::Body.id();
    font.size = 13.5;
    let a = text::paragraph(
        painter,
        &[(one, font, p.get(Role::Text))],
        width - 52.0,
        19.0,
        6,
    );
    let run = [(two, Face::Small.id(), p.get(Role::Text2))];
    let b = text::paragraph(painter, &run, width - 52.0, 17.0, 6);
    let height = 18.0 + a.size().y + if two.is_empty() { 0.0 } else { b.size().y };
    let card = Rect::from_min_size(at + vec2(0.0, 6.0), vec2(width, height));
    let tint = p.get(tone_tint(tone));
    painter.rect_filled(card, CornerRadius::same(5), tint);
    let mark = match tone {
        Tone::Fail => Icon::Stop,
        Tone::Ok => Icon::Pass,
        other => super::widget::mark_icon(other),
    };
    let centre = card.min + vec2(21.0, 18.5);
    icon::paint(painter, mark, centre, 17.0, p.get(tone_role(tone)), tint);
    let x = card.left() + 39.0;
    let y = card.top() + 9.0;
    let below = y + a.size().y;
    painter.galley(pos2(x, y), a, Color32::PLACEHOLDER);
    if !two.is_empty() {
        painter.galley(pos2(x, below), b, Color32::PLACEHOLDER);
    }
    card.bottom() + 2.0
}

fn side(ui: &mut Ui, rect: Rect, preview: &ReportPreview, view: &mut View<'_>) {
    inside(ui, rect, "report side", |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let width = ui.available_width();
                let mut y = ui.cursor().top();
                let left = ui.cursor().left();
                let mut next = |h: f32| {
                    let r = Rect::from_min_size(pos2(left, y), vec2(width, h));
                    y += h + 12.0;
                    r
                };
                let form = next(182.0);
                let leave = next(34.0 + 6.0 * 35.0 + 52.0);
                form_panel(ui, form, view);
                leave_out_panel(ui, leave, preview, view);
                if !preview.question.is_empty() {
                    let run = [(
                        preview.question.as_str(),
                        Face::Body.id(),
                        Color32::PLACEHOLDER,
                    )];
                    let galley = text::paragraph(ui.painter(), &run, width - 26.0, 18.0, 40);
                    let r = next(34.0 + galley.size().y + 24.0);
                    question_panel(ui, r, preview, view);
                }
                ui.allocate_rect(
                    Rect::from_min_max(pos2(left, ui.cursor().top()), pos2(left + width, y)),
                    Sense::hover(),
                );
            });
    });
}

fn form_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "Form", "", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "form", |ui| {
            ui.horizontal_wrapped(|ui| {
                for form in [ReportForm::Html, ReportForm::Markdown, ReportForm::Json] {
                    let on = view.state.report.form == form;
                    if ui.add(Button::new(form.label()).selected(on)).clicked() {
                        view.state.report.form = form;
                    }
                }
            });
            let width = ui.available_width();
            let id = Id::unique("report path");
            let field = text_field(
                ui,
                id,
                &mut view.state.report.path,
                "Path to save to",
                "Path to save to",
                width,
            );
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let path = view.state.report.path.trim().to_owned();
            let ready = !path.is_empty();
            ui.horizontal_wrapped(|ui| {
                let save = Button::new("Save here")
                    .enabled(ready)
                    .name("Save report here");
                if (ui.add(save).clicked() || enter) && ready {
                    view.session(Command::ExportReport {
                        path: path.clone().into(),
                        form: view.state.report.form,
                        leave_out: view.state.report.leave_out,
                    });
                }
                let session = Button::new("Session here")
                    .enabled(ready)
                    .name("Save session here");
                if ui.add(session).clicked() {
                    view.session(Command::SaveSession(path.into()));
                }
                if ui.add(Button::quiet("Browse")).clicked() {
                    view.ask(Act::Dialog(Dialog::SaveReport));
                }
            });
        });
    });
}

fn leave_out_panel(ui: &mut Ui, rect: Rect, preview: &ReportPreview, view: &mut View<'_>) {
    panel(ui, rect, "What is left out", "", |ui, rooms| {
        let p = Palette::current(ui);
        let painter = ui.painter().clone();
        let mut y = rooms.body.top();
        let body = rooms.body;
        let mut line = |name: &str, said: &str| {
            let r = Rect::from_min_size(pos2(body.left(), y), vec2(body.width(), 35.0));
            let rule = egui::Stroke::new(1.0, p.get(Role::Line));
            painter.hline(r.x_range(), r.bottom(), rule);
            y += 35.0;
            let m = r.center().y;
            let run = (name, Face::Body.id(), p.get(Role::Text));
            let end = text::mid(&painter, pos2(r.left() + 44.0, m), Hold::Left, run, 160.0);
            let run = (said, Face::Small.id(), p.get(Role::Text2));
            let room = r.right() - 12.0 - end.right() - 12.0;
            text::mid(&painter, pos2(r.right() - 12.0, m), Hold::Right, run, room);
            r
        };
        let never = line("Private keys", "never included");
        let lock = pos2(never.left() + 20.0, never.center().y);
        icon::paint(
            &painter,
            Icon::Lock,
            lock,
            16.0,
            p.get(Role::Text3),
            p.get(Role::Bg1),
        );
        let out = &mut view.state.report.leave_out;
        let switches: [(&str, &mut bool); 5] = [
            ("Passwords, tokens", &mut out.secrets),
            ("IP addresses", &mut out.addresses),
            ("Host names", &mut out.hosts),
            ("IMEI, serial numbers", &mut out.identities),
            ("Raw log", &mut out.raw_log),
        ];
        for (i, (name, on)) in switches.into_iter().enumerate() {
            let said = match (&preview.left_out[i], &*on) {
                (said, _) if !said.is_empty() => said.as_str(),
                (_, true) => "none found",
                (_, false) => "shown",
            };
            let r = line(name, said);
            let response = ui.interact(r, ui.scope_id().with(name), Sense::click());
            if response.clicked() {
                *on = !*on;
            }
            let state = *on;
            response.widget_info(|| {
                egui::WidgetInfo::selected(
                    egui::Role::CheckBox,
                    true,
                    state,
                    format!("Leave out {name}"),
                )
            });
            tick_box(ui, pos2(r.left() + 20.0, r.center().y), state);
            super::widget::focus_ring(ui, &response, 3);
        }
        let note = "Nothing is hidden that the receiver needs to check the numbers.";
        let run = [(note, Face::Small.id(), p.get(Role::Text2))];
        let galley = text::paragraph(&painter, &run, body.width() - 24.0, 16.0, 3);
        painter.galley(
            pos2(body.left() + 12.0, y + 9.0),
            galley,
            Color32::PLACEHOLDER,
        );
    });
}

fn tick_box(ui: &Ui, centre: egui::Pos2, on: bool) {
    let p = Palette::current(ui);
    let square = Rect::from_center_size(centre, vec2(16.0, 16.0));
    let round = CornerRadius::same(3);
    let (fill, frame) = if on {
        (Role::Accent, Role::Accent)
    } else {
        (Role::Bg1, Role::Line2)
    };
    ui.painter().rect(
        square,
        round,
        p.get(fill),
        egui::Stroke::new(1.5, p.get(frame)),
        egui::StrokeKind::Inside,
    );
    if on {
        icon::paint(
            ui.painter(),
            Icon::Ok,
            centre,
            11.0,
            p.get(Role::OnAccent),
            p.get(Role::Accent),
        );
    }
}

fn question_panel(ui: &mut Ui, rect: Rect, preview: &ReportPreview, view: &mut View<'_>) {
    panel(ui, rect, "Ready-made question", "", |ui, rooms| {
        row_from_right(ui, rooms.head, "question copy", |ui| {
            let copy = Button::new("Copy")
                .small()
                .icon(Icon::Copy)
                .name("Copy the question");
            if ui.add(copy).clicked() {
                view.ask(Act::Copy {
                    text: preview.question.clone(),
                    done: "Copied the question.".into(),
                });
            }
        });
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "question", |ui| {
            let p = Palette::current(ui);
            let run = [(
                preview.question.as_str(),
                Face::Body.id(),
                p.get(Role::Text),
            )];
            text::label(ui, &run, 18.0);
        });
    });
}
