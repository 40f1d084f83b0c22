//! The source's end of the channel: keep first, send second, wake last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use super::event::SourceEvent;
use crate::evidence::{Chunk, ChunkSink, Micros, Notice, StreamGap};

/// Called after each event that was sent, from the source's thread: must be quick.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The handle was dropped or cancelled: the thread shall end.
#[derive(Debug)]
pub(super) struct Stopped;

/// Where a source's thread puts what it reads.
pub(super) struct Outlet {
    events: SyncSender<SourceEvent>,
    wake: Wake,
    cancel: Arc<AtomicBool>,
    sink: Option<Box<dyn ChunkSink>>,
}

impl Outlet {
    pub(super) fn new(
        events: SyncSender<SourceEvent>,
        wake: Wake,
        cancel: Arc<AtomicBool>,
        sink: Option<Box<dyn ChunkSink>>,
    ) -> Self {
        Self {
            events,
            wake,
            cancel,
            sink,
        }
    }

    pub(super) fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    #[cfg(target_os = "linux")]
    pub(super) fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }

    /// Sends, waiting for room if need be; looks at the cancel flag meanwhile, because the
    /// reader may hold the channel without draining it.
    pub(super) fn send(&self, event: SourceEvent) -> Result<(), Stopped> {
        let mut event = event;
        loop {
            if self.cancelled() {
                return Err(Stopped);
            }
            match self.events.try_send(event) {
                Ok(()) => {
                    (self.wake)();
                    return Ok(());
                }
                Err(TrySendError::Disconnected(_)) => return Err(Stopped),
                Err(TrySendError::Full(back)) => {
                    event = back;
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    pub(super) fn problem(&self, notice: Notice) -> Result<(), Stopped> {
        self.send(SourceEvent::Problem(notice))
    }

    pub(super) fn chunk(&mut self, chunk: Chunk) -> Result<(), Stopped> {
        let notice = self.sink.as_mut().and_then(|s| s.chunk(&chunk));
        self.send(SourceEvent::Chunk(chunk))?;
        self.told(notice)
    }

    pub(super) fn gap(&mut self, gap: StreamGap) -> Result<(), Stopped> {
        let notice = self.sink.as_mut().and_then(|s| s.gap(&gap));
        self.send(SourceEvent::Gap(gap))?;
        self.told(notice)
    }

    pub(super) fn note(
        &mut self,
        at: Micros,
        received_us: Micros,
        text: &str,
    ) -> Result<(), Stopped> {
        let notice = self
            .sink
            .as_mut()
            .and_then(|s| s.note(at, received_us, text));
        self.told(notice)
    }

    pub(super) fn idle(&mut self) -> Result<(), Stopped> {
        let notice = self.sink.as_mut().and_then(|s| s.idle());
        self.told(notice)
    }

    fn told(&self, notice: Option<Notice>) -> Result<(), Stopped> {
        notice.map_or(Ok(()), |n| self.problem(n))
    }
}
