//! Beside the page: its form, a letter, what is left out, a question to send.

use egui::{Color32, CornerRadius, Id, Key, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::ui::command::{Act, Command, Dialog, ReportForm};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::source::ReportPreview;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, focus_ring, panel, text_field};

/// The column in `rect`.
pub fn side(ui: &mut Ui, rect: Rect, preview: &ReportPreview, view: &mut View<'_>) {
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
                form_panel(ui, form, view);
                if !preview.letter.is_empty() {
                    let subject = subject(preview);
                    let run = [(subject, Face::Body.id(), Color32::PLACEHOLDER)];
                    let galley = text::paragraph(ui.painter(), &run, width - 26.0, 18.0, 4);
                    let r = next(34.0 + galley.size().y + 46.0);
                    letter_panel(ui, r, preview, view);
                }
                let leave = next(34.0 + 6.0 * 35.0 + 52.0);
                leave_out_panel(ui, leave, preview, view);
                if !preview.question.is_empty() && preview.letter.is_empty() {
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

/// The first line of the letter.
fn subject(preview: &ReportPreview) -> &str {
    let first = preview.letter.lines().next().unwrap_or_default();
    first.strip_prefix("Subject: ").unwrap_or(first)
}

/// The letter by its subject; the whole of it stands at the end of the page.
fn letter_panel(ui: &mut Ui, rect: Rect, preview: &ReportPreview, view: &mut View<'_>) {
    panel(ui, rect, "Letter to send", "", |ui, rooms| {
        row_from_right(ui, rooms.head, "letter copy", |ui| {
            let copy = Button::new("Copy")
                .small()
                .icon(Icon::Copy)
                .name("Copy the letter");
            if ui.add(copy).clicked() {
                view.ask(Act::Copy {
                    text: preview.letter.clone(),
                    done: "Copied the letter.".into(),
                });
            }
        });
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "letter", |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            let p = Palette::current(ui);
            let run = [(subject(preview), Face::Body.id(), p.get(Role::Text))];
            text::label(ui, &run, 18.0);
            let more = "The whole text stands at the end of the page.";
            text::label(ui, &[(more, Face::Small.id(), p.get(Role::Text2))], 16.0);
        });
    });
}

fn form_panel(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "Form", "", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "form", |ui| {
            ui.horizontal_wrapped(|ui| {
                for (form, words) in [
                    (ReportForm::Html, "HTML, prints to PDF"),
                    (ReportForm::Markdown, "Markdown"),
                    (ReportForm::Json, "JSON"),
                ] {
                    let on = view.state.report.form == form;
                    if ui.add(Button::new(words).selected(on)).clicked() {
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
            focus_ring(ui, &response, 3);
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
