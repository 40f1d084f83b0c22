//! The device's own date where a line prints it: the output of `date`, the words of a program, a
//! modem's `+CCLK`.
//!
//! In: one line without its time. Out: the date, microseconds since 1970 UTC, where it is one that a
//! clock shows before anybody has set it. Sources of the forms: POSIX `date`, C `asctime`; 3GPP TS
//! 27.007 section 8.15 (`+CCLK`). Must not know what a wrong clock means.

use std::sync::OnceLock;

use regex::Regex;

use super::prefilter::Anchors;
use crate::evidence::Micros;

/// Clocks that were never set stand at 1970, 1980, 2000, 2004 or the like; a later year may be right
/// in an old log.
const LAST_UNSET_YEAR: i64 = 2010;
/// Dates are counted from here.
const FIRST_YEAR: i64 = 1970;

/// The date of an unset clock in the line.
pub(super) fn unset(line: &[u8]) -> Option<Micros> {
    let text = std::str::from_utf8(line).ok()?.trim();
    let (year, month, day, seconds) = asctime(text)
        .or_else(|| iso(text))
        .or_else(|| modem(text))?;
    ((FIRST_YEAR..=LAST_UNSET_YEAR).contains(&year))
        .then(|| (days(year, month, day) * 86_400 + seconds) * 1_000_000)
}

/// Texts one of which stands in every line with the date of an unset clock: the year as `asctime` and
/// as ISO 8601 write it, the name of the modem's command.
pub(super) fn anchors() -> Anchors {
    let years = (FIRST_YEAR..=LAST_UNSET_YEAR).flat_map(|y| [format!(" {y}"), format!("{y}-")]);
    Anchors::exact(years.chain(["+CCLK:".to_owned()]))
}

type Date = (i64, i64, i64, i64);

/// `Sat Jan  1 00:47:51 UTC 2000`, alone or behind a word that says what it is.
fn asctime(text: &str) -> Option<Date> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = FORM.get_or_init(|| {
        Regex::new(
            r"(?i)(?:^|\b(?:date|time|clock|rtc|now)\b.{0,40}?[:=\s])(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: [A-Z]{3,4})? (\d{4})\s*$",
        )
        .ok()
    });
    let caps = regex.as_ref()?.captures(text)?;
    let number = |i: usize| caps.get(i)?.as_str().parse::<i64>().ok();
    let name = caps.get(1)?.as_str().to_ascii_lowercase();
    let month = "janfebmaraprmayjunjulaugsepoctnovdec".find(&name)? / 3 + 1;
    Some((
        number(6)?,
        i64::try_from(month).ok()?,
        number(2)?,
        number(3)? * 3_600 + number(4)? * 60 + number(5)?,
    ))
}

/// `Current time: 1970-01-01T00:00:12Z`, `RTC time: 2000-01-01 00:00:12`.
fn iso(text: &str) -> Option<Date> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = FORM.get_or_init(|| {
        Regex::new(
            r"(?i)\b(?:current|system|local|device|universal|rtc|now)\b.{0,12}\b(?:date|time|clock|is)\b\W{0,6}(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)",
        )
        .ok()
    });
    let caps = regex.as_ref()?.captures(text)?;
    let number = |i: usize| caps.get(i)?.as_str().parse::<i64>().ok();
    Some((
        number(1)?,
        number(2)?,
        number(3)?,
        number(4)? * 3_600 + number(5)? * 60 + number(6)?,
    ))
}

/// `+CCLK: "80/01/06,00:01:05+00"`.
fn modem(text: &str) -> Option<Date> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = FORM
        .get_or_init(|| Regex::new(r#"\+CCLK: ?"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)"#).ok());
    let caps = regex.as_ref()?.captures(text)?;
    let number = |i: usize| caps.get(i)?.as_str().parse::<i64>().ok();
    let year = number(1)?;
    Some((
        if year >= 70 { 1900 + year } else { 2000 + year },
        number(2)?,
        number(3)?,
        number(4)? * 3_600 + number(5)? * 60 + number(6)?,
    ))
}

/// Days since 1970-01-01 (proleptic Gregorian calendar).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_nobody_set() {
        for (line, seconds) in [
            ("Thu Jan  1 00:00:12 1970", 12),
            ("Sat Jan  1 00:00:05 UTC 2000", 946_684_805),
            ("Current time: 1970-01-01T00:00:30Z", 30),
            ("RTC time: Sat 2000-01-01 00:00:05", 946_684_805),
            ("+CCLK: \"80/01/06,00:00:00+00\"", 315_964_800),
            ("The current date/time is: Thu Jan  1 00:00:07 1970", 7),
        ] {
            assert_eq!(unset(line.as_bytes()), Some(seconds * 1_000_000), "{line}");
        }
    }

    #[test]
    fn other_dates_say_nothing() {
        for line in [
            "Wed Nov 25 10:00:00 UTC 2026",
            "not before: 2000-01-01 00:00:00",
            "notAfter=Jan  1 00:00:00 2000 GMT",
            "Validity Not Before: Sat Jan  1 00:00:00 2000 GMT",
            "+CCLK: \"26/01/06,00:00:00+00\"",
        ] {
            assert_eq!(unset(line.as_bytes()), None, "{line}");
        }
    }
}
