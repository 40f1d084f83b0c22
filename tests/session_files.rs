//! Inputs that are no logs, and two sides of one handshake, as the window drives them: certificates,
//! keys, configurations, captures with key logs, devices, the peer's log, clocks.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "capture/handshake.rs"]
mod handshake;
#[path = "capture/packets.rs"]
#[allow(dead_code)]
mod packets;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use handlens::cert::{Content, PairVerdict};
use handlens::evidence::{InputKind, Lane, Origin};
use handlens::session::{FileContent, Folders, Session, Snapshot};
use handlens::tls::StepName;

#[path = "support/waiting.rs"]
mod waiting;

use waiting::{until, wait};

fn session() -> Session {
    Session::with_folders(|| {}, Folders::default())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/files")
        .join(name)
}

fn saved(session: &Session, path: &Path) {
    session.save(path);
    wait("the file", || path.exists());
}

/// Everything that a session file holds, unpacked.
fn unpacked(path: &Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut all = Vec::new();
    for i in 0..archive.len() {
        archive.by_index(i).unwrap().read_to_end(&mut all).unwrap();
    }
    all
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|w| w == part)
}

/// A device whose application tells its code and nothing else.
const SHORT_LOG: &str = "2023-11-14 22:13:20.001 app: connecting to device.example:8883\n\
2023-11-14 22:13:20.009 app: mbedtls_ssl_handshake returned -0x2700\n";

#[test]
fn certificates_and_settings_become_facts_with_their_file_as_proof() {
    let session = session();
    let leaf = session.open_path(&fixture("leaf.pem"));
    session.open_path(&fixture("root.pem"));
    let config = session.open_path(&fixture("config.h"));
    let s = until(&session, "all facts", |s| {
        s.facts.int("server.leaf_bytes").is_some()
            && s.facts.int("device.content_len_bytes").is_some()
    });
    assert!(s.problems.is_empty(), "{:?}", s.problems);
    let kinds: Vec<_> = s.inputs.iter().map(|i| i.kind).collect();
    assert_eq!(
        kinds,
        [
            InputKind::Certificate,
            InputKind::Certificate,
            InputKind::Config
        ]
    );
    assert_eq!(s.facts.int("server.leaf_bytes"), Some(446));
    let proof = &s.facts.get("server.leaf_bytes").unwrap().origins[0];
    assert!(matches!(proof, Origin::Read { input, .. } if *input == leaf));
    assert_eq!(s.facts.int("device.content_len_bytes"), Some(1024));
    let proof = &s.facts.get("device.content_len_bytes").unwrap().origins[0];
    assert_eq!(*proof, Origin::line(config, 7));
    assert!(
        s.diagnosis
            .findings
            .iter()
            .any(|f| f.id == "config.zero_means_on" && f.sentence.contains("MBEDTLS_SELF_TEST")),
        "{:?}",
        s.diagnosis.findings
    );
    // The view: the leaf's file, and the CA beside it as what the device trusts.
    assert_eq!(s.files.len(), 3);
    assert_eq!(s.certificates.inputs, [leaf]);
    assert_eq!(s.certificates.trusted.len(), 1);
    let inspection = s.certificates.inspection();
    let title = inspection.leaf().unwrap().subject.common_name();
    assert_eq!(title, Some("broker.example.net"));
    assert_eq!(inspection.chain.as_ref().unwrap().found.len(), 2);
}

#[test]
fn a_private_key_leaves_its_summary_and_no_byte() {
    let pem = fs::read_to_string(fixture("leaf-key.pem")).unwrap();
    let body: String = pem.lines().filter(|l| !l.starts_with("-----")).collect();
    let der = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
    // SEC1: SEQUENCE { INTEGER 1, OCTET STRING of 32 bytes, … }
    let secret = &der[7..39];
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("key.pem", pem.into_bytes()), ("key.der", der.clone())] {
        let first = session();
        let id = first.open_bytes(name, bytes);
        first.open_path(&fixture("leaf.pem"));
        let was = until(&first, "both files", |s| s.certificates.files.len() == 2);
        let shown = first.raw(id, 0..10_000);
        assert!(!holds(&shown, secret) && !holds(&shown, &body.as_bytes()[..40]));
        let path = folder.path().join(format!("{name}.handlens"));
        saved(&first, &path);
        let all = unpacked(&path);
        assert!(!holds(&all, secret), "{name}");
        assert!(!holds(&all, &body.as_bytes()[..40]), "{name}");

        let second = session();
        second.open_path(&path);
        let is = until(&second, "both files again", |s| {
            s.certificates.files.len() == 2
        });
        for s in [&was, &is] {
            let FileContent::Certificates(file) = &s.files[0].content else {
                panic!("{:?}", s.files[0]);
            };
            assert_eq!(file.objects.len(), 1, "{name}: {file:?}");
            assert!(
                matches!(&file.objects[0].content, Content::PrivateKey(k) if k.bits == Some(256))
            );
            let inspection = s.certificates.inspection();
            assert_eq!(inspection.pairs.len(), 1, "{name}");
            assert_eq!(inspection.pairs[0].verdict, PairVerdict::Matches, "{name}");
        }
    }
}

/// A container waits for its password, opens with it, and neither container nor password is kept;
/// what was found in it is.
#[test]
fn a_container_opens_with_its_password_and_is_not_kept() {
    let certs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certs");
    let container = fs::read(certs.join("small-aes.p12")).unwrap();
    let first = session();
    let id = first.open_path(&certs.join("small-aes.p12"));
    let s = until(&first, "the container", |s| s.certificates.closed == [id]);
    assert_eq!(s.certificates.files[0].certificates().count(), 0);
    first.unlock(id, "not this one");
    let s = until(&first, "the refusal", |s| {
        s.problems.iter().any(|p| p.sentence.contains("opens it"))
    });
    assert_eq!(s.certificates.closed, [id]);
    first.unlock(id, "handlens");
    let opened = |s: &Snapshot| {
        let file = s.certificates.files.first();
        file.is_some_and(|f| f.certificates().count() == 2)
    };
    let s = until(&first, "what is inside", |s| {
        opened(s) && s.certificates.closed.is_empty()
    });
    assert_eq!(s.problems, []);
    let shown = first.raw(id, 0..10_000);
    assert!(!holds(&shown, &container[100..140]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opened.handlens");
    saved(&first, &path);
    let all = unpacked(&path);
    assert!(!holds(&all, &container[100..140]) && !holds(&all, b"not this one"));
    let second = session();
    second.open_path(&path);
    let s = until(&second, "what was inside", opened);
    let pairs = s.certificates.inspection().pairs;
    assert_eq!(pairs.len(), 1);
    assert_eq!(pairs[0].verdict, PairVerdict::Matches);
    assert!(s.certificates.closed.is_empty());
}

#[test]
fn a_device_is_chosen_by_id_and_its_limits_come_with_their_source() {
    let first = session();
    let refused = first.set_device(Some("no-such-device")).unwrap_err();
    assert!(
        refused.contains("no-such-device") && refused.contains("spwf04sx"),
        "{refused}"
    );
    first.set_device(Some("spwf04sx")).unwrap();
    let s = until(&first, "its limit", |s| {
        s.facts.int("device.certificate_limit_bytes").is_some()
    });
    assert_eq!(s.device.as_ref().unwrap().id, "spwf04sx");
    let fact = s.facts.get("device.certificate_limit_bytes").unwrap();
    assert!(
        matches!(&fact.origins[0], Origin::Derived(why) if why.contains("spwf04sx") && why.len() > 30),
        "{fact:?}"
    );
    // What a person states goes before the profile.
    first
        .state_fact("device.certificate_limit_bytes=900")
        .unwrap();
    until(&first, "the statement", |s| {
        s.facts.int("device.certificate_limit_bytes") == Some(900)
    });
    first.unstate("device.certificate_limit_bytes");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.handlens");
    until(&first, "the profile again", |s| {
        s.facts.int("device.certificate_limit_bytes") != Some(900)
    });
    saved(&first, &path);
    let second = session();
    second.open_path(&path);
    until(&second, "the device again", |s| s.device.is_some());
    second.set_device(None).unwrap();
    until(&second, "no device", |s| {
        s.device.is_none() && s.facts.int("device.certificate_limit_bytes").is_none()
    });
}

#[test]
fn rules_of_the_user_read_his_step_lines_and_a_broken_file_is_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dialects")).unwrap();
    fs::write(
        folder.path().join("dialects/mine.toml"),
        "[[rule]]\nid = \"mine\"\npattern = 'HS<(?P<state>\\d+)> rc=(?P<result>-?\\d+)'\nsample = [\"HS<3> rc=-9984\"]\nexpect = [[3, -9984]]\nsource = \"our firmware\"\n",
    )
    .unwrap();
    fs::write(folder.path().join("dialects/torn.toml"), "[[rule]\nid=").unwrap();
    let folders = Folders {
        knowledge: Some(folder.path().to_owned()),
        ..Folders::default()
    };
    let session = Session::with_folders(|| {}, folders);
    session.paste("boot\nHS<0> rc=0\nHS<1> rc=0\nHS<2> rc=0\nHS<3> rc=-9984\n".into());
    let s = until(&session, "an attempt", |s| !s.attempts.is_empty());
    assert_eq!(s.problems.len(), 1, "{:?}", s.problems);
    assert!(s.problems[0].sentence.contains("torn.toml"));
    let states: Vec<u16> = s.attempts[0].states.iter().filter_map(|t| t.0).collect();
    assert_eq!(states, [0, 1, 2, 3]);
    // Without the rule the same text says nothing of a handshake.
    let plain = self::session();
    plain.paste("boot\nHS<0> rc=0\nHS<1> rc=0\nHS<2> rc=0\n".into());
    let s = until(&plain, "the text", |s| {
        s.inputs.iter().any(|i| i.lines == 4)
    });
    assert!(s.attempts.is_empty());
}

const BROKER_LOG: &str = "1700000000: mosquitto version 2.0.18 starting\n\
1700000003: New connection from 192.0.2.1:40000 on port 8883.\n\
1700000003: OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca\n\
1700000003: Client <unknown> disconnected: Protocol error.\n";

#[test]
fn the_peers_log_is_joined_and_never_judged_before_the_devices() {
    let session = session();
    let device = session.paste(SHORT_LOG.into());
    until(&session, "the device's attempt", |s| s.attempts.len() == 1);
    let peer = session.open_bytes("broker.log", BROKER_LOG.into());
    let s = until(&session, "both", |s| s.attempts.len() == 2);
    let input = s.inputs.iter().find(|i| i.id == peer).unwrap();
    assert_eq!(input.lane, Lane::Peer, "guessed by its content");
    assert_eq!(s.attempts[s.judged.unwrap()].input, device);
    let s = until(&session, "the alert that only the broker prints", |s| {
        s.facts.int("alert.sent") == Some(48)
    });
    let alert = s.facts.get("alert.sent").unwrap();
    assert!(matches!(&alert.origins[0], Origin::Read { input, .. } if *input == peer));
    // A person may say otherwise, and take it back.
    session.set_lane(device, Some(Lane::Peer));
    session.set_lane(peer, Some(Lane::Device));
    until(&session, "turned round", |s| {
        s.judged.is_some_and(|j| s.attempts[j].input == peer)
    });
    session.set_lane(device, None);
    session.set_lane(peer, None);
    until(&session, "as before", |s| {
        s.judged.is_some_and(|j| s.attempts[j].input == device)
    });
    session.remove(device);
    until(&session, "the peer alone is judged", |s| {
        s.judged.is_some_and(|j| s.attempts[j].input == peer)
    });
}

fn capture(trusted: bool) -> (Vec<u8>, String) {
    let suite = handshake::suites()[0];
    let (flight, keys, _) = handshake::handshake(suite, trusted);
    let packets = packets::connection(&flight, 1_400, [1, 2]);
    (packets::pcap(&packets, 1, false, false, false), keys)
}

fn has(s: &Snapshot, name: StepName) -> bool {
    s.attempts
        .iter()
        .any(|a| a.steps.iter().any(|step| step.name == name))
}

#[test]
fn a_capture_is_read_and_its_key_log_opens_it_in_either_order() {
    let (bytes, keys) = capture(true);
    for keys_first in [false, true] {
        let session = session();
        if keys_first {
            session.open_bytes("keys.txt", keys.clone().into_bytes());
            until(&session, "the keys", |s| s.files.len() == 1);
        }
        let id = session.open_bytes("wire.pcap", bytes.clone());
        if !keys_first {
            let s = until(&session, "the capture", |s| !s.attempts.is_empty());
            assert!(!has(&s, StepName::Certificate), "TLS 1.3 hides it");
            session.open_bytes("keys.txt", keys.clone().into_bytes());
        }
        let s = until(&session, "opened", |s| has(s, StepName::Certificate));
        assert_eq!(
            s.inputs
                .iter()
                .filter(|i| i.kind == InputKind::KeyLog)
                .count(),
            1
        );
        let input = s.inputs.iter().find(|i| i.id == id).unwrap();
        assert_eq!(input.kind, InputKind::Capture);
        assert_eq!(input.bytes, bytes.len() as u64, "counted once");
        until(&session, "certificates of the wire", |s| {
            s.certificates.inputs == [id]
        });
        assert!(session.line(id, 1).is_none() && session.rows(id, 0..9).is_empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.handlens");
        saved(&session, &path);
        let all = unpacked(&path);
        let secret = keys.lines().next().unwrap().rsplit(' ').next().unwrap();
        assert!(!holds(&all, secret.as_bytes()));
        let second = self::session();
        second.open_path(&path);
        let again = until(&second, "the capture again", |s| !s.attempts.is_empty());
        assert_eq!(again.attempts.len(), 1);
    }
}

#[test]
fn a_capture_beside_a_short_log_adds_what_the_log_leaves_out() {
    let (bytes, _) = capture(false);
    let session = session();
    let device = session.paste(SHORT_LOG.into());
    let alone = until(&session, "the log", |s| {
        s.attempts.len() == 1 && !s.diagnosis.phase.is_empty()
    });
    assert!(alone.facts.text("version").is_none());
    let wire = session.open_bytes("wire.pcap", bytes);
    let s = until(&session, "both", |s| {
        s.attempts.len() == 2 && s.facts.text("client.sni").is_some()
    });
    assert_eq!(s.attempts[s.judged.unwrap()].input, device);
    let proof = &s.facts.get("client.sni").unwrap().origins[0];
    assert!(matches!(proof, Origin::Read { input, .. } if *input == wire));
    assert_eq!(
        s.facts.get("codes").map(|f| f.origins.clone()),
        alone.facts.get("codes").map(|f| f.origins.clone()),
        "what the log says stays"
    );
}

#[test]
fn clocks_are_joined_by_a_step_and_can_be_set_by_hand() {
    // The same handshake (its random tells) twice; the second clock is two minutes ahead.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/wrong-ca.log");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains("11/21 03:58:30"));
    let log = |minute: &str| text.replace("11/21 03:58:", &format!("11/21 03:{minute}:"));
    let session = session();
    let one = session.open_bytes("one.log", log("10").into_bytes());
    let two = session.open_bytes("two.log", log("12").into_bytes());
    let s = until(&session, "joined", |s| s.clocks.len() == 1);
    let judged = s.attempts[s.judged.unwrap()].input;
    let (other, moved) = if judged == one {
        (two, -120_000)
    } else {
        (one, 120_000)
    };
    let clock = &s.clocks[0];
    assert_eq!((clock.input, clock.offset_ms), (other, moved));
    assert!(!clock.by_hand && clock.matched == Some(StepName::ClientHello));
    assert!(clock.sentence.contains("ClientHello"), "{}", clock.sentence);
    let started = |s: &Snapshot, id| {
        let attempt = s.attempts.iter().find(|a| a.input == id).unwrap();
        attempt.started.unwrap()
    };
    assert_eq!(started(&s, one), started(&s, two), "one axis");
    session.set_offset(other, Some(5_000));
    let by_hand = until(&session, "by hand", |s| {
        s.clocks.iter().any(|c| c.by_hand && c.offset_ms == 5_000)
    });
    let apart = started(&by_hand, other) - started(&s, other);
    assert_eq!(apart, (5_000 - moved) * 1_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.handlens");
    saved(&session, &path);
    let second = self::session();
    second.open_path(&path);
    until(&second, "the offset again", |s| {
        s.clocks.iter().any(|c| c.by_hand && c.offset_ms == 5_000)
    });
    session.set_offset(other, None);
    until(&session, "estimated again", |s| {
        s.clocks.iter().any(|c| !c.by_hand && c.offset_ms == moved)
    });
}

#[test]
fn a_dropped_folder_becomes_its_files() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["first.log", "second.log"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unknown-ca.log");
        fs::copy(from, folder.path().join(name)).unwrap();
    }
    let session = session();
    session.open_path(folder.path());
    let s = until(&session, "both files and no folder", |s| {
        s.inputs.len() == 2 && s.attempts.len() == 2
    });
    let names: Vec<&str> = s.inputs.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["first.log", "second.log"]);
    assert!(s.problems.is_empty());

    let empty = tempfile::tempdir().unwrap();
    session.open_path(empty.path());
    let s = until(&session, "the sentence", |s| !s.problems.is_empty());
    assert!(s.problems[0].sentence.ends_with("holds no files."));
}

/// A good run and a bad run of one device are two handshakes: neither moves the other's clock.
#[test]
fn two_runs_of_one_device_keep_their_clocks() {
    let recording = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
        fs::read(folder.join(name)).unwrap()
    };
    let session = session();
    session.open_bytes("good.log", recording("success-ecdsa.log"));
    session.open_bytes("bad.log", recording("wrong-ca.log"));
    let s = until(&session, "both", |s| {
        s.attempts.len() == 2 && s.progress.is_empty() && s.judged.is_some()
    });
    assert!(s.clocks.is_empty(), "{:?}", s.clocks);
    assert_ne!(
        s.attempts[0].seen.client_random,
        s.attempts[1].seen.client_random
    );
}
