//! Facts that the person states: a form, and the list of what was stated.

use egui::{ComboBox, Id, Key, Rect, ScrollArea, Ui, vec2};

use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::source::{FactChoice, FactKind};
use crate::ui::text;
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::widget::{Button, text_field};

/// Form and list in `rect`.
pub fn facts(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    inside(ui, rect.shrink2(vec2(12.0, 10.0)), "facts", |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                form(ui, view);
                stated(ui, view);
            });
    });
}

fn form(ui: &mut Ui, view: &mut View<'_>) {
    let choices = view.source.fact_choices();
    let chosen = choices
        .iter()
        .find(|c| c.name == view.state.diagnose.fact)
        .cloned();
    ui.horizontal_wrapped(|ui| {
        let shown = chosen
            .as_ref()
            .map_or("Choose a fact", |c| c.label.as_str());
        let combo = ComboBox::from_id_salt("fact")
            .selected_text(shown)
            .width(230.0);
        let inner = combo.show_ui(ui, |ui| {
            for choice in choices.iter() {
                let fact = &mut view.state.diagnose.fact;
                let words = format!("{} ({})", choice.label, choice.name);
                if ui.selectable_label(*fact == choice.name, words).clicked() {
                    fact.clone_from(&choice.name);
                    view.state.diagnose.value.clear();
                }
            }
        });
        inner.response.accessible_name(format!("Fact: {shown}"));
        if let Some(choice) = &chosen {
            value(ui, choice, view);
        }
    });
}

fn value(ui: &mut Ui, choice: &FactChoice, view: &mut View<'_>) {
    let typed = &mut view.state.diagnose.value;
    let mut say = None;
    match &choice.kind {
        FactKind::Bool => {
            for (word, value) in [("yes", "yes"), ("no", "no")] {
                let name = format!("{}: {word}", choice.label);
                if ui.add(Button::new(word).name(&name)).clicked() {
                    say = Some(value.to_owned());
                }
            }
        }
        FactKind::Word(options) => {
            for word in options {
                let name = format!("{}: {word}", choice.label);
                if ui.add(Button::new(word).name(&name)).clicked() {
                    say = Some(word.clone());
                }
            }
        }
        FactKind::Int { unit } => {
            let name = format!("Value of {}", choice.label);
            let field = text_field(ui, Id::unique("fact value"), typed, &name, "number", 110.0);
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            ui.label(unit);
            let digits: String = typed.chars().filter(|c| *c != ',' && *c != ' ').collect();
            let good = digits.parse::<i64>().is_ok();
            let button = Button::primary("State it").enabled(good);
            if (ui.add(button.hint("A whole number")).clicked() || enter) && good {
                say = Some(digits);
            }
        }
        FactKind::Text => {
            let name = format!("Value of {}", choice.label);
            let field = text_field(ui, Id::unique("fact value"), typed, &name, "value", 200.0);
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let good = !typed.trim().is_empty();
            let button = Button::primary("State it").enabled(good);
            if (ui.add(button).clicked() || enter) && good {
                say = Some(typed.trim().to_owned());
            }
        }
    }
    if let Some(value) = say {
        view.state.diagnose.value.clear();
        view.session(Command::StateFact {
            name: choice.name.clone(),
            value,
        });
    }
}

fn stated(ui: &mut Ui, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let facts = view.source.stated_facts();
    if facts.is_empty() {
        let words = "Nothing stated yet. A stated fact counts as evidence and is marked as yours.";
        text::label(ui, &[(words, Face::Small.id(), p.get(Role::Text2))], 16.0);
        return;
    }
    for fact in facts {
        ui.horizontal_wrapped(|ui| {
            let name = egui::RichText::new(&fact.name).font(Face::Mono.id());
            ui.label(name.color(p.get(Role::Text2)));
            ui.label(&fact.value);
            let spoken = format!("Remove {}", fact.name);
            let remove = Button::quiet("Remove").small().name(&spoken);
            if ui.add(remove).clicked() {
                view.session(Command::RemoveFact(fact.name.clone()));
            }
        });
    }
}
