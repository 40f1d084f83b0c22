//! Which dialects an input was read as, why, and which can be chosen instead.
//!
//! In: claims of lines. Out: counts with the first line of each, and the names that people know
//! (`assets/dialects/names.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

use super::devices;
use crate::evidence::Reading;

const NAMES: &str = include_str!("../../assets/dialects/names.toml");

/// A dialect that can be chosen.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct DialectName {
    /// As in `stack.family` and in the list of dialects.
    pub id: String,
    /// As people know it.
    pub title: String,
    /// Mbed TLS works inside; its own trace may stand in the same log.
    #[serde(default)]
    pub mbedtls_inside: bool,
    /// The words of a server, not of the device.
    #[serde(default)]
    pub peer: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Vec<DialectName>,
}

/// The dialects that can be chosen, in the order to offer them.
#[must_use]
pub fn dialect_names() -> &'static [DialectName] {
    static NAMES_READ: OnceLock<Vec<DialectName>> = OnceLock::new();
    NAMES_READ.get_or_init(|| toml::from_str::<File>(NAMES).map_or_else(|_| Vec::new(), |f| f.name))
}

/// The dialect of this name, in any letter case.
#[must_use]
pub fn dialect_name(id: &str) -> Option<&'static DialectName> {
    dialect_names()
        .iter()
        .find(|n| n.id.eq_ignore_ascii_case(id.trim()))
}

/// Faults of the list, one sentence each.
pub(super) fn check() -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(e) = toml::from_str::<File>(NAMES) {
        faults.push(format!("dialects/names.toml: {e}"));
    }
    let of_lines = super::dialect::all();
    let known = devices::names()
        .map(|(name, _)| name)
        .chain(of_lines.iter().map(|d| d.name()));
    for name in known {
        let fault = format!("dialects/names.toml: {name} has no title");
        if dialect_name(name).is_none() && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

/// Lines claimed so far.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// A few at most: the one that claimed last is found at once.
    by: Vec<(&'static str, Claimed)>,
    last: usize,
}

#[derive(Debug, Default)]
struct Claimed {
    lines: u64,
    first: u32,
    last: u32,
    /// A device's own stack by its pattern file.
    device: bool,
}

impl Readings {
    /// This line is one of that dialect.
    pub(super) fn claim(&mut self, dialect: &'static str, line: u32, device: bool) {
        if self
            .by
            .get(self.last)
            .is_none_or(|(name, _)| *name != dialect)
        {
            let known = self.by.iter().position(|(name, _)| *name == dialect);
            self.last = known.unwrap_or_else(|| {
                let claimed = Claimed {
                    first: line,
                    ..Claimed::default()
                };
                self.by.push((dialect, claimed));
                self.by.len() - 1
            });
        }
        if let Some((_, claimed)) = self.by.get_mut(self.last) {
            // A line that two rules of a dialect read is one line.
            if claimed.lines == 0 || claimed.last != line {
                claimed.lines += 1;
                claimed.last = line;
            }
            claimed.device |= device;
        }
    }

    /// Lines of a dialect.
    pub(super) fn lines(&self, dialect: &str) -> u64 {
        let known = self.by.iter().find(|(name, _)| *name == dialect);
        known.map_or(0, |(_, claimed)| claimed.lines)
    }

    /// The stack of a device with most lines; of two with as many, the one whose name comes last.
    pub(super) fn device(&self) -> Option<&'static str> {
        let of_devices = self.by.iter().filter(|(_, c)| c.device);
        of_devices
            .max_by_key(|(name, c)| (c.lines, *name))
            .map(|(name, _)| *name)
    }

    /// All dialects, the one with most lines first.
    pub(super) fn all(&self) -> Vec<Reading> {
        let mut all: Vec<Reading> = self
            .by
            .iter()
            .map(|(name, c)| Reading {
                dialect: (*name).to_owned(),
                title: dialect_name(name).map_or_else(|| (*name).to_owned(), |n| n.title.clone()),
                lines: c.lines,
                first_line: c.first,
            })
            .collect();
        all.sort_by(|a, b| {
            b.lines
                .cmp(&a.lines)
                .then_with(|| a.dialect.cmp(&b.dialect))
        });
        all
    }
}
