//! Which version of the library printed this, guessed from `file:line` pairs, and the numbers of
//! the state machine that depend on it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::line::TraceLine;

/// What the line numbers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionGuess {
    /// Version or range of versions whose state line fits.
    pub name: Option<String>,
    /// Only the generation is known, from the names of the files (`2.x`, `3.x`).
    pub family: Option<&'static str>,
    /// Other lines are shifted against that version by these amounts: somebody patched it.
    pub shifts: Vec<i64>,
}

impl VersionGuess {
    /// Is a version known whose other lines do not fit?
    #[must_use]
    pub fn patched(&self) -> bool {
        self.name.is_some() && !self.shifts.is_empty()
    }
}

/// The fixed texts that are watched.
const KEYS: [&str; 7] = [
    "client_state",
    "server_state",
    "flush_output",
    "fetch_input",
    "parse_change_cipher_spec",
    "transform_out",
    "handshake",
];

/// Watches the lines of one input.
#[derive(Debug, Default)]
pub struct VersionTracker {
    seen: [Option<(String, u32)>; KEYS.len()],
    family: Option<&'static str>,
    name: Option<&'static str>,
    major_minor: Option<(u8, u8)>,
}

impl VersionTracker {
    /// Version as numbers, where known well enough to choose a state table.
    #[must_use]
    pub fn major_minor(&self) -> Option<(u8, u8)> {
        self.major_minor
    }

    /// Takes a line whose text may be one of the fixed ones.
    pub fn see(&mut self, trace: &TraceLine<'_>) {
        let key = match trace.text {
            b"=> flush output" => 2,
            b"=> fetch input" => 3,
            b"=> handshake" => 6,
            t if t.starts_with(b"client state: ") => 0,
            t if t.starts_with(b"server state: ") => 1,
            t if t.starts_with(b"=> parse change cipher") => 4,
            t if t.starts_with(b"switching to new transform spec for outbound") => 5,
            _ => return,
        };
        if self.seen[key].is_some() {
            return;
        }
        let file = String::from_utf8_lossy(trace.file).into_owned();
        if self.family.is_none() {
            self.family = family(&file, trace.text);
        }
        if key < 2 {
            let hit = versions().iter().find(|v| {
                v.lines
                    .get(KEYS[key])
                    .is_some_and(|(f, l)| *f == file && *l == trace.source_line)
            });
            if let Some(version) = hit {
                self.name = Some(&version.name);
                self.major_minor = numbers(&version.name);
            }
        }
        if self.major_minor.is_none() {
            self.major_minor = match self.family {
                Some("2.x") => Some((2, 16)),
                Some("3.2 or later") => Some((3, 6)),
                _ => None,
            };
        }
        self.seen[key] = Some((file, trace.source_line));
    }

    /// What is known now.
    #[must_use]
    pub fn guess(&self) -> VersionGuess {
        let version = self
            .name
            .and_then(|n| versions().iter().find(|v| v.name == n));
        let mut shifts: Vec<i64> = Vec::new();
        if let Some(version) = version {
            for (key, seen) in KEYS.iter().zip(&self.seen) {
                if let (Some((file, line)), Some((seen_file, seen_line))) =
                    (version.lines.get(*key), seen)
                {
                    let shift = i64::from(*seen_line) - i64::from(*line);
                    if file == seen_file && shift != 0 {
                        shifts.push(shift);
                    }
                }
            }
        }
        shifts.sort_unstable();
        VersionGuess {
            name: self.name.map(str::to_owned),
            family: self.family,
            shifts,
        }
    }
}

/// Generation by file names: `ssl_cli.c` went with 3.2, `ssl_msg.c` came with 2.18.
fn family(file: &str, text: &[u8]) -> Option<&'static str> {
    match file {
        "ssl_cli.c" | "ssl_srv.c" => Some("2.x"),
        "ssl_tls12_client.c" | "ssl_tls12_server.c" | "ssl_client.c" | "ssl_tls13_client.c"
        | "ssl_tls13_server.c" => Some("3.2 or later"),
        "ssl_tls.c" if text.starts_with(b"client state: ") => Some("3.2 or later"),
        _ => None,
    }
}

fn numbers(name: &str) -> Option<(u8, u8)> {
    let mut parts = name.split(['.', ' ']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[derive(Deserialize)]
struct LinesFile {
    version: Vec<VersionLines>,
}

#[derive(Deserialize)]
struct VersionLines {
    name: String,
    #[serde(flatten)]
    lines: BTreeMap<String, (String, u32)>,
}

fn versions() -> &'static [VersionLines] {
    static VERSIONS: OnceLock<Vec<VersionLines>> = OnceLock::new();
    VERSIONS.get_or_init(|| {
        toml::from_str::<LinesFile>(include_str!("../../../assets/dialects/mbedtls-lines.toml"))
            .map(|f| f.version)
            .unwrap_or_default()
    })
}

/// States of `include/mbedtls/ssl.h` whose number is the same in every version.
const FIRST: [&str; 16] = [
    "HELLO_REQUEST",
    "CLIENT_HELLO",
    "SERVER_HELLO",
    "SERVER_CERTIFICATE",
    "SERVER_KEY_EXCHANGE",
    "CERTIFICATE_REQUEST",
    "SERVER_HELLO_DONE",
    "CLIENT_CERTIFICATE",
    "CLIENT_KEY_EXCHANGE",
    "CERTIFICATE_VERIFY",
    "CLIENT_CHANGE_CIPHER_SPEC",
    "CLIENT_FINISHED",
    "SERVER_CHANGE_CIPHER_SPEC",
    "SERVER_FINISHED",
    "FLUSH_BUFFERS",
    "HANDSHAKE_WRAPUP",
];

/// Numbers from 16 on, up to and with 3.0 (then TLS 1.3 moved in and the table shifted).
const TAIL_2X: [&str; 3] = [
    "HANDSHAKE_OVER",
    "SERVER_NEW_SESSION_TICKET",
    "SERVER_HELLO_VERIFY_REQUEST_SENT",
];

/// Numbers from 16 on, from 3.4 on.
const TAIL_34: [&str; 14] = [
    "NEW_SESSION_TICKET",
    "SERVER_HELLO_VERIFY_REQUEST_SENT",
    "HELLO_RETRY_REQUEST",
    "ENCRYPTED_EXTENSIONS",
    "END_OF_EARLY_DATA",
    "CLIENT_CERTIFICATE_VERIFY",
    "CLIENT_CCS_AFTER_SERVER_FINISHED",
    "CLIENT_CCS_BEFORE_2ND_CLIENT_HELLO",
    "SERVER_CCS_AFTER_SERVER_HELLO",
    "CLIENT_CCS_AFTER_CLIENT_HELLO",
    "SERVER_CCS_AFTER_HELLO_RETRY_REQUEST",
    "HANDSHAKE_OVER",
    "TLS1_3_NEW_SESSION_TICKET",
    "TLS1_3_NEW_SESSION_TICKET_FLUSH",
];

/// Name of a state by number. Numbers from 16 on need the version.
#[must_use]
pub fn state_name(number: u16, version: Option<(u8, u8)>) -> Option<&'static str> {
    let n = usize::from(number);
    if let Some(name) = FIRST.get(n) {
        return Some(name);
    }
    match version? {
        (2, _) | (3, 0) => TAIL_2X.get(n - FIRST.len()).copied(),
        v if v >= (3, 4) => TAIL_34.get(n - FIRST.len()).copied(),
        _ => None,
    }
}

/// Number of a state by name.
#[must_use]
pub fn state_number(name: &str, version: Option<(u8, u8)>) -> Option<u16> {
    (0..32).find(|n| state_name(*n, version) == Some(name))
}

/// The static name that equals this text.
pub(super) fn known_name(name: &[u8]) -> Option<&'static str> {
    FIRST
        .iter()
        .chain(&TAIL_2X)
        .chain(&TAIL_34)
        .find(|n| n.as_bytes() == name)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::super::line::trace_line;
    use super::*;

    fn guess(lines: &[&str]) -> VersionGuess {
        let mut tracker = VersionTracker::default();
        for line in lines {
            tracker.see(&trace_line(line.as_bytes()).unwrap());
        }
        tracker.guess()
    }

    #[test]
    fn the_table_loads() {
        assert_eq!(versions().len(), 16);
    }

    #[test]
    fn a_version_by_its_state_line() {
        assert_eq!(
            guess(&[
                "ssl_cli.c:3787: client state: 0",
                "ssl_tls.c:3019: => flush output"
            ])
            .name
            .as_deref(),
            Some("2.16.12")
        );
        assert!(
            !guess(&[
                "ssl_cli.c:3787: client state: 0",
                "ssl_tls.c:3019: => flush output"
            ])
            .patched()
        );
    }

    #[test]
    fn shifted_lines_mean_a_patched_library() {
        let got = guess(&[
            "ssl_cli.c:3510: client state: 11",
            "ssl_tls.c:2760: => flush output",
            "ssl_tls.c:8122: => handshake",
        ]);
        assert_eq!(got.name.as_deref(), Some("2.16.0 to 2.16.4"));
        assert_eq!(got.shifts, [5, 38]);
        assert!(got.patched());
    }

    #[test]
    fn unknown_lines_still_give_the_generation() {
        let got = guess(&["ssl_cli.c:9999: client state: 11"]);
        assert_eq!((got.name, got.family), (None, Some("2.x")));
    }

    #[test]
    fn state_numbers_depend_on_the_version() {
        assert_eq!(state_name(12, None), Some("SERVER_CHANGE_CIPHER_SPEC"));
        assert_eq!(state_name(16, None), None);
        assert_eq!(state_name(16, Some((2, 16))), Some("HANDSHAKE_OVER"));
        assert_eq!(state_name(27, Some((3, 6))), Some("HANDSHAKE_OVER"));
        assert_eq!(state_number("HANDSHAKE_OVER", Some((3, 6))), Some(27));
    }
}
