//! GnuTLS's trace and `gnutls-cli`.

use handlens::evidence::Lane;
use handlens::timeline::{EndedBy, Outcome};

use super::read;

#[test]
fn a_trace_with_its_report_behind_it() {
    let got = read(
        "|<4>| EXT[0x5581]: Sent group SECP256R1 (0x17)\n\
         |<2>| HSK[0x5581]: sent server name: 'broker.invalid'\n\
         |<4>| HSK[0x5581]: CLIENT HELLO was queued [200 bytes]\n\
         |<4>| HSK[0x5581]: SERVER HELLO (2) was received. Length 90[90], frag offset 0, frag length: 90, sequence: 0\n\
         |<4>| EXT[0x5581]: Negotiated version: 3.4\n\
         |<4>| HSK[0x5581]: Selected cipher suite: GNUTLS_AES_128_GCM_SHA256\n\
         |<4>| HSK[0x5581]: ENCRYPTED EXTENSIONS (8) was received. Length 2[2], frag offset 0, frag length: 2, sequence: 0\n\
         |<4>| HSK[0x5581]: CERTIFICATE (11) was received. Length 700[700], frag offset 0, frag length: 700, sequence: 0\n\
         |<4>| HSK[0x5581]: CERTIFICATE VERIFY (15) was received. Length 70[70], frag offset 0, frag length: 70, sequence: 0\n\
         *** Fatal error: Error in the certificate.\n\
         Connecting to '192.0.2.9:8883'...\n\
         - Status: The certificate is NOT trusted. The certificate issuer is unknown. \n\
         *** PKI verification of server certificate failed...\n",
    );
    assert_eq!(
        got.attempts.len(),
        1,
        "the report does not begin another attempt"
    );
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
    assert_eq!(attempt.cipher_suite.unwrap().0, 0x1301);
    assert_eq!(attempt.steps[3].size_bytes, Some(704));
    assert_eq!(
        attempt.seen.server_name.as_ref().unwrap().0,
        "broker.invalid"
    );
    assert_eq!(
        (attempt.outcome, attempt.ended_by),
        (Outcome::Failed, EndedBy::DeviceError)
    );
    assert!(got.conditions(0).contains(&"issuer_unknown"));
}

#[test]
fn plain_text_instead_of_a_record() {
    let got = read(
        "|<4>| HSK[0x5581]: CLIENT HELLO was queued [200 bytes]\n\
         |<1>| Received record packet of unknown type 72\n\
         *** Fatal error: An unexpected TLS packet was received.\n",
    );
    assert_eq!(&*got.attempts[0].seen.not_tls.as_ref().unwrap().0, b"H");
}

#[test]
fn a_refused_connection() {
    let got = read(
        "Could not connect to 192.0.2.9:8883: Connection refused\n\
         Processed 1 CA certificate(s).\n\
         Resolving '192.0.2.9:8883'...\n\
         Connecting to '192.0.2.9:8883'...\n",
    );
    assert_eq!(got.attempts.len(), 1);
    assert_eq!(got.attempts[0].outcome, Outcome::NeverStarted);
}

#[test]
fn gnutls_serv_speaks_for_the_peer() {
    let got = read(
        "Echo Server listening on IPv4 0.0.0.0 port 4433...done\n\
         \n\
         * Accepted connection from IPv4 192.0.2.9 port 51396 on Thu Nov 26 22:48:56 2026\n\
         |<4>| HSK[0x5581]: SERVER HELLO was queued [120 bytes]\n\
         - Channel bindings\n\
         \x20- 'tls-unique': not available\n\
         Error in handshake: No certificate was found.\n",
    );
    assert_eq!(got.lane, Lane::Peer);
    assert_eq!(got.steps(0), ["<server_hello"]);
    assert!(got.conditions(0).contains(&"client_certificate_missing"));
    assert!(!got.conditions(0).contains(&"feature_missing"));
}
