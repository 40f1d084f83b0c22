//! The clock of an input beside others: what was added to its times and why, and the way to say
//! otherwise; and whose words the input holds.
//!
//! In: the snapshot's clocks. Out: commands. What follows from steps that both inputs show is the
//! session's to find.

use egui::{Id, Key, Popup, PopupCloseBehavior, Ui};

use crate::evidence::{Input, Lane};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::View;
use crate::ui::widget::{Button, text_field};

/// The button and what it opens.
pub fn clock(ui: &mut Ui, input: &Input, view: &mut View<'_>) {
    let hint = "Times of this input beside the others, and whose words it holds";
    let button = Button::quiet("Clock").small().hint(hint);
    let response = ui.add(button);
    Popup::from_toggle_button_response(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_max_width(330.0);
            ui.set_min_width(330.0);
            inside(ui, input, view);
        });
}

fn inside(ui: &mut Ui, input: &Input, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let snap = view.snap.clone();
    let clock = snap.clocks.iter().find(|c| c.input == input.id);
    let words = clock.map_or("Its times stand as they are printed.", |c| &c.sentence);
    let words = crate::ui::words::visible(words);
    text::label(ui, &[(&words, Face::Small.id(), p.get(Role::Text))], 16.0);
    ui.add_space(6.0);
    let mut say = None;
    ui.horizontal_wrapped(|ui| {
        let typed = &mut view.state.log.offset;
        let field = text_field(
            ui,
            Id::unique("clock offset"),
            typed,
            "Milliseconds to add",
            "milliseconds",
            110.0,
        );
        let number = typed
            .trim()
            .replace('\u{2212}', "-")
            .replace(',', "")
            .parse::<i64>();
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let set = Button::new("Add").small().name("Add to its times");
        if (ui.add(set.enabled(number.is_ok())).clicked() || enter)
            && let Ok(ms) = number
        {
            say = Some(Command::SetOffset(input.id, Some(ms)));
        }
        let by_hand = clock.is_some_and(|c| c.by_hand);
        let back = Button::quiet("From the steps").small();
        if ui.add(back.enabled(by_hand)).clicked() {
            say = Some(Command::SetOffset(input.id, None));
        }
    });
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        for (lane, words) in [
            (Lane::Device, "Device's words"),
            (Lane::Peer, "Server's words"),
        ] {
            let button = Button::new(words).small().selected(input.lane == lane);
            if ui.add(button).clicked() {
                say = Some(Command::SetLane(input.id, Some(lane)));
            }
        }
        if ui.add(Button::quiet("By content").small()).clicked() {
            say = Some(Command::SetLane(input.id, None));
        }
    });
    if let Some(command) = say {
        view.session(command);
    }
}
