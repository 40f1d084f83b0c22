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
    let until = Instant::now() + Duration::from_mins(1);
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
    let until = Instant::now() + Duration::from_mins(1);
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

/// Two runs of one device: the first difference is named, to the byte, and classed.
#[test]
fn a_bad_run_is_compared_with_a_good_one() {
    let mut w = live_window::live(live_window::USUAL);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    for name in ["pic32-satellite.log", "pic32-landline.log"] {
        w.source.dispatch(Command::OpenPath(folder.join(name)));
    }
    w.until_says("Compare with good run");
    w.harness.key_press(egui::Key::D);
    w.until_says("After ServerHello the Certificate differs: ");
    w.until_says("Good run, attempt ");
    w.until_says("suspicious, ChangeCipherSpec: 6 bytes after ");
    w.until_says("nothing received in 60 s in this run");
    // Randoms differ in every handshake.
    w.until_says("expected, ServerHello: ");
    w.harness.key_press(egui::Key::D);
    w.settle();
    let at = w.harness.state().state.compare.as_ref().and_then(|c| c.at);
    assert_eq!(at, Some(0));
    w.harness.key_press(egui::Key::Escape);
    w.settle();
    assert!(w.harness.state().state.compare.is_none());
    w.until_says("Where it stands");
}

/// On a busy machine a slow frame lies between press and release: it is a click all the same.
#[test]
fn a_click_is_not_lost_where_its_release_is_seen_late() {
    let mut w = live_window::live(live_window::USUAL);
    let at = w.harness.get_by_label("Report").rect().center();
    let button = |pressed| egui::Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    w.harness.event(egui::Event::PointerMoved(at));
    w.harness.run_steps(1);
    w.harness.event(button(true));
    // A quarter of a second each.
    w.harness.run_steps(12);
    w.harness.event(button(false));
    w.settle();
    let place = w.harness.state().state.place;
    assert_eq!(place, handlens::ui::state::Place::Report);
}

/// Lines that come while another place is looked at are counted, and one click goes to them.
#[test]
fn new_lines_are_counted_while_the_log_is_not_followed() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.log");
    std::fs::write(&path, "first line\nsecond line\n").unwrap();
    let mut w = live_window::live(live_window::USUAL);
    w.source.dispatch(Command::FollowPath(path.clone()));
    w.until_says("Line 2, ");
    w.harness.state_mut().state.log.follow = false;
    w.settle();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all("one more\n".repeat(12).as_bytes()).unwrap();
    w.until_says("12 lines below, go to the newest");
    w.click("12 lines below, go to the newest");
    assert!(w.harness.state().state.log.follow);
    assert!(!w.says("below, go to the newest"));
}

/// F3 goes on, and what is copied carries its place, its meaning and the verdict.
#[test]
fn the_next_line_is_found_by_a_key_and_copied_with_what_belongs_to_it() {
    let mut w = live_window::live(live_window::USUAL);
    let log = "I app start\nssl_cli.c:3510: client state: 0\nI app again\n\
               ssl_tls.c:5050: got an alert message, type: [2:40]\n";
    w.source.dispatch(Command::Paste(log.into()));
    w.until_says("alert 40 handshake_failure");
    w.harness.state_mut().state.log.find = Some("app".into());
    for line in [1, 3] {
        w.harness.key_press(egui::Key::F3);
        w.until("the next line", |w| {
            w.harness
                .state()
                .state
                .selected
                .is_some_and(|s| s.line == line)
        });
    }
    w.harness.state_mut().state.log.find = None;
    let spot = w.harness.state().state.selected.unwrap();
    w.harness.state_mut().state.selected = Some(handlens::ui::state::Spot { line: 4, ..spot });
    w.settle();
    w.harness.event(egui::Event::Copy);
    w.until_says("Copied line 4 with what belongs to it.");
    let copied = |w: &live_window::Live| {
        let commands = &w.harness.output().platform_output.commands;
        commands.iter().find_map(|c| match c {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    };
    w.harness.event(egui::Event::Copy);
    let mut text = None;
    for _ in 0..4 {
        w.harness.run_steps(1);
        text = text.or_else(|| copied(&w));
    }
    let text = text.expect("the clipboard gets a text");
    assert!(
        text.starts_with("pasted text, line 4, attempt 1\n"),
        "{text}"
    );
    assert!(
        text.contains(">      4  ssl_tls.c:5050: got an alert"),
        "{text}"
    );
    assert!(
        text.contains("Verdict: The server ended the handshake"),
        "{text}"
    );
}

/// What was written is said, with its path.
#[test]
fn a_saved_report_and_a_saved_session_say_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = live_window::live(live_window::USUAL);
    w.source
        .dispatch(Command::Paste("ssl_cli.c:3510: client state: 0\n".into()));
    w.until_says("client state: 0");
    let report = folder.path().join("report.html");
    w.source.dispatch(Command::ExportReport {
        path: report.clone(),
        form: handlens::ui::command::ReportForm::Html,
        leave_out: handlens::ui::command::LeaveOut::default(),
    });
    w.until_says("Saved the report as ");
    assert!(std::fs::read_to_string(report).unwrap().contains("<h1>"));
    let saved = folder.path().join("case.handlens");
    w.source.dispatch(Command::SaveSession(saved.clone()));
    w.until_says("Saved the session as ");
    assert!(saved.is_file());
}
