//! A TLS 1.2 client that asks, reads the server's flight and leaves: what a module does that will
//! not have the certificate. Only the ClientHello is its own work; the rest it reads and counts.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const HANDSHAKE: u8 = 22;
const SERVER_HELLO_DONE: u8 = 14;

/// How it leaves.
#[derive(Clone, Copy)]
pub enum Leaves {
    /// Closes without a word.
    Silently,
    /// Sends this fatal alert first.
    WithAlert(u8),
}

/// What a client offers and where it is.
pub struct Client<'a> {
    /// Cipher suites by number.
    pub suites: &'a [u16],
    /// The name it asks for, if it does.
    pub server_name: Option<&'a str>,
    /// Time of a packet from here to the server.
    pub one_way: Duration,
    /// Time it looks at the certificate.
    pub thinks: Duration,
    /// How it leaves.
    pub leaves: Leaves,
}

impl Client<'_> {
    /// Connects once; returns the time from the request to the moment the client has made up its mind.
    pub fn run(&self, server: SocketAddr) -> io::Result<Duration> {
        let started = Instant::now();
        // SYN there, SYN and ACK back, ACK and ClientHello there: the connection is made when the
        // last of them would arrive, so that the server sees what it would see.
        sleep(self.one_way * 3);
        let mut stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.client_hello())?;
        read_flight(&mut stream)?;
        sleep(self.one_way + self.thinks);
        let decided = started.elapsed();
        sleep(self.one_way);
        if let Leaves::WithAlert(number) = self.leaves {
            stream.write_all(&[21, 3, 3, 0, 2, 2, number])?;
        }
        Ok(decided)
    }

    fn client_hello(&self) -> Vec<u8> {
        let mut extensions = Vec::new();
        if let Some(name) = self.server_name {
            let entry = [&[0][..], &prefixed(name.as_bytes())].concat();
            extension(&mut extensions, 0, &prefixed(&entry));
        }
        if self.suites.iter().any(|suite| suite >> 8 == 0xC0) {
            extension(&mut extensions, 10, &prefixed(&[0, 23, 0, 24]));
            extension(&mut extensions, 11, &[1, 0]);
        }
        // SHA-256, SHA-384, SHA-512 and SHA-1 with RSA.
        extension(&mut extensions, 13, &prefixed(&[4, 1, 5, 1, 6, 1, 2, 1]));
        let mut body = vec![3, 3];
        body.extend(random());
        body.push(0);
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        body.extend(prefixed(&suites));
        body.extend([1, 0]);
        body.extend(prefixed(&extensions));
        let mut message = vec![1, 0];
        message.extend(prefixed(&body));
        let mut record = vec![HANDSHAKE, 3, 1];
        record.extend(prefixed(&message));
        record
    }
}

/// Bytes behind their length in two bytes.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u16).to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn extension(out: &mut Vec<u8>, number: u16, body: &[u8]) {
    out.extend(number.to_be_bytes());
    out.extend(prefixed(body));
}

/// The 32 random bytes of a hello.
fn random() -> Vec<u8> {
    let made = Command::new("openssl").args(["rand", "32"]).output();
    let mut bytes = made.map(|made| made.stdout).unwrap_or_default();
    bytes.resize(32, 0x5A);
    bytes
}

/// Reads records until the server has said all of its flight.
fn read_flight(stream: &mut TcpStream) -> io::Result<()> {
    let mut messages = Vec::new();
    loop {
        let mut header = [0; 5];
        stream.read_exact(&mut header)?;
        let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        stream.read_exact(&mut body)?;
        if header[0] != HANDSHAKE {
            return Err(io::Error::other(format!("a record of type {}", header[0])));
        }
        messages.extend(body);
        if ends_with_done(&messages) {
            return Ok(());
        }
    }
}

fn ends_with_done(mut messages: &[u8]) -> bool {
    while let [kind, a, b, c, rest @ ..] = messages {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        if *kind == SERVER_HELLO_DONE {
            return true;
        }
        messages = rest.get(length..).unwrap_or_default();
    }
    false
}
