//! Cards of the ranked causes, then what was ruled out.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, Frame, Galley, Margin, Rect, Role as Named, ScrollArea, Sense, Stroke,
    Ui, WidgetInfo, pos2, vec2,
};

use super::beside::{better_log, note, other, ruled_out};
use super::proof;
use crate::diagnose::{Diagnosis, EvidenceLine, RankedCause};
use crate::session::{Tone, VerdictKind};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role, tone_role, tone_tint};
use crate::ui::view::{View, inside, row_from_right};
use crate::ui::widget::{Empty, bare, empty, focus_ring, strength};

const HEAD: f32 = 46.0;
/// Where titles and evidence begin.
pub const INDENT: f32 = 50.0;
const GAP: f32 = 8.0;

/// The column of cards in `rect`.
pub fn causes(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let diagnosis = snap.diagnosis.clone();
    inside(ui, rect, "causes", |ui| {
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GAP;
            if diagnosis.causes.is_empty() {
                nothing(ui, &diagnosis, snap.verdict.kind);
            }
            for (i, cause) in diagnosis.causes.iter().enumerate() {
                card(ui, i, cause, view);
            }
            if !diagnosis.causes.is_empty() && diagnosis.other >= 0.005 {
                other(ui, diagnosis.other);
            }
            for finding in &diagnosis.findings {
                note(ui, &finding.sentence, &finding.origins, view);
            }
            ruled_out(ui, &diagnosis, view);
            if let Some(better) = &diagnosis.better_log {
                better_log(ui, better);
            }
        });
    });
}

fn nothing(ui: &mut Ui, diagnosis: &Diagnosis, kind: VerdictKind) {
    let good = kind == VerdictKind::Completed;
    let sentence = match (good, diagnosis.eliminated.is_empty()) {
        (true, _) => "The handshake completed and nothing was found that would have to be mended.",
        (false, true) => {
            "What was read does not tell enough for a cause. The question beside asks \
                          for what would tell most."
        }
        (false, false) => "What was read rules causes out, but names none yet.",
    };
    let what = &Empty {
        icon: if good { Icon::Pass } else { Icon::Unknown },
        tone: if good { Tone::Ok } else { Tone::Unknown },
        title: if good {
            "No cause to look for"
        } else {
            "No cause yet"
        },
        sentence,
    };
    let p = Palette::current(ui);
    Frame::new()
        .fill(p.get(Role::Bg1))
        .stroke(Stroke::new(1.0, p.get(Role::Line)))
        .corner_radius(6)
        .inner_margin(Margin::symmetric(20, 24))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            empty(ui, what);
        });
}

/// The tone of a cause by its strength.
fn tone_of(rank: usize, bars: u8) -> Tone {
    match (rank, bars) {
        (0, 3..) => Tone::Fail,
        (_, 2..) => Tone::Warn,
        _ => Tone::Unknown,
    }
}

fn card(ui: &mut Ui, rank: usize, cause: &RankedCause, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let width = ui.available_width();
    let open = match &view.state.diagnose.open_cause {
        Some(number) => *number == cause.number,
        None => rank == 0,
    };
    let leading = rank == 0;
    let shown = if open { cause.evidence.len() } else { 2 };
    let lines: Vec<(&EvidenceLine, Arc<Galley>)> = cause
        .evidence
        .iter()
        .take(shown)
        .map(|line| (line, sentence(ui, &line.sentence, width)))
        .collect();
    let evidence_h: f32 = lines.iter().map(|(_, g)| line_height(g)).sum();
    let checks = if open {
        checks(ui, cause, width)
    } else {
        vec![]
    };
    let box_h = if checks.is_empty() {
        0.0
    } else {
        8.0 + 18.0 + checks.iter().map(|g| g.size().y).sum::<f32>() + 12.0
    };
    let title_w = width - INDENT - 96.0;
    let title_font = if leading {
        Face::Row.bold()
    } else {
        Face::Row.id()
    };
    let run = [(cause.title.as_str(), title_font, p.get(Role::Text))];
    let title = text::paragraph(ui.painter(), &run, title_w, 19.0, 2);
    let head = HEAD + title.size().y - 19.0;
    let (rect, _) = ui.allocate_exact_size(
        vec2(width, head + evidence_h + box_h + 10.0),
        Sense::hover(),
    );
    let frame = if leading { Role::Line2 } else { Role::Line };
    bare(ui, rect, Role::Bg1, frame, 1.0);
    head_of(ui, rect, head, rank, cause, title, open, view);
    let mut y = rect.top() + head + 2.0;
    for (i, (line, galley)) in lines.into_iter().enumerate() {
        let height = line_height(&galley);
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(width, height));
        evidence_row(
            ui,
            row,
            line,
            galley,
            &format!("{} {i}", cause.number),
            view,
        );
        y += height;
    }
    if !checks.is_empty() {
        check_box(ui, rect, y + 8.0, checks);
    }
}

/// Height of a line of evidence.
pub fn line_height(galley: &Galley) -> f32 {
    galley.size().y + 7.0
}

/// A sentence of evidence, wrapped beside its chip.
pub fn sentence(ui: &Ui, words: &str, width: f32) -> Arc<Galley> {
    let p = Palette::current(ui);
    let run = [(words, Face::Small.id(), p.get(Role::Text))];
    text::paragraph(ui.painter(), &run, width - INDENT - 23.0 - 118.0, 17.0, 3)
}

fn checks(ui: &Ui, cause: &RankedCause, width: f32) -> Vec<Arc<Galley>> {
    let p = Palette::current(ui);
    let room = width - INDENT - 12.0 - 48.0;
    let mut out = Vec::new();
    if !cause.next_check.is_empty() {
        let words = format!("Next check: {}", cause.next_check);
        let run = [(words.as_str(), Face::Body.id(), p.get(Role::Text))];
        out.push(text::paragraph(ui.painter(), &run, room, 18.0, 6));
    }
    for (label, words) in [("Why: ", &cause.explanation), ("Mend: ", &cause.fix)] {
        if !words.is_empty() {
            let words = format!("{label}{words}");
            let run = [(words.as_str(), Face::Small.id(), p.get(Role::Text2))];
            out.push(text::paragraph(ui.painter(), &run, room, 16.0, 8));
        }
    }
    out
}

#[expect(clippy::too_many_arguments, reason = "one head of a card")]
fn head_of(
    ui: &mut Ui,
    rect: Rect,
    height: f32,
    rank: usize,
    cause: &RankedCause,
    title: Arc<Galley>,
    open: bool,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let tone = tone_of(rank, cause.strength);
    let (ink, tint) = (p.get(tone_role(tone)), p.get(tone_tint(tone)));
    let hit = Rect::from_min_size(rect.min, vec2(rect.width(), height));
    let fors = cause.evidence.iter().filter(|e| e.level.is_for()).count();
    let against = cause.evidence.len() - fors;
    let balance = format!("{fors} for, {against} against");
    let spoken = format!(
        "Cause {}, {}, {}, strength {} of 5, {balance}",
        rank + 1,
        cause.title,
        cause.id,
        cause.strength
    );
    let response = ui.interact(
        hit,
        ui.scope_id().with(("cause", &cause.number)),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::selected(Named::Button, true, open, &spoken));
    if response.clicked() {
        view.state.diagnose.open_cause = Some(if open {
            String::new()
        } else {
            cause.number.clone()
        });
    }
    let painter = ui.painter().clone();
    let disc = pos2(rect.left() + 25.0, rect.top() + 28.0);
    painter.circle_filled(disc, 13.0, tint);
    let number = (rank + 1).to_string();
    let run = (number.as_str(), Face::Body.bold(), ink);
    text::mid(&painter, disc, Hold::Centre, run, 24.0);
    let bottom = rect.top() + 11.0 + title.size().y;
    painter.galley(
        pos2(rect.left() + INDENT, rect.top() + 11.0),
        title,
        Color32::PLACEHOLDER,
    );
    let id = format!("{} · {}", cause.number, cause.id);
    let run = (id.as_str(), Face::MonoTiny.id(), p.get(Role::Text3));
    let room = rect.width() - INDENT - 110.0;
    text::mid(
        &painter,
        pos2(rect.left() + INDENT, bottom + 7.0),
        Hold::Left,
        run,
        room,
    );
    let right = rect.right() - 12.0;
    strength(
        &painter,
        p,
        pos2(right, rect.top() + 20.0),
        cause.strength,
        tone_role(tone),
    );
    let run = (balance.as_str(), Face::Caption.id(), ink);
    text::mid(
        &painter,
        pos2(right, rect.top() + 36.0),
        Hold::Right,
        run,
        100.0,
    );
    focus_ring(ui, &response, 6);
    let tip = format!(
        "{} %, source of the rule: {}",
        percent(cause.score),
        cause.source
    );
    response.on_hover_text(tip);
}

/// A share as a whole number of hundredths.
pub fn percent(score: f64) -> String {
    format!("{:.0}", score * 100.0)
}

/// A line of evidence with its sign and the way to its proof.
pub fn evidence_row(
    ui: &mut Ui,
    row: Rect,
    line: &EvidenceLine,
    galley: Arc<Galley>,
    salt: &str,
    view: &mut View<'_>,
) {
    let p = Palette::current(ui);
    let painter = ui.painter().clone();
    let (sign, ink) = if line.level.is_for() {
        ("+", Role::Ok)
    } else {
        ("−", Role::Warn)
    };
    let y = row.top() + 12.0;
    let run = (sign, Face::Small.bold(), p.get(ink));
    text::mid(
        &painter,
        pos2(row.left() + INDENT, y),
        Hold::Left,
        run,
        16.0,
    );
    let min = pos2(row.left() + INDENT + 23.0, row.top() + 3.5);
    let words = Rect::from_min_size(min, galley.size());
    painter.galley(min, galley, p.get(Role::Text));
    let spoken = format!("{}: {}", line.level.as_str(), line.sentence);
    ui.interact(
        words,
        ui.scope_id().with(("evidence", salt)),
        Sense::hover(),
    )
    .widget_info(|| WidgetInfo::labeled(Named::Label, true, &spoken));
    let chip = Rect::from_min_max(
        pos2(row.right() - 130.0, row.top()),
        pos2(row.right() - 12.0, row.top() + 24.0),
    );
    row_from_right(ui, chip, &format!("chip {salt}"), |ui| {
        ui.push_id(salt, |ui| proof::chip(ui, &line.origins, view));
    });
}

fn check_box(ui: &Ui, card: Rect, top: f32, lines: Vec<Arc<Galley>>) {
    let p = Palette::current(ui);
    let painter = ui.painter();
    let height = 18.0 + lines.iter().map(|g| g.size().y).sum::<f32>() + 4.0;
    let rect = Rect::from_min_size(
        pos2(card.left() + INDENT, top),
        vec2(card.width() - INDENT - 12.0, height),
    );
    painter.rect_filled(rect, CornerRadius::same(5), p.get(Role::Bg2));
    let at = pos2(rect.left() + 19.0, rect.center().y);
    icon::paint(
        painter,
        Icon::Right,
        at,
        16.0,
        p.get(Role::Accent),
        p.get(Role::Bg2),
    );
    let mut y = rect.top() + 9.0;
    let all: Vec<String> = lines.iter().map(|g| g.text().to_owned()).collect();
    for galley in lines {
        let step = galley.size().y + 2.0;
        painter.galley(pos2(rect.left() + 37.0, y), galley, Color32::PLACEHOLDER);
        y += step;
    }
    let spoken = all.join(" ");
    ui.interact(
        rect,
        ui.scope_id().with(("check", top.to_bits())),
        Sense::hover(),
    )
    .widget_info(|| WidgetInfo::labeled(Named::Label, true, &spoken));
}
