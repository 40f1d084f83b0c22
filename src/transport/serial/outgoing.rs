//! What is to be sent, written piece by piece between the reads.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serialport::SerialPort;

use super::open::READ_TIMEOUT;

/// Bytes written at once, so that reads are never kept waiting for a long line.
const PIECE: usize = 256;
/// While something is to be sent, reads wait only this long.
const SENDING_TIMEOUT: Duration = Duration::from_millis(1);
/// A line that the port does not take for so long is given up.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_secs(3);

/// Bytes on their way to the device.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    /// Since when the port has taken none of them.
    since: Option<Instant>,
}

/// What one attempt to write brought.
pub(super) enum Written {
    /// Nothing to write, or the port is busy.
    Nothing,
    /// These bytes went out.
    Bytes(Vec<u8>),
    /// So many bytes were given up, with what the system said last.
    GivenUp(u64, String),
    /// The port is gone.
    Gone(String),
}

impl Outgoing {
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.bytes.extend_from_slice(bytes);
            self.since.get_or_insert_with(Instant::now);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes a piece, and lets reads be short while more is to come.
    pub(super) fn write_piece(&mut self, port: &mut dyn SerialPort) -> Written {
        let Some(since) = self.since else {
            return Written::Nothing;
        };
        let end = self.bytes.len().min(PIECE);
        let result = port.write(self.bytes.get(..end).unwrap_or_default());
        let written = match result {
            Ok(n) if n > 0 => {
                let bytes = self.bytes.drain(..n.min(end)).collect();
                self.since = (!self.bytes.is_empty()).then(Instant::now);
                Written::Bytes(bytes)
            }
            Err(e) if !is_passing(e.kind()) => return Written::Gone(e.to_string()),
            result if since.elapsed() >= GIVE_UP_AFTER => {
                let left = self.bytes.len() as u64;
                self.clear();
                let why = result.err().map(|e| e.to_string());
                Written::GivenUp(left, why.unwrap_or_default())
            }
            _ => Written::Nothing,
        };
        let timeout = if self.since.is_some() {
            SENDING_TIMEOUT
        } else {
            READ_TIMEOUT
        };
        // If this is refused, reads wait longer than they should; nothing else.
        let _ = port.set_timeout(timeout);
        written
    }
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::WouldBlock
    )
}
