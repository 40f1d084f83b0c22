//! Icons and arrows as painter recipes on a grid of 16 × 16; nothing is typed as a character.
//!
//! In: which icon, where, how large, which colour. Out: shapes. Must not know what it stands for
//! at that place.

use egui::{
    Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2,
};

/// One stroke of a recipe, in grid units.
enum Part {
    /// Line through points, stroke 1.6, round caps.
    L(&'static [[f32; 2]]),
    /// Filled convex polygon.
    P(&'static [[f32; 2]]),
    /// Line of 2.2 in the background colour.
    K(&'static [[f32; 2]]),
    /// Circle: centre and radius.
    C(f32, f32, f32),
    /// Filled disc: centre and radius.
    D(f32, f32, f32),
    /// Rounded rectangle: corner, size, rounding.
    R(f32, f32, f32, f32, f32),
}

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A device: a chip with its pins.
    Device,
    /// A certificate.
    Cert,
    /// A server.
    Server,
    /// The guided tree.
    Tree,
    /// A report.
    Report,
    /// Good: a tick.
    Ok,
    /// Bad: a cross.
    Fail,
    /// Suspicious: a triangle.
    Warn,
    /// Stop: an octagon.
    Stop,
    /// Waiting: an hourglass.
    Wait,
    /// Not known: a diamond.
    Unknown,
    /// To the right.
    Right,
    /// To the left.
    Left,
    /// Locked.
    Lock,
    /// A key.
    Key,
    /// Look up, find.
    Look,
    /// A folder, open a file.
    Folder,
    /// Drop here.
    Drop,
    /// A plug: connect.
    Plug,
    /// Play.
    Play,
    /// Copy.
    Copy,
    /// Fold or unfold.
    Fold,
    /// Down; turned for other sides.
    Down,
    /// Goes on.
    Next,
    /// A tap on the wire.
    Tap,
    /// A clock.
    Clock,
    /// Settings.
    Set,
    /// Recording.
    Rec,
    /// Left out.
    Hide,
    /// Passed: a ringed tick.
    Pass,
    /// Swap, compare.
    Flip,
}

use Part::{C, D, K, L, P, R};

/// The recipe of an icon.
#[expect(clippy::too_many_lines, reason = "a table")]
fn recipe(icon: Icon) -> &'static [Part] {
    match icon {
        Icon::Device => &[
            R(4.0, 4.0, 8.0, 8.0, 1.5),
            L(&[[6.0, 1.5], [6.0, 4.0]]),
            L(&[[10.0, 1.5], [10.0, 4.0]]),
            L(&[[6.0, 12.0], [6.0, 14.5]]),
            L(&[[10.0, 12.0], [10.0, 14.5]]),
            L(&[[1.5, 6.0], [4.0, 6.0]]),
            L(&[[1.5, 10.0], [4.0, 10.0]]),
            L(&[[12.0, 6.0], [14.5, 6.0]]),
            L(&[[12.0, 10.0], [14.5, 10.0]]),
        ],
        Icon::Cert => &[
            L(&[
                [7.0, 12.0],
                [2.0, 12.0],
                [2.0, 2.5],
                [14.0, 2.5],
                [14.0, 7.0],
            ]),
            L(&[[4.5, 5.5], [11.0, 5.5]]),
            L(&[[4.5, 8.5], [7.5, 8.5]]),
            C(11.2, 10.2, 2.2),
            L(&[
                [10.0, 12.2],
                [9.6, 15.0],
                [11.2, 14.0],
                [12.8, 15.0],
                [12.4, 12.2],
            ]),
        ],
        Icon::Server => &[
            R(2.0, 2.5, 12.0, 4.5, 1.0),
            R(2.0, 9.0, 12.0, 4.5, 1.0),
            D(4.8, 4.75, 0.9),
            D(4.8, 11.25, 0.9),
            L(&[[8.0, 4.75], [11.5, 4.75]]),
            L(&[[8.0, 11.25], [11.5, 11.25]]),
        ],
        Icon::Tree => &[
            C(3.5, 8.0, 2.0),
            C(12.5, 3.5, 2.0),
            C(12.5, 12.5, 2.0),
            L(&[[5.3, 7.1], [10.7, 4.4]]),
            L(&[[5.3, 8.9], [10.7, 11.6]]),
        ],
        Icon::Report => &[
            L(&[
                [9.5, 1.5],
                [3.0, 1.5],
                [3.0, 14.5],
                [13.0, 14.5],
                [13.0, 5.0],
                [9.5, 1.5],
                [9.5, 5.0],
                [13.0, 5.0],
            ]),
            L(&[[5.5, 8.0], [10.5, 8.0]]),
            L(&[[5.5, 11.0], [10.5, 11.0]]),
        ],
        Icon::Ok => &[L(&[[2.5, 8.5], [6.2, 12.2], [13.5, 4.0]])],
        Icon::Fail => &[
            L(&[[3.5, 3.5], [12.5, 12.5]]),
            L(&[[12.5, 3.5], [3.5, 12.5]]),
        ],
        Icon::Warn => &[
            L(&[[8.0, 2.0], [14.5, 13.5], [1.5, 13.5], [8.0, 2.0]]),
            L(&[[8.0, 6.3], [8.0, 9.6]]),
            D(8.0, 11.6, 0.9),
        ],
        Icon::Stop => &[
            P(&[
                [5.2, 1.5],
                [10.8, 1.5],
                [14.5, 5.2],
                [14.5, 10.8],
                [10.8, 14.5],
                [5.2, 14.5],
                [1.5, 10.8],
                [1.5, 5.2],
            ]),
            K(&[[4.6, 8.0], [11.4, 8.0]]),
        ],
        Icon::Wait => &[
            L(&[[4.0, 2.0], [12.0, 2.0]]),
            L(&[[4.0, 14.0], [12.0, 14.0]]),
            L(&[[5.0, 2.0], [5.0, 4.5], [8.0, 8.0], [5.0, 11.5], [5.0, 14.0]]),
            L(&[
                [11.0, 2.0],
                [11.0, 4.5],
                [8.0, 8.0],
                [11.0, 11.5],
                [11.0, 14.0],
            ]),
        ],
        Icon::Unknown => &[
            L(&[[8.0, 1.8], [14.2, 8.0], [8.0, 14.2], [1.8, 8.0], [8.0, 1.8]]),
            D(8.0, 8.0, 1.2),
        ],
        Icon::Right => &[
            L(&[[1.5, 8.0], [11.0, 8.0]]),
            P(&[[14.5, 8.0], [9.0, 4.6], [9.0, 11.4]]),
        ],
        Icon::Left => &[
            L(&[[14.5, 8.0], [5.0, 8.0]]),
            P(&[[1.5, 8.0], [7.0, 4.6], [7.0, 11.4]]),
        ],
        Icon::Lock => &[
            R(3.0, 7.0, 10.0, 7.5, 1.5),
            L(&[
                [5.0, 7.0],
                [5.0, 5.0],
                [5.9, 2.9],
                [8.0, 2.0],
                [10.1, 2.9],
                [11.0, 5.0],
                [11.0, 7.0],
            ]),
            D(8.0, 10.6, 1.2),
        ],
        Icon::Key => &[
            C(5.0, 8.0, 3.0),
            L(&[[8.0, 8.0], [14.5, 8.0], [14.5, 11.0]]),
            L(&[[11.5, 8.0], [11.5, 10.5]]),
        ],
        Icon::Look => &[C(7.0, 7.0, 4.6), L(&[[10.4, 10.4], [14.3, 14.3]])],
        Icon::Folder => &[L(&[
            [1.5, 13.0],
            [1.5, 3.5],
            [6.0, 3.5],
            [7.5, 5.5],
            [14.5, 5.5],
            [14.5, 13.0],
            [1.5, 13.0],
        ])],
        Icon::Drop => &[
            L(&[[8.0, 1.5], [8.0, 7.5]]),
            P(&[[8.0, 10.8], [4.8, 6.6], [11.2, 6.6]]),
            L(&[[2.0, 9.5], [2.0, 13.5], [14.0, 13.5], [14.0, 9.5]]),
        ],
        Icon::Plug => &[
            L(&[[5.5, 1.5], [5.5, 5.0]]),
            L(&[[10.5, 1.5], [10.5, 5.0]]),
            L(&[
                [3.5, 5.0],
                [12.5, 5.0],
                [12.5, 8.0],
                [10.0, 10.5],
                [6.0, 10.5],
                [3.5, 8.0],
                [3.5, 5.0],
            ]),
            L(&[[8.0, 10.5], [8.0, 14.5]]),
        ],
        Icon::Play => &[P(&[[4.5, 2.5], [13.5, 8.0], [4.5, 13.5]])],
        Icon::Copy => &[
            R(2.0, 2.0, 8.5, 8.5, 1.2),
            L(&[
                [12.5, 5.5],
                [14.0, 5.5],
                [14.0, 14.0],
                [5.5, 14.0],
                [5.5, 12.5],
            ]),
        ],
        Icon::Fold => &[
            L(&[[4.0, 5.0], [8.0, 1.8], [12.0, 5.0]]),
            L(&[[4.0, 11.0], [8.0, 14.2], [12.0, 11.0]]),
            L(&[[2.5, 8.0], [13.5, 8.0]]),
        ],
        Icon::Down => &[L(&[[3.5, 6.0], [8.0, 10.5], [12.5, 6.0]])],
        Icon::Next => &[L(&[[6.0, 3.5], [10.5, 8.0], [6.0, 12.5]])],
        Icon::Tap => &[
            L(&[[1.5, 5.0], [14.5, 5.0]]),
            L(&[[8.0, 5.0], [8.0, 10.0]]),
            C(8.0, 12.2, 2.2),
        ],
        Icon::Clock => &[C(8.0, 8.0, 6.3), L(&[[8.0, 4.0], [8.0, 8.0], [11.0, 9.8]])],
        Icon::Set => &[
            L(&[[2.0, 4.0], [14.0, 4.0]]),
            L(&[[2.0, 8.0], [14.0, 8.0]]),
            L(&[[2.0, 12.0], [14.0, 12.0]]),
            D(5.5, 4.0, 2.0),
            D(10.5, 8.0, 2.0),
            D(6.5, 12.0, 2.0),
        ],
        Icon::Rec => &[D(8.0, 8.0, 4.5)],
        Icon::Hide => &[
            L(&[
                [1.5, 8.0],
                [4.5, 5.0],
                [8.0, 4.0],
                [11.5, 5.0],
                [14.5, 8.0],
                [11.5, 11.0],
                [8.0, 12.0],
                [4.5, 11.0],
                [1.5, 8.0],
            ]),
            L(&[[2.5, 13.5], [13.5, 2.5]]),
        ],
        Icon::Pass => &[C(8.0, 8.0, 6.3), L(&[[4.8, 8.3], [7.2, 10.7], [11.4, 5.6]])],
        Icon::Flip => &[
            L(&[[2.0, 5.0], [12.0, 5.0]]),
            P(&[[14.5, 5.0], [10.5, 2.2], [10.5, 7.8]]),
            L(&[[14.0, 11.0], [4.0, 11.0]]),
            P(&[[1.5, 11.0], [5.5, 8.2], [5.5, 13.8]]),
        ],
    }
}

/// Paints `icon` around `centre`, `size` points wide; `cut` is the colour behind it.
pub fn paint(painter: &Painter, icon: Icon, centre: Pos2, size: f32, color: Color32, cut: Color32) {
    let scale = size / 16.0;
    let centre = pos2(snap(centre.x), snap(centre.y));
    let at = |p: &[f32; 2]| centre + vec2(p[0] - 8.0, p[1] - 8.0) * scale;
    let stroke = Stroke::new((1.6 * scale).max(1.3), color);
    for part in recipe(icon) {
        match part {
            L(points) => round_line(painter, points.iter().map(at).collect(), stroke),
            K(points) => {
                let stroke = Stroke::new((2.2 * scale).max(1.3), cut);
                round_line(painter, points.iter().map(at).collect(), stroke);
            }
            P(points) => {
                let points = points.iter().map(at).collect();
                painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
            }
            C(x, y, r) => {
                painter.circle_stroke(at(&[*x, *y]), r * scale, stroke);
            }
            D(x, y, r) => {
                painter.circle_filled(at(&[*x, *y]), (r * scale).max(0.8), color);
            }
            R(x, y, w, h, round) => {
                let rect = Rect::from_min_size(at(&[*x, *y]), Vec2::new(*w, *h) * scale);
                let corner = CornerRadius::from(round * scale);
                painter.rect_stroke(rect, corner, stroke, StrokeKind::Middle);
            }
        }
    }
}

/// A line with round ends and joints.
fn round_line(painter: &Painter, points: Vec<Pos2>, stroke: Stroke) {
    for end in [points.first(), points.last()].into_iter().flatten() {
        painter.circle_filled(*end, stroke.width * 0.5, stroke.color);
    }
    painter.add(Shape::line(points, stroke));
}

/// Half a point: lines of odd width stay sharp.
fn snap(v: f32) -> f32 {
    (v * 2.0).round() * 0.5
}
