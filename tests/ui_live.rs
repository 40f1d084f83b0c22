//! The window on a real session: a file is dropped, a case is played, the verdict appears.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/live_window.rs"]
mod live_window;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::kittest::Queryable as _;
use handlens::ui::SessionSource;
use handlens::ui::command::{Command, Speed};
use handlens::ui::live::LiveSession;

use live_window::{source as live, wait_for, window};

#[test]
fn a_played_case_ends_in_a_verdict_with_causes_and_a_report() {
    let source = live();
    source.dispatch(Command::Demo {
        name: "pic32-satellite".into(),
        speed: Speed::Max,
    });
    let mut w = window(source);
    wait_for(&mut w, "Waiting for ChangeCipherSpec from the server");
    wait_for(&mut w, "Causes");
    w.get_by_label("Causes").click();
    wait_for(&mut w, "Cause 1, ");
    wait_for(&mut w, "net.rx_buffer_too_small");
    w.state_mut().state.place = handlens::ui::state::Place::Report;
    wait_for(&mut w, "TLS handshake report");
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

#[test]
fn a_dropped_log_is_read_and_searched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.log");
    let mut text = String::new();
    for state in 0..4 {
        text.push_str(&format!("ssl_cli.c:3510: client state: {state}\n"));
    }
    text.push_str("ssl_tls.c:5050: got an alert message, type: [2:40]\n");
    std::fs::write(&file, text).unwrap();
    let mut w = window(live());
    w.run_steps(2);
    w.input_mut().dropped_files.push(Arc::new(Dropped(file)));
    wait_for(&mut w, "alert 40 handshake_failure");
    w.state_mut().state.log.find = Some("got an alert".into());
    wait_for(&mut w, "Next");
    w.get_by_label("Next").click();
    let until = Instant::now() + Duration::from_secs(15);
    while w.state().state.selected.is_none_or(|s| s.line != 5) {
        w.run_steps(1);
        assert!(Instant::now() < until, "not found");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A run that was made is noted with two clicks, moves the causes, and can be taken back.
#[test]
fn an_experiment_is_noted_and_moves_the_causes() {
    let source = live();
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/pic32-satellite.log");
    source.dispatch(Command::OpenPath(log));
    let mut harness = window(source.clone());
    wait_for(&mut harness, "Causes");
    harness.state_mut().state.place = handlens::ui::state::Place::Diagnose;
    harness.run_steps(3);
    harness.get_by_label("Experiments").click();
    harness.run_steps(3);
    let first = |source: &LiveSession| {
        let snap = source.snapshot();
        snap.diagnosis
            .causes
            .first()
            .map(|c| (c.id.clone(), c.score))
    };
    let (_, before) = first(&source).unwrap();
    harness
        .get_by_label("larger receive buffer: It works")
        .click_accesskit();
    wait_for(&mut harness, "1. With larger receive buffer");
    let (id, after) = first(&source).unwrap();
    assert_eq!(id, "net.rx_buffer_too_small");
    assert!(after > before, "{after} against {before}");
    harness.get_by_label("Remove run 1").click_accesskit();
    wait_for(&mut harness, "larger receive buffer: It works");
    assert_eq!(first(&source).unwrap().1, before);
}

/// The times of a second input are moved by hand, and go back to what the steps say.
#[test]
fn the_clock_of_an_input_is_set_by_hand_and_taken_back() {
    let source = live();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    for name in ["pic32-satellite.log", "pic32-landline.log"] {
        source.dispatch(Command::OpenPath(folder.join(name)));
    }
    let mut w = window(source.clone());
    wait_for(&mut w, "Attempts");
    let second = source.snapshot().inputs[1].id;
    w.state_mut().state.log.input = Some(second);
    wait_for(&mut w, "Clock");
    w.get_by_label("Clock").click();
    wait_for(&mut w, "Milliseconds to add");
    w.state_mut().state.log.offset = "\u{2212}1,500".into();
    w.run_steps(2);
    w.get_by_label("Add to its times").click();
    let until = Instant::now() + Duration::from_secs(15);
    let moved = |by: i64| {
        let snap = source.snapshot();
        let clock = snap.clocks.iter().find(|c| c.input == second).cloned();
        clock.is_some_and(|c| c.by_hand && c.offset_ms == by)
    };
    while !moved(-1_500) {
        assert!(Instant::now() < until, "{:?}", source.snapshot().clocks);
        w.run_steps(1);
        std::thread::sleep(Duration::from_millis(20));
    }
    w.run_steps(2);
    w.get_by_label("From the steps").click();
    while source.snapshot().clocks.iter().any(|c| c.by_hand) {
        assert!(Instant::now() < until, "{:?}", source.snapshot().clocks);
        w.run_steps(1);
        std::thread::sleep(Duration::from_millis(20));
    }
}
