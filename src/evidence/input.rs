//! One stream of evidence.

use super::{Lane, TimeBase};

/// Number of an input within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub u32);

/// Numbers from here on stand for probes: no session has so many inputs.
const FIRST_PROBE: u32 = 0x8000_0000;

impl InputId {
    /// What the probe with this number saw.
    #[must_use]
    pub fn probe(number: u32) -> Self {
        Self(FIRST_PROBE.saturating_add(number))
    }

    /// The number of the probe, where it is one.
    #[must_use]
    pub fn probe_number(self) -> Option<u32> {
        self.0.checked_sub(FIRST_PROBE)
    }
}

/// Where the bytes of an input came from or what they turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A log file, pasted text or standard input.
    Log,
    /// A live serial port.
    Serial,
    /// A simulated device.
    Simulated,
    /// One of our recordings.
    Recording,
    /// A network capture.
    Capture,
    /// Certificates, keys or requests.
    Certificate,
    /// A configuration of the TLS library.
    Config,
    /// A key log: secrets that open the records of a capture.
    KeyLog,
    /// Bytes that are none of these.
    Binary,
}

impl InputKind {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Serial => "serial",
            Self::Simulated => "simulated",
            Self::Recording => "recording",
            Self::Capture => "capture",
            Self::Certificate => "certificate",
            Self::Config => "config",
            Self::KeyLog => "key_log",
            Self::Binary => "binary",
        }
    }
}

/// Description of one input of a session.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its number.
    pub id: InputId,
    /// Name to show: file name, port, "pasted text".
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// Whose words it holds.
    pub lane: Lane,
    /// Bytes seen so far.
    pub bytes: u64,
    /// Lines seen so far.
    pub lines: u32,
    /// Dialects recognised, most lines first.
    pub dialects: Vec<String>,
    /// Why each of them was recognised, in the same order.
    pub readings: Vec<Reading>,
    /// The dialect that a person chose to read it as; `None`: each line as what it looks like.
    pub read_as: Option<String>,
    /// What its printed times count from.
    pub time_base: TimeBase,
}

/// A dialect that lines of an input were recognised as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name, such as `wolfssl`.
    pub dialect: String,
    /// The name that people know.
    pub title: String,
    /// Lines of its form.
    pub lines: u64,
    /// The first of them, counted from 1.
    pub first_line: u32,
}

impl Reading {
    /// Does it say nothing of the stack: lines of any application, or codes alone?
    #[must_use]
    pub fn is_general(&self) -> bool {
        matches!(self.dialect.as_str(), "application" | "mbedtls-codes")
    }
}
