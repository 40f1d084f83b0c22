//! Times: microseconds on a named axis.

/// Microseconds on the axis that the input's [`TimeBase`] names.
pub type Micros = i64;

/// What the times printed in an input count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeBase {
    /// The input prints no times.
    #[default]
    None,
    /// Microseconds since 1970-01-01T00:00:00Z (a full date was printed).
    Unix,
    /// Time of day without a date; midnight roll-over already added.
    DayTime,
    /// Month, day and time without a year, counted from the year's first of January.
    MonthDay,
    /// Time since the device started.
    Uptime,
}

impl TimeBase {
    /// Short name for status lines.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "no times in this input",
            Self::Unix => "date and time",
            Self::DayTime => "time of day",
            Self::MonthDay => "month, day and time, no year",
            Self::Uptime => "time since start",
        }
    }
}
