//! First start: four ways in and nothing else.

use egui::{
    CornerRadius, Rect, Role as Named, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::command::{Act, Command, Dialog, Speed};
use super::font::Face;
use super::icon::{self, Icon};
use super::keys::{KeyDoes, keys_of};
use super::source::{DemoCase, RecentSession};
use super::state::Room;
use super::text::{self, Hold};
use super::theme::{Palette, Role, tone_role};
use super::view::{View, inside};
use super::widget::{focus_ring, mark_icon, row_response};

/// A way in.
struct Way {
    icon: Icon,
    title: &'static str,
    about: &'static str,
    key: &'static str,
    dashed: bool,
}

/// Shows the first start in `rect`.
pub fn first(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    inside(ui, rect, "first", |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let room = ui.max_rect();
                let wide = view.room >= Room::Normal;
                let width = (room.width() - if wide { 160.0 } else { 32.0 }).clamp(320.0, 1_020.0);
                let left = if wide {
                    rect.left() + 80.0
                } else {
                    rect.left() + 12.0
                };
                let head = if wide { 71.0 } else { 12.0 };
                let top = ui.cursor().top();
                let bottom = page(ui, pos2(left, top + head), width, view);
                ui.allocate_rect(
                    Rect::from_min_max(pos2(rect.left(), top), pos2(left + width, bottom + 16.0)),
                    Sense::hover(),
                );
            });
    });
}

fn page(ui: &mut Ui, at: egui::Pos2, width: f32, view: &mut View<'_>) -> f32 {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    let small = view.room == Room::Small;
    let font = if small {
        Face::Title.id()
    } else {
        Face::Display.id()
    };
    let title = "Why does the TLS handshake fail?";
    let drawn = text::base(
        &painter,
        at + vec2(0.0, 26.0),
        Hold::Left,
        title,
        font,
        p.get(Role::Text),
    );
    ui.interact(drawn, ui.scope_id().with("title"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Named::Heading, true, title));
    let about = "Start with whatever you have. Handlens recognises it by its content.";
    let run = [(about, Face::Row.id(), p.get(Role::Text2))];
    let galley = text::paragraph(&painter, &run, width, 22.0, 3);
    let y = at.y + if small { 32.0 } else { 40.0 };
    painter.galley(pos2(at.x, y), galley.clone(), p.get(Role::Text2));
    let mut y = y + galley.size().y + if small { 10.0 } else { 26.0 };
    let columns = if width >= 900.0 {
        3
    } else if width >= 560.0 {
        2
    } else {
        1
    };
    y = tiles(ui, pos2(at.x, y), width, columns, view);
    y += 24.0;
    let cases = view.source.demo_cases();
    let recent = view.source.recent();
    if columns == 3 {
        let wide = (width - 15.0) * 675.0 / 1_005.0;
        let left = cases_card(ui, pos2(at.x, y), wide, &cases, view);
        let x = at.x + wide + 15.0;
        let right = recent_list(ui, pos2(x, y), at.x + width - x, &recent, view);
        left.max(right)
    } else {
        y = cases_card(ui, pos2(at.x, y), width, &cases, view) + 12.0;
        recent_list(ui, pos2(at.x, y), width, &recent, view)
    }
}

fn tiles(ui: &mut Ui, at: egui::Pos2, width: f32, columns: usize, view: &mut View<'_>) -> f32 {
    let ways = [
        Way {
            icon: Icon::Plug,
            title: "Connect a device",
            about: "Serial port, any baud rate. Every byte is recorded before it is read.",
            key: keys_of(KeyDoes::Go(super::state::Place::Device)),
            dashed: false,
        },
        Way {
            icon: Icon::Folder,
            title: "Open a file",
            about: "Log, capture, certificate, key, configuration, or a saved session. Several at once.",
            key: keys_of(KeyDoes::Open),
            dashed: false,
        },
        Way {
            icon: Icon::Drop,
            title: "Drop or paste",
            about: "Drop files anywhere on this window, or paste text from a forum, a mail or a \
                    terminal.",
            key: keys_of(KeyDoes::Paste),
            dashed: true,
        },
    ];
    let gap = 15.0;
    #[expect(clippy::cast_precision_loss, reason = "1 to 3")]
    let tile_w = (width - gap * (columns as f32 - 1.0)) / columns as f32;
    let mut bottom = at.y;
    for (i, way) in ways.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "0 to 2")]
        let (column, line) = ((i % columns) as f32, (i / columns) as f32);
        let min = pos2(at.x + column * (tile_w + gap), at.y + line * 148.0);
        let tile = Rect::from_min_size(min, vec2(tile_w, 136.0));
        bottom = bottom.max(tile.bottom());
        if way_tile(ui, tile, way) {
            view.ask(match i {
                0 => Act::Connect(true),
                1 => Act::Dialog(Dialog::Open),
                _ => {
                    ui.ctx()
                        .send_viewport_cmd(egui::ViewportCommand::RequestPaste);
                    continue;
                }
            });
        }
    }
    bottom
}

fn way_tile(ui: &mut Ui, tile: Rect, way: &Way) -> bool {
    let p = Palette::current(ui);
    let response = ui.interact(tile, ui.scope_id().with(way.title), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Named::Button, true, way.title));
    let painter = ui.painter().clone();
    let round = CornerRadius::same(6);
    let hot = response.hovered();
    if !way.dashed || hot {
        let fill = p.get(if hot { Role::Bg2 } else { Role::Bg1 });
        painter.rect_filled(tile, round, fill);
    }
    if way.dashed {
        let r = tile.shrink(0.75);
        let path = [
            r.left_top(),
            r.right_top(),
            r.right_bottom(),
            r.left_bottom(),
            r.left_top(),
        ];
        let stroke = Stroke::new(1.2, p.get(Role::Line2));
        painter.extend(Shape::dashed_line(&path, stroke, 3.0, 3.0));
    } else {
        let stroke = Stroke::new(1.0, p.get(if hot { Role::Line2 } else { Role::Line }));
        painter.rect_stroke(tile, round, stroke, StrokeKind::Inside);
    }
    let square = Rect::from_min_size(tile.min + vec2(21.0, 19.0), vec2(44.0, 44.0));
    painter.rect_filled(square, round, p.get(Role::Bg3));
    icon::paint(
        &painter,
        way.icon,
        square.center(),
        24.0,
        p.get(Role::Accent),
        p.get(Role::Bg3),
    );
    let y = square.center().y;
    let key = text::line(
        &painter,
        &[(way.key, Face::MonoSmall.id(), p.get(Role::Text2))],
        90.0,
    );
    let box_ = Rect::from_min_max(
        pos2(tile.right() - 21.0 - key.size().x - 10.0, y - 8.5),
        pos2(tile.right() - 21.0, y + 8.5),
    );
    let headline = (way.title, Face::Title.bold(), p.get(Role::Text));
    let room = box_.left() - square.right() - 24.0;
    text::mid(
        &painter,
        pos2(square.right() + 14.0, y),
        Hold::Left,
        headline,
        room,
    );
    let stroke = Stroke::new(1.0, p.get(Role::Line2));
    painter.rect_stroke(box_, CornerRadius::same(3), stroke, StrokeKind::Inside);
    text::put(&painter, box_.left() + 5.0, y + 4.0, Hold::Left, key);
    let run = [(way.about, Face::Body.id(), p.get(Role::Text2))];
    let about = text::paragraph(&painter, &run, tile.width() - 42.0, 18.0, 3);
    painter.galley(
        pos2(square.left(), square.bottom() + 12.0),
        about,
        p.get(Role::Text2),
    );
    focus_ring(ui, &response, 6);
    response.clicked()
}

fn cases_card(
    ui: &mut Ui,
    at: egui::Pos2,
    width: f32,
    cases: &[DemoCase],
    view: &mut View<'_>,
) -> f32 {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    #[expect(clippy::cast_precision_loss, reason = "a handful of cases")]
    let height = 44.0 + 54.0 * cases.len() as f32 + 8.0;
    let card = Rect::from_min_size(at, vec2(width, height));
    super::widget::bare(ui, card, Role::Bg1, Role::Line, 1.0);
    let y = at.y + 26.0;
    let accent = p.get(Role::Accent);
    icon::paint(
        &painter,
        Icon::Play,
        pos2(at.x + 30.0, y),
        18.0,
        accent,
        p.get(Role::Bg1),
    );
    let run = ("Try a case", Face::Title.bold(), p.get(Role::Text));
    let title = text::mid(&painter, pos2(at.x + 51.0, y), Hold::Left, run, 200.0);
    let remark = match cases.len() {
        0 => "none built in".to_owned(),
        1 => "a real fault, replayed by a simulated device".to_owned(),
        n => format!("{n} real faults, replayed by a simulated device"),
    };
    let run = (remark.as_str(), Face::Body.id(), p.get(Role::Text2));
    let room = card.right() - 40.0 - title.right();
    text::mid(
        &painter,
        pos2(card.right() - 20.0, y),
        Hold::Right,
        run,
        room,
    );
    let mut y = at.y + 44.0;
    for case in cases {
        let row = Rect::from_min_size(pos2(at.x + 1.0, y), vec2(width - 2.0, 54.0));
        let name = format!("{}, {}, {}", case.title, case.about, case.word);
        let id = ui.scope_id().with(("case", &case.name));
        let response = row_response(ui, row, id, false, &name);
        painter.hline(row.x_range(), y, Stroke::new(1.0, p.get(Role::Line)));
        let m = row.center().y;
        let x = row.left() + 20.0;
        let narrow = width < 520.0;
        let (about_x, mark_x) = if narrow {
            (x, row.right() - 150.0)
        } else {
            (x + width * 0.358, row.right() - 173.0)
        };
        let title = (case.title.as_str(), Face::Row.id(), p.get(Role::Text));
        let title_y = if narrow { m - 10.0 } else { m };
        let room = if narrow { mark_x - x } else { about_x - x } - 12.0;
        text::mid(&painter, pos2(x, title_y), Hold::Left, title, room);
        let about = (case.about.as_str(), Face::Body.id(), p.get(Role::Text2));
        let about_y = if narrow { m + 10.0 } else { m };
        text::mid(
            &painter,
            pos2(about_x, about_y),
            Hold::Left,
            about,
            mark_x - about_x - 12.0,
        );
        let ink = p.get(tone_role(case.tone));
        let at = pos2(mark_x + 6.0, m);
        icon::paint(
            &painter,
            mark_icon(case.tone),
            at,
            12.0,
            ink,
            p.get(Role::Bg1),
        );
        let word = (case.word.as_str(), Face::Body.id(), ink);
        text::mid(&painter, pos2(mark_x + 17.0, m), Hold::Left, word, 110.0);
        let at = pos2(row.right() - 33.0, m);
        icon::paint(
            &painter,
            Icon::Next,
            at,
            14.0,
            p.get(Role::Text3),
            p.get(Role::Bg1),
        );
        if response.clicked() {
            view.session(Command::Demo {
                name: case.name.clone(),
                speed: Speed::default(),
            });
        }
        y += 54.0;
    }
    card.bottom()
}

fn recent_list(
    ui: &mut Ui,
    at: egui::Pos2,
    width: f32,
    recent: &[RecentSession],
    view: &mut View<'_>,
) -> f32 {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    let run = ("Recent sessions", Face::Row.id(), p.get(Role::Text2));
    text::mid(
        &painter,
        pos2(at.x + 4.0, at.y + 27.0),
        Hold::Left,
        run,
        width,
    );
    let mut y = at.y + 48.0;
    if recent.is_empty() {
        painter.hline(at.x..=at.x + width, y, Stroke::new(1.0, p.get(Role::Line)));
        let words = "None yet. A session that was saved (Ctrl S) is listed here.";
        let run = [(words, Face::Small.id(), p.get(Role::Text3))];
        let galley = text::paragraph(&painter, &run, width - 8.0, 17.0, 3);
        let bottom = y + 12.0 + galley.size().y;
        painter.galley(pos2(at.x + 4.0, y + 12.0), galley, p.get(Role::Text3));
        return bottom;
    }
    for session in recent.iter().take(6) {
        let row = Rect::from_min_size(pos2(at.x, y), vec2(width, 58.0));
        let name = format!("{}, {}, {}", session.title, session.about, session.word);
        let id = ui.scope_id().with(("recent", &session.path));
        let response = row_response(ui, row, id, false, &name);
        painter.hline(row.x_range(), y, Stroke::new(1.0, p.get(Role::Line)));
        let ink = p.get(tone_role(session.tone));
        let m = y + 19.0;
        let run = (session.word.as_str(), Face::Small.id(), ink);
        let word = text::mid(
            &painter,
            pos2(row.right() - 4.0, m),
            Hold::Right,
            run,
            140.0,
        );
        let dot = pos2(word.left() - 11.0, m);
        icon::paint(
            &painter,
            mark_icon(session.tone),
            dot,
            12.0,
            ink,
            p.get(Role::Bg0),
        );
        let run = (session.title.as_str(), Face::Body.id(), p.get(Role::Text));
        let room = dot.x - 12.0 - row.left() - 4.0;
        text::mid(&painter, pos2(row.left() + 4.0, m), Hold::Left, run, room);
        let run = (session.about.as_str(), Face::Small.id(), p.get(Role::Text3));
        text::mid(
            &painter,
            pos2(row.left() + 4.0, m + 20.0),
            Hold::Left,
            run,
            width - 8.0,
        );
        if response.clicked() {
            view.session(Command::OpenPath(session.path.clone()));
        }
        y += 58.0;
    }
    y
}
