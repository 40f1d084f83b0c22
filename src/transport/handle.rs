//! The one thing that the session holds of a source, whatever it reads.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::event::SourceEvent;
use super::outlet::{Outlet, Wake};
use crate::evidence::{ChunkSink, Notice};

/// Events that wait between a source and its reader. When they are full, the source stops
/// reading until there is room: the operating system buffers a port, a file just waits. What was
/// read is in the recording before it waits here, so nothing that was read is ever dropped.
pub const CHANNEL_EVENTS: usize = 4096;

/// How long dropping a handle waits for its thread, so that the port is free again afterwards.
const JOIN_LIMIT: Duration = Duration::from_millis(400);

/// What ends a line that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// Nothing.
    None,
    /// CR (0x0D), as AT command interpreters want (ITU-T V.250, 5.2.1: S3 = 13).
    #[default]
    Cr,
    /// LF (0x0A).
    Lf,
    /// CR LF.
    CrLf,
}

impl LineEnd {
    /// The bytes.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// How to reset a device through the control lines. A real line's level is the inverse of the
/// name: "DTR on" is a low level at the pin of a USB adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPulse {
    /// DTR off, RTS on for 100 ms, RTS off: on boards with the two-transistor circuit of
    /// Espressif, RTS pulls EN (reset) low, and DTR off keeps GPIO0 high, so that the firmware
    /// starts and not the boot loader. The same sequence as the hard reset of esptool
    /// (<https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/boot-mode-selection.html>).
    RtsWithDtrOff,
    /// DTR off for 100 ms, then on: on boards that couple DTR into reset through a capacitor
    /// (Arduino and its relatives), the second edge resets. DTR stays on afterwards.
    Dtr,
}

/// What the thread that owns the source can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Dtr(bool),
    Rts(bool),
    Reset(ResetPulse),
    Send(Vec<u8>),
    Note(String),
}

/// What a person can do to a running source. Cheap to clone; can be used from any thread, and
/// outlives the source (then every call says `false`).
#[derive(Clone, Debug)]
pub struct SourceControls {
    commands: Sender<Command>,
    cancel: Arc<AtomicBool>,
}

/// A running source: its events, its thread and, by dereferencing, its [`SourceControls`].
/// Dropping it stops the thread and frees the port.
///
/// A thread that is stuck inside a read of the operating system (standard input, a dead network
/// drive) is left to end by itself; it can no longer send anything.
#[derive(Debug)]
pub struct SourceHandle {
    name: String,
    events: Receiver<SourceEvent>,
    controls: SourceControls,
    thread: Option<JoinHandle<()>>,
}

impl Deref for SourceHandle {
    type Target = SourceControls;

    fn deref(&self) -> &SourceControls {
        &self.controls
    }
}

impl SourceHandle {
    /// Starts `body` on a thread of its own. `sink` gets everything before the events do; `wake`
    /// is called after every event that was sent.
    pub(super) fn start(
        name: &str,
        sink: Option<Box<dyn ChunkSink>>,
        wake: &Wake,
        body: impl FnOnce(Outlet, Receiver<Command>) + Send + 'static,
    ) -> Self {
        let (events_in, events) = sync_channel(CHANNEL_EVENTS);
        let (commands, commands_out) = channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let outlet = Outlet::new(
            events_in.clone(),
            Arc::clone(wake),
            Arc::clone(&cancel),
            sink,
        );
        let spawned = thread::Builder::new()
            .name(format!("source {name}"))
            .spawn(move || body(outlet, commands_out));
        let thread = match spawned {
            Ok(thread) => Some(thread),
            Err(e) => {
                // The channel is empty: two events always fit.
                let _ = events_in.try_send(SourceEvent::Problem(Notice {
                    sentence: format!(
                        "{name} was not opened: the system gives no more threads. Close other programs, then try again."
                    ),
                    details: e.to_string(),
                }));
                let _ = events_in.try_send(SourceEvent::Ended);
                wake();
                None
            }
        };
        Self {
            name: name.into(),
            events,
            controls: SourceControls { commands, cancel },
            thread,
        }
    }

    /// The name it was opened with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The events, in order. The channel closes when the thread has ended.
    #[must_use]
    pub fn events(&self) -> &Receiver<SourceEvent> {
        &self.events
    }

    /// The controls, for another thread.
    #[must_use]
    pub fn controls(&self) -> SourceControls {
        self.controls.clone()
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl SourceControls {
    /// Asks the thread to stop; returns at once. A port answers within 50 ms.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Sends text with a line end. `false`: the source takes none, or has ended.
    /// What was really written comes back as a chunk to the device.
    #[must_use]
    pub fn send_line(&self, text: &str, end: LineEnd) -> bool {
        let mut bytes = text.as_bytes().to_vec();
        bytes.extend_from_slice(end.bytes());
        self.send_bytes(bytes)
    }

    /// Sends bytes as they are; as [`Self::send_line`].
    #[must_use]
    pub fn send_bytes(&self, bytes: Vec<u8>) -> bool {
        self.command(Command::Send(bytes))
    }

    /// Switches DTR; the answer is a [`SourceEvent::Lines`] or a problem.
    #[must_use]
    pub fn set_dtr(&self, on: bool) -> bool {
        self.command(Command::Dtr(on))
    }

    /// Switches RTS; the answer is a [`SourceEvent::Lines`] or a problem.
    #[must_use]
    pub fn set_rts(&self, on: bool) -> bool {
        self.command(Command::Rts(on))
    }

    /// Resets the device; a simulated one starts again from its first byte.
    #[must_use]
    pub fn reset(&self, pulse: ResetPulse) -> bool {
        self.command(Command::Reset(pulse))
    }

    /// Writes a note into the recording, at this moment.
    #[must_use]
    pub fn note(&self, text: &str) -> bool {
        self.command(Command::Note(text.into()))
    }

    fn command(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }
}

impl Drop for SourceHandle {
    fn drop(&mut self) {
        self.cancel();
        let Some(thread) = self.thread.take() else {
            return;
        };
        let limit = Instant::now() + JOIN_LIMIT;
        while !thread.is_finished() {
            if Instant::now() > limit {
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        let _ = thread.join();
    }
}
