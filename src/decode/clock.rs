//! The times that one input prints, on one axis.

use super::prefix::Stamp;
use crate::evidence::{Micros, TimeBase};

/// The times printed in one input, on one axis.
#[derive(Debug, Default)]
pub(super) struct Clock {
    base: TimeBase,
    last: Option<Micros>,
    /// Added for midnights passed.
    days: Micros,
}

impl Clock {
    /// The axis.
    pub(super) fn base(&self) -> TimeBase {
        self.base
    }

    /// The last time printed.
    pub(super) fn last(&self) -> Option<Micros> {
        self.last
    }

    /// Puts a printed time on the input's axis; a line without one has the time of the line before.
    pub(super) fn take(&mut self, stamp: Option<Stamp>) -> Option<Micros> {
        const DAY: Micros = 86_400_000_000;
        let Some(stamp) = stamp else { return self.last };
        if self.base == TimeBase::None {
            self.base = stamp.base;
        }
        if stamp.base != self.base {
            return self.last;
        }
        let mut at = stamp.at + self.days;
        if self.base == TimeBase::DayTime
            && let Some(last) = self.last
        {
            // Back by more than half a day: midnight was passed.
            if at < last - DAY / 2 {
                self.days += DAY;
                at += DAY;
            }
        }
        self.last = Some(at);
        Some(at)
    }
}
