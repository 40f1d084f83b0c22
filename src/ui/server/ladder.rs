//! The device's own ClientHello and the answer to it, as a ladder like that of any attempt.

use egui::{Rect, Ui};

use super::chain::nothing;
use crate::session::{ServerSeen, probe_attempt};
use crate::ui::ladder::{Ladder, still, style};
use crate::ui::view::{View, inside};

/// The part in `rect`.
pub fn ladder(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    let run = seen.run.as_ref();
    let attempt = run.and_then(|run| Some((run, probe_attempt(run, 0)?)));
    let Some((run, attempt)) = attempt else {
        inside(ui, rect, "no answer", |ui| {
            nothing(
                ui,
                "Choose whose ClientHello is sent (ask as), then ask: the answer stands here.",
            );
        });
        return;
    };
    let made = Ladder::of(&attempt, None, style(view, &attempt));
    still(ui, rect, &made, &run.target.host);
}
