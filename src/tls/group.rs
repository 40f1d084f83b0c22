//! Named groups: curves and finite fields of key exchange (IANA TLS Supported Groups, RFC 8422,
//! RFC 7919, RFC 7027, RFC 8734).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A named group by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedGroup(pub u16);

/// Number and IANA name, in order of number.
const GROUPS: &[(u16, &str)] = &[
    (0x0001, "sect163k1"),
    (0x0002, "sect163r1"),
    (0x0003, "sect163r2"),
    (0x0004, "sect193r1"),
    (0x0005, "sect193r2"),
    (0x0006, "sect233k1"),
    (0x0007, "sect233r1"),
    (0x0008, "sect239k1"),
    (0x0009, "sect283k1"),
    (0x000A, "sect283r1"),
    (0x000B, "sect409k1"),
    (0x000C, "sect409r1"),
    (0x000D, "sect571k1"),
    (0x000E, "sect571r1"),
    (0x000F, "secp160k1"),
    (0x0010, "secp160r1"),
    (0x0011, "secp160r2"),
    (0x0012, "secp192k1"),
    (0x0013, "secp192r1"),
    (0x0014, "secp224k1"),
    (0x0015, "secp224r1"),
    (0x0016, "secp256k1"),
    (0x0017, "secp256r1"),
    (0x0018, "secp384r1"),
    (0x0019, "secp521r1"),
    (0x001A, "brainpoolP256r1"),
    (0x001B, "brainpoolP384r1"),
    (0x001C, "brainpoolP512r1"),
    (0x001D, "x25519"),
    (0x001E, "x448"),
    (0x001F, "brainpoolP256r1tls13"),
    (0x0020, "brainpoolP384r1tls13"),
    (0x0021, "brainpoolP512r1tls13"),
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
    (0x0104, "ffdhe8192"),
    (0x11EB, "SecP256r1MLKEM768"),
    (0x11EC, "X25519MLKEM768"),
];

/// Other names in use for the same group.
const OTHER_NAMES: &[(u16, &str)] = &[
    (0x0013, "P-192"),
    (0x0013, "prime192v1"),
    (0x0015, "P-224"),
    (0x0017, "P-256"),
    (0x0017, "prime256v1"),
    (0x0018, "P-384"),
    (0x0019, "P-521"),
    (0x001D, "Curve25519"),
    (0x001E, "Curve448"),
];

impl NamedGroup {
    /// NIST P-256.
    pub const SECP256R1: Self = Self(0x0017);
    /// NIST P-384.
    pub const SECP384R1: Self = Self(0x0018);
    /// NIST P-521.
    pub const SECP521R1: Self = Self(0x0019);
    /// Curve25519.
    pub const X25519: Self = Self(0x001D);

    /// All groups that have a name, in order of number.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        GROUPS.iter().map(|&(number, _)| Self(number))
    }

    /// The IANA name, or `None` for a number without one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let at = GROUPS.binary_search_by_key(&self.0, |&(n, _)| n).ok()?;
        GROUPS.get(at).map(|&(_, name)| name)
    }

    /// The group with this name, in any case; NIST and X9.62 names (`P-256`, `prime256v1`) too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        GROUPS
            .iter()
            .chain(OTHER_NAMES)
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|&(number, _)| Self(number))
    }
}

impl fmt::Display for NamedGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "group 0x{:04X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        assert_eq!(GROUPS.len(), 40);
        assert!(GROUPS.windows(2).all(|w| w[0].0 < w[1].0));
        for group in NamedGroup::all() {
            let name = group.name().unwrap_or_default();
            assert_eq!(NamedGroup::from_name(name), Some(group), "{name}");
        }
    }

    #[test]
    fn known_groups() {
        assert_eq!(NamedGroup(0x0018).name(), Some("secp384r1"));
        assert_eq!(
            NamedGroup::from_name("prime256v1"),
            Some(NamedGroup::SECP256R1)
        );
        assert_eq!(NamedGroup::from_name("X25519"), Some(NamedGroup::X25519));
        assert_eq!(NamedGroup::from_name("secp999"), None);
        assert_eq!(NamedGroup(0x0200).to_string(), "group 0x0200");
    }
}
