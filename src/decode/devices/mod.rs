//! Dialects that are text patterns: AT modems, embedded frameworks, modules, and the programs and
//! languages that speak TLS on gateways and servers.
//!
//! In: one line without its time. Out: events, and the name of the dialect whose line it is. All
//! files are matched in one pass; the patterns, samples and sources are data.

mod codes;
mod lines;
mod pattern;
mod tells;
mod words;

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::{RegexSet, RegexSetBuilder};

pub(super) use codes::{code_events, code_words, is_ok};

use super::prefilter::Anchors;
use super::required;
use crate::evidence::Event;

/// Name and text of an embedded file.
macro_rules! embedded {
    ($name:literal) => {
        (
            concat!("dialects/devices/", $name),
            include_str!(concat!("../../../assets/dialects/devices/", $name)),
        )
    };
}

/// The same of programs that are no device of their own.
macro_rules! program {
    ($name:literal) => {
        (
            concat!("dialects/programs/", $name),
            include_str!(concat!("../../../assets/dialects/programs/", $name)),
        )
    };
}

/// The embedded files.
const FILES: &[(&str, &str)] = &[
    embedded!("arduino-esp32.toml"),
    embedded!("aws-iot.toml"),
    embedded!("axtls.toml"),
    embedded!("azure-iot.toml"),
    embedded!("cellular-others.toml"),
    embedded!("embedded-rust.toml"),
    embedded!("esp-at.toml"),
    embedded!("esp-idf.toml"),
    embedded!("esp8266.toml"),
    embedded!("firmware.toml"),
    embedded!("infineon.toml"),
    embedded!("mbedtls-app.toml"),
    embedded!("micropython.toml"),
    embedded!("netx.toml"),
    embedded!("nrf91.toml"),
    embedded!("quectel.toml"),
    embedded!("schannel.toml"),
    embedded!("sequans.toml"),
    embedded!("simcom.toml"),
    embedded!("simplelink.toml"),
    embedded!("spwf04.toml"),
    embedded!("telit.toml"),
    embedded!("ublox.toml"),
    embedded!("winc1500.toml"),
    embedded!("wiced.toml"),
    embedded!("wireshark.toml"),
    embedded!("zephyr.toml"),
    program!("brokers.toml"),
    program!("browsers.toml"),
    program!("cloud-linux.toml"),
    program!("coap.toml"),
    program!("daemons.toml"),
    program!("dotnet.toml"),
    program!("dotnet-more.toml"),
    program!("erlang.toml"),
    program!("fetch.toml"),
    program!("go.toml"),
    program!("go-more.toml"),
    program!("hostap.toml"),
    program!("java.toml"),
    program!("java-more.toml"),
    program!("node.toml"),
    program!("nss.toml"),
    program!("openssl-words.toml"),
    program!("openvpn.toml"),
    program!("others.toml"),
    program!("platform.toml"),
    program!("python.toml"),
    program!("scripts.toml"),
    program!("servers-more.toml"),
    program!("tcpdump.toml"),
    program!("webpki.toml"),
    program!("windows.toml"),
    program!("words.toml"),
];

/// Conditions that only devices tell.
const EXTRA_CONDITIONS: [&str; 7] = [
    "tcp_closed",
    "non_tls_data",
    "invalid_record",
    "alloc_failed",
    "handshake_gave_up",
    "client_cert_refused",
    "proxy_issuer",
];

struct Patterns {
    /// Texts in lower case, one of which stands in every line that is looked at.
    markers: Vec<String>,
    marked: Option<AhoCorasick>,
    set: RegexSet,
    lines: Vec<lines::Line>,
    faults: Vec<String>,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let mut faults = Vec::new();
        let mut markers = Vec::new();
        let lines: Vec<lines::Line> = FILES
            .iter()
            .flat_map(|(name, text)| lines::read(name, text, &mut markers, &mut faults))
            .collect();
        let set = RegexSetBuilder::new(lines.iter().map(|l| l.regex.as_str()))
            .unicode(false)
            .dfa_size_limit(16 << 20)
            .build()
            .unwrap_or_else(|error| {
                faults.push(error.to_string());
                RegexSet::empty()
            });
        let marked = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&markers)
            .ok();
        Patterns {
            markers,
            marked,
            set,
            lines,
            faults,
        }
    })
}

/// A dialect that claimed a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// Its name.
    pub(super) dialect: &'static str,
    /// It is the stack of the device.
    pub(super) stack: bool,
    /// It read the line's error code.
    pub(super) code: bool,
    /// It read the line's words: they mean nothing else.
    pub(super) words: bool,
    /// The final result of the command on the line proves something.
    pub(super) expect: Option<Expect>,
}

/// A command whose final result will prove something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expect {
    /// Which pattern.
    line: usize,
    /// What pairs the request with its answer.
    key: u16,
}

/// Says what the final result of an expected command proves.
pub(super) fn ended(expect: Expect, ok: bool, words: &str, emit: &mut dyn FnMut(Event)) {
    if let Some(line) = patterns().lines.get(expect.line) {
        line.ended(expect.key, ok, words, emit);
    }
}

/// Texts one of which stands in every line that [`take`] reads: those that the patterns require,
/// or the markers of all files where one pattern requires none.
pub(super) fn anchors() -> Anchors {
    let patterns = patterns();
    let mut all = Vec::new();
    for line in &patterns.lines {
        match required::texts(line.regex.as_str()) {
            Some(texts) => all.extend(texts),
            None => return Anchors::any_case(&patterns.markers),
        }
    }
    Anchors::any_case(all)
}

/// Reads one line; gives the dialect whose line it is, if it is one of its own.
///
/// `only`: the one dialect that a person chose; lines of others are left alone.
pub(super) fn take(line: &[u8], only: Option<&str>, emit: &mut dyn FnMut(Event)) -> Option<Claim> {
    let patterns = patterns();
    let hits = patterns.set.matches(line);
    if !hits.matched_any() || patterns.marked.as_ref().is_some_and(|m| !m.is_match(line)) {
        return None;
    }
    let mut claim = None;
    let mut code = false;
    let mut words = false;
    let mut expect = None;
    for hit in hits {
        let Some(found) = patterns.lines.get(hit) else {
            continue;
        };
        if only.is_some_and(|only| only != found.dialect && !found.common) {
            continue;
        }
        if found.refuses(line) {
            continue;
        }
        found.say(line, emit);
        words |= found.reads_words();
        if found.expects() {
            expect = Some(Expect {
                line: hit,
                key: found.key(line),
            });
        }
        code |= found.reads_code();
        if !found.common {
            claim = claim.or(Some(Claim {
                dialect: found.dialect,
                stack: found.stack,
                code,
                words,
                expect: None,
            }));
        }
    }
    claim.map(|c| Claim {
        code,
        words,
        expect,
        ..c
    })
}

/// The dialects of the files, each with whether it is the stack of a device.
pub(super) fn names() -> impl Iterator<Item = (&'static str, bool)> {
    patterns().lines.iter().map(|l| (l.dialect, l.stack))
}

/// The function that a code of Mbed TLS came from, where the application does not print it: `auto`
/// goes by the module of the code.
fn function_of(given: &str, code: i64) -> &str {
    if given != "auto" {
        return given;
    }
    match code {
        -0x3000 | -0x2700 => "mbedtls_ssl_handshake",
        // A context is allocated before the handshake; where it fails in it, the trace says so.
        -0x7F00 => "",
        -0x2FFF..=-0x2080 => "mbedtls_x509_crt_parse",
        -0x3FFF..=-0x3B00 | -0x1FFF..=-0x1080 => "mbedtls_pk_parse_key",
        -0x0056..=-0x0042 => "",
        -0x003F..=-0x0034 => "mbedtls_ctr_drbg_seed",
        _ => "mbedtls_ssl_handshake",
    }
}

/// Faults of the files, one sentence each. `is_fact` says whether a name is in the registry.
#[must_use]
pub(super) fn check(is_fact: &dyn Fn(&str) -> bool) -> Vec<String> {
    let patterns = patterns();
    let mut faults = patterns.faults.clone();
    faults.extend(
        FILES
            .iter()
            .flat_map(|(name, text)| lines::check(name, text)),
    );
    faults.extend(codes::check());
    for line in &patterns.lines {
        for fact in line.facts().filter(|f| !is_fact(f)) {
            faults.push(format!("{}: there is no fact {fact}", line.id()));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_requires_a_text() {
        let without = patterns()
            .lines
            .iter()
            .filter(|line| required::texts(line.regex.as_str()).is_none());
        let without: Vec<&str> = without.map(lines::Line::id).collect();
        assert_eq!(without, Vec::<&str>::new());
    }
}
