//! Lines of devices and modules: what they prove, and which cause leads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{causes_of, facts_of, judged, same_at_every_split};
use handlens::codes::{Kind, explain};

fn leads(log: &str, cause: &str) {
    let causes = causes_of(log.as_bytes());
    assert_eq!(
        causes.first().map(String::as_str),
        Some(cause),
        "{log}: {causes:?}"
    );
}

#[test]
fn every_split_of_a_mixed_console() {
    let log = "AT+S.TLSCERT=ca,1209\r\nAT-S.SubjectKeyId:01:02\r\nAT-S.OK\r\nAT+S.SOCKON=api.example.org,443,,s\r\nAT-S.Certificate Error:23\r\nAT-S.ERROR:74:Failed to open socket\r\n\
        [  812][E][ssl_client.cpp:37] _handle_error(): [start_ssl_client():273]: (-9984) X509 - x\r\n\
        E (5137) esp-tls: couldn't get hostname for :b.example.org: getaddrinfo() returns 202, addrinfo=0x0\r\n\
        [00:00:05.123,456] <err> net_sock_tls: TLS handshake error: -0x7780\r\n\
        06:37:04.740 > modem: >> AT+QSSLOPEN=1,1,4,\"broker.example.org\",8883,0\r\n06:37:05.157 > modem: << +QSSLOPEN: 4,566\r\n";
    same_at_every_split(log.as_bytes());
}

#[test]
fn spwf04_without_its_root() {
    let log = "AT+S.TLSCERT=ca,1209\nAT+S.SOCKON=api.example.org,443,,s\nAT-S.Certificate Error:23\nAT-S.ERROR:74:Failed to open socket\n";
    leads(log, "cert.wrong_ca");
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("spwf04"));
    assert_eq!(facts.text("phase"), Some("server_certificate"));
    assert_eq!(facts.int("peer.port"), Some(443));
    assert_eq!(facts.int("module.stored_bytes"), Some(1209));
    let good = "AT+S.SOCKON=api.example.org,443,,s\nAT-S.On:192.0.2.7:0\nAT-S.OK\n";
    assert_eq!(facts_of(good.as_bytes()).text("outcome"), Some("completed"));
    leads("+WIND:10:Malloc Failed\n", "device.out_of_memory");
}

#[test]
fn esp_tls_names_and_codes() {
    leads(
        "E (812) esp-tls: couldn't get hostname for :b.example.org: getaddrinfo() returns 202, addrinfo=0x0\n",
        "net.dns_failed",
    );
    let log = "E (5137) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700\nE (5140) esp-tls: Failed to open new connection\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("esp-idf"));
    assert_eq!(facts.list("errors"), ["X509_CERT_VERIFY_FAILED"]);
    assert_eq!(facts.list("conditions"), Vec::<String>::new());
    let log = "I (9) app: Last error code reported from esp-tls: 0x801a\nI (9) app: Last tls stack error number: 0x2700\n";
    assert_eq!(
        facts_of(log.as_bytes()).list("errors"),
        ["X509_CERT_VERIFY_FAILED"]
    );
    let log = "E (9) transport_base: Failed to open a new connection: 32774\n";
    assert!(
        facts_of(log.as_bytes())
            .list("errors")
            .contains(&"ESP_TLS_CONNECTION_TIMEOUT".to_owned())
    );
}

#[test]
fn arduino_esp32() {
    let log = "[  812][E][ssl_client.cpp:37] _handle_error(): [start_ssl_client():273]: (-32512) SSL - Memory allocation failed\n[  815][E][WiFiClientSecure.cpp:144] connect(): start_ssl_client: -32512\n";
    leads(log, "device.out_of_memory");
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("arduino-esp32"));
    assert_eq!(facts.list("errors"), ["SSL_ALLOC_FAILED"]);
    let log = "[  9][E][ssl_client.cpp:728] perform_ssl_handshake(): mbedtls_ssl_get_bytes_avail returned -0xffffffd3\n";
    leads(log, "device.firmware_bug");
}

#[test]
fn bearssl_codes() {
    leads("MQT: TLS connection error: 54\n", "device.clock_wrong");
    leads("MQT: TLS connection error: 62\n", "cert.wrong_ca");
    leads("MQT: TLS connection error: 56\n", "cert.name_mismatch");
    let facts = facts_of(b"MQT: TLS connection error: 296\n");
    assert_eq!(facts.int("alert.received"), Some(40));
    let facts = facts_of(b"getLastSSLError() = 558\n");
    assert_eq!(facts.int("alert.sent"), Some(46));
    leads(
        "MQT: TLS connection error: 0\nMQT: Connect failed to 192.0.2.8:1883, rc -2\n",
        "net.not_tls",
    );
}

#[test]
fn axtls_sizes() {
    leads("ssl->need_bytes=5230 > 4100\n", "tls.record_too_large");
    leads("ssl->need_bytes=37421 > 25019\n", "net.not_tls");
}

#[test]
fn micropython_in_each_spelling() {
    for line in [
        "OSError: (-9984, 'MBEDTLS_ERR_X509_CERT_VERIFY_FAILED')",
        "OSError: (-0x2700, 'MBEDTLS_ERR_X509_CERT_VERIFY_FAILED')",
        "OSError: -9984",
        "mbedtls_ssl_handshake error: -2700",
    ] {
        let facts = facts_of(line.as_bytes());
        assert_eq!(facts.list("errors"), ["X509_CERT_VERIFY_FAILED"], "{line}");
        assert_eq!(facts.text("stack.family"), Some("micropython"), "{line}");
    }
    leads("ValueError: invalid cert\n", "cert.format_invalid");
}

#[test]
fn zephyr_and_nrf91() {
    let facts = facts_of(b"[00:00:05.123,456] <err> net_sock_tls: TLS handshake error: -7200\n");
    assert_eq!(facts.list("errors"), ["SSL_INVALID_RECORD"]);
    assert_eq!(facts.text("stack.family"), Some("zephyr"));
    leads(
        "nrf_modem: Modem has crashed, reason 0x4, PC: 0xecb64\n",
        "cert.bundle_too_large",
    );
}

#[test]
fn modem_settings_are_rebuilt_from_commands() {
    let log = "AT+QSSLCFG=\"sslversion\",1,3\nOK\nAT+QSSLCFG=\"seclevel\",1,2\nOK\nAT+QSSLCFG=\"cacert\",1,\"UFS:root.pem\"\nOK\nAT+QSSLCFG=\"sni\",1,0\nOK\n\
        AT+QSSLOPEN=1,1,4,\"broker.example.org\",8883,0\nOK\n+QSSLOPEN: 4,566\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("module.tls_version"), Some("TLS 1.2"));
    assert_eq!(facts.bool("module.verifies"), Some(true));
    assert_eq!(facts.bool("module.sends_sni"), Some(false));
    assert_eq!(facts.text("module.ca"), Some("UFS:root.pem"));
    assert_eq!(facts.text("host"), Some("broker.example.org"));
    assert_eq!(
        facts.text("request.answer"),
        Some("566 SOCKET_CONNECT_FAILED")
    );
    let causes = causes_of(log.as_bytes());
    let first: Vec<&str> = causes.iter().take(2).map(String::as_str).collect();
    assert!(
        first.contains(&"tls.sni_missing") && first.contains(&"cert.wrong_ca"),
        "{causes:?}"
    );
    // Settings alone are no failure.
    let settings = log.split("AT+QSSLOPEN").next().unwrap();
    assert!(judged(settings.as_bytes()).attempts.is_empty());
    let good = log.replace("4,566", "4,0");
    assert_eq!(facts_of(good.as_bytes()).text("outcome"), Some("completed"));
}

#[test]
fn a_module_that_checks_nothing_refuses_no_certificate() {
    let log = "AT+USECPRF=0,0,0\nOK\nAT+USOSEC=0,1,0\nOK\nAT+USOCO=0,\"broker.example.org\",8883\n+UUSOCO: 0,111\n";
    let causes = causes_of(log.as_bytes());
    assert!(
        !causes.is_empty() && !causes.contains(&"cert.wrong_ca".to_owned()),
        "{causes:?}"
    );
}

#[test]
fn codes_that_say_what_they_mean() {
    leads(
        "AT+CAOPEN=0,0,\"TCP\",\"b.example.org\",8883\n+CAOPEN: 0,25\n",
        "cert.name_mismatch",
    );
    leads(
        "AT+CAOPEN=0,0,\"TCP\",\"b.example.org\",8883\n+CAOPEN: 0,24\n",
        "device.clock_wrong",
    );
    leads(
        "AT+CAOPEN=0,0,\"TCP\",\"b.example.org\",8883\n+CAOPEN: 0,20\n",
        "net.dns_failed",
    );
    leads("WICED TLS start failed: 5013\n", "cert.too_large");
    leads("sl_Connect failed: -454\n", "device.file_missing");
    leads(
        "nx_secure_tls_session_start failed: 0x12D\n",
        "cert.bundle_too_large",
    );
}

#[test]
fn codes_are_explained() {
    let has = |query: &str, stack: &str, name: &str| {
        let answer = explain(query, None);
        let found = answer
            .meanings
            .iter()
            .find(|m| m.stack == stack && m.name == name);
        assert!(found.is_some(), "{query}: {:?}", answer.meanings);
        found.unwrap().kind
    };
    assert_eq!(
        has("0x85", "XBee Cellular", "UNKNOWN_ERROR"),
        Kind::DeviceStatus
    );
    assert_eq!(
        has("566", "Quectel", "SOCKET_CONNECT_FAILED"),
        Kind::DeviceError
    );
    has(
        "BR_ERR_X509_NOT_TRUSTED",
        "BearSSL",
        "BR_ERR_X509_NOT_TRUSTED",
    );
    has("-454", "TI SimpleLink", "ESECNOCAFILE");
    has("0x8006", "ESP-IDF", "CONNECTION_TIMEOUT");
    has("62", "BearSSL", "BR_ERR_X509_NOT_TRUSTED");
    // What TLS itself defines stays first for a small number.
    assert_eq!(explain("alert 46", None).meanings[0].kind, Kind::Alert);
    assert_eq!(explain("46", None).meanings[0].kind, Kind::Alert);
}

#[test]
fn a_dialogue_of_commands_is_the_same_at_every_split() {
    let log = "AT#SSLEN=1,1\r\nOK\r\nAT#SSLD=1,8883,\"broker.example.org\",0,1\r\nERROR\r\n\
        AT+SQNSSCFG=1,1,1\r\nOK\r\nAT+SQNSD=1,0,8883,\"broker.example.org\",0,0,1\r\nNO CARRIER\r\n\
        AT+CIPSTART=\"SSL\",\"broker.example.org\",8883\r\n+ERRNO:29312\r\nERROR\r\n\
        AT#XCONNECT=\"broker.example.org\",8883\r\n#XCONNECT: 1\r\nOK\r\n\
        socket_cb: connect error -12\r\nssl_handshake_status: -40\r\n\
        * TLSv1.2 (OUT), TLS handshake, Client hello (1):\r\n* TLSv1.2 (IN), TLS alert, handshake failure (552):\r\ncurl: (35) error\r\n";
    same_at_every_split(log.as_bytes());
}

#[test]
fn a_plain_error_ends_the_request_before_it() {
    let log = "AT#SSLEN=1,1\nOK\nAT#SSLD=1,8883,\"broker.example.org\",0,1\nERROR\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("telit"));
    assert_eq!(facts.bool("module.tls_on"), Some(true));
    assert_eq!(facts.text("request.answer"), Some("ERROR"));
    assert_eq!(facts.text("outcome"), Some("failed"));
    assert_eq!(facts.list("errors"), ["TELIT_SSLD_FAILED"]);
    let up = log.replace("ERROR", "CONNECT");
    assert_eq!(facts_of(up.as_bytes()).text("outcome"), Some("completed"));
    // The answer of another command says nothing of the connection.
    let other = "AT+USOCO=0,\"broker.example.org\",8883,1\nOK\nAT+CSQ\nERROR\n";
    assert_eq!(
        facts_of(other.as_bytes()).list("errors"),
        Vec::<String>::new()
    );
    let refused = "AT+USOCO=0,\"broker.example.org\",8883\nERROR\nAT+USOER\n+USOER: 104\nOK\n";
    let facts = facts_of(refused.as_bytes());
    assert!(
        facts
            .list("errors")
            .contains(&"UBLOX_ECONNRESET".to_owned())
    );
}

#[test]
fn sequans_esp_at_and_the_serial_modem_of_nordic() {
    let log = "AT+SQNSPCFG=1,3,\"0xC02F\",5,7,8,9,\"\"\nOK\nAT+SQNSD=1,0,8883,\"b.example.org\",0,0,1\nNO CARRIER\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("sequans"));
    assert_eq!(facts.text("module.tls_version"), Some("TLS 1.2"));
    assert_eq!(facts.bool("module.checks_name"), Some(true));
    assert_eq!(facts.text("module.ca"), Some("7"));
    assert_eq!(facts.text("module.client_cert"), Some("8"));
    assert_eq!(facts.text("module.client_key"), Some("9"));
    // NO CARRIER does not tell whether TLS had begun.
    assert_eq!(facts.text("outcome"), Some("never_started"));
    let log = "AT+CIPSSLCCONF=2,0,0\nOK\nAT+CIPSTART=\"SSL\",\"b.example.org\",8883\n+ERRNO:9984\nERROR\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("esp-at"));
    assert!(
        facts
            .list("errors")
            .contains(&"X509_CERT_VERIFY_FAILED".to_owned())
    );
    let log = "AT#XSSOCKET=1,1,0,42,0\n#XSSOCKET: 1,1,258\nOK\nAT#XCONNECT=\"b.example.org\",8883\nERROR\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("nrf91"));
    assert_eq!(facts.bool("module.verifies"), Some(false));
    assert_eq!(facts.text("module.ca"), Some("42"));
}

#[test]
fn small_stacks_and_sdks() {
    let facts = facts_of(
        b"(APP)(INFO)Firmware ver   : 19.6.1 Svnrev 16761\nsocket_cb: connect error -12\n",
    );
    assert_eq!(facts.text("stack.family"), Some("winc1500"));
    assert_eq!(facts.text("module.firmware"), Some("19.6.1"));
    assert_eq!(facts.list("errors"), ["WINC_CONN_ABORTED"]);
    let facts = facts_of(b"ssl_handshake_status: -40\nOSError: [Errno 5] EIO\n");
    assert_eq!(facts.int("alert.received"), Some(40));
    leads(
        "State:\tsending Client Hello (1)\nState:\treceiving Server Hello (2)\nError: No trusted cert is available\n",
        "cert.wrong_ca",
    );
    let facts = facts_of(b"Error(-4) connecting to abc.iot.eu-west-1.amazonaws.com:8883\n");
    assert_eq!(facts.list("errors"), ["AWS_IOT_SSL_CONNECTION_ERROR"]);
    assert_eq!(facts.int("peer.port"), Some(8883));
    let facts = facts_of(b"WolfSSL connect failed. Error = -188\n");
    assert_eq!(facts.text("stack.family"), Some("wolfssl"));
    assert_eq!(facts.list("errors"), ["ASN_NO_SIGNER_E"]);
    let facts = facts_of(b"wolfSSL_connect failed: error -313, received alert fatal error\n");
    assert_eq!(facts.text("ended_by"), Some("peer_alert"));
}

#[test]
fn curl_tells_messages_and_alerts() {
    let log = "*   Trying 192.0.2.1:443...\n* Connected to api.example.org (192.0.2.1) port 443 (#0)\n* ALPN, offering h2\n\
        * TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* TLSv1.3 (IN), TLS handshake, Server hello (2):\n\
        * TLSv1.2 (IN), TLS handshake, Certificate (11):\n* TLSv1.2 (OUT), TLS alert, unknown CA (560):\n\
        * SSL certificate problem: unable to get local issuer certificate\ncurl: (60) SSL certificate problem\n";
    let facts = facts_of(log.as_bytes());
    assert_eq!(facts.text("stack.family"), Some("curl"));
    assert_eq!(facts.int("alert.sent"), Some(48));
    assert_eq!(facts.text("host"), Some("api.example.org"));
    leads(log, "cert.wrong_ca");
    same_at_every_split(log.as_bytes());
    let log = "* Connected to api.example.org (192.0.2.1) port 443 (#0)\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n\
        * SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519 / RSASSA-PSS\n";
    assert_eq!(facts_of(log.as_bytes()).text("outcome"), Some("completed"));
}

#[test]
fn curl_checks_the_name_when_its_library_is_done() {
    let log = "* Connected to 192.0.2.7 (192.0.2.7) port 8443 (#0)\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n\
        * TLSv1.3 (IN), TLS handshake, Server hello (2):\n* TLSv1.3 (IN), TLS handshake, Certificate (11):\n\
        * TLSv1.3 (IN), TLS handshake, Finished (20):\n* TLSv1.3 (OUT), TLS handshake, Finished (20):\n\
        * SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n*  subjectAltName does not match 192.0.2.7\n\
        * SSL: no alternative certificate subject name matches target host name '192.0.2.7'\n* Closing connection 0\n\
        curl: (60) SSL: no alternative certificate subject name matches target host name '192.0.2.7'\n";
    assert_eq!(facts_of(log.as_bytes()).text("outcome"), Some("failed"));
    leads(log, "cert.ip_address_name");
    leads(
        "* Establish HTTP proxy tunnel to api.example.org:443\n* CONNECT tunnel failed, response 403\n\
        curl: (56) CONNECT tunnel failed, response 403\n",
        "net.middlebox",
    );
}

#[test]
fn a_connection_without_more_is_no_failure() {
    let facts =
        facts_of(b"I (5012) net: connecting to a.example.org\nI (5100) net: TCP connected\n");
    assert_ne!(facts.text("outcome"), Some("never_started"));
}

/// The ESP8266 core prints the size of each write and read; BearSSL writes each record at once, and
/// the sizes tell the messages. Sizes computed from RFC 5246 and RFC 8422.
#[test]
fn sizes_of_the_esp8266_socket_tell_bearssls_messages() {
    let begin = "BSSL:_connectSSL: start connection\n:wr 205 0\n:wrc 205 205 0\n:ack 205\n:rn 1460\n\
                 :rd 5, 1460, 0\n:rd 1455, 1460, 5\nBSSL:CERT: 30 82 03\n";
    let end = ":wr 6 0\n:wr 45 0\n:ack 82\n:rn 7\n:rd 5, 7, 0\n:rd 2, 7, 5\nBSSL:_wait_for_handshake: failed\n";
    // P-256: 70 bytes, and 7 more for a Certificate without a certificate.
    let empty = format!("{begin}:wr 82 0\n{end}");
    same_at_every_split(empty.as_bytes());
    let facts = facts_of(empty.as_bytes());
    assert_eq!(facts.text("ended_by"), Some("peer_alert"));
    assert_eq!(facts.bool("client_cert.sent"), Some(false));
    leads(&empty, "client_auth.cert_missing");
    let none = format!("{begin}:wr 75 0\n{end}");
    let facts = facts_of(none.as_bytes());
    assert_eq!(facts.text("ended_by"), Some("peer_alert"));
    assert_eq!(facts.bool("client_cert.sent"), None);
    assert_eq!(facts.text("phase"), Some("peer_finished"));
    // Without BearSSL's own words the sizes are those of any connection.
    let facts = facts_of(b":wr 82 0\n:rd 5, 7, 0\n:rd 2, 7, 5\n");
    assert_eq!(facts.text("ended_by"), None);
}

#[test]
fn a_device_that_is_the_server_is_left_by_its_client() {
    let log = "E (1227) esp-tls: mbedtls_ssl_handshake returned -0x7780\n\
               E (1228) esp_https_server: esp_tls_create_server_session failed\n";
    let snapshot = judged(log.as_bytes());
    assert_eq!(snapshot.facts.text("role"), Some("server"));
    assert_eq!(
        snapshot.verdict.sentence,
        "The client ended the handshake with an alert."
    );
    leads(log, "cert.wrong_ca");
}

#[test]
fn a_refused_login_is_no_failure_of_tls() {
    for log in [
        "Error(-41) connecting to broker.example.org:8883\n",
        "Error(-40) connecting to broker.example.org:8883\n",
        "Connection error: Connection Refused: not authorised.\n",
    ] {
        let snapshot = judged(log.as_bytes());
        assert_eq!(snapshot.verdict.word, "Refused", "{log}");
        assert!(snapshot.diagnosis.causes.is_empty(), "{log}");
        assert!(snapshot.verdict.second.starts_with("Check user"), "{log}");
    }
}
