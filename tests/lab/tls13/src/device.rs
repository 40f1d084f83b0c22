//! The simulated device: an application around a real Mbed TLS 3 client.

use std::error::Error;
use std::ffi::CString;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use handlens_lab_common::certs::{Certificates, HOST};
use handlens_lab_common::truth::Ended;
use handlens_lab_common::wire::{Direction, Tap};
use mbedtls_rs::blocking::Session;
use mbedtls_rs::blocking::io::{ErrorKind, ErrorType, Read, Write};
use mbedtls_rs::{Certificate, ClientSessionConfig, SessionConfig, SessionError, TlsReference, TlsVersion, X509};

use crate::print;

/// Lets the device connect once and wait for the first data, and returns how that ended.
pub fn connect(
    tls: TlsReference<'_>,
    trust: &str,
    certificates: &Certificates,
    peer: SocketAddr,
) -> Result<(Ended, Tap), Box<dyn Error>> {
    let pem = CString::from_vec_with_nul(Certificates::with_nul(&certificates.pem(trust))?)?;
    let name = CString::new(HOST)?;
    let config = SessionConfig::Client(ClientSessionConfig {
        ca_chain: Some(Certificate::new(X509::PEM(&pem)).map_err(|error| format!("{error:?}"))?),
        server_name: Some(&name),
        min_version: TlsVersion::Tls1_3,
        ..ClientSessionConfig::new()
    });
    print::app('I', &format!("IOT open {HOST}, port 8883"));
    let mut tap = Tap::default();
    let link = Link {
        stream: TcpStream::connect(peer)?,
        tap: &mut tap,
    };
    print::app('I', "IOT TCP is up, starting TLS");
    let mut session = Session::new(tls, link, &config)?;
    let result = session.connect().and_then(|()| {
        print::app('I', "IOT TLS is up, waiting for the first message");
        session.read(&mut [0; 64])
    });
    let ended = match result {
        Ok(_) => Ended::Completed,
        Err(SessionError::MbedTls(error)) => {
            print::app('E', &format!("IOT TLS failed with {}, closing", error.code()));
            Ended::Failed(error.code())
        }
        Err(error) => return Err(error.into()),
    };
    // What closing prints and sends is not part of the recording.
    print::stop();
    let steps = session.stream().tap.steps.len();
    drop(session);
    tap.steps.truncate(steps);
    Ok((ended, tap))
}

/// The socket, with a tap on it.
struct Link<'a> {
    stream: TcpStream,
    tap: &'a mut Tap,
}

impl ErrorType for Link<'_> {
    type Error = ErrorKind;
}

impl Read for Link<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = self.stream.read(buf).map_err(lost)?;
        self.tap.feed(Direction::Received, &buf[..count]);
        Ok(count)
    }
}

impl Write for Link<'_> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        self.stream.write_all(buf).map_err(lost)?;
        self.tap.feed(Direction::Sent, buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

fn lost(error: std::io::Error) -> ErrorKind {
    match error.kind() {
        std::io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        std::io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    }
}
