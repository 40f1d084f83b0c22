//! What one line of a common stack or program leads to. The lines are written from the format
//! strings of the sources that the pattern files name, with hosts and times of our own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{causes_of, facts_of};

/// Each line alone leads to the cause beside it.
fn leads(lines: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (line, cause) in lines {
        let got = causes_of(format!("{line}\n").as_bytes());
        if got.first().map(String::as_str) != Some(*cause) {
            wrong.push(format!("{line}\n  wanted {cause}, got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn go_names_its_errors_in_words() {
    leads(&[
        (
            "2026/03/01 10:00:00 Get \"https://broker.example.org/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "cert.wrong_ca",
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 1970-01-01T00:02:00Z is before 2026-01-01T00:00:00Z",
            "device.clock_wrong",
        ),
        (
            "x509: cannot validate certificate for 192.0.2.9 because it doesn't contain any IP SANs",
            "cert.ip_address_name",
        ),
        (
            "http: TLS handshake error from 192.0.2.9:50112: tls: client offered only unsupported versions: [302 301]",
            "tls.version_mismatch",
        ),
        (
            "http: TLS handshake error from 192.0.2.9:50112: tls: first record does not look like a TLS handshake",
            "net.not_tls",
        ),
        (
            "http: TLS handshake error from 192.0.2.9:50112: tls: client didn't provide a certificate",
            "client_auth.cert_missing",
        ),
    ]);
}

#[test]
fn an_alert_is_the_servers_or_the_devices_by_who_writes_the_line() {
    let sent = facts_of(
        b"http: TLS handshake error from 192.0.2.9:50112: remote error: tls: unknown certificate authority\n",
    );
    assert_eq!(sent.int("alert.sent"), Some(48));
    let received = facts_of(b"dial: remote error: tls: handshake failure\n");
    assert_eq!(received.int("alert.received"), Some(40));
    let erlang = facts_of(
        b"TLS server: In state wait_cert received CLIENT ALERT: Fatal - Certificate Expired\n",
    );
    assert_eq!(erlang.int("alert.sent"), Some(45));
    assert_eq!(
        facts_of(b"{ssl_error,{tls_alert,\"handshake failure\"}}\n").int("alert.received"),
        Some(40)
    );
    assert_eq!(
        facts_of(b"Got TLS alert: level 2, description 48\n").int("alert.received"),
        Some(48)
    );
    assert_eq!(
        facts_of(b"curl: (35) gnutls_handshake() failed: Handshake failed\n").int("alert.received"),
        Some(40)
    );
    // A received alert about the device's certificate is no finding of the device.
    let alert = facts_of(
        b"ssl.SSLError: [SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired (_ssl.c:1000)\n",
    );
    assert_eq!(alert.int("alert.received"), Some(45));
    assert!(!alert.list("conditions").iter().any(|c| c == "date_expired"));
}

#[test]
fn reasons_of_openssl_in_every_wrapping() {
    leads(&[
        (
            "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)",
            "net.not_tls",
        ),
        (
            "SSL_connect returned=1 errno=0 peeraddr=192.0.2.9:443 state=error: unsupported protocol",
            "tls.version_mismatch",
        ),
        (
            "  code: 'ERR_SSL_NO_SHARED_CIPHER'",
            "tls.no_common_cipher_suite",
        ),
        (
            "OpenSSL.SSL.Error: [('SSL routines', '', 'dh key too small')]",
            "cert.key_type_unsupported",
        ),
        (
            "E0101 ssl_transport: error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
            "net.not_tls",
        ),
        (
            "140:error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown protocol:s23_srvr.c:640:",
            "net.not_tls",
        ),
        (
            "140:error:140890C7:SSL routines:SSL3_GET_CLIENT_CERTIFICATE:peer did not return a certificate:s3_srvr.c:1:",
            "client_auth.cert_missing",
        ),
        ("  code: 'DEPTH_ZERO_SELF_SIGNED_CERT'", "cert.wrong_ca"),
        ("  code: 'CERT_NOT_YET_VALID'", "device.clock_wrong"),
    ]);
}

#[test]
fn other_languages_and_small_clients() {
    leads(&[
        (
            "javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)",
            "tls.version_mismatch",
        ),
        (
            "io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 101a00044d51",
            "net.not_tls",
        ),
        (
            "The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
            "cert.wrong_ca",
        ),
        (
            "Error: invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
            "cert.usage_wrong",
        ),
        (
            "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: IP: 192.0.2.9 is not in the cert's list: ",
            "cert.ip_address_name",
        ),
        (
            "ssl.CertificateError: hostname 'broker.lan' doesn't match 'broker.example.org'",
            "cert.name_mismatch",
        ),
        (
            "main.c:77:mg_error 1 TLS is not enabled",
            "device.feature_disabled",
        ),
        (
            "{error,{options,{keyfile,\"/etc/broker/key.pem\",{error,enoent}}}}",
            "server.misconfigured",
        ),
        (
            "Connection error: Server hostname does not match SSL certificate",
            "cert.name_mismatch",
        ),
        (
            "curl: (35) BearSSL: connection error 0x0146",
            "tls.version_mismatch",
        ),
    ]);
}

#[test]
fn codes_of_embedded_stacks_in_bare_forms() {
    leads(&[
        // Zephyr prints %x without 0x.
        ("E: TLS handshake error: -4290", "device.out_of_memory"),
        ("E: TLS handshake error: -7680", "cert.no_ca_configured"),
        ("tls: last stack error 0x7f00, code", "device.out_of_memory"),
        (
            "error: MBEDTLS_ERR_SSL_ALLOC_FAILED",
            "device.out_of_memory",
        ),
        ("wolfSSL: connect failed, ret -0x96", "device.clock_wrong"),
        ("connect failed: ASN_NO_SIGNER_E", "cert.wrong_ca"),
        ("status BR_ERR_BAD_SNI", "tls.sni_wrong"),
        (
            "(SSLClient)(SSL_ERROR)(m_print_br_error): Public key found in certificate is too small.",
            "cert.key_type_unsupported",
        ),
        ("+CMQTTCONNECT: 0, 32", "cert.wrong_ca"),
    ]);
}

#[test]
fn a_broker_that_names_no_error_of_tls_was_not_spoken_tls_to() {
    let log = b"1700000000: mosquitto version 2.0.18 starting\n1700000003: New connection from 192.0.2.9:50112 on port 8883.\n1700000003: Client <unknown> disconnected due to protocol error.\n";
    assert_eq!(
        causes_of(log).first().map(String::as_str),
        Some("net.not_tls")
    );
    let tls = b"1700000003: New connection from 192.0.2.9:50112 on port 8883.\n1700000003: OpenSSL Error[0]: error:0A000102:SSL routines::unsupported protocol\n1700000003: Client <unknown> disconnected: Protocol error.\n";
    assert_eq!(
        causes_of(tls).first().map(String::as_str),
        Some("tls.version_mismatch")
    );
}

#[test]
fn a_session_that_the_broker_closes_before_its_answer_is_no_success() {
    let log = b"20260301 100000.001 SSL connect:SSL negotiation finished successfully\n20260301 100000.002 3 gw-1 -> CONNECT version 4 clean: 1 (0)\n20260301 100000.200 CONNECT sent but MQTTPacket_Factory has returned SOCKET_ERROR\n";
    assert_eq!(
        causes_of(log).first().map(String::as_str),
        Some("client_auth.cert_rejected")
    );
}

#[test]
fn a_refusal_of_mqtt_is_no_refusal_of_tcp() {
    let got = causes_of(b"Connection Refused: not authorised.\n");
    assert!(!got.iter().any(|c| c == "net.tcp_refused"), "{got:?}");
}

#[test]
fn applications_in_words_of_their_own() {
    leads(&[
        (
            "Failed to resolve hostname broker.example.org",
            "net.dns_failed",
        ),
        ("app: server certificate CN mismatch", "cert.name_mismatch"),
        ("net: untrusted root, giving up", "cert.wrong_ca"),
        ("cloud: no root CA provided", "cert.no_ca_configured"),
        (
            "private key and certificate do not match",
            "client_auth.key_mismatch",
        ),
        (
            "broker asks for a client certificate, none is set",
            "client_auth.cert_missing",
        ),
        ("TLS version not supported by peer", "tls.version_mismatch"),
        ("no matching cipher suite", "tls.no_common_cipher_suite"),
        (
            "record is larger than the receive buffer in tls",
            "tls.record_too_large",
        ),
        ("heap too low for a TLS session", "device.out_of_memory"),
        ("coap: PSK identity not found", "psk.mismatch"),
        ("HTTPS is not compiled in", "device.feature_disabled"),
        (
            "clock is 1970, the certificate cannot be judged",
            "device.clock_wrong",
        ),
        ("tls handshake -0x7F00", "device.out_of_memory"),
    ]);
}

#[test]
fn tables_of_modules_and_platforms() {
    leads(&[
        ("+CME ERROR: 1913", "cert.format_invalid"),
        (
            "+CME ERROR: USECMNG PEM DER conversion error",
            "cert.format_invalid",
        ),
        ("+UHTTPER: 0,3,73", "cert.wrong_ca"),
        ("+SQNSMQTTONCONNECT: 0,-15", "net.dns_failed"),
        ("Connect failed! -13", "device.file_missing"),
        ("net::ERR_CERT_COMMON_NAME_INVALID", "cert.name_mismatch"),
        ("curl: NSS error -12286", "tls.no_common_cipher_suite"),
        (
            "CFNetwork SSLHandshake failed (-9836)",
            "tls.version_mismatch",
        ),
        ("{bad_cert,invalid_ext_key_usage}", "cert.usage_wrong"),
        ("PSK for unknown id requested, exiting", "psk.mismatch"),
        (
            "Exception: Tls_lwt.Tls_alert Tls.Packet.PROTOCOL_VERSION.",
            "tls.version_mismatch",
        ),
        (
            "IP 192.0.2.1 > 192.0.2.9: ICMP 192.0.2.7 unreachable - need to frag (mtu 1400), length 36",
            "net.packet_loss_or_mtu",
        ),
        (
            "NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH",
            "cert.name_mismatch",
        ),
    ]);
}

#[test]
fn a_clock_that_nobody_set_explains_a_refused_certificate() {
    let log = b"fatal: server certificate verification failed. CAfile: none CRLfile: none\n$ date\nSat Jan  1 00:10:02 UTC 2000\n";
    assert_eq!(
        causes_of(log).first().map(String::as_str),
        Some("device.clock_wrong")
    );
}
