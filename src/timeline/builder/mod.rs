//! Observations of one input → its attempts, step by step.
//!
//! In: the observations of one input, in order. Out: its attempts, the last judged as if the input
//! ended here. Here stands where an attempt begins and ends; what it is made of is in the modules
//! below. Must not know other inputs, nor facts.

mod conditions;
mod messages;
mod progress;
mod records;
mod requests;
mod take;
mod wire;

use std::sync::Arc;

use super::attempt::{Attempt, Certainty, EndedBy, Outcome, Seen, Step};
use super::conclude;
use crate::evidence::{
    ConnectResult, Direction, Event, FactValue, InputId, Lane, Micros, Observation, Reader, Role,
};
use crate::tls::StepName;

use progress::Poll;
use requests::put_setting;

/// Builds the attempts of one input.
#[derive(Debug)]
pub struct TimelineBuilder {
    input: InputId,
    closed: Vec<Arc<Attempt>>,
    current: Option<Working>,
    /// Settings of a module; they outlive attempts.
    settings: Settings,
    /// Of a capture: the role of the device, which is known before the first message.
    wire: Option<Role>,
}

/// Fact, value and line of each setting that holds.
pub type Settings = Vec<(Arc<str>, FactValue, u32)>;

/// An attempt that is still open, with what is needed to go on.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // marks of its course, each on its own
struct Working {
    attempt: Attempt,
    /// The message that the library is writing or parsing.
    begun: Option<Begun>,
    /// Length of the last incoming record, until a message takes it.
    record_in: Option<u32>,
    /// Bytes of a message that a record's dump gave before the message was told.
    dumped: Option<(u8, Arc<[u8]>)>,
    /// Steps sent since TCP last took bytes.
    unconfirmed: usize,
    /// Level 3 prints every message received; without it the function trace must do.
    messages_printed: bool,
    /// A `CertificateRequest` that only the function trace shows; settled by what follows.
    maybe_request: Option<Step>,
    retry: bool,
    renegotiating: bool,
    /// A flight is being sent again: what TCP or UDP takes is no progress.
    resending: bool,
    /// Bytes wanted by the last read.
    wanted: u32,
    /// Time and line of the last sign of progress.
    progress: Progress,
    /// Current poll loop.
    poll: Option<Poll>,
}

#[derive(Clone, Debug)]
struct Begun {
    msg_type: u16,
    direction: Direction,
    wrote: bool,
    told: bool,
    read: bool,
    line: u32,
    at: Option<Micros>,
}

/// When something last moved.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    pub(super) at: Option<Micros>,
    pub(super) received: Option<Micros>,
    pub(super) line: u32,
    /// The newest time seen, whether it moved or not.
    pub(super) now: Option<Micros>,
    pub(super) now_received: Option<Micros>,
}

impl TimelineBuilder {
    /// For this input.
    #[must_use]
    pub fn new(input: InputId) -> Self {
        Self {
            input,
            closed: Vec::new(),
            current: None,
            settings: Vec::new(),
            wire: None,
        }
    }

    /// The attempts of an input that has ended.
    #[must_use]
    pub fn into_attempts(mut self) -> Vec<Arc<Attempt>> {
        self.close();
        self.closed
    }

    /// The attempts so far; the last is judged as if the input ended here.
    #[must_use]
    pub fn attempts(&self) -> Vec<Arc<Attempt>> {
        let mut all = self.closed.clone();
        if let Some(current) = &self.current {
            all.push(Arc::new(current.clone().concluded()));
        }
        for (index, attempt) in all.iter_mut().enumerate() {
            if attempt.index != index {
                Arc::make_mut(attempt).index = index;
            }
        }
        all
    }

    /// Attempts that are over and will not change, and whether one is open.
    #[must_use]
    pub fn count(&self) -> (usize, bool) {
        (self.closed.len(), self.current.is_some())
    }

    /// The settings of a module that hold at the end of the input.
    #[must_use]
    pub fn settings(&self) -> &[(Arc<str>, FactValue, u32)] {
        &self.settings
    }

    /// The input that is read.
    #[must_use]
    pub fn input(&self) -> InputId {
        self.input
    }

    /// Takes one observation.
    pub fn observe(&mut self, o: &Observation) {
        if let Event::Setting { fact, value } = &o.event {
            put_setting(&mut self.settings, fact, value, o.line);
        }
        if self.begins_new(&o.event) {
            self.close();
        }
        if self.current.is_none() {
            if !opens(&o.event) {
                return;
            }
            let mut working = Working::new(self.input, o);
            working.attempt.seen.settings.clone_from(&self.settings);
            if let Some(role) = self.wire {
                working.attempt.role = role;
                working.attempt.seen.from_wire = true;
            }
            self.current = Some(working);
        }
        if let Some(current) = &mut self.current {
            current.take(o);
        }
    }

    /// Sets the stack of the attempts, where the decoder knows it.
    pub fn set_stack(&mut self, family: Option<&str>, version: Option<&str>) {
        // One block of a file may hold several attempts.
        for attempt in self.closed.iter_mut().rev() {
            if attempt.stack.is_some() || family.is_none() {
                break;
            }
            Arc::make_mut(attempt).stack = family.map(str::to_owned);
        }
        if let Some(current) = &mut self.current {
            current.attempt.stack = family.map(str::to_owned);
            current.attempt.stack_version = version.map(str::to_owned);
        }
    }

    fn close(&mut self) {
        if let Some(current) = self.current.take() {
            let mut attempt = current.concluded();
            attempt.index = self.closed.len();
            attempt.trim();
            self.closed.push(Arc::new(attempt));
        }
    }

    /// Does this event belong to an attempt after the current one?
    fn begins_new(&self, event: &Event) -> bool {
        let Some(w) = &self.current else { return false };
        let a = &w.attempt;
        // DTLS: the ClientHello behind a HelloVerifyRequest is the same attempt's (RFC 6347 section
        // 4.2.1).
        let hello = matches!(
            event,
            Event::MessageBegun { msg_type: 1, .. } | Event::Message { msg_type: 1, .. }
        );
        if hello
            && a.last_seen()
                .is_some_and(|s| s.name == StepName::HelloVerifyRequest)
        {
            return false;
        }
        match event {
            // "task started" and "connecting to" of one attempt follow each other.
            Event::SessionStart => {
                a.seen.traced || !a.codes.is_empty() || !a.seen.error_names.is_empty() || w.over()
            }
            Event::Connect {
                result: ConnectResult::Connected,
            } => a.seen.traced && !a.steps.is_empty(),
            Event::State {
                number: Some(0), ..
            } => !w.renegotiating && !w.retry && (w.over() || a.seen.traced && w.past_hello()),
            Event::MessageBegun {
                msg_type: 1,
                direction: Direction::Sent,
            } => !w.renegotiating && !w.retry && (w.over() || w.past_hello()),
            Event::MessageBegun {
                msg_type: 1,
                direction: Direction::Received,
            } => !w.renegotiating && !w.retry && w.over(),
            // A server's log goes from one connection to the next without a word.
            Event::Message {
                msg_type: 1,
                size: Some(_),
                ..
            } => {
                let refused = a.alerts.iter().any(|x| x.fatal)
                    || a.seen.device_left.is_some()
                    || !a.seen.peer_errors.is_empty();
                refused && w.past_hello() && !w.renegotiating && !w.retry && !a.seen.from_wire
            }
            _ => false,
        }
    }
}

/// Events that are a sign of life; the others alone open no attempt.
fn opens(event: &Event) -> bool {
    match event {
        Event::Damaged { .. }
        | Event::Role(_)
        | Event::Condition {
            name: "closing" | "crashed" | "record_read" | "alert_was_close_notify",
            ..
        } => false,
        Event::DeviceClock(_)
        | Event::AppStep { state: None, .. }
        | Event::HandshakeReturned
        | Event::Setting { .. }
        | Event::Command { .. }
        | Event::Reply { .. }
        | Event::Frame { .. }
        | Event::Answer { .. } => false,
        Event::Code {
            code,
            by: Reader::Application,
            ..
        } => *code < 0,
        _ => true,
    }
}

impl Working {
    fn new(input: InputId, o: &Observation) -> Self {
        Self {
            attempt: Attempt {
                index: 0,
                input,
                lane: Lane::Device,
                role: Role::Client,
                stack: None,
                stack_version: None,
                outcome: Outcome::CutOff,
                ended_by: EndedBy::Nobody,
                stopped_at: None,
                started: o.at,
                ended: o.at,
                version: None,
                cipher_suite: None,
                alerts: Vec::new(),
                steps: Vec::new(),
                reads: Vec::new(),
                polls: Vec::new(),
                certificates: Vec::new(),
                codes: Vec::new(),
                states: Vec::new(),
                first_line: o.line,
                last_line: o.line,
                began_before_log: false,
                seen: Seen::default(),
            },
            begun: None,
            record_in: None,
            dumped: None,
            unconfirmed: 0,
            messages_printed: false,
            maybe_request: None,
            retry: false,
            renegotiating: false,
            resending: false,
            wanted: 0,
            progress: Progress {
                at: o.at,
                received: o.received,
                line: o.line,
                now: o.at,
                now_received: o.received,
            },
            poll: None,
        }
    }

    /// Has the attempt come to an end?
    fn over(&self) -> bool {
        let s = &self.attempt.seen;
        s.established.is_some()
            || s.closed.is_some()
            || s.reset.is_some()
            || s.gave_up.is_some()
            || s.device_left.is_some()
            || !s.peer_errors.is_empty()
            || !s.error_names.is_empty()
            || self.attempt.alerts.iter().any(|a| a.fatal)
            || self
                .attempt
                .codes
                .iter()
                .any(|(_, c, _)| !conclude::is_pending(*c))
            || matches!(s.connect, Some((r, _)) if r != ConnectResult::Connected)
    }

    fn past_hello(&self) -> bool {
        self.attempt
            .steps
            .iter()
            .any(|s| s.name == StepName::ClientHello)
    }

    fn concluded(mut self) -> Attempt {
        self.end_poll_kept();
        conclude::conclude(&mut self.attempt, self.progress);
        if self.attempt.seen.from_wire {
            // What a log leaves out must have happened; what a capture leaves out may not have.
            self.attempt
                .steps
                .retain(|s| s.certainty == Certainty::Seen);
        }
        self.attempt
    }
}
