//! Certificates and files that are made to hurt: each is answered in bounded time and memory.
//!
//! Times are asked of a build without optimisation; the release build is about ten times as fast.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::{Duration, Instant};

use handlens::cert::{
    self, CertFile, Inspection, PathCheck, Question, StrictQuestion, check_strictly, read,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

const SMALL: &str = include_str!("certs/small.pem");
const MOST: Duration = Duration::from_secs(20);

/// Reads and judges as window and command line do, within the time.
fn within(name: &str, bytes: &[u8]) -> CertFile {
    let started = Instant::now();
    let files = [read(name, bytes)];
    let trusted = [read("trusted", SMALL.as_bytes())];
    let inspection = Inspection::of(
        &files,
        &Question {
            trusted: &trusted,
            host: Some("device.example.com"),
            at_unix_s: 1_700_000_000,
            ..Question::default()
        },
    );
    for (_, _, certificate) in inspection.certificates.iter().take(50) {
        let _ = cert::lints(certificate);
    }
    let took = started.elapsed();
    println!("{name}: {} bytes, {took:?}", bytes.len());
    assert!(took < MOST, "{name}: {took:?}");
    let [file] = files;
    file
}

fn has(file: &CertFile, id: &str) -> bool {
    let told = |p: &cert::Problem| p.id == id;
    file.problems.iter().any(told) || file.certificates().any(|c| c.problems.iter().any(told))
}

fn small_der() -> Vec<u8> {
    let file = read("x", SMALL.as_bytes());
    file.certificates().next().unwrap().der.clone()
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = vec![tag];
    if len < 0x80 {
        out.push(u8::try_from(len).unwrap());
    } else {
        let octets: Vec<u8> = len
            .to_be_bytes()
            .into_iter()
            .skip_while(|b| *b == 0)
            .collect();
        out.push(0x80 | u8::try_from(octets.len()).unwrap());
        out.extend(octets);
    }
    out.extend_from_slice(content);
    out
}

#[test]
fn ten_thousand_names_are_read_and_judged() {
    let names: Vec<String> = (0..10_000)
        .map(|i| format!("host{i}.example.com"))
        .collect();
    let params = CertificateParams::new(names).unwrap();
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    let file = within("names", made.der());
    let certificate = file.certificates().next().unwrap();
    assert_eq!(certificate.extensions.dns_names().count(), 10_000);
    assert!(certificate.size_tree().adds_up());
}

#[test]
fn deep_nesting_is_refused() {
    let mut der = vec![0x05, 0x00];
    let mut levels = Vec::new();
    let mut size = der.len();
    // Built from inside; only the headers are kept, or it would take a second itself.
    for _ in 0..20_000 {
        let header = element(0x30, &vec![0; size])[..].to_vec();
        let header = header[..header.len() - size].to_vec();
        size += header.len();
        levels.push(header);
    }
    let mut whole: Vec<u8> = levels.into_iter().rev().flatten().collect();
    whole.append(&mut der);
    let file = within("nested", &whole);
    let said = file.problems.iter().find(|p| p.id == "der.nested").unwrap();
    assert!(
        said.sentence.starts_with("refused: limit"),
        "{}",
        said.sentence
    );
}

/// `small.pem` with another public key, as DER; its signature no longer fits.
fn with_rsa_key(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xA5; bits / 8];
    modulus[bits / 8 - 1] |= 1;
    modulus.insert(0, 0);
    let numbers = [element(0x02, &modulus), element(0x02, &[1, 0, 1])].concat();
    let mut bits = vec![0];
    bits.extend(element(0x30, &numbers));
    let oid = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let spki = element(0x30, &[element(0x30, &oid), element(0x03, &bits)].concat());
    let der = small_der();
    let certificate = read("x", &der);
    let old = certificate
        .certificates()
        .next()
        .unwrap()
        .size_tree()
        .find("public_key")
        .unwrap()
        .clone();
    let tree = certificate
        .certificates()
        .next()
        .unwrap()
        .size_tree()
        .clone();
    let tbs = tree.find("tbs_certificate").unwrap();
    let (_, tbs_end) = (tbs.offset, tbs.offset + tbs.bytes);
    let tbs_header = tbs.children[0].bytes;
    let body = [
        &der[tbs.offset + tbs_header..old.offset],
        &spki,
        &der[old.offset + old.bytes..tbs_end],
    ]
    .concat();
    element(
        0x30,
        &[element(0x30, &body), der[tbs_end..].to_vec()].concat(),
    )
}

#[test]
fn huge_keys_are_named_and_not_computed_with() {
    for bits in [16_384, 65_536] {
        let der = with_rsa_key(bits);
        let file = within("key", &der);
        let certificate = file.certificates().next().unwrap();
        assert_eq!(
            certificate.key.as_ref().unwrap().bits,
            u32::try_from(bits).unwrap()
        );
        // Self-signed by its name: the check of its own signature must not start.
        let check = cert::check_signature(certificate, certificate);
        assert_ne!(check, cert::SignatureCheck::Good);
        assert!(
            cert::lints(certificate)
                .iter()
                .any(|l| l.id == "cert.key_rsa_large")
        );
    }
}

#[test]
fn many_certificates_are_read_up_to_the_limit() {
    let one = SMALL.trim_end();
    let bundle = format!("{one}\n").repeat(21_000);
    let started = Instant::now();
    let file = read("bundle", bundle.as_bytes());
    println!("bundle: {} bytes, {:?}", bundle.len(), started.elapsed());
    assert_eq!(file.certificates().count(), 20_000);
    assert!(has(&file, "limit.objects"));
    assert!(started.elapsed() < Duration::from_mins(1));
    let pile = small_der().repeat(21_000);
    let file = read("pile", &pile);
    assert!(has(&file, "limit.objects"));
}

#[test]
fn large_files_without_certificates_are_answered() {
    let size = 40 * 1_024 * 1_024;
    let line = b"I (312) wifi: connected 30 82 01 0a to 192.0.2.1 with -----BEGIN nothing\r\n";
    for (name, bytes) in [
        ("zeros", vec![0; size]),
        ("digits", vec![b'0'; size]),
        ("dashes", vec![b'-'; size]),
        ("log", line.repeat(size / line.len())),
        ("sequences", [0x30, 0x82].repeat(size / 2)),
        ("letters", vec![b'A'; size]),
    ] {
        let started = Instant::now();
        let file = read(name, &bytes);
        let took = started.elapsed();
        println!("{name}: {took:?} {:?}", file.problems.first().map(|p| p.id));
        assert_eq!(file.certificates().count(), 0);
        assert!(!file.problems.is_empty(), "{name}");
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
    }
}

#[test]
fn one_huge_block_is_refused() {
    let mut text = b"-----BEGIN CERTIFICATE-----\n".to_vec();
    text.resize(40 * 1_024 * 1_024, b'A');
    text.extend(b"\n-----END CERTIFICATE-----\n");
    let file = within("block", &text);
    assert!(has(&file, "limit.block"), "{:?}", file.problems);
    let mut line = b"-----BEGIN CERTIFICATE-----\\n".to_vec();
    line.extend(b"AAAA\\n".repeat(1_024 * 1_024));
    line.extend(b"-----END CERTIFICATE-----\n");
    let file = within("line", &line);
    assert!(has(&file, "limit.block"), "{:?}", file.problems);
}

#[test]
fn cas_that_sign_each_other_do_not_make_it_search_for_ever() {
    let ca = |subject: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, subject);
        params
    };
    let keys: Vec<KeyPair> = (0..12).map(|_| KeyPair::generate().unwrap()).collect();
    let mut heap = Vec::new();
    for (i, subject_key) in keys.iter().enumerate() {
        for (j, issuer_key) in keys.iter().enumerate() {
            if i != j {
                let issuer = rcgen::Issuer::new(ca(&format!("CA {j}")), issuer_key);
                let made = ca(&format!("CA {i}"))
                    .signed_by(subject_key, &issuer)
                    .unwrap();
                heap.push(read("x", made.der()));
            }
        }
    }
    let leaf_key = KeyPair::generate().unwrap();
    let issuer = rcgen::Issuer::new(ca("CA 0"), &keys[0]);
    let leaf = CertificateParams::new(vec!["device.example.com".into()])
        .unwrap()
        .signed_by(&leaf_key, &issuer)
        .unwrap();
    let leaf = read("leaf", leaf.der());
    let trusted = read("root", SMALL.as_bytes());
    let others: Vec<&cert::Certificate> = heap.iter().flat_map(CertFile::certificates).collect();
    let anchors: Vec<&cert::Certificate> = trusted.certificates().collect();
    let started = Instant::now();
    let answer = check_strictly(&StrictQuestion {
        leaf: leaf.certificates().next().unwrap(),
        others: &others,
        trusted: &anchors,
        crls: &[],
        at_unix_s: 1_700_000_000,
        host: None,
        usage: cert::PathUse::Server,
        profile: cert::Profile::Rfc5280,
        most_between: None,
    });
    println!("cross: {:?} {answer:?}", started.elapsed());
    assert!(matches!(answer.check, PathCheck::Refused(_)));
    assert!(started.elapsed() < MOST);
}

/// time(2n) / time(n): twice the names must not take much more than twice the time.
#[test]
fn time_grows_with_the_size() {
    let made = |count: usize| {
        let names: Vec<String> = (0..count).map(|i| format!("host{i}.example.com")).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    };
    let best = |der: &[u8]| {
        (0..5)
            .map(|_| {
                let started = Instant::now();
                let file = read("x", der);
                let _ = file.certificates().map(cert::lints).collect::<Vec<_>>();
                started.elapsed()
            })
            .min()
            .unwrap()
    };
    let (one, two) = (best(&made(4_000)), best(&made(8_000)));
    println!("4,000 names {one:?}, 8,000 names {two:?}");
    assert!(two < one * 4, "{one:?} {two:?}");
}
