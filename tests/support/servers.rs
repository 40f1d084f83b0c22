//! Servers on loopback for probes of the session and the window: OpenSSL where it is installed, and
//! ports that speak no TLS.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running `openssl s_server`, ended with the value.
pub struct OpenSsl {
    pub address: SocketAddr,
    pub folder: TempDir,
    child: Child,
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Eight suites with ECDHE or DHE: nothing for a client with RSA key exchange alone.
pub const EPHEMERAL: &str = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:\
     DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:\
     ECDHE-RSA-AES256-SHA:DHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA";

/// Starts one with an RSA certificate for `device.example`; `None` (with a word) where OpenSSL is not
/// installed.
pub fn openssl(options: &[&str]) -> Option<OpenSsl> {
    let installed = Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    if installed.is_err() {
        println!("SKIPPED: openssl is not installed");
        return None;
    }
    let folder = TempDir::new().unwrap();
    for (name, key, file) in [
        ("device.example", "key.pem", "cert.pem"),
        ("default.example", "key2.pem", "cert2.pem"),
    ] {
        let made = Command::new("openssl")
            .current_dir(folder.path())
            .args([
                "req", "-x509", "-nodes", "-days", "30", "-newkey", "rsa:2048",
            ])
            .args([
                "-subj",
                &format!("/CN={name}"),
                "-keyout",
                key,
                "-out",
                file,
            ])
            .args(["-addext", &format!("subjectAltName=DNS:{name}")])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
    }
    let address = free_port();
    let child = Command::new("openssl")
        .current_dir(folder.path())
        .args(["s_server", "-accept", &address.to_string()])
        .args(["-cert", "cert.pem", "-key", "key.pem", "-quiet"])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = OpenSsl {
        address,
        folder,
        child,
    };
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < until, "s_server does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    Some(server)
}

/// A port that nobody listens on.
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Serves every connection with `serve` until the test program ends.
pub fn serve(serve: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Answers everything with HTTP in the clear.
pub fn http() -> SocketAddr {
    serve(|mut stream| {
        let mut start = [0; 64];
        let _ = stream.read(&mut start);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut start);
    })
}

/// Takes connections and never says a word.
pub fn silent() -> SocketAddr {
    serve(|stream| {
        thread::sleep(Duration::from_secs(30));
        drop(stream);
    })
}
