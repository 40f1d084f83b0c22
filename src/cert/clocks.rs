//! Clocks that a device may have instead of the right time: `assets/clocks.toml`.

use std::sync::OnceLock;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const TABLE: &str = include_str!("../../assets/clocks.toml");

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Its id.
    pub id: String,
    /// A few words.
    pub name: String,
    /// What it reads, seconds since 1970 UTC.
    pub unix_s: i64,
    /// What that means.
    pub says: String,
    /// Where it is documented.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    at: String,
    says: String,
    source: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, rename = "clock")]
    clocks: Vec<Entry>,
}

/// All of them, earliest first.
#[must_use]
pub fn clocks() -> &'static [Clock] {
    static READ: OnceLock<Vec<Clock>> = OnceLock::new();
    READ.get_or_init(|| {
        let (mut out, _) = clocks_of(TABLE);
        out.sort_by_key(|c| c.unix_s);
        out
    })
}

/// Clocks from the text of a `clocks.toml`, and what is wrong with it.
pub(super) fn clocks_of(text: &str) -> (Vec<Clock>, Vec<String>) {
    let mut problems = Vec::new();
    let table: Table = toml::from_str(text).unwrap_or_else(|e| {
        problems.push(format!("clocks.toml cannot be read: {}", e.message()));
        Table::default()
    });
    let mut out = Vec::new();
    for entry in table.clocks {
        match OffsetDateTime::parse(&entry.at, &Rfc3339) {
            Ok(at) => out.push(Clock {
                id: entry.id,
                name: entry.name,
                unix_s: at.unix_timestamp(),
                says: entry.says,
                source: entry.source,
            }),
            Err(_) => problems.push(format!(
                "The time of the clock {} is none. Write it as 2019-06-04T07:54:18Z.",
                entry.id
            )),
        }
    }
    (out, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::END_OF_32_BIT_TIME;

    #[test]
    fn the_table_is_read_whole() {
        let entries = TABLE.matches("[[clock]]").count();
        assert_eq!(clocks().len(), entries);
        assert!(clocks().iter().all(|c| !c.source.is_empty()));
        assert_eq!(clocks()[0].unix_s, 0);
        assert!(clocks().iter().any(|c| c.unix_s == END_OF_32_BIT_TIME));
    }
}
