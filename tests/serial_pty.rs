//! A pseudo-terminal is the device: what it writes is what comes out, whatever happens to it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use handlens::evidence::ChunkDirection;
use handlens::recording::{Recorder, open_recording};
use handlens::transport::serial::{LineSettings, PortSettings, open};
use handlens::transport::{LineEnd, ResetPulse, SourceEvent, SourceHandle, Wake};
use serialport::{SerialPort, TTYPort};

fn quiet() -> Wake {
    Arc::new(|| {})
}

fn next(source: &SourceHandle) -> SourceEvent {
    source
        .events()
        .recv_timeout(Duration::from_mins(1))
        .expect("an event within 5 s")
}

fn open_path(path: &str) -> SourceHandle {
    open(
        PortSettings::new(path, LineSettings::default()),
        None,
        &quiet(),
    )
}

/// Opens and waits until it is open.
fn opened(path: &str) -> SourceHandle {
    let source = open_path(path);
    let SourceEvent::Opened(about) = next(&source) else {
        panic!("not opened")
    };
    assert_eq!(about.name, path);
    assert_eq!(about.line, "115200 8N1");
    source
}

/// Reads until so many bytes of this direction are there.
fn read(source: &SourceHandle, direction: ChunkDirection, count: usize) -> Vec<u8> {
    let mut got = Vec::new();
    while got.len() < count {
        if let SourceEvent::Chunk(chunk) = next(source) {
            assert!(chunk.live && !chunk.bytes.is_empty());
            if chunk.direction == direction {
                got.extend(chunk.bytes);
            }
        }
    }
    got
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .collect()
}

#[test]
fn every_byte_arrives_with_rising_times() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let wakes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&wakes);
    let source = open(
        PortSettings::new(&slave.name().unwrap(), LineSettings::default()),
        None,
        &(Arc::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }) as Wake),
    );
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    // All 256 values, XON, XOFF, NUL, CR, LF and escape among them.
    let mut sent: Vec<u8> = (0..=255).collect();
    sent.extend(noise(300_000));
    let begin = unix_us();
    let writer = std::thread::spawn({
        let sent = sent.clone();
        move || {
            for piece in sent.chunks(777) {
                master.write_all(piece).unwrap();
            }
            master
        }
    });
    let mut got = Vec::new();
    let (mut last_at, mut events) = (i64::MIN, 1);
    while got.len() < sent.len() {
        events += 1;
        if let SourceEvent::Chunk(chunk) = next(&source) {
            assert!(chunk.at >= last_at);
            last_at = chunk.at;
            assert!((begin..=unix_us()).contains(&chunk.received_us));
            got.extend(chunk.bytes);
        }
    }
    assert!(got == sent, "bytes differ");
    let _master = writer.join().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert!(wakes.load(Ordering::SeqCst) >= events);
}

fn unix_us() -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_micros()).unwrap()
}

#[test]
fn a_second_open_says_who_has_the_port() {
    let (_master, slave) = TTYPort::pair().unwrap();
    let path = slave.name().unwrap();
    let _first = opened(&path);
    let second = open_path(&path);
    let SourceEvent::Problem(notice) = next(&second) else {
        panic!("no problem")
    };
    assert_eq!(
        notice.sentence,
        format!("{path} is in use by this program. Close it, then try again.")
    );
    assert!(!notice.details.is_empty());
    assert_eq!(next(&second), SourceEvent::Ended);
}

#[test]
fn a_dropped_handle_frees_the_port() {
    let (_master, slave) = TTYPort::pair().unwrap();
    let path = slave.name().unwrap();
    for _ in 0..3 {
        drop(opened(&path));
    }
}

#[test]
fn what_is_no_port_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.log");
    std::fs::write(&file, "text").unwrap();
    for (path, word) in [
        ("/dev/ttyUSB99", "There is no port /dev/ttyUSB99."),
        (file.to_str().unwrap(), "is not a serial port"),
        (folder.path().to_str().unwrap(), "is not a serial port"),
        ("/dev/null", "is not a serial port"),
    ] {
        let source = open_path(path);
        let SourceEvent::Problem(notice) = next(&source) else {
            panic!("no problem")
        };
        assert!(notice.sentence.contains(word), "{}", notice.sentence);
        assert!(notice.sentence.ends_with('.'));
        assert_eq!(next(&source), SourceEvent::Ended);
    }
}

#[test]
fn lines_are_sent_with_the_chosen_end_and_come_back_as_chunks() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let source = opened(&slave.name().unwrap());
    for (end, expected) in [
        (LineEnd::Cr, &b"AT+CSQ\r"[..]),
        (LineEnd::Lf, b"AT+CSQ\n"),
        (LineEnd::CrLf, b"AT+CSQ\r\n"),
        (LineEnd::None, b"AT+CSQ"),
    ] {
        assert!(source.send_line("AT+CSQ", end));
        let mut at_device = vec![0; expected.len()];
        master.set_timeout(Duration::from_mins(1)).unwrap();
        master.read_exact(&mut at_device).unwrap();
        assert_eq!(at_device, expected);
        assert_eq!(
            read(&source, ChunkDirection::ToDevice, expected.len()),
            expected
        );
    }
    // Longer than the line's buffer, while the device talks as well.
    let long = noise(20_000);
    assert!(source.send_bytes(long.clone()));
    master.write_all(b"echo\r\n").unwrap();
    let mut at_device = vec![0; long.len()];
    master.read_exact(&mut at_device).unwrap();
    assert!(at_device == long);
}

#[test]
fn a_pseudo_terminal_has_no_control_lines_and_says_so() {
    let (_master, slave) = TTYPort::pair().unwrap();
    let source = open_path(&slave.name().unwrap());
    let SourceEvent::Opened(about) = next(&source) else {
        panic!("not opened")
    };
    assert_eq!(about.caution, None);
    assert!(source.set_dtr(true));
    assert!(source.set_rts(false));
    assert!(source.reset(ResetPulse::RtsWithDtrOff));
    for pin in ["DTR", "RTS", "RTS", "RTS"] {
        let SourceEvent::Problem(notice) = next(&source) else {
            panic!("no problem")
        };
        assert!(
            notice.sentence.contains(&format!("did not switch {pin}")),
            "{}",
            notice.sentence
        );
    }
}

/// A device whose name is a link to the pseudo-terminal, as udev makes them.
fn plug_in(name: &Path) -> TTYPort {
    let (master, slave) = TTYPort::pair().unwrap();
    symlink(slave.name().unwrap(), name).unwrap();
    master
}

#[test]
fn a_port_that_vanishes_in_the_middle_of_a_line_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("ttyDEVICE");
    let mut master = plug_in(&name);
    let path = name.to_str().unwrap();
    let source = opened(path);
    master.write_all(b"one\r\ntwo\r\nthr").unwrap();
    assert_eq!(
        read(&source, ChunkDirection::FromDevice, 13),
        b"one\r\ntwo\r\nthr"
    );

    let unplugged = Instant::now();
    std::fs::remove_file(&name).unwrap();
    drop(master);
    let SourceEvent::Closed(notice) = next(&source) else {
        panic!("not closed")
    };
    assert_eq!(
        notice.sentence,
        format!("{path} is gone. 2 lines are safe. Plug it in again.")
    );
    assert!(source.send_line("lost", LineEnd::Cr));
    let SourceEvent::Problem(notice) = next(&source) else {
        panic!("no problem")
    };
    assert!(notice.sentence.contains("nothing was sent"));

    std::thread::sleep(Duration::from_millis(300));
    let mut master = plug_in(&name);
    let SourceEvent::Gap(gap) = next(&source) else {
        panic!("no gap")
    };
    let real = i64::try_from(unplugged.elapsed().as_millis()).unwrap();
    let told = gap.ms.unwrap();
    assert!((250..=real).contains(&told), "{told} of {real}");
    assert!(gap.sentence.contains("was gone for "), "{}", gap.sentence);
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    master.write_all(b"four\r\n").unwrap();
    assert_eq!(read(&source, ChunkDirection::FromDevice, 6), b"four\r\n");
}

#[test]
fn without_reconnect_the_end_is_the_end() {
    let (master, slave) = TTYPort::pair().unwrap();
    let path = slave.name().unwrap();
    // A pseudo-terminal named by its number is never waited for.
    let source = opened(&path);
    drop(master);
    let SourceEvent::Closed(notice) = next(&source) else {
        panic!("not closed")
    };
    assert_eq!(
        notice.sentence,
        format!("{path} is gone. 0 lines are safe.")
    );
    assert_eq!(next(&source), SourceEvent::Ended);

    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("ttyDEVICE");
    let master = plug_in(&name);
    let settings = PortSettings {
        reconnect: false,
        ..PortSettings::new(name.to_str().unwrap(), LineSettings::default())
    };
    let source = open(settings, None, &quiet());
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    drop(master);
    assert!(matches!(next(&source), SourceEvent::Closed(_)));
    assert_eq!(next(&source), SourceEvent::Ended);
    while !source.is_finished() {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(!source.send_line("late", LineEnd::Cr));
}

#[test]
fn garbage_raises_the_speed_warning_and_text_takes_it_back() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let source = opened(&slave.name().unwrap());
    let garbage: Vec<u8> = [0x00, 0xfe, 0x80, 0xe0, 0x1e, 0xf8].repeat(50);
    master.write_all(&garbage).unwrap();
    let said = loop {
        if let SourceEvent::Speed(said) = next(&source) {
            break said;
        }
    };
    assert!(said.unwrap().contains("115,200 baud is probably not"));
    for _ in 0..30 {
        master
            .write_all(b"ssl_tls.c:4003: |2| client state: 0\r\n")
            .unwrap();
    }
    loop {
        if let SourceEvent::Speed(said) = next(&source) {
            assert_eq!(said, None);
            break;
        }
    }
}

#[test]
fn what_is_seen_is_in_the_recording_already() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("live.pcapng");
    let name = folder.path().join("ttyDEVICE");
    let mut master = plug_in(&name);
    let path = name.to_str().unwrap();
    let recorder = Recorder::create(&file, path, "115200 8N1").unwrap();
    let source = open(
        PortSettings::new(path, LineSettings::default()),
        Some(Box::new(recorder)),
        &quiet(),
    );
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    let mut seen = Vec::new();
    for n in 0..40 {
        master
            .write_all(format!("line {n}\r\n").as_bytes())
            .unwrap();
        let SourceEvent::Chunk(chunk) = next(&source) else {
            panic!("no chunk")
        };
        seen.push(chunk);
        let kept = open_recording(&file).unwrap();
        assert!(kept.chunks.starts_with(&seen));
    }
    assert!(source.send_line("AT", LineEnd::Cr));
    assert!(source.note("cable moved"));
    read(&source, ChunkDirection::ToDevice, 3);
    std::fs::remove_file(&name).unwrap();
    drop(master);
    assert!(matches!(next(&source), SourceEvent::Closed(_)));
    let _master = plug_in(&name);
    assert!(matches!(next(&source), SourceEvent::Gap(_)));
    let kept = open_recording(&file).unwrap();
    assert_eq!(kept.port, path);
    assert_eq!(kept.bytes_of(ChunkDirection::ToDevice), b"AT\r");
    assert_eq!(kept.notes.len(), 1);
    assert_eq!(kept.gaps.len(), 1);
    assert_eq!(kept.gaps[0].before_chunk, kept.chunks.len());
    assert!(kept.gaps[0].ms.is_some());
}

#[test]
fn a_full_disk_does_not_stop_the_live_view() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let full = std::fs::OpenOptions::new()
        .append(true)
        .open("/dev/full")
        .unwrap();
    let path = slave.name().unwrap();
    let recorder = Recorder::on_writer("night.pcapng", Box::new(full), &path, "");
    let source = open(
        PortSettings::new(&path, LineSettings::default()),
        Some(Box::new(recorder)),
        &quiet(),
    );
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    let (mut got, mut problems) = (Vec::new(), Vec::new());
    let sent = noise(20_000);
    for piece in sent.chunks(1000) {
        master.write_all(piece).unwrap();
    }
    while got.len() < sent.len() || problems.is_empty() {
        match next(&source) {
            SourceEvent::Chunk(chunk) => got.extend(chunk.bytes),
            SourceEvent::Problem(notice) => problems.push(notice.sentence),
            SourceEvent::Speed(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(got == sent);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("the disk is full"), "{problems:?}");
}

/// Nobody reads on the device's side: the line fills up.
#[test]
fn a_line_that_takes_nothing_is_given_up_and_reading_goes_on() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let source = opened(&slave.name().unwrap());
    assert!(source.send_bytes(vec![b'x'; 200_000]));
    let begin = Instant::now();
    let mut written = 0;
    let left = loop {
        match next(&source) {
            SourceEvent::Chunk(chunk) => written += chunk.bytes.len(),
            SourceEvent::Problem(notice) => break notice.sentence,
            other => panic!("{other:?}"),
        }
    };
    assert!(begin.elapsed() >= Duration::from_secs(3));
    assert!(
        left.contains(&format!(
            "took nothing for 3 s; {},",
            (200_000 - written) / 1000
        )),
        "{left} {written}"
    );
    master.write_all(b"still here\r\n").unwrap();
    assert_eq!(
        read(&source, ChunkDirection::FromDevice, 12),
        b"still here\r\n"
    );
}

#[test]
fn two_ports_at_once() {
    let (mut master_a, slave_a) = TTYPort::pair().unwrap();
    let (mut master_b, slave_b) = TTYPort::pair().unwrap();
    let a = opened(&slave_a.name().unwrap());
    let b = opened(&slave_b.name().unwrap());
    let line = |what: &str, n| format!("{what} {n}\n");
    for n in 0..50 {
        master_a.write_all(line("device", n).as_bytes()).unwrap();
        master_b.write_all(line("server", n).as_bytes()).unwrap();
    }
    let of = |source, what: &str| {
        let expected: Vec<u8> = (0..50).flat_map(|n| line(what, n).into_bytes()).collect();
        let got = read(source, ChunkDirection::FromDevice, expected.len());
        assert_eq!(got, expected);
    };
    of(&a, "device");
    of(&b, "server");
}

#[test]
fn a_reader_that_is_late_loses_nothing() {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let source = opened(&slave.name().unwrap());
    let sent = noise(400_000);
    let writer = std::thread::spawn({
        let sent = sent.clone();
        move || {
            // Small pieces: more events than the channel holds.
            for piece in sent.chunks(64) {
                master.write_all(piece).unwrap();
            }
            master
        }
    });
    std::thread::sleep(Duration::from_millis(800));
    let got = read(&source, ChunkDirection::FromDevice, sent.len());
    assert!(got == sent, "bytes differ");
    let _master = writer.join().unwrap();
}
