//! First start, keys, drop and paste.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fake_session.rs"]
mod fake_session;
#[path = "support/window.rs"]
mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use fake_session::{empty_snapshot, stalled_snapshot};
use handlens::ui::state::Place;

#[test]
fn first_start_shows_the_ways_in() {
    let w = window::window(empty_snapshot());
    for name in [
        "Why does the TLS handshake fail?",
        "Connect a device",
        "Open a file",
        "Drop or paste",
        "Hub over satellite, TLS stops after Finished, no alert, Stalled",
        "Hub, landline, Handshake completed, Completed",
    ] {
        assert!(w.says(name), "{name:?} in {:?}", w.names());
    }
    assert!(
        !w.says("Nothing seen yet"),
        "no verdict before there is evidence"
    );
}

#[test]
fn a_case_is_one_click_away() {
    let mut w = window::window(empty_snapshot());
    w.harness
        .get_by_label_contains("Meter with an old root")
        .click();
    w.settle();
    assert_eq!(w.session.asked(), ["Demo(\"wrong-ca\", Ten)"]);
}

#[test]
fn connect_asks_for_a_port_and_opens_it() {
    let mut w = window::window(empty_snapshot());
    w.harness.get_by_label("Connect a device").click();
    w.settle();
    w.harness
        .get_by_label("/dev/ttyUSB0 CP2102N USB to UART, Silicon Labs, 0001")
        .click();
    w.settle();
    w.harness.get_by_label("460,800 baud").click();
    w.settle();
    w.harness.get_by_label("Open port").click();
    w.settle();
    let asked = w.session.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("path: \"/dev/ttyUSB0\", baud: 460800, data_bits: 8"));
}

#[test]
fn a_wrong_baud_rate_says_why_nothing_opens() {
    let mut w = window::window(empty_snapshot());
    w.harness.state_mut().state.connect.open = true;
    w.harness.state_mut().state.connect.wish.path = "/dev/ttyS9".into();
    w.harness.state_mut().state.connect.baud = "fast".into();
    w.settle();
    assert!(w.says("The baud rate is a whole number above 0."));
    w.harness.get_by_label("Open port").click();
    w.settle();
    assert!(w.session.asked().is_empty());
}

#[test]
fn keys_go_to_the_places() {
    let mut w = window::window(stalled_snapshot());
    for (key, place) in [
        (Key::Num2, Place::Certificates),
        (Key::Num3, Place::Server),
        (Key::Num4, Place::Diagnose),
        (Key::Num5, Place::Report),
        (Key::Num1, Place::Device),
        (Key::K, Place::Codes),
    ] {
        w.harness.key_press_modifiers(Modifiers::COMMAND, key);
        w.settle();
        assert_eq!(w.harness.state().state.place, place);
    }
    assert!(
        w.session.asked().is_empty(),
        "going somewhere answers nothing"
    );
    w.harness.key_press(Key::Escape);
    w.settle();
    assert_eq!(w.harness.state().state.place, Place::Device);
}

#[test]
fn f1_shows_the_keys_and_escape_hides_them() {
    let mut w = window::window(stalled_snapshot());
    w.harness.key_press(Key::F1);
    w.settle();
    assert!(w.says("Cancel, then close, then clear the selection"));
    w.harness.key_press(Key::Escape);
    w.settle();
    assert!(!w.says("Cancel, then close, then clear the selection"));
}

#[test]
fn zoom_by_keys_stays_in_its_range() {
    let mut w = window::window(stalled_snapshot());
    for _ in 0..30 {
        w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
        w.harness.run_steps(1);
    }
    w.settle();
    assert!((w.harness.ctx.zoom_factor() - 2.5).abs() < 0.01);
    for _ in 0..30 {
        w.harness
            .key_press_modifiers(Modifiers::COMMAND, Key::Minus);
        w.harness.run_steps(1);
    }
    w.settle();
    assert!((w.harness.ctx.zoom_factor() - 0.8).abs() < 0.01);
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num0);
    w.settle();
    assert!((w.harness.ctx.zoom_factor() - 1.0).abs() < 0.01);
}

#[derive(Debug)]
struct Dropped(PathBuf, Vec<u8>);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(self.1.clone())
    }
}

#[test]
fn a_drop_anywhere_opens_and_is_read_by_the_session() {
    let mut w = window::window(stalled_snapshot());
    w.harness.state_mut().state.place = Place::Settings;
    let file = Dropped("/tmp/second.log".into(), b"state 3\n".to_vec());
    w.harness.input_mut().dropped_files.push(Arc::new(file));
    w.settle();
    assert_eq!(w.session.asked(), ["OpenDropped(\"second.log\") 8 bytes"]);
    assert_eq!(w.harness.state().state.place, Place::Device);
}

#[test]
fn paste_is_an_input_unless_a_field_has_the_focus() {
    let mut w = window::window(empty_snapshot());
    w.harness.event(Event::Paste("alert 46\n".into()));
    w.settle();
    assert_eq!(w.session.asked(), ["Paste(9)"]);
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    w.settle();
    w.harness.event(Event::Paste("-0x7280".into()));
    w.settle();
    assert_eq!(w.session.asked().len(), 1, "the field took it");
    assert_eq!(w.harness.state().state.query, "-0x7280");
    assert!(w.says("MBEDTLS_ERR_SSL_CONN_EOF"));
    assert!(w.says("Copy 46 certificate_unknown"));
}

#[test]
fn a_path_can_be_typed_where_no_dialog_is() {
    let mut w = window::window(stalled_snapshot());
    w.harness.get_by_label("Add input").click();
    w.settle();
    w.type_into("Path of a file", "/tmp/a b.log");
    w.harness.get_by_label("Open").click();
    w.settle();
    assert_eq!(w.session.asked(), ["OpenPath(\"/tmp/a b.log\")"]);
}
