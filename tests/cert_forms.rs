//! Containers and wrappings: PKCS#12, PKCS#7, Java key stores, TLS messages, commands of modems.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use handlens::cert::{self, CertFile, Content, Encoding, Passwords, Severity, read, read_with};

const SMALL: &str = include_str!("certs/small.pem");
const INTER: &str = include_str!("certs/inter.pem");
const ROOT: &str = include_str!("certs/root.pem");
const KEY: &str = include_str!("certs/small.key");
const CHAIN: &str = include_str!("certs/chain.pem");

fn der(pem: &str) -> Vec<u8> {
    ders(&read("x", pem.as_bytes())).remove(0)
}

fn ders(file: &CertFile) -> Vec<Vec<u8>> {
    file.certificates().map(|c| c.der.clone()).collect()
}

fn has(file: &CertFile, id: &str) -> bool {
    file.problems.iter().any(|p| p.id == id)
}

fn password(text: &str) -> Passwords {
    let mut passwords = Passwords::none();
    passwords.add(text.as_bytes());
    passwords
}

#[test]
fn containers_open_with_their_password_and_pair() {
    for bytes in [
        &include_bytes!("certs/small-aes.p12")[..],
        include_bytes!("certs/small-rc2.p12"),
        include_bytes!("certs/small-3des.p12"),
    ] {
        let file = read_with("x", bytes, &password("handlens"));
        let mut found = ders(&file);
        found.sort();
        let mut wanted = vec![der(SMALL), der(INTER)];
        wanted.sort();
        assert_eq!(found, wanted, "{:?}", file.problems);
        assert!(
            file.objects
                .iter()
                .all(|o| o.content == Content::Pkcs12 || o.encoding == Encoding::Pkcs12)
        );
        let pairs = cert::pairs(std::slice::from_ref(&file));
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].verdict, cert::PairVerdict::Matches);
        assert!(!has(&file, "pkcs12.mac") && !has(&file, "pkcs12.closed"));
    }
}

#[test]
fn a_closed_container_says_so_and_why() {
    let bytes = include_bytes!("certs/small-aes.p12");
    let closed = read("x", bytes);
    assert_eq!(ders(&closed), Vec::<Vec<u8>>::new());
    let said = closed
        .problems
        .iter()
        .find(|p| p.id == "pkcs12.closed")
        .unwrap();
    assert_eq!(said.severity, Severity::Note);
    let wrong = read_with("x", bytes, &password("guess"));
    let said = wrong
        .problems
        .iter()
        .find(|p| p.id == "pkcs12.closed")
        .unwrap();
    assert_eq!(said.severity, Severity::Error);
    assert!(!said.sentence.contains("guess"));
}

#[test]
fn the_empty_password_and_none_at_all_are_tried() {
    let empty = read("x", include_bytes!("certs/small-empty.p12"));
    assert_eq!(ders(&empty).len(), 2, "{:?}", empty.problems);
    assert!(has(&empty, "pkcs12.empty_password"));
    let open = read("x", include_bytes!("certs/small-open.p12"));
    assert_eq!(ders(&open), [der(SMALL)]);
    assert!(
        open.objects
            .iter()
            .any(|o| matches!(&o.content, Content::PrivateKey(k) if !k.encrypted))
    );
}

#[test]
fn a_changed_byte_of_a_container_is_told() {
    let bytes = include_bytes!("certs/small-open.p12").to_vec();
    let der = der(SMALL);
    let at = bytes.windows(der.len()).position(|w| w == der).unwrap();
    let mut changed = bytes;
    changed[at + der.len() - 4] ^= 1;
    // Without a MAC only the signature tells.
    let file = read("x", &changed);
    assert_ne!(ders(&file), [der]);
    let mut cut = include_bytes!("certs/small-aes.p12").to_vec();
    cut.truncate(700);
    let file = read_with("x", &cut, &password("handlens"));
    assert!(file.problems.iter().any(|p| p.severity == Severity::Error));
}

#[test]
fn rounds_beyond_measure_are_refused_at_once() {
    let mut bytes = include_bytes!("certs/small-3des.p12").to_vec();
    // The last number of the file is the count of the MAC: INTEGER 2048.
    let at = bytes.len() - 4;
    assert_eq!(bytes[at..], [0x02, 0x02, 0x08, 0x00]);
    bytes.truncate(at);
    bytes.extend([0x02, 0x04, 0x7F, 0xFF, 0xFF, 0xFF]);
    // The lengths of MacData and of the file grow by two.
    let total = u16::try_from(bytes.len() - 4).unwrap().to_be_bytes();
    bytes[2..4].copy_from_slice(&total);
    let mac = (4..bytes.len() - 10)
        .rev()
        .find(|i| bytes[*i] == 0x30 && i + 2 + usize::from(bytes[i + 1]) + 2 == bytes.len())
        .unwrap();
    bytes[mac + 1] += 2;
    let started = std::time::Instant::now();
    let file = read_with("x", &bytes, &password("handlens"));
    assert!(has(&file, "pkcs12.rounds"), "{:?}", file.problems);
    assert!(started.elapsed() < std::time::Duration::from_secs(30));
}

/// PBKDF2, scrypt, PBES1 with both hashes, and the armour of old OpenSSL with three ciphers.
#[test]
fn an_encrypted_key_is_matched_with_its_password() {
    for key in [
        &include_bytes!("certs/small-encrypted.key")[..],
        include_bytes!("certs/small-scrypt.key"),
        include_bytes!("certs/small-md5des.key"),
        include_bytes!("certs/small-sha1des.key"),
        include_bytes!("certs/small-dek-aes128.key"),
        include_bytes!("certs/small-dek-des3.key"),
        include_bytes!("certs/small-dek-des.key"),
    ] {
        let files = [
            read("small.pem", SMALL.as_bytes()),
            read_with("k", key, &password("handlens")),
        ];
        let pair = &cert::pairs(&files)[0];
        assert_eq!(pair.verdict, cert::PairVerdict::Matches, "{files:?}");
        let Content::PrivateKey(kept) = &files[1].objects[0].content else {
            panic!("no key");
        };
        assert!(kept.encrypted);
        assert_eq!(kept.curve.as_deref(), Some("secp256r1"));
        for passwords in [Passwords::none(), password("handlenses")] {
            let closed = [
                read("small.pem", SMALL.as_bytes()),
                read_with("k", key, &passwords),
            ];
            let pair = &cert::pairs(&closed)[0];
            assert_eq!(pair.verdict, cert::PairVerdict::NotChecked);
        }
    }
}

/// The numbers of scrypt are the file's: a cost that is 0 or no power of two, and 256 MB of memory,
/// are refused.
#[test]
fn odd_numbers_of_scrypt_are_refused() {
    let bytes = pem_body(include_str!("certs/small-scrypt.key"));
    // N = 16384 and r = 8.
    let numbers = [0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08];
    let at = bytes.windows(7).position(|w| w == numbers).unwrap();
    for (place, value) in [(2, 0x7F), (2, 0x00), (2, 0x41), (6, 0x7F)] {
        let mut odd = bytes.clone();
        odd[at + place] = value;
        let started = std::time::Instant::now();
        let file = read_with("k", &odd, &password("handlens"));
        assert!(matches!(&file.objects[0].content, Content::PrivateKey(k) if k.kind.is_none()));
        assert!(started.elapsed() < std::time::Duration::from_secs(30));
    }
}

/// The decoded body of a PEM block.
fn pem_body(text: &str) -> Vec<u8> {
    let body: String = text.lines().filter(|l| !l.starts_with('-')).collect();
    data_encoding::BASE64.decode(body.as_bytes()).unwrap()
}

#[test]
fn bundles_of_pkcs7_are_read_as_pem_and_der() {
    let wanted = ders(&read("x", CHAIN.as_bytes()));
    for bytes in [
        &include_bytes!("certs/chain.p7b")[..],
        include_bytes!("certs/chain.p7b.der"),
    ] {
        let file = read("x", bytes);
        let mut found = ders(&file);
        found.sort();
        let mut wanted = wanted.clone();
        wanted.sort();
        assert_eq!(found, wanted, "{:?}", file.problems);
    }
}

#[test]
fn a_java_key_store_needs_no_password_for_its_certificates() {
    let bytes = include_bytes!("certs/store.jks");
    let file = read("store.jks", bytes);
    assert_eq!(ders(&file), [der(SMALL), der(INTER), der(ROOT)]);
    assert!(has(&file, "jks.store") && !has(&file, "jks.damaged"));
    let labels: Vec<_> = file.objects.iter().map(|o| o.label.as_deref()).collect();
    assert_eq!(
        labels,
        [Some("device"), Some("device"), Some("device"), Some("root")]
    );
    let at = file.objects[1].offset;
    assert!(bytes[at..].starts_with(&der(SMALL)));
    let cut = read("store.jks", &bytes[..bytes.len() - 200]);
    assert!(has(&cut, "jks.damaged"), "{:?}", cut.problems);
    assert_eq!(ders(&cut).len(), 2);
}

#[test]
fn keys_of_java_key_stores_open_with_their_passwords() {
    for bytes in [
        &include_bytes!("certs/keytool.jks")[..],
        include_bytes!("certs/keytool.jceks"),
    ] {
        let kinds = |file: &CertFile| -> Vec<Option<String>> {
            let key = |o: &cert::Object| match &o.content {
                Content::PrivateKey(key) => Some(key.kind.clone()),
                _ => None,
            };
            file.objects.iter().filter_map(key).collect()
        };
        let closed = read("store", bytes);
        assert_eq!(kinds(&closed), [None, None]);
        assert!(has(&closed, "jks.closed"));
        let wrong = read_with("store", bytes, &password("handlenses"));
        let said = wrong.problems.iter().find(|p| p.id == "jks.closed");
        assert!(said.unwrap().sentence.contains("is not that"), "{said:?}");
        let mut both = password("handlens");
        both.add(b"other-one");
        let file = read_with("store", bytes, &both);
        assert!(!has(&file, "jks.closed"), "{:?}", file.problems);
        let mut found = kinds(&file);
        found.sort();
        assert_eq!(found, [Some("EC".to_owned()), Some("RSA".to_owned())]);
        let pairs = cert::pairs(std::slice::from_ref(&file));
        assert_eq!(pairs.len(), 2);
        for pair in pairs {
            assert_eq!(pair.verdict, cert::PairVerdict::Matches);
        }
    }
}

/// A Certificate message as TLS 1.2 writes it.
fn message(certificates: &[Vec<u8>]) -> Vec<u8> {
    let three = |n: usize| u32::try_from(n).unwrap().to_be_bytes()[1..].to_vec();
    let list: Vec<u8> = certificates
        .iter()
        .flat_map(|c| [three(c.len()), c.clone()].concat())
        .collect();
    let body = [three(list.len()), list].concat();
    [vec![11], three(body.len()), body].concat()
}

#[test]
fn a_certificate_message_is_read_from_bytes_records_and_dumps() {
    let chain = ders(&read("x", CHAIN.as_bytes()));
    let plain = message(&chain);
    // Two records: the leaf goes on in the second.
    let records: Vec<u8> = plain
        .chunks(2_000)
        .flat_map(|part| {
            let len = u16::try_from(part.len()).unwrap().to_be_bytes();
            [&[22, 3, 3, len[0], len[1]][..], part].concat()
        })
        .collect();
    let dump: String = plain
        .chunks(16)
        .map(|row| {
            let digits: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
            format!("{}\n", digits.join(" "))
        })
        .collect();
    for bytes in [plain.clone(), records, dump.into_bytes()] {
        let file = read("x", &bytes);
        assert_eq!(ders(&file), chain, "{:?}", file.problems);
        assert!(has(&file, "tls.certificate_message"));
        assert!(
            file.objects
                .iter()
                .all(|o| o.encoding == Encoding::TlsMessage)
        );
    }
    let cut = read("x", &plain[..plain.len() - 100]);
    assert_eq!(ders(&cut)[0], chain[0]);
    assert!(cut.problems.iter().any(|p| p.severity == Severity::Error));
}

#[test]
fn commands_of_modems_are_held_against_what_follows() {
    let block = SMALL.trim_end();
    let size = block.len();
    let cases = [
        format!("AT+USECMNG=0,0,\"CA\",{size}\r\n>\r\n{block}"),
        format!("AT+S.TLSCERT=ca,{size}\r{block}"),
        format!(
            "AT+QFUPL=\"cacert.pem\",{},100\nCONNECT\n{block}\n",
            size + 1
        ),
        format!("AT#SSLSECDATA=1,1,1,{size}\r\n> {block}\n"),
        format!("AT+CCERTDOWN=\"ca.pem\",{size}\n>{block}\n"),
    ];
    for text in &cases {
        let file = read("x", text.as_bytes());
        assert_eq!(ders(&file), [der(SMALL)], "{text}");
        assert!(has(&file, "at.command"), "{text}: {:?}", file.problems);
        assert!(!has(&file, "at.size"), "{text}: {:?}", file.problems);
    }
    for (wrong, words) in [
        (size - 40, "cuts the rest"),
        (size + 400, "waits for the rest"),
    ] {
        let text = format!("AT+USECMNG=0,0,\"CA\",{wrong}\r\n>{block}\n");
        let file = read("x", text.as_bytes());
        let said = file.problems.iter().find(|p| p.id == "at.size").unwrap();
        assert!(said.sentence.contains(words), "{}", said.sentence);
        assert_eq!(said.line, Some(1));
    }
    // Quoted inside the command itself, and a key is matched as anywhere.
    let cmng = format!(
        "AT%CMNG=0,16842753,1,\"{block}\"\r\nOK\r\nAT%CMNG=0,16842753,2,\"{}\"",
        KEY.trim_end()
    );
    let file = read("x", cmng.as_bytes());
    assert_eq!(ders(&file), [der(SMALL)]);
    assert_eq!(cert::pairs(&[file])[0].verdict, cert::PairVerdict::Matches);
}

#[test]
fn a_pem_inside_json_is_read_with_what_stands_around_it() {
    let json = serde_json::json!({ "cert": CHAIN, "key": KEY }).to_string();
    let file = read("x.json", json.as_bytes());
    assert_eq!(ders(&file), ders(&read("x", CHAIN.as_bytes())));
    assert!(has(&file, "pem.escaped_newlines"));
    assert!(
        file.objects
            .iter()
            .any(|o| matches!(o.content, Content::PrivateKey(_)))
    );
}
