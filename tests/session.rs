//! A session as the window drives it: inputs of any kind in, snapshots out, saved and opened again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
#[cfg(target_os = "linux")]
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use handlens::evidence::InputKind;
use handlens::session::{Folders, Session, Snapshot, VerdictKind};
use handlens::transport::Pace;

#[path = "support/waiting.rs"]
mod waiting;

use waiting::{settled, until, wait};

fn session() -> Session {
    Session::with_folders(|| {}, Folders::default())
}

fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/demo")
        .join(name)
}

fn read_all(s: &Snapshot) -> bool {
    s.progress.is_empty() && !s.inputs.is_empty() && !s.diagnosis.phase.is_empty()
}

#[test]
fn a_log_file_becomes_a_verdict_with_cause_and_rows() {
    let session = session();
    let id = session.open_path(&demo("pic32-satellite.log"));
    let s = until(&session, "a cause", |s| !s.diagnosis.causes.is_empty());
    assert_eq!(s.verdict.kind, VerdictKind::Stalled);
    assert_eq!(
        s.verdict.sentence,
        "The device sent Finished and has heard nothing from the server for 60 s."
    );
    let rows = session.rows(id, 0..session.line_count(id));
    assert_eq!(rows.len(), session.line_count(id) as usize);
    let stop = s.attempts[s.judged.unwrap()].stopped_at.clone().unwrap();
    assert_eq!(rows[stop.line as usize - 1].state, "12");
    assert!(rows.iter().any(|r| r.folded > 0), "the poll loop folds");
    let hit = session.find(id, "client state: 12", 1).unwrap();
    assert!(rows[hit as usize - 1].text.contains("client state: 12"));
}

#[test]
fn a_stated_fact_and_an_answer_come_back_in_the_snapshot_and_can_be_taken_back() {
    let session = session();
    session.open_path(&demo("pic32-satellite.log"));
    until(&session, "a cause", |s| !s.diagnosis.causes.is_empty());
    session.state_fact("device.rx_buffer_bytes=1024").unwrap();
    let s = until(&session, "the fact", |s| {
        s.facts.int("device.rx_buffer_bytes") == Some(1024)
    });
    assert_eq!(s.diagnosis.causes[0].id, "net.rx_buffer_too_small");
    assert_eq!(session.stated_facts()[0].name, "device.rx_buffer_bytes");
    session.unstate("device.rx_buffer_bytes");
    until(&session, "the fact gone", |s| {
        s.facts.int("device.rx_buffer_bytes").is_none()
    });
    assert!(session.state_fact("device.rx_buffer_bytes=much").is_err());
    assert!(session.state_fact("nonsense=1").is_err());
}

#[test]
fn two_logs_are_two_inputs_and_the_failed_one_is_judged() {
    let session = session();
    session.open_path(&demo("pic32-landline.log"));
    until(&session, "the good run", |s| {
        s.verdict.kind == VerdictKind::Completed
    });
    session.open_path(&demo("pic32-satellite.log"));
    let s = until(&session, "the bad run", |s| {
        s.verdict.kind == VerdictKind::Stalled
    });
    assert_eq!(
        (s.inputs.len(), s.attempts.len(), s.judged),
        (2, 2, Some(1))
    );
    assert_eq!(s.changes[0], "");
    assert!(
        s.changes[1].contains("stalled after completed"),
        "{:?}",
        s.changes
    );
    session.set_judged(Some(0));
    until(&session, "the good run judged", |s| {
        s.judged == Some(0) && s.verdict.kind == VerdictKind::Completed
    });
}

#[test]
fn a_simulated_device_ends_like_its_log() {
    let wakes = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&wakes);
    let session = Session::with_folders(
        move || {
            counted.fetch_add(1, Ordering::Relaxed);
        },
        Folders::default(),
    );
    assert!(session.demo("no such case", Pace::Max).is_none());
    session.demo("pic32-satellite", Pace::Max).unwrap();
    let s = until(&session, "the stall", |s| {
        s.verdict.kind == VerdictKind::Stalled
    });
    assert_eq!(s.inputs[0].kind, InputKind::Simulated);
    assert!(wakes.load(Ordering::Relaxed) > 0);
}

#[test]
fn an_idle_session_publishes_nothing() {
    let wakes = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&wakes);
    let session = Session::with_folders(
        move || {
            counted.fetch_add(1, Ordering::Relaxed);
        },
        Folders::default(),
    );
    session.open_path(&demo("pic32-landline.log"));
    settled(&session, |s| s.verdict.kind == VerdictKind::Completed);
    let before = wakes.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(wakes.load(Ordering::Relaxed), before);
}

#[test]
fn a_saved_session_opens_in_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.handlens");
    let first = session();
    first.open_path(&demo("pic32-satellite.log"));
    first.paste("nothing of TLS here\n".into());
    first.state_fact("device.rx_buffer_bytes=1024").unwrap();
    let was = settled(&first, |s| {
        s.inputs.len() == 2
            && read_all(s)
            && s.facts.int("device.rx_buffer_bytes").is_some()
            && s.verdict.kind == VerdictKind::Stalled
    });
    first.save(&file);
    wait("the file", || file.exists());
    let second = session();
    second.open_path(&file);
    let is = settled(&second, |s| {
        s.inputs.len() == 2 && s.verdict.kind == VerdictKind::Stalled && read_all(s)
    });
    assert_eq!(is.verdict, was.verdict);
    assert_eq!(is.attempts, was.attempts);
    assert_eq!(is.facts, was.facts);
    assert_eq!(is.diagnosis, was.diagnosis);
    let names = |s: &Snapshot| s.inputs.iter().map(|i| i.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&is), names(&was));
    assert!(!folder.path().join("case.handlens.part").exists());
}

#[test]
fn bad_input_gives_one_sentence_each_and_the_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let session = session();
    session.open_path(&folder.path().join("gone.log"));
    session.open_path(folder.path());
    let blob = folder.path().join("blob.bin");
    fs::write(&blob, vec![0xA5; 100 << 20]).unwrap();
    let begin = Instant::now();
    session.open_path(&blob);
    session.open_bytes(
        "broken.handlens",
        b"PK\x03\x04garbage-that-is-no-archive-at-all".to_vec(),
    );
    session.open_loaded(
        "dropped.log",
        Box::new(|| Err("the browser keeps it.".into())),
    );
    session.open_bytes("line.log", vec![b'x'; 1 << 20]);
    session.open_path(&demo("pic32-landline.log"));
    let s = until(&session, "the good log", |s| {
        s.verdict.kind == VerdictKind::Completed && s.progress.is_empty()
    });
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    for name in ["gone.log", "blob.bin", "broken.handlens", "dropped.log"] {
        let told = s
            .problems
            .iter()
            .filter(|p| p.sentence.contains(name))
            .count();
        assert_eq!(told, 1, "{name}: {:?}", s.problems);
    }
    assert_eq!(s.problems.len(), 5, "the folder too: {:?}", s.problems);
    assert!(
        s.inputs
            .iter()
            .any(|i| i.kind == InputKind::Binary && i.bytes == 100 << 20)
    );
}

#[test]
fn a_reading_can_be_cancelled_and_closed_inputs_keep_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.log");
    fs::write(&path, "ssl_cli.c:3510: client state: 1\n".repeat(2_000_000)).unwrap();
    let session = session();
    let id = session.open_path(&path);
    until(&session, "the first lines", |s| {
        s.inputs.first().is_some_and(|i| i.lines > 1_000)
    });
    session.cancel(id);
    let s = until(&session, "the end", |s| s.progress.is_empty());
    assert!(s.inputs[0].lines < 2_000_000, "{}", s.inputs[0].lines);
    assert_eq!(session.rows(id, 0..10).len(), 10);
    session.close(id);
    session.remove(id);
    until(&session, "nothing", |s| s.inputs.is_empty());
    assert_eq!(session.line_count(id), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_live_port_is_shown_at_once_recorded_whole_and_kept_after_closing() {
    use handlens::recording::open_recording;
    use handlens::session::PortOrder;
    use handlens::transport::LineEnd;
    use handlens::transport::serial::{LineSettings, PortSettings};
    use serialport::{SerialPort, TTYPort};

    let folder = tempfile::tempdir().unwrap();
    let session = Session::with_folders(
        || {},
        Folders {
            recordings: Some(folder.path().to_owned()),
            ..Folders::default()
        },
    );
    let (mut device, slave) = TTYPort::pair().unwrap();
    let id = session.open_port(PortSettings::new(
        &slave.name().unwrap(),
        LineSettings::default(),
    ));
    let s = until(&session, "the port open", |s| {
        s.ports.first().is_some_and(|p| p.connected)
    });
    let recording = PathBuf::from(s.ports[0].recording.clone().unwrap());
    let log = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unknown-ca.log"),
    )
    .unwrap();
    let mut took = Vec::new();
    for (i, line) in log.lines().enumerate() {
        device.write_all(line.as_bytes()).unwrap();
        device.write_all(b"\r\n").unwrap();
        let begin = Instant::now();
        until(&session, "the line", |s| s.inputs[0].lines as usize > i);
        took.push(begin.elapsed());
    }
    // The median: a busy machine holds up single lines.
    took.sort_unstable();
    assert!(took[took.len() / 2] < Duration::from_secs(1), "{took:?}");
    let s = until(&session, "the failure", |s| {
        s.verdict.kind == VerdictKind::Failed
    });
    assert_eq!(s.inputs[0].kind, InputKind::Serial);
    let rows = session.rows(id, 0..100);
    assert_eq!(rows.len(), log.lines().count());
    assert!(session.newest_received(id).is_some());
    session.port(id, PortOrder::Send("AT".into(), LineEnd::CrLf));
    let mut echo = [0; 4];
    std::io::Read::read_exact(&mut device, &mut echo).unwrap();
    assert_eq!(&echo, b"AT\r\n");
    session.close(id);
    let s = until(&session, "closed", |s| s.ports.is_empty());
    assert_eq!(s.verdict.kind, VerdictKind::Failed);
    assert_eq!(session.rows(id, 0..1)[0].line, 1);
    let kept = open_recording(&recording).unwrap();
    assert_eq!(
        String::from_utf8(kept.plain_bytes()).unwrap(),
        log.replace('\n', "\r\n")
    );
}

#[test]
fn a_followed_file_is_read_as_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grows.log");
    let log = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unknown-ca.log"),
    )
    .unwrap();
    let (first, second) = log.split_at(log.len() / 2);
    fs::write(&path, first).unwrap();
    let session = session();
    session.follow(&path);
    until(&session, "the first half", |s| {
        s.inputs.first().is_some_and(|i| i.lines > 3)
    });
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, second.as_bytes()).unwrap();
    let s = until(&session, "the failure", |s| {
        s.verdict.kind == VerdictKind::Failed
    });
    assert!(s.ports.is_empty(), "a file is no port");
}
