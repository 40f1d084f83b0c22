//! Reads `sdkconfig` of ESP-IDF, `prj.conf` or `.config` of Zephyr, and the headers that both generate from
//! them: `sdkconfig.h`, all that a build with the Arduino core for ESP32 has, and `autoconf.h`.
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
    let (generated, defines) = counted(text);
    symbols + generated > defines - generated
}

/// Is it the header, and not the file that people and menus write?
pub(super) fn is_generated(text: &str) -> bool {
    counted(text).0 > 0
}

/// Lines that define a symbol of a menu, and lines that define anything.
fn counted(text: &str) -> (usize, usize) {
    let defines = text
        .lines()
        .filter(|l| l.trim_start().starts_with("#define"));
    let generated = defines.clone().filter(|l| defined(l).is_some());
    (generated.count(), defines.count())
}

/// Name and value of `#define CONFIG_…`.
fn defined(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix("#define")?.trim_start();
    let rest = rest.strip_prefix("CONFIG_")?;
    Some(rest.split_once(char::is_whitespace).unwrap_or((rest, "")))
}

/// Symbols without `CONFIG_`; a switch has an empty value.
pub(super) fn read_kconfig(text: &str) -> Header {
    let mut out = Header::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let off = line
            .strip_prefix("# CONFIG_")
            .and_then(|rest| rest.strip_suffix(" is not set"));
        let written = || line.strip_prefix("CONFIG_")?.split_once('=');
        let set = || written().or_else(|| defined(line));
        let Some((name, value)) = off.map(|name| (name, "n")).or_else(set) else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        // An old name beside the new one: the new one says it.
        if value.starts_with("CONFIG_") {
            continue;
        }
        out.defines.retain(|d| d.name != name);
        out.undefined.retain(|d| d.name != name);
        let define = Define {
            name: name.to_owned(),
            value: match value {
                "y" | "n" => String::new(),
                // A switch of the header; a number that is 1 is no length of TLS.
                "1" if defined(line).is_some() => String::new(),
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
