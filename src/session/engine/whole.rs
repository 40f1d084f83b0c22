//! Whole sessions and whole captures: saving, opening, reading again with a key log.

use std::path::{Path, PathBuf};

use super::{Engine, Reading};
use crate::cert::Passwords;
use crate::decode::DialectName;
use crate::evidence::{InputId, InputKind};
use crate::session::file_seen::{kept_keys, kept_of_container};
use crate::session::ingest::{Again, From, Ingest};
use crate::session::log_store::LogStore;
use crate::session::probe_run::SavedProbe;
use crate::session::saved::{SavedInput, SavedSession, typed};
use crate::session::shared::locked;

impl Engine {
    /// Reads captures again where the key log or the device's end came after them.
    pub(super) fn open_captures(&mut self) {
        for (id, side) in self.case.captures_to_read() {
            let wanted = (self.case.key_log().is_some(), side.clone());
            if self.reading.contains_key(&id) && self.read_with.get(&id) == Some(&wanted) {
                continue; // it is on its way
            }
            let Some(name) = self
                .case
                .inputs()
                .find(|i| i.id == id)
                .map(|i| i.name.clone())
            else {
                continue;
            };
            let store = self.shared.store(id);
            let bytes = {
                let store = locked(&store);
                store.bytes(0, usize::try_from(store.len()).unwrap_or(usize::MAX))
            };
            let total = Some(bytes.len() as u64);
            let keys = self.case.key_log();
            let again = Again { keys, side };
            let ingest = Ingest::again(&name, bytes, again, &self.shared.signal);
            self.read_with.insert(id, wanted);
            let done = 0;
            self.reading.insert(
                id,
                Reading {
                    ingest,
                    name,
                    done,
                    total,
                },
            );
        }
    }

    /// Reads a file that waits for a password again, now with these.
    pub(super) fn unlock(&mut self, id: InputId, passwords: Passwords) {
        let Some((name, closed)) = self.case.closed(id) else {
            return;
        };
        // What was said about the password before no longer holds.
        self.case.clear_problems(id);
        let ingest = Ingest::unlock(&name, closed, passwords, &self.shared.signal);
        self.reads(id, name, ingest);
    }

    /// Opens the key log that lies beside a capture, unless it is open.
    pub(super) fn open_beside(&mut self, path: &Path) {
        let name = name_of(path);
        if !self.case.inputs().any(|i| i.name == name) {
            self.open_here(path);
        }
    }

    /// Opens a file as an input of its own.
    pub(super) fn open_here(&mut self, path: &Path) {
        let name = name_of(path);
        let id = self.shared.next_id();
        let ingest = Ingest::start(&name, From::Path(path.to_owned()), &self.shared.signal);
        self.add(id, &name, InputKind::Log, ingest.file_time());
        self.reads(id, name, ingest);
    }

    /// What the reader says from now on is this input's.
    fn reads(&mut self, id: InputId, name: String, ingest: Ingest) {
        let total = ingest.total();
        let reading = Reading {
            ingest,
            name,
            done: 0,
            total,
        };
        self.reading.insert(id, reading);
    }

    /// Reads the bytes of an input again, now as this dialect.
    pub(super) fn read_as(&mut self, id: InputId, dialect: Option<&'static DialectName>) {
        const PIECE: usize = 1 << 20;
        let growing = self.case.is_growing(id);
        if !self.case.read_again_as(id, dialect) {
            return;
        }
        let store = self.shared.store(id);
        let store = locked(&store);
        let mut ends: Vec<u64> = store.times().iter().map(|(at, _)| *at).collect();
        ends.push(store.len());
        let (mut at, mut received) = (0, None);
        for (i, end) in ends.iter().enumerate() {
            while at < *end {
                let len = usize::try_from(*end - at).unwrap_or(PIECE).min(PIECE);
                let bytes = store.bytes(at, len);
                if bytes.is_empty() {
                    break;
                }
                at += bytes.len() as u64;
                self.case.push(id, &bytes, received);
            }
            received = store.times().get(i).map(|(_, at)| *at);
        }
        drop(store);
        if !growing {
            self.case.finish_again(id);
        }
    }

    /// Puts a saved session or a recording in the place of the input that it was read by.
    pub(super) fn restore(&mut self, id: InputId, saved: &SavedSession) {
        self.case.remove(id);
        let mut id = id;
        for input in &saved.inputs {
            let mut store = LogStore::default();
            input.replay(id, &mut self.case, &mut store);
            *locked(&self.shared.store(id)) = store;
            id = self.shared.next_id();
        }
        saved.restore_statements(&mut self.case);
    }

    pub(super) fn save(&mut self, path: PathBuf) {
        let snapshot = self.case.snapshot();
        let gaps = &snapshot.gaps;
        let mut inputs = Vec::new();
        for input in &snapshot.inputs {
            let store = self.shared.store(input.id);
            let store = locked(&store);
            let len = usize::try_from(store.len()).unwrap_or(usize::MAX);
            let content = self.case.content(input.id);
            let (bytes, keys) = content.and_then(kept_of_container).unwrap_or_else(|| {
                (
                    store.bytes(0, len),
                    content.map_or_else(Vec::new, kept_keys),
                )
            });
            inputs.push(SavedInput {
                name: input.name.clone(),
                kind: input.kind,
                lane: input.lane,
                file_time: self.case.file_time(input.id),
                times: store.times().to_vec(),
                gaps: gaps
                    .iter()
                    .filter(|g| g.input == input.id)
                    .map(|g| {
                        let before = store
                            .line(g.before_line, 0)
                            .map_or(store.len(), |l| l.offset);
                        (before, g.ms, g.sentence.clone())
                    })
                    .collect(),
                remarks: snapshot
                    .problems
                    .iter()
                    .filter(|p| p.input == Some(input.id))
                    .map(|p| p.sentence.clone())
                    .collect(),
                not_kept: input.bytes.saturating_sub(store.len()),
                lane_by_hand: self.case.lane_by_hand(input.id),
                side_by_hand: self.case.side_by_hand(input.id).cloned(),
                offset_ms: self.case.offset(input.id),
                read_as: input.read_as.clone(),
                keys,
                bytes,
            });
        }
        let saved = SavedSession {
            title: snapshot.verdict.sentence.clone(),
            inputs,
            stated: self.case.stated().map(typed).collect(),
            trials: self.case.trials().iter().map(ToString::to_string).collect(),
            answers: self
                .case
                .answers()
                .iter()
                .map(|(n, l)| (n.clone(), l.clone()))
                .collect(),
            judged: self.case.chosen(),
            at: self.case.at(),
            device: self.case.device().map(|d| d.id.clone()),
            probes: self
                .case
                .probes()
                .iter()
                .filter_map(|run| SavedProbe::of(run))
                .collect(),
        };
        crate::session::recent::save_in_background(&self.shared, path, saved, snapshot.verdict);
    }
}

/// The name that a file is shown by: without its folder.
fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
