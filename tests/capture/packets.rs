//! Writes captures: segments of TCP and datagrams in any link type and file format.

/// Address ends of the client and the server.
const ENDS: [u8; 2] = [1, 2];

/// One packet.
#[derive(Clone, Debug)]
pub struct Packet {
    pub by_client: bool,
    /// Flags of TCP; `None` for a datagram of UDP.
    pub flags: Option<u8>,
    pub seq: u32,
    pub ack: u32,
    pub window: u16,
    pub payload: Vec<u8>,
    pub client_port: u16,
    pub at_ms: u32,
    pub machine: Machine,
}

/// What packets say of the machine that sent them.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    pub mac: [u8; 6],
    pub ttl: u8,
    /// Its SYN offers more than the segment size.
    pub options: bool,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            mac: [2; 6],
            ttl: 64,
            options: false,
        }
    }
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const ACK: u8 = 16;

/// A whole connection: both SYNs, the flight in segments of at most `mss` bytes, both FINs.
pub fn connection(flight: &[(bool, Vec<u8>)], mss: usize, first: [u32; 2]) -> Vec<Packet> {
    let mut next = first;
    let mut packets = Vec::new();
    let mut at_ms = 0;
    let mut push = |by_client: bool, flags: u8, next: &mut [u32; 2], payload: &[u8]| {
        let me = usize::from(!by_client);
        at_ms += 1;
        packets.push(Packet {
            by_client,
            flags: Some(flags),
            seq: next[me],
            ack: if flags & ACK == 0 { 0 } else { next[1 - me] },
            window: 4096,
            payload: payload.to_vec(),
            client_port: 50_000,
            at_ms,
            machine: Machine::default(),
        });
        let len = u32::try_from(payload.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        next[me] = next[me].wrapping_add(len);
    };
    push(true, SYN, &mut next, &[]);
    push(false, SYN | ACK, &mut next, &[]);
    push(true, ACK, &mut next, &[]);
    for (by_client, bytes) in flight {
        for part in bytes.chunks(mss) {
            push(*by_client, ACK, &mut next, part);
        }
    }
    push(true, FIN | ACK, &mut next, &[]);
    push(false, FIN | ACK, &mut next, &[]);
    push(true, ACK, &mut next, &[]);
    packets
}

fn transport(packet: &Packet) -> (u8, Vec<u8>) {
    let ports = if packet.by_client {
        [packet.client_port, 7443]
    } else {
        [7443, packet.client_port]
    };
    let mut out: Vec<u8> = ports.iter().flat_map(|p| p.to_be_bytes()).collect();
    let Some(flags) = packet.flags else {
        let len = u16::try_from(8 + packet.payload.len()).unwrap();
        out.extend(len.to_be_bytes());
        out.extend([0, 0]);
        out.extend(&packet.payload);
        return (17, out);
    };
    out.extend(packet.seq.to_be_bytes());
    out.extend(packet.ack.to_be_bytes());
    let options: &[u8] = match (flags & SYN, packet.machine.options) {
        (0, _) => &[],
        (_, false) => &[2, 4, 5, 0xB4],
        // Segment size, selective acknowledgement, no-operation, window scale.
        (_, true) => &[2, 4, 5, 0xB4, 4, 2, 1, 3, 3, 7, 0, 0],
    };
    out.extend([u8::try_from((20 + options.len()) / 4).unwrap() << 4, flags]);
    out.extend(packet.window.to_be_bytes());
    out.extend([0, 0, 0, 0]);
    out.extend(options);
    out.extend(&packet.payload);
    (6, out)
}

/// The packet with its IP header.
pub fn ip(packet: &Packet, six: bool) -> Vec<u8> {
    let (protocol, inner) = transport(packet);
    let (from, to) = if packet.by_client {
        (ENDS[0], ENDS[1])
    } else {
        (ENDS[1], ENDS[0])
    };
    let mut out = Vec::new();
    if six {
        out.extend([0x60, 0, 0, 0]);
        out.extend(u16::try_from(inner.len()).unwrap().to_be_bytes());
        out.extend([protocol, packet.machine.ttl]);
        for end in [from, to] {
            out.extend([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end]);
        }
    } else {
        out.extend([0x45, 0]);
        out.extend(u16::try_from(20 + inner.len()).unwrap().to_be_bytes());
        out.extend([
            0,
            0,
            0x40,
            0,
            packet.machine.ttl,
            protocol,
            0,
            0,
            192,
            0,
            2,
            from,
            192,
            0,
            2,
            to,
        ]);
    }
    out.extend(inner);
    out
}

/// The frame of a link type; 1001 stands for Ethernet with a VLAN tag, 1009 for PPP without its HDLC
/// header.
pub fn frame(packet: &Packet, link: u16, six: bool) -> (u16, Vec<u8>) {
    let ip = ip(packet, six);
    let ether: [u8; 2] = if six { [0x86, 0xDD] } else { [0x08, 0x00] };
    let ppp: u8 = if six { 0x57 } else { 0x21 };
    let (number, mut out): (u16, Vec<u8>) = match link {
        1 => (1, [&[2; 6][..], &packet.machine.mac, &ether].concat()),
        1001 => (1, [&[2; 12][..], &[0x81, 0, 0, 7], &ether].concat()),
        0 => (0, vec![if six { 24 } else { 2 }, 0, 0, 0]),
        108 => (108, vec![0, 0, 0, if six { 24 } else { 2 }]),
        9 => (9, vec![0xFF, 3, 0, ppp]),
        1009 => (9, vec![0, ppp]),
        113 => (113, [&[0; 14][..], &ether].concat()),
        276 => (276, [&ether[..], &[0; 18]].concat()),
        other => (other, Vec::new()),
    };
    out.extend(ip);
    (number, out)
}

/// A pcap file.
pub fn pcap(packets: &[Packet], link: u16, six: bool, big: bool, nanos: bool) -> Vec<u8> {
    let u32b = |n: u32| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let number = packets.first().map_or(1, |p| frame(p, link, six).0);
    let mut out = Vec::new();
    out.extend(u32b(if nanos { 0xA1B2_3C4D } else { 0xA1B2_C3D4 }));
    out.extend(if big { [0, 2, 0, 4] } else { [2, 0, 4, 0] });
    out.extend([0; 8]);
    out.extend(u32b(65_535));
    out.extend(u32b(u32::from(number)));
    for packet in packets {
        let (_, bytes) = frame(packet, link, six);
        let len = u32::try_from(bytes.len()).unwrap();
        let unit = if nanos { 1_000_000 } else { 1_000 };
        out.extend(u32b(1_700_000_000 + packet.at_ms / 1000));
        out.extend(u32b(packet.at_ms % 1000 * unit));
        out.extend(u32b(len));
        out.extend(u32b(len));
        out.extend(bytes);
    }
    out
}

/// A pcapng file with times in nanoseconds; `secrets` is a key log put into it.
pub fn pcapng(packets: &[Packet], link: u16, six: bool, big: bool, secrets: &str) -> Vec<u8> {
    let u32b = |n: u32| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let u16b = |n: u16| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let mut out = Vec::new();
    let mut block = |kind: u32, mut body: Vec<u8>| {
        body.resize(body.len().next_multiple_of(4), 0);
        let len = u32b(u32::try_from(12 + body.len()).unwrap());
        out.extend(u32b(kind));
        out.extend(len);
        out.extend(body);
        out.extend(len);
    };
    let mut section = u32b(0x1A2B_3C4D).to_vec();
    section.extend(u16b(1));
    section.extend([0; 2]);
    section.extend([0xFF; 8]);
    block(0x0A0D_0D0A, section);
    let number = packets.first().map_or(1, |p| frame(p, link, six).0);
    let mut interface = u16b(number).to_vec();
    interface.extend([0; 6]);
    interface.extend(u16b(9));
    interface.extend(u16b(1));
    interface.extend([9, 0, 0, 0]);
    interface.extend([0; 4]);
    block(1, interface);
    if !secrets.is_empty() {
        let mut body = u32b(0x544C_534B).to_vec();
        body.extend(u32b(u32::try_from(secrets.len()).unwrap()));
        body.extend(secrets.as_bytes());
        block(0x0A, body);
    }
    for packet in packets {
        let (_, bytes) = frame(packet, link, six);
        let ticks = (1_700_000_000_000 + u64::from(packet.at_ms)) * 1_000_000;
        let mut body = u32b(0).to_vec();
        body.extend(u32b(u32::try_from(ticks >> 32).unwrap()));
        body.extend(u32b(u32::try_from(ticks & 0xFFFF_FFFF).unwrap()));
        let len = u32b(u32::try_from(bytes.len()).unwrap());
        body.extend(len);
        body.extend(len);
        body.extend(bytes);
        block(6, body);
    }
    out
}
