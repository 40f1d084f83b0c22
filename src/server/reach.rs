//! From a host to a connection: DNS, the addresses, a TCP connect to each of them at the same time.
//!
//! In: a [`Target`], the DNS server to ask where the user names one. Out: [`Reached`], with the
//! connection that the first question can be asked on.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::dns::{DnsAnswer, is_dns_name, look_up, system_servers};
use super::path::PathSeen;
use super::target::{Target, TargetError, connect};

/// Addresses that are tried: eight are enough to see a pattern.
const MOST: usize = 8;
/// A connection that waited longer may have been given up by the server.
const FRESH: Duration = Duration::from_millis(500);

/// An address and the time of its TCP connect, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressTry {
    /// Address and port.
    pub address: SocketAddr,
    /// Time of the connect, or what the system says.
    pub connect: Result<Duration, String>,
    /// What the system knows of the path.
    #[serde(default)]
    pub path: PathSeen,
}

/// What was reached.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// What DNS says, for a host that is a name of the DNS.
    pub dns: Option<DnsAnswer>,
    /// Addresses in the resolver's order.
    pub addresses: Vec<AddressTry>,
    /// The connection to the first of them that answers, unless it waited too long.
    pub ready: Option<(TcpStream, Duration)>,
}

impl Reached {
    /// The first address that answers.
    pub fn first(&self) -> Option<SocketAddr> {
        let open = self.addresses.iter().find(|a| a.connect.is_ok());
        open.map(|a| a.address)
    }
}

/// Looks the host up and connects. A stop leaves the rest out.
///
/// # Errors
/// The host has no address.
pub(super) fn reach(
    target: &Target,
    dns_server: Option<SocketAddr>,
    patience: Duration,
    cancel: &AtomicBool,
) -> Result<Reached, TargetError> {
    let (dns, addresses) = addresses(target, dns_server, patience, cancel)?;
    let started = Instant::now();
    let tried: Vec<(SocketAddr, std::io::Result<(TcpStream, Duration)>)> = thread::scope(|scope| {
        let begun: Vec<_> = addresses
            .iter()
            .take(MOST)
            .map(|&address| {
                (
                    address,
                    scope.spawn(move || connect(address, patience, cancel)),
                )
            })
            .collect();
        begun
            .into_iter()
            .map(|(address, thread)| {
                let done = thread.join();
                let lost = || Err(std::io::Error::other("the connecting thread broke off"));
                (address, done.unwrap_or_else(|_| lost()))
            })
            .collect()
    });
    let mut reached = Reached {
        dns,
        ..Reached::default()
    };
    if cancel.load(Ordering::Relaxed) {
        return Ok(reached);
    }
    for (address, tried) in tried {
        let (connect, path) = match tried {
            Ok((stream, time)) => {
                let path = PathSeen::of(&stream);
                if reached.first().is_none() && started.elapsed() < FRESH {
                    reached.ready = Some((stream, time));
                }
                (Ok(time), path)
            }
            Err(error) => (Err(error.to_string()), PathSeen::default()),
        };
        reached.addresses.push(AddressTry {
            address,
            connect,
            path,
        });
    }
    Ok(reached)
}

/// What DNS says, and the addresses to connect to: those of the server that the user named, else those
/// of the system's resolver, which knows more than DNS (hosts file, local names).
fn addresses(
    target: &Target,
    dns_server: Option<SocketAddr>,
    patience: Duration,
    cancel: &AtomicBool,
) -> Result<(Option<DnsAnswer>, Vec<SocketAddr>), TargetError> {
    if let (Some(server), None) = (dns_server, target.address()) {
        let dns = look_up(&target.host, &[server], patience, cancel);
        if cancel.load(Ordering::Relaxed) {
            return Ok((Some(dns), Vec::new()));
        }
        if dns.addresses.is_empty() {
            let why = dns.trouble.as_ref().map(super::dns::DnsTrouble::sentence);
            return Err(TargetError::NamedServer {
                host: target.host.clone(),
                server,
                why: why.unwrap_or_default(),
            });
        }
        let found = dns.addresses.iter();
        let found = found
            .map(|(a, _)| SocketAddr::new(*a, target.port))
            .collect();
        return Ok((Some(dns), found));
    }
    if !is_dns_name(&target.host) {
        return Ok((None, target.resolve(patience, cancel)?));
    }
    // Both at the same time: the chain is shown, the system's addresses are used.
    thread::scope(|scope| {
        let dns = scope.spawn(|| look_up(&target.host, &system_servers(), patience, cancel));
        let found = target.resolve(patience, cancel);
        let dns = dns.join().ok();
        match found {
            Ok(found) => Ok((dns, found)),
            Err(TargetError::Unresolved { host, source, .. }) => {
                let told = dns.filter(|d| d.server.is_some()).and_then(|d| d.trouble);
                Err(TargetError::Unresolved {
                    dns: told.map(|t| t.sentence()),
                    host,
                    source,
                })
            }
            Err(error) => Err(error),
        }
    })
}
