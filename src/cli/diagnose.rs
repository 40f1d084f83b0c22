//! `diagnose`: where the handshakes in these files stand and why.

use super::arguments::Case;
use super::human;
use super::inputs::{nothing_readable, now, read};
use super::output::{Status, Streams};
use crate::report::{ReportSource, diagnose_json};
use crate::session::{Snapshot, VerdictKind};

pub(super) fn run(given: &Case, json: bool, streams: &mut Streams<'_>) -> Status {
    let mut files = match read(given, streams) {
        Ok(files) => files,
        Err(refused) => {
            streams.say(&refused.0);
            return Status::Unusable;
        }
    };
    let snapshot = files.snapshot(now());
    let source = ReportSource {
        snapshot: &snapshot,
        line: &|id, line| files.line(id, line),
        sha256: &|id| files.sha256(id),
    };
    for problem in &snapshot.problems {
        streams.say(&problem.sentence);
    }
    if json {
        streams.json(&diagnose_json(&source));
    } else {
        streams.result(&human::diagnosis(&source));
    }
    if nothing_readable(&files) {
        return Status::Unusable;
    }
    status(&snapshot)
}

/// A failed handshake is a problem; so is a named cause without one.
pub(super) fn status(snapshot: &Snapshot) -> Status {
    let fine = matches!(
        snapshot.verdict.kind,
        VerdictKind::Completed | VerdictKind::NoHandshake | VerdictKind::Inconclusive
    );
    if fine && snapshot.diagnosis.causes.is_empty() {
        Status::Fine
    } else {
        Status::Problem
    }
}
