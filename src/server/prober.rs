//! Asking politely: a cap on connections, a pause between them, a stop flag, progress told.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::exchange::{Exchange, Limits};
use super::library::{LibraryClient, LibraryReply};
use super::reply::{Ending, Reply};
use super::stage::Stage;
use super::starttls::StartTls;
use super::waiting::pause;
use crate::tls::hello::ClientHello;

/// How the probe behaves towards the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// Time and bytes of each connection.
    pub limits: Limits,
    /// Most connections of one probe.
    pub most_connections: usize,
    /// Pause between two connections. Loopback needs none.
    pub pause: Duration,
    /// Dialogue before TLS.
    pub starttls: Option<StartTls>,
    /// Most time for everything.
    pub most_time: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            most_connections: 200,
            pause: Duration::from_millis(20),
            starttls: None,
            most_time: Duration::from_mins(1),
        }
    }
}

/// What the probe is at, for a progress line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being asked.
    pub stage: Stage,
    /// Connections so far.
    pub connections: usize,
    /// What the stage gave, once it is over: in a few words, and whether that is well.
    pub found: Option<(&'a str, bool)>,
}

/// Why a probe stops asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Stop {
    /// The user stopped it.
    #[error("The probe was stopped.")]
    Cancelled,
    /// The cap on connections is reached.
    #[error("The cap on connections is reached; what was not asked is left out.")]
    Connections,
    /// The time is used up.
    #[error("The time for the probe is used up; what was not asked is left out.")]
    Time,
    /// It answered before, and now takes no connection.
    #[error("The server takes no more connections; what was not asked is left out.")]
    Unreachable,
}

/// How often the server turned a question down, and how. A server that never sends an alert leaves
/// the device without a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// With a fatal alert.
    pub alerts: usize,
    /// Closed without an alert.
    pub closes: usize,
    /// Reset.
    pub resets: usize,
    /// Silence.
    pub timeouts: usize,
}

impl Refusals {
    /// Does it refuse without ever saying why?
    #[must_use]
    pub fn is_silent(self) -> bool {
        self.alerts == 0 && self.closes + self.resets + self.timeouts > 0
    }
}

/// A server with room for few clients may need this long to let the last one go.
const RECOVER: Duration = Duration::from_millis(400);

/// What a question is asked with beside its message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    /// Wait so long for the sizes of the records behind `ServerHello`.
    pub linger: Duration,
    /// So many bytes of them are enough.
    pub enough: usize,
}

/// Asks one address, one connection after the other.
pub struct Prober<'a> {
    /// The address.
    pub address: SocketAddr,
    /// Behaviour.
    pub manners: Manners,
    cancel: &'a AtomicBool,
    progress: &'a mut dyn FnMut(Progress<'_>),
    connections: usize,
    refusals: Refusals,
    started: Instant,
    stage: Stage,
    /// A connection that is open already.
    ready: Option<(TcpStream, Duration)>,
}

impl<'a> Prober<'a> {
    /// A prober of this address; the first question is asked on `ready`, where that is a connection.
    /// `cancel` stops it within a tenth of a second when set.
    pub fn new(
        address: SocketAddr,
        ready: Option<(TcpStream, Duration)>,
        manners: Manners,
        cancel: &'a AtomicBool,
        progress: &'a mut dyn FnMut(Progress<'_>),
    ) -> Self {
        Self {
            address,
            manners,
            cancel,
            progress,
            connections: 0,
            refusals: Refusals::default(),
            started: Instant::now(),
            stage: Stage::FirstAnswer,
            ready,
        }
    }

    /// Names what is being asked from here on.
    pub fn now(&mut self, stage: Stage) {
        self.stage = stage;
    }

    /// Tells what the stage gave, in a few words; it is over.
    pub fn found(&mut self, words: &str) {
        self.over(words, true);
    }

    /// Tells that the stage did not give what a client needs; it is over.
    pub fn failed(&mut self, words: &str) {
        self.over(words, false);
    }

    fn over(&mut self, words: &str, well: bool) {
        (self.progress)(Progress {
            stage: self.stage,
            connections: self.connections,
            found: Some((words, well)),
        });
    }

    /// Connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// The stop flag.
    pub(super) fn cancel(&self) -> &'a AtomicBool {
        self.cancel
    }

    /// How the server turned questions down so far.
    #[must_use]
    pub fn refusals(&self) -> Refusals {
        self.refusals
    }

    /// Counts a connection that is about to be made, after the pause.
    ///
    /// # Errors
    /// The stop flag, the cap, the time.
    pub fn may_connect(&mut self) -> Result<(), Stop> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        if self.connections >= self.manners.most_connections {
            return Err(Stop::Connections);
        }
        if self.started.elapsed() >= self.manners.most_time {
            return Err(Stop::Time);
        }
        if self.ready.is_none() {
            if self.connections > 0 && !self.address.ip().is_loopback() {
                pause(self.manners.pause, self.cancel);
            }
            self.connections += 1;
        }
        (self.progress)(Progress {
            stage: self.stage,
            connections: self.connections,
            found: None,
        });
        Ok(())
    }

    /// Asks once.
    ///
    /// # Errors
    /// As [`Self::may_connect`], and a server that takes no connection any more.
    pub fn ask(&mut self, hello: &ClientHello) -> Result<Reply, Stop> {
        self.ask_patiently(hello, Patience::default())
    }

    /// Asks once, with patience for what comes behind `ServerHello`.
    pub(super) fn ask_patiently(
        &mut self,
        hello: &ClientHello,
        patience: Patience,
    ) -> Result<Reply, Stop> {
        let mut reply = self.once(hello, patience)?;
        if matches!(reply.ending, Ending::Unconnected(_)) {
            pause(RECOVER, self.cancel);
            reply = self.once(hello, patience)?;
        }
        match reply.ending {
            Ending::Alert(_) => self.refusals.alerts += 1,
            Ending::Closed => self.refusals.closes += 1,
            Ending::Reset => self.refusals.resets += 1,
            Ending::Timeout => self.refusals.timeouts += 1,
            Ending::Unconnected(_) => return Err(Stop::Unreachable),
            _ => {}
        }
        Ok(reply)
    }

    fn once(&mut self, hello: &ClientHello, patience: Patience) -> Result<Reply, Stop> {
        self.may_connect()?;
        let exchange = Exchange {
            address: self.address,
            starttls: self.manners.starttls,
            limits: self.manners.limits,
            cancel: self.cancel,
            linger: patience.linger,
            enough: patience.enough,
        };
        let reply = exchange.ask(hello, self.ready.take());
        if matches!(reply.ending, Ending::Cancelled) {
            return Err(Stop::Cancelled);
        }
        Ok(reply)
    }

    /// Makes a handshake with rustls.
    pub(super) fn handshake(&mut self, client: &LibraryClient) -> Result<LibraryReply, Stop> {
        self.may_connect()?;
        let manners = self.manners;
        let reply = client.handshake(self.address, manners.starttls, manners.limits, self.cancel);
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        Ok(reply)
    }
}
