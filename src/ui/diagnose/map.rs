//! The map of the guided tree: the path, what was closed, the open question and its answers.
//!
//! In: the state of the tree. Out: nodes in columns by depth, one row apart where they hang on the
//! same question. The map shows what lies beside the path; the whole tree shows all.

use std::collections::HashMap;

use egui::{
    CornerRadius, Rect, Role as Named, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::diagnose::{Diagnosis, TreeNode, TreeNodeState, TreeState};
use crate::ui::font::Face;
use crate::ui::icon::{self, Icon};
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, group, inside};
use crate::ui::widget::focus_ring;

const NODE_H: f32 = 30.0;
const ROW: f32 = 38.0;
const COL_GAP: f32 = 38.0;
/// Narrower than this its words are cut too soon.
const LEAST_W: f32 = 150.0;

/// Where the nodes lie: column and row.
struct Plan<'a> {
    nodes: Vec<(&'a TreeNode, usize, usize)>,
    columns: usize,
    rows: usize,
}

/// Lays the nodes out: a child is level with its parent or below the last one of its column.
fn plan(tree: &TreeState, whole: bool) -> Plan<'_> {
    let on_path = |id: &str| tree.path.iter().any(|p| p == id) || tree.open.as_deref() == Some(id);
    // What follows the open question is shown by its answers.
    let beside = |parent: &str| tree.path.iter().any(|p| p == parent);
    let shown = |n: &&TreeNode| {
        whole || on_path(&n.id) || n.depth == 0 || n.parent.as_deref().is_some_and(beside)
    };
    let mut next: HashMap<u8, usize> = HashMap::new();
    let mut row_of: HashMap<&str, usize> = HashMap::new();
    let mut nodes = Vec::new();
    for node in tree.nodes.iter().filter(shown) {
        let free = next.get(&node.depth).copied().unwrap_or(0);
        let row = match node.parent.as_deref().and_then(|p| row_of.get(p)) {
            Some(parent) if node.depth > 0 => free.max(*parent),
            _ => free,
        };
        next.insert(node.depth, row + 1);
        row_of.insert(&node.id, row);
        nodes.push((node, usize::from(node.depth), row));
    }
    let columns = nodes.iter().map(|n| n.1 + 1).max().unwrap_or(0);
    let rows = nodes.iter().map(|n| n.2 + 1).max().unwrap_or(0);
    Plan {
        nodes,
        columns,
        rows,
    }
}

/// The map in `rect`.
pub fn map(ui: &mut Ui, rect: Rect, view: &mut View<'_>) {
    let snap = view.snap.clone();
    let tree = &snap.diagnosis.tree;
    let p = Palette::current(ui);
    if tree.nodes.is_empty() {
        let words = "No question fits what was read so far.";
        let run = (words, Face::Body.id(), p.get(Role::Text2));
        let at = pos2(rect.left() + 12.0, rect.top() + 20.0);
        text::mid(ui.painter(), at, Hold::Left, run, rect.width() - 24.0);
        return;
    }
    let plan = plan(tree, view.state.diagnose.whole_tree);
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns and rows")]
    let (columns, rows) = (plan.columns as f32, plan.rows as f32);
    let leaves = open_leaves(&snap.diagnosis);
    let open = plan
        .nodes
        .iter()
        .find(|n| tree.open.as_deref() == Some(n.0.id.as_str()))
        .map(|n| (n.1, n.2));
    // The answers hang below the open question, under whatever else stands in its column.
    let below = open.map_or(0, |(column, _)| {
        let last = plan
            .nodes
            .iter()
            .filter(|n| n.1 == column)
            .map(|n| n.2 + 1)
            .max();
        last.unwrap_or(0)
    });
    let room = rect.width() - 20.0;
    // As many whole columns as fit, so that none is cut at the edge.
    let fit = ((room + COL_GAP) / (LEAST_W + COL_GAP))
        .floor()
        .clamp(1.0, columns);
    let width = ((room - COL_GAP * (fit - 1.0)) / fit).min(200.0);
    let total_w = (columns * (width + COL_GAP) - COL_GAP + 20.0).max(rect.width());
    #[expect(clippy::cast_precision_loss, reason = "a handful of answers")]
    let with_leaves = (below + leaves.len()) as f32;
    let total_h = rows.max(with_leaves) * ROW + 16.0;
    group(
        ui,
        rect,
        "tree",
        egui::accesskit::Role::Tree,
        "Guided tree",
        |ui| {
            inside(ui, rect, "map", |ui| {
                ui.set_clip_rect(ui.clip_rect().intersect(rect));
                let area = ScrollArea::both().auto_shrink([false, false]);
                area.show(ui, |ui| {
                    let origin = ui.cursor().min;
                    let size = vec2(total_w - 8.0, total_h.max(rect.height() - 8.0));
                    ui.allocate_exact_size(size, Sense::hover());
                    let place = |column: usize, row: usize| {
                        #[expect(clippy::cast_precision_loss, reason = "a handful")]
                        let (c, r) = (column as f32, row as f32);
                        let min = origin + vec2(10.0 + c * (width + COL_GAP), 8.0 + r * ROW);
                        Rect::from_min_size(min, vec2(width, NODE_H))
                    };
                    lines(ui, &plan, tree, &place);
                    if let Some((column, row)) = open {
                        let from = place(column, row);
                        let tops = (0..leaves.len()).map(|i| place(column, below + i));
                        let rects: Vec<Rect> = tops.collect();
                        open_answers(ui, &leaves, from, &rects);
                        if first_sight(ui, tree.open.as_deref().unwrap_or_default()) {
                            ui.scroll_to_rect(from.expand2(vec2(10.0, ROW)), None);
                        }
                    }
                    // At the end of the way its last question is what to look at.
                    let end = tree.path.last().filter(|_| tree.open.is_none());
                    let end = end.and_then(|id| plan.nodes.iter().find(|n| n.0.id == *id));
                    if let Some((node, column, row)) = end
                        && first_sight(ui, &node.id)
                    {
                        let to = place(*column, *row).expand2(vec2(10.0, ROW));
                        ui.scroll_to_rect(to, None);
                    }
                    for (node, column, row) in &plan.nodes {
                        one(ui, place(*column, *row), node, tree, view);
                    }
                });
            });
        },
    );
}

fn first_sight(ui: &Ui, id: &str) -> bool {
    let key = egui::Id::unique("map open");
    let before = ui.ctx().data(|d| d.get_temp::<String>(key));
    ui.ctx().data_mut(|d| d.insert_temp(key, id.to_owned()));
    before.as_deref() != Some(id)
}

/// Answers of the open question: what each leads to.
fn open_leaves(diagnosis: &Diagnosis) -> Vec<String> {
    let tree = &diagnosis.tree;
    let Some(open) = tree
        .open
        .as_ref()
        .and_then(|id| tree.nodes.iter().find(|n| n.id == *id))
    else {
        return Vec::new();
    };
    open.options
        .iter()
        .map(|o| {
            let to = if o.is_leaf {
                diagnosis
                    .causes
                    .iter()
                    .find(|c| c.id == o.to)
                    .map_or(o.to.as_str(), |c| c.title.as_str())
                    .to_owned()
            } else {
                format!("go to {}", o.to)
            };
            format!("{}: {to}", o.label)
        })
        .collect()
}

fn lines(ui: &Ui, plan: &Plan<'_>, tree: &TreeState, place: &impl Fn(usize, usize) -> Rect) {
    let p = Palette::current(ui);
    let painter = ui.painter();
    let on_path = |id: &str| tree.path.iter().any(|x| x == id) || tree.open.as_deref() == Some(id);
    let at = |id: &str| {
        plan.nodes
            .iter()
            .find(|n| n.0.id == id)
            .map(|n| place(n.1, n.2))
    };
    let mut later = Vec::new();
    for (node, column, row) in &plan.nodes {
        let Some(parent) = node.parent.as_deref() else {
            continue;
        };
        let Some(from) = at(parent) else { continue };
        let to = place(*column, *row);
        let points = if (from.left() - to.left()).abs() < 1.0 {
            vec![from.center_bottom(), to.center_top()]
        } else {
            let middle = (from.right() + to.left()) * 0.5;
            vec![
                from.right_center(),
                pos2(middle, from.center().y),
                pos2(middle, to.center().y),
                to.left_center(),
            ]
        };
        if on_path(&node.id) && on_path(parent) {
            later.push(points);
        } else if from.left() < to.left() {
            painter.add(Shape::line(points, Stroke::new(1.0, p.get(Role::Line2))));
        }
    }
    for points in later {
        painter.add(Shape::line(points, Stroke::new(2.5, p.get(Role::Accent))));
    }
}

fn one(ui: &Ui, rect: Rect, node: &TreeNode, tree: &TreeState, view: &mut View<'_>) {
    let p = Palette::current(ui);
    let current = tree.open.as_deref() == Some(node.id.as_str());
    let shown = view.state.diagnose.question.as_deref() == Some(node.id.as_str());
    let (mark, mark_role, word) = match &node.state {
        TreeNodeState::Done { answer, .. } if node.contradicted => (
            Some(Icon::Warn),
            Role::Warn,
            format!("answered {answer}, evidence says otherwise"),
        ),
        TreeNodeState::Done { answer, .. } => {
            (Some(Icon::Ok), Role::Ok, format!("answered {answer}"))
        }
        TreeNodeState::Closed { reason } => {
            (Some(Icon::Fail), Role::Text3, format!("closed: {reason}"))
        }
        TreeNodeState::Open => (Some(Icon::Unknown), Role::Warn, "open".into()),
        TreeNodeState::Current => (Some(Icon::Unknown), Role::Warn, "to answer now".into()),
    };
    let lit = current || matches!(node.state, TreeNodeState::Done { .. });
    let (fill, frame, width) = match (current, lit) {
        (true, _) => (Role::Sel, Role::Accent, 2.0),
        (false, true) => (Role::Bg2, Role::Line2, 1.0),
        (false, false) => (Role::Bg1, Role::Line, 1.0),
    };
    let ink = p.get(if lit { Role::Text } else { Role::Text3 });
    let response = ui.interact(rect, ui.scope_id().with(("node", &node.id)), Sense::click());
    let spoken = format!("{}, {}, {word}", node.id, node.short);
    response.widget_info(|| WidgetInfo::selected(Named::TreeItem, true, current, &spoken));
    let painter = ui.painter();
    let round = CornerRadius::same(5);
    let fill = if response.hovered() { Role::Bg3 } else { fill };
    painter.rect_filled(rect, round, p.get(fill));
    let frame = if shown { Role::Accent } else { frame };
    painter.rect_stroke(
        rect,
        round,
        Stroke::new(width, p.get(frame)),
        StrokeKind::Inside,
    );
    let y = rect.center().y;
    let run = (node.id.as_str(), Face::Small.bold(), ink);
    let id = text::mid(painter, pos2(rect.left() + 9.0, y), Hold::Left, run, 40.0);
    let x = (id.right() + 7.0).max(rect.left() + 36.0);
    let run = (node.short.as_str(), Face::Small.id(), ink);
    text::mid(
        painter,
        pos2(x, y),
        Hold::Left,
        run,
        rect.right() - 24.0 - x,
    );
    if let Some(mark) = mark {
        let at = pos2(rect.right() - 13.0, y);
        icon::paint(painter, mark, at, 11.0, p.get(mark_role), p.get(fill));
    }
    focus_ring(ui, &response, 5);
    if response.clicked() {
        view.state.diagnose.question = Some(node.id.clone());
        view.state.diagnose.tab = 1;
        view.state.diagnose.whole_tree = false;
    }
    response.on_hover_text(format!("{}\n{word}", node.question));
}

/// The answers of the open question as round leaves below it.
fn open_answers(ui: &Ui, leaves: &[String], from: Rect, places: &[Rect]) {
    let p = Palette::current(ui);
    let painter = ui.painter();
    for (i, (leaf, place)) in leaves.iter().zip(places).enumerate() {
        let rect = place.with_min_x(place.left() + 22.0);
        let x = from.left() + 11.0;
        let points = [
            pos2(x, from.bottom()),
            pos2(x, rect.center().y),
            rect.left_center(),
        ];
        let stroke = Stroke::new(1.0, p.get(Role::Line2));
        painter.extend(Shape::dashed_line(&points, stroke, 3.0, 3.0));
        let round = CornerRadius::same(15);
        painter.rect_filled(rect, round, p.get(Role::Bg1));
        painter.rect_stroke(rect, round, stroke, StrokeKind::Inside);
        let run = (leaf.as_str(), Face::Small.id(), p.get(Role::Text2));
        let at = pos2(rect.left() + 14.0, rect.center().y);
        text::mid(painter, at, Hold::Left, run, rect.width() - 26.0);
        let response = ui.interact(rect, ui.scope_id().with(("leaf", i)), Sense::hover());
        let spoken = format!("Answer {leaf}");
        response.widget_info(|| WidgetInfo::labeled(Named::Label, true, &spoken));
        response.on_hover_text(leaf);
    }
}
