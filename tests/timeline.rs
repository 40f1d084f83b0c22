//! Real recordings through decoder and timeline: steps with direction, alerts and outcome against
//! what the wire showed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use handlens::decode::LogDecoder;
use handlens::evidence::InputId;
use handlens::timeline::{Attempt, Certainty, TimelineBuilder};
use serde::Deserialize;

fn attempts(log: &[u8], chunk: usize) -> Vec<Arc<Attempt>> {
    let mut decoder = LogDecoder::new(&[]);
    let mut builder = TimelineBuilder::new(InputId(0));
    for part in log.chunks(chunk.max(1)) {
        decoder.push(part, None, &mut |o| builder.observe(&o));
    }
    decoder.finish(&mut |o| builder.observe(&o));
    builder.attempts()
}

type Wanted = Vec<(String, String)>;

/// Names that the wire and the trace both show; the rest (tickets, `ChangeCipherSpec`) depends on
/// what a stack prints.
fn compared(name: &str) -> bool {
    handlens::tls::StepName::ALL
        .iter()
        .any(|s| s.as_str() == name && s.is_handshake())
        && !["change_cipher_spec", "new_session_ticket"].contains(&name)
}

fn steps_of(attempt: &Attempt, inferred: bool) -> Wanted {
    attempt
        .steps
        .iter()
        .filter(|s| inferred || s.certainty == Certainty::Seen)
        .filter(|s| compared(s.name.as_str()))
        .map(|s| (s.name.as_str().to_owned(), s.direction.as_str().to_owned()))
        .collect()
}

fn common(a: &Wanted, b: &Wanted) -> usize {
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

/// Best attempt of a log against the wanted steps: hits, wanted, said.
fn measure(log: &[u8], want: &Wanted, inferred: bool) -> (usize, usize, usize, Wanted) {
    let best = attempts(log, 4096)
        .iter()
        .map(|a| steps_of(a, inferred))
        .max_by_key(|got| (common(want, got), usize::MAX - got.len()))
        .unwrap_or_default();
    (common(want, &best), want.len(), best.len(), best)
}

#[derive(Deserialize)]
struct Truth {
    session: Vec<Session>,
}

#[derive(Deserialize)]
struct Session {
    file: String,
    outcome: String,
    steps: Vec<TruthStep>,
    alerts: Vec<TruthAlert>,
}

#[derive(Deserialize)]
struct TruthStep {
    direction: String,
    name: String,
}

#[derive(Deserialize)]
struct TruthAlert {
    direction: String,
    number: u8,
}

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

#[test]
fn own_recordings_give_the_steps_of_the_wire() {
    let truth: Truth =
        toml::from_str(&std::fs::read_to_string(recordings().join("truth.toml")).unwrap()).unwrap();
    assert!(truth.session.len() >= 20);
    let (mut hit, mut want, mut said) = (0, 0, 0);
    for session in &truth.session {
        let log = std::fs::read(recordings().join(&session.file)).unwrap();
        let steps: Wanted = session
            .steps
            .iter()
            .filter(|s| compared(&s.name))
            .map(|s| (s.name.clone(), s.direction.clone()))
            .collect();
        let (h, w, s, got) = measure(&log, &steps, false);
        if h != w || s != w {
            println!(
                "{}: {h}/{w}, said {s}\n  want {steps:?}\n  got  {got:?}",
                session.file
            );
        }
        hit += h;
        want += w;
        said += s;
        let attempts = attempts(&log, 1 << 20);
        assert_eq!(attempts.len(), 1, "{}: one attempt", session.file);
        assert_eq!(
            attempts[0].outcome.as_str(),
            session.outcome,
            "{}",
            session.file
        );
        let mut alerts: Vec<(u8, &str)> = attempts[0]
            .alerts
            .iter()
            .filter(|a| a.fatal)
            .map(|a| (a.alert.0, a.direction.as_str()))
            .collect();
        let mut true_alerts: Vec<(u8, &str)> = session
            .alerts
            .iter()
            .filter(|a| a.number != 0)
            .map(|a| (a.number, a.direction.as_str()))
            .collect();
        alerts.sort_unstable();
        true_alerts.sort_unstable();
        assert_eq!(alerts, true_alerts, "{}", session.file);
    }
    println!("steps: {hit} of {want} found, {said} said");
    assert!(hit * 100 >= want * 98, "recall {hit}/{want}");
    assert!(hit * 100 >= said * 98, "precision {hit}/{said}");
}

#[test]
fn any_split_of_the_bytes_gives_the_same_attempts() {
    for name in ["wrong-ca.log", "connection-refused.log", "plain-http.log"] {
        let log = std::fs::read(recordings().join(name)).unwrap();
        let whole = attempts(&log, log.len());
        for chunk in [1, 2, 3, 5, 7, 64, 1000] {
            assert_eq!(attempts(&log, chunk), whole, "{name} in pieces of {chunk}");
        }
        // Every single split of the most telling part.
        let tail = &log[log.len().saturating_sub(3000)..];
        let whole = attempts(tail, tail.len());
        for cut in 0..=tail.len() {
            let mut decoder = LogDecoder::new(&[]);
            let mut builder = TimelineBuilder::new(InputId(0));
            decoder.push(&tail[..cut], None, &mut |o| builder.observe(&o));
            decoder.push(&tail[cut..], None, &mut |o| builder.observe(&o));
            decoder.finish(&mut |o| builder.observe(&o));
            assert_eq!(builder.attempts(), whole, "{name} cut at {cut}");
        }
    }
}

/// The larger lab beside a developer's checkout, where there is one.
#[test]
fn lab_logs_give_the_steps_of_the_wire() {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/lab");
    if !lab.is_dir() {
        println!("SKIPPED: no lab beside the checkout");
        return;
    }
    let names: BTreeMap<&str, &str> = [
        ("ClientHello", "client_hello"),
        ("ServerHello", "server_hello"),
        ("HelloRetryRequest", "hello_retry_request"),
        ("EncryptedExtensions", "encrypted_extensions"),
        ("Certificate", "certificate"),
        ("CertificateStatus", "certificate_status"),
        ("ServerKeyExchange", "server_key_exchange"),
        ("CertificateRequest", "certificate_request"),
        ("ServerHelloDone", "server_hello_done"),
        ("ClientKeyExchange", "client_key_exchange"),
        ("CertificateVerify", "certificate_verify"),
        ("Finished", "finished"),
        ("EncryptedHandshakeMessage", "finished"),
    ]
    .into();
    let (mut hit, mut want, mut said) = (0, 0, 0);
    let mut folders: Vec<_> = std::fs::read_dir(&lab)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders
        .iter()
        .filter(|f| f.to_string_lossy().contains("mbedtls"))
    {
        let Ok(text) = std::fs::read_to_string(folder.join("scenario.toml")) else {
            continue;
        };
        let scenario: toml::Table = toml::from_str(&text).unwrap();
        let own = if scenario["role"].as_str() == Some("server") {
            "S>C"
        } else {
            "C>S"
        };
        let timeline = scenario
            .get("timeline_decrypted")
            .or_else(|| scenario.get("timeline"));
        let steps: Wanted = timeline
            .and_then(|t| t.as_array())
            .into_iter()
            .flatten()
            .filter_map(|t| {
                let name = names.get(t["msg"].as_str()?)?;
                Some((
                    (*name).to_owned(),
                    if t["dir"].as_str() == Some(own) {
                        "sent"
                    } else {
                        "received"
                    }
                    .to_owned(),
                ))
            })
            .collect();
        let log = std::fs::read(folder.join("device.log")).unwrap();
        let (h, w, s, got) = measure(&log, &steps, true);
        let extra: Vec<_> = got.iter().filter(|g| !steps.contains(g)).collect();
        if h != w || s != w {
            let name = folder.file_name().unwrap().to_string_lossy();
            println!(
                "{name}: {h}/{w}, said {s}\n  want {steps:?}\n  got  {got:?}\n  extra {extra:?}"
            );
        }
        hit += h;
        want += w;
        said += s;
    }
    println!("lab steps: {hit} of {want} found, {said} said");
    assert!(hit * 100 >= want * 85, "recall {hit}/{want}");
    assert!(hit * 100 >= said * 97, "precision {hit}/{said}");
}
