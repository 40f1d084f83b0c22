//! Handshake messages as steps, from the lines that tell them and from the traces around them.
//!
//! In: messages told, functions begun and ended. Out: steps of the attempt, each message once. Must
//! not know records and alerts, nor what a message means for the handshake.

use std::sync::Arc;

use super::Working;
use crate::evidence::{CCS, Direction, Observation};
use crate::timeline::attempt::{Certainty, Step};
use crate::tls::{HandshakeType, StepName};

impl Working {
    pub(super) fn message(
        &mut self,
        msg_type: u8,
        direction: Direction,
        size: Option<u32>,
        bytes: Option<Arc<[u8]>>,
        o: &Observation,
    ) {
        let Some(name) = HandshakeType(msg_type).step() else {
            return;
        };
        let a = &mut self.attempt;
        a.seen.traced = true;
        if let (Some(bytes), None) = (&bytes, size) {
            // A dump belongs to the message just told, or (a record's) to the one told next.
            match a.steps.last_mut() {
                Some(step) if step.name == name && step.bytes.is_none() => {
                    step.bytes = Some(bytes.clone());
                }
                _ => self.dumped = Some((msg_type, bytes.clone())),
            }
            return;
        }
        self.messages_printed = true;
        if let Some(begun) = &mut self.begun {
            begun.told |= begun.direction == direction;
        }
        // A record that holds just this message is shown with its header, as it was on the wire.
        let wire = match (self.record_in.take(), size) {
            (Some(record), Some(size)) if record >= size && record < size + 64 => Some(record + 5),
            (_, size) => size,
        };
        let mut step = step(name, direction, o, wire);
        step.bytes = bytes.or_else(|| {
            self.dumped
                .take()
                .filter(|(t, _)| *t == msg_type)
                .map(|(_, b)| b)
        });
        step.state = a.states.last().and_then(|s| s.0);
        a.steps.push(step);
        if name == StepName::HelloVerifyRequest {
            self.retry = true;
        } else if name == StepName::ServerHello && a.version.is_none() && a.cipher_suite.is_none() {
            self.retry = false;
        }
        self.moved(o);
    }

    /// The function that was traced has ended (or the next begins).
    pub(super) fn settle_begun(&mut self, done: bool) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        let by_trace = begun.msg_type == 1 || !self.messages_printed;
        if !done || begun.direction == Direction::Sent || begun.told || !by_trace {
            return;
        }
        let name = if begun.msg_type == CCS {
            Some(StepName::ChangeCipherSpec)
        } else {
            u8::try_from(begun.msg_type)
                .ok()
                .and_then(|t| HandshakeType(t).step())
        };
        let Some(name) = name else { return };
        let alone = name == StepName::ServerHelloDone && self.maybe_request.is_none();
        if !begun.read && !alone {
            return;
        }
        if name == StepName::HelloVerifyRequest {
            self.retry = true;
        }
        let a = &mut self.attempt;
        let step = Step {
            name,
            direction: Direction::Received,
            at: begun.at,
            line: begun.line,
            size_bytes: None,
            state: a.states.last().and_then(|s| s.0),
            certainty: Certainty::Seen,
            remark: String::new(),
            bytes: None,
        };
        if name == StepName::CertificateRequest {
            self.maybe_request = Some(step);
            return;
        }
        if name == StepName::ServerHelloDone {
            a.steps.extend(self.maybe_request.take());
        }
        a.steps.push(step);
    }

    /// An error ends a function without its closing trace: what it had read was received all the same.
    pub(super) fn settle_failed(&mut self) {
        if self
            .begun
            .as_ref()
            .is_some_and(|b| b.direction == Direction::Received && b.read && b.msg_type != 13)
        {
            self.settle_begun(true);
        }
    }

    /// TCP refused what was being sent: it never left.
    pub(super) fn drop_unconfirmed(&mut self) {
        while self.unconfirmed > 0 {
            self.unconfirmed -= 1;
            if self
                .attempt
                .steps
                .last()
                .is_some_and(|s| s.direction == Direction::Sent)
            {
                self.attempt.steps.pop();
            }
        }
    }
}

pub(super) fn step(
    name: StepName,
    direction: Direction,
    o: &Observation,
    size_bytes: Option<u32>,
) -> Step {
    Step {
        name,
        direction,
        at: o.at,
        line: o.line,
        size_bytes,
        state: None,
        certainty: Certainty::Seen,
        remark: String::new(),
        bytes: None,
    }
}
