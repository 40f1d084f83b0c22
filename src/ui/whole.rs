//! The frame as a whole: rail, verdict, place, status; drops; when the next frame is due.

use std::sync::Arc;
use std::time::Duration;

use egui::{Context, Rect, Ui, pos2, vec2};

use super::command::{Act, Command};
use super::state::{Place, Room};
use super::theme::{Palette, Role};
use super::view::{View, group};
use super::{certificates, codes, device, diagnose, first, frame, report, server, settings};
use crate::timeline::{Attempt, EndedBy};

/// Dropped files become commands; they are read by the session's workers.
pub fn take_drops(ctx: &Context, acts: &mut Vec<Act>) {
    let files = ctx.input_mut(|i| std::mem::take(&mut i.raw.dropped_files));
    for file in files {
        let path = file.path().to_path_buf();
        let name = path.file_name().map_or_else(
            || path.to_string_lossy().into_owned(),
            |n| n.to_string_lossy().into_owned(),
        );
        let command = Command::OpenDropped {
            name,
            path: path.is_absolute().then_some(path),
            load: Box::new(move || file.bytes()),
        };
        acts.push(Act::Session(command));
    }
}

/// Once a second while a wait runs live, and not otherwise.
pub fn live_wait(ctx: &Context, view: &View<'_>) {
    let live = |a: &Arc<Attempt>| {
        let open = view
            .snap
            .ports
            .iter()
            .any(|p| p.connected && p.input == a.input);
        let waits = a
            .stopped_at
            .as_ref()
            .is_some_and(|s| s.waiting_for.is_some());
        // A wait that somebody ended does not run any more, though the port is still open.
        open && waits && a.ended_by == EndedBy::Nobody
    };
    if view.snap.attempts.last().is_some_and(live) {
        ctx.request_repaint_after(Duration::from_secs(1));
    }
}

/// Rail, verdict, place, status.
pub fn whole(ui: &mut Ui, screen: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    ui.painter()
        .rect_filled(screen, egui::CornerRadius::ZERO, p.get(Role::Bg0));
    let small = view.room == Room::Small;
    let status_h = if small { 0.0 } else { 26.0 };
    let rail_w = if small { 46.0 } else { 76.0 };
    let above_status = pos2(screen.right(), screen.bottom() - status_h);
    let rail = Rect::from_min_size(screen.min, vec2(rail_w, screen.height() - status_h));
    let any_input = !view.snap.inputs.is_empty()
        || !view.snap.ports.is_empty()
        || !view.snap.progress.is_empty();
    let started = any_input || !view.snap.probes.is_empty() && view.state.place != Place::Device;
    frame::rail(ui, rail, view);
    let mut top = screen.top();
    let verdict_shown = started && !matches!(view.state.place, Place::Codes | Place::Settings);
    if verdict_shown {
        let height = if small { 60.0 } else { 68.0 };
        let line = Rect::from_min_max(pos2(rail.right(), top), pos2(screen.right(), top + height));
        frame::verdict(ui, line, view);
        top += height;
    }
    let pad = if small { 0.0 } else { 12.0 };
    let mut main = Rect::from_min_max(
        pos2(rail.right() + pad, top + pad),
        above_status - vec2(pad, pad),
    );
    let notices = frame::notices_height(view);
    if notices > 0.0 {
        let mut strip = main.with_max_y(main.top() + notices);
        if small {
            strip = strip.shrink2(vec2(6.0, 0.0)).translate(vec2(0.0, 4.0));
        }
        frame::notices(ui, strip, view);
        main.set_top((main.top() + notices + if small { 4.0 } else { 0.0 }).min(main.bottom()));
    }
    // Beyond 2,200 points nothing gets easier to read.
    main.set_right(main.right().min(main.left() + 2_200.0));
    group(
        ui,
        main,
        view.state.place.name(),
        egui::accesskit::Role::Main,
        view.state.place.name(),
        |ui| match view.state.place {
            Place::Device if !any_input && !view.state.connect.open => first::first(ui, main, view),
            Place::Device => device::device(ui, main, view),
            Place::Certificates => certificates::certificates(ui, main, view),
            Place::Server => server::server(ui, main, view),
            Place::Diagnose => diagnose::diagnose(ui, main, view),
            Place::Report => report::report(ui, main, view),
            Place::Codes => codes::codes(ui, main, view),
            Place::Settings => settings::settings(ui, main, view),
        },
    );
    if !small {
        let bar = Rect::from_min_max(pos2(screen.left(), above_status.y), screen.max);
        frame::status(ui, bar, view);
    }
    frame::path_panel(ui, screen, view);
    frame::keys_page(ui, screen, view);
    frame::toast(ui, screen, view);
    frame::drop_overlay(ui, screen);
}
