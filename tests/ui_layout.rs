//! Layout at all sizes in both themes, long names, hostile text.
//!
//! The harness itself fails on a glyph that no font has and on an input without a name.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fake_session.rs"]
mod fake_session;
#[path = "support/window.rs"]
mod window;

use egui::{Vec2, vec2};
use fake_session::{empty_snapshot, stalled_snapshot};
use handlens::ui::state::Place;

const SIZES: [Vec2; 5] = [
    vec2(640.0, 400.0),
    vec2(800.0, 600.0),
    vec2(1_280.0, 800.0),
    vec2(1_920.0, 1_080.0),
    vec2(3_840.0, 2_160.0),
];

const PLACES: [Place; 7] = [
    Place::Device,
    Place::Certificates,
    Place::Server,
    Place::Diagnose,
    Place::Report,
    Place::Codes,
    Place::Settings,
];

#[test]
fn places_are_reachable_and_named_at_every_size_in_both_themes() {
    for theme in ["dark", "light"] {
        for size in SIZES {
            let mut w = window::sized(stalled_snapshot(), size, theme);
            for place in PLACES {
                w.harness.state_mut().state.place = place;
                w.settle();
                w.inside("Device, a fault was found", size);
                w.inside("Certificates", size);
                w.inside("Report", size);
                w.inside("Codes", size);
                w.harness.check_accessibility();
            }
        }
    }
}

#[test]
fn what_matters_is_never_cut_off() {
    for size in SIZES {
        let mut w = window::sized(stalled_snapshot(), size, "dark");
        let verdict =
            "Stalled. The device sent Finished and has heard nothing from the server for 60 s.";
        w.inside(verdict, size);
        w.inside("Causes", size);
        if size.y > 700.0 || size.x < 700.0 {
            w.inside("Waiting for ChangeCipherSpec from the server, 60 s", size);
        }
        w.harness.state_mut().state.place = Place::Diagnose;
        w.harness.state_mut().state.diagnose.tab = 1;
        w.settle();
        for answer in ["yes", "no", "I cannot tell"] {
            w.inside(answer, size);
        }
        w.harness.state_mut().state.place = Place::Report;
        w.settle();
        w.inside(
            if size.x < 720.0 {
                "Save"
            } else {
                "Save report"
            },
            size,
        );
    }
}

#[test]
fn first_start_fits_and_scrolls() {
    for size in SIZES {
        let w = window::sized(empty_snapshot(), size, "dark");
        w.inside("Connect a device", size);
    }
}

#[test]
fn panels_do_not_overlap_at_the_usual_size() {
    let w = window::window(stalled_snapshot());
    let panels: Vec<_> = ["Attempt 2", "Where it stands", "Attempts", "Log"]
        .iter()
        .map(|name| {
            let rects = w.rects(name);
            *rects
                .iter()
                .max_by(|a, b| a.area().total_cmp(&b.area()))
                .unwrap_or_else(|| panic!("{name} is not there"))
        })
        .collect();
    for (i, a) in panels.iter().enumerate() {
        for b in &panels[i + 1..] {
            assert!(!a.shrink(1.0).intersects(b.shrink(1.0)), "{a:?} and {b:?}");
        }
    }
}

#[test]
fn long_and_hostile_text_is_shown_not_obeyed() {
    let mut snapshot = stalled_snapshot();
    snapshot.inputs[0].name = format!("{}.log", "very-long-name-".repeat(30));
    snapshot.verdict.sentence = "The device sent Finished. ".repeat(20);
    snapshot.verdict.second = "a\u{1b}[31mred\u{202e}txet 日本語 \u{0} ▓ 🦀 ελ".into();
    snapshot.changes[1] = "Only the link differs, and so on. ".repeat(12);
    let mut diagnosis = (*snapshot.diagnosis).clone();
    diagnosis.causes[0].title = "Receive buffer ".repeat(20);
    diagnosis.causes[0].evidence[0].sentence = "نص عربي and control \u{7} bytes ".repeat(12);
    diagnosis.tree.nodes[8].question = "Is the buffer smaller? ".repeat(16);
    snapshot.diagnosis = diagnosis.into();
    for size in SIZES {
        let mut w = window::sized(snapshot.clone(), size, "light");
        for place in PLACES {
            w.harness.state_mut().state.place = place;
            w.harness.state_mut().state.diagnose.tab = usize::from(size.x < 700.0);
            w.settle();
            w.inside("Codes", size);
        }
        w.harness.state_mut().state.place = Place::Device;
        w.settle();
        w.inside("Causes", size);
    }
}
