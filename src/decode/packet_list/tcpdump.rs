//! `IP 192.0.2.7.49152 > 192.0.2.1.443: Flags [S], seq 1, win 64240, options [mss 1460], length 0`
//! (tcpdump `print-tcp.c`, from version 4.0 on), also as the second line of `-v`.

use super::Segment;

/// Names of ports that tcpdump prints without `-n` (`/etc/services`).
const PORTS: [(&str, u16); 13] = [
    ("https", 443),
    ("http", 80),
    ("secure-mqtt", 8883),
    ("mqtt", 1883),
    ("amqps", 5671),
    ("imaps", 993),
    ("pop3s", 995),
    ("submissions", 465),
    ("submission", 587),
    ("smtp", 25),
    ("ldaps", 636),
    ("domain-s", 853),
    ("http-alt", 8080),
];

/// Reads a line; `None` for any other.
pub(super) fn segment(text: &str) -> Option<Segment<'_>> {
    let (ends, rest) = text.split_once(": Flags [")?;
    let (from, to) = ends.rsplit_once(" > ")?;
    let from = from.rsplit(' ').next()?;
    let to = to.trim();
    if to.contains(' ') || !from.contains('.') || !to.contains('.') {
        return None;
    }
    let (flags, rest) = rest.split_once(']')?;
    let number = |name: &str| -> Option<u32> {
        let at = rest.find(name)?;
        let digits = rest.get(at + name.len()..)?;
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        digits.get(..end)?.parse().ok()
    };
    let seq = rest.find(", seq ").and_then(|at| {
        let words = rest.get(at + 6..)?.split(',').next()?;
        let (from, to) = words.split_once(':').unwrap_or((words, words));
        Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
    });
    Some(Segment {
        from: from.into(),
        to: to.into(),
        to_port: port(to),
        syn: flags.contains('S'),
        ack: flags.contains('.') || rest.contains(", ack "),
        fin: flags.contains('F'),
        rst: flags.contains('R'),
        seq,
        window: number(", win "),
        mss: number("mss "),
        len: number(", length ").unwrap_or(0),
        again: false,
        shut: false,
    })
}

fn port(end: &str) -> Option<u16> {
    let (_, port) = end.rsplit_once('.')?;
    let named = PORTS.iter().find(|(name, _)| *name == port);
    named
        .map(|(_, number)| *number)
        .or_else(|| port.parse().ok())
}

/// `192.0.2.1.443` → `192.0.2.1:443`; what has no port stays.
pub(super) fn host_and_port(end: &str) -> String {
    let Some((host, _)) = end.rsplit_once('.') else {
        return end.to_owned();
    };
    match port(end) {
        Some(port) if host.contains(':') => format!("[{host}]:{port}"),
        Some(port) if host.contains('.') || host.contains(char::is_alphabetic) => {
            format!("{host}:{port}")
        }
        _ => end.to_owned(),
    }
}

/// The host of an end; an address without a port is itself.
pub(super) fn host(end: &str) -> &str {
    let is_address = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    match end.rsplit_once('.') {
        Some((host, _)) if !is_address(end) => host,
        _ => end,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_line() {
        let text = "IP 192.0.2.7.49152 > broker.example.secure-mqtt: Flags [S], seq 3423, win 5744, options [mss 1436,nop], length 0";
        let s = segment(text).unwrap();
        assert_eq!(s.from, "192.0.2.7.49152");
        assert_eq!(s.to, "broker.example.secure-mqtt");
        assert_eq!((s.to_port, s.seq), (Some(8883), Some((3423, 3423))));
        assert_eq!((s.window, s.mss, s.len), (Some(5744), Some(1436), 0));
        assert!(s.syn && !s.ack && !s.fin && !s.rst);
        assert_eq!(host_and_port(&s.to), "broker.example:8883");
        let text = "    192.0.2.1.443 > 192.0.2.7.49152: Flags [P.], cksum 0x1234 (correct), seq 1:8, ack 518, win 501, length 7";
        let s = segment(text).unwrap();
        assert_eq!(s.from, "192.0.2.1.443");
        assert_eq!((s.seq, s.len), (Some((1, 8)), 7));
        let s = segment(
            "IP6 2001:db8::1.50000 > 2001:db8::2.443: Flags [R.], seq 0, ack 1, win 0, length 0",
        )
        .unwrap();
        assert!(s.rst && s.ack);
        assert_eq!(host_and_port(&s.to), "[2001:db8::2]:443");
        for other in [
            "a > b: Flags [S]",
            "IP 192.0.2.7 > 192.0.2.1: ICMP echo request",
            "",
        ] {
            assert_eq!(segment(other), None, "{other}");
        }
    }
}
