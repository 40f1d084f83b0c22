//! `handlens-cli probe`: exit status, schema, golden file, text.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::Value;

use super::{rustls_server, servers};

const GOLDEN: &str = include_str!("not-tls.json");
const SCHEMA: &str = include_str!("../../assets/schema/probe.json");

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn object(address: SocketAddr, more: &[&str]) -> (Option<i32>, Value) {
    let target = address.to_string();
    let (code, out, err) = run(&[&["probe", target.as_str(), "--json"], more].concat());
    let value: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}"));
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{} {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (code, value)
}

#[test]
fn a_port_without_tls_is_as_in_the_golden_file() {
    let address = servers::serve(|mut stream| {
        use std::io::Write;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let mut rest = [0; 4096];
        let _ = std::io::Read::read(&mut stream, &mut rest);
    });
    let (code, mut value) = object(address, &["--as", "mbedtls-2.28"]);
    assert_eq!(code, Some(1));
    value["target"]["port"] = 0.into();
    let command = value["by_hand"][0]["command"].as_str().unwrap();
    let command = command.replace(&address.port().to_string(), "PORT");
    value["by_hand"][0]["command"] = command.into();
    value["elapsed_ms"] = 0.0.into();
    let connect = &mut value["target"]["connects"][0];
    connect["connect_ms"] = 0.0.into();
    // As the system tells; some tell nothing.
    for size in ["mss_bytes", "path_mtu_bytes"] {
        assert_ne!(connect[size], Value::from(0));
        connect[size] = 0.into();
    }
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(
        value,
        golden,
        "{}",
        serde_json::to_string_pretty(&value).unwrap()
    );
}

#[test]
fn a_good_server_gives_all_keys() {
    let (address, _) = rustls_server::serve(false);
    let (code, value) = object(address, &["--as", "mbedtls-3.6", "--sni", "device.example"]);
    assert_eq!(code, Some(0), "{value:#}");
    assert_eq!(value["schema"], "handlens.probe/1");
    assert_eq!(value["as_device"]["result"], "negotiated");
    assert_eq!(value["as_device"]["version"], "TLS 1.3");
    assert_eq!(value["chain"]["certificates"].as_array().unwrap().len(), 2);
    assert_eq!(value["engines"], serde_json::json!(["raw", "rustls"]));
    assert_eq!(value["key_exchange"]["signature"]["verdict"], "sound");
    let (code, text, err) = run(&["probe", &address.to_string(), "--sni", "device.example"]);
    assert_eq!(code, Some(0), "{text} {err}");
    assert!(
        text.contains("TLS 1.3 yes") && text.contains("openssl s_client"),
        "{text}"
    );
}

#[test]
fn bad_usage_is_2_and_a_closed_port_is_1() {
    assert_eq!(run(&["probe", "a b"]).0, Some(2));
    assert_eq!(
        run(&["probe", "127.0.0.1:1", "--as", "no-such-device"]).0,
        Some(2)
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (code, value) = object(closed, &[]);
    assert_eq!(
        (code, &value["reached_tls"]),
        (Some(1), &Value::Bool(false))
    );
}
