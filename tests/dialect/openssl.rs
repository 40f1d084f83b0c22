//! `s_client` and `s_server`.

use handlens::evidence::Lane;
use handlens::timeline::{EndedBy, Outcome};

use super::read;

#[test]
fn states_alone_tell_the_messages() {
    let got = read(
        "CONNECTED(00000003)\n\
         SSL_connect:before SSL initialization\n\
         SSL_connect:SSLv3/TLS write client hello\n\
         SSL_connect:SSLv3/TLS write client hello\n\
         SSL_connect:SSLv3/TLS read server hello\n\
         depth=0 CN = broker.invalid\n\
         verify error:num=20:unable to get local issuer certificate\n\
         SSL3 alert write:fatal:unknown CA\n\
         SSL_connect:error in error\n\
         80BB:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:ssl/statem/statem_clnt.c:1890:\n",
    );
    assert_eq!(got.steps(0)[..2], [">client_hello", "<server_hello"]);
    assert!(got.steps(0).contains(&"<certificate".to_owned()));
    assert_eq!(got.alerts(0), [(48, "sent")]);
    assert!(got.conditions(0).contains(&"issuer_unknown"));
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
    assert_eq!((got.stack, got.lane), (Some("openssl"), Lane::Device));
}

#[test]
fn messages_with_their_bytes() {
    let got = read(
        "CONNECTED(00000003)\n\
         >>> TLS 1.2, Handshake [length 0033], ClientHello\n\
         \x20   01 00 00 2f 03 03 00 01 02 03 04 05 06 07 08 09\n\
         \x20   0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19\n\
         \x20   1a 1b 1c 1d 1e 1f 00 00 02 c0 2f 01 00 00 04 00\n\
         \x20   17 00 00\n\
         <<< TLS 1.2, Alert [length 0002], fatal handshake_failure\n\
         \x20   02 28\n\
         SSL3 alert read:fatal:handshake failure\n\
         80BB:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:ssl/record/rec_layer_s3.c:916:SSL alert number 40\n",
    );
    assert_eq!(got.steps(0), [">client_hello"]);
    assert_eq!(got.alerts(0), [(40, "received")]);
    assert_eq!(got.attempts[0].seen.offered_suites, [0xC02F]);
    assert_eq!(got.attempts[0].steps[1].size_bytes, Some(51));
    assert_eq!(got.attempts[0].ended_by, EndedBy::PeerAlert);
}

#[test]
fn a_report_of_a_success() {
    let got = read(
        "openssl s_client -connect broker.invalid:8883 -tls1_2\n\
         CONNECTED(00000003)\n\
         ---\n\
         Certificate chain\n\
         \x200 s:CN = broker.invalid\n\
         \x20  i:CN = Example CA\n\
         ---\n\
         Server Temp Key: X25519, 253 bits\n\
         ---\n\
         SSL handshake has read 2100 bytes and written 300 bytes\n\
         ---\n\
         New, TLSv1.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256\n\
         Verify return code: 0 (ok)\n",
    );
    let attempt = &got.attempts[0];
    assert_eq!(attempt.outcome, Outcome::Completed);
    assert_eq!(attempt.cipher_suite.unwrap().0, 0xC02F);
    assert_eq!(attempt.certificates[0].issuer, "CN=Example CA");
    assert_eq!(attempt.seen.group.as_deref(), Some("x25519"));
}

#[test]
fn a_server_speaks_for_the_peer() {
    let got = read(
        "ACCEPT\n\
         SSL_accept:before SSL initialization\n\
         SSL_accept:before SSL initialization\n\
         SSL_accept:SSLv3/TLS read client hello\n\
         SSL_accept:SSLv3/TLS write server hello\n\
         SSL_accept:SSLv3/TLS write certificate\n\
         SSL_accept:SSLv3/TLS write key exchange\n\
         SSL_accept:SSLv3/TLS write certificate request\n\
         SSL_accept:SSLv3/TLS write server done\n\
         SSL3 alert write:fatal:handshake failure\n\
         SSL_accept:error in error\n\
         80BB:error:0A0000C7:SSL routines:tls_process_client_certificate:peer did not return a certificate:ssl/statem/statem_srvr.c:3500:\n",
    );
    assert_eq!(got.lane, Lane::Peer);
    assert_eq!(
        got.steps(0),
        [
            ">client_hello",
            "<server_hello",
            "<certificate",
            "<server_key_exchange",
            "<certificate_request",
            "<server_hello_done"
        ]
    );
    // The error says that the client has no certificate, not that it sent one: whether its message was
    // empty or missing (TLS 1.2, RFC 5246 section 7.4.6) is not said.
    assert_eq!(got.alerts(0), [(40, "received")]);
    assert!(got.conditions(0).contains(&"client_certificate_missing"));
}

#[test]
fn a_server_s_view_of_a_client_that_left_is_no_alert() {
    let got = read(
        "SSL_accept:before SSL initialization\n\
         SSL_accept:before SSL initialization\n\
         SSL_accept:SSLv3/TLS read client hello\n\
         SSL_accept:SSLv3/TLS write server hello\n\
         SSL3 alert write:fatal:decode error\n\
         SSL_accept:error in error\n\
         80BB:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:ssl/record/rec_layer_s3.c:320:\n",
    );
    assert_eq!(got.alerts(0), []);
    assert_eq!(got.attempts[0].ended_by, EndedBy::DeviceError);
}

#[test]
fn the_end_of_tcp_goes_before_the_alert_that_answers_it() {
    let got = read(
        "CONNECTED(00000003)\n\
         SSL_connect:before SSL initialization\n\
         SSL_connect:SSLv3/TLS write client hello\n\
         SSL3 alert write:fatal:decode error\n\
         SSL_connect:error in error\n\
         80BB:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:ssl/record/rec_layer_s3.c:320:\n",
    );
    assert_eq!(got.alerts(0), [(50, "sent")]);
    assert_eq!(got.attempts[0].ended_by, EndedBy::PeerClosed);
}

#[test]
fn connected_can_stand_behind_its_own_handshake() {
    // Both streams of the program in one file: the report was still in its buffer.
    let got = read(
        "SSL_connect:before SSL initialization\n\
         SSL_connect:SSLv3/TLS write client hello\n\
         SSL3 alert write:fatal:decode error\n\
         SSL_connect:error in error\n\
         40A7:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:318:\n\
         CONNECTED(00000003)\n\
         ---\n\
         no peer certificate available\n\
         ---\n\
         SSL handshake has read 0 bytes and written 337 bytes\n\
         New, (NONE), Cipher is (NONE)\n\
         Verify return code: 0 (ok)\n",
    );
    assert_eq!(got.attempts.len(), 1);
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
    assert_eq!(got.attempts[0].ended_by, EndedBy::PeerClosed);
}

#[test]
fn a_report_of_tls13_after_a_refusal_is_no_success() {
    let got = read(
        "CONNECTED(00000003)\n\
         SSL_connect:before SSL initialization\n\
         SSL_connect:SSLv3/TLS write client hello\n\
         SSL_connect:SSLv3/TLS read server hello\n\
         SSL_connect:TLSv1.3 read encrypted extensions\n\
         verify error:num=68:CA signature digest algorithm too weak\n\
         SSL3 alert write:fatal:bad certificate\n\
         80BB:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:ssl/statem/statem_clnt.c:1890:\n\
         ---\n\
         New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\n\
         Verify return code: 68 (CA signature digest algorithm too weak)\n",
    );
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
    assert_eq!(got.attempts[0].ended_by, EndedBy::DeviceAlert);
    assert!(got.conditions(0).contains(&"digest_refused"));
}

#[test]
fn the_states_that_libcoap_prints() {
    let session = "*  192.0.2.4:35161 <-> 192.0.2.7:5684 DTLS:";
    let got = read(&format!(
        "{session} SSL_connect:before SSL initialization\n\
         {session} SSL_connect:SSLv3/TLS write client hello\n\
         {session} SSL_connect:DTLS1 read hello verify request\n\
         {session} SSL_connect:SSLv3/TLS write client hello\n\
         {session} SSL_connect:SSLv3/TLS read server hello\n",
    ));
    assert_eq!(
        got.steps(0),
        [
            ">client_hello",
            "<hello_verify_request",
            ">client_hello",
            "<server_hello"
        ]
    );
}
