//! What the probe says of a server beside what was really set, and beside what sslscan and nmap say of
//! the same server; connections and time of all three. Prints the table with `--nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support {
    pub mod counting_relay;
    pub mod openssl_server;
}

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use handlens::server::{Probe, probe};
use handlens::tls::{CipherSuite, ProtocolVersion};
use support::counting_relay::Relay;
use support::openssl_server::{self, is_installed};

/// Version and suite, by number.
type Offer = BTreeSet<(u16, u16)>;

/// A server and what was set.
struct Case {
    name: &'static str,
    key: &'static str,
    options: &'static [&'static str],
    /// Versions that were left on.
    versions: &'static [u16],
    /// The cipher string that was set (≤ TLS 1.2).
    ciphers: &'static str,
}

const TLS10: u16 = 0x0301;
const TLS11: u16 = 0x0302;
const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;

const CASES: [Case; 8] = [
    Case {
        name: "RSA, as installed",
        key: "rsa",
        options: &[],
        versions: &[TLS12, TLS13],
        ciphers: "DEFAULT",
    },
    Case {
        name: "EC P-256, as installed",
        key: "P-256",
        options: &[],
        versions: &[TLS12, TLS13],
        ciphers: "DEFAULT",
    },
    Case {
        name: "RSA key exchange only",
        key: "rsa",
        options: &["-tls1_2", "-cipher", "kRSA"],
        versions: &[TLS12],
        ciphers: "kRSA",
    },
    Case {
        name: "CBC only",
        key: "rsa",
        options: &[
            "-tls1_2",
            "-cipher",
            "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384:AES128-SHA256",
        ],
        versions: &[TLS12],
        ciphers: "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384:AES128-SHA256",
    },
    Case {
        name: "DHE only",
        key: "rsa",
        options: &[
            "-tls1_2",
            "-cipher",
            "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA",
        ],
        versions: &[TLS12],
        ciphers: "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA",
    },
    Case {
        name: "TLS 1.0 to 1.2",
        key: "rsa",
        options: &[
            "-no_tls1_3",
            "-cipher",
            "ECDHE-RSA-AES128-SHA:AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
        ],
        versions: &[TLS10, TLS11, TLS12],
        ciphers: "ECDHE-RSA-AES128-SHA:AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
    },
    Case {
        name: "TLS 1.3 only",
        key: "rsa",
        options: &["-tls1_3"],
        versions: &[TLS13],
        ciphers: "",
    },
    Case {
        name: "client certificate demanded",
        key: "rsa",
        options: &["-Verify", "1", "-tls1_2"],
        versions: &[TLS12],
        ciphers: "DEFAULT",
    },
];

/// What OpenSSL itself lists for this string, key and version.
fn set(case: &Case) -> Offer {
    let mut out = Offer::new();
    for &version in case.versions {
        let (option, string) = match version {
            TLS10 => ("-tls1", case.ciphers),
            TLS11 => ("-tls1_1", case.ciphers),
            TLS12 => ("-tls1_2", case.ciphers),
            _ => ("-tls1_3", "DEFAULT"),
        };
        let listed = Command::new("openssl")
            .args(["ciphers", "-s", "-V", option, string])
            .output()
            .unwrap();
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            let Some((id, rest)) = line.trim().split_once(" - ") else {
                continue;
            };
            let number = id.split(',').fold(0, |n, part| {
                n << 8 | u16::from_str_radix(part.trim().trim_start_matches("0x"), 16).unwrap()
            });
            let auth = rest.split_whitespace().find_map(|w| w.strip_prefix("Au="));
            let fits = match auth {
                Some("RSA") => case.key == "rsa",
                Some("ECDSA") => case.key != "rsa",
                Some("any") => true,
                _ => false,
            };
            if fits && CipherSuite(number).is_tls13() == (version == TLS13) {
                out.insert((version, number));
            }
        }
    }
    out
}

fn of_probe(found: &Probe) -> Offer {
    found.offer.suites.iter().map(|(v, s)| (v.0, s.0)).collect()
}

fn version_of(name: &str) -> u16 {
    match name {
        "TLSv1.0" => TLS10,
        "TLSv1.1" => TLS11,
        "TLSv1.2" => TLS12,
        "TLSv1.3" => TLS13,
        _ => 0,
    }
}

/// `name="value"` of a line of XML.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let at = line.find(&format!(" {name}=\""))? + name.len() + 3;
    line.get(at..)?.split('"').next()
}

fn of_sslscan(address: SocketAddr) -> Offer {
    let run = Command::new("sslscan")
        .args(["--xml=-", "--no-colour", "--sni-name=device.example"])
        .arg(address.to_string())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&run.stdout)
        .lines()
        .filter(|l| l.trim_start().starts_with("<cipher "))
        .filter_map(|l| {
            let id = attribute(l, "id")?.trim_start_matches("0x");
            let version = version_of(attribute(l, "sslversion")?);
            Some((version, u16::from_str_radix(id, 16).ok()?))
        })
        .collect()
}

fn of_nmap(address: SocketAddr) -> Offer {
    let run = Command::new("nmap")
        .args([
            "-Pn",
            "-n",
            "--script",
            "+ssl-enum-ciphers",
            "-oX",
            "-",
            "-p",
        ])
        .args([address.port().to_string(), address.ip().to_string()])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout).replace('<', "\n<");
    let mut version = 0;
    let mut out = Offer::new();
    for line in text.lines() {
        if let Some(key) = attribute(line, "key").filter(|k| k.starts_with("TLSv")) {
            version = version_of(key);
        }
        if let Some(name) = line.strip_prefix("<elem key=\"name\">") {
            // Its names of TLS 1.3 have a word more.
            let name = name.replace("TLS_AKE_WITH_", "TLS_");
            if let Some(suite) = CipherSuite::from_name(&name) {
                out.insert((version, suite.0));
            }
        }
    }
    out
}

/// What one tool gave and what it cost.
struct Measured {
    offer: Offer,
    connections: usize,
    time: Duration,
}

fn measure(server: SocketAddr, ask: impl FnOnce(SocketAddr) -> Offer) -> Measured {
    let relay = Relay::to(server);
    let started = Instant::now();
    let offer = ask(relay.address);
    Measured {
        offer,
        connections: relay.connections(),
        time: started.elapsed(),
    }
}

fn ours(server: SocketAddr) -> (Measured, Probe) {
    let mut kept = None;
    let measured = measure(server, |address| {
        let question = openssl_server::question(address);
        let found = probe(&question, &AtomicBool::new(false), &mut |_| {}).unwrap();
        let offer = of_probe(&found);
        kept = Some(found);
        offer
    });
    (measured, kept.unwrap())
}

fn word(truth: &Offer, told: &Offer) -> String {
    let missing = truth.difference(told).count();
    let extra = told.difference(truth).count();
    match (missing, extra) {
        (0, 0) => "all".to_owned(),
        (m, 0) => format!("{m} missing"),
        (0, e) => format!("{e} more"),
        (m, e) => format!("{m} missing, {e} more"),
    }
}

fn cell(measured: Option<&Measured>, truth: &Offer) -> String {
    measured.map_or_else(
        || "-".to_owned(),
        |m| {
            format!(
                "{}, {} conn., {:.2} s",
                word(truth, &m.offer),
                m.connections,
                m.time.as_secs_f64()
            )
        },
    )
}

#[test]
fn the_probe_agrees_with_what_was_set_and_with_other_scanners() {
    if !is_installed("openssl") {
        return;
    }
    let with_sslscan = is_installed("sslscan");
    let with_nmap = is_installed("nmap");
    println!(
        "{:<28} {:>6}  {:<30} {:<30} nmap",
        "server", "suites", "handlens", "sslscan"
    );
    let (mut cost, mut sslscan_cost, mut nmap_cost) = (0, 0, 0);
    for case in &CASES {
        let server = openssl_server::start(case.key, case.options).unwrap();
        let truth = set(case);
        assert!(!truth.is_empty(), "{}", case.name);
        let (mine, found) = ours(server.address);
        let sslscan = with_sslscan.then(|| measure(server.address, of_sslscan));
        let nmap = with_nmap.then(|| measure(server.address, of_nmap));
        println!(
            "{:<28} {:>6}  {:<30} {:<30} {}",
            case.name,
            truth.len(),
            cell(Some(&mine), &truth),
            cell(sslscan.as_ref(), &truth),
            cell(nmap.as_ref(), &truth)
        );
        assert_eq!(mine.offer, truth, "{}", case.name);
        let offered: BTreeSet<u16> = found
            .offer
            .versions
            .iter()
            .filter(|(_, yes)| *yes)
            .map(|(v, _)| v.0)
            .collect();
        assert_eq!(
            offered,
            case.versions.iter().copied().collect(),
            "{}",
            case.name
        );
        assert!(
            mine.time < Duration::from_mins(1),
            "{}: {:?}",
            case.name,
            mine.time
        );
        assert_eq!(
            found.connections, mine.connections,
            "the count told is the true one"
        );
        cost += mine.connections;
        sslscan_cost += sslscan.as_ref().map_or(0, |m| m.connections);
        nmap_cost += nmap.as_ref().map_or(0, |m| m.connections);
        statements(case, &found);
    }
    println!("connections: handlens {cost}, sslscan {sslscan_cost}, nmap {nmap_cost}");
    // nmap asks for suites alone.
    for (with, count) in [(with_sslscan, sslscan_cost), (with_nmap, nmap_cost)] {
        assert!(!with || cost < count, "{cost} {count}");
    }
}

/// Statements beside suites, against OpenSSL's documented behaviour and the options set.
fn statements(case: &Case, found: &Probe) {
    let offer = &found.offer;
    let answers = offer.extensions;
    let old = case.versions.iter().any(|v| *v <= TLS12);
    if old {
        assert_eq!(answers.renegotiation_info, Some(true), "{}", case.name);
        assert_eq!(answers.extended_master_secret, Some(true), "{}", case.name);
        assert_eq!(answers.compression, Some(false), "{}", case.name);
        assert_ne!(
            answers.ocsp_staple,
            Some(true),
            "{}: nothing is stapled",
            case.name
        );
        assert_eq!(answers.session_ticket, Some(true), "{}", case.name);
    }
    let demanded =
        offer.request.is_some() || found.library.as_ref().is_some_and(|l| l.demand.is_some());
    assert_eq!(demanded, case.options.contains(&"-Verify"), "{}", case.name);
}

/// Starts `gnutls-serv`; `None` (with a word) where it is not installed.
fn gnutls(folder: &tempfile::TempDir, options: &[&str]) -> Option<(SocketAddr, Child)> {
    if !is_installed("gnutls-serv") {
        return None;
    }
    let address = openssl_server::free();
    let child = Command::new("gnutls-serv")
        .current_dir(folder.path())
        .args(["--http", "--quiet", "-p", &address.port().to_string()])
        .args(["--x509certfile", "cert.pem", "--x509keyfile", "key.pem"])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    openssl_server::wait_for(address);
    Some((address, child))
}

#[test]
fn a_gnutls_server_is_told_as_it_was_set() {
    if !is_installed("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    openssl_server::certificate(&folder, "rsa");
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:%SERVER_PRECEDENCE";
    let Some((address, mut child)) = gnutls(&folder, &["--priority", priority]) else {
        return;
    };
    let (mine, found) = ours(address);
    let with_sslscan = is_installed("sslscan").then(|| measure(address, of_sslscan));
    let _ = child.kill();
    let _ = child.wait();
    let truth: Offer = [(TLS12, 0xC02F), (TLS12, 0xCCA8)].into_iter().collect();
    println!(
        "GnuTLS, two suites           {:>6}  {:<30} {:<30}",
        truth.len(),
        cell(Some(&mine), &truth),
        cell(with_sslscan.as_ref(), &truth)
    );
    assert_eq!(mine.offer, truth);
    assert_eq!(found.offer.order.as_str(), "server");
    assert!(!found.offer.has(ProtocolVersion::TLS13));
    // GnuTLS answers record_size_limit (RFC 8449) since 3.6.4.
    let limit = found.fragments.iter().find(|f| f.code.is_none()).unwrap();
    assert_eq!(
        limit.verdict.map(handlens::server::Verdict::as_str),
        Some("honoured")
    );
}
