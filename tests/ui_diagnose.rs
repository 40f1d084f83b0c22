//! The Diagnose and Report places.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fake_session.rs"]
mod fake_session;
#[path = "support/window.rs"]
mod window;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use fake_session::stalled_snapshot;
use handlens::ui::state::Place;

fn diagnose() -> window::Driven {
    let mut w = window::window(stalled_snapshot());
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    w.settle();
    w
}

#[test]
fn causes_come_with_strength_and_evidence() {
    let w = diagnose();
    for name in [
        "Cause 1, Receive buffer smaller than this link's segments, net.rx_buffer_too_small, strength 4 of 5, 3 for, 1 against",
        "strong: Nothing was read after Finished was sent",
        "against: No read was cut at 1,024 bytes",
        "Refuted: No cipher suite in common, tls.no_common_suite",
        "Q14, buffer below 1,400?, to answer now",
        "Q3, stops after flight, closed: Finished was sent",
    ] {
        assert!(
            w.names().iter().any(|n| n == name),
            "{name:?} in {:#?}",
            w.names()
        );
    }
    assert!(w.says("Next check: Read the size of the receive buffer"));
}

#[test]
fn answers_by_click_and_by_key() {
    let mut w = diagnose();
    w.harness.get_by_label("no").click();
    w.settle();
    w.harness.key_press(Key::Num3);
    w.settle();
    assert_eq!(
        w.session.asked(),
        [
            "Answer(\"Q14\", \"no\")",
            "Answer(\"Q14\", \"I cannot tell\")",
        ]
    );
}

#[test]
fn digits_behind_q_go_to_a_question() {
    let mut w = diagnose();
    w.harness.key_press(Key::Q);
    w.settle();
    w.harness.key_press(Key::Num1);
    w.settle();
    w.harness.key_press(Key::Num1);
    w.settle();
    assert!(
        w.session.asked().is_empty(),
        "digits behind Q answer nothing: {:?}",
        w.session.asked()
    );
    assert!(w.says("Question Q11: Is it so that other link works?"));
    w.harness
        .get_by_label("Take back the answer to Q11")
        .click();
    w.settle();
    assert_eq!(w.session.asked(), ["ClearAnswer(\"Q11\")"]);
}

#[test]
fn a_proof_is_one_click_away_and_so_is_the_way_back() {
    let mut w = diagnose();
    w.harness.get_by_label("Show line 40").click();
    w.settle();
    assert_eq!(w.harness.state().state.place, Place::Device);
    assert_eq!(w.harness.state().state.selected.unwrap().line, 40);
    w.harness
        .key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    w.settle();
    assert_eq!(w.harness.state().state.place, Place::Diagnose);
    assert_eq!(w.harness.state().state.selected, None);
}

#[test]
fn facts_are_stated_and_taken_back() {
    let mut w = diagnose();
    w.harness.get_by_label("State a fact").click();
    w.settle();
    w.harness.get_by_label("Remove host").click();
    w.settle();
    w.harness.state_mut().state.diagnose.fact = "works.other_link".into();
    w.settle();
    w.harness
        .get_by_label("works over another link: yes")
        .click();
    w.settle();
    w.harness.state_mut().state.diagnose.fact = "device.rx_buffer_bytes".into();
    w.settle();
    w.type_into("Value of receive buffer of the device", "1,024");
    w.harness.get_by_label("State it").click();
    w.settle();
    assert_eq!(
        w.session.asked(),
        [
            "RemoveFact(\"host\")",
            "StateFact(\"works.other_link\", \"yes\")",
            "StateFact(\"device.rx_buffer_bytes\", \"1024\")",
        ]
    );
}

#[test]
fn the_report_is_previewed_and_saved() {
    let mut w = diagnose();
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    w.settle();
    assert!(w.says("Hub cannot reach the broker"));
    assert!(w.says("then: Nothing is received for 60 s."));
    w.harness.get_by_label("Leave out IP addresses").click();
    w.settle();
    w.harness.get_by_label("Markdown").click();
    w.settle();
    w.type_into("Path to save to", "/tmp/report.md");
    w.harness.get_by_label("Save report here").click();
    w.settle();
    w.harness.get_by_label("Save session here").click();
    w.settle();
    assert_eq!(
        w.session.asked(),
        [
            "ExportReport(\"/tmp/report.md\", Markdown)",
            "SaveSession(\"/tmp/report.md\")",
        ]
    );
    assert!(!w.harness.state().state.report.leave_out.addresses);
}

#[test]
fn the_other_places_say_what_they_take_and_what_the_log_showed() {
    let mut w = diagnose();
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    w.settle();
    assert!(w.says("Their bytes are not here"));
    assert!(w.says("Subject: CN=broker.example.net"));
    assert!(w.says("Valid: 2023-11-14 to 2026-09-21"));
    w.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    w.settle();
    assert!(w.says("It connects only to the address above"));
}
