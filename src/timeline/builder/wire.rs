//! Steps that only a capture shows: ends of TCP, records whose content is encrypted.

use super::messages::step;
use super::{TimelineBuilder, Working};
use crate::evidence::{
    ConnectResult, Direction, InputId, Lane, Micros, Observation, Role, WireEvent,
};
use crate::timeline::attempt::Attempt;
use crate::timeline::conclude::waiting_for;
use crate::tls::StepName;

/// A device that ends the connection after waiting this long gave up waiting: shorter than any
/// default read time-out of an embedded stack, longer than a slow link's round trip.
const GAVE_UP_AFTER: Micros = 2_000_000;

/// The same where the peer owes the next message: nothing keeps the device busy then, so that only
/// its patience can have ended. Above the round trip of a satellite link.
const GAVE_UP_ON_PEER_AFTER: Micros = 700_000;

impl TimelineBuilder {
    /// For one connection of a capture, in which the device has this role. What was not seen is not
    /// inferred.
    #[must_use]
    pub fn for_wire(input: InputId, role: Role) -> Self {
        Self {
            wire: Some(role),
            ..Self::new(input)
        }
    }

    /// Says that time went on to this moment (microseconds on the input's axis) with nothing more
    /// of this connection: the capture went on.
    pub fn until(&mut self, at: Micros) {
        if let Some(current) = &mut self.current {
            current.progress.now = current.progress.now.max(Some(at));
        }
    }
}

impl Working {
    pub(super) fn wire(
        &mut self,
        what: WireEvent,
        direction: Direction,
        size: Option<u32>,
        remark: &str,
        o: &Observation,
    ) {
        let a = &mut self.attempt;
        let name = match what {
            WireEvent::Remark => {
                if let Some(last) = a.steps.last_mut() {
                    if !last.remark.is_empty() {
                        last.remark.push_str("; ");
                    }
                    last.remark.push_str(remark);
                }
                return;
            }
            WireEvent::ChangeCipherSpec => StepName::ChangeCipherSpec,
            WireEvent::ApplicationData { sure } => {
                a.seen.application_data |= sure;
                StepName::ApplicationData
            }
            WireEvent::HiddenAlert => {
                match direction {
                    Direction::Sent => a.seen.unnamed_alert.get_or_insert(o.line),
                    Direction::Received => a.seen.hidden_alert.get_or_insert(o.line),
                };
                StepName::Alert
            }
            WireEvent::Fin => StepName::TcpFin,
            WireEvent::Rst => StepName::TcpRst,
            WireEvent::TimedOut => StepName::Timeout,
        };
        if what == WireEvent::Fin {
            closing_alert(a, direction);
        }
        if matches!(what, WireEvent::Fin | WireEvent::Rst) {
            let owed = waiting_for(a).is_some_and(|w| w.from == Lane::Peer);
            let patience = if owed {
                GAVE_UP_ON_PEER_AFTER
            } else {
                GAVE_UP_AFTER
            };
            let waited =
                o.at.zip(self.progress.at)
                    .is_some_and(|(now, moved)| now - moved >= patience);
            let refused = matches!(a.seen.connect, Some((r, _)) if r != ConnectResult::Connected);
            match (direction, what) {
                (Direction::Sent, _) => {
                    a.seen.own_end.get_or_insert((o.line, waited));
                }
                (Direction::Received, WireEvent::Rst) if !refused => {
                    a.seen.reset.get_or_insert(o.line);
                }
                (Direction::Received, WireEvent::Fin) => {
                    a.seen.closed.get_or_insert(o.line);
                }
                (Direction::Received, _) => {}
            }
        }
        let mut step = step(name, direction, o, size);
        remark.clone_into(&mut step.remark);
        self.attempt.steps.push(step);
        // To send again is no progress: the wait goes on.
        if what == WireEvent::TimedOut {
            self.resending = true;
        } else {
            self.moved(o);
        }
    }

    /// A record header of the wire: both directions count alike.
    pub(super) fn wire_record(
        &mut self,
        direction: Direction,
        content_type: u8,
        len: u32,
        o: &Observation,
    ) {
        let seen = &mut self.attempt.seen;
        if direction == Direction::Received
            && seen.largest_record.is_none_or(|(most, _)| len > most)
        {
            seen.largest_record = Some((len, o.line));
        }
        self.record_in = matches!(content_type, 22 | 23).then_some(len);
    }
}

/// An encrypted alert between data and the sender's FIN: what RFC 5246 section 7.2.1 asks of each
/// side before it closes. A fatal one in that place would be rare, so it counts as no failure.
fn closing_alert(a: &mut Attempt, direction: Direction) {
    const REMARK: &str =
        "encrypted alert, most likely close_notify: data went before it and FIN follows";
    if !a.seen.application_data || a.seen.established.is_none() {
        return;
    }
    let data = a
        .steps
        .iter()
        .position(|s| s.name == StepName::ApplicationData);
    let alert = a.steps.iter_mut().enumerate().rev();
    let Some((at, step)) = { alert }.find(|(_, s)| s.direction == direction) else {
        return;
    };
    let named = a.alerts.iter().any(|l| l.line == step.line);
    if step.name != StepName::Alert || named || data.is_none_or(|data| data > at) {
        return;
    }
    REMARK.clone_into(&mut step.remark);
    let line = step.line;
    a.seen.closing_alerts.push(line);
    for unread in [&mut a.seen.hidden_alert, &mut a.seen.unnamed_alert] {
        unread.take_if(|at| *at == line);
    }
}
