//! Bytes that are not a port: a file read once, standard input, pasted text.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::Receiver;

use super::clock::Stamp;
use super::event::{Opened, SourceEvent};
use super::handle::{Command, SourceHandle};
use super::outlet::{Outlet, Stopped, Wake};
use super::words::counted;
use crate::evidence::{Chunk, ChunkDirection, ChunkSink, Notice};

/// Largest read: large sequential reads are as fast as a memory map, which would need `unsafe`
/// and kills the program when the file is cut short meanwhile.
pub(super) const READ_BYTES: usize = 1024 * 1024;

/// Reads a file once, from start to end, with progress; then `Ended`.
///
/// Several files are several handles. A file that cannot be opened or read gives one `Problem`
/// (what was read before stands) and `Ended`. For a file that grows see
/// [`follow_file`](super::follow_file).
#[must_use]
pub fn read_file(path: &Path, wake: &Wake) -> SourceHandle {
    let path = path.to_owned();
    let name = path.display().to_string();
    SourceHandle::start(
        &name.clone(),
        None,
        wake,
        move |mut outlet, _: Receiver<Command>| {
            let (file, total) = match open_file(&path) {
                Ok(opened) => opened,
                Err(e) => {
                    let _ = refused(&outlet, file_problem(&name, &e));
                    return;
                }
            };
            let _ = copy(file, &name, Stored { total, live: false }, &mut outlet);
        },
    )
}

/// Reads a stream until its end: standard input, a pipe. `live`: the other end writes while the
/// device speaks, so that the times of the reads mean something.
#[must_use]
pub fn read_stream(
    name: &str,
    reader: impl Read + Send + 'static,
    live: bool,
    sink: Option<Box<dyn ChunkSink>>,
    wake: &Wake,
) -> SourceHandle {
    let title = name.to_owned();
    SourceHandle::start(name, sink, wake, move |mut outlet, _: Receiver<Command>| {
        let _ = copy(reader, &title, Stored { total: None, live }, &mut outlet);
    })
}

/// Reads standard input until its end; see [`read_stream`].
#[must_use]
pub fn read_stdin(live: bool, sink: Option<Box<dyn ChunkSink>>, wake: &Wake) -> SourceHandle {
    read_stream("standard input", io::stdin(), live, sink, wake)
}

/// Text from the clipboard, or any bytes at hand.
#[must_use]
pub fn pasted(name: &str, bytes: Vec<u8>, wake: &Wake) -> SourceHandle {
    let total = Some(bytes.len() as u64);
    let title = name.to_owned();
    SourceHandle::start(name, None, wake, move |mut outlet, _: Receiver<Command>| {
        let stored = Stored { total, live: false };
        let _ = copy(io::Cursor::new(bytes), &title, stored, &mut outlet);
    })
}

#[derive(Clone, Copy)]
struct Stored {
    total: Option<u64>,
    live: bool,
}

/// Opens a file that can be read as bytes; its size, where it has one.
pub(super) fn open_file(path: &Path) -> io::Result<(File, Option<u64>)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let size = about.is_file().then_some(about.len());
    Ok((file, size))
}

/// One sentence for a file that cannot be opened or read.
pub(super) fn file_problem(name: &str, error: &io::Error) -> Notice {
    let sentence = match error.kind() {
        ErrorKind::NotFound => format!("There is no file {name}. Check the name and the folder."),
        ErrorKind::PermissionDenied => {
            format!("No permission to read {name}. Copy it to a folder of yours, or ask its owner.")
        }
        ErrorKind::IsADirectory => format!("{name} is a folder. Choose a file in it."),
        _ => format!(
            "{name} cannot be read any further: {error}. Copy it to another disk, then open the copy."
        ),
    };
    Notice {
        sentence,
        details: error.to_string(),
    }
}

pub(super) fn refused(outlet: &Outlet, notice: Notice) -> Result<(), Stopped> {
    outlet.problem(notice)?;
    outlet.send(SourceEvent::Ended)
}

fn copy(
    mut reader: impl Read,
    name: &str,
    stored: Stored,
    outlet: &mut Outlet,
) -> Result<(), Stopped> {
    outlet.send(SourceEvent::Opened(Opened {
        name: name.to_owned(),
        sentence: stored.total.map_or_else(
            || format!("Reading {name}."),
            |n| format!("Reading {name}, {}.", counted(n, "byte")),
        ),
        ..Opened::default()
    }))?;
    let mut done = 0;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                done += n as u64;
                let bytes = buffer.get(..n).unwrap_or_default();
                read_chunk(bytes, stored.live, outlet)?;
                outlet.send(SourceEvent::Progress {
                    done,
                    total: stored.total,
                })?;
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => {
                outlet.problem(file_problem(name, &e))?;
                break;
            }
        }
    }
    outlet.send(SourceEvent::Ended)
}

/// Sends what one read brought.
pub(super) fn read_chunk(bytes: &[u8], live: bool, outlet: &mut Outlet) -> Result<(), Stopped> {
    let now = Stamp::now();
    outlet.chunk(Chunk {
        at: now.at,
        received_us: now.received_us,
        live,
        direction: ChunkDirection::FromDevice,
        bytes: bytes.to_vec(),
    })
}
