//! One input of a case with its decoder and timeline.

use crate::capture::DeviceSide;
use crate::decode::{DialectName, LogDecoder, StepRule, VersionGuess};
use crate::evidence::{Input, InputId, InputKind, Lane, Micros, TimeBase};
use crate::session::file_seen::{Closed, FileContent};
use crate::timeline::{Dialogue, TimelineBuilder};

pub(super) struct CaseInput {
    pub input: Input,
    /// `None` for what is not decoded.
    pub decoder: Option<LogDecoder>,
    pub timeline: TimelineBuilder,
    /// Commands and answers.
    pub dialogue: Dialogue,
    /// Wall clock printed last, where the input prints dates.
    pub wall: Option<Micros>,
    pub received: Option<Micros>,
    pub file_time: Option<Micros>,
    /// More may come.
    pub open: bool,
    /// Whose words it holds, as a person says; wins over what the decoder sees.
    pub lane_by_hand: Option<Lane>,
    /// Of a capture: which end is the device, as a person says.
    pub side_by_hand: Option<DeviceSide>,
    /// What a person adds to its times, milliseconds.
    pub offset_ms: Option<i64>,
    /// What it holds where it is a file that is no log.
    pub content: Option<FileContent>,
    /// Its bytes, where something in them waits for a password.
    pub closed: Option<Closed>,
}

/// What is known of an input when it is added.
pub struct NewInput {
    /// Its number.
    pub id: InputId,
    /// Name to show.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// Whose words it holds.
    pub lane: Lane,
    /// When the file was last written.
    pub file_time: Option<Micros>,
}

/// Kinds whose bytes are text for the decoders.
pub(super) fn is_decoded(kind: InputKind) -> bool {
    matches!(
        kind,
        InputKind::Log | InputKind::Serial | InputKind::Simulated | InputKind::Recording
    )
}

impl CaseInput {
    pub fn new(new: NewInput, rules: &[StepRule], read_as: Option<&'static DialectName>) -> Self {
        Self {
            decoder: is_decoded(new.kind).then(|| LogDecoder::reading_as(rules, read_as)),
            timeline: TimelineBuilder::new(new.id),
            dialogue: Dialogue::default(),
            wall: None,
            received: None,
            file_time: new.file_time,
            open: true,
            lane_by_hand: (new.lane == Lane::Peer).then_some(Lane::Peer),
            side_by_hand: None,
            offset_ms: None,
            content: None,
            closed: None,
            input: Input {
                id: new.id,
                name: new.name,
                kind: new.kind,
                lane: new.lane,
                bytes: 0,
                lines: 0,
                dialects: Vec::new(),
                readings: Vec::new(),
                read_as: None,
                time_base: TimeBase::None,
            },
        }
    }

    /// Forgets what was read, to read the same bytes as this dialect.
    pub fn begin_again(&mut self, rules: &[StepRule], read_as: Option<&'static DialectName>) {
        self.decoder = Some(LogDecoder::reading_as(rules, read_as));
        self.timeline = TimelineBuilder::new(self.input.id);
        self.dialogue = Dialogue::default();
        self.wall = None;
        self.input.bytes = 0;
        self.input.lines = 0;
    }

    /// Whose words the decoder reads: the directions of its attempts follow from that.
    pub fn read_as(&self) -> Lane {
        self.decoder.as_ref().map_or(Lane::Device, LogDecoder::lane)
    }

    pub fn refresh(&mut self) {
        self.input.lane = self.lane_by_hand.unwrap_or_else(|| self.read_as());
        let Some(decoder) = &self.decoder else { return };
        self.input.lines = decoder.lines();
        self.input.time_base = decoder.time_base();
        self.input.readings = decoder.readings();
        self.input.dialects = (self.input.readings.iter())
            .map(|r| r.dialect.clone())
            .collect();
        self.input.read_as = decoder.only().map(|n| n.id.clone());
        if self.input.time_base == TimeBase::Unix {
            self.wall = decoder.last_time();
        }
        let version = version_words(&decoder.version());
        self.timeline.set_stack(decoder.stack(), version.as_deref());
    }
}

/// The version with how it is known: `2.16, patched (guess from line numbers)`.
fn version_words(guess: &VersionGuess) -> Option<String> {
    match (&guess.name, guess.family) {
        (Some(name), _) if guess.patched() => {
            Some(format!("{name}, patched (guess from line numbers)"))
        }
        (Some(name), _) => Some(format!("{name} (guess from line numbers)")),
        (None, Some(family)) => Some(format!("{family} (guess from file names)")),
        (None, None) => None,
    }
}
