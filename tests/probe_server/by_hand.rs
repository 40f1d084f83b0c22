//! The command lines that repeat a question do what they say: each is run, as a person would.

use std::process::{Command, Output};

use handlens::server::{Probe, Stage, by_hand};

use super::device;
use super::openssl_server::{Server, ask, is_installed, question, start};

fn run(server: &Server, command: &str) -> Output {
    Command::new("sh")
        .current_dir(server.folder.path())
        .args(["-c", command])
        .output()
        .unwrap()
}

/// Everything that a line printed.
fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn asked(server: &Server, as_device: &str) -> Probe {
    let mut question = question(server.address);
    question.device = device(as_device);
    ask(&question)
}

#[test]
fn every_line_runs_and_shows_what_it_says() {
    let Some(server) = start("rsa", &[]) else {
        return;
    };
    let found = asked(&server, "mbedtls-2.16");
    let lines = by_hand(&found);
    let stages: Vec<Stage> = lines.iter().map(|l| l.stage).collect();
    for stage in [
        Stage::FirstAnswer,
        Stage::AsDevice,
        Stage::Suites,
        Stage::Groups,
        Stage::Signatures,
        Stage::Extensions,
        Stage::Resumption,
        Stage::Names,
        Stage::Fragments,
        Stage::Handshake,
    ] {
        assert!(stages.contains(&stage), "{stage:?}");
    }
    let device_suite = found.device.as_ref().unwrap().reply.cipher_suite().unwrap();
    for line in lines {
        if line.command.starts_with("nmap") && !is_installed("nmap") {
            continue;
        }
        // A person puts a root in the place of the word.
        let command = line.command.replace("ROOT.pem", "cert.pem");
        let output = run(&server, &command);
        let text = text(&output);
        let all = format!("{command}\n{text}");
        assert!(output.status.success(), "{all}");
        let shows = |part: &str| assert!(text.contains(part), "{part} in: {all}");
        match line.stage {
            Stage::FirstAnswer => shows("BEGIN CERTIFICATE"),
            Stage::AsDevice => shows(&format!(
                "Cipher is {}",
                device_suite.openssl_name().unwrap()
            )),
            Stage::Suites => shows("TLS_RSA_WITH_AES_256_CBC_SHA"),
            Stage::Groups => shows("Server Temp Key: X25519"),
            Stage::Signatures => shows("Peer signing digest: SHA256"),
            Stage::Extensions => {
                shows("OCSP response: no response sent");
                shows("TLS server extension");
            }
            Stage::Resumption => shows("Reused, TLSv1."),
            Stage::Names => shows("BEGIN CERTIFICATE"),
            Stage::Fragments => shows("<<< TLS 1.3"),
            Stage::Handshake => shows("Verify return code: 0 (ok)"),
            other => panic!("{other:?}: {all}"),
        }
    }
}

#[test]
fn lines_for_an_old_server_ask_with_its_version() {
    let options = ["-tls1", "-cipher", "ALL:@SECLEVEL=0"];
    let Some(server) = start("rsa", &options) else {
        return;
    };
    let found = asked(&server, "mbedtls-2.16");
    for line in by_hand(&found) {
        if line.command.starts_with("nmap") {
            continue;
        }
        let output = run(&server, &line.command);
        let text = text(&output);
        assert!(
            output.status.success() && text.contains("New, TLSv1.0, Cipher is"),
            "{}\n{text}",
            line.command
        );
    }
}
