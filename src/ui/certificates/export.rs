//! Certificates out again: what and how at the left, the files with a preview at the right.

use egui::{ComboBox, Id, Key, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::device_choice::device_choice;
use super::exported::{ExportOutcome, ExportRow, Exported};
use super::inspected::Inspected;
use super::pick::suggest;
use super::state::ExportState;
use super::{GUTTER, table};
use crate::cert::{ExportForm, ExportWish};
use crate::session::Tone;
use crate::ui::command::{Act, Command, Dialog};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside, row, row_from_right};
use crate::ui::widget::{Button, panel, tabs, text_field, tick};
use crate::ui::words;

const TABS: [&str; 2] = ["Form", "Files"];
/// Height of the row that writes.
const FOOT: f32 = 48.0;

/// The view in `rect`.
pub fn export(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let state = &mut view.state.certificates.export;
    let there = |p: &super::Pick| made.choices.iter().any(|c| c.pick == *p);
    state.of = state.of.filter(there).or_else(|| suggest(&made.choices).0);
    let Some(of) = state.of else {
        panel(ui, rect, "Export", "", |ui, rooms| {
            inside(ui, rooms.body.shrink2(vec2(12.0, 10.0)), "nothing", |ui| {
                let p = Palette::current(ui);
                let words = "There is no certificate to export. Private keys are never kept, so \
                             they cannot be written here.";
                text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
            });
        });
        return;
    };
    let wish = state.wish.clone();
    let found = view.source.exported(of, &wish);
    if view.room <= Room::Narrow {
        let line = rect.with_max_y(rect.top() + 34.0);
        let tab = view.state.certificates.export.tab.min(1);
        if let Some(i) = row(ui, line, "export tabs", |ui| tabs(ui, &TABS, tab)) {
            view.state.certificates.export.tab = i;
        }
        let body = rect.with_min_y(line.bottom() + 4.0);
        if tab == 0 {
            form(ui, body, view, made);
        } else {
            files(ui, body, view, found.as_deref());
        }
        return;
    }
    let left = rect.with_max_x(rect.left() + (rect.width() * 0.34).clamp(360.0, 440.0));
    let right = rect.with_min_x(left.right() + GUTTER);
    form(ui, left, view, made);
    files(ui, right, view, found.as_deref());
}

fn heading(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    ui.add_space(4.0);
    text::label(ui, &[(words, Face::Small.bold(), p.get(Role::Text2))], 17.0);
}

fn form(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    panel(ui, rect, "What and how", "", |ui, rooms| {
        inside(
            ui,
            rooms.body.shrink2(vec2(12.0, 8.0)),
            "export form",
            |ui| {
                ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        what(ui, view, made);
                        how(ui, view, made);
                    });
            },
        );
    });
}

fn what(ui: &mut Ui, view: &mut View<'_>, made: &Inspected) {
    heading(ui, "Certificates");
    let state = &mut view.state.certificates.export;
    let shown = state
        .of
        .and_then(|v| made.choices.iter().find(|c| c.pick == v))
        .map_or("choose", |c| c.label.as_str());
    let width = ui.available_width() - 8.0;
    let painter = ui.painter().clone();
    let short = text::fit_middle(&painter, shown, &Face::Body.id(), width - 34.0);
    let mut chosen = state.of;
    ComboBox::from_id_salt("export of")
        .selected_text(short)
        .width(width)
        .height(320.0)
        .show_ui(ui, |ui| {
            for choice in &made.choices {
                let on = chosen == Some(choice.pick);
                if ui.selectable_label(on, choice.label.as_str()).clicked() {
                    chosen = Some(choice.pick);
                }
            }
        })
        .response
        .accessible_name(format!("Certificates to export: {shown}"))
        .on_hover_text("They come out in the order of their path, leaf first");
    state.of = chosen;
}

fn how(ui: &mut Ui, view: &mut View<'_>, made: &Inspected) {
    heading(ui, "Device");
    ui.horizontal(|ui| {
        device_choice(ui, view, made);
        let ready = made.device.is_some();
        let hint = if ready {
            "The commands of its modem where there are any, one certificate a file where it wants that"
        } else {
            "Choose the device first"
        };
        let button = Button::new("As it takes them")
            .small()
            .enabled(ready)
            .hint(hint);
        if ui.add(button).clicked()
            && let Some(profile) = &made.device
        {
            view.state.certificates.export.wish = ExportWish::for_device_by(profile, &view.snap.certificates.tables.scripts);
        }
    });
    let state = &mut view.state.certificates.export;
    let wish = &mut state.wish;
    heading(ui, "Form");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for (form, _) in ExportForm::PLAIN {
            let on = wish.form == form;
            let words = form.text();
            if ui.add(Button::new(&words).small().selected(on)).clicked() {
                wish.form = form;
            }
        }
    });
    ui.add_space(2.0);
    let script = match &wish.form {
        ExportForm::Script(id) => (view.snap.certificates.tables.scripts.iter())
            .find(|s| s.id == *id)
            .map_or_else(|| id.clone(), |s| s.name.clone()),
        _ => "Commands for a modem".into(),
    };
    let width = ui.available_width() - 8.0;
    let mut chosen = None;
    ComboBox::from_id_salt("export script")
        .selected_text(script.as_str())
        .width(width)
        .height(320.0)
        .show_ui(ui, |ui| {
            for one in view.snap.certificates.tables.scripts.iter() {
                let on = matches!(&wish.form, ExportForm::Script(id) if *id == one.id);
                let item = ui.selectable_label(on, one.name.as_str());
                if item.on_hover_text(one.source.as_str()).clicked() {
                    chosen = Some(one.id.clone());
                }
            }
        })
        .response
        .accessible_name(format!("Script: {script}"))
        .on_hover_text("Commands in order, with the files that they send");
    if let Some(id) = chosen {
        wish.form = ExportForm::Script(id);
    }
    heading(ui, "Files");
    let pem = matches!(wish.form, ExportForm::Pem | ExportForm::PemCrLf);
    let one = matches!(wish.form, ExportForm::Der | ExportForm::Script(_));
    ui.add_enabled_ui(!one, |ui| {
        tick(ui, &mut wish.split, "One certificate a file");
    });
    tick(ui, &mut wish.hash_names, "Size and SHA-256 in the names");
    ui.add_enabled_ui(pem, |ui| {
        tick(ui, &mut wish.nul, "NUL at the end, as Mbed TLS wants it");
    });
    tick(
        ui,
        &mut wish.without_root,
        "Without the root, as servers send it",
    );
    tick(
        ui,
        &mut wish.without_extra,
        "Without what is not part of the path",
    );
    ui.add_space(6.0);
    let p = Palette::current(ui);
    let remark = "Private keys are never kept by this program: no file here can hold one.";
    text::label(ui, &[(remark, Face::Small.id(), p.get(Role::Text3))], 16.0);
}

fn files(ui: &mut Ui, rect: Rect, view: &mut View<'_>, found: Option<&Exported>) {
    let remark = found.map_or_else(
        || "made …".to_owned(),
        |f| {
            let files = words::count(f.rows.len() as u64, "file", "files");
            format!("{files}, {}, nothing written yet", words::bytes(f.bytes()))
        },
    );
    panel(ui, rect, "Files to write", &remark, |ui, rooms| {
        let Some(found) = found.filter(|f| !f.rows.is_empty()) else {
            return;
        };
        let outcome = view.source.export_outcome();
        let asks = outcome
            .as_ref()
            .is_some_and(|o| !matches!(o, ExportOutcome::Busy));
        let foot_h = FOOT + if asks { 30.0 } else { 0.0 };
        let foot = rooms.body.with_min_y(rooms.body.bottom() - foot_h);
        let above = rooms.body.with_max_y(foot.top());
        #[expect(clippy::cast_precision_loss, reason = "a handful of files")]
        let wanted = table::HEAD + found.rows.len() as f32 * table::ROW + 2.0;
        let list_h = wanted.min(above.height() * 0.45);
        let list = above.with_max_y(above.top() + list_h);
        let below = above.with_min_y(list.bottom() + 2.0);
        inside(ui, list, "export files", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            list_rows(ui, view, found);
        });
        let at = view.state.certificates.export.shown;
        let shown = found.rows.get(at).or_else(|| found.rows.first());
        if let Some(shown) = shown {
            preview(ui, below, view, shown);
        }
        write(ui, foot, view, outcome.as_ref());
    });
}

fn list_rows(ui: &mut Ui, view: &mut View<'_>, found: &Exported) {
    let w = ui.available_width();
    let (bytes, about, verdict) = (w * 0.5, w * 0.5 + 16.0, w - 118.0);
    table::head(
        ui,
        &[
            ("Name", 12.0, Hold::Left),
            ("Bytes", bytes, Hold::Right),
            ("What", about, Hold::Left),
            ("On the device", verdict, Hold::Left),
        ],
    );
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show_rows(ui, table::ROW, found.rows.len(), |ui, range| {
        for i in range {
            let Some(of) = found.rows.get(i) else {
                continue;
            };
            let name = format!(
                "{}, {}, {}{}",
                of.name,
                words::bytes(of.bytes),
                of.about,
                if of.verdict.is_empty() {
                    String::new()
                } else {
                    format!(", {}", of.verdict)
                }
            );
            let on = view.state.certificates.export.shown == i;
            let id = Id::unique(("export file", i));
            let (rect, response) = table::row(ui, table::ROW, id, on, &name);
            let room = bytes - 80.0;
            let painter = ui.painter().clone();
            let file = text::fit_middle(&painter, &of.name, &Face::Mono.id(), room);
            let run = (
                file.as_str(),
                Face::Mono.id(),
                Palette::current(ui).get(Role::Text),
            );
            let at = pos2(rect.left() + 12.0, rect.center().y);
            text::mid(&painter, at, Hold::Left, run, room);
            let figure = words::grouped(of.bytes);
            table::figure(ui, rect, bytes, &figure, Role::Text, 66.0);
            let room = verdict - about - 10.0;
            table::cell(ui, rect, about, Hold::Left, &of.about, Role::Text2, room);
            if !of.verdict.is_empty() {
                table::verdict(ui, rect, verdict, of.tone, &of.verdict, 112.0);
            }
            if response.clicked() {
                view.state.certificates.export.shown = i;
            }
            response.on_hover_text(if of.why.is_empty() { &name } else { &of.why });
        }
    });
}

/// The text of a file, or its bytes.
fn preview(ui: &mut Ui, rect: Rect, view: &mut View<'_>, of: &ExportRow) {
    let p = Palette::current(ui);
    let head = rect.with_max_y(rect.top() + 30.0);
    let at = pos2(head.left() + 12.0, head.center().y);
    let run = (of.name.as_str(), Face::Small.bold(), p.get(Role::Text));
    text::mid(ui.painter(), at, Hold::Left, run, head.width() - 120.0);
    row_from_right(ui, head.shrink2(vec2(8.0, 0.0)), "preview head", |ui| {
        let ready = !of.text.is_empty();
        let copy = Button::new("Copy")
            .small()
            .icon(Icon::Copy)
            .name("Copy this text")
            .enabled(ready)
            .hint(if ready {
                "Copy this text"
            } else {
                "Bytes are written to a file"
            });
        if ui.add(copy).clicked() && ready {
            view.ask(Act::Copy {
                text: of.text.clone(),
                done: format!("Copied {}", of.name),
            });
        }
    });
    let body = rect.with_min_y(head.bottom());
    ui.painter()
        .rect_filled(body, egui::CornerRadius::ZERO, p.get(Role::Bg2));
    inside(ui, body.shrink2(vec2(12.0, 4.0)), "preview", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show_rows(ui, 16.0, of.lines.len(), |ui, range| {
            for line in of.lines.get(range).unwrap_or_default() {
                let size = vec2(ui.available_width(), 16.0);
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, line));
                let ink = if line.starts_with('#') {
                    Role::Text3
                } else {
                    Role::Text
                };
                let run = (line.as_str(), Face::MonoTiny.id(), p.get(ink));
                text::mid(ui.painter(), rect.left_center(), Hold::Left, run, size.x);
            }
        });
    });
}

/// Where to, and what came of it.
fn write(ui: &mut Ui, rect: Rect, view: &mut View<'_>, outcome: Option<&ExportOutcome>) {
    let p = Palette::current(ui);
    let line = rect.with_min_y(rect.bottom() - FOOT);
    if rect.height() > FOOT {
        said(ui, rect.with_max_y(line.top()), view, outcome);
    }
    ui.painter().hline(
        rect.x_range(),
        rect.top(),
        egui::Stroke::new(1.0, p.get(Role::Line)),
    );
    row(ui, line.shrink2(vec2(10.0, 0.0)), "write", |ui| {
        let state: &mut ExportState = &mut view.state.certificates.export;
        let width = (ui.available_width() - 220.0).clamp(120.0, 520.0);
        let id = Id::unique("export folder");
        let hint = "Folder to write to";
        let field = text_field(ui, id, &mut state.folder, hint, hint, width);
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let folder = state.folder.trim().to_owned();
        if ui
            .add(Button::new("Browse").name("Browse for a folder"))
            .clicked()
        {
            view.ask(Act::Dialog(Dialog::ExportFolder));
        }
        let busy = matches!(outcome, Some(ExportOutcome::Busy));
        let ready = !folder.is_empty() && !busy;
        let button = Button::primary("Write files")
            .enabled(ready)
            .hint(if ready {
                "Nothing that is there already is replaced without asking"
            } else {
                "Type a folder, or browse for one"
            });
        if (ui.add(button).clicked() || enter) && ready {
            ask(view, folder, false);
        }
    });
}

fn ask(view: &mut View<'_>, folder: String, replace: bool) {
    let state = &view.state.certificates.export;
    if let Some(of) = state.of {
        let wish = state.wish.clone();
        view.session(Command::ExportCertificates {
            of,
            wish,
            folder: folder.into(),
            replace,
        });
    }
}

fn said(ui: &mut Ui, rect: Rect, view: &mut View<'_>, outcome: Option<&ExportOutcome>) {
    let p = Palette::current(ui);
    let (tone, words) = match outcome {
        Some(ExportOutcome::Written {
            files,
            bytes,
            folder,
        }) => (
            Tone::Ok,
            format!(
                "Wrote {}, {}, to {}",
                words::count(*files as u64, "file", "files"),
                words::bytes(*bytes),
                folder.display()
            ),
        ),
        Some(ExportOutcome::Exists(names)) => (
            Tone::Warn,
            format!(
                "{} there already: {}. Nothing was written.",
                if names.len() == 1 {
                    "One is"
                } else {
                    "Some are"
                },
                names.join(", ")
            ),
        ),
        Some(ExportOutcome::Failed(sentence, _)) => (Tone::Fail, sentence.clone()),
        _ => return,
    };
    let at = pos2(rect.left() + 20.0, rect.center().y);
    let ink = p.get(crate::ui::theme::tone_role(tone));
    let mark = crate::ui::widget::mark_icon(tone);
    icon::paint(ui.painter(), mark, at, 12.0, ink, p.get(Role::Bg1));
    let run = (words.as_str(), Face::Small.id(), p.get(Role::Text));
    let asks = matches!(outcome, Some(ExportOutcome::Exists(_)));
    let room = rect.width() - 44.0 - if asks { 130.0 } else { 0.0 };
    let shown = text::mid(
        ui.painter(),
        pos2(rect.left() + 34.0, rect.center().y),
        Hold::Left,
        run,
        room,
    );
    let response = ui.interact(shown, Id::unique("export said"), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, &words));
    if let Some(ExportOutcome::Failed(_, details)) = outcome {
        response.on_hover_text(details);
    } else {
        response.on_hover_text(&words);
    }
    if asks {
        row_from_right(ui, rect.shrink2(vec2(8.0, 0.0)), "replace", |ui| {
            let replace = Button::new("Replace them").small();
            if ui.add(replace).clicked() {
                let folder = view.state.certificates.export.folder.trim().to_owned();
                ask(view, folder, true);
            }
        });
    }
}
