//! What the tests of dialects share: bytes → events, facts and causes.
#![allow(dead_code)]

use std::sync::Arc;

use handlens::decode::LogDecoder;
use handlens::evidence::{Event, FactSet, InputId, InputKind, Lane, Observation};
use handlens::knowledge::Knowledge;
use handlens::session::{Case, NewInput, Snapshot};

/// All observations, fed in these parts.
pub fn observations(parts: &[&[u8]]) -> Vec<Observation> {
    let mut decoder = LogDecoder::new(&[]);
    let mut all = Vec::new();
    for part in parts {
        decoder.push(part, None, &mut |o| all.push(o));
    }
    decoder.finish(&mut |o| all.push(o));
    all
}

/// All events.
pub fn events(log: &[u8]) -> Vec<Event> {
    observations(&[log]).into_iter().map(|o| o.event).collect()
}

/// Any split gives the same.
pub fn same_at_every_split(log: &[u8]) {
    let whole = observations(&[log]);
    for cut in 0..=log.len() {
        let got = observations(&[&log[..cut], &log[cut..]]);
        assert!(got == whole, "cut at {cut}:\n{got:?}\n{whole:?}");
    }
}

/// The judged session.
pub fn judged(log: &[u8]) -> Snapshot {
    let knowledge = Arc::new(Knowledge::embedded());
    let mut case = Case::new(knowledge, Vec::new());
    let id = InputId(0);
    case.add_input(NewInput {
        id,
        name: "device.log".into(),
        kind: InputKind::Log,
        lane: Lane::Device,
        file_time: None,
    });
    case.push(id, log, None);
    case.finish(id);
    case.judge(1_790_000_000_000_000);
    case.snapshot()
}

/// The facts of it.
pub fn facts_of(log: &[u8]) -> Arc<FactSet> {
    judged(log).facts
}

/// Ids of the ranked causes, most likely first.
pub fn causes_of(log: &[u8]) -> Vec<String> {
    let snapshot = judged(log);
    snapshot
        .diagnosis
        .causes
        .iter()
        .map(|c| c.id.clone())
        .collect()
}
