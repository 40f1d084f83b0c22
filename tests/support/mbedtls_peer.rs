//! The Mbed TLS program of `tests/lab/mbedtls`, built against the library that is installed
//! (Debian: `libmbedtls-dev`), as a client or a server on loopback.
#![allow(dead_code)] // each test file uses its part

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// The program, built once in each run of a test file; `None` (with a word) where it cannot be.
pub fn program() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(build).as_deref()
}

/// The configuration header of the installed library.
pub fn header() -> Option<PathBuf> {
    ["mbedtls_config.h", "config.h"]
        .iter()
        .map(|name| Path::new("/usr/include/mbedtls").join(name))
        .find(|path| path.is_file())
}

fn build() -> Option<PathBuf> {
    if header().is_none() {
        println!("SKIPPED: Mbed TLS with its headers is not installed");
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/mbedtls");
    let mut files: Vec<PathBuf> = fs::read_dir(source)
        .expect("the sources")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "c"))
        .collect();
    files.sort();
    // Test files run beside each other: each builds its own.
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("peer-{}", std::process::id()));
    let built = Command::new("cc")
        .arg("-O1")
        .arg("-o")
        .arg(&out)
        .args(&files)
        .args(["-lmbedtls", "-lmbedx509", "-lmbedcrypto"])
        .output();
    match built {
        Err(e) => {
            println!("SKIPPED: no C compiler: {e}");
            None
        }
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "the program does not build: {said}");
            Some(out)
        }
    }
}

/// One connection as the client; options as `name=value`.
pub fn connect(program: &Path, folder: &Path, server: SocketAddr, options: &[String]) -> Output {
    Command::new(program)
        .current_dir(folder)
        .arg(format!("host={}", server.ip()))
        .arg(format!("port={}", server.port()))
        .args(options)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// A running server, ended with the value.
pub struct MbedServer {
    pub address: SocketAddr,
    child: Child,
}

impl Drop for MbedServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server at this address with `cert.pem` and `key.pem` of the folder.
pub fn serve(program: &Path, folder: &Path, address: SocketAddr, options: &[&str]) -> MbedServer {
    let child = Command::new(program)
        .current_dir(folder)
        .args(["role=server", "cert=cert.pem", "key=key.pem", "debug=0"])
        .arg(format!("host={}", address.ip()))
        .arg(format!("port={}", address.port()))
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(started.elapsed() < Duration::from_mins(1), "no server");
        thread::sleep(Duration::from_millis(20));
    }
    MbedServer { address, child }
}
