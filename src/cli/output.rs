//! Where results and messages go, and what the exit status says.

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: done, nothing wrong found.
    Fine,
    /// 1: done, a problem was found.
    Problem,
    /// 2: bad usage, or no input could be read.
    Unusable,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Fine => Self::from(0),
            Status::Problem => Self::from(1),
            Status::Unusable => Self::from(2),
        }
    }
}

/// stdout for the result, stderr for everything else. A reader that went away (`| head`) is no
/// error worth a message.
pub(super) struct Streams<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

impl Streams<'_> {
    /// Writes the result.
    pub fn result(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = self.out.write_all(b"\n");
        }
        let _ = self.out.flush();
    }

    /// Writes one JSON object on one line; `false` when nobody reads any more.
    pub fn json_line(&mut self, value: &impl Serialize) -> bool {
        let Ok(mut text) = serde_json::to_string(value) else {
            return true;
        };
        text.push('\n');
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .is_ok()
    }

    /// Writes one JSON object for reading.
    pub fn json(&mut self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string_pretty(value) {
            self.result(&text);
        }
    }

    /// Writes a message.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
    }

    /// Writes an error with what the system says.
    pub fn fail(&mut self, error: &dyn std::error::Error) {
        self.say(&error.to_string());
        let mut source = error.source();
        while let Some(inner) = source {
            self.say(&format!("  ({inner})"));
            source = inner.source();
        }
    }
}
