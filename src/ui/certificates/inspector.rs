//! Inspects certificates beside the window and remembers the last result.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::inspected::Inspected;
use crate::device::DeviceList;
use crate::session::CertificatesSeen;
use crate::ui::start::Waker;

/// The thread's side and the window's side of the last inspection.
#[derive(Default)]
pub struct Inspector {
    last: Arc<Mutex<Last>>,
}

#[derive(Default)]
struct Last {
    /// What was asked for last.
    asked: Option<Arc<CertificatesSeen>>,
    made: Option<Arc<Inspected>>,
}

impl Inspector {
    /// The inspection of `seen`; while a new one is made, the one before. `waker` tells the window
    /// when it is ready.
    #[must_use]
    pub fn look(
        &self,
        seen: &Arc<CertificatesSeen>,
        devices: impl FnOnce() -> Arc<DeviceList>,
        waker: &Waker,
    ) -> Option<Arc<Inspected>> {
        let mut last = locked(&self.last);
        if !last.asked.as_ref().is_some_and(|a| Arc::ptr_eq(a, seen)) {
            last.asked = Some(Arc::clone(seen));
            let (seen, shared, waker) = (Arc::clone(seen), Arc::clone(&self.last), waker.clone());
            let devices = devices();
            // A thread that cannot be made leaves the last inspection standing.
            let _ = std::thread::Builder::new()
                .name("certificates".into())
                .spawn(move || {
                    let made = Arc::new(Inspected::of(&seen, &devices));
                    let mut last = locked(&shared);
                    // Newer ones may have come meanwhile.
                    if last.asked.as_ref().is_some_and(|a| Arc::ptr_eq(a, &seen)) {
                        last.made = Some(made);
                    }
                    drop(last);
                    waker.wake();
                });
        }
        last.made.clone()
    }
}

fn locked(mutex: &Mutex<Last>) -> MutexGuard<'_, Last> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
