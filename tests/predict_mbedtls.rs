//! Predictions against the Mbed TLS library that is installed: its own configuration header, a few
//! `mbedtls_ssl_conf` settings, several servers. What is foretold must be what the library then does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support {
    pub mod mbedtls_peer;
    pub mod openssl_server;
}

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use support::{mbedtls_peer, openssl_server};

/// Settings of a device: as its source code says them, and as options of the program.
struct Setting {
    name: &'static str,
    source: &'static str,
    options: &'static [&'static str],
}

const SETTINGS: [Setting; 3] = [
    Setting {
        name: "as it comes",
        source: "",
        options: &[],
    },
    Setting {
        name: "two suites, P-256",
        source: "static const int suites[] = { MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, \
                 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0 };\n\
                 mbedtls_ssl_conf_ciphersuites(&conf, suites);\n\
                 static const mbedtls_ecp_group_id curves[] = { MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE };\n\
                 mbedtls_ssl_conf_curves(&conf, curves);\n",
        options: &[
            "suites=TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256,TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256",
            "groups=secp256r1",
        ],
    },
    Setting {
        name: "SHA-256 alone",
        source: "static const int hashes[] = { MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE };\n\
                 mbedtls_ssl_conf_sig_hashes(&conf, hashes);\n",
        options: &["hashes=SHA256"],
    },
];

/// Kind of key and options of a server.
const SERVERS: [(&str, &[&str]); 6] = [
    ("rsa", &["-tls1_2"]),
    ("P-256", &["-tls1_2"]),
    ("rsa", &["-tls1_2", "-cipher", "AES256-SHA256"]),
    ("rsa", &["-tls1_2", "-groups", "P-256:P-384", "-serverpref"]),
    ("rsa", &["-tls1_2", "-groups", "P-521", "-cipher", "ECDHE"]),
    ("rsa", &["-tls1_3"]),
];

/// Numbers of hashes in TLS 1.2 (RFC 5246 section 7.4.1.4.1).
fn hash(number: &str) -> &str {
    match number {
        "2" => "SHA-1",
        "4" => "SHA-256",
        "5" => "SHA-384",
        "6" => "SHA-512",
        other => other,
    }
}

fn foretold(folder: &Path, setting: &Setting, server: SocketAddr) -> serde_json::Value {
    let source = folder.join("device.c");
    let start = "mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, \
                 MBEDTLS_SSL_PRESET_DEFAULT);\n\
                 mbedtls_ssl_conf_authmode(&conf, MBEDTLS_SSL_VERIFY_REQUIRED);\n";
    fs::write(&source, format!("{start}{}", setting.source)).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .arg("predict")
        .arg("--config")
        .arg(mbedtls_peer::header().unwrap())
        .arg("--config")
        .arg(&source)
        .args([
            "--server",
            &server.to_string(),
            "--sni",
            "device.example",
            "--json",
        ])
        .output()
        .unwrap();
    serde_json::from_slice(&out.stdout).expect("one JSON object")
}

/// `negotiated version=… suite=…` as name and value.
fn happened(stderr: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find_map(|l| l.strip_prefix("negotiated "))?;
    let pairs = line.split(' ').filter_map(|p| p.split_once('='));
    Some(pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
}

#[test]
fn what_is_foretold_is_what_the_installed_library_does() {
    let Some(program) = mbedtls_peer::program() else {
        return;
    };
    let header = fs::read_to_string(mbedtls_peer::header().unwrap()).unwrap();
    if header.contains("MBEDTLS_SSL_PROTO_TLS1_3") {
        println!("SKIPPED: the settings of this test are those of Mbed TLS 2");
        return;
    }
    let mut met = 0;
    let mut refused = 0;
    for (key, options) in SERVERS {
        let Some(server) = openssl_server::start(key, options) else {
            return;
        };
        for setting in &SETTINGS {
            let told = foretold(server.folder.path(), setting, server.address);
            let mut device: Vec<String> = setting.options.iter().map(ToString::to_string).collect();
            let fixed = [
                "ca=cert.pem",
                "name=device.example",
                "debug=3",
                "report=1",
                "timeout=3000",
            ];
            device.extend(fixed.iter().map(ToString::to_string));
            device.push("send=GET / HTTP/1.0\r\n\r\n".to_owned());
            let out = mbedtls_peer::connect(program, server.folder.path(), server.address, &device);
            let what = format!("{key} {options:?}, {}", setting.name);
            let Some(real) = happened(&out.stderr) else {
                assert!(
                    told["fails"].is_object() || told["fails"].is_string(),
                    "{what}: foretold to work, and it did not"
                );
                refused += 1;
                continue;
            };
            assert!(
                told["fails"].is_null(),
                "{what}: foretold to fail: {}",
                told["fails"]
            );
            assert_eq!(
                told["version"].as_str().unwrap().replace("TLS ", "TLSv"),
                real["version"],
                "{what}"
            );
            assert_eq!(
                told["cipher_suite"],
                real["suite"].replace('-', "_"),
                "{what}"
            );
            if real["group"] != "none" {
                assert_eq!(told["group"], real["group"], "{what}");
            }
            if real["hash"] != "none" {
                assert_eq!(told["signature_hash"], hash(&real["hash"]), "{what}");
            }
            met += 1;
        }
    }
    println!("{met} handshakes as foretold, {refused} refusals as foretold");
    assert!(
        met >= 9 && refused >= 3,
        "{met} handshakes, {refused} refusals"
    );
}

#[test]
fn an_mbed_tls_server_is_read_right() {
    let Some(program) = mbedtls_peer::program() else {
        return;
    };
    if !openssl_server::is_installed("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    openssl_server::certificate(&folder, "P-256");
    let suite = "suites=TLS-ECDHE-ECDSA-WITH-AES-128-CCM-8,TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384";
    let options = ["min=3", "max=3", "groups=secp256r1", suite];
    let address = openssl_server::free();
    let server = mbedtls_peer::serve(program, folder.path(), address, &options);
    let out = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .args([
            "probe",
            &server.address.to_string(),
            "--sni",
            "device.example",
            "--json",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let probe: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
    let text = probe.to_string();
    for wanted in [
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "secp256r1",
    ] {
        assert!(text.contains(wanted), "{wanted} is offered: {text}");
    }
    assert!(
        !text.contains("\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\""),
        "{text}"
    );
}
