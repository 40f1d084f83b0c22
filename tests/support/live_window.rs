//! A window on a real session, without a screen: names and roles are read as a screen reader does.

#![allow(dead_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use handlens::session::{Folders, Session};
use handlens::ui::live::LiveSession;
use handlens::ui::start::Waker;
use handlens::ui::{Preferences, SessionSource, Window};

#[allow(clippy::duplicate_mod)]
#[path = "app.rs"]
mod app;

/// Longest wait for anything.
const LIMIT: Duration = Duration::from_mins(1);

/// 1280 × 800.
pub const USUAL: Vec2 = vec2(1_280.0, 800.0);
/// The same at 200 %.
pub const SMALL: Vec2 = vec2(640.0, 400.0);

/// The window alone.
pub type Driven = Harness<'static, Window>;

/// A session without folders: nothing is recorded, nothing of this computer is read.
pub fn source() -> Arc<LiveSession> {
    let session = Session::with_folders(|| {}, Folders::default());
    Arc::new(LiveSession::new(session, Waker::default()))
}

/// A window of the usual size on `source`.
pub fn window(source: Arc<dyn SessionSource>) -> Driven {
    shown(source, USUAL, "system")
}

fn shown(source: Arc<dyn SessionSource>, size: Vec2, theme: &str) -> Driven {
    let mut preferences = Preferences::default();
    preferences.theme = theme.into();
    app::harness(Window::new(source, preferences), size)
}

/// All names that a screen reader would read, in order.
pub fn names(harness: &Driven) -> Vec<String> {
    let root = harness.root();
    root.children_recursive()
        .map(|n| n.accesskit_node())
        .filter(|n| !n.is_hidden())
        .filter_map(|n| n.label().or_else(|| n.value()))
        .collect()
}

/// Frames until a name holds `part`.
#[track_caller]
pub fn wait_for(harness: &mut Driven, part: &str) {
    let limit = Instant::now() + LIMIT;
    loop {
        harness.run_steps(1);
        let names = names(harness);
        if names.iter().any(|n| n.contains(part)) {
            return;
        }
        assert!(Instant::now() < limit, "{part:?} never came: {names:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A window on a real session.
pub struct Live {
    pub harness: Driven,
    pub source: Arc<LiveSession>,
}

/// Without folders: nothing is recorded, nothing of this computer is read.
pub fn live(size: Vec2) -> Live {
    live_in(Folders::default(), size, "system")
}

/// With these folders, in this theme.
pub fn live_in(folders: Folders, size: Vec2, theme: &str) -> Live {
    let session = Session::with_folders(|| {}, folders);
    let source = Arc::new(LiveSession::new(session, Waker::default()));
    let harness = shown(source.clone(), size, theme);
    let mut live = Live { harness, source };
    live.harness.run_steps(3);
    live
}

impl Live {
    /// All names that a screen reader would read, in order.
    pub fn names(&self) -> Vec<String> {
        names(&self.harness)
    }

    /// Is there a name that holds `part`?
    pub fn says(&self, part: &str) -> bool {
        self.names().iter().any(|n| n.contains(part))
    }

    /// A few frames: what was asked for is carried out and shown.
    pub fn settle(&mut self) {
        self.harness.run_steps(4);
    }

    /// Runs frames until it is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let limit = Instant::now() + LIMIT;
        loop {
            self.harness.run_steps(2);
            if is(self) {
                return;
            }
            assert!(Instant::now() < limit, "never: {what}: {:#?}", self.names());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs frames until a name holds `part`.
    #[track_caller]
    pub fn until_says(&mut self, part: &str) {
        self.until(part, |l| l.says(part));
    }

    /// Clicks what has exactly this name, once it is there.
    #[track_caller]
    pub fn click(&mut self, name: &str) {
        self.until(name, |l| l.harness.query_by_label(name).is_some());
        self.harness.get_by_label(name).click();
        self.settle();
    }

    /// Fails unless something whose name holds `part` lies wholly inside the window.
    #[track_caller]
    pub fn inside(&self, part: &str, size: Vec2) {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), size).expand(0.5);
        let root = self.harness.root();
        let rects: Vec<Rect> = root
            .children_recursive()
            .filter(|n| {
                let node = n.accesskit_node();
                let label = node.label().or_else(|| node.value());
                label.is_some_and(|l| l.contains(part))
            })
            .map(|n| n.rect())
            .collect();
        assert!(
            rects.iter().any(|r| screen.contains_rect(*r)),
            "{part:?} is not wholly in {screen:?}: {rects:?}"
        );
    }
}
