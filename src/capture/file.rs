//! Capture files: pcap (both byte orders, micro- and nanoseconds) and pcapng, in pieces of any size.
//!
//! In: bytes of the file in order. Out: [`Item`]s: frames and embedded key logs. A block that cannot
//! be understood is skipped where its length allows it, and told. Blocks are cut by hand because the
//! bytes are pushed, come in pieces of any size, and a damaged block must not end the rest.

mod pcapng;

use std::mem;

use crate::evidence::Micros;

/// Larger blocks are passed over unread: no link carries a frame of this size.
const LARGEST_BLOCK: usize = 16 << 20;

/// Times after the year 9999 are damage: 9999-12-31T23:59:59Z.
const LAST_TIME: Micros = 253_402_300_799_000_000;

/// One frame of the capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// Counted from 1, as packet numbers are elsewhere.
    pub(super) number: u32,
    /// Microseconds since 1970 UTC, where the block has a time.
    pub(super) at: Option<Micros>,
    /// Link type (the tcpdump group's registry).
    pub(super) link: u16,
    /// What was captured of it.
    pub(super) bytes: &'a [u8],
}

/// What a capture file holds.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// A key log in the file itself (Decryption Secrets Block).
    Secrets(&'a [u8]),
    /// Something is wrong; one sentence.
    Problem(String),
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// Units of the time a second.
    units: u64,
    /// Added to every time, in seconds.
    offset: i64,
    snap: u32,
}

#[derive(Clone, Debug)]
enum Kind {
    Unknown,
    Pcap {
        big: bool,
        nanos: bool,
        link: u16,
    },
    Ng {
        big: bool,
        interfaces: Vec<Interface>,
    },
    /// Nothing more can be read.
    Stopped,
}

/// Cuts a capture file into frames.
#[derive(Debug)]
pub(super) struct CaptureFile {
    kind: Kind,
    rest: Vec<u8>,
    /// Bytes to pass over.
    skip: usize,
    /// Bytes of the file before `rest`.
    offset: u64,
    frames: u32,
    named: &'static str,
}

/// What became of the bytes at the front.
enum Cut {
    /// So many are done with.
    Taken(usize),
    /// The block is not all there.
    Needs,
    Stop(String),
}

impl CaptureFile {
    pub(super) fn new() -> Self {
        Self {
            kind: Kind::Unknown,
            rest: Vec::new(),
            skip: 0,
            offset: 0,
            frames: 0,
            named: "",
        }
    }

    /// `pcap` or `pcapng`; empty before the first bytes.
    pub(super) fn format(&self) -> &'static str {
        self.named
    }

    pub(super) fn frames(&self) -> u32 {
        self.frames
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Item<'_>)) {
        // The rest of a block that lies across two pieces is joined; all else is read in place.
        while !bytes.is_empty() && !matches!(self.kind, Kind::Stopped) {
            if self.rest.is_empty() {
                let used = self.cut(bytes, each);
                bytes = bytes.get(used..).unwrap_or_default();
                if used == 0 {
                    self.rest.extend_from_slice(bytes);
                    return;
                }
                continue;
            }
            let wanted = self.wanted(&self.rest).saturating_sub(self.rest.len());
            let (head, tail) = bytes.split_at(wanted.clamp(1, bytes.len()));
            self.rest.extend_from_slice(head);
            bytes = tail;
            let mut rest = mem::take(&mut self.rest);
            let used = self.cut(&rest, each);
            rest.drain(..used.min(rest.len()));
            self.rest = rest;
        }
    }

    /// The file ends here: what is left is a block that was cut off.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Item<'_>)) {
        if (!self.rest.is_empty() || self.skip > 0) && !matches!(self.kind, Kind::Stopped) {
            each(Item::Problem(format!(
                "The capture ends in the middle of a block, after byte {}. {} frames before it were read.",
                self.offset, self.frames
            )));
        }
        self.rest.clear();
        self.kind = Kind::Stopped;
    }

    /// Reads whole blocks from the front of `bytes`; gives how many bytes are done with.
    fn cut(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>)) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let passed = self.skip.min(rest.len());
            if passed > 0 {
                self.skip -= passed;
                used += passed;
                self.offset += passed as u64;
                continue;
            }
            if rest.is_empty() {
                return used;
            }
            match self.block(rest, each) {
                Cut::Taken(len) => {
                    let here = len.min(rest.len());
                    self.skip = len - here;
                    used += here;
                    self.offset += here as u64;
                }
                Cut::Needs => return used,
                Cut::Stop(sentence) => {
                    each(Item::Problem(sentence));
                    self.kind = Kind::Stopped;
                    return bytes.len();
                }
            }
        }
    }

    /// How many bytes the block at the front needs before it can be read.
    fn wanted(&self, bytes: &[u8]) -> usize {
        let at = |i| u32_at(bytes, i, self.big());
        match &self.kind {
            Kind::Pcap { .. } => at(8).map_or(16, |len| 16 + size(len)),
            Kind::Ng { .. } => at(4).map_or(12, |len| {
                if u32_at(bytes, 0, true) == Some(SECTION) {
                    return 28;
                }
                size(len)
            }),
            Kind::Unknown => 28,
            Kind::Stopped => 1,
        }
        .min(LARGEST_BLOCK)
        .max(bytes.len() + 1)
    }

    fn big(&self) -> bool {
        matches!(
            self.kind,
            Kind::Pcap { big: true, .. } | Kind::Ng { big: true, .. }
        )
    }

    fn block(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>)) -> Cut {
        match &self.kind {
            Kind::Unknown => self.header(bytes),
            Kind::Pcap { big, nanos, link } => {
                let (big, nanos, link) = (*big, *nanos, *link);
                self.record(bytes, big, nanos, link, each)
            }
            Kind::Ng { .. } => self.ng_block(bytes, each),
            Kind::Stopped => Cut::Taken(bytes.len()),
        }
    }

    fn header(&mut self, bytes: &[u8]) -> Cut {
        let Some(magic) = u32_at(bytes, 0, true) else {
            return Cut::Needs;
        };
        if magic == SECTION {
            self.named = "pcapng";
            self.kind = Kind::Ng {
                big: false,
                interfaces: Vec::new(),
            };
            return Cut::Taken(0);
        }
        let (big, nanos) = match magic {
            0xA1B2_C3D4 => (true, false),
            0xA1B2_3C4D => (true, true),
            0xD4C3_B2A1 => (false, false),
            0x4D3C_B2A1 => (false, true),
            _ => return Cut::Stop("This is no pcap or pcapng file.".into()),
        };
        let Some(link) = u32_at(bytes, 20, big) else {
            return Cut::Needs;
        };
        self.named = "pcap";
        self.kind = Kind::Pcap {
            big,
            nanos,
            link: low16(link),
        };
        Cut::Taken(24)
    }

    fn record(
        &mut self,
        bytes: &[u8],
        big: bool,
        nanos: bool,
        link: u16,
        each: &mut dyn FnMut(Item<'_>),
    ) -> Cut {
        let at = |i| u32_at(bytes, i, big);
        let (Some(seconds), Some(fraction), Some(len), Some(_)) = (at(0), at(4), at(8), at(12))
        else {
            return Cut::Needs;
        };
        let len = size(len);
        if len > LARGEST_BLOCK {
            return Cut::Stop(self.damaged());
        }
        let Some(frame) = bytes.get(16..16 + len) else {
            return Cut::Needs;
        };
        let micros = if nanos { fraction / 1000 } else { fraction };
        let at = Some(i64::from(seconds) * 1_000_000 + i64::from(micros));
        self.frame(at, link, frame, each);
        Cut::Taken(16 + len)
    }

    fn frame(
        &mut self,
        at: Option<Micros>,
        link: u16,
        bytes: &[u8],
        each: &mut dyn FnMut(Item<'_>),
    ) {
        self.frames = self.frames.saturating_add(1);
        each(Item::Frame(Frame {
            number: self.frames,
            at: at.filter(|at| (0..=LAST_TIME).contains(at)),
            link,
            bytes,
        }));
    }

    fn damaged(&self) -> String {
        format!(
            "The capture is damaged at byte {}. {} frames before it were read, nothing after it.",
            self.offset, self.frames
        )
    }
}

/// Type of the Section Header Block, the same in both byte orders.
const SECTION: u32 = 0x0A0D_0D0A;

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX / 2)
}

fn low16(number: u32) -> u16 {
    u16::try_from(number & 0xFFFF).unwrap_or(0)
}

fn u32_at(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let four = <[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?;
    Some(if big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    })
}

fn u16_at(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    let two = <[u8; 2]>::try_from(bytes.get(at..at + 2)?).ok()?;
    Some(if big {
        u16::from_be_bytes(two)
    } else {
        u16::from_le_bytes(two)
    })
}
