//! Where a value comes from: the proof behind every statement.

use super::InputId;

/// A place inside an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line, counted from 1.
    Line(u32),
    /// A byte range: offset and length, both in bytes.
    Bytes {
        /// Offset of the first byte.
        offset: u64,
        /// Length in bytes.
        len: u64,
    },
    /// A named field of a structured input.
    Field(String),
    /// The input as a whole ("nothing was received").
    Whole,
}

/// What proves a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Read in an input.
    Read {
        /// Which input.
        input: InputId,
        /// Where in it.
        place: Place,
    },
    /// Said by the user: on the command line, in a form, as an answer of the tree.
    Stated,
    /// Concluded from the named rule of ours, with no line of its own.
    Derived(String),
}

impl Origin {
    /// A line of an input.
    #[must_use]
    pub fn line(input: InputId, line: u32) -> Self {
        Self::Read {
            input,
            place: Place::Line(line),
        }
    }

    /// Input and line, where it is one.
    #[must_use]
    pub fn spot(&self) -> Option<(InputId, u32)> {
        match self {
            Self::Read {
                input,
                place: Place::Line(n),
            } => Some((*input, *n)),
            _ => None,
        }
    }

    /// The line number, where there is one.
    #[must_use]
    pub fn line_number(&self) -> Option<u32> {
        match self {
            Self::Read {
                place: Place::Line(n),
                ..
            } => Some(*n),
            _ => None,
        }
    }
}
