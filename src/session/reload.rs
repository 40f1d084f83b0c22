//! Watches the user's folder of tables and reads it anew when a file in it changes, so that a rule,
//! a device or a question can be written while the case that needs it is open.
//!
//! In: the folder that the session names. Out: an order for the engine with the new tables and what
//! could not be used. The embedded tables stay in use for everything that cannot be read. Rules for
//! step lines count for inputs that are opened from then on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime};

use super::engine::Order;
use super::shared::{Shared, locked};
use super::tables::Tables;

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Files that are looked at; a folder with more is no folder of tables.
const MOST_FILES: usize = 2_000;
/// Folders below the folder: `causes/`, `codes/`, `devices/`, `dialects/` and theirs.
const DEEPEST: usize = 3;

/// Size and time of every table in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Stamp {
    /// Looks at the folder; one that is not there has no files.
    pub(super) fn of(folder: Option<&Path>) -> Self {
        let mut stamp = Self::default();
        if let Some(folder) = folder {
            stamp.add(folder, DEEPEST);
        }
        stamp
    }

    fn add(&mut self, folder: &Path, deeper: usize) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let (path, Ok(about)) = (entry.path(), entry.metadata()) else {
                continue;
            };
            if about.is_dir() {
                if deeper > 0 {
                    self.add(&path, deeper - 1);
                }
            } else if path.extension().is_some_and(|x| x == "toml") && self.0.len() < MOST_FILES {
                self.0.insert(path, (about.len(), about.modified().ok()));
            }
        }
    }
}

/// Runs until the session ends. `seen` is the state of the folder that is in use already.
pub(super) fn watch_tables(shared: &Shared, mut seen: (Option<PathBuf>, Stamp)) {
    while !shared.stop.load(Ordering::Relaxed) {
        let folder = locked(&shared.folders).knowledge.clone();
        let stamp = Stamp::of(folder.as_deref());
        if (folder.as_ref(), &stamp) != (seen.0.as_ref(), &seen.1) {
            let tables = Tables::read(folder.as_deref());
            *locked(&shared.knowledge) = Arc::clone(&tables.knowledge);
            *locked(&shared.devices) = Arc::clone(&tables.devices);
            shared.send(Order::Tables(tables));
            seen = (folder, stamp);
        }
        thread::park_timeout(LOOK_EVERY);
    }
}
