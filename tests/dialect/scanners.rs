//! Lists of suites that scanners print. The texts were recorded from nmap 7.93 and in the form of
//! sslscan 2.0 against `openssl s_server` (OpenSSL 3.0) with the suites that stand in them.

use handlens::evidence::FactValue;

use crate::common::{facts_of, same_at_every_split};

const NMAP: &[u8] = b"Nmap scan report for localhost (127.0.0.1)
Host is up (0.000059s latency).

PORT     STATE SERVICE  VERSION
4433/tcp open  ssl/vop?
| ssl-enum-ciphers: 
|   TLSv1.1: 
|     ciphers: 
|       TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA (ecdh_x25519) - A
|     compressors: 
|       NULL
|     cipher preference: server
|   TLSv1.2: 
|     ciphers: 
|       TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (ecdh_x25519) - A
|       TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA (ecdh_x25519) - A
|       TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 (dh 2048) - A
|     compressors: 
|       NULL
|     cipher preference: server
|_  least strength: A
";

const SSLSCAN: &[u8] = b"  Supported Server Cipher(s):
Preferred TLSv1.2  256 bits  ECDHE-RSA-AES256-GCM-SHA384   Curve 25519 DHE 253
Accepted  TLSv1.2  128 bits  AES128-SHA                   
";

#[test]
fn nmap_lists_the_suites_of_the_server() {
    let facts = facts_of(NMAP);
    assert_eq!(
        facts.value("server.suites"),
        Some(&FactValue::List(
            [
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
            ]
            .map(str::to_owned)
            .to_vec()
        ))
    );
    assert_eq!(facts.text("server.suite_order"), Some("server"));
    assert_eq!(facts.list("server.versions"), ["TLS 1.1", "TLS 1.2"]);
    assert_eq!(facts.bool("server.rsa_key_exchange"), Some(false));
    let line = facts.get("server.suites").unwrap().origins[0].line_number();
    assert_eq!(line, Some(17), "the line of the last suite");
    same_at_every_split(NMAP);
}

#[test]
fn sslscan_too() {
    let facts = facts_of(SSLSCAN);
    assert_eq!(
        facts.list("server.suites"),
        [
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_RSA_WITH_AES_128_CBC_SHA"
        ]
    );
    assert_eq!(facts.value("server.suite_order"), None, "it does not say");
}

#[test]
fn other_tables_with_bars_are_left_alone() {
    let facts = facts_of(b"| TLSv1.2: | TLS_RSA_WITH_AES_128_CBC_SHA - A |\nAccepted connection from 192.0.2.1\nPreferred language 128 bits\n");
    assert!(facts.get("server.suites").is_none());
}
