//! OpenSSL as the server, in the configurations that devices meet.

use std::fs;
use std::time::{Duration, Instant};

use handlens::evidence::FactValue;
use handlens::server::{
    Checked, DeviceHello, Ending, Identity, LibraryEnding, NameKind, Order, Verdict,
    check_key_exchange, probe_facts,
};
use handlens::tls::ServerKey;
use handlens::tls::hello::{ClientHello, HelloExtension};
use handlens::tls::{Alert, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::openssl_server::{Server, start_with};
use super::{ask, device, question};

/// A server whose certificate has 40 host names more.
fn server(key: &str, options: &[&str]) -> Option<Server> {
    start_with(key, options, 40, |folder| {
        let file = |name| folder.path().join(name);
        fs::copy(file("cert.pem"), file("other.pem")).unwrap();
    })
}

fn offered(found: &handlens::server::Probe) -> Vec<ProtocolVersion> {
    found
        .offer
        .versions
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|&(v, _)| v)
        .collect()
}

fn ids(found: &handlens::server::Probe, version: ProtocolVersion) -> Vec<u16> {
    found.offer.suites_of(version).map(|s| s.0).collect()
}

#[test]
fn rsa_key_exchange_in_the_servers_order() {
    let options = [
        "-tls1_2",
        "-serverpref",
        "-cipher",
        "AES256-SHA:AES128-GCM-SHA256:AES128-SHA",
    ];
    let Some(server) = server("rsa", &options) else {
        return;
    };
    let mut question = question(server.address);
    question.device = device("mbedtls-2.16");
    let found = ask(&question);
    assert_eq!(offered(&found), [ProtocolVersion::TLS12]);
    assert_eq!(
        ids(&found, ProtocolVersion::TLS12),
        [0x0035, 0x009C, 0x002F]
    );
    assert_eq!(found.offer.order, Order::Server);
    assert!(found.offer.groups.is_empty(), "no ECDHE, no group");
    let facts = probe_facts(&found, 1);
    let suites = [
        "TLS_RSA_WITH_AES_256_CBC_SHA",
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
    ];
    let suites = FactValue::List(suites.map(str::to_owned).to_vec());
    assert_eq!(facts.value("server.suites"), Some(&suites));
    assert_eq!(facts.text("server.min_version"), Some("TLS 1.2"));
    assert_eq!(facts.bool("server.needs_sni"), Some(false));
    // rustls has no RSA key exchange: no handshake came to its end, so nobody knows.
    assert_eq!(facts.bool("server.needs_client_cert"), None);
    assert!(facts.int("server.leaf_bytes").unwrap() > 1000, "40 names");
    let reply = found.device.unwrap().reply;
    assert_eq!(reply.cipher_suite(), Some(CipherSuite(0x0035)));
    assert!(
        found.key_check.is_none(),
        "RSA key exchange has no ServerKeyExchange"
    );
}

#[test]
fn everything_within_two_seconds_and_the_clients_order() {
    let Some(server) = server("rsa", &[]) else {
        return;
    };
    let started = Instant::now();
    let found = ask(&question(server.address));
    let elapsed = started.elapsed();
    assert_eq!(
        offered(&found),
        [ProtocolVersion::TLS13, ProtocolVersion::TLS12]
    );
    assert_eq!(found.offer.order, Order::Client);
    assert!(ids(&found, ProtocolVersion::TLS12).contains(&0x003C));
    assert!(found.connections < 120, "{}", found.connections);
    println!("{} connections, {elapsed:?}", found.connections);
    // Two seconds on a machine of its own; tests share theirs with others.
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    let lengths: Vec<_> = found
        .fragments
        .iter()
        .map(|f| (f.size, f.code, f.verdict))
        .collect();
    let honoured = Some(Verdict::Honoured);
    assert_eq!(
        lengths[..2],
        [(512, Some(1), honoured), (1024, Some(2), honoured)]
    );
    assert!(found.fragments[0].largest_record.unwrap() <= 512);
    assert_eq!(
        found.library.unwrap().ending,
        Some(LibraryEnding::Completed)
    );
}

#[test]
fn a_key_exchange_is_checked_point_and_signature_apart() {
    for (key, suite) in [
        ("P-256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("P-384", "ALL"),
        ("rsa", "ECDHE"),
    ] {
        let Some(server) = server(key, &["-tls1_2", "-cipher", suite, "-curves", "P-384"]) else {
            return;
        };
        let found = ask(&question(server.address));
        assert_eq!(found.offer.groups, [NamedGroup::SECP384R1], "{key}");
        let check = found.key_check.unwrap();
        assert_eq!(
            (check.point, check.signature),
            (Checked::Sound, Checked::Sound),
            "{key}"
        );

        let mut reply = found.offer.chain_reply.unwrap();
        let exchange = reply.key_exchange.as_mut().unwrap();
        *exchange.signature.last_mut().unwrap() ^= 1;
        let check = check_key_exchange(&reply).unwrap();
        assert_eq!(
            (check.point, check.signature),
            (Checked::Sound, Checked::Wrong),
            "{key}"
        );

        let exchange = reply.key_exchange.as_mut().unwrap();
        *exchange.signature.last_mut().unwrap() ^= 1;
        let ServerKey::Ecdhe { point, .. } = &mut exchange.key else {
            panic!()
        };
        point[40] ^= 1;
        let check = check_key_exchange(&reply).unwrap();
        assert_eq!(
            (check.point, check.signature),
            (Checked::Wrong, Checked::Sound),
            "{key}"
        );
    }
}

#[test]
fn every_hash_that_signs_is_found_and_checked() {
    let options = [
        "-tls1_2",
        "-cipher",
        "ECDHE",
        "-sigalgs",
        "ECDSA+SHA512:ECDSA+SHA256",
    ];
    let Some(server) = server("P-256", &options) else {
        return;
    };
    let found = ask(&question(server.address));
    let mut schemes = found.offer.schemes.clone();
    schemes.sort();
    assert_eq!(schemes, [SignatureScheme(0x0403), SignatureScheme(0x0603)]);
}

#[test]
fn nothing_in_common_is_alert_40() {
    let options = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"];
    let Some(server) = server("P-256", &options) else {
        return;
    };
    // A device with RSA key exchange and CBC only, without any extension.
    let hello = ClientHello {
        record_version: ProtocolVersion::TLS10,
        version: ProtocolVersion::TLS12,
        random: [1; 32],
        session_id: Vec::new(),
        cipher_suites: [0x002F, 0x0035, 0x000A].map(CipherSuite).to_vec(),
        compression: vec![0],
        extensions: Vec::new(),
    };
    let mut question = question(server.address);
    let device = DeviceHello::from_file("modem", &hello.records().unwrap()).unwrap();
    question.device = Some(device);
    let found = ask(&question);
    let reply = found.device.as_ref().unwrap();
    assert!(
        matches!(reply.reply.ending, Ending::Alert(Alert(40))),
        "{:?}",
        reply.reply.ending
    );
    let offered = ids(&found, ProtocolVersion::TLS12);
    assert_eq!(offered, [0xC02C]);
    assert!(!found.refusals.is_silent());
}

#[test]
fn old_versions_are_found() {
    for (option, version) in [
        ("-tls1", ProtocolVersion::TLS10),
        ("-tls1_1", ProtocolVersion::TLS11),
    ] {
        let Some(server) = server("rsa", &[option, "-cipher", "ALL:@SECLEVEL=0"]) else {
            return;
        };
        let found = ask(&question(server.address));
        assert_eq!(offered(&found), [version], "{option}");
        assert!(ids(&found, version).contains(&0x002F));
        assert!(found.library.is_none(), "rustls has no {version}");
    }
}

#[test]
fn only_tls13_with_one_group_answers_the_device_after_a_retry() {
    let Some(server) = server("P-256", &["-tls1_3", "-groups", "P-384"]) else {
        return;
    };
    let mut question = question(server.address);
    question.device = device("mbedtls-3.6-tls13");
    let found = ask(&question);
    assert_eq!(offered(&found), [ProtocolVersion::TLS13]);
    assert_eq!(found.offer.groups, [NamedGroup::SECP384R1]);
    assert_eq!(found.offer.schemes, [SignatureScheme(0x0403)]);
    let reply = found.device.unwrap().reply;
    assert!(
        reply.retry.is_some() && reply.hello.is_some(),
        "{:?}",
        reply.ending
    );
    assert_eq!(reply.group(), Some(NamedGroup::SECP384R1));
    assert_eq!(found.fragments[0].verdict, Some(Verdict::Honoured));
    assert!(!found.library.unwrap().certificates.is_empty());
}

#[test]
fn a_client_certificate_is_asked_for_and_judged_after_the_handshake() {
    let Some(server) = server(
        "rsa",
        &[
            "-Verify",
            "1",
            "-verify_return_error",
            "-CAfile",
            "cert.pem",
        ],
    ) else {
        return;
    };
    let mut question = question(server.address);
    let without = ask(&question);
    let request = without.offer.request.as_ref().unwrap();
    assert_eq!(request.authorities.len(), 1);
    assert!(request.types.contains(&64) && !request.signature_algorithms.is_empty());
    let facts = probe_facts(&without, 1);
    assert_eq!(facts.bool("server.needs_client_cert"), Some(true));
    let library = without.library.unwrap();
    assert_eq!(library.ending, Some(LibraryEnding::AlertAfter(Alert(116))));
    assert_eq!(library.demand.unwrap().authorities.len(), 1);

    let stranger = KeyPair::generate().unwrap();
    let unknown = CertificateParams::default().self_signed(&stranger).unwrap();
    question.identity = Some(Identity {
        chain: vec![unknown.der().clone()],
        key: PrivateKeyDer::try_from(stranger.serialize_der()).unwrap(),
    });
    let refused = ask(&question).library.unwrap();
    let alert = matches!(
        refused.ending,
        Some(LibraryEnding::AlertAfter(Alert(46 | 48 | 42)))
    );
    assert!(alert, "{:?}", refused.ending);

    let file = |name| server.folder.path().join(name);
    question.identity = Some(Identity {
        chain: CertificateDer::pem_file_iter(file("cert.pem"))
            .unwrap()
            .flatten()
            .collect(),
        key: PrivateKeyDer::from_pem_file(file("key.pem")).unwrap(),
    });
    let accepted = ask(&question).library.unwrap();
    assert_eq!(accepted.ending, Some(LibraryEnding::Completed));
}

#[test]
fn names_that_change_the_answer_are_named() {
    let options = [
        "-tls1_2",
        "-servername",
        "device.example",
        "-cert2",
        "other.pem",
    ];
    let Some(server) = server(
        "rsa",
        &[&options[..], &["-key2", "key.pem", "-servername_fatal"]].concat(),
    ) else {
        return;
    };
    let found = ask(&question(server.address));
    let own = &found.names[0];
    assert!(own.agreed);
    let other = found
        .names
        .iter()
        .find(|t| t.kind == NameKind::Other)
        .unwrap();
    assert!(other.differs_from(own));
    assert!(
        matches!(other.ending, Ending::Alert(Alert(112))),
        "{:?}",
        other.ending
    );
    let none = found
        .names
        .iter()
        .find(|t| t.kind == NameKind::None)
        .unwrap();
    assert!(none.agreed && !none.differs_from(own));
}

#[test]
fn extensions_are_answered_as_set() {
    let Some(server) = server("rsa", &["-tls1_2", "-no_ticket", "-alpn", "mqtt"]) else {
        return;
    };
    let found = ask(&question(server.address));
    let answers = found.offer.extensions;
    assert_eq!(answers.session_ticket, Some(false));
    assert_eq!(answers.extended_master_secret, Some(true));
    assert_eq!(answers.encrypt_then_mac, Some(true));
    assert_eq!(answers.renegotiation_info, Some(true));
    assert_eq!(answers.compression, Some(false));
    assert_eq!(found.offer.alpn.as_deref(), Some("mqtt"));
    assert_eq!(HelloExtension::alpn(&["mqtt"]).body[..2], [0, 5]);
}
