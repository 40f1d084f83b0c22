//! The window in a harness without a screen: names and roles are read as a screen reader does.

#![allow(dead_code)]

use std::sync::Arc;

use egui::{Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use handlens::session::Snapshot;
use handlens::ui::{Preferences, SessionSource, Window};

use crate::fake_session::FakeSession;

#[path = "app.rs"]
mod app;

/// A window on a fixed session.
pub struct Driven {
    pub harness: Harness<'static, Window>,
    pub session: Arc<FakeSession>,
}

/// 1280 × 800, dark.
pub fn window(snapshot: Snapshot) -> Driven {
    sized(snapshot, vec2(1_280.0, 800.0), "dark")
}

pub fn sized(snapshot: Snapshot, size: Vec2, theme: &str) -> Driven {
    let session = FakeSession::new(snapshot);
    let source: Arc<dyn SessionSource> = session.clone();
    let mut preferences = Preferences::default();
    preferences.theme = theme.into();
    let mut harness = app::harness(Window::new(source, preferences), size);
    harness.run_steps(3);
    Driven { harness, session }
}

impl Driven {
    /// A few frames: what was asked for is carried out and shown.
    pub fn settle(&mut self) {
        self.harness.run_steps(4);
    }

    /// Types into the field of this name.
    pub fn type_into(&mut self, name: &str, text: &str) {
        self.harness.get_by_label(name).focus();
        self.settle();
        self.harness.get_by_label(name).type_text(text);
        self.settle();
    }

    /// All names that a screen reader would read, in order.
    pub fn names(&self) -> Vec<String> {
        let root = self.harness.root();
        root.children_recursive()
            .map(|n| n.accesskit_node())
            .filter(|n| !n.is_hidden())
            .filter_map(|n| n.label().or_else(|| n.value()))
            .filter(|n| !n.trim().is_empty())
            .collect()
    }

    /// Is there a name that holds `part`?
    pub fn says(&self, part: &str) -> bool {
        self.names().iter().any(|n| n.contains(part))
    }

    /// Rectangles of everything with exactly this name.
    pub fn rects(&self, name: &str) -> Vec<Rect> {
        let root = self.harness.root();
        root.children_recursive()
            .map(|n| n.accesskit_node())
            .filter(|n| n.label().as_deref() == Some(name))
            .filter_map(|n| n.raw_bounds())
            .map(|b| {
                #[expect(clippy::cast_possible_truncation)]
                let point = |x: f64, y: f64| pos2(x as f32, y as f32);
                Rect::from_min_max(point(b.x0, b.y0), point(b.x1, b.y1))
            })
            .collect()
    }

    /// Fails unless something of this name lies wholly inside the window.
    #[track_caller]
    pub fn inside(&self, name: &str, size: Vec2) {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), size).expand(0.5);
        let rects = self.rects(name);
        assert!(
            !rects.is_empty(),
            "{name:?} is not there: {:?}",
            self.names()
        );
        assert!(
            rects.iter().any(|r| screen.contains_rect(*r)),
            "{name:?} is cut off: {rects:?} in {screen:?}"
        );
    }
}
