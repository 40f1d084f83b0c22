//! Sessions taken up again, and OCSP answers stapled: measured on servers that are set to do so or not.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

use handlens::server::{Probe, Resumption};
use rustls::server::NoServerSessionStorage;
use tempfile::TempDir;

use super::openssl_server::{self, start, start_with, survey};
use super::{ask, question, rustls_server};

fn measured(options: &[&str]) -> Option<Resumption> {
    Some(survey(&start("rsa", options)?).resumption)
}

#[test]
fn openssl_resumes_as_it_is_set() {
    let kinds = |psk, ticket, session_id| Resumption {
        psk,
        ticket,
        session_id,
    };
    let (yes, no) = (Some(true), Some(false));
    for (options, expected) in [
        (&[][..], kinds(yes, yes, yes)),
        (&["-tls1_3"][..], kinds(yes, None, None)),
        (&["-tls1_3", "-num_tickets", "0"][..], kinds(no, None, None)),
        (&["-tls1_2"][..], kinds(None, yes, yes)),
        (&["-tls1_2", "-no_ticket"][..], kinds(None, no, yes)),
        (&["-tls1_2", "-no_cache"][..], kinds(None, yes, no)),
        (
            &["-tls1_2", "-no_ticket", "-no_cache"][..],
            kinds(None, no, no),
        ),
    ] {
        let Some(found) = measured(options) else {
            return;
        };
        assert_eq!(found, expected, "{options:?}");
    }
}

#[test]
fn rustls_resumes_as_it_is_set() {
    // Its default keeps sessions in memory and gives no tickets in TLS 1.2.
    let (address, _) = rustls_server::serve(false);
    let found = ask(&question(address)).resumption;
    assert_eq!(found.psk, Some(true));
    assert_eq!(found.ticket, Some(false));
    assert_eq!(found.session_id, Some(true));
    let (address, _) = rustls_server::serve_set(|config| {
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    });
    let found = ask(&question(address)).resumption;
    assert_eq!(found.psk, Some(false));
    assert_eq!(found.session_id, Some(false));
}

#[test]
fn a_server_that_completes_nothing_has_no_session_to_resume() {
    let Some(found) = measured(&["-tls1_2", "-cipher", "kRSA"]) else {
        return;
    };
    assert_eq!(found, Resumption::default());
    assert_eq!(found.words(), None);
}

/// Makes an OCSP answer that the certificate is good, signed with its own key.
fn staple(folder: &TempDir) {
    let run = |arguments: &[&str]| {
        let done = Command::new("openssl")
            .current_dir(folder.path())
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success(), "{arguments:?}");
    };
    let serial = Command::new("openssl")
        .current_dir(folder.path())
        .args(["x509", "-in", "cert.pem", "-noout", "-serial"])
        .output()
        .unwrap();
    let serial = String::from_utf8(serial.stdout).unwrap();
    let serial = serial.trim().trim_start_matches("serial=");
    let line = format!("V\t360101000000Z\t\t{serial}\tunknown\t/CN=device.example\n");
    fs::write(folder.path().join("index.txt"), line).unwrap();
    run(&[
        "ocsp",
        "-issuer",
        "cert.pem",
        "-cert",
        "cert.pem",
        "-reqout",
        "request.der",
        "-no_nonce",
    ]);
    run(&[
        "ocsp",
        "-index",
        "index.txt",
        "-rsigner",
        "cert.pem",
        "-rkey",
        "key.pem",
        "-CA",
        "cert.pem",
        "-reqin",
        "request.der",
        "-respout",
        "staple.der",
        "-ndays",
        "7",
    ]);
}

#[test]
fn a_stapled_answer_is_seen_in_both_versions() {
    for version in ["-tls1_2", "-tls1_3"] {
        let options = [version, "-status_file", "staple.der"];
        let Some(server) = start_with("rsa", &options, 0, staple) else {
            return;
        };
        let found: Probe = survey(&server);
        assert_eq!(found.staples(), Some(true), "{version}");
        let clear = found.offer.extensions.ocsp_staple;
        assert_eq!(clear.is_some(), version == "-tls1_2");
        let rustls = found.library.as_ref().map(|l| l.ocsp_staple);
        assert_eq!(rustls, Some(true), "{version}");
        if version == "-tls1_2" {
            let reply = found.offer.chain_reply.as_ref().unwrap();
            let der = fs::metadata(server.folder.path().join("staple.der")).unwrap();
            // Header, type of status, length of the answer.
            let bytes = usize::try_from(der.len()).unwrap() + 4 + 1 + 3;
            assert_eq!(reply.certificate_status_bytes, Some(bytes));
        }
    }
    let Some(bare) = openssl_server::start("rsa", &[]) else {
        return;
    };
    assert_eq!(survey(&bare).staples(), Some(false));
}
