//! One frame → the TCP segment or UDP datagram in it.
//!
//! In: link type and bytes. Out: [`Packet`], or why there is none. IP and TCP headers are read by
//! `etherparse`; this file only takes the link headers off that it does not know.

use std::net::{IpAddr, SocketAddr};

use super::icmp::{self, IcmpError};
use super::links;
use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TcpOptionElement, TransportSlice};

/// A packet of a transport protocol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that the capture cut off.
    pub(super) cut: u32,
    /// Of TCP; a datagram of UDP otherwise.
    pub(super) tcp: Option<Tcp>,
    /// Hardware address of the sender on this link, where the link has one.
    pub(super) mac: Option<[u8; 6]>,
    /// Time to live, or hop limit.
    pub(super) ttl: u8,
}

impl Packet<'_> {
    /// Who sent the first packet that the capture has of a connection: by SYN, else by the hello in it,
    /// else the one with the higher port, which systems give to clients.
    pub(super) fn sent_by_client(&self, tcp: &Tcp) -> bool {
        if tcp.syn {
            return !tcp.ack;
        }
        match self.payload {
            [22, 3, _, _, _, 1, ..] => true,
            [22, 3, _, _, _, 2, ..] => false,
            _ => self.from.port() > self.to.port(),
        }
    }
}

/// What matters of a TCP header.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // they are the flags of the header
pub(super) struct Tcp {
    pub(super) seq: u32,
    pub(super) ack_number: u32,
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) window: u16,
    pub(super) mss: Option<u16>,
    /// It has the option to scale windows, to acknowledge selectively, or to stamp times.
    pub(super) options: bool,
}

/// Why a frame holds no packet for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// A link type that is not read.
    Link(u16),
    /// A part of an IP packet that was sent in fragments.
    Fragment,
    /// Packets inside others, which are not read.
    Tunnel(&'static str),
    /// An error that a router or host reports about a packet of a connection.
    Error(IcmpError),
    /// Some other protocol.
    Other,
}

/// Reads one frame.
pub(super) fn packet(link: u16, bytes: &[u8]) -> Result<Packet<'_>, Nothing> {
    let sliced = slice(link, bytes)?;
    let mac = sender(link, bytes);
    let (from, to, payload, declared, ttl) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            let declared = usize::from(header.total_len())
                - header.slice().len().min(header.total_len().into());
            (
                IpAddr::V4(header.source_addr()),
                IpAddr::V4(header.destination_addr()),
                ip.payload(),
                declared,
                header.ttl(),
            )
        }
        Some(LaxNetSlice::Ipv6(ip)) => (
            IpAddr::V6(ip.header().source_addr()),
            IpAddr::V6(ip.header().destination_addr()),
            ip.payload(),
            usize::from(ip.header().payload_length()),
            ip.header().hop_limit(),
        ),
        _ => {
            let tunnel = ether_type(link, bytes).and_then(links::of_ethernet);
            return Err(tunnel.map_or(Nothing::Other, Nothing::Tunnel));
        }
    };
    if let Some(tunnel) = links::of_ip(payload.ip_number.0) {
        return Err(Nothing::Tunnel(tunnel));
    }
    if payload.fragmented {
        return Err(Nothing::Fragment);
    }
    let cut = if payload.incomplete {
        declared.saturating_sub(payload.payload.len())
    } else {
        0
    };
    let cut = u32::try_from(cut).unwrap_or(0);
    match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Ok(Packet {
            from: SocketAddr::new(from, tcp.source_port()),
            to: SocketAddr::new(to, tcp.destination_port()),
            payload: tcp.payload(),
            cut,
            tcp: Some(Tcp {
                seq: tcp.sequence_number(),
                ack_number: tcp.acknowledgment_number(),
                syn: tcp.syn(),
                ack: tcp.ack(),
                fin: tcp.fin(),
                rst: tcp.rst(),
                window: tcp.window_size(),
                mss: if tcp.syn() { mss(tcp) } else { None },
                options: tcp.syn() && has_options(tcp),
            }),
            mac,
            ttl,
        }),
        Some(TransportSlice::Udp(udp))
            if links::of_udp(udp.destination_port(), udp.payload()).is_some() =>
        {
            let tunnel = links::of_udp(udp.destination_port(), udp.payload());
            Err(Nothing::Tunnel(tunnel.unwrap_or_default()))
        }
        Some(TransportSlice::Icmpv4(icmp)) => {
            let kind = (icmp.type_u8(), icmp.code_u8());
            let error = icmp::v4(from, kind, icmp.bytes5to8(), icmp.payload());
            Err(error.map_or(Nothing::Other, Nothing::Error))
        }
        Some(TransportSlice::Icmpv6(icmp)) => {
            let kind = (icmp.type_u8(), icmp.code_u8());
            let error = icmp::v6(from, kind, icmp.bytes5to8(), icmp.payload());
            Err(error.map_or(Nothing::Other, Nothing::Error))
        }
        Some(TransportSlice::Udp(udp)) => Ok(Packet {
            from: SocketAddr::new(from, udp.source_port()),
            to: SocketAddr::new(to, udp.destination_port()),
            payload: udp.payload(),
            cut,
            tcp: None,
            mac,
            ttl,
        }),
        _ => Err(Nothing::Other),
    }
}

fn mss(tcp: &etherparse::TcpSlice<'_>) -> Option<u16> {
    tcp.options_iterator().find_map(|option| match option {
        Ok(TcpOptionElement::MaximumSegmentSize(size)) => Some(size),
        _ => None,
    })
}

/// Does it have one of the options that systems with memory to spare offer (RFC 7323, RFC 2018)?
fn has_options(tcp: &etherparse::TcpSlice<'_>) -> bool {
    tcp.options_iterator().any(|option| {
        matches!(
            option,
            Ok(TcpOptionElement::WindowScale(_)
                | TcpOptionElement::SelectiveAcknowledgementPermitted
                | TcpOptionElement::Timestamp(..))
        )
    })
}

/// The hardware address that sent the frame: of Ethernet, or as the cooked headers of Linux keep it.
fn sender(link: u16, bytes: &[u8]) -> Option<[u8; 6]> {
    let at = match (link, bytes) {
        (1, _) => 6,
        (113, [_, _, _, _, 0, 6, ..]) => 6,
        (276, _) if bytes.get(11) == Some(&6) => 12,
        _ => return None,
    };
    bytes.get(at..at + 6)?.try_into().ok()
}

/// The Ethernet type of a frame, behind VLAN tags.
fn ether_type(link: u16, bytes: &[u8]) -> Option<u16> {
    let mut at = match link {
        1 => 12,
        113 => 14,
        276 => 0,
        _ => return None,
    };
    loop {
        let two = bytes.get(at..at + 2)?;
        match u16::from_be_bytes([two[0], two[1]]) {
            0x8100 | 0x88A8 | 0x9100 => at += 4,
            other => return Some(other),
        }
    }
}

/// Takes the link header off (numbers of the tcpdump group's LINKTYPE registry).
fn slice(link: u16, bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, Nothing> {
    let rest = |n: usize| bytes.get(n..).ok_or(Nothing::Other);
    let two = |n: usize| {
        bytes
            .get(n..n + 2)
            .map(|b| u16::from_be_bytes([b[0], b[1]]))
            .ok_or(Nothing::Other)
    };
    match link {
        1 => typed(two(12)?, rest(14)?),
        // BSD loopback: the address family in the capturing machine's byte order, or big-endian.
        0 | 108 => ip(rest(4)?),
        12 | 14 | 101 | 228 | 229 => ip(bytes),
        9 | 50 => ppp(bytes),
        204 => ppp(rest(1)?),
        51 => ppp(rest(6)?),
        113 => typed(two(14)?, rest(16)?),
        276 => typed(two(0)?, rest(20)?),
        _ => Err(Nothing::Link(link)),
    }
}

fn typed(ether_type: u16, rest: &[u8]) -> Result<LaxSlicedPacket<'_>, Nothing> {
    match ether_type {
        // PPPoE session (RFC 2516 section 4): six bytes, then PPP.
        0x8864 => ppp(rest.get(6..).ok_or(Nothing::Other)?),
        other => Ok(LaxSlicedPacket::from_ether_type(EtherType(other), rest)),
    }
}

/// PPP with or without its HDLC header and with the protocol field whole or compressed (RFC 1661
/// section 2, RFC 1662 section 3.1).
fn ppp(bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, Nothing> {
    let inner = bytes.strip_prefix(&[0xFF, 0x03]).unwrap_or(bytes);
    match inner {
        [0x00, 0x21 | 0x57, rest @ ..] | [0x21 | 0x57, rest @ ..] => ip(rest),
        _ => Err(Nothing::Other),
    }
}

fn ip(bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, Nothing> {
    LaxSlicedPacket::from_ip(bytes).map_err(|_| Nothing::Other)
}
