//! Errors of ICMP and ICMPv6 about a packet of a connection (RFC 792, RFC 4443, RFC 1191): why nothing
//! came back.
//!
//! In: type, code, field and body of a message. Out: which packet it is about, and what it says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What an error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Nobody listens on the port.
    Port,
    /// The host, its network or its protocol is not reached.
    Host,
    /// A filter on the way refuses it.
    Prohibited,
    /// The packet is larger than the next link takes; bytes that it takes, where told.
    TooBig(Option<u16>),
    /// It was on its way too long.
    TimeExceeded,
}

/// An error about a packet of this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IcmpError {
    /// Who reports it.
    pub(super) reporter: IpAddr,
    /// Ends of the packet that it is about.
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) tcp: bool,
    pub(super) says: Says,
}

impl Says {
    pub(super) fn words(self) -> String {
        match self {
            Self::Port => "nobody listens on that port".to_owned(),
            Self::Host => "the host is not reached".to_owned(),
            Self::Prohibited => "a filter refuses the packet".to_owned(),
            Self::TooBig(Some(mtu)) => {
                format!("the packet is too large for the next link, which takes {mtu} bytes")
            }
            Self::TooBig(None) => "the packet is too large for the next link".to_owned(),
            Self::TimeExceeded => "the packet was on its way too long".to_owned(),
        }
    }
}

/// Reads an ICMP message of IPv4; `field` is the second word of its header.
pub(super) fn v4(
    reporter: IpAddr,
    (kind, code): (u8, u8),
    field: [u8; 4],
    body: &[u8],
) -> Option<IcmpError> {
    let mtu = u16::from_be_bytes([field[2], field[3]]);
    let says = match (kind, code) {
        (3, 3) => Says::Port,
        (3, 4) => Says::TooBig(Some(mtu).filter(|m| *m > 0)),
        (3, 9 | 10 | 13) => Says::Prohibited,
        (3, _) => Says::Host,
        (11, _) => Says::TimeExceeded,
        _ => return None,
    };
    let header = usize::from(body.first()? & 0x0F) * 4;
    let address = |at: usize| -> Option<IpAddr> {
        let four: [u8; 4] = body.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(four).into())
    };
    error(
        reporter,
        says,
        *body.get(9)?,
        address(12)?,
        address(16)?,
        body.get(header..)?,
    )
}

/// The same of IPv6.
pub(super) fn v6(
    reporter: IpAddr,
    (kind, code): (u8, u8),
    field: [u8; 4],
    body: &[u8],
) -> Option<IcmpError> {
    let says = match (kind, code) {
        (1, 4) => Says::Port,
        (1, 1 | 5) => Says::Prohibited,
        (1, _) => Says::Host,
        (2, _) => Says::TooBig(u16::try_from(u32::from_be_bytes(field)).ok()),
        (3, _) => Says::TimeExceeded,
        _ => return None,
    };
    let address = |at: usize| -> Option<IpAddr> {
        let all: [u8; 16] = body.get(at..at + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(all).into())
    };
    error(
        reporter,
        says,
        *body.get(6)?,
        address(8)?,
        address(24)?,
        body.get(40..)?,
    )
}

/// Ports stand first in TCP and UDP alike.
fn error(
    reporter: IpAddr,
    says: Says,
    protocol: u8,
    from: IpAddr,
    to: IpAddr,
    transport: &[u8],
) -> Option<IcmpError> {
    let [a, b, c, d, ..] = transport else {
        return None;
    };
    let tcp = match protocol {
        6 => true,
        17 => false,
        _ => return None,
    };
    Some(IcmpError {
        reporter,
        from: SocketAddr::new(from, u16::from_be_bytes([*a, *b])),
        to: SocketAddr::new(to, u16::from_be_bytes([*c, *d])),
        tcp,
        says,
    })
}
