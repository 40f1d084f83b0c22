//! Figures, times and hostile text as people read them.
//!
//! In: numbers and texts of the session. Out: strings. Knows no colours and no places.

use std::fmt::Write as _;

use crate::evidence::{Micros, TimeBase};

/// `3813` as `3,813`; the comma stands from four digits on.
#[must_use]
pub fn grouped(n: u64) -> String {
    crate::evidence::grouped(n)
}

/// A number of bytes: grouped below ten million, in MB above.
#[must_use]
pub fn bytes(n: u64) -> String {
    if n < 10_000_000 {
        let unit = if n == 1 { "byte" } else { "bytes" };
        return format!("{} {unit}", grouped(n));
    }
    let tenths = n / 100_000;
    format!("{}.{} MB", grouped(tenths / 10), tenths % 10)
}

/// `1 line`, `47 lines`.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A duration: `8 ms`, `515 ms`, `1.4 s`, `60 s`, `12 min 5 s`, `3 h 4 min`.
#[must_use]
pub fn duration_ms(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < 1_000 {
        format!("{ms} ms")
    } else if ms < 10_000 {
        let tenths = (ms + 50) / 100;
        if tenths % 10 == 0 {
            format!("{} s", tenths / 10)
        } else {
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    } else if ms < 120_000 {
        format!("{} s", ms / 1_000)
    } else if ms < 7_200_000 {
        let s = ms / 1_000;
        match s % 60 {
            0 => format!("{} min", s / 60),
            rest => format!("{} min {rest} s", s / 60),
        }
    } else {
        let min = ms / 60_000;
        format!("{} h {} min", min / 60, min % 60)
    }
}

/// Time on an input's axis: `07:54:19.420`, or `+12.345` since the start.
#[must_use]
pub fn time(at: Micros, base: TimeBase) -> String {
    if base == TimeBase::Uptime {
        let ms = at / 1_000;
        return format!("+{}.{:03}", ms / 1_000, ms.rem_euclid(1_000));
    }
    let day = at.rem_euclid(86_400_000_000);
    let ms = day / 1_000;
    let (s, ms) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02}.{ms:03}", s / 3_600, s / 60 % 60, s % 60)
}

/// The same without milliseconds.
#[must_use]
pub fn time_short(at: Micros, base: TimeBase) -> String {
    let mut text = time(at, base);
    if let Some(dot) = text.rfind('.') {
        text.truncate(dot);
    }
    text
}

/// A day: `2026-11-21`, from microseconds since 1970 UTC; the proleptic Gregorian calendar.
#[must_use]
pub fn date(at: Micros) -> String {
    let days = at.div_euclid(86_400_000_000);
    // Days since 0000-03-01, so that a leap day ends its year (Hinnant, days_from_civil).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Keeps both ends: `prax47.…windows.net`; `max` is a number of characters, at least 3.
#[must_use]
pub fn middle(text: &str, max: usize) -> String {
    let count = text.chars().count();
    if count <= max {
        return text.to_owned();
    }
    let keep = max.max(3) - 1;
    let head = keep / 2;
    let tail = keep - head;
    let mut out: String = text.chars().take(head).collect();
    out.push('…');
    out.extend(text.chars().skip(count - tail));
    out
}

/// What tells a name from its neighbours: `device-landline.log` beside `device-satellite.log` is
/// `…landline.log`. The whole name where they share no word in front.
#[must_use]
pub fn own_part<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> String {
    let shared = |other: &str| -> usize {
        let same = name.char_indices().zip(other.chars());
        same.take_while(|((_, a), b)| a == b)
            .map(|((at, a), _)| at + a.len_utf8())
            .last()
            .unwrap_or(0)
    };
    let begin = all.filter(|other| *other != name).map(shared).min();
    let common = begin.and_then(|n| name.get(..n)).unwrap_or("");
    let words = common.rfind(['-', '_', ' ', '.', '/']).map(|at| at + 1);
    match words.and_then(|at| name.get(at..)) {
        Some(rest) if !rest.is_empty() => format!("\u{2026}{rest}"),
        _ => name.to_owned(),
    }
}

/// Control characters and direction marks made visible, never obeyed: `\u{1b}` becomes `‹ESC›`.
#[must_use]
pub fn visible(text: &str) -> String {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF",
        "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM",
        "SUB", "ESC", "FS", "GS", "RS", "US",
    ];
    if !text.chars().any(hidden) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !hidden(c) {
            out.push(c);
        } else if let Some(name) = NAMES.get(c as usize) {
            out.push('‹');
            out.push_str(name);
            out.push('›');
        } else {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        }
    }
    out
}

/// Does the character steer a terminal or the direction of text instead of showing something?
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The parts that are not empty, with ` · ` between them.
#[must_use]
pub fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().filter(|p| !p.is_empty()).copied().collect();
    parts.join(" · ")
}

/// First letter in upper case.
#[must_use]
pub fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(c) => c.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_part_of_a_name() {
        let all = ["device-landline.log", "device-satellite.log"];
        let own = |name: &str| own_part(name, all.iter().copied());
        assert_eq!(own(all[0]), "\u{2026}landline.log");
        assert_eq!(own(all[1]), "\u{2026}satellite.log");
        assert_eq!(own("server.log"), "server.log");
        let one = ["device.log"];
        assert_eq!(own_part("device.log", one.into_iter()), "device.log");
    }

    #[test]
    fn figures() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(3_813), "3,813");
        assert_eq!(grouped(1_048_576), "1,048,576");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(9_999_999), "9,999,999 bytes");
        assert_eq!(bytes(62_340_000), "62.3 MB");
    }

    #[test]
    fn durations() {
        let shown: Vec<String> = [8, 515, 1_400, 2_000, 60_000, 725_000, 120_000, 11_040_000]
            .map(duration_ms)
            .into();
        assert_eq!(
            shown,
            [
                "8 ms",
                "515 ms",
                "1.4 s",
                "2 s",
                "60 s",
                "12 min 5 s",
                "2 min",
                "3 h 4 min"
            ]
        );
    }

    #[test]
    fn times_and_days() {
        let at = ((7 * 3_600 + 54 * 60 + 19) * 1_000 + 420) * 1_000;
        assert_eq!(time(at, TimeBase::DayTime), "07:54:19.420");
        assert_eq!(time_short(at, TimeBase::DayTime), "07:54:19");
        assert_eq!(time(12_345_000, TimeBase::Uptime), "+12.345");
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_709_164_800_000_000), "2024-02-29");
        assert_eq!(date(-86_400_000_000), "1969-12-31");
    }

    #[test]
    fn long_and_hostile_text() {
        assert_eq!(middle("abcdef", 6), "abcdef");
        assert_eq!(middle("prax47.table.core.windows.net", 12), "prax4…ws.net");
        assert_eq!(visible("a\u{1b}[0m\u{202e}b\0"), "a‹ESC›[0m‹U+202E›b‹NUL›");
    }
}
