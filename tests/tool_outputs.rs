//! What tools of a desk computer print, opened beside a device's log: scanners, certificates in
//! words, Wireshark's protocol tree. All recorded from the tools themselves (`tests/fixtures/tools`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Arc;

use handlens::knowledge::Knowledge;
use handlens::session::{Case, CaseFiles, Snapshot};

fn text(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools");
    std::fs::read(folder.join(name)).unwrap()
}

fn files() -> CaseFiles {
    CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()))
}

fn put(files: &mut CaseFiles, name: &str, bytes: &[u8]) {
    files.open_reader(name, &mut &bytes[..]).unwrap();
}

fn opened(names: &[&str]) -> Snapshot {
    let mut files = files();
    for name in names {
        put(&mut files, name, &text(name));
    }
    files.snapshot(1_795_700_000_000_000)
}

#[test]
fn a_scan_by_nmap() {
    let s = opened(&["nmap.txt"]);
    assert_eq!(s.facts.list("server.suites").len(), 23);
    assert_eq!(s.facts.list("server.versions"), ["TLS 1.2", "TLS 1.3"]);
    assert_eq!(s.facts.bool("server.rsa_key_exchange"), Some(true));
    assert_eq!(s.inputs[0].dialects, ["scan"]);
    assert!(
        s.attempts.is_empty(),
        "a scan is no handshake of the device"
    );
}

#[test]
fn a_scan_by_sslscan_says_the_same_suites() {
    let sorted = |name| {
        let mut suites = opened(&[name]).facts.list("server.suites").to_vec();
        suites.sort();
        suites
    };
    assert_eq!(sorted("sslscan.txt"), sorted("nmap.txt"));
    let s = opened(&["sslscan.txt"]);
    assert_eq!(s.facts.list("server.versions"), ["TLS 1.2", "TLS 1.3"]);
    assert!(s.attempts.is_empty());
}

#[test]
fn a_certificate_in_words() {
    let s = opened(&["x509.txt"]);
    assert_eq!(s.facts.text("cert.leaf.cn"), Some("scan.handlens.test"));
    assert_eq!(
        s.facts.list("cert.leaf.names"),
        ["scan.handlens.test", "*.scan.handlens.test", "192.0.2.9"]
    );
    assert_eq!(s.facts.int("cert.leaf.key_bits"), Some(2048));
    assert_eq!(s.facts.text("cert.leaf.key_type"), Some("RSA"));
    assert_eq!(s.facts.bool("cert.leaf.self_signed"), Some(true));
    assert_eq!(s.facts.bool("cert.date_over_2038"), Some(false));
    // 2027-11-26T19:54:39Z.
    assert_eq!(s.facts.int("cert.not_after"), Some(1_827_258_879));
    assert!(s.attempts.is_empty());
}

#[test]
fn the_bytes_of_a_certificate_go_before_its_words() {
    let mut files = files();
    put(&mut files, "x509.txt", &text("x509.txt"));
    let pem = include_bytes!("certs/cn-is-ip.pem");
    put(&mut files, "server.pem", pem);
    let s = files.snapshot(1_795_700_000_000_000);
    assert_eq!(s.facts.text("cert.leaf.cn"), Some("192.0.2.17"));
}

#[test]
fn the_protocol_tree_of_wireshark_tells_sizes() {
    let mut files = files();
    put(&mut files, "tshark.txt", &text("tshark.txt"));
    files.case.choose_device(Some("spwf04sx")).unwrap();
    let s = files.snapshot(1_795_700_000_000_000);
    assert_eq!(s.facts.int("server.leaf_bytes"), Some(3_874));
    assert_eq!(s.facts.int("server.intermediate_bytes"), Some(855));
    assert_eq!(s.facts.text("client.sni"), Some("ab.store.test"));
    assert_eq!(
        s.facts.text("tls.cipher_suite"),
        Some("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
    );
    let size = s
        .diagnosis
        .findings
        .iter()
        .find(|f| f.id == "cert.over_limit");
    assert!(
        size.is_some_and(|f| f.sentence.contains("1,314")),
        "{size:?}"
    );
}

#[test]
fn verification_on_a_desk_is_not_the_device() {
    // What a PC says of a file must not be judged in place of the device's own failure.
    let device =
        b"I (3120) app: connecting to scan.handlens.test\nmbedtls_ssl_handshake returned -0x7280\n";
    let mut files = files();
    put(&mut files, "device.log", device);
    put(&mut files, "verify.txt", &text("verify.txt"));
    let s = files.snapshot(1_795_700_000_000_000);
    let judged = s.judged.and_then(|i| s.attempts.get(i)).unwrap();
    assert_eq!(judged.input, s.inputs[0].id);
}
