//! Two sides of one handshake: which attempts are in the device's words and which in its peer's.

use std::sync::Arc;

use super::Case;
use super::input::CaseInput;
use crate::evidence::{Direction, InputId, Lane, TimeBase};
use crate::timeline::{Attempt, Outcome};
use crate::tls::StepName;

impl Case {
    /// Attempts of all inputs, numbered through.
    #[must_use]
    pub fn attempts(&self) -> Vec<Arc<Attempt>> {
        let mut all: Vec<Arc<Attempt>> = Vec::new();
        for input in &self.inputs {
            match &input.content {
                Some(content) => all.extend(Self::wire_attempts(input.input.id, Some(content))),
                None => all.extend(input.timeline.attempts()),
            }
        }
        for (index, attempt) in all.iter_mut().enumerate() {
            if attempt.index != index {
                Arc::make_mut(attempt).index = index;
            }
        }
        self.put_on_lanes(&mut all);
        self.move_by_hand(&mut all);
        all
    }

    /// Tells the device's attempts from those in the words of its peer, and turns the latter round
    /// where they were read as a device's.
    fn put_on_lanes(&self, attempts: &mut [Arc<Attempt>]) {
        if self.inputs.len() < 2 && self.inputs.iter().all(|i| i.input.lane == Lane::Device) {
            return;
        }
        let lanes: Vec<(Lane, bool)> = attempts
            .iter()
            .map(|a| {
                let input = self.position(a.input).and_then(|at| self.inputs.get(at));
                let read_as = input.map_or(Lane::Device, CaseInput::read_as);
                // Which end of a capture is the device was settled when it was read.
                let by_hand = input
                    .filter(|_| !self.is_wire(a.input))
                    .and_then(|i| i.lane_by_hand);
                let lane = by_hand.unwrap_or(match read_as {
                    Lane::Device if !self.is_wire(a.input) && self.is_other_end(a, attempts) => {
                        Lane::Peer
                    }
                    lane => lane,
                });
                (lane, lane != read_as)
            })
            .collect();
        for (attempt, (lane, turn)) in attempts.iter_mut().zip(lanes) {
            if turn {
                *attempt = Arc::new(Attempt::clone(attempt).mirrored());
            }
            if attempt.lane != lane {
                Arc::make_mut(attempt).lane = lane;
            }
            if lane == Lane::Peer {
                drop_unheard(attempt);
            }
        }
    }

    /// Says whose words an input holds; `None`: what its dialects say.
    pub fn set_lane(&mut self, id: InputId, lane: Option<Lane>) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.lane_by_hand = lane;
            input.refresh();
        }
    }

    /// Whose words an input holds, as a person said.
    #[must_use]
    pub fn lane_by_hand(&self, id: InputId) -> Option<Lane> {
        self.inputs.get(self.position(id)?)?.lane_by_hand
    }

    fn input_lane(&self, id: InputId) -> Lane {
        self.position(id)
            .and_then(|at| self.inputs.get(at))
            .map_or(Lane::Device, |i| i.input.lane)
    }

    /// Is this attempt, read as a device's, the other end of one in another input? Two ends cannot
    /// both be the device, and nothing in their lines tells which is: the input that was given
    /// first is the device's.
    fn is_other_end(&self, attempt: &Attempt, attempts: &[Arc<Attempt>]) -> bool {
        let place = self.position(attempt.input);
        attempts.iter().any(|a| {
            a.role != attempt.role
                && !self.is_wire(a.input)
                && self.input_lane(a.input) == Lane::Device
                && self.position(a.input) < place
        })
    }

    /// The attempt in the words of the device's peer that belongs to the judged one.
    pub(super) fn peer_of(
        &self,
        judged: Option<usize>,
        attempts: &[Arc<Attempt>],
    ) -> Option<Arc<Attempt>> {
        let judged = attempts.get(judged?)?;
        let peers: Vec<&Arc<Attempt>> = attempts
            .iter()
            .filter(|a| a.lane == Lane::Peer && judged.lane == Lane::Device)
            .collect();
        self.nearest(judged, &peers, attempts)
    }

    /// The attempt of this input that is the same handshake as `judged`.
    pub(super) fn same_handshake(
        &self,
        judged: &Attempt,
        attempts: &[Arc<Attempt>],
        input: InputId,
    ) -> Option<Arc<Attempt>> {
        let others: Vec<&Arc<Attempt>> = attempts.iter().filter(|a| a.input == input).collect();
        self.nearest(judged, &others, attempts)
    }

    /// Are these the words of two ends, or of one end and of the wire? Two logs of one end show two
    /// handshakes, not one.
    fn are_two_ends(&self, a: &Attempt, b: &Attempt) -> bool {
        a.lane != b.lane || self.is_wire(a.input) != self.is_wire(b.input)
    }

    /// The only one that fits in, else the nearest in time, else the last that failed.
    fn nearest(
        &self,
        judged: &Attempt,
        others: &[&Arc<Attempt>],
        all: &[Arc<Attempt>],
    ) -> Option<Arc<Attempt>> {
        let others: Vec<&Arc<Attempt>> = others
            .iter()
            .copied()
            .filter(|a| a.input != judged.input && a.role == judged.role)
            .collect();
        // The bytes of the hello tell before anything else.
        let by_random = others.iter().find(|a| same_random(judged, a) == Some(true));
        if let Some(same) = by_random {
            return Some(Arc::clone(same));
        }
        let others: Vec<&Arc<Attempt>> = others
            .into_iter()
            .filter(|a| {
                same_random(judged, a).is_none()
                    && fits_in(judged, a)
                    && self.are_two_ends(judged, a)
            })
            .collect();
        if let [one] = others.as_slice() {
            return Some(Arc::clone(one));
        }
        // As many here as there: the same in order. What cannot be the other end is not counted.
        let there = others.first().map(|a| a.input);
        let of = |input| {
            all.iter().filter(move |a| {
                a.input == input
                    && (Some(input) == there
                        || all.iter().any(|o| Some(o.input) == there && fits_in(a, o)))
            })
        };
        let (ours, theirs) = (of(judged.input), others.first().map(|a| of(a.input)));
        if theirs.is_some_and(|theirs| theirs.count() == ours.clone().count())
            && let Some(place) = ours.clone().position(|a| a.index == judged.index)
            && let Some(same) = others.get(place)
        {
            return Some(Arc::clone(same));
        }
        let has_date = |a: &Attempt| {
            self.position(a.input)
                .and_then(|at| self.inputs.get(at))
                .is_some_and(|i| i.input.time_base == TimeBase::Unix)
        };
        let near = others
            .iter()
            .filter(|a| has_date(a) && has_date(judged))
            .filter_map(|a| Some(((a.started? - judged.started?).abs(), *a)))
            .min_by_key(|(apart, _)| *apart)
            .map(|(_, a)| a);
        let last = |fits: &dyn Fn(&Attempt) -> bool| others.iter().rev().find(|a| fits(a)).copied();
        near.or_else(|| last(&|a| a.outcome == Outcome::Failed))
            .or_else(|| last(&|a| a.outcome != Outcome::Completed))
            .cloned()
    }
}

/// Do both show the random of the same hello? `None` where they do not tell: one of them shows none,
/// or the client's is one and the server's are two (a device without entropy sends one random
/// twice, and a link that changes bytes changes these too).
fn same_random(a: &Attempt, b: &Attempt) -> Option<bool> {
    let of_client = a.seen.client_random.zip(b.seen.client_random);
    let of_server = a.seen.server_random.zip(b.seen.server_random);
    let equal = |pair: Option<([u8; 32], [u8; 32])>| pair.map(|(a, b)| a == b);
    match (equal(of_client), equal(of_server)) {
        (Some(true), Some(false)) => None,
        (None, server) => server,
        (client, _) => client,
    }
}

/// Can `other` be the same connection, seen from the other end? A connection that lasted longer than
/// the module took for its answer is another one: both ends see it begin and end one half round trip
/// apart.
fn fits_in(ours: &Attempt, other: &Attempt) -> bool {
    /// Milliseconds by which the two ends may differ beyond the same share.
    const JITTER_MS: i64 = 100;
    let request = ours.seen.requests.last();
    let elapsed = request.and_then(|r| r.answer.as_ref()?.2);
    let span = other.started.zip(other.ended).map(|(a, b)| (b - a) / 1_000);
    match (elapsed, span) {
        (Some(elapsed), Some(span)) => span <= elapsed + elapsed / 2 + JITTER_MS,
        _ => true,
    }
}

/// A server that finds the device gone still writes an alert, into a closed connection: the device
/// never received it.
fn drop_unheard(attempt: &mut Arc<Attempt>) {
    const NEAR: u32 = 8;
    let Some(left) = attempt.seen.device_left else {
        return;
    };
    let unheard =
        |direction, line: u32| direction == Direction::Received && line.abs_diff(left) <= NEAR;
    if attempt.alerts.iter().any(|a| unheard(a.direction, a.line)) {
        let attempt = Arc::make_mut(attempt);
        attempt.alerts.retain(|a| !unheard(a.direction, a.line));
        attempt
            .steps
            .retain(|s| s.name != StepName::Alert || !unheard(s.direction, s.line));
    }
}
