//! The two clocks of a read: monotonic for differences, wall clock for the calendar.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::evidence::Micros;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds on the monotonic clock since its first use in this process: the same zero
    /// for all sources, so that two ports can be compared.
    pub at: Micros,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub received_us: Micros,
}

impl Stamp {
    /// Reads both clocks.
    #[must_use]
    pub fn now() -> Self {
        static ZERO: OnceLock<Instant> = OnceLock::new();
        let zero = *ZERO.get_or_init(Instant::now);
        Self {
            at: micros(zero.elapsed().as_micros()),
            received_us: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| micros(d.as_micros())),
        }
    }
}

/// 292,000 years fit; later is held at the end.
fn micros(n: u128) -> Micros {
    Micros::try_from(n).unwrap_or(Micros::MAX)
}
