//! Real files, damaged at random with a fixed seed, through the entry point of window and command
//! line: no panic, bounded time, sizes that add up.
//!
//! `HANDLENS_MUTATIONS=1000000 cargo test --release --test cert_mutations` runs longer, with
//! `HANDLENS_SEEDS=FOLDER` on more files.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use handlens::cert::{self, CertFile, Inspection, Passwords, Question};

/// A small generator, so that a failing round can be made again from its number.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
}

fn own_files() -> Vec<Vec<u8>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certs");
    let more = std::env::var_os("HANDLENS_SEEDS").map(PathBuf::from);
    let mut files: Vec<PathBuf> = std::iter::once(own)
        .chain(more)
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|e| e.unwrap().path())
        .filter(|f| f.is_file())
        .collect();
    files.sort();
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

/// The DER of a text's first certificate: mutations of base64 seldom reach deep.
fn seeds() -> Vec<Vec<u8>> {
    let mut out = own_files();
    let ders: Vec<Vec<u8>> = out
        .iter()
        .flat_map(|f| {
            cert::read("x", f)
                .certificates()
                .map(|c| c.der.clone())
                .take(2)
                .collect::<Vec<_>>()
        })
        .collect();
    out.extend(ders);
    out
}

fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let len = bytes.len();
        if len == 0 {
            break;
        }
        let at = random.below(len);
        match random.below(9) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            2 => bytes.truncate(at),
            3 => {
                bytes.drain(..at);
            }
            4 => {
                let end = (at + random.below(64)).min(len);
                bytes.drain(at..end);
            }
            // A length field or a tag that readers act on.
            5 => bytes[at] = [0x80, 0x81, 0x82, 0x84, 0xFF, 0x30, 0x00, 0xA3][random.below(8)],
            6 => {
                let end = (at + random.below(256)).min(len);
                let piece = bytes[at..end].to_vec();
                let to = random.below(len);
                bytes.splice(to..to, piece);
            }
            7 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let end = (from + random.below(400)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            _ => {
                let end = (at + 8).min(len);
                bytes[at..end].fill(u8::try_from(random.below(256)).unwrap());
            }
        }
    }
    bytes
}

fn through_all(bytes: &[u8], passwords: &Passwords, anchor: &[CertFile]) {
    let files = [cert::read_with("mutated", bytes, passwords)];
    for certificate in files[0].certificates() {
        assert!(certificate.size_tree.adds_up());
        let _ = cert::lints(certificate);
    }
    let question = Question {
        trusted: anchor,
        host: Some("device.example.com"),
        at_unix_s: 1_700_000_000,
        ..Question::default()
    };
    let _ = Inspection::of(&files, &question);
}

#[test]
fn damaged_files_never_panic_and_are_answered_in_time() {
    let rounds: u64 = std::env::var("HANDLENS_MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_500);
    let seeds = seeds();
    let anchor = [cert::read("root", include_bytes!("certs/root.pem"))];
    let passwords = Passwords::none();
    let mut slowest = (Duration::ZERO, 0);
    let started = Instant::now();
    for round in 0..rounds {
        let mut random = Random(round);
        let bytes = mutate(&mut random, &seeds);
        let at = Instant::now();
        let outcome = std::panic::catch_unwind(|| through_all(&bytes, &passwords, &anchor));
        assert!(outcome.is_ok(), "round {round}: {} bytes", bytes.len());
        slowest = slowest.max((at.elapsed(), round));
    }
    println!(
        "mutations: {rounds} in {:?}, slowest {:?} (round {})",
        started.elapsed(),
        slowest.0,
        slowest.1
    );
    assert!(slowest.0 < Duration::from_secs(5), "{slowest:?}");
}
