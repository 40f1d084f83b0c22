//! Names of what is not read: link types and tunnels, with what to do instead.

/// What frames of a link type are (the tcpdump group's LINKTYPE registry), and where to capture
/// instead.
pub(super) fn link(number: u16) -> Option<(&'static str, &'static str)> {
    Some(match number {
        105 | 119 | 127 | 163 | 192 => (
            "802.11 in monitor mode",
            "The air is encrypted: capture on the access point's wired side.",
        ),
        186 | 189 | 220 | 249 | 266 | 288 | 293 | 294 | 295 => (
            "USB",
            "Capture on the network that the modem or adapter is connected to.",
        ),
        187 | 201 | 251 | 254 | 255 | 256 | 272 => {
            ("Bluetooth", "Capture on the gateway's network side.")
        }
        191 | 195 | 215 | 230 | 283 => (
            "IEEE 802.15.4",
            "Capture on the border router's network side.",
        ),
        190 | 210 | 227 => (
            "CAN or another field bus",
            "There is no TLS over TCP in it.",
        ),
        253 => (
            "messages of the kernel (netlink)",
            "Capture an interface instead.",
        ),
        252 => (
            "packets that Wireshark exported from inside others",
            "Save the original capture.",
        ),
        147..=162 => (
            "a private format of its maker",
            "Convert it to Ethernet or raw IP.",
        ),
        _ => return None,
    })
}

/// A tunnel by the protocol number of IP (IANA Assigned Internet Protocol Numbers).
pub(super) fn of_ip(protocol: u8) -> Option<&'static str> {
    Some(match protocol {
        4 | 41 => "IP in IP",
        47 => "GRE",
        50 => "IPsec (ESP)",
        115 => "L2TP",
        132 => "SCTP",
        _ => return None,
    })
}

/// A tunnel by the Ethernet type (IEEE registry).
pub(super) fn of_ethernet(ether_type: u16) -> Option<&'static str> {
    Some(match ether_type {
        0x8847 | 0x8848 => "MPLS",
        0x88E5 => "MACsec",
        _ => return None,
    })
}

/// A tunnel in UDP by its port and first bytes: VXLAN (RFC 7348 section 5), GTP-U (3GPP TS 29.281
/// section 5.1), Geneve (RFC 8926 section 3.4).
pub(super) fn of_udp(port: u16, payload: &[u8]) -> Option<&'static str> {
    Some(match (port, payload) {
        (4789, [0x08, 0, 0, 0, ..]) => "VXLAN",
        (2152, [first, 0xFF, ..]) if first >> 5 == 1 => "GTP-U",
        (6081, [first, _, 0x65, 0x58, ..]) if first >> 6 == 0 => "Geneve",
        _ => return None,
    })
}
