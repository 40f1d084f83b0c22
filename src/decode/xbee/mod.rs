//! XBee Cellular: API frames on the port, frames pasted as hexadecimal text, AT settings in words.
//!
//! In: frame data, and lines. Out: events. A request and its status are joined by the frame ID.

mod fields;
mod frame;
mod hex;
mod settings;
mod words;

use super::devices::Claim;
use super::prefilter::Anchors;
use crate::evidence::Event;

pub use frame::{Frames, Piece, starts_with_frames};
pub(super) use words::{frame_words, pasted_words};

/// How lines and frames of this dialect are counted.
pub(super) const CLAIM: Claim = Claim {
    dialect: "xbee",
    stack: true,
    code: true,
    words: false,
    expect: None,
};

/// Reader of one input.
#[derive(Debug, Default)]
pub(super) struct Xbee {
    fields: fields::Fields,
    /// Frames of pasted text, over several lines.
    pasted: Frames,
    pasting: bool,
    /// A command that was asked without a value: the next line is its answer.
    asked: Option<[u8; 2]>,
}

/// Texts one of which stands in every line of the dialect that is not part of something begun.
pub(super) fn anchors() -> [Anchors; 2] {
    let exact = ["7E", "7e"].into_iter().chain(settings::ANCHORS);
    [
        Anchors::exact(exact),
        Anchors::any_case(settings::STATUS_ANCHORS),
    ]
}

impl Xbee {
    /// The next line belongs to what was begun.
    pub(super) fn open(&self) -> bool {
        self.pasting || self.asked.is_some()
    }

    /// Takes the data of one frame.
    pub(super) fn frame(&mut self, data: &[u8], emit: &mut dyn FnMut(Event)) {
        self.fields.take(data, emit);
    }

    /// Takes one line; `true` when it is one of this dialect.
    pub(super) fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        self.hex(line, emit) || self.setting(line, emit) || Self::status(line, emit)
    }

    fn hex(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let may_be = self.pasting || line.windows(2).any(|w| w == b"7E" || w == b"7e");
        let found = if may_be { hex::hex_line(line) } else { None };
        let Some(found) = found else {
            if self.pasting {
                self.pasted = Frames::default();
                self.pasting = false;
            }
            return false;
        };
        let mut count = 0;
        let mut single = Frames::default();
        let frames = if found.whole {
            &mut self.pasted
        } else {
            &mut single
        };
        let starts = found.bytes.first() == Some(&0x7E);
        if !self.pasting && !starts {
            return false;
        }
        let fields = &mut self.fields;
        frames.push(&found.bytes, &mut |piece| {
            if let Piece::Frame { data, .. } = piece {
                count += 1;
                fields.take(data, emit);
            }
        });
        self.pasting = found.whole;
        count > 0
    }

    fn setting(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(command) = self.asked.take() {
            let value = line.trim_ascii();
            if !value.is_empty() && value != b"OK" && value != b"ERROR" {
                return self.fields.settings.text(command, value, emit);
            }
        }
        let Some((command, value)) = settings::written(line) else {
            return false;
        };
        if value.is_empty() {
            self.asked = Some(command);
            return true;
        }
        self.fields.settings.text(command, value, emit)
    }

    /// `Delivery status: 0x85`, as people and tools write it. Only what a TLS connection can give.
    fn status(line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Some(code) = settings::status_in_words(line).filter(|c| *c >= 0x80) else {
            return false;
        };
        fields::Fields::status_alone(code, emit);
        true
    }
}
