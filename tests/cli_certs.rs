//! `handlens-cli certs`: exit status, schema, golden file, and nothing of a private key.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SCHEMA: &str = include_str!("../assets/schema/certs.json");

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/certs")
        .join(name)
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .arg("certs")
        .args(arguments)
        .output()
        .unwrap()
}

fn json(arguments: &[&str]) -> (Value, i32) {
    let output = run(&[arguments, &["--json"]].concat());
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (value, output.status.code().unwrap())
}

fn path(name: &str) -> String {
    fixture(name).to_string_lossy().into_owned()
}

#[test]
fn a_chain_against_a_device_matches_the_golden_file() {
    let (value, status) = json(&[
        &path("chain.pem"),
        "--device",
        "spwf04sx",
        "--host",
        "a.table.db01prdstr01a.store.example.net",
        "--ca",
        &path("root.pem"),
        "--at",
        "2027-06-01T00:00:00Z",
    ]);
    assert_eq!(status, 1);
    assert_eq!(
        value.as_object().unwrap().keys().next().unwrap(),
        "schema",
        "the schema comes first"
    );
    assert_eq!(value["path_check"]["verdict"], "verified");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/certs.json");
    let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &text).unwrap();
    }
    let wanted = std::fs::read_to_string(&golden)
        .unwrap()
        .replace("\r\n", "\n");
    assert_eq!(
        text, wanted,
        "run with UPDATE_GOLDEN=1 after looking at the change"
    );
}

#[test]
fn exit_status_tells_good_from_bad_from_unusable() {
    let at = ["--at", "2027-06-01"];
    let with = |arguments: &[&str]| run(&[arguments, &at[..]].concat()).status.code();
    assert_eq!(
        with(&[&path("small.pem"), "--host", "device.example.com"]),
        Some(0)
    );
    assert_eq!(with(&[&path("root.pem")]), Some(0));
    assert_eq!(
        with(&[&path("small.pem"), "--host", "example.org"]),
        Some(1)
    );
    assert_eq!(
        with(&[&path("cn-is-ip.pem"), "--host", "192.0.2.17"]),
        Some(1)
    );
    assert_eq!(with(&["/nowhere/at/all.pem"]), Some(2));
    assert_eq!(with(&[&path("small.pem"), "--device", "toaster"]), Some(2));
    assert_eq!(
        run(&[&path("small.pem"), "--at", "yesterday"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        run(&[&path("small.pem"), "--at", "2040-01-01"])
            .status
            .code(),
        Some(1),
        "expired"
    );
}

#[test]
fn an_unknown_device_lists_the_known_ones() {
    let output = run(&[&path("small.pem"), "--device", "toaster"]);
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("\u{201c}toaster\u{201d} is not known") && said.contains("spwf04sx"));
}

#[test]
fn nothing_of_a_private_key_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["small.pem", "small.key", "small-sec1.key"] {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    let secret = std::fs::read_to_string(fixture("small-sec1.key")).unwrap();
    let secret: String = secret.lines().filter(|l| !l.starts_with('-')).collect();
    let bytes = data_encoding::BASE64.decode(secret.as_bytes()).unwrap();
    // SEC1: version, then the secret number in 32 bytes.
    let number = data_encoding::HEXLOWER.encode(&bytes[7..39]);
    let folder = folder.path().to_string_lossy().into_owned();
    let (value, status) = json(&[&folder, "--at", "2027-06-01"]);
    assert_eq!(status, 0);
    assert_eq!(value["keys"].as_array().unwrap().len(), 2);
    assert_eq!(value["pairs"][0]["verdict"], "matches");
    let human = run(&[&folder]);
    for output in [value.to_string(), String::from_utf8(human.stdout).unwrap()] {
        for piece in secret.as_bytes().windows(12).take(40) {
            assert!(!output.contains(std::str::from_utf8(piece).unwrap()));
        }
        assert!(!output.to_lowercase().contains(&number[..16]));
    }
}

#[test]
fn a_configuration_takes_the_place_of_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.h");
    std::fs::write(
        &config,
        "#define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_MAX_CONTENT_LEN 1024\n#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE 0\n",
    )
    .unwrap();
    let (value, status) = json(&[
        &path("chain.pem"),
        "--config",
        &config.to_string_lossy(),
        "--at",
        "2027-06-01",
    ]);
    assert_eq!(status, 1);
    let record = value["fit"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["limit"] == "record_bytes")
        .unwrap();
    assert_eq!(record["value"], 3_906);
    assert_eq!(record["over_by"], 3_906 - 1_024);
    assert_eq!(
        record["source"],
        "MBEDTLS_SSL_MAX_CONTENT_LEN, line 2 of config.h"
    );
    assert!(
        value["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["id"] == "config.zero_means_on")
    );
}

#[test]
fn a_damaged_file_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.pem");
    let text = std::fs::read_to_string(fixture("small.pem")).unwrap();
    std::fs::write(&cut, &text[..300]).unwrap();
    let (value, status) = json(&[&cut.to_string_lossy()]);
    assert_eq!(status, 1);
    let problems = value["inputs"][0]["problems"].as_array().unwrap();
    let ids: Vec<&str> = problems.iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert!(
        ids.contains(&"pem.no_footer") && ids.contains(&"der.truncated"),
        "{ids:?}"
    );
    assert_eq!(value["certificates"][0]["subject_cn"], "device.example.com");
}

/// The figures of the founding cases, where their files are at hand.
#[test]
fn figures_of_the_founding_certificate() {
    let shared = std::env::var_os("HANDLENS_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let file = shared.join("cases/008-xbee-cellular-0x85/server.pem");
    if !file.is_file() {
        println!("SKIPPED: no ../shared/cases beside the package");
        return;
    }
    let (value, status) = json(&[
        &file.to_string_lossy(),
        "--host",
        "66.230.114.174",
        "--at",
        "2019-05-20",
    ]);
    assert_eq!(status, 1);
    let certificate = &value["certificates"][0];
    assert_eq!(certificate["der_bytes"], 1_034);
    assert_eq!(certificate["pem_bytes"], 1_456);
    assert_eq!(certificate["pem_crlf_bytes"], 1_480);
    assert_eq!(certificate["serial"], "95ba5b565fb68db0");
    assert_eq!(certificate["not_after_32_bit"], -1_006_599_743);
    assert_eq!(value["sizes"]["certificate_message_bytes"], 1_044);
    assert_eq!(value["sizes"]["record_bytes"], 1_049);
    for (field, bytes) in [
        ("header", 4),
        ("tbs_header", 4),
        ("version", 5),
        ("serial", 11),
        ("tbs_signature_algorithm", 15),
        ("issuer", 153),
        ("validity", 34),
        ("subject", 153),
        ("public_key", 294),
        ("extensions", 85),
        ("signature_algorithm", 15),
        ("signature", 261),
    ] {
        assert_eq!(certificate["size_map"][field], bytes, "{field}");
    }
    let verdict = |id: &str| {
        value["name_check"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["id"] == id)
            .unwrap()["verdict"]
            .clone()
    };
    assert_eq!(verdict("openssl-ip"), "mismatch");
    assert_eq!(verdict("openssl-host"), "match");
    let (other, _) = json(&[&file.to_string_lossy(), "--host", "netflowmeter.com"]);
    assert_eq!(other["name_check"][0]["verdict"], "mismatch");
}

#[test]
fn a_container_opens_with_the_password_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let word = folder.path().join("word");
    std::fs::write(&word, "handlens\r\nsecond line\n").unwrap();
    let word = word.to_string_lossy().into_owned();
    let (closed, _) = json(&[&path("small-aes.p12")]);
    assert_eq!(closed["certificates"].as_array().unwrap().len(), 0);
    let output = run(&[&path("small-aes.p12"), "--password-file", &word, "--json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("\"handlens\""), "the password is not said");
    let (open, _) = json(&[&path("small-aes.p12"), "--password-file", &word]);
    let certificates = open["certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), 2);
    assert!(certificates.iter().all(|c| c["encoding"] == "pkcs12"));
    assert_eq!(open["pairs"][0]["matches"], true);
    let missing = run(&[&path("small-aes.p12"), "--password-file", "/no/such"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn the_roots_of_the_system_are_asked_when_wanted() {
    let ask = |roots: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
            .args(["certs", &path("chain.pem"), "--system-roots", "--json"])
            .args(["--at", "2027-06-01T00:00:00Z"])
            .env("SSL_CERT_FILE", roots)
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let trusted = ask(&path("root.pem"));
    assert_eq!(trusted["strict_checks"][0]["verdict"], "verified");
    assert_eq!(trusted["path_check"]["verdict"], "verified");
    let other = ask(&path("small.pem"));
    assert_eq!(other["strict_checks"][0]["verdict"], "refused");
    assert_eq!(other["strict_checks"][0]["rule"], "path.issuer");
}

#[test]
fn a_heap_gives_the_way_up_of_every_leaf() {
    let (value, _) = json(&[
        &path("names-2.pem"),
        &path("chain.pem"),
        &path("inter.pem"),
        &path("small.pem"),
        &path("small.key"),
    ]);
    let chains = value["chains"].as_array().unwrap();
    let certificates = value["certificates"].as_array().unwrap();
    let leaf_with_issuer = chains
        .iter()
        .find(|c| c["found"].as_array().unwrap().len() == 2)
        .unwrap();
    assert_eq!(leaf_with_issuer["signatures"][0], "good");
    assert_eq!(
        leaf_with_issuer["missing"]["name"],
        "CN=Handlens Test Root,O=Handlens Tests,C=NL"
    );
    assert!(chains.iter().any(|c| c["ends_in_root"] == true));
    assert_eq!(value["chain"]["duplicates"].as_array().unwrap().len(), 1);
    assert!(chains.len() < certificates.len());
    assert_eq!(value["pairs"][0]["matches"], true);
}
