//! Servers' logs, alone and beside the device's.

use std::sync::Arc;

use handlens::evidence::{InputId, InputKind, Lane};
use handlens::knowledge::Knowledge;
use handlens::session::{Case, NewInput};
use handlens::timeline::{EndedBy, Outcome};

use super::read;

#[test]
fn apache_sees_a_client_without_sni_leave() {
    let got = read(
        "[Mon Nov 02 10:00:00.000001 2026] [ssl:info] [pid 7:tid 8] [client 192.0.2.1:40000] AH01964: Connection to child 65 established (server a.invalid:443)\n\
         [Mon Nov 02 10:00:00.100001 2026] [ssl:debug] [pid 7:tid 8] ssl_engine_kernel.c(2372): [client 192.0.2.1:40000] AH02645: Server name not provided via TLS extension (using default/first virtual host)\n\
         [Mon Nov 02 10:00:01.200001 2026] [ssl:info] [pid 7:tid 8] (70014)End of file found: [client 192.0.2.1:40000] AH02007: SSL handshake interrupted by system [Hint: Stop button pressed in browser?!]\n\
         [Mon Nov 02 10:00:01.200101 2026] [ssl:info] [pid 7:tid 8] [client 192.0.2.1:40000] AH01998: Connection closed to child 65 with abortive shutdown (server a.invalid:443)\n",
    );
    assert_eq!((got.lane, got.dialects[0].as_str()), (Lane::Peer, "apache"));
    // The server named no error and waited, so it had answered.
    assert_eq!(
        got.steps(0),
        [">client_hello", "<server_hello", "<certificate"]
    );
    assert_eq!(got.attempts[0].ended_by, EndedBy::DeviceError);
    assert!(got.conditions(0).contains(&"no_server_name"));
}

#[test]
fn nginx_and_its_connections() {
    let got = read(
        "2026/11/02 10:00:00 [info] 7#7: *12 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking, client: 192.0.2.1, server: 0.0.0.0:443\n\
         2026/11/02 10:00:09 [info] 7#7: *13 peer closed connection in SSL handshake while SSL handshaking, client: 192.0.2.1, server: 0.0.0.0:443\n",
    );
    assert_eq!(got.attempts.len(), 2);
    assert!(got.conditions(0).contains(&"no_cipher_in_common"));
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
    assert_eq!(got.attempts[1].ended_by, EndedBy::DeviceError);
}

#[test]
fn mosquitto_refuses_a_client_certificate() {
    let got = read(
        "1793700000: mosquitto version 2.0.18 starting\n\
         1793700001: New connection from 192.0.2.1:40000 on port 8883.\n\
         1793700001: OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed\n\
         1793700001: Client <unknown> disconnected: Protocol error.\n\
         1793700009: New connection from 192.0.2.1:40001 on port 8883.\n\
         1793700009: New client connected from 192.0.2.1:40001 as dev-7 (p2, c1, k60).\n",
    );
    assert_eq!(got.attempts.len(), 2);
    assert!(got.conditions(0).contains(&"client_cert_refused"));
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
    assert_eq!(got.attempts[1].outcome, Outcome::Completed);
}

const CLIENT: &str = "CONNECTED(00000003)\n\
     SSL_connect:before SSL initialization\n\
     SSL_connect:SSLv3/TLS write client hello\n\
     write:errno=104\n";
const SERVER: &str = "New connection from 192.0.2.1:40000 on port 8883.\n\
     OpenSSL Error[0]: error:0A000065:SSL routines:tls_post_process_client_hello:no suitable key share\n";

fn case(logs: &[&str]) -> Case {
    let mut case = Case::new(Arc::new(Knowledge::embedded()), Vec::new());
    for (i, log) in logs.iter().enumerate() {
        let id = InputId(u32::try_from(i).unwrap());
        case.add_input(NewInput {
            id,
            name: format!("log {i}"),
            kind: InputKind::Log,
            lane: Lane::Device,
            file_time: None,
        });
        case.push(id, log.as_bytes(), None);
        case.finish(id);
    }
    case.judge(1_795_000_000_000_000);
    case
}

#[test]
fn the_server_s_reason_explains_the_reset() {
    for order in [[CLIENT, SERVER], [SERVER, CLIENT]] {
        let snapshot = case(&order).snapshot();
        let judged = snapshot.judged.unwrap();
        assert_eq!(snapshot.attempts[judged].lane, Lane::Device);
        assert_eq!(
            snapshot.facts.text("peer.log_says"),
            Some("SSL_R_NO_SUITABLE_KEY_SHARE")
        );
        assert_eq!(snapshot.diagnosis.causes[0].id, "tls.no_common_group");
    }
}

#[test]
fn a_server_s_log_alone_gives_the_cause() {
    let snapshot = case(&[SERVER]).snapshot();
    assert_eq!(snapshot.judged, Some(0));
    assert_eq!(snapshot.diagnosis.causes[0].id, "tls.no_common_group");
}
