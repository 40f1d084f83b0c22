//! Certificates a second: read, read and lint, and the whole `certs --json` of a heap.
//!
//! `cargo bench --bench certs [-- FOLDER]`. Without a folder the test's own certificates are taken
//! 500 times. The baseline is `x509-parser` reading the same DER, in the same run.
#![allow(missing_docs, clippy::cast_precision_loss)]

use std::path::Path;
use std::time::{Duration, Instant};

use handlens::cert::{self, CertFile, Inspection, Question};
use x509_parser::prelude::{FromDer, X509Certificate};

const RUNS: usize = 5;

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certs");
    let path = folder.as_ref().map_or(own.as_path(), Path::new);
    let mut bytes: Vec<Vec<u8>> = std::fs::read_dir(path)
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter_map(|e| std::fs::read(e.path()).ok())
                .collect()
        })
        .unwrap_or_default();
    if folder.is_none() {
        bytes = std::iter::repeat_n(bytes, 100).flatten().collect();
    }
    let read = || -> Vec<CertFile> { bytes.iter().map(|b| cert::read("x", b)).collect() };
    let files = read();
    let ders: Vec<Vec<u8>> = files
        .iter()
        .flat_map(|f| f.certificates().map(|c| c.der.clone()))
        .collect();
    let count = ders.len();
    println!("{count} certificates in {} files", bytes.len());
    let base = best(|| {
        ders.iter()
            .filter(|d| X509Certificate::from_der(d).is_ok())
            .count()
    });
    let say = |name: &str, time: Duration| {
        println!(
            "{name:<24}{:>10.0} certificates/s  {:>6.1} µs each  ratio {:.2}",
            count as f64 / time.as_secs_f64(),
            time.as_secs_f64() * 1e6 / count as f64,
            base.as_secs_f64() / time.as_secs_f64()
        );
    };
    say("x509-parser (baseline)", base);
    say("read", best(|| read().len()));
    say(
        "lints",
        best(|| {
            files
                .iter()
                .flat_map(CertFile::certificates)
                .map(|c| cert::lints(c).len())
                .sum()
        }),
    );
    say(
        "inspect",
        best(|| {
            Inspection::of(&files, &Question::default())
                .certificates
                .len()
        }),
    );
}

fn best(mut run: impl FnMut() -> usize) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let started = Instant::now();
        std::hint::black_box(run());
        best = best.min(started.elapsed());
    }
    best
}
