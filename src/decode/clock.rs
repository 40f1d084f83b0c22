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
    /// A time since start that lay before the last: of a device that started again, or damaged.
    earlier: Option<Micros>,
}

/// Lines of several tasks may stand out of order by so much.
const OUT_OF_ORDER: Micros = 1_000_000;

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
        if self.base == TimeBase::Uptime && self.last.is_some_and(|last| at < last - OUT_OF_ORDER) {
            // One line alone that goes back lost a digit; the next one tells.
            let again = self.earlier.is_some_and(|earlier| at >= earlier);
            if !again {
                self.earlier = Some(at);
                return None;
            }
        }
        self.earlier = None;
        self.last = Some(at);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uptimes(times: &[Micros]) -> Vec<Option<Micros>> {
        let mut clock = Clock::default();
        let base = TimeBase::Uptime;
        let stamps = times.iter().map(|at| Stamp { at: *at, base });
        stamps.map(|stamp| clock.take(Some(stamp))).collect()
    }

    #[test]
    fn a_time_that_lost_a_digit_is_not_believed_and_a_new_start_is() {
        let s = 1_000_000;
        assert_eq!(
            uptimes(&[11 * s, s, 12 * s]),
            [Some(11 * s), None, Some(12 * s)]
        );
        assert_eq!(
            uptimes(&[11 * s, s, 2 * s, 3 * s]),
            [Some(11 * s), None, Some(2 * s), Some(3 * s)]
        );
    }
}
