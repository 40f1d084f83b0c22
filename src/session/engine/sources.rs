//! Ports, followed files and simulated devices: what they say becomes bytes of the case and the state
//! of the port.

use std::sync::mpsc::TryRecvError;

use super::{Engine, Live, TURN};
use crate::evidence::{ChunkDirection, InputId, InputKind, Micros, Notice};
use crate::session::shared::locked;
use crate::session::snapshot::Gap;
use crate::transport::SourceEvent;

impl Engine {
    /// Takes what a source said; `true` when there may be more.
    pub(super) fn drain_source(&mut self, id: InputId) -> bool {
        for _ in 0..TURN {
            let event = match self.live.get(&id) {
                Some(live) => live.source.events().try_recv(),
                None => return false,
            };
            match event {
                Ok(SourceEvent::Ended) | Err(TryRecvError::Disconnected) => {
                    self.source_ended(id);
                    return false;
                }
                Ok(event) => self.source_event(id, event),
                Err(TryRecvError::Empty) => return false,
            }
        }
        true
    }

    pub(super) fn source_ended(&mut self, id: InputId) {
        let simulated = self
            .live
            .get(&id)
            .is_some_and(|l| !l.source.is_finished() && self.is_kind(id, InputKind::Simulated));
        if simulated {
            // It can be started again; until then it is silent.
            if let Some(live) = self.live.get_mut(&id) {
                live.status.sentence = "The recorded session is over. Reset plays it again.".into();
            }
        } else {
            self.live.remove(&id);
        }
        self.case.finish(id);
        self.touched();
    }

    pub(super) fn is_kind(&self, id: InputId, kind: InputKind) -> bool {
        self.case.inputs().any(|i| i.id == id && i.kind == kind)
    }

    pub(super) fn source_event(&mut self, id: InputId, event: SourceEvent) {
        match event {
            SourceEvent::Chunk(chunk) if chunk.direction == ChunkDirection::FromDevice => {
                let received = chunk.live.then_some(chunk.received_us);
                self.bytes(id, &chunk.bytes, received);
                return;
            }
            SourceEvent::Chunk(chunk) => {
                let received = chunk.live.then_some(chunk.received_us);
                self.case.sent(id, &chunk.bytes, received);
            }
            SourceEvent::Gap(gap) => {
                let before_line = self
                    .shared
                    .store(id)
                    .lock()
                    .map_or(0, |s| s.line_count() + 1);
                self.case.add_gap(Gap {
                    input: id,
                    before_line,
                    ms: gap.ms,
                    sentence: gap.sentence,
                });
            }
            SourceEvent::Problem(Notice { sentence, details }) => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.status.sentence.clone_from(&sentence);
                }
                self.problem(Some(id), sentence, details);
            }
            event => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.take(event);
                }
            }
        }
        self.changed = true;
    }

    pub(super) fn bytes(&mut self, id: InputId, bytes: &[u8], received: Option<Micros>) {
        self.case.push(id, bytes, received);
        let kept = locked(&self.shared.store(id)).push(bytes, received);
        if let Err(e) = kept {
            self.problem(
                Some(id),
                "The temporary folder is full. The log is kept in memory; the recording is not affected."
                    .into(),
                e.to_string(),
            );
        }
        self.touched();
    }
}

impl Live {
    fn take(&mut self, event: SourceEvent) {
        let status = &mut self.status;
        match event {
            SourceEvent::Opened(opened) => {
                status.connected = true;
                status.name = opened.name;
                status.line = opened.line;
                status.sentence = match opened.caution {
                    Some(caution) => format!("{} {caution}", opened.sentence),
                    None => opened.sentence,
                };
            }
            SourceEvent::Closed(notice) => {
                status.connected = false;
                status.sentence = notice.sentence;
            }
            SourceEvent::Lines { dtr, rts } => (status.dtr, status.rts) = (dtr, rts),
            SourceEvent::Speed(Some(sentence)) => status.sentence = sentence,
            SourceEvent::Speed(None) => status.sentence = "Connected.".into(),
            SourceEvent::Chunk(_)
            | SourceEvent::Gap(_)
            | SourceEvent::Problem(_)
            | SourceEvent::Progress { .. }
            | SourceEvent::Ended => {}
        }
    }
}
