//! rustls.

use handlens::timeline::{EndedBy, Outcome};

use super::read;

const FLIGHT: &str = "[INFO  gateway] connecting to broker.invalid (192.0.2.9:8883)\n\
     [TRACE rustls::client::hs] Sending ClientHello Message {\n\
     \x20   version: TLSv1_0,\n\
     \x20       cipher_suites: [\n\
     \x20           TLS13_AES_128_GCM_SHA256,\n\
     \x20       ],\n\
     }\n\
     [TRACE rustls::client::hs] We got ServerHello ServerHelloPayload {\n\
     \x20   cipher_suite: TLS13_AES_128_GCM_SHA256,\n\
     \x20   selected_version: TLSv1_3,\n\
     }\n\
     [DEBUG rustls::client::hs] Using ciphersuite TLS13_AES_128_GCM_SHA256\n\
     [DEBUG rustls::client::tls13] TLS1.3 encrypted extensions: ServerExtensions { .. }\n\
     [TRACE rustls::client::tls13] Server cert is CertificateChain([CertificateDer(0x3003020101)])\n";

#[test]
fn a_name_that_is_not_in_the_certificate() {
    let got = read(&format!(
        "{FLIGHT}[ERROR gateway] TLS handshake failed: invalid peer certificate: certificate not valid for name \"broker.invalid\"\n"
    ));
    assert_eq!(
        got.steps(0),
        [
            ">client_hello",
            "<server_hello",
            "<encrypted_extensions",
            "<certificate",
            "<certificate_verify",
            "<finished"
        ]
    );
    let attempt = &got.attempts[0];
    assert_eq!(
        (attempt.outcome, attempt.ended_by),
        (Outcome::Failed, EndedBy::DeviceError)
    );
    assert!(got.conditions(0).contains(&"name_mismatch"));
    assert_eq!(attempt.seen.offered_suites, [0x1301]);
    assert_eq!(got.stack, Some("rustls"));
}

#[test]
fn a_client_may_be_done_before_the_server_refuses_it() {
    let got = read(&format!(
        "{FLIGHT}[INFO  gateway] TLS established: TLSv1_3 TLS13_AES_128_GCM_SHA256\n\
         [ERROR gateway] read failed: received fatal alert: CertificateRequired\n"
    ));
    assert_eq!(got.alerts(0), [(116, "received")]);
    assert_eq!(got.attempts[0].outcome, Outcome::Failed);
}

#[test]
fn a_success_has_both_finished() {
    let got = read(&format!(
        "{FLIGHT}[INFO  gateway] TLS established: TLSv1_3 TLS13_AES_128_GCM_SHA256\n"
    ));
    assert_eq!(got.attempts[0].outcome, Outcome::Completed);
    assert_eq!(got.steps(0)[5..], ["<finished", ">finished"]);
}
