//! The four cases that the program was founded on: what must come out of each, from the device's
//! words alone and with everything a reporter would state, and with distractors beside it.
//!
//! The demo cases are own recordings (`assets/demo/README.md`). The same is asked of the original
//! threads where their folder is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use handlens::diagnose::TreeNodeState;
use handlens::report::{Block, LeaveOut, ReportSource, letter_text, page};
use handlens::session::{DemoCase, Folders, Session, Snapshot, demo_cases};
use handlens::transport::Pace;

#[path = "support/waiting.rs"]
mod waiting;

use waiting::settled;

fn demo(name: &str) -> &'static DemoCase {
    demo_cases().iter().find(|c| c.name == name).unwrap()
}

/// A demo case played to its end, with the files named in `more` beside it.
fn played(name: &str, more: &[(&str, &str)]) -> (Session, Arc<Snapshot>) {
    let case = demo(name);
    let bytes: usize = case.chunks().iter().map(|c| c.bytes.len()).sum();
    let session = Session::with_folders(|| {}, Folders::default());
    let device = session.demo(name, Pace::Max).unwrap();
    for (name, text) in more {
        session.open_bytes(name, text.as_bytes().to_vec());
    }
    let s = settled(&session, |s| {
        s.inputs.len() == 1 + case.beside.len() + more.len()
            && s.progress.is_empty()
            && s.inputs
                .iter()
                .any(|i| i.id == device && i.bytes == bytes as u64)
    });
    show(name, &s);
    (session, s)
}

/// For a person who runs one test with `--nocapture`.
fn show(name: &str, s: &Snapshot) {
    println!("== {name}: {}: {}", s.verdict.word, s.verdict.sentence);
    println!("   {}", s.verdict.second);
    for cause in &s.diagnosis.causes {
        println!("   {:.2} {} {}", cause.score, cause.number, cause.id);
        for e in &cause.evidence {
            println!("        {} {}", e.level.as_str(), e.sentence);
        }
    }
    for f in &s.diagnosis.findings {
        println!("   also {}: {}", f.id, f.sentence);
    }
    for e in &s.diagnosis.eliminated {
        println!("   not {}: {}", e.id, e.reason.sentence);
    }
    let tree = &s.diagnosis.tree;
    println!(
        "   tree {:?} open {:?} leaves {:?}",
        tree.path, tree.open, tree.leaves
    );
    println!("   changes {:?}", s.changes);
}

fn rank(s: &Snapshot, id: &str) -> usize {
    let at = s.diagnosis.causes.iter().position(|c| c.id == id);
    at.unwrap_or(usize::MAX)
}

fn finding<'a>(s: &'a Snapshot, id: &str) -> &'a str {
    let found = s.diagnosis.findings.iter().find(|f| f.id == id);
    found.map_or_else(
        || panic!("no finding {id} among {:?}", ids(s)),
        |f| f.sentence.as_str(),
    )
}

fn ids(s: &Snapshot) -> Vec<&str> {
    s.diagnosis.findings.iter().map(|f| f.id.as_str()).collect()
}

/// Why a cause is closed.
fn closed<'a>(s: &'a Snapshot, id: &str) -> &'a str {
    let found = s.diagnosis.eliminated.iter().find(|e| e.id == id);
    found.map_or_else(
        || panic!("{id} is not closed: {:?}", s.diagnosis.causes),
        |e| e.reason.sentence.as_str(),
    )
}

/// Every step of the path was answered, and the tree ends at this cause.
fn tree_reaches(s: &Snapshot, id: &str) {
    let tree = &s.diagnosis.tree;
    assert_eq!(
        tree.leaves,
        [id],
        "path {:?} open {:?}",
        tree.path,
        tree.open
    );
    for question in &tree.path {
        let node = tree.nodes.iter().find(|n| n.id == *question).unwrap();
        assert!(
            matches!(node.state, TreeNodeState::Done { .. }),
            "{question}"
        );
    }
}

/// Attempts of the device itself.
fn tries(s: &Snapshot) -> Vec<usize> {
    let device = s.inputs[0].id;
    let own = s.attempts.iter().filter(|a| a.input == device);
    own.map(|a| a.index).collect()
}

fn judged(session: &Session, at: usize) -> Arc<Snapshot> {
    session.set_judged(Some(at));
    let s = settled(session, |s| s.judged == Some(at));
    show(&format!("attempt {at}"), &s);
    s
}

// ---------------------------------------------------------------- XBee

#[test]
fn xbee_first_phase_nothing_left_the_module() {
    let (session, s) = played("xbee-0x85", &[]);
    let own = tries(&s);
    assert_eq!(own.len(), 4);
    for at in &own[..2] {
        let s = judged(&session, *at);
        assert_eq!(s.verdict.word, "Not started");
        assert!(
            s.verdict.sentence.starts_with("Nothing left the module"),
            "{}",
            s.verdict.sentence
        );
        assert_eq!(s.facts.text("phase"), Some("setup"));
        assert_eq!(s.facts.bool("request.local"), Some(true));
        assert_eq!(s.facts.text("module.folder"), Some("/flash/certs"));
        assert_eq!(rank(&s, "device.file_missing"), 0);
        closed(&s, "tls.sni_missing");
        closed(&s, "tls.no_common_cipher_suite");
        assert!(finding(&s, "module.answered_locally").contains("Nothing left the module"));
        assert!(finding(&s, "module.folder_differs").contains("/flash/cert,"));
        assert!(
            !s.diagnosis
                .findings
                .iter()
                .any(|f| f.id == "peer.left_after_flight")
        );
        tree_reaches(&s, "device.file_missing");
    }
}

#[test]
fn xbee_second_phase_the_module_leaves_with_the_certificate() {
    let (session, s) = played("xbee-0x85", &[]);
    let own = tries(&s);
    for at in &own[2..] {
        let s = judged(&session, *at);
        assert_eq!(s.verdict.word, "Failed");
        assert!(
            s.verdict.sentence.contains("0x85"),
            "{}",
            s.verdict.sentence
        );
        assert!(
            s.verdict.sentence.contains("with the certificate in hand"),
            "{}",
            s.verdict.sentence
        );
        assert_eq!(s.facts.text("phase"), Some("server_certificate"));
        assert_eq!(s.facts.bool("request.local"), None);
        let left = s.facts.int("peer.left_after_ms").unwrap();
        assert!((560..590).contains(&left), "{left}");
        assert_eq!(s.facts.text("module.folder"), Some("the default folder"));
        assert_eq!(rank(&s, "cert.ip_address_name"), 0);
        let sni = closed(&s, "tls.sni_missing");
        assert!(sni.contains("went on without a server name"), "{sni}");
        closed(&s, "tls.no_common_cipher_suite");
        closed(&s, "cert.wrong_ca");
        assert!(finding(&s, "module.name_from_request").contains("Expected name: 198.51.100.27"));
        assert!(finding(&s, "peer.left_after_flight").contains(" ms later without an alert"));
        for id in [
            "cert.cn_is_ip",
            "cert.date_over_2038",
            "module.code_catch_all",
        ] {
            finding(&s, id);
        }
        assert!(!ids(&s).contains(&"module.folder_differs"));
        tree_reaches(&s, "cert.ip_address_name");
    }
    let changed = &s.changes[own[2]];
    assert!(changed.contains("trust anchor meter-ca.pem"), "{changed}");
    // The next cheapest check is named, and it is one that this module can make.
    assert!(s.verdict.second.contains("next: "), "{}", s.verdict.second);
}

#[test]
fn xbee_distractors_do_not_flip_the_answer() {
    // A browser and a PC's client that sends SNI work; another client is refused by the server.
    let apache = "[Sat Nov 21 05:20:14.990415 2026] [ssl:info] [pid 11:tid 12] [client 203.0.113.7:38087] AH01964: Connection to child 73 established (server meter.handlens.test:443)\n[Sat Nov 21 05:20:14.997320 2026] [ssl:debug] [pid 11:tid 12] ssl_engine_kernel.c(2115): [client 203.0.113.7:38087] AH02043: SSL virtual host for servername meter.handlens.test found\n";
    let client = "$ openssl s_client -servername meter.handlens.test -connect 198.51.100.27:443\nCONNECTED(00000003)\nNew, TLSv1.2, Cipher is ECDHE-RSA-AES256-GCM-SHA384\n";
    let (_session, s) = played("xbee-0x85", &[("browser.log", apache), ("pc.txt", client)]);
    assert_eq!(rank(&s, "cert.ip_address_name"), 0);
    assert!(tries(&s).contains(&s.judged.unwrap()));
}

#[test]
fn xbee_frames_are_rows_of_the_log() {
    let (session, s) = played("xbee-0x85", &[]);
    let device = s.inputs[0].id;
    let count = session.line_count(device);
    assert_eq!(count, 25, "each of the 25 frames is a line");
    let rows = session.rows(device, 0..count);
    assert_eq!(rows.len(), 25);
    let row = |part: &str| rows.iter().find(|r| r.text.contains(part)).unwrap();
    let set = row("$0 = ");
    assert_eq!(
        set.text,
        "AT response 0x88, ID 0x06: $0 = \u{201c}/flash/certs/meter-ca.pem;;\u{201d}, OK"
    );
    let request = row("TX request 0x23, ID 0x07");
    assert!(
        request
            .text
            .contains("to 198.51.100.27:443, TLS profile $0, 47 bytes"),
        "{}",
        request.text
    );
    assert!(
        request
            .meaning
            .contains("answered in line 15 after 36 ms: 0x85 UNKNOWN_ERROR"),
        "{}",
        request.meaning
    );
    assert!(
        request.raw.starts_with("7E 00 3B 23 07 C6 33 64 1B 01 BB"),
        "{}",
        request.raw
    );
    let status = row("TX status 0x89, ID 0x07");
    assert_eq!(status.text, "TX status 0x89, ID 0x07: 0x85 UNKNOWN_ERROR");
    assert!(
        status
            .meaning
            .starts_with("36 ms after the request of line 14"),
        "{}",
        status.meaning
    );
    assert_eq!(status.raw, "7E 00 03 89 07 85 EA");
    // A payload holds line ends of its own; the lines of the frames stay as they are.
    assert!(
        rows.iter()
            .enumerate()
            .all(|(i, r)| r.line as usize == i + 1)
    );
}

/// The bytes of the port, recorded as they are, without their times.
fn port_bytes() -> Vec<u8> {
    demo("xbee-0x85")
        .chunks()
        .iter()
        .flat_map(|c| c.bytes.clone())
        .collect()
}

#[test]
fn xbee_bytes_of_the_port_as_a_file() {
    let session = Session::with_folders(|| {}, Folders::default());
    let id = session.open_bytes("port.bin", port_bytes());
    let s = settled(&session, |s| s.attempts.len() == 4 && s.progress.is_empty());
    assert!(s.problems.is_empty(), "{:?}", s.problems);
    assert_eq!(s.facts.text("host"), Some("198.51.100.27"));
    assert_eq!(session.rows(id, 0..30).len(), 25);
}

/// The log of XCTU's console: `MM-DD-YYYY HH:MM:SS.mmm,ID,SENT or RECV,HEX` (XCTU user guide,
/// console log files).
#[test]
fn xbee_console_log_of_xctu() {
    let mut csv = String::from(
        "11-21-2026 05:11:20.017,-,API,\"meter,0013A20041C0FFEE,XBee 3 Cellular,11410,COM4 - 9600/8/N/1/N,0\"\n",
    );
    for (i, chunk) in demo("xbee-0x85").chunks().iter().enumerate() {
        let ms = 20_000 + chunk.at / 1_000;
        let hex: String = chunk.bytes.iter().map(|b| format!("{b:02X}")).collect();
        let way = match chunk.bytes[3] {
            0x08 | 0x23 => "SENT",
            _ => "RECV",
        };
        csv.push_str(&format!(
            "11-21-2026 05:11:{:02}.{:03},{i},{way},{hex}\n",
            ms / 1_000,
            ms % 1_000
        ));
    }
    let session = Session::with_folders(|| {}, Folders::default());
    let id = session.open_bytes("console.csv", csv.into_bytes());
    session.state_fact("device.id=xbee3-cellular-ltem").unwrap();
    let s = settled(&session, |s| s.attempts.len() == 4 && s.progress.is_empty());
    show("xctu", &s);
    let first = judged(&session, 0);
    assert_eq!(first.facts.int("request.elapsed_ms"), Some(37));
    assert_eq!(first.facts.bool("request.local"), Some(true));
    assert_eq!(rank(&first, "device.file_missing"), 0);
    let third = judged(&session, 2);
    assert_eq!(third.facts.bool("request.local"), None);
    assert_eq!(third.facts.text("module.firmware"), Some("11410"));
    let rows = session.rows(id, 0..30);
    let row = rows.iter().find(|r| r.text.contains("7E003B2307")).unwrap();
    assert!(
        row.meaning
            .contains("TX request 0x23, ID 0x07, to 198.51.100.27:443"),
        "{}",
        row.meaning
    );
}

// ---------------------------------------------------------------- SPWF04Sx

#[test]
fn spwf04_the_larger_certificate() {
    let (_session, s) = played("spwf04-azure", &[]);
    let device = s.inputs[0].id;
    let outcomes: Vec<&str> = s
        .attempts
        .iter()
        .filter(|a| a.input == device)
        .map(|a| a.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["completed", "failed", "failed"]);
    assert_eq!(rank(&s, "cert.too_large"), 0);
    assert!(finding(&s, "alert.spwf04_catch_all").contains("catch-all"));
    let size = finding(&s, "cert.over_limit_names");
    for part in [
        "3,816",
        "2,500",
        "2,560",
        "1,316",
        "1,256",
        "66 names",
        "names or fewer would fit",
    ] {
        assert!(size.contains(part), "{part}: {size}");
    }
    assert_eq!(s.facts.int("cert.names_that_fit"), Some(29));
    let root = closed(&s, "cert.wrong_ca");
    assert!(root.contains("is the one that the chain ends at"), "{root}");
    let alias = closed(&s, "cert.name_mismatch");
    assert!(
        alias.contains("CNAME") && alias.contains("table.fleet47"),
        "{alias}"
    );
    assert!(finding(&s, "name.alias_not_compared").contains("plays no part"));
    assert!(
        s.verdict.sentence.contains("alert 46"),
        "{}",
        s.verdict.sentence
    );
    tree_reaches(&s, "cert.too_large");
}

#[test]
fn spwf04_letter_to_the_owner_of_the_server() {
    let (session, s) = played("spwf04-azure", &[]);
    let source = ReportSource {
        snapshot: &s,
        line: &|id, line| session.line(id, line),
        sha256: &|id| session.sha256(id),
    };
    let letter = letter_text(&source, LeaveOut::default());
    println!("{letter}");
    for part in [
        "Subject: The certificate of fleet47.table.core.storage.test is larger",
        "3,816 bytes",
        "1,462 bytes",
        "5,291 bytes",
        "2,500 bytes each, or 2,560",
        "29 names or fewer",
        "alert 46 (certificate_unknown)",
        "The chain does not lead to the device's root: The root on the device is the one that the chain ends at.",
        "SHA-256",
        "Attempt 3 in spwf04-azure at 20",
    ] {
        assert!(letter.contains(part), "{part}\n{letter}");
    }
    // It stands in the report as a section, and addresses are blanked there as everywhere.
    let page = page(&source, LeaveOut::default());
    assert!(
        page.blocks
            .iter()
            .any(|b| matches!(b, Block::Heading(h) if h == "Letter to the owner of the server"))
    );
    assert!(!letter.contains("198.51.100.71"));
}

#[test]
fn spwf04_blind_says_what_the_alert_is_worth() {
    let case = demo("spwf04-azure");
    let console: Vec<u8> = case.chunks().iter().flat_map(|c| c.bytes.clone()).collect();
    let server = case
        .beside
        .iter()
        .find(|(n, _)| *n == "server.log")
        .unwrap();
    let session = Session::with_folders(|| {}, Folders::default());
    session.open_bytes("console.log", console);
    session.open_bytes("server.log", server.1.to_vec());
    let s = settled(&session, |s| s.inputs.len() == 2 && s.progress.is_empty());
    show("spwf04 blind", &s);
    assert!(rank(&s, "cert.too_large") < 2, "{:?}", s.diagnosis.causes);
    finding(&s, "alert.spwf04_catch_all");
}

#[test]
fn spwf04_sizes_stated_by_the_reporter() {
    let session = Session::with_folders(|| {}, Folders::default());
    session.paste(
        "    TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Certificate Unknown)\n"
            .to_owned(),
    );
    session.set_device(Some("spwf04sx")).unwrap();
    for text in [
        "server.leaf_bytes=3813",
        "server.intermediate_bytes=1464",
        "works.before=yes",
        "works.other_server=yes",
        "device.ca_is_current=yes",
    ] {
        session.state_fact(text).unwrap();
    }
    let s = settled(&session, |s| s.facts.int("server.leaf_bytes") == Some(3813));
    show("spwf04 stated", &s);
    assert_eq!(rank(&s, "cert.too_large"), 0);
    let size = finding(&s, "cert.over_limit");
    for part in ["3,813", "1,313", "1,253", "2,500", "2,560"] {
        assert!(size.contains(part), "{part}: {size}");
    }
    closed(&s, "cert.wrong_ca");
}

#[test]
fn spwf04_a_certificate_without_a_log() {
    let leaf = include_bytes!("certs/leaf-66-names.pem");
    let session = Session::with_folders(|| {}, Folders::default());
    session.open_bytes("leaf.pem", leaf.to_vec());
    session.state_fact("device.id=spwf04sx").unwrap();
    let s = settled(&session, |s| s.facts.int("cert.names_count").is_some());
    assert_eq!(s.facts.int("cert.names_count"), Some(66));
    assert_eq!(s.facts.int("cert.names_that_fit"), Some(43));
    assert!(finding(&s, "cert.over_limit_names").contains("43 names or fewer would fit"));
}

// ---------------------------------------------------------------- STM32

#[test]
fn stm32_two_alerts_one_fault() {
    let (_session, s) = played("stm32-two-alerts", &[]);
    assert_eq!(rank(&s, "tls.handshake_signature_invalid"), 0);
    assert!(rank(&s, "cert.name_mismatch") > 2);
    let key = closed(&s, "client_auth.key_mismatch");
    assert!(
        key.contains("no key pair can move it off its curve"),
        "{key}"
    );
    finding(&s, "alerts.same_fault");
    let reading = finding(&s, "sigalg.tls12_reading");
    assert!(
        reading.contains("SHA-512 with ECDSA") && reading.contains("P-256"),
        "{reading}"
    );
    assert!(finding(&s, "sigalg.p521_cannot_help").contains("cannot help"));
    finding(&s, "config.zero_means_on");
    assert!(finding(&s, "config.own_calloc").contains("zeroed"));
    let next = &s.diagnosis.causes[0].next_check;
    for part in ["self_test", "calloc", "MBEDTLS_HAVE_ASM"] {
        assert!(next.contains(part), "{part}: {next}");
    }
}

#[test]
fn stm32_distractors_do_not_flip_the_answer() {
    let verify = "$ openssl verify -CAfile ca.crt client.crt\nclient.crt: OK\n";
    let name = "Verify requested for (Depth 0):\nsubject name      : C=NL, O=Lab, CN=localhost\n  ! The certificate Common Name (CN) does not match with the expected CN\n";
    let (_session, s) = played(
        "stm32-two-alerts",
        &[("verify.txt", verify), ("cert_app.txt", name)],
    );
    assert_eq!(rank(&s, "tls.handshake_signature_invalid"), 0);
    assert!(rank(&s, "cert.name_mismatch") > 1);
}

// ---------------------------------------------------------------- PIC32

#[test]
fn pic32_the_ladder_of_reads() {
    let (_session, s) = played("pic32-satellite", &[]);
    assert_eq!(rank(&s, "net.rx_buffer_too_small"), 0);
    finding(&s, "reads.segment_1400");
    tree_reaches(&s, "net.rx_buffer_too_small");
}

#[test]
fn pic32_with_its_buffer_stated() {
    let case = demo("pic32-satellite");
    let log: Vec<u8> = case.chunks().iter().flat_map(|c| c.bytes.clone()).collect();
    let session = Session::with_folders(|| {}, Folders::default());
    session.open_bytes("device.log", log);
    session.state_fact("device.rx_buffer_bytes=1024").unwrap();
    let s = settled(&session, |s| {
        s.facts.int("device.rx_buffer_bytes") == Some(1024) && s.attempts.len() == 1
    });
    show("pic32 stated", &s);
    assert_eq!(rank(&s, "net.rx_buffer_too_small"), 0);
}

// ---------------------------------------------------------------- the original threads

fn threads() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there", folder.display());
    None
}

/// Opens all inputs of a thread's folder, with the facts that its reporter states where wanted.
fn thread(folder: &Path, id: &str, given: &[&str]) -> Arc<Snapshot> {
    let session = Session::with_folders(|| {}, Folders::default());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join(id))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.file_name().is_some_and(|n| n != "case.toml"))
        .collect();
    files.sort();
    let count = files.len();
    for file in files {
        session.open_path(&file);
    }
    for text in given {
        match text.strip_prefix("device.id=") {
            Some(id) => session.set_device(Some(id)).unwrap(),
            None => session.state_fact(text).unwrap(),
        }
    }
    let s = settled(&session, |s| {
        s.inputs.len() == count && s.progress.is_empty()
    });
    show(id, &s);
    s
}

#[test]
fn the_xbee_thread_itself() {
    let Some(folder) = threads() else { return };
    let id = "008-xbee-cellular-0x85";
    for given in [
        &[][..],
        &[
            "device.id=xbee3-cellular-ltem",
            "works.without_verification=yes",
            "works.other_client=yes",
        ],
    ] {
        let s = thread(&folder, id, given);
        assert_eq!(rank(&s, "cert.ip_address_name"), 0);
        closed(&s, "tls.sni_missing");
        assert_eq!(s.facts.text("host"), Some("66.230.114.174"));
        assert_eq!(s.facts.text("phase"), Some("server_certificate"));
        assert_eq!(s.facts.int("peer.left_after_ms"), Some(570));
        for id in [
            "cert.cn_is_ip",
            "cert.date_over_2038",
            "module.name_from_request",
        ] {
            finding(&s, id);
        }
    }
}

#[test]
fn the_spwf04_thread_itself() {
    let Some(folder) = threads() else { return };
    let s = thread(
        &folder,
        "002-spwf04sx-azure-certificate-size",
        &[
            "device.id=spwf04sx",
            "server.leaf_bytes=3813",
            "server.intermediate_bytes=1464",
            "works.before=yes",
            "works.other_server=yes",
        ],
    );
    assert_eq!(rank(&s, "cert.too_large"), 0);
    finding(&s, "alert.spwf04_catch_all");
    finding(&s, "cert.over_limit");
}

#[test]
fn the_stm32_thread_itself() {
    let Some(folder) = threads() else { return };
    let s = thread(&folder, "006-mbedtls-stm32f4-server-alerts", &[]);
    assert_eq!(rank(&s, "tls.handshake_signature_invalid"), 0);
    assert_eq!(s.verdict.word, "Failed");
    for id in [
        "sigalg.tls12_reading",
        "sigalg.p521_cannot_help",
        "config.zero_means_on",
        "config.own_calloc",
    ] {
        finding(&s, id);
    }
}
