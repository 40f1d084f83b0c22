//! The rows of a ladder with their heights, each with its words; which are visible, which one a
//! line belongs to.
//!
//! Nothing is painted here and nothing is decided about causes.

use crate::evidence::{Direction, InputId, Lane, Role, TimeBase};
use crate::timeline::{Certainty, PollLoop};
use crate::tls::StepName;

/// What a row is.
#[derive(Clone, Debug, PartialEq)]
pub enum RowKind {
    /// A message from one lifeline to the other.
    Message {
        /// As the device sees it.
        direction: Direction,
        /// Its name, or first and last of a folded flight.
        name: String,
        /// Its size with unit; empty where unknown.
        size: String,
        /// Seen or inferred.
        certainty: Certainty,
        /// It is an alert: the receiver's end gets an octagon.
        alert: bool,
    },
    /// Work of one side alone.
    Own {
        /// Whose.
        lane: Lane,
        /// What.
        text: String,
    },
    /// A rule over the width: the log starts here.
    Rule(String),
    /// Time passed.
    Break(String),
    /// Something is awaited.
    Waiting(Waiting),
    /// Who ended it.
    Stop(Stop),
    /// The handshake completed.
    Completed,
    /// The log ends in the middle.
    CutOff,
    /// Another run has a step here, this one has none.
    Missing(String),
    /// Nothing: room beside a row of another run.
    Blank,
}

/// What is awaited, from whom, since when.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The message.
    pub step: StepName,
    /// From whom.
    pub from: Lane,
    /// The same as a word: `server`, `client`, `device`.
    pub who: &'static str,
    /// How long, in words; empty where unknown.
    pub long: String,
    /// Messages that would come: name and remark of the good run.
    pub ghosts: Vec<(String, String)>,
    /// The poll loop beside it.
    pub poll: Option<PollLoop>,
}

/// How an end looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMark {
    /// Someone ended it: octagon.
    Octagon,
    /// TCP closed without an alert: open ring.
    Ring,
    /// Reset: cross.
    Cross,
    /// Orderly close: double bar.
    Bars,
}

/// Who ended it and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// On whose lifeline.
    pub lane: Lane,
    /// Mark.
    pub mark: StopMark,
    /// Bold words.
    pub words: String,
    /// How.
    pub how: String,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct LadderRow {
    /// What it is.
    pub kind: RowKind,
    /// Time as shown; may be empty.
    pub time: String,
    /// State number as shown; may be empty.
    pub state: String,
    /// Remark right of the server's lifeline.
    pub remark: String,
    /// Line that proves it; 0 where none does.
    pub line: u32,
    /// Input of that line, where it is another than the attempt's: the words of the other end.
    pub other: Option<InputId>,
    /// Height in points.
    pub height: f32,
    /// For screen readers, without its number.
    pub spoken: String,
}

impl LadderRow {
    /// A row without time, state and line.
    #[must_use]
    pub fn plain(kind: RowKind, height: f32, spoken: &str) -> Self {
        Self {
            kind,
            time: String::new(),
            state: String::new(),
            remark: String::new(),
            line: 0,
            other: None,
            height,
            spoken: spoken.to_owned(),
        }
    }
}

/// All rows with their tops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    /// Rows, first to last.
    pub rows: Vec<LadderRow>,
    /// Top of each row, and the bottom of the last.
    pub tops: Vec<f32>,
}

/// How the rows are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LadderStyle {
    /// Row height: 18, 27 or 40.
    pub row: f32,
    /// Fold flights that were seen as well.
    pub fold: bool,
    /// Times to scale.
    pub scale: bool,
    /// Axis of the input's times.
    pub base: TimeBase,
    /// The input is still open.
    pub live: bool,
    /// Milliseconds since the last line was read, where the input is live.
    pub quiet_ms: Option<i64>,
}

impl Ladder {
    /// Rows with their tops.
    #[must_use]
    pub fn from_rows(rows: Vec<LadderRow>) -> Self {
        let mut tops = Vec::with_capacity(rows.len() + 1);
        let mut y = 0.0;
        for row in &rows {
            tops.push(y);
            y += row.height;
        }
        tops.push(y);
        Self { rows, tops }
    }

    /// Height of all rows.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.tops.last().copied().unwrap_or_default()
    }

    /// Rows between two heights, one more at each end.
    #[must_use]
    pub fn visible(&self, from: f32, to: f32) -> std::ops::Range<usize> {
        let first = self.tops.partition_point(|&t| t <= from).saturating_sub(2);
        let last = self.tops.partition_point(|&t| t < to) + 1;
        first..last.min(self.rows.len())
    }

    /// The top of the first row that begins at `y` or a little below: so that no row is cut there.
    #[must_use]
    pub fn whole_row(&self, y: f32) -> f32 {
        let next = self.tops.get(self.tops.partition_point(|&t| t < y - 0.5));
        next.copied().filter(|t| *t - y < 42.0).unwrap_or(y)
    }

    /// The row at which it stands or stopped.
    #[must_use]
    pub fn stop(&self) -> Option<usize> {
        self.rows.iter().rposition(|r| {
            matches!(
                r.kind,
                RowKind::Waiting(_) | RowKind::Stop(_) | RowKind::Completed | RowKind::CutOff
            )
        })
    }

    /// Steps as people count them: rows that are a message or own work.
    #[must_use]
    pub fn steps(&self) -> usize {
        let counts =
            |r: &&LadderRow| matches!(r.kind, RowKind::Message { .. } | RowKind::Own { .. });
        self.rows.iter().filter(counts).count()
    }

    /// The row that a line belongs to: the last whose own line is not behind it.
    #[must_use]
    pub fn row_of_line(&self, line: u32) -> Option<usize> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, r)| r.line > 0 && r.line <= line && r.other.is_none())
            .max_by_key(|(i, r)| (r.line, *i))
            .map(|(i, _)| i)
    }
}

/// `device`, or what the other end is: `server`, or `client` of a device that serves.
#[must_use]
pub fn lane_word(lane: Lane, role: Role) -> &'static str {
    match (lane, role) {
        (Lane::Device, _) => "device",
        (Lane::Peer, Role::Client) => "server",
        (Lane::Peer, Role::Server) => "client",
    }
}
