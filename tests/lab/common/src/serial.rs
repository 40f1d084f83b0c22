//! The device's serial port: what was printed, and when each piece left the wire.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Ten start, data and stop bits carry one byte.
const BITS_PER_BYTE: u64 = 10;
/// Ticks the device counted before the recording starts.
const TICKS_AT_START: u128 = 41_250;
/// One tick of the device's counter.
const TICK_MS: u128 = 10;

/// A serial port that prints at the speed of its line: a caller waits until its line is out.
pub struct Serial {
    started: Instant,
    free_at: Instant,
    bits_per_second: Option<u64>,
    timed: Vec<u8>,
    plain: Vec<u8>,
    stopped: bool,
}

impl Serial {
    /// Opens the port; without a speed a line takes no time.
    pub fn open(bits_per_second: Option<u64>) -> Self {
        let started = Instant::now();
        Self {
            started,
            free_at: started,
            bits_per_second,
            timed: Vec::new(),
            plain: Vec::new(),
            stopped: false,
        }
    }

    /// Prints a line as it is, as a library does that knows nothing of the application's log.
    pub fn bare(&mut self, text: &str) {
        if self.stopped {
            return;
        }
        let bytes = format!("{text}\r\n").into_bytes();
        let now = Instant::now();
        let mut sent_at = now;
        if let Some(speed) = self.bits_per_second {
            let takes = Duration::from_micros(bytes.len() as u64 * BITS_PER_BYTE * 1_000_000 / speed);
            self.free_at = self.free_at.max(now) + takes;
            sent_at = self.free_at;
            thread::sleep(sent_at.saturating_duration_since(now));
        }
        let micros = sent_at.duration_since(self.started).as_micros() as u64;
        self.timed.extend_from_slice(&micros.to_le_bytes());
        self.timed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.timed.extend_from_slice(&bytes);
        self.plain.extend_from_slice(&bytes);
    }

    /// Prints a line of the application's own log: date, time, level, module, text.
    pub fn app(&mut self, level: char, module: &str, text: &str) {
        let line = format!("{} {level} {module:<11}{text}", device_time(SystemTime::now()));
        self.bare(&line);
    }

    /// Ends the recording; what is printed from now on is lost.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The device's tick counter.
    pub fn ticks(&self) -> u128 {
        TICKS_AT_START + self.started.elapsed().as_millis() / TICK_MS
    }

    /// Writes `NAME.log`, the bytes alone.
    pub fn save_plain(&self, folder: &Path, name: &str) -> io::Result<()> {
        fs::write(folder.join(format!("{name}.log")), &self.plain)
    }

    /// Writes `NAME.timed`: microseconds as u64, length as u32, both little endian, then the bytes.
    pub fn save_timed(&self, folder: &Path, name: &str) -> io::Result<()> {
        fs::write(folder.join(format!("{name}.timed")), &self.timed)
    }
}

/// `MM/DD HH:MM:SS.mmm` in UTC, the date form of the simulated application.
fn device_time(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (_, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!(
        "{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}.{:03}",
        since.subsec_millis()
    )
}

/// Today's year, month and day in UTC.
pub fn today() -> (u64, u64, u64) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    date(since.as_secs() / 86_400)
}

/// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted in years that begin in March, so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(20_454), (2026, 1, 1));
    }
}
