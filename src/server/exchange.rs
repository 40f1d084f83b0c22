//! The raw engine: one connection, one `ClientHello`, the server's first flight. No TLS library is
//! involved, so anything can be asked.
//!
//! In: an address, a `ClientHello`, limits. Out: a [`Reply`]. A hostile server costs at most the
//! time and the bytes of [`Limits`].

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::flight::{Flight, Next};
use super::key_share::public_key;
use super::reply::{Ending, Reply, StepSeen};
use super::starttls::{self, Refused, StartTls};
use super::target::connect;
use super::waiting::{LOOK, is_wait};
use crate::tls::hello::{ClientHello, HelloExtension, extension};
use crate::tls::{ServerHello, StepName};

/// How long and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the TCP connect.
    pub connect: Duration,
    /// Without a byte from the server.
    pub silence: Duration,
    /// For the whole connection behind the connect.
    pub total: Duration,
    /// Most bytes that are read.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(5),
            total: Duration::from_secs(10),
            bytes: 1024 * 1024,
        }
    }
}

impl Limits {
    /// The same with every wait at most this long.
    #[must_use]
    pub fn within(mut self, longest: Duration) -> Self {
        self.connect = self.connect.min(longest);
        self.silence = self.silence.min(longest);
        self.total = self.total.min(longest);
        self
    }
}

/// One connection's worth of asking.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub address: SocketAddr,
    pub starttls: Option<StartTls>,
    pub limits: Limits,
    pub cancel: &'a AtomicBool,
    /// Wait this long for records behind the `ServerHello` of TLS 1.3: they are encrypted, but their
    /// sizes can be seen.
    pub linger: Duration,
    /// So many bytes of encrypted records are enough.
    pub enough: usize,
}

impl Exchange<'_> {
    /// Connects (unless a connection is `ready`), sends the `ClientHello`, reads the flight. A
    /// `HelloRetryRequest` is answered once, where the hello offered a key of its own; with an empty
    /// `key_share` it is the answer.
    pub fn ask(&self, hello: &ClientHello, ready: Option<(TcpStream, Duration)>) -> Reply {
        let started = Instant::now();
        let connected = match ready {
            Some(ready) => Ok(ready),
            None => connect(self.address, self.limits.connect, self.cancel),
        };
        let (mut stream, connect_time) = match connected {
            Ok(connected) => connected,
            Err(_) if self.cancel.load(Ordering::Relaxed) => {
                return Reply::ended(Ending::Cancelled, hello.random);
            }
            Err(error) => {
                let mut reply = Reply::ended(Ending::Unconnected(error.to_string()), hello.random);
                reply.elapsed = started.elapsed();
                return reply;
            }
        };
        let mut flight = Flight::new(hello.random);
        flight.reply.connect = Some(connect_time);
        flight.reply.steps.push(StepSeen {
            name: StepName::TcpConnect,
            sent: true,
            at: connect_time,
            bytes: 0,
        });
        if let Err(ending) = self.talk(&mut stream, hello, &mut flight, started) {
            flight.reply.ending = ending;
        }
        flight.reply.elapsed = started.elapsed();
        flight.reply
    }

    fn talk(
        &self,
        stream: &mut TcpStream,
        hello: &ClientHello,
        flight: &mut Flight,
        started: Instant,
    ) -> Result<(), Ending> {
        let until = Instant::now() + self.limits.total;
        stream
            .set_write_timeout(Some(self.limits.silence))
            .map_err(|e| Ending::Unconnected(e.to_string()))?;
        if let Some(protocol) = self.starttls {
            starttls::begin(
                stream,
                protocol,
                until.min(Instant::now() + self.limits.silence),
                self.cancel,
            )
            .map_err(|refused| match refused {
                Refused::Says(text) => Ending::NoStartTls(text),
                Refused::Stopped => Ending::Cancelled,
                Refused::Io(error) => ended_by(&error),
            })?;
        }
        send(stream, hello, flight, started)?;
        let mut hello = hello.clone();
        while self.read(stream, flight, started, until)? == Next::Retry {
            let Some(again) = flight.reply.retry.as_ref().and_then(|r| answer(&hello, r)) else {
                flight.reply.ending = Ending::Answered;
                return Ok(());
            };
            hello = again;
            send(stream, &hello, flight, started)?;
        }
        if !self.linger.is_zero() && matches!(flight.reply.ending, Ending::Answered) {
            self.linger_for_records(stream, flight, started, until);
        }
        Ok(())
    }

    fn read(
        &self,
        stream: &mut TcpStream,
        flight: &mut Flight,
        started: Instant,
        until: Instant,
    ) -> Result<Next, Ending> {
        let mut buffer = [0; 16 * 1024];
        let mut silent_until = Instant::now() + self.limits.silence;
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Ending::Cancelled);
            }
            let left = until
                .min(silent_until)
                .saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Ending::Timeout);
            }
            let wait = left.min(LOOK).max(Duration::from_millis(1));
            stream
                .set_read_timeout(Some(wait))
                .map_err(|e| Ending::Unconnected(e.to_string()))?;
            match stream.read(&mut buffer) {
                Ok(0) => return Err(Ending::Closed),
                Ok(count) => {
                    silent_until = Instant::now() + self.limits.silence;
                    let next = flight.take(&buffer[..count], started.elapsed());
                    if next != Next::More {
                        return Ok(next);
                    }
                    if self.enough > 0 && flight.encrypted() > self.enough {
                        return Ok(Next::Done);
                    }
                    if flight.reply.received > self.limits.bytes {
                        return Err(Ending::TooMuch(format!(
                            "more than {} bytes before the end of its first flight",
                            self.limits.bytes
                        )));
                    }
                }
                Err(error) if is_wait(&error) => {}
                Err(error) => return Err(ended_by(&error)),
            }
        }
    }

    /// Sizes of the encrypted records of TLS 1.3. The end stays what it was.
    fn linger_for_records(
        &self,
        stream: &mut TcpStream,
        flight: &mut Flight,
        started: Instant,
        until: Instant,
    ) {
        let quiet = Self {
            limits: Limits {
                silence: self.linger,
                ..self.limits
            },
            ..*self
        };
        // Records that came together with the ServerHello wait unread.
        let more = flight.take(&[], started.elapsed()) == Next::More;
        if more && flight.encrypted() <= self.enough {
            let _ = quiet.read(stream, flight, started, until);
        }
        flight.reply.ending = Ending::Answered;
    }
}

fn ended_by(error: &io::Error) -> Ending {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error.kind() {
        ConnectionReset | ConnectionAborted | BrokenPipe => Ending::Reset,
        UnexpectedEof => Ending::Closed,
        _ => Ending::Timeout,
    }
}

fn send(
    stream: &mut TcpStream,
    hello: &ClientHello,
    flight: &mut Flight,
    started: Instant,
) -> Result<(), Ending> {
    let Ok(bytes) = hello.records() else {
        return Err(Ending::Malformed(
            "our own ClientHello is longer than TLS can say".into(),
        ));
    };
    flight.reply.steps.push(StepSeen {
        name: StepName::ClientHello,
        sent: true,
        at: started.elapsed(),
        bytes: bytes.len().saturating_sub(5),
    });
    stream.write_all(&bytes).map_err(|e| ended_by(&e))
}

/// The second `ClientHello` (RFC 8446 section 4.1.2): the wanted group's key, the cookie given back.
/// `None` where the first carried no key at all, or the group cannot be made.
fn answer(first: &ClientHello, retry: &ServerHello) -> Option<ClientHello> {
    let offered = first.extension(extension::KEY_SHARE)?;
    if offered.len() <= 2 {
        return None;
    }
    let group = retry.group()?;
    let mut second = first.clone();
    second.set_extension(HelloExtension::key_share(&[(group, public_key(group)?)]));
    if let Some(cookie) = retry.extension(extension::COOKIE) {
        second.set_extension(HelloExtension::cookie(cookie.to_vec()));
    }
    second.record_version = crate::tls::ProtocolVersion::TLS12;
    Some(second)
}

/// Does a server that said nothing to TLS answer an MQTT 3.1.1 CONNECT in the clear (OASIS MQTT
/// 3.1.1 section 3.1)? Asked only of ports that gave no byte to a `ClientHello`.
pub(super) fn speaks_mqtt(address: SocketAddr, limits: Limits, cancel: &AtomicBool) -> bool {
    // CONNECT, clean session, keep alive 10 s, empty client id.
    const CONNECT: &[u8] = b"\x10\x0C\x00\x04MQTT\x04\x02\x00\x0A\x00\x00";
    let ask = || -> io::Result<bool> {
        let (mut stream, _) = connect(address, limits.connect, cancel)?;
        stream.set_read_timeout(Some(LOOK))?;
        stream.set_write_timeout(Some(limits.silence))?;
        stream.write_all(CONNECT)?;
        let until = Instant::now() + limits.silence.min(Duration::from_secs(2));
        let mut start = Vec::new();
        let mut byte = [0];
        while start.len() < 2 && Instant::now() < until && !cancel.load(Ordering::Relaxed) {
            match stream.read(&mut byte) {
                Ok(0) => break,
                Ok(_) => start.push(byte[0]),
                Err(error) if is_wait(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(start == [0x20, 0x02])
    };
    ask().unwrap_or(false)
}

/// Did the server give no byte to our `ClientHello`?
pub(super) fn said_nothing(reply: &Reply) -> bool {
    let ended = matches!(
        reply.ending,
        Ending::Closed | Ending::Reset | Ending::Timeout
    );
    reply.received == 0 && ended
}
