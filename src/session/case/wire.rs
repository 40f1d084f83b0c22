//! Captures beside logs: which attempt of the wire is the judged one, and what it adds.

use std::sync::Arc;

use super::Case;
use crate::codes::mbedtls_error_names;
use crate::evidence::{
    FactSet, FactState, FactValue, InputId, InputKind, Lane, Micros, Origin, Role, TimeBase,
};
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

    /// A capture takes the one that connects for the device. Where the device's own log says that it
    /// is the server, the capture is turned round.
    pub(super) fn turn_captures(&self, attempts: &mut [Arc<Attempt>]) {
        let own: Vec<Role> = attempts
            .iter()
            .filter(|a| a.lane == Lane::Device && !self.is_wire(a.input))
            .map(|a| a.role)
            .collect();
        if own.is_empty() || own.contains(&Role::Client) {
            return;
        }
        for attempt in attempts.iter_mut() {
            if self.is_wire(attempt.input) && attempt.role == Role::Client {
                let mut turned = Attempt::clone(attempt).mirrored();
                turned.lane = Lane::Device;
                *attempt = Arc::new(turned);
            }
        }
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
            return;
        }
        for id in self.inputs.iter().map(|i| i.input.id) {
            if !self.is_wire(id) {
                continue;
            }
            let Some(wire) = self.same_handshake(of, attempts, id) else {
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

    /// A log with dates and a capture of the same handshake, days apart: one clock is wrong.
    fn compare_clocks(&self, of: &Attempt, wire: &Attempt, known: &mut FactSet) {
        const DAY: Micros = 86_400_000_000;
        let dated = self
            .position(of.input)
            .and_then(|at| self.inputs.get(at))
            .is_some_and(|i| i.input.time_base == TimeBase::Unix);
        let Some((here, there)) = of.started.zip(wire.started).filter(|_| dated) else {
            return;
        };
        let days = (here - there) / DAY;
        if days != 0 {
            let way = if days < 0 { "behind" } else { "ahead of" };
            let text = format!(
                "{} is {} days {way} {}",
                self.name_of(of.input),
                days.abs(),
                self.name_of(wire.input)
            );
            known.know(
                "contradiction.clock",
                FactValue::Text(text),
                Origin::line(of.input, of.first_line),
            );
        }
    }
}
