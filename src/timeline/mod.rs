//! Observations of all inputs → attempts made of steps on two lanes; where each stopped, who ended
//! it, and the facts it proves.
//!
//! Incremental: any prefix of a log gives the same state as live. Must not know where bytes came
//! from, nor what a cause is.

mod attempt;
mod builder;
mod conclude;
mod contradict;
mod dialogue;
mod facts;
mod names;

pub use attempt::{
    AlertSeen, Attempt, Certainty, EndedBy, Outcome, PollLoop, ReadPiece, RequestSeen, Seen, Step,
    StoppedAt, WaitFor,
};
pub use builder::{Settings, TimelineBuilder};
pub use conclude::{answered_locally, is_pending, left_after_flight, phase};
pub use contradict::contradictions;
pub use dialogue::{Dialogue, Turn, TurnEnd, Words};
pub use facts::{ClockCheck, FactContext, facts};
