//! `watch`: a pseudo-terminal is the device; what it prints comes out as events, and is recorded.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use handlens::recording::open_recording;
use serde_json::Value;
use serialport::{SerialPort, TTYPort};

/// `handlens-cli watch` on a pseudo-terminal.
struct Watched {
    device: TTYPort,
    /// Kept open: a pseudo-terminal without a slave reports a hang-up.
    _slave: TTYPort,
    child: Child,
    events: Receiver<Value>,
}

impl Watched {
    fn start(more: &[&str]) -> Self {
        let (device, slave) = TTYPort::pair().expect("a pseudo-terminal");
        let name = slave.name().expect("its name");
        let mut child = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
            .args(["watch", &name, "--json"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The port is open as soon as it says so.
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the port was not opened");
        std::thread::spawn(move || said.lines().for_each(drop));
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, events) = channel();
        std::thread::spawn(move || {
            for line in out.lines() {
                let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
                if send.send(value).is_err() {
                    return;
                }
            }
        });
        Self {
            device,
            _slave: slave,
            child,
            events,
        }
    }

    fn prints(&mut self, text: &str) {
        self.device.write_all(text.as_bytes()).unwrap();
    }

    /// Events until this one, which is the last.
    fn until(&self, is: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let event = self
                .events
                .recv_timeout(Duration::from_mins(1))
                .unwrap_or_else(|_| panic!("never came; so far {all:#?}"));
            program::valid(&event, "watch");
            let last = is(&event);
            all.push(event);
            if last {
                return all;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

fn log() -> String {
    let path = program::root().join("tests/fixtures/unknown-ca.log");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn lines_steps_attempts_and_causes_come_as_they_happen() {
    let mut watched = Watched::start(&[]);
    let begin = now_us();
    let log = log();
    // In pieces that end anywhere.
    for piece in log.as_bytes().chunks(37) {
        watched.prints(std::str::from_utf8(piece).unwrap());
        std::thread::sleep(Duration::from_millis(1));
    }
    let events = watched.until(|e| e["event"] == "cause" && e["verdict"] == "failed");
    let of = |name: &str| {
        events
            .iter()
            .filter(|e| e["event"] == name)
            .cloned()
            .collect::<Vec<_>>()
    };
    let lines = of("line");
    for (i, (event, line)) in lines.iter().zip(log.lines()).enumerate() {
        assert_eq!(event["line"], i + 1);
        assert_eq!(event["text"], line);
        let (received, shown) = (
            event["received_us"].as_u64().unwrap(),
            event["shown_us"].as_u64().unwrap(),
        );
        assert!(begin <= received && received <= shown && shown <= now_us());
    }
    assert!(lines.len() >= 14, "{}", lines.len());
    assert!(
        of("step")
            .iter()
            .any(|s| s["step"]["name"] == "alert" && s["step"]["direction"] == "sent")
    );
    assert!(of("attempt").iter().any(|a| a["outcome"] == "failed"));
    let cause = events.last().unwrap();
    assert!(
        cause["id"].as_str().unwrap().starts_with("cert."),
        "{cause}"
    );
    let place = |name: &str| events.iter().position(|e| e["event"] == name).unwrap();
    assert!(place("line") < place("step"), "a step follows its line");
}

#[test]
fn everything_is_recorded_and_the_recording_gives_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watched.pcapng");
    let mut watched = Watched::start(&["--record", program::path(&file), "--baud", "74880"]);
    watched.prints(&log());
    watched.until(|e| e["event"] == "cause" && e["verdict"] == "failed");
    // kill -9: what was read is in the file.
    watched.child.kill().unwrap();
    watched.child.wait().unwrap();
    let recording = open_recording(&file).unwrap();
    assert_eq!(recording.plain_bytes(), log().into_bytes());
    assert_eq!(recording.line, "74880 8N1");
    let ran = program::run(&["diagnose", program::path(&file), "--json"]);
    assert_eq!(ran.status, 1);
    let v = program::json(&ran, "diagnose");
    assert_eq!(v["inputs"][0]["kind"], "recording");
    assert_eq!(v["judged_at_from"], "recording");
    assert_eq!(v["verdict"], "failed");
}

#[test]
fn a_recording_is_never_overwritten_and_a_missing_port_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.pcapng");
    std::fs::write(&file, "precious").unwrap();
    let (_device, slave) = TTYPort::pair().unwrap();
    let name = slave.name().unwrap();
    let ran = program::run(&["watch", &name, "--record", program::path(&file)]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("exists already"), "{}", ran.err);
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    let ran = program::run(&["watch", "/dev/no-such-port", "--json"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.out.is_empty() && ran.err.contains("/dev/no-such-port"),
        "{}",
        ran.err
    );
    assert!(!Path::new("/dev/no-such-port").exists());
}

#[test]
fn it_stops_after_the_time_given_and_sums_up() {
    let mut watched = Watched::start(&["--seconds", "1"]);
    watched.prints(&log());
    let events = watched.until(|e| e["event"] == "closed");
    assert_eq!(events.last().unwrap()["verdict"], "failed");
    assert_eq!(watched.child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_frame_between_lines_is_an_event_of_its_own() {
    let mut watched = Watched::start(&[]);
    // TX status (0x89) of frame 1: 0x85.
    let data = [0x89_u8, 0x01, 0x85];
    let sum = data.iter().fold(0_u8, |a, b| a.wrapping_add(*b));
    let mut frame = vec![0x7E, 0, 3];
    frame.extend(data);
    frame.push(0xFF - sum);
    watched.device.write_all(b"sending\r\n").unwrap();
    watched.device.write_all(&frame).unwrap();
    watched.device.write_all(b"done\r\n").unwrap();
    let events = watched.until(|e| e["event"] == "frame");
    let event = &events[events.len() - 1];
    assert_eq!(event["frame_type"], "0x89");
    assert_eq!(event["hex"], "890185");
    assert!(
        event["text"]
            .as_str()
            .unwrap()
            .contains("0x85 UNKNOWN_ERROR"),
        "{event}"
    );
}
