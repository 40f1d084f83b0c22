//! The model of one handshake attempt.

use std::sync::Arc;

use crate::evidence::{
    ConnectResult, Direction, FactValue, InputId, Lane, Micros, PeerCertificate, Role,
};
use crate::tls::{Alert, CipherSuite, ProtocolVersion, StepName};

/// How sure a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Its bytes or its own trace line were seen.
    Seen,
    /// It must have happened, but not in this input ("before the log").
    Inferred,
}

/// One message or event of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// Direction as the device sees it.
    pub direction: Direction,
    /// Time on the input's axis.
    pub at: Option<Micros>,
    /// Line that proves it (0 for an inferred step).
    pub line: u32,
    /// Size on the wire: of the record with its header where known, else of the message, in bytes.
    pub size_bytes: Option<u32>,
    /// State of the library at that moment.
    pub state: Option<u16>,
    /// How sure.
    pub certainty: Certainty,
    /// Remark beside it, such as `taken by TCP: f_send = 45`.
    pub remark: String,
    /// The message's bytes, where a dump gave them.
    pub bytes: Option<Arc<[u8]>>,
}

/// An alert of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSeen {
    /// Description.
    pub alert: Alert,
    /// Fatal unless the level 1 was printed (in TLS 1.3 only `close_notify` and `user_canceled` are not).
    pub fatal: bool,
    /// Direction.
    pub direction: Direction,
    /// Line that proves it.
    pub line: u32,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The handshake completed.
    Completed,
    /// It ended with an error.
    Failed,
    /// It waited without anything coming, and gave up or is still polling.
    Stalled,
    /// The log ends in the middle.
    CutOff,
    /// TLS never began.
    NeverStarted,
}

impl Outcome {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Stalled => "stalled",
            Self::CutOff => "cut_off",
            Self::NeverStarted => "never_started",
        }
    }
}

/// Who ended an attempt and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// Nobody yet, or the log does not say.
    Nobody,
    /// The device sent a fatal alert.
    DeviceAlert,
    /// The peer sent a fatal alert.
    PeerAlert,
    /// The peer closed TCP without an alert.
    PeerClosed,
    /// The peer said `close_notify` in the middle.
    PeerCloseNotify,
    /// TCP was reset.
    Reset,
    /// The device stopped with an error of its own and sent nothing.
    DeviceError,
    /// The device gave up waiting.
    DeviceTimeout,
    /// TCP was never up.
    NoConnection,
}

impl EndedBy {
    /// The word used in JSON and by rules.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::DeviceAlert => "device_alert",
            Self::PeerAlert => "peer_alert",
            Self::PeerClosed => "peer_close",
            Self::PeerCloseNotify => "peer_close_notify",
            Self::Reset => "reset",
            Self::DeviceError => "device_error",
            Self::DeviceTimeout => "device_timeout",
            Self::NoConnection => "no_connection",
        }
    }
}

/// What is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitFor {
    /// The message.
    pub step: StepName,
    /// From whom.
    pub from: Lane,
}

/// Where an attempt stands or stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct StoppedAt {
    /// State as number and name, such as `12 SERVER_CHANGE_CIPHER_SPEC`.
    pub state: String,
    /// What it waits for, if it waits.
    pub waiting_for: Option<WaitFor>,
    /// How long, in milliseconds, where times are known.
    pub since_ms: Option<i64>,
    /// Time when the wait began, on the input's axis.
    pub since_at: Option<Micros>,
    /// Line where the wait began.
    pub line: u32,
}

/// Lines that repeat while nothing comes.
#[derive(Clone, Debug, PartialEq)]
pub struct PollLoop {
    /// First line of the first pass.
    pub first_line: u32,
    /// Last line seen of the last pass.
    pub last_line: u32,
    /// Lines of one pass.
    pub lines_per_pass: u32,
    /// Passes.
    pub passes: u32,
    /// Median time between passes, in milliseconds.
    pub period_ms: Option<i64>,
    /// State in which it polls.
    pub state: Option<u16>,
}

/// One read of the socket on the stream of received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPiece {
    /// Offset of its first byte in what this attempt received.
    pub offset: u64,
    /// Bytes.
    pub len: u32,
    /// Bytes that were asked for.
    pub wanted: u32,
    /// Line.
    pub line: u32,
}

/// One handshake from its first sign of life to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Number in the session, from 0.
    pub index: usize,
    /// Where it was read.
    pub input: InputId,
    /// Whose words it was read in. Directions and role are the device's in either case.
    pub lane: Lane,
    /// Role of the device.
    pub role: Role,
    /// Family of the stack, such as `mbedtls`.
    pub stack: Option<String>,
    /// Version of the stack with how it is known, such as `2.16 (guess from line numbers)`.
    pub stack_version: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Who ended it.
    pub ended_by: EndedBy,
    /// Where it stands, unless completed.
    pub stopped_at: Option<StoppedAt>,
    /// First time, on the input's axis.
    pub started: Option<Micros>,
    /// Last time.
    pub ended: Option<Micros>,
    /// Negotiated version.
    pub version: Option<ProtocolVersion>,
    /// Negotiated suite.
    pub cipher_suite: Option<CipherSuite>,
    /// Alerts in order.
    pub alerts: Vec<AlertSeen>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Reads of the socket in order.
    pub reads: Vec<ReadPiece>,
    /// Poll loops in order.
    pub polls: Vec<PollLoop>,
    /// The peer's certificates in words.
    pub certificates: Vec<PeerCertificate>,
    /// Error codes with line, in order: `(function, code, line)`.
    pub codes: Vec<(String, i64, u32)>,
    /// States entered: `(number, name, line, time)`.
    pub states: Vec<(Option<u16>, &'static str, u32, Option<Micros>)>,
    /// First line of the attempt in the input.
    pub first_line: u32,
    /// Last line so far.
    pub last_line: u32,
    /// The log began after the handshake did.
    pub began_before_log: bool,
    /// What else the attempt showed.
    pub seen: Seen,
}

/// What an attempt showed beside its steps. Numbers are those of the wire.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // each says one thing that was seen
pub struct Seen {
    /// Named conditions: name, number printed with it, line.
    pub conditions: Vec<(&'static str, Option<i64>, u32)>,
    /// Errors that the stack names itself, with line.
    pub error_names: Vec<(String, u32)>,
    /// Verify flags by name, with line.
    pub verify_flags: Vec<(&'static str, u32)>,
    /// Suites that the client offered.
    pub offered_suites: Vec<u16>,
    /// Groups that the client offered.
    pub offered_groups: Vec<u16>,
    /// Signature schemes that the client offered.
    pub offered_signatures: Vec<u16>,
    /// Lowest and highest version that the client offered.
    pub offered_versions: (Option<u16>, Option<u16>),
    /// Random of the client's hello, where it was shown.
    pub client_random: Option<[u8; 32]>,
    /// Random of the server's hello, where it was shown.
    pub server_random: Option<[u8; 32]>,
    /// Group in use.
    pub group: Option<String>,
    /// Server name sent, with line.
    pub server_name: Option<(String, u32)>,
    /// Protocol names sent.
    pub alpn: Option<String>,
    /// Extensions of the client's hello.
    pub client_extensions: Vec<String>,
    /// Extensions that the server answered.
    pub server_extensions: Vec<String>,
    /// First bytes of what is not TLS, with line.
    pub not_tls: Option<(Arc<[u8]>, u32)>,
    /// How reaching the peer went, with line.
    pub connect: Option<(ConnectResult, u32)>,
    /// Host that the application names, with line.
    pub target: Option<(String, u32)>,
    /// The device's own date, microseconds since 1970 UTC, with line.
    pub device_clock: Option<(Micros, u32)>,
    /// Largest incoming record declared, in bytes, with line.
    pub largest_record: Option<(u32, u32)>,
    /// Bytes received by TCP.
    pub bytes_received: u64,
    /// Bytes taken by TCP for sending.
    pub bytes_sent: u64,
    /// Application data went by.
    pub application_data: bool,
    /// The application says that it gave up: after how many milliseconds, and the line.
    pub gave_up: Option<(Option<i64>, u32)>,
    /// The application or the library said that TLS is up, with line.
    pub established: Option<u32>,
    /// TCP closed by the peer, with line.
    pub closed: Option<u32>,
    /// The server's own log says with which error it gave up, with line.
    pub peer_errors: Vec<(String, u32)>,
    /// The server's own log says that the device left, with line.
    pub device_left: Option<u32>,
    /// When that was, on the input's axis.
    pub device_left_at: Option<Micros>,
    /// Signature of ServerKeyExchange: its two bytes of algorithm, its length, and the line.
    pub key_exchange_signature: Option<(u16, u16, u32)>,
    /// TCP reset, with line.
    pub reset: Option<u32>,
    /// The device ended TCP itself, with line and whether it had waited in vain before.
    pub own_end: Option<(u32, bool)>,
    /// The peer sent an alert whose number is encrypted, with line.
    pub hidden_alert: Option<u32>,
    /// Lines of alerts whose number is encrypted and that close a connection which carried data.
    pub closing_alerts: Vec<u32>,
    /// The steps are those of the wire: nothing that is missing may be inferred.
    pub from_wire: bool,
    /// An alert was sent whose number the log does not print, with line.
    pub unnamed_alert: Option<u32>,
    /// The records are those of DTLS.
    pub datagrams: bool,
    /// The library's trace was read (not only lines of the application).
    pub traced: bool,
    /// Settings of the module that hold for this attempt: fact, value, line.
    pub settings: Vec<(Arc<str>, FactValue, u32)>,
    /// What a module was asked, in order.
    pub requests: Vec<RequestSeen>,
    /// The step that a line proves without any message being shown, with line.
    pub reached: Option<(&'static str, u32)>,
}

/// A command to a module and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSeen {
    /// What pairs it with its answer.
    pub key: u16,
    /// Its name.
    pub what: Arc<str>,
    /// Line.
    pub line: u32,
    /// Time printed, and time of the read.
    pub at: (Option<Micros>, Option<Micros>),
    /// The answer's words, its line, and the milliseconds between, where both have a time.
    pub answer: Option<(Arc<str>, u32, Option<i64>)>,
}

impl Attempt {
    /// Does this step refuse something? An alert does, unless it is a `close_notify` or a warning, or
    /// an encrypted one in the place of a `close_notify`.
    #[must_use]
    pub fn is_refusal(&self, step: &Step) -> bool {
        step.name == StepName::Alert
            && match self.alerts.iter().find(|a| a.line == step.line) {
                // A close_notify is how a connection ends well (RFC 8446, 6.1).
                Some(alert) => alert.fatal && alert.alert.0 != 0,
                None => !self.seen.closing_alerts.contains(&step.line),
            }
    }

    /// The attempt as the other end sees it: what one sends the other receives. For the words of a
    /// peer that were read as if they were the device's.
    #[must_use]
    pub fn mirrored(mut self) -> Self {
        let turn = |d: Direction| match d {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        self.lane = Lane::Peer;
        self.role = match self.role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        for step in &mut self.steps {
            step.direction = turn(step.direction);
        }
        for alert in &mut self.alerts {
            alert.direction = turn(alert.direction);
        }
        self.ended_by = match self.ended_by {
            EndedBy::DeviceAlert => EndedBy::PeerAlert,
            EndedBy::PeerAlert => EndedBy::DeviceAlert,
            EndedBy::PeerClosed => EndedBy::DeviceError,
            EndedBy::DeviceError | EndedBy::DeviceTimeout => EndedBy::PeerClosed,
            other => other,
        };
        if let Some(wait) = self
            .stopped_at
            .as_mut()
            .and_then(|s| s.waiting_for.as_mut())
        {
            wait.from = match wait.from {
                Lane::Device => Lane::Peer,
                Lane::Peer => Lane::Device,
            };
        }
        self
    }

    /// Gives back what its lists hold in reserve: nothing will be added any more, and a long log
    /// holds ten thousands of attempts.
    pub(super) fn trim(&mut self) {
        self.steps.shrink_to_fit();
        self.reads.shrink_to_fit();
        self.states.shrink_to_fit();
        self.codes.shrink_to_fit();
        let seen = &mut self.seen;
        seen.conditions.shrink_to_fit();
        seen.offered_suites.shrink_to_fit();
        seen.client_extensions.shrink_to_fit();
    }

    /// The last step that was seen.
    #[must_use]
    pub fn last_seen(&self) -> Option<&Step> {
        self.steps
            .iter()
            .rev()
            .find(|s| s.certainty == Certainty::Seen && s.name.is_handshake())
    }
}
