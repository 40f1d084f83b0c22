//! Waiting for a session: it answers from its own threads, so nothing may be looked at once only.

#![allow(dead_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use handlens::session::{Session, Snapshot};

/// Longest wait for anything, also on a machine that does much else.
pub const LIMIT: Duration = Duration::from_mins(1);
/// So long nothing may change where the end is awaited.
const QUIET: Duration = Duration::from_millis(600);

/// Waits for a snapshot like this.
#[track_caller]
pub fn until(session: &Session, what: &str, is: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let limit = Instant::now() + LIMIT;
    loop {
        let snapshot = session.snapshot();
        if is(&snapshot) {
            return snapshot;
        }
        assert!(Instant::now() < limit, "never: {what}\n{snapshot:#?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for a snapshot like this that no other follows.
#[track_caller]
pub fn settled(session: &Session, is: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let limit = Instant::now() + LIMIT;
    let mut quiet: Option<(u64, Instant)> = None;
    loop {
        let s = session.snapshot();
        match quiet {
            _ if !is(&s) => quiet = None,
            Some((revision, since)) if revision == s.revision => {
                if since.elapsed() > QUIET {
                    return s;
                }
            }
            _ => quiet = Some((s.revision, Instant::now())),
        }
        assert!(Instant::now() < limit, "it never settled: {s:#?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until it is so.
#[track_caller]
pub fn wait(what: &str, mut is: impl FnMut() -> bool) {
    let limit = Instant::now() + LIMIT;
    while !is() {
        assert!(Instant::now() < limit, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
