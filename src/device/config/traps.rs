//! The traps of a configuration: settings that do something else than they seem to, or that cost a
//! week when nobody knows them.
//!
//! In: a [`ConfigReading`]. Out: [`Trap`]s with macro and line. What is a trap stands in
//! `assets/config/traps.toml`; what the library's own check asks for in `check.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::ConfigReading;
use crate::device::build::{Build, checks, only_in, says_nothing};

const FILE: &str = include_str!("../../../assets/config/traps.toml");

/// A setting that does something else than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Id such as `config.zero_means_on`.
    pub id: &'static str,
    /// The macro.
    pub name: String,
    /// Line of the file, counted from 1; 0 for a macro that is missing.
    pub line: u32,
    /// One sentence.
    pub sentence: String,
    /// Where the library or its documents say so.
    pub source: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Endings of options that are numbers; all others are tested with `#if defined`.
    number_endings: Vec<String>,
    zero_sentence: String,
    zero_source: String,
    check_sentence: String,
    other_generation_sentence: String,
    other_generation_source: String,
    trap: Vec<Entry>,
    symbol: Vec<Symbol>,
}

/// A symbol of a menu system that is a trap by itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Symbol {
    id: String,
    /// `esp-idf` or `zephyr`.
    system: String,
    /// The symbol without `CONFIG_`.
    #[serde(rename = "symbol")]
    name: String,
    /// It is on, or the file says that it is not set.
    set: bool,
    sentence: String,
    source: String,
}

/// A trap and when it is one. All conditions that are given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    /// The option that is named, without `MBEDTLS_`.
    option: String,
    /// All of these are on.
    #[serde(default)]
    on: Vec<String>,
    /// One of these is on.
    #[serde(default)]
    one_on: Vec<String>,
    /// None of these is on.
    #[serde(default)]
    off: Vec<String>,
    /// The option's number is below this.
    #[serde(default)]
    below: Option<u64>,
    /// `2` or `3`.
    #[serde(default)]
    generation: Option<String>,
    /// One sentence; `{n}` is the option's number.
    sentence: String,
    source: String,
}

fn file() -> &'static File {
    static FILE_READ: OnceLock<File> = OnceLock::new();
    FILE_READ.get_or_init(|| {
        toml::from_str(FILE).unwrap_or(File {
            number_endings: Vec::new(),
            zero_sentence: String::new(),
            zero_source: String::new(),
            check_sentence: String::new(),
            other_generation_sentence: String::new(),
            other_generation_source: String::new(),
            trap: Vec::new(),
            symbol: Vec::new(),
        })
    })
}

/// Is this option a number, so that 0 is a value and not "on"?
fn is_number(name: &str) -> bool {
    file().number_endings.iter().any(|e| name.ends_with(e))
        || name.contains("_PLATFORM_STD_")
        || name.contains("_MACRO")
}

pub(super) fn traps(config: &ConfigReading) -> Vec<Trap> {
    let mut out = zero_means_on(config);
    if !config.is_about_mbedtls() || !(config.complete || config.sdkconfig) {
        return out;
    }
    let build = Build::of(std::slice::from_ref(config), None);
    out.extend(listed(config, &build));
    out.extend(symbols(config));
    if config.complete {
        out.extend(other_generation(config, &build));
        out.extend(will_not_build(config, &build));
    }
    out
}

fn listed(config: &ConfigReading, build: &Build) -> Vec<Trap> {
    let on = |name: &String| build.macros.is_on(name);
    let mine = file().trap.iter().filter(|trap| {
        let generation = trap
            .generation
            .as_ref()
            .is_none_or(|g| build.generation.id.starts_with(g.as_str()));
        let number = build.macros.number(&trap.option);
        generation
            && trap.on.iter().all(on)
            && (trap.one_on.is_empty() || trap.one_on.iter().any(on))
            && !trap.off.iter().any(on)
            && trap.below.is_none_or(|most| number.is_some_and(|n| n < most))
            // A menu file tells only what it sets: what it leaves out is no trap of the file.
            && (config.complete || trap.off.is_empty() || says(config, &trap.option))
    });
    mine.map(|trap| {
        let number = build.macros.number(&trap.option);
        Trap {
            id: &trap.id,
            name: format!("MBEDTLS_{}", trap.option),
            line: build.macros.line(&trap.option).unwrap_or(0),
            sentence: trap.sentence.replace(
                "{n}",
                &number.map_or_else(String::new, crate::evidence::grouped),
            ),
            source: &trap.source,
        }
    })
    .collect()
}

/// What symbols of the menu system say by themselves.
fn symbols(config: &ConfigReading) -> impl Iterator<Item = Trap> + '_ {
    let mine = file()
        .symbol
        .iter()
        .filter(|s| config.system == Some(s.system.as_str()));
    mine.filter_map(|symbol| {
        let lines = if symbol.set {
            &config.defines
        } else {
            &config.undefined
        };
        let said = lines.iter().find(|d| d.name == symbol.name)?;
        Some(Trap {
            id: &symbol.id,
            name: format!("CONFIG_{}", symbol.name),
            line: said.line,
            sentence: symbol.sentence.clone(),
            source: &symbol.source,
        })
    })
}

/// Does a menu file say that this option is off?
fn says(config: &ConfigReading, option: &str) -> bool {
    config.undefined.iter().any(|d| {
        d.name.strip_prefix("MBEDTLS_").is_some_and(|name| {
            option == name || option.strip_prefix(name).is_some_and(|end| end == "_C")
        })
    })
}

fn zero_means_on(config: &ConfigReading) -> Vec<Trap> {
    if config.sdkconfig {
        return Vec::new();
    }
    config
        .defines
        .iter()
        .filter(|d| d.name.starts_with("MBEDTLS_") && d.value == "0" && !is_number(&d.name))
        .map(|d| Trap {
            id: "config.zero_means_on",
            name: d.name.clone(),
            line: d.line,
            sentence: file().zero_sentence.replace("{macro}", &d.name),
            source: &file().zero_source,
        })
        .collect()
}

/// Options of the other generation, which do nothing here. An options file of one generation often
/// comes from the other.
fn other_generation(config: &ConfigReading, build: &Build) -> Vec<Trap> {
    if build.generation.is_4() {
        return of_before_4(config);
    }
    let here = if build.since_3() { '3' } else { '2' };
    config
        .defines
        .iter()
        .filter_map(|d| {
            let other = only_in(d.name.strip_prefix("MBEDTLS_")?).filter(|g| *g != here)?;
            Some(Trap {
                id: "config.other_generation",
                name: d.name.clone(),
                line: d.line,
                sentence: file()
                    .other_generation_sentence
                    .replace("{macro}", &d.name)
                    .replace("{other}", &other.to_string())
                    .replace("{here}", &build.generation.name),
                source: &file().other_generation_source,
            })
        })
        .collect()
}

/// Options that decided something up to 3.x, in a file of 4.x.
fn of_before_4(config: &ConfigReading) -> Vec<Trap> {
    config
        .defines
        .iter()
        .filter_map(|d| {
            let (sentence, source) = says_nothing(d.name.strip_prefix("MBEDTLS_")?)?;
            Some(Trap {
                id: "config.other_generation",
                name: d.name.clone(),
                line: d.line,
                sentence,
                source,
            })
        })
        .collect()
}

/// What the library's own check of the configuration refuses.
fn will_not_build(config: &ConfigReading, build: &Build) -> Vec<Trap> {
    let on = |name: &str| build.macros.is_on(name);
    // With PSA drivers other options can stand in; nothing is said then.
    if on("PSA_CRYPTO_CONFIG") || on("USE_PSA_CRYPTO") {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mine = checks()
        .iter()
        .filter(|c| build.generation.id.starts_with(c.generation.as_str()));
    for check in mine {
        for define in &config.defines {
            let Some(needs) = define
                .name
                .strip_prefix("MBEDTLS_")
                .and_then(|option| check.needs.get(option))
            else {
                continue;
            };
            let missing: Vec<String> = needs
                .iter()
                .filter(|n| !n.split('|').any(on))
                .map(|n| format!("MBEDTLS_{}", n.replace('|', " or MBEDTLS_")))
                .collect();
            if !missing.is_empty() {
                out.push(Trap {
                    id: "config.will_not_build",
                    name: define.name.clone(),
                    line: define.line,
                    sentence: file()
                        .check_sentence
                        .replace("{macro}", &define.name)
                        .replace("{needs}", &missing.join(", ")),
                    source: &check.source,
                });
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_trap_has_a_sentence_and_a_source() {
        let file: File = toml::from_str(FILE).unwrap();
        assert!(file.trap.len() >= 15);
        for trap in file.trap {
            assert!(trap.id.starts_with("config."), "{}", trap.id);
            assert!(trap.sentence.ends_with('.'), "{}", trap.id);
            assert!(!trap.source.is_empty(), "{}", trap.id);
            let conditions = trap.on.len() + trap.one_on.len() + trap.off.len();
            assert!(conditions > 0 || trap.below.is_some(), "{}", trap.id);
        }
        for symbol in file.symbol {
            assert!(symbol.id.starts_with("config."), "{}", symbol.id);
            assert!(symbol.sentence.ends_with('.'), "{}", symbol.id);
            assert!(!symbol.name.starts_with("CONFIG_"), "{}", symbol.id);
            assert!(symbol.source.contains("Kconfig"), "{}", symbol.id);
            assert!(["esp-idf", "zephyr"].contains(&symbol.system.as_str()));
        }
    }

    #[test]
    fn symbols_of_the_menu_are_traps_where_the_file_says_so() {
        let ids = |text: &str| -> Vec<(String, u32)> {
            let read = super::super::read_config("sdkconfig", text);
            let traps = read.traps.iter().filter(|t| t.name.starts_with("CONFIG_"));
            traps.map(|t| (t.id.to_owned(), t.line)).collect()
        };
        let text = "CONFIG_MBEDTLS_TLS_CLIENT=y\n# CONFIG_MBEDTLS_CERTIFICATE_BUNDLE is not set\n\
                    CONFIG_MBEDTLS_DYNAMIC_BUFFER=y\nCONFIG_ESP_TLS_SKIP_SERVER_CERT_VERIFY=y\n";
        assert_eq!(
            ids(text),
            [
                ("config.dynamic_buffer".to_owned(), 3),
                ("config.no_bundle".to_owned(), 2),
                ("config.verification_skipped".to_owned(), 4),
            ]
        );
        let good = "CONFIG_MBEDTLS_TLS_CLIENT=y\nCONFIG_MBEDTLS_CERTIFICATE_BUNDLE=y\n\
                    # CONFIG_MBEDTLS_DYNAMIC_BUFFER is not set\n";
        assert!(ids(good).is_empty());
        // The same symbol means nothing in another system.
        let zephyr = "CONFIG_NETWORKING=y\nCONFIG_MBEDTLS=y\nCONFIG_MBEDTLS_DYNAMIC_BUFFER=y\n";
        assert!(ids(zephyr).is_empty());
    }
}
