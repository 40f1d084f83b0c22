//! Where to connect: host, port and the addresses that the system's resolver gives.
//!
//! In: host and port as the user typed them. Out: addresses and connected sockets. Nothing is
//! looked up or connected but what the user named.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::waiting::{Waited, watched};

/// Host and port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// A target that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text names no host and port.
    #[error(
        "\u{201c}{0}\u{201d} is no HOST[:PORT]. Write for example broker.example:8883 or [2001:db8::1]:443."
    )]
    Malformed(String),
    /// The name has no address.
    #[error("The name {host} has no address. {}", .dns.as_deref().unwrap_or("Check its spelling, or the DNS of this computer."))]
    Unresolved {
        /// The name.
        host: String,
        /// What the DNS server said, as a sentence.
        dns: Option<String>,
        /// What the resolver says.
        source: io::Error,
    },
    /// The DNS server that was named gives no address.
    #[error("{server} gives no address of {host}. {why}")]
    NamedServer {
        /// The name.
        host: String,
        /// The server.
        server: SocketAddr,
        /// What it said, as a sentence.
        why: String,
    },
    /// The resolver did not answer in time.
    #[error("The resolver gave no address of {host} within {seconds} s.")]
    ResolverSilent {
        /// The name.
        host: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl Target {
    /// Reads `HOST`, `HOST:PORT`, `[V6]:PORT` or a bare address; the port is 443 where none is
    /// given. `https://` and `mqtts://` in front and a path behind are let go.
    ///
    /// # Errors
    /// [`TargetError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let malformed = || TargetError::Malformed(text.to_owned());
        let trimmed = text.trim();
        let (mut rest, mut port) = (trimmed, 443);
        for (scheme, usual) in [("https://", 443), ("mqtts://", 8883), ("ssl://", 8883)] {
            if let Some(after) = trimmed.strip_prefix(scheme) {
                (rest, port) = (after.split('/').next().unwrap_or(after), usual);
            }
        }
        let host;
        if rest.parse::<IpAddr>().is_ok() {
            host = rest;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (address, tail) = inner.split_once(']').ok_or_else(malformed)?;
            if address.parse::<IpAddr>().is_err() {
                return Err(malformed());
            }
            if let Some(digits) = tail.strip_prefix(':') {
                port = digits.parse().map_err(|_| malformed())?;
            } else if !tail.is_empty() {
                return Err(malformed());
            }
            host = address;
        } else if let Some((name, digits)) = rest.rsplit_once(':') {
            port = digits.parse().map_err(|_| malformed())?;
            host = name;
        } else {
            host = rest;
        }
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(allowed) || port == 0 {
            return Err(malformed());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }

    /// The address, where the host is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The addresses that the system's resolver gives, without repetition, in its order; none where
    /// it was stopped.
    ///
    /// # Errors
    /// No address, or no answer within `patience`.
    pub fn resolve(
        &self,
        patience: Duration,
        cancel: &AtomicBool,
    ) -> Result<Vec<SocketAddr>, TargetError> {
        if let Some(address) = self.address() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let (host, port) = (self.host.clone(), self.port);
        // The system's resolver cannot be interrupted.
        let found = watched(patience, cancel, move || {
            (host.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect::<Vec<_>>)
        });
        let mut addresses = match found {
            Waited::Done(Ok(addresses)) => addresses,
            Waited::Done(Err(source)) => return Err(self.unresolved(source)),
            Waited::Late => {
                return Err(TargetError::ResolverSilent {
                    host: self.host.clone(),
                    seconds: patience.as_secs(),
                });
            }
            Waited::Stopped => return Ok(Vec::new()),
        };
        let mut seen = Vec::new();
        addresses.retain(|a| {
            !seen.contains(a) && {
                seen.push(*a);
                true
            }
        });
        if addresses.is_empty() {
            return Err(self.unresolved(io::Error::from(io::ErrorKind::NotFound)));
        }
        Ok(addresses)
    }

    fn unresolved(&self, source: io::Error) -> TargetError {
        let host = self.host.clone();
        TargetError::Unresolved {
            host,
            dns: None,
            source,
        }
    }
}

/// Connects and says how long it took; a stop ends the wait.
///
/// # Errors
/// What the system says.
pub(super) fn connect(
    address: SocketAddr,
    patience: Duration,
    cancel: &AtomicBool,
) -> io::Result<(TcpStream, Duration)> {
    let work = move || {
        let started = Instant::now();
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        Ok((stream, started.elapsed()))
    };
    // The system's own time-out comes first; the second more is for a machine under load.
    match watched(patience + Duration::from_secs(1), cancel, work) {
        Waited::Done(done) => done,
        Waited::Late => Err(io::Error::from(io::ErrorKind::TimedOut)),
        Waited::Stopped => Err(io::Error::other("stopped")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_as_people_write_them() {
        for (text, host, port) in [
            ("broker.example", "broker.example", 443),
            ("broker.example:8883", "broker.example", 8883),
            ("127.0.0.1:44", "127.0.0.1", 44),
            ("[::1]:8443", "::1", 8443),
            ("::1", "::1", 443),
            ("https://a.example/path", "a.example", 443),
            ("mqtts://a.example", "a.example", 8883),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.host.as_str(), target.port), (host, port), "{text}");
        }
        for text in ["", "a b", "a:0", "a:99999", "[::1", "a:b", "a;b"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
