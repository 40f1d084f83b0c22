//! `kill -9` at random moments, 200 times: what the program had confirmed is in the file.
//!
//! The child is this test binary again: it reads a pipe or a serial port with a recorder and
//! prints how many bytes it has, after each chunk.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use handlens::recording::{Recorder, open_recording};
use handlens::transport::serial::{LineSettings, PortSettings, open};
use handlens::transport::{SourceEvent, Wake, read_stdin};
use serialport::{SerialPort, TTYPort};

const FILE: &str = "HANDLENS_TEST_RECORDING";
const PORT: &str = "HANDLENS_TEST_PORT";

/// Not a test of its own: the program that is killed.
#[test]
#[ignore = "run by the test below"]
fn recording_child() {
    let Ok(file) = std::env::var(FILE) else {
        return;
    };
    let port = std::env::var(PORT).ok();
    let name = port.as_deref().unwrap_or("pipe");
    let recorder = Recorder::create(Path::new(&file), name, "").unwrap();
    let wake: Wake = Arc::new(|| {});
    let source = match port {
        Some(path) => open(
            PortSettings::new(&path, LineSettings::default()),
            Some(Box::new(recorder)),
            &wake,
        ),
        None => read_stdin(true, Some(Box::new(recorder)), &wake),
    };
    let mut kept = 0;
    let mut out = std::io::stdout().lock();
    while let Ok(event) = source.events().recv() {
        if let SourceEvent::Chunk(chunk) = event {
            kept += chunk.bytes.len();
            writeln!(out, "kept {kept}").unwrap();
            out.flush().unwrap();
        }
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn stream() -> Arc<Vec<u8>> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    Arc::new(
        (0..4_000_000)
            .map(|_| dice.roll(256).to_le_bytes()[0])
            .collect(),
    )
}

/// Writes pieces of random size until the other side is gone.
fn feed(mut to: impl Write, bytes: &[u8], seed: u64, over: &AtomicBool) {
    let mut dice = Dice(seed);
    let mut at = 0;
    while at < bytes.len() && !over.load(Ordering::SeqCst) {
        let end = (at + 1 + usize::try_from(dice.roll(3000)).unwrap()).min(bytes.len());
        match to.write(&bytes[at..end]) {
            Ok(n) => at += n,
            Err(e) if e.kind() == std::io::ErrorKind::TimedOut => {}
            Err(_) => return,
        }
        if dice.roll(4) == 0 {
            thread::sleep(Duration::from_micros(dice.roll(800)));
        }
    }
}

fn start(file: &Path, port: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["recording_child", "--exact", "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(port) = port {
        command.env(PORT, port);
    }
    command.spawn().unwrap()
}

/// Kills the child at a random moment; returns what it had confirmed.
fn kill_at_random(child: &mut Child, dice: &mut Dice) -> usize {
    let confirmed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&confirmed);
    let stdout = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { return };
            // The test harness writes its own words before the first one.
            if let Some((_, n)) = line.rsplit_once("kept ") {
                seen.store(n.parse().unwrap(), Ordering::SeqCst);
            }
        }
    });
    if dice.roll(8) > 0 {
        let limit = Instant::now() + Duration::from_secs(5);
        while confirmed.load(Ordering::SeqCst) == 0 && Instant::now() < limit {
            thread::sleep(Duration::from_micros(200));
        }
    }
    thread::sleep(Duration::from_micros(dice.roll(30_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    confirmed.load(Ordering::SeqCst)
}

/// What is in the file is the start of what was sent, and at least what was confirmed.
fn check(file: &Path, confirmed: usize, sent: &[u8], round: usize) -> bool {
    if !file.exists() {
        assert_eq!(confirmed, 0, "round {round}: no file");
        return false;
    }
    let read = open_recording(file).unwrap();
    let kept = read.plain_bytes();
    assert!(
        kept.len() >= confirmed,
        "round {round}: {} bytes in the file, {confirmed} confirmed",
        kept.len()
    );
    assert!(sent.starts_with(&kept), "round {round}: bytes differ");
    assert_eq!(read.damage, [], "round {round}");
    confirmed > 0
}

#[test]
fn killed_200_times_nothing_confirmed_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let sent = stream();
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut while_recording = 0;
    for round in 0..200 {
        let file = folder.path().join(format!("{round}.pcapng"));
        let over = Arc::new(AtomicBool::new(false));
        let bytes = Arc::clone(&sent);
        let stop = Arc::clone(&over);
        let seed = dice.roll(u64::MAX - 1) + 1;
        // The line stays open on this side until the round is over.
        let (mut child, feeder, line) = if round % 2 == 0 {
            let mut child = start(&file, None);
            let pipe = child.stdin.take().unwrap();
            let feeder = thread::spawn(move || feed(pipe, &bytes, seed, &stop));
            (child, feeder, None)
        } else {
            let (master, slave) = TTYPort::pair().unwrap();
            let child = start(&file, slave.name().as_deref());
            let feeder = thread::spawn(move || feed(master, &bytes, seed, &stop));
            (child, feeder, Some(slave))
        };
        let confirmed = kill_at_random(&mut child, &mut dice);
        over.store(true, Ordering::SeqCst);
        while_recording += usize::from(check(&file, confirmed, &sent, round));
        if let Some(mut line) = line {
            // Makes room, so that the feeder ends.
            let _ = line.read(&mut [0; 4096]);
        }
        feeder.join().unwrap();
        let _ = std::fs::remove_file(&file);
    }
    // Else the test would prove nothing.
    assert!(while_recording >= 150, "{while_recording}");
}
