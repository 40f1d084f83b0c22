//! The Device place: ladder, log, attempts, ports, problems.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fake_session.rs"]
mod fake_session;
#[path = "support/window.rs"]
mod window;

use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use fake_session::{INPUT, stalled_snapshot};
use handlens::ui::state::{DeviceTab, Spot};

#[test]
fn the_ladder_reads_as_a_list_of_steps() {
    let w = window::window(stalled_snapshot());
    for name in [
        "Stalled. The device sent Finished and has heard nothing from the server for 60 s.",
        "Handshake, attempt 2, 6 steps",
        "Step 1 of 6, sent by device, ClientHello, inferred, not in this log",
        "Step 5 of 6, sent by device, Finished, 45 bytes, 06:54:19.420, seen",
        "Waiting for ChangeCipherSpec from the server, 60 s",
        "Stop: Device gives up, time-out · no alert, no close seen",
        "Where it stands",
        "Attempts",
        "Log",
    ] {
        assert!(
            w.names().iter().any(|n| n == name),
            "{name:?} in {:#?}",
            w.names()
        );
    }
}

#[test]
fn a_row_of_the_ladder_selects_its_line_and_back() {
    let mut w = window::window(stalled_snapshot());
    w.harness.get_by_label_contains("Step 5 of 6").click();
    w.settle();
    let spot = Spot {
        input: INPUT,
        line: 36,
    };
    assert_eq!(w.harness.state().state.selected, Some(spot));
    assert!(!w.rects_of("Line 36,").is_empty(), "the log scrolled to it");
    w.harness.get_by_label_contains("Line 38,").click();
    w.settle();
    let chosen = w.harness.state().state.selected.unwrap();
    assert_eq!(chosen.line, 38);
    w.harness.key_press(Key::ArrowUp);
    w.settle();
    assert_eq!(w.harness.state().state.selected.unwrap().line, 36);
    w.harness.key_press(Key::Escape);
    w.settle();
    assert_eq!(w.harness.state().state.selected, None);
}

impl window::Driven {
    fn rects_of(&self, part: &str) -> Vec<String> {
        self.names()
            .into_iter()
            .filter(|n| n.starts_with(part))
            .collect()
    }
}

#[test]
fn only_visible_rows_are_laid_out_and_poll_loops_fold() {
    let mut w = window::window(stalled_snapshot());
    let lines = w.rects_of("Line ");
    assert!((4..=12).contains(&lines.len()), "{lines:?}");
    assert!(w.says("10 lines × 12, every 5 s · nothing received"));
    w.harness.get_by_label("Unfold repeated lines").click();
    w.settle();
    assert!(!w.says("10 lines × 12, every 5 s"));
    assert!(w.says("Line 160"));
}

#[test]
fn find_goes_to_the_next_line_that_holds_it() {
    let mut w = window::window(stalled_snapshot());
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    w.settle();
    w.type_into("Find in the log", "SysLog");
    w.harness.get_by_label("Next").click();
    w.settle();
    assert_eq!(w.harness.state().state.selected.unwrap().line, 2);
    w.harness.get_by_label("Next").click();
    w.settle();
    assert_eq!(w.harness.state().state.selected.unwrap().line, 8);
}

#[test]
fn attempts_change_the_ladder() {
    let mut w = window::window(stalled_snapshot());
    w.harness
        .get_by_label_contains("Attempt 1, 06:10:41, completed")
        .click();
    w.settle();
    assert!(w.says("Handshake, attempt 1, 13 steps"));
    assert!(w.says("The handshake completed"));
    assert!(w.says("Step 3 of 13, sent by server, Certificate, 2,710 bytes"));
}

#[test]
fn an_alert_is_named_by_number_and_name() {
    let mut snapshot = stalled_snapshot();
    snapshot.attempts = vec![Arc::new(fake_session::alert_attempt(0))];
    snapshot.judged = Some(0);
    let w = window::window(snapshot);
    assert!(
        w.says("sent by device, alert 46 certificate_unknown"),
        "{:#?}",
        w.names()
    );
    assert!(w.says("Stop: Device ends it, alert 46 (certificate_unknown)"));
    assert!(w.says("Ended by: device, alert 46 (certificate_unknown)."));
}

#[test]
fn an_open_port_has_its_controls() {
    let mut snapshot = stalled_snapshot();
    snapshot.ports = vec![fake_session::live_port()];
    let mut w = window::window(snapshot);
    assert!(w.says("Live log"));
    w.harness
        .get_by_label("DTR of /dev/ttyUSB0: not touched")
        .click();
    w.settle();
    w.harness.get_by_label("RTS of /dev/ttyUSB0: on").click();
    w.settle();
    w.harness
        .get_by_label("Reset the device on /dev/ttyUSB0")
        .click();
    w.settle();
    w.type_into("Line to send to /dev/ttyUSB0", "AT");
    w.harness.get_by_label("Send to /dev/ttyUSB0").click();
    w.settle();
    w.harness.get_by_label("Close /dev/ttyUSB0").click();
    w.settle();
    assert_eq!(
        w.session.asked(),
        [
            "Port(InputId(0), Dtr(true))",
            "Port(InputId(0), Rts(false))",
            "Port(InputId(0), Reset)",
            "Port(InputId(0), Send([65, 84, 13, 10]))",
            "CloseInput(InputId(0))",
        ]
    );
}

#[test]
fn problems_stay_and_jobs_can_be_cancelled() {
    let mut snapshot = stalled_snapshot();
    snapshot.problems = vec![fake_session::problem()];
    snapshot.progress = vec![fake_session::job()];
    snapshot.gaps = vec![fake_session::gap()];
    let mut w = window::window(snapshot.clone());
    assert!(w.says("/dev/ttyUSB1 is in use by another program."));
    assert!(w.says("Reading device.log, 62.0 MB of 100.0 MB"));
    assert!(!w.says("os error 16"));
    w.harness.get_by_label("Details").click();
    w.settle();
    assert!(w.says("os error 16"));
    w.harness.key_press(Key::Escape);
    w.settle();
    assert_eq!(w.session.asked(), ["Cancel(InputId(0))"]);
    snapshot.progress.clear();
    snapshot.problems.clear();
    w.session.set(snapshot);
    w.settle();
    assert!(!w.says("/dev/ttyUSB1 is in use"));
    w.harness.state_mut().state.log.scroll_to = Some(35);
    w.harness.state_mut().state.log.follow = false;
    w.settle();
    assert!(w.says("Gap: Unplugged for 4.2 s"), "{:#?}", w.names());
}

#[test]
fn reads_are_bars_with_their_numbers() {
    let mut w = window::window(stalled_snapshot());
    w.harness.get_by_label("Read ladder").click();
    w.settle();
    assert!(w.says("Read of 1,393 bytes at offset 5, 2,048 wanted, line 32"));
    w.harness.get_by_label_contains("Read of 2 bytes").click();
    w.settle();
    assert_eq!(w.harness.state().state.device_tab, DeviceTab::Log);
    assert_eq!(w.harness.state().state.selected.unwrap().line, 32);
}

#[test]
fn raw_bytes_are_shown_by_row() {
    let mut w = window::window(stalled_snapshot());
    w.harness.get_by_label("Raw bytes").click();
    w.settle();
    assert!(w.says("Offset 0: 00 07 0e 15"), "{:#?}", w.names());
}

#[test]
fn an_idle_window_asks_for_no_frame() {
    let mut w = window::window(stalled_snapshot());
    w.harness.run();
    let asked = w.harness.ctx.has_requested_repaint();
    assert!(!asked, "{:?}", w.harness.ctx.repaint_causes());
}
