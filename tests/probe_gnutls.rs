//! The probe against GnuTLS servers in several configurations: what it says is compared with what GnuTLS
//! itself lists for the priority string that was set.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support {
    pub mod openssl_server;
}

use std::collections::BTreeSet;
use std::process::Command;

use handlens::server::{LibraryEnding, Order, Probe};
use handlens::tls::ProtocolVersion;
use support::openssl_server::{Server, ask, certificate, free, is_installed, question, spawn};

fn serve(key: &str, priority: &str, options: &[&str]) -> Option<Server> {
    if !is_installed("openssl") || !is_installed("gnutls-serv") || !is_installed("gnutls-cli") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    certificate(&folder, key);
    let address = free();
    let mut program = Command::new("gnutls-serv");
    program
        .args(["--http", "--quiet", "-p", &address.port().to_string()])
        .args(["--x509certfile", "cert.pem", "--x509keyfile", "key.pem"])
        .args(["--priority", priority])
        .args(options);
    Some(spawn(folder, address, &mut program))
}

/// What GnuTLS lists for a priority string and a kind of key.
#[derive(Debug, Default, PartialEq)]
struct Listed {
    /// Versions with their suites.
    suites: BTreeSet<(u16, u16)>,
    groups: BTreeSet<u16>,
}

const VERSIONS: [(&str, u16); 4] = [
    ("TLS1.0", 0x0301),
    ("TLS1.1", 0x0302),
    ("TLS1.2", 0x0303),
    ("TLS1.3", 0x0304),
];

/// Names of groups as GnuTLS prints them.
fn group(name: &str) -> Option<u16> {
    Some(match name.strip_prefix("GROUP-")? {
        "SECP192R1" => 0x13,
        "SECP224R1" => 0x15,
        "SECP256R1" => 0x17,
        "SECP384R1" => 0x18,
        "SECP521R1" => 0x19,
        "X25519" => 0x1D,
        "X448" => 0x1E,
        "FFDHE2048" => 0x100,
        "FFDHE3072" => 0x101,
        "FFDHE4096" => 0x102,
        "FFDHE6144" => 0x103,
        "FFDHE8192" => 0x104,
        _ => return None,
    })
}

fn listed(key: &str, priority: &str) -> Listed {
    let output = Command::new("gnutls-cli")
        .args(["--list", "--priority", priority])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let after = |label: &str| -> Vec<String> {
        let line = text.lines().find_map(|l| l.strip_prefix(label));
        let names = line.unwrap_or_default().split(',');
        names.map(|n| n.trim().to_owned()).collect()
    };
    let on: Vec<u16> = VERSIONS
        .iter()
        .filter(|(name, _)| after("Protocols:").contains(&format!("VERS-{name}")))
        .map(|(_, v)| *v)
        .collect();
    let mut out = Listed {
        groups: after("Groups:").iter().filter_map(|n| group(n)).collect(),
        ..Listed::default()
    };
    for line in text.lines().filter(|l| l.starts_with("TLS_")) {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [name, id, from] = cells[..] else {
            panic!("{line}")
        };
        let id = id.split(", ").fold(0, |n, part| {
            n << 8 | u16::from_str_radix(part.trim_start_matches("0x"), 16).unwrap()
        });
        let from = VERSIONS.iter().find(|(v, _)| *v == from).unwrap().1;
        let serves = from == 0x0304
            || match key {
                "rsa" => name.contains("RSA_"),
                _ => name.contains("ECDSA_"),
            };
        for &version in on.iter().filter(|_| serves) {
            // Suites of TLS 1.3 are its own; the others are used from their version on.
            if (version == 0x0304) == (from == 0x0304) && version >= from {
                out.suites.insert((version, id));
            }
        }
    }
    out
}

fn told(found: &Probe) -> BTreeSet<(u16, u16)> {
    found.offer.suites.iter().map(|(v, s)| (v.0, s.0)).collect()
}

#[test]
fn gnutls_servers_are_told_as_their_priorities_say() {
    for (key, priority) in [
        ("rsa", "NORMAL"),
        ("P-256", "NORMAL"),
        ("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.3"),
        ("P-384", "SECURE192"),
        ("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA"),
        (
            "rsa",
            "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:%SERVER_PRECEDENCE",
        ),
        (
            "P-256",
            "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-SECP384R1",
        ),
    ] {
        let Some(server) = serve(key, priority, &[]) else {
            return;
        };
        let found = ask(&question(server.address));
        let truth = listed(key, priority);
        assert!(!truth.suites.is_empty(), "{priority}");
        assert_eq!(told(&found), truth.suites, "{key} {priority}");
        let groups: BTreeSet<u16> = found.offer.groups.iter().map(|g| g.0).collect();
        assert!(
            groups.is_subset(&truth.groups),
            "{key} {priority}: {groups:x?}"
        );
        let ecdhe = |n: &u16| *n < 0x100;
        let new = found.offer.has(ProtocolVersion::TLS13);
        let missing: Vec<u16> = truth
            .groups
            .difference(&groups)
            .copied()
            .filter(|n| new || ecdhe(n))
            .collect();
        let none = priority.ends_with("+RSA");
        assert!(
            missing.is_empty() || none || found.offer.more_groups,
            "{key} {priority}: {missing:x?}"
        );
        let order = if priority.contains("%SERVER_PRECEDENCE") {
            Order::Server
        } else {
            Order::Client
        };
        assert_eq!(found.offer.order, order, "{key} {priority}");
        println!(
            "{key:<6} {:>3} connections, {:>4} ms  {priority}",
            found.connections,
            found.elapsed.as_millis()
        );
    }
}

#[test]
fn what_a_gnutls_server_demands_and_resumes_is_told() {
    let options = ["--require-client-cert", "--x509cafile", "cert.pem"];
    let Some(server) = serve("rsa", "NORMAL", &options) else {
        return;
    };
    let found = ask(&question(server.address));
    assert!(found.offer.request.is_some());
    let library = found.library.unwrap();
    assert_eq!(library.demand.map(|d| d.authorities.len()), Some(1));
    assert_ne!(library.ending, Some(LibraryEnding::Completed));
    let Some(server) = serve("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2", &["--noticket"]) else {
        return;
    };
    let found = ask(&question(server.address));
    assert_eq!(found.resumption.ticket, Some(false));
    assert_eq!(found.resumption.psk, None);
}
