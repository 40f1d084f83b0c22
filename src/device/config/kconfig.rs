//! Reads `sdkconfig` of ESP-IDF, and `prj.conf` or `.config` of Zephyr.
//!
//! In: the text. Out: the symbols that are set, those that are said to be off, and which system it
//! is. What the symbols do to the library stands in `assets/config/kconfig.toml`.

use super::header::Header;
use super::{Define, line_number};

/// Is this text made of `CONFIG_…` lines?
pub(super) fn is_kconfig(text: &str) -> bool {
    let symbols = text
        .lines()
        .filter(|l| l.starts_with("CONFIG_") || l.starts_with("# CONFIG_"))
        .count();
    let defines = text
        .lines()
        .filter(|l| l.trim_start().starts_with("#define"))
        .count();
    symbols > defines
}

/// Symbols without `CONFIG_`; a switch has an empty value.
pub(super) fn read_kconfig(text: &str) -> Header {
    let mut out = Header::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let off = line
            .strip_prefix("# CONFIG_")
            .and_then(|rest| rest.strip_suffix(" is not set"));
        let (name, value) = match off {
            Some(name) => (name, "n"),
            None => match line.strip_prefix("CONFIG_").and_then(|l| l.split_once('=')) {
                Some((name, value)) => (name.trim(), value.trim()),
                None => continue,
            },
        };
        out.defines.retain(|d| d.name != name);
        out.undefined.retain(|d| d.name != name);
        let define = Define {
            name: name.to_owned(),
            value: match value {
                "y" | "n" => String::new(),
                text => text.trim_matches('"').to_owned(),
            },
            line: line_number(index),
        };
        if value == "n" {
            out.undefined.push(define);
        } else {
            out.defines.push(define);
        }
    }
    out
}

/// `zephyr` or `esp-idf`, by symbols that only one of them has.
pub(super) fn system(read: &Header) -> &'static str {
    const ZEPHYR: [&str; 9] = [
        "ZEPHYR",
        "MBEDTLS_BUILTIN",
        "MBEDTLS_CIPHER_",
        "MBEDTLS_MAC_",
        "MBEDTLS_TLS_VERSION_",
        "NET_SOCKETS",
        "NETWORKING",
        "BOARD",
        "MBEDTLS_CFG_FILE",
    ];
    let zephyr = read
        .defines
        .iter()
        .chain(&read.undefined)
        .any(|d| ZEPHYR.iter().any(|mark| d.name.starts_with(mark)));
    if zephyr { "zephyr" } else { "esp-idf" }
}
