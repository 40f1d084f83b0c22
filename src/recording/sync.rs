//! Asks the disk to keep what was written, every 100 ms at most, on a thread of its own: a slow
//! disk must never keep the port waiting.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Bounds what a power loss can take.
const SYNC_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
struct State {
    written: AtomicBool,
    stop: AtomicBool,
    trouble: Mutex<Option<String>>,
}

/// Syncs one file until it is dropped; the last sync is done then.
#[derive(Debug)]
pub(super) struct Syncer {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Syncer {
    /// `None` where the system gives no thread or no second handle: the file is then as safe as
    /// the system's own cache.
    pub(super) fn start(file: &File) -> Option<Self> {
        let file = file.try_clone().ok()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("recording sync".into())
            .spawn(move || run(&file, &shared))
            .ok()?;
        Some(Self {
            state,
            thread: Some(thread),
        })
    }

    /// Something was written.
    pub(super) fn written(&self) {
        // Only the first write after a sync wakes the thread.
        if !self.state.written.swap(true, Ordering::SeqCst) {
            self.wake();
        }
    }

    /// What the disk said when a sync failed; once.
    pub(super) fn trouble(&self) -> Option<String> {
        self.state
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(file: &File, state: &State) {
    let mut told = false;
    loop {
        let stop = state.stop.load(Ordering::SeqCst);
        if state.written.swap(false, Ordering::SeqCst) {
            match file.sync_data() {
                // A pipe or a device has nothing to sync.
                Err(e) if e.kind() != ErrorKind::InvalidInput && !told => {
                    told = true;
                    *state.trouble.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(e.to_string());
                }
                _ => {}
            }
            if !stop {
                rest(state);
            }
        } else if stop {
            return;
        } else {
            thread::park();
        }
    }
}

fn rest(state: &State) {
    let until = Instant::now() + SYNC_EVERY;
    while !state.stop.load(Ordering::SeqCst) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}
