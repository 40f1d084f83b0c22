//! Predictions against recorded handshakes of real Mbed TLS builds (2.4, 2.16, 2.28, 3.6) whose
//! configuration is known: the ClientHello that the configuration lets expect, what the server then
//! chose, and what did not fit.
//!
//! The recordings lie beside the repository in `../shared/lab`; without them the tests say so. The
//! servers of the recordings are started anew with the same options, surveyed, and the prediction is
//! made from the survey alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support {
    pub mod openssl_server;
}

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use handlens::capture::{CaptureOptions, DeviceSide};
use handlens::cert;
use handlens::device::{ConfigReading, read_config};
use handlens::evidence::InputId;
use handlens::server::predict::{Device, ServerSide, SizeFit, predict_client, predict_server};
use handlens::session::predicting::{client_hello, seen_handshake};
use handlens::session::{CertificatesSeen, capture_attempts};
use handlens::timeline::Attempt;
use handlens::tls::CipherSuite;
use handlens::tls::hello::{ClientHello, extension};
use support::openssl_server::{self, Server};

/// One recorded run.
struct Run {
    name: String,
    folder: PathBuf,
    /// Id of the generation.
    generation: &'static str,
    /// Words of the device's command line.
    device: Vec<String>,
    /// The peer's command line.
    peer: String,
    /// Options on top of the stock configuration.
    header: String,
    truth: toml::Table,
}

fn runs() -> Option<Vec<Run>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/lab");
    if !folder.is_dir() {
        println!("SKIPPED: {} is not there", folder.display());
        return None;
    }
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let generation = [
            ("mbedtls-2.4", "2.4"),
            ("mbedtls-2.16", "2.16"),
            ("mbedtls-2.28", "2.28"),
            ("mbedtls-3.6", "3.6"),
        ]
        .into_iter()
        .find(|(mark, _)| name.contains(mark));
        let Some((_, generation)) = generation else {
            continue;
        };
        let config = fs::read_to_string(folder.join("config.txt")).unwrap();
        let line = |label: &str| {
            let line = config.lines().find_map(|l| l.strip_prefix(label));
            line.unwrap_or_default().trim().to_owned()
        };
        let header: String = config
            .lines()
            .filter(|l| l.starts_with('#'))
            .map(|l| format!("{l}\n"))
            .collect();
        let truth = fs::read_to_string(folder.join("scenario.toml")).unwrap();
        out.push(Run {
            device: line("device:").split(' ').map(str::to_owned).collect(),
            peer: line("peer:"),
            truth: truth.parse().unwrap(),
            name,
            folder,
            generation,
            header,
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(out.len() > 70, "runs are missing");
    Some(out)
}

impl Run {
    fn option(&self, name: &str) -> Option<&str> {
        self.device
            .iter()
            .find_map(|w| w.strip_prefix(name)?.strip_prefix('='))
    }

    fn server(&self) -> bool {
        self.option("role") == Some("server")
    }

    /// The device's options as the calls that its program makes.
    fn calls(&self) -> String {
        let mut code = String::new();
        let end = if self.server() { "SERVER" } else { "CLIENT" };
        let _ = writeln!(
            code,
            "mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_{end}, 0, MBEDTLS_SSL_PRESET_DEFAULT);"
        );
        if let Some(suites) = self.option("suites") {
            let list: Vec<String> = suites
                .split(',')
                .map(|s| CipherSuite::from_name(s).unwrap().0.to_string())
                .collect();
            let _ = writeln!(
                code,
                "const int l[] = {{ {}, 0 }};\nmbedtls_ssl_conf_ciphersuites(&conf, l);",
                list.join(", ")
            );
        }
        if let Some(curve) = self.option("curve") {
            let name = match curve {
                "x25519" => "CURVE25519".to_owned(),
                other => other.to_uppercase(),
            };
            let _ = writeln!(
                code,
                "mbedtls_ecp_group_id g[] = {{ MBEDTLS_ECP_DP_{name}, MBEDTLS_ECP_DP_NONE }};\nmbedtls_ssl_conf_curves(&conf, g);"
            );
        }
        let version = |v: &str| match v {
            "tls1_1" => 2,
            "tls1_2" | "tls12" => 3,
            "tls13" => 4,
            number => number.parse().unwrap(),
        };
        let forced = self.option("force_version");
        for (name, call) in [("min", "min_version"), ("max", "max_version")] {
            if let Some(v) = self.option(name).or(forced) {
                let _ = writeln!(
                    code,
                    "mbedtls_ssl_conf_{call}(&conf, 3, MBEDTLS_SSL_MINOR_VERSION_{});",
                    version(v)
                );
            }
        }
        if let Some(size) = self.option("mfl") {
            let _ = writeln!(
                code,
                "mbedtls_ssl_conf_max_frag_len(&conf, MBEDTLS_SSL_MAX_FRAG_LEN_{size});"
            );
        }
        if let Some(name) = self.option("alpn") {
            let _ = writeln!(
                code,
                "const char *a[] = {{ \"{name}\", NULL }};\nmbedtls_ssl_conf_alpn_protocols(&conf, a);"
            );
        }
        if self.option("psk").is_some() {
            code.push_str("mbedtls_ssl_conf_psk(&conf, 0, 0, 0, 0);\n");
        }
        let name = self.option("server_name").or(self.option("sni"));
        if name != Some("none") && (name.is_some() || self.option("psk").is_none()) {
            code.push_str("mbedtls_ssl_set_hostname(&ssl, name);\n");
        }
        code
    }

    fn built(&self) -> Device {
        let files: Vec<ConfigReading> = vec![
            read_config("mbedtls_user_config.h", &self.header),
            read_config("main.c", &self.calls()),
        ];
        Device::of_config(&files, Some(self.generation))
    }

    fn attempt(&self) -> Option<Arc<Attempt>> {
        let capture = fs::File::open(self.folder.join("capture.pcapng")).ok()?;
        let keys = fs::read_to_string(self.folder.join("keylog.txt")).ok();
        let options = CaptureOptions {
            device: if self.server() {
                DeviceSide::Server
            } else {
                DeviceSide::Client
            },
            ..CaptureOptions::default()
        };
        let (wire, _) = capture_attempts(InputId(1), capture, keys.as_deref(), options).ok()?;
        let attempts = wire.attempts();
        attempts
            .into_iter()
            .map(|(_, a)| a)
            .find(|a| client_hello(a).is_some())
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        let Ok(pem) = fs::read(self.folder.join("server-chain.pem")) else {
            return Vec::new();
        };
        let file = cert::read("server-chain.pem", &pem);
        file.certificates().map(|c| c.der.clone()).collect()
    }
}

/// Extensions with their bodies, as far as they are the same each time.
fn shape(hello: &ClientHello) -> Vec<(u16, Vec<u8>)> {
    hello
        .extensions
        .iter()
        .map(|e| {
            let body = match e.kind {
                extension::SERVER_NAME => Vec::new(),
                // The group of the first key.
                extension::KEY_SHARE => e.body.get(2..4).unwrap_or_default().to_vec(),
                _ => e.body.clone(),
            };
            (e.kind, body)
        })
        .collect()
}

#[test]
fn the_client_hello_of_every_configuration_is_the_one_that_was_sent() {
    let Some(runs) = runs() else { return };
    let (mut same, mut all, mut wrong) = (0, 0, Vec::new());
    for run in runs.iter().filter(|r| !r.server()) {
        let Some(attempt) = run.attempt() else {
            continue;
        };
        let seen = client_hello(&attempt).unwrap();
        let device = run.built();
        let made = device
            .device_hello()
            .expect("it is a client")
            .fresh(Some("name.example"));
        all += 1;
        let alike = made.cipher_suites == seen.cipher_suites
            && shape(&made) == shape(&seen)
            && made.version == seen.version
            && made.session_id.len() == seen.session_id.len()
            && made.compression == seen.compression;
        if alike {
            same += 1;
        } else {
            wrong.push(format!(
                "{}\n  made {:04X?} {:?}\n  seen {:04X?} {:?}",
                run.name,
                made.cipher_suites.iter().map(|s| s.0).collect::<Vec<_>>(),
                shape(&made),
                seen.cipher_suites.iter().map(|s| s.0).collect::<Vec<_>>(),
                shape(&seen)
            ));
        }
    }
    println!("ClientHello as predicted: {same} of {all}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all >= 60, "only {all} runs have a ClientHello");
}

/// Options of the peer's command line that decide what is negotiated.
fn server_options(peer: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = peer
        .strip_prefix("openssl s_server")?
        .split_whitespace()
        .collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        match *word {
            "-tls1" | "-tls1_1" | "-tls1_2" | "-tls1_3" | "-no_tls1" | "-no_tls1_1" => {
                out.push((*word).to_owned());
            }
            "-cipher" | "-groups" | "-sigalgs" => {
                out.push((*word).to_owned());
                out.push((*words.get(at)?).to_owned());
                at += 1;
            }
            // Those that look at the name need the names of the recording.
            "-servername" => return None,
            _ => {}
        }
    }
    Some(out)
}

#[test]
fn what_was_negotiated_is_what_the_survey_of_the_same_server_predicts() {
    let Some(runs) = runs() else { return };
    let mut servers: BTreeMap<String, Option<(Server, ServerSide)>> = BTreeMap::new();
    let mut table = [(0_u32, 0_u32); 5];
    let mut wrong = Vec::new();
    for run in runs.iter().filter(|r| !r.server()) {
        let Some(options) = server_options(&run.peer) else {
            continue;
        };
        let (Some(attempt), chain) = (run.attempt(), run.chain()) else {
            continue;
        };
        let kind = match chain
            .first()
            .and_then(|d| handlens::server::predict::LeafKey::of(d))
        {
            Some(handlens::server::predict::LeafKey::Ec(Some(group))) => match group.0 {
                0x0018 => "P-384",
                0x0019 => "P-521",
                _ => "P-256",
            },
            _ => "rsa",
        };
        let seen = seen_handshake(&attempt, &CertificatesSeen::default());
        // A peer or a line that broke off says nothing of the choice.
        let refused = seen.chosen.fails.is_some();
        if seen.chosen.cipher_suite.is_none() && !refused {
            continue;
        }
        let key = format!("{kind} {}", options.join(" "));
        let side = servers.entry(key).or_insert_with(|| {
            let words: Vec<&str> = options.iter().map(String::as_str).collect();
            let server = openssl_server::start(kind, &words)?;
            let found = openssl_server::survey(&server);
            let side = ServerSide::of_probe(&found);
            Some((server, side))
        });
        let Some((_, side)) = side else { return };
        let predicted = predict_client(&run.built(), side, None).agreement;
        let chosen = &seen.chosen;
        let mut count = |at: usize, same: bool, what: &str, a: String, b: String| {
            table[at].1 += 1;
            table[at].0 += u32::from(same);
            if !same {
                wrong.push(format!("{}: {what} predicted {a}, was {b}", run.name));
            }
        };
        count(
            0,
            predicted.fails.is_some() == refused,
            "refusal",
            format!("{:?}", predicted.fails),
            format!("{:?}", chosen.fails),
        );
        if refused {
            continue;
        }
        count(
            1,
            predicted.version == chosen.version,
            "version",
            format!("{:?}", predicted.version),
            format!("{:?}", chosen.version),
        );
        count(
            2,
            predicted.cipher_suite == chosen.cipher_suite,
            "suite",
            format!("{:?}", predicted.cipher_suite),
            format!("{:?}", chosen.cipher_suite),
        );
        if chosen.group.is_some() {
            count(
                3,
                predicted.group == chosen.group,
                "group",
                format!("{:?}", predicted.group),
                format!("{:?}", chosen.group),
            );
        }
        if chosen.scheme.is_some() {
            count(
                4,
                predicted.scheme == chosen.scheme,
                "signature",
                format!("{:?}", predicted.scheme),
                format!("{:?}", chosen.scheme),
            );
        }
    }
    for (what, (same, all)) in [
        "agreed or refused",
        "version",
        "suite",
        "group",
        "signature",
    ]
    .iter()
    .zip(table)
    {
        println!("{what}: {same} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table[2].1 >= 40, "too few runs were compared");
}

#[test]
fn a_device_that_is_the_server_chooses_as_predicted() {
    let Some(runs) = runs() else { return };
    let mut all = 0;
    for run in runs.iter().filter(|r| r.server()) {
        let Some(attempt) = run.attempt() else {
            continue;
        };
        let hello = client_hello(&attempt).unwrap();
        let seen = seen_handshake(&attempt, &CertificatesSeen::default()).chosen;
        let predicted = predict_server(&run.built(), &hello, "client", &run.chain()).agreement;
        assert_eq!(predicted.cipher_suite, seen.cipher_suite, "{}", run.name);
        assert_eq!(
            predicted.fails.is_none(),
            seen.cipher_suite.is_some(),
            "{}: {:?}",
            run.name,
            predicted.fails
        );
        if seen.cipher_suite.is_some() {
            assert_eq!(predicted.version, seen.version, "{}", run.name);
            assert_eq!(predicted.group, seen.group, "{}", run.name);
            if seen.scheme.is_some() {
                assert_eq!(predicted.scheme, seen.scheme, "{}", run.name);
            }
        }
        all += 1;
    }
    println!("device as server: {all} runs as predicted");
    assert!(all >= 3);
}

/// Causes that a configuration and a chain foretell.
fn foretold(cause: &str, folder: &Path) -> bool {
    let name = folder.to_str().unwrap();
    matches!(
        cause,
        "tls.record_too_large"
            | "cert.signature_algorithm_unsupported"
            | "cert.key_type_unsupported"
    ) || cause == "cert.bundle_too_large" && name.contains("chain-too-deep")
        || cause == "device.feature_disabled" && name.contains("without-rsa")
}

#[test]
fn what_does_not_fit_or_cannot_be_checked_is_foretold_and_nothing_else_is() {
    let Some(runs) = runs() else { return };
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for run in runs.iter().filter(|r| !r.server()) {
        let chain = run.chain();
        if chain.is_empty() {
            continue;
        }
        let side = ServerSide {
            name: run.name.clone(),
            chain,
            ..ServerSide::default()
        };
        let p = predict_client(&run.built(), &side, None);
        let problem = p.certificates.iter().any(|c| c.verifies == Some(false))
            || p.fits.iter().any(SizeFit::is_problem);
        let cause = run
            .truth
            .get("cause")
            .and_then(toml::Value::as_str)
            .unwrap();
        let expected = foretold(cause, &run.folder);
        all += 1;
        if problem == expected {
            right += 1;
        } else {
            let why: Vec<&str> = p
                .certificates
                .iter()
                .filter(|c| c.verifies == Some(false))
                .flat_map(|c| c.why.iter().map(String::as_str))
                .collect();
            wrong.push(format!("{} ({cause}): said {problem} {why:?}", run.name));
        }
    }
    println!("fits and certificates as predicted: {right} of {all}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
