//! PBES2 (RFC 8018 section 6.2): a key from a password by PBKDF2 or scrypt, and a block cipher.
//!
//! In: the parameters as encoded, a password, encrypted bytes. Out: [`Outcome`].

use std::num::NonZeroU32;

use ring::pbkdf2;
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::password::{Budget, Outcome, number};
use crate::cert::oids;
use crate::cert::tlv::{self, Tlv, tag};

/// Most memory that scrypt may ask for, in bytes; `openssl pkcs8 -scrypt` takes 16 MB.
const MOST_MEMORY: u64 = 64 * 1_024 * 1_024;
/// A block of scrypt's mixing takes about as long as half a round of PBKDF2: so many bytes of it
/// count as one round of the budget.
const BYTES_A_ROUND: u64 = 64;

type Plain = Outcome<Zeroizing<Vec<u8>>>;

/// Decrypts `data`.
pub(super) fn open(
    der: &[u8],
    parameters: &Tlv,
    data: &[u8],
    password: &[u8],
    budget: &Budget,
) -> Plain {
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
    let cipher = match oids::dotted(cipher_oid.value(der)).as_str() {
        "2.16.840.1.101.3.4.1.2" => Cipher::Aes(16),
        "2.16.840.1.101.3.4.1.22" => Cipher::Aes(24),
        "2.16.840.1.101.3.4.1.42" => Cipher::Aes(32),
        "1.2.840.113549.3.7" => Cipher::Des3,
        "1.3.14.3.2.7" => Cipher::Des,
        other => return Outcome::Unknown(other.to_owned()),
    };
    let mut key = Zeroizing::new(vec![0; cipher.key_bytes()]);
    let (fields, _) = tlv::children(der, kdf);
    let derived = match oids::dotted(kdf_oid.value(der)).as_str() {
        "1.2.840.113549.1.5.12" => by_pbkdf2(der, &fields, password, budget, &mut key),
        "1.3.6.1.4.1.11591.4.11" => by_scrypt(der, &fields, password, budget, &mut key),
        other => return Outcome::Unknown(other.to_owned()),
    };
    match derived {
        Outcome::Done(()) => {}
        Outcome::Wrong => return Outcome::Wrong,
        Outcome::Unknown(what) => return Outcome::Unknown(what),
        Outcome::Rounds(rounds) => return Outcome::Rounds(rounds),
    }
    match cipher.open(&key, iv.value(der), data) {
        Some(plain) => Outcome::Done(plain),
        None => Outcome::Wrong,
    }
}

/// Section 5.2.
fn by_pbkdf2(
    der: &[u8],
    fields: &[Tlv],
    password: &[u8],
    budget: &Budget,
    key: &mut [u8],
) -> Outcome<()> {
    let unknown = |what: &str| Outcome::Unknown(what.to_owned());
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
    pbkdf2::derive(prf, rounds, salt.value(der), password, key);
    Outcome::Done(())
}

/// RFC 7914 section 7: salt, cost N, block size r, parallelization p.
fn by_scrypt(
    der: &[u8],
    fields: &[Tlv],
    password: &[u8],
    budget: &Budget,
    key: &mut [u8],
) -> Outcome<()> {
    let numbers: Vec<u64> = fields
        .iter()
        .filter(|f| f.tag == tag::INTEGER)
        .filter_map(|f| number(f.value(der)))
        .collect();
    let (Some(salt), [cost, block, lanes, ..]) = (
        fields.first().filter(|f| f.tag == tag::OCTET_STRING),
        numbers.as_slice(),
    ) else {
        return Outcome::Unknown("scrypt without its numbers".into());
    };
    let memory = cost.saturating_mul(*block).saturating_mul(128);
    if memory > MOST_MEMORY {
        return Outcome::Unknown(format!("scrypt with {} MB of memory", memory >> 20));
    }
    let rounds = memory.saturating_mul(*lanes) / BYTES_A_ROUND;
    if !budget.take(rounds) {
        return Outcome::Rounds(rounds);
    }
    let parameters = u8::try_from(cost.ilog2().min(63))
        .ok()
        .filter(|_| cost.is_power_of_two())
        .zip(u32::try_from(*block).ok())
        .zip(u32::try_from(*lanes).ok())
        .and_then(|((log, r), p)| scrypt::Params::new(log, r, p).ok());
    let Some(parameters) = parameters else {
        return Outcome::Unknown("scrypt with other numbers than it takes".into());
    };
    match scrypt::scrypt(password, salt.value(der), &parameters, key) {
        Ok(()) => Outcome::Done(()),
        Err(_) => Outcome::Wrong,
    }
}
