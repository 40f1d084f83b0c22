//! Probes in a session against real servers on loopback: facts, judgement, save and open, stop.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/openssl_server.rs"]
mod openssl_server;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;
#[path = "support/servers.rs"]
mod servers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use handlens::evidence::Origin;
use handlens::server::{NameChoice, Stop, Target};
use handlens::session::{
    AskAs, Folders, ProbeOutcome, ProbeRun, ProbeWish, ServerLook, ServerSeen, Session, Snapshot,
    Tone,
};
use handlens::timeline::{EndedBy, Outcome};
use handlens::tls::StepName;
use handlens::transport::Pace;

use openssl_server::{EPHEMERAL, free, start_with_two};

fn session() -> Session {
    Session::with_folders(|| {}, Folders::default())
}

fn wish(address: SocketAddr, ask_as: AskAs) -> ProbeWish {
    ProbeWish {
        target: Target {
            host: address.ip().to_string(),
            port: address.port(),
        },
        name: NameChoice::Host,
        ask_as,
        starttls: None,
        seconds: 10,
        roots: None,
        identity: None,
        dns_server: None,
    }
}

#[track_caller]
fn until(session: &Session, what: &str, is: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let limit = Instant::now() + Duration::from_mins(1);
    loop {
        let snap = session.snapshot();
        if is(&snap) {
            return snap;
        }
        assert!(Instant::now() < limit, "never: {what}: {:#?}", snap.probes);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn last(snap: &Snapshot) -> &ProbeRun {
    snap.probes.last().unwrap()
}

/// Asks and waits for the end, and for the judgement that counts it in.
#[track_caller]
fn ask(session: &Session, wish: ProbeWish) -> Arc<Snapshot> {
    let before = session.snapshot().probes.len();
    session.ask_server(wish);
    until(session, "the end of the probe", |s| {
        s.probes.len() > before && !last(s).is_running() && s.settled
    })
}

#[test]
fn what_a_probe_measures_becomes_facts_with_their_origin() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let session = session();
    let snap = ask(&session, wish(server.address, AskAs::Nobody));
    let suites = snap.facts.get("server.suites").expect("the suites");
    assert_eq!(snap.facts.list("server.suites").len(), 8);
    let Some(Origin::Derived(by)) = suites.origins.first() else {
        panic!("{:?}", suites.origins);
    };
    let place = format!(
        "measured by probe 1 of 127.0.0.1 port {}",
        server.address.port()
    );
    assert_eq!(by, &place);
    assert_eq!(snap.facts.text("server.min_version"), Some("TLS 1.2"));
    assert_eq!(snap.facts.bool("server.is_tls"), Some(true));
    // The stages were told in their order, each with what it gave.
    let run = last(&snap);
    assert!(
        run.stages.iter().all(|s| s.found.is_some()),
        "{:?}",
        run.stages
    );
    assert!(run.stages.is_sorted_by_key(|s| s.stage));
    // Taken away, they prove nothing any more.
    session.remove_probe(1);
    let snap = until(&session, "no facts", |s| {
        s.facts.get("server.suites").is_none()
    });
    assert!(snap.probes.is_empty());
}

#[test]
fn a_probe_of_another_host_is_no_evidence_of_the_case() {
    let Some(server) = start_with_two(&["-tls1_2"]) else {
        return;
    };
    let session = session();
    session.state_fact("host=broker.example").unwrap();
    let snap = ask(&session, wish(server.address, AskAs::Nobody));
    assert!(snap.facts.get("server.suites").is_none());
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert!(!seen.counts && seen.server.is_some());
    // By the name that the device uses it is.
    let mut named = wish(server.address, AskAs::Nobody);
    named.name = NameChoice::Given("broker.example".into());
    let snap = ask(&session, named);
    assert!(snap.facts.get("server.suites").is_some());
    // What a person states goes before what was measured.
    session
        .state_fact("server.suites=TLS_RSA_WITH_AES_128_CBC_SHA")
        .unwrap();
    until(&session, "the stated suite", |s| {
        s.facts.list("server.suites").len() == 1
    });
}

#[test]
fn the_xbee_finds_nothing_in_common_and_gets_the_line_that_helps() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let session = session();
    session.demo("xbee-0x85", Pace::Max).unwrap();
    until(&session, "the device", |s| s.named_device.is_some());
    let snap = ask(&session, wish(server.address, AskAs::Best));
    // It stands beside the device's attempts as one of its own, and is not judged.
    let judged = snap.judged;
    let asked = &snap.asked[0];
    assert!(judged.is_some_and(|i| i < snap.attempts.len()));
    assert_eq!(asked.index, snap.attempts.len());
    assert_eq!(snap.attempt(asked.index), Some(asked));
    assert!(
        snap.origin_name(asked)
            .starts_with("probe 1 as Digi XBee 3")
    );
    let steps: Vec<_> = asked.steps.iter().map(|s| s.name).collect();
    assert_eq!(
        steps,
        [StepName::TcpConnect, StepName::ClientHello, StepName::Alert]
    );
    assert!(asked.steps[1].size_bytes.is_some_and(|n| n > 40));
    assert_eq!(
        (asked.outcome, asked.ended_by, asked.alerts[0].alert.0),
        (Outcome::Failed, EndedBy::PeerAlert, 40)
    );
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert!(seen.nothing_in_common());
    assert_eq!((seen.overlap.rows.len(), seen.overlap.of_server), (10, 8));
    let device = seen.device.as_ref().unwrap();
    assert_eq!(device.chip, "Digi staff, 2019");
    let verdict = seen.verdict.as_ref().unwrap();
    assert_eq!(
        (verdict.tone, verdict.word.as_str()),
        (Tone::Fail, "No overlap")
    );
    assert!(
        verdict
            .second
            .starts_with("8 suites on the server, 2 on Digi XBee 3")
    );
    let remedy = seen.remedy.as_ref().unwrap();
    // OpenSSL takes the line, and the device's hello is agreed to then.
    let list = remedy.apache.strip_prefix("SSLCipherSuite ").unwrap();
    assert!(list.ends_with(":AES256-SHA256"), "{list}");
    let better = start_with_two(&["-tls1_2", "-cipher", list]).unwrap();
    let snap = ask(&session, wish(better.address, AskAs::Best));
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert_eq!(seen.measured, Some(remedy.suite));
    assert_eq!(seen.overlap.common, 1);
    assert!(seen.remedy.is_none());
}

#[test]
fn a_stated_list_is_compared_without_asking_anybody() {
    let session = session();
    session.set_device(Some("xbee3-cellular-ltem")).unwrap();
    session
        .state_fact("server.suites=TLS_RSA_WITH_AES_256_CBC_SHA,TLS_DHE_RSA_WITH_AES_256_CBC_SHA")
        .unwrap();
    let snap = until(&session, "the facts", |s| {
        s.named_device.is_some() && s.facts.get("server.suites").is_some()
    });
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert!(seen.run.is_none() && seen.overlap.is_known());
    assert_eq!(seen.overlap.common, 1);
    assert_eq!(seen.server.as_ref().unwrap().chip, "stated");
    assert_eq!(seen.verdict.unwrap().tone, Tone::Ok);
}

#[test]
fn cancel_keeps_what_was_found_and_is_quick() {
    let session = session();
    let mut slow = wish(servers::silent(), AskAs::Known("mbedtls-2.16".into()));
    slow.seconds = 10;
    session.ask_server(slow);
    until(&session, "a first question", |s| {
        s.probes.last().is_some_and(|p| p.stages.len() >= 2)
    });
    let started = Instant::now();
    session.cancel_probe(1);
    let snap = until(&session, "the stop", |s| !last(s).is_running());
    // The wait that it cuts short is of ten seconds.
    assert!(started.elapsed() < Duration::from_secs(8));
    let probe = last(&snap).probe().expect("what was found");
    assert_eq!(probe.stopped, Some(Stop::Cancelled));
    assert_eq!(probe.addresses.len(), 1);
    let verdict = ServerSeen::of(&snap, &ServerLook::default())
        .verdict
        .unwrap();
    assert_eq!(verdict.word, "Stopped");
}

#[test]
fn what_cannot_be_asked_is_said_in_a_sentence() {
    let session = session();
    let snap = ask(&session, wish(free(), AskAs::Nobody));
    let verdict = ServerSeen::of(&snap, &ServerLook::default())
        .verdict
        .unwrap();
    assert_eq!(
        (verdict.tone, verdict.word.as_str()),
        (Tone::Fail, "No answer")
    );
    let snap = ask(&session, wish(servers::http(), AskAs::Nobody));
    let verdict = ServerSeen::of(&snap, &ServerLook::default())
        .verdict
        .unwrap();
    assert_eq!(verdict.word, "Not TLS");
    assert!(verdict.sentence.contains("HTTP without TLS"));
    assert_eq!(snap.facts.bool("server.is_tls"), Some(false));
    let mut missing = wish(free(), AskAs::Nobody);
    missing.roots = Some("/nonexistent/roots.pem".into());
    let snap = ask(&session, missing);
    let ProbeOutcome::Failed { sentence, .. } = &last(&snap).outcome else {
        panic!("{:?}", last(&snap).outcome);
    };
    assert!(sentence.starts_with("/nonexistent/roots.pem cannot be read"));
    let mut nowhere = wish(free(), AskAs::Nobody);
    nowhere.target.host = "no-such-host.invalid".into();
    let snap = ask(&session, nowhere);
    let verdict = ServerSeen::of(&snap, &ServerLook::default())
        .verdict
        .unwrap();
    assert_eq!(verdict.word, "Not asked");
    assert!(
        verdict.sentence.contains("no-such-host.invalid"),
        "{}",
        verdict.sentence
    );
}

#[test]
fn a_probe_is_saved_with_its_session_and_proves_the_same() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.handlens");
    let first = session();
    let snap = ask(
        &first,
        wish(server.address, AskAs::Known("mbedtls-2.28".into())),
    );
    first.save(&file);
    let limit = Instant::now() + Duration::from_mins(1);
    while !file.exists() {
        assert!(Instant::now() < limit, "not saved");
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = session();
    second.open_path(&file);
    let again = until(&second, "the saved probe", |s| {
        !s.probes.is_empty() && s.facts.get("server.suites").is_some()
    });
    assert_eq!(last(&snap).probe(), last(&again).probe());
    assert_eq!(snap.asked, again.asked);
    assert_eq!(
        again.asked[0].cipher_suite,
        last(&snap)
            .probe()
            .unwrap()
            .device
            .as_ref()
            .unwrap()
            .reply
            .cipher_suite()
    );
    assert_eq!(
        snap.facts.list("server.suites"),
        again.facts.list("server.suites")
    );
    let seen = ServerSeen::of(&again, &ServerLook::default());
    assert!(seen.measured.is_some() && !seen.by_hand.is_empty());
    // A session of an earlier version, without probes, is read too; see the session's own tests.
    let next = ask(&second, wish(server.address, AskAs::Nobody));
    assert_eq!(last(&next).number, 2);
}

#[test]
fn names_are_compared_and_the_default_host_shows() {
    let Some(server) = start_with_two(&[
        "-tls1_2",
        "-servername",
        "device.example",
        "-cert2",
        "cert.pem",
        "-key2",
        "key.pem",
        "-cert",
        "cert2.pem",
        "-key",
        "key2.pem",
    ]) else {
        return;
    };
    let session = session();
    let mut named = wish(server.address, AskAs::Nobody);
    named.name = NameChoice::Given("device.example".into());
    let snap = ask(&session, named);
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert_eq!(seen.needs_name, Some(true), "{:#?}", seen.names);
    let own = &seen.names[0];
    assert!(own.certificate.starts_with("device.example"), "{own:?}");
    let without = seen.names.iter().find(|n| n.sent == "none").unwrap();
    assert!(without.differs && without.certificate.starts_with("default.example"));
}

#[test]
fn a_list_from_nmap_closes_the_question_without_a_probe() {
    let session = session();
    session.state_fact("device.id=xbee3-cellular-ltem").unwrap();
    let text = EPHEMERAL
        .split(':')
        .map(|name| {
            let suite = handlens::tls::CipherSuite::from_name(name.trim()).unwrap();
            format!("|       {suite} (dh 2048) - A\n")
        })
        .collect::<String>();
    session.paste(format!(
        "| ssl-enum-ciphers: \n|   TLSv1.2: \n|     ciphers: \n{text}|     cipher preference: server\n|_  least strength: A\n"
    ));
    let snap = until(&session, "the overlap", |s| {
        s.facts.int("suites.in_common") == Some(0) && s.named_device.is_some()
    });
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert!(seen.nothing_in_common(), "{:#?}", seen.overlap);
    assert_eq!(seen.server.as_ref().unwrap().chip, "pasted text, line 11");
    assert!(seen.server.as_ref().unwrap().spot.is_some());
    assert_eq!(seen.verdict.as_ref().unwrap().word, "No overlap");
    // The document names suites and rules out these eight; another one leaves it open.
    session
        .state_fact("server.suites=TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8")
        .unwrap();
    let snap = until(&session, "an open overlap", |s| {
        s.facts.get("suites.in_common").is_none()
    });
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    assert!(!seen.nothing_in_common() && seen.nothing_documented_in_common());
    assert_eq!(seen.verdict.unwrap().tone, Tone::Warn);
}

#[test]
fn the_report_says_what_was_asked_and_found() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let session = session();
    session.set_device(Some("xbee3-cellular-ltem")).unwrap();
    let snap = ask(&session, wish(server.address, AskAs::Best));
    assert!(last(&snap).ask_as.starts_with("Digi XBee 3"));
    let source = handlens::report::ReportSource {
        snapshot: &snap,
        line: &|_, _| None,
        sha256: &|_| None,
    };
    let form = handlens::report::ReportForm::Markdown;
    let shown = handlens::report::LeaveOut {
        addresses: false,
        ..handlens::report::LeaveOut::default()
    };
    // Markdown escapes the low lines of names.
    let text = handlens::report::write_report(&source, form, shown).replace('\\', "");
    for part in [
        "Asking the server",
        "own ClientHello",
        "rustls for a complete handshake",
        "no cipher suite in common",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "SSLCipherSuite ",
        "nmap -Pn -sV --script ssl-enum-ciphers",
        "alert 40 (handshake_failure)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The JSON holds the probe as the command of that name gives it, and what was foreseen.
    let object = handlens::report::report_object(&source, shown);
    let probe = &object["probes"][0];
    assert_eq!(probe["number"], 1);
    assert_eq!(probe["asked_as"], probe["found"]["as_device"]["name"]);
    assert_eq!(probe["found"]["as_device"]["alert"]["number"], 40);
    assert_eq!(
        object["prediction"]["cipher_suite"],
        serde_json::Value::Null
    );
    for (schema, value) in [
        (include_str!("../assets/schema/report.json"), &object),
        (include_str!("../assets/schema/probe.json"), &probe["found"]),
    ] {
        let schema = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|e| format!("{} {e}", e.instance_path))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let object = handlens::report::report_object(
        &source,
        handlens::report::LeaveOut {
            addresses: true,
            ..handlens::report::LeaveOut::default()
        },
    );
    assert!(!object.to_string().contains("127.0.0.1"), "{object:#}");
    // Addresses are left out where that is asked for.
    let hidden = handlens::report::write_report(
        &source,
        form,
        handlens::report::LeaveOut {
            addresses: true,
            ..handlens::report::LeaveOut::default()
        },
    );
    assert!(!hidden.contains("127.0.0.1"), "{hidden}");
}

/// A client with two suites, one curve and small buffers, as a device's file configures it.
const CONFIG: &str = "#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_AES_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_GCM_C
#define MBEDTLS_MD_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_RSA_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_SSL_MAX_CONTENT_LEN 4096
";

#[test]
fn a_configuration_of_the_case_is_asked_as_and_predicted() {
    let Some(server) = start_with_two(&["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"]) else {
        return;
    };
    let session = session();
    session.open_bytes("mbedtls_config.h", CONFIG.as_bytes().to_vec());
    let snap = until(&session, "the configuration", |s| !s.files.is_empty());
    let choices = handlens::session::ask_choices(&snap);
    assert_eq!(choices[0].ask, AskAs::Config, "{choices:#?}");
    let snap = ask(&session, wish(server.address, AskAs::Best));
    let seen = ServerSeen::of(&snap, &ServerLook::default());
    let expected = handlens::tls::CipherSuite(0xC02F);
    assert_eq!(
        seen.measured,
        Some(expected),
        "AES-256-GCM needs SHA-384, which is off"
    );
    let prediction = seen.prediction.as_ref().expect("a prediction");
    assert_eq!(prediction.agreement.cipher_suite, Some(expected));
    assert!(prediction.asked.as_ref().is_some_and(|a| a.as_predicted));
    assert!(prediction.memory.is_some() && !prediction.fits.is_empty());
    // From a file of the disk the same hello is sent.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbedtls_config.h");
    std::fs::write(&file, CONFIG).unwrap();
    let snap = ask(&session, wish(server.address, AskAs::File(file)));
    let probe = last(&snap).probe().unwrap();
    let device = probe.device.as_ref().unwrap();
    assert_eq!(device.reply.cipher_suite(), Some(expected));
}

/// What the server really got: the `ClientHello`s of all connections, without random values.
fn listen_for_hellos() -> (SocketAddr, std::sync::mpsc::Receiver<Vec<u8>>) {
    use std::io::Read;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = vec![0; 8192];
            let count = stream.read(&mut bytes).unwrap_or(0);
            bytes.truncate(count);
            let _ = sender.send(bytes);
        }
    });
    (address, receiver)
}

#[test]
fn the_hello_of_a_capture_is_sent_byte_for_byte_with_fresh_random() {
    use handlens::server::DeviceHello;
    use handlens::tls::hello::ClientHello;
    // A device's first message in a capture: a known build with another name and without tickets.
    let mut hello = DeviceHello::known("mbedtls-2.16")
        .unwrap()
        .fresh(Some("broker.example"));
    hello.remove_extension(35);
    hello.random = [0x5A; 32];
    let bytes = hello.records().unwrap();
    let flight = [(true, bytes), (false, vec![0x15, 3, 3, 0, 2, 2, 40])];
    let capture = packets::pcap(
        &packets::connection(&flight, 1_460, [7, 9]),
        1,
        false,
        false,
        false,
    );
    let session = session();
    session.open_bytes("device.pcap", capture);
    let snap = until(&session, "the attempt", |s| {
        !s.attempts.is_empty() && s.progress.is_empty()
    });
    let choices = handlens::session::ask_choices(&snap);
    assert_eq!(choices[0].ask, AskAs::Attempt(0), "{choices:#?}");
    assert!(
        choices[0].source.starts_with("device.pcap, line "),
        "{choices:#?}"
    );
    let (address, hellos) = listen_for_hellos();
    let mut named = wish(address, AskAs::Best);
    named.name = NameChoice::Given("broker.example".into());
    let _ = ask(&session, named);
    let sent = hellos
        .try_iter()
        .filter_map(|b| ClientHello::from_bytes(&b).ok())
        .find(|h| h.cipher_suites == hello.cipher_suites)
        .expect("the device's hello");
    assert_ne!(sent.random, hello.random, "fresh");
    let mut same = sent.clone();
    same.random = hello.random;
    // The step of a capture keeps the message, not the header of its record.
    same.record_version = hello.record_version;
    assert_eq!(same, hello, "all else byte for byte");
}
