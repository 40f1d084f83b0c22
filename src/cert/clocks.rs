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
        let table: Table = toml::from_str(TABLE).unwrap_or_default();
        let mut out: Vec<Clock> = table
            .clocks
            .into_iter()
            .filter_map(|c| {
                let at = OffsetDateTime::parse(&c.at, &Rfc3339).ok()?;
                Some(Clock {
                    id: c.id,
                    name: c.name,
                    unix_s: at.unix_timestamp(),
                    says: c.says,
                    source: c.source,
                })
            })
            .collect();
        out.sort_by_key(|c| c.unix_s);
        out
    })
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
