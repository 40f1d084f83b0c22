//! Version, serial number and dates.

use super::{Check, Hit, when};
use crate::cert::certificate::Moment;
use crate::cert::tlv::tag;
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.version", version),
    ("cert.v1_with_extensions", v1_with_extensions),
    ("cert.version_old", version_old),
    ("cert.serial_negative", |v| {
        when(v.serial.first().is_some_and(|b| b & 0x80 != 0))
    }),
    ("cert.serial_zero", |v| {
        when(!v.serial.is_empty() && v.serial.iter().all(|b| *b == 0))
    }),
    ("cert.serial_long", |v| {
        when(v.serial.len() > 20).map(|h| h.with("bytes", v.serial.len().to_string()))
    }),
    ("cert.unique_id", |v| when(v.unique_id)),
    ("cert.date_over_2038", over_2038),
    ("cert.date_generalized_early", generalized_early),
    ("cert.date_generalized", generalized),
    ("cert.date_form", form),
    ("cert.dates_reversed", reversed),
    ("cert.validity_825", |v| validity(v, 825, 1_519_862_400)),
    ("cert.validity_398", |v| {
        if validity(v, 825, 1_519_862_400).is_some() {
            None
        } else {
            validity(v, 398, 1_598_918_400)
        }
    }),
];

const DAY: i64 = 86_400;
/// 2050-01-01T00:00:00Z.
const YEAR_2050: i64 = 2_524_608_000;

fn version(v: &View<'_>) -> Option<Hit> {
    let version = v.c.version.filter(|n| !(1..=3).contains(n))?;
    Some(Hit::default().with("version", version.to_string()))
}

fn v1_with_extensions(v: &View<'_>) -> Option<Hit> {
    let version = v.c.version.filter(|n| *n < 3)?;
    when(!v.c.extensions.list.is_empty()).map(|h| h.with("version", version.to_string()))
}

fn version_old(v: &View<'_>) -> Option<Hit> {
    let version = v.c.version.filter(|n| *n < 3)?;
    Some(Hit::default().with("version", version.to_string()))
}

fn over_2038(v: &View<'_>) -> Option<Hit> {
    let end = v.c.not_after.filter(|_| v.c.ends_after_2038())?;
    Some(Hit::default().with("wrapped", end.as_32_bit().to_string()))
}

fn moments<'a>(
    v: &'a View<'_>,
) -> impl Iterator<Item = (&'static str, Option<Moment>, usize)> + 'a {
    [
        ("notBefore", v.c.not_before, v.dates[0]),
        ("notAfter", v.c.not_after, v.dates[1]),
    ]
    .into_iter()
    .map(|(field, moment, place)| (field, moment, place.map_or(0, |p| p.start)))
}

fn generalized_early(v: &View<'_>) -> Option<Hit> {
    moments(v)
        .find(|(_, m, _)| m.is_some_and(|m| m.generalized && m.unix_s < YEAR_2050))
        .map(|(field, _, at)| Hit::default().with("field", field).at(at))
}

fn generalized(v: &View<'_>) -> Option<Hit> {
    let end =
        v.c.not_after
            .filter(|m| m.generalized && m.unix_s >= YEAR_2050)?;
    let place = v.dates[1]?;
    let year = String::from_utf8_lossy(v.value(&place).get(..4)?).into_owned();
    let _ = end;
    Some(Hit::default().with("year", year).at(place.start))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, digits but for the end.
fn form(v: &View<'_>) -> Option<Hit> {
    ["notBefore", "notAfter"]
        .into_iter()
        .zip(v.dates)
        .filter_map(|(field, place)| Some((field, place?)))
        .find(|(_, place)| {
            let digits = match place.tag {
                tag::UTC_TIME => 12,
                tag::GENERALIZED_TIME => 14,
                _ => return true,
            };
            let text = v.value(place);
            text.len() != digits + 1
                || text.last() != Some(&b'Z')
                || !text.iter().take(digits).all(u8::is_ascii_digit)
        })
        .map(|(field, place)| {
            Hit::default()
                .with("field", field)
                .with(
                    "text",
                    v.value(&place)
                        .iter()
                        .take(40)
                        .flat_map(|b| char::from(*b).escape_default())
                        .collect::<String>(),
                )
                .at(place.start)
        })
}

fn reversed(v: &View<'_>) -> Option<Hit> {
    let (from, until) = (v.c.not_before?, v.c.not_after?);
    when(until.unix_s < from.unix_s)
}

/// Both ends belong to the validity (RFC 5280 section 4.1.2.5).
fn validity(v: &View<'_>, most_days: i64, since: i64) -> Option<Hit> {
    let (from, until) = (v.c.not_before?, v.c.not_after?);
    let seconds = until.unix_s.checked_sub(from.unix_s)?.checked_add(1)?;
    let days = seconds.div_euclid(DAY) + i64::from(seconds.rem_euclid(DAY) != 0);
    when(v.server() && from.unix_s >= since && seconds > most_days * DAY)
        .map(|h| h.with("days", days.to_string()))
}
