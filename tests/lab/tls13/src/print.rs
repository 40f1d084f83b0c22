//! The device's log: takes the library's debug lines and the application's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use handlens_lab_common::serial::Serial;
use log::{LevelFilter, Log, Metadata, Record};

static SERIAL: Mutex<Option<Serial>> = Mutex::new(None);

/// Makes every debug line of the library reach the serial port.
pub fn install() -> Result<(), log::SetLoggerError> {
    log::set_logger(&Library)?;
    log::set_max_level(LevelFilter::Trace);
    Ok(())
}

/// Begins a recording.
pub fn start() {
    *lock() = Some(Serial::open(None));
}

/// Prints a line of the application.
pub fn app(level: char, text: &str) {
    if let Some(serial) = lock().as_mut() {
        serial.app(level, "SysLog", &format!("[DIAG] {text}"));
    }
}

/// Ends what is printed.
pub fn stop() {
    if let Some(serial) = lock().as_mut() {
        serial.stop();
    }
}

/// Takes the recording.
pub fn take() -> Option<Serial> {
    lock().take()
}

fn lock() -> MutexGuard<'static, Option<Serial>> {
    SERIAL.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Library;

impl Log for Library {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        if let (Some(line), Some(serial)) = (as_printed(&text), lock().as_mut()) {
            serial.bare(&line);
        }
    }

    fn flush(&self) {}
}

/// Turns `(MbedTLS) TEXT (at FOLDER/FILE:LINE)` back into `FILE:LINE: TEXT`.
fn as_printed(text: &str) -> Option<String> {
    let (text, place) = text
        .strip_prefix("(MbedTLS) ")?
        .strip_suffix(')')?
        .rsplit_once(" (at ")?;
    let place = place.rsplit('/').next().unwrap_or(place);
    Some(format!("{place}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::as_printed;

    #[test]
    fn a_line_gets_its_usual_form_back() {
        let line = as_printed("(MbedTLS) => handshake (at /library/ssl_tls.c:4661)");
        assert_eq!(line.as_deref(), Some("ssl_tls.c:4661: => handshake"));
        assert_eq!(as_printed("Session dropped - freeing memory"), None);
    }
}
