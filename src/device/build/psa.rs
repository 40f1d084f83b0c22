//! The PSA configuration: which of the library's options its `PSA_WANT_…` symbols stand for.
//!
//! In: symbols that are wanted, `assets/config/psa.toml`. Out: options by the library's own names, so
//! that what follows knows one vocabulary for all generations.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::generation::Generation;
use super::macros::Macros;
use crate::device::config::ConfigReading;

const FILE: &str = include_str!("../../../assets/config/psa.toml");

/// What its symbols begin with.
pub(super) const WANT: &str = "PSA_WANT_";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code)] // for readers of the table
    source: String,
    gone: String,
    gone_sentence: String,
    instead_sentence: String,
    gone_source: String,
    /// Option → symbols, each entry one way to get it.
    options: BTreeMap<String, Vec<String>>,
}

fn file() -> &'static File {
    static READ: OnceLock<File> = OnceLock::new();
    READ.get_or_init(|| toml::from_str(FILE).unwrap_or_default())
}

/// Does the file choose the cryptography of a TLS stack: a hash, and a kind of key?
pub(super) fn chooses_cryptography(config: &ConfigReading) -> bool {
    let wants = |start: &str| {
        let mut symbols = config.defines.iter().map(|d| d.name.as_str());
        symbols.any(|name| {
            name.strip_prefix(WANT)
                .is_some_and(|s| s.starts_with(start))
        })
    };
    wants("ALG_SHA_") && wants("KEY_TYPE_")
}

/// Is this option decided by symbols, or gone, in this generation?
pub(super) fn is_replaced(option: &str, generation: &Generation) -> bool {
    generation.is_4() && (file().options.contains_key(option) || is_gone(option))
}

fn is_gone(option: &str) -> bool {
    file().gone.split_whitespace().any(|o| o == option)
}

/// Why an option of a file decides nothing in 4.x, and the source of that; `None` where it does.
pub(crate) fn says_nothing(option: &str) -> Option<(String, &'static str)> {
    let macro_name = format!("MBEDTLS_{option}");
    let file = file();
    if is_gone(option) {
        let sentence = file.gone_sentence.replace("{macro}", &macro_name);
        return Some((sentence, &file.gone_source));
    }
    let ways = file.options.get(option)?;
    let symbols: Vec<String> = ways
        .iter()
        .map(|way| {
            let all = way.split_whitespace().map(|s| format!("{WANT}{s}"));
            all.collect::<Vec<_>>().join(" with ")
        })
        .collect();
    let sentence = file
        .instead_sentence
        .replace("{macro}", &macro_name)
        .replace("{symbols}", &symbols.join(" or "));
    Some((sentence, &file.gone_source))
}

/// Turns on what the wanted symbols stand for.
pub(super) fn apply(macros: &mut Macros) {
    for (option, ways) in &file().options {
        let way = ways.iter().find(|way| {
            let mut all = way.split_whitespace();
            all.all(|symbol| macros.is_on(&format!("{WANT}{symbol}")))
        });
        let symbol = way.and_then(|way| way.split_whitespace().next());
        if let Some(symbol) = symbol.filter(|_| !macros.is_on(option)) {
            macros.stand_in(option, &format!("{WANT}{symbol}"));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::generation::{generations, known_options};
    use super::*;

    #[test]
    fn the_table_speaks_of_options_and_symbols_that_there_are() {
        let file: File = toml::from_str(FILE).unwrap();
        assert!(!file.source.is_empty() && file.gone_sentence.contains("{macro}"));
        let stock = &generations().last().unwrap().stock_crypto;
        for (option, ways) in &file.options {
            assert!(known_options().contains(option), "{option}");
            for symbol in ways.iter().flat_map(|w| w.split_whitespace()) {
                assert!(stock.contains(&format!("{WANT}{symbol}")), "{symbol}");
            }
        }
        for option in file.gone.split_whitespace() {
            assert!(!file.options.contains_key(option), "{option}");
        }
    }
}
