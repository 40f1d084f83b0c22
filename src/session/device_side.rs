//! Which end of a captured connection is the device, and how that is known.
//!
//! In: what the capture says of both ends. Out: a side with its reasons, as one sentence. A person's
//! word and the device's own log go before anything found here; where nothing tells, that is said,
//! and the end that connects is taken, as devices do. Must not know what went wrong.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use serde::Deserialize;

use super::figures::grouped;
use crate::capture::{Connection, DeviceSide, EndSigns};

/// Makers of controllers and modules by the first bytes of their hardware addresses.
const VENDORS: &str = include_str!("../../assets/mac-vendors.toml");

/// One sign of this weight is enough.
const ENOUGH: i32 = 2;

/// Windows below this, offered without any option, are those of stacks that count every byte: lwIP
/// takes four segments (`TCP_WND`, opt.h), modules 1 to 8 KB.
const SMALL_WINDOW: u16 = 16_384;

/// Which end is the device and who says so: what a capture is read with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideWanted {
    /// The end.
    pub side: DeviceSide,
    /// Who says so, in words; `None` where only the capture itself is asked.
    pub told: Option<String>,
}

/// What [`SideWanted::told`] says of an end that was set for one capture.
pub(super) const BY_HAND: &str = "as it was set by hand";

impl SideWanted {
    /// Was it set for this capture by hand?
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.told.as_deref() == Some(BY_HAND)
    }
}

/// How it is known which end is the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideKnown {
    /// A person or the device's own log says so.
    Told,
    /// The capture shows signs of it.
    Likely,
    /// Nothing tells: the end that connects is taken.
    Assumed,
}

impl SideKnown {
    /// The word of the fact `capture.side`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Likely => "likely",
            Self::Assumed => "assumed",
        }
    }
}

/// Which end of one connection is the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideSeen {
    /// The client is.
    pub device_is_client: bool,
    /// How that is known.
    pub known: SideKnown,
    /// One sentence with the reasons.
    pub sentence: String,
}

/// Signs of one connection: for the client as the device positive, for the server negative.
#[derive(Debug, Default)]
struct Signs(Vec<(i32, String)>);

/// Does the capture itself show that the server of this connection is the device?
#[must_use]
pub fn server_is_likely(connection: &Connection) -> bool {
    Signs::of(connection).sum() <= -ENOUGH
}

/// Which end is the device, as this connection was read.
#[must_use]
pub fn side_of(connection: &Connection, wanted: &SideWanted) -> SideSeen {
    let client = connection.device_is_client;
    let (at, as_what) = if client {
        (connection.client, "the client")
    } else {
        (connection.server, "the server")
    };
    if let Some(told) = &wanted.told {
        return SideSeen {
            device_is_client: client,
            known: SideKnown::Told,
            sentence: format!("The device is {at}, {as_what}: {told}."),
        };
    }
    let signs = Signs::of(connection);
    let sum = signs.sum();
    let known = if sum.abs() >= ENOUGH && client == (sum > 0) {
        SideKnown::Likely
    } else {
        SideKnown::Assumed
    };
    let own = |sign: &&(i32, String)| (sign.0 > 0) == client;
    let reasons: Vec<&str> = (signs.0.iter().filter(own))
        .map(|(_, words)| words.as_str())
        .collect();
    let against: Vec<&str> = (signs.0.iter().filter(|s| !own(s)))
        .map(|(_, words)| words.as_str())
        .collect();
    let mut sentence = match known {
        SideKnown::Likely => format!(
            "The device is taken to be {at}, {as_what}: {}.",
            reasons.join("; ")
        ),
        _ => format!(
            "The capture does not show which end is the device. {at} is taken, because it connects{}.",
            reasons.iter().map(|r| format!("; {r}")).collect::<String>()
        ),
    };
    if !against.is_empty() {
        sentence.push_str(" Against it: ");
        sentence.push_str(&against.join("; "));
        sentence.push('.');
    }
    SideSeen {
        device_is_client: client,
        known,
        sentence,
    }
}

impl Signs {
    fn of(c: &Connection) -> Self {
        let mut signs = Self::default();
        signs.addresses(c);
        signs.end(&c.client_signs, 1, "the client");
        signs.end(&c.server_signs, -1, "the server");
        signs.protocol(c);
        signs
    }

    fn sum(&self) -> i32 {
        self.0.iter().map(|(weight, _)| weight).sum()
    }

    fn add(&mut self, weight: i32, words: impl Into<String>) {
        self.0.push((weight, words.into()));
    }

    /// A host in a private network that asks a public one is behind a router, as devices are. The other
    /// way round tells nothing: servers in data centres have private addresses too.
    fn addresses(&mut self, c: &Connection) {
        if is_private(c.client.ip()) && is_public(c.server.ip()) {
            self.add(2, "its address is private and the other one public");
        }
    }

    /// What the packets of one end say; `way` is 1 for the client and -1 for the server.
    fn end(&mut self, signs: &EndSigns, way: i32, who: &str) {
        if let Some(maker) = signs.mac.and_then(vendor) {
            self.add(
                2 * way,
                format!("the hardware address of {who} is one of {maker}"),
            );
        }
        if let Some(window) = signs.bare_syn_window.filter(|w| *w < SMALL_WINDOW) {
            let size = grouped(window.into());
            self.add(
                2 * way,
                format!("the SYN of {who} is that of a small TCP stack (window {size}, no option but the segment size)"),
            );
        }
        match signs.ttl {
            // lwIP starts at 255 (IP_DEFAULT_TTL, opt.h); desktop systems at 64 or 128.
            Some(ttl) if ttl > 192 => self.add(
                way,
                format!("packets of {who} start with 255 hops to live, as lwIP sends them"),
            ),
            Some(65..=128) => self.add(
                -way,
                format!("packets of {who} start with 128 hops to live, as Windows sends them"),
            ),
            _ => {}
        }
    }

    fn protocol(&mut self, c: &Connection) {
        if c.server_certificate_logged {
            let words = "the server's certificate is logged publicly, as those of public services are (RFC 6962)";
            self.add(2, words);
        }
        if c.client_greases && !is_public(c.server.ip()) {
            let words = "the client's hello has reserved values (RFC 8701), as browsers and phones send them";
            self.add(-2, words);
        }
        if c.client_certificate {
            self.add(1, "the client shows a certificate, as devices do");
        }
        if let Some(service) = broker(c.server.port()) {
            let port = c.server.port();
            self.add(
                1,
                format!("port {port} is that of a service for devices ({service})"),
            );
        }
    }
}

/// Services that devices connect to (IANA Service Name and Transport Protocol Port Number Registry).
fn broker(port: u16) -> Option<&'static str> {
    Some(match port {
        8883 => "MQTT over TLS",
        5671 => "AMQP over TLS",
        5684 => "CoAP over DTLS",
        _ => return None,
    })
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || is_shared(ip.octets()),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Addresses between a mobile network and its customers (RFC 6598).
fn is_shared(ip: [u8; 4]) -> bool {
    ip[0] == 100 && ip[1] & 0xC0 == 64
}

fn is_public(ip: IpAddr) -> bool {
    let special = match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast()
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_multicast(),
    };
    !special && !is_private(ip)
}

/// The maker of controllers or modules that this hardware address is registered to.
fn vendor(mac: [u8; 6]) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct File {
        vendor: Vec<Vendor>,
    }
    #[derive(Deserialize)]
    struct Vendor {
        name: String,
        prefixes: Vec<String>,
    }
    static TABLE: OnceLock<HashMap<[u8; 3], String>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let file: File = toml::from_str(VENDORS).unwrap_or(File { vendor: Vec::new() });
        let rows = file.vendor.into_iter().flat_map(|vendor| {
            let prefixes = vendor.prefixes.into_iter();
            prefixes.filter_map(move |p| Some((prefix(&p)?, vendor.name.clone())))
        });
        rows.collect()
    });
    let [a, b, c, ..] = mac;
    table.get(&[a, b, c]).map(String::as_str)
}

fn prefix(text: &str) -> Option<[u8; 3]> {
    let mut bytes = text.split(':').map(|p| u8::from_str_radix(p, 16));
    let mut next = || bytes.next()?.ok();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = VENDORS.matches("\", ").count() + VENDORS.matches("\",\n").count();
        assert!(rows > 500);
        assert_eq!(vendor([0x00, 0x08, 0xDC, 1, 2, 3]), Some("WIZnet"));
        assert_eq!(vendor([0x08, 0x3A, 0x8D, 1, 2, 3]), Some("Espressif"));
        assert_eq!(vendor([0x02, 0, 0, 1, 2, 3]), None);
        for line in VENDORS.lines().filter(|l| l.starts_with("    \"")) {
            for text in line.split(',').map(|t| t.trim().trim_matches('"')) {
                assert!(text.is_empty() || prefix(text).is_some(), "{text}");
            }
        }
    }

    #[test]
    fn private_and_public_addresses() {
        for (text, private, public) in [
            ("192.168.1.7", true, false),
            ("100.64.3.1", true, false),
            ("fe80::1", true, false),
            ("fd00::1", true, false),
            ("127.0.0.1", false, false),
            ("8.8.8.8", false, true),
            ("2001:4860::1", false, true),
        ] {
            let ip: IpAddr = text.parse().unwrap();
            assert_eq!((is_private(ip), is_public(ip)), (private, public), "{text}");
        }
    }
}
