//! One input read to its end: its lines are kept, its bytes decoded.
//!
//! In: a reader. Out: what was decoded is in the case, what was kept in a [`LogStore`]. A large file
//! is read, measured and its lines counted by a thread of its own, ahead of the decoders. Must not
//! know where the bytes come from.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc;

use super::capture_seen::{CaptureReading, CaptureSeen};
use super::case::Case;
use super::log_store::LogStore;
use super::reader::{Piece, read_pieces};
use super::recognise::Content;
use super::snapshot::Problem;
use crate::capture::DeviceSide;
use crate::evidence::InputId;

/// Blocks that are read before the decoders want them, one MiB each.
const AHEAD: usize = 4;

/// Where bytes come from, and who reads them.
pub(super) enum From<'a> {
    /// Read in the calling thread, block by block.
    Here(&'a mut dyn Read),
    /// Read by a thread of its own.
    Ahead(&'a mut (dyn Read + Send)),
}

/// What is left when an input was read.
pub(super) struct Done {
    /// Its lines.
    pub store: LogStore,
    /// What it is.
    pub content: Content,
    /// Files that are taken as a whole, see [`Piece::Whole`].
    pub whole: Option<Vec<u8>>,
    /// Connections of a capture.
    pub capture: Option<CaptureSeen>,
    /// The temporary folder took no more.
    pub spill: Option<io::Error>,
    /// How reading ended.
    pub read: io::Result<()>,
}

/// Reads the input `id` of `case`. `store` takes its lines.
pub(super) fn read_input(
    case: &mut Case,
    id: InputId,
    name: &str,
    from: From<'_>,
    total: Option<u64>,
    store: LogStore,
) -> Done {
    let mut kept = Kept {
        over_file: store.is_over_file(),
        store,
        spill: None,
    };
    let mut decoding = Decoding {
        case,
        id,
        content: Content::Empty,
        whole: None,
        capture: None,
    };
    let read = match from {
        From::Here(reader) => read_pieces(name, reader, total, &mut |piece| {
            kept.take(&piece);
            decoding.take(piece);
            ControlFlow::Continue(())
        }),
        From::Ahead(reader) => ahead(name, reader, total, &mut kept, &mut decoding),
    };
    let Decoding {
        content,
        whole,
        capture,
        ..
    } = decoding;
    Done {
        store: kept.store,
        content,
        whole,
        capture: capture.map(|c| c.finish(name)),
        spill: kept.spill,
        read,
    }
}

/// The reading thread keeps the lines; this one decodes.
fn ahead(
    name: &str,
    reader: &mut (dyn Read + Send),
    total: Option<u64>,
    kept: &mut Kept,
    decoding: &mut Decoding<'_>,
) -> io::Result<()> {
    let (send, pieces) = mpsc::sync_channel::<Owned>(AHEAD);
    let (give_back, emptied) = mpsc::channel::<Vec<u8>>();
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            read_pieces(name, reader, total, &mut |piece| {
                kept.take(&piece);
                let room = emptied.try_recv().unwrap_or_default();
                match send.send(Owned::of(piece, room)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            })
        });
        for piece in pieces {
            match piece {
                Owned::Bytes(bytes) => {
                    decoding.take(Piece::Bytes(&bytes));
                    // The reader is gone when the last blocks are decoded.
                    let _ = give_back.send(bytes);
                }
                Owned::Other(piece) => decoding.take(piece),
            }
        }
        reading
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the reading thread stopped")))
    })
}

/// A piece that can leave the reader.
enum Owned {
    Bytes(Vec<u8>),
    Other(Piece<'static>),
}

impl Owned {
    /// Bytes are copied into `room`, whose memory is used again.
    fn of(piece: Piece<'_>, mut room: Vec<u8>) -> Self {
        Self::Other(match piece {
            Piece::Bytes(bytes) => {
                room.clear();
                room.extend_from_slice(bytes);
                return Self::Bytes(room);
            }
            Piece::Is(content) => Piece::Is(content),
            Piece::Whole(bytes) => Piece::Whole(bytes),
            Piece::Skipped(bytes) => Piece::Skipped(bytes),
            Piece::Remark(sentence) => Piece::Remark(sentence),
        })
    }
}

/// Keeps the lines.
struct Kept {
    store: LogStore,
    /// The lines are read in the file, where they lie.
    over_file: bool,
    spill: Option<io::Error>,
}

impl Kept {
    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Is(content) => {
                if self.over_file && matches!(content, Content::Utf16Log { .. }) {
                    self.store = LogStore::default(); // its lines differ from the file's bytes
                }
                if *content == Content::Capture {
                    self.store.hold_no_lines();
                }
            }
            Piece::Bytes(bytes) if self.store.is_over_file() => self.store.index(bytes),
            Piece::Bytes(bytes) => {
                if let Err(e) = self.store.push(bytes, None) {
                    self.spill = Some(e);
                }
            }
            Piece::Whole(_) | Piece::Skipped(_) | Piece::Remark(_) => {}
        }
    }
}

/// Decodes what is read.
struct Decoding<'a> {
    case: &'a mut Case,
    id: InputId,
    content: Content,
    whole: Option<Vec<u8>>,
    capture: Option<CaptureReading>,
}

impl Decoding<'_> {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Is(content) => {
                self.content = content;
                self.case.set_kind(self.id, content.kind());
                self.capture = (content == Content::Capture)
                    .then(|| CaptureReading::new(None, DeviceSide::default()));
            }
            Piece::Bytes(bytes) => {
                self.case.push(self.id, bytes, None);
                if let Some(capture) = &mut self.capture {
                    capture.push(bytes);
                }
            }
            Piece::Whole(bytes) => self.whole = Some(bytes),
            Piece::Skipped(bytes) => self.case.add_bytes(self.id, bytes),
            Piece::Remark(sentence) => self.case.add_problem(Problem {
                input: Some(self.id),
                sentence,
                details: String::new(),
            }),
        }
    }
}
