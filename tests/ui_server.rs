//! The Server place through a real session, against real servers on loopback.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/live_window.rs"]
mod live_window;
#[path = "support/openssl_server.rs"]
mod openssl_server;
#[path = "support/servers.rs"]
mod servers;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use handlens::session::{Folders, Session};
use handlens::transport::Pace;
use handlens::ui::SessionSource;
use handlens::ui::command::{Command, Speed};
use handlens::ui::state::Place;

use live_window::{Live, SMALL, USUAL, live};
use openssl_server::{EPHEMERAL, free, start_with_two};
use servers::{http, silent};

impl Live {
    /// Ctrl+L, the address, Enter.
    fn ask(&mut self, address: SocketAddr) {
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
        self.settle();
        let field = self.harness.get_by_label("Server host");
        assert!(field.is_focused(), "Ctrl+L does not go to the address row");
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.settle();
        self.harness
            .get_by_label("Server host")
            .type_text(&address.to_string());
        self.settle();
        self.harness.key_press(Key::Enter);
        self.settle();
    }
}

#[test]
fn before_anything_is_asked_nothing_is_sent_and_the_place_says_what_it_does() {
    let mut w = live(USUAL);
    w.harness.state_mut().state.place = Place::Server;
    w.settle();
    w.until_says("Ask the server what the device would ask");
    // Nothing typed: the button is there and cannot be used.
    w.click("Ask the server");
    assert!(w.source.snapshot().probes.is_empty());
    w.until_says("Ask as: no device");
}

#[test]
fn a_typed_address_and_enter_fill_the_grid() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let mut w = live(USUAL);
    w.source.dispatch(Command::Demo {
        name: "xbee-0x85".into(),
        speed: Speed::Max,
    });
    w.until_says("Attempt");
    w.ask(server.address);
    w.until_says("No overlap. The device and the server have no cipher suite in common.");
    w.until_says("C030, server accepts, device does not offer");
    w.until_says("003D, server does not accept, device offers");
    w.until_says("BOTH, none");
    // The place's mark in the rail, and what the status bar says of the engines.
    w.until_says("Server, a fault was found");
    w.until_says("engines: own ClientHello, rustls. polite: one connection at a time");
    w.until_says("As the device: alert 40 (handshake_failure)");
    w.until_says("Server’s point: sound");
    w.until_says("Its signature: sound");
    w.until_says("If the server adds one");
    w.until_says("SNI other-name.invalid: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    w.inside("Copy the line for Apache", USUAL);
    // Every tab has something to say.
    for (tab, says) in [
        ("Chain", "device.example, "),
        ("Offer", "Versions: TLS 1.3 no, TLS 1.2 yes"),
        (
            "Prediction",
            "Asked: the rules say what the server really did",
        ),
        ("As the device", "Stop: Server ends it, alert 40"),
        ("Fragments", "max_fragment_length 512: honoured"),
        ("Client cert", "Certificate: not asked for"),
        ("By hand", "nmap -Pn -sV --script ssl-enum-ciphers"),
    ] {
        w.click(tab);
        w.until_says(says);
    }
    // What was asked as the device stands among the attempts, with its own ladder.
    let judged = w.source.snapshot().judged;
    w.harness.state_mut().state.place = Place::Device;
    w.settle();
    // The list of attempts brings the one that is shown into sight.
    let asked = w.source.snapshot().asked[0].index;
    w.harness.state_mut().state.attempt = Some(asked);
    w.settle();
    w.until_says("probe 1 as Digi XBee 3");
    w.until_says("Stop: Server ends it, alert 40");
    assert_eq!(w.source.snapshot().judged, judged);
    w.harness.state_mut().state.place = Place::Server;
    w.settle();
    w.click("Chain");
    w.click("Open in Certificates");
    w.until_says(" bytes, from the server");
}

#[test]
fn a_known_device_that_agrees_shows_what_is_chosen() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let mut w = live(USUAL);
    w.harness.state_mut().state.place = Place::Server;
    w.harness.state_mut().state.server.ask_as =
        handlens::session::AskAs::Known("mbedtls-2.28".into());
    w.settle();
    w.until_says("Ask as: Mbed TLS 2.28, stock configuration");
    w.ask(server.address);
    w.until_says("They agree. Mbed TLS 2.28");
    w.until_says("C030, server accepts, device offers, chosen for this device");
    w.until_says("Version: TLS 1.2");
    w.click("As the device");
    w.until_says("sent by server, ServerHelloDone");
    w.until_says("They agree on TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
}

#[test]
fn escape_stops_a_probe_and_what_was_found_stays() {
    let mut w = live(USUAL);
    w.harness.state_mut().state.server.seconds = 10;
    w.ask(silent());
    w.until_says("First answer: connection 1");
    w.until_says("Cancel the probe");
    let started = Instant::now();
    w.harness.key_press(Key::Escape);
    w.until_says("Stopped. ");
    // The wait that it cuts short is of ten seconds.
    assert!(started.elapsed() < Duration::from_secs(8));
    w.until_says("TCP connection: port ");
    w.until_says("The probe was stopped.: what was found is kept");
    // It can be asked again, and stopped by the button.
    w.click("Ask again");
    w.until_says("First answer: connection 1");
    w.click("Cancel the probe");
    w.until_says("Probe 2: 127.0.0.1");
}

#[test]
fn failures_say_what_happened_and_what_to_do() {
    let mut w = live(USUAL);
    w.ask(free());
    w.until_says("No answer. 127.0.0.1 port ");
    w.until_says("TCP connection: no address answers");
    w.ask(http());
    w.until_says("Not TLS. ");
    w.until_says("The port speaks HTTP without TLS. Use the port for HTTPS");
    // A host that is none is refused before anything is sent.
    let probes = w.source.snapshot().probes.len();
    w.harness.state_mut().state.server.host = "a b;c".into();
    w.settle();
    w.click("Ask the server");
    w.until_says("is no HOST[:PORT]");
    assert_eq!(w.source.snapshot().probes.len(), probes);
}

#[test]
fn the_place_fits_a_small_window() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let mut w = live(SMALL);
    w.source.dispatch(Command::Demo {
        name: "xbee-0x85".into(),
        speed: Speed::Max,
    });
    w.until_says("xbee-0x85");
    w.ask(server.address);
    w.until_says("C030, server accepts, device does not offer");
    w.inside("C030, server accepts, device does not offer", SMALL);
    w.inside("Ask again", SMALL);
    w.inside("Options of the question", SMALL);
    w.click("Agreement");
    w.inside("Cipher suite: none", SMALL);
    w.click("Details");
    w.inside("SNI none", SMALL);
    w.click("Options of the question");
    w.inside("Ask as: Digi XBee 3", SMALL);
    w.inside("Private key of the client (PEM file)", SMALL);
}

#[test]
fn a_session_of_the_command_line_and_of_the_window_ask_alike() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL]) else {
        return;
    };
    let session = Session::with_folders(|| {}, Folders::default());
    session.demo("xbee-0x85", Pace::Max).unwrap();
    let mut w = live(USUAL);
    w.ask(server.address);
    w.until_says("Speaks TLS. ");
    let snap = w.source.snapshot();
    let found = snap.probes.last().unwrap().probe().unwrap().clone();
    let suites = snap.facts.list("server.suites").to_vec();
    assert_eq!(suites.len(), found.offer.suites.len());
}

#[test]
fn another_name_in_sni_is_typed_and_the_answers_are_compared() {
    let Some(server) = start_with_two(&[
        "-tls1_2",
        "-servername",
        "device.example",
        "-cert2",
        "cert.pem",
        "-key2",
        "key.pem",
        "-cert",
        "cert2.pem",
        "-key",
        "key2.pem",
    ]) else {
        return;
    };
    let mut w = live(USUAL);
    w.harness.state_mut().state.place = Place::Server;
    w.settle();
    w.click("Name that is sent: SNI: host");
    w.click("SNI: other");
    // The field for the name appears with the options.
    w.harness.get_by_label("Other name in SNI").focus();
    w.settle();
    w.harness
        .get_by_label("Other name in SNI")
        .type_text("device.example");
    w.settle();
    w.ask(server.address);
    w.until_says("SNI none: TLS_ECDHE_RSA_WITH_AES_");
    w.until_says("Without SNI this server answers differently.");
    let names = w.names();
    let row = |sent: &str| {
        let start = format!("SNI {sent}: ");
        names
            .iter()
            .find(|n| n.starts_with(&start))
            .unwrap_or_else(|| panic!("{sent}: {names:#?}"))
    };
    assert!(row("device.example").contains("device.example, "));
    assert!(!row("device.example").ends_with("differs"));
    assert!(row("none").contains("default.example") && row("none").ends_with("differs"));
}

#[test]
fn a_configuration_alone_is_foretold_before_anyone_is_asked() {
    let root = env!("CARGO_MANIFEST_DIR");
    let file = format!("{root}/assets/demo/stm32-two-alerts-config.h");
    for size in [USUAL, SMALL] {
        let mut w = live(size);
        w.source.dispatch(Command::OpenPath(file.clone().into()));
        w.harness.state_mut().state.place = Place::Server;
        w.until_says("As the server of Mbed TLS 2.16 and Mbed TLS 2.28");
        w.until_says("Cipher suite: TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        w.until_says("Group: secp384r1");
        w.until_says("Signature: SHA-512 with ECDSA, any curve");
        w.until_says("Signature: SHA-256 with ECDSA, any curve");
        w.until_says("Traps of the configuration");
        w.until_says("MBEDTLS_SSL_KEEP_PEER_CERTIFICATE, line 24");
        w.until_says("Missing: MBEDTLS_THREADING_C");
        assert!(w.source.snapshot().probes.is_empty(), "nobody was asked");
    }
}
