//! Captures of recorded sessions with known timelines: messages and alerts against the truth, without
//! keys and with the key log.
//!
//! The recordings lie beside the repository in `../shared/lab`; without them the tests say so.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use handlens::capture::{CaptureOptions, Connection, DeviceSide, Sealed};
use handlens::evidence::{Direction, InputId};
use handlens::session::capture_attempts;
use handlens::timeline::Attempt;
use handlens::tls::CipherSuite;

type Step = (String, &'static str);

fn lab() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/lab");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there", folder.display());
    None
}

/// The names of the truth that take part; tickets come when they like, a change of cipher is no
/// message.
fn step_name(truth: &str) -> Option<&'static str> {
    Some(match truth {
        "ClientHello" => "client_hello",
        "ServerHello" => "server_hello",
        "HelloRetryRequest" => "hello_retry_request",
        "EncryptedExtensions" => "encrypted_extensions",
        "Certificate" => "certificate",
        "CertificateStatus" => "certificate_status",
        "ServerKeyExchange" => "server_key_exchange",
        "CertificateRequest" => "certificate_request",
        "ServerHelloDone" => "server_hello_done",
        "ClientKeyExchange" => "client_key_exchange",
        "CertificateVerify" => "certificate_verify",
        "Finished" | "EncryptedHandshakeMessage" => "finished",
        _ => return None,
    })
}

fn lcs<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y {
                diagonal + 1
            } else {
                above.max(row[j])
            };
            diagonal = above;
        }
    }
    row[b.len()]
}

struct Case {
    name: String,
    truth: toml::Table,
    own: &'static str,
    attempts: Vec<Arc<Attempt>>,
    problems: Vec<String>,
    connections: Vec<Connection>,
}

fn cases(with_keys: bool) -> Option<Vec<Case>> {
    let mut all = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(lab()?)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        let Ok(bytes) = fs::read(folder.join("capture.pcapng")) else {
            continue;
        };
        let text = fs::read_to_string(folder.join("scenario.toml")).unwrap();
        let truth: toml::Table = text.parse().unwrap();
        let server = truth.get("role").and_then(|r| r.as_str()) == Some("server");
        let keys = fs::read_to_string(folder.join("keylog.txt")).ok();
        if with_keys && keys.is_none() {
            continue;
        }
        let options = CaptureOptions {
            device: if server {
                DeviceSide::Server
            } else {
                DeviceSide::Client
            },
            only: None,
        };
        let keys = keys.filter(|_| with_keys);
        let (wire, summary) =
            capture_attempts(InputId(0), bytes.as_slice(), keys.as_deref(), options).unwrap();
        all.push(Case {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            truth,
            own: if server { "S>C" } else { "C>S" },
            attempts: wire.attempts().into_iter().map(|(_, a)| a).collect(),
            problems: summary.problems,
            connections: summary.connections,
        });
    }
    Some(all)
}

fn truth_steps(case: &Case, key: &str) -> Vec<Step> {
    let list = case.truth.get(key).and_then(|t| t.as_array());
    list.into_iter()
        .flatten()
        .filter_map(|row| {
            let name = step_name(row.get("msg")?.as_str()?)?;
            let sent = row.get("dir")?.as_str()? == case.own;
            Some((name.to_owned(), if sent { "sent" } else { "received" }))
        })
        .collect()
}

fn shown_steps(attempt: &Attempt) -> Vec<Step> {
    let known: BTreeSet<&str> = [
        "ClientHello",
        "ServerHello",
        "HelloRetryRequest",
        "EncryptedExtensions",
        "Certificate",
        "CertificateStatus",
        "ServerKeyExchange",
        "CertificateRequest",
        "ServerHelloDone",
        "ClientKeyExchange",
        "CertificateVerify",
        "Finished",
    ]
    .into_iter()
    .filter_map(step_name)
    .collect();
    attempt
        .steps
        .iter()
        .filter(|s| known.contains(s.name.as_str()))
        .map(|s| (s.name.as_str().to_owned(), s.direction.as_str()))
        .collect()
}

/// Compares; gives (wanted, shown, in common).
fn score(cases: &[Case], key: &str) -> (usize, usize, usize) {
    let mut sum = (0, 0, 0);
    for case in cases {
        let want = truth_steps(case, key);
        let (shown, hit) = case
            .attempts
            .iter()
            .map(|a| {
                let shown = shown_steps(a);
                let hit = lcs(&want, &shown);
                (shown, hit)
            })
            .max_by_key(|(shown, hit)| (*hit, usize::MAX - shown.len()))
            .unwrap_or_default();
        if (want.len(), shown.len()) != (hit, hit) {
            println!("{}: want {want:?}\n  shown {shown:?}", case.name);
        }
        sum = (sum.0 + want.len(), sum.1 + shown.len(), sum.2 + hit);
    }
    sum
}

fn alerts(case: &Case, encrypted_too: bool) -> BTreeSet<(i64, &'static str)> {
    let list = case.truth.get("alerts").and_then(|t| t.as_array());
    list.into_iter()
        .flatten()
        .filter(|row| encrypted_too || !row["encrypted"].as_bool().unwrap_or(false))
        .map(|row| {
            let by_peer = row["sent_by"].as_str() == Some("peer");
            let direction = if by_peer { "received" } else { "sent" };
            (row["number"].as_integer().unwrap(), direction)
        })
        .collect()
}

fn check(cases: &[Case], key: &str, encrypted_too: bool) {
    let (want, shown, hit) = score(cases, key);
    println!(
        "{key}: {} captures, recall {hit}/{want}, precision {hit}/{shown}",
        cases.len()
    );
    let mut wrong = Vec::new();
    for case in cases {
        let said: BTreeSet<(i64, &str)> = case
            .attempts
            .iter()
            .flat_map(|a| a.alerts.iter())
            .map(|a| (i64::from(a.alert.0), a.direction.as_str()))
            .collect();
        let truth = alerts(case, encrypted_too);
        // What a suite other than AES-GCM and ChaCha20-Poly1305 encrypts stays closed, and says so.
        let closed = |c: &Connection| match c.sealed {
            Sealed::Suite(number) => CipherSuite(number).name().unwrap_or("").contains("_CBC_"),
            _ => false,
        };
        if said != truth && !(encrypted_too && said.is_empty() && closed(&case.connections[0])) {
            wrong.push(format!("{}: alerts {said:?}, truth {truth:?}", case.name));
        }
        assert!(
            case.problems.is_empty(),
            "{}: {:?}",
            case.name,
            case.problems
        );
        assert_eq!(case.connections.len(), 1, "{}: connections", case.name);
    }
    for line in &wrong {
        println!("{line}");
    }
    assert!(
        wrong.is_empty(),
        "{} captures with wrong alerts",
        wrong.len()
    );
    assert!(hit * 100 >= want * 98, "recall {hit}/{want}");
    assert!(hit * 100 >= shown * 98, "precision {hit}/{shown}");
}

#[test]
fn messages_and_alerts_without_keys() {
    if let Some(cases) = cases(false) {
        assert!(cases.len() > 50);
        check(&cases, "timeline", false);
    }
}

#[test]
fn messages_and_alerts_with_the_key_log() {
    if let Some(cases) = cases(true) {
        check(&cases, "timeline_decrypted", true);
    }
}

/// Ends of TCP in order, and how each attempt ended against what the scenario says.
#[test]
fn ends_and_outcomes() {
    let Some(cases) = cases(false) else { return };
    let mut wrong = Vec::new();
    for case in &cases {
        let list = case.truth["timeline"].as_array().unwrap();
        let want: Vec<(&str, bool)> = list
            .iter()
            .filter_map(|row| {
                let name = match row["msg"].as_str()? {
                    "TCP FIN" => "tcp_fin",
                    "TCP RST" => "tcp_rst",
                    _ => return None,
                };
                Some((name, row["dir"].as_str()? == case.own))
            })
            .collect();
        let shown: Vec<(&str, bool)> = case
            .attempts
            .iter()
            .flat_map(|a| a.steps.iter())
            .filter(|s| matches!(s.name.as_str(), "tcp_fin" | "tcp_rst"))
            .map(|s| (s.name.as_str(), s.direction == Direction::Sent))
            .collect();
        if !shown.iter().all(|s| want.contains(s)) || want.is_empty() != shown.is_empty() {
            wrong.push(format!("{}: ends {shown:?}, truth {want:?}", case.name));
        }
        let success = case.truth["outcome"].as_str() == Some("success");
        let outcome: Vec<&str> = case.attempts.iter().map(|a| a.outcome.as_str()).collect();
        if success != (outcome == ["completed"]) {
            let by: Vec<&str> = case.attempts.iter().map(|a| a.ended_by.as_str()).collect();
            wrong.push(format!(
                "{}: {outcome:?} by {by:?}, truth {}",
                case.name, case.truth["outcome"]
            ));
        }
    }
    for line in &wrong {
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{} captures", wrong.len());
}
