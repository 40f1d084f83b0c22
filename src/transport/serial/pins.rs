//! DTR, RTS and the reset pulse made of them.

use std::time::{Duration, Instant};

use serialport::SerialPort;

use crate::evidence::Notice;
use crate::transport::event::SourceEvent;
use crate::transport::handle::ResetPulse;

/// Length of a reset pulse. esptool holds the line for 100 ms.
const PULSE: Duration = Duration::from_millis(100);

/// The control lines as far as we set them.
#[derive(Debug, Default)]
pub(super) struct Pins {
    dtr: Option<bool>,
    rts: Option<bool>,
    /// A pulse that is being given: when it ends.
    release: Option<(Instant, ResetPulse)>,
}

impl Pins {
    pub(super) fn set_dtr(&mut self, port: &mut dyn SerialPort, on: bool) -> SourceEvent {
        let result = port.write_data_terminal_ready(on);
        if result.is_ok() {
            self.dtr = Some(on);
        }
        self.answer(port, "DTR", result)
    }

    pub(super) fn set_rts(&mut self, port: &mut dyn SerialPort, on: bool) -> SourceEvent {
        let result = port.write_request_to_send(on);
        if result.is_ok() {
            self.rts = Some(on);
        }
        self.answer(port, "RTS", result)
    }

    /// Begins a reset; [`Self::tick`] ends it.
    pub(super) fn begin_reset(
        &mut self,
        port: &mut dyn SerialPort,
        pulse: ResetPulse,
    ) -> SourceEvent {
        let dtr = self.set_dtr(port, false);
        let answer = match pulse {
            ResetPulse::RtsWithDtrOff => self.set_rts(port, true),
            ResetPulse::Dtr => dtr,
        };
        self.release = Some((Instant::now() + PULSE, pulse));
        answer
    }

    /// Ends a pulse that has lasted long enough.
    pub(super) fn tick(&mut self, port: &mut dyn SerialPort) -> Option<SourceEvent> {
        let (at, pulse) = self.release?;
        if Instant::now() < at {
            return None;
        }
        self.release = None;
        Some(match pulse {
            ResetPulse::RtsWithDtrOff => self.set_rts(port, false),
            ResetPulse::Dtr => self.set_dtr(port, true),
        })
    }

    /// The port is gone: nothing is known of its lines any more. `true`: something was.
    pub(super) fn forget(&mut self) -> bool {
        let old = std::mem::take(self);
        old.dtr.is_some() || old.rts.is_some()
    }

    fn answer(
        &self,
        port: &dyn SerialPort,
        pin: &str,
        result: serialport::Result<()>,
    ) -> SourceEvent {
        match result {
            Ok(()) => SourceEvent::Lines {
                dtr: self.dtr,
                rts: self.rts,
            },
            Err(e) => SourceEvent::Problem(Notice {
                sentence: format!(
                    "{} did not switch {pin}. A pseudo-terminal or a network bridge has no control lines; use the reset button of the board.",
                    port.name().unwrap_or_else(|| "The port".into())
                ),
                details: e.to_string(),
            }),
        }
    }
}
