//! A simulated device on the other side of a real pseudo-terminal (Linux).

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};

use super::handle::SourceHandle;
use super::outlet::{Outlet, Wake};
use super::serial::{LineSettings, PortSettings, Simulated, run_simulated};
use super::simulate::{Pace, Simulation};
use super::stream::refused;
use crate::evidence::{ChunkSink, Micros, Notice};

/// As [`simulate_device`](super::simulate_device), over a pseudo-terminal.
pub(super) fn simulate(
    simulation: Simulation,
    sink: Option<Box<dyn ChunkSink>>,
    wake: &Wake,
) -> SourceHandle {
    let name = simulation.name.clone();
    SourceHandle::start(&name, sink, wake, move |outlet, commands| {
        let device = match Device::plug_in(&simulation, &outlet) {
            Ok(device) => device,
            Err(e) => {
                let _ = refused(
                    &outlet,
                    Notice {
                        sentence: format!(
                            "{} could not be simulated: this system gives no pseudo-terminal. Close other terminals, then try again.",
                            simulation.name
                        ),
                        details: e.to_string(),
                    },
                );
                return;
            }
        };
        let settings = PortSettings {
            path: device.path.clone(),
            line: LineSettings::default(),
            reconnect: false,
        };
        run_simulated(settings, outlet, commands, Box::new(device));
    })
}

/// What the two sides share.
#[derive(Debug, Default)]
struct Shared {
    /// Grows with each reset.
    run: AtomicU64,
    /// The run that has been written to its end, plus one.
    played: AtomicU64,
    /// Bytes written in all runs.
    written: AtomicU64,
    unplugged: AtomicBool,
}

/// The simulated device as its reader sees it; unplugged when dropped.
struct Device {
    name: String,
    path: String,
    shared: Arc<Shared>,
    arrived: u64,
    /// The last run whose end was told, plus one.
    told: u64,
    /// Keeps the reader's end open, so that it is never hung up between two openings.
    _line: TTYPort,
}

impl Device {
    fn plug_in(simulation: &Simulation, outlet: &Outlet) -> Result<Self, serialport::Error> {
        let (master, line) = TTYPort::pair()?;
        let path = line.name().unwrap_or_default();
        let shared = Arc::new(Shared::default());
        let feeder = Feeder {
            master,
            script: simulation.script(),
            pace: simulation.pace,
            shared: Arc::clone(&shared),
            cancel: outlet.cancel_flag(),
        };
        thread::Builder::new()
            .name(format!("device {}", simulation.name))
            .spawn(move || feeder.run())?;
        Ok(Self {
            name: simulation.name.clone(),
            path,
            shared,
            arrived: 0,
            told: 0,
            _line: line,
        })
    }
}

impl Simulated for Device {
    fn name(&self) -> &str {
        &self.name
    }

    fn restart(&mut self) {
        self.shared.run.fetch_add(1, Ordering::SeqCst);
    }

    fn arrived(&mut self, bytes: usize) {
        self.arrived += bytes as u64;
    }

    fn has_just_ended(&mut self) -> bool {
        let played = self.shared.played.load(Ordering::SeqCst);
        let ended =
            played > self.told && self.arrived >= self.shared.written.load(Ordering::SeqCst);
        if ended {
            self.told = played;
        }
        ended
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.shared.unplugged.store(true, Ordering::SeqCst);
    }
}

/// Writes the session into the line.
struct Feeder {
    master: TTYPort,
    script: Vec<(Micros, Vec<u8>)>,
    pace: Pace,
    shared: Arc<Shared>,
    cancel: Arc<AtomicBool>,
}

impl Feeder {
    fn run(mut self) {
        let mut run = self.shared.run.load(Ordering::SeqCst);
        while !self.unplugged() {
            self.play(run);
            while !self.unplugged() && self.shared.run.load(Ordering::SeqCst) == run {
                self.swallow();
                thread::sleep(Duration::from_millis(20));
            }
            run = self.shared.run.load(Ordering::SeqCst);
        }
    }

    fn unplugged(&self) -> bool {
        self.shared.unplugged.load(Ordering::SeqCst) || self.cancel.load(Ordering::SeqCst)
    }

    fn play(&mut self, run: u64) {
        let begin = Instant::now();
        for i in 0..self.script.len() {
            let Some((offset, bytes)) = self.script.get(i) else {
                return;
            };
            let due = begin + self.pace.due(*offset);
            let mut rest: &[u8] = &bytes.clone();
            loop {
                if self.unplugged() || self.shared.run.load(Ordering::SeqCst) != run {
                    return;
                }
                let left = due.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    self.swallow();
                    thread::sleep(left.min(Duration::from_millis(20)));
                    continue;
                }
                match self.master.write(rest) {
                    Ok(n) => {
                        rest = rest.get(n..).unwrap_or_default();
                        self.shared.written.fetch_add(n as u64, Ordering::SeqCst);
                    }
                    Err(e) if is_full(e.kind()) => {}
                    Err(_) => return,
                }
                if rest.is_empty() {
                    break;
                }
            }
        }
        self.shared.played.store(run + 1, Ordering::SeqCst);
    }

    /// Takes what the person sends, so that the line never fills up.
    fn swallow(&mut self) {
        let mut nothing = [0; 256];
        while self.master.bytes_to_read().is_ok_and(|n| n > 0) {
            if self.master.read(&mut nothing).is_err() {
                return;
            }
        }
    }
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::WouldBlock
    )
}
