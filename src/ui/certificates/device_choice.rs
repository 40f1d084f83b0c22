//! Which device: a list to choose from, with a field that narrows it.
//!
//! In: the profiles and the device of the session. Out: the choice, as a command. Must not know what
//! a profile states.

use egui::{ComboBox, Id, Key, PopupCloseBehavior, ScrollArea, Ui};

use super::inspected::Inspected;
use crate::device::{DeviceList, DeviceProfile};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::View;
use crate::ui::widget::small_text_field;
use crate::ui::words;

/// Width of the open list.
const LIST: f32 = 340.0;
/// Height of the profiles in it.
const ROWS: f32 = 300.0;

/// A profile holds every word that was typed.
pub(super) fn is_meant(profile: &DeviceProfile, typed: &str) -> bool {
    let typed = typed.to_lowercase();
    let text = format!("{} {} {}", profile.id, profile.name, profile.about).to_lowercase();
    typed.split_whitespace().all(|word| text.contains(word))
}

/// What stands where no profile is meant.
pub(super) fn nothing_meant(ui: &mut Ui, typed: &str) {
    let p = Palette::current(ui);
    let words = format!(
        "No profile holds \u{201c}{}\u{201d}.",
        words::visible(typed.trim())
    );
    ui.add_space(8.0);
    text::label(ui, &[(&words, Face::Small.id(), p.get(Role::Text2))], 16.0);
}

/// What was picked in the list.
enum Picked {
    Profile(Option<String>),
    All,
}

/// The control, 26 high.
pub(super) fn device_choice(ui: &mut Ui, view: &mut View<'_>, made: &Inspected) {
    let list = view.source.devices();
    let chosen = view.snap.device.as_ref().map(|d| d.id.clone());
    let shown = match (&view.snap.device, &made.device) {
        (Some(device), _) => device.name.clone(),
        (None, Some(config)) => config.name.clone(),
        (None, None) => "Choose a device".into(),
    };
    let width = (ui.available_width() - 4.0).clamp(90.0, 210.0);
    let painter = ui.painter().clone();
    let short = text::fit_middle(&painter, &shown, &Face::Body.id(), width - 34.0);
    let typed = &mut view.state.certificates.device_typed;
    let inner = ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 26.0;
        ui.spacing_mut().button_padding.y = 2.0;
        ComboBox::from_id_salt("device profile")
            .selected_text(short)
            .width(width)
            .height(ROWS + 100.0)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show_ui(ui, |ui| open_list(ui, &list, chosen.as_deref(), typed))
    });
    let combo = inner.inner;
    if combo.inner.is_none() {
        typed.clear();
    }
    let picked = combo.inner.flatten();
    combo
        .response
        .accessible_name(format!("Device profile: {shown}"))
        .on_hover_text("Whose limits count");
    match picked {
        Some(Picked::Profile(id)) => view.session(Command::ChooseDevice(id)),
        Some(Picked::All) => view.state.certificates.view = super::WorkView::Devices,
        None => {}
    }
}

fn open_list(
    ui: &mut Ui,
    list: &DeviceList,
    chosen: Option<&str>,
    typed: &mut String,
) -> Option<Picked> {
    ui.set_width(LIST);
    ui.spacing_mut().item_spacing.y = 2.0;
    let id = Id::unique("device typed");
    let field = small_text_field(ui, id, typed, "Find a device", "name, modem …", LIST - 20.0);
    let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    if !field.has_focus() && typed.is_empty() && !field.lost_focus() {
        field.request_focus();
    }
    ui.spacing_mut().interact_size.y = 27.0;
    ui.spacing_mut().button_padding.y = 2.0;
    let mut picked = None;
    let mut profiles: Vec<_> = (list.profiles.iter())
        .filter(|p| is_meant(p, typed))
        .collect();
    profiles.sort_by_cached_key(|p| p.name.to_lowercase());
    if entered && let Some(first) = profiles.first() {
        picked = Some(Picked::Profile(Some(first.id.clone())));
    }
    let rows = ScrollArea::vertical().max_height(ROWS);
    rows.show(ui, |ui| {
        ui.set_width(LIST - 12.0);
        if typed.trim().is_empty() && ui.selectable_label(chosen.is_none(), "No device").clicked() {
            picked = Some(Picked::Profile(None));
        }
        if profiles.is_empty() {
            nothing_meant(ui, typed);
        }
        for profile in profiles {
            let on = chosen == Some(profile.id.as_str());
            let item = ui
                .selectable_label(on, profile.name.as_str())
                .on_hover_text(profile.about.as_str());
            if item.clicked() {
                picked = Some(Picked::Profile(Some(profile.id.clone())));
            }
        }
    });
    ui.separator();
    let all = ui.selectable_label(false, "Show and change devices");
    if all.clicked() {
        picked = Some(Picked::All);
    }
    if picked.is_some() {
        ui.close();
    }
    picked
}
