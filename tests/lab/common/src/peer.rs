//! What the device talks to: `openssl s_server`, or a peer that does not speak TLS.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::certs::Certificates;

/// The file in which `s_server` lists every message it sends or takes.
const MESSAGES: &str = "messages.txt";

/// What `s_server` sends once a handshake is complete.
const FIRST_DATA: &[u8] = b"hi\n";

/// The kinds of peer.
#[derive(Clone, Copy)]
pub enum Kind {
    /// `openssl s_server` as described.
    Tls(Server),
    /// A web server without TLS.
    PlainHttp,
    /// Accepts, reads the first bytes and closes without a word.
    ClosesAtOnce,
    /// Nothing listens.
    Nobody,
}

/// How `openssl s_server` is started.
#[derive(Clone, Copy)]
pub struct Server {
    /// The only version it speaks, as `s_server` spells the option.
    pub version: &'static str,
    /// Its certificate, by name.
    pub certificate: &'static str,
    /// The key that belongs to it.
    pub key: &'static str,
    /// A certificate to send after it.
    pub extra: Option<&'static str>,
    /// The CA that client certificates must come from; none asks for no certificate.
    pub client_ca: Option<&'static str>,
    /// The one cipher suite of TLS 1.2 in OpenSSL's spelling.
    pub cipher: &'static str,
}

/// A running peer; it ends with this value.
pub struct Peer {
    /// Where it listens.
    pub address: SocketAddr,
    process: Option<Child>,
}

impl Peer {
    /// Starts the peer and waits until it listens.
    pub fn start(kind: Kind, certificates: &Certificates) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let mut process = None;
        match kind {
            Kind::Tls(server) => {
                drop(listener);
                process = Some(server.start(address, certificates)?);
            }
            Kind::PlainHttp => {
                let answer = b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Type: text/plain\r\n\
                    Content-Length: 12\r\nConnection: close\r\n\r\nbad request\n";
                thread::spawn(move || answer_once(&listener, answer));
            }
            Kind::ClosesAtOnce => {
                thread::spawn(move || answer_once(&listener, b""));
            }
            Kind::Nobody => drop(listener),
        }
        Ok(Self { address, process })
    }
}

impl Peer {
    /// Waits until the peer has ended by itself, and returns the messages it listed.
    pub fn messages(mut self, certificates: &Certificates) -> Result<String, Box<dyn Error>> {
        let process = self.process.as_mut().ok_or("this peer lists nothing")?;
        for _ in 0..300 {
            if process.try_wait()?.is_some() {
                return Ok(fs::read_to_string(certificates.folder().join(MESSAGES))?);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err("openssl s_server did not end".into())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ended = process.kill();
            let _reaped = process.wait();
        }
    }
}

impl Server {
    fn start(self, address: SocketAddr, certificates: &Certificates) -> Result<Child, Box<dyn Error>> {
        let mut command = Command::new("openssl");
        command.args(["s_server", self.version, "-cipher", self.cipher]);
        command
            .arg("-msg")
            .arg("-msgfile")
            .arg(certificates.folder().join(MESSAGES));
        command.args(["-accept", &address.to_string(), "-naccept", "1"]);
        command.arg("-cert").arg(certificates.pem(self.certificate));
        command.arg("-key").arg(certificates.key_file(self.key));
        if let Some(extra) = self.extra {
            command.arg("-cert_chain").arg(certificates.pem(extra));
        }
        if let Some(ca) = self.client_ca {
            command
                .args(["-Verify", "1", "-verify_return_error", "-CAfile"])
                .arg(certificates.pem(ca));
        }
        // An open standard input: at its end the server would hang up.
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn()?;
        let mut input = process.stdin.take().ok_or("the server has no input")?;
        input.write_all(FIRST_DATA)?;
        process.stdin = Some(input);
        let mut output = process.stdout.take().ok_or("the server has no output")?;
        let mut said = Vec::new();
        while !String::from_utf8_lossy(&said).contains("ACCEPT") {
            let mut byte = [0];
            if output.read(&mut byte)? == 0 {
                return Err("openssl s_server did not start".into());
            }
            said.push(byte[0]);
        }
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Ok(process)
    }
}

/// Accepts one connection, reads what comes first, answers and closes.
fn answer_once(listener: &TcpListener, answer: &[u8]) {
    if let Ok((mut stream, _)) = listener.accept() {
        let _limit = stream.set_read_timeout(Some(Duration::from_millis(200)));
        let mut buffer = [0; 4096];
        while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
        let _gone = stream.write_all(answer);
    }
}
