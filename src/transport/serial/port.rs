//! The thread that owns a port: reads, writes, control lines, reconnects.

use std::io::ErrorKind;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use serialport::SerialPort;

use super::open::{OpenError, caution, open_port};
use super::outgoing::{GIVE_UP_AFTER, Outgoing, Written};
use super::pins::Pins;
use super::ports::{UsbInfo, list_ports};
use super::settings::PortSettings;
use super::speed::SpeedWatch;
use crate::evidence::{Chunk, ChunkDirection, ChunkSink, Notice, StreamGap};
use crate::transport::clock::Stamp;
use crate::transport::event::{Opened, SourceEvent};
use crate::transport::handle::{Command, SourceHandle};
use crate::transport::outlet::{Outlet, Stopped, Wake};
use crate::transport::words::{counted, duration};

/// Largest read. The terminal layer of Linux hands out at most 4,095 bytes at once.
const READ_BYTES: usize = 16 * 1024;
/// How often a port that is gone is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Opens a port on a thread of its own.
///
/// The first event is `Opened`, or `Problem` (the text of an [`OpenError`]) followed by `Ended`.
/// When the port goes away, `Closed` comes, and after it is back `Gap` and `Opened`; without
/// [`PortSettings::reconnect`] `Ended` comes instead. Everything that is read is given to `sink`
/// before it is sent.
#[must_use]
pub fn open(settings: PortSettings, sink: Option<Box<dyn ChunkSink>>, wake: &Wake) -> SourceHandle {
    let name = settings.path.clone();
    SourceHandle::start(&name, sink, wake, move |outlet, commands| {
        let mut owner = PortOwner::new(settings, outlet, commands);
        // Stopped means that nobody listens any more.
        let _ = owner.run();
    })
}

/// Runs in the thread of a simulated device: the ordinary port, and a word at the end of the
/// session that is played on its other side.
#[cfg(target_os = "linux")]
pub(in crate::transport) fn run_simulated(
    settings: PortSettings,
    outlet: Outlet,
    commands: Receiver<Command>,
    simulated: Box<dyn Simulated>,
) {
    let mut owner = PortOwner::new(settings, outlet, commands);
    owner.simulated = Some(simulated);
    let _ = owner.run();
}

/// The other side of a simulated device's line.
#[cfg(target_os = "linux")]
pub(in crate::transport) trait Simulated: Send {
    /// Its name.
    fn name(&self) -> &str;
    /// Plays the session again from its start.
    fn restart(&mut self);
    /// Takes note of bytes that arrived.
    fn arrived(&mut self, bytes: usize);
    /// `true` once after the last byte of the session has arrived.
    fn has_just_ended(&mut self) -> bool;
}

struct PortOwner {
    settings: PortSettings,
    outlet: Outlet,
    commands: Receiver<Command>,
    usb: Option<UsbInfo>,
    pins: Pins,
    speed: SpeedWatch,
    lines: u64,
    outgoing: Outgoing,
    #[cfg(target_os = "linux")]
    simulated: Option<Box<dyn Simulated>>,
}

/// Why reading ended: what the system said.
struct Gone(String);

impl PortOwner {
    fn new(settings: PortSettings, outlet: Outlet, commands: Receiver<Command>) -> Self {
        Self {
            speed: SpeedWatch::new(settings.line),
            settings,
            outlet,
            commands,
            usb: None,
            pins: Pins::default(),
            lines: 0,
            outgoing: Outgoing::default(),
            #[cfg(target_os = "linux")]
            simulated: None,
        }
    }

    fn run(&mut self) -> Result<(), Stopped> {
        let mut port = match open_port(&self.settings) {
            Ok(port) => port,
            Err((error, details)) => {
                self.outlet.problem(Notice {
                    sentence: error.to_string(),
                    details,
                })?;
                return self.outlet.send(SourceEvent::Ended);
            }
        };
        self.usb = usb_info(&self.settings.path);
        loop {
            self.opened(port.as_mut())?;
            let Gone(why) = self.serve(port.as_mut())?;
            let gone_at = Instant::now();
            drop(port);
            self.closed(why)?;
            if !self.comes_back() {
                return self.outlet.send(SourceEvent::Ended);
            }
            port = self.wait_for_return()?;
            self.returned(gone_at)?;
        }
    }

    /// The number of a pseudo-terminal goes to the next program that opens a terminal: what
    /// appears there later is another device.
    fn comes_back(&self) -> bool {
        self.settings.reconnect && !self.settings.path.starts_with("/dev/pts/")
    }

    fn opened(&mut self, port: &mut dyn SerialPort) -> Result<(), Stopped> {
        let path = &self.settings.path;
        let line = self.settings.line.to_string();
        #[cfg(target_os = "linux")]
        if let Some(simulated) = &self.simulated {
            return self.outlet.send(SourceEvent::Opened(Opened {
                sentence: format!("{} is a simulated device on {path}.", simulated.name()),
                name: simulated.name().to_owned(),
                line,
                caution: None,
            }));
        }
        self.outlet.send(SourceEvent::Opened(Opened {
            sentence: format!("{path} is open, {line}."),
            name: path.clone(),
            line,
            caution: caution(port),
        }))
    }

    /// Reads and obeys until the port is gone.
    fn serve(&mut self, port: &mut dyn SerialPort) -> Result<Gone, Stopped> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            self.obey(port)?;
            if let Some(event) = self.pins.tick(port) {
                self.outlet.send(event)?;
            }
            if let Some(gone) = self.write_some(port)? {
                return Ok(gone);
            }
            match port.read(&mut buffer) {
                // A read that returns nothing at once would spin: the line is dead.
                Ok(0) => return Ok(Gone("end of file".into())),
                Ok(n) => {
                    let stamp = Stamp::now();
                    self.received(stamp, buffer.get(..n).unwrap_or_default())?;
                }
                Err(e) => match e.kind() {
                    ErrorKind::TimedOut => self.outlet.idle()?,
                    ErrorKind::Interrupted | ErrorKind::WouldBlock => {}
                    _ => return Ok(Gone(e.to_string())),
                },
            }
            #[cfg(target_os = "linux")]
            if let Some(simulated) = &mut self.simulated
                && simulated.has_just_ended()
            {
                self.outlet.send(SourceEvent::Ended)?;
            }
            if self.outlet.cancelled() {
                return Err(Stopped);
            }
        }
    }

    fn received(&mut self, stamp: Stamp, bytes: &[u8]) -> Result<(), Stopped> {
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.outlet.chunk(Chunk {
            at: stamp.at,
            received_us: stamp.received_us,
            live: true,
            direction: ChunkDirection::FromDevice,
            bytes: bytes.to_vec(),
        })?;
        if let Some(change) = self.speed.push(bytes) {
            self.outlet.send(SourceEvent::Speed(change))?;
        }
        #[cfg(target_os = "linux")]
        if let Some(simulated) = &mut self.simulated {
            simulated.arrived(bytes.len());
        }
        Ok(())
    }

    fn obey(&mut self, port: &mut dyn SerialPort) -> Result<(), Stopped> {
        loop {
            let answer = match self.commands.try_recv() {
                Ok(Command::Dtr(on)) => self.pins.set_dtr(port, on),
                Ok(Command::Rts(on)) => self.pins.set_rts(port, on),
                Ok(Command::Reset(pulse)) => {
                    #[cfg(target_os = "linux")]
                    if let Some(simulated) = &mut self.simulated {
                        simulated.restart();
                        continue;
                    }
                    self.pins.begin_reset(port, pulse)
                }
                Ok(Command::Send(bytes)) => {
                    self.outgoing.queue(&bytes);
                    continue;
                }
                Ok(Command::Note(text)) => {
                    let now = Stamp::now();
                    self.outlet.note(now.at, now.received_us, &text)?;
                    continue;
                }
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(Stopped),
            };
            self.outlet.send(answer)?;
        }
    }

    /// Writes a piece of what is to be sent.
    fn write_some(&mut self, port: &mut dyn SerialPort) -> Result<Option<Gone>, Stopped> {
        match self.outgoing.write_piece(port) {
            Written::Nothing => {}
            Written::Gone(why) => return Ok(Some(Gone(why))),
            Written::Bytes(bytes) => {
                let stamp = Stamp::now();
                self.outlet.chunk(Chunk {
                    at: stamp.at,
                    received_us: stamp.received_us,
                    live: true,
                    direction: ChunkDirection::ToDevice,
                    bytes,
                })?;
            }
            Written::GivenUp(left, details) => self.outlet.problem(Notice {
                sentence: format!(
                    "{} took nothing for {} s; {} not sent. Flow control holds the line: connect CTS or switch flow control off.",
                    self.settings.path,
                    GIVE_UP_AFTER.as_secs(),
                    counted(left, "byte"),
                ),
                details,
            })?,
        }
        Ok(None)
    }

    fn closed(&mut self, why: String) -> Result<(), Stopped> {
        self.outgoing.clear();
        if self.pins.forget() {
            self.outlet.send(SourceEvent::Lines {
                dtr: None,
                rts: None,
            })?;
        }
        let path = &self.settings.path;
        self.outlet.send(SourceEvent::Closed(Notice {
            sentence: format!(
                "{path} is gone. {} {} safe.{}",
                counted(self.lines, "line"),
                if self.lines == 1 { "is" } else { "are" },
                if self.comes_back() {
                    " Plug it in again."
                } else {
                    ""
                },
            ),
            details: why,
        }))
    }

    /// Looks for the port until it can be opened, also under another name.
    fn wait_for_return(&mut self) -> Result<Box<dyn SerialPort>, Stopped> {
        let mut told: Option<OpenError> = None;
        loop {
            let next_look = Instant::now() + LOOK_EVERY;
            while Instant::now() < next_look {
                if self.outlet.cancelled() {
                    return Err(Stopped);
                }
                thread::sleep(Duration::from_millis(20));
            }
            self.drop_commands()?;
            self.outlet.idle()?;
            self.follow_the_adapter();
            match open_port(&self.settings) {
                Ok(port) => return Ok(port),
                // Not there yet, or the system is still setting it up.
                Err((OpenError::Missing { .. } | OpenError::Other { .. }, _)) => {}
                Err((error, details)) => {
                    // Right after plugging in, access rights are not set for a moment: such an
                    // error counts when it is seen twice.
                    if told.as_ref() == Some(&error) {
                        continue;
                    }
                    let seen_before = told.as_ref().is_some_and(|t| {
                        std::mem::discriminant(t) == std::mem::discriminant(&error)
                    });
                    if seen_before || matches!(error, OpenError::Busy { .. }) {
                        self.outlet.problem(Notice {
                            sentence: error.to_string(),
                            details,
                        })?;
                    }
                    told = Some(error);
                }
            }
        }
    }

    /// While the port is away only notes make sense.
    fn drop_commands(&mut self) -> Result<(), Stopped> {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Note(text)) => {
                    let now = Stamp::now();
                    self.outlet.note(now.at, now.received_us, &text)?;
                }
                Ok(_) => self.outlet.problem(Notice {
                    sentence: format!(
                        "{} is gone; nothing was sent. Plug it in again, then repeat.",
                        self.settings.path
                    ),
                    details: String::new(),
                })?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(Stopped),
            }
        }
    }

    /// The same adapter may come back under another name.
    fn follow_the_adapter(&mut self) {
        let Some(mine) = &self.usb else { return };
        let found = list_ports()
            .into_iter()
            .find(|p| p.usb.as_ref().is_some_and(|u| u.is_same_port(mine)));
        if let Some(port) = found {
            self.settings.path = port.path;
        }
    }

    fn returned(&mut self, gone_at: Instant) -> Result<(), Stopped> {
        let ms = i64::try_from(gone_at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = Stamp::now();
        if let Some(usb) = usb_info(&self.settings.path) {
            self.usb = Some(usb);
        }
        self.outlet.gap(StreamGap {
            at: now.at,
            received_us: now.received_us,
            ms: Some(ms),
            sentence: format!(
                "{} was gone for {}. What the device printed meanwhile is missing.",
                self.settings.path,
                duration(ms),
            ),
        })
    }
}

/// What USB says of the port behind a path, also if the path is a link to it.
fn usb_info(path: &str) -> Option<UsbInfo> {
    let real = std::fs::canonicalize(path).ok();
    list_ports()
        .into_iter()
        .find(|p| p.path == path || real.as_deref() == Some(std::path::Path::new(&p.path)))?
        .usb
}
