//! Every built-in case, played at once through a real session with all that is opened beside it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use handlens::session::{Folders, Session, Snapshot, demo_cases};
use handlens::transport::Pace;

/// Plays a case to its end and gives the judgement of all of it.
fn played(name: &str) -> Arc<Snapshot> {
    let case = demo_cases().iter().find(|c| c.name == name).unwrap();
    let device_bytes: usize = case.chunks().iter().map(|c| c.bytes.len()).sum();
    let session = Session::with_folders(|| {}, Folders::default());
    let device = session.demo(name, Pace::Max).unwrap();
    let limit = Instant::now() + Duration::from_secs(20);
    let mut settled: Option<(u64, Instant)> = None;
    loop {
        let s = session.snapshot();
        let all_there = s.inputs.len() == 1 + case.beside.len()
            && s.progress.is_empty()
            && s.inputs
                .iter()
                .any(|i| i.id == device && i.bytes == device_bytes as u64);
        if all_there {
            // A judgement follows within a tenth of a second; after three quiet ones it is the last.
            match settled {
                Some((revision, since)) if revision == s.revision => {
                    if since.elapsed() > Duration::from_millis(300) {
                        return s;
                    }
                }
                _ => settled = Some((s.revision, Instant::now())),
            }
        }
        assert!(Instant::now() < limit, "{name} never ended: {s:#?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn show() {
    for case in demo_cases() {
        let s = played(case.name);
        println!(
            "== {}: {:?} {}",
            case.name, s.verdict.kind, s.verdict.sentence
        );
        for i in &s.inputs {
            println!(
                "  input {} {:?} {:?} {:?} {} bytes",
                i.name, i.kind, i.lane, i.dialects, i.bytes
            );
        }
        for (n, a) in s.attempts.iter().enumerate() {
            println!(
                "  attempt {n} input {:?} {:?} {:?} {:?} alerts {:?} stop {:?}",
                a.input,
                a.role,
                a.stack,
                a.outcome,
                a.alerts
                    .iter()
                    .map(|x| (x.alert, x.direction))
                    .collect::<Vec<_>>(),
                a.stopped_at
            );
        }
        println!("  judged {:?} phase {} ", s.judged, s.diagnosis.phase);
        for c in s.diagnosis.causes.iter().take(8) {
            println!("  cause {} {:.2}", c.id, c.score);
        }
        for f in &s.diagnosis.findings {
            println!("  finding {}: {}", f.id, f.sentence);
        }
        for p in &s.problems {
            println!("  problem {}", p.sentence);
        }
        for f in s.facts.iter() {
            println!("    fact {} = {:?}", f.name, f.state);
        }
    }
}
