//! Captures beside logs: which attempt of the wire is the judged one, and what it adds.

use std::sync::Arc;

use super::Case;
use crate::codes::mbedtls_error_names;
use crate::evidence::{FactSet, FactState, FactValue, InputId, InputKind, Micros, Origin};
use crate::session::device_side::side_of;
use crate::session::file_seen::FileContent;
use crate::timeline::{Attempt, ClockCheck, FactContext, contradictions, facts};

impl Case {
    /// Is this input a capture?
    pub(super) fn is_wire(&self, id: InputId) -> bool {
        self.inputs
            .iter()
            .any(|i| i.input.id == id && i.input.kind == InputKind::Capture)
    }

    /// Attempts of a capture, as attempts of this case.
    pub(super) fn wire_attempts(id: InputId, content: Option<&FileContent>) -> Vec<Arc<Attempt>> {
        let Some(FileContent::Capture(capture)) = content else {
            return Vec::new();
        };
        let mut attempts = capture.attempts.clone();
        for attempt in attempts.iter_mut().filter(|a| a.input != id) {
            Arc::make_mut(attempt).input = id;
        }
        attempts
    }

    /// Adds what the wire proves about the judged attempt and the log does not say.
    pub(super) fn add_wire_facts(
        &self,
        known: &mut FactSet,
        attempts: &[Arc<Attempt>],
        judged: Option<usize>,
        judged_at: Micros,
    ) {
        let Some(of) = judged.and_then(|i| attempts.get(i)) else {
            return;
        };
        if self.is_wire(of.input) {
            self.add_side(of, attempts, known);
            return;
        }
        for id in self.inputs.iter().map(|i| i.input.id) {
            if !self.is_wire(id) {
                continue;
            }
            let Some(wire) = self.same_handshake(of, attempts, id) else {
                self.note_other_handshakes(of, attempts, id, known);
                continue;
            };
            let seen = facts(
                attempts,
                Some(wire.index),
                &FactContext {
                    judged_at,
                    clock_check: ClockCheck::SameTime,
                    error_names: &mbedtls_error_names,
                    stated: &FactSet::default(),
                    settings: &[],
                    peer: None,
                },
            );
            let differ = contradictions(of, &wire, self.name_of(of.input), self.name_of(id));
            for fact in differ.iter() {
                if known.get(&fact.name).is_none() {
                    known.insert(fact.clone());
                }
            }
            self.compare_clocks(of, &wire, known);
            for fact in seen.iter() {
                let known_state = known.get(&fact.name).map(|f| &f.state);
                let adds = match known_state {
                    None => true,
                    Some(FactState::Absent) => matches!(fact.state, FactState::Known(_)),
                    Some(FactState::Known(_)) => false,
                };
                if adds {
                    known.insert(fact.clone());
                }
            }
        }
    }

    /// What the device's log and its peer's tell differently about the judged attempt.
    pub(super) fn add_peer_differences(
        &self,
        known: &mut FactSet,
        attempts: &[Arc<Attempt>],
        judged: Option<usize>,
    ) {
        let of = judged.and_then(|i| attempts.get(i));
        let Some((of, peer)) = of.zip(self.peer_of(judged, attempts)) else {
            return;
        };
        let differ = contradictions(of, &peer, self.name_of(of.input), self.name_of(peer.input));
        for fact in differ.iter() {
            if known.get(&fact.name).is_none() {
                known.insert(fact.clone());
            }
        }
        self.compare_clocks(of, &peer, known);
    }

    /// Which end of the judged connection is the device, and why.
    fn add_side(&self, of: &Attempt, attempts: &[Arc<Attempt>], known: &mut FactSet) {
        let Some(FileContent::Capture(capture)) = self.content(of.input) else {
            return;
        };
        let nth = attempts
            .iter()
            .filter(|a| a.input == of.input && a.index < of.index)
            .count();
        let Some(connection) = capture.connection_of(nth) else {
            return;
        };
        let sides = self.sides();
        let Some((_, wanted)) = sides.iter().find(|(id, _)| *id == of.input) else {
            return;
        };
        let side = side_of(connection, wanted);
        let origin = Origin::line(of.input, of.first_line);
        let word = side.known.as_str().to_owned();
        known.know("capture.side", FactValue::Text(word), origin.clone());
        known.know("capture.side_why", FactValue::Text(side.sentence), origin);
    }
}
