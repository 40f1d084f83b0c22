//! How Java key stores protect private keys: the schemes of Sun's JKS and JCEKS providers.
//!
//! In: an `EncryptedPrivateKeyInfo` and passwords. Out: the key as far as it is kept, and whether a
//! password is that of the store. Both schemes are public through OpenJDK's
//! `sun.security.provider.KeyProtector` and `com.sun.crypto.provider.PBECipherCore`.

use md5::{Digest, Md5};
use ring::digest;
use zeroize::{Zeroize, Zeroizing};

use super::Passwords;
use super::cipher::Cipher;
use super::password::{Budget, is_element, number};
use super::private_key::read_private_key;
use crate::cert::file::PrivateKey;
use crate::cert::oids;
use crate::cert::tlv;

/// Bytes of SHA-1.
const HASH: usize = 20;

/// Opens a key with the first password that fits.
pub(super) fn open(der: &[u8], passwords: &Passwords, budget: &Budget) -> Option<PrivateKey> {
    let outer = tlv::read(der, 0, der.len()).ok()?;
    let (parts, _) = tlv::children(der, &outer);
    let [algorithm, octets, ..] = parts.as_slice() else {
        return None;
    };
    let (algorithm, _) = tlv::children(der, algorithm);
    let oid = oids::dotted(algorithm.first()?.value(der));
    let octets = octets.value(der);
    let salt_and_rounds = || {
        let (fields, _) = tlv::children(der, algorithm.get(1)?);
        let rounds = number(fields.get(1)?.value(der))?;
        Some((fields.first()?.value(der), rounds))
    };
    passwords.iter().find_map(|password| {
        let mut plain = match oid.as_str() {
            "1.3.6.1.4.1.42.2.17.1.1" => jks(octets, password)?,
            "1.3.6.1.4.1.42.2.19.1" => {
                let (salt, rounds) = salt_and_rounds()?;
                if !budget.take(rounds.saturating_mul(2)) {
                    return None;
                }
                jceks(octets, salt, rounds, password)?
            }
            _ => return None,
        };
        let found = read_private_key(&plain).filter(|_| is_element(&plain));
        plain.zeroize();
        found.map(|key| PrivateKey {
            encrypted: true,
            ..key
        })
    })
}

/// The password as Java hashes it: big-endian UTF-16.
fn wide(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(String::from_utf8_lossy(password).into_owned());
    Zeroizing::new(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

fn sha1(parts: &[&[u8]]) -> digest::Digest {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    for part in parts {
        context.update(part);
    }
    context.finish()
}

/// JKS: a salt, the key under a stream of SHA-1 hashes, and a hash that tells the right password.
fn jks(octets: &[u8], password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (salt, rest) = octets.split_at_checked(HASH)?;
    let (hidden, check) = rest.split_at_checked(rest.len().checked_sub(HASH)?)?;
    let secret = wide(password);
    let mut plain = Zeroizing::new(hidden.to_vec());
    let mut stream = sha1(&[&secret, salt]);
    for block in plain.chunks_mut(HASH) {
        for (byte, with) in block.iter_mut().zip(stream.as_ref()) {
            *byte ^= with;
        }
        stream = sha1(&[&secret, stream.as_ref()]);
    }
    (sha1(&[&secret, &plain]).as_ref() == check).then_some(plain)
}

/// JCEKS: triple DES with a key from two halves of the salt, each hashed with MD5.
fn jceks(octets: &[u8], salt: &[u8], rounds: u64, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (first, second) = salt.split_at_checked(4).filter(|(_, s)| s.len() == 4)?;
    let mut derived = Zeroizing::new(Vec::with_capacity(32));
    for half in [first, second] {
        let mut hash = half.to_vec();
        for _ in 0..rounds {
            let mut context = Md5::new();
            context.update(&hash);
            context.update(password);
            hash = context.finalize().to_vec();
        }
        derived.extend_from_slice(&hash);
        hash.zeroize();
    }
    Cipher::Des3.open(derived.get(..24)?, derived.get(24..32)?, octets)
}

/// Is `password` that of the store? Its last bytes are a hash over the password, a word and the rest.
pub(super) fn is_password_of(store: &[u8], password: &[u8]) -> bool {
    store
        .len()
        .checked_sub(HASH)
        .and_then(|end| store.split_at_checked(end))
        .is_some_and(|(content, wanted)| {
            sha1(&[&wide(password), b"Mighty Aphrodite", content]).as_ref() == wanted
        })
}
