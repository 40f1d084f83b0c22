//! The probe against a real Mbed TLS server: what it says is compared with what the build itself lists
//! and with what was set. Needs a C compiler and the headers of Mbed TLS 2.28; says so where they are
//! missing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support {
    pub mod openssl_server;
}

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use handlens::server::predict::{Device, ServerSide, predict_client};
use handlens::server::{DeviceHello, LibraryEnding, NameChoice, Order, Verdict};
use handlens::tls::{CipherSuite, NamedGroup, ProtocolVersion};
use support::openssl_server::{Server, ask, certificate, free, is_installed, question, spawn};
use tempfile::TempDir;

/// The program, made once for all tests.
fn program() -> Option<&'static Path> {
    static MADE: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mbedtls_server/server.c");
        let output = Command::new("cc")
            .args(["-O1", "-w", "-o"])
            .arg(&path)
            .args([source, "-lmbedtls", "-lmbedx509", "-lmbedcrypto"])
            .output();
        match output {
            Ok(output) if output.status.success() => Some((folder, path)),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                let why = why.lines().next().unwrap_or_default().to_owned();
                println!("SKIPPED: the Mbed TLS server does not build: {why}");
                None
            }
            Err(error) => {
                println!("SKIPPED: no C compiler: {error}");
                None
            }
        }
    });
    made.as_ref().map(|(_, path)| path.as_path())
}

/// A suite of the build: number, key exchange as Mbed TLS counts them, lowest and highest minor version.
struct Known {
    id: u16,
    key_exchange: u32,
    minor: (u32, u32),
}

/// What the build itself lists: suites in its order, and groups.
fn listed(program: &Path) -> (Vec<Known>, BTreeSet<u16>) {
    let output = Command::new(program).arg("list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (mut suites, mut groups) = (Vec::new(), BTreeSet::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| words[i].parse::<u32>().unwrap();
        let id = u16::try_from(number(1)).unwrap();
        if words[0] == "suite" {
            suites.push(Known {
                id,
                key_exchange: number(2),
                minor: (number(3), number(4)),
            });
        } else {
            groups.insert(id);
        }
    }
    (suites, groups)
}

fn serve(program: &Path, key: &str, minor: (u32, u32), suites: &[u16]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    certificate(&folder, key);
    let address = free();
    let mut command = Command::new(program);
    command
        .args([&address.port().to_string(), "cert.pem", "key.pem"])
        .args([minor.0.to_string(), minor.1.to_string()])
        .args(suites.iter().map(u16::to_string));
    spawn(folder, address, &mut command)
}

/// Key exchanges of `ssl_ciphersuites.h` that a certificate of this key can serve: RSA, `DHE_RSA`,
/// `ECDHE_RSA`, or `ECDHE_ECDSA` and both kinds of static ECDH (`ssl_pick_cert` looks at the key alone).
fn fits(key: &str, key_exchange: u32) -> bool {
    match key_exchange {
        1..=3 => key == "rsa",
        4 | 9 | 10 => key != "rsa",
        _ => false,
    }
}

const MINOR: [(u32, ProtocolVersion); 3] = [
    (3, ProtocolVersion::TLS12),
    (2, ProtocolVersion::TLS11),
    (1, ProtocolVersion::TLS10),
];

#[test]
fn everything_is_found_as_the_build_lists_it_in_the_servers_order() {
    let Some(program) = program().filter(|_| is_installed("openssl")) else {
        return;
    };
    let (known, groups) = listed(program);
    for key in ["rsa", "P-256"] {
        let server = serve(program, key, (1, 3), &[]);
        let found = ask(&question(server.address));
        for (minor, version) in MINOR {
            let truth: Vec<u16> = known
                .iter()
                .filter(|k| fits(key, k.key_exchange) && k.minor.0 <= minor && minor <= k.minor.1)
                .map(|k| k.id)
                .collect();
            let told: Vec<u16> = found.offer.suites_of(version).map(|s| s.0).collect();
            let set: BTreeSet<u16> = truth.iter().copied().collect();
            assert_eq!(
                told.iter().copied().collect::<BTreeSet<u16>>(),
                set,
                "{key} {version}"
            );
            assert_eq!(told, truth, "{key} {version}: in the server's order");
        }
        assert!(!found.offer.has(ProtocolVersion::TLS13), "{key}");
        assert_eq!(found.offer.order, Order::Server, "{key}");
        let told: BTreeSet<u16> = found.offer.groups.iter().map(|g| g.0).collect();
        assert!(told.is_subset(&groups), "{key}: {told:?} {groups:?}");
        if key == "rsa" {
            assert_eq!(told, groups, "{key}");
            assert!(!found.offer.more_groups);
        } else {
            // The certificate's curve must be offered, and what comes behind it in the server's own
            // order never shows: that is said.
            assert!(told == groups || found.offer.more_groups, "{told:?}");
        }
        let answers = found.offer.extensions;
        assert_eq!(answers.extended_master_secret, Some(true), "{key}");
        assert_eq!(answers.encrypt_then_mac, Some(true), "{key}");
        assert_eq!(answers.renegotiation_info, Some(true), "{key}");
        assert_eq!(
            answers.session_ticket,
            Some(false),
            "{key}: none are set up"
        );
        assert_eq!(answers.compression, Some(false), "{key}");
        let library = found.library.unwrap();
        assert_eq!(library.ending, Some(LibraryEnding::Completed), "{key}");
        assert_eq!(found.resumption.ticket, Some(false), "{key}");
        assert_eq!(
            found.resumption.session_id,
            Some(true),
            "{key}: a cache is set up"
        );
        // It agrees to each length, and cuts application data only: a handshake message is one record
        // (`ssl_write_handshake_msg`), however long. What counts is what came.
        for tried in found.fragments.iter().filter(|f| f.code.is_some()) {
            let verdict = if tried.largest_record.unwrap() <= tried.size {
                Verdict::Honoured
            } else {
                Verdict::Ignored
            };
            assert_eq!(tried.verdict, Some(verdict), "{key} {}", tried.size);
        }
        if key == "rsa" {
            assert_eq!(found.fragments[0].verdict, Some(Verdict::Ignored));
        }
        let limit = found.fragments.iter().find(|f| f.code.is_none()).unwrap();
        assert_eq!(
            limit.verdict,
            Some(Verdict::Ignored),
            "{key}: RFC 8449 is not in 2.28"
        );
    }
}

#[test]
fn what_is_set_is_what_is_found() {
    let Some(program) = program().filter(|_| is_installed("openssl")) else {
        return;
    };
    let order = [0x003D, 0xC030, 0x002F, 0x009E];
    let server = serve(program, "rsa", (3, 3), &order);
    let found = ask(&question(server.address));
    let told: Vec<u16> = found
        .offer
        .suites_of(ProtocolVersion::TLS12)
        .map(|s| s.0)
        .collect();
    assert_eq!(told, order);
    assert_eq!(found.offer.order, Order::Server);
    let versions: Vec<_> = found
        .offer
        .versions
        .iter()
        .filter(|(_, yes)| *yes)
        .collect();
    assert_eq!(versions, [&(ProtocolVersion::TLS12, true)]);
}

#[test]
fn devices_of_the_same_library_get_what_the_prediction_says() {
    let Some(program) = program().filter(|_| is_installed("openssl")) else {
        return;
    };
    let server = serve(program, "rsa", (1, 3), &[0xC02F, 0x0035, 0x003C]);
    for id in ["mbedtls-2.16", "mbedtls-2.28", "mbedtls-3.6"] {
        let hello = DeviceHello::known(id).unwrap();
        let mut asking = question(server.address);
        asking.device = Some(hello.clone());
        asking.name = NameChoice::Given("device.example".into());
        let found = ask(&asking);
        let reply = &found.device.as_ref().unwrap().reply;
        assert_eq!(reply.cipher_suite(), Some(CipherSuite(0xC02F)), "{id}");
        let side = ServerSide::of_probe(&found);
        let foretold = predict_client(&Device::of_hello(hello, None), &side, None).agreement;
        assert_eq!(foretold.version, reply.version(), "{id}");
        assert_eq!(foretold.cipher_suite, reply.cipher_suite(), "{id}");
        assert_eq!(foretold.group, reply.group(), "{id}");
        assert_eq!(foretold.scheme, reply.signature_scheme(), "{id}");
        assert!(
            foretold
                .group
                .is_some_and(|g: NamedGroup| g.name().is_some()),
            "{id}"
        );
    }
}
