//! The Certificates place: the chain under the limits of the device, where the bytes of a
//! certificate go, and what names, dates and files have against it.
//!
//! All of it is what the session holds; choosing a device and stating the host are commands.

pub mod bricks;
mod byte_grid;
mod byte_map;
mod chain;
mod chain_rows;
mod clock_rows;
mod clock_table;
mod compare;
mod compared;
mod dates;
mod device_choice;
mod devices;
mod export;
mod exported;
mod files;
mod fit;
mod fit_rows;
pub mod inspected;
mod listed;
mod name_matrix;
mod name_rows;
mod names;
mod password;
mod pick;
mod printed;
mod reduce;
mod side;
mod state;
pub mod table;
mod trust;
mod trust_rows;

pub use compared::Compared;
pub use exported::{ExportOutcome, Exported, files_of};
pub use fit_rows::{DeviceRow, FitRow};
pub use inspected::Inspected;
pub use listed::{ListRow, Sort};
pub use pick::{Choice, Pick};
pub use state::{CertificatesState, Side, WorkView};
pub use trust_rows::TrustRow;

use egui::{Rect, ScrollArea, Ui, pos2, vec2};

use super::command::{Act, Dialog};
use super::icon::Icon;
use super::keys::{self, KeyDoes};
use super::state::Room;
use super::view::{View, inside, row, row_from_right};
use super::widget::{Button, Empty, PANEL_HEAD, Split, choice, empty, panel, splitter, tabs};
use super::words;
use crate::session::Tone;

const GUTTER: f32 = 12.0;
/// Width of the list of views in small and narrow windows.
const CHOOSER: f32 = 112.0;
const TABS: [&str; 7] = [
    "Chain", "Bytes", "Fit", "Smaller", "Names", "Dates", "Trust",
];

/// Shows the place in `rect`.
pub fn certificates(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    if view.snap.certificates.is_empty() {
        if view.state.certificates.view == WorkView::Devices {
            let made = Inspected::default();
            let rect = views(ui, rect, view, &made);
            devices::devices(ui, rect, view, &made);
        } else {
            without_files(ui, rect, view);
        }
        return;
    }
    let focus = view.state.certificates.focus;
    let Some(made) = view.source.inspected_file(focus) else {
        panel(ui, rect, "Certificates", "reading …", |_, _| {});
        return;
    };
    let rect = views(ui, rect, view, &made);
    let rect = password::ask(ui, rect, view);
    match view.state.certificates.view {
        WorkView::Inspect => {}
        WorkView::Files => return files::files(ui, rect, view, &made),
        WorkView::Compare => return compare::compare(ui, rect, view, &made),
        WorkView::Names => return name_matrix::name_matrix(ui, rect, view, &made),
        WorkView::Dates => return clock_table::clock_table(ui, rect, view, &made),
        WorkView::Export => return export::export(ui, rect, view, &made),
        WorkView::Devices => return devices::devices(ui, rect, view, &made),
    }
    if made.rows.is_empty() {
        no_certificate(ui, rect, &made);
    } else if view.room <= Room::Narrow {
        narrow(ui, rect, view, &made);
    } else {
        wide(ui, rect, view, &made);
    }
}

/// Which view is shown: tabs where there is room, else a list to choose from in the line of the
/// tabs below. Gives the room for the view.
fn views(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) -> Rect {
    let now = view.state.certificates.view;
    let count = made.listed.len();
    let names: Vec<String> = WorkView::ALL
        .iter()
        .map(|v| match v {
            WorkView::Files if count > 1 => {
                format!("{} {}", v.name(), words::grouped(count as u64))
            }
            _ => v.name().to_owned(),
        })
        .collect();
    if view.room <= Room::Narrow {
        let line = rect.with_max_y(rect.top() + 36.0);
        let width = CHOOSER;
        let chooser = line.with_max_x(line.left() + width);
        row(ui, chooser.shrink2(vec2(4.0, 0.0)), "view", |ui| {
            let mut chosen = now;
            let options: Vec<(WorkView, &str)> = WorkView::ALL
                .iter()
                .copied()
                .zip(names.iter().map(String::as_str))
                .collect();
            if choice(ui, "View", width - 12.0, &mut chosen, &options) {
                view.state.certificates.view = chosen;
            }
        });
        return match now {
            // Its tabs stand beside the chooser.
            WorkView::Inspect => rect,
            _ if view.room == Room::Small => {
                rect.with_min_y(line.bottom() + 4.0).shrink2(vec2(6.0, 0.0))
            }
            _ => rect.with_min_y(line.bottom() + 4.0),
        };
    }
    let line = rect.with_max_y(rect.top() + 34.0);
    let shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let at = WorkView::ALL.iter().position(|v| *v == now).unwrap_or(0);
    if let Some(i) = row(ui, line, "views", |ui| tabs(ui, &shown, at)) {
        view.state.certificates.view = WorkView::ALL.get(i).copied().unwrap_or_default();
    }
    row_from_right(ui, line, "views right", |ui| {
        let hint = keys::hint(KeyDoes::Open);
        let open = Button::new("Add files").small().hint(&hint);
        if ui.add(open).clicked() {
            view.ask(Act::Dialog(Dialog::Open));
        }
        if view.state.certificates.focus.is_some() {
            let all = Button::quiet("All files together").small();
            if ui
                .add(all.hint("Look for one chain in all files"))
                .clicked()
            {
                view.state.certificates.focus = None;
            }
        }
    });
    rect.with_min_y(line.bottom() + 8.0)
}

fn wide(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let w = rect.width();
    let side = match view.state.split[2] {
        Some(width) => width.clamp(360.0, (w - 420.0).max(361.0)),
        None => (w * 0.356).clamp(360.0, 480.0),
    };
    let left = rect.with_max_x(rect.right() - side - GUTTER);
    let right = rect.with_min_x(left.right() + GUTTER);
    let chain_h = chain::height(made).min(rect.height() * 0.34);
    #[expect(clippy::cast_precision_loss, reason = "a handful of changes")]
    let changes = made.reductions.len().clamp(1, 4) as f32;
    let reduce_h = (PANEL_HEAD + changes * table::ROW + 12.0).min(rect.height() * 0.22);
    let [top, middle, bottom] = stack(left, [chain_h, 0.0, reduce_h]);
    chain::chain(ui, top, view, made);
    byte_map::byte_map(ui, middle, view, made);
    reduce::reduce(ui, bottom, made);
    let free = rect.height() - 3.0 * GUTTER;
    #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
    let fit_rows = made.fit.len().max(2) as f32;
    let fit_h = if view.state.certificates.all_devices {
        free * 0.48
    } else {
        let all = PANEL_HEAD + table::HEAD + fit_rows * table::ROW + 8.0;
        all.clamp(free * 0.16, free * 0.32)
    };
    #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
    let dates_h = (PANEL_HEAD + 44.0 + made.rows.len().min(3) as f32 * dates::ROW).min(free * 0.24);
    let left_over = free - fit_h - dates_h;
    let names_h = if made.names.is_empty() {
        PANEL_HEAD + 44.0
    } else {
        left_over * 0.48
    };
    let [a, rest] = stack(right, [fit_h, 0.0]);
    let [b, c, d] = stack(rest, [names_h, dates_h, 0.0]);
    fit::fit(ui, a, view, made);
    names::names(ui, b, view, made);
    dates::dates(ui, c, view, made);
    trust::trust(ui, d, made);
    let gutter = Rect::from_min_max(left.right_top(), right.left_bottom());
    let moved = splitter(ui, gutter, Split::Columns, "Width of the fit");
    if moved != 0.0 {
        view.state.split[2] = Some(side - moved);
    }
}

/// Rectangles below each other, a gutter apart; the height 0 takes what is left.
fn stack<const N: usize>(rect: Rect, heights: [f32; N]) -> [Rect; N] {
    #[expect(clippy::cast_precision_loss, reason = "a handful of panels")]
    let gutters = (N as f32 - 1.0) * GUTTER;
    let rest = (rect.height() - gutters - heights.iter().sum::<f32>()).max(40.0);
    let mut top = rect.top();
    heights.map(|height| {
        let height = if height > 0.0 { height } else { rest };
        let min = pos2(rect.left(), top);
        top += height + GUTTER;
        Rect::from_min_size(min, vec2(rect.width(), height))
    })
}

/// One panel at a time.
fn narrow(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let bar = rect.with_max_y(rect.top() + 36.0);
    let beside = bar.with_min_x(bar.left() + CHOOSER);
    let tab = view.state.certificates.tab.min(TABS.len() - 1);
    let clicked = row(ui, beside, "certificate tabs", |ui| tabs(ui, &TABS, tab));
    if let Some(i) = clicked {
        view.state.certificates.tab = i;
    }
    let mut body = rect.with_min_y(bar.bottom() + 4.0);
    if view.room == Room::Small {
        body = body.shrink2(vec2(6.0, 2.0));
    }
    match tab {
        0 => chain::chain(ui, body, view, made),
        1 => byte_map::byte_map(ui, body, view, made),
        2 => fit::fit(ui, body, view, made),
        3 => reduce::reduce(ui, body, made),
        4 => names::names(ui, body, view, made),
        5 => dates::dates(ui, body, view, made),
        _ => trust::trust(ui, body, made),
    }
}

/// Files were read and hold no certificate: keys, requests, what cannot be read.
fn no_certificate(ui: &mut Ui, rect: Rect, made: &Inspected) {
    trust::trust(ui, rect, made);
}

/// Nothing to take bytes from: what a log printed, else what this place takes.
fn without_files(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let shown = view
        .state
        .shown_attempt(&snap)
        .and_then(|i| snap.attempts.get(i));
    let printed = shown.map_or(&[][..], |a| &a.certificates[..]);
    let remark = if printed.is_empty() {
        String::new()
    } else {
        let n = words::count(printed.len() as u64, "certificate", "certificates");
        format!("{n} of the peer, as the log printed them; not their bytes")
    };
    panel(ui, rect, "Certificates", &remark, |ui, rooms| {
        let body = rooms.body.shrink2(vec2(20.0, 16.0));
        inside(ui, body, "certificates", |ui| {
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                for certificate in printed {
                    printed::card(ui, certificate);
                }
                if !printed.is_empty() {
                    ui.add_space(16.0);
                }
                empty(ui, &nothing_yet(!printed.is_empty()));
                let hint = keys::hint(KeyDoes::Open);
                ui.horizontal(|ui| {
                    let open = Button::primary("Open certificates").hint(&hint);
                    if ui.add(open).clicked() {
                        view.ask(Act::Dialog(Dialog::Open));
                    }
                    if ui.add(Button::quiet("Device profiles")).clicked() {
                        view.state.certificates.view = WorkView::Devices;
                    }
                });
            });
        });
    });
}

fn nothing_yet(printed: bool) -> Empty<'static> {
    Empty {
        icon: Icon::Cert,
        tone: Tone::Unknown,
        title: if printed {
            "Their bytes are not here"
        } else {
            "No certificate yet"
        },
        sentence: if printed {
            "Drop or paste the server's chain as PEM or DER: it is measured byte by byte and held \
             against the device's limits, the host and the dates."
        } else {
            "Drop or paste PEM, DER, PKCS#7, hex dumps or C arrays: chain, bytes, names and dates \
             are held against the device's limits. Certificates that a stack prints in its log \
             appear here too; with Mbed TLS that needs debug level 3."
        },
    }
}
