//! The Server place: what it will take, and what the evidence says so far.

use egui::{Rect, Ui, vec2};

use super::command::Act;
use super::font::Face;
use super::icon::Icon;
use super::state::Place;
use super::text;
use super::theme::{Palette, Role};
use super::view::{View, inside};
use super::widget::{Button, Empty, empty, panel};
use crate::session::Tone;

/// Shows the place in `rect`.
pub fn server(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    panel(ui, rect, "Server", "", |ui, rooms| {
        inside(ui, rooms.body.shrink2(vec2(20.0, 24.0)), "server", |ui| {
            empty(
                ui,
                &Empty {
                    icon: Icon::Server,
                    tone: Tone::Unknown,
                    title: "Asking a server is not available yet",
                    sentence: "This place will take a host and a port and ask them exactly what \
                               the device would ask: versions, cipher suites, groups and the \
                               chain, beside what the device can do. This version sends nothing.",
                },
            );
            let snap = view.snap.clone();
            let shown = view
                .state
                .shown_attempt(&snap)
                .and_then(|i| snap.attempts.get(i));
            let mut lines = Vec::new();
            if let Some(attempt) = shown {
                if let Some(version) = attempt.version {
                    lines.push(format!("Version chosen: {version}"));
                }
                if let Some(suite) = attempt.cipher_suite {
                    lines.push(format!("Cipher suite chosen: {suite}"));
                }
            }
            if let Some(host) = snap.facts.text("host") {
                lines.push(format!("Host: {}", super::words::visible(host)));
            }
            if !lines.is_empty() {
                let p = Palette::current(ui);
                let head = "What the evidence says of the server";
                text::label(ui, &[(head, Face::Row.bold(), p.get(Role::Text))], 19.0);
                for line in lines {
                    text::label(ui, &[(&line, Face::Body.id(), p.get(Role::Text2))], 18.0);
                }
            }
            ui.add_space(6.0);
            if ui
                .add(Button::new("State what you know of the server"))
                .clicked()
            {
                view.state.diagnose.lower = super::state::Lower::Facts;
                view.ask(Act::Go(Place::Diagnose));
            }
        });
    });
}
