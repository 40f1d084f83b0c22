//! Waiting that a person can end: everything that blocks is waited for in short pieces.
//!
//! In: work that may take long. Out: its result, or that it was late or stopped.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a wait looks whether the user stopped it.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// What became of work that was waited for.
pub(super) enum Waited<T> {
    /// It is done.
    Done(T),
    /// It was not done in time. It is left behind and ends by its own time.
    Late,
    /// The user stopped it.
    Stopped,
}

/// Does work that cannot be interrupted on a thread of its own and waits for it at most `patience`.
pub(super) fn watched<T: Send + 'static>(
    patience: Duration,
    cancel: &AtomicBool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Waited<T> {
    let (sender, receiver) = mpsc::channel();
    let begun = thread::Builder::new().spawn(move || {
        // Nobody listens any more when it is late.
        let _ = sender.send(work());
    });
    if begun.is_err() {
        return Waited::Late;
    }
    let until = Instant::now() + patience;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Waited::Stopped;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Waited::Late;
        }
        match receiver.recv_timeout(left.min(LOOK)) {
            Ok(done) => return Waited::Done(done),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Waited::Late,
        }
    }
}

/// Sleeps; a stop ends it early.
pub(super) fn pause(time: Duration, cancel: &AtomicBool) {
    let until = Instant::now() + time;
    while !cancel.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(LOOK));
    }
}

/// Is it only that nothing came within the piece of time?
pub(super) fn is_wait(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
