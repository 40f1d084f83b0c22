//! One question to a DNS server: the chain of CNAMEs of a host and all its addresses with their time
//! to live, which the system's resolver does not tell.
//!
//! In: a host name that the user gave, servers. Out: [`DnsAnswer`]. A server that is late, silent or
//! lies costs bounded time; what it says is shown, and never used for the check of a certificate's
//! name.

mod message;
mod name_servers;

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::waiting::{LOOK, is_wait};
use message::{Asked, Heard, Kind};
pub use name_servers::dns_server;
pub(super) use name_servers::system_servers;

/// A CNAME: the name stands for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub target: String,
    /// How long that may be kept, in seconds.
    pub ttl_s: u32,
}

/// Why DNS told no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsTrouble {
    /// This computer's DNS servers are not known here.
    NoServer,
    /// None of them answered within this many milliseconds.
    Silent(u64),
    /// The name does not exist.
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
    /// The server refuses; its own word.
    Refused(String),
    /// What came is no answer to the question.
    Malformed,
    /// The user stopped it.
    Stopped,
}

impl DnsTrouble {
    /// One sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NoServer => {
                "The DNS servers of this computer are not known here, so CNAMEs are not shown. Name one to ask it.".to_owned()
            }
            Self::Silent(ms) => format!("The DNS server gave no answer within {ms} ms."),
            Self::NoSuchName => "The DNS server knows no such name.".to_owned(),
            Self::NoAddress => "The DNS server knows the name, but no address of it.".to_owned(),
            Self::Refused(word) => format!("The DNS server refuses to answer ({word})."),
            Self::Malformed => "The DNS server\u{2019}s answer cannot be read.".to_owned(),
            Self::Stopped => "The DNS look-up was stopped.".to_owned(),
        }
    }
}

/// What DNS says of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// The server that answered, else the last that was asked.
    pub server: Option<SocketAddr>,
    /// From the first question to the last answer.
    pub elapsed: Duration,
    /// CNAMEs in their order from the host on.
    pub aliases: Vec<Alias>,
    /// Addresses with the seconds that they may be kept; IPv4 first.
    pub addresses: Vec<(IpAddr, u32)>,
    /// Why there is no address, or only part of the answer.
    pub trouble: Option<DnsTrouble>,
}

/// Most CNAMEs that are followed in one answer.
const MOST_ALIASES: usize = 16;
/// Most addresses that are kept.
const MOST_ADDRESSES: usize = 64;

/// Is this a name that DNS is asked for: with a dot, no address, not for the local link (RFC 6762)?
pub(super) fn is_dns_name(host: &str) -> bool {
    let plain = host.trim_end_matches('.');
    plain.contains('.')
        && host.parse::<IpAddr>().is_err()
        && !plain.to_ascii_lowercase().ends_with(".local")
}

/// Asks the servers in their order for IPv4 and IPv6 addresses of `host`, at most `patience` in all.
pub(super) fn look_up(
    host: &str,
    servers: &[SocketAddr],
    patience: Duration,
    cancel: &AtomicBool,
) -> DnsAnswer {
    let started = Instant::now();
    let mut answer = DnsAnswer {
        trouble: Some(DnsTrouble::NoServer),
        ..DnsAnswer::default()
    };
    let servers = servers.get(..servers.len().min(3)).unwrap_or_default();
    for (index, &server) in servers.iter().enumerate() {
        let left = patience.saturating_sub(started.elapsed());
        let share = left / u32::try_from(servers.len() - index).unwrap_or(1);
        answer.server = Some(server);
        answer.trouble = match ask(host, server, share, cancel) {
            Ok(heard) => take(&mut answer, host, heard),
            Err(trouble) => Some(trouble),
        };
        // Another server may answer where this one does not; what one says is not asked again.
        if !matches!(
            answer.trouble,
            Some(DnsTrouble::Silent(_) | DnsTrouble::Refused(_) | DnsTrouble::Malformed)
        ) {
            break;
        }
    }
    if let Some(DnsTrouble::Silent(ms)) = &mut answer.trouble {
        *ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
    answer.elapsed = started.elapsed();
    answer
}

/// Puts what both answers say in order; gives what is wrong with it.
fn take(answer: &mut DnsAnswer, host: &str, heard: Vec<Heard>) -> Option<DnsTrouble> {
    let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    let mut name = plain(host);
    let all: Vec<&Alias> = heard.iter().flat_map(|h| &h.aliases).collect();
    // A chain that turns back on itself ends at the length.
    while answer.aliases.len() < MOST_ALIASES
        && let Some(alias) = all.iter().find(|a| plain(&a.name) == name)
    {
        name = plain(&alias.target);
        answer.aliases.push((*alias).clone());
    }
    for (owner, address, ttl) in heard.iter().flat_map(|h| &h.addresses) {
        let known = answer.addresses.iter().any(|(a, _)| a == address);
        if plain(owner) == name && !known && answer.addresses.len() < MOST_ADDRESSES {
            answer.addresses.push((*address, *ttl));
        }
    }
    answer.addresses.sort_by_key(|(a, _)| a.is_ipv6());
    if !answer.addresses.is_empty() {
        return None;
    }
    let refused = heard.into_iter().find_map(|h| h.trouble);
    Some(refused.unwrap_or(DnsTrouble::NoAddress))
}

/// Asks one server for both kinds of addresses at once.
fn ask(
    host: &str,
    server: SocketAddr,
    patience: Duration,
    cancel: &AtomicBool,
) -> Result<Vec<Heard>, DnsTrouble> {
    let silent = |_| DnsTrouble::Silent(0);
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).map_err(silent)?;
    socket.connect(server).map_err(silent)?;
    socket.set_read_timeout(Some(LOOK)).map_err(silent)?;
    let mut open: Vec<Asked> = [Kind::A, Kind::Aaaa]
        .into_iter()
        .map(|kind| Asked::new(host, kind).ok_or(DnsTrouble::NoSuchName))
        .collect::<Result<_, _>>()?;
    let mut heard = Vec::new();
    let until = Instant::now() + patience;
    // A datagram may get lost: asked again once a second.
    let mut again = Instant::now();
    let mut buffer = [0; 4096];
    while !open.is_empty() {
        if cancel.load(Ordering::Relaxed) {
            return Err(DnsTrouble::Stopped);
        }
        let now = Instant::now();
        if now >= until {
            break;
        }
        if now >= again {
            for question in &open {
                // A closed port shows at the next read.
                let _ = socket.send(&question.bytes);
            }
            again = now + Duration::from_secs(1);
        }
        let count = match socket.recv(&mut buffer) {
            Ok(count) => count,
            Err(error) if is_wait(&error) => continue,
            // Nobody listens there (ICMP); the time is not waited out.
            Err(_) => break,
        };
        let Some(bytes) = buffer.get(..count) else {
            continue;
        };
        let Some(at) = open.iter().position(|q| q.is_answered_by(bytes)) else {
            // Not what was asked: somebody else's, or made up.
            continue;
        };
        let question = open.remove(at);
        let mut one = Asked::read(bytes).ok_or(DnsTrouble::Malformed)?;
        if one.cut {
            let left = until.saturating_duration_since(Instant::now());
            if let Some(whole) = over_tcp(&question, server, left) {
                one = whole;
            }
        }
        heard.push(one);
    }
    if heard.is_empty() {
        return Err(DnsTrouble::Silent(0));
    }
    Ok(heard)
}

/// The same question over TCP, where the answer is too long for a datagram (RFC 7766).
fn over_tcp(question: &Asked, server: SocketAddr, patience: Duration) -> Option<Heard> {
    let ask = || -> io::Result<Vec<u8>> {
        let patience = patience.max(Duration::from_millis(1));
        let mut stream = TcpStream::connect_timeout(&server, patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        let length = u16::try_from(question.bytes.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(&question.bytes)?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    let bytes = ask().ok()?;
    question.is_answered_by(&bytes).then_some(())?;
    Asked::read(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_dns_are_asked_for() {
        for host in ["broker.example", "a.b.example."] {
            assert!(is_dns_name(host), "{host}");
        }
        for host in [
            "broker",
            "localhost",
            "127.0.0.1",
            "::1",
            "printer.local",
            "printer.LOCAL.",
        ] {
            assert!(!is_dns_name(host), "{host}");
        }
    }

    #[test]
    fn a_chain_that_turns_back_on_itself_ends() {
        let alias = |name: &str, target: &str| Alias {
            name: name.into(),
            target: target.into(),
            ttl_s: 1,
        };
        let heard = Heard {
            aliases: vec![
                alias("a.example", "b.example"),
                alias("B.example.", "a.example"),
            ],
            ..Heard::default()
        };
        let mut answer = DnsAnswer::default();
        let trouble = take(&mut answer, "A.example", vec![heard]);
        assert_eq!(answer.aliases.len(), MOST_ALIASES);
        assert_eq!(trouble, Some(DnsTrouble::NoAddress));
    }

    #[test]
    fn addresses_of_another_name_are_not_taken() {
        let heard = Heard {
            addresses: vec![
                ("other.example".into(), IpAddr::from([192, 0, 2, 1]), 5),
                ("a.example.".into(), IpAddr::from([192, 0, 2, 2]), 5),
            ],
            ..Heard::default()
        };
        let mut answer = DnsAnswer::default();
        assert_eq!(take(&mut answer, "a.example", vec![heard]), None);
        assert_eq!(answer.addresses, [(IpAddr::from([192, 0, 2, 2]), 5)]);
    }
}
