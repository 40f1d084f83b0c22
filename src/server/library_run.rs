//! Drives a handshake of rustls over a socket: bounded in time and bytes, stopped within a moment.
//!
//! In: a connection of rustls, a stream, limits. Out: how it ended. Knows nothing of certificates.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::ClientConnection;

use super::clear_alert::{ClearAlert, Watched};
use super::exchange::Limits;
use super::library::LibraryEnding;
use super::waiting::{LOOK, is_wait};
use crate::tls::Alert;

/// What is said of a handshake that the user stopped.
pub(super) const STOPPED: &str = "the probe was stopped";

/// How a handshake is driven.
pub(super) struct Run<'a> {
    pub limits: Limits,
    pub cancel: &'a AtomicBool,
    /// How long what follows a complete handshake of TLS 1.3 is waited for, beside a few times of what
    /// the handshake itself took: a long way and a slow server are slow there too.
    pub patience: &'a dyn Fn() -> Duration,
}

/// How it ended.
pub(super) struct Ended {
    pub ending: LibraryEnding,
    /// The alert that ended it was not encrypted, although encryption had begun.
    pub alert_in_clear: bool,
}

impl Run<'_> {
    /// Until the handshake is complete, refused, or over.
    pub fn to_the_end(&self, connection: &mut ClientConnection, stream: &mut TcpStream) -> Ended {
        let mut alert_in_clear = false;
        let ending = self.pump(connection, stream, &mut alert_in_clear);
        Ended {
            ending,
            alert_in_clear,
        }
    }

    fn pump(
        &self,
        connection: &mut ClientConnection,
        stream: &mut TcpStream,
        alert_in_clear: &mut bool,
    ) -> LibraryEnding {
        let Self { limits, cancel, .. } = *self;
        let mut watch = ClearAlert::default();
        let until = Instant::now() + limits.total;
        let mut silent_until = Instant::now() + limits.silence;
        let mut received = 0;
        let began = Instant::now();
        let mut done_since: Option<Instant> = None;
        loop {
            while connection.wants_write() {
                if let Err(error) = connection.write_tls(stream) {
                    return broken(&error);
                }
            }
            if !connection.is_handshaking() {
                let is_13 = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
                if !is_13 || connection.tls13_tickets_received() > 0 {
                    return LibraryEnding::Completed;
                }
                done_since = done_since.or_else(|| Some(Instant::now()));
            }
            if cancel.load(Ordering::Relaxed) {
                return LibraryEnding::Broken(STOPPED.to_owned());
            }
            let deadline = done_since.map_or(until.min(silent_until), |d| {
                until.min(d + (self.patience)() + 4 * d.duration_since(began))
            });
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return if done_since.is_some() {
                    LibraryEnding::Completed
                } else {
                    LibraryEnding::Timeout
                };
            }
            let wait = left.min(LOOK).max(Duration::from_millis(1));
            if let Err(error) = stream.set_read_timeout(Some(wait)) {
                return broken(&error);
            }
            let watched = Watched {
                from: &mut *stream,
                by: &mut watch,
            };
            let mut capped = Read::take(watched, 64 * 1024);
            match connection.read_tls(&mut capped) {
                Ok(0) if done_since.is_some() => return LibraryEnding::Completed,
                Ok(0) => return LibraryEnding::Closed,
                Ok(count) => {
                    received += count;
                    silent_until = Instant::now() + limits.silence;
                }
                Err(error) if is_wait(&error) => continue,
                Err(error) => return broken(&error),
            }
            if received > limits.bytes {
                return LibraryEnding::Refused(format!(
                    "the server sent more than {} bytes",
                    limits.bytes
                ));
            }
            let processed = match (connection.process_new_packets(), watch.last()) {
                (Err(rustls::Error::DecryptError), Some(alert)) => {
                    *alert_in_clear = true;
                    Err(rustls::Error::AlertReceived(alert.0.into()))
                }
                (other, _) => other,
            };
            match processed {
                Ok(_) => {
                    // Application data is of no interest here.
                    let mut sink = [0; 4096];
                    while matches!(connection.reader().read(&mut sink), Ok(n) if n > 0) {}
                }
                Err(rustls::Error::AlertReceived(alert)) => {
                    let alert = Alert(u8::from(alert));
                    return if done_since.is_some() {
                        LibraryEnding::AlertAfter(alert)
                    } else {
                        LibraryEnding::Alert(alert)
                    };
                }
                Err(error) => {
                    // The alert that the library wants to send tells the server why.
                    let _ = connection.write_tls(stream);
                    let _ = stream.flush();
                    return LibraryEnding::Refused(error.to_string());
                }
            }
        }
    }
}

fn broken(error: &io::Error) -> LibraryEnding {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => LibraryEnding::Closed,
        _ => LibraryEnding::Broken(error.to_string()),
    }
}
