//! Figures as people read them: grouped digits, durations, sizes, dates.
//!
//! In: plain numbers. Out: short texts. Must not know what the numbers mean.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::evidence::Micros;

/// `3813` → `3,813`. Below four digits nothing changes; a negative number gets U+2212.
#[must_use]
pub fn grouped(n: i64) -> String {
    crate::evidence::grouped(n)
}

/// Milliseconds → `8 ms`, `515 ms`, `1.4 s`, `60 s`, `12 min 5 s`, `3 h 2 min`.
#[must_use]
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=9_999 => {
            let tenths = (ms + 50) / 100;
            if tenths % 10 == 0 {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        // Whole seconds that have passed, as a person counts them.
        10_000..=119_999 => format!("{} s", ms / 1_000),
        120_000..=3_599_999 => {
            let s = ms / 1_000;
            match s % 60 {
                0 => format!("{} min", s / 60),
                rest => format!("{} min {rest} s", s / 60),
            }
        }
        _ => {
            let min = ms / 60_000;
            match min % 60 {
                0 => format!("{} h", grouped(min / 60)),
                rest => format!("{} h {rest} min", grouped(min / 60)),
            }
        }
    }
}

/// Bytes → `215 bytes`, `3,813 bytes`, from ten million on `104.9 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes >= 10_000_000 {
        let tenths = (bytes + 50_000) / 100_000;
        let whole = i64::try_from(tenths / 10).unwrap_or(i64::MAX);
        return format!("{}.{} MB", grouped(whole), tenths % 10);
    }
    count(bytes, "byte")
}

/// `1 line`, `412 lines`, `1,200 lines`: the noun takes an `s`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    let shown = grouped(i64::try_from(n).unwrap_or(i64::MAX));
    if n == 1 {
        format!("{shown} {noun}")
    } else {
        format!("{shown} {noun}s")
    }
}

/// Microseconds since 1970 UTC → RFC 3339 in UTC, to the second (`2019-06-04T07:54:18Z`).
/// A moment outside the years 0 to 9999 gives `unknown`.
#[must_use]
pub fn rfc3339(at: Micros) -> String {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000_000))
        .ok()
        .filter(|t| (0..=9_999).contains(&t.year()))
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_else(|| "unknown".into())
}

/// RFC 3339 (`2019-06-04T07:54:18Z`) or a plain date (`2019-06-04`, midnight UTC) → microseconds
/// since 1970 UTC. `None` for anything else.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Micros> {
    let text = text.trim();
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    let at = OffsetDateTime::parse(&full, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000).ok()
}

/// A time of day, `07:54:19.420`, from microseconds since midnight (days are dropped).
#[must_use]
pub fn time_of_day(at: Micros) -> String {
    let ms = at.div_euclid(1_000).rem_euclid(86_400_000);
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_four_on() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_024), "1,024");
        assert_eq!(grouped(16_980_798), "16,980,798");
        assert_eq!(grouped(-9_984), "\u{2212}9,984");
    }

    #[test]
    fn durations_have_at_most_three_figures() {
        for (ms, text) in [
            (8, "8 ms"),
            (515, "515 ms"),
            (1_440, "1.4 s"),
            (2_000, "2 s"),
            (60_000, "60 s"),
            (725_000, "12 min 5 s"),
            (10_920_000, "3 h 2 min"),
        ] {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn a_date_goes_there_and_back() {
        let at = parse_rfc3339("2019-06-04T07:54:18Z");
        assert_eq!(at.map(rfc3339).as_deref(), Some("2019-06-04T07:54:18Z"));
        assert_eq!(
            parse_rfc3339("2019-06-04"),
            parse_rfc3339("2019-06-04T00:00:00Z")
        );
        assert_eq!(parse_rfc3339("last week"), None);
    }

    #[test]
    fn sizes_change_unit_at_ten_million() {
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(3_813), "3,813 bytes");
        assert_eq!(size(104_857_600), "104.9 MB");
    }
}
