//! wolfSSL's debug trace.

use handlens::timeline::{EndedBy, Outcome};

use super::read;

const HELLO: &str = "[    1.000000] [app] connecting to broker.invalid\n\
     [    1.000100] [app] TCP connected\n\
     [    1.000200] [wolfssl] wolfSSL Entering SSL_connect()\n\
     [    1.000300] [wolfssl] wolfSSL Entering SendClientHello\n\
     [    1.000400] [wolfssl] SNI extension to write\n\
     [    1.000500] [wolfssl] wolfSSL Leaving SendClientHello, return 0\n\
     [    1.000600] [wolfssl] connect state: CLIENT_HELLO_SENT\n\
     [    1.010000] [wolfssl] processing server hello\n\
     [    1.010100] [wolfssl] processing certificate\n";

#[test]
fn a_chain_without_a_signer() {
    let got = read(&format!(
        "{HELLO}[    1.020000] [wolfssl] No CA signer to verify with\n\
         [    1.020100] [wolfssl] wolfSSL error occurred, error = -188\n\
         [    1.020200] [wolfssl] wolfSSL Entering SendAlert\n\
         [    1.020300] [wolfssl] wolfSSL Leaving SendAlert, return 0\n\
         [    1.020400] [app] wolfSSL_connect failed: error -188, ASN no signer error to confirm failure\n"
    ));
    assert_eq!(got.stack, Some("wolfssl"));
    assert_eq!(
        got.steps(0),
        [">client_hello", "<server_hello", "<certificate"]
    );
    assert!(got.conditions(0).contains(&"issuer_unknown"));
    assert_eq!(
        got.alerts(0),
        [],
        "the trace names no number, so none is told"
    );
    assert_eq!(got.attempts[0].ended_by, EndedBy::DeviceAlert);
    assert_eq!(got.attempts[0].started, Some(1_000_000));
}

#[test]
fn a_good_leaf_before_the_error_speaks_of_the_chain() {
    let got = read(&format!(
        "{HELLO}[    1.020000] [wolfssl] Verified Peer's cert\n\
         [    1.020100] [wolfssl] wolfSSL error occurred, error = -188\n"
    ));
    assert_eq!(got.conditions(0), ["chain_certificate_refused"]);
}

#[test]
fn a_success_has_no_alert_in_it() {
    let got = read(&format!(
        "{HELLO}[    1.030000] [wolfssl] processing server key exchange\n\
         [    1.030100] [wolfssl] processing server hello done\n\
         [    1.030200] [wolfssl] wolfSSL Leaving SendClientKeyExchange, return 0\n\
         [    1.030300] [wolfssl] sent: change cipher spec\n\
         [    1.030400] [wolfssl] wolfSSL Leaving SendFinished, return 0\n\
         [    1.040000] [wolfssl] got CHANGE CIPHER SPEC\n\
         [    1.040100] [wolfssl] processing finished\n\
         [    1.040200] [wolfssl] wolfSSL Leaving SSL_connect(), return 1\n\
         [    1.050000] [wolfssl] wolfSSL Entering SSL_shutdown()\n\
         [    1.050100] [wolfssl] wolfSSL Entering SendAlert\n"
    ));
    assert_eq!(got.attempts.len(), 1);
    assert_eq!(got.attempts[0].outcome, Outcome::Completed);
    assert_eq!(got.steps(0).last().map(String::as_str), Some("<finished"));
}

#[test]
fn what_5_9_prints_of_a_hello_retry_a_cut_store_and_a_wait() {
    let got = read(
        "wolfSSL Entering SendTls13ClientHello\n\
         wolfSSL Leaving SendTls13ClientHello, return 0\n\
         processing server hello\n\
         wolfSSL Entering DoTls13ServerHello\n\
         HelloRetryRequest format\n\
         wolfSSL Entering SendTls13ClientHello\n\
         wolfSSL Leaving SendTls13ClientHello, return 0\n\
         processing server hello\n\
         wolfSSL_connect failed: 2, non-blocking socket wants data to be read\n",
    );
    assert_eq!(
        got.steps(0),
        [
            ">client_hello",
            "<hello_retry_request",
            ">client_hello",
            "<server_hello"
        ]
    );
    assert_eq!(got.attempts[0].ended_by, EndedBy::DeviceTimeout);
    let got = read(
        "wolfSSL Leaving ProcessBuffer, return -132\n\
         CA Parse failed, with progress in file.\n",
    );
    assert!(got.conditions(0).contains(&"cert_parse_failed"));
}
