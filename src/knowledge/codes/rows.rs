//! Row types of the code tables, as they stand in the TOML files.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// A number that a file may write as an integer or as text with sign and `0x`, such as
/// `"-0x7280"` (TOML itself has no negative hexadecimal).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub i64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Integer(i64),
            Text(String),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Integer(value) => Ok(Self(value)),
            Spelling::Text(text) => parse_number(&text)
                .map(Self)
                .ok_or_else(|| D::Error::custom(format!("\"{text}\" is not a number"))),
        }
    }
}

fn parse_number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let magnitude = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    magnitude.ok().map(|m| sign * m)
}

/// The major versions of a library in which a row holds, such as `2.x+3.x`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Majors(u16);

impl Majors {
    /// Does the row hold in this major version? A version later than all that the row names
    /// counts as the last one that any table knows (3.x numbers go on in 4.x).
    #[must_use]
    pub fn contains(self, major: u8) -> bool {
        let bit = |m: u8| 1_u16.checked_shl(u32::from(m)).unwrap_or(0);
        let major = if major > 3 && self.0 & bit(4) == 0 {
            3
        } else {
            major
        };
        self.0 & bit(major) != 0
    }

    /// The single majors, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |m| self.0 >> m & 1 == 1)
    }
}

impl std::fmt::Display for Majors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, major) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("+")?;
            }
            write!(f, "{major}.x")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Majors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bits = 0;
        for part in text.split('+') {
            let major = part
                .strip_suffix(".x")
                .and_then(|m| m.parse::<u32>().ok())
                .filter(|m| (1..16).contains(m))
                .ok_or_else(|| D::Error::custom(format!("\"{text}\" names no versions")))?;
            bits |= 1 << major;
        }
        Ok(Self(bits))
    }
}

/// One error or status code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRow {
    /// The value as the function returns it (negative for Mbed TLS).
    pub number: Number,
    /// Name without the common prefix.
    pub name: String,
    /// Where it holds.
    pub versions: Majors,
    /// Official text.
    pub text: String,
}

/// A number whose meaning changed between Mbed TLS 2.x and 3.x.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedRow {
    /// The value.
    pub number: Number,
    /// Name in 2.x.
    pub was: String,
    /// Name in 3.x; empty = removed.
    pub now: String,
    /// What else is to be said.
    #[serde(default)]
    pub note: String,
}

/// What some errors usually come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingRow {
    /// The errors.
    pub numbers: Vec<Number>,
    /// One or two sentences.
    pub cause: String,
}

/// One state of a handshake state machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRow {
    /// Name without `MBEDTLS_SSL_`.
    pub name: String,
    /// One number per column of versions; -1 where the state does not exist.
    pub numbers: Vec<i16>,
    /// What a client does in it; empty = a client is never in it.
    pub client: String,
    /// What a server does in it; empty = a server is never in it.
    pub server: String,
}

/// A line of the library's source that fixes a release.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRow {
    /// File name without folder.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Release, such as `2.16.1`.
    pub version: String,
    /// `client` or `server`.
    pub role: String,
}

/// How the line that shows the state looks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateLineRow {
    /// Where it holds.
    pub versions: String,
    /// `client`, `server` or both.
    pub role: String,
    /// Debug level at which it appears.
    pub level: u8,
    /// File that prints it.
    pub file: String,
    /// The format with its `printf` directives.
    pub format: String,
}

/// What a debug level shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebugLevelRow {
    /// The level, 0 to 5.
    pub number: Number,
    /// In words.
    pub text: String,
    /// Typical lines.
    pub shows: Vec<String>,
}

/// One bit of the result of a certificate check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRow {
    /// The bit as a value.
    pub bit: Number,
    /// Name without `MBEDTLS_X509_`.
    pub name: String,
    /// The text that the library prints.
    pub text: String,
}

/// The alert that goes out for some flags.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagAlertRow {
    /// Names of flags.
    pub flags: Vec<String>,
    /// Alert description.
    pub number: u8,
}

/// One alert description.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRow {
    /// Description number.
    pub number: Number,
    /// Registered name.
    pub name: String,
    /// The RFC that defines it.
    pub rfc: String,
    /// Who may send it.
    pub sent_by: String,
    /// After what.
    pub phase: String,
    /// Usual causes on embedded devices.
    pub cause: String,
}

/// A number with a name and a remark.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedRow {
    /// The number on the wire.
    pub number: Number,
    /// Registered name.
    pub name: String,
    /// Remark; may be empty.
    #[serde(default)]
    pub text: String,
}

/// A signature scheme with both readings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeRow {
    /// The number on the wire.
    pub number: Number,
    /// Name of TLS 1.3; may be empty.
    pub tls13: String,
    /// Hash and signature of TLS 1.2; may be empty.
    pub tls12: String,
    /// Remark; may be empty.
    #[serde(default)]
    pub text: String,
}

/// What a key exchange of a cipher suite demands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRow {
    /// As in the suite's name, such as `ECDHE_RSA`.
    pub name: String,
    /// In words.
    pub text: String,
}

/// One code of a TLS stack that has a flat table (`assets/codes/stacks/`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackRow {
    /// The value as the stack prints it.
    pub number: Number,
    /// Name as the stack writes it.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The condition that it stands for when the device says it.
    #[serde(default)]
    pub condition: Option<String>,
    /// The condition that it stands for when the device's server says it, where that is another.
    #[serde(default)]
    pub server: Option<String>,
    /// What the stack's own function prints for it, where that is another text.
    #[serde(default)]
    pub said: Vec<String>,
}

impl StackRow {
    /// Rows of a table, ascending by number.
    ///
    /// # Errors
    /// The reason why the text is no such table.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        #[derive(Deserialize)]
        struct File {
            code: Vec<StackRow>,
        }
        let mut rows = toml::from_str::<File>(text)
            .map_err(|e| e.to_string())?
            .code;
        rows.sort_by_key(|r| r.number);
        Ok(rows)
    }
}
