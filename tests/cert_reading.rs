//! Reading certificates in every form that people keep them in, and naming what is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use handlens::cert::{self, CertFile, Content, Encoding, Severity, flat, read};
use proptest::prelude::*;

const SMALL: &str = include_str!("certs/small.pem");
const ROOT: &str = include_str!("certs/root.pem");
const KEY: &str = include_str!("certs/small.key");
const SEC1: &str = include_str!("certs/small-sec1.key");

fn der(pem: &str) -> Vec<u8> {
    read("x", pem.as_bytes())
        .certificates()
        .next()
        .unwrap()
        .der
        .clone()
}

fn ids(file: &CertFile) -> Vec<&str> {
    file.problems.iter().map(|p| p.id).collect()
}

/// Reads `bytes`, expects the certificate of `small.pem` and returns the problems.
fn same(bytes: &[u8]) -> CertFile {
    let file = read("x", bytes);
    let found: Vec<Vec<u8>> = file.certificates().map(|c| c.der.clone()).collect();
    assert_eq!(found, [der(SMALL)], "{:?}", file.problems);
    file
}

#[test]
fn a_plain_file_has_no_problem() {
    let file = same(SMALL.as_bytes());
    assert!(file.problems.is_empty(), "{:?}", file.problems);
    let object = &file.objects[0];
    assert_eq!(object.offset, 0);
    assert_eq!(object.file_bytes, SMALL.trim_end().len());
    assert_eq!(object.label.as_deref(), Some("CERTIFICATE"));
}

#[test]
fn line_ends_marks_and_missing_parts_are_named() {
    let crlf = SMALL.replace('\n', "\r\n");
    assert_eq!(ids(&same(crlf.as_bytes())), ["file.crlf"]);
    let cr = SMALL.replace('\n', "\r");
    assert!(ids(&same(cr.as_bytes())).contains(&"file.cr_only"));
    let bom = format!("\u{FEFF}{SMALL}");
    assert_eq!(ids(&same(bom.as_bytes())), ["file.bom"]);
    let trimmed = SMALL.trim_end();
    assert_eq!(ids(&same(trimmed.as_bytes())), ["file.no_final_newline"]);
    let no_footer = SMALL.replace("-----END CERTIFICATE-----\n", "");
    assert_eq!(ids(&same(no_footer.as_bytes())), ["pem.no_footer"]);
    let no_header = SMALL.replace("-----BEGIN CERTIFICATE-----\n", "");
    assert!(ids(&same(no_header.as_bytes())).contains(&"pem.no_header"));
    let indented = SMALL.replace('\n', "\n    ");
    assert!(ids(&same(indented.as_bytes())).contains(&"pem.indented"));
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(SMALL.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let file = same(&utf16);
    assert_eq!(ids(&file), ["file.utf16"]);
    assert_eq!(file.objects[0].offset, 2);
}

#[test]
fn source_code_json_and_logs_are_read_through() {
    let lines: Vec<&str> = SMALL.lines().collect();
    let c: String = lines.iter().map(|l| format!("  \"{l}\\n\"\n")).collect();
    let c = format!("static const char ca[] =\n{c};\n");
    assert!(ids(&same(c.as_bytes())).contains(&"pem.in_source_code"));
    let json = format!("{{\"ca\":\"{}\"}}", SMALL.replace('\n', "\\n"));
    assert!(ids(&same(json.as_bytes())).contains(&"pem.escaped_newlines"));
    let log: String = lines
        .iter()
        .enumerate()
        .map(|(i, l)| format!("I ({i}) main: {l}\n"))
        .collect();
    assert!(ids(&same(log.as_bytes())).contains(&"pem.log_prefixed"));
    let script: String = lines.iter().map(|l| format!("  '{l}\\n' +\n")).collect();
    same(format!("const ca =\n{script} '';\n").as_bytes());
}

#[test]
fn numbers_are_read_in_every_way_of_writing() {
    let bytes = der(SMALL);
    let joined =
        |f: &dyn Fn(&u8) -> String, sep: &str| bytes.iter().map(f).collect::<Vec<_>>().join(sep);
    let array = format!(
        "const uint8_t c[] = {{ {} }};",
        joined(&|b| format!("0x{b:02X}"), ", ")
    );
    let file = same(array.as_bytes());
    assert_eq!(file.objects[0].encoding, Encoding::SourceCode);
    assert_eq!(file.objects[0].offset, 24, "the digits of the first number");
    let decimal = format!("c = [ {} ]", joined(&|b| b.to_string(), ", "));
    same(decimal.as_bytes());
    let colons = joined(&|b| format!("{b:02x}"), ":");
    assert_eq!(same(colons.as_bytes()).objects[0].encoding, Encoding::Hex);
    let plain: String = bytes
        .chunks(32)
        .map(|c| c.iter().map(|b| format!("{b:02x}")).collect::<String>() + "\r\n")
        .collect();
    same(plain.as_bytes());
    let dump: String = bytes
        .chunks(16)
        .enumerate()
        .map(|(i, c)| {
            let hex: Vec<String> = c.iter().map(|b| format!("{b:02x}")).collect();
            format!("ssl_tls.c:5600: {:04x}:  {}  ....\n", i * 16, hex.join(" "))
        })
        .collect();
    same(dump.as_bytes());
    let escapes = joined(&|b| format!("\\x{b:02x}"), "");
    same(format!("char c[] = \"{escapes}\";").as_bytes());
    let base64 = SMALL
        .lines()
        .filter(|l| !l.starts_with('-'))
        .collect::<String>();
    assert!(ids(&same(base64.as_bytes())).contains(&"pem.no_header"));
}

#[test]
fn damage_is_named_with_its_place_and_the_rest_is_read() {
    let whole = der(SMALL);
    let cut = read("x", &whole[..300]);
    let problem = cut
        .problems
        .iter()
        .find(|p| p.id == "der.truncated")
        .unwrap();
    assert_eq!(problem.offset, Some(0));
    assert!(
        problem.sentence.contains("declares 404 bytes"),
        "{problem:?}"
    );
    let certificate = cut.certificates().next().unwrap();
    assert_eq!(
        certificate.subject.common_name(),
        Some("device.example.com")
    );
    assert!(certificate.not_after.is_some());

    let mut behind = whole.clone();
    behind.extend_from_slice(b"rubbish");
    let file = read("x", &behind);
    let problem = file
        .problems
        .iter()
        .find(|p| p.id == "der.trailing_bytes")
        .unwrap();
    assert_eq!(problem.offset, Some(408));
    assert_eq!(file.certificates().next().unwrap().der, whole);

    let mut before = vec![1, 2, 3, 4, 5];
    before.extend_from_slice(&whole);
    let file = read("x", &before);
    assert!(ids(&file).contains(&"der.leading_bytes"));
    assert_eq!(file.certificates().next().unwrap().der, whole);

    let wrong_digit = SMALL.replacen("MII", "M!I", 1);
    let file = read("x", wrong_digit.as_bytes());
    let problem = file
        .problems
        .iter()
        .find(|p| p.id == "pem.bad_base64")
        .unwrap();
    assert_eq!((problem.offset, problem.line), (Some(29), Some(2)));

    let zeros = read("x", &[0; 100]);
    assert!(ids(&zeros).contains(&"der.zeros"), "{:?}", zeros.problems);
    assert!(zeros.is_empty());
    assert_eq!(ids(&read("x", b"")), ["file.empty"]);
    assert_eq!(ids(&read("x", b"hello\n")), ["file.nothing_found"]);
}

#[test]
fn several_objects_keep_their_order_and_places() {
    let both = format!("leaf first\n{SMALL}then the root\n{ROOT}{KEY}");
    let file = read("x", both.as_bytes());
    let kinds: Vec<&str> = file.objects.iter().map(|o| o.content.kind()).collect();
    assert_eq!(kinds, ["certificate", "certificate", "private_key"]);
    assert_eq!(file.objects[0].offset, 11);
    assert_eq!(
        &both[file.objects[1].offset..][..27],
        "-----BEGIN CERTIFICATE-----"
    );
    let der = [der(SMALL), der(ROOT)].concat();
    assert_eq!(read("x", &der).certificates().count(), 2);
}

#[test]
fn a_key_is_recognised_and_nothing_of_it_is_kept() {
    for (pem, format) in [(KEY, "PKCS#8"), (SEC1, "SEC1")] {
        let file = read("x", pem.as_bytes());
        let key = file
            .objects
            .iter()
            .find_map(|o| match &o.content {
                Content::PrivateKey(key) => Some(key),
                _ => None,
            })
            .unwrap();
        assert_eq!(key.format, format);
        assert_eq!(
            (key.bits, key.curve.as_deref()),
            (Some(256), Some("secp256r1"))
        );
        let small = read("x", SMALL.as_bytes());
        let spki = &small
            .certificates()
            .next()
            .unwrap()
            .key
            .clone()
            .unwrap()
            .spki_sha256;
        assert_eq!(key.spki_sha256.as_ref(), Some(spki));
        let everything = format!("{file:?}");
        let body: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
        for piece in body.as_bytes().windows(16) {
            assert!(!everything.contains(std::str::from_utf8(piece).unwrap()));
        }
    }
    let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END RSA PRIVATE KEY-----\n";
    let file = read("x", encrypted.as_bytes());
    assert!(matches!(
        &file.objects[0].content,
        Content::PrivateKey(key) if key.encrypted && key.format == "PKCS#1"
    ));
}

#[test]
fn sizes_add_up_to_the_byte_in_both_maps() {
    for pem in [
        SMALL,
        ROOT,
        include_str!("certs/leaf-66-names.pem"),
        include_str!("certs/cn-is-ip.pem"),
    ] {
        let file = read("x", pem.as_bytes());
        let certificate = file.certificates().next().unwrap();
        assert!(certificate.size_tree().adds_up());
        let map = flat(certificate.size_tree());
        assert_eq!(
            map.iter().map(|(_, n)| n).sum::<usize>(),
            certificate.der_bytes()
        );
        let (mut at, mut leaves) = (0, Vec::new());
        walk(certificate.size_tree(), &mut leaves);
        for (offset, bytes) in leaves {
            assert_eq!(offset, at, "no gap and no overlap");
            at += bytes;
        }
        assert_eq!(at, certificate.der_bytes());
        assert_eq!(
            cert::pem_bytes(certificate.der_bytes(), 1),
            pem.len(),
            "as OpenSSL writes it"
        );
    }
    let file = read("x", include_bytes!("certs/leaf-66-names.pem"));
    let certificate = file.certificates().next().unwrap();
    let names = certificate.size_tree().find("subject_alt_name").unwrap();
    assert_eq!(names.children.len(), 67);
    assert_eq!(
        names.children[1].name,
        "DNS:*.table.db01prdstr01a.store.example.net"
    );
    assert_eq!(names.children[1].bytes, 41);
}

fn walk(node: &cert::SizeNode, out: &mut Vec<(usize, usize)>) {
    if node.children.is_empty() {
        out.push((node.offset, node.bytes));
    }
    for child in &node.children {
        walk(child, out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read("x", &bytes);
    }

    #[test]
    fn a_changed_certificate_is_read_or_named(at in 0_usize..408, value: u8, cut in 0_usize..408) {
        let mut bytes = der(SMALL);
        bytes[at] = value;
        bytes.truncate(408 - cut / 4);
        let file = read("x", &bytes);
        for certificate in file.certificates() {
            prop_assert!(certificate.size_tree().adds_up());
        }
        let untouched = bytes == der(SMALL);
        let told = file.problems.iter().chain(file.certificates().flat_map(|c| &c.problems));
        if bytes.len() < 408 && !untouched {
            prop_assert!(told.into_iter().any(|p| p.severity >= Severity::Warning) || file.certificates().count() == 0);
        }
    }

    #[test]
    fn a_changed_text_does_not_make_it_panic(at in 0_usize..500, text in "[ -~\\n]{0,40}") {
        let mut pem = SMALL.to_owned();
        pem.insert_str(at.min(pem.len()), &text);
        let _ = read("x", pem.as_bytes());
    }
}
