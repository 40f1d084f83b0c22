//! Names and addresses as facts need them: literals, wildcards, first bytes of other protocols.

use std::net::IpAddr;

use crate::evidence::PeerCertificate;

/// Is this text an IPv4 or IPv6 literal?
pub(super) fn is_ip(text: &str) -> bool {
    text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// `host:port` and `[address]:port` taken apart; a bare name or address has no port.
pub(super) fn host_and_port(text: &str) -> (&str, Option<u16>) {
    if is_ip(text) {
        return (text.trim_matches(['[', ']']), None);
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            match port.parse::<u16>() {
                Ok(port) => (host.trim_matches(['[', ']']), Some(port)),
                Err(_) => (text, None),
            }
        }
        _ => (text, None),
    }
}

/// The CN of a subject as printed: `C=DE, O=Example, CN=name`.
pub(super) fn common_name(subject: &str) -> Option<&str> {
    subject
        .split(", ")
        .find_map(|part| part.trim().strip_prefix("CN="))
}

/// Does a CA call itself a root? `ISRG Root X1`, `Amazon Root CA 1`, `Baltimore CyberTrust Root`.
pub(super) fn is_root_name(common_name: &str) -> bool {
    common_name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word.eq_ignore_ascii_case("root") || word.eq_ignore_ascii_case("rootca"))
}

/// Does the certificate carry the host, by its alternative names, or by its CN where it has none?
/// (RFC 6125 section 6.4: one wildcard, alone in the first label.)
pub(super) fn matches(cert: &PeerCertificate, cn: Option<&str>, host: &str) -> bool {
    if cert.alt_names.is_empty() {
        return cn.is_some_and(|cn| matches_one(cn, host));
    }
    cert.alt_names.iter().any(|name| matches_one(name, host))
}

fn matches_one(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(rest), Some((_, domain))) = (pattern.strip_prefix("*."), host.split_once('.')) else {
        return false;
    };
    !is_ip(host) && rest.contains('.') && rest.eq_ignore_ascii_case(domain)
}

/// Does this issuer belong to a product that inspects TLS on its way? The names are those of the
/// roots that the makers' installation guides tell to distribute (Zscaler, Fortinet, Netskope, Cisco
/// Umbrella, Sophos, Symantec Blue Coat, Forcepoint, Palo Alto, Check Point, `WatchGuard`, Barracuda,
/// Untangle, Smoothwall, Kaspersky, mitmproxy, Burp, Charles, Fiddler), and what companies call their
/// own.
pub(super) fn inspecting_proxy(issuer: &str) -> bool {
    const NAMES: [&str; 34] = [
        // What companies call their own inspecting authority.
        "ssl inspect",
        "sslinspect",
        "ssl-inspect",
        "ssl_inspect",
        "tls inspect",
        "tls-inspect",
        "tlsinspect",
        "https inspect",
        "deep inspection",
        "ssl proxy",
        "sslproxy",
        "ssl decrypt",
        "decryption ca",
        "web gateway",
        "forward trust",
        "mitmproxy",
        "portswigger",
        "charles proxy",
        "fiddler",
        "palo alto",
        "check point",
        "watchguard",
        "barracuda",
        "untangle",
        "smoothwall",
        "kaspersky anti-virus",
        "zscaler",
        "fortinet",
        "fortigate",
        "netskope",
        "cisco umbrella",
        "sophos",
        "blue coat",
        "forcepoint",
    ];
    let issuer = issuer.to_ascii_lowercase();
    NAMES.iter().any(|n| issuer.contains(n))
}

/// What protocol begins with these bytes.
pub(super) fn protocol(bytes: &[u8]) -> &'static str {
    match bytes {
        // A library may print the first byte alone.
        [b'H' | b'<'] => "http",
        [b'2'] => "smtp",
        [b'S'] => "ssh",
        [b'H', b'T', b'T', b'P', ..] | [b'<', b'h' | b'H' | b'!', ..] => "http",
        [b'2', b'2', b'0', b' ' | b'-', ..]
        | [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..] => "smtp",
        [b'S', b'S', b'H', b'-', ..] => "ssh",
        // CONNACK and DISCONNECT of MQTT 3.1.1 and 5.
        [0x20, 2..=3, ..] | [0xe0, 0..=2, ..] => "mqtt",
        [20..=26, 3, ..] => "tls",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_and_without_port() {
        for (text, want) in [
            (
                "broker.example.org:8883",
                ("broker.example.org", Some(8883)),
            ),
            ("192.0.2.7:1883", ("192.0.2.7", Some(1883))),
            ("192.0.2.7", ("192.0.2.7", None)),
            ("2001:db8::7", ("2001:db8::7", None)),
            ("[2001:db8::7]:443", ("2001:db8::7", Some(443))),
            ("broker.example.org", ("broker.example.org", None)),
            ("a:b", ("a:b", None)),
        ] {
            assert_eq!(host_and_port(text), want);
        }
    }

    #[test]
    fn names_match_by_the_rules() {
        let cert = |names: &[&str]| PeerCertificate {
            alt_names: names.iter().map(|n| (*n).to_owned()).collect(),
            ..PeerCertificate::default()
        };
        assert!(matches(&cert(&["*.example.org"]), None, "a.example.org"));
        assert!(!matches(&cert(&["*.example.org"]), None, "a.b.example.org"));
        assert!(!matches(&cert(&["*.example.org"]), None, "example.org"));
        assert!(!matches(
            &cert(&["other.example.org"]),
            Some("host.example.org"),
            "host.example.org"
        ));
        assert!(matches(&cert(&[]), Some("192.0.2.1"), "192.0.2.1"));
        assert!(!matches(&cert(&["*.0.2.1"]), None, "192.0.2.1"));
    }

    #[test]
    fn first_bytes_name_the_protocol() {
        assert_eq!(protocol(b"HTTP/1.1 400"), "http");
        assert_eq!(protocol(b"220 mail"), "smtp");
        assert_eq!(protocol(b"SSH-2.0"), "ssh");
        assert_eq!(protocol(&[0x20, 2, 0, 0]), "mqtt");
        assert_eq!(protocol(&[1, 2, 3]), "other");
    }
}
