//! Codes of devices and modules: statuses, result codes and error numbers of stacks other than
//! Mbed TLS, one file a maker under `assets/codes/devices/`.
//!
//! In: TOML. Out: [`DeviceTable`]s. A row may say what its code proves (`tells`); what those words
//! mean is for the decoder to know.

use serde::Deserialize;

use super::Number;

/// One numbering of one stack.
#[allow(clippy::struct_excessive_bools)] // one switch for each habit of numbering
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceTable {
    /// Name that dialects refer to, such as `xbee-tx-status`.
    pub id: String,
    /// Stack as shown to people, such as `XBee Cellular`.
    pub stack: String,
    /// What the numbers are, such as `TX status (frame 0x89)`.
    pub title: String,
    /// What stands in front of the names in the list of errors, such as `XBEE_TX_`.
    pub prefix: String,
    /// What headers put before the names, where that is not `prefix`: `SOCK_ERR_`.
    #[serde(default)]
    pub spelled: Vec<String>,
    /// The numbers are written in hexadecimal.
    #[serde(default)]
    pub hex: bool,
    /// Words that people put before these numbers, besides those of stack, title and id: models,
    /// commands.
    #[serde(default)]
    pub also: Vec<String>,
    /// Functions also return the numbers with a minus in front, as many do with `errno`.
    #[serde(default)]
    pub negated: bool,
    /// Document, header or repository that the rows come from.
    pub source: String,
    /// The look-up has these codes from the table of the stack itself (`codes/stacks/`).
    #[serde(default)]
    pub decoded_only: bool,
    /// A numbering of the stack's own for suites or states: one of the last things that a number
    /// means, unless this stack is asked for.
    #[serde(default)]
    pub numbering: bool,
    /// What any code of the table proves, in the decoder's words.
    #[serde(default)]
    pub tells: Vec<String>,
    /// The rows, sorted by number after loading.
    #[serde(alias = "code")]
    pub rows: Vec<DeviceRow>,
}

/// One code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRow {
    /// The value as printed.
    pub number: Number,
    /// Name without the table's prefix.
    pub name: String,
    /// What it means.
    pub text: String,
    /// Firmware or version from which on it exists; empty where not known or always.
    #[serde(default)]
    pub since: String,
    /// No fault.
    #[serde(default)]
    pub ok: bool,
    /// What the code proves, in the decoder's words.
    #[serde(default)]
    pub tells: Vec<String>,
}

impl DeviceTable {
    /// The row of this number.
    #[must_use]
    pub fn row(&self, number: i64) -> Option<&DeviceRow> {
        let at = self.rows.binary_search_by_key(&number, |r| r.number.0);
        self.rows.get(at.ok()?)
    }

    /// The number as the stack writes it.
    #[must_use]
    pub fn written(&self, number: i64) -> String {
        if self.hex && number >= 0 {
            format!("0x{number:02X}")
        } else {
            number.to_string()
        }
    }

    /// The name that the list of errors carries; an unknown number stays a number.
    #[must_use]
    pub fn error_name(&self, number: i64) -> String {
        match self.row(number) {
            Some(row) => format!("{}{}", self.prefix, row.name),
            None => format!("{}{}", self.prefix, self.written(number)),
        }
    }
}
