//! Passwords for containers, and what decrypts with them.
//!
//! In: passwords to try, an algorithm as encoded, encrypted bytes. Out: [`Outcome`]. PBES2 (RFC 8018)
//! and the older schemes of PKCS#12 (RFC 7292 appendix C). Work is bounded before it is done: the
//! count of rounds is written by whoever made the file. Passwords are overwritten when dropped and
//! never leave this room.

use std::cell::Cell;
use std::num::NonZeroU32;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use ring::{digest, hmac, pbkdf2};
use zeroize::Zeroizing;

use crate::cert::oids;
use crate::cert::tlv::{self, Tlv, tag};

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
    fn take(&self, rounds: u64) -> bool {
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

fn number(content: &[u8]) -> Option<u64> {
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
        "1.2.840.113549.1.5.13" => pbes2(der, parameters, data, password, budget),
        "1.2.840.113549.1.12.1.3" => old(der, parameters, data, password, budget, Cipher::Des3),
        "1.2.840.113549.1.12.1.4" => old(der, parameters, data, password, budget, Cipher::Des2),
        "1.2.840.113549.1.12.1.5" => old(der, parameters, data, password, budget, Cipher::Rc2(16)),
        "1.2.840.113549.1.12.1.6" => old(der, parameters, data, password, budget, Cipher::Rc2(5)),
        "1.2.840.113549.1.12.1.1" | "1.2.840.113549.1.12.1.2" => Outcome::Unknown("RC4".into()),
        other => Outcome::Unknown(other.to_owned()),
    }
}

#[derive(Clone, Copy)]
enum Cipher {
    Aes(usize),
    Des3,
    Des2,
    Rc2(usize),
}

impl Cipher {
    fn key_bytes(self) -> usize {
        match self {
            Self::Aes(n) | Self::Rc2(n) => n,
            Self::Des3 => 24,
            Self::Des2 => 16,
        }
    }

    fn open(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        fn run<C: BlockModeDecrypt + KeyIvInit>(
            key: &[u8],
            iv: &[u8],
            data: &[u8],
        ) -> Option<Zeroizing<Vec<u8>>> {
            C::new_from_slices(key, iv)
                .ok()?
                .decrypt_padded_vec::<Pkcs7>(data)
                .ok()
                .map(Zeroizing::new)
        }
        match self {
            Self::Aes(16) => run::<cbc::Decryptor<aes::Aes128>>(key, iv, data),
            Self::Aes(24) => run::<cbc::Decryptor<aes::Aes192>>(key, iv, data),
            Self::Aes(_) => run::<cbc::Decryptor<aes::Aes256>>(key, iv, data),
            Self::Des3 => run::<cbc::Decryptor<des::TdesEde3>>(key, iv, data),
            Self::Des2 => run::<cbc::Decryptor<des::TdesEde2>>(key, iv, data),
            Self::Rc2(_) => run_rc2(key, iv, data),
        }
    }
}

/// RC2 takes keys of any length, which `KeyIvInit` does not say.
fn run_rc2(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    use cbc::cipher::{InnerIvInit, KeyInit};
    let cipher = rc2::Rc2::new_from_slice(key).ok()?;
    cbc::Decryptor::inner_iv_slice_init(cipher, iv)
        .ok()?
        .decrypt_padded_vec::<Pkcs7>(data)
        .ok()
        .map(Zeroizing::new)
}

fn pbes2(
    der: &[u8],
    parameters: &Tlv,
    data: &[u8],
    password: &[u8],
    budget: &Budget,
) -> Outcome<Zeroizing<Vec<u8>>> {
    let unknown = |what: &str| Outcome::Unknown(what.to_owned());
    let (parts, _) = tlv::children(der, parameters);
    let [kdf, scheme, ..] = parts.as_slice() else {
        return unknown("PBES2 without its two parts");
    };
    let (kdf, _) = tlv::children(der, kdf);
    let (scheme, _) = tlv::children(der, scheme);
    let ([kdf_oid, kdf, ..], [cipher_oid, iv, ..]) = (kdf.as_slice(), scheme.as_slice()) else {
        return unknown("PBES2 without parameters");
    };
    let kdf_oid = oids::dotted(kdf_oid.value(der));
    if kdf_oid != "1.2.840.113549.1.5.12" {
        return Outcome::Unknown(match kdf_oid.as_str() {
            "1.3.6.1.4.1.11591.4.11" => "scrypt".into(),
            _ => kdf_oid,
        });
    }
    let cipher = match oids::dotted(cipher_oid.value(der)).as_str() {
        "2.16.840.1.101.3.4.1.2" => Cipher::Aes(16),
        "2.16.840.1.101.3.4.1.22" => Cipher::Aes(24),
        "2.16.840.1.101.3.4.1.42" => Cipher::Aes(32),
        "1.2.840.113549.3.7" => Cipher::Des3,
        other => return Outcome::Unknown(other.to_owned()),
    };
    let (fields, _) = tlv::children(der, kdf);
    let (Some(salt), Some(rounds)) = (
        fields.first().filter(|f| f.tag == tag::OCTET_STRING),
        fields
            .get(1)
            .filter(|f| f.tag == tag::INTEGER)
            .and_then(|f| number(f.value(der))),
    ) else {
        return unknown("PBKDF2 without salt or count");
    };
    let prf = fields
        .iter()
        .find(|f| f.tag == tag::SEQUENCE)
        .and_then(|f| tlv::children(der, f).0.first().copied())
        .map(|o| oids::dotted(o.value(der)));
    let prf = match prf.as_deref() {
        None | Some("1.2.840.113549.2.7") => pbkdf2::PBKDF2_HMAC_SHA1,
        Some("1.2.840.113549.2.9") => pbkdf2::PBKDF2_HMAC_SHA256,
        Some("1.2.840.113549.2.10") => pbkdf2::PBKDF2_HMAC_SHA384,
        Some("1.2.840.113549.2.11") => pbkdf2::PBKDF2_HMAC_SHA512,
        Some(other) => return Outcome::Unknown(other.to_owned()),
    };
    if !budget.take(rounds) {
        return Outcome::Rounds(rounds);
    }
    let Some(rounds) = u32::try_from(rounds).ok().and_then(NonZeroU32::new) else {
        return unknown("PBKDF2 without rounds");
    };
    let mut key = Zeroizing::new(vec![0; cipher.key_bytes()]);
    pbkdf2::derive(prf, rounds, salt.value(der), password, &mut key);
    match cipher.open(&key, iv.value(der), data) {
        Some(plain) => Outcome::Done(plain),
        None => Outcome::Wrong,
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
    let (fields, _) = tlv::children(der, parameters);
    let [salt, rounds, ..] = fields.as_slice() else {
        return Outcome::Unknown("an old scheme without salt or count".into());
    };
    let rounds = number(rounds.value(der)).unwrap_or(u64::MAX);
    for secret in wide(password) {
        let kdf = Kdf {
            hash: &digest::SHA1_FOR_LEGACY_USE_ONLY,
            salt: salt.value(der),
            rounds,
        };
        if !budget.take(rounds.saturating_mul(2)) {
            return Outcome::Rounds(rounds);
        }
        let key = kdf.derive(&secret, 1, cipher.key_bytes());
        let iv = kdf.derive(&secret, 2, 8);
        if let Some(plain) = cipher.open(&key, &iv, data)
            && tlv::read(&plain, 0, plain.len()).is_ok_and(|t| t.end() == plain.len())
        {
            return Outcome::Done(plain);
        }
    }
    Outcome::Wrong
}

/// The password as PKCS#12 hashes it (RFC 7292 appendix B.1): big-endian UTF-16 with two zeros at
/// the end. Of the empty one some programs hash nothing at all.
pub(super) fn wide(password: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let text = Zeroizing::new(String::from_utf8_lossy(password).into_owned());
    let mut out: Vec<u8> = Vec::with_capacity(text.len() * 2 + 2);
    for unit in text.encode_utf16() {
        out.extend(unit.to_be_bytes());
    }
    out.extend([0, 0]);
    let mut all = vec![Zeroizing::new(out)];
    if password.is_empty() {
        all.push(Zeroizing::new(Vec::new()));
    }
    all
}

/// The key derivation of RFC 7292 appendix B.2.
struct Kdf<'a> {
    hash: &'static digest::Algorithm,
    salt: &'a [u8],
    rounds: u64,
}

impl Kdf<'_> {
    fn derive(&self, secret: &[u8], purpose: u8, bytes: usize) -> Zeroizing<Vec<u8>> {
        let block = self.hash.block_len();
        let filled = |data: &[u8]| -> Vec<u8> {
            let len = data.len().div_ceil(block) * block;
            data.iter().copied().cycle().take(len).collect()
        };
        let mut input = Zeroizing::new([filled(self.salt), filled(secret)].concat());
        let mut out = Zeroizing::new(Vec::with_capacity(bytes + 64));
        while out.len() < bytes {
            let mut context = digest::Context::new(self.hash);
            context.update(&vec![purpose; block]);
            context.update(&input);
            let mut a = context.finish();
            for _ in 1..self.rounds {
                a = digest::digest(self.hash, a.as_ref());
            }
            out.extend_from_slice(a.as_ref());
            let b: Vec<u8> = a.as_ref().iter().copied().cycle().take(block).collect();
            for chunk in input.chunks_mut(block) {
                let mut carry = 1_u16;
                for (x, y) in chunk.iter_mut().zip(&b).rev() {
                    let sum = u16::from(*x) + u16::from(*y) + carry;
                    *x = sum.to_be_bytes()[1];
                    carry = sum >> 8;
                }
            }
        }
        out.truncate(bytes);
        out
    }
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
    fn the_old_derivation_gives_the_known_key() {
        // Worked example that PKCS#12 libraries share: password "smeg", 1 round.
        let kdf = Kdf {
            hash: &digest::SHA1_FOR_LEGACY_USE_ONLY,
            salt: &[0x0A, 0x58, 0xCF, 0x64, 0x53, 0x0D, 0x82, 0x3F],
            rounds: 1,
        };
        let secret = wide(b"smeg");
        let key = kdf.derive(&secret[0], 1, 24);
        assert_eq!(
            data_encoding::HEXUPPER.encode(&key),
            "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"
        );
    }

    #[test]
    fn rounds_are_counted_before_they_are_done() {
        let budget = Budget::new();
        assert!(budget.take(MOST_ROUNDS - 1));
        assert!(!budget.take(2));
        assert!(budget.take(1));
        assert!(rounds_sentence(7).starts_with("refused: limit"));
    }
}
