//! Modems and captures in the window: the dialogue of commands, the library that sends nothing
//! without a click, what a log is read as, the connections of a capture.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/live_window.rs"]
mod live_window;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::kittest::Queryable as _;
use handlens::ui::SessionSource;
use handlens::ui::command::Command;
use handlens::ui::state::DeviceTab;

use live_window::{names, source as live, wait_for, window};

#[allow(dead_code)]
#[path = "capture/handshake.rs"]
mod handshake;
#[allow(dead_code)]
#[path = "capture/packets.rs"]
mod packets;

const MODEM: &str = "[2020-03-03 10:11:10.100] AT+QSSLCFG=\"seclevel\",1,1\n\
    [2020-03-03 10:11:10.120] OK\n\
    [2020-03-03 10:11:11.000] AT+QSSLCFG=\"cacert\",1,\"root.pem\"\n\
    [2020-03-03 10:11:11.020] OK\n\
    [2020-03-03 10:11:12.000] AT+QSSLOPEN=1,1,4,\"broker.example.org\",8883,0\n\
    [2020-03-03 10:11:12.020] OK\n\
    [2020-03-03 10:11:19.500] +QSSLOPEN: 4,566\n";

#[test]
fn commands_stand_beside_their_answers_and_what_they_set() {
    let source = live();
    source.dispatch(Command::Paste(MODEM.into()));
    let mut w = window(source);
    wait_for(&mut w, "Commands");
    w.state_mut().state.device_tab = DeviceTab::Commands;
    wait_for(
        &mut w,
        "AT+QSSLOPEN=1,1,4,\"broker.example.org\",8883,0, refused",
    );
    for part in [
        "+QSSLOPEN: 4,566, 566 SOCKET_CONNECT_FAILED, 7.5 s",
        "AT+QSSLCFG=\"seclevel\",1,1, accepted, OK, 20 ms",
        "Trust anchor: root.pem",
        "Checks the certificate: yes",
    ] {
        assert!(
            names(&w).iter().any(|n| n.contains(part)),
            "{part}: {:#?}",
            names(&w)
        );
    }
    w.get_by_label_contains("Trust anchor: root.pem").click();
    w.run_steps(3);
    assert_eq!(w.state().state.selected.unwrap().line, 3);
    assert_eq!(w.state().state.device_tab, DeviceTab::Log);
}

#[test]
fn a_reading_has_its_reason_and_can_be_overruled() {
    let source = live();
    source.dispatch(Command::Paste(MODEM.into()));
    let mut w = window(Arc::clone(&source) as Arc<dyn SessionSource>);
    wait_for(
        &mut w,
        "Read as: Quectel modem, because 4 lines have its form, first line 1",
    );
    let input = source.snapshot().inputs[0].id;
    source.dispatch(Command::ReadAs {
        input,
        dialect: Some("wolfssl".into()),
    });
    wait_for(&mut w, "Read as: wolfSSL debug output");
    let until = Instant::now() + Duration::from_mins(1);
    while !source.snapshot().attempts.is_empty() {
        assert!(Instant::now() < until, "still read as a modem's");
        std::thread::sleep(Duration::from_millis(20));
    }
    source.dispatch(Command::ReadAs {
        input,
        dialect: None,
    });
    wait_for(&mut w, "Read as: Quectel modem, because 4 lines");
}

#[test]
fn connections_of_a_capture_are_listed_filtered_and_picked() {
    let (flight, _, _) = handshake::handshake(handshake::suites()[3], true);
    let mut all = Vec::new();
    for n in 0..3_u16 {
        let mut one = packets::connection(&flight, 1_400, [1_000, 9_000]);
        for packet in &mut one {
            packet.client_port = 40_000 + n;
            packet.at_ms += u32::from(n) * 1_000;
        }
        all.extend(one);
    }
    let capture = packets::pcap(&all, 1, false, false, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pcap");
    std::fs::write(&path, capture).unwrap();
    let source = live();
    source.dispatch(Command::OpenPath(path));
    let mut w = window(source);
    wait_for(&mut w, "3 of 3 connections");
    wait_for(
        &mut w,
        "192.0.2.1:40001 to 192.0.2.2:7443, device.example, TLS",
    );
    w.state_mut().state.connections.filter = ":40001".into();
    wait_for(&mut w, "1 of 3 connections");
    w.get_by_label_contains("Connection 2,").click();
    wait_for(&mut w, "Handshake, attempt 2,");
    w.state_mut().state.connections.filter = "DEVICE.".into();
    wait_for(&mut w, "3 of 3 connections");
    w.state_mut().state.connections.filter = "nowhere".into();
    wait_for(&mut w, "No connection fits the filter.");
}

/// Which end of a capture is the device is said with its reason, and another choice turns it round.
#[test]
fn the_devices_end_of_a_capture_is_said_and_set() {
    let (flight, _, _) = handshake::handshake(handshake::suites()[3], true);
    let mut packets = packets::connection(&flight, 1_400, [1_000, 9_000]);
    for packet in &mut packets {
        packet.machine.options = true; // neither end is a small stack
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.pcap");
    std::fs::write(&path, packets::pcap(&packets, 1, false, false, false)).unwrap();
    let source = live();
    source.dispatch(Command::OpenPath(path));
    let mut w = window(Arc::clone(&source) as Arc<dyn SessionSource>);
    wait_for(
        &mut w,
        "does not show which end is the device. 192.0.2.1:50000 is taken",
    );
    wait_for(&mut w, "192.0.2.1:50000 to 192.0.2.2:7443");
    w.get_by_label_contains("Device's end").click();
    wait_for(&mut w, "Device: the server");
    w.get_by_label("Device: the server").click();
    wait_for(
        &mut w,
        "The device is 192.0.2.2:7443, the server: as it was set by hand.",
    );
    wait_for(&mut w, "192.0.2.2:7443 to 192.0.2.1:50000");
    assert!(source.snapshot().attempts[0].role == handlens::evidence::Role::Server);
}

#[test]
fn a_file_that_grows_is_read_on() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.log");
    std::fs::write(&path, "ssl_cli.c:3510: client state: 0\n").unwrap();
    let mut w = window(live());
    wait_for(&mut w, "Open");
    w.state_mut().state.path = Some(path.display().to_string());
    wait_for(&mut w, "Follow: read on while the file grows");
    w.get_by_label("Follow: read on while the file grows")
        .click();
    w.run_steps(2);
    w.get_by_label("Path of a file").focus();
    w.run_steps(1);
    w.key_press(egui::Key::Enter);
    wait_for(&mut w, "1 line");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(b"ssl_tls.c:5050: got an alert message, type: [2:40]\n")
        .unwrap();
    wait_for(&mut w, "alert 40 handshake_failure");
}

#[cfg(target_os = "linux")]
mod port {
    use std::io::{Read, Write};

    use handlens::ui::command::PortWish;
    use handlens::ui::command::{Flow, Parity};
    use serialport::{SerialPort, TTYPort};

    use super::*;

    /// What came to the device within a short while.
    fn received(master: &mut TTYPort) -> String {
        let mut bytes = vec![0; 256];
        let until = Instant::now() + Duration::from_millis(400);
        let mut got = Vec::new();
        while Instant::now() < until {
            if let Ok(n) = master.read(&mut bytes) {
                got.extend_from_slice(&bytes[..n]);
            }
        }
        String::from_utf8(got).unwrap()
    }

    #[test]
    fn the_library_sends_by_a_click_and_asks_before_a_change() {
        let (mut master, slave) = TTYPort::pair().unwrap();
        master.set_timeout(Duration::from_millis(50)).unwrap();
        let source = live();
        source.dispatch(Command::OpenPort(PortWish {
            path: slave.name().unwrap(),
            baud: 115_200,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
            flow: Flow::None,
        }));
        let mut w = window(source);
        wait_for(&mut w, "Live log");
        wait_for(&mut w, "Commands");
        w.state_mut().state.device_tab = DeviceTab::Commands;
        w.state_mut().state.log_height = Some(420.0);
        wait_for(&mut w, "Command library");
        w.get_by_label("Command library").click();
        wait_for(&mut w, "Signal strength, only asks");
        w.get_by_label("Signal strength, only asks").click();
        wait_for(&mut w, "Preview: AT+CSQ‹CR›");
        assert_eq!(received(&mut master), "", "nothing without a click");
        w.get_by_label_contains("Send: Signal strength").click();
        w.run_steps(2);
        assert_eq!(received(&mut master), "AT+CSQ\r");
        master.write_all(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n").unwrap();
        wait_for(&mut w, "AT+CSQ, accepted, +CSQ: 20,99");
        // What changes the device is asked first.
        let change = "Error numbers instead of ERROR, changes the device";
        w.get_by_label(change).click();
        wait_for(&mut w, "Preview: AT+CMEE=1‹CR›");
        w.get_by_label_contains("Send …: Error numbers").click();
        wait_for(&mut w, "Do not send");
        assert_eq!(received(&mut master), "", "asked, not sent");
        w.get_by_label("Do not send").click();
        wait_for(&mut w, "Send …: Error numbers");
        w.get_by_label_contains("Send …: Error numbers").click();
        wait_for(&mut w, "Send it: Error numbers");
        w.get_by_label_contains("Send it: Error numbers").click();
        w.run_steps(2);
        assert_eq!(received(&mut master), "AT+CMEE=1\r");
    }
}
