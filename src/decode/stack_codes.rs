//! The code tables of TLS stacks other than Mbed TLS, as their dialects need them: number → name
//! and the condition that it stands for (`assets/codes/stacks/`).

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::knowledge::codes::StackRow;

/// A table, sorted by number.
type Rows = Vec<StackRow>;

fn find(cell: &'static OnceLock<Rows>, text: &str, number: i64) -> Option<&'static StackRow> {
    let rows = cell.get_or_init(|| StackRow::read(text).unwrap_or_default());
    rows.binary_search_by_key(&number, |r| r.number.0)
        .ok()
        .and_then(|at| rows.get(at))
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $number:ty, $file:literal) => {
        $(#[$doc])*
        pub(super) fn $name(number: $number) -> Option<&'static StackRow> {
            static ROWS: OnceLock<Rows> = OnceLock::new();
            find(&ROWS, include_str!(concat!("../../assets/codes/stacks/", $file)), i64::from(number))
        }
    };
}

table!(
    /// Reason of OpenSSL's TLS library.
    openssl_reason, u32, "openssl_reasons.toml"
);
table!(
    /// Code of OpenSSL's certificate check.
    x509_verify, u32, "x509_verify.toml"
);
table!(
    /// Error of wolfSSL or wolfCrypt, negative.
    wolfssl, i32, "wolfssl.toml"
);
table!(
    /// Error of BearSSL, positive.
    bearssl, u32, "bearssl.toml"
);
table!(
    /// Status of SChannel.
    schannel, u32, "schannel.toml"
);

/// Reason of OpenSSL by its text or its name without `SSL_R_`, whatever the case and the spaces.
pub(super) fn openssl_reason_by_text(text: &str) -> Option<&'static StackRow> {
    static ROWS: OnceLock<HashMap<String, StackRow>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        by_name(
            include_str!("../../assets/codes/stacks/openssl_reasons.toml"),
            "SSL_R_",
        )
    });
    rows.get(&plain(text))
}

/// Texts of OpenSSL's certificate check (`X509_verify_cert_error_string`) that no program says for
/// something else, and the condition that each stands for.
pub(super) fn x509_verify_texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    /// Shorter texts are words of everybody.
    const LEAST: usize = 18;
    static ROWS: OnceLock<Rows> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        StackRow::read(include_str!("../../assets/codes/stacks/x509_verify.toml"))
            .unwrap_or_default()
    });
    rows.iter().filter_map(|row| {
        // What stands in parentheses is a remark of the table.
        let text = row.text.split(" (").next()?.trim_end_matches('.');
        (text.len() >= LEAST).then_some((text, row.condition.as_deref()?))
    })
}

/// Code of OpenSSL's certificate check by its name without `X509_V_ERR_`.
pub(super) fn x509_verify_by_name(name: &str) -> Option<&'static StackRow> {
    static ROWS: OnceLock<HashMap<String, StackRow>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        by_name(
            include_str!("../../assets/codes/stacks/x509_verify.toml"),
            "X509_V_ERR_",
        )
    });
    rows.get(&plain(name))
}

/// The same by its text, as `X509_verify_cert_error_string` gives it.
pub(super) fn x509_verify_by_text(text: &str) -> Option<&'static StackRow> {
    static ROWS: OnceLock<HashMap<String, StackRow>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let rows = StackRow::read(include_str!("../../assets/codes/stacks/x509_verify.toml"));
        let rows = rows.unwrap_or_default().into_iter();
        rows.map(|row| (plain(row.text.trim_end_matches('.')), row))
            .collect()
    });
    rows.get(&plain(text))
}

fn by_name(text: &str, prefix: &str) -> HashMap<String, StackRow> {
    StackRow::read(text)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|row| Some((plain(row.name.strip_prefix(prefix)?), row)))
        .collect()
}

fn plain(name: &str) -> String {
    name.trim()
        .trim_end_matches('.')
        .to_ascii_uppercase()
        .replace([' ', '-', '/'], "_")
}

/// Error of GnuTLS by the text of `gnutls_strerror`.
pub(super) fn gnutls_text(text: &str) -> Option<&'static StackRow> {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        StackRow::read(include_str!("../../assets/codes/stacks/gnutls.toml")).unwrap_or_default()
    });
    rows.iter()
        .find(|r| r.text == text || r.said.iter().any(|s| s == text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_one_that_exists() {
        let known: Vec<&str> = super::super::conditions::names()
            .iter()
            .map(|n| n.0)
            .collect();
        for text in [
            include_str!("../../assets/codes/stacks/openssl_reasons.toml"),
            include_str!("../../assets/codes/stacks/x509_verify.toml"),
            include_str!("../../assets/codes/stacks/wolfssl.toml"),
            include_str!("../../assets/codes/stacks/gnutls.toml"),
            include_str!("../../assets/codes/stacks/bearssl.toml"),
            include_str!("../../assets/codes/stacks/schannel.toml"),
        ] {
            let rows = StackRow::read(text).unwrap();
            assert!(rows.len() >= 10);
            assert!(rows.windows(2).all(|w| w[0].number < w[1].number));
            for name in rows
                .iter()
                .flat_map(|r| r.condition.iter().chain(&r.server))
            {
                assert!(known.contains(&name.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn numbers_of_each_stack() {
        assert_eq!(openssl_reason(193).unwrap().name, "SSL_R_NO_SHARED_CIPHER");
        assert_eq!(
            x509_verify(62).unwrap().name,
            "X509_V_ERR_HOSTNAME_MISMATCH"
        );
        assert_eq!(wolfssl(-188).unwrap().name, "ASN_NO_SIGNER_E");
        assert_eq!(bearssl(62).unwrap().name, "BR_ERR_X509_NOT_TRUSTED");
        assert_eq!(schannel(0x8009_0325).unwrap().name, "SEC_E_UNTRUSTED_ROOT");
        assert!(gnutls_text("The operation timed out").is_some());
        assert_eq!(wolfssl(-9_999), None);
    }
}
