//! What goes over a device's serial line, with its times.

use std::fs;
use std::io;
use std::path::Path;

/// Ten start, data and stop bits carry one byte.
const BITS_PER_BYTE: u64 = 10;

/// A serial line on paper: nothing waits, times are counted.
pub struct Stream {
    bits_per_second: u64,
    micros: u64,
    timed: Vec<u8>,
}

impl Stream {
    /// An idle line of this speed.
    pub fn new(bits_per_second: u64) -> Self {
        Self {
            bits_per_second,
            micros: 0,
            timed: Vec::new(),
        }
    }

    /// Nothing is sent for so long.
    pub fn wait_ms(&mut self, ms: u64) {
        self.micros += ms * 1000;
    }

    /// Sends bytes; their time is when the last bit left.
    pub fn send(&mut self, bytes: &[u8]) {
        self.micros += bytes.len() as u64 * BITS_PER_BYTE * 1_000_000 / self.bits_per_second;
        self.timed.extend_from_slice(&self.micros.to_le_bytes());
        self.timed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.timed.extend_from_slice(bytes);
    }

    /// Sends a line of text.
    pub fn line(&mut self, text: &str) {
        self.send(format!("{text}\r\n").as_bytes());
    }

    /// Writes `NAME.timed`: microseconds as u64, length as u32, both little endian, then the bytes.
    pub fn save(&self, folder: &Path, name: &str) -> io::Result<()> {
        fs::write(folder.join(format!("{name}.timed")), &self.timed)
    }
}
