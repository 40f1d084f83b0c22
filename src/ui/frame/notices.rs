//! Problems that stay until they are solved, and long jobs with their Cancel.

use egui::{CornerRadius, Rect, Role as Named, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::session::{Problem, Progress};
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, row_from_right};
use crate::ui::widget::{Button, bare};
use crate::ui::words;

/// Most problems and most jobs shown at once.
const PROBLEMS: usize = 6;
const JOBS: usize = 3;
const ROW: f32 = 36.0;
const GAP: f32 = 6.0;
const DETAIL: f32 = 72.0;

/// How many problems are shown: one of several stands for all until all are asked for.
fn problems_shown(view: &View<'_>) -> usize {
    let most = if view.state.all_problems { PROBLEMS } else { 1 };
    view.snap.problems.len().min(most)
}

/// Height that the notices need.
#[must_use]
pub fn notices_height(view: &View<'_>) -> f32 {
    let mut height = 0.0;
    for problem in view.snap.problems.iter().take(problems_shown(view)) {
        height += ROW + GAP;
        if view.state.details.contains(&problem.sentence) {
            height += DETAIL;
        }
    }
    let jobs = &view.snap.progress;
    let bars = if jobs.len() > JOBS { 1 } else { jobs.len() };
    for _ in 0..bars {
        height += ROW + GAP;
    }
    height
}

/// Shows them in `rect`, below the verdict.
pub fn notices(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let mut y = rect.top();
    let bar_at =
        |y: f32, height: f32| Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), height));
    let bars = match snap.progress.len() {
        0..=JOBS => snap.progress.iter().map(Bar::of).collect(),
        running => vec![Bar::of_all(&snap.progress, snap.inputs.len().max(running))],
    };
    for bar in bars {
        progress(ui, bar_at(y, ROW), &bar, view);
        y += ROW + GAP;
    }
    for (i, fault) in snap.problems.iter().take(problems_shown(view)).enumerate() {
        let open = view.state.details.contains(&fault.sentence);
        let height = if open { ROW + DETAIL } else { ROW };
        let others = if i == 0 { snap.problems.len() - 1 } else { 0 };
        problem(ui, bar_at(y, height), fault, open, others, view);
        y += height + GAP;
    }
}

fn problem(
    ui: &mut Ui,
    rect: Rect,
    fault: &Problem,
    open: bool,
    others: usize,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    bare(ui, rect, Role::WarnBg, Role::Warn, 1.0);
    let painter = ui.painter().clone();
    let line = Rect::from_min_size(rect.min, vec2(rect.width(), ROW));
    let y = line.center().y;
    let ink = p.get(Role::Warn);
    icon::paint(
        &painter,
        Icon::Warn,
        pos2(line.left() + 18.0, y),
        16.0,
        ink,
        p.get(Role::WarnBg),
    );
    let used = row_from_right(
        ui,
        line.shrink2(vec2(8.0, 2.0)),
        &format!("problem {}", fault.sentence),
        |ui| {
            if !fault.details.is_empty() {
                let words = if open { "Hide details" } else { "Details" };
                if ui.add(Button::new(words).small()).clicked() {
                    if open {
                        view.state.details.retain(|s| *s != fault.sentence);
                    } else {
                        view.state.details.push(fault.sentence.clone());
                    }
                }
            }
            let clear = Button::quiet("Clear").small().name("Clear the problems");
            let hint = "Takes them off the list; what is not solved comes back";
            if ui.add(clear.hint(hint)).clicked() {
                view.session(Command::ClearProblems);
            }
            if others > 0 {
                let all = view.state.all_problems;
                let words = match others {
                    _ if all => "Show one".to_owned(),
                    n => format!("{} more", words::grouped(n as u64)),
                };
                let button = Button::new(&words).small().name("Other problems");
                if ui.add(button.selected(all)).clicked() {
                    view.state.all_problems = !all;
                }
                let hidden = (others + 1).saturating_sub(PROBLEMS);
                if all && hidden > 0 {
                    let word = format!("{} are not shown", words::grouped(hidden as u64));
                    crate::ui::widget::chip(ui, &word, Role::Warn, Role::WarnBg);
                }
            }
            ui.min_rect().left()
        },
    );
    let left = line.left() + 36.0;
    let run = (fault.sentence.as_str(), Face::Body.id(), p.get(Role::Text));
    text::mid(&painter, pos2(left, y), Hold::Left, run, used - 12.0 - left);
    let said = ui.interact(
        Rect::from_min_max(line.min, pos2(used - 4.0, line.bottom())),
        ui.scope_id().with(("problem", &fault.sentence)),
        Sense::hover(),
    );
    said.widget_info(|| WidgetInfo::labeled(Named::Alert, true, &fault.sentence));
    said.on_hover_text(&fault.sentence);
    if open {
        let room = Rect::from_min_max(
            pos2(left, line.bottom()),
            pos2(rect.right() - 12.0, rect.bottom() - 6.0),
        );
        crate::ui::view::inside(ui, room, &format!("details {}", fault.sentence), |ui| {
            egui::ScrollArea::vertical().show(ui, |ui| {
                let text = words::visible(&fault.details);
                text::label(
                    ui,
                    &[(&text, Face::MonoSmall.id(), p.get(Role::Text2))],
                    16.0,
                );
            });
        });
    }
}

/// A job, or all of many, as a bar.
struct Bar<'a> {
    what: String,
    /// How much is done, in words.
    words: String,
    /// 0 to 1, where known.
    share: Option<f32>,
    jobs: &'a [Progress],
}

impl<'a> Bar<'a> {
    fn of(job: &'a Progress) -> Self {
        let done = words::bytes(job.done);
        let total = job.total.filter(|t| *t > 0);
        Self {
            what: job.what.clone(),
            words: match total {
                Some(total) => format!("{done} of {}", words::bytes(total)),
                None => format!("{done} so far"),
            },
            share: total.map(|total| share(job.done, total)),
            jobs: std::slice::from_ref(job),
        }
    }

    /// `inputs`: how many there are, those that are read included.
    fn of_all(jobs: &'a [Progress], inputs: usize) -> Self {
        let (done, all) = ((inputs - jobs.len()) as u64, inputs as u64);
        Self {
            what: "Reading files".into(),
            words: format!("{} of {}", words::grouped(done), words::grouped(all)),
            share: Some(share(done, all)),
            jobs,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for a bar")]
fn share(done: u64, total: u64) -> f32 {
    (done as f32 / total as f32).clamp(0.0, 1.0)
}

fn progress(ui: &mut Ui, rect: Rect, job: &Bar<'_>, view: &mut View<'_>) {
    let p = Palette::current(ui);
    bare(ui, rect, Role::Bg1, Role::Line, 1.0);
    let painter = ui.painter().clone();
    let y = rect.center().y;
    let salt = match job.jobs {
        [one] => format!("job {}", one.input.0),
        _ => "all jobs".to_owned(),
    };
    let used = row_from_right(ui, rect.shrink2(vec2(8.0, 2.0)), &salt, |ui| {
        let cancel = Button::new("Cancel")
            .small()
            .icon(Icon::Fail)
            .hint("Keeps what was read (Esc)");
        if ui.add(cancel).clicked() {
            for running in job.jobs {
                view.session(Command::Cancel(running.input));
            }
        }
        ui.min_rect().left()
    });
    let run = (job.what.as_str(), Face::Body.id(), p.get(Role::Text));
    let at = pos2(rect.left() + 12.0, y);
    let what = text::mid(&painter, at, Hold::Left, run, rect.width() * 0.3);
    let run = (job.words.as_str(), Face::Small.id(), p.get(Role::Text2));
    let at = pos2(used - 12.0, y);
    let said = text::mid(&painter, at, Hold::Right, run, rect.width() * 0.3);
    let track = Rect::from_min_max(
        pos2(what.right() + 16.0, y - 3.0),
        pos2(said.left() - 16.0, y + 3.0),
    );
    if track.width() > 20.0 {
        painter.rect_filled(track, CornerRadius::same(3), p.get(Role::Bg3));
        if let Some(share) = job.share {
            let done = Rect::from_min_size(track.min, vec2(track.width() * share, 6.0));
            painter.rect_filled(done, CornerRadius::same(3), p.get(Role::Accent));
        }
    }
    let spoken = format!("{}, {}", job.what, job.words);
    let bar = Rect::from_min_max(rect.min, pos2(used - 8.0, rect.bottom()));
    ui.interact(bar, ui.scope_id().with(salt), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Named::ProgressIndicator, true, &spoken));
}
