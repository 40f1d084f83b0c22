//! The dialogue in the clear before TLS: SMTP (RFC 3207), IMAP and POP3 (RFC 2595).

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::waiting::{LOOK, is_wait};

/// Most bytes of a dialogue.
const MOST_BYTES: usize = 16 * 1024;

/// A protocol that changes to TLS on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartTls {
    /// Mail submission and transfer.
    Smtp,
    /// Mail access.
    Imap,
    /// Mail access.
    Pop3,
}

impl StartTls {
    /// The protocol with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "smtp" => Some(Self::Smtp),
            "imap" => Some(Self::Imap),
            "pop3" => Some(Self::Pop3),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
        }
    }
}

/// Why TLS was not begun.
#[derive(Debug)]
pub(super) enum Refused {
    /// The server's own words.
    Says(String),
    /// The user stopped it.
    Stopped,
    /// The connection failed.
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Holds the dialogue up to the server's go-ahead.
pub(super) fn begin(
    stream: &mut TcpStream,
    protocol: StartTls,
    until: Instant,
    cancel: &AtomicBool,
) -> Result<(), Refused> {
    let mut lines = Lines {
        stream,
        until,
        cancel,
        read: 0,
    };
    match protocol {
        StartTls::Smtp => {
            lines.expect(|l| l.starts_with("220 "), |l| l.starts_with("220-"))?;
            lines.say("EHLO handlens.invalid\r\n")?;
            lines.expect(|l| l.starts_with("250 "), |l| l.starts_with("250-"))?;
            lines.say("STARTTLS\r\n")?;
            lines.expect(|l| l.starts_with("220"), |_| false)
        }
        StartTls::Imap => {
            lines.expect(|l| l.starts_with("* OK"), |_| false)?;
            lines.say("a1 STARTTLS\r\n")?;
            lines.expect(|l| l.starts_with("a1 OK"), |l| l.starts_with('*'))
        }
        StartTls::Pop3 => {
            lines.expect(|l| l.starts_with("+OK"), |_| false)?;
            lines.say("STLS\r\n")?;
            lines.expect(|l| l.starts_with("+OK"), |_| false)
        }
    }
}

struct Lines<'a> {
    stream: &'a mut TcpStream,
    until: Instant,
    cancel: &'a AtomicBool,
    read: usize,
}

impl Lines<'_> {
    fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes())
    }

    /// Reads one line, byte by byte: what follows the go-ahead belongs to TLS.
    fn line(&mut self) -> Result<String, Refused> {
        let mut line = Vec::new();
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Refused::Stopped);
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
            }
            let wait = left.min(LOOK).max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(wait))?;
            let mut byte = [0];
            match self.stream.read(&mut byte) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Ok(_) => {}
                Err(error) if is_wait(&error) => continue,
                Err(error) => return Err(error.into()),
            }
            self.read += 1;
            if self.read > MOST_BYTES {
                return Err(Refused::Says("more than 16 KB before TLS".to_owned()));
            }
            match byte[0] {
                b'\n' => break,
                b'\r' => {}
                other => line.push(other),
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn expect(
        &mut self,
        good: impl Fn(&str) -> bool,
        goes_on: impl Fn(&str) -> bool,
    ) -> Result<(), Refused> {
        loop {
            let line = self.line()?;
            if good(&line) {
                return Ok(());
            }
            if !goes_on(&line) {
                let shown: String = line.chars().take(200).filter(|c| !c.is_control()).collect();
                return Err(Refused::Says(shown));
            }
        }
    }
}
