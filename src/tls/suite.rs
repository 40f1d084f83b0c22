//! Cipher suites by number. The names are in `suite_table` (IANA registry) and `suite_openssl`.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::suite_openssl::OPENSSL_NAMES;
use super::suite_table::SUITES;

/// A cipher suite by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CipherSuite(pub u16);

/// Spellings that are in use beside the registered ones: RFC 6655 registered these two with the
/// words in another order than Mbed TLS and everybody else writes them.
const OTHER_SPELLINGS: &[(u16, &str)] = &[
    (0xC0AA, "TLS_DHE_PSK_WITH_AES_128_CCM_8"),
    (0xC0AB, "TLS_DHE_PSK_WITH_AES_256_CCM_8"),
];

impl CipherSuite {
    /// All suites that have a name, in order of number.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        SUITES.iter().map(|&(number, _)| Self(number))
    }

    /// The IANA name, or `None` for a number without one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        in_table(SUITES, self.0)
    }

    /// The name as OpenSSL writes it, or `None` for a suite that OpenSSL does not know.
    #[must_use]
    pub fn openssl_name(self) -> Option<&'static str> {
        in_table(OPENSSL_NAMES, self.0)
    }

    /// Key exchange and authentication as the name gives them, such as `ECDHE_RSA`; `None` for
    /// the suites of TLS 1.3, which name only the cipher and the hash (RFC 8446 appendix B.4).
    #[must_use]
    pub fn key_exchange(self) -> Option<&'static str> {
        let (before, _) = self.name()?.split_once("_WITH_")?;
        before.strip_prefix("TLS_")
    }

    /// Cipher and hash as the name gives them, such as `AES_256_GCM_SHA384`.
    #[must_use]
    pub fn cipher(self) -> Option<&'static str> {
        let name = self.name()?;
        match name.split_once("_WITH_") {
            Some((_, cipher)) => Some(cipher),
            None => name.strip_prefix("TLS_"),
        }
    }

    /// Is it a suite of TLS 1.3 (RFC 8446 appendix B.4)?
    #[must_use]
    pub fn is_tls13(self) -> bool {
        self.0 >> 8 == 0x13
    }

    /// A value that only signals something and names no cipher (RFC 5746, RFC 7507).
    #[must_use]
    pub fn is_signalling(self) -> bool {
        matches!(self.0, 0x00FF | 0x5600)
    }

    /// The suite with this name, as IANA (`TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`), Mbed TLS
    /// (`TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384`, `TLS1-3-AES-128-GCM-SHA256`), Java (`SSL_…`) or
    /// OpenSSL (`ECDHE-RSA-AES256-GCM-SHA384`) write it, in any case. Allocates nothing.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = significant(name.trim().as_bytes());
        let index = name_index();
        let at = index
            .binary_search_by(|(key, _)| {
                key.iter()
                    .copied()
                    .cmp(wanted.iter().copied().map(normalised))
            })
            .ok()?;
        index.get(at).map(|&(_, number)| Self(number))
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04X}", self.0),
        }
    }
}

/// Is this one of the reserved values that clients send to keep servers tolerant (GREASE,
/// RFC 8701)? The same values serve for suites, groups, extensions and versions.
#[must_use]
pub fn is_grease(value: u16) -> bool {
    value & 0x0F0F == 0x0A0A && value >> 8 == value & 0xFF
}

fn in_table(table: &[(u16, &'static str)], number: u16) -> Option<&'static str> {
    let at = table.binary_search_by_key(&number, |&(n, _)| n).ok()?;
    table.get(at).map(|&(_, name)| name)
}

/// The name without the prefix that says only that it is a suite.
fn significant(name: &[u8]) -> &[u8] {
    for prefix in ["TLS1-3-", "TLS-", "SSL-"] {
        if let Some((head, rest)) = name.split_at_checked(prefix.len())
            && head
                .iter()
                .copied()
                .map(normalised)
                .eq(prefix.bytes().map(normalised))
        {
            return rest;
        }
    }
    name
}

fn normalised(byte: u8) -> u8 {
    match byte {
        b'_' => b'-',
        other => other.to_ascii_uppercase(),
    }
}

/// All spellings, normalised and sorted, built at the first use.
fn name_index() -> &'static [(Box<[u8]>, u16)] {
    static INDEX: OnceLock<Vec<(Box<[u8]>, u16)>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index: Vec<_> = [SUITES, OPENSSL_NAMES, OTHER_SPELLINGS]
            .into_iter()
            .flatten()
            .map(|&(number, name)| {
                let key = significant(name.as_bytes()).iter().copied();
                (key.map(normalised).collect::<Box<[u8]>>(), number)
            })
            .collect();
        index.sort_unstable();
        index.dedup();
        index
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_complete() {
        assert_eq!(SUITES.len(), 353);
        assert_eq!(OPENSSL_NAMES.len(), 176);
        for table in [SUITES, OPENSSL_NAMES] {
            assert!(table.windows(2).all(|w| w[0].0 < w[1].0));
        }
        assert!(
            OPENSSL_NAMES
                .iter()
                .all(|&(n, _)| CipherSuite(n).name().is_some())
        );
    }

    #[test]
    fn no_two_suites_share_a_spelling() {
        let index = name_index();
        assert!(index.windows(2).all(|w| w[0].0 != w[1].0));
    }

    #[test]
    fn every_spelling_of_every_suite_finds_it() {
        for suite in CipherSuite::all() {
            let name = suite.name().unwrap();
            assert_eq!(CipherSuite::from_name(name), Some(suite), "{name}");
            let dashed = name.replace('_', "-");
            assert_eq!(CipherSuite::from_name(&dashed), Some(suite), "{dashed}");
            let lower = name.to_lowercase();
            assert_eq!(CipherSuite::from_name(&lower), Some(suite), "{lower}");
            if let Some(openssl) = suite.openssl_name() {
                assert_eq!(CipherSuite::from_name(openssl), Some(suite), "{openssl}");
            }
        }
    }

    #[test]
    fn known_names() {
        let c030 = Some(CipherSuite(0xC030));
        assert_eq!(
            CipherSuite(0xC030).name(),
            Some("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
        );
        assert_eq!(
            CipherSuite::from_name("TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384"),
            c030
        );
        assert_eq!(CipherSuite::from_name("ECDHE-RSA-AES256-GCM-SHA384"), c030);
        assert_eq!(
            CipherSuite::from_name("TLS1-3-AES-128-GCM-SHA256"),
            Some(CipherSuite(0x1301))
        );
        assert_eq!(
            CipherSuite::from_name("SSL_RSA_WITH_3DES_EDE_CBC_SHA"),
            Some(CipherSuite(0x000A))
        );
        assert_eq!(
            CipherSuite::from_name("DES-CBC3-SHA"),
            Some(CipherSuite(0x000A))
        );
        assert_eq!(
            CipherSuite::from_name("TLS-DHE-PSK-WITH-AES-128-CCM-8"),
            Some(CipherSuite(0xC0AA))
        );
        assert_eq!(CipherSuite::from_name("TLS_NOT_A_SUITE"), None);
        assert_eq!(CipherSuite::from_name(""), None);
        assert_eq!(CipherSuite(0xFFFE).name(), None);
        assert_eq!(CipherSuite(0xFFFE).to_string(), "0xFFFE");
    }

    #[test]
    fn the_name_gives_its_parts() {
        assert_eq!(CipherSuite(0xC02B).key_exchange(), Some("ECDHE_ECDSA"));
        assert_eq!(CipherSuite(0xC02B).cipher(), Some("AES_128_GCM_SHA256"));
        assert_eq!(CipherSuite(0x1302).key_exchange(), None);
        assert_eq!(CipherSuite(0x1302).cipher(), Some("AES_256_GCM_SHA384"));
    }

    #[test]
    fn grease_is_the_sixteen_values_of_rfc_8701() {
        let values: Vec<u16> = (0..=u16::MAX).filter(|&v| is_grease(v)).collect();
        assert_eq!(values.len(), 16);
        assert_eq!(values[0], 0x0A0A);
        assert_eq!(values[15], 0xFAFA);
    }
}
