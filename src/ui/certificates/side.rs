//! Beside the byte map: the fields that add up, the names one by one, or bytes in hex.

use egui::{CornerRadius, Id, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use super::bricks::Brick;
use super::byte_map::{about, swatch};
use super::inspected::{ChainRow, Looked};
use super::state::Side;
use super::table;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::words;

const LINE: f32 = 21.0;
/// Bytes of a line of hex.
const HEX: usize = 8;

/// The column at the right of the map.
pub fn side(
    ui: &mut Ui,
    rect: Rect,
    view: &mut View<'_>,
    row: &ChainRow,
    looked: &Looked,
    limits: &[u64],
) {
    inside(ui, rect, "map side", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        match view.state.certificates.side {
            Side::Fields => fields(ui, view, row, looked, limits),
            Side::Names => names(ui, view, looked, limits),
            Side::Hex => hex(ui, view, looked),
        }
    });
}

fn chosen<'a>(view: &View<'_>, looked: &'a Looked) -> Option<&'a Brick> {
    looked.bricks.get(view.state.certificates.brick?)
}

fn fields(ui: &mut Ui, view: &mut View<'_>, row: &ChainRow, looked: &Looked, limits: &[u64]) {
    let p = Palette::current(ui);
    // At 200 % the sum and the verdict must still be seen together.
    let tight = ui.max_rect().height() < 290.0;
    let height = if tight { 18.0 } else { LINE };
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        let width = ui.available_width();
        let picked = chosen(view, looked).map(|b| b.kind);
        for field in &looked.fields {
            let figure = words::grouped(field.bytes as u64);
            let name = format!("{}, {}", field.words, words::bytes(field.bytes as u64));
            let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            let id = Id::unique(("field", field.kind.number()));
            let on = picked == Some(field.kind);
            let response = crate::ui::widget::row_response(ui, rect, id, on, &name);
            swatch(
                ui.painter(),
                p,
                pos2(rect.left() + 8.0, rect.center().y),
                field.kind,
            );
            let words = format!("{} {}", field.kind.number(), field.words);
            table::cell(ui, rect, 20.0, Hold::Left, &words, Role::Text, width - 74.0);
            table::figure(ui, rect, width - 8.0, &figure, Role::Text, 60.0);
            if response.clicked() {
                view.state.certificates.brick =
                    looked.bricks.iter().position(|b| b.kind == field.kind);
            }
        }
        let (rect, response) = ui.allocate_exact_size(vec2(width, height + 2.0), Sense::hover());
        let bytes = looked.certificate.der_bytes() as u64;
        let sum = format!("adds up to {}", words::bytes(bytes));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &sum));
        let stroke = Stroke::new(1.0, p.get(Role::Line2));
        ui.painter().hline(rect.x_range(), rect.top() + 1.0, stroke);
        table::cell(ui, rect, 20.0, Hold::Left, "adds up to", Role::Text2, 120.0);
        let total = words::grouped(bytes);
        table::figure(ui, rect, width - 8.0, &total, Role::Text, 60.0);
        selected(ui, view, looked);
        let has_device = view.snap.certificates.profile.is_some();
        verdict(ui, row, looked, limits, (tight, has_device));
    });
}

/// The selected brick in words.
fn selected(ui: &mut Ui, view: &View<'_>, looked: &Looked) {
    let p = Palette::current(ui);
    if let Some(brick) = chosen(view, looked) {
        ui.add_space(4.0);
        let words = format!("Selected: {}", about(brick));
        text::label(ui, &[(&words, Face::Small.id(), p.get(Role::Text))], 16.0);
    }
}

fn verdict(
    ui: &mut Ui,
    row: &ChainRow,
    looked: &Looked,
    limits: &[u64],
    (tight, has_device): (bool, bool),
) {
    let p = Palette::current(ui);
    let bytes = looked.certificate.der_bytes() as u64;
    let count = looked
        .certificate
        .extensions
        .alt_names
        .as_ref()
        .map_or(0, Vec::len);
    ui.add_space(if tight { 3.0 } else { 8.0 });
    for (i, (limit, fit)) in looked.names_that_fit.iter().enumerate() {
        let last = i > 0 && i + 1 == looked.names_that_fit.len();
        let ink = p.get(if last { Role::Fail } else { Role::Warn });
        let words = match fit {
            Some(n) => format!("  fits with {n} names or fewer"),
            None => "  not even one name fits".to_owned(),
        };
        let limit = words::grouped(*limit);
        let runs = [
            (limit.as_str(), Face::Mono.id(), ink),
            (words.as_str(), Face::Small.id(), p.get(Role::Text)),
        ];
        text::label(ui, &runs, 17.0);
    }
    let (Some(first), Some(last)) = (limits.first(), limits.last()) else {
        if row.sent {
            let words = if has_device {
                "No limit for each certificate is known for this device."
            } else {
                "Choose a device in the Fit panel to see its limit."
            };
            text::label(ui, &[(words, Face::Small.id(), p.get(Role::Text2))], 16.0);
        }
        return;
    };
    let many = |n: Option<usize>| n.map(|n| count - n);
    let too_many: Vec<usize> = looked
        .names_that_fit
        .iter()
        .filter_map(|(_, n)| many(*n))
        .collect();
    let (title, lines, ink, tint, icon) = if bytes > *last {
        let few = too_many.iter().min();
        let most = too_many.iter().max();
        let names = match (few, most) {
            (Some(a), Some(b)) if a == b => format!("{a} names too many."),
            (Some(a), Some(b)) => format!("{a} to {b} names too many."),
            _ => format!("{} bytes too many.", words::grouped(bytes - last)),
        };
        let lines = if tight {
            names
        } else {
            format!("{names} Bytes behind the line are over the limit.")
        };
        (
            "Does not fit the device",
            lines,
            Role::Fail,
            Role::FailBg,
            Icon::Stop,
        )
    } else if bytes > *first {
        let lines = format!(
            "{} over {}, not over {}.",
            words::grouped(bytes - first),
            words::grouped(*first),
            words::grouped(*last)
        );
        (
            "Fits by one reading only",
            lines,
            Role::Warn,
            Role::WarnBg,
            Icon::Warn,
        )
    } else {
        let lines = format!("{} left.", words::bytes(first - bytes));
        ("Fits the device", lines, Role::Ok, Role::OkBg, Icon::Pass)
    };
    ui.add_space(if tight { 3.0 } else { 8.0 });
    let width = ui.available_width() - 8.0;
    let run = [(lines.as_str(), Face::Small.id(), p.get(Role::Text))];
    let galley = text::paragraph(ui.painter(), &run, width - 24.0, 16.0, 3);
    let size = vec2(width, galley.size().y + 36.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let name = format!("{title}. {lines}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(5), p.get(tint));
    let at = pos2(rect.left() + 18.0, rect.top() + 17.0);
    icon::paint(painter, icon, at, 13.0, p.get(ink), p.get(tint));
    let at = pos2(rect.left() + 32.0, rect.top() + 17.0);
    let run = (title, Face::Small.bold(), p.get(ink));
    text::mid(painter, at, Hold::Left, run, width - 40.0);
    let at = pos2(rect.left() + 12.0, rect.top() + 28.0);
    painter.galley(at, galley, p.get(Role::Text));
}

fn names(ui: &mut Ui, view: &mut View<'_>, looked: &Looked, limits: &[u64]) {
    let p = Palette::current(ui);
    let bricks: Vec<(usize, &Brick)> = looked
        .bricks
        .iter()
        .enumerate()
        .filter(|(_, b)| b.name)
        .collect();
    if bricks.is_empty() {
        let words = "This certificate has no names in subjectAltName.";
        text::label(ui, &[(words, Face::Small.id(), p.get(Role::Text2))], 16.0);
        return;
    }
    let picked = view.state.certificates.brick;
    let mut scroll = ScrollArea::vertical().auto_shrink([false, false]);
    let place = bricks.iter().position(|(i, _)| picked == Some(*i));
    if let Some(place) = place.filter(|_| view.state.certificates.scroll_names) {
        #[expect(clippy::cast_precision_loss, reason = "names of a certificate")]
        let above = place as f32 * LINE - ui.available_height() * 0.4;
        scroll = scroll.vertical_scroll_offset(above.max(0.0));
    }
    view.state.certificates.scroll_names = false;
    scroll.show_rows(ui, LINE, bricks.len(), |ui, range| {
        let width = ui.available_width();
        for (i, brick) in bricks.get(range).unwrap_or_default() {
            let (rect, _) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
            let over = limits
                .last()
                .is_some_and(|l| (brick.offset + brick.bytes) as u64 > *l);
            let name = format!(
                "{}{}",
                about(brick),
                if over { ", over the limit" } else { "" }
            );
            let on = picked == Some(*i);
            let response =
                crate::ui::widget::row_response(ui, rect, Id::unique(("name", *i)), on, &name);
            let ink = if over { Role::Fail } else { Role::Text };
            let label = words::visible(&brick.label);
            let short = text::fit_middle(ui.painter(), &label, &Face::Mono.id(), width - 56.0);
            let run = (short.as_str(), Face::Mono.id(), p.get(ink));
            let at = pos2(rect.left() + 4.0, rect.center().y);
            text::mid(ui.painter(), at, Hold::Left, run, width - 56.0);
            let figure = words::grouped(brick.bytes as u64);
            table::figure(ui, rect, width - 10.0, &figure, Role::Text2, 40.0);
            if response.clicked() {
                view.state.certificates.brick = Some(*i);
            }
            response.on_hover_text(name);
        }
    });
}

fn hex(ui: &mut Ui, view: &View<'_>, looked: &Looked) {
    let p = Palette::current(ui);
    let der = &looked.certificate.der;
    let (from, to) = match chosen(view, looked) {
        Some(brick) => (brick.offset, brick.offset + brick.bytes),
        None => (0, der.len()),
    };
    let what = match chosen(view, looked) {
        Some(brick) => about(brick),
        None => "All bytes; click a brick to see its own.".into(),
    };
    text::label(ui, &[(&what, Face::Small.id(), p.get(Role::Text2))], 16.0);
    ui.add_space(4.0);
    let bytes = der.get(from..to.min(der.len())).unwrap_or_default();
    let lines: Vec<&[u8]> = bytes.chunks(HEX).collect();
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    scroll.show_rows(ui, 16.0, lines.len(), |ui, range| {
        for i in range {
            let hex: Vec<String> = lines
                .get(i)
                .map(|l| l.iter().map(|b| format!("{b:02x}")).collect())
                .unwrap_or_default();
            let line = format!("{:04x} {}", from + i * HEX, hex.join(" "));
            let size = vec2(ui.available_width(), 16.0);
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &line));
            let run = (line.as_str(), Face::MonoTiny.id(), p.get(Role::Text));
            text::mid(ui.painter(), rect.left_center(), Hold::Left, run, size.x);
        }
    });
}
