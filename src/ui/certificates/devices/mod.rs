//! Device profiles: a list at the left, every figure of one with its source at the right; copy one,
//! change a figure, hand it on, take one in.

mod draft;
mod list;
mod profile;

use egui::{Rect, Ui, pos2, vec2};

use super::GUTTER;
use super::inspected::Inspected;
use crate::device::{DeviceList, DeviceProfile};
use crate::session::Tone;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::state::Room;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, row};
use crate::ui::widget::{mark_icon, tabs};

use list::listed;
use profile::shown;

const TABS: [&str; 2] = ["Devices", "Profile"];
/// Height of the row below the list.
const FOOT: f32 = 48.0;

/// The view in `rect`.
pub fn devices(ui: &mut Ui, rect: Rect, view: &mut View<'_>, made: &Inspected) {
    let list = view.source.devices();
    if view.room <= Room::Narrow {
        let line = rect.with_max_y(rect.top() + 34.0);
        let tab = view.state.certificates.devices.tab.min(1);
        if let Some(i) = row(ui, line, "device tabs", |ui| tabs(ui, &TABS, tab)) {
            view.state.certificates.devices.tab = i;
        }
        let body = rect.with_min_y(line.bottom() + 4.0);
        if tab == 0 {
            listed(ui, body, view, made, &list);
        } else {
            shown(ui, body, view, &list);
        }
        return;
    }
    let left = rect.with_max_x(rect.left() + (rect.width() * 0.36).clamp(360.0, 460.0));
    let right = rect.with_min_x(left.right() + GUTTER);
    listed(ui, left, view, made, &list);
    shown(ui, right, view, &list);
}

/// The profile that is shown: picked, else in use, else the first.
fn looked_at<'l>(view: &View<'_>, list: &'l DeviceList) -> Option<&'l DeviceProfile> {
    let picked = view.state.certificates.devices.shown.as_deref();
    let used = view.snap.device.as_ref().map(|d| d.id.as_str());
    picked
        .and_then(|id| list.get(id))
        .or_else(|| used.and_then(|id| list.get(id)))
        .or(list.profiles.first())
}

/// What came of the last wish about profiles.
fn said(ui: &mut Ui, view: &View<'_>) {
    let error = view.state.certificates.devices.error.clone();
    let said = error.map(Err).or_else(|| view.source.profile_outcome());
    let Some(said) = said else {
        return;
    };
    let p = Palette::current(ui);
    let (tone, words) = match &said {
        Ok(words) => (Tone::Ok, words),
        Err(words) => (Tone::Fail, words),
    };
    let w = ui.available_width();
    let run = [(words.as_str(), Face::Small.id(), p.get(Role::Text))];
    let galley = text::paragraph(ui.painter(), &run, w - 52.0, 16.0, 3);
    let size = vec2(w, galley.size().y + 10.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, words));
    let at = pos2(rect.left() + 20.0, rect.top() + 13.0);
    let ink = p.get(tone_role(tone));
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        12.0,
        ink,
        p.get(Role::Bg1),
    );
    let at = rect.min + vec2(34.0, 5.0);
    ui.painter().galley(at, galley, p.get(Role::Text));
}

fn heading(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), 30.0), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, words));
    let at = pos2(rect.left() + 12.0, rect.top() + 18.0);
    let run = (words, Face::Small.bold(), p.get(Role::Text2));
    text::mid(ui.painter(), at, Hold::Left, run, rect.width() - 24.0);
}
