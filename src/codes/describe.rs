//! Rows of the tables as meanings in words.

use crate::knowledge::codes::{
    AlertRow, AnchorRow, CodeTables, DeviceRow, DeviceTable, ErrorRow, FlagRow, NamedRow,
    SchemeRow, StateRow, Table, tables,
};
use crate::tls::CipherSuite;

use super::mbedtls::mbedtls_meaning_changed;
use super::{Kind, Meaning};

/// An error or PSA status, with its usual cause and with what the number means in other versions.
pub(super) fn error(kind: Kind, table: &'static Table<ErrorRow>, row: &ErrorRow) -> Meaning {
    let number = row.number.0;
    let mut text = row.text.clone();
    if let Some(reading) = tables()
        .readings
        .rows
        .iter()
        .find(|r| r.numbers.contains(&row.number))
    {
        text.push_str(" In practice: ");
        text.push_str(&reading.cause);
    }
    if kind == Kind::Error
        && let Some(change) = mbedtls_meaning_changed(number)
    {
        let other = match change.now {
            Some(now) if change.was == row.name => format!(" In 3.x this number is {now}."),
            Some(_) => format!(" In 2.x this number is {}.", change.was),
            None => " 3.x does not use this number.".to_owned(),
        };
        text.push_str(&other);
        if !change.note.is_empty() {
            text.push(' ');
            text.push_str(change.note);
        }
    }
    Meaning {
        kind,
        stack: &table.stack,
        versions: row.versions.to_string(),
        name: row.name.clone(),
        text,
        source: &table.source,
        number,
    }
}

/// A positive number that a trace printed like an error.
pub(super) fn byte_count(number: i64) -> Meaning {
    let table = &tables().errors_high;
    Meaning {
        kind: Kind::ByteCount,
        stack: &table.stack,
        versions: String::new(),
        name: format!("{number} bytes"),
        text: format!(
            "Not an error: the function returned {number}, a number of bytes, and the trace prints \
             a positive value with the sign of an error."
        ),
        source: "Mbed-TLS/mbedtls, mbedtls_debug_print_ret() in library/debug.c, read at tag \
                 mbedtls-2.16.1",
        number,
    }
}

/// An alert: who may send it, after what, and what it usually comes from.
pub(super) fn alert(row: &AlertRow) -> Meaning {
    let table = &tables().alerts;
    Meaning {
        kind: Kind::Alert,
        stack: &table.stack,
        versions: String::new(),
        name: row.name.clone(),
        text: format!(
            "{} Sent by {}, {}{}. Defined in {}.",
            row.cause,
            row.sent_by,
            if row.phase.starts_with("any") {
                "at "
            } else {
                ""
            },
            if row.phase == "any" {
                "any time"
            } else {
                &row.phase
            },
            row.rfc
        ),
        source: &table.source,
        number: row.number.0,
    }
}

/// A handshake state over the versions in which it has one number.
pub(super) struct StateSpan {
    /// The row.
    pub row: &'static StateRow,
    /// Its number there.
    pub number: i16,
    /// First version, `(major, minor)`.
    pub first: (u8, u8),
    /// Last version that the table knows.
    pub last: (u8, u8),
}

impl StateSpan {
    /// All states of all versions for which `wanted` holds, newest number last.
    pub fn all(wanted: impl Fn(&StateRow, i16) -> bool) -> Vec<Self> {
        let tables: &'static CodeTables = tables();
        let mut spans: Vec<Self> = Vec::new();
        for row in &tables.states.rows {
            // The span of the column before, if it was wanted.
            let mut open: Option<Self> = None;
            for (&number, &(first, last)) in row.numbers.iter().zip(&tables.state_columns) {
                if number >= 0 && wanted(row, number) {
                    match &mut open {
                        Some(span) if span.number == number => span.last = last,
                        _ => spans.extend(open.replace(Self {
                            row,
                            number,
                            first,
                            last,
                        })),
                    }
                } else {
                    spans.extend(open.take());
                }
            }
            spans.extend(open);
        }
        spans
    }

    /// Does it hold in this version? Later releases than the table knows count as its last one.
    pub fn holds(&self, version: (u8, u8)) -> bool {
        let newest = tables().state_columns.last().map(|&(_, last)| last);
        self.first <= version && (version <= self.last || Some(self.last) == newest)
    }

    /// In words, for both roles.
    pub fn meaning(&self) -> Meaning {
        let table = &tables().states;
        let mut parts = Vec::new();
        if !self.row.client.is_empty() {
            parts.push(format!("Client: {}", self.row.client));
        }
        if !self.row.server.is_empty() {
            parts.push(format!("Server: {}", self.row.server));
        }
        let ((a, b), (c, d)) = (self.first, self.last);
        Meaning {
            kind: Kind::HandshakeState,
            stack: &table.stack,
            versions: if (a, b) == (c, d) {
                format!("{a}.{b}")
            } else {
                format!("{a}.{b}-{c}.{d}")
            },
            name: self.row.name.clone(),
            text: parts.join(" "),
            source: &table.source,
            number: i64::from(self.number),
        }
    }
}

/// One bit of a certificate check.
pub(super) fn flag(row: &FlagRow) -> Meaning {
    let table = &tables().verify_flags;
    let bit = u32::try_from(row.bit.0).unwrap_or(0);
    let mut text = format!("{}.", row.text);
    if let Some(alert) = super::alert_for_verify_flags(bit) {
        let sent = format!(" Alone it makes an Mbed TLS peer send {alert}.");
        text.push_str(&sent);
    }
    Meaning {
        kind: Kind::VerifyFlag,
        stack: &table.stack,
        versions: String::new(),
        name: row.name.clone(),
        text,
        source: &table.source,
        number: row.bit.0,
    }
}

/// The value that stands for "no result".
pub(super) fn check_not_run() -> Meaning {
    let table = &tables().verify_flags;
    Meaning {
        kind: Kind::VerifyFlag,
        stack: &table.stack,
        versions: String::new(),
        name: "no result".to_owned(),
        text: "All bits set: the certificate check was not run.".to_owned(),
        source: &table.source,
        number: i64::from(u32::MAX),
    }
}

/// What sort of numbers a table of a device holds.
pub(super) fn kind_of(table: &DeviceTable) -> Kind {
    match (table.numbering, table.hex) {
        (true, true) => Kind::DeviceHexNumber,
        (true, false) => Kind::DeviceNumber,
        (false, true) => Kind::DeviceStatus,
        (false, false) => Kind::DeviceError,
    }
}

/// A code of a device or module, with its numbering and since when it exists.
pub(super) fn device(table: &'static DeviceTable, row: &'static DeviceRow) -> Meaning {
    let since = if row.since.is_empty() {
        String::new()
    } else {
        format!(" Since {}.", row.since)
    };
    Meaning {
        kind: kind_of(table),
        stack: &table.stack,
        versions: row.since.clone(),
        name: row.name.clone(),
        text: format!("{}: {}{since}", table.title, row.text),
        source: &table.source,
        number: row.number.0,
    }
}

/// A number of a table that functions return with a minus in front.
pub(super) fn returned_errno(table: &'static DeviceTable, row: &'static DeviceRow) -> Meaning {
    let plain = device(table, row);
    Meaning {
        text: format!("{} Returned with a minus in front.", plain.text),
        number: -row.number.0,
        ..plain
    }
}

/// A source line that fixes a release.
pub(super) fn source_line(row: &AnchorRow) -> Meaning {
    let table = &tables().anchors;
    Meaning {
        kind: Kind::SourceLine,
        stack: &table.stack,
        versions: row.version.clone(),
        name: format!("{}:{}", row.file, row.line),
        text: format!(
            "Release {} prints the state of the {} here; a patched source may print it elsewhere.",
            row.version, row.role
        ),
        source: &table.source,
        number: i64::from(row.line),
    }
}

/// A number with a registered name and a remark.
pub(super) fn named(kind: Kind, table: &'static Table<NamedRow>, row: &NamedRow) -> Meaning {
    Meaning {
        kind,
        stack: &table.stack,
        versions: String::new(),
        name: row.name.clone(),
        text: if row.text.is_empty() {
            format!("A registered {}.", kind.title())
        } else {
            row.text.clone()
        },
        source: &table.source,
        number: row.number.0,
    }
}

/// A signature scheme: one meaning per reading, that of TLS 1.2 first.
pub(super) fn scheme(row: &SchemeRow) -> Vec<Meaning> {
    let table = &tables().schemes;
    let meaning = |versions: &str, name: &str, text: String| Meaning {
        kind: Kind::SignatureScheme,
        stack: &table.stack,
        versions: versions.to_owned(),
        name: name.to_owned(),
        text,
        source: &table.source,
        number: row.number.0,
    };
    let one_name = || {
        if row.text.is_empty() {
            "One name for signature, key and hash.".to_owned()
        } else {
            row.text.clone()
        }
    };
    match (row.tls12.as_str(), row.tls13.as_str()) {
        // The codes of RFC 8734 are for TLS 1.3 alone.
        ("", name) if row.number.0 >= 0x081A => vec![meaning("1.3", name, one_name())],
        ("", name) => vec![meaning("1.2+1.3", name, one_name())],
        (pair, "") => vec![meaning(
            "1.2",
            pair,
            "A hash and a signature algorithm.".to_owned(),
        )],
        (pair, name) => vec![
            meaning(
                "1.2",
                pair,
                format!("A hash and a signature algorithm. {}", row.text)
                    .trim_end()
                    .to_owned(),
            ),
            meaning(
                "1.3",
                name,
                format!("The reading of TLS 1.3; in TLS 1.2 the same code is {pair}."),
            ),
        ],
    }
}

/// A cipher suite: what its parts demand. `None` for a number without a name.
pub(super) fn suite(suite: CipherSuite) -> Option<Meaning> {
    let table = &tables().exchanges;
    let name = suite.name()?;
    let mut text = String::new();
    let mut versions = "up to 1.2";
    if suite.is_signalling() {
        text.push_str("A signal to the server, not a cipher.");
        versions = "";
    } else if suite.is_tls13() {
        text.push_str("TLS 1.3: names only cipher and hash; any certificate can go with it.");
        versions = "1.3";
    } else if let (Some(exchange), Some(cipher)) = (suite.key_exchange(), suite.cipher()) {
        if let Some(row) = table.rows.iter().find(|r| r.name == exchange) {
            text.push_str(&row.text);
            text.push(' ');
        }
        text.push_str("Cipher and hash: ");
        text.push_str(cipher);
        text.push('.');
        if ["GCM", "CCM", "CHACHA20"]
            .iter()
            .any(|aead| cipher.contains(aead))
        {
            versions = "1.2";
        }
    }
    if let Some(openssl) = suite.openssl_name() {
        text.push_str(" OpenSSL writes ");
        text.push_str(openssl);
        text.push('.');
    }
    Some(Meaning {
        kind: Kind::CipherSuite,
        stack: &table.stack,
        versions: versions.to_owned(),
        name: name.to_owned(),
        text,
        source: &table.source,
        number: i64::from(suite.0),
    })
}
