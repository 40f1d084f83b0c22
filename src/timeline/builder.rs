//! Observations of one input → its attempts, step by step.

mod wire;

use std::sync::Arc;

use super::attempt::{
    AlertSeen, Attempt, Certainty, EndedBy, Outcome, PollLoop, ReadPiece, RequestSeen, Seen, Step,
};
use super::conclude;
use super::names;
use crate::evidence::{
    CCS, ConnectResult, Direction, Event, FactValue, InputId, Lane, Micros, Observation, Reader,
    Role,
};
use crate::tls::{Alert, CipherSuite, HandshakeType, ProtocolVersion, StepName};

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

#[derive(Clone, Debug)]
struct Poll {
    state: Option<u16>,
    lines: Vec<u32>,
    times: Vec<Micros>,
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
            self.closed.push(Arc::new(attempt));
        }
    }

    /// Does this event belong to an attempt after the current one?
    fn begins_new(&self, event: &Event) -> bool {
        let Some(w) = &self.current else { return false };
        let a = &w.attempt;
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
            } => !w.renegotiating && (w.over() || a.seen.traced && w.past_hello()),
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

    fn take(&mut self, o: &Observation) {
        let a = &mut self.attempt;
        if o.line > 0 {
            a.last_line = o.line;
        }
        if o.at.is_some() {
            a.ended = o.at;
            self.progress.now = o.at;
            if a.started.is_none() {
                a.started = o.at;
            }
        }
        if o.received.is_some() {
            self.progress.now_received = o.received;
        }
        let line = o.line;
        match &o.event {
            Event::State { number, name, role } => self.state(*number, *name, *role, o),
            Event::AppStep { state, result, .. } => {
                if let Some(code) = result.filter(|r| *r < 0) {
                    a.codes.push((String::new(), code, line));
                }
                // The library's own state lines, where they are, say the same with less doubt.
                if let Some(n) = state.filter(|_| !a.seen.traced) {
                    self.state(Some(n), None, self.attempt.role, o);
                }
            }
            Event::MessageBegun {
                msg_type,
                direction,
            } => {
                a.seen.traced = true;
                self.settle_begun(true);
                self.begun = Some(Begun {
                    msg_type: *msg_type,
                    direction: *direction,
                    wrote: false,
                    told: false,
                    read: false,
                    line,
                    at: o.at,
                });
                if *msg_type == 1 {
                    self.attempt.role = if *direction == Direction::Sent {
                        Role::Client
                    } else {
                        Role::Server
                    };
                }
            }
            Event::MessageEnded { skipped, .. } => self.settle_begun(!skipped),
            Event::Message {
                msg_type,
                direction,
                size,
                bytes,
            } => {
                self.message(*msg_type, *direction, *size, bytes.clone(), o);
            }
            Event::Condition { name, value } => self.condition(name, *value, o),
            Event::Record {
                direction,
                content_type,
                len,
                ..
            } => self.record(*direction, *content_type, *len, o),
            Event::Read { got } => {
                a.reads.push(ReadPiece {
                    offset: a.seen.bytes_received,
                    len: *got,
                    wanted: self.wanted,
                    line,
                });
                a.seen.bytes_received += u64::from(*got);
                // A server of 2.x reads the ClientHello past the function that others go through.
                if let Some(begun) = &mut self.begun {
                    begun.read |= begun.msg_type == 1;
                }
                self.moved(o);
            }
            Event::ReadWants { have, want } => self.wanted = want.saturating_sub(*have),
            Event::Wrote { took } => {
                a.seen.bytes_sent += u64::from(*took);
                if let Some(step) = a
                    .steps
                    .iter_mut()
                    .rev()
                    .find(|s| s.direction == Direction::Sent)
                    && self.unconfirmed > 0
                {
                    step.remark = format!("taken by TCP: f_send = {took}");
                }
                self.unconfirmed = 0;
                self.moved(o);
            }
            Event::WriteWants { .. } | Event::HandshakeCalled | Event::HandshakeReturned => {
                a.seen.traced = true;
            }
            Event::Alert {
                level,
                number,
                direction,
            } => self.alert(*level, *number, *direction, o),
            Event::Code { function, code, by } => {
                if *by == Reader::Library {
                    a.seen.traced = true;
                    self.settle_failed();
                }
                if function == "f_send" {
                    self.drop_unconfirmed();
                }
                self.attempt.codes.push((function.clone(), *code, line));
            }
            Event::ErrorName { name, .. } => {
                if !a.seen.error_names.iter().any(|(n, _)| n == name) {
                    a.seen.error_names.push((name.clone(), line));
                }
            }
            Event::VerifyFlags(flags) => {
                for (bit, name) in VERIFY_FLAGS {
                    if flags & bit != 0 && *flags != u32::MAX {
                        push_new(&mut a.seen.verify_flags, name, line);
                    }
                }
            }
            Event::VerifyText(name) => push_new(&mut a.seen.verify_flags, name, line),
            Event::OfferedSuite(id) => push_id(&mut a.seen.offered_suites, *id),
            Event::OfferedGroup(id) => push_id(&mut a.seen.offered_groups, *id),
            Event::OfferedSignature(id) => push_id(&mut a.seen.offered_signatures, *id),
            Event::OfferedVersion { min, max } => {
                let known = &mut a.seen.offered_versions;
                *known = (min.or(known.0), max.or(known.1));
            }
            Event::ChosenSuite(id) => {
                a.cipher_suite = Some(CipherSuite(*id));
                if *id >> 8 == 0x13 {
                    a.version = Some(ProtocolVersion::TLS13);
                }
            }
            Event::ChosenVersion(v) => a.version = Some(ProtocolVersion(*v)),
            Event::ChosenGroup(name) => a.seen.group = Some(name.clone()),
            Event::ServerName(name) => a.seen.server_name = Some((name.clone(), line)),
            Event::Alpn(name) => a.seen.alpn = Some(name.clone()),
            Event::Extension { name, from_client } => {
                let list = if *from_client {
                    &mut a.seen.client_extensions
                } else {
                    &mut a.seen.server_extensions
                };
                if !list.contains(name) {
                    list.push(name.clone());
                }
            }
            Event::PeerCertificate(cert) => {
                // A second description of the same chain (sample programs print it again) adds nothing.
                if !a
                    .certificates
                    .iter()
                    .any(|c| c.index == cert.index && c.serial == cert.serial)
                {
                    a.certificates.push((**cert).clone());
                }
            }
            Event::NotTls(bytes) => {
                // The longest view of the first bytes tells most; later ones are not the first.
                if a.seen.not_tls.is_none() {
                    a.seen.not_tls = Some((bytes.clone(), line));
                }
            }
            Event::Connect { result } => {
                // "It failed" behind the line that says how adds nothing.
                let said = matches!(
                    a.seen.connect,
                    Some((
                        ConnectResult::Refused | ConnectResult::TimedOut | ConnectResult::DnsFailed,
                        _
                    ))
                );
                if *result != ConnectResult::Failed || !said {
                    a.seen.connect = Some((*result, line));
                }
                if *result == ConnectResult::Connected {
                    let accepted = a.seen.from_wire && a.role == Role::Server;
                    let direction = if accepted {
                        Direction::Received
                    } else {
                        Direction::Sent
                    };
                    a.steps.push(step(StepName::TcpConnect, direction, o, None));
                }
                self.moved(o);
            }
            Event::Target(host) => {
                // Some programs name the host and then the address it resolves to.
                let resolved = names::is_ip(names::host_and_port(host).0)
                    && a.seen
                        .target
                        .as_ref()
                        .is_some_and(|(known, _)| !names::is_ip(names::host_and_port(known).0));
                if !resolved {
                    a.seen.target = Some((host.clone(), line));
                }
            }
            Event::GaveUp { after_ms } => a.seen.gave_up = Some((*after_ms, line)),
            Event::Established => a.seen.established = Some(line),
            Event::KeyExchangeSignature { scheme, len } => {
                a.seen.key_exchange_signature = Some((*scheme, *len, line));
            }
            Event::PeerError { name } => {
                if !a.seen.peer_errors.iter().any(|(n, _)| n == name) {
                    a.seen.peer_errors.push((name.clone(), line));
                }
                self.moved(o);
            }
            Event::DeviceClosed => {
                if a.seen.device_left.is_none() {
                    a.seen.device_left_at = o.at;
                }
                a.seen.device_left.get_or_insert(line);
                self.moved(o);
            }
            Event::PeerClosed => {
                a.seen.closed.get_or_insert(line);
                self.moved(o);
            }
            Event::PeerReset => {
                a.seen.reset.get_or_insert(line);
                self.drop_unconfirmed();
                self.settle_failed();
            }
            Event::Wire {
                what,
                direction,
                size,
                remark,
            } => self.wire(*what, *direction, *size, remark, o),
            Event::DeviceClock(at) => a.seen.device_clock = Some((*at, line)),
            Event::Setting { fact, value } => self.setting(fact, value, line),
            Event::Request { key, what } => a.seen.requests.push(RequestSeen {
                key: *key,
                what: what.clone(),
                line,
                at: (o.at, o.received),
                answer: None,
            }),
            Event::Answer { key, what } => self.answer(*key, what, o),
            // "TLS had begun" adds nothing to a step that is known.
            Event::Reached(phase) if *phase == "tls" && a.seen.reached.is_some() => {}
            Event::Reached(phase) => a.seen.reached = Some((phase, line)),
            Event::SessionStart
            | Event::Damaged { .. }
            | Event::Command { .. }
            | Event::Reply { .. }
            | Event::Frame { .. } => {}
        }
    }

    /// A setting holds for the attempt that is under way. What is made once it is over holds for the
    /// next one; what is only asked then still tells what held.
    fn setting(&mut self, fact: &Arc<str>, value: &FactValue, line: u32) {
        let over = self.over();
        let settings = &mut self.attempt.seen.settings;
        if !over || settings.iter().all(|s| s.0 != *fact) {
            put_setting(settings, fact, value, line);
        }
    }

    /// Joins an answer with the last open request of its key.
    fn answer(&mut self, key: u16, what: &Arc<str>, o: &Observation) {
        let requests = &mut self.attempt.seen.requests;
        let open = requests
            .iter_mut()
            .rev()
            .find(|r| r.key == key && r.answer.is_none());
        let Some(request) = open else { return };
        let between = |from: Option<Micros>, to: Option<Micros>| {
            from.zip(to).map(|(from, to)| (to - from) / 1000)
        };
        let ms = between(request.at.1, o.received).or(between(request.at.0, o.at));
        request.answer = Some((what.clone(), o.line, ms.filter(|ms| *ms >= 0)));
    }

    fn state(
        &mut self,
        number: Option<u16>,
        name: Option<&'static str>,
        role: Role,
        o: &Observation,
    ) {
        let a = &mut self.attempt;
        let name = name.unwrap_or("");
        if a.states.is_empty()
            && a.steps.iter().all(|s| s.name == StepName::TcpConnect)
            && number.is_some_and(|n| n > 1)
        {
            a.began_before_log = true;
            a.role = role;
            conclude::infer_before_log(a, number.unwrap_or(0));
        }
        a.role = role;
        a.seen.traced |= !matches!(o.event, Event::AppStep { .. });
        if name == "HANDSHAKE_OVER" {
            a.seen.established.get_or_insert(o.line);
        }
        let same = a
            .states
            .last()
            .is_some_and(|(n, t, ..)| *n == number && *t == name);
        if same {
            let time = o.received.or(o.at);
            let first = self.poll.is_none();
            let poll = self.poll.get_or_insert_with(|| Poll {
                state: number,
                lines: Vec::new(),
                times: Vec::new(),
            });
            if first && let Some((_, _, line, at)) = a.states.last() {
                poll.lines.push(*line);
                poll.times
                    .extend(if o.received.is_some() { None } else { *at });
            }
            poll.lines.push(o.line);
            poll.times.extend(time);
        } else {
            self.end_poll();
            self.attempt.states.push((number, name, o.line, o.at));
            self.moved(o);
        }
    }

    /// Something moved: what waited does not wait any more.
    fn moved(&mut self, o: &Observation) {
        self.end_poll();
        self.progress.at = o.at.or(self.progress.at);
        self.progress.received = o.received.or(self.progress.received);
        self.progress.line = o.line;
    }

    fn end_poll(&mut self) {
        if let Some(poll) = self.poll.take()
            && let Some(done) = poll.folded()
        {
            self.attempt.polls.push(done);
        }
    }

    fn message(
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
        if name == StepName::ServerHello && a.version.is_none() && a.cipher_suite.is_none() {
            self.retry = false;
        }
        self.moved(o);
    }

    fn condition(&mut self, name: &'static str, value: Option<i64>, o: &Observation) {
        let a = &mut self.attempt;
        match name {
            "write_record" => {
                a.seen.traced = true;
                let Some(begun) = &mut self.begun else { return };
                if begun.direction == Direction::Sent && !begun.wrote {
                    begun.wrote = true;
                    let name = if begun.msg_type == CCS {
                        Some(StepName::ChangeCipherSpec)
                    } else {
                        u8::try_from(begun.msg_type)
                            .ok()
                            .and_then(|t| HandshakeType(t).step())
                    };
                    if let Some(name) = name {
                        let mut step = step(name, Direction::Sent, o, None);
                        step.state = a.states.last().and_then(|s| s.0);
                        a.steps.push(step);
                        self.unconfirmed += 1;
                        if name == StepName::ClientHello {
                            self.retry = false;
                        }
                        self.moved(o);
                    }
                }
                return;
            }
            "record_read" => {
                if let Some(begun) = &mut self.begun {
                    begun.read = true;
                }
                return;
            }
            "message_reused" => {
                // What follows is about a message that was read (and told) before.
                if let Some(begun) = &mut self.begun {
                    begun.told = true;
                    if begun.msg_type == 14 && !self.messages_printed {
                        // The one read as a CertificateRequest was the ServerHelloDone itself.
                        begun.told = false;
                        self.maybe_request = None;
                    }
                }
                return;
            }
            "hello_retry_request" => {
                self.retry = true;
                if let Some(step) =
                    a.steps.iter_mut().rev().find(|s| {
                        s.name == StepName::ServerHello && s.direction == Direction::Received
                    })
                {
                    step.name = StepName::HelloRetryRequest;
                }
                return;
            }
            "handshake_wrapup" => {
                a.seen.established.get_or_insert(o.line);
                self.renegotiating = false;
                return;
            }
            "application_read" => {
                a.seen.application_data = true;
                return;
            }
            "alert_sent_number_not_printed" => {
                a.seen.unnamed_alert.get_or_insert(o.line);
                return;
            }
            "alert_was_close_notify" => {
                a.seen.unnamed_alert = None;
                return;
            }
            "renegotiation" => self.renegotiating = true,
            _ => {}
        }
        if !a
            .seen
            .conditions
            .iter()
            .any(|(n, v, _)| *n == name && *v == value)
        {
            a.seen.conditions.push((name, value, o.line));
        }
    }

    fn record(&mut self, direction: Direction, content_type: u8, len: u32, o: &Observation) {
        let a = &mut self.attempt;
        a.seen.traced = true;
        if a.seen.from_wire {
            self.wire_record(direction, content_type, len, o);
            return;
        }
        if direction == Direction::Sent {
            // Traces that name no function tell the record alone.
            if content_type == 20 && self.begun.is_none() && self.messages_printed {
                a.steps.push(step(
                    StepName::ChangeCipherSpec,
                    direction,
                    o,
                    Some(len + 5),
                ));
                return;
            }
            if let Some(step) = a.steps.last_mut()
                && step.direction == Direction::Sent
                && step.size_bytes.is_none()
                && self.unconfirmed > 0
                && content_type != 21
            {
                step.size_bytes = Some(len + 5);
            }
        } else {
            if (20..=26).contains(&content_type)
                && a.seen.largest_record.is_none_or(|(most, _)| len > most)
            {
                a.seen.largest_record = Some((len, o.line));
            }
            self.record_in = matches!(content_type, 22 | 23).then_some(len);
            if content_type == 20 {
                a.steps.push(step(
                    StepName::ChangeCipherSpec,
                    Direction::Received,
                    o,
                    Some(len + 5),
                ));
                if let Some(begun) = &mut self.begun {
                    begun.told |= begun.msg_type == CCS;
                }
                self.moved(o);
            }
        }
    }

    fn alert(&mut self, level: Option<u8>, number: u8, direction: Direction, o: &Observation) {
        let a = &mut self.attempt;
        a.seen.traced = true;
        // "got an alert message" and "is a fatal alert message" are one event.
        let repeated = a.alerts.last().is_some_and(|l| {
            l.alert.0 == number && l.direction == direction && o.line.saturating_sub(l.line) <= 4
        });
        if repeated {
            return;
        }
        if direction == Direction::Sent {
            self.settle_failed();
        }
        let a = &mut self.attempt;
        let fatal = level.map_or(number != 0 && number != 90, |l| l != 1);
        a.alerts.push(AlertSeen {
            alert: Alert(number),
            fatal,
            direction,
            line: o.line,
        });
        let mut step = step(StepName::Alert, direction, o, None);
        step.remark = Alert(number).to_string();
        a.steps.push(step);
        self.moved(o);
    }

    /// The function that was traced has ended (or the next begins).
    fn settle_begun(&mut self, done: bool) {
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
    fn settle_failed(&mut self) {
        if self
            .begun
            .as_ref()
            .is_some_and(|b| b.direction == Direction::Received && b.read && b.msg_type != 13)
        {
            self.settle_begun(true);
        }
    }

    /// TCP refused what was being sent: it never left.
    fn drop_unconfirmed(&mut self) {
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

    fn end_poll_kept(&mut self) {
        if let Some(done) = self.poll.as_ref().and_then(Poll::folded) {
            self.attempt.polls.push(done);
        }
    }
}

impl Poll {
    fn folded(&self) -> Option<PollLoop> {
        let passes = u32::try_from(self.lines.len()).ok()?.checked_sub(1)?;
        if passes == 0 {
            return None;
        }
        let mut steps: Vec<Micros> = self
            .times
            .windows(2)
            .map(|w| w[1] - w[0])
            .filter(|d| *d > 0)
            .collect();
        steps.sort_unstable();
        let period_ms = steps.get(steps.len() / 2).map(|us| us / 1000);
        let last = *self.lines.last()?;
        let lines_per_pass = last.saturating_sub(self.lines[self.lines.len() - 2]);
        Some(PollLoop {
            first_line: self.lines[0],
            last_line: last,
            lines_per_pass,
            passes,
            period_ms,
            state: self.state,
        })
    }
}

fn step(name: StepName, direction: Direction, o: &Observation, size_bytes: Option<u32>) -> Step {
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

fn put_setting(settings: &mut Settings, fact: &Arc<str>, value: &FactValue, line: u32) {
    match settings.iter_mut().find(|s| s.0 == *fact) {
        Some(known) => (known.1, known.2) = (value.clone(), line),
        None => settings.push((fact.clone(), value.clone(), line)),
    }
}

fn push_new(list: &mut Vec<(&'static str, u32)>, name: &'static str, line: u32) {
    if !list.iter().any(|(n, _)| *n == name) {
        list.push((name, line));
    }
}

fn push_id(list: &mut Vec<u16>, id: u16) {
    // A device offers a few hundred at most; a corrupt log must not grow this without end.
    if list.len() < 1024 && !list.contains(&id) {
        list.push(id);
    }
}

/// Verify flags (`include/mbedtls/x509.h`, the same in 2.4 to 4.x).
const VERIFY_FLAGS: [(u32, &str); 20] = [
    (0x01, "EXPIRED"),
    (0x02, "REVOKED"),
    (0x04, "CN_MISMATCH"),
    (0x08, "NOT_TRUSTED"),
    (0x10, "BADCRL_NOT_TRUSTED"),
    (0x20, "BADCRL_EXPIRED"),
    (0x40, "MISSING"),
    (0x80, "SKIP_VERIFY"),
    (0x0100, "OTHER"),
    (0x0200, "FUTURE"),
    (0x0400, "BADCRL_FUTURE"),
    (0x0800, "KEY_USAGE"),
    (0x1000, "EXT_KEY_USAGE"),
    (0x2000, "NS_CERT_TYPE"),
    (0x4000, "BAD_MD"),
    (0x8000, "BAD_PK"),
    (0x01_0000, "BAD_KEY"),
    (0x02_0000, "BADCRL_BAD_MD"),
    (0x04_0000, "BADCRL_BAD_PK"),
    (0x08_0000, "BADCRL_BAD_KEY"),
];
