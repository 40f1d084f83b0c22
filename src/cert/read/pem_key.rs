//! Private keys in the armour of old OpenSSL: `Proc-Type: 4,ENCRYPTED` and `DEK-Info` (RFC 1421).
//!
//! In: the text of the block, its encrypted bytes, passwords. Out: the key as far as it is kept.

use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

use super::Passwords;
use super::cipher::Cipher;
use super::password::is_element;
use super::private_key::read_private_key;
use crate::cert::file::PrivateKey;

/// Cipher and first block: `DEK-Info: AES-128-CBC,0123…`.
fn cipher_of(head: &[u8]) -> Option<(Cipher, Vec<u8>)> {
    let at = memchr::memmem::find(head, b"DEK-Info:")? + 9;
    let line = head.get(at..)?.trim_ascii_start();
    let end = line
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b',')))
        .unwrap_or(line.len());
    let text = std::str::from_utf8(line.get(..end)?).ok()?;
    let (name, iv) = text.split_once(',')?;
    let cipher = match name {
        "AES-128-CBC" => Cipher::Aes(16),
        "AES-192-CBC" => Cipher::Aes(24),
        "AES-256-CBC" => Cipher::Aes(32),
        "DES-EDE3-CBC" => Cipher::Des3,
        "DES-CBC" => Cipher::Des,
        _ => return None,
    };
    let iv = data_encoding::HEXUPPER_PERMISSIVE
        .decode(iv.as_bytes())
        .ok()?;
    (iv.len() >= 8).then_some((cipher, iv))
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round, as its PEM readers call it.
fn key_of(password: &[u8], salt: &[u8], bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(bytes + 16));
    let mut last: Zeroizing<Vec<u8>> = Zeroizing::default();
    while key.len() < bytes {
        let mut hash = Md5::new();
        hash.update(last.as_slice());
        hash.update(password);
        hash.update(salt);
        last = Zeroizing::new(hash.finalize().to_vec());
        key.extend_from_slice(&last);
    }
    key.truncate(bytes);
    key
}

/// Opens the key with the first password that fits.
pub(super) fn open(head: &[u8], data: &[u8], passwords: &Passwords) -> Option<PrivateKey> {
    let (cipher, iv) = cipher_of(head)?;
    let salt = iv.get(..8)?;
    passwords.iter().find_map(|password| {
        let key = key_of(password, salt, cipher.key_bytes());
        let mut plain = cipher.open(&key, &iv, data)?;
        let found = read_private_key(&plain).filter(|_| is_element(&plain));
        plain.zeroize();
        found.map(|key| PrivateKey {
            encrypted: true,
            ..key
        })
    })
}
