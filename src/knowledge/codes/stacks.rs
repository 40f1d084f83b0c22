//! Flat code tables of TLS stacks other than Mbed TLS (`assets/codes/stacks/`).

use std::sync::OnceLock;

use serde::Deserialize;

use super::rows::StackRow;

/// What the numbers of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackKind {
    /// Errors as functions return them.
    StackError,
    /// The reason in a code of OpenSSL's error queue.
    OpensslReason,
    /// Codes of OpenSSL's certificate check.
    X509Verify,
}

/// One table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackTable {
    /// Stack as shown to people.
    pub stack: String,
    /// What the numbers are.
    pub kind: StackKind,
    /// Words that people put before these numbers, besides the name of the stack.
    #[serde(default)]
    pub also: Vec<String>,
    /// Where the rows come from.
    pub source: String,
    /// The rows, ascending by number.
    #[serde(rename = "code")]
    pub rows: Vec<StackRow>,
}

impl StackTable {
    /// The row with this number.
    #[must_use]
    pub fn row(&self, number: i64) -> Option<&StackRow> {
        self.rows
            .binary_search_by_key(&number, |r| r.number.0)
            .ok()
            .and_then(|at| self.rows.get(at))
    }
}

/// All tables, the more usual stacks first.
#[must_use]
pub fn stack_tables() -> &'static [StackTable] {
    static TABLES: OnceLock<Vec<StackTable>> = OnceLock::new();
    TABLES.get_or_init(|| {
        [
            include_str!("../../../assets/codes/stacks/x509_verify.toml"),
            include_str!("../../../assets/codes/stacks/openssl_reasons.toml"),
            include_str!("../../../assets/codes/stacks/wolfssl.toml"),
            include_str!("../../../assets/codes/stacks/bearssl.toml"),
            include_str!("../../../assets/codes/stacks/gnutls.toml"),
            include_str!("../../../assets/codes/stacks/schannel.toml"),
        ]
        .into_iter()
        .filter_map(|text| {
            let mut table: StackTable = toml::from_str(text).ok()?;
            table.rows.sort_by_key(|r| r.number);
            Some(table)
        })
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tables_load() {
        assert_eq!(stack_tables().len(), 6);
        assert!(
            stack_tables()
                .iter()
                .all(|t| t.rows.len() >= 10 && !t.source.is_empty())
        );
    }
}
