//! Whole sessions and whole captures: saving, opening, reading again with a key log.

use std::path::PathBuf;

use super::{Engine, Reading};
use crate::evidence::InputId;
use crate::session::file_seen::kept_keys;
use crate::session::ingest::Ingest;
use crate::session::log_store::LogStore;
use crate::session::probe_run::SavedProbe;
use crate::session::saved::{SavedInput, SavedSession, typed};
use crate::session::shared::locked;

impl Engine {
    /// Reads captures again with the key log of the case, where it came after them.
    pub(super) fn open_captures(&mut self) {
        let Some(keys) = self.case.key_log() else {
            return;
        };
        for id in self.case.sealed_captures() {
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
            let ingest = Ingest::again(&name, bytes, keys.clone(), &self.shared.signal);
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
                offset_ms: self.case.offset(input.id),
                keys: self.case.content(input.id).map_or_else(Vec::new, kept_keys),
                bytes: store.bytes(0, len),
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
