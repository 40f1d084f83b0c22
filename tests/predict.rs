//! `predict` as a person calls it: configurations of every form, against real servers on loopback,
//! captures and logs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;
mod support {
    pub mod openssl_server;
}

use program::{Ran, json, run};
use serde_json::Value;
use support::openssl_server::{self, Server};

const STM32: &str = "assets/demo/stm32-two-alerts-config.h";

fn predict(args: &[&str]) -> (Ran, Value) {
    let mut all = vec!["predict", "--json"];
    all.extend(args);
    let ran = run(&all);
    let value = json(&ran, "predict");
    (ran, value)
}

fn server(key: &str, options: &[&str]) -> Option<(Server, String)> {
    let server = openssl_server::start(key, options)?;
    let address = server.address.to_string();
    Some((server, address))
}

fn traps(value: &Value) -> Vec<&str> {
    let list = value["traps"].as_array().unwrap();
    list.iter().map(|t| t["id"].as_str().unwrap()).collect()
}

fn fit<'a>(value: &'a Value, what: &str) -> &'a Value {
    let list = value["fits"].as_array().unwrap();
    list.iter()
        .find(|f| f["what"] == what)
        .unwrap_or_else(|| panic!("no {what} in {list:#?}"))
}

#[test]
fn the_server_of_the_stm32_case_is_foretold_for_both_of_its_clients() {
    let (ran, value) = predict(&["--config", STM32]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(value["device"]["role"], "server");
    assert_eq!(value["device"]["library"], "Mbed TLS 2.28");
    assert_eq!(value["order"], "client");
    assert_eq!(value["cipher_suite_id"], "0xC02C");
    assert_eq!(value["group"], "secp384r1");
    // The clients differ in the hash, so that the device has none of its own.
    assert_eq!(value["signature_algorithm"], Value::Null);
    let client = |name: &str| {
        let list = value["clients"].as_array().unwrap();
        list.iter()
            .find(|c| c["client"].as_str().unwrap().contains(name))
            .unwrap()
            .clone()
    };
    for (name, hash, id) in [
        ("Mbed TLS 2.28", "SHA-512", "0x0603"),
        ("OpenSSL", "SHA-256", "0x0403"),
    ] {
        let client = client(name);
        assert_eq!(client["cipher_suite_id"], "0xC02C", "{name}");
        assert_eq!(client["group"], "secp384r1", "{name}");
        assert_eq!(client["signature_hash"], hash, "{name}");
        assert_eq!(client["signature_algorithm_id"], id, "{name}");
    }
    // The label that misled both sides of the case is given with its other reading.
    let text = client("Mbed TLS 2.28")["signature_algorithm"].to_string();
    assert!(text.contains("SHA-512 with ECDSA, any curve"), "{text}");
    for id in [
        "config.zero_means_on",
        "config.calloc_must_zero",
        "config.not_thread_safe",
        "config.slow_curves",
        "config.no_error_texts",
        "config.no_self_test",
        "config.no_date_check",
        "config.client_order",
        "config.content_len_small",
    ] {
        assert!(traps(&value).contains(&id), "{id}");
    }
    assert!(!traps(&value).contains(&"config.will_not_build"));
    // 13 + 2048 + 16 + 16: suites with an AEAD only (ssl_internal.h).
    assert_eq!(value["memory"]["in_buffer_bytes"], 2_093);
    assert_eq!(value["memory_bytes"], 4_186);
}

#[test]
fn the_logs_and_the_capture_of_the_stm32_case_are_taken_as_the_other_end() {
    let (_, mbed) = predict(&[
        "--config",
        STM32,
        "--client",
        "assets/demo/stm32-two-alerts-ssl_client2.log",
        "--cert",
        "assets/demo/stm32-two-alerts-server.pem",
    ]);
    assert_eq!(mbed["cipher_suite_id"], "0xC02C");
    assert_eq!(mbed["signature_hash"], "SHA-512");
    assert_eq!(fit(&mbed, "Own Certificate message")["verdict"], "fits");
    let (_, openssl) = predict(&[
        "--config",
        STM32,
        "--server",
        "assets/demo/stm32-two-alerts-s_client.log",
    ]);
    // What the recorded server really chose (ServerKeyExchange in the log): this client was told to
    // prefer SHA-512.
    assert_eq!(openssl["cipher_suite_id"], "0xC02C");
    assert_eq!(openssl["group"], "secp384r1");
    assert_eq!(openssl["signature_algorithm_id"], "0x0603");
}

#[test]
fn a_chain_of_two_does_not_fit_a_buffer_of_one_kilobyte() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.h");
    let text = std::fs::read_to_string(STM32).unwrap();
    std::fs::write(
        &config,
        text.replace(
            "MBEDTLS_SSL_MAX_CONTENT_LEN     2048",
            "MBEDTLS_SSL_MAX_CONTENT_LEN 512",
        ),
    )
    .unwrap();
    let (ran, value) = predict(&[
        "--config",
        program::path(&config),
        "--client",
        "openssl-3",
        "--cert",
        "assets/demo/stm32-two-alerts-server.pem",
    ]);
    let own = fit(&value, "Own Certificate message");
    assert_eq!(own["verdict"], "too_large");
    assert_eq!(own["limit_bytes"], 512);
    assert!(own["says"].as_str().unwrap().contains("-0x7500"));
    assert_eq!(ran.status, 1);
}

#[test]
fn an_sdkconfig_is_asked_of_a_real_server_and_the_server_answers_as_predicted() {
    let Some((_server, address)) = server("P-256", &["-serverpref"]) else {
        return;
    };
    let (ran, value) = predict(&[
        "--config",
        "tests/fixtures/predict/sdkconfig",
        "--server",
        &address,
        "--sni",
        "device.example",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(value["device"]["library"], "Mbed TLS 3.6");
    assert_eq!(value["device"]["versions"], serde_json::json!(["TLS 1.2"]));
    assert_eq!(
        value["device"]["groups"],
        serde_json::json!(["secp256r1", "secp384r1"])
    );
    assert_eq!(value["version"], "TLS 1.2");
    assert_eq!(value["order"], "server");
    assert_eq!(value["cipher_suite_id"], "0xC02C");
    assert_eq!(value["asked"]["as_predicted"], true);
    assert_eq!(value["certificates"][0]["verifies"], true);
    assert_eq!(fit(&value, "Certificate message")["limit_bytes"], 4_096);
    assert_eq!(
        fit(&value, "Records of application data")["verdict"],
        "risk"
    );
    assert!(traps(&value).contains(&"config.no_date_check"));
    // Large suites of the library are not there: CBC is, with its padding and MAC.
    assert_eq!(
        value["memory"]["in_buffer_bytes"],
        13 + 4_096 + 16 + 48 + 256
    );
}

#[test]
fn what_the_application_sets_counts() {
    let Some((_server, address)) = server("rsa", &[]) else {
        return;
    };
    let (ran, value) = predict(&[
        "--config",
        "tests/fixtures/predict/client.c",
        "--device",
        "mbedtls-2.16",
        "--server",
        &address,
        "--sni",
        "device.example",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(value["cipher_suite_id"], "0xC02F");
    assert_eq!(value["group"], "secp256r1");
    assert_eq!(value["signature_hash"], "SHA-512");
    assert_eq!(value["order"], "client");
    assert_eq!(value["asked"]["as_predicted"], true);
    let suites = value["device"]["cipher_suites"].as_array().unwrap();
    assert_eq!(suites.len(), 2);
    let sources: Vec<&str> = value["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["source"].as_str().unwrap())
        .collect();
    assert!(
        sources
            .iter()
            .any(|s| s.contains("mbedtls_ssl_conf_ciphersuites, line 16 of client.c")),
        "{sources:#?}"
    );
}

#[test]
fn a_device_without_a_common_suite_is_told_what_the_server_could_add() {
    let Some((_server, address)) = server(
        "rsa",
        &["-cipher", "ECDHE-RSA-CHACHA20-POLY1305", "-tls1_2"],
    ) else {
        return;
    };
    let (ran, value) = predict(&[
        "--config",
        "tests/fixtures/predict/sdkconfig",
        "--server",
        &address,
    ]);
    assert_eq!(ran.status, 1);
    assert_eq!(value["cipher_suite"], Value::Null);
    assert!(
        value["fails"].as_str().unwrap().contains("alert"),
        "{}",
        value["fails"]
    );
    assert_eq!(value["asked"]["as_predicted"], true);
    let added = value["additions"].as_array().unwrap();
    assert!(!added.is_empty());
    for addition in added {
        let name = addition["name"].as_str().unwrap();
        assert!(name.contains("_RSA_"), "{name}: the certificate is RSA");
    }
    let text = run(&[
        "predict",
        "--config",
        "tests/fixtures/predict/sdkconfig",
        "--server",
        &address,
    ]);
    assert!(text.out.contains("If the server adds one"), "{}", text.out);
}

#[test]
fn every_stock_build_meets_real_servers_as_predicted() {
    let kinds: [(&str, &[&str]); 6] = [
        ("rsa", &[]),
        ("P-256", &[]),
        ("P-384", &["-serverpref"]),
        ("rsa", &["-tls1_2", "-cipher", "AES256-SHA256:AES128-SHA"]),
        ("rsa", &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"]),
        ("rsa", &["-groups", "P-384:P-256", "-serverpref"]),
    ];
    let mut right = 0;
    for (key, options) in kinds {
        let Some((_server, address)) = server(key, options) else {
            return;
        };
        for id in ["mbedtls-2.4", "mbedtls-2.16", "mbedtls-2.28", "mbedtls-3.6"] {
            let (_, value) = predict(&[
                "--config",
                "tests/fixtures/predict/empty.h",
                "--device",
                id,
                "--server",
                &address,
                "--sni",
                "device.example",
            ]);
            assert_eq!(
                value["asked"]["as_predicted"], true,
                "{id} {key} {options:?}: {:#}\n{:#}",
                value["asked"], value["reasons"]
            );
            right += 1;
        }
    }
    println!("as predicted: {right} of {right}");
}

#[test]
fn a_capture_of_the_same_device_gives_the_same_choice() {
    let folder = program::root().join("../shared/lab");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("SKIPPED: ../shared/lab is not there");
        return;
    };
    let run_003 = entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .find(|p| p.file_name().unwrap().to_str().unwrap().starts_with("003-"))
        .unwrap();
    let capture = run_003.join("capture.pcapng");
    let (_, value) = predict(&[
        "--device",
        "mbedtls-2.28",
        "--server",
        program::path(&capture),
    ]);
    assert_eq!(value["certain"], true);
    assert_eq!(
        value["cipher_suite"],
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    );
    assert!(value["certificates"].as_array().unwrap().len() >= 2);
    // A device that offers less cannot be told more than follows.
    let (_, other) = predict(&[
        "--config",
        "tests/fixtures/predict/sdkconfig",
        "--server",
        program::path(&capture),
    ]);
    assert_eq!(other["certain"], false);
}

#[test]
fn a_zephyr_project_and_a_profile_are_read() {
    let (ran, value) = predict(&["--config", "tests/fixtures/predict/prj.conf"]);
    assert_eq!(ran.status, 0);
    assert_eq!(
        value["device"]["cipher_suites"],
        serde_json::json!([{"id": "0xC02B", "name": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}])
    );
    assert_eq!(value["device"]["groups"], serde_json::json!(["secp256r1"]));
    assert_eq!(value["peer"], Value::Null);
    let (_, profile) = predict(&[
        "--device",
        "spwf04sx",
        "--chain",
        "assets/demo/spwf04-azure-chain.pem",
    ]);
    let large = profile["fits"]
        .as_array()
        .unwrap()
        .iter()
        .any(|f| f["verdict"] == "too_large");
    assert!(large, "{:#}", profile["fits"]);
}

#[test]
fn a_server_is_asked_with_the_hello_of_a_log_and_of_a_configuration() {
    let Some((_server, address)) = server("P-256", &[]) else {
        return;
    };
    for (option, file) in [
        ("--as", "assets/demo/stm32-two-alerts-s_client.log"),
        ("--config", "tests/fixtures/predict/sdkconfig"),
    ] {
        let ran = run(&[
            "probe",
            &address,
            option,
            file,
            "--sni",
            "device.example",
            "--json",
        ]);
        let value = json(&ran, "probe");
        assert_eq!(
            value["as_device"]["result"], "negotiated",
            "{file}: {}",
            ran.err
        );
        // Each certificate is what `certs` says of it.
        let leaf = &value["chain"]["certificates"][0];
        assert_eq!(leaf["key"]["curve"], "secp256r1");
        assert!(leaf["size_map"].is_object() && leaf["records"].is_object());
    }
}

#[test]
fn wrong_use_is_told_in_one_sentence() {
    for (args, word) in [
        (vec!["predict", "--config", "nothing.h"], "cannot be read"),
        (vec!["predict", "--config", "README.md"], "sets no option"),
        (vec!["predict", "--device", "toaster"], "No device"),
        (
            vec!["predict", "--config", STM32, "--device", "xbee3"],
            "version of Mbed TLS",
        ),
        (
            vec!["predict", "--config", STM32, "--client", "netscape"],
            "No ClientHello",
        ),
    ] {
        let ran = run(&args);
        assert_eq!(ran.status, 2, "{args:?}");
        assert!(ran.err.contains(word), "{args:?}: {}", ran.err);
        assert!(ran.out.is_empty());
    }
    let closed = openssl_server::free().to_string();
    let ran = run(&["predict", "--device", "mbedtls-2.16", "--server", &closed]);
    assert_eq!(ran.status, 1, "{}", ran.err);
}

#[test]
fn the_golden_file_is_what_comes_out() {
    let (ran, _) = predict(&["--config", STM32, "--client", "openssl-3"]);
    program::golden("predict-stm32.json", &ran.out);
}
