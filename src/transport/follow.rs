//! A log file that grows: another program (a logger, `idf.py monitor > log`) writes it.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use super::clock::Stamp;
use super::event::{Opened, SourceEvent};
use super::handle::{Command, SourceHandle};
use super::outlet::{Outlet, Stopped, Wake};
use super::stream::{READ_BYTES, file_problem, open_file, read_chunk, refused};
use super::words::{counted, duration};
use crate::evidence::{Notice, StreamGap, grouped};

/// How often a file is looked at: half the time in which people expect a new line to appear.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Reads a file and then everything that is appended to it, until the handle is dropped.
///
/// What is there at the start has [`live`](crate::evidence::Chunk::live) `false`, what is appended
/// later `true` (to within 50 ms). Each of these is found and told: the file became shorter
/// (`Gap`, then it is read from its start), another file took its name (the old one is read to
/// its end first, then `Gap`), it was deleted (`Closed`; when it is back, `Gap`). A file that is
/// started anew and reaches its old length between two looks is not noticed.
#[must_use]
pub fn follow_file(path: &Path, wake: &Wake) -> SourceHandle {
    let path = path.to_owned();
    let name = path.display().to_string();
    SourceHandle::start(
        &name.clone(),
        None,
        wake,
        move |outlet, _: Receiver<Command>| {
            let opened = open_file(&path);
            let mut follower = Follower {
                path,
                name,
                outlet,
                offset: 0,
                live: false,
            };
            let _ = match opened {
                Ok((file, total)) => follower.run(file, total),
                Err(e) => refused(&follower.outlet, file_problem(&follower.name, &e)),
            };
        },
    )
}

struct Follower {
    path: PathBuf,
    name: String,
    outlet: Outlet,
    /// Where the next read of the open file starts, in bytes.
    offset: u64,
    live: bool,
}

impl Follower {
    fn run(&mut self, mut file: File, total: Option<u64>) -> Result<(), Stopped> {
        self.outlet.send(SourceEvent::Opened(Opened {
            name: self.name.clone(),
            sentence: format!("Reading {} and waiting for more.", self.name),
            ..Opened::default()
        }))?;
        let mut buffer = vec![0; READ_BYTES];
        loop {
            self.read_to_end(&mut file, &mut buffer, total)?;
            self.live = true;
            if self.outlet.cancelled() {
                return Err(Stopped);
            }
            thread::sleep(LOOK_EVERY);
            let Ok(mine) = file.metadata() else { continue };
            if mine.is_file() && mine.len() < self.offset {
                self.cut_short(&mut file, mine.len())?;
                continue;
            }
            match self.path.metadata() {
                Ok(now) if is_same_file(&mine, &now) => {}
                Ok(_) => {
                    self.read_to_end(&mut file, &mut buffer, None)?;
                    // It may be gone again already: the next look tells.
                    if let Ok((new, _)) = open_file(&self.path) {
                        file = new;
                        self.start_over(None, format!(
                            "Another file took the name {}: the log was rotated. Reading the new one from its start.",
                            self.name
                        ))?;
                    }
                }
                Err(e) if e.kind() == ErrorKind::NotFound => {
                    self.read_to_end(&mut file, &mut buffer, None)?;
                    file = self.wait_for_return()?;
                }
                // A network drive that is away for a moment.
                Err(_) => {}
            }
        }
    }

    /// Reads up to the present end of the file.
    fn read_to_end(
        &mut self,
        file: &mut File,
        buffer: &mut [u8],
        total: Option<u64>,
    ) -> Result<(), Stopped> {
        loop {
            match file.read(buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    self.offset += n as u64;
                    read_chunk(
                        buffer.get(..n).unwrap_or_default(),
                        self.live,
                        &mut self.outlet,
                    )?;
                    if !self.live {
                        self.outlet.send(SourceEvent::Progress {
                            done: self.offset,
                            total,
                        })?;
                    }
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    refused(&self.outlet, file_problem(&self.name, &e))?;
                    return Err(Stopped);
                }
            }
        }
    }

    fn cut_short(&mut self, file: &mut File, len: u64) -> Result<(), Stopped> {
        let before = self.offset;
        if let Err(e) = file.seek(SeekFrom::Start(0)) {
            refused(&self.outlet, file_problem(&self.name, &e))?;
            return Err(Stopped);
        }
        self.start_over(
            None,
            format!(
                "{} became shorter, from {} to {}: it was started anew. Reading it from its start.",
                self.name,
                grouped(before),
                counted(len, "byte"),
            ),
        )
    }

    fn wait_for_return(&mut self) -> Result<File, Stopped> {
        self.outlet.send(SourceEvent::Closed(Notice {
            sentence: format!(
                "{} was deleted. {} of it {} safe. Waiting for it to come back.",
                self.name,
                counted(self.offset, "byte"),
                if self.offset == 1 { "is" } else { "are" },
            ),
            details: String::new(),
        }))?;
        let since = Instant::now();
        loop {
            if self.outlet.cancelled() {
                return Err(Stopped);
            }
            if let Ok((file, _)) = open_file(&self.path) {
                let ms = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
                self.start_over(
                    Some(ms),
                    format!(
                        "{} was gone for {}. Reading the new file from its start.",
                        self.name,
                        duration(ms),
                    ),
                )?;
                return Ok(file);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn start_over(&mut self, ms: Option<i64>, sentence: String) -> Result<(), Stopped> {
        self.offset = 0;
        let now = Stamp::now();
        self.outlet.gap(StreamGap {
            at: now.at,
            received_us: now.received_us,
            ms,
            sentence,
        })
    }
}

#[cfg(unix)]
fn is_same_file(open: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Windows has no file number without `unsafe`; the moment of creation tells files apart.
#[cfg(not(unix))]
fn is_same_file(open: &Metadata, named: &Metadata) -> bool {
    open.created().ok() == named.created().ok()
}
