//! The verdict line: tone, one sentence, the leading cause, at most two buttons.

use egui::{CornerRadius, Rect, Role as Named, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::session::{Tone, VerdictKind};
use crate::ui::command::Act;
use crate::ui::device;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::keys::{self, KeyDoes};
use crate::ui::state::{Place, Room};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role, tone_tint};
use crate::ui::view::{View, row_from_right};
use crate::ui::widget::Button;

/// Shows the verdict in `rect`.
pub fn verdict(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let small = view.room == Room::Small;
    let snap = view.snap.clone();
    let of_server = (view.state.place == Place::Server)
        .then(|| view.source.server(&view.state.server.look()))
        .and_then(|seen| seen.verdict.clone());
    let of_runs = (view.state.place == Place::Device)
        .then(|| device::compared(ui.ctx(), view))
        .flatten()
        .map(|found| device::verdict_of(&found));
    let other = of_runs.or(of_server);
    let verdict = other.as_ref().unwrap_or(&snap.verdict);
    let painter = ui.painter().clone();
    painter.rect_filled(rect, CornerRadius::ZERO, p.get(Role::Bg1));
    painter.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, p.get(Role::Line)),
    );
    let block_w = if small { 50.0 } else { 148.0 };
    let block = Rect::from_min_size(rect.min, vec2(block_w, rect.height() - 1.0));
    let tint = p.get(tone_tint(verdict.tone));
    let ink = p.get(tone_role(verdict.tone));
    painter.rect_filled(block, CornerRadius::ZERO, tint);
    let mark = tone_icon(verdict.tone);
    if small {
        let at = pos2(block.center().x, block.top() + 22.0);
        icon::paint(&painter, mark, at, 20.0, ink, tint);
        // A long word gets smaller before it is cut.
        let mut font = Face::Tiny.id();
        let full = text::width(&painter, &verdict.word, font.clone());
        font.size = (font.size * (47.0 / full).min(1.0)).max(9.0);
        let word = text::fit_middle(&painter, &verdict.word, &font, 48.0);
        let at = pos2(block.center().x, block.top() + 45.0);
        text::base(&painter, at, Hold::Centre, &word, font, ink);
    } else {
        let at = pos2(block.left() + 28.0, block.center().y);
        icon::paint(&painter, mark, at, 24.0, ink, tint);
        let mut font = Face::Row.bold();
        font.size = 15.0;
        let run = [(verdict.word.as_str(), font, ink)];
        let galley = text::paragraph(&painter, &run, 92.0, 18.0, 2);
        let y = block.center().y - galley.size().y * 0.5;
        painter.galley(pos2(block.left() + 50.0, y), galley, ink);
    }
    let spoken = format!("{}. {}", verdict.word, verdict.sentence);
    let live = ui.interact(rect, ui.scope_id().with("verdict"), Sense::hover());
    live.widget_info(|| WidgetInfo::labeled(Named::Status, true, &spoken));
    let left = block.right() + if small { 12.0 } else { 16.0 };
    let buttons = Rect::from_min_max(
        pos2(left + 120.0, rect.top()),
        pos2(
            rect.right() - if small { 10.0 } else { 16.0 },
            rect.bottom() - 1.0,
        ),
    );
    let used = row_from_right(ui, buttons, "verdict buttons", |ui| {
        actions(ui, view, small);
        ui.min_rect().left()
    });
    let room = (used - 16.0 - left).max(40.0);
    if small {
        let mut font = Face::Row.id();
        font.size = 14.0;
        let run = [(verdict.sentence.as_str(), font, p.get(Role::Text))];
        let galley = text::paragraph(&painter, &run, room, 19.0, 2);
        let y = rect.center().y - galley.size().y * 0.5;
        painter.galley(pos2(left, y), galley, p.get(Role::Text));
        return;
    }
    let run = [(
        verdict.sentence.as_str(),
        Face::Title.id(),
        p.get(Role::Text),
    )];
    let first = text::line(&painter, &run, room);
    let cut = first.elided;
    if verdict.second.is_empty() {
        text::put(&painter, left, rect.center().y + 5.5, Hold::Left, first);
    } else {
        text::put(&painter, left, rect.top() + 29.5, Hold::Left, first);
        let run = [(verdict.second.as_str(), Face::Body.id(), p.get(Role::Text2))];
        let second = text::line(&painter, &run, room);
        text::put(&painter, left, rect.top() + 49.5, Hold::Left, second);
    }
    if cut {
        live.on_hover_text(format!("{}\n{}", verdict.sentence, verdict.second));
    }
}

/// The icon of a tone in large.
fn tone_icon(tone: Tone) -> Icon {
    match tone {
        Tone::Ok => Icon::Pass,
        Tone::Warn => Icon::Warn,
        Tone::Fail => Icon::Stop,
        Tone::Unknown => Icon::Unknown,
        Tone::Waiting => Icon::Wait,
    }
}

/// At most two buttons, by place; right to left.
fn actions(ui: &mut Ui, view: &mut View<'_>, small: bool) {
    // The sentence needs the room more than a second button does.
    let one = view.room <= Room::Narrow;
    let snap = view.snap.clone();
    let open = snap.diagnosis.tree.open.clone();
    match view.state.place {
        Place::Diagnose => {
            if let Some(open) = open {
                let words = format!("Go to {open}");
                let button = Button::primary(&words).icon_after(Icon::Next);
                if ui.add(button).clicked() {
                    view.state.diagnose.question = None;
                    view.state.diagnose.tab = 1;
                }
            }
            let call = Button::new("Copy for a call")
                .icon(Icon::Copy)
                .hint("Copies verdict, causes and the open question as text");
            if !one && ui.add(call).clicked() {
                let text = super::status::for_a_call(&snap);
                view.ask(Act::Copy {
                    text,
                    done: "Copied the state of the case.".into(),
                });
            }
        }
        Place::Report => {
            let hint = keys::hint(KeyDoes::Save);
            let save = Button::new(if small { "Session" } else { "Save session" }).hint(&hint);
            if ui
                .add(Button::primary(if small { "Save" } else { "Save report" }))
                .clicked()
            {
                view.ask(Act::Dialog(crate::ui::command::Dialog::SaveReport));
            }
            if ui.add(save).clicked() {
                view.ask(Act::Dialog(crate::ui::command::Dialog::SaveSession));
            }
        }
        Place::Server => {
            let seen = view.source.server(&view.state.server.look());
            if let Some(remedy) = seen.remedy.as_ref().filter(|_| !one) {
                let line = Button::new("Apache line that adds one")
                    .icon(Icon::Copy)
                    .hint(&remedy.apache);
                if ui.add(line).clicked() {
                    view.ask(Act::Copy {
                        text: remedy.apache.clone(),
                        done: "Copied the line for Apache".into(),
                    });
                }
            }
        }
        Place::Device if view.state.compare.is_some() => {
            let back = Button::primary("Back").hint("The ladder of one run (Esc)");
            if ui.add(back).clicked() {
                view.ask(Act::Compare(None));
            }
            let swap = Button::new("Swap")
                .icon(Icon::Flip)
                .hint("Changes the sides");
            if !one
                && ui.add(swap).clicked()
                && let Some(runs) = &mut view.state.compare
            {
                std::mem::swap(&mut runs.good, &mut runs.bad);
            }
        }
        _ if snap.inputs.is_empty() => {}
        _ => {
            let found = !snap.diagnosis.causes.is_empty()
                || matches!(
                    snap.verdict.kind,
                    VerdictKind::Failed | VerdictKind::Stalled
                );
            let hint = keys::hint(KeyDoes::Go(Place::Diagnose));
            if found {
                let mut causes = Button::primary("Causes").hint(&hint);
                if !small {
                    causes = causes.icon_after(Icon::Next);
                }
                if ui.add(causes).clicked() {
                    view.ask(Act::Go(Place::Diagnose));
                }
            }
            let open_hint = keys::hint(KeyDoes::Open);
            let more = Button::new("Add input").icon(Icon::Folder).hint(&open_hint);
            if !one && ui.add(more).clicked() {
                view.ask(Act::PathField(view.state.path.is_none()));
            }
        }
    }
}
