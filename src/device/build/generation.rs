//! The generations of Mbed TLS: stock options, orders, and what their check of a configuration asks.
//!
//! In: `assets/config/mbedtls.toml` and `check.toml`. Out: [`Generation`]s, and which one a file is of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::device::config::ConfigReading;
use crate::tls::{CipherSuite, NamedGroup};

const FILE: &str = include_str!("../../../assets/config/mbedtls.toml");
const CHECKS: &str = include_str!("../../../assets/config/check.toml");

/// A generation of Mbed TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generation {
    /// Such as `2.16`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where its orders and options are from.
    pub source: String,
    /// Options of the unmodified configuration, without `MBEDTLS_`.
    pub stock: BTreeSet<String>,
    /// The same of a second file for the cryptography, from 4.0 on; `PSA_WANT_…` in full.
    pub stock_crypto: BTreeSet<String>,
    /// All suites in the library's order.
    pub suites: Vec<CipherSuite>,
    /// All groups in the library's order.
    pub groups: Vec<NamedGroup>,
    /// Suites with a pre-shared key are offered even when none is set.
    pub sends_psk_suites_without_key: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    generation: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    source: String,
    stock: String,
    #[serde(default)]
    stock_crypto: String,
    suites: String,
    groups: String,
    sends_psk_suites_without_key: bool,
}

impl Generation {
    /// 3.0 or newer.
    #[must_use]
    pub fn since_3(&self) -> bool {
        !self.id.starts_with('2')
    }

    /// 4.x: the PSA configuration alone chooses the cryptography.
    #[must_use]
    pub fn is_4(&self) -> bool {
        self.id.starts_with('4')
    }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn hexadecimal(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.split_whitespace()
        .filter_map(|n| u16::from_str_radix(n, 16).ok())
}

impl From<Entry> for Generation {
    fn from(entry: Entry) -> Self {
        Self {
            stock: words(&entry.stock),
            stock_crypto: words(&entry.stock_crypto),
            suites: hexadecimal(&entry.suites).map(CipherSuite).collect(),
            groups: hexadecimal(&entry.groups).map(NamedGroup).collect(),
            id: entry.id,
            name: entry.name,
            source: entry.source,
            sends_psk_suites_without_key: entry.sends_psk_suites_without_key,
        }
    }
}

/// All generations, oldest first, and an empty one that stands in where a table cannot be read.
struct Table {
    all: Vec<Generation>,
    none: Generation,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table {
        all: toml::from_str::<File>(FILE)
            .map(|f| f.generation.into_iter().map(Generation::from).collect())
            .unwrap_or_default(),
        none: Generation::default(),
    })
}

/// All generations, oldest first.
#[must_use]
pub fn generations() -> &'static [Generation] {
    &table().all
}

fn generation(id: &str) -> &'static Generation {
    let table = table();
    let found = table.all.iter().find(|g| g.id == id);
    found.or(table.all.last()).unwrap_or(&table.none)
}

/// What `check_config.h` asks of an option.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    /// `2` or `3`.
    pub generation: String,
    /// Where it stands.
    pub source: String,
    /// Option → what it needs, `A|B` for either.
    pub needs: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    only_2: String,
    only_3: String,
    #[allow(dead_code)] // read by people and by the test of the tables
    only_source: String,
    check: Vec<Check>,
}

fn check_file() -> &'static CheckFile {
    static FILE: OnceLock<CheckFile> = OnceLock::new();
    FILE.get_or_init(|| {
        toml::from_str(CHECKS).unwrap_or(CheckFile {
            only_2: String::new(),
            only_3: String::new(),
            only_source: String::new(),
            check: Vec::new(),
        })
    })
}

/// The library's own checks.
pub(crate) fn checks() -> &'static [Check] {
    &check_file().check
}

/// `2` or `3` for an option (without `MBEDTLS_`) that only one of them knows.
pub(crate) fn only_in(option: &str) -> Option<char> {
    let file = check_file();
    let has = |list: &str| list.split_whitespace().any(|o| o == option);
    if has(&file.only_2) {
        Some('2')
    } else if has(&file.only_3) {
        Some('3')
    } else {
        None
    }
}

/// Every option that some stock configuration or check names.
pub(crate) fn known_options() -> &'static BTreeSet<String> {
    static ALL: OnceLock<BTreeSet<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file = check_file();
        let mut all: BTreeSet<String> = generations()
            .iter()
            .flat_map(|g| g.stock.iter().chain(&g.stock_crypto).cloned())
            .collect();
        all.extend(
            [&file.only_2, &file.only_3]
                .into_iter()
                .flat_map(|l| l.split_whitespace().map(str::to_owned)),
        );
        for check in checks() {
            all.extend(check.needs.keys().cloned());
        }
        all
    })
}

/// Which generation the files are of, and how that is known.
pub(super) fn of_files(
    files: &[ConfigReading],
    given: Option<&str>,
) -> (&'static Generation, String) {
    if let Some(id) = given {
        return (generation(id), "stated".to_owned());
    }
    if let Some(found) = of_4(files) {
        return found;
    }
    for file in files {
        let mark = |wanted: char| {
            let here = file
                .defines
                .iter()
                .filter(|d| !file.sdkconfig || d.line > 0)
                .chain(file.undefined.iter().filter(|_| file.sdkconfig));
            here.filter(|d| d.name.starts_with("MBEDTLS_")).find(|d| {
                let option = d.name.strip_prefix("MBEDTLS_").unwrap_or(&d.name);
                let known = if file.sdkconfig {
                    // Menu symbols that went with the old versions; most others kept their names.
                    match option {
                        "SSL_PROTO_SSL3" | "SSL_PROTO_TLS1" | "SSL_PROTO_TLS1_1"
                        | "TLS_VERSION_1_0" | "TLS_VERSION_1_1" => Some('2'),
                        "SSL_PROTO_TLS1_3" => Some('3'),
                        _ => None,
                    }
                } else {
                    only_in(option)
                };
                known == Some(wanted)
            })
        };
        let newer = |d: &&crate::device::Define| d.name == "MBEDTLS_SSL_KEEP_PEER_CERTIFICATE";
        // 3.x options weigh more: a 3.x header often still carries old ones.
        if let Some(define) = mark('3').filter(|_| mark('2').is_none()) {
            let from = format!("{}, line {} of {}", define.name, define.line, file.name);
            return (generation("3.6"), from);
        }
        if let Some(define) = mark('2') {
            let newest = file
                .defines
                .iter()
                .find(newer)
                .or(file.sdkconfig.then_some(define));
            let id = if newest.is_some() { "2.28" } else { "2.16" };
            let because = newest.unwrap_or(define);
            let from = format!("{}, line {} of {}", because.name, because.line, file.name);
            return (generation(id), from);
        }
    }
    match files.iter().find(|f| f.sdkconfig) {
        Some(file) => (
            generation("3.6"),
            format!("{} names no option of older versions", file.name),
        ),
        None => (
            generation("2.28"),
            "a guess: no option tells the version; state it with --device mbedtls-2.16, mbedtls-2.28, mbedtls-3.6 or mbedtls-4.1".to_owned(),
        ),
    }
}

/// Files of 4.x say so: the configurations of Mbed TLS and of TF-PSA-Crypto carry their version.
fn of_4(files: &[ConfigReading]) -> Option<(&'static Generation, String)> {
    let says = |d: &&crate::device::Define| {
        d.name == "TF_PSA_CRYPTO_CONFIG_VERSION"
            || d.name == "MBEDTLS_CONFIG_VERSION" && d.value.starts_with("0x04")
    };
    let (file, define) = files
        .iter()
        .find_map(|f| Some((f, f.defines.iter().find(says)?)))?;
    let from = format!("{}, line {} of {}", define.name, define.line, file.name);
    Some((generation("4.1"), from))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let file: File = toml::from_str(FILE).unwrap();
        assert_eq!(file.generation.len(), 5);
        for entry in file.generation {
            let id = entry.id.clone();
            let words = entry.suites.split_whitespace().count();
            let generation = Generation::from(entry);
            assert!(!generation.source.is_empty());
            assert_eq!(generation.suites.len(), words, "{id}");
            assert!(generation.suites.iter().all(|s| s.name().is_some()), "{id}");
            assert!(generation.groups.iter().all(|g| g.name().is_some()), "{id}");
            assert!(generation.stock.contains("SSL_TLS_C"), "{id}");
        }
        let file: CheckFile = toml::from_str(CHECKS).unwrap();
        assert_eq!(file.check.len(), 2);
        assert!(!file.only_source.is_empty());
        assert_eq!(only_in("SSL_SRV_RESPECT_CLIENT_PREFERENCE"), Some('2'));
        assert_eq!(only_in("SHA384_C"), Some('3'));
        assert_eq!(only_in("AES_C"), None);
    }
}
