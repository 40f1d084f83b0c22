//! The options that are on, each with its place, after all files were put on top of each other.
//!
//! In: files of any form and the generation. Out: [`Macros`] by the library's own names.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::generation::{Generation, known_options};
use super::psa;
use crate::device::config::{ConfigReading, Define, number};

const KCONFIG: &str = include_str!("../../../assets/config/kconfig.toml");

/// Options by name without `MBEDTLS_`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Macros {
    on: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    value: String,
    /// File and line; `None` for what the library or the menu system sets by itself.
    place: Option<(String, u32)>,
    /// The symbol of the PSA configuration that it stands for.
    symbol: Option<String>,
}

impl Macros {
    /// Is this option defined, whatever its value?
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.on.contains_key(name)
    }

    /// Its value, where it has one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.on.get(name)?.value.as_str();
        (!value.is_empty()).then_some(value)
    }

    /// Its value as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        u64::try_from(number(self.value(name)?)?).ok()
    }

    /// The line that sets it.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<u32> {
        self.on.get(name)?.place.as_ref().map(|(_, line)| *line)
    }

    /// Option and place, for people.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        let entry = self.on.get(name);
        let shown = match entry.and_then(|e| e.symbol.as_ref()) {
            Some(symbol) => symbol.clone(),
            None => format!("MBEDTLS_{name}"),
        };
        match entry.map(|e| &e.place) {
            Some(Some((file, line))) => format!("{shown}, line {line} of {file}"),
            Some(None) => format!("{shown}, on by default"),
            None => format!("MBEDTLS_{name} is not defined"),
        }
    }

    fn put(&mut self, name: &str, value: &str, place: Option<(String, u32)>) {
        let value = value.to_owned();
        let entry = Entry {
            value,
            place,
            symbol: None,
        };
        self.on.insert(name.to_owned(), entry);
    }

    /// Turns an option on because a symbol of the PSA configuration stands for it.
    pub(super) fn stand_in(&mut self, name: &str, symbol: &str) {
        let place = self.on.get(symbol).and_then(|e| e.place.clone());
        let entry = Entry {
            value: String::new(),
            place,
            symbol: Some(symbol.to_owned()),
        };
        self.on.insert(name.to_owned(), entry);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KconfigFile {
    system: Vec<System>,
}

/// A menu system and what it does to the library.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    id: String,
    #[allow(dead_code)] // for readers of the table
    name: String,
    #[allow(dead_code)] // for readers of the table
    source: String,
    from_stock: bool,
    off: Vec<String>,
    on: Vec<String>,
    #[serde(default)]
    switches: String,
    numbers: BTreeMap<String, u64>,
    symbols: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    follows: toml::Table,
}

fn system(id: &str) -> Option<&'static System> {
    static FILE: OnceLock<Vec<System>> = OnceLock::new();
    FILE.get_or_init(|| {
        toml::from_str::<KconfigFile>(KCONFIG)
            .map(|f| f.system)
            .unwrap_or_default()
    })
    .iter()
    .find(|s| s.id == id)
}

pub(super) fn of_files(files: &[ConfigReading], generation: &Generation) -> Macros {
    let mut macros = Macros::default();
    let menu = files.iter().find_map(|f| system(f.system?));
    // A file that configures no whole library sits on top of the stock configuration.
    let whole = files.iter().any(|f| f.complete);
    if menu.map_or(!whole, |m| m.from_stock) {
        for name in &generation.stock {
            macros.put(name, "", None);
        }
    }
    if !files.iter().any(psa::chooses_cryptography) {
        for name in &generation.stock_crypto {
            macros.put(name, "", None);
        }
    }
    if let Some(menu) = menu {
        for name in &menu.off {
            macros.on.remove(name);
        }
        for name in &menu.on {
            macros.put(name, "", None);
        }
        // A generated header says by leaving a symbol out that it is off.
        if files.iter().any(|f| f.generated) {
            for name in menu.switches.split_whitespace() {
                macros.on.remove(name);
            }
        }
        for (name, value) in &menu.numbers {
            macros.put(name, &value.to_string(), None);
        }
    }
    for file in files {
        for define in &file.defines {
            for name in options(define, file, menu) {
                if psa::is_replaced(&name, generation) {
                    continue;
                }
                let place = Some((file.name.clone(), define.line));
                macros.put(&name, &define.value, place);
            }
        }
        for undefined in &file.undefined {
            for name in options(undefined, file, menu) {
                macros.on.remove(&name);
            }
        }
    }
    if let Some(menu) = menu {
        follow(&mut macros, menu);
    }
    // In 3.x the symbols count where the library is told to look at them.
    if generation.is_4() || macros.is_on("PSA_CRYPTO_CONFIG") {
        psa::apply(&mut macros);
    }
    macros
}

/// The library's options that a line sets.
fn options(define: &Define, file: &ConfigReading, menu: Option<&System>) -> Vec<String> {
    if define.name.starts_with(psa::WANT) {
        return vec![define.name.clone()];
    }
    let Some(name) = define.name.strip_prefix("MBEDTLS_") else {
        return Vec::new();
    };
    let Some(menu) = menu.filter(|_| file.sdkconfig) else {
        return vec![name.to_owned()];
    };
    if let Some(set) = menu.symbols.get(name) {
        return set.clone();
    }
    let known = known_options();
    ["", "_C", "_ENABLED"]
        .iter()
        .map(|ending| format!("{name}{ending}"))
        .find(|option| known.contains(option))
        .or_else(|| (!define.value.is_empty()).then(|| name.to_owned()))
        .into_iter()
        .collect()
}

/// Options that the menu system turns on with others. The table is in order, but later rows can serve
/// earlier ones: it is gone through until nothing changes.
fn follow(macros: &mut Macros, menu: &System) {
    for _ in 0..menu.follows.len() {
        let mut changed = false;
        for (name, needs) in &menu.follows {
            let trigger = needs
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(toml::Value::as_str)
                .find(|n| macros.is_on(n));
            if let Some(trigger) = trigger.filter(|_| !macros.is_on(name)) {
                let place = macros.on.get(trigger).and_then(|e| e.place.clone());
                macros.put(name, "", place);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_systems_are_read() {
        let file: KconfigFile = toml::from_str(KCONFIG).unwrap();
        assert_eq!(file.system.len(), 2);
        assert!(
            file.system
                .iter()
                .all(|s| !s.source.is_empty() && !s.name.is_empty())
        );
    }
}
