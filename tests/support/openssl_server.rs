//! An `openssl s_server` on loopback with a fresh certificate.
#![allow(dead_code)] // each test file uses its part

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{Limits, Manners, NameChoice, Probe, ProbeQuestion, Target, probe};
use tempfile::TempDir;

/// A running server, ended with the value.
pub struct Server {
    pub address: SocketAddr,
    pub folder: TempDir,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn is_installed(program: &str) -> bool {
    let there = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !there {
        println!("SKIPPED: {program} is not installed");
    }
    there
}

/// Makes `cert.pem` and `key.pem`: `rsa`, or a curve such as `P-256`.
pub fn certificate(folder: &TempDir, key: &str) {
    let curve = format!("ec_paramgen_curve:{key}");
    let kind: &[&str] = if key == "rsa" {
        &["-newkey", "rsa:2048"]
    } else {
        &["-newkey", "ec", "-pkeyopt", &curve]
    };
    let made = Command::new("openssl")
        .current_dir(folder.path())
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=device.example",
        ])
        .args(["-addext", "subjectAltName=DNS:device.example"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .args(kind)
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl runs").success());
}

/// A free port of loopback.
pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
}

/// Waits until the port accepts.
pub fn wait_for(address: SocketAddr) {
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "no server");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a server with these options; `None` (with a word) where OpenSSL is not installed.
pub fn start(key: &str, options: &[&str]) -> Option<Server> {
    if !is_installed("openssl") {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    certificate(&folder, key);
    let address = free();
    let child = Command::new("openssl")
        .current_dir(folder.path())
        .args(["s_server", "-accept", &address.to_string(), "-www"])
        .args(["-cert", "cert.pem", "-key", "key.pem"])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    wait_for(address);
    Some(Server {
        address,
        folder,
        child,
    })
}

/// A question to this address.
pub fn question(address: SocketAddr) -> ProbeQuestion {
    ProbeQuestion {
        target: Target {
            host: address.ip().to_string(),
            port: address.port(),
        },
        name: NameChoice::Given("device.example".to_owned()),
        device: None,
        manners: Manners {
            limits: Limits::default().within(Duration::from_secs(2)),
            ..Manners::default()
        },
        roots: Vec::new(),
        identity: None,
    }
}

/// Everything that a probe finds.
pub fn survey(server: &Server) -> Probe {
    probe(
        &question(server.address),
        &AtomicBool::new(false),
        &mut |_| {},
    )
    .expect("an address")
}
