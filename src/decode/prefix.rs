//! What consoles, terminals and frameworks put in front of a line: times, levels, tags, colours.
//!
//! In: one line. Out: the line without it, and the time where one was printed. Never allocates.

use std::borrow::Cow;

use crate::evidence::{Micros, TimeBase};

/// A time as printed, with the axis that it counts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds on the axis.
    pub at: Micros,
    /// The axis.
    pub base: TimeBase,
}

/// A line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripped<'a> {
    /// The time, where one was printed.
    pub stamp: Option<Stamp>,
    /// The framework whose form the prefix has.
    pub frame: Option<Frame>,
    /// The tag of the framework (`mbedtls`, `net`), where it prints one.
    pub tag: &'a [u8],
    /// The rest of the line.
    pub rest: &'a [u8],
    /// The rest with the framework's tag in front.
    pub tagged: &'a [u8],
}

/// A framework recognised by its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// ESP-IDF: `I (1234) tag: `.
    EspIdf,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The line without ANSI sequences (`ESC [ … letter`), wherever they stand.
#[must_use]
pub fn without_escapes(line: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(0x1b, line) else {
        return Cow::Borrowed(line);
    };
    let (head, mut rest) = line.split_at(first);
    let mut out = head.to_vec();
    while let [byte, after @ ..] = rest {
        let skipped = skip_sequence(rest);
        if let Some(skipped) = skipped {
            rest = skipped;
        } else {
            out.push(*byte);
            rest = after;
        }
    }
    Cow::Owned(out)
}

/// What stands behind one ANSI sequence at the start; `None` where there is none.
fn skip_sequence(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"\x1b[")?;
    let end = rest.iter().take(16).position(u8::is_ascii_alphabetic)?;
    rest.get(end + 1..)
}

/// Takes the decoration off the front of a line.
#[must_use]
pub fn strip(line: &[u8]) -> Stripped<'_> {
    let mut rest = skip_escapes(trim_start(line));
    let mut stamp = None;
    // A terminal's time may stand before the device's own: the device's (the last) wins.
    for _ in 0..2 {
        if let Some((s, after)) = printed_time(rest) {
            stamp = Some(s);
            rest = skip_escapes(after);
        } else {
            break;
        }
    }
    if let Some((s, tag, after)) = esp_idf(rest) {
        let from_tag = after.len() + tag.len() + 1;
        let blank = rest.len().saturating_sub(from_tag);
        let mut tagged = rest.get(blank..).unwrap_or(rest);
        if !tagged.starts_with(tag) {
            // A blank stands between the colon and the text.
            tagged = rest.get(blank.saturating_sub(1)..).unwrap_or(rest);
        }
        return Stripped {
            tagged,
            stamp: Some(s),
            frame: Some(Frame::EspIdf),
            tag,
            rest: after,
        };
    }
    Stripped {
        stamp,
        frame: None,
        tag: b"",
        rest,
        tagged: rest,
    }
}

fn trim_start(mut line: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | 0 | b'\r', rest @ ..] = line {
        line = rest;
    }
    line
}

/// Skips ANSI colour sequences (`ESC [ … letter`).
fn skip_escapes(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = skip_sequence(line) {
        line = trim_start(rest);
    }
    line
}

/// Where a second line of ESP-IDF's log library begins in a line that begins with one: pasted text
/// often lost its line ends.
pub(super) fn joined_at(line: &[u8]) -> Option<usize> {
    if !matches!(
        line,
        [
            b'E' | b'W' | b'I' | b'D' | b'V',
            b' ',
            b'(',
            b'0'..=b'9',
            ..
        ]
    ) {
        return None;
    }
    memchr::memmem::find_iter(line, b" (")
        .filter(|at| *at >= 2 && line[at - 2] == b' ')
        .map(|at| at - 1)
        .find(|at| line.get(*at..).is_some_and(|rest| esp_idf(rest).is_some()))
}

/// `I (1234) tag: text` and `I (12:34:56.789) tag: text` of ESP-IDF's log library.
fn esp_idf(line: &[u8]) -> Option<(Stamp, &[u8], &[u8])> {
    let [b'E' | b'W' | b'I' | b'D' | b'V', b' ', b'(', rest @ ..] = line else {
        return None;
    };
    let close = rest.iter().take(20).position(|&b| b == b')')?;
    let stamp = if let Some((ms, b"")) = number(&rest[..close]) {
        Stamp {
            at: ms.checked_mul(1000)?,
            base: TimeBase::Uptime,
        }
    } else {
        let (at, after) = time_of_day(&rest[..close])?;
        if !after.is_empty() {
            return None;
        }
        Stamp {
            at,
            base: TimeBase::DayTime,
        }
    };
    let after = trim_start(&rest[close + 1..]);
    let colon = after.iter().take(48).position(|&b| b == b':')?;
    let text = after[colon + 1..]
        .strip_prefix(b" ")
        .unwrap_or(&after[colon + 1..]);
    Some((stamp, &after[..colon], text))
}

/// A time at the start of the line, with the rest behind it.
fn printed_time(line: &[u8]) -> Option<(Stamp, &[u8])> {
    match line.first()? {
        b'0'..=b'9' => bare_time(line).map(|(s, r)| (s, after_time(r))),
        b'[' => {
            let inner = trim_start(&line[1..]);
            if let Some(found) = arduino_ms(inner) {
                return Some(found);
            }
            if let Some((stamp, rest)) = bare_time(inner)
                .or_else(|| apache_time(inner))
                .or_else(|| boot_seconds(inner))
            {
                let rest = rest.strip_prefix(b"]")?;
                return Some((stamp, after_time(rest)));
            }
            None
        }
        _ => None,
    }
}

/// Arrows, commas and blanks that stand between a time and the text.
fn after_time(mut rest: &[u8]) -> &[u8] {
    rest = trim_start(rest);
    for sign in [&b"-> "[..], b">> ", b"> ", b", ", b"| "] {
        if let Some(r) = rest.strip_prefix(sign) {
            return trim_start(r);
        }
    }
    rest
}

/// `[  9390][E][` milliseconds since boot, as arduino-esp32 prints them.
fn arduino_ms(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (ms, rest) = number(line)?;
    let rest = rest.strip_prefix(b"]")?;
    let [b'[', b'A'..=b'Z', b']', b'[', ..] = rest else {
        return None;
    };
    Some((
        Stamp {
            at: ms.checked_mul(1000)?,
            base: TimeBase::Uptime,
        },
        rest,
    ))
}

/// `[   12.345678]` seconds since boot.
fn boot_seconds(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (seconds, rest) = number(line)?;
    let rest = rest.strip_prefix(b".")?;
    let (micros, rest) = fraction(rest)?;
    let at = seconds.checked_mul(SECOND)?.checked_add(micros)?;
    Some((
        Stamp {
            at,
            base: TimeBase::Uptime,
        },
        rest,
    ))
}

/// `Wed May 22 01:59:17.599721 2019` of Apache's error log, in the server's own time zone, which it
/// does not print: taken as UTC.
fn apache_time(line: &[u8]) -> Option<(Stamp, &[u8])> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let [a, b, c, b' ', month @ ..] = line else {
        return None;
    };
    if ![a, b, c].iter().all(|x| x.is_ascii_alphabetic()) {
        return None;
    }
    let name = month.get(..3)?;
    let month_at = MONTHS.chunks(3).position(|m| m == name)?;
    let (day, rest) = number(trim_start(month.get(3..)?))?;
    let (at, rest) = time_of_day(rest.strip_prefix(b" ")?)?;
    let (year, rest) = number(rest.strip_prefix(b" ")?)?;
    if !(1..=31).contains(&day) || !(1970..=2199).contains(&year) {
        return None;
    }
    let days = days_from_civil(year, i64::try_from(month_at).ok()? + 1, day);
    Some((
        Stamp {
            at: at + days * DAY,
            base: TimeBase::Unix,
        },
        rest,
    ))
}

/// Forms with a date or a time of day.
fn bare_time(line: &[u8]) -> Option<(Stamp, &[u8])> {
    // HH:MM:SS…
    if line.get(2) == Some(&b':') {
        let (at, rest) = time_of_day(line)?;
        return Some((
            Stamp {
                at,
                base: TimeBase::DayTime,
            },
            rest,
        ));
    }
    // MM/DD HH:MM:SS…
    if line.get(2) == Some(&b'/') && line.get(5) == Some(&b' ') {
        let (month, day) = (two(line, 0)?, two(line, 3)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let (at, rest) = time_of_day(line.get(6..)?)?;
        // Any non-leap year will do: only distances within one log count.
        let days = days_from_civil(1970, month, day);
        return Some((
            Stamp {
                at: at + days * DAY,
                base: TimeBase::MonthDay,
            },
            rest,
        ));
    }
    // MM-DD-YYYY HH:MM:SS… of XCTU, DD-MM-YYYY of others: only distances count here.
    if line.get(2) == Some(&b'-') && line.get(5) == Some(&b'-') && line.get(10) == Some(&b' ') {
        let (first, second) = (two(line, 0)?, two(line, 3)?);
        let (month, day) = if first > 12 {
            (second, first)
        } else {
            (first, second)
        };
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let (at, rest) = time_of_day(line.get(11..)?)?;
        return Some((
            Stamp {
                at: at + days_from_civil(1970, month, day) * DAY,
                base: TimeBase::MonthDay,
            },
            rest,
        ));
    }
    // YYYY-MM-DD HH:MM:SS… and with T, / or a zone.
    if matches!(line.get(4), Some(b'-' | b'/')) && matches!(line.get(7), Some(b'-' | b'/')) {
        let year = two(line, 0)? * 100 + two(line, 2)?;
        let (month, day) = (two(line, 5)?, two(line, 8)?);
        if !(1970..=2199).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day)
        {
            return None;
        }
        if !matches!(line.get(10), Some(b'T' | b' ' | b'_')) {
            return None;
        }
        let (at, mut rest) = time_of_day(line.get(11..)?)?;
        let mut at = at + days_from_civil(year, month, day) * DAY;
        if let Some(r) = rest.strip_prefix(b"Z") {
            rest = r;
        } else if let Some((offset, r)) = zone(rest) {
            at -= offset;
            rest = r;
        }
        return Some((
            Stamp {
                at,
                base: TimeBase::Unix,
            },
            rest,
        ));
    }
    None
}

/// `+01:00` or `-0530`.
fn zone(line: &[u8]) -> Option<(Micros, &[u8])> {
    let sign = match line.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(line, 1)?;
    let (minutes, used) = if line.get(3) == Some(&b':') {
        (two(line, 4)?, 6)
    } else {
        (two(line, 3)?, 5)
    };
    (hours <= 14 && minutes < 60).then(|| {
        (
            sign * (hours * HOUR + minutes * MINUTE),
            line.get(used..).unwrap_or(b""),
        )
    })
}

/// `HH:MM:SS`, then `.` or `,` and a fraction.
fn time_of_day(line: &[u8]) -> Option<(Micros, &[u8])> {
    let (h, m, s) = (two(line, 0)?, two(line, 3)?, two(line, 6)?);
    if line.get(2) != Some(&b':') || line.get(5) != Some(&b':') || h > 23 || m > 59 || s > 60 {
        return None;
    }
    let mut at = h * HOUR + m * MINUTE + s * SECOND;
    let mut rest = line.get(8..)?;
    if let [b'.' | b',', tail @ ..] = rest
        && let Some((micros, r)) = fraction(tail)
    {
        at += micros;
        rest = r;
        // Zephyr: milliseconds, a comma, microseconds.
        if tail.len() == r.len() + 3
            && line.get(8) == Some(&b'.')
            && let [b',', a, b, c, after @ ..] = r
            && [a, b, c].iter().all(|d| d.is_ascii_digit())
        {
            let digit = |d: &u8| i64::from(d - b'0');
            at += digit(a) * 100 + digit(b) * 10 + digit(c);
            rest = after;
        }
    }
    Some((at, rest))
}

/// Digits after a decimal point, as microseconds.
fn fraction(line: &[u8]) -> Option<(Micros, &[u8])> {
    let digits = line
        .iter()
        .take(9)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits == 0 {
        return None;
    }
    let micros = line[..digits]
        .iter()
        .chain(std::iter::repeat(&b'0'))
        .take(6);
    let value = micros.fold(0, |v, b| v * 10 + i64::from(b - b'0'));
    Some((value, &line[digits..]))
}

/// A whole number of at most 12 digits.
fn number(line: &[u8]) -> Option<(i64, &[u8])> {
    let digits = line
        .iter()
        .take(13)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if digits == 0 || digits > 12 {
        return None;
    }
    let value = line[..digits]
        .iter()
        .fold(0, |v, b| v * 10 + i64::from(b - b'0'));
    Some((value, &line[digits..]))
}

fn two(line: &[u8], at: usize) -> Option<i64> {
    let (a, b) = (line.get(at)?, line.get(at + 1)?);
    (a.is_ascii_digit() && b.is_ascii_digit())
        .then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
}

/// Days from 1970-01-01 of a date of the Gregorian calendar.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `2026-08-01 00:00:00` (as certificates are printed), microseconds since 1970 UTC.
#[must_use]
pub fn date_time(text: &[u8]) -> Option<Micros> {
    match bare_time(text) {
        Some((
            Stamp {
                at,
                base: TimeBase::Unix,
            },
            _,
        )) => Some(at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, at: i64, base: TimeBase, rest: &str) {
        let got = strip(line.as_bytes());
        assert_eq!(got.stamp, Some(Stamp { at, base }), "{line}");
        assert_eq!(std::str::from_utf8(got.rest).unwrap(), rest, "{line}");
    }

    #[test]
    fn times_of_consoles_and_frameworks() {
        check(
            "01:02:03.004 x: y",
            3_723_004_000,
            TimeBase::DayTime,
            "x: y",
        );
        check("[01:02:03] x", 3_723_000_000, TimeBase::DayTime, "x");
        check("01:02:03.004 -> x", 3_723_004_000, TimeBase::DayTime, "x");
        check(
            "02/01 00:00:01.5 I tag",
            31 * DAY + 1_500_000,
            TimeBase::MonthDay,
            "I tag",
        );
        check(
            "1970-01-02T00:00:00.25Z x",
            DAY + 250_000,
            TimeBase::Unix,
            "x",
        );
        check("1970-01-02 01:00:00+01:00 x", DAY, TimeBase::Unix, "x");
        check(
            "[Fri Jan 02 00:00:01.500000 1970] [ssl:info] x",
            DAY + 1_500_000,
            TimeBase::Unix,
            "[ssl:info] x",
        );
        check("[   12.345678] x", 12_345_678, TimeBase::Uptime, "x");
        check(
            "I (1234) mbedtls: ssl_tls.c:1 => handshake",
            1_234_000,
            TimeBase::Uptime,
            "ssl_tls.c:1 => handshake",
        );
        check(
            "\x1b[0;32mI (5) tls: up\x1b[0m",
            5_000,
            TimeBase::Uptime,
            "up\x1b[0m",
        );
        check(
            "2026-11-21 10:00:00 I (7) a: b",
            7_000,
            TimeBase::Uptime,
            "b",
        );
    }

    #[test]
    fn lines_without_a_time_stay_whole() {
        for line in [
            "ssl_cli.c:3510: client state: 12",
            "12 bytes",
            "1:2:3 x",
            "[tag] text",
            "",
            "99:99:99 x",
            "I (a) b",
        ] {
            let got = strip(line.as_bytes());
            assert_eq!(got.stamp, None, "{line}");
            assert_eq!(got.rest, line.as_bytes());
        }
    }

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(
            date_time(b"2000-03-01 00:00:00"),
            Some(951_868_800 * SECOND)
        );
        assert_eq!(
            date_time(b"2026-08-01 00:00:00"),
            Some(1_785_542_400 * SECOND)
        );
        assert_eq!(date_time(b"0000-00-00 00:00:00"), None);
    }
}
