//! Fresh public keys for `key_share`. The private halves are dropped: the raw engine never gets far
//! enough to use them.

use ring::rand::{SecureRandom, SystemRandom};

use crate::tls::NamedGroup;

/// Fresh random bytes; `None` when the system has none.
pub(super) fn random_bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A public key that the server takes for valid, or `None` for a group that is not made here (the
/// server then asks with a `HelloRetryRequest`).
pub(super) fn public_key(group: NamedGroup) -> Option<Vec<u8>> {
    match group {
        NamedGroup::X25519 => random_bytes::<32>().map(Vec::from),
        NamedGroup(0x001E) => random_bytes::<56>().map(Vec::from),
        NamedGroup::SECP256R1 => {
            let key = p256::SecretKey::from_slice(&random_bytes::<32>()?).ok()?;
            Some(key.public_key().to_sec1_bytes().into_vec())
        }
        NamedGroup::SECP384R1 => {
            let key = p384::SecretKey::from_slice(&random_bytes::<48>()?).ok()?;
            Some(key.public_key().to_sec1_bytes().into_vec())
        }
        NamedGroup::SECP521R1 => {
            let mut scalar = random_bytes::<66>()?;
            scalar[0] = 0;
            let key = p521::SecretKey::from_slice(&scalar).ok()?;
            Some(key.public_key().to_sec1_bytes().into_vec())
        }
        // The square of two lies in the right subgroup of every safe prime group (RFC 7919).
        NamedGroup(0x0100) => Some(small_number(256)),
        NamedGroup(0x0101) => Some(small_number(384)),
        NamedGroup(0x0102) => Some(small_number(512)),
        NamedGroup(0x0103) => Some(small_number(768)),
        NamedGroup(0x0104) => Some(small_number(1024)),
        _ => None,
    }
}

fn small_number(bytes: usize) -> Vec<u8> {
    let mut number = vec![0; bytes];
    if let Some(last) = number.last_mut() {
        *last = 4;
    }
    number
}
