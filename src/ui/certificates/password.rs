//! The line that asks for the password of a container or key.
//!
//! What is typed is overwritten when it is sent or given up, and kept nowhere.

use egui::text_edit::TextEditState;
use egui::{Id, Key, Rect, Ui, pos2, vec2};

use crate::cert::Severity;
use crate::evidence::InputId;
use crate::session::Tone;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon;
use crate::ui::text;
use crate::ui::theme::{Palette, Role, tone_role};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Button, mark_icon, password_field};
use crate::ui::words;

/// Height of the line.
const LINE: f32 = 44.0;

/// What waits first.
struct Waiting {
    input: InputId,
    name: String,
    /// A password was tried, and was another.
    wrong: bool,
    /// How many files wait.
    count: usize,
}

fn waiting(view: &View<'_>) -> Option<Waiting> {
    let seen = &view.snap.certificates;
    let input = *seen.closed.first()?;
    let both = [
        (&seen.inputs, &seen.files),
        (&seen.trusted_inputs, &seen.trusted),
    ];
    let file = both.iter().find_map(|(inputs, files)| {
        let at = inputs.iter().position(|i| *i == input)?;
        files.get(at)
    })?;
    let wrong =
        |p: &crate::cert::Problem| p.id.ends_with(".closed") && p.severity == Severity::Error;
    Some(Waiting {
        input,
        name: words::visible(&file.name),
        wrong: file.problems.iter().any(wrong),
        count: seen.closed.len(),
    })
}

/// Asks, where something waits, at the top of `rect`; gives the room below.
pub fn ask(ui: &mut Ui, rect: Rect, view: &mut View<'_>) -> Rect {
    let Some(waiting) = waiting(view) else {
        return rect;
    };
    let p = Palette::current(ui);
    let line = rect.with_max_y(rect.top() + LINE);
    ui.painter().rect_filled(line, 8.0, p.get(Role::Bg1));
    let tone = if waiting.wrong {
        Tone::Fail
    } else {
        Tone::Unknown
    };
    let ink = p.get(tone_role(tone));
    let at = pos2(line.left() + 18.0, line.center().y);
    icon::paint(
        ui.painter(),
        mark_icon(tone),
        at,
        14.0,
        ink,
        p.get(Role::Bg1),
    );
    let more = match waiting.count {
        0 | 1 => String::new(),
        n => format!(" ({} more)", words::grouped(n as u64 - 1)),
    };
    let says = if waiting.wrong {
        ": not the right password"
    } else {
        " has a password"
    };
    let says = format!("{says}{more}");
    let fields = (line.width() * 0.45).clamp(220.0, 460.0);
    let left = line.left() + 34.0;
    let room = Rect::from_min_max(
        pos2(left, line.top() + 12.0),
        pos2(line.right() - fields - 8.0, line.bottom()),
    );
    let font = Face::Body.id();
    let painter = ui.painter().clone();
    let left_over = room.width() - text::width(&painter, &says, font.clone());
    let name = text::fit_middle(&painter, &waiting.name, &font, left_over.max(40.0));
    let shown = format!("{name}{says}");
    inside(ui, room, "waits", |ui| {
        text::label(ui, &[(shown.as_str(), font, p.get(Role::Text))], 20.0)
            .on_hover_text(format!("{}{says}", waiting.name));
    });
    let right = line
        .with_min_x(line.right() - fields)
        .shrink2(vec2(8.0, 4.0));
    let id = Id::unique("password");
    row_from_right(ui, right, "password", |ui| {
        let name = format!("Open {} with the password", waiting.name);
        let opened = ui.add(Button::primary("Open").name(&name)).clicked();
        let width = (ui.available_width() - 12.0).max(80.0);
        let field = password_field(
            ui,
            id,
            &mut view.state.certificates.password,
            &format!("Password of {}", waiting.name),
            "Password, not kept",
            width,
        );
        let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if opened || entered {
            let password = std::mem::take(&mut view.state.certificates.password);
            forget(ui, id);
            view.session(Command::Unlock(waiting.input, password));
        }
    });
    rect.with_min_y(line.bottom() + 8.0)
}

/// Takes away what the field remembers for undoing.
fn forget(ui: &Ui, id: Id) {
    TextEditState::default().store(ui.ctx(), id);
}
