//! The device's own clock held against the time of judgement.
//!
//! In: the clock that the device printed and how far the other time counts. Out: the facts
//! `device.clock*`. Must not know the dates of a certificate.

use super::{FactContext, Teller};
use crate::evidence::Micros;

/// What the time of judgement says about the time at which the device printed its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockCheck {
    /// Nothing: it is the device's own clock.
    OwnClock,
    /// The lines were printed at that time: read from a port then, or stated.
    SameTime,
    /// The lines were printed at that time or before: a file can be old.
    NotLater,
}

impl Teller<'_> {
    pub(super) fn clock(&mut self, ctx: &FactContext<'_>) {
        const DAY: Micros = 86_400_000_000;
        let Some((clock, line)) = self.a.seen.device_clock else {
            return;
        };
        self.int("device.clock", clock / 1_000_000, line);
        // 2020: no device of today runs with a certificate issued before.
        let old = clock < 1_577_836_800_000_000;
        let ahead = clock - ctx.judged_at > DAY;
        let off = match ctx.clock_check {
            ClockCheck::OwnClock => false,
            ClockCheck::SameTime => ahead || ctx.judged_at - clock > DAY,
            ClockCheck::NotLater => ahead,
        };
        self.yes("device.clock_plausible", !(old || off), line);
    }
}
