//! A simulated device: plays the chunks of a recorded session with its own pauses.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::clock::Stamp;
use super::event::{Opened, SourceEvent};
use super::handle::{Command, SourceHandle};
use super::outlet::{Outlet, Stopped, Wake};
use crate::evidence::{Chunk, ChunkDirection, ChunkSink, Micros, Notice};

/// How fast a session is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many times as fast as it was; 1 is real time, also in its long pauses. 0 counts as 1.
    Times(u32),
    /// Without any pause.
    Max,
}

impl Pace {
    /// When a chunk is due, after the start of play.
    pub(super) fn due(self, offset: Micros) -> Duration {
        match self {
            Self::Times(n) => Duration::from_micros(u64::try_from(offset).unwrap_or(0)) / n.max(1),
            Self::Max => Duration::ZERO,
        }
    }
}

/// A session to be played. Only what the device wrote is played.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Name to show.
    pub name: String,
    /// The session, in order, as a recording gives it.
    pub chunks: Arc<[Chunk]>,
    /// How fast.
    pub pace: Pace,
}

impl Simulation {
    /// What the device wrote, each piece with its time since the first one; time never runs
    /// backwards, even if the recording was joined from two.
    pub(super) fn script(&self) -> Vec<(Micros, Vec<u8>)> {
        let mut script: Vec<(Micros, Vec<u8>)> = Vec::new();
        let mut last_at = None;
        let mut offset: Micros = 0;
        for chunk in self.chunks.iter() {
            if let Some(last) = last_at {
                offset = offset.saturating_add(chunk.at.saturating_sub(last).max(0));
            }
            last_at = Some(chunk.at);
            if chunk.direction == ChunkDirection::FromDevice && !chunk.bytes.is_empty() {
                script.push((offset, chunk.bytes.clone()));
            }
        }
        let first = script.first().map_or(0, |s| s.0);
        for (at, _) in &mut script {
            *at -= first;
        }
        script
    }
}

/// Plays a session inside this program.
///
/// The times of the chunks are the device's: the start of play plus the recorded distance, so
/// that figures ("silent for 60 s") are right at any pace. After the last byte comes `Ended`; the
/// device then stays silent until [`SourceControls::reset`](super::SourceControls::reset) starts it again (`Opened` comes again)
/// or the handle is dropped. It takes no bytes and has no control lines: it says so.
#[must_use]
pub fn simulate(
    simulation: Simulation,
    sink: Option<Box<dyn ChunkSink>>,
    wake: &Wake,
) -> SourceHandle {
    let name = simulation.name.clone();
    SourceHandle::start(&name, sink, wake, move |outlet, commands| {
        let mut player = Player {
            script: simulation.script(),
            name: simulation.name,
            pace: simulation.pace,
            outlet,
            commands,
        };
        while player.play_once().is_ok() {}
    })
}

/// Plays a session in the best way of this system: over a pseudo-terminal on Linux, so that the
/// ordinary serial code reads it, else inside this program.
///
/// Over the pseudo-terminal the times are those of the reads: at paces above 1 all distances are
/// shorter by that factor.
#[must_use]
pub fn simulate_device(
    simulation: Simulation,
    sink: Option<Box<dyn ChunkSink>>,
    wake: &Wake,
) -> SourceHandle {
    #[cfg(target_os = "linux")]
    {
        super::pseudo_terminal::simulate(simulation, sink, wake)
    }
    #[cfg(not(target_os = "linux"))]
    {
        simulate(simulation, sink, wake)
    }
}

struct Player {
    name: String,
    script: Vec<(Micros, Vec<u8>)>,
    pace: Pace,
    outlet: Outlet,
    commands: Receiver<Command>,
}

impl Player {
    /// Plays the session, then waits for a reset.
    fn play_once(&mut self) -> Result<(), Stopped> {
        self.outlet.send(SourceEvent::Opened(Opened {
            name: self.name.clone(),
            sentence: format!("{} is a simulated device.", self.name),
            ..Opened::default()
        }))?;
        let begin = Instant::now();
        let start = Stamp::now();
        for i in 0..self.script.len() {
            let Some((offset, bytes)) = self.script.get(i) else {
                break;
            };
            let (offset, bytes) = (*offset, bytes.clone());
            if self.rest_until(Some(begin + self.pace.due(offset)))? {
                return Ok(());
            }
            self.outlet.chunk(Chunk {
                at: start.at.saturating_add(offset),
                received_us: start.received_us.saturating_add(offset),
                live: true,
                direction: ChunkDirection::FromDevice,
                bytes,
            })?;
        }
        self.outlet.send(SourceEvent::Ended)?;
        while !self.rest_until(None)? {}
        Ok(())
    }

    /// Waits, obeying meanwhile; `true`: start again from the first byte.
    fn rest_until(&mut self, due: Option<Instant>) -> Result<bool, Stopped> {
        loop {
            if self.outlet.cancelled() {
                return Err(Stopped);
            }
            let left = due.map_or(Duration::MAX, |d| {
                d.saturating_duration_since(Instant::now())
            });
            let wait = left.min(Duration::from_millis(50));
            match self.commands.recv_timeout(wait) {
                Ok(Command::Reset(_)) => return Ok(true),
                Ok(Command::Note(text)) => {
                    let now = Stamp::now();
                    self.outlet.note(now.at, now.received_us, &text)?;
                }
                Ok(Command::Dtr(_) | Command::Rts(_) | Command::Send(_)) => {
                    self.outlet.problem(Notice {
                        sentence: format!(
                            "{} is simulated: it takes no input. Reset starts it again.",
                            self.name
                        ),
                        details: String::new(),
                    })?;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
                Err(RecvTimeoutError::Timeout) => {
                    self.outlet.idle()?;
                    if left <= wait {
                        return Ok(false);
                    }
                }
            }
        }
    }
}
