//! The DNS servers of this computer.
//!
//! In: the system's own list. Out: addresses in its order. Where the system keeps none that a program
//! can read (Windows), there is none, and that is said.

use std::net::{IpAddr, SocketAddr};

/// The DNS server that a person names: an address, with the port where it is not 53.
///
/// # Errors
/// One sentence.
pub fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let bare = text.trim_matches(['[', ']']).parse::<IpAddr>();
    let with_port = text.parse::<SocketAddr>().ok().filter(|a| a.port() != 0);
    bare.ok()
        .map(|address| SocketAddr::new(address, 53))
        .or(with_port)
        .ok_or_else(|| {
            format!("\u{201c}{text}\u{201d} is no address of a DNS server. Write for example 192.0.2.53 or [2001:db8::53]:53.")
        })
}

/// The servers that the system uses.
#[cfg(unix)]
pub(in crate::server) fn system_servers() -> Vec<SocketAddr> {
    std::fs::read_to_string("/etc/resolv.conf")
        .map_or_else(|_| Vec::new(), |text| servers_in(&text))
}

/// Not told by this system.
#[cfg(not(unix))]
pub(in crate::server) fn system_servers() -> Vec<SocketAddr> {
    Vec::new()
}

/// Lines `nameserver ADDRESS` (resolv.conf(5)). Addresses with a zone are of one link and left out.
#[cfg_attr(not(unix), allow(dead_code))]
fn servers_in(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then_some(())?;
            let address: IpAddr = words.next()?.parse().ok()?;
            Some(SocketAddr::new(address, 53))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_as_people_write_it() {
        for (text, expected) in [
            ("192.0.2.53", "192.0.2.53:53"),
            (" 192.0.2.53:5353 ", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]:54", "[2001:db8::53]:54"),
        ] {
            assert_eq!(
                dns_server(text).map(|a| a.to_string()),
                Ok(expected.to_owned())
            );
        }
        for text in ["", "dns.example", "192.0.2.53:0", "192.0.2.53:x"] {
            assert!(dns_server(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_of_the_list() {
        let text = "# made by hand\nsearch lan\nnameserver 192.0.2.1\n nameserver  2001:db8::1 \n\
                    nameserver fe80::1%eth0\nnameserver\noptions edns0\n";
        let servers: Vec<String> = servers_in(text).iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert!(servers_in("").is_empty());
    }
}
