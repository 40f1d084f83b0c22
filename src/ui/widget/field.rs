//! Fields: one line of text with a name, a list to choose from, a box to tick.

use egui::{ComboBox, Id, Margin, Response, TextEdit, Ui};

use crate::ui::font::Face;

/// Heights of a field: in a form, and in the head of a panel.
const HEIGHT: f32 = 32.0;
const SMALL: f32 = 26.0;

/// One line of text, 32 high; `name` is for screen readers, `hint` stands in the empty field.
pub fn text_field(
    ui: &mut Ui,
    id: Id,
    value: &mut String,
    name: &str,
    hint: &str,
    width: f32,
) -> Response {
    put(ui, line(id, value, hint, width), HEIGHT, name)
}

/// The same, 26 high for heads of panels.
pub fn small_text_field(
    ui: &mut Ui,
    id: Id,
    value: &mut String,
    name: &str,
    hint: &str,
    width: f32,
) -> Response {
    put(ui, line(id, value, hint, width), SMALL, name)
}

/// A field of one line whose text is not shown.
pub fn password_field(
    ui: &mut Ui,
    id: Id,
    value: &mut String,
    name: &str,
    hint: &str,
    width: f32,
) -> Response {
    let line = line(id, value, hint, width).password(true);
    put(ui, line, HEIGHT, name)
}

fn put(ui: &mut Ui, line: TextEdit<'_>, height: f32, name: &str) -> Response {
    // A field is never lower than what the style asks of a control.
    let before = std::mem::replace(&mut ui.spacing_mut().interact_size.y, height);
    let margin = Margin::symmetric(8, if height < HEIGHT { 2 } else { 4 });
    let line = line.margin(margin).min_size(egui::vec2(40.0, height));
    let response = ui.add(line).accessible_name(name);
    ui.spacing_mut().interact_size.y = before;
    response
}

fn line<'t>(id: Id, value: &'t mut String, hint: &str, width: f32) -> TextEdit<'t> {
    TextEdit::singleline(value)
        .id(id)
        .hint_text(hint.to_owned())
        .font(Face::Mono.id())
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(width)
}

/// A list to choose one of, 26 high for heads of panels; what does not fit is cut.
pub fn small_choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    options: &[(T, &str)],
) -> bool {
    ui.scope(|ui| {
        let spacing = ui.spacing_mut();
        spacing.interact_size.y = 26.0;
        spacing.button_padding = egui::vec2(9.0, 2.0);
        ui.style_mut().override_font_id = Some(Face::Small.id());
        choice(ui, name, width, value, options)
    })
    .inner
}

/// A list to choose one of; what does not fit in `width` is cut.
pub fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    options: &[(T, &str)],
) -> bool {
    let shown = options
        .iter()
        .find(|(v, _)| v == value)
        .map_or("", |(_, label)| label);
    let mut changed = false;
    let inner = ComboBox::from_id_salt(name)
        .selected_text(shown)
        .width(width)
        .truncate()
        .show_ui(ui, |ui| {
            for (v, label) in options {
                changed |= ui.selectable_value(value, *v, *label).changed();
            }
        });
    inner
        .response
        .accessible_name(format!("{name}: {shown}"))
        .on_hover_text(format!("{name}: {shown}"));
    changed
}

/// A box to tick with its words.
pub fn tick(ui: &mut Ui, value: &mut bool, words: &str) -> Response {
    ui.checkbox(value, words)
}
