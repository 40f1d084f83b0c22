//! What the window's side and the engine share: the snapshot, the stores, the orders and the signal
//! that wakes the engine. Every lock is held for a moment only; none while reading or decoding.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::engine::{Order, SharedStore};
use super::recent::RecentSession;
use super::snapshot::Snapshot;
use crate::device::DeviceList;
use crate::evidence::InputId;
use crate::knowledge::Knowledge;
use crate::transport::serial::PortInfo;

/// Shared by the handle, the engine and the threads of both.
pub(super) struct Shared {
    pub snapshot: Mutex<Arc<Snapshot>>,
    pub signal: Arc<Signal>,
    pub stop: AtomicBool,
    pub wake: Box<dyn Fn() + Send + Sync>,
    pub ports: Mutex<Arc<[PortInfo]>>,
    pub recent: Mutex<Arc<[RecentSession]>>,
    /// A thing that was done in the background and is not told yet.
    pub done: Mutex<Option<String>>,
    pub folders: Mutex<Folders>,
    pub knowledge: Mutex<Arc<Knowledge>>,
    pub devices: Mutex<Arc<DeviceList>>,
    orders: Mutex<VecDeque<Order>>,
    stores: Mutex<BTreeMap<InputId, SharedStore>>,
    next: AtomicU32,
}

/// Where things are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Recordings of live ports; `None`: nothing is recorded.
    pub recordings: Option<PathBuf>,
    /// Tables of the user's own.
    pub knowledge: Option<PathBuf>,
    /// The list of recent sessions.
    pub state: Option<PathBuf>,
}

impl Folders {
    /// The usual places of this system for this user.
    #[must_use]
    pub fn of_user() -> Self {
        let Some(dirs) = directories::ProjectDirs::from("", "", "Handlens") else {
            return Self::default();
        };
        Self {
            recordings: Some(dirs.data_local_dir().join("recordings")),
            knowledge: Some(dirs.config_dir().join("assets")),
            state: Some(dirs.data_local_dir().to_owned()),
        }
    }
}

impl Shared {
    pub fn new(
        snapshot: Snapshot,
        (knowledge, devices): (Arc<Knowledge>, Arc<DeviceList>),
        folders: Folders,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            snapshot: Mutex::new(Arc::new(snapshot)),
            signal: Arc::new(Signal::default()),
            stop: AtomicBool::new(false),
            wake,
            ports: Mutex::new(Arc::from([])),
            recent: Mutex::new(Arc::from([])),
            done: Mutex::new(None),
            folders: Mutex::new(folders),
            knowledge: Mutex::new(knowledge),
            devices: Mutex::new(devices),
            orders: Mutex::new(VecDeque::new()),
            stores: Mutex::new(BTreeMap::new()),
            next: AtomicU32::new(0),
        }
    }

    pub fn next_id(&self) -> InputId {
        InputId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Orders are few and small: they never wait.
    pub fn send(&self, order: Order) {
        locked(&self.orders).push_back(order);
        self.signal.raise();
    }

    pub fn next_order(&self) -> Option<Order> {
        locked(&self.orders).pop_front()
    }

    /// The store of an input, made when it is asked for first.
    pub fn store(&self, id: InputId) -> SharedStore {
        Arc::clone(locked(&self.stores).entry(id).or_default())
    }

    /// The store of an input, if there is one.
    pub fn known_store(&self, id: InputId) -> Option<SharedStore> {
        locked(&self.stores).get(&id).map(Arc::clone)
    }

    pub fn remove_store(&self, id: InputId) {
        locked(&self.stores).remove(&id);
    }
}

/// Wakes the engine; a signal raised while it works is not lost.
#[derive(Default)]
pub(super) struct Signal {
    raised: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    pub fn raise(&self) {
        *locked(&self.raised) = true;
        self.changed.notify_one();
    }

    /// Waits until it is raised, at most so long.
    pub fn wait(&self, limit: Option<Duration>) {
        let raised = locked(&self.raised);
        let mut raised = match limit {
            None => self
                .changed
                .wait_while(raised, |r| !*r)
                .unwrap_or_else(PoisonError::into_inner),
            Some(limit) => {
                self.changed
                    .wait_timeout_while(raised, limit, |r| !*r)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        *raised = false;
    }
}

/// A lock, also after a thread panicked while it held it: the values are plain and stay usable.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
