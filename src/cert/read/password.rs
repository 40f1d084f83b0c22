//! Passwords for containers, and what decrypts with them.
//!
//! In: passwords to try, an algorithm as encoded, encrypted bytes. Out: [`Outcome`]. PBES2 and PBES1
//! (RFC 8018) and the older schemes of PKCS#12 (RFC 7292 appendix C). Work is bounded before it is done: the
//! count of rounds is written by whoever made the file. Passwords are overwritten when dropped and
//! never leave this room.

use std::cell::Cell;

use md5::{Digest, Md5};
use ring::{digest, hmac};
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::pbes2;
use super::pkcs12_kdf::{Kdf, wide};
use crate::cert::oids;
use crate::cert::tlv::{self, Tlv};

/// Rounds of key derivation for one file: about a second of work.
const MOST_ROUNDS: u64 = 3_000_000;

/// Passwords to try; the empty one is always tried first.
#[derive(Default)]
pub struct Passwords {
    list: Vec<Zeroizing<Vec<u8>>>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Passwords({})", self.list.len())
    }
}

impl Passwords {
    /// The empty password alone.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One more to try, as UTF-8 bytes.
    pub fn add(&mut self, password: &[u8]) {
        self.list.push(Zeroizing::new(password.to_vec()));
    }

    /// Was any given?
    #[must_use]
    pub fn any_given(&self) -> bool {
        !self.list.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&[][..]).chain(self.list.iter().map(|p| p.as_slice()))
    }
}

/// What came of decrypting.
pub(super) enum Outcome<T> {
    Done(T),
    /// Another password.
    Wrong,
    /// No code for the algorithm, by its name.
    Unknown(String),
    /// More rounds than are done here.
    Rounds(u64),
}

/// Rounds that are left for a file.
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub fn new() -> Self {
        Self(Cell::new(MOST_ROUNDS))
    }

    /// Takes `rounds` away; false when so many are not left.
    pub fn take(&self, rounds: u64) -> bool {
        let left = self.0.get();
        if rounds > left {
            return false;
        }
        self.0.set(left - rounds);
        true
    }
}

/// The sentence for too many rounds.
pub(super) fn rounds_sentence(rounds: u64) -> String {
    format!(
        "refused: limit of {MOST_ROUNDS} rounds of key derivation for a file; this one asks for {rounds} more."
    )
}

/// A number of DER; those beyond 64 bits are the largest.
pub(super) fn number(content: &[u8]) -> Option<u64> {
    let start = content
        .iter()
        .position(|b| *b != 0)
        .unwrap_or(content.len());
    let rest = content.get(start..)?;
    if rest.len() > 8 {
        return Some(u64::MAX);
    }
    Some(rest.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// Decrypts `data` with the algorithm `algorithm` of `der`.
pub(super) fn decrypt(
    der: &[u8],
    algorithm: &Tlv,
    data: &[u8],
    password: &[u8],
    budget: &Budget,
) -> Outcome<Zeroizing<Vec<u8>>> {
    let (parts, _) = tlv::children(der, algorithm);
    let [oid, parameters, ..] = parts.as_slice() else {
        return Outcome::Unknown("an algorithm without parameters".into());
    };
    let oid = oids::dotted(oid.value(der));
    match oid.as_str() {
        "1.2.840.113549.1.5.13" => pbes2::open(der, parameters, data, password, budget),
        "1.2.840.113549.1.5.3" => {
            let hash = |bytes: &[u8]| Zeroizing::new(Md5::digest(bytes).to_vec());
            pbes1(der, parameters, data, password, budget, hash)
        }
        "1.2.840.113549.1.5.10" => {
            let hash = |bytes: &[u8]| {
                let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
                Zeroizing::new(sha1.as_ref().to_vec())
            };
            pbes1(der, parameters, data, password, budget, hash)
        }
        "1.2.840.113549.1.12.1.3" => old(der, parameters, data, password, budget, Cipher::Des3),
        "1.2.840.113549.1.12.1.4" => old(der, parameters, data, password, budget, Cipher::Des2),
        "1.2.840.113549.1.12.1.5" => old(der, parameters, data, password, budget, Cipher::Rc2(16)),
        "1.2.840.113549.1.12.1.6" => old(der, parameters, data, password, budget, Cipher::Rc2(5)),
        "1.2.840.113549.1.12.1.1" | "1.2.840.113549.1.12.1.2" => Outcome::Unknown("RC4".into()),
        other => Outcome::Unknown(other.to_owned()),
    }
}

/// Salt and count of an older scheme.
fn salt_and_rounds<'a>(der: &'a [u8], parameters: &Tlv) -> Option<(&'a [u8], u64)> {
    let (fields, _) = tlv::children(der, parameters);
    let [salt, rounds, ..] = fields.as_slice() else {
        return None;
    };
    let rounds = number(rounds.value(der)).unwrap_or(u64::MAX);
    Some((salt.value(der), rounds))
}

/// Is it one element of DER from end to end? Padding alone fits one password in 256 by chance.
pub(super) fn is_element(plain: &[u8]) -> bool {
    tlv::read(plain, 0, plain.len()).is_ok_and(|t| t.end() == plain.len())
}

/// DES with a key of PBKDF1 (RFC 8018 section 5.1), as `openssl pkcs8` wrote before 1.1.
fn pbes1(
    der: &[u8],
    parameters: &Tlv,
    data: &[u8],
    password: &[u8],
    budget: &Budget,
    hash: impl Fn(&[u8]) -> Zeroizing<Vec<u8>>,
) -> Outcome<Zeroizing<Vec<u8>>> {
    let Some((salt, rounds)) = salt_and_rounds(der, parameters) else {
        return Outcome::Unknown("an old scheme without salt or count".into());
    };
    if !budget.take(rounds) {
        return Outcome::Rounds(rounds);
    }
    let mut derived = Zeroizing::new([password, salt].concat());
    for _ in 0..rounds.max(1) {
        derived = hash(&derived);
    }
    let (Some(key), Some(iv)) = (derived.get(..8), derived.get(8..16)) else {
        return Outcome::Wrong;
    };
    match Cipher::Des.open(key, iv, data) {
        Some(plain) if is_element(&plain) => Outcome::Done(plain),
        _ => Outcome::Wrong,
    }
}

fn old(
    der: &[u8],
    parameters: &Tlv,
    data: &[u8],
    password: &[u8],
    budget: &Budget,
    cipher: Cipher,
) -> Outcome<Zeroizing<Vec<u8>>> {
    let Some((salt, rounds)) = salt_and_rounds(der, parameters) else {
        return Outcome::Unknown("an old scheme without salt or count".into());
    };
    for secret in wide(password) {
        let kdf = Kdf {
            hash: &digest::SHA1_FOR_LEGACY_USE_ONLY,
            salt,
            rounds,
        };
        if !budget.take(rounds.saturating_mul(2)) {
            return Outcome::Rounds(rounds);
        }
        let key = kdf.derive(&secret, 1, cipher.key_bytes());
        let iv = kdf.derive(&secret, 2, 8);
        if let Some(plain) = cipher.open(&key, &iv, data)
            && is_element(&plain)
        {
            return Outcome::Done(plain);
        }
    }
    Outcome::Wrong
}

/// Does the MAC of a PKCS#12 file (RFC 7292 section 4, `MacData`) fit the password? `Unknown` where
/// the MAC is of another kind.
pub(super) fn mac_fits(
    der: &[u8],
    mac: &Tlv,
    content: &[u8],
    password: &[u8],
    budget: &Budget,
) -> Outcome<()> {
    let (fields, _) = tlv::children(der, mac);
    let [info, salt, rest @ ..] = fields.as_slice() else {
        return Outcome::Unknown("a MAC without its parts".into());
    };
    let (info, _) = tlv::children(der, info);
    let [algorithm, wanted, ..] = info.as_slice() else {
        return Outcome::Unknown("a MAC without its parts".into());
    };
    let oid = tlv::children(der, algorithm)
        .0
        .first()
        .map(|o| oids::dotted(o.value(der)))
        .unwrap_or_default();
    let (hash, hmac) = match oid.as_str() {
        "1.3.14.3.2.26" => (
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        "2.16.840.1.101.3.4.2.1" => (&digest::SHA256, hmac::HMAC_SHA256),
        "2.16.840.1.101.3.4.2.2" => (&digest::SHA384, hmac::HMAC_SHA384),
        "2.16.840.1.101.3.4.2.3" => (&digest::SHA512, hmac::HMAC_SHA512),
        _ => return Outcome::Unknown(oid),
    };
    let rounds = rest
        .first()
        .map_or(Some(1), |r| number(r.value(der)))
        .unwrap_or(u64::MAX);
    for secret in wide(password) {
        if !budget.take(rounds) {
            return Outcome::Rounds(rounds);
        }
        let kdf = Kdf {
            hash,
            salt: salt.value(der),
            rounds,
        };
        let key = kdf.derive(&secret, 3, hash.output_len());
        if hmac::verify(&hmac::Key::new(hmac, &key), content, wanted.value(der)).is_ok() {
            return Outcome::Done(());
        }
    }
    Outcome::Wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_counted_before_they_are_done() {
        let budget = Budget::new();
        assert!(budget.take(MOST_ROUNDS - 1));
        assert!(!budget.take(2));
        assert!(budget.take(1));
        assert!(rounds_sentence(7).starts_with("refused: limit"));
    }
}
