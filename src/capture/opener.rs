//! Opens encrypted records with the secrets of a key log.
//!
//! In: a secret, the suite, the randoms; then records in order. Out: plain fragments. Only the
//! formulae of RFC 5246 section 6.3 and RFC 8446 section 7.3 stand here; HMAC, HKDF and the ciphers
//! are `ring`'s.

use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use ring::{hkdf, hmac};

use crate::tls::CipherSuite;

/// Records that may be missing before one that opens: lost packets leave holes in the numbering.
const HOLE: u64 = 64;

/// How records of a suite are sealed.
#[derive(Clone, Copy)]
struct Sealing {
    algorithm: &'static Algorithm,
    hkdf: hkdf::Algorithm,
    hmac: hmac::Algorithm,
    /// TLS 1.2 with AES-GCM sends half of the nonce with each record (RFC 5288 section 3).
    explicit_nonce: bool,
}

/// Why records stay closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The suite's cipher is not one that is opened here.
    Suite,
    /// The secret does not fit.
    Secret,
}

/// Opens the records of one direction.
pub(super) struct Opener {
    key: LessSafeKey,
    iv: Vec<u8>,
    sealing: Sealing,
    sequence: u64,
    /// The traffic secret of TLS 1.3, for the next generation of keys.
    secret: Option<Vec<u8>>,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opener(sequence {})", self.sequence)
    }
}

impl Opener {
    /// Both directions of TLS 1.2, the client's first.
    pub(super) fn tls12(
        suite: CipherSuite,
        master: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> Result<[Self; 2], Closed> {
        let sealing = sealing(suite).ok_or(Closed::Suite)?;
        let key_len = sealing.algorithm.key_len();
        let iv_len = if sealing.explicit_nonce { 4 } else { 12 };
        let mut seed = b"key expansion".to_vec();
        seed.extend_from_slice(server_random);
        seed.extend_from_slice(client_random);
        let block = expand12(sealing.hmac, master, &seed, 2 * (key_len + iv_len));
        let part = |from: usize, len: usize| block.get(from..from + len).unwrap_or_default();
        let make = |key: &[u8], iv: &[u8]| -> Result<Self, Closed> {
            Ok(Self {
                key: LessSafeKey::new(
                    UnboundKey::new(sealing.algorithm, key).map_err(|_| Closed::Secret)?,
                ),
                iv: iv.to_vec(),
                sealing,
                sequence: 0,
                secret: None,
            })
        };
        Ok([
            make(part(0, key_len), part(2 * key_len, iv_len))?,
            make(part(key_len, key_len), part(2 * key_len + iv_len, iv_len))?,
        ])
    }

    /// One direction of TLS 1.3, from its traffic secret.
    pub(super) fn tls13(suite: CipherSuite, secret: &[u8]) -> Result<Self, Closed> {
        let mut sealing = sealing(suite).ok_or(Closed::Suite)?;
        sealing.explicit_nonce = false;
        let prk = hkdf::Prk::new_less_safe(sealing.hkdf, secret);
        let key = expand13(&prk, "key", sealing.algorithm.key_len()).ok_or(Closed::Secret)?;
        let iv = expand13(&prk, "iv", 12).ok_or(Closed::Secret)?;
        Ok(Self {
            key: LessSafeKey::new(
                UnboundKey::new(sealing.algorithm, &key).map_err(|_| Closed::Secret)?,
            ),
            iv,
            sealing,
            sequence: 0,
            secret: Some(secret.to_vec()),
        })
    }

    /// The keys after a `KeyUpdate` (RFC 8446 section 7.2).
    pub(super) fn next_generation(&self, suite: CipherSuite) -> Option<Self> {
        let secret = self.secret.as_deref()?;
        let prk = hkdf::Prk::new_less_safe(self.sealing.hkdf, secret);
        let next = expand13(&prk, "traffic upd", secret.len())?;
        Self::tls13(suite, &next).ok()
    }

    /// Opens a record; gives its content type and plain fragment. A record that does not open leaves
    /// the numbering as it was.
    pub(super) fn open(
        &mut self,
        content_type: u8,
        version: u16,
        fragment: &[u8],
    ) -> Option<(u8, Vec<u8>)> {
        for ahead in 0..HOLE {
            let sequence = self.sequence + ahead;
            if let Some(opened) = self.open_as(sequence, content_type, version, fragment) {
                self.sequence = sequence + 1;
                return Some(opened);
            }
        }
        None
    }

    fn open_as(
        &self,
        sequence: u64,
        content_type: u8,
        version: u16,
        fragment: &[u8],
    ) -> Option<(u8, Vec<u8>)> {
        let number = sequence.to_be_bytes();
        let mut nonce = [0_u8; 12];
        let sealed = if self.sealing.explicit_nonce {
            let (explicit, sealed) = fragment.split_at_checked(8)?;
            nonce.get_mut(..4)?.copy_from_slice(self.iv.get(..4)?);
            nonce.get_mut(4..)?.copy_from_slice(explicit);
            sealed
        } else {
            nonce.copy_from_slice(self.iv.get(..12)?);
            for (n, s) in nonce.iter_mut().skip(4).zip(number) {
                *n ^= s;
            }
            fragment
        };
        let version = version.to_be_bytes();
        let aad = if self.secret.is_some() {
            let len = u16::try_from(fragment.len()).ok()?.to_be_bytes();
            vec![content_type, version[0], version[1], len[0], len[1]]
        } else {
            let len = sealed.len().checked_sub(16)?;
            let len = u16::try_from(len).ok()?.to_be_bytes();
            let mut aad = number.to_vec();
            aad.extend([content_type, version[0], version[1], len[0], len[1]]);
            aad
        };
        let mut sealed = sealed.to_vec();
        let plain = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut sealed,
            )
            .ok()?;
        let len = plain.len();
        sealed.truncate(len);
        if self.secret.is_none() {
            return Some((content_type, sealed));
        }
        // TLS 1.3: the real content type is the last byte that is not zero (RFC 8446 section 5.4).
        let end = sealed.iter().rposition(|b| *b != 0)?;
        let inner = *sealed.get(end)?;
        sealed.truncate(end);
        Some((inner, sealed))
    }
}

/// Cipher and hash of a suite, from its name; `None` where records of it cannot be opened here.
fn sealing(suite: CipherSuite) -> Option<Sealing> {
    let cipher = suite.cipher()?;
    let (algorithm, explicit_nonce) = if cipher.starts_with("AES_128_GCM") {
        (&AES_128_GCM, true)
    } else if cipher.starts_with("AES_256_GCM") {
        (&AES_256_GCM, true)
    } else if cipher.starts_with("CHACHA20_POLY1305") {
        (&CHACHA20_POLY1305, false)
    } else {
        return None;
    };
    let (hkdf, hmac) = if cipher.ends_with("SHA384") {
        (hkdf::HKDF_SHA384, hmac::HMAC_SHA384)
    } else {
        (hkdf::HKDF_SHA256, hmac::HMAC_SHA256)
    };
    Some(Sealing {
        algorithm,
        hkdf,
        hmac,
        explicit_nonce,
    })
}

/// `P_hash` of RFC 5246 section 5.
fn expand12(algorithm: hmac::Algorithm, secret: &[u8], seed: &[u8], len: usize) -> Vec<u8> {
    let key = hmac::Key::new(algorithm, secret);
    let mut out = Vec::new();
    let mut a = hmac::sign(&key, seed);
    while out.len() < len {
        let mut context = hmac::Context::with_key(&key);
        context.update(a.as_ref());
        context.update(seed);
        out.extend_from_slice(context.sign().as_ref());
        a = hmac::sign(&key, a.as_ref());
    }
    out.truncate(len);
    out
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label of RFC 8446 section 7.1, with an empty context.
fn expand13(prk: &hkdf::Prk, label: &str, len: usize) -> Option<Vec<u8>> {
    let wanted = u16::try_from(len).ok()?.to_be_bytes();
    let label_len = [u8::try_from(6 + label.len()).ok()?];
    let info = [&wanted[..], &label_len, b"tls13 ", label.as_bytes(), &[0]];
    let mut out = vec![0; len];
    prk.expand(&info, Length(len)).ok()?.fill(&mut out).ok()?;
    Some(out)
}
