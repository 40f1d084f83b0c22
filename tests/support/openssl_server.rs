//! An `openssl s_server` on loopback with fresh certificates.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // each test file uses its part

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{Limits, Manners, NameChoice, Probe, ProbeQuestion, Target, probe};
use tempfile::TempDir;

/// Eight suites with ECDHE or DHE: nothing for a client with RSA key exchange alone.
pub const EPHEMERAL: &str = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:\
     DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:\
     ECDHE-RSA-AES256-SHA:DHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA";

/// A running server, ended with the value. Its folder holds `cert.pem` and `key.pem`.
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

/// Makes `cert.pem` and `key.pem` for `device.example`: `rsa`, or a curve such as `P-256`.
pub fn certificate(folder: &TempDir, key: &str) {
    make(folder, key, "device.example", 0, ("cert.pem", "key.pem"));
}

/// Makes a self-signed certificate for a name and so many host names below it.
fn make(folder: &TempDir, key: &str, name: &str, hosts: usize, files: (&str, &str)) {
    let curve = format!("ec_paramgen_curve:{key}");
    let kind: &[&str] = if key == "rsa" {
        &["-newkey", "rsa:2048"]
    } else {
        &["-newkey", "ec", "-pkeyopt", &curve]
    };
    let hosts: String = (0..hosts)
        .map(|n| format!(",DNS:host-{n}.{name}"))
        .collect();
    let made = Command::new("openssl")
        .current_dir(folder.path())
        .args(["req", "-x509", "-nodes", "-days", "30"])
        .args(["-subj", &format!("/CN={name}")])
        .args(["-addext", &format!("subjectAltName=DNS:{name}{hosts}")])
        .args(["-out", files.0, "-keyout", files.1])
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
        assert!(started.elapsed() < Duration::from_mins(1), "no server");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a server's program in a folder of its own and waits until it takes connections. What it prints
/// goes nowhere.
pub fn spawn(folder: TempDir, address: SocketAddr, program: &mut Command) -> Server {
    let child = program
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    // The value ends the server also where it does not come up.
    let server = Server {
        address,
        folder,
        child,
    };
    wait_for(address);
    server
}

/// Starts a server with these options; `None` (with a word) where OpenSSL is not installed.
pub fn start(key: &str, options: &[&str]) -> Option<Server> {
    start_with(key, options, 0, |_| {})
}

/// The same with an RSA key, and `cert2.pem` and `key2.pem` for `default.example` beside it.
pub fn start_with_two(options: &[&str]) -> Option<Server> {
    start_with("rsa", options, 0, |folder| {
        make(
            folder,
            "rsa",
            "default.example",
            0,
            ("cert2.pem", "key2.pem"),
        );
    })
}

/// The same with so many host names in the certificate; `prepare` puts more into the folder.
pub fn start_with(
    key: &str,
    options: &[&str],
    hosts: usize,
    prepare: impl FnOnce(&TempDir),
) -> Option<Server> {
    if !is_installed("openssl") {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    make(
        &folder,
        key,
        "device.example",
        hosts,
        ("cert.pem", "key.pem"),
    );
    prepare(&folder);
    let address = free();
    let mut program = Command::new("openssl");
    program
        .args(["s_server", "-accept", &address.to_string(), "-www"])
        .args(["-cert", "cert.pem", "-key", "key.pem"])
        .args(options);
    Some(spawn(folder, address, &mut program))
}

/// A question to this address, with waits that a busy machine does not reach.
pub fn question(address: SocketAddr) -> ProbeQuestion {
    let limits = Limits {
        connect: Duration::from_secs(20),
        silence: Duration::from_secs(20),
        total: Duration::from_mins(1),
        ..Limits::default()
    };
    ProbeQuestion {
        manners: Manners {
            limits,
            ..Manners::default()
        },
        ..hasty(address)
    }
}

/// The same with waits short enough for a server that keeps silent.
pub fn hasty(address: SocketAddr) -> ProbeQuestion {
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
        dns_server: None,
    }
}

/// Asks without a stop.
pub fn ask(question: &ProbeQuestion) -> Probe {
    probe(question, &AtomicBool::new(false), &mut |_| {}).expect("an address")
}

/// Everything that a probe finds.
pub fn survey(server: &Server) -> Probe {
    ask(&question(server.address))
}
