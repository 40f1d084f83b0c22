//! The block ciphers of containers and of encrypted keys.
//!
//! In: a key, a first block, encrypted bytes. Out: what they hold, overwritten when dropped.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use zeroize::Zeroizing;

/// A block cipher in CBC mode, with the bytes of its key where there are several.
#[derive(Clone, Copy)]
pub(super) enum Cipher {
    Aes(usize),
    Des3,
    Des2,
    Des,
    Rc2(usize),
}

impl Cipher {
    /// Bytes of its key.
    pub fn key_bytes(self) -> usize {
        match self {
            Self::Aes(n) | Self::Rc2(n) => n,
            Self::Des3 => 24,
            Self::Des2 => 16,
            Self::Des => 8,
        }
    }

    /// Decrypts and takes the padding away; `None` where it does not fit.
    pub fn open(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
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
            Self::Des => run::<cbc::Decryptor<des::Des>>(key, iv, data),
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
