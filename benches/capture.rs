//! Speed of captures: file → connections, and → attempts, as a ratio to one pass over the bytes.
//!
//! `cargo bench --bench capture [-- FILE | -- --write FILE]`. Without a file, handshakes of TLS 1.2
//! and 1.3 are repeated with other ports to 64 MB; `--write` keeps that capture for other programs.
//! Counts are printed with every figure.
// A size in MB needs no more digits than a float has.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss
)]

#[path = "../tests/capture/handshake.rs"]
mod handshake;
// The tests use the rest of it.
#[allow(dead_code)]
#[path = "../tests/capture/packets.rs"]
mod packets;

use std::time::{Duration, Instant};

use handlens::capture::{CaptureOptions, CaptureSink, ConnectionId, read};
use handlens::evidence::{InputId, Observation};
use handlens::session::capture_attempts;

const RUNS: usize = 5;

struct Counting(usize);

impl CaptureSink for Counting {
    fn observed(&mut self, _: ConnectionId, _: &Observation) {
        self.0 += 1;
    }
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let file = match words.as_slice() {
        [word, path] if word == "--write" => {
            std::fs::write(path, own(64 << 20)).unwrap();
            return;
        }
        [path] => std::fs::read(path).unwrap(),
        _ => own(64 << 20),
    };
    let megabytes = file.len() as f64 / 1e6;
    let (base, sum) = best(|| file.iter().map(|b| u64::from(*b)).sum::<u64>());
    println!("{megabytes:.0} MB, sum of bytes {sum}");
    let (time, found) = best(|| {
        let mut sink = Counting(0);
        let summary = read(file.as_slice(), None, CaptureOptions::default(), &mut sink).unwrap();
        (summary.frames, summary.connections.len(), sink.0)
    });
    let rate = |time: Duration| megabytes / time.as_secs_f64();
    let ratio = |time: Duration| base.as_secs_f64() / time.as_secs_f64();
    println!(
        "decode        {:8.0} MB/s  ratio {:.3}  (frames, connections, observations) {found:?}",
        rate(time),
        ratio(time)
    );
    let (time, found) = best(|| {
        let options = CaptureOptions::default();
        let (wire, _) = capture_attempts(InputId(0), file.as_slice(), None, options).unwrap();
        wire.attempts().len()
    });
    println!(
        "with attempts {:8.0} MB/s  ratio {:.3}  {found} attempts",
        rate(time),
        ratio(time)
    );
}

/// Handshakes of two versions, again and again, each from another port.
fn own(size: usize) -> Vec<u8> {
    let flights: Vec<_> = [3, 0]
        .into_iter()
        .map(|at| handshake::handshake(handshake::suites()[at], true).0)
        .collect();
    let mut out = Vec::new();
    let mut round = 0_u32;
    while out.len() < size {
        let flight = &flights[usize::from(round % 2 == 1)];
        let mut packets = packets::connection(flight, 1460, [round, round * 7]);
        for packet in &mut packets {
            packet.client_port = 1024 + u16::try_from(round % 60_000).unwrap();
            packet.at_ms += round * 3;
        }
        let one = packets::pcap(&packets, 1, false, false, false);
        out.extend(if out.is_empty() { &one[..] } else { &one[24..] });
        round += 1;
    }
    out
}

/// The shortest of some runs.
fn best<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut found = None;
    let mut least = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        found = Some(run());
        least = least.min(start.elapsed());
    }
    (least, found.unwrap())
}
