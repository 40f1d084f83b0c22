//! The frame trace: what was on the screen when, so that "byte read → row on screen" is a figure.
//!
//! In: times of frames and the newest line shown of each input. Out: one JSON object a line. A
//! writer thread does the writing.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::evidence::InputId;

/// The newest line that a frame shows of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Number of the input.
    pub input: u32,
    /// Newest line on the screen.
    pub line: u32,
    /// When it was read, microseconds since 1970 UTC, where known.
    pub received_us: Option<i64>,
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FrameLine {
    /// Number, from 0.
    frame: u64,
    /// When the frame began, microseconds since 1970 UTC.
    start_us: i64,
    /// How long the views took on the CPU, microseconds.
    duration_us: u64,
    /// Newest line shown of each input.
    shown: Vec<Shown>,
}

/// Writes the trace.
pub struct FrameTrace {
    send: Sender<FrameLine>,
    frame: u64,
    began: Instant,
    start_us: i64,
    shown: Vec<Shown>,
}

impl FrameTrace {
    /// Writes to `file`.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(file: &Path) -> std::io::Result<Self> {
        let mut out = BufWriter::new(File::create(file)?);
        let (send, lines) = channel::<FrameLine>();
        std::thread::spawn(move || {
            for line in lines {
                let Ok(text) = serde_json::to_string(&line) else {
                    continue;
                };
                // A full disk ends the trace, not the window.
                if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            send,
            frame: 0,
            began: Instant::now(),
            start_us: now_us(),
            shown: Vec::new(),
        })
    }

    /// A frame begins.
    pub fn begin(&mut self) {
        self.began = Instant::now();
        self.start_us = now_us();
        self.shown.clear();
    }

    /// The log shows this line of this input.
    pub fn shows(&mut self, input: InputId, line: u32, received_us: Option<i64>) {
        self.shown.push(Shown {
            input: input.0,
            line,
            received_us,
        });
    }

    /// The frame's views are done.
    pub fn end(&mut self) {
        let line = FrameLine {
            frame: self.frame,
            start_us: self.start_us,
            duration_us: u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            shown: std::mem::take(&mut self.shown),
        };
        self.frame += 1;
        // The writer ends only when the disk does.
        let _ = self.send.send(line);
    }
}

/// Microseconds since 1970 UTC.
#[must_use]
pub fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_micros()).ok())
        .unwrap_or_default()
}
